# A builder on which one fault after the other is tried. It boots once; its memory and its disk, kept at
# that moment, are what each trial begins with, by QEMU's -incoming: a guest in two seconds, not in fifteen.
#
# What the tests set: `inside`, a command prefix, and `wrong`, how many trials of a test ended otherwise.
# shellcheck shell=bash disable=SC2016,SC2120,SC2119,SC2154

# make_laboratory: a folder of scripts and commands as in a checkout, with a wrapper round QEMU.
make_laboratory() {
  export LAB=$BATS_FILE_TMPDIR/lab VIRBY_DIR=$BATS_FILE_TMPDIR/virby VIRBY_DISK_SIZE=8GiB VIRBY_CORES=2 \
    VIRBY_MEMORY=1GiB VIRBY_DEBUG=yes VIRBY_TTL=10m VIRBY_STOP_TIMEOUT=80s VIRBY_BUSY='' VIRBY_CLOSE='' \
    VIRBY_ACCELERATOR=${VIRBY_ACCELERATOR-}
  local bin=$LAB/.build/release command
  mkdir -p "$bin"
  cp -R "$REPO/scripts" "$REPO/templates" "$LAB"
  (
    scripts=$REPO/scripts
    . "$REPO/scripts/settings"
    for command in virby-image virby-keys virby-boot virby-lease virby-forward virby-idle; do
      ln -s "$(command -v "$command")" "$bin"
    done
    qemu=$(command -v "qemu-system-$(uname -m)")
    # The driver is not up as long as there is a file `hold`. Faults go in through a socket of their own.
    cat >"$bin/${qemu##*/}" <<EOT
#!/bin/sh
case \$* in *control.sock*) ;; *) exec $qemu "\$@" ;; esac
while [ -e $LAB/hold ]; do sleep 0.1; done
if [ -e $LAB/state ]; then set -- "\$@" -incoming "exec:cat $LAB/state"; fi
exec $qemu "\$@" -qmp unix:$LAB/qmp.sock,server=on,wait=off
EOT
  )
  chmod +x "$bin"/qemu*
  export VIRBY_BIN=$bin
  scripts=$LAB/scripts
  . "$LAB/scripts/settings"
  export PATH VIRBY_HOST VIRBY_PORT
}

qmp() {
  python3 "$REPO/Tests/e2e/qmp.py" "$LAB/qmp.sock" "$@"
}

# keep NAME: a copy of the guest's memory and disk, from which `start` takes it up again; it runs on.
keep() {
  eventually 30 calm
  qmp migrate uri="exec:cat >$LAB/$1.state" >/dev/null
  eventually 60 eval 'qmp query-migrate | grep -q "\"status\": \"completed\""'
  cp --sparse=always "$VIRBY_DIR/disk.img" "$LAB/$1.img"
  qmp cont >/dev/null
}

# calm: the guest has come to rest; QEMU takes little time.
calm() {
  local pid before
  pid=$(pgrep -f "qmp unix:$LAB/qmp.sock" | head -n 1)
  before=$(cut -d ' ' -f 14 "/proc/$pid/stat")
  sleep 1
  [ $(($(cut -d ' ' -f 14 "/proc/$pid/stat") - before)) -lt 20 ]
}

# start [GUEST]: one run of virbyd under a service manager, begun by a client; with the guest as it was
# kept, or with the disk as it is.
start() {
  rm -f "$LAB"/{state,is-closing,manager,client,log}
  if [ -n "${1-}" ]; then
    cp --sparse=always "$LAB/$1.img" "$VIRBY_DIR/disk.img"
    ln -s "$1.state" "$LAB/state"
  fi
  local settings=() name
  for name in $(compgen -v VIRBY_); do settings+=("$name=${!name}"); done
  "${inside[@]}" python3 "$REPO/Tests/e2e/manager.py" "$VIRBY_PORT" env "${settings[@]}" "PATH=$PATH" \
    "$LAB/scripts/virbyd" >"$LAB/manager" 2>>"$LAB/log" 3>&- &
  manager=$!
  eventually 60 occurs listening "$LAB/manager"
}

# halt: ends what a trial has left, if it has left anything, and the service manager.
halt() {
  local session
  session=$(session)
  if [ -n "$session" ]; then pkill -KILL -s "$session" || true; fi
  if [ -n "${manager-}" ] && kill -TERM "$manager" 2>/dev/null; then wait "$manager" || true; fi
  manager=
}

# connect: a client that says nothing and waits to be told; `told` when it has been.
connect() {
  kind=silent
  "${inside[@]}" bash -c 'exec 9<>"/dev/tcp/127.0.0.1/$VIRBY_PORT"; cat <&9 >"$LAB/client"; echo told >>"$LAB/client"' \
    2>/dev/null 3>&- &
  client=$!
}

# session: of virbyd, its stages and its driver.
session() {
  sed -n 's/^session //p' "$LAB/manager"
}

# stage NAME: its process.
stage() {
  pgrep -x "virby-$1" -s "$(session)"
}

# over: all has ended and nothing is left.
over() {
  occurs ended "$LAB/manager" && ! pgrep -s "$(session)" >/dev/null &&
    flock -n "$VIRBY_DIR/disk.img.lock" true && [ ! -e "$VIRBY_DIR/run" ]
}

# leftovers: what there is that should not be.
leftovers() {
  local found=()
  if pgrep -s "$(session)" >/dev/null; then found+=(processes); fi
  if ! flock -n "$VIRBY_DIR/disk.img.lock" true; then found+=(lock); fi
  if [ -e "$VIRBY_DIR/run" ]; then found+=(sockets); fi
  if ! diff <(files) "$LAB/files" >&2; then found+=(files); fi
  echo "${found[*]:-nothing}"
}

