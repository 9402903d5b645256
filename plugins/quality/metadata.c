/* SPDX-License-Identifier: Apache-2.0
 *
 * What the records say: is it the same part, side, projection and method?
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quality.h"

static const char *
text(const itv_record *r, const char *key)
{
  return itv_record_str(r, key, "");
}

/* The part that a region belongs to: what shows one shows the other. */
static const char *
part_of(const char *region)
{
  static const char *const table[][2] = {
      {"brain", "head"},       {"orbit", "head"},      {"sinus", "head"},
      {"face", "head"},        {"thyroid", "neck"},    {"lung", "chest"},
      {"heart", "chest"},      {"liver", "abdomen"},   {"gallbladder", "abdomen"},
      {"pancreas", "abdomen"}, {"spleen", "abdomen"},  {"kidney", "abdomen"},
      {"adrenal", "abdomen"},  {"bladder", "pelvis"},  {"uterus", "pelvis"},
      {"ovary", "pelvis"},     {"prostate", "pelvis"}, {"cspine", "spine"},
      {"tspine", "spine"},     {"lspine", "spine"}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(region, table[i][0]))
      return table[i][1];
  return region;
}

static gboolean
regions_meet(const char *a, const char *b)
{
  if (g_str_equal(a, b) || g_str_equal(a, "wholebody") || g_str_equal(b, "wholebody"))
    return TRUE;
  /* A part and its whole meet; two parts of one whole (C and L spine) do not,
   * unless one picture always holds both. */
  if (g_str_equal(part_of(a), b) || g_str_equal(part_of(b), a))
    return TRUE;
  if ((g_str_equal(a, "aorta") &&
       (g_str_equal(part_of(b), "chest") || g_str_equal(part_of(b), "abdomen"))) ||
      (g_str_equal(b, "aorta") &&
       (g_str_equal(part_of(a), "chest") || g_str_equal(part_of(a), "abdomen"))))
    return TRUE;
  return g_str_equal(part_of(a), part_of(b)) && !g_str_equal(part_of(a), "spine");
}

static char *
list_regions(const itv_record *r)
{
  GString *s = g_string_new(NULL);
  for (guint i = 0; i < 64; i++) {
    const itv_field *f = itv_record_field(r, "region", i);
    if (!f || f->type != ITV_T_STR)
      break;
    g_string_append_printf(s, "%s%s", s->len ? ", " : "", f->v.str);
  }
  return g_string_free(s, FALSE);
}

static void
compare_region(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  g_autofree char *a = list_regions(p), *b = list_regions(c);
  if (!*a || !*b) {
    reasons_add(reasons, INFO, !*a ? "prior" : "current", "region-unknown",
                "The %s exam names no region.", !*a ? "prior" : "current");
    return;
  }
  for (guint i = 0; i < 64; i++) {
    const itv_field *f = itv_record_field(p, "region", i);
    if (!f)
      break;
    for (guint k = 0; k < 64; k++) {
      const itv_field *g = itv_record_field(c, "region", k);
      if (!g)
        break;
      if (f->type == ITV_T_STR && g->type == ITV_T_STR && regions_meet(f->v.str, g->v.str))
        return;
    }
  }
  reasons_add(reasons, BLOCKING, NULL, "region-differs", "Different regions: prior %s, current %s.",
              a, b);
}

static void
compare_side(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  const char *a = text(p, "laterality"), *b = text(c, "laterality");
  if (g_str_equal(a, b))
    return;
  if (!*a || !*b)
    reasons_add(reasons, INFO, !*a ? "prior" : "current", "side-unknown",
                "Only one exam names its side: prior %s, current %s.", *a ? a : "none",
                *b ? b : "none");
  else if (g_str_equal(a, "bilateral") || g_str_equal(b, "bilateral"))
    reasons_add(reasons, INFO, NULL, "side-part",
                "One exam holds both sides: prior %s, current %s.", a, b);
  else
    reasons_add(reasons, BLOCKING, NULL, "side-differs", "Different sides: prior %s, current %s.",
                a, b);
}

static const char *
modality_class(const char *modality)
{
  if (g_str_equal(modality, "FL"))
    return "XR";
  return g_str_equal(modality, "NM") ? "PT" : modality;
}

static void
compare_modality(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  const char *a = text(p, "modality"), *b = text(c, "modality");
  if (!*a || !*b || g_str_equal(a, b))
    return;
  if (g_str_equal(modality_class(a), modality_class(b)))
    reasons_add(reasons, WARNING, NULL, "modality-related",
                "Related but different methods: prior %s, current %s.", a, b);
  else
    reasons_add(reasons, BLOCKING, NULL, "modality-differs",
                "Different modalities: prior %s, current %s.", a, b);
}

