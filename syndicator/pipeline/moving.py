"""To another address: asked for on a reader's page, done when that one says yes, told to the old one."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from syndicator.digest.tokens import LASTS
from syndicator.pipeline.preferences import language_of, may_mail, token_of
from syndicator.store import preferences, signups, subscribers, transactional
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.preferences import Visit

Moved: TypeAlias = Literal["moved", "taken", "barred"]

TELLING: Final = LASTS["confirm"]  # how long it is worth while to tell the old address


async def ask(parts: Parts, visit: Visit, address: str) -> bool:
    """Mail the new address a link that confirms it; whether it was within the limits.

    An address that is a reader already is told that nothing changes, and one that is suppressed gets no mail:
    the page says the same in all cases.
    """
    async with parts.store.write() as conn:
        if not await may_mail(parts, conn, visit.person.id):
            return False
        found = await subscribers.find(conn, address)
        is_other = found is not None and found.subscriber.id != visit.person.id
        if found and is_other:  # anybody can sign up anybody: that keeps nobody from their own address
            is_other = not await signups.is_all(conn, found.subscriber.id)
        url = f"{parts.settings.site.base_url}/preferences/{token_of(parts, visit, 'move', more=address)}"
        facts = {"url": "" if is_other else url, "old": mask(visit.person.address)}
        await _note(parts, conn, visit, "move", address, facts)
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
