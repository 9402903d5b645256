/* SPDX-License-Identifier: Apache-2.0
 *
 * Lookup tables of a header: the palette of a colour image (PS3.3 C.7.6.3.1.5, whole or
 * in segments) and the modality table, which says what stored values stand for (C.11.1).
 */
#ifndef INTERVAL_DICOM_TABLES_H
#define INTERVAL_DICOM_TABLES_H

#include "dataset.h"

typedef struct {
  guint16 *values; /* NULL: there is no table */
  gint64 first;    /* the stored value of the first entry */
  guint n;
} DcmTable;

void dcm_table_clear(DcmTable *table);
/* Values below and above the table are those of its ends. */
double dcm_table_value(const DcmTable *table, double stored);

/* ITU-R BT.601, as PS3.3 C.7.6.3.1.2 defines Y. */
double dcm_luminance(double r, double g, double b);

/* Luminance, 0..255, of the palette's colours. */
gboolean dcm_palette_read(const DcmDataset *data, DcmTable *ret_table, GError **error);
gboolean dcm_modality_table_read(const DcmDataset *data, gboolean is_signed, DcmTable *ret_table,
                                 GError **error);

#endif
