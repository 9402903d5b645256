/* SPDX-License-Identifier: Apache-2.0
 *
 * Performed exams and the version of each report that counts.
 *
 * Reports and studies with the same Study Instance UID or the same accession
 * number are one exam.  Accession numbers of two issuers may coincide by
 * chance: after a merge they count as the same only when the exams lie within
 * a day of each other.
 *
 * Versions count in the order in which they became known: a preliminary text
 * until anything firmer is known, then each final or corrected text replaces
 * the one before, and a cancellation all of them.  An addendum is a letter of
 * its own: what it asks for stands beside what the report asks for, until it is
 * itself corrected or cancelled, or the report is cancelled.
 */
#include "engine/derive-internal.h"

#include <string.h>

static const ItvModalitySet not_of_exams =
    ITV_MODALITY_BIT(ITV_MODALITY_SR) | ITV_MODALITY_BIT(ITV_MODALITY_OT);

static void
letter_free(gpointer data)
{
  ItvLetter *l = data;
  g_ptr_array_unref(l->versions);
  g_free(l);
}

ItvPerformed *
itv_performed_new(void)
{
  ItvPerformed *e = g_new0(ItvPerformed, 1);
  e->reports = g_ptr_array_new();
  e->studies = g_ptr_array_new();
  e->letters = g_ptr_array_new_with_free_func(letter_free);
  e->fulfils = g_ptr_array_new();
  e->performed = e->known = ITV_MOMENT_NONE;
  return e;
}

void
itv_performed_free(ItvPerformed *e)
{
  g_ptr_array_unref(e->reports);
  g_ptr_array_unref(e->studies);
  g_ptr_array_unref(e->letters);
  g_ptr_array_unref(e->fulfils);
  g_free(e->made_description);
  g_free(e);
}

int
itv_performed_compare(const ItvPerformed *a, const ItvPerformed *b)
{
  const int at = itv_moment_compare(a->performed, b->performed);
  const int known = at ? at : itv_moment_compare(a->known, b->known);
  return known ? known : strcmp(a->key, b->key);
}

static int
compare_exam_pointers(gconstpointer a, gconstpointer b)
{
  return itv_performed_compare(*(ItvPerformed *const *)a, *(ItvPerformed *const *)b);
}

/* --- which evidence is one exam --------------------------------------------- */

/* One piece of evidence of an exam while they are being sorted out. */
typedef struct {
  const ItvEvidence *ev;
  const ItvReport *report;
  const ItvStudy *study;
  const char *accession, *study_uid;
  ItvDate date;
  guint exam; /* union-find */
} Piece;

static guint
find_exam(GArray *pieces, guint i)
{
  Piece *p = &g_array_index(pieces, Piece, i);
  while (p->exam != i) {
    i = p->exam;
    p = &g_array_index(pieces, Piece, i);
  }
  return i;
}

static void
join_exams(GArray *pieces, guint a, guint b)
{
  a = find_exam(pieces, a);
  b = find_exam(pieces, b);
  g_array_index(pieces, Piece, MAX(a, b)).exam = MIN(a, b);
}

static const char *
filled(const char *s)
{
  return s && *s ? s : NULL;
}

static gboolean
same_number_space(const ItvCase *c, const Piece *a, const Piece *b)
{
  const ItvPatientId *x = &g_array_index(c->history->ids, ItvPatientId, a->ev->patient);
  const ItvPatientId *y = &g_array_index(c->history->ids, ItvPatientId, b->ev->patient);
  return strcmp(x->issuer, y->issuer) == 0 || ABS((gint64)a->date - b->date) <= 1;
}

/* Joins piece i with the earlier ones of the same key; remembers one piece
 * for each number space that the key stands in. */
static void
join_by_key(const ItvCase *c, GArray *pieces, GHashTable *seen, char *key, guint i,
            gboolean guarded)
{
  GArray *holders = g_hash_table_lookup(seen, key);
  if (!holders) {
    holders = g_array_new(FALSE, FALSE, sizeof(guint));
    g_hash_table_insert(seen, key, holders);
  } else {
    g_free(key);
  }
  for (guint k = 0; k < holders->len; k++) {
    const guint other = g_array_index(holders, guint, k);
    if (guarded && !same_number_space(c, &g_array_index(pieces, Piece, i),
                                      &g_array_index(pieces, Piece, other)))
      continue;
    join_exams(pieces, i, other);
    return;
  }
  g_array_append_val(holders, i);
}

