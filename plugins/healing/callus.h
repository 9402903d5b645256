/* SPDX-License-Identifier: Apache-2.0
 *
 * The fracture on the baseline film, and what has grown beside it since.
 */
#ifndef HEALING_CALLUS_H
#define HEALING_CALLUS_H

#include "film.h"

typedef struct {
  int u, v;        /* where breaks across the bone are densest */
  double strength; /* against the second-best place, 1 and more */
} Fracture;

/* NULL when one place stands out, else what is wrong (static text). */
const char *fracture_find(const Pair *pair, Fracture *ret_fracture);

/* The main bone around row v0: for each row of the window its two outer edges
 * in pixels, -1 where there is none. */
typedef struct {
  int v0, first, n; /* rows first .. first + n - 1 */
  float *left, *right;
  float soft, bone; /* typical values of the baseline beside and in the bone */
} Outline;

Outline *outline_find(const Pair *pair, int u0, int v0);
/* The bone goes on above and below the break with one width: a shaft.  At a
 * joint and at a flaring end it does not. */
gboolean outline_is_shaft(const Outline *outline, double pixel_mm);
void outline_free(Outline *outline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outline, outline_free)

typedef struct {
  double area_mm2, sd_mm2;
  double density; /* plateau of the new density over noise */
  guint parts;
  double broad_mm2;  /* density that rose out to the zone's border: swelling, a cast; left out */
  double hidden_mm2; /* not counted, not denied: the faint rim, and where as much is feigned */
  double seen;       /* share of the zone that both films show */
} Callus;

/* New density outside the outline, within the zone and joined to the bone. */
void callus_measure(const Pair *pair, const Outline *outline, Callus *ret_callus);

/* The least density that counts, as a share of the bone's over soft tissue. */
double callus_faintest(const Pair *pair, const Outline *outline);

/* The largest area that the same search finds along the shaft where no fracture
 * is; falls back on noise and misregistration where the film is too short for
 * that.  Leaves `gain` as the last place needed it. */
double callus_limit(Pair *pair, const Fracture *fracture, const Outline *outline,
                    guint *ret_places);

/* One cortex across the fracture line. */
typedef struct {
  gboolean broken; /* the baseline shows the break here */
  gboolean resolved, crossed;
  double fill, sd; /* 0: as dark as at the baseline, 1: as dense as the cortex */
} Cortex;
void cortex_measure(const Pair *pair, const Outline *outline, gboolean right, Cortex *ret_cortex);

#endif
