/* SPDX-License-Identifier: Apache-2.0
 *
 * What guidelines propose for an item, and what facts say of its condition.
 *
 * A guideline never opens an item.  It proposes an interval for one that has
 * none, names what it rests on and what it took for granted, and is flagged
 * where the report's own interval is another.  Only one that the configuration
 * names applies by itself, and then only where nothing was taken for granted.
 */
#include "engine/derive-internal.h"
#include "engine/guideline.h"

#include <string.h>

/* ---- facts ----------------------------------------------------------------------------- */

static int
years_between(ItvDate from, ItvDate to)
{
  int y0 = 0, m0 = 0, d0 = 0, y1 = 0, m1 = 0, d1 = 0;
  itv_date_split(from, &y0, &m0, &d0);
  itv_date_split(to, &y1, &m1, &d1);
  return y1 - y0 - (m1 < m0 || (m1 == m0 && d1 < d0));
}

/* ---- from the findings that the report describes ---- */

static gboolean
is_same_finding(const ItvFulfilment *lattice, const ItvAsk *ask, const ItvFinding *f)
{
  g_autofree char *head = itv_head_normal(f->head);
  return ask->action.head && g_strcmp0(head, ask->action.head) == 0 &&
         (!f->region || !ask->action.region ||
          itv_fulfilment_related(lattice, f->region, ask->action.region)) &&
         !itv_sides_contradict(f->laterality, ask->action.laterality);
}

/* "-": two of them differ. */
static void
note_value(GHashTable *seen, const char *name, const char *value)
{
  const char *before = g_hash_table_lookup(seen, name);
  if (value && !before)
    g_hash_table_insert(seen, (gpointer)(guintptr)name, g_strdup(value));
  else if (value && strcmp(before, value) != 0)
    g_hash_table_insert(seen, (gpointer)(guintptr)name, g_strdup("-"));
}

static char *
size_value(const ItvFinding *f, gboolean mean)
{
  if (!f->n_sizes)
    return NULL;
  const double mm = mean && f->n_sizes > 1 ? (f->size_mm[0] + f->size_mm[1]) / 2 : f->size_mm[0];
  g_autofree char *text = itv_decimal_format((ItvDecimal)(mm * ITV_DECIMAL_ONE + 0.5));
  return g_strdup_printf("%s%smm", f->at_most ? "<=" : "", text);
}

/* What the text around the recommendation did not say. */
static void
add_findings(const ItvCase *c, const ItvAsk *ask, GPtrArray *facts)
{
  static const char *const course[][2] = {
      {"new", "new"}, {"increased", "growing"}, {"unchanged", "stable"}, {"decreased", "stable"}};
  static const char *const densities[] = {"solid", "part-solid", "ground-glass", NULL};
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  for (guint i = 0; ask->report->findings && i < ask->report->findings->len; i++) {
    const ItvFinding *f = &g_array_index(ask->report->findings, ItvFinding, i);
    if (!is_same_finding(c->rules->fulfilment, ask, f))
      continue;
    g_autofree char *size = size_value(f, FALSE);
    g_autofree char *mean = size_value(f, TRUE);
    note_value(seen, "size", size);
    note_value(seen, "mean-size", mean);
    if (f->density && g_strv_contains(densities, f->density))
      note_value(seen, "density", f->density);
    if (f->multiple)
      note_value(seen, "count", "multiple");
    for (guint k = 0; k < G_N_ELEMENTS(course); k++)
      if (g_strcmp0(f->stability, course[k][0]) == 0)
        note_value(seen, "timing", course[k][1]);
  }
  GHashTableIter iter;
  gpointer name = NULL, value = NULL;
  g_hash_table_iter_init(&iter, seen);
  while (g_hash_table_iter_next(&iter, &name, &value))
    if (strcmp(value, "-") != 0 && !itv_facts_find(facts, name))
      itv_facts_put(facts, name, value, "the report's findings", ITV_MOMENT_NONE, NULL, NULL);
}

