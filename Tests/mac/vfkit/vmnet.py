"""vmnet's shared mode: a bridge with the host's address that is there only while a machine is, and bootpd on it."""

import fcntl
import os
import struct
import subprocess

BRIDGE, HOST = "bridge100", "192.168.64.1"
FIRST, LAST = "192.168.64.2", "192.168.64.254"
TUNSETIFF, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 0x0002, 0x1000, 0x4000
BOOTPD = os.path.join(os.path.dirname(os.path.realpath(__file__)), "bootpd")


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)


class Network:
    def __init__(self, leases):
        self.leases = leases
        self.server = None

    def attach(self):
        """A new interface of the host's end, open: it is gone when the last who has it has closed it."""
        if self.server is None:
            self.come_up()
        tap = open("/dev/net/tun", "r+b", buffering=0)
        name = fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"vmenet%d", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
        ip("link", "set", name[:16].rstrip(b"\0").decode(), "master", BRIDGE, "up")
        return tap

    def come_up(self):
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("address", "add", f"{HOST}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        self.server = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-", "--quiet-dhcp", "--user=root",
             "--port=0", "--bind-interfaces", f"--interface={BRIDGE}", "--except-interface=lo", "--no-ping",
             f"--dhcp-range={FIRST},{LAST},24h", "--dhcp-authoritative", "--leasefile-ro", f"--dhcp-script={BOOTPD}"],
            stdin=subprocess.DEVNULL, env={**os.environ, "BOOTPD_LEASES": self.leases},
        )  # fmt: skip

    def go_down(self):
        """When the last machine has ended."""
        if self.server is None:
            return
        self.server.terminate()
        self.server.wait()
        self.server = None
        ip("link", "delete", BRIDGE)
