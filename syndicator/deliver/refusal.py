"""What a refusal says about the address: it is dead, or it is we who are not wanted. Pure.

Only a dead address is suppressed. RFC 3463 (enhanced status codes), RFC 7505 (null MX); what servers say
beside the code decides against suppression whenever it sounds like a refusal of us: a reader who is wrongly
suppressed is lost, a dead address that is kept costs one more refusal.
"""

from __future__ import annotations

import re

# Enhanced status → the reason. Not here though permanent: 5.1.4 (ambiguous), 5.1.7 and 5.1.8 (our own
# address), 5.2.2 (full), 5.2.3 (too long), 5.3.x and 5.4.x (systems and routes), 5.5.x (protocol),
# 5.6.x (content), 5.7.x (policy).
DEAD = {
    "5.1.1": "unknown-user",
    "5.1.2": "unknown-host",
    "5.1.3": "bad-address",
    "5.1.6": "moved",
    "5.1.10": "no-mail",  # RFC 7505: the domain takes no mail; Exchange: it has no such recipient
    "5.2.1": "disabled",
}
# Codes whose detail is "other": they say no more than the reply code does.
VAGUE = ("", "5.0.0", "5.1.0")

_STATUS = re.compile(r"(?m)^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_NAMES = re.compile(r"<[^<>]*>|\S+@\S+|https?://\S+")  # addresses and links: their words are nobody's verdict
_US = re.compile(
    r"""(?ix)\b(?:
        spam\w* | block(?:ed|ing|list\w*)? | black\ ?list\w* | dnsbl | rbl | reputation | polic(?:y|ies)
      | (?:un)?authenti\w* | spf | dkim | dmarc | ptr | reverse\ dns | rdns | tls
      | rate | limit\w* | too\ (?:many|quickly|fast) | bulk | unsolicited | sender
      | relaying | (?:to|open)\ relay | relay\ (?:access|not|denied)
      | denied | prohibited | banned | not\ (?:allowed|permitted|authorized)
    )\b"""
)
_UNKNOWN = re.compile(
    r"""(?ix)\b(?:
        (?:user|mailbox|recipient|account|address|addressee)\ +(?:\S+\ +)?
        (?:is\ +)?(?:unknown|not\ found|do(?:es)?\ ?n[o']t\ exist)
      | (?:unknown|no\ such|invalid|non-?existent)\ (?:local\ )?(?:user|mailbox|recipient|account|address)
      | no\ mailbox\ (?:here\ )?by\ that\ name
      | does\ ?n[o']t\ have\ an?\ \S+\ account
    )\b"""
)


def suppression(code: int, reply: str) -> str:
    """Name the reason to write to an address no more, from the answer to RCPT or to the message; or empty.

    `code` is the reply code, `reply` the text after it, an enhanced status first if the server gave one.
    """
    if not 500 <= code <= 599:
        return ""
    found = _STATUS.search(reply)
    status = found[1] if found else ""
    said = _NAMES.sub(" ", reply)
    if _US.search(said):
        return ""
    if status in DEAD:
        return DEAD[status]
    return "unknown-user" if code == 550 and status in VAGUE and _UNKNOWN.search(said) else ""
