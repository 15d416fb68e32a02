// SPDX-License-Identifier: LGPL-2.1-or-later
// test_ready.c - READY=1 as a tracer sees it sent: in every way that there is, to whom it is meant for and to others.
#include "runner/late/ready.h"
#include "tests/check.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILED 90 // how a tracer ends whose ready_is_sent() failed
#define BROKEN 91 // one that could not trace
#define NOBODY 65534

static char folder[64], path[96], other_path[96], moved_path[96], abstract[64], stream[64];

static socklen_t
address_make(const char *name, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, name, strlen(name));
  if (name[0] == '@')
    address->sun_path[0] = '\0';
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@'));
}

static int
receiver(const char *name, int type) {
  struct sockaddr_un address;
  int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, address_make(name, &address)) != 0)
    exit(BROKEN);
  return fd;
}

// What a tracee does. Everything that a call points to lies below 4 GiB, so that it can be made the other way, too.
struct scene {
  const char *to; // the name of a receiver
  struct sockaddr_un address;
  socklen_t length;
  int fd;
  struct iovec vector[3];
  struct mmsghdr messages[2];
  uint32_t narrow_vector[4], narrow_message[8], narrow_messages[16], narrow_arguments[6];
  char bytes[2 * READY_BYTES];
};
typedef void send_function(struct scene *scene);

static void
connected(struct scene *scene) {
  if (connect(scene->fd, (struct sockaddr *)&scene->address, scene->length) != 0)
    _exit(BROKEN);
}

static struct msghdr
message(struct scene *scene, bool named) {
  scene->vector[0] = (struct iovec){scene->bytes, strlen(scene->bytes)};
  struct msghdr message = {.msg_iov = scene->vector, .msg_iovlen = 1};
  if (named) {
    message.msg_name = &scene->address;
    message.msg_namelen = scene->length;
  }
  return message;
}

static void
by_sendmsg(struct scene *scene) {
  struct msghdr named = message(scene, true);
  sendmsg(scene->fd, &named, MSG_NOSIGNAL);
}

static void
by_sendmsg_connected(struct scene *scene) {
  struct msghdr unnamed = message(scene, false);
  connected(scene);
  sendmsg(scene->fd, &unnamed, MSG_NOSIGNAL);
}

static void
by_pieces(struct scene *scene) {
  struct msghdr named = message(scene, true);
  scene->vector[1] = (struct iovec){scene->bytes + 3, strlen(scene->bytes) - 3};
  scene->vector[0].iov_len = 3;
  named.msg_iovlen = 2;
  sendmsg(scene->fd, &named, 0);
}

static void
by_sendto(struct scene *scene) {
  sendto(scene->fd, scene->bytes, strlen(scene->bytes), 0, (struct sockaddr *)&scene->address, scene->length);
}

static void
by_send(struct scene *scene) {
  connected(scene);
  send(scene->fd, scene->bytes, strlen(scene->bytes), 0);
}

static void
by_write(struct scene *scene) {
  connected(scene);
  if (write(scene->fd, scene->bytes, strlen(scene->bytes)) < 0)
    _exit(BROKEN);
}

static void
by_writev(struct scene *scene) {
  struct msghdr unnamed = message(scene, false);
  connected(scene);
  if (writev(scene->fd, unnamed.msg_iov, 1) < 0)
    _exit(BROKEN);
}

static void
by_pwritev2(struct scene *scene) {
  struct msghdr unnamed = message(scene, false);
  connected(scene);
  if (syscall(SYS_pwritev2, scene->fd, unnamed.msg_iov, 1UL, -1L, -1L, 0) < 0)
    _exit(BROKEN);
}

static void
by_sendmmsg(struct scene *scene) {
  static char other[] = "STATUS=";
  struct iovec first = {other, strlen(other)};
  scene->messages[0].msg_hdr =
      (struct msghdr){.msg_name = &scene->address, .msg_namelen = scene->length, .msg_iov = &first, .msg_iovlen = 1};
  scene->messages[1].msg_hdr = message(scene, true);
  sendmmsg(scene->fd, scene->messages, 2, 0);
}

