"""The table of reasons: what each means for an address, and which codes stand for it.

One table for refusals at SMTP time and for mails that come back. Words come before codes, since servers give
codes loosely, and the rows stand in the order in which they are asked: first what says that it is *we* who
are not wanted, so that no such refusal is ever taken for a dead address; then what a server says about a
mailbox that exists; then that there is none; at last what may pass. The words are in `phrases`.

RFC 3463 and the IANA registry of enhanced status codes, RFC 7505 (null MX), RFC 7372 (authentication).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from syndicator.model import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One row. `statuses` are enhanced codes without their class, parted by blanks."""

    name: str
    verdict: Fate
    hard: bool = False  # one such refusal is enough to write no more
    statuses: str = ""


REASONS: Final = (
    Reason(name="auth", verdict="ours", statuses="7.20 7.21 7.22 7.23 7.24 7.26 7.30 7.31 7.32 7.509 7.515"),
    Reason(name="ptr", verdict="ours", statuses="7.25"),
    Reason(name="tls", verdict="ours", statuses="7.10 7.29"),
    Reason(name="connections", verdict="ours"),
    Reason(name="rate", verdict="ours", statuses="7.28"),
    Reason(name="content", verdict="ours", statuses="6.0 6.1 6.2 6.3 6.4 6.5 6.6 6.7"),
    Reason(name="spam", verdict="ours", statuses="7.703 7.350"),
    Reason(name="reputation", verdict="ours", statuses="7.606 7.511 7.708 7.750"),
    Reason(
        name="policy",
        verdict="ours",
        statuses="1.7 1.8",  # the sender's; any other 7.x is policy too
    ),
    Reason(name="mailbox-full", verdict="deferred", statuses="2.2"),
    Reason(name="too-large", verdict="deferred", statuses="2.3 3.4"),
    Reason(name="disabled", verdict="dead", statuses="2.1 7.13"),
    Reason(name="filtered", verdict="dead"),
    Reason(name="not-accepting", verdict="dead", hard=True),
    Reason(name="moved", verdict="dead", hard=True, statuses="1.6"),
    Reason(name="host-unknown", verdict="dead", hard=True, statuses="1.2 4.310"),
    Reason(name="user-unknown", verdict="dead", hard=True, statuses="1.1 1.3 1.10 1.351 0.911"),
    Reason(name="loop", verdict="deferred", statuses="4.6 4.8"),
    Reason(name="expired", verdict="deferred", statuses="4.7"),
    Reason(name="network", verdict="deferred", statuses="4.1 4.2 4.3 4.4 4.5 4.312 4.316 4.317"),
    Reason(name="greylisted", verdict="deferred"),
    Reason(name="system", verdict="deferred", statuses="3.0 3.1 3.2 3.3 3.5 2.4"),
)
UNKNOWN: Final = Reason(name="unknown", verdict="deferred")
REFUSED: Final = Reason(name="refused", verdict="dead")
"""A final no without a word that we know: a mark against the address, one of several that are needed."""

BY_NAME: Final = {each.name: each for each in (*REASONS, UNKNOWN, REFUSED)}
BY_STATUS: Final = {status: each for each in REASONS for status in each.statuses.split()}
