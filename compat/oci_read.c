// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_read.c - the keys of a seccomp object and what each means.
#include "compat/oci_read.h"
#include "compat/kernel.h"
#include "compat/nearest.h"
#include "compat/number.h"
#include "compat/oci_merge.h"
#include "compat/oci_words.h"
#include "compat/word.h"
#include "compat/text.h"
#include <errno.h>
#include <string.h>

// The bound on listenerPath: what fits into a socket's address. Source: sun_path in unix(7).
#define LISTENER_PATH_BYTES_MAX 107
// The bound on listenerMetadata; it is only handed on.
#define LISTENER_METADATA_BYTES_MAX 4095

struct oci {
  const struct oci_options *options;
  const struct omission *omission; // or NULL
  struct diags *diags;
  struct policy *policy;
  struct oci_merge *merge; // NULL until the default action is known
  struct action otherwise;
  struct source_pos otherwise_at;
  bool runtime;               // within a whole config.json: the engine's keys are errors
  bool plain_multiplexers;    // oci_merge.h
  struct json_value notified; // the first call that a rule gives to a listener
};

// The keys of each kind of object. JSON null is the same as no key, as it is for the Go programs that write these.
struct oci_key {
  const char *name;
  size_t length; // of the name
  enum json_kind kind;
  bool engine; // docker and podman resolve it, no runtime knows it
};

#define KEY(name, kind, engine)                                                                                        \
  { name, sizeof name - 1, kind, engine }

enum seccomp_key {
  SECCOMP_ARCH_MAP,
  SECCOMP_ARCHITECTURES,
  SECCOMP_DEFAULT_ACTION,
  SECCOMP_DEFAULT_ERRNO,
  SECCOMP_DEFAULT_ERRNO_RET,
  SECCOMP_FLAGS,
  SECCOMP_LISTENER_METADATA,
  SECCOMP_LISTENER_PATH,
  SECCOMP_SYSCALLS,
  SECCOMP_KEYS,
};
static const struct oci_key seccomp_keys[SECCOMP_KEYS] = {
    [SECCOMP_ARCH_MAP] = KEY("archMap", JSON_ARRAY, true),
    [SECCOMP_ARCHITECTURES] = KEY("architectures", JSON_ARRAY, false),
    [SECCOMP_DEFAULT_ACTION] = KEY("defaultAction", JSON_STRING, false),
    [SECCOMP_DEFAULT_ERRNO] = KEY("defaultErrno", JSON_STRING, true),
    [SECCOMP_DEFAULT_ERRNO_RET] = KEY("defaultErrnoRet", JSON_NUMBER, false),
    [SECCOMP_FLAGS] = KEY("flags", JSON_ARRAY, false),
    [SECCOMP_LISTENER_METADATA] = KEY("listenerMetadata", JSON_STRING, false),
    [SECCOMP_LISTENER_PATH] = KEY("listenerPath", JSON_STRING, false),
    [SECCOMP_SYSCALLS] = KEY("syscalls", JSON_ARRAY, false),
};

enum rule_key {
  RULE_ACTION,
  RULE_ARGS,
  RULE_COMMENT,
  RULE_ERRNO,
  RULE_ERRNO_RET,
  RULE_EXCLUDES,
  RULE_INCLUDES,
  RULE_NAME,
  RULE_NAMES,
  RULE_KEYS,
};
static const struct oci_key rule_keys[RULE_KEYS] = {
    [RULE_ACTION] = KEY("action", JSON_STRING, false),      [RULE_ARGS] = KEY("args", JSON_ARRAY, false),
    [RULE_COMMENT] = KEY("comment", JSON_STRING, true),     [RULE_ERRNO] = KEY("errno", JSON_STRING, true),
    [RULE_ERRNO_RET] = KEY("errnoRet", JSON_NUMBER, false), [RULE_EXCLUDES] = KEY("excludes", JSON_OBJECT, true),
    [RULE_INCLUDES] = KEY("includes", JSON_OBJECT, true),   [RULE_NAME] = KEY("name", JSON_STRING, true),
    [RULE_NAMES] = KEY("names", JSON_ARRAY, false),
};

