/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"

#define ROW_COLUMNS "e.seq, e.uid, e.kind, e.known, e.received, e.source, e.label, e.records"

static char *
digest(const char *const *parts)
{
  g_autoptr(ItvDigest) sum = itv_digest_new();
  for (; *parts; parts++) /* the NUL parts them, so that "ab","c" is not "a","bc" */
    itv_digest_add(sum, *parts, strlen(*parts) + 1);
  return itv_digest_hex(sum);
}

char *
itv_journal_uid(const char *kind, const char *records)
{
  const char *parts[] = {kind, records, NULL};
  return digest(parts);
}

static const char *
or_empty(const char *text)
{
  return text ? text : "";
}

/* Over all that was written with the row: who made it and the message as it came
 * are evidence, too.  Kind and records are in the uid. */
static char *
chain_of(const char *before, const char *uid, const char *received, const ItvJournalEntry *e)
{
  gsize n = 0;
  const void *bytes = e->raw ? g_bytes_get_data(e->raw, &n) : NULL;
  g_autofree char *raw = e->raw ? itv_digest_of(bytes, n) : NULL;
  const char *parts[] = {before,
                         uid,
                         or_empty(e->known),
                         received,
                         e->source,
                         e->label,
                         or_empty(e->plugin),
                         or_empty(e->plugin_version),
                         or_empty(e->plugin_sha256),
                         or_empty(e->plugin_config),
                         or_empty(raw),
                         NULL};
  return digest(parts);
}

static gboolean
last_chain(ItvDb *db, char **ret_chain, GError **error)
{
  const char *memo = itv_db_memo(db);
  if (memo) {
    *ret_chain = g_strdup(memo);
    return TRUE;
  }
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error, "SELECT chain FROM evidence ORDER BY seq DESC LIMIT 1", "");
  const int status = q ? itv_query_step(q, error) : -1;
  if (status >= 0)
    *ret_chain = g_strdup(status == 1 ? itv_query_text(q, 0) : "");
  return status >= 0;
}

static gboolean
insert(ItvDb *db, const ItvJournalEntry *e, const char *uid, gint64 *ret_seq, GError **error)
{
  g_autofree char *before = NULL;
  if (!last_chain(db, &before, error))
    return FALSE;
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *received = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *chain = chain_of(before, uid, received, e);
  if (!itv_db_exec(db, error,
                   "INSERT INTO evidence (uid, kind, known, received, source, label, records,"
                   " plugin, plugin_version, plugin_sha256, plugin_config, chain)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                   "tttttttttttt", uid, e->kind, e->known, received, e->source, e->label,
                   e->records, e->plugin, e->plugin_version, e->plugin_sha256, e->plugin_config,
                   chain))
    return FALSE;
  itv_db_set_memo(db, chain);
  *ret_seq = itv_db_last_key(db);
  return !e->raw || itv_db_exec(db, error, "INSERT INTO raw (seq, bytes) VALUES (?1, ?2)", "ib",
                                *ret_seq, e->raw);
}

gboolean
itv_journal_append(ItvDb *db, const ItvJournalEntry *entry, gboolean *ret_new, gint64 *ret_seq,
                   char **ret_uid, GError **error)
{
  /* What is written stays for good: a row that cannot be read again would make its
   * patient's history unreadable. */
  if (!g_utf8_validate(entry->records, -1, NULL) || !g_utf8_validate(entry->label, -1, NULL))
    return itv_fail(error, ITV_ERROR_INPUT, "%s: its text is not UTF-8", entry->source);
  g_autofree char *uid =
      entry->uid ? g_strdup(entry->uid) : itv_journal_uid(entry->kind, entry->records);
  gint64 seq = 0;
  if (!itv_db_int(db, 0, &seq, error, "SELECT seq FROM evidence WHERE uid = ?1", "t", uid))
    return FALSE;
  const gboolean is_new = seq == 0;
  if (is_new ? !insert(db, entry, uid, &seq, error)
             : !itv_db_exec(db, error,
                            "INSERT OR IGNORE INTO location (seq, path) SELECT seq, ?2"
                            " FROM evidence WHERE seq = ?1 AND source <> ?2",
                            "it", seq, entry->source))
    return FALSE;
  *ret_new = is_new;
  *ret_seq = seq;
  *ret_uid = g_steal_pointer(&uid);
  return TRUE;
}

