"""The devices of vfkit's command line: pkg/config/virtio.go for what is refused, pkg/vf for what is looked at later."""

import os
import socket
import stat
import threading
import tty

import framework
import golang


class Refusal(Exception):
    """vfkit says so, and ends with status 1."""


class Harm(Exception):
    """vfkit takes it without a word, and something is amiss later; only the stand-in refuses."""


def require(condition, text):
    if not condition:
        raise Refusal(text)


def unless(harm, text):
    if harm:
        raise Harm(f"vfkit would take this in silence: {text}")


def pairs(items):
    """Options and their values: split at the first '=', and empty ones do not count."""
    return [(key, value) for key, _, value in (item.partition("=") for item in items if item)]


class Device:
    """Its options, of which the last of a name counts. `bare` ones must have no value, or any if they end in '*'."""

    values = ()
    bare = ()

    def __init__(self, kind, options):
        self.kind = kind
        for name in self.values:
            setattr(self, name, "")
        for name in self.bare:
            setattr(self, name.strip("*").replace("-", "_"), False)
        self.given = {key for key, _ in options}
        for key, value in options:
            if key in self.values:
                self.check(key, value)
                setattr(self, key, value)
            elif key in self.bare or key + "*" in self.bare:
                require(not value or key not in self.bare, f"unexpected value for {kind} '{key}' option: {value}")
                setattr(self, key.replace("-", "_"), True)
                self.chosen(key)
            else:
                raise Refusal(f"unknown option for {kind} devices: {key}")
        self.read()

    def check(self, key, value):
        """What is refused of one option's value."""

    def chosen(self, key):
        """A bare option is there."""

    def read(self):
        """What is refused when all options are known."""

    def harms(self):
        """What the stand-in refuses though vfkit does not."""

    def configure(self):
        """What is refused when the machine is made, after everything has been read."""


class Storage(Device):
    values = ("path", "type")
    bare = ("readonly",)

    def check(self, key, value):
        if key == "type":
            require(value in ("image", "dev", ""), f"unexpected value for disk 'type' option: {value}")

    def configure(self):
        require(self.path, f"missing mandatory 'path' option for {self.kind} device")
        if self.type == "dev":
            require(stat.S_ISBLK(os.lstat(self.path).st_mode), f"file {self.path} is not a block device")
        self.image = framework.Image(self.path, self.readonly)


class Block(Storage):
    values = ("path", "type", "deviceId")

    def read(self):
        with open(self.path, "rb") as file:
            head = file.read(4)
        require(head, f"failed to read the header of file {self.path}: EOF")
        require(head != b"QFI\xfb", "vfkit does not support qcow2 image format")

    def configure(self):
        super().configure()
        framework.require(len(os.fsencode(self.deviceId)) <= 20 and self.deviceId.isascii(), "block device identifier")


class NetworkBlock(Device):
    values = ("uri", "deviceId", "timeout", "sync")
    bare = ("readonly",)

    def check(self, key, value):
        if key == "timeout":
            golang.integer(value, 32)
        if key == "sync":
            require(value in ("full", "none"), f"invalid sync mode: {value}, must be 'full' or 'none'")

    def configure(self):
        schemes = ("nbd", "nbds", "nbd+unix", "nbds+unix")
        require(golang.URL(self.uri).scheme in schemes, f"invalid NBD device 'uri': {self.uri}")
        require(self.deviceId and "/" not in self.deviceId and len(self.deviceId) < 256, "invalid NBD device 'deviceId'")


