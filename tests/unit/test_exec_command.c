// SPDX-License-Identifier: LGPL-2.1-or-later
// test_exec_command.c - commands of ExecStart=: taken apart as systemd 252 takes them, and wrapped so that the program
// behind gets what it got. What the wrapped ones get under a real systemd is tested in tests/systemd/drop_in.
#include "runner/analyze/exec_command.h"
#include "runner/analyze/exec_word.h"
#include "tests/check.h"
#include <stdlib.h>

// What comes out of `value`: the commands wrapped with "W" in front, between "|"; or "LINE:COLUMN-LENGTH message".
static void
wrap_all(const char *value, const char *program, struct buffer *out) {
  const struct source source = {"f", value, strlen(value), true};
  struct text text = {&source, 0, (uint32_t)source.length};
  struct exec_line line;
  struct exec_command command;
  struct error e;
  int found = exec_line_open(&line, &text, &e);
  buffer_add_text(out, "");
  while (found >= 0 && (found = exec_line_next(&line, &command, &e)) == 1) {
    buffer_add_text(out, out->length > 0 ? "|" : "");
    exec_command_wrap(out, &command, "W", program);
    exec_command_clear(&command);
  }
  if (found < 0) {
    struct source_line place = source_line_at(e.at);
    buffer_clear(out);
    buffer_add(out, "%u:%u-%u %s", place.line, place.column, (unsigned)e.at.length, e.text);
  }
  exec_line_clear(&line);
}

