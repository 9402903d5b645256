/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

#define ABSENT UINT32_MAX /* the length of a NULL string */

/* What stands in the body, in this order: s string, i integer, f double,
 * b bytes, v volume, r record. */
static const struct {
  const char *parts;
  unsigned n_fds;
} layouts[ITV_WIRE_N] = {
    [ITV_WIRE_START] = {"sssiiii", 0}, [ITV_WIRE_CONFIG] = {"ss", 0},
    [ITV_WIRE_RESOURCE] = {"si", 1},   [ITV_WIRE_PAGE] = {"", 1},
    [ITV_WIRE_PROBE] = {"bs", 0},      [ITV_WIRE_VOLUME] = {"v", 1},
    [ITV_WIRE_SOURCE] = {"is", 1},     [ITV_WIRE_TEXT] = {"b", 0},
    [ITV_WIRE_RUN] = {"s", 0},         [ITV_WIRE_GRANT] = {"ii", 0},
    [ITV_WIRE_RECORD] = {"r", 0},      [ITV_WIRE_READY] = {"iis", 0},
    [ITV_WIRE_REFUSED] = {"s", 0},     [ITV_WIRE_LOG] = {"is", 0},
    [ITV_WIRE_PROGRESS] = {"f", 0},    [ITV_WIRE_ERROR] = {"s", 0},
    [ITV_WIRE_CREATE] = {"v", 0},      [ITV_WIRE_PROBED] = {"i", 0},
    [ITV_WIRE_DONE] = {"i", 0},        [ITV_WIRE_BATCH] = {"r", 0},
};

/* ---- writing ------------------------------------------------------------ */

typedef struct {
  uint8_t *data;
  size_t size, capacity;
  bool full;
} Writer;

static void
put(Writer *w, const void *p, size_t n)
{
  if (w->full || n > w->capacity - w->size) {
    w->full = true;
    return;
  }
  if (n)
    memcpy(w->data + w->size, p, n);
  w->size += n;
}

static void
put_u32(Writer *w, uint32_t x)
{
  put(w, &x, sizeof x);
}

static void
put_string(Writer *w, const char *s)
{
  if (!s) {
    put_u32(w, ABSENT);
    return;
  }
  const size_t n = strnlen(s, (size_t)ITV_WIRE_MAX_BODY + 1);
  if (n > ITV_WIRE_MAX_BODY) {
    w->full = true;
    return;
  }
  put_u32(w, (uint32_t)n);
  put(w, s, n + 1);
}

static void
put_volume(Writer *w, const itv_volume *v)
{
  put(w, &v->pixel, sizeof v->pixel);
  put(w, v->dim, sizeof v->dim);
  put_u32(w, v->flags);
  put(w, v->spacing_mm, sizeof v->spacing_mm);
  put(w, v->origin_mm, sizeof v->origin_mm);
  put(w, v->direction, sizeof v->direction);
  put(w, &v->slope, sizeof v->slope);
  put(w, &v->intercept, sizeof v->intercept);
  put(w, &v->data_size, sizeof v->data_size);
  put_string(w, v->role);
}

static void
put_record(Writer *w, const itv_record *r)
{
  put_string(w, r->name);
  if (r->n_fields > ITV_WIRE_MAX_FIELDS) {
    w->full = true;
    return;
  }
  put_u32(w, (uint32_t)r->n_fields);
  for (size_t k = 0; k < r->n_fields && !w->full; k++) {
    const itv_field *f = &r->fields[k];
    put(w, &f->type, sizeof f->type);
    put_string(w, f->key);
    put_string(w, f->unit);
    if (f->type == ITV_T_STR)
      put_string(w, f->v.str);
    else
      put(w, &f->v.i64, sizeof f->v.i64);
  }
}

size_t
itv_wire_encode(const ItvWireFrame *frame, uint8_t *buf, size_t capacity)
{
  Writer w = {buf, 0, capacity, false};
  size_t s = 0, i = 0;
  for (const char *p = layouts[frame->type].parts; *p; p++) {
    switch (*p) {
    case 's':
      put_string(&w, frame->s[s++]);
      break;
    case 'i':
      put(&w, &frame->i[i++], sizeof frame->i[0]);
      break;
    case 'f':
      put(&w, &frame->f, sizeof frame->f);
      break;
    case 'b':
      put_u32(&w, frame->n_bytes > ITV_WIRE_MAX_BODY ? ABSENT : (uint32_t)frame->n_bytes);
      put(&w, frame->bytes, frame->n_bytes);
      break;
    case 'v':
      put_volume(&w, &frame->shape);
      break;
    default:
      put_record(&w, &frame->record);
      break;
    }
  }
  return w.full ? 0 : w.size;
}

/* ---- reading ------------------------------------------------------------ */

typedef struct {
  const uint8_t *data;
  size_t left;
  const char *problem; /* the first one */
} Reader;

static const uint8_t *
take(Reader *r, size_t n)
{
  if (r->problem || n > r->left) {
    r->problem = r->problem ? r->problem : "the frame ends too early";
    return NULL;
  }
  const uint8_t *p = r->data;
  r->data += n;
  r->left -= n;
  return p;
}

static void
get(Reader *r, void *ret, size_t n)
{
  const uint8_t *p = take(r, n);
  if (p)
    memcpy(ret, p, n);
}

