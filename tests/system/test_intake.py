#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything that comes in: by content, named when rejected, never a crash."""
import random
import subprocess

import harness

REPORT = "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months."


class Intake(harness.Case):
    def test_by_content_and_not_by_suffix(self):
        self.write("report.dcm", harness.oru("SYNTH1", "A1", "20240110", REPORT))
        self.write("noise.hl7", "\x00\x01\x02 nothing of ours")
        self.write("empty.hl7")
        answer = self.run_interval("import", self.folder, "--json")
        self.assertEqual(answer.status, 1)
        reasons = {entry["path"].rsplit("/", 1)[1]: entry["reason"] for entry in answer.json["rejected"]}
        self.assertIn("empty", reasons["empty.hl7"])
        self.assertIn("no importer", reasons["noise.hl7"])
        self.assertEqual(answer.json["accepted"], 1)
        self.assertEqual(answer.json["recommendations"], 1)

    def test_many_messages_with_framing_and_one_broken(self):
        good = [harness.oru(f"SYNTH{i}", f"A{i}", "20240110", REPORT) for i in range(3)]
        self.write("batch", "\x0b" + good[0] + "\x1c\r", "\x0b" + "MSH|^~\\&|x\rPID|1\r" + "\x1c\r", "\x0b" + good[1] + "\x1c\r", good[2])
        answer = self.run_interval("import", self.folder / "batch", "--json")
        self.assertEqual(answer.status, 1)
        self.assertEqual((answer.json["accepted"], answer.json["messages"]), (3, 3))
        self.assertEqual(len(answer.json["rejected"]), 1)
        self.assertIn("batch:byte", answer.json["rejected"][0]["path"])

    def test_folders_links_and_names_that_hurt(self):
        deep = self.folder / "a b" / "ü'\";$(x)"
        deep.mkdir(parents=True)
        (deep / "-rf\n.hl7").write_bytes(harness.oru("SYNTH1", "A1", "20240110", REPORT).encode())
        (self.folder / "loop").symlink_to(self.folder)
        (self.folder / "gone").symlink_to("/nonexistent")
        answer = self.run_interval("import", self.folder, "--json")
        self.assertEqual(answer.json["accepted"], 1)
        self.assertEqual(answer.status, 1)

    def test_damaged_messages_cost_nothing_else(self):
        rng = random.Random(5)
        whole = harness.oru("SYNTH1", "A1", "20240110", REPORT).encode()
        for i in range(150):
            data = bytearray(whole)
            for _ in range(rng.randrange(1, 12)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            (self.folder / f"m{i}").write_bytes(data[:rng.randrange(1, len(data) + 1)])
        (self.folder / "z").write_bytes(harness.oru("SYNTH2", "Z", "20240110", REPORT).encode())
        answer = self.run_interval("import", self.folder, "--json")
        self.assertIn(answer.status, (0, 1), answer.err)
        counted = answer.json["accepted"] + answer.json["duplicates"] + len(answer.json["rejected"])
        self.assertGreaterEqual(counted, 151)
        self.assertEqual(len(self.items(None, "SYNTH2")), 1)
        self.ok("verify")

    def test_the_clinic(self):
        clinic = self.folder / "clinic"
        subprocess.run([harness.BUILD / "tests/bin/interval-synth", clinic, "--today", "2024-06-01"], check=True)
        first = self.ok("import", clinic / "hl7", clinic / "dicom", "--json").json
        self.assertGreater(first["studies"], 20)
        self.assertEqual(first["rejected"], [])
        again = self.ok("import", clinic / "hl7", clinic / "dicom", "--json")
        self.assertEqual(again.json["accepted"], 0)
        before = self.state()
        self.assertEqual(self.ok("rebuild", "--json").json["state"], before)

    def test_nifti_needs_a_patient(self):
        import struct
        header = bytearray(352)
        struct.pack_into("<i", header, 0, 348)
        struct.pack_into("<8h", header, 40, 3, 4, 4, 4, 1, 1, 1, 1)
        struct.pack_into("<2h", header, 70, 4, 16)
        struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
        struct.pack_into("<f", header, 108, 352)
        header[344:348] = b"n+1\0"
        path = self.folder / "v.nii"
        path.write_bytes(bytes(header) + bytes(128))
        refused = self.run_interval("import", path, "--json")
        self.assertEqual(refused.status, 1)
        self.assertIn("--patient", refused.json["rejected"][0]["reason"])
        self.ok("import", path, "--patient", "SYNTH5", "--date", "2024-01-10", "--modality", "MR", "--description", "MR BRAIN")
        events = self.ok("timeline", "SYNTH5", "--json").json["events"]
        self.assertEqual([(e["modality"], e["region"]) for e in events], [("MR", "brain")])


class PublicFiles(harness.Case):
    def setUp(self):
        super().setUp()
        if not harness.SHARED.is_dir():
            self.skipTest("../shared/data is not there")

    def test_everything_is_taken_or_named(self):
        for part in ("hl7v2", "dicom", "aim"):
            answer = self.run_interval("import", harness.SHARED / part, "--json")
            self.assertIn(answer.status, (0, 1), (part, answer.err[-2000:]))
            files = sum(1 for p in (harness.SHARED / part).rglob("*") if p.is_file())
            counted = answer.json["accepted"] + answer.json["duplicates"] + len(answer.json["rejected"])
            self.assertGreaterEqual(counted, files, part)
            for entry in answer.json["rejected"]:
                self.assertTrue(entry["reason"].strip(), entry)
                self.assertNotIn("crash", entry["reason"], entry)
        self.ok("verify")


if __name__ == "__main__":
    harness.main()
