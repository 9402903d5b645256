/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

G_DEFINE_QUARK(itv - error, itv_error)

gboolean
itv_fail(GError **error, ItvErrorCode code, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *message = g_strdup_vprintf(format, args);
  va_end(args);
  g_set_error_literal(error, ITV_ERROR, (gint)code, message);
  return FALSE;
}
