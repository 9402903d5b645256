/* SPDX-License-Identifier: Apache-2.0 */
#include "codestream.h"

#include <string.h>

static guint
get16(const guint8 *p)
{
  return (guint)p[0] << 8 | p[1];
}

static guint32
get32(const guint8 *p)
{
  return (guint32)get16(p) << 16 | get16(p + 2);
}

/* Start of frame: C0 to CF but DHT, JPG and DAC (ITU-T T.81, B.1.1.3), and
 * JPEG-LS's F7 (T.87). */
static gboolean
is_start_of_frame(guint8 marker)
{
  return marker == 0xF7 ||
         (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC);
}

static gboolean
read_jpeg(const guint8 *data, gsize n, DcmCodestream *ret)
{
  gsize at = 2;
  while (at + 4 <= n && data[at] == 0xFF) {
    guint8 marker = data[at + 1];
    if (marker == 0xFF) { /* a fill byte */
      at++;
      continue;
    }
    gsize length = get16(data + at + 2);
    if (length < 2 || at + 2 + length > n)
      return FALSE;
    if (is_start_of_frame(marker)) {
      if (length < 8)
        return FALSE;
      *ret =
          (DcmCodestream){get16(data + at + 5), get16(data + at + 7), data[at + 9], data[at + 4]};
      return TRUE;
    }
    at += 2 + length;
  }
  return FALSE;
}

/* SIZ follows SOC at once (ITU-T T.800, A.5.1). */
static gboolean
read_jpeg2000(const guint8 *data, gsize n, DcmCodestream *ret)
{
  if (n < 2 + 2 + 39 || data[2] != 0xFF || data[3] != 0x51)
    return FALSE;
  const guint8 *siz = data + 4;
  guint32 right = get32(siz + 4), bottom = get32(siz + 8), left = get32(siz + 12),
          top = get32(siz + 16);
  if (right <= left || bottom <= top)
    return FALSE;
  *ret = (DcmCodestream){bottom - top, right - left, get16(siz + 36), (siz[38] & 0x7Fu) + 1};
  return TRUE;
}

gboolean
dcm_codestream_read(const guint8 *data, gsize n, DcmCodestream *ret)
{
  static const guint8 box[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
  if (n < 4)
    return FALSE;
  if (data[0] == 0xFF && data[1] == 0xD8)
    return read_jpeg(data, n, ret);
  if (data[0] == 0xFF && data[1] == 0x4F)
    return read_jpeg2000(data, n, ret);
  if (n < sizeof box || memcmp(data, box, sizeof box) != 0)
    return FALSE;
  for (gsize i = sizeof box; i + 4 < n && i < 4096;
       i++) /* the stream lies in a box of a JP2 file */
    if (get32(data + i) == 0xFF4FFF51u)
      return read_jpeg2000(data + i, n - i, ret);
  return FALSE;
}

gboolean
dcm_codestream_is_whole(const guint8 *data, gsize n)
{
  while (n > 2 && (data[n - 1] == 0x00 || data[n - 1] == 0xFF))
    n--;
  return n >= 2 && data[n - 2] == 0xFF && data[n - 1] == 0xD9;
}
