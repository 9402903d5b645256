/* SPDX-License-Identifier: Apache-2.0
 *
 * The one file that speaks libxml2: no network, no entity is expanded, no DTD
 * is loaded.  Schema: schemas/lexicon.xsd; what the schema says is checked
 * here once more, since a plugin cannot rely on it.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "lexicon.h"
#include "text.h"

static const char lexicon_ns[] = "urn:interval:lexicon:1";
static const char *const layer_names[N_LAYERS] = {"action", "site", "finding", "cue",
                                                  "time",   "word", "section", "measure"};
static const struct {
  const char *name;
  unsigned flag;
} flag_names[] = {
    {"generic", FLAG_GENERIC}, {"same-exam", FLAG_SAME_EXAM}, {"verb", FLAG_VERB},
    {"whole", FLAG_WHOLE},     {"every", FLAG_EVERY},         {"weak", FLAG_WEAK},
    {"implied", FLAG_IMPLIED}, {"needs-be", FLAG_NEEDS_BE},   {"slash", FLAG_SLASH},
    {"self", FLAG_SELF},       {"specialty", FLAG_SPECIALTY}, {"service", FLAG_SERVICE},
    {"visit", FLAG_VISIT},     {"point", FLAG_POINT}};
static const char *const pattern_types[] = {"resolved", "no-follow-up", "non-diagnostic", "veto"};

static char *
attribute(const xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp((xmlNode *)(uintptr_t)node, (const xmlChar *)name);
  char *copy = value ? g_strdup((const char *)value) : NULL;
  xmlFree(value);
  return copy;
}

static char *
content(const xmlNode *node)
{
  xmlChar *value = xmlNodeGetContent(node);
  char *copy = g_strdup(value ? (const char *)value : "");
  xmlFree(value);
  return copy;
}

static gboolean
is_element(const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
         strcmp((const char *)node->ns->href, lexicon_ns) == 0 &&
         strcmp((const char *)node->name, name) == 0;
}

/* One attribute whose values are a list of codes; each is handed to `take`. */
static gboolean
bad_value(const xmlNode *node, const char *name, const char *value, char **ret_error)
{
  *ret_error = g_strdup_printf("line %ld: %s=\"%s\" is not known", xmlGetLineNo(node), name, value);
  return FALSE;
}

static gboolean
read_codes(const xmlNode *node, Term *term, char **ret_error)
{
  static const struct {
    const char *name;
    const char *const *codes;
    int n;
  } lists[] = {{"kind", kind_codes, N_KINDS},
               {"side", side_codes, N_SIDES},
               {"strength", strength_codes, N_STRENGTHS},
               {"region", region_codes, N_REGIONS}};
  for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
    g_autofree char *value = attribute(node, lists[i].name);
    if (value == NULL)
      continue;
    int at = code_index(lists[i].codes, lists[i].n, value);
    if (at < 0)
      return bad_value(node, lists[i].name, value, ret_error);
    if (i == 0)
      term->kind = (Kind)at;
    else if (i == 1)
      term->side = (Side)at;
    else if (i == 2)
      term->strength = (Strength)at;
    else
      term->region = at;
  }
  return TRUE;
}

static gboolean
read_lists(const xmlNode *node, Term *term, char **ret_error)
{
  g_autofree char *modality = attribute(node, "modality");
  g_auto(GStrv) codes = g_strsplit(modality ? modality : "", " ", 32);
  for (int i = 0; codes[i] != NULL; i++) {
    int at = code_index(modality_codes, N_MODALITIES, codes[i]);
    if (*codes[i] != '\0' && at < 0)
      return bad_value(node, "modality", codes[i], ret_error);
    if (at >= 0)
      term->modalities |= 1u << at;
  }
  g_autofree char *flags = attribute(node, "flags");
  g_auto(GStrv) names = g_strsplit(flags ? flags : "", " ", 32);
  for (int i = 0; names[i] != NULL; i++) {
    unsigned flag = 0;
    for (size_t k = 0; k < G_N_ELEMENTS(flag_names); k++)
      if (strcmp(flag_names[k].name, names[i]) == 0)
        flag = flag_names[k].flag;
    if (*names[i] != '\0' && flag == 0)
      return bad_value(node, "flags", names[i], ret_error);
    term->flags |= flag;
  }
  return TRUE;
}

static gboolean
read_value(const xmlNode *node, Term *term, char **ret_error)
{
  g_autofree char *value = attribute(node, "value");
  g_autofree char *period = attribute(node, "period");
  if (value != NULL)
    term->value = (int32_t)g_ascii_strtoll(value, NULL, 10);
  if (period == NULL)
    return TRUE;
  char *end = NULL;
  gint64 n = *period == 'P' ? g_ascii_strtoll(period + 1, &end, 10) : -1;
  if (n < 0 || n > 10000 || end == NULL || *end == '\0' || strchr("DWMYH", *end) == NULL ||
      end[1] != '\0')
    return bad_value(node, "period", period, ret_error);
  term->period.n = (int32_t)n;
  term->period.unit = *end;
  return TRUE;
}

