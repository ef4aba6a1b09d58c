#!/usr/bin/env bats
# What scripts/guest's commands say to those who call them wrongly. Tests/e2e/guest.bats has what they make.

load helpers

setup() {
  own_folder
  # Not where bats keeps what `run` reads.
  mkdir here
  cd here || return
  PATH=$REPO/scripts/guest:$PATH
  export XDG_CACHE_HOME=$PWD/cache
}

# refuses STATUS MESSAGE COMMAND...: says no more than that, and makes nothing.
refuses() {
  run --separate-stderr -"$1" "${@:3}"
  [ -z "$output" ]
  [ "$stderr" = "$2" ]
  [ -z "$(ls)" ]
}

@test "build: help is on standard output; what it does not know is refused" {
  for help in -h --help; do
    run --separate-stderr -0 build "$help"
    [ "${lines[0]}" = 'usage: build [--arch amd64|arm64] [--suite NAME]' ]
    [ -z "$stderr" ]
  done
  for word in --frob frob; do
    refuses 64 "guest: unexpected argument '$word'
guest: hint: build --help" build "$word"
  done
  for option in --arch --suite; do
    refuses 64 "guest: no value for '$option'
guest: hint: build --help" build "$option"
    refuses 64 "guest: no value for '$option'
guest: hint: build --help" build "$option" ''
  done
}

@test "build: an architecture and a suite that cannot be" {
  for arch in riscv64 aarch64 'amd64 arm64' ../x; do
    refuses 64 "guest: cannot make a guest for '$arch'
guest: hint: amd64 and arm64 are known" build --arch "$arch"
  done
  for suite in ../trixie 'trixie main' Trixie; do
    refuses 64 "guest: '$suite' is not the name of a Debian release
guest: hint: such as trixie" build --suite "$suite"
  done
}

@test "release: help is on standard output; what it does not know is refused" {
  for help in -h --help; do
    run --separate-stderr -0 release "$help"
    [ "${lines[0]}" = 'usage: release [--arch amd64|arm64] DIR' ]
    [ -z "$stderr" ]
  done
  refuses 64 "release: no folder is named
release: hint: release --help" release
  refuses 64 "release: the name of a folder is empty
release: hint: release --help" release ''
  refuses 64 "release: unexpected argument 'b'
release: hint: release --help" release a b
  refuses 64 "release: unknown option '--frob'
release: hint: release --help" release --frob a
  refuses 64 "release: no value for '--arch'
release: hint: release --help" release a --arch
  refuses 64 "release: cannot make a guest for 'riscv64'
release: hint: amd64 and arm64 are known" release --arch riscv64 a
}

@test "release: into what is no folder" {
  : >file
  for folder in file file/folder; do
    run --separate-stderr -73 release --arch amd64 "$folder"
    [ -z "$output" ]
    [[ $stderr == "release: cannot write into '$folder': "* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
  done
  [ "$(ls)" = file ]
}
