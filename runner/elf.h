// SPDX-License-Identifier: LGPL-2.1-or-later
// elf.h - what the kernel reads at the head of a file that it is to execute: a #! line, or ELF headers.
//
// The bytes are anybody's: every offset and size is held against the file, and nothing is taken for true.
#ifndef SCRUN_RUNNER_ELF_H
#define SCRUN_RUNNER_ELF_H
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The kernel follows a script's interpreter that is a script this many times. Source: exec_binprm() in fs/exec.c.
#define SCRIPTS_MAX 5
// More segments than any linker makes. The kernel takes headers of 64 KiB. Source: load_elf_phdrs() in fs/binfmt_elf.c.
#define SEGMENTS_MAX 73

// A program header, of either class.
struct segment {
  uint32_t type;
  uint64_t offset, address, file_bytes, memory_bytes;
};

enum elf_kind {
  ELF_NEITHER,
  ELF_SCRIPT, // it begins with #!
  ELF_IMAGE,  // it begins as an ELF file
};

struct elf {
  enum elf_kind kind;
  bool wide; // 64-bit headers
  uint16_t type, machine;
  size_t segment_count;
  struct segment segments[SEGMENTS_MAX]; // as many as could be read
  bool has_interpreter;                  // a first word behind #!, or a PT_INTERP
  char interpreter[PATH_MAX];            // that one; empty if there is none, or it is not what it has to be
  const char *wrong; // what is wrong with it, to be said behind its name; NULL: nothing seen. Static
};

// Opens a regular file for reading. Looked at before it is opened: a #! line can name a device, and opening one can do
// something. Returns -1 with errno; ENOEXEC for what is no regular file.
int elf_open(const char *path);

// Never fails: what cannot be read is not there, and `wrong` says so.
void elf_read(int fd, struct elf *out);

// True if the kernel gives a program privileges for this file: setuid, setgid (with group execute) or file
// capabilities, unless its mount is nosuid. Not for scripts, on which it heeds none of them. Source: bprm_fill_uid() in
// fs/exec.c, get_file_caps() in security/commoncap.c.
bool elf_is_privileged(const char *path);

// What the dynamic section of a file says. What is odd there says nothing.
struct elf_dynamic {
  bool sanitized; // one of the libraries that it needs is a sanitizer's run time
  bool starts;    // it has the name __libc_start_main: without it nobody outside knows its main()
};
void elf_read_dynamic(int fd, const struct elf *elf, struct elf_dynamic *out);
#endif
