// SPDX-License-Identifier: LGPL-2.1-or-later
// main_view.c - what a program sees of At=main, from a constructor and from main(): main_view WORD... The variable
// BEFORE holds what the constructor does, as words too. Prints one line a word, with write(2) only.
#include <errno.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int errno_first; // as main() found it

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void
say(const char *format, ...) {
  char line[4096];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length < 0)
    _exit(98);
  if (length > (int)sizeof line - 2)
    length = (int)sizeof line - 2;
  line[length] = '\n';
  if (write(STDOUT_FILENO, line, (size_t)length + 1) < 0)
    _exit(98);
}

// EFAULT where the kernel makes the call.
static int
uname_answer(void) {
  return syscall(SYS_uname, NULL) == 0 ? 0 : errno;
}

// The ticket as the constructor finds it, so that nothing of it stands here as it is.
static unsigned char stolen[16];
#define HIDDEN(byte) ((unsigned char)((byte) ^ 0x5a))

static void
steal(void) {
  unsigned char record[64];
  const char *number = getenv("SCRUN_ARMING");
  ssize_t got = number == NULL ? -1 : pread(atoi(number), record, sizeof record, 0);
  for (size_t i = 0; i < sizeof stolen; i++)
    stolen[i] = got < 24 ? 0 : HIDDEN(record[8 + i]);
  memset(record, 0, sizeof record);
  __asm__ volatile("" : : "r"(record) : "memory");
  say("before: steal %s", got < 24 ? "nothing" : "a ticket");
}

// Whether any 8 bytes of the ticket stand in writable memory. The halves are looked for: registers hold no more.
static size_t
count_stolen(const unsigned char *from, const unsigned char *to) {
  size_t count = 0;
  for (; from + 8 <= to; from++)
    for (size_t half = 0; half < 16; half += 8) {
      size_t same = 0;
      while (same < 8 && HIDDEN(from[same]) == stolen[half + same])
        same++;
      count += same == 8;
    }
  return count;
}

static void
scan(void) {
  static char maps[65536];
  size_t length = 0, count = 0, regions = 0;
  ssize_t got;
  int fd = open("/proc/self/maps", O_RDONLY);
  while ((got = read(fd, maps + length, sizeof maps - 1 - length)) > 0)
    length += (size_t)got;
  maps[length] = '\0';
  close(fd);
  for (char *line = strtok(maps, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    unsigned long from, to;
    char access[8];
    if (sscanf(line, "%lx-%lx %7s", &from, &to, access) == 3 && strncmp(access, "rw", 2) == 0) {
      count += count_stolen((const unsigned char *)from, (const unsigned char *)to);
      regions++;
    }
  }
  say("scan: %s, %zu found", regions > 3 ? "done" : "failed", count);
}

static pthread_barrier_t early, begin, end;
static int thread_before, thread_after;

static void *
thread_run(void *nothing) {
  thread_before = uname_answer();
  pthread_barrier_wait(&early); // the constructor goes on
  pthread_barrier_wait(&begin); // main() has begun
  thread_after = uname_answer();
  pthread_barrier_wait(&end);
  return nothing;
}

static void
start_thread(void) {
  pthread_t thread;
  pthread_barrier_init(&early, NULL, 2);
  pthread_barrier_init(&begin, NULL, 2);
  pthread_barrier_init(&end, NULL, 2);
  say("before: thread %d", pthread_create(&thread, NULL, thread_run, NULL));
  pthread_barrier_wait(&early);
}

static void
see_thread(void) {
  pthread_barrier_wait(&begin);
  pthread_barrier_wait(&end);
  say("thread: uname %d, then %d", thread_before, thread_after);
}

static void
start_process(const char *name, long flags, long number) {
  long child = number == SYS_clone ? syscall(number, flags, 0, 0, 0, 0) : syscall(number);
  if (child == 0) {
    if (strcmp(name, "stay") == 0 && close(STDOUT_FILENO) == 0)
      sleep(600); // it is killed
    _exit(0);
  }
  say("before: %s %d", name, child < 0 ? errno : 0);
}

// A process whose parent has ended, in a session of its own: it stays, or ends as well.
static void
start_orphan(const char *name, int stays) {
  int status = -1;
  pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() == 0 && stays && close(STDOUT_FILENO) == 0)
      sleep(600); // it is killed
    _exit(0);
  }
  say("before: %s %d", name, child < 0 || waitpid(child, &status, 0) != child || status != 0);
}

static void
handle(int signal) {
  say("before: signal %d", signal == SIGUSR1);
}

// Executes itself anew with BEFORE=THEN, and with `clean` without anything of scrun's.
static void
exec_self(const char *then, int clean) {
  char before[256];
  char *const plain[] = {before, NULL};
  static char *arguments[] = {(char *)(uintptr_t) "again", (char *)(uintptr_t) "uname", NULL};
  snprintf(before, sizeof before, "BEFORE=%s", then);
  setenv("BEFORE", then, 1);
  execve("/proc/self/exe", arguments, clean ? plain : environ);
  say("before: exec %d", errno);
}

