// SPDX-License-Identifier: LGPL-2.1-or-later
// test_expression.c - what argument tests come down to, against a second reading of random ones; every message with
// its place; the bounds; the ABIs.
#include "compat/arguments.h"
#include "compat/expression.h"
#include "compat/text.h"
#include "tests/check.h"
#include "tests/unit/random_policy.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

// The test of a call, as in write(fd == 1), taken apart as the reader of lists does.
static struct source_pos
tests_in(const struct source *source, call_t *call) {
  const char *open = strchr(source->text, '(');
  size_t name = (size_t)(open - source->text);
  *call = calls_find(source->text, name);
  return (struct source_pos){source, (uint32_t)name + 1, (uint32_t)(source->length - name - 2)};
}

static struct source
source_of(const char *text) {
  return (struct source){"test", text, strlen(text), true};
}

static bool
read_word(const struct source *source, struct expression *out, call_t *call, struct diags *diags) {
  struct source_pos at = tests_in(source, call);
  return expression_read(out, at, *call, diags);
}

// What comes out, as text: "a0 ==1" for a named int or long, "raw0" for a register, masks where they are not full.

static const char *const op_names[] = {"?", "==", "!=", "<", "<=", ">", ">="};

static void
dump(const struct expression *expression, char *out, size_t size) {
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0, test = 0; i < expression->alternative_count; i++) {
    for (; test < expression->ends[i] && length + 80 < size; test++) {
      const struct test *t = &expression->tests[test];
      uint64_t full = t->width == 32 ? UINT32_MAX : UINT64_MAX;
      char mask[24] = "";
      if (t->mask != full)
        snprintf(mask, sizeof mask, "&%" PRIx64, t->mask);
      length +=
          (size_t)snprintf(out + length, size - length, "%s%s%u.%u%s%s%" PRIx64, length == 0 ? "" : " ",
                           expression->raw[test] ? "raw" : "a", t->argument, t->width, mask, op_names[t->op], t->value);
    }
    if (i + 1 < expression->alternative_count && length + 4 < size)
      length += (size_t)snprintf(out + length, size - length, " |");
  }
}

static const struct {
  const char *text, *want;
} good[] = {
    // Sandbox2's hand-written examples
    {"write(fd == 1)", "a0.32==1"},
    {"mprotect(prot == PROT_READ|PROT_WRITE && len == 0x1000)", "a2.64==3 a1.64==1000"},
    // the issue's grammar, one by one
    {"socket(domain in AF_UNIX,AF_INET)", "a0.32==1 | a0.32==2"},
    {"mprotect(!(prot & PROT_EXEC))", "a2.64&4==0"},
    {"mprotect(!prot & PROT_EXEC)", "a2.64&4==0"},
    {"clone(!(flags & CLONE_NEWUSER))", "a0.32&10000000==0"},
    // other names
    {"ioctl(request == TIOCSTI || op == TIOCLINUX)", "a1.32==5412 | a1.32==541c"},
    {"preadv2(offset == -1)", "a3.64==ffffffffffffffff"},
    {"preadv2(pos_l == -1)", "a3.64==ffffffffffffffff"},
    {"ioctl(cmd == TIOCSTI)", "a1.32==5412"},
    {"openat((flags & O_ACCMODE) == O_RDONLY)", "a2.32&3==0"},
    {"openat((flags & (O_ACCMODE | 0x40)) != 1)", "a2.32&43!=1"},
    {"openat(flags & ~O_ACCMODE)", "a2.32&fffffffc!=0"},
    {"openat(((flags & 3) == 1))", "a2.32&3==1"},
    {"openat((flags & 3))", "a2.32&3!=0"},
    {"openat((flags & 3 && mode == 1))", "a2.32&3!=0 a3.32&ffff==1"},
    {"openat((flags & 3) in 0, 1)", "a2.32&3==0 | a2.32&3==1"},
    {"openat(!((flags & 3) in 0, 1))", "a2.32&3!=0 a2.32&3!=1"},
    {"openat((flags & 0xff) > 3)", "a2.32&ff>3"},
    {"write(fd != 1)", "a0.32!=1"},
    {"write(count < 10)", "a2.64<a"},
    {"write(count <= 10)", "a2.64<=a"},
    {"write(count > 10)", "a2.64>a"},
    {"write(!(count > 10))", "a2.64<=a"},
    {"write(!!(count > 10))", "a2.64>a"},
    {"write(! ! !count > 10)", "a2.64<=a"},
    {"write(fd==1&&count>=10||fd==2)", "a0.32==1 a2.64>=a | a0.32==2"},
    {"write((fd == 1 || fd == 2) && count < 9)", "a0.32==1 a2.64<9 | a0.32==2 a2.64<9"},
    {"write(!(fd == 1 || count == 2))", "a0.32!=1 a2.64!=2"},
    {"write(!(fd == 1 && count == 2))", "a0.32!=1 | a2.64!=2"},
    {"write(!(fd in 1,2))", "a0.32!=1 a0.32!=2"},
    {"write(!(!(fd == 1) && count in 1,2))", "a0.32==1 | a2.64!=1 a2.64!=2"},
    // alternatives that cannot be are left out
    {"write((fd == 1 || fd == 2) && (fd == 1 || fd == 3))", "a0.32==1 a0.32==1"},
    // negative numbers, in both forms
    {"openat(dirfd == AT_FDCWD)", "a0.32==ffffff9c"},
    {"openat(dirfd == -100)", "a0.32==ffffff9c"},
    {"openat(dirfd == 0xffffff9c)", "a0.32==ffffff9c"},
    {"openat(dirfd == ~99)", "a0.32==ffffff9c"},
    {"setresuid(ruid == -1)", "a0.32==ffffffff"},
    {"lseek(offset == -1)", "a1.64==ffffffffffffffff"},
    {"write(fd == -0x80000000)", "a0.32==80000000"},
    {"write(fd == -0)", "a0.32==0"},
    {"write(fd == ~~7)", "a0.32==7"},
    // orders with a sign
    {"write(fd < 0)", "a0.32>=80000000"},
    {"write(fd >= 0)", "a0.32<80000000"},
    {"write(fd < 3)", "a0.32<3 | a0.32>=80000000"},
    {"write(fd <= 3)", "a0.32<=3 | a0.32>=80000000"},
    {"write(fd > 3)", "a0.32>3 a0.32<80000000"},
    {"write(fd >= 3)", "a0.32>=3 a0.32<80000000"},
    {"write(!(fd < 3))", "a0.32>=3 a0.32<80000000"},
    {"write(fd < -1)", "a0.32<ffffffff a0.32>=80000000"},
    {"write(fd <= -1)", "a0.32>=80000000"},
    {"write(fd > -1)", "a0.32<80000000"},
    {"write(fd > -2)", "a0.32>fffffffe | a0.32<80000000"},
    {"write(fd >= -2)", "a0.32>=fffffffe | a0.32<80000000"},
    {"lseek(offset < 5)", "a1.64<5 | a1.64>=8000000000000000"},
    // 16 bits
    {"fchmod(mode == 0x9ff)", "a1.32&ffff==9ff"},
    {"fchmod(mode < 2)", "a1.32&ffff<2"},
    {"fchmod(mode & 0xc00)", "a1.32&c00!=0"},
    // registers
    {"write(a0 == 1)", "raw0.64==1"},
    {"write(a0 == ~0)", "raw0.64==ffffffffffffffff"},
    {"write(a5 & 0x100000000)", "raw5.64&100000000!=0"},
    {"getpid(a3 > 18446744073709551614)", "raw3.64>fffffffffffffffe"},
    {"462(a0 == 1 && a1 in 2,3)", "raw0.64==1 raw1.64==2 | raw0.64==1 raw1.64==3"},
    // pointers
    {"openat(pathname == 0)", "a1.64==0"},
    {"openat(pathname != NULL)", "a1.64!=0"},
    // blanks, and lines that go on
    {"write(\tfd\t==\t1 )", "a0.32==1"},
    {"write(fd \\\n  == \\\n# of a file\n  1)", "a0.32==1"},
    {"write( ( fd == 1 ) )", "a0.32==1"},
    {"write(count == (((1|2)|4)))", "a2.64==7"},
    {"write(count == ~(~(1)))", "a2.64==1"},
};

