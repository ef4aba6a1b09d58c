# The EXAMPLES of the manual pages, as a reader would type them: `load examples`.
# shellcheck shell=bash

# examples PAGE: how many there are in man/PAGE.
examples() {
  _examples "$1" | grep -c '^@'
}

# example PAGE N: the Nth of them, without prompts and what they print.
example() {
  _examples "$1" | awk -v number="$2" '/^@/ { count++; next } count == number' |
    awk '{ lines[NR] = $0; if (/^\$ /) prompts = 1 }
      END { for (i = 1; i <= NR; i++) if (!prompts) print lines[i]; else if (sub(/^\$ /, "", lines[i]) || lines[i] ~ /^ /) print lines[i] }'
}

# answer PAGE N: what the Nth of them prints, if it says so.
answer() {
  _examples "$1" | awk -v number="$2" '/^@/ { count++; next } count == number && !/^\$ / && !/^ /'
}

# _examples PAGE: all of them, each behind a line `@`; roff's \e is a backslash.
_examples() {
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$REPO/man/$1" | sed 's/\\e/\\/g' | awk '
    /^\.Bd -literal/ { print "@"; inside = 1; next }
    /^\.Ed/ { inside = 0; next }
    inside { print; next }
    /^\.Dl / { print "@"; sub(/^\.Dl /, ""); print }'
}

# run_example PAGE N: in a shell of its own.
run_example() {
  example "$1" "$2" >"$BATS_TEST_TMPDIR/example"
  bash -euo pipefail "$BATS_TEST_TMPDIR/example"
}

# apart COMMAND...: where nobody else listens on 127.0.0.1.
apart() {
  unshare -n sh -c 'ip link set lo up && exec "$@"' sh "$@"
}
