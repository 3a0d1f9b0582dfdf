"""What is known to stay as it is does so: cleaning it again by nh3 changes nothing."""

from __future__ import annotations

import re
import sys
from typing import get_args

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from syndicator.controls import without_controls
from syndicator.normalise.policies import CLEANERS, Name
from syndicator.normalise.settled import PLAIN, is_settled
from syndicator.normalise.triggers import tag_names

ATTRIBUTES = st.sampled_from(
    ("", "", " class=x", ' href="https://a.example/?a=1&b"', " title='<p>'", ' lang="en" id')
)
NAMES = st.sampled_from(sorted(PLAIN))
CLASHES = st.sampled_from(
    ("a", "b", "p", "h2", "h3", "li", "ul", "dd", "pre", "div", "font", "x-bare", "source")
)
TAGS = st.one_of(
    st.builds("<{}{}>".format, CLASHES | NAMES, ATTRIBUTES), st.builds("</{}>".format, CLASHES | NAMES)
)
PIECES = TAGS | st.sampled_from(
    ("x", " ", "\n", "&amp;", "&nbsp;", "&#10;", "<!--x-->", "<", "<br/>", "</p>", "<pre>\n", "<b><b><b><b>")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
@example("<h2><font><h3>a</font></h3>")
@example("<pre>\n\n\nx</pre>")
@example("<pre><!---->\n\nx</pre>")
@example("<p><b class=1><b class=2><b class=3><b class=4>a<p>b")
@example("<a href='/x'><div><a href='/y'>b</div>")
def test_what_is_settled_stays(html: str) -> None:
    for policy in get_args(Name):
        cleaned = CLEANERS[policy].clean(html)
        assume(without_controls(cleaned) == cleaned)
        if is_settled(tag_names(html), cleaned):
            assert CLEANERS[policy].clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("html", "settled"),
    [
        ("<p>a<b>b</b></p>", True),
        ("<pre>x</pre>", True),
        ("<h2>a</h2><h3>b</h3>", True),
        ("<li><form><li>x</form>", False),
        ("<p><object><p>x</object>", False),
        ("<table><a href='/x'><tr><a href='/y'>", False),
        ("<pre>\n\nx</pre>", False),
        ("<h2><font><h3>x</font></h2>", False),
        ("<P>a</P>", False),
    ],
)
def test_what_may_change_is_not_settled(html: str, settled: bool) -> None:
    assert is_settled(tag_names(html), CLEANERS["feed"].clean(html)) is settled


def test_sound_characters_are_all_but_those_that_are_dropped() -> None:
    dropped = re.compile(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
        "\ud800-\udfff\r\u2028\u2029\ufdd0-\ufdef"
        f"{''.join(chr(n << 16 | 0xFFFE) + chr(n << 16 | 0xFFFF) for n in range(1, 17))}]"
    )
    for character in map(chr, range(sys.maxunicode + 1)):
        assert (without_controls(f"\n{character}") == f"\n{character}") is not bool(dropped.match(character))
