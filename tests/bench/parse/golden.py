#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden report texts (plugins/recommendation/tests/golden/*.txt) as JSON Lines on stdout.

One object a line, as `interval parse --jsonl` reads them, with what must come
out under "recommendations".  A quote that does not stand in its text is an error.

usage: golden.py FILE...
"""
import json
import re
import sys


def dash(word):
    return None if word == "-" else word


def recommendation(line, text, where):
    cells = [c.strip() for c in line[1:].split("|", 8)]
    if len(cells) != 9:
        sys.exit(f"{where}: {len(cells)} columns, expected 9: {line}")
    kind, modality, region, side, interval, repeat, condition, strength, quote = cells
    found = re.search(r"\s+".join(map(re.escape, quote.split())), text)
    if not found:
        sys.exit(f"{where}: the text does not say {quote!r}")
    times = None if interval == "-" else [dash(w) for w in interval.replace("..", " - ").split()]
    return {"quote": found.group(0), "kind": kind, "modality": [] if modality == "-" else modality.split(),
            "region": dash(region), "laterality": dash(side), "interval": times, "repeat": dash(repeat),
            "conditional": condition == "Y", "strength": strength}


def reports(path):
    report = None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if line.startswith("## "):
            if report:
                yield report
            name, modality, region, date = [c.strip() for c in line[3:].split("|")]
            report = {"id": name, "modality": dash(modality), "region": dash(region), "date": dash(date), "text": "",
                      "recommendations": []}
        elif line.startswith("= "):
            report["recommendations"].append(recommendation(line, report["text"], f"{path}:{number}"))
        elif report:
            report["text"] += line
    if report:
        yield report


for name in sys.argv[1:]:
    for one in reports(name):
        print(json.dumps(one, ensure_ascii=False))
