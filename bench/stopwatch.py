"""CPU time by part of the real `pull`, one source at a time: watches at the ports that it works through.

CPU time is the process's (`time.process_time`), so threads count; it can be given to one part only because
nothing runs beside it. Nothing of the verb is copied here: the parts that it is given are wrapped.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from syndicator.pipeline import pull, reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from syndicator.pipeline.parts import Parts

STAGES = ("fetch", "parse", "identify", "known", "finish", "match", "store", "claim")
PURE = ("parse", "identify", "finish")  # functions that `reading` calls by these names


@dataclass(slots=True)
class Watch:
    """Seconds of CPU by part."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.seconds[part] += time.process_time() - began

    def around(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.on(part):
                return call(*arguments, **named)

        return timed


@dataclass(slots=True)
class _Store:
    """A transaction commits what was fetched before it; one without a fetch before it claims.

    What is read is which entries are known.
    """

    inner: Any
    watch: Watch
    part: str = "claim"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Any]:
        with self.watch.on("known"):
            async with self.inner.read() as conn:
                yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        part, self.part = self.part, "claim"
        with self.watch.on(part):
            async with self.inner.write() as conn:
                yield conn


@dataclass(slots=True)
class _Fetcher:
    inner: Any
    watch: Watch
    store: _Store

    async def fetch(self, *arguments: Any) -> Any:
        with self.watch.on("fetch"):
            result = await self.inner.fetch(*arguments)
        self.store.part = "store"
        return result

    async def acknowledge(self, *arguments: Any) -> None:
        await self.inner.acknowledge(*arguments)


@dataclass(slots=True)
class _Index:
    inner: Any
    watch: Watch

    def match(self, article: Any) -> Any:
        with self.watch.on("match"):
            return self.inner.match(article)


async def pull_by_part(parts: Parts) -> dict[str, float]:
    """Pull all that is due, one source after the other: seconds of CPU by part, `rest` and `all` included.

    `store` is without the matching, which happens inside its transaction.
    """
    watch = Watch()
    store = _Store(parts.store, watch)
    watched = replace(
        parts,
        fetcher=_Fetcher(parts.fetcher, watch, store),  # type: ignore[arg-type]
        store=store,  # type: ignore[arg-type]
        current=replace(parts.current, index=_Index(parts.current.index, watch)),  # type: ignore[arg-type]
    )
    began = time.process_time()
    with ExitStack() as patches:
        for part in PURE:
            call = watch.around(part, getattr(reading, part))
            patches.enter_context(patch.object(reading, part, call))
        await pull(watched, at_once=1)
    seconds = watch.seconds
    if unseen := [part for part in STAGES if part not in seconds]:
        raise RuntimeError(f"pull no longer goes through what is watched for: {', '.join(unseen)}")
    seconds["store"] -= seconds["match"]
    seconds["rest"] = (total := time.process_time() - began) - sum(seconds.values())
    return {**seconds, "all": total}
