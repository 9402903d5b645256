/* SPDX-License-Identifier: Apache-2.0 */
#include "when.h"

#include <string.h>

enum { MAX_VALUES = 8, MAX_QUANTITY = 1000 };

typedef struct {
  const Text *t;
  int begin, end; /* bounds */
  const GDate *date;
  const Anchors *anchors;
  GArray *out;
} Scan;

/* "6", "six", "a" */
static gboolean
number_at(const Scan *s, int i, double *ret_value, int *ret_end)
{
  if (i >= s->end)
    return FALSE;
  const Token *token = text_token(s->t, i);
  /* "TR4", "BI-RADS 3", "4A" are no numbers of anything */
  if (i > s->begin && !token->space && text_token(s->t, i - 1)->kind != TOKEN_PUNCT &&
      text_cover(s->t, i - 1, LAYER_TIME, NULL, NULL) == NULL)
    return FALSE;
  if (i > s->begin && text_has_role(s->t, i - 1, LAYER_FINDING, ROLE_GUIDELINE))
    return FALSE;
  if (token->kind == TOKEN_NUMBER) {
    *ret_value = token->number;
    *ret_end = i + 1;
    return token->number <= MAX_QUANTITY;
  }
  const Term *term = text_begin(s->t, i, LAYER_TIME, ret_end);
  if (term == NULL || term->role != ROLE_NUMBER || *ret_end > s->end)
    return FALSE;
  *ret_value = term->value;
  return TRUE;
}

static Role
time_role(const Scan *s, int i, int *ret_end)
{
  if (i < s->begin || i >= s->end)
    return ROLE_NONE;
  const Term *term = text_begin(s->t, i, LAYER_TIME, ret_end);
  return term && *ret_end <= s->end ? term->role : ROLE_NONE;
}

static Period
period_of(double n, const Term *unit)
{
  Period p = {(int32_t)n, unit->period.unit};
  if (n == (double)p.n)
    return p;
  /* half units: 1.5 years = 18 months, 1.5 months = 6 weeks, 1.5 weeks = 10 days */
  if (p.unit == 'Y')
    return (Period){(int32_t)(12 * n), 'M'};
  if (p.unit == 'M')
    return (Period){(int32_t)(4 * n), 'W'};
  if (p.unit == 'W')
    return (Period){(int32_t)(7 * n), 'D'};
  return p;
}

typedef struct {
  double lo, hi;
  gboolean range;
  const Term *unit_lo, *unit_hi;
} Value;

typedef struct {
  Value v[MAX_VALUES];
  int n;
  int end;
  gboolean every; /* "six-monthly" */
} Quantity;

/* A unit behind a number: "months", "-month", "/52". */
static const Term *
unit_at(const Scan *s, int i, int *ret_end)
{
  gboolean slash = FALSE;
  if (i < s->end && (text_token(s->t, i)->ch == '-' || text_token(s->t, i)->ch == '/')) {
    slash = text_token(s->t, i)->ch == '/';
    i++;
  }
  int end = 0, after = 0;
  if (time_role(s, i, &end) != ROLE_UNIT)
    return NULL;
  const Term *term = text_begin(s->t, i, LAYER_TIME, NULL);
  if (((term->flags & FLAG_SLASH) != 0) != slash)
    return NULL;
  if ((term->flags & FLAG_SLASH) && end < s->end &&
      (text_token(s->t, end)->ch == '/' || time_role(s, end, &after) == ROLE_UNIT))
    return NULL; /* a date; "6/12 months" */
  *ret_end = end;
  return term;
}

typedef enum { JOIN_NONE, JOIN_RANGE, JOIN_LIST } Join;

