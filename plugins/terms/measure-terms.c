/* SPDX-License-Identifier: Apache-2.0 */
#include "measure-terms.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *word, *measure;
} Term;

/* SNOMED CT, the SRT codes before it, DCM (PS3.16 CIDs 7469 to 7473, 7467), IBSI (CID 7475
 * on), LOINC (21889-1 size of tumor, 33728-7 its largest dimension), RadLex. */
static const Term codes[] = {
    {"103339001", "long-axis"}, {"131187009", "long-axis"},  {"21889-1", "long-axis"},
    {"33728-7", "long-axis"},   {"410668003", "long-axis"},  {"81827009", "long-axis"},
    {"G-A185", "long-axis"},    {"G-A193", "long-axis"},     {"G-A22A", "long-axis"},
    {"G-D7FE", "long-axis"},    {"L0JK", "long-axis"},       {"M-02550", "long-axis"},
    {"RID39123", "long-axis"},  {"103340004", "short-axis"}, {"131188004", "short-axis"},
    {"G-A186", "short-axis"},   {"G-A194", "short-axis"},    {"118565006", "volume"},
    {"121216", "volume"},       {"121217", "volume"},        {"121218", "volume"},
    {"121219", "volume"},       {"121220", "volume"},        {"121221", "volume"},
    {"121222", "volume"},       {"G-D705", "volume"},        {"RNU0", "volume"},
    {"YEKZ", "volume"},         {"42798000", "area"},        {"G-A166", "area"},
    {"121206", "distance"},     {"1483009", "angle"},        {"112031", "attenuation"},
};

/* Names that are in use without a code: letters and digits only, in lower case. */
static const Term names[] = {
    {"diameter", "long-axis"},
    {"length", "long-axis"},
    {"linearmeasurement", "long-axis"},
    {"longaxis", "long-axis"},
    {"longdiameter", "long-axis"},
    {"longestdiameter", "long-axis"},
    {"majoraxis", "long-axis"},
    {"maximum3ddiameter", "long-axis"},
    {"maximumdiameter", "long-axis"},
    {"minoraxis", "short-axis"},
    {"perpendiculardiameter", "short-axis"},
    {"shortaxis", "short-axis"},
    {"shortdiameter", "short-axis"},
    {"shortestdiameter", "short-axis"},
    {"averagediameter", "mean-diameter"},
    {"meandiameter", "mean-diameter"},
    {"volume", "volume"},
    {"area", "area"},
    {"areaofdefinedregion", "area"},
    {"distance", "distance"},
    {"angle", "angle"},
    {"cobbangle", "cobb-angle"},
    {"attenuationcoefficient", "attenuation"},
    {"meanattenuation", "attenuation"},
    {"meanhu", "attenuation"},
    {"maximumsuv", "suv-max"},
    {"suvmax", "suv-max"},
    {"radiographicunionscaleintibialfractures", "rust"},
    {"radiographicunionscorefortibialfractures", "rust"},
    {"rust", "rust"},
    {"rustscore", "rust"},
    {"modifiedradiographicunionscorefortibialfractures", "mrust"},
    {"modifiedrustscore", "mrust"},
    {"mrust", "mrust"},
    {"mrustscore", "mrust"},
    {"callusarea", "callus-area"},
    {"fracturegapwidth", "gap-width"},
    {"gapwidth", "gap-width"},
    {"displacement", "displacement"},
    {"fracturedisplacement", "displacement"},
    {"numberoflesions", "count"},
};

typedef enum { LENGTH, AREA, VOLUME, ANGLE, HOUNSFIELD, UPTAKE, SCORE, COUNT } Dimension;

typedef struct {
  const char *name; /* lower case, without blanks */
  Dimension dimension;
  double factor;
} Unit;

