/* SPDX-License-Identifier: Apache-2.0
 *
 * app/app.h - the one facade over engine, plugins and store: the command line
 * and the web call nothing else.  Answers are JSON documents as the outside
 * contract (section 2) gives them, owned by the caller.
 */
#ifndef ITV_APP_APP_H
#define ITV_APP_APP_H

#include "base/date.h"
#include "base/json.h"

typedef struct ItvApp ItvApp;

/* NULL members are found by themselves: the database in $INTERVAL_DB, else
 * $XDG_DATA_HOME/interval/interval.db; the rest beside the program or below
 * $INTERVAL_HOME. */
typedef struct {
  const char *program; /* argv[0]'s real path */
  const char *db;
  const char *config;   /* interval.xml; resources are looked up beside it first */
  gboolean no_database; /* parse, register, plugin ... need none */
} ItvAppOptions;

ItvApp *itv_app_open(const ItvAppOptions *options, GError **error);
void itv_app_close(ItvApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvApp, itv_app_close)

/* Long work says how far it is.  `what` is a few words; `total` 0: unknown. */
typedef void (*ItvProgress)(gpointer data, const char *what, guint64 done, guint64 total);
void itv_app_set_progress(ItvApp *app, ItvProgress progress, gpointer data);

/* ---- intake ---------------------------------------------------------------- */

/* For files that say nothing of the patient (NIfTI); members may be NULL. */
typedef struct {
  const char *patient; /* ID or ID^^^ISSUER */
  const char *date;
  const char *modality, *region, *description, *accession;
} ItvImportHints;
/* *ret_partial: some inputs were rejected or some jobs failed. */
json_object *itv_app_import(ItvApp *app, const char *const *paths, gsize n,
                            const ItvImportHints *hints, gboolean *ret_partial, GError **error);
json_object *itv_app_report_add(ItvApp *app, const ItvImportHints *hints, const char *text,
                                const char *source, gboolean *ret_partial, GError **error);

/* ---- reading a report ------------------------------------------------------- */

typedef struct {
  const char *date, *modality, *region, *laterality, *description; /* may be NULL */
  gboolean explain; /* "trace": how the text was read */
} ItvParseContext;
/* {"recommendations","statements","findings","contradictions"}. */
json_object *itv_app_parse(ItvApp *app, const char *text, gssize length,
                           const ItvParseContext *context, GError **error);

/* A member of "findings" in a few words: "nodule, RUL: 8 x 6 mm, was 6 x 5 mm".  Owned. */
char *itv_app_finding_words(json_object *finding);

/* ---- follow-ups ------------------------------------------------------------- */

typedef struct {
  ItvDate as_of;               /* ITV_DATE_NONE: today */
  const char *const *statuses; /* NULL: every open one */
  const char *patient;         /* NULL: all */
  gboolean all;                /* also fulfilled, closed and clinical ones */
  /* A page: `limit` items (0: all) from the top, or behind the item of the id `after`, or behind
   * the first `offset`.  Pages that follow each other by `after` take the same time. */
  guint64 limit, offset;
  const char *after;
} ItvWorklistQuery;
/* *ret_counts, where it is not NULL: how many of each status there are in all, {"overdue":
 * 3, ...} in order of urgency; owned. */
json_object *itv_app_worklist(ItvApp *app, const ItvWorklistQuery *query, json_object **ret_counts,
                              GError **error);
/* Reports whose recommendations are in no worklist yet: that another
 * process is reading, and that could not be read. */
gboolean itv_app_unread(ItvApp *app, gint64 *ret_waiting, gint64 *ret_failed, GError **error);
json_object *itv_app_why(ItvApp *app, const char *item, ItvDate as_of, GError **error);

