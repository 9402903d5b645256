/* SPDX-License-Identifier: Apache-2.0 */
#include "render/page-text.h"

#include <math.h>
#include <string.h>

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
itv_page_summary(const ItvComparisonPage *page)
{
  static const char *const verdicts[] = {"increased", "new",       "decreased",
                                         "resolved",  "unchanged", "not-resolvable"};
  g_autoptr(GString) out = g_string_new(NULL);
  for (gsize v = 0; v < G_N_ELEMENTS(verdicts); v++) {
    gsize n = 0;
    for (gsize i = 0; i < page->n_changes; i++)
      n += g_strcmp0(page->changes[i].verdict, verdicts[v]) == 0;
    if (n)
      g_string_append_printf(out, "%s%s %" G_GSIZE_FORMAT " %s", out->len ? ", " : "",
                             itv_text_verdict_symbol(verdicts[v]), n,
                             itv_text_verdict(verdicts[v]));
  }
  if (out->len)
    g_string_append(out, " (measurements).");
  else
    g_string_append(out, "No measured change.");
  if (!page->comparable)
    g_string_append(out, " The studies may not be compared by measurement.");
  if (!page->registration.accepted)
    g_string_append(out, " The prior is not registered.");
  return g_string_free(g_steal_pointer(&out), FALSE);
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
