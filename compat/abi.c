// SPDX-License-Identifier: LGPL-2.1-or-later
// abi.c - which ABI a call belongs to.
#include "compat/abi.h"
#include <stddef.h>

enum abi
abi_of(uint32_t arch, uint32_t number) {
  if (arch == ARCH_WORD_I386)
    return ABI_I386;
  if (arch != ARCH_WORD_X86_64)
    return ABI_NONE;
  return number >= X32_BIT && number != UINT32_MAX ? ABI_X32 : ABI_X86_64;
}

const char *
abi_name(enum abi abi) {
  static const char *const names[ABI_COUNT] = {"none", "x86-64", "x32", "x86"};
  return names[abi];
}

uint32_t
abi_arch_word(enum abi abi) {
  return abi == ABI_I386 ? ARCH_WORD_I386 : ARCH_WORD_X86_64;
}