static void
check_good(void) {
  char text[1024];
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct source source = source_of(good[i].text);
    struct diags diags = {.count = 0};
    struct expression expression;
    call_t call;
    bool read = read_word(&source, &expression, &call, &diags);
    CHECK_ROW(read, good[i].text);
    if (!read && diags.count > 0)
      fprintf(stderr, "  %s\n", diags.items[0].text);
    dump(&expression, text, sizeof text);
    CHECK_STR(text, good[i].want);
    expression_clear(&expression);
    CHECK(expression.tests == NULL && expression.test_count == 0);
  }
}

// Messages: the text, the error, the words that it is about, and a hint (NULL: none).

static const struct {
  const char *text, *error, *at, *hint;
} bad[] = {
    {"write()", "there is no test in the parentheses", "",
     "without parentheses, the word is about the call whatever its arguments"},
    {"write( )", "there is no test in the parentheses", " ",
     "without parentheses, the word is about the call whatever its arguments"},
    {"write(fd)", "\"fd\" alone is no test", "fd", "what follows is one of: == != < <= > >= in &"},
    {"write(fd fd)", "\"fd\" alone is no test", "fd fd", NULL},
    {"write((fd) == 1)", "\"fd\" alone is no test", "fd", "what follows is one of: == != < <= > >= in &"},
    {"write(fd = 1)", "\"=\" is no comparison", "=", "write \"==\""},
    {"write(fd === 1)", "\"=\" is no comparison", "= 1", "write \"==\""},
    {"write(fd =< 1)", "\"=\" is no comparison", "=<", "write \"==\""},
    {"write(fd <> 1)", "\">\" stands where a value should", ">", NULL},
    {"write(fd ==)", "a value is missing behind \"==\"", "==", NULL},
    {"write(fd == 1 &&)", "the name of an argument is missing behind \"&&\"", "&&", NULL},
    {"write(&& fd == 1)", "\"&&\" stands where the name of an argument should", "&&", NULL},
    {"write(1 == fd)", "\"1\" stands where the name of an argument should", "1", NULL},
    {"write(!)", "the name of an argument is missing behind \"!\"", "!", NULL},
    {"write(fd in)", "a value is missing behind \"in\"", "in", NULL},
    {"write(fd in 1,)", "a value is missing behind \",\"", ",", NULL},
    {"write(fd in 1,,2)", "\",\" stands where a value should", ",2", NULL},
    {"write(fd == 1, count == 2)", "tests are not separated by commas", ",", "write \"&&\" or \"||\""},
    {"write(fd in 1, count == 2)", "count is an argument, and stands where a value should", "count",
     "compare an argument with numbers or constants, and write \"&&\" or \"||\" between two tests"},
    {"write(fd == 1 | count == 2)", "count is an argument, and stands where a value should", "count",
     "compare an argument with numbers or constants, and write \"&&\" or \"||\" between two tests"},
    {"write(fd == a1)", "a1 is an argument, and stands where a value should", "a1",
     "compare an argument with numbers or constants, and write \"&&\" or \"||\" between two tests"},
    {"write(fd == 1 & count == 2)", "tests are joined by \"&&\" or \"||\"", "& ", "write \"&&\""},
    {"write((fd == 1) | (count == 2))", "tests are joined by \"&&\" or \"||\"", "| ", "write \"||\""},
    {"write(fd == 1 and count == 2)", "tests are joined by \"&&\" or \"||\"", "and", "write \"&&\""},
    {"write(fd == 1 OR count == 2)", "tests are joined by \"&&\" or \"||\"", "OR", "write \"||\""},
    {"write(not fd == 1)", "\"not\" is no word of tests", "not", "write \"!\""},
    {"write(fd == 1 fd == 2)", "\"fd\" stands where \"&&\" or \"||\" should", "fd == 2", NULL},
    {"write(1 < fd < 3)", "\"1\" stands where the name of an argument should", "1", NULL},
    {"write(fd < 1 < 3)", "a second comparison in one test", "< 3", "write two tests with \"&&\" between them"},
    {"write(fd == 1 << 3)", "a second comparison in one test", "<< 3", "write two tests with \"&&\" between them"},
    {"openat(flags & 3 == 1)", "what is compared here needs parentheses", "==", "write \"(flags & 3) == ...\""},
    {"openat((flags & 3|4 in 1))", "what is compared here needs parentheses", "in", "write \"(flags & 3|4) in ...\""},
    {"write((fd == 1)", "this parenthesis is not closed", "(fd", NULL},
    {"write((fd & 1)", "this parenthesis is not closed", "(fd", NULL},
    {"write(fd == (1)", "\")\" is missing behind \"1\"", "1", NULL},
    {"write(fd == 1))", "there is nothing that this ) closes", ")", NULL},
    {"write(fd == ())", "\")\" stands where a value should", ")", NULL},
    {"write(())", "\")\" stands where the name of an argument should", ")", NULL},
    {"write(fd == \"1\")", "a string cannot be tested", "\"", "a filter sees numbers and addresses, not what is there"},
    {"write(fd == 1\\2)", "a backslash is no part of a test", "\\", NULL},
    {"write(fd == 1 # one)", "a comment cannot stand in a test", "#", "write comments on lines of their own"},
    {"write(fd == 1+1)", "values are not added", "+", "\"|\" joins bits: PROT_READ|PROT_WRITE"},
    {"write(fd == 1.5)", "values are whole numbers", ".", NULL},
    {"write(fd == 1 ? 2)", "\"?\" stands where \"&&\" or \"||\" should", "?", NULL},
    {"write(fd == 12a)", "\"12a\" is no number", "12a", "numbers are decimal or 0x..., and below 2 to the power of 64"},
    {"write(count == 18446744073709551616)", "\"18446744073709551616\" is no number", "18446744073709551616",
     "numbers are decimal or 0x..., and below 2 to the power of 64"},
    {"fchmod(mode & 04000)", "\"04000\" is no number", "04000", "if it is octal, write 0x800"},
    {"write(count == -9223372036854775809)", "no number of 64 bits is that low", "-9", NULL},
    {"write(fd == --1)", "\"-\" stands where a number should", "-1", NULL},
    {"write(fd == -AT_FDCWD)", "\"AT_FDCWD\" stands where a number should", "AT_FDCWD", NULL},
    // names
    {"write(fdd == 1)", "unknown argument \"fdd\"", "fdd", "did you mean \"fd\"?"},
    {"write(file == 1)", "unknown argument \"file\"", "file", "the arguments of write are: fd, buf, count"},
    {"write(a6 == 1)", "unknown argument \"a6\"", "a6", "the arguments of write are: fd, buf, count"},
    {"mprotect(PROT_EXEC & prot)", "unknown argument \"PROT_EXEC\"", "PROT_EXEC",
     "a test begins with the argument: NAME == PROT_EXEC"},
    {"getpid(pid == 1)", "unknown argument \"pid\"", "pid", "getpid takes no arguments"},
    {"462(fd == 1)", "unknown argument \"fd\"", "fd",
     "a bare number has no names for its arguments here: write a0 to a5"},
    {"mprotect(prot == PROT_EXE)", "unknown constant \"PROT_EXE\"", "PROT_EXE", "did you mean \"PROT_EXEC\"?"},
    {"mprotect(prot == prot_exec)", "unknown constant \"prot_exec\"", "prot_exec", "did you mean \"PROT_EXEC\"?"},
    {"write(fd == zzzzzzzzzzzz)", "unknown constant \"zzzzzzzzzzzz\"", "zzzzzzzzzzzz", NULL},
    // types
    {"write(fd == 0x100000001)", "fd is an int: it is never 0x100000001; a0 tests the whole register", "0x100000001",
     NULL},
    {"write(fd in 1, 0x100000001)", "fd is an int: it is never 0x100000001; a0 tests the whole register", "0x100000001",
     NULL},
    {"write(fd == 0xffffffffffffffff)", "fd is an int: it is never 0xffffffffffffffff; a0 tests the whole register",
     "0xffffffffffffffff", NULL},
    {"write(fd == -0x80000001)", "fd is an int: it is never -0x80000001; a0 tests the whole register", "-0x80000001",
     NULL},
    {"write(fd > 0x100000000)", "fd is an int: it is never 0x100000000; a0 tests the whole register", "0x100000000",
     NULL},
    {"write(fd & 0x100000000)", "fd is an int: it has not all bits of 0x100000000; a0 tests the whole register",
     "0x100000000", NULL},
    {"fchmod(mode == 0x10000)", "mode is an unsigned short: it is never 0x10000; a1 tests the whole register",
     "0x10000", NULL},
    {"personality(persona == 0x100000000|1)",
     "persona is an unsigned int: it is never 0x100000000|1; a0 tests the whole register", "0x100000000|1", NULL},
    {"write(fd < 0xffffffff)", "fd is an int: there, 0xffffffff is -0x1", "0xffffffff",
     "write the number with its sign"},
    {"personality(persona > -1)", "persona is unsigned: it is never below 0", "-1", NULL},
    {"write((fd & 3) > -1)", "fd behind a mask is unsigned: it is never below 0", "-1", NULL},
    {"write(a0 == -1)", "a0 is a whole register, without a sign: it is never -1", "-1",
     "write \"fd\", which is compared as the kernel reads it"},
    {"openat(a0 == AT_FDCWD)", "a0 is a whole register, without a sign: it is never AT_FDCWD", "AT_FDCWD",
     "write \"dirfd\", which is compared as the kernel reads it"},
    {"462(a0 == -1)", "a0 is a whole register, without a sign: it is never -1", "-1", NULL},
    {"openat(pathname == 5)", "pathname is a pointer: a filter sees the address, not what is there", "pathname",
     "compare it with NULL (0) only, by \"==\" or \"!=\""},
    {"openat(pathname > 0)", "pathname is a pointer: a filter sees the address, not what is there", "pathname",
     "compare it with NULL (0) only, by \"==\" or \"!=\""},
    {"openat(pathname in 0)", "pathname is a pointer: a filter sees the address, not what is there", "pathname",
     "compare it with NULL (0) only, by \"==\" or \"!=\""},
    {"openat(pathname & 1)", "pathname is a pointer: a filter sees the address, not what is there", "pathname",
     "compare it with NULL (0) only, by \"==\" or \"!=\""},
    {"openat((pathname & 1) == 1)", "pathname is a pointer: a filter sees the address, not what is there", "pathname",
     "compare it with NULL (0) only, by \"==\" or \"!=\""},
    {"openat(pathname == \"/etc\")", "a string cannot be tested", "\"/etc\"",
     "a filter sees numbers and addresses, not what is there"},
    // a synonym in the user's text is the one in the message
    {"ioctl(request == 0x100000000)",
     "request is an unsigned int: it is never 0x100000000; a1 tests the whole register", "0x100000000", NULL},
    {"ioctl(reqest == 1)", "unknown argument \"reqest\"", "reqest", "the arguments of ioctl are: fd, cmd, arg"},
    {"ioctl(fd == request)", "request is an argument, and stands where a value should", "request",
     "compare an argument with numbers or constants, and write \"&&\" or \"||\" between two tests"},
    {"write(request == 1)", "unknown argument \"request\"", "request", "the arguments of write are: fd, buf, count"},
    // lines that go on
    {"write(fd == \\\n  0x100000000 | \\\r\n # more\n \t 2)",
     "fd is an int: it is never 0x100000000 | 2; a0 tests the whole register", "0x100000000", NULL},
    {"write(a0 == 1 | \\\n  -1)", "a0 is a whole register, without a sign: it is never 1 | -1", "1 |",
     "write \"fd\", which is compared as the kernel reads it"},
    {"write(fd == 1 \\\n   &&\tfd == 2)", "\"fd == 1 && fd == 2\" never holds", "fd == 1", NULL},
    {"write(fd \\\n   & 1 == 2)", "what is compared here needs parentheses", "==", "write \"(fd & 1) == ...\""},
    {"write(count == 100000001 && count == 200000002 && count == 300000003)",
     "\"count == 100000001 && count == 200000002 && count == 300000003\" never holds", "count", NULL},
    {"write(count == 100000001 && count == 200000002 && count == 3000000000003)",
     "\"count == 100000001 && count == 200000002 && count == 300000000\" never holds", "count", NULL},
    // always and never
    {"write(fd & 0)", "a mask of 0 leaves nothing to test", "0", NULL},
    {"write((fd & 3) == 4)", "\"(fd & 3) == 4\" never holds", "(fd & 3) == 4", "0x4 has bits outside the mask 0x3"},
    {"write((fd & 3) != 4)", "\"(fd & 3) != 4\" always holds", "(fd & 3) != 4", "0x4 has bits outside the mask 0x3"},
    {"write((fd & 3) in 1,4)", "this never is the value behind the mask 0x3", "4", NULL},
    {"write((fd & 3) in 0,1,2,3)", "\"(fd & 3) in 0,1,2,3\" always holds", "(fd & 3) in 0,1,2,3", NULL},
    {"write(!((fd & 3) in 0,1,2,3))", "\"(fd & 3) in 0,1,2,3\" always holds", "(fd & 3) in 0,1,2,3", NULL},
    {"write(count < 0)", "\"count < 0\" never holds", "count < 0", NULL},
    {"write(count >= 0)", "\"count >= 0\" always holds", "count >= 0", NULL},
    {"write(!(count >= 0))", "\"count >= 0\" always holds", "count >= 0", NULL},
    {"write(count > 0xffffffffffffffff)", "\"count > 0xffffffffffffffff\" never holds", "count > 0xffffffffffffffff",
     NULL},
    {"write(fd < -0x80000000)", "\"fd < -0x80000000\" never holds", "fd < -0x80000000", NULL},
    {"write(fd <= 0x7fffffff)", "\"fd <= 0x7fffffff\" always holds", "fd <= 0x7fffffff", NULL},
    {"write((fd & 3) < 4)", "\"(fd & 3) < 4\" always holds", "(fd & 3) < 4", "0x4 has bits outside the mask 0x3"},
    {"fchmod(mode > 0xffff)", "\"mode > 0xffff\" never holds", "mode > 0xffff", NULL},
    {"write(fd == 1 && fd == 2)", "\"fd == 1 && fd == 2\" never holds", "fd == 1 && fd == 2", NULL},
    {"write(fd == 1 && fd == 2 || count == 3)", "\"fd == 1 && fd == 2\" never holds", "fd == 1 && fd == 2", NULL},
    {"write(count == 3 || !(fd != 1) && a0 == 2)", "\"!(fd != 1) && a0 == 2\" never holds", "!(fd", NULL},
    {"write(fd == 1 || fd != 1)", "\"fd == 1 || fd != 1\" always holds", "fd == 1", NULL},
    {"write(!(fd == 1 || fd != 1))", "\"fd == 1 || fd != 1\" always holds", "fd == 1", NULL},
    {"write(!(fd == 1 && fd == 2))", "\"fd == 1 && fd == 2\" never holds", "fd == 1", NULL},
    {"write(count == 1 && (fd < 0 || fd > 5 || fd <= 7))", "\"fd < 0 || fd > 5 || fd <= 7\" always holds", "fd < 0",
     NULL},
    {"write(count == 1 || fd != 1 || fd != 2)", "\"count == 1 || fd != 1 || fd != 2\" always holds", "count", NULL},
    {"openat(flags & 3 && !(flags & 7))", "\"flags & 3 && !(flags & 7)\" never holds", "flags & 3 &&", NULL},
    {"openat(flags & 3 && !(flags & 1) && !(flags & 2))", "\"flags & 3 && !(flags & 1) && !(flags & 2)\" never holds",
     "flags", NULL},
    {"openat(flags & 1 && flags in 2,4)", "\"flags & 1 && flags in 2,4\" never holds", "flags & 1", NULL},
    {"write(count > 5 && count < 6)", "\"count > 5 && count < 6\" never holds", "count > 5", NULL},
    {"write(count & 1 && count > 4 && count < 6 && count != 5)",
     "\"count & 1 && count > 4 && count < 6 && count != 5\" never holds", "count & 1", NULL},
};

