/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/channel.h"

static guint8 body[ITV_WIRE_MAX_BODY];

static ItvWireFrame
round_trip(const ItvWireFrame *frame)
{
  ItvWireFrame back;
  const char *problem = NULL;
  const gsize n = itv_wire_encode(frame, body, sizeof body);
  if (!itv_wire_decode((guint16)frame->type, 7, body, n, &back, &problem))
    g_error("%s", problem);
  g_assert_cmpuint(back.job, ==, 7);
  return back;
}

static void
test_record(void)
{
  const itv_field fields[] = {ITV_F64("value", 12.5, "mm"), ITV_I64("count", G_MININT64, NULL),
                              ITV_STR("text", "\u00fc\n"), ITV_STR("text", "")};
  const ItvWireFrame frame = {.type = ITV_WIRE_RECORD,
                              .record = {"interval.measurement/1", fields, 4}};
  ItvWireFrame back = round_trip(&frame);
  g_assert_cmpstr(back.record.name, ==, "interval.measurement/1");
  g_assert_cmpuint(back.record.n_fields, ==, 4);
  g_assert_cmpfloat(back.record.fields[0].v.f64, ==, 12.5);
  g_assert_cmpstr(back.record.fields[0].unit, ==, "mm");
  g_assert_cmpint(back.record.fields[1].v.i64, ==, G_MININT64);
  g_assert_null(back.record.fields[1].unit);
  g_assert_cmpstr(back.record.fields[2].v.str, ==, "\u00fc\n");
  g_assert_cmpstr(back.record.fields[3].v.str, ==, "");
  itv_wire_clear(&back);
}

static void
test_null_strings(void)
{
  const itv_field fields[] = {ITV_STR(NULL, NULL)};
  const ItvWireFrame frame = {.type = ITV_WIRE_RECORD, .record = {NULL, fields, 1}};
  ItvWireFrame back = round_trip(&frame);
  g_assert_null(back.record.name);
  g_assert_null(back.record.fields[0].key);
  g_assert_null(back.record.fields[0].v.str);
  itv_wire_clear(&back);
}

static void
test_every_type(void)
{
  for (int type = 1; type < ITV_WIRE_N; type++) {
    const ItvWireFrame frame = {.type = (ItvWireType)type,
                                .s = {"one", "two", "three"},
                                .i = {1, -2, 3, -4},
                                .f = 0.25,
                                .bytes = (const guint8 *)"xyz",
                                .n_bytes = 3,
                                .shape = {.dim = {3, 4, 5}, .slope = 2, .role = "fixed"},
                                .record = {"r", NULL, 0}};
    ItvWireFrame back = round_trip(&frame);
    g_assert_cmpint(back.type, ==, type);
    itv_wire_clear(&back);
  }
}

/* Each prefix of a frame, and each with one bit turned, is decoded or refused;
 * the sanitizers watch. */
static void
test_damage(void)
{
  const itv_field fields[] = {ITV_F64("value", 1, "mm"), ITV_STR("text", "abc")};
  const ItvWireFrame frame = {.type = ITV_WIRE_RECORD, .record = {"name", fields, 2}};
  const gsize n = itv_wire_encode(&frame, body, sizeof body);
  for (gsize cut = 0; cut < n; cut++) {
    g_autofree guint8 *part = g_memdup2(body, cut ? cut : 1);
    const char *problem = NULL;
    ItvWireFrame back;
    g_assert_false(itv_wire_decode(ITV_WIRE_RECORD, 0, part, cut, &back, &problem));
    g_assert_nonnull(problem);
  }
  for (gsize bit = 0; bit < 8 * n; bit++) {
    g_autofree guint8 *copy = g_memdup2(body, n);
    copy[bit / 8] ^= (guint8)(1u << (bit % 8));
    const char *problem = NULL;
    ItvWireFrame back;
    if (itv_wire_decode(ITV_WIRE_RECORD, 0, copy, n, &back, &problem))
      itv_wire_clear(&back);
  }
}

static void
test_left_over(void)
{
  const ItvWireFrame frame = {.type = ITV_WIRE_DONE, .i = {0}};
  const gsize n = itv_wire_encode(&frame, body, sizeof body);
  const char *problem = NULL;
  ItvWireFrame back;
  g_assert_false(itv_wire_decode(ITV_WIRE_DONE, 0, body, n + 1, &back, &problem));
  g_assert_nonnull(strstr(problem, "left over"));
}

static void
test_too_big(void)
{
  g_autofree char *huge = g_strnfill(ITV_WIRE_MAX_BODY, 'x');
  const ItvWireFrame frame = {.type = ITV_WIRE_LOG, .s = {huge}};
  g_assert_cmpuint(itv_wire_encode(&frame, body, sizeof body), ==, 0);
}

