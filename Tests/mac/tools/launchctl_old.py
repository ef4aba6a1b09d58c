"""The words of launchctl's that are deprecated: load, unload, start and stop."""

import os

from launchctl_ask import ERRORS, Usage, ask, say


def load(arguments, word="load"):
    """It says so when it fails, and ends with 0."""
    override = "-w" in arguments
    paths = [argument for argument in arguments if not argument.startswith("-")]
    if not paths or set(arguments) - set(paths) - {"-w", "-F"}:
        raise Usage(f"{word} [-wF] <service-path, service-path2, ...>")
    for path in paths:
        whole = os.path.abspath(path)
        if word == "load":
            status, reason = ask("bootstrap", path=whole, override=override)
        else:
            status, reason = ask("bootout", path=whole)
            if override and os.path.exists(whole):
                ask("enable", label=os.path.basename(whole).removesuffix(".plist"), value=False)
        if status == 122:
            say(f"{path}: Path had bad ownership/permissions")
        elif status == 119:
            say(f"{path}: service is disabled")
        elif status and status != 36:
            other = "bootstrap" if word == "load" else "bootout"
            say(f"{word.capitalize()} failed: {status}: {ERRORS[status]}")
            say(f"Try running `launchctl {other}` as root for richer errors.")
    return 0


def start(arguments, word="start"):
    if len(arguments) != 1:
        raise Usage(f"{word} <service-name>")
    verb = "kickstart" if word == "start" else "stop"
    return 3 if ask(verb, label=arguments[0])[0] else 0
