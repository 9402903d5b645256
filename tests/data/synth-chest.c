/* SPDX-License-Identifier: Apache-2.0 */
#include "synth-chest.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "synth-noise.h"

#define RADIAN (3.14159265358979323846 / 180)

typedef struct {
  const SynthChest *chest;
  double rotation[9]; /* person -> scanner */
  double origin[3];
  double edge_mm; /* width over which one tissue passes into the next */
  float *hu;
} Scene;

/* 1 well inside (distance negative), 0 outside. */
static double
inside(const Scene *s, double distance)
{
  const double c = 0.5 - distance / s->edge_mm;
  return c < 0 ? 0 : c > 1 ? 1 : c;
}

static double
mix(double a, double b, double t)
{
  return a + (b - a) * t;
}

/* Distance to an ellipse in the plane, along the ray from its centre. */
static double
ellipse(double x, double y, double a, double b)
{
  const double f = sqrt(x * x / (a * a) + y * y / (b * b));
  const double r = sqrt(x * x + y * y);
  return f < 1e-6 ? -fmin(a, b) : r - r / f;
}

static double
ellipsoid(const double p[3], double cx, double cy, double cz, double a, double b, double c)
{
  const double x = (p[0] - cx) / a, y = (p[1] - cy) / b, z = (p[2] - cz) / c;
  return (sqrt(x * x + y * y + z * z) - 1) * fmin(a, fmin(b, c));
}

static void
make_rotation(const double deg[3], double m[9])
{
  const double cx = cos(deg[0] * RADIAN), sx = sin(deg[0] * RADIAN);
  const double cy = cos(deg[1] * RADIAN), sy = sin(deg[1] * RADIAN);
  const double cz = cos(deg[2] * RADIAN), sz = sin(deg[2] * RADIAN);
  const double r[9] = {cz * cy,
                       cz * sy * sx - sz * cx,
                       cz * sy * cx + sz * sx,
                       sz * cy,
                       sz * sy * sx + cz * cx,
                       sz * sy * cx - cz * sx,
                       -sy,
                       cy * sx,
                       cy * cx};
  memcpy(m, r, sizeof r);
}

void
synth_chest_place(const SynthChest *chest, const double p[3], double ret[3])
{
  double m[9];
  make_rotation(chest->rotation_deg, m);
  for (int i = 0; i < 3; i++)
    ret[i] = m[3 * i] * p[0] + m[3 * i + 1] * p[1] + m[3 * i + 2] * p[2] + chest->shift_mm[i];
}

void
synth_chest_origin(const SynthChest *chest, double ret[3])
{
  ret[0] = ret[1] = -0.5 * (chest->size - 1) * chest->pixel_mm;
  ret[2] = -0.5 * (chest->slices - 1) * chest->slice_mm;
}

/* Scanner LPS -> person's frame. */
static void
to_person(const Scene *s, const double x[3], double ret[3])
{
  const double *m = s->rotation;
  double d[3];
  for (int i = 0; i < 3; i++)
    d[i] = x[i] - s->chest->shift_mm[i];
  for (int i = 0; i < 3; i++)
    ret[i] = m[i] * d[0] + m[3 + i] * d[1] + m[6 + i] * d[2];
}

/* ---- what lies where, in the person's frame ---- */

static double
body_a(double z)
{
  return 146 + (z > 40 ? 0.25 * (z - 40) : 0);
}

/* The pleural cavities' outer wall. */
static double
cavity(const double p[3])
{
  const double narrow = p[2] > 20 ? 0.0035 * (p[2] - 20) * (p[2] - 20) : 0; /* towards the apices */
  return ellipse(p[0], p[1] - 2, 120 - narrow, 78 - 0.5 * narrow);
}

