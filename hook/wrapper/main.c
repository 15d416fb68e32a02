// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-wrapper: order -> image -> filter -> exec, inside a container. What it is told stands in its first
// argument (hook/order.h); of the environment it reads PATH.
#include "hook/wrapper/base64.h"
#include "hook/wrapper/libc.h"
#include "hook/wrapper/search.h"
#include "hook/wrapper/words.h"
#include "runner/guard.h"
#include "runner/isolate.h"
#include "runner/launch.h"
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// As people expect of what starts containers. Source: podman-run(1), "Exit Status".
enum { STATUS_OWN_FAILURE = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

// Not in the arguments, where /proc/PID/cmdline shows everything to everybody: the ticket will stand in it.
static struct image image;
static unsigned char bytes[IMAGE_BYTES_MAX];
static char message[ERROR_TEXT_BYTES + 16];

static size_t
message_make(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t length = words_format(message, sizeof message, format, arguments);
  va_end(arguments);
  return length;
}

// A whole text, which a word of a message would be cut to.
static size_t
message_take(const struct error *e) {
  static const char tool[] = "scrun: ";
  size_t length = strlen(e->text);
  memcpy(message, tool, sizeof tool - 1);
  memcpy(message + sizeof tool - 1, e->text, length);
  message[sizeof tool - 1 + length] = '\n';
  return sizeof tool + length;
}

static int
order_read(const char *text, struct error *e) {
  size_t length;
  if (!base64_read(text, bytes, sizeof bytes, &length))
    return error_plain(e, ERROR_POLICY, "its first argument is not base64 of a compiled policy; nothing was started");
  return image_read(&image, bytes, length, e);
}

static int
prepare(int argc, char **argv, struct error *e) {
  struct isolation isolation;
  // Before all else: processes of the container may wait for this one, to have it do what they may not. Whether it took
  // is for guard_make() to see.
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (launch_refuse_setuid("the wrapper", e) != 0)
    return -1;
  if (argc < 3)
    return error_plain(e, ERROR_USAGE,
                       "the wrapper is started by container runtimes, with a compiled policy and a program; nothing "
                       "was started");
  if (order_read(argv[1], e) != 0 || guard_set_privileges(&image, e) != 0)
    return -1;
  // "auto" is for programs beside others; a container has processes of its own
  return image.isolate_peers == ISOLATE_PEERS_YES ? isolate_peers(&image, NULL, &isolation, e) : 0;
}

static const char *
search_path(char *const *environment) {
  static const char name[] = "PATH=";
  for (; *environment != NULL; environment++)
    if (strncmp(*environment, name, sizeof name - 1) == 0)
      return *environment + sizeof name - 1;
  return NULL;
}

static size_t
explain(const char *name, const char *search, int sys) {
  if (sys == 0)
    return message_make("scrun: %s was not started: something outside answers execve(2) in the kernel's place\n", name);
  if (sys == ENOEXEC)
    return message_make("scrun: %s cannot be executed: %s. A script needs a first line such as #!/bin/sh\n", name,
                        strerror(sys));
  if (sys != ENOENT)
    return message_make("scrun: %s cannot be executed: %s\n", name, strerror(sys));
  if (name[0] == '\0' || strchr(name, '/') != NULL)
    return message_make("scrun: \"%s\": there is no such program, or its interpreter is missing\n", name);
  return message_make("scrun: %s: no such program in PATH (%s), or its interpreter is missing\n", name,
                      search != NULL ? search : "which is not set");
}

// From here on the policy decides every call but the ticketed ones.
static int
start(char **argv, char **environment, struct error *e) {
  struct guard guard;
  bool installed;
  const char *search = search_path(environment);
  if (guard_make(&guard, &image, -1, &installed, e) != 0) {
    if (installed)
      guard_fail(&guard, message, message_take(e), STATUS_OWN_FAILURE);
    return -1;
  }
  int sys = search_exec(&guard, search, argv, environment);
  guard_fail(&guard, message, explain(argv[0], search, sys),
             sys == ENOENT || sys == ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

int
wrapper_main(int argc, char **argv, char **environment) {
  static struct error e;
  if (prepare(argc, argv, &e) == 0)
    (void)start(argv + 2, environment, &e);
  // a closed stderr changes nothing about the status
  ssize_t written = write(STDERR_FILENO, message, message_take(&e));
  (void)written;
  return STATUS_OWN_FAILURE;
}
