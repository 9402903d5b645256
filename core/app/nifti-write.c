/* SPDX-License-Identifier: Apache-2.0 */
#include "app/nifti-write.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* Of the NIfTI-1 header (nifti1.h, NIH 2003): offsets in bytes. */
enum {
  HEADER = 352, /* with the four bytes that say there are no extensions */
  AT_DIM = 40,
  AT_INTENT = 68,
  AT_DATATYPE = 70,
  AT_BITPIX = 72,
  AT_PIXDIM = 76,
  AT_VOX_OFFSET = 108,
  AT_SLOPE = 112,
  AT_UNITS = 123,
  AT_DESCRIPTION = 148,
  AT_QFORM_CODE = 252,
  AT_SFORM_CODE = 254,
  AT_SFORM = 280,
  AT_MAGIC = 344,
  FLOAT32 = 16,
  DISPLACEMENT = 1006,
  MILLIMETRES = 2,
  SCANNER = 1
};

static void
put_short(guint8 *header, int at, int value)
{
  const guint16 little = GUINT16_TO_LE((guint16)value);
  memcpy(header + at, &little, sizeof little);
}

static void
put_float(guint8 *header, int at, double value)
{
  const float single = (float)value;
  guint32 bits;
  memcpy(&bits, &single, sizeof bits);
  bits = GUINT32_TO_LE(bits);
  memcpy(header + at, &bits, sizeof bits);
}

/* Index to RAS mm: NIfTI turns x and y of LPS round. */
static void
put_sform(guint8 *header, const itv_volume *v)
{
  const gboolean oriented = (v->flags & ITV_VOL_ORIENTED) != 0;
  for (int row = 0; row < 3; row++) {
    const double sign = row < 2 ? -1 : 1;
    for (int c = 0; c < 3; c++) {
      const double d = oriented ? v->direction[3 * row + c] : row == c;
      put_float(header, AT_SFORM + 16 * row + 4 * c, sign * d * v->spacing_mm[c]);
    }
    put_float(header, AT_SFORM + 16 * row + 12, oriented ? sign * v->origin_mm[row] : 0);
  }
}

static void
fill_header(guint8 header[HEADER], const itv_volume *v, int n_components, const char *description)
{
  const guint32 size = GUINT32_TO_LE(348);
  memset(header, 0, HEADER);
  memcpy(header, &size, sizeof size);
  put_short(header, AT_DIM, n_components > 1 ? 5 : 3);
  for (int i = 1; i < 8; i++)
    put_short(header, AT_DIM + 2 * i, i <= 3 ? v->dim[i - 1] : i == 5 ? n_components : 1);
  put_short(header, AT_INTENT, n_components > 1 ? DISPLACEMENT : 0);
  put_short(header, AT_DATATYPE, FLOAT32);
  put_short(header, AT_BITPIX, 32);
  put_float(header, AT_PIXDIM, 1);
  for (int i = 0; i < 3; i++)
    put_float(header, AT_PIXDIM + 4 * (i + 1), v->spacing_mm[i]);
  put_float(header, AT_VOX_OFFSET, HEADER);
  put_float(header, AT_SLOPE, 1);
  header[AT_UNITS] = MILLIMETRES;
  strncpy((char *)header + AT_DESCRIPTION, description, 79);
  put_short(header, AT_SFORM_CODE, SCANNER);
  put_sform(header, v);
  memcpy(header + AT_MAGIC, "n+1", 4);
}

gboolean
itv_app_write_nifti(const char *path, const itv_volume *shape, const float *const *values,
                    int n_components, const char *description, GError **error)
{
  const gsize n = (gsize)shape->dim[0] * (gsize)shape->dim[1] * (gsize)shape->dim[2];
  const gsize size = HEADER + n * (gsize)n_components * sizeof(float);
  g_autoptr(GError) local = NULL;
  for (int i = 0; i < 3; i++)
    if (shape->dim[i] > G_MAXINT16)
      return itv_fail(error, ITV_ERROR_INPUT, "%s: NIfTI holds at most %d voxels along an axis",
                      path, G_MAXINT16);
  g_autofree guint8 *bytes = g_try_malloc(size);
  if (!bytes)
    return itv_fail(error, ITV_ERROR_FAILED, "%s: out of memory", path);
  fill_header(bytes, shape, n_components, description);
  for (int k = 0; k < n_components; k++)
    for (gsize i = 0; i < n; i++) {
      guint32 bits;
      memcpy(&bits, &values[k][i], sizeof bits);
      bits = GUINT32_TO_LE(bits);
      memcpy(bytes + HEADER + ((gsize)k * n + i) * sizeof bits, &bits, sizeof bits);
    }
  return g_file_set_contents(path, (const char *)bytes, (gssize)size, &local) ||
         itv_fail(error, ITV_ERROR_FAILED, "%s", local->message);
}
