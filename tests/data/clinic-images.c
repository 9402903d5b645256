/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clinic.h"

/* What all objects of one study share. */
typedef struct {
  char folder[1000], date[11], accession[40];
  SynthPatient patient;
  SynthStudy study;
} StudyFiles;

static bool
study_begin(Person *p, const Exam *e, StudyFiles *ret)
{
  clinic_day(p->clinic, e->ago, false, ret->date);
  person_accession(p, e, ret->accession);
  snprintf(ret->folder, sizeof ret->folder, "%.800s/dicom/%s/%s", p->clinic->out, p->id, ret->date);
  ret->patient = (SynthPatient){p->id, "SYNTHCLINIC", p->name, p->birth, p->sex};
  ret->study = (SynthStudy){.uid = e->study_uid,
                            .id = ret->accession,
                            .accession = ret->accession,
                            .date = ret->date,
                            .time = "093000",
                            .description = e->description,
                            .referring = "SYNTHREFERRER^OLGA"};
  return clinic_make_folder(p->clinic, ret->folder);
}

static SynthUid
uid_of(const Exam *e, const char *what, int number)
{
  char seed[200];
  snprintf(seed, sizeof seed, "%s/%s/%d", e->study_uid, what, number);
  return synth_uid(seed);
}

static void
object_path(const StudyFiles *f, const char *kind, int number, char ret[1100])
{
  snprintf(ret, 1100, "%s/%s-%03d.dcm", f->folder, kind, number);
}

static void
write_slices(Person *p, const Exam *e, const StudyFiles *f, const SynthChest *chest,
             const SynthSeries *series, const int16_t *hu)
{
  const size_t area = (size_t)chest->size * (size_t)chest->size;
  double origin[3];
  char path[1100];
  synth_chest_origin(chest, origin);
  for (int k = 0; k < chest->slices && !p->clinic->failed; k++) {
    const SynthUid uid = uid_of(e, "CT", k);
    SynthSlice slice = {.uid = uid.s,
                        .number = k + 1,
                        .rows = chest->size,
                        .columns = chest->size,
                        .spacing_row_mm = chest->pixel_mm,
                        .spacing_column_mm = chest->pixel_mm,
                        .position_mm = {origin[0], origin[1], origin[2] + k * chest->slice_mm},
                        .orientation = {1, 0, 0, 0, 1, 0},
                        .slope = 1,
                        .intercept = 0,
                        .window_center = -550,
                        .window_width = 1500,
                        .pixels = hu + (size_t)k * area};
    object_path(f, "CT", k + 1, path);
    if (synth_dicom_write_slice(path, &f->patient, &f->study, series, &slice) != 0)
      clinic_fail(p->clinic, path, synth_dicom_error());
  }
}

/* Where a nodule lies: its slice, and the ends of a line across it. */
static int
nodule_slice(const SynthChest *chest, const SynthNodule *n, double across_mm, double ret_line[4])
{
  double at[3], origin[3];
  synth_chest_place(chest, n->center_mm, at);
  synth_chest_origin(chest, origin);
  const double column = (at[0] - origin[0]) / chest->pixel_mm;
  const double row = (at[1] - origin[1]) / chest->pixel_mm;
  const double half = 0.5 * across_mm / chest->pixel_mm;
  const double line[4] = {column - half, row, column + half, row};
  memcpy(ret_line, line, sizeof line);
  return (int)lrint((at[2] - origin[2]) / chest->slice_mm);
}

