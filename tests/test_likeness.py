"""Whether two articles are one, and which changes readers notice: tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shelf import NOW, article

from syndicator.likeness import MOVED, claims, is_noticed, is_same, names
from syndicator.model import Article, Enclosure

FOG = (
    "The harbour was closed for the night because of dense fog on the river, the pilots said. Two ferries "
    "and a dozen barges wait at the lower lock, where the guard hands out tea. Trains run as usual."
)
TEA = (
    "Farmers in the hills expect a good harvest after the wet spring. Prices at the auction rose again, "
    "and buyers from abroad have come back for the first time in three years, traders say."
)
BASE = article("a", title="Fog closes harbour", text=FOG, summary=FOG[:80], published_at=NOW)


def with_(**fields: object) -> Article:
    return replace(BASE, **fields)  # type: ignore[arg-type]


OTHER_DAY = NOW + timedelta(days=1)
SAME = [  # kind of the shared name, what is different, whether it is still one article
    ("guid", {"title": "Harbour open again", "url": "https://x.example/other"}, True),
    ("guid", {"title": "Harvest", "text": TEA}, True),  # the page is the same
    ("guid", {"title": "Harvest", "text": TEA, "url": "https://x.example/harvest-good"}, False),
    ("guid", {"title": "Harvest", "text": "", "url": "https://x.example/harvest-good"}, False),
    ("link", {"published_at": OTHER_DAY}, True),
    ("link", {"title": "Fog closes the harbour", "text": TEA}, True),
    ("link", {"title": "Harbour closed"}, True),
    ("link", {"text": TEA}, True),
    ("link", {"text": TEA, "published_at": OTHER_DAY}, False),
    ("link", {"title": "Good harvest", "text": TEA}, False),
    ("link", {"title": "Fog closes harbour 2"}, False),
    ("words", {"url": "https://new.example/p/a"}, True),  # the date
    ("words", {"url": "https://new.example/p/harbour-closed", "published_at": OTHER_DAY}, False),
    ("words", {"url": "https://wire.example/fog-on-river.html", "published_at": OTHER_DAY}, False),
    ("title", {"url": "https://new.example/b", "text": FOG.replace("tea", "soup")}, True),
    ("title", {"url": "https://new.example/b", "text": TEA}, False),
]


@pytest.mark.parametrize(("kind", "fields", "expected"), SAME)
def test_same(kind: str, fields: dict[str, object], expected: bool) -> None:
    assert is_same(BASE, with_(**fields), by=kind) is expected  # type: ignore[arg-type]


def test_a_page_keeps_its_end_when_its_site_moves() -> None:
    old = with_(url="https://old.example/2026/11/24/fog-closes-harbour")
    new = with_(url="https://new.example/news/fog-closes-harbour.html?x=1", published_at=OTHER_DAY)
    assert is_same(old, new, by="words")
    assert not is_same(replace(old, url="https://old.example/a/"), new, by="words")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"published_at": OTHER_DAY, "updated_at": OTHER_DAY, "guid": "other"}, False),
        ({"text": FOG + " 1,204 readers", "summary": BASE.summary}, False),
        ({"text": FOG.replace("Two", "2")}, False),
        ({"image": "https://x.example/other.jpg"}, False),
        ({"url": BASE.url + "?session=7"}, False),
        ({"title": "FOG closes harbour"}, False),
        ({"title": "Fog opens harbour"}, True),
        ({"title": "Fog closes harbour, 2 hurt"}, True),
        ({"text": FOG + " The port opened again on Tuesday morning."}, True),
        ({"text": TEA}, True),
        ({"text": ""}, True),
        ({"url": "https://new.example/a"}, True),
        ({"tags": ("fog",)}, True),
        ({"authors": ("Ada",)}, True),
        ({"enclosures": (Enclosure(url="https://x.example/a.mp3"),)}, True),
    ],
)
def test_noticed(fields: dict[str, object], expected: bool) -> None:
    padded = {"text": f"{FOG} {TEA} " * 3}
    given = {
        name: f"{value} {padded['text']}" if name == "text" and value else value
        for name, value in fields.items()
    }
    before = with_(text=f"{FOG} {padded['text']}")
    assert is_noticed(before, replace(before, **given)) is expected  # type: ignore[arg-type]


KEPT = [  # names that databases hold: what else is compared in new ways must not touch them
    ("電信詐騙案增加", "4e62fce42214f57b35ff2faa37141d5c", "a5966b5abdf6b04fad2e6de2c09f5510"),
    ("東京で電車が止まる", "42444e282e5453dc7c4e1ecfca790644", "aba825f48f1cba1b3f5c07c760d8612a"),
    (
        "Straße nach Ａthen – Gefängnis",
        "c4ce00a3fbc54f45153da00e894057f5",
        "0559f2a05d08fdbf05e30f0774926eca",
    ),
    ("Ёжик и ﬁlm", "db9748db22bec91d5639184ca081be3e", "e89cf9d1300f439ee52a10ef42076d9c"),
]


@pytest.mark.parametrize(("title", "words", "alone"), KEPT)
def test_names_stay_what_they_are_in_databases(title: str, words: str, alone: str) -> None:
    assert names(with_(title=title, text="國家 text")) == (("words", words), ("title", alone))


def test_another_script_is_noticed_and_makes_another_article() -> None:
    old, new = with_(title="電信詐騙案增加", text=""), with_(title="电信诈骗案增加", text="")
    assert is_noticed(old, new)
    assert names(old) != names(new)


def test_an_article_without_words_has_no_names() -> None:
    assert names(with_(title="", text="")) == ()
    assert names(BASE) == names(
        with_(text=FOG.replace(" ", "\n"), title="Fog  CLOSES harbour".replace("  ", " "))
    )


def story(number: int, **fields: object) -> Article:
    return with_(key=f"k{number}", title=f"Story {number}", text=f"{number} {TEA}", **fields)


def named(*found: Article) -> list[tuple[Article, list[tuple[str, str]]]]:
    return [(each, list(names(each))) for each in found]


def test_one_known_article_is_claimed_once_and_never_while_it_is_shown() -> None:
    old, first, second = story(1), story(1), replace(story(1), key="other")
    known = {name: (7, old) for _, name in names(old)}
    assert claims(named(first, second), known, ()) == {"k1": (7, "words")}
    assert claims(named(first, second), known, {7}) == {}


def test_a_move_is_seen_by_its_mass() -> None:
    """New links and new dates for one text alone prove nothing; for most of a document they do."""
    new = [replace(story(n), url=f"https://new.example/{n}abc", published_at=OTHER_DAY) for n in range(MOVED)]
    known = {name: (n, story(n)) for n in range(MOVED) for _, name in names(story(n))}
    assert len(claims(named(*new), known, ())) == MOVED
    assert claims(named(*new[:-1]), known, ()) == {}
    assert claims(named(*new), known, set(range(50, 60))) == {}, "the others are where they were"
