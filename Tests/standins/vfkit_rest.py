"""vfkit's REST server: pkg/rest, which is gin's."""

import http.server
import json
import os
import socketserver
import threading

import machine

TRANSITION = 'Error Domain=VZErrorDomain Code=4 Description="Invalid virtual machine state transition."'


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, text, *values):
        # As gin does, on stdout.
        print("[GIN]", text % values, flush=True)

    def address_string(self):
        return "@"

    def answer(self, status, value=None):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:
            self.wfile.write(body)

    def is_wrong(self, kind):
        way = machine.misbehave(self.connection, kind)
        if way == "done":
            self.close_connection = True
        elif way == "ignored":
            self.answer(202)
        elif way:
            self.answer(int(way), {"error": "the stand-in says\n\x1b[31mno"})
        return way is not None

    def do_GET(self):
        if self.path == "/vm/inspect":
            return self.answer(200, {"devices": self.server.machine.devices})
        if self.path != "/vm/state":
            return self.answer(404)
        if self.is_wrong("state"):
            return
        state = self.server.machine.state
        self.answer(
            200,
            {
                "state": "VirtualMachineState" + state,
                "canStart": state in ("Stopped", "Error"),
                "canPause": state == "Running",
                "canResume": False,
                "canStop": state == "Running",
                "canHardStop": state == "Running",
            },
        )
        if state == "Running":
            self.server.machine.was_seen()

    def do_POST(self):
        vm = self.server.machine
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path != "/vm/state":
            return self.answer(404)
        try:
            order = json.loads(body)["state"]
        except (ValueError, KeyError, TypeError) as error:
            return self.answer(400, {"error": str(error)})
        if order not in ("Stop", "HardStop"):
            return self.answer(500, {"error": f"invalid new VMState: {order}"})
        if self.is_wrong(order.lower()):
            return
        if vm.state != "Running":
            return self.answer(500, {"error": TRANSITION})
        if order == "Stop":
            vm.press_power_button()
            self.answer(202)
        else:
            # Often, but not always, vfkit answers before it notices that its machine has stopped, and ends.
            self.answer(202)
            vm.stop()


def listen(vm, path):
    """Where something is already, vfkit ends on the spot."""
    if machine.has("start=deaf"):
        return
    if machine.has("start=late"):
        threading.Event().wait(machine.SECONDS)
    try:
        server = Server(path, Handler)
    except OSError as error:
        machine.say(f'level=fatal msg="listen unix {path}: {os.strerror(error.errno)}"')
        machine.end(1)
    server.machine = vm
    server.serve_forever(poll_interval=0.05)
