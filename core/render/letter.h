/* SPDX-License-Identifier: Apache-2.0
 *
 * render/letter.h - a letter as a page (HTML) and on paper (PDF, A4).  The same
 * input always gives the same bytes (with the same fonts).
 */
#ifndef ITV_RENDER_LETTER_H
#define ITV_RENDER_LETTER_H

#include "base/date.h"

/* Everything is borrowed and may be NULL; texts are UTF-8, hostile until escaped here.
 * Lines of a text are parted by \n. */
typedef enum {
  ITV_SHEET_SENDER = 1,
  ITV_SHEET_RECIPIENT,
  ITV_SHEET_SUBJECT,
  ITV_SHEET_TEXT,
  ITV_SHEET_QUOTE,
  ITV_SHEET_CALL,
  ITV_SHEET_SIGNATURE,
} ItvSheetKind;

typedef struct {
  ItvSheetKind kind;
  const char *text;
} ItvSheetPart;

typedef struct {
  const char *title, *language;
  const char *foot; /* at the end of every page: whose letter it is */
  ItvDate made_on;
  const ItvSheetPart *parts;
  gsize n_parts;
} ItvSheet;

char *itv_sheet_html(const ItvSheet *sheet); /* owned */
GBytes *itv_sheet_pdf(const ItvSheet *sheet, GError **error);
/* Writes NAME.html and NAME.pdf into `dir` (made when absent); *ret_paths: char *, in
 * that order. */
gboolean itv_sheet_write(const ItvSheet *sheet, const char *dir, const char *name,
                         GPtrArray **ret_paths, GError **error);

#endif
