#!/usr/bin/env bats
# What the host tells the guest at its start: it is so, and it is gone again, and nothing was made anew for it.

load builder

# restart: the guest is powered off, and the next one that a client wants gets the settings as they are now.
restart() {
  retire
  nothing_left
  serve
}

# kept: what identifies the builder, and must outlive every setting.
kept() {
  stat -c %i "$VIRBY_DIR/disk.img"
  sha256sum "$VIRBY_DIR"/keys/{,guest/}ssh_*
}

# conf NAME: what the guest's Nix makes of a setting.
conf() {
  guest "nix config show $1"
}

client_store() {
  NIX_REMOTE="local?root=$BATS_TEST_TMPDIR/client" nix --extra-experimental-features nix-command "$@"
}

# publish PATH FOLDER NAME: a binary cache with what a guest has built, signed with a key of that name.
publish() {
  [ -e "$3.secret" ] || nix-store --generate-binary-cache-key "$3" "$3.secret" "$3.public"
  client_store copy --no-check-sigs --to "file://$PWD/$2?secret-key=$PWD/$3.secret" "$1"
}

# web ROOT [CERTIFICATE]: serves the folder on 127.0.0.1, which the guest calls 10.0.2.2, and prints the port.
web() {
  python3 - "$@" <<'END' 3>&- 2>>"$BATS_TEST_TMPDIR/web.log" &
import http.server, functools, ssl, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(sys.argv[1] + ".port", "w") as file:
    print(server.server_address[1], file=file)
server.serve_forever()
END
  servers+=($!)
  eventually 10 test -s "$1.port"
}

servers=()

