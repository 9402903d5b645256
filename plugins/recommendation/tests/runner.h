/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the plugin on one text and says what came out in one line per record.
 */
#ifndef RECOMMENDATION_TESTS_RUNNER_H
#define RECOMMENDATION_TESTS_RUNNER_H

#include <string.h>

#include "test-host.h"

extern const itv_plugin itv_plugin_entry;

static inline TestHost *
runner_new(void)
{
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "config", "lexicon", "en.xml", NULL);
  const char *resources[] = {"lexicon", path, NULL};
  const char *config[] = {NULL};
  return test_host_new_with(&itv_plugin_entry, config, resources);
}

/* context: "CT chest 2024-01-15", "-" for what is unknown */
static inline itv_status
runner_run(TestHost *host, const char *context, const char *text, size_t n)
{
  g_auto(GStrv) words = g_strsplit(context, " ", 3);
  static const char *const keys[] = {"modality", "region", "date"};
  itv_field fields[3];
  size_t n_fields = 0;
  for (int i = 0; i < 3 && words[i] != NULL; i++)
    if (strcmp(words[i], "-") != 0)
      fields[n_fields++] = (itv_field)ITV_STR(keys[i], words[i]);
  const itv_record record = {"interval.context/1", fields, n_fields};
  const itv_input input = {
      .struct_size = sizeof input, .n_records = 1, .records = &record, .text = text, .text_len = n};
  return test_host_run(host, ITV_KIND_RECOMMENDATION, &input);
}

static inline const char *
runner_str(const itv_record *r, const char *key)
{
  return itv_record_str(r, key, NULL);
}

/* "imaging CT+MR kidney left P6M..P12M every P1Y if consider" */
static inline void
runner_describe(const itv_record *r, GString *out)
{
  if (strcmp(r->name, "interval.recommendation/1") != 0 &&
      strcmp(r->name, "interval.statement/1") != 0)
    return;
  if (out->len > 0)
    g_string_append(out, " | ");
  if (strcmp(r->name, "interval.statement/1") == 0) {
    g_string_append_printf(out, "%s", runner_str(r, "statement"));
    if (runner_str(r, "finding-head"))
      g_string_append_printf(out, " of %s", runner_str(r, "finding-head"));
    return;
  }
  g_string_append(out, runner_str(r, "kind"));
  char before = ' ';
  for (size_t i = 0; i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, "modality") == 0) {
      g_string_append_printf(out, "%c%s", before, r->fields[i].v.str);
      before = '+';
    }
  static const char *const plain[] = {"region", "laterality"};
  for (int i = 0; i < 2; i++)
    if (runner_str(r, plain[i]))
      g_string_append_printf(out, " %s", runner_str(r, plain[i]));
  if (runner_str(r, "earliest"))
    g_string_append_printf(out, " %s..%s", runner_str(r, "earliest"),
                           runner_str(r, "latest") ? runner_str(r, "latest") : "");
  if (runner_str(r, "repeat"))
    g_string_append_printf(out, " every %s", runner_str(r, "repeat"));
  if (strcmp(runner_str(r, "conditional"), "Y") == 0)
    g_string_append(out, " if");
  if (strcmp(runner_str(r, "strength"), "consider") == 0)
    g_string_append(out, " consider");
}

static inline char *
runner_answer(TestHost *host, const char *context, const char *text)
{
  GString *out = g_string_new(NULL);
  itv_status status = runner_run(host, context, text, strlen(text));
  g_assert_cmpint(status, ==, ITV_OK);
  for (size_t i = 0; i < test_host_n_records(host); i++)
    runner_describe(test_host_record(host, i), out);
  return g_string_free(out, FALSE);
}

typedef struct {
  const char *exam, *text, *answer;
} Row;

static inline void
runner_check(const Row *rows, size_t n)
{
  g_autoptr(TestHost) host = runner_new();
  for (size_t i = 0; i < n; i++) {
    g_autofree char *got = runner_answer(host, rows[i].exam, rows[i].text);
    if (g_strcmp0(got, rows[i].answer) != 0)
      g_test_message("exam %s, text \"%s\"", rows[i].exam, rows[i].text);
    g_assert_cmpstr(got, ==, rows[i].answer);
  }
}

#endif
