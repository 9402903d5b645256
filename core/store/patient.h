/* SPDX-License-Identifier: Apache-2.0
 *
 * store/patient.h - patient ids, the families that links tie them into, and
 * what evidence and which studies are theirs.  Derived: `rebuild` empties it.
 */
#ifndef ITV_STORE_PATIENT_H
#define ITV_STORE_PATIENT_H

#include "store/db.h"

/* The row of that id, made when it is new; NULL issuer means "". */
gboolean itv_patient_ensure(ItvDb *db, const char *id, const char *issuer, gint64 *ret_pk,
                            GError **error);
/* One family from now on. */
gboolean itv_patient_unite(ItvDb *db, gint64 a, gint64 b, GError **error);
/* That evidence concerns that patient, whose follow-ups are stale now. */
gboolean itv_patient_attach(ItvDb *db, gint64 pk, gint64 seq, GError **error);
/* `key` (study UID or accession) is a study of that patient. */
gboolean itv_patient_study_key(ItvDb *db, gint64 pk, const char *key, GError **error);

/* That evidence holds measurements of the image or study `key`. */
gboolean itv_patient_measured(ItvDb *db, const char *key, gint64 seq, GError **error);

/* Families that hold "ID" or "ID^^^ISSUER"; gint64, owned, maybe empty. */
GArray *itv_patient_families(ItvDb *db, const char *id, GError **error);
/* Families with a study of that UID or accession. */
GArray *itv_patient_families_of_study(ItvDb *db, const char *key, GError **error);
/* Families to be derived anew for that day: stale ones, and those whose state
 * was not derived for it. */
GArray *itv_patient_families_due(ItvDb *db, const char *as_of, GError **error);
GArray *itv_patient_families_all(ItvDb *db, GError **error);
gboolean itv_patient_set_stale(ItvDb *db, gint64 pk, GError **error);
/* All whom that evidence concerns. */
gboolean itv_patient_set_stale_by_evidence(ItvDb *db, const char *uid, GError **error);
/* 0 when there is no such id. */
gboolean itv_patient_pk(ItvDb *db, const char *id, const char *issuer, gint64 *ret_pk,
                        GError **error);

/* Empties everything derived. */
gboolean itv_patient_forget_all(ItvDb *db, GError **error);

#endif
