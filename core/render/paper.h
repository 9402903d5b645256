/* SPDX-License-Identifier: Apache-2.0
 *
 * render/paper.h - running text, tables, pictures and curves on A4 pages, with
 * the patient's identity at the head of every page.  Lengths are points.
 */
#ifndef ITV_RENDER_PAPER_H
#define ITV_RENDER_PAPER_H

#include "render/page.h"

typedef struct ItvPaper ItvPaper;

/* What is written on the pages; called twice, since the number of pages stands
 * on each of them. */
typedef void (*ItvPaperWriter)(ItvPaper *paper, gconstpointer data);

/* PDF bytes.  `head` (NULL: none) stands on top of every page, `foot` at its end. */
GBytes *itv_paper_make(const char *title, const char *head, const char *foot, ItvDate made_on,
                       ItvPaperWriter writer, gconstpointer data, GError **error);

/* So many points of nothing. */
void itv_paper_space(ItvPaper *paper, double points);
void itv_paper_heading(ItvPaper *paper, const char *text);
void itv_paper_text(ItvPaper *paper, const char *text, double size, gboolean bold);
/* In a frame, with a bar of that colour at its left. */
void itv_paper_box(ItvPaper *paper, const char *text, guint32 colour);

#define ITV_PAPER_COLUMNS_MAX 10
/* `shares` of the width; `cells` has columns * rows entries, the first row is
 * the heading, repeated after a page break.  notes[r] (NULL or "": none; the
 * whole array may be NULL) stands below row r, over the whole width. */
void itv_paper_table(ItvPaper *paper, int columns, const double *shares, const char *const *cells,
                     const char *const *notes, gsize rows);
/* `heading` (may be NULL) stays on the picture's page. */
void itv_paper_picture(ItvPaper *paper, const ItvPicture *picture, const char *heading);
void itv_paper_curve(ItvPaper *paper, const ItvCurve *curve, const char *heading);

#endif
