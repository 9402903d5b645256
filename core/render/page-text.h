/* SPDX-License-Identifier: Apache-2.0
 *
 * render/page-text.h - the sentences that page and paper share.  All owned.
 */
#ifndef ITV_RENDER_PAGE_TEXT_H
#define ITV_RENDER_PAGE_TEXT_H

#include "render/page.h"

/* "DOE, JANE, ID 123 (SITE), born 1960-01-01, F". */
char *itv_page_identity(const ItvPagePatient *patient);
char *itv_page_title(const ItvComparisonPage *page);
/* "Comparison: 2024-05-01 with 2023-11-02, 181 days (6 months) older". */
char *itv_page_heading(const ItvComparisonPage *page);
/* The changes, findings together, those that changed (most) first: const ItvPageChange *, owned
 * array. */
GPtrArray *itv_page_sorted_changes(const ItvComparisonPage *page);
/* Of the same finding and reader. */
gboolean itv_page_same_finding(const ItvPageChange *a, const ItvPageChange *b);
/* "Nodule, upper lobe (read by B)". */
char *itv_page_finding(const ItvPageChange *change);
/* "Caution" for a warning. */
const char *itv_page_severity(const char *severity);
gboolean itv_page_is_info(const ItvPageReason *reason);
/* What came out, in a few sentences: what changed, by how much, what may not be concluded. */
char *itv_page_summary(const ItvComparisonPage *page);
/* Whether the prior lies upon the current study, for who looks; or why not. */
char *itv_page_alignment(const ItvPageRegistration *registration);
/* Model, acceptance, similarity, method, for who checks. */
char *itv_page_registration(const ItvPageRegistration *registration);
/* "Tibia nail, left, 2024-01-05". */
char *itv_page_procedure(const ItvHealingPage *page);
/* "United. RUST 11 on day 168: united from 10 on." */
char *itv_page_healing(const ItvHealingPage *page);
/* The verdict asks for somebody's attention. */
gboolean itv_page_healing_alarms(const ItvHealingPage *page);
/* More than one point: worth drawing, not only listing. */
gboolean itv_page_curve_is_drawn(const ItvCurve *curve);
char *itv_page_made_by(const char *program, ItvDate made_on);

typedef struct {
  char *measure, *prior, *current, *change, *percent, *ci, *note;
} ItvChangeText;
ItvChangeText itv_change_text(const ItvPageChange *change);
void itv_change_text_clear(ItvChangeText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ItvChangeText, itv_change_text_clear)

/* `films`: ItvPicture. */
char *itv_healing_html(const ItvHealingPage *page, const GPtrArray *films);
GBytes *itv_healing_pdf(const ItvHealingPage *page, const GPtrArray *films, GError **error);

#endif
