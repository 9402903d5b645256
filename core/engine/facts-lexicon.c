/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/xml.h"
#include "engine/facts.h"

typedef struct {
  guint kind; /* index into kinds */
  char *in, *value;
  GRegex *regex;
} Reading;

typedef struct {
  guint kind;
  GStrv values;
  GRegex *regex;
} Naming;

struct ItvFactLexicon {
  GArray *kinds;    /* ItvFactKind */
  GArray *readings; /* Reading */
  GArray *namings;  /* Naming */
};

static void
clear_kind(ItvFactKind *k)
{
  g_free(k->name);
  g_free(k->question);
  g_strfreev(k->values);
}

static void
clear_reading(Reading *r)
{
  g_free(r->in);
  g_free(r->value);
  g_clear_pointer(&r->regex, g_regex_unref);
}

static void
clear_naming(Naming *n)
{
  g_strfreev(n->values);
  g_clear_pointer(&n->regex, g_regex_unref);
}

void
itv_fact_lexicon_free(ItvFactLexicon *l)
{
  if (!l)
    return;
  g_array_unref(l->kinds);
  g_array_unref(l->readings);
  g_array_unref(l->namings);
  g_free(l);
}

static GRegex *
compile(const char *path, const ItvXml *xml, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autofree char *pattern = g_strdup(itv_xml_attr(xml, "pattern", ""));
  GRegex *regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &local);
  if (!regex)
    itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s", path, xml->line, local->message);
  return regex;
}

static gboolean
read_kind(ItvFactLexicon *l, const char *path, const ItvXml *xml, GError **error)
{
  const char *values = itv_xml_attr(xml, "values", NULL);
  const ItvFactKind kind = {.name = g_strdup(itv_xml_attr(xml, "name", "")),
                            .question = g_strdup(itv_xml_attr(xml, "question", "")),
                            .values = values ? g_strsplit(values, " ", -1) : NULL,
                            .of_patient = strcmp(itv_xml_attr(xml, "of", ""), "patient") == 0};
  const guint index = l->kinds->len;
  g_array_append_val(l->kinds, kind);
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    GRegex *regex = compile(path, child, error);
    if (!regex)
      return FALSE;
    if (strcmp(child->name, "read") == 0) {
      const Reading r = {index, g_strdup(itv_xml_attr(child, "in", "")),
                         g_strdup(itv_xml_attr(child, "value", "")), regex};
      g_array_append_val(l->readings, r);
    } else {
      const Naming n = {index, g_strsplit(itv_xml_attr(child, "is", ""), " ", -1), regex};
      g_array_append_val(l->namings, n);
    }
  }
  return TRUE;
}

ItvFactLexicon *
itv_fact_lexicon_load(const char *path, const char *xsd, GError **error)
{
  g_autoptr(ItvXml) xml = itv_xml_read(path, xsd, error);
  if (!xml)
    return NULL;
  g_autoptr(ItvFactLexicon) l = g_new0(ItvFactLexicon, 1);
  l->kinds = g_array_new(FALSE, TRUE, sizeof(ItvFactKind));
  l->readings = g_array_new(FALSE, TRUE, sizeof(Reading));
  l->namings = g_array_new(FALSE, TRUE, sizeof(Naming));
  g_array_set_clear_func(l->kinds, (GDestroyNotify)clear_kind);
  g_array_set_clear_func(l->readings, (GDestroyNotify)clear_reading);
  g_array_set_clear_func(l->namings, (GDestroyNotify)clear_naming);
  const ItvXml *fact = NULL;
  for (gsize i = 0; (fact = itv_xml_child(xml, "fact", i)); i++)
    if (!read_kind(l, path, fact, error))
      return NULL;
  return g_steal_pointer(&l);
}

const ItvFactKind *
itv_fact_kind_at(const ItvFactLexicon *l, guint n)
{
  return n < l->kinds->len ? &g_array_index(l->kinds, ItvFactKind, n) : NULL;
}

