"""Whether two articles are one, and which changes readers notice: tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shelf import NOW, article

from syndicator.likeness import compare, is_noticed, names, place
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
OTHER_DAY = NOW + timedelta(days=1)
ALIKE = [  # what is different, and what of the likeness
    ({"title": "FOG closes harbour"}, {"title": True, "words": True, "date": True, "path": True}),
    ({"title": "Harvest", "text": TEA}, {"title": False, "words": False, "date": True}),
    ({"text": FOG.replace("tea", "soup")}, {"words": True}),
    ({"text": ""}, {"words": True}),  # then the title is all there is
    ({"text": "", "title": "Harvest"}, {"words": False}),
    ({"published_at": OTHER_DAY}, {"date": False, "is_exact": False}),
    ({"published_at": NOW + timedelta(seconds=7)}, {"date": True, "is_exact": True}),
    ({"published_at": None}, {"date": None, "is_exact": False}),
    ({"url": ""}, {"path": None, "host": None, "form": None, "tail": False}),
    ({"url": "http://www.wire.example/2026/11/24/fog-closes-harbour/?id=7"}, {"path": True, "host": True}),
    (
        {"url": "https://wire.example/2026/11/25/fog-closes-harbour"},
        {"path": False, "form": True, "tail": True},
    ),
    ({"url": "https://wire.example/news/fog-closes-harbour.html"}, {"form": False, "tail": True}),
    ({"url": "https://new.example/2026/11/24/harvest-is-good"}, {"host": False, "form": True, "tail": False}),
    ({"enclosures": (Enclosure(url="https://x.example/b.mp3?t=1"),)}, {"audio": True}),
    ({"enclosures": (Enclosure(url="https://x.example/c.mp3"),)}, {"audio": False}),
    ({"enclosures": ()}, {"audio": None}),
]


@pytest.mark.parametrize(("fields", "expected"), ALIKE)
def test_alike(fields: dict[str, object], expected: dict[str, bool | None]) -> None:
    page = "https://wire.example/2026/11/24/fog-closes-harbour"
    stored = with_(url=page, enclosures=(Enclosure(url="https://x.example/b.mp3"),))
    alike = compare(stored, replace(stored, **fields))  # type: ignore[arg-type]
    assert {name: getattr(alike, name) for name in expected} == expected


def test_a_tail_must_tell_a_page() -> None:
    assert place("https://a.example/2026/05/fog-on-river.html").tail == "fog-on-river"
    assert place("https://a.example/p/7").tail == "7"
    assert place("https://a.example/news/index").tail == ""


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
