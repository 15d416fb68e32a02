// SPDX-License-Identifier: LGPL-2.1-or-later
// test_rewrite.c - a config.json goes in and comes out: what is changed, what is not, what is refused.
#include "hook/config.h"
#include "hook/destination.h"
#include "hook/edit.h"
#include "hook/init_program.h"
#include "hook/order.h"
#include "hook/rewrite.h"
#include "tests/check.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRAPPER "/opt/\xc3\xa4 \"w\"/scrun-wrapper" // whatever a path may be
#define WRAPPER_JSON "'/opt/\xc3\xa4 \\'w\\'/scrun-wrapper'"
#define STAGE "/opt/scrun-stage"
#define OWN_MOUNT                                                                                                      \
  "{'destination':'/.scrun','type':'bind','source':" WRAPPER_JSON                                                      \
  ",'options':['bind','ro','nosuid','nodev','rprivate']}"

static char folder[] = "/tmp/scrun-rewrite-XXXXXX"; // with a folder "rootfs" in it

// Texts are written with ' for ", \' for \", and @ for the folder.
static void
add_json(struct buffer *out, const char *text) {
  for (; *text != '\0'; text++)
    if (*text == '@')
      buffer_add(out, "%s", folder);
    else
      buffer_add(out, "%c", *text == '\'' ? '"' : *text);
}

// A config.json in parts; a part that is NULL is as in `plain`, an empty one is left out.
struct parts {
  const char *annotations, *process, *root, *mounts, *hooks, *linux_part, *more;
};
#define ENGINE                                                                                                         \
  "{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86','SCMP_ARCH_X32'],"            \
  "'syscalls':[{'names':['reboot','swapon'],'action':'SCMP_ACT_ERRNO','errnoRet':1}]}"
static const struct parts plain = {
    .annotations = "{'io.scrun.SystemCallFilter': '~execve', 'other':'\\u00e4'}",
    .process = "{'args':['sh', '-c', '\\ud83d\\ude00 \xc3\xa4\\n'],\n 'cwd':'/', 'capabilities':{'bounding':[]}}",
    .root = "{'path':'@/rootfs', 'readonly':true}",
    .mounts = "[{'destination':'/proc','type':'proc','source':'proc'} ]",
    .hooks = "",
    .linux_part = "{'namespaces':[], 'seccomp':" ENGINE " }",
    .more = "'unknown':[1.50e3,{ }],",
};

static void
add_part(struct buffer *out, const char *name, const char *part, const char *usual) {
  part = part != NULL ? part : usual;
  if (part[0] == '\0')
    return;
  buffer_add(out, ",\n\t\"%s\" : ", name);
  add_json(out, part);
}

static struct buffer
config_of(const struct parts *parts) {
  struct buffer out = {0};
  add_json(&out, "{ ");
  add_json(&out, parts->more != NULL ? parts->more : plain.more);
  add_json(&out, "'ociVersion':'1.0.2'");
  add_part(&out, "annotations", parts->annotations, plain.annotations);
  add_part(&out, "process", parts->process, plain.process);
  add_part(&out, "root", parts->root, plain.root);
  add_part(&out, "mounts", parts->mounts, plain.mounts);
  add_part(&out, "hooks", parts->hooks, plain.hooks);
  add_part(&out, "linux", parts->linux_part, plain.linux_part);
  add_json(&out, " }\n");
  return out;
}

static struct source
source_of(const struct buffer *text) {
  return (struct source){"config.json", text->text, text->length, true};
}

// What a rewriting gave.
struct run {
  struct hook_settings settings;
  struct diags diags;
  struct buffer out;
  bool changed;
  int result;
};

static const struct rewrite_place hook_place = {.wrapper = WRAPPER, .stage = STAGE};
static struct rewrite_place bundle_place = {.wrapper = WRAPPER, .stage = STAGE, .bundle = folder};

static void
run(struct run *run, const struct buffer *config, const struct rewrite_place *place) {
  const struct source source = source_of(config);
  run->result = rewrite_config(&source, &run->settings, place, &run->changed, &run->out, &run->diags);
  CHECK((run->result != 0) == (run->diags.errors > 0));
  CHECK((run->out.length > 0) == run->changed && (run->result == 0 || !run->changed));
  for (size_t i = 0; i < run->diags.count; i++) { // what they point at is still there
    char text[DIAG_BYTES];
    CHECK(diag_write(&run->diags.items[i], "test", text, sizeof text) > 0);
  }
}

static void
run_clear(struct run *run) {
  hook_settings_clear(&run->settings);
  buffer_clear(&run->out);
  free(run);
}

static struct run *
run_new(void) {
  struct run *run = calloc(1, sizeof *run);
  if (run == NULL)
    abort();
  return run;
}

static struct run *
run_parts(const struct parts *parts, const struct rewrite_place *place) {
  struct run *new = run_new();
  struct buffer config = config_of(parts);
  run(new, &config, place);
  buffer_clear(&config);
  return new;
}

static bool
says(const struct diags *diags, enum diag_kind kind, const char *text) {
  for (size_t i = 0; i < diags->count; i++)
    if (diags->items[i].kind == kind && strstr(diags->items[i].text, text) != NULL)
      return true;
  return false;
}

static void
check_says(const struct run *run, enum diag_kind kind, const char *text) {
  bool said = says(&run->diags, kind, text);
  CHECK_ROW(said, text);
  for (size_t i = 0; i < run->diags.count && !said; i++)
    fprintf(stderr, "  said: %s\n", run->diags.items[i].text);
}

