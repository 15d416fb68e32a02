// SPDX-License-Identifier: LGPL-2.1-or-later
// test_executable.c - what an exec of a file will run: scripts, ELF files made here, good ones and such as lie, and
// files of this machine; and which moments each leaves possible. What the kernel makes of scripts is asked as well.
#include "runner/executable.h"
#include "runner/elf.h"
#include "tests/check.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { NOBODY = 65534, PHDRS = 64, INTERP_AT = 512, DYNAMIC_AT = 1024, STRINGS_AT = 3072, FILE_BYTES = 8192 };
#define BASE 0x400000u
#define LOADER "/lib64/ld-linux-x86-64.so.2"

static char folder[] = "/tmp/scrun-executable.XXXXXX";
static bool nosuid;

static const char *
at_folder(const char *name) {
  static char path[4][256];
  static unsigned next;
  char *out = path[next++ % 4];
  snprintf(out, sizeof path[0], "%s/%s", folder, name);
  return out;
}

static const char *
file_make(const char *name, const void *bytes, size_t length, mode_t mode) {
  const char *path = at_folder(name);
  (void)unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK_ROW(fd >= 0 && write(fd, bytes, length) == (ssize_t)length && fchmod(fd, mode) == 0, name);
  close(fd);
  return path;
}

// An ELF file under construction: headers, a segment that loads all of it, and what a row asks for.
struct image {
  unsigned char bytes[FILE_BYTES];
  size_t length, segments, entries, strings;
  bool wide;
};

static Elf64_Ehdr *
header64(struct image *image) {
  return (Elf64_Ehdr *)(void *)image->bytes;
}

static Elf32_Ehdr *
header32(struct image *image) {
  return (Elf32_Ehdr *)(void *)image->bytes;
}

static Elf64_Phdr *
segment64(struct image *image, size_t i) {
  return (Elf64_Phdr *)(void *)(image->bytes + PHDRS) + i;
}

static void
add_segment(struct image *image, uint32_t type, uint32_t offset, uint32_t size) {
  size_t i = image->segments++;
  if (image->wide) {
    *segment64(image, i) = (Elf64_Phdr){
        .p_type = type, .p_offset = offset, .p_vaddr = BASE + offset, .p_filesz = size, .p_memsz = size, .p_align = 1};
    header64(image)->e_phnum = (Elf64_Half)image->segments;
  } else {
    ((Elf32_Phdr *)(void *)(image->bytes + PHDRS))[i] = (Elf32_Phdr){
        .p_type = type, .p_offset = offset, .p_vaddr = BASE + offset, .p_filesz = size, .p_memsz = size, .p_align = 1};
    header32(image)->e_phnum = (Elf32_Half)image->segments;
  }
}

