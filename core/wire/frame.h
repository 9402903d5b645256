/* SPDX-License-Identifier: Apache-2.0
 *
 * wire/frame.h - the frames between the core and a worker, schemas/wire.md in
 * code.  Plain C without GLib, since the worker links it too; the decoder is
 * total: any bytes give a frame or a reason.
 */
#ifndef ITV_WIRE_FRAME_H
#define ITV_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interval/plugin.h"

#define ITV_WIRE_FD 3              /* where a worker finds its socket */
#define ITV_WIRE_MAX_BODY 4194304u /* 4 MiB: a report of 1 MiB and all its fields */
#define ITV_WIRE_MAX_FIELDS 4096u  /* of one record */
#define ITV_WIRE_MAX_SOURCES 8000u
#define ITV_WIRE_PROBE_BYTES 4096u
#define ITV_WIRE_MAX_BATCH 64u /* files of one BATCH; the kernel passes at most 253 descriptors */

typedef enum {
  /* core to worker */
  ITV_WIRE_START = 1, /* s0 object, s1 id, s2 version, i0 jit, i1 memory in bytes,
                         i2 records and i3 bytes of records that a job may emit */
  ITV_WIRE_CONFIG,    /* s0 key, s1 value; before START */
  ITV_WIRE_RESOURCE,  /* s0 name, i0 bytes, 1 descriptor; before START */
  ITV_WIRE_PAGE,      /* 1 descriptor: ItvWirePage; before START */
  ITV_WIRE_PROBE,     /* bytes: head of a file, s0 its name */
  ITV_WIRE_VOLUME,    /* shape, 1 descriptor */
  ITV_WIRE_SOURCE,    /* i0 bytes, s0 name, 1 descriptor */
  ITV_WIRE_TEXT,      /* bytes: the text of the job */
  ITV_WIRE_RUN,       /* s0 kind; begins the job with the inputs sent before */
  ITV_WIRE_GRANT,     /* i0 itv_status, i1 volume id, 1 descriptor if ITV_OK */
  /* both ways: an input record, a result */
  ITV_WIRE_RECORD,
  /* worker to core */
  ITV_WIRE_READY,    /* i0 Landlock ABI (0: none), i1 seccomp (0/1), s0 warning or NULL */
  ITV_WIRE_REFUSED,  /* s0 why; the worker ends */
  ITV_WIRE_LOG,      /* i0 level, s0 message */
  ITV_WIRE_PROGRESS, /* f0 fraction */
  ITV_WIRE_ERROR,    /* s0 message of set_error() */
  ITV_WIRE_CREATE,   /* shape of a wanted volume; answered by GRANT */
  ITV_WIRE_PROBED,   /* i0 score */
  ITV_WIRE_DONE,     /* i0 itv_status */
  /* core to worker */
  ITV_WIRE_BATCH, /* record: its name is the kind, each field a file (key: name, i64: bytes),
                     as many descriptors; one job for each, numbered from the frame's on */
  ITV_WIRE_N
} ItvWireType;

/* Strings and bytes point into the decoded body, a record's fields are allocated. */
typedef struct {
  ItvWireType type;
  uint32_t job;     /* number of the job that it belongs to; 0 before the first */
  unsigned n_fds;   /* that must come with it */
  const char *s[3]; /* NUL-terminated, NULL when the sender had NULL */
  int64_t i[4];
  double f;
  const uint8_t *bytes;
  size_t n_bytes;
  itv_volume shape; /* data NULL; role points into the body */
  itv_record record;
} ItvWireFrame;

/* On the socket each frame begins with this, in the machine's byte order (both ends
 * are one machine). */
typedef struct {
  uint32_t length; /* of the body */
  uint16_t type;
  uint16_t n_fds;
  uint32_t job;
  uint32_t magic;
} ItvWireHeader;
#define ITV_WIRE_MAGIC 0x31767469u /* "itv1" */

/* Writes the body of a frame.  Returns its length, 0 when it does not fit into
 * `capacity` (no frame with content is empty; PAGE is always 0). */
size_t itv_wire_encode(const ItvWireFrame *frame, uint8_t *buf, size_t capacity);

/* Checks a header by itself; false with a reason. */
bool itv_wire_check_header(const ItvWireHeader *header, const char **ret_problem);
/* Fills *ret from a body.  False with a reason (static); nothing to clear then.
 * `body` must stay as long as the frame is used. */
bool itv_wire_decode(uint16_t type, uint32_t job, const uint8_t *body, size_t n, ItvWireFrame *ret,
                     const char **ret_problem);
void itv_wire_clear(ItvWireFrame *frame);

/* What both ends see while a job runs; one page of shared memory.  A worker can
 * write anything into it: the core reads numbers from it for its messages only. */
typedef struct {
  uint32_t cancel; /* number of the job that shall stop */
  uint32_t crash;  /* ITV_WIRE_CRASH_*, written by the worker's signal handler */
  uint32_t syscall_plus_1;
  uint32_t reserved;
} ItvWirePage;
#define ITV_WIRE_PAGE_SIZE 4096u
enum { ITV_WIRE_CRASH_STACK = 1, ITV_WIRE_CRASH_MEMORY = 2, ITV_WIRE_CRASH_READ_ONLY = 4 };

#endif