static gboolean
has_document(const ItvReport *r)
{
  return r->documents && r->documents->len > 0;
}

static void
join_pieces(const ItvCase *c, GArray *pieces)
{
  g_autoptr(GHashTable) seen =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
  for (guint i = 0; i < pieces->len; i++) {
    const Piece *p = &g_array_index(pieces, Piece, i);
    if (p->study_uid)
      join_by_key(c, pieces, seen, g_strconcat("u", p->study_uid, NULL), i, FALSE);
    if (p->accession)
      join_by_key(c, pieces, seen, g_strconcat("a", p->accession, NULL), i, TRUE);
    for (guint d = 0; p->report && p->report->documents && d < p->report->documents->len; d++)
      join_by_key(c, pieces, seen, g_strconcat("d", p->report->documents->pdata[d], NULL), i, TRUE);
    /* No number at all: versions of one report bear the same time to the second and code. */
    if (!p->study_uid && !p->accession && p->report && !has_document(p->report) &&
        p->report->performed.second >= 0)
      join_by_key(c, pieces, seen,
                  g_strdup_printf("t%u %d %d %s %s", p->ev->patient, p->report->performed.date,
                                  p->report->performed.second,
                                  p->report->code ? p->report->code : "",
                                  p->report->description ? p->report->description : ""),
                  i, FALSE);
  }
}

static int
compare_pieces(gconstpointer a, gconstpointer b)
{
  return itv_evidence_compare(((const Piece *)a)->ev, ((const Piece *)b)->ev);
}

static GArray *
pieces_of(const ItvCase *c)
{
  GArray *pieces = g_array_new(FALSE, TRUE, sizeof(Piece));
  for (guint i = 0; i < c->reports->len; i++) {
    const ItvReport *r = g_ptr_array_index(c->reports, i);
    const ItvDate date = r->performed.date != ITV_DATE_NONE ? r->performed.date : r->ev.known.date;
    const Piece p = {&r->ev, r, NULL, filled(r->accession), filled(r->study_uid), date, 0};
    g_array_append_val(pieces, p);
  }
  for (guint i = 0; i < c->studies->len; i++) {
    const ItvStudy *s = g_ptr_array_index(c->studies, i);
    const ItvDate date = s->performed.date != ITV_DATE_NONE ? s->performed.date : s->ev.known.date;
    const Piece p = {&s->ev, NULL, s, filled(s->accession), filled(s->study_uid), date, 0};
    g_array_append_val(pieces, p);
  }
  g_array_sort(pieces, compare_pieces);
  for (guint i = 0; i < pieces->len; i++)
    g_array_index(pieces, Piece, i).exam = i;
  return pieces;
}

/* --- versions ---------------------------------------------------------------- */

static guint
firmness(char status)
{
  switch (status) {
  case 'P':
    return 0;
  case 'X':
    return 3;
  case 'C':
    return 2;
  default:
    return 1;
  }
}

/* By known time; of the same second the firmer text is the later one. */
static int
compare_versions(gconstpointer a, gconstpointer b)
{
  const ItvReport *x = *(ItvReport *const *)a, *y = *(ItvReport *const *)b;
  const int known = itv_moment_compare(x->ev.known, y->ev.known);
  if (known)
    return known;
  const guint fx = firmness(x->status), fy = firmness(y->status);
  return fx != fy ? (fx < fy ? -1 : 1) : g_strcmp0(x->ev.uid, y->ev.uid);
}

static void
pick_current(ItvLetter *l)
{
  gboolean firm = FALSE;
  GPtrArray *counting = g_ptr_array_new();
  g_ptr_array_sort(l->versions, compare_versions);
  for (guint i = 0; i < l->versions->len; i++) {
    ItvReport *r = g_ptr_array_index(l->versions, i);
    if (r->status == 'P' && firm)
      continue; /* a preliminary text that comes after the final one says nothing */
    /* A version that nobody could read takes nothing back: what an earlier text
     * asked for stands until a readable one says otherwise. */
    if (r->unread && r->status != 'X' && l->current)
      continue;
    firm = r->status != 'P' && r->status != 'X';
    l->current = r->status == 'X' ? NULL : r;
    g_ptr_array_add(counting, r);
  }
  g_ptr_array_unref(l->versions);
  l->versions = counting;
}

