#!/usr/bin/env bats
# virby-doctor(1) and a guest: lease, route, banner, host key, login. The host is a network namespace with a bridge as
# vmnet makes it, the guest another one with a real sshd; the pipeline is real, and vfkit its stand-in.

load helpers
load scripts
load doctor

setup() {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make network namespaces'; fi
  command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || skip 'needs sshd'
  own_folder
  use_bash
  PATH=$REPO/Tests/standins:$PATH:$REPO/scripts:/usr/sbin
  unset NIX_CONF_DIR NIX_CONFIG NIX_USER_CONF_FILES XDG_CONFIG_HOME
  export VIRBY_DIR=$PWD/builder VIRBY_SETTINGS='' VIRBY_CORES=1 VIRBY_MEMORY=256MiB HOME=$PWD \
    VIRBY_DRIVER=vfkit VIRBY_LEASES=$PWD/leases
  started=() doctor_options=(--wait 2s)
  host=virby-host-$$ guest=virby-guest-$$
  make_system
  # None of this is about Nix.
  rm -r system/etc/nix
  make_network
}

teardown() {
  # The pipeline's end is that of its first stage; the driver is gone with it.
  if boot=$(virby-image holder builder/disk.img 2>/dev/null); then kill -TERM "$boot" 2>/dev/null || true; fi
  for pid in ${started[@]+"${started[@]}"}; do
    kill -CONT "$pid" 2>/dev/null || true
    # Not the shell of the pipeline, which would leave its stages.
    if [ "$pid" != "${pipeline-}" ]; then kill -TERM "$pid" 2>/dev/null || true; fi
  done
  wait
  if [ -n "${pipeline-}" ]; then eventually 20 eval '! virby-image holder builder/disk.img 2>/dev/null'; fi
  for name in ${host-} ${guest-}; do ip netns delete "$name" 2>/dev/null || true; done
}

inside() {
  ip netns exec "$host" "$@"
}

doctor() {
  inside virby-doctor --root system "$@"
}

make_network() {
  ip netns add "$host"
  ip netns add "$guest"
  inside ip link set lo up
  ip -n "$guest" link set lo up
  inside ip link add bridge100 type bridge
  inside ip address add 192.168.64.1/24 dev bridge100
  inside ip link add port0 type veth peer name eth0 netns "$guest"
  inside ip link set port0 master bridge100 up
  inside ip link set bridge100 up
  ip -n "$guest" address add 192.168.64.7/24 dev eth0
  ip -n "$guest" link set eth0 up
}

# run_pipeline: the builder is up, as virbyd has it.
run_pipeline() {
  inside sh -c 'virby-boot -q --driver vfkit --keys builder/keys --control builder/run --serial builder/log/serial.log builder/disk.img |
    virby-lease -q -f leases | virby-forward -q -l "127.0.0.1:$VIRBY_PORT" | virby-idle -q -t 1h' >events 2>errors.pipeline 3>&- &
  pipeline=$!
  started+=("$pipeline")
  eventually 20 eval 'boot=$(virby-image holder builder/disk.img)'
  eventually 20 occurs listening events
}

# record ADDRESS CLIENT [SECONDS]: as bootpd writes it, newest first.
record() {
  local rest=''
  if [ -e leases ]; then rest=$(cat leases); fi
  printf '{\n\tip_address=%s\n\thw_address=%s\n\tidentifier=%s\n\tlease=0x%x\n}\n%s' "$1" "$2" "$2" "$(($(date +%s) + ${3-3600}))" \
    "$rest${rest:+$'\n'}" >leases.new
  mv leases.new leases
}

# mine: the client identifier of the guest.
mine() {
  echo "1,$(driver_words --driver vfkit builder/disk.img | sed -n 's/.*mac=//p')"
}

