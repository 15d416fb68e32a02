// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_write.c - policies as lines of a policy file.
#include "compat/systemd_write.h"
#include "compat/filter_set.h"
#include "compat/flatten.h"
#include "compat/restrict_split.h"
#include "compat/startup.h"
#include "compat/systemd_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_COLUMNS 100

// A setting that is being written. column 0: none is open.
struct line {
  struct buffer *out;
  size_t column;
};

static void
line_end(struct line *line) {
  if (line->column > 0)
    buffer_add(line->out, "\n");
  line->column = 0;
}

// Adds a word; `setting` opens the line.
static void
line_word(struct line *line, const char *setting, const char *word) {
  size_t length = strlen(word);
  if (line->column == 0) {
    buffer_add(line->out, "%s%s", setting, word);
    line->column = strlen(setting) + length;
  } else if (line->column + 1 + length > LINE_COLUMNS - 2) {
    buffer_add(line->out, " \\\n  %s", word);
    line->column = 2 + length;
  } else {
    buffer_add(line->out, " %s", word);
    line->column += 1 + length;
  }
}

// Calls visit for everything that is said, calls by name, then numbers.
static int
each_said(struct writer *writer, int (*visit)(struct writer *writer, struct said *said, void *context), void *context) {
  for (size_t i = 0; i < calls_count(); i++)
    if (visit(writer, &writer->calls[i], context) != 0)
      return -1;
  for (size_t i = 0; i < writer->number_count; i++)
    if (visit(writer, &writer->numbers[i], context) != 0)
      return -1;
  return 0;
}

// Lists of words without tests: those that get one action.
struct base_list {
  struct action action;
  struct line line;
};

static int
write_base(struct writer *writer, struct said *said, void *context) {
  struct base_list *list = context;
  char name[NAME_BYTES], number[NAME_BYTES], word[2 * NAME_BYTES];
  if (!action_equal(said_base_word(writer, said), list->action))
    return 0;
  const char *text = said_name(said, name);
  if (list->action.kind == ACTION_ALLOW) {
    line_word(&list->line, writer->allows, text);
    return 0;
  }
  snprintf(word, sizeof word, "%s:%s", text, action_word(list->action, number));
  line_word(&list->line, "SystemCallFilter=~", action_equal(list->action, writer->refused) ? text : word);
  return 0;
}

static bool
write_base_list(struct writer *writer, struct action action) {
  struct base_list list = {action, {writer->out, 0}};
  (void)each_said(writer, write_base, &list);
  bool any = list.line.column > 0;
  line_end(&list.line);
  return any;
}

// The next action after `action` that some word without tests has, in order of kind and data.
struct next_action {
  struct action after, found;
};

static unsigned
action_rank(struct action action) {
  return (unsigned)action.kind << 16 | action.data;
}

static int
find_next_action(struct writer *writer, struct said *said, void *context) {
  struct next_action *next = context;
  struct action action = said_base_word(writer, said);
  if (action_rank(action) > action_rank(next->after)
      && (next->found.kind == ACTION_NONE || action_rank(action) < action_rank(next->found)))
    next->found = action;
  return 0;
}

static void
write_base_lists(struct writer *writer) {
  struct action allow = {ACTION_ALLOW, 0};
  bool named = write_base_list(writer, allow);
  // The first line makes it an allow list.
  if (!named && action_refuses(writer->otherwise))
    buffer_add(writer->out, "SystemCallFilter=read\nSystemCallFilter=~read\n");
  struct next_action next = {.after = allow};
  for (;;) {
    next.found = (struct action){ACTION_NONE, 0};
    (void)each_said(writer, find_next_action, &next);
    if (next.found.kind == ACTION_NONE)
      return;
    (void)write_base_list(writer, next.found);
    next.after = next.found;
  }
}

// Words with tests, in lines with and without ~ as they come.
struct conditions {
  struct line line;
  bool tilde;
};

