#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pairs of images with a known map between them, as NIfTI, with points.

The fixed image is the moving one seen through a smooth random map (cubic
spline interpolation), with new noise and a slow change of intensity.  Both are
cropped from a larger image, so that nothing is filled in at the edges.  Truth:
points.csv (fixed, LPS mm) and truth.csv (where they lie in the moving image).

usage: make_pairs.py OUT --kind brain|chest|film --model rigid|affine|deformable
                     [--seed N] [--source FILE.nii.gz]
"""
import argparse
import pathlib

import nibabel
import numpy
from scipy import ndimage


def smooth_field(rng, shape, spacing, sigma_mm, mean_mm):
    """A displacement in mm per axis whose mean length is mean_mm."""
    sigma = [sigma_mm / s if n > 1 else 0 for s, n in zip(spacing, shape)]
    field = numpy.zeros((3,) + shape)
    for axis in range(3):
        if shape[axis] > 1:
            field[axis] = ndimage.gaussian_filter(rng.standard_normal(shape), sigma, mode="reflect")
    length = numpy.sqrt((field ** 2).sum(0)).mean()
    return field * (mean_mm / length)


def breathing(shape, spacing, depth_mm):
    """The diaphragm sinks, most in the lower middle; the ribs widen a little."""
    grid = numpy.meshgrid(*[numpy.linspace(-1, 1, n) for n in shape], indexing="ij")
    field = numpy.zeros((3,) + shape)
    lower = 1 / (1 + numpy.exp(6 * (grid[2] + 0.1)))
    field[2] = depth_mm * lower * numpy.exp(-(grid[0] ** 2 + grid[1] ** 2) / 0.8)
    field[1] = -0.25 * depth_mm * (grid[1] < 0) * grid[1] * lower
    return field


def chest(rng, n, spacing):
    """Soft tissue around two lungs with a tree of vessels, ribs and a spine."""
    axes = [(numpy.arange(k) - k / 2) * s for k, s in zip(n, spacing)]
    x, y, z = numpy.meshgrid(*axes, indexing="ij")
    image = numpy.full(n, -1000.0)
    body = (x / 165) ** 2 + (y / 115) ** 2 < 1
    image[body] = 40
    for side in (-1, 1):
        lung = ((x - side * 72) / 58) ** 2 + (y / 85) ** 2 + ((z + 10) / 140) ** 2 < 1
        image[lung] = -860
        for _ in range(340):
            start = numpy.array([side * 40 + rng.normal(0, 12), rng.normal(0, 18), rng.normal(0, 30)])
            to = start + rng.normal(0, 1, 3) * [38, 45, 70] + [side * 25, 0, 0]
            radius = rng.gamma(2.5, 0.7) + 0.6
            length = numpy.linalg.norm(to - start)
            way = (to - start) / length
            low = numpy.minimum(start, to) - radius - 2
            high = numpy.maximum(start, to) + radius + 2
            box = tuple(slice(max(0, numpy.searchsorted(a, l)), numpy.searchsorted(a, h))
                        for a, l, h in zip(axes, low, high))
            if any(b.start >= b.stop for b in box):
                continue
            d = numpy.stack([x[box], y[box], z[box]], -1) - start
            t = numpy.clip(d @ way, 0, length)
            r = numpy.linalg.norm(d - t[..., None] * way, axis=-1)
            taper = radius * (1 - 0.6 * t / length)
            value = 20 * numpy.clip(0.5 + (taper - r) / spacing[0], 0, 1)
            part = image[box]
            mask = lung[box] & (value > 0)
            part[mask] = numpy.maximum(part[mask], -860 + 44 * value[mask])
    spine = (x / 18) ** 2 + ((y - 62) / 16) ** 2 < 1
    image[spine & (numpy.sin(z / 4.2) > -0.6)] = 320
    for k in range(-6, 7):
        shell = numpy.abs(numpy.sqrt((x / 150) ** 2 + (y / 105) ** 2) - 1) < 0.035
        image[shell & (numpy.abs(z - 24 * k - 0.25 * y) < 4.5)] = 420
    texture = ndimage.gaussian_filter(rng.standard_normal(n), 2.5)
    image[body] += 12 * (texture / texture.std())[body]
    return ndimage.gaussian_filter(image, 0.5)


def film(rng, n, spacing):
    """A chest's sum along the beam, as optical density."""
    depth = chest(rng, (n[0] // 4, 96, n[1] // 4), (spacing[0] * 4, 3.0, spacing[1] * 4))
    line = ndimage.zoom((depth + 1000).sum(1), 4, order=3)[: n[0], : n[1]]
    fine = ndimage.gaussian_filter(rng.standard_normal(line.shape), 1.5)
    line = line / line.max() * 3000 + 25 * fine / fine.std()
    return line[:, :, None]


def rotation(rng, degrees):
    axis = rng.standard_normal(3)
    axis /= numpy.linalg.norm(axis)
    t = numpy.radians(degrees)
    k = numpy.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return numpy.eye(3) + numpy.sin(t) * k + (1 - numpy.cos(t)) * k @ k


def save(path, image, spacing, origin):
    affine = numpy.diag(list(spacing) + [1.0])
    affine[:3, 3] = origin
    data = numpy.clip(numpy.rint(image), -32768, 32767).astype(numpy.int16)
    nibabel.save(nibabel.Nifti1Image(data, affine), path)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--kind", choices=["brain", "chest", "film"], default="chest")
    arguments.add_argument("--model", choices=["rigid", "affine", "deformable"], default="deformable")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--source", type=pathlib.Path)
    arguments.add_argument("--amount-mm", type=float)
    a = arguments.parse_args()
    rng = numpy.random.default_rng(a.seed)
    if a.kind == "brain":
        loaded = nibabel.load(a.source)
        image, spacing = numpy.asarray(loaded.dataobj, float), loaded.header.get_zooms()[:3]
        noise, crop = 0.01 * image.max(), 8
    elif a.kind == "chest":
        spacing = (1.8, 1.8, 2.0)
        image = chest(rng, (210, 150, 150), spacing)
        noise, crop = 18.0, 12
    else:
        spacing = (0.4, 0.4, 1.0)
        image = film(rng, (1024, 1024), spacing)
        noise, crop = 12.0, 40
    shape = image.shape
    amount = a.amount_mm or {"brain": 2.0, "chest": 4.0, "film": 2.3}[a.kind]
    matrix, shift = numpy.eye(3), numpy.zeros(3)
    if a.model != "deformable":
        matrix = rotation(rng, 8)
        shift = rng.uniform(-10, 10, 3)
        if a.model == "affine":
            matrix = matrix @ (numpy.eye(3) + rng.uniform(-0.05, 0.05, (3, 3)))
        if shape[2] == 1:
            c, s = numpy.cos(0.1), numpy.sin(0.1)
            matrix, shift[2] = numpy.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]), 0
        field = numpy.zeros((3,) + shape)
    else:
        sigma = {"brain": 12, "chest": 16, "film": 20}[a.kind]
        field = smooth_field(rng, shape, spacing, sigma, amount * (0.6 if a.kind == "chest" else 1))
        if a.kind == "chest":
            field += breathing(shape, spacing, 3.5 * amount)
    step = numpy.array(spacing).reshape(3, 1, 1, 1)
    middle = (numpy.array(shape).reshape(3, 1, 1, 1) - 1) / 2
    at = (numpy.indices(shape) - middle) * step + field
    to = numpy.tensordot(matrix, at, 1) + shift.reshape(3, 1, 1, 1)
    index = to / step + middle
    seen = ndimage.map_coordinates(image, index, order=3, mode="nearest")
    gain = 1 + 0.04 * smooth_field(rng, shape, spacing, 40, 1.0)[0]
    low = image.min()
    fixed = (seen - low) * gain + low + rng.normal(0, noise, shape)
    moving = image + rng.normal(0, noise, shape)
    cut = tuple(slice(crop, n - crop) if n > 1 else slice(None) for n in shape)
    origin = [-(n - 1) / 2 * s for n, s in zip(shape, spacing)]
    first = [o + (crop if n > 1 else 0) * s for o, n, s in zip(origin, shape, spacing)]
    a.out.mkdir(parents=True, exist_ok=True)
    save(a.out / "fixed.nii", fixed[cut], spacing, first)
    save(a.out / "moving.nii", moving[cut], spacing, first)
    # Points on structures, well inside the body, and seen by both.
    steep = ndimage.gaussian_gradient_magnitude(seen, 1.0 if shape[2] > 1 else [1, 1, 0])
    inside = numpy.zeros(shape, bool)
    inside[tuple(slice(crop + 6, n - crop - 6) if n > 1 else slice(None) for n in shape)] = True
    for axis in range(3):
        if shape[axis] > 1:
            inside &= (index[axis] > crop + 2) & (index[axis] < shape[axis] - crop - 3)
    inside &= steep > numpy.quantile(steep[inside], 0.6)
    chosen = numpy.argwhere(inside)
    chosen = chosen[rng.choice(len(chosen), min(4000, len(chosen)), replace=False)]
    ras = chosen * numpy.array(spacing) + origin
    moved = index[(slice(None),) + tuple(chosen.T)].T * numpy.array(spacing) + origin
    flip = numpy.array([-1, -1, 1])
    numpy.savetxt(a.out / "points.csv", ras * flip, "%.5f", ",")
    numpy.savetxt(a.out / "truth.csv", moved * flip, "%.5f", ",")
    away = numpy.linalg.norm(ras - moved, axis=1)
    print(f"{a.out}: {a.kind} {a.model} seed {a.seed}, start TRE {away.mean():.2f} mm, max {away.max():.2f}")


main()
