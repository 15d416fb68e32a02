// SPDX-License-Identifier: LGPL-2.1-or-later
// watch_run.c - the watcher of At=main.
//
// It kills the program when it is certain that the library will not be there: the image cannot have one, or the loader
// has relocated the program, which it does last, and ours is not among the mappings. Where that cannot be seen, a time
// decides, in which a program that is stopped does not age. Whatever it cannot read, it takes for the worst.
#include "runner/preload/watch_run.h"
#include "runner/preload/call.h"
#include "runner/preload/preload.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

// A start takes a millisecond, and shall not share it with who looks at it; one that takes longer is looked at ever
// less often.
#define SLEEP_FIRST_NS 2000000
#define SLEEP_NEXT_NS 1000000
#define SLEEP_MAX_NS 50000000
// In which a loader has mapped its preloads, be the disk as slow as it is.
#define LOAD_NS 10000000000
// More segments than any linker makes.
#define SEGMENTS_MAX 73

static const char not_loaded[] = "the preload library was not loaded: ";
static const char not_all[] = "the policy is not everywhere in force: ";
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

static long
next_sleep(long nanoseconds) {
  return nanoseconds + nanoseconds / 2 < SLEEP_MAX_NS ? nanoseconds + nanoseconds / 2 : SLEEP_MAX_NS;
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
  bool stopped, ended;
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
  out->ended = state < end && (*state == 'Z' || *state == 'X');
  out->filters = (unsigned)number_read(&filters, end, 10);
  return 0;
}

static void
path_set(struct watch *watch, const char *first, const char *second) {
  size_t length = append(watch->path, 0, first);
  watch->path[append(watch->path, length, second)] = '\0';
}

static void
path_add(struct watch *watch, const char *more) {
  watch->path[append(watch->path, text_length(watch->path), more)] = '\0';
}

// A thread that ends meanwhile needs no filter.
static bool
is_gone(long result) {
  return result == -ENOENT || result == -ESRCH;
}

// When a process was started, in ticks since boot: what stands 20th behind its name, which ends in the last ")". 0:
// gone.
static uint64_t
start_time(struct watch *watch, int folder) {
  long fd = call3(SYS_openat, folder, (long)watch->path, O_RDONLY | O_CLOEXEC);
  long got = fd < 0 ? fd : call3(SYS_read, fd, (long)watch->buffer, sizeof watch->buffer);
  if (fd >= 0)
    (void)call3(SYS_close, fd, 0, 0);
  const char *at = watch->buffer, *end = watch->buffer + (got < 0 ? 0 : got);
  for (const char *i = at; i < end; i++)
    if (*i == ')')
      at = i;
  for (int fields = 0; at < end && fields < 20; at++)
    fields += *at == ' ';
  return number_read(&at, end, 10);
}

// A process that a constructor has made: it has the start-up filter, and not the later one. Children that the caller
// had before its exec are older than this process.
static bool
child_is_left_out(struct watch *watch, const char *pid) {
  struct status status;
  path_set(watch, "../", pid);
  path_add(watch, "/status");
  if (status_read(watch, watch->proc, &status) != 0 || status.ended || status.filters != watch->armed - 1)
    return false;
  path_set(watch, "../", pid);
  path_add(watch, "/stat");
  uint64_t child = start_time(watch, watch->proc);
  path_set(watch, "/proc/self/stat", "");
  return child >= start_time(watch, AT_FDCWD);
}

// Kills the process if it is one that is left out, and says so. It is named before it is looked at.
static bool
child_kill(struct watch *watch, const char *pid) {
  const char *at = pid;
  long child = call3(SYS_pidfd_open, (long)number_read(&at, pid + text_length(pid), 10), 0, 0);
  bool left_out = child_is_left_out(watch, pid);
  if (left_out)
    (void)call_make(SYS_pidfd_send_signal, child, SIGKILL, 0, 0, 0);
  if (child >= 0)
    (void)call3(SYS_close, child, 0, 0);
  return left_out;
}

