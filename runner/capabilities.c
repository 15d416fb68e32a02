// SPDX-License-Identifier: LGPL-2.1-or-later
// capabilities.c - asks the kernel; no library is needed for that.
#include "runner/capabilities.h"
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
capabilities_get(struct capabilities *out) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  memset(data, 0xff, sizeof data);
  bool known = syscall(SYS_capget, &header, data) == 0;
  if (known && data[1].permitted == UINT32_MAX) { // no kernel has 64 capabilities: somebody answered in its place
    errno = ENOTSUP;
    known = false;
  }
  *out = (struct capabilities){.effective = 0};
  if (known) {
    out->effective = (uint64_t)data[1].effective << 32 | data[0].effective;
    out->permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
  }
  return known;
}
