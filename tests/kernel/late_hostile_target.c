// SPDX-License-Identifier: LGPL-2.1-or-later
// late_hostile_target.c - a program that makes it hard for a filter to come later. HOSTILE is "WHEN WORD"; WHEN says
// what the word is done ahead of: entry (by a constructor), ready (then it says READY=1), or attach (then it says
// "ready", and waits for a byte). Behind that, everybody says how the kernel answers a pread64(2) that it refuses with
// EBADF (-9), and the policy of the test with something else.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
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
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIFE_SECONDS 20
#define CHILDREN 6
#define THREADS 2000
#define SMALL_STACK_BYTES 16384
#define STACK_BYTES 65536
#define CALL_MS 400 // how long a call in progress takes
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

static void
say(const char *who, const char *what, long answer) {
  char line[128];
  int length = snprintf(line, sizeof line, "%s %s %ld\n", who, what, answer);
  if (write(STDOUT_FILENO, line, (size_t)length) != length)
    _exit(98);
}

static long
answer_of(long result) {
  return result == -1 ? -errno : result;
}

static long
ask(void) {
  return answer_of(syscall(SYS_pread64, -1, NULL, 0, 0, 0, 0));
}

static _Noreturn void
fail(const char *what) {
  perror(what);
  _exit(99);
}

static void
rest(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0)
    continue;
}

static void
start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, argument) != 0)
    fail("pthread_create");
  pthread_detach(thread);
}

static void *
pause_run(void *argument) {
  for (;;)
    pause();
  return argument;
}

// SIGTRAP of its own.
static volatile sig_atomic_t traps;

static void
count_trap(int number) {
  (void)number;
  traps++;
}

static void
handle_trap(void) {
  const struct sigaction action = {.sa_handler = count_trap, .sa_flags = SA_RESTART};
  if (sigaction(SIGTRAP, &action, NULL) != 0)
    fail("sigaction");
}

static void
mask_trap(int how) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTRAP);
  if (pthread_sigmask(how, &set, NULL) != 0)
    fail("pthread_sigmask");
}

static void
send_trap(void) {
  if (syscall(SYS_tgkill, getpid(), getpid(), SIGTRAP) != 0)
    fail("tgkill");
}

// One that waits, since it is blocked.
static void
make_blocked_trap(void) {
  mask_trap(SIG_BLOCK);
  send_trap();
}

// One that is sent while the first thread is about to reach the entry, some nanoseconds (DELAY) before it does: it is
// waiting already when the breakpoint is met.
static int shot; // 1: ready to shoot, 2: shoots

static void *
shoot(void *argument) {
  __atomic_store_n(&shot, 1, __ATOMIC_RELEASE);
  while (__atomic_load_n(&shot, __ATOMIC_ACQUIRE) != 2)
    continue;
  send_trap();
  return pause_run(argument);
}

static int64_t
now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void
make_trap(void) {
  const char *delay = getenv("DELAY");
  int64_t delay_ns = strtoll(delay == NULL ? "0" : delay, NULL, 10);
  handle_trap();
  start(shoot, NULL);
  while (__atomic_load_n(&shot, __ATOMIC_ACQUIRE) != 1)
    continue;
  int64_t end_ns = now_ns() + delay_ns;
  __atomic_store_n(&shot, 2, __ATOMIC_RELEASE);
  while (now_ns() < end_ns)
    continue;
}

// The trap flag is set: a SIGTRAP behind each instruction, that of the entry among them.
static void
make_steps(void) {
  handle_trap();
  __asm__ volatile("sub $128, %%rsp\n\tpushf\n\torq $0x100, (%%rsp)\n\tpopf\n\tadd $128, %%rsp" ::: "memory", "cc");
}

static void
end_steps(void) {
  __asm__ volatile("sub $128, %%rsp\n\tpushf\n\tandq $~0x100, (%%rsp)\n\tpopf\n\tadd $128, %%rsp" ::: "memory", "cc");
}

// The parent and the children of a constructor go on to the entry together.
static pid_t children[CHILDREN];
static bool is_child;

static void
make_both(void) {
  int go[2];
  char byte;
  if (pipe(go) != 0)
    fail("pipe");
  for (size_t i = 0; i < CHILDREN && !is_child; i++) {
    children[i] = fork();
    is_child = children[i] == 0;
  }
  close(go[1]);
  if (is_child && read(go[0], &byte, 1) != 0)
    fail("read");
  close(go[0]);
}

static void
end_both(void) {
  int status;
  if (is_child)
    _exit(ask() == -ENETDOWN ? 0 : 1);
  for (size_t i = 0; i < CHILDREN; i++)
    if (waitpid(children[i], &status, 0) != children[i] || status != 0)
      say("child", "ended", status);
}

