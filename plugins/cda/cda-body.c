/* SPDX-License-Identifier: Apache-2.0
 *
 * The body of a report: its sections in document order, each under the heading
 * that its code names, then under its own title where that is another.
 */
#include <string.h>

#include "cda.h"
#include "plaintext.h"

typedef struct {
  const char *code, *heading;
} Section;

/* LOINC sections of PS3.20 and C-CDA, DICOM codes (PS3.16 CID 7001 and what TID
 * 2000 puts into them). */
static const Section sections[] = {
    {"59776-5", "FINDINGS"},
    {"18782-3", "FINDINGS"},
    {"121070", "FINDINGS"},
    {"121071", "FINDINGS"},
    {"19005-8", "IMPRESSION"},
    {"121072", "IMPRESSION"},
    {"121073", "IMPRESSION"},
    {"55110-1", "CONCLUSION"},
    {"121076", "CONCLUSION"},
    {"121077", "CONCLUSION"},
    {"18783-1", "RECOMMENDATION"},
    {"121074", "RECOMMENDATION"},
    {"121075", "RECOMMENDATION"},
    {"55107-7", "ADDENDUM"},
    {"121078", "ADDENDUM"},
    {"18834-2", "COMPARISON"},
    {"55114-3", "COMPARISON"},
    {"121066", "COMPARISON"},
    {"11329-0", "HISTORY"},
    {"10164-2", "HISTORY"},
    {"55108-5", "HISTORY"},
    {"55752-0", "HISTORY"},
    {"121060", "HISTORY"},
    {"55115-0", "REASON FOR EXAM"},
    {"18785-6", "REASON FOR EXAM"},
    {"59768-2", "REASON FOR EXAM"},
    {"29299-5", "REASON FOR EXAM"},
    {"121062", "REASON FOR EXAM"},
    {"121109", "REASON FOR EXAM"},
    {"55111-9", "PROCEDURE DESCRIPTION"},
    {"121064", "PROCEDURE DESCRIPTION"},
    {"121065", "PROCEDURE DESCRIPTION"},
    {"55109-3", "COMPLICATIONS"},
    {"121113", "COMPLICATIONS"},
    {"55112-7", "SUMMARY"},
    {"121111", "SUMMARY"},
    {"73568-2", "COMMUNICATION"},
    {"73569-6", "RADIATION EXPOSURE"},
};

/* Titles that say the same as the heading. */
static const Section titles[] = {
    {"FINDINGS", "FINDINGS"},
    {"FINDING", "FINDINGS"},
    {"PROCEDURE FINDINGS", "FINDINGS"},
    {"IMPRESSION", "IMPRESSION"},
    {"IMPRESSIONS", "IMPRESSION"},
    {"IMPRESSION(S)", "IMPRESSION"},
    {"CONCLUSION", "CONCLUSION"},
    {"CONCLUSIONS", "CONCLUSION"},
    {"RECOMMENDATION", "RECOMMENDATION"},
    {"RECOMMENDATIONS", "RECOMMENDATION"},
    {"ADDENDUM", "ADDENDUM"},
    {"COMPARISON", "COMPARISON"},
    {"COMPARISONS", "COMPARISON"},
    {"COMPARISON STUDY", "COMPARISON"},
    {"HISTORY", "HISTORY"},
    {"CLINICAL HISTORY", "HISTORY"},
    {"CLINICAL INFORMATION", "HISTORY"},
    {"REASON FOR EXAM", "REASON FOR EXAM"},
    {"REASON FOR STUDY", "REASON FOR EXAM"},
    {"INDICATION", "REASON FOR EXAM"},
    {"INDICATIONS", "REASON FOR EXAM"},
    {"INDICATIONS FOR PROCEDURE", "REASON FOR EXAM"},
    {"REQUEST", "REASON FOR EXAM"},
    {"PROCEDURE DESCRIPTION", "PROCEDURE DESCRIPTION"},
    {"TECHNIQUE", "PROCEDURE DESCRIPTION"},
    {"PROCEDURE", "PROCEDURE DESCRIPTION"},
    {"COMPLICATIONS", "COMPLICATIONS"},
    {"SUMMARY", "SUMMARY"},
    {"COMMUNICATION", "COMMUNICATION"},
    {"RADIATION EXPOSURE", "RADIATION EXPOSURE"},
};

