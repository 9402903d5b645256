/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule files for those who write them: checked, listed, run on one case.  What
 * reads a file is chosen by its root element.
 */
#include "app/guidelines.h"

#include <string.h>

#include "app/app-private.h"
#include "app/cards.h"
#include "app/walk.h"
#include "base/error.h"
#include "engine/cards-export.h"
#include "engine/cards.h"

/* ---- documents ---------------------------------------------------------------------- */

static json_object *
step_json(const ItvGuidelineStep *s)
{
  json_object *o = json_object_new_object();
  g_autofree char *a = itv_period_format(s->earliest);
  g_autofree char *b = itv_period_format(s->latest);
  if (s->every) {
    itv_json_add_string(o, "every", a);
    itv_json_add_string(o, "to", b);
    itv_json_add(o, "times", s->times ? json_object_new_int((int)s->times) : NULL);
  } else {
    itv_json_add_string(o, "from", a);
    itv_json_add_string(o, "to", b);
  }
  itv_json_add(o, "modality", s->modalities ? itv_app_modalities_json(s->modalities) : NULL);
  itv_json_add_bool(o, "consider", s->consider);
  return o;
}

static json_object *
restart_json(const ItvGuideline *g, const ItvGuidelineRestart *r)
{
  json_object *o = json_object_new_object();
  const ItvGuidelineEnd *then = r->then != ITV_NO_INDEX ? itv_guideline_end(g, r->then) : NULL;
  itv_json_add_string(o, "event", r->on);
  itv_json_add_string(o, "definition",
                      r->growth != ITV_NO_INDEX ? itv_guideline_growth(g, r->growth)->text : NULL);
  itv_json_add_string(o, "then", then ? then->id : NULL);
  itv_json_add_string(o, "text", r->text ? r->text : then ? then->text : NULL);
  return o;
}

static json_object *
stop_json(const ItvGuidelineEnd *e)
{
  if (!e->stops && !e->stops_at_age && !e->stop_if)
    return NULL;
  json_object *o = json_object_new_object();
  g_autofree char *after = e->stops ? itv_period_format(e->stop_after) : NULL;
  itv_json_add_string(o, "after", after);
  itv_json_add(o, "age", e->stops_at_age ? json_object_new_int((int)e->stop_age) : NULL);
  itv_json_add_string(o, "when", e->stop_if);
  return o;
}

json_object *
itv_app_end_json(const ItvGuideline *g, const ItvGuidelineEnd *e)
{
  static const char *const kinds[] = {"", "none", "outside"};
  json_object *o = json_object_new_object();
  json_object *steps = json_object_new_array(), *restarts = json_object_new_array();
  g_autofree char *words = itv_guideline_end_words(e);
  for (guint i = 0; i < e->steps->len; i++)
    json_object_array_add(steps, step_json(&g_array_index(e->steps, ItvGuidelineStep, i)));
  for (guint i = 0; i < e->restarts->len; i++)
    json_object_array_add(restarts,
                          restart_json(g, &g_array_index(e->restarts, ItvGuidelineRestart, i)));
  itv_json_add_string(o, "id", e->id);
  itv_json_add_string(o, "kind",
                      e->kind == ITV_END_ACTION ? itv_action_kind_code(e->action) : kinds[e->kind]);
  itv_json_add_string(o, "text", e->text);
  itv_json_add_string(o, "words", words);
  itv_json_add(o, "modality", itv_app_modalities_json(e->modalities));
  itv_json_add_string(o, "region", itv_region_code(e->region));
  itv_json_add_string(o, "strength", e->consider ? "consider" : "recommend");
  itv_json_add_string(o, "counted_from", e->from_surgery ? "surgery" : "exam");
  itv_json_add(o, "steps", steps);
  itv_json_add(o, "stop", stop_json(e));
  itv_json_add(o, "restarts", restarts);
  return o;
}

json_object *
itv_app_rule_json(const ItvGuideline *g, const ItvGuidelineRule *r)
{
  const ItvGuidelineSource *s = itv_guideline_source(g, r->source);
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "id", r->id);
  itv_json_add_int(o, "line", r->line);
  itv_json_add_string(o, "source", s->cite);
  itv_json_add_int(o, "year", s->year);
  itv_json_add_string(o, "where", r->where);
  itv_json_add_string(o, "mark", r->unsure ? "CHECK" : NULL);
  return o;
}

