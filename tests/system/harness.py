# SPDX-License-Identifier: Apache-2.0
"""What the whole-program tests share: the program, a scratch database, HL7 messages."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["ITV_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["ITV_BUILD_DIR"])
PROGRAM = BUILD / "bin/interval"
SHARED = SOURCE.parent / "shared/data"


class Answer:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


class Case(unittest.TestCase):
    """Each test has a folder and a database of its own."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="itv-test-")
        self.folder = pathlib.Path(self._folder.name)
        self.db = self.folder / "interval.db"

    def tearDown(self):
        self._folder.cleanup()

    def run_interval(self, *args, stdin=None, db=None, env=None):
        done = subprocess.run([PROGRAM, "--db", str(db or self.db), *map(str, args)], input=stdin,
                              capture_output=True, text=True, timeout=300,
                              env={**os.environ, **(env or {})})
        return Answer(done)

    def ok(self, *args, **more):
        answer = self.run_interval(*args, **more)
        self.assertEqual(answer.status, 0, f"{args}: {answer.err or answer.out}")
        return answer

    def write(self, name, *messages):
        path = self.folder / name
        path.write_bytes("".join(messages).encode())
        return path

    def items(self, as_of=None, patient=None, *more):
        args = ["worklist", "--all", "--json", *more]
        args += ["--as-of", as_of] if as_of else []
        args += ["--patient", patient] if patient else []
        return self.ok(*args).json

    def state(self):
        return self.ok("verify", "--json").json["state"]


def message(kind, when, control, *segments):
    return "\r".join([f"MSH|^~\\&|RIS|SYNTH|INTERVAL|SYNTH|{when}||{kind}|{control}|P|2.5.1", *segments]) + "\r"


def pid(patient, name="SYNTH-TEST^TARA", birth="19600101", sex="F", issuer="SYNTH", extra=""):
    return f"PID|1||{patient}^^^{issuer}^MR||{name}||{birth}|{sex}{extra}"


def oru(patient, accession, day, text, exam="CT CHEST WITHOUT CONTRAST", modality="CT", status="F",
        control=None, known=None, **more):
    known = known or f"{day}120000"
    lines = [f"OBX|{i}|TX|RPT^Report^L||{line}||||||{status}" for i, line in enumerate(text.split("\n"), 1)]
    return message("ORU^R01^ORU_R01", known, control or f"M{accession}{status}{known}", pid(patient, **more),
                   f"ORC|RE|P{accession}|{accession}",
                   f"OBR|1|P{accession}|{accession}|X^{exam}|||{day}110000" + "|" * 15 + f"{known}||{modality}|{status}", *lines)


def main():
    if not PROGRAM.exists():
        print(f"{PROGRAM} is not built")
        sys.exit(1)
    unittest.main(verbosity=2)
