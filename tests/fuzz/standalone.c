/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target over files and folders, without libFuzzer: so that every
 * input that once found something is an ordinary test from then on.
 */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run_path(const char *path)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  g_autofree char *bytes = NULL;
  gsize n = 0;
  int count = 0;
  if (!dir) {
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &bytes, &n, &error))
      g_error("%s", error->message);
    /* an exact-sized copy, so that the sanitizer sees a read behind the end */
    g_autofree uint8_t *exact = n ? g_memdup2(bytes, n) : NULL;
    LLVMFuzzerTestOneInput(exact, n);
    return 1;
  }
  for (const char *name; (name = g_dir_read_name(dir));) {
    g_autofree char *below = g_build_filename(path, name, NULL);
    count += run_path(below);
  }
  return count;
}

int
main(int argc, char **argv)
{
  int count = 0;
  for (int i = 1; i < argc; i++)
    count += run_path(argv[i]);
  printf("%d inputs\n", count);
  return count > 0 ? 0 : 1;
}
