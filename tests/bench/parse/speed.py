#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports of 2 KB per second through `interval parse --jsonl`, in processor time of program and worker.

usage: speed.py --interval BINARY [--reports N] FILE.jsonl...
"""
import argparse
import json
import resource
import subprocess
import time


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--interval", required=True)
    ap.add_argument("--reports", type=int, default=4000)
    ap.add_argument("files", nargs="+")
    a = ap.parse_args()
    texts = [json.loads(l)["text"] for f in a.files for l in open(f, encoding="utf-8") if l.strip()]
    lines, n = [], 0
    for i in range(a.reports):
        text = ""
        while len(text) < 2048:
            text += texts[n % len(texts)] + "\n\n"
            n += 1
        lines.append(json.dumps({"id": i, "text": text[:2048], "date": "2024-01-01", "modality": "CT", "region": "chest"}))
    feed = ("\n".join(lines) + "\n").encode()
    for size, data in ((a.reports, feed), (1, feed.split(b"\n", 1)[0] + b"\n")):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([a.interval, "parse", "--jsonl", "--json"], input=data, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        wall = time.perf_counter() - start
        print(f"{size} reports: {wall:.2f} s by the clock, {cpu:.2f} s of processor time"
              + (f", {size / cpu:.0f} reports per second of one core" if size > 1 else " (start-up)"))


main()
