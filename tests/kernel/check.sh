# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# check.sh - what the tests of this folder share: a folder of their own, users, runs whose end is kept, checks that count.
# Sourced. A check that fails is printed and the test goes on; check_done ends it, with 1 if any failed or none was made.
check_count=0
check_failures=0
status=0 out='' err='' scrun=''

# Where the tests are, also when one is run by a relative path: below, the current folder changes.
# shellcheck disable=SC2034 # for the tests
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 99

# A folder that nobody can enter, and that is gone afterwards. Core files and sockets fall into it as well.
work=$(mktemp -d "${TMPDIR:-/tmp}/scrun-kernel.XXXXXX") || exit 99
chmod 0755 "$work"
cd "$work" || exit 99
trap 'cd / && rm -rf "$work"' EXIT

# install_scrun FILE: as it is installed, root:root 0711, into the folder.
install_scrun() {
  install -o root -g root -m 0711 "$1" "$work/scrun" || exit 99
  scrun=$work/scrun
}

# install_scrun_and_library FILE: with the preload library where scrun looks for it.
install_scrun_and_library() {
  local library
  library=$(cd "$(dirname "$1")" && ls ../lib*/{,*/}scrun/libscrun-preload.so 2>/dev/null | head -n 1)
  [ -n "$library" ] || { echo "there is no libscrun-preload.so beside $1" >&2 && exit 99; }
  install -d "$work/bin" "$work/bin/$(dirname "$library")"
  install -o root -g root -m 0644 "$(dirname "$1")/$library" "$work/bin/$library" || exit 99
  install -o root -g root -m 0711 "$1" "$work/bin/scrun" || exit 99
  scrun=$work/bin/scrun
}

check_fail() {
  check_failures=$((check_failures + 1))
  echo "failed: $*" >&2
}

# check_same WHAT GOT WANT
check_same() {
  check_count=$((check_count + 1))
  [ "$2" = "$3" ] || check_fail "$1: got \"$2\", want \"$3\""
}

# check_like WHAT GOT PATTERN: the pattern is the shell's
check_like() {
  check_count=$((check_count + 1))
  # shellcheck disable=SC2053 # a pattern
  [[ $2 == $3 ]] || check_fail "$1: got \"$2\", want it like \"$3\""
}

# check_true WHAT COMMAND...
check_true() {
  local what=$1
  shift
  check_count=$((check_count + 1))
  "$@" || check_fail "$what"
}

# as USER COMMAND...: root, or nobody without any group or capability. The pid stays. as_user is the same as a program.
cat >as_user <<'END' || exit 99
#!/bin/sh
case $1 in
root) shift && exec "$@" ;;
nobody) shift && exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@" ;;
esac
exit 99
END
chmod 0755 as_user
PATH=$work:$PATH
as() { as_user "$@"; }

# run COMMAND...: leaves its end in $status, $out and $err. 159 is death by SIGSYS: no program here exits with that.
run() {
  status=0
  out=$("$@" 2>"$work/stderr" </dev/null) || status=$?
  err=$(<"$work/stderr")
}

# check_run WHAT STATUS OUT ERR: the last run. ERR is a pattern.
check_run() {
  check_same "$1: status" "$status" "$2"
  check_same "$1: output" "$out" "$3"
  check_like "$1: messages" "$err" "$4"
}

check_done() {
  echo "$check_count checks, $check_failures failed"
  [ "$check_count" -gt 0 ] && [ "$check_failures" -eq 0 ]
  exit
}
