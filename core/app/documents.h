/* SPDX-License-Identifier: Apache-2.0
 *
 * app/documents.h - model values as the JSON that the outside contract
 * (section 2) gives.  Pure: no database, no plugins.
 */
#ifndef ITV_APP_DOCUMENTS_H
#define ITV_APP_DOCUMENTS_H

#include "base/json.h"
#include "model/followup.h"

/* ITV_DATE_NONE becomes null. */
void itv_app_json_add_date(json_object *object, const char *key, ItvDate date);
json_object *itv_app_modalities_json(ItvModalitySet set);
/* Name and birth date as the latest message known by then gives them. */
json_object *itv_app_patient_json(const ItvHistory *history, guint patient, ItvDate as_of);
json_object *itv_app_followup_json(const ItvHistory *history, const ItvFollowup *item,
                                   ItvDate as_of);
/* On a document of itv_app_followup_json() that was made on an earlier day. */
void itv_app_set_days_overdue(json_object *document, ItvDate as_of);

#endif
