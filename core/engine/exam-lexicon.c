/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exam-lexicon.h"

#include <string.h>

#include "base/error.h"

static void
phrase_free(gpointer data)
{
  ItvExamPhrase *phrase = data;
  g_ptr_array_unref(phrase->words);
  g_array_unref(phrase->senses);
  g_free(phrase);
}

static void
topic_clear(gpointer data)
{
  ItvExamTopic *topic = data;
  g_free(topic->id);
  g_free(topic->title);
}

void
itv_exam_lexicon_free(ItvExamLexicon *lexicon)
{
  if (!lexicon)
    return;
  for (guint i = 0; i < G_N_ELEMENTS(lexicon->phrases); i++)
    if (lexicon->phrases[i])
      g_ptr_array_unref(lexicon->phrases[i]);
  g_hash_table_unref(lexicon->phrase_of);
  g_array_unref(lexicon->topics);
  g_array_unref(lexicon->relations);
  g_ptr_array_unref(lexicon->projections);
  g_ptr_array_unref(lexicon->protocols);
  itv_playbook_free(lexicon->playbook);
  itv_exam_vocabulary_free(lexicon->vocabulary);
  itv_code_map_free(lexicon->codes);
  itv_exam_memo_free(lexicon->memo);
  g_free(lexicon);
}

void
itv_exam_lexicon_set_codes(ItvExamLexicon *lexicon, ItvCodeMap *codes)
{
  itv_code_map_free(lexicon->codes);
  lexicon->codes = codes;
}

void
itv_exam_lexicon_set_fulfilment(ItvExamLexicon *lexicon, const ItvFulfilment *fulfilment)
{
  lexicon->fulfilment = fulfilment;
}

/* The bit of one code in a list attribute; G_MAXUINT: no such code. */
typedef guint (*CodeIndex)(const ItvExamLexicon *lexicon, const char *code);

static guint
modality_index(const ItvExamLexicon *lexicon G_GNUC_UNUSED, const char *code)
{
  ItvModality m = itv_modality_parse(code);
  return m ? (guint)m : G_MAXUINT;
}

static guint
region_index(const ItvExamLexicon *lexicon G_GNUC_UNUSED, const char *code)
{
  ItvRegion r = itv_region_parse(code);
  return r ? (guint)r : G_MAXUINT;
}

static guint
topic_index(const ItvExamLexicon *lexicon, const char *code)
{
  for (guint i = 0; i < lexicon->topics->len; i++)
    if (strcmp(g_array_index(lexicon->topics, ItvExamTopic, i).id, code) == 0)
      return i;
  return G_MAXUINT;
}

/* Names are not declared: the first term that uses one makes it known. */
static guint
name_index(GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (strcmp(names->pdata[i], name) == 0)
      return i;
  if (names->len >= 64)
    return G_MAXUINT;
  g_ptr_array_add(names, g_strdup(name));
  return names->len - 1;
}

static guint
projection_index(const ItvExamLexicon *lexicon, const char *code)
{
  return name_index(lexicon->projections, code);
}

static guint
protocol_index(const ItvExamLexicon *lexicon, const char *code)
{
  return name_index(lexicon->protocols, code);
}

static ItvContrast
contrast_parse(const char *code)
{
  return strcmp(code, "with") == 0      ? ITV_CONTRAST_WITH
         : strcmp(code, "without") == 0 ? ITV_CONTRAST_WITHOUT
         : strcmp(code, "both") == 0    ? ITV_CONTRAST_BOTH
                                        : ITV_CONTRAST_UNKNOWN;
}

/* A list attribute as a set; `ret_first` (may be NULL) gets the first member's
 * index.  Without the attribute both stay untouched. */
static gboolean
read_set(const ItvExamLexicon *lexicon, const ItvXml *xml, const char *file, const char *attr,
         CodeIndex index_of, guint64 *ret_set, guint *ret_first, GError **error)
{
  g_auto(GStrv) codes = g_strsplit_set(itv_xml_attr(xml, attr, ""), " \t\n", 0);
  guint64 set = 0;
  guint first = G_MAXUINT;
  for (guint i = 0; codes[i]; i++) {
    if (!codes[i][0])
      continue;
    guint index = index_of(lexicon, codes[i]);
    if (index == G_MAXUINT)
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s names \"%s\", which is no known code",
                      file, xml->line, attr, codes[i]);
    set |= (guint64)1 << index;
    if (first == G_MAXUINT)
      first = index;
  }
  if (!set)
    return TRUE;
  *ret_set = set;
  if (ret_first)
    *ret_first = first;
  return TRUE;
}

static gboolean
read_modalities(const ItvXml *xml, const char *file, const char *attr, ItvModalitySet *ret_set,
                GError **error)
{
  guint64 set = *ret_set;
  if (!read_set(NULL, xml, file, attr, modality_index, &set, NULL, error))
    return FALSE;
  *ret_set = (ItvModalitySet)set;
  return TRUE;
}

