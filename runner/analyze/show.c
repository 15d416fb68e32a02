// SPDX-License-Identifier: LGPL-2.1-or-later
// show.c - the final set: what the policy decides, call by call, one a line, and which word made it so.
#include "runner/analyze/answer.h"
#include "compat/array.h"
#include "compat/expression_write.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The ways that one name can stand for: the ABIs, and x86's multiplexers as one more.
enum { WAY_THROUGH = ABI_COUNT };

struct row {
  const char *name; // NULL: a number that no call has
  struct answer answer;
  uint32_t order; // of several rows about one call: the first that holds decides
  bool tested;    // the rule's tests have a say
  unsigned ways;  // bits of the ABIs, and WAY_THROUGH
};

struct rows {
  struct row *items;
  size_t count, room;
  const struct policy *policy;
  struct action otherwise; // what calls get that nothing mentions
};

static uint32_t
plain_number(const struct answer *answer) {
  return answer->abi == ABI_X32 ? answer->number & ~X32_BIT : answer->number;
}

// True unless memory is out.
static bool
rows_keep(struct rows *rows, struct row row) {
  struct row *items = array_grow(rows->items, &rows->room, rows->count + 1, 512, sizeof *items);
  if (items == NULL)
    return false;
  rows->items = items;
  row.ways = row.answer.through != NULL ? 1u << WAY_THROUGH : ABI_BIT(row.answer.abi);
  rows->items[rows->count++] = row;
  return true;
}

// Decides and keeps what is not the default.
static bool
rows_add(struct rows *rows, const char *name, struct answer answer, const uint64_t args[6]) {
  answer_decide(&answer, rows->policy, args);
  return action_equal(answer.decision.action, rows->otherwise)
         || rows_keep(rows, (struct row){.name = name, .answer = answer});
}

// The rules of one layer about a number, as rows.
struct listing {
  struct rows *rows;
  struct row row;
  bool closed, failed; // closed: by a rule without tests
};

static struct action
permitted(const struct policy *policy, struct action action) {
  return policy->permissive && action_refuses(action) ? (struct action){ACTION_LOG, 0} : action;
}

static bool
listing_add(void *context, const struct candidate *candidate) {
  struct listing *listing = context;
  if (candidate->chosen) // through a multiplexer: rows_add_inner()
    return true;
  listing->row.answer.decision.rule = candidate->rule;
  listing->row.answer.decision.action = permitted(listing->rows->policy, candidate->rule->action);
  listing->row.tested = candidate->rule->test_count > 0;
  listing->closed = !listing->row.tested;
  listing->failed = !rows_keep(listing->rows, listing->row);
  listing->row.order++;
  return !listing->closed && !listing->failed;
}

static bool
find_test(void *context, const struct candidate *candidate) {
  *(bool *)context |= !candidate->chosen && candidate->rule->test_count > 0;
  return true;
}

static bool
layer_tests(const struct policy *policy, const struct layer *layer, const struct answer *answer) {
  bool tests = false;
  policy_candidates(policy, layer, answer->abi, answer->number, find_test, &tests);
  return tests;
}

// A number whose answer depends on arguments: every rule that can decide it, in order, and what is left for the rest.
// Layers without tests about it are shown too, unless they let everything pass.
static bool
rows_add_tested(struct rows *rows, const char *name, struct answer answer) {
  struct listing listing = {.rows = rows, .row = {.name = name, .answer = answer}};
  for (size_t i = 0; i < rows->policy->layer_count && !listing.failed; i++) {
    const struct layer *layer = &rows->policy->layers[i];
    listing.closed = false;
    listing.row.answer.decision = (struct decision){.layer = layer};
    policy_candidates(rows->policy, layer, answer.abi, answer.number, listing_add, &listing);
    struct action rest = permitted(rows->policy, layer_otherwise(layer, answer.abi, answer.number));
    if (listing.closed || listing.failed || (!layer_tests(rows->policy, layer, &answer) && rest.kind == ACTION_ALLOW))
      continue;
    listing.row.answer.decision = (struct decision){.action = rest, .layer = layer};
    listing.row.tested = false;
    listing.failed = !rows_keep(rows, listing.row);
    listing.row.order++;
  }
  return !listing.failed;
}

static bool
is_tested(const struct policy *policy, const struct answer *answer) {
  bool tested = false;
  for (size_t i = 0; i < policy->layer_count; i++)
    tested |= layer_tests(policy, &policy->layers[i], answer);
  return tested;
}

static bool
rows_add_inner(struct rows *rows, const struct multiplexer *multiplexer) {
  static const uint64_t args[6];
  for (uint32_t i = 0; i < multiplexer->inner_count; i++) {
    struct answer answer;
    if (multiplexer->inner[i] == CALL_NONE || !answer_through(&answer, multiplexer->inner[i], ABI_I386))
      continue;
    if (!rows_add(rows, calls_name(multiplexer->inner[i]), answer, args))
      return false;
  }
  return true;
}

