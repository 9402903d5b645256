/* SPDX-License-Identifier: Apache-2.0
 *
 * AIM's measurements in the words of schemas/records.xml.  The DICOM importer
 * maps the same codes alike, for the same annotation may come as DICOM SR, too.
 */
#include <string.h>

#include "aim.h"

typedef struct {
  const char *from, *to;
} Pair;

/* SRT and SNOMED CT codes, as in DICOM. */
static const Pair codes[] = {
    {"G-A22A", "long-axis"},    {"G-D7FE", "long-axis"},     {"410668003", "long-axis"},
    {"G-A185", "long-axis"},    {"103339001", "long-axis"},  {"G-A193", "long-axis"},
    {"131187009", "long-axis"}, {"M-02550", "long-axis"},    {"81827009", "long-axis"},
    {"RID39123", "long-axis"},  {"G-A186", "short-axis"},    {"103340004", "short-axis"},
    {"G-A194", "short-axis"},   {"131188004", "short-axis"}, {"G-D705", "volume"},
    {"118565006", "volume"},    {"G-A166", "area"},          {"42798000", "area"},
    {"121206", "distance"},     {"1483009", "angle"},        {"112031", "attenuation"},
};

/* Names in lower case, letters and digits only. */
static const Pair names[] = {
    {"length", "long-axis"},
    {"linearmeasurement", "long-axis"},
    {"longaxis", "long-axis"},
    {"longdiameter", "long-axis"},
    {"longestdiameter", "long-axis"},
    {"maximumdiameter", "long-axis"},
    {"maximum3ddiameter", "long-axis"},
    {"majoraxis", "long-axis"},
    {"diameter", "long-axis"},
    {"shortaxis", "short-axis"},
    {"shortdiameter", "short-axis"},
    {"shortestdiameter", "short-axis"},
    {"minoraxis", "short-axis"},
    {"perpendiculardiameter", "short-axis"},
    {"meandiameter", "mean-diameter"},
    {"averagediameter", "mean-diameter"},
    {"area", "area"},
    {"areaofdefinedregion", "area"},
    {"volume", "volume"},
    {"distance", "distance"},
    {"angle", "angle"},
    {"cobbangle", "cobb-angle"},
    {"attenuationcoefficient", "attenuation"},
    {"meanattenuation", "attenuation"},
    {"meanhu", "attenuation"},
    {"suvmax", "suv-max"},
    {"maximumsuv", "suv-max"},
    {"rustscore", "rust"},
    {"modifiedrustscore", "mrust"},
    {"callusarea", "callus-area"},
    {"gapwidth", "gap-width"},
    {"fracturegapwidth", "gap-width"},
    {"displacement", "displacement"},
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

static const char *
look_up(const Pair *pairs, gsize n, const char *from)
{
  for (gsize i = 0; from && i < n; i++)
    if (g_ascii_strcasecmp(pairs[i].from, from) == 0)
      return pairs[i].to;
  return NULL;
}

static char *
bare_name(const char *name)
{
  GString *s = g_string_new(NULL);
  for (; name && *name; name++)
    if (g_ascii_isalnum(*name))
      g_string_append_c(s, g_ascii_tolower(*name));
  return g_string_free(s, FALSE);
}

/* Lower case, without blanks and without annotations in braces. */
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

static const Unit *
find_unit(const char *unit, Dimension dimension)
{
  g_autofree char *bare = bare_unit(unit);
  for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
    if (units[i].dimension == dimension && strcmp(units[i].name, bare) == 0)
      return &units[i];
  return NULL;
}

const char *
aim_measure(const char *code, const char *const said[3], const char *unit)
{
  const char *measure = look_up(codes, G_N_ELEMENTS(codes), code);
  for (gsize i = 0; i < 3 && !measure; i++) {
    g_autofree char *bare = bare_name(said[i]);
    measure = look_up(names, G_N_ELEMENTS(names), bare);
    if (!measure && strcmp(bare, "mean") == 0 && find_unit(unit, HOUNSFIELD))
      measure = "attenuation";
  }
  return measure;
}

gboolean
aim_convert(const char *measure, const char *unit, double *value, const char **ret_unit)
{
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
    if (strcmp(kinds[i].measure, measure) != 0)
      continue;
    const Unit *u = find_unit(unit, kinds[i].dimension);
    if (!u)
      return FALSE;
    *value *= u->factor;
    *ret_unit = kinds[i].unit;
    return TRUE;
  }
  return FALSE;
}

const char *
aim_laterality(const char *name)
{
  static const Pair sides[] = {{"left", "left"},
                               {"leftside", "left"},
                               {"right", "right"},
                               {"rightside", "right"},
                               {"bilateral", "bilateral"},
                               {"both", "bilateral"},
                               {"rightandleft", "bilateral"}};
  g_autofree char *bare = bare_name(name);
  return look_up(sides, G_N_ELEMENTS(sides), bare);
}
