"""What any queue offers: `hint`. In one process it is `local`; over many hosts a queue in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from syndicator.model import Job


class Hints(Protocol):
    """Somewhere to say that there may be work."""

    def hint(self, job: Job) -> None:
        """Say it; never waits and never fails."""
        ...
