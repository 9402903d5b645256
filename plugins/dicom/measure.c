/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <string.h>

#include "measure-terms.h"

/* SUVbw, SUVlbm, SUVbsa, SUVibw (CID 7466 and its SRT forerunner). */
static const char *const suv_codes[] = {"126401", "126402", "126403", "126404", "126400"};

static gboolean
is_mean(const DcmCode *d)
{
  return dcm_code_is(d, "SRT", "R-00317") || dcm_code_is(d, "SCT", "373098007") ||
         (d->meaning && g_ascii_strcasecmp(d->meaning, "Mean") == 0);
}

static gboolean
is_maximum(const DcmCode *d)
{
  return dcm_code_is(d, "SRT", "G-A437") || dcm_code_is(d, "SCT", "56851009") ||
         (d->meaning && g_ascii_strcasecmp(d->meaning, "Maximum") == 0);
}

const char *
dcm_measure(const DcmCode *concept, const DcmCode *derivation)
{
  gboolean derived = derivation->value || derivation->meaning;
  for (gsize i = 0; concept->value && i < G_N_ELEMENTS(suv_codes); i++)
    if (strcmp(suv_codes[i], concept->value) == 0)
      return is_maximum(derivation) ? "suv-max" : NULL;
  if (concept->meaning && g_ascii_strcasecmp(concept->meaning, "SUVmax") == 0)
    return "suv-max";
  const char *measure = terms_measure(concept->value);
  measure = measure ? measure : terms_measure(concept->meaning);
  if (!measure || !derived)
    return measure;
  /* A derived value is the measure itself only where that is what one follows:
   * the mean attenuation, the mean diameter, the largest diameter. */
  if (strcmp(measure, "attenuation") == 0)
    return is_mean(derivation) ? measure : NULL;
  if (strcmp(measure, "long-axis") == 0)
    return is_mean(derivation) ? "mean-diameter" : is_maximum(derivation) ? measure : NULL;
  return is_mean(derivation) || is_maximum(derivation) ? NULL : measure;
}
