"""A visit to the mail server that takes our mail: connect, EHLO, TLS, AUTH, QUIT. Nothing is sent."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from syndicator.deliver.dialogue import TROUBLE, client_of, greet, trouble
from syndicator.deliver.standing.reports import Relay
from syndicator.deliver.transport import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiosmtplib import SMTP

    from syndicator.settings import Mail

PATIENCE: Final = timedelta(seconds=15)  # for each step
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}"
)


async def addresses_of(host: str) -> tuple[str, ...]:
    """Find the addresses of a host as the system does; none if it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=1)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))


def is_here(addresses: Iterable[str]) -> bool:
    """Whether one of these is this machine."""
    return any(ip_address(each).is_loopback for each in addresses)


async def visit(mail: Mail, *, tls: ssl.SSLContext | None = None) -> Relay:
    """Go as far as a letter would before its envelope, and say what was seen."""
    mail = replace(mail, timeout=min(mail.timeout, PATIENCE))
    found = Relay(
        server=f"{mail.host}:{mail.port}",
        is_here=is_here(await addresses_of(mail.host)),
        security=mail.security,
    )
    if mail.security != "none" and tls is None:
        tls = await asyncio.to_thread(ssl.create_default_context)
    client = client_of(mail, tls)
    try:
        greeting = await client.connect()
        if client.is_ehlo_or_helo_needed:
            await greet(client)
        seen = _seen(client, found, greeting.message)
    except TROUBLE as error:
        client.close()
        return replace(found, trouble=words(trouble(error)))
    with contextlib.suppress(*TROUBLE):
        await client.quit()
    client.close()
    return replace(seen, logged_in=mail.username)


def _seen(client: SMTP, found: Relay, greeting: str) -> Relay:
    size = client.esmtp_extensions.get("size", "") if client.supports_extension("size") else ""
    seen = replace(
        found,
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None,
        offers_tls=client.supports_extension("starttls"),
        date=_date(greeting),
    )
    secured = client.get_transport_info("ssl_object")
    if not isinstance(secured, ssl.SSLObject):
        return seen
    ends = (secured.getpeercert() or {}).get("notAfter")
    return replace(
        seen,
        tls=secured.version() or "TLS",
        expires_at=datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None,
    )


def _date(greeting: str) -> datetime | None:
    found = _DATE.search(greeting)
    try:
        return parsedate_to_datetime(found[0]) if found else None
    except ValueError:
        return None
