"""What the commands here share: options as getopt(3) reads them, and what Linux's program is."""

import getopt
import os
import sys

NAME = os.path.basename(sys.argv[0])


def fail(status, *lines):
    for line in lines:
        print(line, file=sys.stderr)
    sys.exit(status)


def options(letters, usage, status=1):
    """Pairs of options and values, and the operands; nothing after the first operand is an option."""
    try:
        return getopt.getopt(sys.argv[1:], letters)
    except getopt.GetoptError as error:
        why = "option requires an argument" if "requires argument" in error.msg else "illegal option"
        fail(status, f"{NAME}: {why} -- {error.opt[0] if error.opt and len(error.opt) == 1 else '-'}", *usage.splitlines())


def linux(*arguments, **values):
    os.execve(f"/.linux/usr/bin/{NAME}", [NAME, *arguments], {**os.environ, **values})
