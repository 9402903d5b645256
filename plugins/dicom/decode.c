/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <math.h>
#include <string.h>

#include "codec.h"
#include "codestream.h"
#include "gdcm-decode.h"
#include "tables.h"
#include "values.h"

#define MAX_SIDE 65535
#define MAX_FRAMES 100000
#define RLE "1.2.840.10008.1.2.5"
#define DEFLATED_FRAME "1.2.840.10008.1.2.8.1"
#define JPEG2000_LOSSLESS "1.2.840.10008.1.2.4.90"

struct DcmDecoder {
  const DcmImage *image;
  GArray *fragments; /* DcmFragment, offset table first; NULL for native pixels */
  guint *first;      /* index of each frame's first fragment, one more at the end */
  DcmTable palette;  /* luminance 0..255 of each entry */
  DcmTable modality; /* what stored values stand for */
};

static const char *const native_syntaxes[] = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1",
                                              "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
                                              NULL};
static const char *const gdcm_syntaxes[] = {"1.2.840.10008.1.2.4.50",
                                            "1.2.840.10008.1.2.4.51",
                                            "1.2.840.10008.1.2.4.53",
                                            "1.2.840.10008.1.2.4.55",
                                            "1.2.840.10008.1.2.4.57",
                                            "1.2.840.10008.1.2.4.70",
                                            "1.2.840.10008.1.2.4.80",
                                            "1.2.840.10008.1.2.4.81",
                                            JPEG2000_LOSSLESS,
                                            "1.2.840.10008.1.2.4.91",
                                            NULL};
static const char *const own_syntaxes[] = {RLE, DEFLATED_FRAME, NULL};

