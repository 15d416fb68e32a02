// SPDX-License-Identifier: LGPL-2.1-or-later
// libc.h - what libc.c calls. What it offers is declared by the headers of the C library that it stands for.
#ifndef SCRUN_HOOK_WRAPPER_LIBC_H
#define SCRUN_HOOK_WRAPPER_LIBC_H

// Returns the exit status. argv and environment end with NULL; argc may be 0.
int wrapper_main(int argc, char **argv, char **environment);
#endif
