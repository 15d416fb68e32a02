// SPDX-License-Identifier: LGPL-2.1-or-later
// word.c - takes words of a list of calls apart, and says what is wrong with those that are none.
#include "compat/word.h"
#include "compat/number.h"
#include <string.h>

// Bytes that no word can hold, and what people mean by them. Under systemd all of these become unknown words that are
// skipped.
static const struct misuse {
  char byte;
  const char *problem, *hint;
} misuses[] = {
    {'#', "a comment cannot follow a value", "write comments on lines of their own"},
    {';', "a comment cannot follow a value", "write comments on lines of their own"},
    {'"', "quotes are part of the word here", "write the names without quotes"},
    {'\'', "quotes are part of the word here", "write the names without quotes"},
    {',', "names are separated by blanks, not commas", "write a blank instead"},
    {'~', "~ stands once, before the first word of a value",
     "write what is refused on a line of its own: SystemCallFilter=~..."},
    {'/', "a path is no system call",
     "if a shell put it there in place of ~NAME: --property=SystemCallFilter=~NAME is safe from that"},
    {'%', "specifiers are not expanded here", "write the name itself"},
    {')', "there is nothing that this ) closes", "write the name itself"},
};

// Functions of the C library that are often taken for calls, and the calls that one or another libc makes of them.
static const struct mistaken {
  const char *name, *calls;
} mistaken[] = {
    {"_exit", "exit_group"},
    {"abort", "rt_sigprocmask and tgkill"},
    {"clock", "clock_gettime"},
    {"creat64", "creat and openat"},
    {"eaccess", "faccessat2 and faccessat"},
    {"euidaccess", "faccessat2 and faccessat"},
    {"execl", "execve"},
    {"execlp", "execve"},
    {"execvp", "execve"},
    {"execvpe", "execve"},
    {"fexecve", "execve and execveat"},
    {"fopen", "open and openat"},
    {"fstatvfs", "fstatfs and fstatfs64"},
    {"futimens", "utimensat and utimensat_time64"},
    {"futimes", "utimensat and utimensat_time64"},
    {"getentropy", "getrandom"},
    {"isatty", "ioctl"},
    {"killpg", "kill"},
    {"lockf", "fcntl and fcntl64"},
    {"lseek64", "lseek and _llseek"},
    {"lutimes", "utimensat and utimensat_time64"},
    {"malloc", "brk and mmap"},
    {"mkfifo", "mknod and mknodat"},
    {"mmap64", "mmap and mmap2"},
    {"mq_close", "close"},
    {"mq_receive", "mq_timedreceive and mq_timedreceive_time64"},
    {"mq_send", "mq_timedsend and mq_timedsend_time64"},
    {"open64", "open and openat"},
    {"opendir", "open and openat"},
    {"posix_fadvise", "fadvise64 and fadvise64_64"},
    {"posix_fallocate", "fallocate"},
    {"posix_spawn", "clone3, clone, vfork and execve"},
    {"pread", "pread64"},
    {"prlimit", "prlimit64"},
    {"pselect", "pselect6 and pselect6_time64"},
    {"pthread_create", "clone3 and clone"},
    {"pthread_kill", "tgkill and tkill"},
    {"pwrite", "pwrite64"},
    {"raise", "tgkill and tkill"},
    {"remove", "unlink, unlinkat and rmdir"},
    {"sbrk", "brk"},
    {"sched_getcpu", "getcpu"},
    {"sem_open", "open and openat"},
    {"setegid", "setresgid and setresgid32"},
    {"seteuid", "setresuid and setresuid32"},
    {"shm_open", "open and openat"},
    {"shm_unlink", "unlink and unlinkat"},
    {"sigqueue", "rt_sigqueueinfo"},
    {"sigtimedwait", "rt_sigtimedwait and rt_sigtimedwait_time64"},
    {"sigwait", "rt_sigtimedwait and rt_sigtimedwait_time64"},
    {"sigwaitinfo", "rt_sigtimedwait and rt_sigtimedwait_time64"},
    {"sleep", "clock_nanosleep and nanosleep"},
    {"statvfs", "statfs and statfs64"},
    {"system", "clone3, clone, vfork and execve"},
    {"tcgetattr", "ioctl"},
    {"tcsetattr", "ioctl"},
    {"usleep", "clock_nanosleep and nanosleep"},
    {"wait", "wait4"},
    {"wait3", "wait4"},
};

static bool
fail(struct diags *diags, struct source_pos at, const char *problem, const char *hint) {
  diag_add(diags, DIAG_ERROR, at, "%s", problem);
  if (hint != NULL)
    diag_add(diags, DIAG_HINT, at, "%s", hint);
  return false;
}

