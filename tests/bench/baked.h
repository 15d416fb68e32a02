// SPDX-License-Identifier: LGPL-2.1-or-later
// baked.h - a finished filter of 20 instructions, as a hand-written wrapper would carry it: 15 calls are killed.
#ifndef SCRUN_BENCH_BAKED_H
#define SCRUN_BENCH_BAKED_H
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

// `left`: tests that follow this one.
#define BAKED_KILL(number, left)                                                                                       \
  { BPF_JMP | BPF_JEQ | BPF_K, (left) + 1, 0, (number) }

static const struct sock_filter baked[] = {
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch)},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 17, AUDIT_ARCH_X86_64},
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
    BAKED_KILL(SYS_swapon, 14),
    BAKED_KILL(SYS_swapoff, 13),
    BAKED_KILL(SYS_mount, 12),
    BAKED_KILL(SYS_umount2, 11),
    BAKED_KILL(SYS_pivot_root, 10),
    BAKED_KILL(SYS_reboot, 9),
    BAKED_KILL(SYS_init_module, 8),
    BAKED_KILL(SYS_finit_module, 7),
    BAKED_KILL(SYS_delete_module, 6),
    BAKED_KILL(SYS_kexec_load, 5),
    BAKED_KILL(SYS_iopl, 4),
    BAKED_KILL(SYS_ioperm, 3),
    BAKED_KILL(SYS_settimeofday, 2),
    BAKED_KILL(SYS_bpf, 1),
    BAKED_KILL(SYS_ptrace, 0),
    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
};
_Static_assert(sizeof baked / sizeof baked[0] == 20, "twenty instructions");
#endif
