#!/usr/bin/env python3
"""What systemd does with a socket unit, for one start: listens, starts the command at the first
connection with the listener as descriptor 3, in a session of its own, and keeps the listener.

usage: manager.py PORT COMMAND...

Tells on stdout `session PID`, then `ended STATUS`, and on SIGUSR1 whether a client waits that nobody took.
"""

import os
import select
import signal
import socket
import subprocess
import sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(64)
os.dup2(listener.fileno(), 3)


def say(*words):
    print(*words, flush=True)


def look(*_):
    say("backlog", "empty" if not select.select([listener], [], [], 0)[0] else "waits")


signal.signal(signal.SIGUSR1, look)
say("listening")
select.select([listener], [], [])
child = subprocess.Popen(
    ["env", "LISTEN_FDS=1", *sys.argv[2:]],
    pass_fds=(3,), stdin=subprocess.DEVNULL,
    stdout=sys.stderr, start_new_session=True,
)
say("session", child.pid)
status = child.wait()
say("ended", status if status >= 0 else 128 - status)
while True:
    signal.pause()
