/* SPDX-License-Identifier: Apache-2.0
 *
 * What messages say of a patient, folded into sets that can be compared.
 */
#include <string.h>

#include "engine/linkage-internal.h"
#include "engine/linkage-text.h"

/* ---- sets ------------------------------------------------------------------------ */

typedef int (*Compare)(gconstpointer a, gconstpointer b);

/* Keeps the set sorted and bounded: the first ITV_PERSONA_MAX in order, which does not
 * depend on the order in which they came. */
static void
keep(GPtrArray *set, gpointer value, Compare compare, GDestroyNotify destroy)
{
  guint at = 0;
  int order = 1;
  while (at < set->len && (order = compare(set->pdata[at], value)) < 0)
    at++;
  if ((at < set->len && order == 0) || at >= ITV_PERSONA_MAX) {
    destroy(value);
    return;
  }
  g_ptr_array_insert(set, (gint)at, value);
  if (set->len > ITV_PERSONA_MAX)
    g_ptr_array_set_size(set, ITV_PERSONA_MAX);
}

static int
by_text(gconstpointer a, gconstpointer b)
{
  return strcmp(a, b);
}

/* Takes `text`; nothing happens for an empty one. */
static void
keep_text(GPtrArray *set, char *text)
{
  if (text && *text)
    keep(set, text, by_text, g_free);
  else
    g_free(text);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
  const ItvPersonaName *x = a, *y = b;
  int order = strcmp(x->family, y->family);
  if (!order)
    order = strcmp(x->given, y->given);
  if (!order)
    order = strcmp(x->middle, y->middle);
  return order ? order : strcmp(x->suffix, y->suffix);
}

static void
name_free(gpointer data)
{
  ItvPersonaName *n = data;
  g_free(n->family);
  g_free(n->given);
  g_free(n->middle);
  g_free(n->suffix);
  g_free(n->family_joined);
  g_free(n->given_joined);
  g_free(n);
}

static int
by_address(gconstpointer a, gconstpointer b)
{
  const ItvPersonaAddress *x = a, *y = b;
  int order = strcmp(x->zip, y->zip);
  if (!order)
    order = strcmp(x->city, y->city);
  if (!order)
    order = strcmp(x->street, y->street);
  return order ? order : strcmp(x->number, y->number);
}

static void
address_free(gpointer data)
{
  ItvPersonaAddress *a = data;
  g_free(a->number);
  g_free(a->street);
  g_free(a->city);
  g_free(a->zip);
  g_free(a);
}

ItvPersona *
itv_persona_new(void)
{
  ItvPersona *p = g_new0(ItvPersona, 1);
  p->names = g_ptr_array_new_with_free_func(name_free);
  p->contacts = g_ptr_array_new_with_free_func(name_free);
  p->addresses = g_ptr_array_new_with_free_func(address_free);
  GPtrArray **const texts[] = {&p->births,  &p->phones, &p->national, &p->insurance,
                               &p->mothers, &p->orders, &p->sexes,    &p->families};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = g_ptr_array_new_with_free_func(g_free);
  return p;
}

void
itv_persona_free(ItvPersona *p)
{
  if (!p)
    return;
  GPtrArray *const sets[] = {p->names,  p->contacts, p->addresses, p->births,
                             p->phones, p->national, p->insurance, p->mothers,
                             p->orders, p->sexes,    p->families};
  for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
    g_ptr_array_unref(sets[i]);
  g_free(p);
}

gboolean
itv_persona_is_empty(const ItvPersona *p)
{
  return p->names->len == 0 && p->phones->len == 0 && p->national->len == 0 &&
         p->insurance->len == 0;
}

const GPtrArray *
itv_persona_families(const ItvPersona *p)
{
  return p->families;
}

/* ---- names -------------------------------------------------------------------------- */

/* Every word stands for "no name yet": BABY BOY, TEST, UNKNOWN, TWIN A. */
static gboolean
is_placeholder(const ItvLinkage *linkage, const char *folded)
{
  g_auto(GStrv) words = g_strsplit(folded, " ", -1);
  gboolean some = FALSE;
  for (guint i = 0; words[i]; i++) {
    words[i][strcspn(words[i], "0123456789")] = 0; /* ANON0017 */
    if (g_hash_table_contains(linkage->placeholder_names, words[i]))
      some = TRUE;
    else if (strlen(words[i]) > 1)
      return FALSE;
  }
  return some;
}

