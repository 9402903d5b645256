/* SPDX-License-Identifier: Apache-2.0
 *
 * One measurement as the host handed it over, and what is wrong with it.
 */
#ifndef MEASUREMENT_SAMPLE_H
#define MEASUREMENT_SAMPLE_H

#include <glib.h>

#include "interval/plugin.h"

typedef enum {
  CLASS_LENGTH,
  CLASS_AREA,
  CLASS_VOLUME,
  CLASS_ANGLE,
  CLASS_SCORE,
  CLASS_OTHER
} Dimension;

enum { WORDS_FINDING, WORDS_SITE, WORDS_SIDE, WORDS_ID, WORDS_OBSERVER, N_WORDS };

typedef struct {
  const char *measure, *unit; /* borrowed, as are all strings but `words` */
  double value;
  const char *tracking_uid, *tracking_id, *finding, *site, *laterality, *observer, *method,
      *sop_uid;
  double thickness_mm, pixel_mm; /* 0: not known */
  double uncertainty;            /* standard deviation of one measurement; < 0: not known */
  char *words[N_WORDS];          /* normalised, owned */
  gint32 day;                    /* days since 1 January 1; 0: no date to the day */
  GArray *points;                /* double, as given */
  gboolean points_mm;            /* else pixels */
  gboolean current;
  guint order;      /* of arrival */
  guint replicates; /* how many equal-standing values this is the mean of */
  double spread;    /* largest minus smallest of them */
  gboolean used;
} Sample;

void sample_free(Sample *sample);

/* The mean of two values of one exam as a sample of its own. */
Sample *sample_mean(const Sample *a, const Sample *b, const char *measure);

/* Reads interval.measurement/1 records with a role; the others are left out.
 * NULL with *ret_error (to be freed) when one is malformed.  Exact repeats of
 * one measurement (the same one from two documents) are dropped. */
GPtrArray *sample_read_all(const itv_input *input, char **ret_error);

/* Days since 1 January 1 of the date in a DICOM-like "YYYY-MM-DD..." string;
 * 0 when it is not precise to the day or no date. */
gint32 sample_day(const char *text);

Dimension sample_dimension(const Sample *sample);

/* Length of the line that the only two points span, in mm; 0 when unknown. */
double sample_line_mm(const Sample *sample);

/* What its line says that a length should be times smaller or larger; 1 when it
 * agrees within 10 % and 1 mm, or says nothing. */
double sample_line_ratio(const Sample *sample);

/* Distance of the points' centres in mm; < 0 when one has no points in mm. */
double sample_distance_mm(const Sample *a, const Sample *b);

/* Do two wordings agree (1) or contradict (-1), or is one of them silent (0)?
 * `word` is one of WORDS_*; case and punctuation do not count. */
int sample_compare(const Sample *a, const Sample *b, int word);

#endif