/* Open imaging items of a patient in the fewest visits. */
typedef struct {
  const char *patient; /* NULL: all */
  const char *within;  /* period from as_of; NULL: P1Y */
  ItvDate as_of;       /* ITV_DATE_NONE: today */
  gboolean all;        /* also visits that serve one item only */
} ItvVisitsQuery;
json_object *itv_app_visits(ItvApp *app, const ItvVisitsQuery *query, GError **error);

/* Exams that are booked although nothing asks for them any more, or not so soon. */
json_object *itv_app_overuse(ItvApp *app, const char *patient, ItvDate as_of, GError **error);

/* A letter about an item, as HTML and PDF; members may be NULL. */
typedef struct {
  const char *item;
  const char *to;       /* patient (default), referrer: the template's name */
  const char *language; /* default: the configuration's */
  const char *out_dir;  /* default: here */
  ItvDate as_of;        /* ITV_DATE_NONE: today */
  gboolean sent;        /* record that it was sent, as a contact */
  const char *by, *at;  /* of the contact */
} ItvLetterInput;
json_object *itv_app_letter(ItvApp *app, const ItvLetterInput *letter, GError **error);

/* What is to be done by that day, for each owner the most urgent first and no more a
 * day than the configured cap. */
typedef struct {
  ItvDate as_of;     /* ITV_DATE_NONE: today */
  const char *owner; /* NULL: of all */
  gboolean unowned;  /* only what nobody cares for */
  gboolean no_cap;
} ItvQueueQuery;
json_object *itv_app_queue(ItvApp *app, const ItvQueueQuery *query, GError **error);

/* How well the loop is closed; date members ITV_DATE_NONE: today, no limit. */
typedef struct {
  ItvDate as_of, from, until; /* from, until: of the recommendation */
  const char *by;             /* "reader,region"; NULL: one group */
  const char *period;         /* month, quarter, year; NULL: quarter */
  gboolean protocols;         /* visits of protocols instead of recommendations */
} ItvMeasuresQuery;
json_object *itv_app_measures(ItvApp *app, const ItvMeasuresQuery *query, GError **error);

/* What a person says about an item; members that do not apply are NULL. */
typedef struct {
  const char *action; /* code of records.xml: close, reopen, confirm ... */
  const char *item;   /* id or an unambiguous beginning of it */
  const char *reason, *note, *study, *interval, *latest;
  const char *owner;                /* assign; NULL: nobody any more */
  const char *whom, *how, *outcome; /* contact */
  const char *sha256;               /* of the letter that was sent */
  const char *next, *on;            /* next: what and when; NULL: no plan any more */
  const char *by;                   /* NULL: the login name */
  const char *at;                   /* NULL: now */
} ItvDecisionInput;
json_object *itv_app_decide(ItvApp *app, const ItvDecisionInput *decision, GError **error);

/* What somebody knows of a patient ("ID" or "ID^^^ISSUER"), or of one item of theirs:
 * `facts` are "name=value".  Answers with the facts and the items that now stand. */
json_object *itv_app_fact(ItvApp *app, const char *patient, const char *const *facts,
                          const char *item, const char *by, const char *at, GError **error);

/* ---- patients --------------------------------------------------------------- */

json_object *itv_app_procedure_add(ItvApp *app, const char *patient, const char *protocol,
                                   const char *date, const char *laterality, const char *by,
                                   const char *at, GError **error);
/* action: "link" (the two are one person) or "unlink"; ids as ID^^^ISSUER or ID. */
json_object *itv_app_identity(ItvApp *app, const char *action, const char *patient,
                              const char *other, const char *by, const char *at, GError **error);
/* Ids that may be one person and about which nobody has decided; heaviest first. */
typedef struct {
  const char *patient; /* NULL: all */
  const char *zone;    /* certain, uncertain; NULL: both */
  double min_weight;   /* bits */
} ItvCandidateQuery;
json_object *itv_app_identity_candidates(ItvApp *app, const ItvCandidateQuery *query,
                                         GError **error);
