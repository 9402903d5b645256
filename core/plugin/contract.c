/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/contract.h"

#include <string.h>

#include "base/error.h"

static gboolean
is(const itv_record *record, const char *name)
{
  return strcmp(record->name, name) == 0;
}

static gboolean
check_order(ItvContract *c, const itv_record *record, GError **error)
{
  if (is(record, "interval.document/1")) {
    c->rejected = itv_record_field(record, "rejected", 0) != NULL;
    return TRUE;
  }
  if (c->n_records == 0)
    return itv_fail(error, ITV_ERROR_PLUGIN,
                    "record %s comes before any interval.document/1: each unit begins with one",
                    record->name);
  if (c->rejected)
    return itv_fail(error, ITV_ERROR_PLUGIN,
                    "record %s follows a rejected document, which holds nothing else",
                    record->name);
  return TRUE;
}

/* A byte that continues a character is no place to begin or end. */
static gboolean
is_boundary(const ItvContract *c, gint64 at)
{
  return at == (gint64)c->text_len || ((guchar)c->text[at] & 0xC0) != 0x80;
}

static gboolean
check_span(const ItvContract *c, const itv_record *record, const char *from, const char *to,
           GError **error)
{
  const itv_field *a = itv_record_field(record, from, 0);
  const itv_field *b = itv_record_field(record, to, 0);
  if (!a && !b)
    return TRUE;
  if (!a || !b)
    return itv_fail(error, ITV_ERROR_PLUGIN, "record %s has one of \"%s\" and \"%s\" only",
                    record->name, from, to);
  const gint64 start = a->v.i64, end = b->v.i64;
  if (!c->text || start < 0 || start >= end || end > (gint64)c->text_len ||
      !is_boundary(c, start) || !is_boundary(c, end))
    return itv_fail(error, ITV_ERROR_PLUGIN,
                    "record %s: \"%s\" %" G_GINT64_FORMAT " to \"%s\" %" G_GINT64_FORMAT
                    " is no passage of the text, which has %zu bytes",
                    record->name, from, start, to, end, c->text_len);
  return TRUE;
}

static gboolean
check_volume(const ItvContract *c, const itv_record *record, GError **error)
{
  const itv_field *f = itv_record_field(record, "volume", 0);
  if (!f || f->type != ITV_T_I64 || (f->v.i64 >= 1 && f->v.i64 <= (gint64)c->n_volumes))
    return TRUE;
  return itv_fail(error, ITV_ERROR_PLUGIN,
                  "record %s names volume %" G_GINT64_FORMAT ", but this job made %u", record->name,
                  f->v.i64, c->n_volumes);
}

static gboolean
check_count(const itv_record *record, const char *name, const char *key, gsize want, GError **error)
{
  gsize n = 0;
  if (!is(record, name))
    return TRUE;
  while (itv_record_field(record, key, n))
    n++;
  if (n == 0 || n == want)
    return TRUE;
  return itv_fail(error, ITV_ERROR_PLUGIN, "record %s: \"%s\" must have %zu values, not %zu",
                  record->name, key, want, n);
}

gboolean
itv_contract_check(ItvContract *c, const itv_record *record, GError **error)
{
  const gboolean is_importer = strcmp(c->kind, ITV_KIND_IMPORTER) == 0;
  const gboolean is_text = strcmp(c->kind, ITV_KIND_RECOMMENDATION) == 0;
  if (is_importer && !check_order(c, record, error))
    return FALSE;
  if (is_text && (!check_span(c, record, "start", "end", error) ||
                  !check_span(c, record, "condition-start", "condition-end", error) ||
                  !check_span(c, record, "finding-start", "finding-end", error)))
    return FALSE;
  if (!check_volume(c, record, error) ||
      !check_count(record, "interval.registration/1", "matrix", 16, error) ||
      !check_count(record, "interval.image/1", "position", 3, error) ||
      !check_count(record, "interval.image/1", "orientation", 6, error))
    return FALSE;
  c->n_records++;
  return TRUE;
}

gboolean
itv_contract_may_be_empty(const char *kind)
{
  return strcmp(kind, ITV_KIND_RECOMMENDATION) == 0;
}
