// SPDX-License-Identifier: LGPL-2.1-or-later
// exec.c - what is brought into a container goes through its wrapper, too.
#include "hook/runtime/exec.h"
#include "hook/destination.h"
#include "hook/runtime/bundle.h"
#include "hook/runtime/inside.h"
#include "hook/stage/input.h"
#include "hook/stage/state.h"
#include "runner/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Above all descriptors that --preserve-fds could hand to the container.
#define PROCESS_FD_MIN 512

static const char cannot_hold[] = "the policy of the container could not be kept; nothing was started";

static int
add_error(struct diags *diags, const struct error *e) {
  diag_add(diags, DIAG_ERROR, e->at, "%s", e->text);
  return -1;
}

static int
refuse(struct diags *diags, const char *what, const char *why) {
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "exec: %s: %s", what, why);
  return -1;
}

// The state, as the runtime tells it.

// A container that is asked about, and what was learned of it.
struct subject {
  const char *runtime;
  char **argv;
  int options; // the words of argv in front of the command
  const char *name;
  struct source text;
  struct container_state state;
  struct bundle bundle;
  char *order;
  bool can_mount;
};

// A command line has two readings at most (command.h).
#define READINGS_MAX 2
struct exec_kept {
  struct subject subjects[READINGS_MAX];
  struct source process;
};

static void
subject_clear(struct subject *subject) {
  json_free(subject->state.json);
  input_clear(&subject->text);
  bundle_close(&subject->bundle);
  free(subject->order);
}

// RUNTIME, the global options that exec was given, and "state NAME". The caller owns it.
static char **
make_question(const struct subject *subject) {
  char **words = calloc((size_t)subject->options + 3, sizeof *words);
  if (words == NULL)
    return NULL;
  memcpy(words, subject->argv, (size_t)subject->options * sizeof *words);
  words[0] = (char *)(uintptr_t)subject->runtime;
  words[subject->options] = (char *)(uintptr_t) "state";
  words[subject->options + 1] = (char *)(uintptr_t)subject->name;
  return words;
}

