#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What others outlined and registered: segmentations, structure sets, spatial registrations."""
import json
import math
import sqlite3
import struct

import dicomfile
import harness

SEG = "1.2.840.10008.5.1.4.1.1.66.4"
STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"
REGISTRATION = "1.2.840.10008.5.1.4.1.1.66.1"
DEFORMABLE = "1.2.840.10008.5.1.4.1.1.66.3"


def segment(number, label, meaning="Nodule", **more):
    item = {0x00620004: ("US", number), 0x00620005: ("LO", label), 0x00620008: ("CS", "MANUAL"),
            0x0062000F: dicomfile.code("27925004", "SCT", meaning)}
    item.update(more.get("extra", {}))
    return item


def segmentation(frames, kind="BINARY", size=8, between=None, thickness=3, fraction=None, segments=None):
    """frames: (segment, z, {(x, y): value}); 0.5 mm rows, 2 mm columns apart."""
    data = dicomfile.header(SEG, "2.25.500", "2.25.100", "2.25.501", "SEG")
    measures = {0x00180050: ("DS", thickness), 0x00280030: ("DS", [0.5, 2])}
    if between:
        measures[0x00180088] = ("DS", between)
    pixels, per_frame = bytearray(), []
    bits = []
    for number, z, values in frames:
        for y in range(size):
            for x in range(size):
                value = values.get((x, y), 0)
                if kind == "BINARY":
                    bits.append(value)
                else:
                    pixels.append(value)
        per_frame.append({0x00209113: ("SQ", [{0x00200032: ("DS", [10, 20, z])}]),
                          0x0062000A: ("SQ", [{0x0062000B: ("US", number)}]),
                          0x00089124: ("SQ", [{0x00082112: ("SQ", [{0x00081150: ("UI", dicomfile.CT),
                                                                     0x00081155: ("UI", f"2.25.101.{int(z)}")}])}])})
    for i in range(0, len(bits), 8):
        pixels.append(sum(bit << k for k, bit in enumerate(bits[i:i + 8])))
    depth = 1 if kind == "BINARY" else 8
    data.update({0x00280002: ("US", 1), 0x00280004: ("CS", "MONOCHROME2"), 0x00280008: ("IS", len(frames)),
                 0x00280010: ("US", size), 0x00280011: ("US", size), 0x00280100: ("US", depth),
                 0x00280101: ("US", depth), 0x00280102: ("US", depth - 1), 0x00280103: ("US", 0),
                 0x00620001: ("CS", kind), 0x00620002: ("SQ", segments or [segment(1, "Lesion A")]),
                 0x52009229: ("SQ", [{0x00289110: ("SQ", [measures]),
                                      0x00209116: ("SQ", [{0x00200037: ("DS", [1, 0, 0, 0, 1, 0])}])}]),
                 0x52009230: ("SQ", per_frame), 0x7FE00010: ("OB", bytes(pixels))})
    if fraction:
        data.update({0x00620010: ("CS", fraction), 0x0062000E: ("US", 200)})
    return data


def structure_set(regions, **types):
    """regions: {name: [points of a contour ...]}"""
    data = dicomfile.header(STRUCTURES, "2.25.600", "2.25.100", "2.25.601", "RTSTRUCT")
    names, contours, observations = [], [], []
    for number, (name, outlines) in enumerate(regions.items(), 1):
        names.append({0x30060022: ("IS", number), 0x30060026: ("LO", name)})
        contours.append({0x30060084: ("IS", number), 0x30060040: ("SQ", [
            {0x30060042: ("CS", "CLOSED_PLANAR"), 0x30060046: ("IS", len(points)),
             0x30060050: ("DS", [f"{v:.6g}" for p in points for v in p])} for points in outlines])})
        observations.append({0x30060084: ("IS", number), 0x300600A4: ("CS", types.get(name, "ORGAN"))})
    data.update({0x30060020: ("SQ", names), 0x30060039: ("SQ", contours), 0x30060080: ("SQ", observations)})
    return data


def square(side, z, x=0, y=0):
    h = side / 2
    return [(x - h, y - h, z), (x + h, y - h, z), (x + h, y + h, z), (x - h, y + h, z)]