static Join
join_at(const Scan *s, int i, gboolean between, int *ret_end)
{
  if (i >= s->end)
    return JOIN_NONE;
  char ch = text_token(s->t, i)->ch;
  int end = i + 1;
  Join join = JOIN_NONE;
  const Term *word = text_begin(s->t, i, LAYER_WORD, NULL);
  if (ch == '-' || time_role(s, i, &end) == ROLE_RANGE || (word && word->role == ROLE_OR))
    join = JOIN_RANGE;
  else if (word && word->role == ROLE_AND)
    join = between ? JOIN_RANGE : JOIN_LIST;
  else if (ch == ',' || ch == '&' || ch == '+' || ch == '/')
    join = JOIN_LIST;
  if (join == JOIN_NONE)
    return JOIN_NONE;
  /* ", and", "and at", "and again at" */
  for (int k = 0; k < 4 && end < s->end; k++) {
    const Term *w = text_begin(s->t, end, LAYER_WORD, NULL);
    int skip = 0;
    Role role = time_role(s, end, &skip);
    if (w && (w->role == ROLE_AND || w->role == ROLE_THEN) && join == JOIN_LIST)
      end++;
    else if (role == ROLE_AT && join == JOIN_LIST)
      end = skip;
    else
      break;
  }
  *ret_end = end;
  return join;
}

/* "6", "3-6", "6 and 12", "6 months to 1 year", each with its unit. */
static gboolean
quantity_at(const Scan *s, int i, gboolean between, Quantity *q)
{
  *q = (Quantity){.n = 0};
  Join join = JOIN_LIST;
  int at = i;
  while (q->n < MAX_VALUES) {
    double n = 0;
    int end = 0, unit_end = 0;
    if (!number_at(s, at, &n, &end))
      break;
    const Term *unit = unit_at(s, end, &unit_end);
    if (unit != NULL)
      end = unit_end;
    if (join == JOIN_RANGE) {
      Value *v = &q->v[q->n - 1];
      v->hi = n;
      v->range = TRUE;
      v->unit_hi = unit;
    } else {
      q->v[q->n++] = (Value){n, n, FALSE, unit, unit};
    }
    q->end = end;
    if (unit != NULL && (unit->flags & FLAG_EVERY)) {
      q->every = TRUE;
      break;
    }
    join = join_at(s, end, between, &at);
    if (join == JOIN_NONE || (join == JOIN_RANGE && q->v[q->n - 1].range))
      break;
  }
  /* units reach back: "6, 12 and 24 months" */
  const Term *unit = NULL;
  int kept = 0;
  for (int k = q->n - 1; k >= 0; k--) {
    Value *v = &q->v[k];
    v->unit_hi = v->unit_hi ? v->unit_hi : v->range ? unit : v->unit_lo;
    unit = v->unit_hi ? v->unit_hi : unit;
    v->unit_hi = unit;
    v->unit_lo = v->unit_lo ? v->unit_lo : unit;
    kept += unit != NULL;
  }
  return q->n > 0 && kept == q->n;
}

/* A list that ends in a number without a unit ("in 6 months, 2 lesions") is
 * cut back to its last value that bears one. */
static gboolean
quantity_trim(const Scan *s, int i, gboolean between, Quantity *q)
{
  if (quantity_at(s, i, between, q))
    return TRUE;
  Scan shorter = *s;
  int stop = q->end;
  for (int k = 0; k < 3 && stop > i + 1; k++) {
    shorter.end = --stop;
    while (shorter.end > i + 1 && text_token(s->t, shorter.end - 1)->kind != TOKEN_WORD)
      shorter.end--;
    if (quantity_at(&shorter, i, between, q))
      return TRUE;
    stop = shorter.end;
  }
  return FALSE;
}

typedef struct {
  Role role;
  int begin;
  gboolean point; /* "at": a point on a scale that may be another than the report's date */
} Prefix;

/* The "up to" of "follow-up to complete 2 years" is none: it begins inside a name and ends
 * behind it. */
static gboolean
crosses_action(const Scan *s, int begin, int end)
{
  int first = 0, stop = 0;
  return text_cover(s->t, begin, LAYER_ACTION, &first, &stop) != NULL && first < begin &&
         stop < end;
}

