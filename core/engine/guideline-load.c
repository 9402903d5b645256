/* SPDX-License-Identifier: Apache-2.0
 *
 * Guideline files into the model.  The schema has seen to the form; what it
 * cannot say (names that lead nowhere, conditions that nothing meets) becomes a
 * fault with its line.
 */
#include "engine/guideline.h"

#include <string.h>

typedef struct {
  ItvGuideline *g;
  GArray *faults;
} Reading;

#define error_at(r, kind, xml, ...)                                                                \
  itv_fault_add((r)->faults, ITV_FAULT_ERROR, kind, (xml)->line, __VA_ARGS__)

/* ---- attributes -------------------------------------------------------------------------- */

static char *
dup_attr(const ItvXml *xml, const char *name)
{
  return g_strdup(itv_xml_attr(xml, name, NULL));
}

static gboolean
is_true(const ItvXml *xml, const char *name, const char *otherwise)
{
  const char *text = itv_xml_attr(xml, name, otherwise);
  return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

static int
int_attr(const ItvXml *xml, const char *name, int otherwise)
{
  const char *text = itv_xml_attr(xml, name, NULL);
  return text ? (int)g_ascii_strtoll(text, NULL, 10) : otherwise;
}

static ItvDate
date_attr(const ItvXml *xml, const char *name)
{
  ItvDate date = ITV_DATE_NONE;
  const char *text = itv_xml_attr(xml, name, NULL);
  if (text && !itv_date_parse(text, &date))
    return ITV_DATE_NONE;
  return date;
}

static gboolean
period_attr(const ItvXml *xml, const char *name, ItvPeriod *ret)
{
  const char *text = itv_xml_attr(xml, name, NULL);
  return text && itv_period_parse(text, ret);
}

/* "2024-07-14" of a date, a decimal otherwise. */
static gboolean
value_attr(Reading *r, const ItvXml *xml, const char *name, const ItvVariable *v, ItvDecimal *ret)
{
  const char *text = itv_xml_attr(xml, name, NULL);
  ItvDate date = ITV_DATE_NONE;
  if (!text)
    return FALSE;
  if (v->type == ITV_VARIABLE_DATE && itv_date_parse(text, &date)) {
    *ret = (ItvDecimal)date * ITV_DECIMAL_ONE;
    return TRUE;
  }
  if (v->type != ITV_VARIABLE_DATE && itv_decimal_parse(text, ret))
    return TRUE;
  error_at(r, "value", xml, "%s=\"%s\" is no %s of %s", name, text,
           v->type == ITV_VARIABLE_DATE ? "date" : "number of at most four places", v->name);
  return FALSE;
}

static GStrv
words_attr(const ItvXml *xml, const char *name)
{
  g_autofree char *text = g_strstrip(g_strdup(itv_xml_attr(xml, name, "")));
  g_auto(GStrv) parts = g_strsplit_set(text, " \t\r\n", -1);
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  for (guint i = 0; parts[i]; i++)
    if (*parts[i])
      g_strv_builder_add(words, parts[i]);
  return g_strv_builder_end(words);
}

static ItvModalitySet
modalities_attr(Reading *r, const ItvXml *xml, const char *name)
{
  g_auto(GStrv) codes = words_attr(xml, name);
  ItvModalitySet set = 0;
  for (guint i = 0; codes[i]; i++) {
    const ItvModality m = itv_modality_parse(codes[i]);
    if (!m)
      error_at(r, "dangling", xml, "\"%s\" is no modality", codes[i]);
    set |= m ? ITV_MODALITY_BIT(m) : 0;
  }
  return set;
}

static ItvRegion
region_code(Reading *r, const ItvXml *xml, const char *code)
{
  const ItvRegion region = itv_region_parse(code);
  if (!region)
    error_at(r, "dangling", xml, "\"%s\" is no region", code);
  return region;
}

/* ---- variables ------------------------------------------------------------------------------ */

static void
add_choice(ItvVariable *v, const char *code, const char *title)
{
  const ItvChoice c = {g_strdup(code), g_strdup(title)};
  g_array_append_val(v->choices, c);
}

static void
read_choices(Reading *r, const ItvXml *xml, ItvVariable *v)
{
  const ItvXml *value = NULL;
  for (gsize i = 0; (value = itv_xml_child(xml, "value", i)); i++) {
    const char *code = itv_xml_attr(value, "code", "");
    for (guint k = 0; k < v->choices->len; k++)
      if (strcmp(g_array_index(v->choices, ItvChoice, k).code, code) == 0)
        error_at(r, "duplicate", value, "%s has the value \"%s\" twice", v->name, code);
    if (v->choices->len == ITV_MAX_CHOICES) {
      error_at(r, "limit", value, "%s has more than %d values", v->name, ITV_MAX_CHOICES);
      return;
    }
    add_choice(v, code, itv_xml_attr(value, "title", code));
  }
  if (v->choices->len < 2)
    error_at(r, "value", xml, "%s needs two values at least, of which one is chosen", v->name);
}

static void
read_assumed(Reading *r, const ItvXml *xml, ItvVariable *v)
{
  const char *code = itv_xml_attr(xml, "assume", NULL);
  for (guint i = 0; code && i < v->choices->len; i++)
    if (strcmp(g_array_index(v->choices, ItvChoice, i).code, code) == 0)
      v->assumed = 1u << i;
  if (code && !v->assumed)
    error_at(r, "dangling", xml, "assume=\"%s\" is no value of %s", code, v->name);
}

static void
read_numbers(Reading *r, const ItvXml *xml, ItvVariable *v)
{
  if (v->type == ITV_VARIABLE_DATE)
    v->min = itv_date_new(1900, 1, 1) * (ItvDecimal)ITV_DECIMAL_ONE,
    v->max = itv_date_new(2199, 12, 31) * (ItvDecimal)ITV_DECIMAL_ONE;
  if (v->type != ITV_VARIABLE_NUMBER) /* an age, a count, a day: nothing lies between */
    v->step = ITV_DECIMAL_ONE;
  const gboolean min = value_attr(r, xml, "min", v, &v->min);
  const gboolean max = value_attr(r, xml, "max", v, &v->max);
  if (v->type == ITV_VARIABLE_NUMBER)
    value_attr(r, xml, "step", v, &v->step);
  if (v->step < 0)
    error_at(r, "value", xml, "the step of %s is negative", v->name), v->step = 0;
  v->round_down =
      strcmp(itv_xml_attr(xml, "rounding", v->type == ITV_VARIABLE_NUMBER ? "nearest" : "down"),
             "down") == 0;
  if (v->type != ITV_VARIABLE_DATE && (!min || !max))
    error_at(r, "value", xml, "%s needs min and max: the smallest and the largest value there is",
             v->name);
  else if (itv_extent_empty(v, itv_variable_extent(v)))
    error_at(r, "value", xml, "%s has no value: min lies above max", v->name);
}

static void
read_variable(Reading *r, const ItvXml *xml)
{
  static const char *const types[] = {"", "number", "integer", "choice", "boolean", "date"};
  const char *type = itv_xml_attr(xml, "type", "");
  ItvVariable v;
  itv_variable_init(&v);
  v.name = dup_attr(xml, "name");
  v.title = g_strdup(itv_xml_attr(xml, "title", v.name));
  v.question = g_strdup(itv_xml_attr(xml, "question", v.title));
  v.fact = g_strdup(itv_xml_attr(xml, "fact", v.name));
  v.unit = dup_attr(xml, "unit");
  v.line = xml->line;
  for (guint i = 1; i < G_N_ELEMENTS(types); i++)
    if (strcmp(types[i], type) == 0)
      v.type = (ItvVariableType)i;
  if (v.type == ITV_VARIABLE_BOOLEAN) {
    add_choice(&v, "no", "no");
    add_choice(&v, "yes", "yes");
  } else if (v.type == ITV_VARIABLE_CHOICE) {
    read_choices(r, xml, &v);
  } else {
    read_numbers(r, xml, &v);
  }
  read_assumed(r, xml, &v);
  if (itv_guideline_find_variable(r->g, v.name) != ITV_NO_INDEX)
    error_at(r, "duplicate", xml, "there are two variables \"%s\"", v.name);
  g_array_append_val(r->g->variables, v);
}

/* ---- conditions and rules ----------------------------------------------------------------- */

static ItvExtent
choices_of(Reading *r, const ItvXml *when, const ItvVariable *v)
{
  const gboolean is = itv_xml_attr(when, "is", NULL) != NULL;
  g_auto(GStrv) codes = words_attr(when, is ? "is" : "not");
  guint32 mask = 0;
  if (!*codes)
    error_at(r, "value", when, "%s is chosen from a list: say is=\"...\" or not=\"...\"", v->name);
  for (guint i = 0; codes[i]; i++) {
    guint k = 0;
    while (k < v->choices->len && strcmp(g_array_index(v->choices, ItvChoice, k).code, codes[i]))
      k++;
    if (k == v->choices->len)
      error_at(r, "dangling", when, "%s has no value \"%s\"", v->name, codes[i]);
    else
      mask |= 1u << k;
  }
  const ItvExtent full = itv_variable_extent(v);
  return (ItvExtent){.mask = is ? mask : full.mask & ~mask};
}

static ItvExtent
numbers_of(Reading *r, const ItvXml *when, const ItvVariable *v)
{
  ItvExtent e = itv_variable_extent(v);
  const ItvExtent full = e;
  ItvDecimal d = 0;
  gboolean any = FALSE;
  static const struct {
    const char *name;
    gboolean lower, after;
  } bounds[] = {
      {"from", TRUE, FALSE}, {"above", TRUE, TRUE}, {"below", FALSE, FALSE}, {"to", FALSE, TRUE}};
  for (guint i = 0; i < G_N_ELEMENTS(bounds); i++) {
    if (!value_attr(r, when, bounds[i].name, v, &d))
      continue;
    any = TRUE;
    if (d < v->min || d > v->max)
      error_at(r, "value", when, "%s=\"%s\" lies outside what %s can be", bounds[i].name,
               itv_xml_attr(when, bounds[i].name, ""), v->name);
    const gint64 cut = itv_variable_cut(v, d, bounds[i].after);
    if (bounds[i].lower)
      e.lo = MAX(full.lo, cut);
    else
      e.hi = MIN(full.hi, cut);
  }
  if (!any)
    error_at(r, "value", when, "%s is a number: say from, above, below or to", v->name);
  return e;
}

/* Narrows `extents` by one <when>. */
static void
read_when(Reading *r, const ItvXml *when, ItvExtent *extents)
{
  const char *name = itv_xml_attr(when, "var", "");
  const guint i = itv_guideline_find_variable(r->g, name);
  if (i == ITV_NO_INDEX) {
    error_at(r, "dangling", when, "there is no variable \"%s\"", name);
    return;
  }
  const ItvVariable *v = itv_guideline_variable(r->g, i);
  const ItvExtent e = itv_variable_is_number(v) ? numbers_of(r, when, v) : choices_of(r, when, v);
  extents[i] = itv_extent_meet(v, extents[i], e);
}

static ItvExtent *
narrowed(Reading *r, const ItvXml *xml, const ItvExtent *outer)
{
  const guint n = r->g->variables->len;
  ItvExtent *extents = g_memdup2(outer, n * sizeof(ItvExtent));
  const ItvXml *when = NULL;
  for (gsize i = 0; (when = itv_xml_child(xml, "when", i)); i++)
    read_when(r, when, extents);
  return extents;
}

static guint
find_source(const ItvGuideline *g, const char *id)
{
  for (guint i = 0; i < g->sources->len; i++)
    if (g_strcmp0(itv_guideline_source(g, i)->id, id) == 0)
      return i;
  return ITV_NO_INDEX;
}

#define MAX_RULES 4096u

static void
read_rule(Reading *r, const ItvXml *xml, const ItvExtent *outer)
{
  ItvGuideline *g = r->g;
  if (g->rules->len == MAX_RULES) {
    if (!itv_faults_error(r->faults))
      error_at(r, "limit", xml, "there are more than %u rules", MAX_RULES);
    return;
  }
  ItvGuidelineRule rule = {.id = dup_attr(xml, "id"),
                           .end = itv_guideline_find_end(g, itv_xml_attr(xml, "end", "")),
                           .source = find_source(g, itv_xml_attr(xml, "source", "")),
                           .where = dup_attr(xml, "where"),
                           .unsure = strcmp(itv_xml_attr(xml, "mark", ""), "CHECK") == 0,
                           .extents = narrowed(r, xml, outer),
                           .line = xml->line};
  if (rule.end == ITV_NO_INDEX)
    error_at(r, "dangling", xml, "rule %s leads to \"%s\", which is no end point", rule.id,
             itv_xml_attr(xml, "end", ""));
  if (rule.source == ITV_NO_INDEX)
    error_at(r, "dangling", xml, "rule %s has the source \"%s\", which is not in the file", rule.id,
             itv_xml_attr(xml, "source", ""));
  for (guint i = 0; i < g->variables->len; i++)
    if (itv_extent_empty(itv_guideline_variable(g, i), rule.extents[i]))
      error_at(r, "empty", xml, "rule %s holds for no case: its conditions leave no %s", rule.id,
               itv_guideline_variable(g, i)->title);
  for (guint i = 0; i < g->rules->len; i++)
    if (strcmp(itv_guideline_rule(g, i)->id, rule.id) == 0)
      error_at(r, "duplicate", xml, "there are two rules \"%s\"", rule.id);
  g_array_append_val(g->rules, rule);
}

/* Groups share their conditions with all that stands inside them. */
static void
read_rules(Reading *r, const ItvXml *xml, const ItvExtent *outer)
{
  g_autofree ItvExtent *extents = narrowed(r, xml, outer);
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, "rule") == 0)
      read_rule(r, child, extents);
    else if (strcmp(child->name, "group") == 0)
      read_rules(r, child, extents);
  }
}

