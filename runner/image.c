// SPDX-License-Identifier: LGPL-2.1-or-later
// image.c - policies made ready to launch with, and their form in a file.
#include "runner/image.h"
#include "compat/startup.h"
#include "runner/compile.h"
#include "runner/digest.h"
#include "runner/slots.h"
#include "runner/verify.h"
#include <assert.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers and instructions are copied as they are");
static_assert(sizeof(struct sock_filter) == 8, "an instruction's size in the file");

// The header: the magic bytes, then numbers of 32 bits.
enum header_offset {
  AT_VERSION = IMAGE_MAGIC_BYTES,
  AT_LENGTH = 12, // of the whole image, bytes
  AT_ABIS = 16,
  AT_FLAGS = 20,
  AT_SETTINGS = 24, // set of enum setting
  AT_ISOLATE_PEERS = 28,
  AT_PATH_BYTES = 32, // of the listener's texts, without NUL
  AT_METADATA_BYTES = 36,
  AT_MOMENT = 40,
  AT_INSTRUCTIONS = 44, // of the program; then where its ticket slots are, SLOT_COUNT numbers
  AT_SLOTS = 48,
  AT_STARTUP_INSTRUCTIONS = 72, // the same of the start-up program
  AT_STARTUP_SLOTS = 76,
  AT_DIGEST = 100, // of everything before and behind it
  HEADER_BYTES = AT_DIGEST + DIGEST_BYTES,
};
#define VERSION 2 // rises with every change of this form or of the ticket template

enum setting {
  SETTING_PERMISSIVE = 1,
  SETTING_NO_NEW_PRIVS = 2,
  SETTING_CLOSES_EXECVE = 4,
  SETTING_CLOSES_EXECVEAT = 8,
  SETTING_CAN_MOUNT = 16,
  SETTING_NOTIFIES = 32,
  SETTINGS_ALL = 63,
};

static_assert(AT_SLOTS + 4 * SLOT_COUNT == AT_STARTUP_INSTRUCTIONS, "the slots fill the room for them");
static_assert(AT_STARTUP_SLOTS + 4 * SLOT_COUNT == AT_DIGEST, "and so do the others");
static_assert(HEADER_BYTES + LISTENER_PATH_BYTES + LISTENER_METADATA_BYTES + 2 * 8 * PROGRAM_MAX <= IMAGE_BYTES_MAX,
              "the largest image fits");

// What a Landlock domain answers EPERM to. Source: the sb_* and move_mount hooks in the kernel's
// security/landlock/fs.c; fsconfig remounts.
static const char *const mount_calls[] = {"mount", "umount", "umount2", "move_mount", "pivot_root", "fsconfig"};

static bool
policy_closes(const struct policy *policy, const char *name) {
  call_t call = calls_find(name, strlen(name));
  return call != CALL_NONE && policy_always_refuses(policy, call);
}

static bool
policy_can_mount(const struct policy *policy) {
  for (size_t i = 0; i < sizeof mount_calls / sizeof mount_calls[0]; i++)
    if (!policy_closes(policy, mount_calls[i]))
      return true;
  return false;
}

// Every instruction of a well-formed program is reached; templates hold no such return.
static bool
program_notifies(const struct program *program) {
  const uint32_t value = action_to_return((struct action){ACTION_NOTIFY, 0});
  for (size_t i = 0; i < program->length; i++)
    if (program->code[i].code == CODE_RETURN && program->code[i].k == value)
      return true;
  return false;
}

// Copies a text of the listener's, of `room` bytes with its NUL.
static int
copy_text(char *out, size_t room, const char *text, const char *name, struct error *e) {
  size_t length = text == NULL ? 0 : strlen(text);
  if (length >= room)
    return error_plain(e, ERROR_POLICY, "the listener's %s is longer than %zu bytes", name, room - 1);
  if (length > 0)
    memcpy(out, text, length);
  out[length] = '\0';
  return 0;
}

static int
set_listener(struct image *image, const struct policy *policy, struct error *e) {
  image->listener_path[0] = image->listener_metadata[0] = '\0';
  image->notifies = policy_notifies(policy) && program_notifies(&image->program);
  if (!image->notifies)
    return 0;
  if (policy->listener_path == NULL || policy->listener_path[0] == '\0')
    return error_plain(
        e, ERROR_POLICY,
        "the policy leaves calls to a listener, but names none (listenerPath): nobody would answer them");
  if (copy_text(image->listener_path, LISTENER_PATH_BYTES, policy->listener_path, "path", e) != 0)
    return -1;
  return copy_text(image->listener_metadata, LISTENER_METADATA_BYTES, policy->listener_metadata, "metadata", e);
}

