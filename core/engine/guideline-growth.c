/* SPDX-License-Identifier: Apache-2.0
 *
 * "Has it grown?" by a guideline's own definition, in whole ten-thousandths:
 * no threshold is missed or met by a rounding of floating point.
 */
#include "engine/guideline.h"

#include <string.h>

#include "base/error.h"

/* Is `value` (a decimal, or a fraction num/den of one) at or beyond the cut? */
static gboolean
reaches(gint64 num, gint64 den, gint64 cut)
{
  /* value >= cut/2, or value > cut/2 where the cut lies just after. */
  const gint64 threshold = cut & 1 ? (cut - 1) / 2 : cut / 2;
  return cut & 1 ? num > threshold * den : num >= threshold * den;
}

/* Nothing in a body is larger: a metre, a litre.  No product below overflows. */
#define MAX_VALUE ((ItvDecimal)1000000 * ITV_DECIMAL_ONE)

/* 1 grown, 0 not, -1 not to be told. */
static int
one_value(const ItvGrowthCase *c, ItvDecimal prior, ItvDecimal current, gint32 days)
{
  const gint64 change = current - prior;
  if (prior < 0 || current < 0 || prior > MAX_VALUE || current > MAX_VALUE)
    return -1;
  if (c->has_prior && (prior * 2 < c->prior_lo || prior * 2 >= c->prior_hi))
    return 0;
  if (c->has_absolute && !reaches(change, 1, c->absolute))
    return 0;
  if (c->has_percent && prior <= 0)
    return -1;
  if (c->has_percent && !reaches(change * 100 * ITV_DECIMAL_ONE, prior, c->percent))
    return 0;
  if (c->has_rate && days <= 0)
    return -1;
  /* a year counts 365.25 days */
  if (c->has_rate && !reaches(change * 36525, (gint64)days * 100, c->rate))
    return 0;
  return 1;
}

static int
one_case(const ItvGrowthCase *c, const ItvGrowthInput *in)
{
  const guint need = MAX(1, c->dimensions);
  guint grown = 0, unknown = 0;
  if (strcmp(c->measure, in->measure) != 0)
    return -1;
  if (c->has_within && in->days <= 0)
    return -1;
  if (c->has_within && in->days > itv_period_days(c->within))
    return 0;
  for (guint i = 0; i < in->dimensions; i++) {
    const int one = one_value(c, in->prior[i], in->current[i], in->days);
    grown += one == 1;
    unknown += one < 0;
  }
  if (grown >= need)
    return 1;
  unknown += in->dimensions < need ? need - in->dimensions : 0;
  return grown + unknown >= need ? -1 : 0;
}

int
itv_guideline_grown(const ItvGrowth *growth, const ItvGrowthInput *in)
{
  int answer = 0;
  for (guint i = 0; i < growth->cases->len; i++) {
    const int one = one_case(&g_array_index(growth->cases, ItvGrowthCase, i), in);
    if (one == 1)
      return 1;
    answer = one < 0 ? -1 : answer;
  }
  return answer;
}

/* ---- from words -------------------------------------------------------------------------- */

/* "12 x 9 mm": how many numbers, in mm or mm3.  0: not understood. */
static guint
read_values(const char *text, ItvDecimal values[3], gboolean *ret_volume)
{
  static const struct {
    const char *unit;
    ItvDecimal factor;
    gboolean volume;
  } units[] = {{"", 1, FALSE},   {"mm", 1, FALSE},    {"cm", 10, FALSE},
               {"mm3", 1, TRUE}, {"cm3", 1000, TRUE}, {"ml", 1000, TRUE}};
  g_autofree char *lower = g_ascii_strdown(text, -1);
  const gsize digits = strspn(lower, "0123456789.x ");
  g_autofree char *unit = g_strstrip(g_strdup(lower + digits));
  lower[digits] = '\0';
  g_auto(GStrv) parts = g_strsplit(lower, "x", -1);
  ItvDecimal factor = 0;
  guint n = 0;
  for (guint i = 0; i < G_N_ELEMENTS(units); i++)
    if (strcmp(units[i].unit, unit) == 0) {
      factor = units[i].factor;
      *ret_volume = units[i].volume;
    }
  for (; factor && parts[n]; n++)
    if (n == 3 || !itv_decimal_parse(g_strstrip(parts[n]), &values[n]))
      return 0;
    else
      values[n] *= factor;
  return n;
}

gboolean
itv_growth_input_read(ItvGrowthInput *in, const char *prior, const char *current, GError **error)
{
  gboolean before = FALSE, after = FALSE;
  const guint n = read_values(prior, in->prior, &before);
  const guint m = read_values(current, in->current, &after);
  if (!n || !m)
    return itv_fail(error, ITV_ERROR_USAGE, "\"%s\" is no size; write 7mm, 12x9mm or 340mm3",
                    n ? current : prior);
  if (n != m || before != after)
    return itv_fail(error, ITV_ERROR_USAGE,
                    "\"%s\" and \"%s\" do not say the same: as many dimensions, both diameters or "
                    "both volumes",
                    prior, current);
  in->dimensions = n;
  in->measure = before ? "volume" : "diameter";
  return TRUE;
}
