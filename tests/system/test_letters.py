#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Letters to the patient and to the referrer, as page and on paper."""
import hashlib
import re

import harness

ASK = "Suspected carcinoma of the left upper lobe <b>. Recommend follow-up chest CT in 6 months."
SITE = ('<interval xmlns="urn:interval:config:1"><site name="North &amp; South Clinic" address="1 Main Street" phone="555 0100" '
        'hours="8 to 16"/></interval>')


def syllables(word):
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower()))))


class Letters(harness.Case):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "interval.xml"
        self.config.write_text(SITE)
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", ASK, name="SYNTH-TEST^TARA")))
        self.id = self.items()[0]["id"]

    def letter(self, *args):
        return self.ok("--config", self.config, "letter", self.id, "--out", self.folder / "out", "--as-of", "2024-09-01", "--json", *args).json

    def test_to_the_patient_in_plain_words(self):
        o = self.letter()
        text = " ".join(p["text"] for p in o["parts"])
        self.assertIn("Dear Tara Synth-Test", text)
        self.assertIn("555 0100", text)
        self.assertNotIn("arcinoma", text)
        html = (self.folder / "out" / f"letter-patient-{self.id}.html").read_text()
        self.assertNotIn("arcinoma", html)
        self.assertIn("North &amp; South Clinic", html)
        self.assertEqual(hashlib.sha256(html.encode()).hexdigest(), o["sha256"])
        self.assertTrue((self.folder / "out" / f"letter-patient-{self.id}.pdf").read_bytes().startswith(b"%PDF-"))

    def test_it_can_be_read_after_eight_years_of_school(self):
        text = " ".join(p["text"] for p in self.letter()["parts"] if p["kind"] == "text")
        words = re.findall(r"[A-Za-z]+", text)
        sentences = len(re.findall(r"[.?:!](?:\s|$)", text))
        grade = 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59  # Kincaid 1975
        self.assertLess(grade, 8)

    def test_to_the_referrer_in_the_reports_words(self):
        text = " ".join(p["text"] for p in self.letter("--to", "referrer")["parts"])
        self.assertIn("Recommend follow-up chest CT in 6 months", text)
        self.assertIn("SYNTH1", text)
        html = (self.folder / "out" / f"letter-referrer-{self.id}.html").read_text()
        self.assertNotIn("<b>", html)

    def test_what_was_sent_is_evidence(self):
        self.assertFalse(self.letter()["recorded"])
        self.assertEqual(self.items()[0]["contacts"], [])
        o = self.letter("--sent", "--by", "coordinator", "--at", "2024-09-01T10:00")
        self.assertTrue(o["recorded"])
        contact = self.items()[0]["contacts"][0]
        self.assertEqual((contact["whom"], contact["how"], contact["outcome"], contact["by"]), ("patient", "letter", "sent", "coordinator"))
        self.assertNotIn("step 1", self.ok("queue", "--as-of", "2024-09-20").out)

    def test_a_letter_that_must_not_be_written_is_refused(self):
        self.assertEqual(self.run_interval("letter", self.id).status, 3)  # no site: nobody to call
        for args in (["--language", "xx"], ["--language", "../en"], ["--to", "dog"]):
            self.assertEqual(self.run_interval("--config", self.config, "letter", self.id, *args).status, 2, args)
        self.ok("close", self.id, "--reason", "declined")
        answer = self.run_interval("--config", self.config, "letter", self.id, "--out", self.folder / "late")
        self.assertEqual(answer.status, 2)
        self.assertFalse((self.folder / "late").exists())


if __name__ == "__main__":
    harness.main()
