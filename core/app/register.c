/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "app/nifti-write.h"
#include "app/pair.h"
#include "app/walk.h"
#include "base/error.h"
#include "render/page.h"
#include "render/resample.h"

/* ---- inputs ------------------------------------------------------------------------------- */

static ItvVolume *
load_path(ItvApp *app, const char *path, GPtrArray *notes, GError **error)
{
  g_autoptr(GPtrArray) files = itv_walk(&path, 1);
  g_autoptr(GPtrArray) paths = g_ptr_array_new();
  for (guint i = 0; i < files->len; i++) {
    const ItvWalkFile *file = files->pdata[i];
    if (!file->problem)
      g_ptr_array_add(paths, file->path);
    else if (files->len == 1)
      return itv_fail(error, ITV_ERROR_INPUT, "%s: %s", file->path, file->problem), NULL;
  }
  if (paths->len == 0)
    return itv_fail(error, ITV_ERROR_INPUT, "%s: no files in it", path), NULL;
  return itv_app_load(app, paths, notes, error);
}

/* ---- points -------------------------------------------------------------------------------- */

static gboolean
transform_points(const ItvRegisterInput *input, const ItvSpatialMap *map, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) local = NULL;
  if (!g_file_get_contents(input->points, &text, NULL, &local))
    return itv_fail(error, ITV_ERROR_INPUT, "%s", local->message);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GString *out = g_string_new(NULL);
  gboolean ok = TRUE;
  for (guint i = 0; ok && lines[i]; i++) {
    const char *line = g_strstrip(lines[i]);
    double at[3] = {0, 0, 0}, to[3] = {0, 0, 0};
    char *end = lines[i];
    if (!*line || *line == '#')
      continue;
    for (int k = 0; ok && k < 3; k++) {
      char *start = end + (k > 0 && *end == ',');
      at[k] = g_ascii_strtod(start, &end);
      ok = end != start && isfinite(at[k]);
    }
    if (!ok) {
      itv_fail(error, ITV_ERROR_INPUT, "%s:%u: expected x,y,z", input->points, i + 1);
      break;
    }
    itv_spatial_map_point(map, at, to);
    char b[3][G_ASCII_DTOSTR_BUF_SIZE];
    for (int k = 0; k < 3; k++)
      g_ascii_formatd(b[k], sizeof b[k], "%.6f", to[k]);
    g_string_append_printf(out, "%s,%s,%s\n", b[0], b[1], b[2]);
  }
  if (ok && !g_file_set_contents(input->points_out, out->str, (gssize)out->len, &local))
    ok = itv_fail(error, ITV_ERROR_FAILED, "%s", local->message);
  g_string_free(out, TRUE);
  return ok;
}

/* ---- pictures ------------------------------------------------------------------------------- */

static gboolean
draw(const ItvRegisterInput *input, const ItvAppPair *p, GPtrArray **ret_paths, GError **error)
{
  g_autofree char *fixed = g_path_get_basename(input->fixed);
  g_autofree char *moving = g_path_get_basename(input->moving);
  ItvComparisonPage page = {.patient = {.birth_date = ITV_DATE_NONE},
                            .current = {.volume = itv_volume_view(p->current_volume),
                                        .description = fixed,
                                        .date = ITV_DATE_NONE},
                            .prior = {.volume = itv_volume_view(p->prior_volume),
                                      .description = moving,
                                      .date = ITV_DATE_NONE},
                            .comparable = TRUE,
                            .registration = {.model = p->model,
                                             .accepted = p->accepted,
                                             .similarity_before = p->similarity_before,
                                             .similarity_after = p->similarity_after,
                                             .overlap = p->overlap,
                                             .method = p->method,
                                             .refusal = p->refusal},
                            .program = "interval " ITV_VERSION,
                            .made_on = ITV_DATE_NONE};
  page.registration.map = p->map;
  return itv_comparison_write(&page, input->out_dir, ret_paths, error);
}

/* ---- volumes --------------------------------------------------------------------------------- */

static gboolean
write_volume(const ItvRegisterInput *input, const char *name, const itv_volume *shape,
             const float *const *values, int n, GPtrArray *paths, GError **error)
{
  g_autofree char *path = g_build_filename(input->out_dir, name, NULL);
  if (!itv_app_write_nifti(path, shape, values, n, "interval " ITV_VERSION, error))
    return FALSE;
  g_ptr_array_add(paths, g_steal_pointer(&path));
  return TRUE;
}

/* `moved` becomes the difference, fixed minus moving. */
static void
subtract(const ItvVolume *fixed, float *moved)
{
  const itv_volume *v = itv_volume_view(fixed);
  for (int k = 0; k < v->dim[2]; k++)
    for (int j = 0; j < v->dim[1]; j++)
      for (int i = 0; i < v->dim[0]; i++, moved++)
        *moved = (float)(itv_volume_value(fixed, i, j, k) - (double)*moved);
}