/* Objects that look like images but show no patient. */
static const char *
derived_kind(const char *sop_class)
{
  static const struct {
    const char *uid, *what;
  } kinds[] = {
      {"1.2.840.10008.5.1.4.1.1.66.4", "a segmentation"},
      {"1.2.840.10008.5.1.4.1.1.66.7", "a label map segmentation"},
      {"1.2.840.10008.5.1.4.1.1.481.2", "a radiotherapy dose distribution"},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (g_strcmp0(sop_class, kinds[i].uid) == 0)
      return kinds[i].what;
  return NULL;
}

static gboolean
is_encapsulated(const DcmImage *im)
{
  return im->pixels->undefined;
}

gboolean
dcm_is_colour(const DcmImage *image)
{
  return image->samples == 3 || g_strcmp0(image->photometric, "PALETTE COLOR") == 0;
}

gboolean
dcm_is_inverted(const DcmImage *image)
{
  return g_strcmp0(image->photometric, "MONOCHROME1") == 0;
}

static gboolean
is_subsampled(const DcmImage *im)
{
  return !is_encapsulated(im) && (g_strcmp0(im->photometric, "YBR_FULL_422") == 0 ||
                                  g_strcmp0(im->photometric, "YBR_PARTIAL_422") == 0);
}

/* Bytes of one native frame; one-bit frames are packed over frame borders. */
static gint64
native_bits(const DcmImage *im)
{
  gint64 samples = is_subsampled(im) ? 2 : im->samples;
  return im->rows * im->columns * samples * im->allocated;
}

static char *
format_problem(const DcmImage *im)
{
  gint64 a = im->allocated;
  if (im->rows < 1 || im->columns < 1 || im->rows > MAX_SIDE || im->columns > MAX_SIDE ||
      im->frames > MAX_FRAMES)
    return g_strdup_printf("%" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " pixels in %" G_GINT64_FORMAT
                           " frames: no image has these",
                           im->columns, im->rows, im->frames);
  if (im->samples != 1 && im->samples != 3)
    return g_strdup_printf("%" G_GINT64_FORMAT " samples per pixel are not supported", im->samples);
  if (im->is_float ? a != 32 && a != 64 : a != 1 && a != 8 && a != 16 && a != 32)
    return g_strdup_printf("%" G_GINT64_FORMAT " bits allocated are not supported", a);
  if (im->stored < 1 || im->stored > a || im->high_bit < im->stored - 1 || im->high_bit >= a)
    return g_strdup_printf("bits stored (%" G_GINT64_FORMAT ") and high bit (%" G_GINT64_FORMAT
                           ") do not fit %" G_GINT64_FORMAT " bits allocated",
                           im->stored, im->high_bit, a);
  if (im->samples == 3 && a != 8 && a != 16 && a != 32)
    return g_strdup_printf("colour of %" G_GINT64_FORMAT " bits is not supported", a);
  return NULL;
}

static const char *
syntax_name(const char *ts)
{
  static const struct {
    const char *prefix, *name;
  } names[] = {
      {"1.2.840.10008.1.2.4.20", "high-throughput JPEG 2000"},
      {"1.2.840.10008.1.2.4.11", "JPEG XL"},
      {"1.2.840.10008.1.2.4.92", "JPEG 2000 of several components"},
      {"1.2.840.10008.1.2.4.93", "JPEG 2000 of several components"},
      {"1.2.840.10008.1.2.4.94", "JPIP: the pixels lie elsewhere"},
      {"1.2.840.10008.1.2.4.95", "JPIP: the pixels lie elsewhere"},
      {"1.2.840.10008.1.2.4.10", "MPEG video"},
      {"1.2.840.10008.1.2.7", "SMPTE video"},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (g_str_has_prefix(ts, names[i].prefix))
      return names[i].name;
  return "unknown here";
}

/* JPEG 2000 of one bit is decoded as bytes. */
static gboolean
is_bitwise(const DcmImage *im)
{
  return im->allocated == 1 && im->samples == 1 &&
         strcmp(im->object->transfer_syntax, JPEG2000_LOSSLESS) == 0;
}

static char *
syntax_problem(const DcmImage *im)
{
  const char *ts = im->object->transfer_syntax;
  if (!is_encapsulated(im)) {
    gint64 want = (native_bits(im) * im->frames + 7) / 8;
    if (want <= im->pixels->length)
      return NULL;
    return g_strdup_printf("the pixel data are cut off: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                           " bytes are there",
                           im->pixels->length, want);
  }
  if (g_strv_contains(native_syntaxes, ts))
    return g_strdup_printf("compressed pixels under the uncompressed transfer syntax %s", ts);
  if (g_strv_contains(own_syntaxes, ts))
    return NULL;
  if (!g_strv_contains(gdcm_syntaxes, ts))
    return g_strdup_printf("transfer syntax %s (%s) is not supported", ts, syntax_name(ts));
  if (im->allocated == 8 || im->allocated == 16 || is_bitwise(im))
    return NULL;
  return g_strdup_printf("%" G_GINT64_FORMAT "-bit pixels under transfer syntax %s are not "
                         "supported",
                         im->allocated, ts);
}

/* Why the pixels cannot be decoded, whatever they show. */
static char *
codec_problem(const DcmImage *image)
{
  char *problem = format_problem(image);
  return problem ? problem : syntax_problem(image);
}

char *
dcm_image_problem(const DcmImage *image)
{
  g_autofree char *sop_class = dcm_uid(image->object->data, DCM_TAG(0x0008, 0x0016));
  const char *kind = derived_kind(sop_class);
  if (kind)
    return g_strdup_printf("this is %s, not an image of the patient", kind);
  return codec_problem(image);
}

/* ---- where the frames lie ---- */

/* Offsets of the basic offset table, which counts from the first fragment's
 * item; FALSE when it is absent or does not fit. */
static gboolean
frames_by_table(DcmDecoder *d)
{
  const DcmFragment *table = &g_array_index(d->fragments, DcmFragment, 0);
  guint n = (guint)d->image->frames;
  if (table->length != (gint64)n * 4 || d->fragments->len < 2)
    return FALSE;
  gint64 base = g_array_index(d->fragments, DcmFragment, 1).at - 8;
  guint f = 1;
  for (guint i = 0; i < n; i++) {
    guint8 b[4];
    if (!dcm_file_read(d->image->object->file, table->at + 4 * i, b, 4))
      return FALSE;
    gint64 at =
        base + 8 +
        (gint64)((guint32)b[0] | (guint32)b[1] << 8 | (guint32)b[2] << 16 | (guint32)b[3] << 24);
    while (f < d->fragments->len && g_array_index(d->fragments, DcmFragment, f).at < at)
      f++;
    if (f >= d->fragments->len || g_array_index(d->fragments, DcmFragment, f).at != at)
      return FALSE;
    d->first[i] = f;
  }
  d->first[n] = d->fragments->len;
  return TRUE;
}

/* A fragment that begins a JPEG, JPEG-LS or JPEG 2000 stream begins a frame. */
static gboolean
frames_by_marker(DcmDecoder *d)
{
  guint n = (guint)d->image->frames, found = 0;
  for (guint f = 1; f < d->fragments->len; f++) {
    guint8 b[2];
    const DcmFragment *fragment = &g_array_index(d->fragments, DcmFragment, f);
    if (fragment->length < 2 || !dcm_file_read(d->image->object->file, fragment->at, b, 2))
      continue;
    if (b[0] != 0xFF || (b[1] != 0xD8 && b[1] != 0x4F))
      continue;
    if (found == n)
      return FALSE;
    d->first[found++] = f;
  }
  d->first[n] = d->fragments->len;
  return found == n;
}

static gboolean
find_frames(DcmDecoder *d, GError **error)
{
  guint n = (guint)d->image->frames;
  d->fragments = dcm_fragments(d->image->object->data, d->image->pixels, error);
  if (!d->fragments)
    return FALSE;
  d->first = g_new0(guint, n + 1);
  if (n == 1 && d->fragments->len >= 2) {
    d->first[0] = 1;
    d->first[1] = d->fragments->len;
    return TRUE;
  }
  if (d->fragments->len == n + 1) {
    for (guint i = 0; i <= n; i++)
      d->first[i] = i + 1;
    return TRUE;
  }
  if (d->fragments->len > n && (frames_by_table(d) || frames_by_marker(d)))
    return TRUE;
  g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT,
              "%s: %u compressed fragments cannot be told apart into %u frames",
              dcm_file_name(d->image->object->file), d->fragments->len - MIN(d->fragments->len, 1),
              n);
  return FALSE;
}

/* ---- frames ---- */

DcmDecoder *
dcm_decoder_new(const DcmImage *image, GError **error)
{
  g_autofree char *problem =
      image->pixels ? codec_problem(image) : g_strdup("it holds no pixel data");
  if (problem) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_UNSUPPORTED, "%s: %s",
                dcm_file_name(image->object->file), problem);
    return NULL;
  }
  g_autoptr(DcmDecoder) d = g_new0(DcmDecoder, 1);
  d->image = image;
  if (is_encapsulated(image) && !find_frames(d, error))
    return NULL;
  /* The palette of a label map paints what the numbers stand for. */
  g_autofree char *sop_class = dcm_uid(image->object->data, DCM_TAG(0x0008, 0x0016));
  if (g_strcmp0(image->photometric, "PALETTE COLOR") == 0 && !derived_kind(sop_class) &&
      !dcm_palette_read(image->object->data, &d->palette, error))
    return NULL;
  if (image->has_modality_table &&
      !dcm_modality_table_read(image->object->data, image->is_signed, &d->modality, error))
    return NULL;
  return g_steal_pointer(&d);
}

