/* SPDX-License-Identifier: Apache-2.0
 *
 * Healing from two films: the area of new callus beside the fracture, and the
 * cortices that it has crossed.  The current film has been laid on the
 * baseline's grid by the host.
 */
#include <math.h>
#include <string.h>

#include "callus.h"
#include "film.h"
#include "healing.h"

static const char lujan[] = "new density outside the baseline's cortex, after Lujan 2010; area out "
                            "to half of its own plateau";

typedef struct {
  gint32 day;  /* of the current film, days since 1 January 1 */
  double days; /* since surgery */
  const char *study, *view;
} When;

typedef struct {
  Fracture fracture;
  Callus callus;
  double limit, rest_mm; /* rest_mm: shift that registration had left */
  double faintest;       /* density that is found, as a share of bone over soft tissue */
  guint places;
  Cortex cortex[2];
} Found;

static const itv_record *
find_record(const itv_input *input, const char *name, const char *role)
{
  for (guint i = 0; i < input->n_records; i++)
    if (g_str_equal(input->records[i].name, name) &&
        (!role || g_str_equal(itv_record_str(&input->records[i], "role", ""), role)))
      return &input->records[i];
  return NULL;
}

static const itv_volume *
find_volume(const itv_input *input, const char *role)
{
  for (guint i = 0; i < input->n_volumes; i++)
    if (input->volumes[i].role && g_str_equal(input->volumes[i].role, role))
      return &input->volumes[i];
  return NULL;
}

/* NULL when the current film's day is known, from its own record or counted
 * from the procedure. */
static const char *
read_when(const itv_input *input, When *ret)
{
  const itv_record *set = find_record(input, "interval.image-set/1", "current");
  const itv_record *procedure = find_record(input, "interval.procedure/1", NULL);
  const gint32 surgery = procedure ? healing_day(itv_record_str(procedure, "date", NULL)) : 0;
  if (!set)
    return "no interval.image-set/1 of role current says when the current film was made";
  ret->day = healing_day(itv_record_str(set, "date", NULL));
  ret->days = itv_record_f64(set, "days", surgery && ret->day ? ret->day - surgery : NAN);
  ret->study = itv_record_str(set, "study-uid", NULL);
  ret->view = itv_record_str(set, "view", NULL);
  if (isfinite(ret->days) && fabs(ret->days) > 36525)
    return "the current film's days since surgery are out of range";
  if (!ret->day && surgery && isfinite(ret->days))
    ret->day = surgery + (gint32)ret->days;
  if (!ret->day || !isfinite(ret->days))
    return "the current film's date and its days since surgery are not known";
  return NULL;
}

static itv_status emit_overall(const itv_sink *out, const char *verdict, const char *source,
                               const char *format, ...) G_GNUC_PRINTF(4, 5);

static itv_status
emit_overall(const itv_sink *out, const char *verdict, const char *source, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *reason = g_strdup_vprintf(format, args);
  va_end(args);
  Draft d;
  draft_init(&d);
  draft_text(&d, "verdict", verdict);
  draft_text(&d, "reason", reason);
  draft_text(&d, "source", source);
  return draft_emit(&d, out, "interval.healing/1");
}

static void
begin_point(Draft *d, const When *when, const char *measure, double value, const char *unit)
{
  g_autofree char *date = healing_date(when->day);
  draft_init(d);
  draft_text(d, "date", date);
  draft_number(d, "days", when->days, "d");
  draft_text(d, "study-uid", when->study);
  draft_text(d, "view", when->view);
  draft_text(d, "measure", measure);
  draft_number(d, "value", value, unit);
}

static itv_status
emit_area(const Pair *p, const Found *f, const When *when, const itv_sink *out)
{
  const gboolean seen = f->callus.area_mm2 > f->limit;
  Draft d;
  begin_point(&d, when, "callus-area", f->callus.area_mm2, "mm2");
  const double half = 1.96 * f->callus.sd_mm2;
  draft_number(&d, "ci-low", seen ? fmax(0, f->callus.area_mm2 - half) : 0, "mm2");
  draft_number(&d, "ci-high",
               seen ? f->callus.area_mm2 + f->callus.hidden_mm2 + half
                    : fmax(f->limit, f->callus.area_mm2 + half),
               "mm2");
  draft_text(&d, "verdict", seen ? "on-course" : "not-resolvable");
  draft_note(&d,
             "%s the detection limit of %.1f mm2: the most that the same search finds along the "
             "shaft away from the fracture (%u places, with a margin), or that the "
             "misregistration of %.2f mm can feign",
             seen ? "above" : "not above", f->limit, f->places, p->shift_mm);
  draft_note(&d, "%s", lujan);
  if (f->callus.broad_mm2 > 0)
    draft_note(
        &d,
        "density rose far out into the soft tissue (swelling, a cast, another position): left out");
  const int judged = f->cortex[0].resolved + f->cortex[1].resolved;
  if (judged < 2)
    draft_note(&d, "bridging: %d of the 2 cortices can be judged in this projection", judged);
  if (f->rest_mm > 0.1)
    draft_note(&d, "the registration had left a shift of %.2f mm, which was taken out", f->rest_mm);
  if (f->rest_mm > 2)
    draft_note(&d, "that is more than a good registration leaves: look at the overlay");
  if (seen)
    draft_note(&d,
               "%u patch%s, up to %.0f times the noise; the verdict says that callus has formed, "
               "no curve is "
               "known for its area",
               f->callus.parts, f->callus.parts == 1 ? "" : "es", f->callus.density);
  else
    draft_note(&d, "callus fainter than %.0f %% of the bone's own density cannot be told",
               100 * f->faintest);
  if (!seen && when->days < 28)
    draft_note(&d, "before 4 weeks callus is seen in less than 5 %% (Wojahn 2021)");
  return draft_emit(&d, out, "interval.healing-point/1");
}

