/* SPDX-License-Identifier: Apache-2.0
 *
 * Before the process dies, one word of shared memory says why as far as it can
 * be told from inside; the core's message is better for it.  The core decides
 * by the exit status, never by this.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "worker/worker.h"

#define MAX_READ_ONLY 16
#define HANDLER_STACK 65536

static volatile ItvWirePage *notes;
static uintptr_t stack_top;
static struct {
  uintptr_t begin, end;
} read_only[MAX_READ_ONLY];
static volatile unsigned n_read_only;

/* Is an eighth of the limit not to be had any more? */
static int
memory_is_short(void)
{
  struct rlimit as;
  if (getrlimit(RLIMIT_AS, &as) || as.rlim_cur == RLIM_INFINITY)
    return 0;
  void *p = mmap(NULL, as.rlim_cur / 8, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED)
    return 1;
  munmap(p, as.rlim_cur / 8);
  return 0;
}

static void
note(int number, siginfo_t *info, void *context)
{
  (void)context;
  uint32_t why = 0;
  if (number == SIGSYS) {
    notes->syscall_plus_1 = (uint32_t)info->si_syscall + 1;
    raise(SIGSYS); /* pending until this handler, reset by now, returns */
    return;
  }
  const uintptr_t at = (uintptr_t)info->si_addr;
  const uintptr_t deepest = (uintptr_t)10 << 20; /* the stack's 8 MiB and what skips its edge */
  if (number == SIGSEGV && at < stack_top && at > stack_top - deepest)
    why |= ITV_WIRE_CRASH_STACK;
  for (unsigned i = 0; i < n_read_only; i++)
    if (number == SIGSEGV && at >= read_only[i].begin && at < read_only[i].end)
      why |= ITV_WIRE_CRASH_READ_ONLY;
  if (!why && memory_is_short())
    why |= ITV_WIRE_CRASH_MEMORY;
  notes->crash = why;
  if (info->si_code <= 0) /* sent, not caused: returning would not repeat it */
    raise(number);
}

void
itv_crash_notes(volatile ItvWirePage *page)
{
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGSYS};
  static uint8_t stack[HANDLER_STACK];
  notes = page;
  stack_top = (uintptr_t)__builtin_frame_address(0);
  const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&other, NULL);
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};
  action.sa_sigaction = note;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    sigaction(numbers[i], &action, NULL);
}

void
itv_crash_read_only(const void *data, size_t size)
{
  if (n_read_only < MAX_READ_ONLY) {
    read_only[n_read_only].begin = (uintptr_t)data;
    read_only[n_read_only].end = (uintptr_t)data + size;
    n_read_only++;
  }
}

void
itv_crash_forget_read_only(void)
{
  n_read_only = 0;
}
