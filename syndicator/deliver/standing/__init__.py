"""Pure: how our mail stands with those who receive it, judged by records of the DNS and by what servers say.

A judge is a function of the facts and of `ask`, which looks an answer up. Where there is none yet it raises
`Missing`, and whoever called it asks the DNS and calls it again: judges know no network, and tests need none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["ok", "look", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it; `wrong` is what keeps mail or readers away."""

    check: str  # `spf`
    level: Level
    said: str
    remedy: str = ""


class Question(NamedTuple):
    """What is asked of the DNS: a name and a type of record."""

    name: str
    kind: str  # A, AAAA, MX, PTR, TXT


@dataclass(frozen=True, slots=True)
class Answer:
    """The records (strings of a TXT joined, `10 host` of an MX); `trouble`: none could be had, and why."""

    values: tuple[str, ...] = ()
    trouble: str = ""


class Missing(Exception):
    """The answer to `question` is not known yet."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.question = question


Ask: TypeAlias = Callable[[str, str], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How our mail leaves. Domains are ASCII and in lower case."""

    domain: str  # of From
    envelope: str  # of the envelope's sender, which SPF looks at and bounces come to
    keys: tuple[SigningKey, ...] = ()
    addresses: tuple[str, ...] = ()  # that receivers see mail come from, as far as we know
    is_direct: bool = False  # from these addresses to the receivers, and not by a provider


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of ours, and the record that should be in the DNS."""

    domain: str
    selector: str
    record: str


Judge: TypeAlias = Callable[[Sending, Ask], list[Finding]]


def tags(record: str) -> dict[str, str]:
    """Read `a=1; b=2` (RFC 6376 3.2), white space removed; the names in lower case."""
    parts = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in parts if name.strip()}