static ItvLetter *
new_letter(ItvPerformed *e, const char *key, gboolean addendum)
{
  ItvLetter *letter = g_new0(ItvLetter, 1);
  letter->exam = e;
  letter->key = key;
  letter->addendum = addendum;
  letter->versions = g_ptr_array_new();
  g_ptr_array_add(e->letters, letter);
  return letter;
}

/* The accession number, when the exam has just one. */
static const char *
only_accession(const ItvPerformed *e)
{
  const char *only = NULL;
  for (guint i = 0; i < e->reports->len; i++) {
    const char *accession = filled(((ItvReport *)g_ptr_array_index(e->reports, i))->accession);
    if (only && accession && strcmp(only, accession) != 0)
      return NULL;
    only = only ? only : accession;
  }
  return only;
}

/* The key by which an addendum is known: its document's number, else its uid. */
static const char *
addendum_key(const ItvReport *r)
{
  return has_document(r) ? g_ptr_array_index(r->documents, 0) : r->ev.uid;
}

/* Document number or uid -> the key of the addendum that it belongs to.  What edits or
 * replaces an addendum names it by its number, and may be replaced in its turn. */
static GHashTable *
addenda_of(const ItvPerformed *e)
{
  GHashTable *of = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < e->reports->len; i++) {
    const ItvReport *r = g_ptr_array_index(e->reports, i);
    if (r->addendum)
      g_hash_table_insert(of, (gpointer)(guintptr)addendum_key(r),
                          (gpointer)(guintptr)addendum_key(r));
  }
  for (guint before = 0; before != g_hash_table_size(of);) {
    before = g_hash_table_size(of);
    for (guint i = 0; i < e->reports->len; i++) {
      const ItvReport *r = g_ptr_array_index(e->reports, i);
      gpointer key = NULL;
      for (guint d = 0; !r->addendum && has_document(r) && d < r->documents->len; d++)
        key = key ? key : g_hash_table_lookup(of, r->documents->pdata[d]);
      for (guint d = 0; key && d < r->documents->len; d++)
        g_hash_table_insert(of, r->documents->pdata[d], key);
    }
  }
  return of;
}

/* The key of the addendum that a version belongs to; NULL: to the report itself. */
static const char *
addendum_of(GHashTable *addenda, const ItvReport *r)
{
  if (r->addendum)
    return addendum_key(r);
  return has_document(r) ? g_hash_table_lookup(addenda, r->documents->pdata[0]) : NULL;
}

static ItvLetter *
letter_for(ItvPerformed *e, const char *key, gboolean addendum, const char *fallback)
{
  for (guint k = 0; k < e->letters->len; k++) {
    ItvLetter *l = g_ptr_array_index(e->letters, k);
    if (l->addendum == addendum && (!key || strcmp(l->key, key) == 0))
      return l;
  }
  return new_letter(e, key ? key : fallback, addendum);
}

static gboolean
share_document(const ItvReport *a, const ItvReport *b)
{
  for (guint i = 0; has_document(a) && has_document(b) && i < a->documents->len; i++)
    for (guint k = 0; k < b->documents->len; k++)
      if (strcmp(a->documents->pdata[i], b->documents->pdata[k]) == 0)
        return TRUE;
  return FALSE;
}

/* The letter of a document by its number, whatever accession number this version bears. */
static ItvLetter *
letter_of_document(const ItvPerformed *e, const ItvReport *r)
{
  for (guint k = 0; has_document(r) && k < e->letters->len; k++) {
    ItvLetter *l = g_ptr_array_index(e->letters, k);
    for (guint i = 0; !l->addendum && i < l->versions->len; i++)
      if (share_document(r, g_ptr_array_index(l->versions, i)))
        return l;
  }
  return NULL;
}

