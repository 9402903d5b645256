/* SPDX-License-Identifier: Apache-2.0
 *
 * wire/channel.h - frames through a socket, whole or not at all, with a
 * deadline.  Plain C without GLib, like wire/frame.h.
 */
#ifndef ITV_WIRE_CHANNEL_H
#define ITV_WIRE_CHANNEL_H

#include "wire/frame.h"

typedef enum {
  ITV_CHANNEL_OK,
  ITV_CHANNEL_EMPTY,   /* the deadline passed */
  ITV_CHANNEL_CLOSED,  /* the other end is gone */
  ITV_CHANNEL_GARBAGE, /* see `problem`; the channel is of no more use */
} ItvChannelStatus;

typedef struct {
  int fd;
  bool takes_fds; /* else descriptors that arrive are dropped by the kernel */
  bool holds;     /* frames are gathered until itv_channel_flush() or until `out` is full */
  int fds[ITV_WIRE_MAX_BATCH]; /* that came with the frame given out last and are not yet taken */
  unsigned n_fds;
  const char *problem; /* static; why GARBAGE */
  uint8_t *in;         /* bytes received and not yet used */
  size_t in_start, in_end, in_capacity;
  size_t body_length; /* of the frame given out last; its bytes are used up with the next */
  uint8_t *out;       /* gathered frames; NULL before the first */
  size_t out_length;
} ItvChannel;

/* `fd` stays the caller's.  False when out of memory. */
bool itv_channel_init(ItvChannel *channel, int fd, bool takes_fds);
void itv_channel_clear(ItvChannel *channel);

/* Milliseconds on the monotonic clock; what deadlines are measured against.
 * ITV_CHANNEL_FOREVER never passes. */
int64_t itv_channel_now_ms(void);
#define ITV_CHANNEL_FOREVER INT64_MAX

/* Sends one frame; `body` as itv_wire_encode() made it, `pass_fd` -1 for none. */
ItvChannelStatus itv_channel_send(ItvChannel *channel, uint16_t type, uint32_t job,
                                  const uint8_t *body, size_t n, int pass_fd, int64_t deadline_ms);
/* The same with several descriptors, at most ITV_WIRE_MAX_BATCH; never gathered. */
ItvChannelStatus itv_channel_send_fds(ItvChannel *channel, uint16_t type, uint32_t job,
                                      const uint8_t *body, size_t n, const int *fds, unsigned n_fds,
                                      int64_t deadline_ms);
/* Sends what was gathered. */
ItvChannelStatus itv_channel_flush(ItvChannel *channel, int64_t deadline_ms);
/* Receives one frame; the caller clears it (itv_wire_clear) and owns *ret_fd (-1 for
 * none).  Those of a BATCH lie in `fds`: whoever takes them sets n_fds to 0, the next
 * receive closes the rest.  The frame's strings last until the next receive. */
ItvChannelStatus itv_channel_receive(ItvChannel *channel, int64_t deadline_ms, ItvWireFrame *ret,
                                     int *ret_fd);

#endif
