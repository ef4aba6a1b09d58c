#!/usr/bin/env bats
# The settings file: what is in it counts unless the environment says otherwise, and nothing in it is run.

load helpers
load scripts

# setting NAME: what a script takes it for.
setting() {
  bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; printf "%s\n" "${!1}"' script "$1"
}

# conf: the file, as standard input has it.
conf() {
  cat >virby-vm.conf
  export VIRBY_SETTINGS=$PWD/virby-vm.conf
}

@test "a setting: the environment's, else the file's, else the default" {
  conf <<'END'
# The house's builder

VIRBY_CORES=3
VIRBY_MEMORY=2GiB
VIRBY_BUSY=
VIRBY_CMDLINE=root=/dev/vda2  quiet = "$(touch made)" `touch made` # not a comment
VIRBY_TIME_ZONE=Europe/Berlin
END
  printf 'VIRBY_TTL=9m' >>virby-vm.conf
  VIRBY_CORES=5 run -0 setting VIRBY_CORES
  [ "$output" = 5 ]
  [ "$(setting VIRBY_CORES)" = 3 ]
  [ "$(VIRBY_MEMORY='' setting VIRBY_MEMORY)" = 6GiB ]
  [ "$(setting VIRBY_BUSY)" = "" ]
  [ "$(setting VIRBY_CLOSE)" = virby-close ]
  [ "$(setting VIRBY_CMDLINE)" = 'root=/dev/vda2  quiet = "$(touch made)" `touch made` # not a comment' ]
  [ "$(setting VIRBY_TTL)" = 9m ]
  [ "$(VIRBY_SETTINGS='' setting VIRBY_TTL)" = 180m ]
  [ ! -e made ]
}

# refused NUMBER REASON HINT LINE: a file whose second line is that one.
refused() {
  conf < <(printf '# a comment\n%s\n' "$4")
  run --separate-stderr -65 virby-status
  [ "$output" = "" ]
  [ "$stderr" = "virby-status: '$VIRBY_SETTINGS', line $1: $2
virby-status: hint: $3" ]
}

@test "what is no setting is an error, with its line" {
  for line in ' VIRBY_CORES=4' 'export VIRBY_CORES=4' 'VIRBY_CORES' 'PATH=/tmp' '. /tmp/x' ' # a comment'; do
    refused 2 'not NAME=VALUE' "write VIRBY_CORES=4, say, or '# ' before a comment" "$line"
  done
  for name in VIRBY_CORE VIRBY_ VIRBY_SETTINGS VIRBY_BIN VIRBY_GUEST 'VIRBY_X[$(touch made)]' 'VIRBY_CORES ' VIRBY_cores; do
    refused 2 "'$name' is not a setting" "see '$REPO/scripts/settings'" "$name=4"
  done
  [ ! -e made ]
}

@test "a file that others can write to, or that is not there, is refused" {
  conf <<<VIRBY_CORES=3
  chmod 664 virby-vm.conf
  run --separate-stderr -65 virby-status
  [ "$stderr" = "virby-status: the settings in '$VIRBY_SETTINGS' are not root's alone
virby-status: hint: run 'chown 0' and 'chmod go-w' on it" ]
  chmod 644 virby-vm.conf
  ln -s virby-vm.conf link
  [ "$(VIRBY_SETTINGS=$PWD/link setting VIRBY_CORES)" = 3 ]
  export VIRBY_SETTINGS=$PWD/none
  run --separate-stderr -71 virby-status
  [ "$stderr" = "virby-status: cannot read the settings in '$PWD/none'
virby-status: hint: set VIRBY_SETTINGS to a file, or to nothing for none" ]
}

@test "a template's names all have values, which are taken as they are" {
  mkdir templates
  printf '%s\n' 'a @ONE@ b@c @TWO@@ONE@' '@THREE@ &' >templates/page
  run -0 bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; templates=templates
    fill page ONE="&\\1 *" TWO="@THREE@" THREE="x y"'
  [ "$output" = 'a &\1 * b@c @THREE@&\1 *
x y &' ]
  run --separate-stderr -70 bash -c 'scripts=$REPO/scripts; . "$scripts/settings"; templates=templates
    fill page ONE=1 TWO=2'
  [[ $stderr == *": the template 'page' has an unknown name 'THREE'" ]]
}