// The kernel's own threads in this process.
static int
ring_make(unsigned flags, struct io_uring_params *params) {
  *params = (struct io_uring_params){.flags = flags, .sq_thread_idle = LIFE_SECONDS * 1000};
  int fd = (int)syscall(SYS_io_uring_setup, 8, params);
  if (fd < 0)
    fail("io_uring_setup");
  return fd;
}

static void
make_ring_poll(void) {
  struct io_uring_params params;
  ring_make(IORING_SETUP_SQPOLL, &params);
}

static void *
map(int fd, size_t length, off_t at) {
  void *mapped = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);
  if (mapped == MAP_FAILED)
    fail("mmap");
  return mapped;
}

// A read of a pipe, which a worker waits in.
static void
make_ring_worker(void) {
  static char byte;
  int ends[2];
  struct io_uring_params params;
  int fd = ring_make(0, &params);
  char *ring = (char *)map(fd, params.sq_off.array + params.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
  struct io_uring_sqe *entries = (struct io_uring_sqe *)map(fd, params.sq_entries * sizeof *entries, IORING_OFF_SQES);
  const uint32_t first = 0, one = 1;
  if (pipe(ends) != 0)
    fail("pipe");
  entries[0] = (struct io_uring_sqe){
      .opcode = IORING_OP_READ, .flags = IOSQE_ASYNC, .fd = ends[0], .addr = (uint64_t)(uintptr_t)&byte, .len = 1};
  memcpy(ring + params.sq_off.array, &first, sizeof first);
  memcpy(ring + params.sq_off.tail, &one, sizeof one);
  if (syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0) != 1)
    fail("io_uring_enter");
}

static long
count_tasks(void) {
  long count = -2; // "." and ".."
  DIR *folder = opendir("/proc/self/task");
  while (folder != NULL && readdir(folder) != NULL)
    count++;
  if (folder != NULL)
    closedir(folder);
  return count;
}

static void
say_tasks(void) {
  say("main", "tasks", count_tasks());
}

static void
make_many(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, SMALL_STACK_BYTES);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&thread, &attributes, pause_run, NULL) != 0)
      fail("pthread_create");
}

// A thread that the kernel tells of as of a fork, since SIGCHLD is named.
static int go[2], done[2];

static int
odd_run(void *argument) {
  char byte;
  (void)argument;
  if (read(go[0], &byte, 1) == 1)
    say("thread", "answer", ask()); // errno is the first thread's own, which waits
  if (write(done[1], "d", 1) != 1)
    _exit(98);
  (void)syscall(SYS_exit, 0);
  return 0;
}

static void
make_odd_thread(void) {
  static _Alignas(16) char stack[STACK_BYTES];
  if (pipe(go) != 0 || pipe(done) != 0
      || clone(odd_run, stack + sizeof stack,
               CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | SIGCHLD, NULL)
             < 0)
    fail("clone");
}

static void
end_odd_thread(void) {
  char byte;
  if (write(go[1], "g", 1) != 1 || read(done[0], &byte, 1) != 1)
    fail("thread");
}

// Calls that any interruption ends.
static void *
receive_run(void *argument) {
  const struct timeval limit = {.tv_usec = CALL_MS * 1000};
  int ends[2];
  char byte;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0
      || setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
    fail("socketpair");
  *(long *)argument = answer_of(recv(ends[0], &byte, 1, 0));
  return NULL;
}

static void *
epoll_run(void *argument) {
  struct epoll_event event;
  int fd = epoll_create1(0);
  *(long *)argument = answer_of(epoll_wait(fd, &event, 1, CALL_MS));
  return NULL;
}

static pthread_t calls[2];
static long call_answers[2] = {1, 1};

static void
make_calls(void) {
  if (pthread_create(&calls[0], NULL, receive_run, &call_answers[0]) != 0
      || pthread_create(&calls[1], NULL, epoll_run, &call_answers[1]) != 0)
    fail("pthread_create");
  rest(CALL_MS / 4);
}

static void
end_calls(void) {
  for (size_t i = 0; i < 2; i++)
    pthread_join(calls[i], NULL);
  say("recv", "answer", call_answers[0]);
  say("epoll_wait", "answer", call_answers[1]);
}

static struct sock_filter answer_seccomp[] = {
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_seccomp},
    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
};

