/* SPDX-License-Identifier: Apache-2.0
 *
 * Measured change between two exams: pairs the measurements of one finding,
 * gives the difference with its 95 % interval, and says increased or decreased
 * only where that interval allows it.
 */
#include <glib.h>
#include <string.h>

#include "change.h"
#include "interval/plugin.h"
#include "match.h"
#include "sample.h"

static GHashTable *
followed_observers(GPtrArray *matches)
{
  GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < matches->len; i++) {
    const Match *m = g_ptr_array_index(matches, i);
    if (m->same_observer)
      g_hash_table_add(set, m->prior->words[WORDS_OBSERVER]);
  }
  return set;
}

static itv_status
judge_and_emit(const itv_host *host, GPtrArray *matches, const Context *context,
               const itv_sink *out)
{
  g_autofree Judgement *judgements = g_new0(Judgement, matches->len);
  itv_status status = ITV_OK;
  for (guint i = 0; i < matches->len; i++)
    change_judge(g_ptr_array_index(matches, i), context, &judgements[i]);
  change_cross_check(matches, judgements);
  for (guint i = 0; i < matches->len && status == ITV_OK; i++) {
    if (host->cancelled(host))
      status = ITV_ERR_CANCELLED;
    else if ((status = change_emit(g_ptr_array_index(matches, i), &judgements[i], out)) != ITV_OK)
      host->set_error(host, "the host took no more changes");
  }
  for (guint i = 0; i < matches->len; i++)
    if (judgements[i].model.source)
      g_string_free(judgements[i].model.source, TRUE);
  return status;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  g_autofree char *error = NULL;
  g_autoptr(GPtrArray) samples = sample_read_all(input, &error);
  if (!samples) {
    host->set_error(host, error);
    return ITV_ERR_INPUT;
  }
  if (!samples->len)
    return ITV_NOT_APPLICABLE;
  Context context = {.unmeasured_is_resolved = FALSE};
  const char *setting = host->config(host, "unmeasured-is-resolved");
  context.unmeasured_is_resolved = setting && g_str_equal(setting, "Y");
  for (guint i = 0; i < samples->len; i++)
    context.prior_measured |= !((Sample *)g_ptr_array_index(samples, i))->current;

  g_autoptr(GPtrArray) matches = match_all(samples);
  match_add_mean_diameters(matches, samples);
  g_autoptr(GHashTable) followed = followed_observers(matches);
  context.followed = followed;
  return judge_and_emit(host, matches, &context, out);
}

static const itv_kind kind = {ITV_KIND_HEADER, NULL, run};

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_MEASUREMENT) == 0 ? &kind : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.measurement", "0.1.0", NULL, NULL, get_kind};