// Copies that part of the word without its backslashes behind what `out->plain` has already. A byte behind one is taken
// as it is, another backslash too.
static bool
copy_plain(struct source_pos at, struct word *out, size_t *length, struct diags *diags) {
  const char *text = text_bytes(at);
  for (uint32_t i = 0; i < at.length; i++) {
    if (text[i] == '\\' && ++i == at.length)
      return fail(diags, at, "nothing stands behind the backslash", NULL);
    if (*length == sizeof out->plain)
      return fail(diags, at, "no system call or group has a name this long", NULL);
    out->plain[(*length)++] = text[i];
  }
  return true;
}

static struct source_pos
part_of(struct source_pos at, uint32_t from, uint32_t to) {
  return (struct source_pos){at.source, at.offset + from, to - from};
}

// Where the parenthesis at `open` is closed, in step with text_word(), which found that it is.
static uint32_t
closing_of(struct source_pos at, uint32_t open) {
  struct text text = {at.source, at.offset + open, at.offset + at.length};
  unsigned depth = 0;
  while (text.at < text.end) {
    char byte = text_peek(&text, 0);
    if (byte == '\\' && text_skip_continuation(&text))
      continue;
    if (byte == ')' && --depth == 0)
      return text.at - at.offset;
    depth += byte == '(';
    text.at += byte == '\\' ? 2 : 1;
  }
  return at.length;
}

// NAME(tests):SUFFIX; out->plain becomes NAME:SUFFIX.
static bool
split_tests(struct source_pos at, uint32_t open, bool closed, struct word *out, size_t *length, struct diags *diags) {
  const char *text = text_bytes(at);
  uint32_t close = closed ? closing_of(at, open) : at.length;
  if (close == at.length)
    return fail(diags, part_of(at, open, at.length), "this parenthesis is not closed", NULL);
  if (memchr(text, ':', open) != NULL)
    return fail(diags, part_of(at, open, close + 1), "tests stand behind the name, before the colon", NULL);
  if (close + 1 < at.length && text[close + 1] != ':')
    return fail(diags, part_of(at, close + 1, at.length), "nothing but a colon and an action can follow tests",
                "write a blank between words");
  out->has_tests = true;
  out->tests = part_of(at, open + 1, close);
  return copy_plain(part_of(at, 0, open), out, length, diags)
         && copy_plain(part_of(at, close + 1, at.length), out, length, diags);
}

static bool
check_bytes(struct source_pos at, const char *text, size_t length, struct diags *diags) {
  for (size_t i = 0; i < length; i++) {
    if ((text[i] >= 'a' && text[i] <= 'z') || text[i] == '_')
      continue; // nearly all
    for (size_t j = 0; j < sizeof misuses / sizeof misuses[0]; j++)
      if (text[i] == misuses[j].byte)
        return fail(diags, at, misuses[j].problem, misuses[j].hint);
  }
  return true;
}

// The bytes of name and suffix, without backslashes and tests. NULL after adding an error.
static const char *
plain_bytes(struct source_pos at, bool closed, struct word *out, size_t *length, struct diags *diags) {
  const char *text = text_bytes(at), *parenthesis = memchr(text, '(', at.length);
  *length = 0;
  if (parenthesis != NULL)
    return split_tests(at, (uint32_t)(parenthesis - text), closed, out, length, diags) ? out->plain : NULL;
  if (memchr(text, '\\', at.length) != NULL)
    return copy_plain(at, out, length, diags) ? out->plain : NULL;
  *length = at.length;
  return text;
}

// The colon before the suffix, in the text as it was written: dropping backslashes makes no colon and takes none.
static struct source_pos
suffix_pos(const struct word *word) {
  uint32_t from = word->has_tests ? word->tests.offset + word->tests.length - word->at.offset : 0;
  const char *start = text_bytes(word->at), *colon = memchr(start + from, ':', word->at.length - from);
  return colon == NULL ? word->at : part_of(word->at, (uint32_t)(colon - start) + 1, word->at.length);
}

bool
word_split(struct source_pos at, bool closed, struct word *out, struct diags *diags) {
  size_t length;
  out->at = at;
  out->has_tests = false;
  const char *text = plain_bytes(at, closed, out, &length, diags);
  if (text == NULL || !check_bytes(at, text, length, diags))
    return false;
  const char *colon = memchr(text, ':', length);
  out->name = text;
  out->name_length = colon == NULL ? length : (size_t)(colon - text);
  out->has_suffix = colon != NULL;
  out->suffix = colon == NULL ? NULL : colon + 1;
  out->suffix_length = colon == NULL ? 0 : length - out->name_length - 1;
  if (out->has_suffix)
    out->suffix_at = suffix_pos(out);
  if (out->name_length == 0)
    return fail(diags, at,
                out->has_tests ? "there is no name before the parenthesis" : "there is no name before the colon", NULL);
  if (out->has_suffix && out->suffix_length == 0)
    return fail(diags, at, "there is nothing behind the colon", NULL);
  return true;
}

