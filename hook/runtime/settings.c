// SPDX-License-Identifier: LGPL-2.1-or-later
// settings.c - reads runtime.conf.
#include "hook/runtime/settings.h"
#include "compat/nearest.h"
#include "compat/policy_file.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct settings_name {
  struct settings_name *next;
  char text[];
};

// What was read so far.
struct lines {
  struct runtime_settings *settings;
  bool accelerate_given;
};

// Takes the only word of a value.
static bool
take_one(const struct assignment *line, struct source_pos *word, struct diags *diags) {
  struct text value = line->value;
  struct source_pos more;
  bool closed;
  if (!text_word(&value, word, &closed)) {
    diag_add(diags, DIAG_ERROR, line->name, "%.*s= needs a value", text_shown(line->name.length),
             text_bytes(line->name));
    return false;
  }
  if (text_word(&value, &more, &closed)) {
    diag_add(diags, DIAG_ERROR, more, "%.*s= takes one word", text_shown(line->name.length), text_bytes(line->name));
    return false;
  }
  return true;
}

static void
complain_twice(const struct assignment *line, struct diags *diags) {
  diag_add(diags, DIAG_ERROR, line->name, "%.*s= stands here twice", text_shown(line->name.length),
           text_bytes(line->name));
}

static void
read_runtime(struct lines *lines, const struct assignment *line, struct diags *diags) {
  struct runtime_settings *settings = lines->settings;
  struct source_pos word;
  if (!take_one(line, &word, diags))
    return;
  if (settings->runtime != NULL) {
    complain_twice(line, diags);
    return;
  }
  if (text_bytes(word)[0] != '/' || word.length >= PATH_MAX || memchr(text_bytes(word), '\\', word.length) != NULL) {
    diag_add(diags, DIAG_ERROR, word, "Runtime= takes an absolute path without backslashes");
    return;
  }
  settings->runtime = strndup(text_bytes(word), word.length);
  settings->hook.runtime = settings->runtime;
  if (settings->runtime == NULL)
    diag_add(diags, DIAG_ERROR, word, "%s", out_of_memory);
}

static void
read_accelerate(struct lines *lines, const struct assignment *line, struct diags *diags) {
  static const struct {
    const char *name;
    bool value;
  } words[] = {{"yes", true}, {"true", true}, {"1", true}, {"no", false}, {"false", false}, {"0", false}};
  struct source_pos word;
  if (!take_one(line, &word, diags))
    return;
  if (lines->accelerate_given) {
    complain_twice(line, diags);
    return;
  }
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (text_is(text_bytes(word), word.length, words[i].name)) {
      lines->settings->hook.accelerate = words[i].value;
      lines->accelerate_given = true;
      return;
    }
  diag_add(diags, DIAG_ERROR, word, "Accelerate= takes yes or no");
}

static bool
add_profile(struct runtime_settings *settings, struct source_pos word, struct diags *diags) {
  struct error e;
  struct settings_name *name = calloc(1, sizeof *name + word.length + 1);
  if (name == NULL) {
    diag_add(diags, DIAG_ERROR, word, "%s", out_of_memory);
    return false;
  }
  memcpy(name->text, text_bytes(word), word.length);
  name->next = settings->names;
  settings->names = name;
  if (policy_take_profile(&settings->hook.mandatory, name->text, &e) == 0)
    return true;
  diag_add(diags, DIAG_ERROR, word, "%s", e.text);
  return false;
}

static void
read_profile(struct lines *lines, const struct assignment *line, struct diags *diags) {
  struct text value = line->value;
  struct source_pos word;
  bool closed, any = false;
  for (; text_word(&value, &word, &closed); any = true) {
    if (memchr(text_bytes(word), '/', word.length) != NULL) {
      diag_add(diags, DIAG_ERROR, word, "Profile= takes bare names: a policy for all containers stands in /etc/scrun");
      return;
    }
    if (!add_profile(lines->settings, word, diags))
      return;
  }
  if (!any) // systemd would read it as "none"
    diag_add(diags, DIAG_ERROR, line->name, "Profile= needs a value");
}

