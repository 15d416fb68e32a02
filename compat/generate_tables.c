// SPDX-License-Identifier: LGPL-2.1-or-later
// generate_tables.c - makes the tables of calls and groups at build time, out of libseccomp and the files in profiles/.
//
//     generate_tables OUT.c CALLS.tsv KERNELS.tsv OWN-GROUPS.txt GROUPS.txt...
//
// The one program that asks libseccomp for names and numbers. Calls that libseccomp lacks come from CALLS.tsv, with
// the kernel that brought them; of the others, KERNELS.tsv says which kernels brought those that are not old. Of the
// group files the first holds scrun's own groups, which go into every version; each of the others is a version, named
// like the file, newest first. Whatever is wrong in a file, or contradicts libseccomp, ends the build with file:line: a
// table with a wrong number in it would make policies that say one thing and do another.
#include "compat/data_file.h"
#include "compat/groups.h"
#include "compat/tables.h"
#include <linux/ipc.h>
#include <linux/net.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIPTION_BYTES 128
#define VERSIONS_MAX 8
#define GROUPS_MAX 64
#define MEMBERS_MAX 16384

// The group that systemd lists all names in, those of other architectures included. Only its members may be names that
// neither libseccomp nor the file of calls has.
#define GROUP_OF_NAMES "@known"

struct known_call {
  char name[CALL_NAME_BYTES];
  int number[ABI_COUNT];        // without X32_BIT; -1: none
  struct place at;              // the row that told a number; file NULL: only libseccomp did
  struct place kernel_at;       // the row that told the first kernels
  unsigned kernel, kernel_i386; // as in call_rows
  unsigned multiplexer;         // 1 + index
  unsigned choice;
};

struct member {
  char name[CALL_NAME_BYTES];
  struct place at;
  size_t index; // in `calls`, or in the groups of the version
};

struct group_read {
  char name[CALL_NAME_BYTES];
  char description[DESCRIPTION_BYTES];
  struct place at;
  size_t first, count; // in `members`
  struct call_set all;
  bool flat; // `all` is complete
};

struct version {
  char name[CALL_NAME_BYTES];
  struct group_read groups[GROUPS_MAX];
  size_t count;
};

static struct known_call calls[CALLS_MAX];
static size_t call_count;
static struct member members[MEMBERS_MAX];
static size_t member_count;
static struct version versions[VERSIONS_MAX];
static size_t version_count;

static const struct {
  enum abi abi;
  uint32_t libseccomp;
} abis[] = {{ABI_X86_64, SCMP_ARCH_X86_64}, {ABI_X32, SCMP_ARCH_X32}, {ABI_I386, SCMP_ARCH_X86}};
#define ABIS (sizeof abis / sizeof abis[0])

struct inner_call {
  unsigned choice;
  const char *name;
};

static const struct inner_call socket_calls[] = {
    {SYS_SOCKET, "socket"},
    {SYS_BIND, "bind"},
    {SYS_CONNECT, "connect"},
    {SYS_LISTEN, "listen"},
    {SYS_ACCEPT, "accept"},
    {SYS_GETSOCKNAME, "getsockname"},
    {SYS_GETPEERNAME, "getpeername"},
    {SYS_SOCKETPAIR, "socketpair"},
    {SYS_SEND, "send"},
    {SYS_RECV, "recv"},
    {SYS_SENDTO, "sendto"},
    {SYS_RECVFROM, "recvfrom"},
    {SYS_SHUTDOWN, "shutdown"},
    {SYS_SETSOCKOPT, "setsockopt"},
    {SYS_GETSOCKOPT, "getsockopt"},
    {SYS_SENDMSG, "sendmsg"},
    {SYS_RECVMSG, "recvmsg"},
    {SYS_ACCEPT4, "accept4"},
    {SYS_RECVMMSG, "recvmmsg"},
    {SYS_SENDMMSG, "sendmmsg"},
    {0, NULL},
};

static const struct inner_call ipc_calls[] = {
    {SEMOP, "semop"},   {SEMGET, "semget"}, {SEMCTL, "semctl"}, {SEMTIMEDOP, "semtimedop"}, {MSGSND, "msgsnd"},
    {MSGRCV, "msgrcv"}, {MSGGET, "msgget"}, {MSGCTL, "msgctl"}, {SHMAT, "shmat"},           {SHMDT, "shmdt"},
    {SHMGET, "shmget"}, {SHMCTL, "shmctl"}, {0, NULL},
};

