"""The window of signatures: what is near is found, however it grows."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from syndicator.stories.joining import joins
from syndicator.stories.near import Near
from syndicator.stories.signatures import BANDS


def some(dice: Random) -> list[int]:
    return [dice.getrandbits(32) for _ in range(BANDS)]


def test_every_key_is_found_among_thousands_that_made_it_grow() -> None:
    dice, near = Random(1), Near()
    put = {key: some(dice) for key in range(5_000)}
    for key, bands in put.items():
        near.add(key, bands)
    assert len(near) == 5_000
    for key, bands in put.items():
        assert near.find(bands)[0] == key
    one = put[77]
    assert near.find([*one[:1], *some(dice)[1:]]) == [77], "one band in common is enough"
    assert near.find(some(dice)) == []


def test_who_shares_most_comes_first_and_the_newest_of_equals() -> None:
    near, bands = Near(), list(range(BANDS))
    near.add(1, [*bands[:9], *([9999] * 15)])
    near.add(2, bands)
    near.add(3, bands)
    near.add(4, [])
    assert near.find(bands) == [3, 2, 1]
    assert near.find(bands, limit=1) == [3]
    assert near.find([]) == []


def test_an_article_that_was_signed_again_is_named_once() -> None:
    near, bands = Near(), list(range(BANDS))
    near.add(1, bands)
    near.add(1, bands)
    assert near.find(bands) == [1]


OF = {article: article // 2 for article in range(12)}
PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20)
BARS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1]))


def test_linked_stories_become_the_oldest_of_them() -> None:
    assert joins([(4, 6), (6, 1)], OF) == {2: 0, 3: 0}
    assert joins([(4, 99)], OF) == {}, "an article that is gone links nothing"


def test_what_an_admin_split_is_not_joined_by_way_of_a_third() -> None:
    assert joins([(4, 0), (4, 2)], OF, {(0, 1)}) == {2: 0}, "the surest link wins"
    assert joins([(2, 4), (4, 0)], OF, {(0, 1)}) == {2: 1}


@given(PAIRS, BARS)
def test_no_bar_is_ever_crossed(links: list[tuple[int, int]], bars: set[tuple[int, int]]) -> None:
    ending = joins(links, OF, bars)
    for one, other in bars:
        assert ending.get(one, one) != ending.get(other, other)
    assert all(kept < ended and kept not in ending for ended, kept in ending.items())


@given(PAIRS, st.randoms(use_true_random=False))
def test_without_bars_the_order_of_links_changes_nothing(links: list[tuple[int, int]], dice: Random) -> None:
    mixed = list(links)
    dice.shuffle(mixed)
    assert joins(links, OF) == joins(mixed, OF)
