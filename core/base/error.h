/* SPDX-License-Identifier: Apache-2.0
 *
 * base/error.h - the one error domain of the core.  A message names the file
 * or thing, the place in it and the reason; few codes, because a caller can do
 * few things: the code decides the exit status of the command line.
 */
#ifndef ITV_BASE_ERROR_H
#define ITV_BASE_ERROR_H

#include <glib.h>

#define ITV_ERROR (itv_error_quark())
GQuark itv_error_quark(void);

typedef enum {
  ITV_ERROR_FAILED = 1, /* anything that is none of the below */
  ITV_ERROR_INPUT,      /* a file or message is malformed: it is rejected */
  ITV_ERROR_USAGE,      /* the caller asked for something that makes no sense */
  ITV_ERROR_NOT_FOUND,  /* no such patient, study, item, plugin */
  ITV_ERROR_CONFIG,     /* configuration, guideline, protocol or manifest is invalid */
  ITV_ERROR_DATABASE,   /* cannot be opened, too new, damaged */
  ITV_ERROR_PLUGIN,     /* missing, refused, crashed, lied, too slow */
  ITV_ERROR_CANCELLED,
} ItvErrorCode;

/* Sets an ITV_ERROR; returns FALSE so that a function can `return itv_fail(...)`. */
gboolean itv_fail(GError **error, ItvErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