class Structures(harness.Case):
    def take(self, data):
        """Imports; the measurements by (tracking id or finding, measure), and all notes."""
        dicomfile.write(self.folder / "in/object.dcm", data)
        notes = " | ".join(n["note"] for n in self.ok("import", self.folder / "in", "--json").json["notes"])
        found = {}
        for record in self.records("interval.measurement/1"):
            fields = {}
            for field in record[1:]:
                fields.setdefault(field[0], []).append(field[1])
            found[fields.get("tracking-id", fields["finding"])[0], fields["measure"][0]] = fields
        return found, notes

    def records(self, name):
        db = sqlite3.connect(self.db)
        return [record for (rows,) in db.execute("SELECT records FROM evidence") for record in json.loads(rows)
                if record[0] == name]

    def test_segment(self):
        box = {(x, y): 1 for x in range(1, 4) for y in range(2, 7)}
        found, notes = self.take(segmentation([(1, 0, box), (1, 3, box), (1, 9, {(1, 2): 1})]))
        volume = found["Lesion A", "volume"]
        self.assertEqual(notes, "")
        self.assertAlmostEqual(volume["value"][0], (15 + 15 + 1) * 0.5 * 2 * 3)
        self.assertEqual(volume["extent"], [6, 2.5, 12])
        self.assertEqual(volume["finding"], ["Nodule"])
        axis = found["Lesion A", "long-axis"]
        self.assertAlmostEqual(axis["value"][0], math.hypot(6, 2.0), places=6)
        ends = axis["point"]
        self.assertAlmostEqual(math.dist(ends[:3], ends[3:]), axis["value"][0])
        self.assertEqual(axis["sop-uid"], ["2.25.101.0"])

    def test_occupancy_is_summed_and_probability_cut(self):
        values = {(2, 2): 200, (3, 2): 100, (4, 2): 50}
        found, _ = self.take(segmentation([(1, 0, values), (1, 2, values)], "FRACTIONAL", fraction="OCCUPANCY"))
        self.assertAlmostEqual(found["Lesion A", "volume"]["value"][0], 2 * 1.75 * 1 * 2)

    def test_probability(self):
        values = {(2, 2): 200, (3, 2): 100, (4, 2): 50}
        found, _ = self.take(segmentation([(1, 0, values), (1, 2, values)], "FRACTIONAL", fraction="PROBABILITY"))
        self.assertAlmostEqual(found["Lesion A", "volume"]["value"][0], 2 * 2 * 1 * 2)

    def test_uneven_planes_have_no_volume(self):
        one = {(2, 2): 1}
        found, notes = self.take(segmentation([(1, 0, one), (1, 2, one), (1, 5.1, one)]))
        self.assertNotIn(("Lesion A", "volume"), found)
        self.assertIn(("Lesion A", "long-axis"), found)
        self.assertIn("volumes of the segments cannot be told", notes)

    def test_time_points_are_not_summed(self):
        one = {(2, 2): 1}
        found, notes = self.take(segmentation([(1, 0, one), (1, 2, one), (1, 0, one)]))
        self.assertEqual(found, {})
        self.assertIn("several of its frames lie at one place", notes)

    def test_several_segments(self):
        frames = [(1, 0, {(0, 0): 1}), (2, 0, {(1, 1): 1, (2, 1): 1}), (1, 5, {(0, 0): 1})]
        found, _ = self.take(segmentation(frames, segments=[segment(1, "A1"), segment(2, "Segment_2", "Cyst")]))
        self.assertAlmostEqual(found["A1", "volume"]["value"][0], 2 * 1 * 5)
        self.assertAlmostEqual(found["Cyst", "volume"]["value"][0], 2 * 1 * 5)

    def test_holes_islands_and_keyholes(self):
        keyhole = [(-5, -5, 0), (5, -5, 0), (5, 5, 0), (-5, 5, 0), (-5, 0, 0), (-2, 0, 0), (-2, 2, 0), (2, 2, 0),
                   (2, -2, 0), (-2, -2, 0), (-2, 0, 0), (-5, 0, 0)]
        found, notes = self.take(structure_set({
            "Ring": [c for z in (0, 2, 4) for c in (square(10, z), square(4, z))],
            "Island": [c for z in (0, 2) for c in (square(10, z), square(6, z), square(2, z))],
            "Keyhole": [keyhole, [(x, y, 2) for x, y, _ in keyhole]],
            "Skin": [square(300, 0), square(300, 2)]}, Skin="EXTERNAL"))
        self.assertAlmostEqual(found["Ring", "volume"]["value"][0], 3 * (100 - 16) * 2)
        self.assertAlmostEqual(found["Island", "volume"]["value"][0], 2 * (100 - 36 + 4) * 2)
        self.assertAlmostEqual(found["Keyhole", "volume"]["value"][0], 2 * (100 - 16) * 2)
        self.assertEqual(found["Ring", "volume"]["extent"], [10, 10, 6])
        self.assertAlmostEqual(found["Ring", "long-axis"]["value"][0], math.hypot(10, 10))
        self.assertIn("1 of 4 regions were not measured", notes)

    def test_tilted_and_round_contours(self):
        def ring(radius, height):
            """On planes that lean by 30 degrees."""
            c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
            angles = [2 * math.pi * i / 400 for i in range(400)]
            return [(radius * math.cos(a), radius * math.sin(a) * c - height * s, radius * math.sin(a) * s + height * c)
                    for a in angles]
        found, _ = self.take(structure_set({"Tumour": [ring(10, h) for h in (0, 3, 6)]}))
        self.assertAlmostEqual(found["Tumour", "volume"]["value"][0] / (math.pi * 100 * 9), 1, places=3)
        self.assertAlmostEqual(found["Tumour", "long-axis"]["value"][0], 20, places=3)

    def test_uneven_contours_have_no_volume(self):
        found, notes = self.take(structure_set({"Node": [square(10, z) for z in (0, 2, 5.1)]}))
        self.assertNotIn(("Node", "volume"), found)
        self.assertIn("unevenly spaced", notes)

    def spatial(self, data):
        dicomfile.write(self.folder / "in/object.dcm", data)
        self.ok("import", self.folder / "in")
        found = []
        for record in self.records("interval.spatial/1"):
            fields = {}
            for field in record[1:]:
                fields.setdefault(field[0], []).append(field[1])
            found.append(fields)
        return found

    def test_registration(self):
        def item(frame, *matrices):
            return {0x00200052: ("UI", frame), 0x00700309: ("SQ", [{0x0070030A: ("SQ", [
                {0x300600C6: ("DS", m), 0x0070030C: ("CS", "RIGID")} for m in matrices])}])}
        one = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
        turn = [0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
        move = [1, 0, 0, 5, 0, 1, 0, 6, 0, 0, 1, 7, 0, 0, 0, 1]
        data = dicomfile.header(REGISTRATION, "2.25.700", "2.25.100", "2.25.701", "REG")
        data.update({0x00200052: ("UI", "2.25.1"),
                     0x00700308: ("SQ", [item("2.25.1", one), item("2.25.2", turn, move)])})
        found = self.spatial(data)
        self.assertEqual(len(found), 1, "the target stays where it is")
        self.assertEqual(found[0]["model"], ["rigid"])
        self.assertEqual((found[0]["from-frame-of-reference"], found[0]["to-frame-of-reference"]), (["2.25.2"], ["2.25.1"]))
        self.assertEqual(found[0]["matrix"], [0, -1, 0, 5, 1, 0, 0, 6, 0, 0, 1, 7, 0, 0, 0, 1], "first turned, then moved")

    def test_deformable_registration(self):
        vectors = struct.pack("<24f", *([0] * 21), 3, 0, 4)
        data = dicomfile.header(DEFORMABLE, "2.25.700", "2.25.100", "2.25.701", "REG")
        one = [1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
        data.update({0x00200052: ("UI", "2.25.1"), 0x00640002: ("SQ", [{
            0x00640003: ("UI", "2.25.2"), 0x0064000F: ("SQ", [{0x300600C6: ("DS", one), 0x0070030C: ("CS", "RIGID")}]),
            0x00640005: ("SQ", [{0x00200032: ("DS", [1, 2, 3]), 0x00200037: ("DS", [1, 0, 0, 0, 1, 0]),
                                 0x00640007: ("UL", struct.pack("<3L", 2, 2, 2)),
                                 0x00640008: ("FD", struct.pack("<3d", 10, 10, 20)), 0x00640009: ("OF", vectors)}])}])})
        found = self.spatial(data)
        self.assertEqual(found[0]["model"], ["deformable"])
        self.assertEqual(found[0]["grid-dim"], [2, 2, 2])
        self.assertEqual(found[0]["grid-spacing"], [10, 10, 20])
        self.assertAlmostEqual(found[0]["largest-displacement"][0], 5)
        self.assertEqual(found[0]["pre-matrix"][3], 2)

    def test_agrees_with_what_others_measured(self):
        example = harness.SHARED / "dicom/sr-seg-dcmqi/data/sr-example"
        if not example.is_dir():
            self.skipTest("../shared/data is not there")
        self.ok("import", example)
        volumes = [field[1] for record in self.records("interval.measurement/1") for field in record[1:]
                   if field[0] == "value" and ["measure", "volume"] in record]
        self.assertEqual(len(volumes), 2, "of the segmentation, and of the report that measured it")
        self.assertAlmostEqual(volumes[0], volumes[1], delta=0.05)


if __name__ == "__main__":
    harness.main()
