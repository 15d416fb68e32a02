// SPDX-License-Identifier: LGPL-2.1-or-later
// test_check_toml.c - hooks_dir in TOML files: where it stands, and what is not understood.
#include "hook/check_toml.h"
#include "tests/check.h"

static const struct row {
  const char *text;
  int result;
  const char *want; // the folders with blanks, or what a message holds
} rows[] = {
    {"", 0, ""},
    {"# hooks_dir = [\"/a\"]\n[engine]\n#hooks_dir = [\n#  \"/b\",\n#]\n", 0, ""},
    {"[engine]\nhooks_dir = [\"/a\"]\n", 1, "/a "},
    {"[engine]\nhooks_dir=['/a',\"/b\"] # both\nx = 1\n", 1, "/a /b "},
    {"[engine]\nhooks_dir = [\n  \"/a\", # first\n\n  \"/b\",\n]\n", 1, "/a /b "},
    {"[engine]\nhooks_dir = []\n", 1, ""},
    {"[ engine ]\n\"hooks_dir\" = [\"/a\"]\n", -1, "in another place"},
    {"engine.hooks_dir = [\"/a\"]\n", 1, "/a "},
    {"engine . hooks_dir = [\"/a\"]\n", 1, "/a "},
    {"[containers]\nlist = [\"x\", # ]\n \"y\"]\nenv = [\"a=[b\"]\n[engine]\nruntime = \"crun\"\nhooks_dir = [\"/a\"]",
     1, "/a "},
    {"[containers]\ntext = \"\"\"\n[engine]\nhooks_dir = [\"/no\"]\n\"\"\"\n[engine]\nhooks_dir = [\"/a\"]\n", 1,
     "/a "},
    {"x = '''\n[engine]\nhooks_dir = [\"/no\"]'''\n", 0, ""},
    {"x = \"\\\"\\n[engine]\"\n[engine]\nhooks_dir = [\"/a\"]\n", 1, "/a "},
    {"x = {a = [1, {b = 2}]}\n[engine]\nhooks_dir = [\"/a\"]\r\n", 1, "/a "},
    {"[engine.runtimes]\ncrun = [\n\"/usr/bin/crun\"]\n[engine]\nhooks_dir = [\"/a\"]\n", 1, "/a "},
    {"[[engine]]\nx = 1\n", 0, ""},
    {"engine = {hooks_dir = [\"/a\"]}\n", -1, "a table within a line"},
    {"[containers]\nhooks_dir = [\"/a\"]\n", -1, "in another place"},
    {"[engine.runtimes]\nhooks_dir = [\"/a\"]\n", -1, "in another place"},
    {"[engine]\nhooks_dir = \"/a\"\n", -1, "hooks_dir is a list"},
    {"[engine]\nhooks_dir = [\"/a\", {append=true}]\n", -1, "a list of plain strings"},
    {"[engine]\nhooks_dir = [\"/a\\u0062\"]\n", -1, "a string with escapes"},
    {"[engine]\nhooks_dir = [\"\"\"/a\"\"\"]\n", -1, "a list of plain strings"},
    {"[engine]\nhooks_dir = [\"/a\" \"/b\"]\n", -1, "a list that does not end"},
    {"[engine]\nhooks_dir = [\"/a\"", -1, "a list that does not end"},
    {"[engine]\nhooks_dir = [\"/a\n\"]", -1, "without an end"},
    {"[engine]\nhooks_dir = [\"/a\"] x = 1\n", -1, "something behind the list"},
    {"[engine]\nhooks_dir = [\"/a\"]\nhooks_dir = [\"/b\"]\n", -1, "twice"},
    {"[engine\nhooks_dir = [\"/a\"]\n", -1, "the name of a table"},
    {"[[engine]\nx = 1\n", -1, "the name of a table"},
    {"[engine]\nwhat\n", -1, "not NAME = VALUE"},
    {"[engine]\nx = [1, 2\n", -1, "a bracket that nothing closes"},
    {"[engine]\nx = 1]\n", -1, "a bracket that nothing opens"},
    {"[engine]\nx = \"a\n", -1, "a string that does not end"},
    {"[engine]\nx = '''a\n", -1, "a string that does not end"},
};

static void
test_row(const struct row *row) {
  static struct toml_folders folders;
  const struct source source = {"test.conf", row->text, strlen(row->text), true};
  struct diags diags = {0};
  char got[256] = "";
  folders.count = 0;
  CHECK_ROW(toml_read_folders(&source, "engine", &folders, &diags) == row->result, row->text);
  CHECK_ROW((row->result < 0) == (diags.errors > 0), row->text);
  if (row->result < 0) {
    if (diags.count == 0 || strstr(diags.items[0].text, row->want) == NULL)
      CHECK_STR(diags.count == 0 ? row->text : diags.items[0].text, row->want);
    return;
  }
  for (size_t i = 0; i < folders.count; i++) {
    strcat(got, folders.path[i]);
    strcat(got, " ");
  }
  CHECK_STR(got, row->want);
}

// Whatever a file is cut down to, reading ends, and nothing behind it is looked at.
static void
test_cut(void) {
  static struct toml_folders folders;
  static const char text[] =
      "[a]\nx = [\"b\", '''c''', {d = \"\\\"\"}] # e\n[[f]]\n[engine]\nhooks_dir = [\n\"/a\", # g\n'/b']\n";
  for (size_t length = 0; length < sizeof text; length++) {
    char copy[sizeof text];
    memcpy(copy, text, length);
    const struct source source = {"test.conf", copy, length, true};
    struct diags diags = {0};
    int result = toml_read_folders(&source, "engine", &folders, &diags);
    CHECK((result < 0) == (diags.errors > 0));
    CHECK(length < sizeof text - 1 || result == 1);
  }
}

int
main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    test_row(&rows[i]);
  test_cut();
  return check_done();
}
