#!/usr/bin/env bats
# virby-keys(1), held against ssh-keygen, ssh and sshd.
# shellcheck disable=SC2154 # bats sets stderr_lines

load helpers

FILES='ssh_host_ed25519_key ssh_host_ed25519_key.pub ssh_user_ed25519_key ssh_user_ed25519_key.pub
ssh_known_hosts guest/ssh_host_ed25519_key guest/ssh_user_ed25519_key.pub'
HINT="virby-keys: hint: 'virby-keys ensure' makes the set complete"
FIXTURES=$REPO/Tests/virby-keysTests/Fixtures

setup() {
  own_folder
  umask 022
  sshd=()
}

teardown() {
  stop_sshd
  if mountpoint -q "$BATS_TEST_TMPDIR/mount" 2>/dev/null; then umount "$BATS_TEST_TMPDIR/mount"; fi
}

# A key set in keys/, made without a word.
make_set() {
  virby-keys ensure keys >line
}

# The folder's files with their modes, contents and times, for "nothing has changed".
snapshot() {
  find "$1" -printf '%P %y %m %i %T@ %C@ %s\n' -type f -exec cat {} \; | sort | sha256sum
}

# Everything that is there fits together: ssh-keygen reads both private keys, and what follows from
# them does.
fits_together() {
  local kind key
  for kind in host user; do
    key=keys/ssh_${kind}_ed25519_key
    ssh-keygen -y -f "$key" >public
    cmp public "$key.pub"
    [ "$(stat -c %a "$key")" = 600 ]
    [ "$(stat -c %a "$key.pub")" = 644 ]
  done
  cmp keys/ssh_host_ed25519_key keys/guest/ssh_host_ed25519_key
  cmp keys/ssh_user_ed25519_key.pub keys/guest/ssh_user_ed25519_key.pub
  [ "$(stat -c %a keys/guest/ssh_host_ed25519_key)" = 600 ]
  [ "$(cat keys/ssh_known_hosts)" = "virby-vm $(cut -d' ' -f1,2 keys/ssh_host_ed25519_key.pub)" ]
  find keys -mindepth 1 -not -type d -printf '%P\n' | sort >found
  xargs -n 1 <<<"$FILES" | sort | diff - found
  [ "$(find keys -mindepth 1 -type d -printf '%P %m\n')" = 'guest 700' ]
}

# refused STATUS MESSAGE [HINT]: the last run printed this error and nothing else.
refused() {
  [ "$status" -eq "$1" ]
  [ -z "$output" ]
  if [ $# -eq 3 ]; then
    [ "$stderr" = "virby-keys: $2
virby-keys: hint: $3" ]
  else
    [ "$stderr" = "virby-keys: $2" ]
  fi
}

# private NAME: a copy of a fixture as ssh wants it, under the same name.
private() {
  cp "$FIXTURES/$1" "$1"
  chmod 600 "$1"
}

as_nobody() {
  setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
}

needs_root() {
  [ "$(id -u)" -eq 0 ] || skip 'needs root'
}

# ensure

@test "ensure makes a set that ssh-keygen accepts, and prints its known_hosts line" {
  run --separate-stderr -0 virby-keys ensure keys
  [ -z "$stderr" ]
  [ "$output" = "$(cat keys/ssh_known_hosts)" ]
  [ "$(stat -c %a keys)" = 700 ]
  fits_together
}

@test "ensure leaves a complete set alone, to the last time stamp" {
  make_set
  before=$(snapshot keys)
  run --separate-stderr -0 virby-keys ensure keys/
  [ "$output" = "$(cat line)" ]
  [ -z "$stderr" ]
  [ "$(snapshot keys)" = "$before" ]
}

@test "ensure -v says what it writes and why" {
  run --separate-stderr -0 virby-keys ensure -v keys
  [ "$stderr" = "virby-keys: writing 'keys/ssh_host_ed25519_key': it is missing
virby-keys: writing 'keys/ssh_user_ed25519_key': it is missing
virby-keys: writing 'keys/ssh_host_ed25519_key.pub': it is missing
virby-keys: writing 'keys/ssh_user_ed25519_key.pub': it is missing
virby-keys: writing 'keys/ssh_known_hosts': it is missing
virby-keys: writing 'keys/guest/ssh_user_ed25519_key.pub': it is missing
virby-keys: writing 'keys/guest/ssh_host_ed25519_key': it is missing" ]
  run --separate-stderr -0 virby-keys ensure -v keys
  [ "$stderr" = "virby-keys: 'keys' holds a complete key set" ]
}

@test "no private key and no seed comes out of any subcommand" {
  make_set
  grep -hv -e '^-----' -e '^b3BlbnNzaC1rZXktdjE' keys/ssh_*_key | cut -c30-60 | grep . >secrets
  [ "$(wc -l <secrets)" -ge 6 ]
  for call in 'ensure -v keys' 'rotate -v keys' 'rotate -f -v keys' 'check -v keys' 'public -v keys/ssh_user_ed25519_key' \
    'fingerprint -v keys/ssh_user_ed25519_key' 'machines-key -v keys/ssh_user_ed25519_key'; do
    # shellcheck disable=SC2086
    run -0 virby-keys $call
    while read -r secret; do
      [[ $output != *"$secret"* ]]
    done <secrets
  done
}

@test "modes are the same under any umask" {
  for mask in 000 022 077 777; do
    rm -rf keys
    (umask "$mask" && virby-keys ensure keys >/dev/null)
    [ "$(stat -c %a keys)" = 700 ]
    fits_together
  done
}

@test "a folder that exists keeps its owner and mode" {
  mkdir -m 751 keys
  inode=$(stat -c %i keys)
  make_set
  [ "$(stat -c '%a %i' keys)" = "751 $inode" ]
  fits_together
}

@test "ensure works where the folder above is not writable" {
  needs_root
  chmod 755 . && chmod o+x "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
  mkdir keys && chown 65534:65534 keys
  cp "$(command -v virby-keys)" ./virby-keys
  run --separate-stderr -0 as_nobody ./virby-keys ensure keys
  [ -z "$stderr" ]
  [ "$(stat -c '%u %a' keys)" = '65534 755' ]
  [ "$(stat -c %u keys/ssh_host_ed25519_key keys/guest | sort -u)" = 65534 ]
}

@test "ensure -a gives the guest another name, in ssh_known_hosts too" {
  make_set
  run --separate-stderr -0 virby-keys ensure -a '[127.0.0.1]:31222' keys
  [ "$output" = "[127.0.0.1]:31222 $(cut -d' ' -f2- line)" ]
  [ "$(cat keys/ssh_known_hosts)" = "$output" ]
  ssh-keygen -F '[127.0.0.1]:31222' -f keys/ssh_known_hosts
}

@test "whatever follows from the private keys is written again" {
  make_set
  ssh-keygen -q -t ed25519 -N '' -f other
  for file in $FILES; do
    case $file in ssh_host_ed25519_key | ssh_user_ed25519_key) continue ;; esac
    for damage in missing empty foreign; do
      echo "$file $damage"
      case $damage in
        missing) rm "keys/$file" ;;
        empty) : >"keys/$file" ;;
        foreign) cat other.pub >"keys/$file" ;;
      esac
      run --separate-stderr -1 virby-keys check keys
      if [ "$damage" = missing ]; then reason='is missing'; else reason='does not fit'; fi
      [ "$stderr" = "virby-keys: 'keys/$file' $reason
$HINT" ]
      run --separate-stderr -0 virby-keys ensure -v keys
      [ "$output" = "$(cat line)" ]
      [ "$stderr" = "virby-keys: writing 'keys/$file': it $reason" ]
      fits_together
    done
  done
}