static void
image_begin(struct image *image, uint16_t machine, bool wide) {
  memset(image, 0, sizeof *image);
  image->length = FILE_BYTES;
  image->wide = wide;
  image->strings = 1;
  if (wide)
    *header64(image) = (Elf64_Ehdr){.e_type = ET_DYN,
                                    .e_machine = machine,
                                    .e_version = EV_CURRENT,
                                    .e_phoff = PHDRS,
                                    .e_ehsize = sizeof(Elf64_Ehdr),
                                    .e_phentsize = sizeof(Elf64_Phdr)};
  else
    *header32(image) = (Elf32_Ehdr){.e_type = ET_EXEC,
                                    .e_machine = machine,
                                    .e_version = EV_CURRENT,
                                    .e_phoff = PHDRS,
                                    .e_ehsize = sizeof(Elf32_Ehdr),
                                    .e_phentsize = sizeof(Elf32_Phdr)};
  memcpy(image->bytes, ELFMAG, SELFMAG);
  image->bytes[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
  image->bytes[EI_DATA] = ELFDATA2LSB;
  image->bytes[EI_VERSION] = EV_CURRENT;
  add_segment(image, PT_LOAD, 0, FILE_BYTES);
}

static void
add_interpreter(struct image *image, const char *name) {
  size_t size = strlen(name) + 1;
  memcpy(image->bytes + INTERP_AT, name, size);
  add_segment(image, PT_INTERP, INTERP_AT, (uint32_t)size);
}

static void
add_entry(struct image *image, uint32_t tag, uint64_t value) {
  size_t i = image->entries++;
  if (image->wide)
    ((Elf64_Dyn *)(void *)(image->bytes + DYNAMIC_AT))[i] = (Elf64_Dyn){.d_tag = tag, .d_un = {.d_val = value}};
  else
    ((Elf32_Dyn *)(void *)(image->bytes + DYNAMIC_AT))[i] =
        (Elf32_Dyn){.d_tag = (Elf32_Sword)tag, .d_un = {.d_val = (Elf32_Word)value}};
}

static void
add_needed(struct image *image, const char *name) {
  size_t size = strlen(name) + 1;
  memcpy(image->bytes + STRINGS_AT + image->strings, name, size);
  add_entry(image, DT_NEEDED, image->strings);
  image->strings += size;
}

// A program as linkers make it, that needs `library` besides libc.
static void
image_make_usual(struct image *image, const char *library) {
  image_begin(image, EM_X86_64, true);
  add_interpreter(image, LOADER);
  add_segment(image, PT_DYNAMIC, DYNAMIC_AT, STRINGS_AT - DYNAMIC_AT);
  if (library != NULL)
    add_needed(image, library);
  add_needed(image, "libc.so.6");
  add_entry(image, DT_STRTAB, BASE + STRINGS_AT);
  add_entry(image, DT_NULL, 0);
}

static int
image_look(const struct image *image, const char *name, struct executable *out, struct error *e) {
  *e = (struct error){.kind = ERROR_NONE};
  return executable_read(out, file_make(name, image->bytes, image->length, 0755), e);
}

static void
check_good(struct image *image, const char *name, enum abi abi, bool dynamic, bool sanitized) {
  struct executable got;
  struct error e;
  CHECK_ROW(image_look(image, name, &got, &e) == 0, name);
  if (e.kind != ERROR_NONE) {
    fprintf(stderr, "unexpected: %s\n", e.text);
    return;
  }
  CHECK_STR(got.path, at_folder(name));
  CHECK_ROW(got.abi == abi, name);
  CHECK_ROW(got.dynamic == dynamic && (got.interpreter[0] != '\0') == dynamic, name);
  CHECK_ROW(got.says.sanitized == sanitized, name);
  CHECK_ROW(got.readable && !got.privileged && got.scripts == 0, name);
}

static void
check_bad(struct image *image, const char *name, const char *said) {
  struct executable got;
  struct error e;
  CHECK_ROW(image_look(image, name, &got, &e) == -1 && e.kind == ERROR_EXEC, name);
  if (strstr(e.text, said) == NULL)
    CHECK_STR(e.text, said);
}

static void
check_abis(void) {
  struct image image;
  image_make_usual(&image, NULL);
  check_good(&image, "usual", ABI_X86_64, true, false);
  image_begin(&image, EM_X86_64, true);
  check_good(&image, "static-pie", ABI_X86_64, false, false);
  header64(&image)->e_type = ET_EXEC;
  check_good(&image, "static", ABI_X86_64, false, false);
  image.bytes[EI_CLASS] = ELFCLASS32; // which the kernel does not look at
  check_good(&image, "other-class", ABI_X86_64, false, false);
  image_begin(&image, EM_386, false);
  check_good(&image, "i386-static", ABI_I386, false, false);
  add_interpreter(&image, LOADER); // any file will do
  check_good(&image, "i386", ABI_I386, true, false);
  image_begin(&image, EM_X86_64, false);
  check_good(&image, "x32-static", ABI_X32, false, false);
  add_interpreter(&image, LOADER);
  check_good(&image, "x32", ABI_X32, true, false);
  image_begin(&image, EM_X86_64, true);
  while (image.segments < SEGMENTS_MAX) // from here on they would run into the rest
    add_segment(&image, PT_NULL, 0, 0);
  check_good(&image, "73-segments", ABI_X86_64, false, false);
}

static const struct machine_row {
  const char *name;
  uint16_t machine, type;
  bool wide;
} machine_rows[] = {
    {"aarch64", EM_AARCH64, ET_EXEC, true}, {"arm", EM_ARM, ET_EXEC, false},    {"none", EM_NONE, ET_EXEC, true},
    {"object", EM_X86_64, ET_REL, true},    {"core", EM_X86_64, ET_CORE, true}, {"i386-object", EM_386, ET_REL, false},
};

static void
check_machines(void) {
  struct image image;
  for (size_t i = 0; i < sizeof machine_rows / sizeof machine_rows[0]; i++) {
    image_begin(&image, machine_rows[i].machine, machine_rows[i].wide);
    header64(&image)->e_type = machine_rows[i].type; // at the same place in both
    check_bad(&image, machine_rows[i].name, "is no executable of this machine");
  }
  image_begin(&image, EM_386, false);
  header32(&image)->e_phentsize = sizeof(Elf64_Phdr);
  check_bad(&image, "i386-with-wide-headers", "program headers of a wrong size");
}

// Where its headers end or point elsewhere.
static void
check_lies(void) {
  static const char nowhere[] = "no program headers where its ELF header says", unnamed[] = "name no interpreter";
  struct image image;
  for (size_t length = 5; length < PHDRS + 3 * sizeof(Elf64_Phdr); length++) {
    image_make_usual(&image, NULL);
    image.length = length;
    check_bad(&image, "cut", length <= 56 ? "program headers" : nowhere);
  }
  image_make_usual(&image, NULL);
  image.length = INTERP_AT + sizeof LOADER - 1;
  check_bad(&image, "cut-in-interpreter", unnamed);
  for (size_t i = 0; i < 3; i++) {
    static const uint64_t offsets[] = {FILE_BYTES, INT64_MAX, UINT64_MAX};
    image_make_usual(&image, NULL);
    header64(&image)->e_phoff = offsets[i];
    check_bad(&image, "headers-elsewhere", nowhere);
    image_make_usual(&image, NULL);
    segment64(&image, 1)->p_offset = offsets[i];
    check_bad(&image, "interpreter-elsewhere", unnamed);
  }
  for (size_t i = 0; i < 5; i++) {
    static const uint64_t sizes[] = {0, 1, sizeof LOADER - 1, PATH_MAX + 1, UINT64_MAX};
    image_make_usual(&image, NULL);
    segment64(&image, 1)->p_filesz = sizes[i];
    check_bad(&image, "interpreter-size", unnamed);
  }
  image_make_usual(&image, NULL);
  image.bytes[INTERP_AT] = '\0';
  check_bad(&image, "interpreter-empty", unnamed);
  image_begin(&image, EM_X86_64, true);
  header64(&image)->e_phnum = 0;
  check_bad(&image, "no-headers", nowhere);
  for (unsigned count = SEGMENTS_MAX + 1; count <= 0xffff; count = count < 0xff00 ? 0xff00 : count + 0xff) {
    header64(&image)->e_phnum = (Elf64_Half)count;
    check_bad(&image, "many-headers", "more program headers than any linker makes");
  }
}

static void
check_interpreters(void) {
  char name[PATH_MAX];
  struct executable got;
  struct error e;
  struct image image;
  image_begin(&image, EM_X86_64, true);
  add_interpreter(&image, "/nowhere/ld.so");
  check_bad(&image, "interpreter-missing", "cannot be started: its interpreter /nowhere/ld.so: No such file");
  image_begin(&image, EM_X86_64, true);
  add_interpreter(&image, "/dev/null");
  check_bad(&image, "interpreter-device", "cannot be started: its interpreter /dev/null: no regular file");
  // the first one counts
  image_begin(&image, EM_X86_64, true);
  add_interpreter(&image, LOADER);
  add_segment(&image, PT_INTERP, 0, 4);
  check_good(&image, "two-interpreters", ABI_X86_64, true, false);
  // the longest name: many slashes
  memset(name, '/', sizeof name);
  memcpy(name + sizeof name - sizeof LOADER, LOADER, sizeof LOADER);
  image_begin(&image, EM_X86_64, true);
  memcpy(image.bytes + INTERP_AT, name, sizeof name);
  add_segment(&image, PT_INTERP, INTERP_AT, PATH_MAX);
  CHECK(image_look(&image, "longest-interpreter", &got, &e) == 0);
  CHECK_STR(got.interpreter, name);
}

static const struct library_row {
  const char *name;
  bool sanitizer;
} library_rows[] = {
    {"libasan.so.8", true},
    {"libtsan.so.2", true},
    {"liblsan.so.0", true},
    {"libhwasan.so.0", true},
    {"libclang_rt.asan-x86_64.so", true},
    {"libclang_rt.tsan.so", true},
    {"/opt/llvm/lib/libclang_rt.asan.so", true},
    {"libubsan.so.1", false},
    {"libm.so.6", false},
    {"libasandwich.so", false},
    {"notlibasan.so.8", false},
    {"/libasan.so.8/libm.so.6", false},
    {"", false},
};

static void
check_sanitizers(void) {
  struct image image;
  for (size_t i = 0; i < sizeof library_rows / sizeof library_rows[0]; i++) {
    image_make_usual(&image, library_rows[i].name);
    check_good(&image, "library", ABI_X86_64, true, library_rows[i].sanitizer);
  }
  image_begin(&image, EM_386, false);
  add_interpreter(&image, LOADER);
  add_segment(&image, PT_DYNAMIC, DYNAMIC_AT, STRINGS_AT - DYNAMIC_AT);
  add_entry(&image, DT_STRTAB, BASE + STRINGS_AT);
  add_needed(&image, "libasan.so.8");
  check_good(&image, "library-i386", ABI_I386, true, true);
}

// What is odd about libraries is no failure.
static void
check_odd_libraries(void) {
  struct image image;
  static const uint64_t odd[] = {0, FILE_BYTES - 1, FILE_BYTES, INT64_MAX, UINT64_MAX};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    image_make_usual(&image, "libasan.so.8");
    segment64(&image, 2)->p_offset = odd[i];
    check_good(&image, "dynamic-elsewhere", ABI_X86_64, true, false);
    image_make_usual(&image, "libasan.so.8");
    segment64(&image, 2)->p_filesz = odd[i];
    check_good(&image, "dynamic-size", ABI_X86_64, true, i >= 1); // to the end of the file, or the 512th entry
    image_make_usual(&image, "libasan.so.8");
    ((Elf64_Dyn *)(void *)(image.bytes + DYNAMIC_AT))[0].d_un.d_val = odd[i];
    check_good(&image, "name-elsewhere", ABI_X86_64, true, false);
    image_make_usual(&image, "libasan.so.8");
    segment64(&image, 0)->p_offset = odd[i];
    check_good(&image, "segment-elsewhere", ABI_X86_64, true, i == 0);
    image_make_usual(&image, "libasan.so.8");
    ((Elf64_Dyn *)(void *)(image.bytes + DYNAMIC_AT))[2].d_un.d_val = odd[i];
    check_good(&image, "strings-elsewhere", ABI_X86_64, true, false);
  }
  image_make_usual(&image, "libasan.so.8");
  ((Elf64_Dyn *)(void *)(image.bytes + DYNAMIC_AT))[0].d_tag = DT_NULL;
  check_good(&image, "ends-before", ABI_X86_64, true, false);
}

