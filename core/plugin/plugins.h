/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/plugins.h - the plugins of this installation, and running jobs in them.
 *
 * A plugin is a folder NAME with NAME.so and plugin.xml.  Listing reads
 * manifests only.  Code runs only in interval-worker, one warm process per
 * plugin and concurrent job; a dead one is replaced when it is next needed.
 *
 * Threads: after open() and the set_ calls, run() and probe() may be called from
 * several threads at once; each job gets a worker of its own.
 */
#ifndef ITV_PLUGIN_PLUGINS_H
#define ITV_PLUGIN_PLUGINS_H

#include <gio/gio.h>

#include "plugin/job.h"
#include "plugin/manifest.h"
#include "plugin/outcome.h"
#include "plugin/quarantine.h"

typedef struct ItvPlugins ItvPlugins;
typedef struct ItvPlugin ItvPlugin;

typedef struct {
  const char *const *plugin_dirs; /* NULL-terminated; the first one that has an id wins */
  const char *config_dir;         /* where <resource path=> begin */
  const char *schema_dir;         /* records.xml, records.xsd, plugin.xsd */
  const char *worker;             /* the program interval-worker */
} ItvPluginPaths;

/* Fails only when the schemas or the worker are missing or broken: a plugin whose
 * manifest is invalid is left out and named in itv_plugins_problems(). */
ItvPlugins *itv_plugins_open(const ItvPluginPaths *paths, GError **error);
/* No job may be running.  Ends all workers. */
void itv_plugins_close(ItvPlugins *plugins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvPlugins, itv_plugins_close)

/* One sentence for each folder that was left out; NULL-terminated, borrowed. */
const char *const *itv_plugins_problems(const ItvPlugins *plugins);
/* Borrowed; must outlive `plugins`.  Without one, strikes last for the process. */
void itv_plugins_set_strike_store(ItvPlugins *plugins, const ItvStrikeStore *store);
/* For debuggers: workers run unconfined, without deadlines, with our stdin, stdout
 * and stderr, below `wrapper` ({"gdb", "--args", NULL}; empty: none). */
void itv_plugins_set_debugger(ItvPlugins *plugins, const char *const *wrapper);
/* Overrides a manifest's default.  FALSE with ITV_ERROR_CONFIG when there is
 * no such plugin or key. */
gboolean itv_plugins_set_config(ItvPlugins *plugins, const char *plugin_id, const char *key,
                                const char *value, GError **error);

/* ItvPlugin, sorted by id; borrowed. */
const GPtrArray *itv_plugins_list(const ItvPlugins *plugins);
/* NULL when there is none. */
ItvPlugin *itv_plugins_find(const ItvPlugins *plugins, const char *id);
/* The plugin of that kind with the lowest priority number, then the lowest id; NULL if none. */
ItvPlugin *itv_plugins_for_kind(const ItvPlugins *plugins, const char *kind);

const ItvManifest *itv_plugin_manifest(const ItvPlugin *plugin);
const char *itv_plugin_folder(const ItvPlugin *plugin);
const char *itv_plugin_object(const ItvPlugin *plugin); /* path of the .so */
/* SHA-256 of the shared object; NULL when it cannot be read.  Kept; computed
 * anew when the file has changed.  Owned. */
char *itv_plugin_sha256(ItvPlugin *plugin);
/* SHA-256 over configuration values and the bytes of the resources. Owned. */
char *itv_plugin_config_hash(ItvPlugin *plugin);
/* What the worker could not do to confine itself on this machine ("Landlock is
 * not available ..."), known once a worker has run; NULL if nothing. Owned. */
char *itv_plugins_confinement_warning(ItvPlugins *plugins);

/* The importer that is surest of a file, from its first n <= 4096 bytes; NULL when none
 * gives more than 0.  `name` is the file's name, for a weak hint only.
 * Equal scores: priority, then id.  A signature (plugin.xml) counts as 100 without asking. */
ItvPlugin *itv_plugins_probe(ItvPlugins *plugins, const guint8 *head, gsize n, const char *name);

/* Adds the records of JSON that a person wrote (the form of base/record.h; a whole number will do
 * where records.xml has f64).  FALSE with ITV_ERROR_INPUT: which record, what was expected. */
gboolean itv_plugins_add_json(const ItvPlugins *plugins, ItvJob *job, const char *json,
                              GError **error);

typedef void (*ItvProgressFunc)(void *data, double fraction);

/* Runs the job and waits for its end.  Never NULL.  `cancellable`, `progress`
 * may be NULL; progress is called in this thread. */
ItvOutcome *itv_plugins_run(ItvPlugins *plugins, ItvPlugin *plugin, const char *kind, ItvJob *job,
                            GCancellable *cancellable, ItvProgressFunc progress, void *data);

typedef struct {
  int fd; /* of a regular file, open for reading only; stays the caller's */
  const char *name;
} ItvBatchFile;

/* One job for each file, with the same outcomes as if each were run alone, but in few
 * exchanges with a worker.  ret_outcomes[n]: owned, none NULL. */
void itv_plugins_run_files(ItvPlugins *plugins, ItvPlugin *plugin, const char *kind,
                           const ItvBatchFile *files, gsize n, ItvOutcome **ret_outcomes);

#endif
