/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "plugin/job-private.h"

static void
free_volume(gpointer data)
{
  ItvJobVolume *v = data;
  itv_volume_unref(v->volume);
  g_free(v->role);
  g_free(v);
}

static void
free_source(gpointer data)
{
  ItvJobSource *s = data;
  if (s->fd >= 0)
    close(s->fd);
  g_free(s->name);
  g_free(s->path);
  g_free(s);
}

ItvJob *
itv_job_new(void)
{
  ItvJob *job = g_new0(ItvJob, 1);
  job->records = itv_records_new();
  job->volumes = g_ptr_array_new_with_free_func(free_volume);
  job->sources = g_ptr_array_new_with_free_func(free_source);
  return job;
}

void
itv_job_free(ItvJob *job)
{
  if (!job)
    return;
  itv_records_unref(job->records);
  g_ptr_array_unref(job->volumes);
  g_ptr_array_unref(job->sources);
  g_free(job->text);
  g_free(job->digest);
  g_free(job->strike_key);
  g_free(job->problem);
  g_free(job);
}

static void
changed(ItvJob *job)
{
  g_clear_pointer(&job->digest, g_free);
  g_clear_pointer(&job->strike_key, g_free);
}

void
itv_job_add_record(ItvJob *job, const char *name, const itv_field *fields, gsize n_fields)
{
  changed(job);
  itv_records_add(job->records, name, fields, n_fields);
}

void
itv_job_add_records(ItvJob *job, const ItvRecords *records)
{
  const gsize n = itv_records_length(records);
  for (gsize i = 0; i < n; i++) {
    const itv_record *r = itv_records_get(records, i);
    itv_job_add_record(job, r->name, r->fields, r->n_fields);
  }
}

void
itv_job_add_volume(ItvJob *job, ItvVolume *volume, const char *role)
{
  ItvJobVolume *v = g_new0(ItvJobVolume, 1);
  v->volume = itv_volume_ref(volume);
  v->role = g_strdup(role ? role : "");
  g_ptr_array_add(job->volumes, v);
  changed(job);
}

static void
add_source(ItvJob *job, int fd, const char *path, const char *name)
{
  ItvJobSource *s = g_new0(ItvJobSource, 1);
  s->fd = fd;
  s->path = g_strdup(path);
  s->name = g_strdup(name ? name : "");
  g_ptr_array_add(job->sources, s);
  changed(job);
}

void
itv_job_add_source_fd(ItvJob *job, int fd, const char *name)
{
  add_source(job, fd, NULL, name);
}

void
itv_job_add_source_path(ItvJob *job, const char *path)
{
  g_autofree char *name = g_path_get_basename(path);
  add_source(job, -1, path, name);
}

gboolean
itv_job_add_source_bytes(ItvJob *job, const void *bytes, gsize n, const char *name, GError **error)
{
  const int fd = memfd_create("interval-source", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gsize written = 0;
  while (fd >= 0 && written < n) {
    const gssize k = write(fd, (const char *)bytes + written, n - written);
    if (k < 0 && errno != EINTR)
      break;
    written += k > 0 ? (gsize)k : 0;
  }
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (fd < 0 || written < n || fcntl(fd, F_ADD_SEALS, seals)) {
    itv_fail(error, ITV_ERROR_FAILED, "%s: no memory for %zu bytes: %s", name, n,
             g_strerror(errno));
    if (fd >= 0)
      close(fd);
    return FALSE;
  }
  add_source(job, fd, NULL, name);
  return TRUE;
}

void
itv_job_set_text(ItvJob *job, const char *text, gssize length)
{
  const gsize n = length < 0 ? strlen(text) : (gsize)length;
  changed(job);
  g_free(job->text);
  job->text = g_strndup(text, n);
  job->text_len = n;
  const char *end = NULL;
  if (!g_utf8_validate(text, (gssize)n, &end)) {
    g_free(job->problem);
    job->problem = g_strdup_printf("the text is not UTF-8 from byte %td on", end - text);
  }
}

void
itv_job_set_deadline(ItvJob *job, double seconds)
{
  job->deadline_s = seconds;
}

/* A descriptor that can write must not leave this process, unless it is a memfd
 * that is sealed against writing. */
static gboolean
is_read_only(int fd)
{
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
    return TRUE;
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_WRITE);
}

