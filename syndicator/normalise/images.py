"""Pictures: those that scripts load are made plain, those that only count are dropped."""

from __future__ import annotations

import re
from html import unescape
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from syndicator.normalise.plain import without_controls
from syndicator.normalise.tree import drop, replace_by_text, unwrap
from syndicator.normalise.url import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from syndicator.normalise.policies import Policy

_LAZY: Final = (
    "data-src", "data-lazy-src", "data-lazy", "data-lazyload", "data-original", "data-original-src",
    "data-actualsrc", "data-orig-file", "data-large-file", "data-full-url", "data-echo", "data-hi-res-src",
    "data-url", "data-image", "data-img-src", "data-croporisrc", "data-real-src", "data-pagespeed-lazy-src",
    "nitro-lazy-src",
)  # fmt: skip
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset", "data-original-set", "srcset")
_PLACEHOLDER: Final = re.compile(
    r"^data:|(?:^|/)(?:blank|spacer|pixel|placeholder|transparent|loading|lazy|grey|1x1|b|clear)\.(?:gif|png|svg|jpg)",
    re.IGNORECASE,
)
_CANDIDATE: Final = re.compile(r"(\S+)(?:\s+(\d{1,6}(?:\.\d{1,3})?)([wx]))?\s*(?:,\s*|$)")
_MAX_SOURCES: Final = 20  # of one picture that are looked at
_KEPT: Final = ("alt", "title", "width", "height")

_PIXEL: Final = re.compile(r"\s*0*[01](?:\.0*)?(?:px)?\s*")
_HIDDEN: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$))",
    re.IGNORECASE,
)
# Who counts readers by pictures: the host (and all below it), or the host and how the path begins.
_BEACON_HOSTS: Final = (
    "2mdn.net", "2o7.net", "adnxs.com", "adsrvr.org", "bat.bing.com", "bluekai.com", "chartbeat.net",
    "demdex.net", "doubleclick.net", "everesttech.net", "feeds.wordpress.com", "feedsportal.com",
    "google-analytics.com", "googleadservices.com", "googlesyndication.com", "googletagmanager.com",
    "hm.baidu.com", "imrworldwide.com", "mmstat.com", "moatads.com", "omtrdc.net", "pixel.quantserve.com",
    "pixel.wp.com", "px.ads.linkedin.com", "quantcount.com", "rss.buysellads.com", "scorecardresearch.com",
    "sharethis.com", "stat.naver.com", "statcounter.com", "stats.wordpress.com", "taboola.com",
    "track.hubspot.com", "xiti.com",
)  # fmt: skip
_BEACON_PATHS: Final = (
    "feeds.feedburner.com/~", "www.facebook.com/tr", "medium.com/_/stat", "analytics.twitter.com/",
    "api.follow.it/track", "syndication.twitter.com/i/", "t.co/i/adsct", "mc.yandex.ru/watch",
)  # fmt: skip
_BEACON: Final = re.compile(
    r"//(?:(?:[\w-]+\.)*(?:" + "|".join(map(re.escape, _BEACON_HOSTS)) + r")(?=[/?:\"'])"
    r"|" + "|".join(map(re.escape, _BEACON_PATHS)) + r")"
    r"|/(?:track/open\.php|wf/open|__ptq\.gif|piwik\.php|matomo\.php|b/ss/|pagead/|open\.aspx|imp\?|beacon\.gif)",
    re.IGNORECASE,
)

# Pictures that say nothing of an article: signs of publishers and authors, and what stands for words.
_MARK: Final = re.compile(
    r"[/_.-](?:logo|favicon|avatars?|spacer|sprite)(?=[/_.@-])|/(?:emoji|twemoji|smileys?|smilies|icons?|badges?)/"
    r"|//(?:[\w-]+\.)*(?:gravatar\.com|shields\.io)/|//avatars\d*\.|\.ico(?:$|\?)",
    re.IGNORECASE,
)
_IMAGE: Final = re.compile(r"<img\b[^>]{1,4000}>")
_SRC: Final = re.compile(r'\ssrc="([^"]+)"')
_SIDE: Final = re.compile(r'\s(?:width|height)="\s*(\d{1,5})(?:px)?\s*"')
_LEAST: Final = 60  # pixels: what is declared smaller is an icon
_LOOKED_AT: Final = 10  # pictures in one article


