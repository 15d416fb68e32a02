// SPDX-License-Identifier: LGPL-2.1-or-later
// compile.c - policy -> program: the space of numbers in ranges of the same outcome, for each architecture word.
#include "runner/compile.h"
#include "runner/arguments.h"
#include "runner/tree.h"
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

#ifndef __x86_64__
#error "the exec ticket is proven on x86-64 only"
#endif

#define ALL_BITS UINT32_MAX
#define WORD_ARCH ((uint16_t)offsetof(struct seccomp_data, arch))
#define WORD_NUMBER ((uint16_t)offsetof(struct seccomp_data, nr))

// Native calls that programs make most often, rising: their ranges count for more, so that they come nearer to the
// root.
static const uint32_t hot_numbers[] = {SYS_read,     SYS_write, SYS_close,      SYS_sendto,
                                       SYS_recvfrom, SYS_futex, SYS_epoll_wait, SYS_openat};
#define HOT_COUNT (sizeof hot_numbers / sizeof hot_numbers[0])
#define HOT_WEIGHT 2

struct compilation {
  const struct policy *policy;
  enum program_kind kind;
  bool notifies;
  struct tree tree;
  struct range *ranges;
  size_t range_count;
};

// Begins a new range at `first` unless the outcome goes on as before. A range that nothing was left of gives way.
static void
ranges_add(struct compilation *compilation, uint32_t first, node_t node) {
  size_t *count = &compilation->range_count;
  if (*count > 0 && compilation->ranges[*count - 1].first == first)
    --*count;
  if (*count == 0 || compilation->ranges[*count - 1].node != node)
    compilation->ranges[(*count)++] = (struct range){first, node, 1};
}

// The calls that ask for a ticket before the policy is asked, by ABI and number rising. The launcher's own last words
// need none where they are allowed anyway, and sendmsg, which hands a listener its descriptor, is one of them only
// where there is a listener. execve is missing: it asks at the root of the native tree, because the ticket's comparison
// is long, so the way to it is short.
static const struct ticketed_call {
  enum abi abi;
  uint32_t number;
  bool last_word;
} ticketed_calls[] = {
    {ABI_NATIVE, SYS_write, true},    {ABI_NATIVE, SYS_sendmsg, true},    {ABI_NATIVE, SYS_exit_group, true},
    {ABI_NATIVE, SYS_seccomp, false}, {ABI_I386, TICKET_ARM_I386, false},
};
#define TICKETED_CALLS (sizeof ticketed_calls / sizeof ticketed_calls[0])

static bool
is_launched_with(enum program_kind kind) {
  return kind == PROGRAM_LAUNCH || kind == PROGRAM_STARTUP;
}

static enum ticket_form
ticket_of(const struct compilation *compilation, const struct ticketed_call *call) {
  if ((compilation->policy->abis & ABI_BIT(call->abi)) == 0)
    return TICKET_NONE;
  if (!call->last_word)
    return compilation->kind == PROGRAM_STARTUP ? TICKET_ARM
           : compilation->kind == PROGRAM_LATER ? TICKET_CONFIRM
                                                : TICKET_NONE;
  bool is_asked = is_launched_with(compilation->kind) && (call->number != SYS_sendmsg || compilation->notifies);
  return is_asked ? TICKET_LAST_WORD : TICKET_NONE;
}

// Puts the ticket in front of what the policy says, where the number is one of those.
static int
add_ticket(struct compilation *compilation, enum abi abi, uint32_t number, node_t *node, struct error *e) {
  const struct node *policy_says = &compilation->tree.nodes[*node];
  bool allowed = policy_says->kind == NODE_RETURN && policy_says->value == SECCOMP_RET_ALLOW;
  for (size_t i = 0; i < TICKETED_CALLS; i++) {
    const struct ticketed_call *call = &ticketed_calls[i];
    enum ticket_form form = call->abi == abi && call->number == number ? ticket_of(compilation, call) : TICKET_NONE;
    if (form != TICKET_NONE && !(call->last_word && allowed))
      return tree_add_ticket(&compilation->tree, form, *node, node, e);
  }
  return 0;
}

// What numbers without a rule get on one ABI: those of the tables, and those that are newer.
struct gaps {
  enum abi abi;
  node_t known, newer;
};

