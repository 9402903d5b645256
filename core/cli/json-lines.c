/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/text.h"

typedef struct {
  const char *member;
  ItvCliAnswer answer;
  gpointer data;
} Lines;

/* The member that a reader relies on stands there also when there is no answer. */
static void
add_answer(json_object *line, json_object *found, const char *member)
{
  if (member)
    itv_json_add(line, member, found ? json_object_get(itv_json_get(found, member)) : NULL);
  if (!found)
    return;
  json_object_object_foreach(found, key, value)
  {
    if (g_strcmp0(key, member) != 0)
      itv_json_add(line, key, value ? json_object_get(value) : NULL);
  }
}

static gboolean
answer_line(const Lines *lines, const char *text, gsize n, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(json_object) in = itv_json_parse(text, (gssize)n, &local);
  g_autoptr(json_object) found = in ? lines->answer(lines->data, in, &local) : NULL;
  g_autoptr(json_object) line = json_object_new_object();
  itv_json_add(line, "id", in ? json_object_get(itv_json_get(in, "id")) : NULL);
  add_answer(line, found, lines->member);
  if (local)
    itv_json_add_string(line, "error", local->message);
  g_autofree char *json = itv_json_text(line, FALSE);
  printf("%s\n", json);
  if (local)
    g_propagate_error(error, g_steal_pointer(&local));
  return found != NULL;
}

static gboolean
is_blank(const char *line, gsize n)
{
  gsize i = 0;
  while (i < n && g_ascii_isspace(line[i]))
    i++;
  return i == n;
}

json_object *
itv_cli_json_lines(const char *path, const char *member, ItvCliAnswer answer, gpointer data,
                   int *ret_exit, GError **error)
{
  const Lines lines = {member, answer, data};
  gsize length = 0;
  guint number = 0;
  g_autofree char *text = itv_cli_read_text(path, &length, error);
  if (!text)
    return NULL;
  for (char *at = text; at < text + length;) {
    char *end = memchr(at, '\n', (gsize)(text + length - at));
    const gsize n = end ? (gsize)(end - at) : (gsize)(text + length - at);
    g_autoptr(GError) local = NULL;
    number++;
    if (!is_blank(at, n) && !answer_line(&lines, at, n, &local)) {
      fprintf(stderr, "interval: %s: line %u: %s\n", path, number, local->message);
      *ret_exit = 1;
    }
    at += n + 1;
  }
  return NULL;
}
