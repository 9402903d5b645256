/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes real DICOM files (through GDCM) for tests and the demo: slices of a
 * cross-sectional series, radiographs, and TID 1500 measurement reports.
 * Everything is a function of its arguments: the same input gives the same
 * bytes.  Structs are filled by the caller; a NULL string or a zero number
 * means that the attribute is left out, unless its comment says otherwise.
 *
 * Functions return 0, or -1 with the reason in synth_dicom_error().
 */
#ifndef INTERVAL_TESTS_DICOM_WRITER_H
#define INTERVAL_TESTS_DICOM_WRITER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "2.25." and a UUID's number made of SHA-256(seed). */
typedef struct SynthUid {
  char s[65];
} SynthUid;
SynthUid synth_uid(const char *seed);

const char *synth_dicom_error(void); /* of this thread's last failure */

typedef struct SynthPatient {
  const char *id; /* required; must begin with SYNTH */
  const char *issuer;
  const char *name;       /* UTF-8, FAMILY^GIVEN^MIDDLE; written as ISO_IR 192 */
  const char *birth_date; /* YYYYMMDD */
  const char *sex;        /* M F O */
} SynthPatient;

typedef struct SynthStudy {
  const char *uid; /* required */
  const char *id;
  const char *accession;
  const char *date; /* YYYYMMDD */
  const char *time; /* HHMMSS */
  const char *description;
  const char *referring; /* person name */
} SynthStudy;

typedef struct SynthSeries {
  const char *uid; /* required */
  int number;
  const char *modality; /* required, DICOM's: CT MR PT CR DX MG SR */
  const char *description;
  const char *protocol;
  const char *body_part;          /* (0018,0015), e.g. CHEST */
  const char *laterality;         /* L or R: (0020,0060) for slices, (0020,0062) for films */
  const char *frame_of_reference; /* slices: required */
  const char *kernel;             /* (0018,1210) */
  const char *contrast_agent;     /* (0018,0010) */
  double kvp;                     /* kV */
  double slice_thickness_mm;
  const char *manufacturer;
  const char *model;
  const char *transfer_syntax; /* UID; NULL: explicit VR little endian.  Compressed
                                  ones: .4.70 .4.80 .4.90 .5 */
} SynthSeries;

/* One CT, MR or PET slice. */
typedef struct SynthSlice {
  const char *uid; /* SOP instance, required */
  int number;
  int rows, columns;
  double spacing_row_mm, spacing_column_mm; /* between rows; between columns */
  double position_mm[3];                    /* LPS, centre of the first pixel */
  double orientation[6];                    /* along a row, then down a column */
  double slope, intercept;                  /* slope 0 stands for 1 */
  double window_center, window_width;
  double gantry_tilt_deg;
  const int16_t *pixels; /* rows * columns stored values */
} SynthSlice;

/* How the spacing of a film is known. */
typedef enum SynthSpacing {
  SYNTH_SPACING_DETECTOR,   /* ImagerPixelSpacing only */
  SYNTH_SPACING_CALIBRATED, /* PixelSpacing with PixelSpacingCalibrationType FIDUCIAL */
  SYNTH_SPACING_NONE
} SynthSpacing;

/* One CR (modality CR), digital X-ray (DX) or mammogram (MG). */
typedef struct SynthFilm {
  const char *uid; /* SOP instance, required */
  int number;
  int rows, columns;
  SynthSpacing spacing;
  double spacing_row_mm, spacing_column_mm;
  const char *view; /* (0018,5101): AP PA LL RL; mammography also CC MLO */
  int bits_stored;  /* 8 to 16; at most 8 are written in bytes */
  int inverted;     /* write as MONOCHROME1: the caller's values are inverted first */
  double window_center, window_width;
  const uint16_t *pixels; /* rows * columns */
} SynthFilm;

typedef struct SynthMeasure {
  const char *measure; /* long-axis short-axis mean-diameter area volume distance angle attenuation
                          rust mrust callus-area gap-width displacement cobb-angle */
  double value;        /* mm, mm2, mm3, deg, [hnsf'U] or {score}, as the measure wants */
} SynthMeasure;

/* One tracked finding (a Measurement Group of TID 1411). */
typedef struct SynthFinding {
  const char *tracking_uid; /* required: equal at all time points */
  const char *tracking_id;  /* what a person calls it */
  const char *finding;      /* a known word (nodule mass lesion fracture) gets its SNOMED code */
  const char *site;         /* "lung", "upper lobe of right lung", "tibia" ... */
  const char *laterality;   /* left right bilateral */
  const SynthMeasure *measures;
  size_t n_measures;
  const char *image_class; /* SOP class and instance of the image measured */
  const char *image_uid;
  const double *line; /* column,row,column,row of the long axis, or NULL */
} SynthFinding;

typedef struct SynthReport {
  const char *uid; /* SOP instance, required */
  int number;
  const char *observer; /* person name */
  const SynthFinding *findings;
  size_t n_findings;
  const char *image_study;  /* where the images lie; NULL: the report's own study */
  const char *image_series; /* required when a finding names an image */
} SynthReport;

/* SOP class that the writer gives to that DICOM modality; NULL for an unknown one. */
const char *synth_dicom_class(const char *modality);

int synth_dicom_write_slice(const char *path, const SynthPatient *patient, const SynthStudy *study,
                            const SynthSeries *series, const SynthSlice *slice);
int synth_dicom_write_film(const char *path, const SynthPatient *patient, const SynthStudy *study,
                           const SynthSeries *series, const SynthFilm *film);
/* Comprehensive SR, Imaging Measurement Report (TID 1500); complete, verified
 * by nobody. */
int synth_dicom_write_sr(const char *path, const SynthPatient *patient, const SynthStudy *study,
                         const SynthSeries *series, const SynthReport *report);

#ifdef __cplusplus
}
#endif

#endif
