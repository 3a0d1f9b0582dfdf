"""config/aliases.yaml: shared by all topics, checked like every other file, part of the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syndicator.catalog import dump, load_catalog, load_dump, load_topics
from syndicator.catalog.plan import plan
from syndicator.errors import ConfigError
from syndicator.match import Index
from syndicator.model import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

ALIASES = "sea: [Sea, 海, '\"the deep\"', 'ocean*']\nwaters: ['@sea', river]\n"


def topics_of(config: Path, title: str = "", tags: tuple[str, ...] = ()) -> list[str]:
    article = Article(source="", key="1", title=title, tags=tags)
    return [match.topic for match in Index(load_catalog(config).topics.values()).match(article)]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("The sea rises", ["line", "nested", "query"]),
        ("海", ["line", "nested", "query"]),
        ("Oceanography", ["line", "nested", "query"]),
        ("Into the deep", ["line", "nested", "query"]),
        ("The river rises", ["nested"]),
        ("Sea of film", ["line", "nested"]),
        ("The dead sea", ["nested", "query"]),
        ("Rain", []),
    ],
)
def test_an_alias_stands_for_its_spellings(folder: Folder, title: str, found: list[str]) -> None:
    config = folder(
        {
            "aliases.yaml": ALIASES,
            "topics/line.yaml": "title: T\nany: ['@sea']\nmask: ['\"dead sea\"']\n",
            "topics/nested.yaml": "title: T\nany: ['title:@waters']\n",
            "topics/query.yaml": "title: T\nquery: '@SEA -film'\n",
        }
    )
    assert topics_of(config, title) == found


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("Sea", ["named", "other", "spelled"]),
        ("The Deep", ["named", "other", "spelled"]),
        ("Ocean currents", ["named", "other", "spelled"]),
        ("海", ["named", "other", "spelled"]),
        ("Waters", ["named"]),
        ("River", ["named", "other", "spelled"]),  # Waters and 海 are of @waters, and so is river
        ("North Sea", []),  # tags are compared whole
    ],
)
def test_tags_are_compared_by_alias(folder: Folder, tag: str, found: list[str]) -> None:
    config = folder(
        {
            "aliases.yaml": ALIASES,
            "topics/named.yaml": "title: T\ntags: [Waters]\n",
            "topics/spelled.yaml": "title: T\ntags: [海]\n",
            "topics/other.yaml": "title: T\ntags: ['@waters']\n",
        }
    )
    assert topics_of(config, tags=(tag,)) == found


LONG = ", ".join(f"w{i}" for i in range(501))
DEEP = "a0: [x]\n" + "".join(f"a{i}: ['@a{i - 1}']\n" for i in range(1, 40))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sea: [Sea, fr*]\n", "1:12: sea[2]: fr* is too short; a stem has at least 3 letters"),
        ("sea: [two words]\n", '1:7: sea[1]: a spelling is one word or phrase; quote it: "two words"'),
        (
            "sea: ['title:Sea']\n",
            "1:8: sea[1]: a field inside an alias; put it before the alias: title:@name",
        ),
        ("sea: Sea\n", "1:6: sea: must be a list, not text; write [one, two], or a line with - for each"),
        ("sea: []\n", "1:6: sea: has too few entries; give at least 1"),
        ("sea: [1]\n", "1:7: sea[1]: 1 is not text; put it in quotes"),
        ("Sea Side: [x]\n", "1:11: Sea Side: 'Sea Side' is no name; use up to 64 small letters"),
        ("sea: ['@see']\nsees: [x]\n", "1:7: sea[1]: there is no alias @see; did you mean sees?"),
        ("a: ['@b']\nb: [x, '@a']\n", "1:5: a[1]: the alias is part of itself: @a → @b → @a; write the"),
        ("a: ['@a']\n", "1:5: a[1]: the alias is part of itself: @a → @a; write the spellings out in one"),
        ("a: [x]\na: [y]\n", "2:1: a: given twice, first on line 1; keep one of them"),
        (f"a: [{LONG}]\n", "a[501]: more than 500 spellings; make several aliases of it"),
        (DEEP, "aliases more than 20 deep; write the spellings out"),
    ],
)
def test_faults_are_told_with_their_place(folder: Folder, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_catalog(folder({"aliases.yaml": text, "topics/t.yaml": "title: T\nany: ['@sea']\n"}))
    first = str(caught.value.problems[0])
    assert first.startswith("config/aliases.yaml:")
    assert said in first
    assert not any("topics" in problem.file for problem in caught.value.problems)  # no fault of the topic


def test_many_spellings_of_spellings_end(folder: Folder) -> None:
    doubling = "a0: [x, y]\n" + "".join(f"a{i}: ['@a{i - 1}', '@a{i - 1}']\n" for i in range(1, 20))
    config = folder({"aliases.yaml": doubling, "topics/t.yaml": "title: T\nany: ['@a19']\n"})
    assert topics_of(config, "x") == ["t"]


def test_a_topic_cannot_name_an_unknown_alias(folder: Folder) -> None:
    config = folder({"aliases.yaml": ALIASES, "topics/t.yaml": "title: T\nany:\n  - flood @see\n"})
    with pytest.raises(ConfigError) as caught:
        load_catalog(config)
    (problem,) = caught.value.problems
    assert str(problem) == "config/topics/t.yaml:3:11: any[1]: there is no alias @see; did you mean sea?"
    assert problem.pointed().splitlines()[1:] == ["    - flood @see", "            ^"]


def test_the_caret_stands_under_wide_characters(folder: Folder) -> None:
    config = folder({"topics/t.yaml": "title: T\nany: [电信诈骗 @海]\n"})
    with pytest.raises(ConfigError) as caught:
        load_catalog(config)
    *_, line, caret = caught.value.problems[0].pointed().splitlines()
    assert (line, caret) == ("  any: [电信诈骗 @海]", "        \u3000\u3000\u3000\u3000 ^")


def test_only_topics_that_use_an_edited_alias_are_matched_again(folder: Folder) -> None:
    files = {
        "aliases.yaml": "sea: [Sea]\nland: [Land]\n",
        "topics/sea.yaml": "title: T\nany: ['@sea']\n",
        "topics/tag.yaml": "title: T\ntags: [sea]\n",
        "topics/land.yaml": "title: T\nany: ['@land']\n",
        "topics/plain.yaml": "title: T\nany: [sea]\n",
    }
    before = load_catalog(folder(files))
    after = load_catalog(folder({**files, "aliases.yaml": "sea: [Sea, Ocean]\nland: [Land]\n"}))
    assert plan(before, after).topics_rematch == ("sea", "tag")
    assert before.version != after.version


def test_aliases_are_in_the_dump(folder: Folder) -> None:
    config = folder({"aliases.yaml": ALIASES, "topics/t.yaml": "title: T\nany: ['@sea']\n"})
    catalog = load_catalog(config)
    assert load_dump(dump(config)) == catalog


def test_topics_of_a_folder_use_the_aliases_beside_it(folder: Folder) -> None:
    config = folder({"aliases.yaml": ALIASES, "topics/t.yaml": "title: T\nany: ['@sea']\n"})
    assert set(load_topics(config / "topics")) == {"t"}
    (config / "aliases.yaml").unlink()
    with pytest.raises(ConfigError):
        load_topics(config / "topics")


def test_a_file_of_comments_and_one_of_another_name(folder: Folder) -> None:
    assert load_catalog(folder({"aliases.yaml": "# none yet\n"})).topics == {}
    with pytest.raises(ConfigError, match=r"rename it to aliases\.yaml"):
        load_catalog(folder({"aliases.yml": "sea: [Sea]\n"}))
