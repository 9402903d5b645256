/* SPDX-License-Identifier: Apache-2.0
 *
 * app/pages.h - a finished comparison or healing series handed to render/.
 */
#ifndef ITV_APP_PAGES_H
#define ITV_APP_PAGES_H

#include "app/exams.h"
#include "app/pair.h"

typedef struct {
  gint64 family;
  ItvHistory *history;
  GPtrArray *exams; /* ItvAppExam */
  const ItvAppExam *current, *prior;
  GPtrArray *current_series, *prior_series;
  ItvAppPair *pair;
  ItvAppResult *measured; /* NULL: nothing was measured on either */
  GPtrArray *notes;
} ItvAppComparison;
void itv_app_comparison_free(ItvAppComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvAppComparison, itv_app_comparison_free)

/* Pictures, curves, HTML and PDF into `dir`; *ret_paths: char *, owned. */
gboolean itv_app_comparison_page(ItvApp *app, const ItvAppComparison *comparison, const char *dir,
                                 GPtrArray **ret_paths, GError **error);

#endif