static void
by_own_descriptor(struct scene *scene) {
  if (unshare(CLONE_FILES) != 0 || dup2(scene->fd, 100) != 100)
    _exit(BROKEN);
  scene->fd = 100;
  by_write(scene);
}

static void *
thread_run(void *scene) {
  by_own_descriptor(scene);
  return NULL;
}

// A descriptor that only the thread has.
static void
by_thread(struct scene *scene) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, thread_run, scene) != 0 || pthread_join(thread, NULL) != 0)
    _exit(BROKEN);
}

// Not by address, not to a socket that is meant.
static void
to_pipe(struct scene *scene) {
  int ends[2];
  if (pipe(ends) != 0 || write(ends[1], scene->bytes, strlen(scene->bytes)) < 0)
    _exit(BROKEN);
}

static void
to_file(struct scene *scene) {
  int fd = open(folder, O_TMPFILE | O_WRONLY, 0600);
  if (fd < 0 || write(fd, scene->bytes, strlen(scene->bytes)) < 0)
    _exit(BROKEN);
}

static void
to_pair(struct scene *scene) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0 || write(ends[1], scene->bytes, strlen(scene->bytes)) < 0)
    _exit(BROKEN);
}

static void
to_no_descriptor(struct scene *scene) {
  if (write(77, scene->bytes, strlen(scene->bytes)) >= 0)
    _exit(BROKEN);
}

static void
to_stream(struct scene *scene) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&scene->address, scene->length) != 0
      || write(fd, scene->bytes, strlen(scene->bytes)) < 0)
    _exit(BROKEN);
}

// Pointers that lead nowhere.
static void
with_bad_pointers(struct scene *scene) {
  void *bad = (void *)(uintptr_t)8;
  struct iovec vector = {bad, 7};
  struct msghdr named = message(scene, true), header = named;
  syscall(SYS_sendmsg, scene->fd, bad, 0);
  syscall(SYS_sendmsg, scene->fd, UINTPTR_MAX - 4, 0);
  header.msg_iov = bad;
  syscall(SYS_sendmsg, scene->fd, &header, 0);
  header.msg_iov = &vector;
  syscall(SYS_sendmsg, scene->fd, &header, 0);
  header = named;
  header.msg_name = bad;
  syscall(SYS_sendmsg, scene->fd, &header, 0);
  header = named;
  header.msg_namelen = 4000000000U;
  syscall(SYS_sendmsg, scene->fd, &header, 0);
  header = named;
  header.msg_iovlen = SIZE_MAX;
  syscall(SYS_sendmsg, scene->fd, &header, 0);
  syscall(SYS_sendmmsg, scene->fd, bad, UINT32_MAX, 0);
  syscall(SYS_sendto, scene->fd, bad, SIZE_MAX, 0, &scene->address, scene->length);
  syscall(SYS_sendto, scene->fd, scene->bytes, 7UL, 0, bad, scene->length);
}

// A text of which the line is not in the part that is read, and one of which it is.
static void
with_long_text(struct scene *scene) {
  memset(scene->bytes, 'x', sizeof scene->bytes);
  memcpy(scene->bytes + READY_BYTES, "\nREADY=1\n", 10);
  by_sendto(scene);
}

static void
with_line_at_end(struct scene *scene) {
  memset(scene->bytes, 'x', sizeof scene->bytes);
  memcpy(scene->bytes + READY_BYTES - 8, "\nREADY=1", 9);
  by_sendto(scene);
}

static void
hidden(void) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    _exit(BROKEN);
}

static void
hidden_sendto(struct scene *scene) {
  hidden();
  by_sendto(scene);
}

static void
hidden_write(struct scene *scene) {
  hidden();
  by_write(scene);
}