static bool
rows_add_abi(struct rows *rows, enum abi abi) {
  size_t count;
  const uint32_t *numbers = policy_numbers(rows->policy, abi, &count);
  for (size_t i = 0; i < count; i++) {
    call_t call = calls_at(abi, numbers[i]);
    const struct multiplexer *multiplexer = abi == ABI_I386 ? multiplexer_at(numbers[i]) : NULL;
    // A multiplexer for itself: with an argument that chooses no call.
    const uint64_t args[6] = {multiplexer != NULL ? multiplexer->inner_count : 0};
    const char *name = call == CALL_NONE ? NULL : calls_name(call);
    struct answer answer = {.abi = abi, .number = numbers[i]};
    if (!(is_tested(rows->policy, &answer) ? rows_add_tested(rows, name, answer) : rows_add(rows, name, answer, args))
        || (multiplexer != NULL && !rows_add_inner(rows, multiplexer)))
      return false;
  }
  return true;
}

// Rows about one call: the direct ways in the order that they decide in, then by ABI.
static int
compare_same(const struct row *left, const struct row *right) {
  bool left_through = left->answer.through != NULL, right_through = right->answer.through != NULL;
  if (left_through != right_through)
    return left_through ? 1 : -1;
  if (left->order != right->order)
    return left->order > right->order ? 1 : -1;
  return (left->ways > right->ways) - (left->ways < right->ways);
}

// By name, bare numbers behind.
static int
compare_rows(const void *a, const void *b) {
  const struct row *left = a, *right = b;
  if (left->name != NULL && right->name != NULL) {
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : compare_same(left, right);
  }
  if ((left->name == NULL) != (right->name == NULL))
    return left->name == NULL ? 1 : -1;
  uint32_t x = plain_number(&left->answer), y = plain_number(&right->answer);
  return x != y ? (x > y) - (x < y) : compare_same(left, right);
}

static bool
same_call(const struct row *a, const struct row *b) {
  if (a->name == NULL || b->name == NULL)
    return a->name == b->name && plain_number(&a->answer) == plain_number(&b->answer);
  return strcmp(a->name, b->name) == 0;
}

static bool
same_decision(const struct decision *a, const struct decision *b) {
  return action_equal(a->action, b->action) && a->rule == b->rule && a->layer == b->layer;
}

static bool
same_row(const struct row *a, const struct row *b) {
  return a->tested == b->tested && a->order == b->order && same_decision(&a->answer.decision, &b->answer.decision);
}

// Takes into the row at `first` what follows it and says the same of the same call on another ABI.
static void
rows_merge(struct rows *rows, size_t first) {
  struct row *row = &rows->items[first];
  for (size_t i = first + 1; i < rows->count && same_call(row, &rows->items[i]); i++) {
    struct row *other = &rows->items[i];
    if (other->ways == 0 || !same_row(row, other))
      continue;
    row->ways |= other->ways;
    other->ways = 0; // said
  }
}

// All ways to reach the call of the row that the policy covers.
static unsigned
ways_of(const struct row *row, const struct policy *policy) {
  struct answer answer;
  unsigned ways = 0;
  if (row->name == NULL)
    return policy->abis;
  call_t call = calls_find(row->name, strlen(row->name));
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    if ((policy->abis & ABI_BIT(abi)) == 0)
      continue;
    ways |= answer_direct(&answer, call, abi) ? ABI_BIT(abi) : 0;
    ways |= answer_through(&answer, call, abi) ? 1u << WAY_THROUGH : 0;
  }
  return ways;
}

static void
print_name(const struct row *row) {
  if (row->name != NULL)
    printf("%-24s ", row->name);
  else
    printf("%-24u ", (unsigned)plain_number(&row->answer));
}

static void
print_ways(const struct row *row) {
  const char *before = "on ";
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    if ((row->ways & ABI_BIT(abi)) == 0)
      continue;
    printf("%s%s", before, abi_name(abi));
    before = ",";
  }
  if ((row->ways & 1u << WAY_THROUGH) != 0)
    printf("%sx86-multiplexed", before);
  putchar(' ');
}

// "41", or "102(1)" for what is reached through socketcall.
static void
print_number(const struct answer *answer) {
  char text[32];
  if (answer->through != NULL)
    snprintf(text, sizeof text, "%u(%u)", (unsigned)answer->number, (unsigned)answer->choice);
  else
    snprintf(text, sizeof text, "%u", (unsigned)plain_number(answer));
  printf("%-10s ", text);
}

