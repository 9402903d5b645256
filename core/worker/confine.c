/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin cannot do, in three layers: limits of the process, Landlock for
 * files, an allow-list of system calls.  A call that only an attack makes
 * (a socket, another process, a signal to somebody) kills with SIGSYS so that the
 * core can name it; one that a library may try out of habit fails with EPERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker/worker.h"

#ifdef ITV_CONFINE

#include <linux/capability.h>
#include <linux/landlock.h>

/* Kernel headers may be older than the kernel: the newer parts of its interface. */
struct ruleset {
  uint64_t fs, net, scoped;
};
#define NET_ALL 3u    /* since ABI 4: bind and connect TCP */
#define SCOPED_ALL 3u /* since ABI 6: abstract sockets, signals */

#define STACK_BYTES (8u << 20)

__attribute__((noreturn)) static void
give_up(const char *what)
{
  fprintf(stderr, "interval-worker: cannot confine itself: %s: %s\n", what, strerror(errno));
  _exit(70);
}

static void
limit(int what, rlim_t soft, rlim_t hard)
{
  struct rlimit now;
  if (getrlimit((__rlimit_resource_t)what, &now))
    give_up("getrlimit");
  if (now.rlim_max != RLIM_INFINITY && hard > now.rlim_max)
    hard = now.rlim_max;
  if (hard != RLIM_INFINITY && soft > hard)
    soft = hard;
  const struct rlimit want = {soft, hard};
  if (setrlimit((__rlimit_resource_t)what, &want))
    give_up("setrlimit");
}

/* A core that runs as root has a worker that is root in name only. */
static void
drop_capabilities(void)
{
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {{0}};
  if (syscall(SYS_capset, &header, none))
    give_up("capset");
}

/* Memory and processor time are raised and lowered from outside, job by job, so
 * they keep their hard limit; the filter forbids the plugin to do so. */
static void
limit_process(int64_t memory_bytes)
{
  if (prctl(PR_SET_PDEATHSIG, SIGKILL))
    give_up("PR_SET_PDEATHSIG");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    give_up("PR_SET_NO_NEW_PRIVS");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
    give_up("PR_SET_DUMPABLE");
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_FSIZE, 0, 0);
  limit(RLIMIT_MEMLOCK, 0, 0);
  limit(RLIMIT_MSGQUEUE, 0, 0);
  limit(RLIMIT_NOFILE, ITV_WIRE_MAX_SOURCES + 256, ITV_WIRE_MAX_SOURCES + 256);
  limit(RLIMIT_STACK, STACK_BYTES, STACK_BYTES);
  limit(RLIMIT_AS, (rlim_t)memory_bytes, RLIM_INFINITY);
  drop_capabilities();
}

static void
allow_reading(int ruleset, const char *path)
{
  const int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0)
    return; /* not every system has every library folder */
  const char *dot = strrchr(path, '.');
  const bool is_file = dot && strcmp(dot, ".cache") == 0;
  struct landlock_path_beneath_attr rule = {
      .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | (is_file ? 0 : LANDLOCK_ACCESS_FS_READ_DIR),
      .parent_fd = fd};
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
    give_up("landlock_add_rule");
  close(fd);
}

static void
confine_files(const char *object, ItvConfinement *ret)
{
  static const char *const libraries[] = {"/lib",       "/lib64",         "/usr/lib",
                                          "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"};
  const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) {
    snprintf(ret->warning, sizeof ret->warning,
             "Landlock is not available (%s): while it is loaded, a plugin could read files. ",
             strerror(errno));
    return;
  }
  /* ABI 1 knows 13 rights on files, 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV */
  const unsigned n_rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  const struct ruleset all = {(UINT64_C(1) << n_rights) - 1, NET_ALL, SCOPED_ALL};
  const size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
  if (ruleset < 0)
    give_up("landlock_create_ruleset");
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
    allow_reading(ruleset, libraries[i]);
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", object);
  char *slash = strrchr(folder, '/');
  if (slash && slash != folder) {
    *slash = 0;
    allow_reading(ruleset, folder);
  }
  if (syscall(SYS_landlock_restrict_self, ruleset, 0))
    give_up("landlock_restrict_self");
  close(ruleset);
  ret->landlock_abi = (int)abi;
}

