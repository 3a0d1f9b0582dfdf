"""One open connection to a mail server, and the dialogue of message after message on it (RFC 5321).

aiosmtplib does what it is good at: connecting, TLS, EHLO, AUTH. Then `Wire` takes over. Where the server
offers PIPELINING (RFC 2920) an envelope is one write, and that of the next message goes out behind the final
dot of this one. Addresses are ours (`address`), aiosmtplib parses them leniently.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPHeloError, SMTPResponseException

from syndicator import address
from syndicator.deliver.refusal import suppression
from syndicator.deliver.transport import Letter, Outcome, words
from syndicator.deliver.wire import CLOSED, Reply, Wire

if TYPE_CHECKING:
    import ssl
    from datetime import timedelta

    from syndicator.settings import Mail

FAREWELL = 2.0  # seconds that the answer to QUIT is waited for
TROUBLE = (SMTPException, OSError, ValueError)  # what a connection can meet; values of a config included
EXTENSIONS = ("pipelining", "size", "8bitmime", "smtputf8")  # that we make use of
GO_ON = 354
MAX_TOKEN = 16 * 1024  # characters of an access token


class _Answers(NamedTuple):
    """What came back to the commands of an envelope."""

    failed: str = ""  # the verb that was not accepted; empty: all were
    answer: Reply = Reply(0, "")


class Connection:
    """An open, greeted, secured and logged-in connection; `is_alive()` while it can take another message."""

    def __init__(self, wire: Wire, extensions: frozenset[str], timeout: float) -> None:
        self._wire = wire
        self._has = extensions
        self._timeout = timeout
        self._offered: Letter | None = None  # its envelope is out, its answers are not read
        self._is_dirty = False  # the server holds an envelope that no final answer has ended
        self.sent = 0  # messages that were answered

    @classmethod
    async def open(cls, mail: Mail, *, tls: ssl.SSLContext | None) -> Connection:
        """Connect as `mail` says; raises one of `TROUBLE`, see `trouble`."""
        client = client_of(mail, tls)
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await greet(client)
        except BaseException:
            if client.transport is not None:
                cast("asyncio.Transport", client.transport).abort()
            client.close()
            raise
        if client.transport is None:
            raise ConnectionResetError(CLOSED)
        has = frozenset(name for name in EXTENSIONS if client.supports_extension(name))
        return cls(Wire(cast("asyncio.Transport", client.transport)), has, mail.timeout.total_seconds())

    def is_alive(self) -> bool:
        """Whether nothing has closed it, as far as is known."""
        return self._wire.is_alive()

    async def has_reply(self, seconds: float) -> bool:
        """Whether the server has said something more, or hung up, within that time."""
        return await self._wire.has_reply(seconds)

    async def offer(self, letter: Letter) -> Outcome | None:
        """Say MAIL, RCPT and DATA; None if the server waits for the message now. Any failure is clean.

        What is left of an envelope that was refused is reset only now, so that no outcome waits for it.
        """
        if not self.is_alive():
            return Outcome(kind="deferred", reply=CLOSED)
        offered, self._offered = self._offered, None
        if offered is not None and offered is not letter:
            self.abort()  # nobody wants what we have offered
            return Outcome(kind="deferred", reply=CLOSED)
        commands = self._commands(letter, reset=self._is_dirty)
        if isinstance(commands, Outcome):
            return commands
        try:
            found = await self._answers(commands, said=offered is letter)
        except TROUBLE as error:
            return self._lost(error)
        return self._refusal(found)

    async def message(
        self, message: bytes, *, patience: timedelta, following: Letter | None = None
    ) -> Outcome:
        """Send the message that was offered (CRLF only), its dots doubled; wait `patience` for the answer.

        Until the final dot has been handed to the system, trouble is `deferred`; after it, `uncertain`. The
        envelope of `following` goes out behind the dot where the server pipelines; `offer` reads its answers.
        """
        # RFC 5321 4.5.2, in one pass: no line can begin anywhere but after CRLF.
        stuffed = (b"." if message.startswith(b".") else b"") + message.replace(b"\r\n.", b"\r\n..")
        dot = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        ahead = self._commands(following, reset=False) if following and "pipelining" in self._has else []
        try:
            self._wire.write(stuffed)
            await self._wire.flushed(self._timeout)
            self._wire.write(dot if isinstance(ahead, Outcome) else dot + b"".join(ahead))
        except TROUBLE as error:
            return self._lost(error)
        if following and ahead and not isinstance(ahead, Outcome):
            self._offered = following
        try:
            answer = await self._wire.reply(patience.total_seconds())
        except TROUBLE as error:
            self.abort()
            return Outcome(kind="uncertain", reply=words(f"sent, but no answer was read: {trouble(error)}"))
        return self._final(answer)

    async def quit(self) -> None:
        """Say goodbye and close; whatever happens, it is closed."""
        try:
            self._wire.write(b"QUIT\r\n")
            await self._wire.reply(FAREWELL)
        except TROUBLE:
            pass  # nobody loses anything by it
        finally:
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._wire.abort()

    def _commands(self, letter: Letter, *, reset: bool) -> list[bytes] | Outcome:
        """Write the envelope as this server understands it; an outcome where it cannot be said to it."""
        sender, recipient = address.parse(letter.sender), address.parse(letter.recipient)
        if recipient is None:
            return Outcome(kind="refused", reply=f"{words(letter.recipient)!r} is no e-mail address")
        options = [b" SIZE=%d" % len(letter.message)] if "size" in self._has else []
        if not recipient.is_ascii or (sender is not None and not sender.is_ascii):
            if "smtputf8" not in self._has:
                reply = "the mail server takes ASCII addresses only (no SMTPUTF8)"
                return Outcome(kind="refused", reply=reply, step="lacks")
            options.append(b" SMTPUTF8")
        if not letter.message.isascii():
            if "8bitmime" not in self._has:
                reply = "the mail server takes ASCII messages only (no 8BITMIME)"
                return Outcome(kind="refused", reply=reply, step="lacks")
            options.append(b" BODY=8BITMIME")
        mail = b"MAIL FROM:<%b>%b\r\n" % (str(sender or "").encode(), b"".join(options))
        envelope = [mail, b"RCPT TO:<%b>\r\n" % str(recipient).encode(), b"DATA\r\n"]
        return [b"RSET\r\n", *envelope] if reset else envelope

    async def _answers(self, commands: list[bytes], *, said: bool) -> _Answers:
        """Say the commands (unless they are said) and read their answers; after a failure say no more."""
        at_once = said or "pipelining" in self._has
        if at_once and not said:
            self._wire.write(b"".join(commands))
        found = _Answers()
        for command in commands:
            verb = command[:4].decode()
            if not at_once:
                self._wire.write(command)
            try:
                answer = await self._wire.reply(self._timeout)
            except TROUBLE:
                if found.failed:  # what was said before is the reason
                    self.abort()
                    return found
                raise
            if verb == "DATA" and found.failed and answer.code == GO_ON:
                self._wire.write(b".\r\n")  # RFC 2920 3.1: nothing, to nobody
                await self._wire.reply(self._timeout)
            self._is_dirty = verb != "RSET" and (self._is_dirty or answer.is_done)
            if not found.failed and not (answer.code == GO_ON if verb == "DATA" else answer.is_done):
                found = _Answers(verb, answer)
            if found.failed and (answer.is_end or not at_once):
                break
        return found

    def _refusal(self, found: _Answers) -> Outcome | None:
        match found.failed:
            case "":
                return None
            case "RSET":
                self.abort()
                return self._clean(found.answer, "MAIL")
            case "MAIL":  # a sender that is not accepted is our trouble, and that of every other letter
                return self._clean(found.answer, "MAIL")
            case _:
                return self._judged(found.answer, found.failed)

    def _judged(self, answer: Reply, step: str) -> Outcome:
        """Read an answer that is not the wished-for one, to RCPT, DATA or the message: 4xx or 5xx."""
        if not answer.is_refusal:
            return self._clean(answer, step)
        return Outcome(
            kind="refused",
            reply=words(str(answer)),
            code=answer.code,
            suppress=suppression(answer.code, answer.text),
            step=step,
        )

    def _final(self, answer: Reply) -> Outcome:
        self._is_dirty = False
        self.sent += 1
        if answer.is_done:
            return Outcome(kind="accepted", reply=words(str(answer)), code=answer.code)
        if answer.is_failure:
            return self._judged(answer, "message")
        self.abort()  # an answer that says nothing
        return Outcome(kind="uncertain", reply=words(str(answer)), code=answer.code)

    def _clean(self, answer: Reply, step: str) -> Outcome:
        """Put off; and close where the server is leaving (421) or does not speak SMTP."""
        if answer.is_end or not answer.is_failure:
            self.abort()
        return Outcome(kind="deferred", reply=words(str(answer)), code=answer.code, step=step)

    def _lost(self, error: Exception) -> Outcome:
        self.abort()
        return Outcome(kind="deferred", reply=words(trouble(error)))


def trouble(error: Exception) -> str:
    """Say in words what stopped a connection."""
    match error:
        case SMTPAuthenticationError():
            return f"the mail server does not accept our login: {error.code} {error.message}"
        case SMTPResponseException():
            return f"{error.code} {error.message}" if error.code > 0 else str(error.message)
        case SMTPException():
            return str(error.message)
        case _:
            return str(error) or type(error).__name__


def client_of(mail: Mail, tls: ssl.SSLContext | None) -> SMTP:
    """Make what connects, secures and logs in as `mail` says; `tls` replaces the system's trust.

    STARTTLS that a server offers and that fails ends the connection: nothing is sent in the clear instead.
    """
    by_token = mail.auth == "xoauth2" and bool(mail.username)
    return SMTP(
        hostname=mail.host,
        port=mail.port,
        username=mail.username or None,
        password=mail.password if mail.username and not by_token else None,
        oauth_token_generator=partial(_token, mail) if by_token else None,
        local_hostname=mail.helo or None,
        use_tls=mail.security == "tls",
        start_tls=None if mail.security == "offered" else mail.security == "starttls",
        tls_context=tls,
        timeout=mail.timeout.total_seconds(),
    )


async def _token(mail: Mail) -> str:
    """Read the access token anew: it lives for an hour or so, and somebody else renews it."""
    if not mail.password_at:
        return mail.password
    try:
        text = await asyncio.to_thread(Path(mail.password_at).read_text, encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise SMTPException(f"the file with the access token cannot be read: {error}") from error
    token = text.strip()
    if not token or len(token) > MAX_TOKEN or not token.isprintable():
        raise SMTPException("the file with the access token must hold the token alone, on one line")
    return token


async def greet(client: SMTP) -> None:
    """Say EHLO, or HELO where the server knows no other."""
    try:
        await client.ehlo()
    except SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()