// A value by its path: names, and [n] for the n-th child.
static struct json_value
at(struct json_value value, const char *path) {
  while (*path != '\0' && value.json != NULL) {
    char name[64];
    size_t length = strcspn(path, ".[");
    if (*path == '[') {
      value = json_first(value);
      for (long index = strtol(path + 1, NULL, 10); index > 0 && value.json != NULL; index--)
        value = json_next(value);
      path = strchr(path, ']') + 1;
    } else if (*path == '.')
      path++;
    else {
      snprintf(name, sizeof name, "%.*s", (int)length, path);
      value = json_member(value, name);
      path += length;
    }
  }
  return value;
}

static size_t
count(struct json_value value) {
  size_t items = 0;
  for (value = json_first(value); value.json != NULL; value = json_next(value))
    items++;
  return items;
}

// The bytes of a value are these.
static bool
is_bytes(struct json_value value, const char *want) {
  struct buffer text = {0};
  add_json(&text, want);
  struct source_pos extent = value.json != NULL ? json_extent(value) : (struct source_pos){0};
  bool same = extent.source != NULL && extent.length == text.length
              && memcmp(extent.source->text + extent.offset, text.text, text.length) == 0;
  if (!same && extent.source != NULL)
    fprintf(stderr, "  is: %.*s\n", (int)extent.length, extent.source->text + extent.offset);
  buffer_clear(&text);
  return same;
}

// The order that belongs to annotations.
static struct buffer
order_of(const char *annotations) {
  static struct image image;
  struct hook_settings settings = {0};
  struct container_request request = {0};
  struct buffer text = {0}, order = {0};
  struct diags diags = {0};
  struct error e;
  add_json(&text, annotations);
  const struct source source = source_of(&text);
  struct json *json = json_read(&source, &diags);
  CHECK(json != NULL && container_request_read(json_root(json), &settings, &request, &diags) == 0);
  if (request.policy != NULL)
    request.policy->isolate_peers = ISOLATE_PEERS_NO; // there is no init
  CHECK(image_make(&image, request.policy, MOMENT_EXEC, &e) == 0 && order_write(&order, &image, &e) == 0);
  container_request_clear(&request);
  hook_settings_clear(&settings);
  json_free(json);
  buffer_clear(&text);
  return order;
}

// With the changes taken back, every byte is as it came.
static void
check_undone(const struct buffer *out, const struct parts *parts) {
  struct buffer want = config_of(parts), got = {0}, seccomp = {0};
  const struct source source = source_of(out);
  struct diags diags = {0};
  struct edits edits = {0};
  struct error e;
  struct json *json = json_read(&source, &diags);
  struct json_value root = json_root(json), mounts = at(root, "mounts");
  edit_remove(&edits, at(root, "process.args[0]"));
  edit_remove(&edits, at(root, "process.args[1]"));
  edit_remove(&edits, at(mounts, count(mounts) == 2 ? "[1]" : "[0]"));
  edit_remove(&edits, at(root, "hooks"));
  add_json(&seccomp, ENGINE);
  edit_replace(&edits, at(root, "linux.seccomp"), seccomp.text);
  CHECK_INT(edits_apply(&edits, &source, &got, &e), 0);
  CHECK_STR(got.text, want.text);
  edits_clear(&edits);
  json_free(json);
  buffer_clear(&want);
  buffer_clear(&got);
  buffer_clear(&seccomp);
}

static void
test_plain(void) {
  const struct parts parts = {0};
  struct run *hook = run_parts(&parts, &hook_place);
  CHECK_INT(hook->result, 0);
  CHECK(hook->changed);
  check_says(hook, DIAG_WARNING, "no_new_privs is on in this container: setuid programs in it gain nothing");
  const struct source source = source_of(&hook->out);
  struct json *json = json_read(&source, &hook->diags);
  CHECK(json != NULL);
  if (json != NULL) {
    struct json_value root = json_root(json);
    struct buffer order = order_of(plain.annotations);
    CHECK(config_is(at(root, "process.args[0]"), "/.scrun"));
    CHECK(config_is(at(root, "process.args[1]"), order.text));
    CHECK(is_bytes(at(root, "process.args[4]"), "'\\ud83d\\ude00 \xc3\xa4\\n'"));
    CHECK_INT(count(at(root, "process.args")), 5);
    CHECK(config_is(at(root, "mounts[1].source"), WRAPPER) && config_is(at(root, "mounts[1].destination"), "/.scrun"));
    CHECK_INT(count(at(root, "mounts")), 2);
    CHECK(is_bytes(at(root, "hooks"), "{'createContainer':[{'path':'" STAGE
                                      "','args':['scrun-stage','createContainer'],'env':['SCRUN_KEPT=0']}]}"));
    CHECK(at(root, "linux.seccomp.defaultAction").json != NULL && at(root, "linux.seccomp.flags").json != NULL);
    CHECK_INT(count(at(root, "annotations")), 2);
    buffer_clear(&order);
    json_free(json);
    check_undone(&hook->out, &parts);
  }
  run_clear(hook);
}

