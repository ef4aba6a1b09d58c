# What the tests of virby-install share: `load helpers`, then `load install`. A pretended Mac, on which there is vfkit.
# shellcheck shell=bash

setup() {
  [ "$(id -u)" = 0 ] || skip 'needs root, for a Mac'
  load ../mac/rig
  own_folder
  chmod 755 .
  truncate -s 16M image
  sfdisk -q image <<<'label: gpt
size=8M, name=root'
}

teardown() {
  mac_teardown
}

# make_mac [NIX]
make_mac() {
  mac_setup "$@"
  make_vfkit
}

make_vfkit() {
  mkdir -p "$MAC/root/opt/homebrew/bin"
  printf '#!/bin/sh\necho "vfkit version: v0.6.2"\n' >"$MAC/root/opt/homebrew/bin/vfkit"
  chmod 755 "$MAC/root/opt/homebrew/bin/vfkit"
}

# install [OPTION...]: on the Mac, from this checkout, with the image unless another is named.
install() {
  case " $* " in *' --release '* | *' --image '*) ;; *) set -- --image "$PWD/image" "$@" ;; esac
  mac env VIRBY_BIN=/.rig/bin "$REPO/scripts/virby-install" --disk-size 32MiB "$@"
}

uninstall() {
  mac "$REPO/scripts/virby-uninstall" "$@"
}

# on_mac FILE: what is in it.
on_mac() {
  cat "$MAC/root$1"
}

# same_tree FILE: the Mac is as it was when `mac_tree` wrote that.
same_tree() {
  mac_tree >tree
  diff "$1" tree
}
