/* SPDX-License-Identifier: Apache-2.0
 *
 * app/arrivals.h - what an import saw of series of slices, and what a person should know
 * about them: missing, duplicate, unsorted or tilted slices, and UIDs under which
 * different things came.
 */
#ifndef ITV_APP_ARRIVALS_H
#define ITV_APP_ARRIVALS_H

#include "base/record.h"

typedef struct ItvArrivals ItvArrivals;

ItvArrivals *itv_arrivals_new(void);
void itv_arrivals_free(ItvArrivals *arrivals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvArrivals, itv_arrivals_free)

/* The records of one object; `is_new`: its content was not known before. */
void itv_arrivals_add(ItvArrivals *arrivals, const ItvRecords *records, gboolean is_new,
                      const char *path);

typedef gboolean (*ItvArrivalsStudy)(gpointer data, const char *uid, const char *patient,
                                     const char *path, GError **error);
/* The studies of which images came, but for those that came for two patients at once. */
gboolean itv_arrivals_each_study(ItvArrivals *arrivals, ItvArrivalsStudy each, gpointer data,
                                 GError **error);

typedef void (*ItvArrivalsNote)(gpointer data, const char *path, const char *text);
/* Sentences, in the order of the series' UIDs. */
void itv_arrivals_report(ItvArrivals *arrivals, ItvArrivalsNote note, gpointer data);

#endif