static void
add_person(const ItvCase *c, const ItvAsk *ask, GPtrArray *facts)
{
  for (guint i = 0; i < c->persons->len; i++) {
    const ItvPerson *p = g_ptr_array_index(c->persons, i);
    if (p->birth_date != ITV_DATE_NONE && ask->base.date != ITV_DATE_NONE &&
        p->birth_date <= ask->base.date) {
      g_autofree char *age = g_strdup_printf("%d", years_between(p->birth_date, ask->base.date));
      itv_facts_put(facts, "age", age, "date of birth", ITV_MOMENT_NONE, p->ev.uid, p->ev.source);
    }
    if (p->sex && (*p->sex == 'F' || *p->sex == 'M'))
      itv_facts_put(facts, "sex", *p->sex == 'F' ? "female" : "male", "the patient's data",
                    ITV_MOMENT_NONE, p->ev.uid, p->ev.source);
  }
}

#define MANY_OCCURRENCES 32 /* of a series, by whose ids its facts may be told */

static gboolean
is_of_ask(const ItvAsk *ask, const char *item)
{
  for (guint k = 0; k < MANY_OCCURRENCES; k++) {
    g_autofree char *id = itv_item_id(ask->seed, k);
    if (strcmp(id, item) == 0)
      return TRUE;
    for (guint i = 0; i < ask->aliases->len; i++) {
      g_autofree char *other = itv_item_id(ask->aliases->pdata[i], k);
      if (strcmp(other, item) == 0)
        return TRUE;
    }
  }
  return FALSE;
}

/* What people told, the latest last; of the item after what is of the patient. */
static void
add_told(const ItvCase *c, const ItvAsk *ask, GPtrArray *facts)
{
  for (int of_item = 0; of_item <= 1; of_item++)
    for (guint i = 0; i < c->facts->len; i++) {
      const ItvFact *f = g_ptr_array_index(c->facts, i);
      if ((f->item != NULL) != (of_item == 1) || (f->item && !is_of_ask(ask, f->item)))
        continue;
      g_autofree char *day = itv_date_format(f->ev.known.date);
      g_autofree char *words = g_strdup_printf("told by %s on %s", f->by ? f->by : "somebody",
                                               day ? day : "an unknown day");
      itv_facts_put(facts, f->name, f->value, words, f->ev.known, f->ev.uid, f->ev.source);
    }
}

static GPtrArray *
facts_of(const ItvCase *c, const ItvAsk *ask)
{
  GPtrArray *facts = itv_facts_new();
  const ItvPerformed *exam = ask->letter->exam;
  const ItvFactText text = {.report = ask->report->text ? ask->report->text : "",
                            .description = exam->description,
                            .finding = ask->rec->finding,
                            .head = ask->action.head,
                            .region = ask->action.region,
                            .start = ask->rec->start,
                            .end = ask->rec->end};
  itv_facts_read(c->rules->facts, &text, facts);
  add_findings(c, ask, facts);
  add_person(c, ask, facts);
  add_told(c, ask, facts);
  return facts;
}

/* ---- questions --------------------------------------------------------------------------- */

/* Takes `values`. */
static void
ask_question(const ItvCase *c, ItvAsk *ask, const char *fact, const char *text, const char *unit,
             GStrv values)
{
  const ItvFactKind *kind = itv_fact_kind(c->rules->facts, fact);
  for (guint i = 0; ask->questions && i < ask->questions->len; i++)
    if (strcmp(((const ItvQuestion *)ask->questions->pdata[i])->fact, fact) == 0) {
      g_strfreev(values);
      return; /* the condition has asked it */
    }
  if (!ask->questions)
    ask->questions = g_ptr_array_new_with_free_func((GDestroyNotify)itv_question_free);
  ItvQuestion *q = g_new0(ItvQuestion, 1);
  *q = (ItvQuestion){g_strdup(fact), g_strdup(text), g_strdup(unit), values,
                     kind && kind->of_patient};
  g_ptr_array_add(ask->questions, q);
}

static void
ask_for_condition(const ItvCase *c, ItvAsk *ask)
{
  for (guint i = 0; i < ask->condition->asks->len; i++) {
    const ItvFactKind *kind = itv_fact_kind(c->rules->facts, ask->condition->asks->pdata[i]);
    if (kind)
      ask_question(c, ask, kind->name, kind->question, NULL, g_strdupv(kind->values));
  }
}

