/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define MAX_TEXT (256u << 20)

static char *
read_stdin(gsize *ret_length, GError **error)
{
  GString *s = g_string_new(NULL);
  char buffer[65536];
  gsize n = 0;
  while ((n = fread(buffer, 1, sizeof buffer, stdin)) > 0 && s->len < MAX_TEXT)
    g_string_append_len(s, buffer, (gssize)n);
  if (ferror(stdin) || s->len >= MAX_TEXT) {
    g_string_free(s, TRUE);
    itv_fail(error, ITV_ERROR_INPUT, "standard input cannot be read, or is too long");
    return NULL;
  }
  if (ret_length)
    *ret_length = s->len;
  return g_string_free(s, FALSE);
}

char *
itv_cli_read_text(const char *path, gsize *ret_length, GError **error)
{
  if (strcmp(path, "-") == 0)
    return read_stdin(ret_length, error);
  char *text = NULL;
  g_autoptr(GError) local = NULL;
  if (!g_file_get_contents(path, &text, ret_length, &local)) {
    itv_fail(error, ITV_ERROR_INPUT, "%s", local->message);
    return NULL;
  }
  return text;
}

void
itv_cli_table(const char *const *head, const char *const *cells, gsize n_columns, gsize n_rows)
{
  g_autofree glong *width = g_new0(glong, n_columns);
  for (gsize c = 0; c < n_columns; c++)
    width[c] = g_utf8_strlen(head[c], -1);
  for (gsize i = 0; i < n_rows * n_columns; i++)
    if (cells[i])
      width[i % n_columns] = MAX(width[i % n_columns], g_utf8_strlen(cells[i], -1));
  for (gsize r = 0; r <= n_rows; r++) {
    const char *const *row = r == 0 ? head : cells + (r - 1) * n_columns;
    for (gsize c = 0; c < n_columns; c++) {
      const char *cell = row[c] && *row[c] ? row[c] : "-";
      const glong pad = c + 1 < n_columns ? width[c] - g_utf8_strlen(cell, -1) + 2 : 0;
      printf("%s%*s", cell, (int)pad, "");
    }
    printf("\n");
  }
}

char *
itv_cli_member(json_object *object, const char *key)
{
  json_object *value = itv_json_get(object, key);
  if (!value)
    return g_strdup("");
  if (!json_object_is_type(value, json_type_array))
    return g_strdup(json_object_get_string(value));
  GString *s = g_string_new(NULL);
  for (gsize i = 0; i < json_object_array_length(value); i++) {
    json_object *one = json_object_array_get_idx(value, i);
    g_string_append_printf(s, "%s%s", i ? ", " : "", one ? json_object_get_string(one) : "open");
  }
  return g_string_free(s, FALSE);
}

char *
itv_cli_person_name(const char *name)
{
  if (!name || !*name)
    return g_strdup("(no name)");
  g_auto(GStrv) parts = g_strsplit(name, "^", -1);
  GString *s = g_string_new(parts[0]);
  for (gsize i = 1; parts[i]; i++)
    if (*parts[i])
      g_string_append_printf(s, "%s%s", i == 1 ? ", " : " ", parts[i]);
  return g_string_free(s, FALSE);
}

void
itv_cli_name_problems(json_object *document, const char *list, const char *what)
{
  json_object *items = document ? itv_json_get(document, list) : NULL;
  for (gsize i = 0; items && i < json_object_array_length(items); i++) {
    json_object *o = json_object_array_get_idx(items, i);
    const char *reason = itv_json_get_string(o, "reason");
    if (!reason)
      reason = itv_json_get_string(o, "note");
    fprintf(stderr, "interval: %s: %s: %s\n", itv_json_get_string(o, "path"), what,
            reason ? reason : "");
  }
}
