// SPDX-License-Identifier: LGPL-2.1-or-later
// create_runtime.c - what is asked for, as a program for the tracer.
#include "hook/stage/create_runtime.h"
#include "hook/config.h"
#include "hook/place.h"
#include "hook/stage/exec_tracer.h"
#include "hook/stage/state.h"
#include "runner/compile.h"
#include "runner/verify.h"
#include <linux/seccomp.h>
#include <string.h>
#include <unistd.h>

static int
add_error(struct diags *diags, const struct error *e) {
  diag_add(diags, DIAG_ERROR, e->at, "%s", e->text);
  return error_exit_status(e->kind);
}

// What only a rewritten config.json can have.
static int
check_annotations(struct json_value annotations, struct diags *diags) {
  static const char *const meaningless[] = {"io.scrun.wrapper", "io.scrun.accelerate"};
  int failed = 0;
  for (size_t i = 0; i < sizeof meaningless / sizeof meaningless[0]; i++) {
    struct json_value value = {0};
    if (annotations.json != NULL)
      value = json_member(annotations, meaningless[i]);
    if (value.json == NULL)
      continue;
    json_complain_key(value, DIAG_ERROR, diags,
                      "has no meaning where scrun is a createRuntime hook: that does not rewrite config.json");
    failed = -1;
  }
  return failed;
}

// A handler of crun's runs the program in the runtime's own process: there would be no exec for the tracer to wait for.
static int
check_handler(struct json_value annotations, struct diags *diags) {
  int failed = 0;
  for (struct json_value member = json_first(annotations); member.json != NULL; member = json_next(member)) {
    size_t length;
    const char *name = json_name(member, &length);
    if (!config_is_handler(name, length))
      continue;
    json_complain_key(member, DIAG_ERROR, diags,
                      "crun may start something else than the program by this annotation, without its policy: start "
                      "the container without it");
    failed = -1;
  }
  return failed;
}

static int
check_policy(const struct policy *policy, struct error *e) {
  if (policy->isolate_peers == ISOLATE_PEERS_YES)
    return error_plain(e, ERROR_POLICY,
                       "IsolatePeers=yes cannot be had with a createRuntime hook: a process enters a domain by itself "
                       "only; leave the line out");
  if (policy_notifies(policy))
    return error_plain(e, ERROR_POLICY, "a createRuntime hook cannot leave calls to a listener");
  return 0;
}

static int
check_state(const struct container_state *state, struct error *e) {
  if (state->runs)
    return error_plain(
        e, ERROR_POLICY,
        "the container runs already: scrun-stage createRuntime is for that stage of hooks, and none after "
        "it");
  if (state->pid <= 0)
    return error_plain(e, ERROR_POLICY,
                       "the state names no process: scrun-stage createRuntime is for that stage of hooks");
  if (state->pid == 1 || state->pid == getpid())
    return error_plain(
        e, ERROR_POLICY,
        "the state names a process that is no container's: scrun-stage createRuntime is for that stage of "
        "hooks");
  return 0;
}

static uint32_t
flags_of(const struct policy *policy) {
  return SECCOMP_FILTER_FLAG_TSYNC | ((policy->flags & POLICY_FLAG_LOG) != 0 ? SECCOMP_FILTER_FLAG_LOG : 0u)
         | ((policy->flags & POLICY_FLAG_SPEC_ALLOW) != 0 ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0u);
}

static int
make_arming(struct arming *arming, const struct policy *policy, struct error *e) {
  arming->magic = ARMING_MAGIC;
  arming->flags = flags_of(policy);
  if (program_compile(policy, PROGRAM_LATER, &arming->program, e) != 0
      || program_verify(&arming->program, PROGRAM_LATER, policy, e) != 0 || ticket_draw(&arming->ticket, e) != 0)
    return -1;
  return ticket_fill(&arming->program, NULL, &arming->ticket, e);
}

static int
apply(const struct container_state *state, const struct policy *policy, struct error *e) {
  static struct arming arming;
  char wrapper[PATH_MAX];
  struct error unused;
  struct exec_plan plan = {
      .pid = state->pid, .arming = &arming, .abis = policy->abis, .no_new_privs = policy->no_new_privs};
  if (check_state(state, e) != 0 || check_policy(policy, e) != 0 || make_arming(&arming, policy, e) != 0)
    return -1;
  if (place_find(PLACE_WRAPPER, wrapper, &unused) == 0)
    plan.wrapper = wrapper;
  int failed = exec_tracer_start(&plan, e);
  explicit_bzero(&arming, sizeof arming);
  return failed;
}

static int
read_request(const struct container_state *state, struct hook_settings *settings, struct container_request *request,
             struct diags *diags) {
  if (container_request_read(state->annotations, settings, request, diags) != 0)
    return -1;
  if (request->policy == NULL)
    return 0;
  return check_annotations(state->annotations, diags) != 0 ? -1 : check_handler(state->annotations, diags);
}

int
create_runtime(const struct source *source, struct hook_settings *settings, struct container_request *request,
               struct diags *diags) {
  struct container_state state;
  struct error e;
  if (container_state_read(source, &state, diags) != 0)
    return error_exit_status(ERROR_POLICY);
  int status = read_request(&state, settings, request, diags) != 0 ? error_exit_status(ERROR_POLICY) : 0;
  if (status == 0 && request->policy != NULL && apply(&state, request->policy, &e) != 0)
    status = add_error(diags, &e);
  json_free(state.json);
  return status;
}
