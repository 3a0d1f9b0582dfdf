from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.match import (
    Aliases,
    RuleError,
    check_rule,
    parse_line,
    parse_mask,
    parse_positive,
    parse_query,
    parse_rule,
    parse_tag,
)
from syndicator.match.checks import MAX_TERMS, leaves_of
from syndicator.match.grammar import MAX_LINE
from syndicator.model import And, Expr, Near, Not, Or, Pattern, Rule, Term
from syndicator.text import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

ALIASES = Aliases({"sea": (Term(tokens=("sea",), source="sea"), Term(tokens=("海",), source="海"))})


def terms_of(expr: Expr) -> list[Term]:
    """The words of a line that has nothing but words."""
    parts = expr.parts if isinstance(expr, And) else (expr,)
    assert all(isinstance(part, Term) for part in parts)
    return [part for part in parts if isinstance(part, Term)]


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("scam", [("scam",)]),
        ("  Scam  ", [("scam",)]),
        ("telecom fraud", [("telecom",), ("fraud",)]),
        ("telecom AND fraud", [("telecom",), ("fraud",)]),
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
        ("(scam)", [("scam",)]),
        ("（诈骗）", [("诈", "骗")]),
    ],
)
def test_words_and_phrases(line: str, terms: list[tuple[str, ...]]) -> None:
    parsed = terms_of(parse_line(line))
    assert [term.tokens for term in parsed] == terms
    assert not any(term.prefix or term.forms for term in parsed)
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
        ("=Apple", Term(tokens=("apple",), forms=("Apple",), source="=Apple")),
        ('="Café Noir"', Term(tokens=("cafe", "noir"), forms=("Café", "Noir"), source='="Café Noir"')),
        ("title:=US", Term(tokens=("us",), field="title", forms=("US",), source="title:=US")),
        ("=Scam*", Term(tokens=("scam",), prefix=True, forms=("Scam",), source="=Scam*")),
        ("title:/fl(oo|u)d/", Pattern(regex="fl(oo|u)d", field="title", source="title:/fl(oo|u)d/")),
        ("URL：/a b/i", Pattern(regex="a b", field="url", source="URL：/a b/i")),
        (r"author:/a\/b/", Pattern(regex=r"a\/b", field="author", source=r"author:/a\/b/")),
    ],
)  # fmt: skip
def test_leaves(line: str, expected: Expr) -> None:
    assert parse_line(line) == expected


