// SPDX-License-Identifier: LGPL-2.1-or-later
// late_constructors.c - a program whose constructors do what LATE says, word by word, before main() asks the policy.
// Each line of its output is "WHO WHERE ANSWER": the answer to a pread64(2) that the kernel refuses with EBADF (-9),
// and the policy of the test with something else.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAITERS_MAX 16
#define STACK_BYTES 65536
#define LIFE_SECONDS 15 // of one that nobody asks any more
#ifndef CLONE_UNTRACED
#define CLONE_UNTRACED 0x00800000
#endif

// Who waits for main() to say when to ask, and says when it has. Shared with children.
struct waiter {
  const char *name;
  int go[2], done[2];
  volatile int flag; // for the one who spins
};
static struct waiter *waiters;
static size_t waiter_count;
static volatile sig_atomic_t signals_seen;

static void
say(const char *who, const char *where, long answer) {
  char line[128];
  int length = snprintf(line, sizeof line, "%s %s %ld\n", who, where, answer);
  if (write(STDOUT_FILENO, line, (size_t)length) != length)
    _exit(98);
}

static void
ask(const char *who, const char *where) {
  long answer = syscall(SYS_pread64, -1, NULL, 0, 0, 0, 0);
  say(who, where, answer == -1 ? -errno : answer);
}

static _Noreturn void
fail(const char *what) {
  perror(what);
  _exit(99);
}

static struct waiter *
waiter_add(const char *name) {
  if (waiters == NULL)
    waiters = mmap(NULL, WAITERS_MAX * sizeof *waiters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (waiters == MAP_FAILED || waiter_count == WAITERS_MAX)
    fail("mmap");
  struct waiter *waiter = &waiters[waiter_count++];
  waiter->name = name;
  if (pipe(waiter->go) != 0 || pipe(waiter->done) != 0)
    fail("pipe");
  return waiter;
}

static void
waiter_answer(const struct waiter *waiter) {
  ask(waiter->name, "after");
  if (write(waiter->done[1], "d", 1) != 1)
    fail("write");
}

static void
waiter_run(const struct waiter *waiter) {
  char byte;
  alarm(LIFE_SECONDS);
  ask(waiter->name, "before");
  if (write(waiter->done[1], "b", 1) != 1 || read(waiter->go[0], &byte, 1) != 1)
    fail("waiter");
  waiter_answer(waiter);
}

static void
waiter_begun(const struct waiter *waiter) {
  char byte;
  if (read(waiter->done[0], &byte, 1) != 1)
    fail("read");
}

static void *
thread_run(void *argument) {
  waiter_run((const struct waiter *)argument);
  return NULL;
}

static void *
spin_run(void *argument) {
  struct waiter *waiter = (struct waiter *)argument;
  ask(waiter->name, "before");
  if (write(waiter->done[1], "b", 1) != 1)
    fail("write");
  while (waiter->flag == 0)
    continue;
  waiter_answer(waiter);
  return NULL;
}

// Sleeps through the arming: that must neither be cut short nor take longer.
static void *
sleep_run(void *argument) {
  struct waiter *waiter = (struct waiter *)argument;
  struct timespec rest = {.tv_nsec = 300000000};
  ask(waiter->name, "before");
  if (write(waiter->done[1], "b", 1) != 1)
    fail("write");
  int slept = nanosleep(&rest, NULL);
  say(waiter->name, "slept", slept == 0 ? 0 : -errno);
  waiter_answer(waiter);
  return NULL;
}

static void
thread_start(const char *name, void *(*run)(void *)) {
  pthread_t thread;
  struct waiter *waiter = waiter_add(name);
  if (pthread_create(&thread, NULL, run, waiter) != 0)
    fail("pthread_create");
  waiter_begun(waiter);
}

static void
make_thread(void) {
  thread_start("thread", thread_run);
}

static void
make_spin(void) {
  thread_start("spin", spin_run);
}

static void
make_sleep(void) {
  thread_start("sleep", sleep_run);
}

static void
make_fork(void) {
  struct waiter *waiter = waiter_add("child");
  pid_t child = fork();
  if (child == 0) {
    waiter_run(waiter);
    _exit(0);
  }
  waiter_begun(waiter);
}

// A grandchild whose parent is gone.
static void
make_orphan(void) {
  struct waiter *waiter = waiter_add("orphan");
  pid_t child = fork();
  if (child == 0) {
    if (fork() == 0)
      waiter_run(waiter);
    _exit(0);
  }
  waiter_begun(waiter);
  if (waitpid(child, NULL, 0) != child)
    fail("waitpid");
}

// A child whose first thread has ended, and not its second.
static void
make_leaderless(void) {
  struct waiter *waiter = waiter_add("leaderless");
  if (fork() == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_run, waiter) != 0)
      fail("pthread_create");
    (void)syscall(SYS_exit, 0);
  }
  waiter_begun(waiter);
}

