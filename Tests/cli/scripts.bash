# What the tests of the scripts share: `load helpers`, then `load scripts`.
#
# VIRBY_BASH is the bash that runs the scripts, by default the one on PATH. Tests/cli/bash-3.2 makes that of macOS.
# shellcheck shell=bash

setup() {
  own_folder
  export VIRBY_DIR=$PWD/builder
  PATH=$PATH:$REPO/scripts
  use_bash
}

# use_bash: `#!/usr/bin/env bash` is $VIRBY_BASH.
use_bash() {
  if [ -z "${VIRBY_BASH-}" ]; then return; fi
  mkdir bash
  ln -s "$VIRBY_BASH" bash/bash
  PATH=$PWD/bash:$PATH
}

# make_image: the file 'image', with room for 8 MiB of root.
make_image() {
  truncate -s 16M image
  sgdisk -o -n 1:0:+8M -c 1:root image >/dev/null
}

# prepare: a builder's folder, made from such an image.
prepare() {
  make_image
  export VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB
  virby-prepare
}
