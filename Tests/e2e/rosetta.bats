#!/usr/bin/env bats
# x86_64 programs in an arm64 guest, by the program 'rosetta' in the share 'rosetta'. Apple's runs on Apple's machines only;
# here it is QEMU's, built for arm64, which does the same for whoever starts a program.

load builder

setup_file() {
  export VIRBY_ARCH=arm64
  build_guest
}

# fetch_emulator FOLDER: Debian's qemu-user for arm64, without installing it.
fetch_emulator() {
  local mirror
  # shellcheck disable=SC2016 # apt fills in REPO_URI
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' 'Component: main' | sed -n '/^http/{p;q;}')
  mmdebstrap --quiet --variant=extract --format=tar --architectures=arm64 --include=qemu-user \
    trixie emulator.tar "deb ${mirror:-http://deb.debian.org/debian} trixie main" 3>&-
  mkdir "$1"
  tar -xOf emulator.tar ./usr/bin/qemu-x86_64 >"$1/rosetta"
  chmod 755 "$1/rosetta"
}

@test "an x86_64 derivation is built on arm64" {
  if [ "$(uname -m)" != x86_64 ]; then skip 'needs an x86_64 program: busybox of this machine'; fi
  fetch_emulator share
  export VIRBY_SHARES=rosetta=$PWD/share
  serve
  run -0 guest nix config show extra-platforms
  [[ " $output " == *' x86_64-linux '* ]]

  mkdir busybox
  cp "$(command -v busybox)" busybox/busybox
  cat >x86.nix <<'EOT'
derivation {
  name = "x86";
  system = "x86_64-linux";
  builder = "${./busybox}/busybox";
  args = [ "sh" "-c" "echo $0 on $(uname -m) >$out" ];
}
EOT
  began=$(now)
  path=$(NIX_SSHOPTS="-F $VIRBY_DIR/ssh_config" NIX_REMOTE="local?root=$PWD/client" \
    timeout -k 5 "$PATIENCE" nix build --extra-experimental-features nix-command --no-link --json --max-jobs 0 \
    --option substituters '' --option build-users-group '' --builders "ssh-ng://$VIRBY_HOST x86_64-linux - 1 1 - -" \
    --file x86.nix | jq -r '.[0].outputs.out')
  figure "x86_64 on arm64: nix build done $(since "$began") after it began"
  [ "$(cat "client$path")" = 'sh on x86_64' ]
  # The guest itself is none.
  [ "$(guest uname -m)" = aarch64 ]

  kill -TERM "$(cat virbyd.pid)"
  eventually 300 ended 1 0
  clean_disk
}
