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
/* What came out, in one or two sentences. */
char *itv_page_summary(const ItvComparisonPage *page);
/* Model, acceptance, similarity, or why there is none. */
char *itv_page_registration(const ItvPageRegistration *registration);
/* "Tibia nail, left, 2024-01-05". */
char *itv_page_procedure(const ItvHealingPage *page);
char *itv_page_made_by(const char *program, ItvDate made_on);

typedef struct {
  char *measure, *prior, *current, *change, *percent, *ci, *note;
} ItvChangeText;
ItvChangeText itv_change_text(const ItvPageChange *change);
void itv_change_text_clear(ItvChangeText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ItvChangeText, itv_change_text_clear)

char *itv_healing_html(const ItvHealingPage *page);
GBytes *itv_healing_pdf(const ItvHealingPage *page, GError **error);

#endif
