/* SPDX-License-Identifier: Apache-2.0
 *
 * How the program behaves with very many patients.
 *
 *   scale make DB N [SEED]   a database of N synthetic patients with three reports each, an
 *                            item in each of them
 *   scale measure DB [N]     pages of the worklist, `why`, one new report: N times each
 *
 * The evidence is what an import stores: a few messages are imported through the
 * plugins, and what the journal and the jobs then hold is written again and again with
 * other ids, names, dates and accession numbers, through the journal, the index and
 * the job table as an import uses them.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "app/app-private.h"
#include "app/linkage.h"
#include "base/error.h"
#include "store/jobrow.h"

#define COMMIT_EVERY 5000 /* patients */

/* ---- templates --------------------------------------------------------------------------- */

/* What is exchanged in a template, by what; dates stand in JSON and HL7 spelling. */
enum { ID, ACCESSION, CONTROL, NAME, BIRTH, BIRTH_7, DAY, DAY_7, N_SLOTS };
static const char *const tokens[N_SLOTS] = {"SYNTH00000000",     "ACC0000000000", "CTL000000000",
                                            "QQQQQQQQ^ZZZZZZZZ", "1901-01-01",    "19010101",
                                            "2001-02-03",        "20010203"};

typedef struct {
  GPtrArray *parts; /* char *: literal texts */
  GArray *slots;    /* guint: what stands between two of them */
} Text;

typedef struct {
  Text records, label, raw, known;
  char *result; /* of the recommendation plugin */
} Template;

static Text
text_new(const char *s)
{
  Text t = {g_ptr_array_new_with_free_func(g_free), g_array_new(FALSE, FALSE, sizeof(guint))};
  const char *start = s;
  while (*s) {
    guint slot = 0;
    while (slot < N_SLOTS && !g_str_has_prefix(s, tokens[slot]))
      slot++;
    if (slot == N_SLOTS) {
      s++;
      continue;
    }
    g_ptr_array_add(t.parts, g_strndup(start, (gsize)(s - start)));
    g_array_append_val(t.slots, slot);
    start = s += strlen(tokens[slot]);
  }
  g_ptr_array_add(t.parts, g_strdup(start));
  return t;
}

static void
text_fill(const Text *t, const char *const *values, GString *out)
{
  g_string_truncate(out, 0);
  for (guint i = 0; i < t->parts->len; i++) {
    g_string_append(out, t->parts->pdata[i]);
    if (i < t->slots->len)
      g_string_append(out, values[g_array_index(t->slots, guint, i)]);
  }
}

/* ---- the messages -------------------------------------------------------------------------- */

static const struct {
  const char *code, *exam, *modality, *findings, *impression;
} reports[] = {
    {"CTCH", "CT CHEST WITHOUT CONTRAST", "CT",
     "There is a 7 mm solid nodule in the right upper lobe. No pleural effusion. The heart is of "
     "normal size. No enlarged mediastinal lymph nodes. Degenerative changes of the spine.",
     "1. Pulmonary nodule, 7 mm. Recommend follow-up chest CT in 6 months."},
    {"USTH", "US THYROID", "US",
     "The right lobe measures 5.2 x 1.8 x 1.6 cm. A 14 mm solid hypoechoic nodule is seen in the "
     "right mid pole. The left lobe is homogeneous. No enlarged cervical lymph nodes.",
     "1. Thyroid nodule, 14 mm. Recommend thyroid ultrasound in 12 months."},
    {"MRPA", "MR ABDOMEN WITH AND WITHOUT CONTRAST", "MR",
     "There is a 12 mm cystic lesion in the body of the pancreas without a solid component. The "
     "main pancreatic duct is not dilated. The liver, spleen and kidneys are unremarkable.",
     "1. Pancreatic cyst, 12 mm, likely branch duct IPMN. Recommend MRI of the pancreas in 1 "
     "year."},
    {"CTAB", "CT ABDOMEN AND PELVIS WITH CONTRAST", "CT",
     "A 22 mm left adrenal nodule measures 18 HU. The liver enhances homogeneously. No "
     "hydronephrosis. No free fluid. The appendix is normal. Sigmoid diverticulosis.",
     "1. Left adrenal nodule, indeterminate. Recommend adrenal protocol CT in 3 months."},
    {"XRKN", "XR KNEE LEFT 2 VIEWS", "XR",
     "Nondisplaced fracture of the lateral tibial plateau with early callus. Joint effusion. "
     "Alignment is anatomic.",
     "1. Healing fracture of the left tibial plateau. Follow-up radiographs of the left knee in 6 "
     "weeks."},
    {"CTCH", "CT CHEST WITHOUT CONTRAST", "CT",
     "The 7 mm nodule in the right upper lobe is unchanged. No new nodule. The airways are patent.",
     "1. Stable pulmonary nodule. Recommend follow-up chest CT in 12 months."},
};

