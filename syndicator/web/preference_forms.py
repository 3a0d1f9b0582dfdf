"""What the forms of a reader's page send, read into what the program knows; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, cast, get_args
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

from syndicator import address
from syndicator.model import Format, Frequency, Slot
from syndicator.pipeline import signup_wish
from syndicator.pipeline.preferences import Choice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from syndicator.address import Address

LONGEST_PAUSE: Final = timedelta(days=366)
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,9})?)?", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(eq=False)
class Fault(Exception):
    """A field that says nothing we can do; `field` names it, and the template has the words."""

    field: str


def own_name(language: str) -> str:
    """Name a language in itself: Deutsch, 中文."""
    name = Locale.parse(language, sep="-").get_display_name() or language
    return name[:1].upper() + name[1:]


def read_choice(form: Mapping[str, str], *, languages: Collection[str]) -> Choice:
    """Read when and how mails are to come. Raises Fault."""
    language, format_ = form.get("language", ""), form.get("format", "")
    if language and language not in languages:
        raise Fault("language")
    if format_ not in get_args(Format):
        raise Fault("format")
    return Choice(slot=_slot(form), language=language, format=cast("Format", format_))


def _slot(form: Mapping[str, str]) -> Slot | None:
    frequency, at, zone = (form.get(name, "") for name in ("frequency", "at", "zone"))
    if not frequency:
        return None
    if frequency not in get_args(Frequency):
        raise Fault("frequency")
    found = _TIME.fullmatch(at)
    if found is None:
        raise Fault("at")
    if zone not in available_timezones():
        raise Fault("zone")
    return Slot(frequency=cast("Frequency", frequency), at=time(int(found[1]), int(found[2])), zone=zone)


def read_until(text: str, zone: str, now: datetime) -> datetime | None:
    """Read when a pause ends: the beginning of a day at `zone`, or None if it has no end. Raises Fault."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise Fault("until")
    try:
        end = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        raise Fault("until") from None
    if not now < end <= now + LONGEST_PAUSE:
        raise Fault("until")
    return end


def read_address(text: str) -> str:
    """Read an e-mail address as it stands on the wire. Raises Fault."""
    found = address.parse(text.strip())
    if found is None:
        raise Fault("address")
    return str(found)


def read_new_address(text: str) -> Address:
    """Read the address that somebody wants their mails at: one that may sign up. Raises Fault."""
    found = signup_wish.read_address(text.strip())
    if found is None:
        raise Fault("address")
    return found
