/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated anatomy with a known truth: a smooth random field within an
 * ellipsoid, evaluated at any point in mm, so that a moved copy needs no
 * interpolation.
 */
#ifndef REGISTRATION_TESTS_PHANTOM_H
#define REGISTRATION_TESTS_PHANTOM_H

#include <glib.h>
#include <math.h>
#include <string.h>

#include "affine.h"
#include "test-host.h"

enum { PHANTOM_BLOBS = 160 };

typedef struct {
  double centre[3], radius, value;
} Blob;

typedef struct {
  double half_mm[3]; /* of the body */
  Blob blob[PHANTOM_BLOBS];
  int n_blobs;
  bool flat; /* a film: no extent in z */
} Phantom;

static inline Phantom
phantom_new(guint32 seed, const double half_mm[3], bool flat)
{
  GRand *rand = g_rand_new_with_seed(seed);
  Phantom p = {.n_blobs = PHANTOM_BLOBS - 8, .flat = flat};
  memcpy(p.half_mm, half_mm, sizeof p.half_mm);
  for (int i = 0; i < p.n_blobs; i++) {
    for (int k = 0; k < 3; k++)
      p.blob[i].centre[k] = flat && k == 2 ? 0 : g_rand_double_range(rand, -0.8, 0.8) * half_mm[k];
    p.blob[i].radius = g_rand_double_range(rand, 0.05, 0.16) * half_mm[0];
    p.blob[i].value = g_rand_double_range(rand, -500, 700);
  }
  g_rand_free(rand);
  return p;
}

static inline void
phantom_add(Phantom *p, double x, double y, double z, double radius, double value)
{
  if (p->n_blobs >= PHANTOM_BLOBS)
    g_error("too many blobs");
  p->blob[p->n_blobs++] = (Blob){{x, y, z}, radius, value};
}

/* An edge about 1.5 mm wide at distance 0, 1 inside. */
static inline double
phantom_edge(double inside_mm)
{
  return 0.5 + 0.5 * tanh(inside_mm / 1.5);
}

static inline double
phantom_at(const Phantom *p, const double x[3])
{
  double r2 = 0;
  for (int k = 0; k < 3; k++)
    r2 += x[k] * x[k] / (p->half_mm[k] * p->half_mm[k]);
  double value = 1000 * phantom_edge((1 - sqrt(r2)) * p->half_mm[0]);
  for (int i = 0; i < p->n_blobs; i++) {
    const Blob *b = &p->blob[i];
    double d2 = 0, limit = b->radius + 8;
    if (fabs(x[2] - b->centre[2]) > limit || fabs(x[1] - b->centre[1]) > limit)
      continue;
    for (int k = 0; k < 3; k++)
      d2 += (x[k] - b->centre[k]) * (x[k] - b->centre[k]);
    if (d2 < limit * limit)
      value += b->value * phantom_edge(b->radius - sqrt(d2));
  }
  return value;
}

/* A volume of its own, int16; the grid is centred on the origin. */
typedef struct {
  itv_volume volume;
  int16_t *data;
} TestVolume;

