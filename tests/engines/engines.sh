# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# engines.sh - real crun and runc on a machine without systemd, without CAP_SYS_RESOURCE and with control groups of version 1. Sourced; needs root.
#
# Nothing of the machine's is changed and nothing is left: mounts are made in a mount namespace of the test's own, and every process lives in a
# pid namespace that ends with the test, which is its first process.

# engines_enter SECONDS SCRIPT ARGUMENTS...: goes on as that script, in its own namespaces, for so long at most.
engines_enter() {
  local seconds=$1
  shift
  [ -z "${SCRUN_ENGINES_INSIDE:-}" ] || return 0
  SCRUN_ENGINES_INSIDE=1 exec timeout -k 5 "$seconds" unshare --mount --pid --fork --kill-child --mount-proc "$@"
}

# engine_prepare ENGINE PROGRAM: a root with that static program alone, and a short folder for the engine's state (sockets have short names).
# crun wants version 2 of control groups alone where it looks for them; runc wants what the machine has.
engine_prepare() {
  state=$(mktemp -d "${TMPDIR:-/tmp}/scrun-engines.XXXXXX")
  container=$(basename "$state")
  trap engine_end EXIT
  mkdir -p "$state"/root/{dev,proc,sys} "$state/bundle" "$state/engine"
  install -m 755 "$2" "$state/root/program"
  case $1 in
  crun)
    engine_command=(crun --root "$state/engine" --cgroup-manager=disabled)
    umount -R /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
    ;;
  runc) engine_command=(runc --root "$state/engine") ;;
  esac
}

engine_end() {
  engine_stop
  rm -rf --one-file-system "$state"
}

# bundle_write SECCOMP_FILE ANNOTATIONS PROGRAM_ARGUMENTS...: a config.json with that as linux.seccomp (none if empty), and annotations as JSON members.
# Without rlimits, which would take CAP_SYS_RESOURCE.
bundle_write() {
  local seccomp=$1 annotations=$2 arguments='"/program"'
  shift 2
  for argument in "$@"; do arguments+=",\"$argument\""; done
  {
    printf '{"ociVersion":"1.0.2","root":{"path":"%s","readonly":true},"annotations":{%s},' "$state/root" "$annotations"
    printf '"process":{"terminal":false,"user":{"uid":0,"gid":0},"args":[%s],"env":[],"cwd":"/","noNewPrivileges":true},' "$arguments"
    printf '"mounts":[{"destination":"/proc","type":"proc","source":"proc"}],'
    printf '"linux":{"namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"network"}]'
    [ -z "$seccomp" ] || {
      printf ',"seccomp":'
      cat "$seccomp"
    }
    printf '}}\n'
  } >"$state/bundle/config.json"
}

# engine_start LOG: a container of the bundle, in the background. Sets container_pid once it runs the program: only then is its filter complete.
# Fails if it does not come to that; LOG has what the engine says.
engine_start() {
  container_pid=''
  rm -f "$state/pid"
  started=yes
  timeout 20 "${engine_command[@]}" run --detach --pid-file "$state/pid" --bundle "$state/bundle" "$container" </dev/null >"$1" 2>&1 || return 1
  container_pid=$(cat "$state/pid")
  for _ in $(seq 100); do
    [ "$(cat "/proc/$container_pid/comm" 2>/dev/null)" != program ] || return 0
    sleep .02
  done
  echo 'the container does not run its program' >>"$1"
  return 1
}

engine_stop() {
  [ -n "${started:-}" ] || return 0
  started=''
  "${engine_command[@]}" delete --force "$container" >/dev/null 2>&1 || :
}

# engine_run: a container of the bundle until it ends; its exit status, and its streams.
engine_run() {
  local status=0
  started=yes
  timeout 20 "${engine_command[@]}" run --bundle "$state/bundle" "$container" </dev/null || status=$?
  engine_stop
  return "$status"
}