/* ---- end points ------------------------------------------------------------------------------ */

static void
read_step(Reading *r, const ItvXml *xml, ItvGuidelineEnd *e)
{
  ItvGuidelineStep step = {.every = strcmp(xml->name, "every") == 0,
                           .consider = is_true(xml, "consider", "false"),
                           .modalities = modalities_attr(r, xml, "modality"),
                           .times = (guint)int_attr(xml, "times", 0)};
  period_attr(xml, step.every ? "period" : "from", &step.earliest);
  step.latest = step.earliest;
  period_attr(xml, "to", &step.latest);
  g_array_append_val(e->steps, step);
}

static void
read_restart(const ItvXml *xml, ItvGuidelineEnd *e)
{
  const ItvGuidelineRestart restart = {.on = dup_attr(xml, "event"),
                                       .then = ITV_NO_INDEX,
                                       .text = dup_attr(xml, "text"),
                                       .growth = ITV_NO_INDEX};
  g_array_append_val(e->restarts, restart);
}

static void
read_end(Reading *r, const ItvXml *xml)
{
  static const char *const kinds[] = {"", "none", "outside"};
  const char *kind = itv_xml_attr(xml, "kind", "");
  const char *region = itv_xml_attr(xml, "region", NULL);
  ItvGuidelineEnd e;
  itv_guideline_end_init(&e);
  e.id = dup_attr(xml, "id");
  e.text = dup_attr(xml, "text");
  e.line = xml->line;
  e.kind = ITV_END_ACTION;
  for (guint i = 1; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i], kind) == 0)
      e.kind = (ItvEndKind)i;
  e.action = itv_action_kind_parse(kind);
  e.modalities = modalities_attr(r, xml, "modality");
  e.region = region ? region_code(r, xml, region) : ITV_REGION_NONE;
  e.consider = is_true(xml, "consider", "false");
  e.from_surgery = strcmp(itv_xml_attr(xml, "anchor", "exam"), "surgery") == 0;
  for (guint i = 0; i < xml->children->len; i++) {
    const ItvXml *child = xml->children->pdata[i];
    if (strcmp(child->name, "at") == 0 || strcmp(child->name, "every") == 0) {
      read_step(r, child, &e);
    } else if (strcmp(child->name, "on") == 0) {
      read_restart(child, &e);
    } else if (strcmp(child->name, "stop") == 0) {
      e.stops = period_attr(child, "after", &e.stop_after);
      e.stops_at_age = itv_xml_attr(child, "age", NULL) != NULL;
      e.stop_age = (guint)int_attr(child, "age", 0);
      e.stop_if = dup_attr(child, "when");
    }
  }
  if (itv_guideline_find_end(r->g, e.id) != ITV_NO_INDEX)
    error_at(r, "duplicate", xml, "there are two end points \"%s\"", e.id);
  g_array_append_val(r->g->ends, e);
}

