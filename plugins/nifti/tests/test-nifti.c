/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "nifti-header.h"
#include "record-check.h"

/* A file under construction, in either byte order. */
typedef struct {
  GByteArray *bytes;
  gboolean big;
} File;

static void
put(File *f, gsize at, const void *value, gsize width)
{
  const guint8 *v = value;
  for (gsize i = 0; i < width; i++) {
    const gboolean reversed = f->big == (G_BYTE_ORDER == G_LITTLE_ENDIAN);
    f->bytes->data[at + i] = v[reversed ? width - 1 - i : i];
  }
}

static void
put_i16(File *f, gsize at, gint16 v)
{
  put(f, at, &v, 2);
}

static void
put_f32(File *f, gsize at, float v)
{
  put(f, at, &v, 4);
}

static File
new_file(int nx, int ny, int nz, int datatype, gsize width, gboolean big)
{
  File f = {g_byte_array_new(), big};
  const gint32 size = 348;
  g_byte_array_set_size(f.bytes, (guint)(352 + (gsize)(nx * ny * nz) * width));
  memset(f.bytes->data, 0, f.bytes->len);
  put(&f, 0, &size, 4);
  put_i16(&f, 40, 3);
  put_i16(&f, 42, (gint16)nx);
  put_i16(&f, 44, (gint16)ny);
  put_i16(&f, 46, (gint16)nz);
  put_i16(&f, 48, 1);
  put_i16(&f, 70, (gint16)datatype);
  put_f32(&f, 76, 1);
  put_f32(&f, 80, 0.5f);
  put_f32(&f, 84, 0.75f);
  put_f32(&f, 88, 2);
  put_f32(&f, 108, 352);
  f.bytes->data[123] = 2;
  memcpy(f.bytes->data + 148, "SYNTH volume", 12);
  memcpy(f.bytes->data + 344, "n+1", 4);
  return f;
}

static GBytes *
gzipped(const GByteArray *plain)
{
  z_stream z = {0};
  GByteArray *out = g_byte_array_sized_new(plain->len + 1000);
  g_byte_array_set_size(out, plain->len + 1000);
  g_assert_cmpint(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
  z.next_in = plain->data;
  z.avail_in = plain->len;
  z.next_out = out->data;
  z.avail_out = out->len;
  g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
  g_byte_array_set_size(out, (guint)z.total_out);
  deflateEnd(&z);
  return g_byte_array_free_to_bytes(out);
}

static itv_status
decode(TestHost *host, GBytes *bytes, gint64 frame)
{
  const itv_source source = test_source_bytes(bytes, "test.nii");
  const itv_field field = ITV_I64("frame", frame, "{frame}");
  const itv_record request = {"interval.pixels-request/1", &field, frame >= 0};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .records = &request,
                           .n_sources = 1,
                           .sources = &source};
  return test_host_run(host, ITV_KIND_PIXELS, &input);
}

static const itv_volume *
volume_of(TestHost *host, gsize n)
{
  const itv_record *r = test_host_find(host, "interval.pixels/1", n);
  g_assert_nonnull(r);
  return test_host_volume(host, itv_record_i64(r, "volume", -1));
}

static double
value_at(const itv_volume *v, gsize i)
{
  const double stored = v->pixel == ITV_PIX_U8    ? ((const guint8 *)v->data)[i]
                        : v->pixel == ITV_PIX_I16 ? ((const gint16 *)v->data)[i]
                                                  : (double)((const float *)v->data)[i];
  return v->slope * stored + v->intercept;
}

