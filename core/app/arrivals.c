/* SPDX-License-Identifier: Apache-2.0 */
#include "app/arrivals.h"

#include <math.h>
#include <string.h>

#include "engine/evidence.h"

#define SAME_POSITION_MM 0.01
#define SAME_DIRECTION 5e-3 /* of a direction cosine */
#define UNEVEN_SHARE 0.05   /* of the step */
#define WHOLE_SHARE 0.1     /* of the step: how far a gap may be from a multiple of it */
#define TILT_DEG 0.5
#define FEWEST 4u /* slices, below which nobody can tell what is missing */

typedef struct {
  double position_mm[3], along_mm;
  gint64 number;
} Slice;

typedef struct {
  char *patient, *path; /* of the first object */
  gboolean clashes;     /* which was said */
} Study;

typedef struct {
  char *study, *patient, *description, *path;
  double orientation[6];
  GArray *slices;    /* Slice: of the first one's orientation */
  guint n_differing; /* objects under the UID of another one */
  guint n_unreadable;
  char *unreadable; /* why the first of them is */
} Series;

struct ItvArrivals {
  GHashTable *series;  /* UID -> Series */
  GHashTable *studies; /* UID -> Study */
  GHashTable *objects; /* digests of SOP UIDs that came: a million of them must find room */
  GPtrArray *clashes;  /* char *: path, text, path, text ... */
  GHashTable *said;    /* texts of those */
};

static void
series_free(gpointer data)
{
  Series *s = data;
  g_free(s->study);
  g_free(s->patient);
  g_free(s->description);
  g_free(s->path);
  g_free(s->unreadable);
  g_array_unref(s->slices);
  g_free(s);
}

static void
study_free(gpointer data)
{
  Study *s = data;
  g_free(s->patient);
  g_free(s->path);
  g_free(s);
}

ItvArrivals *
itv_arrivals_new(void)
{
  ItvArrivals *a = g_new0(ItvArrivals, 1);
  a->series = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, series_free);
  a->studies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, study_free);
  a->objects = g_hash_table_new(NULL, NULL);
  a->clashes = g_ptr_array_new_with_free_func(g_free);
  a->said = g_hash_table_new(g_str_hash, g_str_equal);
  return a;
}

void
itv_arrivals_free(ItvArrivals *a)
{
  if (!a)
    return;
  g_hash_table_unref(a->series);
  g_hash_table_unref(a->studies);
  g_hash_table_unref(a->objects);
  g_hash_table_unref(a->said);
  g_ptr_array_unref(a->clashes);
  g_free(a);
}

/* ---- what came ------------------------------------------------------------------------ */

static gboolean
is_sliced(const itv_record *image)
{
  static const char *const modalities[] = {"CT", "MR", "PT", "NM", NULL};
  return g_strv_contains(modalities, itv_record_str(image, "modality", "")) &&
         itv_record_i64(image, "frames", 1) == 1 && itv_record_field(image, "position", 2) &&
         itv_record_field(image, "orientation", 5);
}

static double
number_of(const itv_record *r, const char *key, gsize n)
{
  const itv_field *f = itv_record_field(r, key, n);
  return f && f->type == ITV_T_F64 ? f->v.f64 : 0;
}

static void
add_slice(Series *s, const itv_record *r)
{
  double o[6];
  for (gsize i = 0; i < 6; i++)
    o[i] = number_of(r, "orientation", i);
  if (s->slices->len == 0)
    memcpy(s->orientation, o, sizeof o);
  for (int i = 0; i < 6; i++)
    if (fabs(o[i] - s->orientation[i]) > SAME_DIRECTION)
      return; /* a localizer among others: the pixels plugin names it */
  const double normal[3] = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5],
                            o[0] * o[4] - o[1] * o[3]};
  Slice slice = {.number = itv_record_i64(r, "instance-number", G_MININT64)};
  for (gsize i = 0; i < 3; i++) {
    slice.position_mm[i] = number_of(r, "position", i);
    slice.along_mm += slice.position_mm[i] * normal[i];
  }
  g_array_append_val(s->slices, slice);
}

/* What was derived from images is not to be looked at: nothing is missing. */
static void
add_pixel_problem(Series *s, const itv_record *r)
{
  const char *problem = itv_record_str(r, "pixel-problem", NULL);
  if (!problem || !itv_evidence_shows_anatomy(r))
    return;
  s->n_unreadable++;
  if (!s->unreadable)
    s->unreadable = g_strdup(problem);
}

