/* SPDX-License-Identifier: Apache-2.0
 *
 * What every step of one registration shares: the host, and threads.
 *
 * Work is cut into blocks whose number depends on the data only.  A block
 * writes to its own place, and what blocks found is summed in block order by
 * one thread, so that the result has the same bits for any number of threads.
 */
#ifndef REGISTRATION_JOB_H
#define REGISTRATION_JOB_H

#include <stdbool.h>

#include "interval/plugin.h"

typedef struct RegPool RegPool;

typedef struct {
  const itv_host *host;
  RegPool *pool;
} RegJob;

typedef void (*RegTask)(void *ctx, int block);

/* Threads beside the calling one; fewer when the system refuses them.  NULL
 * when out of memory. */
RegPool *reg_pool_new(int n_threads);
void reg_pool_free(RegPool *pool);

/* Calls task(ctx, 0 .. n_blocks-1), each once, on any thread; returns when all
 * are done. */
void reg_job_run(const RegJob *job, int n_blocks, RegTask task, void *ctx);

bool reg_job_cancelled(const RegJob *job);
itv_status reg_job_fail(const RegJob *job, itv_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
itv_status reg_job_out_of_memory(const RegJob *job);

#endif