// Starts the runtime with its stdout in `out`. Returns an errno.
static int
spawn_question(char **words, int out, pid_t *child) {
  posix_spawn_file_actions_t actions;
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed != 0)
    return failed;
  failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (failed == 0)
    failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (failed == 0)
    failed = posix_spawn(child, words[0], &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

// Waits for the child with all that it prints. SIGCHLD must be at its default.
static int
read_answer(struct subject *subject, pid_t child, int in, struct error *e) {
  int status = 0, failed = input_read(&subject->text, in, "the runtime's answer to state", e);
  if (failed != 0)
    kill(child, SIGKILL);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return error_plain(e, ERROR_EXEC, "exec: %s state: %s; nothing was started", shown(subject->runtime).text,
                         strerror(errno));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return error_plain(e, ERROR_EXEC, "exec: %s does not know the container \"%s\"; nothing was started",
                       shown(subject->runtime).text, shown(subject->name).text);
  return failed;
}

static int
ask(struct subject *subject, struct error *e) {
  int ends[2];
  pid_t child;
  char **words = make_question(subject);
  if (words == NULL)
    return error_memory(e, ERROR_EXEC);
  if (pipe2(ends, O_CLOEXEC) != 0) {
    free(words);
    return error_plain(e, ERROR_EXEC, "exec: pipe2(2): %s; nothing was started", strerror(errno));
  }
  void (*before)(int) = signal(SIGCHLD, SIG_DFL);
  int failed = descriptor_raise(&ends[1]) != 0 ? errno : spawn_question(words, ends[1], &child);
  close(ends[1]);
  int result = failed == 0 ? read_answer(subject, child, ends[0], e)
                           : error_plain(e, ERROR_EXEC, "exec: %s: %s; nothing was started",
                                         shown(subject->runtime).text, strerror(failed));
  close(ends[0]);
  (void)signal(SIGCHLD, before);
  free(words);
  return result;
}

// Learns of a container that was asked about what stands in its bundle's config.json.
static int
learn(struct subject *subject, const char *wrapper, struct diags *diags) {
  struct error e;
  if (container_state_read(&subject->text, &subject->state, diags) != 0)
    return -1;
  if (bundle_open(&subject->bundle, subject->state.bundle, &e) != 0)
    return add_error(diags, &e);
  return rewrite_find_order(&subject->bundle.config, wrapper, &subject->order, &subject->can_mount, diags);
}

// Whether the container was started through the wrapper, although its config.json does not say so.
static bool
has_lost_order(const struct subject *subject, const char *wrapper) {
  return subject->order == NULL && subject->state.pid != 0
         && inside_look(subject->state.pid, wrapper) == INSIDE_WRAPPER;
}

// Whether the policy holds for what is brought in.

static int
check_mounts(const struct subject *subject, struct diags *diags) {
  struct json *config = json_read(&subject->bundle.config, diags);
  if (config == NULL)
    return -1;
  bool good = inside_mounts_are_runtimes(subject->state.pid, config);
  json_free(config);
  return good ? 0
              : refuse(diags, "the container's first process has left the mount namespace that the runtime made",
                       cannot_hold);
}

// Proves that what is brought in will meet the wrapper.
static int
check_container(const struct subject *subject, const struct command *command, const char *wrapper,
                struct diags *diags) {
  static const char merge_only[] =
      "it could take " WRAPPER_DESTINATION " away; io.scrun.wrapper=false makes a container that does without";
  if (subject->can_mount)
    return refuse(diags, "the container may have CAP_SYS_ADMIN", merge_only);
  if (command->mounts)
    return refuse(diags, "the new process would have CAP_SYS_ADMIN", merge_only);
  if (subject->state.pid == 0)
    return refuse(diags, "the container does not run", "nothing was started");
  if (inside_look(subject->state.pid, wrapper) != INSIDE_WRAPPER)
    return refuse(diags, "what stands at " WRAPPER_DESTINATION " in the container is not the wrapper", cannot_hold);
  return check_mounts(subject, diags);
}

// The new command line.

// argv with `value` in the place of the word at `replaced`, or (0) with two more words at `inserted`.
static char **
copy_line(int argc, char **argv, int replaced, char *value, int inserted, char *order) {
  size_t count = (size_t)argc, at = (size_t)inserted;
  char **copy = calloc(count + 3, sizeof *copy);
  if (copy == NULL)
    return NULL;
  memcpy(copy, argv, count * sizeof *copy);
  if (replaced != 0) {
    copy[replaced] = value;
    return copy;
  }
  memmove(copy + at + 2, copy + at, (count - at) * sizeof *copy);
  copy[at] = (char *)(uintptr_t)WRAPPER_DESTINATION;
  copy[at + 1] = order;
  return copy;
}

static bool
lists_mounting(struct json_value list) {
  size_t length;
  for (struct json_value item = json_kind(list) == JSON_ARRAY ? json_first(list) : (struct json_value){0};
       item.json != NULL; item = json_next(item))
    if (json_kind(item) == JSON_STRING && strcmp(json_string(item, &length), "CAP_SYS_ADMIN") == 0)
      return true;
  return false;
}

// Whether a process.json has CAP_SYS_ADMIN in any of its sets. Returns -1 after messages.
static int
process_mounts(const struct source *process, struct diags *diags) {
  struct json *json = json_read(process, diags);
  if (json == NULL)
    return -1;
  struct json_value sets = json_member(json_root(json), "capabilities");
  int mounts = 0;
  if (json_kind(sets) == JSON_OBJECT)
    for (struct json_value set = json_first(sets); set.json != NULL; set = json_next(set))
      mounts = mounts != 0 || lists_mounting(set);
  json_free(json);
  return mounts;
}

// Memory with that text, which stays open for the runtime; its number is high, so that no --preserve-fds means it.
static int
hand_over(const struct buffer *text, struct error *e) {
  int memory = descriptor_memory("scrun-process"), fd = -1;
  size_t done = 0;
  while (memory >= 0 && done < text->length) {
    ssize_t written = write(memory, text->text + done, text->length - done);
    if (written <= 0)
      break;
    done += (size_t)written;
  }
  if (memory >= 0 && done == text->length && lseek(memory, 0, SEEK_SET) == 0)
    fd = fcntl(memory, F_DUPFD, PROCESS_FD_MIN);
  if (fd < 0)
    error_plain(e, ERROR_EXEC, "exec: the changed process cannot be handed over: %s; nothing was started",
                strerror(errno));
  if (memory >= 0)
    close(memory);
  return fd;
}

static int
rewrite_process_text(const struct source *process, const char *order, struct buffer *text, struct diags *diags) {
  int mounts = process_mounts(process, diags);
  if (mounts < 0)
    return -1;
  if (mounts > 0)
    return refuse(diags, "the new process would have CAP_SYS_ADMIN",
                  "it could take " WRAPPER_DESTINATION " away; nothing was started");
  return rewrite_process(process, order, text, diags);
}

static int
read_process(const char *path, struct source *out, struct diags *diags) {
  struct error e;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return refuse(diags, shown(path).text, strerror(errno));
  int failed = input_read(out, fd, path, &e) != 0 ? add_error(diags, &e) : 0;
  close(fd);
  return failed;
}

// The value of --process= for the changed copy of the file. It may stand behind "--process=" in the same word.
static int
change_process(struct source *process, const struct command *command, const char *word, const char *order,
               struct buffer *value, struct diags *diags) {
  struct buffer text = {0};
  struct error e;
  int fd = -1, failed = read_process(command->process_file, process, diags);
  if (failed == 0)
    failed = rewrite_process_text(process, order, &text, diags);
  if (failed == 0 && (fd = hand_over(&text, &e)) < 0)
    failed = add_error(diags, &e);
  if (failed == 0)
    buffer_add(value, "%.*s/proc/self/fd/%d", (int)(command->process_file - word), word, fd);
  buffer_clear(&text);
  return failed;
}

static int
make_line(struct subject *subject, int argc, const struct command *command, struct exec_line *out,
          struct diags *diags) {
  if (command->process != 0
      && change_process(&out->kept->process, command, subject->argv[command->process], subject->order, &out->value,
                        diags)
             != 0)
    return -1;
  if (!out->value.failed)
    out->argv =
        copy_line(argc, subject->argv, command->process, out->value.text, command->container + 1, subject->order);
  return out->argv != NULL ? 0 : refuse(diags, out_of_memory, "nothing was started");
}

static int
prepare(struct subject *subject, const char *wrapper, int argc, const struct command *command, struct exec_line *out,
        struct diags *diags) {
  struct error e;
  if (ask(subject, &e) != 0)
    return add_error(diags, &e);
  if (learn(subject, wrapper, diags) != 0)
    return -1;
  if (has_lost_order(subject, wrapper))
    return refuse(diags, "the container was started with a policy that its config.json does not have", cannot_hold);
  if (subject->order == NULL)
    return 0;
  return check_container(subject, command, wrapper, diags) != 0 ? -1 : make_line(subject, argc, command, out, diags);
}

// Behind an option that nobody knows, which may take a value or not: neither reading may meet a policy. One of them
// names no container.
static int
check_reading(struct subject *subject, const char *wrapper, const char *option, struct diags *diags) {
  struct error e;
  if (ask(subject, &e) != 0)
    return 0; // the runtime will say so again
  if (learn(subject, wrapper, diags) != 0)
    return -1;
  return subject->order == NULL && !has_lost_order(subject, wrapper)
             ? 0
             : refuse(diags, shown(option).text,
                      "an unknown option, and the container has a policy; nothing was started");
}

int
exec_prepare(const char *runtime, const char *wrapper, int argc, char **argv, const struct command *command,
             struct exec_line *out, struct diags *diags) {
  const int names[READINGS_MAX] = {command->container, command->unknown != NULL ? command->other_container : 0};
  int failed = 0;
  out->kept = calloc(1, sizeof *out->kept);
  if (out->kept == NULL)
    return refuse(diags, out_of_memory, "nothing was started");
  for (size_t i = 0; i < READINGS_MAX && names[i] != 0 && failed == 0; i++) {
    struct subject *subject = &out->kept->subjects[i];
    *subject = (struct subject){.runtime = runtime, .argv = argv, .options = command->at, .name = argv[names[i]]};
    failed = command->unknown != NULL ? check_reading(subject, wrapper, command->unknown, diags)
                                      : prepare(subject, wrapper, argc, command, out, diags);
  }
  return failed;
}

void
exec_line_clear(struct exec_line *line) {
  if (line->kept != NULL) {
    for (size_t i = 0; i < READINGS_MAX; i++)
      subject_clear(&line->kept->subjects[i]);
    input_clear(&line->kept->process);
  }
  free(line->kept);
  free(line->argv);
  buffer_clear(&line->value);
  *line = (struct exec_line){0};
}
