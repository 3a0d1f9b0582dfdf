"""What /api/v1/topics answers: made once for a catalog, beside the loop, and kept as octets."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator import zones
from syndicator.pipeline.signup_wish import FREQUENCIES, HOURS, offered
from syndicator.web import openapi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.model import Catalog
    from syndicator.pipeline.parts import Parts

PER_MINUTE: Final = 60  # requests from one network


class Offer(NamedTuple):
    """The answer, and its strong tag with its quotes."""

    body: bytes
    tag: str


class Offers:
    """Keeps the offer of the catalog in force; with thousands of topics it has megabytes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._making = asyncio.Lock()
        self._known: tuple[object, ...] = ()
        self._made: Offer | None = None

    async def get(self, languages: Sequence[str]) -> Offer:
        """Return what may be subscribed to now, with mails in these languages."""
        async with self._making:  # who come together wait for one
            catalog, base_url = self._parts.current.catalog, self._parts.settings.site.base_url
            known = (catalog, base_url, *languages)
            is_same = len(known) == len(self._known) and self._known[0] is catalog
            if self._made is None or not is_same or known[1:] != self._known[1:]:
                self._made = await asyncio.to_thread(_make, catalog, base_url, [*languages])
                self._known = known
            return self._made


def _make(catalog: Catalog, base_url: str, languages: list[str]) -> Offer:
    told = openapi.Offer(
        topics=[
            openapi.Topic(
                slug=topic.slug,
                title=topic.title,
                description=topic.description,
                language=topic.language,
                url=f"{base_url}/topics/{topic.slug}",
                schedule=openapi.Schedule(
                    frequency=topic.digest.slot.frequency,
                    at=f"{topic.digest.slot.at:%H:%M}",
                    zone=topic.digest.slot.zone,
                ),
            )
            for topic in offered(catalog).values()
            if topic.digest
        ],
        frequencies=list(FREQUENCIES),
        hours=list(HOURS),
        languages=languages,
        zones=list(zones.names()),
    )
    body = told.model_dump_json().encode()
    return Offer(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
