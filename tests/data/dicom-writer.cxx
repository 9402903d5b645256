/* SPDX-License-Identifier: Apache-2.0 */
#include "dicom-writer.h"

#include <glib.h>

#include <cmath>
#include <cstring>
#include <vector>

#include <gdcmFileMetaInformation.h>
#include <gdcmImage.h>
#include <gdcmImageChangeTransferSyntax.h>

#include <gdcmTrace.h>
#include <gdcmWriter.h>

#include "dicom-attributes.hxx"

namespace synth {

static thread_local std::string last_error;

int
guarded(void (*body)(const void *), const void *arguments)
{
  try {
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
    body(arguments);
    return 0;
  } catch (const std::exception &e) {
    last_error = e.what();
  } catch (...) {
    last_error = "unknown C++ exception";
  }
  return -1;
}

void
put(gdcm::DataSet &d, uint16_t group, uint16_t element, gdcm::VR::VRType vr,
    const std::string &value)
{
  std::string padded = value;
  if (padded.size() % 2)
    padded += vr == gdcm::VR::UI ? '\0' : ' ';
  gdcm::DataElement e(gdcm::Tag(group, element), static_cast<uint32_t>(padded.size()), vr);
  e.SetByteValue(padded.data(), static_cast<uint32_t>(padded.size()));
  d.Replace(e);
}

void
put(gdcm::DataSet &d, uint16_t group, uint16_t element, gdcm::VR::VRType vr, const char *value)
{
  if (value && *value)
    put(d, group, element, vr, std::string(value));
}

void
put_or_empty(gdcm::DataSet &d, uint16_t group, uint16_t element, gdcm::VR::VRType vr,
             const char *value)
{
  put(d, group, element, vr, std::string(value ? value : ""));
}

void
put_us(gdcm::DataSet &d, uint16_t group, uint16_t element, unsigned value)
{
  const char bytes[2] = {static_cast<char>(value & 0xff), static_cast<char>(value >> 8 & 0xff)};
  gdcm::DataElement e(gdcm::Tag(group, element), 2, gdcm::VR::US);
  e.SetByteValue(bytes, 2);
  d.Replace(e);
}

/* A DS has at most 16 characters. */
static std::string
decimal(double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  for (int precision = 15; precision > 5; precision--) {
    char format[8];
    g_snprintf(format, sizeof format, "%%.%dg", precision);
    g_ascii_formatd(text, sizeof text, format, value == 0 ? 0 : value);
    if (strlen(text) <= 16)
      break;
  }
  return text;
}

void
put_ds(gdcm::DataSet &d, uint16_t group, uint16_t element, const double *values, int n)
{
  std::string all;
  for (int i = 0; i < n; i++)
    all += (i ? "\\" : "") + decimal(values[i]);
  put(d, group, element, gdcm::VR::DS, all);
}

void
put_is(gdcm::DataSet &d, uint16_t group, uint16_t element, int value)
{
  put(d, group, element, gdcm::VR::IS, std::to_string(value));
}

Sequence
new_sequence()
{
  Sequence s = new gdcm::SequenceOfItems;
  s->SetLengthToUndefined();
  return s;
}

void
add_item(Sequence &sequence, const gdcm::DataSet &content)
{
  gdcm::Item item;
  item.SetVLToUndefined();
  item.SetNestedDataSet(content);
  sequence->AddItem(item);
}

void
put_sequence(gdcm::DataSet &d, uint16_t group, uint16_t element, Sequence &sequence)
{
  gdcm::DataElement e(gdcm::Tag(group, element));
  e.SetVR(gdcm::VR::SQ);
  e.SetValue(*sequence);
  e.SetVLToUndefined();
  d.Replace(e);
}

static void
require(const char *value, const char *what)
{
  if (!value || !*value)
    throw std::invalid_argument(std::string("the DICOM writer needs ") + what);
}

void
put_common(gdcm::DataSet &d, const SynthPatient &patient, const SynthStudy &study,
           const SynthSeries &series, const char *sop_class, const char *sop_uid)
{
  require(patient.id, "a patient id");
  if (strncmp(patient.id, "SYNTH", 5) != 0)
    throw std::invalid_argument("generated patient ids begin with SYNTH");
  require(study.uid, "a study UID");
  require(series.uid, "a series UID");
  require(series.modality, "a modality");
  require(sop_uid, "a SOP instance UID");
  put(d, 0x0008, 0x0005, gdcm::VR::CS, "ISO_IR 192");
  put(d, 0x0008, 0x0016, gdcm::VR::UI, sop_class);
  put(d, 0x0008, 0x0018, gdcm::VR::UI, sop_uid);
  put_or_empty(d, 0x0008, 0x0020, gdcm::VR::DA, study.date);
  put(d, 0x0008, 0x0021, gdcm::VR::DA, study.date);
  put(d, 0x0008, 0x0023, gdcm::VR::DA, study.date);
  put_or_empty(d, 0x0008, 0x0030, gdcm::VR::TM, study.time);
  put(d, 0x0008, 0x0031, gdcm::VR::TM, study.time);
  put(d, 0x0008, 0x0033, gdcm::VR::TM, study.time);
  put_or_empty(d, 0x0008, 0x0050, gdcm::VR::SH, study.accession);
  put(d, 0x0008, 0x0060, gdcm::VR::CS, series.modality);
  put_or_empty(d, 0x0008, 0x0070, gdcm::VR::LO, series.manufacturer);
  put_or_empty(d, 0x0008, 0x0090, gdcm::VR::PN, study.referring);
  put(d, 0x0008, 0x1030, gdcm::VR::LO, study.description);
  put(d, 0x0008, 0x103e, gdcm::VR::LO, series.description);
  put(d, 0x0008, 0x1090, gdcm::VR::LO, series.model);
  put_or_empty(d, 0x0010, 0x0010, gdcm::VR::PN, patient.name);
  put(d, 0x0010, 0x0020, gdcm::VR::LO, patient.id);
  put(d, 0x0010, 0x0021, gdcm::VR::LO, patient.issuer);
  put_or_empty(d, 0x0010, 0x0030, gdcm::VR::DA, patient.birth_date);
  put_or_empty(d, 0x0010, 0x0040, gdcm::VR::CS, patient.sex);
  put(d, 0x0018, 0x1030, gdcm::VR::LO, series.protocol);
  put(d, 0x0020, 0x000d, gdcm::VR::UI, study.uid);
  put(d, 0x0020, 0x000e, gdcm::VR::UI, series.uid);
  put_or_empty(d, 0x0020, 0x0010, gdcm::VR::SH, study.id);
  put_is(d, 0x0020, 0x0011, series.number);
}

void
set_meta(gdcm::File &file, const char *sop_class, const char *sop_uid)
{
  gdcm::FileMetaInformation &meta = file.GetHeader();
  put(meta, 0x0002, 0x0002, gdcm::VR::UI, sop_class);
  put(meta, 0x0002, 0x0003, gdcm::VR::UI, sop_uid);
  put(meta, 0x0002, 0x0012, gdcm::VR::UI, "2.25.108537712471036871229424870434427151373");
  put(meta, 0x0002, 0x0013, gdcm::VR::SH, "INTERVAL_SYNTH");
}

static gdcm::TransferSyntax
syntax_of(const SynthSeries &series)
{
  const char *uid = series.transfer_syntax;
  const gdcm::TransferSyntax::TSType type =
      uid ? gdcm::TransferSyntax::GetTSType(uid) : gdcm::TransferSyntax::ExplicitVRLittleEndian;
  if (type == gdcm::TransferSyntax::TS_END)
    throw std::invalid_argument(std::string("unknown transfer syntax ") + uid);
  return gdcm::TransferSyntax(type);
}

struct Shape {
  int rows, columns, allocated, stored;
  bool is_signed, inverted;
};

static void
put_shape(gdcm::DataSet &d, const Shape &s)
{
  if (s.rows < 1 || s.columns < 1 || s.rows > 65535 || s.columns > 65535)
    throw std::invalid_argument("an image has 1 to 65535 rows and columns");
  put_us(d, 0x0028, 0x0002, 1);
  put(d, 0x0028, 0x0004, gdcm::VR::CS, s.inverted ? "MONOCHROME1" : "MONOCHROME2");
  put_us(d, 0x0028, 0x0010, static_cast<unsigned>(s.rows));
  put_us(d, 0x0028, 0x0011, static_cast<unsigned>(s.columns));
  put_us(d, 0x0028, 0x0100, static_cast<unsigned>(s.allocated));
  put_us(d, 0x0028, 0x0101, static_cast<unsigned>(s.stored));
  put_us(d, 0x0028, 0x0102, static_cast<unsigned>(s.stored - 1));
  put_us(d, 0x0028, 0x0103, s.is_signed);
}

/* The pixel data element in the series' transfer syntax.  Only the codecs of
 * GDCM's image classes are used: its image writer would add geometry that the
 * caller did not ask for (a detector spacing of 1 mm, for one). */
static gdcm::DataElement
encode(const Shape &s, const gdcm::TransferSyntax &syntax, const std::vector<char> &pixels)
{
  gdcm::DataElement e(gdcm::Tag(0x7fe0, 0x0010));
  e.SetVR(s.allocated > 8 ? gdcm::VR::OW : gdcm::VR::OB);
  e.SetByteValue(pixels.data(), static_cast<uint32_t>(pixels.size()));
  if (syntax == gdcm::TransferSyntax::ExplicitVRLittleEndian)
    return e;
  /* On the heap: the filter holds it by reference count. */
  gdcm::SmartPointer<gdcm::Image> image = new gdcm::Image;
  image->SetNumberOfDimensions(2);
  image->SetDimension(0, static_cast<unsigned>(s.columns));
  image->SetDimension(1, static_cast<unsigned>(s.rows));
  image->SetPhotometricInterpretation(
      gdcm::PhotometricInterpretation(s.inverted ? gdcm::PhotometricInterpretation::MONOCHROME1
                                                 : gdcm::PhotometricInterpretation::MONOCHROME2));
  image->SetPixelFormat(gdcm::PixelFormat(
      1, static_cast<unsigned short>(s.allocated), static_cast<unsigned short>(s.stored),
      static_cast<unsigned short>(s.stored - 1), static_cast<unsigned short>(s.is_signed)));
  image->SetTransferSyntax(gdcm::TransferSyntax::ExplicitVRLittleEndian);
  image->SetDataElement(e);
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(syntax);
  change.SetInput(*image);
  if (!change.Change())
    throw std::runtime_error("GDCM cannot write that transfer syntax");
  return change.GetOutput().GetDataElement();
}

static void
write_image(const char *path, gdcm::Writer &writer, const Shape &s, const SynthSeries &series,
            const std::vector<char> &pixels)
{
  const gdcm::TransferSyntax syntax = syntax_of(series);
  gdcm::DataSet &d = writer.GetFile().GetDataSet();
  put_shape(d, s);
  d.Replace(encode(s, syntax, pixels));
  writer.GetFile().GetHeader().SetDataSetTransferSyntax(syntax);
  writer.SetFileName(path);
  if (!writer.Write())
    throw std::runtime_error(std::string("cannot write ") + path);
}

static void
put_window(gdcm::DataSet &d, double center, double width)
{
  if (width > 0) {
    put_ds(d, 0x0028, 0x1050, &center, 1);
    put_ds(d, 0x0028, 0x1051, &width, 1);
  }
}

static void
put_technique(gdcm::DataSet &d, const SynthSeries &series)
{
  put(d, 0x0018, 0x0015, gdcm::VR::CS, series.body_part);
  put(d, 0x0018, 0x0010, gdcm::VR::LO, series.contrast_agent);
  if (series.kvp > 0)
    put_ds(d, 0x0018, 0x0060, &series.kvp, 1);
  if (series.slice_thickness_mm > 0)
    put_ds(d, 0x0018, 0x0050, &series.slice_thickness_mm, 1);
  put(d, 0x0018, 0x1210, gdcm::VR::SH, series.kernel);
}

static void
put_geometry(gdcm::DataSet &d, const SynthSlice &s)
{
  const double pair[2] = {s.spacing_row_mm, s.spacing_column_mm};
  const double slope = s.slope == 0 ? 1 : s.slope;
  put_ds(d, 0x0020, 0x0032, s.position_mm, 3);
  put_ds(d, 0x0020, 0x0037, s.orientation, 6);
  put_ds(d, 0x0028, 0x0030, pair, 2);
  put_ds(d, 0x0028, 0x1052, &s.intercept, 1);
  put_ds(d, 0x0028, 0x1053, &slope, 1);
}

static void
write_slice(const char *path, const SynthPatient &patient, const SynthStudy &study,
            const SynthSeries &series, const SynthSlice &s)
{
  require(series.modality, "a modality");
  require(series.frame_of_reference, "a frame of reference UID");
  const char *sop_class = synth_dicom_class(series.modality);
  const bool ct = strcmp(series.modality, "CT") == 0, mr = strcmp(series.modality, "MR") == 0;
  if (!sop_class || !(ct || mr || strcmp(series.modality, "PT") == 0))
    throw std::invalid_argument("slices are CT, MR or PT");
  gdcm::Writer writer;
  gdcm::DataSet &d = writer.GetFile().GetDataSet();
  put_common(d, patient, study, series, sop_class, s.uid);
  put(d, 0x0008, 0x0008, gdcm::VR::CS, ct ? "ORIGINAL\\PRIMARY\\AXIAL" : "ORIGINAL\\PRIMARY");
  put_technique(d, series);
  put(d, 0x0020, 0x0052, gdcm::VR::UI, series.frame_of_reference);
  put(d, 0x0020, 0x0060, gdcm::VR::CS, series.laterality);
  put_is(d, 0x0020, 0x0013, s.number);
  put_window(d, s.window_center, s.window_width);
  if (s.gantry_tilt_deg != 0)
    put_ds(d, 0x0018, 0x1120, &s.gantry_tilt_deg, 1);
  if (mr) {
    put(d, 0x0018, 0x0020, gdcm::VR::CS, "SE");
    put(d, 0x0018, 0x0021, gdcm::VR::CS, "NONE");
    put(d, 0x0018, 0x0023, gdcm::VR::CS, "2D");
  }
  set_meta(writer.GetFile(), sop_class, s.uid);
  put_geometry(d, s);
  const size_t n = static_cast<size_t>(s.rows) * static_cast<size_t>(s.columns);
  std::vector<char> pixels(2 * n);
  memcpy(pixels.data(), s.pixels, 2 * n);
  write_image(path, writer, {s.rows, s.columns, 16, 16, true, false}, series, pixels);
}

static void
put_film_spacing(gdcm::DataSet &d, const SynthFilm &f)
{
  const double pair[2] = {f.spacing_row_mm, f.spacing_column_mm};
  if (f.spacing == SYNTH_SPACING_DETECTOR)
    put_ds(d, 0x0018, 0x1164, pair, 2);
  if (f.spacing == SYNTH_SPACING_CALIBRATED) {
    put_ds(d, 0x0028, 0x0030, pair, 2);
    put(d, 0x0028, 0x0a02, gdcm::VR::CS, "FIDUCIAL");
    put(d, 0x0028, 0x0a04, gdcm::VR::LO, "calibrated on a ball of known size");
  }
}

static std::vector<char>
film_pixels(const SynthFilm &f)
{
  const size_t n = static_cast<size_t>(f.rows) * static_cast<size_t>(f.columns);
  const size_t bytes = f.bits_stored > 8 ? 2 : 1;
  const unsigned top = (1u << f.bits_stored) - 1;
  std::vector<char> pixels(n * bytes + (n * bytes) % 2);
  for (size_t i = 0; i < n; i++) {
    const unsigned clipped = f.pixels[i] > top ? top : f.pixels[i];
    const unsigned v = f.inverted ? top - clipped : clipped;
    pixels[i * bytes] = static_cast<char>(v & 0xff);
    if (bytes == 2)
      pixels[i * bytes + 1] = static_cast<char>(v >> 8);
  }
  return pixels;
}

static void
write_film(const char *path, const SynthPatient &patient, const SynthStudy &study,
           const SynthSeries &series, const SynthFilm &f)
{
  require(series.modality, "a modality");
  const char *sop_class = synth_dicom_class(series.modality);
  const bool cr = strcmp(series.modality, "CR") == 0;
  if (!sop_class ||
      !(cr || strcmp(series.modality, "DX") == 0 || strcmp(series.modality, "MG") == 0))
    throw std::invalid_argument("films are CR, DX or MG");
  if (f.bits_stored < 8 || f.bits_stored > 16)
    throw std::invalid_argument("a film stores 8 to 16 bits");
  gdcm::Writer writer;
  gdcm::DataSet &d = writer.GetFile().GetDataSet();
  put_common(d, patient, study, series, sop_class, f.uid);
  put(d, 0x0008, 0x0008, gdcm::VR::CS, "ORIGINAL\\PRIMARY");
  put_technique(d, series);
  put(d, 0x0018, 0x5101, gdcm::VR::CS, f.view);
  put(d, 0x0020, 0x0062, gdcm::VR::CS, cr ? nullptr : series.laterality ? series.laterality : "U");
  put(d, 0x0020, 0x0060, gdcm::VR::CS, cr ? series.laterality : nullptr);
  put_is(d, 0x0020, 0x0013, f.number);
  put_window(d, f.window_center, f.window_width);
  if (!cr) {
    put(d, 0x0008, 0x0068, gdcm::VR::CS, "FOR PRESENTATION");
    put(d, 0x2050, 0x0020, gdcm::VR::CS, f.inverted ? "INVERSE" : "IDENTITY");
  }
  set_meta(writer.GetFile(), sop_class, f.uid);
  put_film_spacing(d, f);
  const Shape shape = {f.rows,        f.columns, f.bits_stored > 8 ? 16 : 8,
                       f.bits_stored, false,     f.inverted != 0};
  write_image(path, writer, shape, series, film_pixels(f));
}

} // namespace synth

