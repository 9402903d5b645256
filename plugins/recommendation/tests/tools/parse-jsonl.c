/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: recommendation-parse-jsonl LEXICON.xml < reports.jsonl
 * A line {"id","text","date","modality","region"} in, a line
 * {"id","recommendations","statements"} out, as `interval parse --jsonl` does.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "test-host.h"

extern const itv_plugin itv_plugin_entry;

static json_object *
value_of(const itv_field *field)
{
  if (field->type == ITV_T_F64)
    return json_object_new_double(field->v.f64);
  return field->type == ITV_T_I64 ? json_object_new_int64(field->v.i64)
                                  : json_object_new_string(field->v.str);
}

static const char *
string_field(const itv_record *r, const char *key)
{
  for (size_t i = 0; i < r->n_fields; i++)
    if (strcmp(r->fields[i].key, key) == 0 && r->fields[i].type == ITV_T_STR)
      return r->fields[i].v.str;
  return NULL;
}

static json_object *
text_or_null(const char *text)
{
  return text ? json_object_new_string(text) : NULL;
}

static json_object *
to_json(const itv_record *r, const char *text)
{
  json_object *o = json_object_new_object();
  json_object *modality = json_object_new_array();
  int64_t start = 0, end = 0, cs = 0, ce = 0;
  for (size_t i = 0; i < r->n_fields; i++) {
    const itv_field *f = &r->fields[i];
    if (strcmp(f->key, "modality") == 0)
      json_object_array_add(modality, value_of(f));
    else
      json_object_object_add(o, f->key, value_of(f));
    start = strcmp(f->key, "start") == 0 ? f->v.i64 : start;
    end = strcmp(f->key, "end") == 0 ? f->v.i64 : end;
    cs = strcmp(f->key, "condition-start") == 0 ? f->v.i64 : cs;
    ce = strcmp(f->key, "condition-end") == 0 ? f->v.i64 : ce;
  }
  json_object_object_add(o, "text", json_object_new_string_len(text + start, (int)(end - start)));
  json_object_object_add(o, "modality", modality);
  json_object_object_add(o, "condition",
                         ce > cs ? json_object_new_string_len(text + cs, (int)(ce - cs)) : NULL);
  const char *conditional = string_field(r, "conditional");
  json_object_object_add(o, "conditional",
                         json_object_new_boolean(conditional && strcmp(conditional, "Y") == 0));
  json_object *interval = NULL;
  if (string_field(r, "earliest")) {
    interval = json_object_new_array();
    json_object_array_add(interval, text_or_null(string_field(r, "earliest")));
    json_object_array_add(interval, text_or_null(string_field(r, "latest")));
  }
  json_object_object_add(o, "interval", interval);
  return o;
}

static void
answer(TestHost *host, const char *line)
{
  json_object *in = json_tokener_parse(line);
  json_object *text = NULL, *id = NULL;
  g_assert_true(in && json_object_object_get_ex(in, "text", &text));
  json_object_object_get_ex(in, "id", &id);
  itv_field fields[3];
  size_t n = 0;
  static const char *const keys[] = {"date", "modality", "region"};
  for (int i = 0; i < 3; i++) {
    json_object *v = NULL;
    if (json_object_object_get_ex(in, keys[i], &v) && v != NULL)
      fields[n++] = (itv_field)ITV_STR(keys[i], json_object_get_string(v));
  }
  const itv_record context = {"interval.context/1", fields, n};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .records = &context,
                           .text = json_object_get_string(text),
                           .text_len = (uint64_t)json_object_get_string_len(text)};
  itv_status status = test_host_run(host, ITV_KIND_RECOMMENDATION, &input);
  if (status != ITV_OK)
    g_error("%s", test_host_error(host));
  json_object *out = json_object_new_object();
  json_object *recs = json_object_new_array(), *statements = json_object_new_array();
  for (size_t i = 0; i < test_host_n_records(host); i++) {
    const itv_record *r = test_host_record(host, i);
    gboolean rec = strcmp(r->name, "interval.recommendation/1") == 0;
    json_object_array_add(rec ? recs : statements, to_json(r, input.text));
  }
  json_object_object_add(out, "id", json_object_get(id));
  json_object_object_add(out, "recommendations", recs);
  json_object_object_add(out, "statements", statements);
  puts(json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN));
  json_object_put(out);
  json_object_put(in);
}

int
main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: %s LEXICON.xml < reports.jsonl\n", argv[0]);
    return 2;
  }
  const char *resources[] = {"lexicon", argv[1], NULL};
  const char *config[] = {NULL};
  TestHost *host = test_host_new_with(&itv_plugin_entry, config, resources);
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0)
    answer(host, line);
  free(line);
  test_host_free(host);
  return 0;
}