static guint
find_growth(const ItvGuideline *g, const char *id)
{
  for (guint i = 0; i < g->growths->len; i++)
    if (g_strcmp0(itv_guideline_growth(g, i)->id, id) == 0)
      return i;
  return ITV_NO_INDEX;
}

/* What follows an event may be any end point of the file: once all are known. */
static void
tie_restarts(Reading *r, const ItvXml *xml, ItvGuidelineEnd *e)
{
  const ItvXml *on = NULL;
  for (gsize i = 0; (on = itv_xml_child(xml, "on", i)); i++) {
    ItvGuidelineRestart *restart = &g_array_index(e->restarts, ItvGuidelineRestart, i);
    const char *then = itv_xml_attr(on, "then", NULL);
    const char *growth = itv_xml_attr(on, "growth", NULL);
    restart->then = then ? itv_guideline_find_end(r->g, then) : ITV_NO_INDEX;
    restart->growth = growth ? find_growth(r->g, growth) : ITV_NO_INDEX;
    if (then && restart->then == ITV_NO_INDEX)
      error_at(r, "dangling", on, "on %s: \"%s\" is no end point", restart->on, then);
    if (growth && restart->growth == ITV_NO_INDEX)
      error_at(r, "dangling", on, "on %s: \"%s\" is no growth definition", restart->on, growth);
  }
}

