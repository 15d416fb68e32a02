// SPDX-License-Identifier: LGPL-2.1-or-later
// rewrite.c - decides what a config.json is to say, and changes what says something else.
#include "hook/rewrite.h"
#include "compat/oci_read.h"
#include "compat/text.h"
#include "hook/config.h"
#include "hook/destination.h"
#include "hook/edit.h"
#include "hook/init_program.h"
#include "hook/order.h"
#include "hook/seccomp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECCOMP_ANNOTATIONS "run.oci.seccomp"
#define PROGRAM_ANNOTATION "run.oci.seccomp_bpf_data"

// The environment of the hook that is added: whether this config.json stays for later starts. It is never left out:
// without one, runc 1.1.5 gives a createContainer hook that of the container, LD_PRELOAD= and all, and the hook is root
// outside of it.
#define KEPT "SCRUN_KEPT=1"
#define NOT_KEPT "SCRUN_KEPT=0"

static const struct source_pos nowhere = {NULL, 0, 0};

struct rewrite {
  const struct rewrite_place *place;
  struct diags *diags;
  struct config_view view;
  struct container_request request;
  enum runtime_kind runtime;
  struct json_value own_mount; // the wrapper's, from an earlier rewriting
  struct json_value payload;   // the first of process.args behind an init
  struct json_value old_order; // behind the wrapper's name, where that mount is there, too
  struct seccomp_result seccomp;
  struct json_value program; // the annotation for crun, as it arrived
  struct edits edits;
};

static bool
given(struct json_value value) {
  return value.json != NULL;
}

// Always false.
static bool
fail(struct rewrite *rewrite, struct json_value at, const char *problem) {
  json_complain(at, DIAG_ERROR, rewrite->diags, "%s", problem);
  return false;
}

static bool
fail_with(struct rewrite *rewrite, const struct error *e) {
  diag_add(rewrite->diags, DIAG_ERROR, e->at, "%s", e->text);
  return false;
}

static void
warn(struct rewrite *rewrite, const char *what, const char *why) {
  diag_add(rewrite->diags, DIAG_WARNING, nowhere, "%s%s", what, why);
}

// What is there.

// Finds what is started, and whether that is the wrapper.
static void
find_payload(struct rewrite *rewrite) {
  const struct config_view *view = &rewrite->view;
  rewrite->payload = init_program_skip(view->args, view->mounts);
  if (given(rewrite->own_mount) && given(rewrite->payload) && config_is(rewrite->payload, WRAPPER_DESTINATION))
    rewrite->old_order = json_next(rewrite->payload);
}

// A container has processes of its own, so that `auto` means no; but an init in front of the payload is not bound by
// the policy, and a payload that can trace it, or write into its memory, has it do what it may not do itself.
static void
settle_isolation(struct rewrite *rewrite) {
  struct policy *policy = rewrite->request.policy;
  bool behind = given(rewrite->payload) && rewrite->payload.node != json_first(rewrite->view.args).node;
  if (policy != NULL && policy->isolate_peers == ISOLATE_PEERS_AUTO)
    policy->isolate_peers = behind && rewrite->request.wrapper ? ISOLATE_PEERS_YES : ISOLATE_PEERS_NO;
}

// What is wrong with a mount is said in *diags. Always finds what was there to be found.
static bool
find_marks(struct rewrite *rewrite, struct diags *diags) {
  bool right = destination_check_mounts(rewrite->view.mounts, rewrite->place->wrapper, &rewrite->own_mount, diags) == 0;
  find_payload(rewrite);
  return right;
}

static bool
is_asked(const struct rewrite *rewrite) {
  return rewrite->request.policy != NULL || rewrite->request.accelerate;
}