static void
ask_for_guideline(const ItvCase *c, ItvAsk *ask, const ItvGuideline *g, const GArray *questions)
{
  for (guint i = 0; i < questions->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, g_array_index(questions, guint, i));
    g_autoptr(GStrvBuilder) values = g_strv_builder_new();
    for (guint k = 0; k < v->choices->len; k++)
      g_strv_builder_add(values, g_array_index(v->choices, ItvChoice, k).code);
    ask_question(c, ask, v->fact, v->question, v->unit,
                 v->choices->len ? g_strv_builder_end(values) : NULL);
  }
}

/* ---- which guidelines speak of it ------------------------------------------------------------ */

static gboolean
is_cited(const ItvGuideline *g, const char *words)
{
  g_autofree char *lower = g_utf8_strdown(words, -1);
  for (guint i = 0; i < g->names->len; i++) {
    g_autofree char *name = g_utf8_strdown(g->names->pdata[i], -1);
    if (strstr(lower, name))
      return TRUE;
  }
  return FALSE;
}

static gboolean
speaks_of(const ItvGuideline *g, const ItvAsk *ask)
{
  const ItvModalitySet seen = ask->letter->exam->exam.modalities;
  for (guint i = 0; i < g->scopes->len; i++) {
    const ItvGuidelineScope *s = &g_array_index(g->scopes, ItvGuidelineScope, i);
    if (ask->action.region && (s->regions & ITV_REGION_BIT(ask->action.region)) &&
        (!s->modalities || !seen || (s->modalities & seen)) && ask->action.head &&
        g_strv_contains((const char *const *)s->heads, ask->action.head))
      return TRUE;
  }
  return FALSE;
}

/* Of the right subject; and where the report names a guideline, that one only. */
static gboolean
is_candidate(const ItvGuideline *g, const ItvAsk *ask)
{
  const char *cited = ask->rec->guideline;
  if (!itv_guideline_valid_on(g, ask->base.date))
    return FALSE;
  if (cited && *cited) /* its subject may stand in other words: the name is enough for the region */
    return is_cited(g, cited) && (speaks_of(g, ask) || !ask->action.head);
  return g->by_default && speaks_of(g, ask);
}

/* ---- one guideline tried --------------------------------------------------------------------- */

typedef struct {
  const ItvGuideline *g;
  ItvExtent *box;
  ItvGuidelineAnswer *answer;
  GPtrArray *facts, *assumed; /* char* */
  gboolean misfit;            /* a value of which the guideline does not speak */
} Trial;

static void
trial_clear(Trial *t)
{
  g_free(t->box);
  itv_guideline_answer_free(t->answer);
  g_ptr_array_unref(t->facts);
  g_ptr_array_unref(t->assumed);
}

static void
take_fact(Trial *t, guint i, const ItvFactValue *f)
{
  const ItvVariable *v = itv_guideline_variable(t->g, i);
  g_autoptr(GError) error = NULL;
  if (!itv_guideline_set(t->g, t->box, v->name, f->value, &error)) {
    t->misfit |= itv_variable_is_number(v); /* another list of codes leaves it open */
    return;
  }
  g_autofree char *words = itv_extent_words(v, t->box[i]);
  g_ptr_array_add(t->facts, g_strdup_printf("%s (%s)", words, f->words));
}

static void
try_guideline(Trial *t, const ItvGuideline *g, const GPtrArray *facts)
{
  *t = (Trial){.g = g,
               .box = itv_guideline_box(g),
               .facts = g_ptr_array_new_with_free_func(g_free),
               .assumed = g_ptr_array_new_with_free_func(g_free)};
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    const ItvFactValue *f = itv_facts_find(facts, v->fact);
    if (f) {
      take_fact(t, i, f);
    } else if (v->assumed) {
      t->box[i].mask = v->assumed;
      g_ptr_array_add(t->assumed, itv_extent_words(v, t->box[i]));
    }
  }
  t->answer = itv_guideline_run(g, t->box);
}

/* ---- from an answer to a proposal --------------------------------------------------------------
 */

