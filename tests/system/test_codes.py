#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The site's own codes: config/codes.xml, as of a rebuild, for what is known already."""
import harness

CONFIG = '<interval xmlns="urn:interval:config:1">{}</interval>\n'
CODES = '<codes xmlns="urn:interval:codes:1">{}</codes>\n'
ASKS = "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months."


def coded(accession, day, code, modality, text, application="RIS"):
    report = harness.oru("SYNTH1", accession, day, text, exam="", modality=modality)
    return report.replace("|X^|", f"|{code}|").replace("MSH|^~\\&|RIS|", f"MSH|^~\\&|{application}|")


class Codes(harness.Case):
    def configure(self, entries):
        (self.folder / "interval.xml").write_text(CONFIG.format(""))
        (self.folder / "codes.xml").write_text(CODES.format(entries))

    def run_interval(self, *args, **more):
        return super().run_interval("--config", self.folder / "interval.xml", *args, **more)

    def status(self, as_of="2025-01-20"):
        return [(i["status"], i["region"], (i["fulfilled_by"] or {}).get("accession")) for i in self.items(as_of, "SYNTH1")]

    def test_a_code_is_learnt_after_the_messages_came(self):
        self.configure("")
        self.write("feed.hl7", harness.oru("SYNTH1", "A1", "20240110", ASKS),
                   coded("A2", "20240712", "QX17", "ROE7", "No change."))
        self.ok("import", self.folder / "feed.hl7")
        self.assertEqual(self.status(), [("overdue", "chest", None)])
        self.configure('<exam code="qx17" region="chest"/><modality code="ROE7" is="CT"/>')
        self.ok("rebuild")
        self.assertEqual(self.status(), [("fulfilled", "chest", "A2")])
        taught = self.state()
        self.configure("")
        self.ok("rebuild")
        self.assertEqual(self.status(), [("overdue", "chest", None)])
        self.assertNotEqual(self.state(), taught)

    def test_the_sender_decides(self):
        self.configure('<exam code="7" application="NORTH" modality="CT" region="chest"/>'
                       '<exam code="7" modality="XR" region="hand" laterality="left"/>')
        self.write("feed.hl7", harness.oru("SYNTH1", "A1", "20240110", ASKS),
                   coded("A2", "20240712", "7", "", "No change.", application="SOUTH"))
        self.ok("import", self.folder / "feed.hl7")
        self.assertEqual(self.status(), [("overdue", "chest", None)])
        self.write("more.hl7", coded("A3", "20240714", "7", "", "No change.", application="NORTH"))
        self.ok("import", self.folder / "more.hl7")
        self.assertEqual(self.status(), [("fulfilled", "chest", "A3")])
        exams = {e["accession"]: e for e in self.ok("timeline", "SYNTH1", "--json").json["events"] if e.get("accession")}
        self.assertIn("A2", exams)

    def test_the_exam_of_a_report_is_where_its_follow_up_looks(self):
        """A recommendation without a place means the place of its exam."""
        self.configure("")
        self.write("feed.hl7", coded("A1", "20240110", "QX17", "CT", "IMPRESSION: Follow-up CT in 6 months is recommended."))
        self.ok("import", self.folder / "feed.hl7")
        self.assertEqual([i["region"] for i in self.items("2024-02-01", "SYNTH1")], [None])
        self.configure('<exam code="QX17" region="kidney"/>')
        self.ok("rebuild")
        self.assertEqual([i["region"] for i in self.items("2024-02-01", "SYNTH1")], ["kidney"])

    def test_an_act_by_its_code(self):
        self.configure('<exam code="BX7" modality="US" region="breast" laterality="left" procedure="biopsy"/>')
        self.write("feed.hl7", harness.oru("SYNTH1", "A1", "20240110", "IMPRESSION: Biopsy of the left breast mass within 4 weeks is recommended.",
                                           exam="MG MAMMOGRAM LEFT", modality="MG"),
                   coded("A2", "20240120", "BX7", "", "Done."))
        self.ok("import", self.folder / "feed.hl7")
        self.assertEqual([(i["kind"], i["status"]) for i in self.items("2024-02-01", "SYNTH1")], [("procedure", "fulfilled")])

    def test_what_is_wrong_is_named(self):
        wrong = {'<exam code="A" region="chst"/>': ("codes.xml:1", "chst", "no region"),
                 '<exam code="A" region="chest"/>\n<exam code="a" region="knee"/>': ("codes.xml:2", "line 1 already"),
                 '<exam code="A"/>': ("codes.xml:1", "means nothing"),
                 '<exam region="chest"/>': ("codes.xml:1", "code or by its description"),
                 '<exam code="A" procedure="juggling"/>': ("codes.xml:1", "juggling"),
                 '<exam code="A" modality="CTX"/>': ("codes.xml:1", "CTX"),
                 '<exm code="A"/>': ("codes.xml:1", "exm")}
        for entries, words in wrong.items():
            self.configure(entries)
            answer = self.run_interval("config", "check")
            self.assertGreater(answer.status, 1, answer.err)
            for word in words:
                self.assertIn(word, answer.err)
        self.configure('<exam code="A" region="chest"/>')
        self.assertIn("codes.xml", self.ok("config", "check").out)

    def test_a_file_that_is_named_must_be_there(self):
        self.configure("")
        (self.folder / "interval.xml").write_text(CONFIG.format('<codes file="site/our-codes.xml"/>'))
        answer = self.run_interval("config", "check")
        self.assertNotEqual(answer.status, 0)
        self.assertIn("our-codes.xml", answer.err)
        (self.folder / "site").mkdir()
        (self.folder / "site/our-codes.xml").write_text(CODES.format('<exam code="A" region="chest"/>'))
        self.assertIn("our-codes.xml", self.ok("config", "check").out)


class Typed(harness.Case):
    def test_the_region_that_was_said_is_kept(self):
        self.write("r.txt", "IMPRESSION: Follow-up CT in 6 months is recommended.")
        self.ok("report", "add", self.folder / "r.txt", "--patient", "SYNTH1", "--date", "2024-01-10", "--modality", "CT", "--region", "lung")
        self.assertEqual([i["region"] for i in self.items("2024-02-01", "SYNTH1")], ["lung"])


if __name__ == "__main__":
    harness.main()
