#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged DICOM files: the program stays up and answers each, and what came with them is kept.

The damage is random with a seed.  ITV_MUTANTS=2000 for more, ITV_SEED for others."""
import os
import random
import struct
import time

import dicomfile
import harness

ROUNDS = int(os.environ.get("ITV_MUTANTS", "48"))
SEED = int(os.environ.get("ITV_SEED", "20240110"))
BATCH = 250
HEADER = 2048  # where flips hurt most


def is_dicom(path):
    with open(path, "rb") as f:
        head = f.read(132)
    return head[128:132] == b"DICM"


def seeds(folder):
    """Public files where they are; slices of our own in any case."""
    found = []
    data = harness.SHARED / "dicom"
    if data.is_dir():
        found = [p.read_bytes() for p in sorted(data.rglob("*"))
                 if p.is_file() and p.stat().st_size < 600_000 and is_dicom(p)]
    for i in range(4):
        path = dicomfile.write(folder / f"seed{i}", dicomfile.slice_of(2 * i, i + 1))
        found.append(path.read_bytes())
        path.unlink()
    note = dicomfile.write(folder / "note", dicomfile.rejection("quality", {"2.25.101": ["2.25.101.1"]}, "2.25.3", "2.25.100"))
    found.append(note.read_bytes())
    note.unlink()
    return found


def damage(rng, whole):
    data = bytearray(whole)
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(data[:rng.randrange(1, len(data))])
    if kind == 1:  # bits of the header
        for _ in range(rng.randrange(1, 8)):
            data[rng.randrange(132, min(len(data), HEADER))] ^= 1 << rng.randrange(8)
    elif kind == 2:  # a length that lies
        at = rng.randrange(132, max(133, min(len(data), HEADER) - 4))
        data[at:at + 4] = struct.pack("<L", rng.choice([0, 1, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFE, rng.randrange(1 << 32)]))
    elif kind == 3:  # anywhere
        for _ in range(rng.randrange(1, 40)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif kind == 4:  # a piece twice, or gone
        a, b = sorted(rng.randrange(len(data)) for _ in range(2))
        data = data[:b] + data[a:] if rng.random() < .5 else data[:a] + data[b:]
        data = data or bytearray(b"\0")
    else:  # a piece of noise
        a = rng.randrange(len(data))
        n = min(rng.randrange(1, 64), len(data) - a)
        data[a:a + n] = bytes(rng.randrange(256) for _ in range(n))
    return bytes(data[:4_000_000])


class Mutants(harness.Case):
    def batch(self, rng, whole, number, n):
        folder = self.folder / f"in{number}"
        folder.mkdir()
        for i in range(n):
            (folder / f"{i:04}.dcm").write_bytes(damage(rng, rng.choice(whole)))
        sound = dicomfile.slice_of(0, 1, series=f"2.25.77{number}", study=f"2.25.78{number}", patient=f"SYNTH-S{number}")
        dicomfile.write(folder / "sound.dcm", sound)
        answer = self.run_interval("import", folder, "--patient", "SYNTH-M", "--date", "2020-01-01", "--json")
        self.assertIn(answer.status, (0, 1), f"batch {number}, seed {SEED}: {answer.err[-2000:]}")
        told = answer.json
        answered = told["accepted"] + told["duplicates"] + len(told["rejected"])
        self.assertEqual(answered, n + 1, f"batch {number}, seed {SEED}")
        for entry in told["rejected"]:
            self.assertTrue(entry["reason"].strip(), entry)
            self.assertNotIn("sound.dcm", entry["path"])
        return told["accepted"], told["duplicates"], told["rejected"]

    def test_damaged_files(self):
        rng = random.Random(SEED)
        whole = seeds(self.folder)
        left, number, began = ROUNDS, 0, time.monotonic()
        sums, reasons = [0, 0, 0], []
        while left > 0:
            n = min(BATCH, left)
            accepted, duplicates, rejected = self.batch(rng, whole, number, n)
            sums = [sums[0] + accepted, sums[1] + duplicates, sums[2] + len(rejected)]
            reasons += [entry["reason"] for entry in rejected]
            left, number = left - n, number + 1
        self.assertEqual(self.ok("verify", "--json").json["faults"], [])
        blamed = [r for r in reasons if "signal" in r or "crash" in r or "time limit" in r or "quarantine" in r]
        print(f"{ROUNDS} mutants of {len(whole)} files in {time.monotonic() - began:.1f} s: {sums[0]} accepted, "
              f"{sums[1]} duplicates, {sums[2]} rejected, {len(blamed)} cost a worker", flush=True)
        for reason in blamed[:5]:
            print("  ", reason)


if __name__ == "__main__":
    harness.main()
