#!/usr/bin/env bats
# virbyd as launchd's job on a Mac, with the strict stand-in for vfkit, whose machine has no guest. In the guest's place a
# server is at the end of a bridge like vmnet's, with a lease in bootpd's file.

load ../cli/helpers
load rig

setup_file() {
  # There is one job, and one guest.
  export BATS_NO_PARALLELIZE_WITHIN_FILE=true
  mac_setup none
  mac_linux ip link add bridge100 type bridge
  mac_linux ip address add 192.168.64.1/24 dev bridge100
  mac_linux ip link set bridge100 up
  mac_linux ip link add guest0 master bridge100 up type veth peer name guest
  mac_linux unshare --net sh -c "until ip link show guest 2>/dev/null; do sleep 0.1; done
    ip address add 192.168.64.2/24 dev guest; ip link set guest up; ip link set lo up
    exec python3 -B '$MAC_RIG/guest.py'" >"$MAC/guest" 2>&1 3>&- &
  # Here it has another number than there.
  eventually 10 guest_there
  mac_linux ip link set guest netns "$(guest_there)"
  eventually 10 grep -qx listens "$MAC/guest"
  install_virby
}

guest_there() {
  mac_linux pgrep -f 'unshare --net|until ip link show' | tail -n 1 | grep .
}

teardown_file() {
  mac_teardown
}

# install_virby: what the installer does, by hand.
install_virby() {
  mac dscl . -create /Groups/virby PrimaryGroupID 348
  mac dscl . -create /Users/_virby UniqueID 348
  mac dscl . -create /Users/_virby PrimaryGroupID 348
  mac dscl . -create /Users/_virby UserShell /usr/bin/false
  mac dscl . -create /Users/_virby NFSHomeDirectory /var/lib/virby
  mac mkdir -p /var/lib/virby /etc/virby /usr/local/bin
  mac chmod 700 /var/lib/virby
  mac chown _virby:virby /var/lib/virby
  truncate -s 16M "$MAC/root/Users/Shared/image"
  sfdisk -q "$MAC/root/Users/Shared/image" <<<'label: gpt
size=8M, name=root'
  printf '#!/bin/sh\nexec /.linux/usr/bin/python3 -B "%s/Tests/standins/vfkit" "$@"\n' "$REPO" \
    >"$MAC/root/usr/local/bin/vfkit"
  chmod +x "$MAC/root/usr/local/bin/vfkit"
}

setup() {
  own_folder
  builder=$MAC/root/private/var/lib/virby
  job=org.nixos.virbyd
  file=/Library/LaunchDaemons/$job.plist
}

teardown() {
  exec 8>&- 9>&-
  mac launchctl bootout "system/$job" 2>/dev/null || true
  eventually 10 eval '! mac launchctl print system/$job >/dev/null 2>&1' || true
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then
    tail -n 30 "$MAC/log" "$builder/log/virbyd.log"
    cat "$MAC/rig/system.log"
  fi
  rm -f "$builder/log/virbyd.log" "$MAC/root$file" "$MAC/root/private/var/db/dhcpd_leases"
}

# loads [NAME=VALUE...]: the job is loaded, with such settings.
loads() {
  printf '%s\n' VIRBY_IMAGE=/Users/Shared/image VIRBY_DISK_SIZE=32MiB VIRBY_CORES=1 VIRBY_MEMORY=256MiB \
    VIRBY_STOP_TIMEOUT=20s VIRBY_PATH=/usr/local/bin VIRBY_CLOSE= VIRBY_BUSY= VIRBY_DEBUG=yes "$@" \
    >"$MAC/root/private/etc/virby/virby-vm.conf"
  cat >"$MAC/root$file" <<END
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>$job</string>
  <key>ProgramArguments</key><array><string>$REPO/scripts/virbyd</string></array>
  <key>EnvironmentVariables</key><dict><key>VIRBY_BIN</key><string>/.rig/bin</string></dict>
  <key>UserName</key><string>_virby</string>
  <key>GroupName</key><string>virby</string>
  <key>WorkingDirectory</key><string>/var/lib/virby</string>
  <key>Umask</key><integer>63</integer>
  <key>Sockets</key><dict><key>Listener</key><dict>
    <key>SockNodeName</key><string>127.0.0.1</string><key>SockFamily</key><string>IPv4</string>
    <key>SockServiceName</key><string>31222</string>
  </dict></dict>
  <key>inetdCompatibility</key><dict><key>Wait</key><true/></dict>
  <key>ExitTimeOut</key><integer>40</integer>
  <key>ThrottleInterval</key><integer>${throttle:-1}</integer>
  <key>ProcessType</key><string>Interactive</string>
</dict>
</plist>
END
  mac launchctl bootstrap system "$file"
}

