/* SPDX-License-Identifier: Apache-2.0 */
#include "render/page-text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/curve-draw.h"
#include "render/text.h"

char *
itv_page_identity(const ItvPagePatient *p)
{
  g_autofree char *name = itv_text_person(p->name);
  g_autofree char *id = itv_text_clean(p->id, 64), *issuer = itv_text_clean(p->issuer, 64);
  g_autofree char *born = itv_text_date(p->birth_date);
  g_autofree char *sex = itv_text_clean(p->sex, 16);
  return g_strdup_printf("%s, ID %s%s%s%s, born %s%s%s", name[0] ? name : "name unknown",
                         id[0] ? id : "unknown", issuer[0] ? " (" : "", issuer,
                         issuer[0] ? ")" : "", born, sex[0] ? ", " : "", sex);
}

char *
itv_page_title(const ItvComparisonPage *page)
{
  g_autofree char *who = itv_page_identity(&page->patient);
  g_autofree char *now = itv_text_date(page->current.date), *then = itv_text_date(page->prior.date);
  return g_strdup_printf("%s: %s compared with %s", who, now, then);
}

char *
itv_page_heading(const ItvComparisonPage *page)
{
  g_autofree char *now = itv_text_date(page->current.date), *then = itv_text_date(page->prior.date);
  g_autofree char *days = itv_text_days_between(page->prior.date, page->current.date);
  return g_strdup_printf("Comparison: %s with %s, %s older", now, then, days);
}

/* ---- changes, ordered --------------------------------------------------------------- */

static gboolean
is_real(const ItvPageChange *c)
{
  static const char *const real[] = {"increased", "decreased", "new", "resolved", NULL};
  return c->verdict && g_strv_contains(real, c->verdict);
}

gboolean
itv_page_same_finding(const ItvPageChange *a, const ItvPageChange *b)
{
  return g_strcmp0(a->finding, b->finding) == 0 && g_strcmp0(a->reader, b->reader) == 0;
}

/* Changed before unchanged, growth and new ones before the rest, then by size. */
static double
weight_of(const ItvPageChange *c)
{
  const gboolean worse =
      g_strcmp0(c->verdict, "increased") == 0 || g_strcmp0(c->verdict, "new") == 0;
  const double size = isfinite(c->change_percent) ? MIN(fabs(c->change_percent), 1e5) : 0;
  return (is_real(c) ? 1e6 : 0) + (worse ? 1e6 : 0) + (is_real(c) ? size : 0);
}

typedef struct {
  const ItvPageChange *change;
  double weight; /* of its whole finding */
  gsize place;   /* of its finding's first row */
} Ordered;

static gint
by_weight(gconstpointer a, gconstpointer b)
{
  const Ordered *x = a, *y = b;
  if (x->place != y->place && x->weight != y->weight)
    return x->weight > y->weight ? -1 : 1;
  if (x->place != y->place)
    return x->place < y->place ? -1 : 1;
  return x->change < y->change ? -1 : x->change > y->change;
}

GPtrArray *
itv_page_sorted_changes(const ItvComparisonPage *page)
{
  GPtrArray *sorted = g_ptr_array_new();
  g_autofree Ordered *all = g_new0(Ordered, page->n_changes + 1);
  for (gsize i = 0; i < page->n_changes; i++) {
    gsize k = 0;
    while (k < i && !itv_page_same_finding(&page->changes[k], &page->changes[i]))
      k++;
    all[i] = (Ordered){.change = &page->changes[i], .place = k};
    all[k].weight = MAX(all[k].weight, weight_of(&page->changes[i]));
  }
  for (gsize i = 0; i < page->n_changes; i++)
    all[i].weight = all[all[i].place].weight;
  qsort(all, page->n_changes, sizeof *all, by_weight);
  for (gsize i = 0; i < page->n_changes; i++) {
    /* A GPtrArray holds no const; nobody writes through it. */
    union {
      const ItvPageChange *change;
      gpointer pointer;
    } borrowed = {all[i].change};
    g_ptr_array_add(sorted, borrowed.pointer);
  }
  return sorted;
}

char *
itv_page_finding(const ItvPageChange *c)
{
  g_autofree char *finding = itv_text_clean(c->finding, 120);
  g_autofree char *reader = itv_text_person(c->reader);
  return g_strdup_printf("%s%s%s%s", finding[0] ? finding : "finding without a name",
                         reader[0] ? " (read by " : "", reader, reader[0] ? ")" : "");
}

/* ---- the sentence that stands first --------------------------------------------------- */

#define NAMED_MOST 3u /* findings; the table has them all */

