#!/usr/bin/env bats
# services.virby on a pretended Mac: what evaluation has made is activated, changed and switched off, with launchd,
# dscl and the rest as strict as a Mac's. The vfkit there takes what vfkit takes, and runs a machine without a guest.

load ../cli/helpers
load helpers
load switch
load ../mac/rig

setup_file() {
  export VIRBY_BIN=${VIRBY_BIN:-$REPO/.build/release} TOOLBOX=/nix/store/00000000000000000000000000000000-virby
  PATH=$PATH:/usr/sbin:/sbin
  VIRBY_SETTINGS='' "$REPO/scripts/install" --prefix "$TOOLBOX" --destdir "$BATS_FILE_TMPDIR"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  PATH=$PATH:/usr/sbin:/sbin
  mac_setup
  cp -R "$BATS_FILE_TMPDIR$TOOLBOX" "$MAC/root$TOOLBOX"
  # Those that take for granted what they would on a Mac.
  for command in boot lease; do ln -sf "/.rig/bin/virby-$command" "$MAC/root$TOOLBOX/libexec/virby/virby-$command"; done
  vfkit=$MAC/root${TOOLBOX%virby}vfkit/bin/vfkit
  mkdir -p "${vfkit%/*}" "$MAC/root/images" "$MAC/root/private/var/run"
  [ -e "$MAC/root/run" ] || ln -s private/var/run "$MAC/root/run"
  printf '#!/bin/sh\nexec /.linux/usr/bin/python3 -B "%s/Tests/standins/vfkit" "$@"\n' "$REPO" >"$vfkit"
  chmod +x "$vfkit"
  truncate -s 16M "$MAC/root/images/disk.img"
  echo 'start=1MiB, size=8MiB, type=L' | sfdisk -q -X gpt "$MAC/root/images/disk.img"
}

teardown() {
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then
    tail -n 20 "$MAC/log" "$MAC/root/private/var/lib/virby/log/virbyd.log" "$MAC/rig/system.log" || true
  fi
  mac_teardown
}

# on OPTIONS: on demand, so that nothing starts without a client.
on() {
  enabled "onDemand.enable = true; diskSize = \"4GiB\"; $1"
}

# untouched: disks and keys, which one they are and when they were written.
untouched() {
  (cd "$MAC/root/private/var/lib/virby" && find disk.img store.img keys base -printf '%p\t%m %U %i %T@\n' | sort)
}

@test "on: account, folder, disk, keys, files and job; settings change and nothing else does; off: nothing is left" {
  mac_tree >before
  switch "$(on '')"
  [ "$(mac dscl . -read /Users/_virby UniqueID)" = 'UniqueID: 348' ]
  [ "$(mac dscl . -read /Groups/virby PrimaryGroupID)" = 'PrimaryGroupID: 348' ]
  mac dscl . -read /Users/_virby IsHidden | grep -q ': 1$'
  [ "$(stat -c '%a %u' "$MAC/root/private/var/lib/virby")" = '700 348' ]
  mac test -e /var/lib/virby/disk.img
  mac test -e /var/lib/virby/store.img
  mac ssh-keygen -l -f /var/lib/virby/keys/ssh_user_ed25519_key.pub
  [ "$(mac cat /etc/nix/machines)" = 'ssh-ng://virby-vm aarch64-linux - 8 1 benchmark,big-parallel - -' ]
  mac ssh -G virby-vm >ssh
  grep -Fx 'hostname 127.0.0.1' ssh
  grep -Fx 'port 31222' ssh
  grep -Fx 'user builder' ssh
  mac launchctl print system/org.nixos.virbyd >printed
  untouched >made

  # Of all these the job's file, the disk and the keys know nothing.
  run -0 switch "$(on 'cores = 2; memory = "2GiB"; onDemand.ttl = 5; debug = true; rosetta = true; speedFactor = 2;
    substituters = [ ]; guestNixConf = "timeout = 60"; sharedDirectories.src = "/Users/admin/My Files";')"
  [[ $output != *service* ]]
  diff made <(untouched)
  [ "$(mac cat /etc/nix/machines)" = 'ssh-ng://virby-vm aarch64-linux,x86_64-linux - 2 2 benchmark,big-parallel - -' ]
  [ "$(mac grep -c '^VIRBY_CORES=2$' /etc/virby/virby-vm.conf)" = 1 ]

  run -0 switch "$(on 'port = 2222;')"
  [[ $output == *'reloading service org.nixos.virbyd'* ]]
  diff made <(untouched)
  mac launchctl print system/org.nixos.virbyd | grep -q 2222

  switch '{ services.virby.enable = false; }'
  run -56 mac dscl . -read /Users/_virby
  run -56 mac dscl . -read /Groups/virby
  mac_tree >after
  # nix-darwin leaves its links and the folders that it has made in /etc.
  diff before after | grep '^[<>]' | grep -v 'xpc.launchd\|etc/static\|current-system\|etc/virby\|private/var/lib' >left || true
  diff /dev/null left
}

