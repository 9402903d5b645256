/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <string.h>

typedef struct {
  const char *name; /* code value, or meaning in lower case */
  const char *measure;
} Concept;

/* SNOMED CT, the SRT codes before it, DCM (PS3.16 CIDs 7469 to 7473, 7467, IBSI
 * codes of CID 7475 on), and names that are in use without a standard code. */
static const Concept concepts[] = {
    {"103339001", "long-axis"},
    {"G-A185", "long-axis"},
    {"long axis", "long-axis"},
    {"103340004", "short-axis"},
    {"G-A186", "short-axis"},
    {"short axis", "short-axis"},
    {"131187009", "long-axis"},
    {"G-A193", "long-axis"},
    {"major axis", "long-axis"},
    {"131188004", "short-axis"},
    {"G-A194", "short-axis"},
    {"minor axis", "short-axis"},
    {"410668003", "long-axis"},
    {"G-D7FE", "long-axis"},
    {"length", "long-axis"},
    {"81827009", "long-axis"},
    {"M-02550", "long-axis"},
    {"diameter", "long-axis"},
    {"L0JK", "long-axis"},
    {"maximum 3d diameter", "long-axis"},
    {"longest diameter", "long-axis"},
    {"mean diameter", "mean-diameter"},
    {"average diameter", "mean-diameter"},
    {"118565006", "volume"},
    {"G-D705", "volume"},
    {"volume", "volume"},
    {"121216", "volume"},
    {"121217", "volume"},
    {"121218", "volume"},
    {"121219", "volume"},
    {"121220", "volume"},
    {"121221", "volume"},
    {"121222", "volume"},
    {"RNU0", "volume"},
    {"YEKZ", "volume"},
    {"42798000", "area"},
    {"G-A166", "area"},
    {"area", "area"},
    {"area of defined region", "area"},
    {"121206", "distance"},
    {"distance", "distance"},
    {"1483009", "angle"},
    {"angle", "angle"},
    {"cobb angle", "cobb-angle"},
    {"112031", "attenuation"},
    {"attenuation coefficient", "attenuation"},
    {"radiographic union score for tibial fractures", "rust"},
    {"radiographic union scale in tibial fractures", "rust"},
    {"rust score", "rust"},
    {"rust", "rust"},
    {"modified radiographic union score for tibial fractures", "mrust"},
    {"modified rust score", "mrust"},
    {"mrust score", "mrust"},
    {"mrust", "mrust"},
    {"callus area", "callus-area"},
    {"gap width", "gap-width"},
    {"fracture gap width", "gap-width"},
    {"displacement", "displacement"},
    {"fracture displacement", "displacement"},
    {"number of lesions", "count"},
};

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

static const char *
look_up(const char *name)
{
  for (gsize i = 0; name && i < G_N_ELEMENTS(concepts); i++)
    if (g_ascii_strcasecmp(concepts[i].name, name) == 0)
      return concepts[i].measure;
  return NULL;
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
  const char *measure = look_up(concept->value);
  measure = measure ? measure : look_up(concept->meaning);
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

typedef enum { LENGTH, AREA, VOLUME, ANGLE, HOUNSFIELD, UPTAKE, SCORE, COUNT, SHARE } Dimension;

typedef struct {
  const char *code;
  Dimension dimension;
  double factor;
} Unit;

static const Unit units[] = {
    {"mm", LENGTH, 1},
    {"cm", LENGTH, 10},
    {"m", LENGTH, 1000},
    {"um", LENGTH, 0.001},
    {"[in_i]", LENGTH, 25.4},
    {"mm2", AREA, 1},
    {"cm2", AREA, 100},
    {"m2", AREA, 1e6},
    {"mm3", VOLUME, 1},
    {"uL", VOLUME, 1},
    {"ul", VOLUME, 1},
    {"cm3", VOLUME, 1000},
    {"mL", VOLUME, 1000},
    {"ml", VOLUME, 1000},
    {"dm3", VOLUME, 1e6},
    {"L", VOLUME, 1e6},
    {"l", VOLUME, 1e6},
    {"deg", ANGLE, 1},
    {"rad", ANGLE, 180 / G_PI},
    {"[hnsf'U]", HOUNSFIELD, 1},
    {"HU", HOUNSFIELD, 1},
    {"g/mL", UPTAKE, 1},
    {"g/ml", UPTAKE, 1},
    {"", SCORE, 1},
    {"1", SCORE, 1},
    {"", COUNT, 1},
    {"1", COUNT, 1},
    {"1", SHARE, 100},
    {"%", SHARE, 1},
};

typedef struct {
  const char *measure;
  Dimension dimension;
  const char *unit;
} Kind;

static const Kind kinds[] = {
    {"long-axis", LENGTH, "mm"},     {"short-axis", LENGTH, "mm"},
    {"mean-diameter", LENGTH, "mm"}, {"distance", LENGTH, "mm"},
    {"gap-width", LENGTH, "mm"},     {"displacement", LENGTH, "mm"},
    {"area", AREA, "mm2"},           {"callus-area", AREA, "mm2"},
    {"volume", VOLUME, "mm3"},       {"angle", ANGLE, "deg"},
    {"cobb-angle", ANGLE, "deg"},    {"attenuation", HOUNSFIELD, "[hnsf'U]"},
    {"suv-max", UPTAKE, "g/mL"},     {"rust", SCORE, "{score}"},
    {"mrust", SCORE, "{score}"},     {"count", COUNT, "1"},
    {"bridging", SHARE, "%"},
};

/* UCUM annotations in braces do not change what a unit is: "{SUVbw}g/ml". */
static char *
without_annotations(const char *unit)
{
  GString *s = g_string_new(NULL);
  int depth = 0;
  for (; *unit; unit++) {
    if (*unit == '{')
      depth++;
    if (depth == 0 && *unit != ' ')
      g_string_append_c(s, *unit);
    if (*unit == '}' && depth > 0)
      depth--;
  }
  return g_string_free(s, FALSE);
}

gboolean
dcm_measure_convert(const char *measure, const char *unit, double *value, const char **ret_unit)
{
  g_autofree char *bare = without_annotations(unit ? unit : "");
  const Kind *kind = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].measure, measure) == 0)
      kind = &kinds[i];
  for (gsize i = 0; kind && i < G_N_ELEMENTS(units); i++) {
    if (units[i].dimension != kind->dimension || strcmp(units[i].code, bare) != 0)
      continue;
    *value *= units[i].factor;
    *ret_unit = kind->unit;
    return TRUE;
  }
  return FALSE;
}
