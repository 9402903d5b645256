#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How often the contradiction guard is wrong: silent on sound reports, loud on damaged ones.

Reports (JSON Lines with "text", "modality", "region") are taken as sound.  Each is damaged in up to
three ways that a copy or a slip makes: the exam's side turned round, a size of the impression in
centimetres instead of millimetres, a side of the impression turned round.

usage: guard.py --interval BINARY FILE.jsonl...
"""
import argparse
import json
import re
import subprocess

PAIRED = {"orbit", "breast", "kidney", "adrenal", "ovary", "testis", "hip", "femur", "knee", "tibia", "ankle", "foot", "shoulder",
          "humerus", "elbow", "forearm", "wrist", "hand"}
OTHER = {"left": "right", "right": "left", "LEFT": "RIGHT", "RIGHT": "LEFT", "Left": "Right", "Right": "Left"}


def parse(program, docs):
    feed = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in docs)
    out = subprocess.run([program, "parse", "--jsonl", "--json"], input=feed.encode(), stdout=subprocess.PIPE).stdout.decode()
    return [json.loads(line) for line in out.splitlines()]


def conclusion(text):
    found = [m.start() for m in re.finditer(r"\b(?:IMPRESSION|CONCLUSION|Impression|Conclusion|OPINION|Opinion)\b", text)]
    return found[-1] if found else None


def with_exam_side(doc, answer):
    """The exam is of the other side than all that the report says of its region."""
    if doc["region"] not in PAIRED:
        return None
    body = doc["text"].split("\n", 1)[-1]
    sides = {m.group(1).lower() for m in re.finditer(r"(?i)\b(left|right)\s+" + doc["region"] + r"\b", body)}
    if len(sides) != 1 or re.search(r"(?i)bilateral|contralateral|both", doc["text"]):
        return None
    return dict(doc, laterality=OTHER[sides.pop()])


def with_other_unit(doc, answer):
    """A size that findings and impression both give of one finding, in cm for mm in the impression."""
    at = conclusion(doc["text"])
    if at is None:
        return None
    for f in answer["findings"]:
        if not f["concluding"] or len(f["size_mm"]) != 1 or f["start"] > len(doc["text"][:at].encode()):
            continue
        size = f"{f['size_mm'][0]:g} mm"
        tail = doc["text"][at:]
        if tail.count(size) == 1 and size in doc["text"][:at]:
            return dict(doc, text=doc["text"][:at] + tail.replace(size, size.replace("mm", "cm")))
    return None


def with_other_side(doc, answer):
    """The one side that the impression names of a measured finding, turned round."""
    at = conclusion(doc["text"])
    if at is None:
        return None
    head, tail = doc["text"][:at], doc["text"][at:]
    sides = re.findall(r"\b(left|right|LEFT|RIGHT|Left|Right)\b", tail)
    sized = [f for f in answer["findings"] if f["concluding"] and f["size_mm"] and f["laterality"] in ("left", "right") and
             f"{f['size_mm'][0]:g} mm" in tail]
    if len(sides) != 1 or len(sized) != 1 or sides[0].lower() not in head.lower():
        return None
    return dict(doc, text=head + re.sub(r"\b" + sides[0] + r"\b", OTHER[sides[0]], tail))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--interval", required=True)
    ap.add_argument("files", nargs="+")
    a = ap.parse_args()
    keys = ("id", "text", "date", "modality", "region")
    docs = [{k: json.loads(l).get(k) for k in keys} for f in a.files for l in open(f, encoding="utf-8") if l.strip()]
    answers = parse(a.interval, docs)
    loud = [x["id"] for x in answers if x.get("contradictions")]
    print(f"sound    {len(docs):5} reports, {len(loud)} with a warning {loud}")
    for damage in (with_exam_side, with_other_unit, with_other_side):
        hurt = [h for h in (damage(d, x) for d, x in zip(docs, answers)) if h]
        quiet = [x["id"] for x in parse(a.interval, hurt) if not x.get("contradictions")] if hurt else []
        print(f"{damage.__name__[5:]:10} {len(hurt):3} reports, {len(quiet)} not noticed {quiet[:12]}")


main()
