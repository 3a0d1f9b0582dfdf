"""The feeds that are pulled: written here, the same bytes at each run, or whole real ones from a corpus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from syndicator.errors import ParseError
from syndicator.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EPOCH: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAILY: Final = 21  # entries of a feed that tells a story now and then
DAILY_LENGTH: Final = 5  # paragraphs of each, so that the feed has 64 KB
LARGEST: Final = 2_000_000  # bytes of a corpus document: one giant would be the whole measurement

_WHO: Final = (
    "The harbour master", "A committee of engineers", "The city's archive", "An inspector", "The ferry line",
    "A retired teacher", "The union of bakers", "The weather service", "A small museum", "The night shift",
)  # fmt: skip
_DID: Final = (
    "published its accounts for the third quarter", "asked for another bridge over the canal",
    "counted the swallows' nests for the tenth year", "found that the old pumps still hold",
    "signed a contract for forty new carriages", "explained why the lights stayed on until dawn",
    "opened the doors to everybody who had kept a ticket", "lost a lawsuit & won a friend",
)  # fmt: skip
_WHERE: Final = (
    "in Rotterdam", "near the coast", "before parliament", "in the northern suburbs", "at the old exchange",
    "on the island", "along the railway", "in the valley",
)  # fmt: skip
_WHEN: Final = (
    "on Monday",
    "after a long winter",
    "for the first time",
    "without much noise",
    "late at night",
)
_ABROAD: Final = ("China", "Beijing", "the Chinese coast", "Shanghai")  # what the shipped topic looks for
_HAN: Final = (
    "港务局周一公布了第三季度的账目。", "工程师委员会再次要求修建新桥。", "气象部门说，这个冬天不会太冷。",
    "警方提醒市民警惕电信诈骗。", "图书馆把开放时间延长到深夜。", "上海的渡轮航线增加了班次。",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One document as a server gives it."""

    name: str
    body: bytes
    content_type: str
    entries: int


def own(count: int) -> list[Feed]:
    """Write `count` feeds of 20 to 50 entries: two RSS for each Atom, each fourth in Chinese."""
    return [_written(number) for number in range(count)]


def of_corpus(folder: Path, count: int) -> list[Feed]:
    """Choose `count` whole real feeds, spread over all of them.

    Left out are JSON feeds (the peer has no parser for them), giants, and what is refused as no feed.
    """
    rows = [line.split("\t") for line in (folder / "MANIFEST.tsv").read_text("utf-8").splitlines()]
    paths = [row[0] for row in rows if row[1] == "feed-whole" and int(row[6]) <= LARGEST]
    chosen: list[Feed] = []
    for path in sorted(paths, key=lambda path: sha256(path.encode()).digest()):
        body = (folder / path).read_bytes()
        if len(chosen) < count and (entries := _count(body)):
            chosen.append(_feed(f"feed-{len(chosen)}", body, entries))
    return chosen


def daily(number: int, told: int) -> Feed:
    """Write feed `number` when it has told `told` stories more than at first: 64 KB, the newest first.

    Each story is the same bytes in whatever version of the feed it stands; each fourth feed is Chinese.
    """
    name, is_chinese = f"daily-{number}", number % 4 == 3
    item = _atom_entry if number % 3 == 2 else _rss_item
    items = []
    for place in range(told + DAILY, told, -1):
        random = Random(f"{number}/{place}")
        abroad = random.random() < 0.2
        body = _chinese(random, DAILY_LENGTH) if is_chinese else _english(random, DAILY_LENGTH, abroad=abroad)
        title = random.choice(_HAN) if is_chinese else _sentence(random, abroad=abroad)
        items.append(
            item(name, f"{number}-{place}", title, body, EPOCH + (place - DAILY) * timedelta(minutes=10))
        )
    language = "zh" if is_chinese else "en"
    document = _atom(name, language, items) if item is _atom_entry else _rss(name, language, items)
    return _feed(name, document, DAILY)


def wire(news: list[str]) -> bytes:
    """Write a feed whose newest entries have these headlines, with 30 older ones below."""
    random = Random("wire")
    latest = datetime.now(UTC).replace(microsecond=0)
    items = [
        _rss_item("wire", f"news-{place}", title, _english(random, abroad=True), latest)
        for place, title in reversed(list(enumerate(news)))
    ]
    items += [
        _rss_item("wire", f"old-{n}", f"Old news {n}", _english(random, abroad=n % 5 == 0), EPOCH - n * _HOUR)
        for n in range(30)
    ]
    return _rss("wire", "en", items)


