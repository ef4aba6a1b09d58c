"""A machine without a guest, and what may go wrong with it: what the stand-ins for drivers share.

STANDIN in the environment holds KEY=VALUE words that make a stand-in misbehave:

  start=exits         ends with status 1 as soon as it is started; start=succeeds: with 0
  start=once          ends with status 1 if it was started before with the same disk
  start=deaf          never listens
  start=late          listens after `seconds`
  start=stuck         never comes out of the state Starting, in which it can be stopped by SIGKILL alone
  start=error         is in the state Error
  run=exits           ends with status 1 `seconds` after it told that it runs, run=halts: with 0, as when the guest powers off
  run=floods          writes `mebibytes` to stderr
  guest=deaf          does not react to the power button; guest=slow: after `seconds`; guest=crashes: by crashing
  ssh=late            the guest's server listens after `seconds`; who connects before over vsock is sent away at once
  end=hangs           does not exit when the machine has stopped
  end=announced       is in the state Stopping for `seconds` before it has stopped, and refuses what it is told the while
  end=lingers         if it is killed, the machine's process keeps the disk locked for `seconds` more
  lock=hangs          where the disk is locked it stays in the state Starting, instead of ending with status 1
  term=ignored        does not react to SIGTERM
  state=WAY, stop=WAY, hardstop=WAY
                      how such requests are answered: garbage, other, empty, nothing, partial, huge, hang,
                      vanish, ignored, 400, 404, 500
  version=v0.6.1      what `--version` tells
  host=m2             a Mac without nested virtualization; host=bare: without Rosetta; host=intel: not Apple silicon
  seconds=30          how long what takes time takes
  mebibytes=1024
"""

import os
import signal
import sys
import threading
import time

import framework

FAULTS = dict(word.split("=", 1) for word in os.environ.get("STANDIN", "").split())
SECONDS = float(FAULTS.get("seconds", "30"))


def has(fault):
    key, value = fault.split("=")
    return FAULTS.get(key) == value


def say(text):
    print(text, file=sys.stderr, flush=True)


def end(status):
    """Ends all threads at once, as the end of a process does."""
    os._exit(status)


class Machine:
    """Comes up, runs, and stops when it is told to."""

    def __init__(self, images):
        self.state = "Stopped"
        self.stopped = threading.Event()
        self.pressed = False
        self.seen = False
        self.images = images
        self.service = None

    def start(self):
        """Raises framework.Locked if another has an image locked."""
        self.state = "Starting"
        try:
            for image in self.images:
                image.attach()
        except framework.Locked:
            if not has("lock=hangs"):
                raise
            return
        if has("end=lingers"):
            self.service = framework.Service(self.images, SECONDS)
        if has("start=stuck"):
            return
        if has("start=error"):
            self.state = "Error"
            return
        time.sleep(0.1)
        self.state = "Running"
        if has("run=floods"):
            threading.Thread(target=flood, daemon=True).start()

    def was_seen(self):
        """The driver has told that the machine runs: what it is to do after a while begins here, not before anyone knows."""
        if FAULTS.get("run") in ("exits", "halts") and not self.seen:
            self.seen = True
            later(SECONDS, lambda: self.exit(1 if has("run=exits") else 0))

    def press_power_button(self):
        if self.pressed or has("guest=deaf"):
            return
        self.pressed = True
        later(SECONDS if has("guest=slow") else 0.1, self.crash if has("guest=crashes") else self.stop)

    def stop(self):
        if has("end=announced") and self.state == "Running":
            self.state = "Stopping"
            later(SECONDS, self.stop)
            return
        self.finish("Stopped")

    def crash(self):
        self.finish("Error")

    def finish(self, state):
        self.state = state
        self.end_service()
        self.stopped.set()

    def exit(self, status):
        self.end_service()
        end(status)

    def end_service(self):
        if self.service:
            self.service.end()

    def wait(self):
        """Until it has stopped, and for ever if the process does not notice."""
        self.stopped.wait()
        if has("end=hangs"):
            threading.Event().wait()


def later(seconds, action):
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def flood():
    line = b"x" * 1023 + b"\n"
    for _ in range(int(FAULTS.get("mebibytes", "1024")) * 1024):
        os.write(2, line)


def begin(disk):
    """What a driver does first, if it is one of those that fail."""
    if has("start=exits"):
        say("the stand-in cannot start")
        end(1)
    if has("start=succeeds"):
        end(0)
    if has("start=once"):
        mark = disk + ".started"
        if os.path.exists(mark):
            say("the stand-in cannot start a second time")
            end(1)
        open(mark, "w").close()


def misbehave(connection, kind):
    """Answers a request the wrong way, if it is to be.

    Returns what is left to do: None for the right answer, "done" for none, or a status.
    """
    way = FAULTS.get(kind)
    if way is None or way == "ignored" or way.isdigit():
        return way
    if way == "vanish":
        os.kill(os.getpid(), signal.SIGKILL)
    if way == "hang":
        threading.Event().wait()
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
    answer = {
        "garbage": b"\x00\x1b[2J\xff nonsense\r\n\r\n",
        "other": head + b"Content-Length: 5\r\n\r\nhello",
        "empty": head + b"Content-Length: 0\r\n\r\n",
        "nothing": b"",
        "partial": head + b'Content-Length: 50\r\n\r\n{"state":',
        "huge": head + b"\r\n" + b"y" * (4 << 20),
    }[way]
    try:
        connection.sendall(answer)
    except BrokenPipeError:
        pass
    return "done"
