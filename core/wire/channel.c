/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLURP 65536u /* small frames are received and, where it is wanted, sent many at a time */

bool
itv_channel_init(ItvChannel *channel, int fd, bool takes_fds)
{
  *channel = (ItvChannel){.fd = fd, .takes_fds = takes_fds, .in_capacity = SLURP};
  channel->in = malloc(channel->in_capacity);
  return channel->in != NULL;
}

static void
close_fds(ItvChannel *channel)
{
  for (unsigned i = 0; i < channel->n_fds; i++)
    close(channel->fds[i]);
  channel->n_fds = 0;
}

void
itv_channel_clear(ItvChannel *channel)
{
  close_fds(channel);
  free(channel->in);
  free(channel->out);
  channel->in = channel->out = NULL;
}

int64_t
itv_channel_now_ms(void)
{
  struct timespec t = {0};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for `events`; OK means that a call may be tried. */
static ItvChannelStatus
wait_for(int fd, short events, int64_t deadline_ms)
{
  for (;;) {
    int timeout = -1;
    if (deadline_ms != ITV_CHANNEL_FOREVER) {
      const int64_t left = deadline_ms - itv_channel_now_ms();
      timeout = left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
    }
    struct pollfd p = {fd, events, 0};
    const int n = poll(&p, 1, timeout);
    if (n > 0)
      return ITV_CHANNEL_OK;
    if (n == 0 && itv_channel_now_ms() >= deadline_ms)
      return ITV_CHANNEL_EMPTY;
    if (n < 0 && errno != EINTR)
      return ITV_CHANNEL_CLOSED;
  }
}

typedef union {
  char bytes[CMSG_SPACE(ITV_WIRE_MAX_BATCH * sizeof(int))];
  struct cmsghdr align;
} Control;

static void
attach_fds(struct msghdr *msg, Control *control, const int *fds, unsigned n)
{
  msg->msg_control = control->bytes;
  msg->msg_controllen = CMSG_SPACE(n * sizeof *fds);
  struct cmsghdr *c = CMSG_FIRSTHDR(msg);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(n * sizeof *fds);
  memcpy(CMSG_DATA(c), fds, n * sizeof *fds);
}

/* After a sendmsg() that failed: OK means that it may be tried again. */
static ItvChannelStatus
after_failure(ItvChannel *channel, int64_t deadline_ms)
{
  if (errno == EINTR)
    return ITV_CHANNEL_OK;
  /* ETOOMANYREFS: too many descriptors are on their way; the worker takes them */
  if (errno == ETOOMANYREFS && itv_channel_now_ms() < deadline_ms) {
    usleep(1000);
    return ITV_CHANNEL_OK;
  }
  if (errno != EAGAIN && errno != EWOULDBLOCK)
    return ITV_CHANNEL_CLOSED;
  return wait_for(channel->fd, POLLOUT, deadline_ms);
}

/* Sends two pieces as one; the descriptors go with the first byte. */
static ItvChannelStatus
send_pieces(ItvChannel *channel, struct iovec parts[2], const int *fds, unsigned n_fds,
            int64_t deadline_ms)
{
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2};
    Control control = {{0}};
    if (n_fds > 0)
      attach_fds(&msg, &control, fds, n_fds);
    const ssize_t k = sendmsg(channel->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    const ItvChannelStatus status = k < 0 ? after_failure(channel, deadline_ms) : ITV_CHANNEL_OK;
    if (status != ITV_CHANNEL_OK)
      return status;
    size_t sent = k > 0 ? (size_t)k : 0;
    n_fds = sent > 0 ? 0 : n_fds;
    for (int i = 0; i < 2; i++) {
      const size_t here = sent < parts[i].iov_len ? sent : parts[i].iov_len;
      parts[i].iov_base = (uint8_t *)parts[i].iov_base + here;
      parts[i].iov_len -= here;
      sent -= here;
    }
  }
  return ITV_CHANNEL_OK;
}

ItvChannelStatus
itv_channel_flush(ItvChannel *channel, int64_t deadline_ms)
{
  struct iovec parts[2] = {{channel->out, channel->out_length}, {NULL, 0}};
  channel->out_length = 0;
  return send_pieces(channel, parts, NULL, 0, deadline_ms);
}

/* False: there is no memory for that. */
static bool
gather(ItvChannel *channel, const ItvWireHeader *header, const uint8_t *body, size_t n)
{
  if (!channel->out && !(channel->out = malloc(SLURP)))
    return false;
  memcpy(channel->out + channel->out_length, header, sizeof *header);
  if (n)
    memcpy(channel->out + channel->out_length + sizeof *header, body, n);
  channel->out_length += sizeof *header + n;
  return true;
}

ItvChannelStatus
itv_channel_send_fds(ItvChannel *channel, uint16_t type, uint32_t job, const uint8_t *body,
                     size_t n, const int *fds, unsigned n_fds, int64_t deadline_ms)
{
  ItvWireHeader header = {(uint32_t)n, type, (uint16_t)n_fds, job, ITV_WIRE_MAGIC};
  if (channel->out_length > 0 &&
      (!channel->holds || n_fds > 0 || channel->out_length + sizeof header + n > SLURP)) {
    const ItvChannelStatus status = itv_channel_flush(channel, deadline_ms);
    if (status != ITV_CHANNEL_OK)
      return status;
  }
  if (channel->holds && n_fds == 0 && sizeof header + n <= SLURP &&
      gather(channel, &header, body, n))
    return ITV_CHANNEL_OK;
  struct iovec parts[2] = {{&header, sizeof header}, {(uint8_t *)(uintptr_t)body, n}};
  return send_pieces(channel, parts, fds, n_fds, deadline_ms);
}

