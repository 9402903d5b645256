#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A history by HL7 alone: not due, due, overdue, fulfilled, to the day; and what people decide."""
import harness

REPORT = "IMPRESSION: 7 mm nodule in the right lower lobe. Follow-up CT of the chest is recommended in 6 months."


class History(harness.Case):
    def status(self, as_of, patient="SYNTH1"):
        return [i["status"] for i in self.items(as_of, patient)]

    def setUp(self):
        super().setUp()
        self.ok("import", self.write("1.hl7", harness.oru("SYNTH1", "A1", "20240131", REPORT)))

    def test_to_the_day(self):
        for day, status in (("2024-07-30", "not-due"), ("2024-07-31", "due"), ("2024-08-30", "due"),
                            ("2024-08-31", "overdue"), ("2025-01-01", "overdue")):
            self.assertEqual(self.status(day), [status], day)
        self.assertEqual(self.status("2024-01-30"), [])
        item = self.items("2024-09-01", "SYNTH1")[0]
        self.assertEqual(item["days_overdue"], 2)
        self.assertEqual(item["evidence"]["report"], "A1")
        self.assertIn("recommended in 6 months", item["evidence"]["text"])

    def test_fulfilled_by_a_study_and_only_from_when_it_is_known(self):
        self.ok("import", self.write("2.hl7", harness.oru("SYNTH1", "A2", "20240815", "Nodule unchanged.")))
        self.assertEqual(self.status("2024-08-14"), ["due"])
        self.assertEqual(self.status("2024-08-15"), ["fulfilled"])
        item = self.items("2024-08-15", "SYNTH1")[0]
        self.assertEqual(item["fulfilled_by"]["accession"], "A2")

    def test_a_cancelled_report_leaves_no_exam(self):
        self.ok("import", self.write("x.hl7", harness.oru("SYNTH1", "A1", "20240131", "Cancelled.", status="X", known="20240301080000")))
        exams = [e for e in self.ok("timeline", "SYNTH1", "--json").json["events"] if e["type"] == "exam"]
        self.assertEqual(exams, [])
        before = self.ok("timeline", "SYNTH1", "--as-of", "2024-02-29", "--json").json["events"]
        self.assertEqual(len([e for e in before if e["type"] == "exam"]), 1)

    def test_an_appointment_is_no_proof(self):
        siu = harness.message("SIU^S12", "20240820090000", "S1", "SCH|9^RIS|9^RIS||||X^CT CHEST|||30|min|^^^20240905090000",
                              harness.pid("SYNTH1"), "AIS|1|A|X^CT CHEST WITHOUT CONTRAST|20240905090000")
        self.ok("import", self.write("s.hl7", siu))
        self.assertEqual(self.status("2024-08-19"), ["due"])
        self.assertEqual(self.status("2024-09-04"), ["scheduled"])
        self.assertEqual(self.status("2024-09-06"), ["overdue"])

    def test_decisions_are_evidence_with_a_time(self):
        item = self.items(None, "SYNTH1")[0]["id"]
        self.ok("close", item[:5], "--reason", "declined", "--by", "coordinator", "--at", "2024-09-10")
        self.assertEqual(self.status("2024-09-09"), ["overdue"])
        self.assertEqual(self.status("2024-09-10"), ["closed"])
        self.ok("reopen", item, "--by", "coordinator", "--at", "2024-09-20")
        self.assertEqual(self.status("2024-09-20"), ["overdue"])
        self.ok("note", item, "called twice", "--by", "coordinator", "--at", "2024-09-21")
        self.assertEqual(self.status("2024-09-21"), ["overdue"])

    def test_why_names_sentence_message_and_rule(self):
        item = self.items(None, "SYNTH1")[0]["id"]
        why = self.ok("why", item, "--as-of", "2024-09-01", "--json").json
        self.assertGreaterEqual(len(why["steps"]), 2)
        self.assertTrue(why["found_by"]["rule"])
        self.assertEqual(why["found_by"]["plugin"], "org.interval.recommendation")
        self.assertTrue(all(step["rule"] and step["text"] for step in why["steps"]))
        self.assertTrue(any("ORU^R01" in (step["source"] or "") for step in why["steps"]))
        self.assertIn("recommended in 6 months", self.ok("why", item).out)

    def test_wrong_decisions_are_refused_and_change_nothing(self):
        item = self.items(None, "SYNTH1")[0]["id"]
        before = self.state()
        for args in (["close", item, "--reason", "bored"], ["set-interval", item, "6 months"],
                     ["confirm", item, "NOPE"], ["close", item, "--reason", "declined", "--at", "31.12.2024"]):
            self.assertEqual(self.run_interval(*args).status, 2, args)
        self.assertEqual(self.state(), before)

    def test_an_open_question_never_alarms(self):
        self.ok("import", self.write("c.hl7", harness.oru(
            "SYNTH2", "C1", "20240110", "Small nodule. If the patient is at high risk, CT of the chest is recommended in 12 months.")))
        self.assertEqual(self.status("2027-01-01", "SYNTH2"), ["awaiting-condition"])
        item = self.items(None, "SYNTH2")[0]["id"]
        self.ok("condition", item, "met", "--at", "2024-02-01")
        self.assertEqual(self.status("2027-01-01", "SYNTH2"), ["overdue"])

    def test_report_add_is_a_report_like_any_other(self):
        text = self.folder / "r.txt"
        text.write_text("Adrenal nodule. Recommend CT abdomen in 1 year.")
        self.ok("report", "add", "--patient", "SYNTH3", "--date", "2024-02-29", "--modality", "CT", "--region", "abdomen", text)
        item = self.items("2024-03-01", "SYNTH3")[0]
        self.assertEqual((item["due_from"], item["status"]), ("2025-02-28", "not-due"))

    def test_worklist_is_most_urgent_first(self):
        self.ok("import", self.write("o.hl7", harness.oru("SYNTH4", "D1", "20230110", REPORT),
                                     harness.oru("SYNTH5", "D2", "20251201", REPORT)))
        days = [i["days_overdue"] for i in self.ok("worklist", "--json", "--as-of", "2026-02-01").json]
        self.assertEqual(days, sorted(days, reverse=True))
        self.assertEqual(self.ok("worklist", "--json").json[0]["patient"]["id"], "SYNTH4")


if __name__ == "__main__":
    harness.main()
