"""Pure: Link fields of an answer (RFC 8288), as far as WebSub needs them: rel=hub, rel=self."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LINKS = 64  # read of one answer
MAX_ADDRESS = 2048

LINK = re.compile(r"<([^<>]*)>([^<]*)")
"""One link-value: its target, and its parameters up to the next one. Both parts exclude where they end."""
REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))", re.IGNORECASE)


def targets(fields: Iterable[str], rel: str, *, base: str) -> tuple[str, ...]:
    """Return the absolute http addresses that these Link fields give for `rel`, in their order, once each.

    `base` is the address of the answer. Only the first `rel` parameter of a link counts (RFC 8288 3.3).
    """
    found: dict[str, None] = {}
    links = (match for field in fields for match in LINK.finditer(field))
    for match, _ in zip(links, range(MAX_LINKS), strict=False):
        said = REL.search(match[2])
        if said and rel in (said[1] or said[2] or "").lower().split() and (to := _resolved(base, match[1])):
            found[to] = None
    return tuple(found)


def _resolved(base: str, reference: str) -> str:
    try:
        to = urljoin(base, reference.strip())
        host = urlsplit(to).hostname
    except ValueError:
        return ""
    is_ours = to.lower().startswith(("http://", "https://")) and host and len(to) <= MAX_ADDRESS
    return to if is_ours and to.isprintable() else ""