@test "a guest's copy that others may read is written again" {
  make_set
  chmod 644 keys/guest/ssh_host_ed25519_key
  run --separate-stderr -0 virby-keys ensure keys
  [ "$output" = "$(cat line)" ]
  fits_together
}

@test "the guest's folder is made again whole" {
  make_set
  rm -r keys/guest
  run --separate-stderr -0 virby-keys ensure keys
  [ "$output" = "$(cat line)" ]
  fits_together
}

@test "the host key is restored from the guest's copy" {
  make_set
  mv keys/ssh_host_ed25519_key saved
  run --separate-stderr -0 virby-keys ensure -v keys
  [ "$stderr" = "virby-keys: writing 'keys/ssh_host_ed25519_key': it is missing, but the guest has a copy" ]
  cmp saved keys/ssh_host_ed25519_key
  fits_together
}

@test "a private key whose public half is still there is lost, not missing" {
  make_set
  rm keys/ssh_user_ed25519_key
  before=$(snapshot keys)
  for command in ensure check; do
    run --separate-stderr virby-keys $command keys
    refused 65 "'keys/ssh_user_ed25519_key' is lost: 'keys/ssh_user_ed25519_key.pub' is still there" \
      'restore it, or remove what is left of it to get a new key'
  done
  [ "$(snapshot keys)" = "$before" ]
  rm keys/ssh_user_ed25519_key.pub keys/guest/ssh_user_ed25519_key.pub
  run --separate-stderr -0 virby-keys ensure keys
  [ "$output" = "$(cat line)" ]
  fits_together
}

@test "a lost host key is not replaced either" {
  make_set
  rm keys/ssh_host_ed25519_key keys/guest/ssh_host_ed25519_key keys/ssh_host_ed25519_key.pub
  run --separate-stderr virby-keys ensure keys
  refused 65 "'keys/ssh_host_ed25519_key' is lost: 'keys/ssh_known_hosts' is still there" \
    'restore it, or remove what is left of it to get a new key'
}

@test "a private key that cannot be used is never replaced" {
  make_set
  for file in ssh_host_ed25519_key ssh_user_ed25519_key; do
    mv "keys/$file" saved
    for fixture in no-last-line encrypted rsa wrong-padding public-half-of-another-key; do
      cp "$FIXTURES/$fixture" "keys/$file"
      chmod 600 "keys/$file"
      before=$(snapshot keys)
      for command in ensure check; do
        run --separate-stderr -65 virby-keys $command keys
        [ -z "$output" ]
        [[ ${stderr_lines[0]} == "virby-keys: cannot use the key 'keys/$file': it"* ]]
      done
      [ "$(snapshot keys)" = "$before" ]
    done
    mv saved "keys/$file"
  done
}

# plant KIND PATH: puts something in a file's place, as a guest could that may write there.
plant() {
  rm -rf "$2"
  case $1 in
    another-key) cp "$FIXTURES/made-by-ssh-keygen" "$2" && chmod 600 "$2" ;;
    unreadable) cp "$FIXTURES/made-by-ssh-keygen" "$2" && chmod 0 "$2" ;;
    garbage) head -c 3000 /dev/urandom >"$2" ;;
    huge) truncate -s 1G "$2" ;;
    link) ln -s ../ssh_user_ed25519_key "$2" ;;
    dangling-link) ln -s nowhere "$2" ;;
    fifo) mkfifo "$2" ;;
    folder) mkdir "$2" ;;
    full-folder)
      mkdir -p "$2/a/b" && : >"$2/a/b/c" && chmod 0 "$2/a/b" "$2/a"
      ;;
  esac
}

