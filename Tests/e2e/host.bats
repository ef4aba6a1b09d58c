#!/usr/bin/env bats
# Here the guest plays the host: it sleeps, and its clock is set, as cannot be done to the machine that runs
# the tests. The commands are those of the release build, which run on any Linux.

load builder

# bring COMMAND...: into the guest.
bring() {
  local command
  for command; do
    guest "cat >$command && chmod +x $command" <"$(command -v "$command")"
  done
}

# idle NAME TTL: virby-idle in the guest, with NAME as its input, NAME.events, and NAME.errors; a client is there.
idle() {
  guest "mkfifo $1 && { sleep 99999 >$1 & ./virby-idle -t $2 <$1 >$1.events 2>$1.errors & } </dev/null >/dev/null 2>&1
    echo open id=1 active=1 >$1"
}

# The client goes. From then on time counts, so what follows is told in the same breath.
gone='close id=1 active=0 in=0 out=0'

# asleep SECONDS: the guest's kernel stops all devices and its timekeeping for so long, as for a suspend to
# memory, and only spares its processors the power-off (Documentation/power/basic-pm-debugging.rst).
asleep() {
  echo "echo core >/sys/power/pm_test; echo $1 >/sys/module/suspend/parameters/pm_test_delay; echo mem >/sys/power/state"
}

# The guest stands still for as long as ssh would wait for an answer.
guest() {
  timeout -k 5 "$PATIENCE" virby-ssh -o ServerAliveInterval=0 "$@"
}

# tells TEXT FILE: the guest's file holds that soon.
tells() {
  guest "for n in \$(seq 3000); do if grep -q '$1' $2; then exit 0; fi; sleep 0.1; done; cat $2; exit 1"
}

@test "the host sleeps through the time: idle on waking, unless a client comes at once" {
  serve
  bring virby-idle virby-forward
  guest '{ ./virby-forward -v -l 127.0.0.1:9999 127.0.0.1:22 >relay.events 2>relay & } </dev/null'
  guest '{ sleep 99999 | busybox nc 127.0.0.1 9999 >client & } </dev/null >/dev/null 2>&1'
  tells SSH-2.0 client
  idle alone 40s
  idle visited 40s
  guest_root "cd /home/builder; echo $gone | tee alone >visited; \
    until grep -q close alone.events && grep -q close visited.events; do sleep 0.1; done; $(asleep 45); \
    echo open id=2 active=1 >visited; echo shaken not=stirred >alone" >suspend.log 2>&1
  awake=$(now)
  tells 'idle for=[4-9]' alone.events
  tells 'open id=2' visited.events
  figure "of 40 s nobody was there for 45: idle $(since "$awake") after waking: $(guest tail -n 1 alone.events)"
  run -1 guest grep idle visited.events
  run -0 guest pgrep -x virby-idle
  [ "${#lines[@]}" -eq 1 ]

  # Anything that comes wakes virby-forward too. The connection from before is still there.
  guest 'read -r line </dev/tcp/127.0.0.1/9999'
  tells 'the host has slept for [4-9][0-9]s; probing' relay
  run -1 guest "grep '^close id=1 ' relay.events"
  run -0 guest "grep '^open id=1 ' relay.events"
}

@test "the clock on the wall may be set by a year, forth and back" {
  serve
  bring virby-idle
  idle set 15s
  local now year=31536000
  now=$(date +%s)
  # In one go, for at the next login the guest sets its clock right. A line has virby-idle look at the time.
  guest_root "pkill -STOP -f virby/[c]lock-loop; cd /home/builder; echo $gone >set; \
    date -s @$((now + year)); echo shaken not=forth >set; sleep 2; \
    date -s @$((now - year)); echo shaken not=back >set; sleep 16; date; cat set.events" >date.log 2>&1
  [ "$(grep -c "$(date -d "@$((now + year))" +%Y)\$" date.log)" -eq 1 ]
  [ "$(grep -c "$(date -d "@$((now - year))" +%Y)\$" date.log)" -eq 2 ]
  guest cat set.events >set.events
  # No time is as long as a year, or as short as none.
  [ "$(sed 's/=[1-9][0-9]$/=N/' set.events)" = "open id=1 active=1
busy
$gone
shaken not=forth
shaken not=back
idle for=N" ]
  grep -q '^idle for=' date.log
}
