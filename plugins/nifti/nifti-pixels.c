/* SPDX-License-Identifier: Apache-2.0 */
#include "nifti-pixels.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nifti-header.h"
#include "nifti-stream.h"

enum { VOXELS_AT_ONCE = 8192, MAX_FRAMES_AT_ONCE = 32 };

itv_status
nifti_fail(const itv_host *host, itv_status status, const itv_source *source, const char *format,
           ...)
{
  char text[600], what[400];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  snprintf(text, sizeof text, "%.180s: %s", source->name ? source->name : "the source", what);
  host->set_error(host, text);
  return status;
}

static void
swap_each(uint8_t *p, size_t width, size_t n)
{
  for (size_t i = 0; i < n; i++, p += width)
    for (size_t a = 0, b = width - 1; a < b; a++, b--) {
      const uint8_t t = p[a];
      p[a] = p[b];
      p[b] = t;
    }
}

#define LOAD_EACH(type)                                                                            \
  for (size_t i = 0; i < n; i++) {                                                                 \
    type v;                                                                                        \
    memcpy(&v, raw + i * sizeof v, sizeof v);                                                      \
    out[i] = (double)v;                                                                            \
  }                                                                                                \
  break

static void
to_doubles(int datatype, const uint8_t *raw, size_t n, double *out)
{
  switch (datatype) {
  case NIFTI_U8:
    LOAD_EACH(uint8_t);
  case NIFTI_I8:
    LOAD_EACH(int8_t);
  case NIFTI_I16:
    LOAD_EACH(int16_t);
  case NIFTI_U16:
    LOAD_EACH(uint16_t);
  case NIFTI_I32:
    LOAD_EACH(int32_t);
  case NIFTI_U32:
    LOAD_EACH(uint32_t);
  case NIFTI_F32:
    LOAD_EACH(float);
  case NIFTI_I64:
    LOAD_EACH(int64_t);
  case NIFTI_U64:
    LOAD_EACH(uint64_t);
  default:
    LOAD_EACH(double);
  }
}

/* What the voxels of a frame are like: which pixel type holds them exactly. */
typedef struct {
  double low, high;
  bool integers;
  size_t not_finite;
} Range;

typedef struct {
  const itv_host *host;
  const itv_source *source;
  NiftiHeader header;
  size_t voxels; /* of one frame */
} Reader;

/* Called for each run of voxels. */
typedef void (*Take)(void *data, const double *values, size_t n);

static itv_status
each_voxel(const Reader *r, int32_t frame, Take take, void *data)
{
  const size_t width = r->header.bytes_per_voxel;
  Stream *s = malloc(sizeof *s);
  uint8_t *raw = malloc(VOXELS_AT_ONCE * width);
  double *values = malloc(VOXELS_AT_ONCE * sizeof *values);
  itv_status status = ITV_OK;
  size_t done = 0;
  if (!s || !raw || !values || !stream_open(s, r->source)) {
    status = nifti_fail(r->host, ITV_ERR_LIMIT, r->source, "no memory");
  } else {
    bool ok = stream_skip(s, r->header.data_offset + (size_t)frame * r->voxels * width);
    while (ok && done < r->voxels && status == ITV_OK) {
      const size_t n = r->voxels - done < VOXELS_AT_ONCE ? r->voxels - done : VOXELS_AT_ONCE;
      ok = stream_read(s, raw, n * width) == n * width;
      if (!ok)
        break;
      if (r->header.swapped)
        swap_each(raw, width, n);
      to_doubles(r->header.datatype, raw, n, values);
      take(data, values, n);
      done += n;
      if (r->host->cancelled(r->host))
        status = nifti_fail(r->host, ITV_ERR_CANCELLED, r->source, "cancelled");
    }
    if (!ok)
      status = nifti_fail(
          r->host, ITV_ERR_INPUT, r->source, "it ends within voxel %zu of the %zu of frame %d%s%s",
          done + 1, r->voxels, frame + 1, s->problem ? ": " : "", s->problem ? s->problem : "");
    stream_close(s);
  }
  free(values);
  free(raw);
  free(s);
  return status;
}

static void
take_range(void *data, const double *values, size_t n)
{
  Range *r = data;
  for (size_t i = 0; i < n; i++) {
    const double v = values[i];
    if (!isfinite(v)) {
      r->not_finite++;
      continue;
    }
    r->low = fmin(r->low, v);
    r->high = fmax(r->high, v);
    r->integers = r->integers && v == floor(v);
  }
}