static void
print_tests(const struct row *row, const struct policy *policy) {
  struct buffer tests = {0};
  if (!row->tested) {
    fputs(row->order > 0 ? "otherwise, " : "", stdout);
    return;
  }
  expression_write(policy, row->answer.decision.rule, &tests);
  printf("if %s, ", tests.failed ? "..." : tests.text);
  buffer_clear(&tests);
}

static void
print_row(const struct row *row, const struct policy *policy, const struct analyze_line *line) {
  char action[ACTION_BYTES];
  print_name(row);
  if (line->abi != ABI_NONE)
    print_number(&row->answer);
  printf("%-16s ", answer_action(&row->answer, policy, action));
  unsigned all = ways_of(row, policy);
  if (row->tested || row->order > 0)
    all &= ~(1u << WAY_THROUGH); // a row of its own
  if (line->abi == ABI_NONE && row->ways != all)
    print_ways(row);
  print_tests(row, policy);
  answer_print_origin(&row->answer, policy, line);
  putchar('\n');
}

static void
print_layers(const struct policy *policy, const struct analyze_line *line) {
  char action[ACTION_BYTES];
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    printf("layer %zu: otherwise %s", i + 1, action_describe(layer->otherwise, action, sizeof action));
    if (layer->newer.kind != ACTION_NONE)
      printf(", calls newer than %u %s", CALLS_END - 1, action_describe(layer->newer, action, sizeof action));
    if (layer->otherwise_at.source != NULL) {
      fputs(", from ", stdout);
      answer_print_written(layer->otherwise_at, line);
    }
    putchar('\n');
  }
  if (policy->layer_count == 0)
    puts("layers: none, so every call of the architectures above is allowed");
}

static void
print_architectures(const struct policy *policy, const struct analyze_line *line) {
  char action[ACTION_BYTES];
  fputs("architectures:", stdout);
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((policy->abis & ABI_BIT(abi)) != 0)
      printf(" %s", abi_name(abi));
  printf("; any other: %s", action_describe(policy->foreign, action, sizeof action));
  if (policy->abis_at.source != NULL) {
    fputs(", from ", stdout);
    answer_print_written(policy->abis_at, line);
  }
  putchar('\n');
}

static void
print_settings(const struct policy *policy) {
  static const char *const isolate[] = {[ISOLATE_PEERS_NONE] = "?",
                                        [ISOLATE_PEERS_AUTO] = "auto",
                                        [ISOLATE_PEERS_YES] = "yes",
                                        [ISOLATE_PEERS_NO] = "no"};
  if (policy->permissive)
    puts("mode: --log, so what the policy refuses is logged and allowed");
  printf("NoNewPrivileges: %s\n", policy->no_new_privs ? "yes" : "no");
  printf("IsolatePeers: %s\n", isolate[policy->isolate_peers]);
}

// What a call gets that nothing mentions: asked of a number that no rule names.
static struct action
otherwise_of(const struct policy *policy) {
  static const uint64_t args[6];
  size_t count;
  const uint32_t *numbers = policy_numbers(policy, ABI_NATIVE, &count);
  uint32_t number = X32_BIT - 1;
  while (count > 0 && numbers[count - 1] == number) {
    count--;
    number--;
  }
  return policy_decide(policy, ABI_NATIVE, number, args).action;
}

static bool
rows_collect(struct rows *rows, enum abi only) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((rows->policy->abis & ABI_BIT(abi)) != 0 && (only == ABI_NONE || only == abi) && !rows_add_abi(rows, abi))
      return false;
  if (rows->count > 0)
    qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
  return true;
}

static int
print_rows(const struct policy *policy, const struct analyze_line *line) {
  struct rows rows = {.policy = policy, .otherwise = otherwise_of(policy)};
  bool collected = rows_collect(&rows, line->abi);
  char action[ACTION_BYTES];
  if (line->abi != ABI_NONE && (policy->abis & ABI_BIT(line->abi)) == 0)
    printf(
        "\nevery call on %s: %s\n", abi_name(line->abi),
        action_describe(policy->permissive ? (struct action){ACTION_LOG, 0} : policy->foreign, action, ACTION_BYTES));
  else if (rows.count > 0)
    putchar('\n');
  for (size_t i = 0; collected && i < rows.count; i++) {
    if (line->abi == ABI_NONE)
      rows_merge(&rows, i);
    if (rows.items[i].ways != 0)
      print_row(&rows.items[i], policy, line);
  }
  free(rows.items);
  return collected ? 0 : report(TOOL, "%s", out_of_memory);
}

int
verb_show(struct analyze_line *line) {
  static struct program program;
  struct policy *policy;
  if (load_verified(line, &policy, &program) != 0)
    return STATUS_UNUSABLE;
  print_architectures(policy, line);
  print_layers(policy, line);
  print_settings(policy);
  int status = print_rows(policy, line);
  if (status == 0)
    printf("\nprogram: %zu instructions, verified\n", program.length);
  policy_free(policy);
  return status;
}
