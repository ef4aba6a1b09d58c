"""The UEFI firmware of QEMU's machines, as Debian installs it."""

import collections

Firmware = collections.namedtuple("Firmware", "code variables")


def of(architecture):
    if architecture == "arm64":
        return Firmware("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd")
    return Firmware("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd")