static const Unit units[] = {
    {"mm", LENGTH, 1},
    {"millimeter", LENGTH, 1},
    {"millimeters", LENGTH, 1},
    {"cm", LENGTH, 10},
    {"centimeter", LENGTH, 10},
    {"centimeters", LENGTH, 10},
    {"m", LENGTH, 1000},
    {"um", LENGTH, 0.001},
    {"[in_i]", LENGTH, 25.4},
    {"mm2", AREA, 1},
    {"mm^2", AREA, 1},
    {"sqmm", AREA, 1},
    {"squaremm", AREA, 1},
    {"squaremillimeter", AREA, 1},
    {"squaremillimeters", AREA, 1},
    {"cm2", AREA, 100},
    {"cm^2", AREA, 100},
    {"sqcm", AREA, 100},
    {"squarecm", AREA, 100},
    {"m2", AREA, 1e6},
    {"mm3", VOLUME, 1},
    {"mm^3", VOLUME, 1},
    {"cubicmm", VOLUME, 1},
    {"cubicmillimeter", VOLUME, 1},
    {"ul", VOLUME, 1},
    {"cm3", VOLUME, 1000},
    {"cm^3", VOLUME, 1000},
    {"cubiccm", VOLUME, 1000},
    {"cc", VOLUME, 1000},
    {"ml", VOLUME, 1000},
    {"l", VOLUME, 1e6},
    {"dm3", VOLUME, 1e6},
    {"deg", ANGLE, 1},
    {"degree", ANGLE, 1},
    {"degrees", ANGLE, 1},
    {"rad", ANGLE, 180 / G_PI},
    {"[hnsf'u]", HOUNSFIELD, 1},
    {"hu", HOUNSFIELD, 1},
    {"hounsfield", HOUNSFIELD, 1},
    {"hounsfieldunit", HOUNSFIELD, 1},
    {"hounsfieldunits", HOUNSFIELD, 1},
    {"g/ml", UPTAKE, 1},
    {"", SCORE, 1},
    {"1", SCORE, 1},
    {"", COUNT, 1},
    {"1", COUNT, 1},
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
};

char *
terms_bare_name(const char *name)
{
  GString *s = g_string_new(NULL);
  for (; name && *name; name++)
    if (g_ascii_isalnum(*name))
      g_string_append_c(s, g_ascii_tolower(*name));
  return g_string_free(s, FALSE);
}

const char *
terms_measure(const char *word)
{
  for (gsize i = 0; word && i < G_N_ELEMENTS(codes); i++)
    if (g_ascii_strcasecmp(codes[i].word, word) == 0)
      return codes[i].measure;
  g_autofree char *bare = terms_bare_name(word);
  for (gsize i = 0; *bare && i < G_N_ELEMENTS(names); i++)
    if (strcmp(names[i].word, bare) == 0)
      return names[i].measure;
  return NULL;
}

/* UCUM annotations in braces do not change what a unit is: "{SUVbw}g/ml". */
static char *
bare_unit(const char *unit)
{
  GString *s = g_string_new(NULL);
  int depth = 0;
  for (; unit && *unit; unit++) {
    depth += *unit == '{';
    if (depth == 0 && !g_ascii_isspace(*unit))
      g_string_append_c(s, g_ascii_tolower(*unit));
    depth -= *unit == '}' && depth > 0;
  }
  return g_string_free(s, FALSE);
}

gboolean
terms_convert(const char *measure, const char *unit, double *value, const char **ret_unit)
{
  g_autofree char *bare = bare_unit(unit);
  const Kind *kind = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(kinds) && !kind; i++)
    if (strcmp(kinds[i].measure, measure) == 0)
      kind = &kinds[i];
  for (gsize i = 0; kind && i < G_N_ELEMENTS(units); i++) {
    if (units[i].dimension != kind->dimension || strcmp(units[i].name, bare) != 0)
      continue;
    const double converted = *value * units[i].factor;
    if (!isfinite(converted))
      return FALSE;
    *value = converted;
    *ret_unit = kind->unit;
    return TRUE;
  }
  return FALSE;
}
