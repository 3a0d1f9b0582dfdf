"""Forms that strangers send: a signed token with the time of the page, a field that only machines fill in.

There are no cookies, so nobody's browser can be made to use a right that its owner has. What another site
makes a browser send is refused all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from syndicator.digest.tokens import Tokens
    from syndicator.pipeline.parts import Parts

TRAP: Final = "website"  # the name of the field that people do not see
SOONEST, LATEST = 3.0, 86_400.0  # seconds after which, and within which, a form is sent

# What goes with a page that is one person's, or has a token in it.
PERSONAL: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}

Age: TypeAlias = Literal["good", "soon", "none"]
"""Of a form: in time, sooner than anybody reads it, or without a token of ours that is still good."""


def age(tokens: Tokens, purpose: str, token: str, now: datetime) -> Age:
    """Say how long ago a form was made, by its token."""
    made = tokens.read_form(purpose, token)
    if made is None:
        return "none"
    seconds = now.timestamp() - made
    if not 0 <= seconds <= LATEST:
        return "none"
    return "soon" if seconds < SOONEST else "good"


def is_from_elsewhere(request: Request) -> bool:
    """Whether a page of another site makes the browser send this, as far as the browser tells.

    An Origin of `null` tells nothing: our own pages, which tell nobody where they lie, send it too.
    """
    if fetched := request.headers.get("sec-fetch-site"):
        return fetched in ("cross-site", "same-site")
    parts: Parts = request.app.state.parts
    origin = request.headers.get("origin", "null")
    own = {request.headers.get("host", ""), urlsplit(parts.settings.site.base_url).netloc} - {""}
    return origin != "null" and urlsplit(origin).netloc not in own
