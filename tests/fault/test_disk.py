#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that is full: a clear error, and nothing acknowledged is lost."""
import resource
import subprocess

import harness

REPORT = "Nodule. Follow-up CT of the chest is recommended in 6 months."


class Disk(harness.Case):
    def test_no_space_left(self):
        """RLIMIT_FSIZE stands for the full disk: writes beyond it fail."""
        self.ok("import", self.write("a.hl7", harness.oru("SYNTH1", "A1", "20240110", REPORT)))
        before = self.state()
        many = self.write("b.hl7", *(harness.oru(f"SYNTH{i}", f"B{i}", "20240110", REPORT) for i in range(2, 402)))
        limit = self.db.stat().st_size + 100000

        def small():
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        done = subprocess.run([harness.PROGRAM, "--db", self.db, "import", many], capture_output=True, text=True,
                              preexec_fn=small)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("interval.db", done.stderr)
        self.assertIn(self.state(), (before,))
        self.ok("import", many)
        self.assertEqual(len(self.ok("worklist", "--json").json), 401)

    def test_read_only_folder(self):
        import os
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        self.folder.chmod(0o500)
        self.assertEqual(self.run_interval("worklist").status, 4)
        self.folder.chmod(0o700)


if __name__ == "__main__":
    harness.main()