/* Above the dome: positive. */
static double
above_diaphragm(const SynthChest *chest, const double p[3])
{
  const bool right = p[0] < 0;
  const double x = p[0] - (right ? -62 : 62), y = p[1] - 8;
  const double dome = (right ? -36 : -46) + chest->breath_mm - 0.0042 * (x * x + 0.9 * y * y);
  return p[2] - dome;
}

static double
heart(const double p[3])
{
  const double tilted[3] = {p[0] * 0.86 + p[2] * 0.5, p[1], p[2] * 0.86 - p[0] * 0.5};
  return ellipsoid(tilted, 2, -22, -32, 56, 40, 42);
}

static double
mediastinum(const double p[3])
{
  const double half = p[1] > 30 ? 24 : p[1] < -40 ? 9 : 9 + (p[1] + 40) * 15 / 70;
  return fabs(p[0] - 2) - half;
}

static double
lung(const SynthChest *chest, const double p[3])
{
  double d = cavity(p);
  d = fmax(d, -above_diaphragm(chest, p));
  d = fmax(d, -mediastinum(p));
  d = fmax(d, -heart(p));
  return fmax(d, -ellipse(p[0], p[1] - 62, 30, 26));
}

static double
soft_tissue(const Scene *s, const double p[3], double depth)
{
  const double fat_mm = 9 + 5 * fabs(p[0]) / 146;
  double hu = mix(-98, 52, inside(s, fat_mm - depth));
  if (depth < 2.5)
    hu = mix(40, hu, inside(s, 2 - depth));
  return hu + 9 * synth_texture(s->chest->anatomy, p[0] / 7, p[1] / 7, p[2] / 7);
}

static double
mediastinal_tissue(const Scene *s, const double p[3])
{
  double hu = -80 + 18 * synth_texture(s->chest->anatomy + 1, p[0] / 6, p[1] / 6, p[2] / 6);
  hu = mix(hu, 44, inside(s, heart(p)));
  hu = mix(hu, 42, inside(s, ellipse(p[0] - 20, p[1] - 44, 12.5, 12.5))); /* descending aorta */
  hu = mix(hu, 38, inside(s, ellipse(p[0] - 3, p[1] - 34, 8, 6)));        /* oesophagus */
  if (p[2] > -8) {
    hu = mix(hu, 42, inside(s, ellipse(p[0] + 12, p[1] + 22, 15, 15))); /* ascending aorta */
    hu = mix(hu, 42, inside(s, ellipse(p[0] + 17, p[1] - 0, 8, 7)));    /* superior vena cava */
    hu = mix(hu, 42, inside(s, fmax(ellipse(p[0] - 12, p[1] + 14, 14, 13), p[2] - 26)));
  }
  return hu;
}

static double
below_diaphragm(const Scene *s, const double p[3])
{
  const double grain = 6 * synth_texture(s->chest->anatomy + 2, p[0] / 9, p[1] / 9, p[2] / 9);
  const double gap = ellipse(p[0] - 40, p[1] + 18, 34, 30); /* stomach with some air on top */
  double hu = mix(48, 60, inside(s, p[0] - 18)) + grain;
  hu = mix(hu, p[1] < -28 ? -950 : 25, inside(s, gap));
  return mix(hu, -90, inside(s, 3 - fabs(p[0] - 18)) * 0.7);
}

static double
lung_tissue(const Scene *s, const double p[3])
{
  const uint64_t seed = s->chest->anatomy + 3;
  const double coarse = synth_texture(seed, p[0] / 14, p[1] / 14, p[2] / 14);
  const double fine = synth_texture(seed + 1, p[0] / 3.5, p[1] / 3.5, p[2] / 3.5);
  return -868 + 22 * coarse + 16 * fine + 0.45 * (p[1] + 20);
}

/* Ribs lie on a shell outside the cavity and slope down towards the front. */
static double
rib(const double p[3], double shell)
{
  const double angle = atan2(fabs(p[0]), p[1] / 0.72); /* 0 at the back, pi in front */
  const double slope = 95 * synth_fade(fmin(1, angle / 3.0));
  const double z = p[2] + slope + 400;
  const double off = z - 23 * floor(z / 23) - 11.5;
  const double width = angle > 2.75 ? 4 : 6.5;
  return (sqrt(shell * shell / 16 + off * off / (width * width)) - 1) * 4;
}

