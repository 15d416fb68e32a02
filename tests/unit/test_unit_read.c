// SPDX-License-Identifier: LGPL-2.1-or-later
// test_unit_read.c - lines of unit files as a real systemd 252 was seen to take them apart, and what those of one unit
// mean together.
#include "compat/unit_file.h"
#include "reading.h"

// What a text holds, as "Section:Name=word word|...", and its errors, as "line:column text|...".
static void
read_all(const char *text, size_t length, const char *strict, char *out, size_t size, char *errors,
         size_t errors_size) {
  struct source source = {"x.service", text, length, true};
  struct diags diags = {0};
  struct unit_file file = {.strict = strict};
  struct assignment line;
  size_t at = 0;
  out[0] = errors[0] = '\0';
  if (text_open(&file.text, &source, &diags)) {
    while (unit_file_next(&file, &line, &diags)) {
      struct source_pos word;
      bool closed, first = true;
      at += (size_t)snprintf(out + at, size - at, "%s%.*s:%.*s=", at > 0 ? "|" : "", (int)file.section.length,
                             text_bytes(file.section), (int)line.name.length, text_bytes(line.name));
      for (; text_word(&line.value, &word, &closed); first = false)
        at += (size_t)snprintf(out + at, size - at, "%s%.*s", first ? "" : " ", (int)word.length, text_bytes(word));
    }
  }
  at = 0;
  for (size_t i = 0; i < diags.count; i++) {
    struct source_line place = source_line_at(diags.items[i].at);
    if (diags.items[i].kind == DIAG_ERROR)
      at += (size_t)snprintf(errors + at, errors_size - at, "%s%u:%u %s", at > 0 ? "|" : "", place.line, place.column,
                             diags.items[i].text);
  }
}

#define MARK "\xef\xbb\xbf"
#define NO_BRACKET "this section header does not end in \"]\": systemd does not load this file"
#define BAD_NAME "no section has such a name: systemd does not load this file"
#define NOT_UTF8 "not UTF-8: systemd does not load this file"

