/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cards-load.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

void
itv_cards_refuse(ItvCardsReader *reader, const ItvXml *xml, const char *format, ...)
{
  va_list args;
  if (reader->failed)
    return;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  reader->failed = TRUE;
  itv_fail(reader->error, ITV_ERROR_CONFIG, "%s:%d: %s", reader->file, xml->line, text);
}

gboolean
itv_cards_number(const char *text, double *ret)
{
  char *end = NULL;
  while (g_ascii_isspace(*text))
    text++;
  const char *start = *text == '-' || *text == '+' ? text + 1 : text;
  if (!g_ascii_isdigit(*start) && *start != '.')
    return FALSE;
  const double value = g_ascii_strtod(text, &end);
  while (g_ascii_isspace(*end))
    end++;
  if (end == start || *end || !isfinite(value) || strpbrk(text, "xX"))
    return FALSE;
  *ret = value;
  return TRUE;
}

static char *
text_of(const ItvXml *xml, const char *child)
{
  const ItvXml *c = xml ? itv_xml_child(xml, child, 0) : NULL;
  return c ? g_strstrip(g_strdup(c->text)) : NULL;
}

static gboolean
is_true(const char *text)
{
  g_autofree char *word = g_strstrip(g_strdup(text ? text : ""));
  return g_ascii_strcasecmp(word, "true") == 0;
}

static void
read_number(ItvCardsReader *reader, const ItvXml *xml, const char *child, double *number)
{
  const ItvXml *c = itv_xml_child(xml, child, 0);
  if (c && !itv_cards_number(c->text, number))
    itv_cards_refuse(reader, c, "%s is no number", child);
}

/* Days, hours, minutes, seconds as one bound in seconds; NAN where none is given. */
static void
read_span(ItvCardsReader *reader, const ItvXml *xml, const char *prefix, double *seconds)
{
  static const struct {
    const char *unit;
    double seconds;
  } units[] = {{"Day", 86400}, {"Hours", 3600}, {"Minutes", 60}, {"Seconds", 1}};
  double sum = NAN;
  for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
    g_autofree char *name = g_strconcat(prefix, units[i].unit, NULL);
    double part = NAN;
    read_number(reader, xml, name, &part);
    if (!isnan(part))
      sum = (isnan(sum) ? 0 : sum) + part * units[i].seconds;
  }
  if (!isnan(sum))
    *seconds = sum;
}

static void
read_bounds(ItvCardsReader *reader, const ItvXml *xml, ItvCardsKind kind, double *minimum,
            double *maximum)
{
  if (kind == ITV_CARDS_TIME_SPAN) {
    read_span(reader, xml, "Minimum", minimum);
    read_span(reader, xml, "Maximum", maximum);
  } else {
    read_number(reader, xml, "Minimum", minimum);
    read_number(reader, xml, "Maximum", maximum);
  }
}

static void
read_choices(ItvCardsReader *reader, const ItvXml *info, ItvCardsElement *element)
{
  for (guint i = 0; info && i < info->children->len; i++) {
    const ItvXml *xml = info->children->pdata[i];
    if (strcmp(xml->name, "Choice") != 0)
      continue;
    ItvCardsChoice *choice = g_new0(ItvCardsChoice, 1);
    choice->line = xml->line;
    choice->value = text_of(xml, "Value");
    choice->label = text_of(xml, "Label");
    choice->report = text_of(xml, "ReportText");
    choice->is_default = is_true(itv_xml_attr(xml, "IsDefault", NULL));
    if (!choice->value) {
      itv_cards_refuse(reader, xml, "a Choice has no Value");
      choice->value = g_strdup("");
    }
    g_ptr_array_add(element->choices, choice);
  }
}

static void
read_properties(ItvCardsReader *reader, const ItvXml *all, ItvCardsElement *element)
{
  for (guint i = 0; all && i < all->children->len; i++) {
    const ItvXml *xml = all->children->pdata[i];
    ItvCardsProperty *p = itv_cards_property_new();
    g_autofree char *relevant = text_of(xml, "IsRelevant");
    g_autofree char *required = text_of(xml, "IsRequired");
    p->line = xml->line;
    p->relevant = relevant && *relevant ? is_true(relevant) : -1;
    p->required = required && *required ? is_true(required) : -1;
    p->condition = itv_cards_read_conditions(reader, xml);
    if (!p->condition)
      itv_cards_refuse(reader, xml, "a ConditionalProperty has no condition");
    read_bounds(reader, xml, element->kind, &p->minimum, &p->maximum);
    for (guint c = 0; c < xml->children->len; c++) {
      const ItvXml *hidden = xml->children->pdata[c];
      if (strcmp(hidden->name, "ChoiceNotRelevant") == 0)
        g_ptr_array_add(p->choices_hidden,
                        g_strstrip(g_strdup(itv_xml_attr(hidden, "ChoiceValue", ""))));
    }
    g_ptr_array_add(element->properties, p);
  }
}

