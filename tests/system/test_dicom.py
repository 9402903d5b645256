#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DICOM as it comes: every file of the public collections answered, rejected images left out,
faults of a series named, one object under one UID."""
import dicomfile
import harness

STUDY, SERIES = "2.25.100", "2.25.101"


class Dicom(harness.Case):
    def stack(self, folder, positions, **more):
        for number, z in enumerate(positions, 1):
            dicomfile.write(self.folder / "in" / folder / f"{number}.dcm", dicomfile.slice_of(z, number, **more))

    def exams(self, as_of):
        events = self.ok("timeline", "SYNTH-D1", "--as-of", as_of, "--json").json["events"]
        return [e for e in events if e["type"] == "exam"]

    def test_public_files(self):
        data = harness.SHARED / "dicom"
        if not data.is_dir():
            self.skipTest("../shared/data is not there")
        files = [p for p in data.rglob("*") if p.is_file()]
        answer = self.run_interval("import", data, "--patient", "SYNTH-P", "--date", "2020-01-01", "--json")
        self.assertIn(answer.status, (0, 1), answer.err)
        told = answer.json
        self.assertEqual(told["accepted"] + told["duplicates"] + len(told["rejected"]), len(files))
        self.assertEqual(told["failed"], [])
        for entry in told["rejected"]:
            self.assertGreater(len(entry["reason"]), 15, entry)
            self.assertNotIn("crash", entry["reason"])
        self.assertEqual(self.ok("verify", "--json").json["faults"], [])

    def test_rejected_images(self):
        self.stack("ct", (0, 2, 4))
        uids = [f"{SERIES}.{i}" for i in (1, 2, 3)]
        note = dicomfile.rejection("quality", {SERIES: uids}, "2.25.300", STUDY)
        dicomfile.write(self.folder / "in/note.dcm", note)
        self.ok("import", self.folder / "in")
        self.assertTrue(self.exams("2024-01-31"), "until the note was written the exam stands")
        self.assertEqual(self.exams("2024-02-01"), [])

    def test_some_rejected_images(self):
        self.stack("ct", (0, 2, 4, 6, 8))
        note = dicomfile.rejection("safety", {SERIES: [f"{SERIES}.5"]}, "2.25.300", STUDY)
        dicomfile.write(self.folder / "in/a-note.dcm", note)
        self.ok("import", self.folder / "in")
        exams = self.exams("2024-06-01")
        self.assertEqual([e["images"] for e in exams], [4])

    def test_expired_retention_keeps_the_exam(self):
        self.stack("ct", (0, 2))
        note = dicomfile.rejection("retention", {SERIES: [f"{SERIES}.1", f"{SERIES}.2"]}, "2.25.300", STUDY)
        dicomfile.write(self.folder / "in/note.dcm", note)
        self.ok("import", self.folder / "in")
        self.assertTrue(self.exams("2024-06-01"))


if __name__ == "__main__":
    harness.main()