static void
append_measure(GString *out, const ItvPageChange *c)
{
  g_auto(ItvChangeText) t = itv_change_text(c);
  g_string_append(out, t.measure);
  if (t.prior[0] && t.current[0])
    g_string_append_printf(out, " %s to %s", t.prior, t.current);
  else if (t.prior[0] || t.current[0])
    g_string_append_printf(out, " %s", t.current[0] ? t.current : t.prior);
  if (t.percent[0])
    g_string_append_printf(out, " (%s)", t.percent);
}

/* One finding that has changed: rows from `first` on; returns how many rows it has. */
static guint
append_finding(GString *out, const GPtrArray *sorted, guint first)
{
  const ItvPageChange *head = sorted->pdata[first];
  const char *verdict = NULL;
  guint n = 0;
  g_autoptr(GString) measures = g_string_new(NULL);
  for (; first + n < sorted->len; n++) {
    const ItvPageChange *c = sorted->pdata[first + n];
    if (!itv_page_same_finding(head, c))
      break;
    if (!is_real(c))
      continue;
    if (!verdict || strcmp(verdict, c->verdict) != 0)
      g_string_append_printf(measures, "%s%s: ", verdict ? "; " : "", itv_text_verdict(c->verdict));
    else
      g_string_append(measures, ", ");
    append_measure(measures, c);
    verdict = c->verdict;
  }
  if (!verdict)
    return n;
  g_autofree char *finding = itv_page_finding(head);
  g_string_append_printf(out, "%s %s, %s. ", itv_text_verdict_symbol(verdict), finding,
                         measures->str);
  return n;
}

/* What the findings come to; two readers of one finding are one finding. */
typedef struct {
  guint named, changed, unresolved, unchanged;
} Tally;

/* The rows first .. first + n - 1, unless an earlier reader's were counted alike. */
static void
tally_rows(Tally *t, const GPtrArray *sorted, guint first, guint n)
{
  const ItvPageChange *head = sorted->pdata[first];
  gboolean real = FALSE, unresolved = FALSE;
  for (guint i = first; i < first + n; i++) {
    const ItvPageChange *c = sorted->pdata[i];
    real |= is_real(c);
    unresolved |= g_strcmp0(c->verdict, "unchanged") != 0;
  }
  for (guint i = 0; i < first; i++)
    if (!real && g_strcmp0(((const ItvPageChange *)sorted->pdata[i])->finding, head->finding) == 0)
      return;
  t->changed += real;
  t->unresolved += !real && unresolved;
  t->unchanged += !real && !unresolved;
}

static void
append_tally(GString *out, const Tally *t)
{
  if (t->changed > t->named)
    g_string_append_printf(out, "%u more changed, see the table. ", t->changed - t->named);
  /* "Not resolvable" must not be read as "stable". */
  if (t->unresolved)
    g_string_append_printf(out,
                           "○ %u %sfinding%s: any change is smaller than the measurement error; "
                           "this neither shows nor rules out change. ",
                           t->unresolved, t->changed ? "other " : "",
                           t->unresolved == 1 ? "" : "s");
  if (t->unchanged)
    g_string_append_printf(out, "= %u %sfinding%s unchanged. ", t->unchanged,
                           t->changed ? "other " : "", t->unchanged == 1 ? "" : "s");
}

char *
itv_page_summary(const ItvComparisonPage *page)
{
  g_autoptr(GPtrArray) sorted = itv_page_sorted_changes(page);
  g_autoptr(GString) out = g_string_new(NULL);
  Tally t = {0};
  for (guint i = 0, n = 0; i < sorted->len; i += n) {
    g_autoptr(GString) text = g_string_new(NULL);
    n = append_finding(text, sorted, i);
    if (text->len && t.named < NAMED_MOST) {
      g_string_append(out, text->str);
      t.named++;
    }
    tally_rows(&t, sorted, i, n);
  }
  append_tally(out, &t);
  if (!sorted->len)
    g_string_append(out, "No finding was measured in both studies: nothing but the pictures is "
                         "compared. ");
  if (!page->comparable)
    g_string_append(out, "The studies may not be compared by measurement. ");
  if (!page->registration.accepted)
    g_string_append(out, "The prior is not registered: no difference is shown. ");
  g_string_truncate(out, out->len - 1);
  return g_string_free(g_steal_pointer(&out), FALSE);
}

const char *
itv_page_severity(const char *severity)
{
  if (g_strcmp0(severity, "blocking") == 0)
    return "Not comparable";
  return g_strcmp0(severity, "warning") == 0 ? "Caution" : "For information";
}

gboolean
itv_page_is_info(const ItvPageReason *reason)
{
  return g_strcmp0(reason->severity, "blocking") != 0 &&
         g_strcmp0(reason->severity, "warning") != 0;
}