static void
check_bad(void) {
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const char *text = bad[i].text;
    struct source source = source_of(text);
    struct diags diags = {.count = 0};
    struct expression expression;
    call_t call;
    CHECK_ROW(!read_word(&source, &expression, &call, &diags), text);
    CHECK(expression.tests == NULL && expression.ends == NULL && expression.alternative_count == 0);
    expression_clear(&expression);
    CHECK_ROW(diags.errors == 1 && diags.count > 0 && diags.items[0].kind == DIAG_ERROR, text);
    if (diags.count == 0)
      continue;
    const struct diag *error = &diags.items[0];
    CHECK_STR(error->text, bad[i].error);
    CHECK_ROW(error->at.source == &source && error->at.offset + error->at.length <= source.length, text);
    CHECK_ROW(strncmp(text + error->at.offset, bad[i].at, strlen(bad[i].at)) == 0
                  || strncmp(text + error->at.offset, bad[i].at, error->at.length) == 0,
              text);
    bool hinted = bad[i].hint == NULL;
    for (size_t j = 1; j < diags.count && !hinted; j++)
      hinted = diags.items[j].kind == DIAG_HINT && strcmp(diags.items[j].text, bad[i].hint) == 0;
    CHECK_ROW(hinted, text);
  }
}

// Places, exactly: those of the table above may begin alike.
static void
check_places(void) {
  static const struct {
    const char *text;
    unsigned offset, length;
  } rows[] = {
      {"write(fd == 0x100000001)", 12, 11},
      {"write(fd \\\n == 0x1\\\n && fdd == 1)", 24, 3},
      {"write(fd == 1 &&\tfd   == 2 || fd == 3)", 6, 20},
      {"write(fd == 1 || (count == 1 && count == 2) )", 18, 24},
      {"write(fd == 1 || ! (count == 1 || count != 1) )", 20, 24},
      {"write((fd & 3) == 4)", 6, 13},
      {"write()", 6, 0},
      {"write(fd == 1 &&)", 14, 2},
      {"write(fd == 1|0x100000000 )", 12, 13},
      {"write(fd == 1\\ )", 13, 1},
      {"write((fd == 1 || fd == 2)", 6, 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct source source = source_of(rows[i].text);
    struct diags diags = {.count = 0};
    struct expression expression;
    call_t call;
    CHECK_ROW(!read_word(&source, &expression, &call, &diags), rows[i].text);
    CHECK_INT(diags.items[0].at.offset, rows[i].offset);
    CHECK_INT(diags.items[0].at.length, rows[i].length);
  }
}

// Bounds.

// "write(" before, then `count` times `each` with `between`, then `after` and ")".
static char *
repeat(const char *before, const char *each, const char *between, unsigned count, const char *after) {
  size_t size = strlen(before) + strlen(after) + count * (strlen(each) + strlen(between) + 16) + 16, length = 0;
  char *text = malloc(size);
  if (text == NULL)
    abort();
  length += (size_t)snprintf(text, size, "write(%s", before);
  for (unsigned i = 0; i < count; i++) {
    length += (size_t)snprintf(text + length, size - length, "%s", i == 0 ? "" : between);
    for (const char *byte = each; *byte != '\0'; byte++) {
      char one[2] = {*byte, '\0'}, number[12];
      snprintf(number, sizeof number, "%u", i);
      length += (size_t)snprintf(text + length, size - length, "%s", *byte == '#' ? number : one);
    }
  }
  snprintf(text + length, size - length, "%s)", after);
  return text;
}

static void
check_bound(char *text, const char *want, size_t alternatives, size_t tests) {
  struct source source = source_of(text);
  struct diags diags = {.count = 0};
  struct expression expression;
  call_t call;
  bool read = read_word(&source, &expression, &call, &diags);
  if (want != NULL) {
    CHECK(!read);
    CHECK_STR(diags.items[0].text, want);
  } else {
    CHECK(read);
    CHECK_STR(diags.items[0].text, "");
    CHECK_INT(expression.alternative_count, alternatives);
    CHECK_INT(expression.test_count, tests);
  }
  expression_clear(&expression);
  free(text);
}

static void
check_bounds(void) {
  static const char many[] = "too many alternatives", deep[] = "more than 16 parentheses within one another";
  check_bound(repeat("fd in ", "#", ",", 256, ""), NULL, 256, 256);
  check_bound(repeat("fd in ", "#", ",", 257, ""), many, 0, 0);
  check_bound(repeat("", "fd == #", " || ", 256, ""), NULL, 256, 256);
  check_bound(repeat("", "fd == #", " || ", 257, ""), many, 0, 0);
  check_bound(repeat("!(fd in ", "#", ",", 1024, ")"), NULL, 1, 1024);
  check_bound(repeat("!(fd in ", "#", ",", 1025, ")"), many, 0, 0);
  check_bound(repeat("", "count != #", " && ", 1024, ""), NULL, 1, 1024);
  check_bound(repeat("", "count != #", " && ", 1025, ""), many, 0, 0);
  check_bound(repeat("", "(fd == # || count == #)", " && ", 2, ""), NULL, 2, 4); // 4, two of which cannot be
  check_bound(repeat("", "(a# & 1 || a# & 2)", " && ", 6, " && (fd & 4 || fd & 8)"), NULL, 128, 896);
  check_bound(repeat("", "(a# & 1 || a# & 2)", " && ", 6, " && (fd & 4 || fd & 8) && (count & 1 || count & 2)"), many,
              0, 0);
  check_bound(repeat("fd in ", "#", ",", 16, " && count in 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"), NULL, 256, 512);
  check_bound(repeat("fd in ", "#", ",", 16, " && count in 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"), many, 0, 0);
  check_bound(repeat("", "(", "", 16, "fd == 1))))))))))))))))"), NULL, 1, 1);
  check_bound(repeat("", "(", "", 17, "fd == 1)))))))))))))))))"), deep, 0, 0);
  check_bound(repeat("", "!(", "", 16, "fd == 1))))))))))))))))"), NULL, 1, 1);
  check_bound(repeat("fd == ", "(", "", 16, "1))))))))))))))))"), NULL, 1, 1);
  check_bound(repeat("fd == ", "~(", "", 17, "1)))))))))))))))))"), deep, 0, 0);
  check_bound(repeat("", "(", "", 15, "(fd & (1)) == 1)))))))))))))))"), deep, 0, 0);
  check_bound(repeat("", "(", "", 14, "(fd & (1)) == 1))))))))))))))"), NULL, 1, 1);
  check_bound(repeat("", "!", "", 100001, " fd == 1"), NULL, 1, 1);
}

// Random expressions: written as text together with a tree, which is read with C's own types.

enum node_kind { NODE_TEST, NODE_ANY, NODE_IN, NODE_NOT, NODE_AND, NODE_OR };

struct node {
  enum node_kind kind;
  const struct argument *argument; // NULL: raw
  unsigned place;
  uint64_t mask; // 0: none
  enum test_op op;
  uint64_t values[4]; // as 64 bits, extended by their sign if the argument has one
  unsigned count;     // of values or children
  struct node *children[4];
  unsigned from, to; // in the text
};

struct tree {
  struct random random;
  call_t call;
  int only; // the one argument that is tested, or -1
  bool raw; // registers too
  char text[16384];
  unsigned length;
  struct node nodes[256];
  unsigned count;
};

static void
SC_PRINTF(2, 3) tree_write(struct tree *tree, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int written = vsnprintf(tree->text + tree->length, sizeof tree->text - tree->length, format, arguments);
  va_end(arguments);
  tree->length += (unsigned)written;
  if (tree->length >= sizeof tree->text)
    abort();
}

static uint64_t
random_bits(struct random *random) {
  static const uint64_t some[] = {0,
                                  1,
                                  2,
                                  3,
                                  4,
                                  5,
                                  7,
                                  8,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0x7fff,
                                  0x8000,
                                  0xffff,
                                  0x7fffffff,
                                  0x80000000,
                                  0xfffffffe,
                                  0xffffffff,
                                  0x80000001,
                                  0x7ffffffe,
                                  0x100000000,
                                  INT64_MAX,
                                  1ull << 63,
                                  UINT64_MAX,
                                  UINT64_MAX - 1,
                                  0xffffffff00000000,
                                  0xffffffff80000000,
                                  0xffffffff7fffffff};
  if (random_below(random, 4) != 0)
    return some[random_below(random, sizeof some / sizeof some[0])];
  return (uint64_t)random_word(random) << 32 | random_word(random);
}

static uint64_t
full_of(const struct node *node) {
  return node->argument == NULL ? UINT64_MAX : UINT64_MAX >> (64 - node->argument->bits);
}

static bool
signed_of(const struct node *node) {
  return node->argument != NULL && node->argument->is_signed && node->mask == 0;
}

static uint64_t
extend(const struct node *node, uint64_t bits) {
  uint64_t full = full_of(node), sign = full / 2 + 1;
  bits &= full;
  return signed_of(node) && (bits & sign) != 0 ? bits | ~full : bits;
}

// One of the ways to write a value; `bits` is extended by its sign.
static void
write_value(struct tree *tree, const struct node *node, uint64_t bits) {
  unsigned way = random_below(&tree->random, 8);
  bool negative = signed_of(node) && bits > INT64_MAX, equality = node->op == TEST_EQ || node->op == TEST_NE;
  if (negative && (way < 4 || (way < 6 && !equality)))
    tree_write(tree, "-%" PRIu64, -bits);
  else if (negative && way < 6)
    tree_write(tree, "0x%" PRIx64, bits & full_of(node));
  else if (way == 6 || negative)
    tree_write(tree, "~0x%" PRIx64, ~bits);
  else if (way == 7)
    tree_write(tree, "(0x%" PRIx64 "|%" PRIu64 ")", bits & 0x5555555555555555, bits & 0xaaaaaaaaaaaaaaaa);
  else
    tree_write(tree, way < 4 ? "%" PRIu64 : "0x%" PRIx64, bits);
}

static struct node *
node_new(struct tree *tree) {
  struct node *node = &tree->nodes[tree->count++];
  *node = (struct node){.from = tree->length};
  return node;
}

static void
pick_argument(struct tree *tree, struct node *node) {
  size_t count;
  const struct argument *arguments = arguments_of(tree->call, &count);
  if (tree->raw && random_below(&tree->random, 3) == 0) {
    node->place = random_below(&tree->random, (uint32_t)count);
    return;
  }
  do
    node->argument = &arguments[tree->only >= 0 ? (uint32_t)tree->only : random_below(&tree->random, (uint32_t)count)];
  while (node->argument->is_pointer);
  node->place = (unsigned)node->argument->place;
}

static void
write_left(struct tree *tree, struct node *node) {
  char raw[3] = {'a', (char)('0' + node->place), '\0'};
  const char *name = node->argument == NULL ? raw : node->argument->name;
  if (node->kind != NODE_ANY && random_below(&tree->random, 3) != 0) {
    tree_write(tree, "%s", name);
    return;
  }
  do
    node->mask = random_bits(&tree->random) & full_of(node);
  while (node->mask == 0);
  tree_write(tree, node->kind == NODE_ANY ? "%s & " : "(%s & ", name);
  write_value(tree, node, node->mask);
  tree_write(tree, node->kind == NODE_ANY ? "" : ")");
}

static struct node *
random_leaf(struct tree *tree) {
  static const char *const compare[] = {"", "==", "!=", "<", "<=", ">", ">="};
  struct node *node = node_new(tree);
  uint32_t kind = random_below(&tree->random, 8);
  node->kind = kind < 5 ? NODE_TEST : kind < 7 ? NODE_ANY : NODE_IN;
  node->op = TEST_EQ; // masks and lists are written as for ==
  pick_argument(tree, node);
  write_left(tree, node);
  if (node->kind == NODE_TEST)
    node->op = (enum test_op)(1 + random_below(&tree->random, 6));
  if (node->kind != NODE_ANY)
    tree_write(tree, " %s ", node->kind == NODE_IN ? "in" : compare[node->op]);
  node->count = node->kind == NODE_ANY ? 0 : node->kind == NODE_TEST ? 1 : 1 + random_below(&tree->random, 4);
  for (unsigned i = 0; i < node->count; i++) {
    uint64_t bits = extend(node, random_bits(&tree->random));
    node->values[i] = node->mask != 0 && random_below(&tree->random, 8) != 0 ? bits & node->mask : bits;
    tree_write(tree, i == 0 ? "" : ", ");
    write_value(tree, node, node->values[i]);
  }
  node->to = tree->length;
  return node;
}

static struct node *random_tests(struct tree *tree, unsigned depth);

static struct node *
random_item(struct tree *tree, unsigned depth) {
  uint32_t kind = depth == 0 || tree->count > 200 ? 9 : random_below(&tree->random, 10);
  if (kind >= 5)
    return random_leaf(tree);
  if (kind < 3) {
    tree_write(tree, "(");
    struct node *inner = random_tests(tree, depth - 1);
    tree_write(tree, ")");
    return inner;
  }
  struct node *node = node_new(tree);
  node->kind = NODE_NOT;
  tree_write(tree, "!");
  node->children[node->count++] = random_item(tree, depth);
  node->to = tree->length;
  return node;
}

static struct node *
random_chain(struct tree *tree, unsigned depth, enum node_kind kind) {
  struct node *node = node_new(tree);
  node->kind = kind;
  uint32_t count = 1 + random_below(&tree->random, 3);
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0)
      tree_write(tree, kind == NODE_AND ? " && " : "||");
    node->children[node->count++] = kind == NODE_AND ? random_item(tree, depth) : random_chain(tree, depth, NODE_AND);
  }
  node->to = tree->length;
  return node;
}

