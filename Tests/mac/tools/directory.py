"""The local node of Open Directory: a record is a property list whose values are lists of strings. What getpwnam(3) is
to see of it stands in /etc/passwd and /etc/group, written anew after each change."""

import fcntl
import os
import plistlib
import re
import uuid

KINDS = {"Users": "users", "Groups": "groups"}
# The names of dscl's that are short in the file; the others stand there as they are.
SHORT = {
    "RecordName": "name",
    "UniqueID": "uid",
    "PrimaryGroupID": "gid",
    "NFSHomeDirectory": "home",
    "UserShell": "shell",
    "RealName": "realname",
    "Password": "passwd",
    "GeneratedUID": "generateduid",
    "GroupMembership": "users",
    "GroupMembers": "groupmembers",
    "Comment": "comment",
}
LONG = {short: name for name, short in SHORT.items()}


class Node:
    def __init__(self, folder="/var/db/dslocal/nodes/Default", etc="/etc"):
        self.folder = folder
        self.etc = etc

    def path(self, kind, name):
        return f"{self.folder}/{KINDS[kind]}/{name}.plist"

    def names(self, kind):
        return sorted(file[:-6] for file in os.listdir(f"{self.folder}/{KINDS[kind]}") if file.endswith(".plist"))

    def read(self, kind, name):
        """The record with that name, or one of whose further names it is; None if there is none."""
        if "/" in name:
            return None
        try:
            with open(self.path(kind, name), "rb") as file:
                return plistlib.load(file)
        except FileNotFoundError:
            return None

    def all(self, kind):
        records = [(name, self.read(kind, name)) for name in self.names(kind)]
        return [(name, record) for name, record in records if record is not None]

    def write(self, kind, name, record):
        path = self.path(kind, name)
        with open(f"{path}.new", "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            plistlib.dump(record, file, fmt=plistlib.FMT_BINARY)
        os.rename(f"{path}.new", path)
        self.mirror()

    def create(self, kind, name, **values):
        record = {"name": [name], "generateduid": [str(uuid.uuid4()).upper()]}
        if kind == "Groups":
            record["passwd"] = ["*"]
        else:
            record["passwd"] = ["*" if name.startswith("_") else "********"]
        record.update({key: [str(value)] for key, value in values.items()})
        self.write(kind, name, record)
        return record

    def delete(self, kind, name):
        os.unlink(self.path(kind, name))
        self.mirror()

    def mirror(self):
        # One after the other, as opendirectoryd does it.
        with open(f"{self.folder}/.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.mirror_alone()

    def mirror_alone(self):
        users = [user for _, user in self.all("Users") if is_number(user, "uid")]
        groups = [group for _, group in self.all("Groups") if is_number(group, "gid")]
        self.put(
            "passwd",
            [
                f"{first(user, 'name')}:*:{unsigned(user, 'uid')}:{unsigned(user, 'gid', '20')}:"
                f"{first(user, 'realname')}:{first(user, 'home', '/var/empty')}:{first(user, 'shell', '/usr/bin/false')}"
                for user in sorted(users, key=lambda user: (unsigned(user, "uid"), user["name"]))
            ],
        )
        self.put(
            "group",
            [
                f"{first(group, 'name')}:*:{unsigned(group, 'gid')}:{','.join(group.get('users', []))}"
                for group in sorted(groups, key=lambda group: (unsigned(group, "gid"), group["name"]))
            ],
        )

    def put(self, file, lines):
        path = f"{self.etc}/{file}"
        with open(f"{path}.new", "w") as new:
            os.fchmod(new.fileno(), 0o644)
            new.write("\n".join(lines) + "\n")
        os.rename(f"{path}.new", path)


def first(record, key, default=""):
    return (record.get(key) or [default])[0]


def is_number(record, key):
    return re.fullmatch("-?[0-9]+", first(record, key)) is not None


def unsigned(record, key, default="0"):
    return int(first(record, key, default)) % (1 << 32)
