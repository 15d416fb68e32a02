# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# programs.sh - puts scrun and the programs of transient_rows into a root: what transient and user_manager share. Sourced, with the arguments
# ROOT SCRUN PRELOAD SERVICE SANDBOXIFY LIBRARY MYOS MYOS-STATIC MYOS-I386.
root=$1 scrun=$2 preload=$3 service=$4 sandboxify=$5 library=$6 myos=("${@:7:3}")
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
programs=/opt/scrun-test # inside; nobody's but root's

# scrun as it is installed, its library where it looks for it, and the programs of the rows.
programs_install() {
  local patched
  install -o root -g root -m 755 -D "$here/transient_rows" "$root$programs/transient_rows"
  preload_inside=$(realpath -m "/usr/bin/$(realpath -m --relative-to="$(dirname "$scrun")" "$preload")")
  install -o root -g root -m 711 "$scrun" "$root/usr/bin/scrun"
  install -o root -g root -m 644 -D "$preload" "$root$preload_inside"
  install -o root -g root -m 755 "$service" "$root$programs/service"
  install -o root -g root -m 711 "$sandboxify" "$root$programs/sandboxify"
  install -o root -g root -m 755 "$library" "$root$programs/libsandbox.so"
  install -o root -g root -m 755 "${myos[0]}" "$root$programs/myos"
  install -o root -g root -m 755 "${myos[1]}" "$root$programs/myos-static"
  install -o root -g root -m 755 "${myos[2]}" "$root$programs/myos-i386"
  patched=$root$programs/myos-needed
  install -o root -g root -m 755 "${myos[0]}" "$patched"
  patchelf --add-needed "$programs/libsandbox.so" "$patched"
}

programs_remove() {
  rm -rf "${root:?}$programs" "$root/usr/bin/scrun" "$root$preload_inside"
  rmdir "$(dirname "$root$preload_inside")" 2>/dev/null || :
}

