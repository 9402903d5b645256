/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "app/linkage.h"
#include "base/error.h"

#define BY "linkage" /* who links when the configuration lets it */

static char *
full_id(const ItvLinkId *id)
{
  return *id->issuer ? g_strconcat(id->id, "^^^", id->issuer, NULL) : g_strdup(id->id);
}

/* ---- documents ------------------------------------------------------------------------ */

/* Of all that lines say under `key` the longest; of two the first in order. */
static void
take_longest(char **text, const char *lines, const char *key)
{
  const gsize n_key = strlen(key);
  for (const char *line = lines, *end; (end = strchr(line, '\n')); line = end + 1) {
    if (strncmp(line, key, n_key) != 0 || line[n_key] != '\t')
      continue;
    g_autofree char *value = g_strndup(line + n_key + 1, (gsize)(end - line) - n_key - 1);
    const gsize n = strlen(value), before = *text ? strlen(*text) : 0;
    if (n < before || (n == before && (!*text || strcmp(value, *text) >= 0)))
      continue;
    g_free(*text);
    *text = g_steal_pointer(&value);
  }
}

static json_object *
patient_json(ItvApp *app, const ItvLinkId *id, GError **error)
{
  static const char *const keys[] = {"name", "birth-date", "sex", "address", "phone"};
  static const char *const names[] = {"name", "birth_date", "sex", "address", "phone"};
  char *texts[G_N_ELEMENTS(keys)] = {NULL};
  g_autoptr(GPtrArray) rows = itv_linkage_records(app->db, id->pk, 64, error);
  for (guint i = 0; rows && i < rows->len; i++)
    for (gsize k = 0; k < G_N_ELEMENTS(keys); k++)
      take_longest(&texts[k], rows->pdata[i], keys[k]);
  json_object *o = rows ? json_object_new_object() : NULL;
  if (o) {
    itv_json_add_string(o, "id", id->id);
    itv_json_add_string(o, "issuer", id->issuer);
  }
  for (gsize k = 0; k < G_N_ELEMENTS(keys); k++) {
    if (o)
      itv_json_add_string(o, names[k], texts[k]);
    g_free(texts[k]);
  }
  return o;
}

/* A tenth of a bit is more than anybody can tell. */
static double
tenths(double bits)
{
  return round(bits * 10) / 10;
}

static json_object *
reasons_json(const ItvLinkVerdict *v, gboolean guards)
{
  json_object *list = json_object_new_array();
  for (guint i = 0; i < v->reasons->len; i++) {
    const ItvLinkReason *r = v->reasons->pdata[i];
    if (r->guard != guards)
      continue;
    json_object *o = json_object_new_object();
    if (!guards)
      itv_json_add_string(o, "field", r->field);
    itv_json_add_string(o, guards ? "rule" : "level", r->level);
    itv_json_add_string(o, "text", r->text);
    if (!guards)
      itv_json_add_double(o, "weight", tenths(r->weight));
    json_object_array_add(list, o);
  }
  return list;
}

/* As one types it. */
static char *
command(const char *action, const ItvLinkCandidate *c)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              "^.-_:@/+";
  g_autofree char *a = full_id(c->a), *b = full_id(c->b);
  char **const both[] = {&a, &b};
  for (gsize i = 0; i < G_N_ELEMENTS(both); i++)
    if (strspn(*both[i], plain) != strlen(*both[i]) || **both[i] == '-') {
      char *quoted = g_shell_quote(*both[i]);
      g_free(*both[i]);
      *both[i] = quoted;
    }
  return g_strdup_printf("interval identity %s %s %s", action, a, b);
}

static json_object *
candidate_json(ItvApp *app, const ItvLinkCandidate *c, GError **error)
{
  g_autoptr(json_object) a = patient_json(app, c->a, error);
  g_autoptr(json_object) b = a ? patient_json(app, c->b, error) : NULL;
  if (!b)
    return NULL;
  json_object *o = json_object_new_object();
  g_autofree char *link = command("link", c), *unlink = command("unlink", c);
  itv_json_add(o, "patient", json_object_get(a));
  itv_json_add(o, "other", json_object_get(b));
  itv_json_add_double(o, "weight", tenths(c->verdict->weight));
  itv_json_add_string(o, "zone", itv_link_zone_name(c->verdict->zone));
  itv_json_add_bool(o, "corroborated", c->verdict->corroborated);
  itv_json_add(o, "reasons", reasons_json(c->verdict, FALSE));
  itv_json_add(o, "guards", reasons_json(c->verdict, TRUE));
  itv_json_add_string(o, "if_same", link);
  itv_json_add_string(o, "if_different", unlink);
  return o;
}

json_object *
itv_app_identity_candidates(ItvApp *app, const ItvCandidateQuery *query, GError **error)
{
  g_autoptr(GPtrArray) found = itv_app_candidates(app, query->patient, error);
  g_autoptr(json_object) list = found ? json_object_new_array() : NULL;
  for (guint i = 0; found && i < found->len; i++) {
    const ItvLinkCandidate *c = found->pdata[i];
    if (tenths(c->verdict->weight) < query->min_weight ||
        (query->zone && strcmp(query->zone, itv_link_zone_name(c->verdict->zone)) != 0))
      continue;
    json_object *o = candidate_json(app, c, error);
    if (!o)
      return NULL;
    json_object_array_add(list, o);
  }
  return g_steal_pointer(&list);
}

/* ---- what the configuration lets be linked ------------------------------------------------- */

/* Since both ids are known. */
static char *
both_known(ItvApp *app, const ItvLinkCandidate *c, GError **error)
{
  g_autofree char *a = itv_linkage_first_known(app->db, c->a->pk, error);
  g_autofree char *b = itv_linkage_first_known(app->db, c->b->pk, error);
  return g_strcmp0(a, b) >= 0 ? g_steal_pointer(&a) : g_steal_pointer(&b);
}

gboolean
itv_app_linkage_automatic(ItvApp *app, gint64 *ret_n, GError **error)
{
  *ret_n = 0;
  const ItvLinkAutomatic mode = itv_linkage_automatic(app->linkage);
  if (mode == ITV_LINK_BY_HAND)
    return TRUE;
  g_autoptr(GPtrArray) found = itv_app_candidates(app, NULL, error);
  for (guint i = 0; found && i < found->len; i++) {
    const ItvLinkCandidate *c = found->pdata[i];
    if (c->verdict->zone != ITV_ZONE_CERTAIN ||
        (mode == ITV_LINK_CORROBORATED && !c->verdict->corroborated))
      continue;
    g_autofree char *a = full_id(c->a), *b = full_id(c->b), *at = both_known(app, c, error);
    g_autoptr(json_object) done = itv_app_identity(app, "link", a, b, BY, at, error);
    if (!done)
      return FALSE;
    ++*ret_n;
  }
  return found != NULL;
}
