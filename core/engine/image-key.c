/* SPDX-License-Identifier: Apache-2.0
 *
 * Which images a history cannot tell apart.
 */
#include <string.h>

#include "engine/evidence.h"

static gboolean
differs_by_slice(const char *key)
{
  static const char *const keys[] = {
      "sop-uid",    "instance-number", "acquired", "position",      "orientation",
      "image-type", "slice-thickness", "pixels",   "pixel-problem", "kvp",
      NULL};
  return g_strv_contains(keys, key);
}

static void
append_bits(GString *out, guint64 bits)
{
  char digits[16];
  for (int i = 15; i >= 0; i--, bits >>= 4)
    digits[i] = "0123456789abcdef"[bits & 15];
  g_string_append_len(out, digits, sizeof digits);
}

/* Each text with its length, so that none can pass for another field; numbers as they lie in
 * memory.  Made for every image: no printf. */
static void
append_field(GString *out, const itv_field *f)
{
  guint64 bits = f->type == ITV_T_STR ? strlen(f->v.str) : (guint64)f->v.i64;
  if (f->type == ITV_T_F64)
    memcpy(&bits, &f->v.f64, sizeof bits);
  g_string_append(out, f->key);
  g_string_append_c(out, '=');
  append_bits(out, bits);
  if (f->type == ITV_T_STR)
    g_string_append(out, f->v.str);
  g_string_append_c(out, '\n');
}

char *
itv_evidence_image_key(const ItvRecords *records, const char *known)
{
  const itv_record *document = itv_records_get(records, 0);
  const itv_record *patient = itv_records_get(records, 1), *image = itv_records_get(records, 2);
  /* Who only tells of an object can take it back: such a row stands for itself. */
  if (itv_records_length(records) != 3 ||
      strcmp(itv_record_str(document, "format", ""), "dicom") != 0 ||
      strcmp(patient->name, "interval.patient/1") != 0 ||
      strcmp(image->name, "interval.image/1") != 0 || !itv_record_str(image, "study-uid", NULL))
    return NULL;
  GString *out = g_string_sized_new(1024);
  g_string_append(out, known ? known : "");
  g_string_append_c(out, '\n');
  for (gsize i = 0; i < patient->n_fields; i++)
    append_field(out, &patient->fields[i]);
  for (gsize i = 0; i < image->n_fields; i++)
    if (!differs_by_slice(image->fields[i].key))
      append_field(out, &image->fields[i]);
  return g_string_free(out, FALSE);
}
