/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths are mm.  A film's own coordinates: u to the right, v downwards, 0 at
 * the centre of the part; w is depth along the ray.  Attenuation is a sum of
 * chord lengths times these coefficients (per mm, about 60 kV, rounded from the
 * NIST tables of mass attenuation).
 */
#include "synth-film.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "synth-noise.h"

#define RADIAN (3.14159265358979323846 / 180)
static const double mu_soft = 0.021, mu_fat = 0.018, mu_cortex = 0.085, mu_marrow = 0.028,
                    mu_trabecular = 0.042, mu_titanium = 0.28;

/* Chord of a round bar of that radius at that distance from its axis, with an
 * edge softened over half a millimetre. */
static double
chord(double u, double radius)
{
  const double h = radius * radius - u * u;
  return h > 0 ? 2 * sqrt(h) : 0;
}

static double
soft_edge(double distance, double width)
{
  const double c = 0.5 - distance / width;
  return c < 0 ? 0 : c > 1 ? 1 : c;
}

static double
bump(double x, double center, double width)
{
  const double t = (x - center) / width;
  return exp(-t * t);
}

/* ---- the leg: v runs from the knee (-185) to the ankle (+185) ---- */

typedef struct {
  double outer, inner, axis; /* radii of the tibia's cortex; where its middle lies (u) */
} Shaft;

static Shaft
tibia_at(double v, bool lateral)
{
  const double knee = synth_fade(fmin(1, fmax(0, (-v - 95) / 75)));
  const double ankle = synth_fade(fmin(1, fmax(0, (v - 130) / 45)));
  const double flare = lateral ? 13 * knee + 5 * ankle : 23 * knee + 9 * ankle;
  Shaft s = {12.5 + flare, 0, lateral ? 2.5 * sin(v / 130) - 3 * knee : 2 * sin(v / 120)};
  s.inner = s.outer - (5.2 * (1 - knee) * (1 - ankle) + 1.1);
  return s;
}

static double
leg_width(double v, bool lateral)
{
  const double calf = 17 * bump(v, -60, 70);
  return (lateral ? 46 : 44) + calf - 9 * synth_fade(fmin(1, fmax(0, (v - 40) / 120)));
}

/* The fracture is a slope across the shaft; its middle lies at v = 25. */
static double
fracture_plane(double u, double w)
{
  return 25 + 0.75 * u + 0.35 * w;
}

/* Which cortex a point of the section belongs to. */
static int
cortex_of(double across, double depth, bool lateral)
{
  const double medial = lateral ? depth : -across, front = lateral ? -across : -depth;
  if (fabs(medial) > fabs(front))
    return medial > 0 ? 0 : 1;
  return front > 0 ? 2 : 3;
}

/* Bone along the ray at (u, v) near the fracture, sampled in depth, since the
 * gap lies aslant. */
static double
fractured_shaft(const SynthFracture *f, uint64_t anatomy, double u, double v, const Shaft *s,
                bool lateral)
{
  enum { STEPS = 48 };
  const double reach = s->outer + 14, step = 2 * reach / STEPS;
  const bool callous = f->callus_density > 0;
  double sum = 0;
  if (fabs(u) > reach)
    return 0;
  for (int i = 0; i < STEPS; i++) {
    const double w = -reach + (i + 0.5) * step, r = sqrt(u * u + w * w);
    const double gap = v - fracture_plane(lateral ? w : u, lateral ? u : w);
    const int c = cortex_of(u, w, lateral);
    const double open = soft_edge(fabs(gap) - 1.7, 1.0) * (1 - f->bridged[c]);
    const double bone = r < s->inner ? mu_marrow : r < s->outer ? mu_cortex : 0;
    double callus = 0;
    if (callous && (r > s->outer || open > 0)) {
      const double lump = 1 + 0.3 * synth_texture(anatomy + 5, u / 6, v / 6, w / 6);
      const double cuff = s->outer + f->callus_mm[c] * lump * bump(gap, 0, 15);
      callus = f->callus_density * mu_cortex * soft_edge(r - cuff, 1.5);
    }
    sum += step * (r < s->outer ? bone + (fmax(mu_soft, callus) - bone) * open : callus);
  }
  return sum;
}

