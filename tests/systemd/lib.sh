# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# lib.sh - what the tests that drive services in a booted root share (see boot): units, drop-ins, starts, properties, checks that count. Sourced with
# $root set; all units are called scrun-test-NAME.
# shellcheck disable=SC2154 # $root
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
test_name=$(basename "$0")
units=$root/etc/systemd/system
shared=/run/scrun-test # inside; everybody may write there
# shellcheck disable=SC2034 # for the tests
witness=$shared/witness
checks=0
failed=0
shopt -s extglob

# The same as boot's exec, which looks for the manager each time.
mapfile -t enter < <("$here/boot" "$root" enter)
[ "${#enter[@]}" -gt 0 ] || exit 99
inside() { "${enter[@]}" "$@"; }

# What versions of systemd do differently, as measured: the row of the highest version that is not above this one counts.
differences='
252 write-execute-errno 1
257 write-execute-errno 13
252 system-service-has-seccomp no
257 system-service-has-seccomp yes
'
version=$(inside systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p;q')
this_systemd() { sort -n <<<"$differences" | awk -v at="$version" -v key="$1" '$2 == key && $1 <= at { value = $3 } END { print value }'; }

# services_install FILE...: programs for inside, scrun as it is installed, and scrun-analyze, which runs outside and looks for scrun beside itself.
# Everything is removed at the end.
installed=()
services_install() {
  local file mode
  trap services_remove EXIT
  for file in "$@"; do
    mode=755
    [ "$(basename "$file")" != scrun ] || mode=711
    installed+=("$root/usr/bin/$(basename "$file")")
    install -m $mode "$file" "$root/usr/bin/$(basename "$file")"
  done
  inside install -d -m 1777 "$shared"
}

services_remove() {
  inside systemctl stop 'scrun-test-*' || :
  inside systemctl reset-failed 'scrun-test-*' || :
  rm -rf "$units"/scrun-test-* "${installed[@]}"
  inside systemctl daemon-reload
  inside rm -rf "$shared"
}

# check TEXT GOT WANT: WANT is a pattern.
check() {
  checks=$((checks + 1))
  # shellcheck disable=SC2053 # a pattern
  if [[ $2 != $3 ]]; then
    echo "$test_name: $1: got \"$2\", not \"$3\"" >&2
    failed=$((failed + 1))
  fi
}

checks_done() {
  echo "$checks checks, $failed failed"
  [ "$checks" -gt 0 ] && [ "$failed" -eq 0 ]
}

# await PATTERN COMMAND...: until the command prints that, five seconds at most. What comes of it is for the caller to judge.
await() {
  local pattern=$1
  shift
  for _ in $(seq 250); do
    # shellcheck disable=SC2053 # a pattern
    [[ $("$@" 2>/dev/null) != $pattern ]] || return 0
    sleep .02
  done
}

full_name() { case $1 in *.service | *.socket) echo "scrun-test-$1" ;; *) echo "scrun-test-$1.service" ;; esac }

# unit NAME LINE...: a service with these lines. No core dumps: they would show as another kind of death.
unit() {
  local name=$1
  shift
  printf '%s\n' '[Service]' LimitCORE=0 TimeoutStartSec=5 "$@" >"$units/scrun-test-$name.service"
}

# start NAME: fresh, with no witness; a unit that fails to start is for the caller to judge.
start() {
  started=${EPOCHREALTIME/,/.}
  inside systemctl daemon-reload
  inside rm -f "$witness"
  inside systemctl start "$(full_name "$1")" 2>/dev/null || :
}

# property NAME PROPERTY
property() { inside systemctl show -P "$2" "$(full_name "$1")"; }

# status_of NAME FIELD: of the main process, in /proc
status_of() { inside sed -n "s/^$2:\t//p" "/proc/$(property "$1" MainPID)/status"; }

# program_of NAME: the main process's
program_of() { inside cat "/proc/$(property "$1" MainPID)/comm"; }

# status_text NAME: what an administrator reads
status_text() { inside systemctl status "$(full_name "$1")" || :; }

# said NAME: what is in the journal of it, since the last start of a unit
said() {
  inside journalctl --sync
  inside journalctl -q -o cat --since "@$started" -u "$(full_name "$1")" || :
}

# The processes of a unit, in one line.
processes() { inside cat "/sys/fs/cgroup$(property "$1" ControlGroup)/cgroup.procs" | tr '\n' ' ' | sed 's/ $//'; }

# What the program wrote, once it has.
witness_read() {
  await '?*' inside cat "$witness"
  inside cat "$witness"
}

# harden NAME LINE...: a drop-in that puts scrun in front of each of the unit's commands, with these lines as the policy.
harden() {
  local name=$1 said
  shift
  said=$("$root/usr/bin/scrun-analyze" drop-in "scrun-test-$name.service" --root="$root" --install "${@/#/--property=}" 2>&1) || {
    echo "$test_name: $name: $said" >&2
    failed=$((failed + 1))
  }
}

# check_running NAME NO_NEW_PRIVS: the program runs in the unit's main process, filtered, and that is the only process there is.
check_running() {
  local pid
  pid=$(property "$1" MainPID)
  check "$1: state" "$(property "$1" ActiveState)" active
  await service program_of "$1"
  check "$1: program" "$(program_of "$1")" service
  check "$1: filter mode" "$(status_of "$1" Seccomp)" 2
  check "$1: no_new_privs" "$(status_of "$1" NoNewPrivs)" "$2"
  await "$pid" processes "$1"
  check "$1: processes" "$(processes "$1")" "$pid"
}

# check_witness NAME: the program itself saw the pid that systemd calls the main one.
check_witness() {
  check "$1: pid" "$(witness_read)" "$(property "$1" MainPID)"
}

check_no_witness() {
  check "$1: program not started" "$(inside sh -c "test -e $witness && echo started || echo not started")" "not started"
}

# check_ended NAME CODE STATUS TEXT: it ended that way (CODE: 1 exited, 2 killed), and systemctl names it so.
check_ended() {
  check "$1: code" "$(property "$1" ExecMainCode)" "$2"
  check "$1: status" "$(property "$1" ExecMainStatus)" "$3"
  check "$1: systemctl status" "$(status_text "$1")" "*$4*"
}
