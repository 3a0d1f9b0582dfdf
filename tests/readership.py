"""Who should get what, told by rules and not by rows: the oracle of two years of digests.

It knows no cursor, no match number and no run of the program: articles have an instant at which they came,
readers a history, and hours are looked up on the clock of their zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.model import Slot

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
GRAIN = timedelta(minutes=5)


class Article(NamedTuple):
    id: int
    at: datetime
    topics: frozenset[str]


class Mail(NamedTuple):
    """A mail by its reader and run."""

    reader: int
    slot: str
    date: str


@dataclass
class Tie:
    """A reader and a topic. Owed is what came after `since_mail`; None: a first mail, with a look back."""

    state: str
    since: datetime
    until: datetime | None = None
    since_mail: datetime | None = None


@dataclass
class Person:
    id: int
    slot: Slot | None
    chosen: datetime
    ties: dict[str, Tie] = field(default_factory=dict)
    got: set[int] = field(default_factory=set)
    is_barred: bool = False


@dataclass
class Run:
    """A run of the model: what came until `cut` is in it. `dealt` are its readers who are done."""

    slot: Slot
    date: str
    fired: datetime
    cut: datetime
    dealt: set[int] = field(default_factory=set)


@lru_cache(maxsize=100_000)
def hour_of(slot: Slot, day: date) -> datetime | None:
    """Find the slot's instant on a local day by walking over the clock, a quarter at a time.

    The first time that it shows the hour counts. Where it never does, the hour is that long after midnight.
    """
    zone = ZoneInfo(slot.zone)
    after_midnight = timedelta(hours=slot.at.hour, minutes=slot.at.minute)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(zone).date() < day:
        moment += QUARTER
    for quarters in range(-12, 13):
        local = (moment + after_midnight + quarters * QUARTER).astimezone(zone)
        if local.date() == day and local.time() == slot.at:
            return local.astimezone(UTC)
    return moment + after_midnight


def fire_of(slot: Slot, now: datetime) -> tuple[str, datetime] | None:
    """Give date and instant of the newest fire, if it is not too late for it."""
    if slot.frequency == "instant":
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        grain = day + (now - day) // GRAIN * GRAIN
        return f"{grain:%Y-%m-%dT%H:%M}+00:00", grain
    day = now.astimezone(ZoneInfo(slot.zone)).date()
    for back in range(10):
        then = day - back * DAY
        if slot.frequency == "weekly" and then.isoweekday() != 1:
            continue
        if slot.frequency == "weekdays" and then.isoweekday() > 5:
            continue
        at = hour_of(slot, then)
        if at and at <= now:
            return None if is_late(slot, at, now) else (then.isoformat(), at)
    return None


def is_late(slot: Slot, at: datetime, now: datetime) -> bool:
    return now - at > (timedelta(days=3) if slot.frequency == "weekly" else timedelta(hours=12))


class Readership:
    """All readers, what came, and the runs that have been."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.articles: list[Article] = []
        self.topics: dict[str, tuple[Slot, datetime]] = {}  # their own slot, and since when
        self.done: set[tuple[str, str]] = set()
        self.begun: list[Run] = []  # by a program that was killed

    def wake(self, now: datetime) -> None:
        """End the pauses that are over by now."""
        for tie in (tie for person in self.people.values() for tie in person.ties.values()):
            if tie.state == "paused" and tie.until and tie.until <= now:
                tie.state, tie.since, tie.until = "active", tie.until, None

    def join(self, reader: int, topic: str, now: datetime) -> None:
        """Subscribe; who left a week ago or less goes on where they left."""
        ties = self.people[reader].ties
        tie = ties.get(topic)
        if tie and tie.state != "ended":
            return
        goes_on = tie and now - tie.since <= 7 * DAY
        ties[topic] = Tie("active", now, since_mail=tie.since_mail if tie and goes_on else None)

    def pause(self, reader: int, until: datetime | None, now: datetime) -> None:
        for tie in self.people[reader].ties.values():
            if tie.state == "active":
                tie.since_mail = tie.since_mail or tie.since
                tie.state, tie.since = "paused", now
            if tie.state == "paused":
                tie.until = until

    def resume(self, reader: int, now: datetime) -> None:
        for tie in self.people[reader].ties.values():
            if tie.state == "paused":
                tie.state, tie.since, tie.until = "active", now, None

    def leave(self, reader: int, topics: Iterable[str], now: datetime) -> None:
        for topic in topics:
            tie = self.people[reader].ties.get(topic)
            if tie and tie.state != "ended":
                tie.state, tie.since = "ended", now

    def due(self, now: datetime) -> list[Run]:
        """Begin the runs that are due now, after those that a killed program has left."""
        self.begun = [run for run in self.begun if not is_late(run.slot, run.fired, now)]
        slots = {person.slot for person in self.people.values() if person.slot}
        slots |= {slot for slot, _ in self.topics.values()}
        still = {run.slot.key for run in self.begun}
        new = []
        for slot in slots:
            fire = fire_of(slot, now)
            if fire is None or (slot.key, fire[0]) in self.done:
                continue
            if slot.frequency == "instant" and slot.key in still:
                continue
            run = Run(slot, fire[0], fire[1], now)
            if any(self.turn(person, run) for person in self.people.values()):
                self.done.add((slot.key, fire[0]))
                new.append(run)
        runs = [*self.begun, *sorted(new, key=lambda run: (run.fired, run.slot.key))]
        self.begun = []
        return runs

    def turn(self, person: Person, run: Run) -> dict[str, Tie]:
        """The subscriptions whose turn it is in a run."""
        if person.chosen > run.fired or person.id in run.dealt or person.slot not in (None, run.slot):
            return {}
        found = {}
        for topic, tie in person.ties.items():
            slot, since = self.topics[topic]
            is_theirs = person.slot or (slot == run.slot and since <= run.fired)
            if is_theirs and tie.state == "active" and tie.since <= run.fired:
                found[topic] = tie
        return found

    def owed(self, person: Person, topic: str, tie: Tie, run: Run) -> set[int]:
        """What a topic owes a reader in a run: all that came since their last mail, and was in no other."""
        back = 7 * DAY if run.slot.frequency == "weekly" else DAY
        since = tie.since_mail
        if since is None:  # the last day or week, or as long before they came if their run was missed
            since = tie.since - back if run.fired - tie.since > back else run.fired - back
        # The newest ones come last, and nobody is away for two months.
        recent = (article for article in self.articles[-700:] if since < article.at < run.cut)
        return {each.id for each in recent if topic in each.topics} - person.got

    def mail(self, person: Person, run: Run) -> set[int]:
        """What the reader's mail of this run is to hold; nothing: no mail."""
        turn = self.turn(person, run)
        return set[int]().union(*(self.owed(person, topic, tie, run) for topic, tie in turn.items()))

    def may_cut(self, person: Person, run: Run, most: int, in_all: int) -> set[int]:
        """The articles that a mail may count instead of telling.

        Those of topics with more than `most`; any, if there are more than `in_all` with no topic over `most`.
        """
        owed = [self.owed(person, topic, tie, run) for topic, tie in self.turn(person, run).items()]
        if sum(min(len(articles), most) for articles in owed) > in_all:
            return set[int]().union(*owed)
        return set[int]().union(*(articles for articles in owed if len(articles) > most))

    def settle(self, person: Person, run: Run, told: set[int]) -> None:
        """The run has dealt with this reader, who was told these articles."""
        owed = {topic: self.owed(person, topic, tie, run) for topic, tie in self.turn(person, run).items()}
        for topic, articles in owed.items():
            if articles:
                person.ties[topic].since_mail = run.cut
        if not person.is_barred:
            person.got |= told
        run.dealt.add(person.id)
