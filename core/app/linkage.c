/* SPDX-License-Identifier: Apache-2.0 */
#include "app/linkage.h"

#include <string.h>

#include "base/error.h"
#include "store/patient.h"

#define RECORDS_MAX 64     /* of one id; a feed that never says the same twice ends here */
#define PERSONAS_MAX 60000 /* kept in memory at a time */
#define COMMIT_EVERY 2000  /* ids */

/* ---- notes ----------------------------------------------------------------------------- */

static gboolean
is_demographic(const char *key)
{
  static const char *const keys[] = {"name",        "alias",        "birth-date", "sex",
                                     "address",     "phone",        "mother",     "contact",
                                     "national-id", "insurance-id", "birth-order"};
  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
    if (strcmp(keys[i], key) == 0)
      return TRUE;
  return FALSE;
}

/* The first 64 bits of the SHA-256. */
static gint64
digest_of(const char *text)
{
  g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
  hex[16] = 0;
  return (gint64)g_ascii_strtoull(hex, NULL, 16);
}

/* One "key<TAB>value" a line: an import writes one per new record and reads it per
 * comparison, which JSON would make several times as dear. */
static void
append_line(GString *text, const itv_field *f)
{
  if (!is_demographic(f->key))
    return;
  if (f->type == ITV_T_I64)
    g_string_append_printf(text, "%s\t%d\n", f->key, (int)CLAMP(f->v.i64, 0, 99));
  if (f->type != ITV_T_STR)
    return;
  g_string_append_printf(text, "%s\t", f->key);
  for (const char *p = f->v.str; *p; p++)
    g_string_append_c(text, *p == '\n' || *p == '\t' ? ' ' : *p);
  g_string_append_c(text, '\n');
}

gboolean
itv_app_linkage_note(ItvApp *app, gint64 pk, const itv_record *patient, GError **error)
{
  g_autoptr(GString) text = g_string_sized_new(256);
  for (gsize i = 0; i < patient->n_fields; i++)
    append_line(text, &patient->fields[i]);
  return text->len == 0 || itv_linkage_note(app->db, pk, digest_of(text->str), text->str, error);
}

#define FIELDS_MAX 64 /* more than any importer gives */

void
itv_app_linkage_add(ItvPersona *persona, const ItvLinkage *linkage, const char *lines)
{
  g_autofree char *text = g_strdup(lines);
  itv_field fields[FIELDS_MAX];
  gsize n = 0;
  for (char *line = text, *end; n < FIELDS_MAX && (end = strchr(line, '\n')); line = end + 1) {
    char *value = strchr(line, '\t');
    *end = 0;
    if (!value || value > end)
      continue;
    *value++ = 0;
    if (strcmp(line, "birth-order") == 0)
      fields[n++] = (itv_field)ITV_I64(line, g_ascii_strtoll(value, NULL, 10), NULL);
    else
      fields[n++] = (itv_field)ITV_STR(line, value);
  }
  const itv_record record = {"interval.patient/1", fields, n};
  itv_persona_add(persona, linkage, &record);
}

/* ---- personas ----------------------------------------------------------------------------- */

struct ItvPersonas {
  ItvApp *app;
  GHashTable *known, *before; /* pk -> ItvPersona; two generations */
};

ItvPersonas *
itv_personas_new(ItvApp *app)
{
  ItvPersonas *p = g_new0(ItvPersonas, 1);
  p->app = app;
  p->known =
      g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)itv_persona_free);
  p->before =
      g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)itv_persona_free);
  return p;
}

void
itv_personas_free(ItvPersonas *p)
{
  if (!p)
    return;
  g_hash_table_unref(p->known);
  g_hash_table_unref(p->before);
  g_free(p);
}

static void
keep_persona(ItvPersonas *p, gint64 pk, ItvPersona *persona)
{
  if (g_hash_table_size(p->known) >= PERSONAS_MAX / 2) {
    GHashTable *old = p->before;
    g_hash_table_remove_all(old);
    p->before = p->known;
    p->known = old;
  }
  gint64 *key = g_new(gint64, 1);
  *key = pk;
  g_hash_table_insert(p->known, key, persona);
}

