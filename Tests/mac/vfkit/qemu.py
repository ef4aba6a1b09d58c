"""QEMU's argument vector for a machine with the devices that Virtualization.framework gives one."""

import firmware

DEVICES = {
    "virtio-blk": "virtio-blk-pci",
    "nvme": "nvme,serial=disk",
    "usb-mass-storage": "usb-storage,bus=usb.0",
    "virtio-rng": "virtio-rng-pci",
    "virtio-balloon": "virtio-balloon-pci",
}


def arguments(architecture, order, descriptors):
    """`descriptors` has those that QEMU inherits: disks, taps and shares in their order, and control."""
    return [*base(architecture, order), *loader(architecture, order["start"]), *disks(order["disks"], descriptors.disks),
            *networks(order["networks"], descriptors.taps), *consoles(order["consoles"]),
            *shares(order["shares"], descriptors.shares), *plain(order["plain"]),
            "-chardev", f"socket,id=control,fd={descriptors.control}", "-mon", "chardev=control,mode=control"]  # fmt: skip


def base(architecture, order):
    """It waits for `cont`. No -no-reboot: the framework's machine stays when its guest starts again. One thread for all processors: QEMU before
    8.1 keeps running what one of them has translated while another changed it."""
    program, kind, cpu = {
        "amd64": ("qemu-system-x86_64", "q35", "max"),
        "arm64": ("qemu-system-aarch64", "virt", "max,pauth-impdef=on"),
    }[architecture]
    memory = f"memory-backend-memfd,id=memory,size={order['mebibytes']}M,share=on"
    return [program, "-name", "machine,process=com.apple.Virtu", "-S", "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", f"{kind},memory-backend=memory", "-accel", "tcg,thread=single", "-cpu", cpu,
            "-smp", str(order["cpus"]), "-m", str(order["mebibytes"]), "-object", memory]  # fmt: skip


def loader(architecture, start):
    if "kernel" in start:
        return ["-kernel", start["kernel"], "-initrd", start["initrd"], "-append", start["cmdline"]]
    code = firmware.of(architecture).code
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,file={escaped(start['store'])}"]  # fmt: skip


def disks(disks, descriptors):
    """QEMU inherits the open file, and with it the lock; its own locks macOS does not know."""
    words = ["-device", "qemu-xhci,id=usb"] if any(disk["kind"] == "usb-mass-storage" for disk in disks) else []
    for number, (disk, descriptor) in enumerate(zip(disks, descriptors)):
        readonly = "on" if disk["readonly"] else "off"
        words += ["-add-fd", f"fd={descriptor},set={number + 1}", "-blockdev",
                  f"driver=raw,node-name=disk{number},read-only={readonly},discard=unmap,file.driver=file,"
                  f"file.filename=/dev/fdset/{number + 1},file.locking=off",
                  "-device", f"{DEVICES[disk['kind']]},drive=disk{number}"]  # fmt: skip
    return words


def networks(addresses, descriptors):
    words = []
    for number, (address, descriptor) in enumerate(zip(addresses, descriptors)):
        words += ["-netdev", f"tap,id=net{number},fd={descriptor}",
                  "-device", f"virtio-net-pci,netdev=net{number},mac={address}"]  # fmt: skip
    return words


def consoles(paths):
    words = ["-device", "virtio-serial-pci"] if paths else []
    for number, path in enumerate(paths):
        words += ["-chardev", f"file,id=console{number},path={escaped(path)},append=on",
                  "-device", f"virtconsole,chardev=console{number}"]  # fmt: skip
    return words


def shares(shares, descriptors):
    words = []
    for number, (share, descriptor) in enumerate(zip(shares, descriptors)):
        words += ["-chardev", f"socket,id=share{number},fd={descriptor}",
                  "-device", f"vhost-user-fs-pci,chardev=share{number},tag={escaped(share['tag'])}"]  # fmt: skip
    return words


def plain(kinds):
    return [word for kind in kinds for word in ("-device", DEVICES[kind])]


def escaped(value):
    return value.replace(",", ",,")