// ipc(2) takes a version in the upper half of its first argument. Source: ksys_ipc() in ipc/syscall.c of Linux.
static const struct {
  const char *name;
  uint32_t mask;
  const struct inner_call *inner;
} multiplexer_list[MULTIPLEXERS] = {{"socketcall", 0xffffffffu, socket_calls}, {"ipc", 0xffffu, ipc_calls}};

static bool
is_letter(char c, bool in_group) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (in_group ? c == '-' : c == '_');
}

// Copies a name after checking it: a call's, or with an @ a group's.
static void
name_set(char *out, const char *name, struct place at) {
  bool in_group = name[0] == '@';
  size_t length = strlen(name);
  if (length == in_group || length >= CALL_NAME_BYTES)
    data_fail(at, "\"%s\": a name has 1 to %d letters", name, CALL_NAME_BYTES - 1);
  for (size_t i = in_group; i < length; i++)
    if (!is_letter(name[i], in_group))
      data_fail(at, "\"%s\" is not a name of a system call or a group", name);
  memcpy(out, name, length + 1);
}

// Names

static struct known_call *
call_find(const char *name) {
  for (size_t i = 0; i < call_count; i++)
    if (strcmp(calls[i].name, name) == 0)
      return &calls[i];
  return NULL;
}

static struct known_call *
call_add(const char *name, struct place at) {
  struct known_call *call = call_find(name);
  if (call != NULL)
    return call;
  if (call_count == CALLS_MAX)
    data_fail(at, "more than %d system calls", CALLS_MAX);
  call = &calls[call_count++];
  name_set(call->name, name, at);
  if (name[0] == '@')
    data_fail(at, "\"%s\" is not a name of a system call", name);
  for (size_t i = 0; i < ABI_COUNT; i++)
    call->number[i] = -1;
  return call;
}

static const struct known_call *
call_with_number(enum abi abi, int number) {
  for (size_t i = 0; i < call_count; i++)
    if (calls[i].number[abi] == number)
      return &calls[i];
  return NULL;
}

// libseccomp

// What libseccomp calls `number` on an ABI. Numbers are asked for names, not names for numbers: for i386 calls that
// also have a multiplexer it answers a name with a negative pseudo number. Anything else that does not lead back is a
// contradiction.
static void
libseccomp_number(size_t which, int number) {
  enum abi abi = abis[which].abi;
  const struct place at = {"libseccomp", 0};
  int full = abi == ABI_X32 ? number | (int)X32_BIT : number;
  char *name = seccomp_syscall_resolve_num_arch(abis[which].libseccomp, full);
  if (name == NULL)
    return;
  if (number >= CALL_NUMBERS)
    data_fail(at, "%s has the number %d; raise CALL_NUMBERS", name, number);
  int back = seccomp_syscall_resolve_name_arch(abis[which].libseccomp, name);
  struct known_call *call = call_add(name, at);
  if ((back >= 0 && back != full) || call->number[abi] >= 0)
    data_fail(at, "%s has the numbers %d and %d on one ABI", name, number, back >= 0 ? back : call->number[abi]);
  call->number[abi] = number;
  free(name);
}

static void
libseccomp_read(void) {
  for (size_t which = 0; which < ABIS; which++)
    for (int number = 0; number < 2 * CALL_NUMBERS; number++)
      libseccomp_number(which, number);
}

// The file of calls

static char *
field_next(char **rest, struct place at) {
  char *field = data_field(rest);
  if (field == NULL)
    data_fail(at, "expected five fields: name, x86-64, x32, i386, since Linux");
  return field;
}

static int
number_read(const char *text, struct place at) {
  if (strcmp(text, "-") == 0)
    return -1;
  int number = 0;
  for (const char *c = text; *c != '\0' || c == text; c++) {
    if (*c < '0' || *c > '9')
      data_fail(at, "\"%s\" is not a number or \"-\"", text);
    number = number * 10 + (*c - '0');
    if (number >= CALL_NUMBERS)
      data_fail(at, "the number %s is not below %d", text, CALL_NUMBERS);
  }
  return number;
}