json_object *
itv_app_question_json(const ItvVariable *v)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "variable", v->name);
  itv_json_add_string(o, "fact", v->fact);
  itv_json_add_string(o, "question", v->question);
  itv_json_add_string(o, "unit", v->unit);
  json_object *values = json_object_new_array();
  for (guint i = 0; i < v->choices->len; i++)
    json_object_array_add(values,
                          json_object_new_string(g_array_index(v->choices, ItvChoice, i).code));
  itv_json_add(o, "values", values);
  return o;
}

static void
add_head(json_object *o, const ItvGuideline *g)
{
  itv_json_add_string(o, "guideline", g->id);
  itv_json_add_string(o, "version", g->version);
  itv_json_add_string(o, "title", g->title);
  itv_json_add_string(o, "issuer", g->issuer);
  itv_json_add_int(o, "year", g->year);
  itv_json_add_string(o, "status", g->superseded ? "superseded" : "current");
  itv_app_json_add_date(o, "valid_from", g->valid_from);
  itv_app_json_add_date(o, "valid_until", g->valid_until);
  itv_json_add_string(o, "sign_off", g->signed_off ? "given" : "required");
  itv_json_add_string(o, "signed_by", g->signed_by);
}

/* ---- our own guidelines ----------------------------------------------------------------- */

static json_object *
fault_json(const ItvFault *f)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "severity", f->severity == ITV_FAULT_ERROR ? "error" : "warning");
  itv_json_add_string(o, "kind", f->kind);
  itv_json_add_int(o, "line", f->line);
  itv_json_add_string(o, "text", f->text);
  return o;
}

static char *
schema_path(const ItvApp *app)
{
  return g_build_filename(app->paths.schema_dir, "guideline.xsd", NULL);
}

static json_object *
check_guideline(ItvApp *app, const char *path, gboolean *ret_faulty, GError **error)
{
  g_autofree char *xsd = schema_path(app);
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = itv_guideline_load(path, xsd, faults, error);
  if (!g)
    return NULL;
  const ItvGuidelineProof proof = itv_guideline_check(g, faults);
  json_object *o = json_object_new_object();
  json_object *list = json_object_new_array();
  *ret_faulty = itv_faults_error(faults) != NULL;
  for (guint i = 0; i < faults->len; i++)
    json_object_array_add(list, fault_json(&g_array_index(faults, ItvFault, i)));
  itv_json_add_string(o, "file", path);
  add_head(o, g);
  itv_json_add_bool(o, "complete", !*ret_faulty);
  itv_json_add_int(o, "variables", g->variables->len);
  itv_json_add_int(o, "rules", g->rules->len);
  itv_json_add_int(o, "ends", g->ends->len);
  itv_json_add_int(o, "regions", proof.regions);
  itv_json_add(o, "faults", list);
  return o;
}

static json_object *
known_json(const ItvGuideline *g, const ItvExtent *box)
{
  json_object *known = json_object_new_array();
  for (guint i = 0; i < g->variables->len; i++) {
    const ItvVariable *v = itv_guideline_variable(g, i);
    if (itv_extent_equal(v, box[i], itv_variable_extent(v)))
      continue;
    g_autofree char *words = itv_extent_words(v, box[i]);
    json_object_array_add(known, json_object_new_string(words));
  }
  return known;
}

static json_object *
calendar_json(const ItvGuidelineEnd *end, ItvDate on)
{
  if (on == ITV_DATE_NONE)
    return NULL;
  g_autoptr(GArray) plan = itv_guideline_plan(end, on, 20);
  json_object *list = json_object_new_array();
  for (guint i = 0; i < plan->len; i++) {
    const ItvPlannedVisit *v = &g_array_index(plan, ItvPlannedVisit, i);
    json_object *o = json_object_new_object();
    itv_app_json_add_date(o, "from", v->from);
    itv_app_json_add_date(o, "until", v->until);
    itv_json_add_bool(o, "consider", v->consider);
    json_object_array_add(list, o);
  }
  return list;
}