static struct node *
random_tests(struct tree *tree, unsigned depth) {
  return random_chain(tree, depth, NODE_OR);
}

static bool
compare_values(enum test_op op, int order) {
  switch (op) {
  case TEST_EQ:
    return order == 0;
  case TEST_NE:
    return order != 0;
  case TEST_LT:
    return order < 0;
  case TEST_LE:
    return order <= 0;
  case TEST_GT:
    return order > 0;
  case TEST_GE:
    return order >= 0;
  case TEST_NONE:
    break;
  }
  abort();
}

// The argument as C has it, in 64 bits.
static uint64_t
argument_value(const struct node *node, uint64_t bits) {
  if (node->argument == NULL)
    return bits;
  switch (node->argument->bits) {
  case 16:
    return node->argument->is_signed ? (uint64_t)(int64_t)(int16_t)bits : (uint16_t)bits;
  case 32:
    return node->argument->is_signed ? (uint64_t)(int64_t)(int32_t)bits : (uint32_t)bits;
  case 64:
    return bits;
  default:
    abort();
  }
}

static bool
leaf_holds(const struct node *node, const uint64_t registers[6]) {
  uint64_t value = argument_value(node, registers[node->place]);
  bool has_sign = signed_of(node);
  if (node->mask != 0)
    value &= node->mask;
  if (node->kind == NODE_ANY)
    return value != 0;
  for (unsigned i = 0; i < node->count; i++) {
    uint64_t other = node->values[i];
    int order = has_sign ? ((int64_t)value > (int64_t)other) - ((int64_t)value < (int64_t)other)
                         : (value > other) - (value < other);
    if (compare_values(node->kind == NODE_IN ? TEST_EQ : node->op, order))
      return true;
  }
  return false;
}

