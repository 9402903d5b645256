/* SPDX-License-Identifier: Apache-2.0
 *
 * The narrative block of CDA (a subset of HTML) as plain lines.
 *
 * White space means nothing in it, yet senders put whole dictated reports into
 * one element: a raw line break ends a line where the next one is blank, is
 * numbered or bulleted, or begins with a heading in capitals, or where the line
 * was such a heading; elsewhere it is a space.
 */
#include <string.h>

#include "cda.h"

typedef struct {
  GString *out;
  gsize line;     /* where the line begins in it */
  gboolean fresh; /* the line has no word yet */
  gboolean space; /* white space was seen since the last word */
} Flow;

static void flow_children(Flow *f, const XdNode *node);

static void
new_line(Flow *f)
{
  if (!f->fresh)
    g_string_append_c(f->out, '\n');
  f->line = f->out->len;
  f->fresh = TRUE;
  f->space = FALSE;
}

/* Nothing behind what a report may hold: it is cut there. */
static void
put(Flow *f, const char *text, gsize n)
{
  if (f->out->len > DRAFT_REPORT_MAX)
    return;
  if (f->space && !f->fresh)
    g_string_append_c(f->out, ' ');
  g_string_append_len(f->out, text, (gssize)n);
  f->fresh = f->space = FALSE;
}

static gboolean
is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "IMPRESSION:", "PRIOR STUDIES:" and no more than a few words. */
static gsize
heading_length(const char *p)
{
  gsize n = 0;
  while (n < 40 && (g_ascii_isupper(p[n]) || (n && strchr(" /&-", p[n]) && p[n])))
    n++;
  return n >= 4 && p[n] == ':' ? n + 1 : 0;
}

static gboolean
begins_item(const char *p)
{
  gsize n = 0;
  while (n < 3 && g_ascii_isdigit(p[n]))
    n++;
  if (n && (p[n] == '.' || p[n] == ')') && is_space(p[n + 1]))
    return TRUE;
  if ((*p == '-' || *p == '*') && is_space(p[1]))
    return TRUE;
  return g_str_has_prefix(p, "\xE2\x80\xA2"); /* a bullet */
}

/* Was the line so far a heading in capitals, and no more? */
static gboolean
after_heading(const Flow *f)
{
  const char *line = f->out->str + f->line;
  const gsize n = heading_length(line);
  return n > 0 && line[n] == '\0';
}

static gboolean
break_ends_line(const Flow *f, const char *next, guint n_breaks)
{
  return n_breaks > 1 || begins_item(next) || heading_length(next) > 0 || after_heading(f);
}

static void
put_text(Flow *f, const char *p)
{
  while (*p) {
    guint n_breaks = 0;
    const char *word = p;
    while (is_space(*p)) {
      n_breaks += *p == '\n';
      p++;
    }
    f->space |= p > word;
    if (n_breaks && *p && !f->fresh && break_ends_line(f, p, n_breaks))
      new_line(f);
    word = p;
    while (*p && !is_space(*p))
      p++;
    if (p > word)
      put(f, word, (gsize)(p - word));
  }
}

static gboolean
is_named(const XdNode *node, const char *const *names)
{
  return node->name && g_strv_contains(names, node->name);
}

/* ---- tables ---- */

/* One cell as text of its own, NULL when it is empty. */
static char *
cell_text(const XdNode *cell)
{
  GString *s = g_string_new(NULL);
  Flow f = {s, 0, TRUE, FALSE};
  flow_children(&f, cell);
  while (s->len && is_space(s->str[s->len - 1]))
    g_string_truncate(s, s->len - 1);
  const gboolean empty = s->len == 0;
  return g_string_free(s, empty);
}

static gboolean
is_cell(const XdNode *node)
{
  static const char *const names[] = {"td", "th", NULL};
  return is_named(node, names);
}

/* Texts of a row's cells, NULL for empty ones; *ret_plain: no cell spans columns. */
static GPtrArray *
read_row(const XdNode *row, gboolean *ret_plain)
{
  GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
  *ret_plain = TRUE;
  for (const XdNode *c = row->first; c; c = c->next) {
    if (!is_cell(c))
      continue;
    *ret_plain = *ret_plain && (!xd_attr(c, "colspan") || xd_has(c, "colspan", "1"));
    g_ptr_array_add(cells, cell_text(c));
  }
  return cells;
}

/* "Name: value; Name: value" under a row of headings of as many cells, else the
 * values; a cell of several lines begins on its own. */
static void
put_row(Flow *f, const GPtrArray *cells, const GPtrArray *heads)
{
  guint n_filled = 0;
  gboolean several = FALSE;
  for (guint i = 0; i < cells->len; i++) {
    const char *text = cells->pdata[i];
    n_filled += text != NULL;
    several |= text && strchr(text, '\n');
  }
  gboolean first = TRUE;
  new_line(f);
  for (guint i = 0; i < cells->len; i++) {
    const char *text = cells->pdata[i], *head = heads ? heads->pdata[i] : NULL;
    if (!text)
      continue;
    if (several)
      new_line(f);
    else if (!first)
      put(f, "; ", 2);
    if (head && n_filled > 1) {
      put(f, head, strlen(head));
      put(f, several && strchr(text, '\n') ? ":\n" : ": ", 2);
    }
    put(f, text, strlen(text));
    first = FALSE;
  }
  new_line(f);
}