enum arg_key { ARG_INDEX, ARG_OP, ARG_VALUE, ARG_VALUE_TWO, ARG_KEYS };
static const struct oci_key arg_keys[ARG_KEYS] = {
    [ARG_INDEX] = KEY("index", JSON_NUMBER, false),
    [ARG_OP] = KEY("op", JSON_STRING, false),
    [ARG_VALUE] = KEY("value", JSON_NUMBER, false),
    [ARG_VALUE_TWO] = KEY("valueTwo", JSON_NUMBER, false),
};

enum condition_key { CONDITION_ARCHES, CONDITION_CAPS, CONDITION_MIN_KERNEL, CONDITION_KEYS };
static const struct oci_key condition_keys[CONDITION_KEYS] = {
    [CONDITION_ARCHES] = KEY("arches", JSON_ARRAY, true),
    [CONDITION_CAPS] = KEY("caps", JSON_ARRAY, true),
    [CONDITION_MIN_KERNEL] = KEY("minKernel", JSON_STRING, true),
};

enum map_key { MAP_ARCHITECTURE, MAP_SUB_ARCHITECTURES, MAP_KEYS };
static const struct oci_key map_keys[MAP_KEYS] = {
    [MAP_ARCHITECTURE] = KEY("architecture", JSON_STRING, true),
    [MAP_SUB_ARCHITECTURES] = KEY("subArchitectures", JSON_ARRAY, true),
};

static bool
given(struct json_value value) {
  return value.json != NULL;
}

// An error at the value. Always false.
static bool
fail(const struct oci *oci, struct json_value value, const char *problem) {
  json_complain(value, DIAG_ERROR, oci->diags, "%s", problem);
  return false;
}

static bool
need_kind(const struct oci *oci, struct json_value value, enum json_kind kind) {
  if (json_kind(value) == kind)
    return true;
  json_complain(value, DIAG_ERROR, oci->diags, "must be %s, not %s", json_kind_name(kind),
                json_kind_name(json_kind(value)));
  return false;
}

// An error about a string that is not what it should be ("is not a comparison"), and what may have been meant.
static bool
fail_word(const struct oci *oci, struct json_value value, const char *problem, const char *near) {
  size_t length;
  const char *word = json_string(value, &length);
  json_complain(value, DIAG_ERROR, oci->diags, "\"%.*s\" %s", text_shown(length), word, problem);
  if (near != NULL)
    json_complain(value, DIAG_HINT, oci->diags, "did you mean \"%s\"?", near);
  return false;
}

static void
report_key(const struct oci *oci, struct json_value member, const struct oci_key *keys, size_t count) {
  struct nearest nearest;
  size_t length;
  const char *name = json_key(member, &length);
  json_complain_key(member, DIAG_ERROR, oci->diags, "unknown key; nothing is ignored");
  if (diags_full(oci->diags))
    return;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < count; i++)
    nearest_offer(&nearest, keys[i].name);
  if (nearest.best != NULL)
    json_complain_key(member, DIAG_HINT, oci->diags, "did you mean \"%s\"?", nearest.best);
}

// One member of an object: put where its key belongs.
static bool
read_member(const struct oci *oci, struct json_value member, const struct oci_key *keys, size_t count,
            struct json_value *out) {
  size_t length, i = 0;
  const char *name = json_key(member, &length);
  while (i < count && (keys[i].length != length || memcmp(keys[i].name, name, length) != 0))
    i++;
  if (i == count) {
    report_key(oci, member, keys, count);
    return false;
  }
  if (keys[i].engine && oci->runtime) {
    json_complain_key(member, DIAG_ERROR, oci->diags,
                      "docker and podman know this key in profiles; in a config.json it is lost");
    return false;
  }
  if (json_kind(member) == JSON_NULL)
    return true;
  out[i] = member;
  return need_kind(oci, member, keys[i].kind);
}

