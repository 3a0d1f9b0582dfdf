# ruff: noqa: E501
"""Articles of our own writing for the tests and the bench of stories, and copies as publishers make them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from syndicator.model import Article

if TYPE_CHECKING:
    from random import Random

NOW: Final = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[\"“A-ZÀ-Þ])|(?<=[。！？])")

HARBOUR: Final = (
    "The ferry that has linked both shores of the bay since the old bridge closed will stop at the end of the "
    "winter, the harbour board said on Monday. Its two ships are older than most of their passengers, and a "
    "survey in spring found cracks in the hull of the larger one. Repairs would cost more than the line earns "
    "in a decade. Commuters who gathered at the landing were not surprised but angry. “We were promised a new "
    "boat when they raised the fares,” said Marta Lindqvist, who has crossed twice a day for 21 years. The "
    "board wants buses to take over, by way of the motorway bridge upstream, which adds half an hour to the "
    "trip. The mayor of Norrvik asked for a vote of the council before anything is decided, and two fishermen "
    "offered to carry bicycles for the price of the fuel. A decision is expected before the holidays. Until "
    "then the timetable stays as it is, with 14 departures on weekdays and six on Sundays."
)
BAKERY: Final = (
    "A bakery in the old town has won the right to keep its oven burning at night. Neighbours had complained "
    "about smoke and about the smell of rye at three in the morning, and the city had ordered the owner to "
    "begin work after sunrise. The court in Falkenau found that the bakery was there before the flats were, "
    "and that bread which is sold at seven must be baked at four. Judge Ilse Brandt said that whoever moves "
    "next door to a baker may be expected to know what a baker does. The owner, Tomas Reiter, gave away rolls "
    "in front of the court house until the last basket was empty. The city has a month to appeal. Its lawyers "
    "said they would read the judgement first, over breakfast. The guild of bakers called it a good day for "
    "everybody who gets up early, and for a few who have not yet gone to bed."
)
RIVER_ZH: Final = (
    "江城市水务局周一宣布，老城区的防洪墙将从明年三月起分段加高。工程由本地一家企业承建，预计两年完成。"
    "水务局局长陈树声介绍，去年夏天的洪水离墙顶只剩二十厘米，住在一楼的居民连夜搬到了学校的体育馆里。"
    "加高以后，沿江步道会向内移动四米，原有的三百多棵柳树将移栽到北岸公园。一些摊贩担心生意受影响，"
    "他们希望施工能避开周末和节日。市政府表示，施工期间每个路口都会留出通道，夜里十点以后不得打桩。"
    "退休教师周玉兰说，她从小在江边长大，最怕的不是水高，而是大家忘了水曾经有多高。"
)
WEATHER: Final = (
    "Tomorrow will begin with fog in the valleys, which clears towards noon. Temperatures reach {high} degrees "
    "on the coast and {low} degrees in the hills. The wind blows from the west at {wind} kilometres an hour, "
    "with gusts of up to {gusts} on the summits. Rain is expected in the evening, {rain} millimetres in most "
    "places. Drivers should look out for wet leaves on the road. The outlook for the days after is much the "
    "same, with a chance of sunshine of {sun} per cent. The weather service issues its next report at noon."
)
MARKET_ZH: Final = (
    "今日收盘，江城指数报{close}点，较前一交易日上涨{up}点，成交额为{turnover}亿元。两市共有{rise}只股票上涨，"
    "{fall}只下跌。板块方面，航运、纺织和食品走强，地产和旅游走弱。分析人士认为，市场短期内仍以震荡为主，"
    "投资者应当注意控制仓位，谨慎追高。"
)


def article(text: str, title: str, *, source: str = "wire", key: str = "", hours: float = 0) -> Article:
    """Make an article; `hours` is how long after NOW it was published."""
    at = NOW + timedelta(hours=hours)
    return Article(source=source, key=key or title, title=title, text=text, published_at=at)


def sentences(text: str) -> list[str]:
    return [each for each in _SENTENCE.split(text) if each.strip()]


def joined(parts: list[str]) -> str:
    return "".join(part if part.endswith(("。", "！", "？")) else f"{part} " for part in parts).strip()


def retitled(original: Article, dice: Random) -> Article:
    """The same text under words of its own as a title, as aggregators write them."""
    said = sentences(original.text) or [original.text]
    words = dice.choice(said).split()
    title = " ".join(words[:9]) if len(words) > 1 else words[0][:16] if words else "?"
    return _copy(original, title=title)


def cut(original: Article, dice: Random) -> Article:
    """The beginning alone, at least two sentences and a quarter of them, under the same title."""
    said = sentences(original.text)
    kept = max(2, round(len(said) * dice.uniform(0.25, 0.8)))
    return _copy(original, text=joined(said[:kept]))


def summarised(original: Article, dice: Random) -> Article:
    """The first sentence and some of the others in their order, under the same title."""
    said = sentences(original.text)
    count = min(len(said) - 1, max(1, round(len(said) * dice.uniform(0.25, 0.6))))
    chosen = sorted(dice.sample(range(1, len(said)), count)) if count > 0 else []
    return _copy(original, text=joined([said[0], *(said[place] for place in chosen)]))


def _copy(original: Article, **changes: str) -> Article:
    return replace(original, source="copier", key=f"copy of {original.key}", **changes)  # type: ignore[arg-type]


COPIES: Final = {"retitled": retitled, "cut": cut, "summarised": summarised}
