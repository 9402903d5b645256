/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in the repertoires of PS3.3 C.12.1.1.2, with and without code
 * extensions (ISO 2022), to UTF-8.  The tables are made at build time from the
 * C library's; a worker cannot load converters when it runs.
 */
#ifndef INTERVAL_DICOM_CHARSET_H
#define INTERVAL_DICOM_CHARSET_H

#include <glib.h>

/* `charset` is the value of (0008,0005), backslashes and all, or NULL.  What
 * cannot be told becomes U+FFFD; always valid UTF-8 without NUL. */
char *dcm_charset_to_utf8(const char *charset, const guint8 *bytes, gsize n);

#endif