// 0, or the errno of an execve of `path`.
static int
exec_of(const char *path) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    execl(path, path, (char *)NULL);
    _exit(errno);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
  return WEXITSTATUS(status);
}

static const struct script_row {
  const char *name, *text, *said; // said NULL: it is right
} script_rows[] = {
    {"script", "#!/bin/true\n", NULL},
    {"blanks", "#! \t /bin/true \t -x y\n", NULL},
    {"no-newline", "#!/bin/true", NULL},
    {"argument", "#!/bin/true --help\nexit 1\n", NULL},
    {"relative", "#!bin/true\n", NULL},
    {"nothing", "#!\n", "names no interpreter"},
    {"only-blanks", "#! \t \n/bin/true\n", "names no interpreter"},
    {"carriage-return", "#!/bin/true\r\n", "/bin/true\r: No such file"},
    {"missing", "#!/nowhere/sh\n", "/nowhere/sh: No such file"},
    {"a-folder", "#!/bin\n", "/bin is no regular file"},
    {"a-device", "#!/dev/zero\n", "/dev/zero is no regular file"},
    {"text", "echo hello\n", "is neither an ELF file nor a script"},
    {"two-bytes", "#!", "is neither an ELF file nor a script"},
    {"blank", "", "is neither an ELF file nor a script"},
};