/* value = 2 * stored + 3 whatever the type, in both byte orders, plain and gzip. */
static void
test_types(void)
{
  static const struct {
    int datatype;
    gsize width;
    double low, step; /* values low, low + step ... */
    int pixel;
  } cases[] = {
      {NIFTI_U8, 1, 0, 1, ITV_PIX_U8},
      {NIFTI_I8, 1, -10, 1, ITV_PIX_I16},
      {NIFTI_I16, 2, -3000, 7, ITV_PIX_I16},
      {NIFTI_U16, 2, 10, 1, ITV_PIX_I16},
      {NIFTI_U16, 2, 5, 2800, ITV_PIX_I16},
      {NIFTI_I32, 4, 100000, 3, ITV_PIX_I16},
      {NIFTI_I32, 4, -100000, 40000, ITV_PIX_F32},
      {NIFTI_F32, 4, -5, 1, ITV_PIX_I16},
      {NIFTI_F32, 4, 0.25, 0.5, ITV_PIX_F32},
      {NIFTI_F64, 8, -0.5, 0.25, ITV_PIX_F32},
      {NIFTI_U32, 4, 0, 1, ITV_PIX_I16},
      {NIFTI_I64, 8, -7, 2, ITV_PIX_I16},
      {NIFTI_U64, 8, 1, 2, ITV_PIX_I16},
  };
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  for (gsize c = 0; c < G_N_ELEMENTS(cases) * 4; c++) {
    const gsize k = c / 4;
    File f = new_file(2, 3, 4, cases[k].datatype, cases[k].width, c & 1);
    put_f32(&f, 112, 2);
    put_f32(&f, 116, 3);
    for (gsize i = 0; i < 24; i++) {
      const double v = cases[k].low + cases[k].step * (double)i;
      const float f32 = (float)v;
      const gint64 i64 = (gint64)v;
      const guint8 *low_end = (const guint8 *)&i64;
      const gsize skip = G_BYTE_ORDER == G_BIG_ENDIAN ? 8 - cases[k].width : 0;
      const void *src = cases[k].datatype == NIFTI_F32   ? (const void *)&f32
                        : cases[k].datatype == NIFTI_F64 ? (const void *)&v
                                                         : (const void *)(low_end + skip);
      put(&f, 352 + i * cases[k].width, src, cases[k].width);
    }
    g_autoptr(GBytes) bytes = c & 2 ? gzipped(f.bytes) : g_bytes_new(f.bytes->data, f.bytes->len);
    g_assert_cmpint(decode(host, bytes, -1), ==, ITV_OK);
    record_check_all(check, host, "pixels");
    const itv_volume *v = volume_of(host, 0);
    g_assert_cmpint(v->pixel, ==, cases[k].pixel);
    g_assert_cmpint(v->dim[0], ==, 2);
    g_assert_cmpint(v->dim[2], ==, 4);
    for (gsize i = 0; i < 24; i++)
      g_assert_cmpfloat(value_at(v, i), ==, 2 * (cases[k].low + cases[k].step * (double)i) + 3);
    g_byte_array_unref(f.bytes);
  }
}

/* Where a voxel lies in LPS, from the volume's geometry. */
static void
assert_lies_at(const itv_volume *v, const double ijk[3], const double lps[3])
{
  for (int r = 0; r < 3; r++) {
    double x = v->origin_mm[r];
    for (int c = 0; c < 3; c++)
      x += v->direction[3 * r + c] * v->spacing_mm[c] * ijk[c];
    g_assert_cmpfloat_with_epsilon(x, lps[r], 1e-4);
  }
}

static void
test_sform(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  File f = new_file(2, 2, 2, NIFTI_U8, 1, FALSE);
  const float rows[12] = {-0.5f, 0, 0, 90, 0, 0, 2, -126, 0, 0.75f, 0, -72};
  put_i16(&f, 254, 1);
  for (gsize i = 0; i < 12; i++)
    put_f32(&f, 280 + 4 * i, rows[i]);
  g_autoptr(GBytes) bytes = g_bytes_new(f.bytes->data, f.bytes->len);
  g_assert_cmpint(decode(host, bytes, -1), ==, ITV_OK);
  const itv_volume *v = volume_of(host, 0);
  g_assert_cmpuint(v->flags, ==, ITV_VOL_ORIENTED);
  assert_lies_at(v, (double[]){0, 0, 0}, (double[]){-90, 126, -72});
  assert_lies_at(v, (double[]){1, 1, 1}, (double[]){-89.5, 124, -71.25});
  g_byte_array_unref(f.bytes);
}

