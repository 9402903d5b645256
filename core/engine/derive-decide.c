/* SPDX-License-Identifier: Apache-2.0
 *
 * What people decided about one item, summed up.
 *
 * Of close, confirm and reopen the latest counts.  A reopen that follows a
 * close or a confirm takes just that back: what evidence says beneath stands
 * again.  A reopen of what evidence had closed overrules the evidence known by
 * then, not what comes later.
 */
#include "engine/derive-internal.h"

/* Decisions of one moment (only a day was given): what must come first, first. */
static guint
rank(ItvDecisionKind kind)
{
  switch (kind) {
  case ITV_DECISION_REOPEN:
    return 2;
  case ITV_DECISION_CONFIRM:
  case ITV_DECISION_CONDITION_MET:
    return 1;
  default:
    return 0;
  }
}

static int
compare_decisions(gconstpointer a, gconstpointer b)
{
  const ItvDecision *x = *(ItvDecision *const *)a, *y = *(ItvDecision *const *)b;
  const int known = itv_moment_compare(x->ev.known, y->ev.known);
  if (known)
    return known;
  const guint rx = rank(x->kind), ry = rank(y->kind);
  return rx != ry ? (rx < ry ? -1 : 1) : g_strcmp0(x->ev.uid, y->ev.uid);
}

static void
tell_contact(GString *s, const ItvDecision *d)
{
  static const char *const outcomes[ITV_CONTACT_N] = {
      "",          "sent",         "reached",         "left a message",
      "no answer", "wrong number", "not deliverable", "refused"};
  const char *whom = itv_whom_code(d->whom), *how = itv_how_code(d->how);
  g_string_append_printf(s, " contacted the %s by %s: %s", whom ? whom : "other",
                         how ? how : "other means", outcomes[d->outcome]);
}

static void
tell_plan(GString *s, const ItvDecision *d)
{
  g_autofree char *on = itv_date_format(d->on);
  if (d->next && on)
    g_string_append_printf(s, " planned for %s: %s", on, d->next);
  else
    g_string_append(s, " took the plan back");
}

static void
tell(ItvOccurrence *o, const ItvDecision *d)
{
  g_autoptr(GString) s = g_string_new(d->by && *d->by ? d->by : "somebody");
  g_autofree char *period = itv_period_format(d->period);
  switch (d->kind) {
  case ITV_DECISION_CLOSE:
    g_string_append_printf(s, " closed it: %s", d->reason ? d->reason : "other");
    break;
  case ITV_DECISION_REOPEN:
    g_string_append(s, " reopened it");
    break;
  case ITV_DECISION_SET_INTERVAL:
    g_string_append_printf(s, " set the interval to %s", period);
    if (d->has_latest &&
        (d->latest.months != d->period.months || d->latest.days != d->period.days)) {
      g_autofree char *latest = itv_period_format(d->latest);
      g_string_append_printf(s, " to %s", latest);
    }
    break;
  case ITV_DECISION_CONDITION_MET:
    g_string_append(s, " answered that the condition is met");
    break;
  case ITV_DECISION_CONDITION_UNMET:
    g_string_append(s, " answered that the condition is not met");
    break;
  case ITV_DECISION_CONFIRM:
    g_string_append_printf(s, " confirmed that study %s does it", d->study ? d->study : "?");
    break;
  case ITV_DECISION_REJECT:
    g_string_append_printf(s, " rejected study %s", d->study ? d->study : "?");
    break;
  case ITV_DECISION_NOTE:
    g_string_append(s, " wrote a note, which changes nothing");
    break;
  case ITV_DECISION_ASSIGN:
    g_string_append_printf(s, " gave it to %s", d->owner ? d->owner : "nobody");
    break;
  case ITV_DECISION_CONTACT:
    tell_contact(s, d);
    break;
  case ITV_DECISION_NEXT:
    tell_plan(s, d);
    break;
  }
  if (d->note && *d->note)
    g_string_append_printf(s, " (\"%s\")", d->note);
  itv_step(o->item, "contract-3/person", d->ev.known, d->ev.uid, d->ev.source, "%s", s->str);
}

