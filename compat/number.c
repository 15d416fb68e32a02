// SPDX-License-Identifier: LGPL-2.1-or-later
// number.c - reads integers and errno names.
#include "compat/number.h"
#include "compat/nearest.h"
#include <errno.h>
#include <string.h>

// Every errno of Linux on x86, in order of names; A: an alias of another name's value. Source: <errno.h>, errno(3).
// clang-format off
#define ERRNO_NAMES(X, A) \
  X(E2BIG) X(EACCES) X(EADDRINUSE) X(EADDRNOTAVAIL) X(EADV) X(EAFNOSUPPORT) X(EAGAIN) X(EALREADY) X(EBADE) \
  X(EBADF) X(EBADFD) X(EBADMSG) X(EBADR) X(EBADRQC) X(EBADSLT) X(EBFONT) X(EBUSY) X(ECANCELED) X(ECHILD) \
  X(ECHRNG) X(ECOMM) X(ECONNABORTED) X(ECONNREFUSED) X(ECONNRESET) X(EDEADLK) A(EDEADLOCK) X(EDESTADDRREQ) \
  X(EDOM) X(EDOTDOT) X(EDQUOT) X(EEXIST) X(EFAULT) X(EFBIG) X(EHOSTDOWN) X(EHOSTUNREACH) X(EHWPOISON) X(EIDRM) \
  X(EILSEQ) X(EINPROGRESS) X(EINTR) X(EINVAL) X(EIO) X(EISCONN) X(EISDIR) X(EISNAM) X(EKEYEXPIRED) \
  X(EKEYREJECTED) X(EKEYREVOKED) X(EL2HLT) X(EL2NSYNC) X(EL3HLT) X(EL3RST) X(ELIBACC) X(ELIBBAD) X(ELIBEXEC) \
  X(ELIBMAX) X(ELIBSCN) X(ELNRNG) X(ELOOP) X(EMEDIUMTYPE) X(EMFILE) X(EMLINK) X(EMSGSIZE) X(EMULTIHOP) \
  X(ENAMETOOLONG) X(ENAVAIL) X(ENETDOWN) X(ENETRESET) X(ENETUNREACH) X(ENFILE) X(ENOANO) X(ENOBUFS) X(ENOCSI) \
  X(ENODATA) X(ENODEV) X(ENOENT) X(ENOEXEC) X(ENOKEY) X(ENOLCK) X(ENOLINK) X(ENOMEDIUM) X(ENOMEM) X(ENOMSG) \
  X(ENONET) X(ENOPKG) X(ENOPROTOOPT) X(ENOSPC) X(ENOSR) X(ENOSTR) X(ENOSYS) X(ENOTBLK) X(ENOTCONN) X(ENOTDIR) \
  X(ENOTEMPTY) X(ENOTNAM) X(ENOTRECOVERABLE) X(ENOTSOCK) A(ENOTSUP) X(ENOTTY) X(ENOTUNIQ) X(ENXIO) X(EOPNOTSUPP) \
  X(EOVERFLOW) X(EOWNERDEAD) X(EPERM) X(EPFNOSUPPORT) X(EPIPE) X(EPROTO) X(EPROTONOSUPPORT) X(EPROTOTYPE) \
  X(ERANGE) X(EREMCHG) X(EREMOTE) X(EREMOTEIO) X(ERESTART) X(ERFKILL) X(EROFS) X(ESHUTDOWN) X(ESOCKTNOSUPPORT) \
  X(ESPIPE) X(ESRCH) X(ESRMNT) X(ESTALE) X(ESTRPIPE) X(ETIME) X(ETIMEDOUT) X(ETOOMANYREFS) X(ETXTBSY) X(EUCLEAN) \
  X(EUNATCH) X(EUSERS) A(EWOULDBLOCK) X(EXDEV) X(EXFULL)
// clang-format on

static const struct errno_entry {
  char name[16];
  uint16_t value;
} errno_entries[] = {
#define ENTRY(name) {#name, name},
    ERRNO_NAMES(ENTRY, ENTRY)
#undef ENTRY
};
enum { ERRNO_ENTRIES = sizeof errno_entries / sizeof errno_entries[0] };

static const char *const errno_names[] = {
#define NAME(name) [name] = #name,
#define NOTHING(name)
    ERRNO_NAMES(NAME, NOTHING)
#undef NAME
#undef NOTHING
};

static unsigned
digit_value(char byte) {
  if (byte >= '0' && byte <= '9')
    return (unsigned)(byte - '0');
  if (byte >= 'a' && byte <= 'f')
    return (unsigned)(byte - 'a') + 10;
  if (byte >= 'A' && byte <= 'F')
    return (unsigned)(byte - 'A') + 10;
  return 16;
}

// The digits alone; at least one.
static bool
digits_read(const char *text, size_t length, unsigned base, uint64_t max, uint64_t *out) {
  uint64_t value = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned digit = digit_value(text[i]);
    if (digit >= base || value > (UINT64_MAX - digit) / base)
      return false;
    value = value * base + digit;
  }
  if (length == 0 || value > max)
    return false;
  *out = value;
  return true;
}

bool
number_read(const char *text, size_t length, enum number_zero zero, uint64_t max, uint64_t *out) {
  if (length < 2 || text[0] != '0')
    return digits_read(text, length, 10, max, out);
  if (text[1] == 'x' || text[1] == 'X')
    return digits_read(text + 2, length - 2, 16, max, out);
  return zero == NUMBER_OCTAL && digits_read(text + 1, length - 1, 8, max, out);
}

// As strcmp() of a word in upper case and a name.
static int
compare_upper(const char *word, size_t length, const char *name) {
  for (size_t i = 0; i < length; i++) {
    char byte = word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - ('a' - 'A')) : word[i];
    if (byte != name[i] || byte == '\0')
      return byte < name[i] ? -1 : 1;
  }
  return name[length] == '\0' ? 0 : -1;
}

bool
errno_find(const char *name, size_t length, uint16_t *value) {
  size_t low = 0, high = ERRNO_ENTRIES;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = compare_upper(name, length, errno_entries[middle].name);
    if (order == 0) {
      *value = errno_entries[middle].value;
      return true;
    }
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return false;
}

const char *
errno_name(unsigned value) {
  return value < sizeof errno_names / sizeof errno_names[0] ? errno_names[value] : NULL;
}

const char *
errno_suggest(const char *name, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < ERRNO_ENTRIES; i++)
    nearest_offer(&nearest, errno_entries[i].name);
  return nearest.best;
}
