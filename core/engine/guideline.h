/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/guideline.h - guideline files: read, proved complete, and run on a
 * case.  Pure: no clock, no database.
 */
#ifndef ITV_ENGINE_GUIDELINE_H
#define ITV_ENGINE_GUIDELINE_H

#include "base/xml.h"
#include "model/guideline.h"

/* ---- reading (guideline-load.c) -------------------------------------------------- */

typedef enum { ITV_FAULT_WARNING = 1, ITV_FAULT_ERROR } ItvFaultSeverity;

/* What is wrong with a file, where, in words. */
typedef struct {
  ItvFaultSeverity severity;
  const char *kind; /* "gap", "overlap", "dangling", "unreachable" ...; static */
  int line;
  char *text;
} ItvFault;

GArray *itv_faults_new(void); /* ItvFault */
void itv_fault_add(GArray *faults, ItvFaultSeverity severity, const char *kind, int line,
                   const char *format, ...) G_GNUC_PRINTF(5, 6);
/* The first error, NULL: there are only warnings. */
const ItvFault *itv_faults_error(const GArray *faults);

/* From a file that fits the schema.  What the schema cannot see (dangling names, empty
 * conditions) goes to `faults`.  NULL with ITV_ERROR_CONFIG where the file is no
 * XML, does not fit `xsd`, or is too large to be checked. */
ItvGuideline *itv_guideline_load(const char *path, const char *xsd, GArray *faults, GError **error);
/* From an element that was read and found to fit the schema. */
ItvGuideline *itv_guideline_read(const ItvXml *xml, const char *file, GArray *faults);

/* Every *.xml of the folder, by name; other root elements are passed over.  Owned
 * array of ItvGuideline (owned), empty when there is no such folder.  NULL with ITV_ERROR_CONFIG:
 * file, line, what was expected; a dangling reference is such an error too. */
GPtrArray *itv_guidelines_load(const char *dir, const char *xsd, GError **error);
const ItvGuideline *itv_guidelines_find(const GPtrArray *guidelines, const char *id);
/* In force on that day. */
gboolean itv_guideline_valid_on(const ItvGuideline *guideline, ItvDate day);

/* ---- regions (guideline-regions.c) ------------------------------------------------ */

/* A box of cases: one extent for each variable. */
ItvExtent *itv_guideline_box(const ItvGuideline *guideline); /* all of them; owned */

/* Takes one region: all its cases are decided alike.  `rules` are the indices of
 * those that hold (policy `first`: the first one only); none: a gap.  FALSE ends
 * the walk. */
typedef gboolean (*ItvRegionVisit)(const ItvGuideline *guideline, const ItvExtent *box,
                                   const guint *rules, guint n_rules, gpointer data);
/* Splits the box into disjoint regions that together are the box.  Exact: it
 * splits where a rule begins or ends, and nowhere else.  FALSE when there are
 * more regions than can be told (a million). */
gboolean itv_guideline_regions(const ItvGuideline *guideline, const ItvExtent *box,
                               ItvRegionVisit visit, gpointer data);
/* "density solid, count single, 6 <= size <= 8 mm"; "every case".  Owned. */
char *itv_guideline_box_words(const ItvGuideline *guideline, const ItvExtent *box);

/* ---- proving (guideline-check.c) ---------------------------------------------------- */

typedef struct {
  guint regions; /* into which the cases fall */
  guint ends_reached;
} ItvGuidelineProof;
/* Adds gaps, overlaps, rules and end points that no case reaches, schedules that
 * run backwards. */
ItvGuidelineProof itv_guideline_check(const ItvGuideline *guideline, GArray *faults);

/* ---- running (guideline-run.c) -------------------------------------------------------- */

/* Narrows one variable of the box by "7mm", "0.7 cm", "<6", ">=8mm", "6..8",
 * "solid", "solid|part-solid", "yes".  ITV_ERROR_USAGE names what would do;
 * `variable` is the variable's name or that of its fact. */
gboolean itv_guideline_set(const ItvGuideline *guideline, ItvExtent *box, const char *variable,
                           const char *value, GError **error);

typedef struct {
  const ItvGuidelineEnd *end;   /* NULL: it depends on what is not known */
  const ItvGuidelineRule *rule; /* one of those that led there; NULL likewise */
  GArray *rules;                /* guint: rules that may hold, in file order */
  GArray *questions;            /* guint: variables that matter and are not known, in file order */
  GArray *ends;                 /* guint: end points that are still possible, in file order */
  gboolean gap;                 /* some of the cases are not decided at all */
} ItvGuidelineAnswer;
/* Three-valued: where all that is not known leads to one end point, it is the answer. */
ItvGuidelineAnswer *itv_guideline_run(const ItvGuideline *guideline, const ItvExtent *box);
void itv_guideline_answer_free(ItvGuidelineAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvGuidelineAnswer, itv_guideline_answer_free)

/* The dates of an end point's schedule for an exam on that day, at most `most` of
 * them: what no stop rule ends goes on. */
typedef struct {
  ItvDate from, until;
  gboolean consider;
} ItvPlannedVisit;
GArray *itv_guideline_plan(const ItvGuidelineEnd *end, ItvDate exam, guint most); /* owned */

/* Has it grown, by that definition?  Values in mm or mm3 as the definition's measure says;
 * one for each dimension.  -1: it cannot be told from these. */
typedef struct {
  const char *measure; /* "diameter", "volume" */
  ItvDecimal prior[3], current[3];
  guint dimensions;
  gint32 days; /* between the exams; 0: not known */
} ItvGrowthInput;
int itv_guideline_grown(const ItvGrowth *growth, const ItvGrowthInput *input);
/* "6mm" or "6x5x4 mm", of the same number of dimensions both times: fills measure and
 * values.  mm3, ml and cm3 are volumes.  ITV_ERROR_USAGE. */
gboolean itv_growth_input_read(ItvGrowthInput *input, const char *prior, const char *current,
                               GError **error);

#endif
