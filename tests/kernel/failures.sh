# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# failures.sh - launches of the witness, whose folder tells whether it was there. Sourced after check.sh and install_scrun.
# shellcheck disable=SC2154 # check.sh's variables
ulimit -c 0
witness=$work/witness
folder=$work/seen
install -d -m 1777 "$folder"

# Two policies that refuse execve with the errno that the witness expects: a deny list and an allow list.
# shellcheck disable=SC2034 # used by the tests
deny=("$scrun" --property=SystemCallFilter=~execve --property=SystemCallErrorNumber=ENETDOWN)
# shellcheck disable=SC2034
allow=("$scrun" "--property=SystemCallFilter=mkdir exit_group" --property=SystemCallErrorNumber=ENETDOWN)
# shellcheck disable=SC2034
start=(-- "$witness" "$folder")

# launch COMMAND...: like run, with what the witness left in $left. Nothing may hang: 124.
launch() {
  launch_as root "$@"
}

# launch_as USER COMMAND...
launch_as() {
  local user=$1
  shift
  rm -rf "${folder:?}"/*
  run as_user "$user" timeout 20 "$@"
  left=$(cd "$folder" && echo *)
}

# check_filtered WHAT: it ran, and was refused what the policy refuses
check_filtered() {
  check_same "$1: status" "$status" 42
  check_same "$1: traces" "$left" "filtered started"
}

# check_refused WHAT STATUS ERR: it was not there. ERR is a pattern.
check_refused() {
  check_same "$1: status" "$status" "$2"
  check_same "$1: traces" "$left" "*"
  check_like "$1: messages" "$err" "$3"
}

# check_either WHAT: whatever the end, never there without its filter
check_either() {
  case $status in
  42) check_filtered "$1" ;;
  *) check_same "$1 ($status): traces" "$left" "*" ;;
  esac
}
