"""edge.py TARGET COUNT: clients that come at any instant while virby-forward is sent away and started again.

A service manager in small: it owns the listening socket, starts virby-forward on it when a client waits,
and lets go of the events' end a moment after the last connection was closed. COUNT clients send a message
each, and every one of them must have it back.
"""

import os
import random
import select
import socket
import subprocess
import sys
import threading
import time

target, count = sys.argv[1], int(sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
chance = random.Random(31222)
left = iter(range(count))
lost = []


def be_clients(seed):
    instants = random.Random(seed)
    for number in left:
        time.sleep(instants.uniform(0, 0.02))
        message = b"number %d\n" % number
        try:
            with socket.create_connection(listener.getsockname(), timeout=20) as connection:
                connection.sendall(message)
                answer = connection.recv(100)
        except OSError as error:
            answer = error
        if answer != message:
            lost.append((number, answer))


def forward_once():
    """From the first client to the end of virby-forward; returns its status."""
    read, write = os.pipe()
    child = subprocess.Popen(
        ["virby-forward", "-l", f"fd:{listener.fileno()}", target],
        pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stdout=write,
    )
    os.close(write)
    with open(read, buffering=1) as events:
        for line in events:
            if line.startswith("close") and " active=0 " in line:
                break
        time.sleep(chance.uniform(0, 0.005))
    return child.wait()


clients = [threading.Thread(target=be_clients, args=(seed,)) for seed in range(3)]
for client in clients:
    client.start()
starts = 0
while any(client.is_alive() for client in clients):
    if select.select([listener], [], [], 0.1)[0]:
        status = forward_once()
        assert status == 0, status
        starts += 1
print("lost", lost)
print("starts", starts)
