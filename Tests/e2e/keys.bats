#!/usr/bin/env bats
# New keys for a builder that is up, that is down, and that loses power on the way.

load builder

# begin: a guest is up, and holds a file that must outlive all that follows. The old keys are kept aside.
begin() {
  serve
  guest 'echo kept >file && sync'
  cp -a "$VIRBY_DIR/keys" old
  disk=$(stat -c %i "$VIRBY_DIR/disk.img")
}

# log_in USER_KEY KNOWN_HOSTS: a login with this key and no other, at a host that these lines know.
log_in() {
  timeout -k 5 "$PATIENCE" ssh -F none -n -p "$VIRBY_PORT" -i "$1" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o HostKeyAlias="$VIRBY_HOST" -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile="$2" \
    -o StrictHostKeyChecking=yes builder@127.0.0.1 cat file
}

# power_off N: the guest is powered off cleanly, for the Nth time.
power_off() {
  kill -TERM "$(cat virbyd.pid)"
  eventually 60 ended "$1" 0
  nothing_left
}

# exchanged: no key is the old one, the disk is, and the guest that boots next refuses both old keys.
exchanged() {
  local keys=$VIRBY_DIR/keys file
  virby-keys check "$keys"
  [ ! -e "$keys/ssh_user_ed25519_key.next" ]
  [ ! -e "$keys/ssh_host_ed25519_key.next" ]
  for file in ssh_{host,user}_ed25519_key{,.pub} ssh_known_hosts guest/ssh_{host_ed25519_key,user_ed25519_key.pub}; do
    run -1 cmp -s "old/$file" "$keys/$file"
  done
  [ "$(guest cat file)" = kept ]
  [ "$(stat -c %i "$VIRBY_DIR/disk.img")" = "$disk" ]

  power_off "$1"
  [ "$(log_in "$keys/ssh_user_ed25519_key" "$keys/ssh_known_hosts")" = kept ]
  run --separate-stderr -255 log_in old/ssh_user_ed25519_key "$keys/ssh_known_hosts"
  [[ $stderr == *'Permission denied (publickey)'* ]]
  run --separate-stderr -255 log_in "$keys/ssh_user_ed25519_key" old/ssh_known_hosts
  [[ $stderr == *'REMOTE HOST IDENTIFICATION HAS CHANGED'* ]]
  built "$(build rotated)" rotated
}

@test "rotate while the guest is up: the old keys serve until it boots again" {
  begin
  booted=$(guest cat /proc/sys/kernel/random/boot_id)
  run --separate-stderr -75 virby-rotate
  [ -z "$output" ]
  [ "$stderr" = "virby-rotate: the running guest has the present keys, which stay until it has booted again
virby-rotate: hint: run 'virby-rotate' again then, or 'virby-rotate --restart' now" ]
  [ "$(guest cat /proc/sys/kernel/random/boot_id)" = "$booted" ]
  cmp old/ssh_user_ed25519_key "$VIRBY_DIR/keys/ssh_user_ed25519_key"

  power_off 1
  [ "$(guest cat file)" = kept ]
  began=$(now)
  run --separate-stderr -0 virby-rotate
  [ -z "$output$stderr" ]
  figure "rotation of a guest that has booted since: $(since "$began")"
  exchanged 2
}

@test "rotate --restart while the guest is up" {
  begin
  began=$(now)
  run --separate-stderr -0 virby-rotate --restart
  [ -z "$output$stderr" ]
  figure "rotation with a restart: $(since "$began")"
  ended 1 0
  occurs 'stopped how=asked status=0' "$log"
  exchanged 2
}

@test "rotate while the guest is down: it is started" {
  begin
  power_off 1
  began=$(now)
  run --separate-stderr -0 virby-rotate
  [ -z "$output$stderr" ]
  figure "rotation of a guest that is down: $(since "$began")"
  exchanged 2
}

# cut [STEP]: `rotate STEP` dies before each of its renames in turn; the builder is reached with what that
# leaves, and the last call lives.
cut() {
  local when status keys=$VIRBY_DIR/keys
  rm -rf start && cp -a "$keys" start
  for when in $(seq 20); do
    rm -rf "$keys" && cp -a start "$keys"
    status=0
    strace -qq -o /dev/null -e "inject=renameat:signal=KILL:when=$when" \
      "$(command -v virby-keys)" rotate "$@" "$keys" >/dev/null || status=$?
    [ "$(guest cat file)" = kept ]
    if [ "$status" -eq 0 ]; then break; fi
    [ "$status" -eq 137 ]
  done
  [ "$status" -eq 0 ]
  figure "rotate $*: killed $((when - 1)) times, reached each time"
}

@test "killed before every rename of a rotation, the builder is reached without any repair" {
  command -v strace >/dev/null || skip 'needs strace'
  begin
  cut
  power_off 1
  [ "$(log_in "$VIRBY_DIR/keys/ssh_user_ed25519_key.next" "$VIRBY_DIR/keys/ssh_known_hosts")" = kept ]
  cut --finish
  exchanged 2
}
