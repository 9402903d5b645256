/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir-values.h"

#include <string.h>

/* ---- times ---------------------------------------------------------------------- */

/* Exactly n digits. */
static gboolean
digits(const char *p, int n, int *ret)
{
  *ret = 0;
  for (int i = 0; i < n; i++) {
    if (!g_ascii_isdigit(p[i]))
      return FALSE;
    *ret = *ret * 10 + (p[i] - '0');
  }
  return TRUE;
}

/* Z, +hh:mm or nothing, with a fraction of a second before it. */
static gboolean
is_zone(const char *p)
{
  int h = 0, m = 0;
  if (*p == '.') {
    p++;
    if (!g_ascii_isdigit(*p))
      return FALSE;
    while (g_ascii_isdigit(*p))
      p++;
  }
  if (*p == 0 || strcmp(p, "Z") == 0)
    return TRUE;
  return (*p == '+' || *p == '-') && digits(p + 1, 2, &h) && p[3] == ':' && digits(p + 4, 2, &m) &&
         p[6] == 0 && h <= 14 && m < 60;
}

char *
value_datetime(const char *text)
{
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (!text || !digits(text, 4, &y) || y < 1000 || y > 2999)
    return NULL;
  if (!text[4])
    return g_strndup(text, 4);
  if (text[4] != '-' || !digits(text + 5, 2, &mo) || mo < 1 || mo > 12)
    return NULL;
  if (!text[7])
    return g_strndup(text, 7);
  if (text[7] != '-' || !digits(text + 8, 2, &d) || d < 1 ||
      d > g_date_get_days_in_month((GDateMonth)mo, (GDateYear)y))
    return NULL;
  if (!text[10])
    return g_strndup(text, 10);
  if (text[10] != 'T' || !digits(text + 11, 2, &h) || h > 23 || text[13] != ':' ||
      !digits(text + 14, 2, &mi) || mi > 59)
    return NULL;
  const gboolean seconds = text[16] == ':';
  if (seconds && (!digits(text + 17, 2, &s) || s > 60))
    return NULL;
  if (!is_zone(text + (seconds ? 19 : 16)))
    return NULL;
  /* A leap second is the last one that a clock shows. */
  return seconds ? g_strdup_printf("%.16s:%02d", text, MIN(s, 59)) : g_strndup(text, 16);
}

char *
value_first_datetime(Json *object, const char *const *names)
{
  for (; *names; names++) {
    Json *value = json_at(object, *names);
    const char *texts[] = {json_text(value), json_text_at(value, "start"),
                           json_text(json_item(json_get(value, "event"), 0)),
                           json_text_at(value, "repeat.boundsPeriod.start"),
                           json_text_at(value, "end")};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
      char *when = value_datetime(texts[i]);
      if (when)
        return when;
    }
  }
  return NULL;
}

/* ---- codes ---------------------------------------------------------------------- */

/* What a CodeableReference wraps. */
static Json *
bare_concept(Json *concept)
{
  Json *inner = json_get(concept, "concept");
  return inner ? inner : concept;
}

const char *
concept_words(Json *concept)
{
  Json *c = bare_concept(concept), *codings = json_get(c, "coding");
  const char *words = json_text_at(c, "text");
  for (gsize i = 0; !words && i < json_count(codings); i++)
    words = json_text_at(json_item(codings, i), "display");
  return words ? words : json_text_at(c, "display");
}

const char *
concept_code(Json *concept, const char *system)
{
  Json *c = bare_concept(concept), *codings = json_get(c, "coding");
  for (gsize i = 0; i < json_count(codings); i++) {
    Json *coding = json_item(codings, i);
    if (!system || g_strcmp0(json_text_at(coding, "system"), system) == 0)
      return json_text_at(coding, "code");
  }
  return !system || g_strcmp0(json_text_at(c, "system"), system) == 0 ? json_text_at(c, "code")
                                                                      : NULL;
}

gboolean
concept_has(Json *concept, const char *code)
{
  Json *c = bare_concept(concept), *codings = json_get(c, "coding");
  for (gsize i = 0; i < json_count(codings); i++)
    if (g_strcmp0(json_text_at(json_item(codings, i), "code"), code) == 0)
      return TRUE;
  return g_strcmp0(json_text_at(c, "code"), code) == 0;
}

/* ---- UIDs and identifiers --------------------------------------------------------- */

const char *
value_uid(const char *text)
{
  if (!text)
    return NULL;
  if (g_str_has_prefix(text, "urn:oid:"))
    text += strlen("urn:oid:");
  const gsize n = strlen(text);
  if (n == 0 || n > 64 || strspn(text, "0123456789.") != n || text[0] == '.' ||
      text[n - 1] == '.' || strstr(text, "..") || !strchr(text, '.'))
    return NULL;
  for (const char *p = text; p; p = strchr(p, '.')) {
    p += *p == '.';
    if (p[0] == '0' && g_ascii_isdigit(p[1]))
      return NULL;
  }
  return text;
}

