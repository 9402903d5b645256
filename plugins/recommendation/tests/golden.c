/* SPDX-License-Identifier: Apache-2.0
 *
 * The report texts of tests/golden with what must be found in each.  They were
 * labelled before they were parsed, so not all of it is found; each file says in
 * its line "#! found F extra E whole W" how far the parser is: fewer found, more
 * extra or fewer wholly right fails.
 */
#include <stdio.h>

#include "runner.h"

typedef struct {
  char *kind, *modality, *region, *interval, *repeat, *conditional, *quote;
} Label;

typedef struct {
  int found, extra, whole;
} Score;

static void
free_label(gpointer data)
{
  Label *l = data;
  g_free(l->kind);
  g_free(l->modality);
  g_free(l->region);
  g_free(l->interval);
  g_free(l->repeat);
  g_free(l->conditional);
  g_free(l->quote);
  g_free(l);
}

/* "= kind | modalities | region | side | interval | repeat | if | strength | quote" */
static Label *
read_label(const char *line)
{
  g_auto(GStrv) cell = g_strsplit(line + 2, "|", 9);
  g_assert_cmpuint(g_strv_length(cell), ==, 9);
  for (int i = 0; i < 9; i++)
    g_strstrip(cell[i]);
  Label *l = g_new0(Label, 1);
  *l = (Label){g_strdup(cell[0]), g_strdup(cell[1]), g_strdup(cell[2]), g_strdup(cell[4]),
               g_strdup(cell[5]), g_strdup(cell[6]), g_strdup(cell[8])};
  return l;
}

/* Where the quote stands, white space of any kind and length alike. */
static gboolean
find_quote(const char *text, const char *quote, int64_t *ret_start, int64_t *ret_end)
{
  for (const char *at = text; *at; at++) {
    const char *p = at, *q = quote;
    while (*p && *q) {
      if (g_ascii_isspace(*p) && g_ascii_isspace(*q)) {
        while (g_ascii_isspace(*p))
          p++;
        while (g_ascii_isspace(*q))
          q++;
      } else if (*p != *q) {
        break;
      } else {
        p++;
        q++;
      }
    }
    if (*q == '\0') {
      *ret_start = at - text;
      *ret_end = p - text;
      return TRUE;
    }
  }
  return FALSE;
}

/* Months and days, so that P12M is P1Y; hours are days, rounded down. */
static char *
plain_period(const char *period)
{
  int n = 0;
  char unit = 0;
  if (period == NULL || sscanf(period, "P%d%c", &n, &unit) != 2)
    return g_strdup("-");
  int months = unit == 'Y' ? 12 * n : unit == 'M' ? n : 0;
  int days = unit == 'W' ? 7 * n : unit == 'D' ? n : 0;
  return g_strdup_printf("%d.%d", months, days);
}

static gboolean
is_whole(const Label *l, const itv_record *r)
{
  if (strcmp(l->kind, "imaging") == 0) {
    g_autoptr(GPtrArray) codes = g_ptr_array_new();
    const itv_field *f = NULL;
    for (size_t i = 0; (f = itv_record_field(r, "modality", i)) != NULL; i++)
      g_ptr_array_add(codes, (gpointer)(guintptr)f->v.str);
    g_auto(GStrv) want = g_strsplit(strcmp(l->modality, "-") == 0 ? "" : l->modality, " ", -1);
    guint n = strcmp(l->modality, "-") == 0 ? 0 : g_strv_length(want);
    gboolean same = n == codes->len;
    for (guint i = 0; i < n && same; i++) {
      gboolean has = FALSE;
      for (guint k = 0; k < codes->len; k++)
        has |= strcmp(want[i], codes->pdata[k]) == 0;
      same = has;
    }
    if (!same || strcmp(l->region, itv_record_str(r, "region", "-")) != 0)
      return FALSE;
  }
  g_auto(GStrv) times = g_strsplit(l->interval, " ", 2);
  g_autofree char *lo = plain_period(times[0]), *hi = plain_period(times[1]);
  g_autofree char *got_lo = plain_period(runner_str(r, "earliest"));
  g_autofree char *got_hi = plain_period(runner_str(r, "latest"));
  return strcmp(lo, got_lo) == 0 && strcmp(hi, got_hi) == 0 &&
         strcmp(l->conditional, itv_record_str(r, "conditional", "N")) == 0;
}

