/* SPDX-License-Identifier: Apache-2.0 */
#include "app/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal.h"

#define HEAD_BYTES 4096
/* Of files that are read together: what they hold lies in memory until all are read. */
#define BATCH_BYTES (24 << 20)

static void
free_unit(gpointer data)
{
  ItvUnit *u = data;
  g_free(u->where);
  g_free(u->rejected);
  g_free(u->kind);
  g_free(u->known);
  g_free(u->label);
  g_free(u->format);
  g_free(u->json);
  g_free(u->uid);
  itv_records_unref(u->records);
  if (u->raw)
    g_bytes_unref(u->raw);
  if (u->notes)
    g_ptr_array_unref(u->notes);
  g_free(u);
}

void
itv_intake_free(ItvIntake *intake)
{
  if (!intake)
    return;
  g_free(intake->path);
  g_free(intake->rejected);
  g_ptr_array_unref(intake->units);
  if (intake->origin) {
    g_free(intake->origin->plugin);
    g_free(intake->origin->version);
    g_free(intake->origin->sha256);
    g_free(intake->origin->config_hash);
    g_free(intake->origin);
  }
  g_free(intake);
}

/* ---- what a document record says -------------------------------------------------- */

static GBytes *
read_range(int fd, gint64 offset, gint64 length)
{
  if (length <= 0 || length > (64 << 20))
    return NULL;
  g_autofree char *bytes = g_malloc((gsize)length);
  const gssize n = pread(fd, bytes, (gsize)length, offset);
  return n == length ? g_bytes_new_take(g_steal_pointer(&bytes), (gsize)length) : NULL;
}

/* A few words by which a person knows the message again. */
static char *
label_of(const itv_record *document, const char *path)
{
  const char *type = itv_record_str(document, "type", NULL);
  const char *identifier = itv_record_str(document, "identifier", NULL);
  const char *sender = itv_record_str(document, "sender", NULL);
  if (strcmp(itv_record_str(document, "format", ""), "hl7v2") == 0)
    return g_strdup_printf("%s %s%s%s", type ? type : "HL7", identifier ? identifier : "",
                           sender ? " of " : "", sender ? sender : "");
  if (strcmp(itv_record_str(document, "format", ""), "fhir") == 0 && type && identifier)
    return g_strdup_printf("%s %s", type, identifier);
  /* A file name is any bytes; a label is text. */
  g_autofree char *base = g_path_get_basename(path);
  g_autofree char *name = g_utf8_make_valid(base, -1);
  return g_strdup_printf("%s %s", itv_record_str(document, "format", "file"), name);
}

static ItvUnit *
begin_unit(const char *path, int fd, const itv_record *document, gboolean alone)
{
  ItvUnit *u = g_new0(ItvUnit, 1);
  const gint64 offset = itv_record_i64(document, "offset", 0);
  u->where = alone ? g_strdup(path) : g_strdup_printf("%s:byte %" G_GINT64_FORMAT, path, offset);
  u->rejected = g_strdup(itv_record_str(document, "rejected", NULL));
  u->known = g_strdup(itv_record_str(document, "known", NULL));
  u->format = g_strdup(itv_record_str(document, "format", ""));
  u->kind = g_strdup("message");
  u->label = label_of(document, path);
  u->records = itv_records_new();
  u->notes = g_ptr_array_new_with_free_func(g_free);
  const itv_field *note = NULL;
  for (gsize i = 0; (note = itv_record_field(document, "note", i)); i++)
    g_ptr_array_add(u->notes, g_strdup(note->v.str));
  if (strcmp(itv_record_str(document, "keep-raw", "N"), "Y") == 0)
    u->raw = read_range(fd, offset, itv_record_i64(document, "length", 0));
  return u;
}

/* Where the bytes lay is not part of what they say: the same message in another
 * file is the same evidence. */
static void
add_without_place(ItvRecords *records, const itv_record *document)
{
  g_autofree itv_field *fields = g_new0(itv_field, document->n_fields + 1);
  gsize n = 0;
  for (gsize i = 0; i < document->n_fields; i++) {
    const char *key = document->fields[i].key;
    if (strcmp(key, "offset") != 0 && strcmp(key, "length") != 0 && strcmp(key, "keep-raw") != 0)
      fields[n++] = document->fields[i];
  }
  itv_records_add(records, document->name, fields, n);
}

