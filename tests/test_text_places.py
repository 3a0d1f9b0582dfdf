"""Where tokens stand in the text as it was written."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syndicator.text import fold, spans, tokens

# What folding makes longer, shorter or joins: the text that Hypothesis alone would rarely write.
LETTERS = [*"aeinslßﬁŉİıøœſ½㍿①ﷺⅣ·-'’ʼ` .é한하ㅎㅏㄴｶﾞが国電ภาษีـ", "\u1112", "\u1161", "\u11ab", "\U0001f600"]
MARKS = [*"\u0301\u0323\u0308\u0345\u00ad\u200d\ufeff\u202e\u20e3\ufe0f"]
TRICKY = st.lists(st.sampled_from([*LETTERS, *MARKS, "l'", "'s", "qu’"])).map("".join)
PART_OF_SYLLABLE = re.compile("[\u1161-\u11c2]")
KNOWN = st.text(st.characters(exclude_categories=["Cn", "Cs"]))  # see test_text.py
ANY = st.one_of(TRICKY, st.text())

CASES = [
    ("", []),
    ("... !?", []),
    ("The scam, exposed", ["The", "scam", "exposed"]),
    ("China’s exports", ["China", "exports"]),
    ("l’eau de l'été", ["eau", "de", "été"]),
    ("un'altra d'Artagnan's", ["altra", "Artagnan"]),
    ("Straße STRAẞE", ["Straße", "STRAẞE"]),
    ("ﬁnance oﬃce", ["ﬁnance", "oﬃce"]),
    ("Cafe\u0301 e\u0301te\u0301", ["Cafe\u0301", "e\u0301te\u0301"]),
    ("ＣＨＩＮＡ！", ["ＣＨＩＮＡ"]),
    ("tele\u00adcom\u00ad sc\u200dam", ["tele\u00adcom", "sc\u200dam"]),
    ("\ufeff\u202escam\u202c now", ["scam", "now"]),
    ("1\ufe0f\u20e3 2", ["1\ufe0f\u20e3", "2"]),
    ("كـتـاب جديد", ["كـتـاب", "جديد"]),
    ("電信、ｶﾞｽ", ["電", "信", "ｶﾞ", "ｽ"]),
    ("\u1112\u1161\u11ab국어", ["\u1112\u1161\u11ab국어"]),
    ("ភាសាខ្មែរ", ["ភា", "សា", "ខ្", "មែ", "រ"]),
    ("a½b", ["a½", "½b"]),  # a1⁄2b
    ("㍿", ["㍿"] * 4),  # 株式会社
]


@pytest.mark.parametrize(("text", "marked"), CASES)
def test_places_of_many_spellings(text: str, marked: list[str]) -> None:
    assert [text[start:end] for _, start, end in spans(text)] == marked


@given(ANY)
@example("\u0301a")
@example("\u037a\u0301")
@example("ㅎㅏㄴ")
def test_the_tokens_are_the_same(text: str) -> None:
    assert [token for token, _, _ in spans(text)] == tokens(text)


@given(ANY)
def test_each_place_holds_its_token(text: str) -> None:
    for token, start, end in spans(text):
        assert 0 <= start < end <= len(text)
        assert token in fold(text[start:end])
        stand_for_one = len(fold(text[start])) == len(fold(text[end - 1])) == 1
        whole = not PART_OF_SYLLABLE.search(fold(text[start:end]))
        if stand_for_one and whole and text[start:end].isalnum():
            assert fold(text[start:end]) == token


@given(ANY)
def test_places_are_in_order_and_share_only_what_stands_for_several(text: str) -> None:
    for (one, start, end), (other, later, last) in pairwise(spans(text)):
        assert start <= later
        assert end <= last
        if later < end:
            shared = fold(text[later:end])
            assert len(shared) >= 2
            assert len(tokens(shared)) >= 2 or not shared.isalnum(), (one, other)


@given(TRICKY | KNOWN, TRICKY | KNOWN)
def test_what_stands_before_moves_places_and_nothing_else(before: str, text: str) -> None:
    moved = [(token, start + len(before) + 1, end + len(before) + 1) for token, start, end in spans(text)]
    assert spans(f"{before}\n{text}") == spans(before) + moved
