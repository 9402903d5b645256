/* SPDX-License-Identifier: Apache-2.0
 *
 * AIM's measurements in the words of schemas/records.xml.
 */
#include <string.h>

#include "aim.h"
#include "measure-terms.h"

/* A bare "mean" is one of attenuation where its unit says so. */
static gboolean
is_attenuation(const char *unit)
{
  double one = 1;
  const char *ours = NULL;
  return terms_convert("attenuation", unit, &one, &ours);
}

const char *
aim_measure(const char *code, const char *const said[3], const char *unit)
{
  const char *measure = terms_measure(code);
  for (gsize i = 0; i < 3 && !measure; i++) {
    g_autofree char *bare = terms_bare_name(said[i]);
    measure = terms_measure(said[i]);
    if (!measure && strcmp(bare, "mean") == 0 && is_attenuation(unit))
      measure = "attenuation";
  }
  return measure;
}
