/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir-json.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

Json *
json_ref(Json *json)
{
  return json_object_get(json);
}

void
json_unref(Json *json)
{
  json_object_put(json);
}

/* ---- what a tree may not hold ---------------------------------------------------- */

typedef struct {
  gsize names;
  const char *fault;
} Check;

/* Recursion ends at MAX_DEPTH, which the tokener keeps. */
static void
check_tree(Json *value, Check *check)
{
  switch (json_object_get_type(value)) {
  case json_type_double:
    if (!isfinite(json_object_get_double(value)))
      check->fault = "holds a number that is not finite";
    break;
  case json_type_string:
    if (memchr(json_object_get_string(value), 0, (gsize)json_object_get_string_len(value)))
      check->fault = "holds a NUL character";
    break;
  case json_type_array:
    for (gsize i = 0; i < json_object_array_length(value); i++)
      check_tree(json_object_array_get_idx(value, i), check);
    break;
  case json_type_object: {
    json_object_object_foreach(value, key, member)
    {
      (void)key;
      check->names++;
      check_tree(member, check);
    }
    break;
  }
  default:
    break;
  }
}

static char *
tokener_problem(struct json_tokener *tokener, gsize start)
{
  const enum json_tokener_error status = json_tokener_get_error(tokener);
  const gsize at = start + json_tokener_get_parse_end(tokener);
  if (status == json_tokener_success)
    return g_strdup_printf("has text after its end at byte %zu", at);
  return g_strdup_printf("is malformed JSON at byte %zu: %s", at,
                         status == json_tokener_continue ? "it ends too early"
                                                         : json_tokener_error_desc(status));
}

/* json-c keeps the last of two members of one name; then fewer names stand in
 * the tree than colons in the text. */
static char *
tree_problem(Json *tree, const char *text, Span span, Size size)
{
  Check check = {0, NULL};
  check_tree(tree, &check);
  if (check.fault)
    return g_strdup(check.fault);
  if (check.names == size.names)
    return NULL;
  g_autofree char *twin = scan_find_twin(text, span);
  return g_strdup_printf("names the member \"%.100s\" twice in one object: which one counts is "
                         "not said",
                         twin ? twin : "?");
}

Json *
json_read(const char *text, Span span, char **ret_problem)
{
  const Size size = scan_size(text, span);
  const gsize n = span.end - span.start;
  if (size.containers > MAX_CONTAINERS || size.members > MAX_MEMBERS || n > G_MAXINT) {
    *ret_problem = g_strdup_printf("is too large: %zu objects and arrays, %zu members",
                                   size.containers, size.members);
    return NULL;
  }
  struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
  if (!tokener) {
    *ret_problem = g_strdup("needs more memory than there is");
    return NULL;
  }
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  Json *tree = json_tokener_parse_ex(tokener, text + span.start, (int)n);
  /* A number or a literal ends only where something follows it. */
  if (!tree && json_tokener_get_error(tokener) == json_tokener_continue)
    tree = json_tokener_parse_ex(tokener, "\n", 1);
  const gboolean whole = json_tokener_get_error(tokener) == json_tokener_success;
  char *problem = !whole ? tokener_problem(tokener, span.start)
                  : tree ? tree_problem(tree, text, span, size)
                         : NULL;
  if (whole && tree && json_is_object(tree) && json_tokener_get_parse_end(tokener) < n)
    problem = problem ? problem : tokener_problem(tokener, span.start);
  json_tokener_free(tokener);
  if (!problem && tree)
    return tree;
  *ret_problem = problem ? problem : g_strdup("is null");
  json_unref(tree);
  return NULL;
}

/* ---- looking ---------------------------------------------------------------------- */

Json *
json_get(Json *object, const char *name)
{
  Json *value = NULL;
  if (json_object_is_type(object, json_type_array))
    object = json_object_array_length(object) ? json_object_array_get_idx(object, 0) : NULL;
  json_object_object_get_ex(object, name, &value);
  return value;
}

Json *
json_at(Json *object, const char *path)
{
  char name[64];
  while (object && *path) {
    const gsize n = strcspn(path, ".");
    g_strlcpy(name, path, MIN(n + 1, sizeof name));
    object = json_get(object, name);
    path += n + (path[n] == '.');
  }
  return object;
}

const char *
json_text(Json *value)
{
  if (!json_object_is_type(value, json_type_string) || json_object_get_string_len(value) == 0)
    return NULL;
  return json_object_get_string(value);
}

const char *
json_text_at(Json *object, const char *path)
{
  return json_text(json_at(object, path));
}

gsize
json_count(Json *value)
{
  if (json_object_is_type(value, json_type_array))
    return json_object_array_length(value);
  return value ? 1 : 0;
}

Json *
json_item(Json *value, gsize i)
{
  if (json_object_is_type(value, json_type_array))
    return i < json_object_array_length(value) ? json_object_array_get_idx(value, i) : NULL;
  return i == 0 ? value : NULL;
}

gboolean
json_number(Json *value, double *ret)
{
  if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int))
    return FALSE;
  *ret = json_object_get_double(value);
  return TRUE;
}

gboolean
json_boolean(Json *value, gboolean *ret)
{
  if (!json_object_is_type(value, json_type_boolean))
    return FALSE;
  *ret = json_object_get_boolean(value) != 0;
  return TRUE;
}

gboolean
json_is_object(Json *value)
{
  return json_object_is_type(value, json_type_object);
}
