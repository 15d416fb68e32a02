// SPDX-License-Identifier: LGPL-2.1-or-later
// test_cloudflare_read.c - the variables of cloudflare/sandbox: what each combination decides, and what is wrong.
#include "compat/cloudflare_read.h"
#include "tests/check.h"
#include <stdlib.h>
#include <sys/syscall.h>

static const uint64_t no_arguments[6];

static struct cloudflare_words
words_of(const char *allow, const char *deny, const char *action) {
  return (struct cloudflare_words){.values = {allow, deny, action}};
}

static enum action_kind
decide(const struct policy *policy, enum abi abi, uint32_t number) {
  return policy_decide(policy, abi, number, no_arguments).action.kind;
}

// What uname (63 natively, 122 on x86) and write (1) get.
static const struct right {
  const char *allow, *deny, *action;
  size_t rules;
  enum action_kind uname, write;
} rights[] = {
    {"uname", NULL, NULL, 1, ACTION_ALLOW, ACTION_KILL_PROCESS},
    {"write", NULL, NULL, 1, ACTION_KILL_PROCESS, ACTION_ALLOW},
    {"fstat:write:exit_group", NULL, NULL, 3, ACTION_KILL_PROCESS, ACTION_ALLOW},
    {"write:write", NULL, NULL, 2, ACTION_KILL_PROCESS, ACTION_ALLOW},
    {NULL, "uname", NULL, 1, ACTION_KILL_PROCESS, ACTION_ALLOW},
    {NULL, "execve:mprotect:uname", NULL, 3, ACTION_KILL_PROCESS, ACTION_ALLOW},
    {"", NULL, NULL, 0, ACTION_KILL_PROCESS, ACTION_KILL_PROCESS},
    {NULL, "", NULL, 0, ACTION_ALLOW, ACTION_ALLOW},
    {"", NULL, "log", 0, ACTION_LOG, ACTION_LOG},
    {NULL, "", "log", 0, ACTION_ALLOW, ACTION_ALLOW},
    {"uname", NULL, "log", 1, ACTION_ALLOW, ACTION_LOG},
    {NULL, "uname", "log", 1, ACTION_LOG, ACTION_ALLOW},
    {"uname", "uname", NULL, 1, ACTION_ALLOW, ACTION_KILL_PROCESS},        // allow beats deny,
    {"uname", "no such call", NULL, 1, ACTION_ALLOW, ACTION_KILL_PROCESS}, // which is not looked at
    {"", "uname", NULL, 0, ACTION_KILL_PROCESS, ACTION_KILL_PROCESS},
    {"umount:uname", NULL, NULL, 2, ACTION_ALLOW, ACTION_KILL_PROCESS}, // a call of other ABIs only
    {"arm_fadvise64_64", NULL, NULL, 1, ACTION_KILL_PROCESS, ACTION_KILL_PROCESS},
};

static void
test_right(void) {
  for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
    const struct right *row = &rights[i];
    const char *name = row->allow != NULL ? row->allow : row->deny;
    struct cloudflare_words words = words_of(row->allow, row->deny, row->action);
    static struct diags diags;
    struct policy *policy = NULL;
    diags = (struct diags){.count = 0};
    CHECK_ROW(cloudflare_read(&words, &policy, &diags) == 0, name);
    CHECK_ROW(diags.count == 0 && policy != NULL, name);
    if (policy == NULL)
      continue;
    CHECK_ROW(policy->rule_count == row->rules && policy->layer_count == 1, name);
    CHECK_ROW(decide(policy, ABI_X86_64, SYS_uname) == row->uname, name);
    CHECK_ROW(decide(policy, ABI_X86_64, SYS_write) == row->write, name);
    CHECK_ROW(decide(policy, ABI_I386, 122) == ACTION_KILL_PROCESS, name);
    CHECK_ROW(decide(policy, ABI_X32, X32_BIT | SYS_uname) == ACTION_KILL_PROCESS, name);
    CHECK_ROW(decide(policy, ABI_NONE, SYS_uname) == ACTION_KILL_PROCESS, name);
    CHECK_ROW(policy->no_new_privs && policy->at == MOMENT_NONE && policy->flags == 0, name);
    policy_free(policy);
  }
}