// The annotations that crun installs a filter by, or weakens one. The ready program is looked at again when it is known
// what it would be.
static bool
check_annotations(struct rewrite *rewrite) {
  static const size_t prefix = sizeof SECCOMP_ANNOTATIONS - 1;
  bool right = true;
  for (struct json_value member = json_first(rewrite->view.annotations); given(member); member = json_next(member)) {
    size_t length;
    const char *name = json_name(member, &length);
    if (rewrite->request.wrapper && config_is_handler(name, length)) {
      json_complain_key(member, DIAG_ERROR, rewrite->diags,
                        "crun may start something else than the program by this annotation, without its policy: start "
                        "the container without it, or use io.scrun.wrapper=false");
      right = false;
    }
    if (length < prefix || memcmp(name, SECCOMP_ANNOTATIONS, prefix) != 0)
      continue;
    if (text_is(name, length, PROGRAM_ANNOTATION))
      rewrite->program = member;
    else {
      json_complain_key(member, DIAG_ERROR, rewrite->diags,
                        "crun would change the filter by this annotation: start the container without it");
      right = false;
    }
  }
  return right;
}

// Changes.

// Gives the member `outer` of the root, which is `object` or not there yet, a member.
static void
add_within(struct edits *edits, struct json_value root, const char *outer, struct json_value object, const char *name,
           const char *text) {
  struct buffer whole = {0};
  if (given(object)) {
    edit_add_member(edits, object, name, text);
    return;
  }
  buffer_add(&whole, "{\"%s\":%s}", name, text != NULL ? text : "");
  edit_add_member(edits, root, outer, text != NULL ? whole.text : NULL);
  buffer_clear(&whole);
}

// `text` is to be the last element of an array.
static void
edit_last(struct edits *edits, struct json_value array, struct json_value old, const char *text) {
  if (given(old) && !given(json_next(old))) {
    edit_replace(edits, old, text);
    return;
  }
  if (given(old))
    edit_remove(edits, old);
  edit_append(edits, array, text);
}

// linux.seccomp.

static bool
make_seccomp(struct rewrite *rewrite) {
  const struct container_request *request = &rewrite->request;
  const struct seccomp_plan plan = {
      .engine = rewrite->view.seccomp,
      .policy = request->policy,
      .runtime = rewrite->runtime,
      .no_new_privs = given(rewrite->view.no_new_privs) && json_boolean(rewrite->view.no_new_privs),
      .wrapper = request->wrapper,
      .isolate = request->policy != NULL && request->policy->isolate_peers == ISOLATE_PEERS_YES,
      .accelerate = request->accelerate && rewrite->runtime != RUNTIME_RUNC, // which knows no such annotation
  };
  if (plan.policy == NULL && (!given(plan.engine) || !plan.accelerate))
    return true;
  if (seccomp_make(&plan, &rewrite->seccomp, rewrite->diags) != 0)
    return false;
  if (plan.accelerate && rewrite->seccomp.slow != NULL)
    warn(rewrite, "the filter of this container is not accelerated: ", rewrite->seccomp.slow);
  return true;
}

// A line end behind the object would be one more each time.
static void
edit_seccomp(struct rewrite *rewrite) {
  const struct config_view *view = &rewrite->view;
  struct buffer *json = &rewrite->seccomp.json;
  const char *text = json->text;
  if (!rewrite->seccomp.changed)
    return;
  while (json->length > 0 && text_is_blank(json->text[json->length - 1]))
    json->text[--json->length] = '\0';
  if (given(view->seccomp))
    edit_replace(&rewrite->edits, view->seccomp, text);
  else
    add_within(&rewrite->edits, view->root, "linux", view->linux_object, "seccomp", text);
}

// The ready program.

static bool
is_text(struct json_value value, const struct buffer *text) {
  return text->length > 0 && config_is(value, text->text);
}

// An annotation that says what would be written anyway is nobody's trick; what else stands there is ours only in a
// config that was rewritten.
static bool
check_program(struct rewrite *rewrite) {
  if (!given(rewrite->program) || given(rewrite->old_order) || is_text(rewrite->program, &rewrite->seccomp.program))
    return true;
  json_complain_key(rewrite->program, DIAG_ERROR, rewrite->diags,
                    "crun would install this filter instead of linux.seccomp: start the container without the "
                    "annotation");
  return false;
}

