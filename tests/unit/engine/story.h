/* SPDX-License-Identifier: Apache-2.0
 *
 * story.h - histories told in a few lines, for the tests of derive().
 *
 *   g_autoptr(Story) s = story_new();
 *   REPORT(s, .acc = "A1", .on = "2023-07-14", EXAM(CT, CHEST), .asks = {{EXAM(CT, CHEST), .in =
 * "P6M"}}); expect(s, "2024-01-14", "due CT chest 2024-01-14..2024-01-14 after 2024-02-13", NULL);
 *
 * An item is rendered as one line, the expected ones are the beginnings of
 * those lines, in any order, each item one line.
 */
#ifndef ITV_TESTS_STORY_H
#define ITV_TESTS_STORY_H

#include <string.h>

#include "engine/derive.h"

#define MOD(m) ITV_MODALITY_BIT(ITV_MODALITY_##m)
#define REG(r) ITV_REGION_BIT(ITV_REGION_##r)
#define EXAM(m, r) .mod = MOD(m), .region = ITV_REGION_##r

typedef struct {
  ItvActionKind kind; /* 0: imaging */
  ItvModalitySet mod;
  ItvRegion region;
  ItvLaterality side;
  const char *in;    /* "P6M", "P3M/P6M", "P3M/" for at least; NULL: no time given */
  const char *every; /* repeat */
  const char *finding, *head;
  const char *cond;  /* depends on this */
  const char *words; /* its sentence, where an act must be read from it */
} Ask;

typedef struct {
  ItvStatementKind kind;
  ItvRegion region;
  const char *finding, *head;
} Says;

typedef struct {
  const char *id, *issuer; /* of the patient; NULL: SYNTH1 of A */
  const char *acc, *uid;
  const char *visit;
  const char *doc[2];     /* its own document number, and the one it replaces or adds to */
  gboolean adds;          /* it is an addendum */
  const char *on, *known; /* NULL known: the day of the exam */
  char status;            /* 0: F */
  ItvModalitySet mod;
  ItvRegion region;
  ItvRegionSet more; /* regions beyond `region` */
  ItvLaterality side;
  const char *desc;
  Ask asks[6];
  Says says[3];
  gboolean unread; /* a report that nobody could read */
} Told;

typedef struct {
  ItvHistory *h;
  ItvRules rules;
  guint n; /* pieces told so far: their uids */
} Story;

static inline Story *
story_new(void)
{
  Story *s = g_new0(Story, 1);
  s->h = itv_history_new();
  s->rules = itv_rules_default();
  return s;
}

