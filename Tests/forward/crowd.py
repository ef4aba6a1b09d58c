"""Many connections at once, for the relay tests.

crowd.py echo                   echoes; prints its port
crowd.py hold PORT COUNT FILE   COUNT connections, a message there and back on each, again when FILE appears
crowd.py short PORT COUNT       COUNT connections, a message there and back on each, 16 at a time
crowd.py leave PORT COUNT       COUNT connections, every second one reset at once, the others closed
crowd.py bytes PORT COUNT       COUNT bytes, each sent by itself
"""

import asyncio
import os
import resource
import socket
import struct
import sys

HOST = "127.0.0.1"


async def echo(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def there_and_back(reader, writer, message):
    writer.write(message)
    await writer.drain()
    answer = await asyncio.wait_for(reader.readexactly(len(message)), 60)
    assert answer == message, (answer, message)


async def hold(port, count, file):
    pairs = [await asyncio.open_connection(HOST, port) for _ in range(count)]
    for turn in ("first", "second"):
        await asyncio.gather(
            *(there_and_back(*pair, b"%s %d\n" % (turn.encode(), number)) for number, pair in enumerate(pairs))
        )
        print(turn, len(pairs), flush=True)
        while not os.path.exists(file):
            await asyncio.sleep(0.05)
    for _, writer in pairs:
        writer.close()


async def short(port, count):
    numbers = iter(range(count))

    async def one_after_the_other():
        for number in numbers:
            reader, writer = await asyncio.open_connection(HOST, port)
            await there_and_back(reader, writer, b"number %d\n" % number)
            writer.close()

    await asyncio.gather(*(one_after_the_other() for _ in range(16)))
    print("all", count)


async def leave(port, count):
    for number in range(count):
        connection = socket.create_connection((HOST, port))
        if number % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


async def bytes_alone(port, count):
    reader, writer = await asyncio.open_connection(HOST, port)
    sent = bytes(number * 7 & 255 for number in range(count))
    answer = asyncio.create_task(reader.read())
    for number in range(count):
        # asyncio sets TCP_NODELAY, and writes at once what it can.
        writer.write(sent[number : number + 1])
        await asyncio.sleep(0)
    writer.write_eof()
    assert await answer == sent
    print("all", count)


async def serve():
    server = await asyncio.start_server(echo, HOST, 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
name, *words = sys.argv[1:]
arguments = [int(word) if word.isdigit() else word for word in words]
asyncio.run({"echo": serve, "hold": hold, "short": short, "leave": leave, "bytes": bytes_alone}[name](*arguments))