void
dcm_decoder_free(DcmDecoder *decoder)
{
  if (!decoder)
    return;
  if (decoder->fragments)
    g_array_unref(decoder->fragments);
  g_free(decoder->first);
  dcm_table_clear(&decoder->palette);
  dcm_table_clear(&decoder->modality);
  g_free(decoder);
}

void
dcm_decoder_range(const DcmImage *image, double *ret_low, double *ret_high)
{
  if (dcm_is_colour(image)) {
    *ret_low = 0;
    *ret_high = 255;
    return;
  }
  if (image->has_modality_table) {
    *ret_low = 0;
    *ret_high = 65535;
    return;
  }
  double span = ldexp(1, (int)image->stored);
  *ret_low = image->is_signed ? -span / 2 : 0;
  *ret_high = *ret_low + span - 1;
}

typedef struct {
  guint8 *bytes;
  gsize n;
  gboolean big, planar, ybr;
  gboolean bytewise; /* pixels of one bit that take a byte each */
} Raw;

/* Bytes of a big endian OW come in pairs that are turned round (PS3.5 7.3, 8.1.2): those
 * of pixels of up to eight bits must be turned back. */
static gboolean
read_at(const DcmImage *im, gint64 offset, guint8 *bytes, gsize n)
{
  const gboolean turned = (im->object->data->syntax & DCM_BIG_ENDIAN) != 0 &&
                          strcmp(im->pixels->vr, "OW") == 0 && im->allocated <= 8;
  if (!turned)
    return dcm_file_read(im->object->file, im->pixels->at + offset, bytes, n);
  const gint64 from = offset & ~(gint64)1,
               to = MIN((offset + (gint64)n + 1) & ~(gint64)1, im->pixels->length);
  g_autofree guint8 *pairs = g_try_malloc0((gsize)(to - from) + 2);
  if (!pairs || !dcm_file_read(im->object->file, im->pixels->at + from, pairs, (gsize)(to - from)))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    bytes[i] = pairs[((gsize)(offset - from) + i) ^ 1];
  return TRUE;
}

