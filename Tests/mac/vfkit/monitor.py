"""QEMU's monitor, spoken to over a pair of sockets."""

import json
import socket


def pair():
    """This end, and QEMU's."""
    ours, theirs = socket.socketpair()
    return Monitor(ours), theirs


class Monitor:
    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""

    def fileno(self):
        return self.connection.fileno()

    def ask(self, command):
        try:
            self.connection.sendall(json.dumps({"execute": command}).encode() + b"\n")
        except OSError:
            pass  # QEMU is about to end.

    def messages(self):
        """Those that have come, and None at the end."""
        try:
            data = self.connection.recv(65536)
        except ConnectionResetError:
            data = b""
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        return [json.loads(line) for line in lines if line.strip()] + ([] if data else [None])