json_object *itv_app_timeline(ItvApp *app, const char *patient, ItvDate as_of, GError **error);
json_object *itv_app_healing(ItvApp *app, const char *patient, const char *procedure,
                             const char *out_dir, GError **error);

/* ---- comparison ------------------------------------------------------------- */

json_object *itv_app_priors(ItvApp *app, const char *study, GError **error);
/* Two exams by their descriptions alone; members but one of description and code
 * may be NULL.  Needs no database. */
typedef struct {
  const char *description, *code, *modality, *date;
} ItvPriorDescription;
json_object *itv_app_priors_pair(ItvApp *app, const ItvPriorDescription *current,
                                 const ItvPriorDescription *prior, GError **error);
/* `prior` NULL: the best one.  `out_dir` NULL: no pictures. */
json_object *itv_app_compare(ItvApp *app, const char *current, const char *prior,
                             const char *out_dir, GError **error);
typedef struct {
  const char *fixed, *moving;                /* files or folders */
  const char *model;                         /* rigid, affine, deformable */
  const char *points, *points_out, *out_dir; /* may be NULL */
  guint threads;                             /* 0: one per core */
} ItvRegisterInput;
json_object *itv_app_register(ItvApp *app, const ItvRegisterInput *input, GError **error);

/* ---- plugins ---------------------------------------------------------------- */

json_object *itv_app_plugin_list(ItvApp *app, GError **error);
json_object *itv_app_plugin_check(ItvApp *app, const char *object, gboolean *ret_failed,
                                  GError **error);
/* Runs one job on a plugin that need not be installed: `kind` NULL takes its
 * only one. */
typedef struct {
  const char *object; /* path of the .so */
  const char *kind;
  const char *const *files; /* sources */
  gsize n_files;
  const char *text, *records_json; /* may be NULL */
  const char *debugger; /* NULL: confined as always; "": unconfined; else "gdb --args" ... */
} ItvPluginRun;
json_object *itv_app_plugin_run(ItvApp *app, const ItvPluginRun *run, GError **error);
json_object *itv_app_plugin_new(const char *name, const char *dir, GError **error);
json_object *itv_app_plugin_on(ItvApp *app, const char *id, GError **error);
json_object *itv_app_config_check(ItvApp *app, GError **error);

/* ---- guidelines --------------------------------------------------------------- */

/* `files`: paths, or ids of installed guidelines; none: all that are installed.
 * *ret_faulty: some file has an error, all of which are in the document. */
json_object *itv_app_guideline_check(ItvApp *app, const char *const *files, gboolean *ret_faulty,
                                     GError **error);
/* One case: `values` are "name=value".  `on`: the exam's date, for a calendar; ITV_DATE_NONE: none.
 */
json_object *itv_app_guideline_run(ItvApp *app, const char *file, const char *const *values,
                                   ItvDate on, GError **error);
/* A guideline of ours in another format: {"file","format","xml"}. */
json_object *itv_app_guideline_export(ItvApp *app, const char *file, GError **error);
/* Has it grown from one size to the other ("6mm", "12x9mm", "340mm3"), by each of the
 * guideline's own definitions?  `days` 0: not known. */
json_object *itv_app_guideline_grown(ItvApp *app, const char *file, const char *prior,
                                     const char *current, gint32 days, GError **error);
json_object *itv_app_guideline_list(ItvApp *app, GError **error);

/* ---- the database ----------------------------------------------------------- */

/* *ret_sound FALSE: "faults" says what is wrong.  "failed" names the reports that
 * could not be read. */
json_object *itv_app_verify(ItvApp *app, gboolean *ret_sound, GError **error);
json_object *itv_app_rebuild(ItvApp *app, GError **error);
json_object *itv_app_backup(ItvApp *app, const char *path, GError **error);
/* Puts a backup in the place of the database, which is kept beside it, damaged or not. */
json_object *itv_app_restore(const ItvAppOptions *options, const char *path, GError **error);

#endif
