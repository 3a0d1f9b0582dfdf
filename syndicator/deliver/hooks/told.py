"""What all providers' reports are read with, and what is made of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from syndicator.deliver.bounce.judge import judged
from syndicator.deliver.bounce.reasons import BY_NAME
from syndicator.deliver.bounce.status import one_address
from syndicator.model import Refusal, Return, Returned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import ReturnKind

MAX_EVENTS: Final = 5_000
"""Events of one report; more are not looked at."""

WINDOW: Final = timedelta(hours=25)
"""How old a signed report may be: providers that get no answer try again for up to a day."""

AHEAD: Final = timedelta(minutes=5)
"""How far a provider's clock may be before ours."""

MAX_EXCERPT: Final = 500  # characters
COMPLAINT: Final = Refusal(reason="complaint", verdict="dead", hard=False)
OUR_SIGNING: Final = Refusal(reason="auth", verdict="ours", hard=False)
_TOLD_BADLY: Final = ("unknown", "refused")
_ID = re.compile(r"<?([^<>\s]{3,500})>?")


@dataclass(frozen=True, slots=True)
class Posted:
    """A request: its body, its header by names in lower case, and the values in its address."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `id` is the provider's own and the same when it is told again."""

    id: str
    back: Return
    message_id: str = (
        ""  # of our mail, with its angle brackets; some providers put one of theirs in its place
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """A report that is the provider's. `once` is what no second report may have; `visit` is to be asked."""

    events: tuple[Told, ...] = ()
    once: str = ""
    visit: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a report is not taken, with the status of HTTP; the words are for our log."""

    status: int
    why: str


UNREADABLE: Final = Refused(400, "the body is no JSON of the kind that this provider sends")


def document(body: bytes | str) -> Any:
    """Read JSON; None if it is none, or nested without end."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def within(value: Any, *path: str) -> Any:
    """Go down a path of keys; None where it ends early."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str, limit: int = 4_000) -> str:
    """Read a string or a number at a path, without NUL, which no database takes; else an empty one."""
    found = within(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found)[:limit].replace("\0", "").encode("utf-8", "replace").decode()


def listed(value: Any, *path: str) -> list[Any]:
    """Read a list at a path, `MAX_EVENTS` of it at most; else an empty one."""
    found = within(value, *path)
    return found[:MAX_EVENTS] if isinstance(found, list) else []


def is_fresh(seconds: str, now: datetime) -> bool:
    """Whether an instant, in seconds since 1970, is neither too old nor in the future."""
    if not re.fullmatch(r"\d{1,11}(?:\.\d{1,9})?", seconds, re.ASCII):
        return False
    return now - WINDOW <= datetime.fromtimestamp(float(seconds), tz=UTC) <= now + AHEAD


def failure(
    said: str,
    *,
    status: str = "",
    reply_code: str = "",
    named: str = "unknown",
    hard: bool = False,
    final: bool = True,
) -> Refusal:
    """Judge a refusal by the server's words; `named` is the row of the table for the provider's own.

    That row counts where the words say nothing, and where it says that it is us who are not wanted. One
    refusal is enough only if the provider calls it `hard` and the table does too.
    """
    found, row = judged(said, status=status, reply_code=reply_code, final=final), BY_NAME[named]
    if found.reason in _TOLD_BADLY or (row.verdict == "ours" and found.verdict != "ours"):
        found = replace(found, reason=row.name, verdict=row.verdict, hard=row.hard)
    return replace(found, hard=found.hard and hard and final)


def told(
    id_: str,
    kind: ReturnKind,
    address: str,
    refusal: Refusal | None = None,
    *,
    sender: str = "",
    message_id: str = "",
    clues: tuple[str, ...] = (),
    said: str = "",
) -> Told | None:
    """Make an event; None where nothing says which it is, or whom it is about."""
    known, name = one_address(address), _ID.fullmatch(message_id.strip())
    if not id_ or not known:
        return None
    back = Return(
        kind=kind,
        recipients=(Returned(address=known, refusal=refusal),) if refusal else (),
        sent_to=tuple(each for each in (one_address(sender),) if each),
        clues=clues,
        excerpt=" ".join(said.split())[:MAX_EXCERPT],
        named=known,
    )
    return Told(id_, back, f"<{name[1]}>" if name else "")
