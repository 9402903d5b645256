# SPDX-License-Identifier: Apache-2.0
"""DICOM objects for tests, put together element by element: explicit VR, little endian."""
import struct

LONG = {"OB", "OW", "OF", "OD", "SQ", "UN", "UT"}
CT = "1.2.840.10008.5.1.4.1.1.2"
PET = "1.2.840.10008.5.1.4.1.1.128"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def value(vr, v):
    """The bytes of a value; a list of lists of elements is a sequence."""
    if vr == "SQ":
        items = b""
        for item in v:
            body = elements(item)
            items += struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
        return items
    if isinstance(v, bytes):
        return v + b"\0" * (len(v) % 2)
    if vr == "US":
        return struct.pack("<%dH" % len(v if isinstance(v, list) else [v]), *(v if isinstance(v, list) else [v]))
    if isinstance(v, (list, tuple)):
        v = "\\".join(str(x) for x in v)
    raw = str(v).encode("latin-1")
    return raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)


def elements(data):
    out = b""
    for tag in sorted(data):
        vr, v = data[tag]
        raw = value(vr, v)
        out += struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
        out += struct.pack("<HL", 0, len(raw)) if vr in LONG else struct.pack("<H", len(raw))
        out += raw
    return out


def write(path, data, syntax="1.2.840.10008.1.2.1"):
    meta = elements({0x00020002: ("UI", data[0x00080016][1]), 0x00020003: ("UI", data[0x00080018][1]),
                     0x00020010: ("UI", syntax)})
    head = elements({0x00020000: ("UL", struct.pack("<L", len(meta)))})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0" * 128 + b"DICM" + head + meta + elements(data))
    return path


def code(code_value, scheme, meaning):
    return ("SQ", [{0x00080100: ("SH", code_value), 0x00080102: ("SH", scheme), 0x00080104: ("LO", meaning)}])


def header(sop_class, uid, study, series, modality, patient="SYNTH-D1", date="20240110", time="101500"):
    return {0x00080005: ("CS", "ISO_IR 100"), 0x00080016: ("UI", sop_class), 0x00080018: ("UI", uid),
            0x00080020: ("DA", date), 0x00080030: ("TM", time), 0x00080060: ("CS", modality),
            0x00100010: ("PN", "SYNTH^DORA"), 0x00100020: ("LO", patient), 0x00100040: ("CS", "F"),
            0x0020000D: ("UI", study), 0x0020000E: ("UI", series)}


def slice_of(z, number, study="2.25.100", series="2.25.101", uid=None, sop_class=CT, modality="CT", x=0.0, y=0.0,
             size=16, **more):
    """One square slice with a pattern, 1 mm pixels, at height z."""
    pixels = struct.pack("<%dH" % (size * size), *((i * 7 + number) % 500 for i in range(size * size)))
    data = header(sop_class, uid or f"{series}.{number}", study, series, modality, **more)
    data.update({0x00081030: ("LO", "CT CHEST"), 0x00180050: ("DS", "2"), 0x00200013: ("IS", number),
                 0x00200032: ("DS", [x, y, z]), 0x00200037: ("DS", [1, 0, 0, 0, 1, 0]), 0x00200052: ("UI", study + ".9"),
                 0x00280002: ("US", 1), 0x00280004: ("CS", "MONOCHROME2"), 0x00280010: ("US", size),
                 0x00280011: ("US", size), 0x00280030: ("DS", [1, 1]), 0x00280100: ("US", 16), 0x00280101: ("US", 16),
                 0x00280102: ("US", 15), 0x00280103: ("US", 0), 0x00281052: ("DS", "-1024"), 0x00281053: ("DS", "1"),
                 0x7FE00010: ("OW", pixels)})
    return data


def rejection(reason, images, uid, study, date="20240201", time="090000", **more):
    """A Key Object Selection document that rejects; images: {series: [SOP UID ...]}."""
    titles = {"quality": ("113001", "Rejected for Quality Reasons"),
              "safety": ("113037", "Rejected for Patient Safety Reasons"),
              "worklist": ("113038", "Incorrect Modality Worklist Entry"),
              "retention": ("113039", "Data Retention Policy Expired")}
    data = header(KEY_OBJECTS, uid, study, uid + ".1", "KO", **more)
    data.update({0x00080023: ("DA", date), 0x00080033: ("TM", time), 0x0040A040: ("CS", "CONTAINER"),
                 0x0040A043: code(titles[reason][0], "DCM", titles[reason][1]), 0x0040A050: ("CS", "SEPARATE"),
                 0x0040A375: ("SQ", [{0x00081115: ("SQ", [
                     {0x00081199: ("SQ", [{0x00081150: ("UI", CT), 0x00081155: ("UI", sop)} for sop in sops]),
                      0x0020000E: ("UI", series)} for series, sops in images.items()]),
                     0x0020000D: ("UI", study)}]),
                 0x0040A730: ("SQ", [{0x0040A010: ("CS", "CONTAINS"), 0x0040A040: ("CS", "IMAGE"),
                                      0x00081199: ("SQ", [{0x00081150: ("UI", CT), 0x00081155: ("UI", sop)}])}
                                     for sops in images.values() for sop in sops])})
    return data
