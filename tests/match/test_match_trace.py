"""What an admin is told of a rule and an article: every part, what it found, and where."""

from __future__ import annotations

import pytest

from syndicator.match import Aliases, Branch, Trace, parse_rule, trace
from syndicator.model import Article, Term, Topic

ALIASES = Aliases({"sea": (Term(tokens=("sea",), source="sea"), Term(tokens=("海",), source="海"))})


def article(title: str = "", text: str = "", **more: object) -> Article:
    return Article(source="wire", key="1", title=title, text=text, **more)  # type: ignore[arg-type]


def traced(one: Article, min_score: float = 3, languages: tuple[str, ...] = (), **lists: object) -> Trace:
    rule = parse_rule(aliases=ALIASES, **lists)  # type: ignore[arg-type]
    return trace(Topic(slug="t", title="T", rule=rule, min_score=min_score, languages=languages), one)


def drawn(branch: Branch, depth: int = 0) -> list[str]:
    """A branch as lines: role, label, whether it holds, what was found."""
    found = "".join(f" {one.field}[{one.start}:{one.end}]={one.text}" for one in branch.found)
    label = f"{branch.role} {branch.label}" if branch.role else branch.label
    line = f"{'  ' * depth}{label} {'+' if branch.held else '-'}{found}"
    return [line, *(inner for child in branch.children for inner in drawn(child, depth + 1))]


def test_every_part_of_a_rule_is_told() -> None:
    one = article(
        "Flood at Séa’s edge",
        "Bone flood. The dam by a river",
        tags=("Rivers", "Floods"),
        url="http://a/sea",
    )
    told = traced(
        one,
        any=["flood (sea OR lake) -dam", "(dam OR dyke) NEAR/3 river", "title:/sea/ OR url:@sea", "=Bone"],
        all=["the"],
        none=["ice"],
        mask=['"bone flood"'],
        tags=["rivers", "Flood*", "@sea"],
    )
    assert [line for branch in told.branches for line in drawn(branch)] == [
        'mask "bone flood" + text[0:10]=Bone flood',
        "tags rivers + tag[0:6]=Rivers",
        "tags Flood* + tag[0:6]=Floods",
        "tags @sea -",
        "any flood (sea OR lake) -dam -",
        "  flood + title[0:5]=Flood",
        "  sea OR lake +",
        "    sea + title[9:12]=Séa",
        "    lake -",
        "  -dam -",
        "    dam + text[16:19]=dam",
        "any (dam OR dyke) NEAR/3 river + text[16:19]=dam text[25:30]=river",
        "  dam + text[16:19]=dam",
        "  dyke -",
        "  river + text[25:30]=river",
        "any title:/sea/ OR url:@sea +",
        "  title:/sea/ -",
        "  url:@sea +",
        "    sea + url[9:12]=sea",
        "    海 -",
        "any =Bone -",
        "all the + text[12:15]=The",
        "none ice -",
    ]
    assert told.verdict == "kept: 10 points, 3 are needed"
    assert told.marks == {"text": ((12, 15), (16, 19), (25, 30)), "url": ((9, 12),)}
    assert told.match is not None
    assert told.match.because == ("lead: the", "lead: dam … river", "tag: Rivers", "tag: Floods", "url: sea")


@pytest.mark.parametrize(
    ("one", "lists", "verdict"),
    [
        (article("Flood"), {"any": ["flood"]}, "kept: 3 points, 3 are needed"),
        (article("", "Flood"), {"any": ["flood"]}, "dropped: 2 points, 3 are needed"),
        (article("", "Flood"), {"any": ["flood"], "min_score": 1}, "kept: 2 points, 1 is needed"),
        (article("Rain"), {"any": ["flood"]}, "dropped: no line of `any` holds"),
        (article("Rain"), {"any": ["flood"], "tags": ["x"]},
         "dropped: no line of `any` holds and no tag fits"),
        (article("Rain"), {"tags": ["x"]}, "dropped: no tag fits"),
        (article("Rain"), {"query": "flood -film"}, "dropped: the query does not hold"),
        (article("Flood film"), {"any": ["flood"], "none": ["film"]}, "dropped: film of `none` is there"),
        (article("Flood"), {"all": ["flood", "dam"]}, "dropped: dam of `all` is not there"),
        (article("Flood", language="ja"), {"any": ["flood"], "languages": ("en", "zh")},
         "dropped: its language is ja, the topic takes en, zh"),
    ],
)  # fmt: skip
def test_verdicts(one: Article, lists: dict[str, object], verdict: str) -> None:
    told = traced(one, **lists)  # type: ignore[arg-type]
    assert told.verdict == verdict
    assert (told.match is not None) is verdict.startswith("kept")


def test_what_counted_is_marked_even_where_it_was_not_enough() -> None:
    told = traced(article("Rain", "A flood, and a flooded dam"), any=["flood*"], none=["dam"])
    assert told.match is None
    assert told.score == 4
    assert told.marks == {"text": ((2, 7), (15, 22))}