/* The first 128 bits of the SHA-256 as a decimal number. */
char *
value_make_uid(const char *text)
{
  guint8 digest[32];
  gsize n = sizeof digest;
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(sum, (const guchar *)text, -1);
  g_checksum_get_digest(sum, digest, &n);
  char decimal[40];
  gsize at = sizeof decimal;
  decimal[--at] = 0;
  gboolean more = TRUE;
  while (more && at > 0) {
    guint rest = 0;
    more = FALSE;
    for (gsize i = 0; i < 16; i++) {
      const guint value = rest << 8 | digest[i];
      digest[i] = (guint8)(value / 10);
      rest = value % 10;
      more |= digest[i] != 0;
    }
    decimal[--at] = (char)('0' + rest);
  }
  return g_strconcat("2.25.", decimal + at, NULL);
}

const char *
identifier_of_type(Json *identifiers, const char *type)
{
  for (gsize i = 0; i < json_count(identifiers); i++) {
    Json *id = json_item(identifiers, i);
    const char *value = json_text_at(id, "value");
    if (value && concept_has(json_get(id, "type"), type))
      return value;
  }
  return NULL;
}

/* ---- people ------------------------------------------------------------------------ */

static int
name_rank(Json *name)
{
  static const char *const uses[] = {"old",  "anonymous", "maiden", "nickname",
                                     "temp", "",          "usual",  "official"};
  const char *use = json_text_at(name, "use");
  for (gsize i = 0; use && i < G_N_ELEMENTS(uses); i++)
    if (strcmp(uses[i], use) == 0)
      return (int)i;
  return 5;
}

/* A caret would begin another part of the name. */
static void
append_part(GString *out, const char *text)
{
  for (; text && *text; text++)
    g_string_append_c(out, *text == '^' || *text == '\n' ? ' ' : *text);
}

static void
append_all(GString *out, Json *texts, gsize from)
{
  for (gsize i = from; i < json_count(texts); i++) {
    if (i > from && json_text(json_item(texts, i)))
      g_string_append_c(out, ' ');
    append_part(out, json_text(json_item(texts, i)));
  }
}

char *
value_name(Json *names)
{
  Json *best = NULL;
  for (gsize i = 0; i < json_count(names); i++)
    if (!best || name_rank(json_item(names, i)) > name_rank(best))
      best = json_item(names, i);
  if (!best)
    return NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  Json *given = json_get(best, "given");
  append_part(out, json_text_at(best, "family"));
  g_string_append_c(out, '^');
  append_part(out, json_text(json_item(given, 0)));
  g_string_append_c(out, '^');
  append_all(out, given, 1);
  g_string_append_c(out, '^');
  append_all(out, json_get(best, "prefix"), 0);
  g_string_append_c(out, '^');
  append_all(out, json_get(best, "suffix"), 0);
  while (out->len > 0 && out->str[out->len - 1] == '^')
    g_string_truncate(out, out->len - 1);
  if (out->len == 0)
    append_part(out, json_text_at(best, "text"));
  return out->len ? g_strdup(out->str) : NULL;
}

char *
value_address(Json *addresses)
{
  static const char *const parts[] = {"city", "state", "postalCode", "country"};
  Json *address = json_item(addresses, 0), *lines = json_get(address, "line");
  g_autoptr(GString) out = g_string_new(NULL);
  for (gsize i = 0; i < json_count(lines); i++)
    if (json_text(json_item(lines, i)))
      g_string_append_printf(out, "%s%s", out->len ? ", " : "", json_text(json_item(lines, i)));
  for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
    if (json_text_at(address, parts[i]))
      g_string_append_printf(out, "%s%s", out->len ? ", " : "", json_text_at(address, parts[i]));
  if (out->len == 0 && json_text_at(address, "text"))
    g_string_append(out, json_text_at(address, "text"));
  return out->len ? g_strdup(out->str) : NULL;
}

/* ---- tables -------------------------------------------------------------------------- */

typedef struct {
  const char *from, *to;
} Pair;

static const char *
look_up(const Pair *pairs, gsize n, const char *from)
{
  for (gsize i = 0; from && i < n; i++)
    if (g_ascii_strcasecmp(pairs[i].from, from) == 0)
      return pairs[i].to;
  return NULL;
}

/* DICOM PS3.3 C.7.3.1.1.1 and HL7 table 0074. */
const char *
code_modality(const char *s)
{
  static const Pair table[] = {
      {"CT", "CT"},   {"CTH", "CT"},  {"MR", "MR"},   {"NMR", "MR"}, {"MA", "MR"},  {"MS", "MR"},
      {"US", "US"},   {"IVUS", "US"}, {"BDUS", "US"}, {"DD", "US"},  {"EC", "US"},  {"RUS", "US"},
      {"OUS", "US"},  {"VUS", "US"},  {"CUS", "US"},  {"MG", "MG"},  {"NM", "NM"},  {"NMS", "NM"},
      {"ST", "NM"},   {"PT", "PT"},   {"CR", "XR"},   {"DX", "XR"},  {"RG", "XR"},  {"PX", "XR"},
      {"IO", "XR"},   {"XR", "XR"},   {"RX", "XR"},   {"RF", "FL"},  {"CF", "FL"},  {"DF", "FL"},
      {"VF", "FL"},   {"XA", "XA"},   {"DS", "XA"},   {"DSA", "XA"}, {"XRC", "XA"}, {"BMD", "DXA"},
      {"DXA", "DXA"}, {"SR", "SR"},
  };
  return look_up(table, G_N_ELEMENTS(table), s);
}