static json_object *
answer_json(const ItvGuideline *g, const ItvExtent *box, ItvDate on)
{
  g_autoptr(ItvGuidelineAnswer) a = itv_guideline_run(g, box);
  json_object *o = json_object_new_object();
  json_object *questions = json_object_new_array(), *ends = json_object_new_array();
  for (guint i = 0; i < a->questions->len; i++)
    json_object_array_add(questions, itv_app_question_json(itv_guideline_variable(
                                         g, g_array_index(a->questions, guint, i))));
  for (guint i = 0; i < a->ends->len; i++)
    json_object_array_add(
        ends, itv_app_end_json(g, itv_guideline_end(g, g_array_index(a->ends, guint, i))));
  add_head(o, g);
  itv_json_add(o, "known", known_json(g, box));
  itv_json_add(o, "end", a->end ? itv_app_end_json(g, a->end) : NULL);
  itv_json_add(o, "rule", a->rule ? itv_app_rule_json(g, a->rule) : NULL);
  itv_json_add(o, "calendar", a->end ? calendar_json(a->end, on) : NULL);
  itv_json_add(o, "questions", questions);
  itv_json_add(o, "possible", ends);
  itv_json_add_bool(o, "gap", a->gap);
  itv_json_add_bool(o, "valid", on == ITV_DATE_NONE || itv_guideline_valid_on(g, on));
  return o;
}

/* NULL with an error where it has faults, too. */
static ItvGuideline *
load_sound(ItvApp *app, const char *path, GError **error)
{
  g_autofree char *xsd = schema_path(app);
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = itv_guideline_load(path, xsd, faults, error);
  const ItvFault *fault = g ? itv_faults_error(faults) : NULL;
  if (fault)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s", path, fault->line, fault->text), NULL;
  return g_steal_pointer(&g);
}

static json_object *
run_guideline(ItvApp *app, const char *path, const char *const *values, ItvDate on, GError **error)
{
  g_autoptr(ItvGuideline) g = load_sound(app, path, error);
  if (!g)
    return NULL;
  g_autofree ItvExtent *box = itv_guideline_box(g);
  for (guint i = 0; values && values[i]; i++) {
    const char *equals = strchr(values[i], '=');
    if (!equals || equals == values[i])
      return itv_fail(error, ITV_ERROR_USAGE, "%s: write NAME=VALUE, as in size=7mm", values[i]),
             NULL;
    g_autofree char *name = g_strndup(values[i], (gsize)(equals - values[i]));
    if (!itv_guideline_set(g, box, name, equals + 1, error))
      return NULL;
  }
  return answer_json(g, box, on);
}

/* ---- by root element ------------------------------------------------------------------------ */

/* A format of rule files: whoever adds one adds a line. */
static const struct {
  const char *root;
  json_object *(*check)(ItvApp *app, const char *path, gboolean *ret_faulty, GError **error);
  json_object *(*run)(ItvApp *app, const char *path, const char *const *values, ItvDate on,
                      GError **error);
} formats[] = {{"guideline", check_guideline, run_guideline},
               {ITV_CARDS_ROOT, itv_app_cards_check, itv_app_cards_run}};

/* The index in `formats`; -1 with an error. */
static int
format_of(const char *path, GError **error)
{
  g_autoptr(ItvXml) xml = itv_xml_read(path, NULL, error);
  if (!xml)
    return -1;
  for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
    if (strcmp(formats[i].root, xml->name) == 0)
      return (int)i;
  GString *roots = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
    g_string_append_printf(roots, "%s<%s>", i ? " or " : "", formats[i].root);
  itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: the root element is <%s>; expected %s", path, xml->line,
           xml->name, roots->str);
  g_string_free(roots, TRUE);
  return -1;
}

static char *
installed_dir(const ItvApp *app)
{
  return g_build_filename(app->paths.config_dir, "guidelines", NULL);
}

