/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cards-export.h"

#include <string.h>

/* ---- writing ----------------------------------------------------------------------------- */

/* `format` with its strings escaped, after so many blanks. */
static void line(GString *out, guint indent, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
line(GString *out, guint indent, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_markup_vprintf_escaped(format, args);
  va_end(args);
  g_string_append_printf(out, "%*s%s\n", (int)indent * 2, "", text);
}

/* Ids are XML names, ours may begin with a digit.  What is no variable begins with
 * an underscore, which no name of ours has. */
static char *
variable_id(const ItvVariable *v)
{
  return g_strconcat(g_ascii_isalpha(*v->name) ? "" : "v-", v->name, NULL);
}

static char *
day_or_number(const ItvVariable *v, ItvDecimal decimal)
{
  if (v->type == ITV_VARIABLE_DATE)
    return itv_date_format((ItvDate)(decimal / ITV_DECIMAL_ONE));
  return itv_decimal_format(decimal);
}

/* ---- head -------------------------------------------------------------------------------- */

static void
write_references(GString *out, const ItvGuideline *g)
{
  line(out, 3, "<References>");
  for (guint i = 0; i < g->sources->len; i++)
    line(out, 4, "<Citation>%s</Citation>", itv_guideline_source(g, i)->cite);
  line(out, 3, "</References>");
}

static void
write_exams(GString *out, const ItvGuideline *g)
{
  ItvModalitySet modalities = 0;
  ItvRegionSet regions = 0;
  for (guint i = 0; i < g->scopes->len; i++) {
    modalities |= g_array_index(g->scopes, ItvGuidelineScope, i).modalities;
    regions |= g_array_index(g->scopes, ItvGuidelineScope, i).regions;
  }
  if (!modalities && !regions)
    return;
  line(out, 2, "<ApplicableExams>");
  for (ItvModality m = 1; m < ITV_MODALITY_N; m++)
    if (modalities & ITV_MODALITY_BIT(m))
      line(out, 3, "<ApplicableExamCategory Axis=\"Modality\">%s</ApplicableExamCategory>",
           itv_modality_code(m));
  for (ItvRegion r = 1; r < ITV_REGION_N; r++)
    if (regions & ITV_REGION_BIT(r))
      line(out, 3, "<ApplicableExamCategory Axis=\"Anatomy\">%s</ApplicableExamCategory>",
           itv_region_code(r));
  line(out, 2, "</ApplicableExams>");
}

static void
write_metadata(GString *out, const ItvGuideline *g)
{
  g_autofree char *day = itv_date_format(g->valid_from);
  line(out, 1, "<Metadata>");
  line(out, 2, "<Label>%s</Label>", g->title);
  line(out, 2, "<ID>%s</ID>", g->id);
  line(out, 2, "<SchemaVersion>2.0</SchemaVersion>");
  line(out, 2, "<ModuleVersion>%s</ModuleVersion>", g->version);
  line(out, 2, "<CreatedDate>%s</CreatedDate>", day ? day : "1970-01-01");
  line(out, 2, "<LastModifiedDate>%s</LastModifiedDate>", day ? day : "1970-01-01");
  line(out, 2, "<DevelopedBy>%s</DevelopedBy>", g->issuer ? g->issuer : "");
  line(out, 2, "<Info>");
  line(out, 3, "<Description>%s%s</Description>", g->title,
       g->signed_off ? "" : ". Needs a clinician's sign-off.");
  write_references(out, g);
  line(out, 2, "</Info>");
  line(out, 2, "<ReportCitationText>%s</ReportCitationText>",
       g->sources->len ? itv_guideline_source(g, 0)->cite : g->title);
  write_exams(out, g);
  line(out, 2, "<ApplicableSexes Value=\"Both\"/>");
  line(out, 1, "</Metadata>");
}

/* ---- data elements ------------------------------------------------------------------------- */

static const char *
element_name(const ItvVariable *v)
{
  return v->type == ITV_VARIABLE_NUMBER    ? "NumericDataElement"
         : v->type == ITV_VARIABLE_INTEGER ? "IntegerDataElement"
         : v->type == ITV_VARIABLE_DATE    ? "DateTimeDataElement"
                                           : "ChoiceDataElement";
}

static void
write_variable(GString *out, const ItvVariable *v)
{
  g_autofree char *id = variable_id(v);
  g_autofree char *unit = v->unit ? g_markup_printf_escaped(" Unit=\"%s\"", v->unit) : g_strdup("");
  const char *name = element_name(v);
  g_string_append_printf(out, "    <%s Id=\"%s\" IsRequired=\"true\"%s>\n", name, id, unit);
  line(out, 3, "<Label>%s</Label>", v->title ? v->title : v->name);
  if (v->question)
    line(out, 3, "<Hint>%s</Hint>", v->question);
  if (v->type == ITV_VARIABLE_NUMBER || v->type == ITV_VARIABLE_INTEGER) {
    g_autofree char *min = itv_decimal_format(v->min);
    g_autofree char *max = itv_decimal_format(v->max);
    line(out, 3, "<Minimum>%s</Minimum>", min);
    line(out, 3, "<Maximum>%s</Maximum>", max);
  }
  if (!itv_variable_is_number(v)) {
    line(out, 3, "<ChoiceInfo>");
    for (guint i = 0; i < v->choices->len; i++) {
      const ItvChoice *c = &g_array_index(v->choices, ItvChoice, i);
      g_string_append_printf(out, "        <Choice%s>\n",
                             v->assumed == 1u << i ? " IsDefault=\"true\"" : "");
      line(out, 5, "<Value>%s</Value>", c->code);
      line(out, 5, "<Label>%s</Label>", c->title ? c->title : c->code);
      line(out, 4, "</Choice>");
    }
    line(out, 3, "</ChoiceInfo>");
  }
  line(out, 2, "</%s>", name);
}

/* ---- rules ------------------------------------------------------------------------------------
 */

/* A cut of the rounded value as a bound of the value before it is rounded. */
static void
write_bound(GString *out, guint indent, const ItvVariable *v, gint64 cut, gboolean low)
{
  const ItvDecimal half = v->step > 0 && !v->round_down ? v->step / 2 + v->step % 2 : 0;
  const gboolean after = cut % 2 != 0;
  const ItvDecimal at = (cut - (after ? 1 : 0)) / 2 - half;
  g_autofree char *id = variable_id(v);
  g_autofree char *value = day_or_number(v, at);
  const char *name = low     ? after ? "GreaterThanCondition" : "GreaterThanOrEqualsCondition"
                     : after ? "LessThanOrEqualsCondition"
                             : "LessThanCondition";
  line(out, indent, "<%s DataElementId=\"%s\" ComparisonValue=\"%s\"/>", name, id, value);
}

static void
write_choices(GString *out, guint indent, const ItvVariable *v, guint32 mask)
{
  const gboolean several = (mask & (mask - 1)) != 0;
  g_autofree char *id = variable_id(v);
  if (several)
    line(out, indent, "<OrCondition>");
  for (guint i = 0; i < v->choices->len; i++)
    if (mask & (1u << i))
      line(out, indent + several, "<EqualCondition DataElementId=\"%s\" ComparisonValue=\"%s\"/>",
           id, g_array_index(v->choices, ItvChoice, i).code);
  if (several)
    line(out, indent, "</OrCondition>");
}

/* All that the rule asks for; nothing where it asks for nothing. */
static void
write_box(GString *out, guint indent, const ItvGuideline *g, const ItvGuidelineRule *rule)
{
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    const ItvExtent all = itv_variable_extent(v), e = rule->extents[i];
    if (!itv_variable_is_number(v)) {
      if (e.mask != all.mask)
        write_choices(out, indent, v, e.mask);
      continue;
    }
    if (e.lo > all.lo)
      write_bound(out, indent, v, e.lo, TRUE);
    if (e.hi < all.hi)
      write_bound(out, indent, v, e.hi, FALSE);
  }
}

