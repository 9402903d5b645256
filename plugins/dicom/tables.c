/* SPDX-License-Identifier: Apache-2.0 */
#include "tables.h"

#include <math.h>

#include "values.h"

#define MAX_ENTRIES 65536u

void
dcm_table_clear(DcmTable *table)
{
  g_clear_pointer(&table->values, g_free);
}

double
dcm_table_value(const DcmTable *table, double stored)
{
  return table->values[CLAMP((gint64)stored - table->first, 0, (gint64)table->n - 1)];
}

double
dcm_luminance(double r, double g, double b)
{
  return floor(0.299 * r + 0.587 * g + 0.114 * b + 0.5);
}

/* The element's words; `n` of bytes when it holds bytes. */
static guint16 *
read_words(const DcmDataset *d, guint32 tag, gsize *ret_n)
{
  const DcmElement *e = dcm_find(d, tag);
  if (!e || e->length < 2 || e->length > (gint64)MAX_ENTRIES * 8)
    return NULL;
  g_autofree guint8 *bytes = g_malloc((gsize)e->length);
  if (!dcm_file_read(d->file, e->at, bytes, (gsize)e->length))
    return NULL;
  *ret_n = (gsize)e->length / 2;
  guint16 *words = g_new(guint16, *ret_n);
  const gboolean big = (d->syntax & DCM_BIG_ENDIAN) != 0;
  for (gsize i = 0; i < *ret_n; i++)
    words[i] = (guint16)(bytes[2 * i + !big] << 8 | bytes[2 * i + big]);
  return words;
}

/* A whole table: of words, or of bytes packed two in a word. */
static guint16 *
read_whole(const DcmDataset *d, guint32 tag, guint n)
{
  gsize words = 0;
  g_autofree guint16 *raw = read_words(d, tag, &words);
  if (raw && words == n)
    return g_steal_pointer(&raw);
  if (!raw || words != (n + 1) / 2)
    return NULL;
  guint16 *table = g_new(guint16, n);
  for (guint i = 0; i < n; i++)
    table[i] = i % 2 ? raw[i / 2] >> 8 : raw[i / 2] & 0xFF;
  return table;
}

/* ---- segments (C.7.9.2) ---- */

typedef struct {
  const guint16 *words;
  gsize n_words;
  guint16 *table;
  guint n, done;
} Expansion;

static gboolean
add_discrete(Expansion *x, gsize at, guint count)
{
  if (count > x->n - x->done || at + count > x->n_words)
    return FALSE;
  for (guint i = 0; i < count; i++)
    x->table[x->done++] = x->words[at + i];
  return TRUE;
}

/* From the value before it to `end`, which is its last. */
static gboolean
add_linear(Expansion *x, guint count, guint16 end)
{
  if (count > x->n - x->done || x->done == 0 || count == 0)
    return FALSE;
  const double from = x->table[x->done - 1];
  for (guint i = 1; i <= count; i++)
    x->table[x->done++] = (guint16)floor(from + (end - from) * i / count + 0.5);
  return TRUE;
}

static gboolean expand(Expansion *x, gsize at, guint max_segments, gboolean may_jump);

/* `count` segments that stand at a byte offset, once more. */
static gboolean
add_indirect(Expansion *x, gsize at, guint count)
{
  if (at + 2 > x->n_words)
    return FALSE;
  const gsize bytes = (gsize)x->words[at] | (gsize)x->words[at + 1] << 16;
  return bytes % 2 == 0 && expand(x, bytes / 2, count, FALSE);
}

static gboolean
expand(Expansion *x, gsize at, guint max_segments, gboolean may_jump)
{
  for (guint s = 0; s < max_segments && at + 2 <= x->n_words; s++) {
    const guint kind = x->words[at], count = x->words[at + 1];
    at += 2;
    if (kind == 0) {
      if (!add_discrete(x, at, count))
        return FALSE;
      at += count;
    } else if (kind == 1) {
      if (at >= x->n_words || !add_linear(x, count, x->words[at]))
        return FALSE;
      at++;
    } else if (kind == 2 && may_jump) {
      if (!add_indirect(x, at, count))
        return FALSE;
      at += 2;
    } else {
      return FALSE;
    }
    if (x->done == x->n)
      return TRUE;
  }
  return !may_jump;
}

static guint16 *
read_segmented(const DcmDataset *d, guint32 tag, guint n)
{
  gsize words = 0;
  g_autofree guint16 *raw = read_words(d, tag, &words);
  g_autofree guint16 *table = g_new0(guint16, n);
  Expansion x = {raw, words, table, n, 0};
  return raw && expand(&x, 0, MAX_ENTRIES, TRUE) ? g_steal_pointer(&table) : NULL;
}

static guint16 *
read_colour(const DcmDataset *d, guint element, guint n)
{
  guint16 *table = read_whole(d, DCM_TAG(0x0028, 0x1201) + element, n);
  return table ? table : read_segmented(d, DCM_TAG(0x0028, 0x1221) + element, n);
}

gboolean
dcm_palette_read(const DcmDataset *data, DcmTable *ret_table, GError **error)
{
  double descriptor[3];
  if (dcm_numbers(data, DCM_TAG(0x0028, 0x1101), descriptor, 3) == 3) {
    const guint n = descriptor[0] == 0 ? MAX_ENTRIES : (guint)CLAMP(descriptor[0], 1, MAX_ENTRIES);
    g_autofree guint16 *r = read_colour(data, 0, n);
    g_autofree guint16 *g = read_colour(data, 1, n);
    g_autofree guint16 *b = read_colour(data, 2, n);
    if (r && g && b) {
      const double scale = descriptor[2] > 8 ? 255.0 / 65535.0 : 1;
      *ret_table = (DcmTable){g_new(guint16, n), (gint64)descriptor[1], n};
      for (guint i = 0; i < n; i++)
        ret_table->values[i] = (guint16)dcm_luminance(r[i] * scale, g[i] * scale, b[i] * scale);
      return TRUE;
    }
  }
  g_set_error(error, DCM_ERROR, DCM_ERROR_UNSUPPORTED, "%s: the palette is missing or damaged",
              dcm_file_name(data->file));
  return FALSE;
}

gboolean
dcm_modality_table_read(const DcmDataset *data, gboolean is_signed, DcmTable *ret_table,
                        GError **error)
{
  g_autoptr(DcmDataset) item = dcm_item(data, DCM_TAG(0x0028, 0x3000));
  double descriptor[3];
  if (item && dcm_numbers(item, DCM_TAG(0x0028, 0x3002), descriptor, 3) == 3) {
    const guint n = descriptor[0] == 0 ? MAX_ENTRIES : (guint)CLAMP(descriptor[0], 1, MAX_ENTRIES);
    /* The first value has the sign of the pixels, whatever its VR says. */
    const gint64 first = is_signed ? (gint16)(guint16)(gint32)descriptor[1] : (gint64)descriptor[1];
    *ret_table = (DcmTable){read_whole(item, DCM_TAG(0x0028, 0x3006), n), first, n};
    if (ret_table->values)
      return TRUE;
  }
  g_set_error(error, DCM_ERROR, DCM_ERROR_UNSUPPORTED,
              "%s: the modality lookup table is damaged, so that nobody knows what the values mean",
              dcm_file_name(data->file));
  return FALSE;
}
