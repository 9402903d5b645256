/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <math.h>
#include <string.h>

enum { MAX_FIELDS = 48, MAX_NOTES = 16, MAX_TEXT = 1000 };

/* The fields of one record; texts are kept until it is emitted. */
typedef struct {
  itv_field fields[MAX_FIELDS];
  size_t n;
  GPtrArray *texts;
} Draft;

static void
put_number(Draft *d, const char *key, double x, const char *unit)
{
  if (d->n < MAX_FIELDS && isfinite(x))
    d->fields[d->n++] = (itv_field)ITV_F64(key, x, unit);
}

/* Cuts at a character's border: the record's texts are bounded. */
static void
put_text(Draft *d, const char *key, const char *text)
{
  if (d->n >= MAX_FIELDS || !text || !*text)
    return;
  size_t n = strlen(text);
  if (n > MAX_TEXT) {
    n = MAX_TEXT;
    while (n > 0 && (text[n] & 0xC0) == 0x80)
      n--;
  }
  char *copy = g_strndup(text, n);
  g_ptr_array_add(d->texts, copy);
  d->fields[d->n++] = (itv_field)ITV_STR(key, copy);
}

static char *
finding_name(const Sample *s)
{
  GString *name = g_string_new(*s->finding ? s->finding : s->tracking_id);
  if (!name->len && !*s->site)
    g_string_assign(name, *s->tracking_uid ? s->tracking_uid : "unnamed finding");
  if (*s->site && !strstr(s->words[WORDS_FINDING], s->words[WORDS_SITE]))
    g_string_append_printf(name, "%s%s", name->len ? ", " : "", s->site);
  if (*s->laterality && !strstr(s->words[WORDS_SITE], s->words[WORDS_SIDE]) &&
      !strstr(s->words[WORDS_FINDING], s->words[WORDS_SIDE]))
    g_string_append_printf(name, ", %s", s->laterality);
  return g_string_free(name, FALSE);
}

/* VDT = dt ln 2 / ln(V2/V1) = dt ln 2 / (3 ln(d2/d1)) (Schwartz 1961); the
 * interval's edges go through the same formula. */
static void
put_doubling_time(Draft *d, const Match *m, const Judgement *j)
{
  const double v = m->prior->value;
  if (!j->measured || !j->model.known || j->interval <= 0 || v <= 0 || m->current->value <= 0 ||
      !model_is_lesion_size(m->prior) ||
      (!g_str_equal(j->verdict, "increased") && !g_str_equal(j->verdict, "decreased")))
    return;
  const double power = sample_dimension(m->prior) == CLASS_VOLUME ? 1 : 3;
  const double scale = j->interval * G_LN2 / power;
  const double ratios[] = {1 + j->model.ci_low / v, m->current->value / v,
                           1 + j->model.ci_high / v};
  put_number(d, "doubling-time", scale / log(ratios[1]), "d");
  /* A larger ratio is a shorter doubling, or a slower halving: either way the
   * upper edge of the change is the lower edge of the signed time. */
  if (ratios[2] > 0)
    put_number(d, "doubling-time-low", scale / log(ratios[2]), "d");
  if (ratios[0] > 1e-9)
    put_number(d, "doubling-time-high", scale / log(ratios[0]), "d");
}

static void
put_pair(Draft *d, const Match *m, const Judgement *j)
{
  const Sample *p = m->prior, *c = m->current;
  put_number(d, "prior", p->value, p->unit);
  put_number(d, "current", c->value, c->unit);
  if (j->measured) {
    put_number(d, "change", c->value - p->value, p->unit);
    if (p->value > 0 && sample_dimension(p) <= CLASS_VOLUME)
      put_number(d, "change-percent", 100 * (c->value - p->value) / p->value, "%");
    if (j->model.known) {
      put_number(d, "ci-low", j->model.ci_low, p->unit);
      put_number(d, "ci-high", j->model.ci_high, p->unit);
    }
  }
  if (p->day && c->day && j->interval >= 0)
    put_number(d, "interval", j->interval, "d");
  put_doubling_time(d, m, j);
  if (j->model.source)
    put_text(d, "method", j->model.source->str);
}

itv_status
change_emit(Match *m, const Judgement *j, const itv_sink *out)
{
  const Sample *s = m->current ? m->current : m->prior;
  Draft d = {.n = 0, .texts = g_ptr_array_new_with_free_func(g_free)};
  g_autofree char *name = finding_name(m->prior && *m->prior->finding ? m->prior : s);
  put_text(&d, "finding", name);
  put_text(&d, "tracking-uid", s->tracking_uid);
  put_text(&d, "measure", s->measure);
  if (m->prior && m->current)
    put_pair(&d, m, j);
  else
    put_number(&d, m->current ? "current" : "prior", s->value, s->unit);
  put_text(&d, "verdict", j->verdict);
  if (m->prior && m->current && !m->same_observer && *m->prior->observer && *m->current->observer) {
    g_autofree char *both = g_strdup_printf("%s, %s", m->prior->observer, m->current->observer);
    put_text(&d, "observer", both);
  } else {
    put_text(&d, "observer", s->observer);
  }
  for (guint i = 0; i < m->notes->len && i < MAX_NOTES; i++)
    put_text(&d, "note", g_ptr_array_index(m->notes, i));
  const itv_status status = out->emit(out, "interval.change/1", d.fields, d.n);
  g_ptr_array_unref(d.texts);
  return status;
}
