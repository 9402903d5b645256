#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""verify, rebuild, backup, restore; and that changed evidence is noticed."""
import pathlib
import os
import sqlite3

import harness

REPORT = "IMPRESSION: Nodule. Follow-up CT of the chest is recommended in 6 months."


class Maintenance(harness.Case):
    def setUp(self):
        super().setUp()
        self.ok("import", self.write("m.hl7", *(harness.oru(f"SYNTH{i}", f"A{i}", f"202401{i + 10}", REPORT) for i in range(9))))

    def test_rebuild_gives_the_same_state(self):
        before, items = self.state(), self.items()
        self.assertEqual(self.ok("rebuild", "--json").json["state"], before)
        self.assertEqual(self.items(), items)

    def test_rebuild_mends_a_lost_cache(self):
        before = self.state()
        with sqlite3.connect(self.db) as db:
            for table in ("followup", "patient", "evidence_patient", "image", "image_group", "study_key", "family_state"):
                db.execute(f"DELETE FROM {table}")
        self.assertEqual(self.ok("rebuild", "--json").json["state"], before)

    def test_evidence_cannot_be_changed_unnoticed(self):
        self.ok("import", self.write("again.hl7", harness.oru("SYNTH0", "A0", "20240110", REPORT)))  # a second place
        with sqlite3.connect(self.db) as db:
            for change in ("UPDATE evidence SET known = '2020-01-01' WHERE seq = 3", "DELETE FROM evidence",
                           "UPDATE raw SET bytes = x'00'", "DELETE FROM raw", "UPDATE location SET path = ''",
                           "DELETE FROM location"):
                with self.assertRaises(sqlite3.IntegrityError, msg=change):
                    db.execute(change)
            db.execute("DROP TRIGGER evidence_no_update")
            db.execute("UPDATE evidence SET known = '2020-01-01' WHERE seq = 3")
        answer = self.run_interval("verify")
        self.assertEqual(answer.status, 4)
        self.assertIn("changed after it was written", answer.out)

    def test_backup_and_restore(self):
        before = self.state()
        copy = self.folder / "copy.db"
        self.ok("backup", copy)
        self.assertEqual(self.run_interval("backup", copy).status, 2)
        self.ok("import", self.write("n.hl7", harness.oru("SYNTH77", "A77", "20240301", REPORT)))
        self.assertNotEqual(self.state(), before)
        kept = self.ok("restore", copy, "--json").json["before"]
        self.assertEqual(self.state(), before)
        self.assertEqual(len(self.items(None, "SYNTH1")), 1)
        self.assertNotEqual(self.ok("verify", "--json", db=kept).json["state"], before)

    def test_restore_refuses_what_is_no_database(self):
        bad = self.folder / "bad.db"
        bad.write_bytes(b"x" * 5000)
        before = self.state()
        self.assertEqual(self.run_interval("restore", bad).status, 4)
        self.assertEqual(self.run_interval("restore", self.folder / "missing").status, 2)
        self.assertEqual(self.state(), before)

    def test_a_damaged_database_can_be_restored(self):
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", "Recommend chest CT in 6 months.")))
        before = self.state()
        self.ok("backup", self.folder / "copy.db")
        for path in self.folder.glob("interval.db*"):
            path.write_bytes(os.urandom(5000))
        self.assertEqual(self.run_interval("verify").status, 4)
        answer = self.ok("restore", self.folder / "copy.db", "--json").json
        self.assertEqual(pathlib.Path(answer["before"]).stat().st_size, 5000)
        self.assertEqual(self.state(), before)

    def test_nobody_else_may_read_a_database_or_a_copy(self):
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", "Normal.")))
        self.ok("backup", self.folder / "copy.db")
        self.ok("restore", self.folder / "copy.db")
        for path in self.folder.glob("*.db*"):
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    def test_reports_not_read_are_told(self):
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", "Recommend chest CT in 6 months.")))
        db = sqlite3.connect(self.db)
        db.execute("UPDATE job SET state = 'running', owner = '2147483646 1', records = NULL")
        db.commit()
        answer = self.ok("worklist")
        self.assertEqual(answer.err, "")
        self.assertEqual(self.ok("verify", "--json").json["open_jobs"], 0)
        start = pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19]
        db.execute("UPDATE job SET state = 'running', owner = ?", (f"{os.getpid()} {start}",))
        db.commit()
        self.assertIn("not read yet", self.ok("worklist").err)
        db.execute("UPDATE job SET state = 'quarantined', message = 'it crashed', records = NULL")
        db.commit()
        self.assertIn("could not be read", self.ok("worklist").err)
        answer = self.run_interval("verify", "--json")
        self.assertEqual(answer.status, 1)
        self.assertEqual(answer.json["failed"][0]["reason"], "it crashed")
        self.assertIn("it crashed", answer.err)


if __name__ == "__main__":
    harness.main()