static void
clash(ItvArrivals *a, const char *path, char *text)
{
  if (!g_hash_table_add(a->said, text)) {
    g_free(text);
    return;
  }
  g_ptr_array_add(a->clashes, g_strdup(path));
  g_ptr_array_add(a->clashes, text);
}

static void
check_uids(ItvArrivals *a, const Series *s, const char *uid, const char *study, const char *patient,
           const char *path)
{
  Study *first = g_hash_table_lookup(a->studies, study);
  if (*patient && *first->patient && strcmp(first->patient, patient) != 0) {
    first->clashes = TRUE;
    clash(a, path,
          g_strdup_printf("study %s comes for patient %s and for patient %s: the two are kept "
                          "apart",
                          study, first->patient, patient));
  }
  if (strcmp(s->study, study) != 0)
    clash(a, path,
          g_strdup_printf("series %s comes in study %s and in study %s: the two are kept apart",
                          uid, s->study, study));
}

/* FNV-1a, 64 bits. */
static gpointer
digest(const char *uid)
{
  guint64 h = 0xcbf29ce484222325u;
  for (; *uid; uid++)
    h = (h ^ (guint8)*uid) * 0x100000001b3u;
  return (gpointer)(guintptr)h;
}

void
itv_arrivals_add(ItvArrivals *a, const ItvRecords *records, gboolean is_new, const char *path)
{
  const itv_record *p = itv_records_find(records, "interval.patient/1", 0);
  const itv_record *r = itv_records_find(records, "interval.image/1", 0);
  if (!r)
    return;
  const char *uid = itv_record_str(r, "series-uid", "");
  const char *study = itv_record_str(r, "study-uid", "");
  const char *patient = p ? itv_record_str(p, "id", "") : "";
  if (!g_hash_table_contains(a->studies, study)) {
    Study *first = g_new0(Study, 1);
    first->patient = g_strdup(patient);
    first->path = g_strdup(path);
    g_hash_table_insert(a->studies, g_strdup(study), first);
  }
  Series *s = g_hash_table_lookup(a->series, uid);
  if (!s) {
    s = g_new0(Series, 1);
    s->study = g_strdup(study);
    s->patient = g_strdup(patient);
    s->description = g_strdup(itv_record_str(r, "series-description", NULL));
    s->path = g_strdup(path);
    s->slices = g_array_new(FALSE, FALSE, sizeof(Slice));
    g_hash_table_insert(a->series, g_strdup(uid), s);
  }
  check_uids(a, s, uid, study, patient, path);
  if (!g_hash_table_add(a->objects, digest(itv_record_str(r, "sop-uid", "")))) {
    s->n_differing += (guint)is_new;
    return;
  }
  add_pixel_problem(s, r);
  if (is_sliced(r) && strcmp(s->study, study) == 0 && strcmp(s->patient, patient) == 0)
    add_slice(s, r);
}

/* ---- faults --------------------------------------------------------------------------- */