static const struct setting {
  const char *name;
  void (*read)(struct lines *lines, const struct assignment *line, struct diags *diags);
} known[] = {
    {"Accelerate", read_accelerate},
    {"Profile", read_profile},
    {"Runtime", read_runtime},
};

static void
complain_unknown(const struct assignment *line, struct diags *diags) {
  struct nearest nearest;
  diag_add(diags, DIAG_ERROR, line->name, "unknown setting \"%.*s\"", text_shown(line->name.length),
           text_bytes(line->name));
  nearest_start(&nearest, text_bytes(line->name), line->name.length);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    nearest_offer(&nearest, known[i].name);
  if (nearest.best != NULL)
    diag_add(diags, DIAG_HINT, line->name, "did you mean \"%s\"?", nearest.best);
}

static void
read_line(struct lines *lines, const struct assignment *line, struct diags *diags) {
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (text_is(text_bytes(line->name), line->name.length, known[i].name)) {
      known[i].read(lines, line, diags);
      return;
    }
  complain_unknown(line, diags);
}

int
runtime_settings_read_source(const struct source *source, struct runtime_settings *out, struct diags *diags) {
  struct policy_file file = {.section = "[Runtime]"};
  struct lines lines = {.settings = out};
  struct assignment line;
  size_t before = diags->errors;
  if (!text_open(&file.text, source, diags))
    return -1;
  while (policy_file_next(&file, &line, diags))
    read_line(&lines, &line, diags);
  if (diags->errors == before && out->runtime == NULL)
    diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s: no runtime is chosen: write Runtime=/usr/bin/crun",
             shown(source->name).text);
  return diags->errors == before ? 0 : -1;
}

// A runtime that is scrun-runtime would start itself for ever. What else is wrong with it, execve(2) will say.
static int
check_other(const char *runtime, struct diags *diags) {
  struct stat own = {0}, other = {0};
  if (stat("/proc/self/exe", &own) != 0 || stat(runtime, &other) != 0 || own.st_dev != other.st_dev
      || own.st_ino != other.st_ino)
    return 0;
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "Runtime=%s is scrun-runtime itself", shown(runtime).text);
  return -1;
}

static void
complain_file(const char *folder, const struct error *e, struct diags *diags) {
  char path[PATH_MAX];
  if ((size_t)snprintf(path, sizeof path, "%s/" SETTINGS_FILE, folder) < sizeof path && access(path, F_OK) != 0
      && errno == ENOENT)
    diag_add(diags, DIAG_ERROR, e->at,
             "%s is not there: no runtime is chosen; write [Runtime] and Runtime=/usr/bin/crun into it", path);
  else
    diag_add(diags, DIAG_ERROR, e->at, "%s", e->text);
}

int
runtime_settings_read(const char *folder, struct runtime_settings *out, struct diags *diags) {
  const char *const folders[] = {folder, NULL};
  const struct source *source;
  struct error e;
  out->files.folders = folders;
  out->hook.mandatory.files.bare_only = true;
  int failed = profile_files_read(&out->files, SETTINGS_FILE, &source, &e);
  out->files.folders = NULL;
  if (failed != 0)
    complain_file(folder, &e, diags);
  return failed != 0 || runtime_settings_read_source(source, out, diags) != 0 ? -1 : check_other(out->runtime, diags);
}

void
runtime_settings_clear(struct runtime_settings *settings) {
  hook_settings_clear(&settings->hook);
  profile_files_clear(&settings->files);
  while (settings->names != NULL) {
    struct settings_name *name = settings->names;
    settings->names = name->next;
    free(name);
  }
  free(settings->runtime);
  *settings = (struct runtime_settings){0};
}