static gboolean
is_head_row(const XdNode *row)
{
  if (row->parent && g_strcmp0(row->parent->name, "thead") == 0)
    return TRUE;
  for (const XdNode *c = row->first; c; c = c->next)
    if (c->name && strcmp(c->name, "th") != 0)
      return FALSE;
  return xd_child(row, "th", 1) != NULL;
}

static void
flow_rows(Flow *f, const XdNode *node, GPtrArray **heads)
{
  static const char *const groups[] = {"thead", "tbody", "tfoot", NULL};
  for (const XdNode *c = node->first; c; c = c->next) {
    if (is_named(c, groups)) {
      flow_rows(f, c, heads);
    } else if (g_strcmp0(c->name, "caption") == 0) {
      new_line(f);
      flow_children(f, c);
      new_line(f);
    } else if (g_strcmp0(c->name, "tr") == 0) {
      gboolean plain;
      g_autoptr(GPtrArray) cells = read_row(c, &plain);
      const gboolean head = plain && cells->len > 1 && is_head_row(c);
      if (head) {
        g_clear_pointer(heads, g_ptr_array_unref);
        *heads = g_steal_pointer(&cells);
        continue;
      }
      const gboolean fits = *heads && plain && (*heads)->len == cells->len;
      put_row(f, cells, fits ? *heads : NULL);
    }
  }
}

/* ---- lists and the rest ---- */

static void
flow_list(Flow *f, const XdNode *list)
{
  static const char *const items[] = {"item", "li", NULL};
  const gboolean ordered = xd_has(list, "listType", "ordered") || strcmp(list->name, "ol") == 0;
  guint number = 0;
  new_line(f);
  for (const XdNode *c = list->first; c; c = c->next) {
    if (g_strcmp0(c->name, "caption") == 0) {
      flow_children(f, c);
      new_line(f);
      continue;
    }
    if (!is_named(c, items))
      continue;
    const gsize before = f->out->len;
    if (ordered)
      g_string_append_printf(f->out, "%u. ", ++number);
    else
      g_string_append(f->out, "- ");
    const gsize bare = f->out->len;
    flow_children(f, c);
    if (f->out->len == bare)
      g_string_truncate(f->out, before);
    new_line(f);
  }
}

/* "Impression: No acute process.": the caption leads the line of its paragraph. */
static void
flow_caption(Flow *f, const XdNode *caption)
{
  const gsize before = f->out->len;
  flow_children(f, caption);
  if (f->out->len > before && !strchr(":.?", f->out->str[f->out->len - 1]))
    g_string_append_c(f->out, ':');
  f->space = TRUE;
}

/* 10^3, but cm3. */
static void
flow_superscript(Flow *f, const XdNode *node)
{
  if (!f->space && f->out->len && g_ascii_isdigit(f->out->str[f->out->len - 1]))
    put(f, "^", 1);
  flow_children(f, node);
}

static void
flow_break(Flow *f)
{
  const gsize n = f->out->len;
  if (!f->fresh)
    new_line(f);
  else if (n > 1 && f->out->str[n - 1] == '\n' && f->out->str[n - 2] != '\n')
    g_string_append_c(f->out, '\n');
}

static void
flow_element(Flow *f, const XdNode *e)
{
  static const char *const nothing[] = {"renderMultiMedia", "footnoteRef", "col", "colgroup", NULL};
  static const char *const blocks[] = {"paragraph", "p",  "div", "h1",  "h2", "h3",
                                       "h4",        "h5", "h6",  "pre", NULL};
  static const char *const lists[] = {"list", "ul", "ol", NULL};
  if (is_named(e, nothing) || xd_has(e, "revised", "delete"))
    return;
  if (strcmp(e->name, "br") == 0) {
    flow_break(f);
  } else if (strcmp(e->name, "table") == 0) {
    g_autoptr(GPtrArray) heads = NULL;
    new_line(f);
    flow_rows(f, e, &heads);
    new_line(f);
  } else if (is_named(e, lists)) {
    flow_list(f, e);
  } else if (is_named(e, blocks)) {
    new_line(f);
    flow_children(f, e);
    new_line(f);
  } else if (strcmp(e->name, "caption") == 0) {
    flow_caption(f, e);
  } else if (strcmp(e->name, "sup") == 0) {
    flow_superscript(f, e);
  } else if (strcmp(e->name, "footnote") == 0) {
    f->space = TRUE;
    put(f, "(", 1);
    flow_children(f, e);
    f->space = FALSE;
    put(f, ")", 1);
  } else {
    flow_children(f, e);
  }
}

static void
flow_children(Flow *f, const XdNode *node)
{
  for (const XdNode *c = node->first; c; c = c->next) {
    if (c->text)
      put_text(f, c->text);
    else
      flow_element(f, c);
  }
}

void
cda_flatten(const XdNode *text, GString *out)
{
  if (out->len && out->str[out->len - 1] != '\n')
    g_string_append_c(out, '\n');
  Flow f = {out, out->len, TRUE, FALSE};
  flow_children(&f, text);
  while (out->len && is_space(out->str[out->len - 1]))
    g_string_truncate(out, out->len - 1);
  if (out->len)
    g_string_append_c(out, '\n');
}
