"""The guest's SSH server behind vfkit's vsock proxy: pkg/vf/vsock.go, and tcpproxy, which copies both ways until both have ended.

Of what the framework gives it for a connection only the whole can be closed. So a client's end-of-file never gets to the guest,
and a client that hangs up leaves a connection behind that nobody closes, unless the guest ends it or writes to it.
"""

import os
import socket
import threading
import time

import golang
import machine


def name(path):
    """The socket's name: the path as a URL has it, or an error."""
    url = golang.URL(f"unix://:{path}")
    return url.escaped_path()


def expose(port, path):
    """If it cannot listen there it says so, and runs on."""
    try:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(name(path))
    except (OSError, golang.Unreadable) as error:
        machine.say(f'level=warning msg="error exposing vsock port {port}: {error}"')
        return
    listener.listen()
    began = time.monotonic()
    while True:
        client, _ = listener.accept()
        if machine.has("ssh=late") and time.monotonic() - began < machine.SECONDS:
            client.close()
            continue
        threading.Thread(target=Connection(client).run, daemon=True).start()


class Connection:
    left_behind = []

    def __init__(self, client):
        self.client = client

    def run(self):
        """The server speaks first, says everything again, and ends after `exit`, as at the end of a session."""
        try:
            self.client.sendall(b"SSH-2.0-standin\r\n")
            while data := self.client.recv(4096):
                self.client.sendall(data)
                if b"exit\n" in data:
                    self.client.shutdown(socket.SHUT_WR)
                    while self.client.recv(4096):
                        pass
                    self.client.close()
                    return
        except ConnectionError:
            # The guest wrote to a client that is gone.
            self.client.close()
            return
        self.left_behind.append(self.client)


def remove(path):
    """At its end vfkit removes the socket."""
    try:
        os.unlink(name(path))
    except (OSError, golang.Unreadable):
        pass
