"""A program that dies in the middle of its work, as by kill -9: between two commits, wherever that is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from syndicator.store import Store


class Killed(Exception):
    """What ends the program."""


@dataclass
class Mortal:
    """A store whose program dies before the end of the transaction after so many."""

    inner: Store
    lives: int

    def read(self) -> Any:
        return self.inner.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        async with self.inner.write() as conn:
            yield conn
            self.lives -= 1
            if self.lives < 0:
                raise Killed