static double
bone(const Scene *s, double hu, double distance, double cortex_mm, double marrow_hu,
     double cortex_hu)
{
  const double whole = inside(s, distance);
  if (whole <= 0)
    return hu;
  return mix(hu, mix(cortex_hu, marrow_hu, inside(s, distance + cortex_mm)), whole);
}

static double
spine(const Scene *s, const double p[3], double hu)
{
  const double zz = p[2] + 300, level = zz - 25 * floor(zz / 25) - 12.5; /* from mid-vertebra */
  const double body = ellipse(p[0], p[1] - 62, 18 - 0.01 * level * level, 14);
  if (fabs(p[0]) > 45 || p[1] < 40)
    return hu;
  if (fabs(level) > 10) /* the disc */
    hu = mix(hu, 85, inside(s, body));
  else
    hu = bone(s, hu, fmax(body, fabs(level) - 10), 1.6, 190, 560);
  hu = mix(hu, 25, inside(s, ellipse(p[0], p[1] - 85, 9, 8)));
  const double ring = fabs(ellipse(p[0], p[1] - 85, 12, 11)) - 2.6;
  if (fabs(level) < 9)
    hu = bone(s, hu, ring, 1.2, 300, 620);
  const double spinous = fmax(fabs(p[0]) - 3, fmax(92 - p[1], p[1] - 107));
  if (fabs(level + 5) < 7)
    hu = bone(s, hu, spinous, 1.2, 260, 560);
  const double transverse = fmax(fabs(p[1] - 83 - 0.2 * fabs(p[0])) - 3.5, fabs(p[0]) - 33);
  if (fabs(level) < 5 && fabs(p[0]) > 12)
    hu = bone(s, hu, transverse, 1.2, 260, 560);
  return hu;
}

static double
inner_tissue(const Scene *s, const double p[3])
{
  const double dome = above_diaphragm(s->chest, p);
  double hu = mix(below_diaphragm(s, p), mediastinal_tissue(s, p), inside(s, -dome));
  const double in_lung = inside(s, lung(s->chest, p));
  if (in_lung > 0)
    hu = mix(hu, lung_tissue(s, p), in_lung);
  return hu;
}

static double
person_hu(const Scene *s, const double p[3])
{
  const double skin = ellipse(p[0], p[1], body_a(p[2]), 106);
  if (skin > 2)
    return -1000;
  const double wall = cavity(p);
  double hu = soft_tissue(s, p, -skin);
  if (wall < 2)
    hu = mix(hu, inner_tissue(s, p), inside(s, wall));
  const double shell = wall - 7;
  if (fabs(shell) < 8)
    hu = bone(s, hu, rib(p, shell), 1.3, 230, 640);
  hu = bone(s, hu, fmax(ellipse(p[0], p[1] + 84, 20, 5.5), fabs(p[2] - 10) - 70), 1.3, 170, 430);
  hu = spine(s, p, hu);
  return mix(-1000, hu, inside(s, skin));
}

/* The table stays where the scanner is. */
static double
table_hu(const Scene *s, const double x[3])
{
  const double curve = 148 - 0.0009 * x[0] * x[0];
  const double d = fabs(x[1] - curve) - 1.6;
  return fabs(x[0]) < 190 ? mix(-1000, -150, inside(s, d)) : -1000;
}

/* ---- tubes: vessels and airways, drawn over the voxels ---- */

typedef void (*Blend)(float *hu, double coverage);

static void
blend_vessel(float *hu, double coverage)
{
  const float v = (float)(-880 + 925 * coverage);
  if (*hu < v && *hu < 0)
    *hu = v;
}

