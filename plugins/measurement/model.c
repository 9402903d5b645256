/* SPDX-License-Identifier: Apache-2.0
 *
 * The interval is the set of true changes that the two values do not reject:
 * its edge towards zero is tested where nothing changed (both values scatter as
 * the prior does; the first kind of QIBA claim), its far edge where the values
 * stand (the second kind: (Y2-Y1) +- 1.96 sqrt((Y1 wCV1)^2 + (Y2 wCV2)^2)).
 */
#include "model.h"

#include <math.h>
#include <string.h>

static const double z95 = 1.959964;

/* Readers, one-dimensional.  Relative 95 % limits of the difference of two
 * readings of one lesion: -17.8..+16.1 % by one observer, -22.1..+25.4 % by two
 * (Yoon, Eur J Cancer 2016;53:5, meta-analysis; half widths here).  Small
 * nodules have an absolute floor: 1.32-1.70 mm by one reader, 1.73 mm by two
 * (Revel, Radiology 2004;231:453). */
static const double same_reader_rel = 0.1695, other_reader_rel = 0.2375;
static const double same_reader_mm = 1.51, other_reader_mm = 1.73;

/* Volumes.  QIBA small lung nodule profile 2018: within-nodule coefficient of
 * variation by diameter 6..12 mm, to the nearest mm; valid for slices up to 1.25 mm. */
static const double nodule_wcv[] = {0.29, 0.23, 0.19, 0.16, 0.14, 0.12, 0.11};
static const double nodule_first_mm = 6, nodule_last_mm = 12.5, profile_slice_mm = 1.25;

typedef struct {
  double sd_prior, sd_current; /* of one measurement where the values stand */
  double sd_null;              /* of one measurement at the prior's value */
} Scatter;

static gboolean
has_word(const Sample *s, const char *const *words)
{
  for (; *words; words++)
    if (strstr(s->words[WORDS_FINDING], *words) || strstr(s->words[WORDS_SITE], *words) ||
        strstr(s->words[WORDS_ID], *words))
      return TRUE;
  return FALSE;
}

gboolean
model_is_node(const Sample *sample)
{
  static const char *const words[] = {"lymph", "node", "adenopathy", NULL};
  return has_word(sample, words);
}

gboolean
model_is_lung(const Sample *sample)
{
  static const char *const words[] = {"lung",        "pulmon",  "upper lobe", "lower lobe",
                                      "middle lobe", "lingula", NULL};
  return has_word(sample, words) && !model_is_node(sample);
}

static gboolean
is_aneurysm(const Sample *sample)
{
  static const char *const words[] = {"aneurysm", "aorta", "aortic", "sac diameter", NULL};
  return has_word(sample, words);
}

gboolean
model_is_lesion_size(const Sample *sample)
{
  return g_str_equal(sample->measure, "volume") || g_str_equal(sample->measure, "long-axis") ||
         g_str_equal(sample->measure, "mean-diameter");
}

/* Standard deviation (mm) that pixels and slices put into one diameter.  Two
 * edges, each uniform within a pixel: p^2/12 each.  A slice off the centre of a
 * sphere by u, uniform in 0..t/2, cuts a chord shorter by 2 u^2/d: standard
 * deviation 0.149 t^2/d, bounded at t = d. */
static double
grid_sd_mm(const Sample *s, double d_mm)
{
  const double t = s->thickness_mm, edge2 = s->pixel_mm * s->pixel_mm / 6;
  const double slice = t > 0 ? 0.149 * t * t / fmax(fmax(d_mm, t), 1e-6) : 0;
  return sqrt(edge2 + slice * slice);
}

/* A value that its own line contradicts lies somewhere between the two: uniform,
 * |value - line|/sqrt(3).  The same factor in both exams (another pixel size was
 * used for both) leaves the change in percent as it is. */
static double
line_sd_mm(const Match *m, const Sample *s, double value)
{
  const double a = sample_line_ratio(m->prior), b = sample_line_ratio(m->current);
  if (fabs(log(a / b)) < 0.05)
    return 0;
  return fabs(sample_line_ratio(s) - 1) * value / sqrt(3);
}

static double
length_sd(const Match *m, const Sample *s, double value)
{
  const double rel = m->same_observer ? same_reader_rel : other_reader_rel;
  const double floor_mm = m->same_observer ? same_reader_mm : other_reader_mm;
  const double reader = fmax(rel * value, floor_mm) / (z95 * G_SQRT2);
  const double one = s->uncertainty >= 0 ? s->uncertainty : reader;
  return hypot(hypot(one, grid_sd_mm(s, value)), line_sd_mm(m, s, value));
}

