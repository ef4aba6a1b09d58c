#!/usr/bin/env bats
# virby-doctor(1), as far as it goes without a guest: settings, folder, keys, disk, lock, driver, job and port.

load helpers
load scripts
load doctor

@test "a builder that is down: nothing is wrong, and nobody is started or changed by looking" {
  listen
  before=$(find builder system -printf '%P %m %i %T@ %C@ %s\n' | sort | sha256sum)
  run --separate-stderr -0 doctor
  [ "$stderr" = "" ]
  [ "$(sed 's/SHA256:.*/SHA256:…/; s/allocated .*/allocated …/; s/  *$//' <<<"$output" | grep -v '^ok  *driver\|^ok  *nix ')" = "ok        settings   of the environment, or defaults
ok        folder     '$VIRBY_DIR', of '$(id -un)'
ok        keys       host key SHA256:…
ok        ssh-config '$VIRBY_DIR/ssh_config'
ok        disk       size 32.0 MiB, allocated …
ok        lock       nobody has the disk in use: the VM is down
skipped   job        there is no service manager here
ok        port       systemd-socket- at 127.0.0.1:$VIRBY_PORT
skipped   runs       there is no log in '$VIRBY_DIR/log' yet
skipped   guest      the VM is down
ok        machines   ssh-ng://virby-vm x86_64-linux - 1 1 benchmark,big-parallel - -
ok        root-ssh   '$PWD/system/etc/ssh/ssh_config'

verdict   down: nothing is wrong as far as can be seen while the VM is down
remedy    'virby-doctor --start' starts it and looks at the rest" ]
  [ "$(find builder system -printf '%P %m %i %T@ %C@ %s\n' | sort | sha256sum)" = "$before" ]
  [ ! -e connected ]
  run --separate-stderr -0 doctor --json
  [ "$(jq -r '.verdict, .level, (.found | length)' <<<"$output")" = 'down
none
0' ]
}

@test "options that there are not, and the help" {
  run --separate-stderr -64 virby-doctor now
  [ "$output" = "" ]
  [ "$stderr" = "virby-doctor: unknown argument 'now'
virby-doctor: hint: see 'virby-doctor --help'" ]
  for option in --wait --label --root; do
    run --separate-stderr -64 virby-doctor "$option"
    [ "${stderr%%$'\n'*}" = "virby-doctor: no value for '$option'" ]
  done
  run --separate-stderr -64 virby-doctor --wait 30
  [ "${stderr%%$'\n'*}" = "virby-doctor: '30' is not a duration, such as 90s" ]
  run --separate-stderr -64 virby-doctor --root nowhere
  [ "${stderr%%$'\n'*}" = "virby-doctor: 'nowhere' is not a directory" ]
  run --separate-stderr -0 virby-doctor --help
  [ "${lines[0]}" = 'usage: virby-doctor [--json] [--start] [--wait DURATION] [--label LABEL] [--root DIR]' ]
  [ "$stderr" = "" ]
}

@test "JSON whatever is found, by any awk" {
  listen
  mkdir awks
  for awk in mawk original-awk gawk; do
    if ! command -v "$awk" >/dev/null; then continue; fi
    ln -sf "$(type -P "$awk")" awks/awk
    printf 'a\\b "c" \\d\xffe\tf %%s\n' >builder/disk.img.unclean
    PATH=$PWD/awks:$PATH verdict unclean-stop warning
    # What is not UTF-8 is left out, and a control character is a blank.
    [ "$(jq -r '.found[0].evidence[0]' said)" = 'a\b "c" \de f %s' ]
  done
}

@test "settings that mean nothing" {
  VIRBY_PORT=70000 verdict settings-value fault "'70000' is not a port"
  VIRBY_HOST='a b' VIRBY_MEMORY=6GB VIRBY_TTL=10 verdict settings-value fault \
    "'a b' is not a host name '6GB' is not a guest's memory '10' is not a duration"
  VIRBY_DRIVER=vmware verdict settings-value fault "'vmware' is not a driver"
  VIRBY_NIX_CONF=$PWD/gone finds settings-missing warning "VIRBY_NIX_CONF=$PWD/gone is not a file"
}

@test "settings that cannot be read" {
  mkdir own
  cp -R "$REPO/scripts/." own/
  echo 'fail 65 "line 3 is not a setting" "write NAME=value"' >>own/settings
  run --separate-stderr -1 own/virby-doctor
  [ "$stderr" = "" ]
  [[ $output == *'
verdict   settings-file: the settings cannot be read
evidence  virby-doctor: line 3 is not a setting virby-doctor: hint: write NAME=value
'* ]]
}

@test "commands that are not there" {
  mkdir bin
  for command in image keys lease forward idle; do ln -s "$(type -P "virby-$command")" bin; done
  PATH=${PATH//$VIRBY_BIN:/}
  VIRBY_BIN=$PWD/bin verdict commands-none fault "there is no 'virby-boot'"
}

@test "more than this machine has, a Mac that is too old, and one without Rosetta" {
  VIRBY_MEMORY=900000GiB verdict settings-beyond-host fault 'VIRBY_MEMORY=900000GiB, and this machine has'
  on_a_mac
  VIRBY_CORES=9 finds settings-beyond-host fault 'VIRBY_CORES=9, and this machine has 8'
  VIRBY_ROSETTA=yes finds rosetta-none fault
  mkdir -p system/Library/Apple/usr/libexec/oah
  VIRBY_ROSETTA=yes run ! finds rosetta-none fault
  tool sw_vers <<<'echo 13.6.1'
  finds macos-old fault 'sw_vers: 13.6.1'
}

@test "the folder: none, a link, a file, or open to others" {
  VIRBY_DIR=$PWD/none verdict folder-none fault "there is no '$PWD/none'"
  ln -s builder link
  VIRBY_DIR=$PWD/link verdict folder-unsafe fault 'is a symbolic link'
  VIRBY_DIR=$PWD/image verdict folder-unsafe fault 'is not a directory'
  chmod g+w builder
  verdict folder-unsafe fault 'others may write to'
}

@test "the folder: something in it belongs to another" {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to give files away'; fi
  chown nobody builder/disk.img
  verdict folder-owner fault "nobody owns '$VIRBY_DIR/disk.img'"
}

@test "the folder: no room on this machine" {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to mount a file system'; fi
  mkdir small
  unshare --mount sh -c 'mount -t tmpfs -o size=64M,mode=700 small small && cp -a builder/. small && VIRBY_DIR=$PWD/small exec "$@"' - \
    virby-doctor --root system --json >said || true
  jq -e '.found[] | select(.code == "host-disk-full") | .level == "fault" and (.evidence | length) == 1' said
}

# in_the_open: the builder in a folder that others can get to.
in_the_open() {
  open=$(mktemp -d)
  chmod 755 "$open"
  mv builder system image "$open"
  cd "$open" || return
  VIRBY_DIR=$open/builder
  virby-prepare
  sed -i "s|$BATS_TEST_TMPDIR|$open|g" system/etc/ssh/ssh_config system/etc/ssh/ssh_config.d/*
  listen
}

@test "without the right to read the folder: what is left out is said, and the rest is looked at" {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to become another user'; fi
  for_everyone
  in_the_open
  mkdir home
  user() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$PWD/home" "$@"
  }
  run --separate-stderr -0 user virby-doctor --root system
  [ "$stderr" = "" ]
  [[ $output == *"
unseen    folder     no right to read '$VIRBY_DIR', which belongs to 'root'
"* ]]
  [[ $output == *"
verdict   partial: nothing is wrong in what could be looked at
unseen    folder (run this with sudo, or as 'root')" ]]
  run -0 user virby-doctor --root system --json
  [ "$(jq -c '.verdict, .unseen' <<<"$output")" = '"partial"
["folder"]' ]
}

@test "root looks at the folder of another user as that user" {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to give a folder away'; fi
  for_everyone
  in_the_open
  chown -R nobody builder
  run --separate-stderr -0 doctor
  [ "$stderr" = "" ]
  [[ $output == *"
ok        folder     '$VIRBY_DIR', of 'nobody'
ok        keys       host key SHA256:"* ]]
  [[ $output == *'
verdict   down: '* ]]
}

@test "the keys: none, not complete, not to be used, or in use" {
  mv builder/keys keys
  verdict keys-none fault
  cp -a keys builder/keys
  rm builder/keys/ssh_known_hosts
  verdict keys-incomplete fault ssh_known_hosts
  cp -a keys/. builder/keys
  chmod 644 builder/keys/ssh_user_ed25519_key
  verdict keys-refused fault ssh_user_ed25519_key
}

@test "the keys: another virby-keys is at work, and a rotation is nothing wrong" {
  listen
  virby-keys rotate builder/keys >/dev/null
  run -0 doctor
  [[ $output == *', or during this rotation SHA256:'* ]]
  # virby-keys waits ten seconds.
  flock builder/keys sleep 60 3>&- &
  started+=($!)
  eventually 5 locked builder/keys
  rest=$(pgrep -P "$!")
  verdict keys-busy warning 'is in use by another process'
  kill "$rest"
}

@test "ssh_config: none, or for another port" {
  port=$VIRBY_PORT
  VIRBY_PORT=1 finds ssh-config-stale fault "port $port; VIRBY_HOST=virby-vm VIRBY_PORT=1"
  rm builder/ssh_config
  verdict ssh-config-none fault
}

@test "the disk: none, with and without an image; not raw; without a table" {
  mv builder/disk.img disk
  verdict disk-none fault VIRBY_IMAGE=image
  VIRBY_IMAGE='' verdict image-none fault
  { printf 'QFI\xfb' && head -c 1048572 /dev/zero; } >builder/disk.img
  verdict disk-format fault 'is a qcow2 image'
  head -c 1048576 /dev/zero >builder/disk.img
  verdict disk-table fault
  # With a kernel of its own it needs no table.
  VIRBY_KERNEL=$PWD/image run ! finds disk-table fault
}

@test "the lock: who has the disk in use, if not virby-boot" {
  flock builder/disk.img.lock sleep 60 3>&- &
  started+=($!)
  eventually 5 locked builder/disk.img.lock
  rest=$(pgrep -P "$!")
  verdict lock-orphaned fault "'$VIRBY_DIR/disk.img.lock'"
  kill "$rest"
  eventually 5 eval '! virby-image holder builder/disk.img'
  python3 - 3>&- <<'END' &
import fcntl, os, time
lock = open("builder/disk.img.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.write(f"{os.getpid()}\n")
lock.flush()
time.sleep(60)
END
  started+=($!)
  eventually 10 eval '[ "$(virby-image holder builder/disk.img)" = "$!" ]'
  verdict lock-held fault "pid $!: "
  kill "$!"
  tail -f builder/disk.img >/dev/null 3>&- &
  started+=($!)
  eventually 5 eval 'fuser -s builder/disk.img'
  verdict disk-in-use fault "$! tail has '$VIRBY_DIR/disk.img' open"
}

@test "the last run: not ended cleanly, with an error, without a keychain, without the local network" {
  listen
  echo 'the guest was stopped by force' >builder/disk.img.unclean
  verdict unclean-stop warning 'the guest was stopped by force'
  cat >builder/log/virbyd.log <<'END'
2026-11-20 10:00:00 virby-boot: an older error
2026-11-20 10:00:01 starting driver=vfkit pid=1 mac=02:94:00:0a:01:02
2026-11-20 10:00:02 virby-boot: warning: nothing of note
2026-11-20 10:00:03 virby-boot: driver 'vfkit' exited with status 1 before the guest was running
2026-11-20 10:00:03 stopped how=failed status=1
END
  finds start-failed warning "virby-boot: driver 'vfkit' exited with status 1 before the guest was running"
  run ! grep -q 'an older error\|nothing of note' said
  printf '2026-11-20 10:00:0%s\n' '4 begin pid=1 listen=fd:3' '5 end status=71' >>builder/log/virbyd.log
  finds start-failed warning 'end status=71'
  run ! grep -q 'before the guest was running' said
  sed -i '$d' builder/log/virbyd.log
  printf '2026-11-20 10:00:0%s\n' '5 end status=0 stages=0,0,0,0' >>builder/log/virbyd.log
  run ! finds start-failed warning
  sed -i '$d' builder/log/virbyd.log
  echo '2026-11-20 10:00:03 Error Domain=NSOSStatusErrorDomain Code=-25308 "user interaction is not allowed"' >>builder/log/virbyd.log
  finds keychain fault -25308
  sed -i '$d' builder/log/virbyd.log
  echo "2026-11-20 10:00:03 virby-forward: cannot connect to '192.168.64.7:22': No route to host, or macOS denies this program access to the local network (Privacy & Security)" >>builder/log/virbyd.log
  finds local-network fault 'No route to host'
}

@test "the console: a panic, and what the guest could not use" {
  listen
  printf "virby: 'nix.conf' line 3 is left out: Nix does not take it\r\n" >builder/log/serial.log
  verdict guest-complains warning "'nix.conf' line 3 is left out"
  printf '[    1.2] Kernel panic - not syncing: Attempted to kill init!\r\n' >>builder/log/serial.log
  verdict guest-panic fault 'Attempted to kill init'
}

@test "the port: nobody, a stranger, all addresses, another address" {
  verdict port-closed fault
  python3 -m http.server --bind 127.0.0.1 "$VIRBY_PORT" >/dev/null 2>&1 3>&- &
  started+=($!)
  eventually 10 eval '(: <>"/dev/tcp/127.0.0.1/$VIRBY_PORT") 2>/dev/null'
  verdict port-taken fault "python3, pid $!, at 127.0.0.1:$VIRBY_PORT"
  free_port
  virby-prepare
  listen 0.0.0.0
  finds port-open warning "*:$VIRBY_PORT"
  free_port
  virby-prepare
  listen 127.0.0.2
  finds port-elsewhere fault "127.0.0.2:$VIRBY_PORT"
}

@test "the job of systemd: not loaded, masked, failed" {
  mkdir -p system/run/systemd/system system/etc/systemd/system
  tool systemctl <<<'echo LoadState=loaded; echo ActiveState=${SOCKET:-active}; echo UnitFileState=enabled; echo ExecMainStatus=69'
  listen
  SOCKET=inactive run ! finds job-unloaded fault
  : >system/etc/systemd/system/virbyd.socket
  SOCKET=inactive verdict job-unloaded fault ActiveState=inactive
  SOCKET=failed verdict job-failed warning 'virbyd.socket: LoadState=loaded ActiveState=failed'
  tool systemctl <<<'echo LoadState=masked; echo ActiveState=inactive; echo UnitFileState=masked'
  verdict job-disabled fault masked
  tool systemctl <<<'case $2 in *.socket) echo ActiveState=active ;; *) echo ActiveState=failed; echo ExecMainStatus=69 ;; esac'
  verdict job-failed warning 'virbyd.service: ActiveState=failed ExecMainStatus=69'
}

@test "the job of launchd: not loaded, switched off, failed" {
  on_a_mac
  driver_of_a_mac
  listen
  run ! finds job-unloaded fault
  mkdir -p system/Library/LaunchDaemons
  : >system/Library/LaunchDaemons/org.nixos.virbyd.plist
  verdict job-unloaded fault 'Could not find service "system/org.nixos.virbyd"'
  tool launchctl <<'END'
case $1 in print) exit 113 ;; print-disabled) printf 'disabled services = {\n\t"org.nixos.virbyd" => disabled\n}\n' ;; esac
END
  verdict job-disabled fault "'org.nixos.virbyd' is disabled"
  tool launchctl <<'END'
printf 'system/%s = {\n\tstate = not running\n\tlast exit code = 69\n}\n' x
END
  verdict job-failed warning 'last exit code = 69'
}

# driver_of_a_mac: the stand-in for vfkit, signed as it should be.
driver_of_a_mac() {
  export VIRBY_DRIVER=vfkit
  PATH=$REPO/Tests/standins:$PATH
  tool codesign <<<'echo "[Key] com.apple.security.virtualization"'
}

@test "the driver: none, too old, not signed, without its companions, not to be started so" {
  VIRBY_DRIVER=vfkit verdict driver-none fault PATH=
  on_a_mac
  driver_of_a_mac
  STANDIN='version=v0.6.1' finds driver-old fault 'vfkit version: v0.6.1'
  VIRBY_SHARES="x=$PWD/gone" finds driver-options fault "cannot open '$PWD/gone'"
  tool codesign <<<'echo Executable=vfkit'
  finds driver-unentitled fault com.apple.security.virtualization
  tool krunkit <<<'echo krunkit 1.2'
  VIRBY_DRIVER=krunkit PATH=${PATH//$REPO\/Tests\/standins:/} finds driver-incomplete fault "'vmnet-helper', which is krunkit's network"
}
