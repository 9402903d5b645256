/* SPDX-License-Identifier: Apache-2.0
 *
 * `interval plugin new`: plugins/template under another name.  The files are built
 * into the program (embed.cmake), so that they are always those of this version.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "plugin/check.h"
#include "template-files.h"

#define MAX_NAME 40

/* CMake has targets of these names already. */
static gboolean
is_taken(const char *name)
{
  static const char *const names[] = {"all",  "clean",   "help",   "install", "package",
                                      "test", "rebuild", "depend", "edit",    NULL};
  return g_strv_contains(names, name);
}

static gboolean
is_name(const char *name)
{
  const gsize n = strlen(name);
  gboolean good = n > 0 && n <= MAX_NAME && g_ascii_islower(name[0]) && name[n - 1] != '-';
  for (gsize i = 0; i < n && good; i++)
    good = g_ascii_islower(name[i]) || g_ascii_isdigit(name[i]) || name[i] == '-';
  return good;
}

static char *
renamed(const char *text, const char *name)
{
  g_auto(GStrv) parts = g_strsplit(text, "template", -1);
  return g_strjoinv(name, parts);
}

static gboolean
write_file(const char *folder, const char *file, const char *text, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(folder, file, NULL);
  g_autofree char *own = renamed(text, name);
  g_autoptr(GError) local = NULL;
  if (!g_file_set_contents(path, own, -1, &local))
    return itv_fail(error, ITV_ERROR_FAILED, "%s", local->message);
  return TRUE;
}

gboolean
itv_plugin_new(const char *name, const char *dir, GError **error)
{
  if (!is_name(name))
    return itv_fail(error, ITV_ERROR_USAGE,
                    "\"%s\" is no name for a plugin: lower-case letters, digits and \"-\", a "
                    "letter first, at most %d",
                    name, MAX_NAME);
  if (is_taken(name))
    return itv_fail(error, ITV_ERROR_USAGE, "\"%s\" is a target of CMake: take another name", name);
  g_autofree char *folder = g_build_filename(dir, name, NULL);
  g_autofree char *source = g_strconcat(name, ".c", NULL);
  g_autofree char *samples = g_build_filename(folder, "samples", NULL);
  if (g_mkdir_with_parents(dir, 0777) || g_mkdir(folder, 0777) || g_mkdir(samples, 0777))
    return itv_fail(error, ITV_ERROR_FAILED, "%s: %s", folder, g_strerror(errno));
  return write_file(folder, source, template_c, name, error) &&
         write_file(folder, "plugin.xml", template_xml, name, error) &&
         write_file(folder, "CMakeLists.txt", template_cmake, name, error) &&
         write_file(folder, "README.md", template_readme, name, error) &&
         write_file(folder, "samples/one.size", template_sample, name, error);
}