static void
edit_program(struct rewrite *rewrite) {
  const struct buffer *program = &rewrite->seccomp.program;
  const struct config_view *view = &rewrite->view;
  struct buffer text = {0};
  if (program->length == 0) {
    if (given(rewrite->program))
      edit_remove(&rewrite->edits, rewrite->program);
    return;
  }
  buffer_add(&text, "\"%s\"", program->text);
  if (given(rewrite->program))
    edit_replace(&rewrite->edits, rewrite->program, text.text);
  else
    add_within(&rewrite->edits, view->root, "annotations", view->annotations, PROGRAM_ANNOTATION, text.text);
  buffer_clear(&text);
}

// The wrapper.

static struct json_value
find_hook(const struct rewrite *rewrite) {
  struct json_value hook = {0};
  if (rewrite->place->stage != NULL)
    hook = json_first(rewrite->view.create_container);
  while (given(hook) && !config_is(json_member(hook, "path"), rewrite->place->stage))
    hook = json_next(hook);
  return hook;
}

// Did an earlier start of this bundle leave what is there?
static bool
is_kept(const struct rewrite *rewrite) {
  struct json_value word = json_first(json_member(find_hook(rewrite), "env"));
  while (given(word) && !config_is(word, KEPT))
    word = json_next(word);
  return rewrite->place->bundle != NULL && given(word);
}

// An order that is there already is replaced by `order` (NULL: by none) only where it is ours to replace: not if
// another hook has just put it there, for whom it is the policy.
static bool
check_old_order(struct rewrite *rewrite, const char *order) {
  size_t length;
  if (!given(rewrite->old_order) || is_kept(rewrite))
    return true;
  const char *old = json_string(rewrite->old_order, &length);
  if (order != NULL && strlen(order) == length + 2 && memcmp(order + 1, old, length) == 0)
    return true;
  return fail(
      rewrite, rewrite->payload,
      "another hook of scrun has given this container a policy, which would be lost: ask for both in one place");
}

static bool
check_payload(struct rewrite *rewrite) {
  const struct config_view *view = &rewrite->view;
  struct json_value program = given(rewrite->old_order) ? json_next(rewrite->old_order) : rewrite->payload;
  if (given(program))
    return true;
  return fail(rewrite,
              given(view->args)      ? view->args
              : given(view->process) ? view->process
                                     : view->root,
              given(view->args) ? "there is no program in it" : "no program: process.args is missing");
}

// Is the root folder one where the wrapper can be mounted?
static bool
check_rootfs(struct rewrite *rewrite) {
  struct json_value at = rewrite->view.rootfs_path;
  const char *bundle = rewrite->place->bundle;
  struct error e;
  char *joined = NULL;
  size_t length;
  if (!given(at))
    return fail(rewrite, rewrite->view.root, "root.path is missing: the container's root folder");
  const char *path = json_string(at, &length);
  if (path[0] != '/' && bundle == NULL)
    return fail(rewrite, at, "must be an absolute path here");
  if (path[0] != '/' && asprintf(&joined, "%s/%s", bundle, path) < 0)
    return fail(rewrite, at, out_of_memory);
  int result = destination_check_root(joined != NULL ? joined : path, &e);
  free(joined);
  return result == 0 || fail_with(rewrite, &e);
}

// no_new_privs: the kernel installs no filter without it, but for who has CAP_SYS_ADMIN.
static bool
check_privileges(struct rewrite *rewrite, const struct image *image) {
  static const char name[] = "CAP_SYS_ADMIN";
  struct json_value flag = rewrite->view.no_new_privs;
  if (given(flag) && json_boolean(flag))
    return true;
  if (image->no_new_privs) {
    warn(rewrite, "no_new_privs is on in this container: setuid programs in it gain nothing", "");
    return true;
  }
  if (config_has_capability(rewrite->view.effective, capability_find(name, sizeof name - 1)))
    return true;
  diag_add(rewrite->diags, DIAG_ERROR, nowhere,
           "NoNewPrivileges=no needs %s in the container, or the filter cannot be installed: add the capability, or "
           "leave NoNewPrivileges= out",
           name);
  return false;
}

