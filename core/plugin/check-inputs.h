/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/check-inputs.h - the inputs of the conformance kit: nothing, too
 * little, and odd things, for each kind.  Private to core/plugin.
 */
#ifndef ITV_PLUGIN_CHECK_INPUTS_H
#define ITV_PLUGIN_CHECK_INPUTS_H

#include "plugin/job.h"

/* How many there are for a kind. */
guint itv_check_inputs_count(const char *kind);
/* The i-th, owned; *ret_name says in a few words what it is. */
ItvJob *itv_check_inputs_make(const char *kind, guint i, const char **ret_name);
/* The head of the i-th file that importers are probed with. */
guint itv_check_heads_count(void);
GBytes *itv_check_head(guint i, const char **ret_name);

#endif