static void
confirm(const ItvCase *c, ItvRulings *r, const ItvDecision *d)
{
  ItvPerformed *exam = itv_case_find_exam(c, d->study);
  if (exam && !exam->live)
    return; /* its report was cancelled and nothing else proves it */
  r->ruling = d;
  r->confirmed = exam;
  if (exam && r->rejected)
    g_ptr_array_remove(r->rejected, exam);
}

static void
reject(const ItvCase *c, ItvRulings *r, const ItvDecision *d)
{
  ItvPerformed *exam = itv_case_find_exam(c, d->study);
  const gboolean same = r->ruling && r->ruling->kind == ITV_DECISION_CONFIRM &&
                        (exam ? exam == r->confirmed : g_strcmp0(r->ruling->study, d->study) == 0);
  if (same) {
    r->ruling = NULL;
    r->confirmed = NULL;
  }
  if (!exam)
    return;
  if (!r->rejected)
    r->rejected = g_ptr_array_new();
  g_ptr_array_add(r->rejected, exam);
}

static void
add_contact(ItvFollowup *f, const ItvDecision *d)
{
  const ItvContact contact = {.at = d->ev.known,
                              .whom = d->whom,
                              .how = d->how,
                              .outcome = d->outcome,
                              .by = g_strdup(d->by),
                              .note = g_strdup(d->note)};
  g_array_append_val(f->contacts, contact);
}

static void
set_plan(ItvFollowup *f, const ItvDecision *d)
{
  g_free(f->next);
  f->next = d->on == ITV_DATE_NONE ? NULL : g_strdup(d->next);
  f->next_on = f->next ? d->on : ITV_DATE_NONE;
  f->next_said = d->ev.known;
}

static void
apply(const ItvCase *c, ItvOccurrence *o, const ItvDecision *d)
{
  ItvRulings *r = &o->rulings;
  switch (d->kind) {
  case ITV_DECISION_CLOSE:
    r->ruling = d;
    r->confirmed = NULL;
    break;
  case ITV_DECISION_CONFIRM:
    confirm(c, r, d);
    break;
  case ITV_DECISION_REJECT:
    reject(c, r, d);
    break;
  case ITV_DECISION_REOPEN:
    if (!r->ruling)
      r->reopened = d;
    r->ruling = NULL;
    r->confirmed = NULL;
    break;
  case ITV_DECISION_SET_INTERVAL:
    r->interval = d;
    break;
  case ITV_DECISION_CONDITION_MET:
  case ITV_DECISION_CONDITION_UNMET:
    r->condition = d;
    break;
  case ITV_DECISION_ASSIGN:
    g_free(o->item->owner);
    o->item->owner = g_strdup(d->owner);
    break;
  case ITV_DECISION_CONTACT:
    add_contact(o->item, d);
    break;
  case ITV_DECISION_NEXT:
    set_plan(o->item, d);
    break;
  case ITV_DECISION_NOTE:
    break;
  }
  if (d->kind != ITV_DECISION_CONTACT && d->note && *d->note)
    g_ptr_array_add(o->item->notes, g_strdup(d->note));
}

/* What is known of the patient answers the condition, where no person has. */
static void
unmet_by_facts(ItvOccurrence *o)
{
  const ItvConditionAnswer *a = o->ask->condition;
  if (!a || a->truth != ITV_TRUTH_FALSE)
    return;
  const ItvMoment at = itv_moment_compare(a->known, o->ask->since) > 0 ? a->known : o->ask->since;
  o->unmet = (ItvEnd){.set = TRUE,
                      .reason = ITV_REASON_CONDITION_UNMET,
                      .at = at,
                      .known = at,
                      .uid = a->uid,
                      .source = a->source,
                      .text = a->words};
}

