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
append_field(GString *out, const itv_field *f)
{
  if (f->type == ITV_T_STR) /* its length: no text can pass for another field */
    g_string_append_printf(out, "%s=%zu:%s\n", f->key, strlen(f->v.str), f->v.str);
  else if (f->type == ITV_T_I64)
    g_string_append_printf(out, "%s=%" G_GINT64_FORMAT "\n", f->key, f->v.i64);
  else
    g_string_append_printf(out, "%s=%.17g\n", f->key, f->v.f64);
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
  g_string_append_printf(out, "%s\n", known ? known : "");
  for (gsize i = 0; i < patient->n_fields; i++)
    append_field(out, &patient->fields[i]);
  for (gsize i = 0; i < image->n_fields; i++)
    if (!differs_by_slice(image->fields[i].key))
      append_field(out, &image->fields[i]);
  return g_string_free(out, FALSE);
}
