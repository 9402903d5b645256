/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold for any text: spans lie in the text on character borders, the
 * same text gives the same answer, nothing crashes.  Random mutations of
 * report-like text, and the real samples where they are present.
 */
#include <json-c/json.h>
#include <stdio.h>

#include "runner.h"

static const char *const seeds[] = {
    "CT CHEST\n\nHISTORY: cough.\n\nFINDINGS: 7 mm nodule in the right upper "
    "lobe.\n\nIMPRESSION:\n1. 7 mm "
    "nodule. Recommend CT chest in 6-12 months, then consider CT at 18-24 months.\n2. If symptoms "
    "persist, MRI or "
    "bone scan may be obtained within 2 weeks; biopsy @ 3/12 q6mo x 2 yrs.\n",
    "Suggest urology referral & PSA in 1/6/12 months (see Dr. M\xc3\xbcller), sooner if it grows. "
    "Then annually.",
    "follow-up follow-up follow-up in in in 6 6 6 months months, and and or or by March 2025 - "
    "12/05/2024.",
};

static void
check_span(const itv_record *r, const char *start_key, const char *end_key, const char *text,
           size_t n)
{
  int64_t start = itv_record_i64(r, start_key, -1), end = itv_record_i64(r, end_key, -1);
  if (start < 0 && end < 0)
    return;
  g_assert_cmpint(start, >=, 0);
  g_assert_cmpint(start, <, end);
  g_assert_cmpint(end, <=, (int64_t)n);
  g_assert_false((text[start] & 0xc0) == 0x80 && g_utf8_validate(text, (gssize)n, NULL));
}

static char *
check_text(TestHost *host, const char *text, size_t n)
{
  GString *out = g_string_new(NULL);
  itv_status status = runner_run(host, "CT chest 2024-01-31", text, n);
  g_assert_cmpint(status, ==, ITV_OK);
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    check_span(r, "start", "end", text, n);
    check_span(r, "condition-start", "condition-end", text, n);
    check_span(r, "finding-start", "finding-end", text, n);
    check_span(r, "size-start", "size-end", text, n);
    check_span(r, "prior-start", "prior-end", text, n);
    check_span(r, "other-start", "other-end", text, n);
    for (size_t k = 0; k < r->n_fields; k++)
      if (r->fields[k].type == ITV_T_STR)
        g_assert_true(g_utf8_validate(r->fields[k].v.str, -1, NULL));
    runner_describe(r, out);
  }
  return g_string_free(out, FALSE);
}

static char *
mutate(GRand *rand, const char *seed, size_t *ret_n)
{
  static const char *const pieces[] = {
      "\xff", "\xe2\x80", "\n\n",         "if ",          "0", "9999999999999999999",
      "()",   "..",       " in 6 months", "\xe2\x80\x93", ":", ";",
      "no ",  "CT ",      "\r\n",         "and "};
  GString *s = g_string_new(seed);
  int rounds = g_rand_int_range(rand, 1, 12);
  for (int i = 0; i < rounds && s->len > 4; i++) {
    gssize at = g_rand_int_range(rand, 0, (gint32)s->len);
    int what = g_rand_int_range(rand, 0, 4);
    gssize length = g_rand_int_range(rand, 1, 30);
    if (what == 0)
      s->str[at] = (char)g_rand_int_range(rand, 1, 256);
    else if (what == 1)
      g_string_erase(s, at, MIN((gssize)s->len - at, length));
    else if (what == 2)
      g_string_insert(s, at, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
    else
      g_string_insert_len(s, at, seed, (gssize)MIN(strlen(seed), (size_t)40));
  }
  *ret_n = s->len;
  return g_string_free(s, FALSE);
}

static void
test_mutations(void)
{
  g_autoptr(TestHost) host = runner_new();
  GRand *rand = g_rand_new_with_seed(4711);
  for (int i = 0; i < 1500; i++) {
    size_t n = 0;
    g_autofree char *text = mutate(rand, seeds[i % (int)G_N_ELEMENTS(seeds)], &n);
    g_autofree char *once = check_text(host, text, n);
    g_autofree char *again = check_text(host, text, n);
    g_assert_cmpstr(once, ==, again);
  }
  g_rand_free(rand);
}

/* One line without an end, one word, only numbers, only headings: bounded. */
static void
test_extremes(void)
{
  static const char *const units[] = {"recommend CT in 6 months and ",
                                      "6 ",
                                      "6, ",
                                      "IMPRESSION: ",
                                      "if ",
                                      "(",
                                      "a.",
                                      "- ",
                                      "no ",
                                      "CT or ",
                                      "\xc3\xa4",
                                      "\n",
                                      "should ",
                                      "left "};
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
    GString *s = g_string_new(NULL);
    while (s->len < 60000)
      g_string_append(s, units[i]);
    g_autofree char *got = check_text(host, s->str, s->len);
    g_string_free(s, TRUE);
  }
}

static void
test_samples(void)
{
  static const char *const files[] = {"dev.jsonl", "mtsamples_radiology.jsonl",
                                      "mtsamples_notes.jsonl"};
  g_autoptr(TestHost) host = runner_new();
  int n_reports = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = g_build_filename(g_getenv("ITV_SOURCE_DIR"), "..", "shared", "data",
                                             "truth", "recommendations", files[i], NULL);
    g_autofree char *all = NULL;
    if (!g_file_get_contents(path, &all, NULL, NULL))
      continue;
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    for (int k = 0; lines[k] != NULL; k++) {
      json_object *line = *lines[k] ? json_tokener_parse(lines[k]) : NULL, *text = NULL;
      if (line == NULL || !json_object_object_get_ex(line, "text", &text))
        continue;
      const char *bytes = json_object_get_string(text);
      g_autofree char *got = check_text(host, bytes, strlen(bytes));
      n_reports++;
      json_object_put(line);
    }
  }
  if (n_reports == 0)
    g_test_skip("../shared/data/truth/recommendations is not present");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recommendation/mutations", test_mutations);
  g_test_add_func("/recommendation/extremes", test_extremes);
  g_test_add_func("/recommendation/samples", test_samples);
  return g_test_run();
}
