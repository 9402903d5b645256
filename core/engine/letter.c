/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/letter.h"

#include <string.h>

#include "base/error.h"
#include "base/xml.h"

typedef struct {
  ItvLetterPartKind kind;
  char *text;
  GStrv statuses; /* NULL: any */
  char *needs;    /* a placeholder that must not be empty; NULL: none */
  char *lacks;    /* one that must be empty */
} Paragraph;

struct ItvLetter {
  ItvContactWhom whom;
  char *language;
  GArray *paragraphs; /* Paragraph */
  GHashTable *words;  /* "modality CT", "region chest", "side left", "kind lab", "pattern exam" */
};

static const char *const placeholders[] = {"patient.name",
                                           "patient.id",
                                           "patient.birth-date",
                                           "recipient",
                                           "referrer",
                                           "reader",
                                           "exam",
                                           "recommended-exam",
                                           "recommended-on",
                                           "due",
                                           "due-until",
                                           "due-period",
                                           "overdue-after",
                                           "scheduled-for",
                                           "days-overdue",
                                           "finding",
                                           "quote",
                                           "report",
                                           "condition",
                                           "owner",
                                           "site.name",
                                           "site.address",
                                           "site.phone",
                                           "site.hours",
                                           "today",
                                           NULL};

static void
clear_paragraph(gpointer data)
{
  Paragraph *p = data;
  g_free(p->text);
  g_strfreev(p->statuses);
  g_free(p->needs);
  g_free(p->lacks);
}

void
itv_letter_free(ItvLetter *letter)
{
  if (!letter)
    return;
  g_free(letter->language);
  g_array_unref(letter->paragraphs);
  g_hash_table_unref(letter->words);
  g_free(letter);
}

ItvContactWhom
itv_letter_whom(const ItvLetter *letter)
{
  return letter->whom;
}

const char *
itv_letter_language(const ItvLetter *letter)
{
  return letter->language;
}

/* ---- reading a template ------------------------------------------------------------ */

/* Blanks and line ends of the file's layout become one blank; "|" is a line end. */
static char *
layout(const char *text)
{
  g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
  g_autoptr(GString) s = g_string_new(NULL);
  for (guint i = 0; words[i]; i++)
    if (strcmp(words[i], "|") == 0)
      g_string_append_c(s, '\n');
    else if (*words[i])
      g_string_append_printf(s, "%s%s", s->len && s->str[s->len - 1] != '\n' ? " " : "", words[i]);
  return g_string_free(g_steal_pointer(&s), FALSE);
}

static gboolean
check_placeholders(const char *text, const ItvXml *xml, const char *file, GError **error)
{
  for (const char *c = strchr(text, '{'); c; c = strchr(c + 1, '{')) {
    const char *end = strchr(c, '}');
    g_autofree char *name = end ? g_strndup(c + 1, (gsize)(end - c - 1)) : g_strdup(c);
    if (!end || !g_strv_contains(placeholders, name))
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: {%s} is no placeholder", file, xml->line,
                      name);
  }
  return TRUE;
}

static gboolean
check_condition(const char *name, const ItvXml *xml, const char *file, GError **error)
{
  if (!name || g_strv_contains(placeholders, name))
    return TRUE;
  return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s is no placeholder", file, xml->line, name);
}

static gboolean
add_paragraph(ItvLetter *letter, ItvLetterPartKind kind, const ItvXml *xml, const char *file,
              GError **error)
{
  const char *statuses = itv_xml_attr(xml, "status", NULL);
  const char *needs = itv_xml_attr(xml, "if", NULL), *lacks = itv_xml_attr(xml, "unless", NULL);
  if (!check_condition(needs, xml, file, error) || !check_condition(lacks, xml, file, error) ||
      !check_placeholders(xml->text, xml, file, error))
    return FALSE;
  const Paragraph p = {kind, layout(xml->text), statuses ? g_strsplit(statuses, " ", -1) : NULL,
                       g_strdup(needs), g_strdup(lacks)};
  g_array_append_val(letter->paragraphs, p);
  return TRUE;
}

static void
add_words(ItvLetter *letter, const ItvXml *words)
{
  for (guint i = 0; i < words->children->len; i++) {
    const ItvXml *word = words->children->pdata[i];
    g_hash_table_insert(letter->words,
                        g_strdup_printf("%s %s", word->name, itv_xml_attr(word, "code", "")),
                        layout(word->text));
  }
}

static gboolean
read_children(ItvLetter *letter, const ItvXml *root, const char *file, GError **error)
{
  static const char *const names[] = {"",  "sender", "recipient", "subject",
                                      "p", "quote",  "call",      "signature"};
  for (guint i = 0; i < root->children->len; i++) {
    const ItvXml *child = root->children->pdata[i];
    guint kind = ITV_LETTER_SENDER;
    if (strcmp(child->name, "words") == 0) {
      add_words(letter, child);
      continue;
    }
    while (kind <= ITV_LETTER_SIGNATURE && strcmp(names[kind], child->name) != 0)
      kind++;
    if (kind > ITV_LETTER_SIGNATURE)
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: <%s> does not belong here", file,
                      child->line, child->name);
    if (!add_paragraph(letter, (ItvLetterPartKind)kind, child, file, error))
      return FALSE;
  }
  return TRUE;
}