static gboolean
read_native(const DcmDecoder *d, guint frame, Raw *raw, GError **error)
{
  const DcmImage *im = d->image;
  gint64 bits = native_bits(im);
  raw->n = (gsize)((bits + 7) / 8) + (im->allocated == 1);
  raw->bytes = g_try_malloc0(raw->n);
  raw->big = (im->object->data->syntax & DCM_BIG_ENDIAN) != 0 && strcmp(im->pixels->vr, "OB") != 0;
  raw->planar = im->planar == 1;
  raw->ybr = im->photometric && g_str_has_prefix(im->photometric, "YBR");
  gint64 offset = bits * frame / 8;
  gsize n = (gsize)MIN((gint64)raw->n, im->pixels->length - offset);
  if (raw->bytes && read_at(im, offset, raw->bytes, n))
    return TRUE;
  g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT, "%s: frame %u cannot be read",
              dcm_file_name(im->object->file), frame + 1);
  return FALSE;
}

static guint8 *
read_fragments(const DcmDecoder *d, guint frame, gsize *ret_n)
{
  gsize n = 0, at = 0;
  for (guint f = d->first[frame]; f < d->first[frame + 1]; f++)
    n += (gsize)g_array_index(d->fragments, DcmFragment, f).length;
  g_autofree guint8 *bytes = n && n < G_MAXINT32 ? g_try_malloc(n) : NULL;
  for (guint f = d->first[frame]; bytes && f < d->first[frame + 1]; f++) {
    const DcmFragment *fragment = &g_array_index(d->fragments, DcmFragment, f);
    if (!dcm_file_read(d->image->object->file, fragment->at, bytes + at, (gsize)fragment->length))
      return NULL;
    at += (gsize)fragment->length;
  }
  *ret_n = n;
  return g_steal_pointer(&bytes);
}

/* Does the stream hold the image that the header describes? */
static gboolean
check_stream(const DcmImage *im, const guint8 *bytes, gsize n, char *why, gsize size)
{
  DcmCodestream c;
  /* A stream without its end is decoded all the same, with whatever comes to the
   * library's mind for the rest. */
  if (!dcm_codestream_is_whole(bytes, n)) {
    g_strlcpy(why, "the compressed frame is cut off: its end marker is missing", size);
    return FALSE;
  }
  if (!dcm_codestream_read(bytes, n, &c)) {
    g_strlcpy(why, "the compressed frame has no sound header", size);
    return FALSE;
  }
  if (c.rows == im->rows && c.columns == im->columns && c.samples == im->samples &&
      c.precision <= im->allocated)
    return TRUE;
  g_snprintf(
      why, size,
      "the compressed frame has %u x %u pixels of %u samples of %u bits, the header says "
      "%" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT,
      c.columns, c.rows, c.samples, c.precision, im->columns, im->rows, im->samples, im->stored);
  return FALSE;
}