/* JR, SR, II, III ... in one spelling; NULL for any other word. */
static const char *
generation(const char *word)
{
  static const char *const words[][2] = {{"JR", "JR"},   {"JUNIOR", "JR"}, {"JNR", "JR"},
                                         {"SR", "SR"},   {"SENIOR", "SR"}, {"SNR", "SR"},
                                         {"II", "II"},   {"2ND", "II"},    {"III", "III"},
                                         {"3RD", "III"}, {"IV", "IV"},     {"4TH", "IV"}};
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (strcmp(words[i][0], word) == 0)
      return words[i][1];
  return NULL;
}

/* A generation at the end of "SMITH JR" moves to `suffix`. */
static void
split_generation(char *folded, char **suffix)
{
  char *space = strrchr(folded, ' ');
  const char *found = space ? generation(space + 1) : NULL;
  if (!found)
    return;
  *space = 0;
  if (!*suffix)
    *suffix = g_strdup(found);
}

/* A number stands in the name's place: a pseudonym, which is one word.  Bytes, not
 * characters: what lies beyond ASCII is taken for letters. */
static gboolean
is_pseudonym(const char *text)
{
  for (const char *p = text; *p; p++)
    if (g_ascii_isalpha(*p) || (guint8)*p >= 0x80)
      return FALSE;
  return *text != 0;
}

/* "FAMILY, GIVEN MIDDLE" or "GIVEN MIDDLE FAMILY" in the order of a DICOM PN. */
static GStrv
plain_name(const char *text)
{
  g_auto(GStrv) halves = g_strsplit(text, ",", 2);
  const gboolean comma = halves[0] && halves[1];
  g_autofree char *folded = itv_link_fold(comma ? halves[1] : text);
  g_auto(GStrv) words = g_strsplit(folded, " ", -1);
  const guint n = g_strv_length(words), last = comma ? n : n > 0 ? n - 1 : 0;
  g_autoptr(GString) middle = g_string_new(NULL);
  for (guint i = 1; i < last; i++)
    g_string_append_printf(middle, "%s%s", middle->len ? " " : "", words[i]);
  const char *parts[] = {comma   ? halves[0]
                         : n > 0 ? words[n - 1]
                                 : "",
                         last > 0 ? words[0] : "", middle->str, NULL};
  return g_strdupv((char **)(guintptr)parts);
}

static char *
folded_part(const GStrv parts, guint n, guint i)
{
  return itv_link_fold(i < n ? parts[i] : "");
}

/* Ä is written A or AE, and so on: both become A. */
static char *
without_umlauts(char *joined)
{
  char *to = joined;
  for (const char *p = joined; *p; p++)
    if (*p != 'E' || p == joined || !strchr("AOU", p[-1]))
      *to++ = *p;
  *to = 0;
  return joined;
}

/* A name as a record gives it; *placeholder is set where a part is none. */
static ItvPersonaName *
read_name(const ItvLinkage *linkage, const char *text, gboolean *placeholder)
{
  g_auto(GStrv) groups = g_strsplit(text, "=", 2);
  /* The alphabetic group; the ideographic one where there is no other. */
  const char *latin = groups[0] && !*groups[0] && groups[1] ? groups[1]
                      : groups[0]                           ? groups[0]
                                                            : "";
  g_auto(GStrv) parts = strchr(latin, '^') ? g_strsplit(latin, "^", 8) : plain_name(latin);
  const guint n = g_strv_length(parts);
  ItvPersonaName *name = g_new0(ItvPersonaName, 1);
  name->family = folded_part(parts, n, 0);
  name->given = folded_part(parts, n, 1);
  name->middle = folded_part(parts, n, 2);
  for (guint i = 3; i < n && !name->suffix; i++) {
    g_autofree char *word = itv_link_fold(parts[i]);
    name->suffix = g_strdup(generation(word));
  }
  if (is_pseudonym(latin)) {
    g_free(name->family);
    name->family = itv_link_digits(latin);
    *name->given = *name->middle = 0;
    *placeholder = TRUE;
  }
  char **const named[] = {&name->family, &name->given, &name->middle};
  for (gsize i = 0; i < G_N_ELEMENTS(named); i++) {
    split_generation(*named[i], &name->suffix);
    if (is_placeholder(linkage, *named[i])) {
      *placeholder = TRUE;
      **named[i] = 0;
    }
  }
  if (!name->suffix)
    name->suffix = g_strdup("");
  name->family_joined = without_umlauts(itv_link_join(name->family));
  name->given_joined = itv_link_join(name->given);
  return name;
}

