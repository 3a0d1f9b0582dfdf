"""What a refusal at SMTP time says about the address, by the table that bounces are judged by. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator.deliver.bounce.judge import judged

if TYPE_CHECKING:
    from syndicator.model import Refusal

_PASSING: Final = re.compile(r"\s*4\.\d{1,3}\.\d{1,3}\b")


def refusal(code: int, reply: str) -> Refusal:
    """Judge the answer to RCPT or to the message; it is final where both of its codes are.

    `code` is the reply code, `reply` the text after it, an enhanced status first if the server gave one.
    """
    final = 500 <= code <= 599 and not _PASSING.match(reply)
    return judged(f"{code} {reply}", final=final)


def suppression(code: int, reply: str) -> str:
    """Name the reason to write to an address no more, from one such answer; empty where one is not enough."""
    found = refusal(code, reply)
    return found.reason if found.hard else ""
