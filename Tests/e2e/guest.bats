#!/usr/bin/env bats
# What the guest does by itself: it survives what builds do to it, and can be reached without a network.
# shellcheck disable=SC2016 # for the guest

load builder

# Takes all the memory there is.
greedy='derivation { name = "greedy"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c"
  "awk '"'BEGIN { s = rand(); while (length(s) < 100000) s = s s; for (;;) kept[n++] = s n }'"' && echo survived >$out" ]; }'

@test "a build that takes all memory fails, and the guest goes on; login by vsock; what it cannot do it does not promise" {
  export VIRBY_MEMORY=512MiB
  serve
  stay
  booted=$(guest cat /proc/sys/kernel/random/boot_id)
  guest 'pgrep -o -x sshd; pgrep -o -x nix-daemon' >before
  # Swap comes when the first login is done.
  eventually 120 guest grep -q '^/dev/zram0' /proc/swaps
  echo "$greedy" >greedy.nix
  guest 'cat >greedy.nix' <greedy.nix
  began=$(now)
  run ! guest nix-build --no-out-link greedy.nix
  echo "$output"
  figure "a build that takes 512 MiB and the swap: failed after $(since "$began")"
  [[ $output == *'failed'* ]]
  # Nothing but the build is gone.
  [ "$(guest cat /proc/sys/kernel/random/boot_id)" = "$booted" ]
  guest 'pgrep -o -x sshd; pgrep -o -x nix-daemon' | cmp - before
  built "$(build after)" after

  # The nested virtualization of an emulated processor is not offered, and looking for one leaves nothing.
  run -0 guest nix config show system-features
  [ "$output" = 'benchmark big-parallel virby' ]
  run -1 guest test -e /dev/kvm

  # No device, nothing listens; a loopback is one. The guest logs in to itself; socat, not being root, warns.
  run -1 guest pgrep -x socat
  guest_root 'modprobe vsock_loopback; kill -KILL \$(pgrep -f ^sleep.inf)'
  eventually 60 guest pgrep -x socat
  guest 'umask 077; cat >/dev/shm/key' <"$VIRBY_DIR/keys/ssh_user_ed25519_key"
  run --separate-stderr -0 guest 'ssh -i /dev/shm/key -o StrictHostKeyChecking=no -o LogLevel=ERROR \
    -o ProxyCommand="socat - VSOCK-CONNECT:1:22" builder@vsock cat /proc/sys/kernel/random/boot_id'
  [ "$output" = "$booted" ]
  # A client that says nothing keeps nobody out.
  guest 'setsid socat -u VSOCK-CONNECT:1:22 - >/dev/null 2>&1 </dev/null &'
  run -0 guest 'read -r -n 8 greeting < <(exec socat -u VSOCK-CONNECT:1:22 - 2>/dev/null); kill $!; echo "$greeting"'
  [ "$output" = SSH-2.0- ]

  # Nix and sshd are started again whatever ends them.
  guest_root 'kill -KILL \$(pgrep -o -x nix-daemon)' >/dev/null 2>&1 || true
  built "$(build again)" again
  leave
  kill -TERM "$(cat virbyd.pid)"
  eventually 60 ended 1 0
  clean_disk
}
