// SPDX-License-Identifier: LGPL-2.1-or-later
// ready_service.c - a service that says READY=1, and finds out when its policy begins: ready_service SENDER WAY
// EXTRA... The policy refuses uname(2) with an errno; before READY it must be allowed everywhere, after it nowhere.
//   SENDER  main, thread, child, grandchild: who says it; nobody
//   WAY     sendmsg, sendto, write (connected), writev (connected), send (connected)
//   EXTRA   threads=N, children=N: that many make the call all the time; blocked: threads that wait in calls which must
//           not notice anything; signals: so must a handler; churn=N: threads and children that come and go; exec: the
//           process executes itself first; daemon: it leaves its parent first; log: READY=1 to stdout first; hidden: it
//           is not dumpable; filter=ERRNO: a filter of its own answers that to seccomp(2), or kills (kill), or allows
//           all (-1); stopped, stopped-child: by a signal, for a while; untraced: it tries to make a child that no
//           tracer sees; exit=N: ends before it is ready
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 64
#define BLOCKED 3
#define DESCRIPTORS_MAX 64

enum state { BEFORE, SENDING, SENT, OVER };

// Shared by all processes.
static struct shared {
  atomic_int state;
  atomic_int running; // workers that have made the call
  atomic_int early;   // calls that were refused before anybody said READY
  atomic_int late;    // calls that were let through after it was said
  atomic_int refused; // workers that were refused in the end
  atomic_int other;   // answers that are neither
  atomic_int undisturbed;
} * shared;

static int want_errno;
static pthread_t threads[WORKERS_MAX];
static size_t thread_count;
static int blocked_pipe[2];
static volatile sig_atomic_t signals;

static _Noreturn void
fail(const char *what) {
  fprintf(stderr, "ready_service: %s: %s\n", what, strerror(errno));
  exit(98);
}

// uname(2), by nobody's wrapper.
static int
refusal(void) {
  static _Thread_local char names[6 * 65];
  return syscall(SYS_uname, names) == 0 ? 0 : errno;
}

// One call, judged by what was known before it and after it.
static int
judge(void) {
  int before = atomic_load(&shared->state), answer = refusal(), after = atomic_load(&shared->state);
  if (answer != 0 && answer != want_errno)
    atomic_fetch_add(&shared->other, 1);
  if (after == BEFORE && answer != 0)
    atomic_fetch_add(&shared->early, 1);
  if (before >= SENT && answer == 0)
    atomic_fetch_add(&shared->late, 1);
  return answer;
}

static void
work(void) {
  (void)judge();
  atomic_fetch_add(&shared->running, 1);
  while (atomic_load(&shared->state) != OVER)
    (void)judge();
  if (judge() == want_errno)
    atomic_fetch_add(&shared->refused, 1);
}

static void *
work_thread(void *unused) {
  work();
  return unused;
}

static void *
block_in_read(void *unused) {
  char byte;
  if (read(blocked_pipe[0], &byte, 1) == 1)
    atomic_fetch_add(&shared->undisturbed, 1);
  return unused;
}

// A call that is restarted by restart_syscall(2).
static void *
block_in_sleep(void *unused) {
  struct timespec start, end, time = {.tv_nsec = 300000000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  int slept = nanosleep(&time, NULL);
  clock_gettime(CLOCK_MONOTONIC, &end);
  long ms = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
  if (slept == 0 && ms >= 300)
    atomic_fetch_add(&shared->undisturbed, 1);
  return unused;
}

// In a futex.
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static void *
block_in_mutex(void *unused) {
  if (pthread_mutex_lock(&held) == 0 && atomic_load(&shared->state) == OVER)
    atomic_fetch_add(&shared->undisturbed, 1);
  pthread_mutex_unlock(&held);
  return unused;
}

static void
thread_start(void *(*run)(void *)) {
  if (thread_count == WORKERS_MAX || pthread_create(&threads[thread_count++], NULL, run, NULL) != 0)
    fail("pthread_create");
}

static int workers;

static void
start_threads(const char *value) {
  for (long i = strtol(value, NULL, 10); i > 0; i--, workers++)
    thread_start(work_thread);
}

static void
start_children(const char *value) {
  for (long i = strtol(value, NULL, 10); i > 0; i--, workers++) {
    pid_t pid = fork();
    if (pid < 0)
      fail("fork");
    if (pid == 0) {
      work();
      _exit(0);
    }
  }
}

static int blocked;

static void
start_blocked(const char *unused) {
  (void)unused;
  if (pipe2(blocked_pipe, O_CLOEXEC) != 0 || pthread_mutex_lock(&held) != 0)
    fail("pipe");
  thread_start(block_in_read);
  thread_start(block_in_sleep);
  thread_start(block_in_mutex);
  blocked = BLOCKED;
  usleep(20000);
}

static void
count_signal(int signal) {
  (void)signal;
  signals++;
}

// Many, so that some come at every step of the tracer's.
static void
start_signals(const char *unused) {
  const struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  const struct itimerval every = {.it_interval = {.tv_usec = 500}, .it_value = {.tv_usec = 500}};
  (void)unused;
  if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &every, NULL) != 0)
    fail("setitimer");
}