/* 90 degrees about z (quaternion a = d = sqrt(1/2)), left-handed. */
static void
test_qform(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  File f = new_file(2, 2, 2, NIFTI_U8, 1, TRUE);
  put_i16(&f, 252, 1);
  put_f32(&f, 264, (float)sqrt(0.5));
  put_f32(&f, 268, 10);
  put_f32(&f, 272, 20);
  put_f32(&f, 276, 30);
  put_f32(&f, 76, -1);
  g_autoptr(GBytes) bytes = g_bytes_new(f.bytes->data, f.bytes->len);
  g_assert_cmpint(decode(host, bytes, -1), ==, ITV_OK);
  const itv_volume *v = volume_of(host, 0);
  /* RAS: x axis to +y, y axis to -x, z axis to -z */
  assert_lies_at(v, (double[]){0, 0, 0}, (double[]){-10, -20, 30});
  assert_lies_at(v, (double[]){1, 0, 0}, (double[]){-10, -20.5, 30});
  assert_lies_at(v, (double[]){0, 1, 0}, (double[]){-9.25, -20, 30});
  assert_lies_at(v, (double[]){0, 0, 1}, (double[]){-10, -20, 28});
  g_byte_array_unref(f.bytes);
}

static void
test_unoriented(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  File f = new_file(3, 2, 2, NIFTI_F32, 4, FALSE);
  put_f32(&f, 352, (float)NAN);
  put_f32(&f, 356, 0.5f);
  f.bytes->data[123] = 3; /* micrometres */
  put_f32(&f, 80, 500);
  put_f32(&f, 84, 0);
  g_autoptr(GBytes) bytes = g_bytes_new(f.bytes->data, f.bytes->len);
  g_assert_cmpint(decode(host, bytes, -1), ==, ITV_OK);
  const itv_volume *v = volume_of(host, 0);
  g_assert_cmpuint(v->flags, ==, ITV_VOL_SPACING_UNKNOWN);
  g_assert_cmpfloat_with_epsilon(v->spacing_mm[0], 0.5, 1e-6);
  g_assert_cmpfloat(value_at(v, 0), ==, 0);
  g_assert_cmpfloat(value_at(v, 1), ==, 0.5);
  const itv_record *r = test_host_find(host, "interval.pixels/1", 0);
  g_assert_nonnull(strstr(itv_record_field(r, "note", 0)->v.str, "no sform"));
  g_assert_nonnull(strstr(itv_record_field(r, "note", 1)->v.str, "1 voxels are not finite"));
  g_byte_array_unref(f.bytes);
}

static void
test_frames(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  File f = new_file(2, 2, 2, NIFTI_U8, 1, FALSE);
  g_byte_array_set_size(f.bytes, 352 + 24);
  for (guint i = 0; i < 24; i++)
    f.bytes->data[352 + i] = (guint8)i;
  put_i16(&f, 40, 4);
  put_i16(&f, 48, 3);
  g_autoptr(GBytes) bytes = g_bytes_new(f.bytes->data, f.bytes->len);
  g_assert_cmpint(decode(host, bytes, -1), ==, ITV_OK);
  g_assert_cmpuint(test_host_n_records(host), ==, 3);
  g_assert_cmpfloat(value_at(volume_of(host, 2), 0), ==, 16);
  g_assert_cmpint(decode(host, bytes, 1), ==, ITV_OK);
  g_assert_cmpuint(test_host_n_records(host), ==, 1);
  g_assert_cmpfloat(value_at(volume_of(host, 0), 7), ==, 15);
  g_assert_cmpint(decode(host, bytes, 3), ==, ITV_ERR_INPUT);
  g_byte_array_unref(f.bytes);
}

