"""The publishers: an HTTP server in a process of its own, so that its CPU time is not ours.

Run as a program it serves what it is given by PUT, with an ETag and conditional GET, on one port of
127.0.0.1 and of as many other loopback addresses as asked for: each feed is on a host of its own, as in the
world. It ends when its standard input does, or after MAX_SECONDS.
"""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self

import aiohttp
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAX_SECONDS: Final = 900
MAX_HOSTS: Final = 1_000
MAX_WAIT: Final = 1_000  # milliseconds
WAIT: Final = "wait"


def host(number: int) -> str:
    """Name the loopback address of a feed."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Origin:
    """A running server, as the benchmark sees it."""

    def __init__(self, process: subprocess.Popen[str], port: int, session: aiohttp.ClientSession) -> None:
        self._process, self.port, self._session = process, port, session

    def url(self, number: int, name: str, wait: int = 0) -> str:
        """Where feed `number` is: on its own host, which answers after `wait` milliseconds."""
        query = f"?{WAIT}={min(wait, MAX_WAIT)}" if wait else ""
        return f"http://{host(number)}:{self.port}/{name}{query}"

    @property
    def url_here(self) -> str:
        """Where feeds are put."""
        return f"http://127.0.0.1:{self.port}"

    async def put(self, name: str, body: bytes, content_type: str = "application/xml") -> None:
        """Publish or change a feed; the next GET sees it."""
        url = f"{self.url_here}/{name}"
        async with self._session.put(url, data=body, headers={"Content-Type": content_type}) as answer:
            answer.raise_for_status()

    @classmethod
    @asynccontextmanager
    async def start(cls, hosts: int) -> AsyncIterator[Self]:
        """Start the server on that many addresses, and stop it in the end."""
        with subprocess.Popen(
            [sys.executable, __file__, str(min(hosts, MAX_HOSTS))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout
                port = int(process.stdout.readline())
                async with aiohttp.ClientSession() as session:
                    yield cls(process, port, session)
            finally:
                process.terminate()


class _Pages:
    def __init__(self) -> None:
        self._pages: dict[str, tuple[bytes, dict[str, str]]] = {}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "PUT":
            body = await request.read()
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            self._pages[request.path] = body, {"ETag": etag, "Content-Type": request.content_type}
            return web.Response(status=204)
        if wait := request.query.get(WAIT, ""):
            await asyncio.sleep(min(int(wait), MAX_WAIT) / 1e3)
        if request.path not in self._pages:
            return web.Response(status=404)
        body, headers = self._pages[request.path]
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers={"ETag": headers["ETag"]})
        return web.Response(body=body, headers=headers)


async def _serve(hosts: int) -> None:
    server = web.Server(_Pages().answer, access_log=None)
    runner = web.ServerRunner(server)
    await runner.setup()
    port = 0
    for address in ("127.0.0.1", *(host(number) for number in range(hosts))):
        await web.TCPSite(runner, address, port).start()
        port = runner.addresses[0][1]
    print(port, flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await asyncio.wait({asyncio.create_task(reader.read())}, timeout=MAX_SECONDS)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
