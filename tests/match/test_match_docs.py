"""Every row of the tables in docs/topics.md is true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from syndicator.catalog import yaml as document
from syndicator.match import Aliases, Index, RuleError, join, parse_positive, parse_rule, parse_spelling
from syndicator.match.fields import FIELDS
from syndicator.model import Article, Topic

DOCS = (Path(__file__).parents[2] / "docs" / "topics.md").read_text(encoding="utf-8")


def examples(after: str) -> Any:
    """The YAML example that follows the words `after`."""
    return yaml.safe_load(DOCS.split(after, 1)[1].split("```yaml\n", 1)[1].split("```", 1)[0])


def aliases() -> Aliases:
    written = examples("## Aliases")
    joined, faults = join({name: [parse_spelling(one) for one in ones] for name, ones in written.items()})
    assert not faults
    return joined


ALIASES = aliases()


def rows(head: str) -> list[list[str]]:
    """The rows of the table whose head begins with `head`, without their dress of backquotes."""
    lines = DOCS.split(f"\n| {head}", 1)[1].splitlines()[2:]
    table = lines[: next(i for i, line in enumerate(lines) if not line.startswith("|"))]
    return [
        [cell.strip().removeprefix("`").removesuffix("`").replace("\\|", "|") for cell in cells]
        for cells in (re.split(r"(?<!\\)\|", line)[1:-1] for line in table)
    ]


def matches(line: str, **one: Any) -> bool:
    article = Article(
        source=one.get("source", ""),
        key="1",
        title=one.get("title", ""),
        text=one.get("text", ""),
        tags=tuple(one.get("tags", ())),
        authors=(one["author"],) if "author" in one else (),
        language=one.get("lang", ""),
        url=one.get("url", ""),
    )
    return bool(
        Index([Topic(slug="t", title="T", rule=parse_rule(any=[line], aliases=ALIASES))]).match(article)
    )


@pytest.mark.parametrize(("line", "_", "inside", "outside"), rows("line | what it finds"))
def test_lines(line: str, _: str, inside: str, outside: str) -> None:
    assert matches(line, title=inside)
    assert not matches(line, title=outside)


@pytest.mark.parametrize(("field", "_", "line", "inside", "outside"), rows("field | where"))
def test_fields(field: str, _: str, line: str, inside: str, outside: str) -> None:
    assert f"{field}:" in line
    assert matches(line, **json.loads(inside))
    assert not matches(line, **json.loads(outside))


@pytest.mark.parametrize(("line", "inside", "outside"), rows("line | article"))
def test_aliases(line: str, inside: str, outside: str) -> None:
    assert matches(line, **json.loads(inside))
    assert not matches(line, **json.loads(outside))


def test_a_tag_stands_for_its_alias() -> None:
    index = Index([Topic(slug="t", title="T", rule=parse_rule(tags=["lake"], aliases=ALIASES))])
    assert index.match(Article(source="", key="1", title="", tags=("湖",)))


def test_the_query() -> None:
    rule = parse_rule(query=examples("Who thinks in one expression")["query"])
    index = Index([Topic(slug="t", title="T", rule=rule)])
    titles = ["River levels rise", "A flood of letters", "Rain"]
    found = [bool(index.match(Article(source="", key="1", title=title))) for title in titles]
    assert found == [True, False, False]


def test_the_first_example_passes_its_own_tests() -> None:
    file = examples("Copy this")
    rule = parse_rule(any=file["any"], none=file["none"], tags=file["tags"])
    index = Index([Topic(slug="rivers", title=file["title"], rule=rule, min_score=file["min_score"])])
    for expected, titles in ((True, file["tests"]["match"]), (False, file["tests"]["no_match"])):
        for title in titles:
            assert bool(index.match(Article(source="", key="1", title=title))) is expected


def test_every_field_is_taught() -> None:
    assert [row[0] for row in rows("field | where")] == list(FIELDS)


@pytest.mark.parametrize(("line", "written"), rows("you write"))
def test_spellings(line: str, written: str) -> None:
    assert matches(line, title=written)


@pytest.mark.parametrize(("line", "why"), rows("line | why"))
def test_refusals(line: str, why: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_positive(line)
    assert caught.value.message == why


@pytest.mark.parametrize(("article", "points", "verdict", "_"), rows("article | points"))
def test_points(article: str, points: str, verdict: str, _: str) -> None:
    one = json.loads(article)
    found = Article(
        source="", key="1", title=one["title"], text=one.get("text", ""), tags=tuple(one.get("tags", ()))
    )
    rule = parse_rule(any=["flood*"])
    for limit, wanted in ((0.5, points != "0"), (3, verdict == "in")):
        matched = Index([Topic(slug="t", title="T", rule=rule, min_score=limit)]).match(found)
        assert bool(matched) is wanted
        assert not matched or matched[0].score == float(points)


@pytest.mark.parametrize(("wrong", "right"), rows("not so"))
def test_lines_in_yaml(wrong: str, right: str) -> None:
    text = "title: T\nany:\n  - ferry\n  {}\n"
    assert document.read(text.format(right)).faults == []
    (_, line) = document.read(text.format(right)).value["any"]
    parse_positive(line, Aliases({"port": ALIASES.spellings["lake"]}))
    read = document.read(text.format(wrong))
    assert read.faults or not isinstance(read.value["any"][1], str)


@pytest.mark.parametrize(("list_", "inside", "outside"), rows("beside `any"))
def test_lists(list_: str, inside: str, outside: str) -> None:
    rule = parse_rule(any=["flood*"], **yaml.safe_load(list_))
    index = Index([Topic(slug="t", title="T", rule=rule)])
    for text, wanted in ((inside, True), (outside, False)):
        one = json.loads(text)
        article = Article(source="", key="1", title=one["title"], tags=tuple(one.get("tags", ())))
        assert bool(index.match(article)) is wanted
