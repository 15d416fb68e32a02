// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap_profile.c - a dynamic wrapper that does what a container runtime does: json-c reads linux.seccomp of the
// runtime-spec, libseccomp builds the program: wrap_profile PROFILE.json TARGET [ARGS...]. With "-" for the target it
// writes the program to stdout instead, with "--tree" laid out as a binary tree.
#include "tests/bench/wrap.h"
#include <errno.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>

struct name {
  const char *name;
  uint32_t value;
};

static const struct name actions[] = {
    {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW}, {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS}, {NULL, 0}};
static const struct name architectures[] = {{"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
                                            {"SCMP_ARCH_X86", SCMP_ARCH_X86},
                                            {"SCMP_ARCH_X32", SCMP_ARCH_X32},
                                            {NULL, 0}};
static const struct name operators[] = {{"SCMP_CMP_NE", SCMP_CMP_NE},
                                        {"SCMP_CMP_LT", SCMP_CMP_LT},
                                        {"SCMP_CMP_LE", SCMP_CMP_LE},
                                        {"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                        {"SCMP_CMP_GE", SCMP_CMP_GE},
                                        {"SCMP_CMP_GT", SCMP_CMP_GT},
                                        {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
                                        {NULL, 0}};

static bool
look_up(const struct name *names, const char *name, uint32_t *out) {
  for (; names->name != NULL; names++)
    if (name != NULL && strcmp(names->name, name) == 0) {
      *out = names->value;
      return true;
    }
  return false;
}

static const char *
text_of(json_object *object, const char *key) {
  return json_object_get_string(json_object_object_get(object, key));
}

static bool
action_of(json_object *object, const char *key, const char *errno_key, uint32_t *out) {
  const char *name = text_of(object, key);
  json_object *data = json_object_object_get(object, errno_key);
  if (name != NULL && strcmp(name, "SCMP_ACT_ERRNO") == 0) {
    *out = SCMP_ACT_ERRNO((uint32_t)(data == NULL ? EPERM : json_object_get_int(data)));
    return true;
  }
  return look_up(actions, name, out);
}

static bool
add_rule(scmp_filter_ctx ctx, uint32_t action, const char *name, json_object *args) {
  struct scmp_arg_cmp tests[6];
  size_t count = args == NULL ? 0 : json_object_array_length(args);
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR)
    return true; // newer than the library
  for (size_t i = 0; i < count && i < 6; i++) {
    json_object *arg = json_object_array_get_idx(args, i);
    uint32_t operator;
    if (!look_up(operators, text_of(arg, "op"), &operator))
      return false;
    tests[i] = (struct scmp_arg_cmp){(unsigned)json_object_get_int(json_object_object_get(arg, "index")),
                                     (enum scmp_compare) operator,
                                     json_object_get_uint64(json_object_object_get(arg, "value")),
                                     json_object_get_uint64(json_object_object_get(arg, "valueTwo"))};
  }
  int result = seccomp_rule_add_array(ctx, action, number, (unsigned)count, tests);
  return result == 0 || result == -EDOM || result == -EACCES; // EACCES: equal to the default
}

static bool
add_rules(scmp_filter_ctx ctx, json_object *rules) {
  for (size_t i = 0; i < json_object_array_length(rules); i++) {
    json_object *rule = json_object_array_get_idx(rules, i);
    json_object *names = json_object_object_get(rule, "names");
    uint32_t action;
    if (!action_of(rule, "action", "errnoRet", &action))
      return false;
    for (size_t j = 0; j < json_object_array_length(names); j++)
      if (!add_rule(ctx, action, json_object_get_string(json_object_array_get_idx(names, j)),
                    json_object_object_get(rule, "args")))
        return false;
  }
  return true;
}

static bool
add_architectures(scmp_filter_ctx ctx, json_object *names) {
  for (size_t i = 0; names != NULL && i < json_object_array_length(names); i++) {
    uint32_t token;
    if (!look_up(architectures, json_object_get_string(json_object_array_get_idx(names, i)), &token))
      return false;
    int result = seccomp_arch_add(ctx, token);
    if (result != 0 && result != -EEXIST)
      return false;
  }
  return true;
}

int
main(int argc, char **argv) {
  json_object *profile = argc < 3 ? NULL : json_object_from_file(argv[1]);
  uint32_t otherwise;
  if (profile == NULL || !action_of(profile, "defaultAction", "defaultErrnoRet", &otherwise))
    return 2;
  scmp_filter_ctx ctx = seccomp_init(otherwise);
  if (ctx == NULL || !add_architectures(ctx, json_object_object_get(profile, "architectures"))
      || !add_rules(ctx, json_object_object_get(profile, "syscalls"))
      || (strcmp(argv[2], "--tree") == 0 && seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0))
    return 228;
  if (strcmp(argv[2], "-") == 0 || strcmp(argv[2], "--tree") == 0)
    return seccomp_export_bpf(ctx, STDOUT_FILENO) == 0 ? 0 : 228;
  if (seccomp_load(ctx) != 0)
    return 228;
  execve(argv[2], argv + 2, environ);
  return 203;
}