static void
test_import(void)
{
  static const char *const config[] = {"modality", "MR", NULL};
  g_autoptr(TestHost) host = test_host_new_with(&itv_plugin_entry, config, NULL);
  g_autoptr(RecordCheck) check = record_check_new();
  g_autofree char *sop = NULL;
  File f = new_file(2, 3, 4, NIFTI_I16, 2, FALSE);
  for (int round = 0; round < 2; round++) {
    g_autoptr(GBytes) bytes = round ? gzipped(f.bytes) : g_bytes_new(f.bytes->data, f.bytes->len);
    gsize n = 0;
    const void *data = g_bytes_get_data(bytes, &n);
    g_assert_cmpint(test_host_probe(host, data, MIN(n, 4096), "x"), ==, 95);
    g_assert_cmpint(test_host_import(host, data, n, "x"), ==, ITV_OK);
    record_check_all(check, host, "importer");
    g_assert_cmpuint(test_host_n_records(host), ==, 2);
    const itv_record *image = test_host_find(host, "interval.image/1", 0);
    g_assert_cmpstr(itv_record_str(image, "modality", ""), ==, "MR");
    g_assert_cmpstr(itv_record_str(image, "series-description", ""), ==, "SYNTH volume");
    g_assert_cmpint(itv_record_i64(image, "rows", 0), ==, 3);
    g_assert_cmpint(itv_record_i64(image, "frames", 0), ==, 4);
    g_assert_cmpfloat_with_epsilon(itv_record_f64(image, "spacing-row", 0), 0.75, 1e-9);
    const char *uid = itv_record_str(image, "sop-uid", "");
    g_assert_true(g_str_has_prefix(uid, "2.25."));
    if (sop) /* compressed or not, the same content is the same object */
      g_assert_cmpstr(uid, ==, sop);
    else
      sop = g_strdup(uid);
  }
  f.bytes->data[360] ^= 1;
  g_assert_cmpint(test_host_import(host, f.bytes->data, f.bytes->len, "x"), ==, ITV_OK);
  const itv_record *other = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(itv_record_str(other, "sop-uid", ""), !=, sop);
  g_byte_array_unref(f.bytes);
}

static const char *
rejection(TestHost *host, const File *f, gsize n)
{
  g_assert_cmpint(test_host_import(host, f->bytes->data, n, "x"), ==, ITV_OK);
  return itv_record_str(test_host_record(host, 0), "rejected", "");
}

static void
test_bad(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  File f = new_file(2, 3, 4, NIFTI_I16, 2, FALSE);
  g_assert_nonnull(strstr(rejection(host, &f, f.bytes->len - 3), "ends 3 bytes before"));
  g_autoptr(GBytes) cut = g_bytes_new(f.bytes->data, f.bytes->len - 3);
  g_assert_cmpint(decode(host, cut, -1), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "ends within voxel"));
  g_assert_cmpint(test_host_import(host, f.bytes->data, 300, "x"), ==, ITV_NOT_APPLICABLE);
  g_assert_cmpint(test_host_import(host, "no", 2, "x"), ==, ITV_NOT_APPLICABLE);

  File noise = new_file(40, 40, 40, NIFTI_U8, 1, FALSE);
  g_autoptr(GRand) rand = g_rand_new_with_seed(5);
  for (guint i = 352; i < noise.bytes->len; i++)
    noise.bytes->data[i] = (guint8)g_rand_int(rand);
  g_autoptr(GBytes) zipped = gzipped(noise.bytes);
  g_byte_array_unref(noise.bytes);
  g_autoptr(GBytes) half = g_bytes_new_from_bytes(zipped, 0, g_bytes_get_size(zipped) / 2);
  g_assert_cmpint(decode(host, half, -1), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "compressed data end"));

  put_i16(&f, 42, 2000);
  g_autoptr(GBytes) huge = g_bytes_new(f.bytes->data, f.bytes->len);
  g_assert_cmpint(decode(host, huge, -1), ==, ITV_ERR_INPUT);
  g_assert_nonnull(strstr(test_host_error(host), "cannot hold"));
  put_i16(&f, 44, -5);
  g_assert_nonnull(strstr(rejection(host, &f, f.bytes->len), "dim[2] is -5"));
  put_i16(&f, 42, 32767), put_i16(&f, 44, 32767), put_i16(&f, 46, 32767);
  g_assert_nonnull(strstr(rejection(host, &f, f.bytes->len), "more than"));
  put_i16(&f, 42, 2), put_i16(&f, 44, 3), put_i16(&f, 46, 4);
  put_f32(&f, 108, (float)NAN);
  g_assert_nonnull(strstr(rejection(host, &f, f.bytes->len), "vox_offset"));
  put_f32(&f, 108, 352);
  put_i16(&f, 70, 128);
  g_assert_cmpstr(rejection(host, &f, f.bytes->len), ==, "");
  const itv_record *image = test_host_find(host, "interval.image/1", 0);
  g_assert_cmpstr(itv_record_str(image, "pixels", ""), ==, "undecodable");
  memcpy(f.bytes->data + 344, "ni1", 4);
  g_assert_nonnull(strstr(rejection(host, &f, f.bytes->len), ".hdr/.img"));
  g_byte_array_unref(f.bytes);
}