static const ItvGuidelineStep *
first_step(const ItvGuidelineEnd *e)
{
  return e->kind == ITV_END_ACTION && e->action == ITV_KIND_OF_IMAGING && !e->from_surgery &&
                 e->steps->len
             ? &g_array_index(e->steps, ItvGuidelineStep, 0)
             : NULL;
}

static gboolean
same_period(ItvPeriod a, ItvPeriod b)
{
  return a.months == b.months && a.days == b.days;
}

/* The end point; or, where it is still open which, one of several that all begin
 * with the same examination at the same time.  NULL: neither. */
static const ItvGuidelineEnd *
agreed_end(const Trial *t)
{
  const GArray *ends = t->answer->ends;
  if (t->answer->end || t->answer->gap || !ends->len)
    return t->answer->end;
  const ItvGuidelineEnd *first = itv_guideline_end(t->g, g_array_index(ends, guint, 0));
  const ItvGuidelineStep *a = first_step(first);
  for (guint i = 0; i < ends->len; i++) {
    const ItvGuidelineEnd *e = itv_guideline_end(t->g, g_array_index(ends, guint, i));
    const ItvGuidelineStep *b = first_step(e);
    if (!a || !b || !same_period(a->earliest, b->earliest) || !same_period(a->latest, b->latest) ||
        a->every != b->every || e->modalities != first->modalities ||
        e->consider != first->consider || a->consider != b->consider)
      return NULL;
  }
  return first;
}

static char *
names_of_rules(const Trial *t)
{
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < t->answer->rules->len; i++)
    g_string_append_printf(s, "%s%s", i ? " or " : "",
                           itv_guideline_rule(t->g, g_array_index(t->answer->rules, guint, i))->id);
  return g_string_free(s, FALSE);
}

/* What all the end points that are still possible have in common. */
static char *
common_words(const ItvGuidelineEnd *e)
{
  ItvGuidelineEnd only = *e;
  only.steps = g_array_new(FALSE, TRUE, sizeof(ItvGuidelineStep));
  only.stops = only.stops_at_age = FALSE;
  only.stop_if = NULL;
  g_array_append_val(only.steps, g_array_index(e->steps, ItvGuidelineStep, 0));
  char *words = itv_guideline_end_words(&only);
  g_array_unref(only.steps);
  return words;
}

static ItvProposal *
proposal_of(Trial *t, const ItvGuidelineEnd *e)
{
  const ItvGuidelineRule *rule =
      itv_guideline_rule(t->g, g_array_index(t->answer->rules, guint, 0));
  const ItvGuidelineSource *source = itv_guideline_source(t->g, rule->source);
  const ItvGuidelineStep *step = first_step(e);
  ItvProposal *p = g_new0(ItvProposal, 1);
  *p = (ItvProposal){.guideline = g_strdup(t->g->id),
                     .title = g_strdup(t->g->title),
                     .version = g_strdup(t->g->version),
                     .end = t->answer->end ? g_strdup(e->id) : NULL,
                     .rule = names_of_rules(t),
                     .source = g_strdup(source->cite),
                     .where = g_strdup(rule->where),
                     .year = source->year,
                     .words = t->answer->end ? itv_guideline_end_words(e) : common_words(e),
                     .consider = e->consider || (step && step->consider),
                     .signed_off = t->g->signed_off,
                     .definite = t->answer->end != NULL,
                     .facts = g_ptr_array_ref(t->facts),
                     .assumed = g_ptr_array_ref(t->assumed)};
  for (guint i = 0; i < t->answer->rules->len; i++)
    p->unsure |= itv_guideline_rule(t->g, g_array_index(t->answer->rules, guint, i))->unsure;
  if (step) {
    p->has_interval = TRUE;
    p->earliest = step->earliest;
    p->latest = step->latest;
    p->repeats = step->every;
    p->repeat = step->earliest;
    p->times = step->times;
  }
  return p;
}

/* ---- does the report ask for something else? ---------------------------------------------------
 */

#define SLACK_DAYS 14 /* 26 weeks and 6 months are the same */