# lease: bootpd gives the machine that runs its address.
lease() {
  local mac
  eventually 10 tells ' running mac='
  mac=$(sed -n 's/.* running mac=\([0-9a-f:]*\).*/\1/p' "$builder/log/virbyd.log" | tail -n 1)
  # bootpd writes no leading zeros.
  mac=${mac//:0/:}
  cat >"$MAC/root/private/var/db/dhcpd_leases.new" <<END
{
	name=virby-vm
	ip_address=192.168.64.2
	hw_address=1,${mac#0}
	identifier=1,${mac#0}
	lease=0x$(printf %x $(($(date +%s) + 86400)))
}
END
  mv "$MAC/root/private/var/db/dhcpd_leases.new" "$MAC/root/private/var/db/dhcpd_leases"
}

# call FILE: a client there, until `hang_up FILE`; what it is answered stands in the file.
call() {
  mac bash -c "exec 9<>/dev/tcp/127.0.0.1/31222; cat <&9 & until [ -e /Users/Shared/$1.over ]; do sleep 0.1; done; kill \$!" \
    >"$1" 2>/dev/null 3>&- &
}

hang_up() {
  touch "$MAC/root/Users/Shared/$1.over"
}

tells() {
  occurs "$1" "$builder/log/virbyd.log"
}

shows() {
  mac launchctl print "system/$job" | grep -q "^	*$1"
}

@test "the first client starts the machine and waits for its guest; the job's user runs all of it" {
  loads
  shows 'state = not running'
  call first
  lease
  eventually 10 occurs SSH-2.0-guest first
  eventually 10 tells ' open id=1 active=1'
  [ "$(mac ps -o user= -p "$(mac pgrep -f standins/vfkit)")" = _virby ]
  [ "$(mac stat -f '%Su:%Sg %OLp' /var/lib/virby/disk.img)" = '_virby:virby 600' ]
  mac launchctl bootout "system/$job" || [ $? = 36 ]
  eventually 10 eval '! mac launchctl print "system/$job" >/dev/null 2>&1'
  tells ' stopping why=signal'
  tells ' stopped how=asked status=0'
  run ! mac pgrep -f standins/vfkit
  hang_up first
}

@test "a machine that has been idle is off; the next client starts it again" {
  loads VIRBY_TTL=4s
  call second
  lease
  eventually 10 occurs SSH-2.0-guest second
  hang_up second
  eventually 10 shows 'last exit code = 0'
  shows 'state = not running'
  eventually 10 tells 'virby-boot: stopped how=asked status=0'
  call third
  lease
  eventually 10 occurs SSH-2.0-guest third
  run ! shows 'runs = 1'
  hang_up third
}

@test "a client that comes while the machine is powered off waits in the socket, and starts it again" {
  loads VIRBY_TTL=4s
  call fourth
  lease
  eventually 10 occurs SSH-2.0-guest fourth
  hang_up fourth
  eventually 10 tells ' stopping why=hangup'
  call fifth
  eventually 10 occurs SSH-2.0-guest fifth
  run ! shows 'runs = 1'
  hang_up fifth
}

@test "what cannot be prepared turns its client away, and is not tried again for it" {
  mac chmod 777 /var/lib/virby
  loads
  call sixth
  eventually 10 shows 'last exit code = 65'
  shows 'state = not running'
  shows 'runs = 1'
  eventually 10 occurs "others may write to '/var/lib/virby'" "$MAC/rig/system.log"
  mac chmod 700 /var/lib/virby
}

@test "a Mac is kept awake while a client is connected" {
  loads
  call seventh
  lease
  eventually 10 occurs SSH-2.0-guest seventh
  eventually 10 occurs 'begins' "$MAC/rig/awake"
  hang_up seventh
  eventually 10 occurs 'ends' "$MAC/rig/awake"
}