static ItvPersona *
read_persona(ItvApp *app, gint64 pk, GError **error)
{
  g_autoptr(GPtrArray) rows = itv_linkage_records(app->db, pk, RECORDS_MAX, error);
  g_autoptr(ItvPersona) persona = itv_persona_new();
  for (guint i = 0; rows && i < rows->len; i++)
    itv_app_linkage_add(persona, app->linkage, rows->pdata[i]);
  return rows ? g_steal_pointer(&persona) : NULL;
}

const ItvPersona *
itv_personas_get(ItvPersonas *p, gint64 pk, GError **error)
{
  ItvPersona *persona = g_hash_table_lookup(p->known, &pk);
  if (persona)
    return persona;
  gpointer key = NULL, value = NULL;
  if (g_hash_table_steal_extended(p->before, &pk, &key, &value)) {
    g_free(key);
    persona = value;
  } else
    persona = read_persona(p->app, pk, error);
  if (persona)
    keep_persona(p, pk, persona);
  return persona;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static int
by_value(gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return (x > y) - (x < y);
}

/* Of each record by itself, so that a key once found never goes. */
static gboolean
collect_keys(ItvApp *app, gint64 pk, GArray *keys, GHashTable *families, GError **error)
{
  g_autoptr(GPtrArray) rows = itv_linkage_records(app->db, pk, RECORDS_MAX, error);
  for (guint i = 0; rows && i < rows->len; i++) {
    g_autoptr(ItvPersona) persona = itv_persona_new();
    itv_app_linkage_add(persona, app->linkage, rows->pdata[i]);
    g_autoptr(GArray) more = itv_persona_keys(persona);
    g_array_append_vals(keys, more->data, more->len);
    const GPtrArray *names = itv_persona_families(persona);
    for (guint k = 0; families && k < names->len; k++)
      g_hash_table_add(families, g_strdup(names->pdata[k]));
  }
  g_array_sort(keys, by_value);
  return rows != NULL;
}

GArray *
itv_app_linkage_keys(ItvApp *app, gint64 pk, GError **error)
{
  g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(gint64));
  return collect_keys(app, pk, keys, NULL, error) ? g_steal_pointer(&keys) : NULL;
}

static gboolean
store_keys(ItvApp *app, gint64 pk, GError **error)
{
  g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(gint64));
  g_autoptr(GHashTable) families = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  if (!collect_keys(app, pk, keys, families, error))
    return FALSE;
  for (guint i = 0; i < keys->len; i++) {
    const gint64 key = g_array_index(keys, gint64, i);
    if (!itv_linkage_add_key(app->db, key, pk, error))
      return FALSE;
  }
  GHashTableIter it;
  gpointer name = NULL;
  g_hash_table_iter_init(&it, families);
  while (g_hash_table_iter_next(&it, &name, NULL))
    if (!itv_linkage_add_key(app->db, itv_linkage_name_key(name), pk, error))
      return FALSE;
  return TRUE;
}

/* ---- pairs
 * ---------------------------------------------------------------------------------------- */

static gboolean
try_pair(ItvPersonas *personas, gint64 pk, gint64 other, GError **error)
{
  const ItvApp *app = personas->app;
  const ItvPersona *a = itv_personas_get(personas, pk, error);
  const ItvPersona *b = a ? itv_personas_get(personas, other, error) : NULL;
  if (!b)
    return FALSE;
  return !itv_linkage_may_match(app->linkage, a, b) ||
         itv_linkage_add_pair(app->db, pk, other, error);
}

