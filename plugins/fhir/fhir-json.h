/* SPDX-License-Identifier: Apache-2.0
 *
 * fhir-json.h - json-c for one resource: strict syntax and UTF-8, bounded size and
 * depth, no NaN, no NUL, no name twice in an object.  Nothing else calls json-c.
 */
#ifndef FHIR_JSON_H
#define FHIR_JSON_H

#include <glib.h>

#include "fhir-scan.h"

typedef struct json_object Json;

Json *json_ref(Json *json);
void json_unref(Json *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Json, json_unref)

/* NULL with a reason (owned).  Owned. */
Json *json_read(const char *text, Span span, char **ret_problem);

/* Everything below takes NULL and answers NULL, 0 or FALSE for what is not there
 * or of another type; what it answers is borrowed. */
Json *json_get(Json *object, const char *name);
/* "a.b.c": each a member, of an array the first element. */
Json *json_at(Json *object, const char *path);
const char *json_text(Json *value); /* a string that is not empty */
const char *json_text_at(Json *object, const char *path);
/* Elements of an array; anything else but null counts as an array of one. */
gsize json_count(Json *value);
Json *json_item(Json *value, gsize i);
gboolean json_number(Json *value, double *ret);
gboolean json_boolean(Json *value, gboolean *ret);
gboolean json_is_object(Json *value);

#endif
