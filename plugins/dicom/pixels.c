/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels.h"

#include <math.h>
#include <string.h>

#include "decode.h"
#include "index.h"
#include "record.h"
#include "stack.h"
#include "terms.h"
#include "uptake.h"
#include "values.h"

#define SUV_UNIT "SUVbw"

/* One opened source: the last one stays open, since frames come in order. */
typedef struct {
  DcmObject *object;
  DcmImage *image;
  DcmDecoder *decoder;
  guint source;
} Open;

typedef struct {
  const itv_host *host;
  const itv_input *input;
  gint64 frame;     /* the one asked for, -1: all */
  GArray *slices;   /* DcmSlice; taken by the stack */
  DcmStack *stack;  /* NULL when the planes have no place in space */
  GPtrArray *notes; /* char * */
  Open open;
  gboolean oriented;
  /* Of the first image: */
  char *photometric;
  gint64 bits_stored;
  double window[2];
  gboolean has_window;
  char *value_unit; /* may be NULL */
  /* PET: */
  gboolean is_pet;
  char *pet_unit, *suv_problem;
  /* The volume: */
  itv_volume shape;
  double offset; /* voxel = stored - offset */
  void *voxels;
} Job;

static void
open_close(Open *o)
{
  g_clear_pointer(&o->decoder, dcm_decoder_free);
  g_clear_pointer(&o->image, dcm_image_free);
  g_clear_pointer(&o->object, dcm_object_free);
}

static void
job_clear(Job *job)
{
  open_close(&job->open);
  if (job->slices)
    g_array_unref(job->slices);
  dcm_stack_free(job->stack);
  g_ptr_array_unref(job->notes);
  g_free(job->photometric);
  g_free(job->value_unit);
  g_free(job->pet_unit);
  g_free(job->suv_problem);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Job, job_clear)

static gboolean
open_source(Job *job, guint source, GError **error)
{
  Open *o = &job->open;
  if (o->object && o->source == source)
    return TRUE;
  open_close(o);
  o->source = source;
  o->object = dcm_object_open(&job->input->sources[source], error);
  if (!o->object)
    return FALSE;
  o->image = dcm_image_new(o->object);
  g_autofree char *problem = o->image->pixels ? dcm_image_problem(o->image) : NULL;
  if (problem) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_UNSUPPORTED, "%s: %s", dcm_file_name(o->object->file),
                problem);
    return FALSE;
  }
  o->decoder = dcm_decoder_new(o->image, error);
  return o->decoder != NULL;
}

/* ---- what there is ---- */

