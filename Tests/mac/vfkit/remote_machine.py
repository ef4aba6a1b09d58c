"""A machine that another process runs, as vfkit sees it: an order, and words back and forth."""

import json
import os
import socket
import threading

import firmware
import framework
import golang


class System:
    """The connection to the system; nobody answers where there is none."""

    def __init__(self, path):
        self.architecture = None
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.connection.connect(path)
            self.architecture = self.word()
        except OSError as error:
            self.fault = error

    def new_variables(self):
        framework.require(self.architecture, "EFI variable store")
        with open(firmware.of(self.architecture).variables, "rb") as file:
            return file.read()

    def say(self, word):
        try:
            self.connection.send(word.encode())
        except OSError:
            pass  # The machine has just ended.

    def word(self):
        """What the system says next, or nothing if it has ended."""
        return self.connection.recv(65536).decode()


class RemoteMachine:
    """What vfkit_run and vfkit_rest want of a machine: machine.Machine with a guest."""

    def __init__(self, system, line):
        self.system = system
        self.order = order(line)
        self.state = "Stopped"
        self.stopped = threading.Event()

    def start(self):
        """vfkit waits for five seconds, which an emulator on a busy host may need for nothing."""
        if not self.system.architecture:
            raise framework.Invalid(f"virtualization is not available on this host: {self.system.fault}")
        self.state = "Starting"
        self.system.say(json.dumps(self.order))
        answer, _, reason = self.system.word().partition(" ")
        if answer == "locked":
            raise framework.Locked()
        if answer != "running":
            raise framework.Invalid(f"Internal Virtualization error. The virtual machine failed to start: {reason}")
        self.state = "Running"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        """Till the machine ends; with an error too if its process does without a word."""
        word = self.system.word()
        self.state = "Stopped" if word == "stopped" else "Error"
        self.stopped.set()

    def was_seen(self):
        pass

    def press_power_button(self):
        self.system.say("button")

    def stop(self):
        """HardStop returns when the machine has stopped."""
        self.system.say("stop")
        self.stopped.wait()


def order(line):
    """What the system has to know; by whole names, for its folder is not ours."""
    known = {"virtio-blk", "nvme", "usb-mass-storage", "virtio-fs", "virtio-net", "virtio-rng", "virtio-serial",
             "virtio-balloon", "virtio-vsock"}  # fmt: skip
    for each in line.devices:
        framework.require(each.kind in known, f"the pretended Mac has no {each.kind}")
    loader = line.loader
    if loader.kind == "efi":
        start = {"store": os.path.abspath(loader.store)}
    else:
        start = {"kernel": os.path.abspath(loader.kernel), "initrd": os.path.abspath(loader.initrd), "cmdline": loader.cmdline}
    return {
        "cpus": line.values["cpus"],
        "mebibytes": line.values["memory"],
        "start": start,
        "disks": [
            {"kind": each.kind, "path": os.path.abspath(each.path), "readonly": each.readonly}
            for each in line.devices
            if hasattr(each, "image")
        ],
        "networks": [network(each) for each in line.of("virtio-net")],
        "consoles": [console(each) for each in line.of("virtio-serial")],
        "shares": [{"tag": each.tag, "folder": os.path.abspath(each.sharedDir)} for each in line.of("virtio-fs")],
        "plain": [each.kind for each in line.devices if each.kind in ("virtio-rng", "virtio-balloon")],
    }


def network(device):
    framework.require(device.nat, "the pretended Mac has no network but vmnet's")
    return golang.hardware_address(device.mac).hex(":")


def console(device):
    framework.require(device.logFilePath, "the pretended Mac has no console but a file")
    return os.path.abspath(device.logFilePath)
