"""What machines report: delivery status notifications (RFC 3464, 6533) and feedback reports (RFC 5965)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from syndicator import address

MAX_RECIPIENTS: Final = 100  # of one mail
MAX_FIELDS: Final = 2_000  # of one report

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{2,40})[ \t]*:[ \t]*(.*)")
_NAMES: Final = ("original-recipient", "final-recipient", "x-actual-recipient", "to")
_TYPES: Final = (
    "smtp",
    "lmtp",
    "dns",
    "x-postfix",
    "x-yandex",
    "x-notes",
    "unknown",
    "x-exim",
    "x-local",
    "x400",
)
_BARE = re.compile(r"""[^\s<>"'(),;:\[\]]{1,64}@[^\s<>"'(),;:]{1,255}""")
_QUOTED = re.compile(r'"[^"\\\r\n]{1,64}"@[A-Za-z0-9.-]{1,255}')
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 section 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report says about one recipient; an empty string is what it does not say."""

    address: str
    action: str = ""  # failed, delayed, delivered, relayed, expanded, in lower case
    status: str = ""  # the field as it is
    diagnostic: str = ""  # the field without its type
    original: str = ""  # the address as we wrote it, where the report has that too


def recipients(report: str) -> list[Reported]:
    """Read the groups of a report, one for each recipient.

    Groups end at a blank line, but some mailers put one inside, and some write two recipients into one group:
    a recipient's name begins the next one wherever it stands, unless the group before it had none.
    """
    found: list[dict[str, str]] = []
    group: dict[str, str] = {}
    for name, value in _fields(report):
        begins = name in ("final-recipient", "original-recipient") and name in group
        if not name or begins:
            _close(found, group)
            group = {}
        if name:
            group.setdefault(name, value)
    _close(found, group)
    told = [_reported(each) for each in found[:MAX_RECIPIENTS]]
    return [each for each in told if each.address or each.status or each.diagnostic]


def _close(found: list[dict[str, str]], group: dict[str, str]) -> None:
    """Take over a group: it is a recipient's, or says more about the one before, or is about the message."""
    if any(name in group for name in _NAMES[:3]):
        found.append(group)
    elif found and not {"reporting-mta", "received-from-mta"} & set(group):
        for name, value in group.items():
            found[-1].setdefault(name, value)
    elif "status" in group and "diagnostic-code" in group:
        found.append(group)


def feedback(report: str) -> dict[str, list[str]]:
    """Read a feedback report into its fields, by lower-case name, in their order."""
    fields: dict[str, list[str]] = {}
    for name, value in _fields(report):
        if name and len(fields.setdefault(name, [])) < MAX_RECIPIENTS:
            fields[name].append(value)
    return fields


def one_address(value: str) -> str:
    """Find the first address in a field: `rfc822; <a@b>`, `utf-8;…`, or bare; empty if there is none."""
    value = _ESCAPED.sub(lambda found: _character(found[1]), value[:1_000])
    for pattern in (_QUOTED, _BARE):
        for found in pattern.finditer(value):
            known = address.parse(found[0].strip(".'`*"))
            if known:
                return found[0].strip(".'`*")
    return ""


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if 0x20 < number < 0xD800 or 0xE000 <= number < 0x110000 else ""


def _fields(report: str) -> list[tuple[str, str]]:
    """Give (name in lower case, unfolded value); a pair of empty strings for a blank line."""
    fields: list[tuple[str, str]] = []
    for line in report.split("\n", MAX_FIELDS)[:MAX_FIELDS]:
        if not line.strip():
            fields.append(("", ""))
        elif line[0] in " \t" and fields and fields[-1][0] and len(fields[-1][1]) < MAX_FIELDS:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()[:MAX_FIELDS]}")
        elif found := _FIELD.match(line[: 2 * MAX_FIELDS]):
            fields.append((found[1].lower(), found[2].strip()))
        elif fields and fields[-1][0] == "diagnostic-code" and len(fields[-1][1]) < MAX_FIELDS:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()[:MAX_FIELDS]}")  # not indented
    return fields


def _reported(group: dict[str, str]) -> Reported:
    named = [one_address(group[name]) for name in _NAMES if name in group]
    known = next((each for each in named if each), "")
    said = group.get("diagnostic-code", "")
    kind, semicolon, rest = said.partition(";")
    return Reported(
        address=known,
        action=group.get("action", "").split(" ", 1)[0].strip("; ").lower(),
        status=group.get("status", ""),
        diagnostic=rest.strip() if semicolon and kind.strip().lower() in _TYPES else said,
        original=one_address(group.get("original-recipient", "")),
    )
