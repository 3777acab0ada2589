"""Readers who press a key and wait until the score is saved, all at once on one event loop."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field
from uuid import uuid4

LEVELS, WALLS = ("L1", "L2", "L3", "L4"), ("posterior", "anterior")
CELLS = [f"{level}_{wall}" for level in LEVELS for wall in WALLS]
TOKEN = "a" * 32
PATIENCE_S = 120


@dataclass
class Load:
    """Readers with a key every ``every_s`` seconds, while pages are fetched every five seconds.

    A reader waits for the answer before the next key, so that a server that is too slow gets
    fewer keys. With ``every_s`` 0 the readers never pause.
    """

    port: int
    readers: list[dict[str, str]]
    every_s: float
    seconds: float
    page: str = ""
    watchers: list[str] = field(default_factory=list)
    saved_s: list[float] = field(default_factory=list)
    took_s: float = 0.0

    def run(self) -> Load:
        asyncio.run(self._run())
        return self

    @property
    def per_second(self) -> float:
        return len(self.saved_s) / self.took_s

    @property
    def p95_ms(self) -> float:
        return 1000 * statistics.quantiles(self.saved_s, n=20)[-1]

    async def _run(self) -> None:
        begun = time.monotonic()
        end = begun + self.seconds
        await asyncio.gather(
            *(self._reader(number, end) for number in range(len(self.readers))),
            *(self._watcher(session, end) for session in self.watchers),
        )
        self.took_s = time.monotonic() - begun

    async def _reader(self, number: int, end: float) -> None:
        reader, versions, keys = self.readers[number], dict.fromkeys(CELLS, 0), 0
        await asyncio.sleep(self.every_s * number / len(self.readers))
        while time.monotonic() < end:
            cell, begun = CELLS[keys % len(CELLS)], time.monotonic()
            sent = {"change_id": str(uuid4()), "version": versions[cell], "score": keys % 4}
            response = await self._call("PUT", reader["cells"] + cell, reader["session"], sent)
            taken = time.monotonic() - begun
            self.saved_s.append(taken)
            versions[cell] = json.loads(response)["cell"]["version"]
            keys += 1
            await asyncio.sleep(max(0.0, min(self.every_s - taken, end - time.monotonic())))

    async def _watcher(self, session: str, end: float) -> None:
        while time.monotonic() < end:
            await self._call("GET", self.page, session)
            await asyncio.sleep(max(0.0, min(5.0, end - time.monotonic())))

    async def _call(self, method: str, path: str, session: str, body: object = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        stream, sink = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            sink.write(head.encode() + content)
            response = await asyncio.wait_for(stream.read(), PATIENCE_S)
        finally:
            sink.close()
        top, _, rest = response.partition(b"\r\n\r\n")
        assert top.split(b" ", 2)[1] == b"200", (path, response[:500])
        return rest
