/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset.h"

#include <string.h>

#include "dictionary.h"

#define MAX_DEPTH 48
#define MAX_ITEMS 200000
#define MAX_STORED 500000u /* elements of one data set */
#define ITEM DCM_TAG(0xFFFE, 0xE000)
#define ITEM_END DCM_TAG(0xFFFE, 0xE00D)
#define SEQUENCE_END DCM_TAG(0xFFFE, 0xE0DD)
#define PIXEL_DATA DCM_TAG(0x7FE0, 0x0010)
#define UNDEFINED 0xFFFFFFFFu

void
dcm_dataset_free(DcmDataset *dataset)
{
  if (!dataset)
    return;
  g_array_unref(dataset->elements);
  g_free(dataset->charset);
  g_free(dataset);
}

static guint16
get16(const guint8 *p, guint syntax)
{
  return (guint16)(syntax & DCM_BIG_ENDIAN ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static guint32
get32(const guint8 *p, guint syntax)
{
  return syntax & DCM_BIG_ENDIAN ? (guint32)get16(p, syntax) << 16 | get16(p + 2, syntax)
                                 : (guint32)get16(p + 2, syntax) << 16 | get16(p, syntax);
}

static gboolean
fail(DcmFile *file, gint64 at, guint32 tag, GError **error, const char *what)
{
  g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT,
              "%s: element (%04x,%04x) at byte %" G_GINT64_FORMAT ": %s", dcm_file_name(file),
              tag >> 16, tag & 0xFFFF, at, what);
  return FALSE;
}

/* VRs whose explicit header has two reserved bytes and a 32-bit length
 * (PS3.5, 7.1.2). */
static gboolean
has_long_header(const char *vr)
{
  static const char list[] = "OB OD OF OL OV OW SQ SV UC UN UR UT UV ";
  for (const char *p = list; *p; p += 3)
    if (p[0] == vr[0] && p[1] == vr[1])
      return TRUE;
  return FALSE;
}

/* Reads tag, VR and length at `at`; e->at is where the value begins.  The
 * length is as it stands in the stream. */
static gboolean
read_header(DcmFile *file, gint64 at, gint64 end, guint syntax, DcmElement *e, guint32 *ret_length,
            GError **error)
{
  guint8 b[12];
  if (end - at < 8 || !dcm_file_read(file, at, b, 8))
    return fail(file, at, 0, error, "the data end within its header");
  *e = (DcmElement){.tag = (guint32)get16(b, syntax) << 16 | get16(b + 2, syntax), .at = at + 8};
  gboolean lettered = g_ascii_isupper(b[4]) && g_ascii_isupper(b[5]);
  if (e->tag >> 16 == 0xFFFE || (syntax & DCM_IMPLICIT) || !lettered) {
    *ret_length = get32(b + 4, syntax);
    g_strlcpy(e->vr, dcm_dictionary_vr(e->tag), sizeof e->vr);
    return TRUE;
  }
  e->vr[0] = (char)b[4];
  e->vr[1] = (char)b[5];
  if (!has_long_header(e->vr)) {
    *ret_length = get16(b + 6, syntax);
    return TRUE;
  }
  if (end - at < 12 || !dcm_file_read(file, at, b, 12))
    return fail(file, at, e->tag, error, "the data end within its header");
  *ret_length = get32(b + 8, syntax);
  e->at = at + 12;
  if (strcmp(e->vr, "UN") == 0)
    g_strlcpy(e->vr, dcm_dictionary_vr(e->tag), sizeof e->vr);
  return TRUE;
}

/* What the items of an element are written in: CP-246 says implicit VR little
 * endian for UN of undefined length. */
static guint
inner_syntax(DcmFile *file, const DcmElement *e, guint syntax)
{
  guint8 b[12];
  if (syntax & DCM_IMPLICIT || e->at < 12 || !dcm_file_read(file, e->at - 12, b, 12))
    return syntax;
  return b[4] == 'U' && b[5] == 'N' ? (guint)DCM_IMPLICIT : syntax;
}

static gboolean skip_sequence(DcmFile *file, gint64 at, gint64 end, guint syntax, int depth,
                              gint64 *ret_at, GError **error);

/* Fills e->length; *ret_next is where the next element begins. */
static gboolean
measure(DcmFile *file, DcmElement *e, guint32 length, gint64 end, guint syntax, int depth,
        gint64 *ret_next, GError **error)
{
  if (!dcm_file_count(file))
    return fail(file, e->at, e->tag, error, "the file has more elements than any sane one");
  if (length != UNDEFINED) {
    e->length = length;
    *ret_next = e->at + length;
    if (*ret_next > end) {
      g_autofree char *what =
          g_strdup_printf("its value should have %u bytes, but only %" G_GINT64_FORMAT " are left",
                          length, MAX(end - e->at, 0));
      return fail(file, e->at, e->tag, error, what);
    }
    return TRUE;
  }
  e->undefined = TRUE;
  if (!skip_sequence(file, e->at, end, inner_syntax(file, e, syntax), depth + 1, ret_next, error))
    return FALSE;
  e->length = *ret_next - 8 - e->at;
  return TRUE;
}

/* Walks over the elements of an item of undefined length. */
static gboolean
skip_item(DcmFile *file, gint64 at, gint64 end, guint syntax, int depth, gint64 *ret_at,
          GError **error)
{
  for (;;) {
    DcmElement e;
    guint32 length;
    if (!read_header(file, at, end, syntax, &e, &length, error))
      return FALSE;
    if (e.tag == ITEM_END) {
      *ret_at = at + 8;
      return TRUE;
    }
    if (!measure(file, &e, length, end, syntax, depth, &at, error))
      return FALSE;
  }
}

/* Walks over items up to the delimiter; *ret_at is behind it. */
static gboolean
skip_sequence(DcmFile *file, gint64 at, gint64 end, guint syntax, int depth, gint64 *ret_at,
              GError **error)
{
  if (depth > MAX_DEPTH)
    return fail(file, at, ITEM, error, "sequences are nested too deep");
  for (;;) {
    DcmElement e;
    guint32 length;
    if (!read_header(file, at, end, syntax, &e, &length, error))
      return FALSE;
    if (e.tag == SEQUENCE_END) {
      *ret_at = at + 8;
      return TRUE;
    }
    if (e.tag != ITEM)
      return fail(file, at, e.tag, error, "a sequence item should begin here");
    if (length == UNDEFINED) {
      if (!skip_item(file, at + 8, end, syntax, depth, &at, error))
        return FALSE;
    } else if (!measure(file, &e, length, end, syntax, depth, &at, error)) {
      return FALSE;
    }
  }
}

/* Pixel data end the walk; what they hold is checked when they are decoded. */
static void
take_pixel_data(DcmElement *e, guint32 length, gint64 end)
{
  e->undefined = length == UNDEFINED;
  e->length = e->undefined ? end - e->at : MIN((gint64)length, end - e->at);
}

static gboolean
is_pixel_data(guint32 tag)
{
  return tag == PIXEL_DATA || tag == DCM_TAG(0x7FE0, 0x0008) || tag == DCM_TAG(0x7FE0, 0x0009);
}

/* Adds the element at *at.  FALSE with an error; *ret_last when the walk ends. */
static gboolean
add_element(DcmDataset *d, gint64 *at, gint64 end, gboolean *ret_last, GError **error)
{
  DcmElement e;
  guint32 length;
  if (!read_header(d->file, *at, end, d->syntax, &e, &length, error))
    return FALSE;
  *ret_last = e.tag == ITEM_END || e.tag == SEQUENCE_END;
  if (*ret_last)
    return TRUE;
  if (is_pixel_data(e.tag)) {
    take_pixel_data(&e, length, end);
    *ret_last = TRUE;
  } else if (!measure(d->file, &e, length, end, d->syntax, 0, at, error)) {
    return FALSE;
  }
  if (d->elements->len >= MAX_STORED)
    return fail(d->file, e.at, e.tag, error, "the data set has more elements than any sane one");
  g_array_append_val(d->elements, e);
  return TRUE;
}

DcmDataset *
dcm_dataset_parse(DcmFile *file, gint64 at, gint64 end, guint syntax, const char *charset,
                  GError **error)
{
  g_autoptr(DcmDataset) d = g_new0(DcmDataset, 1);
  d->file = file;
  d->syntax = syntax;
  d->elements = g_array_new(FALSE, FALSE, sizeof(DcmElement));
  gboolean last = FALSE;
  while (!last && at < end) {
    guint8 padding[8];
    if (end - at < 8 || !dcm_file_read(file, at, padding, 8) ||
        memcmp(padding, "\0\0\0\0\0\0\0\0", 8) == 0)
      break; /* zeros up to a block's end: some archives fill up */
    if (!add_element(d, &at, end, &last, error))
      return NULL;
  }
  d->end = at;
  const DcmElement *cs = dcm_find(d, DCM_TAG(0x0008, 0x0005));
  if (cs && cs->length > 0 && cs->length < 256) {
    d->charset = g_malloc0((gsize)cs->length + 1);
    if (!dcm_file_read(file, cs->at, d->charset, (gsize)cs->length))
      d->charset[0] = '\0';
  } else {
    d->charset = g_strdup(charset);
  }
  return g_steal_pointer(&d);
}

const DcmElement *
dcm_find(const DcmDataset *dataset, guint32 tag)
{
  for (guint i = 0; i < dataset->elements->len; i++) {
    const DcmElement *e = &g_array_index(dataset->elements, DcmElement, i);
    if (e->tag == tag)
      return e;
  }
  return NULL;
}

/* Appends the item at *at to `items`; FALSE at the end or at damage. */
static gboolean
add_item(const DcmDataset *d, GPtrArray *items, gint64 *at, gint64 end, guint syntax)
{
  DcmElement e;
  guint32 length;
  if (!read_header(d->file, *at, end, syntax, &e, &length, NULL) || e.tag != ITEM)
    return FALSE;
  gint64 begin = *at + 8, stop = begin + length;
  if (length == UNDEFINED) {
    if (!skip_item(d->file, begin, end, syntax, 0, at, NULL))
      return FALSE;
    stop = *at - 8;
  } else {
    *at = stop;
  }
  DcmDataset *item =
      stop > end ? NULL : dcm_dataset_parse(d->file, begin, stop, syntax, d->charset, NULL);
  if (!item)
    return FALSE;
  g_ptr_array_add(items, item);
  return TRUE;
}

/* Items up to `max` of them. */
static GPtrArray *
first_items(const DcmDataset *dataset, guint32 tag, guint max)
{
  GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)dcm_dataset_free);
  const DcmElement *e = dcm_find(dataset, tag);
  if (!e || is_pixel_data(tag))
    return items;
  guint syntax = inner_syntax(dataset->file, e, dataset->syntax);
  gint64 at = e->at, end = e->at + e->length;
  while (at + 8 <= end && items->len < max && add_item(dataset, items, &at, end, syntax))
    continue;
  return items;
}

GPtrArray *
dcm_items(const DcmDataset *dataset, guint32 tag)
{
  return first_items(dataset, tag, MAX_ITEMS);
}

DcmDataset *
dcm_item(const DcmDataset *dataset, guint32 tag)
{
  g_autoptr(GPtrArray) items = first_items(dataset, tag, 1);
  return items->len ? g_ptr_array_steal_index(items, 0) : NULL;
}

GArray *
dcm_fragments(const DcmDataset *dataset, const DcmElement *element, GError **error)
{
  g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(DcmFragment));
  gint64 at = element->at, end = element->at + element->length;
  while (at + 8 <= end) {
    DcmElement e;
    guint32 length;
    if (!read_header(dataset->file, at, end, dataset->syntax, &e, &length, error))
      return NULL;
    if (e.tag == SEQUENCE_END)
      break;
    if (e.tag != ITEM || length == UNDEFINED || at + 8 + length > end ||
        list->len >= 2 * MAX_ITEMS) {
      fail(dataset->file, at, e.tag, error,
           "the compressed pixel data are damaged or cut off here");
      return NULL;
    }
    DcmFragment f = {at + 8, length};
    g_array_append_val(list, f);
    at += 8 + (gint64)length;
  }
  return g_steal_pointer(&list);
}