static node_t
gap_at(const struct gaps *gaps, uint32_t number) {
  return calls_is_newer(gaps->abi, number) ? gaps->newer : gaps->known;
}

// One number of its own, and the gap behind it.
static int
add_number(struct compilation *compilation, const struct gaps *gaps, uint32_t number, struct error *e) {
  node_t node;
  enum abi abi = gaps->abi;
  if (abi == ABI_NATIVE && number == SYS_execve && is_launched_with(compilation->kind))
    return 0; // never asked for here: add_native()
  if (arguments_add(&compilation->tree, compilation->policy, abi, number, &node, e) != 0)
    return -1;
  if (add_ticket(compilation, abi, number, &node, e) != 0)
    return -1;
  ranges_add(compilation, number, node);
  ranges_add(compilation, number + 1, gap_at(gaps, number + 1));
  return 0;
}

// The numbers of `abi` to look at, rising: the policy's and those that ask for a ticket. Returns how many.
static size_t
merge_numbers(const struct compilation *compilation, enum abi abi, const uint32_t *numbers, size_t count,
              uint32_t *out) {
  size_t used = 0, next = 0;
  for (size_t i = 0; i < TICKETED_CALLS; i++) {
    if (ticketed_calls[i].abi != abi || ticket_of(compilation, &ticketed_calls[i]) == TICKET_NONE)
      continue;
    while (next < count && numbers[next] < ticketed_calls[i].number)
      out[used++] = numbers[next++];
    next += next < count && numbers[next] == ticketed_calls[i].number;
    out[used++] = ticketed_calls[i].number;
  }
  while (next < count)
    out[used++] = numbers[next++];
  return used;
}

// What `number` gets on `abi` if no rule is about it.
static int
add_otherwise(struct compilation *compilation, enum abi abi, uint32_t number, node_t *out, struct error *e) {
  const struct policy *policy = compilation->policy;
  struct action action = {ACTION_ALLOW, 0};
  if ((policy->abis & ABI_BIT(abi)) == 0)
    action = policy->foreign;
  else
    for (size_t i = 0; i < policy->layer_count; i++) {
      struct action next = layer_otherwise(&policy->layers[i], abi, number);
      action = i == 0 ? next : action_stricter(action, next);
    }
  return arguments_add_action(&compilation->tree, policy, action, out, e);
}

// The rising `numbers`, and between them the places where the gaps change.
static int
add_numbers(struct compilation *compilation, const struct gaps *gaps, const uint32_t *numbers, size_t count,
            struct error *e) {
  size_t edge_count, edge = 0;
  const uint32_t *edges = calls_newer_edges(gaps->abi, &edge_count);
  for (size_t i = 0; i < count || edge < edge_count;) {
    if (edge < edge_count && (i == count || edges[edge] <= numbers[i])) {
      if (edges[edge] != UINT32_MAX || gaps->abi == ABI_I386) // on x86-64 number -1 is add_arch()'s
        ranges_add(compilation, edges[edge], gap_at(gaps, edges[edge]));
      edge++;
    } else if (add_number(compilation, gaps, numbers[i++], e) != 0) {
      return -1;
    }
  }
  return 0;
}

static int
add_abi(struct compilation *compilation, enum abi abi, uint32_t first, struct error *e) {
  struct gaps gaps = {.abi = abi};
  size_t count = 0;
  const uint32_t *numbers = NULL;
  if (add_otherwise(compilation, abi, first, &gaps.known, e) != 0
      || add_otherwise(compilation, abi, first + CALLS_END, &gaps.newer, e) != 0)
    return -1;
  ranges_add(compilation, first, gaps.known);
  if ((compilation->policy->abis & ABI_BIT(abi)) != 0)
    numbers = policy_numbers(compilation->policy, abi, &count);
  uint32_t *merged = calloc(count + TICKETED_CALLS, sizeof *merged);
  if (merged == NULL)
    return error_memory(e, ERROR_POLICY);
  count = merge_numbers(compilation, abi, numbers, count, merged);
  int failed = add_numbers(compilation, &gaps, merged, count, e);
  free(merged);
  return failed;
}

