/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_THREADS = 64 };

struct RegPool {
  pthread_mutex_t mutex;
  pthread_cond_t start, done;
  pthread_t thread[MAX_THREADS];
  int n_threads;       /* beside the caller */
  int n_busy;          /* threads that have not finished the current round */
  unsigned generation; /* of the current round */
  bool quit;
  RegTask task;
  void *ctx;
  int n_blocks;
  atomic_int next_block;
};

static void
take_blocks(RegPool *pool)
{
  for (;;) {
    int block = atomic_fetch_add_explicit(&pool->next_block, 1, memory_order_relaxed);
    if (block >= pool->n_blocks)
      return;
    pool->task(pool->ctx, block);
  }
}

static void *
thread_main(void *data)
{
  RegPool *pool = data;
  unsigned seen = 0;
  pthread_mutex_lock(&pool->mutex);
  for (;;) {
    while (!pool->quit && pool->generation == seen)
      pthread_cond_wait(&pool->start, &pool->mutex);
    if (pool->quit)
      break;
    seen = pool->generation;
    pthread_mutex_unlock(&pool->mutex);
    take_blocks(pool);
    pthread_mutex_lock(&pool->mutex);
    if (--pool->n_busy == 0)
      pthread_cond_signal(&pool->done);
  }
  pthread_mutex_unlock(&pool->mutex);
  return NULL;
}

RegPool *
reg_pool_new(int n_threads)
{
  RegPool *pool = calloc(1, sizeof *pool);
  if (!pool)
    return NULL;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->done, NULL);
  int extra = (n_threads < MAX_THREADS ? n_threads : MAX_THREADS) - 1;
  while (pool->n_threads < extra &&
         pthread_create(&pool->thread[pool->n_threads], NULL, thread_main, pool) == 0)
    pool->n_threads++;
  return pool;
}

void
reg_pool_free(RegPool *pool)
{
  if (!pool)
    return;
  pthread_mutex_lock(&pool->mutex);
  pool->quit = true;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 0; i < pool->n_threads; i++)
    pthread_join(pool->thread[i], NULL);
  pthread_cond_destroy(&pool->start);
  pthread_cond_destroy(&pool->done);
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

void
reg_job_run(const RegJob *job, int n_blocks, RegTask task, void *ctx)
{
  RegPool *pool = job->pool;
  if (pool->n_threads == 0 || n_blocks < 4) {
    for (int block = 0; block < n_blocks; block++)
      task(ctx, block);
    return;
  }
  pthread_mutex_lock(&pool->mutex);
  pool->task = task;
  pool->ctx = ctx;
  pool->n_blocks = n_blocks;
  atomic_store(&pool->next_block, 0);
  pool->n_busy = pool->n_threads;
  pool->generation++;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->mutex);
  take_blocks(pool);
  pthread_mutex_lock(&pool->mutex);
  while (pool->n_busy > 0)
    pthread_cond_wait(&pool->done, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

bool
reg_job_cancelled(const RegJob *job)
{
  return job->host->cancelled(job->host) != 0;
}

itv_status
reg_job_fail(const RegJob *job, itv_status status, const char *format, ...)
{
  char message[512];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  job->host->set_error(job->host, message);
  return status;
}

itv_status
reg_job_out_of_memory(const RegJob *job)
{
  return reg_job_fail(job, ITV_ERR_LIMIT, "registration: out of memory within the job's limit");
}
