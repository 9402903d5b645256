/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dataset.h"
#include "values.h"

#define PREAMBLE 132
#define MAX_META ((gint64)1024 * 1024)
#define INFLATE_LIMIT ((gsize)160 * 1024 * 1024)
#define IMPLICIT_LE "1.2.840.10008.1.2"
#define EXPLICIT_LE "1.2.840.10008.1.2.1"
#define DEFLATED_LE "1.2.840.10008.1.2.1.99"
#define EXPLICIT_BE "1.2.840.10008.1.2.2"

/* Little or big endian group 0002 or 0008 with a small even element number:
 * how a file without preamble begins. */
static gboolean
begins_bare(const guint8 *b, gsize n, guint *ret_syntax)
{
  if (n < 8)
    return FALSE;
  gboolean big = b[0] == 0 && (b[1] == 2 || b[1] == 8);
  guint group = big ? b[1] : b[0];
  guint element = big ? (guint)(b[2] << 8 | b[3]) : (guint)(b[3] << 8 | b[2]);
  if ((group != 2 && group != 8) || (!big && b[1] != 0) || element > 0x70)
    return FALSE;
  gboolean lettered = g_ascii_isupper(b[4]) && g_ascii_isupper(b[5]);
  guint32 length = big ? (guint32)b[4] << 24 | (guint32)b[5] << 16 | (guint32)b[6] << 8 | b[7]
                       : (guint32)b[7] << 24 | (guint32)b[6] << 16 | (guint32)b[5] << 8 | b[4];
  if (!lettered && length > 1024)
    return FALSE;
  *ret_syntax = (lettered ? 0u : DCM_IMPLICIT) | (big ? DCM_BIG_ENDIAN : 0u);
  return TRUE;
}

int
dcm_probe(const guint8 *head, gsize n)
{
  guint syntax;
  if (n >= PREAMBLE && memcmp(head + 128, "DICM", 4) == 0)
    return 100;
  if (!begins_bare(head, n, &syntax))
    return 0;
  return syntax & DCM_IMPLICIT ? 40 : 70;
}

void
dcm_object_free(DcmObject *object)
{
  if (!object)
    return;
  dcm_dataset_free(object->meta);
  dcm_dataset_free(object->data);
  dcm_file_free(object->file);
  g_free(object->transfer_syntax);
  g_free(object);
}

static guint
syntax_of(const char *uid)
{
  if (g_strcmp0(uid, IMPLICIT_LE) == 0)
    return DCM_IMPLICIT;
  return g_strcmp0(uid, EXPLICIT_BE) == 0 ? DCM_BIG_ENDIAN : 0;
}

/* Group 0002 ends where another group begins: its length element is wrong in
 * too many files to be believed. */
static gint64
end_of_meta(DcmFile *file, gint64 at)
{
  guint8 b[12];
  while (dcm_file_read(file, at, b, 8) && b[0] == 2 && b[1] == 0) {
    gboolean is_long = (b[4] == 'O' && b[5] == 'B') || (b[4] == 'U' && b[5] == 'N');
    if (!is_long) {
      at += 8 + (b[6] | b[7] << 8);
      continue;
    }
    if (!dcm_file_read(file, at, b, 12))
      break;
    at += 12 + (gint64)((guint32)b[8] | (guint32)b[9] << 8 | (guint32)b[10] << 16 |
                        (guint32)b[11] << 24);
  }
  return MIN(at, dcm_file_size(file));
}

/* A transfer syntax that does not fit what follows is a known defect of some
 * writers: the first element tells implicit from explicit. */
static guint
correct_syntax(DcmFile *file, gint64 at, guint syntax)
{
  guint8 b[8];
  if (!dcm_file_read(file, at, b, sizeof b))
    return syntax;
  gboolean lettered = g_ascii_isupper(b[4]) && g_ascii_isupper(b[5]);
  if (lettered)
    return syntax & ~(guint)DCM_IMPLICIT;
  return syntax | DCM_IMPLICIT;
}

static gboolean
read_meta(DcmObject *o, gint64 at, gint64 *ret_end, GError **error)
{
  *ret_end = end_of_meta(o->file, at);
  if (*ret_end > MAX_META) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT,
                "%s: the file meta information is damaged: it "
                "seems to have %" G_GINT64_FORMAT " bytes",
                dcm_file_name(o->file), *ret_end);
    return FALSE;
  }
  o->meta = dcm_dataset_parse(o->file, at, *ret_end, 0, NULL, error);
  if (!o->meta)
    return FALSE;
  o->transfer_syntax = dcm_text(o->meta, DCM_TAG(0x0002, 0x0010));
  if (g_strcmp0(o->transfer_syntax, DEFLATED_LE) == 0)
    return dcm_file_inflate(o->file, *ret_end, INFLATE_LIMIT, error);
  return TRUE;
}

DcmObject *
dcm_object_open(const itv_source *source, GError **error)
{
  g_autoptr(DcmObject) o = g_new0(DcmObject, 1);
  guint8 head[PREAMBLE] = {0};
  gint64 at = 0;
  guint syntax = 0;
  o->file = dcm_file_new(source);
  gsize n = (gsize)MIN(source->size, (gint64)sizeof head);
  gboolean readable = dcm_file_read(o->file, 0, head, n);
  gboolean preamble = readable && n == PREAMBLE && memcmp(head + 128, "DICM", 4) == 0;
  if (!preamble && (!readable || !begins_bare(head, n, &syntax))) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT,
                "%s: not a DICOM file (no DICM at byte 128, no data set at byte 0)",
                dcm_file_name(o->file));
    return NULL;
  }
  if ((preamble || head[0] == 2) && !read_meta(o, preamble ? PREAMBLE : 0, &at, error))
    return NULL;
  if (o->meta)
    syntax = correct_syntax(o->file, at, syntax_of(o->transfer_syntax));
  if (!o->transfer_syntax)
    o->transfer_syntax = g_strdup(syntax & DCM_BIG_ENDIAN ? EXPLICIT_BE
                                  : syntax & DCM_IMPLICIT ? IMPLICIT_LE
                                                          : EXPLICIT_LE);
  o->data = dcm_dataset_parse(o->file, at, dcm_file_size(o->file), syntax, NULL, error);
  return o->data ? g_steal_pointer(&o) : NULL;
}
