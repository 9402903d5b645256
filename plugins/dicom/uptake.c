/* SPDX-License-Identifier: Apache-2.0 */
#include "uptake.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "values.h"

#define PET_CLASS "1.2.840.10008.5.1.4.1.1.128"
#define LONGEST_UPTAKE_S (24 * 3600.0) /* from injection to scan; beyond that a date is wrong */

void
dcm_uptake_clear(DcmUptake *u)
{
  g_clear_pointer(&u->problem, g_free);
}

static double
positive(const DcmDataset *d, guint32 tag)
{
  double v;
  return d && dcm_number(d, tag, 0, &v) && v > 0 ? v : 0;
}

/* Seconds since an arbitrary day, with fractions; FALSE without a sound date and time. */
static gboolean
seconds(const char *da, const char *tm, double *ret)
{
  g_autofree char *iso = dcm_iso(da, tm);
  int y, mo, d, h, mi, s;
  if (!iso || sscanf(iso, "%d-%d-%dT%d:%d:%d", &y, &mo, &d, &h, &mi, &s) != 6)
    return FALSE;
  g_autoptr(GDate) date = g_date_new_dmy((GDateDay)d, (GDateMonth)mo, (GDateYear)y);
  *ret = g_date_get_julian(date) * 86400.0 + h * 3600.0 + mi * 60.0 + s;
  return TRUE;
}

static gboolean
seconds_at(const DcmDataset *d, guint32 date_tag, guint32 time_tag, double *ret)
{
  g_autofree char *da = dcm_text_n(d, date_tag, 0), *tm = dcm_text_n(d, time_tag, 0);
  return seconds(da, tm, ret);
}

static gboolean
seconds_dt(const char *dt, double *ret)
{
  if (!dt || strlen(dt) < 12)
    return FALSE;
  g_autofree char *da = g_strndup(dt, 8);
  return seconds(da, dt + 8, ret);
}

/* The series' time is when the scan began, unless it was written later by a workstation:
 * then the first acquisition says, and GE keeps it in a private element. */
static gboolean
scan_start(const DcmDataset *d, double *ret)
{
  double series, acquisition;
  g_autofree char *ge = dcm_text_n(d, DCM_TAG(0x0009, 0x100D), 0);
  const gboolean has_series =
      seconds_at(d, DCM_TAG(0x0008, 0x0021), DCM_TAG(0x0008, 0x0031), &series);
  const gboolean has_acquisition =
      seconds_at(d, DCM_TAG(0x0008, 0x0022), DCM_TAG(0x0008, 0x0032), &acquisition);
  if (has_series && (!has_acquisition || series <= acquisition)) {
    *ret = series;
    return TRUE;
  }
  return seconds_dt(ge, ret);
}

/* Injection: date and time, or a time alone on the day of the scan (on the day before
 * when it would lie after it). */
static gboolean
injection(const DcmDataset *drug, const DcmDataset *d, double scan, double *ret)
{
  g_autofree char *dt = dcm_text_n(drug, DCM_TAG(0x0018, 0x1078), 0);
  g_autofree char *tm = dcm_text_n(drug, DCM_TAG(0x0018, 0x1072), 0);
  g_autofree char *da = dcm_text_n(d, DCM_TAG(0x0008, 0x0021), 0);
  if (seconds_dt(dt, ret))
    return TRUE;
  if (!seconds(da, tm, ret))
    return FALSE;
  while (*ret > scan)
    *ret -= 86400;
  return TRUE;
}

/* Activity in Bq to which the image's activity is to be related; 0 with *ret_why. */
static double
activity(const DcmDataset *d, char **ret_why)
{
  g_autoptr(DcmDataset) drug = dcm_item(d, DCM_TAG(0x0054, 0x0016));
  g_autofree char *correction = dcm_text_n(d, DCM_TAG(0x0054, 0x1102), 0);
  const double dose = positive(drug, DCM_TAG(0x0018, 0x1074));
  const double half_life = positive(drug, DCM_TAG(0x0018, 0x1075));
  double scan, injected;
  if (dose == 0) {
    *ret_why = g_strdup("the injected dose is not given");
    return 0;
  }
  /* Old files give MBq where the standard wants Bq: nobody gets 10 kBq. */
  const double bq = dose < 10000 ? dose * 1e6 : dose;
  if (g_strcmp0(correction, "ADMIN") == 0)
    return bq;
  if (g_strcmp0(correction, "START") != 0) {
    *ret_why = g_strdup_printf("the decay correction is %s", correction ? correction : "not given");
    return 0;
  }
  if (half_life == 0 || !scan_start(d, &scan) || !injection(drug, d, scan, &injected)) {
    *ret_why = g_strdup("half-life, injection or start of the scan are not given");
    return 0;
  }
  if (scan < injected || scan - injected > LONGEST_UPTAKE_S) {
    *ret_why =
        g_strdup_printf("the scan would have begun %.0f s after the injection", scan - injected);
    return 0;
  }
  return bq * exp2(-(scan - injected) / half_life);
}

