# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# podman.sh - podman with crun, with runc, and without root, and containerd's ctr, with scrun installed, on a machine like that of engines.sh (which is
# sourced first). All that is written lies on a tmpfs that ends with the test's mount namespace; /etc, /usr/local, /run and /dev/shm are the test's own.

# machine_prepare BUILD INSIDE CALLER CRUN_OR_RUNC: scrun as `cmake --install` leaves it, and the roots of three images.
machine_prepare() {
  state=$(mktemp -d "${TMPDIR:-/tmp}/scrun-engines.XXXXXX")
  trap machine_end EXIT
  mount -t tmpfs -o mode=755,size=512m tmpfs "$state"
  mkdir -p "$state"/{installed/usr/local,images}
  install -d -m 1777 "$state/shared"
  DESTDIR=$state/installed cmake --install "$1" --prefix /usr/local >"$state/install.log" 2>&1 || {
    cat "$state/install.log"
    exit 1
  }
  cp -a /etc "$state/etc"
  mount --bind "$state/etc" /etc
  mount --bind "$state/installed/usr/local" /usr/local
  mkdir -p /etc/scrun "$state/hooks" "$state/none"
  for folder in /run /dev/shm /var/tmp; do mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
  chmod 755 /run
  [ "$4" = runc ] || {
    umount -R /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
  }
  roots_make "$2" "$3"
}

# Control groups are left by podman with runc, and by what is killed.
machine_end() {
  engine_stop
  [ -z "${podman_kind:-}" ] || podman_end
  [ -z "${containerd_pid:-}" ] || kill "$containerd_pid" || :
  # What podman has left to clean up behind it would write its database below the mount point once that is none any more.
  [ $$ -ne 1 ] || kill -KILL -1 2>/dev/null || :
  find /sys/fs/cgroup -depth -path "*/$(basename "$state")*" -type d -exec rmdir {} \; 2>/dev/null || :
  cd /
  umount -l "$state" && rmdir "$state"
}

# A shell and tools; a C library with its loader; and one static program alone. All of them hold `inside` and `caller`.
roots_make() {
  local root program library
  for root in busybox glibc scratch; do
    mkdir -p "$state/images/$root"
    install -m 755 "$1" "$2" "$state/images/$root/"
  done
  mkdir -p "$state"/images/busybox/{bin,etc,tmp} "$state"/images/glibc/{bin,etc}
  cp /bin/busybox "$state/images/busybox/bin/"
  for program in sh cat sleep true ls; do ln -s busybox "$state/images/busybox/bin/$program"; done
  echo 'root:x:0:0:root:/:/bin/sh' | tee "$state/images/busybox/etc/passwd" >"$state/images/glibc/etc/passwd"
  chmod 644 "$state"/images/*/etc/passwd
  for program in /bin/cat /bin/sleep /bin/dash; do
    cp "$program" "$state/images/glibc/bin/"
    ldd "$program" | grep -o '/[^ ]*' | while IFS= read -r library; do cp -L --parents "$library" "$state/images/glibc/"; done
  done
}

# podman_prepare KIND: crun, runc (both rootful) or rootless (crun). Then `podman` is that podman, and localhost/busybox, glibc and scratch its images.
podman_prepare() {
  local image cgroups=disabled runtime=crun
  podman_kind=$1 hooks=$state/hooks
  podman_as=()
  [ "$1" != runc ] || cgroups=enabled runtime=runc
  cat >/etc/containers/containers.conf <<END
[containers]
default_ulimits = []
cgroups = "$cgroups"
netns = "none"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "$runtime"
runtime_supports_nocgroup = ["crun", "scrun-runtime"]
[engine.runtimes]
scrun-runtime = ["/usr/local/bin/scrun-runtime"]
END
  cat >/etc/containers/storage.conf <<END
[storage]
driver = "vfs"
runroot = "$state/run"
graphroot = "$state/storage"
rootless_storage_path = "$state/user/storage"
END
  [ "$1" != rootless ] || rootless_prepare
  for image in busybox glibc scratch; do
    tar -C "$state/images/$image" -cf "$state/$image.tar" .
    podman import "$state/$image.tar" "localhost/$image:1" >"$state/import.log" 2>&1 || {
      cat "$state/import.log" >&2
      exit 1
    }
  done
}

# A user who is nobody else's, in the test's own /etc.
rootless_prepare() {
  local id=12345 home=$state/user/home
  mkdir -p "$state"/user/{home,run,storage}
  echo "rootless:x:$id:$id::$home:/bin/sh" >>/etc/passwd
  echo "rootless:x:$id:" >>/etc/group
  echo 'rootless:200000:65536' | tee /etc/subuid >/etc/subgid
  chown -R "$id:$id" "$state/user"
  chmod 700 "$state/user/run"
  podman_as=(setpriv --reuid "$id" --regid "$id" --clear-groups env -i "PATH=$PATH" "HOME=$home" "XDG_RUNTIME_DIR=$state/user/run" "TMPDIR=$home")
  mount --make-rshared /
  cd "$home" || exit
}

# hooks is the folder of hooks.d entries; a test sets it to another one for containers without scrun.
podman() { timeout 30 "${podman_as[@]}" podman --hooks-dir "$hooks" "$@" </dev/null; }

# podman has a process that holds its user namespace, in the test's pid namespace, which ends it.
podman_end() { podman rm --all --force --time 0 >/dev/null 2>&1 || :; }

# podman_run OPTION...: run, with what this kind of engine needs. The control groups of runc's containers are the test's own.
podman_run() {
  local options=()
  [ "$podman_kind" != runc ] || options=(--cgroup-parent "/$(basename "$state")")
  podman run "${options[@]}" "$@"
}

# process_find MARK: sets process_pid to the one that runs `inside wait MARK`, under either of its names, once it does: only then are all its filters
# in place.
process_find() {
  for _ in $(seq 150); do
    process_pid=$(pgrep -xf "/(inside|program) wait $1") && return 0
    sleep .02
  done
  echo "nothing runs inside wait $1" >>"$state/log"
  return 1
}

# container_start NAME OPTION... IMAGE: `/inside wait NAME` in the background. Sets process_pid. Fails if it does not come to that; $state/log has what
# podman says.
container_start() {
  podman_run -d --name "$@" /inside wait "$1" >"$state/log" 2>&1 && process_find "$1"
}

container_end() { podman rm --force --time 0 "$1" >/dev/null 2>&1 || :; }

# container_exec NAME OPTION...: brings `/inside wait NAME-exec` into the container. Sets process_pid.
container_exec() {
  local name=$1
  shift
  podman exec -d "$@" "$name" /inside wait "$name-exec" >"$state/log" 2>&1 && process_find "$name-exec"
}

# hook_write FILE STAGE PROGRAM [ARGUMENT...]: a hooks.d entry for all containers, in the form in which a missing program is refused.
hook_write() {
  local file=$1 stage=$2 arguments='"env"' argument
  shift 2
  for argument in "$@"; do arguments+=",\"$argument\""; done
  printf '{"version":"1.0.0","hook":{"path":"/usr/bin/env","args":[%s],"timeout":%s},"when":{"always":true},"stages":["%s"]}\n' "$arguments" "${hook_timeout:-10}" "$stage" \
    >"$hooks/$file"
}