/* What stands before the quantity: "within", "at least", "every", "in the next". */
static Prefix
prefix_of(const Scan *s, int i)
{
  Prefix p = {ROLE_NONE, i, FALSE};
  int at = i;
  for (int k = 0; k < 5 && at > s->begin; k++) {
    int begin = 0;
    const Token *token = text_token(s->t, at - 1);
    const Term *term = text_cover(s->t, at - 1, LAYER_TIME, &begin, NULL);
    const Term *word = text_cover(s->t, at - 1, LAYER_WORD, NULL, NULL);
    gboolean prefix =
        term && term->role >= ROLE_AT && term->role <= ROLE_AGO && !crosses_action(s, begin, at);
    /* "see her back in 3 months" */
    if (prefix && term->role == ROLE_AGO && p.role != ROLE_NONE)
      break;
    if (prefix) {
      /* the innermost limit is meant: "in at least 3 months" */
      if (p.role == ROLE_NONE || p.role == ROLE_AT || term->role == ROLE_DURATION)
        p.role = term->role;
      p.point = p.point || (term->flags & FLAG_POINT) != 0;
      p.begin = at = begin;
      continue;
    }
    if (token->ch == '@') {
      p.point = TRUE;
      p.role = p.role == ROLE_NONE ? ROLE_AT : p.role;
      p.begin = --at;
      continue;
    }
    /* "in ca. 6 Monaten" */
    gboolean dot = token->ch == '.' && at - 2 >= s->begin &&
                   text_has_role(s->t, at - 2, LAYER_WORD, ROLE_ABBREVIATION);
    if (token->ch != '~' && !dot &&
        !(word &&
          (word->role == ROLE_DET || word->role == ROLE_ADVERB || word->role == ROLE_ABBREVIATION)))
      break;
    at--;
  }
  return p;
}

/* What stands behind: "ago", "later", "or more", "intervals". */
static Role
suffix_of(const Scan *s, int end, int *ret_end)
{
  int at = end;
  while (at < s->end && (text_token(s->t, at)->ch == '\'' || text_token(s->t, at)->ch == '-'))
    at++;
  const Term *word = at < s->end ? text_begin(s->t, at, LAYER_WORD, NULL) : NULL;
  if (word && word->role == ROLE_ADVERB)
    at++;
  int stop = 0;
  Role role = time_role(s, at, &stop);
  if (role == ROLE_AGO || role == ROLE_LATER || role == ROLE_OR_MORE || role == ROLE_INTERVALS ||
      role == ROLE_AGE || role == ROLE_GESTATION) {
    *ret_end = stop;
    return role;
  }
  *ret_end = end;
  return ROLE_NONE;
}

static When
apply(const Scan *s, const Value *v, Prefix prefix, Role suffix, gboolean every)
{
  static const Period none = {0, 0}, zero = {0, 'D'};
  When w = {.sense = WHEN_FUTURE,
            .earliest = period_of(v->lo, v->unit_lo),
            .latest = period_of(v->hi, v->unit_hi)};
  if (every || prefix.role == ROLE_EVERY || (suffix == ROLE_INTERVALS)) {
    w.repeat = w.earliest;
  } else if (suffix == ROLE_AGO || prefix.role == ROLE_AGO) {
    w.sense = WHEN_PAST;
  } else if (prefix.role == ROLE_DURATION) {
    w.sense = WHEN_DURATION;
  } else if (prefix.role == ROLE_AT_LEAST || suffix == ROLE_OR_MORE) {
    w.latest = none;
  } else if (prefix.role == ROLE_WITHIN && !v->range) {
    w.earliest = zero;
  } else if (prefix.role == ROLE_NONE && suffix != ROLE_LATER) {
    w.sense = WHEN_BARE;
  }
  (void)s;
  return w;
}

