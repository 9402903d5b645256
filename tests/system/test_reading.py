#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a report is read to say besides what it asks for: findings with sizes, contradictions, how it was read."""
import os
import shutil

import harness

CHEST = ("FINDINGS: 8 x 6 mm solid nodule in the right upper lobe, previously 6 x 5 mm.\n\n"
         "IMPRESSION: Growing right upper lobe nodule. CT of the chest in 3 months is recommended.")
KNEE = "LEFT KNEE\n\nFINDINGS: The right knee shows an effusion. Radiographs of the right knee in 6 weeks are recommended."


class Reading(harness.Case):
    def test_parse_shows_sizes_and_what_they_were(self):
        answer = self.ok("parse", "--json", "--modality", "CT", "--region", "chest", stdin=CHEST).json
        finding = answer["findings"][0]
        self.assertEqual((finding["head"], finding["size_mm"], finding["prior_mm"]), ("nodule", [8.0, 6.0], [6.0, 5.0]))
        self.assertEqual((finding["region"], finding["laterality"], finding["density"]), ("lung", "right", "solid"))
        self.assertEqual(CHEST.encode()[finding["start"]:finding["end"]].decode(), finding["text"])
        self.assertEqual(answer["contradictions"], [])
        self.assertNotIn("trace", answer)
        self.assertIn("8 x 6 mm, was 6 x 5 mm", self.ok("parse", stdin=CHEST).out)

    def test_parse_explains_itself(self):
        text = "IMPRESSION: No MRI is needed. Repeat CT of the chest in 6 months is recommended."
        trace = self.ok("parse", "--json", "--explain", "--modality", "CT", stdin=text).json["trace"]
        seen = {(t["verdict"], t["step"], t["rule"]) for t in trace}
        self.assertIn(("suppressed", "action", "mri"), seen)
        self.assertIn(("fired", "action", "ct"), seen)
        self.assertTrue(all(t["reason"] for t in trace if t["verdict"] == "suppressed"))
        self.assertIn("suppressed", self.ok("parse", "--explain", stdin=text).out)

    def test_findings_stand_in_the_timeline_of_the_text_that_counts(self):
        self.ok("import", self.write("1.hl7", harness.oru("SYNTH1", "A1", "20240131", CHEST)))
        events = [e for e in self.ok("timeline", "SYNTH1", "--json").json["events"] if e["type"] == "finding"]
        self.assertEqual([e["finding"]["size_mm"] for e in events], [[8.0, 6.0]])
        self.assertIn("8 x 6 mm, was 6 x 5 mm", self.ok("timeline", "SYNTH1").out)
        corrected = CHEST.replace("8 x 6 mm", "9 x 7 mm")
        self.ok("import", self.write("2.hl7", harness.oru("SYNTH1", "A1", "20240131", corrected, status="C", known="20240202080000")))
        events = [e for e in self.ok("timeline", "SYNTH1", "--json").json["events"] if e["type"] == "finding"]
        self.assertEqual([e["finding"]["size_mm"] for e in events], [[9.0, 7.0]])

    def test_a_side_that_contradicts_the_exam_is_told_everywhere(self):
        answer = self.ok("parse", "--json", "--modality", "XR", "--region", "knee", "--laterality", "left", stdin=KNEE).json
        self.assertEqual([c["contradiction"] for c in answer["contradictions"]], ["exam-side"])
        oru = harness.oru("SYNTH2", "A9", "20240131", KNEE, exam="XR KNEE LEFT", modality="XR")
        notes = self.ok("import", self.write("k.hl7", oru), "--json").json["notes"]
        self.assertTrue(any("right knee" in n["note"] for n in notes), notes)
        item = self.items("2024-02-01", "SYNTH2")[0]["id"]
        why = self.ok("why", item, "--as-of", "2024-02-01", "--json").json
        self.assertEqual([c["contradiction"] for c in why["contradictions"]], ["exam-side"])
        self.assertIn("Look again", self.ok("why", item, "--as-of", "2024-02-01").out)

    def test_a_language_and_house_words_are_files(self):
        folder = str(self.folder / "config")
        shutil.copytree(os.path.join(harness.SOURCE, "config"), folder)
        with open(os.path.join(folder, "interval.xml"), encoding="utf-8") as f:
            xml = f.read()
        with open(os.path.join(folder, "interval.xml"), "w", encoding="utf-8") as f:
            f.write(xml.replace("</interval>", '<plugin id="org.interval.recommendation"><set key="language" value="de"/></plugin></interval>'))
        with open(os.path.join(folder, "lexicon", "local.xml"), "w", encoding="utf-8") as f:
            f.write('<lexicon xmlns="urn:interval:lexicon:1" lang="de" version="1"><group class="action">'
                    '<term name="haus" kind="imaging" modality="CT" region="chest">lungencheck</term></group></lexicon>')
        for text, region in (("Beurteilung: CT-Kontrolle des Abdomens in 3 Monaten empfohlen.", "abdomen"),
                             ("Beurteilung: Lungencheck in 3 Monaten empfohlen.", "chest")):
            found = self.ok("--config", os.path.join(folder, "interval.xml"), "parse", "--json", "--modality", "CT", stdin=text).json["recommendations"]
            self.assertEqual([(r["region"], r["interval"]) for r in found], [(region, ["P3M", "P3M"])], text)


if __name__ == "__main__":
    harness.main()
