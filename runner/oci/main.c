// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-oci: JSON on stdin, a compiled policy on stdout. scrun starts it, so its messages are scrun's.
#include "runner/image.h"
#include "runner/oci/oci_request.h"
#include "runner/options.h"
#include "runner/report.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TOOL "scrun"

static const char help[] = "scrun-oci [--cap=LIST]... [--kernel=X.Y] [--log] [--at=MOMENT] [--] NAME\n"
                           "          <FILE.json >FILE.scrun\n"
                           "\n"
                           "Part of scrun, which starts it for a --profile= in JSON: reads seccomp JSON from\n"
                           "stdin, called NAME in messages, and writes the compiled policy to stdout.\n"
                           "Use scrun-analyze compile instead.\n";

struct line {
  struct policy_request request;
  bool help;
};

#define FIELD(field) offsetof(struct line, field)

static const struct option_spec specs[] = {
    {"cap", '\0', OPTION_TAKE, FIELD(request), policy_take_capabilities},
    {"kernel", '\0', OPTION_TEXT, FIELD(request.kernel), NULL},
    {"log", '\0', OPTION_FLAG, FIELD(request.permissive), NULL},
    {"at", '\0', OPTION_TAKE, FIELD(request), policy_take_moment},
    {"help", 'h', OPTION_FLAG, FIELD(help), NULL},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

static int
fail(const struct error *e) {
  report_error(TOOL, e);
  return error_exit_status(e->kind);
}

// No peer of the same user may write into this process: what it prints is the policy. Installed as it should be (0711),
// the kernel has seen to that before.
static int
hide(struct error *e) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take");
}

// All of stdin. The caller owns the text.
static int
read_input(struct source *file, struct error *e) {
  char *text = malloc(PROFILE_BYTES_MAX + 1);
  size_t length = 0;
  ssize_t got = 1;
  if (text == NULL)
    return error_memory(e, ERROR_POLICY);
  while (got > 0 && length <= PROFILE_BYTES_MAX) {
    got = read(STDIN_FILENO, text + length, PROFILE_BYTES_MAX + 1 - length);
    length += got > 0 ? (size_t)got : 0;
  }
  file->text = text;
  file->length = length;
  if (got < 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(file->name).text, strerror(errno));
  if (length > PROFILE_BYTES_MAX)
    return error_plain(e, ERROR_POLICY, "%s: longer than %d bytes", shown(file->name).text, PROFILE_BYTES_MAX);
  return 0;
}

static int
write_image(const struct image *image) {
  static unsigned char bytes[IMAGE_BYTES_MAX];
  size_t length = image_write(image, bytes);
  for (size_t done = 0; done < length;) {
    ssize_t written = write(STDOUT_FILENO, bytes + done, length - done);
    if (written < 0)
      report(TOOL, "the compiled policy cannot be handed over: %s", strerror(errno));
    if (written <= 0) // 0: somebody answers for write(2), and stdio would try to say so for ever
      return error_exit_status(ERROR_SECCOMP);
    done += (size_t)written;
  }
  return 0;
}

static int
compile(const struct policy_request *request, const struct source *file) {
  static struct image image;
  static struct diags diags;
  struct policy *policy;
  struct error e;
  int failed = oci_request_read(request, file, &policy, &diags);
  report_diags(TOOL, &diags);
  if (failed != 0)
    return error_exit_status(ERROR_POLICY);
  policy->permissive = request->permissive;
  failed = image_make(&image, policy, request->at == MOMENT_NONE ? MOMENT_EXEC : request->at, &e);
  policy_free(policy);
  return failed != 0 ? fail(&e) : write_image(&image);
}

int
main(int argc, char **argv) {
  static struct line line;
  struct source file = {.has_lines = true};
  struct error e;
  int first;
  if (hide(&e) != 0 || options_read(specs, &line, argc, argv, &first, &e) != 0)
    return fail(&e);
  if (line.help)
    return write(STDOUT_FILENO, help, sizeof help - 1) < 0;
  if (first != argc - 1) {
    error_plain(&e, ERROR_USAGE, "scrun-oci wants one name; see --help");
    return fail(&e);
  }
  file.name = argv[first];
  int status = read_input(&file, &e) != 0 ? fail(&e) : compile(&line.request, &file);
  free((char *)(uintptr_t)file.text);
  return status;
}