/* ---- hints for files that name no patient --------------------------------------------- */

static void
add_hinted_patient(ItvRecords *records, const ItvImportHints *hints)
{
  const char *issuer = strstr(hints->patient, "^^^");
  g_autofree char *id = issuer ? g_strndup(hints->patient, (gsize)(issuer - hints->patient)) : NULL;
  const itv_field fields[] = {ITV_STR("id", id ? id : hints->patient),
                              ITV_STR("issuer", issuer ? issuer + 3 : "")};
  itv_records_add(records, "interval.patient/1", fields, issuer ? 2 : 1);
}

static gboolean
has_key(const itv_record *record, const char *key)
{
  return itv_record_field(record, key, 0) != NULL;
}

static void
add_hinted_image(ItvRecords *records, const itv_record *image, const ItvImportHints *hints)
{
  g_autofree itv_field *fields = g_new0(itv_field, image->n_fields + 4);
  gsize n = 0;
  for (gsize i = 0; i < image->n_fields; i++)
    if (!(hints->modality && strcmp(image->fields[i].key, "modality") == 0))
      fields[n++] = image->fields[i];
  if (hints->modality)
    fields[n++] = (itv_field)ITV_STR("modality", hints->modality);
  if (hints->date && !has_key(image, "performed"))
    fields[n++] = (itv_field)ITV_STR("performed", hints->date);
  if (hints->description && !has_key(image, "study-description"))
    fields[n++] = (itv_field)ITV_STR("study-description", hints->description);
  if (hints->accession && !has_key(image, "accession"))
    fields[n++] = (itv_field)ITV_STR("accession", hints->accession);
  itv_records_add(records, image->name, fields, n);
}

/* ---- one file ------------------------------------------------------------------------- */

static gboolean
needs_patient(const ItvUnit *u)
{
  return itv_records_find(u->records, "interval.patient/1", 0) == NULL &&
         itv_records_find(u->records, "interval.merge/1", 0) == NULL;
}

static void
apply_hints(ItvUnit *u, const ItvImportHints *hints)
{
  if (u->rejected || itv_records_length(u->records) < 2 || !needs_patient(u))
    return;
  if (!hints || !hints->patient) {
    u->rejected = g_strdup(
        "it names no patient; say whose it is with --patient (and --date, where it has none)");
    return;
  }
  g_autoptr(ItvRecords) with = itv_records_new();
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_get(u->records, i)); i++) {
    if (strcmp(r->name, "interval.image/1") == 0)
      add_hinted_image(with, r, hints);
    else
      itv_records_share(with, u->records, i);
    if (i == 0)
      add_hinted_patient(with, hints);
  }
  itv_records_unref(u->records);
  u->records = g_steal_pointer(&with);
  if (!u->known)
    u->known = g_strdup(hints->date);
}

static void
split_units(ItvIntake *intake, int fd, ItvRecords *records)
{
  const gboolean alone = itv_records_find(records, "interval.document/1", 1) == NULL;
  const itv_record *r = NULL;
  ItvUnit *u = NULL;
  for (gsize i = 0; (r = itv_records_get(records, i)); i++) {
    if (strcmp(r->name, "interval.document/1") == 0) {
      u = begin_unit(intake->path, fd, r, alone);
      add_without_place(u->records, r);
      g_ptr_array_add(intake->units, u);
      continue;
    }
    if (!u)
      continue; /* records before any document: nobody could say whose they are */
    itv_records_share(u->records, records, i);
    if (strcmp(r->name, "interval.image/1") == 0) {
      g_free(u->kind);
      u->kind = g_strdup("image");
    }
  }
}

/* A message that grew or was replaced meanwhile would be kept beside records that
 * do not come from it. */