static void
blend_wall(float *hu, double coverage)
{
  if (*hu < 0)
    *hu = (float)mix(*hu, 20, coverage);
}

static void
blend_air(float *hu, double coverage)
{
  *hu = (float)mix(*hu, -995, coverage);
}

static double
segment_distance(const double x[3], const double a[3], const double b[3], double *ret_t)
{
  double ab = 0, ax = 0, d = 0;
  for (int i = 0; i < 3; i++) {
    ab += (b[i] - a[i]) * (b[i] - a[i]);
    ax += (x[i] - a[i]) * (b[i] - a[i]);
  }
  const double t = ab > 0 ? fmin(1, fmax(0, ax / ab)) : 0;
  for (int i = 0; i < 3; i++) {
    const double e = x[i] - a[i] - t * (b[i] - a[i]);
    d += e * e;
  }
  *ret_t = t;
  return sqrt(d);
}

/* Index range of the voxels within `margin` of both ends; false when empty. */
static bool
voxel_box(const Scene *s, const double a[3], const double b[3], double margin, int low[3],
          int high[3])
{
  const SynthChest *c = s->chest;
  const double step[3] = {c->pixel_mm, c->pixel_mm, c->slice_mm};
  const int n[3] = {c->size, c->size, c->slices};
  for (int i = 0; i < 3; i++) {
    low[i] = (int)fmax(0, floor((fmin(a[i], b[i]) - margin - s->origin[i]) / step[i]));
    high[i] = (int)fmin(n[i] - 1, ceil((fmax(a[i], b[i]) + margin - s->origin[i]) / step[i]));
    if (low[i] > high[i])
      return false;
  }
  return true;
}

static void
voxel_center(const Scene *s, int i, int j, int k, double ret[3])
{
  ret[0] = s->origin[0] + i * s->chest->pixel_mm;
  ret[1] = s->origin[1] + j * s->chest->pixel_mm;
  ret[2] = s->origin[2] + k * s->chest->slice_mm;
}

static float *
voxel(const Scene *s, int i, int j, int k)
{
  const size_t n = (size_t)s->chest->size;
  return &s->hu[((size_t)k * n + (size_t)j) * n + (size_t)i];
}

/* A cone from a (radius ra) to b, both in the person's frame. */
static void
draw_tube(const Scene *s, const double a[3], const double b[3], double ra, double rb, Blend blend)
{
  double pa[3], pb[3], x[3];
  int low[3], high[3];
  synth_chest_place(s->chest, a, pa);
  synth_chest_place(s->chest, b, pb);
  if (!voxel_box(s, pa, pb, fmax(ra, rb) + s->edge_mm, low, high))
    return;
  for (int k = low[2]; k <= high[2]; k++)
    for (int j = low[1]; j <= high[1]; j++)
      for (int i = low[0]; i <= high[0]; i++) {
        double t;
        voxel_center(s, i, j, k, x);
        const double d = segment_distance(x, pa, pb, &t);
        const double c = inside(s, d - mix(ra, rb, t));
        if (c > 0)
          blend(voxel(s, i, j, k), c);
      }
}

static void
turned(SynthRandom *r, const double dir[3], double spread, double ret[3])
{
  double n = 0;
  for (int i = 0; i < 3; i++) {
    ret[i] = dir[i] + spread * synth_between(r, -1, 1);
    n += ret[i] * ret[i];
  }
  for (int i = 0; i < 3; i++)
    ret[i] /= sqrt(n) + 1e-9;
}

/* A place `length` away from `from`, roughly along dir, inside the lung. */
static bool
find_way(const SynthChest *usual, SynthRandom *r, const double from[3], const double dir[3],
         double spread, double length, double ret_dir[3], double ret_to[3])
{
  for (int attempt = 0; attempt < 5; attempt++) {
    turned(r, dir, spread + 0.25 * attempt, ret_dir);
    for (int i = 0; i < 3; i++)
      ret_to[i] = from[i] + ret_dir[i] * length;
    if (lung(usual, ret_to) < -2)
      return true;
  }
  return false;
}