static uint32_t
get_u32(Reader *r)
{
  uint32_t x = 0;
  get(r, &x, sizeof x);
  return x;
}

static const char *
get_string(Reader *r)
{
  const uint32_t n = get_u32(r);
  if (n == ABSENT)
    return NULL;
  const uint8_t *p = take(r, (size_t)n + 1);
  if (!p)
    return NULL;
  if (memchr(p, 0, (size_t)n + 1) != p + n) {
    r->problem = "a string does not end where its length says";
    return NULL;
  }
  return (const char *)p;
}

static void
get_volume(Reader *r, itv_volume *v)
{
  v->struct_size = sizeof *v;
  get(r, &v->pixel, sizeof v->pixel);
  get(r, v->dim, sizeof v->dim);
  v->flags = get_u32(r);
  get(r, v->spacing_mm, sizeof v->spacing_mm);
  get(r, v->origin_mm, sizeof v->origin_mm);
  get(r, v->direction, sizeof v->direction);
  get(r, &v->slope, sizeof v->slope);
  get(r, &v->intercept, sizeof v->intercept);
  get(r, &v->data_size, sizeof v->data_size);
  v->role = get_string(r);
}

static void
get_field(Reader *r, itv_field *f)
{
  get(r, &f->type, sizeof f->type);
  f->key = get_string(r);
  f->unit = get_string(r);
  if (f->type == ITV_T_STR)
    f->v.str = get_string(r);
  else if (f->type == ITV_T_I64 || f->type == ITV_T_F64)
    get(r, &f->v.i64, sizeof f->v.i64);
  else if (!r->problem)
    r->problem =
        "a field has no type: was it left uninitialised, or is the number of fields too high?";
}

/* Returns the fields, which the record then owns. */
static itv_field *
get_record(Reader *r, itv_record *record)
{
  /* type, key, unit and value take at least this much: a count that cannot be
   * true allocates nothing */
  const size_t smallest = 16;
  record->name = get_string(r);
  const uint32_t n = get_u32(r);
  if (!r->problem && (n > ITV_WIRE_MAX_FIELDS || n > r->left / smallest))
    r->problem = "a record has more fields than fit";
  if (r->problem)
    return NULL;
  itv_field *fields = calloc((size_t)n + 1, sizeof *fields);
  if (!fields) {
    r->problem = "out of memory";
    return NULL;
  }
  for (uint32_t k = 0; k < n && !r->problem; k++)
    get_field(r, &fields[k]);
  record->fields = fields;
  record->n_fields = n;
  return fields;
}

static itv_field *
get_part(Reader *r, char part, ItvWireFrame *frame, size_t *s, size_t *i)
{
  switch (part) {
  case 's':
    frame->s[(*s)++] = get_string(r);
    return NULL;
  case 'i':
    get(r, &frame->i[(*i)++], sizeof frame->i[0]);
    return NULL;
  case 'f':
    get(r, &frame->f, sizeof frame->f);
    return NULL;
  case 'b':
    frame->n_bytes = get_u32(r);
    frame->bytes = take(r, frame->n_bytes);
    return NULL;
  case 'v':
    get_volume(r, &frame->shape);
    return NULL;
  default:
    return get_record(r, &frame->record);
  }
}

bool
itv_wire_decode(uint16_t type, uint32_t job, const uint8_t *body, size_t n, ItvWireFrame *ret,
                const char **ret_problem)
{
  if (type == 0 || type >= ITV_WIRE_N) {
    *ret_problem = "there is no such frame";
    return false;
  }
  ItvWireFrame frame = {.type = (ItvWireType)type, .job = job, .n_fds = layouts[type].n_fds};
  Reader r = {body, n, NULL};
  size_t s = 0, i = 0;
  itv_field *owned = NULL;
  for (const char *p = layouts[type].parts; *p; p++) {
    itv_field *made = get_part(&r, *p, &frame, &s, &i);
    owned = made ? made : owned;
  }
  if (!r.problem && r.left)
    r.problem = "bytes are left over at the end of the frame";
  if (r.problem) {
    free(owned);
    *ret_problem = r.problem;
    return false;
  }
  if (type == ITV_WIRE_GRANT)
    frame.n_fds = frame.i[0] == ITV_OK ? 1 : 0;
  else if (type == ITV_WIRE_BATCH)
    frame.n_fds = (unsigned)frame.record.n_fields;
  *ret = frame;
  return true;
}

void
itv_wire_clear(ItvWireFrame *frame)
{
  free((void *)(uintptr_t)frame->record.fields);
  frame->record = (itv_record){0};
}

bool
itv_wire_check_header(const ItvWireHeader *header, const char **ret_problem)
{
  if (header->magic != ITV_WIRE_MAGIC)
    *ret_problem = "that is no frame";
  else if (header->type == 0 || header->type >= ITV_WIRE_N)
    *ret_problem = "there is no such frame";
  else if (header->length > ITV_WIRE_MAX_BODY)
    *ret_problem = "a frame is longer than allowed";
  else if (header->n_fds > (header->type == ITV_WIRE_BATCH ? ITV_WIRE_MAX_BATCH : 1))
    *ret_problem = "a frame brings too many descriptors";
  else
    return true;
  return false;
}
