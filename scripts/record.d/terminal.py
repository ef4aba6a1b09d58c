"""Runs a command in a terminal and draws what that has shown, for scripts/record.

usage: terminal.py FILE COMMAND [ARGUMENT...]
"""

import os
import pty
import shlex
import struct
import sys
import termios
import time
from fcntl import ioctl
from html import escape

import pyte

# A terminal in which nothing ever scrolls away.
COLUMNS, ROWS = 100, 500
LONGEST_WAIT = 2.0
# Pixels, for letters of 14.
WIDE, HIGH, EDGE = 8.4, 18, 14


def start(command):
    """The process, and its terminal."""
    child, terminal = pty.fork()
    if child == 0:
        del os.environ["PYTHONPATH"]
        ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        try:
            os.execvpe(command[0], command, os.environ | {"TERM": "xterm"})
        except OSError as error:
            os.write(2, f"record: cannot run '{command[0]}': {error.strerror}\n".encode())
            os._exit(71)
    return child, terminal


def watch(terminal, screen):
    """When each line was last written, in the seconds that a viewer is to wait."""
    stream = pyte.ByteStream(screen)
    written, now, last = {}, 0.0, time.monotonic()
    while True:
        try:
            some = os.read(terminal, 65536)
        except OSError:  # EIO: nobody has it open any more
            return written
        if not some:
            return written
        now += min(time.monotonic() - last, LONGEST_WAIT)
        last = time.monotonic()
        screen.dirty.clear()
        before = screen.display
        stream.feed(some)
        after = screen.display
        written |= {row: now for row in screen.dirty if after[row] != before[row]}


def picture(title, lines):
    """Of lines, each after the second at which it comes. They are legible in light and in dark."""
    width, height = COLUMNS * WIDE + 2 * EDGE, len(lines) * HIGH + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14">',
        f"<title>{escape(title)}</title>",
        "<style>rect{fill:#f6f8fa;stroke:#d0d7de}text{fill:#1f2328;white-space:pre}.typed{font-weight:bold}",
        "@media(prefers-color-scheme:dark){rect{fill:#161b22;stroke:#30363d}text{fill:#d1d7e0}}",
        "text{animation:come 1ms both}@keyframes come{from{opacity:0}}",
        "@media(prefers-reduced-motion:reduce){text{animation:none}}</style>",
        f'<rect x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="6"/>',
    ]
    for row, (second, text) in enumerate(lines):
        if text:
            kind = f'style="animation-delay:{second:.2f}s"' if row else 'class="typed"'
            y = EDGE + row * HIGH + 13
            parts.append(f'<text x="{EDGE}" y="{y}" xml:space="preserve" {kind}>{escape(text, quote=False)}</text>')
    return "\n".join(parts + ["</svg>", ""])


file, *command = sys.argv[1:]
screen = pyte.Screen(COLUMNS, ROWS)
child, terminal = start(command)
written = watch(terminal, screen)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
shown = "\n".join(line.rstrip() for line in screen.display).rstrip("\n").split("\n")
if status:
    print("\n".join(shown), file=sys.stderr)
    sys.exit(status if status > 0 else 128 - status)
typed = f"$ {shlex.join(command)}"
try:
    with open(file, "w") as svg:
        svg.write(picture(typed, [(0, typed)] + [(written.get(row, 0), text) for row, text in enumerate(shown)]))
except OSError as error:
    print(f"record: cannot write '{file}': {error.strerror}", file=sys.stderr)
    sys.exit(71)