static void
add(scmp_filter_ctx c, uint32_t action, int call)
{
  const int r = seccomp_rule_add(c, action, call, 0);
  if (r && r != -EDOM) { /* EDOM: this machine has no such call */
    errno = -r;
    give_up("seccomp_rule_add");
  }
}

static void
add_if(scmp_filter_ctx c, uint32_t action, int call, struct scmp_arg_cmp condition)
{
  const int r = seccomp_rule_add_array(c, action, call, 1, &condition);
  if (r && r != -EDOM) {
    errno = -r;
    give_up("seccomp_rule_add");
  }
}

#define CALL(name) SCMP_SYS(name)

/* Memory, threads, time, reading what was handed over. */
static const int allowed[] = {CALL(read),
                              CALL(readv),
                              CALL(pread64),
                              CALL(preadv),
                              CALL(preadv2),
                              CALL(write),
                              CALL(writev),
                              CALL(close),
                              CALL(fstat),
                              CALL(newfstatat),
                              CALL(stat),
                              CALL(lstat),
                              CALL(statx),
                              CALL(access),
                              CALL(faccessat),
                              CALL(faccessat2),
                              CALL(readlink),
                              CALL(readlinkat),
                              CALL(getcwd),
                              CALL(lseek),
                              CALL(getdents64),
                              CALL(statfs),
                              CALL(fstatfs),

                              CALL(dup),
                              CALL(dup2),
                              CALL(dup3),
                              CALL(pipe),
                              CALL(pipe2),
                              CALL(eventfd2),
                              CALL(poll),
                              CALL(ppoll),
                              CALL(select),
                              CALL(pselect6),
                              CALL(recvmsg),
                              CALL(sendmsg),
                              CALL(recvfrom),
                              CALL(fadvise64),
                              CALL(readahead),
                              CALL(mmap),
                              CALL(munmap),
                              CALL(mprotect),
                              CALL(mremap),
                              CALL(madvise),
                              CALL(msync),
                              CALL(mincore),
                              CALL(brk),
                              CALL(membarrier),
                              CALL(pkey_alloc),
                              CALL(pkey_free),
                              CALL(futex),
                              CALL(set_robust_list),
                              CALL(get_robust_list),
                              CALL(rseq),
                              CALL(set_tid_address),
                              CALL(arch_prctl),
                              CALL(exit),
                              CALL(exit_group),
                              CALL(restart_syscall),
                              CALL(gettid),
                              CALL(getpid),
                              CALL(getppid),
                              CALL(getuid),
                              CALL(geteuid),
                              CALL(getgid),
                              CALL(getegid),

                              CALL(rt_sigprocmask),
                              CALL(rt_sigreturn),
                              CALL(sigaltstack),
                              CALL(rt_sigpending),
                              CALL(sched_yield),
                              CALL(sched_getaffinity),
                              CALL(sched_getparam),
                              CALL(sched_getscheduler),
                              CALL(sched_get_priority_max),
                              CALL(sched_get_priority_min),
                              CALL(getpriority),
                              CALL(nanosleep),
                              CALL(clock_nanosleep),
                              CALL(clock_gettime),
                              CALL(clock_getres),
                              CALL(gettimeofday),
                              CALL(time),
                              CALL(times),
                              CALL(getrusage),
                              CALL(getrlimit),
                              CALL(sysinfo),
                              CALL(uname),
                              CALL(getcpu),
                              CALL(getrandom),
                              CALL(seccomp)};

