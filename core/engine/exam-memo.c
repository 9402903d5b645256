/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/exam-lexicon.h"

#define MOST 8192 /* descriptions; then it begins anew */
#define LONGEST 512

struct ItvExamMemo {
  GMutex lock;
  GHashTable *exams; /* key -> ItvExam */
};

ItvExamMemo *
itv_exam_memo_new(void)
{
  ItvExamMemo *memo = g_new0(ItvExamMemo, 1);
  g_mutex_init(&memo->lock);
  memo->exams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return memo;
}

void
itv_exam_memo_free(ItvExamMemo *memo)
{
  if (!memo)
    return;
  g_mutex_clear(&memo->lock);
  g_hash_table_unref(memo->exams);
  g_free(memo);
}

gboolean
itv_exam_memo_get(ItvExamMemo *memo, const char *key, ItvExam *ret_exam)
{
  g_mutex_lock(&memo->lock);
  const ItvExam *found = g_hash_table_lookup(memo->exams, key);
  if (found)
    *ret_exam = *found;
  g_mutex_unlock(&memo->lock);
  return found != NULL;
}

void
itv_exam_memo_put(ItvExamMemo *memo, const char *key, const ItvExam *exam)
{
  if (strlen(key) > LONGEST)
    return;
  g_mutex_lock(&memo->lock);
  if (g_hash_table_size(memo->exams) >= MOST)
    g_hash_table_remove_all(memo->exams);
  g_hash_table_insert(memo->exams, g_strdup(key), g_memdup2(exam, sizeof *exam));
  g_mutex_unlock(&memo->lock);
}
