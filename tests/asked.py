"""Our web application asked in this process: the real parts and routes, without a socket."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from program import Answer

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import dump, load_all
from syndicator.web.app import create

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path

    from starlette.applications import Starlette

    from syndicator.pipeline.parts import Parts


class Site:
    """A program on a config folder: `parts` to do things with, `get` to ask as browsers do."""

    def __init__(self, parts: Parts, app: Starlette) -> None:
        self.parts, self._app = parts, app

    async def get(self, address: str, method: str = "GET", **headers: str) -> Answer:
        """Ask by path or whole address; `_` in names of headers is `-`."""
        split = urlsplit(address)
        named = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
        scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": method, "path": split.path, "raw_path": b"",
            "query_string": split.query.encode(), "headers": named, "scheme": "http", "root_path": "",
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        told: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            told.append(message)

        await self._app(scope, receive, send)
        head = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
        return Answer(told[0]["status"], head, b"".join(each.get("body", b"") for each in told[1:]))


@asynccontextmanager
async def a_site(config: Path, clock: Callable[[], datetime]) -> AsyncIterator[Site]:
    """Open the program on a config folder at a clock of the test's own."""
    settings, catalog = load_all(config, {})
    async with assemble(settings, clock=clock) as parts:
        await pipeline.apply(parts, catalog, dump(settings.config))
        yield Site(parts, create(parts))
