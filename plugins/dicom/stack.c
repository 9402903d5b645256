/* SPDX-License-Identifier: Apache-2.0 */
#include "stack.h"

#include <math.h>
#include <string.h>

#define SAME_POSITION_MM 0.01
#define SAME_DIRECTION 1e-3  /* of a direction cosine */
#define IRREGULAR_SHARE 0.05 /* of the step */
#define TILT_DEG 0.5
#define MAX_FILL 4u /* a grid has at most so many planes for each slice */

void
dcm_slice_clear(DcmSlice *slice)
{
  g_clear_pointer(&slice->uid, g_free);
}

void
dcm_stack_free(DcmStack *stack)
{
  if (!stack)
    return;
  g_array_unref(stack->slices);
  g_ptr_array_unref(stack->notes);
  g_free(stack);
}

static DcmSlice *
at(GArray *slices, guint i)
{
  return &g_array_index(slices, DcmSlice, i);
}

static double
dot(const double *a, const double *b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void note(DcmStack *s, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
note(DcmStack *s, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_ptr_array_add(s->notes, g_strdup_vprintf(format, args));
  va_end(args);
}

static gboolean
alike(const DcmSlice *a, const DcmSlice *b)
{
  if (a->rows != b->rows || a->columns != b->columns)
    return FALSE;
  for (int i = 0; i < 6; i++)
    if (fabs(a->plane.orientation[i] - b->plane.orientation[i]) > SAME_DIRECTION * 5)
      return FALSE;
  return fabs(a->plane.spacing_mm[0] - b->plane.spacing_mm[0]) <= 1e-3 * a->plane.spacing_mm[0] &&
         fabs(a->plane.spacing_mm[1] - b->plane.spacing_mm[1]) <= 1e-3 * a->plane.spacing_mm[1];
}

static guint
count_alike(GArray *slices, guint k)
{
  guint n = 0;
  for (guint i = 0; i < slices->len; i++)
    n += (guint)alike(at(slices, k), at(slices, i));
  return n;
}

/* Keeps the largest set of slices of one orientation, size and spacing. */
static void
keep_largest_set(DcmStack *s)
{
  guint best = 0, best_n = 0;
  for (guint i = 0; i < s->slices->len && best_n * 2 <= s->slices->len; i++) {
    guint n = count_alike(s->slices, i);
    if (n > best_n) {
      best = i;
      best_n = n;
    }
  }
  if (best_n == s->slices->len)
    return;
  DcmSlice model = *at(s->slices, best);
  guint kept = 0, all = s->slices->len;
  for (guint i = 0; i < all; i++) {
    DcmSlice slice = *at(s->slices, i);
    if (alike(&model, &slice))
      *at(s->slices, kept++) = slice;
    else
      dcm_slice_clear(&slice);
  }
  memset(at(s->slices, kept), 0, (all - kept) * sizeof(DcmSlice));
  g_array_set_size(s->slices, kept);
  note(s,
       "mixed orientation: %u of %u slices have another orientation, matrix or pixel spacing than "
       "the rest and were left out",
       all - kept, all);
}

static gint
compare_slices(gconstpointer a, gconstpointer b)
{
  const DcmSlice *x = a, *y = b;
  if (fabs(x->along_mm - y->along_mm) > 1e-9)
    return x->along_mm < y->along_mm ? -1 : 1;
  if (x->number != y->number)
    return x->number < y->number ? -1 : 1;
  return g_strcmp0(x->uid, y->uid);
}

static void
place(DcmStack *s)
{
  const DcmPlane *first = &at(s->slices, 0)->plane;
  const double *o = first->orientation;
  s->normal[0] = o[1] * o[5] - o[2] * o[4];
  s->normal[1] = o[2] * o[3] - o[0] * o[5];
  s->normal[2] = o[0] * o[4] - o[1] * o[3];
  for (guint i = 0; i < s->slices->len; i++)
    at(s->slices, i)->along_mm = dot(at(s->slices, i)->plane.position_mm, s->normal);
  g_array_sort(s->slices, compare_slices);
}

/* Of slices at one position the one with the lowest number stays. */
static void
drop_duplicates(DcmStack *s)
{
  guint kept = 1, all = s->slices->len, copies = 0;
  for (guint i = 1; i < all; i++) {
    DcmSlice slice = *at(s->slices, i), *last = at(s->slices, kept - 1);
    if (slice.along_mm - last->along_mm > SAME_POSITION_MM) {
      *at(s->slices, kept++) = slice;
      continue;
    }
    copies += (guint)(slice.frame == last->frame && g_strcmp0(slice.uid, last->uid) == 0);
    if (slice.number < last->number) {
      DcmSlice lower = slice;
      slice = *last;
      *last = lower;
    }
    dcm_slice_clear(&slice);
  }
  memset(at(s->slices, kept), 0, (all - kept) * sizeof(DcmSlice));
  g_array_set_size(s->slices, kept);
  if (copies)
    note(s, "duplicates: %u slices were handed over twice; each was used once", copies);
  if (all - kept > copies)
    note(s,
         "duplicates: %u further slices lie where another one lies (time points, echoes or "
         "reconstructions); of each position the one with the lowest number was used",
         all - kept - copies);
}

static gint
compare_doubles(gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double
median_step(const DcmStack *s)
{
  g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(double));
  for (guint i = 1; i < s->slices->len; i++) {
    double step = at(s->slices, i)->along_mm - at(s->slices, i - 1)->along_mm;
    g_array_append_val(steps, step);
  }
  g_array_sort(steps, compare_doubles);
  return g_array_index(steps, double, (steps->len - 1) / 2);
}

/* Names gaps and uneven steps; sets the grid. */
static void
check_steps(DcmStack *s)
{
  guint n = s->slices->len, gaps = 0, missing = 0, uneven = 0;
  double low = G_MAXDOUBLE, high = 0, gap_at = 0;
  s->step_mm = median_step(s);
  for (guint i = 1; i < n; i++) {
    double step = at(s->slices, i)->along_mm - at(s->slices, i - 1)->along_mm;
    double whole = floor(step / s->step_mm + 0.5);
    if (fabs(step - s->step_mm) <= IRREGULAR_SHARE * s->step_mm + SAME_POSITION_MM)
      continue;
    if (whole >= 2 && fabs(step - whole * s->step_mm) <= 0.1 * s->step_mm) {
      gap_at = gaps++ ? gap_at : at(s->slices, i - 1)->along_mm;
      missing += (guint)MIN(whole - 1, 1e6);
      continue;
    }
    uneven++;
    low = MIN(low, step);
    high = MAX(high, step);
  }
  double extent = at(s->slices, n - 1)->along_mm - at(s->slices, 0)->along_mm;
  s->regular = gaps == 0 && uneven == 0;
  if (s->regular) {
    s->step_mm = extent / (n - 1);
    s->n_planes = n;
    return;
  }
  if (gaps)
    note(s,
         "missing slices: %u are missing in %u gaps, the first after %.2f mm along the normal; "
         "they were interpolated",
         missing, gaps, gap_at);
  if (uneven)
    note(s,
         "irregular spacing: %u steps between slices of %.2f to %.2f mm where most are %.2f mm; "
         "the volume was interpolated onto even steps",
         uneven, low, high, s->step_mm);
  s->step_mm = MAX(s->step_mm, extent / ((double)MAX_FILL * n));
  s->n_planes = (guint)floor(extent / s->step_mm + 0.5) + 1;
}

/* A tilted gantry moves each plane along itself. */
static void
check_tilt(DcmStack *s)
{
  const DcmSlice *first = at(s->slices, 0);
  double widest = 0, length = 0,
         pixel = MIN(first->plane.spacing_mm[0], first->plane.spacing_mm[1]);
  for (guint i = 0; i < s->slices->len; i++) {
    DcmSlice *slice = at(s->slices, i);
    double delta[3];
    for (int k = 0; k < 3; k++)
      delta[k] = slice->plane.position_mm[k] - first->plane.position_mm[k];
    slice->shift_mm[0] = dot(delta, first->plane.orientation);
    slice->shift_mm[1] = dot(delta, first->plane.orientation + 3);
    double shift = hypot(slice->shift_mm[0], slice->shift_mm[1]);
    if (shift > widest) {
      widest = shift;
      length = slice->along_mm - first->along_mm;
    }
  }
  double tilt = length > 0 ? atan2(widest, length) * 180 / G_PI : 0;
  s->sheared = widest > 0.1 * pixel;
  if (tilt > TILT_DEG && s->sheared)
    note(s,
         "gantry tilt: the slices are moved against each other by %.1f degrees; the volume was "
         "straightened by interpolation",
         tilt);
}

DcmStack *
dcm_stack_build(GArray *slices)
{
  DcmStack *s = g_new0(DcmStack, 1);
  s->slices = slices;
  s->notes = g_ptr_array_new_with_free_func(g_free);
  keep_largest_set(s);
  place(s);
  drop_duplicates(s);
  const DcmPlane *first = &at(s->slices, 0)->plane;
  memcpy(s->origin_mm, first->position_mm, sizeof s->origin_mm);
  s->n_planes = 1;
  s->regular = TRUE;
  s->step_mm = first->thickness_mm > 0 ? first->thickness_mm : 1;
  if (s->slices->len > 1) {
    check_steps(s);
    check_tilt(s);
  }
  return s;
}
