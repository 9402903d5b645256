/* SPDX-License-Identifier: Apache-2.0
 *
 * interval.registration/1: rigid and affine, for stacks, slices and films.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "align.h"
#include "deform.h"
#include "film.h"
#include "frame.h"
#include "gate.h"

enum { DEFAULT_THREADS = 2, N_MATRIX = 16 };

typedef struct {
  const char *model;
  bool affine; /* the linear part */
  bool deformable;
  int n_threads;
  const itv_volume *fixed, *moving;
} Request;

static const itv_volume *
find_volume(const itv_input *input, const char *role)
{
  for (uint32_t i = 0; i < input->n_volumes; i++)
    if (input->volumes[i].role && !strcmp(input->volumes[i].role, role))
      return &input->volumes[i];
  return NULL;
}

static const itv_record *
find_request(const itv_input *input)
{
  for (uint32_t i = 0; i < input->n_records; i++)
    if (!strcmp(input->records[i].name, "interval.registration-request/1"))
      return &input->records[i];
  return NULL;
}

static itv_status
read_request(const RegJob *job, const itv_input *input, Request *ret)
{
  const itv_record *record = find_request(input);
  if (!record)
    return reg_job_fail(job, ITV_ERR_INPUT,
                        "registration: the job holds no record interval.registration-request/1");
  Request r = {.model = itv_record_str(record, "model", ""),
               .fixed = find_volume(input, "fixed"),
               .moving = find_volume(input, "moving")};
  if (!r.fixed || !r.moving)
    return reg_job_fail(job, ITV_ERR_INPUT, "registration: the job holds no volume of role %s",
                        r.fixed ? "moving" : "fixed");
  r.deformable = !strcmp(r.model, "deformable");
  r.affine = r.deformable || !strcmp(r.model, "affine");
  if (!r.affine && strcmp(r.model, "rigid"))
    return reg_job_fail(job, ITV_ERR_INPUT,
                        "registration: unknown model \"%.40s\", known are rigid, affine and "
                        "deformable",
                        r.model);
  int64_t threads = itv_record_i64(record, "threads", DEFAULT_THREADS);
  r.n_threads = threads < 1 ? 1 : threads > 256 ? 256 : (int)threads;
  *ret = r;
  return ITV_OK;
}

static itv_status
check_content(const RegJob *job, const char *role, const RegPyramid *pyramid)
{
  RegStatistics s;
  if (!reg_image_statistics(&pyramid->level[0], &s))
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED,
                        "registration: %s volume: it is empty, no voxel holds a finite value",
                        role);
  if (!(s.deviation > 0))
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED,
                        "registration: %s volume: it is constant (%g) and shows nothing to align",
                        role, s.mean);
  return ITV_OK;
}

/* Both volumes at the same resolutions: from what the coarser of the two
 * deserves, to 32 voxels and more across the larger extent. */
static itv_status
build_pair(const RegJob *job, const Request *r, const RegFrames *frames, RegPair *ret)
{
  RegPair pair = {.plane = frames->plane,
                  .shared_frame = frames->shared,
                  .film = frames->plane && !((r->fixed->flags & ITV_VOL_ORIENTED) &&
                                             (r->moving->flags & ITV_VOL_ORIENTED))};
  double fine_mm = fmax(reg_volume_fine_mm(r->fixed), reg_volume_fine_mm(r->moving));
  double extent_mm = fmax(reg_volume_extent_mm(r->fixed), reg_volume_extent_mm(r->moving));
  void (*prepare)(RegImage *) = pair.film ? reg_film_mask_collimation : NULL;
  int n_levels = 1;
  while (n_levels < REG_MAX_LEVELS && ldexp(fine_mm, n_levels) <= extent_mm / 32)
    n_levels++;
  itv_status status = reg_pyramid_build(job, r->fixed, &frames->fixed_index_to_mm, fine_mm,
                                        n_levels, prepare, &pair.fixed);
  job->host->progress(job->host, 0.1);
  if (status == ITV_OK)
    status = reg_pyramid_build(job, r->moving, &frames->moving_index_to_mm, fine_mm, n_levels,
                               prepare, &pair.moving);
  job->host->progress(job->host, 0.2);
  if (status == ITV_OK)
    status = check_content(job, "fixed", &pair.fixed);
  if (status == ITV_OK)
    status = check_content(job, "moving", &pair.moving);
  if (status == ITV_OK)
    *ret = pair;
  else
    reg_pair_clear(&pair);
  return status;
}

