"""What launchctl asks of launchd: one line of JSON over a socket, one line back. `status` is launchctl's error number."""

import json
import os
import plistlib
import socket
import struct

import launchd_plist
import launchd_print
from launchd_job import Job
from launchd_loop import log

PLACE = "/.rig/launchd.sock"
DISABLED = "/private/var/db/com.apple.xpc.launchd/disabled.plist"


class Control:
    def __init__(self, loop):
        self.loop = loop
        self.jobs = {}
        # What is not known of launchd since it is closed, for a test to choose.
        self.switches = {"inetd-exempt": False, "bootout-waits": 1.0}
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(PLACE)
        os.chmod(PLACE, 0o666)
        self.listener.listen()
        loop.watch(self.listener, self.accept)

    def accept(self):
        client, _ = self.listener.accept()
        self.loop.watch(client, lambda: self.read(client))

    def read(self, client):
        """Everything comes at once, for it is short and from one write."""
        self.loop.unwatch(client)
        line = client.recv(1 << 16)
        if not line:
            client.close()
            return
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        asked = json.loads(line)
        verb = getattr(self, f"do_{asked.pop('verb')}")
        if struct.unpack("3i", credentials)[1] != 0 and not verb.__name__.endswith(("print", "list")):
            self.answer(client, 1)
            return

        def answer(status=0, out=""):
            self.answer(client, status, out)

        try:
            verb(answer, **asked)
        except launchd_plist.Refusal as refusal:
            log(f"refused: {refusal}")
            answer(refusal.number, str(refusal))

    @staticmethod
    def answer(client, status, out=""):
        try:
            client.sendall(json.dumps({"status": status, "out": out}).encode() + b"\n")
        except OSError:
            pass
        client.close()

    def disabled(self):
        try:
            with open(DISABLED, "rb") as file:
                return plistlib.load(file)
        except FileNotFoundError:
            return {}

    def set_disabled(self, label, value):
        labels = {**self.disabled(), label: value}
        os.makedirs(os.path.dirname(DISABLED), exist_ok=True)
        with open(DISABLED, "wb") as file:
            plistlib.dump(labels, file)

    def do_bootstrap(self, answer, path, override=False):
        described = launchd_plist.read(path)
        label = described["Label"]
        if override:
            self.set_disabled(label, False)
        if old := self.jobs.get(label):
            answer(37 if old.removed else 5)
        elif self.disabled().get(label, described.get("Disabled", False)):
            answer(119)
        else:
            self.jobs[label] = Job(self.loop, path, described, self.switches)
            log(f"{label}: loaded from {path}")
            answer()

    def do_bootout(self, answer, label=None, path=None):
        job = self.jobs.get(label or launchd_plist.read(path)["Label"])
        if not job:
            answer(5 if path else 3)
            return
        if job.removed:
            answer(36)
            return
        # It does not wait for a job that takes its time.
        waiting = self.loop.after(self.switches["bootout-waits"], lambda: answer(36))

        def gone():
            del self.jobs[job.label]
            log(f"{job.label}: removed")
            if waiting[2]:
                self.loop.cancel(waiting)
                answer()

        job.remove(gone)

    def do_kickstart(self, answer, label, kill=False):
        job = self.jobs.get(label)
        if not job:
            answer(119 if self.disabled().get(label) else 113)
        elif job.removed:
            answer(37)
        elif job.pid and not kill:
            answer(0, str(job.pid))
        else:
            job.started.append(lambda pid: answer(0, str(pid)))
            if job.pid:
                job.stop()
            else:
                job.start("kickstart")

    def do_kill(self, answer, label, number):
        job = self.jobs.get(label)
        if not job:
            answer(113)
        elif not job.pid:
            answer(3)
        else:
            os.kill(job.pid, number)
            answer()

    def do_stop(self, answer, label):
        if job := self.jobs.get(label):
            job.stop()
        answer(0 if job else 3)

    def do_enable(self, answer, label, value):
        self.set_disabled(label, not value)
        answer()

    def do_print(self, answer, label=None, what="job"):
        if what == "disabled":
            rows = [f'\t\t"{name}" => {"disabled" if is_set else "enabled"}' for name, is_set in self.disabled().items()]
            answer(0, "\n".join(["disabled services = {", *rows, "\t}"]) + "\n")
        elif not (job := self.jobs.get(label)):
            answer(113)
        elif what == "blame":
            answer(0, (job.reason if job.pid else "(not running)") + "\n")
        else:
            answer(0, launchd_print.text(job))

    def do_list(self, answer):
        answer(0, launchd_print.listing(self.jobs.values()))

    def do_switch(self, answer, name, value):
        self.switches[name] = value
        answer()
