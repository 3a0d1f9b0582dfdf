"""Whole pages of our own writing, and what must come out of them: text, markup, facts."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndicator.errors import ParseError
from syndicator.extract import Page, drop_common, extract
from syndicator.model import Entry

GOLDEN = Path(__file__).parents[1] / "golden" / "extract"
URL = "https://gazette.example/news/2026/03/aurora-resumes?utm_source=feed"
MARCH_3 = datetime(2026, 3, 3, tzinfo=UTC)
PROSE = (
    "The council met on Tuesday and agreed, after a long evening, to mend the old mill bridge before winter. "
    "Work begins in August, when the river is low, and should be over when the first storms come."
)


def page(body: str, **arguments: str) -> Page:
    return extract(body.encode(), url="https://gazette.example/news/1", **arguments)


@pytest.mark.parametrize("name", ["harbour-en", "qiaotou-zh"])
def test_golden(name: str) -> None:
    expected = json.loads((GOLDEN / f"{name}.expected.json").read_text(encoding="utf-8"))
    found = extract((GOLDEN / f"{name}.html").read_bytes(), url=URL)
    assert found.text.split("\n") == expected.pop("text")
    assert not [each for each in expected.pop("html_has") if each not in found.html]
    assert not [each for each in expected.pop("html_lacks") if each in found.html]
    said = {name: getattr(found, name) for name in expected}
    said["published_at"] = found.published_at.isoformat() if found.published_at else None
    assert json.loads(json.dumps(said)) == expected


def test_a_page_in_the_charset_that_it_is_in() -> None:
    text = (GOLDEN / "qiaotou-zh.html").read_text(encoding="utf-8")
    plain = extract(text.encode(), url=URL)
    assert extract(text.encode("gb18030"), url=URL) == plain
    assert extract(text.encode("utf-16"), url=URL) == plain
    assert extract(text.encode("gb18030"), url=URL, content_type="text/html; charset=utf-8") == plain


def test_the_same_article_for_other_layouts_comes_once() -> None:
    paragraphs = "".join(f"<p>Part {number}. {PROSE}</p>" for number in range(4))
    found = page(
        f"<html><body><div class='a'>{paragraphs}</div><div class='b'>{paragraphs}</div></body></html>"
    )
    assert found.text.count("Part 2.") == 1


def test_text_between_line_breaks_is_paragraphs() -> None:
    found = page(
        f"<html><body><div>{PROSE}<br><br>Second: {PROSE} <br>still second<br><br>Third.</div></body></html>"
    )
    assert found.text.split("\n") == [PROSE, f"Second: {PROSE} still second", "Third."]


def test_the_feed_names_a_page_without_title() -> None:
    body = f"<html><body><p>{PROSE}</p><p>{PROSE} Again.</p></body></html>".encode()
    assert (
        extract(body, url=URL, hint=Entry(title="Mill bridge to be mended")).title
        == "Mill bridge to be mended"
    )


def test_nothing_active_is_left() -> None:
    found = page(
        f"""<html><body><article><p onclick="x()">{PROSE} <a href="javascript:x()">a</a></p>
        <script>x()</script><p style="color:red">{PROSE} Two. <a href=" data:text/html,x">b</a></p>
        <iframe src="javascript:x()"></iframe><p>{PROSE} Three.</p></article></body></html>"""
    )
    assert not [word for word in ("script", "onclick", "style", "data:") if word in found.html]


ALONE = """
import sys
from pathlib import Path
from syndicator.extract import extract, page
extract(Path(sys.argv[1]).read_bytes(), url="https://gazette.example/")  # everything is imported now
forbidden = ("socket.", "os.fork", "os.exec", "os.posix_spawn", "subprocess.", "urllib.")
def watch(event, arguments):
    if event.startswith(forbidden):
        raise RuntimeError(event)
sys.addaudithook(watch)
for path in sys.argv[1:]:
    extract(Path(path).read_bytes(), url="https://gazette.example/")
