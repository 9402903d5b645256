/* SPDX-License-Identifier: Apache-2.0
 *
 * Appointments ahead.  Messages that share a number are about one appointment;
 * the latest known one says how it stands.  An order proves nothing, but one
 * that says "scheduled" with a time is an appointment, and its cancellation
 * takes back the appointments under its number.
 */
#include "engine/derive-internal.h"

#include <string.h>

/* One message about an appointment. */
typedef struct {
  const ItvEvidence *ev;
  const GPtrArray *numbers;
  const char *accession;
  gboolean ahead; /* stands, by this message */
  ItvMoment start;
  const ItvExam *exam;
  const char *description;
  guint group;
} Word;

typedef struct {
  const Word *last;  /* says how it stands */
  const Word *named; /* the latest that names an exam */
  ItvMoment start;   /* the latest given */
  GPtrArray *suits;  /* ItvOccurrence that it would fulfil in time */
} Booking;

static int
compare_words(gconstpointer a, gconstpointer b)
{
  return itv_evidence_compare(((const Word *)a)->ev, ((const Word *)b)->ev);
}

static void
add_orders(const ItvCase *c, GArray *words)
{
  for (guint i = 0; i < c->orders->len; i++) {
    const ItvOrder *o = g_ptr_array_index(c->orders, i);
    const gboolean off = o->status == ITV_ORDER_CANCELLED || o->status == ITV_ORDER_DISCONTINUED;
    const gboolean on = o->status == ITV_ORDER_SCHEDULED && o->scheduled.date != ITV_DATE_NONE;
    if (!on && !off)
      continue;
    const Word w = {&o->ev,       o->numbers, o->accession,   on,
                    o->scheduled, &o->exam,   o->description, 0};
    g_array_append_val(words, w);
  }
}

static GArray *
words_of(const ItvCase *c)
{
  GArray *words = g_array_new(FALSE, TRUE, sizeof(Word));
  for (guint i = 0; i < c->appointments->len; i++) {
    const ItvAppointment *a = g_ptr_array_index(c->appointments, i);
    const Word w = {&a->ev,
                    a->numbers,
                    a->accession,
                    a->status != ITV_APPOINTMENT_CANCELLED && a->status != ITV_APPOINTMENT_NO_SHOW,
                    a->start,
                    &a->exam,
                    a->description,
                    0};
    g_array_append_val(words, w);
  }
  add_orders(c, words);
  g_array_sort(words, compare_words);
  return words;
}

static guint
find_group(GArray *words, guint i)
{
  while (g_array_index(words, Word, i).group != i)
    i = g_array_index(words, Word, i).group;
  return i;
}

static void
join_number(GArray *words, GHashTable *seen, const char *number, guint i)
{
  if (!number || !*number)
    return;
  const guint first = GPOINTER_TO_UINT(g_hash_table_lookup(seen, number));
  if (!first) {
    g_hash_table_insert(seen, (gpointer)(guintptr)number, GUINT_TO_POINTER(i + 1));
    return;
  }
  const guint a = find_group(words, first - 1), b = find_group(words, i);
  g_array_index(words, Word, MAX(a, b)).group = MIN(a, b);
}

static void
group_words(GArray *words)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < words->len; i++)
    g_array_index(words, Word, i).group = i;
  for (guint i = 0; i < words->len; i++) {
    const Word *w = &g_array_index(words, Word, i);
    for (guint k = 0; w->numbers && k < w->numbers->len; k++)
      join_number(words, seen, g_ptr_array_index(w->numbers, k), i);
    join_number(words, seen, w->accession, i);
  }
}

static gboolean
names_exam(const Word *w)
{
  return w->exam->regions || w->exam->modalities || (w->description && *w->description);
}

static void
booking_clear(gpointer data)
{
  g_ptr_array_unref(((Booking *)data)->suits);
}

/* Those that stand and lie on or after the day. */
static GArray *
bookings_of(const ItvCase *c, GArray *words)
{
  g_autofree Booking *all = g_new0(Booking, words->len + 1);
  for (guint i = 0; i < words->len; i++) {
    const Word *w = &g_array_index(words, Word, i);
    Booking *b = &all[find_group(words, i)];
    b->last = w;
    b->named = names_exam(w) ? w : b->named;
    b->start = w->start.date != ITV_DATE_NONE ? w->start : b->start;
  }
  GArray *bookings = g_array_new(FALSE, TRUE, sizeof(Booking));
  g_array_set_clear_func(bookings, booking_clear);
  for (guint i = 0; i < words->len; i++) {
    Booking *b = &all[i];
    if (!b->last || !b->last->ahead || !b->named || b->start.date < c->as_of ||
        b->start.date == ITV_DATE_NONE)
      continue;
    b->suits = g_ptr_array_new();
    g_array_append_val(bookings, *b);
  }
  return bookings;
}

