# What the tests of virby-doctor share: `load helpers`, `load scripts`, then `load doctor`.
#
# The builder is in 'builder'; what it finds of the system's is below 'system', which --root names.
# shellcheck shell=bash disable=SC2015,SC2016,SC2034,SC2154 # the tests use what is set here, and `load helpers` sets the rest

setup() {
  own_folder
  use_bash
  PATH=$PATH:$REPO/scripts
  export VIRBY_DIR=$PWD/builder VIRBY_SETTINGS='' VIRBY_CORES=1 VIRBY_MEMORY=256MiB HOME=$PWD
  export VIRBY_DRIVER='' NIX_CONF_DIR
  unset NIX_CONF_DIR NIX_CONFIG NIX_USER_CONF_FILES XDG_CONFIG_HOME
  started=()
  make_system
}

teardown() {
  local pid
  for pid in ${started[@]+"${started[@]}"}; do
    kill -TERM "$pid" 2>/dev/null || true
  done
  wait
  if [ -n "${open-}" ]; then rm -rf "$open"; fi
}

free_port() {
  VIRBY_PORT=
  while [ -z "$VIRBY_PORT" ] || (: <>"/dev/tcp/127.0.0.1/$VIRBY_PORT") 2>/dev/null; do
    VIRBY_PORT=$((10000 + RANDOM % 22000))
  done
  export VIRBY_PORT
}

# make_system: a builder that is down, with a service manager that listens, and a Nix that is told of it.
make_system() {
  free_port
  prepare
  mkdir -p system/etc/nix system/etc/ssh/ssh_config.d
  : >system/etc/nix/nix.conf
  echo "ssh-ng://virby-vm x86_64-linux - 1 1 benchmark,big-parallel - -" >system/etc/nix/machines
  install -m 644 builder/ssh_config "system/etc/ssh/ssh_config.d/100-virby-vm.conf"
  echo "Include $PWD/system/etc/ssh/ssh_config.d/*.conf" >system/etc/ssh/ssh_config
}

# listen [ADDRESS]: what a socket unit does. A connection would start `touch`.
listen() {
  systemd-socket-activate -l "${1:-127.0.0.1}:$VIRBY_PORT" "$(type -P touch)" "$PWD/connected" >listening 2>&1 3>&- &
  started+=($!)
  eventually 10 occurs Listening listening
}

# tool NAME: a program of a Mac's, or one to be found first, from stdin.
tool() {
  mkdir -p tools
  { echo '#!/bin/sh' && cat; } >"tools/$1"
  chmod +x "tools/$1"
  case :$PATH: in *":$PWD/tools:"*) ;; *) PATH=$PWD/tools:$PATH ;; esac
}

# on_a_mac: what the scripts ask a Mac, answered; a test puts others in the place of these.
on_a_mac() {
  tool uname <<<'echo Darwin'
  tool sw_vers <<<'echo 15.5'
  tool sysctl <<<'case $2 in hw.memsize) echo 17179869184 ;; hw.ncpu) echo 8 ;; *) exit 1 ;; esac'
  tool launchctl <<'END'
case $1 in print) echo "Could not find service \"$2\" in domain for system" >&2; exit 113 ;; print-disabled) echo 'disabled services = {' ; echo '}' ;; esac
END
  tool route <<<'echo "  interface: en0"'
  tool ifconfig <<<'exec /bin/sh -c "ip -4 -o address | sed -n \"s/^[0-9]*: \\([^ ]*\\) *inet \\([^/]*\\).*/\\1:\\n inet \\2/p\""'
}

doctor() {
  virby-doctor --root system "$@"
}

# finds CODE LEVEL [TEXT]: among what is found is that, with evidence and a remedy, and TEXT in it.
finds() {
  local status=0
  doctor ${doctor_options[@]+"${doctor_options[@]}"} --json >said 2>errors || status=$?
  [ ! -s errors ] && [ "$status" = "$(jq 'if .level == "fault" then 1 else 0 end' said)" ] &&
    jq -e --arg code "$1" --arg level "$2" --arg text "${3-}" '[.found[] | select(.code == $code and .level == $level)
      | select((.evidence | length) > 0 and .remedy != "" and (.message + " " + (.evidence | join(" ")) | contains($text)))]
      | length == 1' said >/dev/null || {
    echo "status $status"
    cat errors
    jq -c '.verdict, .found[]' said || cat said
    return 1
  }
}

# verdict CODE LEVEL [TEXT]: that is also the verdict.
verdict() {
  finds "$@" && [ "$(jq -r .verdict said)" = "$1" ] || {
    jq -c '.verdict, .found[]' said
    return 1
  }
}
