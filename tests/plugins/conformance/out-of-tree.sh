#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the tutorial promises: a new plugin builds outside this tree with nothing
# but the installed header, and passes the conformance kit.
#   out-of-tree.sh BUILD_DIR CHECK_PROGRAM
set -eu
build=$1 check=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --component dev --prefix "$work/prefix" >"$work/log"
"$check" new my-sizes "$work"
lines=$(wc -l <"$work/my-sizes/my-sizes.c")
[ "$lines" -lt 70 ] || { echo "the skeleton has grown to $lines lines"; exit 1; }

cmake -S "$work/my-sizes" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" >>"$work/log"
cmake --build "$work/build" >>"$work/log" || { cat "$work/log"; exit 1; }
"$check" "$work/build/my-sizes/my-sizes.so"

# a sample is what it is now, not what it was when it was built
echo '#size SYNTH-1 2024-02-29' >"$work/my-sizes/samples/one.size"
! "$check" "$work/build/my-sizes/my-sizes.so" >"$work/log" || { cat "$work/log"; exit 1; }
grep -q '^FAIL  samples: one.size: expected' "$work/log"

# only the object and its manifest are installed
cmake --install "$work/build" >"$work/log"
[ "$(find "$work/prefix" -path '*/my-sizes/*' | wc -l)" = 2 ] || { cat "$work/log"; exit 1; }

# and with pkg-config alone
pc=$(dirname "$(find "$work/prefix" -name interval.pc)")
flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags interval)
# shellcheck disable=SC2086
cc -shared -fPIC -fvisibility=hidden $flags "$work/my-sizes/my-sizes.c" -o "$work/my-sizes/my-sizes.so"
"$check" "$work/my-sizes/my-sizes.so" | grep -q "^pass  loads"
