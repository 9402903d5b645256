/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "store/patient.h"

typedef struct {
  char *folder, *path;
  ItvDb *db;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
  (void)data;
  g_autoptr(GError) error = NULL;
  f->folder = g_dir_make_tmp("itv-journal-XXXXXX", NULL);
  f->path = g_build_filename(f->folder, "a.db", NULL);
  f->db = itv_db_open(f->path, &error);
  g_assert_no_error(error);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
  (void)data;
  itv_db_close(f->db);
  g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
  for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
    g_autofree char *file = g_build_filename(f->folder, name, NULL);
    g_unlink(file);
  }
  g_rmdir(f->folder);
  g_free(f->path);
  g_free(f->folder);
}

static void
run(ItvDb *db, const char *sql)
{
  g_autoptr(GError) error = NULL;
  itv_db_exec(db, &error, sql, "");
  g_assert_no_error(error);
}

static gint64
append(ItvDb *db, const char *records, const char *source, gboolean expect_new)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) raw = g_bytes_new_static("MSH|raw", 7);
  const ItvJournalEntry entry = {.kind = "message",
                                 .known = "2024-01-31",
                                 .source = source,
                                 .label = "ORU SYNTH",
                                 .records = records,
                                 .raw = raw,
                                 .plugin = "synth",
                                 .plugin_version = "1"};
  gboolean is_new = FALSE;
  gint64 seq = 0;
  g_autofree char *uid = NULL;
  itv_journal_append(db, &entry, &is_new, &seq, &uid, &error);
  g_assert_no_error(error);
  g_assert_cmpint(is_new, ==, expect_new);
  g_assert_cmpuint(strlen(uid), ==, 64);
  return seq;
}

static guint
faults(ItvDb *db, gint64 expect_rows)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
  gint64 rows = 0;
  itv_journal_verify(db, found, &rows, &error);
  g_assert_no_error(error);
  g_assert_cmpint(rows, ==, expect_rows);
  return found->len;
}

static void
test_same_content_once(Fixture *f, gconstpointer data)
{
  (void)data;
  const gint64 first = append(f->db, "[[\"a\"]]", "/synth/1", TRUE);
  g_assert_cmpint(append(f->db, "[[\"a\"]]", "/synth/2", FALSE), ==, first);
  g_assert_cmpint(append(f->db, "[[\"a\"]]", "/synth/2", FALSE), ==, first);
  g_assert_cmpint(append(f->db, "[[\"b\"]]", "/synth/2", TRUE), !=, first);
  g_autoptr(ItvJournalRow) none = NULL;
  g_assert_true(itv_journal_get(f->db, "no such uid", &none, NULL));
  g_assert_null(none);
  gint64 places = 0;
  itv_db_int(f->db, 0, &places, NULL, "SELECT count(*) FROM location WHERE seq = ?1", "i", first);
  g_assert_cmpint(places, ==, 1); /* the first place stands in the row itself */
  g_assert_cmpuint(faults(f->db, 2), ==, 0);
}

static void
test_append_only(Fixture *f, gconstpointer data)
{
  (void)data;
  append(f->db, "[[\"a\"]]", "/synth/1", TRUE);
  static const char *const attempts[] = {"UPDATE evidence SET label = 'x'", "DELETE FROM evidence"};
  for (gsize i = 0; i < G_N_ELEMENTS(attempts); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_false(itv_db_exec(f->db, &error, attempts[i], ""));
    g_assert_error(error, ITV_ERROR, ITV_ERROR_DATABASE);
  }
}

/* Whoever gets round the triggers is noticed. */
static void
test_changes_are_noticed(Fixture *f, gconstpointer data)
{
  append(f->db, "[[\"a\"]]", "/synth/1", TRUE);
  append(f->db, "[[\"b\"]]", "/synth/1", TRUE);
  run(f->db, "DROP TRIGGER evidence_no_update");
  run(f->db, "DROP TRIGGER evidence_no_delete");
  run(f->db, "DROP TRIGGER raw_no_update");
  run(f->db, "DROP TRIGGER raw_no_delete");
  run(f->db, "PRAGMA foreign_keys = OFF");
  g_assert_cmpuint(faults(f->db, 2), ==, 0);
  run(f->db, data);
  gint64 rows = 0;
  itv_db_int(f->db, 0, &rows, NULL, "SELECT count(*) FROM evidence", "");
  g_assert_cmpuint(faults(f->db, rows), >=, 1);
}

static void
test_text_must_be_readable_again(Fixture *f, gconstpointer data)
{
  (void)data;
  const ItvJournalEntry entries[] = {
      {.kind = "decision",
       .source = "synth",
       .label = "note",
       .records = "[[\"a\",[\"n\",\"\xff\"]]]"},
      {.kind = "decision", .source = "synth", .label = "\xff", .records = "[[\"a\"]]"}};
  for (gsize i = 0; i < G_N_ELEMENTS(entries); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *uid = NULL;
    gboolean is_new = FALSE;
    gint64 seq = 0;
    g_assert_false(itv_journal_append(f->db, &entries[i], &is_new, &seq, &uid, &error));
    g_assert_error(error, ITV_ERROR, ITV_ERROR_INPUT);
    g_assert_null(uid);
  }
  g_assert_cmpuint(faults(f->db, 0), ==, 0);
}

