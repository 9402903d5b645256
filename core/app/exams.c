/* SPDX-License-Identifier: Apache-2.0 */
#include "app/exams.h"

#include <string.h>

static gboolean
same(const char *a, const char *b)
{
  return a && b && *a && strcmp(a, b) == 0;
}

static ItvAppExam *
find_same(const GPtrArray *exams, guint person, const char *uid, const char *accession)
{
  for (guint i = 0; i < exams->len; i++) {
    ItvAppExam *x = exams->pdata[i];
    /* Two different UIDs under one accession number are two studies. */
    if (x->person == person &&
        (same(x->study_uid, uid) || (same(x->accession, accession) && !(x->study_uid && uid))))
      return x;
  }
  return NULL;
}

static ItvAppExam *
find_or_add(GPtrArray *exams, guint person, const char *uid, const char *accession)
{
  ItvAppExam *x = find_same(exams, person, uid, accession);
  if (!x) {
    x = g_new0(ItvAppExam, 1);
    x->person = person;
    x->performed = ITV_MOMENT_NONE;
    g_ptr_array_add(exams, x);
  }
  if (!x->study_uid)
    x->study_uid = uid;
  if (!x->accession)
    x->accession = accession;
  return x;
}

/* What is not known to be of another day is known on any. */
static gboolean
is_known(const ItvEvidence *ev, ItvDate as_of)
{
  return ev->known.date == ITV_DATE_NONE || as_of == ITV_DATE_NONE || ev->known.date <= as_of;
}

/* What images show is added to what the description says, never taken away. */
static void
add_coverage(ItvAppExam *x, const ItvExam *exam)
{
  if (x->exam.modalities == 0)
    x->exam.main_modality = exam->main_modality;
  if (x->exam.regions == 0) {
    x->exam.main_region = exam->main_region;
    x->exam.regions = exam->regions;
  }
  x->exam.modalities |= exam->modalities;
  x->exam.contrast |= exam->contrast;
  if (x->exam.laterality == ITV_LATERALITY_NONE)
    x->exam.laterality = exam->laterality;
}

static int
by_time(gconstpointer a, gconstpointer b)
{
  const ItvAppExam *x = *(const ItvAppExam *const *)a, *y = *(const ItvAppExam *const *)b;
  const int order = itv_moment_compare(x->performed, y->performed);
  if (order)
    return order;
  const int by_uid = g_strcmp0(x->study_uid, y->study_uid);
  return by_uid ? by_uid : g_strcmp0(x->accession, y->accession);
}

/* Of an addendum: it takes back nothing else. */
static gboolean
is_of_addendum(const ItvHistory *h, const ItvReport *cancelled)
{
  for (guint i = 0; cancelled->documents->len > 0 && i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (r->addendum && r->documents->len > 0 &&
        same(r->documents->pdata[0], cancelled->documents->pdata[0]))
      return TRUE;
  }
  return FALSE;
}

/* A later cancellation of the same exam takes its report back. */
static gboolean
is_cancelled(const ItvHistory *h, const ItvReport *r, ItvDate as_of)
{
  if (r->status == 'X')
    return TRUE;
  for (guint i = 0; i < h->reports->len; i++) {
    const ItvReport *x = &g_array_index(h->reports, ItvReport, i);
    if (x->status == 'X' && x->ev.known.date <= as_of && x->ev.patient == r->ev.patient &&
        (same(x->accession, r->accession) || same(x->study_uid, r->study_uid)) &&
        itv_moment_compare(x->ev.known, r->ev.known) >= 0 && !is_of_addendum(h, x))
      return TRUE;
  }
  return FALSE;
}

GPtrArray *
itv_app_exams(const ItvHistory *h, ItvDate as_of)
{
  GPtrArray *exams = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < h->studies->len; i++) {
    const ItvStudy *s = &g_array_index(h->studies, ItvStudy, i);
    if (!itv_study_stands(s, as_of))
      continue;
    ItvAppExam *x =
        find_or_add(exams, itv_derive_holder(h, &s->ev, as_of), s->study_uid, s->accession);
    x->n_images += s->n_images;
    x->description = s->description;
    x->performed = s->performed;
    add_coverage(x, &s->exam);
  }
  for (guint i = 0; i < h->reports->len; i++) {
    const ItvReport *r = &g_array_index(h->reports, ItvReport, i);
    if (!is_known(&r->ev, as_of) || is_cancelled(h, r, as_of))
      continue;
    ItvAppExam *x =
        find_or_add(exams, itv_derive_holder(h, &r->ev, as_of), r->study_uid, r->accession);
    if (!x->description)
      x->description = r->description;
    if (!x->code)
      x->code = r->code;
    if (x->performed.date == ITV_DATE_NONE)
      x->performed = r->performed;
    add_coverage(x, &r->exam);
  }
  g_ptr_array_sort(exams, by_time);
  return exams;
}

const ItvAppExam *
itv_app_exam_find(const GPtrArray *exams, const char *study)
{
  for (guint i = 0; i < exams->len; i++) {
    const ItvAppExam *x = exams->pdata[i];
    if (same(x->study_uid, study) || same(x->accession, study))
      return x;
  }
  return NULL;
}
