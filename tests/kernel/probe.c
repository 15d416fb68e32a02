// SPDX-License-Identifier: LGPL-2.1-or-later
// probe.c - makes the calls that its arguments name, in order, and prints what each answered: "WORD RESULT", errno as a
// negative number. Built as every kind of binary. A word that begins with "/" is passed over: as the interpreter of a
// script, the probe gets the script's name.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif
#define X32_BIT 0x40000000L

static long
answer(long result) {
  return result == -1 ? -errno : result;
}

// Pointers are NULL: the kernel answers EFAULT (-14) to a call that the filter let through.
struct call {
  const char *name;
  long native, number32, number64;
};
static const struct call calls[] = {
    {"getppid", SYS_getppid, 64, 110},    {"uname", SYS_uname, 122, 63},   {"umask", SYS_umask, 60, 95},
    {"sysinfo", SYS_sysinfo, 116, 99},    {"pipe", SYS_pipe, 42, 22},      {"seccomp", SYS_seccomp, 354, 317},
    {"prctl", SYS_prctl, 172, 157},       {"ptrace", SYS_ptrace, 26, 101}, {"execve", SYS_execve, 11, 59},
    {"execveat", SYS_execveat, 358, 322},
};

static const struct call *
call_find(const char *name) {
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (strcmp(calls[i].name, name) == 0)
      return &calls[i];
  fprintf(stderr, "probe: %s?\n", name);
  exit(99);
}

static long
make_native(const char *name) {
  return answer(syscall(call_find(name)->native, 0, 0, 0, 0, 0, 0));
}

// i386 calls: from a 64-bit program too.
static long
make_int80(const char *name) {
  long number = call_find(name)->number32, result;
#ifdef __x86_64__
  __asm__ volatile("xor %%ebx, %%ebx\n int $0x80"
                   : "=a"(result)
                   : "a"(number), "c"(0), "d"(0), "S"(0), "D"(0)
                   : "rbx", "r8", "r9", "r10", "r11", "memory");
  return (int)result;
#else
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
  return result;
#endif
}

#ifdef __x86_64__
static long
make_syscall64(const char *name) {
  return answer(syscall(call_find(name)->number64, 0, 0, 0, 0, 0, 0));
}

static long
make_x32(const char *name) {
  return answer(syscall(X32_BIT | call_find(name)->number64, 0, 0, 0, 0, 0, 0));
}
#else
// A 32-bit program reaches the 64-bit calls through the 64-bit code segment. `lretl` pops what the far call pushed.
void syscall64_gate(void);
__asm__(".text\n syscall64_gate:\n .code64\n syscall\n lretl\n .code32\n");

static long
enter64(long number) {
  const struct __attribute__((packed)) {
    uint32_t offset;
    uint16_t segment;
  } gate = {(uint32_t)(uintptr_t)syscall64_gate, 0x33};
  long result;
  __asm__ volatile("lcall *%1" : "=a"(result) : "m"(gate), "a"(number), "D"(0), "S"(0), "d"(0) : "ecx", "memory");
  return result;
}

static long
make_syscall64(const char *name) {
  return enter64(call_find(name)->number64);
}

static long
make_x32(const char *name) {
  return enter64(X32_BIT | call_find(name)->number64);
}
#endif

static long
make_execve(const char *path) {
  char *const argv[] = {(char *)(uintptr_t)path, NULL}, *const envp[] = {NULL};
  return answer(syscall(SYS_execve, path, argv, envp, 0, 0, 0));
}

static long
make_execveat(const char *path) {
  char *const argv[] = {(char *)(uintptr_t)path, NULL}, *const envp[] = {NULL};
  return answer(syscall(SYS_execveat, AT_FDCWD, path, argv, envp, 0, 0));
}

// What a setuid or file-capability file would have given: the uid, or -1000 for any capability and -1001 for other
// effective ids.
static long
make_privileges(const char *unused) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  (void)unused;
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) != 0)
    return -errno;
  if ((data[0].permitted | data[0].effective | data[1].permitted | data[1].effective) != 0)
    return -1000;
  return geteuid() == getuid() && getegid() == getgid() ? (long)getuid() : -1001;
}

// The argument of a word, in two halves at its colon.
static const char *
split(const char *pair, char *first, size_t size) {
  const char *colon = strchr(pair, ':');
  size_t length = colon == NULL ? size : (size_t)(colon - pair);
  if (length >= size)
    exit(99);
  memcpy(first, pair, length);
  first[length] = '\0';
  return colon + 1;
}

static long
make_rename(const char *pair) {
  char from[256];
  const char *to = split(pair, from, sizeof from);
  return answer(rename(from, to));
}

static long
make_link(const char *pair) {
  char from[256];
  const char *to = split(pair, from, sizeof from);
  return answer(link(from, to));
}