static void *
nothing(void *unused) {
  return unused;
}

static pid_t
child_by_fork(void) {
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  return pid;
}

static pid_t
child_by_vfork(void) {
  pid_t pid = vfork();
  if (pid == 0)
    _exit(0);
  return pid;
}

static void
churn(const char *value) {
  for (long i = strtol(value, NULL, 10); i > 0; i--) {
    pthread_t thread;
    pid_t pid = i % 2 == 0 ? child_by_fork() : child_by_vfork();
    if (pid < 0 || waitpid(pid, NULL, 0) != pid || pthread_create(&thread, NULL, nothing, NULL) != 0
        || pthread_join(thread, NULL) != 0)
      fail("churn");
  }
}

static void
become_daemon(const char *unused) {
  (void)unused;
  for (int i = 0; i < 2; i++) {
    pid_t pid = fork();
    if (pid < 0)
      fail("fork");
    if (pid > 0)
      _exit(0);
    setsid();
  }
}

// Somebody lets it go on a little later.
static void
stop_self(const char *unused) {
  (void)unused;
  pid_t pid = fork();
  if (pid < 0)
    fail("fork");
  if (pid == 0) {
    usleep(50000);
    kill(getppid(), SIGCONT);
    _exit(0);
  }
  raise(SIGSTOP);
}

// It is let go on when all is over: its first call then is refused.
static pid_t stopped_child;

static void
stop_child(const char *unused) {
  (void)unused;
  stopped_child = fork();
  if (stopped_child < 0)
    fail("fork");
  if (stopped_child == 0) {
    atomic_fetch_add(&shared->running, 1);
    raise(SIGSTOP);
    if (judge() == want_errno)
      atomic_fetch_add(&shared->refused, 1);
    _exit(0);
  }
  workers++;
  if (waitpid(stopped_child, NULL, WUNTRACED) != stopped_child)
    fail("a child that stops");
}

static void
say_log(const char *unused) {
  (void)unused;
  if (write(STDOUT_FILENO, "READY=1\n", 8) != 8)
    fail("standard output");
  if (judge() != 0)
    fail("a line in a log began the policy");
}

static void
hide(const char *unused) {
  (void)unused;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    fail("prctl");
}

static void
install_filter(const char *value) {
  long errno_or_none = strtol(value, NULL, 10);
  uint32_t answer = SECCOMP_RET_ERRNO | ((uint32_t)errno_or_none & SECCOMP_RET_DATA);
  if (strcmp(value, "kill") == 0)
    answer = SECCOMP_RET_KILL_PROCESS;
  else if (errno_or_none < 0)
    answer = SECCOMP_RET_ALLOW;
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof code / sizeof code[0], code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    fail("PR_SET_SECCOMP");
}

// It would go on without the policy.
static void
try_untraced(const char *unused) {
  (void)unused;
  long pid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0)
    _exit(0);
  if (pid > 0 || errno != EPERM)
    fail("CLONE_UNTRACED");
}

static void
leave(const char *value) {
  exit((int)strtol(value, NULL, 10));
}

static const struct extra {
  const char *name;
  void (*run)(const char *value);
} extras[] = {
    {"threads", start_threads},
    {"children", start_children},
    {"blocked", start_blocked},
    {"signals", start_signals},
    {"churn", churn},
    {"daemon", become_daemon},
    {"log", say_log},
    {"stopped", stop_self},
    {"stopped-child", stop_child},
    {"hidden", hide},
    {"filter", install_filter},
    {"untraced", try_untraced},
    {"exit", leave},
};

static void
run_extra(const char *word) {
  size_t length = strcspn(word, "=");
  for (size_t i = 0; i < sizeof extras / sizeof extras[0]; i++)
    if (strlen(extras[i].name) == length && memcmp(extras[i].name, word, length) == 0) {
      extras[i].run(word[length] == '=' ? word + length + 1 : "");
      return;
    }
  errno = EINVAL;
  fail(word);
}

// What the process knows of its tracer and descriptors.
static int
threads_with_tracer(void) {
  int traced = 0, tracer;
  char path[300], line[256];
  DIR *folder = opendir("/proc/self/task");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
    FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
      if (sscanf(line, "TracerPid: %d", &tracer) == 1 && tracer != 0)
        traced++;
    if (file != NULL)
      fclose(file);
  }
  closedir(folder);
  return traced;
}

static int
descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
    count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

static socklen_t
notify_address(struct sockaddr_un *address) {
  const char *name = getenv("NOTIFY_SOCKET");
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (name == NULL || strlen(name) >= sizeof address->sun_path) {
    errno = EINVAL;
    fail("NOTIFY_SOCKET");
  }
  strcpy(address->sun_path, name);
  if (name[0] == '@')
    address->sun_path[0] = '\0';
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
}

