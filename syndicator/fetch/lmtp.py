"""Mail that a mail server hands over (LMTP, RFC 2033), kept in a Maildir for each newsletter source.

A mail is answered 250 only when it is on the disk for good; each recipient gets an answer of its own. What
is for nobody we know is refused, so that the mail server tells the sender. Whether it is an article is
decided later, by the pull that `arrived` hints at.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import stat
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import structlog
from aiosmtpd.lmtp import LMTP

from syndicator import address
from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from aiosmtpd.smtp import Envelope, Session

    from syndicator.settings import Settings

MAX_CONNECTIONS = 20
MAX_RECIPIENTS = 100
MAX_WAITING = 10_000
"""Mails in one inbox that nobody has read; more are put off, not refused."""

MAX_LINE = 1024 * 1024
"""Octets of a line. RFC 5321 allows 1,000, newsletters know nothing of it, and mail servers pass it on."""

TIMEOUT = 300.0
"""Seconds without a word after which a connection is closed (RFC 5321 4.5.3.2)."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
log = structlog.get_logger("syndicator")


@dataclass(frozen=True, slots=True)
class Counter:
    """Where mail that came back is handed in; `take` (whom it is for, the mail) returns the reply."""

    is_meant: Callable[[str], bool]
    take: Callable[[str, bytes], Awaitable[str]]


@asynccontextmanager
async def listening(
    settings: Settings,
    addresses: Callable[[], Mapping[str, str]],
    arrived: Callable[[str], None],
    counter: Counter | None = None,
) -> AsyncIterator[int]:
    """Listen at `settings.inbound.lmtp` (HOST:PORT, or the path of a socket) until the context ends.

    `addresses` gives the accepted recipients in lower case, each with the name of its source, and is asked
    anew for each mail; `arrived` is called with that name once a mail is kept in `settings.inboxes`.
    `counter` takes what comes back to us. Gives the TCP port, 0 for a socket. Raises SyndicatorError where
    the place cannot be listened at.
    """
    postroom = Postroom(settings.inboxes, addresses, arrived, counter)
    open_lines: set[_Lmtp] = set()
    loop = asyncio.get_running_loop()

    def line() -> asyncio.BaseProtocol:
        return _Lmtp(postroom, open_lines, loop=loop, limit=settings.inbound.max_bytes)

    place = settings.inbound.lmtp
    try:
        if "/" in place:
            server = await _at_socket(loop, line, Path(place))
        else:
            host, _, port = place.rpartition(":")
            server = await loop.create_server(line, host.strip("[]"), int(port))
    except (OSError, ValueError) as error:
        raise _cannot_listen(place, error) from error
    try:
        yield 0 if "/" in place else int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for each in list(open_lines):
            each.end()
        await asyncio.sleep(0)  # transports close in the loop's next turn
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await server.wait_closed()
        if "/" in place:
            _clear(Path(place))


