#!/usr/bin/env python3
"""Speaks QMP: `qmp.py SOCKET COMMAND [KEY=VALUE...]`, and prints what the command returns as JSON."""

import json
import socket
import sys

connection = socket.socket(socket.AF_UNIX)
connection.settimeout(300)  # on a busy machine
connection.connect(sys.argv[1])
lines = connection.makefile("rw")


def ask(command, arguments):
    lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    lines.flush()
    while True:
        answer = json.loads(lines.readline())
        if "error" in answer:
            sys.exit(answer["error"]["desc"])
        if "return" in answer:
            return answer["return"]


lines.readline()
ask("qmp_capabilities", {})
print(json.dumps(ask(sys.argv[2], dict(word.split("=", 1) for word in sys.argv[3:]))))