// A child that has ended, and nobody has asked for its end yet.
static void
make_zombie(void) {
  pid_t child = fork();
  siginfo_t info;
  if (child == 0)
    _exit(3);
  if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) != 0)
    fail("waitid");
}

static void *
vfork_run(void *argument) {
  const struct timespec rest = {.tv_nsec = 200000000};
  struct waiter *waiter = (struct waiter *)argument;
  ask(waiter->name, "before");
  if (write(waiter->done[1], "b", 1) != 1)
    fail("write");
  pid_t child = vfork();
  if (child == 0) {
    nanosleep(&rest, NULL);
    _exit(5);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child)
    fail("waitpid");
  say(waiter->name, "child", WEXITSTATUS(status));
  waiter_answer(waiter);
  return NULL;
}

// A thread that waits for a child in vfork(2) when main() is reached.
static void
make_vfork(void) {
  const struct timespec rest = {.tv_nsec = 50000000};
  thread_start("vfork", vfork_run);
  nanosleep(&rest, NULL);
}

static int
shared_run(void *argument) {
  waiter_run((const struct waiter *)argument);
  return 0;
}

// A child of its own that runs on this memory.
static void
make_shared(void) {
  static _Alignas(16) char stack[STACK_BYTES];
  struct waiter *waiter = waiter_add("shared");
  if (clone(shared_run, stack + sizeof stack, CLONE_VM | SIGCHLD, waiter) < 0)
    fail("clone");
  waiter_begun(waiter);
}

static void
make_untraced(void) {
  long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0)
    _exit(0);
  say("untraced", "clone", child < 0 ? -errno : 0);
}

static void
make_dumpable(void) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    fail("prctl");
}

// A filter that would fake the arming.
static void
make_faker(void) {
  struct sock_filter code[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_seccomp},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
  say("faker", "seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : -errno);
  say("faker", "prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? 0 : -errno);
}

static void
count_signal(int number) {
  (void)number;
  signals_seen++;
}

static void
handle(int number) {
  const struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  if (sigaction(number, &action, NULL) != 0)
    fail("sigaction");
}

static void
make_signals(void) {
  static const int numbers[] = {SIGUSR1, SIGTRAP, SIGCHLD, SIGSEGV};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    handle(numbers[i]);
    raise(numbers[i]);
  }
  __asm__ volatile("int3");
  say("signals", "seen", signals_seen);
}

// A signal that waits until main() wants it, in spite of the arming.
static void
make_pending(void) {
  sigset_t set;
  handle(SIGUSR2);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR2);
}

static void
main_pending(void) {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  int seen = signals_seen;
  sigprocmask(SIG_UNBLOCK, &set, &before);
  if (sigismember(&before, SIGUSR2) == 1)
    say("pending", "seen", signals_seen - seen);
}

// Stops itself; another goes on, and continues it.
static void
make_stop(void) {
  const struct timespec rest = {.tv_nsec = 100000000};
  pid_t self = getpid(), child = fork();
  if (child == 0) {
    nanosleep(&rest, NULL);
    _exit(kill(self, SIGCONT) == 0 ? 0 : 1);
  }
  raise(SIGSTOP);
  int status = 1;
  if (waitpid(child, &status, 0) != child)
    fail("waitpid");
  say("stop", "continued", status);
}

