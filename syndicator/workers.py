"""What the daemon does on a hint: each verb bound to the parts, and who is hinted at when one found work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syndicator import pipeline
from syndicator.pipeline.mirror import mirror
from syndicator.pipeline.parts import Summary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from syndicator.model import Verb
    from syndicator.pipeline.parts import Parts
    from syndicator.post import Post
    from syndicator.reload import Reloader

NEXT: Final[Mapping[Verb, Verb]] = {
    "pull": "publish",
    "publish": "distribute",
    "compose": "deliver",
}  # whose work makes work for whom


@dataclass(frozen=True, slots=True)
class Workers:
    """The verbs of a running daemon. Each says whether it found work, and so may find more."""

    parts: Parts
    reloader: Reloader
    post: Post
    hint: Callable[[Verb], None]

    def table(self) -> Mapping[str, Callable[[], Awaitable[bool]]]:
        """Give each verb its worker."""
        return {
            "pull": self.pull,
            "publish": self.publish,
            "distribute": self._bound("distribute", pipeline.distribute),
            "compose": self._bound("compose", pipeline.compose),
            "notify": self._bound("notify", pipeline.notify),
            "deliver": self._bound("deliver", pipeline.deliver),
            "reap": self.reap,
            "apply": self.apply,
            "renew": self.renew,
            "confirm": self.confirm,
            "purge": self.purge,
            "read": lambda: pipeline.read(self.parts),
            "returns": self.returns,
            "count": self.count,
        }

    def _bound(
        self, name: Verb, verb: Callable[[Parts], Awaitable[Summary]]
    ) -> Callable[[], Awaitable[bool]]:
        async def work() -> bool:
            did = Summary().add(await verb(self.parts))
            if did and name in NEXT:
                self.hint(NEXT[name])
            return did

        return work

    async def pull(self) -> bool:
        """Pull what is due, and at once what got mail."""
        await self.post.make_due()
        return await self._bound("pull", pipeline.pull)()

    async def publish(self) -> bool:
        """Publish what is stale, then fetch what other hosts published."""
        did = await self._bound("publish", pipeline.publish)()
        await mirror(self.parts)
        return did

    async def reap(self) -> bool:
        """Take back what dead workers held."""
        await pipeline.reap(self.parts)
        return False

    async def apply(self) -> bool:
        """Take over what admins edited."""
        if await self.reloader.reload():
            self.hint("publish")
            self.parts.read_on = True  # an edit may have found old articles
            self.hint("read")
        return False

    async def renew(self) -> bool:
        """Ask hubs, and pull what they have pushed."""
        if (await pipeline.renew(self.parts)).looked:
            self.hint("pull")
        return False

    async def confirm(self) -> bool:
        """Ask who wants to follow our feeds."""
        return (await pipeline.confirm(self.parts)).confirmed > 0

    async def returns(self) -> bool:
        """Read the mailbox that mail comes back to."""
        return await pipeline.collect(self.parts) > 0

    async def count(self) -> bool:
        """Count readers."""
        await pipeline.count(self.parts)
        return False

    async def purge(self) -> bool:
        """Delete what is kept no longer."""
        await pipeline.purge(self.parts)
        return False
