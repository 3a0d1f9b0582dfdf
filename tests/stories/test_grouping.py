"""Which articles are one story: tables of cases in English and Chinese, and the laws of judging."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from copies import BAKERY, COPIES, HARBOUR, MARKET_ZH, NOW, RIVER_ZH, WEATHER, article, joined, sentences
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syndicator.stories.grouping import judge
from syndicator.stories.groups import Groups
from syndicator.stories.signatures import VERSION, features, sign, unpack, write_numbers
from syndicator.stories.why import why

if TYPE_CHECKING:
    from syndicator.model import Article

FERRY = article(HARBOUR, "The ferry across the bay stops at the end of winter", source="post")
BREAD = article(BAKERY, "A baker may burn his oven at night", source="post")
WALL = article(RIVER_ZH, "江城老城区防洪墙明年三月起分段加高", source="晚报")
LATER = article(
    HARBOUR.replace("on Monday", "on Tuesday").replace("and two fishermen", "while two fishermen"),
    "Ferry across the bay is to stop at the end of winter",
    hours=5,
)
LATE = replace(LATER, published_at=NOW + timedelta(days=8))
TOLD_ANEW = article(
    joined(sentences(HARBOUR)[:5])
    + " Nobody at the landing knew what to do with a season ticket, and the kiosk has begun to sell its last "
    "postcards of the larger ship. The school on the far shore fears for half of its pupils, and wants its "
    "lessons to start later.",
    "The ferry across the bay stops at the end of winter, and anger grows",
    hours=8,
)


def weather(**figures: int) -> str:
    return WEATHER.format(**({"high": 9, "low": 3, "wind": 20, "gusts": 70, "rain": 4, "sun": 30} | figures))


def market(**figures: object) -> str:
    given = {"close": 3021, "up": "0.4%", "turnover": 812, "rise": 1633, "fall": 941}
    return MARKET_ZH.format(**(given | figures))


OTHER_DAY = {"high": 12, "low": 5, "wind": 35, "gusts": 95, "rain": 11, "sun": 60}
OTHER_CLOSE = {"close": 2988, "up": "0.7%", "turnover": 760, "rise": 1201, "fall": 1377}
LITTLE = sentences(HARBOUR)[4] + " The mayor of Norrvik will not comment on it before spring."
LOST = "A town that has lost its breakfast"
GULLS = (
    "The gulls have learned to wait at the doors of bakeries in the morning. "
    "Nobody on the promenade dares to unpack a sandwich any more."
)
SHORT = "Read the whole text on our page and tell your friends about it if you like what we write here."

SAME = {
    "a copy": (FERRY, replace(FERRY, source="copier"), "copy"),
    "a copy under another title": (FERRY, replace(FERRY, title="No more boats?", source="copier"), "copy"),
    "a copy of last week": (
        FERRY,
        replace(FERRY, published_at=article("", "", hours=24 * 6).published_at),
        "copy",
    ),
    "another version on the same day": (FERRY, LATER, "copy"),
    "told anew on the same day": (FERRY, TOLD_ANEW, "version"),
    "a copy in Chinese": (WALL, replace(WALL, title="防洪墙要加高了", source="日报"), "copy"),
    "the beginning in Chinese": (
        WALL,
        replace(WALL, text=joined(sentences(RIVER_ZH)[:2]), source="日报"),
        "copy",
    ),
    "other width and case": (
        WALL,
        replace(WALL, text=RIVER_ZH.replace("，", ",").replace("。", " . "), source="日报"),
        "copy",
    ),
    "a short text with names, under another title": (
        article(LITTLE, "Ferry stops", source="a"),
        article(LITTLE, "No boats", source="b"),
        "copy",
    ),
    "a short text without names, under a title of its own words": (
        article(GULLS, "A town that has lost its breakfast", source="a"),
        article(GULLS, "Nobody on the promenade dares to unpack a sandwich", source="b"),
        "copy",
    ),
    "some sentences of a short text": (
        article(f"{GULLS} Fines are to follow. Bakers laugh. A vote is due in May.", LOST, source="a"),
        article(f"{sentences(GULLS)[0]} Fines are to follow. A vote is due in May.", LOST, source="b"),
        "version",
    ),
    "headlines alone, in Chinese": (
        article("", "江城老城区防洪墙明年三月起分段加高", source="a"),
        article("", "江城老城区防洪墙 明年三月起分段加高！", source="b", hours=9),
        "headline",
    ),
    "headlines alone, in English": (
        article("", "The ferry across the bay stops at the end of winter", source="a"),
        article("", "The Ferry across the Bay stops at the End of Winter", source="b"),
        "headline",
    ),
}
NOTICE_ZH = (
    "江城警方今日发布通报称，{name}因涉嫌在老城区入室盗窃，已于昨夜被依法刑事拘留。"
    "经查，{name}多次趁住户外出之机，撬锁进入室内，窃取现金和首饰，案件正在进一步侦办中。"
    "警方提醒广大市民，外出时请锁好门窗，发现可疑人员请及时拨打报警电话。"
)
NOTICE_EN = (
    "{team} won the final of the harbour cup on Saturday in front of a full stand, and the mayor handed over "
    "the trophy after a long afternoon of rain. The match had been put off twice for the state of the pitch. "
    "{team} had last won the trophy a generation ago, and the club asked its supporters to come to the town "
    "square on Sunday, where a band will play and the bakers of the quay will hand out bread."
)
APART = {
    "notices of two people": (
        article(NOTICE_ZH.format(name="张伟"), "张伟因涉嫌入室盗窃被刑事拘留", source="a"),
        article(NOTICE_ZH.format(name="李娜"), "李娜因涉嫌入室盗窃被刑事拘留", source="b"),
        "subject",
    ),
    "the same words of two clubs": (
        article(NOTICE_EN.format(team="Rovers"), "Rovers win the harbour cup", source="a"),
        article(NOTICE_EN.format(team="United"), "United win the harbour cup", source="b"),
        "subject",
    ),
    "other texts": (FERRY, BREAD, "text"),
    "the same title alone": (FERRY, replace(BREAD, title=FERRY.title), "text"),
    "the same title, one without a text": (FERRY, article("", FERRY.title, source="b"), "text"),
    "the weather of another day": (
        article(weather(), "The weather tomorrow", hours=0),
        article(weather(**OTHER_DAY), "The weather tomorrow", hours=24),
        "numbers",
    ),
    "the market of another day": (
        article(market(), "江城股市收盘播报"),
        article(market(**OTHER_CLOSE), "江城股市收盘播报", hours=24),
        "numbers",
    ),
    "parts of a series": (
        article(HARBOUR, "The sea and we, part 2", source="a"),
        article(BAKERY + HARBOUR[: len(HARBOUR) // 2], "The sea and we, part 3", source="a"),
        "numbers",
    ),
    "a short text of a column": (
        article(LITTLE, "Ferry stops", source="a"),
        article(LITTLE, "No boats", source="a"),
        "title",
    ),
    "boilerplate": (
        article(SHORT, "Storks are back in town"),
        article(SHORT, "Why glass is green", source="b"),
        "title",
    ),
    "boilerplate under a short title of its words": (
        article(SHORT, "Storks are back in town"),
        article(SHORT, "Read the whole text", source="b"),
        "title",
    ),
    "a short text and another with one word more": (
        article(f"{GULLS} Fines are to follow. Bakers laugh. A vote is due in May.", LOST, source="a"),
        article(f"{sentences(GULLS)[0]} Fines are to follow. A riot is due in May.", LOST, source="b"),
        "text",
    ),
    "a column without a text": (
        article("", "The editor's choice of this week's letters", source="a"),
        article("", "The editor's choice of this week's letters", source="a", hours=20),
        "source",
    ),
    "a short headline in Chinese": (
        article("", "江城明日天气预报"),
        article("", "江城明日天气预报", source="b"),
        "title",
    ),
    "a short headline": (article("", "Good morning"), article("", "Good morning", source="b"), "title"),
    "a headline that comes again": (
        article("", "江城老城区防洪墙明年三月起分段加高", source="a"),
        article("", "江城老城区防洪墙明年三月起分段加高", source="b", hours=50),
        "time",
    ),
    "after the window": (FERRY, LATE, "time"),
    "told anew, three days later": (
        FERRY,
        replace(TOLD_ANEW, published_at=NOW + timedelta(days=3)),
        "time",
    ),
    "told anew, without a date": (FERRY, replace(TOLD_ANEW, published_at=None), "time"),
    "told anew, under another title": (FERRY, replace(TOLD_ANEW, title="A school is worried"), "title"),
    "other names": (
        FERRY,
        replace(
            FERRY,
            text=HARBOUR.replace("Marta Lindqvist", "Owen Pryce").replace("Norrvik", "Abersoch"),
            title="The ferry stops",
        ),
        "names",
    ),
    "an item of a round-up": (
        article(joined(sentences(BAKERY)[2:5]), "Baker wins", source="a"),
        article(f"{HARBOUR} {BAKERY} {weather()}", "The evening in short", source="b"),
        "part",
    ),
}


def judged(one: Article, other: Article):
    verdict = judge(features(one), features(other))
    assert judge(features(other), features(one)) == verdict, "whoever comes first"
    stored = [unpack(sign(each).blob, source=each.source, at=each.published_at) for each in (one, other)]
    assert judge(stored[0], stored[1]) == verdict, "as numbers too"
    return verdict


@pytest.mark.parametrize("case", SAME)
def test_one_story(case: str) -> None:
    one, other, kind = SAME[case]
    verdict = judged(one, other)
    assert (verdict.kind, verdict.against) == (kind, ())
    groups = Groups()
    assert groups.story(groups.add(one)) == groups.story(groups.add(other)), "and it is found"


@pytest.mark.parametrize("case", APART)
def test_two_stories(case: str) -> None:
    one, other, guard = APART[case]
    verdict = judged(one, other)
    assert verdict.kind == "apart"
    assert guard in verdict.against
    groups = Groups()
    assert groups.story(groups.add(one)) != groups.story(groups.add(other))


@pytest.mark.parametrize("kind", COPIES)
@pytest.mark.parametrize("text", [HARBOUR, BAKERY, RIVER_ZH])
@pytest.mark.parametrize("seed", range(8))
def test_copies_as_publishers_make_them_are_found(kind: str, text: str, seed: int) -> None:
    original = article(text, sentences(text)[0][:60])
    groups = Groups()
    others = [groups.add(each) for each in (FERRY, BREAD, WALL) if each.text != text]
    number = groups.add(original)
    assert groups.story(groups.add(COPIES[kind](original, Random(seed)))) == groups.story(number)
    assert len({groups.story(each) for each in [*others, number]}) == 3


def test_a_story_is_found_by_way_of_a_longer_telling() -> None:
    """Two halves have nothing in common; the whole tells both."""
    said = sentences(HARBOUR)
    first = article(joined(said[:6]), FERRY.title, source="a")
    second = article(joined(said[0:1] + said[6:]), FERRY.title, source="b")
    groups = Groups()
    numbers = [groups.add(each) for each in (first, second, FERRY)]
    assert len({groups.story(number) for number in numbers}) == 1


def test_why_says_what_was_found_in_words() -> None:
    one, other, _ = APART["the weather of another day"]
    said = why(features(one), features(other), judge(features(one), features(other)))
    assert said[0] == "two stories"
    assert any(re.search(r"numbers differ.*\d", line) for line in said)
    same = why(features(FERRY), features(LATER), judge(features(FERRY), features(LATER)))
    assert same[0].startswith("one story")
    assert "published 5 h apart" in same
    for first, second, guard in APART.values():
        verdict = judge(features(first), features(second))
        lines = why(features(first), features(second), verdict)
        assert len([line for line in lines if line.startswith("against it: ")]) == len(verdict.against), guard


def test_what_another_version_signed_is_not_compared() -> None:
    blob = sign(FERRY).blob
    assert unpack(blob, source="", at=NOW) is not None
    assert unpack(write_numbers([VERSION - 1]) + blob[4:], source="", at=NOW) is None
    assert unpack(b"", source="", at=NOW) is None


def test_the_signature_of_a_text_never_changes() -> None:
    """Stored ones would meet no new one: raise what VERSION is made of if this must change."""
    signature = sign(article("One two three four five six seven eight nine ten eleven twelve thirteen.", "T"))
    assert signature.bands[:3] == SIGNED
    assert len(signature.blob) == SIZE


SIGNED, SIZE = (3272916929, 334251546, 3312303702), 128

WORDS = st.sampled_from(["a", "the", "12", "3", "fog", "ship", "Anna", "said", *"江城水高"])
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)
ARTICLES = st.builds(
    article,
    st.one_of(
        TEXTS, st.sampled_from([HARBOUR, RIVER_ZH, weather(), weather(**OTHER_DAY)]), st.text(max_size=80)
    ),
    st.one_of(TEXTS, st.text(max_size=30)),
    source=st.sampled_from(["", "a", "b"]),
    hours=st.integers(-300, 300),
)


@example(article("0:B", "a a"), article("0\U00018cd61", "a a"))  # equally long, with other numbers
@given(ARTICLES, ARTICLES)
@settings(max_examples=150)
def test_judging_is_symmetric_and_the_same_as_numbers(one: Article, other: Article) -> None:
    judged(one, other)


@given(ARTICLES)
def test_an_article_with_something_to_compare_is_its_own_story(one: Article) -> None:
    verdict = judged(one, replace(one, source="elsewhere"))
    if features(one).shingles and not features(one).is_bare:
        assert verdict.containment == 1
        assert verdict.is_same


@given(st.lists(ARTICLES, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_arrival_changes_no_story(found: list[Article], dice: Random) -> None:
    """As long as the window holds them all and no shingle is in more articles than a chain has steps."""
    mixed = list(enumerate(found))
    dice.shuffle(mixed)
    first, second = Groups(), Groups()
    numbers = [first.add(each) for each in found]
    at = {place: second.add(each) for place, each in mixed}

    def together(groups: Groups, of: dict[int, int]) -> set[frozenset[int]]:
        stories: dict[int, set[int]] = {}
        for place, number in of.items():
            stories.setdefault(groups.story(number), set()).add(place)
        return {frozenset(each) for each in stories.values()}

    assert together(first, dict(enumerate(numbers))) == together(second, at)