static double
nodule_cv(double d_mm)
{
  if (d_mm <= nodule_first_mm)
    return nodule_wcv[0] * nodule_first_mm / fmax(d_mm, 1);
  if (d_mm >= nodule_first_mm + G_N_ELEMENTS(nodule_wcv) - 1)
    return nodule_wcv[G_N_ELEMENTS(nodule_wcv) - 1];
  const double x = d_mm - nodule_first_mm;
  const guint i = (guint)x;
  return nodule_wcv[i] + (x - i) * (nodule_wcv[i + 1] - nodule_wcv[i]);
}

/* QIBA tumour volume: a change is real from 39 % (10-34 mm), 29 % (35-49 mm),
 * 24 % (50-100 mm) on; the threshold is 2.77 wCV. */
static double
tumour_cv(double d_mm)
{
  return (d_mm < 35 ? 0.39 : d_mm < 50 ? 0.29 : 0.24) / 2.77;
}

static double
diameter_of_volume(double mm3)
{
  return cbrt(6 * fmax(mm3, 0) / G_PI);
}

static double
volume_sd(const Match *m, const Sample *s, double value)
{
  const double d = diameter_of_volume(value);
  if (s->uncertainty >= 0)
    return s->uncertainty;
  double cv = model_is_lung(s) && d <= nodule_last_mm ? nodule_cv(d)
              : d < 10                                ? fmax(nodule_cv(d), tumour_cv(d))
                                                      : tumour_cv(d);
  /* The claims hold for one reader with one tool; two readers scatter as much
   * more as they do with a ruler. */
  if (!m->same_observer && (*m->prior->observer || *m->current->observer))
    cv *= other_reader_rel / same_reader_rel;
  /* Slices beyond the profile's cut the two ends of the lesion short or long
   * by a uniform part of a slice: relative error t/(sqrt(6) d). */
  const double t2 = s->thickness_mm * s->thickness_mm - profile_slice_mm * profile_slice_mm;
  if (t2 > 0 && d > 0)
    cv = sqrt(cv * cv + t2 / (6 * d * d));
  return cv * value;
}

/* Product of two diameters: relative errors add in squares. */
static double
area_sd(const Match *m, const Sample *s, double value)
{
  if (s->uncertainty >= 0)
    return s->uncertainty;
  const double d = fmax(2 * sqrt(fmax(value, 0) / G_PI), 1e-3);
  return value * G_SQRT2 * length_sd(m, s, d) / d;
}

/* Half width of the 95 % interval of a difference, where a source gives one
 * that does not depend on the size. */
typedef struct {
  const char *measure, *source;
  double same_reader, other_reader, relevant;
} Fixed;

static const Fixed fixed_table[] = {
    /* A score is whole points; one point is reader error, so the interval ends
     * half way to two.  Two readers: ICC 0.67-0.86 -> about another point. */
    {"rust", "RUST: one point is reader error (Whelan 2010, ICC 0.86; 0.67 between sites)", 1.5,
     2.5, 2},
    {"mrust", "mRUST: one point is reader error (Litrenta 2015)", 1.5, 2.5, 2},
    {"cobb-angle", "Cobb angle: 3-5 degrees between readings; progression from 5 degrees", 3, 5, 5},
    {"angle", "angle on a film: 3-5 degrees between readings, as for the Cobb angle", 3, 5, 5},
    {"motion", "interspinous motion: readers differ by 1.26 mm (best) to 2.76 mm", 1.26, 2.76, 1},
};

static const Fixed *
find_fixed(const char *measure)
{
  for (guint i = 0; i < G_N_ELEMENTS(fixed_table); i++)
    if (g_str_equal(measure, fixed_table[i].measure))
      return &fixed_table[i];
  return NULL;
}

static void
set_limits(Model *model, double low, double high)
{
  model->relevant_low = -low;
  model->relevant_high = high;
}

/* What is a change that matters, in the measure's unit. */
static void
set_relevance(const Match *m, Model *model)
{
  const Sample *p = m->prior;
  const double v = fabs(p->value);
  const char *why = NULL;
  switch (sample_dimension(p)) {
  case CLASS_LENGTH:
    if (is_aneurysm(p)) {
      set_limits(model, 5, 5);
      why = "5 mm for an aneurysm (SVS)";
    } else if (model_is_lung(p) && v <= 30) {
      set_limits(model, fmax(2, 0.3 * v), fmax(2, 0.2 * v));
      why = "2 mm for a lung nodule (Fleischner 2017), RECIST 1.1 share above";
    } else {
      set_limits(model, fmax(2, 0.3 * v), fmax(5, 0.2 * v));
      why = "-30 %, or +20 % and 5 mm (RECIST 1.1)";
    }
    break;
  case CLASS_AREA:
    set_limits(model, 0.5 * v, 0.25 * v);
    why = "-50 %, +25 % of an area (WHO)";
    break;
  case CLASS_VOLUME:
    if (model_is_lung(p) && diameter_of_volume(v) <= 30) {
      set_limits(model, 0.25 * v, 0.25 * v);
      why = "25 % of a nodule's volume (BTS 2015)";
    } else {
      set_limits(model, 0.35 * v, 0.55 * v);
      why = "-35 %, +55 % of a tumour's volume";
    }
    break;
  default:
    break;
  }
  if (why)
    g_string_append_printf(model->source, "; matters from %s", why);
}

