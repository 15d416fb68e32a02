// SPDX-License-Identifier: LGPL-2.1-or-later
// check.c - looks at the files and folders that engines look at, in the same order, and says what they would not.
#include "hook/check.h"
#include "hook/check_hook.h"
#include "hook/check_toml.h"
#include "hook/place.h"
#include "hook/runtime/settings.h"
#include "runner/beside.h"
#include "runner/options.h"
#include "runner/profile_files.h"
#include "runner/report.h"
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL "scrun-hook"
#define NAMES_MAX 512
#define PODMAN_DEFAULT "/usr/share/containers/oci/hooks.d"
// Documented, and not read by podman 4.3.1, but by buildah.
#define PODMAN_UNREAD "/etc/containers/oci/hooks.d"

static const char help[] = "scrun-hook check [--hooks-dir=FOLDER]...\n"
                           "\n"
                           "Reads what podman and CRI-O read (containers.conf, crio.conf, their hooks.d folders)\n"
                           "and says whether a container that asks for a policy gets it. As root about root's\n"
                           "containers, as another user about that user's. One line a finding, with what to do;\n"
                           "files that call scrun-hook are also tried.\n"
                           "\n"
                           "     --hooks-dir=FOLDER  as given to podman, instead of what is configured\n"
                           "  -h --help              this text\n"
                           "\n"
                           "Exit status: 0 if all is well, 1 if not, 2 for a wrong command line.\n";

struct line {
  struct toml_folders folders;
  bool help;
};

// Findings.

static void say_finding(const char *kind, const char *format, va_list arguments) SC_PRINTF(2, 0);

static void
say_finding(const char *kind, const char *format, va_list arguments) {
  struct diag diag = {.kind = DIAG_HINT};
  int length = snprintf(diag.text, sizeof diag.text, "%s: ", kind);
  char text[DIAG_BYTES];
  if (vsnprintf(diag.text + length, sizeof diag.text - (size_t)length, format, arguments) < 0)
    diag.text[0] = '\0';
  (void)diag_write(&diag, TOOL, text, sizeof text);
  fputs(text, stdout);
}

void
finding_problem(struct findings *findings, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say_finding("problem", format, arguments);
  va_end(arguments);
  findings->problems++;
}

void
finding_note(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say_finding("note", format, arguments);
  va_end(arguments);
}

void
finding_good(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say_finding("ok", format, arguments);
  va_end(arguments);
}

static void
say_messages(const struct diags *diags, struct findings *findings) {
  char text[DIAG_BYTES];
  for (size_t i = 0; i < diags->count; i++) {
    (void)diag_write(&diags->items[i], TOOL, text, sizeof text);
    fputs(text, stdout);
  }
  findings->problems++;
}

// Files by name.

struct names {
  char *items[NAMES_MAX];
  size_t count;
};

static void
names_clear(struct names *names) {
  for (size_t i = 0; i < names->count; i++)
    free(names->items[i]);
  names->count = 0;
}

// podman sorts as languages do: capitals do not count.
static int
compare_names(const void *a, const void *b) {
  const char *const *first = a, *const *second = b;
  int order = strcasecmp(*first, *second);
  return order != 0 ? order : strcmp(*first, *second);
}

static bool
ends_in(const char *name, const char *suffix) {
  size_t length = strlen(name), end = strlen(suffix);
  return length > end && strcmp(name + length - end, suffix) == 0;
}

// The files of a folder, sorted. Returns 1 if there is no such folder, -1 if it cannot be read.
static int
names_read(struct names *names, const char *folder) {
  DIR *stream = opendir(folder);
  const struct dirent *entry;
  names->count = 0;
  if (stream == NULL)
    return errno == ENOENT ? 1 : -1;
  while ((entry = readdir(stream)) != NULL && names->count < NAMES_MAX) {
    if (entry->d_name[0] == '.')
      continue;
    names->items[names->count] = strdup(entry->d_name);
    if (names->items[names->count] == NULL)
      break;
    names->count++;
  }
  bool whole = entry == NULL;
  closedir(stream);
  qsort(names->items, names->count, sizeof names->items[0], compare_names);
  return whole ? 0 : -1;
}

static void
join(char path[PATH_MAX], const char *folder, const char *name) {
  int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
  if (length < 0 || length >= PATH_MAX)
    path[0] = '\0';
}

static bool
is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// Settings.