static const struct row {
  const char *value, *want;
} rows[] = {
    {"", ""},
    {" \t ", ""},
    {" ; ; ", ""},
    {"/bin/a", "W -- /bin/a"},
    {"/bin/a b  c\t", "W -- /bin/a b  c"},
    // Prefixes, also within quotes: in their order, without "@".
    {"-/bin/a b", "-W -- /bin/a b"},
    {"\"-/bin/a\" b", "-W -- /bin/a b"},
    {"\"-\"/bin/a b", "-W -- /bin/a b"},
    {"-\"/bin/a\" b", "-W -- /bin/a b"},
    {"'-@/bin/a' b c", "-W --argv0=b -- /bin/a c"},
    {":-+/bin/a", ":-+W -- /bin/a"},
    {"!!:/bin/a", "!!:W -- /bin/a"},
    {"!-!/bin/a", "!-!W -- /bin/a"},
    {"!@-/bin/a x", "!-W --argv0=x -- /bin/a"},
    // The word for argv[0] keeps its bytes; "\;" is only a semicolon where it stands alone.
    {"@/bin/a \"my name\" x", "W --argv0=\"my name\" -- /bin/a x"},
    {"@/bin/a \"\"", "W --argv0=\"\" -- /bin/a"},
    {"@/bin/a \\; x", "W --argv0=; -- /bin/a x"},
    {"@/bin/a \\;x y", "W --argv0=\\;x -- /bin/a y"},
    {"@/bin/a ${X} y", "W --argv0=${X} -- /bin/a y"},
    {"@/bin/a $$X y", "W --argv0=$$X -- /bin/a y"},
    {"@/bin/a a$X y", "W --argv0=a$X -- /bin/a y"},
    {":@/bin/a $X y", ":W --argv0=$X -- /bin/a y"},
    {"@/bin/a x ; @/bin/b y z", "W --argv0=x -- /bin/a|W --argv0=y -- /bin/b z"},
    // ";" divides where it stands alone and unquoted.
    {"/bin/a b ; /bin/b c", "W -- /bin/a b|W -- /bin/b c"},
    {"; /bin/a ; ; \";\" /bin/b ;", "W -- /bin/a|W -- /bin/b"},
    // A backslash that begins no escape keeps the next byte with it, also a blank.
    {"/bin/a \\ b ; /bin/c", "W -- /bin/a \\ b|W -- /bin/c"},
    {"/bin/a \\ ; /bin/b", "W -- /bin/a \\ ; /bin/b"},
    {"/bin/a \\  ; /bin/b", "W -- /bin/a \\ \"\"|W -- /bin/b"},
    {"@/bin/a x\\ y z", "W --argv0=x\\ y -- /bin/a z"},
    {"@/bin/a x\\\\ y", "W --argv0=x\\\\ -- /bin/a y"},
    {"@/bin/a x\\ \t",
     "1:1-7 \"@\" with an argv[0] that ends in a backslash alone, which would keep the next word with "
     "it; write two"},
    {"/bin/a b\\ ", "W -- /bin/a b\\ "},
    {"/bin/a b;c ;d \";\" \\; \\\\; \\073 ;; e", "W -- /bin/a b;c ;d \";\" \\; \\\\; \\073 ;; e"},
    {"/bin/a ';' ; /bin/b", "W -- /bin/a ';'|W -- /bin/b"},
    // Arguments keep their bytes.
    {"/bin/a $X ${Y} $$ %i %% \"q  q\" 'x'y \\x20 \\q", "W -- /bin/a $X ${Y} $$ %i %% \"q  q\" 'x'y \\x20 \\q"},
    {"/bin/a \"\" ''", "W -- /bin/a \"\" ''"},
    {"/bin/a \"x ; y\" 'z \\' ; '", "W -- /bin/a \"x ; y\" 'z \\' ; '"},
    // Continuations are one blank, with comments inside; what the next line begins with stays.
    {"/bin/a b \\\n  c\\\n# x\n ; y\nd \"e \\\n  f\"", "W -- /bin/a b    c d \"e    f\""},
    {"/bin/a b ;\\\n /bin/b c", "W -- /bin/a b|W -- /bin/b c"},
    {"/bin/a b\\", "W -- /bin/a b"},
    {"/bin/a b\\\r\n c", "W -- /bin/a b  c"},
    {"/bin/a b \\ ", "W -- /bin/a b \\ "},
    {"/bin/a \\\\ b\\\\", "W -- /bin/a \\\\ b\\\\ "},
    // The program becomes an argument: dollars are doubled, and what systemd makes of its name is kept.
    {"\"/bin/a b\" c", "W -- \"/bin/a b\" c"},
    {"/bin/a\\x20b c", "W -- \"/bin/a b\" c"},
    {"/bin/\\u00e4\\101", "W -- /bin/\xc3\xa4"
                          "A"},
    {"/bin/a%%b%i", "W -- /bin/a%%b%i"},
    {"/bin/a$X b", "W --argv0=/bin/a$X -- /bin/a$$X b"},
    {"/bin/a${X}", "W --argv0=/bin/a${X} -- /bin/a$${X}"},
    {":/bin/a$X b", ":W -- /bin/a$X b"},
    {"@/bin/a$X x b", "W --argv0=x -- /bin/a$$X b"},
    {"//bin/./a///b", "W --argv0=//bin/./a///b -- /bin/a/b"},
    {"/./a", "W --argv0=/./a -- /a"},
    {"%h/bin/a", "W -- %h/bin/a"},
    {"%h//bin/a", "W --argv0=%h//bin/a -- %h/bin/a"},
    {":%f/bin/a", ":W -- %f/bin/a"},
    {"/bin/a -- --", "W -- /bin/a -- --"},
    // What systemd does not take, and what cannot be kept.
    {"- /bin/a", "1:1-1 there is no program behind the prefixes"},
    {"\"\" a", "1:1-2 there is no program behind the prefixes"},
    {"--/bin/a", "1:1-8 neither a path from / nor a name without slashes and specifiers; or its prefix is one that "
                 "systemd does not take there"},
    {"!!!/bin/a", "1:1-9 neither a path from / nor a name without slashes and specifiers; or its prefix is one that "
                  "systemd does not take there"},
    {"+!/bin/a", "1:1-8 neither a path from / nor a name without slashes and specifiers; or its prefix is one that "
                 "systemd does not take there"},
    {"!+/bin/a", "1:1-8 neither a path from / nor a name without slashes and specifiers; or its prefix is one that "
                 "systemd does not take there"},
    {"a%i", "1:1-3 neither a path from / nor a name without slashes and specifiers; or its prefix is one that "
            "systemd does not take there"},
    {"./a", "1:1-3 neither a path from / nor a name without slashes and specifiers; or its prefix is one that "
            "systemd does not take there"},
    {"|/bin/a", "1:1-7 \"|\" is not taken: write the program that the shell is to start"},
    {"/bin/", "1:1-5 this is no program's name"},
    {".", "1:1-1 this is no program's name"},
    {"..", "1:1-2 this is no program's name"},
    {"/bin/\\\"a", "1:1-8 systemd starts no program with quotes, backslashes or control characters in its name"},
    {"/bin/a\\tb", "1:1-9 systemd starts no program with quotes, backslashes or control characters in its name"},
    {"/bin/a\\x00", "1:1-10 systemd starts no program with quotes, backslashes or control characters in its name"},
    {"$X a", "1:1-2 a program's name is no variable: systemd looks for a file of that very name"},
    {"/bin/%I a", "1:1-7 %I, %J, %P, %f and %q may hold a \"$\", which would be taken for a variable in a wrapped "
                  "program's name"},
    {"@/bin/a", "1:1-7 \"@\" without a word for argv[0]: systemd does not take it"},
    {"/bin/x ; @/bin/a ; /bin/b", "1:10-7 \"@\" without a word for argv[0]: systemd does not take it"},
    {"/bin/x \\\n y ;\\\n  @/bin/a $X y",
     "3:3-7 \"@\" with a variable alone as argv[0], which may become several words "
     "or none; write ${...}"},
    {"@/bin/a \"$X\" y", "1:1-7 \"@\" with a variable alone as argv[0], which may become several words or none; write "
                         "${...}"},
    {"@/bin/a $ y", "1:1-7 \"@\" with a variable alone as argv[0], which may become several words or none; write "
                    "${...}"},
    {"@/bin/a %I y", "1:1-7 \"@\" with an argv[0] that begins with %I, which may hold a variable alone"},
    {"@/bin/a %i%I y", "W --argv0=%i%I -- /bin/a y"},
    {"/bin/a \"b c", "1:8-4 this quote is not closed"},
    {"\"/bin/a b", "1:1-9 this quote is not closed"},
    {"/bin/a 'b ; /bin/c", "1:8-11 this quote is not closed"},
};

