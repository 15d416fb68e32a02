// SPDX-License-Identifier: LGPL-2.1-or-later
// condition.c - asks both policies about each stretch between the values that one argument is compared with.
#include "runner/analyze/condition.h"
#include "compat/arguments.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// More different values than this, or more stretches, are no simple condition.
enum { VALUES_MAX = 256, STRETCHES_MAX = 8 };

// What the tests of one number look at: (argument & mask), and the first values of the stretches that they make of it.
struct looked_at {
  const struct policy *policy; // whose candidates are gathered
  bool any, simple;
  unsigned argument;
  uint64_t mask;
  uint64_t starts[2 * VALUES_MAX + 1];
  size_t count;
};

// The next larger value that has no bit outside the mask; 0 after the last.
static uint64_t
value_after(uint64_t value, uint64_t mask) {
  return ((value | ~mask) + 1) & mask;
}

static bool
take_test(struct looked_at *looked, const struct test *test) {
  uint64_t mask = test->mask;
  if (!looked->any) {
    looked->any = true;
    looked->argument = test->argument;
    looked->mask = mask;
  }
  if (looked->argument != test->argument || looked->mask != mask || (test->value & ~mask) != 0
      || looked->count + 2 > 2 * VALUES_MAX)
    return false;
  looked->starts[looked->count++] = test->value;
  looked->starts[looked->count++] = value_after(test->value, mask);
  return true;
}

static bool
take_candidate(void *context, const struct candidate *candidate) {
  struct looked_at *looked = context;
  looked->simple &= !candidate->chosen;
  for (uint32_t i = 0; i < candidate->rule->test_count && looked->simple; i++)
    looked->simple = take_test(looked, &looked->policy->tests[candidate->rule->first_test + i]);
  return looked->simple;
}

static void
look(struct looked_at *looked, const struct policy *policy, const struct difference *difference) {
  looked->policy = policy;
  for (size_t i = 0; i < policy->layer_count && (policy->abis & ABI_BIT(difference->abi)) != 0; i++)
    policy_candidates(policy, &policy->layers[i], difference->abi, difference->number, take_candidate, looked);
}