def test_marks_are_merged_and_at_the_original_characters() -> None:
    told = traced(article("电信诈骗：ＦＲＡＵＤ, fraud's"), any=["电信诈骗", "诈骗", "fraud"])
    assert told.marks == {"title": ((0, 4), (5, 10), (12, 17))}
    summary = Article(source="wire", key="1", title="", summary="中国, China")
    assert traced(summary, any=["china", "中国"]).marks == {"summary": ((0, 2), (4, 9))}


def test_authors_and_tags_are_found_in_the_one_that_holds_them() -> None:
    told = traced(article(authors=("Li Wei", "Ann Lee"), tags=("a b", "b c")), any=["author:lee tag:c"])
    (line,) = told.branches
    places = [(one.field, one.start, one.end, one.text) for child in line.children for one in child.found]
    assert places == [("author", 4, 7, "Lee"), ("tag", 2, 3, "c")]
    assert told.marks == {}


@pytest.mark.parametrize(
    ("line", "title", "held"),
    [
        ("=US", "The US and us", ["US"]),
        ("=us", "The US and us", ["us"]),
        ("=Us", "The US and us", []),
        ("=China", "China’s CHINA", ["China"]),
        ('="New York"', "New York, new york, NEW-York, New-York", ["New York", "New-York"]),
        ("=Café", "Cafe Cafe\u0301 Café café", ["Cafe\u0301", "Café"]),
        ("=ＡＢＣ", "ABC ＡＢＣ abc", ["ＡＢＣ"]),
        ("=Fra*", "Fraud fraud FRAUD Frankfurt", ["Fraud", "Frankfurt"]),
        ("title:/\\d+万?元/", "骗走20万元和30元", ["20万元", "30元"]),
        ("title:/fra+ud/", "Fraud FRAAUD", ["Fraud", "FRAAUD"]),
        ("title:/(?-i)fra+ud/", "Fraud fraaud", ["fraaud"]),
        ("title:/!!/", "Stop!! Now!!", ["!!", "!!"]),
        ("title:/caf\u00e9s?/", "The cafe\u0301s of caf\u00e9", ["cafe\u0301s", "caf\u00e9"]),
        ("title:/(?-i)CHI[A-Z]+/", "In ＣＨＩＮＡ, CHINA", ["ＣＨＩＮＡ", "CHINA"]),
        ("title:/[0-9]+万/", "骗走２０万元", ["２０万"]),
        ("title:/rain…/", "More rain… today", ["rain…"]),
        ("title:/rain\\.{3}/", "More rain… today", ["rain…"]),
    ],
)
def test_exact_words_and_expressions(line: str, title: str, held: list[str]) -> None:
    (branch,) = traced(article(title), any=[line]).branches
    assert [one.text for one in branch.found] == held
    assert branch.held is bool(held)


@pytest.mark.parametrize(
    ("line", "title", "held"),
    [
        ("dam NEAR/0 river", "dam river", True),
        ("dam NEAR/0 river", "river dam", True),
        ("dam NEAR/0 river", "dam, river", True),
        ("dam NEAR/0 river", "dam of river", False),
        ("dam NEAR/2 river", "dam of the river", True),
        ("dam NEAR/1 river", "dam of the river", False),
        ("dam NEAR/1 river", "dam of the river, the river dam", True),
        ("dam* NEAR/3 dam", "dam", False),  # one place cannot be near itself
        ("dam* NEAR/3 dam", "dam dams", True),
        ('"the dam" NEAR/1 "the river"', "the dam and the river", True),
        ("电信 NEAR/4 诈骗", "电信网络新型诈骗", True),
        ("电信 NEAR/3 诈骗", "电信网络新型诈骗", False),
        ("电信 NEAR/0 诈骗", "诈骗电信", True),
        ("(电信 OR 电话) NEAR/2 (诈骗 OR 骗局)", "骗局：一个电话", True),
    ],
)
def test_near(line: str, title: str, held: bool) -> None:
    assert traced(article(title), any=[line]).branches[0].held is held


def test_an_expression_is_not_busy_for_long_with_piled_marks() -> None:
    piled = "fraud" + "\u0316\u0301" * 100_000
    assert traced(article(piled), any=["title:/fra+ud/"]).branches[0].held


def test_near_does_not_cross_from_one_text_to_the_next() -> None:
    assert not traced(article("A dam", "river"), any=["dam NEAR/5 river"]).branches[0].held
    assert not traced(article(tags=("dam", "river")), any=["tag:(dam NEAR/5 river)"]).branches[0].held


def test_near_counts_once_for_each_stretch() -> None:
    told = traced(article("", "dam river, and the dam. " + "pad " * 9 + "dam river " + "pad " * 9 + "river"),
                  any=["dam NEAR/3 river"])  # fmt: skip
    assert told.score == 4
    assert told.match is not None
    assert told.match.because == ("lead: dam … river ×2",)