/* ---- growth ------------------------------------------------------------------------------------
 */

/* "at least 2" or "more than 1.5", as a cut. */
static gboolean
threshold(Reading *r, const ItvXml *xml, const char *least, const char *more, gint64 *ret)
{
  const ItvVariable plain = {.name = (char *)(guintptr) "growth", .type = ITV_VARIABLE_NUMBER};
  ItvDecimal d = 0;
  if (value_attr(r, xml, least, &plain, &d)) {
    *ret = d * 2;
    return TRUE;
  }
  if (value_attr(r, xml, more, &plain, &d)) {
    *ret = d * 2 + 1;
    return TRUE;
  }
  return FALSE;
}

static void
read_growth(Reading *r, const ItvXml *xml)
{
  ItvGrowth growth;
  const char *source = itv_xml_attr(xml, "source", NULL);
  itv_growth_init(&growth);
  growth.id = dup_attr(xml, "id");
  growth.text = dup_attr(xml, "text");
  growth.source = source ? find_source(r->g, source) : ITV_NO_INDEX;
  growth.line = xml->line;
  if (source && growth.source == ITV_NO_INDEX)
    error_at(r, "dangling", xml, "growth %s has the source \"%s\", which is not in the file",
             growth.id, source);
  if (find_growth(r->g, growth.id) != ITV_NO_INDEX)
    error_at(r, "duplicate", xml, "there are two growth definitions \"%s\"", growth.id);
  const ItvXml *by = NULL;
  for (gsize i = 0; (by = itv_xml_child(xml, "by", i)); i++) {
    ItvGrowthCase c = {.measure = g_strdup(itv_xml_attr(by, "measure", "diameter")),
                       .prior_lo = G_MININT64,
                       .prior_hi = G_MAXINT64,
                       .dimensions = (guint)int_attr(by, "dimensions", 0)};
    c.has_prior = threshold(r, by, "prior-from", "prior-above", &c.prior_lo);
    c.has_prior |= threshold(r, by, "prior-below", "prior-to", &c.prior_hi);
    c.has_absolute = threshold(r, by, "least", "more", &c.absolute);
    c.has_percent = threshold(r, by, "least-percent", "more-percent", &c.percent);
    c.has_rate = threshold(r, by, "least-a-year", "more-a-year", &c.rate);
    c.has_within = period_attr(by, "within", &c.within);
    if (!c.has_absolute && !c.has_percent && !c.has_rate)
      error_at(r, "value", by, "growth %s: nothing says how much is growth", growth.id);
    g_array_append_val(growth.cases, c);
  }
  g_array_append_val(r->g->growths, growth);
}

