# Machines on the Mac that rig.bash makes: `load rig`, then `load virtualization`.
#
#   mac_virtualization ARCH    puts vfkit into /usr/local/bin and starts what of macOS runs its machines, on a Mac
#                              whose processor becomes amd64 or arm64; anew if it runs already
#   mac_lingers [SECONDS]      from now on a machine lives on for so long when its vfkit has been killed; by default not
#   mac_machines               the processes of the machines that run, as the Mac numbers them
#
# What runs machines is a child of the system, as are they. Its log is $MAC/virtualization.
# shellcheck shell=bash disable=SC2154 # MAC is rig.bash's

mac_virtualization() {
  local deadline=$((SECONDS + 60)) log=$MAC/virtualization
  mkdir -p "$MAC/root/usr/local/bin"
  ln -sf "$MAC_RIG/vfkit/vfkit" "$MAC/root/usr/local/bin/vfkit"
  case $1 in
    amd64) mac_fact hw.machine x86_64 && mac_fact hw.optional.arm64 ;;
    arm64) mac_fact hw.machine arm64 && mac_fact hw.optional.arm64 1 ;;
  esac
  if [ -e "$log" ]; then mac_linux pkill -f "$MAC_RIG/vfkit/virtualization"; fi
  while mac_linux pgrep -f "$MAC_RIG/vfkit/virtualization" >/dev/null; do sleep 0.05; done
  : >"$log"
  mac_linux "$MAC_RIG/vfkit/virtualization" --arch "$1" >"$log" 2>&1 3>&- &
  until grep -qx listens "$log"; do
    if ((SECONDS > deadline)); then
      cat "$log" >&2
      return 1
    fi
    sleep 0.05
  done
}

mac_lingers() {
  echo "${1+end=lingers seconds=$1}" >"$MAC/root/private/var/run/virtualization.words"
}

mac_machines() {
  mac_linux pgrep -f '^/System/Library/Frameworks/Virtualization.framework'
}
