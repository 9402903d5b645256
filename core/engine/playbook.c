/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/playbook.h"

#include <string.h>

#include "base/error.h"

#define MAX_BYTES ((gint64)64 * 1024 * 1024)
#define MAX_FIELDS 8u
#define MAX_NAME 512u

struct ItvPlaybook {
  GHashTable *names; /* number of the code -> char * */
};

void
itv_playbook_free(ItvPlaybook *playbook)
{
  if (!playbook)
    return;
  g_hash_table_unref(playbook->names);
  g_free(playbook);
}

/* The number in "RPID123"; 0 for anything else. */
static guint
code_number(const char *code)
{
  while (g_ascii_isspace(*code))
    code++;
  if (g_ascii_strncasecmp(code, "RPID", 4) != 0 || !g_ascii_isdigit(code[4]))
    return 0;
  char *end = NULL;
  guint64 number = g_ascii_strtoull(code + 4, &end, 10);
  while (g_ascii_isspace(*end))
    end++;
  return *end || number > G_MAXINT32 ? 0 : (guint)number;
}

/* One field of a CSV line (RFC 4180) from *at, which moves behind it. */
static char *
next_field(const char **at)
{
  GString *field = g_string_new(NULL);
  const char *c = *at;
  gboolean quoted = *c == '"';
  for (c += quoted; *c; c++) {
    if (quoted && *c == '"' && c[1] == '"')
      c++;
    else if (quoted && *c == '"') {
      quoted = FALSE;
      continue;
    } else if (!quoted && *c == ',')
      break;
    g_string_append_c(field, *c);
  }
  *at = *c ? c + 1 : c;
  g_string_truncate(field, MIN(field->len, MAX_NAME));
  return g_string_free(field, FALSE);
}

static void
add_line(ItvPlaybook *playbook, const char *line)
{
  /* Long names say more than short ones, an editor's more than a program's. */
  static const guint order[] = {3, 5, 2, 4};
  char *fields[MAX_FIELDS] = {NULL};
  const char *at = line;
  if (g_ascii_strncasecmp(line + (line[0] == '"'), "RPID", 4) != 0)
    return;
  for (guint i = 0; i < MAX_FIELDS && *at; i++)
    fields[i] = next_field(&at);
  const guint number = fields[0] ? code_number(fields[0]) : 0;
  const char *name = NULL;
  for (guint i = 0; i < G_N_ELEMENTS(order) && !name; i++) {
    const char *field = fields[order[i]];
    /* A file without automated names has identifiers (RID1|RID2) in their place. */
    if (field && *g_strstrip(fields[order[i]]) && !strchr(field, '|') &&
        g_utf8_validate(field, -1, NULL))
      name = field;
  }
  if (number && name)
    g_hash_table_insert(playbook->names, GUINT_TO_POINTER(number), g_strdup(name));
  for (guint i = 0; i < MAX_FIELDS; i++)
    g_free(fields[i]);
}

ItvPlaybook *
itv_playbook_load(const char *path, GError **error)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
  if (!file || (gint64)g_mapped_file_get_length(file) > MAX_BYTES)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s: the RadLex Playbook cannot be read, or has more than %d MiB", path,
                    (int)(MAX_BYTES / 1024 / 1024)),
           NULL;
  g_autoptr(ItvPlaybook) playbook = g_new0(ItvPlaybook, 1);
  playbook->names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  const char *at = g_mapped_file_get_contents(file);
  const char *end = at + g_mapped_file_get_length(file);
  while (at && at < end) {
    const char *stop = memchr(at, '\n', (gsize)(end - at));
    gsize length = (gsize)((stop ? stop : end) - at);
    g_autofree char *line = g_strndup(at, MIN(length, 8 * MAX_NAME));
    add_line(playbook, line);
    at += length + 1;
  }
  if (g_hash_table_size(playbook->names) == 0)
    return itv_fail(error, ITV_ERROR_CONFIG,
                    "%s: no line begins with a RadLex Playbook code (RPID1,...); expected the "
                    "Playbook as CSV",
                    path),
           NULL;
  return g_steal_pointer(&playbook);
}

const char *
itv_playbook_name(const ItvPlaybook *playbook, const char *code)
{
  guint number = playbook && code ? code_number(code) : 0;
  return number ? g_hash_table_lookup(playbook->names, GUINT_TO_POINTER(number)) : NULL;
}