// "PID PID ... ", of a thread; those that do not fit are not looked at: a start-up has not so many.
static const char *
children_problem(struct watch *watch, int tasks, const char *name) {
  char list[1024], pid[16];
  size_t length = 0;
  bool left_out = false;
  path_set(watch, name, "/children");
  long fd = call3(SYS_openat, tasks, (long)watch->path, O_RDONLY | O_CLOEXEC);
  long got = fd < 0 ? fd : call3(SYS_read, fd, (long)list, sizeof list);
  if (fd >= 0)
    (void)call3(SYS_close, fd, 0, 0);
  for (long i = 0; i < got; i++)
    if (list[i] != ' ' && length < sizeof pid - 1) {
      pid[length++] = list[i];
    } else {
      pid[length] = '\0';
      length = 0;
      left_out = child_kill(watch, pid) || left_out;
    }
  return left_out ? "a process that was made before main() is not under the policy" : NULL;
}

// What is wrong with the thread of that name in the folder `tasks`; NULL: nothing, or it is gone.
static const char *
thread_problem(struct watch *watch, int tasks, const char *name) {
  struct status status;
  if (text_length(name) > 16)
    return "its threads have no numbers";
  path_set(watch, name, "/status");
  long result = status_read(watch, tasks, &status);
  if (is_gone(result))
    return NULL;
  if (result != 0 || status.filters < watch->armed)
    return "a thread of it has fewer filters than the others";
  return children_problem(watch, tasks, name);
}

