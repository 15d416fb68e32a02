// SPDX-License-Identifier: LGPL-2.1-or-later
// attach_target.c - a program to attach to: attach_target [FILTER...] [OPERATION...]
//
// It puts the filters on itself, starts a thread for each operation, says "ready", and waits for a byte. Then it says
// of each operation how it ended, and what uname(2) of nothing answers in that thread: EFAULT is the kernel's answer.
#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OPERATIONS_MAX = 64, LONG_FILTER = 4096, WAIT_MS = 1000 };

// Set when the byte has come; what waits without a limit of its own waits for it.
static volatile unsigned released;

static void
insist(bool held, const char *what) {
  if (held)
    return;
  perror(what);
  exit(99);
}

static int
errno_of_uname(void) {
  return syscall(SYS_uname, NULL) == 0 ? 0 : errno;
}

// --- filters ---

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))

static const struct filter {
  const char *name;
  unsigned short length;
  struct sock_filter code[6];
} filters[] = {
    {"allow", 1, {RETURN(SECCOMP_RET_ALLOW)}},
    {"log", 1, {RETURN(SECCOMP_RET_LOG)}},
    {"no-seccomp", 4, {LOAD(nr), UNLESS(SYS_seccomp, 1), REFUSE(EPERM), RETURN(SECCOMP_RET_ALLOW)}},
    {"kill-seccomp",
     4,
     {LOAD(nr), UNLESS(SYS_seccomp, 1), RETURN(SECCOMP_RET_KILL_PROCESS), RETURN(SECCOMP_RET_ALLOW)}},
    {"fake-seccomp", 4, {LOAD(nr), UNLESS(SYS_seccomp, 1), REFUSE(0), RETURN(SECCOMP_RET_ALLOW)}},
    {"no-prctl", 4, {LOAD(nr), UNLESS(SYS_prctl, 1), REFUSE(EPERM), RETURN(SECCOMP_RET_ALLOW)}},
    // seccomp(2) with TSYNC and nothing else; what is not about it is allowed
    {"only-tsync",
     6,
     {LOAD(nr), UNLESS(SYS_seccomp, 2), LOAD(args[1]), UNLESS(SECCOMP_FILTER_FLAG_TSYNC, 1), RETURN(SECCOMP_RET_ALLOW),
      REFUSE(EPERM)}},
    // only the operation SET_MODE_FILTER
    {"only-install",
     6,
     {LOAD(nr), UNLESS(SYS_seccomp, 2), LOAD(args[0]), UNLESS(SECCOMP_SET_MODE_FILTER, 1), RETURN(SECCOMP_RET_ALLOW),
      RETURN(SECCOMP_RET_KILL_PROCESS)}},
    {"by-place", 3, {LOAD(instruction_pointer), UNLESS(1, 0), RETURN(SECCOMP_RET_ALLOW)}},
    {"by-address", 5, {LOAD(nr), UNLESS(SYS_seccomp, 1), LOAD(args[2]), UNLESS(1, 0), RETURN(SECCOMP_RET_ALLOW)}},
};