static void
set_interval(const Match *m, Model *model, const Scatter *s)
{
  const double change = m->current->value - m->prior->value;
  const double null = z95 * G_SQRT2 * s->sd_null;
  const double far = z95 * hypot(s->sd_prior, s->sd_current);
  model->known = TRUE;
  model->least_resolvable = null;
  model->ci_low = change - (change > 0 ? null : far);
  model->ci_high = change + (change < 0 ? null : far);
  if (change == 0) {
    model->ci_low = -null;
    model->ci_high = null;
  }
}

static void
note_unknown_grid(Match *m)
{
  const Sample *both[] = {m->prior, m->current};
  for (int i = 0; i < 2; i++) {
    const Sample *s = both[i];
    if (s->pixel_mm <= 0 || s->thickness_mm <= 0)
      g_ptr_array_add(m->notes,
                      g_strdup_printf("%s: %s not known, not in the error", i ? "current" : "prior",
                                      s->pixel_mm > 0       ? "slice thickness"
                                      : s->thickness_mm > 0 ? "pixel spacing"
                                                            : "pixel spacing and slice thickness"));
  }
  const double a = m->prior->thickness_mm, b = m->current->thickness_mm;
  if (a > 0 && b > 0 && fmax(a, b) > 1.5 * fmin(a, b))
    g_ptr_array_add(m->notes,
                    g_strdup_printf("slices of %.3g mm (prior) and %.3g mm (current)", a, b));
}

typedef double (*SdFunc)(const Match *m, const Sample *s, double value);

static void
apply_sd(Match *m, Model *model, SdFunc sd)
{
  Scatter s = {sd(m, m->prior, m->prior->value), sd(m, m->current, m->current->value), 0};
  /* Each exam with its own grid and reader, both at the prior's value. */
  s.sd_null = hypot(sd(m, m->prior, m->prior->value), sd(m, m->current, m->prior->value)) / G_SQRT2;
  set_interval(m, model, &s);
}

static void
describe_readers(const Match *m, Model *model)
{
  const gboolean named = *m->prior->observer && *m->current->observer;
  if (m->same_observer)
    g_string_append(model->source, "one reader");
  else if (named)
    g_string_append_printf(model->source, "two readers (%s, %s)", m->prior->observer,
                           m->current->observer);
  else
    g_string_append(model->source, "reader not named, taken as two");
}

static void
apply_length(Match *m, Model *model)
{
  describe_readers(m, model);
  g_string_append_printf(model->source,
                         ": +-%.3g %% of the diameter, at least %.3g mm (Yoon 2016; Revel 2004); "
                         "pixel and slice quantisation",
                         100 * (m->same_observer ? same_reader_rel : other_reader_rel),
                         m->same_observer ? same_reader_mm : other_reader_mm);
  apply_sd(m, model, length_sd);
  note_unknown_grid(m);
}

static void
apply_volume(Match *m, Model *model)
{
  const double d = diameter_of_volume(m->prior->value);
  const gboolean nodule = model_is_lung(m->prior) && d <= nodule_last_mm;
  g_string_append(model->source, nodule ? "QIBA CT small lung nodule volume 2018, wCV by diameter"
                                        : "QIBA CT tumour volume, by diameter");
  g_string_append_printf(
      model->source, " (prior %.3g mm: wCV %.3g)", d,
      m->prior->value > 0 ? volume_sd(m, m->prior, m->prior->value) / m->prior->value : 0);
  apply_sd(m, model, volume_sd);
  if (d < nodule_first_mm)
    g_ptr_array_add(m->notes,
                    g_strdup_printf("a diameter of %.3g mm is below what QIBA claims cover "
                                    "(6 mm): the error is extrapolated",
                                    d));
  if (!m->same_observer)
    g_ptr_array_add(m->notes,
                    g_strdup("QIBA claims hold for one reader with one tool on one scanner"));
  if (fmax(m->prior->thickness_mm, m->current->thickness_mm) > profile_slice_mm)
    g_ptr_array_add(m->notes, g_strdup_printf("slices thicker than %.3g mm widen the interval "
                                              "(Nietert 2009)",
                                              profile_slice_mm));
  if (m->prior->thickness_mm <= 0 || m->current->thickness_mm <= 0)
    g_ptr_array_add(m->notes, g_strdup("slice thickness not known, not in the error"));
}

