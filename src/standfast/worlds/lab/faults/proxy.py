"""A small TCP proxy that is slow: python -m standfast.worlds.lab.faults.proxy RULES.json

    RULES.json   [{"listen": ["127.x.y.z", port], "to": ["127.x.y.z", port], "delay": seconds}]

What comes in on one side goes out on the other `delay` later, in each direction, so that a round trip takes twice as
long. It keeps what is on its way, as a long line does: the rate is not cut, only the time is longer.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

CHUNK = 64 * 1024


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=1024)

    async def deliver() -> None:
        while True:
            due, data = await way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()

    delivering = asyncio.ensure_future(deliver())
    try:
        while data := await reader.read(CHUNK):
            await way.put((loop.time() + delay, data))
        await way.put((loop.time() + delay, b""))
        await delivering
    except OSError:
        delivering.cancel()
    finally:
        writer.close()


async def _serve(rule: dict) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * rule["delay"])  # the handshake
        try:
            back, forth = await asyncio.open_connection(*rule["to"])
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass(reader, forth, rule["delay"]), _pass(back, writer, rule["delay"]))

    return await asyncio.start_server(connected, *rule["listen"])


async def _main(rules: list[dict]) -> None:
    servers = [await _serve(rule) for rule in rules]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