class Network(Device):
    values = ("mac", "fd", "unixSocketPath", "type", "path", "vfkitMagic", "offloading")
    bare = ("nat",)

    def check(self, key, value):
        if key == "mac":
            self.address = golang.hardware_address(value)
        if key == "fd":
            require(0 <= golang.integer(value) < 1 << 31, f"invalid file descriptor: {value}")
        if key == "type":
            require(value == "unixgram", f"unsupported virtio-net type: {value}")
        if key == "vfkitMagic":
            require(value in ("on", "off"), f"invalid value for vfkitMagic: {value}")
        if key == "offloading":
            require(value == "off", f"invalid value for offloading: {value}")

    def read(self):
        self.socket = self.path or self.unixSocketPath
        require(not self.type or self.socket, "'type' option requires 'path' to be specified")
        require(self.type or not self.given & {"path", "offloading"}, "'path' option requires 'type' to be specified")
        ways = [bool(way) for way in (self.nat, self.fd, self.socket)]
        require(sum(ways) < 2, "'nat', 'fd' and 'unixSocketPath' cannot be set at the same time")
        require(any(ways), "one of 'nat' or 'fd' or 'unixSocketPath' must be set")

    def harms(self):
        unless(not self.mac, "another address at each start, and another lease for each")
        unless(len(self.address) != 6, "an address that is not of Ethernet")
        unless(self.address[0] & 1 or not any(self.address), "an address that no interface can have")

    def configure(self):
        if self.fd:
            with socket.socket(fileno=os.dup(int(self.fd))) as link:
                require(link.type == socket.SOCK_DGRAM, "not a datagram socket")
        if self.socket:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
                link.connect(self.socket)


class Serial(Device):
    values = ("logFilePath",)
    bare = ("stdio", "pty*")

    def read(self):
        ways = [bool(way) for way in (self.logFilePath, self.stdio, self.pty)]
        require(sum(ways) == 1, "one of 'logFilePath', 'stdio' or 'pty' must be set")

    def configure(self):
        if self.stdio:
            require(os.isatty(0), "inappropriate ioctl for device")
        if self.logFilePath:
            with open(self.logFilePath, "w") as file:
                file.write(framework.FIRST_WORDS)
        if self.pty:
            self.ptyName = pseudo_terminal()

    def inspect(self):
        """As in vfkit's pkg/config, json.go."""
        return {"kind": "virtioserial", "ptyName": self.ptyName} if self.pty else {"kind": "virtioserial"}


def pseudo_terminal():
    """Whoever types there hears it again in capitals."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)

    def answer():
        while text := os.read(ours, 4096):
            os.write(ours, text.upper())

    threading.Thread(target=answer, daemon=True).start()
    return os.ttyname(theirs)


class Vsock(Device):
    values = ("port", "socketURL")
    bare = ("listen*", "connect*")

    def check(self, key, value):
        if key == "port":
            self.number = golang.port(value)

    def chosen(self, key):
        self.connects = key == "connect"

    def harms(self):
        unless(not getattr(self, "connects", False), "the guest is to connect, not the host")
        unless(not getattr(self, "number", 0) or not self.socketURL, "nothing listens for the host")


class Share(Device):
    values = ("sharedDir", "mountTag")

    def configure(self):
        require(self.sharedDir, "missing mandatory 'sharedDir' option for virtio-fs device")
        require(os.path.exists(self.sharedDir), f"stat {self.sharedDir}: no such file or directory")
        framework.require(os.path.isdir(self.sharedDir), "the shared directory is not one")

    @property
    def tag(self):
        return self.mountTag or os.path.basename(self.sharedDir.rstrip("/")) or "/"


class Rosetta(Device):
    values = ("mountTag",)
    bare = ("install*", "ignore-if-missing*")

    def configure(self):
        require(self.mountTag, "missing mandatory 'mountTage' option for rosetta share")

    @property
    def tag(self):
        return self.mountTag


class Display(Device):
    values = ("width", "height")

    def check(self, key, value):
        require(golang.integer(value) >= 1, f"invalid value for virtio-gpu {key}: {value}")

    def read(self):
        require(bool(self.width) == bool(self.height), "invalid dimensions for virtio-gpu device resolution")


class Input(Device):
    bare = ("pointing", "keyboard")

    def read(self):
        require(self.pointing or self.keyboard, "unknown option for virtio-input devices: ")


KINDS = {
    "rosetta": Rosetta,
    "nvme": Storage,
    "virtio-blk": Block,
    "virtio-fs": Share,
    "virtio-net": Network,
    "virtio-rng": Device,
    "virtio-serial": Serial,
    "virtio-vsock": Vsock,
    "usb-mass-storage": Storage,
    "virtio-input": Input,
    "virtio-gpu": Display,
    "virtio-balloon": Device,
    "nbd": NetworkBlock,
}


def device(text):
    """Split at every comma: nothing is quoted."""
    kind, *options = text.split(",")
    require(kind in KINDS, f"unknown device type: {kind}")
    return KINDS[kind](kind, pairs(options))
