// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_words.h - the words of seccomp JSON: actions, comparisons, architectures and flags, as runtime-spec, docker and
// podman spell them. Case counts.
#ifndef SCRUN_COMPAT_OCI_WORDS_H
#define SCRUN_COMPAT_OCI_WORDS_H
#include "compat/policy.h"

// The greatest errno: libseccomp, and with it crun and runc, refuse the kernel's own bound of 4095.
#define OCI_ERRNO_MAX 4094

// Each _find() looks a word up, each _suggest() the one nearest to a mistyped word (NULL: none is near).

// ACTION_NONE: there is no such action.
enum action_kind oci_action_find(const char *word, size_t length);
const char *oci_action_suggest(const char *word, size_t length);

// TEST_NONE: there is no such comparison. *masked: it is SCMP_CMP_MASKED_EQ, and the result TEST_EQ.
enum test_op oci_comparison_find(const char *word, size_t length, bool *masked);
const char *oci_comparison_suggest(const char *word, size_t length);

struct oci_architecture {
  const char *name;   // behind "SCMP_ARCH_", in "architectures" and "archMap"
  const char *engine; // in "includes" and "excludes"
  enum abi abi;       // ABI_NONE: another machine's
};

// By either name; NULL: there is none.
const struct oci_architecture *oci_architecture_find(const char *word, size_t length);
const char *oci_architecture_suggest(const char *word, size_t length);
const struct oci_architecture *oci_engine_architecture_find(const char *word, size_t length);
const char *oci_engine_architecture_suggest(const char *word, size_t length);

// Returns NULL and a set of enum policy_flag in *flag, or what is wrong with the word.
const char *oci_flag_find(const char *word, size_t length, unsigned *flag);
const char *oci_flag_suggest(const char *word, size_t length);
#endif