static gboolean
read_weight(const ItvXml *xml, const char *file, const char *attr, double *ret_weight,
            GError **error)
{
  const char *text = itv_xml_attr(xml, attr, "");
  char *end = NULL;
  double weight = g_ascii_strtod(text, &end);
  if (end == text || *end || !(weight >= 0 && weight <= 1))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s is \"%s\", expected a number from 0 to 1",
                    file, xml->line, attr, text);
  *ret_weight = weight;
  return TRUE;
}

static gboolean
add_topic(ItvExamLexicon *lexicon, const ItvXml *xml, const char *file, GError **error)
{
  ItvExamTopic topic = {0};
  const char *id = itv_xml_attr(xml, "id", "");
  if (lexicon->topics->len >= 63 || topic_index(lexicon, id) != G_MAXUINT)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s:%d: topic \"%s\" is one too many (63 at most) or stands here twice", file,
                    xml->line, id);
  const char *paired = itv_xml_attr(xml, "paired", "false");
  topic.paired = strcmp(paired, "true") == 0 || strcmp(paired, "1") == 0;
  if (!read_set(lexicon, xml, file, "region", region_index, &topic.regions, NULL, error))
    return FALSE;
  topic.id = g_strdup(id);
  topic.title = g_strdup(itv_xml_attr(xml, "title", id));
  g_array_append_val(lexicon->topics, topic);
  return TRUE;
}

/* Once all topics are known, since one may narrow another that stands below it. */
static gboolean
set_narrows(ItvExamLexicon *lexicon, const ItvXml *xml, const char *file, GError **error)
{
  guint index = topic_index(lexicon, itv_xml_attr(xml, "id", ""));
  return read_set(lexicon, xml, file, "narrows", topic_index,
                  &g_array_index(lexicon->topics, ItvExamTopic, index).narrows, NULL, error);
}

static gboolean
add_relation(ItvExamLexicon *lexicon, const ItvXml *xml, const char *file, GError **error)
{
  ItvExamRelation relation = {0};
  if (!read_set(lexicon, xml, file, "current", topic_index, &relation.current, NULL, error) ||
      !read_set(lexicon, xml, file, "prior", topic_index, &relation.prior, NULL, error) ||
      !read_modalities(xml, file, "current-modality", &relation.current_modality, error) ||
      !read_modalities(xml, file, "prior-modality", &relation.prior_modality, error) ||
      !read_weight(xml, file, "weight", &relation.weight, error))
    return FALSE;
  g_array_append_val(lexicon->relations, relation);
  return TRUE;
}

static void
add_phrase(ItvExamLexicon *lexicon, char **words, const ItvExamSense *sense)
{
  g_autofree char *key = g_strjoinv(" ", words);
  ItvExamPhrase *phrase = g_hash_table_lookup(lexicon->phrase_of, key);
  if (!phrase) {
    phrase = g_new0(ItvExamPhrase, 1);
    phrase->words = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; words[i]; i++)
      if (words[i][0])
        g_ptr_array_add(phrase->words, g_strdup(words[i]));
    phrase->senses = g_array_new(FALSE, TRUE, sizeof(ItvExamSense));
    guchar first = (guchar)((char *)phrase->words->pdata[0])[0];
    if (!lexicon->phrases[first])
      lexicon->phrases[first] = g_ptr_array_new_with_free_func(phrase_free);
    g_ptr_array_add(lexicon->phrases[first], phrase);
    g_hash_table_insert(lexicon->phrase_of, g_steal_pointer(&key), phrase);
  }
  g_array_append_vals(phrase->senses, sense, 1);
}

static gboolean
read_sense(ItvExamLexicon *lexicon, const ItvXml *xml, const char *file, ItvExamSense *ret_sense,
           GError **error)
{
  ItvExamSense sense = {
      .side = itv_laterality_parse(itv_xml_attr(xml, "side", NULL)),
      .contrast = contrast_parse(itv_xml_attr(xml, "contrast", "")),
      .views = (guint)CLAMP(g_ascii_strtoll(itv_xml_attr(xml, "views", "0"), NULL, 10), 0, 99)};
  guint first = 0, implied_first = 0, main_region = 0;
  guint64 ignored = 0;
  if (!read_modalities(xml, file, "modality", &sense.modality, error) ||
      !read_modalities(xml, file, "implied-modality", &sense.implied_modality, error) ||
      !read_modalities(xml, file, "when", &sense.when, error) ||
      !read_modalities(xml, file, "unless", &sense.unless, error) ||
      !read_set(lexicon, xml, file, "region", region_index, &sense.region, &first, error) ||
      !read_set(lexicon, xml, file, "implied-region", region_index, &sense.implied_region,
                &implied_first, error) ||
      !read_set(lexicon, xml, file, "beside", region_index, &sense.beside, NULL, error) ||
      !read_set(lexicon, xml, file, "main", region_index, &ignored, &main_region, error) ||
      !read_set(lexicon, xml, file, "topic", topic_index, &sense.topics, NULL, error) ||
      !read_set(lexicon, xml, file, "projection", projection_index, &sense.projections, NULL,
                error) ||
      !read_set(lexicon, xml, file, "protocol", protocol_index, &sense.protocols, NULL, error))
    return FALSE;
  sense.main = (ItvRegion)(main_region ? main_region : first ? first : implied_first);
  *ret_sense = sense;
  return TRUE;
}