// Source: struct linux_dirent64 in getdents64(2): the length of an entry at 16, the name at 19.
static const char *
threads_problem(struct watch *watch) {
  _Alignas(8) char entries[2048];
  const char *problem = NULL;
  long got = 0;
  long tasks = call3(SYS_openat, watch->proc, (long)"task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (tasks < 0)
    return is_gone(tasks) ? NULL : "its threads cannot be listed";
  while (problem == NULL && (got = call3(SYS_getdents64, tasks, (long)entries, sizeof entries)) > 0)
    for (long at = 0; at < got && problem == NULL; at += *(const unsigned short *)(const void *)(entries + at + 16)) {
      const char *name = entries + at + 19;
      if (name[0] != '.')
        problem = thread_problem(watch, (int)tasks, name);
    }
  (void)call3(SYS_close, tasks, 0, 0);
  return problem == NULL && got < 0 && !is_gone(got) ? "its threads cannot be listed" : problem;
}

// Ends with the program armed. TSYNC arms all threads at once, and nobody but the library can: every one is looked at
// all the same, and which children they have.
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
  const char *problem = threads_problem(watch);
  if (problem != NULL)
    kill_program(watch, not_all, problem);
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
  size_t named = text_begins(at, (size_t)(end - at), watch->name);
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

// Returns 0 for what is not there.
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
    return NULL; // what hides from this process: time decides
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

// The auxiliary vector of such a one is of half the width.
static bool
is_narrow(const struct watch *watch) {
  unsigned char identity[EI_NIDENT] = {0};
  return read_file(watch, "exe", identity, sizeof identity) == (long)sizeof identity
         && identity[EI_CLASS] == ELFCLASS32;
}

// Finds out whether there can be a library. False if the kernel is not yet done with the exec: it writes the auxiliary
// vector last, and AT_EXECFN behind all that is asked for here.
static bool
image_look(struct watch *watch, const char **why) {
  Elf64_auxv_t vector[64];
  long got = read_file(watch, "auxv", vector, sizeof vector);
  size_t count = got > 0 ? (size_t)got / sizeof vector[0] : 0;
  *why = NULL;
  if (is_narrow(watch))
    *why = "what a constructor has executed is for another machine";
  else if (auxiliary_value(vector, count, AT_EXECFN) == 0)
    return false;
  else if (auxiliary_value(vector, count, AT_BASE) == 0)
    *why = "what a constructor has executed is static";
  else if (auxiliary_value(vector, count, AT_SECURE) != 0)
    *why = "the loader ignores LD_PRELOAD in a program that has gained privileges";
  else
    *why = file_look(watch, auxiliary_value(vector, count, AT_PHDR));
  return true;
}

static bool
is_current(const struct watch *watch) {
  char byte;
  return call_make(SYS_pread64, watch->image.maps, (long)&byte, 1, 0, 0) == 1;
}

static void
image_close(struct watch *watch) {
  if (watch->image.maps >= 0)
    (void)call3(SYS_close, watch->image.maps, 0, 0);
  watch->image = (struct watch_image){.maps = -1};
}

// Sees to it that watch->image is about the image that the program has now. False if there is nothing to see: it is
// about to have another, or at its end, or a constructor hides it from processes of its user (PR_SET_DUMPABLE).
static bool
image_open(struct watch *watch) {
  const char *why;
  if (watch->image.maps >= 0 && is_current(watch))
    return true;
  if (watch->image.maps >= 0)
    watch->waited = 0;
  image_close(watch);
  watch->image.maps = (int)call3(SYS_openat, watch->proc, (long)"maps", O_RDONLY | O_CLOEXEC);
  if (watch->image.maps < 0)
    return false;
  if (!image_look(watch, &why) || !is_current(watch)) { // what was read may be another's
    image_close(watch);
    return false;
  }
  if (why != NULL)
    kill_unless_armed(watch, not_loaded, why);
  return true;
}

// The library's name as it stands among mappings now, where a line break is three digits.
static void
name_library(struct watch *watch) {
  char digits[16];
  size_t at = sizeof digits - 1, length = 0;
  digits[at] = '\0';
  for (int number = watch->library; number > 0; number /= 10)
    digits[--at] = (char)('0' + number % 10);
  path_set(watch, PRELOAD_FOLDER, digits + at);
  long got = call_make(SYS_readlinkat, AT_FDCWD, (long)watch->path, (long)watch->buffer, PATH_MAX - 1, 0);
  for (long i = 0; i < got && length < sizeof watch->name - 4; i++)
    if (watch->buffer[i] == '\n')
      length = append(watch->name, length, "\\012");
    else
      watch->name[length++] = watch->buffer[i];
  watch->name[length] = '\0';
}

// One look at a program that is not armed. The loader maps ours before it relocates the program: so what was relocated
// at the last look must have ours at this one.
static void
look(struct watch *watch, bool stopped, long slept) {
  struct watch_image *image = &watch->image;
  bool seen = image_open(watch), relocated = image->relocated;
  if (seen && !image->mapped) {
    name_library(watch);
    (void)maps_read(watch, image->maps, note_line);
  }
  if (image->mapped)
    return;
  if (relocated)
    kill_unless_armed(watch, not_loaded, "the loader went on without it");
  watch->waited += stopped ? 0 : (uint64_t)slept;
  if (watch->waited >= LOAD_NS)
    kill_unless_armed(watch, not_loaded, "after 10 s it is not to be seen");
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

// Until the program has left this memory. The kernel would wake a process that waits for that, or for its end; the
// program, or who waits for it, would then share the processor with this one.
static long
wait_for_exec(const struct watch *watch) {
  struct timespec first = {.tv_nsec = SLEEP_FIRST_NS};
  long nanoseconds = SLEEP_NEXT_NS;
  (void)call3(SYS_nanosleep, (long)&first, 0, 0);
  for (; watch->executing != 0; nanoseconds = next_sleep(nanoseconds))
    rest(watch, nanoseconds); // a scrun that fails ends
  return nanoseconds;
}

// Not inlined: what it needs of the stack is not there, and not needed, before the first sleep is over.
__attribute__((noinline)) static _Noreturn void
watch_program(struct watch *watch, long nanoseconds) {
  bool stopped;
  watch->image.maps = -1;
  count_filters(watch);
  end_if_armed(watch, &stopped);    // as almost always
  (void)call3(SYS_setsid, 0, 0, 0); // who kills the program's group need not kill this too
  forget(watch);
  for (;; nanoseconds = next_sleep(nanoseconds)) {
    look(watch, stopped, nanoseconds);
    rest(watch, nanoseconds);
    end_if_armed(watch, &stopped);
  }
}

// Sleeps first of all: until then somebody waits for what is done here.
void
watch_run(void *argument) {
  struct watch *watch = argument;
  watch_program(watch, wait_for_exec(watch));
}
