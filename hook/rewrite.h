// SPDX-License-Identifier: LGPL-2.1-or-later
// rewrite.h - a config.json of the runtime-spec with a policy in it: for the precreate hook and for scrun-runtime.
#ifndef SCRUN_HOOK_REWRITE_H
#define SCRUN_HOOK_REWRITE_H
#include "compat/buffer.h"
#include "hook/request.h"

#define CONFIG_BYTES_MAX (4 * 1024 * 1024)

struct rewrite_place {
  const char *wrapper; // absolute path of the wrapper on the host
  const char *stage;   // absolute path of scrun-stage, or NULL: no hook is added
  const char *bundle;  // the folder where the config.json stays, rewritten, and from where it comes back at the next
                       // start; a relative root.path is below it. NULL: it is used once, and the path is absolute
};

// Reads the whole config.json and writes it with what its annotations and the settings ask for; everything else stays
// byte for byte. *changed says whether there was anything to do; if not, *out is empty. What is changed:
//   process.args         "/.scrun", the order (order.h), then what was there; behind an init that the engine itself
//                        mounted (podman's catatonit, docker-init), which would otherwise be bound by the policy
//   mounts               the wrapper, last, read-only
//   linux.seccomp        merged (seccomp.h)
//   hooks.createContainer  scrun-stage, last, which proves from inside that the mount is the wrapper
//   annotations          run.oci.seccomp_bpf_data, where accelerated
// A config that was rewritten before (its wrapper mount and args say so) for a bundle that stays is rewritten anew:
// nothing of the old order is believed, and linux.seccomp stays as narrow as it is. Any other order must be the very
// same, since it is the policy of another hook, which would be lost. Where nothing is asked for, nothing is touched. An
// annotation run.oci.seccomp* is refused, unless it is one that was written here. Returns 0, or -1 with messages in
// *diags, which may also hold warnings after a success.
SC_NODISCARD int rewrite_config(const struct source *config, struct hook_settings *settings,
                                const struct rewrite_place *place, bool *changed, struct buffer *out,
                                struct diags *diags);

// The order of a config.json that was rewritten, as written in its args: its JSON string, or NULL if it was not.
// *can_mount says whether a process of the container may have CAP_SYS_ADMIN, by its sets: then the wrapper can be
// unmounted from inside. The caller owns *order. Fails with messages.
SC_NODISCARD int rewrite_find_order(const struct source *config, const char *wrapper, char **order, bool *can_mount,
                                    struct diags *diags);

// A process.json of `exec --process` with the wrapper and that order in front of its args.
SC_NODISCARD int rewrite_process(const struct source *process, const char *order, struct buffer *out,
                                 struct diags *diags);
#endif
