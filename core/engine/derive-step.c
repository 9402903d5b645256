/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/derive-internal.h"

void
itv_step(ItvFollowup *item, const char *rule, ItvMoment at, const char *uid, const char *source,
         const char *format, ...)
{
  va_list args;
  va_start(args, format);
  const ItvStep step = {.at = at,
                        .rule = g_strdup(rule),
                        .text = g_strdup_vprintf(format, args),
                        .evidence = g_strdup(uid),
                        .source = g_strdup(source)};
  va_end(args);
  g_array_append_val(item->steps, step);
}

char *
itv_performed_words(const ItvPerformed *exam)
{
  g_autofree char *day = itv_date_format(exam->performed.date);
  const char *what = exam->description ? exam->description : "exam";
  if (exam->accession)
    return g_strdup_printf("%s %s (acc %s)", what, day ? day : "undated", exam->accession);
  if (exam->study_uid)
    return g_strdup_printf("%s %s (study %s)", what, day ? day : "undated", exam->study_uid);
  return g_strdup_printf("%s %s", what, day ? day : "undated");
}

char *
itv_action_words(const ItvAction *action)
{
  GString *s = g_string_new(NULL);
  for (int m = 1; m < ITV_MODALITY_N; m++)
    if (action->modalities & ITV_MODALITY_BIT(m))
      g_string_append_printf(s, "%s%s", s->len ? " or " : "", itv_modality_code((ItvModality)m));
  if (!s->len)
    g_string_append(s, action->kind == ITV_KIND_OF_IMAGING ? "imaging"
                                                           : itv_action_kind_code(action->kind));
  if (action->region)
    g_string_append_printf(s, " of %s", itv_region_code(action->region));
  if (action->laterality)
    g_string_append_printf(s, ", %s", itv_laterality_code(action->laterality));
  return g_string_free(s, FALSE);
}