static gboolean
is_same_still(int fd, const struct stat *before)
{
  struct stat now;
  return fstat(fd, &now) == 0 && now.st_size == before->st_size &&
         now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

void
itv_unit_write(ItvUnit *u)
{
  u->json = itv_records_to_json(u->records);
  u->uid = itv_journal_uid(u->kind, u->json);
}

/* ---- some files ------------------------------------------------------------------------ */

/* A file between its opening and its end. */
typedef struct {
  ItvIntake *intake;
  ItvPlugin *plugin; /* NULL: no job */
  int fd;
  struct stat before;
} Open;

static void
open_file(Open *o, ItvPlugins *plugins, const char *path)
{
  o->intake = g_new0(ItvIntake, 1);
  o->intake->path = g_strdup(path);
  o->intake->units = g_ptr_array_new_with_free_func(free_unit);
  /* Not to wait for the other end of a pipe that has taken the file's place. */
  o->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (o->fd < 0 || fstat(o->fd, &o->before) != 0) {
    o->intake->rejected = g_strdup(g_strerror(errno));
    return;
  }
  guint8 head[HEAD_BYTES];
  const gssize n = pread(o->fd, head, sizeof head, 0);
  g_autofree char *name = g_path_get_basename(path);
  o->plugin = n > 0 ? itv_plugins_probe(plugins, head, (gsize)n, name) : NULL;
  if (n < 0)
    o->intake->rejected = g_strdup(g_strerror(errno));
  else if (!o->plugin)
    o->intake->rejected = g_strdup("no importer knows this kind of file");
}

static void
take_outcome(Open *o, const ItvOutcome *outcome)
{
  ItvIntake *intake = o->intake;
  const ItvProvenance *from = &outcome->origin;
  intake->origin = g_new0(ItvProvenance, 1);
  *intake->origin = (ItvProvenance){g_strdup(from->plugin), g_strdup(from->version),
                                    g_strdup(from->sha256), g_strdup(from->config_hash)};
  if (outcome->class != ITV_OUTCOME_OK) {
    intake->rejected = *outcome->message ? g_strdup(outcome->message)
                                         : g_strdup_printf("%s: %s", from->plugin,
                                                           itv_outcome_word(outcome->class));
    return;
  }
  split_units(intake, o->fd, outcome->records);
  if (intake->units->len == 0)
    intake->rejected = g_strdup("the importer found nothing in it");
}

/* All of `files` are the same importer's. */
static void
run_importer(Open *files, gsize n, ItvPlugins *plugins)
{
  g_autofree ItvBatchFile *batch = g_new(ItvBatchFile, n);
  g_autofree ItvOutcome **outcomes = g_new(ItvOutcome *, n);
  for (gsize i = 0; i < n; i++)
    batch[i] = (ItvBatchFile){files[i].fd, files[i].intake->path};
  itv_plugins_run_files(plugins, files[0].plugin, ITV_KIND_IMPORTER, batch, n, outcomes);
  for (gsize i = 0; i < n; i++) {
    take_outcome(&files[i], outcomes[i]);
    itv_outcome_free(outcomes[i]);
  }
}

static void
close_file(Open *o, const ItvImportHints *hints)
{
  ItvIntake *intake = o->intake;
  if (!intake->rejected && !is_same_still(o->fd, &o->before))
    intake->rejected = g_strdup("the file changed while it was read; import it again");
  if (o->fd >= 0)
    close(o->fd);
  for (guint i = 0; i < intake->units->len; i++) {
    ItvUnit *u = intake->units->pdata[i];
    apply_hints(u, hints);
    if (!u->rejected)
      itv_unit_write(u);
  }
}

/* How many from the first on can go to one importer together. */
static gsize
length_of_run(const Open *files, gsize n)
{
  gint64 bytes = files[0].before.st_size;
  gsize run = 1;
  while (run < n && run < ITV_INTAKE_BATCH && files[run].plugin == files[0].plugin &&
         (bytes += files[run].before.st_size) <= BATCH_BYTES)
    run++;
  return run;
}

void
itv_intake_files(ItvPlugins *plugins, const char *const *paths, gsize n,
                 const ItvImportHints *hints, ItvIntake **ret_intakes)
{
  g_autofree Open *files = g_new0(Open, n);
  for (gsize i = 0; i < n; i++)
    open_file(&files[i], plugins, paths[i]);
  for (gsize i = 0; i < n;) {
    const gsize run = files[i].plugin ? length_of_run(&files[i], n - i) : 1;
    if (files[i].plugin)
      run_importer(&files[i], run, plugins);
    i += run;
  }
  for (gsize i = 0; i < n; i++) {
    close_file(&files[i], hints);
    ret_intakes[i] = files[i].intake;
  }
}