void
itv_journal_row_free(ItvJournalRow *row)
{
  if (!row)
    return;
  g_free(row->uid);
  g_free(row->kind);
  g_free(row->known);
  g_free(row->received);
  g_free(row->source);
  g_free(row->label);
  g_free(row->records);
  g_free(row);
}

static ItvJournalRow *
read_row(ItvQuery *q)
{
  ItvJournalRow *row = g_new0(ItvJournalRow, 1);
  row->seq = itv_query_int(q, 0);
  row->uid = g_strdup(itv_query_text(q, 1));
  row->kind = g_strdup(itv_query_text(q, 2));
  row->known = g_strdup(itv_query_text(q, 3));
  row->received = g_strdup(itv_query_text(q, 4));
  row->source = g_strdup(itv_query_text(q, 5));
  row->label = g_strdup(itv_query_text(q, 6));
  row->records = g_strdup(itv_query_text(q, 7));
  row->alike = 1;
  return row;
}

gboolean
itv_journal_get(ItvDb *db, const char *uid, ItvJournalRow **ret_row, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error, "SELECT " ROW_COLUMNS " FROM evidence e WHERE e.uid = ?1", "t", uid);
  const int status = q ? itv_query_step(q, error) : -1;
  if (status >= 0)
    *ret_row = status == 1 ? read_row(q) : NULL;
  return status >= 0;
}

/* All that is left; NULL when `q` is NULL or a step fails. */
static GPtrArray *
read_rows(ItvQuery *q, GError **error)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)itv_journal_row_free);
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1)
    g_ptr_array_add(rows, read_row(q));
  return status == 0 ? g_steal_pointer(&rows) : NULL;
}

GPtrArray *
itv_journal_of_family(ItvDb *db, gint64 family, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error,
                   "SELECT DISTINCT " ROW_COLUMNS " FROM patient p"
                   " JOIN evidence_patient ep ON ep.patient = p.pk"
                   " JOIN evidence e ON e.seq = ep.seq WHERE p.family = ?1 ORDER BY e.seq",
                   "i", family);
  return read_rows(q, error);
}

GPtrArray *
itv_journal_groups(ItvDb *db, gint64 family, gboolean one_by_one, GError **error)
{
  static const char groups[] =
      "SELECT " ROW_COLUMNS ", (SELECT count(*) FROM image i WHERE i.grp = g.id)"
      " FROM patient p JOIN image_group g ON g.patient = p.pk"
      " JOIN evidence e ON e.seq = g.seq WHERE p.family = ?1 ORDER BY e.seq";
  static const char images[] = "SELECT " ROW_COLUMNS ", 1"
                               " FROM patient p JOIN image_group g ON g.patient = p.pk"
                               " JOIN image i ON i.grp = g.id JOIN evidence e ON e.seq = i.seq"
                               " WHERE p.family = ?1 ORDER BY e.seq";
  g_autoptr(ItvQuery) q = itv_db_query(db, error, one_by_one ? images : groups, "i", family);
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)itv_journal_row_free);
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    ItvJournalRow *row = read_row(q);
    row->alike = itv_query_int(q, 8);
    g_ptr_array_add(rows, row);
  }
  return status == 0 ? g_steal_pointer(&rows) : NULL;
}

GPtrArray *
itv_journal_images(ItvDb *db, gint64 family, const char *study_uid, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error,
                   "SELECT " ROW_COLUMNS " FROM evidence e WHERE e.seq IN"
                   " (SELECT i.seq FROM image_group g JOIN patient p ON p.pk = g.patient"
                   "  JOIN image i ON i.grp = g.id WHERE g.study = ?2 AND p.family = ?1"
                   "  UNION SELECT x.seq FROM patient p"
                   "  JOIN evidence_patient ep ON ep.patient = p.pk"
                   "  JOIN evidence x ON x.seq = ep.seq WHERE p.family = ?1 AND x.kind = 'image'"
                   "  AND instr(x.records, ?2) > 0) ORDER BY e.seq",
                   "it", family, study_uid);
  return read_rows(q, error);
}

GPtrArray *
itv_journal_measuring(ItvDb *db, const char *key, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error,
                   "SELECT " ROW_COLUMNS " FROM measured m JOIN evidence e ON e.seq = m.seq"
                   " WHERE m.key = ?1 ORDER BY e.uid",
                   "t", key);
  return read_rows(q, error);
}

