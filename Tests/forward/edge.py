"""edge.py TARGET COUNT [ARGUMENT...]: clients that come at any instant around the idle exit of
`virby-forward | virby-idle -t 10ms ARGUMENT...`.

A service manager in small, as launchd and systemd do it: it owns the listening socket, hands it to the end of
the pipeline when a client waits, and waits for both stages before it looks at the socket again. COUNT clients
send a message each, and every one of them must have it back.
"""

import random
import select
import socket
import subprocess
import sys
import threading
import time

TTL = 0.01
target, count = sys.argv[1], int(sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
left = iter(range(count))
lost = []


def be_clients(seed):
    instants = random.Random(seed)
    for number in left:
        # A connection lasts next to no time: often the others are away, and the idle time has begun.
        time.sleep(instants.uniform(0, 6 * TTL))
        message = b"number %d\n" % number
        try:
            with socket.create_connection(listener.getsockname(), timeout=20) as connection:
                connection.sendall(message)
                answer = connection.recv(100)
        except OSError as error:
            answer = error
        if answer != message:
            lost.append((number, answer))


def pipeline():
    """From the first client to the end of both stages; returns their statuses."""
    forward = subprocess.Popen(
        ["virby-forward", "-l", f"fd:{listener.fileno()}", target],
        pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )
    idle = subprocess.Popen(
        ["virby-idle", "-t", f"{round(TTL * 1000)}ms", *sys.argv[3:]],
        stdin=forward.stdout, stdout=subprocess.DEVNULL,
    )
    forward.stdout.close()
    return idle.wait(), forward.wait()


clients = [threading.Thread(target=be_clients, args=(seed,)) for seed in range(3)]
for client in clients:
    client.start()
starts = 0
while any(client.is_alive() for client in clients):
    if select.select([listener], [], [], 0.1)[0]:
        statuses = pipeline()
        assert statuses == (0, 0), statuses
        starts += 1
print("lost", lost)
print("starts", starts)