static int
make_program(struct program *program, enum program_kind kind, const struct policy *policy, struct error *e) {
  return program_compile(policy, kind, program, e) != 0 || program_verify(program, kind, policy, e) != 0 ? -1 : 0;
}

static int
make_startup(struct program *program, const struct policy *policy, enum moment moment, struct error *e) {
  struct policy *startup;
  if (startup_policy(policy, moment, &startup, e) != 0)
    return -1;
  int failed = make_program(program, PROGRAM_STARTUP, startup, e);
  policy_free(startup);
  return failed;
}

int
image_make(struct image *image, const struct policy *policy, enum moment moment, struct error *e) {
  bool later = moment != MOMENT_EXEC;
  image->moment = moment;
  image->startup.length = 0;
  if ((later && make_startup(&image->startup, policy, moment, e) != 0)
      || make_program(&image->program, later ? PROGRAM_LATER : PROGRAM_LAUNCH, policy, e) != 0)
    return -1;
  image->abis = policy->abis;
  image->flags = policy->flags;
  image->permissive = policy->permissive;
  image->no_new_privs = policy->no_new_privs;
  image->isolate_peers = policy->isolate_peers;
  image->closes_execve = policy_closes(policy, "execve");
  image->closes_execveat = policy_closes(policy, "execveat");
  image->can_mount = policy->isolate_peers == ISOLATE_PEERS_AUTO && image->closes_execve && policy_can_mount(policy);
  return set_listener(image, policy, e);
}

static void
put(unsigned char *out, size_t at, uint32_t value) {
  memcpy(out + at, &value, sizeof value);
}

static uint32_t
get(const unsigned char *bytes, size_t at) {
  uint32_t value;
  memcpy(&value, bytes + at, sizeof value);
  return value;
}

static void
digest_of(const unsigned char *bytes, size_t length, unsigned char out[DIGEST_BYTES]) {
  struct digest digest;
  digest_start(&digest);
  digest_add(&digest, bytes, AT_DIGEST);
  digest_add(&digest, bytes + HEADER_BYTES, length - HEADER_BYTES);
  digest_end(&digest, out);
}

static uint32_t
settings_of(const struct image *image) {
  return (image->permissive ? SETTING_PERMISSIVE : 0u) | (image->no_new_privs ? SETTING_NO_NEW_PRIVS : 0u)
         | (image->closes_execve ? SETTING_CLOSES_EXECVE : 0u) | (image->closes_execveat ? SETTING_CLOSES_EXECVEAT : 0u)
         | (image->can_mount ? SETTING_CAN_MOUNT : 0u) | (image->notifies ? SETTING_NOTIFIES : 0u);
}

// Puts a program's length and slots into the header, and its instructions at `at`. Returns the instructions' bytes.
static size_t
put_program(unsigned char *out, size_t header_at, const struct program *program, size_t at) {
  uint32_t slots[SLOT_COUNT];
  size_t length = program->length * sizeof program->code[0];
  slots_find(program, slots);
  put(out, header_at, (uint32_t)program->length);
  for (size_t i = 0; i < SLOT_COUNT; i++)
    put(out, header_at + 4 + 4 * i, slots[i]);
  memcpy(out + at, program->code, length);
  return length;
}

size_t
image_write(const struct image *image, unsigned char out[IMAGE_BYTES_MAX]) {
  size_t path = strlen(image->listener_path), metadata = strlen(image->listener_metadata);
  size_t length = HEADER_BYTES + path + metadata;
  memcpy(out, IMAGE_MAGIC, IMAGE_MAGIC_BYTES);
  put(out, AT_VERSION, VERSION);
  put(out, AT_ABIS, image->abis);
  put(out, AT_FLAGS, image->flags);
  put(out, AT_SETTINGS, settings_of(image));
  put(out, AT_ISOLATE_PEERS, image->isolate_peers);
  put(out, AT_PATH_BYTES, (uint32_t)path);
  put(out, AT_METADATA_BYTES, (uint32_t)metadata);
  put(out, AT_MOMENT, image->moment);
  memcpy(out + HEADER_BYTES, image->listener_path, path);
  memcpy(out + HEADER_BYTES + path, image->listener_metadata, metadata);
  length += put_program(out, AT_INSTRUCTIONS, &image->program, length);
  length += put_program(out, AT_STARTUP_INSTRUCTIONS, &image->startup, length);
  put(out, AT_LENGTH, (uint32_t)length);
  digest_of(out, length, out + AT_DIGEST);
  return length;
}

