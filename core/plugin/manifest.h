/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/manifest.h - plugin.xml: all that is known of a plugin before any of
 * its code is loaded.  Schema: schemas/plugin.xsd.
 */
#ifndef ITV_PLUGIN_MANIFEST_H
#define ITV_PLUGIN_MANIFEST_H

#include <glib.h>

typedef struct {
  char *id;        /* "interval.importer/1" */
  int priority;    /* lower comes first among equals */
  char *signature; /* importers: a file with this at byte `at` is theirs; NULL: ask probe() */
  gsize at;
} ItvManifestKind;

typedef struct {
  char *key, *fallback; /* fallback: the manifest's default, NULL if none */
} ItvManifestConfig;

typedef struct {
  char *name, *path; /* path below the configuration folder, never out of it */
  gboolean optional; /* the file may be missing */
} ItvManifestResource;

typedef struct {
  char *id, *version, *name, *vendor, *license;
  GPtrArray *kinds;     /* ItvManifestKind */
  GPtrArray *config;    /* ItvManifestConfig, sorted by key */
  GPtrArray *resources; /* ItvManifestResource, sorted by name */
  guint memory_mib;     /* what the plugin may allocate itself: 512 */
  guint volume_mib;     /* all volumes it makes in one job: 2048 */
  guint deadline_s;     /* wall clock of one job: 30 */
  guint threads;        /* 1 */
  guint records;        /* of one job: 10000 */
  gboolean jit;         /* may map executable memory */
} ItvManifest;

/* NULL with ITV_ERROR_CONFIG: file, line, what was expected. */
ItvManifest *itv_manifest_read(const char *path, const char *xsd_path, GError **error);
void itv_manifest_free(ItvManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvManifest, itv_manifest_free)

/* NULL when the plugin does not offer that kind. */
const ItvManifestKind *itv_manifest_kind(const ItvManifest *manifest, const char *kind);

#endif