// Every number that the kernel may give to a call counts for the range it lies in, so that ranges full of calls come
// nearer to the root: also because a kernel runs a new filter for each of them (seccomp_cache_prepare()). Those of x32,
// which hardly any kernel has, count for nothing.
static void
weigh_ranges(struct compilation *compilation, uint32_t arch) {
  struct range *ranges = compilation->ranges;
  size_t hot = arch == ARCH_WORD_X86_64 ? 0 : HOT_COUNT;
  for (size_t i = 0; i < compilation->range_count && ranges[i].first < CALLS_END; i++) {
    uint32_t end = i + 1 < compilation->range_count ? ranges[i + 1].first : CALLS_END;
    ranges[i].weight += (end < CALLS_END ? end : CALLS_END) - ranges[i].first;
    for (; hot < HOT_COUNT && hot_numbers[hot] < end; hot++)
      ranges[i].weight += HOT_WEIGHT;
  }
}

static int
add_arch(struct compilation *compilation, uint32_t arch, node_t *out, struct error *e) {
  node_t last;
  compilation->range_count = 0;
  if (arch == ARCH_WORD_I386) {
    if (add_abi(compilation, ABI_I386, 0, e) != 0)
      return -1;
  } else {
    if (add_abi(compilation, ABI_X86_64, 0, e) != 0 || add_abi(compilation, ABI_X32, X32_BIT, e) != 0
        || add_otherwise(compilation, ABI_X86_64, UINT32_MAX, &last, e) != 0)
      return -1;
    ranges_add(compilation, UINT32_MAX, last); // -1 is no x32 number: abi_of()
  }
  weigh_ranges(compilation, arch);
  return tree_add_ranges(&compilation->tree, WORD_NUMBER, ALL_BITS, compilation->ranges, compilation->range_count, out,
                         e);
}

// The tree for the architecture of the native ABI.
static int
add_native(struct compilation *compilation, node_t *out, struct error *e) {
  struct node exec = {.word = WORD_NUMBER, .mask = ALL_BITS, .test = NODE_EQUAL, .value = SYS_execve};
  node_t policy_says;
  if ((compilation->policy->abis & ABI_BIT(ABI_NATIVE)) == 0)
    return error_plain(e, ERROR_POLICY, "the native ABI cannot be left out of a policy");
  if (!is_launched_with(compilation->kind))
    return add_arch(compilation, ARCH_WORD_X86_64, out, e);
  if (arguments_add(&compilation->tree, compilation->policy, ABI_NATIVE, SYS_execve, &policy_says, e) != 0
      || tree_add_ticket(&compilation->tree, TICKET_EXEC, policy_says, &exec.yes, e) != 0
      || add_arch(compilation, ARCH_WORD_X86_64, &exec.no, e) != 0)
    return -1;
  return tree_add_test(&compilation->tree, exec, out, e);
}

static int
compile(struct compilation *compilation, struct program *out, struct error *e) {
  struct node i386 = {.word = WORD_ARCH, .mask = ALL_BITS, .test = NODE_EQUAL, .value = ARCH_WORD_I386};
  struct node native = {.word = WORD_ARCH, .mask = ALL_BITS, .test = NODE_EQUAL, .value = ARCH_WORD_X86_64};
  node_t root;
  if (arguments_add_action(&compilation->tree, compilation->policy, compilation->policy->foreign, &i386.no, e) != 0
      || add_arch(compilation, ARCH_WORD_I386, &i386.yes, e) != 0
      || tree_add_test(&compilation->tree, i386, &native.no, e) != 0 || add_native(compilation, &native.yes, e) != 0
      || tree_add_test(&compilation->tree, native, &root, e) != 0)
    return -1;
  return tree_emit(&compilation->tree, root, out, e);
}

int
program_compile(const struct policy *policy, enum program_kind kind, struct program *out, struct error *e) {
  struct compilation *compilation = malloc(sizeof *compilation);
  if (compilation == NULL)
    return error_memory(e, ERROR_POLICY);
  compilation->policy = policy;
  compilation->kind = kind;
  compilation->notifies = policy_notifies(policy);
  compilation->tree.count = 0;
  // each number opens one range and the default behind it another; both halves of the x86-64 space, their own
  // beginnings, and the edges of what is newer than the tables
  size_t most = 2 * (2 * policy->rule_count + TICKETED_CALLS) * 2 + 24;
  compilation->ranges = calloc(most, sizeof *compilation->ranges);
  int failed = compilation->ranges == NULL ? error_memory(e, ERROR_POLICY) : compile(compilation, out, e);
  free(compilation->ranges);
  free(compilation);
  return failed;
}
