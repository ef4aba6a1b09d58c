"""What `launchctl print` shows of a job. People read it; Apple promises nothing about its form."""

import socket

from launchd_process import PATH, environment


def state(job):
    if job.pid or job.instances:
        return "running"
    return "spawn scheduled" if job.timer else "not running"


def block(name, lines, depth=1):
    tabs = "\t" * depth
    return [f"{tabs}{name} = {{", *(f"{tabs}\t{line}" for line in lines), f"{tabs}}}", ""]


def text(job):
    described = job.described
    lines = [
        f"system/{job.label} = {{",
        f"\tactive count = {int(job.pid is not None) + len(job.instances)}",
        f"\tpath = {job.path}",
        "\ttype = LaunchDaemon",
        f"\tstate = {state(job)}",
        "",
        f"\tprogram = {described.get('Program') or described['ProgramArguments'][0]}",
        *block("arguments", described.get("ProgramArguments", [])),
    ]
    for key, name in (
        ("WorkingDirectory", "working directory"),
        ("StandardInPath", "stdin path"),
        ("StandardOutPath", "stdout path"),
        ("StandardErrorPath", "stderr path"),
    ):
        if key in described:
            lines.append(f"\t{name} = {described[key]}")
    lines += block("default environment", [f"PATH => {PATH}"])
    try:
        values = environment(described)
    except KeyError:
        values = {}
    lines += block("environment", [f"{key} => {value}" for key, value in values.items() if key != "PATH"])
    lines.append("\tdomain = system")
    for key, name in (("UserName", "username"), ("GroupName", "group")):
        if key in described:
            lines.append(f"\t{name} = {described[key]}")
    lines += [
        f"\tminimum runtime = {described.get('ThrottleInterval', 10)}",
        f"\texit timeout = {described.get('ExitTimeOut', 20)}",
        f"\truns = {job.runs}",
    ]
    if job.pid:
        lines += [f"\tpid = {job.pid}", f"\timmediate reason = {job.reason}"]
    lines += [f"\tlast exit code = {ended(job)}", ""]
    if job.sockets:
        lines += ["\tsockets = {"]
        for name, one in job.sockets:
            lines += block(
                f'"{name}"',
                [
                    f"type = {'stream' if one.type == socket.SOCK_STREAM else 'dgram'}",
                    f"node = {address(one)}",
                    f"active = {int(job.pid is not None)}",
                    "passive = 1",
                ],
                2,
            )
        lines += ["\t}", ""]
    lines += [f"\tspawn type = daemon ({described.get('ProcessType', 'Standard').lower()})", "}"]
    return "\n".join(lines) + "\n"


def address(one):
    name = one.getsockname()
    return name if isinstance(name, str) else f"{name[0]}:{name[1]}"


def ended(job):
    if job.exit is None:
        return "(never exited)"
    if job.exit < 0:
        return f"terminated by signal {-job.exit}"
    return "78: EX_CONFIG" if job.exit == 78 else str(job.exit)


def listing(jobs):
    rows = ["PID\tStatus\tLabel"]
    for job in jobs:
        rows.append(f"{job.pid or '-'}\t{job.exit or 0}\t{job.label}")
    return "\n".join(rows) + "\n"