static void
test_families(Fixture *f, gconstpointer data)
{
  (void)data;
  gint64 a = 0, b = 0, c = 0, again = 0;
  g_assert_true(itv_patient_ensure(f->db, "SYNTH1", "X", &a, NULL));
  g_assert_true(itv_patient_ensure(f->db, "SYNTH1", "Y", &b, NULL));
  g_assert_true(itv_patient_ensure(f->db, "SYNTH2", "X", &c, NULL));
  g_assert_true(itv_patient_ensure(f->db, "SYNTH1", "X", &again, NULL));
  g_assert_cmpint(a, ==, again);
  g_autoptr(GArray) bare = itv_patient_families(f->db, "SYNTH1", NULL);
  g_autoptr(GArray) one = itv_patient_families(f->db, "SYNTH1^^^Y", NULL);
  g_assert_cmpuint(bare->len, ==, 2);
  g_assert_cmpuint(one->len, ==, 1);
  const gint64 seq = append(f->db, "[[\"a\"]]", "/synth/1", TRUE);
  g_assert_true(itv_patient_attach(f->db, a, seq, NULL) && itv_patient_attach(f->db, c, seq, NULL));
  g_assert_true(itv_patient_unite(f->db, a, c, NULL));
  g_autoptr(GArray) joined = itv_patient_families(f->db, "SYNTH2", NULL);
  g_autoptr(GPtrArray) rows = itv_journal_of_family(f->db, g_array_index(joined, gint64, 0), NULL);
  g_assert_cmpuint(rows->len, ==, 1);
}

static void
test_versions(Fixture *f, gconstpointer data)
{
  (void)data;
  struct stat st;
  g_assert_cmpint(stat(f->path, &st), ==, 0);
  g_assert_cmpint(st.st_mode & 0777, ==, 0600);
  run(f->db, "PRAGMA user_version = 999");
  g_clear_pointer(&f->db, itv_db_close);
  g_autoptr(GError) newer = NULL;
  g_assert_null(itv_db_open(f->path, &newer));
  g_assert_error(newer, ITV_ERROR, ITV_ERROR_DATABASE);
  g_assert_nonnull(strstr(newer->message, "999"));
  g_autofree char *other = g_build_filename(f->folder, "other.db", NULL);
  f->db = itv_db_open(other, NULL);
  run(f->db, "PRAGMA application_id = 1");
  g_clear_pointer(&f->db, itv_db_close);
  g_autoptr(GError) foreign = NULL;
  g_assert_null(itv_db_open(other, &foreign));
  g_assert_error(foreign, ITV_ERROR, ITV_ERROR_DATABASE);
  g_autofree char *junk = g_build_filename(f->folder, "junk.db", NULL);
  g_file_set_contents(junk, "this is no database, not even a short one", -1, NULL);
  g_autoptr(GError) damaged = NULL;
  g_assert_null(itv_db_open(junk, &damaged));
  g_assert_error(damaged, ITV_ERROR, ITV_ERROR_DATABASE);
}

static void
test_failed_commit_leaves_nothing_open(Fixture *f, gconstpointer data)
{
  (void)data;
  run(f->db, "CREATE TABLE parent (k INTEGER PRIMARY KEY)");
  run(f->db, "CREATE TABLE child (k INTEGER REFERENCES parent (k) DEFERRABLE INITIALLY DEFERRED)");
  g_assert_true(itv_db_begin(f->db, NULL));
  run(f->db, "INSERT INTO child VALUES (1)");
  g_autoptr(GError) error = NULL;
  g_assert_false(itv_db_commit(f->db, &error));
  g_assert_error(error, ITV_ERROR, ITV_ERROR_DATABASE);
  g_assert_false(itv_db_in_transaction(f->db));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  static const struct {
    const char *name, *sql;
  } changes[] = {{"records", "UPDATE evidence SET records = '[]' WHERE seq = 1"},
                 {"uid", "UPDATE evidence SET uid = 'x' WHERE seq = 2"},
                 {"known", "UPDATE evidence SET known = '2023-01-01' WHERE seq = 1"},
                 {"plugin", "UPDATE evidence SET plugin_version = '2' WHERE seq = 1"},
                 {"raw", "UPDATE raw SET bytes = x'00' WHERE seq = 1"},
                 {"raw-gone", "DELETE FROM raw WHERE seq = 1"},
                 {"first-gone", "DELETE FROM evidence WHERE seq = 1"},
                 {"last-gone", "DELETE FROM evidence WHERE seq = 2"}};
  g_test_add("/journal/same-content-once", Fixture, NULL, set_up, test_same_content_once,
             tear_down);
  g_test_add("/journal/append-only", Fixture, NULL, set_up, test_append_only, tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
    g_autofree char *path = g_strconcat("/journal/noticed/", changes[i].name, NULL);
    g_test_add(path, Fixture, changes[i].sql, set_up, test_changes_are_noticed, tear_down);
  }
  g_test_add("/journal/readable-again", Fixture, NULL, set_up, test_text_must_be_readable_again,
             tear_down);
  g_test_add("/patient/families", Fixture, NULL, set_up, test_families, tear_down);
  g_test_add("/db/versions", Fixture, NULL, set_up, test_versions, tear_down);
  g_test_add("/db/failed-commit", Fixture, NULL, set_up, test_failed_commit_leaves_nothing_open,
             tear_down);
  return g_test_run();
}
