"""Links: what may be followed, and the form in which two are compared.

`link` keeps the publisher's address and only makes it usable. `canonical` is for comparing and never for
following: it drops what does not choose the page. No library does this without deleting parameters that
do (`v=`, `id=`) or touching the path.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from syndicator.normalise.plain import without_controls

MAX_LENGTH: Final = 4096
_SCHEMES: Final = ("http", "https")
_PORTS: Final = (None, 80, 443)  # of either scheme: they are one when compared
# As most links are: nothing to settle but the scheme. Sixteen times cheaper than taking them apart.
_SETTLED: Final = re.compile(
    r"https?://((?:[a-z0-9-]+\.)+[a-z0-9-]+)((?:/(?!\.)[\w~!$&'()*+,;=@.-]*)*)", re.ASCII
)
# What `link` gives back as it came: a host in ASCII, and behind it nothing that must be escaped.
_USABLE: Final = re.compile(r'https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:[/?#][^\s"<>\\^`{|}]*)?')
_BROKEN: Final = re.compile(r"[\t\r\n]\s*")
_UNSAFE: Final = re.compile(r'[\s"<>\\^`{|}]')
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT: Final = "/:@!$&'()*+,;=%~"  # of a path, RFC 3986 3.3

# Parameters that say where a reader came from, never which page it is.
_TRACKING: Final = frozenset({
    "__hsfp", "__hssc", "__hstc", "_ga", "_gl", "_hsenc", "_hsmi", "at_campaign", "at_medium", "cmp",
    "cmpid", "dclid", "echobox", "ef_id", "fbclid", "feature_src", "ftag", "gbraid", "gclid", "gclsrc",
    "guccounter", "guce_referrer", "guce_referrer_sig", "icid", "igsh", "igshid", "ito", "mbid", "mc_cid",
    "mc_eid", "mkt_tok", "msclkid", "ncid", "ns_campaign", "ns_linkname", "ns_mchannel", "ns_source",
    "oly_anon_id", "oly_enc_id", "partner", "rss_id", "s_cid", "smid", "spm", "sr_share", "srnd", "taid",
    "trk", "twclid", "vero_conv", "vero_id", "wbraid", "wickedid", "wt.mc_id", "wt_mc", "xtor", "yclid",
    "ysclid",
})  # fmt: skip
_TRACKING_PREFIXES: Final = ("utm_", "pk_", "mtm_", "piwik_", "hsa_", "matomo_")


def link(address: str, base: str = "") -> str:
    """Give an absolute http or https address, untouched but for stray white space; empty for all else."""
    text = without_controls(address).strip()
    if _USABLE.fullmatch(text) and len(text) <= MAX_LENGTH:
        return text
    text = _BROKEN.sub("", text)
    if not text or len(text) > MAX_LENGTH:
        return ""
    try:
        joined = text if text.startswith(("http://", "https://")) else urljoin(without_controls(base), text)
        joined = _UNSAFE.sub(_escaped, f"https:{joined}" if joined.startswith("//") else joined)
        parts = urlsplit(joined)
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return joined if usable and len(joined) <= MAX_LENGTH else ""


def canonical(address: str, own_host: str = "") -> str:
    """Give the form in which addresses of the same page are equal; idempotent; empty for no http address.

    Scheme (always https), host case, trailing dot, default port, user, dot segments, percent-encoding,
    order of parameters, tracking parameters and fragment are settled. A fragment that begins with `!` or `/`
    chooses a page and stays. `ref` goes where it names `own_host`, the feed's.
    """
    if (plain := _SETTLED.fullmatch(address)) and len(address) < MAX_LENGTH:
        return f"https://{plain[1]}{plain[2] or '/'}"
    absolute = link(address)
    if not absolute:
        return ""
    parts = urlsplit(absolute)
    fragment = parts.fragment if parts.fragment[:1] in ("!", "/") else ""
    path = _settled(_without_dots(parts.path or "/"))
    return urlunsplit(("https", _host(parts), path, _query(parts.query, own_host), fragment))


def _escaped(found: re.Match[str]) -> str:
    return quote(found[0])


def host(address: str) -> str:
    """Give the host in lower case, or nothing."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".")
    with suppress(UnicodeError):  # no name of the DNS: compared as it is written
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    name = f"[{name}]" if ":" in name else name
    return name if parts.port in _PORTS else f"{name}:{parts.port}"


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4). By hand: `urljoin` takes a path that begins `//` for a host."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _settled(text: str) -> str:
    """Decode what needs no escape, escape what does, in capitals (RFC 3986, 6.2.2)."""
    return quote(_ESCAPE.sub(_plain_octet, text), safe=_KEPT)


def _plain_octet(found: re.Match[str]) -> str:
    character = unquote(found[0])
    return character if character in _UNRESERVED else found[0].upper()


def _query(query: str, own_host: str) -> str:
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200, errors="surrogateescape")
        return urlencode(
            sorted(pair for pair in pairs if not _is_tracking(*pair, own_host)), errors="surrogateescape"
        )
    except ValueError:
        return query


def _is_tracking(name: str, value: str, own_host: str) -> bool:
    name = name.lower()
    if name == "ref":
        return bool(own_host) and value.lower().removeprefix("www.") == own_host.removeprefix("www.")
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
