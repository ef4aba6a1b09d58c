"""Folders of the host for a guest, by virtiofsd(1), with the rights of the machine's user and no others."""

import ctypes
import os
import socket

VIRTIOFSD = "/usr/lib/qemu/virtiofsd"
CLONE_NEWUSER = 0x10000000


def serve(folder, user):
    """Starts a process for one folder; returns QEMU's end of the connection to it, and the process."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("")  # The kernel makes up a name that is in no folder.
    listener.listen(1)
    client = socket.socket(socket.AF_UNIX)
    client.connect(listener.getsockname())
    source = folder.replace("\\", "\\\\").replace(",", "\\,")
    words = [VIRTIOFSD, f"--fd={listener.fileno()}", "--rlimit-nofile=0",
             "-o", "log_level=err", "-o", "sandbox=chroot", "-o", f"source={source}"]  # fmt: skip
    pid = spawn(words, listener.fileno(), user)
    listener.close()
    return client, pid


def spawn(words, descriptor, user):
    """virtiofsd wants to be root. It is, in a namespace whose root is the user and in which there is nobody else."""
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            here.close()
            enter(there)
            os.set_inheritable(descriptor, True)
            os.execv(words[0], words)
        finally:
            os._exit(1)
    there.close()
    if here.recv(1):
        for kind, number in ("uid", user.uid), ("gid", user.gid):
            with open(f"/proc/{pid}/{kind}_map", "w") as file:
                file.write(f"0 {number} 1")
        here.send(b".")
    here.close()
    return pid


def enter(mapper):
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mapper.send(b".")
    mapper.recv(1)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