static const struct row {
  const char *text, *want, *errors;
} rows[] = {
    {"", "", ""},
    {"[S]\n", "", ""},
    {"[S]\nA=b c\nB=d\n[T]\nA=e\n[S]\nC=f", "S:A=b c|S:B=d|T:A=e|S:C=f", ""},
    {"  [S]  \n  A = b\n\tB\t=\tc\n", "S:A=b|S:B=c", ""},
    // Names of sections are what stands between the brackets.
    {"[ S ]\nA=b\n[S ]\nA=b\n[s]\nA=b\n", " S :A=b|S :A=b|s:A=b", ""},
    {"[X-S]y]\nA=b", "X-S]y:A=b", ""},
    {"[]\nA=b\n[S]\nB=c", "S:B=c", ""},
    {"[S]\\\n\nA=b", "S:A=b", ""},
    {"\\\n[S]\nA=b", "S:A=b", ""},
    // Passed over: no section yet, no "=", no name.
    {"A=b\n[S]\nB=c", "S:B=c", ""},
    {"junk\n[S]\njunk\nA=b\n=c\n = d\nB=c", "S:A=b|S:B=c", ""},
    {"[S]\nA=\nB=  \n", "S:A=|S:B=", ""},
    // Comments and continuations.
    {"[S]\nA=b \\\n# c\n  ; d \\\n e\nB=f", "S:A=b e|S:B=f", ""},
    {"[S]\nA=b # c\n# D=e\n ; D=e\nE=f", "S:A=b # c|S:E=f", ""},
    {"[S]\nA=b \\\n   \n B=c\n", "S:A=b|S:B=c", ""},
    {"[S]\nA=b \\\n[T]\nB=c\n", "S:A=b [T]|S:B=c", ""},
    {"[S]\nA=b \\", "S:A=b", ""},
    {"[S]\nA=b\\\\\nB=c", "S:A=b\\\\|S:B=c", ""},
    {"[S]\nA\\\n=b", "S:A=b", ""},
    {"[S]\nA\\=b\nB\\\\=c\nC\\ =d", "S:A\\=b|S:B\\\\=c|S:C\\ =d", ""},
    {"[S]\n\\\nA=b\n\\\n\nB=c", "S:A=b|S:B=c", ""},
    {"[S]\r\nA=b \\\r\n c\r\nB=d\r\n", "S:A=b c|S:B=d", ""},
    {"[S]\n# \\\nA=b", "S:A=b", ""},
    // The first mark at the start of a line counts as nothing, wherever it is; a comment behind it is none.
    {MARK "[S]\nA=b", "S:A=b", ""},
    {"[S]\n" MARK "A=b", "S:A=b", ""},
    {"[S]\n" MARK "[T]\nA=b", "T:A=b", ""},
    {MARK "[S]\n" MARK "A=b", "S:" MARK "A=b", ""},
    {"[S]\n " MARK "A=b", "S:" MARK "A=b", ""},
    {MARK "# c \\\n[S]\nA=b\n[T]\nB=c", "T:B=c", ""},
    {MARK "\n[S]\nA=b", "S:A=b", ""},
    // Where systemd does not load the file.
    {"[S]\nA=b\n[T\nB=c\n[S]\nC=d", "S:A=b", "3:1 " NO_BRACKET},
    {"[S] # x\nA=b", "", "1:1 " NO_BRACKET},
    {"[S]\\\nA=b\nB=c", "", "1:1 " NO_BRACKET},
    {"[\nA=b", "", "1:1 " NO_BRACKET},
    {"[S]\nA=b\n[X-\"T]\nB=c", "S:A=b", "3:1 " BAD_NAME},
    {"[X-T']\nB=c", "", "1:1 " BAD_NAME},
    {"[X-\tT]\nB=c", "", "1:1 " BAD_NAME},
    {"[X-\\T]\nB=c", "", "1:1 " BAD_NAME},
    {"[X-T\\]\nB=c", "", "1:1 " BAD_NAME},
    {"[X-T\\\\]\nB=c", "", "1:1 " BAD_NAME},
    {"[X-\x7fT]\nB=c", "", "1:1 " BAD_NAME},
    {"[S]\nA=b\nB=\xff\nC=d", "S:A=b", "3:3 " NOT_UTF8},
    {"[S]\nA=b\n\xff\nC=d", "S:A=b", "3:1 " NOT_UTF8},
    {"\xff\n[S]\nA=b", "", "1:1 " NOT_UTF8},
    {"[X-T]\nA=\xc0\x80", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xe0\x9f\x80", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xed\xa0\x80", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xef\xb7\x90", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xef\xbf\xbe", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xf0\x8f\xbf\xbd", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xf0\x9f\xbf\xbe", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xf4\x90\x80\x80", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=\xc3\\\n\xa4", "", "2:3 " NOT_UTF8},
    {"[X-T]\nA=b\xc3", "", "2:4 " NOT_UTF8},
    {"[S]\nA=\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "S:A=\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", ""},
    {"# \xff\n[S]\nA=b \\\n# \xff\n c", "S:A=b c", ""},
};

// In the strict section nothing is passed over.
static const struct row strict_rows[] = {
    {"[S]\njunk\nA=b", "S:A=b", ""},
    {"junk\n=c\nA=b\n[X-Scrun]\nB=c", "X-Scrun:B=c", ""},
    {"[X-Scrun]\njunk\nA=b\n =c", "X-Scrun:A=b",
     "2:1 not a setting: there is no \"=\"|4:2 there is no name before \"=\""},
    {"[X-Scrun]\nA=b\n[X-S]\njunk", "X-Scrun:A=b", ""},
};

static void
check_rows(const struct row *row, size_t count, const char *strict) {
  for (size_t i = 0; i < count; i++, row++) {
    char got[512], errors[512];
    read_all(row->text, strlen(row->text), strict, got, sizeof got, errors, sizeof errors);
    if (strcmp(got, row->want) != 0 || strcmp(errors, row->errors) != 0)
      fprintf(stderr, "row %zu\n", i);
    CHECK_STR(got, row->want);
    CHECK_STR(errors, row->errors);
  }
}

// Every prefix of a text with everything in it ends, and stays inside (the sanitizers watch).
static void
test_prefixes(void) {
  static const char text[] =
      MARK "# c\r\n[S]\nA = b(c \\\r\n# d\n e) f\\\\ \\g \\\n; h\n\ni\n" MARK "[X-Scrun]\nJ=\xf0\x9f\x98\x80\\";
  for (size_t length = 0; length < sizeof text; length++) {
    char copy[sizeof text], got[512], errors[512];
    memcpy(copy, text, length);
    read_all(copy, length, "X-Scrun", got, sizeof got, errors, sizeof errors);
    CHECK(strlen(got) < sizeof got - 1);
  }
}

#define FILES_MAX 4

// A unit as its files are: the fragment, then drop-ins.
struct unit_reading {
  struct source sources[FILES_MAX];
  struct diags diags;
  struct policy *policy; // NULL: refused
};

static void
unit_read(struct unit_reading *reading, const char *const *files, bool lenient) {
  static const char *const names[FILES_MAX] = {"x.service", "1.conf", "2.conf", "3.conf"};
  const struct source *sources[FILES_MAX];
  struct reader *reader = reader_new(&(struct reader_options){.lenient = lenient});
  size_t count = 0;
  memset(reading, 0, sizeof *reading);
  for (; count < FILES_MAX && files[count] != NULL; count++) {
    reading->sources[count] = (struct source){names[count], files[count], strlen(files[count]), true};
    sources[count] = &reading->sources[count];
  }
  int failed = reader_read_unit(reader, sources, count, &reading->diags);
  CHECK_ROW((failed != 0) == (reading->diags.errors > 0), files[0]);
  if (reader_finish(reader, &reading->policy, &reading->diags) != 0)
    reading->policy = NULL;
  CHECK_ROW((reading->policy == NULL) == (reading->diags.errors > 0), files[0]);
  reader_free(reader);
}

static const struct unit_row {
  const char *files[FILES_MAX];
  const char *want;
  bool keeps_privileges; // NoNewPrivileges=no
  enum moment at;
} unit_rows[] = {
    // [Service] alone: five keys, the others are the service manager's.
    {.files = {"[Unit]\nDescription=SystemCallFilter=~read\n[Service]\nExecStart=/x\nSystemCallFilter=~uname\n"
               "[Install]\nSystemCallFilter=~write\n"},
     .want = "uname=kill, read=allow, write=allow"},
    {.files = {"[Service]\nSystemCallFilter=~uname mkdir:EPERM\nSystemCallErrorNumber=ENETDOWN\n"},
     .want = "uname=errno ENETDOWN, mkdir=errno EPERM, read=allow"},
    {.files = {"[Service]\nSystemCallFilter=~uname\nSystemCallArchitectures=native\n"},
     .want = "uname=kill, x86/read=kill-thread"},
    {.files = {"[Service]\nSystemCallLog=uname\nSystemCallFilter=~mkdir\n"},
     .want = "uname=log, mkdir=kill, read=allow"},
    {.files = {"[Service]\nSystemCallFilter=~uname\nNoNewPrivileges=no\n"},
     .want = "uname=kill",
     .keeps_privileges = true},
    {.files = {"[Service]\nSystemCallFilter=~uname\nRestrictRealtime=yes\nAt=main\nX-Key=y\nsystemcallfilter=~read\n"
               "MemoryDenyWriteExecute=yes\nRestrictAddressFamilies=nonsense\nSystemCallGroups=nonsense\n"},
     .want = "uname=kill, sched_setscheduler=allow, read=allow"},
    // Files in their order; a reset reaches back over them.
    {.files = {"[Service]\nSystemCallFilter=~uname\n", "[Service]\nSystemCallFilter=~mkdir\n"},
     .want = "uname=kill, mkdir=kill"},
    {.files = {"[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=EPERM\n",
               "[Service]\nSystemCallFilter=\nSystemCallFilter=~mkdir\n"},
     .want = "uname=allow, mkdir=errno EPERM"},
    {.files = {"[Service]\nSystemCallFilter=uname read\n", "[Service]\nSystemCallFilter=~read:EPERM\n",
               "[Service]\nSystemCallErrorNumber=EACCES\n"},
     .want = "uname=allow, read=errno EPERM, mkdir=errno EACCES"},
    {.files = {"[Service]\nSystemCallFilter=~uname\n", "# nothing\n", ""}, .want = "uname=kill"},
    // [X-Scrun] wins, property by property, whatever its place.
    {.files = {"[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=EPERM\n[X-Scrun]\nSystemCallFilter=~mkdir\n"},
     .want = "uname=allow, mkdir=errno EPERM"},
    {.files = {"[X-Scrun]\nSystemCallFilter=~mkdir\n[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=EPERM\n"},
     .want = "uname=allow, mkdir=errno EPERM"},
    {.files = {"[Service]\nSystemCallFilter=~uname\n", "[X-Scrun]\nSystemCallFilter=~mkdir\n",
               "[Service]\nSystemCallFilter=~read\n"},
     .want = "uname=allow, read=allow, mkdir=kill"},
    {.files = {"[X-Scrun]\nSystemCallFilter=~mkdir\n", "[Service]\nSystemCallFilter=\n"}, .want = "mkdir=kill"},
    {.files = {"[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=EPERM\nNoNewPrivileges=yes\n",
               "[X-Scrun]\nSystemCallErrorNumber=EACCES\nNoNewPrivileges=no\n"},
     .want = "uname=errno EACCES",
     .keeps_privileges = true},
    {.files = {"[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=EPERM\n",
               "[X-Scrun]\nSystemCallErrorNumber=\n"},
     .want = "uname=kill"},
    {.files = {"[Service]\nNoNewPrivileges=no\nSystemCallFilter=~uname\n", "[X-Scrun]\nNoNewPrivileges=yes\n"},
     .want = "uname=kill"},
    {.files = {"[X-Scrun]\nSystemCallFilter=~uname\n", "[X-Scrun]\nSystemCallFilter=~mkdir\n",
               "[X-Scrun]\nSystemCallFilter=mkdir\n"},
     .want = "uname=kill, mkdir=allow"},
    // Not even the syntax of what it wins over counts.
    {.files = {"[Service]\nSystemCallFilter=~nosuchcall %n\n[X-Scrun]\nSystemCallFilter=~uname\n"},
     .want = "uname=kill"},
    // The full grammar, and every property of scrun.
    {.files = {"[X-Scrun]\nSystemCallFilter=~uname:log 600:trap \\\n  write(fd == 7):EBADF\nAt=main\n"
               "StartupSystemCallFilter=mkdir\nRestrictRealtime=yes\nSystemCallGroups=systemd-252\n"},
     .want = "uname=log, #600=trap, write(7)=errno EBADF, write(1)=allow, sched_setscheduler(0 1)=errno EPERM",
     .at = MOMENT_MAIN},
    {.files = {"[X-Scrun]\nRestrictRealtime=yes\n"}, .want = "sched_setscheduler(0 1)=errno EPERM, read=allow"},
    // Nobody else's section.
    {.files = {"[Service]\nSystemCallFilter=~uname\n[X-Other]\nSystemCallFilter=~read\n[Socket]\njunk\n"
               "SystemCallFilter=~write\n[service]\nSystemCallFilter=~mkdir\n[ Service ]\nSystemCallFilter=~rmdir\n"},
     .want = "uname=kill, read=allow, write=allow, mkdir=allow, rmdir=allow"},
    {.files = {"SystemCallFilter=~read\n[Service]\njunk\n=x\nSystemCallFilter=~uname\n"},
     .want = "uname=kill, read=allow"},
};

static void
test_units(void) {
  for (size_t i = 0; i < sizeof unit_rows / sizeof unit_rows[0]; i++) {
    const struct unit_row *row = &unit_rows[i];
    struct unit_reading reading;
    unit_read(&reading, row->files, false);
    CHECK_ROW(reading.policy != NULL, row->files[0]);
    CHECK_ROW(reading.diags.count == 0, row->files[0]);
    if (reading.policy != NULL) {
      check_calls(reading.policy, row->want, row->files[0]);
      CHECK_ROW(reading.policy->no_new_privs == !row->keeps_privileges, row->files[0]);
      CHECK_ROW(reading.policy->at == row->at, row->files[0]);
    }
    policy_free(reading.policy);
  }
}

#define NOTHING "nothing in this unit or its drop-ins says which system calls are allowed"
#define SKIPS ": it skips this word in [Service]"

// The first error is `text`, at `place`: "file:line:column".
static const struct unit_error {
  const char *files[FILES_MAX];
  const char *place, *text;
} unit_errors[] = {
    // No policy, and none that was lost on the way.
    {{""}, "x.service:1:1", NOTHING},
    {{"[Service]\nExecStart=/x\n", "[Service]\nRestart=always\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nNoNewPrivileges=yes\nSystemCallErrorNumber=EPERM\n"}, "x.service:1:1", NOTHING},
    {{"[X-Scrun]\nAt=main\nStartupSystemCallFilter=read\nSystemCallGroups=systemd-252\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nSystemCallFilter=~uname\n", "[Service]\nSystemCallFilter=\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nSystemCallFilter=~uname\n", "[X-Scrun]\nSystemCallFilter=\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nSystemCallFilter=\n", "# [X-Scrun]\n[X-Mine]\nSystemCallFilter=~uname\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nRestrictRealtime=yes\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nSystemCallArchitectures=native\n"}, "x.service:1:1", NOTHING},
    {{"[Service]\nX-SystemCallFilter=~uname\n"}, "x.service:1:1", NOTHING},
    // Headers that were meant to be ours.
    {{"[Service]\nSystemCallFilter=~uname\n", "[X-Srcun]\nSystemCallFilter=~read\n"},
     "1.conf:1:2",
     "unknown section \"X-Srcun\""},
    {{"[x-scrun]\nSystemCallFilter=~read\n"}, "x.service:1:2", "unknown section \"x-scrun\""},
    {{"[ X-Scrun ]\nSystemCallFilter=~read\n"}, "x.service:1:2", "unknown section \" X-Scrun \""},
    {{"[X-Scrun-Service]\nSystemCallFilter=~read\n"}, "x.service:1:2", "unknown section \"X-Scrun-Service\""},
    {{"[X\xe2\x80\x93Scrun]\nSystemCallFilter=~read\n"}, "x.service:1:2", "unknown section \"X\xe2\x80\x93Scrun\""},
    {{"[Unit of SCRUN]\nSystemCallFilter=~read\n"}, "x.service:1:2", "unknown section \"Unit of SCRUN\""},
    {{"[Scrun]\nSystemCallFilter=~read\n"}, "x.service:1:2", "unknown section \"Scrun\""},
    // Nothing in [X-Scrun] is ignored.
    {{"[Service]\nSystemCallFilter=~uname\n", "[X-Scrun]\nX-Key=y\n"},
     "1.conf:2:1",
     "scrun does not implement \"X-Key\"; nothing is ignored"},
    {{"[Service]\nSystemCallFilter=~uname\n[X-Scrun]\n\nSystemCallFiltre=~read\n"},
     "x.service:5:1",
     "scrun does not implement \"SystemCallFiltre\"; nothing is ignored"},
    {{"[X-Scrun]\nExecStart=/x\n"}, "x.service:2:1", "scrun does not implement \"ExecStart\"; nothing is ignored"},
    {{"[X-Scrun]\nSystemCallFilter=~uname\nread\n"}, "x.service:3:1", "not a setting: there is no \"=\""},
    {{"[X-Scrun]\nSystemCallFilter=~uname\n=read\n"}, "x.service:3:1", "there is no name before \"=\""},
    {{"[X-Scrun]\nSystemCallFilter=~uname\nAt=sometime\n"},
     "x.service:3:4",
     "unknown moment \"sometime\": At= takes exec, entry, main or ready"},
    // Words are as strict as everywhere.
    {{"[Service]\nSystemCallFilter=~uname\n", "", "[Service]\n\nSystemCallFilter=~nosuchcall\n"},
     "2.conf:3:19",
     "unknown system call \"nosuchcall\""},
    {{"[Service]\nSystemCallFilter=@nosuchgroup\n"},
     "x.service:2:18",
     "unknown group \"@nosuchgroup\" (tables of systemd-262)"},
    {{"[Service]\nSystemCallFilter=~uname # x\n"}, "x.service:2:25", "a comment cannot follow a value"},
    {{"[Service]\nSystemCallFilter=~uname\nNoNewPrivileges=\n"}, "x.service:3:1", "NoNewPrivileges= takes yes or no"},
    // Of [Service], only what systemd itself would take.
    {{"[Service]\nSystemCallFilter=~write(fd == 1)\n"}, "x.service:2:19", "systemd does not know tests" SKIPS},
    {{"[Service]\nSystemCallFilter=~63\n"}, "x.service:2:19", "systemd does not know numbers of calls" SKIPS},
    {{"[Service]\nSystemCallFilter=~uname:log\n"}, "x.service:2:25", "systemd does not know this action" SKIPS},
    {{"[Service]\nSystemCallFilter=~uname:kill-process\n"},
     "x.service:2:25",
     "systemd does not know this action" SKIPS},
    {{"[Service]\nSystemCallFilter=~uname:allow\n"}, "x.service:2:25", "systemd does not know this action" SKIPS},
    {{"[Service]\nSystemCallFilter=uname:log\n"}, "x.service:2:24", "systemd does not know this action" SKIPS},
    {{"[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=trap\n"},
     "x.service:3:23",
     "systemd does not know this action" SKIPS},
    {{"[Service]\nSystemCallLog=63\n"}, "x.service:2:15", "systemd does not know numbers of calls" SKIPS},
    // Where systemd does not load a file, scrun does not read the unit.
    {{"[Service]\nSystemCallFilter=~uname\n", "[Service\nSystemCallFilter=~read\n"}, "1.conf:1:1", NO_BRACKET},
    {{"[Service]\nSystemCallFilter=~uname\n", "[X-Other]\nKey=\xff\n"}, "1.conf:2:5", NOT_UTF8},
    {{"[Service]\nSystemCallFilter=~uname\n", "# x\rSystemCallFilter=~read\n"},
     "1.conf:1:4",
     "a carriage return in the middle of a line"},
};

static void
check_first(const struct unit_error *row, const struct unit_reading *reading) {
  char place[128] = "nowhere";
  size_t i = 0;
  while (i < reading->diags.count && reading->diags.items[i].kind != DIAG_ERROR)
    i++;
  CHECK_ROW(i < reading->diags.count, row->files[0]);
  if (i == reading->diags.count)
    return;
  const struct diag *diag = &reading->diags.items[i];
  if (diag->at.source != NULL) {
    struct source_line line = source_line_at(diag->at);
    snprintf(place, sizeof place, "%s:%u:%u", diag->at.source->name, line.line, line.column);
  }
  CHECK_STR(diag->text, row->text);
  CHECK_STR(place, row->place);
}

static void
test_errors(void) {
  for (size_t i = 0; i < sizeof unit_errors / sizeof unit_errors[0]; i++) {
    struct unit_reading reading;
    unit_read(&reading, unit_errors[i].files, false);
    CHECK_ROW(reading.policy == NULL, unit_errors[i].files[0]);
    check_first(&unit_errors[i], &reading);
    policy_free(reading.policy);
  }
}

// One run shows the mistakes of all files, each once.
static void
test_all_errors(void) {
  static const char *const files[FILES_MAX] = {"[Service]\nSystemCallFilter=~nosuch\n[X-Scrun]\njunk\n[Scrun]\nA=b\n",
                                               "[X-Scrun]\nX-Key=y\n", "[Service\nSystemCallFilter=~nosuch\n"};
  struct unit_reading reading;
  unit_read(&reading, files, false);
  CHECK_INT(reading.diags.errors, 5);
  CHECK(reading.policy == NULL);
}

// Leniently, what systemd skips is skipped where that opens nothing.
static const struct lenient_row {
  const char *files[FILES_MAX];
  const char *want; // NULL: refused
} lenient_rows[] = {
    {{"[Service]\nSystemCallFilter=uname nosuchcall\n"}, "uname=allow, read=kill"},
    {{"[Service]\nSystemCallFilter=uname 0\n"}, "uname=allow, read=kill"},
    {{"[Service]\nSystemCallFilter=uname read:log\n"}, "uname=allow, read=kill"},
    {{"[X-Scrun]\nSystemCallFilter=uname read:log nosuchcall\n"}, "uname=allow, read=log"},
    {{"[Service]\nSystemCallFilter=~uname\nSystemCallErrorNumber=trap\n"}, "uname=kill"},
    {{"[Service]\nSystemCallFilter=~nosuchcall\n"}, NULL},
    {{"[Service]\nSystemCallFilter=~0\n"}, NULL},
    {{"[Service]\nSystemCallFilter=write(fd == 1)\n"}, NULL},
    {{"[Service]\nSystemCallFilter=uname\n[X-Scrun]\nX-Key=y\n"}, NULL},
    {{"[Service]\nSystemCallFilter=uname\n[X-Scrun]\njunk\n"}, NULL},
    {{"[Service]\n"}, NULL},
};

static void
test_lenient(void) {
  for (size_t i = 0; i < sizeof lenient_rows / sizeof lenient_rows[0]; i++) {
    const struct lenient_row *row = &lenient_rows[i];
    struct unit_reading reading;
    unit_read(&reading, row->files, true);
    CHECK_ROW((reading.policy != NULL) == (row->want != NULL), row->files[0]);
    if (reading.policy != NULL && row->want != NULL) {
      CHECK_ROW(reading.diags.count > 0, row->files[0]);
      check_calls(reading.policy, row->want, row->files[0]);
    }
    policy_free(reading.policy);
  }
}

// What stands beside a unit counts in the order given, and does not stand in for it.
static void
test_beside(void) {
  static const char text[] = "[Service]\nSystemCallFilter=~uname\n[X-Scrun]\nSystemCallErrorNumber=EPERM\n";
  static const char empty[] = "[Service]\nExecStart=/x\n";
  for (int round = 0; round < 4; round++) {
    const struct source property = {"--property", "SystemCallErrorNumber=EACCES", 28, false};
    const struct source filter = {"--property", "SystemCallFilter=~read", 22, false};
    const struct source file = {"x.service", round == 3 ? empty : text, strlen(round == 3 ? empty : text), true};
    const struct source *const files[] = {&file};
    struct reader *reader = reader_new(&(struct reader_options){0});
    struct diags diags = {0};
    struct policy *policy = NULL;
    int failed = round == 1 ? reader_read_property(reader, &property, &diags) : 0;
    failed |= reader_read_unit(reader, files, 1, &diags);
    failed |= round == 0 ? reader_read_property(reader, &property, &diags) : 0;
    failed |= round >= 2 ? reader_read_property(reader, &filter, &diags) : 0;
    failed |= reader_finish(reader, &policy, &diags);
    CHECK_INT(failed != 0, round == 3);
    if (failed == 0)
      check_calls(policy,
                  round == 0   ? "uname=errno EACCES, read=allow"
                  : round == 1 ? "uname=errno EPERM, read=allow"
                               : "uname=errno EPERM, read=errno EPERM",
                  "beside");
    policy_free(policy);
    reader_free(reader);
  }
}

int
main(void) {
  check_rows(rows, sizeof rows / sizeof rows[0], NULL);
  check_rows(strict_rows, sizeof strict_rows / sizeof strict_rows[0], "X-Scrun");
  test_prefixes();
  test_units();
  test_errors();
  test_all_errors();
  test_lenient();
  test_beside();
  return check_done();
}
