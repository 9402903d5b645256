/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/check.h - for those who write plugins: the conformance kit, and the
 * skeleton to begin with.
 */
#ifndef ITV_PLUGIN_CHECK_H
#define ITV_PLUGIN_CHECK_H

#include "plugin/plugins.h"

typedef enum { ITV_CHECK_PASS, ITV_CHECK_WARN, ITV_CHECK_FAIL, ITV_CHECK_SKIP } ItvCheckGrade;

/* `what`: the check, a few words; `detail`: why, and what to do; "" for a plain pass. */
typedef void (*ItvCheckReport)(void *data, ItvCheckGrade grade, const char *what,
                               const char *detail);

/* Grades the plugin at `object` (path of its .so, plugin.xml beside it).
 * An importer is also given the files of a folder "samples" beside it; a kind that takes
 * records or a text those of "samples/KIND" (measurement, recommendation, quality, healing):
 * NAME.json with records, NAME.txt with the text, or both for one job.
 * `plugin_dirs` of the paths is not used.  TRUE when nothing failed; FALSE with
 * `error` unset when a check failed, with `error` set when checking itself was not
 * possible. */
gboolean itv_plugin_check(const ItvPluginPaths *paths, const char *object, ItvCheckReport report,
                          void *data, GError **error);

/* Writes NAME.c, plugin.xml, CMakeLists.txt, README.md and a sample into the new folder
 * `dir`/NAME.  `name`: lower-case letters, digits, "-"; begins with a letter. */
gboolean itv_plugin_new(const char *name, const char *dir, GError **error);

#endif