static void
filter_install(const struct sock_filter *code, unsigned short length) {
  struct sock_fprog program = {.len = length, .filter = (struct sock_filter *)(size_t)code};
  if (geteuid() != 0) // root can do without, and is then a target that has none
    insist(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  insist(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0, "filter");
}

// As many instructions as the kernel takes altogether.
static void
install_until_full(void) {
  static struct sock_filter code[LONG_FILTER];
  struct sock_fprog program = {.len = LONG_FILTER, .filter = code};
  for (size_t i = 0; i < LONG_FILTER; i++)
    code[i] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
  filter_install(code, 1);
  while (program.len > 0)
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
      program.len /= 2;
}

// True if `name` was a filter.
static bool
take_filter(const char *name) {
  if (strcmp(name, "full") == 0)
    return install_until_full(), true;
  for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
    if (strcmp(name, filters[i].name) == 0)
      return filter_install(filters[i].code, filters[i].length), true;
  return false;
}

// --- operations ---

static int
do_sleep(void) {
  return nanosleep(&(struct timespec){.tv_sec = WAIT_MS / 1000}, NULL);
}

static int
do_futex(void) {
  while (released == 0)
    if (syscall(SYS_futex, &released, FUTEX_WAIT, 0, NULL, NULL, 0) != 0 && errno != EAGAIN)
      return -1;
  return 0;
}

static int
do_poll(void) {
  return poll(NULL, 0, WAIT_MS);
}

static int
do_epoll(void) {
  struct epoll_event event;
  return epoll_wait(epoll_create1(0), &event, 1, WAIT_MS);
}

static int
do_pipe(void) {
  static int ends[2];
  char byte;
  insist(pipe(ends) == 0, "pipe");
  return (int)read(ends[0], &byte, 1); // nobody writes: the program ends over it
}

// No call at all, and values in registers that have to be there afterwards.
static int
do_spin(void) {
#ifdef __x86_64__
  uint64_t wrong = 0;
  __asm__ volatile("mov $0x1111, %%rbx\n mov $0x2222, %%r12\n mov $0x3333, %%r8\n mov $0x4444, %%rcx\n"
                   "mov $0x5555, %%r11\n mov $0x6666, %%r15\n movq %%rbx, %%xmm7\n std\n"
                   "1: pause\n cmpl $0, %[released]\n je 1b\n"
                   "pushfq\n popq %%rax\n cld\n and $0x400, %%rax\n xor $0x400, %%rax\n or %%rax, %[wrong]\n"
                   "xor $0x1111, %%rbx\n or %%rbx, %[wrong]\n xor $0x2222, %%r12\n or %%r12, %[wrong]\n"
                   "xor $0x3333, %%r8\n or %%r8, %[wrong]\n xor $0x4444, %%rcx\n or %%rcx, %[wrong]\n"
                   "xor $0x5555, %%r11\n or %%r11, %[wrong]\n xor $0x6666, %%r15\n or %%r15, %[wrong]\n"
                   "movq %%xmm7, %%rbx\n xor $0x1111, %%rbx\n or %%rbx, %[wrong]\n"
                   : [wrong] "+d"(wrong)
                   : [released] "m"(released)
                   : "rax", "rbx", "rcx", "r8", "r11", "r12", "r15", "xmm7", "cc", "memory");
  return wrong == 0 ? 0 : 1;
#else
  while (released == 0)
    __builtin_ia32_pause();
  return 0;
#endif
}

static void *
look_once(void *unused) {
  (void)unused;
  return (void *)(size_t)errno_of_uname();
}

// Its maker does not stop until the child ends, which is when the byte has come.
static int
do_vfork(void) {
  pid_t child = vfork();
  if (child == 0) {
    while (released == 0)
      poll(NULL, 0, 10);
    _exit(0);
  }
  return child > 0 ? 0 : -1;
}

// Threads that come and go: once one has the filter, all that follow have it.
static int
do_churn(void) {
  size_t first = (size_t)errno_of_uname();
  while (released == 0) {
    pthread_t thread;
    void *now;
    insist(pthread_create(&thread, NULL, look_once, NULL) == 0 && pthread_join(thread, &now) == 0, "thread");
    if ((size_t)now == first)
      continue;
    if (first != EFAULT)
      return 1;
    first = (size_t)now;
  }
  return 0;
}

static bool told; // the worker has put its filter on

// A filter that only this thread has.
static int
do_own_filter(void) {
  filter_install(filters[0].code, filters[0].length);
  told = true;
  return do_futex();
}

static const struct operation {
  const char *name;
  int (*run)(void);
} operations[] = {
    {"sleep", do_sleep}, {"futex", do_futex}, {"poll", do_poll},   {"epoll", do_epoll},           {"pipe", do_pipe},
    {"spin", do_spin},   {"churn", do_churn}, {"vfork", do_vfork}, {"own-filter", do_own_filter},
};

struct worker {
  const struct operation *operation;
  pthread_t thread;
  int result, error, uname_errno;
  long ms;
};
static struct worker workers[OPERATIONS_MAX];
static size_t worker_count;

// How often the signal came, of which none may be lost.
static volatile unsigned signals_got;

static void
count_signal(int signal) {
  (void)signal;
  __atomic_add_fetch(&signals_got, 1, __ATOMIC_SEQ_CST);
}

static void
count_signals(void) {
  struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  insist(sigaction(SIGRTMIN, &action, NULL) == 0, "signal");
}

static void *
work(void *argument) {
  struct worker *worker = argument;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  worker->result = worker->operation->run();
  worker->error = worker->result == -1 ? errno : 0;
  clock_gettime(CLOCK_MONOTONIC, &end);
  worker->ms = (long)(end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
  worker->uname_errno = errno_of_uname();
  return NULL;
}

static void
take_operation(const char *name) {
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
    struct worker *worker = &workers[worker_count];
    if (strcmp(name, operations[i].name) != 0 || worker_count == OPERATIONS_MAX)
      continue;
    worker->operation = &operations[i];
    insist(pthread_create(&worker->thread, NULL, work, worker) == 0, "thread");
    worker_count++;
    return;
  }
  fprintf(stderr, "unknown word: %s\n", name);
  exit(99);
}

static bool
waits_for_ever(const struct worker *worker) {
  return worker->operation->run == do_pipe;
}

static bool
has_limit(const struct worker *worker) {
  return worker->operation->run == do_sleep || worker->operation->run == do_poll || worker->operation->run == do_epoll;
}

// Neither early nor much later than asked for. epoll_wait(2) is made over with all of its time.
static bool
is_on_time(const struct worker *worker) {
  return worker->ms >= WAIT_MS && worker->ms < (worker->operation->run == do_epoll ? 3 : 1.5) * WAIT_MS;
}

static void
say(const struct worker *worker) {
  printf("%s %d", worker->operation->name, worker->result);
  if (worker->error != 0)
    printf(" %s", strerrorname_np(worker->error));
  if (has_limit(worker))
    printf(" %s", is_on_time(worker) ? "on time" : "at another time");
  printf(", uname %d\n", worker->uname_errno);
}

int
main(int argc, char **argv) {
  char byte = '\0';
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "strict") == 0) {
      insist(write(STDOUT_FILENO, "ready\n", 6) == 6 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) == 0
                 && read(STDIN_FILENO, &byte, 1) == 1,
             "strict");
    } else if (strcmp(argv[i], "signals") == 0) {
      count_signals();
    } else if (strcmp(argv[i], "no-leader") == 0) {
      take_operation("sleep");
      printf("ready\n");
      syscall(SYS_exit, 0); // of the thread only
    } else if (!take_filter(argv[i])) {
      told = false;
      take_operation(argv[i]);
      while (strcmp(argv[i], "own-filter") == 0 && !*(volatile bool *)&told)
        usleep(1000);
    }
  }
  usleep(50000); // all of them are in their call
  printf("ready\n");
  ssize_t got = read(STDIN_FILENO, &byte, 1);
  printf("read %zd %c, uname %d, no_new_privs %d\n", got, byte, errno_of_uname(),
         prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  if (signals_got > 0)
    printf("signals %u\n", signals_got);
  released = 1;
  syscall(SYS_futex, &released, FUTEX_WAKE, OPERATIONS_MAX, NULL, NULL, 0);
  for (size_t i = 0; i < worker_count; i++) {
    if (waits_for_ever(&workers[i]))
      continue;
    insist(pthread_join(workers[i].thread, NULL) == 0, "join");
    say(&workers[i]);
  }
  fflush(stdout);
  _exit(0);
}
