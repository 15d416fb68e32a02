// SPDX-License-Identifier: LGPL-2.1-or-later
// libc.c - the entry, and the few functions of a C library that the sources shared with scrun call.
#include "hook/wrapper/libc.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

// At the entry the stack holds argc, argv, NULL, envp, NULL, the auxiliary vector.
__asm__(".pushsection .text.entry, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call libc_main\n"
        ".popsection\n");

// A function that is one system call, of up to five arguments. The registers of both conventions differ in the fourth.
#define TEXT(word) #word
#define NUMBER(word) TEXT(word)
#define CALL(name, number)                                                                                             \
  __asm__(".pushsection .text." #name ", \"ax\"\n"                                                                     \
          ".globl " #name "\n" #name ":\n"                                                                             \
          "  mov $" NUMBER(number) ", %eax\n"                                                                          \
                                   "  mov %rcx, %r10\n"                                                                \
                                   "  syscall\n"                                                                       \
                                   "  mov %rax, %rdi\n"                                                                \
                                   "  jmp libc_result\n"                                                               \
                                   ".popsection\n")
CALL(prctl, __NR_prctl);
CALL(getrandom, __NR_getrandom);
CALL(getuid, __NR_getuid);
CALL(geteuid, __NR_geteuid);
CALL(write, __NR_write);
CALL(_exit, __NR_exit_group);

// syscall(2) takes the number first.
__asm__(".pushsection .text.syscall, \"ax\"\n"
        ".globl syscall\n"
        "syscall:\n"
        "  mov %rdi, %rax\n"
        "  mov %rsi, %rdi\n"
        "  mov %rdx, %rsi\n"
        "  mov %rcx, %rdx\n"
        "  mov %r8, %r10\n"
        "  mov %r9, %r8\n"
        "  syscall\n"
        "  mov %rax, %rdi\n"
        "  jmp libc_result\n"
        ".popsection\n");

// By the call that profiles of containers know better.
int
open(const char *path, int flags, ...) {
  return (int)syscall(__NR_openat, AT_FDCWD, path, flags);
}

static int libc_errno;
static const Elf64_auxv_t *auxv;

int *
__errno_location(void) {
  return &libc_errno;
}

// What the kernel answers, as a C library hands it on. Source: MAX_ERRNO in the kernel's err.h.
__attribute__((used)) long
libc_result(long result) {
  if (result >= 0 || result < -4095)
    return result;
  libc_errno = (int)-result;
  return -1;
}

unsigned long
getauxval(unsigned long type) {
  for (const Elf64_auxv_t *at = auxv; at->a_type != AT_NULL; at++)
    if (at->a_type == type)
      return at->a_un.a_val;
  return 0;
}

__attribute__((used, noreturn)) void
libc_main(long *stack) {
  char **argv = (char **)(stack + 1), **environment = argv + stack[0] + 1, **end = environment;
  while (*end != NULL)
    end++;
  auxv = (const Elf64_auxv_t *)(end + 1);
  for (;;)
    _exit(wrapper_main((int)stack[0], argv, environment));
}

void *
memcpy(void *restrict to, const void *restrict from, size_t length) {
  void *at = to;
  __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(length) : : "memory");
  return to;
}

void *
memset(void *to, int byte, size_t length) {
  void *at = to;
  __asm__ volatile("rep stosb" : "+D"(at), "+c"(length) : "a"(byte) : "memory");
  return to;
}

void
explicit_bzero(void *to, size_t length) {
  memset(to, 0, length);
}

int
memcmp(const void *first, const void *second, size_t length) {
  const unsigned char *a = first, *b = second;
  for (size_t i = 0; i < length; i++)
    if (a[i] != b[i])
      return a[i] - b[i];
  return 0;
}

void *
memchr(const void *bytes, int byte, size_t length) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < length; i++)
    if (at[i] == (unsigned char)byte)
      return (void *)(uintptr_t)(at + i);
  return NULL;
}

size_t
strlen(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  return length;
}

char *
strchr(const char *text, int byte) {
  for (; *text != (char)byte; text++)
    if (*text == '\0')
      return NULL;
  return (char *)(uintptr_t)text;
}

int
strncmp(const char *first, const char *second, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (first[i] != second[i] || first[i] == '\0')
      return (unsigned char)first[i] - (unsigned char)second[i];
  return 0;
}
