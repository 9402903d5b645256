/* SPDX-License-Identifier: Apache-2.0 */
#include "store/jobrow.h"

#include <string.h>

#define KIND "synth.kind/1"

static const ItvJobRowMade build = {"synth", "1", "aa", "cc", "in"};

static ItvDb *
open_db(void)
{
  g_autoptr(GError) error = NULL;
  ItvDb *db = itv_db_open(":memory:", &error);
  g_assert_no_error(error);
  return db;
}

static ItvJobRow *
claim(ItvDb *db)
{
  g_autoptr(GError) error = NULL;
  ItvJobRow *job = NULL;
  itv_jobrow_claim(db, KIND, &job, &error);
  g_assert_no_error(error);
  return job;
}

static gint64
requeue(ItvDb *db, const char *sha256)
{
  gint64 n = 0;
  g_assert_true(itv_jobrow_requeue_stale(db, KIND, sha256, "cc", &n, NULL));
  return n;
}

static void
test_claimed_once(void)
{
  g_autoptr(ItvDb) db = open_db();
  g_assert_true(itv_jobrow_queue(db, KIND, "b", NULL) && itv_jobrow_queue(db, KIND, "a", NULL) &&
                itv_jobrow_queue(db, KIND, "b", NULL) &&
                itv_jobrow_queue(db, "other/1", "c", NULL));
  g_autoptr(ItvJobRow) first = claim(db);
  g_autoptr(ItvJobRow) second = claim(db);
  g_assert_cmpstr(first->subject, ==, "b");
  g_assert_cmpstr(second->subject, ==, "a");
  g_assert_null(claim(db));
  g_assert_true(itv_jobrow_done(db, first->id, &build, "[]", NULL));
  g_autoptr(ItvJobRow) done = NULL;
  g_assert_true(itv_jobrow_find(db, KIND, "b", &done, NULL));
  g_assert_cmpstr(done->state, ==, "done");
  g_assert_cmpstr(done->records, ==, "[]");
  gint64 open = 0, failed = 0;
  g_assert_true(itv_jobrow_count(db, KIND, &open, &failed, NULL));
  g_assert_cmpint(open, ==, 1);
  g_assert_cmpint(failed, ==, 0);
}

/* Those of the living stay; those of the dead, and of another process that bears a
 * dead one's number, come back. */
static void
test_recovered_from_the_dead(void)
{
  g_autoptr(ItvDb) db = open_db();
  static const char *const owners[] = {"2147483646 1", "1 never", NULL};
  for (gsize i = 0; i < G_N_ELEMENTS(owners); i++) {
    g_autofree char *subject = g_strdup_printf("s%zu", i);
    g_assert_true(itv_jobrow_queue(db, KIND, subject, NULL));
    g_autoptr(ItvJobRow) job = claim(db);
    g_assert_true(
        itv_db_exec(db, NULL, "UPDATE job SET owner = ?1 WHERE id = ?2", "ti", owners[i], job->id));
  }
  g_assert_true(itv_jobrow_queue(db, KIND, "mine", NULL));
  g_autoptr(ItvJobRow) mine = claim(db);
  gint64 n = 0;
  g_assert_true(itv_jobrow_recover(db, &n, NULL));
  g_assert_cmpint(n, ==, 3);
  g_assert_true(itv_jobrow_recover(db, &n, NULL));
  g_assert_cmpint(n, ==, 0);
  g_autoptr(ItvJobRow) still = NULL;
  g_assert_true(itv_jobrow_find(db, KIND, "mine", &still, NULL));
  g_assert_cmpstr(still->state, ==, "running");
}

static void
test_failures_are_tried_again_but_not_for_ever(void)
{
  g_autoptr(ItvDb) db = open_db();
  g_assert_true(itv_jobrow_queue(db, KIND, "s", NULL));
  for (int i = 1; i <= ITV_JOBROW_ATTEMPTS; i++) {
    g_autoptr(ItvJobRow) job = claim(db);
    g_assert_nonnull(job);
    g_assert_true(itv_jobrow_failed(db, job->id, "failed", &build, "too slow", NULL));
    g_assert_cmpint(requeue(db, "aa"), ==, i < ITV_JOBROW_ATTEMPTS ? 1 : 0);
  }
  g_assert_null(claim(db));
  gint64 open = 0, failed = 0;
  g_assert_true(itv_jobrow_count(db, KIND, &open, &failed, NULL));
  g_assert_cmpint(failed, ==, 1);
  /* Another build begins anew. */
  g_assert_cmpint(requeue(db, "bb"), ==, 1);
  g_autoptr(ItvJobRow) job = claim(db);
  g_assert_true(itv_jobrow_failed(db, job->id, "quarantined", &build, "crashed", NULL));
  g_assert_cmpint(requeue(db, "aa"), ==, 0);
  g_assert_true(itv_jobrow_requeue_plugin(db, KIND, "synth", NULL));
  g_autoptr(ItvJobRow) again = claim(db);
  g_assert_nonnull(again);
}

static gboolean
count_message(const ItvJobRow *job, gpointer data, GError **error)
{
  (void)error;
  g_assert_cmpstr(job->message, ==, "why");
  (*(int *)data)++;
  return TRUE;
}

static void
test_put_replaces(void)
{
  g_autoptr(ItvDb) db = open_db();
  g_assert_true(itv_jobrow_put(db, KIND, "s", "done", &build, "[1]", NULL, NULL));
  g_assert_true(itv_jobrow_put(db, KIND, "s", "failed", &build, NULL, "why", NULL));
  int n = 0;
  g_assert_true(itv_jobrow_foreach_done(db, KIND, count_message, &n, NULL));
  g_assert_cmpint(n, ==, 0);
  g_assert_true(itv_jobrow_foreach_failed(db, KIND, count_message, &n, NULL));
  g_assert_cmpint(n, ==, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/jobrow/claimed-once", test_claimed_once);
  g_test_add_func("/jobrow/recovered", test_recovered_from_the_dead);
  g_test_add_func("/jobrow/tried-again", test_failures_are_tried_again_but_not_for_ever);
  g_test_add_func("/jobrow/put", test_put_replaces);
  return g_test_run();
}
