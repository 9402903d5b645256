/* SPDX-License-Identifier: Apache-2.0
 *
 * base/digest.h - SHA-256 by a library that uses the processor's own instructions:
 * everything that comes in is hashed.
 */
#ifndef ITV_BASE_DIGEST_H
#define ITV_BASE_DIGEST_H

#include <glib.h>

typedef struct ItvDigest ItvDigest;

ItvDigest *itv_digest_new(void);
void itv_digest_free(ItvDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvDigest, itv_digest_free)

void itv_digest_add(ItvDigest *digest, const void *bytes, gsize n);
/* 64 hexadecimal digits, owned; nothing can be added afterwards. */
char *itv_digest_hex(ItvDigest *digest);
/* All at once. */
char *itv_digest_of(const void *bytes, gsize n);

#endif
