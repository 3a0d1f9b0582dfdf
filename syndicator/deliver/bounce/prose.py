"""Bounces in words: who could not be reached, and what is said about each (qmail, Exim, Exchange, Yahoo …).

No format of a single mailer is known here, but what they have in common: an address stands at the beginning
of a line or after words that announce it, the reason is beside or below it, and at last comes a copy of our
mail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator.deliver.bounce.phrases import compiled
from syndicator.deliver.bounce.status import MAX_RECIPIENTS, one_address

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MAX_LINES: Final = 400
MAX_LINE: Final = 1_000
MAX_SECTION: Final = 40  # lines about one recipient

# Where our own mail begins; asked of a line in lower case, without what it is adorned with.
_COPY = compiled(r"""
    below this line  (?:this|here|below|included|enclosed|attachment|following)\b.{0,30}\bcopy of
    (?:the )?(?:headers?|text|first \d{1,6} lines|content) (?:of|from) (?:the|your) (?:original|message|mail)
    (?:begin(?:ning)? of )?(?:the )?(?:original|unsent|returned|undelivered|transmitted|source|
        rejected) (?:e-?mail )?(?:message|mail) ?(?:headers?|text|body|contents?|follows|is attached|
        begins|starts|attached)?\W{0,40}(?:follows?|below)?\W{0,40}$
    (?:original )?message (?:headers?|text|contents?|body)\W{0,10}(?:follows?|below)?\W{0,40}$
    original message\b  start of (?:the )?(?:original|message|returned)  mensaje original  forwarded message
    the original message (?:follows|was attached)  ursprüngliche nachricht  message d'origine
    message original  元のメッセージ  原(?:始)?邮件  原信  原文  исходное (?:сообщение|письмо)
""")
_ADORNED = re.compile(r"^\W{0,40}")
_FIELD_OF_COPY = re.compile(
    r"(?:Received|Return-Path|DKIM-Signature|X-Google-Smtp-Source): ?\S", re.IGNORECASE
)
_ADDRESS: Final = r"""([^\s<>"'(),;:\[\]{}=]{1,64}@[A-Za-z0-9_.\[\]:\u00a1-\uffff-]{1,255})"""
_BEFORE: Final = r"""["'<(\[]{0,3}(?:mailto:)?"""
_LEADING = re.compile(
    r"(?i)^[\s>*|•·-]{0,12}(?:[45]\d\d (?:\d\.\d\.\d )?(?=<))?"
    r"(?:(?:(?:failed |final |original |intended )?(?:recipient|addressee|address|user|mailbox"
    r"|收件人|収信者|宛先"
    r"|empfänger|destinataire|destinatario)(?:'s)?(?: (?:address|e-?mail(?: address)?))?(?:\(s\))?|rcpt ?to"
    r"|x-failed-recipients)\s?[:：]\s{0,8})?" + _BEFORE + _ADDRESS
)
_ANNOUNCED = re.compile(
    r"(?i)(?:rcpt to:\s?|recipients?:?\s|undeliverable to:?\s|delivered to:?\s|delivery to\s"
    r"|deliver(?:ing)? (?:\S{1,60} ){0,4}to\s|user(?:id)?:?\s|message to:?\s|mail to:?\s|size:\s|address:?\s"
    r"|attempts:\s|could not be found:?\s|account:?\s|email:?\s|reach\s|\bto:?\s)" + _BEFORE + _ADDRESS
)
_ANY = re.compile(_ADDRESS)
_EXPANDED = re.compile(r"(?i)\(expanded from:?\s{1,8}" + _BEFORE + _ADDRESS)
_NOBODY = re.compile(r"(?:mailer-daemon|postmaster|postoffice|abuse|support|help|helpdesk|no-?reply|root)@")
_OWN_FIELD = re.compile(
    r"(?i)^[\s>]{0,6}(?:from|to|cc|bcc|date|subject|reply-to|sender|message-id|mail from|de|von|return-path"
    r"|envelope-from)\s?[:：]"
)
_REPLY = re.compile(r"[45]\d\d ")
_QUOTE = re.compile(r"^> ?")
_HERE = re.compile(
    r"(?i)did not reach|following (?:recipient|address|e-?mail address)"
    r"|(?:could|can|was) ?not (?:be )?delivered to|permanent fatal errors"
)


def unquoted(text: str) -> str:
    """Take off the marks of quotation of a report that somebody passed on, and the header before it."""
    lines = text.split("\n", MAX_LINES)
    quoted = sum(line.startswith(">") for line in lines)
    if 3 * quoted <= len(lines):
        return text
    whole = "\n".join(_QUOTE.sub("", line) for line in lines if line.startswith(">"))
    return whole.partition("\n\n")[2] or whole


def told(text: str) -> str:
    """Give what the mailer itself says: the text before the copy of our mail."""
    kept: list[str] = []
    for whole in text.split("\n", MAX_LINES)[:MAX_LINES]:
        line = whole[:MAX_LINE].rstrip()
        if kept and (_COPY.match(_ADORNED.sub("", line.lower())) or _FIELD_OF_COPY.match(line)):
            break
        kept.append(line)
    return "\n".join(kept).strip()


def about(text: str, ours: Collection[str], known: Collection[str] = ()) -> list[tuple[str, str]]:
    """Find who could not be reached, each with what is said about them, in the order of the text.

    `ours` are addresses (lower case) that the report went to: nobody's failure, unless `known` names them.
    `known` are recipients that a header field gave; then nobody else is looked for.
    """
    here = _HERE.search(text)
    for avoided in (_NOBODY, None):
        for part in (text[here.start() :], text) if here else (text,):
            lines = part.split("\n")
            for pattern in (_LEADING, _ANNOUNCED, _ANY):
                places: dict[str, list[int]] = {}
                for number, folded in _found(lines, pattern):
                    strange = folded in ours or (avoided and avoided.match(folded))
                    if folded in known or not (known or strange):
                        places.setdefault(folded, []).append(number)
                if places:
                    return list(_sections(lines, places))
    return [(each, text) for each in known]


def expanded(section: str) -> str:
    """Find the address that we wrote to, where the one that failed was made of it (an alias, a forward)."""
    found = _EXPANDED.search(section[: 4 * MAX_LINE])
    return one_address(found[1]).lower() if found else ""


def _found(lines: list[str], pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines):
        if "@" not in line or _OWN_FIELD.match(line):
            continue
        for match in pattern.finditer(line):
            if found := one_address(match[1].rstrip(".:,;")):
                yield number, found.lower()


def _sections(lines: list[str], places: dict[str, list[int]]) -> Iterator[tuple[str, str]]:
    """Give each address the lines from where it stands to where the next one does, and what is beside it."""
    starts = sorted({number for numbers in places.values() for number in numbers})
    for folded, numbers in list(places.items())[:MAX_RECIPIENTS]:
        said: list[str] = []
        for number in numbers[:4]:
            end = next((each for each in starts if each > number and each not in numbers), len(lines))
            if _REPLY.match(lines[number]):  # of a transcript; what follows is said of others
                end = number + 1
            said += lines[number : min(end, number + MAX_SECTION)]
        yield folded, "\n".join(said)
