"""Waits for descriptors, for times and for children that end, and calls who asked for each."""

import heapq
import itertools
import os
import selectors
import signal
import sys
import time


def log(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.timers = []
        self.numbers = itertools.count()
        self.children = {}
        reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.watch(reader, lambda: os.read(reader, 4096))

    def watch(self, descriptor, call):
        self.selector.register(descriptor, selectors.EVENT_READ, call)

    def unwatch(self, descriptor):
        try:
            self.selector.unregister(descriptor)
        except KeyError:
            pass

    def after(self, seconds, call):
        """Calls once, unless what it returns is cleared before."""
        timer = [time.monotonic() + seconds, next(self.numbers), call]
        heapq.heappush(self.timers, timer)
        return timer

    @staticmethod
    def cancel(timer):
        if timer:
            timer[2] = None

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            # Orphans come to process 1 and are nobody's.
            if call := self.children.pop(pid, None):
                call(os.waitstatus_to_exitcode(status))

    def run(self, ends):
        while True:
            self.reap()
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                if call := heapq.heappop(self.timers)[2]:
                    call()
            if ends():
                return
            wait = max(0, self.timers[0][0] - time.monotonic()) if self.timers else None
            for key, _ in self.selector.select(wait):
                # One that came before may have given this one up.
                if key.fileobj in self.selector.get_map():
                    key.data()