static const char *
method_of(const RegPair *pair, const RegAlignment *a)
{
  if (a->intensity == REG_LINEAR)
    return pair->plane ? "in-plane Gauss-Newton, gain and bias, Tukey weights"
                       : "Gauss-Newton, gain and bias, Tukey weights";
  return pair->plane
             ? "in-plane Gauss-Newton, intensity map E[fixed|moving], Tukey weights; similarities "
               "are those of the mapped image"
             : "Gauss-Newton, intensity map E[fixed|moving], Tukey weights; similarities are those "
               "of the mapped image";
}

/* What was not known about the geometry. */
static void
add_geometry_reasons(const Request *r, const RegFrames *f, RegVerdict *v)
{
  if ((r->fixed->flags | r->moving->flags) & ITV_VOL_SPACING_UNKNOWN)
    reg_verdict_add(v, "spacing-unknown", "warning",
                    "The pixel spacing of at least one image is unknown: distances are in pixels.");
  if (!f->plane && !f->shared)
    reg_verdict_add(v, "orientation-unknown", "warning",
                    "At least one volume does not say how it lies in the patient.");
  if (f->tilt_deg > 10)
    reg_verdict_add(v, "planes-differ", "warning",
                    "The two slices are tilted against each other by %.0f degrees.", f->tilt_deg);
}

static itv_status
emit_reasons(const itv_sink *out, const RegVerdict *v)
{
  itv_status status = ITV_OK;
  for (int i = 0; status == ITV_OK && i < v->n; i++) {
    const itv_field fields[] = {ITV_STR("code", v->reason[i].code),
                                ITV_STR("severity", v->reason[i].severity),
                                ITV_STR("text", v->reason[i].text)};
    status = out->emit(out, "interval.reason/1", fields, sizeof fields / sizeof *fields);
  }
  return status;
}

static itv_status
emit_result(const itv_sink *out, const Request *r, const RegPair *pair, const RegAlignment *a,
            const RegAffine *matrix, const RegEvidence *e, const RegVerdict *v,
            const int64_t displacement[3])
{
  itv_field fields[N_MATRIX + 12] = {ITV_STR("model", r->model)};
  size_t n = 1;
  for (int i = 0; i < N_MATRIX; i++) {
    double value = i < 12 ? matrix->m[i / 4][i % 4] : i == 15;
    fields[n++] = (itv_field)ITV_F64("matrix", value, NULL);
  }
  fields[n++] = (itv_field)ITV_F64("similarity-before", e->similarity_before, "1");
  fields[n++] = (itv_field)ITV_F64("similarity-after", e->similarity_after, "1");
  fields[n++] = (itv_field)ITV_F64("overlap", e->overlap, "1");
  if (isfinite(a->fit.residual))
    fields[n++] = (itv_field)ITV_F64("residual", a->fit.residual, "1");
  fields[n++] = (itv_field)ITV_STR("accepted", v->accepted ? "Y" : "N");
  fields[n++] = (itv_field)ITV_STR("method", method_of(pair, a));
  for (int i = 0; displacement[0] && i < 3; i++)
    fields[n++] = (itv_field)ITV_I64("displacement", displacement[i], NULL);
  itv_status status = out->emit(out, "interval.registration/1", fields, n);
  return status == ITV_OK ? emit_reasons(out, v) : status;
}

/* One axis of the field, turned from the axes of the grid to LPS. */
static void
write_component(const RegField *f, const double direction[9], int row, float *ret)
{
  const size_t n = reg_field_count(f);
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (int axis = 0; axis < 3; axis++)
      sum += direction[3 * row + axis] * (double)f->u[axis][i];
    ret[i] = (float)sum;
  }
}

