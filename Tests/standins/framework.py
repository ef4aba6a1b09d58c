"""Virtualization.framework, as far as a machine's configuration and its disk can tell it from no framework at all.

What it says of a configuration is Apple's documentation of VZVirtualMachineConfiguration and of the devices; none of this has
been seen on a Mac, but for the words about a locked disk.
"""

import fcntl
import os
import time

CPUS, MEBIBYTES = 8, 16384  # of the Mac that this pretends to be
LEAST_MEBIBYTES = 4  # minimumAllowedMemorySize: believed
FIRST_WORDS = "the stand-in's console\n"  # of a machine without a guest


class Invalid(Exception):
    """The framework does not take the configuration."""


class Locked(Invalid):
    """The words are those of github.com/crc-org/vfkit, pull request 373."""

    def __init__(self):
        super().__init__(
            'Error Domain=VZErrorDomain Code=2 Description="Invalid virtual machine configuration. '
            'The storage device attachment is invalid." UserInfo={\n'
            '    NSLocalizedFailure = "Invalid virtual machine configuration.";\n'
            '    NSLocalizedFailureReason = "The storage device attachment is invalid.";\n'
            "}"
        )


def require(condition, text):
    if not condition:
        raise Invalid(f"Invalid virtual machine configuration: {text}")


def validate(cpus, mebibytes, tags):
    require(0 < cpus <= CPUS, "CPU count")
    require(LEAST_MEBIBYTES <= mebibytes <= MEBIBYTES, "memory")
    for tag in tags:
        # validateTag: not empty, and less than 36 bytes of UTF-8, the room that virtio-fs has for it.
        require(0 < len(os.fsencode(tag)) < 36, "mount tag")
    require(len(set(tags)) == len(tags), "two mount tags are equal")


def new_variables():
    """What a new EFI variable store has in it."""
    return b"variables\n"


class Image:
    """A disk image, with a lock that the framework takes of its own.

    At its start the machine locks a read-write image with flock(2), LOCK_EX | LOCK_NB, and a read-only one with LOCK_SH (the
    latter is believed). XNU compares the owners of such locks by open file, so a lock that virby-boot holds on the same image
    and lends is still another's lock. Where it cannot be had the machine does not start, on older systems it hangs.
    Source: github.com/tinylabscom/mvm, issue 549 and pull request 571; github.com/openai/tart, issue 323.
    """

    def __init__(self, path, is_read_only=False):
        # VZErrorInvalidDiskImage: github.com/lima-vm/lima, issue 3390.
        require(os.path.getsize(path) % 512 == 0, "disk format is not recognized")
        self.path = path
        self.is_read_only = is_read_only
        self.descriptor = None

    def attach(self):
        """Locks the image for as long as the machine runs."""
        self.descriptor = os.open(self.path, os.O_RDONLY if self.is_read_only else os.O_RDWR)
        kind = fcntl.LOCK_SH if self.is_read_only else fcntl.LOCK_EX
        try:
            fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked() from None


class Service:
    """The machine's process, which keeps the images locked for so many seconds after the driver was killed.

    com.apple.Virtualization.VirtualMachine is started by launchd: it has none of the driver's descriptors, and is not in its
    process group.
    """

    def __init__(self, images, seconds):
        kept = {image.descriptor for image in images}
        listening, self.leash = os.pipe()
        if os.fork() > 0:
            os.close(listening)
            return
        os.setsid()
        for name in os.listdir("/dev/fd"):
            if int(name) not in kept | {listening}:
                try:
                    os.close(int(name))
                except OSError:
                    pass
        if os.read(listening, 1) == b"":
            time.sleep(seconds)
        os._exit(0)

    def end(self):
        os.write(self.leash, b"e")