static void
add_name(GPtrArray *set, const ItvLinkage *linkage, const char *text, gboolean *placeholder)
{
  ItvPersonaName *name = read_name(linkage, text, placeholder);
  if (*name->family || *name->given)
    keep(set, name, by_name, name_free);
  else
    name_free(name);
}

/* ---- addresses -------------------------------------------------------------------------- */

/* Words of streets in their shortest spelling. */
static const char *
street_word(const char *word)
{
  static const char *const words[][2] = {
      {"STREET", "ST"},   {"STRASSE", "STR"}, {"AVENUE", "AVE"},     {"AV", "AVE"},
      {"ROAD", "RD"},     {"DRIVE", "DR"},    {"LANE", "LN"},        {"PLACE", "PL"},
      {"CIRCLE", "CIR"},  {"COURT", "CT"},    {"BOULEVARD", "BLVD"}, {"PARKWAY", "PKWY"},
      {"HIGHWAY", "HWY"}, {"TERRACE", "TER"}, {"SQUARE", "SQ"},      {"CRESCENT", "CRES"},
      {"CLOSE", "CL"},    {"NORTH", "N"},     {"SOUTH", "S"},        {"EAST", "E"},
      {"WEST", "W"},      {"SAINT", "ST"},    {"MOUNT", "MT"}};
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (strcmp(words[i][0], word) == 0)
      return words[i][1];
  return word;
}

static gboolean
has_digit(const char *word)
{
  return strpbrk(word, "0123456789") != NULL;
}

/* House number and street of "12 MAIN STREET" or "HAUPTSTRASSE 12". */
static void
read_street(ItvPersonaAddress *a, const char *folded)
{
  g_auto(GStrv) words = g_strsplit(folded, " ", -1);
  GString *street = g_string_new(NULL);
  for (guint i = 0; words[i]; i++) {
    if (!a->number && has_digit(words[i]) && (i == 0 || !words[i + 1] || street->len > 3))
      a->number = g_strdup(words[i]);
    else
      g_string_append(street, street_word(words[i]));
  }
  a->street = g_string_free(street, FALSE);
  if (!a->number)
    a->number = g_strdup("");
}

/* A dwelling within the house says nothing of the town. */
static gboolean
is_unit(const char *folded)
{
  static const char *const words[] = {"APT",  "APARTMENT", "UNIT", "SUITE", "STE",
                                      "FLAT", "LOT",       "ROOM", "FLOOR"};
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_has_prefix(folded, words[i]) &&
        (folded[strlen(words[i])] == ' ' || !folded[strlen(words[i])]))
      return TRUE;
  return FALSE;
}

/* The first word with at least three digits; five of its characters. */
static char *
find_zip(const char *folded)
{
  g_auto(GStrv) words = g_strsplit(folded, " ", -1);
  for (guint i = 0; words[i]; i++) {
    g_autofree char *digits = itv_link_digits(words[i]);
    if (strlen(digits) >= 3)
      return g_strndup(words[i], 5);
  }
  return NULL;
}

/* "STREET, OTHER, CITY, STATE, ZIP, COUNTRY", any part of it missing. */
static void
add_address(ItvPersona *p, const char *text)
{
  g_auto(GStrv) parts = g_strsplit_set(text, ",^\n;", 12);
  ItvPersonaAddress *a = g_new0(ItvPersonaAddress, 1);
  for (guint i = 0; parts[i]; i++) {
    g_autofree char *folded = itv_link_fold(parts[i]);
    if (!*folded || is_unit(folded))
      continue;
    g_autofree char *zip = a->street ? find_zip(folded) : NULL;
    if (!a->street)
      read_street(a, folded);
    else if (zip && !a->zip)
      a->zip = g_steal_pointer(&zip);
    else if (!a->city && strlen(folded) > 2 && !has_digit(folded))
      a->city = itv_link_join(folded);
  }
  char **const all[] = {&a->number, &a->street, &a->city, &a->zip};
  for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
    if (!*all[i])
      *all[i] = g_strdup("");
  if (*a->street || *a->zip || *a->city)
    keep(p->addresses, a, by_address, address_free);
  else
    address_free(a);
}

