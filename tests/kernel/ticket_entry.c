// SPDX-License-Identifier: LGPL-2.1-or-later
// ticket_entry.c - a program without libc that looks for its own exec ticket: keeps every register of its first
// instruction, then tries each pair of the words that it has (registers, vector state, arguments, environment,
// auxiliary vector, what that points to) as the ticket of another exec. Ends with 0 when all were refused with
// EHOSTDOWN; with 1 at any other answer; "escaped" is written by the program that an exec starts.
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define GENERAL 16
#define VECTOR_BYTES 4096
#define WORDS_MAX 512

uint64_t entry_general[GENERAL];
_Alignas(64) uint64_t entry_vector[VECTOR_BYTES / 8];
_Noreturn void entry_main(uint64_t *stack);

// XSAVE of all that the kernel has enabled; the mask is ANDed with that.
__asm__(".globl _start\n"
        "_start:\n"
        "  mov %rax, entry_general+0(%rip)\n"
        "  mov %rbx, entry_general+8(%rip)\n"
        "  mov %rcx, entry_general+16(%rip)\n"
        "  mov %rdx, entry_general+24(%rip)\n"
        "  mov %rsi, entry_general+32(%rip)\n"
        "  mov %rdi, entry_general+40(%rip)\n"
        "  mov %rbp, entry_general+48(%rip)\n"
        "  mov %r8, entry_general+56(%rip)\n"
        "  mov %r9, entry_general+64(%rip)\n"
        "  mov %r10, entry_general+72(%rip)\n"
        "  mov %r11, entry_general+80(%rip)\n"
        "  mov %r12, entry_general+88(%rip)\n"
        "  mov %r13, entry_general+96(%rip)\n"
        "  mov %r14, entry_general+104(%rip)\n"
        "  mov %r15, entry_general+112(%rip)\n"
        "  mov $0xe7, %eax\n" // x87, SSE, AVX, AVX-512; tile data would not fit and has to be asked for
        "  xor %edx, %edx\n"
        "  xsave64 entry_vector(%rip)\n"
        "  mov %rsp, %rdi\n"
        "  xor %ebp, %ebp\n"
        "  call entry_main\n");

static long
call6(long number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5) {
  register uint64_t r10 __asm__("r10") = a3;
  register uint64_t r8 __asm__("r8") = a4;
  register uint64_t r9 __asm__("r9") = a5;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static _Noreturn void
end(int status) {
  for (;;)
    call6(SYS_exit_group, (uint64_t)status, 0, 0, 0, 0, 0);
}

static void
say(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  call6(SYS_write, 1, (uintptr_t)text, length, 0, 0, 0);
}

static uint64_t guesses[WORDS_MAX];
static size_t guess_count;

static void
guess_add(uint64_t word) {
  for (size_t i = 0; i < guess_count; i++)
    if (guesses[i] == word)
      return;
  if (guess_count == WORDS_MAX) {
    say("too many words\n");
    end(2);
  }
  guesses[guess_count++] = word;
}

// From the stack pointer up: argc, argv, environment, auxiliary vector; AT_RANDOM points to 16 bytes behind them.
static void
guesses_of_stack(const uint64_t *stack) {
  const uint64_t *at = stack;
  for (int nulls = 0; nulls < 2; at++) {
    nulls += at > stack && *at == 0;
    guess_add(*at);
  }
  for (; at[0] != AT_NULL; at += 2) {
    guess_add(at[1]);
    if (at[0] == AT_RANDOM) {
      const uint64_t *random = (const uint64_t *)at[1]; // not aligned; this machine does not mind
      uint64_t pair[2];
      __builtin_memcpy(pair, random, sizeof pair);
      guess_add(pair[0]);
      guess_add(pair[1]);
    }
  }
}

static const char target[] = "/bin/echo";
static const char *const arguments[] = {target, "escaped", NULL};
static const char *const environment[] = {NULL};

static void
refuse(long answer, const char *otherwise) {
  if (answer == -EHOSTDOWN)
    return;
  say(otherwise);
  end(1);
}

#define X32_BIT 0x40000000

// The ticket is execve's alone, on the native ABI: the others are tried first, and refused also for the true one.
// execveat has its flags and nothing in the last two arguments: only some are valid, but the filter answers first.
static void
try_pair(uint64_t a4, uint64_t a5) {
  uintptr_t path = (uintptr_t)target, argv = (uintptr_t)arguments, envp = (uintptr_t)environment;
  refuse(call6(SYS_execveat, (uint64_t)-100, path, argv, envp, a4, a5), "execveat was let through\n");
  refuse(call6(X32_BIT | 520, path, argv, envp, 0, a4, a5), "execve of x32 was let through\n");
  refuse(call6(SYS_execve, path, argv, envp, 0, a4, a5), "execve was let through\n");
  refuse(call6(SYS_execve, path, argv, envp, 1, a4, a5), "execve answered the probe\n");
}

_Noreturn void
entry_main(uint64_t *stack) {
  for (size_t i = 0; i < GENERAL; i++)
    guess_add(entry_general[i]);
  for (size_t i = 0; i < VECTOR_BYTES / 8; i++)
    guess_add(entry_vector[i]);
  guesses_of_stack(stack);
  guess_add(1);
  guess_add(UINT64_MAX);
  for (size_t i = 0; i < guess_count; i++)
    for (size_t j = 0; j < guess_count; j++)
      try_pair(guesses[i], guesses[j]);
  say("all refused\n");
  end(0);
}