// libseccomp may not know the number, but it may not know another one, nor the number under another name.
static void
number_merge(struct known_call *call, size_t which, int number, struct place at) {
  static const char *const names[ABIS] = {"x86-64", "x32", "i386"};
  enum abi abi = abis[which].abi;
  int before = call->number[abi];
  if (before >= 0 && number < 0)
    data_fail(at, "%s is not on %s here, but has the number %d there in libseccomp", call->name, names[which], before);
  if (before >= 0 && before != number)
    data_fail(at, "%s has the number %d on %s here, but %d in libseccomp", call->name, number, names[which], before);
  if (before >= 0 || number < 0)
    return;
  const struct known_call *other = call_with_number(abi, number);
  if (other != NULL)
    data_fail(at, "%s has the number %d on %s, which %s has", call->name, number, names[which], other->name);
  call->number[abi] = number;
}

// "6.18" as major << 8 | minor.
static unsigned
version_read(const char *text, struct place at) {
  unsigned parts[2] = {0, 0};
  const char *c = text;
  for (size_t i = 0; i < 2; i++) {
    size_t digits = strspn(c, "0123456789");
    if (digits == 0 || digits > 3 || c[digits] != (i == 0 ? '.' : '\0'))
      data_fail(at, "\"%s\" is not a version of Linux", text);
    for (; digits != 0; digits--)
      parts[i] = parts[i] * 10 + (unsigned)(*c++ - '0');
    c++;
  }
  if (parts[0] > 255 || parts[1] > 255)
    data_fail(at, "\"%s\" is not a version of Linux", text);
  return parts[0] << 8 | parts[1];
}

// The kernel that brought a call to all its ABIs, or "-" in a row without numbers.
static void
since_read(struct known_call *call, const char *text, struct place at) {
  bool numbered = call->number[ABI_X86_64] >= 0 || call->number[ABI_X32] >= 0 || call->number[ABI_I386] >= 0;
  if (!numbered && strcmp(text, "-") == 0)
    return;
  call->kernel = call->kernel_i386 = version_read(text, at);
  call->kernel_at = at;
}

static void
call_row_read(char *line, struct place at) {
  char *rest = line;
  struct known_call *call = call_add(field_next(&rest, at), at);
  if (call->at.file != NULL)
    data_fail(at, "%s stands here twice, first in line %u", call->name, call->at.line);
  call->at = at;
  for (size_t which = 0; which < ABIS; which++)
    number_merge(call, which, number_read(field_next(&rest, at), at), at);
  since_read(call, field_next(&rest, at), at);
  if (rest != NULL)
    data_fail(at, "there is something behind the fifth field");
}

static void
calls_read(const char *name) {
  char line[DATA_LINE_BYTES];
  struct place at = {name, 0};
  FILE *file = data_open(name);
  while (data_row(file, line, &at))
    call_row_read(line, at);
  fclose(file);
}

// The file of first kernels

static unsigned
kernel_read(const struct known_call *call, bool has, const char *text, struct place at) {
  if (text == NULL)
    data_fail(at, "expected three fields: name, first kernel on x86-64 and x32, first kernel on i386");
  if (strcmp(text, "-") == 0)
    return 0;
  if (!has)
    data_fail(at, "%s is not on that ABI", call->name);
  return version_read(text, at);
}

static void
kernel_row_read(char *line, struct place at) {
  char *rest = line;
  const char *name = data_field(&rest);
  struct known_call *call = call_find(name);
  if (call == NULL)
    data_fail(at, "unknown system call \"%s\"", name);
  if (call->kernel_at.file != NULL)
    data_fail(at, "the first kernel of %s stands at %s:%u", name, call->kernel_at.file, call->kernel_at.line);
  call->kernel_at = at;
  call->kernel = kernel_read(call, call->number[ABI_X86_64] >= 0 || call->number[ABI_X32] >= 0, data_field(&rest), at);
  call->kernel_i386 = kernel_read(call, call->number[ABI_I386] >= 0, data_field(&rest), at);
  if (rest != NULL)
    data_fail(at, "there is something behind the third field");
}

static void
kernels_read(const char *name) {
  char line[DATA_LINE_BYTES];
  struct place at = {name, 0};
  FILE *file = data_open(name);
  while (data_row(file, line, &at))
    kernel_row_read(line, at);
  fclose(file);
}

// The files of groups

static struct group_read *
group_read_find(struct version *version, const char *name) {
  for (size_t i = 0; i < version->count; i++)
    if (strcmp(version->groups[i].name, name) == 0)
      return &version->groups[i];
  return NULL;
}

static struct group_read *
group_add(struct version *version, const char *name, struct place at) {
  const struct group_read *before = group_read_find(version, name);
  if (before != NULL)
    data_fail(at, "the group %s is defined twice, first in %s:%u", name, before->at.file, before->at.line);
  if (version->count == GROUPS_MAX)
    data_fail(at, "more than %d groups", GROUPS_MAX);
  struct group_read *group = &version->groups[version->count++];
  name_set(group->name, name, at);
  group->at = at;
  group->first = member_count;
  return group;
}

