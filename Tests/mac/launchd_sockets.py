"""The sockets that launchd owns for as long as a job is loaded."""

import os
import socket

from launchd_loop import log

BACKLOG = 128  # listen(fd, -1) comes to kern.ipc.somaxconn
KINDS = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET}
FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}


def opened(job):
    """Pairs of name and socket. One that cannot be bound is missing, and the job is loaded all the same."""
    found = []
    for name, wanted in job.get("Sockets", {}).items():
        for one in wanted if isinstance(wanted, list) else [wanted]:
            for described, make in plans(one):
                try:
                    found.append((name, make()))
                except (OSError, OverflowError) as error:
                    log(f"{job['Label']}: cannot bind {name} to {described}: {error}")
    return found


def plans(wanted):
    kind = KINDS[wanted.get("SockType", "stream")]
    passive = wanted.get("SockPassive", True)
    if path := wanted.get("SockPathName"):
        return [(path, lambda: unix(path, kind, wanted))]
    node = wanted.get("SockNodeName")
    service = wanted.get("SockServiceName")
    family = FAMILIES.get(wanted.get("SockFamily"), socket.AF_UNSPEC)
    # With neither, getaddrinfo(3) has nothing to go by.
    try:
        results = socket.getaddrinfo(node, service, family, kind, 0, socket.AI_PASSIVE if passive else 0)
    except OSError as error:
        log(f"cannot find the address {node} {service}: {error}")
        return []
    return [
        (f"{address[0]}:{address[1]}", lambda family=family, address=address: internet(family, kind, address))
        for family, _, _, _, address in results
    ]


def internet(family, kind, address):
    made = socket.socket(family, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        if kind != socket.SOCK_DGRAM:
            made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def unix(path, kind, wanted):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    made = socket.socket(socket.AF_UNIX, kind)
    before = os.umask(0o077)
    try:
        made.bind(path)
        if "SockPathMode" in wanted:
            os.chmod(path, wanted["SockPathMode"])
        os.chown(path, wanted.get("SockPathOwner", -1), wanted.get("SockPathGroup", -1))
        if kind != socket.SOCK_DGRAM:
            made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def shut(sockets):
    for _, one in sockets:
        name = one.getsockname()
        one.close()
        if isinstance(name, str) and name:
            try:
                os.unlink(name)
            except FileNotFoundError:
                pass