static long
add_filter(unsigned flags, uint32_t answer) {
  struct sock_fprog program = {.len = sizeof answer_seccomp / sizeof answer_seccomp[0], .filter = answer_seccomp};
  answer_seccomp[2].k = answer;
  return answer_of(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

static void
make_listener(void) {
  say("seccomp", "listener", add_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_USER_NOTIF));
  say("seccomp", "filter", add_filter(0, SECCOMP_RET_ALLOW));
}

// Its filter refuses what is to come, and what is said about that has to wait.
static void
make_refusal(void) {
  const char bytes[4096] = {0};
  int flags = fcntl(STDERR_FILENO, F_GETFL);
  fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
  for (size_t size = sizeof bytes; size > 0; size = size == 1 ? 0 : 1)
    while (write(STDERR_FILENO, bytes, size) > 0)
      continue;
  fcntl(STDERR_FILENO, F_SETFL, flags);
  say("main", "pid", getpid());
  say("seccomp", "filter", add_filter(0, SECCOMP_RET_ERRNO | EPERM));
}

static void
say_ready(void) {
  const char *name = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = name == NULL ? 0 : strlen(name);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || length == 0 || length >= sizeof address.sun_path)
    fail("NOTIFY_SOCKET");
  memcpy(address.sun_path, name, length);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&address, size) != 7)
    fail("sendto");
}

static void
make_vfork(void) {
  pid_t child = vfork();
  if (child == 0) {
    say_ready();
    say("child", "answer", ask());
    _exit(0);
  }
}

static void
wait_for_byte(void) {
  char byte;
  say("main", "ready", 0);
  if (read(STDIN_FILENO, &byte, 1) < 0)
    fail("read");
}

// Its calls are its own to answer while it spins; another thread waits for the byte.
static volatile char selector;
static volatile sig_atomic_t dispatched, byte_came;

static void
count_dispatch(int number) {
  (void)number;
  selector = 0;
  dispatched++;
}

static void *
byte_run(void *argument) {
  while (selector == 0)
    continue;
  wait_for_byte();
  byte_came = 1;
  return argument;
}

static void
spin_dispatched(void) {
  struct sigaction action = {.sa_handler = count_dispatch};
  if (sigaction(SIGSYS, &action, NULL) != 0)
    fail("sigaction");
  start(byte_run, NULL);
  if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) != 0)
    fail("prctl");
  selector = 1;
  while (byte_came == 0)
    continue;
  bool kept = selector == 1;
  selector = 0;
  say("dispatch", "kept", kept);
  selector = 1;
  (void)getppid();
  say("dispatch", "of own call", dispatched);
}

// Who is to read what is said about it: once the filter is there, and not before.
static void
drain(void) {
  static char bytes[65536];
  say("main", "ready", 0);
  while (ask() == -EBADF)
    rest(5);
  while (read(STDIN_FILENO, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
    continue;
}

static const struct word {
  const char *name;
  void (*make)(void), (*wait)(void), (*end)(void);
} words[] = {
    {"plain", NULL, NULL, NULL},
    {"blocked-trap", make_blocked_trap, NULL, NULL},
    {"trap", make_trap, NULL, NULL},
    {"steps", make_steps, NULL, end_steps},
    {"both", make_both, NULL, end_both},
    {"ring-poll", make_ring_poll, NULL, say_tasks},
    {"ring-worker", make_ring_worker, NULL, say_tasks},
    {"many", make_many, NULL, say_tasks},
    {"odd-thread", make_odd_thread, NULL, end_odd_thread},
    {"calls", make_calls, NULL, end_calls},
    {"listener", make_listener, NULL, NULL},
    {"refusal", make_refusal, NULL, NULL},
    {"vfork", make_vfork, NULL, NULL},
    {"dispatch", NULL, spin_dispatched, NULL},
    {"drain", NULL, drain, NULL},
};

// What HOSTILE says, if it is meant for this moment.
static const struct word *
word_of(const char *when) {
  const char *text = getenv("HOSTILE");
  size_t length = strlen(when);
  if (text == NULL)
    fail("HOSTILE");
  if (strncmp(text, when, length) != 0 || text[length] != ' ')
    return NULL;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(words[i].name, text + length + 1) == 0)
      return &words[i];
  fprintf(stderr, "late_hostile_target: %s?\n", text);
  _exit(99);
}

static void
make(const struct word *word) {
  if (word->make != NULL)
    word->make();
}

static __attribute__((constructor)) void
construct(void) {
  alarm(LIFE_SECONDS);
  const struct word *word = word_of("entry");
  if (word != NULL)
    make(word);
}

// What the program calls.
int late_main(void);

int
late_main(void) {
  const struct word *word = word_of("entry"), *ready = word_of("ready"), *attach = word_of("attach");
  if (ready != NULL) {
    word = ready;
    make(word);
    if (word->make != make_vfork)
      say_ready();
  } else if (attach != NULL) {
    word = attach;
    make(word);
    (word->wait != NULL ? word->wait : wait_for_byte)();
  } else if (word == NULL) {
    fail("HOSTILE");
  }
  if (!is_child)
    say("main", "answer", ask());
  if (word->end != NULL)
    word->end();
  _exit(0); // with threads that never end
}