class Postroom:
    """Takes mails in: knows who has an inbox, and puts what comes into it. The handler of `_Lmtp`."""

    def __init__(
        self,
        inboxes: Path,
        addresses: Callable[[], Mapping[str, str]],
        arrived: Callable[[str], None],
        counter: Counter | None = None,
    ) -> None:
        self._inboxes = inboxes
        self._counter = counter
        self._addresses = addresses
        self._arrived = arrived
        self._numbers: Iterator[int] = itertools.count()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name, as those below
        self, server: LMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet; RFC 2033 section 5 wants pipelining, which reading from a stream gives."""
        del server, envelope
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, server: LMTP, session: Session, envelope: Envelope, recipient: str, options: list[str]
    ) -> str:
        """Accept those who have an inbox."""
        del server, session, options
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        if self._source(recipient) is None and not self._is_return(recipient):
            return "550 5.1.1 no newsletter is received at this address"
        envelope.rcpt_tos.append(recipient)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail for each recipient and answer for each, in their order (RFC 2033 4.2)."""
        del server, session
        content = bytes(envelope.original_content or b"")
        replies: list[str] = []
        for recipient in envelope.rcpt_tos:
            if self._counter and self._is_return(recipient):
                mail = _envelope(envelope.mail_from or "", recipient) + content
                replies.append(await self._counter.take(recipient, mail))
                continue
            source = self._source(recipient)  # it may have been taken out of the catalog meanwhile
            if source is None:
                replies.append("550 5.1.1 no newsletter is received at this address")
                continue
            try:
                reply = await asyncio.to_thread(
                    self._keep, source, envelope.mail_from or "", recipient, content
                )
            except OSError as error:
                log.warning("mail_not_kept", source=source, error=os.strerror(error.errno or errno.EIO))
                is_full = error.errno in _FULL
                reply = "452 4.3.1 no room" if is_full else "451 4.3.0 it cannot be kept for now"
            else:
                if reply.startswith("250"):
                    self._arrived(source)
            replies.append(reply)
        return "\r\n".join(replies)

    def _source(self, recipient: str) -> str | None:
        found = address.parse(recipient)
        return self._addresses().get(str(found).lower()) if found else None

    def _is_return(self, recipient: str) -> bool:
        return self._counter is not None and self._counter.is_meant(recipient)

    def _keep(self, source: str, sender: str, recipient: str, content: bytes) -> str:
        """Write the mail into the Maildir of `source`; blocks until it is on the disk."""
        folder = self._inboxes / source
        if not (folder / "new").is_dir():
            _make(self._inboxes, folder)
        if len(os.listdir(folder / "new")) >= MAX_WAITING:  # noqa: PTH208 - names alone
            return "452 4.2.2 too many mails wait here to be read"
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._numbers)}.syndicator"
        draft = folder / "tmp" / name
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(_envelope(sender, recipient) + content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(folder / "new" / name)
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        _sync(folder / "new")
        return "250 2.0.0 kept"


class _Lmtp(LMTP):
    """One connection. aiosmtpd answers once where a mail is too large; here it is once for each recipient."""

    line_length_limit = MAX_LINE

    def __init__(
        self, postroom: Postroom, open_lines: set[_Lmtp], *, loop: asyncio.AbstractEventLoop, limit: int
    ) -> None:
        super().__init__(
            postroom,
            data_size_limit=limit,
            enable_SMTPUTF8=True,
            hostname="syndicator",
            ident="syndicator LMTP",
            timeout=TIMEOUT,
            loop=loop,
        )
        self._open_lines = open_lines
        self._owed = 0  # answers to a mail

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, unless there are too many."""
        if len(self._open_lines) >= MAX_CONNECTIONS:
            cast("asyncio.Transport", transport).write(b"421 4.3.2 too many connections\r\n")
            transport.close()
            return
        self._open_lines.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        if self in self._open_lines:
            self._open_lines.discard(self)
            super().connection_lost(error)

    def end(self) -> None:
        """Close the connection now."""
        if self.transport is not None:
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a mail."""
        self._owed = len(self.envelope.rcpt_tos) if self.envelope else 0
        try:
            await super().smtp_DATA(arg)
        finally:
            self._owed = 0

    async def push(self, status: Any) -> None:
        """Answer."""
        refused = isinstance(status, str) and status.startswith(("500 Line too long", "552 Error: Too much"))
        if refused and self._owed > 1:
            status = "\r\n".join([status] * self._owed)
        await super().push(status)


async def _at_socket(
    loop: asyncio.AbstractEventLoop, line: Callable[[], asyncio.BaseProtocol], path: Path
) -> asyncio.Server:
    """Listen at a socket that the group may use, for the mail server to be in."""
    _clear(path)
    server = await loop.create_unix_server(line, str(path))
    os.chmod(path, 0o660)  # noqa: PTH101
    return server


def _clear(path: Path) -> None:
    """Remove the socket, also one that a killed daemon left behind; nothing else is ever removed."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


def _cannot_listen(place: str, error: Exception) -> SyndicatorError:
    number = error.errno if isinstance(error, OSError) else None
    said = os.strerror(number).lower() if number else "it is neither HOST:PORT nor the path of a socket"
    return SyndicatorError(
        f"cannot listen for mail at {place}: {said}", hint="change inbound.lmtp, or delete the key"
    )


def _envelope(sender: str, recipient: str) -> bytes:
    """Write down what only the envelope knows (RFC 5321 4.4): where it came from, for whom."""
    sender = sender.strip("<>")  # aiosmtpd takes the brackets away, but not those around nothing
    known = address.parse(sender)
    # A sender that we cannot read must not look like none at all: that is what bounces have.
    back = f"Return-Path: <{known or ''}>\r\n" if known or not sender else ""
    return f"{back}Delivered-To: {address.parse(recipient)}\r\n".encode()


def _make(inboxes: Path, folder: Path) -> None:
    """Make a Maildir that is there after a power cut as well."""
    for each in (inboxes, folder, *(folder / name for name in ("tmp", "cur", "new"))):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in (folder, inboxes, inboxes.parent):
        _sync(each)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
