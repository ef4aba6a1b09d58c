#!/usr/bin/env bats
# What the guest makes of the share that it is given: its own scripts, run here on folders of all kinds.
# That the guest runs them, and what it has of their results, is in Tests/e2e/settings.bats.

load helpers

lib=$REPO/scripts/guest/rootfs/usr/lib/virby

setup() {
  own_folder
  command -v busybox >/dev/null || skip 'needs busybox'
  mkdir share given run
}

# keys: the share holds the two keys.
keys() {
  virby-keys ensure keys >/dev/null
  cp keys/guest/* share
}

# take: the share's files are taken, and nothing is said but the words given.
take() {
  run --separate-stderr -0 timeout 60 "$lib/take-files" share given
  [ "$stderr" = "" ]
  [ "$output" = "${1-}" ]
}

# settings: they are installed, and nothing is said but the words given.
settings() {
  run --separate-stderr -0 timeout 120 "$lib/install-settings" "$PWD/share" "$PWD/run"
  [ "$stderr" = "" ]
  [ "$output" = "${1-}" ]
  [ ! -e run/work ]
}

@test "files that count are taken, what else there is is told and ignored" {
  keys
  echo 'max-jobs = 1' >share/nix.conf
  take
  [ "$(cd given && stat -c '%n %a' -- *)" = 'nix.conf 600
ssh_host_ed25519_key 600
ssh_user_ed25519_key.pub 600' ]

  rm -r given/*
  echo hello >share/.hidden
  echo hello >"share/nix.conf substituters"
  echo hello >share/$'name\nof two lines\e[31m'
  mkdir share/folder
  take "virby: 'folder' is ignored: the guest knows no such file
virby: 'name?of two lines?[31m' is ignored: the guest knows no such file
virby: 'nix.conf substituters' is ignored: the guest knows no such file
virby: '.hidden' is ignored: the guest knows no such file"
  [ "$(ls given)" = 'nix.conf
ssh_host_ed25519_key
ssh_user_ed25519_key.pub' ]

  rm -r share/folder share/n*\ *
  for number in $(seq 2000); do : >"share/x$number"; done
  run --separate-stderr -0 "$lib/take-files" share given
  [ "${#lines[@]}" -eq 5 ]
  [ "${lines[4]}" = 'virby: 1997 more files are ignored' ]
}

@test "links, pipes, folders, devices and large files under the names that count are left out" {
  for kind in link:mounts fifo:nix.conf folder:proxy large:substituters dangling:time-zone socket:authorized_keys; do
    name=${kind#*:}
    case ${kind%:*} in
      link) ln -s /etc/shadow "share/$name" ;;
      dangling) ln -s /nowhere "share/$name" ;;
      fifo) mkfifo "share/$name" ;;
      folder) mkdir "share/$name" ;;
      large) truncate -s 1G "share/$name" ;;
      socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "share/$name" ;;
    esac
  done
  truncate -s 1M share/trusted-public-keys
  take "virby: 'authorized_keys' is left out: it is not a regular file
virby: 'mounts' is left out: it is not a regular file
virby: 'nix.conf' is left out: it is not a regular file
virby: 'proxy' is left out: it is not a regular file
virby: 'substituters' is left out: it is larger than 1 MiB
virby: 'time-zone' is left out: it is not a regular file"
  [ "$(ls given)" = trusted-public-keys ]
}

@test "an empty share, and one that cannot be written" {
  take
  [ -z "$(ls given)" ]
  keys
  mount -t tmpfs none share 2>/dev/null || skip 'cannot mount'
  cp keys/guest/* share
  mount -o remount,ro share
  take
  umount share
  cmp keys/guest/ssh_host_ed25519_key given/ssh_host_ed25519_key
}

# no_login WORDS: these keys let nobody in, and the reason is given.
no_login() {
  rm -rf run && mkdir run
  ssh-keygen -y -f keys/ssh_user_ed25519_key >run/user_keys 2>/dev/null || : >run/user_keys
  run --separate-stderr -1 "$lib/check-keys" share run
  [ "$stderr" = "" ]
  [ "$output" = "'$1' is missing or malformed" ]
  [ ! -e run/authorized_keys ]
}

@test "keys that are keys are installed" {
  keys
  echo 'restrict,pty another' >run/user_keys
  run --separate-stderr -0 "$lib/check-keys" share run
  [ "$output$stderr" = "" ]
  [ "$(stat -c '%n %a' run/ssh_host_ed25519_key run/authorized_keys)" = 'run/ssh_host_ed25519_key 600
run/authorized_keys 644' ]
  cmp share/ssh_host_ed25519_key run/ssh_host_ed25519_key
  [ "$(cat run/authorized_keys)" = "restrict,pty $(cat share/ssh_user_ed25519_key.pub)
restrict,pty another" ]
}

@test "keys that are not keys let nobody in" {
  no_login ssh_host_ed25519_key
  keys
  fixtures=$REPO/Tests/virby-keysTests/Fixtures
  for host in /dev/null /bin/sh "$fixtures"/{rsa,ecdsa,encrypted,no-last-line,damaged-base64} share/ssh_user_ed25519_key.pub; do
    cp "$host" share/ssh_host_ed25519_key 2>/dev/null || true
    no_login ssh_host_ed25519_key
    cp keys/guest/* share
  done
  good=$(cat share/ssh_user_ed25519_key.pub)
  for user in '' ' ' nonsense "command=\"/bin/sh\" $good" "$good"$'\nssh-rsa AAAA' "$good"$'\n' "x$good" "${good#ssh-}"; do
    printf '%s\n' "$user" >share/ssh_user_ed25519_key.pub
    no_login ssh_user_ed25519_key.pub
  done
  cp /bin/sh share/ssh_user_ed25519_key.pub
  no_login ssh_user_ed25519_key.pub
}

@test "no settings: the guest's own, and nothing is said" {
  settings
  [ ! -s run/nix.conf ]
  [ "$(ls run)" = 'environment
nix.conf
user_keys' ]
  [ -z "$(cat run/*)" ]
}

@test "every setting is installed, and is gone when it is given no more" {
  ssh-keygen -q -t rsa -N '' -C 'someone else' -f user
  ssh-keygen -q -t ecdsa -N '' -f other
  openssl req -x509 -newkey ed25519 -nodes -subj /CN=house -keyout /dev/null -out ca.pem 2>/dev/null
  mkdir all
  cat user.pub other.pub >all/authorized_keys
  printf 'max-jobs = 3\n\n# a remark\nextra-platforms = i686-linux\r\n' >all/nix.conf
  printf 'https://a.example\nhttp://10.0.2.2:8080/x?priority=10' >all/substituters
  echo 'a.example-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=' >all/trusted-public-keys
  {
    echo 'house'
    cat ca.pem
  } >all/ca-certificates.crt
  printf 'http_proxy=http://user:pass@proxy.example:3128\nno_proxy=localhost,.example\n' >all/proxy
  echo Europe/Berlin >all/time-zone
  echo debug >all/log-level
  cp all/* share

  [ -e /usr/share/zoneinfo/Europe/Berlin ] || skip 'needs tzdata'
  [ -e /etc/ssl/certs/ca-certificates.crt ] || skip 'needs ca-certificates'
  settings
  [ "$(cat run/user_keys)" = "restrict,pty $(cat user.pub)
restrict,pty $(cat other.pub)" ]
  [ "$(cat run/nix.conf)" = $'max-jobs = 3\n\n# a remark\nextra-platforms = i686-linux\r
substituters = https://a.example http://10.0.2.2:8080/x?priority=10 
extra-trusted-public-keys = a.example-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY= ' ]
  cmp <(cat /etc/ssl/certs/ca-certificates.crt ca.pem) run/ca-certificates.crt
  cmp share/proxy run/environment
  [ "$(readlink run/localtime)" = /usr/share/zoneinfo/Europe/Berlin ]
  [ "$(cat run/log-level run/sshd_config)" = '8
LogLevel DEBUG' ]

  rm share/*
  settings
  [ "$(ls run)" = 'environment
nix.conf
user_keys' ]
  [ -z "$(cat run/nix.conf run/environment run/user_keys)" ]
}

@test "nix.conf: lines that Nix does not take, or that are not for it, are left out" {
  command -v nix-store >/dev/null || skip 'needs Nix'
  cat >share/nix.conf <<'END'
max-jobs = 3
nonsense
cores = many
include /etc/shadow
!include /etc/passwd
trusted-users = *
extra-trusted-users = someone
plugin-files = /tmp/x.so
extra-plugin-files = /tmp/x.so
keep-going = maybe
keep-failed = true $(touch ran) `touch ran`
fallback = false
END
  printf 'system = \e[31m\n' >>share/nix.conf
  run --separate-stderr -0 "$lib/install-settings" "$PWD/share" "$PWD/run"
  [ "$stderr" = "" ]
  printf '%s\n' "${lines[@]%: *}" | sort -V >told
  [ "$(grep -o 'line [0-9]* is left out' told)" = "$(printf 'line %s is left out\n' 2 3 4 5 6 8 9 10 11 13)" ]
  [ "$(grep -v '^$' run/nix.conf)" = 'max-jobs = 3
extra-trusted-users = someone
fallback = false' ]
  [ ! -e ran ]

  for number in $(seq 500); do echo "nonsense $number"; done >share/nix.conf
  echo 'max-jobs = 3' >>share/nix.conf
  run --separate-stderr -0 timeout 300 "$lib/install-settings" "$PWD/share" "$PWD/run"
  [ "${#lines[@]}" -eq 17 ]
  [ "${lines[16]}" = "virby: 'nix.conf' has 16 lines that are left out: what follows is, too" ]
  [ ! -s run/nix.conf ]

  head -c 65537 /dev/zero | tr '\0' '\n' >share/nix.conf
  settings "virby: 'nix.conf' is left out: it is larger than 64 KiB"
  head -c 65536 /dev/urandom >share/nix.conf
  run -0 timeout 300 "$lib/install-settings" "$PWD/share" "$PWD/run"
}

@test "what is malformed in the others is told and left out" {
  key=$(ssh-keygen -q -t ed25519 -N '' -f user && cat user.pub)
  printf '%s\n' "no-pty $key" 'ssh-ed25519 AAAA' "command=\"x\" $key" "$key" $'\e[2J' >share/authorized_keys
  printf '%s\n' 'https://a b' 'a.example' 'https://x#y' '-x://y' '' 'https://good' >share/substituters
  printf '%s\n' 'a:b' 'good-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=' 'x-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY= y' \
    >share/trusted-public-keys
  printf '%s\n' 'LD_PRELOAD=/tmp/x.so' 'http_proxy=a b' 'https_proxy=$(id)' 'PATH=/tmp' >share/proxy
  echo ../../../etc/passwd >share/time-zone
  echo loud >share/log-level
  printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nnonsense\n' >share/ca-certificates.crt
  settings "virby: 'authorized_keys' line 1 is left out: it is malformed
virby: 'authorized_keys' line 3 is left out: it is malformed
virby: 'authorized_keys' line 5 is left out: it is malformed
virby: a line of 'authorized_keys' is left out: it is not a key
virby: 'substituters' line 1 is left out: it is malformed
virby: 'substituters' line 2 is left out: it is malformed
virby: 'substituters' line 3 is left out: it is malformed
virby: 'substituters' line 4 is left out: it is malformed
virby: 'trusted-public-keys' line 1 is left out: it is malformed
virby: 'trusted-public-keys' line 3 is left out: it is malformed
virby: certificate 001 of 'ca-certificates.crt' is left out: OpenSSL cannot read it
virby: 'ca-certificates.crt' is left out: it holds no certificates
virby: 'proxy' line 1 is left out: it is malformed
virby: 'proxy' line 2 is left out: it is malformed
virby: 'proxy' line 4 is left out: it is malformed
virby: 'time-zone' line 1 is left out: it is malformed
virby: 'time-zone' is left out: the guest knows no such time zone
virby: 'log-level' line 1 is left out: it is malformed"
  [ "$(cat run/user_keys)" = "restrict,pty $key" ]
  [ "$(cat run/nix.conf)" = 'substituters = https://good 
extra-trusted-public-keys = good-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY= ' ]
  [ "$(cat run/environment)" = 'https_proxy=$(id)' ]
  [ "$(cd run && ls)" = 'environment
nix.conf
user_keys' ]
  [ ! -e ran ]
}

@test "random bytes in every file: it ends, and what it makes is sound" {
  for round in 1 2 3; do
    for name in authorized_keys substituters trusted-public-keys ca-certificates.crt proxy time-zone log-level; do
      head -c 4000 /dev/urandom >"share/$name"
    done
    run --separate-stderr -0 timeout 120 "$lib/install-settings" "$PWD/share" "$PWD/run"
    [ "$stderr" = "" ]
    [ ! -s run/environment ]
    [ "$(cat run/nix.conf)" = 'substituters = 
extra-trusted-public-keys = ' ]
  done
}

# mounts WORDS: with these lines, in mounts of its own, this is said.
mounts() {
  run --separate-stderr -0 unshare -m sh -c 'mount -t tmpfs none /mnt && mount -t tmpfs none /srv &&
    ln -s /etc /mnt/link && "$1/mount-shares" mounts && ls /mnt /srv' - "$lib"
  [ "$stderr" = "" ]
}

@test "mounts: only plain folders in places for them, and a share that is not there is told" {
  unshare -m true 2>/dev/null || skip 'needs mounts of its own'
  malformed='is left out: write TAG PATH, or TAG PATH rw, with PATH below /media, /mnt, /opt, /srv or /var/cache'
  number=0
  for line in 'a /' 'a /etc' 'a /nix/store' 'a /run/virby' 'a /mnt' 'a /mnt/' 'a mnt/x' 'a /mnt/../etc' 'a /mnt/./x' 'a /mnt//x' \
    'a /mnt/x/..' 'a /mnt/.x' 'a' 'a /mnt/x wr' 'a /mnt/x rw more' '-o /mnt/x' 'virby-keys /mnt/x' 'a /mnt/$(id)' 'a /mntx/x' \
    'a /var/cachex/x' $'a /mnt/x\e'; do
    echo "$line" >mounts
    mounts
    [ "$(head -n 1 <<<"$output")" = "virby: 'mounts' line 1 $malformed" ]
    [[ $output != *$'\n'x ]]
  done
  printf '%s\n' '# a remark' '' 'a /mnt/link/x' 'b /mnt/x/y' 'c /srv/z rw' >mounts
  mounts
  [ "$output" = "virby: the share 'a' is left out: '/mnt/link/x' cannot be used
virby: the share 'b' is left out: it is not there
virby: the share 'c' is left out: it is not there
/mnt:
link
x

/srv:
z" ]
  for number in $(seq 20); do echo "a /mnt/$number"; done >mounts
  mounts
  [ "$(grep -c 'not there' <<<"$output")" -eq 16 ]
  [[ $output == *"virby: 'mounts' has more than 16 lines: the rest is left out"* ]]
}