static gint
compare_slices(gconstpointer a, gconstpointer b)
{
  const Slice *x = a, *y = b;
  if (fabs(x->along_mm - y->along_mm) > SAME_POSITION_MM)
    return x->along_mm < y->along_mm ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static gint
compare_doubles(gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void say(GString *s, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
say(GString *s, const char *format, ...)
{
  va_list args;
  if (s->len)
    g_string_append(s, "; ");
  va_start(args, format);
  g_string_append_vprintf(s, format, args);
  va_end(args);
}

/* Sorted slices, one for each place. */
static guint
drop_duplicates(GArray *slices)
{
  guint kept = 1;
  const guint all = slices->len;
  for (guint i = 1; i < all; i++) {
    const Slice *x = &g_array_index(slices, Slice, i);
    if (x->along_mm - g_array_index(slices, Slice, kept - 1).along_mm > SAME_POSITION_MM)
      g_array_index(slices, Slice, kept++) = *x;
  }
  g_array_set_size(slices, kept);
  return all - kept;
}

static void
check_steps(const GArray *slices, GString *faults)
{
  g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(double));
  guint missing = 0, gaps = 0, uneven = 0;
  for (guint i = 1; i < slices->len; i++) {
    const double step =
        g_array_index(slices, Slice, i).along_mm - g_array_index(slices, Slice, i - 1).along_mm;
    g_array_append_val(steps, step);
  }
  g_array_sort(steps, compare_doubles);
  const double usual = g_array_index(steps, double, (steps->len - 1) / 2);
  for (guint i = 0; i < steps->len; i++) {
    const double step = g_array_index(steps, double, i), whole = floor(step / usual + 0.5);
    if (fabs(step - usual) <= UNEVEN_SHARE * usual + SAME_POSITION_MM)
      continue;
    if (whole >= 2 && whole < 1e6 && fabs(step - whole * usual) <= WHOLE_SHARE * usual) {
      gaps++;
      missing += (guint)whole - 1;
    } else {
      uneven++;
    }
  }
  if (gaps)
    say(faults, "missing slices: %u (gaps: %u, slices are %.2f mm apart)", missing, gaps, usual);
  if (uneven)
    say(faults, "uneven steps between slices: %u are not the usual %.2f mm", uneven, usual);
}

static void
check_tilt(const Series *s, GString *faults)
{
  const Slice *first = &g_array_index(s->slices, Slice, 0),
              *last = &g_array_index(s->slices, Slice, s->slices->len - 1);
  double shift[2] = {0, 0};
  for (int i = 0; i < 3; i++) {
    const double d = last->position_mm[i] - first->position_mm[i];
    shift[0] += d * s->orientation[i];
    shift[1] += d * s->orientation[3 + i];
  }
  const double tilt =
      atan2(hypot(shift[0], shift[1]), last->along_mm - first->along_mm) * 180 / G_PI;
  if (tilt > TILT_DEG)
    say(faults, "gantry tilt: %.1f degrees", tilt);
}

/* Numbers may run up or down along the body, but should not do both. */
static void
check_order(const GArray *slices, GString *faults)
{
  guint up = 0, down = 0;
  for (guint i = 1; i < slices->len; i++) {
    const gint64 a = g_array_index(slices, Slice, i - 1).number,
                 b = g_array_index(slices, Slice, i).number;
    if (a == G_MININT64 || b == G_MININT64)
      return;
    up += (guint)(b > a);
    down += (guint)(b < a);
  }
  if (up && down)
    say(faults,
        "unsorted: instance numbers do not follow the place of the slices, which is what they are "
        "sorted by");
}

static char *
faults_of(Series *s)
{
  GString *faults = g_string_new(NULL);
  if (s->n_differing)
    say(faults, "objects that differ under one UID: %u; of each UID the first that came is used",
        s->n_differing);
  if (s->n_unreadable)
    say(faults, "objects whose pixels cannot be decoded: %u (%s); the exam is known all the same",
        s->n_unreadable, s->unreadable);
  if (s->slices->len >= FEWEST) {
    g_array_sort(s->slices, compare_slices);
    const guint duplicates = drop_duplicates(s->slices);
    if (duplicates)
      say(faults, "duplicate slices: %u where another one lies (copies, time points or echoes)",
          duplicates);
    if (s->slices->len >= FEWEST) {
      check_steps(s->slices, faults);
      check_tilt(s, faults);
      if (!duplicates)
        check_order(s->slices, faults);
    }
  }
  return g_string_free(faults, faults->len == 0);
}

gboolean
itv_arrivals_each_study(ItvArrivals *a, ItvArrivalsStudy each, gpointer data, GError **error)
{
  g_autoptr(GList) uids = g_list_sort(g_hash_table_get_keys(a->studies), (GCompareFunc)strcmp);
  for (const GList *l = uids; l; l = l->next) {
    const Study *s = g_hash_table_lookup(a->studies, l->data);
    if (!s->clashes && !each(data, l->data, s->patient, s->path, error))
      return FALSE;
  }
  return TRUE;
}

void
itv_arrivals_report(ItvArrivals *a, ItvArrivalsNote note, gpointer data)
{
  g_autoptr(GList) uids = g_list_sort(g_hash_table_get_keys(a->series), (GCompareFunc)strcmp);
  for (guint i = 0; i + 1 < a->clashes->len; i += 2)
    note(data, a->clashes->pdata[i], a->clashes->pdata[i + 1]);
  for (const GList *l = uids; l; l = l->next) {
    Series *s = g_hash_table_lookup(a->series, l->data);
    g_autofree char *faults = faults_of(s);
    g_autofree char *text = faults ? g_strdup_printf("series %s%s%s: %s", (const char *)l->data,
                                                     s->description ? " " : "",
                                                     s->description ? s->description : "", faults)
                                   : NULL;
    if (text)
      note(data, s->path, text);
  }
}
