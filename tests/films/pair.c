/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The registration's entry bears another name here: two plugins in one program. */
extern const itv_plugin registration_plugin_entry;

guint16 *
leg_film_draw(const LegFilm *film)
{
  const SynthExposure *e = &film->exposure;
  guint16 *raw = synth_film_leg(e, film->anatomy, film->lateral, &film->fracture);
  g_assert_nonnull(raw);
  const gsize n = (gsize)e->columns * (gsize)e->rows;
  guint16 *out = g_memdup2(raw, n * sizeof *raw);
  free(raw);
  for (gsize i = 0; film->gain > 0 && i < n; i++) {
    const double x = 4095 * pow(out[i] / 4095.0, film->gamma > 0 ? film->gamma : 1);
    out[i] = (guint16)CLAMP(lround(film->gain * x + film->offset), 0, 4095);
  }
  return out;
}

static int
compare_doubles(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

void
leg_film_truth(const LegFilm *before, const LegFilm *after, double *ret_half, double *ret_faint)
{
  LegFilm with = *after, without = *after;
  with.gain = without.gain = 0;
  /* The line itself is inside the bone: open in both. */
  memset(with.fracture.bridged, 0, sizeof with.fracture.bridged);
  without.fracture.callus_density = 0;
  g_autofree guint16 *a = leg_film_draw(&without), *b = leg_film_draw(&with);
  const SynthExposure *e = &after->exposure;
  const gsize n = (gsize)e->columns * (gsize)e->rows;
  g_autofree double *added = g_new(double, n);
  gsize n_added = 0;
  const double c = cos(e->turn_deg * G_PI / 180), s = sin(e->turn_deg * G_PI / 180);
  for (gsize i = 0; i < n; i++) {
    const double x = ((double)(i % (gsize)e->columns) - 0.5 * (e->columns - 1)) * e->pixel_mm;
    const double y = ((double)(i / (gsize)e->columns) - 0.5 * (e->rows - 1)) * e->pixel_mm;
    const double dx = (x - e->shift_mm[0]) / e->magnification,
                 dy = (y - e->shift_mm[1]) / e->magnification;
    const double u = c * dx + s * dy, v = -s * dx + c * dy;
    /* the shaft's axis and radius between its ends, as the phantom has them */
    const double axis = after->lateral ? 2.5 * sin(v / 130) : 2 * sin(v / 120);
    const double gain = (double)b[i] - (double)a[i];
    if (fabs(u - axis) > 12.5 + after->fracture.wider_mm && fabs(v - 25) < 48 && gain > 24)
      added[n_added++] = gain;
  }
  const double ratio = before->exposure.magnification / e->magnification * e->pixel_mm;
  qsort(added, n_added, sizeof *added, compare_doubles);
  gsize dense = 0;
  for (gsize i = 0; i < n_added; i++)
    dense += added[i] > added[n_added / 2] / 2;
  *ret_half = (double)dense * ratio * ratio;
  *ret_faint = (double)n_added * ratio * ratio;
}

static itv_volume
film_volume(const LegFilm *film, const gint16 *pixels, const char *role)
{
  const SynthExposure *e = &film->exposure;
  return (itv_volume){.struct_size = sizeof(itv_volume),
                      .pixel = ITV_PIX_I16,
                      .dim = {e->columns, e->rows, 1},
                      .spacing_mm = {e->pixel_mm, e->pixel_mm, 1},
                      .slope = 1,
                      .role = role,
                      .data = pixels,
                      .data_size = sizeof(gint16) * (gsize)e->columns * (gsize)e->rows};
}

static void
register_films(const itv_volume *fixed, const itv_volume *moving, PairResult *r)
{
  const itv_volume volumes[2] = {*fixed, *moving};
  const itv_field fields[] = {ITV_STR("model", "affine"), ITV_I64("threads", 2, "1")};
  const itv_record request = {"interval.registration-request/1", fields, G_N_ELEMENTS(fields)};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .n_volumes = 2,
                           .records = &request,
                           .volumes = volumes};
  g_autoptr(TestHost) host = test_host_new(&registration_plugin_entry);
  g_assert_cmpint(test_host_run(host, ITV_KIND_REGISTRATION, &input), ==, ITV_OK);
  const itv_record *found = test_host_find(host, "interval.registration/1", 0);
  g_assert_nonnull(found);
  for (gsize i = 0; i < 16; i++)
    r->matrix[i] = itv_record_field(found, "matrix", (guint32)i)->v.f64;
  r->similarity = itv_record_f64(found, "similarity-after", 0);
  r->accepted = g_str_equal(itv_record_str(found, "accepted", "N"), "Y");
  const itv_record *why = test_host_find(host, "interval.reason/1", 0);
  if (!r->accepted)
    r->refusal = g_strdup(why ? itv_record_str(why, "text", "") : "");
}