// What one engine is about.
struct engine {
  const char *name, *table;
  struct profile_files files; // what messages quote
  struct toml_folders folders;
  struct findings *findings;
  bool precreate; // it has that stage
};

// A settings file: what it says replaces what earlier ones said. It need not be there.
static void
read_settings(struct engine *engine, const char *path) {
  static struct toml_folders folders;
  struct diags diags = {.count = 0};
  const struct source *source;
  struct error e;
  if (access(path, F_OK) != 0)
    return;
  if (profile_files_read(&engine->files, path, &source, &e) != 0) {
    finding_problem(engine->findings, "%s", e.text);
    return;
  }
  int found = toml_read_folders(source, engine->table, &folders, &diags);
  if (found < 0) {
    say_messages(&diags, engine->findings);
    finding_problem(engine->findings, "%s: whether %s reads hooks of scrun's cannot be said before that is changed",
                    path, engine->name);
  } else if (found > 0) {
    engine->folders = folders;
  }
}

static void
read_settings_folder(struct engine *engine, const char *folder) {
  static struct names names;
  char path[PATH_MAX];
  if (names_read(&names, folder) < 0)
    finding_problem(engine->findings, "%s cannot be read: %s", folder, strerror(errno));
  for (size_t i = 0; i < names.count; i++) {
    join(path, folder, names.items[i]);
    if (ends_in(names.items[i], ".conf"))
      read_settings(engine, path);
  }
  names_clear(&names);
}

static void
read_user_settings(struct engine *engine) {
  const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
  char folder[PATH_MAX], path[PATH_MAX];
  if (config != NULL && config[0] == '/')
    join(folder, config, "containers");
  else if (home != NULL && home[0] == '/')
    join(folder, home, ".config/containers");
  else
    return;
  join(path, folder, "containers.conf");
  read_settings(engine, path);
  join(path, folder, "containers.conf.d");
  read_settings_folder(engine, path);
}

// Source: containers.conf(5).
static void
read_podman_settings(struct engine *engine) {
  const char *only = getenv("CONTAINERS_CONF");
  if (only != NULL) {
    finding_note("CONTAINERS_CONF is set here: podman reads only %s, and so does this", shown(only).text);
    read_settings(engine, only);
    return;
  }
  read_settings(engine, "/usr/share/containers/containers.conf");
  read_settings(engine, "/etc/containers/containers.conf");
  read_settings_folder(engine, "/etc/containers/containers.conf.d");
  if (getuid() != 0)
    read_user_settings(engine);
}

// Source: crio.conf(5).
static void
read_crio_settings(struct engine *engine) {
  read_settings(engine, "/etc/crio/crio.conf");
  read_settings_folder(engine, "/etc/crio/crio.conf.d");
}

// Hooks.

// A file of ours by another name is never read.
static bool
mentions_scrun(const char *path) {
  char text[4096];
  FILE *file = fopen(path, "re");
  size_t length = file == NULL ? 0 : fread(text, 1, sizeof text, file);
  if (file != NULL)
    fclose(file);
  return memmem(text, length, TOOL, sizeof TOOL - 1) != NULL;
}

// Whether a later folder has a file of that name, which then counts instead.
static const char *
find_mask(const struct engine *engine, size_t folder, const char *name) {
  char path[PATH_MAX];
  for (size_t i = engine->folders.count; i-- > folder + 1;) {
    join(path, engine->folders.path[i], name);
    if (access(path, F_OK) == 0)
      return engine->folders.path[i];
  }
  return NULL;
}

// The hook of ours that is called, and the last name of any other that changes config.json.
struct order {
  char ours[NAME_MAX + 1], last[NAME_MAX + 1];
  size_t count;
};

static void
note_order(struct order *order, const char *name, bool ours) {
  char *place = ours ? order->ours : order->last;
  const char *other = place;
  if (place[0] == '\0' || compare_names(&other, &name) < 0)
    snprintf(place, NAME_MAX + 1, "%s", name);
}

// buildah reads these two folders whatever is configured, and has no such stage, as measured with podman 4.3.1.
static void
judge_builds(const char *folder, const char *path) {
  if (strcmp(folder, PODMAN_DEFAULT) == 0 || strcmp(folder, PODMAN_UNREAD) == 0)
    finding_note("%s: root's buildah and podman build fail (unknown stage \"precreate\") while it is there: move it to "
                 "a folder of its own, and name that in hooks_dir of [engine]",
                 path);
}

