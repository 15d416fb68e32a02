// SPDX-License-Identifier: LGPL-2.1-or-later
// diff_rows.c - from differences of numbers to rows for calls: what changes alike on several ABIs is one row.
#include "compat/array.h"
#include "runner/analyze/diff.h"
#include "runner/points.h"
#include <stdlib.h>
#include <string.h>

struct found {
  struct difference *items;
  size_t count, room;
  bool failed;
};

static bool
found_add(void *context, const struct difference *difference) {
  struct found *found = context;
  struct difference *items = array_grow(found->items, &found->room, found->count + 1, 512, sizeof *items);
  if (items == NULL) {
    found->failed = true;
    return false;
  }
  found->items = items;
  found->items[found->count++] = *difference;
  return true;
}

static enum change
change_of(struct action a, struct action b) {
  if (action_refuses(a) == action_refuses(b))
    return CHANGE_OTHER;
  return action_refuses(a) ? CHANGE_ALLOWED : CHANGE_REFUSED;
}

// A new row, or NULL if memory is out.
static struct diff_row *
row_add(struct diff *diff, const char *name, unsigned way, const struct difference *difference) {
  struct diff_row *rows = array_grow(diff->rows, &diff->row_room, diff->row_count + 1, 256, sizeof *rows);
  if (rows == NULL)
    return NULL;
  diff->rows = rows;
  struct diff_row *row = &rows[diff->row_count++];
  *row = (struct diff_row){.change = change_of(difference->a, difference->b),
                           .name = name,
                           .ways = 1u << way,
                           .a = difference->a,
                           .b = difference->b};
  return row;
}

static void
row_set_arguments(struct diff *diff, struct diff_row *row, const struct difference *difference) {
  if (difference->whole)
    return;
  if (!condition_write(diff->a, diff->b, difference, row->condition))
    row->condition[0] = '\0';
  condition_example(difference, row->example);
  memcpy(row->args, difference->args, sizeof row->args);
}

static uint32_t
plain_number(enum abi abi, uint32_t number) {
  return abi == ABI_X32 ? number & ~X32_BIT : number;
}

// x86's socketcall and ipc.

static bool
is_same_number(const struct difference *a, const struct difference *b) {
  return a->abi == b->abi && a->number == b->number;
}

// Each call inside, and behind the last of them the multiplexer itself.
static bool
add_choice(struct diff *diff, const struct multiplexer *multiplexer, uint32_t choice) {
  const uint64_t args[6] = {choice};
  bool is_itself = choice == multiplexer->inner_count;
  struct difference difference = {.abi = ABI_I386, .whole = true};
  if (!is_itself && multiplexer->inner[choice] == CALL_NONE)
    return true;
  difference.a = policy_decide(diff->a, ABI_I386, multiplexer->number, args).action;
  difference.b = policy_decide(diff->b, ABI_I386, multiplexer->number, args).action;
  if (action_equal(difference.a, difference.b))
    return true;
  const char *name = calls_name(is_itself ? multiplexer->call : multiplexer->inner[choice]);
  return row_add(diff, name, is_itself ? ABI_I386 : WAY_THROUGH, &difference) != NULL;
}

static bool
has_row(const struct diff *diff, size_t first, const struct difference *difference) {
  for (size_t i = first; i < diff->row_count; i++)
    if (action_equal(diff->rows[i].a, difference->a) && action_equal(diff->rows[i].b, difference->b))
      return true;
  return false;
}

// What none of the choices shows hangs on arguments that only a rule on the multiplexer itself looks at.
static bool
add_multiplexer(struct diff *diff, const struct multiplexer *multiplexer, const struct difference *differences,
                size_t count) {
  size_t first = diff->row_count;
  for (uint32_t choice = 0; choice <= multiplexer->inner_count; choice++)
    if (!add_choice(diff, multiplexer, choice))
      return false;
  for (size_t i = 0; i < count && is_same_number(&differences[0], &differences[i]); i++) {
    if (has_row(diff, first, &differences[i]))
      continue;
    struct diff_row *row = row_add(diff, calls_name(multiplexer->call), ABI_I386, &differences[i]);
    if (row == NULL)
      return false;
    row_set_arguments(diff, row, &differences[i]);
  }
  return true;
}