static void
check_script(const char *name, const char *text, size_t length, const char *said) {
  struct executable got;
  struct error e = {.kind = ERROR_NONE};
  const char *path = file_make(name, text, length, 0755);
  CHECK_ROW(executable_read(&got, path, &e) == (said == NULL ? 0 : -1), name);
  CHECK_ROW((exec_of(path) == 0) == (said == NULL), name);
  CHECK_ROW(e.kind == (said == NULL ? ERROR_NONE : ERROR_EXEC), name);
  if (said == NULL)
    CHECK_ROW(got.scripts == 1 && strstr(got.path, "bin/true") != NULL && got.dynamic, name);
  else if (strstr(e.text, said) == NULL)
    CHECK_STR(e.text, said);
}

// How long a first line may be: the kernel is asked at each length.
static void
check_long_lines(void) {
  char text[300];
  for (size_t name_ends = 250; name_ends <= 260; name_ends++) {
    for (size_t i = 0; i < 4; i++) {
      memset(text, '/', sizeof text);
      memcpy(text, "#!", 2);
      memcpy(text + name_ends - 9, "/bin/true", 9);
      text[name_ends] = "\n \0\t"[i];
      memset(text + name_ends + 1, 'x', sizeof text - name_ends - 1);
      text[sizeof text - 1] = '\n';
      check_script("long-line", text, sizeof text, name_ends < 256 ? NULL : "has a first line that is too long");
    }
    check_script("long-file", text, name_ends, name_ends < 256 ? NULL : "has a first line that is too long");
  }
}

