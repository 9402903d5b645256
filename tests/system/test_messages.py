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

    def test_a_visit_moves_after_its_number_was_merged_away(self):
        visit = "PV1|1|O" + "|" * 17 + "V1"
        report = harness.oru("SYNTH1", "A1", "20240110", ASKS).replace("\rORC", f"\r{visit}\rORC")
        self.take(harness.message("ADT^A45", "20240301", "2", harness.pid("SYNTH3"), "MRG|SYNTH2^^^SYNTH||||V1", visit),
                  harness.message("ADT^A40", "20240201", "1", harness.pid("SYNTH2"), "MRG|SYNTH1^^^SYNTH"), report)
        for as_of, holder in (("2024-01-20", "SYNTH1"), ("2024-02-10", "SYNTH2"), ("2024-03-10", "SYNTH3")):
            self.assertEqual([i["patient"]["id"] for i in self.items(as_of)], [holder])

    def test_what_the_status_of_an_appointment_says(self):
        def siu(trigger, when, status):
            return harness.message(f"SIU^{trigger}", when, when, "SCH|P1|F1|||||||||^^^20250110090000" + "|" * 14 + status,
                                   harness.pid("SYNTH1"), "AIS|1|A|X^CT CHEST|20250110090000")
        self.take(harness.oru("SYNTH1", "A1", "20240110", ASKS), siu("S12", "20241101", "Booked"))
        base = self.db.read_bytes()
        for status, expected in (("Canceled^Appointment canceled", "overdue"), ("CAN^Cancelled^L", "overdue"), ("CX", "overdue"),
                                 ("Cancelled by patient", "overdue"), ("No Show", "overdue"), ("DNA", "overdue"),
                                 ("^Missed", "overdue"), ("Confirmed", "scheduled"), ("NS2^Booked^99L", "scheduled")):
            self.db.write_bytes(base)
            self.assertEqual(self.take(siu("S14", "20241102", status))["notes"], [], status)
            self.assertEqual([s for s, *_ in self.states("2024-11-03")], [expected], status)
        self.db.write_bytes(base)
        notes = self.take(siu("S14", "20241102", "Q7"))["notes"]
        self.assertIn('SCH-25 "Q7" is no status that is known', notes[0]["note"])

    def test_byte_order_marks(self):
        path = self.folder / "marked.hl7"
        mark, end = b"\xef\xbb\xbf", b"\x1c\r"
        one, two = (harness.oru(f"SYNTH{n}", f"A{n}", "20240110", ASKS).encode() for n in (1, 2))
        for feed in (mark + one.replace(b"\r", b"\r\n") + mark + two, b"\x0b" + mark + one + end + b"\x0b" + mark + two + end):
            self.db = self.folder / f"{len(feed)}.db"
            path.write_bytes(feed)
            told = self.ok("import", path, "--json").json
            self.assertEqual((told["accepted"], told["rejected"]), (2, []))

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