// Numbers: one with a name, or a rule that looks at arguments, is a row; the others are gathered.

static bool
add_call(struct diff *diff, const struct difference *difference, uint32_t number) {
  struct difference one = *difference;
  call_t call = calls_at(difference->abi, number);
  one.number = one.last = number;
  struct diff_row *row = row_add(diff, call == CALL_NONE ? NULL : calls_name(call), difference->abi, &one);
  if (row == NULL)
    return false;
  if (call == CALL_NONE)
    snprintf(row->numbers, sizeof row->numbers, "%u", plain_number(one.abi, number));
  row_set_arguments(diff, row, &one);
  return true;
}

// The numbers from `number` on that no call has, as far as the stretch goes; 0 if it has a name.
static uint64_t
nameless_from(const struct difference *difference, uint64_t number) {
  uint64_t next = number;
  while (next <= difference->last && calls_at(difference->abi, (uint32_t)next) == CALL_NONE) {
    bool beyond = plain_number(difference->abi, (uint32_t)next) >= CALL_NUMBERS;
    next = beyond ? (uint64_t)difference->last + 1 : next + 1;
  }
  return next - number;
}

static const struct multiplexer *
multiplexer_on(enum abi abi, uint64_t number) {
  return abi == ABI_I386 ? multiplexer_at((uint32_t)number) : NULL;
}

static bool
add_number(struct diff *diff, const struct difference *difference, uint32_t number) {
  const struct multiplexer *multiplexer = multiplexer_on(difference->abi, number);
  return multiplexer != NULL ? add_multiplexer(diff, multiplexer, difference, 1) : add_call(diff, difference, number);
}

static bool
add_stretch(struct diff *diff, const struct difference *difference, struct found *nameless) {
  for (uint64_t number = difference->number; number <= difference->last;) {
    uint64_t length = difference->whole ? nameless_from(difference, number) : 0;
    struct difference part = *difference;
    part.number = (uint32_t)number;
    part.last = (uint32_t)(number + length - 1);
    if (length > 0 ? !found_add(nameless, &part) : !add_number(diff, difference, (uint32_t)number))
      return false;
    number += length > 0 ? length : 1;
  }
  return true;
}

static void
numbers_add(char out[NUMBERS_BYTES], uint32_t first, uint32_t last) {
  size_t length = strlen(out);
  char text[40];
  size_t added = first == last ? (size_t)snprintf(text, sizeof text, "%u", first)
                               : (size_t)snprintf(text, sizeof text, "%u..%u", first, last);
  if (length + added + sizeof ", ..." >= NUMBERS_BYTES)
    snprintf(out + length, NUMBERS_BYTES - length, "%s", length > 4 && out[length - 1] == '.' ? "" : ", ...");
  else
    snprintf(out + length, NUMBERS_BYTES - length, "%s%s", length > 0 ? ", " : "", text);
}

// The stretches of one ABI that change alike, one row for all of them.
static bool
add_nameless(struct diff *diff, struct found *nameless) {
  for (size_t i = 0; i < nameless->count; i++) {
    struct difference *first = &nameless->items[i];
    if (first->count == 0)
      continue;
    struct diff_row *row = row_add(diff, NULL, first->abi, first);
    if (row == NULL)
      return false;
    for (size_t j = i; j < nameless->count; j++) {
      struct difference *next = &nameless->items[j];
      if (next->count == 0 || !action_equal(next->a, row->a) || !action_equal(next->b, row->b))
        continue;
      uint32_t last = next->last;
      next->count = 0; // done
      for (; j + 1 < nameless->count && nameless->items[j + 1].number == (uint64_t)last + 1
             && action_equal(nameless->items[j + 1].a, row->a) && action_equal(nameless->items[j + 1].b, row->b);
           j++) {
        last = nameless->items[j + 1].last;
        nameless->items[j + 1].count = 0;
      }
      numbers_add(row->numbers, plain_number(first->abi, next->number), plain_number(first->abi, last));
    }
  }
  return true;
}

