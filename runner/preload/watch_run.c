// SPDX-License-Identifier: LGPL-2.1-or-later
// watch_run.c - the watcher of At=main.
//
// It kills the program when it is certain that the library will not be there: the image cannot have one, or the loader
// has relocated the program, which it does last, and ours is not among the mappings. Where that cannot be seen, a time
// decides, in which a program that is stopped does not age. Whatever it cannot read, it takes for the worst.
#include "runner/preload/watch_run.h"
#include "runner/preload/call.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

// A start takes less than a millisecond; one that takes longer is not held up by being looked at.
#define SLEEP_FIRST_NS 200000
#define SLEEP_MAX_NS 50000000
// In which a loader has mapped its preloads, be the disk as slow as it is.
#define LOAD_NS 10000000000
// More segments than any linker makes.
#define SEGMENTS_MAX 73

static const char not_loaded[] = "the preload library was not loaded: ";
static const char not_seen[] = "it cannot be seen whether the policy is in force: ";

enum seen { SEEN_NOTHING, SEEN_WAIT, SEEN_BAD };

static long
call3(long number, long a0, long a1, long a2) {
  return call_make(number, a0, a1, a2, 0, 0);
}

static _Noreturn void
leave(void) {
  for (;;)
    (void)call3(SYS_exit_group, 0, 0, 0);
}

static size_t
text_length(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  return length;
}

// How many bytes of `text`, of `length`, are `with`: all of that, or 0.
static size_t
text_begins(const char *text, size_t length, const char *with) {
  size_t i = 0;
  while (i < length && with[i] != '\0' && text[i] == with[i])
    i++;
  return with[i] == '\0' ? i : 0;
}

static size_t
append(char *to, size_t length, const char *text) {
  while (*text != '\0')
    to[length++] = *text++;
  return length;
}

// Who does not take it within a second is not waited for.
static void
say(struct watch *watch, const char *what, const char *why) {
  struct pollfd stream = {.fd = STDERR_FILENO, .events = POLLOUT};
  struct timespec second = {.tv_sec = 1};
  size_t length = append(watch->buffer, 0, "scrun: ");
  length = append(watch->buffer, length, watch->program);
  length = append(watch->buffer, length, ": ");
  length = append(watch->buffer, length, what);
  length = append(watch->buffer, length, why);
  length = append(watch->buffer, length, "; killed\n");
  if (call_make(SYS_ppoll, (long)&stream, 1, (long)&second, 0, 0) == 1)
    (void)call3(SYS_write, STDERR_FILENO, (long)watch->buffer, (long)length);
}

static _Noreturn void
kill_program(struct watch *watch, const char *what, const char *why) {
  if (call_make(SYS_pidfd_send_signal, watch->pidfd, SIGKILL, 0, 0, 0) == 0)
    say(watch, what, why);
  leave();
}

// Sleeps, but not longer than the program lives: it ends with it.
static void
rest(const struct watch *watch, long nanoseconds) {
  struct pollfd program = {.fd = watch->pidfd, .events = POLLIN};
  struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  if (call_make(SYS_ppoll, (long)&program, 1, (long)&time, 0, 0) == 1)
    leave();
}

// The unsigned number of `base` in front of `*at`, which goes behind it.
static uint64_t
number_read(const char **at, const char *end, unsigned base) {
  uint64_t number = 0;
  for (; *at < end; (*at)++) {
    unsigned digit = (unsigned char)**at >= 'a' ? (unsigned char)**at - 'a' + 10u : (unsigned char)**at - '0' + 0u;
    if (digit >= base)
      break;
    number = number * base + digit;
  }
  return number;
}

// What stands behind `name` at the beginning of a line of a status file; NULL if it is not there.
static const char *
status_value(const char *status, size_t length, const char *name) {
  for (size_t i = 0; i < length; i++)
    if (i == 0 || status[i - 1] == '\n') {
      size_t named = text_begins(status + i, length - i, name);
      if (named != 0)
        return status + i + named;
    }
  return NULL;
}

struct status {
  unsigned filters;
  bool stopped;
};

