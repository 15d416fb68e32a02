// SPDX-License-Identifier: LGPL-2.1-or-later
// diagram_rules.c - rows of rules, from the top: at the highest bit that any of them asks for, into those that go on
// where it is clear, and those where it is set. Where the first of them asks for no more, it decides. That makes no
// node but those of the result; one rule behind the other would make many more.
//
// Only rules that give bits of arguments are looked at like this. Others, and rows that fall apart into too many, are
// put behind what is there.
#include "compat/diagram_rules.h"

// Rules in a row; indexes of rules in lists within one another; and how many lists.
#define CUBES_MAX 512
#define WAITING_MAX (1u << 15)
#define JOINS_MAX (1u << 14)

// A rule as bits of arguments that are given.
struct bits {
  uint64_t mask[6], value[6];
  diagram_t then;
};

struct joining {
  struct diagram_store *store;
  struct bits cubes[CUBES_MAX];
  uint16_t waiting[WAITING_MAX];
  uint32_t joins;
  bool failed; // too many for here, not an error
  bool meet;
};

// Where a list of rules stands: bits above are behind it.
struct place {
  unsigned argument;
  uint64_t below; // and including
};

// The bits of the place's argument that some of the rules still ask for.
static uint64_t
bits_asked(const struct joining *joining, const uint16_t *list, size_t count, struct place place) {
  uint64_t asked = 0;
  for (size_t i = 0; i < count; i++)
    asked |= joining->cubes[list[i]].mask[place.argument];
  return asked & place.below;
}

static bool
bits_are_settled(const struct bits *bits, struct place place) {
  uint64_t left = bits->mask[place.argument] & place.below;
  for (unsigned argument = place.argument + 1; argument < 6; argument++)
    left |= bits->mask[argument];
  return left == 0;
}

// What the first of a list does to all that is left; `meet` if another one would do something else.
static diagram_t
join_end(struct joining *joining, const uint16_t *list, size_t count) {
  const diagram_t then = joining->cubes[list[0]].then;
  for (size_t i = 1; i < count; i++)
    joining->meet = joining->meet || joining->cubes[list[i]].then != then;
  return then;
}

// Of a list those for which `bit` may be so; returns how many.
static size_t
list_narrow(const struct joining *joining, const uint16_t *list, size_t count, unsigned argument, uint64_t bit,
            bool set, uint16_t *out) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const struct bits *bits = &joining->cubes[list[i]];
    if ((bits->mask[argument] & bit) == 0 || ((bits->value[argument] & bit) != 0) == set)
      out[kept++] = list[i];
  }
  return kept;
}

// The list is the last that stands in joining->waiting. Goes down one bit with each step.
static diagram_t
join(struct joining *joining, const uint16_t *list, size_t count, struct place place) {
  const size_t used = (size_t)(list - joining->waiting) + count;
  uint16_t *more = joining->waiting + used;
  diagram_t sides[2];
  uint64_t asked;
  if (count == 0)
    return DIAGRAM_NONE;
  if (bits_are_settled(&joining->cubes[list[0]], place))
    return join_end(joining, list, count);
  if (joining->failed || WAITING_MAX - used < count || ++joining->joins == JOINS_MAX) {
    joining->failed = true;
    return DIAGRAM_NONE;
  }
  while ((asked = bits_asked(joining, list, count, place)) == 0)
    place = (struct place){place.argument + 1, UINT64_MAX};
  const unsigned highest = 63 - (unsigned)__builtin_clzll(asked);
  const uint64_t bit = (uint64_t)1 << highest;
  place.below = bit - 1;
  for (size_t set = 0; set < 2; set++)
    sides[set] = join(joining, more, list_narrow(joining, list, count, place.argument, bit, set != 0, more), place);
  return diagram_node(joining->store, place.argument, highest, sides[0], sides[1]);
}

enum cube_kind { CUBE_NONE, CUBE_NEVER, CUBE };

// The rule as bits, unless it asks for more than these.
static enum cube_kind
rule_bits(const struct diagram_rule *rule, struct bits *out) {
  *out = (struct bits){.then = diagram_action(rule->action)};
  for (size_t i = 0; i < rule->count; i++)
    if (rule->tests[i].op != TEST_EQ)
      return CUBE_NONE;
  for (size_t i = 0; i < rule->count; i++) {
    const struct test *test = &rule->tests[i];
    uint64_t *mask = &out->mask[test->argument], *value = &out->value[test->argument];
    if ((test->value & ~test->mask) != 0 || ((test->value ^ *value) & test->mask & *mask) != 0)
      return CUBE_NEVER;
    *mask |= test->mask;
    *value |= test->value;
  }
  return CUBE;
}

// Makes bits of the rules at the beginning, as long as they are such; returns of how many.
static size_t
collect_cubes(struct joining *joining, const struct diagram_rule *rules, size_t count, size_t *cubes) {
  size_t taken = 0;
  for (*cubes = 0; taken < count && *cubes < CUBES_MAX; taken++) {
    enum cube_kind kind = rule_bits(&rules[taken], &joining->cubes[*cubes]);
    if (kind == CUBE_NONE)
      break;
    joining->waiting[*cubes] = (uint16_t)*cubes;
    *cubes += kind == CUBE;
  }
  return taken;
}

static diagram_t
rule_alone(struct diagram_store *store, const struct diagram_rule *rule) {
  diagram_t then = diagram_action(rule->action);
  for (size_t i = 0; i < rule->count; i++)
    then = diagram_both(store, diagram_test(store, &rule->tests[i], diagram_action((struct action){ACTION_ALLOW, 0})),
                        then);
  return then;
}

// The rules at the beginning that can be looked at together; returns how many.
static size_t
first_rules(struct joining *joining, const struct diagram_rule *rules, size_t count, diagram_t *out) {
  size_t cubes, taken = joining->failed ? 0 : collect_cubes(joining, rules, count, &cubes);
  if (taken > 0)
    *out = join(joining, joining->waiting, cubes, (struct place){0, UINT64_MAX});
  if (taken > 0 && !joining->failed)
    return taken;
  *out = rule_alone(joining->store, &rules[0]);
  return 1;
}

diagram_t
diagram_rules(struct diagram_store *store, const struct diagram_rule *rules, size_t count, bool *meet) {
  static struct joining joining;
  diagram_t all = DIAGRAM_NONE, one;
  joining.store = store;
  joining.joins = 0;
  joining.failed = joining.meet = false;
  for (size_t i = 0; i < count;) {
    i += first_rules(&joining, rules + i, count - i, &one);
    diagram_t next = diagram_first(store, all, one);
    joining.meet = joining.meet || (meet != NULL && next != diagram_first(store, one, all));
    all = next;
  }
  if (meet != NULL)
    *meet = joining.meet;
  return all;
}