/* No library does these by habit: whoever tries is killed and named. */
static const int deadly[] = {CALL(socket),
                             CALL(socketpair),
                             CALL(connect),
                             CALL(bind),
                             CALL(listen),
                             CALL(accept),
                             CALL(accept4),
                             CALL(execve),
                             CALL(execveat),
                             CALL(fork),
                             CALL(vfork),
                             CALL(ptrace),
                             CALL(process_vm_readv),
                             CALL(process_vm_writev),
                             CALL(kill),
                             CALL(tkill),
                             CALL(rt_sigqueueinfo),
                             CALL(rt_tgsigqueueinfo),
                             CALL(pidfd_open),
                             CALL(pidfd_send_signal),
                             CALL(pidfd_getfd),
                             CALL(mount),
                             CALL(umount2),
                             CALL(pivot_root),
                             CALL(chroot),
                             CALL(unshare),
                             CALL(setns),
                             CALL(bpf),
                             CALL(perf_event_open),
                             CALL(userfaultfd),
                             CALL(io_uring_setup),
                             CALL(io_uring_enter),
                             CALL(keyctl),
                             CALL(add_key),
                             CALL(request_key),
                             CALL(init_module),
                             CALL(finit_module),
                             CALL(kexec_load),
                             CALL(reboot),
                             CALL(swapon),
                             CALL(setuid),
                             CALL(setgid),
                             CALL(setreuid),
                             CALL(setregid),
                             CALL(setresuid),
                             CALL(setresgid),
                             CALL(setgroups),
                             CALL(capset),
                             CALL(personality),
                             CALL(acct),
                             CALL(sethostname),
                             CALL(creat),
                             CALL(unlink),
                             CALL(unlinkat),
                             CALL(rename),
                             CALL(renameat),
                             CALL(renameat2),
                             CALL(mkdir),
                             CALL(mkdirat),
                             CALL(rmdir),
                             CALL(link),
                             CALL(linkat),
                             CALL(symlink),
                             CALL(symlinkat),
                             CALL(mknod),
                             CALL(mknodat),
                             CALL(chmod),
                             CALL(fchmod),
                             CALL(fchmodat),
                             CALL(chown),
                             CALL(fchown),
                             CALL(lchown),
                             CALL(fchownat),
                             CALL(truncate),
                             CALL(ftruncate),
                             CALL(utimensat),
                             CALL(setxattr),
                             CALL(lsetxattr),
                             CALL(fsetxattr),
                             CALL(shmget),
                             CALL(msgget),
                             CALL(semget),
                             CALL(mq_open)};

