// SPDX-License-Identifier: LGPL-2.1-or-later
// status_target.c - processes to be looked at: `status_target KIND [FILE]` puts itself into a state, makes FILE, and
// waits.
//   plain      nothing
//   services   four filters as systemd makes them for a service (libseccomp), the last two the same
//   thread     a second thread with a filter of its own
//   tree       a child with a filter, and a child of that one with two
//   odd        a filter that no compiler would make: the instruction pointer, arithmetic, memory
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *ready;

_Noreturn static void
fail(int step) {
  _exit(90 + step);
}

_Noreturn static void
wait_here(void) {
  alarm(120); // not to be left behind
  if (ready != NULL && open(ready, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0)
    fail(1);
  for (;;)
    pause();
}

static void
load(scmp_filter_ctx filter) {
  if (filter == NULL || seccomp_load(filter) != 0)
    fail(2);
  seccomp_release(filter);
}

static void
refuse(scmp_filter_ctx filter, const char *name) {
  if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(name), 0) != 0)
    fail(3);
}

// As of SystemCallFilter=~@reboot @swap, RestrictAddressFamilies=AF_UNIX and, twice, RestrictRealtime=.
static void
services(void) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  refuse(filter, "reboot");
  refuse(filter, "swapon");
  refuse(filter, "swapoff");
  load(filter);
  filter = seccomp_init(SCMP_ACT_ALLOW);
  if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0))
      != 0)
    fail(4);
  load(filter);
  for (int i = 0; i < 2; i++) {
    filter = seccomp_init(SCMP_ACT_ALLOW);
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(sched_setscheduler), 1,
                         SCMP_A1(SCMP_CMP_MASKED_EQ, 2, 2))
        != 0)
      fail(5);
    load(filter);
  }
}

static void
one_filter(const char *name) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  refuse(filter, name);
  load(filter);
}

static void *
thread_main(void *name) {
  one_filter(name);
  wait_here();
}

static void
thread(void) {
  static char name[] = "ptrace";
  pthread_t made;
  if (pthread_create(&made, NULL, thread_main, name) != 0)
    fail(6);
  alarm(120);
  for (;;)
    pause();
}

static void
tree(void) {
  if (fork() != 0)
    return;
  one_filter("mount");
  if (fork() != 0)
    return;
  one_filter("umount2");
}

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))

// getppid by the parity of the address that it comes from; getpgid(pid) for pid + 3 == 10; getsid for an even pid.
static void
odd(void) {
  static struct sock_filter code[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
      BPF_STMT(BPF_ST, 5),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 110, 0, 2), // getppid
      LOAD(instruction_pointer),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 11, 10),
      BPF_STMT(BPF_LD | BPF_MEM, 5),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 121, 0, 3), // getpgid
      LOAD(args[0]),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 3),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 10, 6, 5),
      BPF_STMT(BPF_LDX | BPF_IMM, 124),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 3), // getsid
      LOAD(args[0]),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 31),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    fail(7);
}

int
main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*make)(void);
  } kinds[] = {{"services", services}, {"thread", thread}, {"tree", tree}, {"odd", odd}};
  ready = argc > 2 ? argv[2] : NULL;
  if (argc < 2)
    fail(0);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (strcmp(argv[1], kinds[i].name) == 0)
      kinds[i].make();
  wait_here();
}
