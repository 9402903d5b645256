#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line itself: exit codes, --json, help, standard input, bad usage."""
import os
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

    def test_a_slip_is_answered_with_the_nearest_word(self):
        for args, meant in ((["worklst"], "`interval worklist`"), (["report"], "`interval report add`"),
                            (["worklist", "--stat", "due"], "--status"), (["worklist", "--limt", "3"], "--limit")):
            answer = self.run_interval(*args)
            self.assertEqual(answer.status, 2)
            self.assertIn(f"did you mean {meant}?", answer.err)
        self.assertNotIn("did you mean", self.run_interval("frobnicate").err)

    def clinic(self):
        feed = [harness.oru(f"SYNTH{i}", f"A{i}{k}", "20240110", text, exam=exam, name=name)
                for i, name in enumerate(("MÜLLER^JÜRGEN", "山田^太郎"), 1)
                for k, (exam, text) in enumerate((("CT CHEST", "Nodule. Recommend chest CT in 6 months."),
                                                  ("US THYROID", "Nodule. Recommend thyroid ultrasound in 5 years.")))]
        self.write("a.hl7", *(m.replace("|P|2.5.1", "|P|2.5.1||||||UNICODE UTF-8") for m in feed))
        self.ok("import", self.folder / "a.hl7")

    def test_one_patient_stands_once_and_quiet_items_have_a_line(self):
        self.clinic()
        lines = self.ok("worklist", "--as-of", "2024-12-01").out.splitlines()
        self.assertEqual(sum(line.startswith("SYNTH1  MÜLLER, JÜRGEN, born") for line in lines), 1)
        overdue = [i for i, line in enumerate(lines) if line.lstrip().startswith("OVERDUE")]
        quiet = [i for i, line in enumerate(lines) if line.startswith("not-due")]
        self.assertEqual((len(overdue), len(quiet)), (2, 2))
        self.assertLess(max(overdue), min(quiet))

    def test_pages_follow_each_other(self):
        self.clinic()
        for day in ((), ("--as-of", "2024-12-01")):
            whole = [o["id"] for o in self.ok("worklist", *day, "--json").json]
            self.assertEqual(len(whole), 4)
            pages, after = [], ()
            while True:
                page = [o["id"] for o in self.ok("worklist", *day, "--limit", "3", *after, "--json").json]
                if not page:
                    break
                pages += page
                after = ("--after", page[-1])
            self.assertEqual(pages, whole)
            for n in range(6):
                skipped = self.ok("worklist", *day, "--offset", str(n), "--limit", "2", "--json").json
                self.assertEqual([o["id"] for o in skipped], whole[n:n + 2])
            self.assertEqual(self.run_interval("worklist", *day, "--after", "no-such").status, 2)

    def test_short_and_limit(self):
        self.clinic()
        short = self.ok("worklist", "--as-of", "2024-12-01", "--short", "--limit", "3").out
        self.assertIn("and 1 more", short)
        self.assertIn("2 overdue, 2 not-due", short, "the counts are of all of them")
        self.assertEqual(len(self.ok("worklist", "--as-of", "2024-12-01", "--limit", "3", "--json").json), 3)
        self.assertEqual(len(self.ok("worklist", "--as-of", "2024-12-01", "--limit", "0", "--json").json), 4)
        self.assertEqual(self.run_interval("worklist", "--limit", "few").status, 2)

    def test_a_terminal_of_80_columns_is_not_overrun(self):
        import fcntl, os, pty, struct, termios
        self.clinic()
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        with subprocess.Popen([harness.PROGRAM, "--db", self.db, "worklist", "--as-of", "2024-12-01"], stdout=follower,
                              stderr=subprocess.DEVNULL) as child:
            os.close(follower)
            seen = b""
            try:
                while piece := os.read(leader, 4096):
                    seen += piece
            except OSError:
                pass
            os.close(leader)
            self.assertEqual(child.wait(), 0)
        lines = seen.decode().replace("\r", "").splitlines()
        self.assertGreater(len(lines), 8)
        self.assertLessEqual(max(map(len, lines)), 80, lines)

    def test_a_decision_names_whose_item_it_touched(self):
        self.clinic()
        item = next(i for i in self.items("2024-12-01") if i["patient"]["id"] == "SYNTH1" and i["status"] == "overdue")["id"]
        closed = self.ok("close", item[:6], "--reason", "declined").out
        for word in ("MÜLLER, JÜRGEN", "CT chest", "closed: declined", f"interval reopen {item[:6]}"):
            self.assertIn(word, closed)
        self.assertIn("stays closed", self.ok("note", item, "called").out)
        self.assertIn(f"closed: declined, item {item[:6]}", self.ok("timeline", "SYNTH1").out)
        self.ok("reopen", item)
        self.assertIn("due 2024-03-10", self.ok("set-interval", item, "2m").out)
        self.assertIn("done-elsewhere", self.run_interval("close", item).err)

    def test_why_says_its_rules_in_words(self):
        self.clinic()
        why = self.ok("why", self.items("2024-12-01")[0]["id"], "--as-of", "2024-12-01").out
        self.assertIn("rule: a recommendation in a report opens an item [contract-3/item]", why)
        self.assertIn("dates are counted from", why)

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

    def test_text_that_is_not_utf8_is_refused_and_harms_nothing(self):
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", "Recommend chest CT in 6 months.")))
        item = self.items()[0]["id"]
        self.assertNotEqual(self.run_interval("note", item, os.fsdecode(b"caf\xe9")).status, 0)
        self.assertEqual(len(self.items()), 1)
        for name, content in ("latin.txt", b"caf\xe9"), ("nul.txt", b"Recommend CT\0 in 6 months."):
            (self.folder / name).write_bytes(content)
            answer = self.run_interval("report", "add", "--patient", "SYNTH1", "--date", "2024-02-01", self.folder / name)
            self.assertEqual(answer.status, 1)
            self.assertIn("not UTF-8", answer.err)
        self.assertEqual(len(self.items()), 1)

    def test_names_of_files_may_be_any_bytes(self):
        inputs = self.folder / "inputs"
        inputs.mkdir()
        path = os.fsencode(inputs) + b"/caf\xe9"
        with open(path, "wb") as f:
            f.write(b"no medical file")
        answer = self.run_interval("import", inputs, "--json")
        self.assertEqual(answer.status, 1)
        self.assertEqual(len(answer.json["rejected"]), 1)

    def test_what_is_decided_last_counts_also_within_one_second(self):
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", "Recommend chest CT in 6 months.")))
        item = self.items()[0]["id"]
        for _ in range(3):
            self.ok("close", item, "--reason", "declined")
            self.assertEqual(self.items()[0]["status"], "closed")
            self.ok("reopen", item)
            self.assertEqual(self.items()[0]["status"], "overdue")

    def test_hints_are_checked_before_anything_is_stored(self):
        (self.folder / "r.txt").write_text("Recommend chest CT in 6 months.")
        for bad in (["--patient", "", "--date", "2024-01-10"], ["--patient", "^^^X", "--date", "2024-01-10"],
                    ["--patient", "SYNTH1", "--date", "soon"], ["--patient", "SYNTH1", "--date", "2024-01-10", "--modality", "QQ"],
                    ["--patient", "SYNTH1", "--date", "2024-01-10", "--region", "nowhere"]):
            self.assertEqual(self.run_interval("report", "add", *bad, self.folder / "r.txt").status, 2, bad)
            self.assertEqual(self.run_interval("import", *bad[:4], self.folder).status in (1, 2), True, bad)
        self.assertEqual(self.ok("verify", "--json").json["evidence"], 0)


if __name__ == "__main__":
    harness.main()
