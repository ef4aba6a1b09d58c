#!/usr/bin/env bats
# The front door: the verbs that people type.

load helpers
load machine
load scripts

@test "help, and what is no command" {
  run --separate-stderr -0 virby --help
  [ "${lines[0]}" = 'usage: virby [-b NAME] COMMAND [ARGUMENT...]' ]
  [ "$stderr" = "" ]
  wrong() {
    run --separate-stderr -64 virby "${@:2}"
    [ "$output" = "" ]
    [ "$stderr" = "virby: $1
virby: hint: see 'virby --help'" ]
  }
  wrong 'no command'
  wrong "unknown command 'begin'" begin
  wrong "unknown option '--now'" --now stop
  wrong "'stop' takes no arguments" stop now
  wrong "unknown argument '-x'" logs -x
  wrong "no value for '-b'" -b
  wrong "'../x' is not a builder's name" -b ../x env
}

@test "env: every setting, as it is in effect" {
  echo 'VIRBY_CORES=3' >settings
  VIRBY_SETTINGS=settings VIRBY_TTL='1 h' run --separate-stderr -0 virby env
  [ "${lines[0]}" = "VIRBY_DIR=$VIRBY_DIR" ]
  [[ $output == *$'\nVIRBY_CORES=3\n'* ]]
  [[ $output == *$'\nVIRBY_TTL=1 h\n'* ]]
  [ "$(wc -l <<<"$output")" = "$(grep -c '^: "${VIRBY_' "$REPO/scripts/settings")" ]
}

@test "-b: a builder that there is not" {
  run --separate-stderr -71 virby -b nobody-has-this env
  [ "$output" = "" ]
  [ "${stderr_lines[0]}" = "virby: cannot read the settings in '/etc/virby/nobody-has-this.conf'" ]
}

@test "logs: before there are any, the last of them, and the console's" {
  run --separate-stderr -71 virby logs
  [ "${stderr_lines[0]}" = "virby: there is no '$VIRBY_DIR/log/virbyd.log' yet" ]
  mkdir -p builder/log
  seq 100 >builder/log/virbyd.log
  echo booting >builder/log/serial.log
  run --separate-stderr -0 virby logs
  [ "$output" = "$(seq 61 100)" ]
  run --separate-stderr -0 virby logs -c
  [ "$output" = booting ]
  virby logs -f >seen 2>&1 3>&- &
  following=$!
  eventually 10 occurs 100 seen
  echo later >>builder/log/virbyd.log
  eventually 10 occurs later seen
  kill "$following"
  wait "$following" || true
}

@test "status, stop: a VM that is up, and one that is not" {
  prepare
  make_kernel good
  virby-boot --accelerator tcg -m 256 --kernel kernel --control "$VIRBY_DIR/run" builder/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 20 occurs running events
  run --separate-stderr -0 virby status
  [[ $output == *running* ]]
  run --separate-stderr -0 virby stop
  [ "$output$stderr" = "" ]
  ends 0
  occurs 'stopped how=asked' events
  run --separate-stderr -0 virby stop
  [ "$output$stderr" = "" ]
  run --separate-stderr -1 virby status
}

@test "root acts as the builder's user; anyone else is told to be root" {
  if [ "$EUID" != 0 ]; then skip 'takes root'; fi
  for_everyone
  mkdir -p builder/log
  echo hello >builder/log/virbyd.log
  chmod 700 builder
  chown -R nobody builder
  run --separate-stderr -0 virby logs
  [ "$output" = hello ]
  chown -R root builder
  # What nobody may see there is, but not what is in it.
  run --separate-stderr -71 setpriv --reuid nobody --clear-groups env HOME=/ virby stop
  [ "$stderr" = "virby: the builder in '$VIRBY_DIR' belongs to 'root'
virby: hint: run 'sudo virby stop'" ]
}