static double
shaft_attenuation(const SynthFracture *f, uint64_t anatomy, double u, double v, const Shaft *s,
                  bool lateral)
{
  if (f && fabs(v - 25) < 48)
    return fractured_shaft(f, anatomy, u, v, s, lateral);
  const double inner = chord(u, s->inner);
  const bool spongy = s->outer > 17;
  const double grain = 1 + 0.12 * synth_texture(anatomy, u / 1.3, v / 5, 0);
  return (chord(u, s->outer) - inner) * mu_cortex +
         inner * (spongy ? mu_trabecular * 0.8 * grain : mu_marrow);
}

static double
nail_attenuation(double u, double v, double axis, bool lateral)
{
  static const double screws[] = {-146, -128, 150, 163};
  double sum = v > -168 && v < 168 ? chord(u - axis, 5) - 0.6 * chord(u - axis, 2) : 0;
  for (int i = 0; i < 4; i++) {
    const double across = v - screws[i];
    const bool along = lateral; /* screws run from side to side: seen end-on in the lateral film */
    if (along)
      sum += hypot(u - axis, across) < 2.4 ? 34 : hypot(u - axis, across) < 4 ? 3 : 0;
    else if (u > -32 && u < 30)
      sum += chord(across, u > 25 ? 4 : 2.4);
  }
  return sum * mu_titanium;
}

/* A plate along the shaft on the outer side, three screws above the break and
 * three below. */
static double
plate_attenuation(double u, double v, const Shaft *t, bool lateral)
{
  const double along = v - 25, face = t->axis + t->outer + 0.5;
  double sum = 0;
  if (fabs(along) > 68)
    return 0;
  if (lateral)
    sum += fabs(u - t->axis) < 6 ? 4 : 0;
  else
    sum += u > face && u < face + 4 ? 12 : 0;
  for (int i = -3; i <= 3; i++) {
    const double across = along - 18.0 * i;
    if (i == 0)
      continue;
    if (lateral)
      sum += hypot(u - t->axis, across) < 2 ? 2 * t->outer : 0;
    else if (u > t->axis - t->outer && u < face)
      sum += chord(across, 1.8);
  }
  return sum * mu_titanium;
}

static double
round_bone(double u, double v, double cu, double cv, double a, double b, double depth)
{
  const double f = (u - cu) * (u - cu) / (a * a) + (v - cv) * (v - cv) / (b * b);
  if (f >= 1)
    return 0;
  const double thick = sqrt(1 - f) * depth;
  return thick * mu_trabecular + 1.6 * mu_cortex / fmax(0.25, sqrt(1 - f));
}

typedef struct {
  const SynthExposure *exposure;
  uint64_t anatomy;
  bool lateral;
  const SynthFracture *fracture;
  double fusion;
} Part;