/* Any byte of the header changed: a verdict, never a crash. */
static void
test_mutation(void)
{
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  g_autoptr(RecordCheck) check = record_check_new();
  g_autoptr(GRand) rand = g_rand_new_with_seed(7);
  for (int round = 0; round < 3000; round++) {
    File f = new_file(2, 3, 4, NIFTI_F32, 4, round & 1);
    put_i16(&f, 252, 1);
    put_i16(&f, 254, 1);
    for (int k = g_rand_int_range(rand, 1, 8); k; k--)
      f.bytes->data[g_rand_int_range(rand, 0, 448)] = (guint8)g_rand_int(rand);
    const gsize n = round % 3 ? f.bytes->len : (gsize)g_rand_int_range(rand, 0, 448);
    g_autoptr(GBytes) bytes = g_bytes_new(f.bytes->data, n);
    if (test_host_import(host, f.bytes->data, n, "x") == ITV_OK)
      record_check_all(check, host, "importer");
    const itv_record *image = test_host_find(host, "interval.image/1", 0);
    if (image)
      decode(host, bytes, 0);
    g_byte_array_unref(f.bytes);
  }
}

static void
test_brainweb(void)
{
  static const char *const names[] = {
      "brainweb1e1a10f20.nii.gz", "brainweb165a10f17Rot10Tx15.nii.gz",
      "brainweb1e1a10f20Rot10Tx15.nii.gz", "brainweb165a10f17ThinPlateSplined.nii.gz"};
  g_autoptr(TestHost) host = test_host_new(&itv_plugin_entry);
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename(
        g_getenv("ITV_SOURCE_DIR"), "../shared/data/registration/brainweb", names[i], NULL);
    char *data = NULL;
    gsize n = 0;
    if (!g_file_get_contents(path, &data, &n, NULL)) {
      g_test_skip("../shared/data/registration/brainweb is not there");
      return;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_take(data, n);
    g_assert_cmpint(test_host_probe(host, data, 4096, "x"), ==, 95);
    g_assert_cmpint(decode(host, bytes, -1), ==, ITV_OK);
    const itv_volume *v = volume_of(host, 0);
    double sum = 0, high = 0;
    const gsize voxels = (gsize)v->dim[0] * (gsize)v->dim[1] * (gsize)v->dim[2];
    for (gsize k = 0; k < voxels; k++) {
      sum += value_at(v, k);
      high = fmax(high, value_at(v, k));
    }
    g_test_message("%s: %dx%dx%d, %g x %g x %g mm, mean %g, highest %g", names[i], v->dim[0],
                   v->dim[1], v->dim[2], v->spacing_mm[0], v->spacing_mm[1], v->spacing_mm[2],
                   sum / (double)voxels, high);
    g_assert_cmpint(v->dim[0], >, 100);
    g_assert_cmpfloat(sum / (double)voxels, >, 1);
    g_assert_true(v->flags & ITV_VOL_ORIENTED);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nifti/types", test_types);
  g_test_add_func("/nifti/sform", test_sform);
  g_test_add_func("/nifti/qform", test_qform);
  g_test_add_func("/nifti/unoriented", test_unoriented);
  g_test_add_func("/nifti/frames", test_frames);
  g_test_add_func("/nifti/import", test_import);
  g_test_add_func("/nifti/bad", test_bad);
  g_test_add_func("/nifti/mutation", test_mutation);
  g_test_add_func("/nifti/brainweb", test_brainweb);
  return g_test_run();
}