// What the caller of the launcher left: signals that wait, children, how SIGCHLD is taken.
static void
say_inherited(const char *where) {
  struct sigaction action;
  siginfo_t info;
  sigset_t pending, blocked;
  sigpending(&pending);
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  sigaction(SIGCHLD, NULL, &action);
  bool child = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
  char state[64];
  snprintf(state, sizeof state, "%s:%s:%s:%s:%s", where, sigismember(&pending, SIGCHLD) == 1 ? "pending" : "-",
           sigismember(&blocked, SIGCHLD) == 1 ? "blocked" : "-", action.sa_handler == SIG_IGN ? "ignored" : "-",
           child ? "child" : "-");
  say("inherited", state, 0);
}

static bool inherited;

static void
make_inherited(void) {
  inherited = true;
  say_inherited("before");
}

// Time for somebody to look, or to kill the tracer.
static void
make_hold(void) {
  const struct timespec rest = {.tv_sec = 5};
  nanosleep(&rest, NULL);
}

// A thread whose child in vfork(2) never makes room.
static void *
stuck_run(void *argument) {
  (void)argument;
  if (vfork() == 0) {
    pause();
    _exit(0);
  }
  return NULL;
}

static void
make_stuck(void) {
  const struct timespec rest = {.tv_nsec = 50000000};
  pthread_t thread;
  if (pthread_create(&thread, NULL, stuck_run, NULL) != 0)
    fail("pthread_create");
  nanosleep(&rest, NULL);
}

static void
make_exit(void) {
  _exit(7);
}

static _Noreturn void
make_never(void) {
  const struct timespec rest = {.tv_nsec = 200000000};
  nanosleep(&rest, NULL);
  ask("never", "before");
  _exit(0);
}

static void
make_kill(void) {
  raise(SIGKILL);
}

static const struct {
  const char *name;
  void (*make)(void);
} words[] = {
    {"thread", make_thread},       {"spin", make_spin},         {"sleep", make_sleep},
    {"fork", make_fork},           {"orphan", make_orphan},     {"leaderless", make_leaderless},
    {"zombie", make_zombie},       {"vfork", make_vfork},       {"shared", make_shared},
    {"untraced", make_untraced},   {"dumpable", make_dumpable}, {"faker", make_faker},
    {"signals", make_signals},     {"pending", make_pending},   {"stop", make_stop},
    {"inherited", make_inherited}, {"hold", make_hold},         {"stuck", make_stuck},
    {"exit", make_exit},           {"never", make_never},       {"kill", make_kill},
};

static void
make(const char *word) {
  if (strncmp(word, "exec=", 5) == 0) { // another program, which has nothing to do any more
    unsetenv("LATE");
    execl(word + 5, word + 5, "pread64", (char *)NULL);
    fail(word);
  }
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(words[i].name, word) == 0) {
      words[i].make();
      return;
    }
  fprintf(stderr, "late_constructors: %s?\n", word);
  _exit(99);
}

static __attribute__((constructor)) void
construct(void) {
  static char text[256];
  const char *late = getenv("LATE");
  if (late == NULL)
    return;
  snprintf(text, sizeof text, "%s", late);
  ask("constructor", "before");
  for (char *rest = text, *word; (word = strsep(&rest, ",")) != NULL;)
    make(word);
}

// What the program calls.
int late_main(void);

int
late_main(void) {
  ask("main", "after");
  main_pending();
  if (inherited) {
    say_inherited("after");
    return 0; // the child is not its own
  }
  for (size_t i = 0; i < waiter_count; i++) {
    char byte;
    waiters[i].flag = 1;
    if (write(waiters[i].go[1], "g", 1) != 1 || read(waiters[i].done[0], &byte, 1) != 1)
      fail("main");
  }
  for (int status; wait(&status) > 0 || errno == EINTR;)
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
      say("main", "ended", WEXITSTATUS(status));
  return 0;
}