static void
member_add(struct group_read *group, const char *name, struct place at) {
  for (size_t i = group->first; i < group->first + group->count; i++)
    if (strcmp(members[i].name, name) == 0)
      data_fail(at, "%s is in %s twice, first in line %u", name, group->name, members[i].at.line);
  if (member_count == MEMBERS_MAX)
    data_fail(at, "more than %d members in all groups", MEMBERS_MAX);
  struct member *member = &members[member_count++];
  name_set(member->name, name, at);
  member->at = at;
  group->count++;
}

static void
description_set(struct group_read *group, const char *text, struct place at) {
  size_t length = strlen(text);
  if (group->description[0] != '\0' || group->count != 0)
    data_fail(at, "the description of %s is not its first line", group->name);
  if (length == 0 || length >= DESCRIPTION_BYTES || strpbrk(text, "\"\\") != NULL)
    data_fail(at, "the description of %s is empty, too long, or holds a quote or backslash", group->name);
  memcpy(group->description, text, length + 1);
}

// One line, in the form of systemd-analyze syscall-filter: "@group", then indented "# description" and members.
// Unindented comments may stand anywhere; a blank line ends the group.
static struct group_read *
group_line_read(struct version *version, struct group_read *group, const char *line, struct place at) {
  if (line[0] == '#')
    return group;
  if (line[0] == '\0')
    return NULL;
  if (line[0] == '@')
    return group_add(version, line, at);
  if (strncmp(line, "    ", 4) != 0 || group == NULL)
    data_fail(at, "expected a @group, or a member indented by four spaces below one");
  if (strncmp(line + 4, "# ", 2) == 0)
    description_set(group, line + 6, at);
  else
    member_add(group, line + 4, at);
  return group;
}

static void
groups_check(const struct version *version, const char *name) {
  if (version->count == 0)
    data_fail((struct place){name, 0}, "holds no group");
  for (size_t i = 0; i < version->count; i++)
    if (version->groups[i].description[0] == '\0' || version->groups[i].count == 0)
      data_fail(version->groups[i].at, "%s has no description or no members", version->groups[i].name);
}

// "profiles/groups/systemd-262.txt" is the version "systemd-262".
static void
version_name_set(struct version *version, const char *path) {
  const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
  size_t length = strlen(name);
  if (length <= 4 || length - 4 >= sizeof version->name || strcmp(name + length - 4, ".txt") != 0)
    data_fail((struct place){path, 0}, "a file of groups is named VERSION.txt");
  memcpy(version->name, name, length - 4);
}

static void
groups_read(const char *name) {
  char line[DATA_LINE_BYTES];
  struct place at = {name, 0};
  if (version_count == VERSIONS_MAX)
    data_fail(at, "more than %d files of groups", VERSIONS_MAX);
  struct version *version = &versions[version_count++];
  struct group_read *group = NULL;
  version_name_set(version, name);
  FILE *file = data_open(name);
  while (data_line(file, line, &at))
    group = group_line_read(version, group, line, at);
  fclose(file);
  groups_check(version, name);
}

static void
own_groups_append(const struct version *own, struct version *version) {
  for (size_t i = 0; i < own->count; i++) {
    struct group_read *group = group_add(version, own->groups[i].name, own->groups[i].at);
    *group = own->groups[i];
    group->first = member_count;
    group->count = 0;
    for (size_t j = own->groups[i].first; j < own->groups[i].first + own->groups[i].count; j++)
      member_add(group, members[j].name, members[j].at);
  }
}

static void
known_names_add(struct version *version) {
  const struct group_read *group = group_read_find(version, GROUP_OF_NAMES);
  for (size_t i = 0; group != NULL && i < group->count; i++)
    if (members[group->first + i].name[0] != '@')
      call_add(members[group->first + i].name, members[group->first + i].at);
}

// Everything by index

static int
call_compare(const void *a, const void *b) {
  return strcmp(((const struct known_call *)a)->name, ((const struct known_call *)b)->name);
}

static size_t
call_index(const char *name, struct place at) {
  const struct known_call *call = call_find(name);
  if (call == NULL)
    data_fail(at, "unknown system call \"%s\"", name);
  return (size_t)(call - calls);
}