bool
image_is(const void *bytes, size_t length) {
  return length >= IMAGE_MAGIC_BYTES && memcmp(bytes, IMAGE_MAGIC, IMAGE_MAGIC_BYTES) == 0;
}

static int
refuse(struct error *e, const char *why) {
  return error_plain(e, ERROR_POLICY, "not a compiled policy: %s", why);
}

// Sizes first, so that everything behind them is where it is looked for; then the digest.
static int
check_whole(const unsigned char *bytes, size_t length, struct error *e) {
  unsigned char digest[DIGEST_BYTES];
  if (!image_is(bytes, length))
    return refuse(e, "it does not begin as one does");
  if (length < HEADER_BYTES)
    return refuse(e, "it is cut off");
  if (get(bytes, AT_VERSION) != VERSION)
    return error_plain(e, ERROR_POLICY,
                       "a compiled policy of version %u, and this scrun reads version %d: compile it again",
                       get(bytes, AT_VERSION), VERSION);
  if (get(bytes, AT_LENGTH) != length)
    return error_plain(e, ERROR_POLICY, "not a compiled policy: it should have %u bytes and has %zu",
                       get(bytes, AT_LENGTH), length);
  digest_of(bytes, length, digest);
  if (memcmp(digest, bytes + AT_DIGEST, DIGEST_BYTES) != 0)
    return refuse(e, "it is damaged (its SHA-256 does not fit)");
  return 0;
}

static int
read_sizes(const unsigned char *bytes, size_t length, struct error *e) {
  uint32_t path = get(bytes, AT_PATH_BYTES), metadata = get(bytes, AT_METADATA_BYTES);
  uint32_t count = get(bytes, AT_INSTRUCTIONS), startup = get(bytes, AT_STARTUP_INSTRUCTIONS);
  if (path >= LISTENER_PATH_BYTES || metadata >= LISTENER_METADATA_BYTES || count == 0 || count > PROGRAM_MAX
      || startup > PROGRAM_MAX)
    return refuse(e, "a size in it is out of range");
  if (HEADER_BYTES + (size_t)path + metadata + sizeof(struct sock_filter) * (size_t)(count + startup) != length)
    return refuse(e, "its sizes do not add up");
  return 0;
}

static int
read_settings(struct image *image, const unsigned char *bytes, struct error *e) {
  uint32_t abis = get(bytes, AT_ABIS), flags = get(bytes, AT_FLAGS), settings = get(bytes, AT_SETTINGS);
  uint32_t isolate = get(bytes, AT_ISOLATE_PEERS), moment = get(bytes, AT_MOMENT);
  if ((abis & ~(unsigned)ABI_ALL) != 0 || (abis & ABI_BIT(ABI_NATIVE)) == 0)
    return refuse(e, "its ABIs mean nothing");
  if ((flags & ~(unsigned)(POLICY_FLAG_LOG | POLICY_FLAG_SPEC_ALLOW)) != 0 || (settings & ~(unsigned)SETTINGS_ALL) != 0)
    return refuse(e, "it asks for what this scrun does not know");
  if (isolate < ISOLATE_PEERS_AUTO || isolate > ISOLATE_PEERS_NO)
    return refuse(e, "its IsolatePeers= means nothing");
  if (moment < MOMENT_EXEC || moment >= MOMENT_COUNT)
    return refuse(e, "it begins at a moment that this scrun does not know");
  image->moment = (enum moment)moment;
  image->abis = abis;
  image->flags = flags;
  image->isolate_peers = (enum isolate_peers)isolate;
  image->permissive = (settings & SETTING_PERMISSIVE) != 0;
  image->no_new_privs = (settings & SETTING_NO_NEW_PRIVS) != 0;
  image->closes_execve = (settings & SETTING_CLOSES_EXECVE) != 0;
  image->closes_execveat = (settings & SETTING_CLOSES_EXECVEAT) != 0;
  image->can_mount = (settings & SETTING_CAN_MOUNT) != 0;
  image->notifies = (settings & SETTING_NOTIFIES) != 0;
  return 0;
}

