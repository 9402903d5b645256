/* SPDX-License-Identifier: Apache-2.0
 *
 * A DICOM data set as a list of elements that know where their values lie.
 * Values are read on demand, sequences are parsed on demand, and the walk over
 * the top level ends at the pixel data.  Every length is checked against the
 * room that its parent leaves, so damaged files end in an error that names the
 * element and its offset.
 *
 * GDCM's reader is not used for this: as Debian builds it, it aborts the
 * process on one damaged file in ten, and it refuses the header of a file whose
 * transfer syntax it does not know.
 */
#ifndef INTERVAL_DICOM_DATASET_H
#define INTERVAL_DICOM_DATASET_H

#include "file.h"

#define DCM_TAG(group, element) (((guint32)(group) << 16) | (guint32)(element))

typedef enum {
  DCM_IMPLICIT = 1, /* no VR stands in the stream */
  DCM_BIG_ENDIAN = 2
} DcmSyntax;

typedef struct {
  guint32 tag;
  char vr[3];         /* "UN" when the stream names none and we know none */
  gboolean undefined; /* the stream gave no length; `length` was found by walking */
  gint64 at;          /* of the value */
  gint64 length;      /* bytes; of undefined ones without the closing delimiter */
} DcmElement;

typedef struct DcmDataset {
  DcmFile *file;    /* borrowed */
  guint syntax;     /* DcmSyntax */
  GArray *elements; /* DcmElement */
  char *charset;    /* (0008,0005), inherited from the enclosing data set; may be NULL */
  gint64 end;       /* where the walk ended */
} DcmDataset;

void dcm_dataset_free(DcmDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmDataset, dcm_dataset_free)

/* Parses [at, end) of the file, up to and including pixel data. */
DcmDataset *dcm_dataset_parse(DcmFile *file, gint64 at, gint64 end, guint syntax,
                              const char *charset, GError **error);

const DcmElement *dcm_find(const DcmDataset *dataset, guint32 tag);

/* The items of a sequence as DcmDataset; empty when it is absent, not a
 * sequence, or damaged. */
GPtrArray *dcm_items(const DcmDataset *dataset, guint32 tag);
/* The first item, or NULL. */
DcmDataset *dcm_item(const DcmDataset *dataset, guint32 tag);

/* One fragment of encapsulated pixel data. */
typedef struct {
  gint64 at, length;
} DcmFragment;
/* The items of an element of undefined length as byte ranges (offset table
 * first).  NULL with an error when they do not fit into the file. */
GArray *dcm_fragments(const DcmDataset *dataset, const DcmElement *element, GError **error);

/* A whole file: meta information, transfer syntax, data set. */
typedef struct {
  DcmFile *file;
  DcmDataset *meta; /* NULL for a file without preamble and meta information */
  DcmDataset *data;
  char *transfer_syntax;
} DcmObject;

void dcm_object_free(DcmObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DcmObject, dcm_object_free)
DcmObject *dcm_object_open(const itv_source *source, GError **error);

/* How sure the first n bytes are DICOM, 0 to 100. */
int dcm_probe(const guint8 *head, gsize n);

#endif