static gboolean
write_messages(const char *dir, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS(reports); i++) {
    g_autofree char *name = g_strdup_printf("%s/%u.hl7", dir, i);
    g_autofree char *text = g_strdup_printf(
        "MSH|^~\\&|RIS|SITE|INTERVAL|SITE|20010203101500||ORU^R01|CTL000000000|P|2.5.1\r"
        "PID|1||SYNTH00000000^^^SITE||QQQQQQQQ^ZZZZZZZZ||19010101|F\r"
        "OBR|1||ACC0000000000|%s^%s|||20010203093000|||||||||||||||20010203101000||%s|F\r"
        "OBX|1|TX|FINDINGS^FINDINGS||%s||||||F\rOBX|2|TX|IMPRESSION^IMPRESSION||%s||||||F\r",
        reports[i].code, reports[i].exam, reports[i].modality, reports[i].findings,
        reports[i].impression);
    if (!g_file_set_contents(name, text, -1, error))
      return FALSE;
  }
  return TRUE;
}

typedef struct {
  ItvApp *app;
  GArray *templates; /* Template */
  ItvJobRowMade made;
} Made;

static gboolean
add_template(const ItvJournalRow *row, gpointer data, GError **error)
{
  Made *made = data;
  g_autofree char *subject = itv_report_uid(row->uid, 0);
  g_autoptr(ItvJobRow) job = NULL;
  if (!itv_jobrow_find(made->app->db, ITV_KIND_RECOMMENDATION, subject, &job, error) || !job)
    return FALSE;
  g_autoptr(ItvQuery) q = itv_db_query(
      made->app->db, error, "SELECT CAST(bytes AS TEXT) FROM raw WHERE seq = ?1", "i", row->seq);
  if (!q || itv_query_step(q, error) != 1)
    return FALSE;
  const char *raw = itv_query_text(q, 0);
  const Template t = {text_new(row->records), text_new(row->label), text_new(raw ? raw : ""),
                      text_new(row->known), g_strdup(job->records)};
  g_array_append_val(made->templates, t);
  made->made = (ItvJobRowMade){g_strdup(job->plugin), g_strdup(job->plugin_version),
                               g_strdup(job->plugin_sha256), g_strdup(job->plugin_config), NULL};
  return TRUE;
}

/* Imports the messages into a database of their own and takes what came of it. */
static gboolean
learn(const char *program, Made *made, GError **error)
{
  g_autofree char *dir = g_dir_make_tmp("itv-scale-XXXXXX", error);
  if (!dir || !write_messages(dir, error))
    return FALSE;
  g_autofree char *db = g_build_filename(dir, "templates.db", NULL);
  const ItvAppOptions options = {.program = program, .db = db};
  g_autoptr(ItvApp) app = itv_app_open(&options, error);
  gboolean partial = FALSE;
  const char *paths[] = {dir};
  json_object *o = app ? itv_app_import(app, paths, 1, NULL, &partial, error) : NULL;
  if (!o)
    return FALSE;
  json_object_put(o);
  made->app = app;
  const gboolean ok = itv_journal_foreach(app->db, 0, add_template, made, error);
  made->app = NULL;
  g_autofree char *clean = g_strdup_printf("rm -r '%s'", dir);
  return ok && made->templates->len == G_N_ELEMENTS(reports) && system(clean) == 0;
}

/* ---- making -----------------------------------------------------------------------------------
 */

