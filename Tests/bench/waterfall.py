"""What Tests/bench/guest has measured, as a Markdown table and as a picture of the steps, one under the other.

A round is seconds by name, from a client's connection; `barest` is the barest guest's, from its start.
"""

import os
import platform
import statistics
from html import escape


def middle(rounds, name):
    return statistics.median(found[name] for found in rounds)


def table(rounds):
    def row(title, values, form="{:.1f} s"):
        return f"| {title} | {form.format(statistics.median(values))} | {form.format(max(values))} |"

    def column(name):
        return [found[name] for found in rounds]

    lines = ["| from a connection to a machine that is off, to | median | worst |", "|---|---|---|",
             row("the first bytes of the barest guest, from its start", column("barest")),
             row("the greeting of the builder's sshd, looked for closely at the machine's own port", column("sshd itself")),
             row("the same greeting, at the client of virbyd", column("first byte")),
             row("a login", column("login")),
             row("a `nix build` after it", column("build")),
             row("greeting at the client, as a ratio to the barest guest",
                 [found["first byte"] / found["barest"] for found in rounds], "{:.2f}"),
             row("greeting at the client, after sshd's own",
                 [1000 * (found["first byte"] - found["sshd itself"]) for found in rounds], "{:+.0f} ms")]
    return "\n".join(lines) + f"""

{len(rounds)} starts of each, in turns, {os.cpu_count()} cores, {platform.machine()}, QEMU emulating every instruction. The barest guest is the same kernel on
the same machine with an initrd that loads the driver of the network and answers on port 22."""


# Title, where the bar begins and ends; the latest of those that are there.
STEPS = [
    ("disk, keys, lock", ["zero"], "driver"),
    ("QEMU starts", ["driver"], "kernel starts"),
    ("kernel", ["kernel starts"], "mark kernel"),
    ("initrd: drivers, root", ["mark kernel"], "mark init"),
    ("init", ["mark init"], "mark boot"),
    ("address", ["mark boot"], "mark address"),
    ("keys and settings", ["mark boot"], "mark keys"),
    ("sshd starts", ["mark keys"], "sshd listens"),
    ("first byte", ["sshd listens", "mark address"], "first byte"),
    ("login", ["first byte"], "login"),
    ("nix build", ["login"], "build"),
]
LEFT, WIDTH, BAR, TOP = 150, 560, 22, 30


def picture(rounds):
    def at(name):
        return 0 if name == "zero" else middle(rounds, name) if all(name in found for found in rounds) else None

    steps = [(title, max(begin for name in names if (begin := at(name)) is not None), at(end))
             for title, names, end in STEPS if at(end) is not None]
    longest = max(end for _, _, end in steps)
    scale = WIDTH / longest
    height = TOP + BAR * (len(steps) + 1) + 26
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 70} {height}" width="{LEFT + WIDTH + 70}" '
        'font-family="sans-serif" font-size="12">',
        "<title>From a connection to a machine that is off: the steps until a build is done, in seconds</title>",
        "<style>text{fill:#444}line{stroke:#b9c0c7}.step{fill:#1f6f8b}.barest{fill:none;stroke:#1f6f8b}",
        "@media(prefers-color-scheme:dark){text{fill:#ccc}line{stroke:#555}.step{fill:#58b0d0}.barest{stroke:#58b0d0}}</style>",
    ]
    step = next(size for size in (1, 2, 5, 10, 20, 60, 600) if longest / size <= 12)
    for second in range(0, int(longest) + 1, step):
        x = LEFT + second * scale
        lines.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 20}"/>')
        lines.append(f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle">{second} s</text>')
    bars = [(title, begin, end, "step") for title, begin, end in steps]
    bars.append(("the barest guest", 0, middle(rounds, "barest"), "barest"))
    for place, (title, begin, end, kind) in enumerate(bars):
        y = TOP + BAR * place + (6 if kind == "barest" else 0)
        lines.append(f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(title)}</text>')
        lines.append(f'<rect x="{LEFT + begin * scale:.1f}" y="{y}" width="{max(1, (end - begin) * scale):.1f}" '
                     f'height="{BAR - 6}" class="{kind}"/>')
        lines.append(f'<text x="{LEFT + max(begin, end) * scale + 5:.1f}" y="{y + 13}">{end - begin:.2f}</text>')
    return "\n".join(lines + ["</svg>", ""])