static void
judge_hook(struct engine *engine, const struct hook_file *hook, const char *folder, const char *path, const char *name,
           struct order *order) {
  size_t problems = engine->findings->problems;
  if (!engine->precreate) {
    if (hook->program != NULL && hook->at_precreate)
      finding_problem(engine->findings,
                      "%s: %s has no stage precreate, and does not start while that file is there: take it away; "
                      "%s's containers get their policies by scrun-runtime",
                      path, engine->name, engine->name);
    return;
  }
  if (hook->at_precreate)
    note_order(order, name, hook->program != NULL);
  if (hook->program == NULL)
    return;
  order->count++;
  hook_file_judge(hook, path, engine->findings);
  if (engine->findings->problems == problems && hook->at_precreate)
    hook_file_try(hook, path, engine->findings);
  if (engine->findings->problems == problems)
    finding_good("%s: %s calls it", path, engine->name);
  if (hook->at_precreate)
    judge_builds(folder, path);
}

static void
read_hook(struct engine *engine, size_t folder, const char *name, struct order *order) {
  struct diags diags = {.count = 0};
  struct hook_file hook;
  const struct source *source;
  struct error e;
  char path[PATH_MAX];
  join(path, engine->folders.path[folder], name);
  const char *mask = ends_in(name, ".json") ? find_mask(engine, folder, name) : NULL;
  if (!ends_in(name, ".json") || mask != NULL) {
    if (!mentions_scrun(path))
      return;
    if (mask == NULL)
      finding_problem(engine->findings, "%s: %s reads only files whose name ends in .json: rename it", path,
                      engine->name);
    else
      finding_note("%s: a file of the same name in %s counts instead", path, mask);
    return;
  }
  if (profile_files_read(&engine->files, path, &source, &e) != 0) {
    finding_problem(engine->findings, "%s", e.text);
    return;
  }
  if (hook_file_read(source, &hook, &diags) != 0) {
    say_messages(&diags, engine->findings);
    finding_problem(engine->findings, "%s: no hook as %s takes it, which starts no container then", path, engine->name);
  } else {
    judge_hook(engine, &hook, engine->folders.path[folder], path, name, order);
  }
  hook_file_clear(&hook);
}

static void
read_folder(struct engine *engine, size_t folder, struct order *order) {
  static struct names names;
  const char *path = engine->folders.path[folder];
  int result = names_read(&names, path);
  if (result > 0)
    finding_note("%s does not exist; %s says nothing about that", path, engine->name);
  else if (result < 0)
    finding_problem(engine->findings, "%s cannot be read: %s", path, strerror(errno));
  for (size_t i = 0; i < names.count; i++)
    read_hook(engine, folder, names.items[i], order);
  names_clear(&names);
}

static bool
reads_folder(const struct engine *engine, const char *path) {
  for (size_t i = 0; i < engine->folders.count; i++)
    if (strcmp(engine->folders.path[i], path) == 0)
      return true;
  return false;
}

// Files of ours where nobody looks for them.
static void
judge_unread(struct engine *engine) {
  static struct names names;
  static const char *const folders[] = {PODMAN_DEFAULT, PODMAN_UNREAD, "/etc/scrun/hooks.d", "/usr/share/scrun/hooks.d",
                                        "/usr/local/share/scrun/hooks.d"};
  char path[PATH_MAX];
  for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++) {
    if (reads_folder(engine, folders[f]) || names_read(&names, folders[f]) != 0)
      continue;
    for (size_t i = 0; i < names.count; i++) {
      join(path, folders[f], names.items[i]);
      if (mentions_scrun(path))
        finding_note("%s: %s does not read that folder; name it in hooks_dir of [%s]", path, engine->name,
                     engine->table);
    }
    names_clear(&names);
  }
}

static void
judge_engine(struct engine *engine) {
  struct order order = {.count = 0};
  for (size_t i = 0; i < engine->folders.count; i++)
    read_folder(engine, i, &order);
  judge_unread(engine);
  if (order.count == 0)
    finding_problem(engine->findings,
                    "%s calls no " TOOL ": containers start without the policy that they ask for; name the folder of "
                    "zz-scrun.json in hooks_dir of [%s], as containers.conf of scrun's examples does",
                    engine->name, engine->table);
  if (order.count > 1)
    finding_problem(engine->findings,
                    "%zu files call " TOOL ", of which %s is the last: it writes the policy anew, and the words of the "
                    "others are lost; leave one (of the same name in a later folder, it takes the other's place)",
                    order.count, order.ours);
  const char *ours = order.ours, *last = order.last;
  if (ours[0] != '\0' && last[0] != '\0' && compare_names(&ours, &last) < 0)
    finding_note("%s runs behind %s, and may change what that has written: give ours a later name", last, ours);
  profile_files_clear(&engine->files);
}

