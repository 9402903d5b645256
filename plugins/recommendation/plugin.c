/* SPDX-License-Identifier: Apache-2.0
 *
 * org.interval.recommendation: the plugin's face to the host.
 */
#include <string.h>

#include "findings.h"
#include "interval/plugin.h"

enum { MAX_TEXT = 8 * 1024 * 1024, MAX_FIELDS = 40, MAX_STRING = 1000 };

static itv_status
create(const itv_host *host, void **ret_self)
{
  size_t n = 0;
  const void *bytes = host->resource(host, "lexicon", &n);
  if (bytes == NULL) {
    host->set_error(host, "resource \"lexicon\" is missing; the manifest must list it");
    return ITV_ERR_INTERNAL;
  }
  g_autofree char *why = NULL;
  Lexicon *lexicon = lexicon_parse(bytes, n, &why);
  if (lexicon == NULL) {
    g_autofree char *message = g_strdup_printf("lexicon: %s", why);
    host->set_error(host, message);
    return ITV_ERR_INPUT;
  }
  bytes = host->resource(host, "local", &n);
  if (bytes != NULL && !lexicon_extend(lexicon, bytes, n, &why)) {
    g_autofree char *message = g_strdup_printf("local lexicon: %s", why);
    host->set_error(host, message);
    lexicon_free(lexicon);
    return ITV_ERR_INPUT;
  }
  *ret_self = lexicon;
  return ITV_OK;
}

static void
destroy(void *self)
{
  lexicon_free(self);
}

static void
read_field(Context *c, const itv_field *field)
{
  if (field->type != ITV_T_STR || field->v.str == NULL)
    return;
  const char *value = field->v.str;
  if (strcmp(field->key, "date") == 0) {
    c->has_date = date_parse(value, &c->date);
  } else if (strcmp(field->key, "modality") == 0) {
    int at = code_index(modality_codes, N_MODALITIES, value);
    c->modalities = at >= 0 ? 1u << at : 0;
  } else if (strcmp(field->key, "region") == 0) {
    int at = region_named(value);
    if (at >= 0 && c->n_regions < MAX_REGIONS)
      c->regions[c->n_regions++] = at;
  } else if (strcmp(field->key, "laterality") == 0) {
    int at = code_index(side_codes, N_SIDES, value);
    c->side = at > 0 ? (Side)at : SIDE_NONE;
  }
}

/* The side of the exam, from its description or the report's first line. */
static Side
side_of(const Lexicon *lexicon, const char *text, size_t n)
{
  Side side = SIDE_NONE;
  g_autoptr(Text) t = text_new(lexicon, text, n);
  for (int i = 0; i < (int)t->tokens->len; i++) {
    const Term *site = text_begin(t, i, LAYER_SITE, NULL);
    if (site == NULL || site->side == SIDE_NONE)
      continue;
    side = side == SIDE_NONE || side == site->side ? site->side : SIDE_BILATERAL;
  }
  return side;
}

static Context
read_context(const Lexicon *lexicon, const itv_input *input)
{
  Context c = {.side = SIDE_NONE};
  const char *description = NULL;
  for (uint32_t i = 0; i < input->n_records; i++) {
    const itv_record *r = &input->records[i];
    if (strcmp(r->name, "interval.context/1") != 0)
      continue;
    for (size_t k = 0; k < r->n_fields; k++) {
      read_field(&c, &r->fields[k]);
      if (strcmp(r->fields[k].key, "description") == 0 && r->fields[k].type == ITV_T_STR)
        description = r->fields[k].v.str;
    }
  }
  if (c.side == SIDE_NONE && description != NULL)
    c.side = side_of(lexicon, description, strlen(description));
  if (c.side == SIDE_NONE) {
    const char *line = memchr(input->text, '\n', MIN(input->text_len, (uint64_t)300));
    size_t n = line ? (size_t)(line - input->text) : MIN((size_t)input->text_len, (size_t)300);
    c.side = side_of(lexicon, input->text, n);
  }
  return c;
}

typedef struct {
  itv_field fields[MAX_FIELDS];
  size_t n;
} Fields;

static void
put_str(Fields *f, const char *key, const char *value)
{
  if (value != NULL && *value != '\0' && f->n < MAX_FIELDS)
    f->fields[f->n++] = (itv_field)ITV_STR(key, value);
}