def shape(expr: Expr) -> str:
    """A tree in brackets: words as they are compared, fields where they are not `text`."""
    if isinstance(expr, Term):
        field = "" if expr.field == "text" else f"{expr.field}:"
        return f"{field}{'-'.join(expr.tokens)}{'*' * expr.prefix}"
    if isinstance(expr, Pattern):
        return f"{expr.field}:/{expr.regex}/"
    if isinstance(expr, Near):
        left, right = ("|".join(map(shape, side)) for side in (expr.left, expr.right))
        return f"<{left} {expr.distance} {right}>"
    if isinstance(expr, Not):
        return f"!{shape(expr.part)}"
    return f"[{(' ' if isinstance(expr, And) else '|').join(map(shape, expr.parts))}]"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a OR b", "[a|b]"),
        ("a OR b OR c", "[a|b|c]"),
        ("a b OR c d", "[[a b]|[c d]]"),  # AND binds closer than OR
        ("a (b OR c) d", "[a [b|c] d]"),
        ("a AND b c", "[a b c]"),
        ("a -b", "[a !b]"),
        ("a NOT b", "[a !b]"),
        ("a AND NOT b", "[a !b]"),
        ("a –b", "[a !b]"),
        ("a -(b c)", "[a ![b c]]"),
        ("a NOT b OR c", "[[a !b]|c]"),
        ('a -"b c"', "[a !b-c]"),
        ("a -title:b", "[a !title:b]"),
        ("NOT (NOT a)", "!!a"),
        ("a NEAR/5 b", "<a 5 b>"),
        ("a NEAR/0 b", "<a 0 b>"),
        ("(a OR b*) NEAR/5 b", "<a|b* 5 b>".replace("b*", "bcd*")),
        ("a NOT b NEAR/2 c", "[a !<b 2 c>]"),
        ("a NEAR/2 b c", "[<a 2 b> c]"),
        ("(a OR (b OR c)) NEAR/1 (d)", "<a|b|c 1 d>"),
        ("title:(a OR b NEAR/3 c -d)", "[title:a|[<title:b 3 title:c> !title:d]]"),
        ("title:(a (b OR c))", "[title:a [title:b|title:c]]"),
        ("title:a NEAR/3 b", "<title:a 3 b>"),
        ("（电信 OR 网络）NEAR/4（诈骗 OR 违法犯罪）", "<电-信|网-络 4 诈-骗|违-法-犯-罪>"),
        ("诈骗　－＂合同 诈骗＂", "[诈-骗 !合-同-诈-骗]"),
        ("诈骗 OR title：骗", "[诈-骗|title:骗]"),
        ("ａ ＯＲ ｂ", "[a|b]"),
        ("title:/a|b/ OR c", "[title:/a|b/|c]"),
        ('"OR" OR "AND"', "[or|and]"),
        ("((((((((((((((((((((a))))))))))))))))))))", "a"),  # 20
    ],
)
def test_structure(line: str, expected: str) -> None:
    if "bcd*" in expected:
        line = line.replace("b*", "bcd*")
    assert shape(parse_line(line)) == expected


