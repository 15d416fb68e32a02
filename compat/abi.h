// SPDX-License-Identifier: LGPL-2.1-or-later
// abi.h - the three system call ABIs of an x86-64 kernel, and what a pair (architecture word, number) belongs to.
#ifndef SCRUN_COMPAT_ABI_H
#define SCRUN_COMPAT_ABI_H
#include <stdint.h>

enum abi { ABI_NONE, ABI_X86_64, ABI_X32, ABI_I386, ABI_COUNT };

// The ABI that scrun itself is built for, the only one that an exec ticket is honoured on.
#define ABI_NATIVE ABI_X86_64

// struct seccomp_data's `arch` words. Source: AUDIT_ARCH_* in <linux/audit.h>.
#define ARCH_WORD_X86_64 0xc000003eu
#define ARCH_WORD_I386 0x40000003u

// x32 numbers carry this bit. Source: __X32_SYSCALL_BIT in <asm/unistd.h>.
#define X32_BIT 0x40000000u

// One bit per ABI, for sets of them.
#define ABI_BIT(abi) (1u << (abi))
#define ABI_ALL (ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_X32) | ABI_BIT(ABI_I386))

// The ABI of a call as a filter sees it; ABI_NONE for any other architecture word. All numbers from X32_BIT upwards are
// x32, but for -1: the number a tracer writes to skip a call, which belongs to the ABI of the tracee. libseccomp draws
// the line at the same place, so filters of systemd, crun and runc agree with this.
enum abi abi_of(uint32_t arch, uint32_t number);

// systemd's name of the ABI: "x86-64", "x32", "x86". Source: SystemCallArchitectures= in systemd.exec(5).
const char *abi_name(enum abi abi);

// The architecture word that a filter sees for calls of `abi`.
uint32_t abi_arch_word(enum abi abi);
#endif
