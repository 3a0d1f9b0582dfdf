"""Whatever the bytes are, parse gives a feed or raises ParseError, and normalise takes what it gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syndicator.errors import ParseError
from syndicator.model import Article, Source
from syndicator.normalise import clean, normalise
from syndicator.parse import instant, parse

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SOURCE = Source(name="s", url="https://s.example/feed")
GOLDEN = Path(__file__).parents[1] / "golden" / "parse"
BODIES = [path.read_bytes() for path in sorted(GOLDEN.iterdir()) if not path.name.endswith(".expected.json")]
KINDS = {"empty", "not-a-feed", "too-deep", "too-big", "broken"}

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(body: bytes, content_type: str = "") -> tuple[Article, ...]:
    """Run both stages as the pipeline does; only ParseError may come out."""
    try:
        feed = parse(body, content_type=content_type, url="https://s.example/feed")
    except ParseError as error:
        return () if error.kind in KINDS else pytest.fail(f"an unknown kind: {error.kind}")
    return normalise(feed, source=SOURCE, now=NOW, languages=("en", "zh"))


def is_sound(article: Article) -> bool:
    texts = (
        article.title,
        article.text,
        article.content_html,
        article.summary,
        *article.tags,
        *article.authors,
    )
    json.dumps([article.key, *texts], ensure_ascii=False).encode()  # no half characters
    assert not [c for text in texts for c in text if ord(c) < 32 and c not in "\n\t"]
    assert "\n" not in article.title + article.summary
    assert article.url == "" or article.url.startswith(("http://", "https://"))
    assert clean(article.content_html) == article.content_html
    return True


@QUICK
@given(
    st.binary(max_size=400),
    st.sampled_from(["", "text/xml", "application/json", "text/html; charset=utf-16"]),
)
@example(b"<rss><item><media:player/></item></rss>", "")
@example(b"{", "")
@example(b'{"items":[{"title":"\\ud800","id":1e999}]}', "")
@example(b"<?xml version='1.0' encoding='utf-16'?><rss/>", "")
def test_arbitrary_bytes(body: bytes, content_type: str) -> None:
    assert all(is_sound(article) for article in read(body, content_type))


@QUICK
@given(st.data())
def test_mutated_feeds(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(BODIES)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        wide = data.draw(st.integers(0, 40))
        body[at : at + wide] = data.draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"<![CDATA[", b"]]>", b"<item>", b"&", b"\0", b"<", b"'"]),
            )
        )
    articles = read(bytes(body))
    assert all(is_sound(article) for article in articles)
    assert len({article.key for article in articles}) == len(articles)


MOMENTS = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - Hypothesis wants them naive
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@QUICK
@given(MOMENTS)
def test_dates_are_read_as_they_were_written(moment: datetime) -> None:
    expected = moment.astimezone(UTC).replace(microsecond=0)
    mail = format_datetime(moment)
    colon = f"{mail[:-2]}:{mail[-2:]}"
    short = mail.replace(", 0", ", ")
    iso = moment.isoformat()
    for written in (mail, colon, short, mail.partition(", ")[2], iso, iso.replace("T", " ")):
        assert instant.read(written) == expected, written
    named = format_datetime(moment.astimezone(UTC), usegmt=True)
    for written in (
        named,
        named.replace("GMT", "UTC"),
        named.replace("GMT", "Z"),
        named.removesuffix(" GMT"),
    ):
        assert instant.read(written) == expected, written


@QUICK
@given(st.text(max_size=40), st.integers(0, 30), st.text(max_size=4))
@example("Tue, 24 Nov 2026 04:05:06 GMT", 17, "24:00:")
@example("Tue, 24 Nov 0001 04:05:06 GMT", 0, "")
def test_what_is_no_date_is_none_and_no_error(text: str, at: int, put: str) -> None:
    for written in (text, "Tue, 24 Nov 2026 04:05:06 GMT"[:at] + put, text[:at] + put + text[at:]):
        found = instant.read(written)
        assert found is None or (found.tzinfo is UTC and found.microsecond == 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
    "date_published", "date_modified", "authors", "author", "tags", "language", "attachments",
]  # fmt: skip
ITEM = st.dictionaries(
    st.sampled_from(KEYS),
    JSON,
)


@QUICK
@given(
    st.fixed_dictionaries(
        {"items": st.lists(ITEM, max_size=4)}, optional={"authors": JSON, "title": JSON, "language": JSON}
    )
)
def test_json_feeds_with_values_of_any_type(feed: object) -> None:
    assert all(is_sound(article) for article in read(json.dumps(feed).encode()))
