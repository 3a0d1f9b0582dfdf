"""Titles, excerpts and dates: tables of what came in and what a reader sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.normalise.dates import published_and_updated
from syndicator.normalise.excerpt import MAX_HAN, MAX_LENGTH, excerpt
from syndicator.normalise.plain import one_line, without_controls

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SENTENCE = "The harbour was closed for the night because of fog on the river. "


@pytest.mark.parametrize("is_html", [True, False])
@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Plain", "Plain"),
        ("AT&T", "AT&T"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("a < b", "a < b"),
        ("a &lt; b &amp;&amp; c > d", "a < b && c > d"),
        ("x<y and z>w", "x<y and z>w"),
        ("R&D &copy", "R&D &copy"),
        ("<em>Aurora</em> sails", "Aurora sails"),
        ("&lt;i&gt;Aurora&lt;/i&gt; sails", "Aurora sails"),
        ("It&#8217;s &quot;on&quot;", 'It’s "on"'),
        (" two\n\t lines ", "two lines"),
        ("a\0b\x07c\x85d\x7f", "abcd"),
        ("tuo \u202eereht\u2066", "tuo ereht"),
        ("half \ud800", "half"),
        ("&#1;&#8238;x", "x"),
        ("😀 \u200dzwj 👩\u200d🚀", "😀 \u200dzwj 👩\u200d🚀"),
        ("", ""),
    ],
)
def test_titles(raw: str, title: str, is_html: bool) -> None:
    assert one_line(raw, 500, is_html=is_html) == title


@pytest.mark.parametrize(
    ("raw", "as_html", "as_plain"),
    [
        ("How to use <br> in mails", "How to use in mails", "How to use <br> in mails"),
        ("One<br/>two", "One two", "One<br/>two"),
        ("A<script>alert(1)</script>B", "AB", "A<script>alert(1)</script>B"),
    ],
)
def test_lone_tags_are_text_where_the_title_is(raw: str, as_html: str, as_plain: str) -> None:
    assert one_line(raw, 500, is_html=True) == as_html
    assert one_line(raw, 500) == as_plain


@given(st.text(), st.integers(5, 80), st.booleans())
def test_a_line_is_one_short_line(text: str, limit: int, is_html: bool) -> None:
    line = one_line(text, limit, is_html=is_html)
    assert len(line) <= limit
    assert line == " ".join(line.split())
    assert without_controls(line) == line
    line.encode()


@pytest.mark.parametrize(
    ("description", "text", "title", "summary"),
    [
        (SENTENCE, "", "T", SENTENCE.strip()),
        ("", SENTENCE * 9, "T", (SENTENCE * 4).strip()),
        (SENTENCE * 9, "", "T", (SENTENCE * 4).strip()),
        ("Short.", SENTENCE, "T", SENTENCE.strip()),
        (f"{SENTENCE}Because of […]", f"{SENTENCE}Because of rain.", "T", f"{SENTENCE}Because of rain."),
        (f"{SENTENCE}[&hellip;]".replace("&hellip;", "…"), "", "T", SENTENCE.strip()),
        ("The harbour was clo [...]", "", "T", "The harbour was…"),
        (f"{SENTENCE}Read more", "", "T", SENTENCE.strip()),
        (f"{SENTENCE}Continue reading Fog at night →", "", "T", SENTENCE.strip()),
        (f"{SENTENCE}The post Fog at night appeared first on The Gazette.", "", "T", SENTENCE.strip()),
        ("Fog at night", SENTENCE, "Fog at night", SENTENCE.strip()),
        (f"Fog at night. {SENTENCE}", "", "Fog at night", SENTENCE.strip()),
        ("Comments", "", "T", ""),
        ("[link] [comments]", "", "T", ""),
        ("submitted by coupdetaco to news [link] [329 comments]", "", "T", ""),
        (f"{SENTENCE}submitted byx [link][1 comment]", "", "T", SENTENCE.strip()),
        (
            f"{SENTENCE}It was submitted by a lock keeper.",
            "",
            "T",
            f"{SENTENCE}It was submitted by a lock keeper.",
        ),
        ("…", "", "T", ""),
        ("", "", "T", ""),
        ("今晨有雾，港口关闭。" * 30, "", "题", "今晨有雾，港口关闭。" * 12),
        (
            "今晨有雾，港口关闭，渡轮停航，旅客改乘汽车。阅读全文",
            "",
            "题",
            "今晨有雾，港口关闭，渡轮停航，旅客改乘汽车。",
        ),
        ("word " * 100, "", "T", ("word " * 59).strip() + "…"),
        (
            "",
            "Night trains are back\nThe railway runs again.",
            "T",
            "Night trains are back — The railway runs again.",
        ),
        ("", "Night trains\nThe railway runs again.", "Night trains", "The railway runs again."),
        ("", "The railway runs.\nIt is late.", "T", "The railway runs. It is late."),
        ("", "a line\nthat goes on", "T", "a line that goes on"),
    ],
)
def test_excerpts(description: str, text: str, title: str, summary: str) -> None:
    assert excerpt(description, text, title) == summary


@given(st.text(max_size=700), st.text(max_size=700), st.text(max_size=20))
def test_an_excerpt_is_short_and_on_one_line(description: str, text: str, title: str) -> None:
    summary = excerpt(description, text, title)
    assert len(summary) <= MAX_LENGTH
    assert "\n" not in summary
    assert len(excerpt("雾" * 500 + description, text, title)) <= max(MAX_HAN, 1)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("published", "updated", "settled"),
    [
        (NOW - DAY, None, (NOW - DAY, None)),
        (NOW - DAY, NOW, (NOW - DAY, NOW)),
        (NOW, NOW - DAY, (NOW, None)),
        (None, NOW - DAY, (NOW - DAY, None)),
        (NOW + DAY, None, (NOW + DAY, None)),
        (NOW + 2 * DAY, None, (None, None)),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW - DAY, (NOW - DAY, None)),
        (datetime(1989, 12, 31, tzinfo=UTC), None, (None, None)),
        (None, None, (None, None)),
    ],
)
def test_dates_that_are_believed(
    published: datetime | None, updated: datetime | None, settled: tuple[datetime | None, datetime | None]
) -> None:
    assert published_and_updated(published, updated, NOW) == settled
