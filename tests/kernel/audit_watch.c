// SPDX-License-Identifier: LGPL-2.1-or-later
// audit_watch.c - runs a command and writes the kernel's audit records about it to a file: audit_watch [-x] FILE
// COMMAND... With -x, every execve by a child of the command is made to be recorded too. Its exit status is the
// command's; 120 when the kernel has no audit to listen to.
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSABLE 120
// Records arrive from a kernel thread, in order, and the last one is a mark. When it has not come by then, it will not.
#define LATE_MS 5000

static _Noreturn void
give_up(const char *what) {
  fprintf(stderr, "audit_watch: %s: %s\n", what, strerror(errno));
  exit(UNUSABLE);
}

static int
audit_open(unsigned groups) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  const struct sockaddr_nl here = {.nl_family = AF_NETLINK, .nl_groups = groups};
  int room = 1 << 20;
  if (fd < 0 || bind(fd, (const struct sockaddr *)&here, sizeof here) != 0)
    give_up("audit socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  return fd;
}

struct message {
  struct nlmsghdr header;
  char body[8192];
};

// Sends a request and waits for its acknowledgement.
static void
audit_request(int fd, uint16_t type, const void *body, size_t length) {
  static struct message request, reply;
  const struct nlmsgerr *result = (const struct nlmsgerr *)(const void *)reply.body;
  request.header = (struct nlmsghdr){
      .nlmsg_len = (uint32_t)NLMSG_LENGTH(length), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
  memcpy(request.body, body, length);
  if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
    give_up("audit request");
  do {
    if (recv(fd, &reply, sizeof reply, 0) < 0)
      give_up("audit reply");
  } while (reply.header.nlmsg_type != NLMSG_ERROR);
  errno = -result->error;
  if (result->error != 0)
    give_up("audit request refused");
}

static uint32_t
audit_enabled(int fd) {
  static struct message reply;
  const struct nlmsghdr request = {sizeof request, AUDIT_GET, NLM_F_REQUEST, 0, 0};
  struct audit_status status;
  if (send(fd, &request, sizeof request, 0) < 0)
    give_up("audit status");
  do {
    if (recv(fd, &reply, sizeof reply, 0) < 0)
      give_up("audit status");
  } while (reply.header.nlmsg_type != AUDIT_GET);
  memcpy(&status, reply.body, sizeof status);
  return status.enabled;
}

static void
audit_enable(int fd, uint32_t enabled) {
  const struct audit_status status = {.mask = AUDIT_STATUS_ENABLED, .enabled = enabled};
  audit_request(fd, AUDIT_SET, &status, sizeof status);
}

// "exit,always -S execve -F ppid=PARENT", added or deleted.
static void
audit_rule(int fd, uint16_t type, pid_t parent) {
  struct audit_rule_data rule = {.flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS, .field_count = 1};
  rule.mask[AUDIT_WORD(SYS_execve)] = AUDIT_BIT(SYS_execve);
  rule.fields[0] = AUDIT_PPID;
  rule.values[0] = (uint32_t)parent;
  rule.fieldflags[0] = AUDIT_EQUAL;
  audit_request(fd, type, &rule, sizeof rule);
}

// Starts the command; it waits for a byte, so that its pid is known before its first exec.
static pid_t
command_start(char **command, int *go) {
  int pipes[2];
  if (pipe(pipes) != 0)
    give_up("pipe");
  pid_t pid = fork();
  if (pid == 0) {
    char byte;
    if (read(pipes[0], &byte, 1) != 1)
      _exit(UNUSABLE);
    close(pipes[0]);
    close(pipes[1]);
    execvp(command[0], command);
    _exit(UNUSABLE);
  }
  close(pipes[0]);
  *go = pipes[1];
  return pid;
}

// A mark of this process's own. Of the messages from user space this kind alone is taken while audit is off.
static void
audit_mark(int fd, char *mark, size_t size) {
  snprintf(mark, size, "scrun-test-mark-%d-", (int)getpid());
  audit_request(fd, AUDIT_USER_AVC, mark, strlen(mark) + 1);
}

// Others have their programs killed and logged at the same time. A call that was filtered names its process, one that
// the rule made be recorded its parent.
static bool
is_about(const char *body, unsigned type, pid_t pid) {
  char name[32];
  if (type != AUDIT_SECCOMP && type != AUDIT_SYSCALL)
    return true;
  snprintf(name, sizeof name, " %s=%d ", type == AUDIT_SECCOMP ? "pid" : "ppid", (int)pid);
  return strstr(body, name) != NULL;
}

// Writes the records up to the mark. False if it does not come.
static bool
records_write(int fd, pid_t pid, const char *mark, FILE *to) {
  static struct message record;
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  while (poll(&ready, 1, LATE_MS) > 0) {
    ssize_t got = recv(fd, &record, sizeof record - 1, 0);
    if (got < (ssize_t)sizeof record.header)
      continue;
    ((char *)&record)[got] = '\0';
    if (strstr(record.body, mark) != NULL)
      return true;
    if (is_about(record.body, record.header.nlmsg_type, pid))
      fprintf(to, "type=%u %s\n", record.header.nlmsg_type, record.body);
  }
  return false;
}

static int
command_end(pid_t pid) {
  int status;
  if (waitpid(pid, &status, 0) != pid)
    give_up("waitpid");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int
main(int argc, char **argv) {
  bool execs = argc > 1 && strcmp(argv[1], "-x") == 0;
  if (argc < 3 + execs)
    return 99;
  FILE *to = fopen(argv[1 + execs], "we");
  int control = audit_open(0), records = audit_open(1), go;
  if (to == NULL)
    give_up(argv[1 + execs]);
  uint32_t before = audit_enabled(control);
  if (execs && before == 0)
    audit_enable(control, 1); // before the fork: tasks made earlier have no audit context
  pid_t pid = command_start(argv + 2 + execs, &go);
  if (execs)
    audit_rule(control, AUDIT_ADD_RULE, pid);
  if (write(go, "", 1) != 1)
    give_up("pipe");
  int status = command_end(pid);
  if (execs)
    audit_rule(control, AUDIT_DEL_RULE, pid);
  if (execs && before == 0)
    audit_enable(control, 0);
  char mark[64];
  audit_mark(control, mark, sizeof mark);
  if (!records_write(records, pid, mark, to) || fclose(to) != 0)
    give_up("audit records");
  return status;
}
