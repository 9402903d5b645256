/* SPDX-License-Identifier: Apache-2.0
 *
 * Identity comes in three strengths, tried in this order: the same tracking
 * UID; the same tracking identifier; the same words for finding, site and side.
 * Within one identity a reader is compared with himself where he measured at
 * both time points, since two readers of one image differ by 20-25 % (Yoon 2016);
 * only where no reader did are two readers compared, and the error grows.
 */
#include "match.h"
#include "model.h"

#include <math.h>
#include <string.h>

/* Two centres nearer than this are of one finding only if every other
 * candidate is clearly farther: breathing moves a lung nodule by 10-20 mm. */
static const double near_mm = 15, clear_factor = 2;

typedef enum { BY_TRACKING_UID, BY_TRACKING_ID, BY_WORDS, N_LEVELS } Level;

typedef struct {
  GPtrArray *samples;
  GPtrArray *matches;
  gboolean uids_shared; /* some tracking UID occurs at both time points */
} Job;

void
match_free(Match *match)
{
  if (!match)
    return;
  g_ptr_array_unref(match->notes);
  g_free(match);
}

static Match *
add_match(Job *job, Sample *prior, Sample *current)
{
  Match *m = g_new0(Match, 1);
  m->prior = prior;
  m->current = current;
  m->notes = g_ptr_array_new_with_free_func(g_free);
  if (prior)
    prior->used = TRUE;
  if (current)
    current->used = TRUE;
  g_ptr_array_add(job->matches, m);
  return m;
}

static gboolean
same_finding(const Job *job, const Sample *a, const Sample *b, Level level)
{
  if (!g_str_equal(a->measure, b->measure))
    return FALSE;
  const gboolean uids = *a->tracking_uid && *b->tracking_uid;
  const gboolean same_uid = uids && g_str_equal(a->tracking_uid, b->tracking_uid);
  if (level == BY_TRACKING_UID)
    return same_uid;
  /* Where tracking UIDs are carried from exam to exam, two of them are two
   * findings.  Software that makes a new one for each exam says nothing. */
  if (uids && !same_uid && job->uids_shared)
    return FALSE;
  if (sample_compare(a, b, WORDS_SIDE) < 0 || sample_compare(a, b, WORDS_SITE) < 0)
    return FALSE;
  const int finding = sample_compare(a, b, WORDS_FINDING);
  const int id = sample_compare(a, b, WORDS_ID);
  if (level == BY_TRACKING_ID)
    return id > 0;
  if (id < 0 || finding < 0)
    return FALSE;
  return finding > 0 || sample_compare(a, b, WORDS_SITE) > 0;
}

static gboolean
same_observer(const Sample *a, const Sample *b)
{
  return sample_compare(a, b, WORDS_OBSERVER) > 0;
}

static gboolean
observer_equal(const Sample *a, const Sample *b)
{
  return g_str_equal(a->words[WORDS_OBSERVER], b->words[WORDS_OBSERVER]);
}

/* All unused samples tied to `seed` at this level, through either time point. */
static GPtrArray *
collect(const Job *job, Sample *seed, Level level)
{
  GPtrArray *group = g_ptr_array_new();
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  g_ptr_array_add(group, seed);
  g_hash_table_add(seen, seed);
  for (guint i = 0; i < group->len; i++) {
    for (guint k = 0; k < job->samples->len; k++) {
      Sample *s = g_ptr_array_index(job->samples, k);
      if (s->used || g_hash_table_contains(seen, s) ||
          !same_finding(job, g_ptr_array_index(group, i), s, level))
        continue;
      g_ptr_array_add(group, s);
      g_hash_table_add(seen, s);
    }
  }
  return group;
}

static GPtrArray *
side_of(GPtrArray *group, gboolean current, const Sample *of_observer)
{
  GPtrArray *list = g_ptr_array_new();
  for (guint i = 0; i < group->len; i++) {
    Sample *s = g_ptr_array_index(group, i);
    if (!s->used && s->current == current && (!of_observer || observer_equal(s, of_observer)))
      g_ptr_array_add(list, s);
  }
  return list;
}

/* Several values of one tracked finding, one reader, one exam are repeated
 * measurements: their mean stands for them when they agree within 10 %. */
static void
average(GPtrArray *list)
{
  if (list->len < 2)
    return;
  double low = G_MAXDOUBLE, high = -G_MAXDOUBLE, sum = 0;
  for (guint i = 0; i < list->len; i++) {
    const Sample *s = g_ptr_array_index(list, i);
    low = fmin(low, s->value);
    high = fmax(high, s->value);
    sum += s->value;
  }
  Sample *first = g_ptr_array_index(list, 0);
  if (high - low > 0.1 * fabs(sum / list->len))
    return;
  first->value = sum / list->len;
  first->replicates = list->len;
  first->spread = high - low;
  for (guint i = 1; i < list->len; i++)
    ((Sample *)g_ptr_array_index(list, i))->used = TRUE;
  g_ptr_array_set_size(list, 1);
}

