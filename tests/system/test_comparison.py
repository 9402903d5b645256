#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Priors, comparison and healing on the synthetic clinic, whose truth is known."""
import subprocess
import xml.dom.minidom

import harness


class Comparison(harness.Case):
    @classmethod
    def setUpClass(cls):
        import pathlib
        import tempfile
        cls.shared = tempfile.TemporaryDirectory(prefix="itv-clinic-")
        root = pathlib.Path(cls.shared.name)
        subprocess.run([harness.BUILD / "tests/bin/interval-synth", root / "clinic", "--today", "2024-06-01"], check=True)
        cls.clinic_db = root / "clinic.db"
        subprocess.run([harness.PROGRAM, "--db", cls.clinic_db, "import", root / "clinic/hl7", root / "clinic/dicom"],
                       check=True, capture_output=True)
        for line in (root / "clinic/steps.txt").read_text().splitlines():
            if line.startswith("procedure"):
                subprocess.run([harness.PROGRAM, "--db", cls.clinic_db, *line.split()], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def setUp(self):
        super().setUp()
        self.db = self.clinic_db

    def exams(self, patient):
        events = self.ok("timeline", patient, "--json").json["events"]
        return [e for e in events if e["type"] == "exam" and e["images"] > 0]

    def test_a_growing_nodule_is_found_grown(self):
        exams = self.exams("SYNTH001")
        out = self.folder / "out"
        answer = self.ok("compare", exams[-1]["accession"], "--out", out, "--json").json
        self.assertEqual(answer["prior"], exams[-2]["study"])
        self.assertTrue(answer["comparable"])
        registration = answer["registration"]
        self.assertTrue(registration["accepted"])
        self.assertEqual(len(registration["matrix"]), 16)
        self.assertGreater(registration["similarity_after"], registration["similarity_before"])
        volumes = [c for c in answer["changes"] if c["measure"] == "volume"]
        self.assertIn("increased", [c["verdict"] for c in volumes])
        for change in answer["changes"]:
            if change["ci95"]:
                self.assertLessEqual(change["ci95"][0], change["change"])
                self.assertGreaterEqual(change["ci95"][1], change["change"])
        names = sorted(p.name for p in out.iterdir())
        for name in ("current.png", "prior-registered.png", "difference.png", "checkerboard.png", "comparison.html",
                     "comparison.pdf", "curve-1.svg"):
            self.assertIn(name, names)
        page = (out / "comparison.html").read_text()
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, r'(src|href)="https?:')
        for word in ("SYNTH001", exams[-1]["at"][:10], exams[-2]["at"][:10], "95 %"):
            self.assertIn(word, page)
        xml.dom.minidom.parse(str(out / "curve-1.svg"))
        text = subprocess.run(["pdftotext", out / "comparison.pdf", "-"], capture_output=True, text=True).stdout
        self.assertIn("SYNTH001", text)

    def test_a_stable_nodule_is_not_called_grown(self):
        exams = self.exams("SYNTH002")
        answer = self.ok("compare", exams[-1]["study"], exams[0]["study"], "--json").json
        self.assertTrue(answer["changes"])
        for change in answer["changes"]:
            self.assertIn(change["verdict"], ("unchanged", "not-resolvable"), change)

    def test_the_oldest_comparable_prior_can_be_asked_for(self):
        exams = self.exams("SYNTH001")
        current = exams[-1]["study"]
        roles = {p["role"]: p["study"] for p in self.ok("priors", current, "--json").json if p["role"]}
        answer = self.ok("compare", current, "oldest", "--json").json
        self.assertEqual(answer["prior"], roles.get("oldest", roles["latest"]))

    def test_what_fhir_says_of_a_study_does_not_hide_its_images(self):
        """The ImagingStudy comes first, with the UIDs of the DICOM that follows."""
        import json
        import pathlib
        import sqlite3
        exam = self.exams("SYNTH002")[-1]
        study = exam["study"]
        expected = self.ok("compare", study, "--json").json
        with sqlite3.connect(self.clinic_db) as db:
            rows = [json.loads(r[0]) for r in db.execute("SELECT records FROM evidence WHERE kind = 'image'")]
        series = {}
        for name, *fields in (record for row in rows for record in row):
            image = {field[0]: field[1] for field in fields}
            if name == "interval.image/1" and image["study-uid"] == study:
                series.setdefault(image["series-uid"], []).append({"uid": image["sop-uid"]})
        self.assertTrue(series)
        resource = {"resourceType": "ImagingStudy", "id": "s", "status": "available", "started": exam["at"], "description": exam["text"],
                    "subject": {"identifier": {"system": "SYNTHCLINIC", "value": "SYNTH002"}},
                    "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}],
                    "series": [{"uid": uid, "modality": {"code": "CT"}, "instance": sops} for uid, sops in series.items()]}
        root = pathlib.Path(self.shared.name)
        self.db = self.folder / "fhir-first.db"
        self.ok("import", self.write("study.json", json.dumps(resource)))
        self.run_interval("import", root / "clinic/hl7", root / "clinic/dicom")
        self.assertEqual(self.ok("compare", study, "--json").json, expected)

    def test_the_second_time_comes_from_the_database(self):
        import sqlite3
        study = self.exams("SYNTH002")[-1]["study"]
        first = self.ok("compare", study, "--json").json
        with sqlite3.connect(self.db) as db:
            jobs = db.execute("SELECT count(*), max(finished) FROM job WHERE kind = 'interval.registration/1'").fetchone()
        self.assertEqual(self.ok("compare", study, "--json").json, first)
        with sqlite3.connect(self.db) as db:
            self.assertEqual(db.execute("SELECT count(*), max(finished) FROM job WHERE kind = 'interval.registration/1'").fetchone(), jobs)
            row = db.execute("SELECT plugin, plugin_version, plugin_sha256, plugin_config, inputs FROM job WHERE kind = 'interval.registration/1'").fetchone()
        self.assertTrue(all(row), row)

    def test_the_wrong_way_round_is_said(self):
        first, last = self.exams("SYNTH002")[0], self.exams("SYNTH002")[-1]
        answer = self.ok("compare", first["study"], last["study"], "--json").json
        self.assertTrue(any("give the later exam first" in reason for reason in answer["reasons"]), answer["reasons"])
        self.assertEqual({c["verdict"] for c in answer["changes"]}, {"not-resolvable"})

    def measured_exam(self, patient, day, description, size_mm):
        """A small MR volume and the length of a lesion on it."""
        import random
        import struct
        rng = random.Random(f"{patient} {day}")
        header = bytearray(352)
        struct.pack_into("<i", header, 0, 348)
        struct.pack_into("<8h", header, 40, 3, 24, 24, 24, 1, 1, 1, 1)
        struct.pack_into("<2h", header, 70, 4, 16)
        struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
        struct.pack_into("<f", header, 108, 352)
        header[344:348] = b"n+1\0"
        path = self.folder / f"{patient}-{day}.nii"
        path.write_bytes(bytes(header) + struct.pack("<13824h", *(rng.randrange(1000) for _ in range(13824))))
        self.ok("import", path, "--patient", patient, "--date", day, "--modality", "MR", "--description", description)
        study = [e for e in self.ok("timeline", patient, "--json").json["events"] if e["at"].startswith(day)][0]["study"]
        aim = self.folder / f"{patient}-{day}.xml"
        aim.write_text(f"""<ImageAnnotation xmlns="gme://caCORE.caCORE/3.2/edu.northwestern.radiology.AIM"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" aimVersion="3.0.2" dateTime="{day}T10:00:00" name="Lesion 1" uniqueIdentifier="1.2.3">
<calculationCollection><Calculation uid="1.2.9" codeValue="G-A22A" codeMeaning="Length" codingSchemeDesignator="SRT"><calculationResultCollection>
<CalculationResult numberOfDimensions="1" type="Scalar" unitOfMeasure="mm"><calculationDataCollection><CalculationData value="{size_mm}"/></calculationDataCollection>
<dimensionCollection><Dimension index="0" label="Length" size="1"/></dimensionCollection></CalculationResult></calculationResultCollection></Calculation></calculationCollection>
<user><User name="Ruth Reader" loginName="rreader"/></user>
<imageReferenceCollection><ImageReference xsi:type="DICOMImageReference"><imageStudy><ImageStudy instanceUID="{study}"/></imageStudy></ImageReference></imageReferenceCollection>
<person><Person id="{patient}" name="SYNTH-TEST^TARA"/></person></ImageAnnotation>""")
        self.ok("import", aim)
        return study

    def test_no_change_is_stated_between_exams_that_are_not_comparable(self):
        for patient, other, comparable in (("SYNTH51", "MR BRAIN", True), ("SYNTH52", "MR KNEE LEFT", False)):
            prior = self.measured_exam(patient, "2024-01-10", "MR BRAIN", 10)
            current = self.measured_exam(patient, "2024-06-10", other, 30)
            answer = self.ok("compare", current, prior, "--json").json
            self.assertEqual(answer["comparable"], comparable, answer["reasons"])
            self.assertEqual([(c["prior"], c["current"]) for c in answer["changes"]], [(10, 30)])
            change = answer["changes"][0]
            if comparable:
                self.assertEqual((change["verdict"], change["change"]), ("increased", 20))
            else:
                self.assertEqual((change["verdict"], change["change"], change["ci95"]), ("not-resolvable", None, None))
                self.assertTrue(any(reason.startswith("blocking:") for reason in answer["reasons"]))

    def test_two_patients_are_never_compared(self):
        a, b = self.exams("SYNTH001")[0], self.exams("SYNTH002")[0]
        answer = self.run_interval("compare", a["study"], b["study"])
        self.assertEqual(answer.status, 2)
        self.assertIn("not one of this patient's exams", answer.err)

    def test_healing_of_the_nail(self):
        out = self.folder / "heal"
        answer = self.ok("healing", "SYNTH013", "--out", out, "--json").json
        scores = {p["days"]: m["value"] for p in answer["points"] for m in p["measures"] if m["name"] == "rust"}
        self.assertEqual(sorted(scores), [0, 14, 42, 84, 168])
        self.assertEqual(list(scores[d] for d in sorted(scores)), sorted(scores.values()))
        self.assertTrue(answer["reason"])
        for point in answer["points"]:
            if point["days"] <= 56:
                self.assertNotIn(point["verdict"], ("delayed", "no-progress"), point)
        page = (out / "healing.html").read_text()
        self.assertIn("United. RUST 11 on day 168", page)
        views = {m.get("view") for p in answer["points"] for m in p["measures"] if m["name"] == "callus-area"}
        self.assertEqual(views, {"AP", "LATERAL"}, "each projection has its own curve")
        films = [p for p in answer["pictures"] if "films-" in p]
        self.assertEqual(len(films), 2, "AP and lateral: first, latest, difference")
        self.assertLess(page.index("AP: FIRST FILM"), page.index("LATERAL: FIRST FILM"))

    def test_the_timeline_holds_what_was_measured(self):
        events = self.ok("timeline", "SYNTH001", "--json").json["events"]
        measured = [e for e in events if e["type"] == "measurement"]
        self.assertIn("long-axis", {e["measure"] for e in measured})
        self.assertEqual([e["at"] for e in events], sorted(e["at"] for e in events))
        self.assertIn("long axis", self.ok("timeline", "SYNTH001").out)

    def test_priors_say_why(self):
        study = self.exams("SYNTH001")[-1]["study"]
        ranked = self.ok("priors", study, "--json").json
        self.assertGreaterEqual(len(ranked), 1)
        self.assertTrue(ranked[0]["relevant"])
        self.assertTrue(all(p["reasons"] for p in ranked))


if __name__ == "__main__":
    harness.main()