@pytest.mark.parametrize("dash", "-‐‑‒–—―⁻−﹘﹣－¬")
def test_a_dash_excludes_however_it_was_typed(dash: str) -> None:
    expr = parse_line(f"fraud {dash}phone")
    assert isinstance(expr, And)
    assert [type(part) for part in expr.parts] == [Term, Not]


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("a OR  b c", ["a OR  b c", "a", "b c", "b", "c"]),
        (" title:(a OR b) -c ", ["title:(a OR b) -c", "title:(a OR b)", "a", "b", "-c", "c"]),
        ("（电信 OR 网络）NEAR/4 诈骗 x", ["（电信 OR 网络）NEAR/4 诈骗 x", "（电信 OR 网络）NEAR/4 诈骗",
                                         "x"]),
        ("@sea NOT title:@sea", ["@sea NOT title:@sea", "@sea", "sea", "海", "NOT title:@sea", "title:@sea",
                                 "sea", "海"]),
    ],
)  # fmt: skip
def test_every_node_keeps_what_was_written(line: str, labels: list[str]) -> None:
    def written(expr: Expr) -> list[str]:
        below = [expr.part] if isinstance(expr, Not) else expr.parts if isinstance(expr, And | Or) else []
        return [expr.source, *(label for part in below for label in written(part))]

    assert written(parse_line(line, ALIASES)) == labels


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("", 1, "an empty line"),
        ("   ", 1, "an empty line"),
        ("...", 1, "no letter or digit to look for"),
        ('scam ""', 7, "no letter or digit to look for"),
        ("fraud \u200b-phone", 7, "an invisible character (U+200B)"),
        ("fraud OR\u200b phone", 9, "an invisible character (U+200B)"),
        ("scam \u2060NOT phone", 6, "an invisible character (U+2060)"),
        ("scam ‑ fraud", 6, "a dash that stands alone"),
        ("c++", 2, "+ is not looked for"),
        ("c#", 2, "# is not looked for"),
        ("colo?r", 5, "? is not looked for"),
        ("scam fraud~2", 11, "~ is not looked for"),
        ("fraud^3", 6, "^ is not looked for"),
        ("«telecom fraud»", 1, "« is not looked for"),
        ("‘telecom fraud’", 1, "‘ is not looked for"),
        ("telecom W/5 fraud", 9, "unknown operator W/5"),
        ("telecom ADJ3 fraud", 9, "unknown operator ADJ3"),
        ("telecom NEAR6 fraud", 9, "unknown operator NEAR6"),
        ("telecom XOR fraud", 9, "unknown operator XOR"),
        ("scam or fraud", 6, "or is neither an operator nor a word"),
        ("scam And fraud", 6, "And is neither an operator nor a word"),
        ("scam not phone", 6, "not is neither an operator nor a word"),
        ("title:or", 7, "or is neither an operator nor a word"),
        ("scam OR", 8, "nothing after OR"),
        ("scam OR ", 8, "nothing after OR"),
        ("scam OR OR fraud", 9, "nothing after OR"),
        ("OR scam", 1, "nothing before OR"),
        ("AND scam", 1, "nothing before AND"),
        ("scam AND", 9, "nothing after AND"),
        ("scam NOT", 9, "nothing after NOT"),
        ("(scam OR) fraud", 9, "nothing after OR"),
        ("(OR scam)", 2, "nothing before OR"),
        ("scam NOT NOT fraud", 10, "NOT twice"),
        ("scam --fraud", 7, "NOT twice"),
        ("scam near/6 phone", 6, "unknown operator near/6"),
        ("scam NEAR phone", 6, "NEAR without a distance"),
        ("scam NEAR/ phone", 6, "NEAR/ without a distance"),
        ("scam NEAR/x phone", 6, "NEAR/x without a distance"),
        ("scam NEER/6 phone", 6, "unknown operator NEER/6"),
        ("scam NEAR/101 phone", 6, "NEAR/101 reaches too far"),
        ("NEAR/6 phone", 1, "nothing before NEAR/6"),
        ("scam NEAR/6", 12, "nothing after NEAR/6"),
        ("scam NEAR/6 NOT phone", 13, "NOT beside NEAR"),
        ("a NEAR/6 b NEAR/6 c", 12, "NEAR after NEAR"),
        ("(a b) NEAR/6 c", 1, "several words on one side of NEAR"),
        ("a NEAR/6 (b OR c d)", 10, "several words on one side of NEAR"),
        ("a NEAR/6 (b NEAR/2 c)", 10, "NEAR inside NEAR"),
        ("a NEAR/6 (b OR -c)", 16, "an alternative that can only exclude"),
        ("a NEAR/6 (-c)", 10, "NOT beside NEAR"),
        ("title:/a/ NEAR/6 b", 1, "a regular expression beside NEAR"),
        ("title:a NEAR/6 tag:b", 9, "NEAR between different places"),
        ("a OR -b", 6, "an alternative that can only exclude"),
        ("a (b OR (-c -d))", 9, "an alternative that can only exclude"),
        ("a OR NOT (b NOT c)", 6, "an alternative that can only exclude"),
        ("(scam", 1, "the parenthesis is never closed"),
        ("(a (b) c", 1, "the parenthesis is never closed"),
        ("scam)", 5, "a parenthesis that was never opened"),
        ("scam ()", 7, "nothing between the parentheses"),
        ("title:()", 8, "nothing between the parentheses"),
        ("scam(s)", 5, "( inside a word"),
        ("诈骗（电信）", 3, "（ inside a word"),
        ("(scam)s", 7, "no space behind the parenthesis"),
        ("(" * 21 + "a" + ")" * 21, 21, "parentheses more than 20 deep"),
        ("scam, fraud", 5, ", inside a word"),
        ("诈骗，骗局", 3, "， inside a word"),
        ("scam|fraud", 5, "| inside a word"),
        ("scam | fraud", 6, "| joins nothing"),
        ("scam && fraud", 6, "& joins nothing"),
        ("/scams?/", 1, "a regular expression without a field"),
        ("text:/scams?/", 6, "a regular expression in text:"),
        ("title:/scams?", 7, "the regular expression is never closed"),
        ("title:/scams?/g", 15, "unknown flag g behind a regular expression"),
        ("title:/scams?/,", 15, "no space behind the regular expression"),
        ("title:/(scams?/", 7, "not a regular expression: missing ): (scams?"),
        ("title://", 7, "the regular expression matches everything"),
        ("title:/s*/", 7, "the regular expression matches everything"),
        ("url:https://a.example/b c://d", 25, "unknown field c"),
        ("@china", 1, "there is no alias @china"),
        ("@", 1, "@ without a name"),
        ("title:@china", 7, "there is no alias @china"),
        ("=", 2, "= without a word"),
        ("= Apple", 2, "= without a word"),
        ("=@sea", 2, "= without a word"),
        ("=title:Apple", 2, "a field behind ="),
        ("title:-phone", 7, "a dash behind a field"),
        ("scam - phone", 6, "a dash that stands alone"),
        ("scam !phone", 6, "! is no sign for NOT"),
        ("title:OR", 7, "nothing after title:"),
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
        ("title:(a OR lead:scam)", 13, "a field inside a field"),
        ("x" * (MAX_LINE + 1), MAX_LINE + 1, f"a line of {MAX_LINE + 1} characters"),
    ],
)
def test_refused_with_place_and_remedy(line: str, column: int, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_line(line)
    assert (caught.value.message, caught.value.column) == (message, column)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("titel:scam", "did you mean title?"),
        ("https://example.org", "title, lead, body"),
        ("a NEER/6 b", "did you mean NEAR/6?"),
        ("a near/6 b", "did you mean NEAR/6?"),
        ("@see", "did you mean sea?"),
        ("a or b", "write OR in capitals"),
        ("a | b", "write OR between"),
        ("text:/a/", "title:, url:, author:"),
    ],
)
def test_did_you_mean(line: str, remedy: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_line(line, ALIASES)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "line",
    [
        " OR ".join(["word"] * 10_000),
        "(" * 5000 + "a" + ")" * 5000,
        "(" * 5000,
        "NOT " * 100 + "a",
        '"' * 499,
        "-" * 500,
        "title:" * 80 + "a",
        "title:/" + "(a" * 100 + ")*" * 100 + "/",
        "title:/((((a{1,30}){1,30}){1,30}){1,30})/",
        "title:/(\\pL{1,500}\\pN{1,500}){2}/",
        "title:/a\\C*\ud800/",
        "\ud800*",
        "=\u0301",
        "（" * 19 + "）" * 19,
    ],
)
def test_hostile_lines_are_refused_at_once(line: str) -> None:
    for parse in (parse_line, parse_query):
        with pytest.raises(RuleError) as caught:
            parse(line)
        assert 1 <= caught.value.column <= len(line) + 1


