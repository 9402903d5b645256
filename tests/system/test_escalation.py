#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who cares for an item, whom was written to, what comes next: the queue of the day."""
import harness

ASK = "4 mm nodule in the left upper lobe. Recommend follow-up chest CT in 6 months."


class Escalation(harness.Case):
    def setUp(self):
        super().setUp()
        for n in range(1, 4):  # overdue from 2024-08-10
            self.ok("import", self.write(f"{n}.hl7", harness.oru(f"SYNTH{n}", f"A{n}", f"202401{n:02}", ASK)))
        self.item = {i["patient"]["id"]: i["id"] for i in self.items()}

    def queue(self, day, *args):
        return self.ok("queue", "--json", "--as-of", day, *args).json

    def test_the_ladder(self):
        item = self.item["SYNTH1"]
        self.assertEqual(self.queue("2024-05-31")["actions"], [])
        first = self.queue("2024-08-10")["actions"][0]
        self.assertEqual((first["patient"]["id"], first["next_action"]["what"]), ("SYNTH1", "write to the patient (step 1 of 4)"))
        self.assertEqual(first["next_action"]["on"], "2024-08-01")
        self.ok("contact", item, "--whom", "patient", "--how", "letter", "--outcome", "sent", "--at", "2024-08-10T09:00", "--by", "coordinator")
        self.assertNotIn(item, [a["id"] for a in self.queue("2024-08-14")["actions"]])
        later = next(a for a in self.queue("2024-08-17")["actions"] if a["id"] == item)
        self.assertEqual(later["next_action"]["kind"], "contact")
        self.assertEqual(later["contacts"][0], {"at": "2024-08-10T09:00:00", "by": "coordinator", "whom": "patient", "how": "letter",
                                                "outcome": "sent", "note": None})
        # what became known later was not known then
        self.assertEqual(self.queue("2024-08-09", "--all")["actions"][0]["contacts"], [])

    def test_owners_and_the_unowned(self):
        self.assertEqual(self.queue("2024-09-01")["unowned"], 3)
        self.ok("assign", self.item["SYNTH1"], "rose", "--at", "2024-08-01")
        self.ok("assign", self.item["SYNTH2"], "otto", "--at", "2024-08-01")
        self.assertEqual(self.queue("2024-09-01")["unowned"], 1)
        self.assertEqual([a["patient"]["id"] for a in self.queue("2024-09-01", "--owner", "rose")["actions"]], ["SYNTH1"])
        self.assertEqual([a["patient"]["id"] for a in self.queue("2024-09-01", "--unowned")["actions"]], ["SYNTH3"])
        self.ok("assign", self.item["SYNTH1"], "--nobody", "--at", "2024-08-20")
        self.assertEqual(self.queue("2024-09-01")["unowned"], 2)
        text = self.ok("queue", "--as-of", "2024-09-01").out
        self.assertIn("\notto\n", text)
        self.assertIn("\nNobody's\n", text)

    def test_the_owner_stays_when_a_later_report_restates_it(self):
        self.ok("assign", self.item["SYNTH1"], "rose", "--at", "2024-02-01")
        self.ok("import", self.write("again.hl7", harness.oru("SYNTH1", "B1", "20240301", ASK)))
        owners = {i["status"]: i["owner"] for i in self.items("2024-03-02", "SYNTH1")}
        self.assertEqual(owners, {"closed": "rose", "not-due": "rose"})

    def test_a_plan_stands_before_the_ladder(self):
        item = self.item["SYNTH1"]
        self.ok("next", item, "call the daughter", "--on", "2024-09-20", "--at", "2024-08-20")
        self.assertNotIn(item, [a["id"] for a in self.queue("2024-09-19")["actions"]])
        action = next(a for a in self.queue("2024-09-20")["actions"] if a["id"] == item)
        self.assertEqual((action["next_action"]["kind"], action["next_action"]["what"]), ("planned", "call the daughter"))
        self.assertEqual(action["plan"], {"what": "call the daughter", "on": "2024-09-20"})
        self.assertIn("call the daughter", self.ok("why", item).out)
        self.ok("next", item, "--nothing", "--at", "2024-08-21")
        self.assertIn(item, [a["id"] for a in self.queue("2024-09-19")["actions"]])

    def test_the_daily_cap(self):
        config = self.folder / "interval.xml"
        config.write_text('<interval xmlns="urn:interval:config:1"><escalation daily-cap="2"/></interval>')
        o = self.ok("--config", config, "queue", "--json", "--as-of", "2024-09-01").json
        self.assertEqual((len(o["actions"]), o["held_back"], o["cap"]), (2, 1, 2))
        self.assertEqual(len(self.ok("--config", config, "queue", "--all", "--json", "--as-of", "2024-09-01").json["actions"]), 3)
        # what was done today counts
        self.ok("--config", config, "contact", self.item["SYNTH1"], "--whom", "patient", "--how", "letter", "--outcome", "sent",
                "--at", "2024-09-01T08:00")
        o = self.ok("--config", config, "queue", "--json", "--as-of", "2024-09-01").json
        self.assertEqual((len(o["actions"]), o["held_back"]), (1, 1))
        self.assertIn("wait for another day", self.ok("--config", config, "queue", "--as-of", "2024-09-01").out)

    def test_decisions_survive_a_rebuild_and_change_no_status(self):
        before = self.items("2024-09-01")
        self.ok("assign", self.item["SYNTH1"], "rose")
        self.ok("contact", self.item["SYNTH1"], "--whom", "referrer", "--how", "phone", "--outcome", "reached", "--note", "will order it")
        self.assertEqual([i["status"] for i in before], [i["status"] for i in self.items("2024-09-01")])
        state = self.state()
        self.ok("rebuild")
        self.assertEqual(self.state(), state)

    def test_wrong_usage(self):
        item = self.item["SYNTH1"]
        for args in (["contact", item], ["contact", item, "--whom", "dog", "--how", "phone", "--outcome", "sent"],
                     ["contact", item, "--whom", "patient", "--how", "owl", "--outcome", "sent"],
                     ["contact", item, "--whom", "patient", "--how", "phone", "--outcome", "maybe"],
                     ["next", item, "call"], ["next", item], ["next", item, "call", "--on", "soon"], ["next", item, "", "--on", "2024-09-01"],
                     ["assign", item], ["assign", item, "rose", "--nobody"], ["assign", item, ""], ["queue", "--owner", "x", "--unowned"]):
            self.assertEqual(self.run_interval(*args).status, 2, args)


if __name__ == "__main__":
    harness.main()
