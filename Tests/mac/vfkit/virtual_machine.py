"""com.apple.Virtualization.VirtualMachine: the process of one machine, which is a child of the system and not of vfkit.

Whoever ordered it has a connection to it. If that ends, so does the machine; at once, or after a while where the system's
words say `end=lingers seconds=N`.
"""

import collections
import fcntl
import os
import pwd
import select
import signal
import socket
import struct
import subprocess
import time

import monitor
import parent
import qemu
import virtiofs

User = collections.namedtuple("User", "uid gid groups")
Descriptors = collections.namedtuple("Descriptors", "disks taps shares control")
NAME = (
    "/System/Library/Frameworks/Virtualization.framework/Versions/A/XPCServices/"
    "com.apple.Virtualization.VirtualMachine.xpc/Contents/MacOS/com.apple.Virtualization.VirtualMachine"
)


def peer(connection):
    """The user at the other end."""
    size = struct.calcsize("3i")
    _, uid, gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    try:
        groups = os.getgrouplist(pwd.getpwuid(uid).pw_name, gid)
    except KeyError:
        groups = [gid]
    return User(uid, gid, groups)


def open_disk(disk, user):
    """As that user, and locked as the framework locks it; raises BlockingIOError if another has it."""
    os.setegid(user.gid)
    os.seteuid(user.uid)
    try:
        descriptor = os.open(disk["path"], os.O_RDONLY if disk["readonly"] else os.O_RDWR)
    finally:
        os.seteuid(0)
        os.setegid(0)
    fcntl.flock(descriptor, (fcntl.LOCK_SH if disk["readonly"] else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    return descriptor


class VirtualMachine:
    def __init__(self, architecture, client, order, taps):
        self.architecture = architecture
        self.client = client
        self.order = order
        self.taps = taps
        self.user = peer(client)

    def run(self, words):
        """Till its end. `words` tells what the system's words are by then."""
        try:
            self.start()
        except BlockingIOError:
            return self.say("locked")
        except (OSError, KeyError) as error:
            return self.say(f"failed {error}")
        self.serve(words)

    def start(self):
        disks = [open_disk(disk, self.user) for disk in self.order["disks"]]
        served = [virtiofs.serve(share["folder"], self.user) for share in self.order["shares"]]
        self.monitor, control = monitor.pair()
        shares = [client.fileno() for client, _ in served]
        taps = [tap.fileno() for tap in self.taps]
        vector = qemu.arguments(self.architecture, self.order, Descriptors(disks, taps, shares, control.fileno()))
        self.process = subprocess.Popen(
            [NAME, *vector[1:]], executable=vector[0], pass_fds=[*disks, *taps, *shares, control.fileno()],
            stdin=subprocess.DEVNULL, user=self.user.uid, group=self.user.gid, extra_groups=self.user.groups,
            cwd="/", env={"PATH": os.environ["PATH"]}, start_new_session=True,
            preexec_fn=lambda: parent.outlived(signal.SIGKILL),
        )  # fmt: skip
        # What this process kept open would outlive QEMU.
        for each in [control, *self.taps, *(client for client, _ in served)]:
            each.close()
        for descriptor in disks:
            os.close(descriptor)
        self.companions = [pid for _, pid in served]

    def serve(self, words):
        """Passes the client's wishes on to QEMU, until QEMU ends."""
        end = os.pidfd_open(self.process.pid)
        sources = [end, self.monitor, self.client]
        deadline = None
        while True:
            left = None if deadline is None else max(0, deadline - time.monotonic())
            ready, _, _ = select.select(sources, [], [], left)
            if not ready:
                self.process.kill()
                deadline = None
            if self.monitor in ready and not self.hear():
                sources.remove(self.monitor)
            if self.client in ready and not self.obey():
                sources.remove(self.client)
                deadline = time.monotonic() + lingering(words())
            if end in ready:
                break
        status = self.process.wait()
        for pid in self.companions:
            os.waitpid(pid, 0)
        self.say("stopped" if status == 0 else f"failed {status}")

    def hear(self):
        for message in self.monitor.messages():
            if message is None:
                return False
            if "QMP" in message:
                self.monitor.ask("qmp_capabilities")
                self.monitor.ask("cont")
            elif message.get("event") == "RESUME":
                self.say("running")
        return True

    def obey(self):
        word = self.client.recv(64)
        if word == b"button":
            self.monitor.ask("system_powerdown")
        elif word == b"stop":
            self.monitor.ask("quit")
        return word != b""

    def say(self, word):
        try:
            self.client.send(word.encode())
        except OSError:
            pass  # vfkit is gone.


def lingering(words):
    return float(words.get("seconds", "30")) if words.get("end") == "lingers" else 0
