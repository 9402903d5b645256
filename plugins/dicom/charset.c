/* SPDX-License-Identifier: Apache-2.0 */
#include "charset.h"

#include <string.h>

#include "charset-tables.h"

#define UNKNOWN_CHARACTER 0xFFFD
#define ESCAPE 0x1B

/* What a byte means now.  G0 is the lower half (0x21..0x7E), G1 the upper. */
typedef enum { KIND_SINGLE, KIND_DOUBLE } Kind;
typedef struct {
  Kind kind;
  const guint16 *table; /* 96 or 94*94 code points; NULL: ASCII in G0, nothing in G1 */
} Half;
typedef struct {
  Half g0, g1;
} State;

typedef struct {
  const char *number; /* after "ISO_IR " or "ISO 2022 IR " */
  int single;
} Term;

/* Defined terms of PS3.3 table C.12-2 whose upper half is a single-byte set. */
static const Term terms[] = {
    {"100", DCM_LATIN1},   {"101", DCM_LATIN2}, {"109", DCM_LATIN3}, {"110", DCM_LATIN4},
    {"144", DCM_CYRILLIC}, {"127", DCM_ARABIC}, {"126", DCM_GREEK},  {"138", DCM_HEBREW},
    {"148", DCM_LATIN5},   {"203", DCM_LATIN9}, {"166", DCM_THAI},   {"13", DCM_KATAKANA},
};

typedef struct {
  char sequence[4]; /* after ESC */
  gboolean upper;
  Kind kind;
  int single;             /* for KIND_SINGLE, -1: ASCII */
  const guint16 *table94; /* for KIND_DOUBLE */
} Designation;

/* Escape sequences of PS3.3 table C.12-3 and C.12-4. */
static const Designation designations[] = {
    {"(B", FALSE, KIND_SINGLE, -1, NULL},
    {"(J", FALSE, KIND_SINGLE, -1, NULL},
    {")I", TRUE, KIND_SINGLE, DCM_KATAKANA, NULL},
    {"-A", TRUE, KIND_SINGLE, DCM_LATIN1, NULL},
    {"-B", TRUE, KIND_SINGLE, DCM_LATIN2, NULL},
    {"-C", TRUE, KIND_SINGLE, DCM_LATIN3, NULL},
    {"-D", TRUE, KIND_SINGLE, DCM_LATIN4, NULL},
    {"-L", TRUE, KIND_SINGLE, DCM_CYRILLIC, NULL},
    {"-G", TRUE, KIND_SINGLE, DCM_ARABIC, NULL},
    {"-F", TRUE, KIND_SINGLE, DCM_GREEK, NULL},
    {"-H", TRUE, KIND_SINGLE, DCM_HEBREW, NULL},
    {"-M", TRUE, KIND_SINGLE, DCM_LATIN5, NULL},
    {"-b", TRUE, KIND_SINGLE, DCM_LATIN9, NULL},
    {"-T", TRUE, KIND_SINGLE, DCM_THAI, NULL},
    {"$B", FALSE, KIND_DOUBLE, -1, dcm_jis0208_table},
    {"$(D", FALSE, KIND_DOUBLE, -1, dcm_jis0212_table},
    {"$)C", TRUE, KIND_DOUBLE, -1, dcm_ksx1001_table},
    {"$)A", TRUE, KIND_DOUBLE, -1, dcm_gb2312_table},
};

static void
append(GString *out, guint32 c)
{
  if (c == 0)
    c = UNKNOWN_CHARACTER;
  g_string_append_unichar(out, (gunichar)c);
}

/* The first value of (0008,0005) says what both halves hold at the start. */
static State
initial_state(const char *charset)
{
  State s = {{KIND_SINGLE, NULL}, {KIND_SINGLE, NULL}};
  gsize n = charset ? strcspn(charset, "\\") : 0;
  g_autofree char *first = g_strstrip(g_strndup(charset ? charset : "", n));
  const char *number = g_str_has_prefix(first, "ISO_IR ")        ? first + 7
                       : g_str_has_prefix(first, "ISO 2022 IR ") ? first + 12
                                                                 : "";
  for (gsize i = 0; i < G_N_ELEMENTS(terms); i++)
    if (strcmp(terms[i].number, number) == 0)
      s.g1.table = dcm_single_table[terms[i].single];
  return s;
}

/* Takes an escape sequence at p; its length, 0 for an unknown one. */
static gsize
designate(State *s, const guint8 *p, gsize n)
{
  for (gsize i = 0; i < G_N_ELEMENTS(designations); i++) {
    const Designation *d = &designations[i];
    gsize length = strlen(d->sequence);
    if (n < length + 1 || memcmp(p + 1, d->sequence, length) != 0)
      continue;
    Half *half = d->upper ? &s->g1 : &s->g0;
    half->kind = d->kind;
    half->table = d->kind == KIND_DOUBLE ? d->table94
                  : d->single >= 0       ? dcm_single_table[d->single]
                                         : NULL;
    return length + 1;
  }
  return 0;
}