ItvChannelStatus
itv_channel_send(ItvChannel *channel, uint16_t type, uint32_t job, const uint8_t *body, size_t n,
                 int pass_fd, int64_t deadline_ms)
{
  return itv_channel_send_fds(channel, type, job, body, n, &pass_fd, pass_fd >= 0 ? 1 : 0,
                              deadline_ms);
}

static ItvChannelStatus
garbage(ItvChannel *channel, const char *problem)
{
  channel->problem = problem;
  return ITV_CHANNEL_GARBAGE;
}

/* Room for `n` more bytes behind in_start; moves what is there to the front. */
static bool
make_room(ItvChannel *channel, size_t n)
{
  const size_t have = channel->in_end - channel->in_start;
  if (channel->in_start > 0) {
    memmove(channel->in, channel->in + channel->in_start, have);
    channel->in_start = 0;
    channel->in_end = have;
  }
  if (n > channel->in_capacity) {
    uint8_t *bigger = realloc(channel->in, n);
    if (!bigger)
      return false;
    channel->in = bigger;
    channel->in_capacity = n;
  }
  return true;
}

/* Takes the descriptors of a message; the kernel passes them with its first byte. */
static void
detach_fds(ItvChannel *channel, struct msghdr *msg)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
      close_fds(channel);
      const size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      channel->n_fds = (unsigned)(n < ITV_WIRE_MAX_BATCH ? n : ITV_WIRE_MAX_BATCH);
      memcpy(channel->fds, CMSG_DATA(c), channel->n_fds * sizeof(int));
    }
}

/* One receive of at most `n` bytes to in_end. */
static ItvChannelStatus
receive_some(ItvChannel *channel, size_t n, int64_t deadline_ms)
{
  for (;;) {
    Control control;
    struct iovec part = {channel->in + channel->in_end, n};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
    if (channel->takes_fds) {
      msg.msg_control = control.bytes;
      msg.msg_controllen = sizeof control.bytes;
    }
    const ssize_t k = recvmsg(channel->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (k > 0) {
      channel->in_end += (size_t)k;
      if (channel->takes_fds)
        detach_fds(channel, &msg);
      return ITV_CHANNEL_OK;
    }
    if (k == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
      return ITV_CHANNEL_CLOSED;
    const ItvChannelStatus status = wait_for(channel->fd, POLLIN, deadline_ms);
    if (status != ITV_CHANNEL_OK)
      return status;
  }
}

/* Until `n` bytes lie behind in_start.  An end that takes descriptors never reads
 * beyond the frame, so that each descriptor stays with its own. */
static ItvChannelStatus
fill(ItvChannel *channel, size_t n, int64_t deadline_ms)
{
  if (channel->in_start + n > channel->in_capacity && !make_room(channel, n))
    return garbage(channel, "out of memory");
  while (channel->in_end - channel->in_start < n) {
    const size_t missing = n - (channel->in_end - channel->in_start);
    const size_t room = channel->in_capacity - channel->in_end;
    const ItvChannelStatus status =
        receive_some(channel, channel->takes_fds ? missing : room, deadline_ms);
    if (status != ITV_CHANNEL_OK)
      return status;
  }
  return ITV_CHANNEL_OK;
}

static ItvChannelStatus
receive_frame(ItvChannel *channel, int64_t deadline_ms, ItvWireFrame *ret)
{
  ItvWireHeader header;
  ItvChannelStatus status = fill(channel, sizeof header, deadline_ms);
  if (status != ITV_CHANNEL_OK)
    return status;
  memcpy(&header, channel->in + channel->in_start, sizeof header);
  if (!itv_wire_check_header(&header, &channel->problem))
    return ITV_CHANNEL_GARBAGE;
  status = fill(channel, sizeof header + header.length, deadline_ms);
  if (status != ITV_CHANNEL_OK)
    return status;
  const uint8_t *body = channel->in + channel->in_start + sizeof header;
  if (!itv_wire_decode(header.type, header.job, body, header.length, ret, &channel->problem))
    return ITV_CHANNEL_GARBAGE;
  channel->body_length = sizeof header + header.length;
  if (channel->takes_fds && channel->n_fds != ret->n_fds) {
    itv_wire_clear(ret);
    return garbage(channel, "a descriptor is missing or too many");
  }
  return ITV_CHANNEL_OK;
}

ItvChannelStatus
itv_channel_receive(ItvChannel *channel, int64_t deadline_ms, ItvWireFrame *ret, int *ret_fd)
{
  if (channel->problem)
    return ITV_CHANNEL_GARBAGE;
  channel->in_start += channel->body_length;
  channel->body_length = 0;
  if (channel->in_start == channel->in_end)
    channel->in_start = channel->in_end = 0;
  close_fds(channel);
  const ItvChannelStatus status = receive_frame(channel, deadline_ms, ret);
  if (ret_fd)
    *ret_fd = -1;
  if (status == ITV_CHANNEL_OK && ret_fd && ret->type != ITV_WIRE_BATCH && channel->n_fds == 1) {
    *ret_fd = channel->fds[0];
    channel->n_fds = 0;
  } else if (status != ITV_CHANNEL_OK || !ret_fd) {
    close_fds(channel);
  }
  return status;
}