/* A path, or the id of an installed guideline. */
static char *
path_of(const ItvApp *app, const char *file)
{
  if (g_file_test(file, G_FILE_TEST_EXISTS) || strchr(file, '/'))
    return g_strdup(file);
  g_autofree char *dir = installed_dir(app);
  g_autofree char *name = g_strconcat(file, ".xml", NULL);
  g_autofree char *path = g_build_filename(dir, name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : g_strdup(file);
}

/* Owned paths of all that is installed, by name. */
static GPtrArray *
installed(const ItvApp *app)
{
  g_autofree char *dir = installed_dir(app);
  const char *dirs[] = {dir};
  GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
  if (!g_file_test(dir, G_FILE_TEST_IS_DIR))
    return paths;
  g_autoptr(GPtrArray) files = itv_walk(dirs, 1);
  for (guint i = 0; i < files->len; i++) {
    const ItvWalkFile *f = files->pdata[i];
    if (g_str_has_suffix(f->path, ".xml"))
      g_ptr_array_add(paths, g_strdup(f->path));
  }
  return paths;
}

json_object *
itv_app_guideline_check(ItvApp *app, const char *const *files, gboolean *ret_faulty, GError **error)
{
  g_autoptr(GPtrArray) paths = NULL;
  if (files && *files) {
    paths = g_ptr_array_new_with_free_func(g_free);
    for (; *files; files++)
      g_ptr_array_add(paths, path_of(app, *files));
  } else {
    paths = installed(app);
  }
  g_autoptr(json_object) list = json_object_new_array();
  *ret_faulty = FALSE;
  for (guint i = 0; i < paths->len; i++) {
    gboolean faulty = FALSE;
    const int format = format_of(paths->pdata[i], error);
    json_object *o =
        format >= 0 ? formats[format].check(app, paths->pdata[i], &faulty, error) : NULL;
    if (!o)
      return NULL;
    *ret_faulty |= faulty;
    json_object_array_add(list, o);
  }
  return g_steal_pointer(&list);
}

json_object *
itv_app_guideline_run(ItvApp *app, const char *file, const char *const *values, ItvDate on,
                      GError **error)
{
  g_autofree char *path = path_of(app, file);
  const int format = format_of(path, error);
  return format >= 0 ? formats[format].run(app, path, values, on, error) : NULL;
}

json_object *
itv_app_guideline_export(ItvApp *app, const char *file, GError **error)
{
  g_autofree char *path = path_of(app, file);
  g_autoptr(ItvGuideline) g = load_sound(app, path, error);
  if (!g)
    return NULL;
  g_autofree char *xml = itv_cards_export(g);
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "file", path);
  itv_json_add_string(o, "format", "CARDS");
  itv_json_add_string(o, "xml", xml);
  return o;
}

json_object *
itv_app_guideline_grown(ItvApp *app, const char *file, const char *prior, const char *current,
                        gint32 days, GError **error)
{
  g_autofree char *path = path_of(app, file);
  g_autoptr(ItvGuideline) g = load_sound(app, path, error);
  ItvGrowthInput in = {.days = days};
  if (!g || !itv_growth_input_read(&in, prior, current, error))
    return NULL;
  json_object *o = json_object_new_object();
  json_object *list = json_object_new_array();
  add_head(o, g);
  itv_json_add_string(o, "prior", prior);
  itv_json_add_string(o, "current", current);
  for (guint i = 0; i < g->growths->len; i++) {
    const ItvGrowth *growth = itv_guideline_growth(g, i);
    const int grown = itv_guideline_grown(growth, &in);
    json_object *one = json_object_new_object();
    itv_json_add_string(one, "definition", growth->text);
    itv_json_add_string(
        one, "source",
        growth->source != ITV_NO_INDEX ? itv_guideline_source(g, growth->source)->cite : NULL);
    itv_json_add(one, "grown", grown < 0 ? NULL : json_object_new_boolean(grown == 1));
    json_object_array_add(list, one);
  }
  itv_json_add(o, "growth", list);
  return o;
}

json_object *
itv_app_guideline_list(ItvApp *app, GError **error)
{
  g_autofree char *dir = installed_dir(app);
  g_autofree char *xsd = schema_path(app);
  g_autoptr(GPtrArray) guidelines = itv_guidelines_load(dir, xsd, error);
  if (!guidelines)
    return NULL;
  json_object *list = json_object_new_array();
  for (guint i = 0; i < guidelines->len; i++) {
    const ItvGuideline *g = guidelines->pdata[i];
    json_object *o = json_object_new_object();
    json_object *variables = json_object_new_array();
    for (guint k = 0; k < g->variables->len; k++)
      json_object_array_add(variables, itv_app_question_json(itv_guideline_variable(g, k)));
    add_head(o, g);
    itv_json_add_bool(o, "default", g->by_default);
    itv_json_add_string(o, "file", g->file);
    itv_json_add(o, "variables", variables);
    json_object_array_add(list, o);
  }
  return list;
}