static void
check_scripts(void) {
  CHECK(chdir("/") == 0); // for the relative one
  for (size_t i = 0; i < sizeof script_rows / sizeof script_rows[0]; i++)
    check_script(script_rows[i].name, script_rows[i].text, strlen(script_rows[i].text), script_rows[i].said);
}

static void
check_chains(void) {
  char name[16], text[300];
  struct executable got;
  struct error e = {.kind = ERROR_NONE};
  (void)file_make("chain0", "#!/bin/true\n", 12, 0755);
  for (unsigned i = 1; i <= 6; i++) {
    snprintf(name, sizeof name, "chain%u", i);
    snprintf(text, sizeof text, "#!%s/chain%u\n", folder, i - 1);
    const char *path = file_make(name, text, strlen(text), 0755);
    bool good = i < 5;
    CHECK_INT(executable_read(&got, path, &e), good ? 0 : -1);
    CHECK_INT(exec_of(path), good ? 0 : ELOOP);
    if (good)
      CHECK_INT(got.scripts, i + 1);
    else
      CHECK(e.kind == ERROR_EXEC && strstr(e.text, "leads through too many scripts") != NULL);
  }
  snprintf(text, sizeof text, "#!%s/loop\n", folder);
  const char *loop = file_make("loop", text, strlen(text), 0755);
  CHECK(executable_read(&got, loop, &e) == -1 && strstr(e.text, "too many scripts") != NULL);
  CHECK_INT(exec_of(loop), ELOOP);
}

static void
check_machine_files(void) {
  struct executable got;
  struct error e;
  char text[PATH_MAX + 2];
  CHECK(executable_read(&got, "/bin/true", &e) == 0);
  CHECK_STR(got.path, "/bin/true");
  CHECK_STR(got.interpreter, LOADER);
  CHECK(got.dynamic && got.readable && !got.privileged && !got.says.sanitized && got.abi == ABI_X86_64);
  CHECK(executable_read(&got, LOADER, &e) == 0 && !got.dynamic);
  CHECK(executable_read(&got, "/proc/self/exe", &e) == 0);
#if defined(__SANITIZE_ADDRESS__) && !defined(__clang__) // clang links its run time in
  CHECK(got.says.sanitized);
#else
  CHECK(!got.says.sanitized);
#endif
  CHECK(executable_read(&got, at_folder("not-there"), &e) == -1 && strstr(e.text, "No such file") != NULL);
  CHECK(executable_read(&got, folder, &e) == -1 && strstr(e.text, "is no regular file") != NULL);
  CHECK(executable_read(&got, "", &e) == -1 && e.kind == ERROR_EXEC);
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  CHECK(executable_read(&got, text, &e) == -1 && strstr(e.text, "File name too long") != NULL);
}

