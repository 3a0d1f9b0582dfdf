"""What a page plays in a frame, as a link to where it can be seen."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from syndicator.normalise.images import is_beacon, is_speck
from syndicator.normalise.tree import drop, replace_by_link, set_or_remove, unwrap
from syndicator.normalise.url import host, link

if TYPE_CHECKING:
    from syndicator.normalise.policies import Policy


class Player(NamedTuple):
    """A service whose frames stand for a page: its name, the frame's address, the page's."""

    name: str
    frame: str  # a pattern; its group is what the page's address needs
    page: str


PLAYERS: Final = (
    Player(
        "YouTube",
        r"//(?:www\.)?youtube(?:-nocookie)?\.com/embed/(?:videoseries)?\?(?:[^#]*&)?list=([\w-]+)",
        "https://www.youtube.com/playlist?list={}",
    ),
    Player(
        "YouTube",
        r"//(?:(?:www|m)\.)?youtube(?:-nocookie)?\.com/(?:embed|v|e|shorts|live)/([\w-]{6,20})",
        "https://www.youtube.com/watch?v={}",
    ),
    Player("Vimeo", r"//player\.vimeo\.com/video/(\d+)", "https://vimeo.com/{}"),
    Player(
        "Dailymotion",
        r"//(?:www|geo)\.dailymotion\.com/(?:embed/video/|player(?:/\w+)?\.html\?video=)(\w+)",
        "https://www.dailymotion.com/video/{}",
    ),
    Player(
        "Bilibili",
        r"//player\.bilibili\.com/player\.html\?(?:[^#]*&)?bvid=(BV\w+)",
        "https://www.bilibili.com/video/{}",
    ),
    Player("优酷", r"//player\.youku\.com/embed/([\w=]+)", "https://v.youku.com/v_show/id_{}.html"),
    Player(
        "腾讯视频",
        r"//v\.qq\.com/(?:txp/)?iframe/(?:player|preview)\.html\?(?:[^#]*&)?vid=(\w+)",
        "https://v.qq.com/x/page/{}.html",
    ),
    Player(
        "Spotify",
        r"//open\.spotify\.com/embed(?:-podcast)?/((?:track|album|episode|show|playlist|artist)/\w+)",
        "https://open.spotify.com/{}",
    ),
    Player(
        "Apple Podcasts",
        r"//embed\.podcasts\.apple\.com/([^?#]+(?:\?i=\d+)?)",
        "https://podcasts.apple.com/{}",
    ),
    Player("X", r"//platform\.(?:twitter|x)\.com/embed/[^#]*[?&]id=(\d+)", "https://x.com/i/status/{}"),
    Player(
        "Instagram",
        r"//www\.instagram\.com/((?:p|reel|tv)/[\w-]+)/embed",
        "https://www.instagram.com/{}/",
    ),
    Player("Facebook", r"//www\.facebook\.com/plugins/(?:video|post)\.php\?(?:[^#]*&)?href=([^&#]+)", "{}"),
)
_PLAYERS: Final = tuple((player, re.compile(rf"https?:{player.frame}", re.IGNORECASE)) for player in PLAYERS)
_FRAMES: Final = ("src", "data-src", "data-lazy-src", "data-original", "data-cookieblock-src", "data-cmp-src")
_MAX_PARTS: Final = 20  # of one object that are looked at
_VIDEO_IDS: Final = ("videoid", "data-videoid", "data-video-id")


def page_of(address: str) -> tuple[str, str]:
    """Give the page that a frame's address stands for, and the service's name; else itself and its host."""
    for player, pattern in _PLAYERS:
        if found := pattern.match(address):
            page = link(player.page.format(unquote(found[1]) if player.page == "{}" else found[1]))
            return (page, player.name) if page else (address, player.name)
    return address, host(address)


def frame(element: Any, base: str, _policy: Policy) -> None:
    """Make a link of a frame that shows something."""
    named = (link(element.get(name, ""), base) for name in _FRAMES if element.get(name))
    address = next(filter(None, named), "")
    if not address or is_speck(element) or is_beacon(address):
        drop(element)
    else:
        page, name = page_of(address)
        replace_by_link(element, page, _title(element) or name)


def plugin(element: Any, base: str, _policy: Policy) -> None:
    """Make a link of an `<object>` or `<embed>` that plays what we know; of others the fallback stays."""
    parts = islice(element.iter("param", "embed"), _MAX_PARTS)  # an <embed> is its own first
    movies = (each.get("src") or (each.get("name") == "movie" and each.get("value")) or "" for each in parts)
    for written in (element.get("data", ""), *movies):
        address = link(written, base)
        page, name = page_of(address)
        if page != address:
            replace_by_link(element, page, _title(element) or name)
            return
    unwrap(element)


def video_element(element: Any, _base: str, _policy: Policy) -> None:
    """Make a link of a custom element that names a YouTube video."""
    found = next(filter(None, map(element.get, _VIDEO_IDS)), "")
    if re.fullmatch(r"[\w-]{6,20}", found):
        replace_by_link(element, f"https://www.youtube.com/watch?v={found}", _title(element) or "YouTube")
    else:
        unwrap(element)


def media(element: Any, base: str, policy: Policy) -> None:
    """Settle the addresses of sound and film; where neither may be played, make a link."""
    for name in ("src", "poster"):
        if element.get(name) is not None:
            set_or_remove(element, name, link(element.get(name), base))
    if policy.has_media or element.tag == "source":
        return
    found = (link(each.get("src", ""), base) for each in element.iter(element.tag, "source"))
    if address := next(filter(None, found), ""):
        replace_by_link(element, address, _title(element) or host(address))
    else:
        unwrap(element)


def source(element: Any, base: str, policy: Policy) -> None:
    """Keep the sources of sound and film; lxml nests what follows in them, browsers do not."""
    if next(element.iterancestors("picture"), None) is None:
        media(element, base, policy)
    else:
        unwrap(element)


def _title(element: Any) -> str:
    return " ".join((element.get("title") or element.get("playlabel") or "").split())[:300]
