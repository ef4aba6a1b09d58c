"""Packs a folder the same way on every system: in the order of names, without times and owners of its own.

usage: pack.py ROOT NAME SECONDS

GZIP_LEVEL=1 makes it quick, and the file larger.
"""

import gzip
import os
import sys
import tarfile

root, name, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])


def entries(path):
    yield path
    if os.path.isdir(path) and not os.path.islink(path):
        for entry in sorted(os.listdir(path)):
            yield from entries(os.path.join(path, entry))


def anonymous(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = seconds
    entry.mode = 0o777 if entry.issym() else 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


with gzip.GzipFile("", "wb", int(os.environ.get("GZIP_LEVEL", "9")), sys.stdout.buffer, 0) as zipped:
    with tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in entries(os.path.join(root, name)):
            tar.add(path, os.path.relpath(path, root), recursive=False, filter=anonymous)