static ItvCardsKind
kind_of(const char *name)
{
  for (ItvCardsKind kind = ITV_CARDS_CHOICE; kind <= ITV_CARDS_GLOBAL; kind++)
    if (strcmp(name, itv_cards_kind_name(kind)) == 0)
      return kind;
  return 0;
}

static void
read_element(ItvCardsReader *reader, const ItvXml *xml, ItvCards *cards)
{
  const ItvCardsKind kind = kind_of(xml->name);
  const char *id = itv_xml_attr(xml, "Id", NULL);
  if (!kind || !id) {
    if (!kind)
      itv_cards_refuse(reader, xml, "%s is no kind of data element", xml->name);
    else
      itv_cards_refuse(reader, xml, "%s has no Id", xml->name);
    return;
  }
  ItvCardsElement *e = itv_cards_element_new();
  e->kind = kind;
  e->line = xml->line;
  e->id = g_strstrip(g_strdup(id));
  e->label = text_of(xml, "Label");
  e->unit = g_strdup(itv_xml_attr(xml, "Unit", NULL));
  e->required = is_true(itv_xml_attr(xml, "IsRequired", NULL));
  e->free_text = is_true(itv_xml_attr(xml, "AllowFreetext", NULL));
  read_bounds(reader, xml, kind, &e->minimum, &e->maximum);
  read_choices(reader, itv_xml_child(xml, "ChoiceInfo", 0), e);
  read_properties(reader, itv_xml_child(xml, "ConditionalProperties", 0), e);
  if (kind == ITV_CARDS_GLOBAL)
    e->constant = g_strstrip(g_strdup(xml->text));
  g_ptr_array_add(cards->elements, e);
  if (!g_hash_table_contains(cards->element_of, e->id))
    g_hash_table_insert(cards->element_of, e->id, e);
  if (kind != ITV_CARDS_COMPUTED)
    return;
  e->computed = itv_cards_branch_new();
  e->computed->line = xml->line;
  const ItvXml *decision = itv_xml_child(xml, "DecisionPoint", 0);
  if (decision)
    e->computed->decision = itv_cards_read_decision(reader, decision);
  else
    e->computed->expression = itv_cards_read_expression(reader, xml);
}

/* ---- end points --------------------------------------------------------------------------- */

static void
read_section_branches(ItvCardsReader *reader, const ItvXml *xml, GPtrArray *branches)
{
  gboolean branched = FALSE;
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, "Branch") == 0) {
      branched = TRUE;
      g_ptr_array_add(branches, itv_cards_read_branch(reader, child));
    }
  }
  if (branched)
    return;
  /* Schema 1: the text stands in the element itself. */
  ItvCardsBranch *branch = itv_cards_branch_new();
  branch->line = xml->line;
  itv_cards_read_mixed(reader, xml, FALSE, branch->pieces);
  g_ptr_array_add(branches, branch);
}

static void
read_sections(ItvCardsReader *reader, const ItvXml *xml, const char *name, ItvCardsEndPoint *end)
{
  for (guint i = 0; xml && i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, name) != 0)
      continue;
    ItvCardsSection *section = itv_cards_section_new();
    section->id = g_strdup(itv_xml_attr(child, "SectionId", "findings"));
    section->line = child->line;
    read_section_branches(reader, child, section->branches);
    g_ptr_array_add(end->sections, section);
  }
}

static void
read_exam(const ItvXml *xml, ItvCardsExam *exam)
{
  exam->code = g_strdup(itv_xml_attr(xml, "Code", NULL));
  exam->system = g_strdup(itv_xml_attr(xml, "CodeSystem", itv_xml_attr(xml, "CodingSystem", NULL)));
  exam->modality = g_strdup(itv_xml_attr(xml, "Modality", NULL));
  exam->region = g_strdup(itv_xml_attr(xml, "BodyRegion", NULL));
  exam->text = g_strstrip(g_strdup(xml->text));
}

static ItvCardsFollowup *
read_followup(ItvCardsReader *reader, const ItvXml *xml)
{
  ItvCardsFollowup *f = itv_cards_followup_new();
  const ItvXml *references = itv_xml_child(xml, "References", 0);
  const ItvXml *preferred = itv_xml_child(xml, "PreferredImagingExam", 0);
  const ItvXml *exams = itv_xml_child(xml, "AcceptableImagingExams", 0);
  const ItvXml *indication = itv_xml_child(xml, "IndicationForFollowup", 0);
  const ItvXml *frame = itv_xml_child(xml, "RecommendedTimeFrame", 0);
  f->line = xml->line;
  f->condition = text_of(xml, "ClinicalCondition");
  f->evidence_level = text_of(xml, "EvidenceLevel");
  f->indication = text_of(xml, "IndicationForFollowup");
  if (indication)
    f->indication_code = g_strdup(itv_xml_attr(indication, "Code", NULL));
  for (guint i = 0; references && i < references->children->len; i++)
    g_ptr_array_add(f->citations,
                    g_strstrip(g_strdup(((ItvXml *)references->children->pdata[i])->text)));
  if (preferred)
    read_exam(preferred, &f->preferred);
  for (guint i = 0; exams && i < exams->children->len; i++) {
    ItvCardsExam *exam = g_new0(ItvCardsExam, 1);
    read_exam(exams->children->pdata[i], exam);
    g_ptr_array_add(f->exams, exam);
  }
  if (!frame)
    itv_cards_refuse(reader, xml, "ImagingFollowup has no RecommendedTimeFrame");
  else {
    f->earliest = g_strdup(itv_xml_attr(frame, "Earliest", NULL));
    f->latest = g_strdup(itv_xml_attr(frame, "Latest", NULL));
  }
  return f;
}