gboolean
itv_job_source_open(const ItvJobSource *source, int *ret_fd, gboolean *ret_owned, gint64 *ret_size,
                    GError **error)
{
  struct stat st;
  const gboolean owned = source->fd < 0;
  /* O_NONBLOCK: a FIFO under that name must not stop us here */
  const int fd =
      owned ? open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : source->fd;
  const char *problem = NULL;
  if (fd < 0 || fstat(fd, &st))
    problem = g_strerror(errno);
  else if (!S_ISREG(st.st_mode))
    problem = "not a regular file";
  else if (!is_read_only(fd))
    problem = "its descriptor is open for writing";
  if (problem) {
    itv_fail(error, ITV_ERROR_INPUT, "%s: %s", owned ? source->path : source->name, problem);
    if (owned && fd >= 0)
      close(fd);
    return FALSE;
  }
  *ret_fd = fd;
  *ret_owned = owned;
  *ret_size = st.st_size;
  return TRUE;
}

static void
add_length(ItvDigest *sum, const char *what, guint64 n)
{
  g_autofree char *head = g_strdup_printf("%s %" G_GUINT64_FORMAT "\n", what, n);
  itv_digest_add(sum, head, strlen(head));
}

static gboolean
add_source_bytes(ItvDigest *sum, const ItvJobSource *source)
{
  int fd = -1;
  gboolean owned = FALSE;
  gint64 size = 0;
  if (!itv_job_source_open(source, &fd, &owned, &size, NULL))
    return FALSE;
  add_length(sum, "source", (guint64)size);
  g_autofree guchar *buf = g_malloc(65536);
  gint64 at = 0;
  gssize n = 1;
  while (at < size && n > 0) {
    n = pread(fd, buf, (gsize)MIN(65536, size - at), (off_t)at);
    if (n > 0)
      itv_digest_add(sum, buf, (gsize)n);
    at += n;
  }
  if (owned)
    close(fd);
  return n >= 0;
}

static void
add_volume_bytes(ItvDigest *sum, const ItvJobVolume *v)
{
  itv_volume shape = *itv_volume_view(v->volume);
  const guchar *data = shape.data;
  const guint64 size = shape.data_size;
  const double numbers[] = {shape.spacing_mm[0], shape.spacing_mm[1], shape.spacing_mm[2],
                            shape.origin_mm[0],  shape.origin_mm[1],  shape.origin_mm[2],
                            shape.slope,         shape.intercept};
  add_length(sum, v->role, size);
  itv_digest_add(sum, shape.dim, sizeof shape.dim);
  itv_digest_add(sum, &shape.pixel, sizeof shape.pixel);
  itv_digest_add(sum, &shape.flags, sizeof shape.flags);
  itv_digest_add(sum, numbers, sizeof numbers);
  itv_digest_add(sum, shape.direction, sizeof shape.direction);
  itv_digest_add(sum, data, size);
}

const char *
itv_job_digest(ItvJob *job)
{
  if (job->digest)
    return job->digest;
  g_autoptr(ItvDigest) sum = itv_digest_new();
  g_autofree char *records = itv_records_to_json(job->records);
  add_length(sum, "records", strlen(records));
  itv_digest_add(sum, records, strlen(records));
  if (job->text) {
    add_length(sum, "text", job->text_len);
    itv_digest_add(sum, job->text, (gsize)job->text_len);
  }
  gboolean good = TRUE;
  for (guint i = 0; i < job->sources->len && good; i++)
    good = add_source_bytes(sum, job->sources->pdata[i]);
  for (guint i = 0; i < job->volumes->len; i++)
    add_volume_bytes(sum, job->volumes->pdata[i]);
  job->digest = good ? itv_digest_hex(sum) : g_strdup("");
  return job->digest;
}

guint64
itv_job_bytes(const ItvJob *job)
{
  guint64 bytes = 0;
  for (guint i = 0; i < job->sources->len; i++) {
    const ItvJobSource *s = job->sources->pdata[i];
    struct stat st;
    if ((s->fd >= 0 ? fstat(s->fd, &st) : stat(s->path, &st)) == 0 && S_ISREG(st.st_mode))
      bytes += (guint64)st.st_size;
  }
  return bytes;
}

const char *
itv_job_strike_key(ItvJob *job)
{
  const char *digest = itv_job_digest(job);
  if (!job->strike_key)
    job->strike_key = *digest
                          ? g_strdup_printf("%" G_GUINT64_FORMAT ":%s", itv_job_bytes(job), digest)
                          : g_strdup("");
  return job->strike_key;
}
