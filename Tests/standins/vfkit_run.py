"""What vfkit does with its command line: cmd/vfkit/main.go. Whose machine it starts, and who exposes its vsock, is given."""

import os
import signal
import threading

import framework
import golang
import machine
import vfkit_rest
from vfkit_devices import Harm, Refusal
from vfkit_line import CommandLine

GRACE = 5  # seconds that SIGTERM leaves the guest


def refuse(error):
    """cobra says it, and main() again; the usage between is left out."""
    machine.say(f"Error: {error}")
    machine.say(error)
    return 1


def terminate(vm):
    """SIGTERM and SIGINT: the power button, five seconds, the plug; in no other state than Running either works."""
    if machine.has("term=ignored"):
        return
    if vm.state != "Running":
        return
    vm.press_power_button()
    machine.later(GRACE, lambda: vm.state == "Running" and vm.stop())


def run(words, machine_of, proxy):
    """Returns the status. `machine_of` makes the machine of a command line; `proxy` is a module like vfkit_vsock."""
    try:
        line = CommandLine(words)
        if line.values["help"] or line.values["version"]:
            print(f"vfkit version: {machine.FAULTS.get('version', 'v0.6.4')}", flush=True)
            return 0
        line.harms()
        line.configure()
    except (Refusal, Harm, framework.Invalid, golang.Unreadable, OSError) as error:
        return refuse(error)
    machine.begin(line.images[0].path)
    vm = machine_of(line)
    vm.devices = [serial.inspect() for serial in line.of("virtio-serial")]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: terminate(vm))
    if line.rest:
        threading.Thread(target=vfkit_rest.listen, args=(vm, line.rest), daemon=True).start()
    try:
        vm.start()
    except framework.Invalid as error:
        return refuse(error)
    if line.given.get("log-level", "info") in ("info", "debug", ""):
        machine.say('level=info msg="virtual machine is running"')
    if vm.state == "Running":
        for vsock in line.of("virtio-vsock"):
            threading.Thread(target=proxy.expose, args=(vsock.number, vsock.socketURL), daemon=True).start()
    while not vm.stopped.wait(0.05) or machine.has("end=hangs"):
        pass
    for vsock in line.of("virtio-vsock"):
        proxy.remove(vsock.socketURL)
    if line.rest and os.path.exists(line.rest):
        os.unlink(line.rest)
    if vm.state == "Error":
        return refuse("virtualization error: hypervisor virtualization error")
    return 0
