#!/usr/bin/env bats
# Two builders in one machines file: docs/fleet.md.

load builder

setup() {
  own_folder
  use_bash
  export VIRBY_TTL=10m VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 VIRBY_MEMORY=768MiB VIRBY_DEBUG=yes \
    VIRBY_ACCELERATOR=${VIRBY_ACCELERATOR-}
  : >ssh_config
  : >machines
  for name in one two; do start_builder "$name"; done
}

teardown() {
  for service in "${services[@]}"; do retire; done
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 30 one/log two/log; fi
}

# start_builder NAME: in a folder of that name, behind a port of its own, with its line and its stanza.
start_builder() {
  mkdir "$1"
  export VIRBY_HOST=virby-$1 VIRBY_DIR=$PWD/$1/virby
  while (: <>"/dev/tcp/127.0.0.1/$VIRBY_PORT") 2>/dev/null; do VIRBY_PORT=$((VIRBY_PORT + 1)); done
  . "$REPO/scripts/settings"
  virby-prepare
  cat "$VIRBY_DIR/ssh_config" >>ssh_config
  virby-machines nix >>machines
  log=$PWD/$1/log
  serve
  services+=("$service")
}

# build_all [OPTION...]: eight builds, as many at once as the machines have places.
build_all() {
  NIX_SSHOPTS="-F $PWD/ssh_config" NIX_REMOTE="local?root=$PWD/client" timeout -k 5 "$PATIENCE" \
    nix-build "$REPO/Tests/e2e/fleet.nix" --no-out-link --argstr count 8 --argstr seconds 6 --argstr seed "$BATS_TEST_NUMBER" \
    --argstr system "$(system)" --max-jobs 0 --option substituters '' --option build-users-group '' \
    --builders "@$PWD/machines" "$@"
}

# boots: in which guests the paths in FILE were built.
boots() {
  local path
  while IFS= read -r path; do cat "client$path"; done <"$1" | sort -u
}

boot_of() {
  VIRBY_HOST=virby-$1 VIRBY_DIR=$PWD/$1/virby guest cat /proc/sys/kernel/random/boot_id
}

@test "eight builds go to both; one is killed on the way, the rest finish; and the killed one comes back" {
  [ "$(grep -c '^ssh-ng://virby-\(one\|two\) ' machines)" = 2 ]
  # Both start at once.
  boot_of one >boot.one 3>&- &
  boot_of two >boot.two
  wait $!

  build_all --keep-going >paths 2>said 3>&- &
  client=$!
  eventually "$PATIENCE" occurs "begun in $(cat boot.two)" said
  eventually "$PATIENCE" occurs "begun in $(cat boot.one)" said
  kill -KILL "$(sed -n 's/.*starting driver=qemu pid=\([0-9]*\) .*/\1/p' one/log)"
  status=0
  wait "$client" || status=$?
  [ "$status" != 0 ]
  survived=$(find client/nix/store -maxdepth 1 -name '*-fleet-*[0-9]' | wc -l)
  figure "with one of two killed: $survived of 8 were built, those of its places were lost"
  # What it was at is lost, at most all of its places, and nothing else.
  ((survived >= 6 && survived < 8))

  # What is missing is built now. The killed one has started again by itself, when Nix connected.
  build_all >paths
  [ "$(wc -l <paths)" = 8 ]
  boots paths | grep -qxF -f boot.two
  [ "$(boots paths | grep -cvxF -f boot.one)" -ge 1 ]
  [ "$(grep -c 'ready at=' two/log)" = 1 ]
  [ "$(boot_of one)" != "$(cat boot.one)" ]
}
