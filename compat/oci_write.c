// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_write.c - the text of linux.seccomp, and what of a policy has no place in it.
#include "compat/oci_write.h"
#include "compat/array.h"
#include "compat/oci_rules.h"
#include <string.h>

// Names are filled into lines of this many columns.
#define COLUMNS 100

static const char *
action_word(struct action action) {
  switch (action.kind) {
  case ACTION_ALLOW:
    return "SCMP_ACT_ALLOW";
  case ACTION_LOG:
    return "SCMP_ACT_LOG";
  case ACTION_TRACE:
    return "SCMP_ACT_TRACE";
  case ACTION_NOTIFY:
    return "SCMP_ACT_NOTIFY";
  case ACTION_ERRNO:
    return "SCMP_ACT_ERRNO";
  case ACTION_TRAP:
    return "SCMP_ACT_TRAP";
  case ACTION_KILL_THREAD:
    return "SCMP_ACT_KILL_THREAD";
  case ACTION_KILL_PROCESS:
  case ACTION_NONE:
    break;
  }
  return "SCMP_ACT_KILL_PROCESS";
}

static bool
action_has_data(struct action action) {
  return action.kind == ACTION_ERRNO || action.kind == ACTION_TRACE;
}

// ---- Strings.

// The length of the UTF-8 character at `at`, which ends in a NUL, or 0. Source: RFC 3629, section 4.
static size_t
utf8_length(const unsigned char *at) {
  static const struct {
    unsigned char first, last, second_low, second_high, length;
  } forms[] = {
      {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
  };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    if (at[0] < forms[i].first || at[0] > forms[i].last)
      continue;
    if (forms[i].length > 1 && (at[1] < forms[i].second_low || at[1] > forms[i].second_high))
      return 0;
    for (size_t j = 2; j < forms[i].length; j++)
      if ((at[j] & 0xc0) != 0x80)
        return 0;
    return forms[i].length;
  }
  return 0;
}

static int
check_string(const char *key, const char *text, struct error *e) {
  const unsigned char *at = (const unsigned char *)text;
  for (size_t length; at != NULL && *at != '\0'; at += length) {
    length = utf8_length(at);
    if (length == 0)
      return error_plain(e, ERROR_POLICY, "%s is no UTF-8 text, and OCI JSON is", key);
  }
  return 0;
}

