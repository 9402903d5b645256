#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Guidelines as their writer and as the follow-up desk meet them."""
import re

import harness

GUIDELINES = harness.SOURCE / "config/guidelines"
NODULE = ("HISTORY: Cough.\nFINDINGS: 7 mm solid nodule in the left lower lobe.\n"
          "IMPRESSION: Solitary pulmonary nodule. Follow-up chest CT is recommended.")


class Writing(harness.Case):
    def test_all_that_ships_is_complete(self):
        answer = self.ok("guideline", "check", "--json").json
        ours = [g for g in answer if "guideline" in g]
        self.assertGreaterEqual(len(ours), 18)
        self.assertEqual([g["guideline"] for g in ours if not g["complete"] or g["faults"]], [])
        self.assertEqual({g["sign_off"] for g in ours}, {"required"})

    def spoil(self, *changes, name="fleischner-2017"):
        text = (GUIDELINES / f"{name}.xml").read_text()
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after, 1)
        return self.write(f"{name}.xml", text)

    def test_faults_are_named_with_file_line_and_region(self):
        for changes, line, words in (
                ([('from="6" to="8"/><when var="risk" is="low"', 'from="7" to="8"/><when var="risk" is="low"')], None,
                 "gap: age >= 35 years, known cancer: no, immunosuppressed: no, lung cancer screening: no, density solid, "
                 "number of nodules single, size = 6 mm, risk of lung cancer low: no rule, so no end point"),
                ([('below="6"/><when var="risk" is="low"', 'to="6"/><when var="risk" is="low"')], 54, "overlap: "),
                ([('end="optional-12"', 'end="optional"')], 53, '"optional", which is no end point'),
                ([('<end id="none"', '<end id="lone" kind="none" text="x"/><end id="none"')], None,
                 "unreachable: no case comes to the end point lone")):
            path = self.spoil(*changes)
            answer = self.run_interval("guideline", "check", path)
            self.assertEqual(answer.status, 3)
            self.assertIn(words, answer.out)
            self.assertRegex(answer.out, rf"(?m)^{re.escape(str(path))}:{line or r'[0-9]+'}: error: ")
            self.assertIn(f"FAULTY {path}", answer.out)

    def test_what_breaks_the_schema_exits_with_3(self):
        for change in ((('size" fact="mean-size" type="number"', 'size" type="length"')), ('year="2017"', 'year="17"'),
                       ("</guideline>", ""), ("<rules>", "<rulez>")):
            answer = self.run_interval("guideline", "check", self.spoil(change))
            self.assertEqual((answer.status, answer.out), (3, ""))
            self.assertRegex(answer.err, r"fleischner-2017\.xml:\d+: ")
        self.assertEqual(self.run_interval("guideline", "check", "no-such-file").status, 3)
        self.assertEqual(self.run_interval("guideline", "check", self.write("other.xml", "<zoo/>")).status, 3)

    def run_case(self, name, *facts, **options):
        more = [word for fact in facts for word in ("--set", fact)]
        more += [word for key, value in options.items() for word in ("--" + key, value)]
        return self.ok("guideline", "run", name, *more, "--json").json

    def test_a_case_from_the_command_line(self):
        answer = self.run_case("fleischner-2017", "age=60", "cancer-history=no", "immunosuppressed=no", "screening=no",
                               "density=solid", "count=single", "size=0.7cm", "risk=high", on="2024-01-31")
        self.assertEqual(answer["end"]["id"], "6-12-then-18-24")
        self.assertEqual(answer["rule"]["id"], "solid-single-medium-high")
        self.assertEqual((answer["rule"]["year"], answer["rule"]["where"]), (2017, "Table 1"))
        self.assertIn("MacMahon", answer["rule"]["source"])
        self.assertEqual([(v["from"], v["until"]) for v in answer["calendar"]],
                         [("2024-07-31", "2025-01-31"), ("2025-07-31", "2026-01-31")])
        self.assertEqual(answer["questions"], [])

    def test_what_is_not_known_becomes_a_question_where_it_matters(self):
        answer = self.run_case("acr-pancreas-2017", "age=70", "size=12mm", "high-risk-feature=no")
        self.assertEqual(answer["end"]["id"], "2y-5")  # whether it communicates does not matter here
        answer = self.run_case("acr-pancreas-2017", "age=70", "size=17mm", "high-risk-feature=no")
        self.assertIsNone(answer["end"])
        self.assertEqual([q["variable"] for q in answer["questions"]], ["communicates"])
        self.assertEqual({e["id"] for e in answer["possible"]}, {"1y-5-2y-2", "6m-4-1y-2-2y-3"})

    def test_nearly_six_is_six_only_where_the_guideline_rounds(self):
        common = ("age=60", "cancer-history=no", "immunosuppressed=no", "screening=no", "density=ground-glass", "count=single")
        for size, end in (("5.4mm", "none"), ("5.5mm", "6-12-then-2-yearly"), ("5.9mm", "6-12-then-2-yearly")):
            self.assertEqual(self.run_case("fleischner-2017", *common, f"size={size}")["end"]["id"], end)
        for size, end in (("5.99mm", "ct-12"), ("6mm", "ct-3")):
            self.assertEqual(self.run_case("bts-2015", "volumetry=no", f"size={size}")["end"]["id"], end)

    def test_bad_values_are_wrong_usage(self):
        for facts in (("size=big",), ("size=7kg",), ("size=300",), ("colour=red",), ("size",), ("risk=some",), ("=7",)):
            answer = self.run_interval("guideline", "run", "fleischner-2017", "--set", *facts)
            self.assertEqual(answer.status, 2, (facts, answer.out, answer.err))

    def test_growth_by_the_guidelines_own_definition(self):
        def grown(*args):
            return self.ok("guideline", "grown", *args, "--json").json["growth"][0]["grown"]
        self.assertTrue(grown("fleischner-2017", "6mm", "8mm"))
        self.assertFalse(grown("fleischner-2017", "6mm", "7.9mm"))
        self.assertFalse(grown("lung-rads-2022", "6mm", "7.5mm", "--days", "200"))
        self.assertIsNone(grown("lung-rads-2022", "6mm", "8mm"))
        self.assertEqual(self.run_interval("guideline", "grown", "fleischner-2017", "6", "many").status, 2)

    def test_list_names_what_is_installed(self):
        names = {g["guideline"] for g in self.ok("guideline", "list", "--json").json}
        self.assertLessEqual({path.stem for path in GUIDELINES.glob("*.xml")} & {"fleischner-2017", "ti-rads-2017"}, names)
        self.assertIn("fleischner-2017", self.ok("guideline", "list").out)


