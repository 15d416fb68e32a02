// SPDX-License-Identifier: LGPL-2.1-or-later
// caller.c - makes the calls that its arguments say and prints what each answered: "ABI:NUMBER[:ARGUMENT]...", with ABI
// one of x86-64, x32, x86, and numbers as strtoull(3) reads them. Without arguments it waits to be looked at.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define X32_BIT 0x40000000u

static long
call_64(uint64_t number, const uint64_t a[6]) {
  register uint64_t r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
  uint64_t result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return (long)result;
}

// Four arguments of 32 bits are enough here.
static long
call_32(uint64_t number, const uint64_t a[6]) {
  uint64_t result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "0"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3])
                   : "r8", "r9", "r10", "r11", "memory");
  return (int32_t)result;
}

static long
make(const char *word) {
  const char *at = strchr(word, ':');
  uint64_t numbers[7] = {0};
  for (size_t i = 0; at != NULL && i < 7; i++, at = strchr(at, ':'))
    numbers[i] = strtoull(++at, NULL, 0);
  if (strncmp(word, "x86:", 4) == 0)
    return call_32(numbers[0], numbers + 1);
  return call_64(strncmp(word, "x32:", 4) == 0 ? numbers[0] | X32_BIT : numbers[0], numbers + 1);
}

int
main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    char line[256];
    int length = snprintf(line, sizeof line, "%s %ld\n", argv[i], make(argv[i]));
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
      return 98;
  }
  while (argc == 1)
    pause();
  return 0;
}
