// SPDX-License-Identifier: LGPL-2.1-or-later
// sandbox_host.c - a program that says what a library left in it: the bytes of all its mappings but the stack, of its
// own heap in use, and its descriptors. With HOST_MALLOC its allocator is its own, and says how many blocks are in use.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HOST_MALLOC
// Bytes that are never used twice; each block is preceded by its size.
static _Alignas(16) unsigned char heap[1 << 20];
static size_t heap_used;
static long blocks;

void *
malloc(size_t size) {
  size_t needed = 16 + ((size + 15) & ~(size_t)15);
  if (size > sizeof heap || needed > sizeof heap - heap_used)
    return NULL;
  unsigned char *block = heap + heap_used;
  memcpy(block, &size, sizeof size);
  heap_used += needed;
  blocks++;
  return block + 16;
}

void
free(void *block) {
  blocks -= block != NULL;
}

void *
calloc(size_t count, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? NULL : malloc(bytes);
}

void *
realloc(void *block, size_t size) {
  size_t old = 0;
  if (block != NULL)
    memcpy(&old, (unsigned char *)block - 16, sizeof old);
  void *moved = malloc(size);
  if (moved != NULL && block != NULL)
    memcpy(moved, block, old < size ? old : size);
  free(block);
  return moved;
}

static long
in_use(void) {
  return blocks;
}
#else
static long
in_use(void) {
  return (long)mallinfo2().uordblks;
}
#endif

static unsigned long
mapped_bytes(void) {
  unsigned long first, end, sum = 0;
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "re");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
    if (sscanf(line, "%lx-%lx", &first, &end) == 2 && strstr(line, "[stack]") == NULL)
      sum += end - first;
  if (maps != NULL)
    fclose(maps);
  return sum;
}

int
main(void) {
  void *volatile first = malloc(1); // as a library's constructor may have done
  free(first);
  long used = in_use();
  printf("mapped %lu\nin use %ld\nnext descriptor %d\n", mapped_bytes(), used, dup(0));
  return 0;
}