// A call of the x86 ABI: number and arguments, all of 32 bits.
static long
call32(const uint32_t *words) {
  register const uint32_t *r12 __asm__("r12") = words;
  long result;
  __asm__ volatile("mov %%rbx, %%r13\n mov %%rbp, %%r14\n"
                   "mov (%%r12), %%eax\n mov 4(%%r12), %%ebx\n mov 8(%%r12), %%ecx\n mov 12(%%r12), %%edx\n"
                   "mov 16(%%r12), %%esi\n mov 20(%%r12), %%edi\n mov 24(%%r12), %%ebp\n int $0x80\n"
                   "mov %%r13, %%rbx\n mov %%r14, %%rbp"
                   : "=a"(result)
                   : "r"(r12)
                   : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r13", "r14", "memory");
  return result;
}

static uint32_t
low(const void *pointer) {
  return (uint32_t)(uintptr_t)pointer;
}

static void
x86(struct scene *scene, uint32_t number, uint32_t second, uint32_t third, uint32_t fourth) {
  const uint32_t words[7] = {
      number, (uint32_t)scene->fd, second, third, fourth, low(&scene->address), (uint32_t)scene->length};
  if (call32(words) < 0)
    _exit(BROKEN);
}

static uint32_t
bytes_length(const struct scene *scene) {
  return (uint32_t)strlen(scene->bytes);
}

// The way out of socketcall(2).
static void
socketcall(struct scene *scene, uint32_t what) {
  const uint32_t words[7] = {102, what, low(scene->narrow_arguments)};
  scene->narrow_arguments[0] = (uint32_t)scene->fd;
  if (call32(words) < 0)
    _exit(BROKEN);
}

// Two pieces.
static uint32_t
narrow_vector(struct scene *scene) {
  scene->narrow_vector[0] = low(scene->bytes);
  scene->narrow_vector[1] = 3;
  scene->narrow_vector[2] = low(scene->bytes + 3);
  scene->narrow_vector[3] = bytes_length(scene) - 3;
  return low(scene->narrow_vector);
}

static void
narrow_header(struct scene *scene, uint32_t *header) {
  header[0] = low(&scene->address);
  header[1] = (uint32_t)scene->length;
  header[2] = narrow_vector(scene);
  header[3] = 2;
}

static void
x86_write(struct scene *scene) {
  connected(scene);
  x86(scene, 4, low(scene->bytes), bytes_length(scene), 0);
}

static void
x86_writev(struct scene *scene) {
  connected(scene);
  x86(scene, 146, narrow_vector(scene), 2, 0);
}

static void
x86_sendto(struct scene *scene) {
  x86(scene, 369, low(scene->bytes), bytes_length(scene), 0);
}

static void
x86_sendmsg(struct scene *scene) {
  narrow_header(scene, scene->narrow_message);
  x86(scene, 370, low(scene->narrow_message), 0, 0);
}

static void
x86_sendmmsg(struct scene *scene) {
  narrow_header(scene, scene->narrow_messages + 8);
  memcpy(scene->narrow_messages, scene->narrow_messages + 8, 32);
  scene->narrow_messages[3] = 0; // no pieces
  x86(scene, 345, low(scene->narrow_messages), 2, 0);
}

static void
socketcall_send(struct scene *scene) {
  connected(scene);
  scene->narrow_arguments[1] = low(scene->bytes);
  scene->narrow_arguments[2] = bytes_length(scene);
  socketcall(scene, 9);
}

static void
socketcall_sendto(struct scene *scene) {
  scene->narrow_arguments[1] = low(scene->bytes);
  scene->narrow_arguments[2] = bytes_length(scene);
  scene->narrow_arguments[4] = low(&scene->address);
  scene->narrow_arguments[5] = (uint32_t)scene->length;
  socketcall(scene, 11);
}

static void
socketcall_sendmsg(struct scene *scene) {
  narrow_header(scene, scene->narrow_message);
  scene->narrow_arguments[1] = low(scene->narrow_message);
  socketcall(scene, 16);
}

static void
socketcall_sendmmsg(struct scene *scene) {
  narrow_header(scene, scene->narrow_messages);
  scene->narrow_arguments[1] = low(scene->narrow_messages);
  scene->narrow_arguments[2] = 1;
  socketcall(scene, 20);
}

static void
socketcall_bad(struct scene *scene) {
  const uint32_t words[7] = {102, 16, 8};
  (void)scene;
  call32(words);
}

// What the tracer may not do.
static void
install(const struct sock_filter *code, unsigned short length) {
  struct sock_filter copy[8];
  memcpy(copy, code, length * sizeof *code);
  const struct sock_fprog program = {length, copy};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit(BROKEN);
}

static void
no_getfd(void) {
  const struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_getfd, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  install(code, sizeof code / sizeof code[0]);
}

// As kernels before 6.9 do.
static void
no_thread_descriptors(void) {
  const struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  install(code, sizeof code / sizeof code[0]);
}

// A user who may not look into what hides. That user's new processes can be looked into.
static void
nobody(void) {
  if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
    _exit(BROKEN);
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
    _exit(BROKEN);
}

static const struct row {
  const char *name;
  send_function *send;
  int want; // how many of its calls are ready
  const char *text, *to, *notify_socket;
  void (*restrict_tracer)(void);
  bool memory; // the tracer has it open from the beginning
} rows[] = {
    {.name = "sendmsg", .send = by_sendmsg, .want = 1},
    {.name = "sendmsg, connected", .send = by_sendmsg_connected, .want = 1},
    {.name = "sendmsg, pieces", .send = by_pieces, .want = 1},
    {.name = "sendmmsg", .send = by_sendmmsg, .want = 1},
    {.name = "sendto", .send = by_sendto, .want = 1},
    {.name = "send", .send = by_send, .want = 1},
    {.name = "write", .send = by_write, .want = 1},
    {.name = "writev", .send = by_writev, .want = 1},
    {.name = "pwritev2", .send = by_pwritev2, .want = 1},
    {.name = "thread", .send = by_thread, .want = 1},
    {.name = "abstract, sendmsg", .send = by_sendmsg, .want = 1, .to = abstract, .notify_socket = abstract},
    {.name = "abstract, write", .send = by_write, .want = 1, .to = abstract, .notify_socket = abstract},
    {.name = "moved, sendto", .send = by_sendto, .want = 1, .to = moved_path, .notify_socket = moved_path},
    {.name = "moved, write", .send = by_write, .want = 1, .to = moved_path, .notify_socket = moved_path},
    // Lines.
    {.name = "one of three", .send = by_sendto, .want = 1, .text = "STATUS=x\nREADY=1\nMAINPID=3"},
    {.name = "ended", .send = by_sendto, .want = 1, .text = "READY=1\n"},
    {.name = "ended by CR", .send = by_sendto, .want = 1, .text = "READY=1\r\n"},
    {.name = "0", .send = by_sendto, .text = "READY=0"},
    {.name = "11", .send = by_sendto, .text = "READY=11"},
    {.name = "in a value", .send = by_sendto, .text = "STATUS=READY=1"},
    {.name = "in a word", .send = by_sendto, .text = "ALREADY=1"},
    {.name = "in two lines", .send = by_sendto, .text = "READY=\n1"},
    {.name = "watchdog", .send = by_sendto, .text = "WATCHDOG=1"},
    {.name = "nothing", .send = by_sendto, .text = ""},
    {.name = "long", .send = with_long_text},
    {.name = "at the end", .send = with_line_at_end, .want = 1},
    // To somebody else.
    {.name = "pipe", .send = to_pipe},
    {.name = "file", .send = to_file},
    {.name = "pair", .send = to_pair},
    {.name = "no descriptor", .send = to_no_descriptor},
    {.name = "another, sendmsg", .send = by_sendmsg, .to = other_path},
    {.name = "another, write", .send = by_write, .to = other_path},
    {.name = "abstract for a path", .send = by_sendto, .to = abstract},
    {.name = "stream", .send = to_stream, .to = stream, .notify_socket = stream},
    {.name = "bad pointers", .send = with_bad_pointers},
    // The other ABI.
    {.name = "x86 write", .send = x86_write, .want = 1},
    {.name = "x86 writev", .send = x86_writev, .want = 1},
    {.name = "x86 sendto", .send = x86_sendto, .want = 1},
    {.name = "x86 sendto another", .send = x86_sendto, .to = other_path},
    {.name = "x86 sendmsg", .send = x86_sendmsg, .want = 1},
    {.name = "x86 sendmmsg", .send = x86_sendmmsg, .want = 1},
    {.name = "socketcall send", .send = socketcall_send, .want = 1},
    {.name = "socketcall sendto", .send = socketcall_sendto, .want = 1},
    {.name = "socketcall sendto another", .send = socketcall_sendto, .to = other_path},
    {.name = "socketcall sendmsg", .send = socketcall_sendmsg, .want = 1},
    {.name = "socketcall sendmmsg", .send = socketcall_sendmmsg, .want = 1},
    {.name = "socketcall bad", .send = socketcall_bad},
    // Kernels that say less, and processes that hide.
    {.name = "no PIDFD_THREAD", .send = by_write, .want = 1, .restrict_tracer = no_thread_descriptors},
    {.name = "no pidfd_getfd, sendto", .send = by_sendto, .want = 1, .restrict_tracer = no_getfd},
    {.name = "no pidfd_getfd, write", .send = by_write, .want = FAILED, .restrict_tracer = no_getfd},
    {.name = "no pidfd_getfd, other text", .send = by_write, .text = "READY=0", .restrict_tracer = no_getfd},
    {.name = "no pidfd_getfd, pipe", .send = to_pipe, .restrict_tracer = no_getfd},
    {.name = "no pidfd_getfd, file", .send = to_file, .restrict_tracer = no_getfd},
    {.name = "nobody", .send = by_write, .want = 1, .restrict_tracer = nobody},
    {.name = "hidden", .send = hidden_sendto, .want = FAILED, .restrict_tracer = nobody},
    {.name = "hidden, memory open", .send = hidden_sendto, .want = 1, .restrict_tracer = nobody, .memory = true},
    {.name = "hidden, other text", .send = hidden_write, .text = "STATUS=", .restrict_tracer = nobody, .memory = true},
    {.name = "hidden, connected", .send = hidden_write, .want = FAILED, .restrict_tracer = nobody, .memory = true},
};

// The scene lies where both ABIs can point to.
static struct scene *
scene_make(const struct row *row) {
  void *place =
      mmap(NULL, sizeof(struct scene), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (place == MAP_FAILED)
    _exit(BROKEN);
  struct scene *scene = place;
  scene->to = row->to != NULL ? row->to : path;
  strcpy(scene->bytes, row->text != NULL ? row->text : "READY=1");
  scene->length = address_make(scene->to, &scene->address);
  scene->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return scene;
}

static void
tracee_run(const struct row *row) {
  struct scene *scene = scene_make(row);
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
    _exit(BROKEN);
  row->send(scene);
  _exit(0);
}

static int
memory_open(pid_t pid) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%ld/mem", (long)pid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    _exit(BROKEN);
  return fd;
}

// The next thing that happens to a tracee. False when it has ended.
static bool
wait_stop(pid_t *pid, int *status) {
  *pid = waitpid(-1, status, __WALL);
  if (*pid < 0)
    _exit(BROKEN);
  return WIFSTOPPED(*status);
}

// Counts what is ready until the tracee has ended.
static int
trace(pid_t first, int memory, const struct ready_socket *to) {
  int count = 0, status;
  for (;;) {
    pid_t pid;
    bool ready = false;
    struct error e;
    if (wait_stop(&pid, &status)) {
      if (WSTOPSIG(status) == (SIGTRAP | 0x80) && ready_is_sent(pid, memory, to, &ready, &e) != 0) {
        kill(first, SIGKILL);
        return FAILED;
      }
      count += ready;
      ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    } else if (pid == first) {
      return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? count : BROKEN;
    }
  }
}

static int
tracer_run(const struct row *row) {
  struct ready_socket to;
  struct error e;
  int status;
  if (ready_socket_read(&to, row->notify_socket != NULL ? row->notify_socket : path, &e) != 0)
    return BROKEN;
  if (row->restrict_tracer == nobody)
    nobody();
  pid_t pid = fork();
  if (pid == 0)
    tracee_run(row);
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)
      || ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) != 0)
    return BROKEN;
  int memory = row->memory ? memory_open(pid) : -1;
  if (row->restrict_tracer != NULL && row->restrict_tracer != nobody)
    row->restrict_tracer();
  ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
  return trace(pid, memory, &to);
}

