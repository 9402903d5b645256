#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well the loop is closed, and the patients behind every number."""
import harness

ASK = "4 mm nodule in the left upper lobe. Recommend follow-up chest CT in 6 months."


class Measures(harness.Case):
    def report(self, patient, accession, day, text="Normal.", reader="READER^ROSE"):
        message = harness.oru(patient, accession, day, text)
        # OBR-32 is seven fields after the status
        message = message.replace("||CT|F\r", f"||CT|F|||||||{reader}\r")
        self.ok("import", self.write(f"{accession}.hl7", message))

    def setUp(self):
        super().setUp()
        for patient in "12345":  # due 2024-07-10, window 2024-06-10 to 2024-09-08
            self.report(f"SYNTH{patient}", f"A{patient}", "20240110", ASK, "9^READER^ROSE" if patient < "4" else "8^OTHER^OTTO")
        self.report("SYNTH1", "B1", "20240715")
        self.report("SYNTH2", "B2", "20240920")
        self.item = {i["patient"]["id"]: i["id"] for i in self.items()}
        self.ok("close", self.item["SYNTH4"], "--reason", "not-indicated", "--at", "2024-06-20")

    def measures(self, *args):
        return self.ok("measures", "--json", *args).json

    def test_rates_and_who_is_behind_them(self):
        o = self.measures("--as-of", "2024-12-01")
        self.assertEqual((o["window"]["before_days"], o["window"]["after_days"]), (30, 60))
        rates = {k: (o["all"][k]["n"], o["all"][k]["of"]) for k in ("in_window", "adherence", "closed_loop", "interval_stated")}
        self.assertEqual(rates, {"in_window": (1, 4), "adherence": (1, 4), "closed_loop": (2, 4), "interval_stated": (4, 4)})
        behind = {b["patient"]["id"]: b["outcome"] for b in o["groups"][0]["behind"]}
        self.assertEqual(behind, {"SYNTH1": "in-window", "SYNTH2": "late", "SYNTH3": "missed", "SYNTH4": "not-applicable", "SYNTH5": "missed"})

    def test_what_is_not_over_is_in_no_window_rate(self):
        o = self.measures("--as-of", "2024-08-01")
        self.assertEqual((o["all"]["in_window"]["of"], o["all"]["in_window"]["rate"]), (0, None))
        self.assertEqual((o["all"]["adherence"]["n"], o["all"]["adherence"]["of"]), (1, 4))
        self.assertEqual(self.measures("--as-of", "2024-03-01")["all"]["outcomes"]["not-yet"], 5)

    def test_groups(self):
        o = self.measures("--as-of", "2024-12-01", "--by", "reader,region,period,site,modality")
        self.assertEqual(o["by"], ["reader", "region", "period", "site", "modality"])
        self.assertEqual([(g["reader"], g["region"], g["period"], g["site"], g["modality"], g["items"]) for g in o["groups"]],
                         [("OTHER^OTTO", "chest", "2024-Q1", "SYNTH", "CT", 2), ("READER^ROSE", "chest", "2024-Q1", "SYNTH", "CT", 3)])
        self.assertEqual(sum(g["items"] for g in o["groups"]), o["all"]["items"])
        self.assertEqual(self.measures("--by", "period", "--period", "month")["groups"][0]["period"], "2024-01")
        self.assertEqual(self.measures("--until", "2023-12-31")["all"]["items"], 0)

    def test_text_and_usage(self):
        text = self.ok("measures", "--as-of", "2024-12-01", "--by", "reader", "--patients").out
        self.assertRegex(text, r"all\s+5\s+1/4 25 % \(5-70\)")
        self.assertRegex(text, r"missed\s+SYNTH3")
        for args in (["--by", "colour"], ["--by", "reader,reader"], ["--period", "week"], ["--as-of", "soon"]):
            self.assertEqual(self.run_interval("measures", *args).status, 2, args)

    def test_the_window_is_configured(self):
        config = self.folder / "interval.xml"
        config.write_text('<interval xmlns="urn:interval:config:1"><measures before-days="0" after-days="90"/></interval>')
        o = self.ok("--config", config, "measures", "--json", "--as-of", "2024-12-01").json
        self.assertEqual(o["all"]["in_window"]["n"], 2)


if __name__ == "__main__":
    harness.main()
