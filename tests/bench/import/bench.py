#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast a folder of CT files is indexed: interval import, DCMTK's dcmqridx, Orthanc; see README.md.
Prints files per second, processor time per file, and the ratio to the faster peer of the same run."""
import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
SOURCE = HERE.parents[2]
CT = SOURCE.parent / "shared/data/dicom/rtstruct/tests/testdata/example_data/ct.0.dcm"
PORT = 18042


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command, **more):
    """Wall and processor seconds of a program and all that it started."""
    before, start = children(), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    wall = time.monotonic() - start
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: {done.stderr.decode()[-500:]}")
    return wall, children() - before, done.stdout


def run_interval(program, series, work, n):
    db = work / "interval.db"
    wall, cpu, out = timed([program, "--db", db, "import", series, "--json"])
    accepted = json.loads(out)["accepted"]
    for path in work.glob("interval.db*"):
        path.unlink()
    if accepted != n:
        raise SystemExit(f"interval: {accepted} of {n} files accepted")
    return wall, cpu


def run_dcmtk(series, work, n):
    index = work / "dcmtk"
    index.mkdir()
    wall, cpu, _ = timed(["dcmqridx", "-q", index] + sorted(os.listdir(series)), cwd=series)
    listed = subprocess.run(["dcmqridx", "-p", index], capture_output=True, check=True).stdout
    shutil.rmtree(index)
    count = listed.count(b"SOPInstanceUID")
    if count < n:
        raise SystemExit(f"dcmqridx: {count} of {n} files in its index")
    return wall, cpu


class Orthanc:
    def __init__(self, work):
        self.folder = work / "orthanc"
        self.folder.mkdir()
        config = self.folder / "config.json"
        config.write_text(json.dumps({
            "StorageDirectory": str(self.folder / "db"), "IndexDirectory": str(self.folder / "db"), "HttpPort": PORT,
            "DicomServerEnabled": False, "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "Plugins": [],
            "StoreMD5ForAttachments": False, "StorageCompression": False, "HttpThreadsCount": 8, "KeepAlive": True}))
        self.process = subprocess.Popen(["Orthanc", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "TCP_NODELAY": "1"})
        for _ in range(200):
            try:
                self.get("/system")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("Orthanc does not answer")

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())

    def used(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def post(paths):
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    for path in paths:
        connection.request("POST", "/instances", path.read_bytes(), {"Content-Type": "application/dicom"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"Orthanc: {answer.status}")


def run_orthanc(series, work, n):
    """One file a POST, two connections at once.  The client's own processor time is not counted."""
    paths = sorted(series.iterdir())
    server = Orthanc(work)
    used, start = server.used(), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(post, (paths[0::2], paths[1::2])))
    wall, cpu = time.monotonic() - start, server.used() - used
    count = server.get("/statistics")["CountInstances"]
    server.end()
    if count != n:
        raise SystemExit(f"Orthanc: {count} of {n} files stored")
    return wall, cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interval", type=pathlib.Path, default=SOURCE / "build/release/bin/interval")
    parser.add_argument("--source", type=pathlib.Path, default=CT, help="CT file that is copied with new UIDs")
    parser.add_argument("--work", type=pathlib.Path, default=None, help="folder for data and databases (about 5.5 GB)")
    parser.add_argument("-n", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if os.geteuid() == 0 and "ITV_BENCH_INSIDE" not in os.environ:  # Orthanc listens on every address
        os.environ["ITV_BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable] + sys.argv)
    with tempfile.TemporaryDirectory(prefix="itv-bench-", dir=args.work) as folder:
        work = pathlib.Path(folder)
        series = work / "series"
        subprocess.run([sys.executable, HERE / "make_series.py", args.source, series, "-n", str(args.n)], check=True)
        for path in series.iterdir():
            path.read_bytes()  # warm
        runs = {"interval": lambda: run_interval(args.interval, series, work, args.n)}
        if shutil.which("dcmqridx"):
            runs["dcmqridx"] = lambda: run_dcmtk(series, work, args.n)
        if shutil.which("Orthanc"):
            runs["Orthanc"] = lambda: run_orthanc(series, work, args.n)
        best = {}
        for _ in range(args.rounds):
            for name, run in runs.items():
                wall, cpu = run()
                best[name] = min(best.get(name, (wall, cpu)), (wall, cpu))
        print(f"{args.n} files of {next(series.iterdir()).stat().st_size} bytes, {os.cpu_count()} processors, "
              f"load {os.getloadavg()[0]:.1f}, best of {args.rounds}")
        print("| program | seconds | files/s | processor us a file |\n|---|---|---|---|")
        for name, (wall, cpu) in best.items():
            print(f"| {name} | {wall:.3f} | {args.n / wall:.0f} | {cpu / args.n * 1e6:.0f} |")
        peers = [wall for name, (wall, _) in best.items() if name != "interval"]
        if peers:
            print(f"interval is {min(peers) / best['interval'][0]:.1f} times as fast as the fastest other")


if __name__ == "__main__":
    main()