// Takes the members of `object` apart into out[count]. Returns false after adding an error, be it about one of them.
static bool
read_members(const struct oci *oci, struct json_value object, const struct oci_key *keys, size_t count,
             struct json_value *out) {
  bool right = true;
  memset(out, 0, count * sizeof *out);
  if (!need_kind(oci, object, JSON_OBJECT))
    return false;
  for (struct json_value member = json_first(object); given(member); member = json_next(member))
    right = read_member(oci, member, keys, count, out) && right;
  return right;
}

static bool
need_member(const struct oci *oci, struct json_value object, struct json_value member, const char *name) {
  if (given(member))
    return true;
  json_complain(object, DIAG_ERROR, oci->diags, "\"%s\" is missing", name);
  return false;
}

// The engine's strings: an empty one is the same as none.
static struct json_value
unless_empty(struct json_value string) {
  size_t length = 0;
  if (given(string))
    (void)json_string(string, &length);
  return length > 0 ? string : (struct json_value){0};
}

// Actions.

// The engine's errno: a name, or a number in quotes.
static bool
read_errno_word(const struct oci *oci, struct json_value value, uint64_t max, uint16_t *out) {
  size_t length;
  const char *word = json_string(value, &length);
  uint64_t number;
  if (number_read(word, length, NUMBER_PLAIN, max, &number)) {
    *out = (uint16_t)number;
    return true;
  }
  return errno_find(word, length, out) || fail_word(oci, value, "is no errno", errno_suggest(word, length));
}

