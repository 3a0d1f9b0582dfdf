"""A test mail as it came to a mailbox, judged: what changed on the way, and what the receiver thought.

Pure; see `standing`. Only the topmost Authentication-Results is read: those below anybody can write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator import address
from syndicator.deliver.standing import Finding, Sending, SigningKey
from syndicator.deliver.standing.records import alignment, dmarc
from syndicator.deliver.standing.signature import signatures, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.deliver.standing import Ask, Level
    from syndicator.deliver.standing.signature import Field, Signature

MAX_BYTES: Final = 1024 * 1024  # a digest has a tenth of that
ONCE: Final = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")
ONE_CLICK: Final = ("list-unsubscribe", "list-unsubscribe-post")
LONGEST: Final = 998  # octets of a line, RFC 5322 2.1.1
_RESULT: Final = re.compile(r"(?:^|[;\s])(spf|dkim|dmarc)\s*=\s*([a-z]+)")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_ANGLE: Final = re.compile(r"<([^<>]*)>\s*$")
_URI: Final = re.compile(r"<(https?://[^<>\s]+)>")
_SPAM: Final = re.compile(r"\s*(yes|true)\b", re.IGNORECASE)


def judge(raw: bytes, ask: Ask) -> list[Finding]:
    """Judge a mail as it lies in a mailbox. Raises `Missing` where a record is to be asked for."""
    fields, body = split(raw)
    senders = values(fields, "from")
    sender = _mailbox(senders[0]) if len(senders) == 1 else None
    if sender is None:
        said = f"it has {len(senders)} From fields that can be read as one address" if senders else "no From"
        return [
            Finding("mail", "wrong", said, "give the whole source of the mail, as it lies in the mailbox")
        ]
    made = signatures(fields, body, ask)
    good = [each for each in made if not each.fault]
    envelope = next((_mailbox(each) for each in values(fields, "return-path")), None)
    sending = Sending(
        domain=sender.domain.lower(),
        envelope=(envelope or sender).domain.lower(),
        keys=tuple(SigningKey(each.domain, each.selector, "") for each in good),
    )
    return [
        *_header(fields, raw),
        *_signed(made, bool(good)),
        *alignment(sending, ask),
        *dmarc(sending, ask),
        *_receiver(fields),
        _one_click(fields, good),
    ]


def values(fields: Sequence[Field], name: str) -> list[str]:
    """Give the values of the fields with this name, unfolded."""
    wanted = name.encode()
    return [
        rest[1:].replace(b"\r\n", b"").decode("utf-8", "replace").strip()
        for each, rest in fields
        if each.strip().lower() == wanted
    ]


def link(raw: bytes) -> str:
    """Find the address that leaves the list, as a mail program does; empty if there is none."""
    fields, _ = split(raw)
    found = [uri for value in values(fields, "list-unsubscribe") for uri in _URI.findall(value)]
    return found[0] if found else ""


def _mailbox(value: str) -> address.Address | None:
    angle = _ANGLE.search(value)
    return address.parse(angle[1].strip() if angle else value)


def _header(fields: Sequence[Field], raw: bytes) -> list[Finding]:
    names = [name.strip().lower().decode("ascii", "replace") for name, _ in fields]
    wrong = [name for name in ONCE if names.count(name) != 1]
    longest = max(map(len, re.split(rb"\r?\n", raw)))
    if wrong:
        said = f"not exactly once there: {', '.join(wrong)}"
        return [Finding("header", "wrong", said, "look what on the way adds or removes fields")]
    if longest > LONGEST:
        said = f"a line has {longest:,} octets, and {LONGEST} are allowed"
        return [
            Finding("header", "wrong", said, "look what on the way joins lines: our mails have none longer")
        ]
    return [Finding("header", "ok", f"whole, {len(fields)} fields; no line is too long")]


def _signed(made: Sequence[Signature], is_good: bool) -> list[Finding]:
    if not made:
        todo = "sign with mail.dkim, or at your mail server: syndicator dkim new config/dkim.pem"
        return [Finding("dkim", "wrong", "the mail carries no signature", todo)]
    found = []
    for each in made:
        name = f"{each.domain or '?'} ({each.selector or '?'})"
        if not each.fault:
            found.append(Finding("dkim", "ok", f"the signature of {name} verifies"))
            continue
        level: Level = "look" if is_good else "wrong"
        todo = "publish what `syndicator dkim show` prints; let nothing behind the signer change mails"
        found.append(Finding("dkim", level, f"the signature of {name}: {each.fault}", todo))
    return found


def _receiver(fields: Sequence[Field]) -> list[Finding]:
    """Tell what the receiver's own server found."""
    found = []
    told = values(fields, "authentication-results")
    results = dict(reversed(_RESULT.findall(_COMMENT.sub("", told[0]).lower()))) if told else {}
    if not results:
        said = "the receiver noted no results (Authentication-Results)"
        found.append(Finding("results", "look", said, "try a mailbox at a large provider as well"))
    for method, result in sorted(results.items()):
        if result == "pass":
            found.append(Finding(f"{method}-result", "ok", f"the receiver says: {method} {result}"))
            continue
        level: Level = "look" if result in ("none", "neutral", "temperror") else "wrong"
        todo = f"see what `syndicator doctor` says of {method}"
        found.append(Finding(f"{method}-result", level, f"the receiver says: {method} {result}", todo))
    flags = [*values(fields, "x-spam-flag"), *values(fields, "x-spam-status")]
    if any(_SPAM.match(each) for each in flags):
        todo = "read the rules that it names; tell readers to add you to their contacts"
        found.append(Finding("spam", "wrong", "the receiver takes it for spam", todo))
    return found


def _one_click(fields: Sequence[Field], good: Sequence[Signature]) -> Finding:
    lacks = [name for name in ONE_CLICK if not values(fields, name)]
    if lacks:
        todo = "set site.base_url to an https address; without it mail programs show no button (RFC 8058)"
        return Finding("one-click", "look", f"the mail has no {' and no '.join(lacks)}", todo)
    if not any(set(ONE_CLICK) <= set(each.covers) for each in good):
        todo = "sign with mail.dkim, which covers them: receivers ignore a button that nobody signed"
        return Finding("one-click", "wrong", "no good signature covers the fields of the button", todo)
    return Finding("one-click", "ok", "a signature covers the fields of the button")