@test "while the host has its key, whatever lies in the guest's folder is made good" {
  make_set
  for file in guest/ssh_host_ed25519_key guest/ssh_user_ed25519_key.pub; do
    for kind in another-key unreadable garbage huge link dangling-link fifo folder full-folder; do
      echo "$file $kind"
      plant $kind keys/$file
      run --separate-stderr -1 virby-keys check keys
      [ "$stderr" = "virby-keys: 'keys/$file' does not fit
$HINT" ]
      run --separate-stderr -0 virby-keys ensure keys
      [ "$output" = "$(cat line)" ]
      [ -z "$stderr" ]
      fits_together
      virby-keys check keys
    done
  done
  echo 'the whole folder'
  for kind in garbage link dangling-link fifo; do
    plant $kind keys/guest
    run --separate-stderr -1 virby-keys check keys
    run --separate-stderr -0 virby-keys ensure keys
    [ "$output" = "$(cat line)" ]
    fits_together
  done
  for mode in 777 0 500; do
    chmod $mode keys/guest
    run --separate-stderr -0 virby-keys ensure keys
    [ "$output" = "$(cat line)" ]
    fits_together
  done
}

@test "an ordinary user's set is made good too" {
  needs_root
  for_everyone
  mkdir -m 777 theirs
  cp "$FIXTURES/made-by-ssh-keygen" theirs
  chmod 644 theirs/made-by-ssh-keygen
  cd theirs
  plant=$(declare -f plant)
  as_nobody virby-keys ensure keys >line
  for kind in unreadable folder full-folder; do
    as_nobody bash -c "FIXTURES=.; $plant; plant $kind keys/guest/ssh_host_ed25519_key"
    run --separate-stderr -0 as_nobody virby-keys ensure keys
    [ "$output" = "$(cat line)" ]
    fits_together
  done
  for mode in 777 0 500; do
    chmod $mode keys/guest
    run --separate-stderr -0 as_nobody virby-keys ensure keys
    fits_together
  done
}

@test "a link in the guest's folder leads nowhere" {
  make_set
  echo mine >mine
  for file in guest/ssh_host_ed25519_key guest/ssh_user_ed25519_key.pub; do
    ln -sf ../../mine keys/$file
    virby-keys ensure keys >/dev/null
    [ "$(cat mine)" = mine ]
  done
  mkdir other
  echo mine >other/ssh_host_ed25519_key
  rm -r keys/guest
  ln -s ../other keys/guest
  virby-keys ensure keys >/dev/null
  fits_together
  [ "$(ls other)" = ssh_host_ed25519_key ]
  [ "$(cat other/ssh_host_ed25519_key)" = mine ]
}

@test "a copy that cannot be one of a lost host key does not make it less lost" {
  make_set
  for kind in garbage link folder; do
    rm -f keys/ssh_host_ed25519_key
    plant $kind keys/guest/ssh_host_ed25519_key
    run --separate-stderr -65 virby-keys ensure keys
    [ ! -e keys/ssh_host_ed25519_key ]
  done
}

@test "a set of keys made by ssh-keygen is completed around them" {
  mkdir -m 700 keys
  ssh-keygen -q -t ed25519 -N '' -C 'my host' -f keys/ssh_host_ed25519_key
  ssh-keygen -q -t ed25519 -N '' -C '' -f keys/ssh_user_ed25519_key
  cp keys/ssh_user_ed25519_key user
  run --separate-stderr -0 virby-keys ensure keys
  [ -z "$stderr" ]
  [ "$output" = "virby-vm $(cut -d' ' -f1,2 keys/ssh_host_ed25519_key.pub)" ]
  cmp user keys/ssh_user_ed25519_key
  virby-keys check keys
}

@test "a private key that others may read is refused, with the remedy" {
  make_set
  chmod 640 keys/ssh_user_ed25519_key
  run --separate-stderr virby-keys ensure keys
  refused 65 "cannot use the key 'keys/ssh_user_ed25519_key': others may read it" \
    "run 'chmod 600' on it"
}

@test "more in the guest's folder than its two files is warned of" {
  make_set
  cp keys/ssh_user_ed25519_key keys/guest/
  for command in ensure check; do
    run --separate-stderr -0 virby-keys $command keys
    [ "$stderr" = "virby-keys: warning: the guest sees more in 'keys/guest' than its two files" ]
    run --separate-stderr -0 virby-keys $command -q keys
    [ -z "$stderr" ]
  done
}

# Places

@test "a folder that others may write to is refused" {
  for mode in 720 702 777 1777; do
    mkdir -p keys && chmod "$mode" keys
    for command in ensure check; do
      run --separate-stderr virby-keys $command keys
      refused 65 "cannot keep keys in 'keys': others may write to it" \
        "name a folder for the keys alone; it is made"
    done
    [ -z "$(ls -A keys)" ]
  done
}

@test "another user's folder is refused" {
  needs_root
  mkdir -m 700 keys && chown 65534 keys
  run --separate-stderr virby-keys ensure keys
  refused 65 "cannot keep keys in 'keys': it belongs to user 65534" 'run as that user'
  [ -z "$(ls -A keys)" ]
}

@test "symbolic links are not followed" {
  mkdir -m 700 real
  ln -s real keys
  for name in keys keys/ keys//; do
    run --separate-stderr virby-keys ensure $name
    refused 65 "cannot keep keys in 'keys': it is not a directory"
  done
  [ -z "$(ls -A real)" ]
  rm keys
  make_set
  mv keys/guest real/
  ln -s ../real keys/.new
  run --separate-stderr virby-keys ensure keys
  refused 65 "cannot keep keys in 'keys/.new': it is not a directory"
  rm keys/.new
  mv real/guest keys/
  for file in $FILES; do
    case $file in guest/*) continue ;; esac
    mv "keys/$file" saved
    ln -s "$PWD/saved" "keys/$file"
    run --separate-stderr virby-keys ensure keys
    refused 65 "cannot use the key 'keys/$file': it is not a regular file"
    rm "keys/$file"
    mv saved "keys/$file"
  done
  fits_together
}

@test "a pipe in a key's place does not hang" {
  mkdir -m 700 keys
  mkfifo keys/ssh_host_ed25519_key
  run --separate-stderr virby-keys ensure keys
  refused 65 "cannot use the key 'keys/ssh_host_ed25519_key': it is not a regular file"
}

@test "a file in the folder's place is refused" {
  : >keys
  run --separate-stderr virby-keys ensure keys
  refused 65 "cannot keep keys in 'keys': it is not a directory"
}

@test "the Nix store is refused" {
  needs_root
  mkdir tmp
  # This machine with a store, for us alone.
  in_nix() {
    # shellcheck disable=SC2016
    unshare -m bash -euc '
      mount -t tmpfs none tmp && mkdir -p tmp/up/nix/store tmp/work tmp/root
      mount -t overlay -o lowerdir=/,upperdir=tmp/up,workdir=tmp/work none tmp/root
      mount --bind /proc tmp/root/proc
      cp "$(command -v virby-keys)" tmp/root/virby-keys
      ln -s /nix/store tmp/root/store
      exec chroot tmp/root /virby-keys "$@"' _ "$@"
  }
  run in_nix --version
  [ "$status" -eq 0 ] || skip 'cannot make a store'
  for dir in /nix/store /nix/store/keys store/keys store/; do
    for command in ensure check; do
      run --separate-stderr in_nix $command "$dir"
      [ "$status" -eq 65 ]
      [ -z "$output" ]
      [[ $stderr == "virby-keys: cannot keep keys in '${dir%/}': "* ]]
    done
  done
  run --separate-stderr in_nix ensure store/keys
  refused 65 "cannot keep keys in 'store/keys': everyone can read the Nix store"
}

@test "a folder whose parent is missing cannot be made" {
  run --separate-stderr virby-keys ensure no/keys
  refused 71 "cannot make the folder 'no/keys': No such file or directory"
}

@test "check of a folder that is missing or empty says no" {
  for dir in keys no/keys; do
    run --separate-stderr -1 virby-keys check $dir
    [ "$stderr" = "virby-keys: '$dir' does not exist
$HINT" ]
  done
  [ ! -e keys ]
  mkdir -m 700 keys
  run --separate-stderr -1 virby-keys check keys
  [ "$stderr" = "virby-keys: 'keys/ssh_host_ed25519_key' is missing
$HINT" ]
  [ -z "$(ls -A keys)" ]
}

@test "check is silent about a complete set" {
  make_set
  run --separate-stderr -0 virby-keys check keys
  [ -z "$output$stderr" ]
  run --separate-stderr -1 virby-keys check -a other keys
  [ "$stderr" = "virby-keys: 'keys/ssh_known_hosts' does not fit
$HINT" ]
}

@test "a file that cannot grow: nothing has changed" {
  # The limit would hold for bats' own file of stderr too.
  limited() {
    (trap '' XFSZ && ulimit -f 0 && exec virby-keys ensure keys) 2>&1 | cat >&2
    return "${PIPESTATUS[0]}"
  }
  run --separate-stderr limited
  refused 71 "cannot write 'keys/ssh_host_ed25519_key': File too large"
  [ ! -e keys ]
  mkdir -m 700 keys
  run --separate-stderr limited
  [ "$status" -eq 71 ]
  [ -z "$(ls -A keys)" ]
}

@test "a disk that is full at any point: nothing has changed" {
  needs_root
  mkdir mount
  mount -t tmpfs -o mode=755 none mount || skip 'cannot mount'
  failures=0
  for inodes in $(seq 2 20); do
    mount -o "remount,nr_inodes=$inodes" mount
    run --separate-stderr virby-keys ensure mount/keys
    if [ "$status" -eq 0 ]; then break; fi
    [ "$status" -eq 71 ]
    [[ $stderr == "virby-keys: cannot "*": No space left on device" ]]
    [ -z "$(ls -A mount)" ]
    failures=$((failures + 1))
  done
  [ "$status" -eq 0 ]
  [ "$failures" -ge 8 ]
  virby-keys check mount/keys
}

@test "a read-only disk: a complete set is found, a missing one is not begun" {
  needs_root
  mkdir mount
  mount -t tmpfs -o mode=755 none mount || skip 'cannot mount'
  virby-keys ensure mount/full >line
  mkdir -m 700 mount/empty
  mount -o remount,ro mount
  run --separate-stderr -0 virby-keys ensure mount/full
  [ "$output" = "$(cat line)" ]
  run --separate-stderr virby-keys ensure mount/empty
  refused 71 "cannot write to 'mount/empty': Read-only file system"
  run --separate-stderr virby-keys ensure mount/new
  refused 71 "cannot make the folder 'mount/new': Read-only file system"
}

# Many, and killed

@test "twenty at once make one set" {
  for number in $(seq 20); do
    virby-keys ensure keys >"out.$number" 2>"err.$number" &
  done
  for job in $(jobs -p); do wait "$job"; done
  [ -z "$(cat err.*)" ]
  [ "$(sort -u out.*)" = "$(cat keys/ssh_known_hosts)" ]
  fits_together
}

@test "a folder in use is waited for, then given up" {
  mkdir -m 700 keys
  exec 7<keys
  flock 7
  start=$SECONDS
  run --separate-stderr virby-keys ensure keys 7<&-
  refused 75 "'keys' is in use by another process" 'another virby-keys is at work'
  [ $((SECONDS - start)) -ge 9 ]
  exec 7<&-
  run --separate-stderr -0 virby-keys ensure keys
}

# What a dead run has left is whole, keys and all, and the next run completes it without replacing one.
heals() {
  local file status
  if [ -d keys ]; then
    for file in keys/ssh_*_key; do
      if [ -e "$file" ]; then ssh-keygen -y -f "$file" >/dev/null; fi
    done
    if [ -e keys/guest ] && [ ! -e "${healing:-}" ]; then virby-keys check keys; fi
    rm -rf before && cp -a keys before
  fi
  status=0
  virby-keys check keys 2>/dev/null || status=$?
  [ "$status" -le 1 ]
  virby-keys ensure keys >line
  for file in before/ssh_*_key; do
    if [ -e "$file" ]; then cmp "$file" "keys/${file#before/}"; fi
  done
  fits_together
  virby-keys check keys
}

@test "killed at random, fifty times: never a mixed set" {
  for _ in $(seq 50); do
    rm -rf keys before
    virby-keys ensure keys >/dev/null 2>&1 &
    victim=$!
    sleep "0.0$(printf '%03d' $((RANDOM % 250)))"
    kill -KILL "$victim" 2>/dev/null || true
    wait "$victim" || true
    heals
  done
}

@test "killed before each system call that changes something: never a mixed set" {
  command -v strace >/dev/null || skip 'needs strace'
  for call in mkdir mkdirat openat pwrite64 fsync renameat unlinkat; do
    for when in $(seq 40); do
      rm -rf keys before
      status=0
      strace -qq -o /dev/null -e "inject=$call:signal=KILL:when=$when" \
        "$VIRBY_BIN/virby-keys" ensure keys >/dev/null 2>&1 || status=$?
      if [ "$status" -eq 0 ]; then break; fi
      [ "$status" -eq 137 ]
      heals
    done
    echo "$call: $((when - 1)) deaths"
    [ "$when" -gt 1 ]
  done
}

@test "killed while it heals: the private keys stay" {
  command -v strace >/dev/null || skip 'needs strace'
  healing=keys
  for when in $(seq 40); do
    rm -rf keys before
    make_set
    cp keys/ssh_*_key .
    rm keys/ssh_user_ed25519_key.pub keys/guest/ssh_host_ed25519_key
    : >keys/ssh_host_ed25519_key.pub
    status=0
    strace -qq -o /dev/null -e "inject=renameat,unlinkat,fsync,pwrite64:signal=KILL:when=$when" \
      "$VIRBY_BIN/virby-keys" ensure keys >/dev/null 2>&1 || status=$?
    heals
    cmp ssh_host_ed25519_key keys/ssh_host_ed25519_key
    cmp ssh_user_ed25519_key keys/ssh_user_ed25519_key
    if [ "$status" -eq 0 ]; then break; fi
    [ "$status" -eq 137 ]
  done
  [ "$when" -gt 5 ]
}

# Rotation

# A set whose rotation is under way, in keys/; the set before it is in old/.
begin_rotation() {
  rm -rf keys old
  make_set
  cp -a keys old
  virby-keys rotate keys >/dev/null
}

# lines FILE...: public key lines or known_hosts lines, without comments.
lines() {
  cut -d' ' -f1,2 "$@"
}

@test "rotate puts the next set beside the present one; the guest gets what opens the door to both" {
  make_set
  cp -a keys old
  run --separate-stderr -0 virby-keys rotate keys
  [ -z "$stderr" ]
  [ "$output" = "$(cat keys/ssh_known_hosts)" ]
  for file in ssh_host_ed25519_key ssh_user_ed25519_key ssh_host_ed25519_key.pub ssh_user_ed25519_key.pub; do
    cmp "old/$file" "keys/$file"
  done
  for kind in host user; do
    [ "$(stat -c %a keys/ssh_${kind}_ed25519_key.next)" = 600 ]
    ssh-keygen -y -f keys/ssh_${kind}_ed25519_key.next >"$kind.next"
    run -1 cmp -s "$kind.next" "old/ssh_${kind}_ed25519_key.pub"
  done
  cmp keys/ssh_host_ed25519_key.next keys/guest/ssh_host_ed25519_key
  cat old/ssh_user_ed25519_key.pub user.next | diff - keys/guest/ssh_user_ed25519_key.pub
  lines old/ssh_host_ed25519_key.pub host.next | sed 's/^/virby-vm /' | diff - keys/ssh_known_hosts

  run --separate-stderr -0 virby-keys check keys
  [ -z "$output$stderr" ]
  run --separate-stderr -0 virby-keys check -v keys
  [ "$stderr" = "virby-keys: 'keys' holds a complete key set
virby-keys: a rotation is under way" ]
  before=$(snapshot keys)
  for command in ensure rotate; do
    run --separate-stderr -0 virby-keys $command keys
    [ -z "$stderr" ]
    [ "$output" = "$(cat keys/ssh_known_hosts)" ]
  done
  [ "$(snapshot keys)" = "$before" ]
}

@test "rotate --finish puts the next set in the place of the present one, and leaves nothing of that" {
  begin_rotation
  cp -a keys both
  run --separate-stderr -0 virby-keys rotate --finish keys
  [ -z "$stderr" ]
  [ "$output" = "$(cat keys/ssh_known_hosts)" ]
  for kind in host user; do cmp both/ssh_${kind}_ed25519_key.next keys/ssh_${kind}_ed25519_key; done
  fits_together
  before=$(snapshot keys)
  run --separate-stderr -0 virby-keys rotate -f -v keys
  [ "$stderr" = "virby-keys: no rotation is under way in 'keys'" ]
  [ "$(snapshot keys)" = "$before" ]
}

@test "modes of a rotation are the same under any umask" {
  for mask in 000 077 777; do
    rm -rf keys
    make_set
    (umask "$mask" && virby-keys rotate keys >/dev/null)
    [ "$(stat -c %a keys/ssh_{host,user}_ed25519_key.next keys/ssh_known_hosts keys/guest/*)" = '600
600
644
600
644' ]
    (umask "$mask" && virby-keys rotate --finish keys >/dev/null)
    fits_together
  done
}

@test "rotate -v says what it writes and why" {
  make_set
  run --separate-stderr -0 virby-keys rotate -v keys
  [ "$stderr" = "virby-keys: writing 'keys/ssh_user_ed25519_key.next': it is missing
virby-keys: writing 'keys/ssh_host_ed25519_key.next': it is missing
virby-keys: writing 'keys/ssh_known_hosts': it does not fit
virby-keys: writing 'keys/guest/ssh_user_ed25519_key.pub': it does not fit
virby-keys: writing 'keys/guest/ssh_host_ed25519_key': it does not fit" ]
  run --separate-stderr -0 virby-keys rotate --finish -v keys
  [ "$stderr" = "virby-keys: writing 'keys/ssh_host_ed25519_key': it has a successor
virby-keys: writing 'keys/ssh_user_ed25519_key': it has a successor
virby-keys: writing 'keys/ssh_host_ed25519_key.pub': it does not fit
virby-keys: writing 'keys/ssh_user_ed25519_key.pub': it does not fit
virby-keys: writing 'keys/ssh_known_hosts': it does not fit
virby-keys: writing 'keys/guest/ssh_user_ed25519_key.pub': it does not fit" ]
}

@test "rotate of a folder that is not there says no; of a set with gaps, it fills them first" {
  run --separate-stderr virby-keys rotate keys
  refused 1 "'keys' does not exist" "'virby-keys ensure' makes the set complete"
  make_set
  rm -r keys/guest
  virby-keys rotate keys >/dev/null
  virby-keys rotate --finish keys >/dev/null
  fits_together
}

@test "a rotation whose beginning was cut short cannot be finished: no guest has got its keys" {
  for file in guest/ssh_host_ed25519_key guest/ssh_user_ed25519_key.pub ssh_host_ed25519_key.next; do
    begin_rotation
    if [ -e "old/$file" ]; then cp -a "old/$file" "keys/$file"; else rm "keys/$file"; fi
    if [ "$file" = ssh_host_ed25519_key.next ]; then cp -a old/guest keys/; fi
    before=$(snapshot keys)
    run --separate-stderr virby-keys rotate --finish keys
    refused 1 "cannot finish the rotation in 'keys': its beginning was cut short" \
      "'virby-keys rotate' begins it again; then the guest has to boot"
    [ "$(snapshot keys)" = "$before" ]
    run --separate-stderr -1 virby-keys check keys
    virby-keys rotate keys >/dev/null
    virby-keys rotate --finish keys >/dev/null
    fits_together
  done
}

@test "a next key that cannot be used is never replaced" {
  begin_rotation
  for file in ssh_host_ed25519_key.next ssh_user_ed25519_key.next; do
    cp -a "keys/$file" saved
    : >"keys/$file"
    before=$(snapshot keys)
    for call in ensure check rotate 'rotate -f'; do
      # shellcheck disable=SC2086
      run --separate-stderr virby-keys $call keys
      refused 65 "cannot use the key 'keys/$file': it is empty"
    done
    [ "$(snapshot keys)" = "$before" ]
    cp -a saved "keys/$file"
  done
}

@test "the old host key is lost during a rotation: the guest's copy of the next is not taken for it" {
  begin_rotation
  rm keys/ssh_host_ed25519_key
  run --separate-stderr virby-keys ensure keys
  refused 65 "'keys/ssh_host_ed25519_key' is lost: 'keys/ssh_host_ed25519_key.pub' is still there" \
    'restore it, or remove what is left of it to get a new key'
}

@test "a disk that is full at any point of a rotation: nothing has changed" {
  needs_root
  mkdir mount
  mount -t tmpfs -o mode=755 none mount || skip 'cannot mount'
  contents() { find mount/keys -printf '%P %m\n' -type f -exec cat {} \; | sort; }
  virby-keys ensure mount/keys >/dev/null
  for step in '' --finish; do
    contents >before
    used=$(df --output=iused mount | tail -n 1)
    failures=0
    for more in $(seq 0 12); do
      mount -o "remount,nr_inodes=$((used + more))" mount
      # shellcheck disable=SC2086
      run --separate-stderr virby-keys rotate $step mount/keys
      if [ "$status" -eq 0 ]; then break; fi
      [ "$status" -eq 71 ]
      [[ $stderr == "virby-keys: cannot "*": No space left on device" ]]
      contents | diff before -
      failures=$((failures + 1))
    done
    [ "$status" -eq 0 ]
    [ "$failures" -ge 5 ]
    virby-keys check mount/keys
  done
}

# What any guest and any client would meet. A guest generation is a folder with what it has taken from
# keys/guest when it booted; the one that is up is in up/, and one that boots now takes what is there.

# reached FOLDER: a login succeeds at the guest that has taken its keys from this folder, with what is
# in keys/ for the client. ssh finds no use for a private key beside the public half of another.
reached() {
  ssh-keygen -y -f keys/ssh_user_ed25519_key >user
  if [ -e keys/ssh_user_ed25519_key.pub ]; then
    lines keys/ssh_user_ed25519_key.pub | diff - <(lines user)
  fi
  lines "$1/ssh_user_ed25519_key.pub" | grep -qxF "$(lines user)"
  ssh-keygen -y -f "$1/ssh_host_ed25519_key" >host
  grep -qxF "virby-vm $(lines host)" keys/ssh_known_hosts
}

# every_guest_is_reached: the one that is up, one that boots now, and one that boots meanwhile, which may
# have read one of its files before a change and the other after.
every_guest_is_reached() {
  reached up
  reached keys/guest
  rm -rf torn && mkdir torn
  cp up/ssh_host_ed25519_key keys/guest/ssh_user_ed25519_key.pub torn/
  reached torn
  cp keys/guest/ssh_host_ed25519_key up/ssh_user_ed25519_key.pub torn/
  reached torn
}

# prepare_step STEP: the state before `rotate STEP`, with the guest that is up then.
prepare_step() {
  rm -rf up
  if [ -n "$1" ]; then begin_rotation; else
    rm -rf keys
    make_set
  fi
  cp -a keys/guest up
  rm -rf start && cp -a keys start
}

# step_heals STEP: what the death of `rotate STEP` has left needs no healing to reach every guest; ensure,
# or the same step again, completes it, and makes no key a second time.
step_heals() {
  local status=0 healer kind
  every_guest_is_reached
  virby-keys check keys 2>/dev/null || status=$?
  [ "$status" -le 1 ]
  rm -rf dead && cp -a keys dead
  for healer in ensure "rotate $1"; do
    rm -rf keys && cp -a dead keys
    # shellcheck disable=SC2086
    virby-keys $healer keys >/dev/null
    virby-keys check keys
    # shellcheck disable=SC2086
    virby-keys rotate $1 keys >/dev/null
    reached up
    reached keys/guest
    if [ -z "$1" ]; then
      for kind in host user; do
        cmp start/ssh_${kind}_ed25519_key keys/ssh_${kind}_ed25519_key
        if [ -e dead/ssh_${kind}_ed25519_key.next ]; then cmp {dead,keys}/ssh_${kind}_ed25519_key.next; fi
      done
      virby-keys rotate --finish keys >/dev/null
    else
      for kind in host user; do cmp start/ssh_${kind}_ed25519_key.next keys/ssh_${kind}_ed25519_key; done
    fi
    fits_together
  done
}

@test "rotate killed before each system call that changes something: every guest is still reached" {
  command -v strace >/dev/null || skip 'needs strace'
  for step in '' --finish; do
    prepare_step "$step"
    for call in mkdirat pwrite64 fsync renameat unlinkat; do
      for when in $(seq 60); do
        rm -rf keys && cp -a start keys
        status=0
        # shellcheck disable=SC2086
        strace -qq -o /dev/null -e "inject=$call:signal=KILL:when=$when" \
          "$VIRBY_BIN/virby-keys" rotate $step keys >/dev/null 2>&1 || status=$?
        if [ "$status" -eq 0 ]; then break; fi
        [ "$status" -eq 137 ]
        step_heals "$step"
      done
      echo "rotate $step, $call: $((when - 1)) deaths"
      [ "$when" -gt 2 ]
      [ "$status" -eq 0 ]
    done
  done
}

@test "rotate killed at random, thirty times: every guest is still reached" {
  for number in $(seq 30); do
    step=
    if [ $((number % 2)) -eq 0 ]; then step=--finish; fi
    prepare_step "$step"
    # shellcheck disable=SC2086
    virby-keys rotate $step keys >/dev/null 2>&1 &
    victim=$!
    sleep "0.0$(printf '%03d' $((RANDOM % 300)))"
    kill -KILL "$victim" 2>/dev/null || true
    wait "$victim" || true
    step_heals "$step"
  done
}

@test "rotate after an end that was cut short: that end, and then another rotation" {
  begin_rotation
  cp -a keys both
  mv keys/ssh_user_ed25519_key.next keys/ssh_user_ed25519_key
  run --separate-stderr -1 virby-keys check keys
  [ "$stderr" = "virby-keys: 'keys/ssh_host_ed25519_key' has a successor
$HINT" ]
  virby-keys rotate keys >/dev/null
  for kind in host user; do
    cmp both/ssh_${kind}_ed25519_key.next keys/ssh_${kind}_ed25519_key
    run -1 cmp -s both/ssh_${kind}_ed25519_key.next keys/ssh_${kind}_ed25519_key.next
  done
  virby-keys check keys
}

# What a power cut may undo is what no fsync(2) has followed, in each folder by itself.
@test "rotate puts each step on the disk before the next one" {
  command -v strace >/dev/null || skip 'needs strace'
  make_set
  steps() {
    strace -qq -y -o trace -e trace=fsync,renameat,unlinkat "$VIRBY_BIN/virby-keys" rotate "$@" keys >/dev/null
    grep -v ENOENT trace | sed -nE \
      -e 's|^fsync\([0-9]+<.*/keys/\.new/.*>\) += 0$|sync new|p' \
      -e 's|^fsync\([0-9]+<.*/keys(/guest)?>\) += 0$|sync keys\1|p' \
      -e 's|^renameat\([^"]*"([^"]*)", [^"]*"([^"]*)"\) += 0$|\1 -> \2|p' \
      -e 's|^unlinkat\([^"]*"(ssh_[^"]*)", 0\) += 0$|remove \1|p' | uniq
  }
  diff - <(steps) <<'END'
sync new
.new/ssh_user_ed25519_key.next -> ssh_user_ed25519_key.next
sync keys
.new/ssh_host_ed25519_key.next -> ssh_host_ed25519_key.next
sync keys
.new/ssh_known_hosts -> ssh_known_hosts
sync keys
.new/guest/ssh_user_ed25519_key.pub -> guest/ssh_user_ed25519_key.pub
.new/guest/ssh_host_ed25519_key -> guest/ssh_host_ed25519_key
sync keys/guest
END
  diff - <(steps --finish) <<'END'
sync new
remove ssh_user_ed25519_key.pub
sync keys
ssh_user_ed25519_key.next -> ssh_user_ed25519_key
sync keys
remove ssh_host_ed25519_key.pub
sync keys
ssh_host_ed25519_key.next -> ssh_host_ed25519_key
sync keys
.new/ssh_user_ed25519_key.pub -> ssh_user_ed25519_key.pub
.new/ssh_host_ed25519_key.pub -> ssh_host_ed25519_key.pub
.new/ssh_known_hosts -> ssh_known_hosts
sync keys
.new/guest/ssh_user_ed25519_key.pub -> guest/ssh_user_ed25519_key.pub
sync keys/guest
END
}

@test "ten rotations at once begin one, and ten at once finish it" {
  make_set
  for step in '' --finish; do
    for number in $(seq 10); do
      # shellcheck disable=SC2086
      virby-keys rotate $step keys >"out.$number" 2>"err.$number" &
    done
    for job in $(jobs -p); do wait "$job"; done
    [ -z "$(cat err.*)" ]
    [ "$(sort -u out.*)" = "$(sort keys/ssh_known_hosts)" ]
    virby-keys check keys
  done
  fits_together
}

# Keys

@test "public, fingerprint and known-hosts say what ssh-keygen says, of either half, file or stdin" {
  for comment in '' plain 'two words' 'Schlüssel 鍵'; do
    rm -f key key.pub
    ssh-keygen -q -t ed25519 -N '' -C "$comment" -f key
    public=$(ssh-keygen -y -f key)
    fingerprint=$(ssh-keygen -lf key | cut -d' ' -f2)
    for file in key key.pub; do
      run --separate-stderr -0 virby-keys public $file
      [ "$output" = "$public" ]
      [ -z "$stderr" ]
      run --separate-stderr -0 virby-keys public - <$file
      [ "$output" = "$public" ]
      run --separate-stderr -0 virby-keys fingerprint $file
      [ "$output" = "$fingerprint" ]
      run --separate-stderr -0 virby-keys fingerprint <$file
      [ "$output" = "$fingerprint" ]
      run --separate-stderr -0 virby-keys known-hosts -a name $file
      [ "$output" = "name $(cut -d' ' -f1,2 key.pub)" ]
      run --separate-stderr -0 virby-keys known-hosts --alias name <$file
      [ "$output" = "name $(cut -d' ' -f1,2 key.pub)" ]
    done
  done
}

@test "machines-key is base64 of the .pub file, as Nix wants it" {
  make_set
  run --separate-stderr -0 virby-keys machines-key keys/ssh_host_ed25519_key
  [ "$output" = "$(base64 -w0 keys/ssh_host_ed25519_key.pub)" ]
  [ -z "$stderr" ]
}

@test "ssh-keygen reads our private key: -y, -l, -e, and with a new comment" {
  make_set
  key=keys/ssh_user_ed25519_key
  [ "$(ssh-keygen -y -f $key)" = "$(virby-keys public $key)" ]
  [ "$(ssh-keygen -lf $key)" = "256 $(virby-keys fingerprint $key) builder@virby-vm (ED25519)" ]
  ssh-keygen -e -f $key | grep -q '^---- BEGIN SSH2 PUBLIC KEY ----$'
  fingerprint=$(virby-keys fingerprint $key)
  ssh-keygen -q -c -C 'another comment' -f $key
  [ "$(virby-keys fingerprint $key)" = "$fingerprint" ]
  [ "$(virby-keys public $key)" = "$(ssh-keygen -y -f $key)" ]
}

@test "fingerprint -v explains on stderr" {
  run --separate-stderr -0 virby-keys fingerprint -v "$FIXTURES/made-by-ssh-keygen.pub"
  [ "$output" = "$(cat "$FIXTURES/made-by-ssh-keygen.fingerprint")" ]
  [ "$stderr" = "virby-keys: the key '$FIXTURES/made-by-ssh-keygen.pub' is an ED25519 key with the comment 'made by ssh-keygen'" ]
}

@test "an alias that known_hosts would misread is wrong usage" {
  for alias in '' 'a b' 'a,b' '*' 'a?' '!a' '|1|a' '@a' '#a' '[a]' $'a\nb'; do
    run --separate-stderr -64 virby-keys known-hosts -a "$alias" "$FIXTURES/no-comment.pub"
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "virby-keys: the value "* ]]
    run --separate-stderr -64 virby-keys ensure -a "$alias" keys
    [ ! -e keys ]
  done
}

@test "ssh-keygen finds our line under each alias" {
  for alias in virby-vm UPPER '[127.0.0.1]:31222' ::1 under_score; do
    virby-keys known-hosts -a "$alias" "$FIXTURES/no-comment.pub" >known
    ssh-keygen -F "$alias" -f known
  done
}

@test "known-hosts --hashed hides the name, and ssh-keygen finds it" {
  for alias in virby-vm UPPER '[127.0.0.1]:31222' ::1 under_score; do
    run --separate-stderr -0 virby-keys known-hosts --hashed -a "$alias" "$FIXTURES/no-comment.pub"
    [ -z "$stderr" ]
    [[ $output =~ ^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=\ ssh-ed25519\ [A-Za-z0-9+/]{68}$ ]]
    [ "$(cut -d' ' -f2- <<<"$output")" = "$(lines "$FIXTURES/no-comment.pub")" ]
    echo "$output" >known
    # ssh looks names up in lower case; ssh-keygen leaves that to its caller.
    ssh-keygen -F "${alias,,}" -f known
    run -1 ssh-keygen -F another -f known
    [ "$(virby-keys known-hosts --hashed -a "$alias" "$FIXTURES/no-comment.pub")" != "$(cat known)" ]
  done
}

@test "each malformed private key has its own message" {
  count=0
  while read -r name reason; do
    private "$name"
    for input in "$name" -; do
      if [ "$input" = - ]; then subject='the key on stdin'; else subject="the key '$name'"; fi
      run --separate-stderr -65 virby-keys public "$input" <"$name"
      [ -z "$output" ]
      [ "${stderr_lines[0]}" = "virby-keys: cannot use $subject: $reason" ]
    done
    count=$((count + 1))
  done <<'END'
encrypted it is encrypted, and a builder has no one to ask
rsa it is an RSA key, not ED25519
ecdsa it is an ECDSA key, not ED25519
rsa-in-pem it is not in OpenSSH's own format
no-last-line it is cut short
no-final-line-feed its last line does not end, and ssh would refuse it
crlf-line-ends it has carriage returns, and ssh would refuse it
damaged-base64 its base64 is damaged
wrong-padding its padding is wrong
unequal-check-words its check words differ
public-half-of-another-key its public half belongs to another key
comment-with-a-bell its comment is not plain text
END
  [ "$count" -eq 12 ]
}

@test "what is no key at all has its own message" {
  run --separate-stderr virby-keys public </dev/null
  refused 65 'cannot use the key on stdin: it is empty'
  run --separate-stderr virby-keys public < <(head -c 100000 /dev/zero)
  refused 65 'cannot use the key on stdin: it is too long'
  run --separate-stderr virby-keys public < <(head -c 3000 /dev/urandom)
  [ "$status" -eq 65 ]
  run --separate-stderr virby-keys public < <(printf '\n\n\n')
  refused 65 'cannot use the key on stdin: it is empty'
  run --separate-stderr virby-keys public missing
  refused 71 "cannot open 'missing': No such file or directory"
  run --separate-stderr virby-keys public .
  refused 71 "cannot read the key '.': Is a directory"
}

@test "a private file that others may read is refused like ssh does; another user's is not" {
  cp "$FIXTURES/made-by-ssh-keygen" key
  for mode in 604 640 666 601; do
    chmod $mode key
    run --separate-stderr virby-keys public key
    refused 65 "cannot use the key 'key': others may read it" "run 'chmod 600' on it"
  done
  needs_root
  chown 65534 key
  run --separate-stderr -0 virby-keys public key
}

@test "stdout that takes nothing is 71" {
  into_full() { virby-keys public "$1" >/dev/full; }
  run --separate-stderr -71 into_full "$FIXTURES/no-comment.pub"
  [ "$stderr" = 'virby-keys: cannot write to stdout: No space left on device' ]
}

@test "no subcommand, or an unknown one, is wrong usage" {
  run --separate-stderr virby-keys
  refused 64 'no subcommand given' "see 'virby-keys --help'"
  run --separate-stderr -64 virby-keys revolve keys
  [ -z "$output" ]
}

# The manual

@test "every option in --help is in the manual, and back" {
  for command in ensure rotate check public fingerprint known-hosts machines-key; do
    virby-keys $command --help
    grep -qF ".Cm $command" "$REPO/man/virby-keys.1"
  done | grep -oE -- '--[a-z-]+' | sort -u >help
  grep -oE -- 'Fl -[a-z]+|Fl . , -[a-z]+' "$REPO/man/virby-keys.1" | sed 's/.*-/--/' | sort -u >manual
  diff help manual
}

# A server

needs_sshd() {
  sshd_path=$(command -v sshd || echo /usr/sbin/sshd)
  [ -x "$sshd_path" ] || skip 'needs sshd'
  [[ $(getent passwd "$(id -u)") != */nologin ]] || skip 'needs an account with a shell'
  if [ "$(id -u)" -eq 0 ]; then mkdir -p /run/sshd; fi
}

# start_sshd FOLDER: a server with the keys that a guest has taken from there, on $port; its log is in
# FOLDER.log.
start_sshd() {
  cp "$1/ssh_user_ed25519_key.pub" "$1/authorized_keys"
  chmod 600 "$1/authorized_keys"
  rm -f "$1.log"
  for port in $(shuf -i 20000-60000 -n 5); do
    cat >sshd_config <<END
ListenAddress 127.0.0.1:$port
HostKey $PWD/$1/ssh_host_ed25519_key
AuthorizedKeysFile $PWD/$1/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
END
    "$sshd_path" -D -e -f "$PWD/sshd_config" >"$1.log" 2>&1 3>&- &
    sshd+=($!)
    if eventually 10 occurs 'Server listening on 127.0.0.1' "$1.log"; then return; fi
  done
  return 1
}

stop_sshd() {
  local pid
  for pid in "${sshd[@]}"; do kill "$pid" 2>/dev/null || true; done
  sshd=()
}

# log_in ALIAS KNOWN_HOSTS [KEY]
log_in() {
  timeout 20 ssh -F none -p "$port" -i "${3:-keys/ssh_user_ed25519_key}" -o IdentitiesOnly=yes \
    -o BatchMode=yes -o HostKeyAlias="$1" -o GlobalKnownHostsFile="$PWD/$2" \
    -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes 127.0.0.1 echo in
}

@test "sshd takes the host key and lets the user key in; ssh knows the host by its alias" {
  needs_sshd
  make_set
  virby-keys known-hosts -a virby-vm "$FIXTURES/no-comment.pub" >wrong_known_hosts
  cp -a keys/guest up
  start_sshd up
  run --separate-stderr -0 log_in virby-vm keys/ssh_known_hosts
  [ "$output" = in ]
  run --separate-stderr -255 log_in another keys/ssh_known_hosts
  [ -z "$output" ]
  run --separate-stderr -255 log_in virby-vm wrong_known_hosts
  [[ $stderr == *'REMOTE HOST IDENTIFICATION HAS CHANGED'* ]]
  grep -qF "$(virby-keys fingerprint keys/ssh_user_ed25519_key)" up.log
  scanned=$(ssh-keyscan -t ed25519 -p "$port" 127.0.0.1 2>/dev/null | cut -d' ' -f2- | virby-keys fingerprint)
  [ "$scanned" = "$(virby-keys fingerprint keys/ssh_host_ed25519_key)" ]
}

@test "ssh knows a host by a hashed line: the alias, any case, and [host]:port" {
  needs_sshd
  make_set
  cp -a keys/guest up
  start_sshd up
  for alias in virby-vm UPPER "[127.0.0.1]:$port"; do
    virby-keys known-hosts --hashed -a "$alias" keys/ssh_host_ed25519_key.pub >hashed
    [ "$(log_in "$alias" hashed)" = in ]
  done
  [ "$(timeout 20 ssh -F none -p "$port" -i keys/ssh_user_ed25519_key -o IdentitiesOnly=yes \
    -o BatchMode=yes -o GlobalKnownHostsFile="$PWD/hashed" -o UserKnownHostsFile=/dev/null \
    -o StrictHostKeyChecking=yes 127.0.0.1 echo in)" = in ]
}

@test "rotate killed before each rename: ssh logs in at the sshd that runs and at one that starts" {
  needs_sshd
  command -v strace >/dev/null || skip 'needs strace'
  for step in '' --finish; do
    prepare_step "$step"
    start_sshd up
    up=$port
    for when in $(seq 20); do
      rm -rf keys && cp -a start keys
      status=0
      # shellcheck disable=SC2086
      strace -qq -o /dev/null -e "inject=renameat:signal=KILL:when=$when" \
        "$VIRBY_BIN/virby-keys" rotate $step keys >/dev/null 2>&1 || status=$?
      port=$up
      [ "$(log_in virby-vm keys/ssh_known_hosts)" = in ]
      rm -rf now && cp -a keys/guest now
      start_sshd now
      [ "$(log_in virby-vm keys/ssh_known_hosts)" = in ]
      if [ "$status" -eq 0 ]; then break; fi
      [ "$status" -eq 137 ]
    done
    [ "$when" -gt 4 ]
    if [ -z "$step" ]; then
      [ "$(log_in virby-vm keys/ssh_known_hosts keys/ssh_user_ed25519_key.next)" = in ]
    fi
    stop_sshd
  done
  rm -rf now && cp -a keys/guest now
  start_sshd now
  run --separate-stderr -255 log_in virby-vm keys/ssh_known_hosts old/ssh_user_ed25519_key
  [[ $stderr == *'Permission denied'* ]]
  run --separate-stderr -255 log_in virby-vm old/ssh_known_hosts
  [[ $stderr == *'REMOTE HOST IDENTIFICATION HAS CHANGED'* ]]
}