/* A period counted from where the pregnancy or the child's life began, counted from today. */
static gboolean
rebase(Period *p, int days_so_far, Period age)
{
  if (days_so_far > 0 && p->unit == 'W' && 7 * p->n > days_so_far) {
    *p = (Period){7 * p->n - days_so_far, 'D'};
    return TRUE;
  }
  if (age.unit != 0 && p->unit == age.unit && p->n > age.n) {
    *p = (Period){p->n - age.n, p->unit};
    return TRUE;
  }
  return FALSE;
}

/* "at 32 weeks", "at 12 weeks of age" */
static void
anchor(const Scan *s, When *w, Prefix prefix, Role suffix)
{
  gboolean told = suffix == ROLE_AGE || suffix == ROLE_GESTATION;
  if (!told && (!prefix.point || s->anchors->gestation_days == 0 || w->sense != WHEN_FUTURE))
    return;
  int days = suffix == ROLE_AGE ? 0 : s->anchors->gestation_days;
  const Period none = {0, 0};
  Period age = suffix == ROLE_AGE ? s->anchors->age : none;
  Period earliest = w->earliest, latest = w->latest;
  gboolean good = rebase(&earliest, days, age) && rebase(&latest, days, age);
  if (good &&
      (prefix.role == ROLE_AT || prefix.role == ROLE_BETWEEN || prefix.role == ROLE_WITHIN)) {
    w->earliest = earliest;
    w->latest = latest;
    w->sense = WHEN_FUTURE;
  } else if (told || (days > 0 && w->earliest.unit == 'W' && 7 * w->earliest.n <= days)) {
    w->sense = WHEN_PAST; /* how old or how far something is, or nothing to count from */
  }
}

static int
take_quantity(Scan *s, int i)
{
  Quantity q;
  double first = 0;
  int after = 0;
  if (!number_at(s, i, &first, &after))
    return 0;
  Prefix prefix = prefix_of(s, i);
  if (!quantity_trim(s, i, prefix.role == ROLE_BETWEEN, &q))
    return 0;
  /* "CT 3/12" is a time, 3/12 alone is a date; no year has a day 52 */
  if ((q.v[0].unit_lo->flags & FLAG_SLASH) && prefix.role == ROLE_NONE &&
      q.v[0].unit_lo->period.unit != 'W' &&
      (i == s->begin || text_cover(s->t, i - 1, LAYER_ACTION, NULL, NULL) == NULL) &&
      (q.end >= s->end || text_begin(s->t, q.end, LAYER_ACTION, NULL) == NULL))
    return 0;
  int end = q.end;
  Role suffix = suffix_of(s, q.end, &end);
  /* "19 weeks 5 days" is one age of a pregnancy */
  int days = 0, days_end = 0;
  double more = 0;
  if (q.n == 1 && q.v[0].unit_lo->period.unit == 'W' && number_at(s, end, &more, &days) &&
      more < 7 && unit_at(s, days, &days_end) != NULL &&
      text_begin(s->t, days_end - 1, LAYER_TIME, NULL)->period.unit == 'D')
    end = days_end;
  for (int k = 0; k < q.n; k++) {
    When w = apply(s, &q.v[k], prefix, suffix, q.every);
    anchor(s, &w, prefix, suffix);
    w.begin = prefix.begin;
    w.quantity = i;
    w.end = end;
    g_array_append_val(s->out, w);
  }
  return end - i;
}

/* ---- dates ---------------------------------------------------------------- */

typedef struct {
  int y, m, d; /* d 0: the month as a whole */
  int end;
} Ymd;

static int
whole(const Scan *s, int i)
{
  if (i >= s->end || text_token(s->t, i)->kind != TOKEN_NUMBER)
    return -1;
  float n = text_token(s->t, i)->number;
  return n == (float)(int)n ? (int)n : -1;
}

static gboolean
is_year(int n)
{
  return n >= 1900 && n < 2200;
}