// The order as a JSON string. Returns false after adding an error.
static bool
make_order(struct rewrite *rewrite, struct buffer *out) {
  struct error e;
  struct image *image = malloc(sizeof *image);
  bool made = image != NULL || fail(rewrite, rewrite->view.root, out_of_memory);
  if (made && image_make(image, rewrite->request.policy, MOMENT_EXEC, &e) != 0)
    made = fail_with(rewrite, &e);
  made = made && check_privileges(rewrite, image);
  buffer_add(out, "\"");
  if (made && order_write(out, image, &e) != 0)
    made = fail_with(rewrite, &e);
  buffer_add(out, "\"");
  free(image);
  return made && (!out->failed || fail(rewrite, rewrite->view.root, out_of_memory));
}

static void
edit_args(struct rewrite *rewrite, const char *order) {
  struct buffer text = {0};
  if (given(rewrite->old_order)) {
    edit_replace(&rewrite->edits, rewrite->old_order, order);
    return;
  }
  buffer_add(&text, "\"" WRAPPER_DESTINATION "\",%s", order);
  edit_insert_before(&rewrite->edits, rewrite->payload, text.text);
  buffer_clear(&text);
}

// The mount. With what an unprivileged remount may not take away from the source's own mount (nosuid, nodev), runc can
// make it read-only in a user namespace, too.
static void
edit_mounts(struct rewrite *rewrite) {
  const struct config_view *view = &rewrite->view;
  struct buffer text = {0};
  const char *end = given(view->mounts) ? "" : "]";
  buffer_add(&text, "%s{\"destination\":\"" WRAPPER_DESTINATION "\",\"type\":\"bind\",\"source\":",
             given(view->mounts) ? "" : "[");
  edit_add_string(&text, rewrite->place->wrapper, strlen(rewrite->place->wrapper));
  buffer_add(&text, ",\"options\":[\"bind\",\"ro\",\"nosuid\",\"nodev\",\"rprivate\"]}%s", end);
  if (given(view->mounts))
    edit_last(&rewrite->edits, view->mounts, rewrite->own_mount, text.text);
  else
    edit_add_member(&rewrite->edits, view->root, "mounts", text.text);
  buffer_clear(&text);
}

// The hook that looks at the mount from inside.
static void
edit_hooks(struct rewrite *rewrite) {
  const struct config_view *view = &rewrite->view;
  struct buffer text = {0};
  const char *stage = rewrite->place->stage;
  if (stage == NULL)
    return;
  bool whole = !given(view->create_container);
  buffer_add(&text, "%s{\"path\":", whole ? "[" : "");
  edit_add_string(&text, stage, strlen(stage));
  buffer_add(&text, ",\"args\":[\"scrun-stage\",\"createContainer\"],\"env\":[\"%s\"]}%s",
             rewrite->place->bundle != NULL ? KEPT : NOT_KEPT, whole ? "]" : "");
  if (whole)
    add_within(&rewrite->edits, view->root, "hooks", view->hooks, "createContainer", text.text);
  else
    edit_last(&rewrite->edits, view->create_container, find_hook(rewrite), text.text);
  buffer_clear(&text);
}

static bool
edit_wrapper(struct rewrite *rewrite) {
  struct buffer order = {0};
  bool made = check_payload(rewrite) && check_rootfs(rewrite) && make_order(rewrite, &order)
              && check_old_order(rewrite, order.text);
  if (made) {
    edit_args(rewrite, order.text);
    edit_mounts(rewrite);
    edit_hooks(rewrite);
  }
  buffer_clear(&order);
  return made;
}

// What an earlier rewriting put there for the wrapper, which is not to be used any more.
static bool
remove_wrapper(struct rewrite *rewrite) {
  struct json_value hook = find_hook(rewrite);
  if (!check_old_order(rewrite, NULL))
    return false;
  if (given(hook))
    edit_remove(&rewrite->edits, hook);
  if (given(rewrite->own_mount))
    edit_remove(&rewrite->edits, rewrite->own_mount);
  if (given(rewrite->old_order)) {
    edit_remove(&rewrite->edits, rewrite->payload);
    edit_remove(&rewrite->edits, rewrite->old_order);
  }
  return true;
}

// All together.

