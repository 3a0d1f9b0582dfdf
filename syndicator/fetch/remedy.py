"""Pure: what an admin can do about a failed pull, told from its message.

Only the message of a failure is kept with a source, and the words are our own, so they tell what there is to
do: for `try:` lines now, and for an alarm later. A message that no row knows has no remedy but time.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Remedy(NamedTuple):
    """What to do, in words."""

    words: str
    is_ours: bool = False  # no waiting helps: the config or this machine must be mended
    is_of_access: bool = False  # the same, of a source that has a login or the like


_LOGIN: Final = "auth: {username: NAME, password_file: FILE}, or a password that is still right"
_PLACE: Final = "put it there, or mend the address"
_RIGHTS: Final = "let the account that syndicator runs under read it"

# The first row that fits decides.
_TABLE: Final[tuple[tuple[str, Remedy], ...]] = (
    (r"; fetch\.allow_private can", Remedy("fetch.allow_private: [HOST], if it is in your own network")),
    (
        r"; allow_private can allow it",
        Remedy("allow_private: true (--allow-private), if it is in your own network", is_ours=True),
    ),
    (r"asks for a name and a password|does not accept the name and password", Remedy(_LOGIN, is_ours=True)),
    (r"refuses us", Remedy("auth:, cookies: or headers:, if it knows you", is_of_access=True)),
    (r"has no (?:feed|page) at this address", Remedy("syndicator sources probe SITE finds its feed")),
    (r"has removed this", Remedy("look for another address at its site, else delete it")),
    (r"asks us to come less often", Remedy("later; in its file every: {min: 6h} asks less often")),
    (r"\(robots\.txt\)|robots\.txt", Remedy("fetch.robots: false, for sites of your own")),
    (r"cannot be read as a Maildir: no(?:t a dir| such)", Remedy(_PLACE, is_ours=True)),
    (r"permission denied|that we may not read", Remedy(_RIGHTS, is_ours=True)),
    (r"^file:.* cannot be read: no such", Remedy(_PLACE)),
    (
        r"does not name a f|not an address of a folder|is no http address$|is not a valid one$",
        Remedy("mend its address", is_ours=True),
    ),
    (r"has no folder", Remedy("mend the folder in its address, or add auth:", is_ours=True)),
    (r"password in the clear", Remedy("begin the address with imaps:", is_ours=True)),
    (r"does not resolve", Remedy("look at the spelling of its host, else later")),
    (r"certificate of", Remedy("verify_tls: false, for a server of your own")),
    (r"no connection to the proxy|the proxy does not", Remedy("mend proxy:, or start the proxy")),
    (
        r"no (?:secure )?connection to|closed the conn|cannot be reached|broke off",
        Remedy("look at its host and port, else later"),
    ),
    (r"not done after|not read after|in time$", Remedy("later, or a longer fetch.timeout")),
    (r"more than [\d.]+ MB", Remedy("a larger fetch.max_bytes")),
    (
        r"finds no link on the page",
        Remedy("the selector on the page in a browser; a page that scripts fill holds no links"),
    ),
    (r"is no CSS selector", Remedy("one such as 'article h2 a'", is_ours=True)),
    (r"no links to articles were found", Remedy("name them by a CSS selector: select: (--select)")),
    (r"\(5\d\d\b", Remedy("later: its server has a trouble of its own")),
    (r"redirects ", Remedy("its address in a browser, and write down where that ends")),
)
_ROWS: Final = tuple((re.compile(words), remedy) for words, remedy in _TABLE)


def remedy(message: str) -> Remedy | None:
    """Find what to do about a failure with this message; None where there is nothing but to wait."""
    return next((found for words, found in _ROWS if words.search(message)), None)


def hint(message: str) -> str:
    """Give the remedy's words; empty where there is none."""
    found = remedy(message)
    return found.words if found else ""
