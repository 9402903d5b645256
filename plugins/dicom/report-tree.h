/* SPDX-License-Identifier: Apache-2.0
 *
 * The content tree of a structured report.
 */
#ifndef INTERVAL_DICOM_REPORT_TREE_H
#define INTERVAL_DICOM_REPORT_TREE_H

#include "dataset.h"
#include "values.h"

typedef struct SrNode SrNode;
struct SrNode {
  const DcmDataset *item; /* borrowed from `items` of the parent */
  char *type;             /* CONTAINER TEXT CODE NUM ... ; "" when absent */
  gboolean contained;     /* relationship CONTAINS */
  DcmCode concept;
  GPtrArray *items;    /* DcmDataset, one per child */
  GPtrArray *children; /* SrNode */
};

/* Parses the whole tree (bounded in depth and size); `root` must outlive it. */
SrNode *sr_tree_new(const DcmDataset *root);
void sr_tree_free(SrNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SrNode, sr_tree_free)

/* A concept is known by code value (several templates' generations) or by its
 * meaning: the lists end with NULL and hold either. */
gboolean sr_named(const SrNode *node, const char *const *names);
const SrNode *sr_child(const SrNode *node, const char *const *names);

/* The value as text: TEXT, UIDREF, PNAME, DATE as they stand, the meaning of a
 * CODE.  NULL for other types. */
char *sr_value(const SrNode *node);
char *sr_child_value(const SrNode *node, const char *const *names);

/* Names of the concepts that this plugin reads. */
extern const char *const SR_TRACKING_ID[],
    *const SR_TRACKING_UID[], *const SR_FINDING[],
                                  *const SR_SITE[],
                                      *const SR_LATERALITY[],
                                          *const SR_OBSERVER[],
                                              *const SR_METHOD[],
                                                  *const SR_DERIVATION[],
                                                      *const SR_GROUP[],
                                                          *const SR_STUDY_UID[],
                                                              *const SR_SERIES_UID[],
                                                                  *const SR_STUDY_DATE[],
                                                                      *const SR_SOURCE_SERIES[],
                                                                          *const SR_OBSERVER_TYPE[],
                                                                              *const SR_AIM[];

#endif