// As somebody whom modes mean something: a bit per check that fails.
static int
look_as_nobody(void) {
  struct executable got;
  struct error e;
  int failed = 0;
  if (executable_read(&got, at_folder("execute-only"), &e) != 0 || got.readable || got.scripts != 0
      || strcmp(got.path, at_folder("execute-only")) != 0)
    failed |= 1;
  if (executable_moment(&got, MOMENT_ENTRY) != MOMENT_ENTRY || executable_allows(&got, MOMENT_ENTRY, &e) == 0
      || strstr(e.text, "may not be read") == NULL || executable_allows(&got, MOMENT_MAIN, &e) == 0
      || executable_allows(&got, MOMENT_READY, &e) == 0 || executable_allows(&got, MOMENT_EXEC, &e) != 0)
    failed |= 2;
  if (executable_read(&got, at_folder("to-execute-only"), &e) != 0 || got.readable || got.scripts != 1
      || executable_allows(&got, MOMENT_ENTRY, &e) == 0 || strstr(e.text, ", which interprets the script,") == NULL)
    failed |= 4;
  if (executable_read(&got, at_folder("unreadable-loader"), &e) != 0 || got.readable || !got.dynamic
      || executable_allows(&got, MOMENT_ENTRY, &e) == 0)
    failed |= 8;
  return failed;
}