/* Names of two to four syllables: some hundred thousand families, frequent and rare. */
static char *
draw_name(GRand *rand)
{
  static const char *const syllables[] = {"MA", "RO", "LIN", "SCH", "BER", "TA",  "KO",
                                          "NA", "VI", "DE",  "SAN", "LO",  "MER", "HOF",
                                          "GA", "RI", "NE",  "SU",  "TO",  "BRI"};
  GString *s = g_string_new(NULL);
  for (guint part = 0; part < 2; part++) {
    const gint32 n = g_rand_int_range(rand, 2, part ? 4 : 5);
    if (part)
      g_string_append_c(s, '^');
    for (gint32 i = 0; i < n; i++)
      g_string_append(s, syllables[g_rand_int_range(rand, 0, G_N_ELEMENTS(syllables))]);
  }
  return g_string_free(s, FALSE);
}

typedef struct {
  ItvApp *app;
  const Made *made;
  GRand *rand;
  GString *records, *label, *raw, *known;
  guint64 message;
} Maker;

static gboolean
add_report(Maker *m, const Template *t, const char **values, GError **error)
{
  text_fill(&t->records, values, m->records);
  text_fill(&t->label, values, m->label);
  text_fill(&t->raw, values, m->raw);
  text_fill(&t->known, values, m->known);
  g_autoptr(GBytes) raw = g_bytes_new(m->raw->str, m->raw->len);
  const ItvJournalEntry entry = {.kind = "message",
                                 .known = m->known->str,
                                 .source = "scale/oru.hl7",
                                 .label = m->label->str,
                                 .records = m->records->str,
                                 .raw = raw,
                                 .plugin = "org.interval.hl7",
                                 .plugin_version = m->made->made.version,
                                 .plugin_sha256 = m->made->made.sha256,
                                 .plugin_config = m->made->made.config};
  gboolean is_new = FALSE;
  gint64 seq = 0;
  g_autofree char *uid = NULL;
  g_autoptr(ItvRecords) records =
      itv_records_from_json(m->records->str, (gssize)m->records->len, error);
  if (!records || !itv_journal_append(m->app->db, &entry, &is_new, &seq, &uid, error) || !is_new ||
      !itv_app_index(m->app, &(ItvIndexRow){seq, uid, m->known->str, records}, error))
    return FALSE;
  g_autofree char *subject = itv_report_uid(uid, 0);
  g_autofree char *inputs =
      itv_app_report_inputs(m->app, records, itv_records_find(records, "interval.report/1", 0));
  ItvJobRowMade made = m->made->made;
  made.inputs = inputs;
  return itv_jobrow_put(m->app->db, ITV_KIND_RECOMMENDATION, subject, "done", &made, t->result,
                        NULL, error);
}

static gboolean
add_reports(Maker *m, const char *id, guint from, guint n, gint32 last_days, GError **error)
{
  char accession[32], control[32];
  g_autofree char *name = draw_name(m->rand);
  const ItvDate today = itv_date_today();
  g_autofree char *birth =
      itv_date_format(itv_date_new(1930, 1, 1) + g_rand_int_range(m->rand, 0, 29000));
  g_autofree char *birth_7 = g_strndup(birth, 10);
  g_auto(GStrv) parts = g_strsplit(birth_7, "-", 3);
  g_autofree char *compact_birth = g_strjoinv("", parts);
  for (guint i = 0; i < n; i++) {
    const gint32 back = g_rand_int_range(m->rand, 0, last_days);
    g_autofree char *day = itv_date_format(today - back);
    g_auto(GStrv) day_parts = g_strsplit(day, "-", 3);
    g_autofree char *day_7 = g_strjoinv("", day_parts);
    const char *values[N_SLOTS] = {id, accession, control, name, birth, compact_birth, day, day_7};
    g_snprintf(accession, sizeof accession, "ACC%010" G_GUINT64_FORMAT, m->message);
    g_snprintf(control, sizeof control, "CTL%09" G_GUINT64_FORMAT, m->message++);
    if (!add_report(
            m, &g_array_index(m->made->templates, Template, (from + i) % m->made->templates->len),
            values, error))
      return FALSE;
  }
  return TRUE;
}

static void
maker_init(Maker *m, ItvApp *app, const Made *made, guint32 seed)
{
  *m = (Maker){.app = app,
               .made = made,
               .rand = g_rand_new_with_seed(seed),
               .records = g_string_new(NULL),
               .label = g_string_new(NULL),
               .raw = g_string_new(NULL),
               .known = g_string_new(NULL)};
}

