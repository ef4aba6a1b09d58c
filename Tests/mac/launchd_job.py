"""A job that is loaded: when it is started, how it is stopped, what becomes of it when its process ends."""

import os
import signal
import time

import launchd_process
import launchd_sockets
from launchd_loop import log


class Job:
    def __init__(self, loop, path, described, switches):
        self.loop = loop
        self.path = path
        self.described = described
        self.label = described["Label"]
        self.switches = switches
        self.pid = None
        self.instances = set()  # of inetdCompatibility without Wait: one for each connection
        self.exit = None
        self.runs = 0
        self.reason = ""
        self.last_start = None
        self.timer = self.killer = None
        self.removed = None  # called once it is gone
        self.started = []  # called with the process ID
        self.inetd = described.get("inetdCompatibility")
        self.sockets = launchd_sockets.opened(described)
        self.watch()
        if self.at_load():
            self.start("speculative")

    def at_load(self):
        keep = self.described.get("KeepAlive", False)
        return self.described.get("RunAtLoad", False) or keep is True or (
            isinstance(keep, dict) and ("SuccessfulExit" in keep or "Crashed" in keep)
        )

    @property
    def one_per_client(self):
        return self.inetd is not None and not self.inetd.get("Wait", False)

    # While the job runs nobody but it looks at its sockets.
    def watch(self):
        for _, one in self.sockets:
            self.loop.watch(one, lambda one=one: self.demanded(one))

    def unwatch(self):
        for _, one in self.sockets:
            self.loop.unwatch(one)

    def demanded(self, one):
        if self.one_per_client:
            client, _ = one.accept()
            pid = launchd_process.spawn(self.described, client.fileno())
            client.close()
            self.runs += 1
            self.instances.add(pid)
            self.loop.children[pid] = lambda status: self.instance_ended(pid, status)
        else:
            self.start("ipc (socket)")

    def instance_ended(self, pid, status):
        self.instances.discard(pid)
        self.exit = status
        self.sweep(pid)
        if self.removed and not self.instances:
            self.gone()

    def throttled(self):
        """Seconds until it may start again: so many after the last start, whatever for."""
        if self.last_start is None or self.inetd is not None and self.switches["inetd-exempt"]:
            return 0
        return max(0, self.last_start + self.described.get("ThrottleInterval", 10) - time.monotonic())

    def start(self, reason):
        if self.pid or self.timer or self.removed:
            return
        self.unwatch()
        self.reason = reason
        if wait := self.throttled():
            log(f"{self.label}: service only ran for a short time; starts in {wait:.1f} s")
            self.timer = self.loop.after(wait, self.spawn)
        else:
            self.spawn()

    def spawn(self):
        self.timer = None
        wait = self.inetd is not None and self.sockets
        self.last_start = time.monotonic()
        self.pid = launchd_process.spawn(self.described, self.sockets[0][1].fileno() if wait else None)
        self.runs += 1
        self.loop.children[self.pid] = self.ended
        log(f"{self.label}: started as {self.pid} ({self.reason})")
        calls, self.started = self.started, []
        for call in calls:
            call(self.pid)

    def stop(self):
        """TERM to the process alone, and KILL if that takes too long."""
        self.loop.cancel(self.timer)
        if self.timer:
            self.timer = None
            self.watch()
        for pid in [self.pid] * (self.pid is not None) + sorted(self.instances):
            os.kill(pid, signal.SIGTERM)
        patience = self.described.get("ExitTimeOut", 20)
        if (self.pid or self.instances) and patience and not self.killer:
            self.killer = self.loop.after(patience, self.kill)

    def kill(self):
        self.killer = None
        for pid in [self.pid] * (self.pid is not None) + sorted(self.instances):
            log(f"{self.label}: exit timed out, sends SIGKILL to {pid}")
            os.kill(pid, signal.SIGKILL)

    def sweep(self, group):
        """What is left of its group, unless it has abandoned that, gets TERM."""
        if not self.described.get("AbandonProcessGroup", False):
            try:
                os.killpg(group, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def ended(self, status):
        pid, self.pid, self.exit = self.pid, None, status
        log(f"{self.label}: {pid} ended with {status}")
        self.loop.cancel(self.killer)
        self.killer = None
        self.sweep(pid)
        if self.removed:
            self.gone()
        elif self.started:
            self.start("kickstart")
        elif self.kept():
            self.start("keep alive")
        else:
            self.watch()

    def kept(self):
        keep = self.described.get("KeepAlive", False)
        if isinstance(keep, bool):
            return keep
        return keep.get("SuccessfulExit") is (self.exit == 0) or keep.get("Crashed") is (self.exit < 0)

    def remove(self, call):
        """Stops it, closes its sockets and calls when it is gone."""
        self.removed = call
        self.unwatch()
        self.stop()
        self.unwatch()
        launchd_sockets.shut(self.sockets)
        self.sockets = []
        if not self.pid and not self.instances:
            self.gone()

    def gone(self):
        self.removed()
