/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/evidence-studies.h"

#include <string.h>

#include "engine/evidence.h"

/* An image as far as its study is concerned; strings borrowed from `kept`. */
typedef struct {
  const char *uid, *label;
  ItvMoment known, performed;
  guint patient, alike;
  const itv_record *image;
  const char *origin; /* the resource that told of it; NULL: the object itself did */
  ItvMoment until;    /* ITV_MOMENT_NONE: nobody took it back */
} Image;

/* Who told of a study takes it back. */
typedef struct {
  const char *origin, *study_uid;
  ItvMoment known;
} Withdrawal;

struct ItvStudyReader {
  const ItvExamLexicon *lexicon;
  GArray *images;        /* Image */
  GArray *withdrawals;   /* Withdrawal */
  GHashTable *rejected;  /* SOP UID -> ItvMoment: since when it is known */
  GPtrArray *kept;       /* ItvRecords of rows with images */
  GStringChunk *strings; /* uids, labels and origins */
};

ItvStudyReader *
itv_study_reader_new(const ItvExamLexicon *lexicon)
{
  ItvStudyReader *r = g_new0(ItvStudyReader, 1);
  r->lexicon = lexicon;
  r->images = g_array_new(FALSE, TRUE, sizeof(Image));
  r->withdrawals = g_array_new(FALSE, TRUE, sizeof(Withdrawal));
  r->rejected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  r->kept = g_ptr_array_new_with_free_func((GDestroyNotify)itv_records_unref);
  r->strings = g_string_chunk_new(1024);
  return r;
}

void
itv_study_reader_free(ItvStudyReader *r)
{
  if (!r)
    return;
  g_array_unref(r->images);
  g_array_unref(r->withdrawals);
  g_hash_table_unref(r->rejected);
  g_ptr_array_unref(r->kept);
  g_string_chunk_free(r->strings);
  g_free(r);
}

/* ---- what rows say --------------------------------------------------------- */

/* "fhir ImagingStudy 7" of a row that tells of images that lie elsewhere. */
static const char *
origin_of(ItvStudyReader *reader, const ItvRecords *row)
{
  const itv_record *d = itv_records_find(row, "interval.document/1", 0);
  const char *id = d ? itv_record_str(d, "identifier", NULL) : NULL;
  if (!id || strcmp(itv_record_str(d, "format", ""), "dicom") == 0)
    return NULL;
  g_autofree char *origin =
      g_strjoin(" ", itv_record_str(d, "format", ""), itv_record_str(d, "type", ""), id, NULL);
  return g_string_chunk_insert_const(reader->strings, origin);
}

static void
add_withdrawal(ItvStudyReader *reader, const ItvEvidence *ev, const ItvRecords *row,
               const itv_record *r)
{
  const char *uid = itv_record_str(r, "study-uid", "");
  const Withdrawal w = {.origin = origin_of(reader, row),
                        .study_uid = g_string_chunk_insert_const(reader->strings, uid),
                        .known = ev->known};
  g_array_append_val(reader->withdrawals, w);
}

static void
add_image(ItvStudyReader *reader, const ItvEvidence *ev, const ItvRecords *row, guint alike,
          const itv_record *r)
{
  ItvMoment performed = ITV_MOMENT_NONE;
  itv_moment_parse(itv_record_str(r, "performed", ""), &performed);
  const Image image = {.uid = g_string_chunk_insert(reader->strings, ev->uid),
                       .label = g_string_chunk_insert_const(reader->strings, ev->source),
                       .known = ev->known,
                       .performed = performed,
                       .patient = ev->patient,
                       .alike = MAX(alike, 1),
                       .image = r,
                       .origin = origin_of(reader, row)};
  g_array_append_val(reader->images, image);
  if (reader->kept->len == 0 ||
      reader->kept->pdata[reader->kept->len - 1] != (gpointer)(guintptr)row)
    g_ptr_array_add(reader->kept, itv_records_ref((ItvRecords *)(guintptr)row));
}

/* When the archive's retention period ends only the images go: the exam was made. */
static gboolean
undoes_exam(const itv_record *rejection)
{
  return strcmp(itv_record_str(rejection, "reason", ""), "retention") != 0;
}

