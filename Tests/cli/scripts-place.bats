#!/usr/bin/env bats
# Where the scripts are, whose folder they work in, and what is around them.

load helpers
load scripts

SCRIPTS='virbyd virby-prepare virby-ssh virby-status virby-rotate virby-busy virby-close'

@test "a script is started by a symbolic link: absolute, relative, one that leads to another" {
  mkdir -p 'farm/a b'
  cd 'farm/a b'
  for script in $SCRIPTS; do
    # virby-ssh gives its operands to ssh, and there is no builder yet.
    run "$script" --help
    [[ $status$output == 0?* || $script$status == virby-ssh71 ]]
    directly=$output
    ln -s "$REPO/scripts/$script" "../$script"
    ln -s "../$script" "$script"
    for link in "$PWD/../$script" "../$script" "./$script"; do
      run "$link" --help
      [ "$output" = "$directly" ]
    done
    PATH=$PWD:$PATH run "$script" --help
    [ "$output" = "$directly" ]
  done
}

@test "what lies beside the scripts is not taken for a program of the system, such as a test" {
  run -0 bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; type -P test virby-busy'
  [ "${lines[0]}" != "$REPO/scripts/test" ]
  [ "${lines[1]}" = "$REPO/scripts/virby-busy" ]
}

# refused REASON HINT: every script does, and does nothing.
refused() {
  local script speaker farewell
  for script in $SCRIPTS; do
    speaker=$script farewell=''
    if [ "$script" = virbyd ]; then
      speaker=virby-prepare farewell=$'\nvirby-forward: the VM ended before it could be reached'
    fi
    run --separate-stderr -65 timeout 20 "$script"
    [ "$output" = "" ]
    [ "$stderr" = "$speaker: $1
$speaker: hint: ${2//SCRIPT/$speaker}$farewell" ]
  done
}

@test "a folder that is another's, or that others may write to, is left alone by every script" {
  [ "$(id -u)" = 0 ] || skip 'needs root, to have a folder that belongs to another user'
  prepare
  before=$(find builder -type f -exec sha256sum {} +)
  VIRBY_PORT=$(shuf -i 20000-32000 -n 1)
  export VIRBY_PORT
  chmod 702 builder
  refused "others may write to '$VIRBY_DIR'" "run: chmod go-w '$VIRBY_DIR'"
  chmod 720 builder
  refused "others may write to '$VIRBY_DIR'" "run: chmod go-w '$VIRBY_DIR'"
  chmod 755 builder
  chown nobody builder
  refused "'$VIRBY_DIR' belongs to another user" "run 'SCRIPT' as its owner, with 'sudo -u'"
  chown root builder
  mv builder elsewhere
  ln -s elsewhere builder
  VIRBY_DIR+=/
  refused "'${VIRBY_DIR%/}' is a symbolic link" 'set VIRBY_DIR to the folder it leads to'
  VIRBY_DIR=${VIRBY_DIR%/}
  rm builder
  mv elsewhere builder
  [ "$(find builder -type f -exec sha256sum {} +)" = "$before" ]
  rm -r builder
  touch builder
  run --separate-stderr -65 virby-prepare
  [ "$stderr" = "virby-prepare: '$VIRBY_DIR' is not a directory
virby-prepare: hint: set VIRBY_DIR to one, or to a name that is free" ]
}

@test "a folder in one that may not be looked into is not one that is missing: who is not its owner is told so" {
  [ "$(id -u)" = 0 ] || skip 'needs root, to be somebody else'
  mkdir -m 755 place
  mkdir -m 700 place/secret
  VIRBY_DIR=$PWD/place/secret/builder prepare
  # The commands may lie where nobody else can look.
  mkdir bin
  # shellcheck disable=SC2153 # helpers.bash sets it
  for command in image keys lease boot forward idle; do cp "$VIRBY_BIN"/virby-"$command" bin; done
  cp -R "$REPO/scripts" "$REPO/templates" .
  chmod 711 . "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
  for script in virby-prepare virby-status virby-stop virby-ssh virby-rotate virby-upgrade; do
    run --separate-stderr -71 setpriv --reuid=65534 --regid=65534 --clear-groups env VIRBY_BIN="$PWD/bin" \
      VIRBY_DIR="$PWD/place/secret/builder" "$PWD/scripts/$script"
    [ "$output" = "" ]
    [ "$stderr" = "$script: cannot look into '$PWD/place/secret': Permission denied
$script: hint: run '$script' as the builder's owner, with 'sudo -u'" ]
  done
}

@test "virby-prepare: temporary names are not followed, and none is left" {
  prepare
  touch outside
  for name in ssh_config.new known_hosts.next; do ln -s "$PWD/outside" "builder/$name"; done
  virby-prepare
  VIRBY_PORT=9 run -69 virby-rotate
  [ ! -s outside ]
  [ "$(find builder -maxdepth 1 -type f -name '*.??????')" = "" ]
  [ -f builder/ssh_config ]
}

@test "virby-prepare: ssh finds the keys whatever the folder is called" {
  for name in 'a b' '100%' '#1' "it's" '$HOME' '~' 'é' '%d'; do
    export VIRBY_DIR=$PWD/$name/builder VIRBY_PORT=1
    mkdir "$name"
    prepare
    # Its known hosts are read as they are spelled, its identities with '%%' for '%'.
    run --separate-stderr -0 ssh -G -T -F "$VIRBY_DIR/ssh_config" virby-vm
    grep -Fx "globalknownhostsfile $VIRBY_DIR/keys/ssh_known_hosts" <<<"$output"
    grep -Fx "identityfile ${VIRBY_DIR//%/%%}/keys/ssh_user_ed25519_key" <<<"$output"
    # To what listens somewhere, which is as far as ssh must come to read its identities.
    run virby-ssh -v -o BatchMode=yes -o "ProxyCommand=echo SSH-2.0-nobody" true
    [[ $output == *"/keys/ssh_user_ed25519_key type 3"* ]]
  done
}

@test "virby-prepare: a folder that ssh has no way to name is refused, and so are a wrong host and port" {
  for name in 'say "hi"' 'back\slash' $'two\nlines' '${HOME}'; do
    VIRBY_DIR=$PWD/$name run --separate-stderr -64 virby-prepare
    [ "$stderr" = "virby-prepare: ssh cannot use files in '$PWD/${name//$'\n'/?}'
virby-prepare: hint: set VIRBY_DIR to a name without \", \\, \${ and control characters" ]
    [ ! -e "$name" ]
  done
  VIRBY_PORT=x run --separate-stderr -64 virby-prepare
  [ "$stderr" = "virby-prepare: 'x' is not a port
virby-prepare: hint: set VIRBY_PORT to a number from 1 to 65535" ]
  VIRBY_HOST='a b' run --separate-stderr -64 virby-prepare
  [ "$stderr" = "virby-prepare: 'a b' is not a host name
virby-prepare: hint: set VIRBY_HOST to letters, digits, '.', '_' and '-'" ]
}

# service COMMAND...: what launchd gives a user that never logs in. The commands lie beside the scripts, as when installed.
service() {
  env -i VIRBY_SETTINGS= PATH=/usr/bin:/bin:/usr/sbin:/sbin SHELL=/usr/bin/false ${HOME_OF_SERVICE+"HOME=$HOME_OF_SERVICE"} \
    VIRBY_DIR="$VIRBY_DIR" VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB VIRBY_PORT=9 "$@"
}

@test "as launchd runs them: its PATH, a shell that is none, no home" {
  make_image
  mkdir installed
  cp -R "$REPO"/scripts/virby* "$REPO"/scripts/{settings,values,system,progress,doctor.d,status.d} installed
  cp -R "$REPO/templates" .
  # shellcheck disable=SC2153 # helpers.bash sets it
  for command in image keys lease boot forward idle; do ln -s "$VIRBY_BIN"/virby-"$command" installed; done
  for HOME_OF_SERVICE in '' /var/empty/nowhere; do
    if [ -z "$HOME_OF_SERVICE" ]; then unset HOME_OF_SERVICE; fi
    run --separate-stderr -0 service installed/virby-prepare
    [ "$stderr" = "" ]
    run --separate-stderr -1 service installed/virby-status
    [ "$stderr" = "" ]
    run --separate-stderr -0 service installed/virby-close
    [ "$stderr" = "" ]
    run --separate-stderr -69 service installed/virby-rotate
    # By way of a ProxyCommand, which ssh has a shell run.
    run -255 service VIRBY_GUEST="unix:$PWD/socket" installed/virby-ssh true
    [[ $output == *"nc: "*"$PWD/socket"*"No such file or directory"* ]]
  done
}
