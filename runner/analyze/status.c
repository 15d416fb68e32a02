// SPDX-License-Identifier: LGPL-2.1-or-later
// status.c - what filters a running process is under, and what they do.
#include "compat/number.h"
#include "runner/analyze/analyze.h"
#include "runner/analyze/task_filters.h"
#include "runner/late/process.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Threads of one process, processes of one tree.
enum { THREADS_MAX = 16384, PROCESSES_MAX = 16384 };

static struct filter_book book;

// The filters of one task, as entries of the book.
struct filters {
  uint32_t entries[TASK_FILTERS_MAX];
  size_t count;
};

static const char *
mode_name(unsigned mode) {
  return mode == 0 ? "no filter" : mode == 1 ? "strict mode" : "filter mode";
}

// "filter mode, 2 filters; no_new_privs: yes"
static void
print_state(const struct task_status *status) {
  fputs(mode_name(status->mode), stdout);
  if (status->mode > 1 && status->has_filters)
    printf(", %u filter%s", status->filters, status->filters == 1 ? "" : "s");
  printf("; no_new_privs: %s", status->no_new_privs ? "yes" : "no");
}

static bool
same_state(const struct task_status *a, const struct task_status *b) {
  return a->mode == b->mode && a->filters == b->filters && a->no_new_privs == b->no_new_privs;
}

static bool
same_filters(const struct filters *a, const struct filters *b) {
  return a->count == b->count && memcmp(a->entries, b->entries, a->count * sizeof a->entries[0]) == 0;
}

// "filters 1 and 3 of 4 (newest first)"
static void
print_numbers(const struct filters *filters, size_t first) {
  size_t equal = 0, printed = 0;
  for (size_t i = first; i < filters->count; i++)
    equal += filters->entries[i] == filters->entries[first];
  printf("  filter%s ", equal == 1 ? "" : "s");
  for (size_t i = first; i < filters->count; i++)
    if (filters->entries[i] == filters->entries[first]) {
      printf("%s%zu", printed == 0 ? "" : printed + 1 == equal ? " and " : ", ", i + 1);
      printed++;
    }
  printf(" of %zu%s", filters->count, first == 0 && filters->count > 1 ? " (1 is the newest)" : "");
  if (equal > 1)
    printf(", %zu times the same", equal);
}

static bool
is_repeated(const struct filters *filters, size_t at) {
  for (size_t i = 0; i < at; i++)
    if (filters->entries[i] == filters->entries[at])
      return true;
  return false;
}

// Each different one once, here and in all that is printed.
static void
print_filters(pid_t task, const struct filters *filters) {
  for (size_t i = 0; i < filters->count; i++) {
    struct book_entry *entry = &book.entries[filters->entries[i]];
    if (is_repeated(filters, i))
      continue;
    print_numbers(filters, i);
    if (entry->shown_of != 0) {
      printf(": as filter %u of %ld\n", entry->shown_number, (long)entry->shown_of);
      continue;
    }
    printf(", %zu instructions:\n%s", entry->programs[0].length, entry->text.text);
    entry->shown_of = task;
    entry->shown_number = (unsigned)i + 1;
  }
}

static enum door
door_of_all(const struct filters *filters, enum book_call call, enum abi abi) {
  enum door door = DOOR_OPEN;
  for (size_t i = 0; i < filters->count; i++) {
    enum door other = book.entries[filters->entries[i]].doors[call][abi];
    door = other > door ? other : door;
  }
  return door;
}

// "execve closed, execveat closed (on x32 open)"
static void
print_door(const struct filters *filters, enum book_call call, const char *name) {
  static const char *const words[] = {[DOOR_OPEN] = "open",
                                      [DOOR_DEPENDS] = "by arguments",
                                      [DOOR_HANDED] = "handed to a tracer or a listener",
                                      [DOOR_CLOSED] = "closed"};
  enum door native = door_of_all(filters, call, ABI_NATIVE);
  bool any = false;
  printf("%s %s", name, words[native]);
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    enum door door = door_of_all(filters, call, abi);
    if (door == native)
      continue;
    printf("%s%s on %s", any ? ", " : " (", words[door], abi_name(abi));
    any = true;
  }
  fputs(any ? ")" : "", stdout);
}

static void
print_together(const struct filters *filters) {
  printf("  all filters together: ");
  print_door(filters, BOOK_EXECVE, "execve");
  printf(", ");
  print_door(filters, BOOK_EXECVEAT, "execveat");
  putchar('\n');
}

static void
print_unreadable(const struct task_status *status, const char *why) {
  if (status->has_filters)
    printf("  filters: %u, not readable: %s\n", status->filters, why);
  else
    printf("  filters: not readable: %s\n", why);
}