static Sample *
nearest(const Sample *to, GPtrArray *among)
{
  Sample *best = NULL;
  double first = G_MAXDOUBLE, second = G_MAXDOUBLE;
  for (guint i = 0; i < among->len; i++) {
    Sample *s = g_ptr_array_index(among, i);
    const double d = sample_distance_mm(to, s);
    if (d < 0)
      return NULL;
    if (d < first) {
      second = first;
      first = d;
      best = s;
    } else if (d < second) {
      second = d;
    }
  }
  return first <= near_mm && second >= clear_factor * first + 5 ? best : NULL;
}

static void
pair_by_position(Job *job, GPtrArray *prior, GPtrArray *current, gboolean one_reader)
{
  for (guint i = 0; i < current->len; i++) {
    Sample *c = g_ptr_array_index(current, i);
    Sample *p = nearest(c, prior);
    if (!p || p->used || nearest(p, current) != c)
      continue;
    Match *m = add_match(job, p, c);
    m->same_observer = one_reader && same_observer(p, c);
    g_ptr_array_add(m->notes, g_strdup_printf("matched by position: centres %.1f mm apart",
                                              sample_distance_mm(p, c)));
  }
}

static void
report_ambiguous(Job *job, GPtrArray *prior, GPtrArray *current)
{
  guint np = 0, nc = 0;
  for (guint i = 0; i < prior->len; i++)
    np += !((Sample *)g_ptr_array_index(prior, i))->used;
  for (guint i = 0; i < current->len; i++)
    nc += !((Sample *)g_ptr_array_index(current, i))->used;
  if (!np || !nc)
    return;
  GPtrArray *lists[] = {current, prior};
  for (guint l = 0; l < 2; l++) {
    for (guint i = 0; i < lists[l]->len; i++) {
      Sample *s = g_ptr_array_index(lists[l], i);
      if (s->used)
        continue;
      Match *m = add_match(job, l ? s : NULL, l ? NULL : s);
      m->ambiguous = TRUE;
      g_ptr_array_add(
          m->notes,
          g_strdup_printf("cannot tell which is which: %u such measurements on the prior, "
                          "%u on the current exam, and no tracking identifier or position "
                          "tells them apart",
                          np, nc));
    }
  }
}

static void
pair_lists(Job *job, GPtrArray *prior, GPtrArray *current, Level level, gboolean one_reader)
{
  if (level != BY_WORDS) {
    average(prior);
    average(current);
  }
  if (prior->len == 1 && current->len == 1) {
    Sample *p = g_ptr_array_index(prior, 0), *c = g_ptr_array_index(current, 0);
    Match *m = add_match(job, p, c);
    m->same_observer = one_reader && same_observer(p, c);
    return;
  }
  pair_by_position(job, prior, current, one_reader);
  report_ambiguous(job, prior, current);
}

static gboolean
observer_is_paired(const Job *job, guint first_match, const Sample *s)
{
  for (guint k = first_match; k < job->matches->len; k++) {
    const Match *m = g_ptr_array_index(job->matches, k);
    if ((m->prior && observer_equal(m->prior, s)) || (m->current && observer_equal(m->current, s)))
      return TRUE;
  }
  return FALSE;
}

/* What other readers measured is told beside the pair and never mixed in.  One
 * that a paired reader measured besides may be a finding of its own. */
static void
note_leftovers(Job *job, GPtrArray *group, guint first_match)
{
  for (guint i = 0; i < group->len; i++) {
    Sample *s = g_ptr_array_index(group, i);
    if (s->used || observer_is_paired(job, first_match, s))
      continue;
    s->used = TRUE;
    for (guint k = first_match; k < job->matches->len; k++) {
      Match *m = g_ptr_array_index(job->matches, k);
      g_ptr_array_add(m->notes,
                      g_strdup_printf("%s measured %.4g %s on the %s exam only: not compared "
                                      "across readers",
                                      *s->observer ? s->observer : "an unnamed reader", s->value,
                                      s->unit, s->current ? "current" : "prior"));
    }
  }
}

