#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies one CT file (little endian, not compressed) into N files: new UIDs, instance numbers and
positions; one patient, a study of one series for every 1,000 files.  The pixels stay."""
import argparse
import pathlib
import struct
import uuid

LONG = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
PIXELS = (0x7FE0, 0x0010)


def elements(data, at, explicit):
    """(tag, header, value) up to the pixels; a sequence must have a defined length."""
    while at < len(data):
        tag = struct.unpack_from("<HH", data, at)
        if tag == PIXELS:
            yield tag, data[at:], b""
            return
        n = 12 if explicit and data[at + 4:at + 6] in LONG else 8
        length = struct.unpack_from("<H", data, at + 6)[0] if explicit and n == 8 else struct.unpack_from("<I", data, at + n - 4)[0]
        if length == 0xFFFFFFFF:
            raise SystemExit("the file has a sequence of undefined length; take another")
        yield tag, data[at:at + n], data[at + n:at + n + length]
        at += n + length


def header(old, length, explicit):
    return old[:6] + struct.pack("<H", length) if explicit and len(old) == 8 else old[:-4] + struct.pack("<I", length)


def even(text, pad):
    raw = text.encode()
    return raw + pad if len(raw) % 2 else raw


def new_uid():
    return f"2.25.{uuid.uuid4().int}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("-n", type=int, default=5000)
    parser.add_argument("--per-study", type=int, default=1000)
    args = parser.parse_args()
    data = args.source.read_bytes()
    end = 144 + struct.unpack_from("<I", data, 140)[0]
    meta = [e for e in elements(data[:end], 132, True)]
    explicit = next(v for t, _, v in meta if t == (2, 0x10)).rstrip(b"\0 ") != b"1.2.840.10008.1.2"
    body = list(elements(data, end, explicit))
    args.folder.mkdir(parents=True)
    for i in range(args.n):
        sop = new_uid()
        if i % args.per_study == 0:
            study, series, frame, accession = new_uid(), new_uid(), new_uid(), f"SYNTHCT{i // args.per_study}"
        values = {(2, 3): even(sop, b"\0"), (8, 0x18): even(sop, b"\0"), (0x20, 0xD): even(study, b"\0"), (0x20, 0xE): even(series, b"\0"),
                  (0x20, 0x52): even(frame, b"\0"), (0x10, 0x20): b"SYNTH-CT", (0x10, 0x10): b"SYNTH^SERIES", (8, 0x50): even(accession, b" "),
                  (0x20, 0x13): even(str(i + 1), b" "), (0x20, 0x32): even(f"-275\\-524\\{i * 0.5 - 1000:.1f}", b" ")}
        head = b"".join(header(h, len(values.get(t, v)), True) + values.get(t, v) for t, h, v in meta[1:])
        rest = b"".join(h if t == PIXELS else header(h, len(values.get(t, v)), explicit) + values.get(t, v) for t, h, v in body)
        out = data[:132] + b"\x02\0\0\0UL\x04\0" + struct.pack("<I", len(head)) + head + rest
        (args.folder / f"IM{i:05}.dcm").write_bytes(out)


if __name__ == "__main__":
    main()