static inline void
test_volume_clear(TestVolume *v)
{
  g_free(v->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TestVolume, test_volume_clear)

static inline void
test_volume_point(const itv_volume *v, double i, double j, double k, double ret[3])
{
  const double index[3] = {i, j, k};
  for (int r = 0; r < 3; r++) {
    ret[r] = v->origin_mm[r];
    for (int c = 0; c < 3; c++)
      ret[r] += v->direction[3 * r + c] * v->spacing_mm[c] * index[c];
  }
}

static inline TestVolume
test_volume_new(const char *role, const int dim[3], const double spacing_mm[3])
{
  TestVolume t = {.volume = {.struct_size = sizeof(itv_volume),
                             .pixel = ITV_PIX_I16,
                             .flags = ITV_VOL_ORIENTED,
                             .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                             .slope = 1,
                             .role = role}};
  size_t n = 1;
  for (int k = 0; k < 3; k++) {
    t.volume.dim[k] = dim[k];
    t.volume.spacing_mm[k] = spacing_mm[k];
    t.volume.origin_mm[k] = -0.5 * (dim[k] - 1) * spacing_mm[k];
    n *= (size_t)dim[k];
  }
  t.data = g_new0(int16_t, n);
  t.volume.data = t.data;
  t.volume.data_size = n * sizeof *t.data;
  return t;
}

/* Fills with the phantom as it looks when each point of the volume is first
 * mapped by to_phantom (NULL: identity), with noise of that deviation, and the
 * contrast curve applied (NULL: none). */
static inline void
test_volume_paint(TestVolume *t, const Phantom *p, const RegAffine *to_phantom, double noise,
                  guint32 seed, double (*curve)(double))
{
  GRand *rand = g_rand_new_with_seed(seed);
  int16_t *to = t->data;
  for (int k = 0; k < t->volume.dim[2]; k++)
    for (int j = 0; j < t->volume.dim[1]; j++)
      for (int i = 0; i < t->volume.dim[0]; i++) {
        double x[3], sum = -2;
        test_volume_point(&t->volume, i, j, k, x);
        if (to_phantom)
          reg_affine_apply(to_phantom, x, x);
        if (p->flat)
          x[2] = 0;
        for (int a = 0; noise > 0 && a < 4;
             a++) /* a sum of four is roughly normal, of variance 1/3 */
          sum += g_rand_double(rand);
        double value = phantom_at(p, x);
        *to++ =
            (int16_t)lrint((curve ? curve(value) : value) + (noise > 0 ? 1.732 * noise * sum : 0));
      }
  g_rand_free(rand);
}

/* Rotation about an axis through the origin by degrees, then a shift in mm. */
static inline RegAffine
rigid(double x_deg, double y_deg, double z_deg, double x_mm, double y_mm, double z_mm)
{
  const double w[3] = {x_deg * G_PI / 180, y_deg * G_PI / 180, z_deg * G_PI / 180};
  RegAffine a = reg_affine_rotation(w);
  a.m[0][3] = x_mm;
  a.m[1][3] = y_mm;
  a.m[2][3] = z_mm;
  return a;
}

static inline itv_status
run_registration(TestHost *host, const itv_volume *fixed, const itv_volume *moving,
                 const char *model, int threads)
{
  const itv_volume volumes[] = {*fixed, *moving};
  const itv_field fields[] = {ITV_STR("model", model), ITV_I64("threads", threads, "1")};
  const itv_record record = {"interval.registration-request/1", fields, 2};
  const itv_input input = {.struct_size = sizeof(itv_input),
                           .n_records = 1,
                           .n_volumes = 2,
                           .records = &record,
                           .volumes = volumes};
  return test_host_run(host, ITV_KIND_REGISTRATION, &input);
}

static inline const itv_record *
result_of(TestHost *host)
{
  const itv_record *r = test_host_find(host, "interval.registration/1", 0);
  g_assert_nonnull(r);
  return r;
}

static inline RegAffine
matrix_of(TestHost *host)
{
  RegAffine a;
  for (size_t i = 0; i < 12; i++)
    a.m[i / 4][i % 4] = itv_record_field(result_of(host), "matrix", i)->v.f64;
  return a;
}

static inline gboolean
accepted(TestHost *host)
{
  return strcmp(itv_record_str(result_of(host), "accepted", ""), "Y") == 0;
}

/* Largest distance in mm between two maps over a box about the origin. */
static inline double
largest_error_mm(const RegAffine *a, const RegAffine *b, const double half_mm[3])
{
  double largest = 0;
  for (int corner = 0; corner < 8; corner++) {
    double x[3], y[3];
    for (int k = 0; k < 3; k++)
      x[k] = (corner >> k & 1 ? 0.7 : -0.7) * half_mm[k];
    reg_affine_apply(b, x, y);
    reg_affine_apply(a, x, x);
    largest = MAX(largest, sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                                (x[2] - y[2]) * (x[2] - y[2])));
  }
  return largest;
}

/* What went wrong or was doubted, for messages. */
static inline void
print_outcome(TestHost *host)
{
  const itv_record *r = test_host_find(host, "interval.registration/1", 0);
  if (!r) {
    g_test_message("error: %s", test_host_error(host));
    return;
  }
  g_test_message("before %.4f after %.4f overlap %.3f residual %.4f accepted %s (%s)",
                 itv_record_f64(r, "similarity-before", -9),
                 itv_record_f64(r, "similarity-after", -9), itv_record_f64(r, "overlap", -9),
                 itv_record_f64(r, "residual", -9), itv_record_str(r, "accepted", "?"),
                 itv_record_str(r, "method", "?"));
  const itv_record *reason;
  for (size_t i = 0; (reason = test_host_find(host, "interval.reason/1", i)); i++)
    g_test_message("  %s: %s", itv_record_str(reason, "code", "?"),
                   itv_record_str(reason, "text", "?"));
}

#endif