// True if all that can be asked on the ABI changes in the same way.
static bool
is_all_of_abi(const struct difference *differences, size_t count) {
  static const uint64_t sizes[ABI_COUNT] = {
      [ABI_NONE] = (uint64_t)UINT32_MAX + 1,
      [ABI_X86_64] = (uint64_t)X32_BIT + 1,
      [ABI_X32] = UINT32_MAX - X32_BIT,
      [ABI_I386] = (uint64_t)UINT32_MAX + 1,
  };
  uint64_t covered = 0;
  for (size_t i = 0; i < count; i++) {
    if (!differences[i].whole || !action_equal(differences[i].a, differences[0].a)
        || !action_equal(differences[i].b, differences[0].b))
      return false;
    covered += (uint64_t)differences[i].last - differences[i].number + 1;
  }
  return covered == sizes[differences[0].abi];
}

// An ABI that one of the policies leaves out: a row for each answer of the other.
static bool
add_answers(struct diff *diff, const struct difference *differences, size_t count) {
  size_t first = diff->row_count;
  for (size_t i = 0; i < count; i++) {
    if (has_row(diff, first, &differences[i]))
      continue;
    struct diff_row *row = row_add(diff, NULL, differences[i].abi, &differences[i]);
    if (row == NULL)
      return false;
    row->answered_so = true;
  }
  return true;
}

// The differences of one ABI.
static bool
add_abi(struct diff *diff, const struct difference *differences, size_t count) {
  struct found nameless = {NULL, 0, 0, false};
  if (is_all_of_abi(differences, count))
    return row_add(diff, NULL, differences[0].abi, &differences[0]) != NULL;
  if (((diff->a->abis ^ diff->b->abis) & ABI_BIT(differences[0].abi)) != 0)
    return add_answers(diff, differences, count);
  bool done = true;
  for (size_t i = 0; i < count && done; i++) {
    const struct multiplexer *multiplexer = multiplexer_on(differences[i].abi, differences[i].number);
    if (multiplexer == NULL || differences[i].number != differences[i].last)
      done = add_stretch(diff, &differences[i], &nameless);
    else if (i == 0 || !is_same_number(&differences[i - 1], &differences[i]))
      done = add_multiplexer(diff, multiplexer, differences + i, count - i);
  }
  done = done && add_nameless(diff, &nameless);
  free(nameless.items);
  return done;
}

// What neither policy names: where that changes, one row says so for all calls that go with it.

struct rest {
  enum abi abi;
  struct action a, b; // what such a call gets
};

// A number that has no call, is not newer than the tables, and that rules hardly name.
static struct rest
rest_of(const struct diff *diff, enum abi abi) {
  static const uint64_t args[6];
  uint32_t number = abi == ABI_X32 ? X32_BIT | (CALLS_END - 1) : UINT32_MAX;
  while (calls_at(abi, number) != CALL_NONE)
    number--;
  return (struct rest){abi, policy_decide(diff->a, abi, number, args).action,
                       policy_decide(diff->b, abi, number, args).action};
}

static bool
row_is_rest(const struct diff_row *row, const struct rest *rest) {
  return row->example[0] == '\0' && action_equal(row->a, rest->a) && action_equal(row->b, rest->b);
}

static bool
is_found(const struct difference *differences, size_t count, uint32_t number) {
  for (size_t i = 0; i < count; i++)
    if (differences[i].number <= number && number <= differences[i].last)
      return true;
  return false;
}

