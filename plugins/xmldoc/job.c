/* SPDX-License-Identifier: Apache-2.0
 *
 * One source, one document: read, parse, hand to the importer, emit.
 */
#include <string.h>

#include "xmldoc.h"

#define MAX_NOTES 32

static char *
print_line(const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf(format, args);
  return g_utf8_make_valid(text, -1);
}

DraftRecord *
xd_unit_add(XdUnit *unit, const char *record)
{
  DraftRecord *r = draft_record_new(record);
  g_ptr_array_add(unit->records, r);
  return r;
}

void
xd_unit_note(XdUnit *unit, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = print_line(format, args);
  va_end(args);
  if (unit->notes->len < MAX_NOTES &&
      !g_ptr_array_find_with_equal_func(unit->notes, text, g_str_equal, NULL))
    g_ptr_array_add(unit->notes, g_steal_pointer(&text));
}

void
xd_unit_reject(XdUnit *unit, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = print_line(format, args);
  va_end(args);
  if (!unit->rejected)
    unit->rejected = g_steal_pointer(&text);
}

static void
unit_clear(XdUnit *unit)
{
  draft_record_free(unit->document);
  g_ptr_array_unref(unit->notes);
  g_ptr_array_unref(unit->records);
  g_free(unit->rejected);
  g_free(unit->utf8);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(XdUnit, unit_clear)

/* NULL and a problem when it is too long or cannot be read. */
static guint8 *
read_source(const itv_source *source, gsize *ret_n, char **ret_problem)
{
  if (source->size < 0 || source->size > XD_MAX_BYTES) {
    *ret_problem = g_strdup_printf("it is longer than %u MiB", XD_MAX_BYTES >> 20);
    return NULL;
  }
  const gsize size = (gsize)source->size;
  guint8 *bytes = g_malloc(size + 1);
  gsize n = 0;
  while (n < size) {
    const int64_t got = source->read_at(source, (int64_t)n, bytes + n, size - n);
    if (got < 0) {
      *ret_problem = g_strdup_printf("it cannot be read from byte %zu on", n);
      g_free(bytes);
      return NULL;
    }
    if (got == 0)
      break;
    n += MIN((gsize)got, size - n);
  }
  *ret_n = n;
  return bytes;
}

static XdDoc *
open_document(const itv_host *host, const itv_source *source, XdUnit *unit)
{
  g_autofree char *note = NULL, *problem = NULL;
  gsize n = 0;
  g_autofree guint8 *bytes = read_source(source, &n, &problem);
  if (bytes)
    unit->utf8 = xd_utf8(bytes, n, &unit->n_utf8, &note, &problem);
  g_clear_pointer(&bytes, g_free);
  XdDoc *doc = unit->utf8 ? xd_parse(unit->utf8, unit->n_utf8, host, &problem) : NULL;
  if (!doc)
    xd_unit_reject(unit, "%s", problem);
  else if (note)
    xd_unit_note(unit, "%s", note);
  return doc;
}

static itv_status
emit_unit(const XdUnit *unit, const itv_source *source, const itv_sink *out)
{
  DraftRecord *d = unit->document;
  draft_record_i64(d, "offset", 0, "By");
  draft_record_i64(d, "length", MAX(source->size, 0), "By");
  draft_record_text(d, "keep-raw", source->size <= XD_MAX_BYTES ? "Y" : "N", 1);
  draft_record_text(d, "rejected", unit->rejected, DRAFT_NOTE_MAX);
  for (guint i = 0; i < unit->notes->len; i++)
    draft_record_text(d, "note", unit->notes->pdata[i], DRAFT_NOTE_MAX);
  itv_status status = draft_record_emit(d, out);
  for (guint i = 0; !unit->rejected && i < unit->records->len && status == ITV_OK; i++)
    status = draft_record_emit(unit->records->pdata[i], out);
  return status;
}

itv_status
xd_import(const itv_host *host, const itv_input *input, const itv_sink *out, const char *format,
          XdReader read)
{
  if (input->n_sources != 1) {
    host->set_error(host, "an import takes exactly one source");
    return ITV_ERR_INPUT;
  }
  g_auto(XdUnit)
      unit = {.document = draft_record_new("interval.document/1"),
              .notes = g_ptr_array_new_with_free_func(g_free),
              .records = g_ptr_array_new_with_free_func((GDestroyNotify)draft_record_free)};
  draft_record_text(unit.document, "format", format, DRAFT_TEXT_MAX);
  g_autoptr(XdDoc) doc = open_document(host, &input->sources[0], &unit);
  if (doc)
    read(xd_root(doc), host, &unit);
  if (host->cancelled(host)) {
    host->set_error(host, "cancelled");
    return ITV_ERR_CANCELLED;
  }
  const itv_status status = emit_unit(&unit, &input->sources[0], out);
  if (status != ITV_OK)
    host->set_error(host, "the host takes no more records of this document");
  return status;
}