// The number of an action: `name` (the engine's) beats `number`; without either it is EPERM.
static bool
read_data(const struct oci *oci, struct json_value number, struct json_value name, struct action *action) {
  bool errno_action = action->kind == ACTION_ERRNO;
  uint64_t max = errno_action ? OCI_ERRNO_MAX : UINT16_MAX, value = EPERM;
  name = unless_empty(name);
  if (!errno_action && action->kind != ACTION_TRACE) {
    action->data = 0;
    return (!given(number) && !given(name))
           || fail(oci, given(number) ? number : name, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have a number");
  }
  if (given(number) && !json_number(number, max, &value, oci->diags))
    return false;
  action->data = (uint16_t)value;
  return !given(name) || read_errno_word(oci, name, max, &action->data);
}

static bool
read_action(const struct oci *oci, struct json_value value, struct json_value number, struct json_value name,
            struct action *action) {
  size_t length;
  const char *word = json_string(value, &length);
  action->kind = oci_action_find(word, length);
  if (action->kind == ACTION_NONE)
    return fail_word(oci, value, "is not an action", oci_action_suggest(word, length));
  return read_data(oci, number, name, action);
}

// Architectures.

// Adds the ABI of one name. What other machines have is known and has no calls here.
static bool
read_architecture(struct oci *oci, struct json_value value) {
  size_t length;
  if (!need_kind(oci, value, JSON_STRING))
    return false;
  const char *word = json_string(value, &length);
  const struct oci_architecture *architecture = oci_architecture_find(word, length);
  if (architecture == NULL)
    return fail_word(oci, value, "is not an architecture", oci_architecture_suggest(word, length));
  if (architecture->abi != ABI_NONE)
    oci->policy->abis |= ABI_BIT(architecture->abi);
  return true;
}

static bool
read_architectures(struct oci *oci, struct json_value list) {
  bool right = true;
  for (struct json_value value = json_first(list); given(value); value = json_next(value))
    right = read_architecture(oci, value) && right;
  return right;
}

// One entry of archMap: it counts if it is about this machine. All of them have to be right.
static bool
read_map_entry(struct oci *oci, struct json_value entry, bool *found) {
  struct json_value members[MAP_KEYS];
  size_t length;
  if (!read_members(oci, entry, map_keys, MAP_KEYS, members)
      || !need_member(oci, entry, members[MAP_ARCHITECTURE], "architecture"))
    return false;
  const char *word = json_string(members[MAP_ARCHITECTURE], &length);
  const struct oci_architecture *architecture = oci_architecture_find(word, length);
  bool ours = architecture != NULL && architecture->abi == ABI_NATIVE;
  if (ours && *found)
    return fail(oci, members[MAP_ARCHITECTURE], "this architecture has an entry already");
  unsigned before = oci->policy->abis;
  bool right = read_architecture(oci, members[MAP_ARCHITECTURE])
               && (!given(members[MAP_SUB_ARCHITECTURES]) || read_architectures(oci, members[MAP_SUB_ARCHITECTURES]));
  if (!ours)
    oci->policy->abis = before;
  *found = *found || ours;
  return right;
}

static bool
read_map(struct oci *oci, struct json_value list) {
  bool right = true, found = false;
  for (struct json_value entry = json_first(list); given(entry); entry = json_next(entry))
    right = read_map_entry(oci, entry, &found) && right;
  return right;
}

// The native ABI is in every list: no runtime leaves it out either.
static bool
read_abis(struct oci *oci, struct json_value architectures, struct json_value map) {
  struct json_value list = given(architectures) ? architectures : map;
  oci->policy->abis = ABI_BIT(ABI_NATIVE);
  oci->policy->foreign = (struct action){ACTION_KILL_THREAD, 0};
  if (!given(list))
    return true;
  oci->policy->abis_at = json_key_pos(list);
  if (given(architectures) && given(map) && given(json_first(architectures)) && given(json_first(map)))
    return fail(oci, map, "\"architectures\" is given as well: use one of them");
  return (!given(architectures) || read_architectures(oci, architectures)) && (!given(map) || read_map(oci, map));
}

// Flags and the listener.

static bool
read_flag(struct oci *oci, struct json_value value) {
  size_t length;
  unsigned flag;
  if (!need_kind(oci, value, JSON_STRING))
    return false;
  const char *word = json_string(value, &length);
  const char *problem = oci_flag_find(word, length, &flag);
  if (problem != NULL)
    return fail_word(oci, value, problem, oci_flag_suggest(word, length));
  oci->policy->flags |= flag;
  return true;
}

static bool
read_flags(struct oci *oci, struct json_value list) {
  bool right = true;
  for (struct json_value value = given(list) ? json_first(list) : list; given(value); value = json_next(value))
    right = read_flag(oci, value) && right;
  return right;
}

// A copy of the string; NULL after adding an error.
static char *
copy_string(const struct oci *oci, struct json_value value, size_t max) {
  size_t length;
  const char *string = json_string(value, &length);
  if (length > max) {
    json_complain(value, DIAG_ERROR, oci->diags, "longer than %zu bytes", max);
    return NULL;
  }
  char *copy = strdup(string);
  if (copy == NULL)
    (void)fail(oci, value, out_of_memory);
  return copy;
}

static bool
read_listener(struct oci *oci, struct json_value path, struct json_value metadata) {
  size_t length;
  if (given(path) && json_string(path, &length)[0] != '/')
    return fail(oci, path, "must be an absolute path");
  if (given(oci->notified) && !given(path)) {
    json_complain(oci->notified, DIAG_ERROR, oci->diags,
                  "SCMP_ACT_NOTIFY needs \"listenerPath\", the socket of who answers");
    return false;
  }
  if (given(path) && !given(oci->notified))
    json_complain(path, DIAG_WARNING, oci->diags, "no rule in force has SCMP_ACT_NOTIFY: nobody will be asked");
  if (!given(oci->notified))
    return true;
  oci->policy->listener_path = copy_string(oci, path, LISTENER_PATH_BYTES_MAX);
  if (given(metadata))
    oci->policy->listener_metadata = copy_string(oci, metadata, LISTENER_METADATA_BYTES_MAX);
  return oci->policy->listener_path != NULL && (!given(metadata) || oci->policy->listener_metadata != NULL);
}

// Tests of arguments.

// `value` is the mask and `valueTwo` what is compared with for SCMP_CMP_MASKED_EQ; bits outside the mask are not, as in
// libseccomp.
static void
set_values(const struct oci *oci, const struct json_value members[ARG_KEYS], bool masked, uint64_t value, uint64_t two,
           struct test *test) {
  test->mask = masked ? value : UINT64_MAX;
  test->value = masked ? two & value : value;
  if (masked && test->value != two)
    json_complain(members[ARG_VALUE_TWO], DIAG_WARNING, oci->diags, "bits outside the mask 0x%llx are not compared",
                  (unsigned long long)value);
  if (!masked && two != 0)
    json_complain(members[ARG_VALUE_TWO], DIAG_WARNING, oci->diags, "has no meaning without SCMP_CMP_MASKED_EQ");
}

static bool
read_test(const struct oci *oci, struct json_value arg, struct test *test) {
  struct json_value members[ARG_KEYS];
  uint64_t index, value, two = 0;
  size_t length;
  bool masked;
  if (!read_members(oci, arg, arg_keys, ARG_KEYS, members))
    return false;
  for (size_t i = 0; i < ARG_VALUE_TWO; i++)
    if (!need_member(oci, arg, members[i], arg_keys[i].name))
      return false;
  if (!json_number(members[ARG_INDEX], OCI_TESTS_MAX - 1, &index, oci->diags)
      || !json_number(members[ARG_VALUE], UINT64_MAX, &value, oci->diags)
      || (given(members[ARG_VALUE_TWO]) && !json_number(members[ARG_VALUE_TWO], UINT64_MAX, &two, oci->diags)))
    return false;
  const char *word = json_string(members[ARG_OP], &length);
  *test = (struct test){.argument = (unsigned)index, .width = 64, .op = oci_comparison_find(word, length, &masked)};
  if (test->op == TEST_NONE)
    return fail_word(oci, members[ARG_OP], "is not a comparison", oci_comparison_suggest(word, length));
  set_values(oci, members, masked, value, two, test);
  return true;
}

// The tests of one rule.
struct tests {
  struct test items[OCI_TESTS_MAX];
  uint32_t count;
  bool any; // one argument twice: each test is a rule of its own
};

static bool
read_tests(const struct oci *oci, struct json_value args, struct tests *tests) {
  unsigned seen = 0;
  bool right = true;
  *tests = (struct tests){.count = 0};
  for (struct json_value arg = given(args) ? json_first(args) : args; given(arg); arg = json_next(arg)) {
    if (tests->count == OCI_TESTS_MAX)
      return fail(oci, arg, "a rule has at most 6 tests");
    struct test *test = &tests->items[tests->count];
    if (!read_test(oci, arg, test)) {
      right = false;
      continue;
    }
    tests->count++;
    if ((seen & 1u << test->argument) != 0 && !tests->any) {
      tests->any = true;
      json_complain(arg, DIAG_WARNING, oci->diags,
                    "argument %u has a test already: one test that holds is then enough, as with crun and runc",
                    test->argument);
    }
    seen |= 1u << test->argument;
  }
  return right;
}

// Includes and excludes.

static bool
has_architecture(const struct oci *oci, struct json_value value, bool *has) {
  size_t length;
  if (!need_kind(oci, value, JSON_STRING))
    return false;
  const char *word = json_string(value, &length);
  const struct oci_architecture *architecture = oci_engine_architecture_find(word, length);
  if (architecture == NULL)
    return fail_word(oci, value, "is not an architecture", oci_engine_architecture_suggest(word, length));
  *has = architecture->abi == ABI_NATIVE;
  return true;
}

static bool
has_capability(const struct oci *oci, struct json_value value, bool *has) {
  size_t length;
  if (!need_kind(oci, value, JSON_STRING))
    return false;
  const char *word = json_string(value, &length);
  int found = capability_find(word, length);
  if (found < 0 || !text_is(word, length, capability_name(found)))
    return fail_word(oci, value, "is not a capability",
                     found < 0 ? capability_suggest(word, length) : capability_name(found));
  *has = (oci->options->capabilities >> found & 1) != 0;
  return true;
}

static bool
read_kernel(const struct oci *oci, struct json_value value, uint32_t *kernel) {
  size_t length;
  const char *word = json_string(value, &length);
  if (!kernel_read(word, length, false, kernel))
    return fail_word(oci, value, "is no kernel, such as \"4.8\"", NULL);
  if (oci->options->kernel == 0)
    return fail(oci, value, "uname(2) does not say which kernel this is: give --kernel=X.Y");
  return true;
}

// What is asked about, and how much of it this machine and this caller have.
struct condition {
  size_t arches, arches_here;
  size_t caps, caps_held;
  bool kernel, kernel_reached;
};

static bool
count_list(const struct oci *oci, struct json_value list, size_t *count, size_t *held,
           bool (*has)(const struct oci *oci, struct json_value value, bool *has)) {
  bool right = true;
  for (struct json_value value = given(list) ? json_first(list) : list; given(value); value = json_next(value)) {
    bool here = false;
    right = has(oci, value, &here) && right;
    (*count)++;
    *held += here;
  }
  return right;
}

static bool
read_condition(const struct oci *oci, struct json_value value, struct condition *condition) {
  struct json_value members[CONDITION_KEYS];
  uint32_t kernel = 0;
  *condition = (struct condition){0};
  if (!given(value))
    return true;
  if (!read_members(oci, value, condition_keys, CONDITION_KEYS, members)
      || !count_list(oci, members[CONDITION_ARCHES], &condition->arches, &condition->arches_here, has_architecture)
      || !count_list(oci, members[CONDITION_CAPS], &condition->caps, &condition->caps_held, has_capability))
    return false;
  struct json_value minimum = unless_empty(members[CONDITION_MIN_KERNEL]);
  condition->kernel = given(minimum);
  if (condition->kernel && !read_kernel(oci, minimum, &kernel))
    return false;
  condition->kernel_reached = condition->kernel && oci->options->kernel >= kernel;
  return true;
}

// Of includes all must be so (of architectures one), of excludes none, as in docker and podman; podman passes over
// minKernel.
static bool
is_in_force(const struct condition *includes, const struct condition *excludes) {
  return (includes->arches == 0 || includes->arches_here > 0) && includes->caps_held == includes->caps
         && includes->kernel_reached == includes->kernel && excludes->arches_here == 0 && excludes->caps_held == 0
         && !excludes->kernel_reached;
}

// Rules.

// A name that the tables do not have. Losing it must not make the policy weaker than it is written.
static bool
report_name(const struct oci *oci, struct json_value name, struct action action) {
  size_t length;
  const char *word = json_string(name, &length);
  bool weaker = action_refuses(action) || action.kind > oci->otherwise.kind;
  json_complain(name, weaker ? DIAG_ERROR : DIAG_WARNING, oci->diags, "unknown system call \"%.*s\"%s",
                text_shown(length), word, weaker ? "" : ": it stays at the default");
  const char *near = diags_full(oci->diags) ? NULL : calls_suggest(word, length);
  if (near != NULL)
    json_complain(name, DIAG_HINT, oci->diags, "did you mean \"%s\"?", near);
  return !weaker;
}

// Adds the rule for one name: all tests together, or each for itself.
static bool
add_call(struct oci *oci, struct oci_rule rule, const struct tests *tests) {
  if (!tests->any)
    return oci_merge_rule(oci->merge, &rule, oci->diags);
  rule.test_count = 1;
  for (uint32_t i = 0; i < tests->count; i++, rule.first_test++)
    if (!oci_merge_rule(oci->merge, &rule, oci->diags))
      return false;
  return true;
}

static bool
read_name(struct oci *oci, struct json_value name, struct oci_rule rule, const struct tests *tests) {
  size_t length;
  if (!need_kind(oci, name, JSON_STRING))
    return false;
  const char *word = json_string(name, &length);
  rule.call = calls_find(word, length);
  rule.name = name;
  if (rule.call == CALL_NONE)
    return report_name(oci, name, rule.action);
  if (rule.action.kind == ACTION_NOTIFY && !given(oci->notified))
    oci->notified = name;
  if (oci->omission != NULL && !call_is_nowhere(rule.call)
      && oci->omission->omits(oci->omission->context, json_pos(name)))
    return true;
  return add_call(oci, rule, tests);
}

// The calls that a rule names, by "names" or the engine's "name".
static bool
read_names(struct oci *oci, struct json_value at, struct json_value names, struct json_value name, struct oci_rule rule,
           const struct tests *tests) {
  bool right = true;
  struct json_value first = given(names) ? json_first(names) : names;
  name = unless_empty(name);
  if (given(name) && given(first))
    return fail(oci, name, "\"names\" is given as well: use one of them");
  if (!given(name) && !given(first))
    return fail(oci, at, "the rule names no system call");
  if (tests->count > 0 && !oci_merge_tests(oci->merge, tests->items, tests->count, at, &rule.first_test, oci->diags))
    return false;
  if (given(name))
    return read_name(oci, name, rule, tests);
  for (struct json_value value = first; given(value); value = json_next(value))
    right = read_name(oci, value, rule, tests) && right;
  return right;
}

static bool
read_rule(struct oci *oci, struct json_value value) {
  struct json_value members[RULE_KEYS];
  struct condition includes, excludes;
  struct tests tests;
  struct oci_rule rule = {.test_count = 0};
  if (!read_members(oci, value, rule_keys, RULE_KEYS, members)
      || !need_member(oci, value, members[RULE_ACTION], "action"))
    return false;
  bool right = read_action(oci, members[RULE_ACTION], members[RULE_ERRNO_RET], members[RULE_ERRNO], &rule.action);
  right = read_tests(oci, members[RULE_ARGS], &tests) && right;
  right = read_condition(oci, members[RULE_INCLUDES], &includes) && right;
  right = read_condition(oci, members[RULE_EXCLUDES], &excludes) && right;
  if (!right || !is_in_force(&includes, &excludes))
    return right;
  rule.test_count = tests.count;
  return read_names(oci, value, members[RULE_NAMES], members[RULE_NAME], rule, &tests);
}

static bool
read_rules(struct oci *oci, struct json_value list) {
  bool right = true;
  for (struct json_value rule = given(list) ? json_first(list) : list; given(rule); rule = json_next(rule))
    right = read_rule(oci, rule) && right;
  return right;
}

// The whole object.

static bool
read_default(struct oci *oci, struct json_value seccomp, const struct json_value members[SECCOMP_KEYS]) {
  struct json_value action = members[SECCOMP_DEFAULT_ACTION];
  if (!need_member(oci, seccomp, action, "defaultAction")
      || !read_action(oci, action, members[SECCOMP_DEFAULT_ERRNO_RET], members[SECCOMP_DEFAULT_ERRNO], &oci->otherwise))
    return false;
  if (oci->otherwise.kind == ACTION_NOTIFY)
    return fail(oci, action, "nobody can answer every call: SCMP_ACT_NOTIFY is no default");
  oci->otherwise_at = json_pos(action);
  oci->merge = oci_merge_new(oci->otherwise);
  return oci->merge != NULL || fail(oci, action, out_of_memory);
}

static bool
read_seccomp(struct oci *oci, struct json_value seccomp) {
  struct json_value members[SECCOMP_KEYS];
  bool right = read_members(oci, seccomp, seccomp_keys, SECCOMP_KEYS, members);
  if (!right || !read_default(oci, seccomp, members))
    return false;
  right = read_abis(oci, members[SECCOMP_ARCHITECTURES], members[SECCOMP_ARCH_MAP]);
  right = read_flags(oci, members[SECCOMP_FLAGS]) && right;
  right = read_rules(oci, members[SECCOMP_SYSCALLS]) && right;
  return read_listener(oci, members[SECCOMP_LISTENER_PATH], members[SECCOMP_LISTENER_METADATA]) && right;
}

static bool
is_empty(struct json_value seccomp) {
  return json_kind(seccomp) == JSON_NULL || (json_kind(seccomp) == JSON_OBJECT && !given(json_first(seccomp)));
}

// linux.seccomp of a whole config.json, or the root itself. No value after adding an error.
static struct json_value
find_seccomp(struct oci *oci, struct json_value root) {
  const struct json_value none = {0};
  struct json_value linux_object = json_member(root, "linux"), seccomp = root;
  oci->runtime = given(linux_object) || given(json_member(root, "ociVersion"));
  if (given(linux_object) && !need_kind(oci, linux_object, JSON_OBJECT))
    return none;
  if (oci->runtime)
    seccomp = given(linux_object) ? json_member(linux_object, "seccomp") : none;
  if (!given(seccomp) || is_empty(seccomp)) {
    json_complain(given(seccomp) ? seccomp : root, DIAG_ERROR, oci->diags,
                  oci->runtime ? "this container has no filter: linux.seccomp is missing or empty"
                               : "this is no policy: it is empty");
    return none;
  }
  return seccomp;
}

static void
build_policy(struct oci *oci) {
  bool refuses = oci->policy->abis != ABI_ALL;
  struct error e;
  oci_merge_build(oci->merge, oci->plain_multiplexers, oci->otherwise_at, oci->policy, &refuses, oci->diags);
  if (policy_seal(oci->policy, &e) != 0)
    diag_add(oci->diags, DIAG_ERROR, e.at, "%s", e.text);
  if (!refuses)
    diag_add(oci->diags, DIAG_WARNING, (struct source_pos){0}, "this policy refuses nothing");
}

// Makes the policy of `seccomp`; no value: an error was added. `errors_before`: how many there were at the beginning.
static int
make_policy(struct oci *oci, struct json_value seccomp, size_t errors_before, struct policy **out) {
  oci->policy = policy_new();
  if (oci->policy == NULL)
    diag_add(oci->diags, DIAG_ERROR, (struct source_pos){0}, "%s", out_of_memory);
  else if (given(seccomp) && read_seccomp(oci, seccomp))
    build_policy(oci);
  oci_merge_free(oci->merge);
  if (oci->diags->errors == errors_before) {
    *out = oci->policy;
    return 0;
  }
  policy_free(oci->policy);
  return -1;
}

int
oci_read(const struct source *source, const struct oci_options *options, struct policy **out, struct diags *diags) {
  return oci_read_without(source, options, NULL, out, diags);
}

int
oci_read_without(const struct source *source, const struct oci_options *options, const struct omission *omission,
                 struct policy **out, struct diags *diags) {
  struct oci oci = {.options = options, .omission = omission, .diags = diags};
  size_t errors_before = diags->errors;
  struct json *json = json_read(source, diags);
  if (json == NULL)
    return -1;
  int result = make_policy(&oci, find_seccomp(&oci, json_root(json)), errors_before, out);
  json_free(json);
  return result;
}

int
oci_read_value(struct json_value seccomp, struct policy **out, struct diags *diags) {
  const struct oci_options options = {0}; // for keys that this form does not have
  struct oci oci = {.options = &options, .diags = diags, .runtime = true, .plain_multiplexers = true};
  size_t errors_before = diags->errors;
  if (is_empty(seccomp)) {
    (void)fail(&oci, seccomp, "this is no policy: it is empty");
    return -1;
  }
  return make_policy(&oci, seccomp, errors_before, out);
}
