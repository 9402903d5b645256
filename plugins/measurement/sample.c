/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <math.h>
#include <string.h>

enum { MAX_SAMPLES = 4000, MAX_POINTS = 64 };

void
sample_free(Sample *sample)
{
  if (!sample)
    return;
  g_array_unref(sample->points);
  for (int i = 0; i < N_WORDS; i++)
    g_free(sample->words[i]);
  g_free(sample);
}

gint32
sample_day(const char *text)
{
  if (!text || strlen(text) < 10 || text[4] != '-' || text[7] != '-')
    return 0;
  for (int i = 0; i < 10; i++)
    if (i != 4 && i != 7 && !g_ascii_isdigit(text[i]))
      return 0;
  const int year =
      (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
  const int month = (text[5] - '0') * 10 + text[6] - '0',
            day = (text[8] - '0') * 10 + text[9] - '0';
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 ||
      !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
    return 0;
  GDate date;
  g_date_clear(&date, 1);
  g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
  return (gint32)g_date_get_julian(&date);
}

Dimension
sample_dimension(const Sample *sample)
{
  static const struct {
    const char *unit;
    Dimension dimension;
  } table[] = {{"mm", CLASS_LENGTH},
               {"mm2", CLASS_AREA},
               {"mm3", CLASS_VOLUME},
               {"deg", CLASS_ANGLE},
               {"{score}", CLASS_SCORE}};
  for (guint i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(sample->unit, table[i].unit))
      return table[i].dimension;
  return CLASS_OTHER;
}

double
sample_line_mm(const Sample *sample)
{
  const guint dims = sample->points_mm ? 3 : 2;
  const double scale = sample->points_mm ? 1 : sample->pixel_mm;
  if (sample->points->len != 2 * dims || scale <= 0)
    return 0;
  const double *p = (const double *)(gpointer)sample->points->data;
  double sum = 0;
  for (guint i = 0; i < dims; i++)
    sum += (p[i] - p[dims + i]) * (p[i] - p[dims + i]);
  return scale * sqrt(sum);
}

double
sample_line_ratio(const Sample *sample)
{
  const double line = sample_line_mm(sample);
  if (sample_dimension(sample) != CLASS_LENGTH || line <= 0 || sample->value <= 0 ||
      fabs(line - sample->value) <= 1 + 0.1 * sample->value)
    return 1;
  return line / sample->value;
}

static gboolean
centre(const Sample *sample, double ret_centre[3])
{
  if (!sample->points_mm || sample->points->len < 3 || sample->points->len % 3)
    return FALSE;
  const guint n = sample->points->len / 3;
  ret_centre[0] = ret_centre[1] = ret_centre[2] = 0;
  for (guint i = 0; i < sample->points->len; i++)
    ret_centre[i % 3] += g_array_index(sample->points, double, i) / n;
  return TRUE;
}

double
sample_distance_mm(const Sample *a, const Sample *b)
{
  double p[3], q[3];
  if (!centre(a, p) || !centre(b, q))
    return -1;
  return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
              (p[2] - q[2]) * (p[2] - q[2]));
}

/* Lower case, punctuation as one space. */
static char *
normalise(const char *text)
{
  GString *s = g_string_new(NULL);
  for (; text && *text; text++) {
    if (g_ascii_isalnum(*text) || (*text & 0x80))
      g_string_append_c(s, g_ascii_tolower(*text));
    else if (s->len && s->str[s->len - 1] != ' ')
      g_string_append_c(s, ' ');
  }
  if (s->len && s->str[s->len - 1] == ' ')
    g_string_truncate(s, s->len - 1);
  return g_string_free(s, FALSE);
}

int
sample_compare(const Sample *a, const Sample *b, int word)
{
  const char *x = a->words[word], *y = b->words[word];
  if (!*x || !*y)
    return 0;
  return g_str_equal(x, y) ? 1 : -1;
}

static gboolean
same_points(const Sample *a, const Sample *b)
{
  return a->points->len && a->points->len == b->points->len && a->points_mm == b->points_mm &&
         memcmp(a->points->data, b->points->data, a->points->len * sizeof(double)) == 0;
}

Sample *
sample_mean(const Sample *a, const Sample *b, const char *measure)
{
  Sample *s = g_memdup2(a, sizeof *a);
  s->measure = measure;
  s->value = (a->value + b->value) / 2;
  s->uncertainty =
      a->uncertainty >= 0 && b->uncertainty >= 0 ? (a->uncertainty + b->uncertainty) / 2 : -1;
  s->points = g_array_new(FALSE, FALSE, sizeof(double));
  s->replicates = 1;
  for (int i = 0; i < N_WORDS; i++)
    s->words[i] = g_strdup(a->words[i]);
  return s;
}

/* The same act of measuring, told twice: one reader's AIM file and the DICOM
 * SR made from it.  Values agree to what a decimal print leaves. */