gboolean
is_radiograph(const itv_record *set)
{
  const char *m = text(set, "modality");
  return g_str_equal(m, "XR") || g_str_equal(m, "FL") || g_str_equal(m, "MG");
}

/* "L LATERAL", "LAT" -> LATERAL ... ; the name itself when it is not known. */
static const char *
view_class(const char *view)
{
  static const char *const table[][2] = {
      {"LATERAL", "lateral"}, {"LAT", "lateral"},     {"LL", "lateral"},      {"RL", "lateral"},
      {"LLO", "lateral"},     {"ML", "lateral"},      {"LM", "lateral"},      {"AP", "frontal"},
      {"PA", "frontal"},      {"FRONTAL", "frontal"}, {"OBLIQUE", "oblique"}, {"OBL", "oblique"},
      {"LPO", "oblique"},     {"RPO", "oblique"},     {"LAO", "oblique"},     {"RAO", "oblique"},
      {"AXIAL", "axial"},     {"AXILLARY", "axial"},  {"SUNRISE", "axial"},   {"MERCHANT", "axial"},
      {"MLO", "MLO"},         {"CC", "CC"},           {"XCCL", "CC"}};
  g_auto(GStrv) words = g_strsplit_set(view, " ,/-_^", 8);
  for (guint w = 0; words[w]; w++)
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
      if (g_ascii_strcasecmp(words[w], table[i][0]) == 0)
        return table[i][1];
  return NULL;
}

static void
compare_view(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  if (!is_radiograph(p) || !is_radiograph(c))
    return;
  const char *a = text(p, "view"), *b = text(c, "view");
  if (!*a || !*b) {
    reasons_add(reasons, WARNING, !*a ? "prior" : "current", "view-unknown",
                "The projection is not known of both films: prior %s, current %s.", *a ? a : "none",
                *b ? b : "none");
    return;
  }
  const char *x = view_class(a), *y = view_class(b);
  if (x && y && !g_str_equal(x, y))
    reasons_add(reasons, BLOCKING, NULL, "view-differs",
                "Different projections: prior %s, current %s.", a, b);
  else if (g_ascii_strcasecmp(a, b) != 0)
    reasons_add(
        reasons, WARNING, NULL, "view-variant",
        "The projections are not named alike: prior %s, current %s; magnification may differ.", a,
        b);
}

/* Siemens B31f, Br40, Hr60, I70f: the number is the sharpness, from 50 on lung
 * or bone.  Toshiba/Canon FC: 1-29 body, 30 and more bone, lung.  Philips: A, B
 * soft; D, L, YA, YB sharp.  GE by name. */
int
kernel_class(const char *name)
{
  static const char *const sharp[] = {"LUNG", "BONE", "EDGE", "SHARP", "ULTRA"};
  static const char *const soft[] = {"SOFT", "STANDARD", "SMOOTH", "STND", "BODY", "DETAIL"};
  g_autofree char *k = g_ascii_strup(name, -1);
  g_strstrip(k);
  for (guint i = 0; i < G_N_ELEMENTS(sharp); i++)
    if (strstr(k, sharp[i]))
      return 1;
  for (guint i = 0; i < G_N_ELEMENTS(soft); i++)
    if (strstr(k, soft[i]))
      return -1;
  if (g_str_equal(k, "A") || g_str_equal(k, "B"))
    return -1;
  if (g_str_equal(k, "D") || g_str_equal(k, "L") || g_str_equal(k, "YA") || g_str_equal(k, "YB"))
    return 1;
  const size_t letters = strcspn(k, "0123456789");
  if (letters == 0 || letters > 3 || !k[letters])
    return 0;
  const long number = strtol(k + letters, NULL, 10);
  if (g_str_has_prefix(k, "FC"))
    return number >= 30 ? 1 : -1;
  return number >= 50 && number < 100 ? 1 : number >= 10 && number < 50 ? -1 : 0;
}

static void
compare_kernel(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  const char *a = text(p, "kernel"), *b = text(c, "kernel");
  if (!*a || !*b || g_ascii_strcasecmp(a, b) == 0)
    return;
  const int x = kernel_class(a), y = kernel_class(b);
  if (x && y && x != y)
    reasons_add(reasons, WARNING, NULL, "kernel-differs",
                "A soft and a sharp kernel: prior %s (%s), current %s (%s); volumes and densities "
                "are biased.",
                a, x > 0 ? "sharp" : "soft", b, y > 0 ? "sharp" : "soft");
  else
    reasons_add(reasons, INFO, NULL, "kernel-name", "Kernels differ in name: prior %s, current %s.",
                a, b);
}

