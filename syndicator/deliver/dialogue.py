"""One open connection to a mail server, and the dialogue of one message on it (RFC 5321).

On aiosmtplib, for what it is good at: connecting, TLS, EHLO, AUTH, replies. Its `data` raises the same error
before the 354 and after the final dot, so DATA is spoken here in two steps: only then is it known which of
the two it was. Its `mail` and `rcpt` parse addresses leniently, so ours go out as they are. All of it by the
public methods of `SMTP` and `SMTPProtocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPHeloError, SMTPResponseException

from syndicator import address
from syndicator.deliver.refusal import suppression
from syndicator.deliver.transport import Letter, Outcome, words

if TYPE_CHECKING:
    import asyncio
    import ssl
    from datetime import timedelta

    from aiosmtplib import SMTPResponse

    from syndicator.settings import Mail

FAREWELL = 2.0  # seconds that the answer to QUIT is waited for
TROUBLE = (SMTPException, OSError, ValueError)  # what a connection can meet; values of a config included


class Connection:
    """An open, greeted, secured and logged-in connection; `is_alive()` while it can take another message."""

    def __init__(self, client: SMTP) -> None:
        self._client = client
        self._has_envelope = False  # the server holds one that no final answer has ended

    @classmethod
    async def open(cls, mail: Mail, *, tls: ssl.SSLContext | None) -> Connection:
        """Connect as `mail` says; raises one of `TROUBLE`, see `trouble`."""
        client = SMTP(
            hostname=mail.host,
            port=mail.port,
            username=mail.username or None,
            password=mail.password if mail.username else None,
            use_tls=mail.security == "tls",
            start_tls=mail.security == "starttls",
            tls_context=tls,
            timeout=mail.timeout.total_seconds(),
        )
        connection = cls(client)
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
        except BaseException:
            connection.abort()
            raise
        return connection

    def is_alive(self) -> bool:
        """Whether nothing has closed it, as far as is known."""
        return self._client.is_connected

    async def envelope(self, letter: Letter) -> Outcome | None:
        """Say MAIL and RCPT; None if both were accepted. Any failure is clean: nothing has been sent.

        What is left of an envelope that was refused is reset only now, so that no outcome waits for it.
        """
        if not self.is_alive():  # and what it could do is forgotten
            return Outcome(kind="deferred", reply="the mail server closed the connection")
        spoken = self._spoken(letter)
        if isinstance(spoken, Outcome):
            return spoken
        sender, recipient, options = spoken
        try:
            if self._has_envelope:
                answer = await self._client.execute_command(b"RSET")
                if _class(answer) != 2:
                    self.abort()
                    return self._clean(answer)
            self._has_envelope = True
            answer = await self._client.execute_command(b"MAIL", b"FROM:<%b>" % sender, *options)
            if _class(answer) != 2:
                # A sender that is not accepted is our trouble, and that of every other letter.
                return self._clean(answer)
            answer = await self._client.execute_command(b"RCPT", b"TO:<%b>" % recipient)
        except TROUBLE as error:
            return self._lost(error)
        return None if _class(answer) == 2 else self._judged(answer)

    async def data(self, message: bytes, *, patience: timedelta) -> Outcome:
        """Say DATA, send the message (CRLF only) with its dots doubled, and wait `patience` for the answer.

        From the first octet of the message on, silence is `uncertain`; before it, `deferred`.
        """
        try:
            answer = await self._client.execute_command(b"DATA")
        except TROUBLE as error:
            return self._lost(error)
        if answer.code != 354:
            return self._judged(answer) if _class(answer) in (4, 5) else self._clean(answer)
        protocol = self._client.protocol
        if protocol is None:
            return Outcome(kind="deferred", reply="the connection was lost before the message was sent")
        # RFC 5321 4.5.2, in one pass: no line can begin anywhere but after CRLF.
        stuffed = (b"." if message.startswith(b".") else b"") + message.replace(b"\r\n.", b"\r\n..")
        try:
            protocol.write(stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"))
        except TROUBLE as error:  # nothing was written
            return self._lost(error)
        try:
            answer = await protocol.read_response(timeout=patience.total_seconds())
        except TROUBLE as error:
            self.abort()
            return Outcome(kind="uncertain", reply=words(f"sent, but no answer was read: {trouble(error)}"))
        return self._final(answer)

    async def quit(self) -> None:
        """Say goodbye and close; whatever happens, it is closed."""
        try:
            await self._client.execute_command(b"QUIT", timeout=FAREWELL)
        except TROUBLE:
            pass  # nobody loses anything by it
        finally:
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        transport = self._client.transport
        if transport is not None:
            # A mere close of TLS waits half a minute for the other side.
            cast("asyncio.WriteTransport", transport).abort()
        self._client.close()

    def _spoken(self, letter: Letter) -> tuple[bytes, bytes, list[bytes]] | Outcome:
        """Write both addresses and the parameters of MAIL as this server understands them."""
        has = self._client.supports_extension
        sender, recipient = address.parse(letter.sender), address.parse(letter.recipient)
        if recipient is None:
            return Outcome(kind="refused", reply=f"{words(letter.recipient)!r} is no e-mail address")
        options = [b"SIZE=%d" % len(letter.message)] if has("size") else []
        if not recipient.is_ascii or (sender is not None and not sender.is_ascii):
            if not has("smtputf8"):
                return Outcome(
                    kind="refused", reply="the mail server takes ASCII addresses only (no SMTPUTF8)"
                )
            options.append(b"SMTPUTF8")
        if not letter.message.isascii():
            if not has("8bitmime"):
                return Outcome(
                    kind="refused", reply="the mail server takes ASCII messages only (no 8BITMIME)"
                )
            options.append(b"BODY=8BITMIME")
        return str(sender or "").encode(), str(recipient).encode(), options

    def _judged(self, answer: SMTPResponse) -> Outcome:
        """Read an answer that is not the wished-for one, to RCPT, DATA or the message: 4xx or 5xx."""
        if _class(answer) != 5:
            return self._clean(answer)
        return Outcome(
            kind="refused",
            reply=words(f"{answer.code} {answer.message}"),
            code=answer.code,
            suppress=suppression(answer.code, answer.message),
        )

    def _final(self, answer: SMTPResponse) -> Outcome:
        self._has_envelope = False
        reply = words(f"{answer.code} {answer.message}")
        match _class(answer):
            case 2:
                return Outcome(kind="accepted", reply=reply, code=answer.code)
            case 4 | 5:
                return self._judged(answer)
            case _:  # an answer that says nothing
                self.abort()
                return Outcome(kind="uncertain", reply=reply, code=answer.code)

    def _clean(self, answer: SMTPResponse) -> Outcome:
        """Put off; and close where the server is leaving (421) or does not speak SMTP."""
        if answer.code == 421 or _class(answer) not in (4, 5):
            self.abort()
        return Outcome(kind="deferred", reply=words(f"{answer.code} {answer.message}"), code=answer.code)

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


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


def _class(answer: SMTPResponse) -> int:
    return answer.code // 100