_HOUR: Final = timedelta(hours=1)


def _feed(name: str, body: bytes, entries: int) -> Feed:
    return Feed(name=name, body=body, content_type="application/xml", entries=entries)


def _count(body: bytes) -> int:
    if body.lstrip()[:1] in (b"{", b"["):
        return 0
    try:
        return len(parse(body, content_type="application/xml").entries)
    except ParseError:
        return 0


def _written(number: int) -> Feed:
    random = Random(number)
    name, is_chinese = f"feed-{number}", number % 4 == 3
    language, size = "zh" if is_chinese else "en", random.randint(20, 50)
    item = _atom_entry if number % 3 == 2 else _rss_item
    items = []
    for place in range(size):
        abroad = random.random() < 0.2
        body = _chinese(random) if is_chinese else _english(random, abroad=abroad)
        title = random.choice(_HAN) if is_chinese else _sentence(random, abroad=abroad)
        when = EPOCH - random.randint(0, 20_000) * timedelta(minutes=1)
        items.append(item(name, f"{number}-{place}", title, body, when))
    document = _atom(name, language, items) if item is _atom_entry else _rss(name, language, items)
    return _feed(name, document, size)


def _sentence(random: Random, *, abroad: bool) -> str:
    where = f"in {random.choice(_ABROAD)}" if abroad and random.random() < 0.5 else random.choice(_WHERE)
    return f"{random.choice(_WHO)} {random.choice(_DID)} {where} {random.choice(_WHEN)}"


def _english(random: Random, length: int = 0, *, abroad: bool) -> str:
    count = length or random.randint(2, 5)
    return "".join(_paragraphs(random, lambda: _sentence(random, abroad=abroad) + ".", count))


def _chinese(random: Random, length: int = 0) -> str:
    count = length or random.randint(2, 5)
    return "".join(_paragraphs(random, lambda: random.choice(_HAN) * 2, count))


def _paragraphs(random: Random, sentence: Callable[[], str], count: int) -> Iterator[str]:
    """Write HTML as publishers do: a good third has images that scripts load, counters and relative links."""
    is_messy = random.random() < 0.36
    site = "" if is_messy else "https://paper.example"
    if is_messy:
        yield (
            f'<figure class="wide"><img src="/blank.gif" data-src="/img/{random.randint(1, 999)}.jpg" alt="" '
            'width="800" height="450"><figcaption>The harbour at dawn</figcaption></figure>'
        )
    for _ in range(count):
        text = escape(" ".join(sentence() for _ in range(random.randint(3, 5))))
        more = f'<a href="{site}/story/{random.randint(1, 9999)}?utm_source=rss">More</a>'
        yield f'<p style="margin:0">{text} {more}.</p>'
    yield "<ul><li>One</li><li><strong>Two</strong></li></ul>"
    if is_messy:
        yield '<img src="https://pixel.example/count.gif" width="1" height="1" alt="">'


def _rss_item(name: str, guid: str, title: str, body: str, when: datetime) -> str:
    return (
        f"<item><title>{escape(title)}</title><link>https://{name}.example/{guid}</link>"
        f'<guid isPermaLink="false">{name}-{guid}</guid><pubDate>{format_datetime(when)}</pubDate>'
        f"<dc:creator>A. Writer</dc:creator><category>News</category>"
        f"<description>{escape(body[:300].rpartition('<')[0])}</description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def _atom_entry(name: str, guid: str, title: str, body: str, when: datetime) -> str:
    return (
        f'<entry><title>{escape(title)}</title><link href="https://{name}.example/{guid}"/>'
        f"<id>tag:{name}.example,2026:{guid}</id><updated>{when.isoformat()}</updated>"
        f"<published>{when.isoformat()}</published><author><name>A. Writer</name></author>"
        f'<category term="News"/><content type="html">{escape(body)}</content></entry>'
    )


def _rss(name: str, language: str, items: list[str]) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>{name}</title><link>https://{name}.example/</link><description>News</description>"
        f"<language>{language}</language>{''.join(items)}</channel></rss>"
    ).encode()


def _atom(name: str, language: str, items: list[str]) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{language}">'
        f"<title>{name}</title><id>tag:{name}.example,2026:feed</id><updated>{EPOCH.isoformat()}</updated>"
        f'<link href="https://{name}.example/"/>{"".join(items)}</feed>'
    ).encode()