static void
add_rejection(ItvStudyReader *reader, const ItvEvidence *ev, const itv_record *r)
{
  const itv_field *f = NULL;
  for (gsize i = 0; undoes_exam(r) && (f = itv_record_field(r, "sop-uid", i)); i++) {
    const ItvMoment *before = g_hash_table_lookup(reader->rejected, f->v.str);
    if (!before || itv_moment_compare(ev->known, *before) < 0)
      g_hash_table_insert(reader->rejected, g_strdup(f->v.str),
                          g_memdup2(&ev->known, sizeof ev->known));
  }
}

void
itv_study_reader_add(ItvStudyReader *reader, const ItvEvidence *ev, const ItvEvidenceRow *row,
                     const itv_record *r)
{
  if (strcmp(r->name, "interval.image/1") == 0)
    add_image(reader, ev, row->records, row->alike, r);
  else if (strcmp(r->name, "interval.withdrawal/1") == 0)
    add_withdrawal(reader, ev, row->records, r);
  else if (strcmp(r->name, "interval.rejection/1") == 0)
    add_rejection(reader, ev, r);
}

/* ---- images into studies --------------------------------------------------- */

static int
compare_images(gconstpointer a, gconstpointer b)
{
  const Image *x = a, *y = b;
  if (x->patient != y->patient)
    return x->patient < y->patient ? -1 : 1;
  const int by_study =
      strcmp(itv_record_str(x->image, "study-uid", ""), itv_record_str(y->image, "study-uid", ""));
  if (by_study)
    return by_study;
  const int by_day = itv_moment_compare(x->until, y->until);
  return by_day ? by_day : strcmp(x->uid, y->uid);
}

static gboolean
same_study(const Image *a, const Image *b)
{
  return a->patient == b->patient && itv_moment_compare(a->until, b->until) == 0 &&
         strcmp(itv_record_str(a->image, "study-uid", ""),
                itv_record_str(b->image, "study-uid", "")) == 0;
}

/* The first word that takes the image back and is no older than it.  The object itself,
 * where it lies here, is not taken back by what others say. */
static void
find_withdrawal(Image *image, const GArray *withdrawals)
{
  image->until = ITV_MOMENT_NONE;
  for (guint i = 0; image->origin && i < withdrawals->len; i++) {
    const Withdrawal *w = &g_array_index(withdrawals, Withdrawal, i);
    const gboolean undated = w->known.date == ITV_DATE_NONE;
    const ItvMoment at = undated ? image->known : w->known;
    const gboolean same =
        *w->study_uid ? strcmp(w->study_uid, itv_record_str(image->image, "study-uid", "")) == 0
                      : g_strcmp0(w->origin, image->origin) == 0;
    if (!same || itv_moment_compare(at, image->known) < 0)
      continue;
    if (image->until.date == ITV_DATE_NONE || itv_moment_compare(at, image->until) < 0)
      image->until = at;
  }
}

gboolean
itv_evidence_shows_anatomy(const itv_record *image)
{
  const char *m = itv_record_str(image, "modality", "");
  return strcmp(m, "SR") != 0 && strcmp(m, "OT") != 0;
}

/* The slices of a series are described in the same words: each wording is read once
 * in a study. */
static ItvExam
read_exam(const ItvStudyReader *reader, const itv_record *image, GHashTable *read)
{
  const char *description = itv_record_str(image, "study-description", NULL);
  if (!description)
    description = itv_record_str(image, "series-description", NULL);
  const char *modality = itv_record_str(image, "modality", NULL);
  const char *part = itv_record_str(image, "body-part", NULL);
  const char *side = itv_record_str(image, "laterality", NULL);
  g_autofree char *key = g_strjoin("\n", description ? description : "", modality ? modality : "",
                                   part ? part : "", side ? side : "", NULL);
  const ItvExam *known = g_hash_table_lookup(read, key);
  if (known)
    return *known;
  const ItvExam exam = itv_evidence_image_exam(reader->lexicon, image);
  g_hash_table_insert(read, g_steal_pointer(&key), g_memdup2(&exam, sizeof exam));
  return exam;
}

static void
add_coverage(ItvExam *exam, const ItvExam *read)
{
  const ItvExam e = *read;
  exam->modalities |= e.modalities;
  exam->contrast |= e.contrast;
  exam->regions |= e.regions;
  exam->acts |= e.acts;
  if (exam->main_modality == ITV_MODALITY_NONE || e.main_modality == ITV_MODALITY_PT)
    exam->main_modality = e.main_modality;
  if (exam->main_region == ITV_REGION_NONE)
    exam->main_region = e.main_region;
  if (exam->laterality == ITV_LATERALITY_NONE)
    exam->laterality = e.laterality;
  else if (e.laterality != ITV_LATERALITY_NONE && e.laterality != exam->laterality)
    exam->laterality = ITV_LATERALITY_BILATERAL;
}