teardown() {
  if [ "${#servers[@]}" -gt 0 ]; then kill "${servers[@]}" || true; fi
  retire
  if [ -z "${BATS_TEST_COMPLETED-}" ]; then tail -n 60 ./*log "$VIRBY_DIR"/*.log "$VIRBY_DIR"/log/* errors; fi
}

# fetched PATH: the guest gets it from a cache, and it is what was built before.
fetched() {
  guest "nix-store --realise $1 && cat $1" >fetched
  tail -n 1 fetched | cmp - "client$1"
}

@test "every setting is in effect at the next start, and gone at the one after it is unset; nothing is made anew" {
  before=$(kept)
  serve
  [ "$(conf substituters) $(conf trusted-public-keys)" = \
    'https://cache.nixos.org/ cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=' ] ||
    [ "$(conf substituters)" = https://cache.nixos.org ]
  default=$(guest 'nix config show; date +%Z; grep -e /mnt -e /srv /proc/mounts || true')
  for name in plain secure proxied strange; do
    declare "$name=$(build $name)"
  done
  guest "nix-store --delete $plain $secure $proxied $strange" >/dev/null
  restart

  # Three caches: by HTTP, by HTTPS with a certificate of ours, and one whose name nobody but the proxy knows.
  mkdir -p www tls
  publish "$plain" www/plain house-1
  publish "$proxied" www/http:/cache.invalid house-1
  publish "$strange" www/plain stranger-1
  publish "$secure" tls house-1
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=house -addext subjectAltName=IP:10.0.2.2 \
    -keyout house.key -out house.crt 2>/dev/null
  cat house.key house.crt >house.pem
  web www
  web tls house.pem
  ssh-keygen -q -t ed25519 -N '' -f user
  printf '%s\n' 'max-jobs = 3' 'nonsense' 'trusted-users = nobody' 'extra-sandbox-paths = /mnt/read' >nix.conf
  mkdir read
  mkdir -m 777 write
  echo 'from the host' >read/file

  http=10.0.2.2:$(cat www.port) https=10.0.2.2:$(cat tls.port) key=$(cat house-1.public)
  export VIRBY_SUBSTITUTERS="http://$http/plain https://$https http://cache.invalid" VIRBY_TRUSTED_PUBLIC_KEYS=$key
  export VIRBY_PROXY=http://$http VIRBY_NO_PROXY=10.0.2.2 VIRBY_CA_CERTIFICATES=$PWD/house.crt
  export VIRBY_NIX_CONF=$PWD/nix.conf VIRBY_USER_KEY=$PWD/user.pub VIRBY_TIME_ZONE=Asia/Tokyo VIRBY_LOG_LEVEL=debug
  export VIRBY_SHARES="read=$PWD/read write=$PWD/write" VIRBY_SHARE_BY=virtiofs
  export VIRBY_MOUNTS='read=/mnt/read write=/srv/write:rw gone=/mnt/gone etc=/etc'
  restart
  began=$(now)
  guest true
  figure "login at a guest with every setting: $(since "$began") after connecting"
  for path in "$plain" "$secure" "$proxied"; do fetched "$path"; done
  run -1 guest "nix-store --realise $strange"
  occurs "GET http://cache.invalid/" web.log
  [ "$(conf max-jobs) $(conf trusted-users)" = '3 root builder' ]
  [ "$(guest date +%Z)" = JST ]
  [ "$(guest 'cat /mnt/read/file; : >/mnt/read/new || echo only to read; echo from the guest >/srv/write/file')" = \
    'from the host
only to read' ]
  [ "$(cat write/file)" = 'from the guest' ]
  [ ! -e read/new ]
  [ "$(guest 'ls -d /run/virby/share /run/virby/given /mnt/gone; grep -c virby-keys /proc/mounts')" = '/mnt/gone
0' ]
  sed "s|IdentityFile .*|IdentityFile \"$PWD/user\"|" "$VIRBY_DIR/ssh_config" >user_config
  ssh_as_user=(timeout -k 5 "$PATIENCE" ssh -F user_config -n -o IdentityAgent=none -o BatchMode=yes "$VIRBY_HOST")
  [ "$("${ssh_as_user[@]}" whoami)" = builder ]
  run ! "${ssh_as_user[@]}" -o ExitOnForwardFailure=yes -R 127.0.0.1:2222:127.0.0.1:1 true
  path=$(build with-settings)
  built "$path" with-settings
  for words in "'nix.conf' line 3 is left out: 'trusted-users' is not for the share to set" \
    "'nix.conf' line 2 is left out: error: " "the share 'gone' is left out: it is not there" \
    "'mounts' line 4 is left out: write TAG PATH"; do
    occurs "virby: $words" "$VIRBY_DIR/log/serial.log"
    occurs "virby-boot: warning: the guest says: $words" "$log"
  done
  [ "$(kept)" = "$before" ]

  unset "${!VIRBY_SUBSTITUTERS@}" VIRBY_TRUSTED_PUBLIC_KEYS VIRBY_NIX_CONF VIRBY_USER_KEY VIRBY_CA_CERTIFICATES VIRBY_PROXY \
    VIRBY_NO_PROXY VIRBY_TIME_ZONE VIRBY_LOG_LEVEL VIRBY_SHARES VIRBY_MOUNTS VIRBY_SHARE_BY
  restart
  [ "$(guest 'nix config show; date +%Z; grep -e /mnt -e /srv /proc/mounts || true')" = "$default" ]
  run --separate-stderr -255 "${ssh_as_user[@]}" whoami
  [[ $stderr == *'Permission denied (publickey)'* ]]
  [ "$(kept)" = "$before" ]
}

@test "settings that are rubbish, files that nobody knows: all of it is told, and the builder builds" {
  head -c 60000 /dev/urandom >rubbish
  export VIRBY_NIX_CONF=$PWD/rubbish VIRBY_CA_CERTIFICATES=$PWD/rubbish VIRBY_USER_KEY=$PWD/rubbish VIRBY_TIME_ZONE=../../etc/passwd \
    VIRBY_SUBSTITUTERS='not-a-url https://#' VIRBY_TRUSTED_PUBLIC_KEYS='no-key' VIRBY_LOG_LEVEL=loud \
    VIRBY_PROXY=$'http://a b\nLD_PRELOAD=/tmp/x' VIRBY_MOUNTS='virby-keys=/mnt/keys x=/nix y=/mnt/../etc:rw'
  echo unknown >"$VIRBY_DIR/guest/"$'odd\nname\e[2J'
  truncate -s 1G "$VIRBY_DIR/guest/huge"
  mkfifo "$VIRBY_DIR/guest/pipe"
  ln -s /etc/shadow "$VIRBY_DIR/guest/link"
  mkdir "$VIRBY_DIR/guest/folder"
  serve
  path=$(build rubbish)
  built "$path" rubbish
  occurs "virby-boot: warning: the guest does not get everything in '$VIRBY_DIR/guest'" "$log"
  for words in "'odd?name?[2J' is ignored" "'nix.conf' line " "'ca-certificates.crt' is left out" "'authorized_keys' line 1 is left out" \
    "'time-zone' line 1 is left out" "'substituters' line 1 is left out" "'trusted-public-keys' line 1 is left out" \
    "'log-level' line 1 is left out" "'proxy' line 1 is left out" "'mounts' line 3 is left out"; do
    occurs "virby: $words" "$VIRBY_DIR/log/serial.log"
  done
  [ "$(guest 'wc -l </run/virby/authorized_keys; grep -cE " /(mnt|nix|etc)" /proc/mounts')" = '1
0' ]
}

# nobody_in KEYS WORDS: a guest with these keys says that, lets nobody in, and powers off at its button all the same.
nobody_in() {
  local boot port
  : >errors
  virby-boot --accelerator "${VIRBY_ACCELERATOR:-tcg}" -m 512 ${1:+--keys "$1"} --kernel "$VIRBY_KERNEL" \
    --initrd "$VIRBY_INITRD" --cmdline "$VIRBY_CMDLINE" --stop-timeout 300s "$VIRBY_DIR/disk.img" >events 2>errors 3>&- &
  boot=$!
  eventually "$PATIENCE" occurs "the guest says: $2: sshd does not start, nobody can log in" errors
  port=$(sed -n 's/^running .*at=tcp:127.0.0.1:\([0-9]*\)$/\1/p' events)
  # QEMU takes the connection, and finds nobody there.
  ! timeout 20 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && head -c 1 <&3 | grep -q .' - "$port"
  kill -TERM "$boot"
  wait "$boot"
  [ "$(tail -n 1 events)" = 'stopped how=asked status=0' ]
}

@test "no share, an empty one, keys that are no keys: nobody can log in, and the guest says so" {
  nobody_in '' "there is no share 'virby-keys'"
  mkdir -p empty/guest
  nobody_in empty "'ssh_host_ed25519_key' is missing or malformed"
  cp -r "$VIRBY_DIR/keys" bad
  echo "command=\"/bin/sh\" $(cat bad/guest/ssh_user_ed25519_key.pub)" >bad/guest/ssh_user_ed25519_key.pub
  nobody_in bad "'ssh_user_ed25519_key.pub' is missing or malformed"
}
