"""All lanes of a process: what is known of each, who is open, and which letters must queue by themselves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from syndicator.deliver.lanes.answers import sign_of
from syndicator.deliver.lanes.lane import after
from syndicator.model import Lane, Sign
from syndicator.settings import Allowance, Relay

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from syndicator.deliver.transport import Outcome
    from syndicator.settings import Mail

ALL: Final = "*"
"""The lane of all mail: a warm-up of ours holds for every letter."""

FREE: Final = Allowance()
CONNECTIONS: Final = 3  # at a time to one organisation's servers, where nothing else is said
PER_CONNECTION: Final = 100


def relay_lane(name: str) -> str:
    """Name the lane of a relay; no domain has a space."""
    return f"relay {name}"


def relays_of(mail: Mail) -> tuple[Relay, ...]:
    """List the relays; the one that stands in `mail` itself where there are no others."""
    if mail.route == "direct":
        return ()
    if mail.relays:
        return mail.relays
    security = "none" if mail.security == "offered" else mail.security
    alone = Relay(
        name=f"{mail.host}:{mail.port}",
        host=mail.host,
        port=mail.port,
        security=security,
        username=mail.username,
        password=mail.password,
        password_at=mail.password_at,
        auth=mail.auth,
        connections=mail.connections,
        per_connection=mail.per_connection,
    )
    return (alone,)


class Board:
    """Remembers lanes between two looks at their rows; what it changed itself, it keeps until it is saved.

    `spent` counts the letters that were begun, by relay, and `budgets` how many a relay may take (see
    `quota`); a relay that is not named there may take any number.
    """

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._lanes: dict[str, Lane] = {}
        self._changed: dict[str, Lane] = {}
        self._written: dict[str, Lane] = {}
        self._places: dict[str, str] = {}
        self._turn = ""
        self._limits = {relay_lane(each.name): each for each in relays_of(mail)}
        self.relays = relays_of(mail)
        self.budgets: dict[str, int] = {}
        self.spent: Counter[str] = Counter()

    def learn(self, rows: Iterable[Lane]) -> None:
        """Take over what the rows say, but for what was changed here and is not saved yet."""
        self._lanes = {row.name: row for row in rows} | self._changed

    def put(self, lane: Lane) -> None:
        """Take a lane as it is now."""
        self._lanes[lane.name] = self._changed[lane.name] = lane

    @property
    def has_changed(self) -> bool:
        """Whether there is something to save."""
        return bool(self._changed)

    def changed(self) -> list[Lane]:
        """Give what is to be saved, by name; again and again until it is `committed`."""
        self._written = dict(self._changed)
        return [self._written[name] for name in sorted(self._written)]

    def committed(self) -> None:
        """Take what `changed` gave the last time for saved, but for what has changed since."""
        for name, lane in self._written.items():
            if self._changed.get(name) is lane:
                del self._changed[name]
        self._written = {}

    def lane(self, name: str) -> Lane:
        """Give the state of a lane."""
        return self._lanes.get(name) or Lane(name=name)

    def has_row(self, name: str) -> bool:
        """Whether a lane has a row, or will have one when what changed is saved."""
        return name in self._lanes

    def all(self) -> list[Lane]:
        """Give all lanes that there is something to say of, and the relays."""
        names = {*self._limits, *self._mail.domains, *self._lanes, *([ALL] if self._mail.warm_up else [])}
        return [self.lane(name) for name in sorted(names)]

    def note(self, name: str, outcome: Outcome, now: datetime) -> Sign:
        """Let a lane hear how an attempt ended."""
        sign = sign_of(outcome)
        old = self.lane(name)
        if sign is Sign.FINE and old.is_clean:
            return sign
        new = after(old, sign, now, words=outcome.reply, connections=self.connections(name))
        if new is not old:
            self.put(new)
        return sign

    def until(self, name: str, now: datetime) -> datetime | None:
        """Say until when a lane is left alone; None if it is open."""
        lane = self._lanes.get(name)
        return lane.until if lane and lane.waits(now) else None

    def limit(self, name: str) -> Allowance:
        """Give the limits of a lane."""
        if relay := self._limits.get(name):
            return Allowance(
                connections=relay.connections,
                per_connection=relay.per_connection,
                per_minute=relay.per_minute,
            )
        if name == ALL:
            return Allowance(warm_up=self._mail.warm_up)
        return self._mail.domains.get(name, FREE)

    def connections(self, name: str) -> int:
        """Say how many connections a lane may have by its limits."""
        return self.limit(name).connections or min(CONNECTIONS, self._mail.connections)

    def width(self, name: str) -> int:
        """Say how many it may have now."""
        return min(self.lane(name).width or self.connections(name), self.connections(name))

    def open_relays(self, now: datetime) -> list[Relay]:
        """List the relays that may be used now."""
        return [each for each in self.relays if self.until(relay_lane(each.name), now) is None]

    def first_open(self, now: datetime) -> datetime:
        """Say when the first of the relays may be used again; now, where one may."""
        return min((self.until(relay_lane(each.name), now) or now for each in self.relays), default=now)

    # Letters that queue by themselves ---------------------------------------------------------------------

    def place(self, domain: str, lane: str) -> None:
        """Remember whose servers take the mail of a domain."""
        self._places[domain] = lane

    def lane_of(self, address: str) -> str:
        """Name the lane of a recipient; empty where nobody counts."""
        domain = address.rpartition("@")[2].lower()
        if domain in self._mail.domains:
            return domain
        return self._places.get(domain, "") if self._mail.route == "direct" else ""

    def queue_of(self, address: str) -> str:
        """Name the queue that a letter must wait in: that of its lane, if the lane is slow; else empty."""
        name = self.lane_of(address)
        return name if name and self.is_slow(name) else ""

    def is_slow(self, name: str) -> bool:
        """Whether a lane takes less than we could send, so that its letters must not stand before others."""
        limit = self.limit(name)
        return bool(limit.per_minute or limit.warm_up) or not self.lane(name).is_clean

    def queues(self) -> list[str]:
        """Name the lanes that letters may wait in by themselves."""
        return sorted({*self._mail.domains, *self._lanes} - {*self._limits, ALL})

    def turn(self, names: Iterable[str]) -> list[str]:
        """Order lanes such that who comes after the last that was `served` is first: none is forgotten."""
        return sorted(names, key=lambda name: (name <= self._turn, name))

    def served(self, name: str) -> None:
        """Remember whose turn it was last."""
        self._turn = name

    def has_slow(self) -> bool:
        """Whether there is any of them."""
        return any(map(self.is_slow, self.queues()))
