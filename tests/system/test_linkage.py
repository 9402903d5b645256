#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""identity candidates: who may be whom, why, in any order of arrival; what is decided does not come again."""
import itertools
import random
import shutil

import harness

REPORT = "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months."
STREET = "12 Main Street^^Troy^MI^48085"
GOLDEN = harness.SOURCE / "plugins/aim/tests/golden/v3-one-line.aim"


def adt(patient, name, birth, sex="F", issuer="SYNTHA", address=STREET, phone="(248)555-0143", when="20240110120000"):
    pid = f"PID|1||{patient}^^^{issuer}^MR||{name}||{birth}|{sex}|||{address}||{phone}"
    return harness.message("ADT^A08", when, f"C{patient}{when}", pid)


class Linkage(harness.Case):
    def candidates(self, *more, **kind):
        return self.ok("identity", "candidates", "--json", *more, **kind).json

    def pairs(self, *more):
        return {(c["patient"]["id"], c["other"]["id"]): c for c in self.candidates(*more)}

    def clinic(self):
        """One woman in three hospitals, her twin, her mother of the same name, somebody else."""
        return [adt("SYNTH1", "MORREY^JOANNA^LEE", "19710523"),
                adt("SYNTH2", "Morrey^Joanna^Lee", "19710523", issuer="SYNTHB", address="12 Main St^^Troy^MI^48085",
                    phone="248-555-0143"),
                adt("SYNTH3", "MORREY^JOANNA", "19710528", issuer="SYNTHC"),
                adt("SYNTH4", "MORREY^CELESTE^LEE", "19710523", issuer="SYNTHB"),
                adt("SYNTH5", "MORREY^JOANNA", "19440201", issuer="SYNTHC"),
                adt("SYNTH6", "KOWALSKI^PETER", "19500107", "M", issuer="SYNTHC", address="9 Oak Ave^^Flint^MI^48503",
                    phone="(810)555-0111")]

    def test_zones_reasons_and_what_to_do(self):
        self.ok("import", self.write("c.hl7", *self.clinic()))
        pairs = self.pairs()
        same = pairs["SYNTH1", "SYNTH2"]
        self.assertEqual((same["zone"], same["corroborated"], same["guards"]), ("certain", True, []))
        self.assertEqual(same["if_same"], "interval identity link SYNTH1^^^SYNTHA SYNTH2^^^SYNTHB")
        self.assertEqual(same["if_different"], "interval identity unlink SYNTH1^^^SYNTHA SYNTH2^^^SYNTHB")
        self.assertEqual(same["patient"]["name"], "MORREY^JOANNA^LEE")
        levels = {r["field"]: r["level"] for r in same["reasons"]}
        self.assertEqual([levels[f] for f in ("family", "given", "birth-date", "street", "phone")], ["same"] * 5)
        self.assertAlmostEqual(sum(r["weight"] for r in same["reasons"]), same["weight"], delta=0.5)
        for pair, rule in ((("SYNTH1", "SYNTH3"), "slip"), (("SYNTH1", "SYNTH4"), "given"),
                           (("SYNTH1", "SYNTH5"), "birth-date"), (("SYNTH2", "SYNTH4"), "issuer")):
            self.assertEqual(pairs[pair]["zone"], "uncertain", pair)
            self.assertIn(rule, [g["rule"] for g in pairs[pair]["guards"]], pair)
        self.assertFalse([p for p in pairs if "SYNTH6" in p])
        weights = [c["weight"] for c in self.candidates("--zone", "uncertain")]
        self.assertEqual(weights, sorted(weights, reverse=True))
        self.assertNotIn(("SYNTH1", "SYNTH2"), self.pairs("--zone", "uncertain"))
        self.assertEqual(len(self.pairs("--min-weight", "1000")), 0)
        self.assertEqual({p for p in self.pairs("--patient", "SYNTH4")}, {p for p in pairs if "SYNTH4" in p})
        words = self.ok("identity", "candidates").out
        self.assertIn("birth date agrees +", words)
        self.assertIn("twins", words)
        self.assertIn("same person: interval identity link SYNTH1^^^SYNTHA SYNTH2^^^SYNTHB", words)

    def test_what_is_decided_does_not_come_again(self):
        self.ok("import", self.write("c.hl7", *self.clinic()[:4]))
        self.ok("identity", "link", "SYNTH1", "SYNTH2")
        self.ok("identity", "unlink", "SYNTH1", "SYNTH4")
        # SYNTH1 and SYNTH2 are one person now: what was said of the one holds for the other.
        self.assertEqual(set(self.pairs()), {("SYNTH1", "SYNTH3"), ("SYNTH3", "SYNTH4")})
        self.ok("identity", "unlink", "SYNTH1", "SYNTH2")
        self.assertNotIn(("SYNTH1", "SYNTH2"), self.pairs())
        self.assertIn(("SYNTH2", "SYNTH3"), self.pairs())
        before = self.candidates()
        self.ok("rebuild")
        self.assertEqual(self.candidates(), before)
        self.ok("identity", "link", "SYNTH4", "SYNTH1")
        self.assertNotIn(("SYNTH1", "SYNTH4"), self.pairs())

    def test_merges_decide_too(self):
        a40 = harness.message("ADT^A40^ADT_A39", "20240801100000", "X1", "PID|1||SYNTH1^^^SYNTHA^MR",
                              "MRG|SYNTH2^^^SYNTHB^MR")
        self.ok("import", self.write("c.hl7", *self.clinic()[:2], a40))
        self.assertEqual(self.pairs(), {})

    def test_any_order_of_arrival_gives_the_same_candidates(self):
        messages = self.clinic() + [adt("SYNTH3", "FOX-MORREY^JO", "19710523", issuer="SYNTHC", when="20240201120000"),
                                    adt("SYNTH6", "MORREY^PETER", "19500107", "M", issuer="SYNTHC", when="20240301120000")]
        seen = []
        orders = random.Random(11).sample(list(itertools.permutations(range(len(messages)))), 8)
        for n, order in enumerate(orders):
            self.db = self.folder / f"{n}.db"
            half = n % (len(messages) - 1) + 1
            self.ok("import", self.write("a.hl7", *(messages[i] for i in order[:half])))
            if n % 2:
                self.candidates()
            self.ok("import", self.write("b.hl7", *(messages[i] for i in order[half:])))
            self.ok("import", self.write("b.hl7", *(messages[i] for i in order[half:])))
            seen.append(self.candidates())
        self.assertGreater(len(seen[0]), 4)
        for other in seen[1:]:
            self.assertEqual(other, seen[0])

    def test_fields_of_hl7_reach_the_comparison(self):
        kin = "NK1|1|TODD^PAT|MTH"
        self.ok("import", self.write(
            "k.hl7",
            harness.message("ADT^A08", "20240110120000", "K1",
                            "PID|1||SYNTH1^^^SYNTHA^MR~99887766^^^MI^MA||WISE^ALKIRA~TODD^ALKIRA|LARSSEN|20071216|F"
                            "|||||||||||123-45-6780|||||Y|1", kin),
            harness.message("ADT^A08", "20240110120000", "K2",
                            "PID|1||SYNTH2^^^SYNTHB^MR~99887766^^^MI^MA||TODD^ALKIRA|LARSSEN|20071216|F"
                            "|||||||||||123456780|||||Y|2", kin)))
        pair = self.pairs()["SYNTH1", "SYNTH2"]
        levels = {r["field"]: r["level"] for r in pair["reasons"]}
        for field in "family", "given", "mother", "contact", "national-id", "insurance":
            self.assertEqual(levels.get(field), "same", field)
        self.assertIn("birth-order", [g["rule"] for g in pair["guards"]])

    def test_images_of_another_id(self):
        """Measurements filed under one id, their images under another that bears nothing else."""
        study = harness.message(
            "ORU^R01^ORU_R01", "20250313120000", "M1", "PID|1||SYNTH77^^^SYNTH^MR", "ORC|RE|P1|A1",
            "OBR|1|P1|A1|X^CT CHEST|||20250313093000" + "|" * 15 + "20250313120000||CT|F",
            "OBX|1|TX|RPT^Report^L||Nodule.||||||F", "ZDS|1.2.3.4.10^^Application^DICOM")
        self.ok("import", self.write("s.hl7", study))
        self.assertEqual(self.candidates(), [])
        self.ok("import", GOLDEN)
        found = self.candidates()
        self.assertEqual([(c["patient"]["id"], c["other"]["id"], c["zone"]) for c in found],
                         [("SYNTH01", "SYNTH77", "uncertain")])
        self.assertTrue(any(r["field"] == "reference" and "1.2.3.4.10" in r["text"] for r in found[0]["reasons"]))
        self.ok("identity", "link", "SYNTH77", "SYNTH01")
        self.assertEqual(self.candidates(), [])

    def test_a_study_under_two_ids(self):
        """The report under one id, a second one under another: a UID is one study the world over, an accession is not."""
        def oru(patient, control, uid):
            return harness.message(
                "ORU^R01^ORU_R01", "20250313120000", control, f"PID|1||{patient}^^^{patient}A^MR", "ORC|RE|P1|A1",
                "OBR|1|P1|A1|X^CT CHEST|||20250313093000" + "|" * 15 + "20250313120000||CT|F",
                f"OBX|1|TX|RPT^Report^L||Nodule {control}.||||||F", f"ZDS|{uid}^^Application^DICOM")
        self.ok("import", self.write("u.hl7", oru("SYNTH1", "M1", "1.2.3.10"), oru("SYNTH2", "M2", "1.2.3.10"),
                                     oru("SYNTH3", "M3", "1.2.3.11")))
        found = self.candidates()
        self.assertEqual([(c["patient"]["id"], c["other"]["id"]) for c in found], [("SYNTH1", "SYNTH2")])
        self.assertIn("study 1.2.3.10 lies under both", [r["text"] for r in found[0]["reasons"]])

    def test_public_lung_cases(self):
        folder = harness.SHARED / "aim"
        if not folder.is_dir():
            self.skipTest(f"{folder} is not there")
        self.ok("import", *sorted(folder.glob("00*")))
        pairs = {(c["patient"]["id"], c["other"]["id"]) for c in self.candidates()}
        self.assertEqual(pairs, {("1.3.6.1.4.1.9328.50.1.0022", "409978"), ("1.3.6.1.4.1.9328.50.1.0024", "23456"),
                                 ("1.3.6.1.4.1.9328.50.1.0028", "54321")})

    def configured(self, before, after):
        shutil.copytree(harness.SOURCE / "config", self.folder / "config")
        path = self.folder / "config/linkage.xml"
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after))
        return "--config", self.folder / "config/interval.xml"

    def test_automatic_links_are_evidence_and_can_be_taken_back(self):
        config = self.configured('automatic="false"', 'automatic="corroborated"')
        messages = self.clinic()[:4] + [harness.message(
            "ORU^R01^ORU_R01", "20240111120000", "R1", "PID|1||SYNTH2^^^SYNTHB^MR", "ORC|RE|P1|A1",
            "OBR|1|P1|A1|X^CT CHEST|||20240110110000" + "|" * 15 + "20240111120000||CT|F",
            f"OBX|1|TX|RPT^Report^L||{REPORT}||||||F")]
        states = []
        for n in range(3):
            self.db = self.folder / f"auto{n}.db"
            random.Random(n).shuffle(messages)
            self.ok(*config, "import", self.write("m.hl7", *messages))
            states.append(self.state())
            self.assertEqual(len(self.items("2024-12-01", "SYNTH1")), 1)
            self.assertEqual(self.items("2024-12-01", "SYNTH3"), [])
        self.assertEqual(len(set(states)), 1)
        self.assertNotIn(("SYNTH1", "SYNTH2"), self.pairs())
        self.ok("identity", "unlink", "SYNTH1", "SYNTH2")
        self.assertEqual(self.items("2030-12-01", "SYNTH1"), [])
        # A person's word stands: the next import does not link them again.
        self.ok(*config, "import", self.write("n.hl7", *self.clinic()[5:]))
        self.assertEqual(self.items("2030-12-01", "SYNTH1"), [])

    def test_all_that_is_certain_may_be_linked(self):
        """Name, birth date, sex and address alone: certain, not corroborated."""
        config = self.configured('automatic="false"', 'automatic="certain"')
        alike = [adt(f"SYNTH{n}", "ZAHN^UTE", "19800102", issuer=f"SYNTH{n}H", phone="") for n in (1, 2)]
        self.ok("import", self.write("a.hl7", *alike))
        pair = self.pairs()["SYNTH1", "SYNTH2"]
        self.assertEqual((pair["zone"], pair["corroborated"]), ("certain", False))
        self.ok(*config, "import", self.write("c.hl7", *self.clinic()[3:]))
        self.assertNotIn(("SYNTH1", "SYNTH2"), self.pairs())

    def test_nothing_is_linked_by_itself(self):
        self.ok("import", self.write("c.hl7", *self.clinic()))
        for patient in "SYNTH1", "SYNTH2":
            self.assertEqual(len(self.ok("timeline", patient, "--json").json["events"]), 0)
        self.assertIn(("SYNTH1", "SYNTH2"), self.pairs())

    def test_configuration_is_checked(self):
        config = self.configured('<level name="same" m="0.85" u="0.003"/>',
                                 '<level name="same" m="1.85" u="0.003"/>')
        answer = self.run_interval(*config, "config", "check")
        self.assertEqual(answer.status, 3)
        self.assertIn("linkage.xml", answer.err)

    def test_usage(self):
        self.assertEqual(self.candidates(), [])
        self.assertEqual(self.run_interval("identity", "candidates", "--zone", "maybe").status, 2)
        self.assertEqual(self.run_interval("identity", "candidates", "--min-weight", "heavy").status, 2)
        self.assertEqual(self.run_interval("identity", "candidates", "--patient", "NOBODY").status, 2)


if __name__ == "__main__":
    harness.main()
