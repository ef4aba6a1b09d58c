#!/usr/bin/env bats
# Every end of a machine has a name, and one that was not clean is reported at the next start.

load helpers
load machine

unclean=vm/disk.img.unclean

# stand_in SCRIPT: a qemu of its own, in the folder bin.
stand_in() {
  mkdir bin
  printf '#!/bin/sh\n%s\n' "$1" >bin/qemu-system-x86_64
  chmod +x bin/qemu-system-x86_64
}

# told REASON: the next start tells it, and starts.
told() {
  start "${@:2}"
  cat errors
  [ "$(head -n 1 errors)" = "virby-boot: warning: the last run of '$here/disk.img' did not end \
cleanly ($1); the guest will check its file systems" ]
}

@test "how=guest: it powers off by itself, and no mark is left" {
  make_kernel brief
  start --kernel kernel
  ends 0
  [ "$(tail -n 1 events)" = "stopped how=guest status=0" ]
  [ "$(cat errors)" = "" ]
  [ ! -e "$unclean" ]
}

@test "how=asked: it powers off when it is asked, and no mark is left" {
  make_kernel good
  start --kernel kernel
  [ "$(cat "$unclean")" = "virby-boot or the host went down first" ]
  [ "$(stat -c %a "$unclean")" = 600 ]
  kill -TERM "$boot"
  ends 0
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=asked status=0" ]
  [ "$(cat errors)" = "" ]
  [ ! -e "$unclean" ]
}

@test "how=asked: a guest that is paused goes on, to hear the button" {
  # With a monitor of our own beside virby-boot's.
  stand_in "exec $(command -v qemu-system-x86_64) "'"$@" -qmp unix:monitor,server=on,wait=off'
  make_kernel good
  PATH=$PWD/bin:$PATH start -v --kernel kernel
  printf '{"execute":"qmp_capabilities"}\n{"execute":"stop"}\n' | socat -t 1 - UNIX:monitor
  eventually 5 occurs 'driver: stop' errors
  kill -TERM "$boot"
  ends 0
  [ "$(tail -n 1 events)" = "stopped how=asked status=0" ]
}