static void note(Job *job, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
note(Job *job, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_ptr_array_add(job->notes, g_strdup_vprintf(format, args));
  va_end(args);
}

/* What the rescaled values are: (0028,1054), Hounsfield units in CT without it. */
static char *
rescale_type(const DcmImage *im)
{
  g_autoptr(DcmDataset) values = dcm_image_macro(im, 0, DCM_TAG(0x0028, 0x9145));
  char *type = dcm_text_n(values ? values : im->object->data, DCM_TAG(0x0028, 0x1054), 0);
  double slope;
  if (!type && g_strcmp0(im->modality, "CT") == 0 && !im->has_modality_table &&
      dcm_number(im->object->data, DCM_TAG(0x0028, 0x1053), 0, &slope))
    type = g_strdup("HU");
  return type;
}

/* What is told about the whole volume comes from the first slice in use. */
static gboolean
describe(Job *job, guint source, GError **error)
{
  if (!open_source(job, source, error))
    return FALSE;
  const DcmImage *im = job->open.image;
  const DcmDataset *d = im->object->data;
  g_autoptr(DcmDataset) voi = dcm_image_macro(im, 0, DCM_TAG(0x0028, 0x9132));
  const DcmDataset *window = voi ? voi : d;
  job->photometric = g_strdup(im->photometric);
  job->bits_stored = im->stored;
  job->has_window = dcm_number(window, DCM_TAG(0x0028, 0x1050), 0, &job->window[0]) &&
                    dcm_number(window, DCM_TAG(0x0028, 0x1051), 0, &job->window[1]) &&
                    job->window[1] > 0;
  if (im->has_modality_table) {
    g_autoptr(DcmDataset) table = dcm_item(d, DCM_TAG(0x0028, 0x3000));
    g_autofree char *type = table ? dcm_text_n(table, DCM_TAG(0x0028, 0x3004), 0) : NULL;
    note(job, "modality lookup table: it was applied, the values are %s",
         type ? type : "of a kind that it does not name");
  }
  if (!job->value_unit)
    job->value_unit = rescale_type(im);
  if (g_strcmp0(job->value_unit, SUV_UNIT) == 0) {
    const GArray *slices = job->stack ? job->stack->slices : job->slices;
    const double factor = g_array_index(slices, DcmSlice, 0).suv_factor;
    job->window[0] *= factor;
    job->window[1] *= factor;
  }
  if (dcm_is_inverted(im))
    note(job, "MONOCHROME1: the values were inverted, so that dense is bright");
  if (dcm_is_colour(im))
    note(job, "colour image: the volume holds its luminance");
  return TRUE;
}

static double
uptake_factor(Job *job, const DcmDataset *d)
{
  DcmUptake u;
  if (!dcm_uptake_read(d, &u))
    return 0;
  job->is_pet = TRUE;
  if (!job->pet_unit)
    job->pet_unit = dcm_text_n(d, DCM_TAG(0x0054, 0x1001), 0);
  if (!job->suv_problem)
    job->suv_problem = g_strdup(u.problem);
  dcm_uptake_clear(&u);
  return u.body_weight;
}

/* Values of PET become SUV where that is told for every slice. */
static void
apply_uptake(Job *job, GArray *slices)
{
  gboolean all = job->is_pet;
  for (guint i = 0; all && i < slices->len; i++)
    all = g_array_index(slices, DcmSlice, i).suv_factor > 0;
  for (guint i = 0; all && i < slices->len; i++) {
    DcmSlice *s = &g_array_index(slices, DcmSlice, i);
    s->plane.slope *= s->suv_factor;
    s->plane.intercept *= s->suv_factor;
  }
  if (all)
    note(job, "PET: the values are SUV by body weight, g/mL");
  else if (job->is_pet)
    note(job, "PET: the values are no SUV, but %s: %s",
         job->pet_unit ? job->pet_unit : "in an unknown unit",
         job->suv_problem ? job->suv_problem : "the factor is not told for every slice");
  job->value_unit = g_strdup(all ? SUV_UNIT : job->pet_unit);
}

static void
add_slice(Job *job, guint source, guint frame)
{
  const DcmImage *im = job->open.image;
  DcmSlice slice = {.source = source, .frame = frame, .rows = im->rows, .columns = im->columns};
  dcm_image_plane(im, frame, &slice.plane);
  /* Tomosynthesis and three-dimensional angiography bear a place for each frame. */
  slice.projection = dcm_is_projection(im->modality) && im->per_frame->len == 0;
  if (dcm_is_colour(im) || im->is_float || im->has_modality_table) {
    slice.plane.slope = 1;
    slice.plane.intercept = 0;
  }
  if (!dcm_integer(im->object->data, DCM_TAG(0x0020, 0x0013), &slice.number))
    slice.number = 0;
  if (im->frames > 1)
    slice.number = frame;
  slice.uid = dcm_uid(im->object->data, DCM_TAG(0x0008, 0x0018));
  slice.suv_factor = uptake_factor(job, im->object->data);
  dcm_decoder_range(im, &slice.low, &slice.high);
  slice.whole_numbers = !im->is_float;
  g_array_append_val(job->slices, slice);
}

/* The frames of one source.  FALSE when it cannot be used. */
static gboolean
survey_source(Job *job, guint source, GError **error)
{
  if (!open_source(job, source, error))
    return FALSE;
  gint64 frames = job->open.image->frames;
  if (job->frame >= frames) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_INPUT,
                "%s: frame %" G_GINT64_FORMAT " was asked for, there are %" G_GINT64_FORMAT,
                dcm_file_name(job->open.object->file), job->frame + 1, frames);
    return FALSE;
  }
  for (gint64 f = 0; f < frames; f++)
    if (job->frame < 0 || f == job->frame)
      add_slice(job, source, (guint)f);
  return TRUE;
}

static gboolean
has_place(const DcmSlice *s)
{
  return s->plane.has_position && s->plane.has_orientation && !s->projection;
}

