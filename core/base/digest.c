/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <openssl/evp.h>

#define N_BYTES 32

struct ItvDigest {
  EVP_MD_CTX *context;
};

/* Fetched once: a look-up by name costs more than hashing a message. */
static const EVP_MD *
algorithm(void)
{
  static gsize fetched = 0;
  if (g_once_init_enter(&fetched)) {
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!md)
      g_error("libcrypto offers no SHA-256");
    g_once_init_leave(&fetched, (gsize)md);
  }
  return (const EVP_MD *)fetched;
}

ItvDigest *
itv_digest_new(void)
{
  ItvDigest *digest = g_new0(ItvDigest, 1);
  digest->context = EVP_MD_CTX_new();
  if (!digest->context || EVP_DigestInit_ex2(digest->context, algorithm(), NULL) != 1)
    g_error("libcrypto cannot begin a SHA-256");
  return digest;
}

void
itv_digest_free(ItvDigest *digest)
{
  if (!digest)
    return;
  EVP_MD_CTX_free(digest->context);
  g_free(digest);
}

void
itv_digest_add(ItvDigest *digest, const void *bytes, gsize n)
{
  if (EVP_DigestUpdate(digest->context, bytes, n) != 1)
    g_error("libcrypto cannot go on with a SHA-256");
}

char *
itv_digest_hex(ItvDigest *digest)
{
  static const char digits[] = "0123456789abcdef";
  guint8 sum[N_BYTES];
  if (EVP_DigestFinal_ex(digest->context, sum, NULL) != 1)
    g_error("libcrypto cannot end a SHA-256");
  char *hex = g_malloc(2 * N_BYTES + 1);
  for (int i = 0; i < N_BYTES; i++) {
    hex[2 * i] = digits[sum[i] >> 4];
    hex[2 * i + 1] = digits[sum[i] & 15];
  }
  hex[2 * N_BYTES] = 0;
  return hex;
}

char *
itv_digest_of(const void *bytes, gsize n)
{
  g_autoptr(ItvDigest) digest = itv_digest_new();
  itv_digest_add(digest, bytes, n);
  return itv_digest_hex(digest);
}