static gboolean
make(const char *program, const char *db, guint64 n, guint32 seed, GError **error)
{
  Made made = {.templates = g_array_new(FALSE, FALSE, sizeof(Template))};
  Maker m;
  const ItvAppOptions options = {.program = program, .db = db};
  if (!learn(program, &made, error))
    return FALSE;
  g_autoptr(ItvApp) app = itv_app_open(&options, error);
  if (!app)
    return FALSE;
  maker_init(&m, app, &made, seed);
  for (guint64 i = 0; i < n; i++) {
    char id[32];
    g_snprintf(id, sizeof id, "SYNTH%08" G_GUINT64_FORMAT, i);
    if (i % COMMIT_EVERY == 0 && !itv_db_begin(app->db, error))
      return FALSE;
    if (!add_reports(&m, id, (guint)g_rand_int_range(m.rand, 0, 6), 3, 1100, error))
      return FALSE;
    if (((i + 1) % COMMIT_EVERY == 0 || i + 1 == n) && !itv_db_commit(app->db, error))
      return FALSE;
    if ((i + 1) % 50000 == 0)
      fprintf(stderr, "%" G_GUINT64_FORMAT " patients\n", i + 1);
  }
  return TRUE;
}

/* ---- measuring ----------------------------------------------------------------------------------
 */