static inline void
story_free(Story *s)
{
  itv_history_free(s->h);
  g_free(s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Story, story_free)

static inline ItvDate
day(const char *text)
{
  ItvDate d = ITV_DATE_NONE;
  if (text && !itv_date_parse(text, &d))
    g_error("no date: %s", text);
  return d;
}

static inline ItvMoment
moment(const char *text)
{
  ItvMoment m = ITV_MOMENT_NONE;
  if (text && !itv_moment_parse(text, &m))
    g_error("no moment: %s", text);
  return m;
}

static inline ItvPeriod
period(const char *text)
{
  ItvPeriod p = {0, 0};
  if (!itv_period_parse(text, &p))
    g_error("no period: %s", text);
  return p;
}

static inline guint
who(Story *s, const char *id, const char *issuer)
{
  return itv_history_patient(s->h, id ? id : "SYNTH1", issuer ? issuer : "A");
}

static inline ItvEvidence
evidence(Story *s, const char *id, const char *issuer, const char *known)
{
  /* Uids must not grow with the order of telling: a hash of the number. */
  g_autofree char *number = g_strdup_printf("%u", s->n++);
  return (ItvEvidence){g_compute_checksum_for_string(G_CHECKSUM_MD5, number, -1),
                       g_strdup_printf("message %s", number), moment(known), who(s, id, issuer),
                       NULL};
}

static inline ItvExam
exam_of(const Told *t)
{
  ItvExam e = {t->mod, t->more, t->side, t->region, ITV_MODALITY_NONE, ITV_CONTRAST_UNKNOWN, 0};
  if (t->region)
    e.regions |= ITV_REGION_BIT(t->region);
  for (int m = ITV_MODALITY_N - 1; m > 0; m--)
    if (t->mod & ITV_MODALITY_BIT(m))
      e.main_modality = (ItvModality)m;
  return e;
}

static inline void
take_interval(ItvRecommendation *rec, const char *in)
{
  g_auto(GStrv) parts = g_strsplit(in, "/", 2);
  rec->has_interval = TRUE;
  rec->earliest = rec->latest = period(parts[0]);
  rec->open_end = parts[1] && !*parts[1];
  if (parts[1] && *parts[1])
    rec->latest = period(parts[1]);
}

static inline void
take_ask(ItvReport *r, GString *text, const Ask *a)
{
  ItvRecommendation rec = {.kind = a->kind ? a->kind : ITV_KIND_OF_IMAGING,
                           .modalities = a->mod,
                           .region = a->region,
                           .laterality = a->side,
                           .conditional = a->cond != NULL,
                           .condition = g_strdup(a->cond),
                           .finding = g_strdup(a->finding ? a->finding : a->head),
                           .finding_head = g_strdup(a->head)};
  rec.start = (guint)text->len;
  g_string_append(text, a->words ? a->words : "Follow-up is recommended.");
  rec.end = (guint)text->len;
  g_string_append_c(text, '\n');
  if (a->in)
    take_interval(&rec, a->in);
  if (a->every) {
    rec.repeats = TRUE;
    rec.repeat = period(a->every);
    if (!a->in)
      take_interval(&rec, a->every);
  }
  g_array_append_val(r->recommendations, rec);
}

static inline void
story_report(Story *s, const Told *t)
{
  GString *text = g_string_new("IMPRESSION:\n");
  ItvReport r = {.ev = evidence(s, t->id, t->issuer, t->known ? t->known : t->on),
                 .accession = g_strdup(t->acc),
                 .study_uid = g_strdup(t->uid),
                 .documents = g_ptr_array_new_with_free_func(g_free),
                 .addendum = t->adds,
                 .description = g_strdup(t->desc),
                 .exam = exam_of(t),
                 .performed = moment(t->on),
                 .status = t->status ? t->status : 'F',
                 .unread = t->unread,
                 .recommendations = itv_recommendations_new(),
                 .statements = itv_statements_new()};
  if (t->visit)
    r.ev.visits = g_strsplit(t->visit, " ", 0);
  for (guint i = 0; i < G_N_ELEMENTS(t->doc) && t->doc[i]; i++)
    g_ptr_array_add(r.documents, g_strdup(t->doc[i]));
  for (guint i = 0; i < G_N_ELEMENTS(t->asks); i++)
    if (t->asks[i].mod || t->asks[i].region || t->asks[i].kind)
      take_ask(&r, text, &t->asks[i]);
  for (guint i = 0; i < G_N_ELEMENTS(t->says) && t->says[i].kind; i++) {
    const ItvStatement st = {
        .kind = t->says[i].kind,
        .region = t->says[i].region,
        .finding = g_strdup(t->says[i].finding ? t->says[i].finding : t->says[i].head),
        .finding_head = g_strdup(t->says[i].head)};
    g_array_append_val(r.statements, st);
  }
  r.text = g_string_free(text, FALSE);
  g_array_append_val(s->h->reports, r);
}
#define REPORT(s, ...) story_report(s, &(Told){__VA_ARGS__})

/* DICOM: `acc`, `uid`, `on`, `known`, exam. */
static inline void
story_study(Story *s, const Told *t)
{
  const ItvStudy st = {.until = ITV_MOMENT_NONE,
                       .ev = evidence(s, t->id, t->issuer, t->known ? t->known : t->on),
                       .study_uid = g_strdup(t->uid),
                       .accession = g_strdup(t->acc),
                       .description = g_strdup(t->desc),
                       .exam = exam_of(t),
                       .performed = moment(t->on),
                       .n_images = 1};
  g_array_append_val(s->h->studies, st);
}
#define STUDY(s, ...) story_study(s, &(Told){__VA_ARGS__})

static inline GPtrArray *
numbers(const char *number)
{
  GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
  if (number)
    g_ptr_array_add(list, g_strdup(number));
  return list;
}

/* `acc` is the appointment's number, `on` its start. */
static inline void
story_appointment(Story *s, ItvAppointmentStatus status, const Told *t)
{
  const ItvAppointment a = {.ev = evidence(s, t->id, t->issuer, t->known),
                            .numbers = numbers(t->acc),
                            .status = status,
                            .start = moment(t->on),
                            .description = g_strdup(t->desc),
                            .exam = exam_of(t)};
  g_array_append_val(s->h->appointments, a);
}
#define APPOINTMENT(s, status, ...)                                                                \
  story_appointment(s, ITV_APPOINTMENT_##status, &(Told){__VA_ARGS__})

static inline void
story_order(Story *s, ItvOrderStatus status, const Told *t)
{
  const ItvOrder o = {.ev = evidence(s, t->id, t->issuer, t->known),
                      .numbers = numbers(t->acc),
                      .status = status,
                      .scheduled = moment(t->on),
                      .requested = ITV_MOMENT_NONE,
                      .description = g_strdup(t->desc),
                      .exam = exam_of(t)};
  g_array_append_val(s->h->orders, o);
}
#define ORDER(s, status, ...) story_order(s, ITV_ORDER_##status, &(Told){__VA_ARGS__})

static inline void
link_ids(Story *s, ItvLinkKind kind, const char *id, const char *other, const char *known)
{
  const ItvLink l = {evidence(s, id, "A", known), kind, who(s, other, "A"), NULL};
  g_array_append_val(s->h->links, l);
}

static inline void
move_visit(Story *s, const char *visit, const char *from, const char *to, const char *known)
{
  const ItvLink l = {evidence(s, to, "A", known), ITV_LINK_VISIT, who(s, from, "A"),
                     g_strdup(visit)};
  g_array_append_val(s->h->links, l);
}

static inline void
death(Story *s, int deceased, const char *date, const char *known)
{
  const ItvPerson p = {.ev = evidence(s, NULL, NULL, known),
                       .birth_date = ITV_DATE_NONE,
                       .deceased = deceased,
                       .death_date = day(date)};
  g_array_append_val(s->h->persons, p);
}

static inline void
surgery(Story *s, const char *protocol, const char *date, ItvLaterality side)
{
  const ItvProcedure p = {evidence(s, NULL, NULL, date), g_strdup(protocol), day(date), side};
  g_array_append_val(s->h->procedures, p);
}

static inline GPtrArray *
story_items(const Story *s, const char *as_of)
{
  return itv_derive(s->h, &s->rules, day(as_of));
}

/* The n-th item of the whole story, in the order of derive(). Owned. */
static inline char *
item_id(const Story *s, guint n)
{
  g_autoptr(GPtrArray) items = story_items(s, "2100-01-01");
  g_assert_cmpuint(n, <, items->len);
  return g_strdup(((ItvFollowup *)g_ptr_array_index(items, n))->id);
}

typedef struct {
  const char *at, *reason, *note, *study, *period;
} Decided;

static inline void
story_decide(Story *s, ItvDecisionKind kind, const char *item, const Decided *d)
{
  ItvDecision decision = {.ev = evidence(s, NULL, NULL, d->at),
                          .kind = kind,
                          .item = g_strdup(item),
                          .reason = g_strdup(d->reason),
                          .note = g_strdup(d->note),
                          .study = g_strdup(d->study),
                          .by = g_strdup("coordinator")};
  if (d->period)
    decision.period = period(d->period);
  g_array_append_val(s->h->decisions, decision);
}
#define DECIDE(s, kind, item, ...)                                                                 \
  story_decide(s, ITV_DECISION_##kind, item, &(Decided){__VA_ARGS__})

/* --- what came of it ------------------------------------------------------------- */

static inline void
add_modalities(GString *line, ItvModalitySet set)
{
  if (!set)
    g_string_append(line, " any");
  for (int m = 1, first = 1; m < ITV_MODALITY_N; m++)
    if (set & ITV_MODALITY_BIT(m)) {
      g_string_append_printf(line, "%s%s", first ? " " : "/", itv_modality_code((ItvModality)m));
      first = 0;
    }
}

/* "due CT knee left 2024-01-14..2024-01-14 after 2024-02-13"
 * "fulfilled CT chest by B2 2024-01-22", "closed:declined CT chest",
 * "review CT chest B2: another modality than was asked for". Owned. */
static inline char *
item_line(const ItvFollowup *f)
{
  GString *line = g_string_new(itv_status_code(f->status));
  if (f->reason)
    g_string_append_printf(line, ":%s", itv_close_reason_code(f->reason));
  if (f->kind == ITV_KIND_OF_IMAGING)
    add_modalities(line, f->modalities);
  else
    g_string_append_printf(line, " %s", itv_action_kind_code(f->kind));
  g_string_append_printf(line, " %s", f->region ? itv_region_code(f->region) : "nowhere");
  if (f->laterality)
    g_string_append_printf(line, " %s", itv_laterality_code(f->laterality));
  if (f->is_fulfilled) {
    g_autofree char *date = itv_date_format(f->fulfilled_by.date);
    g_string_append_printf(
        line, " by %s %s",
        f->fulfilled_by.accession ? f->fulfilled_by.accession : f->fulfilled_by.study_uid, date);
  }
  for (guint i = 0; i < f->candidates->len && f->status == ITV_STATUS_REVIEW; i++) {
    const ItvCandidate *c = &g_array_index(f->candidates, ItvCandidate, i);
    g_string_append_printf(line, " %s: %s", c->accession ? c->accession : c->study_uid, c->why);
  }
  if (f->due_from != ITV_DATE_NONE) {
    g_autofree char *from = itv_date_format(f->due_from);
    g_autofree char *until = itv_date_format(f->due_until);
    g_autofree char *after = itv_date_format(f->overdue_after);
    g_string_append_printf(line, " %s..%s after %s", from, until, after);
  }
  if (f->scheduled_for != ITV_DATE_NONE && f->status == ITV_STATUS_SCHEDULED) {
    g_autofree char *date = itv_date_format(f->scheduled_for);
    g_string_append_printf(line, " on %s", date);
  }
  return g_string_free(line, FALSE);
}

static inline GPtrArray *
story_lines(const Story *s, const char *as_of)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) items = story_items(s, as_of);
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add(lines, item_line(g_ptr_array_index(items, i)));
  return lines;
}

/* Longest expectations first, so that a short one cannot take another's line. */
static inline int
by_length(gconstpointer a, gconstpointer b)
{
  const gsize x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);
  return (x < y) - (x > y);
}

