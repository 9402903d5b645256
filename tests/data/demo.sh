#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job from beginning to end on a small synthetic clinic: import, worklist, why,
# comparison with pictures, healing.  Called by `./dev demo`; writes into build/demo only.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

out=build/demo
bin=build/release/bin
export INTERVAL_DB=$out/interval.db
interval() { "$bin/interval" "$@"; }
title() { printf '\n\033[1m== %s\033[0m\n\n' "$*"; }

rm -rf "$out"
mkdir -p "$out"

title "A synthetic clinic: real HL7 v2 messages, real DICOM files"
build/release/tests/bin/interval-synth "$out/clinic"
find "$out/clinic" -name '*.dcm' | wc -l | xargs printf '%s DICOM files, '
cat "$out"/clinic/hl7/*.hl7 | tr '\r' '\n' | grep -c '^MSH' | xargs printf '%s HL7 messages in %s\n' | sed "s|in $|in $out/clinic|"

title "interval import $out/clinic/hl7 $out/clinic/dicom"
interval import "$out/clinic/hl7" "$out/clinic/dicom"

# What people do next: {item:PATIENT:N} stands for the N-th item of that patient.
item() {
  interval worklist --all --patient "$1" --json |
    sed -n 's/^ *"id": *"\([0-9a-z]\{12\}\)",*$/\1/p' | sed -n "$(($2 + 1))p"
}
title "What people decided"
while IFS= read -r line; do
  while [[ $line =~ \{item:([A-Za-z0-9]+):([0-9]+)\} ]]; do
    line=${line/"${BASH_REMATCH[0]}"/$(item "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}")}
  done
  printf '$ interval %s\n' "$line"
  eval "interval $line"
done <"$out/clinic/steps.txt"

title "interval worklist"
interval worklist --status overdue,review,due,needs-interval,awaiting-condition,scheduled

first=$(interval worklist --status overdue --json | sed -n 's/^ *"id": *"\([0-9a-z]\{12\}\)",*$/\1/p' | head -1)
title "interval why $first"
interval why "$first"

last_study() {
  interval timeline "$1" --json | sed '/"followups"/,$d' | sed -n 's/^ *"study": *"\([0-9.]*\)",*$/\1/p' | tail -1
}
pages=()
for patient in SYNTH001 SYNTH002 SYNTH009 SYNTH014; do
  study=$(last_study "$patient")
  [ -n "$study" ] || continue
  title "interval compare $study --out $out/$patient"
  interval compare "$study" --out "$out/$patient"
  pages+=("$out/$patient/comparison.html")
done

for patient in SYNTH013; do
  title "interval healing $patient --out $out/$patient"
  interval healing "$patient" --out "$out/$patient"
  pages+=("$out/$patient/healing.html")
done

# Three real lung cancer patients, where the data lie beside the project.
aim=../shared/data/aim
if [ -d "$aim" ]; then
  title "Real patients: interval import $aim"
  interval import "$aim" 2>"$out/aim-notes.txt" || true
  grep -c rejected "$out/aim-notes.txt" | xargs printf '%s files of other kinds are named with reasons in %s\n' | sed "s|in $|in $out/aim-notes.txt|" || true
  while read -r patient; do
    study=$(last_study "$patient")
    title "interval compare $study --out $out/aim-${patient##*.}"
    interval compare "$study" --out "$out/aim-${patient##*.}"
    pages+=("$out/aim-${patient##*.}/comparison.html")
  done < <(find "$aim" -name '*Baseline.dcm' | sort | sed 's|.*/\([0-9]*\)Baseline.dcm|1.3.6.1.4.1.9328.50.1.\1|')
fi

title "interval verify"
interval verify

title "Pages to look at (each with a PDF beside it)"
printf '%s\n' "${pages[@]/#/$PWD/}"
