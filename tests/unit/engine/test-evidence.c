/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/evidence.h"

#include <string.h>

#include "engine/exam-lexicon.h"

static ItvExamLexicon *lexicon;

/* One row as an importer writes it: a patient and an image. */
static void
add_image(ItvEvidenceReader *reader, const char *uid, const char *patient, const char *study,
          const char *known, const char *modality, const char *description)
{
  g_autoptr(ItvRecords) records = itv_records_new();
  const itv_field person[] = {ITV_STR("id", patient), ITV_STR("issuer", "SYNTH")};
  itv_field image[6] = {ITV_STR("study-uid", study), ITV_STR("sop-uid", uid),
                        ITV_STR("modality", modality), ITV_STR("study-description", description)};
  gsize n = 4;
  if (known)
    image[n++] = (itv_field)ITV_STR("performed", known);
  itv_records_add(records, "interval.patient/1", person, G_N_ELEMENTS(person));
  itv_records_add(records, "interval.image/1", image, n);
  const ItvEvidenceRow row = {uid, "image", known, "dicom", records, 1};
  itv_evidence_add(reader, &row);
}

static ItvEvidenceReader *
new_reader(void)
{
  return itv_evidence_reader_new(lexicon, NULL, NULL);
}

static void
test_images_make_studies(void)
{
  g_autoptr(ItvEvidenceReader) reader = new_reader();
  add_image(reader, "u3", "SYNTH1", "s1", "2024-01-10T10:05:00", "CT", "CT CHEST");
  add_image(reader, "u1", "SYNTH1", "s1", "2024-01-10T10:00:00", "CT", "CT CHEST");
  add_image(reader, "u2", "SYNTH1", "s2", "2024-03-01", "XR", "XR KNEE LEFT");
  add_image(reader, "u4", "SYNTH2", "s1", "2024-01-10", "CT", "CT CHEST");
  g_autoptr(ItvHistory) h = itv_evidence_finish(reader);
  g_assert_cmpuint(h->ids->len, ==, 2);
  g_assert_cmpuint(h->studies->len, ==, 3);
  const ItvStudy *first = &g_array_index(h->studies, ItvStudy, 0);
  g_assert_cmpstr(first->study_uid, ==, "s1");
  g_assert_cmpuint(first->n_images, ==, 2);
  g_assert_cmpstr(first->ev.uid, ==, "u1");
  g_assert_cmpint(first->performed.second, ==, 10 * 3600);
  g_assert_cmpint(first->exam.main_modality, ==, ITV_MODALITY_CT);
  g_assert_cmpint(first->exam.main_region, ==, ITV_REGION_CHEST);
  const ItvStudy *knee = &g_array_index(h->studies, ItvStudy, 1);
  g_assert_cmpint(knee->exam.main_region, ==, ITV_REGION_KNEE);
  g_assert_cmpint(knee->exam.laterality, ==, ITV_LATERALITY_LEFT);
}

/* A study shown by reports and notes only is none; beside images they count for nothing. */
static void
test_objects_without_anatomy(void)
{
  g_autoptr(ItvEvidenceReader) reader = new_reader();
  add_image(reader, "u1", "SYNTH1", "s1", "2024-01-10", "SR", "CT CHEST");
  add_image(reader, "u2", "SYNTH1", "s2", "2024-01-10", "CT", "CT CHEST");
  add_image(reader, "u3", "SYNTH1", "s2", "2024-01-10", "OT", "KNEE");
  g_autoptr(ItvHistory) h = itv_evidence_finish(reader);
  g_assert_cmpuint(h->studies->len, ==, 1);
  const ItvStudy *s = &g_array_index(h->studies, ItvStudy, 0);
  g_assert_cmpstr(s->study_uid, ==, "s2");
  g_assert_cmpuint(s->n_images, ==, 1);
  g_assert_false(s->exam.regions & ITV_REGION_BIT(ITV_REGION_KNEE));
}

static void
test_order_of_arrival_is_nothing(void)
{
  g_autofree char *seen = NULL;
  static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
  static const char *const uids[] = {"u0", "u1", "u2"};
  static const char *const words[] = {"CT CHEST", "CT ABDOMEN", "CT CHEST"};
  for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
    g_autoptr(ItvEvidenceReader) reader = new_reader();
    for (gsize k = 0; k < 3; k++) {
      const int at = orders[i][k];
      add_image(reader, uids[at], "SYNTH1", "s1", at == 1 ? NULL : "2024-01-10", "CT", words[at]);
    }
    g_autoptr(ItvHistory) h = itv_evidence_finish(reader);
    const ItvStudy *s = &g_array_index(h->studies, ItvStudy, 0);
    g_autofree char *now =
        g_strdup_printf("%s %s %d %" G_GUINT64_FORMAT " %d", s->ev.uid, s->description,
                        (int)s->exam.main_region, (guint64)s->exam.regions, s->performed.date);
    if (seen)
      g_assert_cmpstr(now, ==, seen);
    else
      seen = g_steal_pointer(&now);
  }
}