ItvLetter *
itv_letter_load(const char *path, const char *xsd_path, GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd_path, error);
  if (!root)
    return NULL;
  g_autoptr(ItvLetter) letter = g_new0(ItvLetter, 1);
  letter->paragraphs = g_array_new(FALSE, TRUE, sizeof(Paragraph));
  g_array_set_clear_func(letter->paragraphs, clear_paragraph);
  letter->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  letter->whom = itv_whom_parse(itv_xml_attr(root, "to", NULL));
  letter->language = g_strdup(itv_xml_attr(root, "language", "en"));
  if (!letter->whom)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: to: expected patient, referrer or other", path,
                    root->line),
           NULL;
  if (!read_children(letter, root, path, error))
    return NULL;
  return g_steal_pointer(&letter);
}

/* ---- words ---------------------------------------------------------------------------- */

static const char *
word(const ItvLetter *letter, const char *list, const char *code)
{
  g_autofree char *key = g_strdup_printf("%s %s", list, code ? code : "");
  const char *found = code ? g_hash_table_lookup(letter->words, key) : NULL;
  return found ? found : code ? code : "";
}

static char *
replace(const char *text, const char *name, const char *value)
{
  g_autofree char *mark = g_strdup_printf("{%s}", name);
  g_auto(GStrv) parts = g_strsplit(text, mark, -1);
  return g_strjoinv(value, parts);
}

/* The template's date pattern, with the month in words. */
static char *
date_words(const ItvLetter *letter, ItvDate date)
{
  int year = 0, month = 0, day = 0;
  if (date == ITV_DATE_NONE)
    return g_strdup("");
  itv_date_split(date, &year, &month, &day);
  const char *pattern = word(letter, "pattern", "date");
  g_autofree char *number = g_strdup_printf("%d", month);
  g_autofree char *d = g_strdup_printf("%d", day), *y = g_strdup_printf("%d", year);
  if (strcmp(pattern, "date") == 0)
    return itv_date_format(date);
  g_autofree char *with_day = replace(pattern, "day", d);
  g_autofree char *with_month = replace(with_day, "month", word(letter, "month", number));
  return replace(with_month, "year", y);
}

static char *
small_letters(const char *word_in)
{
  GString *s = g_string_new(NULL);
  gboolean first = TRUE, shout = g_utf8_strlen(word_in, -1) > 1;
  for (const char *c = word_in; *c && shout; c = g_utf8_next_char(c))
    shout = !g_unichar_islower(g_utf8_get_char(c));
  for (const char *c = word_in; *c; c = g_utf8_next_char(c)) {
    const gunichar u = g_utf8_get_char(c);
    g_string_append_unichar(s, shout && !first ? g_unichar_tolower(u) : u);
    first = !g_unichar_isalpha(u);
  }
  return g_string_free(s, FALSE);
}

char *
itv_letter_name(const char *name)
{
  g_auto(GStrv) parts = g_strsplit(name && g_utf8_validate(name, -1, NULL) ? name : "", "^", 4);
  static const guint order[] = {1, 2, 0};
  const guint n = g_strv_length(parts);
  g_autoptr(GString) s = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
    if (order[i] >= n || !*g_strstrip(parts[order[i]]))
      continue;
    g_autofree char *part = small_letters(parts[order[i]]);
    g_string_append_printf(s, "%s%s", s->len ? " " : "", part);
  }
  return g_string_free(g_steal_pointer(&s), FALSE);
}

/* "a CT scan of the left knee", by the template's patterns: exam, exam-side,
 * exam-no-region, kind. */
static char *
exam_words(const ItvLetter *letter, ItvActionKind kind, ItvModalitySet modalities, ItvRegion region,
           ItvLaterality side)
{
  if (kind != ITV_KIND_OF_IMAGING)
    return g_strdup(word(letter, "kind", itv_action_kind_code(kind)));
  g_autoptr(GString) which = g_string_new(NULL);
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (modalities & ITV_MODALITY_BIT(m))
      g_string_append_printf(which, "%s%s", which->len ? word(letter, "pattern", "or") : "",
                             word(letter, "modality", itv_modality_code((ItvModality)m)));
  if (!which->len)
    g_string_append(which, word(letter, "modality", "any"));
  const char *pattern = !region ? "exam-no-region" : side ? "exam-side" : "exam";
  g_autofree char *one = replace(word(letter, "pattern", pattern), "modality", which->str);
  g_autofree char *two =
      replace(one, "region", region ? word(letter, "region", itv_region_code(region)) : "");
  return replace(two, "side", side ? word(letter, "side", itv_laterality_code(side)) : "");
}