/* ---- the channel ----------------------------------------------------------- */

typedef struct {
  int fds[2];
  ItvChannel a, b;
} Pair;

static Pair
make_pair(void)
{
  Pair p;
  g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p.fds), ==, 0);
  g_assert_true(itv_channel_init(&p.a, p.fds[0], FALSE));
  g_assert_true(itv_channel_init(&p.b, p.fds[1], TRUE));
  return p;
}

static void
end_pair(Pair *p)
{
  itv_channel_clear(&p->a);
  itv_channel_clear(&p->b);
  close(p->fds[0]);
  close(p->fds[1]);
}

static ItvChannelStatus
say(ItvChannel *c, const ItvWireFrame *frame, int fd)
{
  const gsize n = itv_wire_encode(frame, body, sizeof body);
  return itv_channel_send(c, (guint16)frame->type, 1, body, n, fd, itv_channel_now_ms() + 200);
}

static void
test_descriptors_stay_with_their_frames(void)
{
  Pair p = make_pair();
  for (int i = 0; i < 20; i++) {
    const ItvWireFrame log = {.type = ITV_WIRE_RUN, .s = {"kind"}};
    const ItvWireFrame source = {.type = ITV_WIRE_SOURCE, .s = {"file"}, .i = {i}};
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(say(&p.a, &log, -1), ==, ITV_CHANNEL_OK);
    g_assert_cmpint(say(&p.a, &source, fd), ==, ITV_CHANNEL_OK);
    close(fd);
  }
  for (int i = 0; i < 40; i++) {
    ItvWireFrame frame;
    int fd = -1;
    g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 200, &frame, &fd), ==,
                    ITV_CHANNEL_OK);
    g_assert_cmpint(fd >= 0, ==, i % 2);
    if (fd >= 0) {
      g_assert_cmpint(frame.i[0], ==, i / 2);
      close(fd);
    }
  }
  end_pair(&p);
}

static int
new_file(const char *text)
{
  int ends[2];
  g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
  g_assert_cmpint(write(ends[1], text, 1), ==, 1);
  close(ends[1]);
  return ends[0];
}

/* The descriptors of a batch come in their order; those that nobody takes are closed. */
static void
test_batch_of_descriptors(void)
{
  Pair p = make_pair();
  const itv_field fields[] = {ITV_I64("a", 1, NULL), ITV_I64("b", 2, NULL), ITV_I64("c", 3, NULL)};
  const ItvWireFrame batch = {.type = ITV_WIRE_BATCH, .record = {"kind", fields, 3}};
  const int fds[] = {new_file("a"), new_file("b"), new_file("c")};
  const gsize n = itv_wire_encode(&batch, body, sizeof body);
  ItvWireFrame frame;
  int fd = -1;
  for (int i = 0; i < 2; i++)
    g_assert_cmpint(
        itv_channel_send_fds(&p.a, ITV_WIRE_BATCH, 7, body, n, fds, 3, itv_channel_now_ms() + 200),
        ==, ITV_CHANNEL_OK);
  g_assert_cmpint(say(&p.a, &(ItvWireFrame){.type = ITV_WIRE_RUN, .s = {"kind"}}, -1), ==,
                  ITV_CHANNEL_OK);
  g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 200, &frame, &fd), ==,
                  ITV_CHANNEL_OK);
  g_assert_cmpint(fd, ==, -1);
  g_assert_cmpuint(p.b.n_fds, ==, 3);
  for (int i = 0; i < 3; i++) {
    char letter = 0;
    g_assert_cmpint(read(p.b.fds[i], &letter, 1), ==, 1);
    g_assert_cmpint(letter, ==, "abc"[i]);
    close(p.b.fds[i]);
    close(fds[i]);
  }
  p.b.n_fds = 0;
  itv_wire_clear(&frame);
  g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 200, &frame, &fd), ==,
                  ITV_CHANNEL_OK);
  const int left = p.b.fds[2];
  itv_wire_clear(&frame);
  g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 200, &frame, &fd), ==,
                  ITV_CHANNEL_OK);
  g_assert_cmpint(fcntl(left, F_GETFD), ==, -1);
  end_pair(&p);
}