/* Who cancels a report cancels what was added to it. */
static void
cancel_addenda(ItvPerformed *e, ItvReport *cancelled)
{
  for (guint k = 0; k < e->letters->len; k++) {
    ItvLetter *l = g_ptr_array_index(e->letters, k);
    const ItvReport *first = l->versions->len ? g_ptr_array_index(l->versions, 0) : NULL;
    const char *of = first ? filled(first->accession) : NULL;
    if (l->addendum && (!of || g_strcmp0(of, filled(cancelled->accession)) == 0))
      g_ptr_array_add(l->versions, cancelled);
  }
}

static void
sort_letters(ItvPerformed *e)
{
  const char *only = only_accession(e);
  gboolean several = FALSE;
  for (guint i = 0; i < e->reports->len; i++)
    several |= !only && filled(((ItvReport *)g_ptr_array_index(e->reports, i))->accession);
  g_autoptr(GHashTable) addenda = addenda_of(e);
  for (guint pass = 0; pass < 2; pass++) /* the reports first, then what was added to them */
    for (guint i = 0; i < e->reports->len; i++) {
      ItvReport *r = g_ptr_array_index(e->reports, i);
      const char *key = addendum_of(addenda, r);
      const gboolean addendum = key != NULL;
      if (addendum != (pass == 1))
        continue;
      key = key ? key : filled(r->accession);
      key = key ? key : !several ? only : NULL;
      key = key ? key : filled(r->study_uid);
      ItvLetter *letter = addendum ? NULL : letter_of_document(e, r);
      letter = letter ? letter : letter_for(e, key, addendum, r->ev.uid);
      g_ptr_array_add(letter->versions, r);
    }
  for (guint i = 0; i < e->reports->len; i++) {
    ItvReport *r = g_ptr_array_index(e->reports, i);
    if (r->status == 'X' && !addendum_of(addenda, r))
      cancel_addenda(e, r);
  }
  for (guint k = 0; k < e->letters->len; k++)
    pick_current(g_ptr_array_index(e->letters, k));
}

/* --- what the exam is --------------------------------------------------------- */

static void
prove(ItvPerformed *e, const ItvEvidence *ev)
{
  e->live = TRUE;
  if (!e->uid || itv_moment_compare(ev->known, e->known) < 0) {
    e->uid = ev->uid;
    e->source = ev->source;
    e->known = ev->known;
  }
}

/* Two sources that contradict each other about the side: unknown, a person must look. */
static void
widen(ItvExam *into, const ItvExam *more)
{
  const gboolean first = !into->modalities && !into->regions;
  into->modalities |= more->modalities & ~not_of_exams;
  into->regions |= more->regions;
  into->acts |= more->acts;
  if (first || !into->laterality)
    into->laterality = more->laterality;
  else if (itv_sides_contradict(into->laterality, more->laterality))
    into->laterality = ITV_LATERALITY_NONE;
  into->main_region = into->main_region ? into->main_region : more->main_region;
  into->main_modality = into->main_modality ? into->main_modality : more->main_modality;
}

static gboolean
calls_itself_non_diagnostic(const ItvReport *r)
{
  for (guint i = 0; r->statements && i < r->statements->len; i++)
    if (g_array_index(r->statements, ItvStatement, i).kind == ITV_STATEMENT_NON_DIAGNOSTIC)
      return TRUE;
  return FALSE;
}

static void
describe_by_report(ItvPerformed *e, const ItvReport *r)
{
  e->accession = e->accession ? e->accession : filled(r->accession);
  e->study_uid = e->study_uid ? e->study_uid : filled(r->study_uid);
  e->description = e->description ? e->description : filled(r->description);
  widen(&e->exam, &r->exam);
  /* An exam time that is only the message's own time is worth less than DICOM's. */
  const gboolean borrowed = e->studies->len && itv_moment_compare(r->performed, r->ev.known) == 0;
  if (e->performed.date == ITV_DATE_NONE && !borrowed)
    e->performed = r->performed;
}