/* "on 5 October 2026", or "from 5 October 2026 until 19 October 2026". */
static char *
due_words(const ItvLetter *letter, const ItvFollowup *f)
{
  if (f->due_from == ITV_DATE_NONE)
    return g_strdup("");
  g_autofree char *from = date_words(letter, f->due_from);
  g_autofree char *until = date_words(letter, f->due_until);
  const char *pattern = word(letter, "pattern", f->due_from == f->due_until ? "day" : "span");
  g_autofree char *half = replace(pattern, "from", from);
  return replace(half, "until", until);
}

static char *
exam_that_asked(const ItvLetter *letter, const ItvLetterFacts *facts)
{
  if (letter->whom != ITV_WHOM_PATIENT && facts->exam && *facts->exam)
    return g_strdup(facts->exam);
  return exam_words(letter, ITV_KIND_OF_IMAGING,
                    facts->exam_modality ? ITV_MODALITY_BIT(facts->exam_modality) : 0,
                    facts->exam_region, ITV_LATERALITY_NONE);
}

/* The value of a placeholder; owned, never NULL. */
static char *
value_of(const ItvLetter *letter, const ItvLetterFacts *x, const char *name)
{
  const ItvFollowup *f = x->item;
  const struct {
    const char *name, *value;
  } texts[] = {{"patient.id", x->patient_id}, {"finding", f->finding},
               {"quote", f->evidence_text},   {"report", x->report},
               {"condition", f->condition},   {"owner", x->owner},
               {"site.name", x->site_name},   {"site.address", x->site_address},
               {"site.phone", x->site_phone}, {"site.hours", x->site_hours}};
  const struct {
    const char *name;
    ItvDate value;
  } dates[] = {{"patient.birth-date", x->birth_date},
               {"recommended-on", f->recommended_on},
               {"due", f->due_from},
               {"due-until", f->due_until},
               {"overdue-after", f->overdue_after},
               {"scheduled-for", f->scheduled_for},
               {"today", x->today}};
  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
    if (strcmp(texts[i].name, name) == 0)
      return layout(texts[i].value ? texts[i].value : "");
  for (gsize i = 0; i < G_N_ELEMENTS(dates); i++)
    if (strcmp(dates[i].name, name) == 0)
      return date_words(letter, dates[i].value);
  if (strcmp(name, "exam") == 0)
    return exam_words(letter, f->kind, f->modalities, f->region, f->laterality);
  if (strcmp(name, "due-period") == 0)
    return due_words(letter, f);
  if (strcmp(name, "recommended-exam") == 0)
    return exam_that_asked(letter, x);
  if (strcmp(name, "days-overdue") == 0)
    return f->days_overdue > 0 ? g_strdup_printf("%d", f->days_overdue) : g_strdup("");
  const gboolean patient = strcmp(name, "patient.name") == 0 ||
                           (strcmp(name, "recipient") == 0 && letter->whom == ITV_WHOM_PATIENT);
  return itv_letter_name(patient                       ? x->patient_name
                         : strcmp(name, "reader") == 0 ? x->reader
                                                       : x->referrer);
}

/* One pass: what a value holds is never taken for a placeholder. */
static char *
fill(const ItvLetter *letter, const ItvLetterFacts *facts, const char *text)
{
  g_autoptr(GString) s = g_string_new(NULL);
  while (*text) {
    const char *open = strchr(text, '{'), *close = open ? strchr(open, '}') : NULL;
    if (!close) {
      g_string_append(s, text);
      break;
    }
    g_string_append_len(s, text, open - text);
    g_autofree char *name = g_strndup(open + 1, (gsize)(close - open - 1));
    g_autofree char *value = value_of(letter, facts, name);
    g_string_append(s, value);
    text = close + 1;
  }
  return g_string_free(g_steal_pointer(&s), FALSE);
}

static gboolean
applies(const ItvLetter *letter, const ItvLetterFacts *facts, const Paragraph *p)
{
  g_autofree char *needs = p->needs ? value_of(letter, facts, p->needs) : NULL;
  g_autofree char *lacks = p->lacks ? value_of(letter, facts, p->lacks) : NULL;
  if (p->statuses &&
      !g_strv_contains((const char *const *)p->statuses, itv_status_code(facts->item->status)))
    return FALSE;
  return (!needs || *needs) && (!lacks || !*lacks);
}

static void
clear_part(gpointer data)
{
  g_free(((ItvLetterPart *)data)->text);
}

GArray *
itv_letter_fill(const ItvLetter *letter, const ItvLetterFacts *facts)
{
  GArray *parts = g_array_new(FALSE, TRUE, sizeof(ItvLetterPart));
  g_array_set_clear_func(parts, clear_part);
  for (guint i = 0; i < letter->paragraphs->len; i++) {
    const Paragraph *p = &g_array_index(letter->paragraphs, Paragraph, i);
    if (!applies(letter, facts, p))
      continue;
    const ItvLetterPart part = {p->kind, fill(letter, facts, p->text)};
    g_array_append_val(parts, part);
  }
  return parts;
}
