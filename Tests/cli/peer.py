"""TCP peers with manners that socat and nc do not have, for virby-forward.bats.

peer.py server PLAN...      serves connection N as word N of the plan says, the last word from there on
peer.py client PORT STEP... does one step after the other; a step that turns out otherwise is the end

The server listens on the path $SOCKET, on $PORT of $HOST, or else on loopback where the system likes; it prints
its address, and a line for each connection: its word, and how many are open.
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
    # Windows into one block: as unlike each other as fresh bytes, and made a hundred times faster.
    stock = memoryview(source.randbytes(2 << 20))
    while count:
        start = source.randrange(1 << 20)
        block = stock[start : start + min(count, 1 << 20)]
        checksum.update(block)
        connection.sendall(block)
        count -= len(block)
    return checksum.hexdigest()


def drain(connection):
    """Receives to the end; returns how many bytes, and their checksum."""
    checksum, count = hashlib.sha256(), 0
    for data in everything(connection):
        checksum.update(data)
        count += len(data)
    return f"{count} {checksum.hexdigest()}"


def until(file):
    while not os.path.exists(file):
        threading.Event().wait(0.05)


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
        elif name == "crowded":  # speaks and hangs up, as an sshd past its MaxStartups
            connection.sendall(b"Exceeded MaxStartups\r\n")
        elif name == "mail":  # greets in another protocol's words, and echoes
            connection.sendall(b"220 mail\r\n")
            for data in everything(connection):
                connection.sendall(data)
        elif name == "echo":  # greets, echoes, and says good-bye after the client's end
            connection.sendall(GREETING)
            for data in everything(connection):
                connection.sendall(data)
            connection.sendall(b"bye\n")
        elif name == "slow":  # takes that many seconds to greet, and then echoes
            threading.Event().wait(float(argument))
            connection.sendall(GREETING)
            for data in everything(connection):
                connection.sendall(data)
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
        elif name == "deaf":  # greets, and does not read before a file appears, if ever
            connection.sendall(GREETING)
            if not argument:
                threading.Event().wait()
            until(argument)
            say("drained", drain(connection))
        elif name == "late":  # greets, and when the client has ended sends that many bytes
            connection.sendall(GREETING)
            say("got", b"".join(everything(connection)))
            say("sent", argument, pour(connection, 1, int(argument)))
        elif name == "early":  # greets, ends its side, and receives what still comes
            connection.sendall(GREETING)
            connection.shutdown(socket.SHUT_WR)
            say("drained", drain(connection))
        elif name == "cut":  # greets, receives that many bytes, and resets
            connection.sendall(GREETING)
            connection.recv(int(argument), socket.MSG_WAITALL)
            reset(connection)
        elif name == "dribble":  # greets a byte at a time, and echoes
            for byte in GREETING:
                connection.sendall(bytes([byte]))
                threading.Event().wait(0.1)
            for data in everything(connection):
                connection.sendall(data)
        elif name == "trickle":  # greets, and says that many digits, one every ten seconds
            connection.sendall(GREETING)
            for number in range(int(argument)):
                threading.Event().wait(10)
                connection.sendall(b"%d" % (number + 1))
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
    if path := os.environ.get("SOCKET"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(64)
        say(path)
    else:
        address = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", 0))
        listener = socket.create_server(address, backlog=64)
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
        elif name == "patiently":  # what follows may take longer than 20 s
            connection.settimeout(None)
        elif name == "send":
            connection.sendall(argument.encode() + b"\n")
        elif name == "end":
            connection.shutdown(socket.SHUT_WR)
        elif name == "reset":
            reset(connection)
        elif name == "greeting":
            heard = b""
            while heard != GREETING:
                more = connection.recv(len(GREETING) - len(heard))
                heard += more
                assert more and GREETING.startswith(heard), heard
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
            until(argument)
        elif name == "pour":  # that many bytes
            try:
                print("sent", argument, pour(connection, 2, int(argument)))
            except OSError as error:
                print(type(error).__name__)
        elif name == "drain":
            print("drained", drain(connection))
        elif name == "both":
            print("sent", exchange(connection, 2, int(argument)))


if sys.argv[1] == "server":
    server(sys.argv[2:])
else:
    client(int(sys.argv[2]), sys.argv[3:])
