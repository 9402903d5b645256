/* SPDX-License-Identifier: Apache-2.0
 *
 * app/intake.h - files through their importers, up to units that the journal
 * can take: runs in any thread, touches no database.
 */
#ifndef ITV_APP_INTAKE_H
#define ITV_APP_INTAKE_H

#include "app/app.h"
#include "plugin/plugins.h"

/* One message or object of a file. */
typedef struct {
  char *where;         /* path, and ":byte N" in a file of several */
  char *rejected;      /* NULL: take it */
  char *kind;          /* "message" or "image" */
  char *known, *label; /* known may be NULL */
  char *format;
  ItvRecords *records;
  char *json, *uid; /* of the records, see itv_unit_write(); NULL while rejected */
  GBytes *raw;      /* NULL: none to keep */
  GPtrArray *notes;
} ItvUnit;

typedef struct {
  char *path;
  char *rejected;        /* the whole file; NULL: see the units */
  GPtrArray *units;      /* ItvUnit */
  ItvProvenance *origin; /* NULL when no plugin ran */
} ItvIntake;

void itv_intake_free(ItvIntake *intake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvIntake, itv_intake_free)

/* Fills json and uid, once the records stand. */
void itv_unit_write(ItvUnit *unit);

#define ITV_INTAKE_BATCH 32 /* files that are worth to be read together */

/* Reads n files; ret_intakes[n]: owned, none NULL.  A file that fails costs no other. */
void itv_intake_files(ItvPlugins *plugins, const char *const *paths, gsize n,
                      const ItvImportHints *hints, ItvIntake **ret_intakes);

#endif
