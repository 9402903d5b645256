#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged HL7, XML and JSON: the program never falls, and every file gets an answer: it is taken, or
rejected by name with a reason.  A few by default; ITV_MUTANTS=2000 for more, ITV_SEED for others."""
import os
import random

import harness

COUNT = int(os.environ.get("ITV_MUTANTS", "48"))
SEED = int(os.environ.get("ITV_SEED", "1"))
SEEDS = {"hl7": "*.hl7", "cda": "*.cda", "aim": "*.aim", "fhir": "*.json"}
TOKENS = [b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\r\n", b"\x0b", b"\x1c\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"MSH|^~\\&|",
          b"\\X", b"\\.br\\", b"\\E\\", b"<", b">", b"</", b"/>", b"<!--", b"]]>", b"<![CDATA[", b"&amp;", b"&#0;", b"&#x110000;",
          b"<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d SYSTEM \"file:///etc/passwd\">]>", b"&d;", b"{", b"}", b"[", b"]", b"\"", b":", b",",
          b"\\u0000", b"\\ud800", b"1e999", b"-0", b"NaN", b"99999999999999999999", b"null", b"true", b"{\\rtf1 \\bin99999999 ", b"\xc0\x80",
          b"\xed\xa0\x80", b"20240230", b"00000000", b"99991231235959.9999+9999"]


def flip(rng, data):
    for _ in range(rng.randrange(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)


def cut(rng, data):
    at = rng.randrange(len(data))
    del data[at:at + rng.choice((1, 3, 30, 300, len(data)))]


def insert(rng, data):
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        data[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 1, 2, 50))


def repeat(rng, data):
    at = rng.randrange(len(data))
    piece = bytes(data[at:at + rng.randrange(1, 400)])
    data[at:at] = piece * rng.choice((1, 2, 20, 500))


def swap(rng, data):
    """Two lines (or elements, or members) change places."""
    separator = rng.choice((b"\n", b"|", b">", b",", b"}"))
    parts = bytes(data).split(separator)
    if len(parts) > 2:
        a, b = rng.sample(range(len(parts)), 2)
        parts[a], parts[b] = parts[b], parts[a]
        data[:] = separator.join(parts)


def nest(rng, data):
    left, right = rng.choice(((b"[", b"]"), (b"{\"a\":", b"}"), (b"<a>", b"</a>"), (b"<section>", b"</section>")))
    at, n = rng.randrange(len(data) + 1), rng.choice((10, 300, 20000))
    data[at:at] = left * n + (right * n if rng.random() < 0.5 else b"")


def long(rng, data):
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.choice((b"A", b"9", b" ", b"\xc3\xa9", b"x^y~")) * rng.choice((300, 2000, 200000))


class Mutants(harness.Case):
    def originals(self):
        found = []
        for plugin, pattern in SEEDS.items():
            for path in sorted((harness.SOURCE / "plugins" / plugin / "tests/golden").glob(pattern)):
                found.append((path.name, path.read_bytes()))
        self.assertGreater(len(found), 30)
        return found

    def mutant(self, rng, originals):
        name, data = originals[rng.randrange(len(originals))]
        data = bytearray(data)
        if rng.random() < 0.15:  # two documents in one file
            data[rng.randrange(len(data) + 1):0] = rng.choice(originals)[1]
        for _ in range(rng.choice((1, 1, 2, 4))):
            if data:
                rng.choice((flip, flip, cut, insert, insert, repeat, swap, nest, long))(rng, data)
        return name, bytes(data)

    def test_every_one_is_answered(self):
        rng = random.Random(SEED)
        originals = self.originals()
        taken = refused = 0
        for i in range(COUNT):
            name, data = self.mutant(rng, originals)
            path = self.folder / f"{i:05}-{name}"
            path.write_bytes(data)
            answer = self.run_interval("import", path, "--patient", "SYNTH99", "--json")
            where = f"mutant {i} of seed {SEED} ({name}): {answer.err[:500]}"
            self.assertIn(answer.status, (0, 1), where)
            said = answer.json
            self.assertGreater(said["accepted"] + said["duplicates"] + len(said["rejected"]), 0, where)
            for entry in said["rejected"]:
                self.assertTrue(entry["path"].startswith(str(path)), where)
                self.assertGreater(len(entry["reason"].strip()), 5, where)
                self.assertNotIn("crash", entry["reason"], where)
                self.assertNotIn("signal", entry["reason"], where)
                self.assertNotIn("deadline", entry["reason"], where)
            taken += said["accepted"] > 0
            refused += len(said["rejected"]) > 0
            path.unlink()
        print(f"{COUNT} mutants of seed {SEED}: something was taken of {taken}, something refused of {refused}")
        self.assertGreater(taken, 0)
        self.assertGreater(refused, 0)
        self.assertTrue(self.ok("verify", "--json").json["sound"])
        before = self.state()
        self.assertEqual(self.ok("rebuild", "--json").json["state"], before)
        self.ok("import", self.write("good.hl7", harness.oru("SYNTH77001", "A77001", "20240110", "Follow-up CT of the chest is recommended in 6 months.")))
        self.assertEqual(len(self.items("2024-02-01", "SYNTH77001")), 1)


if __name__ == "__main__":
    harness.main()
