"""Which entries are cut short, and what their pages may add."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syndicator.extract import Page
from syndicator.extract.fulltext import fill, is_truncated
from syndicator.model import Enclosure, Entry

URL = "https://gazette.example/news/1"
SENTENCE = (
    "The council met on Tuesday and agreed, after a long evening, to mend the old mill bridge before winter. "
)
WHOLE = SENTENCE * 20
HAN = "桥头镇新建的图书馆将于本周六上午九点正式向市民开放，馆内现有藏书六万余册。" * 20


@pytest.mark.parametrize(
    ("content", "summary", "expected"),
    [
        (f"<p>{WHOLE}</p>", "", False),
        (f"<p>{HAN}</p>", "", False),
        ("", WHOLE, False),
        (f"<p>{WHOLE}…</p>", "", True),
        (f"<p>{WHOLE} [&hellip;]</p>", "", True),
        (f"<p>{WHOLE} [...]</p>", "", True),
        (f"<p>{WHOLE}...</p>", "", True),
        (f"<p>{WHOLE}</p><p><a href='/x'>Read more</a></p>", "", True),
        (f"<p>{WHOLE}</p><p><a href='/x'>Continue reading <b>Bridge to be mended</b> →</a></p>", "", True),
        (f"<p>{WHOLE}</p><a href='/x'>Weiterlesen</a>", "", True),
        (f"<p>{HAN}</p><p><a href='/x'>阅读全文</a></p>", "", True),
        (f"<p>{HAN}</p><p>点击查看全文&gt;&gt;</p>", "", True),
        (f"<p>{WHOLE}</p><p>The post <a>Bridge</a> appeared first on <a>Gazette</a>.</p>", "", False),
        (f"<p>{WHOLE} […]</p><p>The post <a>Bridge</a> appeared first on <a>Gazette</a>.</p>", "", True),
        ("", SENTENCE, True),
        ("", "", True),
        (f"<p>{SENTENCE}</p>", "", True),
    ],
)  # fmt: skip
def test_marks_of_the_scissors(content: str, summary: str, expected: bool) -> None:
    assert is_truncated(Entry(url=URL, content=content, summary=summary)) is expected


def test_nothing_to_fetch_and_things_to_hear_are_whole() -> None:
    assert not is_truncated(Entry(content=SENTENCE))
    assert not is_truncated(
        Entry(url=URL, summary=SENTENCE, enclosures=(Enclosure(url="a", type="audio/mpeg"),))
    )


PAGE = Page(
    url=URL,
    title="Mill bridge to be mended",
    html=f"<p>{WHOLE}</p>",
    text=WHOLE,
    published_at=datetime(2026, 3, 3, tzinfo=UTC),
    authors=("Ines",),
    tags=("Bridges", "news"),
    language="en",
    image="https://gazette.example/i.jpg",
)
SHORT = Entry(url=URL, title="Mill bridge to be mended", summary=SENTENCE + "…", tags=("News",))


def test_the_page_fills_what_the_feed_left_out() -> None:
    found = fill(SHORT, PAGE)
    assert found.content == PAGE.html
    assert (found.summary, found.title) == (SHORT.summary, SHORT.title)
    assert (found.published_at, found.authors) == (PAGE.published_at, ("Ines",))
    assert found.tags == ("News", "Bridges")
    assert (found.language, found.image, found.base_url) == ("en", PAGE.image, URL)


def test_what_the_feed_says_wins() -> None:
    entry = replace(
        SHORT,
        title="<b>Bridge</b>",
        title_is_html=True,
        authors=("Tom",),
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    found = fill(entry, PAGE)
    assert (found.title, found.title_is_html, found.authors) == ("<b>Bridge</b>", True, ("Tom",))
    assert found.published_at == datetime(2026, 1, 1, tzinfo=UTC)


OTHER = "Wind and rain are expected along the coast tonight, with gusts of up to ninety near the capes. "


@pytest.mark.parametrize(
    ("entry", "page"),
    [
        (SHORT, replace(PAGE, obstacle="login")),
        (SHORT, replace(PAGE, text="")),
        (SHORT, replace(PAGE, title="Weather", text=OTHER * 20)),
        (replace(SHORT, content=WHOLE + SENTENCE), PAGE),
        (replace(SHORT, summary="", content=OTHER * 18), PAGE),
    ],
    ids=["a wall", "nothing", "another article", "less than the feed has", "not what the feed tells"],
)
def test_pages_that_fill_nothing(entry: Entry, page: Page) -> None:
    assert fill(entry, page) is entry


def test_an_editors_summary_does_not_contradict() -> None:
    entry = replace(SHORT, summary="Ahead of winter: what happens at the river.")
    assert fill(entry, PAGE).content == PAGE.html


@pytest.mark.parametrize(
    ("listed", "title"),
    [
        ("Mill bridge to be mended", "Mill bridge to be mended"),
        ("The council met on Tuesday", "The council met on Tuesday"),  # the page says so too
        ("Rail deal signed", "Mill bridge to be mended"),
        ("Read more", "Mill bridge to be mended"),
        ("More", "Mill bridge to be mended"),
        ("", "Mill bridge to be mended"),
    ],
)
def test_what_a_list_names_is_what_its_page_says(listed: str, title: str) -> None:
    found = fill(Entry(url=URL, title=listed), PAGE)
    assert (found.title, found.content, found.authors) == (title, PAGE.html, PAGE.authors)
