// SPDX-License-Identifier: LGPL-2.1-or-later
// bus.c - a name on the system's message bus, for a program without libraries.
#include "tests/systemd/bus.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUS_SOCKET "/run/dbus/system_bus_socket"
#define HEADER_BYTES 16u
#define TYPE_CALL 1
#define TYPE_RETURN 2
#define TYPE_SIGNAL 4
#define OWNER 1u // the answer to RequestName

struct message {
  unsigned char bytes[1024];
  size_t length;
};

// Numbers are little-endian, as this machine's.
static void
put(struct message *message, size_t alignment, const void *bytes, size_t length) {
  while (message->length % alignment != 0)
    message->bytes[message->length++] = 0;
  memcpy(message->bytes + message->length, bytes, length);
  message->length += length;
}

static void
put_number(struct message *message, uint32_t value) {
  put(message, 4, &value, sizeof value);
}

static void
put_string(struct message *message, const char *text) {
  put_number(message, (uint32_t)strlen(text));
  put(message, 1, text, strlen(text) + 1);
}

// One of a header's fields: its number, its type, its value.
static void
put_field(struct message *message, unsigned char number, char type, const char *value) {
  put(message, 8, &number, 1);
  put(message, 1, (char[]){1, type, 0}, 3);
  if (type != 'g') {
    put_string(message, value);
    return;
  }
  unsigned char length = (unsigned char)strlen(value);
  put(message, 1, &length, 1);
  put(message, 1, value, length + 1u);
}

// A call of the bus's own, without arguments or with a string and a number.
static void
message_make(struct message *message, uint32_t serial, const char *member, const char *name) {
  message->length = 0;
  uint32_t body = name == NULL ? 0 : (uint32_t)((4 + strlen(name) + 1 + 3) / 4 * 4 + 4);
  put(message, 1, (unsigned char[]){'l', TYPE_CALL, 0, 1}, 4);
  put_number(message, body);
  put_number(message, serial);
  put_number(message, 0); // the length of the fields, which is known below
  put_field(message, 1, 'o', "/org/freedesktop/DBus");
  put_field(message, 2, 's', "org.freedesktop.DBus");
  put_field(message, 3, 's', member);
  put_field(message, 6, 's', "org.freedesktop.DBus");
  if (name != NULL)
    put_field(message, 8, 'g', "su");
  uint32_t fields = (uint32_t)(message->length - HEADER_BYTES);
  memcpy(message->bytes + 12, &fields, sizeof fields);
  put(message, 8, "", 0);
  if (name != NULL) {
    put_string(message, name);
    put_number(message, 0);
  }
}

static bool
read_whole(int fd, void *out, size_t length) {
  return recv(fd, out, length, MSG_WAITALL) == (ssize_t)length;
}

// The next message that is no signal: true if it is an answer, with the first number of its body.
static bool
answer_read(int fd, uint32_t *number) {
  for (;;) {
    unsigned char header[HEADER_BYTES], rest[2048];
    uint32_t body, fields;
    if (!read_whole(fd, header, sizeof header))
      return false;
    memcpy(&body, header + 4, sizeof body);
    memcpy(&fields, header + 12, sizeof fields);
    if (fields > sizeof rest / 2 || body > sizeof rest / 2)
      return false;
    size_t padded = ((size_t)fields + 7) / 8 * 8;
    if (!read_whole(fd, rest, padded + body))
      return false;
    if (header[1] == TYPE_SIGNAL)
      continue;
    memcpy(number, rest + padded, sizeof *number);
    return header[1] == TYPE_RETURN && body >= sizeof *number;
  }
}

static bool
call(int fd, uint32_t serial, const char *member, const char *name, uint32_t *answer) {
  struct message message;
  message_make(&message, serial, member, name);
  return write(fd, message.bytes, message.length) == (ssize_t)message.length && answer_read(fd, answer);
}

// The user id in decimal digits, these in hexadecimal; the bus answers one line.
static bool
authenticate(int fd) {
  char id[16], text[64] = "", line[128];
  char *at = text;
  snprintf(id, sizeof id, "%u", (unsigned)geteuid());
  for (const char *digit = id; *digit != '\0'; digit++)
    at += sprintf(at, "%02x", (unsigned)*digit);
  int length = snprintf(line, sizeof line, "%cAUTH EXTERNAL %s\r\n", '\0', text);
  if (write(fd, line, (size_t)length) != length || read(fd, line, sizeof line) < 3 || memcmp(line, "OK ", 3) != 0)
    return false;
  return write(fd, "BEGIN\r\n", 7) == 7;
}

int
bus_own_name(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = BUS_SOCKET};
  uint32_t answer;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || strlen(name) > 255 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
    return -1;
  errno = EPROTO;
  if (!authenticate(fd) || !call(fd, 1, "Hello", NULL, &answer) || !call(fd, 2, "RequestName", name, &answer))
    return -1;
  errno = EACCES;
  return answer == OWNER ? 0 : -1;
}
