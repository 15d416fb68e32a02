// SPDX-License-Identifier: LGPL-2.1-or-later
// test_unit_name.c - what is a name of a service, and the folders of drop-ins that belong to it.
#include "runner/unit_name.h"
#include "tests/check.h"
#include <stdio.h>

static const struct {
  const char *name;
  enum unit_name_kind kind;
} kinds[] = {
    {"a.service", UNIT_NAME_PLAIN},
    {"a-b:c_d.e\\x2d.service", UNIT_NAME_PLAIN},
    {"-a.service", UNIT_NAME_PLAIN},
    {".a.service", UNIT_NAME_PLAIN},
    {"a.socket.service", UNIT_NAME_PLAIN},
    {"a@.service", UNIT_NAME_TEMPLATE},
    {"a@b.service", UNIT_NAME_INSTANCE},
    {"a@b@c.service", UNIT_NAME_INSTANCE},
    {"a@@.service", UNIT_NAME_INSTANCE},
    {"a@b.service.service", UNIT_NAME_INSTANCE},
    {"", UNIT_NAME_NONE},
    {".service", UNIT_NAME_NONE},
    {"service", UNIT_NAME_NONE},
    {"a", UNIT_NAME_NONE},
    {"a.Service", UNIT_NAME_NONE},
    {"a.service ", UNIT_NAME_NONE},
    {"a.services", UNIT_NAME_NONE},
    {"a.socket", UNIT_NAME_NONE},
    {"@.service", UNIT_NAME_NONE},
    {"@a.service", UNIT_NAME_NONE},
    {"a b.service", UNIT_NAME_NONE},
    {"a/b.service", UNIT_NAME_NONE},
    {"a*.service", UNIT_NAME_NONE},
    {"a\n.service", UNIT_NAME_NONE},
    {"\xc3\xa4.service", UNIT_NAME_NONE},
    {"\x80.service", UNIT_NAME_NONE},
};

static void
test_kinds(void) {
  char name[UNIT_NAME_BYTES_MAX + 2];
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    CHECK_ROW(unit_name_kind(kinds[i].name) == kinds[i].kind, kinds[i].name);
  memset(name, 'a', sizeof name);
  memcpy(name + UNIT_NAME_BYTES_MAX - 8, ".service", 9);
  CHECK_INT(unit_name_kind(name), UNIT_NAME_PLAIN);
  memset(name, 'a', sizeof name);
  memcpy(name + UNIT_NAME_BYTES_MAX + 1 - 8, ".service", 9);
  CHECK_INT(unit_name_kind(name), UNIT_NAME_NONE);
}

static const struct {
  const char *name, *folders;
} walks[] = {
    {"a.service", "a"},
    {"a-b.service", "a-b a-"},
    {"a-b-c.service", "a-b-c a-b- a-"},
    {"a-.service", "a-"},
    {"a-b-.service", "a-b- a-"},
    {"a--b.service", "a--b a-- a-"},
    {"a--.service", "a-- a-"},
    {"a---.service", "a--- a-- a-"},
    {"-a.service", "-a"},
    {"-a-b.service", "-a-b -a-"},
    {"--a.service", "--a --"},
    {"a@i.service", "a@i a@"},
    {"a@i-j.service", "a@i-j a@"},
    {"a-b@.service", "a-b@ a-"},
    {"a-b@i.service", "a-b@i a-b@ a- a-@i a-@"},
    {"a-b-c@i.service", "a-b-c@i a-b-c@ a-b- a- a-b-@i a-b-@ a-@i a-@"},
    {"a-@i.service", "a-@i a-@"},
};

static void
test_walks(void) {
  for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
    struct unit_name_walk walk = {.name = walks[i].name};
    struct unit_name name;
    char got[512] = "";
    while (unit_name_next(&walk, &name)) {
      size_t length = strlen(name.text) - strlen(".service");
      CHECK_ROW(unit_name_kind(name.text) != UNIT_NAME_NONE, name.text);
      snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", got[0] == '\0' ? "" : " ", (int)length,
               name.text);
    }
    CHECK_STR(got, walks[i].folders);
  }
}

// The longest name with the most dashes.
static void
test_longest(void) {
  char name[UNIT_NAME_BYTES_MAX + 1];
  memset(name, '-', sizeof name);
  name[0] = 'a';
  memcpy(name + UNIT_NAME_BYTES_MAX - 10, "@i.service", 11);
  struct unit_name_walk walk = {.name = name};
  struct unit_name folder;
  int count = 0;
  while (unit_name_next(&walk, &folder))
    count++;
  CHECK_INT(count, 2 + 3 * (UNIT_NAME_BYTES_MAX - 12));
}

static void
test_instances(void) {
  struct unit_name out;
  CHECK(unit_name_same_instance("a@x.service", "b-c@x.service"));
  CHECK(!unit_name_same_instance("a@x.service", "a@y.service"));
  CHECK(!unit_name_same_instance("a@.service", "b@.service"));
  CHECK(!unit_name_same_instance("a.service", "b.service"));
  unit_name_template("a-b@c@d.service", &out);
  CHECK_STR(out.text, "a-b@.service");
  CHECK(unit_name_instantiate("a@.service", "b@c@d.service", &out));
  CHECK_STR(out.text, "a@c@d.service");
  char longest[UNIT_NAME_BYTES_MAX + 1];
  memset(longest, 'i', sizeof longest);
  memcpy(longest, "a@", 2);
  memcpy(longest + UNIT_NAME_BYTES_MAX - 8, ".service", 9);
  CHECK(unit_name_instantiate("b@.service", longest, &out) && unit_name_kind(out.text) == UNIT_NAME_INSTANCE);
  CHECK(!unit_name_instantiate("bb@.service", longest, &out));
}

int
main(void) {
  test_kinds();
  test_walks();
  test_longest();
  test_instances();
  return check_done();
}