def test_a_long_query_within_the_limits() -> None:
    assert len(terms_in(parse_query(" OR ".join(["word"] * MAX_TERMS)))) == MAX_TERMS
    with pytest.raises(RuleError) as caught:
        parse_query("(" + " OR ".join(["word"] * (MAX_TERMS + 1)) + ")")
    assert caught.value.message == f"more than {MAX_TERMS} terms"


def test_a_query_over_lines() -> None:
    assert shape(parse_query("\n(flood OR\n drought)\n NOT film\n")) == "[[flood|drought] !film]"


def terms_in(expr: Expr) -> list[Expr]:
    return list(leaves_of(expr))


def test_mask_and_tag() -> None:
    assert [term.tokens for term in parse_mask('"bone china"')] == [("bone", "china")]
    assert [term.tokens for term in parse_mask("@sea", ALIASES)] == [("sea",), ("海",)]
    with pytest.raises(RuleError) as caught:
        parse_mask("bone china")
    assert caught.value.remedy == 'quote it: "bone china"'
    assert parse_tag(" Telecom-Fraud ").spellings == ("telecom fraud",)
    assert parse_tag("Telecom*").spellings == ("telecom*",)
    with pytest.raises(RuleError):
        parse_tag("—")


@pytest.mark.parametrize(
    ("tag", "what"),
    [
        ("c*", "c* is too short"),
        ("Ab*", "ab* is too short"),
        ("new yo＊", "yo* is too short"),
        ("c*t", "a star in an odd place"),
        ("cat**", "a star in an odd place"),
    ],
)
def test_stems_of_tags_are_as_long_as_those_of_words(tag: str, what: str) -> None:
    with pytest.raises(RuleError, match=re.escape(what)):
        parse_tag(tag)
    with pytest.raises(RuleError, match=re.escape(what)):
        parse_line(f'"{tag}"')


