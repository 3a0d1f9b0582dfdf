from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.match import RuleError, check_rule, parse_line, parse_mask, parse_rule, parse_tag
from syndicator.match.grammar import MAX_LINE, MAX_TERMS
from syndicator.model import Rule, Term
from syndicator.text import tokens


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("scam", [("scam",)]),
        ("  Scam  ", [("scam",)]),
        ("telecom fraud", [("telecom",), ("fraud",)]),
        ("Telecom　Fraud", [("telecom",), ("fraud",)]),
        ('"telecom fraud"', [("telecom", "fraud")]),
        ("“telecom fraud”", [("telecom", "fraud")]),
        ("cyber-fraud", [("cyber", "fraud")]),
        ("AT&T", [("at", "t")]),
        ("1,000", [("1", "000")]),
        ("10:30", [("10", "30")]),
        ("电信诈骗", [("电", "信", "诈", "骗")]),
        ("电信 诈骗", [("电", "信"), ("诈", "骗")]),
        ('"or"', [("or",)]),
        ('"a (b) /c/ @d"', [("a", "b", "c", "d")]),
        ("near miss", [("near",), ("miss",)]),
        ("order android nothing", [("order",), ("android",), ("nothing",)]),
    ],
)
def test_words_and_phrases(line: str, terms: list[tuple[str, ...]]) -> None:
    parsed = parse_line(line)
    assert [term.tokens for term in parsed] == terms
    assert not any(term.prefix for term in parsed)
    assert {term.field for term in parsed} == {"text"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fraud*", Term(tokens=("fraud",), prefix=True, source="fraud*")),
        ("fraud＊", Term(tokens=("fraud",), prefix=True, source="fraud＊")),
        ('"phone scam*"', Term(tokens=("phone", "scam"), prefix=True, source='"phone scam*"')),
        ("诈*", Term(tokens=("诈",), prefix=True, source="诈*")),
        ("사기*", Term(tokens=("사기",), prefix=True, source="사기*")),
        ("हिन्दी*", Term(tokens=("हिन्दी",), prefix=True, source="हिन्दी*")),
        ("title:fraud", Term(tokens=("fraud",), field="title", source="title:fraud")),
        ("Title：Fraud*", Term(tokens=("fraud",), field="title", prefix=True, source="Title：Fraud*")),
        ('tag:"Telecom Fraud"', Term(tokens=("telecom", "fraud"), field="tag", source='tag:"Telecom Fraud"')),
        ("lang:zh", Term(tokens=("zh",), field="lang", source="lang:zh")),
        ("url:https://a.example/b", Term(tokens=("https", "a", "example", "b"), field="url",
                                         source="url:https://a.example/b")),
    ],
)  # fmt: skip
def test_prefixes_and_fields(line: str, expected: Term) -> None:
    assert parse_line(line) == (expected,)


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("", 1, "an empty line"),
        ("   ", 1, "an empty line"),
        ("...", 1, "no letter or digit to look for"),
        ('scam ""', 7, "no letter or digit to look for"),
        ("scam OR fraud", 6, "OR is not understood yet"),
        ("scam or fraud", 6, "OR is not understood yet"),
        ("scam And fraud", 6, "AND is not needed"),
        ("scam not phone", 6, "NOT is not understood yet"),
        ("scam NEAR/6 phone", 6, "NEAR is not understood yet"),
        ("scam near/6 phone", 6, "NEAR is not understood yet"),
        ("scam NEAR phone", 6, "NEAR is not understood yet"),
        ("(scam)", 1, "parentheses are not understood yet"),
        ("（诈骗）", 1, "parentheses are not understood yet"),
        ("scam(s)", 5, "( inside a word"),
        ("scam, fraud", 5, ", inside a word"),
        ("诈骗，骗局", 3, "， inside a word"),
        ("scam|fraud", 5, "| inside a word"),
        ("scam | fraud", 6, "a sign that joins alternatives is not understood yet"),
        ("/scams?/", 1, "expressions between slashes are not understood yet"),
        ("title:/scams?/", 7, "expressions between slashes are not understood yet"),
        ("@china", 1, "aliases are not understood yet"),
        ("=Apple", 1, "exact case (=Word) is not understood yet"),
        ("scam -phone", 6, "a leading - is not understood yet"),
        ("title:-phone", 7, "a leading - is not understood yet"),
        ("fr*", 1, "fr* is too short"),
        ('"phone sc*"', 2, "sc* is too short"),
        ("가*", 1, "가* is too short"),
        ("*scam", 1, "a star in an odd place"),
        ("sc*am", 3, "a star in an odd place"),
        ("scam-*", 6, "a star in an odd place"),
        ("scam**", 5, "a star in an odd place"),
        ('"tele* fraud"', 6, "a star in an odd place"),
        ('"phone scam"*', 13, "a quotation mark amid a word"),
        ('phone"scam"', 6, "a quotation mark amid a word"),
        ('scam "phone', 6, "the quotation mark is never closed"),
        ("titel:scam", 1, "unknown field titel"),
        ("scam https://example.org", 6, "unknown field https"),
        ("title: scam", 7, "nothing after title:"),
        ("title:", 7, "nothing after title:"),
        ("title:lead:scam", 7, "a field inside a field"),
        ("x" * (MAX_LINE + 1), MAX_LINE + 1, f"a line of {MAX_LINE + 1} characters"),
    ],
)
def test_refused_with_place_and_remedy(line: str, column: int, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_line(line)
    assert (caught.value.message, caught.value.column) == (message, column)
    assert caught.value.remedy


def test_did_you_mean() -> None:
    with pytest.raises(RuleError) as caught:
        parse_line("titel:scam")
    assert caught.value.remedy == "did you mean title?"
    with pytest.raises(RuleError) as caught:
        parse_line("https://example.org")
    assert "title, lead, body" in caught.value.remedy


def test_mask_and_tag() -> None:
    assert parse_mask('"bone china"').tokens == ("bone", "china")
    with pytest.raises(RuleError) as caught:
        parse_mask("bone china")
    assert caught.value.remedy == 'quote it: "bone china"'
    assert parse_tag(" Telecom-Fraud ") == "telecom fraud"
    with pytest.raises(RuleError):
        parse_tag("—")


def test_rules_as_a_whole() -> None:
    assert check_rule(parse_rule(any=["scam"])) is None
    assert check_rule(parse_rule(all=["scam"])) is None
    assert check_rule(parse_rule(tags=["scam"])) is None
    assert check_rule(parse_rule(any=["scam"] * MAX_TERMS)) is None
    assert "can only exclude" in str(check_rule(parse_rule(none=["scam"], mask=["fraud"])))
    assert "empty" in str(check_rule(Rule()))
    assert f"{MAX_TERMS + 1} terms" in str(check_rule(parse_rule(any=["scam"] * MAX_TERMS, tags=["x"])))


@given(st.text(max_size=60) | st.text('aß中*":/@=-()OR NTtile,', max_size=30))
def test_any_text_is_a_line_or_a_rule_error(line: str) -> None:
    terms, refused = (), None
    try:
        terms = parse_line(line)
    except RuleError as error:
        refused = error
    if refused:
        assert 1 <= refused.column <= len(line) + 1
        assert refused.remedy
    else:
        assert terms
        assert all(term.tokens and all(term.tokens) for term in terms)


@given(st.text(st.characters(exclude_characters='"“”„＂*＊', exclude_categories=["Cs"]), max_size=60))
def test_a_quoted_text_is_its_tokens(text: str) -> None:
    try:
        (term,) = parse_line(f'"{text}"')
    except RuleError:
        assert not tokens(text)
    else:
        assert list(term.tokens) == tokens(text)
