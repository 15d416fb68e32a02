#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# test_generate_tables.sh GENERATOR PROFILES - a wrong data file ends the build with its line, and leaves no table.
set -u
generator=$1 profiles=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0 checks=0

# fresh: the real files in $dir
fresh() {
  rm -rf "${dir:?}"/* && cp "$profiles"/calls/*.tsv "$profiles"/groups/*.txt "$dir"
}

generate() {
  "$generator" "$dir/out.c" "$dir/linux-6.18.tsv" "$dir/first-kernels.tsv" "$dir/scrun.txt" "$dir/systemd-262.txt" "$dir/systemd-252.txt" 2>"$dir/stderr"
}

# refuses FILE TEXT WANTED-MESSAGE [BEFORE]: with TEXT added to FILE, the message names its last line, or one BEFORE that.
refuses() {
  checks=$((checks + 1))
  printf '%b' "$2" >>"$dir/$1"
  line=$(($(wc -l <"$dir/$1") - ${4:-0}))
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
if ! generate || ! grep -q call_rows "$dir/out.c"; then
  echo "the real files were refused: $(cat "$dir/stderr")" >&2
  failures=1
fi
fresh

refuses linux-6.18.tsv 'read\t1\t0\t3\t2.0\n' 'read has the number 1 on x86-64 here, but 0 in libseccomp'
refuses linux-6.18.tsv 'read\t-\t0\t3\t2.0\n' 'read is not on x86-64 here, but has the number 0 there in libseccomp'
refuses linux-6.18.tsv 'newcall\t0\t-\t-\t7.0\n' 'newcall has the number 0 on x86-64, which read has'
refuses linux-6.18.tsv 'newcall\t580\t-\t472\t7.0\n' 'newcall has the number 472 on i386, which fchroot has'
refuses linux-6.18.tsv 'mseal\t462\t462\t462\t6.10\n' 'mseal stands here twice'
refuses linux-6.18.tsv 'newcall\t580\t580\t7.0\n' '"7.0" is not a number'
refuses linux-6.18.tsv 'newcall\t580\t580\t580\n' 'expected five fields'
refuses linux-6.18.tsv 'newcall\t580\t580\t580\t7.0\tx\n' 'there is something behind'
refuses linux-6.18.tsv 'newcall\t580\t580\t580\t-\n' '"-" is not a version'
refuses linux-6.18.tsv 'newcall\t5x\t580\t580\t7.0\n' '"5x" is not a number'
refuses linux-6.18.tsv 'newcall\t99999999999\t-\t-\t7.0\n' 'the number 99999999999 is not below'
refuses linux-6.18.tsv 'newcall\t\t-\t-\t7.0\n' '"" is not a number'
refuses linux-6.18.tsv 'new call\t-\t-\t-\t-\n' '"new call" is not a name'
refuses linux-6.18.tsv '@newcall\t-\t-\t-\t-\n' '"@newcall" is not a name of a system call'
refuses linux-6.18.tsv 'newcall\t580\t580\t580\t7.\n' '"7." is not a version'
refuses linux-6.18.tsv 'newcall\t580\t580\t580\t7.0.1\n' '"7.0.1" is not a version'
refuses linux-6.18.tsv 'newcall\t580\t580\t580\t7.256\n' '"7.256" is not a version'
refuses first-kernels.tsv 'opennat\t3.1\t3.1\n' 'unknown system call "opennat"'
refuses first-kernels.tsv 'bpf\t3.18\t3.18\n' "the first kernel of bpf stands at $dir/first-kernels.tsv:"
refuses first-kernels.tsv 'mseal\t6.10\t6.10\n' "the first kernel of mseal stands at $dir/linux-6.18.tsv:"
refuses first-kernels.tsv 'uretprobe\t6.11\n' "the first kernel of uretprobe stands at"
refuses first-kernels.tsv 'read\t3.1\n' 'expected three fields'
refuses first-kernels.tsv 'read\t3.1\t-\t-\n' 'there is something behind'
refuses first-kernels.tsv 'read\t3\t-\n' '"3" is not a version'
refuses first-kernels.tsv 'waitpid\t3.1\t-\n' 'waitpid is not on that ABI'
refuses first-kernels.tsv 'fadvise64_64\t-\t3.x\n' '"3.x" is not a version'
refuses scrun.txt '\n@x\n    # x\n    opennat\n' 'unknown system call "opennat"'
refuses systemd-252.txt '\n@x\n    # x\n    opennat\n' 'unknown system call "opennat"'
refuses scrun.txt '\n@x\n    # x\n    read\n    write\n    read\n' 'read is in @x twice'
refuses scrun.txt '\n@x\n    # x\n    @nosuch\n' 'unknown group "@nosuch"'
refuses systemd-262.txt '\n@x\n    # x\n    @x\n' '@x leads back to itself'
refuses scrun.txt '\n@y\n    # y\n    @x\n\n@x\n    # x\n    read\n    @y\n' '@y leads back to itself'
refuses scrun.txt '\n@default\n    # x\n    read\n' 'the group @default is defined twice' 2
refuses scrun.txt '\n@static-startup\n' 'the group @static-startup is defined twice'
refuses scrun.txt '\n@empty\n' '@empty has no description or no members'
refuses scrun.txt '\n    read\n' 'expected a @group'
refuses scrun.txt '\n@x\n    # x\n  read\n' 'expected a @group'
refuses scrun.txt '\n@x\n    read\n    # x\n' 'the description of @x is not its first line'
refuses scrun.txt '\n@x\n    # a "quote"\n' 'the description of @x is empty, too long, or holds'
refuses scrun.txt '\n@x\n    # x\n    Read\n' '"Read" is not a name'
refuses scrun.txt '\n@x\n    # x\n    a_name_that_is_longer_than_any_real_one\n' '"a_name_that_is_longer_than_any_real_one": a name has'

checks=$((checks + 1))
"$generator" "$dir/no/such/folder/out.c" "$dir/linux-6.18.tsv" "$dir/first-kernels.tsv" "$dir"/scrun.txt "$dir"/systemd-252.txt 2>/dev/null && failures=$((failures + 1))

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
