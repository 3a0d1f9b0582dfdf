"""RFC 9110 13.2.2, row by row: which precondition counts, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.publish import httpdate
from syndicator.publish.conditional import outcome, stamp, tags

MODIFIED = datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC)
SAME, OLDER, NEWER, FUTURE = (
    "Tue, 24 Nov 2026 07:00:00 GMT", "Tue, 24 Nov 2026 06:59:59 GMT", "Tue, 24 Nov 2026 07:00:01 GMT",
    "Sat, 28 Nov 2026 12:00:00 GMT",
)  # fmt: skip

# Step 1: If-Match decides alone over If-Unmodified-Since, by strong comparison.
IF_MATCH = [
    ({"if-match": '"a"'}, 200),
    ({"if-match": "*"}, 200),
    ({"if-match": '"b", "a"'}, 200),
    ({"if-match": '"b"'}, 412),
    ({"if-match": 'W/"a"'}, 412),
    ({"if-match": ""}, 412),
    ({"if-match": '"a"', "if-unmodified-since": OLDER}, 200),
    ({"if-match": '"b"', "if-unmodified-since": SAME}, 412),
]
# Step 2: If-Unmodified-Since, only without If-Match.
IF_UNMODIFIED_SINCE = [
    ({"if-unmodified-since": SAME}, 200),
    ({"if-unmodified-since": NEWER}, 200),
    ({"if-unmodified-since": FUTURE}, 200),
    ({"if-unmodified-since": OLDER}, 412),
    ({"if-unmodified-since": "long ago"}, 200),
    ({"if-unmodified-since": f"{OLDER}, {OLDER}"}, 200),
]
# Step 3: If-None-Match decides alone over If-Modified-Since, by weak comparison.
IF_NONE_MATCH = [
    ({"if-none-match": '"a"'}, 304),
    ({"if-none-match": 'W/"a"'}, 304),
    ({"if-none-match": '"b"'}, 200),
    ({"if-none-match": '"b", "a"'}, 304),
    ({"if-none-match": '"b" ,W/"a"'}, 304),
    ({"if-none-match": '"b,c","a"'}, 304),
    ({"if-none-match": '"x,"a"'}, 200),
    ({"if-none-match": " * "}, 304),
    ({"if-none-match": '"b", *'}, 200),
    ({"if-none-match": ""}, 200),
    ({"if-none-match": "a"}, 200),
    ({"if-none-match": '"A"'}, 200),
    ({"if-none-match": '"a-gz"'}, 200),
    ({"if-none-match": '"b"', "if-modified-since": SAME}, 200),
    ({"if-none-match": '"b"', "if-modified-since": FUTURE}, 200),
    ({"if-none-match": '"a"', "if-modified-since": OLDER}, 304),
    ({"if-none-match": "", "if-modified-since": SAME}, 200),
]
# Step 4: If-Modified-Since, only without If-None-Match.
IF_MODIFIED_SINCE = [
    ({"if-modified-since": SAME}, 304),
    ({"if-modified-since": NEWER}, 304),
    ({"if-modified-since": FUTURE}, 304),
    ({"if-modified-since": OLDER}, 200),
    ({"if-modified-since": "yesterday"}, 200),
    ({"if-modified-since": ""}, 200),
    ({"if-modified-since": f"{SAME}, {SAME}"}, 200),
    ({"if-modified-since": "Tue, 24 Nov 99999 07:00:00 GMT"}, 200),
    ({"if-modified-since": "Tue, 24 Nov 2026 07:00:00 +0000"}, 200),
]
# The steps one after the other.
TOGETHER = [
    ({}, 200),
    ({"if-match": '"a"', "if-none-match": '"a"'}, 304),
    ({"if-match": '"a"', "if-none-match": '"b"'}, 200),
    ({"if-match": '"b"', "if-none-match": '"a"'}, 412),
    ({"if-match": '"a"', "if-modified-since": SAME}, 304),
    ({"if-unmodified-since": SAME, "if-none-match": '"a"'}, 304),
    ({"if-unmodified-since": OLDER, "if-none-match": '"a"'}, 412),
    ({"if-unmodified-since": SAME, "if-modified-since": SAME}, 304),
    ({"if-unmodified-since": OLDER, "if-modified-since": SAME}, 412),
]
ROWS = [*IF_MATCH, *IF_UNMODIFIED_SINCE, *IF_NONE_MATCH, *IF_MODIFIED_SINCE, *TOGETHER]


@pytest.mark.parametrize(("headers", "status"), ROWS, ids=lambda value: str(value)[:70])
def test_every_row(headers, status):
    assert outcome(headers, etag='"a"', modified_at=MODIFIED, now=NOW) == status


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "  Sun, 06 Nov 1994 08:49:37 GMT\t",
    ],
)
def test_the_three_forms_of_a_date(text):
    assert httpdate.read(text, now=NOW) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Friday, 06-Nov-26 08:49:37 GMT", 2026),
        ("Friday, 06-Nov-76 08:49:37 GMT", 2076),  # no more than fifty years ahead
        ("Friday, 06-Nov-77 08:49:37 GMT", 1977),
    ],
)
def test_a_year_of_two_digits(text, year):
    read = httpdate.read(text, now=NOW)
    assert read
    assert read.year == year


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "0",
        "",
    ],
)
def test_what_is_no_date(text):
    assert httpdate.read(text, now=NOW) is None


def test_a_leap_second_is_the_next_minute():
    read = httpdate.read("Sat, 31 Dec 2016 23:59:60 GMT", now=NOW)
    assert read == datetime(2017, 1, 1, tzinfo=UTC)
    assert httpdate.read("Fri, 31 Dec 9999 23:59:60 GMT", now=NOW) is None


def test_each_version_has_a_date_of_its_own():
    """Whoever asks by date must not miss the second version of one second, whatever the clock does."""
    first = stamp(NOW.replace(microsecond=900), None)
    second = stamp(NOW.replace(microsecond=950), first)
    third = stamp(NOW - timedelta(hours=1), second)
    assert (first, second, third) == (NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2))
    assert stamp(NOW + timedelta(days=1), third) == NOW + timedelta(days=1)


def test_the_tags_of_a_list():
    assert tags('W/"a", "b,c" , "", x') == ['"a"', '"b,c"', '""']