@test "how=forced: it does not hear the button; the next start tells" {
  start --stop-timeout 2s
  kill -TERM "$boot"
  ends 69
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=forced status=0" ]
  [ "$(cat errors)" = "virby-boot: warning: the guest did not power off; telling 'qemu' to quit
virby-boot: the guest was stopped by force" ]
  told 'the guest was stopped by force'
}

@test "how=killed: the driver does not answer; still within the time" {
  start --stop-timeout 4s
  kill -STOP "$(driver_pid)"
  SECONDS=0
  kill -TERM "$boot"
  ends 69
  [ "$SECONDS" -lt 30 ]
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=killed status=137" ]
  [ "$(tail -n 1 errors)" = "virby-boot: the guest was stopped by force" ]
  told 'the guest was stopped by force'
}

@test "how=killed: a signal from elsewhere; the next start tells" {
  start
  kill -KILL "$(driver_pid)"
  ends 69
  [ "$(tail -n 1 events)" = "stopped how=killed status=137" ]
  told "driver 'qemu' was killed by signal 9"
}

@test "how=killed: QEMU gets TERM too, as by systemd: the guest was cut off; the next start tells" {
  start
  kill -TERM "$boot" "$(driver_pid)"
  ends 69
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=killed status=0" ]
  # QEMU too names the signal.
  [ "$(tail -n 1 errors)" = "virby-boot: driver 'qemu' was stopped by another process" ]
  told "driver 'qemu' was stopped by another process"
}

@test "how=forced: another client tells QEMU to quit; the next start tells" {
  stand_in "exec $(command -v qemu-system-x86_64) "'"$@" -qmp unix:monitor,server=on,wait=off'
  PATH=$PWD/bin:$PATH start
  printf '{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n' | socat -t 1 - UNIX:monitor
  ends 69
  [ "$(tail -n 1 events)" = "stopped how=forced status=0" ]
  told "driver 'qemu' was stopped by another process"
}

# killed: virby-boot is, and what its guard does is waited for.
killed() {
  local driver
  driver=$(driver_pid)
  kill -KILL "$boot"
  wait "$boot" || true
  boot=
  eventually 10 gone "$driver"
}

@test "kill -9 of virby-boot: the guest powers off cleanly all the same" {
  make_kernel good
  mkdir -p keys/guest
  start --kernel kernel --keys keys
  killed
  [ "$(cat errors)" = "virby-boot: warning: virby-boot was killed; asking the guest to power off" ]
  eventually 5 lock_is_free
  [ ! -e vm/.disk.img.control ]
}

@test "kill -9 of virby-boot, and the guest is deaf: QEMU is told to quit, within the time" {
  start --stop-timeout 4s
  SECONDS=0
  killed
  [ "$SECONDS" -ge 2 ] && [ "$SECONDS" -lt 30 ]
  [ "$(cat errors)" = "virby-boot: warning: virby-boot was killed; asking the guest to power off
virby-boot: warning: virby-boot was killed; telling the driver to quit" ]
}

@test "kill -9 of virby-boot, and QEMU does not answer: the signals are left, within the time" {
  start --stop-timeout 4s
  kill -STOP "$(driver_pid)"
  SECONDS=0
  killed
  [ "$SECONDS" -lt 30 ]
  eventually 5 lock_is_free
  [ ! -e vm/.disk.img.control ]
}

@test "kill -9 of virby-boot, and of the one that takes its place: signals are left" {
  start
  kill -KILL "$boot"
  wait "$boot" || true
  boot=
  eventually 10 occurs 'asking the guest' errors
  kill -KILL "$(pgrep -x virby-boot -g "$(ps -o pgid= -p "$(driver_pid)" | tr -d ' ')")"
  eventually 5 gone "$(driver_pid)"
  eventually 15 lock_is_free
  [ ! -e vm/.disk.img.control ]
}

@test "kill -9 of virby-boot while the driver comes up: the guest is asked as soon as it can be" {
  make_kernel good
  stand_in "sleep 1; exec $(command -v qemu-system-x86_64) "'"$@"'
  PATH=$PWD/bin:$PATH virby-boot --accelerator tcg -m 256 --kernel kernel vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 occurs starting events
  killed
  [ "$(cat errors)" = "virby-boot: warning: virby-boot was killed; asking the guest to power off" ]
}

@test "kill -9 of virby-boot and of the driver: the guard has nothing to do, and goes" {
  start
  driver=$(driver_pid)
  guard=$(ps -o pgid= -p "$driver")
  kill -KILL "$boot" "$driver"
  wait "$boot" || true
  boot=
  eventually 5 gone "$guard"
  [ "$(cat errors)" = "" ]
  lock_is_free
  [ ! -e vm/.disk.img.control ]
}

@test "kill -9 of virby-boot: the next start waits for the driver, and tells" {
  make_kernel good
  start --kernel kernel
  kill -KILL "$boot"
  boot=
  told 'virby-boot or the host went down first' --wait-lock 20s
}

@test "a stop that comes from two sides at once is one stop" {
  make_kernel good
  start --kernel kernel
  kill -TERM "$boot"
  kill -HUP "$boot"
  kill -INT "$boot"
  ends 0
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=asked status=0" ]
}

@test "a guest that resets itself: status 0, but the next start tells" {
  make_kernel panicking
  start --kernel kernel
  kill -TERM "$boot"
  ends 0
  [ "$(tail -n 1 events)" = "stopped how=asked status=0" ]
  told 'the guest reset itself, as after a panic'
}

@test "a guest that resets itself as soon as it runs has not booted: status 69, and the next start tells" {
  make_kernel resetting
  start --kernel kernel
  ends 69
  [ "$(tail -n 1 events)" = 'stopped how=guest status=0' ]
  [[ $(cat errors) =~ ^"virby-boot: the guest reset itself "[0-9.]+" s after its start"$'\n'"virby-boot: hint: it may have too little memory, or nothing that it can boot; the end of its console is in '$here/disk.img.log'"$ ]]
  [[ $(cat "$unclean") =~ ^"the guest reset itself "[0-9.]+" s after its start"$ ]]
  told "$(cat "$unclean")"
}

# interrupted: a pipeline in the foreground of a terminal, where Ctrl-C is typed as soon as it runs, and again, if that is
# `again`, until it has ended. What it says, and the status of each stage.
interrupted() {
  python3 - "$@" 3>&- <<'END'
import os, pty, sys, time
child, terminal = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "-c", """
      trap : INT
      virby-boot --accelerator tcg -m 256 --kernel kernel --events fd:6 vm/disk.img 6>events |
        virby-lease | virby-forward -l 127.0.0.1:0 | virby-idle -t 1h >passed
      echo "statuses ${PIPESTATUS[*]}" """])
deadline = time.monotonic() + 120
while not (os.path.exists("events") and "running" in open("events").read()):
    assert time.monotonic() < deadline, "it does not run"
    time.sleep(0.05)
said = b""
os.write(terminal, b"\x03")
os.set_blocking(terminal, False)
again = time.monotonic() + 1.5
while True:
    assert time.monotonic() < deadline, said
    if "again" in sys.argv and time.monotonic() > again:
        os.write(terminal, b"\x03")
        again += 1.5
    try:
        more = os.read(terminal, 4096)
        if not more: break
        said += more
    except BlockingIOError:
        time.sleep(0.05)
    except OSError:
        break
os.waitpid(child, 0)
print(said.decode().replace("\r", "").replace("^C", ""), end="")
END
}

