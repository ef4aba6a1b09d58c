"""How launchctl asks launchd, and what its errors are called."""

import json
import os
import socket
import sys

ERRORS = {
    1: "Operation not permitted",
    3: "No such process",
    5: "Input/output error",
    36: "Operation now in progress",
    37: "Operation already in progress",
    113: "Could not find specified service",
    119: "Service is disabled",
    122: "Path had bad ownership/permissions",
    125: "Domain does not support specified action",
}
RICHER = "Try re-running the command as root for richer errors."


class Usage(Exception):
    pass


def ask(verb, **words):
    with socket.socket(socket.AF_UNIX) as launchd:
        launchd.connect("/.rig/launchd.sock")
        launchd.sendall(json.dumps({"verb": verb, **words}).encode() + b"\n")
        with launchd.makefile() as answer:
            found = json.loads(answer.readline())
    return found["status"], found["out"]


def say(*words):
    print(*words, file=sys.stderr)


def failed(what, status):
    """launchctl's own, which ends with the error's number."""
    if status:
        say(f"{what}: {status}: {ERRORS.get(status, 'Unknown error')}")
        if os.geteuid() != 0 and status in (1, 5):
            say(RICHER)
    return status
