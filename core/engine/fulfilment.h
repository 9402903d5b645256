/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/fulfilment.h - config/fulfilment.xml in memory: what an exam shows, which
 * examination answers which question, what settles a finding.  Contract section 3,
 * "Fulfilment", and "Where cases meet" 4, 5, 9.  Immutable once loaded.
 */
#ifndef ITV_ENGINE_FULFILMENT_H
#define ITV_ENGINE_FULFILMENT_H

#include "model/vocabulary.h"

typedef struct ItvFulfilment ItvFulfilment;
typedef guint64 ItvActSet; /* acts that are no imaging: bits in the order of the file */

/* NULL with ITV_ERROR_CONFIG (file, line, what was expected). */
ItvFulfilment *itv_fulfilment_load(const char *path, const char *xsd_path, GError **error);
ItvFulfilment *itv_fulfilment_parse(const char *bytes, gsize n, const char *name,
                                    const char *xsd_path, GError **error);
void itv_fulfilment_free(ItvFulfilment *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvFulfilment, itv_fulfilment_free)

/* The file that is built into the program; never freed.  Everywhere below NULL means it. */
const ItvFulfilment *itv_fulfilment_shipped(void);

/* Does an exam of `have` show `want` (chest covers lung, wholebody all ...)? */
gboolean itv_fulfilment_covers(const ItvFulfilment *f, ItvRegionSet have, ItvRegion want,
                               ItvModalitySet modalities);
/* The parts of a composed region that `have` shows, where some but not all of them are
 * and that is worth a question; else 0.  `ret_parts`: all its parts; may be NULL. */
ItvRegionSet itv_fulfilment_part(const ItvFulfilment *f, ItvRegionSet have, ItvRegion want,
                                 ItvRegionSet *ret_parts);
/* Does one cover the other, or are they equal? */
gboolean itv_fulfilment_related(const ItvFulfilment *f, ItvRegion a, ItvRegion b);
/* Is it one of those that were asked for, or a stronger examination of the same question? */
gboolean itv_fulfilment_serves(const ItvFulfilment *f, ItvModalitySet want, ItvRegion region,
                               ItvModalitySet have);
/* Regions of which an exam that names no side may have been of either. */
ItvRegionSet itv_fulfilment_paired(const ItvFulfilment *f);
/* Regions of which an exam shows both sides, whatever it names. */
ItvRegionSet itv_fulfilment_both_sides(const ItvFulfilment *f);

int itv_fulfilment_early_divisor(const ItvFulfilment *f);
int itv_fulfilment_early_days(const ItvFulfilment *f);

typedef enum {
  ITV_DOUBT_MODALITY,
  ITV_DOUBT_MODALITY_UNKNOWN,
  ITV_DOUBT_SIDE_UNKNOWN,
  ITV_DOUBT_SIDE_PARTIAL,
  ITV_DOUBT_REGION_UNKNOWN,
  ITV_DOUBT_NON_DIAGNOSTIC,
  ITV_DOUBT_NO_INTERVAL,
  ITV_DOUBT_LATE,
  ITV_DOUBT_SETTLED,
  ITV_DOUBT_N,
} ItvDoubt;
/* What is left of a score of 1 under that doubt, 0 to 1. */
double itv_fulfilment_keeps(const ItvFulfilment *f, ItvDoubt doubt);

/* The acts that a text names; `length` -1: to its end.  Text may be NULL. */
ItvActSet itv_fulfilment_acts(const ItvFulfilment *f, const char *text, gssize length);
/* Acts for which the description must also name the place. */
gboolean itv_fulfilment_acts_of_place(const ItvFulfilment *f, ItvActSet acts);
/* Those of `acts` that settle a finding with this head (normal form; NULL: unnamed). */
ItvActSet itv_fulfilment_settles(const ItvFulfilment *f, ItvActSet acts, const char *head);
/* "biopsy"; the first of the set, NULL for none. */
const char *itv_fulfilment_act_name(const ItvFulfilment *f, ItvActSet acts);

#endif