static void
members_resolve(struct version *version) {
  for (size_t i = 0; i < version->count; i++) {
    const struct group_read *group = &version->groups[i];
    for (struct member *member = &members[group->first]; member < &members[group->first + group->count]; member++) {
      if (member->name[0] != '@') {
        member->index = call_index(member->name, member->at);
        continue;
      }
      const struct group_read *nested = group_read_find(version, member->name);
      if (nested == NULL)
        data_fail(member->at, "unknown group \"%s\" in %s", member->name, version->name);
      member->index = (size_t)(nested - version->groups);
    }
  }
}

// The first nested group that is not complete itself, or NULL.
static const struct member *
group_waits_for(const struct version *version, const struct group_read *group) {
  for (size_t i = group->first; i < group->first + group->count; i++)
    if (members[i].name[0] == '@' && !version->groups[members[i].index].flat)
      return &members[i];
  return NULL;
}

static void
group_flatten(const struct version *version, struct group_read *group) {
  for (const struct member *member = &members[group->first]; member < &members[group->first + group->count]; member++) {
    if (member->name[0] != '@') {
      call_set_add(&group->all, (call_t)member->index);
      continue;
    }
    for (size_t i = 0; i < CALLS_MAX / 64; i++)
      group->all.bits[i] |= version->groups[member->index].all.bits[i];
  }
  group->flat = true;
}

// Flattens groups whose nested groups are complete until all are. A round that completes none has met a cycle.
static void
version_flatten(struct version *version) {
  for (size_t left = version->count; left != 0;) {
    const struct member *waits = NULL;
    size_t before = left;
    for (size_t i = 0; i < version->count; i++) {
      struct group_read *group = &version->groups[i];
      const struct member *next = group->flat ? NULL : group_waits_for(version, group);
      if (next != NULL) {
        waits = next;
      } else if (!group->flat) {
        group_flatten(version, group);
        left--;
      }
    }
    if (left == before && waits != NULL)
      data_fail(waits->at, "%s leads back to itself", waits->name);
  }
}

static void
multiplexers_resolve(void) {
  for (unsigned i = 0; i < MULTIPLEXERS; i++) {
    const struct place at = {multiplexer_list[i].name, 0};
    if (calls[call_index(multiplexer_list[i].name, at)].number[ABI_I386] < 0)
      data_fail(at, "has no number on i386");
    for (const struct inner_call *inner = multiplexer_list[i].inner; inner->name != NULL; inner++) {
      struct known_call *call = &calls[call_index(inner->name, at)];
      call->multiplexer = i + 1;
      call->choice = inner->choice;
    }
  }
}

// Writing

static void
rows_write(FILE *out) {
  fprintf(out, "const uint16_t call_row_count = %zu;\nconst struct call_row call_rows[] = {\n", call_count);
  for (const struct known_call *call = calls; call < calls + call_count; call++)
    fprintf(out, "    {\"%s\", %zu, %u, %u, {-1, %d, %d, %d}, 0x%x, 0x%x},\n", call->name, strlen(call->name),
            call->multiplexer, call->choice, call->number[ABI_X86_64], call->number[ABI_X32], call->number[ABI_I386],
            call->kernel, call->kernel_i386);
  fprintf(out, "};\n\n");
}

static void
numbers_write(FILE *out, const call_t *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    fprintf(out, "%s%u,", i % 20 == 0 ? "\n    " : " ", values[i]);
}

static void
slots_write(FILE *out) {
  static call_t slots[CALL_SLOTS];
  for (size_t i = 0; i < CALL_SLOTS; i++)
    slots[i] = CALL_NONE;
  for (size_t i = 0; i < call_count; i++) {
    uint32_t slot = call_slot(calls[i].name, strlen(calls[i].name));
    while (slots[slot] != CALL_NONE)
      slot = (slot + 1) % CALL_SLOTS;
    slots[slot] = (call_t)i;
  }
  fprintf(out, "const call_t call_slots[CALL_SLOTS] = {");
  numbers_write(out, slots, CALL_SLOTS);
  fprintf(out, "\n};\n\n");
}

static void
by_number_write(FILE *out) {
  static call_t by_number[CALL_NUMBERS];
  fprintf(out, "const call_t call_by_number[ABI_COUNT][CALL_NUMBERS] = {\n");
  for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
    for (size_t i = 0; i < CALL_NUMBERS; i++)
      by_number[i] = CALL_NONE;
    for (size_t i = 0; i < call_count; i++)
      if (calls[i].number[abi] >= 0)
        by_number[calls[i].number[abi]] = (call_t)i;
    fprintf(out, "    {");
    numbers_write(out, by_number, CALL_NUMBERS);
    fprintf(out, "},\n");
  }
  fprintf(out, "};\n\n");
}

