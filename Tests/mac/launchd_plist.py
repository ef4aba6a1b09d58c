"""Which property lists launchd loads.

launchd ignores a key that it does not know; here it is refused, for it is a mistake in what we write. Whatever else is
refused here launchd refuses too, or it would do something else than what is written.
"""

import os
import plistlib
import stat

from launchd_keys import KEYS, REHEARSED, WORDS


class Refusal(Exception):
    """launchctl's error number, and why."""

    def __init__(self, number, reason):
        super().__init__(reason)
        self.number = number


def conforms(value, kind):
    """Why it does not, or None."""
    if isinstance(kind, tuple):
        reasons = [conforms(value, one) for one in kind]
        return None if None in reasons else reasons[0]
    if isinstance(kind, list):
        if not isinstance(value, list):
            return "is not an array"
        return next((reason for reason in (conforms(one, kind[0]) for one in value) if reason), None)
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            return "is not a dictionary"
        for key, one in value.items():
            if key not in kind and "*" not in kind:
                return f"has the key '{key}', which launchd.plist(5) does not"
            if reason := conforms(one, kind.get(key, kind.get("*"))) or word(key, one):
                return f"has a '{key}' that {reason}"
        return None
    # To Python a truth value is a number.
    if type(value) is not kind:
        return {str: "is not a string", int: "is not an integer", bool: "is not a boolean"}[kind]
    return None


def word(key, value):
    if key in WORDS and value not in WORDS[key]:
        return f"is '{value}', none of {', '.join(WORDS[key])}"
    return None


def read(path):
    try:
        file = open(path, "rb")
    except OSError as error:
        raise Refusal(5, f"{path}: {error.strerror}") from None
    with file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Refusal(5, f"{path}: is not a file")
        if status.st_uid != 0 or status.st_mode & 0o022:
            raise Refusal(122, f"{path}: Path had bad ownership/permissions")
        try:
            job = plistlib.load(file)
        except Exception as error:
            raise Refusal(5, f"{path}: is no property list: {error}") from None
    check(path, job)
    return job


def check(path, job):
    if reason := conforms(job, KEYS):
        raise Refusal(5, f"{path}: {reason}")
    if strange := sorted(job.keys() - REHEARSED):
        raise Refusal(5, f"{path}: the stand-in does not know what launchd would make of '{strange[0]}'")
    if not job.get("Label"):
        raise Refusal(5, f"{path}: has no Label")
    if not job.get("Program") and not job.get("ProgramArguments"):
        raise Refusal(5, f"{path}: has neither Program nor ProgramArguments")
    program = job.get("Program") or job["ProgramArguments"][0]
    if not program.startswith("/"):
        raise Refusal(5, f"{path}: '{program}' is not a whole path")
    if "inetdCompatibility" in job and not job.get("Sockets"):
        raise Refusal(5, f"{path}: inetdCompatibility without Sockets")
    if isinstance(job.get("Umask"), str) and not job["Umask"].isdigit():
        raise Refusal(5, f"{path}: Umask is '{job['Umask']}'")
    for key in ("ExitTimeOut", "ThrottleInterval", "TimeOut", "StartInterval"):
        if job.get(key, 0) < 0:
            raise Refusal(5, f"{path}: {key} is {job[key]}")
