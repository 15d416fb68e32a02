// SPDX-License-Identifier: LGPL-2.1-or-later
// order.h - what the wrapper is to apply, as the first argument of its own: base64 (RFC 4648, padded) of an image
// (runner/image.h) for the moment exec.
#ifndef SCRUN_HOOK_ORDER_H
#define SCRUN_HOOK_ORDER_H
#include "compat/buffer.h"
#include "runner/image.h"

void base64_write(struct buffer *out, const void *bytes, size_t length);

// Appends the order. Fails with ERROR_POLICY when it would be longer than an argument may be.
// Source: MAX_ARG_STRLEN in <linux/binfmts.h>.
#define ORDER_BYTES_MAX (128 * 1024)
SC_NODISCARD int order_write(struct buffer *out, const struct image *image, struct error *e);
#endif
