#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What may satisfy an item: candidates with score and reasons, confirmed or rejected; and the
site's own config/fulfilment.xml."""
import harness
from harness import oru

CONFIG = '<interval xmlns="urn:interval:config:1"/>\n'
RULES = '<fulfilment version="1">{}<early divisor="3" max-days="30"/></fulfilment>\n'
NODULE = "IMPRESSION: 7 mm nodule in the right lower lobe. Follow-up CT of the chest is recommended in 6 months."
SECTIONS = "IMPRESSION: Lymphadenopathy. Follow-up CT chest/abdomen/pelvis in 3 months is recommended."


class Fulfilment(harness.Case):
    def tell(self, *messages):
        self.ok("import", self.write("feed.hl7", *messages))

    def only(self, as_of):
        items = self.items(as_of, "SYNTH1")
        self.assertEqual(len(items), 1)
        return items[0]

    def test_a_part_of_what_was_asked_for(self):
        self.tell(oru("SYNTH1", "A1", "20240131", SECTIONS), oru("SYNTH1", "A2", "20240502", "Stable."))
        item = self.only("2024-05-02")
        self.assertEqual((item["status"], item["region"], item["also"]), ("review", "chest", ["abdomen", "pelvis"]))
        candidate, = item["candidates"]
        self.assertIn("region: covers chest of chest, abdomen, pelvis: partial", candidate["reasons"])
        self.assertAlmostEqual(candidate["score"], 0.33)
        self.assertIn("candidate A2 of 2024-05-02, score 0.33", self.ok("worklist", "--as-of", "2024-05-02", "--patient", "SYNTH1").out)
        self.tell(oru("SYNTH1", "A3", "20240510", "Stable.", exam="CT CHEST ABDOMEN AND PELVIS WITH CONTRAST"))
        item = self.only("2024-05-10")
        self.assertEqual((item["status"], item["fulfilled_by"]["accession"]), ("fulfilled", "A3"))

    def test_the_other_section_of_two(self):
        self.tell(oru("SYNTH1", "A1", "20240131", SECTIONS),
                  oru("SYNTH1", "A2", "20240502", "Stable.", exam="CT ABDOMEN AND PELVIS"))
        self.assertIn("region: covers abdomen, pelvis of chest, abdomen, pelvis: partial",
                      self.only("2024-05-02")["candidates"][0]["reasons"])

    def test_another_place_in_the_sentence_is_no_section(self):
        self.tell(oru("SYNTH1", "A1", "20240131", "IMPRESSION: Recommend CT of the chest in 3 months because of the abdominal pain."),
                  oru("SYNTH1", "A2", "20240502", "Stable."))
        self.assertEqual([i["status"] for i in self.items("2024-05-02", "SYNTH1")], ["fulfilled"])

    def test_a_biopsy_is_for_a_person(self):
        self.tell(oru("SYNTH1", "A1", "20240131", NODULE),
                  oru("SYNTH1", "P1", "20240320", "Granuloma.", exam="SURGICAL PATHOLOGY LUNG BIOPSY RIGHT", modality=""))
        item = self.only("2024-03-20")
        self.assertEqual(item["status"], "review")
        self.assertIn("purpose: biopsy may settle the nodule that was to be followed", item["candidates"][0]["reasons"])
        self.ok("reject", item["id"], "P1", "--by", "reader", "--at", "2024-03-22")
        self.assertEqual((self.only("2024-03-22")["status"], self.only("2024-09-01")["status"]), ("not-due", "overdue"))
        self.ok("confirm", item["id"], "P1", "--by", "reader", "--at", "2024-03-25")
        item = self.only("2024-09-01")
        self.assertEqual((item["status"], item["fulfilled_by"]["accession"]), ("fulfilled", "P1"))

    def test_best_first(self):
        self.tell(oru("SYNTH1", "A1", "20240131", NODULE), oru("SYNTH1", "A2", "20240210", "Stable."),
                  oru("SYNTH1", "A3", "20240620", "Stable."))
        candidates = self.only("2024-06-20")["candidates"]
        self.assertEqual([c["accession"] for c in candidates], ["A3", "A2"])
        self.assertTrue(1 > candidates[0]["score"] > candidates[1]["score"] > 0)
        self.assertTrue(all(c["why"] and c["reasons"] for c in candidates))


class SiteRules(harness.Case):
    def configure(self, rules):
        (self.folder / "interval.xml").write_text(CONFIG)
        (self.folder / "fulfilment.xml").write_text(RULES.format(rules))

    def run_interval(self, *args, **more):
        own = ["--config", self.folder / "interval.xml"] if (self.folder / "interval.xml").exists() else []
        return super().run_interval(*own, *args, **more)

    def test_a_change_derives_anew(self):
        self.ok("import", self.write("feed.hl7", oru("SYNTH1", "A1", "20240131", NODULE),
                                     oru("SYNTH1", "A2", "20240801", "Stable.", exam="MR CHEST", modality="MR")))

        def today():
            return [i["status"] for i in self.items(None, "SYNTH1")]
        self.assertEqual(today(), ["review"])
        self.configure('<serves modality="MR" for="CT" regions="chest"/>')
        self.assertEqual(today(), ["fulfilled"])
        self.configure("")
        self.assertEqual(today(), ["review"])

    def test_errors_name_file_line_and_reason(self):
        for rules, reason in (('\n<covers region="chest" shows="lung"/>\n<covers region="lung" shows="chest"/>', "fulfilment.xml:3: lung cannot show chest"),
                              ('\n<covers region="chest" shows="lungs"/>', 'fulfilment.xml:2: shows="lungs" is no region'),
                              ('\n<serves modality="PET" for="CT"/>', "fulfilment.xml:2"),
                              ('\n<serves modality="MR" for="CT"/>\n<serves modality="CT" for="MR" regions="knee"/>', "fulfilment.xml:3")):
            self.configure(rules)
            answer = self.run_interval("config", "check")
            self.assertEqual(answer.status, 3, rules)
            self.assertIn(reason, answer.err)
        self.configure("")
        self.assertIn("fulfilment.xml", self.ok("config", "check").out)


if __name__ == "__main__":
    harness.main()
