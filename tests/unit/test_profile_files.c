// SPDX-License-Identifier: LGPL-2.1-or-later
// test_profile_files.c - which files are read as policies and which are refused, as root and as nobody. What needs
// folders of root's own is tested as root only; an ordinary user runs the rest.
#include "runner/profile_files.h"
#include "runner/image.h"
#include "tests/check.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, STRANGER = 65533 };

static char base[64]; // a folder whose parents belong to root

static const char *
at_base(const char *name) {
  static char path[4][256];
  static unsigned next;
  char *out = path[next++ % 4];
  snprintf(out, sizeof path[0], "%s/%s", base, name);
  return out;
}

static void
make_file(const char *name, const char *text, size_t length, uid_t owner, mode_t mode) {
  int fd = open(at_base(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK_ROW(fd >= 0 && write(fd, text, length) == (ssize_t)length && fchmod(fd, mode) == 0, name);
  if (owner != getuid())
    CHECK_ROW(fchown(fd, owner, owner) == 0, name);
  close(fd);
}

static void
make_folder(const char *name, uid_t owner, mode_t mode) {
  CHECK_ROW(mkdir(at_base(name), 0700) == 0 && chmod(at_base(name), mode) == 0, name);
  if (owner != getuid())
    CHECK_ROW(chown(at_base(name), owner, owner) == 0, name);
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind, (void)where;
  return remove(path);
}

// Reads and compares: `want` is the text of the file, or what the message holds.
static void
check_read(struct profile_files *files, const char *name, bool good, const char *want) {
  const struct source *source = NULL;
  struct error e = {0};
  int result = profile_files_read(files, name, &source, &e);
  CHECK_ROW((result == 0) == good, name);
  if (result != 0 && good)
    fprintf(stderr, "unexpected: %s\n", e.text);
  if (result == 0 && good) {
    CHECK_ROW(source->length == strlen(want) && memcmp(source->text, want, source->length) == 0, name);
    CHECK_ROW(source->has_lines, name);
  } else if (!good) {
    CHECK_ROW(result == -1 && source == NULL && e.kind == ERROR_POLICY, name);
    if (strstr(e.text, want) == NULL)
      CHECK_STR(e.text, want);
  }
}

static const struct bare_row {
  const char *name;
  bool good;
  const char *want;
} bare_rows[] = {
    {"web", true, "web"},
    {"web.conf", true, "web"},
    {"A-b_c.1@x", true, "odd name"},
    {"root-only", true, "root only"},
    {"missing", false, "there is no profile \"missing\""},
    {"", false, "is no name of a profile"},
    {".", false, "is no name of a profile"},
    {"..", false, "is no name of a profile"},
    {".hidden", false, "is no name of a profile"},
    {"a b", false, "is no name of a profile"},
    {"web\n", false, "is no name of a profile"},
    {"w\xc3\xa4", false, "is no name of a profile"},
    {"%s", false, "is no name of a profile"},
    {"folder", false, "a folder, not a file"},
    {"fifo", false, "not a regular file"},
    {"link", false, "a link, and links are not followed here"},
    {"dangling", false, "a link, and links are not followed here"},
    {"owned", false, "it does not belong to root"},
    {"group-writable", false, "it can be written by others than root"},
    {"all-writable", false, "it can be written by others than root"},
    {"nul", false, "there is a NUL byte in it"},
    {"nul.json", false, "there is a NUL byte in it"},
    {"web.json", true, "{}"},
    {"web.scrun", true, IMAGE_MAGIC "\1"},
    {"missing.json", false, "there is no profile \"missing.json\""},
    {"too-large", false, "longer than 1048576 bytes"},
};

static void
make_good_folder(void) {
  static char large[PROFILE_BYTES_MAX + 1];
  memset(large, '\n', sizeof large);
  make_folder("good", 0, 0755);
  make_file("good/web.conf", "web", 3, 0, 0644);
  make_file("good/A-b_c.1@x.conf", "odd name", 8, 0, 0644);
  make_file("good/root-only.conf", "root only", 9, 0, 0600);
  make_file("good/.hidden.conf", "x", 1, 0, 0644);
  make_file("good/owned.conf", "x", 1, NOBODY, 0644);
  make_file("good/group-writable.conf", "x", 1, 0, 0664);
  make_file("good/all-writable.conf", "x", 1, 0, 0646);
  make_file("good/nul.conf", "a\0b", 3, 0, 0644);
  make_file("good/nul.json", "{\0}", 3, 0, 0644);
  make_file("good/web.json", "{}", 2, 0, 0644);
  make_file("good/web.scrun", IMAGE_MAGIC "\1", IMAGE_MAGIC_BYTES + 1, 0, 0644);
  make_file("good/nuls.conf", IMAGE_MAGIC "\0\0", IMAGE_MAGIC_BYTES + 2, 0, 0644);
  make_file("good/too-large.conf", large, sizeof large, 0, 0644);
  make_file("good/largest.conf", large, sizeof large - 1, 0, 0644);
  make_file("good/mine.group", "read\n", 5, 0, 0644);
  make_folder("good/folder.conf", 0, 0755);
  CHECK(mkfifo(at_base("good/fifo.conf"), 0644) == 0);
  CHECK(symlink("web.conf", at_base("good/link.conf")) == 0);
  CHECK(symlink("nowhere", at_base("good/dangling.conf")) == 0);
}

static void
make_bad_folders(void) {
  make_folder("open", 0, 01777); // sticky, and still anybody can add to it
  make_file("open/web.conf", "planted", 7, 0, 0644);
  make_folder("foreign", NOBODY, 0755);
  make_file("foreign/web.conf", "planted", 7, 0, 0644);
  make_folder("parent", 0, 0775);
  make_folder("parent/inner", 0, 0755);
  make_file("parent/inner/web.conf", "planted", 7, 0, 0644);
  CHECK(symlink("good", at_base("link")) == 0);
  make_file("plain", "x", 1, 0, 0644);
}

static void
test_bare_names(bool root) {
  const char *const folders[] = {at_base("nowhere"), at_base("good"), NULL};
  struct profile_files files = {.folders = folders};
  for (size_t i = 0; i < sizeof bare_rows / sizeof bare_rows[0]; i++) {
    if (!root && strcmp(bare_rows[i].name, "root-only") == 0)
      check_read(&files, "root-only", false, "Permission denied");
    else
      check_read(&files, bare_rows[i].name, bare_rows[i].good, bare_rows[i].want);
  }
  const struct source *source = NULL;
  struct error e;
  CHECK(profile_files_read(&files, "largest", &source, &e) == 0 && source->length == PROFILE_BYTES_MAX);
  CHECK(profile_files_read(&files, "nuls", &source, &e) == 0 && source->length == IMAGE_MAGIC_BYTES + 2);
  CHECK(profile_files_read(&files, "web", &source, &e) == 0);
  CHECK_STR(source->name, at_base("good/web.conf"));
  profile_files_clear(&files);
  CHECK(files.first == NULL);
}

static void
test_folders(void) {
  static const struct {
    const char *folder, *want;
  } rows[] = {
      {"open", "can be written by others than root"},         {"foreign", "does not belong to root"},
      {"parent/inner", "can be written by others than root"}, {"link", "not a folder (links are not followed)"},
      {"link/x", "not a folder (links are not followed)"},    {"plain", "not a folder"},
      {"good/../good", "a folder with a dot component"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *const folders[] = {at_base(rows[i].folder), at_base("good"), NULL};
    struct profile_files files = {.folders = folders};
    check_read(&files, "web", false, rows[i].want);
    profile_files_clear(&files);
  }
  // A folder that cannot be trusted and does not have the file is not in the way of the next one.
  const char *const folders[] = {at_base("parent/missing"), at_base("open"), at_base("good"), NULL};
  struct profile_files files = {.folders = folders};
  check_read(&files, "A-b_c.1@x", true, "odd name");
  const char *const relative[] = {"good", NULL};
  files.folders = relative;
  check_read(&files, "web", false, "not an absolute path");
  profile_files_clear(&files);
}

static void
test_group_files(void) {
  const char *const folders[] = {at_base("good"), NULL};
  struct profile_files files = {.folders = folders};
  const struct source *source = NULL;
  struct error e = {0};
  CHECK_INT(profile_files_open_group(&files, "mine and more", 4, &source, &e), 0);
  CHECK(source != NULL && source->length == 5);
  CHECK_INT(profile_files_open_group(&files, "missing", 7, &source, &e), 1);
  CHECK_INT(profile_files_open_group(&files, "../good/mine", 12, &source, &e), 1);
  CHECK_INT(profile_files_open_group(&files, "", 0, &source, &e), 1);
  CHECK_INT(profile_files_open_group(&files, ".", 1, &source, &e), 1);
  char long_name[300];
  memset(long_name, 'a', sizeof long_name);
  CHECK_INT(profile_files_open_group(&files, long_name, sizeof long_name, &source, &e), 1);
  const char *const bad[] = {at_base("open"), NULL};
  CHECK(symlink("../good/mine.group", at_base("open/mine.group")) == 0 || errno == EEXIST);
  files.folders = bad;
  CHECK_INT(profile_files_open_group(&files, "mine", 4, &source, &e), -1);
  profile_files_clear(&files);
}

// With a slash: as it is, links and all, whoever owns it; but a regular file.
static void
test_paths(const char *own) {
  char path[300], link[300], fifo[300];
  struct profile_files files = {0};
  snprintf(path, sizeof path, "%s/file", own);
  snprintf(link, sizeof link, "%s/link-to-file", own);
  snprintf(fifo, sizeof fifo, "%s/a-fifo", own);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  CHECK(fd >= 0 && write(fd, "mine", 4) == 4 && close(fd) == 0);
  CHECK(symlink("file", link) == 0 && mkfifo(fifo, 0600) == 0);
  check_read(&files, path, true, "mine");
  check_read(&files, link, true, "mine");
  check_read(&files, fifo, false, "not a regular file");
  check_read(&files, own, false, "a folder, not a file");
  check_read(&files, "/dev/zero", false, "/dev/zero: not a regular file");
  check_read(&files, "/nowhere/file", false, "/nowhere/file: No such file or directory");
  check_read(&files, "nowhere/file", false, "nowhere/file: No such file or directory");
  check_read(&files, "/", false, "/: a folder, not a file");
  const struct source *source = NULL;
  struct error e;
  // A file of the kernel's that says it has no bytes and has some.
  CHECK(profile_files_read(&files, "/proc/self/status", &source, &e) == 0 && source->length > 0);
  profile_files_clear(&files);
}

// Runs `test` as another user. The child counts its own failures.
static void
run_as(uid_t real, uid_t effective, void (*test)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    check_failures = 0;
    if (setresgid(real, effective, effective) != 0 || setresuid(real, effective, effective) != 0)
      _exit(99);
    test();
    _exit(check_failures != 0);
  }
  int status = -1;
  CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
  CHECK_INT(status, 0);
}

static void
nobody_reads(void) {
  test_bare_names(false);
  test_folders();
}

static struct profile_files
own_files(void) {
  static const char *folders[2];
  folders[0] = at_base("good");
  return (struct profile_files){.user_profiles = true, .folders = folders, .passwd = strdup(at_base("passwd"))};
}

static void
own_files_close(struct profile_files *files) {
  profile_files_clear(files);
  free((void *)(uintptr_t)files->passwd);
}

static void
nobody_uses_own_folder(void) {
  struct profile_files files = own_files();
  setenv("HOME", at_base("open"), 1); // has no say
  unsetenv("INVOCATION_ID");
  check_read(&files, "web", true, "my own web");
  check_read(&files, "roots", true, "from root");
  check_read(&files, "A-b_c.1@x", true, "odd name");
  check_read(&files, "strangers", false, "it belongs neither to root nor to you");
  check_read(&files, "shared", false, "it can be written by others than you");
  check_read(&files, "link", false, "a link, and links are not followed here");
  setenv("INVOCATION_ID", "0123", 1);
  check_read(&files, "web", false, "--user-profiles is not for services");
  check_read(&files, at_base("good/web.conf"), false, "--user-profiles is not for services");
  const struct source *source = NULL;
  struct error e;
  CHECK_INT(profile_files_open_group(&files, "mine", 4, &source, &e), -1);
  own_files_close(&files);
}

// Without --user-profiles nobody's folder does not exist.
static void
nobody_without_option(void) {
  struct profile_files files = own_files();
  files.user_profiles = false;
  check_read(&files, "web", true, "web");
  own_files_close(&files);
}

static void
nobody_in_shared_home(void) {
  struct profile_files files = own_files();
  check_read(&files, "web", false, "can be written by others than you");
  check_read(&files, "A-b_c.1@x", true, "odd name");
  own_files_close(&files);
}

static void
stranger_without_home(void) {
  struct profile_files files = own_files();
  check_read(&files, "web", false, "has no home for user 65533");
  own_files_close(&files);
}

static void
stranger_with_relative_home(void) {
  struct profile_files files = own_files();
  free((void *)(uintptr_t)files.passwd);
  files.passwd = strdup(at_base("passwd-relative"));
  check_read(&files, "web", false, "has no home for user 65533");
  own_files_close(&files);
}

static void
root_asks_for_own_folder(void) {
  struct profile_files files = own_files();
  unsetenv("INVOCATION_ID");
  check_read(&files, "web", false, "--user-profiles is not for root");
  check_read(&files, at_base("good/web.conf"), false, "--user-profiles is not for root");
  own_files_close(&files);
}

static void
make_home(void) {
  char passwd[512];
  make_folder("home", NOBODY, 0755);
  make_folder("home/.config", NOBODY, 0700);
  make_folder("home/.config/scrun", NOBODY, 0700);
  make_file("home/.config/scrun/web.conf", "my own web", 10, NOBODY, 0600);
  make_file("home/.config/scrun/roots.conf", "from root", 9, 0, 0644);
  make_file("home/.config/scrun/strangers.conf", "x", 1, STRANGER, 0644);
  make_file("home/.config/scrun/shared.conf", "x", 1, NOBODY, 0664);
  CHECK(symlink("web.conf", at_base("home/.config/scrun/link.conf")) == 0);
  int length = snprintf(passwd, sizeof passwd,
                        "root:x:0:0:root:/root:/bin/sh\nshort:x:65534\nodd:x:6553x:1::/odd:\n\n"
                        "nobody:x:65534:65534:a:%s/home/:/bin/sh\nsecond:x:65534:1::/second:/bin/sh\n",
                        base);
  make_file("passwd", passwd, (size_t)length, 0, 0644);
  static const char relative[] = "stranger:x:65533:65533::home:/bin/sh";
  make_file("passwd-relative", relative, sizeof relative - 1, 0, 0644);
}

// The same program, with more rights than its caller.
static const char *secure_program;

static void
exec_secure(void) {
  execl(secure_program, secure_program, "at-secure", base, (char *)NULL);
  CHECK_INT(errno, 0); // exec came back
}

static int
main_at_secure(const char *where) {
  snprintf(base, sizeof base, "%s", where);
  struct profile_files files = own_files();
  unsetenv("INVOCATION_ID");
  check_read(&files, "web", false, "--user-profiles is not for programs with more rights than their caller");
  return check_failures != 0;
}

static void
make_secure_program(void) {
  static char text[65536];
  secure_program = strdup(at_base("secure"));
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC),
      to = open(secure_program, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  ssize_t got;
  while ((got = read(from, text, sizeof text)) > 0)
    CHECK(write(to, text, (size_t)got) == got);
  CHECK(got == 0 && fchown(to, STRANGER, STRANGER) == 0 && fchmod(to, 04755) == 0);
  close(from);
  close(to);
}

static void
test_as_root(void) {
  strcpy(base, "/var/lib/scrun-test.XXXXXX");
  if (mkdtemp(base) == NULL || chmod(base, 0755) != 0) {
    CHECK_INT(errno, 0); // no folder, no test
    return;
  }
  make_good_folder();
  make_bad_folders();
  make_home();
  make_secure_program();
  test_bare_names(true);
  test_folders();
  test_group_files();
  root_asks_for_own_folder();
  run_as(NOBODY, NOBODY, nobody_reads);
  run_as(NOBODY, NOBODY, nobody_uses_own_folder);
  run_as(NOBODY, NOBODY, nobody_without_option);
  run_as(STRANGER, STRANGER, stranger_without_home);
  run_as(STRANGER, STRANGER, stranger_with_relative_home);
  run_as(NOBODY, 0, root_asks_for_own_folder);
  run_as(0, NOBODY, root_asks_for_own_folder);
  run_as(NOBODY, NOBODY, exec_secure);
  CHECK(chmod(at_base("home"), 0775) == 0);
  run_as(NOBODY, NOBODY, nobody_in_shared_home);
  CHECK(nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
  free((void *)(uintptr_t)secure_program);
}

// What everybody can run: the system's own folders, and paths.
static void
test_as_anybody(void) {
  static const char *const folders[] = {"/etc", NULL};
  struct profile_files files = {.folders = folders};
  const struct source *source = NULL;
  struct error e;
  char own[] = "/tmp/scrun-test.XXXXXX";
  CHECK(profile_files_read(&files, "ld.so", &source, &e) == 0);
  if (source != NULL)
    CHECK_STR(source->name, "/etc/ld.so.conf");
  profile_files_clear(&files);
  CHECK(mkdtemp(own) != NULL);
  test_paths(own);
  const char *const bad[] = {own, NULL};
  struct profile_files planted = {.folders = bad};
  char path[300];
  snprintf(path, sizeof path, "%s/web.conf", own);
  close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  check_read(&planted, "web", false, "is not read: /tmp");
  CHECK(nftw(own, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

int
main(int argc, char **argv) {
  alarm(100); // a read that hangs is a failure
  umask(022);
  if (argc == 3)
    _exit(main_at_secure(argv[2]));
  test_as_anybody();
  if (getuid() == 0) {
    test_as_root();
    run_as(NOBODY, NOBODY, test_as_anybody);
  }
  return check_done();
}