// True if both policies give `number` for some arguments what the rest got before. Too many cases count as that.
static bool
is_unchanged(struct diff *diff, const struct rest *rest, uint32_t number) {
  static struct points points; // too large for the stack
  uint32_t words[POINT_WORDS];
  uint64_t args[6];
  points_clear(&points);
  points_add_policy(&points, diff->a, rest->abi, number);
  if (!points_first(&points, words))
    return true;
  do {
    points_arguments(words, args);
    if (action_equal(policy_decide(diff->a, rest->abi, number, args).action, rest->a))
      return true;
  } while (points_next(&points, words));
  return false;
}

static bool
add_unchanged(struct diff *diff, const struct rest *rest, const char *name, unsigned way, uint32_t number) {
  struct difference same = {.abi = rest->abi, .whole = true, .a = rest->a, .b = rest->a};
  struct diff_row *row = row_add(diff, name, way, &same);
  if (row == NULL)
    return false;
  row->change = CHANGE_SAME;
  if (name == NULL)
    snprintf(row->numbers, sizeof row->numbers, "%u", plain_number(rest->abi, number));
  return true;
}

// Of a multiplexer, the choices for themselves: those that change have rows.
static bool
add_unchanged_choices(struct diff *diff, const struct rest *rest, const struct multiplexer *multiplexer) {
  for (uint32_t choice = 0; choice <= multiplexer->inner_count; choice++) {
    const uint64_t args[6] = {choice};
    bool is_itself = choice == multiplexer->inner_count;
    if ((!is_itself && multiplexer->inner[choice] == CALL_NONE)
        || !action_equal(policy_decide(diff->a, ABI_I386, multiplexer->number, args).action, rest->a)
        || !action_equal(policy_decide(diff->b, ABI_I386, multiplexer->number, args).action, rest->a))
      continue;
    const char *name = calls_name(is_itself ? multiplexer->call : multiplexer->inner[choice]);
    if (!add_unchanged(diff, rest, name, is_itself ? ABI_I386 : WAY_THROUGH, multiplexer->number))
      return false;
  }
  return true;
}

// Rows for what one of the policies names, and that the change of the rest passes by.
static bool
add_all_unchanged(struct diff *diff, const struct rest *rest, const struct policy *policy,
                  const struct difference *differences, size_t count) {
  size_t number_count;
  const uint32_t *numbers = policy_numbers(policy, rest->abi, &number_count);
  for (size_t i = 0; i < number_count; i++) {
    const struct multiplexer *multiplexer = multiplexer_on(rest->abi, numbers[i]);
    call_t call = calls_at(rest->abi, numbers[i]);
    if (multiplexer != NULL && !add_unchanged_choices(diff, rest, multiplexer))
      return false;
    if (multiplexer == NULL && !is_found(differences, count, numbers[i]) && is_unchanged(diff, rest, numbers[i])
        && !add_unchanged(diff, rest, call == CALL_NONE ? NULL : calls_name(call), rest->abi, numbers[i]))
      return false;
  }
  return true;
}

// True if numbers that a kernel newer than the tables may have stay at what the rest got.
static bool
is_newer_unchanged(const struct diff *diff, const struct rest *rest) {
  for (size_t i = 0; i < diff->a->layer_count + diff->b->layer_count; i++) {
    const struct layer *layer =
        i < diff->a->layer_count ? &diff->a->layers[i] : &diff->b->layers[i - diff->a->layer_count];
    if (layer->newer.kind != ACTION_NONE && action_equal(layer->newer, rest->a))
      return true;
  }
  return false;
}

// Takes the rows from `first` on that go with the rest out, up to `end`. Returns how many are left.
static size_t
rows_without_rest(struct diff *diff, const struct rest *rest, size_t first, size_t end) {
  size_t kept = first;
  for (size_t i = first; i < diff->row_count; i++)
    if (i >= end || !row_is_rest(&diff->rows[i], rest))
      diff->rows[kept++] = diff->rows[i];
  return kept;
}

