#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The order in which messages arrive does not matter: every scenario's messages and decisions,
permuted, give the same state hash.  Scenarios of our own always; those of the truth set where the
data lie beside the project.  ITV_ORDER_ROUNDS says how often each is shuffled (default 3),
ITV_ORDER_SEED how."""
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import harness
from harness import message, oru, pid

ROUNDS = int(os.environ.get("ITV_ORDER_ROUNDS", "3"))
SEED = int(os.environ.get("ITV_ORDER_SEED", "20240131"))
TRUTH = harness.SHARED / "truth/scenarios"
NODULE = "IMPRESSION: 7 mm nodule in the right lower lobe. Follow-up CT of the chest is recommended in 6 months."


def booking(kind, when, start, patient="SYNTH1"):
    return message(f"SIU^{kind}", when, f"S{kind}{when}", f"SCH|9^RIS|9^RIS||||X^CT CHEST|||30|min|^^^{start}", pid(patient),
                   f"AIS|1|A|X^CT CHEST WITHOUT CONTRAST|{start}")


def merge(when, kept, gone):
    return message("ADT^A40", when, f"A40{when}", pid(kept), f"MRG|{gone}^^^SYNTH^MR")


# name -> steps: a message, or a list: what a person decides; {item:N} as in the truth set
OWN = {
    "plain, done in another modality and then rightly": [
        oru("SYNTH1", "A1", "20240131", NODULE),
        oru("SYNTH1", "A2", "20240801", "Nodule unchanged.", exam="XR CHEST 2 VIEWS", modality="CR"),
        oru("SYNTH1", "A3", "20240815", "Nodule unchanged.")],
    "preliminary, final, corrected, and an early exam": [
        oru("SYNTH1", "A1", "20240131", NODULE, status="P", known="20240131120000"),
        oru("SYNTH1", "A1", "20240131", NODULE, status="F", known="20240131150000"),
        oru("SYNTH1", "A1", "20240131", NODULE.replace("6 months", "12 months"), status="C", known="20240203090000"),
        oru("SYNTH1", "A2", "20240801", "Nodule unchanged.")],
    "the proof is cancelled": [
        oru("SYNTH1", "A1", "20240131", NODULE),
        oru("SYNTH1", "A2", "20240815", "Nodule unchanged."),
        oru("SYNTH1", "A2", "20240815", "Cancelled.", status="X", known="20240901080000")],
    "booked, not shown up, booked again, under two ids": [
        oru("SYNTH1", "A1", "20240131", NODULE),
        booking("S12", "20240601080000", "20240805090000", "SYNTH2"),
        booking("S26", "20240805120000", "20240805090000", "SYNTH2"),
        merge("20240701080000", "SYNTH2", "SYNTH1"),
        oru("SYNTH2", "A2", "20240829", "IMPRESSION: The nodule has resolved.")],
    "a biopsy instead of the follow-up": [
        oru("SYNTH1", "A1", "20240131", NODULE),
        oru("SYNTH1", "P1", "20240320", "Adenocarcinoma.", exam="SURGICAL PATHOLOGY LUNG BIOPSY RIGHT", modality=""),
        oru("SYNTH1", "A2", "20240410", "Post biopsy, no pneumothorax.", exam="XR CHEST 1 VIEW", modality="CR")],
    "a part of the spine": [
        oru("SYNTH1", "A1", "20240131", "IMPRESSION: Metastasis. Follow-up MRI of the whole spine is recommended in 3 months.",
            exam="MR SPINE COMPLETE", modality="MR"),
        oru("SYNTH1", "A2", "20240502", "Stable.", exam="MR LUMBAR SPINE", modality="MR")],
    "a person decides between": [
        oru("SYNTH1", "A1", "20240131", NODULE),
        oru("SYNTH1", "A2", "20240801", "No change.", exam="US CHEST", modality="US"),
        ["reject", "{item:0}", "A2", "--by", "coordinator", "--at", "2024-08-02T10:00:00"],
        oru("SYNTH1", "A3", "20240901", "No change.", exam="NM LUNG PERFUSION", modality="NM"),
        ["confirm", "{item:0}", "A3", "--by", "coordinator", "--at", "2024-09-02T10:00:00"],
        ["note", "{item:0}", "called", "--by", "coordinator", "--at", "2024-08-20T10:00:00"]],
}


class Failure(Exception):
    pass


class Database:
    """One scenario in one order."""

    def __init__(self, folder):
        self.folder, self.n = pathlib.Path(folder), 0

    def call(self, *args):
        done = subprocess.run([harness.PROGRAM, "--db", self.folder / "order.db", *args], capture_output=True,
                              text=True, timeout=300)
        if done.returncode:
            raise Failure(f"{args[:4]} exited {done.returncode}: {(done.stderr or done.stdout)[-300:]}")
        return done.stdout

    def take(self, messages):
        paths = []
        for text in messages:
            self.n += 1
            paths.append(self.folder / f"{self.n:03d}.hl7")
            paths[-1].write_bytes(text.encode())
        if paths:
            self.call("import", *map(str, paths))

    def named(self, args):
        """{item:N}: the N-th by recommended_on, then due_from."""
        if not any("{item:" in a for a in args):
            return args
        items = [i for i in json.loads(self.call("worklist", "--all", "--json")) if i["kind"] != "clinical"]
        items.sort(key=lambda i: (i["recommended_on"] or "~", i["due_from"] or "~"))
        return [re.sub(r"\{item:(\d+)\}", lambda m: items[int(m.group(1))]["id"], a) for a in args]

    def state(self):
        return json.loads(self.call("verify", "--json"))["state"]


def as_told(steps):
    """The state after the steps in their own order, and the decisions with their ids."""
    with tempfile.TemporaryDirectory(prefix="itv-order-") as folder:
        db, decisions = Database(folder), []
        for step in steps:
            if isinstance(step, str):
                db.take([step])
            else:
                decisions.append(db.named(step))
                db.call(*decisions[-1])
        return db.state(), decisions


def shuffled(steps, decisions, order):
    """All messages in another order, in two imports; then the decisions in another order.  A
    decision needs its item, so some message is there before it; `verify` sees it all."""
    messages = [s for s in steps if isinstance(s, str)]
    decisions = list(decisions)
    if order is None:
        messages.reverse()
        decisions.reverse()
        cut = 1
    else:
        order.shuffle(messages)
        order.shuffle(decisions)
        cut = order.randint(0, len(messages))
    with tempfile.TemporaryDirectory(prefix="itv-order-") as folder:
        db = Database(folder)
        db.take(messages[:cut])
        db.take(messages[cut:])
        for decision in decisions:
            db.call(*decision)
        return db.state()


def attempt(name, steps):
    """What is wrong with it, or None."""
    try:
        want, decisions = as_told(steps)
        for turn in range(ROUNDS):
            order = random.Random(f"{SEED} {name} {turn}") if turn else None
            got = shuffled(steps, decisions, order)
            if got != want:
                return f"{name}: round {turn} of seed {SEED}: state {got}, as told {want}"
    except Failure as failure:
        return f"{name}: {failure}"
    return None


def dated(cli):
    """A decision without --at is known since the clock says so, which no order can repeat."""
    return cli if "--at" in cli else None


class Order(unittest.TestCase):
    def check(self, scenarios):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            texts = list(pool.map(lambda s: attempt(*s), scenarios))
        self.assertEqual([t for t in texts if t], [])

    def test_own_scenarios(self):
        self.check(sorted(OWN.items()))

    def test_the_hash_can_tell_states_apart(self):
        seen = {as_told(steps[:n])[0] for name, steps in OWN.items() if name.startswith("the proof") for n in (1, 2, 3)}
        self.assertEqual(len(seen), 3)

    @unittest.skipUnless(TRUTH.is_dir(), "../shared/data/truth/scenarios is not there")
    def test_truth_scenarios(self):
        scenarios = []
        for path in sorted(TRUTH.glob("*.json")):
            steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
            told = [s["hl7"] if "hl7" in s else dated(s["cli"]) for s in steps]
            if None not in told:
                scenarios.append((path.stem, told))
        self.assertGreater(len(scenarios), 0)
        self.check(scenarios)


if __name__ == "__main__":
    harness.main()