static void
install_filter(void) {
  say("before: seccomp %d", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == 0 ? 0 : errno);
  say("before: prctl %d", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == 0 ? 0 : errno);
}

static void
do_before(const char *word) {
  if (strcmp(word, "uname") == 0)
    say("before: uname %d", uname_answer());
  else if (strcmp(word, "thread") == 0)
    start_thread();
  else if (strcmp(word, "fork") == 0)
    start_process("fork", 0, SYS_fork);
  else if (strcmp(word, "stay") == 0)
    start_process("stay", 0, SYS_fork);
  else if (strcmp(word, "orphan") == 0)
    start_orphan("orphan", 1);
  else if (strcmp(word, "orphan-ends") == 0)
    start_orphan("orphan-ends", 0);
  else if (strcmp(word, "vfork") == 0)
    start_process("vfork", 0, SYS_vfork);
  else if (strcmp(word, "untraced") == 0)
    start_process("untraced", CLONE_UNTRACED | SIGCHLD, SYS_clone);
  else if (strcmp(word, "steal") == 0)
    steal();
  else if (strcmp(word, "seccomp") == 0)
    install_filter();
  else if (strcmp(word, "close") == 0)
    say("before: close %ld", syscall(SYS_close_range, 3, ~0U, 0));
  else if (strcmp(word, "hide") == 0)
    say("before: hide %d", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  else if (strcmp(word, "sleep") == 0)
    usleep(60000);
  else if (strcmp(word, "setenv") == 0)
    say("before: setenv %d", setenv("ANOTHER", "one", 1));
  else if (strcmp(word, "raise") == 0)
    say("before: raise %d", signal(SIGUSR1, handle) == SIG_ERR || raise(SIGUSR1) != 0);
  else if (strcmp(word, "exec") == 0)
    exec_self("uname", 0);
  else if (strcmp(word, "exec-clean") == 0)
    exec_self("sleep", 1);
  else if (strcmp(word, "exit") == 0)
    _exit(7);
}

__attribute__((constructor)) static void
before(void) {
  const char *words = getenv("BEFORE");
  char copy[256];
  if (words == NULL)
    return;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *rest = copy, *word; (word = strsep(&rest, " ")) != NULL;)
    do_before(word);
}

static void
see_environment(char **environment) {
  for (; *environment != NULL; environment++)
    say("%s", *environment);
}

// As programs find it that do not ask libc: behind the NULL that ends the environment on the stack.
static void
see_auxiliary(char **argv, int argc) {
  char **at = argv + argc + 1;
  while (*at != NULL)
    at++;
  const Elf64_auxv_t *vector = (const Elf64_auxv_t *)(const void *)(at + 1);
  int known = 0;
  for (; vector->a_type != AT_NULL; vector++)
    known += vector->a_type == AT_PAGESZ || vector->a_type == AT_ENTRY || vector->a_type == AT_RANDOM;
  say("auxv: %d", known);
}

static void
see_descriptors(void) {
  for (int fd = 0; fd < 10; fd++)
    if (fcntl(fd, F_GETFD) >= 0)
      say("fd %d", fd);
}

// The system's own bytes, a line a string.
static void
see_bytes(const char *path) {
  static char bytes[65536];
  int fd = open(path, O_RDONLY);
  ssize_t got = read(fd, bytes, sizeof bytes);
  close(fd);
  for (ssize_t i = 0; i < got; i += (ssize_t)strlen(bytes + i) + 1)
    if (bytes[i] != '\0')
      say("%s", bytes + i);
}

int
main(int argc, char **argv, char **environment) {
  errno_first = errno;
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i];
    if (strcmp(word, "uname") == 0)
      say("uname %d", uname_answer());
    else if (strcmp(word, "brk") == 0)
      say("brk %d", syscall(SYS_brk, 0) < 0 ? errno : 0);
    else if (strcmp(word, "environment") == 0)
      see_environment(environment);
    else if (strcmp(word, "environ") == 0)
      see_environment(environ);
    else if (strcmp(word, "environ-bytes") == 0)
      see_bytes("/proc/self/environ");
    else if (strcmp(word, "auxv") == 0)
      see_auxiliary(argv, argc);
    else if (strcmp(word, "fds") == 0)
      see_descriptors();
    else if (strcmp(word, "thread") == 0)
      see_thread();
    else if (strcmp(word, "scan") == 0)
      scan();
    else if (strcmp(word, "sleep") == 0)
      usleep(200000);
    else if (strcmp(word, "errno") == 0)
      say("errno %d", errno_first);
    else if (strcmp(word, "subreaper") == 0) {
      int adopts = -1;
      say("subreaper %d", prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) == 0 ? adopts : errno);
    } else if (strcmp(word, "wait") == 0)
      say("wait %d", waitpid(-1, NULL, __WALL) < 0 ? errno : 0);
    else if (strcmp(word, "pending") == 0) {
      sigset_t pending;
      say("pending %d", sigpending(&pending) == 0 ? sigismember(&pending, SIGCHLD) : -1);
    } else
      say("argument %s", word);
  }
  return 5;
}
