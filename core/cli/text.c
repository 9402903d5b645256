/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "render/text.h"

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

/* Columns on a terminal: Han and Kana take two, marks that sit on a letter none. */
static glong
columns_of(const char *text, gsize n)
{
  glong columns = 0;
  for (const char *p = text; p < text + n && *p; p = g_utf8_next_char(p)) {
    const gunichar c = g_utf8_get_char(p);
    columns += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
  }
  return columns;
}

/* As much of the text as stands in so many columns, the last one an ellipsis. */
static char *
clip(const char *text, glong columns)
{
  if (columns_of(text, strlen(text)) <= columns)
    return g_strdup(text);
  const char *p = text;
  while (columns_of(text, (gsize)(g_utf8_next_char(p) - text)) < columns)
    p = g_utf8_next_char(p);
  return g_strdup_printf("%.*s…", (int)(p - text), text);
}

void
itv_cli_table(const char *const *head, const char *const *cells, gsize n_columns, gsize n_rows)
{
  g_autofree glong *width = g_new0(glong, n_columns);
  g_autoptr(GPtrArray) clean = g_ptr_array_new_with_free_func(g_free);
  for (gsize i = 0; i < (n_rows + 1) * n_columns; i++) {
    const char *cell = i < n_columns ? head[i] : cells[i - n_columns];
    g_ptr_array_add(clean, itv_text_clean(cell && *cell ? cell : "-", 0));
    char *text = clean->pdata[i];
    width[i % n_columns] = MAX(width[i % n_columns], columns_of(text, strlen(text)));
  }
  for (gsize i = 0; i < clean->len; i++) {
    const char *cell = clean->pdata[i];
    const gboolean last = (i + 1) % n_columns == 0;
    const glong pad = last ? 0 : width[i % n_columns] - columns_of(cell, strlen(cell)) + 2;
    printf("%s%*s%s", cell, (int)pad, "", last ? "\n" : "");
  }
}

void
itv_cli_clip_last(GPtrArray *cells, const char *const *head, gsize n_columns)
{
  const glong terminal = itv_cli_width();
  glong used = 0;
  for (gsize c = 0; c + 1 < n_columns; c++) {
    glong width = columns_of(head[c], strlen(head[c]));
    for (gsize i = c; i < cells->len; i += n_columns)
      width = MAX(width, columns_of(cells->pdata[i], strlen(cells->pdata[i])));
    used += width + 2;
  }
  if (terminal == 0 || used + 10 > terminal)
    return;
  for (gsize i = n_columns - 1; i < cells->len; i += n_columns) {
    char *whole = cells->pdata[i];
    cells->pdata[i] = clip(whole, terminal - used);
    g_free(whole);
  }
}

/* Levenshtein's, case ignored; words of more than 40 bytes are no slips of ours. */
guint
itv_cli_distance(const char *a, const char *b)
{
  enum { MOST = 40 };
  guint row[MOST + 1];
  const gsize na = strlen(a), nb = strlen(b);
  if (na > MOST || nb > MOST)
    return G_MAXUINT;
  for (gsize k = 0; k <= nb; k++)
    row[k] = (guint)k;
  for (gsize i = 1; i <= na; i++) {
    guint diagonal = row[0];
    row[0] = (guint)i;
    for (gsize k = 1; k <= nb; k++) {
      const guint swap = diagonal + (g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[k - 1]));
      diagonal = row[k];
      row[k] = MIN(MIN(row[k], row[k - 1]) + 1, swap);
    }
  }
  return row[nb];
}

guint
itv_cli_tolerance(const char *word)
{
  return (guint)CLAMP(strlen(word) / 3 + 1, 2, 4);
}

guint
itv_cli_width(void)
{
  struct winsize size = {0};
  const char *columns = g_getenv("COLUMNS");
  if (!isatty(STDOUT_FILENO))
    return 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return columns ? (guint)CLAMP(g_ascii_strtoll(columns, NULL, 10), 0, 1000) : 80;
}

/* Wrapped lines hang by four more columns, so that the first one is found again. */
void
itv_cli_print(guint indent, const char *text)
{
  const glong width = itv_cli_width();
  g_autofree char *clean = itv_text_clean(text, 0);
  glong at = indent;
  printf("%*s", (int)indent, "");
  for (const char *p = clean; *p;) {
    const gsize blanks = strspn(p, " "), n = strcspn(p + blanks, " ");
    const glong word = columns_of(p + blanks, n);
    if (width > 0 && at > (glong)indent + 4 && at + (glong)blanks + word > width) {
      at = indent + 4 + word;
      printf("\n%*s%.*s", (int)indent + 4, "", (int)n, p + blanks);
    } else {
      at += (glong)blanks + word;
      printf("%.*s", (int)(blanks + n), p);
    }
    p += blanks + n;
  }
  printf("\n");
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
