"""TCP peers with manners that socat and nc do not have, for virby-forward.bats.

peer.py server PLAN...      serves connection N as word N of the plan says, the last word from there on
peer.py client PORT STEP... does one step after the other; a step that turns out otherwise is the end

The server prints its port, and a line for each connection: its word, and how many are open.
"""

import hashlib
import os
import random
import socket
import struct
import sys
import threading

GREETING = b"SSH-2.0-peer\r\n"
lock = threading.Lock()
live = 0


def say(*words):
    with lock:
        print(*words, flush=True)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def everything(connection):
    while data := connection.recv(1 << 16):
        yield data


def pour(connection, seed, count):
    """Sends bytes that the seed determines; returns their checksum."""
    source, checksum = random.Random(seed), hashlib.sha256()
    while count:
        block = source.randbytes(min(count, 1 << 20))
        checksum.update(block)
        connection.sendall(block)
        count -= len(block)
    return checksum.hexdigest()


def serve(connection, word):
    global live
    with lock:
        live += 1
    say(word, live)
    name, _, argument = word.partition(":")
    try:
        if name == "silent":  # accepts and says nothing, as QEMU's user network before the guest is up
            list(everything(connection))
        elif name == "reset":
            reset(connection)
        elif name == "echo":  # greets, echoes, and says good-bye after the client's end
            connection.sendall(GREETING)
            for data in everything(connection):
                connection.sendall(data)
            connection.sendall(b"bye\n")
        elif name == "end":  # greets, ends its side, and reports what still comes
            connection.sendall(GREETING)
            connection.shutdown(socket.SHUT_WR)
            say("got", b"".join(everything(connection)))
        elif name == "break":  # greets, and resets at the first byte
            connection.sendall(GREETING)
            connection.recv(1)
            reset(connection)
        elif name == "farewell":  # greets, and at the client's first byte says something and resets
            connection.sendall(GREETING)
            connection.recv(1, socket.MSG_PEEK)
            connection.sendall(b"enough\n")
            reset(connection)
        elif name == "hold":  # greets, and reports how the connection ends
            connection.sendall(GREETING)
            list(everything(connection))
            say("ended")
        elif name == "deaf":  # greets, and never reads
            connection.sendall(GREETING)
            threading.Event().wait()
        elif name == "both":  # sends and receives that many bytes at once
            connection.sendall(GREETING)
            say("sent", exchange(connection, 1, int(argument)))
    except OSError as error:
        say(type(error).__name__)
    with lock:
        live -= 1
    connection.close()


def exchange(connection, seed, count):
    """Pours while it drains; returns both checksums, sent and received."""
    sent = []
    thread = threading.Thread(target=lambda: sent.append(pour(connection, seed, count)))
    thread.start()
    checksum = hashlib.sha256()
    while count:
        data = connection.recv(min(count, 1 << 18))
        if not data:
            break
        count -= len(data)
        checksum.update(data)
    thread.join()
    return sent[0] + " received " + checksum.hexdigest()


def server(plan):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    say(listener.getsockname()[1])
    count = 0
    while True:
        connection, _ = listener.accept()
        word = plan[min(count, len(plan) - 1)]
        count += 1
        threading.Thread(target=serve, args=(connection, word), daemon=True).start()


def client(port, steps):
    connection = socket.socket()
    for step in steps:
        name, _, argument = step.partition(":")
        if name == "narrow":  # a small window, before the connection is made
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        elif name == "connect":
            connection.settimeout(20)
            connection.connect(("127.0.0.1", port))
        elif name == "send":
            connection.sendall(argument.encode() + b"\n")
        elif name == "end":
            connection.shutdown(socket.SHUT_WR)
        elif name == "reset":
            reset(connection)
        elif name == "greeting":
            assert connection.recv(len(GREETING), socket.MSG_WAITALL) == GREETING
        elif name == "read":  # everything, to the other side's end
            heard = []
            try:
                for data in everything(connection):
                    heard.append(data)
                print(b"".join(heard))
            except OSError as error:
                print(*([b"".join(heard)] if heard else []), type(error).__name__)
        elif name == "stuff":  # until nothing more is taken for a second
            connection.settimeout(1)
            taken = 0
            try:
                while True:
                    taken += connection.send(bytes(1 << 16))
            except TimeoutError:
                print("taken", taken)
            connection.settimeout(20)
        elif name == "mark":
            open(argument, "x").close()
        elif name == "wait":  # for a file to appear
            while not os.path.exists(argument):
                threading.Event().wait(0.05)
        elif name == "both":
            print("sent", exchange(connection, 2, int(argument)))


if sys.argv[1] == "server":
    server(sys.argv[2:])
else:
    client(int(sys.argv[2]), sys.argv[3:])
