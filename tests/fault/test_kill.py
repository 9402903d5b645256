#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a mixed import, then the same import again: the same state, nothing
twice, nothing lost that was acknowledged."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import harness

ROUNDS = int(os.environ.get("ITV_KILL_ROUNDS", "40"))
TEXTS = ("Nodule. Follow-up CT of the chest is recommended in 6 months.", "No acute findings.",
         "Adrenal nodule. Recommend CT abdomen in 12 months.", "Nodule unchanged. No further follow-up is needed.")


class Kill(harness.Case):
    def make_inputs(self):
        """HL7 files, the clinic's DICOM objects of two patients, FHIR, CDA and AIM documents, a series of
        slices that makes batches."""
        folder = self.folder / "in"
        folder.mkdir()
        for i in range(24):
            messages = [harness.oru(f"SYNTH9{i % 7}", f"K{i}-{k}", f"2023{k + 1:02}{i % 27 + 1:02}", TEXTS[(i + k) % 4]) for k in range(3)]
            if i % 6 == 0:
                messages.append(harness.message("ADT^A40^ADT_A39", f"202312{i + 1:02}0800", f"KM{i}", harness.pid("SYNTH90"),
                                                f"MRG|SYNTH9{i % 7}^^^SYNTH^MR"))
            (folder / f"{i:02}.hl7").write_bytes("".join(messages).encode())
        clinic = self.folder / "clinic"
        subprocess.run([harness.BUILD / "tests/bin/interval-synth", clinic, "--today", "2024-06-01"], check=True)
        for patient in ("SYNTH002", "SYNTH013"):
            shutil.copytree(clinic / "dicom" / patient, folder / patient)
        for plugin, ending in (("fhir", "json"), ("cda", "cda"), ("aim", "aim")):
            golden = sorted((harness.SOURCE / "plugins" / plugin / "tests/golden").glob(f"*.{ending}"))
            self.assertTrue(golden)
            for path in golden:
                shutil.copy(path, folder)
        self.make_series(folder / "series", sorted((clinic / "dicom").rglob("CT-*.dcm"))[0])
        (folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 300)
        return folder

    @staticmethod
    def make_series(folder, source):
        subprocess.run([sys.executable, harness.SOURCE / "tests/bench/import/make_series.py", source, folder, "-n", "150",
                        "--per-study", "60"], check=True)

    def test_kill_9(self):
        folder = self.make_inputs()
        reference = self.folder / "reference.db"
        start = time.monotonic()
        first = self.run_interval("import", folder, "--json", db=reference)
        whole = time.monotonic() - start
        self.assertEqual(first.status, 1, first.err)
        wanted = self.ok("verify", "--json", db=reference).json
        rng = random.Random(20240601)
        landed = 0
        for n in range(ROUNDS):
            self.db = self.folder / f"k{n}.db"
            process = subprocess.Popen([harness.PROGRAM, "--db", self.db, "import", folder, "--json"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * whole * 0.95)
            landed += process.poll() is None
            process.send_signal(signal.SIGKILL)
            acknowledged = process.communicate()[0]
            again = self.run_interval("import", folder, "--json")
            self.assertEqual(again.status, 1, again.err)
            verified = self.ok("verify", "--json").json
            self.assertEqual(verified["state"], wanted["state"], f"round {n}")
            self.assertEqual(verified["evidence"], wanted["evidence"], f"round {n}")
            self.assertEqual(verified["open_jobs"], 0)
            if acknowledged:
                self.assertEqual(again.json["accepted"], 0)
            if n % 50 == 49:
                print(f"{n + 1} kills", flush=True)
            for path in self.folder.glob(f"k{n}.db*"):
                path.unlink()
        print(f"{landed} of {ROUNDS} kills hit the import while it ran (it takes {whole:.2f} s)")
        self.assertGreater(landed, ROUNDS // 3)

    def test_two_at_once(self):
        folder = self.make_inputs()
        reference = self.folder / "reference.db"
        self.run_interval("import", folder, db=reference)
        wanted = self.ok("verify", "--json", db=reference).json["state"]
        both = [subprocess.Popen([harness.PROGRAM, "--db", self.db, "import", folder], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE) for _ in range(2)]
        for process in both:
            error = process.communicate()[1].decode()
            self.assertEqual(process.returncode, 1, error)
        self.assertEqual(self.state(), wanted)


if __name__ == "__main__":
    harness.main()