static void
drain(const int *receivers, size_t count) {
  char bytes[2 * READY_BYTES];
  for (size_t i = 0; i < count; i++)
    while (recv(receivers[i], bytes, sizeof bytes, 0) >= 0)
      ;
}

static void
test_rows(void) {
  int receivers[] = {receiver(path, SOCK_DGRAM), receiver(other_path, SOCK_DGRAM), receiver(abstract, SOCK_DGRAM),
                     receiver(moved_path, SOCK_DGRAM), receiver(stream, SOCK_STREAM)};
  char new_path[128];
  CHECK(listen(receivers[4], 8) == 0);
  // Bound to one path, known by another.
  snprintf(new_path, sizeof new_path, "%s/new", folder);
  CHECK(rename(moved_path, new_path) == 0);
  strcpy(moved_path, new_path);
  CHECK(chmod(path, 0666) == 0 && chmod(other_path, 0666) == 0 && chmod(moved_path, 0666) == 0);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    int status;
    pid_t tracer = fork();
    if (tracer == 0)
      _exit(tracer_run(&rows[i]));
    CHECK(waitpid(tracer, &status, 0) == tracer);
    int got = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    CHECK_ROW(got == rows[i].want, rows[i].name);
    if (got != rows[i].want)
      fprintf(stderr, "  %d, not %d\n", got, rows[i].want);
    drain(receivers, 4);
  }
}

