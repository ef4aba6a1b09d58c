#!/usr/bin/env python3
"""usage: breaking.py FOLDER PORT

Serves a folder by HTTP on 127.0.0.1, and breaks off each answer after 30,000 bytes; while there is a file `dead` in it, it
gives only the first part of anything. Prints `listening`, then each request's path and range."""

import http.server
import os
import sys

folder, port = sys.argv[1], int(sys.argv[2])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        span = self.headers.get("Range") or "-"
        print(self.path, span, flush=True)
        data = open(os.path.join(folder, os.path.basename(self.path)), "rb").read()
        start = int(span[len("bytes=") : -1]) if span != "-" else 0
        if start >= len(data):
            self.send_error(416)
            return
        dead = os.path.exists(os.path.join(folder, "dead")) and not self.path.endswith("SUMS")
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        self.wfile.write(data[start : min(start + 30000, 5000 if dead else len(data))])
        self.close_connection = True

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
print("listening", flush=True)
server.serve_forever()