/* ---- the file
 * ------------------------------------------------------------------------------------ */

static void
read_head(Reading *r, const ItvXml *xml)
{
  ItvGuideline *g = r->g;
  g->id = dup_attr(xml, "id");
  g->version = dup_attr(xml, "version");
  g->title = dup_attr(xml, "title");
  g->issuer = dup_attr(xml, "issuer");
  g->year = int_attr(xml, "year", 0);
  g->superseded = strcmp(itv_xml_attr(xml, "status", "current"), "superseded") == 0;
  g->superseded_by = dup_attr(xml, "superseded-by");
  g->valid_from = date_attr(xml, "valid-from");
  g->valid_until = date_attr(xml, "valid-until");
  g->signed_off = strcmp(itv_xml_attr(xml, "sign-off", "required"), "given") == 0;
  g->signed_by = dup_attr(xml, "signed-by");
  g->by_default = is_true(xml, "default", "true");
  g->policy = strcmp(itv_xml_attr(xml, "policy", "unique"), "first") == 0 ? ITV_POLICY_FIRST
                                                                          : ITV_POLICY_UNIQUE;
  if (g->valid_until != ITV_DATE_NONE && g->valid_until < g->valid_from)
    error_at(r, "dates", xml, "valid-until lies before valid-from");
  if (g->signed_off && !g->signed_by)
    error_at(r, "sign-off", xml, "sign-off=\"given\" without signed-by: nobody has signed");
}

