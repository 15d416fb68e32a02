// SPDX-License-Identifier: LGPL-2.1-or-later
// policy.h - the policy value: what every reader makes, what the compiler compiles and the verifier holds programs
// against.
//
// A policy is a few layers; the strictest layer decides a call, as the kernel does with several filters. A layer is
// rules in order and what happens otherwise: the first rule that matches decides. policy_decide() is the meaning of all
// this in plain C, and everything else is tested against it.
#ifndef SCRUN_COMPAT_POLICY_H
#define SCRUN_COMPAT_POLICY_H
#include "compat/abi.h"
#include "compat/action.h"
#include "compat/calls.h"
#include "compat/error.h"
#include "compat/moment.h"

enum test_op { TEST_NONE, TEST_EQ, TEST_NE, TEST_LT, TEST_LE, TEST_GT, TEST_GE };

// (argument & mask) op value, unsigned. width is 32 or 64 bits: with 32 the upper half of the register is not looked
// at, as the kernel does for an int, and mask and value stay below 2^32.
struct test {
  unsigned argument; // 0..5
  unsigned width;
  enum test_op op;
  uint64_t mask;
  uint64_t value;
};

// A rule is about one call, or about one bare number (call == CALL_NONE) which then means that number on every ABI,
// with X32_BIT added on x32. It matches when all its tests hold; "or" is written as several rules in a row. Tests are
// about registers: where an ABI passes an argument elsewhere, readers write a rule for that ABI.
struct rule {
  call_t call;
  uint32_t number;
  unsigned abis;                   // set of ABI_BIT: the ABIs it is about; 0: every one
  uint32_t first_test, test_count; // in policy->tests
  struct action action;
  struct source_pos at;
};

struct layer {
  struct action otherwise;
  struct action newer; // what numbers get that are newer than the tables (calls_is_newer()) and that no rule is about;
                       // ACTION_NONE: `otherwise`
  struct source_pos otherwise_at;  // the line that made the layer's default what it is, if one did
  uint32_t first_rule, rule_count; // in policy->rules; layers follow one another there without gaps
};

enum isolate_peers { ISOLATE_PEERS_NONE, ISOLATE_PEERS_AUTO, ISOLATE_PEERS_YES, ISOLATE_PEERS_NO };

// What the kernel is told about the filter as a whole. Source: SECCOMP_FILTER_FLAG_* in seccomp(2).
enum policy_flag { POLICY_FLAG_LOG = 1, POLICY_FLAG_SPEC_ALLOW = 2 };

#define POLICY_LAYERS_MAX 8
// Bounds on what text can ask for; a program has at most 4096 instructions, so more could never be installed.
#define POLICY_RULES_MAX 8192
#define POLICY_TESTS_MAX 16384

struct policy_index;

struct policy {
  struct layer layers[POLICY_LAYERS_MAX];
  size_t layer_count;
  struct rule *rules;
  size_t rule_count, rule_room;
  struct test *tests;
  size_t test_count, test_room;
  unsigned abis;             // set of ABI_BIT: those that the layers decide
  struct action foreign;     // what calls of any other ABI get
  struct source_pos abis_at; // the SystemCallArchitectures= line, if there was one
  bool permissive;           // --log: what would be refused is logged and allowed instead
  bool no_new_privs;
  enum isolate_peers isolate_peers;
  unsigned flags;          // set of enum policy_flag
  char *listener_path;     // who answers ACTION_NOTIFY: a unix socket; NULL: nobody. Owned
  char *listener_metadata; // what that one is told beside the usual; or NULL. Owned
  enum moment at;          // At=; MOMENT_NONE: not said
  struct policy *startup;  // StartupSystemCallFilter=: one layer, what it allows (startup.h); sealed. NULL: not said.
                           // Owned
  struct policy_index *index; // made by policy_seal(); private to policy.c
};

// An empty policy on the heap: no layer, all ABIs, foreign architectures killed, no_new_privs on, IsolatePeers auto.
// The caller owns it. NULL when memory is out.
struct policy *policy_new(void);
void policy_free(struct policy *policy);

// Building, before policy_seal(). A new layer takes the rules added after it. Fails: ERROR_POLICY past the bounds
// above.
SC_NODISCARD int policy_add_layer(struct policy *policy, struct action otherwise, struct source_pos at,
                                  struct error *e);
// `rule->first_test/test_count` are ignored; the `count` tests are copied.
SC_NODISCARD int policy_add_rule(struct policy *policy, const struct rule *rule, const struct test *tests, size_t count,
                                 struct error *e);
// Ends building: makes the lookup index. Must be called once before anything below.
SC_NODISCARD int policy_seal(struct policy *policy, struct error *e);

// The action for one call and what decided it.
struct decision {
  struct action action;      // `permissive` taken into account
  const struct rule *rule;   // the rule, or NULL when it was a layer's default or a foreign ABI
  const struct layer *layer; // the layer, or NULL for a foreign ABI
};

// What `layer` says of a number that no rule of it is about.
struct action layer_otherwise(const struct layer *layer, enum abi abi, uint32_t number);

// True if a call can end up with the listener: the kernel needs one then.
bool policy_notifies(const struct policy *policy);

// The specification. `abi` is abi_of() of the call; ABI_NONE and ABIs outside policy->abis get policy->foreign. Numbers
// are as the filter sees them (x32 with X32_BIT). On i386 arguments have 32 bits: what a 64-bit program leaves in the
// upper halves when it makes such a call, a filter sees and the kernel does not, so it counts as 0. i386's
// multiplexers: socketcall(n, ...) and ipc(n, ...) are matched by rules on the multiplexer and by rules on the call
// inside, in the order of the rules; the arguments of the call inside are in memory, where no filter sees them, so a
// rule with tests matches there if and only if it refuses. Of layers that are equally strict the first one's data
// counts.
struct decision policy_decide(const struct policy *policy, enum abi abi, uint32_t number, const uint64_t args[6]);

// True if every call of that name is refused on every ABI of the policy, whatever its arguments. Multiplexers are not
// looked into. ACTION_TRACE does not count (a program can be the tracer of its own children), nor ACTION_NOTIFY.
bool policy_always_refuses(const struct policy *policy, call_t call);

// One way that a rule can match a given number. The rules that can match (abi, number) in one layer, in order: what the
// compiler compiles and the verifier takes its predicates from.
struct candidate {
  const struct rule *rule;
  bool chosen; // the call is inside a multiplexer: matches only when (low word of argument 0 & choice_mask) == choice
  uint32_t choice_mask, choice;
  bool tests_hidden; // inside a multiplexer: the rule's tests are not looked at (and the candidate is listed only if it
                     // refuses or has no tests)
};

// True if `test` holds for these registers.
bool test_holds(const struct test *test, const uint64_t args[6]);

// True if all tests of `rule` hold for these registers.
bool policy_rule_holds(const struct policy *policy, const struct rule *rule, const uint64_t args[6]);

// Calls visit(context, candidate) for each, in order; stops when visit returns false.
void policy_candidates(const struct policy *policy, const struct layer *layer, enum abi abi, uint32_t number,
                       bool (*visit)(void *context, const struct candidate *candidate), void *context);

// All numbers on `abi` that some rule names, each once, rising (x32 with X32_BIT; multiplexers included for the calls
// inside them). Borrowed from the index; *count entries.
const uint32_t *policy_numbers(const struct policy *policy, enum abi abi, size_t *count);
#endif
