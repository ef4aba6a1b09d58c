#!/usr/bin/env bats
# The EXAMPLES of virby(1), with a guest. The one who runs them is allowed to; a `sudo` that says so is enough.

load builder
load ../cli/examples

@test "virby: a command in the guest, what it is doing, new keys" {
  mkdir bin
  printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
  chmod +x bin/sudo
  PATH=$PWD/bin:$PATH
  serve
  run -0 run_example virby.1 2
  [[ $output == *Filesystem* ]]
  example virby.1 1 >look
  [ "$(sed -n 2p look)" = 'sudo virby logs -f' ]
  run -0 bash -euo pipefail -c "$(sed -n 1p look)"
  # It goes on until it is told to stop.
  run -124 timeout 5 bash -euo pipefail -c "exec $(sed -n 2p look)"
  [[ $output == *' ready at='* ]]
  before=$(cat "$VIRBY_DIR/keys/ssh_user_ed25519_key.pub")
  run -0 run_example virby.1 3
  [ "$(cat "$VIRBY_DIR/keys/ssh_user_ed25519_key.pub")" != "$before" ]
  guest true
}