/* Finished once, the reader begins anew. */
static void
test_reader_is_empty_afterwards(void)
{
  g_autoptr(ItvEvidenceReader) reader = new_reader();
  add_image(reader, "u1", "SYNTH1", "s1", "2024-01-10", "CT", "CT CHEST");
  g_autoptr(ItvHistory) first = itv_evidence_finish(reader);
  g_autoptr(ItvHistory) second = itv_evidence_finish(reader);
  g_assert_cmpuint(first->studies->len, ==, 1);
  g_assert_cmpuint(second->studies->len, ==, 0);
  g_assert_cmpuint(second->ids->len, ==, 0);
}

static void
test_offsets_stay_inside_the_text(void)
{
  g_autoptr(ItvRecords) parsed = itv_records_new();
  const itv_field fields[] = {ITV_I64("start", -5, "1"), ITV_I64("end", 1000, "1"),
                              ITV_STR("kind", "imaging"), ITV_I64("condition-start", 4, "1"),
                              ITV_I64("condition-end", 999, "1")};
  const itv_field statement[] = {ITV_I64("start", -1, "1"), ITV_I64("end", G_MAXINT64, "1"),
                                 ITV_STR("statement", "resolved")};
  itv_records_add(parsed, "interval.recommendation/1", fields, G_N_ELEMENTS(fields));
  itv_records_add(parsed, "interval.statement/1", statement, G_N_ELEMENTS(statement));
  g_autoptr(GArray) recommendations = itv_recommendations_new();
  g_autoptr(GArray) statements = itv_statements_new();
  itv_evidence_read_parse(parsed, "CT in 6", recommendations, statements);
  const ItvRecommendation *r = &g_array_index(recommendations, ItvRecommendation, 0);
  g_assert_cmpuint(r->start, ==, 0);
  g_assert_cmpuint(r->end, ==, 7);
  g_assert_cmpstr(r->condition, ==, "n 6");
  const ItvStatement *s = &g_array_index(statements, ItvStatement, 0);
  g_assert_cmpuint(s->start, ==, 0);
  g_assert_cmpuint(s->end, ==, 7);
}

static void
test_report_uids(void)
{
  g_autofree char *first = itv_report_uid("u", 0);
  g_autofree char *third = itv_report_uid("u", 2);
  g_assert_cmpstr(first, ==, "u");
  g_assert_cmpstr(third, ==, "u:2");
}

static char *
key_of(const char *sop, const char *position, const char *study, const char *name,
       const char *known)
{
  g_autoptr(ItvRecords) records = itv_records_new();
  const itv_field document[] = {ITV_STR("format", "dicom"), ITV_STR("identifier", sop)};
  const itv_field person[] = {ITV_STR("id", "SYNTH1"), ITV_STR("name", name)};
  const itv_field image[] = {ITV_STR("study-uid", study), ITV_STR("sop-uid", sop),
                             ITV_STR("position", position), ITV_STR("modality", "CT")};
  itv_records_add(records, "interval.document/1", document, G_N_ELEMENTS(document));
  itv_records_add(records, "interval.patient/1", person, G_N_ELEMENTS(person));
  itv_records_add(records, "interval.image/1", image, G_N_ELEMENTS(image));
  return itv_evidence_image_key(records, known);
}

/* Slices are alike; another name, study or day is not. */
static void
test_images_that_are_alike(void)
{
  g_autofree char *a = key_of("1.2.1", "0", "1.2", "SYNTH^A", "2024-01-01");
  g_autofree char *slice = key_of("1.2.2", "5", "1.2", "SYNTH^A", "2024-01-01");
  g_autofree char *study = key_of("1.2.2", "5", "1.3", "SYNTH^A", "2024-01-01");
  g_autofree char *name = key_of("1.2.2", "5", "1.2", "SYNTH^B", "2024-01-01");
  g_autofree char *day = key_of("1.2.2", "5", "1.2", "SYNTH^A", "2024-01-02");
  g_autofree char *never = key_of("1.2.2", "5", "1.2", "SYNTH^A", NULL);
  g_assert_cmpstr(a, ==, slice);
  g_assert_cmpstr(a, !=, study);
  g_assert_cmpstr(a, !=, name);
  g_assert_cmpstr(a, !=, day);
  g_assert_cmpstr(a, !=, never);
  g_autoptr(ItvRecords) more = itv_records_new();
  g_assert_null(itv_evidence_image_key(more, NULL));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *path =
      g_build_filename(g_getenv("ITV_SOURCE_DIR"), "config", "lexicon", "exams.xml", NULL);
  lexicon = itv_exam_lexicon_load(path, NULL, &error);
  g_assert_no_error(error);
  g_test_add_func("/evidence/studies", test_images_make_studies);
  g_test_add_func("/evidence/no-anatomy", test_objects_without_anatomy);
  g_test_add_func("/evidence/order", test_order_of_arrival_is_nothing);
  g_test_add_func("/evidence/reader-empty", test_reader_is_empty_afterwards);
  g_test_add_func("/evidence/offsets", test_offsets_stay_inside_the_text);
  g_test_add_func("/evidence/report-uids", test_report_uids);
  g_test_add_func("/evidence/alike", test_images_that_are_alike);
  const int status = g_test_run();
  itv_exam_lexicon_free(lexicon);
  return status;
}