/* ---- numbers and dates ----------------------------------------------------------------------- */

static gboolean
all_alike(const char *text)
{
  return strspn(text, (const char[]){text[0], 0}) == strlen(text);
}

/* The last ten digits: with and without the country's prefix it is one number. */
static void
add_phone(ItvPersona *p, const ItvLinkage *linkage, const char *text)
{
  g_autofree char *digits = itv_link_digits(text);
  const gsize n = strlen(digits);
  const char *number = digits + (n > 10 ? n - 10 : 0);
  if (n < 7 || all_alike(number + strlen(number) - 7) ||
      g_hash_table_contains(linkage->placeholder_numbers, number))
    return;
  keep_text(p->phones, g_strdup(number));
}

/* "TYPE:NUMBER" or a bare number. */
static void
add_number(GPtrArray *set, const ItvLinkage *linkage, const char *text)
{
  const char *colon = strchr(text, ':');
  g_autofree char *type = colon ? g_strndup(text, (gsize)(colon - text)) : g_strdup("");
  g_autofree char *folded_type = itv_link_fold(type);
  g_autofree char *folded = itv_link_fold(colon ? colon + 1 : text);
  g_autofree char *number = itv_link_join(folded);
  if (strlen(number) < 5 || all_alike(number) ||
      g_hash_table_contains(linkage->placeholder_numbers, number))
    return;
  keep_text(set, g_strconcat(folded_type, ":", number, NULL));
}

static void
add_birth(ItvPersona *p, const ItvLinkage *linkage, const char *text)
{
  g_autofree char *digits = itv_link_digits(text);
  const gsize n = strlen(digits);
  if ((n == 4 || n == 6 || n == 8) && !g_hash_table_contains(linkage->placeholder_dates, digits))
    keep_text(p->births, g_strdup(digits));
}

/* ---- records ------------------------------------------------------------------------------------
 */

static void
add_field(ItvPersona *p, const ItvLinkage *linkage, const char *key, const char *text)
{
  gboolean ignored = FALSE;
  if (strcmp(key, "name") == 0 || strcmp(key, "alias") == 0)
    add_name(p->names, linkage, text, &p->placeholder);
  else if (strcmp(key, "birth-date") == 0)
    add_birth(p, linkage, text);
  else if (strcmp(key, "sex") == 0 && strcmp(text, "U") != 0)
    keep_text(p->sexes, g_strdup(text));
  else if (strcmp(key, "address") == 0)
    add_address(p, text);
  else if (strcmp(key, "phone") == 0)
    add_phone(p, linkage, text);
  else if (strcmp(key, "national-id") == 0)
    add_number(p->national, linkage, text);
  else if (strcmp(key, "insurance-id") == 0)
    add_number(p->insurance, linkage, text);
  else if (strcmp(key, "mother") == 0) {
    g_autofree char *folded = itv_link_fold(text);
    keep_text(p->mothers, itv_link_join(folded));
  } else if (strcmp(key, "contact") == 0)
    add_name(p->contacts, linkage, text, &ignored);
}

void
itv_persona_add(ItvPersona *p, const ItvLinkage *linkage, const itv_record *patient)
{
  for (gsize i = 0; i < patient->n_fields; i++) {
    const itv_field *f = &patient->fields[i];
    if (f->type == ITV_T_STR)
      add_field(p, linkage, f->key, f->v.str);
    else if (f->type == ITV_T_I64 && strcmp(f->key, "birth-order") == 0) {
      p->multiple_birth = TRUE;
      if (f->v.i64 > 0)
        keep_text(p->orders, g_strdup_printf("%d", (int)CLAMP(f->v.i64, 0, 99)));
    }
  }
  g_ptr_array_set_size(p->families, 0);
  for (guint i = 0; i < p->names->len; i++)
    keep_text(p->families, g_strdup(((const ItvPersonaName *)p->names->pdata[i])->family_joined));
}
