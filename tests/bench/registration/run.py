#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Registration beside elastix and plastimatch: the same pairs, the same threads,
tool and peer in turn, one evaluator.

usage: run.py --interval PATH [--seeds N] [--kinds chest,brain,film] [--models rigid,affine,deformable]
              [--source BRAIN.nii.gz] [--peers elastix,plastimatch] [--work DIR] [--threads 2]

Each line: target registration error (mean, p95, max in mm), wall seconds, CPU
seconds and peak memory of the whole process; then the ratio of wall times.
Needs the Debian packages elastix, plastimatch, python3-nibabel, python3-scipy.
"""
import argparse
import pathlib
import re
import resource
import subprocess
import sys
import time

import nibabel
import numpy

HERE = pathlib.Path(__file__).resolve().parent


def timed(command, cwd=None):
    """Wall and CPU seconds and peak MiB of a command; None when it failed."""
    script = "import resource,subprocess,sys,time\n" \
             "t=time.monotonic();r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL)\n" \
             "w=time.monotonic()-t;u=resource.getrusage(resource.RUSAGE_CHILDREN)\n" \
             "print(r.returncode,w,u.ru_utime+u.ru_stime,u.ru_maxrss/1024)"
    out = subprocess.run([sys.executable, "-c", script] + [str(c) for c in command], cwd=cwd,
                         capture_output=True, text=True, check=True).stdout.split()
    code, wall, cpu, mib = int(out[0]), float(out[1]), float(out[2]), float(out[3])
    return (wall, cpu, mib) if code in (0, 1) else None


def errors(got, truth):
    e = numpy.linalg.norm(got - truth[:, : got.shape[1]], axis=1)
    return e.mean(), numpy.quantile(e, 0.95), e.max()


def interval(a, pair, model, threads):
    out = pair / "interval.csv"
    out.unlink(missing_ok=True)
    used = timed([a.interval, "--db", pair / "none.db", "register", "--fixed", pair / "fixed.nii",
                  "--moving", pair / "moving.nii", "--model", model, "--points", pair / "points.csv",
                  "--points-out", out, "--threads", str(threads), "--json"])
    return used, numpy.loadtxt(out, delimiter=",") if used and out.exists() else None


def elastix(a, pair, model, threads):
    folder = pair / "elastix"
    folder.mkdir(exist_ok=True)
    flat = nibabel.load(pair / "fixed.nii").shape[2:] in ((), (1,))
    text = (HERE / f"elastix-{model}.txt").read_text()
    points = numpy.loadtxt(pair / "points.csv", delimiter=",")
    fixed, moving = pair / "fixed.nii", pair / "moving.nii"
    if flat:
        text = text.replace("ImageDimension 3", "ImageDimension 2")
        points = points[:, :2]
        for name in ("fixed", "moving"):
            image = nibabel.load(pair / f"{name}.nii")
            nibabel.save(nibabel.Nifti1Image(numpy.asarray(image.dataobj)[:, :, 0], image.affine),
                         folder / f"{name}.nii")
        fixed, moving = folder / "fixed.nii", folder / "moving.nii"
        points = points - 0
    parameters = folder / "parameters.txt"
    parameters.write_text(text)
    used = timed(["elastix", "-f", fixed, "-m", moving, "-p", parameters, "-out", folder,
                  "-threads", str(threads)])
    transform = folder / "TransformParameters.0.txt"
    if not used or not transform.exists():
        return used, None
    lines = [" ".join(f"{v:.5f}" for v in p) for p in points]
    (folder / "points.txt").write_text(f"point\n{len(lines)}\n" + "\n".join(lines))
    subprocess.run(["transformix", "-def", folder / "points.txt", "-out", folder, "-tp", transform],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = re.findall(r"OutputPoint = \[ ([^\]]*)\]", (folder / "outputpoints.txt").read_text())
    return used, numpy.array([[float(v) for v in f.split()] for f in found])


def plastimatch(a, pair, model, threads):
    if model != "deformable":
        return None, None
    field = pair / "plastimatch.mha"
    field.unlink(missing_ok=True)
    command = pair / "plastimatch.txt"
    text = (HERE / "plastimatch-deformable.txt").read_text()
    command.write_text(text.replace("FIXED", str(pair / "fixed.nii"))
                       .replace("MOVING", str(pair / "moving.nii")).replace("FIELD", str(field)))
    used = timed(["env", f"OMP_NUM_THREADS={threads}", "plastimatch", "register", command])
    if not used or not field.exists():
        return used, None
    raw = field.read_bytes()
    head = raw[: raw.index(b"ElementDataFile")].decode()
    dim = [int(v) for v in re.search(r"DimSize = (.*)", head)[1].split()]
    spacing = numpy.array([float(v) for v in re.search(r"ElementSpacing = (.*)", head)[1].split()])
    offset = numpy.array([float(v) for v in re.search(r"Offset = (.*)", head)[1].split()])
    matrix = numpy.array([float(v) for v in re.search(r"TransformMatrix = (.*)", head)[1].split()])
    data = numpy.frombuffer(raw[-4 * 3 * numpy.prod(dim):], numpy.float32).reshape(dim[::-1] + [3])
    points = numpy.loadtxt(pair / "points.csv", delimiter=",")
    index = (points - offset) @ numpy.linalg.inv(matrix.reshape(3, 3)) / spacing
    from scipy import ndimage
    shift = numpy.stack([ndimage.map_coordinates(data[..., c], index[:, ::-1].T, order=1,
                                                 mode="nearest") for c in range(3)], 1)
    return used, points + shift


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interval", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--kinds", default="chest,film")
    parser.add_argument("--models", default="rigid,affine,deformable")
    parser.add_argument("--source")
    parser.add_argument("--peers", default="elastix,plastimatch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/interval-bench"))
    a = parser.parse_args()
    tools = {"interval": interval, "elastix": elastix, "plastimatch": plastimatch}
    names = ["interval"] + [p for p in a.peers.split(",") if p]
    for kind in a.kinds.split(","):
        for model in a.models.split(","):
            table = {n: [] for n in names}
            for seed in range(a.first_seed, a.first_seed + a.seeds):
                pair = a.work / f"{kind}-{model}-{seed}"
                if not (pair / "truth.csv").exists():
                    subprocess.run([sys.executable, HERE / "make_pairs.py", pair, "--kind", kind,
                                    "--model", model, "--seed", str(seed)]
                                   + (["--source", a.source] if a.source else []), check=True,
                                   stdout=subprocess.DEVNULL)
                truth = numpy.loadtxt(pair / "truth.csv", delimiter=",")
                for name in names:
                    used, got = tools[name](a, pair, model, a.threads)
                    if used and got is not None:
                        table[name].append(errors(got, truth) + used)
            for name in names:
                rows = numpy.array(table[name])
                if not len(rows):
                    continue
                m = rows.mean(0)
                ours = numpy.array(table["interval"]).mean(0)
                print(f"{kind:6s} {model:10s} {name:12s} n={len(rows)} TRE {m[0]:8.4f} p95 {m[1]:7.4f} "
                      f"max {rows[:, 2].max():7.3f} mm  wall {m[3]:7.2f} s  CPU {m[4]:7.2f} s  "
                      f"{m[5]:6.0f} MiB  interval/this {ours[3] / m[3]:.3f}", flush=True)


main()