static gboolean
add_term(ItvExamLexicon *lexicon, const ItvXml *xml, const char *file, GError **error)
{
  ItvExamSense sense = {0};
  if (!read_sense(lexicon, xml, file, &sense, error))
    return FALSE;
  g_auto(GStrv) phrases = g_strsplit(itv_xml_attr(xml, "words", ""), "|", 0);
  for (guint i = 0; phrases[i]; i++) {
    for (char *c = g_strstrip(phrases[i]); *c; c++)
      if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) && *c != ' ' && *c != '*' &&
          (guchar)*c < 0x80)
        return itv_fail(error, ITV_ERROR_CONFIG,
                        "%s:%d: \"%s\": words are lower-case letters and digits, parted by one "
                        "blank",
                        file, xml->line, phrases[i]);
    g_auto(GStrv) words = g_strsplit(phrases[i], " ", 0);
    for (guint w = 0; words[w]; w++)
      if (!words[w][0] || words[w][0] == '*')
        return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: an empty word in \"%s\"", file, xml->line,
                        phrases[i]);
    if (!words[0])
      return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: a term without words", file, xml->line);
    add_phrase(lexicon, words, &sense);
  }
  return TRUE;
}

typedef gboolean (*Reader)(ItvExamLexicon *lexicon, const ItvXml *xml, const char *file,
                           GError **error);

static gboolean
for_each(ItvExamLexicon *lexicon, const ItvXml *root, const char *name, Reader reader,
         const char *file, GError **error)
{
  for (guint i = 0; i < root->children->len; i++) {
    const ItvXml *child = root->children->pdata[i];
    if (strcmp(child->name, name) == 0 && !reader(lexicon, child, file, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_names(const ItvXml *root, const char *file, GError **error)
{
  for (guint i = 0; i < root->children->len; i++) {
    const ItvXml *child = root->children->pdata[i];
    if (strcmp(child->name, "topic") != 0 && strcmp(child->name, "relation") != 0 &&
        strcmp(child->name, "term") != 0)
      return itv_fail(error, ITV_ERROR_CONFIG,
                      "%s:%d: <%s> does not belong here (topic, relation or term do)", file,
                      child->line, child->name);
  }
  return TRUE;
}

ItvExamLexicon *
itv_exam_lexicon_load(const char *path, const char *xsd_path, GError **error)
{
  g_autoptr(ItvXml) root = itv_xml_read(path, xsd_path, error);
  if (!root)
    return NULL;
  g_autoptr(ItvExamLexicon) lexicon = g_new0(ItvExamLexicon, 1);
  lexicon->memo = itv_exam_memo_new();
  lexicon->phrase_of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  lexicon->projections = g_ptr_array_new_with_free_func(g_free);
  lexicon->protocols = g_ptr_array_new_with_free_func(g_free);
  lexicon->topics = g_array_new(FALSE, TRUE, sizeof(ItvExamTopic));
  g_array_set_clear_func(lexicon->topics, topic_clear);
  lexicon->relations = g_array_new(FALSE, TRUE, sizeof(ItvExamRelation));
  if (!read_weight(root, path, "relevant-from", &lexicon->relevant_from, error) ||
      !check_names(root, path, error))
    return NULL;
  if (!for_each(lexicon, root, "topic", add_topic, path, error) ||
      !for_each(lexicon, root, "topic", set_narrows, path, error) ||
      !for_each(lexicon, root, "relation", add_relation, path, error) ||
      !for_each(lexicon, root, "term", add_term, path, error))
    return NULL;
  lexicon->vocabulary = itv_exam_vocabulary_new(lexicon);
  return g_steal_pointer(&lexicon);
}

void
itv_exam_lexicon_set_playbook(ItvExamLexicon *lexicon, ItvPlaybook *playbook)
{
  itv_playbook_free(lexicon->playbook);
  lexicon->playbook = playbook;
  itv_exam_memo_free(lexicon->memo);
  lexicon->memo = itv_exam_memo_new();
}
