/* SPDX-License-Identifier: Apache-2.0 */
#include "app/walk.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 64

static void
free_file(gpointer data)
{
  ItvWalkFile *file = data;
  g_free(file->path);
  g_free(file->problem);
  g_free(file);
}

static void
add(GPtrArray *files, const char *path, const char *problem)
{
  ItvWalkFile *file = g_new0(ItvWalkFile, 1);
  file->path = g_strdup(path);
  file->problem = g_strdup(problem);
  g_ptr_array_add(files, file);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
walk(GPtrArray *files, const char *path, int depth)
{
  struct stat st;
  /* A link named by the user is followed; one found in a folder only to a file. */
  if (stat(path, &st) != 0) {
    add(files, path, g_strerror(errno));
    return;
  }
  if (S_ISREG(st.st_mode)) {
    add(files, path, st.st_size == 0 ? "empty file" : NULL);
    return;
  }
  if (!S_ISDIR(st.st_mode)) {
    add(files, path, "neither a file nor a folder");
    return;
  }
  if (depth >= MAX_DEPTH || (depth > 0 && g_file_test(path, G_FILE_TEST_IS_SYMLINK))) {
    add(files, path, depth >= MAX_DEPTH ? "folders are nested too deeply" : "link to a folder");
    return;
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
  if (!dir) {
    add(files, path, error->message);
    return;
  }
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
    g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_name);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
    walk(files, child, depth + 1);
  }
}

GPtrArray *
itv_walk(const char *const *paths, gsize n)
{
  GPtrArray *files = g_ptr_array_new_with_free_func(free_file);
  for (gsize i = 0; i < n; i++) {
    /* Absolute, so that a reference to an image outlives the working folder. */
    g_autofree char *path = g_canonicalize_filename(paths[i], NULL);
    walk(files, path, 0);
  }
  return files;
}
