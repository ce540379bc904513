"""Proxies that lead each connection to one port of this machine, whatever address it asks for.

    python tunnels.py 8001:6443 8002:6444      # asked on 8001, it leads to 6443

So a cluster keeps the address that the samples give it, and is an API server of this machine all the same.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from functools import partial


async def lead(target: int, reader: StreamReader, writer: StreamWriter) -> None:
    """Answer a CONNECT request, then hand everything through in both directions."""
    await reader.readuntil(b"\r\n\r\n")
    there, back = await asyncio.open_connection("127.0.0.1", target)
    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
    await asyncio.gather(pour(reader, back), pour(there, writer))


async def pour(reader: StreamReader, writer: StreamWriter) -> None:
    """Hand through until one side ends."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve(pairs: list[str]) -> None:
    for pair in pairs:
        port, _, target = pair.partition(":")
        await asyncio.start_server(partial(lead, int(target)), "127.0.0.1", int(port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
