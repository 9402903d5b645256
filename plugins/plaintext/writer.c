/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

size_t
plain_encode(uint32_t c, char ret[4])
{
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || c == 0)
    c = 0xFFFD;
  if (c < 0x80) {
    ret[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    ret[0] = (char)(0xC0 | c >> 6);
    ret[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    ret[0] = (char)(0xE0 | c >> 12);
    ret[1] = (char)(0x80 | (c >> 6 & 0x3F));
    ret[2] = (char)(0x80 | (c & 0x3F));
    return 3;
  }
  ret[0] = (char)(0xF0 | c >> 18);
  ret[1] = (char)(0x80 | (c >> 12 & 0x3F));
  ret[2] = (char)(0x80 | (c >> 6 & 0x3F));
  ret[3] = (char)(0x80 | (c & 0x3F));
  return 4;
}

size_t
plain_decode(const char *bytes, size_t n, uint32_t *ret_code)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *p = (const unsigned char *)bytes;
  const unsigned c = p[0];
  const size_t len = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
  if (len == 0 || len > n)
    return 0;
  uint32_t code = len == 1 ? c : c & (0x7Fu >> len);
  for (size_t i = 1; i < len; i++) {
    if ((p[i] & 0xC0) != 0x80)
      return 0;
    code = code << 6 | (p[i] & 0x3F);
  }
  if (code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    return 0;
  *ret_code = code;
  return len;
}

void
plain_write(PlainWriter *w, uint32_t c)
{
  char utf8[4];
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 || c == 0x2003 || c == 0x2002) {
    w->space = true;
    return;
  }
  if (c < 0x20 || c == 0x7F || c == 0xAD) /* a soft hyphen is no letter */
    return;
  if (w->any && w->ends) {
    w->sink->put(w->sink->ctx, "\n\n", w->ends > 1 ? 2 : 1);
  } else if (w->any && w->space) {
    w->sink->put(w->sink->ctx, " ", 1);
  }
  w->any = true;
  w->space = false;
  w->ends = 0;
  w->sink->put(w->sink->ctx, utf8, plain_encode(c, utf8));
}

void
plain_end_line(PlainWriter *w, bool empty)
{
  w->ends += empty ? 1 : w->ends == 0;
  w->space = false;
}