static void
read_scope(Reading *r, const ItvXml *xml)
{
  g_auto(GStrv) regions = words_attr(xml, "region");
  ItvGuidelineScope s = {.heads = g_strsplit(itv_xml_attr(xml, "finding", ""), ",", -1),
                         .modalities = modalities_attr(r, xml, "modality")};
  for (guint i = 0; s.heads[i]; i++)
    g_strstrip(s.heads[i]);
  for (guint i = 0; regions[i]; i++) {
    const ItvRegion region = region_code(r, xml, regions[i]);
    s.regions |= region ? ITV_REGION_BIT(region) : 0;
  }
  g_array_append_val(r->g->scopes, s);
}

static void
read_source(Reading *r, const ItvXml *xml)
{
  ItvGuidelineSource s = {.id = dup_attr(xml, "id"),
                          .cite = dup_attr(xml, "cite"),
                          .year = int_attr(xml, "year", 0),
                          .line = xml->line};
  if (find_source(r->g, s.id) != ITV_NO_INDEX)
    error_at(r, "duplicate", xml, "there are two sources \"%s\"", s.id);
  g_array_append_val(r->g->sources, s);
}

ItvGuideline *
itv_guideline_read(const ItvXml *xml, const char *file, GArray *faults)
{
  ItvGuideline *g = itv_guideline_new();
  Reading r = {g, faults};
  const ItvXml *child = NULL;
  g->file = g_strdup(file);
  read_head(&r, xml);
  for (gsize i = 0; (child = itv_xml_child(xml, "named", i)); i++)
    g_ptr_array_add(g->names, dup_attr(child, "as"));
  for (gsize i = 0; (child = itv_xml_child(xml, "applies", i)); i++)
    read_scope(&r, child);
  for (gsize i = 0; (child = itv_xml_child(xml, "source", i)); i++)
    read_source(&r, child);
  for (gsize i = 0; (child = itv_xml_child(xml, "variable", i)); i++)
    read_variable(&r, child);
  for (gsize i = 0; (child = itv_xml_child(xml, "growth", i)); i++)
    read_growth(&r, child);
  for (gsize i = 0; (child = itv_xml_child(xml, "end", i)); i++)
    read_end(&r, child);
  for (gsize i = 0; (child = itv_xml_child(xml, "end", i)); i++)
    tie_restarts(&r, child, itv_guideline_end(g, i));
  g_autofree ItvExtent *all = itv_guideline_box(g);
  if ((child = itv_xml_child(xml, "rules", 0)))
    read_rules(&r, child, all);
  return g;
}