static gboolean
report_disagrees(const ItvAsk *ask, const ItvGuidelineEnd *e)
{
  const ItvDate day = ask->base.date;
  if (!ask->has_interval || day == ITV_DATE_NONE || e->from_surgery)
    return FALSE;
  const ItvDate from = itv_date_add(day, ask->earliest) - SLACK_DAYS;
  const ItvDate until = ask->open_end ? G_MAXINT32 : itv_date_add(day, ask->latest) + SLACK_DAYS;
  for (guint i = 0; i < e->steps->len; i++) {
    const ItvGuidelineStep *s = &g_array_index(e->steps, ItvGuidelineStep, i);
    if (itv_date_add(day, s->earliest) <= until && from <= itv_date_add(day, s->latest))
      return FALSE;
  }
  return TRUE;
}

/* ---- applied by the configuration
 * ----------------------------------------------------------------- */

const ItvGuidelineStep *
itv_schedule_step(const ItvAsk *ask, guint visit)
{
  const ItvGuidelineEnd *e = ask->schedule;
  for (guint i = 0; e && i < e->steps->len; i++) {
    const ItvGuidelineStep *s = &g_array_index(e->steps, ItvGuidelineStep, i);
    const guint times = !s->every ? 1 : s->times ? s->times : G_MAXUINT;
    if (visit < times)
      return s;
    visit -= times;
  }
  return NULL;
}

static void
apply(const ItvCase *c, ItvAsk *ask, const Trial *t, const ItvGuidelineEnd *e)
{
  const ItvGuidelineStep *step = first_step(e);
  if (ask->has_interval || !step || !t->answer->end || !c->rules->applied ||
      (t->assumed->len && !c->rules->apply_assumed) ||
      !g_strv_contains(c->rules->applied, t->g->id))
    return;
  ask->schedule = e;
  ask->has_interval = TRUE;
  ask->open_end = FALSE;
  ask->earliest = step->earliest;
  ask->latest = step->latest;
  ask->repeats = itv_schedule_step(ask, 1) != NULL;
  ask->repeat = step->earliest;
}

static void
take_trial(const ItvCase *c, ItvAsk *ask, Trial *t, const ItvGuidelineEnd *e)
{
  ask->proposal = proposal_of(t, e);
  ask->disagrees = t->answer->end && report_disagrees(ask, e);
  if (!ask->has_interval)
    ask_for_guideline(c, ask, t->g, t->answer->questions);
  apply(c, ask, t, e);
}

static char *
joined(const GPtrArray *strings)
{
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < strings->len; i++)
    g_string_append_printf(s, "%s%s", i ? "; " : "", (const char *)strings->pdata[i]);
  return g_string_free(s, FALSE);
}

static void
note_outside(ItvAsk *ask, const Trial *t, const ItvGuidelineEnd *e)
{
  if (ask->outside)
    return;
  g_autofree char *facts = joined(t->facts);
  ask->outside = g_strdup_printf("%s does not speak of it%s%s%s%s", t->g->id, e ? ": " : "",
                                 e ? e->text : "", *facts ? ", since " : "", facts);
}

static void
propose(const ItvCase *c, ItvAsk *ask, const GPtrArray *facts)
{
  Trial open = {.g = NULL};
  for (guint i = 0; i < c->rules->guidelines->len && !ask->proposal; i++) {
    const ItvGuideline *g = c->rules->guidelines->pdata[i];
    if (!is_candidate(g, ask))
      continue;
    Trial t;
    try_guideline(&t, g, facts);
    const ItvGuidelineEnd *e = t.misfit ? NULL : agreed_end(&t);
    const gboolean outside = t.misfit || (e && (e->kind == ITV_END_OUTSIDE || e->from_surgery));
    if (e && !outside)
      take_trial(c, ask, &t, e);
    if (outside)
      note_outside(ask, &t, t.misfit ? NULL : e);
    /* Of those that are still open the one with the fewest questions asks them. */
    if (!e && !outside && t.answer->questions->len &&
        (!open.g || t.answer->questions->len < open.answer->questions->len)) {
      if (open.g)
        trial_clear(&open);
      open = t;
    } else {
      trial_clear(&t);
    }
  }
  if (open.g && !ask->proposal && !ask->has_interval)
    ask_for_guideline(c, ask, open.g, open.answer->questions);
  if (open.g)
    trial_clear(&open);
}

