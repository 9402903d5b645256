/* SPDX-License-Identifier: Apache-2.0
 *
 * app/intake.h - one file through its importer, up to units that the journal
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
  GBytes *raw; /* NULL: none to keep */
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

/* Never NULL. */
ItvIntake *itv_intake_file(ItvPlugins *plugins, const char *path, const ItvImportHints *hints);

#endif