const ItvFactKind *
itv_fact_kind(const ItvFactLexicon *l, const char *name)
{
  const ItvFactKind *kind = NULL;
  for (guint i = 0; (kind = itv_fact_kind_at(l, i)); i++)
    if (strcmp(kind->name, name) == 0)
      return kind;
  return NULL;
}

static char *
names_of(const ItvFactLexicon *l)
{
  GString *s = g_string_new(NULL);
  const ItvFactKind *kind = NULL;
  for (guint i = 0; (kind = itv_fact_kind_at(l, i)); i++)
    g_string_append_printf(s, " %s", kind->name);
  return g_string_free(s, FALSE);
}

gboolean
itv_fact_check(const ItvFactLexicon *l, const char *name, const char *value, GError **error)
{
  const ItvFactKind *kind = itv_fact_kind(l, name);
  if (!kind) {
    g_autofree char *names = names_of(l);
    return itv_fail(error, ITV_ERROR_USAGE, "no fact is called %s; there are:%s", name, names);
  }
  if (!kind->values) {
    static const char *const units[] = {"", "mm", "cm", "mm3", "ml", "HU", "years", NULL};
    const gsize digits = strspn(value, "-0123456789.");
    g_autofree char *number = g_strndup(value, digits);
    ItvDecimal d = 0;
    return (itv_decimal_parse(number, &d) && g_strv_contains(units, value + digits)) ||
           itv_fail(error, ITV_ERROR_USAGE, "%s: \"%s\" is no number (7, 7mm, 0.7cm)", name, value);
  }
  g_auto(GStrv) codes = g_strsplit(value, "|", -1);
  for (guint i = 0; codes[i]; i++)
    if (!g_strv_contains((const char *const *)kind->values, codes[i])) {
      g_autofree char *all = g_strjoinv(" ", kind->values);
      return itv_fail(error, ITV_ERROR_USAGE, "%s: \"%s\" is none of: %s", name, codes[i], all);
    }
  return TRUE;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* "no mural nodule", "without", "family history of", "rule out", "if": said
 * shortly before, with no stop between. */
static gboolean
is_denied(const char *text, gsize at)
{
  static const char *const words[] = {"no ",           "not ",    "without ",  "denies ",
                                      "negative for ", "family ", "rule out ", "r/o ",
                                      "exclude ",      "if ",     "question",  "absence of ",
                                      "possible ",     "versus ", "vs "};
  const gsize reach = MIN(at, 40);
  g_autofree char *before = g_utf8_make_valid(text + at - reach, (gssize)reach);
  g_autofree char *lower = g_ascii_strdown(before, -1);
  const char *from = lower;
  for (const char *p = lower; *p; p++)
    if (strchr(".;:,\n", *p))
      from = p + 1;
  for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
    const char *hit = strstr(from, words[i]);
    if (hit && (hit == from || !g_ascii_isalpha(hit[-1])))
      return TRUE;
  }
  return FALSE;
}

/* The codes of both, each once: "solid|ground-glass". */
static char *
union_of(const char *a, const char *b)
{
  g_auto(GStrv) old = g_strsplit(a, "|", -1);
  g_auto(GStrv) more = g_strsplit(b, "|", -1);
  GString *s = g_string_new(a);
  for (guint i = 0; more[i]; i++)
    if (!g_strv_contains((const char *const *)old, more[i]))
      g_string_append_printf(s, "|%s", more[i]);
  return g_string_free(s, FALSE);
}

static char *
value_of(const Reading *r, const GMatchInfo *match)
{
  const char *dollar = strstr(r->value, "$1");
  g_autofree char *group = dollar ? g_match_info_fetch(match, 1) : NULL;
  if (!dollar || !group)
    return g_strdup(r->value);
  g_autofree char *lower = g_ascii_strdown(group, -1);
  g_autofree char *head = g_strndup(r->value, (gsize)(dollar - r->value));
  return g_strconcat(head, lower, dollar + 2, NULL);
}

