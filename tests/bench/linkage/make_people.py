#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthetic patients as ADT messages, to measure how long linkage takes:

  make_people.py N OUT.hl7 [SEED]
  time interval --db /tmp/p.db import OUT.hl7
  time interval --db /tmp/p.db identity candidates --json > /tmp/p.json
  make_people.py --score /tmp/p.json

Names follow Zipf's law, a tenth of the patients come from a second hospital again, with
slips of the pen, moves, swapped dates.  One in fifty is what makes blocks large: a test
patient, or somebody of a home where all share address, telephone and a birth date of
1 January.  Ids tell the truth: SYNTH17B is SYNTH17 again."""
import json
import random
import sys

SYLLABLES = "ba be bo da de do fa fe ga ge go ha he ka ke ko la le lo ma me mo na ne no ra re ro sa se so ta te to va ve".split()
ENDS = "ler man son berg stein ova etti ez ic ter ley ton".split()


def names(rng, n, parts):
    found = {}
    while len(found) < n:
        word = "".join(rng.choice(SYLLABLES) for _ in range(parts)) + rng.choice(ENDS if parts > 1 else ["na", "ra", "s", "n", "l"])
        found[word.upper()] = True
    return list(found)


def slip(rng, word):
    if len(word) < 3:
        return word
    i = rng.randrange(len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2:]
    if kind == 1:
        return word[:i] + word[i + 1:]
    return word[:i] + rng.choice("AEIOURSTLN") + word[i + 1:]


class People:
    def __init__(self, seed):
        rng = self.rng = random.Random(seed)
        self.families, self.givens = names(rng, 8000, 2), names(rng, 170, 1) + names(rng, 600, 2)
        self.streets = names(rng, 900, 2)
        self.weights = [1 / (i + 10) for i in range(8000)]
        self.given_weights = [1 / (i + 10) for i in range(len(self.givens))]

    def person(self):
        rng = self.rng
        year, month, day = rng.randint(1930, 2020), rng.randint(1, 12), rng.randint(1, 28)
        return {"family": rng.choices(self.families, self.weights)[0],
                "given": rng.choices(self.givens, self.given_weights)[0],
                "middle": rng.choice(self.givens) if rng.random() < 0.4 else "",
                "birth": f"{year}{month:02}{day:02}", "sex": rng.choice("MF"),
                "street": f"{rng.randint(1, 400)} {rng.choice(self.streets).title()} St",
                "zip": f"{rng.randint(48000, 48300)}", "phone": f"({rng.randint(200, 989)}){rng.randint(200, 999)}-{rng.randint(0, 9999):04}"}

    def crowd(self):
        p = self.person()
        if self.rng.random() < 0.5:
            p.update(family="TEST", given="PATIENT", middle="", birth="19000101", phone="0000000000")
        else:
            p.update(birth="19400101", street="1 Home Rd", zip="48001", phone="(248)555-0100")
        return p

    def again(self, p):
        rng, q = self.rng, dict(p)
        for _ in range(rng.randint(0, 2)):
            what = rng.randrange(6)
            if what == 0:
                q["family"] = slip(rng, q["family"])
            elif what == 1:
                q["given"] = slip(rng, q["given"])
            elif what == 2:
                b = q["birth"]
                q["birth"] = b[:4] + b[6:] + b[4:6] if int(b[6:]) < 13 else b[:7] + str((int(b[7]) + 1) % 9)
            elif what == 3:
                other = self.person()
                q.update(street=other["street"], zip=other["zip"])
            elif what == 4:
                q["phone"] = ""
            else:
                q["middle"] = q["middle"][:1]
        return q


def message(n, patient, issuer, p):
    return (f"MSH|^~\\&|ADT|{issuer}|INTERVAL|SYNTH|20240101120000||ADT^A08|{n}|P|2.5.1\r"
            f"PID|1||{patient}^^^{issuer}^MR||{p['family']}^{p['given']}^{p['middle']}||{p['birth']}|{p['sex']}|||"
            f"{p['street']}^^TROY^MI^{p['zip']}||{p['phone']}\r")


def make(n, path, seed):
    people = People(seed)
    with open(path, "w", encoding="ascii") as out:
        written = i = 0
        while written < n:
            p = people.crowd() if i % 50 == 0 else people.person()
            out.write(message(written, f"SYNTH{i}", "SYNTHA", p))
            written += 1
            if i % 10 == 5 and written < n:
                out.write(message(written, f"SYNTH{i}B", "SYNTHB", people.again(p)))
                written += 1
            i += 1


def score(path):
    table = {}
    for c in json.load(open(path, encoding="utf-8")):
        same = c["other"]["id"] == c["patient"]["id"] + "B"
        table[same, c["zone"]] = table.get((same, c["zone"]), 0) + 1
    for (same, zone), n in sorted(table.items()):
        print("one person " if same else "two persons", zone, n)


if __name__ == "__main__":
    if sys.argv[1] == "--score":
        score(sys.argv[2])
    else:
        make(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