/* RLE and deflated frames: no library is needed. */
static gboolean
read_own(const DcmImage *im, const guint8 *bytes, gsize n, Raw *raw, const char **why)
{
  const gsize pixels = (gsize)(im->rows * im->columns);
  if (strcmp(im->object->transfer_syntax, RLE) != 0) {
    raw->planar = im->planar == 1;
    raw->ybr = im->photometric && g_str_has_prefix(im->photometric, "YBR");
    return dcm_inflate_frame(bytes, n, raw->bytes, raw->n, why);
  }
  raw->planar = TRUE;
  raw->ybr = im->photometric && g_str_has_prefix(im->photometric, "YBR");
  const gboolean bits = im->allocated == 1;
  return dcm_rle_decode(bytes, n, (guint)im->samples, bits ? 1 : (guint)im->allocated / 8,
                        bits ? (pixels + 7) / 8 : pixels, raw->bytes, why);
}

static gboolean
read_by_gdcm(const DcmImage *im, const guint8 *bytes, gsize n, Raw *raw, char *why, gsize size)
{
  const unsigned allocated = is_bitwise(im) ? 8 : (unsigned)im->allocated;
  const DcmCodecFormat format = {im->object->transfer_syntax,
                                 im->photometric ? im->photometric : "MONOCHROME2",
                                 (unsigned)im->rows,
                                 (unsigned)im->columns,
                                 (unsigned)im->samples,
                                 (unsigned)im->planar,
                                 allocated,
                                 is_bitwise(im) ? 8 : (unsigned)im->stored,
                                 is_bitwise(im) ? 7 : (unsigned)im->high_bit,
                                 im->is_signed};
  int planar = 0, ybr = 0;
  if (!check_stream(im, bytes, n, why, size) ||
      dcm_gdcm_decode(&format, bytes, n, raw->bytes, raw->n, &planar, &ybr, why, size) != 0)
    return FALSE;
  raw->planar = planar;
  raw->ybr = ybr;
  return TRUE;
}

/* Each frame is compressed on its own: bits begin with a byte. */
static gboolean
read_compressed(const DcmDecoder *d, guint frame, Raw *raw, GError **error)
{
  const DcmImage *im = d->image;
  const gsize pixels = (gsize)(im->rows * im->columns);
  char why[512] = "the compressed frame cannot be read";
  const char *reason = why;
  gsize n = 0;
  gboolean ok = FALSE;
  g_autofree guint8 *bytes = read_fragments(d, frame, &n);
  raw->bytewise = is_bitwise(im);
  raw->n = im->allocated == 1 && !raw->bytewise
               ? (pixels + 7) / 8
               : pixels * (gsize)im->samples * MAX((gsize)im->allocated / 8, 1);
  raw->bytes = g_try_malloc0(raw->n);
  if (bytes && raw->bytes)
    ok = g_strv_contains(own_syntaxes, im->object->transfer_syntax)
             ? read_own(im, bytes, n, raw, &reason)
             : read_by_gdcm(im, bytes, n, raw, why, sizeof why);
  if (!ok)
    g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT, "%s: frame %u: %s",
                dcm_file_name(im->object->file), frame + 1, reason);
  return ok;
}

static guint32
sample(const Raw *raw, gsize i, guint bytes)
{
  guint32 v = 0;
  const guint8 *p = raw->bytes + i * bytes;
  for (guint k = 0; k < bytes; k++)
    v |= (guint32)p[raw->big ? bytes - 1 - k : k] << (8 * k);
  return v;
}

