/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons from what was measured in the voxels.
 */
#include <math.h>
#include <string.h>

#include "quality.h"

/* Limits of what is told; chosen so that two reconstructions of one scan with
 * kernels of one class stay silent, and a lung and a soft kernel do not. */
static const double spacing_ratio = 2, sharp_ratio = 1.5, noise_ratio = 2, body_at_border = 0.05;
static const double clipped_share = 0.03, flat_range = 0.1, inverted_correlation = -0.3;

static double
ratio_of(double a, double b)
{
  return fmax(a, b) / fmin(a, b);
}

static gboolean
both(double a, double b)
{
  return isfinite(a) && isfinite(b) && a > 0 && b > 0;
}

static void
compare_grid(const itv_record *prior, const itv_record *current, const Voxels *a, const Voxels *b,
             Reasons *reasons)
{
  if (!a->spacing_known || !b->spacing_known) {
    const char *role = a->spacing_known ? "current" : "prior";
    reasons_add(reasons, WARNING, role, "spacing-unknown",
                "The pixel size of the %s image is not known: no length can be compared.", role);
    return;
  }
  if (ratio_of(a->pixel_mm, b->pixel_mm) > spacing_ratio)
    reasons_add(reasons, WARNING, NULL, "pixel-size-differs",
                "Pixels of %.3g mm (prior) and %.3g mm (current), %.1f times.", a->pixel_mm,
                b->pixel_mm, ratio_of(a->pixel_mm, b->pixel_mm));
  if (a->flat != b->flat)
    reasons_add(reasons, WARNING, a->flat ? "prior" : "current", "one-slice",
                "The %s exam is one image, the other a volume of %.0f mm.",
                a->flat ? "prior" : "current", a->flat ? b->extent_mm : a->extent_mm);
  if (a->flat || b->flat)
    return;
  const gboolean told = itv_record_f64(prior, "slice-thickness", 0) > 0 &&
                        itv_record_f64(current, "slice-thickness", 0) > 0;
  if (!told && ratio_of(a->slice_mm, b->slice_mm) > 1.5)
    reasons_add(reasons, WARNING, NULL, "thickness-differs",
                "Slices every %.3g mm (prior) and %.3g mm (current), %.1f times.", a->slice_mm,
                b->slice_mm, ratio_of(a->slice_mm, b->slice_mm));
  if (ratio_of(a->extent_mm, b->extent_mm) > 1.5)
    reasons_add(reasons, INFO, NULL, "extent-differs",
                "The volumes are %.0f mm (prior) and %.0f mm (current) long.", a->extent_mm,
                b->extent_mm);
}

static void
check_truncation(const Voxels *v, const char *role, gboolean ct, Reasons *reasons)
{
  /* Coils and chosen fields cut MR off on purpose. */
  if (isfinite(v->truncated) && v->truncated > body_at_border)
    reasons_add(
        reasons, ct ? WARNING : INFO, role, "truncated",
        "The body reaches the border of the %s image over %.0f %% of it: parts are cut off.", role,
        100 * v->truncated);
}

static void
check_film(const Voxels *v, const char *role, Reasons *reasons)
{
  if (v->clipped_high > clipped_share)
    reasons_add(
        reasons, WARNING, role, "clipped-bright",
        "%.1f %% of the %s image is at its highest value: dense parts (bone, metal) are clipped.",
        100 * v->clipped_high, role);
  /* Collimation is black on purpose: only a large share tells of underexposure. */
  if (v->clipped_low > 0.5)
    reasons_add(reasons, WARNING, role, "clipped-dark",
                "%.0f %% of the %s image is at its lowest value.", 100 * v->clipped_low, role);
  if (v->range_used < flat_range)
    reasons_add(
        reasons, WARNING, role, "low-contrast",
        "The middle 90 %% of the %s image use %.0f %% of its range of values: poor exposure.", role,
        100 * v->range_used);
}

static void
compare_sharpness(const itv_record *prior, const itv_record *current, const Voxels *a,
                  const Voxels *b, Reasons *reasons)
{
  if (!both(a->edge_mm, b->edge_mm))
    return;
  const double ratio = ratio_of(a->edge_mm, b->edge_mm);
  const int ka = kernel_class(itv_record_str(prior, "kernel", "")),
            kb = kernel_class(itv_record_str(current, "kernel", ""));
  const gboolean contradicts =
      (ka > kb && a->edge_mm > 1.2 * b->edge_mm) || (kb > ka && b->edge_mm > 1.2 * a->edge_mm);
  reasons_add(reasons, ratio > sharp_ratio ? WARNING : INFO, NULL,
              ratio > sharp_ratio ? "sharpness-differs" : "sharpness",
              "Edges are blurred by %.2f mm (prior) and %.2f mm (current), standard deviation; "
              "%.1f times%s.",
              a->edge_mm, b->edge_mm, ratio,
              contradicts ? "; the kernel names say the opposite" : "");
}

static void
compare_noise(const Voxels *a, const Voxels *b, const char *unit, Reasons *reasons)
{
  if (!both(a->noise, b->noise))
    return;
  const double ratio = ratio_of(a->noise, b->noise);
  reasons_add(reasons, ratio > noise_ratio ? WARNING : INFO, NULL,
              ratio > noise_ratio ? "noise-differs" : "noise",
              "Noise %.3g (prior) and %.3g (current)%s, %.1f times.", a->noise, b->noise, unit,
              ratio);
}

static void
hint_enhancement(const Voxels *a, const Voxels *b, Reasons *reasons)
{
  if (!isfinite(a->enhanced) || !isfinite(b->enhanced))
    return;
  const double low = fmin(a->enhanced, b->enhanced), high = fmax(a->enhanced, b->enhanced);
  if (high > 0.01 && high > 4 * low)
    reasons_add(reasons, INFO, a->enhanced > b->enhanced ? "prior" : "current", "enhancement-seen",
                "Even tissue of 130-350 HU makes up %.1f %% (prior) and %.1f %% (current) of the "
                "body: only the %s "
                "exam looks enhanced.",
                100 * a->enhanced, 100 * b->enhanced,
                a->enhanced > b->enhanced ? "prior" : "current");
}

void
voxels_compare(const itv_record *prior, const itv_record *current, const Voxels *a, const Voxels *b,
               Reasons *reasons)
{
  const char *modality = itv_record_str(current, "modality", "");
  const gboolean ct = g_str_equal(modality, "CT"), cross = ct || g_str_equal(modality, "MR");
  const Voxels *each[] = {a, b};
  static const char *const roles[] = {"prior", "current"};
  for (int i = 0; i < 2; i++) {
    if (!each[i]->present)
      continue;
    if (cross)
      check_truncation(each[i], roles[i], ct, reasons);
    if (is_radiograph(current))
      check_film(each[i], roles[i], reasons);
  }
  if (!a->present || !b->present)
    return;
  compare_grid(prior, current, a, b, reasons);
  compare_sharpness(prior, current, a, b, reasons);
  /* Only CT numbers mean the same in both exams. */
  if (ct) {
    compare_noise(a, b, " HU", reasons);
    hint_enhancement(a, b, reasons);
  }
  const double r = voxels_correlation(a, b);
  if (is_radiograph(current) && r < inverted_correlation)
    reasons_add(reasons, WARNING, NULL, "inverted",
                "Bright and dark look swapped between the two films (correlation %.2f).", r);
}
