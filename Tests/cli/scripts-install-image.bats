#!/usr/bin/env bats
# Where virby-install has the image from, and what becomes of it when it is stopped at any point.

load helpers
load install

# make_release: a folder as scripts/guest/release makes it, with an image that is no guest. Sets `hash`.
make_release() {
  mkdir release
  gzip -c image >release/virby-guest-arm64.img.gz
  for part in vmlinuz initrd; do head -c 100000 /dev/urandom >"release/virby-guest-arm64.$part"; done
  echo 'root=/dev/vda1 quiet' >release/virby-guest-arm64.cmdline
  (cd release && sha256sum virby-guest-* >SHA256SUMS)
  hash=$(sha256sum <release/SHA256SUMS | cut -d ' ' -f 1)
}

@test "a release, by the checksum of its checksums; --direct-boot takes its kernel; what was fetched goes" {
  make_mac
  make_release
  mac_tree >before
  run --separate-stderr -0 install --release "file://$PWD/release" --sha256 "$hash" --direct-boot
  [ "$stderr" = "" ]
  cmp "$MAC/root/var/lib/virby/image.img" image
  cmp "$MAC/root/var/lib/virby/vmlinuz" release/virby-guest-arm64.vmlinuz
  cmp "$MAC/root/var/lib/virby/initrd" release/virby-guest-arm64.initrd
  grep -Fx 'VIRBY_CMDLINE=root=/dev/vda1 quiet' "$MAC/root/etc/virby/virby-vm.conf"
  grep -Fx 'VIRBY_KERNEL=/var/lib/virby/vmlinuz' "$MAC/root/etc/virby/virby-vm.conf"
  [ ! -e "$MAC/root/Library/Caches/virby" ]
  run --separate-stderr -0 install --release "file://$PWD/release" --sha256 "$hash" --direct-boot
  [ "$output" = 'nothing to do' ]

  # Another image does not cost a disk that is there.
  disk=$(sha256sum "$MAC/root/var/lib/virby/disk.img" "$MAC/root/var/lib/virby/keys"/ssh_*)
  echo other >>release/virby-guest-arm64.cmdline
  (cd release && sha256sum virby-guest-* >SHA256SUMS)
  other=$(sha256sum <release/SHA256SUMS | cut -d ' ' -f 1)
  run --separate-stderr -65 install --release "file://$PWD/release" --sha256 "$other"
  [ "$stderr" = "virby-install: there is a disk already, made from another image
virby-install: hint: leave the image out to keep it; with --replace-disk it is made anew, and what was built is lost" ]
  [ "$(sha256sum "$MAC/root/var/lib/virby/disk.img" "$MAC/root/var/lib/virby/keys"/ssh_*)" = "$disk" ]
  echo garbage | dd of="$MAC/root/var/lib/virby/disk.img" bs=1M seek=2 conv=notrunc status=none
  run --separate-stderr -0 install --release "file://$PWD/release" --sha256 "$other" --replace-disk
  [ "$(sha256sum "$MAC/root/var/lib/virby/disk.img" "$MAC/root/var/lib/virby/keys"/ssh_*)" = "$disk" ]
  uninstall --yes >/dev/null
  same_tree before
}

@test "another image, where the store has a disk of its own: the builder takes it, and the store stays" {
  make_mac
  run -0 install --image "$PWD/image" --set VIRBY_STORE_SIZE=1GiB
  echo built | dd of="$MAC/root/var/lib/virby/store.img" conv=notrunc status=none
  cp image other
  echo other | dd of=other bs=1M seek=2 conv=notrunc status=none
  run --separate-stderr -0 install --image "$PWD/other"
  [ "$stderr" = "" ]
  cmp "$MAC/root/var/lib/virby/image.img" other
  run -1 mac virby status
  [[ $output == *"a new one is there: /var/lib/virby/image.img; 'virby upgrade' takes it, or the next start"* ]]
  run -0 mac virby upgrade
  cmp <(dd if="$MAC/root/var/lib/virby/disk.img" bs=1M skip=2 count=1 status=none) <(dd if=other bs=1M skip=2 count=1 status=none)
  [ "$(head -c 5 "$MAC/root/var/lib/virby/store.img")" = built ]
  run -0 mac virby rollback
  cmp <(dd if="$MAC/root/var/lib/virby/disk.img" bs=1M skip=2 count=1 status=none) <(dd if=image bs=1M skip=2 count=1 status=none)
  run -0 install --image "$PWD/other"
  [ "$output" = 'nothing to do' ]
  run -1 mac virby status
  [[ $output == *"it was rolled back, and 'virby upgrade' takes it"* ]]
}

@test "an image that is missing, is another, is not unpacked here, or has no room: nothing is lost" {
  make_mac
  mac_tree >before
  zero=$(printf '%064d' 0)
  run --separate-stderr -64 mac env VIRBY_BIN=/.rig/bin "$REPO/scripts/virby-install"
  [ "${stderr_lines[0]}" = 'virby-install: there is no image to make the disk from' ]
  run --separate-stderr -65 install --sha256 "$zero"
  [ "${stderr_lines[0]}" = "virby-install: '$PWD/image' is not what was asked for: its checksum is $(sha256sum <image | cut -d ' ' -f 1), not $zero" ]
  zstd -q image
  run --separate-stderr -69 install --image "$PWD/image.zst"
  [ "${stderr_lines[0]}" = "virby-install: there is no program that unpacks '.zst'" ]
  same_tree before
  mkdir -p "$MAC/root/var/lib"
  mac_linux mount -t tmpfs -o size=2M tmpfs /private/var/lib
  cp image full && dd if=/dev/urandom of=full bs=1M seek=3 count=8 conv=notrunc status=none
  run --separate-stderr -71 install --image "$PWD/full"
  [ "${stderr_lines[0]}" = "virby-install: '/var/lib' has 2 MiB free, and 16 MiB are needed" ]
  mac_linux umount /private/var/lib
  rmdir "$MAC/root/var/lib"
  same_tree before

  make_release
  run --separate-stderr -69 install --release "file://$PWD/nowhere" --sha256 "$hash"
  [[ $stderr == *"virby-install: cannot fetch 'file://$PWD/nowhere/SHA256SUMS'"* ]]
  run --separate-stderr -65 install --release "file://$PWD/release" --sha256 "$zero"
  [ "${stderr_lines[0]}" = "virby-install: 'file://$PWD/release/SHA256SUMS' is not what was asked for: its checksum is $hash, not $zero" ]
  printf x >>release/virby-guest-arm64.img.gz
  run --separate-stderr -65 install --release "file://$PWD/release" --sha256 "$hash"
  [[ $stderr == "virby-install: 'file://$PWD/release/virby-guest-arm64.img.gz' is not what was asked for: "* ]]
  # It has begun, so there is something to take away; and Nix has not been told of it.
  [ ! -e "$MAC/root/etc/nix/machines" ]
  uninstall --yes >/dev/null
  same_tree before
}

@test "a download that breaks off goes on where it was, in this run or in the next" {
  make_mac
  make_release
  mac_linux python3 "$REPO/Tests/cli/breaking.py" "$PWD/release" 31999 >served 3>&- &
  server=$!
  eventually 10 occurs listening served
  size=$(stat -c %s release/virby-guest-arm64.vmlinuz)
  # Each connection brings 30,000 bytes at most.
  run -0 install --release http://127.0.0.1:31999 --sha256 "$hash" --direct-boot
  cmp "$MAC/root/var/lib/virby/vmlinuz" release/virby-guest-arm64.vmlinuz
  grep -Fx "/virby-guest-arm64.vmlinuz bytes=30000-" served
  grep -Fx "/virby-guest-arm64.vmlinuz bytes=90000-" served
  [ "$size" = 100000 ]
  uninstall --yes >/dev/null

  # One that breaks off for good keeps what has come.
  touch release/dead
  run --separate-stderr -69 install --release http://127.0.0.1:31999 --sha256 "$hash"
  [[ $stderr == *"virby-install: cannot fetch 'http://127.0.0.1:31999/virby-guest-arm64.img.gz'; what has come is kept"* ]]
  [ "$(cat "$MAC"/root/Library/Caches/virby/*.part | head -c 1000 | cmp - <(head -c 1000 release/virby-guest-arm64.img.gz))" = "" ]
  rm release/dead
  run -0 install --release http://127.0.0.1:31999 --sha256 "$hash"
  cmp "$MAC/root/var/lib/virby/image.img" image
  kill "$server"
  wait "$server" || true
}

# killed WORDS: the installer, with all that it has started, when it says that it does that.
killed() {
  local line pid
  [ -p said ] || mkfifo said
  setsid nsenter --target "$MAC_PID" --mount --pid --net --uts --ipc --root --wdns=/ /.linux/usr/bin/env -i \
    "PATH=$MAC_PATH" VIRBY_BIN=/.rig/bin "${command[@]}" >said 2>/dev/null 3>&- &
  pid=$!
  while IFS= read -r line; do
    # shellcheck disable=SC2053 # a pattern
    if [[ $line == $1 ]]; then
      # At any moment of it; it may be over already.
      sleep "0.0$((RANDOM % 10))"
      kill -KILL -- "-$pid" 2>/dev/null || true
    fi
  done <said
  wait "$pid" 2>/dev/null || true
}

@test "kill -9 in each step, of installing and of uninstalling: the next run heals it" {
  make_mac
  mac_tree >before
  command=("$REPO/scripts/virby-install" --image "$PWD/image" --disk-size 32MiB)
  for words in 'make group*' 'set PrimaryGroupID of*Groups*' 'make user*' 'set UniqueID*' "make '/var/lib/virby'*" \
    '*libexec/virby/virby-allow*' '*libexec/virby/virbyd*' '*virby-keys*' 'link*' 'make*image.img*' '*virby-vm.conf*' \
    'make*disk.img*' '*plist*' 'load*' '*100-virby-vm.conf*' '*lines of*'; do
    killed "$words"
  done
  run --separate-stderr -0 install
  run --separate-stderr -0 mac virby-install
  [ "$output" = 'nothing to do' ]
  mac virby-machines --check
  mac launchctl print system/org.nixos.virbyd >/dev/null
  [ -z "$(find "$MAC/root" -name '*.virby-new')" ]

  command=("$REPO/scripts/virby-uninstall" --yes)
  for words in 'take*' '*100-virby-vm.conf*' 'stop*' '*plist*' "delete '/var*" 'delete user*' 'delete group*' \
    '*bin/virby-keys*' '*libexec/virby/settings*' '*libexec*if it is empty'; do
    killed "$words"
  done
  uninstall --yes
  same_tree before
}

@test "--keep-data: disk and keys wait for the next installation, as nobody's but root's" {
  make_mac
  install >/dev/null
  kept=$(sha256sum "$MAC/root/var/lib/virby/disk.img" "$MAC/root/var/lib/virby/keys"/ssh_*)
  run -0 uninstall --keep-data
  [ "$(find "$MAC/root/var/lib" ! -user 0)" = "" ]
  run -0 mac env VIRBY_BIN=/.rig/bin "$REPO/scripts/virby-install" --disk-size 32MiB
  [ "$(sha256sum "$MAC/root/var/lib/virby/disk.img" "$MAC/root/var/lib/virby/keys"/ssh_*)" = "$kept" ]
  [ "$(find "$MAC/root/var/lib/virby" -user 0)" = "" ]
  [ ! -e "$MAC/root/var/lib/virby/kept" ]
}

@test "a VM with clients is not stopped unasked" {
  make_mac
  install >/dev/null
  mac_linux python3 - <<'END' >holder 3>&- &
import fcntl, os, signal, time
lock = open("/private/var/lib/virby/disk.img.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.write(f"{os.getpid()}\n")
lock.flush()
print("held", os.getpid(), flush=True)
time.sleep(600)
END
  eventually 10 occurs held holder
  mac nc 127.0.0.1 31222 </dev/zero >/dev/null 3>&- &
  eventually 10 eval 'mac lsof -nP -iTCP:31222 -sTCP:ESTABLISHED >/dev/null'
  mac_tree >installed
  run --separate-stderr -75 mac virby-install --port 31333
  [ "$stderr" = "virby-install: the VM has clients, and would have to be stopped
virby-install: hint: wait until they are gone, or give --now" ]
  # What does not need it is done, and when it counts is told.
  run --separate-stderr -0 mac virby-install --ttl 5m
  [ "$output" = "write '/etc/virby/virby-vm.conf'
the VM is running; changed settings take effect when it starts the next time" ]
  mac kill "$(sed 's/held //' holder)"
  run -0 mac virby-install --port 31333 --now
}
