// SPDX-License-Identifier: LGPL-2.1-or-later
// elf.c - what the kernel reads at the head of a file that it is to execute.
#include "runner/elf.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

// The kernel looks at this much of a #! line. Source: BINPRM_BUF_SIZE in <linux/binfmts.h>.
#define HEAD_BYTES 256
// Of a dynamic section, and of the name of a library: more than linkers make. The rest is not looked at.
#define DYNAMIC_ENTRIES_MAX 512
#define LIBRARY_BYTES 256
// Of the names of its symbols and libraries.
#define NAMES_BYTES_MAX (64 << 20)
#define NAMES_PART_BYTES 16384

// The first bytes of a file, as what they may be. What a short file lacks is zero, as it is for the kernel.
union head {
  char bytes[HEAD_BYTES];
  Elf64_Ehdr elf64;
  Elf32_Ehdr elf32;
};

static bool
is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

// The first word behind "#!". A word that nothing ends may be only the beginning of a name, which the kernel does not
// take either. Source: load_script() in fs/binfmt_script.c.
static void
script_read(const char head[HEAD_BYTES], struct elf *out) {
  size_t from = 2, to;
  while (from < HEAD_BYTES && is_blank(head[from]))
    from++;
  for (to = from; to < HEAD_BYTES && !is_blank(head[to]) && head[to] != '\n' && head[to] != '\0';)
    to++;
  if (to == HEAD_BYTES) {
    out->wrong = "has a first line that is too long";
  } else if (to == from) {
    out->wrong = "names no interpreter in its first line";
  } else {
    out->has_interpreter = true;
    memcpy(out->interpreter, head + from, to - from);
    out->interpreter[to - from] = '\0';
  }
}

// The string of a PT_INTERP; the kernel takes the first.
static void
interpreter_read(int fd, const struct segment *segment, struct elf *out) {
  size_t size = (size_t)segment->file_bytes;
  if (out->has_interpreter)
    return;
  out->has_interpreter = true;
  if (segment->file_bytes < 2 || segment->file_bytes > PATH_MAX || segment->offset > INT64_MAX - PATH_MAX
      || pread(fd, out->interpreter, size, (off_t)segment->offset) != (ssize_t)size
      || out->interpreter[size - 1] != '\0')
    out->interpreter[0] = '\0';
  if (out->interpreter[0] == '\0' && out->wrong == NULL)
    out->wrong = "has ELF headers that name no interpreter where they should";
}

// How the headers are laid out. For the machines that it runs, the kernel does not look at EI_CLASS.
static bool
is_wide(const union head *head) {
  if (head->elf64.e_machine == EM_X86_64)
    return head->elf64.e_phentsize == sizeof(Elf64_Phdr);
  return head->elf64.e_machine != EM_386 && head->bytes[EI_CLASS] == ELFCLASS64;
}

// The program headers of either class as segments, as many of the `count` that there should be as there are.
static void
segments_read(int fd, uint64_t offset, size_t count, struct elf *out) {
  union {
    Elf64_Phdr elf64[SEGMENTS_MAX];
    Elf32_Phdr elf32[SEGMENTS_MAX];
  } headers;
  size_t size = out->wide ? sizeof headers.elf64[0] : sizeof headers.elf32[0];
  size_t wanted = count < SEGMENTS_MAX ? count : SEGMENTS_MAX;
  ssize_t got = offset <= INT64_MAX - (int64_t)sizeof headers ? pread(fd, &headers, wanted * size, (off_t)offset) : -1;
  out->segment_count = got > 0 ? (size_t)got / size : 0;
  for (size_t i = 0; i < out->segment_count; i++) {
    const Elf64_Phdr *h64 = &headers.elf64[i];
    const Elf32_Phdr *h32 = &headers.elf32[i];
    out->segments[i] = out->wide
                           ? (struct segment){h64->p_type, h64->p_offset, h64->p_vaddr, h64->p_filesz, h64->p_memsz}
                           : (struct segment){h32->p_type, h32->p_offset, h32->p_vaddr, h32->p_filesz, h32->p_memsz};
  }
  if (count > SEGMENTS_MAX)
    out->wrong = "has more program headers than any linker makes";
  else if (count == 0 || out->segment_count < count)
    out->wrong = "has no program headers where its ELF header says";
}

static void
image_read(int fd, const union head *head, struct elf *out) {
  out->wide = is_wide(head);
  out->type = head->elf64.e_type; // these two stand at the same place in both
  out->machine = head->elf64.e_machine;
  if ((out->wide ? head->elf64.e_phentsize : head->elf32.e_phentsize)
      != (out->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr))) {
    out->wrong = "has program headers of a wrong size";
    return;
  }
  segments_read(fd, out->wide ? head->elf64.e_phoff : head->elf32.e_phoff,
                out->wide ? head->elf64.e_phnum : head->elf32.e_phnum, out);
  for (size_t i = 0; i < out->segment_count; i++)
    if (out->segments[i].type == PT_INTERP)
      interpreter_read(fd, &out->segments[i], out);
}

void
elf_read(int fd, struct elf *out) {
  union head head = {.bytes = {0}};
  // not what is large: of that as much is there as is said
  out->kind = ELF_NEITHER;
  out->wide = out->has_interpreter = false;
  out->type = out->machine = 0;
  out->segment_count = 0;
  out->interpreter[0] = '\0';
  out->wrong = NULL;
  ssize_t length = pread(fd, head.bytes, sizeof head.bytes, 0);
  if (length > 2 && memcmp(head.bytes, "#!", 2) == 0) {
    out->kind = ELF_SCRIPT;
    script_read(head.bytes, out);
  } else if (length > SELFMAG && memcmp(head.bytes, ELFMAG, SELFMAG) == 0) {
    out->kind = ELF_IMAGE;
    image_read(fd, &head, out);
  } else {
    out->wrong = "is neither an ELF file nor a script with a #! line";
  }
}