def illustration(named: Iterable[str], content: str) -> str:
    """Choose the picture that illustrates an article: the first that is named, else the first in its content.

    `content` is clean HTML. Icons, logos, avatars, emoji and those who count are none; empty where there is
    nothing else.
    """
    return next((each for each in chain(named, _shown(content)) if each and not _is_mark(each)), "")


def _shown(content: str) -> Iterator[str]:
    for found in islice(_IMAGE.finditer(content), _LOOKED_AT):
        address = _SRC.search(found[0])
        if address and all(int(side) >= _LEAST for side in _SIDE.findall(found[0])):
            yield link(unescape(address[1]))


def _is_mark(address: str) -> bool:
    return _MARK.search(address[:2_000]) is not None or is_beacon(address)


def mentions_beacon(html: str) -> bool:
    """Whether an address of those who count readers by pictures may be in `html`."""
    return "<img" in html and _BEACON.search(html) is not None


def is_beacon(address: str) -> bool:
    """Whether what lies at `address` only counts who loads it."""
    return _BEACON.search(f"{address}/") is not None


def is_speck(element: Any) -> bool:
    """Whether an element is 0 or 1 pixel wide or high, or hidden by its own style."""
    return (
        _PIXEL.fullmatch(element.get("width", "")) is not None
        or _PIXEL.fullmatch(element.get("height", "")) is not None
        or _HIDDEN.search(element.get("style", "")) is not None
    )


def image(element: Any, base: str, policy: Policy) -> None:
    """Make an image plain, or drop it where it has no address or is there to count."""
    address = next(addresses(element, base), "")
    if not address or is_speck(element) or is_beacon(address):
        drop(element)
    elif address.partition(":")[0] not in policy.image_schemes:
        replace_by_text(element, element.get("alt", ""))
    else:
        said = element.attrib
        kept = [(name, without_controls(value)) for name, value in said.items() if name in _KEPT]
        said.clear()  # one by one, lxml stumbles over names such as {x}
        said.update(kept)
        if element.tag != "img":
            element.tag = "img"
        element.set("src", address)
        _limit_width(element, policy.image_width)


def _limit_width(element: Any, limit: int | None) -> None:
    if limit is None:
        return
    width = element.get("width", "").strip().removesuffix("px")
    if width.isdecimal() and int(width[:9]) > limit:
        element.set("width", str(limit))
        element.attrib.pop("height", None)  # would no longer be in proportion


def addresses(element: Any, base: str) -> Iterator[str]:
    """Give the usable addresses of an image, the one meant to be seen first."""
    for address in _written(element):
        if address and not address.startswith("data:") and (usable := link(address, base)):
            yield usable


def _written(element: Any) -> Iterator[str]:
    said = dict(element.items())
    shown = said.get("src", "")
    yield from [said[name] for name in _LAZY if name in said]
    if shown and not _PLACEHOLDER.search(shown):
        yield shown
    yield from [_widest(said[name]) for name in _LAZY_SETS if name in said]
    picture = next(element.iterancestors("picture"), None)
    for each in () if picture is None else islice(picture.iter("source"), _MAX_SOURCES):
        yield _widest(each.get("srcset", "") or each.get("data-srcset", ""))
    yield shown


def _widest(candidates: str) -> str:
    """Choose from a srcset the candidate of the greatest width or density."""
    found = _CANDIDATE.findall(candidates[:4000])
    return max(found, key=lambda each: float(each[1] or 1), default=("",))[0].rstrip(",")


def fallback(element: Any, base: str, _policy: Policy) -> None:
    """Drop the `<noscript>` copy of a lazy image that is shown anyway; keep other fallbacks."""
    before = element.getprevious()
    images = [] if before is None else list(before.iter("img", "amp-img"))
    is_shown = bool(images) and any(addresses(images[-1], base))
    if is_shown and not (element.text or "").strip():
        drop(element)
    else:
        unwrap(element)
