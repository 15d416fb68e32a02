// SPDX-License-Identifier: LGPL-2.1-or-later
// main_other.c - a library that a user preloads.
extern int main_other;
int main_other = 1;