#define CATALOG "121181" /* DCM: DICOM Object Catalog, no text for people */

static const char *
look_up(const Section *table, gsize n, const char *key)
{
  for (gsize i = 0; key && i < n; i++)
    if (g_ascii_strcasecmp(table[i].code, key) == 0)
      return table[i].heading;
  return NULL;
}

/* By the section's code, else by one of its translations. */
static const char *
heading_of(const XdNode *section)
{
  const XdNode *code = xd_child(section, "code", 0);
  const char *heading = look_up(sections, G_N_ELEMENTS(sections), xd_attr(code, "code"));
  for (const XdNode *t = xd_child(code, "translation", 0); t && !heading; t = xd_next(t))
    heading = look_up(sections, G_N_ELEMENTS(sections), xd_attr(t, "code"));
  return heading;
}

static void
put_heading(GString *out, const char *heading)
{
  g_string_append(out, heading);
  g_string_append(out, out->len && out->str[out->len - 1] == ':' ? "\n" : ":\n");
}

static gboolean
says_heading(const char *title, const char *heading)
{
  g_autofree char *bare = g_strdup(title);
  const gsize n = strlen(bare);
  if (n && bare[n - 1] == ':')
    bare[n - 1] = '\0';
  return g_strcmp0(look_up(titles, G_N_ELEMENTS(titles), g_strstrip(bare)), heading) == 0;
}

static void
add_name(GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
    g_ptr_array_add(names, (gpointer)(guintptr)name);
}

/* Does the text behind `from` begin with this heading already? */
static gboolean
text_says(const GString *text, gsize from, const char *heading)
{
  g_autofree char *line = g_strndup(text->str + from, strcspn(text->str + from, ":\n"));
  return says_heading(line, heading) || g_ascii_strcasecmp(line, heading) == 0;
}

static void read_component(const XdNode *component, CdaBody *body);

/* The section's own text, then that of the sections within. */
static GString *
section_text(const XdNode *section, CdaBody *body, gsize *ret_n_own)
{
  GString *outer = body->text, *own = g_string_new(NULL);
  const XdNode *text = xd_child(section, "text", 0);
  body->text = own;
  if (text)
    cda_flatten(text, own);
  *ret_n_own = own->len;
  for (const XdNode *c = xd_child(section, "component", 0); c; c = xd_next(c))
    read_component(c, body);
  body->text = outer;
  return own;
}

static void
read_section(const XdNode *section, CdaBody *body)
{
  const char *heading = heading_of(section), *before = body->heading;
  const guint n_sections = body->sections->len;
  gsize n_own = 0;
  if (xd_has(xd_child(section, "code", 0), "code", CATALOG))
    return;
  g_autofree char *title = xd_words(xd_child(section, "title", 0));
  if (heading)
    add_name(body->sections, heading);
  if (heading || title)
    body->heading = heading;
  g_autoptr(GString) text = section_text(section, body, &n_own);
  if (text->len == 0) {
    g_ptr_array_set_size(body->sections, (gint)n_sections);
    body->heading = before;
    return;
  }
  /* A section of the heading that it stands under goes on with its title only. */
  const gboolean shown = heading && g_strcmp0(heading, before) != 0;
  const gboolean said = shown && n_own > 0 && text_says(text, 0, heading);
  const gboolean same = heading && title && says_heading(title, heading);
  if (shown && !same && !said)
    put_heading(body->text, heading);
  if (title && !said && (shown || !same))
    put_heading(body->text, title);
  g_string_append_len(body->text, text->str, (gssize)text->len);
  body->has_addendum |= g_strcmp0(heading, "ADDENDUM") == 0;
  body->has_result |= g_strcmp0(heading, "FINDINGS") == 0 ||
                      g_strcmp0(heading, "IMPRESSION") == 0 ||
                      g_strcmp0(heading, "CONCLUSION") == 0;
}