// The first `count` children of a node; as many as there are, for the whole.
static bool
holds(const struct node *node, unsigned count, const uint64_t registers[6]) {
  bool result = node->kind == NODE_AND;
  if (node->kind == NODE_NOT)
    return !holds(node->children[0], node->children[0]->count, registers);
  if (node->kind != NODE_AND && node->kind != NODE_OR)
    return leaf_holds(node, registers);
  for (unsigned i = 0; i < count; i++) {
    bool child = holds(node->children[i], node->children[i]->count, registers);
    result = node->kind == NODE_AND ? result && child : result || child;
  }
  return result;
}

static bool
lowered_holds(const struct test *test, const uint64_t registers[6]) {
  uint64_t value = registers[test->argument] & test->mask;
  if (test->width == 32)
    value &= UINT32_MAX;
  return compare_values(test->op, (value > test->value) - (value < test->value));
}

static bool
expression_holds(const struct expression *expression, const uint64_t registers[6]) {
  for (size_t i = 0, test = 0; i < expression->alternative_count; i++) {
    bool all = true;
    for (; test < expression->ends[i]; test++)
      all = all && lowered_holds(&expression->tests[test], registers);
    if (all)
      return true;
  }
  return false;
}

static void
random_registers(struct tree *tree, uint64_t registers[6]) {
  for (unsigned i = 0; i < 6; i++) {
    registers[i] = random_bits(&tree->random);
    const struct node *node = &tree->nodes[random_below(&tree->random, tree->count)];
    if (node->count > 0 && node->kind <= NODE_IN && random_below(&tree->random, 2) == 0)
      registers[node->place] = node->values[0] + random_below(&tree->random, 3) - 1;
  }
}