static void
unpack_float(const DcmImage *im, const Raw *raw, double *values)
{
  gsize n = (gsize)(im->rows * im->columns);
  guint bytes = (guint)im->allocated / 8;
  for (gsize i = 0; i < n; i++) {
    if (bytes == 4) {
      guint32 u = sample(raw, i, 4);
      float f;
      memcpy(&f, &u, sizeof f);
      values[i] = (double)f;
    } else {
      guint64 u = (guint64)sample(raw, 2 * i + (raw->big ? 0 : 1), 4) << 32 |
                  sample(raw, 2 * i + (raw->big ? 1 : 0), 4);
      memcpy(&values[i], &u, sizeof u);
    }
    if (!isfinite(values[i]))
      values[i] = 0;
  }
}

static void
unpack_colour(const DcmImage *im, const Raw *raw, double *values)
{
  gsize n = (gsize)(im->rows * im->columns);
  guint bytes = (guint)im->allocated / 8;
  double scale = im->stored > 8 ? 255 / (ldexp(1, (int)im->stored) - 1) : 1;
  for (gsize i = 0; i < n; i++) {
    gsize at = is_subsampled(im) ? i / 2 * 4 + i % 2 : raw->planar ? i : 3 * i;
    double first = sample(raw, at, bytes) * scale;
    if (raw->ybr) {
      values[i] = floor(first + 0.5);
      continue;
    }
    double g = sample(raw, raw->planar ? n + i : 3 * i + 1, bytes) * scale;
    double b = sample(raw, raw->planar ? 2 * n + i : 3 * i + 2, bytes) * scale;
    values[i] = dcm_luminance(first, g, b);
  }
}

static void
unpack_bits(const DcmImage *im, const Raw *raw, guint frame, double *values)
{
  gsize n = (gsize)(im->rows * im->columns);
  gsize skip = is_encapsulated(im) ? 0 : (gsize)(native_bits(im) * frame % 8);
  for (gsize i = 0; i < n; i++)
    values[i] =
        raw->bytewise ? raw->bytes[i] != 0 : raw->bytes[(skip + i) / 8] >> ((skip + i) % 8) & 1;
}

static void
unpack_grey(const DcmDecoder *d, const Raw *raw, double *values)
{
  const DcmImage *im = d->image;
  gsize n = (gsize)(im->rows * im->columns);
  guint bytes = (guint)im->allocated / 8, shift = (guint)(im->high_bit + 1 - im->stored);
  guint32 mask = im->stored >= 32 ? 0xFFFFFFFFu : (1u << im->stored) - 1;
  guint32 sign = im->is_signed ? 1u << (im->stored - 1) : 0;
  for (gsize i = 0; i < n; i++) {
    guint32 v = sample(raw, i, bytes) >> shift & mask;
    values[i] = v & sign ? (double)v - (double)mask - 1 : (double)v;
    if (d->palette.values)
      values[i] = dcm_table_value(&d->palette, values[i]);
    else if (d->modality.values)
      values[i] = dcm_table_value(&d->modality, values[i]);
  }
}

gboolean
dcm_decoder_frame(DcmDecoder *decoder, guint frame, double *ret_values, GError **error)
{
  const DcmImage *im = decoder->image;
  Raw raw = {0};
  if (frame >= im->frames) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT, "%s: there is no frame %u of %" G_GINT64_FORMAT,
                dcm_file_name(im->object->file), frame + 1, im->frames);
    return FALSE;
  }
  gboolean ok = decoder->fragments ? read_compressed(decoder, frame, &raw, error)
                                   : read_native(decoder, frame, &raw, error);
  g_autofree guint8 *owned = raw.bytes;
  if (!ok || !owned)
    return FALSE;
  if (im->is_float)
    unpack_float(im, &raw, ret_values);
  else if (im->samples == 3)
    unpack_colour(im, &raw, ret_values);
  else if (im->allocated == 1)
    unpack_bits(im, &raw, frame, ret_values);
  else
    unpack_grey(decoder, &raw, ret_values);
  if (dcm_is_inverted(im)) {
    double low, high;
    dcm_decoder_range(im, &low, &high);
    for (gsize i = 0; i < (gsize)(im->rows * im->columns); i++)
      ret_values[i] = low + high - ret_values[i];
  }
  return TRUE;
}
