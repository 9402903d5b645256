#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripted histories of the truth set, where the data lie beside the project."""
import subprocess
import sys

import harness

SCORER = harness.SHARED.parent / "eval/scenarios.py"

if not SCORER.exists() or not (harness.SHARED / "truth/scenarios").is_dir():
    print("skipped: ../shared/data/truth/scenarios is not there")
    sys.exit(77)
sys.exit(subprocess.run([sys.executable, SCORER, "--interval", harness.PROGRAM, "--jobs", "2",
                         harness.SHARED / "truth/scenarios"]).returncode)