int
elf_open(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0)
    return -1;
  if (S_ISREG(info.st_mode))
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  errno = ENOEXEC;
  return -1;
}

bool
elf_is_privileged(const char *path) {
  struct stat info;
  struct statvfs mount;
  char attribute[64];
  if (statvfs(path, &mount) == 0 && (mount.f_flag & ST_NOSUID) != 0)
    return false;
  if (stat(path, &info) == 0
      && ((info.st_mode & S_ISUID) != 0 || (info.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)))
    return true;
  return getxattr(path, "security.capability", attribute, sizeof attribute) > 0;
}

// Where the byte at `address` of the loaded program is in the file. False if it is in no segment.
static bool
offset_of_address(const struct elf *elf, uint64_t address, uint64_t *offset) {
  for (size_t i = 0; i < elf->segment_count; i++) {
    const struct segment *segment = &elf->segments[i];
    if (segment->type == PT_LOAD && address >= segment->address && address - segment->address < segment->file_bytes)
      return !__builtin_add_overflow(segment->offset, address - segment->address, offset);
  }
  return false;
}

// A dynamic section of either class, up to its end.
struct dynamic {
  size_t count;
  struct {
    uint64_t tag, value;
  } entries[DYNAMIC_ENTRIES_MAX];
};

static void
dynamic_read(int fd, const struct elf *elf, const struct segment *segment, struct dynamic *out) {
  static union {
    Elf64_Dyn elf64[DYNAMIC_ENTRIES_MAX];
    Elf32_Dyn elf32[DYNAMIC_ENTRIES_MAX];
  } raw;
  size_t size = elf->wide ? sizeof raw.elf64[0] : sizeof raw.elf32[0];
  uint64_t bytes = DYNAMIC_ENTRIES_MAX * size;
  out->count = 0;
  if (segment->offset > INT64_MAX - sizeof raw)
    return;
  ssize_t got =
      pread(fd, &raw, (size_t)(segment->file_bytes < bytes ? segment->file_bytes : bytes), (off_t)segment->offset);
  for (size_t i = 0; got > 0 && i < (size_t)got / size; i++) {
    out->entries[i].tag = elf->wide ? (uint64_t)raw.elf64[i].d_tag : (uint64_t)raw.elf32[i].d_tag;
    out->entries[i].value = elf->wide ? raw.elf64[i].d_un.d_val : raw.elf32[i].d_un.d_val;
    if (out->entries[i].tag == DT_NULL)
      return;
    out->count++;
  }
}

// Those that insist on being the first library. The shared ones: what is linked in statically does not mind.
static bool
is_sanitizer(const char *library) {
  static const char *const names[] = {"libasan.so",       "libtsan.so",       "liblsan.so",       "libhwasan.so",
                                      "libclang_rt.asan", "libclang_rt.tsan", "libclang_rt.lsan", "libclang_rt.hwasan"};
  const char *slash = strrchr(library, '/');
  const char *name = slash == NULL ? library : slash + 1;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strncmp(name, names[i], strlen(names[i])) == 0)
      return true;
  return false;
}

// The table of names, by the dynamic section. False if there is none.
static bool
names_find(const struct elf *elf, const struct dynamic *dynamic, uint64_t *table, uint64_t *size) {
  bool found = false;
  *size = 0;
  for (size_t i = 0; i < dynamic->count; i++) {
    if (dynamic->entries[i].tag == DT_STRTAB)
      found = offset_of_address(elf, dynamic->entries[i].value, table);
    if (dynamic->entries[i].tag == DT_STRSZ)
      *size = dynamic->entries[i].value;
  }
  return found && *table <= INT64_MAX - NAMES_BYTES_MAX;
}

static bool
needs_sanitizer(int fd, const struct dynamic *dynamic, uint64_t table) {
  uint64_t at;
  for (size_t i = 0; i < dynamic->count; i++) {
    char library[LIBRARY_BYTES] = "";
    if (dynamic->entries[i].tag != DT_NEEDED || __builtin_add_overflow(table, dynamic->entries[i].value, &at)
        || at > INT64_MAX - LIBRARY_BYTES)
      continue;
    if (pread(fd, library, sizeof library - 1, (off_t)at) > 0 && is_sanitizer(library))
      return true;
  }
  return false;
}

// With its NUL, and whole in one of two parts that overlap. A linker may let it be the end of a longer name.
static bool
names_have(int fd, uint64_t table, uint64_t size, const char *name) {
  static char part[NAMES_PART_BYTES];
  size_t length = strlen(name) + 1;
  for (uint64_t at = 0; at < size && at < NAMES_BYTES_MAX; at += sizeof part - length) {
    size_t wanted = size - at < sizeof part ? (size_t)(size - at) : sizeof part;
    ssize_t got = pread(fd, part, wanted, (off_t)(table + at));
    if (got <= 0)
      return false;
    if (memmem(part, (size_t)got, name, length) != NULL)
      return true;
  }
  return false;
}

void
elf_read_dynamic(int fd, const struct elf *elf, struct elf_dynamic *out) {
  static struct dynamic dynamic;
  uint64_t table = 0, size;
  *out = (struct elf_dynamic){.starts = false};
  for (size_t i = 0; i < elf->segment_count; i++) {
    if (elf->segments[i].type != PT_DYNAMIC)
      continue;
    dynamic_read(fd, elf, &elf->segments[i], &dynamic);
    if (!names_find(elf, &dynamic, &table, &size))
      return;
    out->sanitized = needs_sanitizer(fd, &dynamic, table);
    out->starts = names_have(fd, table, size, "__libc_start_main");
    return;
  }
}