static const ItvMoment *
rejection_of(const ItvStudyReader *reader, const Image *image)
{
  return g_hash_table_lookup(reader->rejected, itv_record_str(image->image, "sop-uid", ""));
}

/* Whether all that shows anatomy was rejected, and since when. */
static gboolean
is_rejected(const ItvStudyReader *reader, guint from, guint to, ItvMoment *ret_known)
{
  gboolean any = FALSE;
  for (guint i = from; i < to; i++) {
    const Image *image = &g_array_index(reader->images, Image, i);
    const ItvMoment *known = rejection_of(reader, image);
    if (!itv_evidence_shows_anatomy(image->image))
      continue;
    if (!known)
      return FALSE;
    if (!any || itv_moment_compare(*known, *ret_known) > 0)
      *ret_known = *known;
    any = TRUE;
  }
  return any;
}

static void
add_to_study(ItvStudy *study, const Image *image, const ItvExam *exam)
{
  study->n_images += image->alike;
  add_coverage(&study->exam, exam);
  if (!study->accession)
    study->accession = g_strdup(itv_record_str(image->image, "accession", NULL));
  if (!study->description)
    study->description = g_strdup(itv_record_str(image->image, "study-description", NULL));
  if (study->performed.date == ITV_DATE_NONE ||
      (image->performed.date != ITV_DATE_NONE &&
       itv_moment_compare(image->performed, study->performed) < 0))
    study->performed = image->performed;
  if (itv_moment_compare(image->known, study->ev.known) < 0)
    study->ev.known = image->known;
}

/* images[from..to) are one study of one patient, sorted by uid.  Rejected images are
 * left out, unless all are: then the study stands until that is known. */
static void
add_study(ItvStudyReader *reader, guint from, guint to, ItvHistory *history)
{
  const Image *first = &g_array_index(reader->images, Image, from);
  ItvStudy study = {
      .ev = {g_strdup(first->uid), g_strdup(first->label), first->known, first->patient, NULL},
      .study_uid = g_strdup(itv_record_str(first->image, "study-uid", NULL)),
      .performed = ITV_MOMENT_NONE,
      .until = first->until};
  g_autoptr(GHashTable) read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  ItvMoment rejected_at = ITV_MOMENT_NONE;
  const gboolean rejected = is_rejected(reader, from, to, &rejected_at);
  if (rejected && rejected_at.date == ITV_DATE_NONE) /* a note without a date held always */
    rejected_at = first->known;
  if (rejected &&
      (study.until.date == ITV_DATE_NONE || itv_moment_compare(rejected_at, study.until) < 0))
    study.until = rejected_at;
  for (guint i = from; i < to; i++) {
    const Image *image = &g_array_index(reader->images, Image, i);
    if (!itv_evidence_shows_anatomy(image->image) || (!rejected && rejection_of(reader, image)))
      continue;
    const ItvExam exam = read_exam(reader, image->image, read);
    add_to_study(&study, image, &exam);
  }
  if (study.n_images > 0) {
    g_array_append_val(history->studies, study);
    return;
  }
  g_free(study.ev.uid);
  g_free(study.ev.source);
  g_free(study.study_uid);
}

void
itv_study_reader_finish(ItvStudyReader *reader, ItvHistory *history)
{
  for (guint i = 0; i < reader->images->len; i++)
    find_withdrawal(&g_array_index(reader->images, Image, i), reader->withdrawals);
  g_array_sort(reader->images, compare_images);
  guint from = 0;
  for (guint i = 1; reader->images->len > 0 && i <= reader->images->len; i++) {
    const Image *a = &g_array_index(reader->images, Image, from);
    const Image *b = &g_array_index(reader->images, Image, MIN(i, reader->images->len - 1));
    if (i < reader->images->len && same_study(a, b))
      continue;
    add_study(reader, from, i, history);
    from = i;
  }
  g_array_set_size(reader->images, 0);
  g_array_set_size(reader->withdrawals, 0);
  g_ptr_array_set_size(reader->kept, 0);
  g_hash_table_remove_all(reader->rejected);
}