/* Gathered frames wait for a flush, or for one that does not fit beside them. */
static void
test_gathered_frames(void)
{
  Pair p = make_pair();
  ItvWireFrame frame;
  p.a.holds = true;
  for (int i = 0; i < 3; i++)
    g_assert_cmpint(say(&p.a, &(ItvWireFrame){.type = ITV_WIRE_PROBED, .i = {i}}, -1), ==,
                    ITV_CHANNEL_OK);
  g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 20, &frame, NULL), ==,
                  ITV_CHANNEL_EMPTY);
  g_autofree char *text = g_strnfill(100000, 'x');
  g_assert_cmpint(say(&p.a, &(ItvWireFrame){.type = ITV_WIRE_ERROR, .s = {text}}, -1), ==,
                  ITV_CHANNEL_OK);
  for (int i = 0; i < 4; i++) {
    g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 200, &frame, NULL), ==,
                    ITV_CHANNEL_OK);
    g_assert_cmpint(frame.type, ==, i < 3 ? ITV_WIRE_PROBED : ITV_WIRE_ERROR);
  }
  end_pair(&p);
}

static void
test_missing_descriptor(void)
{
  Pair p = make_pair();
  const ItvWireFrame source = {.type = ITV_WIRE_SOURCE, .s = {"file"}};
  ItvWireFrame frame;
  int fd = -1;
  say(&p.a, &source, -1);
  g_assert_cmpint(itv_channel_receive(&p.b, itv_channel_now_ms() + 200, &frame, &fd), ==,
                  ITV_CHANNEL_GARBAGE);
  end_pair(&p);
}

static void
test_deadlines(void)
{
  Pair p = make_pair();
  ItvWireFrame frame;
  g_assert_cmpint(itv_channel_receive(&p.a, itv_channel_now_ms() + 20, &frame, NULL), ==,
                  ITV_CHANNEL_EMPTY);
  /* nobody reads: the socket fills, and the sender does not wait for ever */
  memset(body, 'x', sizeof body);
  g_assert_cmpint(
      itv_channel_send(&p.a, ITV_WIRE_LOG, 1, body, sizeof body, -1, itv_channel_now_ms() + 50), ==,
      ITV_CHANNEL_EMPTY);
  end_pair(&p);
}

static void
test_half_a_frame(void)
{
  Pair p = make_pair();
  const ItvWireFrame done = {.type = ITV_WIRE_DONE, .i = {5}};
  const gsize n = itv_wire_encode(&done, body, sizeof body);
  const ItvWireHeader header = {(guint32)n, ITV_WIRE_DONE, 0, 1, ITV_WIRE_MAGIC};
  ItvWireFrame frame;
  g_assert_cmpint(write(p.fds[1], &header, 10), ==, 10);
  g_assert_cmpint(itv_channel_receive(&p.a, itv_channel_now_ms() + 20, &frame, NULL), ==,
                  ITV_CHANNEL_EMPTY);
  g_assert_cmpint(write(p.fds[1], (const char *)&header + 10, sizeof header - 10), ==, 6);
  g_assert_cmpint(write(p.fds[1], body, n), ==, (gssize)n);
  g_assert_cmpint(itv_channel_receive(&p.a, itv_channel_now_ms() + 200, &frame, NULL), ==,
                  ITV_CHANNEL_OK);
  g_assert_cmpint(frame.i[0], ==, 5);
  g_assert_cmpint(write(p.fds[1], &header, 10), ==, 10);
  close(p.fds[1]);
  g_assert_cmpint(itv_channel_receive(&p.a, itv_channel_now_ms() + 200, &frame, NULL), ==,
                  ITV_CHANNEL_CLOSED);
  p.fds[1] = -1;
  end_pair(&p);
}

static void
test_garbage(void)
{
  Pair p = make_pair();
  ItvWireFrame frame;
  const ItvWireHeader lie = {G_MAXUINT32, ITV_WIRE_LOG, 0, 1, ITV_WIRE_MAGIC};
  g_assert_cmpint(write(p.fds[1], &lie, sizeof lie), ==, sizeof lie);
  g_assert_cmpint(itv_channel_receive(&p.a, itv_channel_now_ms() + 200, &frame, NULL), ==,
                  ITV_CHANNEL_GARBAGE);
  g_assert_nonnull(p.a.problem);
  end_pair(&p);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/frame/record", test_record);
  g_test_add_func("/frame/null-strings", test_null_strings);
  g_test_add_func("/frame/every-type", test_every_type);
  g_test_add_func("/frame/damage", test_damage);
  g_test_add_func("/frame/left-over", test_left_over);
  g_test_add_func("/frame/too-big", test_too_big);
  g_test_add_func("/channel/descriptors", test_descriptors_stay_with_their_frames);
  g_test_add_func("/channel/batch", test_batch_of_descriptors);
  g_test_add_func("/channel/gathered", test_gathered_frames);
  g_test_add_func("/channel/missing-descriptor", test_missing_descriptor);
  g_test_add_func("/channel/deadlines", test_deadlines);
  g_test_add_func("/channel/half-a-frame", test_half_a_frame);
  g_test_add_func("/channel/garbage", test_garbage);
  return g_test_run();
}
