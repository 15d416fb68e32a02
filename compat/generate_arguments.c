// SPDX-License-Identifier: LGPL-2.1-or-later
// generate_arguments.c - makes the tables of arguments and constants at build time, out of the files in
// profiles/arguments/.
//
//     generate_arguments OUT.c CONSTANTS.tsv SYNONYMS.tsv X32.tsv X86.tsv X86-64.tsv...
//
// Calls are those of the tables that generate_tables.c made. Whatever is wrong in a file ends the build with file:line.
#include "compat/argument_tables.h"
#include "compat/data_file.h"
#include "compat/tables.h"
#include <stdlib.h>
#include <string.h>

#define REGISTERS 6
#define ROWS_MAX (CALLS_MAX * REGISTERS)
#define SYNONYMS_MAX 256
#define CONSTANTS_MAX 4096
#define CONSTANT_NAME_BYTES 64

struct known_call {
  struct place at;               // where its arguments stand; file NULL: nowhere
  struct place other[ABI_COUNT]; // where an ABI's own registers stand
  struct argument list[REGISTERS];
  size_t count;
  size_t first; // in `rows`
};

struct constant {
  char name[CONSTANT_NAME_BYTES];
  uint64_t value;
  struct place at;
};

static struct known_call known[CALLS_MAX];
static struct argument rows[ROWS_MAX];
static size_t row_count;
static struct synonym_row synonyms[SYNONYMS_MAX];
static size_t synonym_count;
static struct constant constants[CONSTANTS_MAX];
static size_t constant_count;
static uint64_t values[CONSTANTS_MAX];
static size_t value_count;

static const struct {
  const char *name;
  uint8_t bits;
  bool is_signed, is_pointer;
} types[] = {
    {"int", 32, true, false},    {"uint", 32, false, false},   {"long", 64, true, false},
    {"ulong", 64, false, false}, {"ushort", 16, false, false}, {"pointer", 64, false, true},
};
#define TYPES (sizeof types / sizeof types[0])

static struct known_call *
call_of_row(char **rest, struct place at) {
  const char *name = data_field(rest);
  for (size_t i = 0; i < call_row_count; i++)
    if (strcmp(call_rows[i].name, name) == 0)
      return &known[i];
  data_fail(at, "unknown system call \"%s\"", name);
}

static const char *
call_name(const struct known_call *call) {
  return call_rows[call - known].name;
}

static struct argument *
argument_of(struct known_call *call, const char *name) {
  for (size_t i = 0; i < call->count; i++)
    if (strcmp(call->list[i].name, name) == 0)
      return &call->list[i];
  return NULL;
}