static gboolean
find_partners(ItvPersonas *personas, gint64 pk, GError **error)
{
  ItvApp *app = personas->app;
  const guint max = itv_linkage_max_block(app->linkage);
  g_autoptr(GArray) keys = itv_app_linkage_keys(app, pk, error);
  g_autoptr(GHashTable) met = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; keys && i < keys->len; i++) {
    g_autoptr(GArray) block =
        itv_linkage_block(app->db, g_array_index(keys, gint64, i), max + 1, error);
    if (!block)
      return FALSE;
    for (guint k = 0; block->len <= max && k < block->len; k++) {
      const gint64 other = g_array_index(block, gint64, k);
      gint64 *copy = g_new(gint64, 1);
      *copy = other;
      if (g_hash_table_add(met, copy) && other != pk && !try_pair(personas, pk, other, error))
        return FALSE;
    }
  }
  return keys != NULL;
}

/* ---- update
 * ------------------------------------------------------------------------------------------ */

static gboolean
note_row(const ItvJournalRow *row, gpointer data, GError **error)
{
  ItvApp *app = data;
  g_autoptr(ItvRecords) records = itv_records_from_json(row->records, -1, error);
  const itv_record *r = NULL;
  for (gsize i = 0; records && (r = itv_records_find(records, "interval.patient/1", i)); i++) {
    gint64 pk = 0;
    if (!itv_patient_pk(app->db, itv_record_str(r, "id", ""), itv_record_str(r, "issuer", ""), &pk,
                        error) ||
        (pk && !itv_app_linkage_note(app, pk, r, error)))
      return FALSE;
  }
  return records != NULL;
}

/* Evidence from before these tables. */
static gboolean
read_journal(ItvApp *app, GError **error)
{
  gboolean indexed = FALSE;
  if (!itv_linkage_is_indexed(app->db, &indexed, error))
    return FALSE;
  if (indexed)
    return TRUE;
  if (!itv_db_begin(app->db, error))
    return FALSE;
  if (!itv_journal_foreach(app->db, 0, note_row, app, error) ||
      !itv_linkage_set_indexed(app->db, error)) {
    itv_db_rollback(app->db);
    return FALSE;
  }
  return itv_db_commit(app->db, error);
}

typedef gboolean (*EachId)(gpointer data, gint64 pk, GError **error);

static gboolean
each_in_transactions(ItvApp *app, const GArray *pks, const char *what, EachId each, gpointer data,
                     GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < pks->len; i++) {
    ok = (i % COMMIT_EVERY != 0 || itv_db_begin(app->db, error)) &&
         each(data, g_array_index(pks, gint64, i), error);
    if (ok && (i + 1) % COMMIT_EVERY == 0) {
      ok = itv_db_commit(app->db, error);
      itv_app_say(app, what, i + 1, pks->len);
    }
  }
  if (!ok)
    itv_db_rollback(app->db);
  return ok && (!itv_db_in_transaction(app->db) || itv_db_commit(app->db, error));
}

static gboolean
store_keys_of(gpointer data, gint64 pk, GError **error)
{
  return store_keys(data, pk, error);
}

static gboolean
find_partners_of(gpointer data, gint64 pk, GError **error)
{
  return find_partners(data, pk, error);
}

gboolean
itv_app_linkage_update(ItvApp *app, GError **error)
{
  if (!read_journal(app, error))
    return FALSE;
  g_autoptr(GArray) stale = itv_linkage_stale(app->db, error);
  if (!stale || stale->len == 0)
    return stale != NULL;
  /* All keys first: of two new ids each must find the other. */
  g_autoptr(ItvPersonas) personas = itv_personas_new(app);
  if (!each_in_transactions(app, stale, "indexing names", store_keys_of, app, error) ||
      !each_in_transactions(app, stale, "comparing patients", find_partners_of, personas, error))
    return FALSE;
  /* What another process noted meanwhile is stale still. */
  if (!itv_db_begin(app->db, error))
    return FALSE;
  for (guint i = 0; i < stale->len; i++)
    if (!itv_linkage_settle(app->db, g_array_index(stale, gint64, i), error)) {
      itv_db_rollback(app->db);
      return FALSE;
    }
  return itv_db_commit(app->db, error);
}