static inline void
expect_at(const char *file, int line, const Story *s, const char *as_of, ...)
{
  g_autoptr(GPtrArray) want = g_ptr_array_new();
  g_autoptr(GPtrArray) got = story_lines(s, as_of);
  va_list args;
  va_start(args, as_of);
  for (char *w = va_arg(args, char *); w; w = va_arg(args, char *))
    g_ptr_array_add(want, w);
  va_end(args);
  g_ptr_array_sort(want, by_length);
  g_autofree char *all = NULL;
  g_ptr_array_add(got, NULL);
  all = g_strjoinv("\n  ", (char **)got->pdata);
  g_ptr_array_set_size(got, (int)got->len - 1);
  const guint n_got = got->len;
  for (guint i = 0; i < want->len; i++) {
    guint found = got->len;
    for (guint k = 0; k < got->len && found == got->len; k++)
      if (g_str_has_prefix(got->pdata[k], want->pdata[i]))
        found = k;
    if (found == got->len)
      g_error("%s:%d: as of %s: missing \"%s\"; got\n  %s", file, line, as_of,
              (char *)want->pdata[i], all);
    g_ptr_array_remove_index(got, found);
  }
  if (n_got != want->len)
    g_error("%s:%d: as of %s: expected %u items, got %u:\n  %s", file, line, as_of, want->len,
            n_got, all);
}
#define expect(s, ...) expect_at(__FILE__, __LINE__, s, __VA_ARGS__)

#endif