static void
check_unreadable(void) {
  char text[300];
  int status = 0;
  struct image image;
  image_begin(&image, EM_X86_64, true);
  (void)file_make("execute-only", image.bytes, image.length, 0111);
  snprintf(text, sizeof text, "#!%s/execute-only\n", folder);
  (void)file_make("to-execute-only", text, strlen(text), 0755);
  add_interpreter(&image, at_folder("execute-only"));
  (void)file_make("unreadable-loader", image.bytes, image.length, 0755);
  pid_t child = fork();
  if (child == 0) {
    if (getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
      _exit(99);
    _exit(look_as_nobody());
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK_INT(status, 0);
}

static const struct mode_row {
  mode_t mode;
  bool privileged;
} mode_rows[] = {{0755, false}, {04755, true}, {02755, true}, {02745, false}, {06755, true}, {01755, false}};

static void
check_privileged(void) {
  char text[300];
  struct executable got;
  struct error e;
  struct image image;
  image_make_usual(&image, NULL);
  for (size_t i = 0; i < sizeof mode_rows / sizeof mode_rows[0]; i++) {
    const char *path = file_make("mode", image.bytes, image.length, mode_rows[i].mode);
    CHECK(executable_read(&got, path, &e) == 0);
    CHECK_INT(got.privileged, mode_rows[i].privileged && !nosuid);
  }
  // of a script, nothing is heeded; of what interprets it, all
  snprintf(text, sizeof text, "#!%s/usual\n", folder);
  CHECK(executable_read(&got, file_make("setuid-script", text, strlen(text), 04755), &e) == 0 && !got.privileged);
  (void)file_make("setuid", image.bytes, image.length, 04755);
  snprintf(text, sizeof text, "#!%s/setuid\n", folder);
  CHECK(executable_read(&got, file_make("to-setuid", text, strlen(text), 0755), &e) == 0);
  CHECK(got.privileged == !nosuid && got.scripts == 1);
  if (getuid() != 0)
    return;
  // cap_net_raw+ep. Source: struct vfs_cap_data in <linux/capability.h>.
  static const uint32_t capability[5] = {0x02000001, 1u << 13};
  const char *path = file_make("capable", image.bytes, image.length, 0755);
  CHECK(setxattr(path, "security.capability", capability, sizeof capability, 0) == 0);
  CHECK(executable_read(&got, path, &e) == 0 && got.privileged == !nosuid);
}

static const struct moment_row {
  const char *name;
  enum abi abi;
  bool dynamic, privileged, sanitized;
  enum moment moment;
  const char *said; // NULL: possible
} moment_rows[] = {
    {"usual", ABI_X86_64, true, false, false, MOMENT_EXEC, NULL},
    {"usual", ABI_X86_64, true, false, false, MOMENT_ENTRY, NULL},
    {"usual", ABI_X86_64, true, false, false, MOMENT_MAIN, NULL},
    {"usual", ABI_X86_64, true, false, false, MOMENT_READY, NULL},
    {"static", ABI_X86_64, false, false, false, MOMENT_ENTRY, NULL},
    {"static", ABI_X86_64, false, false, false, MOMENT_READY, NULL},
    {"static", ABI_X86_64, false, false, false, MOMENT_MAIN,
     "static is static: there is no loader to preload anything with; --at=entry (the same as exec for it) works"},
    {"setuid", ABI_X86_64, true, true, false, MOMENT_EXEC, NULL},
    {"setuid", ABI_X86_64, true, true, false, MOMENT_ENTRY,
     "setuid is setuid, setgid or has file capabilities, which does not go together with a tracer; --at=exec works"},
    {"setuid", ABI_X86_64, true, true, false, MOMENT_READY, "--at=exec works"},
    {"setuid", ABI_X86_64, true, true, false, MOMENT_MAIN, "so its loader preloads nothing; --at=exec works"},
    {"setuid-static", ABI_X86_64, false, true, false, MOMENT_ENTRY, NULL},
    {"setuid-static", ABI_X86_64, false, true, false, MOMENT_MAIN, "--at=exec works"},
    {"setuid-static", ABI_X86_64, false, true, false, MOMENT_READY, "--at=exec works"},
    {"i386", ABI_I386, true, false, false, MOMENT_ENTRY, NULL},
    {"i386", ABI_I386, true, false, false, MOMENT_READY, NULL},
    {"i386", ABI_I386, true, false, false, MOMENT_MAIN,
     "i386 is an i386 program, and the library to preload is for x86-64; --at=entry works"},
    {"x32", ABI_X32, true, false, false, MOMENT_EXEC, NULL},
    {"x32", ABI_X32, true, false, false, MOMENT_ENTRY,
     "x32 is an x32 program, in which scrun makes no calls; --at=exec"},
    {"x32", ABI_X32, true, false, false, MOMENT_MAIN, "--at=exec works"},
    {"x32", ABI_X32, true, false, false, MOMENT_READY, "--at=exec works"},
    {"x32-static", ABI_X32, false, false, false, MOMENT_ENTRY, NULL},
    {"sanitized", ABI_X86_64, true, false, true, MOMENT_ENTRY, NULL},
    {"sanitized", ABI_X86_64, true, false, true, MOMENT_READY, NULL},
    {"sanitized", ABI_X86_64, true, false, true, MOMENT_MAIN,
     "sanitized has a sanitizer, whose library has to be the first one; --at=entry works"},
    {"startless", ABI_X86_64, true, false, false, MOMENT_ENTRY, NULL},
    {"startless", ABI_X86_64, true, false, false, MOMENT_MAIN,
     "startless does not call __libc_start_main(), so nobody knows its main(); --at=entry works"},
};

// What a refusal names as possible is not refused in its turn.
static void
check_way_out(const struct executable *executable, const char *text) {
  struct error e;
  enum moment instead = strstr(text, "--at=entry") != NULL ? MOMENT_ENTRY : MOMENT_EXEC;
  CHECK_ROW(strstr(text, instead == MOMENT_ENTRY ? "--at=entry" : "--at=exec") != NULL, text);
  CHECK_ROW(executable_allows(executable, executable_moment(executable, instead), &e) == 0, text);
}

static void
check_moments(void) {
  for (size_t i = 0; i < sizeof moment_rows / sizeof moment_rows[0]; i++) {
    const struct moment_row *row = &moment_rows[i];
    struct error e = {.kind = ERROR_NONE};
    static struct executable executable;
    executable =
        (struct executable){.abi = row->abi,
                            .dynamic = row->dynamic,
                            .readable = true,
                            .privileged = row->privileged,
                            .says = {.sanitized = row->sanitized, .starts = strcmp(row->name, "startless") != 0}};
    snprintf(executable.path, sizeof executable.path, "%s", row->name);
    enum moment moment = executable_moment(&executable, row->moment);
    CHECK_ROW((moment == MOMENT_EXEC) == (row->moment == MOMENT_EXEC || (row->moment == MOMENT_ENTRY && !row->dynamic)),
              row->name);
    CHECK_ROW(executable_allows(&executable, moment, &e) == (row->said == NULL ? 0 : -1), row->name);
    CHECK_ROW(e.kind == (row->said == NULL ? ERROR_NONE : ERROR_USAGE), row->name);
    if (row->said == NULL)
      continue;
    if (strstr(e.text, row->said) == NULL)
      CHECK_STR(e.text, row->said);
    check_way_out(&executable, e.text);
  }
}

static void
folder_remove(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  CHECK(system(command) == 0);
}

int
main(void) {
  struct statvfs mount;
  CHECK(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0 && statvfs(folder, &mount) == 0);
  nosuid = (mount.f_flag & ST_NOSUID) != 0;
  check_abis();
  check_machines();
  check_lies();
  check_interpreters();
  check_sanitizers();
  check_odd_libraries();
  check_scripts();
  check_long_lines();
  check_chains();
  check_machine_files();
  check_unreadable();
  check_privileged();
  check_moments();
  folder_remove();
  return check_done();
}