/* "94" in a report of 2012 is 1994: nothing is planned for decades ahead. */
static int
full_year(const Scan *s, int n)
{
  enum { FAR_AHEAD = 20 };
  if (n < 0 || n >= 100)
    return n;
  return 2000 + n > g_date_get_year(s->date) + FAR_AHEAD ? 1900 + n : 2000 + n;
}

/* 12/5/2024, 2024-12-05, 12/2024, 5.12.2024 (tokenised as 5.12 . 2024) */
static gboolean
numeric_date(const Scan *s, int i, Ymd *d)
{
  int a = whole(s, i), b = whole(s, i + 2), c = whole(s, i + 4);
  char sep = i + 1 < s->end ? text_token(s->t, i + 1)->ch : 0;
  if ((sep != '/' && sep != '-') || text_token(s->t, i + 1)->space)
    return FALSE;
  gboolean three = c >= 0 && text_token(s->t, i + 3)->ch == sep;
  if (three && is_year(a) && b <= 12) {
    *d = (Ymd){a, b, c, i + 5};
    return TRUE;
  }
  if (three && (sep == '/' || is_year(c))) {
    *d = a > 12 ? (Ymd){full_year(s, c), b, a, i + 5} : (Ymd){full_year(s, c), a, b, i + 5};
    return TRUE;
  }
  if (sep == '/' && is_year(b) && a <= 12) {
    *d = (Ymd){b, a, 0, i + 3};
    return TRUE;
  }
  return FALSE;
}

/* "March 2025", "March 5, 2025", "5 March 2025", "March" */
static gboolean
named_date(const Scan *s, int i, Ymd *d)
{
  int day = 0, at = i, end = 0;
  if (whole(s, i) > 0 && whole(s, i) <= 31) {
    day = whole(s, i);
    at = i + 1;
    if (at < s->end && text_has_role(s->t, at, LAYER_WORD, ROLE_OF))
      at++;
  }
  if (time_role(s, at, &end) != ROLE_MONTH || !text_token(s->t, at)->upper)
    return FALSE;
  *d = (Ymd){0, text_begin(s->t, at, LAYER_TIME, NULL)->value, day, end};
  if (end < s->end && text_token(s->t, end)->ch == '.')
    end++;
  if (day == 0 && whole(s, end) > 0 && whole(s, end) <= 31) {
    d->d = whole(s, end);
    d->end = ++end;
  }
  if (end < s->end && text_token(s->t, end)->ch == ',')
    end++;
  if (is_year(whole(s, end))) {
    d->y = whole(s, end);
    d->end = end + 1;
  }
  return TRUE;
}

