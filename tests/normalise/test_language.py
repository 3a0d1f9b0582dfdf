"""Languages: what is declared, what the script tells, and what is left to the model."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.normalise.identifier import identify
from syndicator.normalise.language import choose, primary, tag
from syndicator.normalise.scripts import kind_of_chinese

if TYPE_CHECKING:
    from pathlib import Path

SITE = ("en", "zh", "ja")
ENGLISH = "The harbour was closed for the night because of fog, and all ferries stayed at their berths. "
GERMAN = "Der Hafen blieb wegen des Nebels über Nacht geschlossen, und alle Fähren lagen an ihren Plätzen. "


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("EN_us", "en-US"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("de", "de"),
        ("en-US,en", ""),
        ("English", ""),
        ('en"><script>', ""),
        ("", ""),
        ("x" * 400, ""),
    ],
)
def test_language_tags(declared: str, said: str) -> None:
    assert tag(declared) == said


@pytest.mark.parametrize(
    ("entry", "source", "feed", "text", "chosen"),
    [
        ("fr", "de", "en", "Bonjour", "fr"),
        ("en", "de", "en", "警方通报电信诈骗案件", "de"),  # the entry lies, the admin does not
        ("", "de", "en", "Guten Tag", "de"),
        ("", "de", "", "警方通报电信诈骗案件", "de"),
        ("", None, "en-gb", "Hello", "en-GB"),
        ("", None, "en-US", "警方通报电信诈骗案件", "zh-Hans"),
        ("", None, "zh-TW", "警方通報電信詐騙案件", "zh-TW"),
        ("", None, "zh-CN", "警方通報電信詐騙案件", "zh-Hant"),
        ("", None, "zh-CN", "警方通報", "zh-CN"),  # too little to contradict
        ("", None, "zh", "警方通报电信诈骗案件", "zh-Hans"),
        ("", None, "zh-Latn", "Jǐngfāng tōngbào diànxìn zhàpiàn ànjiàn, shè'àn jīn'é jùdà", "zh-Latn"),
        ("", None, "zh-CN", ENGLISH, "en"),
        ("", None, "zh-CN", "iPhone 17 Pro", "zh-CN"),  # a name, in any language
        ("", None, "ja", "東京", "ja"),
        ("", None, "uk", "Привіт усім", "uk"),
        ("", None, "sr", "Luka je bila zatvorena zbog magle, a svi trajekti su ostali u pristaništu", "sr"),
        ("", None, "", "東京で会いましょう", "ja"),
        ("", None, "", "警方通报 iPhone 案件", "zh-Hans"),
        ("", None, "", "Привет", ""),  # ru is not configured
        ("", None, "", "안녕하세요", ""),
        ("", None, "", "Hello there", "en"),  # the only one of the site's in Latin letters
        ("", None, "", "404 – 17:30", ""),
        ("", None, "", "", ""),
    ],
)
def test_languages(entry: str, source: str | None, feed: str, text: str, chosen: str) -> None:
    assert choose(entry, source, feed, text, SITE) == chosen


@pytest.mark.parametrize(
    ("feed", "text", "chosen"),
    [
        ("", ENGLISH, "en"),
        ("", GERMAN, "de"),
        ("en-US", GERMAN, "en-US"),  # short: the declaration stands
        ("en-US", 3 * GERMAN, "de"),
        ("de-AT", 3 * GERMAN, "de-AT"),
        ("fr", 3 * GERMAN, "fr"),  # none of the site's: believed
        ("en", "Гавань на ночь закрыли из-за тумана, и все паромы остались у причалов.", "ru"),
        ("", "Гавань на ніч зачинили через туман, і всі пороми залишилися біля причалів.", "uk"),
        ("", "Havnen var stengt om natten på grunn av tåke, og alle fergene ble liggende ved kai.", "nb"),
    ],
)
def test_languages_of_one_script(feed: str, text: str, chosen: str) -> None:
    assert choose("", None, feed, text, ("en-GB", "de", "nb", "ru", "uk", "tlh")) == chosen


def test_a_model_that_knows_none_of_the_candidates_says_nothing() -> None:
    assert identify("qapla", frozenset(("tlh", "sjn")), frozenset(("tlh", "sjn", "en"))) == ("", 0.0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("公安部通报电信网络诈骗案件", ("Hans", True)),
        ("公安部通報電信網路詐騙案件", ("Hant", True)),
        ("中山大", ("", False)),
        ("", ("", False)),
    ],
)
def test_kinds_of_chinese(text: str, kind: tuple[str, bool]) -> None:
    assert kind_of_chinese(text) == kind


@settings(deadline=None)  # the first text that needs the model loads it
@given(st.text(), st.text(max_size=12), st.text(max_size=12))
def test_any_text_has_a_language_or_none(text: str, entry: str, feed: str) -> None:
    chosen = choose(entry, None, feed, text, SITE)
    assert chosen == tag(chosen)
    assert primary(chosen) in {"", *SITE, primary(tag(entry)), primary(tag(feed))}


def test_threads_load_one_model() -> None:
    languages = ("de", "en", "fr")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: choose("", None, "", text, languages), [ENGLISH, GERMAN] * 20))
    assert found == ["en", "de"] * 20


def test_sites_whose_languages_differ_by_script_load_no_model() -> None:
    program = (
        "import sys; from syndicator.normalise.language import choose;"
        "print(choose('', None, 'en', '警方通报电信诈骗案件', ('en', 'zh')), 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["zh-Hans", "False"]


@pytest.mark.parametrize(("name", "least"), [("headlines.tsv", 0.99), ("summaries.tsv", 0.999)])
def test_short_texts_of_24_languages(corpus: Path, name: str, least: float) -> None:
    rows = [line.split("\t", 2) for line in (corpus / "languages" / name).read_text("utf-8").splitlines()]
    site = tuple(sorted({language for language, _, _ in rows}))
    right = sum(primary(choose("", None, "", text, site)) == primary(language) for language, _, text in rows)
    assert right / len(rows) >= least