@pytest.mark.parametrize("tag", ["cat*", "中*", "new york*", "한국*"])
def test_stems_of_tags_that_are_long_enough(tag: str) -> None:
    assert parse_tag(tag).spellings == (tag,)


def test_rules_as_a_whole() -> None:
    assert check_rule(parse_rule(any=["scam"])) is None
    assert check_rule(parse_rule(all=["scam"])) is None
    assert check_rule(parse_rule(tags=["scam"])) is None
    assert check_rule(parse_rule(any=["scam"] * MAX_TERMS)) is None
    assert check_rule(parse_rule(query="scam NOT phone", tags=["x"], mask=["y"])) is None
    assert check_rule(parse_rule(all=["scam", "-phone"])) is None
    assert check_rule(parse_rule(any=["scam"], all=["-phone"])) is None
    assert "can only exclude" in str(check_rule(parse_rule(all=["-phone"])))
    assert "can only exclude" in str(check_rule(parse_rule(all=["-phone"], tags=["x"])))
    assert "can only exclude" in str(check_rule(Rule(any=(Not(part=Term(tokens=("a",))),))))
    assert "beside" in str(check_rule(parse_rule(query="scam", none=["x"])))
    assert "can only exclude" in str(check_rule(parse_rule(none=["scam"], mask=["fraud"])))
    assert "empty" in str(check_rule(Rule()))
    assert f"{MAX_TERMS + 1} terms" in str(check_rule(parse_rule(any=["scam"] * MAX_TERMS, tags=["x"])))


@pytest.mark.parametrize("parse", [parse_positive, parse_query])
@pytest.mark.parametrize(
    "line", ["-scam", "NOT scam", "NOT (scam phone)", "-scam -phone", "NOT (a NOT b)", "(-a)"]
)
def test_nothing_but_exclusion_is_refused(parse: Callable[[str], Expr], line: str) -> None:
    parse_line(line)  # in `all` it may stand beside others
    with pytest.raises(RuleError) as caught:
        parse(line)
    assert caught.value.column == 1


PIECES = [
    "a",
    "诈骗",
    '"a b"',
    "fra*",
    "OR",
    "AND",
    "NOT",
    "NEAR/2",
    "-",
    "(",
    ")",
    "title:",
    "=B",
    "@sea",
    "/x/",
    ",",
    " ",
]


@settings(max_examples=300)
@given(
    st.text(max_size=60)
    | st.text('aß中*":/@=-()OR NTtile,', max_size=30)
    | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
)
def test_any_text_is_a_line_or_a_rule_error(line: str) -> None:
    expr, refused = None, None
    try:
        expr = parse_line(line, ALIASES)
    except RuleError as error:
        refused = error
    if refused:
        assert 1 <= refused.column <= len(line) + 1
        assert refused.remedy
    else:
        assert expr is not None
        assert expr.source == line.strip().strip("()（）").strip() or expr.source in line
        leaves = list(leaves_of(expr))
        assert leaves
        assert all(leaf.tokens and all(leaf.tokens) for leaf in leaves if isinstance(leaf, Term))


@given(st.text(st.characters(exclude_characters='"“”„＂*＊', exclude_categories=["Cs"]), max_size=60))
def test_a_quoted_text_is_its_tokens(text: str) -> None:
    try:
        term = parse_line(f'"{text}"')
    except RuleError:
        assert not tokens(text)
    else:
        assert isinstance(term, Term)
        assert list(term.tokens) == tokens(text)
