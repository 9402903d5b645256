/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir-pair.h"

#include <string.h>

#include "fhir-values.h"

void
pairs_init(Pairs *p)
{
  p->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  p->studies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  p->referred = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void
pairs_clear(Pairs *p)
{
  g_hash_table_unref(p->words);
  g_hash_table_unref(p->studies);
  g_hash_table_unref(p->referred);
}

/* The modality that the name of a Procedure says; NULL when it says none. */
static const char *
modality_of_words(const char *words)
{
  static const struct {
    const char *part, *modality;
  } table[] = {{"mammogra", "MG"},         {"x-ray", "XR"},      {"xray", "XR"},
               {"radiograph", "XR"},       {"echocardio", "US"}, {"ultraso", "US"},
               {"sonogra", "US"},          {"positron", "PT"},   {"pet/ct", "PT"},
               {"computed tomogra", "CT"}, {"cat scan", "CT"},   {"ct scan", "CT"},
               {"magnetic", "MR"},         {"mri", "MR"},        {"densit", "DXA"},
               {"scintigra", "NM"},        {"fluoroscop", "FL"}, {"angiogra", "XA"}};
  g_autofree char *lower = words ? g_ascii_strdown(words, -1) : NULL;
  for (gsize i = 0; lower && i < G_N_ELEMENTS(table); i++)
    if (strstr(lower, table[i].part))
      return table[i].modality;
  if (lower && (g_str_has_prefix(lower, "ct ") || strstr(lower, " ct ")))
    return "CT";
  return NULL;
}

/* NULL where one of them is not known to the minute. */
static char *
key_of(Json *resource, const char *start, const char *modality)
{
  const char *subject = json_text_at(resource, "subject.reference");
  const char *encounter = json_text_at(resource, "encounter.reference");
  if (!subject || !start || strlen(start) < 16 || !modality)
    return NULL;
  return g_strdup_printf("%s\n%s\n%.16s\n%s", subject, encounter ? encounter : "", start, modality);
}

static char *
procedure_key(Json *procedure)
{
  static const char *const times[] = {"performedDateTime", "performedPeriod", "occurrenceDateTime",
                                      "occurrencePeriod", NULL};
  g_autofree char *start = value_first_datetime(procedure, times);
  return key_of(procedure, start, modality_of_words(concept_words(json_get(procedure, "code"))));
}

static char *
study_key(Json *study)
{
  static const char *const times[] = {"started", NULL};
  g_autofree char *start = value_first_datetime(study, times);
  Json *coded = json_item(json_get(study, "modality"), 0);
  if (!coded)
    coded = json_get(json_item(json_get(study, "series"), 0), "modality");
  return key_of(study, start, code_modality(concept_code(coded, NULL)));
}

/* Without the tag that SNOMED CT puts behind its names. */
static char *
plain_words(Json *procedure)
{
  char *words = g_strdup(concept_words(json_get(procedure, "code")));
  if (words && g_str_has_suffix(words, " (procedure)"))
    words[strlen(words) - strlen(" (procedure)")] = 0;
  return words;
}

static void
note_procedure(Pairs *p, Json *procedure)
{
  char *key = procedure_key(procedure);
  if (!key)
    return;
  char *words = plain_words(procedure);
  const char *before = g_hash_table_lookup(p->words, key);
  if (before && g_ascii_strcasecmp(before, words ? words : "") != 0) {
    g_free(words);
    words = g_strdup("");
  }
  g_hash_table_insert(p->words, key, words);
}

void
pairs_note(Pairs *p, Json *resource)
{
  const char *type = json_text_at(resource, "resourceType");
  if (g_strcmp0(type, "Procedure") == 0 &&
      g_strcmp0(json_text_at(resource, "status"), "completed") == 0) {
    note_procedure(p, resource);
  } else if (g_strcmp0(type, "ImagingStudy") == 0 &&
             g_strcmp0(json_text_at(resource, "status"), "available") == 0) {
    char *key = study_key(resource);
    const char *reference = json_text_at(resource, "procedureReference.reference");
    if (key)
      g_hash_table_add(p->studies, key);
    if (reference)
      g_hash_table_add(p->referred, g_strdup(reference));
  }
}

char *
pairs_study_words(const Pairs *p, Json *study)
{
  g_autofree char *key = study_key(study);
  const char *words = key ? g_hash_table_lookup(p->words, key) : NULL;
  return words && *words ? g_strdup(words) : NULL;
}

gboolean
pairs_has_study(const Pairs *p, Json *procedure, const char *url)
{
  g_autofree char *key = procedure_key(procedure);
  const char *id = json_text_at(procedure, "id");
  g_autofree char *name = id ? g_strconcat("Procedure/", id, NULL) : NULL;
  const char *words = key ? g_hash_table_lookup(p->words, key) : NULL;
  /* Of two acts at once it is not said which one the study is. */
  const gboolean alone = words && *words && g_hash_table_contains(p->studies, key);
  return alone || (url && g_hash_table_contains(p->referred, url)) ||
         (name && g_hash_table_contains(p->referred, name));
}