static gboolean
is_tracked(const char *kind)
{
  return strcmp(kind, "clinical") != 0;
}

/* Pairs labels and records of one kind whose bytes overlap; the wholly right ones first. */
static void
score_report(TestHost *host, const char *exam, const char *text, const GPtrArray *labels,
             Score *score)
{
  g_assert_cmpint(runner_run(host, exam, text, strlen(text)), ==, ITV_OK);
  size_t n = test_host_n_records(host);
  g_autofree gboolean *used = g_new0(gboolean, n + 1);
  g_autofree gboolean *paired = g_new0(gboolean, labels->len + 1);
  for (int round = 0; round < 2; round++)
    for (guint i = 0; i < labels->len; i++) {
      const Label *l = labels->pdata[i];
      int64_t start = 0, end = 0;
      g_assert_true(find_quote(text, l->quote, &start, &end));
      for (size_t k = 0; k < n && !paired[i] && is_tracked(l->kind); k++) {
        const itv_record *r = test_host_record(host, k);
        if (used[k] || strcmp(r->name, "interval.recommendation/1") != 0 ||
            strcmp(runner_str(r, "kind"), l->kind) != 0 || itv_record_i64(r, "start", 0) >= end ||
            itv_record_i64(r, "end", 0) <= start || (round == 0 && !is_whole(l, r)))
          continue;
        used[k] = paired[i] = TRUE;
        score->found++;
        score->whole += round == 0;
      }
    }
  for (size_t k = 0; k < n; k++) {
    const itv_record *r = test_host_record(host, k);
    score->extra += !used[k] && strcmp(r->name, "interval.recommendation/1") == 0 &&
                    is_tracked(runner_str(r, "kind"));
  }
}

static void
end_report(TestHost *host, const char *exam, GString *text, GPtrArray *labels, Score *score)
{
  if (exam != NULL)
    score_report(host, exam, text->str, labels, score);
  g_string_truncate(text, 0);
  g_ptr_array_set_size(labels, 0);
}

static void
score_file(const char *path, Score *ret_score, Score *ret_bar)
{
  g_autoptr(TestHost) host = runner_new();
  g_autofree char *all = NULL, *exam = NULL;
  g_assert_true(g_file_get_contents(path, &all, NULL, NULL));
  g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
  g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(free_label);
  GString *text = g_string_new(NULL);
  for (int i = 0; lines[i] != NULL; i++) {
    if (g_str_has_prefix(lines[i], "#! ")) {
      g_assert_cmpint(sscanf(lines[i], "#! found %d extra %d whole %d", &ret_bar->found,
                             &ret_bar->extra, &ret_bar->whole),
                      ==, 3);
    } else if (g_str_has_prefix(lines[i], "## ")) {
      end_report(host, exam, text, labels, ret_score);
      g_auto(GStrv) cell = g_strsplit(lines[i] + 3, "|", 4);
      for (int k = 0; k < 4; k++)
        g_strstrip(cell[k]);
      g_free(exam);
      exam = g_strjoin(" ", cell[1], cell[2], cell[3], NULL);
    } else if (g_str_has_prefix(lines[i], "= ")) {
      g_ptr_array_add(labels, read_label(lines[i]));
    } else if (exam != NULL) {
      g_string_append_printf(text, "%s\n", lines[i]);
    }
  }
  end_report(host, exam, text, labels, ret_score);
  g_string_free(text, TRUE);
}

static void
test_golden(void)
{
  g_autofree char *folder = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "plugins",
                                             "recommendation", "tests", "golden", NULL);
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  g_assert_nonnull(dir);
  int files = 0;
  for (const char *name; (name = g_dir_read_name(dir)) != NULL; files++) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    Score score = {0, 0, 0}, bar = {0, 0, 0};
    score_file(path, &score, &bar);
    g_test_message("%s: found %d extra %d whole %d", name, score.found, score.extra, score.whole);
    g_assert_cmpint(bar.found, >, 0);
    g_assert_cmpint(score.found, >=, bar.found);
    g_assert_cmpint(score.extra, <=, bar.extra);
    g_assert_cmpint(score.whole, >=, bar.whole);
  }
  g_assert_cmpint(files, >=, 2);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/golden", test_golden);
  return g_test_run();
}