static void
read_program(struct program *program, const unsigned char *bytes, size_t header_at, size_t at) {
  program->length = get(bytes, header_at);
  memcpy(program->code, bytes + at, program->length * sizeof program->code[0]);
}

// The listener's texts and the instructions stand one behind the other.
static int
read_rest(struct image *image, const unsigned char *bytes, struct error *e) {
  size_t path = get(bytes, AT_PATH_BYTES), metadata = get(bytes, AT_METADATA_BYTES);
  if (memchr(bytes + HEADER_BYTES, '\0', path + metadata) != NULL)
    return refuse(e, "there is a NUL byte in its listener's path or metadata");
  memcpy(image->listener_path, bytes + HEADER_BYTES, path);
  image->listener_path[path] = '\0';
  memcpy(image->listener_metadata, bytes + HEADER_BYTES + path, metadata);
  image->listener_metadata[metadata] = '\0';
  read_program(&image->program, bytes, AT_INSTRUCTIONS, HEADER_BYTES + path + metadata);
  read_program(&image->startup, bytes, AT_STARTUP_INSTRUCTIONS,
               HEADER_BYTES + path + metadata + image->program.length * sizeof image->program.code[0]);
  return 0;
}

// What one field says, another says too.
static int
check_agreement(const struct image *image, struct error *e) {
  if ((image->moment != MOMENT_EXEC) != (image->startup.length != 0))
    return refuse(e, "its start-up program does not go with the moment that it begins at");
  if (image->moment != MOMENT_EXEC && (image->notifies || program_notifies(&image->startup)))
    return refuse(e, "it begins later than at exec, and yet has a listener");
  if (image->notifies != program_notifies(&image->program) || image->notifies != (image->listener_path[0] != '\0')
      || (!image->notifies && image->listener_metadata[0] != '\0'))
    return refuse(e, "its listener does not go with its program");
  if (image->notifies && image->listener_path[0] != '/')
    return refuse(e, "its listener's path does not begin with \"/\"");
  if (image->can_mount && (image->isolate_peers != ISOLATE_PEERS_AUTO || !image->closes_execve))
    return refuse(e, "its IsolatePeers= does not go with the rest");
  if (image->permissive && (image->closes_execve || image->closes_execveat))
    return refuse(e, "it only logs, and yet closes calls");
  return 0;
}

static int
check_program(const struct image *image, const struct program *program, enum program_kind kind,
              const unsigned char *header_slots, struct error *e) {
  static struct shape shape;
  const struct slot_needs needs = {kind, image->abis, image->notifies};
  uint32_t slots[SLOT_COUNT];
  if (program_wellformed(program, NULL, &shape, e) != 0)
    return -1;
  slots_find(program, slots);
  for (size_t i = 0; i < SLOT_COUNT; i++)
    if (slots[i] != get(header_slots, 4 * i))
      return refuse(e, "its ticket slots are not where it says");
  return slots_check(program, &shape, slots, &needs, e);
}

// Without a start-up program, nothing is said of its slots.
static int
check_no_startup(const unsigned char *bytes, struct error *e) {
  for (size_t i = 0; i < SLOT_COUNT; i++)
    if (get(bytes, AT_STARTUP_SLOTS + 4 * i) != NO_SLOT)
      return refuse(e, "its ticket slots are not where it says");
  return 0;
}

static int
check_programs(const struct image *image, const unsigned char *bytes, struct error *e) {
  if (image->moment == MOMENT_EXEC)
    return check_no_startup(bytes, e) != 0 ? -1
                                           : check_program(image, &image->program, PROGRAM_LAUNCH, bytes + AT_SLOTS, e);
  if (check_program(image, &image->startup, PROGRAM_STARTUP, bytes + AT_STARTUP_SLOTS, e) != 0)
    return -1;
  return check_program(image, &image->program, PROGRAM_LATER, bytes + AT_SLOTS, e);
}

int
image_read(struct image *image, const unsigned char *bytes, size_t length, struct error *e) {
  if (check_whole(bytes, length, e) != 0 || read_sizes(bytes, length, e) != 0 || read_settings(image, bytes, e) != 0
      || read_rest(image, bytes, e) != 0 || check_agreement(image, e) != 0)
    return -1;
  if (check_programs(image, bytes, e) == 0)
    return 0;
  e->kind = ERROR_POLICY; // nobody's compiler is to blame here, but the file
  return -1;
}