static double
leg_attenuation(const Part *p, double u, double v)
{
  const bool lat = p->lateral;
  const double roll = p->exposure->roll_deg * RADIAN, half = leg_width(v, lat);
  const double back = lat ? -7 : 3;
  double sum = chord(u + back, half) * (mu_soft * 0.92 + mu_fat * 0.08);
  Shaft t = tibia_at(v, lat);
  t.outer += p->fracture ? p->fracture->wider_mm : 0;
  t.inner += p->fracture ? p->fracture->wider_mm : 0;
  const double end = soft_edge(fabs(v) - 176 + 0.006 * u * u, 5);
  if (end > 0)
    sum += 0.8 * end * shaft_attenuation(p->fracture, p->anatomy, u - t.axis, v, &t, lat);
  const int fixation = p->fracture ? p->fracture->fixation : 0;
  if (fixation == 0)
    sum += nail_attenuation(u, v, t.axis, lat);
  else if (fixation == 1)
    sum += plate_attenuation(u, v, &t, lat);
  /* fibula: to the outer side and a little behind; the roll moves it most */
  const double side = lat ? -19 * cos(roll) + 12 * sin(roll) : 26 * cos(roll) + 8 * sin(roll);
  const double fibula = 5.4 + 4 * bump(v, -158, 22) + 4 * bump(v, 172, 26);
  if (v > -168 && v < 192)
    sum += 0.9 * soft_edge(fmax(-163 - v, v - 187), 8) *
           ((chord(u - side, fibula) - chord(u - side, fibula - 2.6)) * mu_cortex +
            chord(u - side, fibula - 2.6) * mu_marrow);
  if (lat) {
    sum += round_bone(u, v, 4, -210, 31, 33, 50) + round_bone(u, v, 0, 196, 27, 18, 35);
    sum += round_bone(u, v, 37, -206, 10, 17, 26);
  } else {
    sum += round_bone(u, v, -20, -208, 22, 29, 46) + round_bone(u, v, 20, -208, 22, 29, 46);
    sum += round_bone(u, v, 1, 197, 20, 17, 32) + round_bone(u, v, 0, -222, 17, 20, 22);
  }
  return sum;
}

/* ---- the lumbar spine: L1 at the top ---- */

typedef struct {
  double u, v, tilt; /* centre and tilt of a vertebra, radians */
} Level;

static Level
lumbar_level(int i, bool lateral) /* 0: T12 ... 5: L5, 6: S1 */
{
  static const double lordosis[] = {-14, -6, 3, 10, 13, 8, -10};
  static const double tilt[] = {-0.16, -0.13, -0.07, 0.02, 0.14, 0.34, 0.62};
  const double v = -128 + 37.0 * i;
  return lateral ? (Level){lordosis[i], v, -tilt[i]}
                 : (Level){7 * sin((v + 25) / 62), v, 0.1 * cos((v + 25) / 62)};
}

/* Inside a rounded box of half sizes a, b: 1; its rim is returned apart. */
static double
box(double u, double v, double a, double b, double round, double *ret_rim)
{
  const double du = fmax(0, fabs(u) - (a - round)), dv = fmax(0, fabs(v) - (b - round));
  const double d =
      hypot(du, dv) - round + fmin(0, fmax(fabs(u) - (a - round), fabs(v) - (b - round)));
  *ret_rim = soft_edge(fabs(d + 0.9) - 0.9, 0.8);
  return soft_edge(d, 0.8);
}

static double
vertebra(const Part *p, int i, double u, double v)
{
  const Level l = lumbar_level(i, p->lateral);
  const double c = cos(l.tilt), s = sin(l.tilt);
  const double x = (u - l.u) * c + (v - l.v) * s, y = -(u - l.u) * s + (v - l.v) * c;
  if (fabs(x) > 75 || fabs(y) > 34)
    return 0;
  double rim, sum = 0;
  const double waist = 1 - 0.06 * (1 - y * y / 200); /* concave sides */
  const double grain = 1 + 0.1 * synth_texture(p->anatomy + (uint64_t)i, x / 2, y / 4, 0);
  const double body = box(x / waist, y, p->lateral ? 17.5 : 23, 13.5, 3, &rim);
  sum += body * 36 * mu_trabecular * grain * 0.8 + rim * 11 * mu_cortex;
  if (p->lateral) { /* pedicle, facets and spinous process behind */
    sum += box(x + 24, y + 5, 8, 5, 3, &rim) * 14 * mu_trabecular + rim * 4 * mu_cortex;
    sum += box(x + 36, y + 2, 5, 15, 4, &rim) * 18 * mu_trabecular + rim * 3 * mu_cortex;
    sum += box(x + 52, y - 6, 13, 8, 5, &rim) * 5 * mu_cortex;
  } else {
    for (int side = -1; side <= 1; side += 2) {
      box(x - side * 15, y + 4, 5.5, 7, 5, &rim);
      sum += rim * 6 * mu_cortex;
      sum += box(x - side * 37, y + 3, 14, 3.6, 3, &rim) * 4 * mu_cortex;
    }
    sum += box(x, y - 9, 3.4, 9, 3, &rim) * 8 * mu_cortex;
  }
  return sum;
}