static gboolean
meet(const ItvGuideline *g, const ItvGuidelineRule *a, const ItvGuidelineRule *b)
{
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    if (itv_extent_empty(v, itv_extent_meet(v, a->extents[i], b->extents[i])))
      return FALSE;
  }
  return TRUE;
}

/* Of rules where the first that holds counts, a later one holds where no earlier
 * one does: CARDS takes every branch that holds. */
static void
write_exceptions(GString *out, const ItvGuideline *g, guint rule)
{
  if (g->policy != ITV_POLICY_FIRST)
    return;
  for (guint i = 0; i < rule; i++) {
    g_autoptr(GString) box = g_string_new(NULL);
    if (!meet(g, itv_guideline_rule(g, i), itv_guideline_rule(g, rule)))
      continue;
    write_box(box, 7, g, itv_guideline_rule(g, i));
    g_string_append_printf(out,
                           "          <NotCondition><AndCondition>\n%s"
                           "          </AndCondition></NotCondition>\n",
                           box->str);
  }
}

static void
write_rule(GString *out, const ItvGuideline *g, guint i)
{
  const ItvGuidelineRule *rule = itv_guideline_rule(g, i);
  g_autoptr(GString) conditions = g_string_new(NULL);
  write_box(conditions, 5, g, rule);
  write_exceptions(conditions, g, i);
  line(out, 3, "<Branch>");
  line(out, 4, "<Label>%s%s%s%s</Label>", rule->id, rule->where ? ": " : "",
       rule->where ? rule->where : "", rule->unsure ? " [CHECK: awaits a second source]" : "");
  if (conditions->len)
    g_string_append_printf(out, "        <AndCondition>\n%s        </AndCondition>\n",
                           conditions->str);
  line(out, 4, "<EndPointRef EndPointId=\"_end-%s\"/>", itv_guideline_end(g, rule->end)->id);
  line(out, 3, "</Branch>");
}

/* ---- end points
 * ---------------------------------------------------------------------------------- */