static gboolean
is_repeat(const Sample *a, const Sample *b)
{
  if (a->current != b->current || !g_str_equal(a->measure, b->measure) ||
      !g_str_equal(a->unit, b->unit) || a->day != b->day)
    return FALSE;
  if (fabs(a->value - b->value) > 1e-4 * fmax(fabs(a->value), fabs(b->value)))
    return FALSE;
  if (sample_compare(a, b, WORDS_OBSERVER) < 0)
    return FALSE;
  if (same_points(a, b) && g_str_equal(a->sop_uid, b->sop_uid))
    return TRUE;
  if (*a->tracking_uid || *b->tracking_uid)
    return g_str_equal(a->tracking_uid, b->tracking_uid);
  for (int i = WORDS_FINDING; i <= WORDS_SIDE; i++)
    if (!g_str_equal(a->words[i], b->words[i]))
      return FALSE;
  return *a->sop_uid && g_str_equal(a->sop_uid, b->sop_uid) && !(a->points->len && b->points->len);
}

static Sample *
read_one(const itv_record *r, guint order)
{
  const itv_field *value = itv_record_field(r, "value", 0);
  const char *measure = itv_record_str(r, "measure", NULL);
  if (!value || value->type == ITV_T_STR || !measure || !value->unit)
    return NULL;
  Sample *s = g_new0(Sample, 1);
  s->measure = measure;
  s->unit = value->unit;
  s->value = itv_record_f64(r, "value", NAN);
  s->tracking_uid = itv_record_str(r, "tracking-uid", "");
  s->tracking_id = itv_record_str(r, "tracking-id", "");
  s->finding = itv_record_str(r, "finding", "");
  s->site = itv_record_str(r, "site", "");
  s->laterality = itv_record_str(r, "laterality", "");
  s->observer = itv_record_str(r, "observer", "");
  s->method = itv_record_str(r, "method", "");
  s->sop_uid = itv_record_str(r, "sop-uid", "");
  s->thickness_mm = itv_record_f64(r, "slice-thickness", 0);
  s->pixel_mm = itv_record_f64(r, "pixel-spacing", 0);
  s->uncertainty = itv_record_f64(r, "uncertainty", -1);
  s->day = sample_day(itv_record_str(r, "date", NULL));
  const char *text[N_WORDS] = {s->finding, s->site, s->laterality, s->tracking_id, s->observer};
  for (int i = 0; i < N_WORDS; i++)
    s->words[i] = normalise(text[i]);
  s->current = g_str_equal(itv_record_str(r, "role", ""), "current");
  s->order = order;
  s->replicates = 1;
  s->points = g_array_new(FALSE, FALSE, sizeof(double));
  for (guint i = 0; i < MAX_POINTS; i++) {
    const itv_field *p = itv_record_field(r, "point", i);
    if (!p)
      break;
    const double x = p->type == ITV_T_F64   ? p->v.f64
                     : p->type == ITV_T_I64 ? (double)p->v.i64
                                            : NAN;
    s->points_mm = p->unit && g_str_equal(p->unit, "mm");
    g_array_append_val(s->points, x);
  }
  return s;
}

/* NULL when it is sound. */
static const char *
fault(const Sample *s)
{
  if (!isfinite(s->value) || fabs(s->value) > 1e12)
    return "its value is no usable number";
  if (s->value < 0 && !g_str_equal(s->unit, "deg") && !g_str_equal(s->unit, "[hnsf'U]") &&
      !g_str_equal(s->measure, "displacement"))
    return "its value is negative";
  if (!isfinite(s->thickness_mm) || s->thickness_mm < 0 || !isfinite(s->pixel_mm) ||
      s->pixel_mm < 0)
    return "its slice thickness or pixel spacing is no usable number";
  if (!isfinite(s->uncertainty))
    return "its uncertainty is no usable number";
  for (guint i = 0; i < s->points->len; i++)
    if (!isfinite(g_array_index(s->points, double, i)))
      return "one of its points is no usable number";
  return NULL;
}

GPtrArray *
sample_read_all(const itv_input *input, char **ret_error)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)sample_free);
  for (guint i = 0; i < input->n_records; i++) {
    const itv_record *r = &input->records[i];
    const char *role = itv_record_str(r, "role", "");
    if (!g_str_equal(r->name, "interval.measurement/1") ||
        (!g_str_equal(role, "prior") && !g_str_equal(role, "current")))
      continue;
    Sample *s = read_one(r, i);
    const char *why = s ? fault(s) : "it has no measure, no value or no unit";
    if (why) {
      *ret_error = g_strdup_printf("measurement %u (%s): %s", i + 1, role, why);
      sample_free(s);
      return NULL;
    }
    if (all->len >= MAX_SAMPLES) {
      *ret_error = g_strdup_printf("more than %d measurements in one comparison", MAX_SAMPLES);
      sample_free(s);
      return NULL;
    }
    gboolean repeat = FALSE;
    for (guint k = 0; k < all->len && !repeat; k++)
      repeat = is_repeat(g_ptr_array_index(all, k), s);
    if (repeat)
      sample_free(s);
    else
      g_ptr_array_add(all, s);
  }
  return g_steal_pointer(&all);
}