/* Pedicle screws in L4 and L5, rods, and a cage between the bodies. */
static double
instruments(const Part *p, double u, double v)
{
  const Level l4 = lumbar_level(4, p->lateral), l5 = lumbar_level(5, p->lateral);
  double rim, metal = 0, bone = 0;
  for (int k = 0; k < 2; k++) {
    const Level l = k ? l5 : l4;
    const double c = cos(l.tilt), s = sin(l.tilt);
    const double x = (u - l.u) * c + (v - l.v) * s, y = -(u - l.u) * s + (v - l.v) * c;
    if (p->lateral) {
      const double thread = 2.9 + 0.5 * sin(x * 2.4);
      metal += x > -34 && x < 10 ? 2 * chord(y + 5, thread) : 0;
      metal += box(x + 38, y + 5, 5, 5.5, 1, &rim) * 9;
    } else {
      for (int side = -1; side <= 1; side += 2)
        metal += box(x - side * 17 - 2 * k, y + 4 - 2 * side, 5, 6, 3, &rim) * 16;
    }
  }
  const double mu = 0.5 * (l4.u + l5.u), mv = 0.5 * (l4.v + l5.v);
  const double slope = p->lateral ? (l5.u - l4.u) / (l5.v - l4.v) : 0.02;
  const double along = v - mv, off = u - mu - slope * along;
  for (int side = -1; side <= 1; side += 2)
    if (along > -30 - 5 * side && along < 30 + 4 * side)
      metal += p->lateral ? 0.9 * chord(off + 40 + side * 0.7, 2.75) : chord(off - side * 17, 2.75);
  const double cage = box(off - (p->lateral ? 3 : 0), along, p->lateral ? 11 : 13, 5, 2, &rim);
  const double ends = soft_edge(fabs(fabs(off - (p->lateral ? 3 : 0)) - 9) - 0.5, 0.6) * cage;
  metal += ends * 1.5; /* tantalum marks of a polymer cage */
  bone += cage * 24 * mu_trabecular * (0.25 + p->fusion);
  bone += p->fusion * 26 * mu_trabecular * soft_edge(hypot(off / 19, along / 9) - 1, 0.5);
  return metal * mu_titanium + bone;
}

static double
lumbar_attenuation(const Part *p, double u, double v)
{
  const double depth =
      p->lateral ? 250 + 50 * synth_fade(fmin(1, fmax(0, (v + 60) / 150))) : 195 + 12 * sin(v / 70);
  const double wide = p->lateral ? 105 : 150;
  double sum = depth * 0.85 * mu_soft * soft_edge((fabs(u + (p->lateral ? -28 : 0)) - wide), 50);
  for (int i = 0; i <= 6; i++)
    sum += vertebra(p, i, u, v);
  sum += instruments(p, u, v);
  if (!p->lateral) { /* the last ribs, and the psoas beside the spine */
    for (int side = -1; side <= 1; side += 2) {
      const double out = side * u - 24, slope = side > 0 ? 0.45 : 0.62;
      if (out > 0 && out < (side > 0 ? 95 : 80))
        sum += chord(v + 128 - slope * out, 5.5) * 0.5 * mu_cortex;
      sum += soft_edge(side * u - 32 - 0.22 * (v + 100) - 3 * side, 3) * soft_edge(-side * u, 4) *
             soft_edge(-v - 95, 40) * 18 * mu_soft;
    }
  }
  /* bowel gas, elsewhere on every film */
  const uint64_t seed = p->exposure->scan * 31 + 3;
  const double gas = synth_texture(seed, u / 26, v / 22, 0.5) - 0.25;
  if (gas > 0)
    sum -= fmin(0.55, 1.5 * gas) * (p->lateral ? soft_edge(45 - u, 40) : 1);
  if (!p->lateral && v > 90) { /* the iliac wings */
    const double wing = hypot((fabs(u) - 105) / 52, (v - 170 - 0.05 * u) / 82) - 1;
    sum += soft_edge(wing * 40, 4) * 16 * mu_trabecular + soft_edge(fabs(wing * 40) - 1.5, 2) * 0.3;
  }
  return sum;
}

