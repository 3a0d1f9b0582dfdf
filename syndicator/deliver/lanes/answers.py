"""What the end of an attempt says about the lane it went over, and not about the letter. Pure.

The table of it is in docs/delivery.md. Most refusals speak of one recipient and leave the lane alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator.deliver.bounce.judge import judged
from syndicator.model import Sign

if TYPE_CHECKING:
    from syndicator.deliver.transport import Outcome


_STATUS: Final = re.compile(r"(?<![\d.])4\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_OF_A_MAILBOX: Final = "2"  # the subject of an enhanced status, RFC 3463 3.3
_THROTTLED: Final = range(500, 700)  # Outlook's 4.7.5xx and 4.7.6xx: server busy, too many requests
_LOGIN: Final = frozenset({530, 534, 535, 538})  # RFC 4954 6, and two of its forerunner
_OF_A_SENDER: Final = frozenset({550, 553, 554})
_OF_A_LETTER: Final = re.compile(r"(?<![\d.])5\.(?:2\.3|3\.4|6\.\d{1,3})(?![\d.])")  # its size, its form
_RATE: Final = frozenset({"rate", "connections"})  # reasons of `bounce.reasons`


def sign_of(outcome: Outcome) -> Sign:
    """Read an outcome: `step` says how far the dialogue had come, code and words what the server said."""
    match outcome.kind, outcome.step:
        case "accepted", _:
            return Sign.FINE
        case _, "login":
            return Sign.LOGIN
        case _, "crowd":
            return Sign.OURS
        case "uncertain", _:
            return Sign.BUSY
        case "refused", _ if outcome.code:
            return Sign.OURS if judged(outcome.reply).verdict == "ours" else Sign.FINE
        case _:
            return _sign_of_deferred(outcome)


def _sign_of_deferred(outcome: Outcome) -> Sign:
    match outcome.step:
        case "connect":
            return _status(outcome) or _not_us(outcome) or (Sign.BUSY if outcome.code == 421 else Sign.DOWN)
        case "MAIL" if sign := _not_us(outcome):
            return sign
        case _:
            return (_status(outcome) or _code(outcome)) if outcome.code else Sign.LETTER


def is_mere_end(outcome: Outcome) -> bool:
    """Whether a used connection only came to its end: without a word, or by a 421 that asks for no pause."""
    return not outcome.code or _status(outcome) in (None, Sign.LETTER)


def _status(outcome: Outcome) -> Sign | None:
    """Read the enhanced status, where it tells more than the reply code."""
    found = _STATUS.search(outcome.reply)
    if found is None:
        return None
    subject, detail = found[1], int(found[2])
    if (subject, detail) == ("7", 28):
        return Sign.SILENCE
    if subject == "7" and detail in _THROTTLED:
        return Sign.SLOW
    return Sign.LETTER if subject == _OF_A_MAILBOX and outcome.code != 421 else None


def _not_us(outcome: Outcome) -> Sign | None:
    """Read a final no that comes before any recipient was named: it wants a login, or it does not want us."""
    if outcome.code in _LOGIN:
        return Sign.LOGIN
    if not 500 <= outcome.code <= 599 or _OF_A_LETTER.search(outcome.reply):
        return None
    if outcome.step == "MAIL" and outcome.code in _OF_A_SENDER:
        return Sign.OURS
    return Sign.OURS if judged(outcome.reply).verdict == "ours" else None


def _code(outcome: Outcome) -> Sign:
    match outcome.code:
        case 421:
            return Sign.BUSY
        case 452:
            return Sign.SLOW
        case 454 if outcome.step in ("message", "MAIL", "DATA"):
            return Sign.SLOW
        case code if 400 <= code < 500 and judged(outcome.reply, final=False).reason in _RATE:
            return Sign.SLOW
        case _:
            return Sign.LETTER
