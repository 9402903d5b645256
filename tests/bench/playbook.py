#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How often a name of the RadLex Playbook is understood as the Playbook's own columns say.

usage: playbook.py --interval BINARY DIRECTORY [--show N] [--names short|long|auto]
DIRECTORY holds playbook-complete.csv (RPID, code, short and long name, automated short and long name, ..., identifiers).
The names go through `interval priors --jsonl` as descriptions; modality, body region, focus, side and contrast are compared.
The identifiers below are RadLex terms; what of this program's vocabulary answers to them is judged here, by hand.
"""
import argparse
import collections
import csv
import json
import pathlib
import subprocess

MODALITY = {"RID10321": "CT", "RID10312": "MR", "RID10345": "XR", "RID10330": "NM", "RID10326": "US", "RID45709": "FL",
            "RID10357": "MG", "RID49584": "XA", "RID10367": "XA", "RID10337": "PT", "RID10341": "PT", "RID49583": "NM"}
SPINE = {"cspine", "tspine", "lspine", "spine"}
ARM = {"shoulder", "humerus", "elbow", "forearm", "wrist", "hand", "extremity", "vascular"}
LEG = {"hip", "femur", "knee", "tibia", "ankle", "foot", "extremity", "vascular"}
HEAD = {"head", "brain", "orbit", "sinus", "face"}
BELLY = {"abdomen", "liver", "gallbladder", "pancreas", "spleen", "kidney", "adrenal", "aorta", "vascular"}
LOW = {"pelvis", "uterus", "ovary", "bladder", "prostate", "testis", "hip", "vascular"}
# Any of these answers to the region; a part of it is as good as the region itself.
REGION = {"RID56": BELLY | LOW, "RID1243": {"chest", "lung", "heart", "aorta", "breast", "vascular", "shoulder"}, "RID2638": LEG,
          "RID9080": HEAD | {"neck"}, "RID1850": ARM, "RID2507": LOW, "RID28749": {"breast"},
          "RID7488": {"neck", "thyroid", "vascular", "shoulder"}, "RID34571": {"cspine"}, "RID28677": {"tspine"}, "RID34573": {"lspine"},
          "RID7741": SPINE, "RID39569": {"wholebody"}, "RID13284": {"face", "sinus", "head"}, "RID28733": {"lspine"},
          "RID35809": {"tspine", "lspine"}, "RID39570": {"chest", "abdomen"}, "RID6434": {"brain", "head"}, "RID9196": {"head"},
          "RID13202": ARM | LEG}
FOCUS = {"RID1385": {"heart"}, "RID6434": {"brain", "head"}, "RID2639": {"hip"}, "RID205": {"kidney"}, "RID2743": {"knee"},
         "RID58": {"liver"}, "RID1852": {"shoulder"}, "RID28545": {"ankle"}, "RID2010": {"elbow"}, "RID2177": {"wrist"},
         "RID7578": {"thyroid"}, "RID28829": {"foot"}, "RID2318": {"hand"}, "RID2885": {"tibia"}, "RID39222": {"uterus"},
         "RID2662": {"femur"}, "RID1301": {"lung", "chest"}, "RID237": {"bladder"}, "RID1971": {"humerus"},
         "RID28570": {"face"}, "RID28591": {"chest"}, "RID28579": {"sinus"}, "RID2107": {"forearm"}, "RID170": {"pancreas"},
         "RID28586": {"chest", "lung"}, "RID2509": {"pelvis"}, "RID187": {"gallbladder"}, "RID28601": {"orbit"},
         "RID28727": {"heart"}, "RID480": {"aorta"}, "RID9361": {"head"}, "RID343": {"prostate"}, "RID28757": {"foot"},
         "RID9779": {"face"}, "RID302": {"uterus"}, "RID2391": {"hand"}, "RID2392": {"hand"}, "RID1854": {"shoulder"},
         "RID88": {"adrenal"}, "RID86": {"spleen"}, "RID39541": {"testis"}, "RID365": {"testis"}, "RID38751": {"neck"},
         "RID9286": {"brain", "head"}, "RID2959": {"foot"}, "RID9082": {"face"}, "RID1860": {"shoulder"}, "RID2660": {"femur"},
         "RID2473": {"chest"}, "RID28756": {"hand"}, "RID28593": {"pelvis"}, "RID2577": {"pelvis"}, "RID9392": {"head"},
         "RID290": {"ovary"}, "RID1895": {"shoulder"}, "RID2109": {"forearm"}, "RID2119": {"forearm"}, "RID2746": {"knee"},
         "RID2181": {"wrist"}, "RID2992": {"foot"}, "RID2993": {"foot"}, "RID2871": {"tibia"}, "RID2524": {"pelvis"},
         "RID9196": {"head"}, "RID1968": {"humerus", "extremity"}, "RID38595": {"tibia"}, "RID357": {"prostate"}}
SIDE = {"RID5824": "left", "RID5825": "right", "RID5771": "bilateral"}
CONTRAST = {"RID28768": "without", "RID28769": "with", "RID28771": "both"}


def column(ids, i):
    return ids[i] if i < len(ids) and ids[i] not in ("0", "") else None


def rows(path, names):
    for row in csv.reader(path.open(errors="replace")):
        kinds = {"short": row[2], "long": row[3], "auto": row[4] if len(row) > 7 else ""}
        for kind in names:
            if kinds[kind].strip():
                yield kind, row[0], kinds[kind].strip(), row[-1].split("|")


def judge(got, ids):
    """(aspect, wanted, found, agrees) for all that the Playbook says and we have a word for."""
    modality = MODALITY.get(column(ids, 0))
    if modality:
        yield "modality", modality, got["modality"], modality in got["modality"]
    for i in range(3, 8):
        want = REGION.get(column(ids, i))
        if want:
            yield "region", column(ids, i), got["region"], bool(want & set(got["region"]))
    want = FOCUS.get(column(ids, 13))
    if want:
        yield "focus", column(ids, 13), got["region"], bool(want & set(got["region"]))
    side = SIDE.get(column(ids, 15))
    if side or column(ids, 15) is None:
        yield "side", side, got["laterality"], side == got["laterality"]
    contrast = CONTRAST.get(column(ids, 20))
    if contrast:
        yield "contrast", contrast, got["contrast"], contrast == got["contrast"]


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--interval", required=True)
    ap.add_argument("--show", type=int, default=0)
    ap.add_argument("--only", help="show errors of this aspect")
    ap.add_argument("--names", default="short,long,auto")
    ap.add_argument("directory", type=pathlib.Path)
    a = ap.parse_args()
    entries = list(rows(a.directory / "playbook-complete.csv", a.names.split(",")))
    lines = "".join(json.dumps({"id": i, "current": {"description": e[2]}, "prior": {"description": e[2]}}) + "\n"
                    for i, e in enumerate(entries))
    out = subprocess.run([a.interval, "priors", "--jsonl", "-"], input=lines, text=True, check=True, stdout=subprocess.PIPE)
    right, all_, shown = collections.Counter(), collections.Counter(), 0
    for line in out.stdout.splitlines():
        o = json.loads(line)
        kind, rpid, name, ids = entries[o["id"]]
        for aspect, want, found, agrees in judge(o["current"], ids):
            all_[kind, aspect] += 1
            right[kind, aspect] += agrees
            if not agrees and shown < a.show and a.only in (None, aspect):
                shown += 1
                print(f"{rpid} {name}: {aspect} {want}, read {found}")
    for (kind, aspect), n in sorted(all_.items()):
        print(f"{kind:6} {aspect:9} {100 * right[kind, aspect] / n:6.2f} % of {n}")


main()