static void
describe(ItvPerformed *e)
{
  for (guint k = 0; k < e->letters->len; k++) {
    const ItvLetter *l = g_ptr_array_index(e->letters, k);
    if (!l->current)
      continue;
    describe_by_report(e, l->current);
    e->non_diagnostic |= calls_itself_non_diagnostic(l->current);
    for (guint i = 0; i < l->versions->len; i++)
      if (((ItvReport *)g_ptr_array_index(l->versions, i))->status != 'X')
        prove(e, &((ItvReport *)g_ptr_array_index(l->versions, i))->ev);
  }
  for (guint i = 0; i < e->studies->len; i++) {
    const ItvStudy *s = g_ptr_array_index(e->studies, i);
    prove(e, &s->ev);
    e->accession = e->accession ? e->accession : filled(s->accession);
    e->study_uid = filled(s->study_uid) ? s->study_uid : e->study_uid;
    e->description = e->description ? e->description : filled(s->description);
    widen(&e->exam, &s->exam);
    if (e->performed.date == ITV_DATE_NONE)
      e->performed = s->performed;
  }
  /* Cancelled texts still say when and what, for the items that were
   * withdrawn, and their numbers are those of the exam. */
  for (guint i = e->reports->len; i-- > 0;) {
    const ItvReport *r = g_ptr_array_index(e->reports, i);
    if (!e->live || e->performed.date == ITV_DATE_NONE)
      describe_by_report(e, r);
    e->accession = e->accession ? e->accession : filled(r->accession);
    e->study_uid = e->study_uid ? e->study_uid : filled(r->study_uid);
  }
  if (!e->live && e->reports->len)
    e->known = ((ItvReport *)g_ptr_array_index(e->reports, 0))->ev.known;
  if (e->performed.date == ITV_DATE_NONE)
    e->performed = e->known;
  e->key = e->accession ? e->accession : e->study_uid;
  if (!e->key)
    e->key = e->reports->len ? ((ItvReport *)g_ptr_array_index(e->reports, 0))->ev.uid : e->uid;
  e->key = e->key ? e->key : "";
}

/* A report that does not say what was examined: its order may. */
static void
borrow_from_orders(const ItvCase *c, ItvPerformed *e)
{
  for (guint i = 0; e->accession && i < c->orders->len; i++) {
    const ItvOrder *o = g_ptr_array_index(c->orders, i);
    gboolean same = g_strcmp0(o->accession, e->accession) == 0;
    for (guint k = 0; !same && o->numbers && k < o->numbers->len; k++)
      same = g_strcmp0(g_ptr_array_index(o->numbers, k), e->accession) == 0;
    if (!same)
      continue;
    e->description = e->description ? e->description : filled(o->description);
    widen(&e->exam, &o->exam);
  }
}

void
itv_case_exams(ItvCase *c)
{
  g_autoptr(GArray) pieces = pieces_of(c);
  join_pieces(c, pieces);
  g_autofree ItvPerformed **of = g_new0(ItvPerformed *, pieces->len + 1);
  for (guint i = 0; i < pieces->len; i++) {
    const Piece *p = &g_array_index(pieces, Piece, i);
    const guint root = find_exam(pieces, i);
    if (!of[root]) {
      of[root] = itv_performed_new();
      g_ptr_array_add(c->exams, of[root]);
    }
    g_ptr_array_add(p->report ? of[root]->reports : of[root]->studies,
                    p->report ? (gpointer)(guintptr)p->report : (gpointer)(guintptr)p->study);
  }
  for (guint i = 0; i < c->exams->len; i++) {
    ItvPerformed *e = g_ptr_array_index(c->exams, i);
    sort_letters(e);
    describe(e);
    if (!e->exam.regions || !e->exam.modalities)
      borrow_from_orders(c, e);
  }
}

void
itv_case_sort_exams(ItvCase *c)
{
  g_ptr_array_sort(c->exams, compare_exam_pointers);
}

ItvPerformed *
itv_case_find_exam(const ItvCase *c, const char *study)
{
  for (guint i = 0; study && i < c->exams->len; i++) {
    ItvPerformed *e = g_ptr_array_index(c->exams, i);
    for (guint k = 0; k < e->reports->len; k++) {
      const ItvReport *r = g_ptr_array_index(e->reports, k);
      if (g_strcmp0(r->accession, study) == 0 || g_strcmp0(r->study_uid, study) == 0)
        return e;
    }
    for (guint k = 0; k < e->studies->len; k++) {
      const ItvStudy *s = g_ptr_array_index(e->studies, k);
      if (g_strcmp0(s->accession, study) == 0 || g_strcmp0(s->study_uid, study) == 0)
        return e;
    }
  }
  return NULL;
}
