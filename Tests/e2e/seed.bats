#!/usr/bin/env bats
# A stock cloud image becomes a builder by its seed, once, and keeps the same contract as the guest that is made here.

load builder

setup_file() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make the image, and for virtiofsd'; fi
  local image
  image=$("$REPO/Tests/e2e/cloud/build")
  export VIRBY_IMAGE=$image/disk.img VIRBY_KERNEL=$image/vmlinuz VIRBY_INITRD=$image/initrd
  VIRBY_CMDLINE=$(cat "$image/cmdline")
  # Its kernel knows no 9p.
  export VIRBY_CMDLINE VIRBY_SEED=yes VIRBY_SHARE_BY=virtiofs
  # More would be in each other's way: one thread emulates them all.
  export VIRBY_CORES=1
}

# off N: the power button is pressed, and the guest powers off cleanly, for the Nth time.
off() {
  kill -TERM "$(cat virbyd.pid)"
  eventually 60 ended "$1" 0
  occurs 'stopped how=asked status=0' "$log"
  nothing_left
  clean_disk
}

@test "a cloud image and a seed: keys and settings from the share, a build, power off; new keys at the second boot, and no work again" {
  printf '%s\n' 'max-jobs = 3' 'nonsense' >nix.conf
  export VIRBY_NIX_CONF=$PWD/nix.conf
  serve
  began=$(now)
  guest true
  figure "first boot: login $(since "$began") after connecting"
  built "$(build seeded)" seeded

  # What virby-guest(7) says.
  guest '
    nix config show | grep -E "^(max-jobs|trusted-users|builders|build-users-group) "
    ls /run/virby
    systemctl --failed --no-legend
    stat -c "set up %i %Y" /var/lib/virby/set-up
    /usr/lib/virby/busy
    echo "busy $?"' >first
  cat first
  grep -x 'max-jobs = 3' first
  grep -x 'trusted-users = root builder' first
  grep -x 'busy 1' first
  run ! grep -e ssh_user -e given -e share -e failed first
  grep -F "virby: 'nix.conf' line 2 is left out: " "$log"
  guest_root 'grep -qx ClientIdentifier=mac /run/systemd/network/*.network'
  # Nobody but the keys' owner.
  run -255 ssh -n -F /dev/null -p "$VIRBY_PORT" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o IdentityFile=/dev/null builder@127.0.0.1
  # As before a power off: collects garbage within limits, gives free blocks back.
  virby-close
  began=$(now)
  off 1
  figure "powered off $(since "$began") after the power button"

  # As after a power cut in the first minute.
  start=$(virby-image inspect --json "$VIRBY_DIR/disk.img" | jq '.partitions[-1].first * .sectorSize')
  mkdir root
  mount -o "loop,offset=$start" "$VIRBY_DIR/disk.img" root
  : >root/nix/var/nix/db/schema
  umount root

  # The keys are exchanged at the second boot, by which cloud-init has nothing to do.
  rm nix.conf
  unset VIRBY_NIX_CONF
  retire
  before=$(virby-keys fingerprint "$VIRBY_DIR/keys/ssh_host_ed25519_key")
  serve
  began=$(now)
  virby-rotate
  figure "second boot: new keys proved $(since "$began") after connecting"
  [ "$(virby-keys fingerprint "$VIRBY_DIR/keys/ssh_host_ed25519_key")" != "$before" ]
  guest '
    nix config show | grep "^max-jobs "
    stat -c "set up %i %Y" /var/lib/virby/set-up
    systemctl show -p ConditionResult virby-setup.service
    ls /var/lib/cloud/instances | wc -l' >second
  cat second
  run ! grep -x 'max-jobs = 3' second
  [ "$(grep '^set up' second)" = "$(grep '^set up' first)" ]
  grep -x 'ConditionResult=no' second
  [ "$(tail -n 1 second)" = 1 ]
  built "$(build again)" again
}