static int
compare_values(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

// 0 begins the first stretch; every other one begins with a value or behind one.
static void
sort_starts(struct looked_at *looked) {
  size_t kept = 0;
  looked->starts[looked->count++] = 0;
  qsort(looked->starts, looked->count, sizeof looked->starts[0], compare_values);
  for (size_t i = 0; i < looked->count; i++)
    if (kept == 0 || looked->starts[kept - 1] != looked->starts[i])
      looked->starts[kept++] = looked->starts[i];
  looked->count = kept;
}

struct stretches {
  struct {
    uint64_t first, last;
  } items[STRETCHES_MAX];
  size_t count;
  bool overflow;
};

static void
stretch_add(struct stretches *stretches, uint64_t first, uint64_t last, uint64_t mask) {
  if (stretches->count > 0 && value_after(stretches->items[stretches->count - 1].last, mask) == first)
    stretches->items[stretches->count - 1].last = last;
  else if (stretches->count == STRETCHES_MAX)
    stretches->overflow = true;
  else {
    stretches->items[stretches->count].first = first;
    stretches->items[stretches->count++].last = last;
  }
}

static bool
differs_at(const struct policy *a, const struct policy *b, const struct difference *difference, unsigned argument,
           uint64_t value) {
  uint64_t args[6] = {0};
  args[argument] = value;
  return action_equal(policy_decide(a, difference->abi, difference->number, args).action, difference->a)
         && action_equal(policy_decide(b, difference->abi, difference->number, args).action, difference->b);
}

// "1000" and less in decimal, more in hexadecimal.
static size_t
value_write(char *out, size_t size, uint64_t value, bool is_bits) {
  return (size_t)snprintf(out, size, is_bits || value > 1000 ? "0x%llx" : "%llu", (unsigned long long)value);
}

// The argument in that register, or NULL if the tables do not have it.
static const struct argument *
argument_in(enum abi abi, call_t call, unsigned place) {
  size_t count = 0;
  const struct argument *arguments = call == CALL_NONE ? NULL : arguments_of(call, &count);
  for (size_t i = 0; i < count; i++)
    if ((abi == ABI_I386 ? arguments[i].place_i386 : arguments[i].place) == (int)place)
      return &arguments[i];
  return NULL;
}

// "domain", "(flags & 0x10)", "a0" for the whole register of an argument that the kernel reads less of.
static size_t
left_write(char *out, size_t size, const struct difference *difference, const struct looked_at *looked, bool *is_bits) {
  const struct argument *argument =
      argument_in(difference->abi, calls_at(difference->abi, difference->number), looked->argument);
  uint64_t read = argument == NULL || argument->bits >= 64 ? UINT64_MAX : ((uint64_t)1 << argument->bits) - 1;
  char name[ARGUMENT_NAME_BYTES];
  if (argument != NULL && (looked->mask & ~read) == 0)
    snprintf(name, sizeof name, "%s", argument->name);
  else {
    snprintf(name, sizeof name, "a%u", looked->argument);
    read = UINT64_MAX;
  }
  *is_bits = looked->mask != read;
  if (!*is_bits)
    return (size_t)snprintf(out, size, "%s", name);
  return (size_t)snprintf(out, size, "(%s & 0x%llx)", name, (unsigned long long)looked->mask);
}

static bool
stretches_write(const struct stretches *stretches, bool is_bits, char *out, size_t size) {
  size_t length = 0;
  for (size_t i = 0; i < stretches->count && length < size; i++) {
    length += (size_t)snprintf(out + length, size - length, "%s", i == 0 ? " " : ", ");
    if (length < size)
      length += value_write(out + length, size - length, stretches->items[i].first, is_bits);
    if (length + 2 < size && stretches->items[i].last != stretches->items[i].first) {
      length += (size_t)snprintf(out + length, size - length, "..");
      length += value_write(out + length, size - length, stretches->items[i].last, is_bits);
    }
  }
  return length < size;
}

bool
condition_write(const struct policy *a, const struct policy *b, const struct difference *difference,
                char out[CONDITION_BYTES]) {
  struct looked_at looked = {.simple = true};
  struct stretches like = {.count = 0}, unlike = {.count = 0};
  bool is_bits;
  look(&looked, a, difference);
  look(&looked, b, difference);
  if (!looked.any || !looked.simple)
    return false;
  sort_starts(&looked);
  for (size_t i = 0; i < looked.count; i++) {
    uint64_t last = i + 1 < looked.count ? (looked.starts[i + 1] - 1) & looked.mask : looked.mask;
    bool differs = differs_at(a, b, difference, looked.argument, looked.starts[i]);
    stretch_add(differs ? &like : &unlike, looked.starts[i], last, looked.mask);
  }
  bool inverted = like.overflow || (!unlike.overflow && unlike.count < like.count);
  const struct stretches *shown = inverted ? &unlike : &like;
  if (shown->overflow || shown->count == 0)
    return false;
  size_t length = left_write(out, CONDITION_BYTES, difference, &looked, &is_bits);
  length += (size_t)snprintf(out + length, CONDITION_BYTES - length, inverted ? " is not" : " is");
  return stretches_write(shown, is_bits, out + length, CONDITION_BYTES - length);
}

const char *
condition_example(const struct difference *difference, char out[EXAMPLE_BYTES]) {
  call_t call = calls_at(difference->abi, difference->number);
  size_t count = 0, shown = 1, length;
  if (call == CALL_NONE) {
    length = (size_t)snprintf(out, EXAMPLE_BYTES, "%u(", difference->number & ~X32_BIT);
  } else {
    length = (size_t)snprintf(out, EXAMPLE_BYTES, "%.40s(", calls_name(call));
    (void)arguments_of(call, &count);
  }
  shown = count > shown ? count : shown;
  for (size_t i = shown; i < 6; i++)
    if (difference->args[i] != 0)
      shown = i + 1;
  for (size_t i = 0; i < shown && i < 6; i++) {
    length += (size_t)snprintf(out + length, EXAMPLE_BYTES - length, "%s", i == 0 ? "" : ", ");
    length += value_write(out + length, EXAMPLE_BYTES - length, difference->args[i], false);
  }
  snprintf(out + length, EXAMPLE_BYTES - length, ")");
  return out;
}
