/* SPDX-License-Identifier: Apache-2.0
 *
 * interval/plugin.h - the whole contract between Interval and a plugin.
 *
 * Plain C11, no other header needed.  A plugin is one shared object that
 * exports one data symbol, `itv_plugin_entry`.  It is loaded only by
 * `interval-worker`, a confined child process, never by the core: a crash
 * costs one job.  The plugin has no network, starts no process and opens no
 * file; what it needs is handed to it.
 *
 * What travels in both directions is the *record*: a name and a flat list of
 * fields.  Which records exist, their keys, units (UCUM) and ranges stands in
 * schemas/records.xml; the core checks every record that leaves a plugin
 * against it and takes all records of a job or none.
 *
 * Rules that hold for every function below:
 *   - strings are UTF-8, NUL-terminated and borrowed until the call returns;
 *   - nothing allocated on one side is ever freed on the other; itv_sink copies;
 *   - [job]  called on the worker's job thread, one call at a time;
 *     [any]  callable from any thread the plugin starts;
 *   - lengths are mm in patient coordinates (DICOM LPS), enums travel as
 *     fixed-width integers, so that their size never changes.
 */
#ifndef INTERVAL_PLUGIN_H
#define INTERVAL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ITV_ABI_MAJOR 1u /* bumped only when an old binary must be refused */
#define ITV_ABI_MINOR 0u /* bumped when fields are appended to a struct */
#define ITV_EXPORT __attribute__((visibility("default")))

typedef int32_t itv_status;
enum {
  ITV_OK = 0,
  ITV_NOT_APPLICABLE = 1,   /* this input is not for me; no record, no blame */
  ITV_ERR_INPUT = -1,       /* the input is malformed */
  ITV_ERR_UNSUPPORTED = -2, /* well-formed, but beyond this plugin */
  ITV_ERR_LIMIT = -3,       /* would exceed a limit of the host */
  ITV_ERR_CANCELLED = -4,   /* host->cancelled() said so */
  ITV_ERR_INTERNAL = -5     /* a bug in the plugin */
};

/* ---- records ---------------------------------------------------------- */

enum { ITV_T_I64 = 1, ITV_T_F64 = 2, ITV_T_STR = 3 };

/* A key may occur several times in one record where records.xml says
 * repeat="true"; the order of its values is kept. */
typedef struct itv_field {
  const char *key;
  const char *unit; /* UCUM code; NULL where records.xml names none */
  int32_t type;     /* ITV_T_* */
  int32_t reserved; /* 0 */
  union {
    int64_t i64;
    double f64;
    const char *str;
  } v;
} itv_field;

#define ITV_F64(k, x, u)                                                                           \
  {                                                                                                \
    (k), (u), ITV_T_F64, 0,                                                                        \
    {                                                                                              \
      .f64 = (x)                                                                                   \
    }                                                                                              \
  }
#define ITV_I64(k, x, u)                                                                           \
  {                                                                                                \
    (k), (u), ITV_T_I64, 0,                                                                        \
    {                                                                                              \
      .i64 = (x)                                                                                   \
    }                                                                                              \
  }
#define ITV_STR(k, x)                                                                              \
  {                                                                                                \
    (k), NULL, ITV_T_STR, 0,                                                                       \
    {                                                                                              \
      .str = (x)                                                                                   \
    }                                                                                              \
  }

typedef struct itv_record {
  const char *name; /* "interval.measurement/1" */
  const itv_field *fields;
  size_t n_fields;
} itv_record;

/* Where results go. */
typedef struct itv_sink itv_sink;
struct itv_sink {
  void *ctx;
  /* [job] copies; ITV_ERR_LIMIT when the job has emitted too much, and then
   * the plugin should return that status */
  itv_status (*emit)(const itv_sink *sink, const char *record, const itv_field *fields,
                     size_t n_fields);
};

/* ---- what the host offers ---- */

enum { ITV_LOG_DEBUG = 0, ITV_LOG_INFO = 1, ITV_LOG_WARNING = 2 };

