"""What readers type into the search field, and where the words stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.match.question import MAX_LENGTH, MAX_TERMS, Question, haystack, places, question


def said(asked: str) -> tuple[list[list[str]], list[str]]:
    read = question(asked)
    assert isinstance(read, Question), read
    return [[words.needle for words in group] for group in read.groups], [w.needle for w in read.without]


@pytest.mark.parametrize(
    ("asked", "groups", "without"),
    [
        ("harbour fire", [[" harbour "], [" fire "]], []),
        ("Harbour AND Fire", [[" harbour "], [" fire "]], []),
        ('"Harbour  Fire"', [[" harbour fire "]], []),
        ("“harbour fire” smoke", [[" harbour fire "], [" smoke "]], []),
        ("「港口火災」", [[" 港 口 火 灾 "]], []),
        ("电信诈骗 银行", [[" 电 信 诈 骗 "], [" 银 行 "]], []),
        ("harbo*", [[" harbo"]], []),
        ("港口＊", [[" 港 口 "]], []),  # one character is a word
        ("h*", [[" h "]], []),
        ("ferry OR ship port", [[" ferry ", " ship "], [" port "]], []),
        ("ferry | ship | boat", [[" ferry ", " ship ", " boat "]], []),
        ("港口 或 码头", [[" 港 口 ", " 码 头 "]], []),
        ("ferry -ship NOT boat", [[" ferry "]], [" ship ", " boat "]),
        ('ferry -"night boat"', [[" ferry "]], [" night boat "]),
        ("OR ferry OR", [[" ferry "]], []),
        ("NOT ferry ship", [[" ship "]], [" ferry "]),
        ("Zürich CAFÉ", [[" zurich "], [" cafe "]], []),
        ("well-known", [[" well known "]], []),
        ("the editor's", [[" the "], [" editor "]], []),
        ('unfinished "business at', [[" unfinished "], [" business at "]], []),
        ("title:fraud (x", [[" title fraud "], [" x "]], []),
        ("وزارة رسالة", [[" وزارة "], [" رسالة "]], []),
    ],
)
def test_questions(asked: str, groups: list[list[str]], without: list[str]) -> None:
    assert said(asked) == (groups, without)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("", "empty"),
        ('  "" * - ', "empty"),
        ("!? …", "empty"),
        ("-ferry", "only-not"),
        ("NOT ferry", "only-not"),
        ("x" * (MAX_LENGTH + 1), "long"),
        (" ".join("abcdefghijklmnopqrstuvwxyz"[: MAX_TERMS + 1]), "long"),
    ],
)
def test_what_cannot_be_looked_for(asked: str, why: str) -> None:
    assert question(asked) == why


@given(st.text(max_size=MAX_LENGTH))
def test_nothing_that_is_typed_is_an_error(asked: str) -> None:
    read = question(asked)
    if isinstance(read, Question):
        found = places(read, asked)
        assert all(start < end for start, end in found)
        assert found == sorted(found)


@pytest.mark.parametrize(
    ("asked", "text", "marked"),
    [
        ("fraud OR call", "Fraud by a CALL: fraudsters call", ["Fraud", "CALL", "call"]),
        ("fraud*", "Fraud by fraudsters", ["Fraud", "fraudsters"]),
        (
            '"night ferry"',
            "Night. Ferry? Night ferry; night-ferry",
            ["Night. Ferry", "Night ferry", "night-ferry"],
        ),
        ("詐騙", "电信诈骗，又一起诈骗", ["诈骗", "诈骗"]),
        ("fa OR fab*", "fable", ["fable"]),
        ("port -ship", "ship in port", ["port"]),
    ],
)
def test_places(asked: str, text: str, marked: list[str]) -> None:
    read = question(asked)
    assert isinstance(read, Question)
    assert [text[start:end] for start, end in places(read, text)] == marked


def test_no_phrase_runs_from_one_text_into_the_next() -> None:
    words = haystack(["Night", "", "ferry sails"])
    assert " night ferry " not in words
    assert " night " in words
    assert " ferry sails " in words