static void
write_nodule_report(Person *p, const Exam *e, const StudyFiles *f, const SynthChest *chest,
                    const char *image_series, const char *const *sites, const double *measured)
{
  enum { MAX = 4 };
  SynthFinding findings[MAX];
  SynthMeasure measures[MAX][4];
  SynthUid tracking[MAX], images[MAX];
  double lines[MAX][4];
  char ids[MAX][40], seed[80], path[1100];
  const int n = chest->n_nodules < MAX ? chest->n_nodules : MAX;
  const SynthUid series_uid = uid_of(e, "SR-series", 0), uid = uid_of(e, "SR", 0);
  for (int i = 0; i < n; i++) {
    const double d = measured[i];
    snprintf(ids[i], sizeof ids[i], "Nodule %d", i + 1);
    snprintf(seed, sizeof seed, "%s/nodule/%d", p->id, i);
    tracking[i] = synth_uid(seed);
    images[i] = uid_of(e, "CT", nodule_slice(chest, &chest->nodules[i], d * 1.06, lines[i]));
    measures[i][0] = (SynthMeasure){"long-axis", round(d * 10.6) / 10};
    measures[i][1] = (SynthMeasure){"short-axis", round(d * 9.4) / 10};
    measures[i][2] = (SynthMeasure){"mean-diameter", round(d * 10) / 10};
    measures[i][3] = (SynthMeasure){"volume", round(0.5235988 * d * d * d)};
    findings[i] = (SynthFinding){.tracking_uid = tracking[i].s,
                                 .tracking_id = ids[i],
                                 .finding = "nodule",
                                 .site = sites[i],
                                 .measures = measures[i],
                                 .n_measures = 4,
                                 .image_class = synth_dicom_class("CT"),
                                 .image_uid = images[i].s,
                                 .line = lines[i]};
  }
  const SynthSeries series = {.uid = series_uid.s,
                              .number = 99,
                              .modality = "SR",
                              .description = "Measurements",
                              .manufacturer = "Interval synthetic"};
  const SynthReport report = {.uid = uid.s,
                              .number = 1,
                              .observer = "SYNTHREADER^RUTH",
                              .findings = findings,
                              .n_findings = (size_t)n,
                              .image_series = image_series};
  object_path(f, "SR", 1, path);
  if (synth_dicom_write_sr(path, &f->patient, &f->study, &series, &report) != 0)
    clinic_fail(p->clinic, path, synth_dicom_error());
}

void
person_chest_ct(Person *p, const Exam *e, const SynthChest *chest, const char *const *sites,
                const double *measured)
{
  StudyFiles f;
  const SynthUid series_uid = uid_of(e, "CT-series", 0), frame = uid_of(e, "frame", 0);
  if (!study_begin(p, e, &f))
    return;
  int16_t *hu = synth_chest_render(chest);
  if (!hu) {
    clinic_fail(p->clinic, p->id, "no memory");
    return;
  }
  const SynthSeries series = {.uid = series_uid.s,
                              .number = 2,
                              .modality = "CT",
                              .description = "Chest 2.5 mm",
                              .protocol = "CHEST WO",
                              .body_part = "CHEST",
                              .frame_of_reference = frame.s,
                              .kernel = "B50f",
                              .kvp = 120,
                              .slice_thickness_mm = chest->slice_mm,
                              .manufacturer = "Interval synthetic",
                              .model = "Phantom 1"};
  write_slices(p, e, &f, chest, &series, hu);
  free(hu);
  if (measured)
    write_nodule_report(p, e, &f, chest, series_uid.s, sites, measured);
}

static uint16_t *
render_film(const Films *films, bool lateral, SynthExposure *ret)
{
  const bool leg = films->part == FILM_TIBIA;
  const unsigned seed = films->seed * 2 + lateral;
  /* nobody lies twice in the same way */
  const double a = (seed * 37 % 17) / 8.0 - 1, b = (seed * 53 % 19) / 9.0 - 1,
               c = (seed * 71 % 23) / 11.0 - 1;
  *ret = (SynthExposure){.scan = seed,
                         .columns = leg ? 400 : 620,
                         .rows = leg ? 1060 : 760,
                         .pixel_mm = leg ? 0.38 : 0.4,
                         .magnification = leg ? 1.05 + 0.015 * a : 1.12 + 0.02 * a,
                         .shift_mm = {5 * b, 7 * c},
                         .turn_deg = 2.5 * a,
                         .roll_deg = 4 * c,
                         .marker = films->laterality ? films->laterality[0] : 'R'};
  return leg ? synth_film_leg(ret, 5, lateral, films->fracture)
             : synth_film_lumbar(ret, 6, lateral, films->fusion);
}