static int
write_condition(struct writer *writer, const struct said *said, size_t first, size_t count, bool plain,
                struct conditions *conditions) {
  struct buffer word = {0}, tests = {0};
  struct expression read = {0};
  char name[NAME_BYTES];
  struct action action = said->list.rules[first].action;
  int result = said_write_tests(writer, said, first, count, &tests, &read);
  if (result == 0) {
    buffer_add(&word, "%s(%s)", said_name(said, name), tests.text);
    if (!plain && !action_equal(action, writer->refused))
      buffer_add(&word, ":%s", action_word(action, name));
    if (conditions->tilde != !plain)
      line_end(&conditions->line);
    conditions->tilde = !plain;
    result = word.failed ? writer_memory_error(writer) : 0;
  }
  if (result == 0)
    line_word(&conditions->line, plain ? writer->allows : "SystemCallFilter=~", word.text);
  expression_clear(&read);
  buffer_clear(&tests);
  buffer_clear(&word);
  return result;
}

// Later words are asked first: so the last rule comes first.
static int
write_conditions(struct writer *writer, struct said *said, void *context) {
  size_t starts[FILTER_CONDITIONS_MAX], words = 0;
  bool plainly = said_allows_plainly(writer, said);
  for (size_t i = 0; i < said->list.count; i += said_word_rules(said, i)) {
    if (words == FILTER_CONDITIONS_MAX)
      return said_error(writer, said, "has more tests with different outcomes than there can be words");
    starts[words++] = i;
  }
  while (words-- > 0) {
    bool plain = plainly && said->list.rules[starts[words]].action.kind == ACTION_ALLOW;
    if (write_condition(writer, said, starts[words], said_word_rules(said, starts[words]), plain, context) != 0)
      return -1;
  }
  return 0;
}

// The refusal that most words of a deny list need.
struct count {
  struct action action;
  size_t count;
};

static void
count_if(struct count *count, struct action action) {
  count->count += action_equal(action, count->action);
}

static int
count_refusals(struct writer *writer, struct said *said, void *context) {
  count_if(context, said_base_word(writer, said));
  for (size_t i = 0; i < said->list.count; i++)
    count_if(context, said->list.rules[i].action);
  return 0;
}

static int
choose_refused(struct writer *writer, struct said *said, void *context) {
  struct count *best = context;
  for (size_t i = 0; i <= said->list.count; i++) {
    struct action action = i == said->list.count ? said_base_word(writer, said) : said->list.rules[i].action;
    struct count count = {action, 0};
    if (!action_is_refusal(action) || action_equal(action, best->action))
      continue;
    (void)each_said(writer, count_refusals, &count);
    if (count.count > best->count || (count.count == best->count && action_rank(action) > action_rank(best->action)))
      *best = count;
  }
  return 0;
}

static void
write_error_number(struct writer *writer) {
  struct action kill = {ACTION_KILL_PROCESS, 0};
  struct count best = {kill, 0};
  char number[NAME_BYTES];
  if (action_refuses(writer->otherwise)) {
    best.action = writer->otherwise;
  } else {
    (void)each_said(writer, count_refusals, &best);
    (void)each_said(writer, choose_refused, &best);
  }
  writer->refused = best.action;
  if (!action_equal(best.action, kill))
    buffer_add(writer->out, "SystemCallErrorNumber=%s\n", action_word(best.action, number));
}

// The log of what no word names.
static int
write_logged(struct writer *writer, struct said *said, void *context) {
  char name[NAME_BYTES];
  (void)writer;
  if (said->list.any && (said->call == CALL_NONE || !call_is_nowhere(said->call)))
    line_word(context, "SystemCallLog=~", said_name(said, name));
  return 0;
}

static void
write_log_default(struct writer *writer) {
  struct line line = {writer->out, 0};
  (void)each_said(writer, write_logged, &line);
  if (line.column == 0)
    buffer_add(writer->out, "SystemCallLog=~");
  buffer_add(writer->out, "\n");
}

// A layer of SystemCallFilter=.