static int
days_until(const Scan *s, int y, int m, int d)
{
  if (y < 1 || m < 1 || m > 12 || d < 1 ||
      !g_date_valid_dmy((GDateDay)d, (GDateMonth)m, (GDateYear)y))
    return -1;
  GDate date;
  g_date_clear(&date, 1);
  g_date_set_dmy(&date, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
  return g_date_days_between(s->date, &date);
}

static int
last_day(int y, int m)
{
  return g_date_get_days_in_month((GDateMonth)m, (GDateYear)y);
}

static int
take_date(Scan *s, int i)
{
  Ymd d;
  if (s->date == NULL || (!numeric_date(s, i, &d) && !named_date(s, i, &d)))
    return 0;
  if (d.m < 1 || d.m > 12)
    return 0;
  int unit_end = 0;
  if (text_token(s->t, d.end - 1)->kind == TOKEN_NUMBER && unit_at(s, d.end, &unit_end) != NULL)
    return 0; /* "at 1/6/12 months" */
  /* "first week of", "end of", then "by" */
  int begin = i, week = 0;
  gboolean end_of = FALSE;
  int about = 0; /* day of the month that "mid" stands for; 0: its last */
  for (int k = 0; k < 3 && begin > s->begin; k++) {
    int b = 0;
    const Term *t = text_cover(s->t, begin - 1, LAYER_TIME, &b, NULL);
    const Term *w = text_cover(s->t, begin - 1, LAYER_WORD, NULL, NULL);
    if (t && t->role == ROLE_WEEK_OF)
      week = t->value;
    else if (t && t->role == ROLE_END_OF) {
      end_of = TRUE;
      about = t->value;
    } else if (text_token(s->t, begin - 1)->ch == '-')
      ;
    else if (!w || (w->role != ROLE_DET && w->role != ROLE_OF))
      break;
    begin = t ? b : begin - 1;
  }
  Prefix prefix = prefix_of(s, begin);
  gboolean named = prefix.role != ROLE_NONE || week || end_of;
  if (d.y == 0 && !named && d.d == 0)
    return 0;
  if (d.y == 0) {
    d.y = g_date_get_year(s->date);
    d.y += days_until(s, d.y, d.m, d.d ? d.d : last_day(d.y, d.m)) < 0;
  }
  int from = week      ? 7 * (week - 1) + 1
             : d.d     ? d.d
             : !end_of ? 1
             : about   ? about
                       : last_day(d.y, d.m);
  int to = week ? MIN(from + 6, last_day(d.y, d.m)) : from;
  int lo = days_until(s, d.y, d.m, from), hi = days_until(s, d.y, d.m, to);
  When w = {.begin = prefix.begin,
            .quantity = i,
            .end = d.end,
            .absolute = TRUE,
            .sense = lo < 0 ? WHEN_PAST : WHEN_FUTURE,
            .earliest = {MAX(lo, 0), 'D'},
            .latest = {MAX(hi, 0), 'D'}};
  if (prefix.role == ROLE_WITHIN && lo >= 0)
    w.earliest.n = 0;
  /* "a CT for September 2024" is a date ahead */
  if (prefix.role == ROLE_AGO)
    w.sense = WHEN_PAST;
  g_array_append_val(s->out, w);
  return d.end - i;
}

/* ---- words ---------------------------------------------------------------- */

static int
take_word(Scan *s, int i)
{
  int end = 0;
  Role role = time_role(s, i, &end);
  const Term *term = text_begin(s->t, i, LAYER_TIME, NULL);
  When w = {.begin = i, .quantity = i, .end = end, .sense = WHEN_FUTURE};
  if (role == ROLE_FREQUENCY || (role == ROLE_UNIT && (term->flags & FLAG_EVERY))) {
    w.earliest = w.latest = w.repeat = term->period;
  } else if (role == ROLE_NOW) {
    w.now = term->period.n == 0;
    w.earliest = w.latest = term->period;
  } else if (role == ROLE_SPAN) {
    Prefix prefix = prefix_of(s, i);
    int stop = end;
    Role suffix = suffix_of(s, end, &stop);
    const Value v = {term->period.n, term->period.n, FALSE, term, term};
    w = apply(s, &v, prefix, suffix, FALSE);
    w.begin = prefix.begin;
    w.quantity = i;
    w.end = stop;
  } else if (role == ROLE_EVERY) {
    /* "every month" */
    int stop = 0;
    if (time_role(s, end, &stop) != ROLE_UNIT ||
        (text_begin(s->t, end, LAYER_TIME, NULL)->flags & FLAG_SLASH))
      return 0;
    w.earliest = (Period){1, text_begin(s->t, end, LAYER_TIME, NULL)->period.unit};
    w.latest = w.repeat = w.earliest;
    w.end = stop;
  } else {
    return 0;
  }
  g_array_append_val(s->out, w);
  return w.end - i;
}

GArray *
when_find(const Text *text, int begin, int end, const GDate *date, const Anchors *anchors)
{
  Scan s = {text, begin, end, date, anchors, g_array_new(FALSE, TRUE, sizeof(When))};
  for (int i = begin; i < end;) {
    int len = take_date(&s, i);
    if (len == 0)
      len = take_quantity(&s, i);
    if (len == 0)
      len = take_word(&s, i);
    i += MAX(len, 1);
  }
  return s.out;
}