// Once the rows of an ABI are there, from `first` on: says it shorter if that is shorter.
static bool
rows_shorten(struct diff *diff, size_t first, const struct difference *differences, size_t count) {
  const struct rest rest = rest_of(diff, differences[0].abi);
  const struct difference all = {.abi = rest.abi, .whole = true, .a = rest.a, .b = rest.b};
  size_t end = diff->row_count, going = 0;
  if (action_equal(rest.a, rest.b) || is_newer_unchanged(diff, &rest))
    return true;
  for (size_t i = first; i < end; i++)
    going += row_is_rest(&diff->rows[i], &rest);
  if (!add_all_unchanged(diff, &rest, diff->a, differences, count)
      || !add_all_unchanged(diff, &rest, diff->b, differences, count))
    return false;
  if (going <= 1 || diff->row_count - end >= going) {
    diff->row_count = end;
    return true;
  }
  diff->row_count = rows_without_rest(diff, &rest, first, end);
  struct diff_row *row = row_add(diff, NULL, rest.abi, &all);
  if (row != NULL)
    row->answered_so = row->is_rest = true;
  return row != NULL;
}

// Sorting and merging.

static int
compare_actions(struct action a, struct action b) {
  if (a.kind != b.kind)
    return a.kind < b.kind ? -1 : 1;
  return (a.data > b.data) - (a.data < b.data);
}

// All but the ways: rows that are equal here become one.
static int
compare_content(const struct diff_row *a, const struct diff_row *b) {
  if (a->change != b->change)
    return a->change < b->change ? -1 : 1;
  if ((a->name == NULL) != (b->name == NULL))
    return a->name == NULL ? 1 : -1;
  int order = a->name != NULL ? strcmp(a->name, b->name) : 0;
  if (order == 0 && a->name == NULL && strlen(a->numbers) != strlen(b->numbers))
    order = strlen(a->numbers) < strlen(b->numbers) ? -1 : 1;
  if (order == 0)
    order = strcmp(a->numbers, b->numbers);
  if (order == 0)
    order = compare_actions(a->a, b->a);
  if (order == 0)
    order = compare_actions(a->b, b->b);
  if (order == 0)
    order = a->answered_so - b->answered_so;
  if (order == 0)
    order = a->is_rest - b->is_rest;
  if (order == 0)
    order = (a->example[0] != '\0') - (b->example[0] != '\0');
  return order != 0 ? order : strcmp(a->condition, b->condition);
}

static int
compare_rows(const void *a, const void *b) {
  const struct diff_row *left = a, *right = b;
  int order = compare_content(left, right);
  return order != 0 ? order : (left->ways > right->ways) - (left->ways < right->ways);
}

static void
rows_merge(struct diff *diff) {
  size_t kept = 0;
  if (diff->row_count > 1)
    qsort(diff->rows, diff->row_count, sizeof *diff->rows, compare_rows);
  for (size_t i = 0; i < diff->row_count; i++) {
    if (kept > 0 && compare_content(&diff->rows[kept - 1], &diff->rows[i]) == 0)
      diff->rows[kept - 1].ways |= diff->rows[i].ways;
    else
      diff->rows[kept++] = diff->rows[i];
  }
  diff->row_count = kept;
}

// Settings.

static const char *
isolation_name(enum isolate_peers isolate_peers) {
  static const char *const names[] = {"auto", "auto", "yes", "no"};
  return names[isolate_peers];
}

// "no" isolates never, "yes" always.
static int
isolation_strength(enum isolate_peers isolate_peers) {
  static const int strengths[] = {1, 1, 2, 0};
  return strengths[isolate_peers];
}

static void
setting_add(struct diff *diff, const char *name, const char *a, const char *b, bool wider) {
  if (strcmp(a, b) != 0)
    diff->settings[diff->setting_count++] = (struct diff_setting){name, a, b, wider};
}