static const struct wrong {
  const char *allow, *deny, *action;
  size_t errors;
  enum cloudflare_variable variable;
  uint32_t offset, length;
  const char *text, *hint;
} wrongs[] = {
    {"opennat", NULL, NULL, 1, CLOUDFLARE_ALLOW, 0, 7, "unknown system call \"opennat\"", "did you mean \"openat\"?"},
    {NULL, "write:opennat:read", NULL, 1, CLOUDFLARE_DENY, 6, 7, "unknown system call \"opennat\"",
     "did you mean \"openat\"?"},
    {NULL, "UNAME", NULL, 1, CLOUDFLARE_DENY, 0, 5, "unknown system call \"UNAME\"",
     "names are lower case: did you mean \"uname\"?"},
    {"write read", NULL, NULL, 1, CLOUDFLARE_ALLOW, 0, 10, "unknown system call \"write read\"", NULL},
    {"write,read", NULL, NULL, 1, CLOUDFLARE_ALLOW, 0, 10, "unknown system call \"write,read\"", NULL},
    {NULL, "~uname", NULL, 1, CLOUDFLARE_DENY, 0, 6, "unknown system call \"~uname\"", NULL},
    {"x:y", NULL, NULL, 2, CLOUDFLARE_ALLOW, 0, 1, "unknown system call \"x\"", NULL},
    {":", NULL, NULL, 2, CLOUDFLARE_ALLOW, 0, 0, "there is no name here", NULL},
    {"read:", NULL, NULL, 1, CLOUDFLARE_ALLOW, 5, 0, "there is no name here",
     "one \":\" stands between two names, and nowhere else"},
    {":read", NULL, NULL, 1, CLOUDFLARE_ALLOW, 0, 0, "there is no name here", NULL},
    {NULL, "read::write", NULL, 1, CLOUDFLARE_DENY, 5, 0, "there is no name here", NULL},
    {"@io", NULL, NULL, 1, CLOUDFLARE_ALLOW, 0, 3, "only names of system calls stand here",
     "groups and numbers are for SystemCallFilter= of scrun"},
    {"1", NULL, NULL, 1, CLOUDFLARE_ALLOW, 0, 1, "only names of system calls stand here", NULL},
    {"read", NULL, "kill", 1, CLOUDFLARE_DEFAULT_ACTION, 0, 4, "unknown action",
     "\"log\" is the only one; without the variable a call that the lists close kills the process"},
    {"read", NULL, "LOG", 1, CLOUDFLARE_DEFAULT_ACTION, 0, 3, "unknown action", NULL},
    {"read", NULL, "logs", 1, CLOUDFLARE_DEFAULT_ACTION, 0, 4, "unknown action", NULL},
    {NULL, "read", "", 1, CLOUDFLARE_DEFAULT_ACTION, 0, 0, "unknown action", NULL},
    {NULL, NULL, "log", 1, CLOUDFLARE_DEFAULT_ACTION, 0, 3, "there is no list that this would be the action of",
     "set SECCOMP_SYSCALL_ALLOW or SECCOMP_SYSCALL_DENY"},
    {NULL, NULL, "lag", 1, CLOUDFLARE_DEFAULT_ACTION, 0, 3, "unknown action", NULL},
};

static void
check_wrong(const struct wrong *row, const struct cloudflare_words *words, const struct diags *diags) {
  const struct diag *first = &diags->items[0];
  CHECK_STR(first->text, row->text);
  CHECK(first->kind == DIAG_ERROR);
  CHECK_ROW(first->at.source == &words->sources[row->variable], row->text);
  CHECK_STR(first->at.source->name, cloudflare_names[row->variable]);
  CHECK_INT(first->at.offset, row->offset);
  CHECK_INT(first->at.length, row->length);
  if (row->hint != NULL) {
    CHECK_ROW(diags->count == 2 && diags->items[1].kind == DIAG_HINT, row->text);
    CHECK_STR(diags->items[1].text, row->hint);
  }
}

static void
test_wrong(void) {
  for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
    struct cloudflare_words words = words_of(wrongs[i].allow, wrongs[i].deny, wrongs[i].action);
    static struct diags diags;
    struct policy *policy = (struct policy *)&words;
    diags = (struct diags){.count = 0};
    CHECK_ROW(cloudflare_read(&words, &policy, &diags) != 0 && policy == NULL, wrongs[i].text);
    CHECK_INT(diags.errors, wrongs[i].errors);
    if (diags.count > 0)
      check_wrong(&wrongs[i], &words, &diags);
  }
}

static void
test_nothing(void) {
  static struct diags diags;
  struct cloudflare_words words = words_of(NULL, NULL, NULL);
  struct policy *policy = (struct policy *)&words;
  CHECK_INT(cloudflare_read(&words, &policy, &diags), 0);
  CHECK(policy == NULL && diags.count == 0);
}

// `count` names and the colons between them. The caller frees it.
static char *
list_of(const char *name, size_t count) {
  size_t step = strlen(name) + 1;
  char *list = malloc(count * step + 1);
  for (size_t i = 0; list != NULL && i < count; i++) {
    memcpy(list + i * step, name, step - 1);
    list[i * step + step - 1] = i + 1 < count ? ':' : '\0';
  }
  return list;
}

// The bounds are errors, on either side: a list that is cut would be another one.
static void
test_bounds(void) {
  static const struct {
    const char *name;
    size_t count;
    int result;
    const char *text;
  } rows[] = {
      {"brk", POLICY_RULES_MAX, 0, NULL},
      {"brk", POLICY_RULES_MAX + 1, -1, "too many rules: at most 8192, with 16384 tests"},
      {"process_vm_readv", CLOUDFLARE_BYTES_MAX / 17, 0, NULL}, // 65535 bytes, less the last colon
      {"process_vm_readv", CLOUDFLARE_BYTES_MAX / 17 + 1, -1, "the value is longer than 65536 bytes"},
      {"opennat", 4000, -1, "unknown system call \"opennat\""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (int deny = 0; deny < 2; deny++) {
      char *list = list_of(rows[i].name, rows[i].count);
      struct cloudflare_words words = words_of(deny ? NULL : list, deny ? list : NULL, NULL);
      static struct diags diags;
      struct policy *policy = NULL;
      diags = (struct diags){.count = 0};
      CHECK_INT(cloudflare_read(&words, &policy, &diags), rows[i].result);
      CHECK_INT(policy == NULL ? 0 : policy->rule_count, rows[i].result == 0 ? rows[i].count : 0);
      CHECK_INT(diags.errors > 0, rows[i].result != 0);
      if (rows[i].text != NULL)
        CHECK_STR(diags.items[0].text, rows[i].text);
      policy_free(policy);
      free(list);
    }
}

int
main(void) {
  test_right();
  test_wrong();
  test_nothing();
  test_bounds();
  return check_done();
}
