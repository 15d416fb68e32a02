// SPDX-License-Identifier: LGPL-2.1-or-later
// compile.c - a ready program: in scrun's own file, or as bare instructions for others to install.
#include "runner/analyze/analyze.h"
#include "runner/compile.h"
#include "runner/image.h"
#include "runner/verify.h"
#include <string.h>

static int
write_image(const struct analyze_line *line, const struct policy *policy, enum moment moment) {
  static struct image image;
  static unsigned char bytes[IMAGE_BYTES_MAX];
  struct error e;
  if (moment == MOMENT_EXEC && policy->startup != NULL)
    report(TOOL,
           "warning: StartupSystemCallFilter= has no meaning at exec: the policy itself is in force from there on");
  if (image_make(&image, policy, moment, &e) != 0)
    return report_error(TOOL, &e);
  return write_output(line, bytes, image_write(&image, bytes));
}

// What a file of instructions cannot say is left to whoever installs them, and has to be said aloud.
static void
warn_about_bare(const struct policy *policy) {
  call_t execve = calls_find("execve", 6);
  if (policy_always_refuses(policy, execve))
    report(TOOL, "--to=bpf: the policy refuses execve, and there is no ticket in the file: who installs it and then "
                 "execs, as bwrap does, will not come through");
  if (!policy->no_new_privs)
    report(TOOL, "--to=bpf: NoNewPrivileges=no is not in the file: whoever installs it has to look after that");
  if (policy->isolate_peers == ISOLATE_PEERS_YES)
    report(TOOL, "--to=bpf: IsolatePeers=yes is not in the file: whoever installs it has to look after that");
  if (policy->flags != 0)
    report(TOOL, "--to=bpf: flags of the filter are not in the file: whoever installs it has to give them");
  if (policy_notifies(policy))
    report(TOOL, "--to=bpf: whoever installs it has to look after the listener");
}

static int
write_bare(const struct analyze_line *line, const struct policy *policy, enum moment moment) {
  static struct program program;
  struct error e;
  if (moment != MOMENT_EXEC)
    return report(TOOL,
                  "--to=bpf: who installs such a file does so once, before exec, and the policy begins at %s: give "
                  "--at=exec if it is to begin there",
                  moment_name(moment));
  if (program_compile(policy, PROGRAM_BARE, &program, &e) != 0
      || program_verify(&program, PROGRAM_BARE, policy, &e) != 0)
    return report_error(TOOL, &e);
  warn_about_bare(policy);
  return write_output(line, program.code, program.length * sizeof program.code[0]);
}

// The command line has the last word, then the policy.
static enum moment
moment_of(const struct analyze_line *line, const struct policy *policy) {
  enum moment said = line->policy.at != MOMENT_NONE ? line->policy.at : policy->at;
  return said == MOMENT_NONE ? MOMENT_EXEC : said;
}

int
verb_compile(struct analyze_line *line) {
  struct policy *policy;
  bool bare = line->to != NULL && strcmp(line->to, "bpf") == 0;
  if (line->to != NULL && !bare && strcmp(line->to, "scrun") != 0)
    return report(TOOL, "compile --to=%s: it is scrun or bpf", shown(line->to).text);
  if (line->output == NULL)
    return report(TOOL, "compile where to? give --output=FILE, or --output=- for stdout");
  if (load_policy(line, &policy) != 0)
    return STATUS_UNUSABLE;
  int status = (bare ? write_bare : write_image)(line, policy, moment_of(line, policy));
  policy_free(policy);
  return status;
}
