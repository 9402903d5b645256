/* SPDX-License-Identifier: Apache-2.0 */
#include "model/followup.h"

static const char *const status_codes[] = {
    NULL,     "awaiting-condition", "needs-interval", "not-due", "due", "scheduled", "overdue",
    "review", "fulfilled",          "closed"};

static const char *const reason_codes[] = {
    NULL,        "done-elsewhere", "declined",        "deceased", "not-indicated", "superseded",
    "duplicate", "withdrawn",      "condition-unmet", "expired",  "other"};

static const char *const source_codes[] = {NULL, "report", "guideline", "protocol", "manual"};

static int
find(const char *const *codes, guint n, const char *code)
{
  for (guint i = 1; code && i < n; i++)
    if (g_str_equal(codes[i], code))
      return (int)i;
  return 0;
}

const char *
itv_status_code(ItvStatus status)
{
  return status_codes[status];
}

ItvStatus
itv_status_parse(const char *code)
{
  return (ItvStatus)find(status_codes, G_N_ELEMENTS(status_codes), code);
}

const char *
itv_close_reason_code(ItvCloseReason reason)
{
  return reason_codes[reason];
}

ItvCloseReason
itv_close_reason_parse(const char *code)
{
  return (ItvCloseReason)find(reason_codes, G_N_ELEMENTS(reason_codes), code);
}

const char *
itv_item_source_code(ItvItemSource source)
{
  return source_codes[source];
}

static void
clear_candidate(ItvCandidate *c)
{
  g_free(c->study_uid);
  g_free(c->accession);
  g_free(c->why);
  g_clear_pointer(&c->reasons, g_ptr_array_unref);
}

static void
clear_step(ItvStep *step)
{
  g_free(step->rule);
  g_free(step->text);
  g_free(step->evidence);
  g_free(step->source);
}

static void
clear_contact(ItvContact *c)
{
  g_free(c->by);
  g_free(c->note);
}

void
itv_proposal_free(ItvProposal *p)
{
  if (!p)
    return;
  g_free(p->guideline);
  g_free(p->title);
  g_free(p->version);
  g_free(p->end);
  g_free(p->rule);
  g_free(p->source);
  g_free(p->where);
  g_free(p->words);
  g_ptr_array_unref(p->facts);
  g_ptr_array_unref(p->assumed);
  g_free(p);
}

static gpointer
copy_string(gconstpointer string, gpointer data)
{
  (void)data;
  return g_strdup(string);
}

ItvProposal *
itv_proposal_copy(const ItvProposal *p)
{
  if (!p)
    return NULL;
  ItvProposal *copy = g_memdup2(p, sizeof *p);
  copy->guideline = g_strdup(p->guideline);
  copy->title = g_strdup(p->title);
  copy->version = g_strdup(p->version);
  copy->end = g_strdup(p->end);
  copy->rule = g_strdup(p->rule);
  copy->source = g_strdup(p->source);
  copy->where = g_strdup(p->where);
  copy->words = g_strdup(p->words);
  copy->facts = g_ptr_array_copy(p->facts, copy_string, NULL);
  copy->assumed = g_ptr_array_copy(p->assumed, copy_string, NULL);
  g_ptr_array_set_free_func(copy->facts, g_free);
  g_ptr_array_set_free_func(copy->assumed, g_free);
  return copy;
}

void
itv_question_free(ItvQuestion *q)
{
  if (!q)
    return;
  g_free(q->fact);
  g_free(q->text);
  g_free(q->unit);
  g_strfreev(q->values);
  g_free(q);
}

ItvFollowup *
itv_followup_new(void)
{
  ItvFollowup *f = g_new0(ItvFollowup, 1);
  f->recommended_on = f->due_from = f->due_until = f->overdue_after = ITV_DATE_NONE;
  f->scheduled_for = f->closed_on = f->fulfilled_by.date = ITV_DATE_NONE;
  f->candidates = g_array_new(FALSE, TRUE, sizeof(ItvCandidate));
  g_array_set_clear_func(f->candidates, (GDestroyNotify)clear_candidate);
  f->steps = g_array_new(FALSE, TRUE, sizeof(ItvStep));
  g_array_set_clear_func(f->steps, (GDestroyNotify)clear_step);
  f->next_on = ITV_DATE_NONE;
  f->next_said = ITV_MOMENT_NONE;
  f->contacts = g_array_new(FALSE, TRUE, sizeof(ItvContact));
  g_array_set_clear_func(f->contacts, (GDestroyNotify)clear_contact);
  f->notes = g_ptr_array_new_with_free_func(g_free);
  f->questions = g_ptr_array_new_with_free_func((GDestroyNotify)itv_question_free);
  return f;
}

void
itv_followup_free(ItvFollowup *f)
{
  if (!f)
    return;
  g_free(f->id);
  g_free(f->finding);
  g_free(f->finding_head);
  g_free(f->condition);
  g_free(f->guideline);
  g_free(f->rule);
  g_free(f->report_uid);
  g_free(f->report_accession);
  g_free(f->evidence_text);
  g_free(f->protocol);
  g_free(f->visit);
  clear_candidate(&f->fulfilled_by);
  g_array_unref(f->candidates);
  g_array_unref(f->steps);
  g_ptr_array_unref(f->notes);
  g_array_unref(f->contacts);
  g_free(f->owner);
  g_free(f->next);
  itv_proposal_free(f->proposal);
  g_ptr_array_unref(f->questions);
  g_free(f);
}