static void
add_conditional(scmp_filter_ctx c)
{
  static const int writes[] = {O_CREAT, O_TRUNC};
  static const int opens[] = {CALL(openat), CALL(open)};
  for (unsigned k = 0; k < 2; k++) {
    const unsigned flags = k == 0 ? 2 : 1;
    const uint64_t mask = O_ACCMODE | O_CREAT | O_TRUNC;
    add_if(c, SCMP_ACT_ALLOW, opens[k], SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, mask, 0));
    for (unsigned i = 0; i < 2; i++)
      add_if(c, SCMP_ACT_TRAP, opens[k],
             SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, (uint64_t)writes[i], (uint64_t)writes[i]));
    add_if(c, SCMP_ACT_TRAP, opens[k], SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, O_ACCMODE, O_WRONLY));
    add_if(c, SCMP_ACT_TRAP, opens[k], SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDWR));
  }
  /* A thread, not a process.  clone3 hides its flags in memory: say that it does
   * not exist, and the C library falls back to clone. */
  add_if(c, SCMP_ACT_ALLOW, CALL(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  add_if(c, SCMP_ACT_TRAP, CALL(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  add(c, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3));
  add(c, SCMP_ACT_ERRNO(ENOSYS), CALL(openat2));
  /* not F_SETOWN, F_SETSIG, F_SETFL: they would have the kernel signal somebody */
  static const int harmless[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GET_SEALS};
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
    add_if(c, SCMP_ACT_ALLOW, CALL(fcntl), SCMP_A1(SCMP_CMP_EQ, (uint64_t)harmless[i]));
  /* the handler that notes a forbidden call stays */
  add_if(c, SCMP_ACT_ALLOW, CALL(rt_sigaction), SCMP_A0(SCMP_CMP_NE, SIGSYS));
  /* raise() and abort() signal their own process */
  add_if(c, SCMP_ACT_ALLOW, CALL(tgkill), SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid()));
  add_if(c, SCMP_ACT_TRAP, CALL(tgkill), SCMP_A0(SCMP_CMP_NE, (uint64_t)getpid()));
  add_if(c, SCMP_ACT_ALLOW, CALL(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
  add_if(c, SCMP_ACT_ALLOW, CALL(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME));
  /* reading a limit is fine, setting one is not */
  add_if(c, SCMP_ACT_ALLOW, CALL(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0));
  /* isatty() asks this way */
  add(c, SCMP_ACT_ERRNO(ENOTTY), CALL(ioctl));
}

static void
install(scmp_filter_ctx c)
{
  /* threads that a constructor may have started are caught as well */
  if (seccomp_attr_set(c, SCMP_FLTATR_CTL_TSYNC, 1))
    give_up("seccomp TSYNC");
  /* no_new_privs is set already, and the first filter forbids to set it again */
  if (seccomp_attr_set(c, SCMP_FLTATR_CTL_NNP, 0))
    give_up("seccomp NNP");
  const int r = seccomp_load(c);
  if (r) {
    errno = -r;
    give_up("seccomp_load");
  }
  seccomp_release(c);
}

static bool
has_seccomp(ItvConfinement *ret)
{
  if (seccomp_api_get() >= 3) /* filters, TSYNC */
    return true;
  const size_t n = strlen(ret->warning);
  snprintf(ret->warning + n, sizeof ret->warning - n,
           "The kernel has no system-call filter: a plugin could use the network. ");
  return false;
}

void
itv_confine_before_load(const char *object, int64_t memory_bytes, ItvConfinement *ret)
{
  *ret = (ItvConfinement){0};
  limit_process(memory_bytes);
  confine_files(object, ret);
  if (!has_seccomp(ret))
    return;
  scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!c)
    give_up("seccomp_init");
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
    add(c, SCMP_ACT_ALLOW, allowed[i]);
  for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
    add(c, SCMP_ACT_TRAP, deadly[i]);
  add_conditional(c);
  install(c);
  ret->seccomp = true;
}

void
itv_confine_before_jobs(bool jit)
{
  if (seccomp_api_get() < 3)
    return;
  scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
  if (!c)
    give_up("seccomp_init");
  const uint32_t no = SCMP_ACT_ERRNO(EPERM);
  static const int gone[] = {CALL(open),      CALL(openat),     CALL(seccomp),  CALL(getdents64),
                             CALL(stat),      CALL(lstat),      CALL(statfs),   CALL(access),
                             CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(readlinkat),
                             CALL(getcwd)};
  for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
    add(c, no, gone[i]);
  if (!jit) {
    static const int maps[] = {CALL(mmap), CALL(mprotect)};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
      add_if(c, no, maps[i], SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    add(c, no, CALL(pkey_mprotect));
  }
  install(c);
  /* a filter that the plugin's constructor put in may have swallowed ours */
  if (open("/usr/lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 || errno != EPERM)
    give_up("the second filter");
}

#else /* confinement compiled out, to prove that the sandbox tests notice */

void
itv_confine_before_load(const char *object, int64_t memory_bytes, ItvConfinement *ret)
{
  (void)object;
  (void)memory_bytes;
  *ret = (ItvConfinement){.warning = "This worker was built without confinement. "};
}

void
itv_confine_before_jobs(bool jit)
{
  (void)jit;
}

#endif