void
itv_rulings_read(ItvCase *c, ItvOccurrence *o, char *const *ids)
{
  /* Who cares for one exam of a series cares for the next. */
  const GPtrArray *before = o->ask->occurrences;
  if (before->len > 0)
    o->item->owner =
        g_strdup(((const ItvOccurrence *)g_ptr_array_index(before, before->len - 1))->item->owner);
  for (guint i = 0; ids[i]; i++) {
    const GPtrArray *some = g_hash_table_lookup(c->decisions, ids[i]);
    if (!some)
      continue;
    if (!o->rulings.all)
      o->rulings.all = g_ptr_array_new();
    for (guint k = 0; k < some->len; k++)
      if (!g_ptr_array_find(o->rulings.all, some->pdata[k], NULL))
        g_ptr_array_add(o->rulings.all, some->pdata[k]);
  }
  if (!o->rulings.all) {
    unmet_by_facts(o);
    return;
  }
  g_ptr_array_sort(o->rulings.all, compare_decisions);
  for (guint i = 0; i < o->rulings.all->len; i++) {
    apply(c, o, g_ptr_array_index(o->rulings.all, i));
    tell(o, g_ptr_array_index(o->rulings.all, i));
  }
  const ItvDecision *answer = o->rulings.condition;
  if (answer && answer->kind == ITV_DECISION_CONDITION_UNMET)
    o->unmet = (ItvEnd){.set = TRUE,
                        .reason = ITV_REASON_CONDITION_UNMET,
                        .at = answer->ev.known,
                        .known = answer->ev.known,
                        .uid = answer->ev.uid,
                        .source = answer->ev.source,
                        .text = NULL};
  else if (!answer)
    unmet_by_facts(o);
}

static gboolean
is_assigned(const ItvOccurrence *o)
{
  for (guint i = 0; o->rulings.all && i < o->rulings.all->len; i++)
    if (((const ItvDecision *)g_ptr_array_index(o->rulings.all, i))->kind == ITV_DECISION_ASSIGN)
      return TRUE;
  return FALSE;
}

/* Of what the report restates: the owner of its last item that has one. */
static const char *
owner_before(const ItvCase *c, const ItvAsk *ask)
{
  const char *owner = NULL;
  for (guint i = 0; i < c->asks->len; i++) {
    const ItvAsk *old = g_ptr_array_index(c->asks, i);
    if (old == ask || !old->superseded.set || !ask->report ||
        g_strcmp0(old->superseded.uid, ask->report->ev.uid) != 0 ||
        !itv_same_action(c->rules->fulfilment, &old->action, &ask->action))
      continue;
    for (guint k = 0; k < old->occurrences->len; k++) {
      const char *one =
          ((const ItvOccurrence *)g_ptr_array_index(old->occurrences, k))->item->owner;
      owner = one ? one : owner;
    }
  }
  return owner;
}

void
itv_case_owners(ItvCase *c)
{
  /* Asks stand in the order of their exams: an owner passes on from one to the next. */
  for (guint i = 0; i < c->asks->len; i++) {
    const ItvAsk *ask = g_ptr_array_index(c->asks, i);
    const char *owner = owner_before(c, ask);
    for (guint k = 0; owner && k < ask->occurrences->len; k++) {
      ItvOccurrence *o = g_ptr_array_index(ask->occurrences, k);
      if (is_assigned(o))
        break;
      if (!o->item->owner)
        o->item->owner = g_strdup(owner);
    }
  }
}

void
itv_rulings_clear(ItvRulings *r)
{
  g_clear_pointer(&r->all, g_ptr_array_unref);
  g_clear_pointer(&r->rejected, g_ptr_array_unref);
}

gboolean
itv_rulings_reject(const ItvRulings *r, const ItvPerformed *exam)
{
  return r->rejected && g_ptr_array_find(r->rejected, exam, NULL);
}

gboolean
itv_rulings_overrule(const ItvRulings *r, ItvMoment known)
{
  return r->reopened && itv_moment_compare(known, r->reopened->ev.known) <= 0;
}

gboolean
itv_occurrence_unmet(const ItvOccurrence *o)
{
  return o->item->conditional && o->unmet.set && !itv_rulings_overrule(&o->rulings, o->unmet.known);
}

gboolean
itv_occurrence_awaits(const ItvOccurrence *o)
{
  const ItvDecision *answer = o->rulings.condition;
  if (!answer && o->ask->condition && o->ask->condition->truth == ITV_TRUTH_TRUE)
    return FALSE;
  return o->item->conditional && (!answer || answer->kind != ITV_DECISION_CONDITION_MET);
}