static gboolean
may_be_proposed_for(const ItvCase *c, const ItvAsk *ask)
{
  if (!c->rules->guidelines || ask->action.kind != ITV_KIND_OF_IMAGING)
    return FALSE;
  for (guint i = 0; i < c->rules->guidelines->len; i++)
    if (is_candidate(c->rules->guidelines->pdata[i], ask))
      return TRUE;
  return FALSE;
}

void
itv_case_guidelines(ItvCase *c)
{
  for (guint i = 0; c->rules->facts && i < c->asks->len; i++) {
    ItvAsk *ask = g_ptr_array_index(c->asks, i);
    const gboolean proposed = ask->rec && may_be_proposed_for(c, ask);
    if (!ask->rec || (!ask->rec->conditional && !proposed))
      continue;
    g_autoptr(GPtrArray) facts = facts_of(c, ask);
    if (ask->rec->conditional) {
      ask->condition = itv_condition_answer(c->rules->facts, ask->rec->condition, facts);
      ask_for_condition(c, ask);
    }
    if (proposed)
      propose(c, ask, facts);
  }
}

/* ---- on the item
 * -------------------------------------------------------------------------------------- */

static void
tell_proposal(ItvFollowup *f, const ItvProposal *p, const char *how)
{
  g_autoptr(GString) s = g_string_new(NULL);
  g_autofree char *rule = g_strdup_printf("guideline/%s", p->guideline);
  for (guint i = 0; i < p->facts->len; i++)
    g_string_append_printf(s, "%s%s", i ? "; " : ", since ", (const char *)p->facts->pdata[i]);
  for (guint i = 0; i < p->assumed->len; i++)
    g_string_append_printf(s, "%s%s", i ? "; " : ", taking for granted ",
                           (const char *)p->assumed->pdata[i]);
  itv_step(f, rule, ITV_MOMENT_NONE, NULL, NULL, "%s %s (version %s%s), rule %s (%s%s%s)%s: %s%s",
           p->guideline, how, p->version, p->signed_off ? "" : ", not signed off", p->rule,
           p->source, p->where ? ", " : "", p->where ? p->where : "", p->unsure ? " [CHECK]" : "",
           p->words, s->str);
}

static ItvQuestion *
copy_question(const ItvQuestion *q)
{
  ItvQuestion *copy = g_new0(ItvQuestion, 1);
  *copy = (ItvQuestion){g_strdup(q->fact), g_strdup(q->text), g_strdup(q->unit),
                        g_strdupv(q->values), q->of_patient};
  return copy;
}

void
itv_tell_guideline(ItvOccurrence *o)
{
  ItvFollowup *f = o->item;
  const ItvAsk *ask = o->ask;
  const ItvConditionAnswer *a = ask->condition;
  if (a && a->truth == ITV_TRUTH_TRUE && !o->rulings.condition)
    itv_step(f, "contract-3/condition", a->known, a->uid, a->source,
             "the condition \"%s\" is met: %s", f->condition ? f->condition : "", a->words);
  const gboolean awaits = itv_occurrence_awaits(o);
  for (guint i = 0; ask->questions && (awaits || !f->has_interval) && i < ask->questions->len; i++)
    g_ptr_array_add(f->questions, copy_question(ask->questions->pdata[i]));
  if (!ask->proposal && ask->outside && !f->has_interval && f->occurrence == 0)
    itv_step(f, "guideline/outside", ITV_MOMENT_NONE, NULL, NULL, "%s", ask->outside);
  if (!ask->proposal)
    return;
  if (ask->schedule && f->has_interval && !o->rulings.interval) {
    f->source = ITV_SOURCE_GUIDELINE;
    g_free(f->guideline);
    f->guideline = g_strdup(ask->proposal->guideline);
    tell_proposal(f, ask->proposal, "applies by the configuration");
  } else if (f->occurrence > 0) {
    return;
  } else if (!f->has_interval) {
    f->proposal = itv_proposal_copy(ask->proposal);
    tell_proposal(f, ask->proposal, "proposes");
  } else if (ask->disagrees && !o->rulings.interval) {
    f->proposal = itv_proposal_copy(ask->proposal);
    f->disagrees = TRUE;
    tell_proposal(f, ask->proposal, "says otherwise than the report");
  }
}