static void
put_i64(Fields *f, const char *key, int64_t value)
{
  if (f->n < MAX_FIELDS)
    f->fields[f->n++] = (itv_field)ITV_I64(key, value, "By");
}

static void
put_period(Fields *f, const char *key, Period period, char buf[16])
{
  if (period.unit != 0)
    put_str(f, key, period_format(period, buf));
}

/* Words of the text as a field: valid UTF-8, bounded. */
static char *
words(const char *text, Span span)
{
  if (span.end <= span.start)
    return NULL;
  return g_utf8_make_valid(text + span.start, MIN(span.end - span.start, (uint32_t)MAX_STRING));
}

static itv_status
emit_recommendation(const itv_sink *out, const char *text, const Recommendation *r)
{
  Fields f = {.n = 0};
  char earliest[16], latest[16], repeat[16];
  g_autofree char *finding = words(text, r->finding);
  put_i64(&f, "start", r->span.start);
  put_i64(&f, "end", r->span.end);
  put_str(&f, "kind", kind_codes[r->kind]);
  for (int i = 0; i < N_MODALITIES; i++)
    if (r->modalities & (1u << i))
      put_str(&f, "modality", modality_codes[i]);
  if (r->region >= 0)
    put_str(&f, "region", region_codes[r->region]);
  put_str(&f, "laterality", side_codes[r->side]);
  if (r->has_when) {
    put_period(&f, "earliest", r->earliest, earliest);
    put_period(&f, "latest", r->latest, latest);
    put_period(&f, "repeat", r->repeat, repeat);
  }
  put_str(&f, "conditional", r->conditional ? "Y" : "N");
  if (r->condition.end > r->condition.start) {
    put_i64(&f, "condition-start", r->condition.start);
    put_i64(&f, "condition-end", r->condition.end);
  }
  if (finding != NULL) {
    put_str(&f, "finding", finding);
    put_i64(&f, "finding-start", r->finding.start);
    put_i64(&f, "finding-end", r->finding.end);
    put_str(&f, "finding-head", r->head);
  }
  put_str(&f, "strength", strength_codes[r->strength]);
  put_str(&f, "guideline", r->guideline);
  put_str(&f, "rule", r->rule);
  return out->emit(out, "interval.recommendation/1", f.fields, f.n);
}

static void
put_mm(Fields *f, const char *key, const double *mm, int n)
{
  for (int i = 0; i < n && f->n < MAX_FIELDS; i++)
    f->fields[f->n++] = (itv_field)ITV_F64(key, mm[i], "mm");
}

static void
put_span(Fields *f, const char *start, const char *end, Span span)
{
  if (span.end <= span.start)
    return;
  put_i64(f, start, span.start);
  put_i64(f, end, span.end);
}

static itv_status
emit_finding(const itv_sink *out, const char *text, const Measured *m)
{
  Fields f = {.n = 0};
  g_autofree char *finding = words(text, m->words);
  g_autofree char *site = words(text, m->site);
  put_span(&f, "start", "end", m->span);
  put_str(&f, "finding", finding);
  if (m->term != NULL)
    put_str(&f, "finding-head", m->term->head);
  if (m->region >= 0)
    put_str(&f, "region", region_codes[m->region]);
  put_str(&f, "laterality", side_codes[m->side]);
  put_str(&f, "site", site);
  put_mm(&f, "size", m->size_mm, m->n_size);
  put_span(&f, "size-start", "size-end", m->size);
  put_str(&f, "bound", m->bound);
  put_mm(&f, "prior", m->prior_mm, m->n_prior);
  put_span(&f, "prior-start", "prior-end", m->prior);
  put_str(&f, "density", m->density);
  if (m->count > 0 && f.n < MAX_FIELDS)
    f.fields[f.n++] = (itv_field)ITV_I64("count", m->count, "{finding}");
  if (m->multiple)
    put_str(&f, "multiple", "Y");
  put_str(&f, "stability", m->stability);
  put_str(&f, "concluding", m->concluding ? "Y" : "N");
  put_str(&f, "rule", m->term ? m->term->name : "part");
  return out->emit(out, "interval.finding/1", f.fields, f.n);
}

