/* SPDX-License-Identifier: Apache-2.0
 *
 * base/json.h - json-c with its sharp edges covered: strict UTF-8 and syntax,
 * bounded depth, no NaN or infinity.  Of two members of one name the last counts.
 */
#ifndef ITV_BASE_JSON_H
#define ITV_BASE_JSON_H

#include <glib.h>
#include <json-c/json.h>

static inline void
itv_json_put(json_object *object)
{
  json_object_put(object);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_object, itv_json_put)

/* One whole document that is more than null; NULL with ITV_ERROR_INPUT and the byte
 * offset. */
json_object *itv_json_parse(const char *text, gssize length, GError **error);
/* With a trailing newline when pretty.  Owned. */
char *itv_json_text(json_object *object, gboolean pretty);
/* "quoted and escaped"; non-ASCII UTF-8 stays as it is. */
void itv_json_append_string(GString *out, const char *string);

/* Members; a NULL string becomes null, bytes that are not UTF-8 become U+FFFD.  `object` stays the
 * caller's. */
void itv_json_add_string(json_object *object, const char *key, const char *value);
/* char* of an array (NULL: none), each as above: appended to a list, or as a new one. */
void itv_json_append_strings(json_object *list, const GPtrArray *strings);
json_object *itv_json_strings(const GPtrArray *strings);
void itv_json_add_int(json_object *object, const char *key, gint64 value);
/* A non-finite value becomes null. */
void itv_json_add_double(json_object *object, const char *key, double value);
void itv_json_add_bool(json_object *object, const char *key, gboolean value);
/* Takes `value`; NULL becomes null. */
void itv_json_add(json_object *object, const char *key, json_object *value);

/* NULL when there is no such member or it is no string. */
const char *itv_json_get_string(json_object *object, const char *key);
/* NULL when there is none; borrowed. */
json_object *itv_json_get(json_object *object, const char *key);

#endif
