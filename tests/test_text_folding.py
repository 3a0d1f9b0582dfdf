"""Laws of folding over all characters; traditional characters; piles of marks."""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from pathlib import Path

import pytest
import regex

from syndicator.text import fold, folding, spans, tokens, unify
from syndicator.text.hanzi import SIMPLIFIED, TRADITIONAL
from syndicator.text.words import _NOT_PLAIN, _PERHAPS_NOT_PLAIN

ALL = [chr(code) for code in range(sys.maxunicode + 1)]
ASSIGNED = [char for char in ALL if unicodedata.category(char) not in {"Cn", "Co", "Cs"}]


def test_folding_twice_changes_nothing_for_any_character() -> None:
    once = fold("\n".join(ALL))
    assert fold(once) == once


@pytest.mark.parametrize("before", ["a", "α\u0301", "е", "하", "が", "字", "'"])
@pytest.mark.parametrize("after", ["", "\u0301", "s"])
def test_nor_between_others(before: str, after: str) -> None:
    once = fold("\n".join(f"{before}{char}{after}" for char in ASSIGNED))
    assert fold(once) == once


def test_what_is_quick_overlooks_no_mark_and_no_sign() -> None:
    thorough = {char for char in ALL if _NOT_PLAIN.search(char)}
    assert len(thorough) > 2_000
    assert {char for char in ALL if _PERHAPS_NOT_PLAIN.search(char)} >= thorough


def test_the_table_replaces_one_character_by_one() -> None:
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL)) > 3_000
    assert not set(TRADITIONAL) & set(SIMPLIFIED)
    assert all(map(regex.compile(r"\p{Han}").match, TRADITIONAL + SIMPLIFIED))
    assert unify(TRADITIONAL) == TRADITIONAL
    assert fold(TRADITIONAL) == unify(SIMPLIFIED) == SIMPLIFIED


def test_every_traditional_character_is_found_alone_and_far_down() -> None:
    for traditional, simplified in zip(TRADITIONAL, SIMPLIFIED, strict=True):
        assert fold(traditional) == simplified
        assert tokens(f"the {traditional}") == ["the", simplified]


def test_fold_is_unify_and_the_table() -> None:
    everything = "\n".join(ALL)
    assert fold(everything) == unify(everything).translate(str.maketrans(TRADITIONAL, SIMPLIFIED))


@pytest.mark.peers
def test_the_table_is_what_opencc_has() -> None:
    path = Path(__file__).parent.parent / "bench" / "hanzi.py"
    spec = importlib.util.spec_from_file_location("hanzi", path)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.TABLE.read_text(encoding="utf-8") == script.module(script.derive(script.packaged()))


MARKS = "\u0301\u0323\u0344\u0345\u034f\u0f71\u0f73\u200d\u20dd\u3099ﾞـ\ufe7d\u0e38\u094d"


@pytest.mark.parametrize("letter", ["a", "ก", "क", "字", "한", " "])
def test_piles_come_to_what_normal_forms_make_of_them(letter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    piles = [letter + one * 40 + other * 40 + one * 40 + "x" for one in MARKS for other in MARKS]
    sorted_before = [fold(pile) for pile in piles]
    monkeypatch.setattr(folding, "_PERHAPS_PILED", regex.compile("(?!)"))
    assert sorted_before == [fold(pile) for pile in piles]


def test_a_hundred_thousand_marks_end() -> None:
    # Put in order by `normalize` they would take minutes: n² steps.
    piled = "ก" + "\u0301\u200d" * 100_000 + "\u0323" * 100_000
    assert fold(piled) == "ก" + "\u0323" * 100_000 + "\u0301" * 100_000
    assert [(start, end) for _, start, end in spans(piled)] == [(0, len(piled))]
