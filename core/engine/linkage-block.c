/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocking: which ids are worth comparing.  Each key joins two independent pieces of
 * information, so that blocks stay small, and no single slip (a typo, a swapped name, a
 * turned date, a move) breaks them all.
 */
#include <string.h>

#include "engine/linkage-internal.h"
#include "engine/linkage-text.h"

/* FNV-1a, 64 bits (Fowler, Noll, Vo): the same on every machine and in every run.  Two
 * keys of one hash cost a comparison, never a wrong answer. */
static gint64
hash_of(const char *kind, const char *a, const char *b)
{
  guint64 h = 14695981039346656037u;
  const char *const parts[] = {kind, a, b};
  for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
    for (const char *p = parts[i]; *p; p++)
      h = (h ^ (guint8)*p) * 1099511628211u;
    h = (h ^ 0xFF) * 1099511628211u;
  }
  return (gint64)h;
}

gint64
itv_linkage_name_key(const char *family)
{
  return hash_of("frequency", family, "");
}

static void
add(GArray *keys, const char *kind, const char *a, const char *b)
{
  const gint64 key = hash_of(kind, a, b);
  if (*a && *b)
    g_array_append_val(keys, key);
}

/* ---- names ------------------------------------------------------------------------- */

/* Sounds of a name as a whole and of its parts, each once. */
static GPtrArray *
sounds_of(const char *folded, const char *joined)
{
  GPtrArray *sounds = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) parts = g_strsplit(folded, " ", 4);
  for (guint i = 0; i == 0 || (parts[0] && parts[1] && parts[i - 1]); i++) {
    const char *word = i == 0 ? joined : parts[i - 1];
    char sound[5] = {0};
    itv_link_soundex(word, sound);
    /* Other scripts have no Soundex: the first letters stand for it. */
    char *code = *sound ? g_strdup(sound) : g_strndup(word, 6);
    if (*code && (i == 0 || strlen(word) > 2) &&
        !g_ptr_array_find_with_equal_func(sounds, code, g_str_equal, NULL))
      g_ptr_array_add(sounds, code);
    else
      g_free(code);
  }
  return sounds;
}

/* Both sounds in one order, so that swapped names meet. */
static char *
both(const char *a, const char *b)
{
  return strcmp(a, b) <= 0 ? g_strconcat(a, b, NULL) : g_strconcat(b, a, NULL);
}

/* Year alone; month and day in their order of size: a turned date meets its other. */
static void
add_name_and_date(GArray *keys, const char *pair, const char *birth)
{
  g_autofree char *year = g_strndup(birth, 4);
  add(keys, "names+year", pair, year);
  if (strlen(birth) < 8)
    return;
  const gboolean turn = strncmp(birth + 4, birth + 6, 2) > 0;
  g_autofree char *days =
      turn ? g_strdup_printf("%.2s%.2s", birth + 6, birth + 4) : g_strdup(birth + 4);
  add(keys, "names+day", pair, days);
}

static void
add_name_keys(GArray *keys, const ItvPersona *p, const ItvPersonaName *n)
{
  g_autoptr(GPtrArray) families = sounds_of(n->family, n->family_joined);
  g_autoptr(GPtrArray) givens = sounds_of(n->given, n->given_joined);
  for (guint i = 0; i < p->births->len; i++) {
    const char *birth = p->births->pdata[i];
    for (guint k = 0; k < families->len && strlen(birth) == 8; k++)
      add(keys, "name+birth", families->pdata[k], birth);
    for (guint k = 0; k < givens->len && strlen(birth) == 8; k++)
      add(keys, "name+birth", givens->pdata[k], birth);
    for (guint f = 0; f < families->len; f++)
      for (guint g = 0; g < givens->len; g++) {
        g_autofree char *pair = both(families->pdata[f], givens->pdata[g]);
        add_name_and_date(keys, pair, birth);
      }
  }
  for (guint i = 0; i < p->addresses->len; i++) {
    const ItvPersonaAddress *a = p->addresses->pdata[i];
    for (guint f = 0; f < families->len; f++)
      add(keys, "name+zip", families->pdata[f], *a->zip ? a->zip : a->city);
    if (givens->len)
      add(keys, "given+house", givens->pdata[0], a->number);
  }
}

/* ---- all ---------------------------------------------------------------------------- */

static int
by_value(gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return (x > y) - (x < y);
}

static void
make_unique(GArray *keys)
{
  guint kept = 0;
  g_array_sort(keys, by_value);
  for (guint i = 0; i < keys->len; i++) {
    const gint64 key = g_array_index(keys, gint64, i);
    if (i == 0 || key != g_array_index(keys, gint64, kept - 1))
      g_array_index(keys, gint64, kept++) = key;
  }
  g_array_set_size(keys, kept);
}

GArray *
itv_persona_keys(const ItvPersona *p)
{
  GArray *keys = g_array_new(FALSE, FALSE, sizeof(gint64));
  for (guint i = 0; i < p->names->len; i++)
    add_name_keys(keys, p, p->names->pdata[i]);
  for (guint i = 0; i < p->national->len; i++)
    add(keys, "national", strchr(p->national->pdata[i], ':'), "-");
  for (guint i = 0; i < p->insurance->len; i++)
    add(keys, "insurance", strchr(p->insurance->pdata[i], ':'), "-");
  for (guint i = 0; i < p->phones->len; i++) {
    const char *phone = p->phones->pdata[i];
    add(keys, "phone", phone + strlen(phone) - 7, "-");
  }
  for (guint i = 0; i < p->births->len; i++)
    for (guint k = 0; k < p->addresses->len; k++) {
      const ItvPersonaAddress *a = p->addresses->pdata[k];
      add(keys, "birth+zip", p->births->pdata[i], *a->zip ? a->zip : a->city);
    }
  make_unique(keys);
  return keys;
}
