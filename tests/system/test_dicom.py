#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DICOM as it comes: every file of the public collections answered, rejected images left out,
faults of a series named, one object under one UID."""
import json
import sqlite3
import struct

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
        aborting = ("rtdose_1frame.dcm", "rtdose_expb_1frame.dcm", "rtdose_rle_1frame.dcm", "liver_rle.dcm", "DICOMDIR-nooffset")
        for entry in told["rejected"]:
            self.assertFalse(entry["path"].endswith(aborting), "valid, though GDCM's own reader aborts on it")
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
        self.assertIn("its images were rejected", self.ok("timeline", "SYNTH-D1", "--json").out)

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

    def notes(self, folder="in"):
        return " | ".join(n["note"] for n in self.ok("import", self.folder / folder, "--json").json["notes"])

    def test_a_sound_series_needs_no_word(self):
        self.stack("ct", (0, 2, 4, 6, 8))
        self.stack("the-same-once-more", (0, 2, 4, 6, 8))
        self.assertEqual(self.notes(), "")

    def test_missing_slices_are_named(self):
        self.stack("ct", (0, 2, 4, 10, 12, 14))
        self.assertIn("missing slices: 2 (gaps: 1, slices are 2.00 mm apart)", self.notes())

    def test_uneven_steps_are_named(self):
        self.stack("ct", (0, 2, 4, 6.7, 8.7, 10.7))
        self.assertIn("uneven steps between slices: 1 are not the usual 2.00 mm", self.notes())

    def test_unsorted_and_duplicate_slices_are_named(self):
        self.stack("ct", (0, 4, 2, 8, 6))
        self.assertIn("unsorted: instance numbers do not follow", self.notes())
        self.stack("b", (0, 2, 4, 6, 6), study="2.25.200", series="2.25.201")
        self.assertIn("duplicate slices: 1 where", self.notes())

    def test_tilted_gantry_is_named(self):
        for i in range(6):
            dicomfile.write(self.folder / f"in/{i}", dicomfile.slice_of(2.0 * i, i + 1, y=0.5 * i))
        self.assertIn("gantry tilt: 14.0 degrees", self.notes())

    def test_uids_that_recur(self):
        self.stack("a", (0, 2))
        dicomfile.write(self.folder / "in/other-patient", dicomfile.slice_of(0, 9, uid="2.25.900", patient="SYNTH-D2"))
        dicomfile.write(self.folder / "in/other-study", dicomfile.slice_of(0, 8, uid="2.25.901", study="2.25.777"))
        dicomfile.write(self.folder / "in/other-object", dicomfile.slice_of(70, 1))
        notes = self.notes()
        self.assertIn("study 2.25.100 comes for patient", notes)
        self.assertIn("series 2.25.101 comes in study", notes)
        self.assertIn("objects that differ under one UID: 1", notes)
        self.assertEqual({e["study"] for e in self.exams("2024-06-01")}, {"2.25.100", "2.25.777"})

    def test_a_study_of_somebody_else_came_earlier(self):
        self.stack("a", (0, 2))
        self.stack("b", (0, 2), patient="SYNTH-D2", series="2.25.102")
        self.assertEqual(self.notes("in/a"), "")
        self.assertIn("study 2.25.100, here of patient SYNTH-D2, lies under 2 patients", self.notes("in/b"))
        asked = self.run_interval("priors", "2.25.100")
        self.assertEqual(asked.status, 2)
        self.assertIn("study 2.25.100 lies under 2 patients", asked.err)
        self.ok("identity", "link", "SYNTH-D1", "SYNTH-D2")
        self.assertEqual(self.notes("in/b"), "")

    def test_the_site_says_who_issued_bare_ids(self):
        config = self.write("interval.xml", '<interval xmlns="urn:interval:config:1"><plugin id="org.interval.dicom">'
                                            '<set key="issuer" value="SYNTH"/></plugin></interval>')
        self.ok("import", self.write("r.hl7", harness.oru(
            "SYNTH-D1", "A1", "20240110", "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months.")))
        self.stack("own", (0, 2), date="20240715")
        self.stack("foreign", (0, 2), date="20240715", study="2.25.200", series="2.25.201")
        for path in (self.folder / "in/foreign").iterdir():
            data = dicomfile.slice_of(0, 1, study="2.25.200", series="2.25.201", uid=f"2.25.201.{path.stem}", date="20240715")
            dicomfile.write(path, {**data, 0x00100021: ("LO", "ELSEWHERE")})
        self.ok("--config", config, "import", self.folder / "in/foreign")
        self.assertEqual([i["status"] for i in self.items("2024-09-01")], ["overdue"])
        self.ok("--config", config, "import", self.folder / "in/own")
        self.assertEqual([i["status"] for i in self.items("2024-09-01")], ["fulfilled"])

    def test_uptake_factors(self):
        data = dicomfile.slice_of(0, 1, sop_class=dicomfile.PET, modality="PT")
        data.update({0x00080021: ("DA", "20240110"), 0x00080031: ("TM", "110000"), 0x00080022: ("DA", "20240110"),
                     0x00080032: ("TM", "110500"), 0x00101030: ("DS", "70"), 0x00101020: ("DS", "1.65"),
                     0x00280051: ("CS", ["DECY", "ATTN"]), 0x00541001: ("CS", "BQML"), 0x00541102: ("CS", "START"),
                     0x00540016: ("SQ", [{0x00181072: ("TM", "100000"), 0x00181074: ("DS", "400000000"),
                                          0x00181075: ("DS", "6586.2")}])})
        dicomfile.write(self.folder / "in/pet.dcm", data)
        self.ok("import", self.folder / "in")
        image = self.record("interval.image/1")
        decayed = 400e6 * 2 ** (-3600 / 6586.2)
        self.assertAlmostEqual(image["suv-bw-factor"], 70000 / decayed, places=12)
        lean = 1.07 * 70 - 148 * (70 / 165) ** 2
        self.assertAlmostEqual(image["suv-lbm-factor"], lean * 1000 / decayed, places=12)

    def test_philips_factor_and_what_is_missing(self):
        data = dicomfile.slice_of(0, 1, sop_class=dicomfile.PET, modality="PT")
        data.update({0x00280051: ("CS", ["DECY", "ATTN"]), 0x00541001: ("CS", "CNTS"),
                     0x70530010: ("LO", "Philips PET Private Group"), 0x70531000: ("DS", "0.00052")})
        dicomfile.write(self.folder / "in/pet.dcm", data)
        self.ok("import", self.folder / "in")
        self.assertAlmostEqual(self.record("interval.image/1")["suv-bw-factor"], 0.00052)
        del data[0x70530010]
        self.db.unlink()
        dicomfile.write(self.folder / "in/pet.dcm", data)
        self.ok("import", self.folder / "in")
        image = self.record("interval.image/1")
        self.assertNotIn("suv-bw-factor", image)
        self.assertIn("CNTS", image["suv-problem"])

    def test_ultrasound_takes_its_largest_region(self):
        def region(size, delta, unit=3, kind=1):
            return {0x00186012: ("US", kind), 0x00186018: ("UL", struct.pack("<L", 0)), 0x0018601A: ("UL", struct.pack("<L", 0)),
                    0x0018601C: ("UL", struct.pack("<L", size)), 0x0018601E: ("UL", struct.pack("<L", size)),
                    0x00186024: ("US", unit), 0x00186026: ("US", unit), 0x0018602C: ("FD", struct.pack("<d", delta)),
                    0x0018602E: ("FD", struct.pack("<d", delta))}
        data = dicomfile.slice_of(0, 1, sop_class="1.2.840.10008.5.1.4.1.1.6.1", modality="US")
        for tag in (0x00280030, 0x00200032, 0x00200037, 0x00180050):
            del data[tag]
        data[0x00186011] = ("SQ", [region(3, 0.5), region(12, 0.02), region(15, 0.9, unit=4), region(14, 0.7, kind=3)])
        dicomfile.write(self.folder / "in/us.dcm", data)
        self.ok("import", self.folder / "in")
        image = self.record("interval.image/1")
        self.assertAlmostEqual(image["spacing-row"], 0.2)
        self.assertEqual(image["spacing-origin"], "patient")

    def test_mammogram_view_and_side(self):
        data = dicomfile.slice_of(0, 1, sop_class="1.2.840.10008.5.1.4.1.1.1.2", modality="MG")
        data.update({0x00200062: ("CS", "L"), 0x00540220: dicomfile.code("R-10226", "SRT", "medio-lateral oblique")})
        dicomfile.write(self.folder / "in/mg.dcm", data)
        self.ok("import", self.folder / "in")
        image = self.record("interval.image/1")
        self.assertEqual((image["view"], image["laterality"]), ("MLO", "left"))

    def record(self, name):
        db = sqlite3.connect(self.db)
        for (records,) in db.execute("SELECT records FROM evidence"):
            for record in json.loads(records):
                if record[0] == name:
                    return {field[0]: field[1] for field in record[1:]}
        return None


if __name__ == "__main__":
    harness.main()
