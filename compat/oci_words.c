// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_words.c - tables of words.
#include "compat/oci_words.h"
#include "compat/nearest.h"
#include "compat/text.h"
#include <string.h>

#define COUNT(table) (sizeof table / sizeof table[0])

static const struct {
  const char *name;
  enum action_kind kind;
} actions[] = {
    {"SCMP_ACT_ALLOW", ACTION_ALLOW},
    {"SCMP_ACT_ERRNO", ACTION_ERRNO},
    {"SCMP_ACT_KILL", ACTION_KILL_THREAD},
    {"SCMP_ACT_KILL_PROCESS", ACTION_KILL_PROCESS},
    {"SCMP_ACT_KILL_THREAD", ACTION_KILL_THREAD},
    {"SCMP_ACT_LOG", ACTION_LOG},
    {"SCMP_ACT_NOTIFY", ACTION_NOTIFY},
    {"SCMP_ACT_TRACE", ACTION_TRACE},
    {"SCMP_ACT_TRAP", ACTION_TRAP},
};

enum action_kind
oci_action_find(const char *word, size_t length) {
  for (size_t i = 0; i < COUNT(actions); i++)
    if (text_is(word, length, actions[i].name))
      return actions[i].kind;
  return ACTION_NONE;
}

const char *
oci_action_suggest(const char *word, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, word, length);
  for (size_t i = 0; i < COUNT(actions); i++)
    nearest_offer(&nearest, actions[i].name);
  return nearest.best;
}

static const struct {
  const char *name;
  enum test_op op;
  bool masked;
} comparisons[] = {
    {"SCMP_CMP_EQ", TEST_EQ, false},       {"SCMP_CMP_GE", TEST_GE, false}, {"SCMP_CMP_GT", TEST_GT, false},
    {"SCMP_CMP_LE", TEST_LE, false},       {"SCMP_CMP_LT", TEST_LT, false}, {"SCMP_CMP_NE", TEST_NE, false},
    {"SCMP_CMP_MASKED_EQ", TEST_EQ, true},
};

enum test_op
oci_comparison_find(const char *word, size_t length, bool *masked) {
  for (size_t i = 0; i < COUNT(comparisons); i++) {
    if (!text_is(word, length, comparisons[i].name))
      continue;
    *masked = comparisons[i].masked;
    return comparisons[i].op;
  }
  return TEST_NONE;
}

const char *
oci_comparison_suggest(const char *word, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, word, length);
  for (size_t i = 0; i < COUNT(comparisons); i++)
    nearest_offer(&nearest, comparisons[i].name);
  return nearest.best;
}

#define PREFIX "SCMP_ARCH_"
#define PREFIX_BYTES (sizeof PREFIX - 1)

// Source: SCMP_ARCH_* in <seccomp.h>; the engines' names are those of libseccomp's Go binding, and docker's own.
static const struct oci_architecture architectures[] = {
    {PREFIX "X86_64", "amd64", ABI_X86_64},
    {PREFIX "X86", "x86", ABI_I386},
    {PREFIX "X32", "x32", ABI_X32},
    {PREFIX "AARCH64", "arm64", ABI_NONE},
    {PREFIX "ARM", "arm", ABI_NONE},
    {PREFIX "LOONGARCH64", "loong64", ABI_NONE},
    {PREFIX "M68K", "m68k", ABI_NONE},
    {PREFIX "MIPS", "mips", ABI_NONE},
    {PREFIX "MIPS64", "mips64", ABI_NONE},
    {PREFIX "MIPS64N32", "mips64n32", ABI_NONE},
    {PREFIX "MIPSEL", "mipsel", ABI_NONE},
    {PREFIX "MIPSEL", "mipsle", ABI_NONE},
    {PREFIX "MIPSEL64", "mipsel64", ABI_NONE},
    {PREFIX "MIPSEL64N32", "mipsel64n32", ABI_NONE},
    {PREFIX "MIPSEL64N32", "mips3l64n32", ABI_NONE},
    {PREFIX "PARISC", "parisc", ABI_NONE},
    {PREFIX "PARISC64", "parisc64", ABI_NONE},
    {PREFIX "PPC", "ppc", ABI_NONE},
    {PREFIX "PPC64", "ppc64", ABI_NONE},
    {PREFIX "PPC64LE", "ppc64le", ABI_NONE},
    {PREFIX "RISCV64", "riscv64", ABI_NONE},
    {PREFIX "S390", "s390", ABI_NONE},
    {PREFIX "S390X", "s390x", ABI_NONE},
    {PREFIX "SH", "sh", ABI_NONE},
    {PREFIX "SHEB", "sheb", ABI_NONE},
};

const struct oci_architecture *
oci_architecture_find(const char *word, size_t length) {
  for (size_t i = 0; i < COUNT(architectures); i++)
    if (text_is(word, length, architectures[i].name))
      return &architectures[i];
  return NULL;
}

const char *
oci_architecture_suggest(const char *word, size_t length) {
  struct nearest nearest;
  for (size_t i = 0; i < COUNT(architectures); i++)
    if (text_is_any_case(word, length, architectures[i].engine))
      return architectures[i].name;
  nearest_start(&nearest, word, length);
  for (size_t i = 0; i < COUNT(architectures); i++) {
    nearest_offer(&nearest, architectures[i].name);
    nearest_offer(&nearest, architectures[i].name + PREFIX_BYTES);
  }
  return nearest.best;
}

const struct oci_architecture *
oci_engine_architecture_find(const char *word, size_t length) {
  for (size_t i = 0; i < COUNT(architectures); i++)
    if (text_is(word, length, architectures[i].engine))
      return &architectures[i];
  return NULL;
}

const char *
oci_engine_architecture_suggest(const char *word, size_t length) {
  struct nearest nearest;
  const struct oci_architecture *same = oci_architecture_find(word, length);
  if (same != NULL)
    return same->engine;
  nearest_start(&nearest, word, length);
  for (size_t i = 0; i < COUNT(architectures); i++)
    nearest_offer(&nearest, architectures[i].engine);
  return nearest.best;
}

// TSYNC is about other threads: whoever installs this filter has none.
static const struct {
  const char *name;
  unsigned flag;
  const char *problem;
} flags[] = {
    {"SECCOMP_FILTER_FLAG_LOG", POLICY_FLAG_LOG, NULL},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", POLICY_FLAG_SPEC_ALLOW, NULL},
    {"SECCOMP_FILTER_FLAG_TSYNC", 0, NULL},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0, "is not supported"},
};

const char *
oci_flag_find(const char *word, size_t length, unsigned *flag) {
  for (size_t i = 0; i < COUNT(flags); i++) {
    if (!text_is(word, length, flags[i].name))
      continue;
    *flag = flags[i].flag;
    return flags[i].problem;
  }
  return "is not a flag";
}

const char *
oci_flag_suggest(const char *word, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, word, length);
  for (size_t i = 0; i < COUNT(flags); i++)
    if (flags[i].problem == NULL)
      nearest_offer(&nearest, flags[i].name);
  return nearest.best;
}