static gboolean
write_displacement(const ItvRegisterInput *input, const ItvSpatialMap *map, GPtrArray *paths,
                   GError **error)
{
  const float *values[3];
  if (!map->displacement[0])
    return TRUE;
  for (int a = 0; a < 3; a++)
    values[a] = itv_volume_view(map->displacement[a])->data;
  return write_volume(input, "displacement.nii", itv_volume_view(map->displacement[0]), values, 3,
                      paths, error);
}

/* The moving image on the fixed one's grid, and what is left between the two; NaN
 * where one of them has no data.  A map that was refused makes no differences. */
static gboolean
write_volumes(const ItvRegisterInput *input, const ItvAppPair *p, GPtrArray *paths, GError **error)
{
  const itv_volume *fixed = itv_volume_view(p->current_volume);
  const gsize n = (gsize)fixed->dim[0] * (gsize)fixed->dim[1] * (gsize)fixed->dim[2];
  g_autofree float *moved = g_try_new(float, n);
  g_autofree guint8 *inside = g_try_malloc(n);
  const float *values[1] = {moved};
  if (!p->accepted)
    return TRUE;
  if (!moved || !inside ||
      !itv_resample_volume(fixed, itv_volume_view(p->prior_volume), &p->map, moved, inside))
    return itv_fail(error, ITV_ERROR_FAILED, "%s: out of memory", input->out_dir);
  for (gsize i = 0; i < n; i++)
    moved[i] = inside[i] ? moved[i] : NAN;
  if (!write_volume(input, "moving-registered.nii", fixed, values, 1, paths, error))
    return FALSE;
  subtract(p->current_volume, moved);
  return write_volume(input, "difference.nii", fixed, values, 1, paths, error) &&
         write_displacement(input, &p->map, paths, error);
}

/* ---- the command ------------------------------------------------------------------------------
 */

static gboolean
run(ItvApp *app, const ItvRegisterInput *input, ItvAppPair *p, GError **error)
{
  g_autoptr(ItvJob) job = itv_job_new();
  const gint64 threads = input->threads ? input->threads : (gint64)g_get_num_processors();
  const itv_field request[] = {ITV_STR("model", input->model), ITV_I64("threads", threads, "1")};
  itv_job_add_volume(job, p->current_volume, "fixed");
  itv_job_add_volume(job, p->prior_volume, "moving");
  itv_job_add_record(job, "interval.registration-request/1", request, G_N_ELEMENTS(request));
  p->registration = itv_app_result(app, ITV_KIND_REGISTRATION, NULL, job, error);
  if (!p->registration)
    return FALSE;
  const itv_record *r = NULL;
  for (gsize i = 0; (r = itv_records_find(p->registration->records, "interval.reason/1", i)); i++)
    itv_app_pair_add_reason(p, itv_record_str(r, "severity", "info"),
                            itv_record_str(r, "text", ""));
  return itv_app_pair_read_registration(p) ||
         itv_fail(error, ITV_ERROR_PLUGIN, "the registration plugin gave no transform");
}

json_object *
itv_app_register(ItvApp *app, const ItvRegisterInput *input, GError **error)
{
  const gint64 start_us = g_get_monotonic_time();
  g_autoptr(ItvAppPair) p = g_new0(ItvAppPair, 1);
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) pictures = NULL;
  g_autoptr(GPtrArray) volumes = g_ptr_array_new_with_free_func(g_free);
  p->severities = g_ptr_array_new_with_free_func(g_free);
  p->reasons = g_ptr_array_new_with_free_func(g_free);
  if (!(p->current_volume = load_path(app, input->fixed, notes, error)) ||
      !(p->prior_volume = load_path(app, input->moving, notes, error)) ||
      !run(app, input, p, error))
    return NULL;
  if (input->points && !transform_points(input, &p->map, error))
    return NULL;
  if (input->out_dir &&
      (!draw(input, p, &pictures, error) || !write_volumes(input, p, volumes, error)))
    return NULL;
  json_object *o = itv_app_pair_registration_json(p);
  json_object *reasons = json_object_new_array();
  json_object *paths = json_object_new_array();
  itv_json_append_strings(reasons, p->reasons);
  itv_json_append_strings(reasons, notes);
  itv_json_append_strings(paths, pictures);
  itv_json_add(o, "reasons", reasons);
  itv_json_add(o, "pictures", paths);
  json_object *files = json_object_new_array();
  itv_json_append_strings(files, volumes);
  itv_json_add(o, "volumes", files);
  itv_json_add_double(o, "seconds", (double)(g_get_monotonic_time() - start_us) / 1e6);
  return o;
}