/* ---- the exposure ---- */

/* A letter of lead beside the part, five by seven. */
static bool
marker_at(char letter, double x, double y)
{
  static const unsigned char left[7] = {16, 16, 16, 16, 16, 16, 31};
  static const unsigned char right[7] = {30, 17, 17, 30, 20, 18, 17};
  const int i = (int)floor(x / 2), j = (int)floor(y / 2);
  if (!letter || i < 0 || i > 4 || j < 0 || j > 6)
    return false;
  return ((letter == 'L' ? left : right)[j] >> (4 - i) & 1) != 0;
}

typedef double (*Attenuation)(const Part *part, double u, double v);

static uint16_t *
expose(const Part *part, Attenuation attenuation, double air, double gain)
{
  const SynthExposure *e = part->exposure;
  const size_t n = (size_t)e->columns * (size_t)e->rows;
  const double c = cos(e->turn_deg * RADIAN), s = sin(e->turn_deg * RADIAN);
  const double edge_u = 0.5 * e->columns * e->pixel_mm, edge_v = 0.5 * e->rows * e->pixel_mm;
  SynthRandom random = {e->scan * 4099 + 17};
  uint16_t *out = malloc(n * sizeof *out);
  double *line = malloc((size_t)e->columns * sizeof *line);
  for (int j = 0; out && line && j < e->rows; j++) {
    const double y = (j - 0.5 * (e->rows - 1)) * e->pixel_mm;
    for (int i = 0; i < e->columns; i++) {
      const double x = (i - 0.5 * (e->columns - 1)) * e->pixel_mm;
      const double dx = (x - e->shift_mm[0]) / e->magnification;
      const double dy = (y - e->shift_mm[1]) / e->magnification;
      double t = attenuation(part, c * dx + s * dy, -s * dx + c * dy);
      if (marker_at(e->marker, x + edge_u - 8, y + edge_v - 14))
        t += 3;
      /* photons: air per pixel unattenuated, a tenth of the rest scattered */
      const double quanta = air * (0.93 * exp(-t) + 0.07 * exp(-0.6 * t)) + 4;
      const double seen = fmax(1, quanta + sqrt(quanta) * synth_normal(&random));
      line[i] = gain * (log(air) - log(seen));
    }
    for (int i = 0; i < e->columns; i++) {
      const double before = line[i ? i - 1 : 0], after = line[i + 1 < e->columns ? i + 1 : i];
      const double v = 0.2 * before + 0.6 * line[i] + 0.2 * after + 60;
      out[(size_t)j * (size_t)e->columns + (size_t)i] = (uint16_t)fmin(4095, fmax(0, v));
    }
  }
  if (!line) {
    free(out);
    out = NULL;
  }
  free(line);
  return out;
}

uint16_t *
synth_film_leg(const SynthExposure *exposure, uint64_t anatomy, int lateral,
               const SynthFracture *fracture)
{
  const Part part = {exposure, anatomy, lateral != 0, fracture, 0};
  return expose(&part, leg_attenuation, 6000, 640);
}

uint16_t *
synth_film_lumbar(const SynthExposure *exposure, uint64_t anatomy, int lateral, double fusion)
{
  const Part part = {exposure, anatomy, lateral != 0, NULL, fusion};
  return expose(&part, lumbar_attenuation, lateral ? 90000 : 40000, 400);
}
