/* SPDX-License-Identifier: Apache-2.0 */
#include "spatial.h"

#include <math.h>
#include <string.h>

#include "record.h"
#include "values.h"

#define LINEAR_CLASS "1.2.840.10008.5.1.4.1.1.66.1"
#define DEFORMABLE_CLASS "1.2.840.10008.5.1.4.1.1.66.3"

gboolean
dcm_is_registration(const char *sop_class)
{
  return g_strcmp0(sop_class, LINEAR_CLASS) == 0 || g_strcmp0(sop_class, DEFORMABLE_CLASS) == 0;
}

/* a = b * a, row-major. */
static void
multiply_left(const double *b, double *a)
{
  double c[16];
  for (int i = 0; i < 16; i++) {
    c[i] = 0;
    for (int k = 0; k < 4; k++)
      c[i] += b[i / 4 * 4 + k] * a[k * 4 + i % 4];
  }
  memcpy(a, c, sizeof c);
}

/* A matrix of a sequence's items (3006,00C6), applied one after the other; *ret_type is
 * the most general of their types.  FALSE when there is none that is sound. */
static gboolean
read_matrices(const GPtrArray *items, double *ret_matrix, const char **ret_type)
{
  static const char *const types[] = {"RIGID", "RIGID_SCALE", "AFFINE"};
  gsize most = 0;
  *ret_type = types[0];
  for (int i = 0; i < 16; i++)
    ret_matrix[i] = i % 5 == 0;
  for (guint i = 0; i < items->len; i++) {
    double m[16];
    g_autofree char *type = dcm_text_n(items->pdata[i], DCM_TAG(0x0070, 0x030C), 0);
    if (dcm_numbers(items->pdata[i], DCM_TAG(0x3006, 0x00C6), m, 16) != 16)
      return FALSE;
    if (m[12] != 0 || m[13] != 0 || m[14] != 0 || fabs(m[15] - 1) > 1e-6)
      return FALSE; /* PS3.3 C.20.2.1.1: the last row is 0 0 0 1 */
    multiply_left(m, ret_matrix);
    for (gsize t = 0; t < G_N_ELEMENTS(types); t++)
      if (g_strcmp0(type, types[t]) == 0)
        most = MAX(most, t);
  }
  *ret_type = types[most];
  return items->len > 0;
}

static void
add_matrix(DraftRecord *r, const char *key, const double *m)
{
  for (int i = 0; i < 16; i++)
    draft_record_f64(r, key, m[i], NULL);
}

/* Series and images that the item names, for those who look for them. */
static void
add_images(DraftRecord *r, const DcmDataset *item)
{
  g_autoptr(GPtrArray) images = dcm_items(item, DCM_TAG(0x0008, 0x1140));
  if (images->len)
    draft_record_take(r, "sop-uid", dcm_uid(images->pdata[0], DCM_TAG(0x0008, 0x1155)));
}

static DraftRecord *
begin(const DcmDataset *d, const char *source)
{
  DraftRecord *r = draft_record_new("interval.spatial/1");
  draft_record_take(r, "to-frame-of-reference", dcm_uid(d, DCM_TAG(0x0020, 0x0052)));
  draft_record_text(r, "from-frame-of-reference", source, 64);
  return r;
}

static gboolean
is_identity(const double *m)
{
  for (int i = 0; i < 16; i++)
    if (fabs(m[i] - (i % 5 == 0)) > 1e-12)
      return FALSE;
  return TRUE;
}

static itv_status
emit_linear(const DcmDataset *d, const DcmDataset *item, const itv_sink *out)
{
  g_autofree char *source = dcm_uid(item, DCM_TAG(0x0020, 0x0052));
  g_autofree char *target = dcm_uid(d, DCM_TAG(0x0020, 0x0052));
  g_autoptr(DcmDataset) registration = dcm_item(item, DCM_TAG(0x0070, 0x0309));
  g_autoptr(GPtrArray) matrices =
      registration ? dcm_items(registration, DCM_TAG(0x0070, 0x030A)) : g_ptr_array_new();
  double m[16];
  const char *type;
  if (!read_matrices(matrices, m, &type))
    return ITV_OK;
  /* The target's own item: it stays where it is. */
  if (g_strcmp0(source, target) == 0 && is_identity(m))
    return ITV_OK;
  g_autoptr(DraftRecord) r = begin(d, source);
  draft_record_text(r, "model", strcmp(type, "RIGID") == 0 ? "rigid" : "affine", DRAFT_TEXT_MAX);
  add_matrix(r, "matrix", m);
  add_images(r, item);
  return draft_record_emit(r, out);
}

