#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FHIR: the loop from a report to its fulfilment, beside HL7, and what is refused."""
import json

import harness

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "SYNTH-TEST", "given": ["TARA"]}], "gender": "female",
           "birthDate": "1960-01-01",
           "identifier": [{"system": "SYNTH", "value": "SYNTH1", "type": {"coding": [{"code": "MR"}]}}]}
SUBJECT = {"reference": "Patient/p1"}
TEXT = "IMPRESSION: 6 mm nodule. Follow-up CT of the chest is recommended in 6 months."


def bundle(*resources, **more):
    return json.dumps({"resourceType": "Bundle", "type": "collection", **more,
                       "entry": [{"resource": r} for r in (PATIENT, *resources)]})


def report(status="final", text=TEXT, issued="2024-01-10T12:00:00Z", **more):
    return {"resourceType": "DiagnosticReport", "id": "r1", "status": status, "subject": SUBJECT, "code": {"text": "CT CHEST"},
            "effectiveDateTime": "2024-01-10T11:00:00Z", "issued": issued, "conclusion": text, **more}


def appointment(status, updated):
    return {"resourceType": "Appointment", "id": "a1", "status": status, "start": "2024-07-15T09:00:00Z",
            "description": "CT chest", "meta": {"lastUpdated": updated}, "participant": [{"actor": SUBJECT}]}


def study(uid, started, **more):
    return {"resourceType": "ImagingStudy", "id": uid, "status": "available", "started": started, "subject": SUBJECT,
            "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
            "series": [{"uid": "1.2.840.77", "modality": {"code": "CT"}, "bodySite": {"display": "Chest"},
                        "instance": [{"uid": "1.2.840.77.1"}]}], **more}