static int
by_size(gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void
tell_times(const char *what, const char *which, GArray *ms)
{
  g_array_sort(ms, by_size);
  const guint n = ms->len;
  printf("%-42s %-4s n %5u  median %8.3f  p95 %8.3f  p99 %8.3f  max %8.3f ms\n", what, which, n,
         g_array_index(ms, double, n / 2), g_array_index(ms, double, n * 95 / 100),
         g_array_index(ms, double, n * 99 / 100), g_array_index(ms, double, n - 1));
  fflush(stdout);
}

/* Of the clock on the wall, and of the processor: on a machine with other work the first
 * one says how much of that there is. */
typedef struct {
  GArray *wall, *cpu;
  gint64 wall_since, cpu_since;
} Watch;

static gint64
cpu_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (gint64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static Watch
watch_new(void)
{
  return (Watch){g_array_new(FALSE, FALSE, sizeof(double)),
                 g_array_new(FALSE, FALSE, sizeof(double)), 0, 0};
}

static void
watch_start(Watch *w)
{
  w->wall_since = g_get_monotonic_time();
  w->cpu_since = cpu_us();
}

static void
watch_stop(Watch *w)
{
  const double cpu = (double)(cpu_us() - w->cpu_since) / 1000.0,
               wall = (double)(g_get_monotonic_time() - w->wall_since) / 1000.0;
  g_array_append_val(w->cpu, cpu);
  g_array_append_val(w->wall, wall);
}

static void
watch_tell(Watch *w, const char *what)
{
  tell_times(what, "wall", w->wall);
  tell_times(what, "cpu", w->cpu);
  g_array_unref(w->wall);
  g_array_unref(w->cpu);
}

/* Down the list, page by page. */
static gboolean
measure_pages(ItvApp *app, guint n, const char *const *statuses, const char *what, GPtrArray *ids,
              GError **error)
{
  Watch watch = watch_new();
  g_autofree char *after = NULL;
  for (guint i = 0; i < n; i++) {
    const ItvWorklistQuery query = {
        .as_of = ITV_DATE_NONE, .statuses = statuses, .limit = 50, .after = after};
    watch_start(&watch);
    json_object *page = itv_app_worklist(app, &query, NULL, error);
    if (!page)
      return FALSE;
    watch_stop(&watch);
    const gsize length = json_object_array_length(page);
    for (gsize k = 0; ids && k < length; k += 7)
      g_ptr_array_add(ids, g_strdup(itv_json_get_string(json_object_array_get_idx(page, k), "id")));
    g_free(after);
    after = length
                ? g_strdup(itv_json_get_string(json_object_array_get_idx(page, length - 1), "id"))
                : NULL;
    json_object_put(page);
  }
  watch_tell(&watch, what);
  return TRUE;
}

static gboolean
measure_why(ItvApp *app, guint n, const GPtrArray *ids, GError **error)
{
  Watch watch = watch_new();
  for (guint i = 0; i < n && ids->len; i++) {
    const char *id = ids->pdata[(i * 7919u) % ids->len];
    watch_start(&watch);
    json_object *o = itv_app_why(app, id, ITV_DATE_NONE, error);
    if (!o)
      return FALSE;
    watch_stop(&watch);
    json_object_put(o);
  }
  watch_tell(&watch, "why");
  return TRUE;
}

/* A report comes in, read already: from there until the worklist knows it. */
static gboolean
measure_report(ItvApp *app, const Made *made, guint n, guint64 patients, GError **error)
{
  Watch derive = watch_new(), store = watch_new();
  Maker m;
  maker_init(&m, app, made, (guint32)g_get_real_time());
  m.message = (guint64)g_get_real_time() % 9000000000u;
  for (guint i = 0; i < n; i++) {
    char id[32];
    g_snprintf(id, sizeof id, "SYNTH%08u", (guint)(g_rand_double(m.rand) * (double)patients));
    watch_start(&store);
    if (!itv_db_begin(app->db, error) || !add_reports(&m, id, i, 1, 30, error) ||
        !itv_db_commit(app->db, error))
      return FALSE;
    watch_stop(&store);
    watch_start(&derive);
    if (!itv_app_refresh(app, itv_date_today(), error))
      return FALSE;
    watch_stop(&derive);
  }
  watch_tell(&store, "one new report, stored (commit on disk)");
  watch_tell(&derive, "one new report, its patient derived anew");
  return TRUE;
}

static gboolean
measure(const char *program, const char *db, guint n, GError **error)
{
  static const char *const overdue[] = {"overdue", NULL}, *const quiet[] = {"not-due", NULL};
  Made made = {.templates = g_array_new(FALSE, FALSE, sizeof(Template))};
  const ItvAppOptions options = {.program = program, .db = db};
  if (!learn(program, &made, error))
    return FALSE;
  gint64 since = g_get_monotonic_time();
  g_autoptr(ItvApp) app = itv_app_open(&options, error);
  gint64 patients = 0, items = 0;
  if (!app)
    return FALSE;
  printf("open: %.1f ms\n", (double)(g_get_monotonic_time() - since) / 1000.0);
  since = g_get_monotonic_time();
  if (!itv_app_refresh(app, itv_date_today(), error) ||
      !itv_db_int(app->db, 0, &patients, error, "SELECT count(*) FROM patient", "") ||
      !itv_db_int(app->db, 0, &items, error, "SELECT count(*) FROM followup", ""))
    return FALSE;
  const double seconds = (double)(g_get_monotonic_time() - since) / 1e6;
  printf("first refresh: %.2f s; %" G_GINT64_FORMAT " patients, %" G_GINT64_FORMAT " items\n",
         seconds, patients, items);
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
  if (!measure_pages(app, n, NULL, "worklist, pages of 50", ids, error) ||
      !measure_pages(app, n, overdue, "worklist --status overdue", NULL, error) ||
      !measure_pages(app, n, quiet, "worklist --status not-due", ids, error) ||
      !measure_why(app, n, ids, error) || !measure_report(app, &made, n, (guint64)patients, error))
    return FALSE;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("memory: %ld MiB at most\n", usage.ru_maxrss / 1024);
  return TRUE;
}

int
main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  const char *program = g_getenv("ITV_PROGRAM");
  gboolean ok = FALSE;
  setlocale(LC_ALL, "C.UTF-8");
  if (!program || argc < 3) {
    fprintf(stderr, "ITV_PROGRAM=.../bin/interval %s make DB N [SEED] | measure DB [N]\n", argv[0]);
    return 2;
  }
  if (strcmp(argv[1], "make") == 0 && argc > 3)
    ok = make(program, argv[2], g_ascii_strtoull(argv[3], NULL, 10),
              argc > 4 ? (guint32)g_ascii_strtoull(argv[4], NULL, 10) : 1, &error);
  else if (strcmp(argv[1], "measure") == 0)
    ok = measure(program, argv[2], argc > 3 ? (guint)g_ascii_strtoull(argv[3], NULL, 10) : 2000,
                 &error);
  if (!ok)
    fprintf(stderr, "scale: %s\n", error ? error->message : "failed");
  return ok ? 0 : 1;
}