char *
itv_page_alignment(const ItvPageRegistration *r)
{
  if (!r->accepted || !r->model)
    return itv_page_registration(r);
  if (!isfinite(r->overlap))
    return g_strdup("The prior lies upon the current study, and the fit was accepted.");
  return g_strdup_printf("The prior lies upon the current study, and the fit was accepted; it "
                         "covers %.0f %% of it.",
                         100 * CLAMP(r->overlap, 0, 1));
}

char *
itv_page_registration(const ItvPageRegistration *r)
{
  g_autofree char *refusal = itv_text_clean(r->refusal, 400);
  if (!r->model)
    return g_strdup_printf("No registration%s%s", refusal[0] ? ": " : ".", refusal);
  g_autoptr(GString) out = g_string_new(NULL);
  g_string_append_printf(out, "Registration (%s) %s", r->model,
                         r->accepted ? "accepted" : "refused");
  if (isfinite(r->similarity_before) && isfinite(r->similarity_after))
    g_string_append_printf(out, "; similarity %.3f before, %.3f after", r->similarity_before,
                           r->similarity_after);
  if (isfinite(r->overlap))
    g_string_append_printf(out, "; the prior covers %.0f %% of the current study",
                           100 * CLAMP(r->overlap, 0, 1));
  if (r->method)
    g_string_append_printf(out, "; %s", r->method);
  if (!r->accepted && refusal[0])
    g_string_append_printf(out, ": %s", refusal);
  if (out->str[out->len - 1] != '.')
    g_string_append_c(out, '.');
  return g_string_free(g_steal_pointer(&out), FALSE);
}

char *
itv_page_procedure(const ItvHealingPage *page)
{
  g_autofree char *date = itv_text_date(page->procedure_date);
  g_autofree char *name = itv_text_clean(page->procedure, 200);
  const char *side = itv_text_side(page->laterality);
  return g_strdup_printf("%s%s%s, %s", name[0] ? name : "procedure unknown", side[0] ? ", " : "",
                         side, date);
}

char *
itv_page_healing(const ItvHealingPage *page)
{
  g_autofree char *verdict =
      itv_text_sentence(page->verdict ? itv_text_verdict(page->verdict) : "not resolvable");
  g_autofree char *reason = itv_text_sentence(page->reason);
  const char *end = !reason[0] || g_str_has_suffix(reason, ".") ? "" : ".";
  return g_strdup_printf("%s %s.%s%s%s", itv_text_verdict_symbol(page->verdict), verdict,
                         reason[0] ? " " : "", reason, end);
}

gboolean
itv_page_healing_alarms(const ItvHealingPage *page)
{
  static const char *const alarms[] = {"delayed", "no-progress", NULL};
  return page->verdict && g_strv_contains(alarms, page->verdict);
}

gboolean
itv_page_curve_is_drawn(const ItvCurve *curve)
{
  g_autoptr(GPtrArray) points = itv_curve_points(curve);
  return points->len > 1;
}

char *
itv_page_made_by(const char *program, ItvDate made_on)
{
  g_autofree char *date = itv_date_format(made_on);
  return g_strdup_printf("Made by %s%s%s. The pictures are for comparison; the original images "
                         "decide.",
                         program ? program : "interval", date ? " on " : "", date ? date : "");
}

ItvChangeText
itv_change_text(const ItvPageChange *c)
{
  ItvChangeText t = {.measure = itv_text_measure(c->measure),
                     .prior = itv_text_quantity(c->prior, c->unit),
                     .current = itv_text_quantity(c->current, c->unit),
                     .change = itv_text_signed(c->change)};
  const char *unit = itv_text_unit(c->unit);
  if (t.change[0] && unit[0]) {
    char *with_unit = g_strdup_printf("%s%s%s", t.change, strcmp(unit, "°") ? " " : "", unit);
    g_free(t.change);
    t.change = with_unit;
  }
  g_autofree char *percent = itv_text_signed(c->change_percent);
  t.percent = percent[0] ? g_strdup_printf("%s %%", percent) : g_strdup("");
  g_autofree char *low = itv_text_signed(c->ci_low), *high = itv_text_signed(c->ci_high);
  t.ci = low[0] && high[0] ? g_strdup_printf("%s to %s", low, high) : g_strdup("");
  g_autofree char *days = itv_text_number(fabs(c->doubling_days));
  g_autofree char *growth =
      days[0]
          ? g_strdup_printf("%s time %s days", c->doubling_days < 0 ? "halving" : "doubling", days)
          : g_strdup("");
  t.note =
      g_strdup_printf("%s%s%s", growth, growth[0] && c->note ? "; " : "", c->note ? c->note : "");
  return t;
}

void
itv_change_text_clear(ItvChangeText *t)
{
  char **const all[] = {&t->measure, &t->prior, &t->current, &t->change,
                        &t->percent, &t->ci,    &t->note};
  for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
    g_clear_pointer(all[i], g_free);
}