// What is not there is made.
static void
test_missing_parts(void) {
  static const struct {
    struct parts parts;
    const char *path, *want;
  } rows[] = {
      {{.hooks = "{ }"}, "hooks.createContainer[0].path", "'" STAGE "'"},
      {{.hooks = "{'poststop':[]}"}, "hooks.createContainer[0].path", "'" STAGE "'"},
      {{.hooks = "{'createContainer':[]}"}, "hooks.createContainer[0].path", "'" STAGE "'"},
      {{.hooks = "{'createContainer':[{'path':'/x'}]}"}, "hooks.createContainer[1].path", "'" STAGE "'"},
      {{.mounts = ""}, "mounts[0].destination", "'/.scrun'"},
      {{.mounts = "[ ]"}, "mounts[0].destination", "'/.scrun'"},
      {{.linux_part = ""}, "linux.seccomp.defaultAction", "'SCMP_ACT_ALLOW'"},
      {{.linux_part = "{}"}, "linux.seccomp.defaultAction", "'SCMP_ACT_ALLOW'"},
      {{.mounts = "", .hooks = "", .linux_part = ""}, "mounts[0].destination", "'/.scrun'"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct run *hook = run_parts(&rows[i].parts, &hook_place);
    const struct source source = source_of(&hook->out);
    CHECK_ROW(hook->result == 0 && hook->changed, rows[i].path);
    struct json *json = hook->changed ? json_read(&source, &hook->diags) : NULL;
    CHECK_ROW(json != NULL && is_bytes(at(json_root(json), rows[i].path), rows[i].want), rows[i].path);
    json_free(json);
    run_clear(hook);
  }
}

// Where nothing is asked for, nothing happens, whatever else is there.
static void
test_nothing_asked(void) {
  static const struct parts rows[] = {
      {.annotations = ""},
      {.annotations = "{}"},
      {.annotations = "{'a':'b'}", .process = "", .mounts = "", .linux_part = ""},
      {.annotations = "{'run.oci.seccomp_bpf_data':'AAAA'}"},
      {.annotations = "{}", .mounts = "[{'destination':'/'},{'destination':'/../x'}]"},
      {.annotations = "{}", .mounts = "[" OWN_MOUNT "]", .process = "{'args':['/.scrun','x','sh']}"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct run *hook = run_parts(&rows[i], &hook_place);
    CHECK(hook->result == 0 && !hook->changed && hook->diags.count == 0);
    run_clear(hook);
  }
}

// What is refused, and where.
static void
test_refusals(void) {
#define MOUNT(destination) "[{'destination':'/a'},{'destination':" destination "}]"
  static const struct {
    struct parts parts;
    const char *message;
  } rows[] = {
      {{.linux_part = "null"}, "linux: must be an object, not null"},
      {{.linux_part = "{'seccomp':null}"}, "linux.seccomp: must be an object, not null"},
      {{.linux_part = "[]"}, "linux: must be an object, not an array"},
      {{.mounts = "{}"}, "mounts: must be an array, not an object"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','run.oci.handler':'wasm'}"},
       "annotations.run.oci.handler: crun may start something else"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','module.wasm.image\\u002fvariant':'compat'}"},
       "crun may start something else"},
      {{.mounts = "[7]"}, "mounts[0]: must be an object, not a number"},
      {{.mounts = "[{}]"}, "mounts[0]: \"destination\" is missing"},
      {{.mounts = MOUNT("7")}, "mounts[1].destination: must be a string, not a number"},
      {{.annotations = "[]"}, "annotations: must be an object, not an array"},
      {{.hooks = "[]"}, "hooks: must be an object, not an array"},
      {{.hooks = "{'createContainer':{}}"}, "hooks.createContainer: must be an array, not an object"},
      {{.hooks = "{'createContainer':[1]}"}, "hooks.createContainer[0]: must be an object, not a number"},
      {{.process = ""}, "no program: process.args is missing"},
      {{.process = "{}"}, "process: no program: process.args is missing"},
      {{.process = "{'args':[]}"}, "process.args: there is no program in it"},
      {{.process = "{'args':'sh'}"}, "process.args: must be an array, not a string"},
      {{.process = "{'args':['sh',null]}"}, "process.args[1]: must be a string, not null"},
      {{.process = "{'args':['sh'],'env':[1]}"}, "process.env[0]: must be a string, not a number"},
      {{.process = "{'args':['sh'],'noNewPrivileges':'true'}"}, "process.noNewPrivileges: must be a boolean"},
      {{.process = "{'args':['sh'],'capabilities':{'bounding':[1]}}"}, "process.capabilities.bounding[0]: must be"},
      {{.root = ""}, "root.path is missing: the container's root folder"},
      {{.root = "{}"}, "root.path is missing: the container's root folder"},
      {{.root = "{'path':7}"}, "root.path: must be a string, not a number"},
      {{.root = "{'path':'rootfs'}"}, "root.path: must be an absolute path here"},
      {{.root = "{'path':'@/none'}"}, "/none: the container's root folder: No such file or directory"},
      {{.mounts = MOUNT("'/.scrun'")},
       "mounts[1].destination: the wrapper is mounted at /.scrun: this mount is in its"},
      {{.mounts = MOUNT("'//.scrun/'")}, "mounts[1].destination: the wrapper is mounted at"},
      {{.mounts = MOUNT("'.scrun'")}, "mounts[1].destination: the wrapper is mounted at"},
      {{.mounts = MOUNT("'/./.scrun/.'")}, "mounts[1].destination: the wrapper is mounted at"},
      {{.mounts = MOUNT("'/\\u002escrun'")}, "mounts[1].destination: the wrapper is mounted at"},
      {{.mounts = MOUNT("'/.scrun/x'")}, "mounts[1].destination: the wrapper is mounted at /.scrun: nothing can be"},
      {{.mounts = MOUNT("'/a/../.scrun'")}, "mounts[1].destination: \"..\" in a destination"},
      {{.mounts = MOUNT("'/a/..'")}, "mounts[1].destination: \"..\" in a destination"},
      {{.mounts = MOUNT("'/'")}, "mounts[1].destination: a mount over the whole root"},
      {{.mounts = MOUNT("''")}, "mounts[1].destination: a mount over the whole root"},
      {{.mounts = MOUNT("'.//'")}, "mounts[1].destination: a mount over the whole root"},
      {{.mounts = "[" OWN_MOUNT "," OWN_MOUNT "]"}, "mounts[1].destination: the wrapper is mounted at"},
      {{.mounts = "[{'destination':'/.scrun','type':'tmpfs','source':" WRAPPER_JSON "}]"},
       "mounts[0].destination: the"},
      {{.mounts = "[{'destination':'/a','Destination':'/.scrun'}]"}, "mounts[0].Destination: some runtimes read this"},
      {{.mounts = "[{'destination':'/a','de\\u0073tination':'/.scrun'}]"}, "two names in here are the same"},
      {{.more = "'Linux':{},"}, "Linux: some runtimes read this name as \"linux\", and others do not"},
      {{.more = "'linu\\u0078':{},", .linux_part = ""}, "linu\\u0078: some runtimes read this name as \"linux\""},
      {{.more = "'hoo\xe2\x84\xaas':{},"}, "some runtimes read this name as \"hooks\""},
      {{.more = "'\xc5\xbf':1,'proce\xc5\xbfs':{},"}, "some runtimes read this name as \"process\""},
      {{.process = "{'Args':['sh']}"}, "process.Args: some runtimes read this name as \"args\""},
      {{.more = "'ociVersion':'1',"}, "ociVersion: this name is given twice"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','run.oci.seccomp.receiver':'/s'}"},
       "crun would change the filter by this annotation"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','run.oci.seccomp_fail_unknown_syscall':''}"},
       "crun would change the filter by this annotation"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','run.oci.seccomp_bpf_data':'AAAA'}"},
       "crun would install this filter instead of linux.seccomp"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','run.oci\\u002eseccomp_bpf_data':'AAAA'}"},
       "crun would install this filter instead of linux.seccomp"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','io.scrun.NoNewPrivileges':'no'}"},
       "NoNewPrivileges=no needs CAP_SYS_ADMIN in the container"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~execve','io.scrun.Nonsense':'no'}"}, "Nonsense"},
      {{.annotations = "{'io.scrun.SystemCallFilter':'~nonsense'}"}, "nonsense"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct run *hook = run_parts(&rows[i].parts, &hook_place);
    CHECK_ROW(hook->result == -1, rows[i].message);
    check_says(hook, DIAG_ERROR, rows[i].message);
    run_clear(hook);
  }
}

// Mounts that have nothing to do with the wrapper, and other words that are no mistake.
static void
test_accepted(void) {
  static const struct parts rows[] = {
      {.mounts = MOUNT("'/.scrunch'")},
      {.mounts = MOUNT("'/a/.scrun'")},
      {.mounts = MOUNT("'/.scru'")},
      {.mounts = MOUNT("'/...'")},
      {.mounts = MOUNT("'/a/..b/c..'")},
      {.mounts = MOUNT("'dev'")},
      {.more = "'argsy':1,'lin':{},'':0,"},
      {.annotations = "{'io.scrun.SystemCallFilter':'~execve','run.oci.seccom':'x','Run.oci.seccomp_bpf_data':'x'}"},
      {.annotations = "{'io.scrun.SystemCallFilter':'~execve','io.scrun.NoNewPrivileges':'no'}",
       .process = "{'args':['sh'],'capabilities':{'effective':['CAP_CHOWN','CAP_SYS_ADMIN']}}"},
      {.annotations = "{'io.scrun.SystemCallFilter':'~execve','io.scrun.NoNewPrivileges':'no'}",
       .process = "{'args':['sh'],'noNewPrivileges':true}"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct run *hook = run_parts(&rows[i], &hook_place);
    CHECK_INT(hook->result, 0);
    for (size_t k = 0; k < hook->diags.count && hook->result != 0; k++)
      fprintf(stderr, "  row %zu said: %s\n", i, hook->diags.items[k].text);
    CHECK(hook->changed);
    if (i >= 8)
      CHECK(!says(&hook->diags, DIAG_WARNING, "no_new_privs"));
    run_clear(hook);
  }
}

// Where base64 of an image has its IsolatePeers=: 'I' is yes, 'M' no. Source: runner/image.c.
#define ISOLATE_PLACE 38

// The wrapper goes behind an engine's own init, and in front of anybody else's.
static void
test_init(void) {
#define INIT(destination, type, source) "{'destination':'" destination "','type':'" type "','source':'" source "'}"
  static const struct {
    const char *args, *mounts;
    int skipped;
  } rows[] = {
      {"['/dev/init','--','sh']", "[" INIT("/dev/init", "bind", "/usr/libexec/podman/catatonit") "]", 2},
      {"['/run/podman-init','--','sh']",
       "[" INIT("/run", "tmpfs", "tmpfs") "," INIT("/run/podman-init", "bind", "/usr/bin/catatonit") "]", 2},
      {"['/sbin/docker-init','--','sh']", "[" INIT("/sbin/docker-init", "bind", "/usr/bin/docker-init") "]", 2},
      {"['/sbin/tini','--','sh']", "[" INIT("/sbin//tini", "bind", "/usr/local/bin/tini") "]", 2},
      {"['/dev/init','sh']", "[" INIT("/dev/init", "bind", "/usr/libexec/podman/catatonit") "]", 0},
      {"['/dev/init','-s','--','sh']", "[" INIT("/dev/init", "bind", "/usr/libexec/podman/catatonit") "]", 0},
      {"['/dev/init','--','sh']", "[]", 0},
      {"['/dev/init','--','sh']", "", 0},
      {"['/dev/init','--','sh']", "[" INIT("/dev/init", "bind", "/usr/libexec/podman/../../bin/sh") "]", 0},
      {"['/dev/init','--','sh']", "[" INIT("/dev/init", "bind", "/home/u/catatonit") "]", 0},
      {"['/dev/init','--','sh']", "[" INIT("/dev/init", "tmpfs", "/usr/bin/catatonit") "]", 0},
      {"['/dev/init','--','sh']",
       "[" INIT("/dev/init", "bind", "/usr/bin/catatonit") "," INIT("/dev", "bind", "/home/u") "]", 0},
      {"['/dev/init','--','sh']",
       "[" INIT("/dev/init", "bind", "/usr/bin/catatonit") "," INIT("/dev/./init", "bind", "/home/u/x") "]", 0},
      {"['/init','--','sh']", "[" INIT("/init", "bind", "/usr/bin/catatonit") "]", 0},
      {"['sh','--','sh']", "[" INIT("/dev/init", "bind", "/usr/bin/catatonit") "]", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char process[256], path[64];
    snprintf(process, sizeof process, "{'args':%s}", rows[i].args);
    snprintf(path, sizeof path, "process.args[%d]", rows[i].skipped);
    const struct parts parts = {.process = process, .mounts = rows[i].mounts};
    struct run *hook = run_parts(&parts, &bundle_place);
    const struct source source = source_of(&hook->out);
    struct json *json = hook->changed ? json_read(&source, &hook->diags) : NULL;
    CHECK_ROW(json != NULL && config_is(at(json_root(json), path), "/.scrun"), rows[i].args);
    // IsolatePeers= in the order: yes behind an init, which the payload could otherwise have do what it may not, or no
    size_t length;
    struct json_value order = json != NULL ? json_next(at(json_root(json), path)) : (struct json_value){0};
    const char *words = json_kind(order) == JSON_STRING ? json_string(order, &length) : "";
    CHECK_ROW(strlen(words) > ISOLATE_PLACE && words[ISOLATE_PLACE] == (rows[i].skipped != 0 ? 'I' : 'M'),
              rows[i].args);
    json_free(json);
    struct run *twice = run_new();
    run(twice, &hook->out, &bundle_place);
    CHECK_ROW(twice->result == 0 && !twice->changed, rows[i].args);
    run_clear(twice);
    run_clear(hook);
  }
  const struct parts nothing = {.process = "{'args':['/dev/init','--']}",
                                .mounts = "[" INIT("/dev/init", "bind", "/usr/bin/catatonit") "]"};
  struct run *hook = run_parts(&nothing, &hook_place);
  check_says(hook, DIAG_ERROR, "process.args: there is no program in it");
  run_clear(hook);
}

// The same once more gives the same bytes, for a hook and for a bundle that stays.
static void
test_again(void) {
  static const struct parts rows[] = {
      {0},
      {.mounts = "", .hooks = "{'createContainer':[{'path':'/x','args':[]}]}", .linux_part = ""},
      {.annotations = "{'io.scrun.SystemCallFilter':'~execve','io.scrun.accelerate':'true'}"},
      {.annotations =
           "{'io.scrun.SystemCallFilter':'~execve','io.scrun.accelerate':'true','io.scrun.wrapper':'false'}"},
      {.annotations = "{'io.scrun.accelerate':'true'}"},
      {.annotations = "{'io.scrun.SystemCallFilter':'~execve','io.scrun.wrapper':'false'}", .process = "", .root = ""},
  };
  for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
    const struct rewrite_place *place = i % 2 == 0 ? &hook_place : &bundle_place;
    struct run *once = run_parts(&rows[i / 2], place), *twice = run_new();
    CHECK(once->result == 0 && once->changed);
    if (once->changed)
      run(twice, &once->out, place);
    CHECK(twice->result == 0 && !twice->changed);
    if (twice->changed)
      CHECK_STR(twice->out.text, once->out.text);
    run_clear(once);
    run_clear(twice);
  }
}

// The text with the first `old` in it, which must be there, replaced.
static struct buffer
replaced(const struct buffer *text, const char *old, const char *new) {
  struct buffer out = {0}, was = {0}, is = {0};
  add_json(&was, old);
  add_json(&is, new);
  const char *found = strstr(text->text, was.text);
  CHECK_ROW(found != NULL, old);
  if (found != NULL)
    buffer_add(&out, "%.*s%s%s", (int)(found - text->text), text->text, is.text, found + was.length);
  buffer_clear(&was);
  buffer_clear(&is);
  return out;
}

// An order that somebody put there, or that is old, is not believed in a bundle that stays; of another hook it is not
// lost.
static void
test_orders(void) {
  const struct parts parts = {0};
  struct buffer order = order_of(plain.annotations), other = order_of("{'io.scrun.SystemCallFilter':'~openat'}");
  for (int kept = 0; kept < 2; kept++) {
    const struct rewrite_place *place = kept ? &bundle_place : &hook_place;
    struct run *once = run_parts(&parts, place), *forged = run_new(), *changed = run_new();
    struct buffer text = replaced(&once->out, order.text, "AAAA");
    run(forged, &text, place);
    CHECK_INT(forged->result, kept ? 0 : -1);
    if (kept)
      CHECK_STR(forged->out.text, once->out.text);
    else
      check_says(forged, DIAG_ERROR, "process.args[0]: another hook of scrun has given this container a policy");
    buffer_clear(&text);
    text = replaced(&once->out, "~execve", "~openat");
    run(changed, &text, place);
    CHECK_INT(changed->result, kept ? 0 : -1);
    CHECK(!kept
          || (changed->changed && strstr(changed->out.text, other.text) != NULL
              && strstr(changed->out.text, order.text) == NULL));
    buffer_clear(&text);
    run_clear(once);
    run_clear(forged);
    run_clear(changed);
  }
  // A hook's work that a runtime finds is kept as well.
  struct run *hook = run_parts(&parts, &hook_place), *runtime = run_new();
  struct buffer text = replaced(&hook->out, "~execve", "~openat");
  run(runtime, &text, &bundle_place);
  CHECK_INT(runtime->result, -1);
  buffer_clear(&text);
  run_clear(hook);
  run_clear(runtime);
  buffer_clear(&order);
  buffer_clear(&other);
}

// A ready program that is not what it should be is replaced, or goes, in a bundle that stays; elsewhere it is refused.
static void
test_programs(void) {
#define PROGRAM "'run.oci.seccomp_bpf_data':'"
  static const struct {
    const char *annotations, *old, *new;
    bool kept;
    int result;
    bool same, gone; // what comes of it
  } rows[] = {
      {"{'io.scrun.SystemCallFilter':'~execve','io.scrun.accelerate':'true'}", PROGRAM, PROGRAM "AAAA", true, 0, true,
       false},
      {"{'io.scrun.SystemCallFilter':'~execve','io.scrun.accelerate':'true'}", "e':'true'", "e':'false'", true, 0,
       false, true},
      {"{'io.scrun.SystemCallFilter':'~execve','io.scrun.accelerate':'true','io.scrun.wrapper':'false'}", PROGRAM,
       PROGRAM "AAAA", true, -1, false, false},
      {"{'io.scrun.accelerate':'true'}", PROGRAM, PROGRAM "AAAA", true, -1, false, false},
      {"{'io.scrun.accelerate':'true'}", PROGRAM, PROGRAM "AAAA", false, -1, false, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct parts parts = {.annotations = rows[i].annotations};
    const struct rewrite_place *place = rows[i].kept ? &bundle_place : &hook_place;
    struct run *once = run_parts(&parts, place), *twice = run_new();
    CHECK_ROW(once->changed, rows[i].annotations);
    struct buffer text = replaced(&once->out, rows[i].old, rows[i].new);
    run(twice, &text, place);
    CHECK_INT(twice->result, rows[i].result);
    if (rows[i].same)
      CHECK_STR(twice->out.text, once->out.text);
    if (rows[i].gone)
      CHECK(twice->changed && strstr(twice->out.text, "seccomp_bpf_data") == NULL);
    if (rows[i].result != 0)
      check_says(twice, DIAG_ERROR, "crun would install this filter instead of linux.seccomp");
    buffer_clear(&text);
    run_clear(once);
    run_clear(twice);
  }
}

// An order without the mount means nothing, and is wrapped as any program.
static void
test_unmarked(void) {
  const struct parts parts = {.process = "{'args':['/.scrun','AAAA','sh']}"};
  struct run *hook = run_parts(&parts, &hook_place);
  const struct source source = source_of(&hook->out);
  struct json *json = hook->changed ? json_read(&source, &hook->diags) : NULL;
  CHECK(json != NULL && count(at(json_root(json), "process.args")) == 5
        && config_is(at(json_root(json), "process.args[3]"), "AAAA"));
  json_free(json);
  run_clear(hook);
}

// The mount and the hook come last again, and go when they are not asked for any more.
static void
test_moved(void) {
  const struct parts parts = {.mounts = "[{'destination':'/a'}]", .hooks = "{'createContainer':[{'path':'/x'}]}"};
  struct run *once = run_parts(&parts, &bundle_place), *again = run_new(), *without = run_new();
  struct buffer late = replaced(&once->out, "'rprivate']}", "'rprivate']},{'destination':'/late'}");
  struct buffer text = replaced(&late, "'SCRUN_KEPT=1']}", "'SCRUN_KEPT=1']},{'path':'/late'}");
  run(again, &text, &bundle_place);
  CHECK_INT(again->result, 0);
  const struct source source = source_of(&again->out);
  struct json *json = again->changed ? json_read(&source, &again->diags) : NULL;
  CHECK(json != NULL);
  if (json != NULL) {
    struct json_value root = json_root(json);
    CHECK(count(at(root, "mounts")) == 3 && config_is(at(root, "mounts[1].destination"), "/late"));
    CHECK(config_is(at(root, "mounts[2].source"), WRAPPER));
    CHECK(count(at(root, "hooks.createContainer")) == 3 && config_is(at(root, "hooks.createContainer[2].path"), STAGE));
  }
  json_free(json);
  buffer_clear(&text);
  buffer_clear(&late);

  text = replaced(&once->out, "'~execve'", "'~execve', 'io.scrun.wrapper':'false'");
  run(without, &text, &bundle_place);
  CHECK_INT(without->result, 0);
  CHECK(without->changed && strstr(without->out.text, "/.scrun") == NULL && strstr(without->out.text, STAGE) == NULL);
  buffer_clear(&text);
  run_clear(once);
  run_clear(again);
  run_clear(without);
}

// Only acceleration: nothing but the annotation.
static void
test_accelerate(void) {
  static const struct parts rows[] = {{.annotations = ""}, {.annotations = "{}"}, {.annotations = "{ 'a':'b'}"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct run *hook = run_new();
    struct buffer config = config_of(&rows[i]), undone = {0};
    struct edits edits = {0};
    struct error e;
    hook->settings.accelerate = true;
    run(hook, &config, &hook_place);
    CHECK(hook->result == 0 && hook->changed && hook->diags.count == 0);
    const struct source source = source_of(&hook->out);
    struct json *json = hook->changed ? json_read(&source, &hook->diags) : NULL;
    CHECK(json != NULL);
    if (json == NULL)
      continue;
    struct json_value annotations = at(json_root(json), "annotations");
    edit_remove(&edits, i == 0 ? annotations : json_member(annotations, "run.oci.seccomp_bpf_data"));
    CHECK_INT(edits_apply(&edits, &source, &undone, &e), 0);
    CHECK_STR(undone.text, config.text);
    edits_clear(&edits);
    json_free(json);
    buffer_clear(&undone);
    buffer_clear(&config);
    run_clear(hook);
  }
  // No filter, nothing to accelerate; and runc knows no such annotation.
  for (int i = 0; i < 2; i++) {
    const struct parts parts = {.annotations = "", .linux_part = i == 0 ? "{}" : NULL};
    struct buffer config = config_of(&parts);
    struct run *hook = run_new();
    hook->settings.accelerate = true;
    hook->settings.runtime = i == 0 ? NULL : "/usr/sbin/runc";
    run(hook, &config, &hook_place);
    CHECK(hook->result == 0 && !hook->changed);
    buffer_clear(&config);
    run_clear(hook);
  }
}

// Without the wrapper only linux.seccomp says something else.
static void
test_merge_only(void) {
  const struct parts parts = {.annotations = "{'io.scrun.SystemCallFilter':'~openat','io.scrun.wrapper':'false'}",
                              .process = "",
                              .root = "",
                              .mounts = "[{'destination':'/'}]"};
  struct buffer config = config_of(&parts), undone = {0}, engine = {0};
  struct run *hook = run_new();
  struct edits edits = {0};
  struct error e;
  run(hook, &config, &hook_place);
  CHECK(hook->result == 0 && hook->changed && hook->diags.count == 0);
  const struct source source = source_of(&hook->out);
  struct json *json = hook->changed ? json_read(&source, &hook->diags) : NULL;
  CHECK(json != NULL);
  if (json != NULL) {
    add_json(&engine, ENGINE);
    edit_replace(&edits, at(json_root(json), "linux.seccomp"), engine.text);
    CHECK_INT(edits_apply(&edits, &source, &undone, &e), 0);
    CHECK_STR(undone.text, config.text);
  }
  edits_clear(&edits);
  json_free(json);
  buffer_clear(&undone);
  buffer_clear(&engine);
  buffer_clear(&config);
  run_clear(hook);
}

// The root folder: what may be where the wrapper goes.
static void
test_rootfs(void) {
  char path[128], link[128];
  struct error e;
  snprintf(path, sizeof path, "%s/rootfs/.scrun", folder);
  snprintf(link, sizeof link, "%s/rootfs", folder);
  const struct parts parts = {0}, relative = {.root = "{'path':'rootfs'}"};
  static const char *const messages[] = {NULL, "a file that is not empty", "a directory", "a symbolic link",
                                         "a special file"};
  for (int kind = 0; kind < 5; kind++) {
    int fd = kind < 2 ? open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600) : -1;
    CHECK(kind >= 2 || fd >= 0);
    CHECK(kind != 1 || write(fd, "x", 1) == 1);
    CHECK(kind != 2 || mkdir(path, 0700) == 0);
    CHECK(kind != 3 || symlink("/etc/passwd", path) == 0);
    CHECK(kind != 4 || mkfifo(path, 0600) == 0);
    if (fd >= 0)
      close(fd);
    struct run *hook = run_parts(kind % 2 == 0 ? &parts : &relative, &bundle_place);
    CHECK_INT(hook->result, kind == 0 ? 0 : -1);
    if (kind > 0)
      check_says(hook, DIAG_ERROR, messages[kind]);
    run_clear(hook);
    CHECK(kind == 2 ? rmdir(path) == 0 : unlink(path) == 0);
  }
  CHECK(destination_check_root(link, &e) == 0 && destination_check_root("/dev/null", &e) == -1);
}

// Bounded, and said with a position.
static void
test_hostile(void) {
  static const struct {
    const char *before, *repeated, *after;
    int times;
    const char *message;
  } rows[] = {
      {"{\"a\":", "[", "", 100, "brackets are nested too deep: at most 32 levels"},
      {"{\"process\":{\"args\":[\"sh\"", ",\"x\"", "]}}", 100000, "there are too many values: at most 65536"},
      {"{\"process\":{\"args\":[\"", "xxxxxxxxxx", "\"]}}", 450000, "longer than 4194304 bytes"},
      {"{\"a\":\"", "x", "\xff\"}", 10, "this is not UTF-8"},
      {"{\"a\":\"", "x", "\\u0000\"}", 10, "a NUL has no place in a string"},
      {"{\"linux\":{\"x\":1", " ", ",\"x\":2}}", 10, "linux.x: this name is given twice"},
      {"", " ", "", 10, "the JSON is cut off here"},
      {"{\"process\":{\"args\":[", "1,", "1]}}", 60000, "process.args[0]: must be a string"},
      {"{\"mounts\":[", "{\"destination\":\"/\"},", "{}]}", 20000, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct buffer text = {0};
    buffer_add(&text, "%s", rows[i].before);
    for (int k = 0; k < rows[i].times; k++)
      buffer_add(&text, "%s", rows[i].repeated);
    buffer_add(&text, "%s", rows[i].after);
    struct run *hook = run_new();
    struct error e;
    if (rows[i].message == NULL)
      CHECK_INT(policy_take_property(&hook->settings.mandatory, "SystemCallFilter=~execve", &e), 0);
    run(hook, &text, &hook_place);
    CHECK_INT(hook->result, -1);
    check_says(hook, DIAG_ERROR, rows[i].message != NULL ? rows[i].message : "a mount over the whole root");
    CHECK(hook->diags.items[0].at.source != NULL);
    run_clear(hook);
    buffer_clear(&text);
  }
}

// Every text that stops early is refused.
static void
test_cut(void) {
  const struct parts parts = {0};
  struct buffer config = config_of(&parts);
  size_t whole = config.length;
  for (config.length = 0; config.length + 2 < whole; config.length += 7) {
    struct run *hook = run_new();
    run(hook, &config, &hook_place);
    CHECK_INT(hook->result, -1);
    run_clear(hook);
  }
  buffer_clear(&config);
}

static void
test_find_order(void) {
  static const struct {
    const char *process, *mounts, *order;
    bool can_mount;
    int result;
  } rows[] = {
      {"{'args':['/.scrun','QUJD','sh'],'capabilities':{}}", "[" OWN_MOUNT "]", "QUJD", false, 0},
      {"{'args':['/.scrun','QUJD','sh'],'capabilities':{'bounding':['CAP_CHOWN']}}", "[" OWN_MOUNT "]", "QUJD", false,
       0},
      {"{'args':['/.scrun','QUJD','sh'],'capabilities':{'bounding':['CAP_CHOWN','CAP_SYS_ADMIN']}}", "[" OWN_MOUNT "]",
       "QUJD", true, 0},
      {"{'args':['/.scrun','QUJD','sh'],'capabilities':{'bounding':['cap_sys_admin']}}", "[" OWN_MOUNT "]", "QUJD",
       true, 0},
      {"{'args':['/.scrun','QUJD','sh'],'capabilities':{'ambient':['CAP_SYS_ADMIN']}}", "[" OWN_MOUNT "]", "QUJD", true,
       0},
      {"{'args':['/.scrun','QUJD','sh']}", "[" OWN_MOUNT "]", "QUJD", true, 0},
      {"{'args':['/dev/init','--','/.scrun','QUJD','sh'],'capabilities':{}}",
       "[" INIT("/dev/init", "bind", "/usr/bin/tini") "," OWN_MOUNT "]", "QUJD", false, 0},
      {"{'args':['/.scrun','QUJD','sh'],'capabilities':{}}", "[]", NULL, false, 0},
      {"{'args':['sh','QUJD','sh'],'capabilities':{}}", "[" OWN_MOUNT "]", NULL, false, 0},
      {"{'args':['/.scrun'],'capabilities':{}}", "[" OWN_MOUNT "]", NULL, false, 0},
      {"{'capabilities':{}}", "[" OWN_MOUNT "]", NULL, false, 0},
      {"{'args':['/.scrun','QUJD','sh']}", "[" OWN_MOUNT ",{'destination':'/.scrun'}]", NULL, false, -1},
      {"[]", "[]", NULL, false, -1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct parts parts = {.process = rows[i].process, .mounts = rows[i].mounts};
    struct buffer config = config_of(&parts);
    const struct source source = source_of(&config);
    struct diags diags = {0};
    char *order = NULL;
    bool can_mount = false;
    CHECK_ROW(rewrite_find_order(&source, WRAPPER, &order, &can_mount, &diags) == rows[i].result, rows[i].process);
    CHECK_ROW((rows[i].result != 0) == (diags.errors > 0), rows[i].process);
    CHECK_ROW((order == NULL) == (rows[i].order == NULL), rows[i].process);
    if (order != NULL)
      CHECK_STR(order, rows[i].order);
    CHECK_ROW(rows[i].result != 0 || can_mount == rows[i].can_mount, rows[i].process);
    free(order);
    buffer_clear(&config);
  }
}

static void
test_process(void) {
  static const struct {
    const char *process, *want;
  } rows[] = {
      {"{'cwd':'/', 'args': [ 'ls','\\u00e4' ],'env':[]}\n",
       "{'cwd':'/', 'args': [ '/.scrun','QUJD','ls','\\u00e4' ],'env':[]}\n"},
      {"{'args':['/.scrun','QUJD','ls']}", "{'args':['/.scrun','QUJD','/.scrun','QUJD','ls']}"},
      {"{'args':['/dev/init','--','ls']}", "{'args':['/.scrun','QUJD','/dev/init','--','ls']}"},
      {"{'args':[]}", NULL},
      {"{'args':[1]}", NULL},
      {"{'args':null}", NULL},
      {"{'ARGS':['ls'],'args':['ls']}", NULL},
      {"{}", NULL},
      {"[]", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct buffer text = {0}, out = {0}, want = {0};
    struct diags diags = {0};
    add_json(&text, rows[i].process);
    const struct source source = source_of(&text);
    int result = rewrite_process(&source, "QUJD", &out, &diags);
    CHECK_ROW(result == (rows[i].want != NULL ? 0 : -1) && (result != 0) == (diags.errors > 0), rows[i].process);
    if (rows[i].want != NULL) {
      add_json(&want, rows[i].want);
      CHECK_STR(out.text, want.text);
    }
    buffer_clear(&text);
    buffer_clear(&out);
    buffer_clear(&want);
  }
}

static int
make_folder(void) {
  char path[128];
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(path, sizeof path, "%s/rootfs", folder);
  return mkdir(path, 0700);
}

static void
remove_folder(void) {
  char path[128];
  snprintf(path, sizeof path, "%s/rootfs", folder);
  CHECK(rmdir(path) == 0 && rmdir(folder) == 0);
}

int
main(void) {
  CHECK_INT(make_folder(), 0);
  test_plain();
  test_missing_parts();
  test_nothing_asked();
  test_refusals();
  test_accepted();
  test_init();
  test_again();
  test_orders();
  test_programs();
  test_unmarked();
  test_moved();
  test_accelerate();
  test_merge_only();
  test_rootfs();
  test_hostile();
  test_cut();
  test_find_order();
  test_process();
  remove_folder();
  return check_done();
}