// Of watch->path, seen from the folder. Returns 0 or a negative errno.
static long
status_read(struct watch *watch, int folder, struct status *out) {
  long fd = call3(SYS_openat, folder, (long)watch->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fd;
  long got = call3(SYS_read, fd, (long)watch->buffer, sizeof watch->buffer);
  (void)call3(SYS_close, fd, 0, 0);
  if (got < 0)
    return got;
  const char *end = watch->buffer + got;
  const char *state = status_value(watch->buffer, (size_t)got, "State:\t");
  const char *filters = status_value(watch->buffer, (size_t)got, "Seccomp_filters:\t");
  if (state == NULL || filters == NULL)
    return -ENOTSUP;
  out->stopped = state < end && (*state == 'T' || *state == 't');
  out->filters = (unsigned)number_read(&filters, end, 10);
  return 0;
}

static void
path_set(struct watch *watch, const char *first, const char *second) {
  size_t length = append(watch->path, 0, first);
  watch->path[append(watch->path, length, second)] = '\0';
}

// A thread that ends meanwhile needs no filter.
static bool
is_gone(long result) {
  return result == -ENOENT || result == -ESRCH;
}

// Whether the thread of that name in the folder `tasks` is armed, or gone.
static bool
thread_is_armed(struct watch *watch, int tasks, const char *name) {
  struct status status;
  if (text_length(name) > 16)
    return false;
  path_set(watch, name, "/status");
  long result = status_read(watch, tasks, &status);
  return is_gone(result) || (result == 0 && status.filters >= watch->armed);
}

// Source: struct linux_dirent64 in getdents64(2): the length of an entry at 16, the name at 19.
static bool
threads_are_armed(struct watch *watch) {
  _Alignas(8) char entries[2048];
  bool armed = true;
  long got = 0;
  long tasks = call3(SYS_openat, watch->proc, (long)"task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (tasks < 0)
    return is_gone(tasks);
  while (armed && (got = call3(SYS_getdents64, tasks, (long)entries, sizeof entries)) > 0)
    for (long at = 0; at < got; at += *(const unsigned short *)(const void *)(entries + at + 16)) {
      const char *name = entries + at + 19;
      if (name[0] != '.')
        armed = armed && thread_is_armed(watch, (int)tasks, name);
    }
  (void)call3(SYS_close, tasks, 0, 0);
  return armed && (got == 0 || is_gone(got));
}

// Ends with the program armed. TSYNC arms all threads at once, and nobody but the library can: every one is looked at
// all the same.
static void
end_if_armed(struct watch *watch, bool *stopped) {
  struct status status = {.filters = 0};
  path_set(watch, "status", "");
  long result = status_read(watch, watch->proc, &status);
  *stopped = status.stopped;
  if (is_gone(result))
    leave();
  if (result != 0)
    kill_program(watch, not_seen, "its /proc/PID/status cannot be read");
  if (status.filters < watch->armed)
    return;
  if (!threads_are_armed(watch))
    kill_program(watch, not_seen, "a thread of it has fewer filters than the others");
  leave();
}

// Armed just now, and another program already: nothing is wrong with that.
static _Noreturn void
kill_unless_armed(struct watch *watch, const char *what, const char *why) {
  bool stopped;
  end_if_armed(watch, &stopped);
  kill_program(watch, what, why);
}

struct line {
  uint64_t from, to;
  bool writable, ours;
};

// "FROM-TO rwxp OFFSET DEVICE INODE   PATH". Behind the path of a file that is not there any more stands " (deleted)".
static struct line
line_read(const struct watch *watch, const char *at, const char *end) {
  struct line line;
  line.from = number_read(&at, end, 16);
  at++;
  line.to = number_read(&at, end, 16);
  line.writable = end - at > 2 && at[2] == 'w';
  for (int fields = 0; fields < 4 && at < end; fields++) {
    while (at < end && *at == ' ')
      at++;
    while (at < end && *at != ' ')
      at++;
  }
  while (at < end && *at == ' ')
    at++;
  size_t named = text_begins(at, (size_t)(end - at), watch->library);
  const char *behind = at + named;
  line.ours = named != 0
              && (behind == end || text_begins(behind, (size_t)(end - behind), " (deleted)") == (size_t)(end - behind));
  return line;
}

// Calls `use` with each line of an open maps file. Returns false if there was none.
static bool
maps_read(struct watch *watch, int maps, void (*use)(struct watch *, const struct line *)) {
  size_t filled = 0;
  long offset = 0, got;
  while ((got = call_make(SYS_pread64, maps, (long)(watch->buffer + filled), (long)(sizeof watch->buffer - filled),
                          offset, 0))
         > 0) {
    size_t from = 0;
    offset += got;
    filled += (size_t)got;
    for (size_t i = 0; i < filled; i++)
      if (watch->buffer[i] == '\n') {
        struct line line = line_read(watch, watch->buffer + from, watch->buffer + i);
        use(watch, &line);
        from = i + 1;
      }
    for (size_t i = from; i < filled; i++)
      watch->buffer[i - from] = watch->buffer[i];
    filled -= from;
  }
  return offset > 0;
}

static void
note_line(struct watch *watch, const struct line *line) {
  struct watch_image *image = &watch->image;
  if (line->ours)
    image->mapped = true;
  if (image->relocate >= line->from && image->relocate < line->to && !line->writable)
    image->relocated = true;
}

// Reads a file of the program's folder from its beginning. Returns the length or a negative errno.
static long
read_file(const struct watch *watch, const char *name, void *to, size_t size) {
  long fd = call3(SYS_openat, watch->proc, (long)name, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fd;
  long got = call3(SYS_read, fd, (long)to, (long)size);
  (void)call3(SYS_close, fd, 0, 0);
  return got;
}

static uint64_t
auxiliary_value(const Elf64_auxv_t *vector, size_t count, uint64_t type) {
  for (size_t i = 0; i < count && vector[i].a_type != AT_NULL; i++)
    if (vector[i].a_type == type)
      return vector[i].a_un.a_val;
  return 0;
}

// The bytes that the loader makes read-only when it has relocated the program, if they are writable before: where they
// begin, as the file says. Page size: the loader's.
static uint64_t
relocated_address(const Elf64_Phdr *segments, size_t count) {
  const uint64_t page = 4096;
  for (size_t i = 0; i < count; i++) {
    uint64_t from = segments[i].p_vaddr & -page, to = (segments[i].p_vaddr + segments[i].p_memsz) & -page;
    for (size_t k = 0; segments[i].p_type == PT_GNU_RELRO && from < to && k < count; k++)
      if (segments[k].p_type == PT_LOAD && (segments[k].p_flags & PF_W) != 0
          && segments[k].p_vaddr <= segments[i].p_vaddr
          && segments[i].p_vaddr - segments[k].p_vaddr < segments[k].p_memsz)
        return from;
  }
  return 0;
}

// Where the program headers stand in memory, as the file says; 0: it does not.
static uint64_t
headers_address(const Elf64_Ehdr *header, const Elf64_Phdr *segments, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (segments[i].p_type == PT_LOAD && segments[i].p_offset <= header->e_phoff
        && header->e_phoff - segments[i].p_offset < segments[i].p_filesz)
      return segments[i].p_vaddr + (header->e_phoff - segments[i].p_offset);
  return 0;
}

// Finds image.relocate in the program's file. Returns NULL, or why there will be no library.
static const char *
file_look(struct watch *watch, uint64_t headers) {
  Elf64_Ehdr header = {.e_phnum = 0};
  Elf64_Phdr *segments = (Elf64_Phdr *)(void *)watch->buffer;
  long fd = call3(SYS_openat, watch->proc, (long)"exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return "what a constructor has executed cannot be read";
  long got = call_make(SYS_pread64, fd, (long)&header, sizeof header, 0, 0);
  size_t count = header.e_phnum < SEGMENTS_MAX ? header.e_phnum : SEGMENTS_MAX;
  if (got == sizeof header && header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_machine == EM_X86_64)
    got = call_make(SYS_pread64, fd, (long)segments, (long)(count * sizeof *segments), (long)header.e_phoff, 0);
  else
    got = -ENOEXEC;
  (void)call3(SYS_close, fd, 0, 0);
  if (got != (long)(count * sizeof *segments))
    return "what a constructor has executed is for another machine";
  uint64_t as_written = headers_address(&header, segments, count), address = relocated_address(segments, count);
  watch->image.relocate = as_written == 0 || address == 0 ? 0 : address + (headers - as_written);
  return NULL;
}

static const char *
image_look(struct watch *watch) {
  Elf64_auxv_t vector[64];
  long got = read_file(watch, "auxv", vector, sizeof vector);
  size_t count = got > 0 ? (size_t)got / sizeof vector[0] : 0;
  if (count == 0)
    return "what a constructor has executed cannot be looked into";
  if (auxiliary_value(vector, count, AT_BASE) == 0)
    return "what a constructor has executed is static";
  if (auxiliary_value(vector, count, AT_SECURE) != 0)
    return "the loader ignores LD_PRELOAD in a program that has gained privileges";
  return file_look(watch, auxiliary_value(vector, count, AT_PHDR));
}

static bool
is_current(const struct watch *watch) {
  char byte;
  return call_make(SYS_pread64, watch->image.maps, (long)&byte, 1, 0, 0) == 1;
}

// Sees to it that watch->image is about the image that the program has now. False if it has none at the moment: it is
// about to have another, or at its end.
static bool
image_open(struct watch *watch) {
  struct watch_image *image = &watch->image;
  if (image->maps > 0) {
    if (is_current(watch))
      return true;
    (void)call3(SYS_close, image->maps, 0, 0);
  }
  *image = (struct watch_image){.maps = 0};
  long maps = call3(SYS_openat, watch->proc, (long)"maps", O_RDONLY | O_CLOEXEC);
  if (is_gone(maps))
    return false;
  if (maps < 0)
    kill_unless_armed(watch, not_seen, "its /proc/PID/maps cannot be read");
  image->maps = (int)maps;
  const char *why = image_look(watch);
  if (!is_current(watch)) { // what was read may be another's
    (void)call3(SYS_close, maps, 0, 0);
    image->maps = 0;
    return false;
  }
  if (why != NULL)
    kill_unless_armed(watch, not_loaded, why);
  return true;
}

// One look at a program that is not armed. The loader maps ours before it relocates the program: so what was relocated
// at the last look must have ours at this one.
static void
look(struct watch *watch, bool stopped, long slept) {
  struct watch_image *image = &watch->image;
  if (!image_open(watch) || image->mapped)
    return;
  bool relocated = image->relocated;
  if (!maps_read(watch, image->maps, note_line) || image->mapped)
    return;
  if (relocated)
    kill_unless_armed(watch, not_loaded, "the loader went on without it");
  if (!stopped)
    image->ours += (uint64_t)slept;
  if (image->ours >= LOAD_NS)
    kill_unless_armed(watch, not_loaded, "after 10 s it is not there");
}

// The other filters around scrun are around this process, too.
static void
count_filters(struct watch *watch) {
  struct status own;
  path_set(watch, "/proc/self/status", "");
  if (status_read(watch, AT_FDCWD, &own) != 0)
    kill_program(watch, not_seen, "/proc/PID/status does not say Seccomp_filters (Linux 5.9)");
  watch->armed = own.filters + 2; // the start-up filter and the later one
}

// Until the program has left this memory.
static void
wait_for_exec(struct watch *watch) {
  const struct timespec time = {.tv_nsec = SLEEP_MAX_NS};
  while (watch->executing != 0) {
    (void)call_make(SYS_futex, (long)&watch->executing, FUTEX_WAIT, watch->pid, (long)&time, 0);
    rest(watch, 0); // a scrun that fails ends
  }
}

static void
forget_line(struct watch *watch, const struct line *line) {
  uint64_t own = (uint64_t)watch, end = own + sizeof *watch;
  if (!line->writable)
    return;
  if (line->from >= end || line->to <= own) {
    (void)call3(SYS_munmap, (long)line->from, (long)(line->to - line->from), 0);
    return;
  }
  if (line->from < own)
    (void)call3(SYS_munmap, (long)line->from, (long)(own - line->from), 0);
  end = (end + 4095) & ~(uint64_t)4095;
  if (line->to > end)
    (void)call3(SYS_munmap, (long)end, (long)(line->to - end), 0);
}

// Gives back what scrun has written: nobody shall find tickets here that the program's memory has no more.
static void
forget(struct watch *watch) {
  long maps = call3(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC);
  bool read = maps >= 0 && maps_read(watch, (int)maps, forget_line);
  (void)call3(SYS_close, maps, 0, 0);
  if (!read)
    kill_program(watch, not_seen, "/proc/self/maps cannot be read");
}

void
watch_run(void *argument) {
  struct watch *watch = argument;
  bool stopped;
  (void)call3(SYS_setsid, 0, 0, 0); // who kills the program's group need not kill this too
  count_filters(watch);
  wait_for_exec(watch);
  forget(watch);
  for (long nanoseconds = SLEEP_FIRST_NS;; nanoseconds += nanoseconds / 2) {
    if (nanoseconds > SLEEP_MAX_NS)
      nanoseconds = SLEEP_MAX_NS;
    rest(watch, nanoseconds);
    end_if_armed(watch, &stopped);
    look(watch, stopped, nanoseconds);
  }
}