static int
write_layer(struct writer *writer) {
  struct conditions conditions = {.line = {writer->out, 0}};
  if (writer_collect(writer) != 0)
    return -1;
  write_error_number(writer);
  if (writer->has_mark)
    buffer_add(writer->out, "SystemCallKnownUntil=%u.%u\n", (unsigned)writer->mark >> 16,
               (unsigned)writer->mark & 0xffffu);
  write_base_lists(writer);
  if (each_said(writer, write_conditions, &conditions) != 0)
    return -1;
  line_end(&conditions.line);
  if (writer->log_default)
    write_log_default(writer);
  return 0;
}

// With its words taken apart, `write` writes the layer.
static int
write_filter(struct writer *writer, int (*write)(struct writer *writer)) {
  writer->calls = calloc(calls_count(), sizeof *writer->calls);
  writer->store = diagram_store_new();
  int result = writer->calls == NULL || writer->store == NULL ? writer_memory_error(writer) : write(writer);
  for (size_t i = 0; writer->calls != NULL && i < calls_count(); i++)
    rule_list_clear(&writer->calls[i].list);
  for (size_t i = 0; i < writer->number_count; i++)
    rule_list_clear(&writer->numbers[i].list);
  free(writer->calls);
  free(writer->numbers);
  diagram_store_free(writer->store);
  writer->calls = writer->numbers = NULL;
  writer->number_count = writer->number_room = writer->store_tests = 0;
  return result;
}

// The layer of StartupSystemCallFilter=.

// There is no ~: what is refused can only be left out.
static int
check_startup(struct writer *writer, struct said *said, void *context) {
  (void)context;
  if (said->call != CALL_NONE && startup_leaves_out(said->call))
    rule_list_clear(&said->list);
  struct action base = said_base_word(writer, said);
  if (base.kind == ACTION_NONE || base.kind == ACTION_ALLOW)
    return 0;
  return said_error(writer, said, "is kept out of a start-up list by name");
}

static int
write_startup_layer(struct writer *writer) {
  struct conditions conditions = {.line = {writer->out, 0}};
  size_t before = writer->out->length;
  writer->refused = writer->layer->otherwise;
  if (writer_collect(writer) != 0 || each_said(writer, check_startup, NULL) != 0)
    return -1;
  (void)write_base_list(writer, (struct action){ACTION_ALLOW, 0});
  if (each_said(writer, write_conditions, &conditions) != 0)
    return -1;
  line_end(&conditions.line);
  if (writer->out->length == before)
    buffer_add(writer->out, "%s\n", writer->allows);
  return 0;
}

static int
write_startup(struct writer *writer, const struct policy *startup) {
  writer->policy = startup;
  writer->layer = &startup->layers[0];
  writer->allows = "StartupSystemCallFilter=";
  return write_filter(writer, write_startup_layer);
}

// The layer of SystemCallLog=.

// True if the layer only logs: some calls, or all but some.
static bool
is_log(const struct policy *policy, const struct layer *layer) {
  struct action other = {layer->otherwise.kind == ACTION_LOG ? ACTION_ALLOW : ACTION_LOG, 0};
  if (layer->otherwise.kind != ACTION_LOG && layer->otherwise.kind != ACTION_ALLOW)
    return false;
  if (layer->newer.kind != ACTION_NONE && !action_equal(layer->newer, layer->otherwise))
    return false;
  for (uint32_t i = 0; i < layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    if (rule->test_count > 0 || rule->abis != 0 || !action_equal(rule->action, other)
        || (rule->call == CALL_NONE && number_is_call(rule->number)))
      return false;
  }
  return true;
}

// Rules of a log layer stand in any order, and may be there twice.
static int
compare_rules(const void *a, const void *b) {
  const struct rule *const *x = a, *const *y = b;
  if ((*x)->call != (*y)->call)
    return (*x)->call < (*y)->call ? -1 : 1;
  if ((*x)->call != CALL_NONE || (*x)->number == (*y)->number)
    return 0;
  return (*x)->number < (*y)->number ? -1 : 1;
}