# serve_ssh [OPTION...]: the guest's sshd, in which `builder` has an account.
serve_ssh() {
  mkdir -p /run/sshd etc
  { grep -v '^builder:' /etc/passwd && echo "builder:x:1999:1999::/tmp:/bin/sh"; } >etc/passwd
  install -m 600 builder/keys/ssh_host_ed25519_key etc/host_key
  if [ ! -e etc/authorized_keys ]; then install -m 644 builder/keys/ssh_user_ed25519_key.pub etc/authorized_keys; fi
  mkdir -p guest
  ip netns exec "$guest" sh -c 'mount --bind etc/passwd /etc/passwd && mount --bind guest /usr/local/bin && exec "$@"' - "$(command -v sshd)" -D -e -f /dev/null \
    -o ListenAddress=192.168.64.7:22 -o "HostKey=$PWD/etc/host_key" "$@" -o AuthorizedKeysFile=none \
    -o "AuthorizedKeysCommand=/bin/cat $PWD/etc/authorized_keys" -o AuthorizedKeysCommandUser=root \
    -o PidFile=none -o UsePAM=no -o StrictModes=no -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no \
    >sshd.log 2>&1 3>&- &
  started+=($!)
  eventually 10 occurs 'Server listening' sshd.log
}

# serve TEXT: who connects to the guest is told that.
serve() {
  ip netns exec "$guest" python3 - "$1" 3>&- <<'END' &
import socket, sys
server = socket.create_server(("192.168.64.7", 22))
open("serving", "w").close()
while True:
    client, _ = server.accept()
    client.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin-1"))
    client.shutdown(socket.SHUT_WR)
    try:
        while client.recv(4096):
            pass
    except OSError:
        pass
    client.close()
END
  started+=($!)
  eventually 10 test -e serving
}

@test "the lease: none, of a DUID, in a file that is none, and all are taken" {
  run_pipeline
  verdict lease-none fault "'$PWD/leases' does not exist"
  record 192.168.64.5 ff,f1:f5:dd:7f:0:2:0:0:ab:11
  verdict lease-duid fault "'192.168.64.5' of client 'ff,f1:f5:dd:7f:0:2:0:0:ab:11'"
  echo 'what is this' >leases
  verdict lease-file fault 'leases'
  for n in $(seq 2 254); do printf '{\n\tip_address=192.168.64.%d\n\thw_address=1,2:94:0:0:0:%x\n\tidentifier=1,2:94:0:0:0:%x\n\tlease=0x%x\n}\n' \
    "$n" "$n" "$n" "$(($(date +%s) + 3600))"; done >leases
  verdict lease-pool fault '253 leases'
}

@test "the lease: expired, of another network, shared; no bridge; a Mac that gives none" {
  run_pipeline
  record 192.168.64.7 "$(mine)" -60
  verdict lease-expired fault "'192.168.64.7' of client '$(mine)'"
  rm leases
  record 192.168.66.7 "$(mine)"
  verdict lease-subnet fault 'bridge100 192.168.64.1'
  rm leases
  record 192.168.64.7 "$(mine)"
  record 192.168.64.7 1,2:94:0:0:0:9
  finds lease-shared warning 192.168.64.7
  on_a_mac
  tool codesign <<<'echo com.apple.security.virtualization'
  tool ifconfig <<<'printf "en0: flags=8863\n\tinet 10.0.0.2 netmask 0xff000000\n"'
  verdict bridge-none fault 'en0 10.0.0.2'
  rm leases
  mkdir -p system/usr/libexec/ApplicationFirewall
  printf '#!/bin/sh\necho "Incoming connection to the application is blocked"\n' >system/usr/libexec/ApplicationFirewall/socketfilterfw
  chmod +x system/usr/libexec/ApplicationFirewall/socketfilterfw
  verdict bootpd-blocked fault 'is blocked'
  tool launchctl <<<'case $1 in print) exit 113 ;; *) echo "  \"com.apple.bootpd\" => disabled" ;; esac'
  verdict bootpd-disabled fault com.apple.bootpd
}

