/* SPDX-License-Identifier: Apache-2.0
 *
 * The HL7 v2 importer: one source, one or many messages.  Each message is one
 * interval.document/1 with the records it holds; a message that cannot be taken
 * says why and where, and the rest of the source still goes through.
 */
#include <stdio.h>
#include <string.h>

#include "hl7-split.h"
#include "hl7-units.h"

typedef struct {
  const itv_host *host;
  const itv_sink *sink;
  Arena arena;
} Job;

static int32_t
probe(void *self, const uint8_t *head, size_t n, const char *name)
{
  static const char *const ids[] = {"MSH", "FHS", "BHS"};
  size_t i = 0;
  (void)self;
  (void)name;
  for (bool mark = true; mark;) { /* before the framing, or within it */
    while (i < n && (head[i] == ' ' || head[i] == '\r' || head[i] == '\n' || head[i] == 0x0B))
      i++;
    mark = n - i >= 3 && memcmp(head + i, "\xEF\xBB\xBF", 3) == 0;
    i += mark ? 3 : 0;
  }
  for (size_t k = 0; k < 3 && i + 4 < n; k++)
    if (memcmp(head + i, ids[k], 3) == 0 && head[i + 3] > 0x20 && head[i + 3] < 0x7F &&
        memchr(head + i + 4, head[i + 3], n - i - 4))
      return 95;
  for (; i + 5 < n; i++)
    if ((head[i] == '\r' || head[i] == '\n') && memcmp(head + i + 1, "MSH|", 4) == 0)
      return 40;
  return 0;
}

static void
add_message_fields(const Message *m, Record *doc, const char *suffix)
{
  Unit *u = m->unit;
  const Segment *msh = &m->segments[0];
  const char *application = segment_value(m, msh, 3, 1), *facility = segment_value(m, msh, 4, 1);
  const char *known = message_datetime(m, segment_value(m, msh, 7, 1), "MSH-7");
  const char *id = segment_value(m, msh, 10, 1);
  record_str(u, doc, "type",
             m->trigger[0] ? arena_printf(u->arena, "%s^%s", m->code, m->trigger) : m->code, 1024);
  record_str(u, doc, "identifier", id[0] ? arena_printf(u->arena, "%s%s", id, suffix) : "", 1024);
  if (facility[0])
    record_str(u, doc, "sender", arena_printf(u->arena, "%s^%s", application, facility), 1024);
  else
    record_str(u, doc, "sender", application, 1024);
  record_str(u, doc, "known", known, 32);
  if (!known)
    unit_note(u, "MSH-7 says not when this was sent");
}

/* The document record, then what the message holds.  `m` is NULL where not
 * even its header could be read. */
static itv_status
emit_unit(Job *job, Unit *u, const Message *m, int64_t offset, int64_t length, const char *suffix)
{
  Unit document = {.arena = u->arena};
  Record *doc = unit_add(&document, "interval.document/1");
  record_str(u, doc, "format", "hl7v2", 1024);
  if (m)
    add_message_fields(m, doc, suffix);
  record_i64(u, doc, "offset", offset, "By");
  record_i64(u, doc, "length", length, "By");
  record_str(u, doc, "keep-raw", length <= MAX_MESSAGE ? "Y" : "N", 1);
  record_str(u, doc, "rejected", u->rejected, 2048);
  for (size_t i = 0; i < u->n_notes; i++)
    record_str(u, doc, "note", u->notes[i], 2048);
  if (u->n_more_notes)
    record_str(u, doc, "note", arena_printf(u->arena, "and %zu more notes", u->n_more_notes), 2048);
  itv_status status = job->sink->emit(job->sink, doc->name, doc->fields, doc->n);
  for (const Record *r = u->rejected ? NULL : u->first; r && status == ITV_OK; r = r->next)
    status = job->sink->emit(job->sink, r->name, r->fields, r->n);
  return status;
}

static size_t
find_pid(const Message *m, size_t from)
{
  while (from < m->n && !segment_is(&m->segments[from], "PID"))
    from++;
  return from;
}

/* An ORU may hold several patients: each is a unit of its own. */
static itv_status
handle_results(Job *job, Message *m, int64_t offset, int64_t length)
{
  itv_status status = ITV_OK;
  size_t from = 0, pid = find_pid(m, 0);
  for (unsigned k = 1; status == ITV_OK; k++) {
    Unit own = {.arena = &job->arena};
    const size_t next = pid < m->n ? find_pid(m, pid + 1) : m->n;
    char suffix[16] = "";
    if (k > 1) {
      snprintf(suffix, sizeof suffix, "/%u", k);
      m->unit = &own;
    }
    if (unit_patient(m, pid < m->n ? &m->segments[pid] : NULL))
      unit_reports(m, from, next);
    const int64_t start = k == 1 ? offset : m->segments[pid].offset;
    const int64_t end = next < m->n ? m->segments[next].offset : offset + length;
    status = emit_unit(job, m->unit, m, start, end - start, suffix);
    if (next >= m->n)
      break;
    from = pid = next;
  }
  return status;
}