// A refusal that says that a part of the text always or never holds is right. Returns false if it is about something
// else.
static bool
check_refusal(struct tree *tree, const struct diag *diag) {
  bool always = strstr(diag->text, " always holds") != NULL;
  if (!always && strstr(diag->text, " never holds") == NULL)
    return strstr(diag->text, "this never is the value behind the mask") != NULL;
  bool found = false;
  for (unsigned i = 0; i < tree->count; i++) {
    const struct node *node = &tree->nodes[i];
    for (unsigned j = node->kind >= NODE_AND ? 1 : node->count; j <= node->count; j++) {
      unsigned to = node->kind >= NODE_AND ? node->children[j - 1]->to : node->to;
      // What is in parentheses begins and ends one further out.
      while (tree->text[to] == ')' && to < diag->at.offset + diag->at.length)
        to++;
      if (node->from != diag->at.offset || to != diag->at.offset + diag->at.length)
        continue;
      found = true;
      uint64_t registers[6];
      for (unsigned k = 0; k < 200; k++) {
        random_registers(tree, registers);
        CHECK_ROW(holds(node, j, registers) == always, tree->text);
      }
    }
  }
  CHECK_ROW(found, tree->text);
  return true;
}

static void
tree_make(struct tree *tree, uint64_t seed, const char *call, unsigned depth) {
  tree->random = random_from(seed);
  tree->call = calls_find(call, strlen(call));
  tree->length = tree->count = 0;
  tree_write(tree, "%s(", call);
  random_tests(tree, depth);
  tree_write(tree, ")");
}