static const char *
phase(const itv_record *r)
{
  const char *given = text(r, "contrast-phase");
  if (*given && !g_str_equal(given, "unknown"))
    return given;
  return *text(r, "contrast-agent") ? "enhanced" : "unknown";
}

static void
compare_contrast(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  const char *a = phase(p), *b = phase(c);
  if (g_str_equal(a, b))
    return;
  const gboolean none = g_str_equal(a, "none") || g_str_equal(b, "none");
  const gboolean unknown = g_str_equal(a, "unknown") || g_str_equal(b, "unknown");
  const gboolean general = g_str_equal(a, "enhanced") || g_str_equal(b, "enhanced");
  reasons_add(reasons, unknown || (general && !none) ? INFO : WARNING, NULL,
              unknown ? "contrast-unknown" : "contrast-differs",
              "Contrast phases: prior %s, current %s%s.", a, b,
              unknown ? "" : "; densities cannot be compared, sizes with care");
}

static double
ratio_of(double a, double b)
{
  return fmax(a, b) / fmin(a, b);
}

static void
compare_numbers(const itv_record *p, const itv_record *c, Reasons *reasons)
{
  const double ta = itv_record_f64(p, "slice-thickness", 0),
               tb = itv_record_f64(c, "slice-thickness", 0);
  if (ta > 0 && tb > 0 && ratio_of(ta, tb) > 1.5)
    reasons_add(reasons, WARNING, NULL, "thickness-differs",
                "Slice thickness %.3g mm (prior) and %.3g mm (current), %.1f times.", ta, tb,
                ratio_of(ta, tb));
  const double ka = itv_record_f64(p, "kvp", 0), kb = itv_record_f64(c, "kvp", 0);
  if (ka > 0 && kb > 0 && fabs(ka - kb) > 10)
    reasons_add(
        reasons, INFO, NULL, "kvp-differs",
        "Tube voltage %.0f kV (prior) and %.0f kV (current): contrast and bone densities shift.",
        ka, kb);
  if (*text(p, "manufacturer") && *text(c, "manufacturer") &&
      g_ascii_strcasecmp(text(p, "manufacturer"), text(c, "manufacturer")) != 0)
    reasons_add(reasons, INFO, NULL, "scanner-differs", "Different makers: prior %s, current %s.",
                text(p, "manufacturer"), text(c, "manufacturer"));
}

static void
take_notes(const itv_record *r, const char *role, Reasons *reasons)
{
  static const char *const grave[] = {"missing slices",    "gap",
                                      "irregular spacing", "gantry tilt",
                                      "mixed orientation", "without position"};
  for (guint i = 0; i < 64; i++) {
    const itv_field *f = itv_record_field(r, "note", i);
    if (!f || f->type != ITV_T_STR)
      return;
    gboolean warn = FALSE;
    for (guint k = 0; k < G_N_ELEMENTS(grave); k++)
      warn |= strstr(f->v.str, grave[k]) != NULL;
    reasons_add(reasons, warn ? WARNING : INFO, role,
                strstr(f->v.str, "missing slices") ? "slice-gap" : "pixels-note", "%s exam: %.800s",
                g_str_equal(role, "prior") ? "Prior" : "Current", f->v.str);
  }
}

static void
check_count(const itv_record *r, const char *role, Reasons *reasons)
{
  const char *m = text(r, "modality");
  const int64_t n = itv_record_i64(r, "images", -1);
  if ((g_str_equal(m, "CT") || g_str_equal(m, "MR")) && n >= 0 && n < 3)
    reasons_add(reasons, WARNING, role, "few-images",
                "The %s exam has only %d image%s: no volume can be compared.", role, (int)n,
                n == 1 ? "" : "s");
}

void
metadata_compare(const itv_record *prior, const itv_record *current, Reasons *reasons)
{
  compare_modality(prior, current, reasons);
  compare_region(prior, current, reasons);
  compare_side(prior, current, reasons);
  compare_view(prior, current, reasons);
  compare_kernel(prior, current, reasons);
  compare_contrast(prior, current, reasons);
  compare_numbers(prior, current, reasons);
  take_notes(prior, "prior", reasons);
  take_notes(current, "current", reasons);
  check_count(prior, "prior", reasons);
  check_count(current, "current", reasons);
}
