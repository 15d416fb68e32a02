// SPDX-License-Identifier: LGPL-2.1-or-later
// listener.c - everything about a listener that can be done before the filter is in force.
#include "runner/listener.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

// The version of runtime-spec that brought the message.
#define OCI_VERSION "1.1.0"

// How long a listener that takes nothing is waited for, each time.
#define WAIT_SECONDS 10

static_assert(LISTENER_PATH_BYTES == sizeof((struct sockaddr_un *)NULL)->sun_path, "room for the path");

// The length of the UTF-8 character at `text`, or 0 if there is none. Source: table 3-7 of the Unicode standard.
static size_t
character_length(const unsigned char *text) {
  unsigned char first = text[0], low = 0x80, high = 0xbf;
  size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if ((first >= 0x80 && first < 0xc2) || first > 0xf4)
    return 0;
  if (first == 0xe0)
    low = 0xa0;
  if (first == 0xf0)
    low = 0x90;
  if (first == 0xed)
    high = 0x9f;
  if (first == 0xf4)
    high = 0x8f;
  for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
    if (text[i] < low || text[i] > high) // a NUL ends here too
      return 0;
  return length;
}

size_t
listener_escape(const char *text, char *out) {
  const unsigned char *at = (const unsigned char *)text;
  size_t used = 0;
  while (*at != '\0') {
    size_t length = character_length(at);
    if (length == 0 || *at < 0x20) {
      used += (size_t)sprintf(out + used, "\\u%04x", length == 0 ? 0xfffdu : *at);
      length = 1;
    } else {
      if (*at == '"' || *at == '\\')
        out[used++] = '\\';
      memcpy(out + used, at, length);
      used += length;
    }
    at += length;
  }
  return used;
}

static void
message_add(struct listener *listener, const char *text) {
  size_t length = strlen(text);
  memcpy(listener->message + listener->length, text, length);
  listener->length += length;
}

static void
message_add_number(struct listener *listener, long number) {
  char text[24];
  snprintf(text, sizeof text, "%ld", number);
  message_add(listener, text);
}

static int
message_make(struct listener *listener, const struct image *image, struct error *e) {
  char folder[PATH_MAX];
  long pid = getpid();
  if (getcwd(folder, sizeof folder) == NULL)
    return error_plain(e, ERROR_SECCOMP, "the listener cannot be told the working directory: %s; nothing was started",
                       strerror(errno));
  listener->length = 0;
  message_add(listener, "{\"ociVersion\":\"" OCI_VERSION "\",\"fds\":[\"seccompFd\"],\"pid\":");
  message_add_number(listener, pid);
  message_add(listener, ",\"metadata\":\"");
  listener->length += listener_escape(image->listener_metadata, listener->message + listener->length);
  message_add(listener, "\",\"state\":{\"ociVersion\":\"" OCI_VERSION "\",\"id\":\"scrun-");
  message_add_number(listener, pid);
  message_add(listener, "\",\"status\":\"creating\",\"pid\":");
  message_add_number(listener, pid);
  message_add(listener, ",\"bundle\":\"");
  listener->length += listener_escape(folder, listener->message + listener->length);
  message_add(listener, "\"}}");
  return 0;
}

// Above the standard streams, so that no message of ours goes to the listener where the caller closed some. A low one
// that is not close-on-exec is the caller's: somebody answered for socket(2).
static int
socket_open(void) {
  int low = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (low < 0 || low > STDERR_FILENO)
    return low;
  int fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int flags = fd < 0 ? -1 : fcntl(low, F_GETFD);
  if (flags < 0)
    return -1;
  if (fd <= STDERR_FILENO || (flags & FD_CLOEXEC) == 0) {
    errno = ENOTSUP;
    return -1;
  }
  close(low);
  return fd;
}

// Without it, connect(2) waits for ever where the backlog is full, and sendmsg(2) where nobody reads.
static int
set_wait(int fd) {
  const struct timeval wait = {.tv_sec = WAIT_SECONDS};
  return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

int
listener_open(struct listener *listener, const struct image *image, struct error *e) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, image->listener_path, sizeof address.sun_path);
  listener->socket = socket_open();
  if (listener->socket < 0 || set_wait(listener->socket) != 0
      || connect(listener->socket, (struct sockaddr *)&address, sizeof address) != 0)
    return error_plain(e, ERROR_SECCOMP, "the listener at %s cannot be reached: %s; nothing was started",
                       shown(image->listener_path).text, errno == EAGAIN ? "it takes no connections" : strerror(errno));
  return message_make(listener, image, e);
}
