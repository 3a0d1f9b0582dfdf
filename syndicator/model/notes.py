"""Notes: mails to one person that no edition is, asked for by a deed: confirm this, your link is that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from syndicator.model.output import DeliveryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A transactional mail. Its states are those of a delivery; what is uncertain is sent again."""

    id: int
    kind: str  # names its templates: email/notes/KIND.html.j2 and .txt.j2
    address: str
    language: str
    facts: Mapping[str, str] = field(repr=False)  # what the templates are given; may hold secret links
    state: DeliveryStatus
    planned_at: datetime
    due_at: datetime
    until_at: datetime  # later it would be of no use
    attempts: int = 0
    uncertain: int = 0  # how often the outcome was unknown; it never falls
    message_id: str = ""
    reply: str = ""  # the server's last words, or ours
    fence: int = 0
