"""A slow link: what is sent through it arrives half a round trip later, in either direction."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BLOCK = 1 << 16


@contextmanager
def link(port: int, round_trip: float) -> Iterator[int]:
    """A port that leads to another one on this machine, `round_trip` seconds away."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_serve(port, round_trip), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _serve(port: int, round_trip: float) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip)  # the handshake of TCP; that of TLS would be one or two more
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, back, round_trip / 2), _carry(there, writer, round_trip / 2))

    return await asyncio.start_server(connected, "127.0.0.1", 0)


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what comes, each block so much later; what follows does not wait for it."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, block = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not block:
                break
            target.write(block)
            await target.drain()
        target.close()

    delivery = asyncio.create_task(deliver())
    with suppress(ConnectionError):  # the one end is gone: the other is told so
        while block := await source.read(_BLOCK):
            under_way.put_nowait((loop.time() + delay, block))
    under_way.put_nowait((loop.time() + delay, b""))
    with suppress(ConnectionError):  # nobody is left to be told
        await delivery