static long
file_open(const char *path, int flags) {
  int fd = open(path, flags, 0600);
  if (fd < 0)
    return -errno;
  close(fd);
  return 0;
}

static long
make_open(const char *path) {
  return file_open(path, O_RDONLY);
}

static long
make_write(const char *path) {
  return file_open(path, O_WRONLY | O_CREAT);
}

static long
make_read(const char *path) {
  char byte;
  int fd = open(path, O_RDONLY);
  if (fd < 0)
    return -errno;
  long got = answer(read(fd, &byte, 1));
  close(fd);
  return got;
}

static long
make_mount(const char *path) {
  if (syscall(SYS_mount, "none", path, "tmpfs", 0, 0) != 0)
    return -errno;
  return answer(syscall(SYS_umount2, path, 0));
}

static struct sockaddr_un
socket_address(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  return address;
}

static long
make_listen(const char *path) {
  struct sockaddr_un address = socket_address(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
    return -errno;
  return answer(listen(fd, 8));
}

static long
make_connect(const char *path) {
  struct sockaddr_un address = socket_address(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0)
    return -errno;
  long result = answer(connect(fd, (const struct sockaddr *)&address, sizeof address));
  close(fd);
  return result;
}

static pid_t
pid_read(const char *text) {
  return (pid_t)strtol(text, NULL, 10);
}

static long
make_attach(const char *text) {
  pid_t pid = pid_read(text);
  if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0)
    return -errno;
  waitpid(pid, NULL, __WALL);
  return answer(ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

// Where Yama is, only a parent may attach to a process that has not said this; elsewhere it answers EINVAL.
static long
make_attachable(const char *unused) {
  (void)unused;
  return answer(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0));
}

// The process is this program without address randomization: its memory has the same layout.
static char shared_place[8] = "before";

static long
make_vmread(const char *text) {
  char bytes[sizeof shared_place];
  struct iovec here = {bytes, sizeof bytes}, there = {shared_place, sizeof bytes};
  return answer(process_vm_readv(pid_read(text), &here, 1, &there, 1, 0));
}

static long
make_vmwrite(const char *text) {
  char bytes[sizeof shared_place] = "after";
  struct iovec here = {bytes, sizeof bytes}, there = {shared_place, sizeof bytes};
  return answer(process_vm_writev(pid_read(text), &here, 1, &there, 1, 0));
}

// Standard input of another process.
static long
make_getfd(const char *text) {
  int pidfd = (int)syscall(434, pid_read(text), 0); // pidfd_open, pidfd_getfd
  if (pidfd < 0)
    return -errno;
  long fd = answer(syscall(438, pidfd, 0, 0));
  close(pidfd);
  return fd < 0 ? fd : answer(close((int)fd));
}

static long
make_signal(const char *text) {
  return answer(kill(pid_read(text), 0));
}

// The filter of a child of its own, which has the same.
static long
make_getfilter(const char *unused) {
  (void)unused;
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    _exit(0);
  }
  if (child < 0 || waitpid(child, NULL, 0) != child)
    return -errno;
  long result = answer(ptrace(PTRACE_SECCOMP_GET_FILTER, child, NULL, NULL));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return result;
}

static long
make_pid(const char *unused) {
  (void)unused;
  return getpid();
}

static long
make_pause(const char *unused) {
  (void)unused;
  return answer(pause());
}

static long
make_exit(const char *status) {
  exit((int)strtol(status, NULL, 10));
}

struct verb {
  const char *name;
  long (*make)(const char *argument);
};
static const struct verb verbs[] = {
    {"native", make_native},
    {"int80", make_int80},
    {"syscall64", make_syscall64},
    {"x32", make_x32},
    {"execve", make_execve},
    {"execveat", make_execveat},
    {"privileges", make_privileges},
    {"rename", make_rename},
    {"link", make_link},
    {"open", make_open},
    {"write", make_write},
    {"read", make_read},
    {"mount", make_mount},
    {"listen", make_listen},
    {"connect", make_connect},
    {"attach", make_attach},
    {"vmread", make_vmread},
    {"vmwrite", make_vmwrite},
    {"getfd", make_getfd},
    {"signal", make_signal},
    {"getfilter", make_getfilter},
    {"pid", make_pid},
    {"pause", make_pause},
    {"exit", make_exit},
    {"attachable", make_attachable},
};

static long
make(const char *word) {
  size_t length = strcspn(word, "=");
  const char *argument = word[length] == '=' ? word + length + 1 : "";
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
    if (strlen(verbs[i].name) == length && memcmp(verbs[i].name, word, length) == 0)
      return verbs[i].make(argument);
  return make_native(word);
}

int
main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] == '/')
      continue;
    long result = make(argv[i]);
    char line[512];
    int length = snprintf(line, sizeof line, "%s %ld\n", argv[i], result);
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
      return 98;
  }
  return 0;
}