static void
test_addresses(void) {
  static const struct {
    const char *text;
    bool good;
  } names[] = {{"/run/systemd/notify", true},
               {"@notify", true},
               {"", false},
               {"notify", false},
               {"vsock:2:1234", false},
               {"/", false},
               {"@", false},
               {"x", false},
               {"./notify", false}};
  char longest[110];
  struct ready_socket to;
  struct error e;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    CHECK_ROW((ready_socket_read(&to, names[i].text, &e) == 0) == names[i].good, names[i].text);
  memset(longest, 'x', sizeof longest);
  longest[0] = '/';
  longest[107] = '\0';
  CHECK(ready_socket_read(&to, longest, &e) == 0);
  CHECK_INT(to.named.length, 109);
  CHECK_INT(to.bound.length, 0);
  longest[107] = 'x';
  longest[108] = '\0';
  CHECK(ready_socket_read(&to, longest, &e) != 0 && e.kind == ERROR_USAGE);
}

int
main(void) {
  strcpy(folder, "/tmp/scrun-ready.XXXXXX");
  if (mkdtemp(folder) == NULL || chmod(folder, 0777) != 0)
    return BROKEN;
  snprintf(path, sizeof path, "%s/notify", folder);
  snprintf(other_path, sizeof other_path, "%s/other", folder);
  snprintf(moved_path, sizeof moved_path, "%s/old", folder);
  snprintf(abstract, sizeof abstract, "@scrun-ready-%ld", (long)getpid());
  snprintf(stream, sizeof stream, "@scrun-stream-%ld", (long)getpid());
  test_addresses();
  test_rows();
  unlink(path);
  unlink(other_path);
  unlink(moved_path);
  rmdir(folder);
  return check_done();
}
