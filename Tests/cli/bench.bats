#!/usr/bin/env bats
# A benchmark goes on when what is measured against does not.

load helpers

# bench OPTION...: that of the relays, quickly.
bench() {
  run --separate-stderr -0 "$REPO/Tests/bench/forward" -r 1 -m 8 -i 0 "$@"
}

# cells NAME: of that relay's row, but for numbers.
cells() {
  grep -F "| $1 |" <<<"$output" | sed 's/-\{0,1\}[0-9.]\{1,\}/N/g'
}

@test "a peer that breaks is a cell in the table" {
  command -v clang >/dev/null || skip 'needs clang'
  mkdir bin
  # One that serves a single connection.
  printf '#!/bin/bash\nexec %s "${@/,fork/}"\n' "$(command -v socat)" >bin/socat
  chmod +x bin/socat
  PATH=$PWD/bin:$PATH bench -o table
  echo "$output"
  [ "$(cells 'socat -b 262144' | sed 's/^| [^|]*//')" = \
    '| — | — | — | — | — | broke: connection refused | broke: connection refused | — | — | — | — |' ]
  [ "$(cells virby-forward)" = '| virby-forward | N | N | N | N | N | N | N | N | N | N | N |' ]
  grep -q '>broke</text>' table/forward.svg
}

# picture ROUND...: of the steps that were measured, each round a dictionary; the file 'picture.svg', and the table.
picture() {
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$REPO/Tests/bench python3 - "$@" <<'EOF'
import sys
import waterfall
rounds = [eval(text) for text in sys.argv[1:]]
print(waterfall.table(rounds))
open("picture.svg", "w").write(waterfall.picture(rounds))
EOF
}

@test "the steps of a start: medians, the worst and ratios in the table; the picture is well-formed" {
  local steps="'driver': 1, 'kernel starts': 1.5, 'mark kernel': 3, 'mark init': 4, 'mark boot': 4.5, 'mark address': 5, \
    'mark keys': 5, 'sshd listens': 5.5, 'login': 7, 'build': 9"
  picture "{'barest': 3, 'sshd itself': 5.9, 'first byte': 6, $steps}" \
    "{'barest': 4, 'sshd itself': 6.0, 'first byte': 6.2, $steps}" \
    "{'barest': 5, 'sshd itself': 6.1, 'first byte': 6.1, $steps}" >table
  grep -qxF '| the first bytes of the barest guest, from its start | 4.0 s | 5.0 s |' table
  grep -qxF '| greeting at the client, as a ratio to the barest guest | 1.55 | 2.00 |' table
  grep -qxF "| greeting at the client, after sshd's own | +100 ms | +200 ms |" table
  python3 -c '
import xml.etree.ElementTree as tree
bars = tree.parse("picture.svg").findall(".//{*}rect")
assert [bar.get("class") for bar in bars] == ["step"] * 11 + ["barest"], bars
assert all(float(bar.get("width")) > 0 for bar in bars)'
}

@test "a benchmark that is not there" {
  run --separate-stderr -64 "$REPO/scripts/bench" nothing
  [ "$stderr" = "bench: there is no 'Tests/bench/nothing'" ]
}