static int
write_log(struct writer *writer, const struct layer *layer) {
  const char *setting = layer->otherwise.kind == ACTION_LOG ? "SystemCallLog=~" : "SystemCallLog=";
  const struct rule **rules = malloc((layer->rule_count + 1) * sizeof *rules);
  struct line line = {writer->out, 0};
  if (rules == NULL)
    return writer_memory_error(writer);
  for (uint32_t i = 0; i < layer->rule_count; i++)
    rules[i] = &writer->policy->rules[layer->first_rule + i];
  qsort(rules, layer->rule_count, sizeof *rules, compare_rules);
  for (uint32_t i = 0; i < layer->rule_count; i++) {
    struct said said = {.call = rules[i]->call, .number = rules[i]->number};
    char name[NAME_BYTES];
    if ((i == 0 || compare_rules(&rules[i - 1], &rules[i]) != 0)
        && (said.call == CALL_NONE || !call_is_nowhere(said.call)))
      line_word(&line, setting, said_name(&said, name));
  }
  if (line.column == 0 && layer->otherwise.kind == ACTION_LOG)
    line_word(&line, setting, "");
  line_end(&line);
  free(rules);
  return 0;
}

// The whole policy.

static int
check_whole(struct writer *writer) {
  const struct policy *policy = writer->policy;
  struct source_pos nowhere = {0};
  if (policy->permissive)
    return writer_error(writer, nowhere, "that all it refuses is only logged (scrun --log does that)", "");
  if (policy->flags != 0)
    return writer_error(writer, nowhere, "flags of the filter", "");
  if (policy->listener_path != NULL || policy->listener_metadata != NULL)
    return writer_error(writer, nowhere, "a listener", "");
  if ((policy->abis & ABI_BIT(ABI_NATIVE)) == 0)
    return writer_error(writer, policy->abis_at, "a policy without ", abi_name(ABI_NATIVE));
  enum action_kind foreign = policy->foreign.kind;
  if (foreign != ACTION_KILL_THREAD && (foreign != ACTION_KILL_PROCESS || policy->abis != ABI_ALL))
    return writer_error(writer, policy->abis_at, "what calls of other architectures get", "");
  return 0;
}

static void
write_architectures(struct writer *writer) {
  unsigned abis = writer->policy->abis;
  if (abis == ABI_ALL && writer->policy->foreign.kind == ACTION_KILL_PROCESS)
    return;
  buffer_add(writer->out, "SystemCallArchitectures=native%s%s\n", (abis & ABI_BIT(ABI_I386)) != 0 ? " x86" : "",
             (abis & ABI_BIT(ABI_X32)) != 0 ? " x32" : "");
}

static void
write_others(struct writer *writer) {
  if (!writer->policy->no_new_privs)
    buffer_add(writer->out, "NoNewPrivileges=no\n");
  if (writer->policy->isolate_peers == ISOLATE_PEERS_YES)
    buffer_add(writer->out, "IsolatePeers=yes\n");
  if (writer->policy->isolate_peers == ISOLATE_PEERS_NO)
    buffer_add(writer->out, "IsolatePeers=no\n");
}

// Which layer is SystemCallFilter='s and which SystemCallLog='s; NULL: there is none. False if they are others.
static bool
choose_layers(const struct policy *policy, const struct layer **filter, const struct layer **log) {
  const struct layer *layers = policy->layers;
  *filter = *log = NULL;
  if (policy->layer_count == 1 && layers[0].otherwise.kind == ACTION_LOG && is_log(policy, &layers[0]))
    *log = &layers[0];
  else if (policy->layer_count == 1)
    *filter = &layers[0];
  for (size_t last = 2; policy->layer_count == 2 && last-- > 0 && *log == NULL;)
    if (is_log(policy, &layers[last]) && layers[1 - last].otherwise.kind != ACTION_LOG) {
      *log = &layers[last];
      *filter = &layers[1 - last];
    }
  return policy->layer_count == 0 || *filter != NULL || *log != NULL;
}