static void
read_end_point(ItvCardsReader *reader, const ItvXml *xml, ItvCards *cards)
{
  const ItvXml *finding = itv_xml_child(xml, "ActionableFinding", 0);
  const ItvXml *followup = itv_xml_child(xml, "ImagingFollowup", 0);
  ItvCardsEndPoint *end = itv_cards_end_point_new();
  end->id = g_strstrip(g_strdup(itv_xml_attr(xml, "Id", "")));
  end->label = text_of(xml, "Label");
  end->diagnosis = text_of(xml, "Diagnosis");
  end->line = xml->line;
  end->category = finding ? g_strdup(itv_xml_attr(finding, "Category", NULL)) : NULL;
  end->followup = followup ? read_followup(reader, followup) : NULL;
  read_sections(reader, itv_xml_child(xml, "ReportSections", 0), "ReportSection", end);
  read_sections(reader, itv_xml_child(xml, "ReportTexts", 0), "ReportText", end);
  g_ptr_array_add(cards->end_points, end);
  if (!g_hash_table_contains(cards->end_point_of, end->id))
    g_hash_table_insert(cards->end_point_of, end->id, end);
}

static void
read_partial(ItvCardsReader *reader, const ItvXml *xml, ItvCards *cards)
{
  ItvCardsPartial *partial = itv_cards_partial_new();
  partial->id = g_strstrip(g_strdup(itv_xml_attr(xml, "Id", "")));
  partial->line = xml->line;
  read_section_branches(reader, xml, partial->branches);
  g_ptr_array_add(cards->partials, partial);
  if (!g_hash_table_contains(cards->partial_of, partial->id))
    g_hash_table_insert(cards->partial_of, partial->id, partial);
}

/* ---- the module ------------------------------------------------------------------------------ */

static void
read_metadata(const ItvXml *xml, ItvCards *cards)
{
  const ItvXml *exams = xml ? itv_xml_child(xml, "ApplicableExams", 0) : NULL;
  cards->id = text_of(xml, "ID");
  cards->label = text_of(xml, "Label");
  cards->version = text_of(xml, "ModuleVersion");
  cards->schema_version = text_of(xml, "SchemaVersion");
  cards->citation = text_of(xml, "ReportCitationText");
  for (guint i = 0; exams && i < exams->children->len; i++) {
    const ItvXml *exam = exams->children->pdata[i];
    const gboolean modality = strcmp(itv_xml_attr(exam, "Axis", ""), "Modality") == 0;
    g_ptr_array_add(modality ? cards->modalities : cards->anatomy,
                    g_strstrip(g_strdup(exam->text)));
  }
}

static void
read_end_points(ItvCardsReader *reader, const ItvXml *xml, ItvCards *cards)
{
  for (guint i = 0; xml && i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, "EndPoint") == 0)
      read_end_point(reader, child, cards);
    else if (strcmp(child->name, "TemplatePartial") == 0)
      read_partial(reader, child, cards);
    else
      itv_cards_refuse(reader, child, "%s is not understood in EndPoints", child->name);
  }
}

ItvCards *
itv_cards_read(const ItvXml *xml, const char *file, GError **error)
{
  ItvCardsReader reader = {file, error, FALSE};
  g_autoptr(ItvCards) cards = itv_cards_new();
  const ItvXml *elements = itv_xml_child(xml, "DataElements", 0);
  const ItvXml *rules = itv_xml_child(xml, "Rules", 0);
  cards->file = g_strdup(file);
  if (strcmp(xml->name, ITV_CARDS_ROOT) != 0)
    itv_cards_refuse(&reader, xml, "%s is no CARDS module: expected %s", xml->name, ITV_CARDS_ROOT);
  else if (!elements || !rules || !itv_xml_child(xml, "EndPoints", 0))
    itv_cards_refuse(&reader, xml, "a CARDS module has DataElements, Rules and EndPoints");
  read_metadata(itv_xml_child(xml, "Metadata", 0), cards);
  for (guint i = 0; elements && i < elements->children->len; i++)
    read_element(&reader, elements->children->pdata[i], cards);
  for (guint i = 0; rules && i < rules->children->len; i++) {
    const ItvXml *rule = rules->children->pdata[i];
    if (strcmp(rule->name, "DecisionPoint") == 0)
      g_ptr_array_add(cards->decisions, itv_cards_read_decision(&reader, rule));
    else
      itv_cards_refuse(&reader, rule, "%s is not understood in Rules", rule->name);
  }
  read_end_points(&reader, itv_xml_child(xml, "EndPoints", 0), cards);
  return reader.failed ? NULL : g_steal_pointer(&cards);
}
