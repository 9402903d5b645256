/* SPDX-License-Identifier: Apache-2.0
 *
 * nifti-stream.h - the bytes of a source from the beginning, inflated when it
 * is gzip (RFC 1952, several members allowed).  Nothing is read ahead of what
 * is asked for, so that a small file cannot unfold without limit.
 */
#ifndef NIFTI_STREAM_H
#define NIFTI_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "interval/plugin.h"

typedef struct {
  const itv_source *source;
  int64_t at; /* of the source, not yet read */
  bool gzip, ended;
  const char *problem; /* NULL while all is well: why the stream ended early */
  z_stream z;
  uint8_t in[1 << 16];
} Stream;

/* False: no memory (problem says so).  Close it in any case. */
bool stream_open(Stream *s, const itv_source *source);
void stream_close(Stream *s);
/* Bytes read, fewer than n only at the end or at a problem. */
size_t stream_read(Stream *s, void *buf, size_t n);
bool stream_skip(Stream *s, size_t n);

#endif
