/* SPDX-License-Identifier: Apache-2.0
 *
 * A structure that somebody outlined (a segment of a segmentation, a region of a
 * structure set) as measurements.
 */
#ifndef INTERVAL_DICOM_STRUCTURE_H
#define INTERVAL_DICOM_STRUCTURE_H

#include "dataset.h"

/* What was outlined, and by whom. */
typedef struct {
  char *study, *series; /* of the images */
  char *date;           /* ISO, of their study; NULL when it is another than the object's */
  char *observer;
} DcmSubject;

DcmSubject *dcm_subject_new(const DcmDataset *dataset);
void dcm_subject_free(DcmSubject *subject);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmSubject, dcm_subject_free)

typedef struct {
  char *tracking_uid, *tracking_id, *finding, *site, *method;
  const char *laterality;
  char *image;                     /* SOP UID where the longest axis lies */
  double volume_mm3, area_mm2;     /* < 0: not resolvable */
  double long_axis_mm, ends_mm[6]; /* 0: none; two points in the patient */
  double extent_mm[3];             /* along rows, down columns, across planes; 0: unknown */
  double thickness_mm, spacing_mm; /* 0: unknown */
} DcmStructure;

void dcm_structure_clear(DcmStructure *structure);
itv_status dcm_structure_emit(const DcmStructure *structure, const DcmSubject *subject,
                              const itv_sink *out);

/* Is it a name that tools give by themselves ("Segment_1")?  It identifies nothing. */
gboolean dcm_structure_is_generic(const char *name);

/* What importers of structures share: NULL-terminated notes for a person are collected
 * before the document record goes out. */
typedef struct {
  GArray *structures; /* DcmStructure */
  GPtrArray *notes;   /* char * */
  DcmSubject *subject;
} DcmStructures;

DcmStructures *dcm_structures_new(const DcmDataset *dataset);
void dcm_structures_free(DcmStructures *structures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmStructures, dcm_structures_free)
void dcm_structures_note(DcmStructures *structures, const char *format, ...) G_GNUC_PRINTF(2, 3);
itv_status dcm_structures_emit(const DcmStructures *structures, const itv_sink *out);

/* segment.c and contour.c; a segmentation's frames are decoded for this.  Never NULL:
 * what cannot be measured stands in the notes. */
DcmStructures *dcm_segments_read(const itv_host *host, const DcmObject *object);
DcmStructures *dcm_contours_read(const itv_host *host, const DcmObject *object);

#endif
