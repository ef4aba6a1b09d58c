#!/usr/bin/env bats
# docs/steps.md: each command says what the page says.

load builder

setup() {
  own_folder
  if [ "$(id -u)" != 0 ]; then skip 'needs root, for a network of its own'; fi
}

teardown() {
  :
}

# shape FILE: without what is another's, or another's the next time: keys, addresses, numbers, the machine's kind; the lines
# of one command sorted, for two stages may speak in either order.
shape() {
  sed -E -e 's|SHA256:[A-Za-z0-9+/]{43}|HASH|g; s|AAAA[A-Za-z0-9+/=]{20,}|KEY|g; s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g' \
    -e 's/qemu-system-[a-z0-9_]+/QEMU/g; s/x86_64|aarch64/MACHINE/g; s|/usr/share/[A-Za-z0-9_./-]+|FIRMWARE|g' \
    -e 's/[0-9]+(\.[0-9]+)*/N/g; s/ +/ /g' "$1" |
    awk '/^ [$>] / || !/^ / { part++ } { printf "%d\t%s\n", part, $0 }' | LC_ALL=C sort -k 1,1n -k 2
}

@test "every command of the page, one after the other, with a real guest" {
  [ "$(uname -m)" = x86_64 ] || skip 'the page is of a PC'
  "$REPO/scripts/steps" >page
  diff <(shape "$REPO/docs/steps.md") <(shape page)
  # What it runs is what stands there, and it has said something.
  [ "$(grep -c '^    \$ ' page)" -gt 25 ]
  occurs '    stopped how=asked status=0' page
  occurs '    idle for=3' page
}

@test "a command that fails is told, and no page is printed" {
  printf '%s\n' '    $ echo one' '    $ false' '    $ echo two' >page
  run --separate-stderr -69 "$REPO/scripts/steps" page
  [ "$output" = "" ]
  [ "$stderr" = "one
steps: command 2 of 'page' has failed" ]
}

@test "what a command said before is replaced, and more of it, empty lines included" {
  printf '%s\n' 'Text.' '' '    $ printf "a\n\n  b\n"' '    old' '' '      old' '    $ cat <<END' '    > c' '    >   d' '    > END' '' 'More.' >page
  "$REPO/scripts/steps" page >once
  "$REPO/scripts/steps" once | diff once -
  diff once - <<'END'
Text.

    $ printf "a\n\n  b\n"
    a

      b
    $ cat <<END
    > c
    >   d
    > END
    c
      d

More.
END
}
