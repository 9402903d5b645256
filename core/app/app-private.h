/* SPDX-License-Identifier: Apache-2.0
 *
 * app/app-private.h - what the files of the facade share.
 */
#ifndef ITV_APP_PRIVATE_H
#define ITV_APP_PRIVATE_H

#include "app/app.h"
#include "app/documents.h"
#include "app/strikes.h"
#include "base/xml.h"
#include "engine/derive.h"
#include "engine/escalation.h"
#include "engine/evidence.h"
#include "engine/exam.h"
#include "engine/linkage.h"
#include "engine/measures.h"
#include "plugin/plugins.h"
#include "store/db.h"
#include "store/journal.h"

typedef struct {
  char *config_file, *config_dir, *schema_dir, *worker;
  char *codes_file;      /* NULL: the site has no map of its codes */
  char *fulfilment_file; /* NULL: what is built in holds */
  GStrv plugin_dirs;
} ItvAppPaths;

/* The group of the image that was indexed last: the next one mostly belongs to it, too. */
typedef struct {
  guint64 transaction;
  char *key, *uid; /* uid: the least so far */
  gint64 group;
} ItvLastImage;

/* Who writes letters; members but language may be NULL. */
typedef struct {
  char *name, *address, *phone, *hours, *language;
} ItvAppSite;

struct ItvApp {
  ItvAppPaths paths;
  ItvDb *db; /* NULL without a database */
  ItvPlugins *plugins;
  ItvStrikes *strikes; /* NULL without a database */
  ItvExamLexicon *exams;
  ItvRules rules;
  ItvFulfilment *fulfilment; /* NULL: what is built in */
  ItvMeasureRules measures;
  ItvEscalation *escalation;
  ItvAppSite site;
  ItvLastImage last_image;
  GPtrArray *protocols;  /* ItvProtocol */
  GPtrArray *guidelines; /* ItvGuideline; NULL without a database */
  ItvFactLexicon *facts; /* NULL without a database, or where there is no such file */
  char *rules_hash;      /* of all configuration; NULL without a database */
  GStrv applied;         /* guidelines that apply without being asked */
  ItvLinkage *linkage;
  ItvProgress progress;
  gpointer progress_data;
};

/* Where the database is, or would be.  Owned. */
char *itv_app_database_path(const ItvAppOptions *options);

void itv_app_say(ItvApp *app, const char *what, guint64 done, guint64 total);

/* The plugin of that kind; NULL with ITV_ERROR_PLUGIN that says what to do. */
ItvPlugin *itv_app_plugin_for(ItvApp *app, const char *kind, GError **error);

/* ---- history.c: families out of the journal -------------------------------- */

/* All that the journal knows of a family. */
ItvHistory *itv_app_history(ItvApp *app, gint64 family, GError **error);
/* The one family that holds that patient; ITV_ERROR_NOT_FOUND when none or, with
 * the issuers to choose from, several do. */
gboolean itv_app_family_of_patient(ItvApp *app, const char *patient, gint64 *ret_family,
                                   GError **error);
/* Whose history is meant by "ID" or "ID^^^ISSUER": the person for whom that id
 * stands on that day.  ITV_ERROR_USAGE where it stands for several. */
gboolean itv_app_person_asked(const ItvHistory *history, const char *patient, ItvDate as_of,
                              guint *ret_person, GError **error);
/* Both parts of "ID^^^ISSUER"; *ret_issuer NULL for a bare id.  Owned.  ITV_ERROR_USAGE
 * for an empty id. */
gboolean itv_app_split_patient(const char *patient, char **ret_id, char **ret_issuer,
                               GError **error);
/* For what is written about a patient: a bare id bears the issuer under which it is
 * known; ITV_ERROR_USAGE where several use it. */
gboolean itv_app_resolve_patient(ItvApp *app, const char *patient, char **ret_id, char **ret_issuer,
                                 GError **error);
gboolean itv_app_family_of_study(ItvApp *app, const char *study, gint64 *ret_family,
                                 GError **error);
typedef struct {
  gint64 seq;
  const char *uid, *known; /* known: NULL when the row has none */
  const ItvRecords *records;
} ItvIndexRow;
/* Puts an evidence row into the derived index: patients, families, images, study keys. */
gboolean itv_app_index(ItvApp *app, const ItvIndexRow *row, GError **error);

/* ---- parsing.c ---------------------------------------------------------------- */

/* Digest of the inputs of the job that reads that report of a journal row; owned. */
char *itv_app_report_inputs(ItvApp *app, const ItvRecords *records, const itv_record *report);

/* Runs queued parse jobs, those included that an interrupted run left behind;
 * `failures` gains a JSON object for each that failed, `notes` (or NULL) one for each
 * contradiction in a report, *ret_found what was found. */
gboolean itv_app_run_parse_jobs(ItvApp *app, json_object *failures, json_object *notes,
                                gint64 *ret_found, GError **error);

/* Queues reports again whose exam is another one by now: the words or the codes of
 * the configuration have changed.  Within a transaction. */
gboolean itv_app_requeue_changed(ItvApp *app, const char *uid, const ItvRecords *records,
                                 GError **error);

/* ---- rules.c ---------------------------------------------------------------------- */

/* Every file of the configuration, ItvWalkFile; owned. */
GPtrArray *itv_app_config_files(const ItvApp *app);
/* Guidelines, facts and which guidelines apply; `followup` is the configuration's element,
 * NULL: there is none. */
gboolean itv_app_read_guidelines(ItvApp *app, const ItvXml *followup, GError **error);

/* ---- followups.c --------------------------------------------------------------- */

/* Derives anew whatever is stale for that day. */
gboolean itv_app_refresh(ItvApp *app, ItvDate as_of, GError **error);
/* A family that was due: its history, and its items (JSON, char *) as of that day. */
typedef struct {
  const ItvHistory *history;
  const GPtrArray *documents;
  ItvDate as_of;
} ItvAppFamily;
/* The same; each family that was due is shown. */
typedef gboolean (*ItvAppFamilyEach)(ItvApp *app, const ItvAppFamily *family, gpointer data,
                                     GError **error);
gboolean itv_app_refresh_each(ItvApp *app, ItvDate as_of, ItvAppFamilyEach each, gpointer data,
                              GError **error);
/* The item whose id begins so, as of that day; `ret_item` belongs to `ret_items`. */
gboolean itv_app_find_item(ItvApp *app, const char *item, ItvDate as_of, ItvHistory **ret_history,
                           GPtrArray **ret_items, ItvFollowup **ret_item, GError **error);

#endif
