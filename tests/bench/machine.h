// SPDX-License-Identifier: LGPL-2.1-or-later
// machine.h - what figures mean nothing without: the kernel, the date, and whether the machine is a virtual one.
#ifndef SCRUN_BENCH_MACHINE_H
#define SCRUN_BENCH_MACHINE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

// A hypervisor sets a CPUID bit that no processor sets. Source: the kernel's X86_FEATURE_HYPERVISOR.
static inline int
machine_is_virtual(void) {
  static char line[8192];
  int found = 0;
  FILE *file = fopen("/proc/cpuinfo", "re");
  while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
    found = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor") != NULL;
  if (file != NULL)
    fclose(file);
  return found;
}

static inline void
machine_print(void) {
  struct utsname name;
  char date[16] = "?";
  time_t now = time(NULL);
  struct tm parts;
  if (gmtime_r(&now, &parts) != NULL)
    strftime(date, sizeof date, "%Y-%m-%d", &parts);
  if (uname(&name) == 0)
    printf("%s %s %s, %s\n", name.sysname, name.release, name.machine, date);
  printf(machine_is_virtual()
             ? "This is a virtual machine: page faults, CPUID and the like cost more than on hardware.\n"
             : "No hypervisor shows: taken for real hardware.\n");
}

static inline int64_t
time_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int
time_compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

// Of `count` values, in any order, that which has `percent` of them below it. Sorts them.
static inline int64_t
time_percentile(int64_t *values, size_t count, unsigned percent) {
  qsort(values, count, sizeof *values, time_compare);
  return values[(count - 1) * percent / 100];
}
#endif