typedef struct {
  int pixel;
  double offset; /* stored = value - offset */
  void *at;
} Store;

static void
take_store(void *data, const double *values, size_t n)
{
  Store *s = data;
  for (size_t i = 0; i < n; i++) {
    const double v = isfinite(values[i]) ? values[i] - s->offset : 0;
    if (s->pixel == ITV_PIX_U8)
      ((uint8_t *)s->at)[i] = (uint8_t)v;
    else if (s->pixel == ITV_PIX_I16)
      ((int16_t *)s->at)[i] = (int16_t)v;
    else
      ((float *)s->at)[i] = (float)v;
  }
  s->at = (char *)s->at + n * (s->pixel == ITV_PIX_U8 ? 1 : s->pixel == ITV_PIX_I16 ? 2 : 4);
}

/* u8 and i16 stay what they are; any other type becomes i16 where that is
 * exact (shifted when the range needs it), else f32. */
static itv_status
choose_store(const Reader *r, int32_t frame, Store *ret, Range *ret_range)
{
  Range range = {INFINITY, -INFINITY, true, 0};
  const int type = r->header.datatype;
  *ret = (Store){type == NIFTI_U8 ? ITV_PIX_U8 : ITV_PIX_I16, 0, NULL};
  *ret_range = range;
  if (type == NIFTI_U8 || type == NIFTI_I16 || type == NIFTI_I8)
    return ITV_OK;
  const itv_status status = each_voxel(r, frame, take_range, &range);
  if (status != ITV_OK)
    return status;
  const bool narrow = range.integers && !range.not_finite && range.high - range.low <= 65535;
  if (!narrow)
    ret->pixel = ITV_PIX_F32;
  else if (range.low < -32768 || range.high > 32767)
    ret->offset = floor((range.low + range.high + 1) / 2);
  *ret_range = range;
  return ITV_OK;
}

static itv_status
emit_volume(const Reader *r, const itv_sink *out, int64_t id, int32_t frame, const Range *range)
{
  const NiftiHeader *h = &r->header;
  char frame_note[80], nan_note[120];
  itv_field f[8];
  size_t n = 0;
  f[n++] = (itv_field)ITV_I64("volume", id, NULL);
  f[n++] = (itv_field)ITV_STR("photometric", "MONOCHROME2");
  if (h->window_high > h->window_low) {
    f[n++] = (itv_field)ITV_F64("window-center", (h->window_low + h->window_high) / 2, NULL);
    f[n++] = (itv_field)ITV_F64("window-width", h->window_high - h->window_low, NULL);
  }
  if (h->orientation_note)
    f[n++] = (itv_field)ITV_STR("note", h->orientation_note);
  if (h->frames > 1) {
    snprintf(frame_note, sizeof frame_note, "time point %d of %d", frame + 1, h->frames);
    f[n++] = (itv_field)ITV_STR("note", frame_note);
  }
  if (range->not_finite) {
    snprintf(nan_note, sizeof nan_note, "%zu voxels are not finite and were set to 0",
             range->not_finite);
    f[n++] = (itv_field)ITV_STR("note", nan_note);
  }
  return out->emit(out, "interval.pixels/1", f, n);
}

static itv_status
decode_frame(const Reader *r, const itv_host_volume *volumes, const itv_sink *out, int32_t frame)
{
  const NiftiHeader *h = &r->header;
  Store store;
  Range range;
  itv_status status = choose_store(r, frame, &store, &range);
  if (status != ITV_OK)
    return status;
  itv_volume shape = {
      .struct_size = sizeof shape,
      .pixel = store.pixel,
      .flags = (h->oriented ? ITV_VOL_ORIENTED : 0u) |
               (h->spacing_unknown ? ITV_VOL_SPACING_UNKNOWN : 0u),
      .slope = h->slope,
      .intercept = h->intercept + h->slope * store.offset,
  };
  memcpy(shape.dim, h->dim, sizeof shape.dim);
  memcpy(shape.spacing_mm, h->spacing_mm, sizeof shape.spacing_mm);
  memcpy(shape.origin_mm, h->origin_mm, sizeof shape.origin_mm);
  memcpy(shape.direction, h->direction, sizeof shape.direction);
  int64_t id = 0;
  status = volumes->create(r->host, &shape, &store.at, &id);
  if (status != ITV_OK)
    return nifti_fail(r->host, status, r->source, "%dx%dx%d voxels are more than this host takes",
                      h->dim[0], h->dim[1], h->dim[2]);
  status = each_voxel(r, frame, take_store, &store);
  return status == ITV_OK ? emit_volume(r, out, id, frame, &range) : status;
}

