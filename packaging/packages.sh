# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# packages.sh - the Debian packages that scrun needs, in one place; sourced by packaging/quickstart and tests/run.

# To build and run: compiler, C library, kernel headers, libseccomp for the tables of names, json-c for seccomp JSON, libmount for hooks in containers, musl for a launcher that starts fast.
PACKAGES_BUILD="gcc libc6-dev linux-libc-dev cmake ninja-build libseccomp-dev libjson-c-dev libmount-dev musl-tools"

# To test: a second compiler with its sanitizers and libFuzzer, 32-bit programs, source checks, a root for a real systemd,
# container engines, what is in their images, and the profile that podman starts from.
# shellcheck disable=SC2034 # used by those who source this file
PACKAGES_TEST="$PACKAGES_BUILD clang libclang-rt-14-dev clang-format shellcheck gcc-multilib binutils git python3-minimal python3-yaml
 g++ redis-tools man-db bsdextrautils valgrind strace libcap2-bin patchelf util-linux procps systemd debootstrap
 crun runc podman conmon catatonit uidmap containerd busybox-static golang-github-containers-common bubblewrap"

# To compare launches with other tools'.
# shellcheck disable=SC2034
PACKAGES_BENCH="bubblewrap firejail"

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -- "$@"
  fi
}

# packages_missing NAME...: prints those that are not installed.
packages_missing() {
  for package in "$@"; do
    case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
    installed) ;;
    *) printf '%s ' "$package" ;;
    esac
  done
}

# packages_install NAME...: installs what is missing, from where apt is configured to; asks apt for nothing when nothing is.
# The package lists are fetched only if apt cannot do with those that it has; what it says about that is of no interest then.
packages_install() {
  missing=$(packages_missing "$@")
  [ -n "$missing" ] || return 0
  echo "installing: $missing"
  # shellcheck disable=SC2086 # a list of words
  packages_apt $missing 2>/dev/null && return 0
  as_root apt-get -qq update
  # shellcheck disable=SC2086
  packages_apt $missing
}

packages_apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" </dev/null >/dev/null
}