/* Nodules lie free in the lung.  Whatever their size, the vessels of a person
 * are the same in every scan. */
static bool
near_nodule(const SynthChest *chest, const double from[3], const double to[3], double radius)
{
  double t;
  for (int i = 0; i < chest->n_nodules; i++)
    if (segment_distance(chest->nodules[i].center_mm, from, to, &t) < 9 + radius)
      return true;
  return false;
}

/* A vessel and its branches, as far as the lung goes at usual breath. */
static void
grow_vessel(const Scene *s, SynthRandom *r, const double from[3], const double dir[3],
            double radius, double length, int generation)
{
  SynthChest usual = *s->chest;
  double to[3], way[3];
  usual.breath_mm = 0;
  if (generation > 9 || radius < 0.45 || length < 3)
    return;
  if (!find_way(&usual, r, from, dir, generation ? 0.4 : 0, length, way, to)) {
    grow_vessel(s, r, from, dir, radius, length * 0.5, generation + 1);
    return;
  }
  if (!near_nodule(s->chest, from, to, radius))
    draw_tube(s, from, to, radius, radius * 0.86, blend_vessel);
  grow_vessel(s, r, to, way, radius * 0.86, length * 0.92, generation + 1);
  turned(r, way, 0.9, way);
  grow_vessel(s, r, to, way, radius * 0.68, length * 0.85, generation + 1);
}

static void
draw_airways(const Scene *s)
{
  static const double carina[3] = {0, 12, 24}, top[3] = {0, 2, 120};
  static const double left[3] = {36, 16, 2}, right[3] = {-34, 16, 6};
  static const double lower_left[3] = {58, 30, -26}, lower_right[3] = {-56, 30, -22};
  const double *const tubes[][2] = {
      {top, carina}, {carina, left}, {carina, right}, {left, lower_left}, {right, lower_right}};
  static const double radii[][2] = {{9, 8.5}, {7, 5.5}, {7.5, 6}, {4.5, 2.5}, {4.8, 2.5}};
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < 5; i++)
      draw_tube(s, tubes[i][0], tubes[i][1], radii[i][0] + (pass ? 0 : 1.6),
                radii[i][1] + (pass ? 0 : 1.2), pass ? blend_air : blend_wall);
}

static void
draw_vessels(const Scene *s)
{
  SynthRandom r = {s->chest->anatomy * 77 + 5};
  for (int side = -1; side <= 1; side += 2)
    for (int i = 0; i < 9; i++) {
      const double hilum[3] = {side * 34.0, 12 + 4.0 * (i % 3), 8 + 8.0 * (i / 3 - 1)};
      const double dir[3] = {side * synth_between(&r, 0.5, 1), synth_between(&r, -1, 0.9),
                             synth_between(&r, -1, 1) + 0.5 * (i / 3 - 1)};
      double unit[3];
      turned(&r, dir, 0, unit);
      grow_vessel(s, &r, hilum, unit, synth_between(&r, 3.4, 5), synth_between(&r, 14, 20), 0);
    }
}

/* ---- nodules: exact volumes, so partly filled voxels are sampled ---- */

static double
nodule_share(const Scene *s, const SynthNodule *n, const double x[3])
{
  enum { SUB = 4 };
  const double step[3] = {s->chest->pixel_mm, s->chest->pixel_mm, s->chest->slice_mm};
  int hits = 0;
  for (int k = 0; k < SUB * SUB * SUB; k++) {
    const int index[3] = {k % SUB, k / SUB % SUB, k / SUB / SUB};
    double q[3], p[3], d = 0;
    for (int i = 0; i < 3; i++)
      q[i] = x[i] + ((index[i] + 0.5) / SUB - 0.5) * step[i];
    to_person(s, q, p);
    for (int i = 0; i < 3; i++)
      d += (p[i] - n->center_mm[i]) * (p[i] - n->center_mm[i]);
    d = sqrt(d) + 1e-9;
    const double u[3] = {(p[0] - n->center_mm[0]) / d, (p[1] - n->center_mm[1]) / d,
                         (p[2] - n->center_mm[2]) / d};
    const double bump =
        synth_texture(s->chest->anatomy + 9, 2 * u[0] + 7, 2 * u[1] + 7, 2 * u[2] + 7);
    hits += d < 0.5 * n->diameter_mm * (1 + n->lobulation * bump);
  }
  return (double)hits / (SUB * SUB * SUB);
}

