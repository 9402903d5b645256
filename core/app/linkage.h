/* SPDX-License-Identifier: Apache-2.0
 *
 * app/linkage.h - between the linkage engine and the database: demographics are noted as
 * evidence is indexed, partners are looked for once per import and not once per image.
 */
#ifndef ITV_APP_LINKAGE_H
#define ITV_APP_LINKAGE_H

#include "app/app-private.h"
#include "engine/linkage.h"
#include "store/linkage.h"

/* Notes what an interval.patient/1 record says of that id; cheap when it is known. */
gboolean itv_app_linkage_note(ItvApp *app, gint64 pk, const itv_record *patient, GError **error);
/* Adds what such a note holds. */
void itv_app_linkage_add(ItvPersona *persona, const ItvLinkage *linkage, const char *lines);
/* Looks for partners of the ids whose demographics are new; on the first time after an
 * upgrade, of all.  In transactions of its own. */
gboolean itv_app_linkage_update(ItvApp *app, GError **error);
/* Links by evidence what the configuration says shall be linked without a person.
 * *ret_n: how many pairs. */
gboolean itv_app_linkage_automatic(ItvApp *app, gint64 *ret_n, GError **error);

/* ---- personas ----------------------------------------------------------------------- */

/* Personas by pk, read when they are asked for. */
typedef struct ItvPersonas ItvPersonas;
ItvPersonas *itv_personas_new(ItvApp *app);
void itv_personas_free(ItvPersonas *personas);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvPersonas, itv_personas_free)
/* Borrowed until the next call but one. */
const ItvPersona *itv_personas_get(ItvPersonas *personas, gint64 pk, GError **error);
/* The blocking keys of that id: gint64, sorted, owned. */
GArray *itv_app_linkage_keys(ItvApp *app, gint64 pk, GError **error);

/* ---- candidates ----------------------------------------------------------------------- */

/* Two ids that may be one person and about which nothing was decided. */
typedef struct {
  ItvLinkId *a, *b; /* in the order of their ids */
  ItvLinkVerdict *verdict;
} ItvLinkCandidate;
void itv_link_candidate_free(ItvLinkCandidate *candidate);

/* Heaviest first; owned.  `patient` (ID or ID^^^ISSUER) NULL: all.  Of the pairings
 * between two persons that are several ids each, the heaviest. */
GPtrArray *itv_app_candidates(ItvApp *app, const char *patient, GError **error);

#endif