extern "C" {

const char *
synth_dicom_error(void)
{
  return synth::last_error.c_str();
}

SynthUid
synth_uid(const char *seed)
{
  SynthUid uid = {"2.25."};
  guint8 digest[32];
  gsize n = sizeof digest;
  GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(sum, reinterpret_cast<const guchar *>(seed), static_cast<gssize>(strlen(seed)));
  g_checksum_get_digest(sum, digest, &n);
  g_checksum_free(sum);
  digest[6] = static_cast<guint8>((digest[6] & 0x0f) | 0x80); /* a UUID of version 8, RFC 9562 */
  digest[8] = static_cast<guint8>((digest[8] & 0x3f) | 0x80);
  unsigned __int128 number = 0;
  for (int i = 0; i < 16; i++)
    number = number << 8 | digest[i];
  char digits[40], *p = digits + sizeof digits;
  *--p = '\0';
  for (; number; number /= 10)
    *--p = static_cast<char>('0' + static_cast<int>(number % 10));
  g_strlcat(uid.s, p, sizeof uid.s);
  return uid;
}

const char *
synth_dicom_class(const char *modality)
{
  static const struct {
    const char *modality, *uid;
  } classes[] = {
      {"CT", "1.2.840.10008.5.1.4.1.1.2"},     {"MR", "1.2.840.10008.5.1.4.1.1.4"},
      {"PT", "1.2.840.10008.5.1.4.1.1.128"},   {"CR", "1.2.840.10008.5.1.4.1.1.1"},
      {"DX", "1.2.840.10008.5.1.4.1.1.1.1"},   {"MG", "1.2.840.10008.5.1.4.1.1.1.2"},
      {"SR", "1.2.840.10008.5.1.4.1.1.88.33"},
  };
  for (const auto &c : classes)
    if (modality && strcmp(c.modality, modality) == 0)
      return c.uid;
  return nullptr;
}

int
synth_dicom_write_slice(const char *path, const SynthPatient *patient, const SynthStudy *study,
                        const SynthSeries *series, const SynthSlice *slice)
{
  return synth::run([=] { synth::write_slice(path, *patient, *study, *series, *slice); });
}

int
synth_dicom_write_film(const char *path, const SynthPatient *patient, const SynthStudy *study,
                       const SynthSeries *series, const SynthFilm *film)
{
  return synth::run([=] { synth::write_film(path, *patient, *study, *series, *film); });
}
}