/* Lean body mass after James 1976, kg, as CID 7465 names it; 0 when it cannot be told. */
static double
lean_body_mass(const DcmDataset *d, double weight_kg, double height_m)
{
  g_autofree char *sex = dcm_text_n(d, DCM_TAG(0x0010, 0x0040), 0);
  const double ratio = height_m > 0 ? weight_kg / (height_m * 100) : 0;
  double mass = 0;
  if (height_m > 0 && g_strcmp0(sex, "M") == 0)
    mass = 1.10 * weight_kg - 128 * ratio * ratio;
  else if (height_m > 0 && g_strcmp0(sex, "F") == 0)
    mass = 1.07 * weight_kg - 148 * ratio * ratio;
  return MAX(mass, 0);
}

static void
from_activity(const DcmDataset *d, double to_bqml, DcmUptake *u)
{
  const double weight = positive(d, DCM_TAG(0x0010, 0x1030));
  double height = positive(d, DCM_TAG(0x0010, 0x1020));
  const double bq = activity(d, &u->problem);
  if (bq == 0)
    return;
  height = height > 3 ? height / 100 : height; /* some write centimetres */
  if (weight > 0)
    u->body_weight = to_bqml * weight * 1000 / bq;
  else
    u->problem = g_strdup("the patient's weight is not given");
  if (weight > 0)
    u->lean_body_mass = to_bqml * lean_body_mass(d, weight, height) * 1000 / bq;
  /* Du Bois and Du Bois 1916, m2, in cm2 here. */
  if (weight > 0 && height > 0)
    u->body_surface = to_bqml * 0.007184 * pow(weight, 0.425) * pow(height * 100, 0.725) * 1e4 / bq;
}

/* Values that are SUV already (GML): of which kind says (0054,1006). */
static void
from_suv(const DcmDataset *d, DcmUptake *u)
{
  g_autofree char *type = dcm_text_n(d, DCM_TAG(0x0054, 0x1006), 0);
  if (!type || strcmp(type, "BW") == 0)
    u->body_weight = 1;
  else if (g_str_has_prefix(type, "LBM"))
    u->lean_body_mass = 1;
  if (u->body_weight == 0)
    u->problem = g_strdup_printf("the values are SUV of type %s", type);
}

static gboolean
is_philips(const DcmDataset *d)
{
  g_autofree char *creator = dcm_text_n(d, DCM_TAG(0x7053, 0x0010), 0);
  return creator && g_str_has_prefix(creator, "Philips PET Private Group");
}

/* Both corrections must have been made (QIBA: ATTN and DECY). */
static gboolean
is_corrected(const DcmDataset *d)
{
  g_autofree char *corrections = dcm_text(d, DCM_TAG(0x0028, 0x0051));
  return corrections && strstr(corrections, "ATTN") && strstr(corrections, "DECY");
}

gboolean
dcm_uptake_read(const DcmDataset *d, DcmUptake *u)
{
  g_autofree char *sop_class = dcm_uid(d, DCM_TAG(0x0008, 0x0016));
  g_autofree char *units = dcm_text_n(d, DCM_TAG(0x0054, 0x1001), 0);
  if (g_strcmp0(sop_class, PET_CLASS) != 0)
    return FALSE;
  *u = (DcmUptake){0};
  const gboolean philips = is_philips(d);
  const double suv = philips ? positive(d, DCM_TAG(0x7053, 0x1000)) : 0;
  const double concentration = philips ? positive(d, DCM_TAG(0x7053, 0x1009)) : 0;
  if (g_strcmp0(units, "GML") == 0)
    from_suv(d, u);
  else if (!is_corrected(d))
    u->problem = g_strdup("it was not corrected for attenuation and decay");
  else if (g_strcmp0(units, "BQML") == 0)
    from_activity(d, 1, u);
  else if (g_strcmp0(units, "CNTS") == 0 && suv > 0)
    u->body_weight = suv;
  else if (g_strcmp0(units, "CNTS") == 0 && concentration > 0)
    from_activity(d, concentration, u);
  else
    u->problem = g_strdup_printf("its values are in %s", units ? units : "units not given");
  return TRUE;
}