@test "an id that is taken: the next one; accounts and folders of others who made a builder: kept" {
  mac dscl . -create /Groups/other
  mac dscl . -create /Groups/other PrimaryGroupID 348
  switch "$(on '')"
  [ "$(mac dscl . -read /Users/_virby UniqueID)" = 'UniqueID: 347' ]
  [ "$(stat -c %u "$MAC/root/private/var/lib/virby")" = 347 ]
  switch '{ services.virby.enable = false; }'
  mac dscl . -read /Groups/other PrimaryGroupID

  # As virby-uninstall --keep-data leaves them.
  mac mkdir -p -m 700 /var/lib/virby
  mac cp /images/disk.img /var/lib/virby/disk.img
  echo /images/disk.img >"$MAC/root/private/var/lib/virby/base"
  before=$(mac ls -i /var/lib/virby/disk.img)
  run -0 switch "$(on '')"
  [[ $output != *warning* ]]
  [ "$before" = "$(mac ls -i /var/lib/virby/disk.img)" ]
  [ "$(stat -c %u "$MAC/root/private/var/lib/virby/disk.img")" = 347 ]
  # The store is on it.
  mac test ! -e /var/lib/virby/store.img
  switch '{ services.virby.enable = false; }'

  # As its activation leaves them.
  mac dscl . -create /Groups/virby
  mac dscl . -create /Groups/virby PrimaryGroupID 346
  mac dscl . -create /Users/_virby
  mac dscl . -create /Users/_virby UniqueID 346
  mac dscl . -create /Users/_virby PrimaryGroupID 346
  mac dscl . -create /Users/_virby NFSHomeDirectory /var/lib/virby
  mac mkdir -p /var/lib/virby
  echo disk >"$MAC/root/private/var/lib/virby/diff.img"
  echo image >"$MAC/root/private/var/lib/virby/.disk-image-store-path"
  chown -R 346 "$MAC/root/private/var/lib/virby"
  run -0 switch "$(on '')"
  [[ $output != *creating\ the* ]]
  [ "$(mac dscl . -read /Users/_virby UniqueID)" = 'UniqueID: 346' ]
  [ "$(mac cat /var/lib/virby/diff.img)" = disk ]
}

# refused OPTIONS LINE: nothing is changed then.
refused() {
  mac_tree >before
  run -2 switch "$1"
  [ "${lines[0]}" = "$2" ]
  mac_tree >after
  diff before after
}

