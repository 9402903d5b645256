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


if __name__ == "__main__":
    harness.main()
