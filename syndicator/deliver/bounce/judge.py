"""What a refusal means: from the words and codes of whoever refused to a row of the table. Pure.

The reading errs on one side: a reader who is wrongly suppressed is lost, a dead address that is kept costs
one more refusal.
"""

from __future__ import annotations

import re
from typing import Final

from syndicator.deliver.bounce.phrases import PHRASES, compiled
from syndicator.deliver.bounce.reasons import BY_NAME, BY_STATUS, REASONS, REFUSED, UNKNOWN, Reason
from syndicator.model import Refusal

MAX_SAID: Final = 4_000
"""Characters of one explanation that are read."""

_WORDS: Final = [(reason, compiled(PHRASES[reason.name])) for reason in REASONS]
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\w.#:-])([2-5][0-5]\d)(?=[ -]|$|:)")
_LONG = re.compile(r"(\S{60})\S+")
# Addresses and links: their words are nobody's verdict.
_NAMES = re.compile(r"<[^<>\s]{0,300}>|[^\s<>]{1,200}@[^\s<>]{1,200}|https?://\S{1,300}|www\.\S{1,300}")
_VAGUE: Final = frozenset({"", "0.0", "1.0", "2.0", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4"})
_TO_DATA = re.compile(
    r"(?:in reply|in response) to (?:end of )?data|after (?:end of data|i sent the message)"
    r"|>>> data (?:\S+ )?<<< 5|smtp command\W{1,3}data\b"
)
_PIPELINED = re.compile(r"no valid recipients|need rcpt")
_NAMELESS = re.compile(r"(?:^|\W)5\d\d:? ?: ?user unknown")
_AT_MAIL = re.compile(
    r"(?:in reply to|after) (?:mail from|initial connection|helo|ehlo|pipelined mail)|my name was rejected"
    r"|but sender was rejected|>>> mail from:[^>]{0,300}<<< 5"
)
# What tells more than its words do, asked first and with links and addresses in place.
_CERTAIN: Final = (
    (re.compile(r"groups\.google\.com/support"), "policy"),  # the group may be gone, or not be open to us
    (
        re.compile(
            r"https?://\S{0,200}(?:spamhaus|spamcop|spamrats|barracuda|sorbs|dnsbl|/rbl|black-?list|block-?list)"
        ),
        "reputation",
    ),
    (re.compile(r"^x-unix;|command output:|\b(?:procmail|maildrop): "), "system"),
    (re.compile(r"account or domain may not exist"), "refused"),  # or something else: the sentence goes on
)


def judged(
    said: str, *, more: str = "", status: str = "", reply_code: str = "", final: bool = True
) -> Refusal:
    """Judge a refusal by what was `said`, by the codes of a report, and by what stands beside it (`more`).

    `final` says whether whoever tried has given up. Codes in the words are nearer to the truth than those of
    the report around them; what stands beside it is asked where it says nothing itself.
    """
    said, more = said[:MAX_SAID], more[:MAX_SAID]
    found, reply = _codes(said)
    reported = _STATUS.search(status)
    outer = reported[0] if reported else ""
    reply = reply or reply_code
    reason = _reason(said, more, (found, outer), reply)
    if reason.name == "user-unknown" and _is_to_data(said, more) and not _says_address(found, outer):
        reason = BY_NAME["filtered"]
    if not found and not reply:
        found, reply = _codes(more)
    return Refusal(
        reason=reason.name,
        verdict=reason.verdict,
        hard=reason.hard and final,
        status=found if found and (_detail(found) not in _VAGUE or not outer) else outer,
        reply_code=reply,
        final=final,
    )


def plain(said: str) -> str:
    """Make the one line that phrases are looked for in."""
    line = " ".join(said[:MAX_SAID].split()).lower().replace("\u2019", "'")
    return _LONG.sub(r"\1", " ".join(_NAMES.sub(" ", line).split()))


def _codes(said: str) -> tuple[str, str]:
    """Find the enhanced status that says most, and the reply code, in somebody's words."""
    statuses = [found[0] for found in _STATUS.finditer(said)]
    telling = [each for each in statuses if _detail(each) not in _VAGUE and not each.startswith("2")]
    reply = _REPLY.search(said)
    return (telling or statuses or [""])[0], reply[1] if reply else ""


def _detail(status: str) -> str:
    return status.partition(".")[2]


def _is_to_data(said: str, more: str) -> bool:
    """Whether it was the message that was refused, after its recipient had been taken."""
    beside = plain(more)
    if _PIPELINED.search(beside):  # the transcript shows DATA, which went out with RCPT
        return False
    return bool(_TO_DATA.search(plain(said)) or _TO_DATA.search(beside))


def _says_address(*statuses: str) -> bool:
    return any(_detail(each).startswith("1.") and _detail(each) not in _VAGUE for each in statuses)


def _reason(said: str, more: str, statuses: tuple[str, str], reply: str) -> Reason:
    found, outer = statuses
    if worded := _worded(said):
        return worded
    if coded := _coded(found):
        return coded
    elsewhere = (_coded(outer) if said else None) or _worded(more) or _coded(outer)
    if elsewhere is not None and not (elsewhere.hard and said and reply):
        return elsewhere
    if _AT_MAIL.search(plain(said)):
        return BY_NAME["policy"]
    if reply == "552":
        return BY_NAME["mailbox-full"]
    return REFUSED if (reply or found or outer).startswith("5") else UNKNOWN


def _coded(status: str) -> Reason | None:
    detail = _detail(status)
    if status[:1] not in ("4", "5"):
        return None
    return BY_STATUS.get(detail) or (BY_NAME["policy"] if detail.startswith("7.") else None)


def _worded(said: str) -> Reason | None:
    lower = " ".join(said.lower().split())
    certain = next((name for pattern, name in _CERTAIN if pattern.search(lower)), "")
    if certain:
        return BY_NAME[certain]
    line = plain(said)
    found = next((reason for reason, words in _WORDS if words.search(line)), None)
    if found and (found.hard or found.name == "expired") and _AT_MAIL.search(line):
        return BY_NAME["policy"]
    if found and found.hard and _NAMELESS.search(lower):
        return BY_NAME["filtered"]
    return found