static gboolean
read_term(Lexicon *lexicon, const xmlNode *node, Layer layer, Role role, char **ret_error)
{
  Term term = {.layer = layer, .role = role, .region = REGION_NONE};
  g_autofree char *name = attribute(node, "name");
  g_autofree char *role_name = attribute(node, "role");
  g_autofree char *head = attribute(node, "head");
  g_autofree char *phrases = content(node);
  if (name == NULL) {
    *ret_error = g_strdup_printf("line %ld: a term without a name", xmlGetLineNo(node));
    return FALSE;
  }
  if (role_name != NULL && !role_from_name(layer, role_name, &term.role))
    return bad_value(node, "role", role_name, ret_error);
  if (!read_codes(node, &term, ret_error) || !read_lists(node, &term, ret_error) ||
      !read_value(node, &term, ret_error))
    return FALSE;
  term.name = name;
  term.head = head;
  g_autofree char *why = NULL;
  if (!lexicon_add(lexicon, &term, phrases, &why)) {
    *ret_error = g_strdup_printf("line %ld: %s", xmlGetLineNo(node), why);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_group(Lexicon *lexicon, const xmlNode *node, char **ret_error)
{
  g_autofree char *name = attribute(node, "class");
  g_autofree char *role_name = attribute(node, "role");
  int layer = name ? code_index(layer_names, N_LAYERS, name) : -1;
  Role role = ROLE_NONE;
  if (layer < 0)
    return bad_value(node, "class", name ? name : "", ret_error);
  if (role_name != NULL && !role_from_name((Layer)layer, role_name, &role))
    return bad_value(node, "role", role_name, ret_error);
  for (const xmlNode *n = node->children; n != NULL; n = n->next)
    if (is_element(n, "term") && !read_term(lexicon, n, (Layer)layer, role, ret_error))
      return FALSE;
  return TRUE;
}

static gboolean
read_pattern(Lexicon *lexicon, const xmlNode *node, char **ret_error)
{
  g_autofree char *name = attribute(node, "name");
  g_autofree char *type = attribute(node, "type");
  g_autofree char *priority = attribute(node, "priority");
  g_autofree char *gate = attribute(node, "gate");
  g_autofree char *regex = content(node);
  int at = type ? code_index(pattern_types, G_N_ELEMENTS(pattern_types), type) : -1;
  if (name == NULL || at < 0)
    return bad_value(node, "type", type ? type : "", ret_error);
  Pattern pattern = {.name = name,
                     .type = (PatternType)at,
                     .priority = priority ? (int)g_ascii_strtoll(priority, NULL, 10) : 50,
                     .gate = gate,
                     .regex = g_strstrip(regex)};
  g_autofree char *why = NULL;
  if (!lexicon_add_pattern(lexicon, &pattern, &why)) {
    *ret_error = g_strdup_printf("line %ld: %s", xmlGetLineNo(node), why);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_root(Lexicon *lexicon, const xmlNode *root, char **ret_error)
{
  if (root == NULL || !is_element(root, "lexicon")) {
    *ret_error = g_strdup_printf("the root is not <lexicon xmlns=\"%s\">", lexicon_ns);
    return FALSE;
  }
  g_autofree char *decimal = attribute(root, "decimal");
  if (g_strcmp0(decimal, "comma") == 0)
    lexicon_set_decimal_comma(lexicon);
  for (const xmlNode *n = root->children; n != NULL; n = n->next) {
    if (is_element(n, "group") && !read_group(lexicon, n, ret_error))
      return FALSE;
    if (is_element(n, "pattern") && !read_pattern(lexicon, n, ret_error))
      return FALSE;
  }
  return lexicon_freeze(lexicon, ret_error);
}

gboolean
lexicon_extend(Lexicon *lexicon, const void *bytes, size_t n, char **ret_error)
{
  if (n > 16u * 1024 * 1024) {
    *ret_error = g_strdup("larger than 16 MiB");
    return FALSE;
  }
  xmlDoc *doc =
      xmlReadMemory(bytes, (int)n, "lexicon", NULL,
                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
  if (doc == NULL) {
    const xmlError *e = xmlGetLastError();
    *ret_error = g_strdup_printf("line %d: %s", e ? e->line : 0,
                                 e && e->message ? e->message : "not well-formed XML");
    g_strchomp(*ret_error);
    return FALSE;
  }
  gboolean good = FALSE;
  if (doc->intSubset != NULL)
    *ret_error = g_strdup("a DOCTYPE is not allowed");
  else
    good = read_root(lexicon, xmlDocGetRootElement(doc), ret_error);
  xmlFreeDoc(doc);
  return good;
}

Lexicon *
lexicon_parse(const void *bytes, size_t n, char **ret_error)
{
  Lexicon *lexicon = lexicon_new();
  if (lexicon_extend(lexicon, bytes, n, ret_error))
    return lexicon;
  lexicon_free(lexicon);
  return NULL;
}