// What is written: a layer of a policy, NULL if there is none.
struct chosen {
  const struct policy *policy;
  const struct layer *filter, *log;
  const struct policy *log_policy; // the log's own
};

static int
write_layers(struct writer *writer, const struct chosen *chosen) {
  size_t before = writer->out->length;
  const struct layer *log = chosen->log;
  writer->policy = chosen->policy;
  writer->layer = chosen->filter;
  if (chosen->filter != NULL && write_filter(writer, write_layer) != 0)
    return -1;
  writer->policy = chosen->log_policy;
  // Calls that are logged, and no filter beside them: they are said as one.
  if (log != NULL && log->otherwise.kind == ACTION_ALLOW && writer->out->length == before) {
    writer->layer = log;
    log = NULL;
    if (write_filter(writer, write_layer) != 0)
      return -1;
  }
  return log != NULL ? write_log(writer, log) : 0;
}

// A log of all but some calls: made one with a layer that refuses, it says more than one list can.
static const struct layer *
find_log(const struct policy *policy) {
  const struct layer *log = NULL;
  for (size_t i = 0; i < policy->layer_count; i++) {
    if (policy->layers[i].otherwise.kind != ACTION_LOG)
      continue;
    if (log != NULL || !is_log(policy, &policy->layers[i]))
      return NULL;
    log = &policy->layers[i];
  }
  return log;
}

// Makes the layers one, or one beside the log.
static int
merge_layers(struct writer *writer, const struct policy *layers, struct policy **flat, struct chosen *chosen) {
  struct policy *others = NULL;
  chosen->log = find_log(layers);
  chosen->log_policy = layers;
  if (chosen->log != NULL && layers_without(layers, chosen->log, &others, writer->e) != 0)
    return -1;
  int result = policy_flatten(others != NULL ? others : layers, flat, writer->e);
  policy_free(others);
  if (result == 0) {
    chosen->policy = *flat;
    chosen->filter = &(*flat)->layers[0];
  }
  return result;
}

// The layers, as few of them as there are settings for.
static int
write_chosen(struct writer *writer, const struct policy *layers) {
  struct chosen chosen = {.policy = layers, .log_policy = layers};
  struct policy *flat = NULL;
  if (!choose_layers(layers, &chosen.filter, &chosen.log) && merge_layers(writer, layers, &flat, &chosen) != 0)
    return -1;
  int result = write_layers(writer, &chosen);
  policy_free(flat);
  return result;
}

// `rest` is what MemoryDenyWriteExecute= leaves of the layers; NULL: the policy is without.
static int
write_policy(struct writer *writer, const struct policy *policy, const struct policy *rest) {
  write_architectures(writer);
  size_t before = writer->out->length;
  if ((rest == NULL || rest->layer_count > 0) && write_chosen(writer, rest != NULL ? rest : policy) != 0)
    return -1;
  if (rest != NULL)
    buffer_add(writer->out, "MemoryDenyWriteExecute=yes\n");
  else if (writer->out->length == before)
    buffer_add(writer->out, "SystemCallFilter=~\n");
  writer->policy = policy;
  write_others(writer);
  if (policy->at != MOMENT_NONE)
    buffer_add(writer->out, "At=%s\n", moment_name(policy->at));
  if (policy->startup != NULL && write_startup(writer, policy->startup) != 0)
    return -1;
  return writer->out->failed ? writer_memory_error(writer) : 0;
}

int
systemd_write(const struct policy *policy, struct buffer *out, struct error *e) {
  struct writer writer = {.policy = policy, .allows = "SystemCallFilter=", .out = out, .e = e};
  struct policy *rest;
  if (check_whole(&writer) != 0 || restrictions_split(policy, &rest, e) != 0)
    return -1;
  int result = write_policy(&writer, policy, rest);
  policy_free(rest);
  return result;
}
