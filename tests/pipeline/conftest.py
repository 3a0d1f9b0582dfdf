from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syndicator.model import Source
from syndicator.store import Store, sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store on each database, with two sources."""
    made = Store(database_url)
    await made.upgrade()
    async with made.write() as conn:
        names = ("wire", "post")
        await sources.sync(conn, [Source(name=n, url=f"https://{n}.example/feed") for n in names])
    yield made
    await made.close()
