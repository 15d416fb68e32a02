// SPDX-License-Identifier: LGPL-2.1-or-later
// test_policy_file.c - lines of policy files, as systemd's own parser takes them, and where scrun is stricter.
#include "compat/policy_file.h"
#include "tests/check.h"

// What was read, as "NAME=word <word with blanks>|NAME=word", and the errors as "line:column text|...".
static void
read_all(const char *text, size_t length, char *out, size_t size, char *errors, size_t errors_size) {
  struct source source = {"f", text, length, true};
  struct diags diags = {0};
  struct policy_file file = {0};
  struct assignment line;
  size_t at = 0;
  out[0] = errors[0] = '\0';
  if (text_open(&file.text, &source, &diags)) {
    while (policy_file_next(&file, &line, &diags)) {
      struct source_pos word;
      bool closed, first = true;
      at += (size_t)snprintf(out + at, size - at, "%s%.*s=", at > 0 ? "|" : "", (int)line.name.length,
                             text_bytes(line.name));
      for (; text_word(&line.value, &word, &closed); first = false)
        at += (size_t)snprintf(out + at, size - at, memchr(text_bytes(word), ' ', word.length) ? "%s<%.*s>" : "%s%.*s",
                               first ? "" : " ", (int)word.length, text_bytes(word));
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

static const struct row {
  const char *text, *want, *errors;
} rows[] = {
    {"", "", ""},
    {"\n\n  \n\t\n", "", ""},
    {"A=b", "A=b", ""},
    {"A=b c\nB=d\n", "A=b c|B=d", ""},
    // systemd: leading white space, blanks around "=".
    {"  A = b  c  \n\tB\t=\td", "A=b c|B=d", ""},
    // systemd: CRLF and a byte order mark.
    {"\xef\xbb\xbf"
     "A=b\r\nB=c\r\n",
     "A=b|B=c", ""},
    {"\xef\xbb\xbf"
     "# x\r\nB=c",
     "B=c", ""},
    // systemd: only whole-line comments; what follows a value belongs to it.
    {"# A=b\n; B=c\n  # D=e\nE=f # g\n", "E=f # g", ""},
    {"A=b ; c", "A=b ; c", ""},
    // systemd: a backslash at the end continues the line, with comments inside, and at the end of the file.
    {"A=b \\\n c\nB=d", "A=b c|B=d", ""},
    {"A=b\\\nc", "A=b c", ""},
    {"A=b \\\n# comment\n  ; another \\\n c\nB=d", "A=b c|B=d", ""},
    {"A=b \\\r\n# comment\r\n c\r\nB=d", "A=b c|B=d", ""},
    {"A=b \\", "A=b", ""},
    {"A=b\\", "A=b", ""},
    {"A=b \\\n", "A=b", ""},
    {"A=b \\\n# comment", "A=b", ""},
    {"A=b \\\n\nB=c", "A=b|B=c", ""},
    {"A=b \\\n\\\n\\\n c", "A=b c", ""},
    {"A=\\\nb", "A=b", ""},
    {"A\\\n=b", "A=b", ""},
    {"A\\=b", "A\\=b", ""},
    {"A \\\n = b", "A=b", ""},
    {"\\\nA=b", "A=b", ""},
    // A comment's own backslash continues nothing.
    {"# x \\\nA=b", "A=b", ""},
    // Two backslashes are none that continues: the first takes the second with it.
    {"A=b\\\\\nB=c", "A=b\\\\|B=c", ""},
    {"A=b\\\\\\\nc", "A=b\\\\ c", ""},
    {"A=b\\c", "A=b\\c", ""},
    {"A=b\\ c", "A=<b\\ c>", ""},
    // Parentheses keep a word together, over line ends too.
    {"A=b(c == 1) d", "A=<b(c == 1)> d", ""},
    {"A=b(!(c & 1) || d):E e", "A=<b(!(c & 1) || d):E> e", ""},
    {"A=b(c \\\n d) e", "A=<b(c \\\n d)> e", ""},
    // systemd: repeated [Service] headers merge.
    {"[Service]\nA=b\n[Service]\nB=c", "A=b|B=c", ""},
    {"A=b\n  [Service]  \nB=c", "A=b|B=c", ""},
    // Not as systemd, which ignores what it does not know: other sections are errors.
    {"[Unit]\nA=b\n[Service]\nB=c", "B=c", "1:1 a policy file has no section but [Service]"},
    {"[X-Scrun]\nA=b", "", "1:1 a policy file has no section but [Service]"},
    {"[service]\nA=b", "", "1:1 a policy file has no section but [Service]"},
    {"[Service\nA=b", "", "1:1 a policy file has no section but [Service]"},
    {"[Service] x\nA=b", "", "1:1 a policy file has no section but [Service]"},
    // Nor is a key beginning with X- passed over: the reader is handed it as any other, and has no such property.
    {"[Service]\nX-Key=b\nA=c\n X-Other =", "X-Key=b|A=c|X-Other=", ""},
    {"A=b\n[X-Key]\nX-Key=c", "A=b", "2:1 a policy file has no section but [Service]"},
    // Nor is a line without "=" passed over.
    {"A=b\n  junk here\nB=c", "A=b|B=c", "2:3 not a setting: there is no \"=\""},
    {"junk", "", "1:1 not a setting: there is no \"=\""},
    {"=b", "", "1:1 there is no name before \"=\""},
    {" =", "", "1:2 there is no name before \"=\""},
    {"A B=c", "A B=c", ""},
    {"A=b=c", "A=b=c", ""},
    {"A=", "A=", ""},
    {"A=  \nB=", "A=|B=", ""},
    // systemd ends a line at a bare carriage return, most programs show none: refused.
    {"# x\rA=b", "", "1:4 a carriage return in the middle of a line"},
    {"A=b\r", "", "1:4 a carriage return in the middle of a line"},
};

static void
test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char got[512], errors[512];
    read_all(rows[i].text, strlen(rows[i].text), got, sizeof got, errors, sizeof errors);
    if (strcmp(got, rows[i].want) != 0 || strcmp(errors, rows[i].errors) != 0)
      fprintf(stderr, "row %zu\n", i);
    CHECK_STR(got, rows[i].want);
    CHECK_STR(errors, rows[i].errors);
  }
}

static void
test_refused_bytes(void) {
  char got[64], errors[256];
  read_all("A=b\n\0B=c", 8, got, sizeof got, errors, sizeof errors);
  CHECK_STR(got, "");
  CHECK_STR(errors, "2:1 there is a NUL byte in the text");
  static char big[TEXT_BYTES_MAX + 1];
  memset(big, '\n', sizeof big);
  read_all(big, sizeof big, got, sizeof got, errors, sizeof errors);
  CHECK_STR(errors, "1:1 longer than 1048576 bytes");
  read_all(big, sizeof big - 1, got, sizeof got, errors, sizeof errors);
  CHECK_STR(errors, "");
}

// Every prefix of a text with everything in it ends, and stays inside (the sanitizers watch).
static void
test_prefixes(void) {
  static const char text[] = "\xef\xbb\xbf# c\r\n[Service]\nA = b(c \\\r\n# d\n e) f\\\\ \\g \\\n; h\n\ni\n[X]\nJ=k\\";
  char got[512], errors[512];
  for (size_t length = 0; length < sizeof text; length++) {
    char copy[sizeof text];
    memcpy(copy, text, length);
    read_all(copy, length, got, sizeof got, errors, sizeof errors);
    CHECK(strlen(got) < sizeof got - 1);
  }
}

static void
test_properties(void) {
  static const struct {
    const char *text, *name;
    uint32_t value;
  } good[] = {{"A=b", "A", 2}, {"A=", "A", 2}, {"A ==b", "A ", 3}, {"A=\nb", "A", 2}};
  static const char *const bad[] = {"", "A", "=b", "="};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct source source = {"--property", good[i].text, strlen(good[i].text), false};
    struct diags diags = {0};
    struct text text;
    struct assignment line;
    CHECK_ROW(text_open(&text, &source, &diags) && policy_property_split(&text, &line, &diags), good[i].text);
    CHECK_ROW(line.name.length == strlen(good[i].name) && line.value.at == good[i].value, good[i].text);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct source source = {"--property", bad[i], strlen(bad[i]), false};
    struct diags diags = {0};
    struct text text;
    struct assignment line;
    CHECK_ROW(text_open(&text, &source, &diags) && !policy_property_split(&text, &line, &diags), bad[i]);
    CHECK_INT(diags.errors, 1);
  }
}

int
main(void) {
  test_rows();
  test_refused_bytes();
  test_prefixes();
  test_properties();
  return check_done();
}