@test "Ctrl-C at a pipeline: one line says what it does and what another does, and each stage ends by SIGINT" {
  make_kernel good
  run -0 interrupted
  [ "$output" = 'virby-boot: powering the guest off; interrupt again to kill it
statuses 130 130 130 130' ]
  [ "$(sed 's/^[-0-9]* [0-9:]* //' events | tail -n 1)" = 'stopped how=asked status=0' ]
  lock_is_free
}

@test "Ctrl-C again at a pipeline, whose guest does not power off: it is killed" {
  make_kernel deaf
  run -0 interrupted again
  [ "$(head -n 1 <<<"$output")" = 'virby-boot: powering the guest off; interrupt again to kill it' ]
  [ "$(tail -n 1 <<<"$output")" = 'statuses 130 130 130 130' ]
  [ "$(tail -n 1 events)" = 'stopped how=killed status=137' ] || tail -n 1 events | grep ' stopped how=killed status=137$'
  lock_is_free
}

@test "a driver that never ran the guest leaves no mark, and takes none away" {
  run --separate-stderr -69 virby-boot --accelerator tcg -q --kernel /dev/null vm/disk.img
  [ ! -e "$unclean" ]
  echo 'some reason' >"$unclean"
  run --separate-stderr -69 virby-boot --accelerator tcg -q --kernel /dev/null vm/disk.img
  [ -e "$unclean" ]
  run --separate-stderr -69 virby-boot --driver vfkit -q vm/disk.img
  [ -e "$unclean" ]
  rm "$unclean"
  run --separate-stderr -69 virby-boot --driver vfkit -q vm/disk.img
  [ ! -e "$unclean" ]
}

@test "a mark that is a symbolic link is not followed" {
  echo precious >target
  ln -s "$PWD/target" "$unclean"
  make_kernel brief
  start --kernel kernel
  ends 0
  [ "$(cat target)" = precious ]
  [ ! -L "$unclean" ]
  [ "$(cat errors)" = "virby-boot: warning: the last run of '$here/disk.img' did not end cleanly; \
the guest will check its file systems" ]
}

@test "a mark with escape sequences does nothing to a terminal" {
  printf 'a\033[2Jb\nmore\n' >"$unclean"
  told 'a\u{1B}[2Jb'
}

@test "a mark that cannot be made does not keep the machine from starting" {
  mkdir "$unclean"
  make_kernel good
  start --kernel kernel
  kill -TERM "$boot"
  ends 0
  [ "$(cat errors)" = "virby-boot: warning: the last run of '$here/disk.img' did not end cleanly; \
the guest will check its file systems
virby-boot: warning: the next start will not know how this run ended: cannot create '$here/disk.img.unclean': \
Is a directory
virby-boot: warning: cannot remove '$here/disk.img.unclean': Is a directory" ]
}

@test "a folder that can no longer be written to: told, and the machine starts" {
  if [ "$(id -u)" != 0 ]; then skip 'needs root to make a file system read-only'; fi
  mkdir -m 700 control
  make_kernel brief
  cp "$VIRBY_BIN/virby-boot" .
  # The disk and its lock can be written to, the folder they are in cannot.
  run --separate-stderr -0 unshare -m sh -ec 'touch disk.img disk.img.lock vm/disk.img.lock
    mount --bind vm/disk.img disk.img
    mount --bind vm/disk.img.lock disk.img.lock
    mount --bind vm vm && mount -o remount,bind,ro vm && mount --bind disk.img vm/disk.img
    mount --bind disk.img.lock vm/disk.img.lock
    ./virby-boot --accelerator tcg -m 256 --kernel kernel --control control --serial log vm/disk.img'
  [ "$stderr" = "virby-boot: warning: the next start will not know how this run ended: \
cannot create '$here/disk.img.unclean': Read-only file system" ]
}

@test "-v: each step of the stop with its time" {
  start -v --stop-timeout 4s
  kill -TERM "$boot"
  ends 69
  grep -E "^virby-boot: driver 'qemu' is up at \+[0-9]+\.[0-9] s$" errors
  grep -E '^virby-boot: stopping why=signal at \+[0-9.]+ s$' errors
  grep -E '^virby-boot: asking the guest to power off, for up to 3\.0 s, at \+[0-9.]+ s$' errors
  grep -E '^virby-boot: telling the driver to quit, for up to 0\.[0-9] s, at \+[0-9.]+ s$' errors
  grep -E '^virby-boot: stopped how=forced status=0 at \+[0-9.]+ s, [34]\.[0-9] s after it was asked to stop$' errors
}

@test "TERM while the driver comes up: the guest is asked as soon as it can be" {
  make_kernel good
  stand_in "sleep 1; exec $(command -v qemu-system-x86_64) "'"$@"'
  PATH=$PWD/bin:$PATH virby-boot --accelerator tcg -m 256 --kernel kernel vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 occurs starting events
  kill -TERM "$boot"
  ends 0
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=asked status=0" ]
  [ "$(cat errors)" = "" ]
  [ ! -e "$unclean" ]
}

@test "TERM, and the driver does not come up: it is not waited for" {
  stand_in 'exec sleep 600'
  PATH=$PWD/bin:$PATH virby-boot --accelerator tcg vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 occurs starting events
  SECONDS=0
  kill -TERM "$boot"
  ends 69
  [ "$SECONDS" -lt 30 ]
  [ "$(tail -n 2 events)" = "stopping why=signal
stopped how=killed status=143" ]
}

@test "a driver that does not come up in time: status 75, and it is ended" {
  stand_in 'exec sleep 600'
  PATH=$PWD/bin:$PATH run --separate-stderr -75 timeout 60 virby-boot --accelerator tcg --start-timeout 500ms vm/disk.img
  [[ $output == "starting driver=qemu pid="*"
stopping why=failure
stopped how=killed status=143" ]]
  [ "$stderr" = "virby-boot: driver 'qemu' did not come up within 500ms" ]
}

@test "events that cannot be written: the guest is still asked to power off" {
  make_kernel good
  virby-boot --accelerator tcg -m 256 --kernel kernel -v vm/disk.img >/dev/full 2>errors 3>&- &
  boot=$!
  ends 71
  [ "$(tail -n 1 errors)" = "virby-boot: cannot write events to stdout: No space left on device" ]
  occurs 'stopped how=asked status=0' errors
  [ ! -e "$unclean" ]
}

@test "fifty starts of one disk at once: one machine, and 49 are told that it is in use" {
  local pids=() pid status=0 refused=0
  mkdir said
  for n in {1..50}; do
    virby-boot --accelerator tcg -m 256 vm/disk.img >"said/$n" 2>"said/$n.errors" 3>&- &
    pids+=($!)
  done
  boot=
  for n in {1..50}; do
    # The one that runs goes on.
    pid=${pids[n - 1]}
    eventually 60 eval "gone $pid || occurs running said/$n"
    if occurs running "said/$n"; then
      [ -z "$boot" ]
      boot=$pid
      continue
    fi
    wait "$pid" || status=$?
    [ "$status" = 75 ]
    [ ! -s "said/$n" ]
    grep -E "^virby-boot: 'vm/disk.img' is in use by (another process|process [0-9]+)$" "said/$n.errors"
    refused=$((refused + 1))
  done
  [ "$refused" = 49 ]
  [ "$(pgrep -fc "^qemu-system.*file=$here/disk.img")" = 1 ]
  [ -S vm/.disk.img.control/control.sock ]
}

@test "an orphaned driver still counts, and the next start waits for its end" {
  start
  driver=$(driver_pid)
  # The guard too, which would end the driver: it leads the driver's process group.
  guard=$(ps -o pgid= -p "$driver")
  kill -KILL "$boot" "$guard"
  wait "$boot" || true
  boot=
  run --separate-stderr -75 timeout 60 virby-boot --accelerator tcg vm/disk.img
  [ "$stderr" = "virby-boot: 'vm/disk.img' is in use by another process
virby-boot: hint: find it with: lsof vm/disk.img.lock" ]
  kill -0 "$driver"

  virby-boot --accelerator tcg -m 256 --wait-lock 30s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 test -e errors
  kill -KILL "$driver"
  eventually 20 occurs running events
}

@test "a driver that is deaf to TERM: the lock is held until the guard kills it" {
  stand_in 'trap "" TERM HUP; exec sleep 60'
  PATH=$PWD/bin:$PATH virby-boot --accelerator tcg --stop-timeout 4s vm/disk.img >events 2>errors 3>&- &
  boot=$!
  eventually 10 occurs starting events
  driver=$(driver_pid)
  kill -KILL "$boot"
  wait "$boot" || true
  boot=
  run --separate-stderr -75 timeout 60 virby-boot --accelerator tcg vm/disk.img
  told 'virby-boot or the host went down first' --wait-lock 30s
  eventually 10 gone "$driver"
}

@test "the disk by another name is the same disk" {
  start
  ln vm/disk.img vm/hard.img
  ln -s disk.img vm/soft.img
  for name in hard soft; do
    run --separate-stderr -75 timeout 60 virby-boot --accelerator tcg "vm/$name.img"
    [ "$output" = "" ]
  done
}

address() {
  driver_words --driver vfkit "$@" | sed -n 's/.*mac=\([0-9a-f:]*\).*/\1/p'
}

@test "the address: of the disk's real path, however it is called" {
  own=$(address vm/disk.img)
  ln -s disk.img vm/soft.img
  [ "$(address vm/soft.img)" = "$own" ]
  [ "$(address "$here/../vm/./disk.img")" = "$own" ]
  [ "$(cd vm && address disk.img)" = "$own" ]
  # A copy elsewhere may run beside it; a hard link never does.
  cp vm/disk.img vm/copy.img
  [ "$(address vm/copy.img)" != "$own" ]
  # --mac is taken as it is, in any spelling.
  [ "$(address --mac 2-94-0-A-1-2 vm/disk.img)" = 02:94:00:0a:01:02 ]
  [ "$(address --mac 2-94-0-A-1-2 vm/copy.img)" = 02:94:00:0a:01:02 ]
}
