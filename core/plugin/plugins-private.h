/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/plugins-private.h - the registry's inside, for the code that runs jobs.
 */
#ifndef ITV_PLUGIN_PLUGINS_PRIVATE_H
#define ITV_PLUGIN_PLUGINS_PRIVATE_H

#include "plugin/plugins.h"
#include "plugin/process.h"
#include "plugin/schema.h"

#define ITV_MAX_RECORD_BYTES (G_GINT64_CONSTANT(256) << 20) /* of one job */
#define ITV_BUCKETS 60 /* of ITV_QUARANTINE_WINDOW_S / ITV_BUCKETS seconds each */

struct ItvPlugin {
  ItvPlugins *owner;
  ItvManifest *manifest;
  char *folder, *object;
  GHashTable *overrides; /* config key -> value */
  /* under owner->lock from here */
  char *signature; /* size, time and inode of object and resources at the last hashing */
  char *sha256, *config_hash;
  GPtrArray *idle; /* ItvProcess, warm */
  struct {
    gint64 slot;
    guint jobs;
  } recent[ITV_BUCKETS];
};

struct ItvPlugins {
  char *config_dir, *worker;
  ItvSchema *schema;
  ItvSpawner *spawner;
  GPtrArray *list;     /* ItvPlugin, sorted by id */
  GPtrArray *problems; /* char *, NULL at the end */
  char **wrapper;      /* debugger, NULL if none */
  ItvStrikeStore *own_store;
  const ItvStrikeStore *store;
  GMutex lock;
  char *warning;
};

/* A plugin of one folder, outside any registry's list. */
ItvPlugin *itv_plugin_load(ItvPlugins *owner, const char *folder, const char *object,
                           const char *xsd_path, GError **error);
void itv_plugin_unload(ItvPlugin *plugin);
/* The value in force; NULL if unset. */
const char *itv_plugin_config(const ItvPlugin *plugin, const ItvManifestConfig *config);
/* The file of the i-th resource, "{key}" in its path replaced by that configuration value
 * where the value may stand in a file's name.  Owned. */
char *itv_plugin_resource_path(const ItvPlugin *plugin, guint i);
/* It is optional, and the site has no such file. */
gboolean itv_plugin_resource_absent(const ItvPlugin *plugin, guint i);
/* Hashes of what would be loaded now; owned. FALSE with ITV_ERROR_CONFIG. */
gboolean itv_plugin_identity(ItvPlugin *plugin, char **ret_sha256, char **ret_config_hash,
                             GError **error);

/* ---- run.c ---- */
/* Sets the outcome's hashes.  FALSE after filling its class and message. */
gboolean itv_outcome_identify(ItvPlugin *plugin, ItvOutcome *outcome);

/* ---- probe.c ---- */
/* The score that one importer gives; 0 with a problem (owned) when it failed. */
gint64 itv_plugin_probe(ItvPlugin *plugin, const guint8 *head, gsize n, const char *name,
                        char **ret_problem);

/* ---- pool.c ---- */
/* A warm worker or a new one.  NULL after filling the outcome's class and message. */
ItvProcess *itv_pool_acquire(ItvPlugin *plugin, ItvOutcome *outcome);
void itv_pool_release(ItvPlugin *plugin, ItvProcess *process);
/* The worker's connection is gone: fills class, signal and message. */
void itv_pool_explain_death(ItvPlugin *plugin, ItvProcess *process, const char *when,
                            ItvOutcome *outcome);
/* A sentence about the plugin: "plugin ID VERSION ..." */
void itv_outcome_set(ItvOutcome *outcome, ItvOutcomeClass class, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
ItvOutcome *itv_outcome_new(const ItvPlugin *plugin);
/* Text of a worker, made fit for a message: valid UTF-8, no control characters. */
char *itv_clean_text(const char *text);

/* ---- strikes.c ---- */
/* FALSE after filling the outcome: the job must not run. */
gboolean itv_strikes_gate(ItvPlugin *plugin, ItvJob *job, ItvOutcome *outcome);
/* Has this build failed on an input of that size? */
gboolean itv_strikes_may_bar(const ItvPlugin *plugin, const ItvOutcome *outcome, guint64 bytes);
/* Counts an ended job; `input` "": the plugin failed before it saw one. */
void itv_strikes_count(ItvPlugin *plugin, const char *input, ItvOutcome *outcome);

#endif
