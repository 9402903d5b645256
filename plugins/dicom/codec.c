/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include <string.h>
#include <zlib.h>

#define RLE_HEADER 64
#define RLE_SEGMENTS 15u

static guint32
get32(const guint8 *p)
{
  return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

/* One segment (PackBits) into every `step`-th byte of `out`; what it holds beyond the
 * plane is padding. */
static gboolean
unpack(const guint8 *data, gsize n, guint8 *out, gsize step, gsize plane)
{
  gsize at = 0, done = 0;
  while (done < plane && at < n) {
    const guint8 code = data[at++];
    if (code == 128)
      continue;
    const gboolean run = code > 128;
    const gsize count = run ? 257u - code : code + 1u;
    if (at + (run ? 1 : count) > n)
      return FALSE;
    for (gsize i = 0; i < count && done < plane; i++)
      out[done++ * step] = data[run ? at : at + i];
    at += run ? 1 : count;
  }
  return done == plane;
}

gboolean
dcm_rle_decode(const guint8 *data, gsize n, guint samples, guint width, gsize plane, guint8 *out,
               const char **why)
{
  const guint segments = samples * width;
  *why = "the RLE frame is damaged";
  if (n < RLE_HEADER || segments == 0 || segments > RLE_SEGMENTS)
    return FALSE;
  if (get32(data) != segments) {
    *why = "the RLE frame has another number of segments than the header's samples and bits ask "
           "for";
    return FALSE;
  }
  for (guint s = 0; s < segments; s++) {
    const gsize from = get32(data + 4 + 4 * s);
    const gsize to = s + 1 < segments ? get32(data + 8 + 4 * s) : n;
    /* The most significant byte of a sample comes first. */
    const gsize at = (gsize)(s / width) * width * plane + (width - 1 - s % width);
    if (from < RLE_HEADER || to > n || from >= to ||
        !unpack(data + from, to - from, out + at, width, plane))
      return FALSE;
  }
  return TRUE;
}

gboolean
dcm_inflate_frame(const guint8 *data, gsize n, guint8 *out, gsize size, const char **why)
{
  z_stream z = {0};
  *why = "the deflated frame is damaged or too short";
  if (n > G_MAXUINT32 || size > G_MAXUINT32 || inflateInit2(&z, -MAX_WBITS) != Z_OK)
    return FALSE;
  g_autofree guint8 *copy = g_memdup2(data, n); /* zlib wants it writable */
  z.next_in = copy;
  z.avail_in = (uInt)n;
  z.next_out = out;
  z.avail_out = (uInt)size;
  const int status = inflate(&z, Z_FINISH);
  const gboolean whole = z.avail_out == 0 && (status == Z_STREAM_END || status == Z_BUF_ERROR);
  inflateEnd(&z);
  return whole;
}