// A name that cannot be mistaken for a register (a0 to a5), which stand in the same places.
static void
argument_name_set(char out[ARGUMENT_NAME_BYTES], const char *name, struct place at) {
  size_t length = strlen(name);
  bool is_register = length == 2 && name[0] == 'a' && name[1] >= '0' && name[1] <= '9';
  if (length == 0 || length >= ARGUMENT_NAME_BYTES || is_register || name[0] < 'a' || name[0] > 'z'
      || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
    data_fail(at, "\"%s\" is not a name of an argument", name);
  memcpy(out, name, length + 1);
}

static void
argument_type_set(struct argument *argument, const char *type, struct place at) {
  for (size_t i = 0; i < TYPES; i++) {
    if (strcmp(types[i].name, type) != 0)
      continue;
    argument->bits = types[i].bits;
    argument->is_signed = types[i].is_signed;
    argument->is_pointer = types[i].is_pointer;
    return;
  }
  data_fail(at, "unknown type \"%s\"", type);
}

// The next argument of the call, in every ABI's register of the same place until a row says otherwise.
static struct argument *
argument_add(struct known_call *call, const char *name, const char *type, struct place at) {
  if (call->count == REGISTERS)
    data_fail(at, "%s has more than %d arguments", call_name(call), REGISTERS);
  if (argument_of(call, name) != NULL)
    data_fail(at, "%s has two arguments %s", call_name(call), name);
  struct argument *argument = &call->list[call->count];
  argument_name_set(argument->name, name, at);
  argument_type_set(argument, type, at);
  argument->place = argument->place_x32 = argument->place_i386 = (int8_t)call->count++;
  return argument;
}

// Cuts "name:type" in two; the type is NULL without a colon.
static char *
type_cut(char *field) {
  char *colon = strchr(field, ':');
  if (colon == NULL)
    return NULL;
  *colon = '\0';
  return colon + 1;
}

static void
place_claim(struct place *place, struct place at, const struct known_call *call) {
  if (place->file != NULL)
    data_fail(at, "%s stands here twice, first in %s:%u", call_name(call), place->file, place->line);
  *place = at;
}

// A row for x86-64: all names with types.
static void
row_read(char *line, struct place at) {
  char *rest = line;
  struct known_call *call = call_of_row(&rest, at);
  place_claim(&call->at, at, call);
  for (char *field = data_field(&rest); field != NULL; field = data_field(&rest)) {
    const char *type = type_cut(field);
    if (type == NULL)
      data_fail(at, "expected name:type, not \"%s\"", field);
    argument_add(call, field, type, at);
  }
}

// What a row for another ABI says of one register; returns how many registers that is. `is_new`: x86-64 does not have
// the call, so that types stand here.
static int
register_read(struct known_call *call, bool is_new, enum abi abi, char *field, int place, struct place at) {
  if (strcmp(field, "-") == 0)
    return 1;
  const char *type = type_cut(field);
  bool split = type != NULL && strcmp(type, "split") == 0;
  bool hidden = type != NULL && strcmp(type, "hidden") == 0;
  if (is_new && type == NULL)
    data_fail(at, "expected name:type, not \"%s\"", field);
  if (!is_new && type != NULL && !split && !hidden)
    data_fail(at, "the type of %s stands at %s:%u", field, call->at.file, call->at.line);
  struct argument *argument = is_new ? argument_add(call, field, split ? "long" : type, at) : argument_of(call, field);
  if (argument == NULL)
    data_fail(at, "unknown argument \"%s\" of %s", field, call_name(call));
  int8_t *where = abi == ABI_X32 ? &argument->place_x32 : &argument->place_i386;
  if (!is_new && *where >= 0)
    data_fail(at, "%s stands here twice", field);
  *where = (int8_t)(split || hidden ? -1 : place);
  return split ? 2 : 1;
}

// A row for another ABI. Arguments that it does not name are in no register there.
static void
other_row_read(char *line, enum abi abi, struct place at) {
  char *rest = line;
  struct known_call *call = call_of_row(&rest, at);
  bool is_new = call->at.file == NULL;
  int place = 0;
  place_claim(&call->other[abi], at, call);
  for (size_t i = 0; i < call->count; i++)
    *(abi == ABI_X32 ? &call->list[i].place_x32 : &call->list[i].place_i386) = -1;
  for (char *field = data_field(&rest); field != NULL; field = data_field(&rest))
    place += register_read(call, is_new, abi, field, place, at);
  if (place > REGISTERS)
    data_fail(at, "%s has more than %d registers", call_name(call), REGISTERS);
  call->at = is_new ? at : call->at;
}

static void
arguments_read(const char *name, enum abi abi) {
  char line[DATA_LINE_BYTES];
  struct place at = {name, 0};
  FILE *file = data_open(name);
  while (data_row(file, line, &at)) {
    if (abi == ABI_X86_64)
      row_read(line, at);
    else
      other_row_read(line, abi, at);
  }
  fclose(file);
}

// Synonyms

static const struct synonym_row *
synonym_of(const struct known_call *call, const char *name) {
  for (size_t i = 0; i < synonym_count; i++)
    if (&known[synonyms[i].call] == call && strcmp(synonyms[i].name, name) == 0)
      return &synonyms[i];
  return NULL;
}

// A name means one argument only.
static void
synonym_read(char *line, struct place at) {
  char *rest = line;
  struct known_call *call = call_of_row(&rest, at);
  const char *name = data_field(&rest), *other = data_field(&rest);
  if (name == NULL || other == NULL || rest != NULL)
    data_fail(at, "expected three fields: call, argument, other name");
  const struct argument *argument = argument_of(call, name);
  if (argument == NULL)
    data_fail(at, "unknown argument \"%s\" of %s", name, call_name(call));
  if (argument_of(call, other) != NULL || synonym_of(call, other) != NULL)
    data_fail(at, "%s has an argument %s already", call_name(call), other);
  if (synonym_count == SYNONYMS_MAX)
    data_fail(at, "more than %d synonyms", SYNONYMS_MAX);
  struct synonym_row *synonym = &synonyms[synonym_count++];
  argument_name_set(synonym->name, other, at);
  synonym->call = (uint16_t)(call - known);
  synonym->argument = (uint8_t)(argument - call->list);
}

// When all calls have their arguments.
static void
synonyms_read(const char *name) {
  char line[DATA_LINE_BYTES];
  struct place at = {name, 0};
  FILE *file = data_open(name);
  while (data_row(file, line, &at))
    synonym_read(line, at);
  fclose(file);
}

// Constants

static uint64_t
value_read(const char *text, struct place at) {
  size_t digits = strncmp(text, "0x", 2) == 0 ? strspn(text + 2, "0123456789abcdef") : 0;
  if (digits == 0 || digits > 16 || text[2 + digits] != '\0')
    data_fail(at, "\"%s\" is not a value, 0x and up to 16 digits", text);
  return strtoull(text + 2, NULL, 16);
}

static void
constant_read(char *line, struct place at) {
  char *rest = line;
  const char *name = data_field(&rest), *value = data_field(&rest);
  size_t length = strlen(name);
  if (length == 0 || length >= CONSTANT_NAME_BYTES || (name[0] >= '0' && name[0] <= '9')
      || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != length)
    data_fail(at, "\"%s\" is not a name of a constant", name);
  if (value == NULL || rest != NULL)
    data_fail(at, "expected two fields: name, value");
  if (constant_count == CONSTANTS_MAX)
    data_fail(at, "more than %d constants", CONSTANTS_MAX);
  struct constant *constant = &constants[constant_count++];
  memcpy(constant->name, name, length + 1);
  constant->value = value_read(value, at);
  constant->at = at;
}

static int
constant_compare(const void *left, const void *right) {
  return strcmp(((const struct constant *)left)->name, ((const struct constant *)right)->name);
}

static void
constants_read(const char *name) {
  char line[DATA_LINE_BYTES];
  struct place at = {name, 0};
  FILE *file = data_open(name);
  while (data_row(file, line, &at))
    constant_read(line, at);
  fclose(file);
  qsort(constants, constant_count, sizeof constants[0], constant_compare);
  for (size_t i = 1; i < constant_count; i++) {
    const struct constant *one = &constants[i - 1], *two = &constants[i];
    if (strcmp(one->name, two->name) == 0)
      data_fail(one->at.line > two->at.line ? one->at : two->at, "%s stands here twice", one->name);
  }
}

// Writing

// Where `count` rows like these stand already, or behind all rows, where they are added.
static size_t
rows_place(const struct argument *list, size_t count) {
  for (size_t first = 0; first + count <= row_count; first++)
    if (memcmp(&rows[first], list, count * sizeof *list) == 0)
      return first;
  memcpy(&rows[row_count], list, count * sizeof *list);
  row_count += count;
  return row_count - count;
}

// Long lists first: a shorter one is often the beginning of one of them.
static void
rows_share(void) {
  for (size_t count = REGISTERS; count != 0; count--)
    for (size_t i = 0; i < call_row_count; i++)
      if (known[i].count == count)
        known[i].first = rows_place(known[i].list, count);
}

static void
arguments_write(FILE *out) {
  fprintf(out, "const struct argument argument_rows[] = {\n");
  for (size_t i = 0; i < row_count; i++)
    fprintf(out, "    {\"%s\", %d, %d, %d, %d, %d, %d},\n", rows[i].name, rows[i].bits, rows[i].is_signed,
            rows[i].is_pointer, rows[i].place, rows[i].place_x32, rows[i].place_i386);
  fprintf(out, "};\n\nconst struct argument_list argument_lists[] = {\n");
  for (size_t i = 0; i < call_row_count; i++)
    fprintf(out, "    {%zu, %zu, %d},\n", known[i].first, known[i].count, known[i].at.file != NULL);
  fprintf(out, "};\n\n");
}

static void
synonyms_write(FILE *out) {
  fprintf(out, "const uint16_t synonym_row_count = %zu;\nconst struct synonym_row synonym_rows[] = {\n", synonym_count);
  for (size_t i = 0; i < synonym_count; i++)
    fprintf(out, "    {\"%s\", %u, %u},\n", synonyms[i].name, synonyms[i].call, synonyms[i].argument);
  fprintf(out, "};\n\n");
}

static size_t
value_index(uint64_t value) {
  size_t i = 0;
  while (i < value_count && values[i] != value)
    i++;
  if (i == value_count)
    values[value_count++] = value;
  return i;
}

// Letter by letter: compilers need not take a string as long as this.
static void
constant_names_write(FILE *out) {
  fprintf(out, "const char constant_names[] = {\n");
  for (size_t i = 0; i < constant_count; i++) {
    fprintf(out, "    ");
    for (const char *c = constants[i].name; *c != '\0'; c++)
      fprintf(out, "'%c', ", *c);
    fprintf(out, "0,\n");
  }
  fprintf(out, "};\n\n");
}

static void
constants_write(FILE *out) {
  size_t name = 0;
  constant_names_write(out);
  fprintf(out, "const uint16_t constant_row_count = %zu;\nconst struct constant_row constant_rows[] = {\n",
          constant_count);
  for (size_t i = 0; i < constant_count; i++) {
    if (name > UINT16_MAX)
      data_fail(constants[i].at, "the names of constants are longer than %d bytes together", UINT16_MAX);
    fprintf(out, "    {%zu, %zu},\n", name, value_index(constants[i].value));
    name += strlen(constants[i].name) + 1;
  }
  fprintf(out, "};\n\nconst uint64_t constant_values[] = {\n");
  for (size_t i = 0; i < value_count; i++)
    fprintf(out, "    0x%llxu,\n", (unsigned long long)values[i]);
  fprintf(out, "};\n");
}

int
main(int argc, char **argv) {
  if (argc < 7) {
    fprintf(stderr, "usage: generate_arguments OUT.c CONSTANTS.tsv SYNONYMS.tsv X32.tsv X86.tsv X86-64.tsv...\n");
    return 2;
  }
  constants_read(argv[2]);
  for (int i = 6; i < argc; i++)
    arguments_read(argv[i], ABI_X86_64);
  arguments_read(argv[4], ABI_X32);
  arguments_read(argv[5], ABI_I386);
  synonyms_read(argv[3]);
  rows_share();
  FILE *out = data_create(argv[1]);
  fprintf(out, "// Generated by generate_arguments.c. Do not edit.\n#include \"compat/argument_tables.h\"\n\n");
  arguments_write(out);
  synonyms_write(out);
  constants_write(out);
  data_finish(out, argv[1]);
  return 0;
}
