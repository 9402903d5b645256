/* SPDX-License-Identifier: Apache-2.0 */
#include "model/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

#define MAX_DIM 65536
#define MAX_BYTES (G_GUINT64_CONSTANT(64) << 30)

struct ItvVolume {
  gatomicrefcount refs;
  itv_volume view;
  int fd;
};

static gboolean
all_finite(const double *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return FALSE;
  return TRUE;
}

guint64
itv_volume_size(const itv_volume *shape)
{
  static const guint64 bytes[] = {0, 2, 4, 1};
  if (shape->pixel < ITV_PIX_I16 || shape->pixel > ITV_PIX_U8)
    return 0;
  guint64 size = bytes[shape->pixel];
  for (int i = 0; i < 3; i++) {
    if (shape->dim[i] < 1 || shape->dim[i] > MAX_DIM || !isfinite(shape->spacing_mm[i]) ||
        shape->spacing_mm[i] <= 0)
      return 0;
    size *= (guint64)shape->dim[i];
  }
  if (size > MAX_BYTES || !all_finite(shape->origin_mm, 3) || !all_finite(shape->direction, 9) ||
      !isfinite(shape->slope) || !isfinite(shape->intercept))
    return 0;
  return size;
}

int
itv_volume_allocate(const itv_volume *shape, GError **error)
{
  const guint64 size = itv_volume_size(shape);
  if (size == 0) {
    itv_fail(error, ITV_ERROR_FAILED, "the shape of a volume is malformed");
    return -1;
  }
  const int fd = memfd_create("interval-volume", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  /* its size is fixed at once: a mapping of it can never fault here because
   * somebody else cut it off */
  if (fd < 0 || ftruncate(fd, (off_t)size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)) {
    itv_fail(error, ITV_ERROR_FAILED, "no memory for a volume of %" G_GUINT64_FORMAT " bytes: %s",
             size, g_strerror(errno));
    if (fd >= 0)
      close(fd);
    return -1;
  }
  return fd;
}

ItvVolume *
itv_volume_seal(int fd, const itv_volume *shape, GError **error)
{
  const guint64 size = itv_volume_size(shape);
  const off_t have = lseek(fd, 0, SEEK_END);
  const char *problem = NULL;
  void *data = MAP_FAILED;
  if (size == 0 || have < 0 || (guint64)have != size)
    problem = "its size does not fit its shape";
  else if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL))
    problem = "somebody still holds it for writing";
  else if ((data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
    problem = g_strerror(errno);
  if (problem) {
    close(fd);
    itv_fail(error, ITV_ERROR_FAILED, "a volume cannot be taken: %s", problem);
    return NULL;
  }
  ItvVolume *v = g_new0(ItvVolume, 1);
  g_atomic_ref_count_init(&v->refs);
  v->view = *shape;
  v->view.struct_size = sizeof v->view;
  v->view.role = NULL;
  v->view.data = data;
  v->view.data_size = size;
  v->fd = fd;
  return v;
}

static gboolean
write_all(int fd, const guint8 *data, guint64 size)
{
  while (size > 0) {
    const gssize n = write(fd, data, MIN(size, G_MAXINT32));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return FALSE;
    data += n;
    size -= (guint64)n;
  }
  return TRUE;
}

ItvVolume *
itv_volume_new(const itv_volume *shape, const void *data, GError **error)
{
  const int fd = itv_volume_allocate(shape, error);
  if (fd < 0)
    return NULL;
  if (!write_all(fd, data, itv_volume_size(shape))) {
    itv_fail(error, ITV_ERROR_FAILED, "a volume cannot be copied: %s", g_strerror(errno));
    close(fd);
    return NULL;
  }
  return itv_volume_seal(fd, shape, error);
}

ItvVolume *
itv_volume_ref(ItvVolume *volume)
{
  g_atomic_ref_count_inc(&volume->refs);
  return volume;
}

void
itv_volume_unref(ItvVolume *volume)
{
  if (!volume || !g_atomic_ref_count_dec(&volume->refs))
    return;
  munmap((gpointer)(guintptr)volume->view.data, volume->view.data_size);
  close(volume->fd);
  g_free(volume);
}

const itv_volume *
itv_volume_view(const ItvVolume *volume)
{
  return &volume->view;
}

int
itv_volume_fd(const ItvVolume *volume)
{
  return volume->fd;
}

double
itv_volume_value(const ItvVolume *volume, int i, int j, int k)
{
  const itv_volume *v = &volume->view;
  const gsize at = ((gsize)k * (gsize)v->dim[1] + (gsize)j) * (gsize)v->dim[0] + (gsize)i;
  double stored = 0;
  if (v->pixel == ITV_PIX_I16)
    stored = ((const gint16 *)v->data)[at];
  else if (v->pixel == ITV_PIX_F32)
    stored = (double)((const float *)v->data)[at];
  else
    stored = ((const guint8 *)v->data)[at];
  return v->slope * stored + v->intercept;
}