static void
test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct buffer out = {0};
    wrap_all(rows[i].value, NULL, &out);
    CHECK_STR(out.text, rows[i].want);
    buffer_clear(&out);
  }
}

// A name without slashes, found by the caller: argv[0] stays the name.
static void
test_found(void) {
  static const struct row found[] = {
      {"a b", "W --argv0=a -- /usr/bin/a b"},
      {"-@a x b", "-W --argv0=x -- /usr/bin/a b"},
      {"\"a b\" c", "W --argv0=\"a b\" -- /usr/bin/a c"},
      {"a$X", "W --argv0=a$X -- /usr/bin/a"},
  };
  for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
    struct buffer out = {0};
    wrap_all(found[i].value, "/usr/bin/a", &out);
    CHECK_STR(out.text, found[i].want);
    buffer_clear(&out);
  }
}

// What is said of a command beside its words.
static void
test_meaning(void) {
  static const struct {
    const char *value;
    bool verbatim, privileged, keeps_user, is_path;
  } meanings[] = {
      {"/a", false, false, false, true}, {":/a", true, false, false, true},     {"+/a", false, true, false, true},
      {"!/a", false, false, true, true}, {"!!/a", false, false, false, true},   {"a", false, false, false, false},
      {"%h", false, false, false, true}, {"-@a b", false, false, false, false},
  };
  for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
    const struct source source = {"f", meanings[i].value, strlen(meanings[i].value), true};
    struct text text = {&source, 0, (uint32_t)source.length};
    struct exec_line line;
    struct exec_command command = {0};
    struct error e;
    CHECK_ROW(exec_line_open(&line, &text, &e) == 0 && exec_line_next(&line, &command, &e) == 1, meanings[i].value);
    CHECK_ROW(command.verbatim == meanings[i].verbatim, meanings[i].value);
    CHECK_ROW(command.privileged == meanings[i].privileged, meanings[i].value);
    CHECK_ROW(command.keeps_user == meanings[i].keeps_user, meanings[i].value);
    CHECK_ROW(exec_command_is_path(&command) == meanings[i].is_path, meanings[i].value);
    CHECK_INT(command.at.length, source.length);
    exec_command_clear(&command);
    exec_line_clear(&line);
  }
}

static void
check_behind(const char *value, const char *want) {
  const struct source source = {"f", value, strlen(value), true};
  struct text text = {&source, 0, (uint32_t)source.length};
  struct exec_line line;
  struct exec_command command = {0};
  struct error e;
  char *program = NULL;
  CHECK_ROW(exec_line_open(&line, &text, &e) == 0 && exec_line_next(&line, &command, &e) == 1, value);
  CHECK_ROW(exec_command_unwrap(&command, "scrun", &program) == (want != NULL), value);
  if (want != NULL)
    CHECK_STR(program, want);
  free(program);
  exec_command_clear(&command);
  exec_line_clear(&line);
}

static void
test_unwrap(void) {
  check_behind("/usr/bin/scrun --unit-file=%n -- /bin/a b", "/bin/a");
  check_behind("-@/usr/bin/scrun x --unit-file=%n \"--\" '/bin/a b' -- c", "/bin/a b");
  check_behind("scrun -- a", "a");
  check_behind("/usr/bin/scrun --unit-file=%n --", NULL);
  check_behind("/usr/bin/scrun --unit-file=%n /bin/a", NULL);
  check_behind("/usr/bin/scrunx -- /bin/a", NULL);
  check_behind("/usr/bin/a -- /bin/a", NULL);
}

static void
check_plain(const char *text, bool verbatim, const char *want) {
  struct buffer out = {0};
  bool plain = exec_path_plain(text, verbatim, &out);
  CHECK_ROW(plain == (want != NULL), text);
  if (want != NULL)
    CHECK_STR(out.text, want);
  buffer_clear(&out);
}

static void
test_plain(void) {
  check_plain("/bin/a", false, "/bin/a");
  check_plain("/a%%b$$c$d$", false, "/a%b$c$d$");
  check_plain("/a%%b$$c${d}", true, "/a%b$$c${d}");
  check_plain("/a%i", true, NULL);
  check_plain("/a%", true, NULL);
  check_plain("/a${d}", false, NULL);
  check_plain("$d", false, NULL);
  check_plain("$d", true, "$d");
}

int
main(void) {
  test_rows();
  test_found();
  test_meaning();
  test_unwrap();
  test_plain();
  return check_done();
}
