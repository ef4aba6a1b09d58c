"""endings.py COUNT COMMAND...: COUNT connections, one after the other, through one virby-forward, each ended in one of eight ways.

COMMAND is virby-forward and its options; the target is a server of this script's own. Every connection must
reach the server, and carry what was sent as far as its ending lets it. Prints each that did not, and whether
virby-forward has the same descriptors in the end as before the first of them.
"""

import os
import random
import socket
import struct
import subprocess
import sys
import time

PATIENCE = 60


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def receive(connection, count):
    """That many bytes, or what came before an end or a reset."""
    heard = b""
    try:
        while len(heard) < count and (data := connection.recv(count - len(heard))):
            heard += data
    except ConnectionError as error:
        return type(error).__name__
    return heard


def said(connection):
    """What comes next: b"" for an end."""
    return receive(connection, 1)


def broken(connection):
    """Whether the connection is reset; what was on its way before may still come."""
    while True:
        heard = receive(connection, 1 << 20)
        if isinstance(heard, str):
            return True
        if not heard:
            return False


def client_resets(client, server):
    reset(client)
    return broken(server)


def server_resets(client, server):
    reset(server)
    return broken(client)


def client_closes(client, server):
    client.close()
    return said(server) == b""


def server_closes(client, server):
    server.close()
    return said(client) == b""


def client_half_closes(client, server):
    client.shutdown(socket.SHUT_WR)
    if said(server) != b"":
        return False
    server.sendall(b"!")
    server.close()
    return receive(client, 2) == b"!"


def server_half_closes(client, server):
    server.shutdown(socket.SHUT_WR)
    if said(client) != b"":
        return False
    client.sendall(b"!")
    client.close()
    return receive(server, 2) == b"!"


def much_then_reset(client, server):
    client.sendall(bytes(100 << 10))
    reset(client)
    return broken(server)


def a_little_then_close(client, server):
    words = random.randbytes(1 << 10)
    client.sendall(words)
    client.close()
    return receive(server, len(words) + 1) == words


ENDINGS = [
    client_resets, server_resets, client_closes, server_closes, client_half_closes, server_half_closes,
    much_then_reset, a_little_then_close,
]


def descriptors(pid):
    return sorted(os.readlink(f"/proc/{pid}/fd/{number}").split(":")[0] for number in os.listdir(f"/proc/{pid}/fd"))


class Forward:
    def __init__(self, command, target):
        self.process = subprocess.Popen([*command, "-l", "127.0.0.1:0", target], stdout=subprocess.PIPE)
        self.events = self.process.stdout
        self.port = int(self.event("listening").rsplit(":", 1)[1])

    def event(self, verb):
        """The next event of that verb; what comes before it is read and forgotten."""
        for line in self.events:
            words = line.decode().split()
            if words[0] == verb:
                return line.decode().strip()
        raise EOFError(verb)


def main(count, command):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.settimeout(PATIENCE)
    forward = Forward(command, "127.0.0.1:%d" % listener.getsockname()[1])
    order = random.Random(1)
    before, faults = descriptors(forward.process.pid), 0
    for number in range(count):
        ending = ENDINGS[number % 8] if number < 8 else order.choice(ENDINGS)
        fault = None
        try:
            client = socket.create_connection(("127.0.0.1", forward.port), timeout=PATIENCE)
            server, _ = listener.accept()
            server.settimeout(PATIENCE)
            if order.randrange(2):
                client.sendall(b"?")
                if receive(server, 1) != b"?":
                    fault = "its first byte was lost"
            if not ending(client, server):
                fault = "it ended otherwise"
        except OSError as error:
            fault = type(error).__name__
        client.close()
        server.close()
        closed = forward.event("close")
        if " active=0 " not in closed:
            fault = closed
        if fault:
            faults += 1
            print(number, ending.__name__, fault)
    # The last connection's are closed just after its event, and pipes after a second.
    deadline = time.monotonic() + PATIENCE
    while (after := descriptors(forward.process.pid)) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    print("faults", faults)
    print("descriptors", "as before" if after == before else f"{before} then {after}")
    forward.process.terminate()
    print("status", forward.process.wait(PATIENCE))


main(int(sys.argv[1]), sys.argv[2:])
