#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Merges and partings, order of arrival, deaths: nothing is lost, nothing depends on the order."""
import itertools
import random

import harness

REPORT = "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months."


def merge(kind, when, a, b):
    if kind == "A40":
        return harness.message("ADT^A40^ADT_A39", when, f"X{when}", harness.pid(a), f"MRG|{b}^^^SYNTH^MR")
    return harness.message(f"ADT^{kind}", when, f"X{when}", harness.pid(a), harness.pid(b))


class Identity(harness.Case):
    def messages(self):
        return [harness.oru("SYNTH1", "A1", "20240110", REPORT),
                harness.oru("SYNTH2", "B1", "20240715", "Nodule unchanged."),
                merge("A40", "20240801100000", "SYNTH1", "SYNTH2"),
                merge("A37", "20240901100000", "SYNTH1", "SYNTH2"),
                harness.message("ADT^A08", "20241001080000", "D1", harness.pid("SYNTH1") + "|" * 21 + "20240920|Y")]

    def test_merge_and_parting(self):
        self.ok("import", self.write("m.hl7", *self.messages()))
        for day, status in (("2024-07-31", "due"), ("2024-08-01", "fulfilled"), ("2024-09-01", "overdue"),
                            ("2024-10-01", "closed")):
            self.assertEqual([i["status"] for i in self.items(day, "SYNTH1")], [status], day)
        self.assertEqual([i["status"] for i in self.items("2024-08-15", "SYNTH2")], ["fulfilled"])
        self.assertEqual(self.items("2024-09-15", "SYNTH2"), [])

    def test_the_same_number_of_two_issuers_is_two_persons(self):
        self.ok("import", self.write("i.hl7", harness.oru("SYNTH1", "A1", "20240110", REPORT),
                                     harness.oru("SYNTH1", "B1", "20240715", "Unchanged.", issuer="OTHER")))
        self.assertEqual([i["status"] for i in self.items("2024-12-01", "SYNTH1^^^SYNTH")], ["overdue"])
        self.assertEqual(self.run_interval("timeline", "SYNTH1").status, 2)

    def test_people_link_and_unlink(self):
        self.ok("import", self.write("l.hl7", *self.messages()[:2]))
        self.ok("identity", "link", "SYNTH1", "SYNTH2", "--at", "2024-08-01")
        self.ok("identity", "unlink", "SYNTH2", "SYNTH1", "--at", "2024-09-01")
        for day, status in (("2024-07-31", "due"), ("2024-08-01", "fulfilled"), ("2024-09-01", "overdue")):
            self.assertEqual([i["status"] for i in self.items(day, "SYNTH1")], [status], day)
        self.assertEqual(self.run_interval("identity", "link", "SYNTH1", "SYNTH1").status, 2)
        self.assertEqual(self.run_interval("identity", "link", "SYNTH1", "NOBODY").status, 2)

    def test_every_order_of_arrival_gives_the_same_state(self):
        states = set()
        orders = list(itertools.permutations(range(5)))
        for n, order in enumerate(random.Random(7).sample(orders, 12)):
            self.db = self.folder / f"{n}.db"
            messages = self.messages()
            half = n % 4 + 1
            self.ok("import", self.write("a.hl7", *(messages[i] for i in order[:half])))
            self.ok("import", self.write("b.hl7", *(messages[i] for i in order[half:])))
            states.add(self.state())
        self.assertEqual(len(states), 1)

    def test_importing_twice_changes_nothing(self):
        path = self.write("m.hl7", *self.messages())
        self.ok("import", path)
        before = self.state()
        again = self.ok("import", path, "--json").json
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 5))
        self.assertEqual(self.state(), before)

    def test_a_bare_id_means_the_person_known_by_it(self):
        self.ok("import", self.write("i.hl7", harness.oru("SYNTH1", "A1", "20240110", REPORT)))
        (self.folder / "r.txt").write_text("Unchanged.")
        counts = self.ok("report", "add", "--patient", "SYNTH1", "--date", "2024-07-15", "--modality", "CT", "--region",
                         "chest", self.folder / "r.txt", "--json").json
        self.assertEqual((counts["patients"], counts["studies"], counts["reports"]), (0, 1, 1))
        self.assertEqual([i["status"] for i in self.items("2024-12-01", "SYNTH1")], ["fulfilled"])
        self.assertEqual(len(self.ok("timeline", "SYNTH1", "--json").json["followups"]), 1)

    def test_healing_is_of_the_person_asked_for(self):
        parted = [harness.message("ADT^A08", "20240101120000", f"T{p}", harness.pid(p)) for p in ("SYNTH1", "SYNTH2")]
        self.ok("import", self.write("p.hl7", *parted))
        self.ok("procedure", "add", "--patient", "SYNTH2", "--protocol", "tibia-im-nail", "--date", "2024-01-10")
        self.assertEqual(self.run_interval("healing", "SYNTH1").status, 2)
        self.ok("identity", "link", "SYNTH1", "SYNTH2")
        self.ok("healing", "SYNTH1")
        self.ok("healing", "SYNTH2")
        self.ok("identity", "unlink", "SYNTH1", "SYNTH2")
        self.assertEqual(self.run_interval("healing", "SYNTH1").status, 2)
        self.ok("healing", "SYNTH2")

    def test_a_timeline_of_the_past_knows_nothing_later(self):
        self.ok("import", self.write("i.hl7", harness.oru("SYNTH1", "A1", "20240110", REPORT),
                                     harness.oru("SYNTH1", "A2", "20240715", "Unchanged.")))
        for day, n in ("2024-06-01", 1), ("2024-07-15", 2):
            events = self.ok("timeline", "SYNTH1", "--as-of", day, "--json").json["events"]
            self.assertEqual(sum(e["type"] == "exam" for e in events), n)


if __name__ == "__main__":
    harness.main()
