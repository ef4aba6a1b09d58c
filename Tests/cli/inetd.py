#!/usr/bin/env python3
"""What launchd does with inetdCompatibility, Wait and no paths for output: it listens, and at the first
connection starts the command with the listening socket as descriptors 0, 1 and 2, in a session of its own.

usage: inetd.py COMMAND...

Says on stdout `listening PORT`, `session PID`, then `ended STATUS`. SIGTERM goes on to the command alone.
"""

import os
import select
import signal
import socket
import subprocess
import sys


def say(*words):
    print(*words, flush=True)


listener = socket.create_server(("127.0.0.1", 0))
say("listening", listener.getsockname()[1])
select.select([listener], [], [])
child = subprocess.Popen(
    sys.argv[1:], stdin=listener, stdout=listener, stderr=listener, start_new_session=True
)
signal.signal(signal.SIGTERM, lambda *_: os.kill(child.pid, signal.SIGTERM))
say("session", child.pid)
status = child.wait()
say("ended", status if status >= 0 else 128 - status)