static const char *way;
static char text[] = "READY=1\nSTATUS=up";

static ssize_t
send_connected(int fd, const struct sockaddr *address, socklen_t length) {
  struct iovec pieces[2] = {{text, 4}, {text + 4, sizeof text - 5}};
  if (connect(fd, address, length) != 0)
    fail("connect");
  if (strcmp(way, "write") == 0)
    return write(fd, text, sizeof text - 1);
  if (strcmp(way, "writev") == 0)
    return writev(fd, pieces, 2);
  return send(fd, text, sizeof text - 1, MSG_NOSIGNAL);
}

static ssize_t
send_text(int fd, struct sockaddr_un *address, socklen_t length) {
  struct iovec piece = {text, sizeof text - 1};
  const struct msghdr message = {.msg_name = address, .msg_namelen = length, .msg_iov = &piece, .msg_iovlen = 1};
  if (strcmp(way, "sendmsg") == 0)
    return sendmsg(fd, &message, MSG_NOSIGNAL);
  if (strcmp(way, "sendto") == 0)
    return sendto(fd, text, sizeof text - 1, 0, (const struct sockaddr *)address, length);
  return send_connected(fd, (const struct sockaddr *)address, length);
}

// The first call after it is judged like all others.
static void *
say_ready(void *unused) {
  struct sockaddr_un address;
  socklen_t length = notify_address(&address);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (judge() != 0)
    fail("refused too early");
  atomic_store(&shared->state, SENDING);
  if (send_text(fd, &address, length) != (ssize_t)sizeof text - 1)
    fail("sending");
  atomic_store(&shared->state, SENT);
  if (judge() != want_errno)
    atomic_fetch_add(&shared->late, 1);
  close(fd);
  return unused;
}

// The receiver looks at who said it: that one stays until all is over.
static _Noreturn void
say_ready_and_stay(void) {
  say_ready(NULL);
  while (atomic_load(&shared->state) != OVER)
    usleep(1000);
  exit(0);
}

static void
say_ready_in_child(int depth) {
  pid_t pid = fork();
  if (pid < 0)
    fail("fork");
  if (pid == 0 && depth == 1)
    say_ready_and_stay();
  if (pid == 0) {
    say_ready_in_child(depth - 1);
    exit(waitpid(-1, NULL, 0) > 0 ? 0 : 98);
  }
  while (atomic_load(&shared->state) < SENT) {
    if (waitpid(pid, NULL, WNOHANG) != 0)
      fail("child");
    usleep(1000);
  }
}

static void
say_ready_by(const char *sender) {
  pthread_t thread;
  if (strcmp(sender, "main") == 0)
    say_ready(NULL);
  else if (strcmp(sender, "child") == 0)
    say_ready_in_child(1);
  else if (strcmp(sender, "grandchild") == 0)
    say_ready_in_child(2);
  else if (strcmp(sender, "thread") != 0)
    pause();
  else if (pthread_create(&thread, NULL, say_ready, NULL) != 0 || pthread_join(thread, NULL) != 0)
    fail("thread");
}

// What was found out, in one line.
static void
finish(int before) {
  const struct itimerval never = {.it_value = {0}};
  usleep(30000);
  int traced = threads_with_tracer();
  for (int i = 0; i < 500 && traced > 0; i++, traced = threads_with_tracer())
    usleep(10000); // it lets one go after the other
  int count = descriptors() - (blocked > 0 ? 2 : 0);
  judge();
  atomic_store(&shared->state, OVER);
  if (stopped_child > 0 && kill(stopped_child, SIGCONT) != 0)
    fail("kill");
  if (blocked > 0 && (write(blocked_pipe[1], "x", 1) != 1 || pthread_mutex_unlock(&held) != 0))
    fail("blocked");
  for (size_t i = 0; i < thread_count; i++)
    pthread_join(threads[i], NULL);
  while (waitpid(-1, NULL, 0) > 0)
    ;
  setitimer(ITIMER_REAL, &never, NULL);
  printf("early %d late %d other %d, %d of %d workers refused, %d of %d undisturbed, signals %s, descriptors %d %d, "
         "traced %d\n",
         shared->early, shared->late, shared->other, shared->refused, workers, shared->undisturbed, blocked,
         signals > 0 ? "yes" : "no", before, count, traced);
}

int
main(int argc, char **argv) {
  int before = descriptors();
  want_errno = ENETDOWN;
  if (argc < 3)
    return 97;
  if (argc > 3 && strcmp(argv[3], "exec") == 0) {
    for (int i = 3; i < argc; i++)
      argv[i] = argv[i + 1];
    execv("/proc/self/exe", argv);
    fail("execv");
  }
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    fail("mmap");
  way = argv[2];
  for (int i = 3; i < argc; i++)
    run_extra(argv[i]);
  while (atomic_load(&shared->running) < workers)
    usleep(1000);
  say_ready_by(argv[1]);
  finish(before);
  return 0;
}
