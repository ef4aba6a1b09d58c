#!/usr/bin/env bats
# What stands in for bootpd keeps its file as bootpd does, and virby-lease reads it.

load ../cli/helpers

# says ACTION MAC IP [NAME=VALUE...]: what dnsmasq tells its script, with those in its environment.
says() {
  local action=$1 mac=$2 address=$3
  shift 3
  env -u DNSMASQ_CLIENT_ID BOOTPD_LEASES="$PWD/leases" DNSMASQ_LEASE_EXPIRES=4000000000 "$@" \
    python3 -B "$REPO/Tests/mac/vfkit/bootpd" "$action" "$mac" "$address"
}

@test "octets by %x, the client's identifier in hw_address, the name it sent, the newest first" {
  says add 02:94:00:0a:01:02 192.168.64.2
  says add 02:94:00:0a:01:03 192.168.64.3 DNSMASQ_CLIENT_ID=01:02:94:00:0a:01:03 DNSMASQ_SUPPLIED_HOSTNAME=two
  says add 02:94:00:0a:01:04 192.168.64.4 DNSMASQ_CLIENT_ID=ff:f1:f5:dd:7f:00:02:00:00:ab:11 DNSMASQ_SUPPLIED_HOSTNAME=three
  [ "$(cat leases)" = '{
	name=three
	ip_address=192.168.64.4
	hw_address=ff,f1:f5:dd:7f:0:2:0:0:ab:11
	identifier=ff,f1:f5:dd:7f:0:2:0:0:ab:11
	lease=0xee6b2800
}
{
	name=two
	ip_address=192.168.64.3
	hw_address=1,2:94:0:a:1:3
	identifier=1,2:94:0:a:1:3
	lease=0xee6b2800
}
{
	ip_address=192.168.64.2
	hw_address=1,2:94:0:a:1:2
	identifier=1,2:94:0:a:1:2
	lease=0xee6b2800
}' ]
  [ "$(stat -c %a leases)" = 644 ]
  [ ! -e leases- ]
  run -0 virby-lease -f leases 02:94:00:0a:01:03
  [ "$output" = 192.168.64.3 ]
}

@test "renewed it comes first, a name that comes later stands last, given back it stays and is over" {
  says add 02:94:00:0a:01:02 192.168.64.2
  says add 02:94:00:0a:01:03 192.168.64.3
  inode=$(stat -c %i leases)
  says old 02:94:00:0a:01:02 192.168.64.2 DNSMASQ_SUPPLIED_HOSTNAME=late
  [ "$(stat -c %i leases)" != "$inode" ]
  [ "$(head -n 7 leases)" = '{
	ip_address=192.168.64.2
	hw_address=1,2:94:0:a:1:2
	identifier=1,2:94:0:a:1:2
	lease=0xee6b2800
	name=late
}' ]
  says del 02:94:00:0a:01:02 192.168.64.2
  [ "$(grep -c 'ip_address=' leases)" = 2 ]
  lease=$(sed -n '5s/.*=//p' leases)
  [ $((lease)) -le "$(date +%s)" ]
}

@test "when it starts, dnsmasq is told what is in the file" {
  printf '{\n\tip_address=192.168.64.9\n\thw_address=1,2:94:0:a:1:9\n\tdeclined=1,2:94:0:a:1:9\n\tlease=0x1\n}\n' >leases
  says add 02:94:00:0a:01:02 192.168.64.2
  run -0 env BOOTPD_LEASES="$PWD/leases" python3 -B "$REPO/Tests/mac/vfkit/bootpd" init
  [ "$output" = '4000000000 02:94:00:0a:01:02 192.168.64.2 * 01:02:94:00:0a:01:02' ]
}