// True if they are known: also when there are none.
static bool
read_filters(pid_t task, const struct task_status *status, struct filters *out) {
  struct error e;
  out->count = 0;
  if (status->mode != 2)
    return true;
  const char *why = task_filters_refused();
  if (why == NULL && task_filters_read(task, &book, out->entries, &out->count, &e) != 0)
    why = e.text;
  if (why != NULL)
    print_unreadable(status, why);
  return why == NULL;
}

static void
print_thread(pid_t pid, pid_t thread, const struct task_status *leader, const struct filters *filters, bool readable) {
  static struct filters own;
  struct task_status status;
  struct error e;
  bool known = false;
  if (task_status_read(pid, thread, &status, &e) != 0) {
    printf("  thread %ld has ended meanwhile\n", (long)thread);
    return;
  }
  own.count = 0;
  if (readable && status.mode == 2)
    known = task_filters_read(thread, &book, own.entries, &own.count, &e) == 0;
  if (same_state(&status, leader) && (!known || same_filters(&own, filters)))
    return;
  printf("  thread %ld (%s) differs: ", (long)thread, shown(status.name).text);
  print_state(&status);
  putchar('\n');
  if (known && own.count > 0) {
    print_filters(thread, &own);
    print_together(&own);
  } else if (readable && status.mode == 2) {
    print_unreadable(&status, e.text);
  }
}

static void
print_threads(pid_t pid, const struct task_status *leader, const struct filters *filters, bool readable) {
  static pid_t threads[THREADS_MAX];
  size_t count;
  struct error e;
  if (task_list(pid, threads, THREADS_MAX, &count, &e) != 0) {
    printf("  threads: %s\n", e.text);
    return;
  }
  printf("  threads: %zu\n", count);
  for (size_t i = 0; i < count; i++)
    if (threads[i] != pid)
      print_thread(pid, threads[i], leader, filters, readable);
}

static void
print_process(pid_t pid, const struct task_status *status) {
  static struct filters filters;
  printf("process %ld (%s), uid %u: ", (long)pid, shown(status->name).text, status->uid);
  print_state(status);
  putchar('\n');
  if (status->tracer != 0)
    printf("  traced by process %ld\n", (long)status->tracer);
  if (status->mode == 1)
    puts("  only read, write, exit and sigreturn; every other call kills");
  bool readable = read_filters(pid, status, &filters);
  if (readable && filters.count > 0) {
    print_filters(pid, &filters);
    print_together(&filters);
  }
  print_threads(pid, status, &filters, readable && task_filters_refused() == NULL);
}

// The processes below the first one of `pids`, in the order in which they are found: parents before children.
static size_t
add_children(pid_t pids[PROCESSES_MAX]) {
  size_t count = 1;
  for (size_t i = 0; i < count; i++) {
    struct error e;
    size_t more = 0;
    if (task_children(pids[i], pids + count, PROCESSES_MAX - count, &more, &e) != 0)
      printf("the children of process %ld are not known: %s\n", (long)pids[i], e.text);
    count += more;
  }
  return count;
}

static int
print_tree(pid_t pid, bool follow) {
  static pid_t pids[PROCESSES_MAX];
  struct task_status status;
  struct error e;
  pids[0] = pid;
  if (task_status_read(pid, pid, &status, &e) != 0)
    return report(TOOL, "status %ld: %s", (long)pid, e.text);
  if (status.tgid != pid)
    return report(TOOL, "status %ld: this is a thread of process %ld; ask for that one", (long)pid, (long)status.tgid);
  print_process(pid, &status);
  size_t count = follow ? add_children(pids) : 1;
  for (size_t i = 1; i < count; i++) {
    putchar('\n');
    if (task_status_read(pids[i], pids[i], &status, &e) != 0)
      printf("process %ld has ended meanwhile\n", (long)pids[i]);
    else
      print_process(pids[i], &status);
  }
  return 0;
}

int
verb_status(struct analyze_line *line) {
  uint64_t number = (uint64_t)getpid();
  if (line->self ? line->argument_count > 0 : line->argument_count != 1)
    return report(TOOL, "status of what? give one PID, or --self");
  if (!line->self
      && (!number_read(line->arguments[0], strlen(line->arguments[0]), NUMBER_PLAIN, INT32_MAX, &number)
          || number == 0))
    return report(TOOL, "status %s: this is no process id", shown(line->arguments[0]).text);
  int status = print_tree((pid_t)number, line->follow);
  filter_book_clear(&book);
  return status;
}
