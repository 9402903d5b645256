#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follow-ups of a patient that can share a visit; exams that nothing asks for any more."""
import harness


class Visits(harness.Case):
    def report(self, patient, accession, day, text, **more):
        self.ok("import", self.write(f"{accession}.hl7", harness.oru(patient, accession, day, text, **more)))

    def test_overlapping_follow_ups_are_one_visit(self):
        self.report("SYNTH1", "A1", "20240110", "Pulmonary nodule. Recommend chest CT in 6 months.")
        self.report("SYNTH1", "A2", "20240122", "Liver lesion. Recommend MRI of the liver in 6 months.", exam="US ABDOMEN", modality="US")
        self.report("SYNTH2", "B1", "20240110", "Pulmonary nodule. Recommend chest CT in 6 months.")
        visits = self.ok("visits", "--json", "--as-of", "2024-03-01").json
        self.assertEqual(len(visits), 1)
        visit = visits[0]
        self.assertEqual((visit["patient"]["id"], visit["from"], visit["until"], visit["booked"]), ("SYNTH1", "2024-07-22", "2024-08-09", False))
        self.assertEqual(sorted((e["modality"], e["region"]) for e in visit["exams"]), [("CT", "chest"), ("MR", "liver")])
        self.assertEqual(len(self.ok("visits", "--json", "--all", "--as-of", "2024-03-01").json), 2)
        self.assertEqual(self.ok("visits", "--json", "--all", "--within", "P1M", "--as-of", "2024-03-01").json, [])
        self.assertEqual(len(self.ok("visits", "--json", "--all", "--patient", "SYNTH2", "--as-of", "2024-03-01").json), 1)
        self.assertIn("one visit from 2024-07-22 until 2024-08-09", self.ok("visits", "--as-of", "2024-03-01").out)
        self.assertEqual(self.run_interval("visits", "--within", "soon").status, 2)

    def book(self, patient, day, exam="CT CHEST WITHOUT CONTRAST", number="1"):
        message = harness.message("SIU^S12", "20240301120000", f"S{number}{day}", f"SCH|AP{number}||||||^{exam}||||^^^{day}0900|||||||||||||BOOKED",
                                  harness.pid(patient), f"AIS|1||X^{exam}|{day}0900")
        self.ok("import", self.write(f"siu{number}.hl7", message))

    def overuse(self, day, *args):
        return self.ok("overuse", "--json", "--as-of", day, *args).json

    def test_a_booked_exam_that_nothing_asks_for_any_more_is_said(self):
        self.report("SYNTH1", "A1", "20240110", "Pulmonary nodule. Recommend chest CT in 6 months.")
        self.book("SYNTH1", "20240715")
        self.assertEqual(self.overuse("2024-04-01"), [])
        self.ok("close", self.items()[0]["id"], "--reason", "not-indicated", "--at", "2024-05-01")
        self.assertEqual(self.overuse("2024-04-01"), [])
        found = self.overuse("2024-05-02")
        self.assertEqual([(f["kind"], f["on"], f["patient"]["id"]) for f in found], [("ended", "2024-07-15", "SYNTH1")])
        self.assertIn("was closed on 2024-05-01 (not-indicated)", found[0]["text"])
        self.assertIn("nothing asks for it any more", self.ok("overuse", "--as-of", "2024-05-02").out)
        self.assertEqual(self.overuse("2024-07-16"), [])  # it has passed

    def test_an_exam_that_was_done_already(self):
        self.report("SYNTH1", "A1", "20240110", "Pulmonary nodule. Recommend chest CT in 6 months.")
        self.report("SYNTH1", "A2", "20240701", "Nodule unchanged.")
        self.book("SYNTH1", "20240801")
        self.assertIn("was done on 2024-07-01", self.overuse("2024-07-02")[0]["text"])

    def test_an_exam_too_early_to_count(self):
        self.report("SYNTH1", "A1", "20240110", "Pulmonary nodule. Recommend chest CT in 12 months.")
        self.book("SYNTH1", "20240715")
        # kept for a person to see in the item, and said here
        self.assertEqual([f["kind"] for f in self.overuse("2024-06-01")], ["early"])
        self.assertIn("2025-01-10", self.overuse("2024-06-01")[0]["text"])

    def test_a_film_that_the_protocol_does_not_plan(self):
        self.report("SYNTH1", "A0", "20200601", "Normal.")
        self.ok("procedure", "add", "--patient", "SYNTH1", "--protocol", "distal-radius", "--date", "2024-01-05", "--laterality", "left")
        for item in self.items("2024-12-31", "SYNTH1"):
            day = item["due_from"].replace("-", "")
            self.report("SYNTH1", f"V{day}", day, "Healing.", exam="XR WRIST LT 2V", modality="XR")
        self.book("SYNTH1", "20260110", "XR WRIST LT 2V")
        found = self.overuse("2025-12-01")
        self.assertEqual([f["kind"] for f in found], ["ended"], self.items("2025-12-01"))
        self.assertIn("the protocol distal-radius", found[0]["text"])

    def test_what_no_follow_up_ever_asked_for_is_none_of_our_business(self):
        self.report("SYNTH1", "A1", "20240110", "Pulmonary nodule. Recommend chest CT in 6 months.")
        self.report("SYNTH1", "A2", "20240701", "Nodule unchanged.")
        self.book("SYNTH1", "20240801", "MRI LUMBAR SPINE WO")
        self.book("SYNTH2", "20240801", number="2")
        self.assertEqual(self.overuse("2024-07-02"), [])


if __name__ == "__main__":
    harness.main()