/* One character of one or two bytes; how many were used. */
static gsize
decode(const State *s, const guint8 *p, gsize n, GString *out)
{
  gboolean upper = (*p & 0x80) != 0;
  const Half *half = upper ? &s->g1 : &s->g0;
  if (*p <= 0x20 || *p == 0x7F || (!upper && half->kind == KIND_SINGLE)) {
    append(out, *p ? *p : ' ');
    return 1;
  }
  if (half->kind == KIND_DOUBLE) {
    guint a = (*p & 0x7Fu) - 0x21u, b = n > 1 ? (p[1] & 0x7Fu) - 0x21u : 94u;
    gboolean ok = a < 94 && b < 94;
    append(out, ok ? half->table[a * 94 + b] : 0);
    return ok ? 2 : 1;
  }
  append(out, half->table && *p >= 0xA0 ? half->table[*p - 0xA0] : 0);
  return 1;
}

/* PS3.5, 6.1.2.5.3: the initial sets come back at each of these. */
static gboolean
resets(guint8 c)
{
  return c == '\\' || c == '^' || c == '=' || c == '\r' || c == '\n' || c == '\f' || c == '\t';
}

static void
decode_iso2022(const char *charset, const guint8 *p, gsize n, GString *out)
{
  State initial = initial_state(charset), s = initial;
  for (gsize i = 0; i < n;) {
    gsize used = p[i] == ESCAPE ? designate(&s, p + i, n - i) : 0;
    if (used) {
      i += used;
      continue;
    }
    if (s.g0.kind == KIND_SINGLE && resets(p[i]))
      s = initial;
    i += decode(&s, p + i, n - i, out);
  }
}

/* Code point of a four-byte GB18030 sequence's linear number in the BMP: the
 * numbers count the code points from U+0080 that the two-byte part lacks. */
static guint32
gb18030_linear(guint linear)
{
  static guint16 *missing = NULL;
  static guint n_missing = 0;
  if (!missing) {
    g_autofree guint8 *seen = g_malloc0(0x10000);
    missing = g_new0(guint16, 0x10000);
    for (gsize i = 0; i < 126 * 191; i++)
      seen[dcm_gb18030_table[i]] = 1;
    for (guint c = 0x80; c < 0x10000; c++)
      if (!seen[c] && (c < 0xD800 || c > 0xDFFF))
        missing[n_missing++] = (guint16)c;
  }
  if (linear >= 189000 && linear - 189000 + 0x10000 <= 0x10FFFF)
    return linear - 189000 + 0x10000;
  return linear < n_missing ? missing[linear] : 0;
}

static gsize
decode_gb18030_one(const guint8 *p, gsize n, GString *out)
{
  if (*p < 0x80) {
    append(out, *p ? *p : ' ');
    return 1;
  }
  if (*p == 0x80 || *p == 0xFF || n < 2) {
    append(out, 0);
    return 1;
  }
  if (p[1] >= 0x40 && p[1] != 0x7F && p[1] != 0xFF) {
    append(out, dcm_gb18030_table[(*p - 0x81) * 191 + p[1] - 0x40]);
    return 2;
  }
  if (n >= 4 && p[1] >= 0x30 && p[1] <= 0x39 && p[2] >= 0x81 && p[2] <= 0xFE && p[3] >= 0x30 &&
      p[3] <= 0x39) {
    guint linear = ((*p - 0x81u) * 10 + p[1] - 0x30u) * 1260 + (p[2] - 0x81u) * 10 + p[3] - 0x30u;
    append(out, gb18030_linear(linear));
    return 4;
  }
  append(out, 0);
  return 1;
}

static char *
without_nul(const guint8 *bytes, gsize n)
{
  char *s = g_malloc(n + 1);
  for (gsize i = 0; i < n; i++)
    s[i] = bytes[i] ? (char)bytes[i] : ' ';
  s[n] = '\0';
  return s;
}

/* What is the same in every repertoire but that of JIS X 0201, whose yen and overline take the
 * place of two characters. */
static gboolean
is_plain(const char *charset, const guint8 *bytes, gsize n)
{
  if (charset && strstr(charset, "IR 13"))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (bytes[i] < 0x20 || bytes[i] > 0x7E)
      return FALSE;
  return TRUE;
}

char *
dcm_charset_to_utf8(const char *charset, const guint8 *bytes, gsize n)
{
  if (is_plain(charset, bytes, n))
    return g_strndup((const char *)bytes, n);
  if (charset && strstr(charset, "ISO_IR 192")) {
    g_autofree char *s = without_nul(bytes, n);
    return g_utf8_make_valid(s, (gssize)n);
  }
  GString *out = g_string_sized_new(n);
  if (charset && (strstr(charset, "GB18030") || strstr(charset, "GBK"))) {
    for (gsize i = 0; i < n;)
      i += decode_gb18030_one(bytes + i, n - i, out);
    return g_string_free(out, FALSE);
  }
  if (!charset || strspn(charset, " \\") == strlen(charset)) {
    /* The default repertoire is ASCII, but many writers put UTF-8 or Latin-1. */
    g_autofree char *s = without_nul(bytes, n);
    if (g_utf8_validate(s, (gssize)n, NULL)) {
      g_string_free(out, TRUE);
      return g_steal_pointer(&s);
    }
    decode_iso2022("ISO_IR 100", bytes, n, out);
    return g_string_free(out, FALSE);
  }
  decode_iso2022(charset, bytes, n, out);
  return g_string_free(out, FALSE);
}
