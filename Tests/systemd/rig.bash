# A system of its own whose first process is systemd: an overlay of this machine's root, with namespaces for mounts, processes,
# names, network and control groups. What is written in it is gone with it.
# shellcheck shell=bash disable=SC2016,SC2034 # the tests use it, and other shells run the text

bats_require_minimum_version 1.5.0

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VIRBY_BIN=${VIRBY_BIN:-$REPO/.build/release}
. "$REPO/Tests/cli/helpers.bash"

# Seconds that anything may take under emulation, on a machine that does other things too: only what hangs takes as long.
PATIENCE=1200
# Its network is its own, so no other has the port.
PORT=31222

# rig_make: the system, off. A process that sleeps holds what outlives its reboots: files and network.
rig_make() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make namespaces'; fi
  rig=$BATS_FILE_TMPDIR/rig
  mkdir "$rig"
  setsid unshare --mount --net --propagation private sleep infinity 3>&- &
  holder=$!
  eventually 10 eval '! [ /proc/$holder/ns/net -ef /proc/self/ns/net ]'
  nsenter -t "$holder" -m -n sh -euc '
    mount -t tmpfs -o mode=755 rig "$1"
    mkdir "$1/upper" "$1/work" "$1/root"
    mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" rig "$1/root"
    # Nothing of this machine is started in it.
    cd "$1/root"
    rm -rf etc/systemd/system/*
    ln -s /lib/systemd/system/multi-user.target etc/systemd/system/default.target
    for unit in timers.target getty.target remote-fs.target ssh.socket ssh.service systemd-logind.service systemd-timesyncd.service; do
      ln -s /dev/null "etc/systemd/system/$unit"
    done
    rm -f etc/machine-id
    rm -rf var/log/journal
    mkdir -p var/log/journal
    ip link set lo up
  ' - "$rig"
  group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/virby-test-$$
  export rig holder group
}

# rig_boot: starts it, and waits until all that starts with it has. The groups are of cgroup2, wherever that is mounted here.
# $rig.first and $rig.outer have the numbers of its first process and of that one's parent.
rig_boot() {
  local outer
  mkdir -p "$group"
  rm -f "$rig.first"
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    exec nsenter -t "$holder" -m -n unshare --mount --pid --fork --uts --ipc --cgroup --kill-child --propagation private \
      sh -euc '
        cd "$1/root"
        mount -t proc proc proc
        mount -t sysfs -o ro sys sys
        mount -t cgroup2 cgroup sys/fs/cgroup
        mount -t tmpfs -o mode=755 dev dev
        mkdir dev/pts dev/shm
        mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 pts dev/pts
        ln -s pts/ptmx dev/ptmx
        for device in null zero full random urandom tty; do
          : >"dev/$device"
          mount --bind "/dev/$device" "dev/$device"
        done
        ln -s /proc/self/fd dev/fd
        for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%:*}" "dev/${n#*:}"; done
        mount -t tmpfs -o mode=755 run run
        mount -t tmpfs -o mode=1777 tmp tmp
        # Its /tmp is empty, and the checkout may be in ours.
        case $2 in /tmp/*) mkdir -p ".$2" && mount --bind "$2" ".$2" && mount -o remount,bind,ro ".$2" ;; esac
        hostname rig
        mkdir run/old
        pivot_root . run/old
        # What the tests have to say to it.
        mkdir -p "$1"
        umount -l /run/old
        exec env -i container=virby PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd \
          --log-target=journal --show-status=no </dev/null
      ' - "$rig" "$REPO" >"$rig.console" 2>&1 3>&-
  ) &
  outer=$!
  echo "$outer" >"$rig.outer"
  eventually 20 eval 'pgrep -P "$outer" -x systemd >"$rig.first"'
  eventually 20 inside systemctl is-active -q multi-user.target
}

# inside COMMAND...: in it, as root with a login's environment.
inside() {
  nsenter -t "$(<"$rig.first")" -m -u -i -n -p -C env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 "$@"
}

# rig_off: waits until it has ended, as it does after `systemctl poweroff` or `reboot`.
rig_off() {
  eventually 60 gone "$(<"$rig.outer")"
  find "$group" -depth -type d -exec rmdir '{}' +
}

rig_end() {
  if [ -z "${holder-}" ]; then return; fi
  if [ -s "$rig.first" ] && ! gone "$(<"$rig.outer")"; then
    kill -KILL "$(<"$rig.first")"
    # Not a word of it from the shell, if it is that one's.
    wait "$(<"$rig.outer")" 2>/dev/null || true
    rig_off
  fi
  kill "$holder"
}

# tree: all that there is in it with modes, owners and sums, but for what any system writes as it runs, what runs on this
# machine the while, and the backups of useradd.
tree() {
  inside sh -c 'cd / && find etc home usr/local var -xdev \
    \( -path var/log -o -path var/tmp -o -path var/lib/systemd -o -path var/backups -o -path var/cache -o -path var/lib/postgresql -o -name "*-" -path "etc/*" -o -name .pwd.lock \) -prune \
    -o -printf "%p %y %#m %u:%g %l\n" -type f -size -4096k -exec cksum "{}" + | LC_ALL=C sort'
}