typedef struct itv_host itv_host;
struct itv_host {
  uint32_t struct_size; /* check before reading a field newer than 1.0 */
  uint32_t abi_minor;
  void *ctx;
  /* [any] optional services by id, NULL if absent */
  const void *(*get_interface)(const itv_host *host, const char *id);
  /* [any] */
  void (*log)(const itv_host *host, int32_t level, const char *message);
  /* [job] explain the error about to be returned; the last one wins */
  void (*set_error)(const itv_host *host, const char *message);
  /* [any] poll at least every 100 ms; non-zero means return CANCELLED */
  int32_t (*cancelled)(const itv_host *host);
  /* [any] how far the job is, 0..1; shown on a terminal */
  void (*progress)(const itv_host *host, double fraction);
  /* [job] a value of the plugin's configuration (manifest default, then
   * config/interval.xml), borrowed until destroy(); NULL if unset */
  const char *(*config)(const itv_host *host, const char *key);
  /* [job] a read-only file that the manifest lists as <resource name=>,
   * borrowed until destroy(); NULL if the manifest does not list it */
  const void *(*resource)(const itv_host *host, const char *name, size_t *ret_size);
};

/* ---- inputs ------------------------------------------------------------ */

enum { ITV_PIX_I16 = 1, ITV_PIX_F32 = 2, ITV_PIX_U8 = 3 };

/* Voxels, x fastest, then y, then z.  The centre of voxel (i,j,k) lies at
 * origin + direction * (spacing .* (i,j,k)), where column c of direction
 * (direction[0*3+c], [1*3+c], [2*3+c]) is the unit vector of index axis c.
 * A radiograph has dim[2] = 1 and a direction that means nothing unless
 * ITV_VOL_ORIENTED is set.  value = slope * stored + intercept (HU for CT). */
enum {
  ITV_VOL_ORIENTED = 1,       /* origin and direction are patient LPS */
  ITV_VOL_SPACING_UNKNOWN = 2 /* spacing is 1 for want of knowledge */
};
typedef struct itv_volume {
  uint32_t struct_size;
  int32_t pixel; /* ITV_PIX_* */
  int32_t dim[3];
  uint32_t flags; /* ITV_VOL_* */
  double spacing_mm[3];
  double origin_mm[3];
  double direction[9]; /* row-major 3x3, columns are the index axes */
  double slope, intercept;
  const char *role;   /* what it is in this job: "fixed", "moving", "current" */
  const void *data;   /* read-only mapping; a write faults the worker */
  uint64_t data_size; /* bytes */
} itv_volume;

/* A file handed over as a descriptor; the plugin never sees a path. */
typedef struct itv_source itv_source;
struct itv_source {
  void *ctx;
  int64_t size; /* bytes */
  /* [job] bytes read, 0 at the end, < 0 on error */
  int64_t (*read_at)(const itv_source *src, int64_t offset, void *buf, size_t n);
  const char *name; /* for messages only, never open() it */
};

/* All that a job gets.  Each kind says below which parts it uses. */
typedef struct itv_input {
  uint32_t struct_size;
  uint32_t n_records, n_volumes, n_sources;
  const itv_record *records;
  const itv_volume *volumes;
  const itv_source *sources;
  const char *text; /* UTF-8, also NUL-terminated; NULL if there is none */
  uint64_t text_len;
} itv_input;

/* Host service for kinds that produce voxels (pixels, registration).  The
 * memory is the host's: fill it, put *ret_id into field "volume" of a record
 * that has one, return. */
#define ITV_IFACE_HOST_VOLUME "interval.host.volume/1"
typedef struct itv_host_volume {
  uint32_t struct_size;
  /* [job] shape->data and ->role are ignored; zero-filled memory;
   * ITV_ERR_LIMIT when over the quota */
  itv_status (*create)(const itv_host *host, const itv_volume *shape, void **ret_data,
                       int64_t *ret_id);
} itv_host_volume;

/* ---- kinds: a plugin implements one or more ---------------------------- */

