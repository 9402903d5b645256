/* SPDX-License-Identifier: Apache-2.0
 *
 * May these two be compared at all, and how small a difference can they show?
 */
#include "quality.h"

#include <math.h>
#include <string.h>

static void
free_reason(gpointer data)
{
  Reason *r = data;
  g_free(r->text);
  g_free(r);
}

void
reasons_add(Reasons *reasons, Severity severity, const char *role, const char *code,
            const char *format, ...)
{
  Reason *r = g_new0(Reason, 1);
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  r->text = g_utf8_make_valid(text, (gssize)MIN(strlen(text), (size_t)900));
  r->code = code;
  r->role = role;
  r->severity = severity;
  g_ptr_array_add(reasons->reasons, r);
}

static itv_status
emit_reason(const Reason *r, const itv_sink *out)
{
  static const char *const names[] = {"info", "warning", "blocking"};
  const itv_field fields[] = {ITV_STR("code", r->code), ITV_STR("severity", names[r->severity]),
                              ITV_STR("text", r->text), ITV_STR("role", r->role)};
  return out->emit(out, "interval.reason/1", fields, r->role ? 4 : 3);
}

static double
thickness(const itv_record *set, const Voxels *v)
{
  const double told = itv_record_f64(set, "slice-thickness", 0);
  return v->flat ? 0 : fmax(told, v->slice_mm);
}

/* Variance (mm2) that one exam's grid puts into a diameter: two edges uniform
 * within a pixel (p^2/12 each), and a slice of thickness t that misses the
 * centre of a 10 mm sphere (standard deviation 0.149 t^2/d). */
static double
size_variance(const itv_record *set, const Voxels *v)
{
  const double t = thickness(set, v), slice = 0.149 * t * t / fmax(10, t);
  return v->pixel_mm * v->pixel_mm / 6 + slice * slice;
}

/* Each warning takes a sixth, each blocking reason all. */
static double
score_of(const Reasons *reasons, gboolean *ret_comparable)
{
  double score = 1;
  *ret_comparable = TRUE;
  for (guint i = 0; i < reasons->reasons->len; i++) {
    const Reason *r = g_ptr_array_index(reasons->reasons, i);
    if (r->severity == BLOCKING)
      *ret_comparable = FALSE;
    if (r->severity == WARNING)
      score *= 5.0 / 6;
  }
  return *ret_comparable ? score : 0;
}

static itv_status
emit_all(const itv_record *sets[2], const Voxels v[2], const Reasons *reasons, const itv_sink *out)
{
  gboolean comparable;
  const double score = score_of(reasons, &comparable);
  itv_field fields[3] = {ITV_STR("comparable", comparable ? "Y" : "N"),
                         ITV_F64("score", score, "1")};
  size_t n = 2;
  if (v[0].present && v[1].present && v[0].spacing_known && v[1].spacing_known)
    fields[n++] = (itv_field)ITV_F64(
        "size-error",
        1.959964 * sqrt(size_variance(sets[0], &v[0]) + size_variance(sets[1], &v[1])), "mm");
  itv_status status = out->emit(out, "interval.quality/1", fields, n);
  for (int severity = BLOCKING; severity >= INFO; severity--)
    for (guint i = 0; i < reasons->reasons->len && status == ITV_OK; i++) {
      const Reason *r = g_ptr_array_index(reasons->reasons, i);
      if ((int)r->severity == severity)
        status = emit_reason(r, out);
    }
  return status;
}

static const itv_record *
find_set(const itv_input *input, const char *role)
{
  for (guint i = 0; i < input->n_records; i++)
    if (g_str_equal(input->records[i].name, "interval.image-set/1") &&
        g_str_equal(itv_record_str(&input->records[i], "role", ""), role))
      return &input->records[i];
  return NULL;
}

static const itv_volume *
find_volume(const itv_input *input, const char *role)
{
  for (guint i = 0; i < input->n_volumes; i++)
    if (input->volumes[i].role && g_str_equal(input->volumes[i].role, role))
      return &input->volumes[i];
  return NULL;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  const char *roles[2] = {find_set(input, "prior") ? "prior" : "baseline", "current"};
  const itv_record *sets[2] = {find_set(input, roles[0]), find_set(input, roles[1])};
  if (!sets[0] || !sets[1])
    return ITV_NOT_APPLICABLE;
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_reason);
  Reasons reasons = {list};
  metadata_compare(sets[0], sets[1], &reasons);
  Voxels v[2] = {{.present = FALSE}, {.present = FALSE}};
  for (int i = 0; i < 2; i++) {
    const itv_volume *volume = find_volume(input, roles[i]);
    g_autofree char *error = NULL;
    const gboolean ct = g_str_equal(itv_record_str(sets[i], "modality", ""), "CT");
    if (!volume || voxels_measure(host, volume, ct, &v[i], &error))
      continue;
    host->set_error(host, error);
    return host->cancelled(host) ? ITV_ERR_CANCELLED : ITV_ERR_INPUT;
  }
  voxels_compare(sets[0], sets[1], &v[0], &v[1], &reasons);
  const itv_status status = emit_all(sets, v, &reasons, out);
  if (status != ITV_OK)
    host->set_error(host, "the host took no more reasons");
  return status;
}

static const itv_kind kind = {ITV_KIND_HEADER, NULL, run};

static const itv_kind *
get_kind(const char *id)
{
  return strcmp(id, ITV_KIND_QUALITY) == 0 ? &kind : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.quality", "0.1.0", NULL, NULL, get_kind};
