"""A mail that came back, read as a whole: which kind it is, whom it is about, and what is said of each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from syndicator.controls import without_controls
from syndicator.deliver.bounce import complaint, kind, notification, prose, status
from syndicator.deliver.bounce.judge import judged
from syndicator.deliver.bounce.letters import lines_of_html
from syndicator.deliver.bounce.mime import Part, is_report, parse
from syndicator.model import Return, Returned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import ReturnKind

MAX_BYTES: Final = 2 * 1024 * 1024
"""Octets of a mail that are read; a report stands before the copy of what it reports."""

MAX_EXCERPT: Final = 500  # characters
MAX_TEXTS: Final = 4  # parts of text that are read
_IN_TEXT = re.compile(r"(?mi)^(?:final|original)-recipient:")
_SUCCESS: Final = ("delivered", "relayed", "expanded")
_SENT_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "resent-to", "cc")
_CLUES: Final = ("return-path", "list-unsubscribe", "x-original-return-path", "errors-to")
_IN_COPY = re.compile(
    r"(?mi)^(?:>\s?)?(?:return-path|list-unsubscribe):([^\n]{1,1000}(?:\n[ \t][^\n]{1,1000}){0,3})"
)
# What is read as text; the latter two where no boundary was found.
_PLAIN: Final = ("text/plain", "multipart/report", "multipart/mixed")
_TO_IN_COPY = re.compile(r"(?mi)^[ \t]{0,8}to[ \t]{0,4}:([^\n]{1,400})")
_TOLD_BADLY: Final = ("unknown", "refused")
_NOTHING: Final = Part({}, b"")
_HOPELESS = re.compile(r"(?i)permanent(?:ly)? (?:fail|error|fatal)|this is a permanent|giv(?:ing|en) up")
_WAITING = re.compile(
    r"(?i)not (?:yet )?been delivered(?: yet)?|(?:keep|continue) (?:on )?(?:trying|to try|to attempt)"
    r"|warning (?:message )?only|will be retried|(?:is|been|was) delayed|temporary failure report"
)


def read(raw: bytes) -> Return:
    """Read a mail; whatever it is, something is said of it. Octets after `MAX_BYTES` are not looked at."""
    mail = parse(raw[:MAX_BYTES])
    told, whole = _both(mail)
    name, recipients, tags = _sorted(mail, told, whole)
    return Return(
        kind=name,
        recipients=tuple(recipients),
        sent_to=tuple(_addresses(value for field in _SENT_TO for value in mail.fields.get(field, ()))),
        clues=tuple(_clues(mail, whole))[:20],
        subject=without_controls(kind.subject(mail))[:300],
        excerpt=" ".join(without_controls("\n".join(told)[: 4 * MAX_EXCERPT]).split())[:MAX_EXCERPT],
        tags=tags,
    )


def _sorted(
    mail: Part, told: list[str], whole: list[str]
) -> tuple[ReturnKind, list[Returned], tuple[str, ...]]:
    """Say what a mail is, and whom it is about; the surest signs first."""
    if accused := complaint.read(mail):
        return "complaint", accused.recipients, accused.tags
    if whole and (noticed := notification.read(whole[0])):
        return *noticed, ()
    said = "\n".join(told)
    reports = _reports(mail, whole)
    if reports is not None:
        return "bounce", _reported(reports, said) or _in_words(mail, said, whole, only=reports), ()
    return _sorted_by_words(mail, said, whole)


def _sorted_by_words(
    mail: Part, said: str, whole: list[str]
) -> tuple[ReturnKind, list[Returned], tuple[str, ...]]:
    """Say what a mail is that has nothing in it for machines."""
    if inner := _only_enclosed(mail):
        texts = _both(inner)
        if not said or _reports(inner, texts[1]) is not None:
            return _sorted(inner, *texts)
    if kind.is_farewell(mail, said):
        return "unsubscribe", [], ()
    if _is_bounce(mail, said, whole):
        return "bounce", _in_words(mail, said, whole), ()
    if kind.is_answered(mail) or kind.sounds_answered(mail):
        return "auto-reply", [], ()
    return "other", [], ()


def _is_bounce(mail: Part, said: str, whole: list[str]) -> bool:
    """Whether a mail without a report tells of a failure."""
    if mail.get("x-failed-recipients"):
        return True
    sounds = kind.sounds_returned(mail, said)
    if kind.is_answered(mail) and not sounds:
        return False
    is_daemon = kind.is_from_daemon(mail)
    if sounds and (is_daemon or (kind.sounds_returned(mail, "") and kind.sounds_returned(_NOTHING, said))):
        return True
    found = _in_words(mail, said, whole) if sounds or is_daemon else []
    return any(each.refusal.reason not in _TOLD_BADLY for each in found)


def _reports(mail: Part, whole: list[str]) -> list[status.Reported] | None:
    """Read the groups of all reports in a mail; None where there is no report."""
    found = [part.octets for part in _own(mail) if is_report(part)]
    texts = [octets.decode("utf-8", "replace") for octets in found]
    texts = texts or [each for each in whole if _IN_TEXT.search(each)]
    if not texts:
        return None
    return [each for text in texts for each in status.recipients(text)][: status.MAX_RECIPIENTS]


def _reported(reports: list[status.Reported], said: str) -> list[Returned]:
    """Judge what is reported, with the words that stand beside it where the report says little."""
    named = {each.address.lower(): each for each in reversed(reports) if each.address}  # the first says most
    failed = [each for each in reversed(named.values()) if each.action not in _SUCCESS]
    sections = dict(prose.about(said, (), {each.address.lower() for each in failed})) if said else {}
    return [
        Returned(
            address=each.address,
            refusal=judged(
                each.diagnostic,
                more=said if len(failed) == 1 else sections.get(each.address.lower(), ""),
                status=each.status,
                final=each.action != "delayed",
            ),
        )
        for each in failed
    ]


def _in_words(
    mail: Part, said: str, whole: list[str], *, only: list[status.Reported] | None = None
) -> list[Returned]:
    """Find the failures that a mail tells of in words; `only` is a report that names nobody."""
    if only and all(each.action in _SUCCESS for each in only):
        return []
    known = set(_addresses(iter(mail.fields.get("x-failed-recipients", ()))))
    ours = set(_addresses(iter([mail.get("to"), mail.get("from"), mail.get("delivered-to")])))
    final = not _WAITING.search(said) or bool(_HOPELESS.search(said))
    status_of = only[0].status if only else ""
    found = prose.about(said, ours, known) or [(_first_reader(mail, whole), said)]
    more = said if len(found) == 1 else ""
    told = [
        (each, section, judged(section, more=more, status=status_of, final=final))
        for each, section in found
        if each
    ]
    # That one of those behind an alias is dead says little of the alias.
    aliases = [(prose.expanded(section), replace(refusal, hard=False)) for _, section, refusal in told]
    named = {each for each, _, _ in told}
    return [
        *(Returned(address=each, refusal=refusal) for each, _, refusal in told),
        *(Returned(address=each, refusal=refusal) for each, refusal in aliases if each and each not in named),
    ]


def _first_reader(mail: Part, whole: list[str]) -> str:
    """Find whom our mail was for in its copy, where the mailer names nobody."""
    for original in complaint.originals(mail):
        if found := status.one_address(original.get("to")):
            return found
    named = (_TO_IN_COPY.search(text) for text in whole)
    return next((status.one_address(found[1]) for found in named if found), "")


def _only_enclosed(mail: Part) -> Part | None:
    """Find the mail that another one brings without a word of its own."""
    enclosed = [part.parts[0] for part in _own(mail) if part.kind == "message/rfc822" and part.parts]
    return enclosed[0] if len(enclosed) == 1 else None


def _both(mail: Part) -> tuple[list[str], list[str]]:
    """Give the texts of a mail's own parts: what the mailer says, and whole."""
    whole = [prose.unquoted(each) for each in _texts(mail)]
    return [prose.told(each) for each in whole], whole