static bool
rewrite_view(struct rewrite *rewrite) {
  struct diags unheard = {0}; // without a wrapper, mounts are as the engine likes them
  bool right = find_marks(rewrite, rewrite->request.wrapper ? rewrite->diags : &unheard);
  settle_isolation(rewrite);
  if (!check_annotations(rewrite) || (rewrite->request.wrapper && !right))
    return false;
  if (rewrite->request.wrapper) {
    if (!edit_wrapper(rewrite))
      return false;
  } else if (rewrite->request.policy != NULL && !remove_wrapper(rewrite))
    return false;
  if (!make_seccomp(rewrite) || !check_program(rewrite))
    return false;
  edit_seccomp(rewrite);
  edit_program(rewrite);
  return true;
}

// False after adding an error.
static bool
apply(struct rewrite *rewrite, const struct source *config, bool *changed, struct buffer *out) {
  struct error e;
  if (edits_apply(&rewrite->edits, config, out, &e) != 0)
    return fail_with(rewrite, &e);
  *changed = out->length != config->length || memcmp(out->text, config->text, out->length) != 0;
  if (!*changed)
    buffer_clear(out);
  return true;
}

int
rewrite_config(const struct source *config, struct hook_settings *settings, const struct rewrite_place *place,
               bool *changed, struct buffer *out, struct diags *diags) {
  struct rewrite rewrite = {.place = place, .diags = diags};
  *changed = false;
  rewrite.runtime = settings->runtime != NULL ? runtime_kind_of(settings->runtime) : RUNTIME_ANY;
  bool done = config_read(config, &rewrite.view, diags) == 0
              && container_request_read(rewrite.view.annotations, settings, &rewrite.request, diags) == 0
              && (!is_asked(&rewrite) || (rewrite_view(&rewrite) && apply(&rewrite, config, changed, out)));
  if (!done)
    buffer_clear(out);
  edits_clear(&rewrite.edits);
  seccomp_result_clear(&rewrite.seccomp);
  container_request_clear(&rewrite.request);
  config_clear(&rewrite.view);
  return done ? 0 : -1;
}

// Can a process of the container have this capability? Its bounding set lets files give it, and what is inheritable or
// ambient is handed on beside that.
static bool
may_have(const struct config_view *view, const char *name) {
  int capability = capability_find(name, strlen(name));
  return !given(view->capabilities) || config_has_capability(view->bounding, capability)
         || config_has_capability(view->inheritable, capability) || config_has_capability(view->ambient, capability)
         || config_has_capability(view->permitted, capability) || config_has_capability(view->effective, capability);
}

int
rewrite_find_order(const struct source *config, const char *wrapper, char **order, bool *can_mount,
                   struct diags *diags) {
  const struct rewrite_place place = {.wrapper = wrapper};
  struct rewrite rewrite = {.place = &place, .diags = diags};
  size_t length;
  *order = NULL;
  bool found = config_read(config, &rewrite.view, diags) == 0 && find_marks(&rewrite, diags);
  if (found) {
    *can_mount = may_have(&rewrite.view, "CAP_SYS_ADMIN");
    if (given(rewrite.old_order)) {
      *order = strdup(json_string(rewrite.old_order, &length));
      found = *order != NULL || fail(&rewrite, rewrite.view.root, out_of_memory);
    }
  }
  config_clear(&rewrite.view);
  return found ? 0 : -1;
}

int
rewrite_process(const struct source *process, const char *order, struct buffer *out, struct diags *diags) {
  const struct rewrite_place place = {.wrapper = NULL};
  struct rewrite rewrite = {.place = &place, .diags = diags};
  struct buffer text = {0};
  bool done = config_read_process(process, &rewrite.view, diags) == 0;
  rewrite.payload = json_first(rewrite.view.args);
  done = done && check_payload(&rewrite);
  if (done) {
    bool changed;
    edit_add_string(&text, order, strlen(order));
    edit_args(&rewrite, text.text);
    done = apply(&rewrite, process, &changed, out);
  }
  if (!done)
    buffer_clear(out);
  buffer_clear(&text);
  edits_clear(&rewrite.edits);
  config_clear(&rewrite.view);
  return done ? 0 : -1;
}
