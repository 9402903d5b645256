/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/outcome.h"

#include "base/error.h"

void
itv_outcome_free(ItvOutcome *o)
{
  if (!o)
    return;
  g_free(o->message);
  itv_records_unref(o->records);
  g_ptr_array_unref(o->volumes);
  g_array_unref(o->volume_ids);
  g_ptr_array_unref(o->log);
  g_free(o->origin.plugin);
  g_free(o->origin.version);
  g_free(o->origin.sha256);
  g_free(o->origin.config_hash);
  g_free(o);
}

const char *
itv_outcome_word(ItvOutcomeClass class)
{
  static const char *const words[] = {
      "ok",        "not-applicable", "error",  "cancelled", "crash",       "hang", "memory",
      "forbidden", "protocol",       "schema", "refused",   "quarantined", "off",  "host"};
  return words[class];
}

gboolean
itv_outcome_blames_plugin(ItvOutcomeClass class)
{
  return class >= ITV_OUTCOME_CRASH && class <= ITV_OUTCOME_REFUSED;
}

ItvVolume *
itv_outcome_volume(const ItvOutcome *outcome, gint64 id)
{
  for (guint i = 0; i < outcome->volume_ids->len; i++)
    if (g_array_index(outcome->volume_ids, gint64, i) == id)
      return outcome->volumes->pdata[i];
  return NULL;
}

static ItvErrorCode
error_code(const ItvOutcome *o)
{
  if (o->class == ITV_OUTCOME_CANCELLED)
    return ITV_ERROR_CANCELLED;
  if (o->class == ITV_OUTCOME_NOT_APPLICABLE)
    return ITV_ERROR_INPUT;
  if (o->class == ITV_OUTCOME_ERROR && o->status != ITV_ERR_INTERNAL)
    return ITV_ERROR_INPUT;
  return ITV_ERROR_PLUGIN;
}

gboolean
itv_outcome_check(const ItvOutcome *outcome, GError **error)
{
  if (outcome->class == ITV_OUTCOME_OK)
    return TRUE;
  return itv_fail(error, error_code(outcome), "%s", outcome->message);
}
