#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# test_generate_arguments.sh GENERATOR PROFILES - a wrong data file ends the build with its line, and leaves no table.
set -u
generator=$1 profiles=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0 checks=0

# fresh: the real files in $dir
fresh() {
  rm -rf "${dir:?}"/* && cp "$profiles"/arguments/*.tsv "$dir"
}

generate() {
  "$generator" "$dir/out.c" "$dir/constants.tsv" "$dir/synonyms.tsv" "$dir/x32.tsv" "$dir/x86.tsv" "$dir/linux-6.18.tsv" "$dir/x86-64.tsv" 2>"$dir/stderr"
}

# refuses FILE TEXT WANTED-MESSAGE: with TEXT added to FILE, the message names its last line.
refuses() {
  checks=$((checks + 1))
  printf '%b' "$2" >>"$dir/$1"
  line=$(wc -l <"$dir/$1")
  generate
  status=$?
  if [ $status -ne 1 ] || [ -e "$dir/out.c" ] || ! grep -qF "$dir/$1:$line: $3" "$dir/stderr"; then
    echo "$1: status $status, wanted \"$1:$line: $3\", got: $(cat "$dir/stderr")" >&2
    failures=$((failures + 1))
  fi
  fresh
}

fresh
checks=$((checks + 1))
if ! generate || ! grep -q argument_rows "$dir/out.c"; then
  echo "the real files were refused: $(cat "$dir/stderr")" >&2
  failures=1
fi
fresh

refuses linux-6.18.tsv 'opennat\tfd:int\n' 'unknown system call "opennat"'
refuses linux-6.18.tsv 'read\tfd:int\n' 'read stands here twice'
refuses x86-64.tsv 'read\tfd:int\n' "read stands here twice, first in $dir/linux-6.18.tsv:"
refuses x86-64.tsv 'waitpid\tfd:pid_t\n' 'unknown type "pid_t"'
refuses x86-64.tsv 'waitpid\tfd\n' 'expected name:type, not "fd"'
refuses x86-64.tsv 'waitpid\tfd:\n' 'unknown type ""'
refuses x86-64.tsv 'waitpid\t:int\n' '"" is not a name of an argument'
refuses x86-64.tsv 'waitpid\ta0:int\n' '"a0" is not a name of an argument'
refuses x86-64.tsv 'waitpid\tFd:int\n' '"Fd" is not a name of an argument'
refuses x86-64.tsv 'waitpid\t0fd:int\n' '"0fd" is not a name of an argument'
refuses x86-64.tsv 'waitpid\ta_name_that_is_longer_than_any:int\n' '"a_name_that_is_longer_than_any" is not a name'
refuses x86-64.tsv 'waitpid\tfd:int\tfd:int\n' 'waitpid has two arguments fd'
refuses x86-64.tsv 'waitpid\tb:int\tc:int\td:int\te:int\tf:int\tg:int\th:int\n' 'waitpid has more than 6 arguments'
refuses x86.tsv 'clone\tflags\n' 'clone stands here twice'
refuses x86.tsv 'read\tnumber\n' 'unknown argument "number" of read'
refuses x86.tsv 'read\tfd:int\n' 'the type of fd stands at'
refuses x86.tsv 'read\tfd\tfd\n' 'fd stands here twice'
refuses x86.tsv 'riscv_hwprobe\tfd\n' 'expected name:type, not "fd"'
refuses x86.tsv 'riscv_hwprobe\tfd:int\tb:split\tc:split\td:split\n' 'riscv_hwprobe has more than 6 registers'
refuses x32.tsv 'riscv_hwprobe\tfd:hidden\n' 'unknown type "hidden"'
refuses synonyms.tsv 'opennat\tfd\tfildes\n' 'unknown system call "opennat"'
refuses synonyms.tsv 'read\tfildes\tfd2\n' 'unknown argument "fildes" of read'
refuses synonyms.tsv 'read\tfd\tbuf\n' 'read has an argument buf already'
refuses synonyms.tsv 'read\tfd\tfd\n' 'read has an argument fd already'
refuses synonyms.tsv 'ioctl\targ\trequest\n' 'ioctl has an argument request already'
refuses synonyms.tsv 'read\tfd\ta0\n' '"a0" is not a name of an argument'
refuses synonyms.tsv 'read\tfd\tFd\n' '"Fd" is not a name of an argument'
refuses synonyms.tsv 'read\tfd\n' 'expected three fields'
refuses synonyms.tsv 'read\n' 'expected three fields'
refuses synonyms.tsv 'read\tfd\tfildes\tfile\n' 'expected three fields'
refuses constants.tsv 'AF_UNIX\t0x1\n' 'AF_UNIX stands here twice'
refuses constants.tsv 'af_unix\t0x1\n' '"af_unix" is not a name of a constant'
refuses constants.tsv '1_UNIX\t0x1\n' '"1_UNIX" is not a name of a constant'
refuses constants.tsv 'NEW\n' 'expected two fields'
refuses constants.tsv 'NEW\t0x1\t0x2\n' 'expected two fields'
refuses constants.tsv 'NEW\t1\n' '"1" is not a value'
refuses constants.tsv 'NEW\t0x\n' '"0x" is not a value'
refuses constants.tsv 'NEW\t0x1g\n' '"0x1g" is not a value'
refuses constants.tsv 'NEW\t0x10000000000000000\n' '"0x10000000000000000" is not a value'

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
