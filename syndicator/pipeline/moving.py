"""To another address: asked for on a reader's page, done when that one says yes, told to the old one."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from syndicator.digest.tokens import LASTS
from syndicator.pipeline.preferences import language_of, may_mail, token_of
from syndicator.pipeline.signup_limits import admits, may_write
from syndicator.store import preferences, signups, subscribers, transactional
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.address import Address
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.preferences import Visit

Moved: TypeAlias = Literal["moved", "taken", "barred"]

TELLING: Final = LASTS["confirm"]  # how long it is worth while to tell the old address


async def ask(parts: Parts, visit: Visit, address: Address, *, client: str) -> bool:
    """Mail the new address a link that confirms it; whether it was within the limits of who asks.

    Of the address, nothing is told. One that is a reader already is mailed that nothing changes; one that is
    suppressed, blocked, or had what mails strangers may cause (`signup_limits`) gets no mail.
    """
    async with parts.store.write() as conn:
        await signups.lock(conn)
        if not (await may_mail(parts, conn, visit.person.id) and await admits(parts, conn, client, "page")):
            return False
        if not await may_write(parts, conn, address, client):
            mine = visit.person.id
            await transactional.withhold(
                conn, kind="move", address=str(address), subscriber=mine, now=parts.clock()
            )
            return True
        found = await subscribers.find(conn, str(address))
        is_other = found is not None and found.subscriber.id != visit.person.id
        if found and is_other:  # anybody can sign up anybody: that keeps nobody from their own address
            is_other = not await signups.is_all(conn, found.subscriber.id)
        token = token_of(parts, visit, "move", more=str(address))
        url = "" if is_other else f"{parts.settings.site.base_url}/preferences/{token}"
        await _note(parts, conn, visit, "move", str(address), {"url": url})
    return True


async def move(parts: Parts, visit: Visit) -> Moved:
    """Do what a link of `ask` confirms. The link ends with it, as do all others that the reader has."""
    old, new = visit.person.address, visit.more
    async with parts.store.write() as conn:
        if await subscribers.suppressed(conn, [new]):
            return "barred"
        if not await preferences.move(conn, visit.person.id, new, secret=secrets.token_urlsafe(12)):
            return "taken"
        if key(old) != key(new):
            await _note(parts, conn, visit, "moved", old, {"new": mask(new)})
    return "moved"


async def _note(
    parts: Parts, conn: AsyncConnection, visit: Visit, kind: str, address: str, facts: dict[str, str]
) -> None:
    now = parts.clock()
    until = now + (TELLING if kind == "moved" else LASTS["move"])
    await transactional.enqueue(
        conn, kind=kind, address=address, language=language_of(parts, visit.person),
        subscriber=visit.person.id, facts=facts, now=now, until=until,
    )  # fmt: skip


def mask(address: str) -> str:
    """Hide most of an address from whoever should not read it: `anna@example.org` → `a…@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
