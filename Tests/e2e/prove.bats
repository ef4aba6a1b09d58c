#!/usr/bin/env bats
# A guest proves what it can do, once, and the first build may use it.

load builder

@test "what the guest can do is proved when it is ready, without counting as a client, and then not again" {
  export VIRBY_PROVE=virby-prove
  serve
  guest true
  eventually "$PATIENCE" [ -s "$VIRBY_DIR/proved" ]
  [ "$(sed 1d "$VIRBY_DIR/proved")" = "system=$(uname -m)-linux
cores=2
features=benchmark,big-parallel" ]
  [ "$(virby-machines nix)" = "ssh-ng://virby-vm $(uname -m)-linux - 2 1 benchmark,big-parallel - -" ]
  [ "$(grep -c '^open ' "$log")" = 1 ]
  run ! grep 'virby-prove:' "$log"
  # A key beside the builder's own, from the next start on.
  mkdir -m 700 "$VIRBY_DIR/allowed"
  ssh-keygen -q -t ed25519 -N '' -f other
  cp other.pub "$VIRBY_DIR/allowed/other.pub"
  virby-stop
  proved=$(stat -c '%i %Y' "$VIRBY_DIR/proved")
  sed "s|IdentityFile .*|IdentityFile $PWD/other|" "$VIRBY_DIR/ssh_config" >other.conf
  timeout -k 5 "$PATIENCE" ssh -F other.conf "$VIRBY_HOST" true
  [ "$(stat -c '%i %Y' "$VIRBY_DIR/proved")" = "$proved" ]
}