# files: all in the builder's folder but the logs and the mark of an unclean end.
files() {
  (cd "$VIRBY_DIR" && find . ! -path './log/*' ! -name '*.unclean' | sort)
}

# file_system: of the guest's root partition; a journal is replayed on a copy.
file_system() {
  local image=$VIRBY_DIR/disk.img start verdict=clean
  start=$(virby-image inspect --json "$image" | jq '.partitions[-1].first * .sectorSize')
  if dumpe2fs -h "$image?offset=$start" 2>/dev/null | grep -q needs_recovery; then
    verdict='clean after replay'
    image=$LAB/examined.img
    cp --sparse=always "$VIRBY_DIR/disk.img" "$image"
    e2fsck -E journal_only -y "$image?offset=$start" >"$LAB/fsck" 2>&1 || true
  fi
  if ! e2fsck -fn "$image?offset=$start" >>"$LAB/fsck" 2>&1; then verdict=damaged; fi
  echo "$verdict"
}

# make_network: with a tap device and nobody who leases addresses.
make_network() {
  export NETWORK=virby-$$
  : >"$LAB/leases"
  ip netns add "$NETWORK"
  ip -n "$NETWORK" link set lo up
  ip -n "$NETWORK" tuntap add mode tap tap0
  ip -n "$NETWORK" link set tap0 up
}

# trial PHASE FAULT [next]: one row. The phase is a function that begins it, the fault a command; `next` tries
# the next start, which VIRBY_FAULTS=all does in any case.
trial() {
  rm -f "$LAB/hold"
  # In the background, for in a condition the shell would go on after a failure.
  (
    trap halt EXIT
    "$1"
    began=$EPOCHREALTIME
    "$2"
    eventually 60 over || true
    row "$1" "$2" "$(elapsed "$began")" "${3-}"
  ) &
  wait $! || {
    cat "$LAB/log" "$LAB/manager" >&2
    wrong=$((wrong + 1))
  }
}

elapsed() {
  awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

# row PHASE FAULT SECONDS [next]: what has become of it, as a row of docs/faults.md. It is written to the
# file $VIRBY_FAULTS_ROWS, or else has to stand there but for the time and what was not tried.
row() {
  local how stages=() virbyd view left disk mark=no next='not tried' row
  how=$(sed -n 's/^virby-boot: stopped how=\([a-z]*\) .*/\1/p' "$LAB/log")
  read -ra stages < <(sed -n '/^virbyd: virby-boot/s/[^0-9 ]//gp' "$LAB/log")
  virbyd=$(sed -n 's/^ended //p' "$LAB/manager")
  look_at_client
  left=$(leftovers)
  disk=$(file_system)
  if [ -e "$VIRBY_DIR/disk.img.unclean" ]; then mark=yes; fi
  if [ -n "${4-}" ] || [ "${VIRBY_FAULTS-}" = all ]; then
    next_start
    next=builds
  fi
  row="| ${1//_/ } | $(title "$2") | $(rounded "$3") | ${how:-—} | ${stages[*]-} | $virbyd | $view | $left | $disk | $mark | $next |"
  figure "$3 s: $row"
  if [ -n "${VIRBY_FAULTS_ROWS-}" ]; then
    echo "$row" >>"$VIRBY_FAULTS_ROWS"
  elif ! comparable "$next" <"$REPO/docs/faults.md" | grep -qxF -e "$(comparable "$next" <<<"$row")"; then
    echo "docs/faults.md does not say so: $row" >&2
    return 1
  fi
}

title() {
  sed 's/_to_\(boot\|lease\|forward\|idle\)$/ to virby-\1/; s/_/ /g' <<<"$1"
}

# rounded SECONDS: up, so that a page does not change with the weather.
rounded() {
  local step
  for step in 5 15 30 60 120 240; do
    if [ "${1%.*}" -lt "$step" ]; then break; fi
  done
  echo "$step"
}

# comparable WORD: rows without the time, and with that word on the next start if it says that it was not tried.
comparable() {
  awk -v word="$1" -F ' [|] ' -v OFS=' | ' '
    /^[|]/ { $3 = ""; if (word == "not tried") $NF = word }
    { print }'
}

# look_at_client: sets `view` to what the client that was there has been told. Not in a subshell, which could
# not wait for the client or the manager.
look_at_client() {
  local status=0
  if [ -z "${client-}" ]; then
    view=none
  elif ! eventually 30 settled 2>/dev/null; then
    view=hung
  elif gone "$client"; then
    wait "$client" || status=$?
    case $kind,$status in
      silent,*) view=closed ;;
      nix,0) view=built ;;
      nix,* | ssh,*) view="told, $status" ;;
    esac
  else
    view='next start'
  fi
}

# settled: the client's lot: it has been told, or nobody but the next start will take it.
settled() {
  gone "$client" && return
  kill -USR1 "$manager"
  occurs 'backlog waits' "$LAB/manager"
}

# next_start: boots the disk as it was left, reads what was written long ago, and builds.
next_start() {
  halt
  rm -f "$LAB/hold"
  ${MEND-:}
  inside=()
  VIRBY_TAP='' VIRBY_LEASES='' VIRBY_CLOSE='' VIRBY_TTL=10m VIRBY_PATIENCE=180s
  start
  connect
  [ "$(guest "${BEFORE-:}; cat file")" = kept ]
  build "$RANDOM" >>"$LAB/log" 2>&1
}