static itv_status
open_reader(const itv_host *host, const itv_source *source, Reader *ret)
{
  uint8_t head[NIFTI_HEADER_SIZE];
  char reason[160] = "";
  Stream *s = malloc(sizeof *s);
  size_t n = 0;
  if (!s || !stream_open(s, source)) {
    free(s);
    return nifti_fail(host, ITV_ERR_LIMIT, source, "no memory");
  }
  n = stream_read(s, head, sizeof head);
  const bool gzip = s->gzip;
  stream_close(s);
  free(s);
  if (n < sizeof head)
    return nifti_fail(host, ITV_ERR_INPUT, source, "it ends within its header");
  Reader r = {.host = host, .source = source};
  switch (nifti_header_read(head, &r.header, reason, sizeof reason)) {
  case NIFTI_NO:
    return nifti_fail(host, ITV_ERR_INPUT, source, "it is not NIfTI-1");
  case NIFTI_MALFORMED:
    return nifti_fail(host, ITV_ERR_INPUT, source, "%s", reason);
  case NIFTI_UNSUPPORTED:
    return nifti_fail(host, ITV_ERR_UNSUPPORTED, source, "%s", reason);
  case NIFTI_YES:
    break;
  }
  if (r.header.unreadable[0])
    return nifti_fail(host, ITV_ERR_UNSUPPORTED, source, "%s", r.header.unreadable);
  r.voxels = (size_t)r.header.dim[0] * (size_t)r.header.dim[1] * (size_t)r.header.dim[2];
  /* before memory is asked for: deflate cannot unfold more than 1032 to 1 */
  const uint64_t ratio = gzip ? 1032 : 1;
  const uint64_t bytes = (uint64_t)r.voxels * r.header.bytes_per_voxel;
  if (source->size >= 0 && bytes / ratio > (uint64_t)source->size)
    return nifti_fail(host, ITV_ERR_INPUT, source, "its %lld bytes cannot hold %zu voxels",
                      (long long)source->size, r.voxels);
  *ret = r;
  return ITV_OK;
}

static itv_status
decode_source(const itv_host *host, const itv_host_volume *volumes, const itv_source *source,
              const itv_input *input, const itv_sink *out)
{
  Reader r;
  itv_status status = open_reader(host, source, &r);
  if (status != ITV_OK)
    return status;
  const int64_t asked =
      input->n_records ? itv_record_i64(&input->records[0], "frame", -1) : (int64_t)-1;
  if (asked >= r.header.frames)
    return nifti_fail(host, ITV_ERR_INPUT, source, "it has %d frames, not %lld", r.header.frames,
                      (long long)asked + 1);
  if (asked < 0 && r.header.frames > MAX_FRAMES_AT_ONCE)
    return nifti_fail(host, ITV_ERR_LIMIT, source, "it has %d frames: ask for one of them",
                      r.header.frames);
  const int32_t from = asked < 0 ? 0 : (int32_t)asked;
  const int32_t to = asked < 0 ? r.header.frames : from + 1;
  for (int32_t frame = from; frame < to && status == ITV_OK; frame++) {
    status = decode_frame(&r, volumes, out, frame);
    host->progress(host, (double)(frame + 1 - from) / (to - from));
  }
  return status;
}

itv_status
nifti_pixels_run(void *self, const itv_host *host, const itv_input *input, const itv_sink *out)
{
  const itv_host_volume *volumes = host->get_interface(host, ITV_IFACE_HOST_VOLUME);
  itv_status status = ITV_OK;
  (void)self;
  if (!volumes || input->n_sources < 1) {
    host->set_error(host, volumes ? "there is no source" : "the host makes no volumes");
    return ITV_ERR_INPUT;
  }
  for (uint32_t i = 0; i < input->n_sources && status == ITV_OK; i++)
    status = decode_source(host, volumes, &input->sources[i], input, out);
  return status;
}