static void
write_film(Person *p, const Exam *e, const StudyFiles *f, const Films *films, bool lateral)
{
  const bool leg = films->part == FILM_TIBIA;
  const SynthUid series_uid = uid_of(e, "DX-series", lateral), uid = uid_of(e, "DX", lateral);
  SynthExposure exposure;
  char path[1100];
  uint16_t *pixels = render_film(films, lateral, &exposure);
  if (!pixels) {
    clinic_fail(p->clinic, p->id, "no memory");
    return;
  }
  const SynthSeries series = {.uid = series_uid.s,
                              .number = lateral ? 2 : 1,
                              .modality = "DX",
                              .description = lateral ? "Lateral" : "AP",
                              .body_part = leg ? "LEG" : "LSPINE",
                              .laterality = films->laterality,
                              .kvp = leg ? 60 : 85,
                              .manufacturer = "Interval synthetic"};
  const SynthFilm film = {.uid = uid.s,
                          .number = 1,
                          .rows = exposure.rows,
                          .columns = exposure.columns,
                          .spacing = SYNTH_SPACING_DETECTOR,
                          .spacing_row_mm = exposure.pixel_mm,
                          .spacing_column_mm = exposure.pixel_mm,
                          .view = lateral ? "LL" : "AP",
                          .bits_stored = 12,
                          .window_center = 1700,
                          .window_width = 3400,
                          .pixels = pixels};
  object_path(f, "DX", lateral ? 2 : 1, path);
  if (synth_dicom_write_film(path, &f->patient, &f->study, &series, &film) != 0)
    clinic_fail(p->clinic, path, synth_dicom_error());
  free(pixels);
}

static void
write_rust_report(Person *p, const Exam *e, const StudyFiles *f, const Films *films)
{
  char path[1100], seed[80];
  snprintf(seed, sizeof seed, "%s/fracture", p->id);
  const SynthUid tracking = synth_uid(seed), image = uid_of(e, "DX", 0);
  const SynthUid image_series = uid_of(e, "DX-series", 0);
  const SynthUid series_uid = uid_of(e, "SR-series", 0), uid = uid_of(e, "SR", 0);
  const SynthMeasure rust = {"rust", films->rust};
  const SynthFinding finding = {
      .tracking_uid = tracking.s,
      .tracking_id = "Tibial shaft fracture",
      .finding = "fracture",
      .site = "tibia",
      .laterality = films->laterality[0] == 'L' ? "left" : "right",
      .measures = &rust,
      .n_measures = 1,
      .image_class = synth_dicom_class("DX"),
      .image_uid = image.s,
  };
  const SynthSeries series = {.uid = series_uid.s,
                              .number = 99,
                              .modality = "SR",
                              .description = "RUST",
                              .manufacturer = "Interval synthetic"};
  const SynthReport report = {.uid = uid.s,
                              .number = 1,
                              .observer = "SYNTHREADER^RUTH",
                              .findings = &finding,
                              .n_findings = 1,
                              .image_series = image_series.s};
  object_path(f, "SR", 1, path);
  if (synth_dicom_write_sr(path, &f->patient, &f->study, &series, &report) != 0)
    clinic_fail(p->clinic, path, synth_dicom_error());
}

void
person_films(Person *p, const Exam *e, const Films *films)
{
  StudyFiles f;
  if (!study_begin(p, e, &f))
    return;
  write_film(p, e, &f, films, false);
  write_film(p, e, &f, films, true);
  if (films->rust > 0)
    write_rust_report(p, e, &f, films);
}