"""


def test_no_library_asks_the_network_or_starts_processes() -> None:
    """The interpreter itself reports what is opened: a page must be read by this process alone."""
    pages = [str(path) for path in GOLDEN.glob("*.html")]
    subprocess.run([sys.executable, "-c", ALONE, *pages], check=True)


@pytest.mark.parametrize(
    ("kind", "title", "text"),
    [
        ("error", "404 Not Found", "The page you requested could not be found. Try the search."),
        ("robot", "Just a moment...", "Enable JavaScript and cookies to continue. Ray ID: 7f00"),
        ("login", "Subscribe to read", "Already a subscriber? Sign in to continue reading."),
        ("consent", "Before you continue", "We and our 640 partners store and use cookies. Accept all"),
        ("login", "请登录", "您需要登录后查看全部内容，请先登录或者注册一个新的账号。"),
        ("robot", "安全验证", "当前环境异常，完成验证后即可继续访问。"),
    ],
)  # fmt: skip
def test_what_stands_where_an_article_should(kind: str, title: str, text: str) -> None:
    assert (
        page(f"<html><head><title>{title}</title></head><body><p>{text}</p></body></html>").obstacle == kind
    )


def test_an_article_about_logins_is_an_article() -> None:
    text = f"<p>{PROSE} Readers were asked to sign in to continue.</p>" * 2
    more = "".join(f"<p>{number}: {PROSE}</p>" for number in range(8))
    assert page(f"<html><body><h1>Log-ins are a nuisance</h1>{text}{more}</body></html>").obstacle == ""


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("empty", b" \r\n\0 "),
        ("not-a-page", b"%PDF-1.7 \xff\xd8"),
        ("not-a-page", b'{"items": []}'),
        ("no-text", b"<html><body><div></div><script>x</script></body></html>"),
    ],
)
def test_what_is_no_page(kind: str, body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        extract(body, url=URL)
    assert caught.value.kind == kind


def test_a_tag_on_nearly_every_page_is_dropped() -> None:
    counts = {"news": 9, "ferries": 3}
    assert drop_common(("News", "Ferries"), counts, 10) == ("Ferries",)
    assert drop_common(("News",), {"news": 8}, 10) == ("News",)
    assert drop_common(("News",), {"news": 3}, 3) == ("News",)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ('<meta property="article:published_time" content="2026-03-03T08:00+08:00">', MARCH_3),
        ('<meta name="DC.date.issued" content="2026-03-03">', datetime(2026, 3, 3, tzinfo=UTC)),
        ('<time datetime="2026-03-03T10:00Z">Tuesday</time>', datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ('<span itemprop="datePublished">3. März 2026</span>', datetime(2026, 3, 3, tzinfo=UTC)),
        ('<div class="post-date">March 3rd, 2026</div>', datetime(2026, 3, 3, tzinfo=UTC)),
        ('<div class="entry-date">3 de marzo de 2026</div>', datetime(2026, 3, 3, tzinfo=UTC)),
        ('<span class="date">03.03.2026</span>', datetime(2026, 3, 3, tzinfo=UTC)),
        ('<span id="pubtime">2026年3月3日18时5分</span>', datetime(2026, 3, 3, 18, 5, tzinfo=UTC)),
        ('<meta name="date" content="0000-00-00">', None),
        ('<meta name="date" content="1970-01-01T00:00:00Z">', None),
    ],
)  # fmt: skip
def test_dates_wherever_they_stand(place: str, expected: datetime | None) -> None:
    assert (
        page(f"<html><body>{place}<p>{PROSE}</p><p>{PROSE} More.</p></body></html>").published_at == expected
    )


def test_the_address_tells_the_date_where_nothing_else_does() -> None:
    body = f"<html><body><p>{PROSE}</p><p>{PROSE} More.</p></body></html>".encode()
    found = extract(body, url="https://gazette.example/2026/03/04/bridge")
    assert found.published_at == datetime(2026, 3, 4, tzinfo=UTC)
