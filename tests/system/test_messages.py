#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HL7 v2 beyond the plain report: documents, moves, services of an appointment, marked-up text."""
import base64

import harness

ASKS = "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months."


def mdm(trigger, when, document, text=None, parent="", accession="A1", status="LA"):
    txa = f"TXA|1|DI|TX|20240110110000||||||||{document}|{parent}||{accession}||{status}"
    body = [f"OBX|1|TX|RPT||{text}||||||F"] if text else []
    return harness.message(f"MDM^{trigger}", when, f"{trigger}{when}", harness.pid("SYNTH1"), txa, *body)


class Messages(harness.Case):
    def take(self, *messages):
        path = self.write(f"m{len(list(self.folder.iterdir()))}.hl7", *messages)
        return self.ok("import", path, "--json").json

    def states(self, as_of, patient="SYNTH1"):
        return sorted((i["status"], i["reason"], i["region"]) for i in self.items(as_of, patient))

    def test_documents(self):
        chain = [mdm("T02", "20240110120000", "D1", ASKS),
                 mdm("T06", "20240112120000", "D2", "Ultrasound of the liver in 3 months is recommended.", "D1"),
                 mdm("T08", "20240115120000", "D1", "IMPRESSION: CT of the chest is recommended in 12 months."),
                 mdm("T10", "20240120120000", "D3", "IMPRESSION: MRI of the brain is recommended in 12 months.", "D1"),
                 mdm("T11", "20240125120000", "D3")]
        for order in (chain, chain[::-1]):
            self.db = self.folder / f"{'back' if order[0] is not chain[0] else 'forth'}.db"
            self.take(*order)
            self.assertEqual(self.states("2024-01-11"), [("not-due", None, "chest")])
            self.assertEqual(self.states("2024-01-12"), [("not-due", None, "chest"), ("not-due", None, "liver")])
            self.assertEqual([i["due_from"] for i in self.items("2024-01-15", "SYNTH1") if i["region"] == "chest"], ["2025-01-10"])
            self.assertEqual(self.states("2024-01-20"), [("closed", "withdrawn", "chest"), ("not-due", None, "brain"), ("not-due", None, "liver")])
            self.assertEqual({s for s, _, _ in self.states("2024-01-25")}, {"closed"})

    def test_marked_up_reports_are_read(self):
        rtf = r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\b IMPRESSION:\b0\par Nodule.\par Follow-up CT of the chest is recommended in 6\~months.\par}"
        html = "<html><head><style>p{}</style></head><body><h1>IMPRESSION</h1><p>Nodule.<br>Follow-up CT of the chest is recommended in 6&nbsp;months.</p></body></html>"
        for n, (kind, text) in enumerate((("RTF", rtf), ("HTML", html))):
            data = base64.b64encode(text.encode()).decode()
            report = harness.oru(f"SYNTH{n}", f"A{n}", "20240110", "X").replace(
                "|TX|RPT^Report^L||X", f"|ED|RPT^Report^L||RIS^TEXT^{kind}^Base64^{data}")
            self.take(report)
            item = self.items("2024-02-01", f"SYNTH{n}")[0]
            self.assertEqual((item["region"], item["due_from"]), ("chest", "2024-07-10"))
            self.assertEqual(item["evidence"]["text"], "Follow-up CT of the chest is recommended in 6 months")

    def test_a_visit_moves_and_comes_back(self):
        visit = "PV1|1|O" + "|" * 17 + "V1"
        report = harness.oru("SYNTH1", "A1", "20240110", ASKS).replace("\rORC", f"\r{visit}\rORC")
        move = [harness.message("ADT^A45", when, when, harness.pid(to), f"MRG|{of}^^^SYNTH||||V1", visit)
                for when, of, to in (("20240201", "SYNTH1", "SYNTH2"), ("20240301", "SYNTH2", "SYNTH1"))]
        self.take(*move, report)
        for as_of, has, not_ in (("2024-01-20", "SYNTH1", "SYNTH2"), ("2024-02-10", "SYNTH2", "SYNTH1"), ("2024-03-10", "SYNTH1", "SYNTH2")):
            self.assertEqual(len(self.items(as_of, has)), 1)
            self.assertEqual(self.items(as_of, not_), [])

    def test_an_id_moves_from_the_wrong_person(self):
        self.take(harness.oru("SYNTH1", "A1", "20240110", ASKS),
                  harness.message("ADT^A40", "20240201", "1", harness.pid("SYNTHW"), "MRG|SYNTH1^^^SYNTH"),
                  harness.message("ADT^A43", "20240301", "2", harness.pid("SYNTHR"), "MRG|SYNTH1^^^SYNTH"))
        self.assertEqual(self.items("2024-02-10", "SYNTHW")[0]["patient"]["id"], "SYNTHW")
        self.assertEqual(self.items("2024-03-10", "SYNTHW"), [])
        self.assertEqual(self.items("2024-03-10", "SYNTHR")[0]["patient"]["id"], "SYNTHR")

    def test_a_service_is_taken_off_the_appointment(self):
        def siu(trigger, when, *services):
            return harness.message(f"SIU^{trigger}", when, when, "SCH|P1|F1|||||||||^^^20240712090000", harness.pid("SYNTH1"),
                                   *[f"AIS|{i}||X^{s}|20240712090000" for i, s in enumerate(services, 1)])
        self.take(harness.oru("SYNTH1", "A1", "20240110", ASKS), siu("S12", "20240201", "CT CHEST"))
        self.assertEqual(self.states("2024-02-02"), [("scheduled", None, "chest")])
        self.take(siu("S20", "20240301", "CT CHEST"))
        self.assertEqual(self.states("2024-03-02"), [("not-due", None, "chest")])


if __name__ == "__main__":
    harness.main()
