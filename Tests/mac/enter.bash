# What is done on the Mac that rig.bash makes, which says what these are for.
# shellcheck shell=bash

# mac_enter COMMAND...: with no environment but what comes first, NAME=VALUE.
mac_enter() {
  nsenter --target "$MAC_PID" --mount --pid --net --uts --ipc --root --wdns=/ /.linux/usr/bin/env -i \
    ${TERM:+"TERM=$TERM"} "$@"
}

MAC_PATH=/usr/local/bin:/System/Cryptexes/App/usr/bin:/usr/bin:/bin:/usr/sbin:/sbin:/nix/var/nix/profiles/default/bin

mac() {
  mac_enter "PATH=$MAC_PATH" HOME=/Users/admin USER=root LOGNAME=root SHELL=/bin/sh LANG=en_US.UTF-8 \
    SUDO_USER=admin SUDO_UID=501 SUDO_GID=20 SUDO_COMMAND="$1" "$@"
}

mac_as() {
  local name uid gid home shell
  IFS=: read -r name _ uid gid _ home shell < <(grep "^$1:" "$MAC/root/private/etc/passwd")
  shift
  mac_enter "PATH=$MAC_PATH" "HOME=$home" "USER=$name" "LOGNAME=$name" "SHELL=$shell" LANG=en_US.UTF-8 \
    /.linux/usr/bin/setpriv --reuid "$uid" --regid "$gid" --init-groups "$@"
}

mac_linux() {
  mac_enter PATH=/.linux/usr/bin:/.linux/usr/sbin HOME=/var/root "$@"
}

# mac_tree: sorted by name, without what Nix keeps and its daemon's log.
mac_tree() {
  local but=(! -path './nix/store/*' ! -path './nix/var/nix/*' ! -path ./private/var/log/nix-daemon.log)
  (
    cd "$MAC/root" || exit
    find . "${but[@]}" -printf '%P\t%y %m %U:%G %l\n' | LC_ALL=C sort
    find . -type f "${but[@]}" -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum --
  )
}

# mac_fact NAME VALUE: what sysctl, sw_vers and uname say from now on; `facts` has the names. No value: it has none.
mac_fact() {
  sed -i "/^$1=/d" "$MAC/rig/facts"
  if [ $# -gt 1 ]; then echo "$1=$2" >>"$MAC/rig/facts"; fi
}
