/* SPDX-License-Identifier: Apache-2.0
 *
 * cli/text.h - reading input and writing tables.
 */
#ifndef ITV_CLI_TEXT_H
#define ITV_CLI_TEXT_H

#include "base/json.h"

/* A whole file, or standard input for "-".  Owned. */
char *itv_cli_read_text(const char *path, gsize *ret_length, GError **error);

/* JSON Lines in, JSON Lines out: `answer` gets each object and gives one (owned) or
 * an error; its members are printed behind the line's "id", `member` (may be NULL) first
 * and, as null, also where there is no answer.  A bad line is
 * answered with "error", named on stderr and does not stop the rest (*ret_exit becomes 1).  Always
 * NULL; *error only where the input cannot be read. */
typedef json_object *(*ItvCliAnswer)(gpointer data, json_object *in, GError **error);
json_object *itv_cli_json_lines(const char *path, const char *member, ItvCliAnswer answer,
                                gpointer data, int *ret_exit, GError **error);

/* Columns as wide as their widest cell; cells are borrowed strings, NULL prints "-". */
void itv_cli_table(const char *const *head, const char *const *cells, gsize n_columns,
                   gsize n_rows);

/* The member as text: "" for null. Arrays of strings are joined by ", ".  Owned. */
char *itv_cli_member(json_object *object, const char *key);
/* Names on stderr what stands in that list of the document: {"path", "reason" or
 * "note"}.  A NULL document has none. */
void itv_cli_name_problems(json_object *document, const char *list, const char *what);
/* "DOE^JANE^A" as "DOE, JANE A".  Owned. */
char *itv_cli_person_name(const char *name);

/* On a terminal: the last cell of every row cut to what is left of the line. */
void itv_cli_clip_last(GPtrArray *cells, const char *const *head, gsize n_columns);
/* Columns of the terminal that stdout is; 0: it is none, and nothing is wrapped. */
guint itv_cli_width(void);
/* One paragraph, wrapped at words to the terminal. */
void itv_cli_print(guint indent, const char *text);

/* Edits from one word to the other. */
guint itv_cli_distance(const char *a, const char *b);
/* From how many edits on a word is no slip of another one. */
guint itv_cli_tolerance(const char *word);

#endif
