#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file of the public samples: taken, or rejected by name with a reason that a person understands."""
import harness

FOLDERS = ("aim", "cda", "fhir", "hl7v2")
BLAME = ("crash", "signal", "deadline", "internal", "(null)")


class Samples(harness.Case):
    def walk(self, name):
        folder = harness.SHARED / name
        if not folder.is_dir():
            self.skipTest(f"{folder} is not there")
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        self.assertGreater(len(files), 0)
        refused = []
        for path in files:
            answer = self.run_interval("import", path, "--json")
            self.assertIn(answer.status, (0, 1), f"{path}: {answer.err}")
            said = answer.json
            self.assertGreater(said["accepted"] + said["duplicates"] + len(said["rejected"]), 0, path)
            self.assertEqual(said["failed"], [], path)
            for entry in said["rejected"]:
                self.assertTrue(entry["path"].startswith(str(path)), entry)
                self.assertGreater(len(entry["reason"].split()), 2, entry)
                self.assertFalse(any(word in entry["reason"] for word in BLAME), entry)
                refused.append((path.relative_to(folder), entry["reason"]))
        for path, reason in refused:
            print(f"{name}/{path}: {reason}")
        print(f"{name}: {len(files)} files, {len({p for p, _ in refused})} with something refused")
        self.assertTrue(self.ok("verify", "--json").json["sound"])
        return {str(p) for p, _ in refused}

    def test_aim(self):
        refused = self.walk("aim")
        self.assertFalse({p for p in refused if p.endswith((".xml", ".dcm"))})

    def test_cda(self):
        self.walk("cda")

    def test_fhir(self):
        refused = self.walk("fhir")
        self.assertFalse({p for p in refused if p.startswith("synthea/") and p.endswith(".json")})

    def test_hl7v2(self):
        refused = self.walk("hl7v2")
        self.assertFalse({p for p in refused if p.endswith(".hl7")})


if __name__ == "__main__":
    harness.main()