static void
read_component(const XdNode *component, CdaBody *body)
{
  for (const XdNode *s = xd_child(component, "section", 0); s; s = xd_next(s))
    read_section(s, body);
}

/* A body that is a document of its own: plain text is read, others are named. */
static void
put_text(void *out, const char *utf8, size_t n)
{
  g_string_append_len(out, utf8, (gssize)n);
}

static gboolean
is_readable(const char *type)
{
  static const char *const types[] = {"text/plain", "text/html", "text/rtf", "application/rtf",
                                      "application/xhtml"};
  for (gsize i = 0; type && i < G_N_ELEMENTS(types); i++)
    if (g_str_has_prefix(type, types[i]))
      return TRUE;
  return !type;
}

/* The bytes of a body as UTF-8, RTF as what it shows; NULL (and noted) when they are none. */
static char *
body_as_utf8(const guchar *bytes, gsize n, XdUnit *unit)
{
  g_autofree char *note = NULL, *problem = NULL;
  gsize n_utf8 = 0;
  if (plain_is_rtf((const char *)bytes, n)) {
    GString *text = g_string_new(NULL);
    const PlainSink sink = {put_text, text};
    plain_from_rtf((const char *)bytes, n, &sink);
    return g_string_free(text, FALSE);
  }
  char *utf8 = xd_utf8(bytes, n, &n_utf8, &note, &problem);
  if (!utf8)
    xd_unit_note(unit, "the text of its body was not read: %s", problem);
  return utf8;
}

static void
read_foreign_body(const XdNode *text, CdaBody *body, XdUnit *unit)
{
  const char *type = xd_attr(text, "mediaType");
  if (!is_readable(type)) {
    xd_unit_note(unit, "its body is %.60s: it is kept with the document, but its text was not read",
                 type);
    return;
  }
  g_autoptr(GString) raw = g_string_new(NULL);
  for (const XdNode *c = text->first; c; c = c->next)
    if (c->text)
      g_string_append(raw, c->text);
  gsize n = raw->len;
  g_autofree guchar *bytes = xd_has(text, "representation", "B64")
                                 ? g_base64_decode(raw->str, &n)
                                 : (guchar *)g_memdup2(raw->str, raw->len + 1);
  g_autofree char *utf8 = body_as_utf8(bytes, n, unit);
  g_string_assign(raw, "");
  const PlainSink sink = {put_text, raw};
  if (utf8 && plain_is_html(utf8, strlen(utf8)))
    plain_from_html(utf8, strlen(utf8), &sink);
  else
    g_string_assign(raw, utf8 ? utf8 : "");
  g_auto(GStrv) lines = g_strsplit(raw->str, "\n", -1);
  for (char **line = lines; *line; line++)
    g_string_append_printf(body->text, "%s\n", g_strchomp(*line));
}

static void
trim(GString *text)
{
  gsize from = 0;
  while (text->len && g_ascii_isspace(text->str[text->len - 1]))
    g_string_truncate(text, text->len - 1);
  while (from < text->len && text->str[from] == '\n')
    from++;
  g_string_erase(text, 0, (gssize)from);
}

void
cda_body_read(const XdNode *document, CdaBody *ret, XdUnit *unit)
{
  const XdNode *structured = xd_at(document, "component/structuredBody");
  const XdNode *foreign = xd_at(document, "component/nonXMLBody/text");
  ret->text = g_string_new(NULL);
  ret->sections = g_ptr_array_new();
  for (const XdNode *c = xd_child(structured, "component", 0); c; c = xd_next(c))
    read_component(c, ret);
  if (foreign)
    read_foreign_body(foreign, ret, unit);
  trim(ret->text);
  if (ret->text->len == 0)
    xd_unit_note(unit, "the report has no text that could be read");
  else if (ret->text->len > DRAFT_REPORT_MAX)
    xd_unit_note(unit, "the text is longer than %u bytes and was cut", DRAFT_REPORT_MAX);
}

void
cda_body_clear(CdaBody *body)
{
  if (body->text)
    g_string_free(body->text, TRUE);
  if (body->sections)
    g_ptr_array_unref(body->sections);
}
