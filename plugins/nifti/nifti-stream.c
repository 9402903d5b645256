/* SPDX-License-Identifier: Apache-2.0 */
#include "nifti-stream.h"

#include <string.h>

bool
stream_open(Stream *s, const itv_source *source)
{
  uint8_t head[2] = {0};
  memset(&s->z, 0, sizeof s->z);
  s->source = source;
  s->at = 0;
  s->ended = false;
  s->problem = NULL;
  s->gzip = source->read_at(source, 0, head, 2) == 2 && head[0] == 0x1F && head[1] == 0x8B;
  if (s->gzip && inflateInit2(&s->z, 15 + 16) != Z_OK) {
    s->gzip = false;
    s->ended = true;
    s->problem = "no memory to inflate it";
  }
  return !s->problem;
}

void
stream_close(Stream *s)
{
  if (s->gzip)
    inflateEnd(&s->z);
  s->gzip = false;
}

/* Up to n bytes of the source; 0 at its end. */
static size_t
read_source(Stream *s, void *buf, size_t n)
{
  const int64_t got = s->source->read_at(s->source, s->at, buf, n);
  if (got <= 0 || (uint64_t)got > n) {
    s->ended = true;
    if (got != 0)
      s->problem = "it cannot be read";
    return 0;
  }
  s->at += got;
  return (size_t)got;
}

static void
inflate_some(Stream *s)
{
  if (s->z.avail_in == 0) {
    s->z.next_in = s->in;
    s->z.avail_in = (uInt)read_source(s, s->in, sizeof s->in);
    if (s->z.avail_in == 0 && !s->problem && s->z.total_in != 0)
      s->problem = "its compressed data end in the middle";
    if (s->z.avail_in == 0)
      return;
  }
  const int status = inflate(&s->z, Z_NO_FLUSH);
  if (status == Z_STREAM_END) {
    inflateReset(&s->z); /* another member may follow; total_in is 0 again */
  } else if (status != Z_OK && status != Z_BUF_ERROR) {
    s->problem = "its compressed data are damaged";
    s->ended = true;
  }
}

size_t
stream_read(Stream *s, void *buf, size_t n)
{
  size_t done = 0;
  while (done < n && !s->ended) {
    if (!s->gzip) {
      done += read_source(s, (uint8_t *)buf + done, n - done);
      continue;
    }
    const size_t want = n - done < (1u << 30) ? n - done : (1u << 30);
    s->z.next_out = (Bytef *)buf + done;
    s->z.avail_out = (uInt)want;
    inflate_some(s);
    done += want - s->z.avail_out;
  }
  return done;
}

bool
stream_skip(Stream *s, size_t n)
{
  uint8_t waste[4096];
  while (n) {
    const size_t step = n < sizeof waste ? n : sizeof waste;
    if (stream_read(s, waste, step) != step)
      return false;
    n -= step;
  }
  return true;
}
