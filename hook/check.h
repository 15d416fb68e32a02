// SPDX-License-Identifier: LGPL-2.1-or-later
// check.h - `scrun-hook check`: whether what is installed and configured really runs. Engines pass over a hook that is
// missing, masked or misnamed without a word.
#ifndef SCRUN_HOOK_CHECK_H
#define SCRUN_HOOK_CHECK_H

// The rest of the command line, argv[0] being the word "check". Returns the exit status: 0 if a container that asks for
// a policy gets it or does not start, 1 with findings that say what to do, 2 for a wrong command line.
int check(int argc, char **argv);
#endif