/* Every kind has the same table; a changed meaning is a new revision ("/2").
 *
 * interval.importer/1        one source -> interval.document/1, each followed by the records
 *                            it holds (patient, report, image, measurement ...)
 * interval.pixels/1          the sources of one series or film, interval.pixels-request/1 ->
 *                            volumes, each with an interval.pixels/1 record
 * interval.recommendation/1  text, interval.context/1 -> interval.recommendation/1, and
 *                            interval.statement, .finding, .contradiction, .trace (all /1)
 * interval.quality/1         interval.image-set/1 (role current, prior), optionally volumes of
 *                            those roles -> interval.quality/1, interval.reason/1
 * interval.registration/1    volumes fixed and moving, interval.registration-request/1 ->
 *                            interval.registration/1, interval.reason/1
 * interval.measurement/1     interval.measurement/1 of role prior and current ->
 *                            interval.change/1
 * interval.healing/1         interval.procedure/1, interval.measurement/1 over time, optionally
 *                            interval.expectation/1; or volumes baseline and current on one
 *                            grid with interval.image-set/1 -> interval.healing-point/1,
 *                            interval.healing/1
 */
#define ITV_KIND_IMPORTER "interval.importer/1"
#define ITV_KIND_PIXELS "interval.pixels/1"
#define ITV_KIND_RECOMMENDATION "interval.recommendation/1"
#define ITV_KIND_QUALITY "interval.quality/1"
#define ITV_KIND_REGISTRATION "interval.registration/1"
#define ITV_KIND_MEASUREMENT "interval.measurement/1"
#define ITV_KIND_HEALING "interval.healing/1"

typedef struct itv_kind {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* [job] importers only, else NULL: how sure am I (0..100) that this is
   * mine, from its first n <= 4096 bytes?  Quick, total, never an error. */
  int32_t (*probe)(void *self, const uint8_t *head, size_t n, const char *name);
  /* [job] set_error() before every negative status */
  itv_status (*run)(void *self, const itv_host *host, const itv_input *input, const itv_sink *out);
} itv_kind;

#define ITV_KIND_HEADER sizeof(itv_kind), 0

/* ---- the one exported symbol ------------------------------------------- */

typedef struct itv_plugin {
  uint32_t abi_major, abi_minor, struct_size, reserved; /* ITV_PLUGIN_HEADER */
  const char *id;      /* reverse DNS, "org.example.vdt"; as in plugin.xml */
  const char *version; /* SemVer of the plugin; as in plugin.xml */
  /* [job] both may be NULL for a stateless plugin; self is then NULL */
  itv_status (*create)(const itv_host *host, void **ret_self);
  void (*destroy)(void *self);
  /* [any] static table for an ITV_KIND_* id, NULL if not offered */
  const itv_kind *(*get_kind)(const char *id);
} itv_plugin;

#define ITV_PLUGIN_HEADER ITV_ABI_MAJOR, ITV_ABI_MINOR, sizeof(itv_plugin), 0

/* Sizes of 1.0, frozen: a host compares struct_size with these, not its own sizeof. */
#define ITV_PLUGIN_SIZE_1_0 56u
#define ITV_KIND_SIZE_1_0 24u

ITV_EXPORT extern const itv_plugin itv_plugin_entry;

/* ---- small helpers, so that a plugin needs nothing else ---------------- */

/* The n-th field of that key, or NULL. */
static inline const itv_field *
itv_record_field(const itv_record *record, const char *key, size_t n)
{
  for (size_t i = 0; i < record->n_fields; i++) {
    const char *a = record->fields[i].key, *b = key;
    while (*a && *a == *b) {
      a++;
      b++;
    }
    if (*a == *b && n-- == 0)
      return &record->fields[i];
  }
  return NULL;
}

/* The first value of that key, or `fallback`. */
static inline const char *
itv_record_str(const itv_record *record, const char *key, const char *fallback)
{
  const itv_field *f = itv_record_field(record, key, 0);
  return f && f->type == ITV_T_STR ? f->v.str : fallback;
}

static inline double
itv_record_f64(const itv_record *record, const char *key, double fallback)
{
  const itv_field *f = itv_record_field(record, key, 0);
  if (!f || f->type == ITV_T_STR)
    return fallback;
  return f->type == ITV_T_F64 ? f->v.f64 : (double)f->v.i64;
}

static inline int64_t
itv_record_i64(const itv_record *record, const char *key, int64_t fallback)
{
  const itv_field *f = itv_record_field(record, key, 0);
  return f && f->type == ITV_T_I64 ? f->v.i64 : fallback;
}

#ifdef __cplusplus
}
#endif
#endif /* INTERVAL_PLUGIN_H */
