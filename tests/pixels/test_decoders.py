#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our pixel values against independent decoders: pydicom for what is uncompressed or RLE, DCMTK's
tools for JPEG and JPEG-LS, Pillow's JPEG 2000.  Lossless codecs must agree to the last bit; lossy ones
within what their inverse transforms round differently.  What we refuse is listed with the reason."""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy
    import pydicom
    from pydicom.pixel_data_handlers.util import apply_color_lut, apply_modality_lut
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: python3-pydicom or python3-numpy is not installed")
    sys.exit(77)

SOURCE = pathlib.Path(os.environ["ITV_SOURCE_DIR"])
DUMP = pathlib.Path(os.environ["ITV_BUILD_DIR"]) / "tests/bin/dicom-dump"
DATA = SOURCE.parent / "shared/data/dicom"
TOOLS = {"1.2.840.10008.1.2.4.50": "dcmdjpeg", "1.2.840.10008.1.2.4.51": "dcmdjpeg",
         "1.2.840.10008.1.2.4.53": "dcmdjpeg", "1.2.840.10008.1.2.4.55": "dcmdjpeg",
         "1.2.840.10008.1.2.4.57": "dcmdjpeg", "1.2.840.10008.1.2.4.70": "dcmdjpeg",
         "1.2.840.10008.1.2.4.80": "dcmdjpls", "1.2.840.10008.1.2.4.81": "dcmdjpls"}
LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55",
         "1.2.840.10008.1.2.4.91"}
DERIVED = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}

# Where pydicom 2.3.1 is wrong, or decodes nothing: the same pixels stand uncompressed in another file.
# Big endian OW of eight bits comes with its bytes in turned pairs, Pillow spreads one bit to 0 and 128.
SIBLINGS = {"SC_rgb_small_odd_big_endian.dcm": "SC_rgb_small_odd.dcm", "OBXXXX1A_expb.dcm": "OBXXXX1A.dcm",
            "OBXXXX1A_expb_2frame.dcm": "OBXXXX1A_2frame.dcm", "liver_j2k.dcm": "liver.dcm", "liver_rle.dcm": "liver.dcm",
            "liver_deflate.dcm": "liver.dcm", "liver_expb.dcm": "liver.dcm", "liver_nonbyte_aligned_j2k.dcm": "liver_nonbyte_aligned.dcm",
            "liver_nonbyte_aligned_rle.dcm": "liver_nonbyte_aligned.dcm",
            "liver_nonbyte_aligned_deflate.dcm": "liver_nonbyte_aligned.dcm"}


def ours(path, out):
    done = subprocess.run([DUMP, path, out], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        return None, f"the decoder ended with {done.returncode}: {done.stderr[-300:]}"
    shape = json.loads(done.stdout)
    if "problem" in shape:
        return None, shape["problem"]
    values = numpy.fromfile(out, dtype=numpy.float64)
    return values.reshape(shape["frames"], shape["rows"], shape["columns"]), None


def luminance(rgb, bits):
    rgb = rgb.astype(numpy.float64) * (255 / (2 ** bits - 1) if bits > 8 else 1)
    return numpy.floor(.299 * rgb[..., 0] + .587 * rgb[..., 1] + .114 * rgb[..., 2] + .5)


def stored_bits(array, ds):
    """Bits beside those stored may hold anything (overlays)."""
    array = array.astype(numpy.int64) >> (ds.HighBit + 1 - ds.BitsStored) & (1 << ds.BitsStored) - 1
    sign = (1 << ds.BitsStored - 1) if ds.PixelRepresentation else 0
    return numpy.where(array & sign, array - (1 << ds.BitsStored), array)


def theirs(path, folder):
    """Values as ours should be; None with a reason when nothing here decodes it."""
    ds = pydicom.dcmread(path, force=True)
    syntax = str(ds.file_meta.get("TransferSyntaxUID", "1.2.840.10008.1.2"))
    if "TransferSyntaxUID" not in ds.file_meta:
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian if ds.is_implicit_VR else (
            pydicom.uid.ExplicitVRLittleEndian if ds.is_little_endian else pydicom.uid.ExplicitVRBigEndian)
    if syntax in TOOLS:
        if not shutil.which(TOOLS[syntax]):
            return None, f"{TOOLS[syntax]} is not installed"
        plain = folder / "plain.dcm"
        keep = ["+cn"] if syntax.endswith(".50") else []  # luminance as it is, not by way of clipped RGB
        done = subprocess.run([TOOLS[syntax], *keep, path, plain], capture_output=True, text=True)
        if done.returncode != 0:
            return None, f"{TOOLS[syntax]}: {done.stderr.strip()[-160:]}"
        ds = pydicom.dcmread(plain, force=True)
    array = ds.pixel_array
    frames = int(ds.get("NumberOfFrames") or 1)
    photometric = ds.PhotometricInterpretation
    if ds.SamplesPerPixel == 3:
        array = array.reshape(frames, ds.Rows, ds.Columns, 3)
        if photometric.startswith("YBR") and photometric not in ("YBR_ICT", "YBR_RCT"):
            return array[..., 0].astype(float) * (255 / (2 ** ds.BitsStored - 1) if ds.BitsStored > 8 else 1), None
        return luminance(array, ds.BitsStored), None
    array = array.reshape(frames, ds.Rows, ds.Columns)
    if photometric == "PALETTE COLOR" and str(ds.SOPClassUID) not in DERIVED:
        return luminance(apply_color_lut(array, ds), 16 if ds.RedPaletteColorLookupTableDescriptor[2] > 8 else 8), None
    if array.dtype.kind in "iu" and ds.BitsAllocated > 1:
        array = stored_bits(array, ds)
    if "ModalityLUTSequence" in ds:
        array = apply_modality_lut(array, ds)
    array = array.astype(numpy.float64)
    if photometric == "MONOCHROME1":
        low = -(2 ** (ds.BitsStored - 1)) if ds.PixelRepresentation else 0
        array = 2 * low + 2 ** ds.BitsStored - 1 - array
    return array, None


def is_colour(path):
    ds = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    return ds.get("SamplesPerPixel") == 3 or ds.get("PhotometricInterpretation") == "PALETTE COLOR"


def compare(path, folder):
    """("equal" | "close" | "differs" | "only ours" | "only theirs" | "neither", text)"""
    mine, refusal = ours(path, folder / "out")
    try:
        other, reason = theirs(path.with_name(SIBLINGS.get(path.name, path.name)), folder)
    except Exception as e:  # whatever pydicom throws at an odd file
        other, reason = None, f"{type(e).__name__}: {str(e)[:120]}"
    if mine is None or other is None:
        kind = "neither" if mine is other else "only ours" if other is None else "only theirs"
        return kind, refusal or reason
    if mine.shape != other.shape:
        return "differs", f"shape {mine.shape} is not {other.shape}"
    largest = numpy.abs(mine - numpy.nan_to_num(other, posinf=0, neginf=0)).max()
    syntax = str(pydicom.dcmread(path, force=True, stop_before_pixels=True).file_meta.get("TransferSyntaxUID", ""))
    allowed = (3 if syntax in LOSSY else 0) + (1 if is_colour(path) else 0)
    if largest == 0:
        return "equal", ""
    return ("close" if largest <= allowed else "differs"), f"by {largest:g} at most"


def main():
    warnings.filterwarnings("ignore")
    if not DATA.is_dir():
        print("skipped: ../shared/data is not there")
        return 77
    counts, syntaxes, faults = collections.Counter(), collections.defaultdict(collections.Counter), []
    with tempfile.TemporaryDirectory(prefix="itv-pixels-") as name:
        for path in sorted(p for p in DATA.rglob("*") if p.is_file()):
            try:
                ds = pydicom.dcmread(path, force=True, stop_before_pixels=True)
                if "Rows" not in ds or not ds.Rows:
                    continue
            except Exception:
                continue
            kind, text = compare(path, pathlib.Path(name))
            counts[kind] += 1
            syntaxes[str(ds.file_meta.get("TransferSyntaxUID", "none"))][kind] += 1
            short = str(path.relative_to(DATA))
            if kind not in ("equal", "close"):
                print(f"{kind:12} {short}: {text}")
            if kind in ("differs", "only theirs"):
                faults.append(short)
    for syntax, kinds in sorted(syntaxes.items()):
        print(f"{syntax:26} {dict(kinds)}")
    print(dict(counts))
    for fault in faults:
        print("FAILED:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
