#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well priors are judged with a lexicon that has not seen what it is judged on.

usage: priors_folds.py --score PRIORS-SCORE --lexicon exams.xml CASES.jsonl [--folds 5]
The lexicon was written by people, not learnt, so there is nothing to train.  Instead, for each fold everything is taken out of it
that the other folds do not bear out: words and phrases that occur in none of their descriptions (however well known: a radiologist
would have written most of them down all the same), and relations that change no decision there.  What is left judges the fold: a
lower bound.  Folds are of patients, then of descriptions of the current exam.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET


def tokens(text):
    text = re.sub(r"(?<![a-z0-9])w[/_]o(?![a-z0-9])", "wo", text.lower())
    return re.findall(r"[a-z0-9\x80-\U0010ffff]+", text)


def matches(word, token):
    if word.endswith("*"):
        return token.startswith(word[:-1])
    return token == word or (len(word) >= 3 and token == word + "s")


def occurs(phrase, descriptions):
    words = phrase.split()
    return any(all(matches(w, d[i + k]) for k, w in enumerate(words))
               for d in descriptions for i in range(len(d) - len(words) + 1))


def decisions(a, tree, directory):
    path = pathlib.Path(directory) / "exams.xml"
    tree.write(path, encoding="utf-8")
    out = subprocess.run([a.score, a.cases, "--decisions", "--lexicon", path], check=True, text=True, stdout=subprocess.PIPE)
    return [tuple(map(int, line.split())) for line in out.stdout.splitlines()]


def without(a, relations=(), phrases=()):
    tree = ET.parse(a.lexicon)
    root = tree.getroot()
    for i, r in enumerate(root.findall("relation")):
        if i in relations:
            root.remove(r)
    for t in root.findall("term"):
        kept = [p for p in t.get("words").split("|") if p not in phrases]
        t.set("words", "|".join(kept))
        if not kept:
            root.remove(t)
    return tree


def scores(pairs):
    tp = sum(w and g for w, g in pairs)
    fp = sum(g and not w for w, g in pairs)
    fn = sum(w and not g for w, g in pairs)
    n = len(pairs)
    return f"accuracy {(n - fp - fn) / n:.4f} precision {tp / max(1, tp + fp):.4f} recall {tp / max(1, tp + fn):.4f} n {n}"


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--score", required=True)
    ap.add_argument("--lexicon", required=True)
    ap.add_argument("--folds", type=int, default=5)
    ap.add_argument("cases")
    a = ap.parse_args()
    cases = [json.loads(line) for line in open(a.cases) if line.strip()]
    rows = [(c["current"]["description"], p["description"], c["case"]) for c in cases for p in c["priors"]]
    phrases = {p for t in ET.parse(a.lexicon).getroot().findall("term") for p in t.get("words").split("|")}
    n_relations = len(ET.parse(a.lexicon).getroot().findall("relation"))
    with tempfile.TemporaryDirectory() as t:
        full = decisions(a, without(a), t)
        print("all", scores(full))
        changed = [{k for k, (x, y) in enumerate(zip(full, decisions(a, without(a, {i}), t))) if x != y} for i in range(n_relations)]
        for name, key in (("patients", lambda r: r[2]), ("descriptions", lambda r: r[0])):
            keys = sorted({key(r) for r in rows})
            random.Random(1).shuffle(keys)
            fold_of = {k: i % a.folds for i, k in enumerate(keys)}
            held, words_out, relations_out = [], 0, 0
            for f in range(a.folds):
                train = {k for k, r in enumerate(rows) if fold_of[key(r)] != f}
                seen = [tokens(d) for d in {d for k in train for d in rows[k][:2]}]
                unseen = {p for p in phrases if not occurs(p, seen)}
                unused = {i for i in range(n_relations) if not changed[i] & train}
                got = decisions(a, without(a, unused, unseen), t)
                held += [got[k] for k in range(len(rows)) if k not in train]
                words_out += len(unseen)
                relations_out += len(unused)
            print(f"{name}: {scores(held)}; taken out of each fold's lexicon: {words_out // a.folds} of {len(phrases)} phrases, "
                  f"{relations_out / a.folds:.0f} of {n_relations} relations")


main()