def _own(mail: Part) -> Iterator[Part]:
    """Give the parts that are the mail's own, not those of mails that it encloses."""
    yield mail
    if not mail.kind.startswith("message/") or is_report(mail):
        for part in mail.parts:
            yield from _own(part)


def _texts(mail: Part) -> Iterator[str]:
    """Give the texts of a mail's own parts; HTML only where there is nothing plain."""
    parts = list(_own(mail))
    plain = [part for part in parts if part.kind in _PLAIN and not part.parts]
    if any(part.body.strip() for part in plain):
        yield from (part.text for part in plain[:MAX_TEXTS])
        return
    for part in [part for part in parts if part.kind == "text/html"][:MAX_TEXTS]:
        yield lines_of_html(part.text)


def _clues(mail: Part, whole: list[str]) -> Iterator[str]:
    for original in complaint.originals(mail):
        yield from (value for name in _CLUES for value in original.fields.get(name, ())[:5])
    for text in whole:
        yield from (
            " ".join(found[1].split()) for found, _ in zip(_IN_COPY.finditer(text), range(10), strict=False)
        )


def _addresses(values: Iterator[str]) -> list[str]:
    """Give all addresses in some fields, in lower case."""
    found = (status.one_address(each) for value in values for each in value[:4_000].split(",")[:50])
    return list(dict.fromkeys(each.lower() for each in found if each))