gboolean
itv_journal_foreach(ItvDb *db, gint64 after, ItvJournalEach each, gpointer data, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(
      db, error, "SELECT " ROW_COLUMNS " FROM evidence e WHERE e.seq > ?1 ORDER BY e.seq", "i",
      after);
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    g_autoptr(ItvJournalRow) row = read_row(q);
    if (!each(row, data, error))
      return FALSE;
  }
  return status == 0;
}

/* The row's own fields again, as they were given to itv_journal_append(). */
static char *
chain_of_row(ItvQuery *q, const char *before, const ItvJournalRow *r)
{
  g_autoptr(GBytes) raw = itv_query_int(q, 13) ? itv_query_bytes(q, 14) : NULL;
  const ItvJournalEntry e = {.kind = r->kind,
                             .known = r->known,
                             .source = r->source,
                             .label = r->label,
                             .records = r->records,
                             .raw = raw,
                             .plugin = itv_query_text(q, 9),
                             .plugin_version = itv_query_text(q, 10),
                             .plugin_sha256 = itv_query_text(q, 11),
                             .plugin_config = itv_query_text(q, 12)};
  return chain_of(before, r->uid, r->received, &e);
}

static gboolean
check_row(ItvQuery *q, const char *before, const ItvJournalRow *r)
{
  g_autofree char *uid = itv_journal_uid(r->kind, r->records);
  g_autofree char *chain = chain_of_row(q, before, r);
  return strcmp(uid, r->uid) == 0 && g_strcmp0(chain, itv_query_text(q, 8)) == 0;
}

/* Rows cut off at the end leave a sound chain; the counter of keys still knows
 * of them. */
static gboolean
check_end(ItvDb *db, GPtrArray *faults, GError **error)
{
  gint64 missing = 0;
  if (!itv_db_int(db, 0, &missing, error,
                  "SELECT (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name ="
                  " 'evidence') - (SELECT coalesce(max(seq), 0) FROM evidence)",
                  ""))
    return FALSE;
  if (missing != 0)
    g_ptr_array_add(
        faults,
        g_strdup_printf("the last %" G_GINT64_FORMAT " pieces of evidence are missing", missing));
  return TRUE;
}

gboolean
itv_journal_verify(ItvDb *db, GPtrArray *faults, gint64 *ret_rows, GError **error)
{
  g_autoptr(ItvQuery) q =
      itv_db_query(db, error,
                   "SELECT " ROW_COLUMNS ", e.chain, e.plugin, e.plugin_version, e.plugin_sha256,"
                   " e.plugin_config, raw.seq IS NOT NULL, raw.bytes"
                   " FROM evidence e LEFT JOIN raw ON raw.seq = e.seq ORDER BY e.seq",
                   "");
  g_autofree char *before = g_strdup("");
  gint64 rows = 0;
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1) {
    g_autoptr(ItvJournalRow) r = read_row(q);
    if (!check_row(q, before, r))
      g_ptr_array_add(faults,
                      g_strdup_printf("evidence %" G_GINT64_FORMAT " (%s) or one before it was "
                                      "changed after it was written",
                                      r->seq, r->label));
    g_free(before);
    before = g_strdup(itv_query_text(q, 8));
    rows++;
  }
  if (status != 0 || !check_end(db, faults, error))
    return FALSE;
  *ret_rows = rows;
  return TRUE;
}

/* ---- places --------------------------------------------------------------------------- */

GPtrArray *
itv_journal_paths(ItvDb *db, const char *uid, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(db, error,
                                       "SELECT source FROM evidence WHERE uid = ?1 UNION"
                                       " SELECT l.path FROM evidence e JOIN location l"
                                       " ON l.seq = e.seq WHERE e.uid = ?1 ORDER BY 1",
                                       "t", uid);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  int status = q ? 1 : -1;
  while (status == 1 && (status = itv_query_step(q, error)) == 1)
    g_ptr_array_add(paths, g_strdup(itv_query_text(q, 0)));
  return status == 0 ? g_steal_pointer(&paths) : NULL;
}

char *
itv_journal_last_known(ItvDb *db, GError **error)
{
  g_autoptr(ItvQuery) q = itv_db_query(db, error, "SELECT max(known) FROM evidence", "");
  return q && itv_query_step(q, error) == 1 ? g_strdup(itv_query_text(q, 0)) : NULL;
}
