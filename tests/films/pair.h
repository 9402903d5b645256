/* SPDX-License-Identifier: Apache-2.0
 *
 * Two films of one leg, as they come from the X-ray room, through the
 * registration, the resampling and the healing plugin, in this process.
 */
#ifndef INTERVAL_TESTS_FILMS_PAIR_H
#define INTERVAL_TESTS_FILMS_PAIR_H

#include <glib.h>

#include "synth-film.h"
#include "test-host.h"

/* One exposure and what the detector made of it. */
typedef struct {
  SynthExposure exposure;
  SynthFracture fracture;
  guint64 anatomy;
  gboolean lateral;
  double gain, offset, gamma; /* of the stored values; 0 as gain: left alone */
} LegFilm;

/* 12 bits after gain, offset and gamma; to be freed. */
guint16 *leg_film_draw(const LegFilm *film);

/* What new callus covers beside the bone, in mm2 on the baseline's detector:
 * the later exposure without noise's share, with and without its callus.
 * `ret_faint` counts all that shows (three times a pixel's noise), `ret_half` what
 * attenuates more than half as much as the median of that. */
void leg_film_truth(const LegFilm *before, const LegFilm *after, double *ret_half,
                    double *ret_faint);

typedef struct {
  gboolean accepted; /* by the registration */
  char *refusal;
  double matrix[16];
  double similarity;
  TestHost *healing;      /* holds its records */
  const itv_record *area; /* interval.healing-point/1, NULL: none */
  const itv_record *bridging;
  const itv_record *overall; /* interval.healing/1 */
} PairResult;

/* Registers `after` onto `before`, resamples it and asks the healing plugin. */
PairResult *pair_run(const LegFilm *before, const LegFilm *after, double days);
/* The same with images given: columns and rows as the exposures say. */
PairResult *pair_run_images(const LegFilm *before, const guint16 *a, const LegFilm *after,
                            const guint16 *b, double days);
void pair_result_free(PairResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PairResult, pair_result_free)

#endif