static void
write_string(struct buffer *out, const char *key, const char *text) {
  if (text == NULL)
    return;
  buffer_add(out, "  \"%s\": \"", key);
  for (const char *at = text; *at != '\0'; at++) {
    if ((unsigned char)*at < 0x20)
      buffer_add(out, "\\u%04x", (unsigned)*at);
    else
      buffer_add(out, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
  }
  buffer_add(out, "\",\n");
}

// There may be hundreds of rules and names: they are put together here, without formats, and added a piece at a time.
// For runtimes, which read them at each start, without layout: there are no spaces in names and words.
#define PIECE_BYTES 1024
struct piece {
  struct buffer *out;
  char text[PIECE_BYTES];
  size_t length;
  bool dense;
};

static void
piece_end(struct piece *piece) {
  piece->text[piece->length] = '\0';
  buffer_add_text(piece->out, piece->text);
  piece->length = 0;
}

static void
piece_add(struct piece *piece, const char *text) {
  for (; *text != '\0'; text++) {
    if (piece->dense && (*text == ' ' || *text == '\n'))
      continue;
    if (piece->length == PIECE_BYTES - 1)
      piece_end(piece);
    piece->text[piece->length++] = *text;
  }
}

static void
piece_add_number(struct piece *piece, uint64_t number) {
  char text[24];
  size_t at = sizeof text - 1;
  text[at] = '\0';
  do
    text[--at] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  piece_add(piece, text + at);
}

// ---- What has no place in it.

// Other ABIs get kill-thread from libseccomp. Where all three are listed nothing can be of another: the kernel knows
// no more on this machine, so the policy's answer to that does not matter.
static int
check_foreign(const struct policy *policy, struct error *e) {
  char text[64];
  if (policy->foreign.kind == ACTION_KILL_THREAD
      || (policy->abis == ABI_ALL && policy->foreign.kind == ACTION_KILL_PROCESS))
    return 0;
  return error_set(e, ERROR_POLICY, policy->abis_at,
                   "calls of other architectures get %s; in OCI JSON only kill-thread",
                   action_describe(policy->foreign, text, sizeof text));
}

static int
check_frame(const struct policy *policy, struct error *e) {
  if (policy->permissive)
    return error_plain(e, ERROR_POLICY, "OCI JSON cannot say that refused calls are only logged (--log)");
  if (!policy->no_new_privs)
    return error_plain(e, ERROR_POLICY,
                       "linux.seccomp cannot say NoNewPrivileges=no; config.json has process.noNewPrivileges");
  if (policy->isolate_peers == ISOLATE_PEERS_YES || policy->isolate_peers == ISOLATE_PEERS_NO)
    return error_plain(e, ERROR_POLICY, "OCI JSON cannot say IsolatePeers=%s",
                       policy->isolate_peers == ISOLATE_PEERS_YES ? "yes" : "no");
  if (policy->at != MOMENT_NONE && policy->at != MOMENT_EXEC)
    return error_plain(e, ERROR_POLICY, "OCI JSON cannot say At=%s", moment_name(policy->at));
  if (policy->startup != NULL)
    return error_plain(e, ERROR_POLICY, "OCI JSON cannot say StartupSystemCallFilter=");
  if ((policy->abis & ABI_BIT(ABI_NATIVE)) == 0)
    return error_set(e, ERROR_POLICY, policy->abis_at, "crun and runc add the native architecture, %s, to any list",
                     abi_name(ABI_NATIVE));
  if (check_string("listenerPath", policy->listener_path, e) != 0
      || check_string("listenerMetadata", policy->listener_metadata, e) != 0)
    return -1;
  return check_foreign(policy, e);
}

// ---- Lists of words.

struct words {
  struct buffer *out;
  size_t count;
};

static void
words_add(struct words *words, const char *word) {
  buffer_add(words->out, "%s\"%s\"", words->count++ == 0 ? "" : ", ", word);
}

static void
write_architectures(struct buffer *out, unsigned abis) {
  static const char *const names[ABI_COUNT] = {
      [ABI_X86_64] = "SCMP_ARCH_X86_64", [ABI_X32] = "SCMP_ARCH_X32", [ABI_I386] = "SCMP_ARCH_X86"};
  struct words words = {out, 0};
  buffer_add(out, "  \"architectures\": [");
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    if ((abis & ABI_BIT(abi)) != 0)
      words_add(&words, names[abi]);
  buffer_add(out, "],\n");
}

// Always written: without it crun sets a flag of its own.
static void
write_flags(struct buffer *out, unsigned flags) {
  struct words words = {out, 0};
  buffer_add(out, "  \"flags\": [");
  if ((flags & POLICY_FLAG_LOG) != 0)
    words_add(&words, "SECCOMP_FILTER_FLAG_LOG");
  if ((flags & POLICY_FLAG_SPEC_ALLOW) != 0)
    words_add(&words, "SECCOMP_FILTER_FLAG_SPEC_ALLOW");
  buffer_add(out, "],\n");
}

// The calls that get `action`, in order of names: in one line if they fit, otherwise in lines of their own.
static void
write_names(struct piece *piece, const struct oci_rules *rules, struct action action) {
  const size_t indent = strlen("        ");
  size_t all = 0, column = COLUMNS, written = 0;
  for (size_t call = 0; call < calls_count(); call++)
    if (action_equal(rules->whole[call], action))
      all += strlen(calls_name((call_t)call)) + strlen("\"\", ");
  bool one_line = indent + all <= COLUMNS;
  piece_add(piece, "      \"names\": [");
  for (size_t call = 0; call < calls_count(); call++) {
    if (!action_equal(rules->whole[call], action))
      continue;
    size_t length = strlen(calls_name((call_t)call)) + strlen("\"\", ");
    bool wraps = !one_line && column + length > COLUMNS;
    piece_add(piece, written++ == 0 ? "" : wraps ? "\"," : "\", ");
    piece_add(piece, wraps ? "\n        \"" : "\"");
    piece_add(piece, calls_name((call_t)call));
    column = wraps ? indent + length : column + length;
  }
  piece_add(piece, one_line ? "\"],\n" : "\"\n      ],\n");
}

// ---- Rules.

static void
write_action(struct piece *piece, struct action action) {
  piece_add(piece, "      \"action\": \"");
  piece_add(piece, action_word(action));
  piece_add(piece, "\"");
  if (!action_has_data(action))
    return;
  piece_add(piece, ",\n      \"errnoRet\": ");
  piece_add_number(piece, action.data);
}

static void
write_test(struct piece *piece, const struct test *test) {
  static const char *const words[] = {
      [TEST_EQ] = "SCMP_CMP_EQ", [TEST_NE] = "SCMP_CMP_NE", [TEST_LT] = "SCMP_CMP_LT",
      [TEST_LE] = "SCMP_CMP_LE", [TEST_GT] = "SCMP_CMP_GT", [TEST_GE] = "SCMP_CMP_GE",
  };
  bool masked = test->mask != UINT64_MAX;
  piece_add(piece, "        {\"index\": ");
  piece_add_number(piece, test->argument);
  piece_add(piece, ", \"value\": ");
  piece_add_number(piece, masked ? test->mask : test->value);
  if (masked) {
    piece_add(piece, ", \"valueTwo\": ");
    piece_add_number(piece, test->value);
  }
  piece_add(piece, ", \"op\": \"");
  piece_add(piece, masked ? "SCMP_CMP_MASKED_EQ" : words[test->op]);
  piece_add(piece, "\"}");
}

static void
write_rule(struct piece *piece, const struct oci_rule *rule) {
  piece_add(piece, "    {\n      \"names\": [\"");
  piece_add(piece, calls_name(rule->call));
  piece_add(piece, "\"],\n");
  write_action(piece, rule->action);
  piece_add(piece, ",\n      \"args\": [\n");
  for (size_t i = 0; i < rule->test_count; i++) {
    write_test(piece, &rule->tests[i]);
    piece_add(piece, i + 1 < rule->test_count ? ",\n" : "\n");
  }
  piece_add(piece, "      ]\n    }");
}

// In rising order: by strictness, then by what comes with it.
static bool
action_before(struct action a, struct action b) {
  return a.kind != b.kind ? a.kind < b.kind : a.data < b.data;
}

// The next action behind `last` that some call has whatever its arguments; ACTION_NONE behind the last.
static struct action
next_action(const struct oci_rules *rules, struct action last) {
  struct action next = {ACTION_NONE, 0};
  for (size_t call = 0; call < calls_count(); call++) {
    struct action own = rules->whole[call];
    if (own.kind != ACTION_NONE && action_before(last, own) && (next.kind == ACTION_NONE || action_before(own, next)))
      next = own;
  }
  return next;
}

static void
write_rules(struct buffer *out, const struct oci_rules *rules, bool dense) {
  struct piece piece = {.out = out, .dense = dense};
  const char *before = "\n";
  piece_add(&piece, "  \"syscalls\": [");
  for (struct action action = {ACTION_NONE, 0}; (action = next_action(rules, action)).kind != ACTION_NONE;) {
    piece_add(&piece, before);
    piece_add(&piece, "    {\n");
    write_names(&piece, rules, action);
    write_action(&piece, action);
    piece_add(&piece, "\n    }");
    before = ",\n";
  }
  for (size_t i = 0; i < rules->count; i++) {
    piece_add(&piece, before);
    write_rule(&piece, &rules->items[i]);
    before = ",\n";
  }
  piece_add(&piece, before[0] == ',' ? "\n  ]\n}\n" : "]\n}\n");
  piece_end(&piece);
}

// About what it takes, so that the text need not be moved while it grows; if there is no room for that, it is.
static void
make_room(struct buffer *out, size_t rules) {
  char *text = array_grow(out->text, &out->room, out->length + 8192 + rules * 256, 1, 1);
  out->text = text != NULL ? text : out->text;
}

static void
write_text(const struct policy *policy, const struct oci_rules *rules, bool dense, struct buffer *out) {
  make_room(out, rules->count);
  buffer_add(out, "{\n  \"defaultAction\": \"%s\",\n", action_word(rules->otherwise));
  if (action_has_data(rules->otherwise))
    buffer_add(out, "  \"defaultErrnoRet\": %u,\n", (unsigned)rules->otherwise.data);
  write_architectures(out, policy->abis);
  write_flags(out, policy->flags);
  write_string(out, "listenerPath", policy->listener_path);
  write_string(out, "listenerMetadata", policy->listener_metadata);
  write_rules(out, rules, dense);
}

static int
write_for(enum oci_reader reader, const struct policy *policy, struct buffer *out, struct error *e) {
  struct oci_rules rules = {0};
  int result = check_frame(policy, e);
  if (result == 0)
    result = oci_rules_make(policy, reader, &rules, e);
  if (result == 0)
    write_text(policy, &rules, reader == OCI_READER_RUNTIMES, out);
  oci_rules_clear(&rules);
  return result == 0 && out->failed ? error_memory(e, ERROR_POLICY) : result;
}

int
oci_write(const struct policy *policy, struct buffer *out, struct error *e) {
  return write_for(OCI_READER_SCRUN, policy, out, e);
}

int
oci_write_for_runtimes(const struct policy *policy, struct buffer *out, struct error *e) {
  return write_for(OCI_READER_RUNTIMES, policy, out, e);
}