static gboolean
is_open(const ItvOccurrence *o)
{
  return !o->fulfilled && !o->rulings.ruling && !itv_occurrence_withdrawn(o) &&
         !itv_occurrence_end(o);
}

static gboolean
could_serve(const ItvFulfilment *f, const ItvOccurrence *o, const Booking *b)
{
  /* The side is often left to the day itself; one of two sections is booked at least. */
  const guint forgiven = ITV_DEFECT_SIDE_UNKNOWN | ITV_DEFECT_SECTIONS;
  if (!is_open(o) || b->start.date < o->anchor)
    return FALSE;
  const ItvActSet acts =
      o->item->kind == ITV_KIND_OF_IMAGING
          ? 0
          : itv_fulfilment_acts(f, b->named->description, -1) | b->named->exam->acts;
  const guint defects = itv_match_defects(f, &o->ask->action, b->named->exam, acts);
  return defects != G_MAXUINT && !(defects & ~forgiven);
}

static gboolean
in_time(const ItvOccurrence *o, const Booking *b)
{
  return !o->item->has_interval || b->start.date >= o->earliest_day;
}

static void
assign(ItvOccurrence *o, const Booking *b)
{
  if (o->item->scheduled_for != ITV_DATE_NONE && o->item->scheduled_for <= b->start.date)
    return;
  g_autofree char *when = itv_moment_format(b->start);
  o->item->scheduled_for = b->start.date;
  itv_step(o->item, "contract-3/scheduled", b->last->ev->known, b->last->ev->uid,
           b->last->ev->source, "an appointment on %s (%s) stands: %s", when,
           b->named->description ? b->named->description : "exam",
           in_time(o, b) ? "in time for it" : "early for it, but made for nothing else");
}

/* As with performed exams: one that is early here but in time for another
 * item of the region was made for that one. */
static gboolean
made_for_another(const ItvFulfilment *f, const ItvOccurrence *o, const Booking *b)
{
  for (guint i = 0; i < b->suits->len; i++) {
    const ItvFollowup *other = ((ItvOccurrence *)g_ptr_array_index(b->suits, i))->item;
    if (other->kind == o->item->kind && itv_fulfilment_related(f, other->region, o->item->region))
      return TRUE;
  }
  return FALSE;
}

static void
place(const ItvCase *c, const Booking *b, gboolean early)
{
  for (guint a = 0; a < c->asks->len; a++) {
    const ItvAsk *ask = g_ptr_array_index(c->asks, a);
    for (guint k = 0; k < ask->occurrences->len; k++) {
      ItvOccurrence *o = g_ptr_array_index(ask->occurrences, k);
      if (!could_serve(c->rules->fulfilment, o, b) || in_time(o, b) == early)
        continue;
      if (early && made_for_another(c->rules->fulfilment, o, b))
        continue;
      if (!early)
        g_ptr_array_add(b->suits, o);
      assign(o, b);
    }
  }
}

void
itv_case_schedule(ItvCase *c)
{
  if (!c->asks->len || (!c->appointments->len && !c->orders->len))
    return;
  g_autoptr(GArray) words = words_of(c);
  group_words(words);
  g_autoptr(GArray) bookings = bookings_of(c, words);
  for (guint i = 0; i < bookings->len; i++)
    place(c, &g_array_index(bookings, Booking, i), FALSE);
  for (guint i = 0; i < bookings->len; i++)
    place(c, &g_array_index(bookings, Booking, i), TRUE);
}

GArray *
itv_case_booked(const ItvCase *c)
{
  GArray *booked = g_array_new(FALSE, FALSE, sizeof(ItvBooked));
  g_autoptr(GArray) words = words_of(c);
  group_words(words);
  g_autoptr(GArray) bookings = bookings_of(c, words);
  for (guint i = 0; i < bookings->len; i++) {
    const Booking *b = &g_array_index(bookings, Booking, i);
    const ItvBooked one = {b->named->exam, b->named->description, b->last->accession,
                           b->last->ev->uid, b->start.date};
    g_array_append_val(booked, one);
  }
  return booked;
}