static void
match_group(Job *job, GPtrArray *group, Level level)
{
  const guint first_match = job->matches->len;
  gboolean paired = FALSE;
  for (guint i = 0; i < group->len; i++) {
    const Sample *s = g_ptr_array_index(group, i);
    if (s->used || s->current)
      continue;
    g_autoptr(GPtrArray) prior = side_of(group, FALSE, s);
    g_autoptr(GPtrArray) current = side_of(group, TRUE, s);
    if (!current->len)
      continue;
    pair_lists(job, prior, current, level, TRUE);
    paired = TRUE;
  }
  if (!paired) {
    g_autoptr(GPtrArray) prior = side_of(group, FALSE, NULL);
    g_autoptr(GPtrArray) current = side_of(group, TRUE, NULL);
    if (prior->len && current->len)
      pair_lists(job, prior, current, level, FALSE);
  }
  /* A finding of its own by position (level BY_WORDS) stays for later: it may
   * be new.  Otherwise the identity is settled and the rest is other readers. */
  if (job->matches->len > first_match && (level != BY_WORDS || paired))
    note_leftovers(job, group, first_match);
}

static void
run_level(Job *job, Level level)
{
  for (guint i = 0; i < job->samples->len; i++) {
    Sample *s = g_ptr_array_index(job->samples, i);
    if (s->used)
      continue;
    g_autoptr(GPtrArray) group = collect(job, s, level);
    if (group->len > 1)
      match_group(job, group, level);
  }
}

static gboolean
any_shared_uid(GPtrArray *samples)
{
  g_autoptr(GHashTable) prior = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < samples->len; i++) {
    Sample *s = g_ptr_array_index(samples, i);
    if (!s->current && *s->tracking_uid)
      g_hash_table_add(prior, (gpointer)(guintptr)s->tracking_uid);
  }
  for (guint i = 0; i < samples->len; i++) {
    const Sample *s = g_ptr_array_index(samples, i);
    if (s->current && *s->tracking_uid && g_hash_table_contains(prior, s->tracking_uid))
      return TRUE;
  }
  return FALSE;
}

static gint
by_order(gconstpointer a, gconstpointer b)
{
  const Match *m = *(Match *const *)a, *n = *(Match *const *)b;
  if (!m->current != !n->current)
    return m->current ? -1 : 1;
  const guint x = m->current ? m->current->order : m->prior->order;
  const guint y = n->current ? n->current->order : n->prior->order;
  return x < y ? -1 : x > y;
}

GPtrArray *
match_all(GPtrArray *samples)
{
  Job job = {samples, g_ptr_array_new_with_free_func((GDestroyNotify)match_free),
             any_shared_uid(samples)};
  for (int level = 0; level < N_LEVELS; level++)
    run_level(&job, (Level)level);
  for (guint i = 0; i < samples->len; i++) {
    Sample *s = g_ptr_array_index(samples, i);
    if (!s->used)
      add_match(&job, s->current ? NULL : s, s->current ? s : NULL);
  }
  g_ptr_array_sort(job.matches, by_order);
  return job.matches;
}

static Match *
find_partner(GPtrArray *matches, const Match *m, const char *measure)
{
  for (guint i = 0; i < matches->len; i++) {
    Match *o = g_ptr_array_index(matches, i);
    if (!o->prior || !o->current || !g_str_equal(o->current->measure, measure) ||
        !g_str_equal(o->current->tracking_uid, m->current->tracking_uid) ||
        !g_str_equal(o->prior->unit, m->prior->unit) ||
        !g_str_equal(o->current->unit, m->current->unit))
      continue;
    gboolean same = TRUE;
    for (int w = 0; w < N_WORDS; w++)
      same = same && g_str_equal(o->prior->words[w], m->prior->words[w]) &&
             g_str_equal(o->current->words[w], m->current->words[w]);
    if (same)
      return o;
  }
  return NULL;
}

void
match_add_mean_diameters(GPtrArray *matches, GPtrArray *samples)
{
  const guint n = matches->len;
  for (guint i = 0; i < n; i++) {
    Match *m = g_ptr_array_index(matches, i);
    if (!m->prior || !m->current || !g_str_equal(m->current->measure, "long-axis") ||
        !m->same_observer || !model_is_lung(m->prior) || find_partner(matches, m, "mean-diameter"))
      continue;
    const Match *o = find_partner(matches, m, "short-axis");
    if (!o)
      continue;
    Match *mean = g_new0(Match, 1);
    Sample *prior = sample_mean(m->prior, o->prior, "mean-diameter");
    Sample *current = sample_mean(m->current, o->current, "mean-diameter");
    g_ptr_array_add(samples, prior);
    g_ptr_array_add(samples, current);
    mean->prior = prior;
    mean->current = current;
    mean->same_observer = TRUE;
    mean->notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(mean->notes, g_strdup("mean of long and short axis (Fleischner 2017)"));
    g_ptr_array_add(matches, mean);
  }
}
