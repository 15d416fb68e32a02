// SPDX-License-Identifier: LGPL-2.1-or-later
// absent.c - what a guard can do elsewhere and not in a container: refused.
#include "runner/guard.h"
#include "runner/listener.h"

int
guard_prepare_later(struct image *image, const struct ticket *exec, int arming, struct error *e) {
  (void)image, (void)exec, (void)arming;
  return error_plain(e, ERROR_POLICY, "in a container a policy begins at exec, and not later; nothing was started");
}

static int
refuse_listener(struct error *e) {
  return error_plain(e, ERROR_POLICY, "in a container no calls are left to a listener; nothing was started");
}

int
listener_open(struct listener *listener, const struct image *image, struct error *e) {
  (void)listener, (void)image;
  return refuse_listener(e);
}

int
guard_tell_listener(const struct guard *guard, const struct listener *listener, int descriptor, struct error *e) {
  (void)guard, (void)listener, (void)descriptor;
  return refuse_listener(e);
}
