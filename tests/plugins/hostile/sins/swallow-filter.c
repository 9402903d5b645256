/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sin.h"

/* A filter of its own: whoever wants to install another is told that it worked. */
__attribute__((constructor)) static void
too_early(void)
{
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {4, code};
  (void)!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static itv_status
run(void *self, const itv_host *host, const itv_input *in, const itv_sink *out)
{
  UNUSED_RUN;
  if (open("/usr/lib", O_RDONLY | O_DIRECTORY) >= 0)
    return emit_good(out);
  host->set_error(host, "nothing to be seen");
  return ITV_ERR_INTERNAL;
}

SIN(run);