static void
write_exam(GString *out, const char *name, guint indent, const char *region, const char *modality)
{
  const char *place = region ? region : "";
  if (strcmp(name, "Exam") == 0)
    line(out, indent,
         "<Exam Code=\"%s.%s\" CodeSystem=\"urn:interval:exam\" Modality=\"%s\" "
         "BodyRegion=\"%s\">%s %s</Exam>",
         modality, place, modality, place, modality, place);
  else
    line(out, indent, "<%s CodingSystem=\"urn:interval:exam\" Code=\"%s.%s\">%s %s</%s>", name,
         modality, place, modality, place, name);
}

/* As XML Schema writes a duration: it knows no weeks. */
static char *
duration(ItvPeriod period)
{
  if (period.days == 0)
    return itv_period_format(period);
  return period.months ? g_strdup_printf("P%dM%dD", period.months, period.days)
                       : g_strdup_printf("P%dD", period.days);
}

/* The first step; what comes after it stands in the text. */
static void
write_followup(GString *out, const ItvGuideline *g, const ItvGuidelineEnd *end)
{
  const ItvGuidelineStep *step =
      end->steps->len ? &g_array_index(end->steps, ItvGuidelineStep, 0) : NULL;
  const ItvModalitySet modalities = step && step->modalities ? step->modalities : end->modalities;
  if (end->kind != ITV_END_ACTION || end->action != ITV_KIND_OF_IMAGING || !step || !modalities)
    return;
  const ItvGuidelineScope *scope =
      g->scopes->len ? &g_array_index(g->scopes, ItvGuidelineScope, 0) : NULL;
  const char *finding = scope && scope->heads && *scope->heads ? *scope->heads : g->title;
  const char *region = itv_region_code(end->region);
  g_autofree char *earliest = duration(step->earliest);
  g_autofree char *latest = duration(step->latest);
  ItvModality first = 1;
  while (!(modalities & ITV_MODALITY_BIT(first)))
    first++;
  line(out, 3, "<ImagingFollowup>");
  if (end->consider || step->consider || end->from_surgery)
    line(out, 4, "<ClinicalCondition>%s%s</ClinicalCondition>",
         end->consider || step->consider ? "to be considered" : "after surgery",
         end->from_surgery ? ", counted from the day of surgery" : "");
  write_exam(out, "PreferredImagingExam", 4, region, itv_modality_code(first));
  line(out, 4, "<AcceptableImagingExams>");
  for (ItvModality m = 1; m < ITV_MODALITY_N; m++)
    if (modalities & ITV_MODALITY_BIT(m))
      write_exam(out, "Exam", 5, region, itv_modality_code(m));
  line(out, 4, "</AcceptableImagingExams>");
  line(out, 4,
       "<IndicationForFollowup CodingSystem=\"urn:interval:guideline\" Code=\"%s\">%s"
       "</IndicationForFollowup>",
       g->id, finding);
  line(out, 4, "<RecommendedTimeFrame Earliest=\"%s\" Latest=\"%s\"/>", earliest, latest);
  line(out, 3, "</ImagingFollowup>");
}

static void
write_end(GString *out, const ItvGuideline *g, const ItvGuidelineEnd *end)
{
  g_autofree char *words = itv_guideline_end_words(end);
  line(out, 2, "<EndPoint Id=\"_end-%s\">", end->id);
  line(out, 3, "<Label>%s</Label>", words);
  line(out, 3, "<ReportSections>");
  line(out, 4, "<ReportSection SectionId=\"recommendation\">");
  line(out, 5, "<Branch>");
  line(out, 6, "<ReportText Type=\"PlainText\">%s</ReportText>", end->text ? end->text : words);
  if (end->kind == ITV_END_ACTION) {
    line(out, 6, "<ReportText Type=\"Newline\"/>");
    line(out, 6, "<ReportText Type=\"PlainText\">%s</ReportText>", words);
  }
  line(out, 5, "</Branch>");
  line(out, 4, "</ReportSection>");
  line(out, 3, "</ReportSections>");
  write_followup(out, g, end);
  line(out, 2, "</EndPoint>");
}

/* ---- the module
 * ------------------------------------------------------------------------------------- */

char *
itv_cards_export(const ItvGuideline *g)
{
  GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ReportingModule>\n");
  write_metadata(out, g);
  line(out, 1, "<DataElements>");
  for (guint i = 0; i < g->variables->len; i++)
    write_variable(out, itv_guideline_variable(g, i));
  line(out, 1, "</DataElements>");
  line(out, 1, "<Rules>");
  line(out, 2, "<DecisionPoint Id=\"_rules\">");
  line(out, 3, "<Label>%s</Label>", g->title);
  for (guint i = 0; i < g->rules->len; i++)
    write_rule(out, g, i);
  line(out, 2, "</DecisionPoint>");
  line(out, 1, "</Rules>");
  line(out, 1, "<EndPoints>");
  for (guint i = 0; i < g->ends->len; i++)
    write_end(out, g, itv_guideline_end(g, i));
  line(out, 1, "</EndPoints>");
  g_string_append(out, "</ReportingModule>\n");
  return g_string_free(out, FALSE);
}
