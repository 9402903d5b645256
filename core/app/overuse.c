/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app-private.h"
#include "store/patient.h"

static json_object *
overuse_json(const ItvHistory *h, const ItvOveruse *x, ItvDate as_of)
{
  json_object *o = json_object_new_object();
  itv_json_add_string(o, "kind", x->kind == ITV_OVERUSE_EARLY ? "early" : "ended");
  itv_json_add(o, "patient", itv_app_patient_json(h, x->patient, as_of));
  itv_app_json_add_date(o, "on", x->on);
  itv_json_add_string(o, "description", x->description);
  itv_json_add_string(o, "accession", x->accession);
  itv_json_add_string(o, "item", x->item);
  itv_json_add_string(o, "text", x->text);
  itv_json_add_string(o, "evidence", x->evidence);
  return o;
}

static gboolean
add_family(ItvApp *app, gint64 family, const char *patient, ItvDate as_of, json_object *list,
           GError **error)
{
  g_autoptr(ItvHistory) h = itv_app_history(app, family, error);
  guint person = 0;
  if (!h)
    return FALSE;
  if (patient && !itv_app_person_asked(h, patient, as_of, &person, error))
    return FALSE;
  if (h->appointments->len == 0 && h->orders->len == 0)
    return TRUE;
  g_autoptr(GPtrArray) found = itv_derive_overuse(h, &app->rules, as_of);
  for (guint i = 0; i < found->len; i++) {
    const ItvOveruse *x = found->pdata[i];
    if (!patient || x->patient == person)
      json_object_array_add(list, overuse_json(h, x, as_of));
  }
  return TRUE;
}

json_object *
itv_app_overuse(ItvApp *app, const char *patient, ItvDate as_of, GError **error)
{
  const ItvDate day = as_of == ITV_DATE_NONE ? itv_date_today() : as_of;
  gint64 family = 0;
  if (!itv_app_refresh(app, itv_date_today(), error) ||
      (patient && !itv_app_family_of_patient(app, patient, &family, error)))
    return NULL;
  g_autoptr(GArray) families = patient ? g_array_new(FALSE, FALSE, sizeof(gint64))
                                       : itv_patient_families_all(app->db, error);
  if (!families)
    return NULL;
  if (patient)
    g_array_append_val(families, family);
  g_autoptr(json_object) list = json_object_new_array();
  for (guint i = 0; i < families->len; i++) {
    if (!add_family(app, g_array_index(families, gint64, i), patient, day, list, error))
      return NULL;
    itv_app_say(app, "looking at appointments", i + 1, families->len);
  }
  return g_steal_pointer(&list);
}
