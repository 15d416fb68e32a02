// SPDX-License-Identifier: LGPL-2.1-or-later
// start_check.c - whether a program begins in a way that the preload library can stand in front of.
#include "runner/preload/start_check.h"
#include <elf.h>
#include <stdint.h>
#include <string.h>

static const char start_name[] = "__libc_start_main";

struct file {
  const unsigned char *bytes;
  size_t length;
  Elf64_Ehdr header;
};

static bool
file_get(const struct file *file, uint64_t offset, void *out, size_t size) {
  if (offset > file->length || size > file->length - offset)
    return false;
  memcpy(out, file->bytes + offset, size);
  return true;
}

static bool
segment_get(const struct file *file, size_t index, Elf64_Phdr *out) {
  return index < file->header.e_phnum && file_get(file, file->header.e_phoff + index * sizeof *out, out, sizeof *out);
}

// Where in the file `address` of the program comes from, or SIZE_MAX.
static uint64_t
offset_of(const struct file *file, uint64_t address) {
  Elf64_Phdr segment;
  for (size_t i = 0; segment_get(file, i, &segment); i++)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  return SIZE_MAX;
}

// The table of the names, by the dynamic section.
static bool
strings_find(const struct file *file, const Elf64_Phdr *dynamic, uint64_t *offset, uint64_t *size) {
  Elf64_Dyn entry = {.d_tag = DT_NEEDED};
  *offset = SIZE_MAX;
  *size = 0;
  for (uint64_t at = 0; at < dynamic->p_filesz && entry.d_tag != DT_NULL; at += sizeof entry) {
    if (!file_get(file, dynamic->p_offset + at, &entry, sizeof entry))
      return false;
    if (entry.d_tag == DT_STRTAB)
      *offset = offset_of(file, entry.d_un.d_ptr);
    if (entry.d_tag == DT_STRSZ)
      *size = entry.d_un.d_val;
  }
  return *offset <= file->length && *size <= file->length - *offset;
}

bool
start_check(const unsigned char *bytes, size_t length) {
  struct file file = {.bytes = bytes, .length = length};
  Elf64_Phdr segment = {.p_type = PT_NULL};
  uint64_t offset, size;
  if (!file_get(&file, 0, &file.header, sizeof file.header) || memcmp(bytes, ELFMAG, SELFMAG) != 0
      || bytes[EI_CLASS] != ELFCLASS64 || file.header.e_phoff > length)
    return false;
  for (size_t i = 0; segment.p_type != PT_DYNAMIC; i++)
    if (!segment_get(&file, i, &segment))
      return false;
  // up to its NUL; a linker may let it be the end of a longer name
  return strings_find(&file, &segment, &offset, &size)
         && memmem(bytes + offset, size, start_name, sizeof start_name) != NULL;
}