/* Grid of displacements: where it lies, and the longest of them (C.20.3.1.3). */
static void
add_grid(DraftRecord *r, const DcmDataset *grid)
{
  double dims[3], steps[3], position[3];
  const DcmElement *data = dcm_find(grid, DCM_TAG(0x0064, 0x0009));
  if (!data || dcm_numbers(grid, DCM_TAG(0x0064, 0x0007), dims, 3) != 3 ||
      dcm_numbers(grid, DCM_TAG(0x0064, 0x0008), steps, 3) != 3 ||
      dcm_numbers(grid, DCM_TAG(0x0020, 0x0032), position, 3) != 3 || dims[0] < 1 || dims[1] < 1 ||
      dims[2] < 1 || dims[0] * dims[1] * dims[2] * 12 > (double)data->length)
    return;
  const gint64 n = (gint64)(dims[0] * dims[1] * dims[2]);
  const gboolean big = (grid->syntax & DCM_BIG_ENDIAN) != 0;
  double longest = 0;
  for (gint64 i = 0; i < n; i++) {
    guint8 b[12];
    double sum = 0;
    if (!dcm_file_read(grid->file, data->at + 12 * i, b, sizeof b))
      return;
    for (int k = 0; k < 3; k++) {
      guint32 u = 0;
      float f;
      for (int c = 0; c < 4; c++)
        u |= (guint32)b[4 * k + (big ? 3 - c : c)] << (8 * c);
      memcpy(&f, &u, sizeof f);
      sum += (double)f * (double)f;
    }
    if (isfinite(sum)) /* NaN marks points without a displacement */
      longest = MAX(longest, sum);
  }
  for (int i = 0; i < 3; i++) {
    draft_record_i64(r, "grid-dim", (gint64)dims[i], "1");
    draft_record_f64(r, "grid-spacing", steps[i], "mm");
    draft_record_f64(r, "grid-position", position[i], "mm");
  }
  draft_record_f64(r, "largest-displacement", sqrt(longest), "mm");
}

/* source = post * (pre * registered + displacement). */
static itv_status
emit_deformable(const DcmDataset *d, const DcmDataset *item, const itv_sink *out)
{
  g_autofree char *source = dcm_uid(item, DCM_TAG(0x0064, 0x0003));
  g_autoptr(GPtrArray) before = dcm_items(item, DCM_TAG(0x0064, 0x000F));
  g_autoptr(GPtrArray) after = dcm_items(item, DCM_TAG(0x0064, 0x0010));
  g_autoptr(DcmDataset) grid = dcm_item(item, DCM_TAG(0x0064, 0x0005));
  double pre[16], post[16];
  const char *type;
  const gboolean has_pre = read_matrices(before, pre, &type);
  const gboolean has_post = read_matrices(after, post, &type);
  if (!has_pre && !has_post && !grid)
    return ITV_OK;
  g_autoptr(DraftRecord) r = begin(d, source);
  draft_record_text(r, "model", grid ? "deformable" : "affine", DRAFT_TEXT_MAX);
  if (has_pre)
    add_matrix(r, "pre-matrix", pre);
  if (has_post)
    add_matrix(r, "post-matrix", post);
  if (grid)
    add_grid(r, grid);
  add_images(r, item);
  return draft_record_emit(r, out);
}

itv_status
dcm_registrations_emit(const DcmDataset *d, const itv_sink *out)
{
  g_autoptr(GPtrArray) linear = dcm_items(d, DCM_TAG(0x0070, 0x0308));
  g_autoptr(GPtrArray) deformable = dcm_items(d, DCM_TAG(0x0064, 0x0002));
  itv_status status = ITV_OK;
  for (guint i = 0; i < linear->len && status == ITV_OK; i++)
    status = emit_linear(d, linear->pdata[i], out);
  for (guint i = 0; i < deformable->len && status == ITV_OK; i++)
    status = emit_deformable(d, deformable->pdata[i], out);
  return status;
}