class Following(harness.Case):
    def nodule(self, text=NODULE, birth="19600101", day="20240131"):
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", day, text, birth=birth)))

    def only(self, as_of="2024-03-01"):
        items = self.items(as_of)
        self.assertEqual(len(items), 1)
        return items[0]

    def test_a_proposal_until_a_person_accepts_it(self):
        self.nodule()
        item = self.only()
        self.assertEqual((item["status"], item["source"]), ("needs-interval", "report"))
        proposed = item["proposed_interval"]
        self.assertEqual(proposed["interval"], ["P6M", "P1Y"])
        self.assertEqual((proposed["guideline"], proposed["version"]), ("fleischner-2017", "1.0.0"))
        self.assertEqual(proposed["rule"], "solid-single-medium-low or solid-single-medium-high")
        self.assertIn("MacMahon", proposed["source"])
        self.assertIn("known cancer: no", proposed["assumed"])
        self.assertFalse(proposed["definite"])
        self.assertEqual([q["fact"] for q in item["questions"]], ["risk"])
        why = self.ok("why", item["id"]).out
        self.assertIn("fleischner-2017 proposes", why)
        self.assertIn("7 mm", why)
        shown = self.ok("worklist", "--as-of", "2024-03-01").out
        self.assertIn("needs a clinician's sign-off", shown)
        self.ok("set-interval", item["id"], "proposed", "--by", "desk", "--at", "2024-02-10")
        item = self.only()
        self.assertEqual((item["status"], item["due_from"], item["due_until"]), ("not-due", "2024-07-31", "2025-01-31"))
        self.assertIsNone(item["proposed_interval"])

    def test_nothing_proposed_cannot_be_accepted(self):
        self.nodule("IMPRESSION: Abnormality. Follow-up CT of the chest is recommended.")
        item = self.only()
        self.assertIsNone(item["proposed_interval"])
        self.assertEqual(self.run_interval("set-interval", item["id"], "proposed").status, 2)

    def test_a_fact_answers_from_the_day_it_was_told(self):
        self.nodule(NODULE + " If the patient is a smoker, referral to pulmonology is recommended.")
        before = {i["kind"]: i for i in self.items("2024-03-01")}
        self.assertEqual(before["referral"]["status"], "awaiting-condition")
        self.assertEqual([q["fact"] for q in before["referral"]["questions"]], ["smoking"])
        answer = self.ok("fact", "SYNTH1", "smoking=never", "risk=high", "--by", "desk", "--at", "2024-03-05", "--json").json
        self.assertEqual(answer["facts"], ["smoking=never", "risk=high"])
        self.assertEqual({i["kind"]: i["status"] for i in self.items("2024-03-04")}["referral"], "awaiting-condition")
        after = {i["kind"]: i for i in self.items("2024-03-06")}
        self.assertEqual((after["referral"]["status"], after["referral"]["reason"]), ("closed", "condition-unmet"))
        self.assertEqual(after["imaging"]["proposed_interval"]["rule"], "solid-single-medium-high")
        state = self.state()
        self.ok("rebuild")
        self.assertEqual(self.state(), state)

    def test_a_fact_of_one_item(self):
        self.nodule("IMPRESSION: Thyroid nodule. Thyroid ultrasound is recommended.")
        item = self.only()
        self.assertIn("size", [q["fact"] for q in item["questions"]])
        self.ok("fact", "SYNTH1", "size=2cm", "--item", item["id"][:6], "--at", "2024-02-01")
        self.assertEqual(self.only()["proposed_interval"]["guideline"], "acr-thyroid-2015")

    def test_bad_facts_are_wrong_usage(self):
        self.nodule()
        for args in (("SYNTH1", "smoking=perhaps"), ("SYNTH1", "colour=red"), ("SYNTH1", "smoking"), ("NOBODY", "smoking=never"),
                     ("SYNTH1", "size=7kg"), ("SYNTH1", "size=7mm", "--item", "zzz"), ("SYNTH1", "age=70", "--at", "once")):
            answer = self.run_interval("fact", *args)
            self.assertEqual(answer.status, 2, (args, answer.out, answer.err))

    def test_disagreement_is_flagged_and_changes_nothing(self):
        self.nodule("IMPRESSION: Abdominal aortic aneurysm of 4.2 cm. Aortic ultrasound in 3 years is recommended.")
        item = self.only()
        self.assertEqual((item["status"], item["interval"], item["source"]), ("not-due", ["P3Y", "P3Y"], "report"))
        self.assertEqual(item["disagreement"]["interval"], ["P1Y", "P1Y"])
        self.assertEqual(item["disagreement"]["guideline"], "aaa-svs-2018")
        self.assertIsNone(item["proposed_interval"])

    def configured(self, apply):
        text = (harness.SOURCE / "config/interval.xml").read_text()
        text = re.sub(r'<guidelines [^>]*/>', apply, text)
        return self.write("interval.xml", text)

    def test_applied_only_where_the_configuration_says_so(self):
        config = self.configured('<guidelines apply="fleischner-2017" assume="true"/>')
        self.ok("--config", config, "import",
                self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240131", NODULE)))
        self.ok("--config", config, "fact", "SYNTH1", "risk=high", "--at", "2024-02-01")
        item = self.ok("--config", config, "worklist", "--all", "--json", "--as-of", "2024-03-01").json[0]
        self.assertEqual((item["status"], item["source"], item["guideline"]), ("not-due", "guideline", "fleischner-2017"))
        self.assertEqual((item["due_from"], item["due_until"]), ("2024-07-31", "2025-01-31"))
        # Under other rules the worklist is another one at once, today's kept one too.
        today = [i["status"] for i in self.ok("worklist", "--all", "--json").json]
        self.assertEqual(today, ["needs-interval"])
        today = [i["source"] for i in self.ok("--config", config, "worklist", "--all", "--json").json]
        self.assertEqual(set(today), {"guideline"})
        wrong = self.configured('<guidelines apply="fleischer"/>')
        answer = self.run_interval("--config", wrong, "worklist")
        self.assertEqual(answer.status, 3)
        self.assertIn('no guideline is called "fleischer"', answer.err)


if __name__ == "__main__":
    harness.main()
