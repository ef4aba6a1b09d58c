#!/usr/bin/env bats
# virby-doctor(1) and the real guest: one that is well, and then what can be wrong inside of it.

load builder

# The system that virby-doctor is to look at, with a Nix that is told of the builder as it is.
know_builder() {
  mkdir -p system/etc/nix system/etc/ssh
  : >system/etc/nix/nix.conf
  echo "ssh-ng://$VIRBY_HOST $(system) - 2 1 benchmark,big-parallel - -" >system/etc/nix/machines
  install -m 644 "$VIRBY_DIR/ssh_config" system/etc/ssh/ssh_config
}

# diagnosed CODE LEVEL [TEXT]: that is the verdict, with TEXT in its message or evidence.
diagnosed() {
  virby-doctor --root system --wait "${PATIENCE}s" --json >said || true
  jq -e --arg code "$1" --arg level "$2" --arg text "${3-}" '.verdict == $code and .level == $level and
    ($level == "none" or (.found[0] | .message + " " + (.evidence | join(" ")) | contains($text)))' said || {
    jq -c '.verdict, .found[], .steps[]' said
    tail -n 20 todo.log
    return 1
  }
}

# as_root: the guest's root does what it reads; what is not done shows in the diagnosis.
as_root() {
  guest_root "echo $(base64 | tr -d '\n') | base64 -d | sh -x" >todo.log 2>&1 || true
}

# leave_free MEBIBYTES: no more than that is free in the guest.
leave_free() {
  as_root <<END
rm -f /var/fill
free=\$(df -Pk / | awk 'NR == 2 { print int(\$4 / 1024) }')
fallocate -l "\$((free - $1))M" /var/fill
END
}

@test "a VM that is started to be looked at is well; then its clock, its disk and its key are not" {
  unset NIX_CONF_DIR NIX_CONFIG NIX_USER_CONF_FILES
  export HOME=$PWD
  serve
  know_builder
  diagnosed down none
  [ "$(grep -c running "$log")" = 0 ]
  began=$(now)
  run -0 virby-doctor --root system --start
  [[ $output == *'
verdict   ok: nothing is wrong' ]]
  figure "virby-doctor --start, the guest's start included: $(since "$began")"
  stay
  began=$(now)
  diagnosed ok none
  figure "virby-doctor at a guest that runs: $(since "$began")"

  # Without a hardware clock, by which each login would set it.
  as_root <<'END'
cd /sys/class/rtc/rtc0/device
basename "$(pwd -P)" >driver/unbind
date -s @$(($(date +%s) - 3600))
END
  diagnosed clock fault ' seconds behind'
  # By as much as before, whenever that is done.
  echo 'date -s @$(($(date +%s) + 3600))' | as_root
  leave_free 700
  diagnosed guest-disk-low warning 'MiB are free in /nix/store'
  leave_free 300
  diagnosed guest-disk-full fault 'MiB are free in /nix/store'

  mv "$VIRBY_DIR/keys" keys
  virby-keys ensure -a "$VIRBY_HOST" "$VIRBY_DIR/keys"
  diagnosed host-key fault "what answers has $(virby-keys fingerprint keys/ssh_host_ed25519_key)"
  rm -r "$VIRBY_DIR/keys"
  mv keys "$VIRBY_DIR/keys"

  # As the kernel does after an error of the disk; what asked for it cannot be written down any more.
  echo 'echo u >/proc/sysrq-trigger; sleep 1' | as_root
  diagnosed guest-read-only fault '/ is ro'
  leave
}
