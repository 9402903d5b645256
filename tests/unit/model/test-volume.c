/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/volume.h"

static itv_volume
shape(gint32 x, gint32 y, gint32 z)
{
  return (itv_volume){.struct_size = sizeof(itv_volume),
                      .pixel = ITV_PIX_I16,
                      .dim = {x, y, z},
                      .spacing_mm = {1, 2, 3},
                      .direction = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                      .slope = 2,
                      .intercept = -1000};
}

static void
test_sizes(void)
{
  itv_volume v = shape(2, 3, 4);
  g_assert_cmpuint(itv_volume_size(&v), ==, 48);
  v.dim[2] = 0;
  g_assert_cmpuint(itv_volume_size(&v), ==, 0);
  v = shape(65536, 65536, 65536);
  g_assert_cmpuint(itv_volume_size(&v), ==, 0);
  v = shape(2, 3, 4);
  v.pixel = 9;
  g_assert_cmpuint(itv_volume_size(&v), ==, 0);
  v = shape(2, 3, 4);
  v.spacing_mm[1] = NAN;
  g_assert_cmpuint(itv_volume_size(&v), ==, 0);
  v = shape(2, 3, 4);
  v.origin_mm[0] = INFINITY;
  g_assert_cmpuint(itv_volume_size(&v), ==, 0);
}

static void
test_values(void)
{
  const itv_volume s = shape(2, 2, 2);
  gint16 data[8];
  for (gint16 i = 0; i < 8; i++)
    data[i] = i;
  g_autoptr(GError) error = NULL;
  g_autoptr(ItvVolume) v = itv_volume_new(&s, data, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(itv_volume_value(v, 1, 0, 1), ==, 2 * 5 - 1000);
  g_assert_cmpmem(itv_volume_view(v)->data, 16, data, 16);
}

static void
test_nobody_can_write(void)
{
  const itv_volume s = shape(2, 2, 2);
  const gint16 data[8] = {0};
  g_autoptr(ItvVolume) v = itv_volume_new(&s, data, NULL);
  g_assert_cmpint(pwrite(itv_volume_fd(v), data, 2, 0), ==, -1);
  g_assert_true(mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, itv_volume_fd(v), 0) ==
                MAP_FAILED);
  g_assert_cmpint(ftruncate(itv_volume_fd(v), 1), ==, -1);
}

static void
test_still_mapped(void)
{
  const itv_volume s = shape(2, 2, 2);
  g_autoptr(GError) error = NULL;
  const int fd = itv_volume_allocate(&s, &error);
  g_assert_cmpint(fd, >=, 0);
  void *p = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true(p != MAP_FAILED);
  g_assert_null(itv_volume_seal(fd, &s, &error));
  g_assert_nonnull(strstr(error->message, "still holds it for writing"));
  munmap(p, 16);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/volume/sizes", test_sizes);
  g_test_add_func("/volume/values", test_values);
  g_test_add_func("/volume/nobody-can-write", test_nobody_can_write);
  g_test_add_func("/volume/still-mapped", test_still_mapped);
  return g_test_run();
}
