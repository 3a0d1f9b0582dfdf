"""What a mail is: an issue, or one of those that must never become an article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from syndicator.parse.newsletter import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.parse.newsletter.facts import Facts
    from syndicator.parse.newsletter.mime import Part

Kind: TypeAlias = Literal["issue", "confirmation", "welcome", "loop", "other"]

_SHORT: Final = 2_500  # characters of a mail that only asks to confirm
_SHORTER: Final = 3_500  # and of one that greets
_HEAD: Final = 600  # where what a mail is about is said
_HEADLINE: Final = 25  # characters of a link's words, at least
_HAN: Final = "[\u4e00-\u9fff]"
_OWN_ID: Final = re.compile(r"[A-Za-z0-9._-]+\.\d+@(?P<domain>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """By what we know our own mail: the addresses that we send from, and where our pages are."""

    addresses: tuple[str, ...] = ()
    base_url: str = ""


class Verdict(NamedTuple):
    """What a mail is, and a line for an admin where it is no issue."""

    kind: Kind
    note: str = ""
    confirm_url: str = ""


def automatic(part: Part, facts: Facts, own: Own) -> Verdict | None:
    """Decide what the header alone decides: our own mail, bounces, automatic answers."""
    if _is_ours(facts, own):
        return Verdict("loop", f"one of our own digests came back: {facts.subject}")
    bounced = part.type == "multipart/report" or part.raw_field("Return-Path").replace(" ", "") == "<>"
    if bounced:
        return Verdict("other", f"a report of a mail server, not read: {facts.subject}")
    submitted = part.raw_field("Auto-Submitted").lower()
    # `auto-generated` is no sign: newsletters say it too, ours among them (RFC 3834 5).
    if submitted.startswith(("auto-replied", "auto-notified")) or _answers(part):
        return Verdict("other", f"an automatic answer, not read: {facts.subject}")
    return None


def told(facts: Facts, text: str, links: Sequence[tuple[str, str]], *, is_first: bool) -> Verdict:
    """Decide what the words decide; `links` are (words, address), `text` is what is read.

    `is_first` if no issue has come yet: only then is a mail that merely bids welcome no issue.
    """
    subject, head = facts.subject.lower(), " ".join(text[:_HEAD].lower().split())
    asks = phrases.CONFIRM.search(subject) or (
        len(text) <= _SHORT // 2 and not facts.archived_at and phrases.CONFIRM.search(head)
    )
    if asks and len(text) <= _SHORT:
        confirm_url = _confirming(links)
        if confirm_url or not links or _asks_for_answer(head):
            return Verdict("confirmation", _asked(facts, confirm_url), confirm_url)
    if _greets(facts, text, links, is_first=is_first):
        return Verdict("welcome", f"a greeting to a new subscriber, not published: {facts.subject}")
    return Verdict("issue")


def _greets(facts: Facts, text: str, links: Sequence[tuple[str, str]], *, is_first: bool) -> bool:
    """Whether a mail only greets a new subscriber. Issues that open with a welcome are many."""
    if len(text) > _SHORTER or facts.archived_at:
        return False
    lines = [facts.subject.lower(), *_lines(text)]
    if any(phrases.SUBSCRIBED.search(line) for line in lines):
        return is_first or (len(text) <= _SHORT // 2 and not _lists_articles(links))
    return is_first and any(phrases.WELCOME.search(line) for line in lines) and not _lists_articles(links)


def _lists_articles(links: Sequence[tuple[str, str]]) -> bool:
    """Whether at least three links have the length of headlines."""
    named = {url for words, url in links if len(words) >= _HEADLINE or len(re.findall(_HAN, words)) >= 8}
    return len(named) >= 3


def _lines(text: str) -> list[str]:
    return [" ".join(line.lower().split()) for line in text[:_HEAD].split("\n")]


def _is_ours(facts: Facts, own: Own) -> bool:
    senders = {sender.lower() for sender in own.addresses}
    if facts.sender in senders or not senders.isdisjoint(facts.handed_on_by):
        return True
    if own.base_url and any(url.startswith(_leave(own)) for url in facts.leave_urls):
        return True
    domains = {sender.rpartition("@")[2] for sender in senders}
    named = _OWN_ID.fullmatch(facts.guid.lower())
    # From may have been rewritten by a list on the way; the identifiers of our digests are not.
    return bool(named and named["domain"] in domains and facts.list_id.endswith("." + named["domain"]))


def holds_our_link(links: Sequence[tuple[str, str]], text: str, own: Own) -> bool:
    """Whether a reader's own link to leave us stands in it: a list or a person has handed our digest on."""
    return bool(own.base_url) and (
        any(url.startswith(_leave(own)) for _, url in links) or _leave(own) in text
    )


def _leave(own: Own) -> str:
    return f"{own.base_url}/unsubscribe/"


def _answers(part: Part) -> bool:
    precedence = part.raw_field("Precedence").lower()
    return precedence == "auto_reply" or any(
        part.raw_field(name).lower() not in ("", "no")
        for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    )


def _confirming(links: Sequence[tuple[str, str]]) -> str:
    for words, url in links:
        if phrases.CONFIRM_LINK.search(words.lower()) and not phrases.LEAVE.search(words.lower()):
            return url
    for words, url in links:
        if phrases.CONFIRM_URL.search(url[:500].lower()) and not phrases.LEAVE.search(words.lower()):
            return url
    return ""


def _asks_for_answer(head: str) -> bool:
    return bool(re.search(r"\breply\b|\banswer\b|antworten|répond|回复|回覆", head))


def _asked(facts: Facts, url: str) -> str:
    sender = facts.sender_name or facts.sender or "a newsletter"
    how = "open its link" if url else "it names no link: read the mail and answer it"
    return f"{sender} asks to confirm the subscription ({facts.subject}); {how}"