// "MKDIR": names are lower case.
static call_t
find_lower(const char *name, size_t length) {
  char lower[WORD_BYTES_MAX];
  if (length > sizeof lower)
    return CALL_NONE;
  for (size_t i = 0; i < length; i++)
    lower[i] = text_lower(name[i]);
  return calls_find(lower, length);
}

// True if the name is of such a function.
static bool
hint_at_function(const struct word *word, struct diags *diags) {
  for (size_t i = 0; i < sizeof mistaken / sizeof mistaken[0]; i++) {
    const char *name = mistaken[i].name, *calls = mistaken[i].calls;
    if (!text_is(word->name, word->name_length, name))
      continue;
    diag_add(diags, DIAG_HINT, word->at, "%s() is made of %s: write %s", name, calls,
             strchr(calls, ' ') != NULL ? "those" : "that");
    return true;
  }
  return false;
}

static void
hint_at_name(const struct word *word, struct diags *diags) {
  if (diags_full(diags))
    return;
  call_t lower = find_lower(word->name, word->name_length);
  if (lower != CALL_NONE) {
    diag_add(diags, DIAG_HINT, word->at, "names are lower case: did you mean \"%s\"?", calls_name(lower));
    return;
  }
  if (hint_at_function(word, diags))
    return;
  const char *near = calls_suggest(word->name, word->name_length);
  if (near != NULL)
    diag_add(diags, DIAG_HINT, word->at, "did you mean \"%s\"?", near);
}

static bool
mean_name(const struct word *word, enum diag_kind unknown, struct meaning *out, struct diags *diags) {
  call_t call = calls_find(word->name, word->name_length);
  if (call == CALL_NONE) {
    diag_add(diags, unknown, word->at, "unknown system call \"%.*s\"", text_shown(word->name_length), word->name);
    hint_at_name(word, diags);
    return false;
  }
  *out = (struct meaning){MEANING_CALL, call, 0};
  return true;
}

// Numbers mean the native ABI, as people know them from strace and <asm/unistd_64.h>. One that only another ABI has
// could be meant for it or for a call that is newer than the tables, and those are different calls: the writer has to
// say.
static bool
mean_number(const struct word *word, enum diag_kind unknown, struct meaning *out, struct diags *diags) {
  uint64_t number;
  if (!number_read(word->name, word->name_length, NUMBER_PLAIN, X32_BIT - 1, &number)) {
    diag_add(diags, unknown, word->at, "\"%.*s\" is no system call number", text_shown(word->name_length), word->name);
    diag_add(diags, DIAG_HINT, word->at, "numbers are decimal or 0x..., and at most 0x3fffffff");
    return false;
  }
  call_t call = calls_at(ABI_NATIVE, (uint32_t)number);
  if (call != CALL_NONE) {
    *out = (struct meaning){MEANING_CALL, call, 0};
    return true;
  }
  call_t elsewhere = calls_at(ABI_I386, (uint32_t)number);
  enum abi abi = elsewhere != CALL_NONE ? ABI_I386 : ABI_X32;
  if (elsewhere == CALL_NONE)
    elsewhere = calls_at(ABI_X32, (uint32_t)number | X32_BIT);
  if (elsewhere != CALL_NONE) {
    diag_add(diags, DIAG_ERROR, word->at, "number %u is a system call on %s only", (unsigned)number, abi_name(abi));
    diag_add(diags, DIAG_HINT, word->at, "write its name: %s", calls_name(elsewhere));
    return false;
  }
  *out = (struct meaning){MEANING_NUMBER, CALL_NONE, (uint32_t)number};
  return true;
}

bool
word_mean(const struct word *word, enum diag_kind unknown, struct meaning *out, struct diags *diags) {
  if (word->name[0] == '@') {
    *out = (struct meaning){MEANING_GROUP, CALL_NONE, 0};
    return true;
  }
  if (word->name[0] >= '0' && word->name[0] <= '9')
    return mean_number(word, unknown, out, diags);
  return mean_name(word, unknown, out, diags);
}

bool
call_is_nowhere(call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t number;
  if (multiplexer_of(call, &multiplexer, &number))
    return false; // send(2) and recv(2) have no number of their own anywhere
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if (calls_number(call, abi, &number))
      return false;
  return true;
}
