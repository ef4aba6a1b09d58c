# What the tests need on a Mac: sourced by helpers.bash there.
#
# The tests are written for GNU's tools. Homebrew's coreutils has them with a g before their names, and here they get
# their names back, for the tests alone: functions are not handed on, so the scripts under test get the system's tools.
# shellcheck shell=bash

for tool in cp date dd du head md5sum mktemp mv numfmt od realpath rm sha256sum stat tac tail timeout touch truncate; do
  if command -v "g$tool" >/dev/null; then eval "$tool() { g$tool \"\$@\"; }"; fi
done
unset tool

# locked FILE: as in helpers.bash, by fcntl(2), which asks and takes nothing.
locked() {
  python3 - "$1" <<'PYTHON'
import fcntl
import struct
import sys

form = "qqihh"  # struct flock: start, length, process, kind, whence
with open(sys.argv[1]) as file:
    answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(form, 0, 0, 0, fcntl.F_WRLCK, 0))
sys.exit(struct.unpack(form, answer)[3] == fcntl.F_UNLCK)
PYTHON
}

# sfdisk, by sgdisk, as far as the tests of virby-image need it: `--quiet FILE` with a GPT on standard input, `--verify`
# and `-d`. A test that asks for more is skipped.
if ! command -v sfdisk >/dev/null; then
  sfdisk() {
    case "$1 $#" in
      '--quiet 2') lay_out "$2" ;;
      '--verify 2') sgdisk -v "$2" | sed -n 's/^No problems found.*/No errors detected./p' ;;
      '-d 2') dump "$2" ;;
      *) skip "needs Linux's sfdisk" ;;
    esac
  }
fi

# lay_out FILE: lines such as `size=20M, type=GUID, name=esp`.
lay_out() {
  local line word number=0 size type name
  sgdisk -o "$1" >/dev/null
  while read -r line; do
    case $line in 'label: gpt' | '') continue ;; label:*) skip "needs Linux's sfdisk" ;; esac
    number=$((number + 1)) size=0 type=8300 name=''
    for word in ${line//,/ }; do
      case $word in
        size=*) size=+${word#*=} ;;
        type=*) type=${word#*=} ;;
        name=*) name=${word#*=} ;;
        *) skip "needs Linux's sfdisk" ;;
      esac
    done
    sgdisk -I -n "$number:0:$size" -t "$number:$type" -c "$number:$name" "$1" >/dev/null
  done
}

# dump FILE: the last usable block and a line for each partition.
dump() {
  local number
  sgdisk -p "$1" | sed -n 's/.*last usable sector is \([0-9]*\).*/last-lba: \1/p'
  for number in $(sgdisk -p "$1" | awk 'begun { print $1 } $1 == "Number" { begun = 1 }'); do
    sgdisk -i "$number" "$1" | awk -v file="$1" -v number="$number" '
      /^Partition GUID code/ { type = $4 }
      /^Partition unique GUID/ { uuid = $4 }
      /^First sector/ { start = $3 }
      /^Last sector/ { last = $3 }
      /^Partition name/ { name = $3 }
      END { printf "%s%d : start=%d, size=%d, type=%s, uuid=%s, name=%s\n", file, number, start, last - start + 1, type, uuid, name }'
  done
}