static void
read_message(const Message *m)
{
  if (!m->code[0])
    unit_reject(m->unit, "MSH-9 (byte %lld) is empty: no message type",
                (long long)m->segments[0].offset);
  else if (strcmp(m->code, "ADT") == 0)
    unit_adt(m);
  else if (strcmp(m->code, "ORM") == 0 || strcmp(m->code, "OMI") == 0 ||
           strcmp(m->code, "OMG") == 0)
    unit_orders(m);
  else if (strcmp(m->code, "MDM") == 0)
    unit_document(m);
  else if (strcmp(m->code, "SIU") == 0)
    unit_appointment(m);
  else
    unit_note(m->unit, "messages of type %.40s are kept, but nothing is read from them", m->code);
}

static itv_status
handle_message(Job *job, const Piece *p)
{
  Unit unit = {.arena = &job->arena};
  Message m;
  if (!message_parse(&unit, p->lines, p->n_lines, p->whole, &m))
    return emit_unit(job, &unit, NULL, p->offset, p->length, "");
  if (strcmp(m.code, "ORU") == 0)
    return handle_results(job, &m, p->offset, p->length);
  read_message(&m);
  return emit_unit(job, &unit, &m, p->offset, p->length, "");
}

static itv_status
handle_other(Job *job, const Piece *p)
{
  Unit unit = {.arena = &job->arena};
  if (p->kind == PIECE_TOO_LONG)
    unit_reject(&unit, "the message at byte %lld is longer than %lld MiB", (long long)p->offset,
                (long long)(MAX_MESSAGE >> 20));
  else if (p->kind == PIECE_GARBAGE)
    unit_reject(&unit, "the bytes from %lld on, before the next MSH segment, are no HL7 message",
                (long long)p->offset);
  else
    unit_reject(&unit, "the message at byte %lld needs more memory than it may have",
                (long long)p->offset);
  return emit_unit(job, &unit, NULL, p->offset, p->length, "");
}

/* Memory that runs out costs this message only. */
static itv_status
handle_piece(Job *job, const Piece *p)
{
  jmp_buf out_of_memory;
  itv_status status;
  job->arena.out_of_memory = &out_of_memory;
  if (setjmp(out_of_memory) == 0) {
    status = p->kind == PIECE_MESSAGE ? handle_message(job, p) : handle_other(job, p);
  } else {
    const Piece starved = {.offset = p->offset, .length = p->length};
    arena_clear(&job->arena);
    status = setjmp(out_of_memory) == 0 ? handle_other(job, &starved) : ITV_ERR_LIMIT;
  }
  arena_clear(&job->arena);
  return status;
}

static itv_status
fail(const itv_host *host, itv_status status, const char *name, const char *message)
{
  char text[600];
  snprintf(text, sizeof text, "%.200s: %s", name ? name : "the source", message);
  host->set_error(host, text);
  return status;
}

/* Bytes before the first message are told only once there is a message: a file
 * without one is not HL7, and not ours to blame. */
static itv_status
import_all(Job *job, Splitter *splitter, const itv_source *source)
{
  Piece waiting = {0};
  for (;;) {
    const Piece p = splitter_next(splitter);
    itv_status status = ITV_OK;
    if (p.kind == PIECE_ERROR)
      return fail(job->host, ITV_ERR_INPUT, source->name, "cannot be read to its end");
    if (waiting.kind && splitter_saw_hl7(splitter)) {
      status = handle_piece(job, &waiting);
      waiting.kind = 0;
    }
    if (p.kind == PIECE_END)
      return splitter_saw_hl7(splitter) ? status : ITV_NOT_APPLICABLE;
    if (status == ITV_OK && !splitter_saw_hl7(splitter)) {
      const int64_t start = waiting.kind ? waiting.offset : p.offset;
      waiting = (Piece){p.kind, start, p.offset + p.length - start, {0}, NULL, 0};
    } else if (status == ITV_OK)
      status = handle_piece(job, &p);
    if (status == ITV_ERR_LIMIT)
      return fail(job->host, status, source->name, "holds more records than one import may have");
    if (status != ITV_OK)
      return fail(job->host, status, source->name, "a record was refused");
    if (job->host->cancelled(job->host))
      return fail(job->host, ITV_ERR_CANCELLED, source->name, "cancelled");
    const double done = source->size > 0 ? (double)p.offset / (double)source->size : 0;
    job->host->progress(job->host, done < 1 ? done : 1);
  }
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  Job job = {.host = host, .sink = out};
  uint8_t head[2] = {0};
  (void)self;
  if (input->n_sources != 1)
    return fail(host, ITV_ERR_INPUT, NULL, "an import takes exactly one source");
  const itv_source *source = &input->sources[0];
  const int64_t got = source->read_at(source, 0, head, 2);
  if (got == 2 && ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF)))
    return fail(host, ITV_ERR_UNSUPPORTED, source->name, "is UTF-16; convert it to UTF-8");
  Splitter *splitter = splitter_new(source);
  if (!splitter)
    return fail(host, ITV_ERR_LIMIT, source->name, "no memory");
  const itv_status status = import_all(&job, splitter, source);
  splitter_free(splitter);
  return status;
}

static const itv_kind importer = {ITV_KIND_HEADER, probe, run};

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_IMPORTER) == 0 ? &importer : NULL;
}

const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.hl7", "0.1.0", NULL, NULL, get_kind,
};
