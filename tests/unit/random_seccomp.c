// SPDX-License-Identifier: LGPL-2.1-or-later
// random_seccomp.c - see random_seccomp.h. Memory does not run out here, and no bound is near.
#include "random_seccomp.h"
#include "compat/merge.h"
#include "compat/oci_write.h"
#include <errno.h>
#include <stdlib.h>

#define RULES_EACH 4

static void
insist(int result) {
  if (result != 0)
    abort();
}

static bool
make_sayable(struct rule *rule) {
  if (rule->call == CALL_NONE || rule->action.kind == ACTION_NOTIFY)
    return false;
  rule->abis = 0;
  if (rule->action.kind == ACTION_ERRNO)
    rule->action.data %= ACTION_ERRNO_MAX;
  return true;
}

struct policy *
random_sayable(struct random *random, uint32_t rules_max) {
  struct error e;
  struct policy *from = random_policy(random, rules_max), *out = policy_new();
  out->abis = from->abis | ABI_BIT(ABI_NATIVE);
  out->foreign = (struct action){ACTION_KILL_THREAD, 0};
  for (size_t i = 0; i < from->layer_count; i++) {
    struct layer layer = from->layers[i];
    if (layer.otherwise.kind == ACTION_NOTIFY || layer.otherwise.data == ACTION_ERRNO_MAX)
      layer.otherwise = (struct action){ACTION_ERRNO, EPERM};
    insist(policy_add_layer(out, layer.otherwise, (struct source_pos){0}, &e));
    for (size_t j = 0; j < layer.rule_count; j++) {
      struct rule rule = from->rules[layer.first_rule + j];
      const struct test *tests = rule.test_count > 0 ? from->tests + rule.first_test : NULL;
      if (make_sayable(&rule))
        insist(policy_add_rule(out, &rule, tests, rule.test_count, &e));
    }
  }
  insist(policy_seal(out, &e));
  policy_free(from);
  return out;
}

static const char *
action_word(struct random *random) {
  static const char *const words[] = {"ALLOW", "ALLOW", "ALLOW", "ERRNO", "ERRNO",
                                      "LOG",   "TRAP",  "KILL",  "TRACE", "KILL_PROCESS"};
  return words[random_below(random, sizeof words / sizeof words[0])];
}

static void
write_test(struct random *random, struct buffer *out) {
  static const char *const ops[] = {"EQ", "EQ", "NE", "MASKED_EQ", "MASKED_EQ", "GE", "LT"};
  const char *op = ops[random_below(random, sizeof ops / sizeof ops[0])];
  uint64_t value = random_below(random, 4) ? random_word(random) : (uint64_t)random_word(random) << 20;
  buffer_add(out, "{\"index\":%u,\"op\":\"SCMP_CMP_%s\",\"value\":%llu", random_below(random, 3), op,
             (unsigned long long)value);
  if (op[0] == 'M')
    buffer_add(out, ",\"valueTwo\":%llu", (unsigned long long)(value & random_word(random)));
  buffer_add(out, "}");
}

static void
write_rule(struct random *random, struct buffer *out) {
  static const char *const names[] = {"keyctl", "socket", "socketcall", "connect", "semop",  "ipc",  "personality",
                                      "clone",  "msgget", "ioctl",      "uname",   "setuid", "sync", "accept4"};
  buffer_add(out, ",{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_%s\"",
             names[random_below(random, sizeof names / sizeof names[0])], action_word(random));
  if (random_below(random, 2) != 0) {
    buffer_add(out, ",\"args\":[");
    for (uint32_t i = 0, count = 1 + random_below(random, 2); i < count; i++) {
      buffer_add(out, "%s", i == 0 ? "" : ",");
      write_test(random, out);
    }
    buffer_add(out, "]");
  }
  buffer_add(out, "}");
}

static void
write_any(struct random *random, const char *const *allowed, struct buffer *out) {
  static const char *const architectures[] = {"\"SCMP_ARCH_X86_64\"", "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"",
                                              "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\""};
  buffer_add(out, "{\"defaultAction\":\"SCMP_ACT_%s\",\"architectures\":[%s],\"syscalls\":[{\"names\":[",
             action_word(random), architectures[random_below(random, 3)]);
  for (size_t i = 0; allowed[i] != NULL; i++)
    buffer_add(out, "%s\"%s\"", i == 0 ? "" : ",", allowed[i]);
  buffer_add(out, "],\"action\":\"SCMP_ACT_ALLOW\"}");
  for (uint32_t rules = random_below(random, 8); rules > 0; rules--)
    write_rule(random, out);
  buffer_add(out, "]}");
}

void
random_engine(struct random *random, const char *const *allowed, struct buffer *out) {
  struct policy *policy = NULL, *wider = NULL;
  struct error e;
  bool ours = random_below(random, 3) == 0;
  if (ours) {
    policy = random_sayable(random, RULES_EACH);
    insist(policy_widen(policy, allowed, &wider, &e));
    ours = oci_write(wider, out, &e) == 0;
  }
  if (!ours)
    write_any(random, allowed, out);
  policy_free(policy);
  policy_free(wider);
}
