/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/code-map.h - config/codes.xml in memory: what the codes of a site mean.
 * Immutable once loaded.
 */
#ifndef ITV_ENGINE_CODE_MAP_H
#define ITV_ENGINE_CODE_MAP_H

#include "engine/fulfilment.h"
#include "model/exam.h"

typedef struct ItvCodeMap ItvCodeMap;

/* NULL with ITV_ERROR_CONFIG (file, line, what was expected).  `fulfilment` knows the acts. */
ItvCodeMap *itv_code_map_load(const char *path, const char *xsd_path,
                              const ItvFulfilment *fulfilment, GError **error);
void itv_code_map_free(ItvCodeMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvCodeMap, itv_code_map_free)

/* What one entry says; 0 and NONE: nothing. */
typedef struct {
  ItvModalitySet modalities;
  ItvRegionSet regions;
  ItvRegion main_region;
  ItvLaterality laterality;
  guint64 acts; /* as in ItvExam */
} ItvCodeMeaning;

/* `sender` is "APPLICATION^FACILITY" as in interval.document/1, NULL if unknown; an
 * entry for that sender goes before one for all.  Letters without case, blanks at
 * the ends do not count.  NULL: the map does not know it; so does a NULL map. */
const ItvCodeMeaning *itv_code_map_exam(const ItvCodeMap *map, const char *sender, const char *code,
                                        const char *description);
const ItvCodeMeaning *itv_code_map_body_part(const ItvCodeMap *map, const char *sender,
                                             const char *code);
ItvModality itv_code_map_modality(const ItvCodeMap *map, const char *sender, const char *code);

#endif