@test "refused before anything is changed: another's user, another's folder, a builder that virby-install has made" {
  mac touch /var/lib/virby || mac mkdir -p /var/lib && mac touch /var/lib/virby
  refused "$(on '')" "virby: cannot use '/var/lib/virby': it is not a directory"
  mac rm /var/lib/virby

  mac mkdir -p /usr/local/libexec/virby
  mac touch /usr/local/libexec/virby/virbyd
  sed 's|@LIBEXEC@|/usr/local/libexec/virby|' "$REPO/templates/launchd.plist" >"$MAC/root/Library/LaunchDaemons/org.nixos.virbyd.plist"
  refused "$(on '')" 'virby: cannot install the builder: virby-install has installed it already'
  # Nor does a module that is only imported touch it.
  mac mkdir -p /var/lib/virby
  switch '{ services.virby.enable = false; }'
  mac test -d /var/lib/virby
  rm -r "$MAC/root/usr/local/libexec/virby" "$MAC/root/Library/LaunchDaemons/org.nixos.virbyd.plist"

  mac dscl . -create /Users/_virby
  mac dscl . -create /Users/_virby NFSHomeDirectory /Users/_virby
  refused "$(on '')" "virby: cannot use the user '_virby': its home is '/Users/_virby'"
}

@test "allowUserSsh: a key of their own for users, who cannot read the builder's; gone when it is off" {
  run -0 switch "$(on 'allowUserSsh = true;')"
  [[ $output != *warning* ]]
  mac_as admin ssh -G virby-vm | grep -Fx 'identityfile /var/lib/virby/login/key'
  mac_as admin ssh-keygen -y -f /var/lib/virby/login/key
  mac_as admin cat /var/lib/virby/login/known_hosts | grep -q '^virby-vm ssh-ed25519 '
  run -1 mac_as admin cat /var/lib/virby/keys/ssh_user_ed25519_key
  run -0 mac ssh -G virby-vm
  [[ $output != *login/key* ]]
  mac cmp /var/lib/virby/guest/authorized_keys /var/lib/virby/login/key.pub

  switch "$(on '')"
  mac test ! -e /var/lib/virby/login
  mac_as admin ssh -G virby-vm >ssh
  run -1 grep login/key ssh
}

# runs: the job has a VM, which holds the disk's lock.
runs() {
  mac "$TOOLBOX/libexec/virby/virby-image" holder /var/lib/virby/disk.img >holder
}

job_pid() {
  mac launchctl print system/org.nixos.virbyd | sed -n 's/^[[:space:]]*pid = //p'
}

# always OPTIONS: on, and always running.
always() {
  enabled "diskSize = \"4GiB\"; $1"
}

@test "a VM that runs goes on while settings and image change; another port stops it; off stops it and takes it away" {
  switch "$(always '')"
  eventually 5 runs
  pid=$(job_pid)
  [ -n "$pid" ]
  run -0 switch "$(always 'cores = 2; memory = "1GiB"; debug = true;')"
  [[ $output != *service* ]]
  [ "$(job_pid)" = "$pid" ]

  cp "$MAC/root/images/disk.img" "$MAC/root/images/new.img"
  disk=$(stat -c %i "$MAC/root/private/var/lib/virby/disk.img")
  store=$(stat -c %i "$MAC/root/private/var/lib/virby/store.img")
  run -0 switch "$(always 'image = lib.mkForce "/images/new.img";')"
  [[ $output == *'virby-prepare: the new image is for the next start'* ]]
  [ "$(job_pid)" = "$pid" ]
  [ "$(mac cat /var/lib/virby/base)" = /images/disk.img ]
  [ "$(stat -c %i "$MAC/root/private/var/lib/virby/disk.img")" = "$disk" ]

  run -0 switch "$(always 'image = lib.mkForce "/images/new.img"; port = 2222;')"
  [[ $output == *'reloading service org.nixos.virbyd'* ]]
  eventually 60 eval '[ "$(mac cat /var/lib/virby/base)" = /images/new.img ]'
  eventually 20 runs
  [ "$(job_pid)" != "$pid" ]
  [ "$(stat -c %i "$MAC/root/private/var/lib/virby/disk.img")" != "$disk" ]
  [ "$(stat -c %i "$MAC/root/private/var/lib/virby/store.img")" = "$store" ]

  switch '{ services.virby.enable = false; }'
  run -1 mac pgrep -u 348 .
  mac test ! -e /var/lib/virby
  run -56 mac dscl . -read /Users/_virby
}