static itv_status
emit_bridging(const Found *f, const When *when, const itv_sink *out)
{
  double value = 0, low = 0, high = 0;
  for (int i = 0; i < 2; i++) {
    const Cortex *c = &f->cortex[i];
    if (!c->resolved)
      return ITV_OK;
    value += c->crossed ? 0.5 : 0;
    low += c->fill - 1.96 * c->sd > 0.5 ? 0.5 : 0;
    high += c->fill + 1.96 * c->sd > 0.5 ? 0.5 : 0;
  }
  Draft d;
  begin_point(&d, when, "bridging", value, "1");
  draft_number(&d, "ci-low", low, "1");
  draft_number(&d, "ci-high", high, "1");
  draft_text(&d, "verdict", value > 0 ? "on-course" : "not-resolvable");
  if (!(value > 0))
    draft_note(&d,
               "neither of the two cortices is crossed yet: no source says by when one must be");
  draft_note(&d,
             "the break is filled to %.0f +- %.0f %% and %.0f +- %.0f %% in the two cortices that "
             "this projection "
             "shows; crossed from 50 %%",
             100 * f->cortex[0].fill, 196 * f->cortex[0].sd, 100 * f->cortex[1].fill,
             196 * f->cortex[1].sd);
  return draft_emit(&d, out, "interval.healing-point/1");
}

static itv_status
emit_found(const Pair *p, const Found *f, const When *when, const itv_sink *out)
{
  itv_status status = emit_area(p, f, when, out);
  if (status == ITV_OK)
    status = emit_bridging(f, when, out);
  if (status != ITV_OK)
    return status;
  const int resolved = f->cortex[0].resolved + f->cortex[1].resolved;
  const int crossed = (f->cortex[0].resolved && f->cortex[0].crossed) +
                      (f->cortex[1].resolved && f->cortex[1].crossed);
  const gboolean seen = f->callus.area_mm2 > f->limit;
  g_autofree char *callus =
      seen ? g_strdup_printf("new callus of %.0f mm2 (95 %% interval %.0f to %.0f)",
                             f->callus.area_mm2,
                             fmax(0, f->callus.area_mm2 - 1.96 * f->callus.sd_mm2),
                             f->callus.area_mm2 + f->callus.hidden_mm2 + 1.96 * f->callus.sd_mm2)
           : g_strdup_printf("no new callus above the detection limit of %.1f mm2", f->limit);
  return emit_overall(
      out, seen || crossed ? "on-course" : "not-resolvable", lujan,
      "Day %.0f: %s; %d of %d cortices that can be judged in this projection are crossed",
      when->days, callus, crossed, resolved);
}

/* NULL when all was found, else why not. */
static const char *
search(const itv_host *host, Pair *p, Found *f)
{
  if (!pair_match_exposure(p))
    return "the two films have too little in common to match their exposure";
  if (!pair_turn_upright(p))
    return "no direction of a long bone stands out on the baseline film";
  const char *why = fracture_find(p, &f->fracture);
  if (why)
    return why;
  if (host->cancelled(host))
    return "cancelled";
  f->rest_mm = pair_refine(p, f->fracture.v, 32);
  pair_measure_noise(p, f->fracture.v, 32);
  g_autoptr(Outline) outline = outline_find(p, f->fracture.u, f->fracture.v);
  if (!outline)
    return "the outline of the bone around the fracture cannot be followed";
  pair_follow_strips(p, f->fracture.v, f->fracture.v, 32);
  callus_measure(p, outline, &f->callus);
  if (host->cancelled(host))
    return "cancelled";
  if (f->callus.seen < 0.4)
    return "the films show too little of what lies beside the bone";
  cortex_measure(p, outline, FALSE, &f->cortex[0]);
  cortex_measure(p, outline, TRUE, &f->cortex[1]);
  f->faintest = callus_faintest(p, outline);
  f->limit = callus_limit(p, &f->fracture, outline, &f->places);
  /* Callus may hide in what was left out. */
  f->limit = fmax(f->limit, f->callus.broad_mm2);
  /* A wrong outline (skin, another bone) would count callus in a wrong place. */
  if (!f->cortex[0].broken && !f->cortex[1].broken)
    return "the break does not reach the outline that was found: it may not be that of the broken "
           "bone";
  return NULL;
}

itv_status
healing_run_films(const itv_host *host, const itv_input *input, const itv_sink *out)
{
  const itv_volume *baseline = find_volume(input, "baseline"),
                   *current = find_volume(input, "current");
  if (!baseline || !current)
    return ITV_NOT_APPLICABLE;
  When when;
  const char *missing = read_when(input, &when);
  if (missing) {
    host->set_error(host, missing);
    return ITV_ERR_INPUT;
  }
  if ((baseline->flags | current->flags) & ITV_VOL_SPACING_UNKNOWN)
    return emit_overall(out, "not-resolvable", NULL,
                        "The pixel size of the films is not known: no area can be measured");
  Found found = {.limit = 0};
  const char *why = NULL;
  for (int drop = 1; drop >= 0; drop--) {
    g_autofree char *error = NULL;
    itv_status status;
    g_autoptr(Pair) pair = pair_load(baseline, current, drop, &error, &status);
    if (!pair) {
      host->set_error(host, error);
      return status;
    }
    found = (Found){.limit = 0};
    why = search(host, pair, &found);
    if (host->cancelled(host))
      return ITV_ERR_CANCELLED;
    if (!why)
      return emit_found(pair, &found, &when, out);
  }
  return emit_overall(out, "not-resolvable", NULL, "Day %.0f: %s", when.days, why);
}