/* As the host's own resampling: bilinear, NaN where there is no data. */
static float *
lay_upon(const itv_volume *fixed, const itv_volume *moving, const double *m)
{
  const int nx = fixed->dim[0], ny = fixed->dim[1];
  const gint16 *data = moving->data;
  float *out = g_new(float, (gsize)nx *(gsize)ny);
  for (int i = 0; i < nx * ny; i++) {
    const double x = (i % nx) * fixed->spacing_mm[0], y = (double)(i / nx) * fixed->spacing_mm[1];
    const double a = (m[0] * x + m[1] * y + m[3]) / moving->spacing_mm[0],
                 b = (m[4] * x + m[5] * y + m[7]) / moving->spacing_mm[1];
    out[i] = NAN;
    if (a < 0 || b < 0 || a >= moving->dim[0] - 1 || b >= moving->dim[1] - 1)
      continue;
    const int ia = (int)a, ib = (int)b;
    const double wa = a - ia, wb = b - ib;
    const gint16 *p = data + (gsize)ib * (gsize)moving->dim[0] + (gsize)ia;
    out[i] = (float)((1 - wb) * ((1 - wa) * p[0] + wa * p[1]) +
                     wb * ((1 - wa) * p[moving->dim[0]] + wa * p[moving->dim[0] + 1]));
  }
  return out;
}

static void
judge(const itv_volume *fixed, const float *moved, double days, PairResult *r)
{
  itv_volume volumes[2] = {*fixed, *fixed};
  volumes[0].role = "baseline";
  volumes[1].role = "current";
  volumes[1].pixel = ITV_PIX_F32;
  volumes[1].data = moved;
  volumes[1].data_size = sizeof(float) * (gsize)fixed->dim[0] * (gsize)fixed->dim[1];
  const itv_field fields[] = {ITV_STR("role", "current"), ITV_STR("date", "2024-04-10T09:00"),
                              ITV_F64("days", days, "d")};
  const itv_record record = {"interval.image-set/1", fields, G_N_ELEMENTS(fields)};
  const itv_input input = {.struct_size = sizeof input,
                           .n_records = 1,
                           .n_volumes = 2,
                           .records = &record,
                           .volumes = volumes};
  r->healing = test_host_new(&itv_plugin_entry);
  g_assert_cmpint(test_host_run(r->healing, ITV_KIND_HEALING, &input), ==, ITV_OK);
  const itv_record *p;
  for (gsize i = 0; (p = test_host_find(r->healing, "interval.healing-point/1", i)); i++)
    *(g_str_equal(itv_record_str(p, "measure", ""), "bridging") ? &r->bridging : &r->area) = p;
  r->overall = test_host_find(r->healing, "interval.healing/1", 0);
  g_assert_nonnull(r->overall);
}

PairResult *
pair_run_images(const LegFilm *before, const guint16 *a, const LegFilm *after, const guint16 *b,
                double days)
{
  PairResult *r = g_new0(PairResult, 1);
  const itv_volume fixed = film_volume(before, (const gint16 *)a, "fixed"),
                   moving = film_volume(after, (const gint16 *)b, "moving");
  register_films(&fixed, &moving, r);
  if (!r->accepted)
    return r;
  g_autofree float *moved = lay_upon(&fixed, &moving, r->matrix);
  judge(&fixed, moved, days, r);
  return r;
}

PairResult *
pair_run(const LegFilm *before, const LegFilm *after, double days)
{
  g_autofree guint16 *a = leg_film_draw(before), *b = leg_film_draw(after);
  return pair_run_images(before, a, after, b, days);
}

void
pair_result_free(PairResult *r)
{
  if (!r)
    return;
  g_free(r->refusal);
  if (r->healing)
    test_host_free(r->healing);
  g_free(r);
}
