#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# test_constants.sh PROFILES - the file of constants against the compiler's reading of this machine's headers.
set -u
profiles=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$profiles"/mkarguments constants >"$dir/constants.tsv" || exit 1

# Newer headers may have more names, and older ones lack some; what both have must be equal.
awk -F '\t' '
  /^(#|$)/ { next }
  FNR == NR { file[$1] = $2; rows++; next }
  {
    checks++
    if ($1 in file && file[$1] != $2) { print $1 " is " $2 " in the headers, not " file[$1] > "/dev/stderr"; failures++ }
    if ($1 in file) found++
  }
  END {
    print checks + 0 " checks, " failures + 0 " failed; the headers have " found " of " rows " constants"
    exit !(failures == 0 && found > rows * 9 / 10)
  }' "$profiles/arguments/constants.tsv" "$dir/constants.tsv"
