/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/contract.h - what a plugin promises beyond the form of one record:
 * order, evidence inside the text, volumes that exist.  Private to core/plugin.
 */
#ifndef ITV_PLUGIN_CONTRACT_H
#define ITV_PLUGIN_CONTRACT_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct {
  const char *kind;
  const char *text; /* of the job, NULL if none */
  gsize text_len;
  guint n_volumes;   /* made so far; their ids are 1 to n_volumes */
  guint n_records;   /* checked so far */
  gboolean rejected; /* the current document was */
} ItvContract;

/* The record fits records.xml already.  FALSE with what is wrong. */
gboolean itv_contract_check(ItvContract *contract, const itv_record *record, GError **error);
/* May a job of this kind succeed without a record?  A report that recommends
 * nothing is the rule, not a fault. */
gboolean itv_contract_may_be_empty(const char *kind);

#endif
