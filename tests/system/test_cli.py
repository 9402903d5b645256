#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line itself: exit codes, --json, help, standard input, bad usage."""
import json
import subprocess

import harness


class CommandLine(harness.Case):
    def test_help_lists_every_command_of_the_contract(self):
        out = self.ok("--help").out
        for word in ("import report\\ add parse worklist why close reopen set-interval condition confirm reject note "
                     "priors compare register timeline procedure\\ add healing plugin\\ list plugin\\ check plugin\\ run "
                     "plugin\\ new config\\ check verify rebuild backup restore").replace("\\ ", "\0").split():
            self.assertIn(word.replace("\0", " "), out)

    def test_usage_errors_exit_with_2(self):
        for args in (["nothing"], ["worklist", "--as-of", "yesterday"], ["worklist", "--nonsense"], ["why"],
                     ["close", "abc"], ["worklist", "--status", "late"], ["why", "zzzzzz"], ["priors", "no-such"],
                     ["timeline", "nobody"], ["condition", "abc", "maybe"], ["import"], ["--db"]):
            answer = self.run_interval(*args)
            self.assertEqual(answer.status, 2, (args, answer.err))
            self.assertTrue(answer.err.startswith("interval: "), (args, answer.err))
            self.assertEqual(answer.out, "", args)

    def test_no_command_shows_help_and_exits_with_2(self):
        done = subprocess.run([harness.PROGRAM], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("worklist", done.stderr)

    def test_bad_configuration_exits_with_3_and_names_the_line(self):
        bad = self.folder / "interval.xml"
        bad.write_text('<?xml version="1.0"?>\n<interval xmlns="urn:interval:config:1">\n<followup>\n'
                       '<grace long="soon"/>\n</followup></interval>\n')
        answer = self.run_interval("--config", bad, "worklist")
        self.assertEqual(answer.status, 3)
        self.assertIn("interval.xml:4", answer.err)

    def test_configured_grace_moves_the_overdue_day(self):
        config = self.folder / "interval.xml"
        config.write_text('<interval xmlns="urn:interval:config:1"><followup><grace long="10"/></followup></interval>')
        self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", "Nodule. Recommend chest CT in 6 months."))
        self.ok("--config", config, "import", self.folder / "a.hl7")
        item = self.ok("--config", config, "worklist", "--all", "--json").json[0]
        self.assertEqual((item["due_until"], item["overdue_after"]), ("2024-07-10", "2024-07-20"))

    def test_damaged_database_exits_with_4(self):
        self.db.write_bytes(b"this is no database" * 100)
        self.assertEqual(self.run_interval("worklist").status, 4)
        self.assertEqual(self.run_interval("worklist", db="postgresql://localhost/x").status, 4)
        self.assertEqual(self.run_interval("worklist", db="/proc/nowhere/x.db").status, 4)

    def test_newer_database_exits_with_4_and_is_left_alone(self):
        import sqlite3
        self.ok("worklist")
        with sqlite3.connect(self.db) as db:
            db.execute("PRAGMA user_version = 99")
        answer = self.run_interval("worklist")
        self.assertEqual(answer.status, 4)
        self.assertIn("newer", answer.err)

    def test_database_of_another_program_is_refused(self):
        import sqlite3
        with sqlite3.connect(self.db) as db:
            db.execute("CREATE TABLE theirs (x)")
        self.assertEqual(self.run_interval("worklist").status, 4)

    def test_parse_reads_stdin_and_quotes_its_bytes(self):
        text = "IMPRESSION: Größe 8 mm nodule. Recommend follow-up CT chest in 3-6 months."
        found = self.ok("parse", "--json", stdin=text).json["recommendations"]
        self.assertEqual(len(found), 1)
        self.assertEqual(text.encode()[found[0]["start"]:found[0]["end"]].decode(), found[0]["text"])
        self.assertEqual(found[0]["interval"], ["P3M", "P6M"])

    def test_parse_jsonl_answers_a_line_each_and_survives_a_bad_one(self):
        feed = '{"id": 1, "text": "Recommend chest CT in 6 months."}\nno json\n{"id": "b", "text": ""}\n'
        answer = self.run_interval("parse", "--jsonl", "--json", stdin=feed)
        self.assertEqual(answer.status, 1)
        self.assertIn("line 2", answer.err)
        lines = [json.loads(line) for line in answer.out.splitlines()]
        self.assertEqual([line["id"] for line in lines], [1, None, "b"])
        self.assertIn("malformed", lines[1]["error"])
        self.assertIsNone(lines[1]["recommendations"])
        self.assertEqual(len(lines[0]["recommendations"]), 1)

    def test_json_and_errors_do_not_mix(self):
        path = self.write("bad.hl7", "MSH|^~\\&|X\r", harness.oru("SYNTH1", "A1", "20240110", "Normal."))
        answer = self.run_interval("import", path, self.folder / "missing", "--json")
        self.assertEqual(answer.status, 1)
        document = answer.json
        self.assertEqual(document["accepted"], 1)
        self.assertEqual(len(document["rejected"]), 2)
        for entry in document["rejected"]:
            self.assertIn(entry["path"], answer.err)
            self.assertTrue(entry["reason"])

    def test_full_output_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([harness.PROGRAM, "--db", self.db, "worklist"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    harness.main()