static void
set_default(struct engine *engine) {
  engine->folders.count = 1;
  strcpy(engine->folders.path[0], PODMAN_DEFAULT);
}

static void
check_podman(const struct line *line, struct findings *findings) {
  static struct engine engine = {.name = "podman", .table = "engine", .precreate = true};
  engine.findings = findings;
  set_default(&engine);
  read_podman_settings(&engine);
  if (line->folders.count > 0) {
    for (size_t i = 0; i < line->folders.count; i++)
      if (!reads_folder(&engine, line->folders.path[i]))
        finding_problem(findings,
                        "--hooks-dir=%s holds for one command: podman start and restart do not know of it; write "
                        "hooks_dir = [\"%s\"] into containers.conf, [engine]",
                        shown(line->folders.path[i]).text, shown(line->folders.path[i]).text);
    engine.folders = line->folders;
  }
  judge_engine(&engine);
}

// It has no stage in which a config.json could be changed: what its sources call hooks.New() with.
static void
check_crio(struct findings *findings) {
  static struct engine engine = {.name = "CRI-O", .table = "crio.runtime"};
  engine.findings = findings;
  if (!is_folder("/etc/crio"))
    return;
  struct order order = {.count = 0};
  set_default(&engine);
  read_crio_settings(&engine);
  for (size_t i = 0; i < engine.folders.count; i++)
    read_folder(&engine, i, &order);
  profile_files_clear(&engine.files);
}

// Parts.

static void
check_parts(struct findings *findings) {
  static const enum place_part parts[] = {PLACE_WRAPPER, PLACE_STAGE};
  char path[PATH_MAX];
  struct error e;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (place_find(parts[i], path, &e) != 0)
      finding_problem(findings, "%s", e.text);
    else
      finding_good("%s", path);
}

// scrun-runtime knows its own settings.
static void
check_runtime(struct findings *findings) {
  char path[PATH_MAX];
  char *words[] = {path, (char *)(uintptr_t) "--check", NULL};
  struct stat own;
  struct error e;
  int status = 0;
  if (access(SETTINGS_FOLDER "/" SETTINGS_FILE, F_OK) != 0)
    return;
  if (beside_find(path, "scrun-runtime", "containers need scrun-runtime", &own, &e) != 0) {
    finding_problem(findings, "%s", e.text);
    return;
  }
  (void)fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    execv(path, words);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    finding_problem(findings, "%s --check does not find its settings right", shown(path).text);
  else
    finding_good("%s and its settings", path);
}

static int
take_folder(void *target, const char *value, struct error *e) {
  struct toml_folders *folders = target;
  if (folders->count == TOML_FOLDERS_MAX || strlen(value) >= PATH_MAX || value[0] != '/')
    return error_plain(e, ERROR_USAGE, "--hooks-dir=%s: an absolute path, at most %d times", shown(value).text,
                       TOML_FOLDERS_MAX);
  strcpy(folders->path[folders->count++], value);
  return 0;
}

static const struct option_spec specs[] = {
    {"hooks-dir", '\0', OPTION_TAKE, offsetof(struct line, folders), take_folder},
    {"help", 'h', OPTION_FLAG, offsetof(struct line, help), NULL},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

int
check(int argc, char **argv) {
  static struct line line;
  struct findings findings = {0};
  struct error e;
  int first;
  if (options_read(specs, &line, argc, argv, &first, &e) != 0)
    return report_error(TOOL, &e);
  if (first != argc)
    return report(TOOL, "check takes options only, not \"%s\"; see scrun-hook check --help", shown(argv[first]).text);
  if (line.help) {
    fputs(help, stdout);
    return report_output(TOOL, 0);
  }
  check_parts(&findings);
  check_podman(&line, &findings);
  check_crio(&findings);
  check_runtime(&findings);
  return report_output(TOOL, findings.problems > 0);
}
