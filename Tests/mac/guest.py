#!/usr/bin/python3 -B
"""A guest's server for the tests of virbyd that need no guest: greets like sshd at port 22, and says back what it hears."""

import socket
import threading


def serve(client):
    with client:
        client.sendall(b"SSH-2.0-guest\r\n")
        while heard := client.recv(4096):
            client.sendall(heard)


listener = socket.create_server(("192.168.64.2", 22))
print("listens", flush=True)
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