/* A screen copy among slices must not spoil the volume. */
static void
drop_placeless(Job *job)
{
  guint placed = 0, all = job->slices->len;
  for (guint i = 0; i < all; i++)
    placed += (guint)has_place(&g_array_index(job->slices, DcmSlice, i));
  job->oriented = placed > 0;
  if (placed == 0 || placed == all)
    return;
  for (guint i = all; i-- > 0;)
    if (!has_place(&g_array_index(job->slices, DcmSlice, i)))
      g_array_remove_index(job->slices, i);
  note(job, "%u of %u images have no position in the patient and were left out", all - placed, all);
}

/* A source that cannot be decoded is a gap in the series, unless all are so. */
static gboolean
survey(Job *job, GError **error)
{
  guint bad = 0;
  g_autoptr(GError) first = NULL;
  for (guint i = 0; i < job->input->n_sources; i++) {
    g_autoptr(GError) why = NULL;
    if (job->host->cancelled(job->host)) {
      g_set_error(error, DCM_ERROR, DCM_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }
    if (survey_source(job, i, &why))
      continue;
    bad++;
    if (!first)
      first = g_steal_pointer(&why);
  }
  if (job->slices->len == 0) {
    g_propagate_error(error, g_steal_pointer(&first));
    return FALSE;
  }
  if (bad)
    note(job, "%u of %u files cannot be decoded and were left out, the first for this reason: %s",
         bad, job->input->n_sources, first->message);
  drop_placeless(job);
  return TRUE;
}

/* ---- the grid ---- */

/* Range and rescale of the slices in use decide on the voxel type. */
static void
choose_pixel(Job *job, GArray *slices)
{
  itv_volume *v = &job->shape;
  const DcmSlice *first = &g_array_index(slices, DcmSlice, 0);
  double low = first->low, high = first->high;
  gboolean integers = TRUE;
  for (guint i = 0; i < slices->len; i++) {
    const DcmSlice *s = &g_array_index(slices, DcmSlice, i);
    low = MIN(low, s->low);
    high = MAX(high, s->high);
    integers = integers && s->whole_numbers && s->plane.slope == first->plane.slope &&
               s->plane.intercept == first->plane.intercept;
  }
  v->slope = first->plane.slope;
  v->intercept = first->plane.intercept;
  if (integers && low >= 0 && high <= 255) {
    v->pixel = ITV_PIX_U8;
  } else if (integers && high - low <= 65535) {
    v->pixel = ITV_PIX_I16;
    if (low < -32768 || high > 32767)
      job->offset = low + 32768;
    v->intercept += v->slope * job->offset;
  } else {
    v->pixel = ITV_PIX_F32; /* holds rescaled values */
    v->slope = 1;
    v->intercept = 0;
  }
}

/* Columns of the direction matrix are the index axes. */
static void
set_axes(itv_volume *v, const double *x, const double *y, const double *z)
{
  for (int i = 0; i < 3; i++) {
    v->direction[3 * i] = x[i];
    v->direction[3 * i + 1] = y[i];
    v->direction[3 * i + 2] = z[i];
  }
}

static gboolean
same_size(const Job *job, GError **error)
{
  const DcmSlice *first = &g_array_index(job->slices, DcmSlice, 0);
  for (guint i = 1; i < job->slices->len; i++) {
    const DcmSlice *s = &g_array_index(job->slices, DcmSlice, i);
    if (s->source == first->source && s->rows == first->rows && s->columns == first->columns)
      continue;
    g_set_error(error, DCM_ERROR, DCM_ERROR_UNSUPPORTED,
                "%u images without position in the patient "
                "do not make a volume: ask for one film at a time",
                job->input->n_sources);
    return FALSE;
  }
  return TRUE;
}

static gboolean
make_grid(Job *job, GError **error)
{
  static const double unit[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  itv_volume *v = &job->shape;
  v->struct_size = sizeof *v;
  if (job->oriented)
    job->stack = dcm_stack_build(g_steal_pointer(&job->slices));
  else if (!same_size(job, error))
    return FALSE;
  GArray *slices = job->stack ? job->stack->slices : job->slices;
  const DcmSlice *s = &g_array_index(slices, DcmSlice, 0);
  apply_uptake(job, slices);
  choose_pixel(job, slices);
  if (job->stack) {
    v->flags = ITV_VOL_ORIENTED;
    v->dim[2] = (int32_t)job->stack->n_planes;
    v->spacing_mm[2] = job->stack->step_mm;
    memcpy(v->origin_mm, job->stack->origin_mm, sizeof v->origin_mm);
    set_axes(v, s->plane.orientation, s->plane.orientation + 3, job->stack->normal);
  } else {
    v->dim[2] = (int32_t)slices->len;
    v->spacing_mm[2] = 1;
    memcpy(v->direction, unit, sizeof unit);
    if (slices->len > 1)
      note(job, "%u frames without position in the patient were put one behind the other",
           slices->len);
  }
  if (!s->plane.has_spacing)
    v->flags |= ITV_VOL_SPACING_UNKNOWN;
  v->dim[0] = (int32_t)s->columns;
  v->dim[1] = (int32_t)s->rows;
  v->spacing_mm[0] = s->plane.spacing_mm[1];
  v->spacing_mm[1] = s->plane.spacing_mm[0];
  return describe(job, s->source, error);
}

/* ---- filling it ---- */

/* Moves a plane back along itself, bilinearly; outside lies its lowest value. */
static void
unshear(const DcmSlice *s, const double *in, double *out)
{
  gint64 nx = s->columns, ny = s->rows;
  double sx = s->shift_mm[0] / s->plane.spacing_mm[1], sy = s->shift_mm[1] / s->plane.spacing_mm[0];
  double lowest = in[0];
  for (gint64 i = 1; i < nx * ny; i++)
    lowest = MIN(lowest, in[i]);
  for (gint64 y = 0; y < ny; y++) {
    double fy = (double)y - sy, wy = fy - floor(fy);
    for (gint64 x = 0; x < nx; x++) {
      double fx = (double)x - sx, wx = fx - floor(fx), sum = 0;
      for (int k = 0; k < 4; k++) {
        double px = floor(fx) + (k & 1), py = floor(fy) + (k >> 1);
        double w = (k & 1 ? wx : 1 - wx) * (k >> 1 ? wy : 1 - wy);
        gboolean inside = px >= 0 && py >= 0 && px < (double)nx && py < (double)ny;
        sum += w * (inside ? in[(gint64)py * nx + (gint64)px] : lowest);
      }
      out[y * nx + x] = sum;
    }
  }
}

/* Decodes a slice, in the volume's own values. */
static gboolean
load_slice(Job *job, const DcmSlice *s, double *scratch, double *values, GError **error)
{
  gsize n = (gsize)(s->rows * s->columns);
  gboolean sheared = job->stack && job->stack->sheared;
  double *into = sheared ? scratch : values;
  if (!open_source(job, s->source, error) ||
      !dcm_decoder_frame(job->open.decoder, s->frame, into, error))
    return FALSE;
  if (job->shape.pixel == ITV_PIX_F32)
    for (gsize i = 0; i < n; i++)
      into[i] = into[i] * s->plane.slope + s->plane.intercept;
  if (sheared)
    unshear(s, scratch, values);
  return TRUE;
}

/* plane = (1 - w) * a + w * b */
static void
store_plane(Job *job, guint plane, const double *a, const double *b, double w)
{
  gsize n = (gsize)job->shape.dim[0] * (gsize)job->shape.dim[1], at = n * plane;
  for (gsize i = 0; i < n; i++) {
    double v = w == 0 ? a[i] : (1 - w) * a[i] + w * b[i];
    if (job->shape.pixel == ITV_PIX_F32)
      ((float *)job->voxels)[at + i] = (float)v;
    else if (job->shape.pixel == ITV_PIX_U8)
      ((guint8 *)job->voxels)[at + i] = (guint8)CLAMP(floor(v + 0.5), 0, 255);
    else
      ((gint16 *)job->voxels)[at + i] = (gint16)CLAMP(floor(v - job->offset + 0.5), -32768, 32767);
  }
}

static gboolean
fill(Job *job, GError **error)
{
  GArray *slices = job->stack ? job->stack->slices : job->slices;
  guint planes = (guint)job->shape.dim[2], loaded = G_MAXUINT, next_loaded = G_MAXUINT, k = 0;
  gsize n = (gsize)job->shape.dim[0] * (gsize)job->shape.dim[1];
  gboolean regular = !job->stack || job->stack->regular;
  double first_mm = g_array_index(slices, DcmSlice, 0).along_mm;
  gboolean sheared = job->stack && job->stack->sheared;
  g_autofree double *a = g_try_new(double, n), *b = regular ? NULL : g_try_new(double, n);
  g_autofree double *scratch = sheared ? g_try_new(double, n) : NULL;
  if (!a || (!regular && !b) || (sheared && !scratch)) {
    g_set_error(error, DCM_ERROR, DCM_ERROR_LIMIT,
                "a plane of %d x %d pixels needs too much memory", job->shape.dim[0],
                job->shape.dim[1]);
    return FALSE;
  }
  for (guint p = 0; p < planes; p++) {
    double w = 0, z = first_mm + p * job->shape.spacing_mm[2];
    if (job->host->cancelled(job->host)) {
      g_set_error(error, DCM_ERROR, DCM_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }
    if (regular) {
      k = p;
    } else {
      while (k + 2 < slices->len && g_array_index(slices, DcmSlice, k + 1).along_mm <= z)
        k++;
      double low = g_array_index(slices, DcmSlice, k).along_mm;
      double high = g_array_index(slices, DcmSlice, k + 1).along_mm;
      w = CLAMP((z - low) / (high - low), 0, 1);
    }
    if (loaded != k && next_loaded == k) {
      double *swap = a;
      a = b;
      b = swap;
      loaded = k;
      next_loaded = G_MAXUINT;
    }
    if (loaded != k && !load_slice(job, &g_array_index(slices, DcmSlice, k), scratch, a, error))
      return FALSE;
    loaded = k;
    if (w > 0 && next_loaded != k + 1) {
      if (!load_slice(job, &g_array_index(slices, DcmSlice, k + 1), scratch, b, error))
        return FALSE;
      next_loaded = k + 1;
    }
    store_plane(job, p, a, b, w);
    job->host->progress(job->host, (double)(p + 1) / planes);
  }
  return TRUE;
}

static itv_status
emit(const Job *job, gint64 id, const itv_sink *out)
{
  g_autoptr(DraftRecord) r = draft_record_new("interval.pixels/1");
  draft_record_i64(r, "volume", id, NULL);
  draft_record_text(r, "photometric", job->photometric, DRAFT_TEXT_MAX);
  draft_record_i64(r, "bits-stored", job->bits_stored, NULL);
  if (job->has_window) {
    draft_record_f64(r, "window-center", job->window[0], NULL);
    draft_record_f64(r, "window-width", job->window[1], NULL);
  }
  draft_record_text(r, "value-unit", job->value_unit, DRAFT_TEXT_MAX);
  for (guint i = 0; i < job->notes->len; i++)
    draft_record_text(r, "note", job->notes->pdata[i], DRAFT_NOTE_MAX);
  for (guint i = 0; job->stack && i < job->stack->notes->len; i++)
    draft_record_text(r, "note", job->stack->notes->pdata[i], DRAFT_NOTE_MAX);
  return draft_record_emit(r, out);
}

static gint64
requested_frame(const itv_input *input)
{
  for (guint i = 0; i < input->n_records; i++) {
    const itv_record *r = &input->records[i];
    for (gsize k = 0; strcmp(r->name, "interval.pixels-request/1") == 0 && k < r->n_fields; k++)
      if (strcmp(r->fields[k].key, "frame") == 0 && r->fields[k].type == ITV_T_I64)
        return MAX(r->fields[k].v.i64, 0);
  }
  return -1;
}

itv_status
dcm_pixels(const itv_host *host, const itv_input *input, const itv_sink *out)
{
  g_auto(Job) job = {.host = host, .input = input, .frame = requested_frame(input)};
  g_autoptr(GError) error = NULL;
  const itv_host_volume *service = host->get_interface(host, ITV_IFACE_HOST_VOLUME);
  gint64 id = 0;
  job.notes = g_ptr_array_new_with_free_func(g_free);
  job.slices = g_array_new(FALSE, TRUE, sizeof(DcmSlice));
  g_array_set_clear_func(job.slices, (GDestroyNotify)dcm_slice_clear);
  if (input->n_sources == 0 || !service) {
    host->set_error(host, !service ? "the host offers no volumes" : "no DICOM file was given");
    return !service ? ITV_ERR_UNSUPPORTED : ITV_ERR_INPUT;
  }
  if (!survey(&job, &error) || !make_grid(&job, &error))
    return dcm_fail(host, error);
  itv_status status = service->create(host, &job.shape, &job.voxels, &id);
  if (status != ITV_OK) {
    g_autofree char *why = g_strdup_printf("a volume of %d x %d x %d is more than the host allows",
                                           job.shape.dim[0], job.shape.dim[1], job.shape.dim[2]);
    host->set_error(host, why);
    return status;
  }
  if (!fill(&job, &error))
    return dcm_fail(host, error);
  return emit(&job, id, out);
}