static const char *
yes_no(bool value) {
  return value ? "yes" : "no";
}

static void
settings_compare(struct diff *diff) {
  const struct policy *a = diff->a, *b = diff->b;
  setting_add(diff, "NoNewPrivileges", yes_no(a->no_new_privs), yes_no(b->no_new_privs), !b->no_new_privs);
  setting_add(diff, "IsolatePeers", isolation_name(a->isolate_peers), isolation_name(b->isolate_peers),
              isolation_strength(b->isolate_peers) < isolation_strength(a->isolate_peers));
  setting_add(diff, "flag LOG", yes_no(a->flags & POLICY_FLAG_LOG), yes_no(b->flags & POLICY_FLAG_LOG), false);
  setting_add(diff, "flag SPEC_ALLOW", yes_no(a->flags & POLICY_FLAG_SPEC_ALLOW),
              yes_no(b->flags & POLICY_FLAG_SPEC_ALLOW), false);
  setting_add(diff, "listener", a->listener_path != NULL ? a->listener_path : "none",
              b->listener_path != NULL ? b->listener_path : "none", false);
  setting_add(diff, "listener metadata", a->listener_metadata != NULL ? a->listener_metadata : "none",
              b->listener_metadata != NULL ? b->listener_metadata : "none", false);
}

static bool
add_rows(struct diff *diff, const struct found *found) {
  for (size_t first = 0, end; first < found->count; first = end) {
    for (end = first + 1; end < found->count && found->items[end].abi == found->items[first].abi;)
      end++;
    size_t rows = diff->row_count;
    bool both = ((diff->a->abis & diff->b->abis) & ABI_BIT(found->items[first].abi)) != 0;
    if (!add_abi(diff, found->items + first, end - first)
        || (both && !rows_shorten(diff, rows, found->items + first, end - first)))
      return false;
  }
  return true;
}

int
diff_make(struct diff *diff, const struct policy *a, const struct policy *b, struct error *e) {
  struct found found = {NULL, 0, 0, false};
  *diff = (struct diff){.a = a, .b = b};
  settings_compare(diff);
  int failed = policy_compare(a, b, found_add, &found, e);
  if (failed == 0 && (found.failed || !add_rows(diff, &found)))
    failed = error_memory(e, ERROR_POLICY);
  free(found.items);
  if (failed == 0)
    rows_merge(diff);
  return failed;
}

void
diff_clear(struct diff *diff) {
  free(diff->rows);
  *diff = (struct diff){.rows = NULL};
}

const char *
change_name(enum change change) {
  static const char *const names[] = {"none", "newly-allowed", "newly-refused", "changed", "unchanged"};
  return names[change];
}

const char *
way_next(const struct diff_row *row, unsigned *at) {
  for (unsigned way = *at; way <= WAY_THROUGH; way++) {
    if ((row->ways & 1u << way) == 0)
      continue;
    *at = way + 1;
    if (way == WAY_THROUGH)
      return "x86-multiplexed";
    return way == ABI_NONE ? "any-other" : abi_name((enum abi)way);
  }
  return NULL;
}

bool
diff_row_is_everywhere(const struct diff *diff, const struct diff_row *row) {
  const struct multiplexer *multiplexer;
  unsigned covered = diff->a->abis | diff->b->abis;
  uint32_t number;
  if (row->name == NULL)
    return (row->numbers[0] != '\0' || row->is_rest) && row->ways == covered;
  call_t call = calls_find(row->name, strlen(row->name));
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    if ((covered & ~row->ways & ABI_BIT(abi)) != 0 && calls_number(call, abi, &number))
      return false;
  return (row->ways & 1u << WAY_THROUGH) != 0 || (covered & ABI_BIT(ABI_I386)) == 0
         || !multiplexer_of(call, &multiplexer, &number);
}
