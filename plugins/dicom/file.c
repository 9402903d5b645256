/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <string.h>
#include <zlib.h>

#define WINDOW_SIZE ((gsize)16 * 1024)
#define FIRST_WINDOW ((gsize)4 * 1024) /* holds the header of most images */
#define MAX_ELEMENTS 40000000u         /* walked over, sequences more than once */

struct DcmFile {
  const itv_source *source;
  GByteArray *inflated; /* the whole file with its data set inflated, or NULL */
  gint64 window_at;
  gsize window_n;
  guint n_elements;
  guint8 window[WINDOW_SIZE];
};

G_DEFINE_QUARK(interval - dicom - error, dcm_error)

DcmFile *
dcm_file_new(const itv_source *source)
{
  DcmFile *file = g_malloc(sizeof *file); /* the window need not be cleared */
  file->source = source;
  file->inflated = NULL;
  file->window_at = 0;
  file->window_n = 0;
  file->n_elements = 0;
  return file;
}

void
dcm_file_free(DcmFile *file)
{
  if (!file)
    return;
  if (file->inflated)
    g_byte_array_unref(file->inflated);
  g_free(file);
}

gint64
dcm_file_size(const DcmFile *file)
{
  return file->inflated ? (gint64)file->inflated->len : file->source->size;
}

const char *
dcm_file_name(const DcmFile *file)
{
  return file->source->name ? file->source->name : "file";
}

static gsize
read_source(const DcmFile *file, gint64 offset, guint8 *buffer, gsize n)
{
  gsize got = 0;
  while (got < n) {
    gint64 r = file->source->read_at(file->source, offset + (gint64)got, buffer + got, n - got);
    if (r <= 0)
      break;
    got += MIN((gsize)r, n - got);
  }
  return got;
}

gboolean
dcm_file_read(DcmFile *file, gint64 offset, void *buffer, gsize n)
{
  gint64 size = dcm_file_size(file);
  if (offset < 0 || offset > size || n > (guint64)(size - offset))
    return FALSE;
  if (file->inflated) {
    memcpy(buffer, file->inflated->data + offset, n);
    return TRUE;
  }
  if (n > WINDOW_SIZE)
    return read_source(file, offset, buffer, n) == n;
  if (offset < file->window_at || offset + (gint64)n > file->window_at + (gint64)file->window_n) {
    file->window_at = offset;
    file->window_n = read_source(file, offset, file->window,
                                 offset == 0 && n <= FIRST_WINDOW ? FIRST_WINDOW : WINDOW_SIZE);
    if (file->window_n < n)
      return FALSE;
  }
  memcpy(buffer, file->window + (offset - file->window_at), n);
  return TRUE;
}

/* Feeds what lies behind `offset` through zlib, appending to `out`. */
static gboolean
inflate_tail(const DcmFile *file, gint64 offset, gsize limit, z_stream *z, GByteArray *out,
             GError **error)
{
  g_autofree guint8 *in = g_malloc(WINDOW_SIZE);
  g_autofree guint8 *piece = g_malloc(WINDOW_SIZE);
  int status = Z_OK;
  while (status == Z_OK && out->len < limit) {
    if (z->avail_in == 0) {
      z->avail_in = (uInt)read_source(file, offset, in, WINDOW_SIZE);
      z->next_in = in;
      offset += z->avail_in;
      if (z->avail_in == 0)
        break;
    }
    z->next_out = piece;
    z->avail_out = (uInt)WINDOW_SIZE;
    status = inflate(z, Z_NO_FLUSH);
    g_byte_array_append(out, piece, (guint)(WINDOW_SIZE - z->avail_out));
  }
  if (status == Z_STREAM_END || out->len >= limit)
    return TRUE;
  g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT,
              "%s: the deflated data set is damaged near byte %" G_GINT64_FORMAT " (%s)",
              dcm_file_name(file), offset,
              status == Z_OK ? "it ends too early"
              : z->msg       ? z->msg
                             : "bad data");
  return FALSE;
}

gboolean
dcm_file_inflate(DcmFile *file, gint64 offset, gsize limit, GError **error)
{
  g_autoptr(GByteArray) out = g_byte_array_new();
  z_stream z = {0};
  g_byte_array_set_size(out, (guint)offset);
  if (read_source(file, 0, out->data, (gsize)offset) != (gsize)offset ||
      inflateInit2(&z, -MAX_WBITS) != Z_OK) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT, "%s: cannot inflate", dcm_file_name(file));
    return FALSE;
  }
  gboolean ok = inflate_tail(file, offset, limit, &z, out, error);
  inflateEnd(&z);
  if (ok)
    file->inflated = g_steal_pointer(&out);
  return ok;
}

gboolean
dcm_file_count(DcmFile *file)
{
  return ++file->n_elements <= MAX_ELEMENTS;
}
