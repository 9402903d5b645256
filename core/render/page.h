/* SPDX-License-Identifier: Apache-2.0
 *
 * render/page.h - a comparison as a person sees it: pictures with identity
 * burnt in, a page (HTML) and the same on paper (PDF).  The caller fills
 * ItvComparisonPage; the same input always gives the same bytes (with the same
 * fonts).  Nothing here reads a clock.
 */
#ifndef ITV_RENDER_PAGE_H
#define ITV_RENDER_PAGE_H

#include "interval/plugin.h"
#include "model/spatial.h"
#include "model/vocabulary.h"
#include "render/curve.h"

/* Everything below is borrowed until the call returns.  Strings may be NULL
 * unless said otherwise; texts are UTF-8, hostile until escaped here.  Numbers
 * may be NAN: not known. */

typedef struct {
  const char *id, *issuer, *name; /* name as "Last, First" or DICOM "Last^First" */
  ItvDate birth_date;
  const char *sex;
} ItvPagePatient;

typedef struct {
  const itv_volume *volume; /* NULL: no pixels, and `problem` says why */
  const char *problem;
  const char *study_uid, *accession;
  const char *description, *series_description;
  ItvDate date;
  ItvModality modality;
  ItvLaterality laterality;
} ItvPageStudy;

typedef struct {
  const char *model; /* NULL: there was no registration */
  gboolean accepted;
  ItvSpatialMap map; /* fixed (current) LPS mm to moving (prior) LPS mm; its volumes are borrowed */
  double similarity_before, similarity_after, overlap;
  const char *method;
  const char *refusal; /* when not accepted or absent: why, one sentence */
} ItvPageRegistration;

typedef struct {
  const char *severity; /* info warning blocking */
  const char *text;
} ItvPageReason;

typedef struct {
  const char *finding, *measure, *unit; /* unit UCUM */
  double prior, current, change, change_percent, ci_low, ci_high;
  double doubling_days;
  const char *verdict; /* increased decreased unchanged not-resolvable new resolved */
  const char *note;
  const char *reader; /* who measured, where that tells two series apart; may be NULL */
} ItvPageChange;

typedef struct {
  const char *what; /* "registration" */
  const char *id;   /* plugin id */
  const char *version;
  const char *hash; /* of the object or its input */
} ItvPageSource;

typedef struct {
  ItvPagePatient patient;
  ItvPageStudy current, prior;
  ItvRegion region; /* chooses the CT window */
  gboolean comparable;
  const ItvPageReason *reasons;
  gsize n_reasons;
  ItvPageRegistration registration;
  gboolean has_key_point; /* where the finding lies; else the place of greatest change is shown */
  double key_point_mm[3]; /* in the current study, LPS; a film: x = column, y = row, in mm */
  const ItvPageChange *changes;
  gsize n_changes;
  const ItvCurve *curves;
  gsize n_curves;
  const ItvPageSource *sources;
  gsize n_sources;
  const char *program; /* "interval 0.1.0" */
  ItvDate made_on;     /* printed as the page's date; ITV_DATE_NONE: none */
} ItvComparisonPage;

typedef enum {
  ITV_PICTURE_CURRENT = 1,
  ITV_PICTURE_PRIOR,          /* resampled to the current's grid */
  ITV_PICTURE_PRIOR_AS_TAKEN, /* its own slices at the same place, nothing interpolated away */
  ITV_PICTURE_DIFFERENCE,
  ITV_PICTURE_CHECKERBOARD,
  ITV_PICTURE_SIDE_BY_SIDE, /* unregistered, with the reason in it */
  ITV_PICTURE_FILMS,        /* first film, latest film, difference in a row */
} ItvPictureKind;

typedef struct {
  ItvPictureKind kind;
  char *name;  /* file name: "current.png" */
  char *title; /* "Current study, 2024-05-01" */
  char *alt;   /* for who cannot see it */
  GBytes *png;
  int width, height; /* pixels */
} ItvPicture;
void itv_picture_free(ItvPicture *picture);

/* With an accepted registration: current, prior, prior as taken, difference,
 * checkerboard; else
 * one side-by-side picture that says why; an empty array when neither study has
 * pixels.  Owned array of owned ItvPicture. */
GPtrArray *itv_comparison_pictures(const ItvComparisonPage *page, GError **error);

/* The page as one self-contained HTML document; `pictures` from above. Owned. */
char *itv_comparison_html(const ItvComparisonPage *page, const GPtrArray *pictures);
/* The same as PDF (A4). */
GBytes *itv_comparison_pdf(const ItvComparisonPage *page, const GPtrArray *pictures,
                           GError **error);

/* Writes pictures, curve-N.svg, comparison.html and comparison.pdf into `dir`
 * (made when absent), each under a temporary name first, then renamed.
 * *ret_paths: char *, in that order. */
gboolean itv_comparison_write(const ItvComparisonPage *page, const char *dir, GPtrArray **ret_paths,
                              GError **error);

/* The latest film of one projection against the first. */
typedef struct {
  const char *view;       /* "AP"; may be NULL */
  ItvComparisonPage pair; /* current = the latest film, prior = the first; neither changes nor
                             curves are read */
} ItvHealingFilms;

/* First film (laid upon the latest), latest film and their difference in one picture, days
 * counted from `since`; side by side with the reason where they were not registered.  Its name
 * is left NULL.  Owned; NULL with an error when neither film can be drawn. */
ItvPicture *itv_films_picture(const ItvComparisonPage *page, const char *view, ItvDate since,
                              GError **error);

/* A healing series as a page: identity, procedure, verdict, the leading curve, films, other
 * curves, each with its table.  Files healing.html, healing.pdf, curve-N.svg, films-N.png. */
typedef struct {
  ItvPagePatient patient;
  const char *procedure; /* "Tibia, intramedullary nail" */
  ItvDate procedure_date;
  ItvLaterality laterality;
  const char *verdict;    /* code */
  const char *reason;     /* sentence */
  const ItvCurve *curves; /* the leading one first */
  gsize n_curves;
  const ItvHealingFilms *films;
  gsize n_films;
  const char *const *notes; /* what could not be judged, and why */
  gsize n_notes;
  const ItvPageSource *sources;
  gsize n_sources;
  const char *program;
  ItvDate made_on;
} ItvHealingPage;
gboolean itv_healing_write(const ItvHealingPage *page, const char *dir, GPtrArray **ret_paths,
                           GError **error);

#endif
