// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_request.c - reads --cap= and --kernel=, or asks the kernel.
#include "runner/oci/oci_request.h"
#include "compat/kernel.h"
#include "compat/number.h"
#include "runner/capabilities.h"
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#define VERSION_MAX 0xffff

static const struct source_pos nowhere = {NULL, 0, 0};

// One word of a list, into *set.
static int
take_capability(const char *word, size_t length, uint64_t *set, struct diags *diags) {
  int capability = capability_find(word, length);
  uint64_t mask;
  if (capability >= 0) {
    *set |= UINT64_C(1) << capability;
    return 0;
  }
  if (length == 4 && memcmp(word, "none", 4) == 0)
    return 0;
  if (length > 2 && word[0] == '0' && number_read(word, length, NUMBER_PLAIN, UINT64_MAX, &mask)) {
    *set |= mask;
    return 0;
  }
  const char *meant = capability_suggest(word, length);
  diag_add(diags, DIAG_ERROR, nowhere, "--cap: unknown capability \"%s\"; they stand in capabilities(7)",
           shown_part(word, length).text);
  if (meant != NULL)
    diag_add(diags, DIAG_HINT, nowhere, "--cap: did you mean \"%s\"?", meant);
  return -1;
}

static int
take_list(const char *list, uint64_t *set, struct diags *diags) {
  int failed = 0;
  for (;; list++) {
    size_t length = strcspn(list, ",");
    if (take_capability(list, length, set, diags) != 0)
      failed = -1;
    list += length;
    if (*list == '\0')
      return failed;
  }
}

static int
find_capabilities(const struct policy_request *request, uint64_t *set, struct diags *diags) {
  struct capabilities own;
  int failed = 0;
  *set = 0;
  for (size_t i = 0; i < request->capability_count; i++)
    if (take_list(request->capabilities[i], set, diags) != 0)
      failed = -1;
  if (request->capability_count > 0)
    return failed;
  if (!capabilities_get(&own)) {
    diag_add(diags, DIAG_ERROR, nowhere, "capget(2) does not say which capabilities you have: %s; give --cap=LIST",
             strerror(errno));
    return -1;
  }
  *set = own.permitted;
  return 0;
}

// Where the kernel does not say, only a profile that asks for it fails.
static int
find_kernel(const struct policy_request *request, uint32_t *version, struct diags *diags) {
  struct utsname names;
  memset(&names, 0, sizeof names);
  *version = 0;
  if (request->kernel == NULL) {
    if (uname(&names) != 0 || !kernel_read(names.release, strlen(names.release), true, version))
      *version = 0;
    return 0;
  }
  if (kernel_read(request->kernel, strlen(request->kernel), false, version))
    return 0;
  diag_add(diags, DIAG_ERROR, nowhere, "--kernel=%s: not a version like 6.1", shown(request->kernel).text);
  return -1;
}

int
oci_request_options(const struct policy_request *request, struct oci_options *out, struct diags *diags) {
  int failed = find_capabilities(request, &out->capabilities, diags);
  return find_kernel(request, &out->kernel, diags) != 0 ? -1 : failed;
}

int
oci_request_read(const struct policy_request *request, const struct source *file, struct policy **out,
                 struct diags *diags) {
  struct oci_options options;
  return oci_request_options(request, &options, diags) != 0
             ? -1
             : oci_read_without(file, &options, request->omission, out, diags);
}
