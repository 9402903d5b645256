/* SPDX-License-Identifier: Apache-2.0
 *
 * oracle.h - a guideline file against a second telling of the same table: every
 * point of a grid is asked of both.  The second telling is code, written from
 * the published table and not from the file.
 */
#ifndef ITV_TESTS_ORACLE_H
#define ITV_TESTS_ORACLE_H

#include <string.h>

#include "engine/guideline.h"

#define MAX_AXES 10

/* A choice: codes separated by spaces.  A number: from..to by step, in tenths. */
typedef struct {
  const char *name;
  const char *codes;
  int from, to, step;
} Axis;

typedef struct {
  const Axis *axes;
  guint n;
  int value[MAX_AXES]; /* tenths, or the index of the code */
  GStrv codes[MAX_AXES];
} Point;

typedef const char *(*Oracle)(const Point *p);

static inline guint
axis(const Point *p, const char *name)
{
  for (guint i = 0; i < p->n; i++)
    if (strcmp(p->axes[i].name, name) == 0)
      return i;
  g_error("no axis %s", name);
}

/* In tenths. */
static inline int
num(const Point *p, const char *name)
{
  return p->value[axis(p, name)];
}

/* To the nearest whole, halves up. */
static inline int
whole(const Point *p, const char *name)
{
  const int t = num(p, name) + 5;
  return t >= 0 ? t / 10 : -((9 - t) / 10);
}

static inline gboolean
is(const Point *p, const char *name, const char *code)
{
  const guint i = axis(p, name);
  return strcmp(p->codes[i][p->value[i]], code) == 0;
}

static inline gboolean
yes(const Point *p, const char *name)
{
  return is(p, name, "yes");
}

static inline ItvGuideline *
shipped(const char *id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) faults = itv_faults_new();
  const char *source = g_getenv("ITV_SOURCE_DIR");
  g_autofree char *path = g_strdup_printf("%s/config/guidelines/%s.xml", source ? source : ".", id);
  g_autofree char *xsd = g_strdup_printf("%s/schemas/guideline.xsd", source ? source : ".");
  ItvGuideline *g = itv_guideline_load(path, xsd, faults, &error);
  g_assert_no_error(error);
  g_assert_null(itv_faults_error(faults));
  itv_guideline_check(g, faults);
  if (faults->len)
    g_error("%s: %s", id, g_array_index(faults, ItvFault, 0).text);
  return g;
}

static inline char *
value_text(const Point *p, guint i)
{
  if (p->axes[i].codes)
    return g_strdup(p->codes[i][p->value[i]]);
  const int v = p->value[i];
  return g_strdup_printf("%s%d.%d", v < 0 ? "-" : "", ABS(v) / 10, ABS(v) % 10);
}

static inline void
ask(const ItvGuideline *g, const Point *p, Oracle oracle)
{
  g_autofree ItvExtent *box = itv_guideline_box(g);
  g_autoptr(GError) error = NULL;
  for (guint i = 0; i < p->n; i++) {
    g_autofree char *text = value_text(p, i);
    itv_guideline_set(g, box, p->axes[i].name, text, &error);
    g_assert_no_error(error);
  }
  g_autoptr(ItvGuidelineAnswer) a = itv_guideline_run(g, box);
  g_autofree char *got = a->end ? itv_guideline_end_code(a->end) : g_strdup("undecided");
  const char *want = oracle(p);
  if (strcmp(got, want) == 0)
    return;
  g_autofree char *words = itv_guideline_box_words(g, box);
  g_error("%s: %s: the file says \"%s\", the table \"%s\"", g->id, words, got, want);
}

/* Every point of the grid; returns how many there were. */
static inline guint
compare(const char *id, const Axis *axes, guint n, Oracle oracle)
{
  g_autoptr(ItvGuideline) g = shipped(id);
  Point p = {.axes = axes, .n = n};
  guint points = 0, i = 0;
  g_assert_cmpuint(n, ==, g->variables->len); /* nothing is left out */
  for (i = 0; i < n; i++) {
    p.codes[i] = g_strsplit(axes[i].codes ? axes[i].codes : "", " ", -1);
    p.value[i] = axes[i].codes ? 0 : axes[i].from;
  }
  do {
    ask(g, &p, oracle);
    points++;
    for (i = 0; i < n; i++) {
      p.value[i] += axes[i].codes ? 1 : axes[i].step;
      if (axes[i].codes ? p.codes[i][p.value[i]] != NULL : p.value[i] <= axes[i].to)
        break;
      p.value[i] = axes[i].codes ? 0 : axes[i].from;
    }
  } while (i < n);
  for (i = 0; i < n; i++)
    g_strfreev(p.codes[i]);
  g_test_message("%s: %u cases agree", id, points);
  return points;
}
#define COMPARE(id, oracle, ...)                                                                   \
  do {                                                                                             \
    static const Axis axes_[] = {__VA_ARGS__};                                                     \
    g_assert_cmpuint(compare(id, axes_, G_N_ELEMENTS(axes_), oracle), >, 0);                       \
  } while (0)
#define NO_YES "no yes", 0, 0, 0

#endif
