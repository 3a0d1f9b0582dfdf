"""What somebody who signs up asks for, read out of what a stranger sent. Pure: a wish, or what is wrong.

Forms and the API send the same fields. Nothing of what was typed is repeated anywhere but in the form itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, get_args

from syndicator import address as addresses
from syndicator import zones
from syndicator.model import Frequency, Slot

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from syndicator.address import Address
    from syndicator.model import Catalog, Topic

OWN: Final = "topic"  # as each topic says
FREQUENCIES: Final = (OWN, *get_args(Frequency))
FIRST_HOUR: Final = "07:00"
HOURS: Final = tuple(f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30"))
MOST: Final = 100  # topics in one sign-up

Problem: TypeAlias = Literal[
    "address", "no-topic", "unknown-topic", "many-topics", "frequency", "at", "zone", "language"
]
FIELDS: Final[Mapping[Problem, str]] = {
    "address": "address",
    "no-topic": "topics",
    "unknown-topic": "topics",
    "many-topics": "topics",
    "frequency": "frequency",
    "at": "at",
    "zone": "zone",
    "language": "language",
}
"""Which field each problem is of."""


class Asked(NamedTuple):
    """What was sent, as it was sent; empty is not given."""

    address: str = ""
    topics: Sequence[str] = ()
    frequency: str = ""
    at: str = ""
    zone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A sign-up that can be done, if the address's owner confirms it."""

    address: Address
    topics: tuple[str, ...]
    language: str
    slot: Slot | None  # None: as each topic says


def offered(catalog: Catalog) -> dict[str, Topic]:
    """Choose what strangers may subscribe to, of what is mailed; by slug, in the order of titles."""
    open_ = [topic for topic in catalog.topics.values() if topic.is_offered and topic.digest]
    return {
        topic.slug: topic for topic in sorted(open_, key=lambda topic: (topic.title.casefold(), topic.slug))
    }


def read(asked: Asked, topics: Collection[str], languages: Sequence[str]) -> Wish | list[Problem]:
    """Read a sign-up to some of these topics, with mails in one of these languages; or what is wrong."""
    wrong: list[Problem] = []
    address = read_address(asked.address)
    if address is None:
        wrong.append("address")
    wanted = tuple(dict.fromkeys(asked.topics))
    if problem := _topics(wanted, topics):
        wrong.append(problem)
    slot, problems = _slot(asked)
    wrong += problems
    if asked.language and asked.language not in languages:
        wrong.append("language")
    if wrong or address is None:
        return wrong
    return Wish(address=address, topics=wanted, language=asked.language or languages[0], slot=slot)


def read_address(text: str) -> Address | None:
    """Read the address of a stranger: one mailbox, at a domain of more than one label; None if it is none."""
    found = addresses.parse(text.strip(" \t"))
    if found is None or not re.search(r"[^.]\.[^.]", found.domain) or found.domain.startswith("["):
        return None
    return addresses.Address(found.local, found.domain.lower())


def _topics(wanted: Sequence[str], topics: Collection[str]) -> Problem | None:
    if not wanted:
        return "no-topic"
    if len(wanted) > MOST:
        return "many-topics"
    return None if set(wanted) <= set(topics) else "unknown-topic"


def _slot(asked: Asked) -> tuple[Slot | None, list[Problem]]:
    frequency = asked.frequency or OWN
    if frequency not in FREQUENCIES:
        return None, ["frequency"]
    if frequency == OWN:
        return None, []
    at, zone = asked.at or FIRST_HOUR, zones.find(asked.zone or ("UTC" if frequency == "instant" else ""))
    wrong: list[Problem] = []
    if at not in HOURS:
        wrong.append("at")
    if zone is None:
        wrong.append("zone")
    if wrong or zone is None:
        return None, wrong
    hour = time(0) if frequency == "instant" else time.fromisoformat(at)
    return Slot(frequency=frequency, at=hour, zone=zone), []  # type: ignore[arg-type]


def is_blocked(address: Address, domains: Collection[str]) -> bool:
    """Whether an address is at one of these domains, or below."""
    labels = address.domain.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def counted_as(address: Address) -> str:
    """Name the mailbox that an address is counted as: what follows a + does not make another one.

    It is the address itself where nothing follows a +, but for small letters and quotes.
    """
    local = addresses.unquote(address.local.casefold())
    local = local.partition("+")[0] or local
    if address.domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{address.domain}"