static void
draw_nodule(const Scene *s, const SynthNodule *n)
{
  double at[3], x[3];
  int low[3], high[3];
  synth_chest_place(s->chest, n->center_mm, at);
  if (!voxel_box(s, at, at, 0.7 * n->diameter_mm + 3, low, high))
    return;
  for (int k = low[2]; k <= high[2]; k++)
    for (int j = low[1]; j <= high[1]; j++)
      for (int i = low[0]; i <= high[0]; i++) {
        voxel_center(s, i, j, k, x);
        const double share = nodule_share(s, n, x);
        float *hu = voxel(s, i, j, k);
        *hu = (float)mix(*hu, fmax(*hu, n->density_hu), share);
      }
}

/* ---- the scanner: blur by its kernel, noise of its dose ---- */

static void
blur_rows(float *p, int n, size_t stride)
{
  float before = p[0];
  for (int i = 0; i < n; i++) {
    const float here = p[(size_t)i * stride];
    const float after = i + 1 < n ? p[(size_t)(i + 1) * stride] : here;
    p[(size_t)i * stride] = 0.16f * before + 0.68f * here + 0.16f * after;
    before = here;
  }
}

static void
finish_slice(const SynthChest *c, float *slice, int k, int16_t *out)
{
  const size_t n = (size_t)c->size;
  SynthRandom r = {c->scan * 1009 + (uint64_t)k};
  for (size_t i = 0; i < n * n; i++) /* 2.1: what the blur takes away again */
    slice[i] += (float)(2.1 * c->noise_hu * synth_normal(&r));
  for (size_t j = 0; j < n; j++)
    blur_rows(slice + j * n, c->size, 1);
  for (size_t i = 0; i < n; i++)
    blur_rows(slice + i, c->size, n);
  for (size_t i = 0; i < n * n; i++)
    out[i] = (int16_t)lrintf(fminf(3071, fmaxf(-1024, slice[i])));
}

int16_t *
synth_chest_render(const SynthChest *chest)
{
  const size_t area = (size_t)chest->size * (size_t)chest->size;
  Scene s = {.chest = chest, .edge_mm = 0.9 * chest->pixel_mm};
  int16_t *out = malloc(area * (size_t)chest->slices * sizeof *out);
  s.hu = malloc(area * (size_t)chest->slices * sizeof *s.hu);
  if (!out || !s.hu) {
    free(out);
    free(s.hu);
    return NULL;
  }
  make_rotation(chest->rotation_deg, s.rotation);
  synth_chest_origin(chest, s.origin);
  for (int k = 0; k < chest->slices; k++)
    for (int j = 0; j < chest->size; j++)
      for (int i = 0; i < chest->size; i++) {
        double x[3], p[3];
        voxel_center(&s, i, j, k, x);
        to_person(&s, x, p);
        *voxel(&s, i, j, k) = (float)fmax(person_hu(&s, p), table_hu(&s, x));
      }
  draw_vessels(&s);
  draw_airways(&s);
  for (int i = 0; i < chest->n_nodules; i++)
    draw_nodule(&s, &chest->nodules[i]);
  for (int k = 0; k < chest->slices; k++)
    finish_slice(chest, s.hu + (size_t)k * area, k, out + (size_t)k * area);
  free(s.hu);
  return out;
}