/* Two places of one text that say different things: either may be meant. */
static void
take(const ItvFactKind *kind, const char *value, const char *words, GPtrArray *facts)
{
  for (guint i = 0; i < facts->len; i++) {
    const ItvFactValue *f = facts->pdata[i];
    if (strcmp(f->name, kind->name) != 0)
      continue;
    if (!kind->values) { /* of two ages none is certain */
      if (strcmp(f->value, value) != 0)
        g_ptr_array_remove_index(facts, i);
      return;
    }
    g_autofree char *both = union_of(f->value, value);
    g_autofree char *old = g_strdup(f->words);
    g_autofree char *said =
        strcmp(f->value, both) ? g_strdup_printf("%s, %s", old, words) : g_strdup(old);
    itv_facts_put(facts, kind->name, both, said, ITV_MOMENT_NONE, NULL, NULL);
    return;
  }
  itv_facts_put(facts, kind->name, value, words, ITV_MOMENT_NONE, NULL, NULL);
}

typedef struct {
  guint kind;
  gint from, to;
} Span;

/* An earlier pattern of the same fact has taken these words: "never smoker" is no smoker. */
static gboolean
is_taken(GArray *spans, guint kind, gint from, gint to)
{
  for (guint i = 0; i < spans->len; i++) {
    const Span *s = &g_array_index(spans, Span, i);
    if (s->kind == kind && from < s->to && s->from < to)
      return TRUE;
  }
  const Span span = {kind, from, to};
  g_array_append_val(spans, span);
  return FALSE;
}

void
itv_fact_lexicon_read(const ItvFactLexicon *l, const char *in, const char *text, GPtrArray *facts)
{
  g_autoptr(GPtrArray) found = itv_facts_new();
  g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(Span));
  for (guint i = 0; i < l->readings->len; i++) {
    const Reading *r = &g_array_index(l->readings, Reading, i);
    g_autoptr(GMatchInfo) match = NULL;
    if (strcmp(r->in, in) != 0)
      continue;
    g_regex_match(r->regex, text, 0, &match);
    for (guint n = 0; g_match_info_matches(match) && n < 16; n++) {
      gint from = 0, to = 0;
      g_autofree char *value = value_of(r, match);
      g_autofree char *hit = g_match_info_fetch(match, 0);
      g_autofree char *words = g_strdup_printf("report: \"%s\"", hit);
      g_match_info_fetch_pos(match, 0, &from, &to);
      if (!is_taken(spans, r->kind, from, to) && !is_denied(text, (gsize)from))
        take(&g_array_index(l->kinds, ItvFactKind, r->kind), value, words, found);
      if (!g_match_info_next(match, NULL))
        break;
    }
  }
  for (guint i = 0; i < found->len; i++) {
    const ItvFactValue *f = found->pdata[i];
    itv_facts_put(facts, f->name, f->value, f->words, f->known, f->uid, f->source);
  }
}

gboolean
itv_fact_lexicon_condition(const ItvFactLexicon *l, const char *text, const ItvFactKind **ret_kind,
                           const char *const **ret_values, gsize *ret_start, gsize *ret_end)
{
  gint best_from = -1, best_to = -1;
  for (guint i = 0; i < l->namings->len; i++) {
    const Naming *n = &g_array_index(l->namings, Naming, i);
    g_autoptr(GMatchInfo) match = NULL;
    gint from = 0, to = 0;
    if (!g_regex_match(n->regex, text, 0, &match) ||
        !g_match_info_fetch_pos(match, 0, &from, &to) || to <= from)
      continue;
    /* whole words only, the longest of what is found */
    if ((from > 0 && g_ascii_isalnum(text[from - 1])) || g_ascii_isalnum(text[to]) ||
        to - from <= best_to - best_from)
      continue;
    best_from = from;
    best_to = to;
    *ret_kind = &g_array_index(l->kinds, ItvFactKind, n->kind);
    *ret_values = (const char *const *)n->values;
  }
  *ret_start = (gsize)MAX(best_from, 0);
  *ret_end = (gsize)MAX(best_to, 0);
  return best_from >= 0;
}