static void
check_random(unsigned count) {
  static const char *const calls[] = {"write", "lseek", "fchmod", "fallocate", "mmap", "personality"};
  static struct tree tree;
  unsigned accepted = 0, both = 0;
  tree.only = -1;
  for (unsigned i = 0; i < count; i++) {
    tree.raw = i % 3 == 0;
    tree_make(&tree, i, calls[i % (sizeof calls / sizeof calls[0])], i % 4);
    struct source source = {"random", tree.text, tree.length, true};
    struct diags diags = {.count = 0};
    struct expression expression;
    call_t call;
    if (!read_word(&source, &expression, &call, &diags)) {
      bool known = check_refusal(&tree, &diags.items[0]) || strcmp(diags.items[0].text, "too many alternatives") == 0;
      CHECK_ROW(known, tree.text);
      if (!known)
        fprintf(stderr, "  %s\n", diags.items[0].text);
      continue;
    }
    accepted++;
    unsigned seen = 0;
    for (unsigned j = 0; j < 100; j++) {
      uint64_t registers[6];
      random_registers(&tree, registers);
      bool want = holds(&tree.nodes[0], tree.nodes[0].count, registers);
      seen |= 1u << want;
      CHECK_ROW(expression_holds(&expression, registers) == want, tree.text);
    }
    both += seen == 3;
    expression_clear(&expression);
  }
  printf("%u random expressions, %u accepted, %u seen to hold and not to hold\n", count, accepted, both);
  CHECK(accepted > count / 4 && both > accepted / 2);
}

