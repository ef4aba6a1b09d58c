#!/usr/bin/env bats
# Folders that the guest may mount: whichever way they come, what either side writes the other reads.

load builder

# A guest of one program, /share, beside the builder's own initrd: it mounts its keys and the share 'common' as the
# kernel's command line says, reads what is there, writes a line, and powers off. Its modules come from the image.
share_initrd() {
  local start modules module
  start=$(virby-image inspect --json "$VIRBY_IMAGE" | jq '.partitions[-1].first * .sectorSize')
  modules=$(debugfs -R 'ls -p /lib/modules' "$VIRBY_IMAGE?offset=$start" 2>/dev/null |
    awk -F / '$6 ~ /^[0-9]/ { print "/lib/modules/" $6 "/kernel" }')
  mkdir -p extra/share-modules
  for module in fs/fuse/fuse fs/fuse/virtiofs fs/netfs/netfs fs/fscache/fscache net/9p/9pnet \
    net/9p/9pnet_virtio fs/9p/9p; do
    debugfs -R "dump $modules/$module.ko extra/share-modules/${module##*/}.ko" \
      "$VIRBY_IMAGE?offset=$start" 2>/dev/null
  done
  cat >extra/share <<'EOT'
#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
while read -r module; do insmod "$module"; done </modules
exec >/dev/console 2>&1
for module in netfs fscache fuse virtiofs 9pnet 9pnet_virtio 9p; do insmod "/share-modules/$module.ko"; done
read -r cmdline </proc/cmdline
mkdir /mnt /keys
mount -r -t ${cmdline##*share=} virby-keys /keys && cat /keys/setting /keys/ssh_user_ed25519_key.pub
umount /keys
mount -t ${cmdline##*share=} common /mnt && cat /mnt/from-host && echo 'from the guest' >/mnt/from-guest
umount /mnt
sync; sleep 1; poweroff -f
EOT
  chmod +x extra/share
  (cd extra && find . | busybox cpio -o -H newc 2>/dev/null) >extra.cpio
  cat "$VIRBY_INITRD" extra.cpio >initrd
}

# shares TYPE OPTION...: a guest mounts the share by that type of file system.
shares() {
  mkdir common
  echo 'from the host' >common/from-host
  mkdir settings
  echo 'a setting' >settings/setting
  virby-boot --accelerator "${VIRBY_ACCELERATOR:-tcg}" -m 512 --share common=common --serial console "${@:2}" \
    --keys "$VIRBY_DIR/keys" --settings settings --kernel "$VIRBY_KERNEL" --initrd initrd --cmdline "console=hvc0 quiet rdinit=/share share=$1" \
    "$VIRBY_DIR/disk.img" >events
  cat console
  [ "$(tail -n 1 events)" = 'stopped how=guest status=0' ]
  grep -qx $'from the host\r*' console
  grep -qx $'a setting\r*' console
  grep -qxF "$(cat "$VIRBY_DIR/keys/ssh_user_ed25519_key.pub")" <(tr -d '\r' <console)
  [ "$(cat common/from-guest)" = 'from the guest' ]
  nothing_left
}

@test "a folder by 9p" {
  share_initrd
  shares '9p -o trans=virtio'
}

@test "a folder by virtiofs, as on macOS" {
  share_initrd
  shares virtiofs --share-by virtiofs
}