class Fhir(harness.Case):
    def take(self, *resources, **more):
        path = self.write(f"b{len(list(self.folder.iterdir()))}.json", bundle(*resources, **more))
        return self.ok("import", path, "--json").json

    def status(self, day):
        items = self.items(day, "SYNTH1")
        self.assertEqual(len(items), 1)
        return items[0]["status"]

    def test_the_loop(self):
        self.take(report())
        self.assertEqual(self.items("2024-02-01", "SYNTH1")[0]["due_from"], "2024-07-10")
        self.take(appointment("booked", "2024-06-01T00:00:00Z"))
        self.assertEqual(self.status("2024-06-02"), "scheduled")
        self.take(appointment("noshow", "2024-07-16T00:00:00Z"))
        self.assertEqual(self.status("2024-07-17"), "due")
        self.assertEqual(self.status("2024-09-01"), "overdue")
        self.take(study("1.2.840.1", "2024-09-02T08:00:00Z"), study("1.2.840.2", "2022-09-02T08:00:00Z"))
        item = self.items("2024-09-03", "SYNTH1")[0]
        self.assertEqual((item["status"], item["fulfilled_by"]["study"]), ("fulfilled", "1.2.840.1"))
        self.assertEqual(self.status("2024-09-01"), "overdue")
        self.ok("verify")

    def test_correction_and_withdrawal(self):
        self.take(report())
        self.take(report("amended", "IMPRESSION: No nodule.", "2024-01-12T12:00:00Z"))
        self.assertEqual(self.status("2024-01-11"), "not-due")
        self.assertEqual(self.items("2024-01-13", "SYNTH1")[0]["reason"], "withdrawn")

    def test_what_was_entered_in_error_is_taken_back(self):
        """A study and a report, by the resource itself, in any order of arrival."""
        right = study("1.2.840.1", "2024-07-15T08:00:00Z")
        wrong = {**right, "status": "entered-in-error", "meta": {"lastUpdated": "2024-07-20T10:00:00Z"}}
        bare = {k: wrong[k] for k in ("resourceType", "id", "status", "subject", "meta")}
        for n, files in enumerate(([report(), right, wrong], [wrong, right, report()], [bare, right, report()])):
            self.db = self.folder / f"{n}.db"
            for f in files:
                self.take(f)
            self.assertEqual([self.status(d) for d in ("2024-07-14", "2024-07-16", "2024-07-21")], ["due", "fulfilled", "due"])
        cancelled = {"resourceType": "DiagnosticReport", "id": "r1", "status": "entered-in-error", "subject": SUBJECT,
                     "meta": {"lastUpdated": "2024-02-01T00:00:00Z"}}
        numbered = report(identifier=[{"type": {"coding": [{"code": "ACSN"}]}, "value": "A77"}])
        for n, files in enumerate(([numbered, cancelled], [cancelled, numbered])):
            self.db = self.folder / f"r{n}.db"
            for f in files:
                self.take(f)
            self.assertEqual(self.status("2024-01-20"), "not-due")
            self.assertEqual(self.items("2024-02-02", "SYNTH1")[0]["reason"], "withdrawn")

    def test_what_was_done_by_its_short_name(self):
        def act(n, name, **more):
            return {"resourceType": "Procedure", "id": f"p{n}", "status": "completed", "subject": SUBJECT, "code": {"text": name},
                    "performedDateTime": "2024-07-15T10:00:00Z", **more}
        self.take(report())
        self.take(act(1, "Nutrition counselling"), act(2, "Pictures, category alone", category={"text": "Social"}))
        self.assertEqual([i["status"] for i in json.loads(self.ok("worklist", "--all", "--as-of", "2024-09-01", "--json").out)],
                         ["overdue"])
        self.take(act(3, "CT chest without contrast"))
        self.assertEqual([i["status"] for i in json.loads(self.ok("worklist", "--all", "--as-of", "2024-09-01", "--json").out)],
                         ["fulfilled"])

    def test_a_task_says_how_far_the_order_is(self):
        order = {"resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order", "subject": SUBJECT,
                 "code": {"text": "CT chest"}, "authoredOn": "2024-06-01"}

        def task(status, updated, **more):
            return {"resourceType": "Task", "id": "t1", "status": status, "intent": "order", "focus": {"reference": "ServiceRequest/s1"},
                    "for": SUBJECT, "meta": {"lastUpdated": updated}, "executionPeriod": {"start": "2024-07-15T09:00:00Z"}, **more}
        self.take(report(), order)
        self.take(order, task("accepted", "2024-06-02T00:00:00Z"))
        self.assertEqual(self.status("2024-06-03"), "scheduled")
        self.take(order, task("cancelled", "2024-06-05T00:00:00Z", code={"coding": [{"code": "change"}]}))
        self.assertEqual(self.status("2024-06-06"), "scheduled")
        self.take(order, task("rejected", "2024-06-10T00:00:00Z"))
        self.assertEqual(self.status("2024-06-11"), "not-due")

    def test_death_is_known_from_its_day_only(self):
        self.take(report())
        path = self.write("dead.json", json.dumps({**PATIENT, "deceasedDateTime": "2024-03-01"}))
        self.ok("import", path)
        self.assertEqual(self.status("2024-02-28"), "not-due")
        self.assertEqual(self.items("2024-03-02", "SYNTH1")[0]["reason"], "deceased")

    def test_same_person_in_hl7(self):
        self.ok("import", self.write("m.hl7", harness.oru("SYNTH1", "A1", "20240110", TEXT)))
        self.take(study("1.2.840.1", "2024-07-11T08:00:00Z"))
        self.assertEqual(self.status("2024-07-12"), "fulfilled")

    def test_order_of_files_changes_nothing(self):
        files = [report(), appointment("booked", "2024-06-01T00:00:00Z"), study("1.2.840.1", "2024-07-12T08:00:00Z")]
        for f in files:
            self.take(f)
        before = self.state()
        self.db = self.folder / "other.db"
        for f in reversed(files):
            self.take(f)
        self.assertEqual(self.state(), before)

    def test_what_is_refused_says_where(self):
        bad = [{"resourceType": "ImagingStudy", "id": "s", "status": "available", "subject": {"reference": "Group/1"}}]
        answer = self.run_interval("import", self.write("b.json", bundle(*bad, report())), "--json")
        self.assertEqual(answer.status, 1)
        self.assertIn("Bundle.entry[1].resource (ImagingStudy s)", answer.json["rejected"][0]["reason"])
        self.assertEqual(answer.json["recommendations"], 1)
        for name, text, reason in (("cut.json", bundle(report())[:-40], "byte"),
                                   ("dicom.json", '{"00080018":{"vr":"UI"}}', "DICOM JSON"),
                                   ("deep.json", '{"resourceType":"Patient","x":' + "[" * 90000, "deeper than 64"),
                                   ("twice.json", '{"resourceType":"Patient","id":"1","id":"2"}', "twice")):
            answer = self.run_interval("import", self.write(name, text), "--json")
            self.assertEqual(answer.status, 1, name)
            self.assertIn(reason, answer.json["rejected"][0]["reason"])

    def test_large_bundle_in_bounded_time(self):
        others = [{"resourceType": "Observation", "id": f"o{i}", "status": "final", "code": {"text": "Weight"},
                   "subject": SUBJECT, "valueQuantity": {"value": i, "code": "kg"}} for i in range(60000)]
        answer = self.take(report(), *others)
        self.assertEqual(answer["recommendations"], 1)
        self.assertIn("Observation 60000", answer["notes"][0]["note"])

    def test_shared_bundles(self):
        folder = harness.SHARED / "fhir"
        if not folder.is_dir():
            self.skipTest(f"{folder} is not there")
        answer = self.run_interval("import", folder, "--json")
        for entry in answer.json["rejected"]:
            self.assertFalse("synthea/" in entry["path"] and entry["path"].endswith(".json"), entry)
            self.assertTrue(entry["reason"])
        for path in (folder / "synthea").glob("*.json"):
            entries = [e["resource"] for e in json.loads(path.read_text())["entry"]]
            patient = next(r for r in entries if r["resourceType"] == "Patient")
            wanted = sorted(r["started"][:10] for r in entries if r["resourceType"] == "ImagingStudy")
            number = next(i["value"] for i in patient["identifier"] if i.get("type", {}).get("text", "").startswith("Medical"))
            shown = self.ok("timeline", number, "--json").json
            exams = [e["at"][:10] for e in shown["events"] if e["type"] == "exam" and e["images"]]
            self.assertEqual(sorted(exams), wanted)


if __name__ == "__main__":
    harness.main()
