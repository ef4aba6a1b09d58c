# shellcheck shell=bash
# A Mac made of Linux: `load ../mac/rig` (or `load rig`), as root.
#
#   mac_setup [NIX]     makes one and starts it, with Nix as its installer 'official' (default) or 'determinate' leaves
#                       it, or 'none'. $MAC is the folder that holds it, $MAC/root its root, $MAC/log what launchd says
#   mac COMMAND...      runs a command there as root, as the administrator's sudo does
#   mac_as USER CMD...  runs it as that user, with a login's environment
#   mac_linux CMD...    runs one of Linux's there, which scripts do not see: ip, dnsmasq, qemu-system-aarch64, python3
#   mac_tree            lists every file there is, with type, mode, owner, and what is in it; mounts are empty folders
#   mac_fact NAME VALUE changes what sysctl, sw_vers and uname say of the machine
#   mac_reboot [cut]    shuts it down and starts it again, in the shell that made it; 'cut': without a warning
#   mac_teardown        ends all that runs there, and takes it away
#
# The Mac is a folder with a Mac's files as root, in mount, pid, network, UTS and IPC namespaces of its own. /usr/bin and
# the like hold what a Mac has and nothing else (`commands`); Linux's are at /.linux/usr. launchd is process 1:
# with it all processes end, and it ends when the shell that called mac_setup does. $VIRBY_BASH, if set, is its bash.
# The checkout, VIRBY_BIN and the guests' images can be read there under their own names, the test's folder written
# too. A VM there may use /dev/kvm.
#
# Not a Mac's: the kernel, so /proc is there; the commands, which are Linux's (mac_setup puts links to them into
# /.rig/bin which take a Mac's defaults); sizes and times of files.

MAC_RIG=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$MAC_RIG/enter.bash"

mac_setup() {
  local nix=${1:-official} path
  local binds=(ro "${MAC_RIG%/Tests/mac}")
  MAC=$(mktemp -d "${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}}/mac.XXXXXX")
  export MAC
  chmod 755 "$MAC"
  mkdir "$MAC/rig"
  cp "${VIRBY_BASH:-/bin/bash}" "$MAC/rig/bash"
  cp "$MAC_RIG/facts" "$MAC/rig/facts"
  : >"$MAC/rig/system.log"
  : >"$MAC/rig/awake"
  chmod 666 "$MAC/rig/system.log" "$MAC/rig/awake"
  "$MAC_RIG/root" "$MAC/root" "$nix" || return
  for path in "${VIRBY_BIN-}" "$HOME/.cache/virby/guest" ${MAC_READS-}; do
    if [ -d "$path" ]; then binds+=(ro "$path"); fi
  done
  if [ -n "${BATS_RUN_TMPDIR-}" ]; then binds+=(rw "$BATS_RUN_TMPDIR"); fi
  if [ -n "${VIRBY_BIN-}" ]; then mac_commands; fi
  MAC_BINDS=$(printf '%q ' "${binds[@]}")
  export MAC_BINDS
  mac_start
}

# mac_start: switches it on.
mac_start() {
  local binds i
  eval "binds=($MAC_BINDS)"
  rm -f "$MAC/rig/launchd.sock"
  # A Mac that starts has an empty /tmp, and the checkout may be there.
  for ((i = 1; i < ${#binds[@]}; i += 2)); do mac_folder "${binds[i]}"; done
  # Killed when this shell ends, however it ends.
  setpriv --pdeathsig KILL unshare --mount --pid --net --uts --ipc --propagation private --fork --kill-child \
    "$MAC_RIG/boot" "$MAC" "${binds[@]}" </dev/null >>"$MAC/log" 2>&1 3>&- &
  MAC_UNSHARE=$!
  local deadline=$((SECONDS + 60))
  until [ -S "$MAC/rig/launchd.sock" ]; do
    if ((SECONDS > deadline)) || ! kill -0 "$MAC_UNSHARE" 2>/dev/null; then
      echo "the Mac does not start:" >&2
      cat "$MAC/log" >&2
      return 1
    fi
    sleep 0.05
  done
  MAC_PID=$(cat "/proc/$MAC_UNSHARE/task/$MAC_UNSHARE/children")
  MAC_PID=${MAC_PID// /}
  export MAC_PID MAC_UNSHARE
}

# mac_folder PATH: a place for it in the root, through the links that /tmp and /var are on a Mac.
mac_folder() {
  case $1 in
    /tmp/* | /var/* | /etc/*) mkdir -p "$MAC/root/private$1" ;;
    *) mkdir -p "$MAC/root$1" ;;
  esac
}

# mac_commands: /.rig/bin has the six commands, which take for granted what they would on a Mac.
mac_commands() {
  local command
  mkdir "$MAC/rig/bin"
  for command in "$VIRBY_BIN"/virby-*; do
    [ -x "$command" ] || continue
    case ${command##*/} in
      virby-boot) mac_defaults "$command" --driver vfkit ;;
      virby-lease) mac_defaults "$command" -f /var/db/dhcpd_leases ;;
      *) ln -s "$command" "$MAC/rig/bin/" ;;
    esac
  done
}

# mac_defaults COMMAND OPTION VALUE
mac_defaults() {
  cat >"$MAC/rig/bin/${1##*/}" <<END
#!/.linux/usr/bin/dash
for word; do if [ "\$word" = $2 ]; then exec '$1' "\$@"; fi; done
exec '$1' $2 '$3' "\$@"
END
  chmod +x "$MAC/rig/bin/${1##*/}"
}

# mac_reboot [cut]: launchd stops its jobs, or the power is cut; then it starts again, with what is in /tmp gone.
mac_reboot() {
  if [ "${1-}" = cut ]; then
    mac_end KILL
  else
    mac_end TERM
  fi
  find "$MAC/root/private/tmp" "$MAC/root/private/var/run" -mindepth 1 -maxdepth 1 ! -name 'bats-run-*' -exec rm -rf {} +
  mac_start
}

# mac_end SIGNAL: to process 1. With that the kernel ends the others, and the last of them takes the mounts along.
mac_end() {
  local deadline=$((SECONDS + 120))
  kill "-$1" "$MAC_PID" 2>/dev/null || true
  while [ -e "/proc/$MAC_PID" ] && ((SECONDS < deadline)); do sleep 0.05; done
  wait "$MAC_UNSHARE" 2>/dev/null || true
}

mac_teardown() {
  if [ -z "${MAC_UNSHARE-}" ]; then return; fi
  mac_end KILL
  if [ -n "${BATS_TEST_COMPLETED-}" ] || [ -z "${BATS_VERSION-}" ]; then rm -rf "$MAC"; fi
  unset MAC_UNSHARE
}