// Writes one multiplexer's inner[]; returns how many entries it has.
static unsigned
inner_write(FILE *out, unsigned which) {
  unsigned next = 0;
  fprintf(out, "static const call_t inner_%u[] = {", which);
  for (const struct inner_call *inner = multiplexer_list[which].inner; inner->name != NULL; inner++) {
    while (next++ < inner->choice)
      fprintf(out, "CALL_NONE, ");
    fprintf(out, "%zu, ", call_index(inner->name, (struct place){inner->name, 0}));
  }
  fprintf(out, "};\n");
  return next;
}

static void
multiplexers_write(FILE *out) {
  unsigned counts[MULTIPLEXERS];
  for (unsigned i = 0; i < MULTIPLEXERS; i++)
    counts[i] = inner_write(out, i);
  fprintf(out, "const struct multiplexer multiplexers[MULTIPLEXERS] = {\n");
  for (unsigned i = 0; i < MULTIPLEXERS; i++) {
    size_t call = call_index(multiplexer_list[i].name, (struct place){multiplexer_list[i].name, 0});
    fprintf(out, "    {%zu, %d, 0x%xu, inner_%u, %u},\n", call, calls[call].number[ABI_I386], multiplexer_list[i].mask,
            i, counts[i]);
  }
  fprintf(out, "};\n\n");
}

static void
group_write(FILE *out, const struct group_read *group, size_t version, size_t index) {
  fprintf(out, "static const char *const members_%zu_%zu[] = {", version, index);
  for (size_t i = 0; i < group->count; i++)
    fprintf(out, "%s\"%s\",", i % 6 == 0 ? "\n    " : " ", members[group->first + i].name);
  fprintf(out, "\n    NULL};\nstatic const struct call_set set_%zu_%zu = {{", version, index);
  for (size_t i = 0; i < CALLS_MAX / 64; i++)
    fprintf(out, "0x%llxu, ", (unsigned long long)group->all.bits[i]);
  fprintf(out, "}};\n");
}

static void
version_write(FILE *out, const struct version *version, size_t number) {
  for (size_t i = 0; i < version->count; i++)
    group_write(out, &version->groups[i], number, i);
  fprintf(out, "static const struct group groups_%zu[] = {\n", number);
  for (size_t i = 0; i < version->count; i++)
    fprintf(out, "    {\"%s\", \"%s\", members_%zu_%zu, &set_%zu_%zu},\n", version->groups[i].name,
            version->groups[i].description, number, i, number, i);
  fprintf(out, "};\n\n");
}

static void
versions_write(FILE *out) {
  for (size_t i = 1; i < version_count; i++)
    version_write(out, &versions[i], i);
  fprintf(out, "const struct group_tables group_versions[] = {\n");
  for (size_t i = 1; i < version_count; i++)
    fprintf(out, "    {\"%s\", groups_%zu, %zu},\n", versions[i].name, i, versions[i].count);
  fprintf(out, "};\nconst size_t group_version_count = %zu;\n", version_count - 1);
}

static void
tables_write(const char *name) {
  FILE *out = data_create(name);
  fprintf(out, "// Generated by generate_tables.c. Do not edit.\n#include \"compat/groups.h\"\n#include "
               "\"compat/tables.h\"\n\n");
  rows_write(out);
  slots_write(out);
  by_number_write(out);
  multiplexers_write(out);
  versions_write(out);
  data_finish(out, name);
}

int
main(int argc, char **argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: generate_tables OUT.c CALLS.tsv KERNELS.tsv OWN-GROUPS.txt GROUPS.txt...\n");
    return 2;
  }
  libseccomp_read();
  calls_read(argv[2]);
  kernels_read(argv[3]);
  for (int i = 4; i < argc; i++)
    groups_read(argv[i]);
  for (size_t i = 1; i < version_count; i++) {
    own_groups_append(&versions[0], &versions[i]);
    known_names_add(&versions[i]);
  }
  qsort(calls, call_count, sizeof calls[0], call_compare);
  for (size_t i = 1; i < version_count; i++) {
    members_resolve(&versions[i]);
    version_flatten(&versions[i]);
  }
  multiplexers_resolve();
  tables_write(argv[1]);
  return 0;
}
