#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Priors of a study, and of two descriptions without any study."""
import json

import harness


class Priors(harness.Case):
    def exam(self, accession, day, exam, modality="CT"):
        self.ok("import", self.write(f"{accession}.hl7",
                                     harness.oru("SYNTH1", accession, day, "Normal.", exam=exam, modality=modality)))

    def test_the_oldest_comparable_one_is_offered_beside_the_latest(self):
        self.exam("NOW", "20240601", "CT CHEST W")
        self.exam("LATE", "20240101", "CT THORAX WO")
        self.exam("MID", "20220101", "CT CHEST")
        self.exam("OLD", "20190101", "CT CHEST ABD PELVIS")
        self.exam("FILM", "20150101", "CXR", "XR")
        self.exam("HEAD", "20140101", "CT HEAD")
        self.exam("AFTER", "20250101", "CT CHEST")
        roles = {p["accession"]: p["role"] for p in self.ok("priors", "NOW", "--json").json}
        self.assertEqual(roles, {"LATE": "latest", "MID": None, "OLD": "oldest", "FILM": None, "HEAD": None, "AFTER": None})
        text = self.ok("priors", "NOW").out
        self.assertRegex(text, r"(?m)^relevant.*\blatest\b.*LATE$")
        self.assertRegex(text, r"(?m)^relevant.*\boldest\b.*OLD$")

    def test_a_film_is_offered_where_there_is_no_ct(self):
        self.exam("NOW", "20240601", "CT CHEST W")
        self.exam("FILM", "20150101", "CXR", "XR")
        self.assertEqual(self.ok("priors", "NOW", "--json").json[0]["role"], "latest")

    def test_two_descriptions_are_judged_without_a_database(self):
        answer = self.ok("priors", "--description", "CT CHEST W CONTRAST", "--prior-description", "XR CHEST PA/LAT", "--json").json
        self.assertTrue(answer["relevant"])
        self.assertIn("Both exams show the chest.", answer["reasons"])
        self.assertEqual(answer["current"]["contrast"], "with")
        self.assertEqual((answer["prior"]["views"], answer["prior"]["projections"]), (2, ["pa", "lateral"]))
        self.assertFalse(self.db.exists())
        text = self.ok("priors", "--description", "MRI BRAIN", "--prior-description", "MRI L SPINE WO").out
        self.assertTrue(text.startswith("not relevant"), text)

    def test_json_lines(self):
        pair = {"id": 7, "current": {"description": "US RUQ"}, "prior": {"description": "CT ABD/PEL W/O"}}
        answer = self.run_interval("priors", "--jsonl", stdin=json.dumps(pair) + '\n{"current": {}}\n')
        self.assertEqual(answer.status, 1)
        self.assertIn("line 2", answer.err)
        lines = [json.loads(line) for line in answer.out.splitlines()]
        self.assertEqual((lines[0]["id"], lines[0]["relevant"]), (7, True))
        self.assertIn("description", lines[1]["error"])

    def test_wrong_usage(self):
        for args in ((), ("--description", "CT CHEST"), ("A1", "--description", "CT CHEST", "--prior-description", "CXR"),
                     ("--description", "CT CHEST", "--prior-description", "CXR", "--date", "soon"),
                     ("--description", "CT CHEST", "--prior-description", "CXR", "--modality", "QQ")):
            self.assertEqual(self.run_interval("priors", *args).status, 2, args)

    def test_playbook_codes_are_understood_by_the_sites_own_csv(self):
        self.write("playbook.csv", "RPID900001,A,CT Chest wo,CT Chest wo IV Contrast\n")
        config = self.folder / "interval.xml"
        config.write_text('<interval xmlns="urn:interval:config:1"><playbook file="playbook.csv"/></interval>')
        for accession, day in (("A1", "20240101"), ("A2", "20230101")):
            message = harness.oru("SYNTH1", accession, day, "Normal.", exam="ROUTINE STUDY^L^RPID900001", modality="")
            self.ok("--config", config, "import", self.write("x.hl7", message))
        prior = self.ok("--config", config, "priors", "A1", "--json").json[0]
        self.assertEqual((prior["modality"], prior["region"], prior["relevant"]), ("CT", "chest", True))
        config.write_text('<interval xmlns="urn:interval:config:1"><playbook file="none.csv"/></interval>')
        answer = self.run_interval("--config", config, "priors", "A1")
        self.assertEqual(answer.status, 3)
        self.assertIn("none.csv", answer.err)


if __name__ == "__main__":
    harness.main()
