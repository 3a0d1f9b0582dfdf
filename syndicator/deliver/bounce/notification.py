"""Notifications of Amazon SES as they come by mail or by web: JSON, inside SNS or bare.

https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from syndicator import address
from syndicator.deliver.bounce.judge import judged
from syndicator.model import Refusal, Returned

if TYPE_CHECKING:
    from syndicator.model import ReturnKind

MAX: Final = 200_000  # characters
_MAX_RECIPIENTS: Final = 100


def read(text: str) -> tuple[ReturnKind, list[Returned]] | None:
    """Read a notification; None if the text is none."""
    notice = _object(text)
    if notice is None:
        return None
    if isinstance(notice.get("Message"), str):
        notice = _object(notice["Message"]) or {}
    match notice.get("notificationType") or notice.get("eventType"):
        case "Bounce":
            return "bounce", _bounced(_dict(notice.get("bounce")))
        case "Complaint":
            people = _people(_dict(notice.get("complaint")).get("complainedRecipients"))
            refusal = Refusal(reason="complaint", verdict="dead", hard=False)
            return "complaint", [Returned(address=_name(each), refusal=refusal) for each in people]
        case _:
            return None


def _bounced(bounce: dict[str, Any]) -> list[Returned]:
    final = bounce.get("bounceType") != "Transient"
    return [
        Returned(
            address=_name(each),
            refusal=judged(_text(each, "diagnosticCode"), status=_text(each, "status"), final=final),
        )
        for each in _people(bounce.get("bouncedRecipients"))
    ]


def _object(text: str) -> dict[str, Any] | None:
    text = text.strip()
    end = text.rfind("}")
    if not text.startswith("{") or len(text) > MAX or end < 0:
        return None
    try:
        found = json.loads(text[: end + 1], strict=False)  # mail folds long lines
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _people(value: object) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed[:_MAX_RECIPIENTS] if isinstance(each, dict) and _name(each)]


def _name(person: dict[str, Any]) -> str:
    found = _text(person, "emailAddress")
    return found if address.parse(found) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found[:4_000] if isinstance(found, str) else ""
