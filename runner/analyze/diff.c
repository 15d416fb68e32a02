// SPDX-License-Identifier: LGPL-2.1-or-later
// diff.c - what a second policy allows, refuses or answers otherwise than the first.
#include "runner/analyze/diff.h"
#include "runner/analyze/analyze.h"
#include <string.h>

enum { STATUS_EQUAL = 0, STATUS_NARROWER = 1, STATUS_WIDER = 3 };

static int
diff_status(const struct diff *diff) {
  bool wider = false;
  for (size_t i = 0; i < diff->row_count; i++)
    wider |= diff->rows[i].change == CHANGE_ALLOWED;
  for (size_t i = 0; i < diff->setting_count; i++)
    wider |= diff->settings[i].wider;
  if (wider)
    return STATUS_WIDER;
  return diff->row_count + diff->setting_count > 0 ? STATUS_NARROWER : STATUS_EQUAL;
}

// Text for people.

static void
print_shown(const char *text) {
  for (; *text != '\0'; text++)
    putchar(diag_shown_byte(*text));
}

static void
print_what(const struct diff_row *row) {
  if (row->name != NULL)
    fputs(row->name, stdout);
  else if (row->numbers[0] == '\0')
    fputs(row->is_rest       ? "every other call answered so"
          : row->answered_so ? "every call answered so"
                             : "every call",
          stdout);
  else
    printf("%s %s", strspn(row->numbers, "0123456789") == strlen(row->numbers) ? "number" : "numbers", row->numbers);
}

static void
print_ways(const struct diff_row *row) {
  const char *way, *before = " on ";
  for (unsigned at = 0; (way = way_next(row, &at)) != NULL; before = ",") {
    printf("%s%s", before, strcmp(way, "any-other") == 0 ? "any other architecture" : way);
  }
}

static void
print_row(const struct diff *diff, const struct diff_row *row) {
  static const char *const words[] = {"", "newly allowed", "newly refused", "changed", "unchanged"};
  char a[48], b[48];
  printf("%s: ", words[row->change]);
  print_what(row);
  if (!diff_row_is_everywhere(diff, row))
    print_ways(row);
  printf(": %s", action_describe(row->a, a, sizeof a));
  if (row->change != CHANGE_SAME)
    printf(" -> %s", action_describe(row->b, b, sizeof b));
  if (row->condition[0] != '\0')
    printf(" where %s", row->condition);
  if (row->example[0] != '\0')
    printf(", for example %s", row->example);
  putchar('\n');
}

static void
print_plain(const struct diff *diff) {
  for (size_t i = 0; i < diff->setting_count; i++) {
    const struct diff_setting *setting = &diff->settings[i];
    printf("%s: %s: ", setting->wider ? "weaker" : "changed", setting->name);
    print_shown(setting->a);
    fputs(" -> ", stdout);
    print_shown(setting->b);
    putchar('\n');
  }
  for (size_t i = 0; i < diff->row_count; i++)
    print_row(diff, &diff->rows[i]);
}

// JSON.

static void
print_string(const char *text) {
  putchar('"');
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\')
      printf("\\%c", byte);
    else if (byte < 0x20 || byte == 0x7f)
      printf("\\u%04x", byte);
    else
      putchar(byte);
  }
  putchar('"');
}

static void
print_member(const char *name, const char *text) {
  printf(", \"%s\": ", name);
  if (text == NULL || text[0] == '\0')
    fputs("null", stdout);
  else
    print_string(text);
}

static void
print_row_json(const struct diff_row *row) {
  char a[48], b[48];
  const char *way, *before = "";
  printf("    {\"change\": \"%s\"%s", change_name(row->change), row->is_rest ? ", \"rest\": true" : "");
  print_member("call", row->name);
  print_member("numbers", row->numbers);
  fputs(", \"abis\": [", stdout);
  for (unsigned at = 0; (way = way_next(row, &at)) != NULL; before = ", ")
    printf("%s\"%s\"", before, way);
  putchar(']');
  print_member("from", action_describe(row->a, a, sizeof a));
  print_member("to", action_describe(row->b, b, sizeof b));
  print_member("where", row->condition);
  fputs(", \"example\": ", stdout);
  if (row->example[0] == '\0')
    fputs("null}", stdout);
  else
    for (size_t i = 0; i < 6; i++)
      printf("%s\"0x%llx\"%s", i == 0 ? "[" : ", ", (unsigned long long)row->args[i], i == 5 ? "]}" : "");
}

static void
print_json(const struct diff *diff) {
  static const char *const results[] = {
      [STATUS_EQUAL] = "equal", [STATUS_NARROWER] = "narrower-or-different", [STATUS_WIDER] = "wider"};
  printf("{\n  \"result\": \"%s\",\n  \"settings\": [", results[diff_status(diff)]);
  for (size_t i = 0; i < diff->setting_count; i++) {
    const struct diff_setting *setting = &diff->settings[i];
    printf("%s    {\"name\": \"%s\", \"wider\": %s", i == 0 ? "\n" : ",\n", setting->name,
           setting->wider ? "true" : "false");
    print_member("from", setting->a);
    print_member("to", setting->b);
    putchar('}');
  }
  printf("%s],\n  \"calls\": [", diff->setting_count > 0 ? "\n  " : "");
  for (size_t i = 0; i < diff->row_count; i++) {
    fputs(i == 0 ? "\n" : ",\n", stdout);
    print_row_json(&diff->rows[i]);
  }
  printf("%s]\n}\n", diff->row_count > 0 ? "\n  " : "");
}

static int
print_diff(const struct policy *a, const struct policy *b, bool json) {
  struct diff diff;
  struct error e;
  int status = diff_make(&diff, a, b, &e) != 0 ? report_error(TOOL, &e) : diff_status(&diff);
  if (status != STATUS_UNUSABLE)
    (json ? print_json : print_plain)(&diff);
  diff_clear(&diff);
  return status;
}

int
verb_diff(struct analyze_line *line) {
  struct analyze_line lines[2] = {*line, *line};
  struct policy *policies[2] = {NULL, NULL};
  if (line->argument_count != 2)
    return report(TOOL, "diff takes two policies: diff A B, each a FILE or a NAME as --profile takes it");
  if (line->policy.count > 0 || line->abi != ABI_NONE)
    return report(TOOL, "diff compares the two policies of its arguments: it takes no --property, --profile or --abi");
  bool json = line->format != NULL && strcmp(line->format, "json") == 0;
  if (line->format != NULL && !json && strcmp(line->format, "text") != 0)
    return report(TOOL, "--format=%s: it is text or json", shown(line->format).text);
  int status = 0;
  for (size_t i = 0; i < 2; i++) { // the options are for both
    lines[i].arguments = line->arguments + i;
    lines[i].argument_count = 1;
    if (status == 0)
      status = load_policy(&lines[i], &policies[i]);
  }
  if (status == 0)
    status = print_diff(policies[0], policies[1], json);
  for (size_t i = 0; i < 2; i++) {
    policy_free(policies[i]);
    policy_request_clear(&lines[i].policy);
  }
  return status;
}