static itv_status
give_displacement(const RegJob *job, const Request *r, const RegFrames *frames,
                  const RegImage *finest, const RegField *f, int64_t ret_id[3])
{
  const itv_host_volume *service = job->host->get_interface(job->host, ITV_IFACE_HOST_VOLUME);
  if (!service)
    return reg_job_fail(job, ITV_ERR_UNSUPPORTED, "registration: the host takes no volumes");
  const RegAffine to_lps = reg_affine_compose(&frames->fixed_to_lps, &finest->index_to_mm);
  itv_volume shape = {
      .struct_size = sizeof shape, .pixel = ITV_PIX_F32, .flags = ITV_VOL_ORIENTED, .slope = 1};
  double first[3];
  for (int a = 0; a < 3; a++) {
    shape.dim[a] = f->dim[a];
    shape.spacing_mm[a] = reg_field_spacing_mm(f, a);
    first[a] = f->image_dim[a] > 1 ? 0.5 : 0;
  }
  reg_affine_apply(&to_lps, first, shape.origin_mm);
  /* A film lies in its own plane; its displacements do so as well. */
  static const double PLANE[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  memcpy(shape.direction, r->fixed->flags & ITV_VOL_ORIENTED ? r->fixed->direction : PLANE,
         sizeof shape.direction);
  itv_status status = ITV_OK;
  for (int row = 0; status == ITV_OK && row < 3; row++) {
    void *data = NULL;
    status = service->create(job->host, &shape, &data, &ret_id[row]);
    if (status == ITV_OK)
      write_component(f, shape.direction, row, data);
  }
  return status;
}

/* What a linear map leaves out.  Only where that map may be trusted: from a wrong
 * start a deformation makes any two images alike. */
static itv_status
deform_and_give(const RegJob *job, const Request *r, const RegFrames *frames, RegPair *pair,
                const RegAlignment *alignment, RegEvidence *evidence, RegVerdict *verdict,
                int64_t ret_id[3])
{
  RegDeformation d = {0};
  itv_status status = reg_deform(job, pair, &alignment->transform, &d);
  const double gain = d.similarity - d.similarity_linear;
  if (status == ITV_OK && gain > 0) {
    evidence->similarity_after = fmin(1, evidence->similarity_after + gain);
    status = give_displacement(job, r, frames, &pair->fixed.level[0], &d.field, ret_id);
  } else if (status == ITV_OK)
    reg_verdict_add(verdict, "no-improvement", "warning",
                    "A deformation brings the images no closer (correlation %.3f, without it "
                    "%.3f): the linear map stands.",
                    d.similarity, d.similarity_linear);
  reg_deformation_clear(&d);
  return status;
}

static itv_status
align_and_emit(const RegJob *job, const Request *r, const RegFrames *frames, RegPair *pair,
               const itv_sink *out)
{
  RegAlignment alignment;
  RegEvidence evidence;
  RegVerdict verdict;
  RegAffine matrix;
  int64_t displacement[3] = {0, 0, 0};
  itv_status status = reg_align(job, pair, r->affine, &alignment);
  if (status == ITV_OK)
    status = reg_gate_measure(job, pair, &alignment, r->affine, &evidence);
  if (status == ITV_OK)
    status = reg_frames_lift(job, frames, &alignment.transform, &matrix);
  if (status != ITV_OK)
    return status;
  reg_gate_decide(pair, &alignment, &evidence, &verdict);
  add_geometry_reasons(r, frames, &verdict);
  if (r->deformable && verdict.accepted)
    status = deform_and_give(job, r, frames, pair, &alignment, &evidence, &verdict, displacement);
  if (status != ITV_OK)
    return status;
  job->host->progress(job->host, 1);
  return emit_result(out, r, pair, &alignment, &matrix, &evidence, &verdict, displacement);
}

static itv_status
register_volumes(const RegJob *job, const Request *r, const itv_sink *out)
{
  RegFrames frames;
  RegPair pair = {0};
  itv_status status = reg_volume_check(job, r->fixed);
  if (status == ITV_OK)
    status = reg_volume_check(job, r->moving);
  if (status == ITV_OK)
    status = reg_frames_choose(job, r->fixed, r->moving, &frames);
  if (status == ITV_OK)
    status = build_pair(job, r, &frames, &pair);
  if (status == ITV_OK)
    status = align_and_emit(job, r, &frames, &pair, out);
  reg_pair_clear(&pair);
  if (status == ITV_ERR_CANCELLED)
    job->host->set_error(job->host, "registration: cancelled");
  return status;
}

static itv_status
run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  (void)self;
  RegJob job = {.host = host};
  Request request = {0};
  itv_status status = read_request(&job, input, &request);
  if (status != ITV_OK)
    return status;
  job.pool = reg_pool_new(request.n_threads);
  if (!job.pool)
    return reg_job_out_of_memory(&job);
  status = register_volumes(&job, &request, out);
  reg_pool_free(job.pool);
  return status;
}

static const itv_kind *
get_kind(const char *id)
{
  static const itv_kind registration = {ITV_KIND_HEADER, NULL, run};
  return strcmp(id, ITV_KIND_REGISTRATION) == 0 ? &registration : NULL;
}

ITV_EXPORT const itv_plugin itv_plugin_entry = {
    ITV_PLUGIN_HEADER, "org.interval.registration", "0.1.0", NULL, NULL, get_kind};
