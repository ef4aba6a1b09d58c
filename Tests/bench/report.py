"""report.py NOTES MEBIBYTES IDLE_SECONDS [SVG]: what Tests/bench/forward has noted, as a Markdown table and a plot.

A note is ROUND, NAME, MEASURE and VALUE between tabs, in the order in which the relays were started.
"""

import collections
import os
import platform
import statistics
import sys
from html import escape

notes, mebibytes, idle_seconds, *plot = sys.argv[1:]
gibibytes = int(mebibytes) / 1024
DIRECT, OURS = "direct", "virby-forward"
names = [DIRECT]
seen = collections.defaultdict(dict)  # by name and measure, by round
broke = {}  # why, by name and the measure's first word
for line in open(notes):
    turn, name, measure, value = line.rstrip("\n").split("\t")
    if name not in names:
        names.append(name)
    if measure.startswith("broke-"):
        broke[name, measure[len("broke-") :]] = value
    elif turn != "warm-up":
        seen[name, measure][turn] = float(value)
rounds = len(seen[DIRECT, "seconds-1"])


def middle(name, measure):
    return statistics.median(seen[name, measure].values())


def mean(name, measure):
    """For what is counted in ticks that are not much shorter than a round."""
    return statistics.mean(seen[name, measure].values())


def ratio(name, measure):
    """The median of the ratios to direct in the same round."""
    base = seen[DIRECT, measure]
    return statistics.median(value / base[turn] for turn, value in seen[name, measure].items())


def speed(name, measure):
    return 1 / ratio(name, measure)


# Heading, measure, what a relay's cell is, its format, what the cell of `direct` is.
COLUMNS = [
    ("1 stream", "seconds-1", speed, "{:.2f}", "GiB/s"),
    ("8 streams", "seconds-8", speed, "{:.2f}", "GiB/s"),
    ("both ways", "seconds-duplex", speed, "{:.2f}", "GiB/s"),
    ("CPU s/GiB, 1 stream", "cpu-1", mean, "{:.2f}", ""),
    ("CPU s/GiB, 8 streams", "cpu-8", mean, "{:.2f}", ""),
    ("connect p50", "connect-p50", ratio, "{:.2f}", "µs"),
    ("connect p99", "connect-p99", ratio, "{:.2f}", "µs"),
    ("1-byte ping p50", "ping-p50", ratio, "{:.2f}", "µs"),
    ("ping p99", "ping-p99", ratio, "{:.2f}", "µs"),
    ("KiB per idle connection", "memory", middle, "{:.1f}", ""),
    (f"wake-ups in {idle_seconds} s", "wakes", middle, "{:.0f}", ""),
]


def reason(name, measure):
    """Why it broke while this was measured."""
    return next((why for (who, what), why in broke.items() if who == name and measure.startswith(what)), None)


def cell(name, column):
    _, measure, value, form, unit = column
    if why := reason(name, measure):
        return f"broke: {why.lower()}"
    if name != DIRECT and not seen[name, measure]:
        return "—"
    if name != DIRECT:
        return form.format(value(name, measure))
    if unit == "GiB/s":
        return f"{gibibytes / middle(name, measure):.1f} GiB/s"
    return f"{middle(name, measure):.0f} µs" if unit else ""


def row(cells):
    print("| " + " | ".join(cells) + " |")


row(["relay"] + [column[0] for column in COLUMNS])
print("|---" * (len(COLUMNS) + 1) + "|")
for name in names:
    row([name] + [cell(name, column) for column in COLUMNS])
print(f"""
Medians of {rounds} interleaved rounds, {os.cpu_count()} cores, Linux {'.'.join(platform.release().split('.')[:2])}. Throughput, connecting and pinging
are ratios to direct in the same round; CPU time is a mean. Connecting is until the first byte is back. On few cores sender,
relay and receiver share them; `relay.c` does nothing but what every relay must.""")
if broke:
    print("A relay that broke is measured until then.")

if not plot:
    sys.exit()

# Small multiples: a bar for each relay, in each panel a measure.
PANELS = [(COLUMNS[0], "more is better"), (COLUMNS[1], "more is better"), (COLUMNS[2], "more is better"),
          (COLUMNS[3], "less is better"), (COLUMNS[5], "less is better"), (COLUMNS[7], "less is better")]
LABELS, WIDTH, BAR, TOP = 170, 200, 18, 56
relays = [name for name in names if name != DIRECT]
height = TOP + BAR * len(relays) + 18


def panel(column, comment, left, top, with_labels):
    title, measure, value, form, _ = column
    values = [None if reason(name, measure) or not seen[name, measure] else value(name, measure) for name in relays]
    known = [number for number in values if number is not None]
    # A bar too long to be of interest is cut, and its number says so.
    longest = min(max(known), 3 * statistics.median(known)) or 1
    if value in (ratio, speed):
        title += ", direct = 1"
    yield f'<text x="{left}" y="{top + 22}" class="title">{escape(title)}</text>'
    yield f'<text x="{left}" y="{top + 38}">{comment}</text>'
    for place, (name, number) in enumerate(zip(relays, values)):
        y = top + TOP + BAR * place
        if number is None:
            number, form_here = 0, "broke"
        else:
            form_here = form
        length = max(1, (WIDTH - 65) * min(1, number / longest))
        kind = "ours" if name == OURS else "least" if "relay.c" in name else "other"
        if with_labels:
            yield f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect x="{left}" y="{y}" width="{length:.0f}" height="{BAR - 5}" class="{kind}"/>'
        cut = "…" if number > longest else ""
        yield f'<text x="{left + length + 5:.0f}" y="{y + 11}">{cut}{form_here.format(number)}</text>'


width = LABELS + 3 * WIDTH + 20
lines = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {2 * height + 6}" width="{width}" '
    f'font-family="sans-serif" font-size="12">',
    "<style>text{fill:#444}.title{font-weight:bold;fill:#111}.ours{fill:#1f6f8b}.other{fill:#b9c0c7}"
    ".least{fill:none;stroke:#b9c0c7}</style>",
    f'<rect width="{width}" height="{2 * height + 6}" fill="#fff"/>',
]
for place, (column, comment) in enumerate(PANELS):
    lines += panel(column, comment, LABELS + WIDTH * (place % 3), height * (place // 3), place % 3 == 0)
with open(plot[0], "w") as file:
    file.write("\n".join(lines + ["</svg>", ""]))
