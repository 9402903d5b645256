/* SPDX-License-Identifier: Apache-2.0
 *
 * plaintext.h - text out of what holds text: single-byte character sets, RTF
 * and HTML.  Plain C, no memory of its own: text leaves through a function.
 *
 * iconv is not used: its tables are files, and a plugin opens none.
 */
#ifndef INTERVAL_PLUGINS_PLAINTEXT_H
#define INTERVAL_PLUGINS_PLAINTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name;    /* "8859/2", "1252" */
  uint16_t upper[128]; /* code points of 0x80..0xFF, 0: none */
} PlainCharset;

/* NULL when there is no table of that name.  8859/1 is read as 1252. */
const PlainCharset *plain_charset(const char *name);

/* JIS X 0208: code point of row and column (0x21 counts as 0) row * 94 + column, 0: none.
 * Only where plugin-japanese is linked. */
extern const uint16_t plain_jis0208_table[94 * 94];

/* The UTF-8 of a code point; what is none becomes U+FFFD.  Bytes written, 1 to 4. */
size_t plain_encode(uint32_t code, char ret[4]);
/* The character at p, of at most n > 0 bytes; its length, 0 when it is no UTF-8. */
size_t plain_decode(const char *p, size_t n, uint32_t *ret_code);

typedef struct {
  void (*put)(void *ctx, const char *utf8, size_t n);
  void *ctx;
} PlainSink;

/* "{\rtf" after blanks. */
bool plain_is_rtf(const char *bytes, size_t n);
/* What a reader of the page would see, a paragraph a line; pictures, styles,
 * headers, hidden and deleted text are left out.  Damage ends or skips, it never
 * fails.  The bytes up to the brace that ends the document; 0 when there is none. */
size_t plain_from_rtf(const char *bytes, size_t n, const PlainSink *out);

/* A whole page or a fragment that begins with an element of HTML. */
bool plain_is_html(const char *bytes, size_t n);
/* The same for HTML in UTF-8; "<5 mm" of one who does not escape stays text. */
void plain_from_html(const char *utf8, size_t n, const PlainSink *out);

#endif