/* FDG SUVmax: +39 % / -28 % are the limits of two scans without change (QIBA);
 * symmetrical in the logarithm, ln 1.39 = 0.329. */
static void
apply_suv(Match *m, Model *model)
{
  const double half = log(1.39), v = m->prior->value;
  if (v <= 0 || m->current->value <= 0)
    return;
  const double ratio = m->current->value / v;
  model->known = TRUE;
  model->ci_low = v * (ratio * exp(-half) - 1);
  model->ci_high = v * (ratio * exp(half) - 1);
  model->least_resolvable = v * 0.39;
  set_limits(model, 0.3 * v, 0.3 * v);
  g_string_append(model->source,
                  "QIBA FDG SUVmax: +39 % / -28 % between two scans; matters from 30 % "
                  "(PERCIST)");
}

static double
given_sd(const Match *m, const Sample *s, double value)
{
  (void)m;
  (void)value;
  return s->uncertainty;
}

/* CT numbers: a scanner in order measures water within +-7 HU (ACR CT
 * accreditation), taken as the 95 % limit of one measurement. */
static double
hu_sd(const Match *m, const Sample *s, double value)
{
  (void)m;
  (void)value;
  return s->uncertainty >= 0 ? s->uncertainty : 7 / z95;
}

/* Readers of callus differ by 20-25 % (Lujan 2010). */
static double
callus_sd(const Match *m, const Sample *s, double value)
{
  (void)m;
  return s->uncertainty >= 0 ? s->uncertainty : 0.225 * value / (z95 * G_SQRT2);
}

static void
apply_other(Match *m, Model *model)
{
  const Fixed *fixed = find_fixed(m->prior->measure);
  const gboolean given = m->prior->uncertainty >= 0 && m->current->uncertainty >= 0;
  if (given) {
    apply_sd(m, model, given_sd);
    g_string_append(model->source, "standard deviations given with the measurements");
    if (fixed)
      set_limits(model, fixed->relevant, fixed->relevant);
  } else if (fixed) {
    const double half = m->same_observer ? fixed->same_reader : fixed->other_reader;
    const double sd = half / (z95 * G_SQRT2);
    set_interval(m, model, &(Scatter){sd, sd, sd});
    set_limits(model, fixed->relevant, fixed->relevant);
    describe_readers(m, model);
    g_string_append_printf(model->source, ": %s", fixed->source);
  } else if (g_str_equal(m->prior->measure, "attenuation")) {
    apply_sd(m, model, hu_sd);
    set_limits(model, 10, 10);
    g_string_append(model->source,
                    "CT number of water +-7 HU (ACR CT accreditation); matters from 10 HU");
  } else if (g_str_equal(m->prior->measure, "suv-max")) {
    apply_suv(m, model);
  }
}

void
model_apply(Match *match, Model *ret_model)
{
  static const char *const lengths[] = {
      "long-axis", "short-axis", "mean-diameter", "distance", "gap-width", "displacement", NULL};
  const char *measure = match->prior->measure;
  *ret_model = (Model){0};
  ret_model->source = g_string_new(NULL);
  if (g_strv_contains(lengths, measure) && sample_dimension(match->prior) == CLASS_LENGTH) {
    apply_length(match, ret_model);
    set_relevance(match, ret_model);
  } else if (g_str_equal(measure, "volume") && sample_dimension(match->prior) == CLASS_VOLUME) {
    apply_volume(match, ret_model);
    set_relevance(match, ret_model);
  } else if (g_str_equal(measure, "callus-area")) {
    apply_sd(match, ret_model, callus_sd);
    set_limits(ret_model, 0.25 * match->prior->value, 0.25 * match->prior->value);
    g_string_append(ret_model->source, "callus area: readers differ by 20-25 % (Lujan 2010)");
  } else if (g_str_equal(measure, "area") && sample_dimension(match->prior) == CLASS_AREA) {
    describe_readers(match, ret_model);
    g_string_append(ret_model->source, ": error of two diameters (Yoon 2016; Revel 2004)");
    apply_sd(match, ret_model, area_sd);
    set_relevance(match, ret_model);
    note_unknown_grid(match);
  } else {
    apply_other(match, ret_model);
  }
}
