"""What comes back by mail: what it is, whom it is about, and what it means for who gets mail from us."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

ReturnKind: TypeAlias = Literal["bounce", "complaint", "unsubscribe", "auto-reply", "other"]

Fate: TypeAlias = Literal["dead", "deferred", "ours"]
"""What a refusal says: the address takes no mail; it will later; it is we who are not wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a mail was not taken."""

    reason: str  # a name in `deliver.bounce.reasons`
    verdict: Fate
    hard: bool  # whether one such refusal is enough to write no more; never for `ours`
    status: str = ""  # enhanced status code (RFC 3463), empty where none was given
    reply_code: str = ""  # of SMTP (RFC 5321 4.2), empty where none was given
    final: bool = True  # whether whoever tried has given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A recipient that a mail which came back names. A complaint may name nobody: `address` is empty."""

    address: str
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One mail that came back, read."""

    kind: ReturnKind
    recipients: tuple[Returned, ...] = ()
    sent_to: tuple[str, ...] = ()  # addresses of ours that it was sent to, as its header says
    clues: tuple[str, ...] = ()  # Return-Path and List-Unsubscribe of the mail that it is about
    subject: str = ""  # plain text, hostile
    excerpt: str = ""  # what it says, in short; plain text, hostile
    tags: tuple[str, ...] = field(default=())  # words of `Feedback-Type`, in lower case
    named: str = ""  # whom it is about, where a provider tells that beside any refusal