// Expressions about 16 bits alone, for all of their values: what is accepted sometimes holds and sometimes does not.
static void
check_exhaustive(unsigned count) {
  static struct tree tree;
  unsigned accepted = 0;
  tree.only = 1;
  tree.raw = false;
  for (unsigned i = 0; i < count; i++) {
    tree_make(&tree, 1000000 + i, "fchmod", 1 + i % 2);
    struct source source = {"random", tree.text, tree.length, true};
    struct diags diags = {.count = 0};
    struct expression expression;
    call_t call;
    if (!read_word(&source, &expression, &call, &diags))
      continue;
    accepted++;
    unsigned seen = 0, wrong = 0;
    for (uint64_t value = 0; value < 0x10000; value++) {
      uint64_t registers[6] = {0, value};
      bool want = holds(&tree.nodes[0], tree.nodes[0].count, registers);
      seen |= 1u << want;
      wrong += want != expression_holds(&expression, registers);
    }
    CHECK_ROW(wrong == 0, tree.text);
    CHECK_ROW(seen == 3, tree.text);
    expression_clear(&expression);
  }
  CHECK(accepted > count / 8);
}

// ABIs.

static const struct {
  const char *text, *x86; // NULL: hidden
  bool same;
} placed[] = {
    {"write(fd == 1)", "a0.32==1", true},
    {"write(fd < 1)", "a0.32<1 | a0.32>=80000000", true},
    {"write(count == 5)", "a2.64==5", true},
    {"write(count == -1)", "a2.64==ffffffff", false},
    {"write(count != -2)", "a2.64!=fffffffe", false},
    {"write(count < 0xffffffff00000000)", "a2.64<ffffffff00000000", true},
    {"write(count & -1)", "a2.64!=0", true},
    {"clone(flags & CLONE_NEWUSER)", "a0.32&10000000!=0", true},
    {"clone(tls == 1)", "a3.64==1", false},
    {"clone(a4 == 1)", "raw4.64==1", true},
    {"clone(child_tid == 0)", "a4.64==0", false},
    {"mmap(prot & PROT_EXEC)", NULL, false},
    {"mmap(a2 & PROT_EXEC)", "raw2.64&4!=0", true},
    {"setresuid(ruid == 0)", NULL, false},
    {"accept(sockfd == 1)", NULL, false},
    {"accept(a0 == 1)", NULL, false},
    {"socket(domain == AF_UNIX)", "a0.32==1", true},
    {"fallocate(fd == 1)", "a0.32==1", true},
    {"fallocate(len == 1)", NULL, false},
    {"lseek(offset == 1)", "a1.64==1", true},
    {"lseek(offset == -1)", "a1.32==ffffffff", false},
    {"lseek(offset == 0x80000000)", "a1.32<0", false},
    {"lseek(offset != 0x80000000)", "a1.32>=0", false},
    {"lseek(offset < 0)", "a1.32>=80000000", false},
    {"lseek(offset < 5)", "a1.64<5 | a1.32>=80000000", false},
    {"lseek(offset > 0x100000000)", "a1.32>=80000000 a1.32<80000000", false},
    {"462(a0 == 1)", "raw0.64==1", true},
};

static void
check_abis(void) {
  char text[256];
  for (size_t i = 0; i < sizeof placed / sizeof placed[0]; i++) {
    struct source source = source_of(placed[i].text);
    struct diags diags = {.count = 0};
    struct expression expression, moved;
    call_t call;
    CHECK_ROW(read_word(&source, &expression, &call, &diags), placed[i].text);
    CHECK_ROW(read_word(&source, &moved, &call, &diags), placed[i].text);
    bool seen = true;
    struct test native;
    for (size_t j = 0; j < expression.test_count; j++) {
      seen = expression_test_on(&expression, j, call, ABI_I386, &moved.tests[j]) && seen;
      CHECK_ROW(expression_test_on(&expression, j, call, ABI_X86_64, &native), placed[i].text);
      CHECK_ROW(native.value == expression.tests[j].value && native.argument == expression.tests[j].argument,
                placed[i].text);
    }
    dump(&moved, text, sizeof text);
    CHECK_ROW(seen == (placed[i].x86 != NULL), placed[i].text);
    if (placed[i].x86 != NULL)
      CHECK_STR(text, placed[i].x86);
    CHECK_ROW(expression_same_on(&expression, call, ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386)) == placed[i].same,
              placed[i].text);
    CHECK_ROW(expression_same_on(&expression, call, ABI_BIT(ABI_X86_64)), placed[i].text);
    expression_clear(&expression);
    expression_clear(&moved);
  }
}

// x32's own ioctl reads the low half of its last argument, which no test of 64 bits sees.
static void
check_x32(void) {
  struct source source = source_of("ioctl(cmd == 1 && arg == 2)");
  struct diags diags = {.count = 0};
  struct expression expression;
  struct test test;
  call_t call;
  CHECK(read_word(&source, &expression, &call, &diags));
  CHECK(expression_test_on(&expression, 0, call, ABI_X32, &test) && test.argument == 1);
  CHECK(!expression_test_on(&expression, 1, call, ABI_X32, &test));
  CHECK(expression_test_on(&expression, 1, call, ABI_I386, &test));
  CHECK(!expression_same_on(&expression, call, ABI_ALL));
  CHECK(expression_same_on(&expression, call, ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386)));
  expression_clear(&expression);
}

// A long on x86: the tests that x86 gets decide as the text does, of the 32 bits with their sign.
static void
check_narrow(unsigned count) {
  static struct tree tree;
  unsigned accepted = 0;
  tree.only = 1;
  tree.raw = false;
  for (unsigned i = 0; i < count; i++) {
    tree_make(&tree, 2000000 + i, "lseek", i % 3);
    struct source source = {"random", tree.text, tree.length, true};
    struct diags diags = {.count = 0};
    struct expression expression;
    call_t call;
    if (!read_word(&source, &expression, &call, &diags))
      continue;
    accepted++;
    for (size_t j = 0; j < expression.test_count; j++) {
      struct test moved;
      CHECK_ROW(expression_test_on(&expression, j, call, ABI_I386, &moved), tree.text);
      expression.tests[j] = moved;
    }
    for (unsigned j = 0; j < 100; j++) {
      uint64_t random[6];
      random_registers(&tree, random);
      uint64_t extended[6] = {0, (uint64_t)(int64_t)(int32_t)random[1]}, low[6] = {0, (uint32_t)random[1]};
      CHECK_ROW(expression_holds(&expression, low) == holds(&tree.nodes[0], tree.nodes[0].count, extended), tree.text);
    }
    expression_clear(&expression);
  }
  CHECK(accepted > count / 8);
}

int
main(void) {
  check_good();
  check_bad();
  check_places();
  check_bounds();
  check_random(30000);
  check_exhaustive(800);
  check_abis();
  check_x32();
  check_narrow(10000);
  return check_done();
}