static itv_status
emit_contradiction(const itv_sink *out, const Contradiction *c)
{
  Fields f = {.n = 0};
  put_str(&f, "contradiction", contradiction_codes[c->type]);
  put_str(&f, "text", c->text);
  put_span(&f, "start", "end", c->span);
  put_span(&f, "other-start", "other-end", c->other);
  return out->emit(out, "interval.contradiction/1", f.fields, f.n);
}

static itv_status
emit_trace(const itv_sink *out, const Trace *t)
{
  Fields f = {.n = 0};
  put_span(&f, "start", "end", (Span){t->start, t->end});
  put_str(&f, "step", trace_steps[t->step]);
  put_str(&f, "verdict", trace_verdicts[t->verdict]);
  put_str(&f, "rule", t->rule);
  put_str(&f, "reason", t->reason);
  return out->emit(out, "interval.trace/1", f.fields, f.n);
}

static itv_status
emit_statement(const itv_sink *out, const char *text, const Statement *s)
{
  static const char *const types[] = {"resolved", "no-follow-up", "non-diagnostic"};
  Fields f = {.n = 0};
  g_autofree char *finding = words(text, s->finding);
  put_i64(&f, "start", s->span.start);
  put_i64(&f, "end", s->span.end);
  put_str(&f, "statement", types[s->type]);
  put_str(&f, "finding", finding);
  if (finding != NULL)
    put_str(&f, "finding-head", s->head);
  if (s->region >= 0)
    put_str(&f, "region", region_codes[s->region]);
  put_str(&f, "rule", s->rule);
  return out->emit(out, "interval.statement/1", f.fields, f.n);
}

static gboolean
is_cancelled(void *data)
{
  const itv_host *host = data;
  return host->cancelled(host) != 0;
}

static itv_status
emit_all(const itv_sink *out, const char *text, const Answer *answer)
{
  itv_status status = ITV_OK;
  for (unsigned i = 0; i < answer->recommendations->len && status == ITV_OK; i++)
    status =
        emit_recommendation(out, text, &g_array_index(answer->recommendations, Recommendation, i));
  for (unsigned i = 0; i < answer->statements->len && status == ITV_OK; i++)
    status = emit_statement(out, text, &g_array_index(answer->statements, Statement, i));
  for (unsigned i = 0; i < answer->findings->len && status == ITV_OK; i++)
    status = emit_finding(out, text, &g_array_index(answer->findings, Measured, i));
  for (unsigned i = 0; i < answer->contradictions->len && status == ITV_OK; i++)
    status = emit_contradiction(out, &g_array_index(answer->contradictions, Contradiction, i));
  for (unsigned i = 0; answer->trace && i < answer->trace->len && status == ITV_OK; i++)
    status = emit_trace(out, &g_array_index(answer->trace, Trace, i));
  return status;
}

static gboolean
wants_trace(const itv_input *input)
{
  for (uint32_t i = 0; i < input->n_records; i++)
    if (strcmp(itv_record_str(&input->records[i], "explain", "N"), "Y") == 0)
      return TRUE;
  return FALSE;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  if (input->text == NULL) {
    host->set_error(host, "no text was given");
    return ITV_ERR_INPUT;
  }
  if (input->text_len > MAX_TEXT) {
    host->set_error(host, "the report text is larger than 8 MiB");
    return ITV_ERR_LIMIT;
  }
  Context context = read_context(self, input);
  Answer answer = {NULL};
  if (wants_trace(input))
    answer.trace = g_array_new(FALSE, TRUE, sizeof(Trace));
  itv_status status = ITV_ERR_CANCELLED;
  if (engine_run(self, &context, input->text, input->text_len, is_cancelled,
                 (void *)(uintptr_t)host, &answer))
    status = emit_all(out, input->text, &answer);
  answer_clear(&answer);
  if (status == ITV_ERR_CANCELLED)
    host->set_error(host, "cancelled");
  else if (status < 0)
    host->set_error(host, "the host took no more records");
  return status;
}

static const itv_kind *
get_kind(const char *id)
{
  static const itv_kind kind = {ITV_KIND_HEADER, NULL, run};
  return strcmp(id, ITV_KIND_RECOMMENDATION) == 0 ? &kind : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.recommendation", "0.1.0", create, destroy, get_kind};
