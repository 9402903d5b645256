/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/quarantine.h - who is not run again.  Pure policy; the memory it works
 * on is behind ItvStrikeStore.
 *
 *   - Two strikes by the same build of a plugin on the same input: that input is
 *     quarantined for that build.  A new build or another configuration starts
 *     afresh.
 *   - Three crashes in ten minutes switch the plugin off until a person turns it
 *     on, unless it is plainly working: crashes that are fewer than half of the jobs
 *     it ended in that time do not (a folder with three damaged files must not stop
 *     the import of ten thousand good ones).
 */
#ifndef ITV_PLUGIN_QUARANTINE_H
#define ITV_PLUGIN_QUARANTINE_H

#include "plugin/outcome.h"

#define ITV_QUARANTINE_STRIKES 2
#define ITV_QUARANTINE_CRASHES 3
#define ITV_QUARANTINE_WINDOW_S 600

typedef struct {
  const char *plugin; /* id */
  const char *build;  /* sha256 of the object, ":", configuration hash */
  const char *input;  /* itv_job_strike_key() */
  gint64 when_s;      /* Unix time */
  ItvOutcomeClass class;
  const char *message;
} ItvStrike;

/* Called with a lock held, from any thread; must not call back into ItvPlugins. */
typedef struct {
  void *data;
  void (*add)(void *data, const ItvStrike *strike);
  /* Strikes of that build on that input; `input` NULL: on any input; without the colon
   * and what follows it: on any of that size. */
  guint (*count)(void *data, const char *build, const char *input);
  /* Crashes (itv_quarantine_is_crash) of that plugin, whatever its build, at or
   * after `since_s` and after the last time a person switched it on. */
  guint (*crashes)(void *data, const char *plugin, gint64 since_s);
  /* TRUE with a reason (owned) while the plugin is switched off. */
  gboolean (*is_off)(void *data, const char *plugin, char **ret_reason);
  void (*switch_off)(void *data, const char *plugin, gint64 when_s, const char *reason);
} ItvStrikeStore;

/* Crash, hang, memory, forbidden, protocol: what costs a worker. */
gboolean itv_quarantine_is_crash(ItvOutcomeClass class);
gboolean itv_quarantine_input_is_barred(guint strikes_on_input);
/* `crashes` and `jobs` (all that ended, crashes included) in the window. */
gboolean itv_quarantine_must_switch_off(guint crashes, guint jobs);

/* Forgets everything when freed: for tests and for runs without a database. */
ItvStrikeStore *itv_strike_memory_new(void);
void itv_strike_memory_switch_on(ItvStrikeStore *store, const char *plugin, gint64 when_s);
void itv_strike_memory_free(ItvStrikeStore *store);

#endif
