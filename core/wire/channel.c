/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLURP 65536u /* small frames are received many at a time */

bool
itv_channel_init(ItvChannel *channel, int fd, bool takes_fds)
{
  *channel = (ItvChannel){.fd = fd, .takes_fds = takes_fds, .in_capacity = SLURP};
  channel->in = malloc(channel->in_capacity);
  return channel->in != NULL;
}

void
itv_channel_clear(ItvChannel *channel)
{
  free(channel->in);
  channel->in = NULL;
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

static void
attach_fd(struct msghdr *msg, int fd)
{
  struct cmsghdr *c = CMSG_FIRSTHDR(msg);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

ItvChannelStatus
itv_channel_send(ItvChannel *channel, uint16_t type, uint32_t job, const uint8_t *body, size_t n,
                 int pass_fd, int64_t deadline_ms)
{
  const ItvWireHeader header = {(uint32_t)n, type, pass_fd >= 0, job, ITV_WIRE_MAGIC};
  const size_t total = sizeof header + n;
  size_t sent = 0;
  while (sent < total) {
    const size_t in_header = sent < sizeof header ? sizeof header - sent : 0;
    const size_t in_body = sent > sizeof header ? sent - sizeof header : 0;
    struct iovec parts[2] = {
        {(uint8_t *)(uintptr_t)&header + (sizeof header - in_header), in_header},
        {(uint8_t *)(uintptr_t)body + in_body, n - in_body}};
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2};
    union {
      char bytes[CMSG_SPACE(sizeof(int))];
      struct cmsghdr align;
    } control = {{0}};
    if (pass_fd >= 0 && sent == 0) {
      msg.msg_control = control.bytes;
      msg.msg_controllen = sizeof control.bytes;
      attach_fd(&msg, pass_fd);
    }
    const ssize_t k = sendmsg(channel->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (k >= 0) {
      sent += (size_t)k;
      continue;
    }
    if (errno == EINTR)
      continue;
    /* ETOOMANYREFS: too many descriptors are on their way; the worker takes them */
    if (errno == ETOOMANYREFS && itv_channel_now_ms() < deadline_ms) {
      usleep(1000);
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      return ITV_CHANNEL_CLOSED;
    const ItvChannelStatus status = wait_for(channel->fd, POLLOUT, deadline_ms);
    if (status != ITV_CHANNEL_OK)
      return status;
  }
  return ITV_CHANNEL_OK;
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

/* The descriptor of a message, -1 if none came. */
static int
detach_fd(struct msghdr *msg)
{
  int fd = -1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      memcpy(&fd, CMSG_DATA(c), sizeof fd);
  return fd;
}

/* One receive of at most `n` bytes to in_end. */
static ItvChannelStatus
receive_some(ItvChannel *channel, size_t n, int64_t deadline_ms, int *ret_fd)
{
  for (;;) {
    union {
      char bytes[CMSG_SPACE(sizeof(int))];
      struct cmsghdr align;
    } control;
    struct iovec part = {channel->in + channel->in_end, n};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
    if (channel->takes_fds) {
      msg.msg_control = control.bytes;
      msg.msg_controllen = sizeof control.bytes;
    }
    const ssize_t k = recvmsg(channel->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (k > 0) {
      channel->in_end += (size_t)k;
      const int fd = channel->takes_fds ? detach_fd(&msg) : -1;
      if (fd >= 0 && *ret_fd >= 0)
        close(*ret_fd);
      *ret_fd = fd >= 0 ? fd : *ret_fd;
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
fill(ItvChannel *channel, size_t n, int64_t deadline_ms, int *ret_fd)
{
  if (channel->in_start + n > channel->in_capacity && !make_room(channel, n))
    return garbage(channel, "out of memory");
  while (channel->in_end - channel->in_start < n) {
    const size_t missing = n - (channel->in_end - channel->in_start);
    const size_t room = channel->in_capacity - channel->in_end;
    const ItvChannelStatus status =
        receive_some(channel, channel->takes_fds ? missing : room, deadline_ms, ret_fd);
    if (status != ITV_CHANNEL_OK)
      return status;
  }
  return ITV_CHANNEL_OK;
}

static ItvChannelStatus
receive_frame(ItvChannel *channel, int64_t deadline_ms, ItvWireFrame *ret, int *fd)
{
  ItvWireHeader header;
  ItvChannelStatus status = fill(channel, sizeof header, deadline_ms, fd);
  if (status != ITV_CHANNEL_OK)
    return status;
  memcpy(&header, channel->in + channel->in_start, sizeof header);
  if (!itv_wire_check_header(&header, &channel->problem))
    return ITV_CHANNEL_GARBAGE;
  status = fill(channel, sizeof header + header.length, deadline_ms, fd);
  if (status != ITV_CHANNEL_OK)
    return status;
  const uint8_t *body = channel->in + channel->in_start + sizeof header;
  if (!itv_wire_decode(header.type, header.job, body, header.length, ret, &channel->problem))
    return ITV_CHANNEL_GARBAGE;
  channel->body_length = sizeof header + header.length;
  if (channel->takes_fds && (*fd >= 0) != (ret->n_fds > 0)) {
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
  int fd = -1;
  const ItvChannelStatus status = receive_frame(channel, deadline_ms, ret, &fd);
  if (status == ITV_CHANNEL_OK && ret_fd) {
    *ret_fd = fd;
    return status;
  }
  if (fd >= 0)
    close(fd);
  return status;
}
