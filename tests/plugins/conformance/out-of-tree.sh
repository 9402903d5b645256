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

# and with pkg-config alone
pc=$(dirname "$(find "$work/prefix" -name interval.pc)")
flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags interval)
# shellcheck disable=SC2086
cc -shared -fPIC -fvisibility=hidden $flags "$work/my-sizes/my-sizes.c" -o "$work/my-sizes/my-sizes.so"
"$check" "$work/my-sizes/my-sizes.so" | grep -q "^pass  loads"