@test "the route: none, through a VPN, and a VPN that has the default route" {
  run_pipeline
  record 192.168.64.7 "$(mine)"
  serve_ssh
  inside ip link add utun3 type veth peer name utun4
  inside ip address add 10.9.0.1/24 dev utun3
  inside ip link set utun3 up
  inside ip route add 192.168.64.7 dev utun3
  verdict route-vpn fault '192.168.64.7 is reached through utun3'
  inside ip route delete 192.168.64.7
  inside ip route add default dev utun3
  finds vpn-route warning 'default route: utun3'
  inside ip link delete utun3
  inside ip route delete 192.168.64.0/24 dev bridge100
  verdict route-none fault 'no route to 192.168.64.7'
}

@test "the banner: none, and none through the relay" {
  run_pipeline
  record 192.168.64.7 "$(mine)"
  verdict banner-none fault "the console's last line: the stand-in's console"
  serve_ssh
  relay=$(pgrep -x virby-forward -P "$(pgrep -P "${started[0]}" | paste -sd ,),${started[0]}")
  kill -STOP "$relay"
  started+=("$relay")
  verdict relay-silent fault 'at 192.168.64.7: a banner'
}

@test "the banner: no SSH, not for a while" {
  run_pipeline
  record 192.168.64.7 "$(mine)"
  serve 'HTTP/1.1 400 Bad Request\r\n\r\n'
  verdict banner-foreign fault 'HTTP/1.1 400 Bad Request'
  kill "${started[1]}"
  wait "${started[1]}" || true
  rm serving
  serve 'Not allowed at this time\r\n'
  verdict banner-penalty fault 'Not allowed at this time'
}

@test "a guest that is not there, and a Mac that does not let anyone get to it" {
  run_pipeline
  record 192.168.64.7 "$(mine)"
  ip -n "$guest" link set eth0 down
  inside sysctl -q net.ipv4.neigh.bridge100.retrans_time_ms=100
  verdict guest-unreachable fault 'No route to host'
  on_a_mac
  tool codesign <<<'echo com.apple.security.virtualization'
  tool route <<<'echo "  interface: bridge100"'
  finds local-network fault 'No route to host'
}

@test "the host key: another's" {
  run_pipeline
  record 192.168.64.7 "$(mine)"
  virby-keys ensure other >/dev/null
  serve_ssh -o "HostKey=$PWD/other/ssh_host_ed25519_key" -o HostKeyAlgorithms=ssh-ed25519
  kill "${started[1]}"
  wait "${started[1]}" || true
  rm sshd.log
  mv builder/keys/ssh_host_ed25519_key mine
  cp other/ssh_host_ed25519_key builder/keys/ssh_host_ed25519_key
  serve_ssh
  mv mine builder/keys/ssh_host_ed25519_key
  verdict host-key fault "what answers has $(virby-keys fingerprint other/ssh_host_ed25519_key)"
}

@test "the login: refused, cut off, without a shell; then Nix's daemon is not there" {
  run_pipeline
  record 192.168.64.7 "$(mine)"
  mkdir etc
  : >etc/authorized_keys
  serve_ssh
  verdict login-refused fault 'Permission denied (publickey)'
  again -o AuthorizedKeysCommand="/bin/sh -c 'kill \$PPID'" -o AuthorizedKeysCommandUser=root
  verdict login-cut fault 'losed'
  cp builder/keys/ssh_user_ed25519_key.pub etc/authorized_keys
  again -o ForceCommand=/bin/false
  verdict guest-mute fault
  again
  finds guest-store fault
  [ "$(jq -r '.steps[] | select(.step == "login" or .step == "clock") | .state' said)" = 'ok
ok' ]
  printf '#!/bin/sh\ncase "$*" in *ping*) printf "Store URL: daemon\\nVersion: 2.26.3\\nTrusted: 0\\n" ;; esac\n' >guest/nix
  chmod +x guest/nix
  finds guest-untrusted fault 'Trusted: 0'
}

# again OPTION...: sshd once more, with these.
again() {
  kill "${started[${#started[@]} - 1]}"
  wait "${started[${#started[@]} - 1]}" || true
  rm sshd.log
  serve_ssh "$@"
}
