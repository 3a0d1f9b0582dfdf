"""RFC 9110 13.2.2, row by row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syndicator.publish.conditional import is_not_modified

MODIFIED = datetime(2026, 11, 24, 7, 0, 0, 999, tzinfo=UTC)
SAME, OLDER, NEWER = (
    "Tue, 24 Nov 2026 07:00:00 GMT", "Tue, 24 Nov 2026 06:59:59 GMT", "Tue, 24 Nov 2026 07:00:01 GMT",
)  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "unchanged"),
    [
        ({}, False),
        ({"if-none-match": '"a"'}, True),
        ({"if-none-match": 'W/"a"'}, True),
        ({"if-none-match": '"b"'}, False),
        ({"if-none-match": '"b", "a"'}, True),
        ({"if-none-match": '"b" ,W/"a"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": ""}, False),
        ({"if-none-match": "a"}, False),
        ({"if-none-match": '"a-gz"'}, False),
        ({"if-modified-since": SAME}, True),
        ({"if-modified-since": NEWER}, True),
        ({"if-modified-since": OLDER}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": ""}, False),
        ({"if-modified-since": "Tue, 24 Nov 99999 07:00:00 GMT"}, False),
        # The tag decides alone: an agreeing date does not make a differing tag a 304, nor the other way.
        ({"if-none-match": '"b"', "if-modified-since": SAME}, False),
        ({"if-none-match": '"a"', "if-modified-since": OLDER}, True),
        ({"if-none-match": "", "if-modified-since": SAME}, False),
    ],
)
def test_every_row(headers, unchanged):
    assert is_not_modified(headers, etag='"a"', modified_at=MODIFIED) is unchanged
