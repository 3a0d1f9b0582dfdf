"""A line that YAML reads as something else: the message shows it mended, and the mended one is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.catalog import load_all, mending, yaml
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

BEHIND = "text behind the closing quotation mark; put all of it in single quotes: "
AT_SIGN = "a text cannot start with @ in YAML unless all of it is quoted; put all of it in single quotes: "
ALIASES = "port: [port*, harbour]\n"
TOPIC = "title: T\nany:\n  - ferry\n"

ITEMS = {
    '- "rail freight" OR ferry': (BEHIND, """- '"rail freight" OR ferry'"""),
    '- "@port" strike': (BEHIND, """- '"@port" strike'"""),
    "- @port strike": (AT_SIGN, "- '@port strike'"),
    '- "rail freight" OR ferry  # goods': (BEHIND, """- '"rail freight" OR ferry'"""),
    """- "workers' strike" OR ferry""": (BEHIND, """- '"workers'' strike" OR ferry'"""),
    "- 'rail freight' OR ferry": (BEHIND, """- '"rail freight" OR ferry'"""),
    "- title: ferry": ("any[2]: YAML reads 'title:' as a key; write ", "- title:ferry"),
    '- title: "rail freight"': ("any[2]: YAML reads 'title:' as a key; write ", '- title:"rail freight"'),
    "- title: (rail OR ferry)": ("any[2]: YAML reads 'title:' as a key; write ", "- title:(rail OR ferry)"),
    "- title: ferry OR body: boat": ("a space behind a colon; write ", "- title:ferry OR body:boat"),
    "- Breaking: ferry": ("any[2]: YAML reads 'Breaking:' as a key; write ", """- '"Breaking: ferry"'"""),
}


def problems(config: Path) -> list[str]:
    try:
        load_all(config, {})
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def in_lists(folder: Folder, item: str) -> list[str]:
    """Return the problems of a topic with an item before its last one."""
    text = f"{TOPIC}  {item}\n  - boat\ntags: [sea]\n"
    return problems(folder({"aliases.yaml": ALIASES, "topics/sea.yaml": text}))


@pytest.mark.parametrize(("item", "said"), ITEMS.items())
def test_an_item_is_shown_mended(folder: Folder, item: str, said: tuple[str, str]) -> None:
    (line,) = in_lists(folder, item)
    assert line.startswith("config/topics/sea.yaml:4:")
    assert line.endswith("".join(said))
    assert in_lists(folder, said[1]) == []


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ('any: ["rail freight" OR ferry, boat]', """'"rail freight" OR ferry'"""),
        ("any: [boat, @port strike]", "'@port strike'"),
        ("any: [boat, title: ferry]", "title:ferry"),
        ('query: "rail freight" OR ferry', """query: '"rail freight" OR ferry'"""),
    ],
)
def test_between_brackets_and_in_a_query(folder: Folder, line: str, mended: str) -> None:
    (said,) = problems(
        folder({"aliases.yaml": ALIASES, "topics/sea.yaml": f"title: T\n{line}\ntags: [sea]\n"})
    )
    assert said.removesuffix("]").endswith(mended)
    assert "indentation" not in said


def test_in_aliases_and_tags_too(folder: Folder) -> None:
    config = folder({"aliases.yaml": 'port:\n  - "sea port" harbour\n', "topics/t.yaml": TOPIC})
    assert problems(config) == [f"config/aliases.yaml:2:16: {BEHIND}" + """- '"sea port" harbour'"""]


@given(st.text("ab c'*:@-()", max_size=12), st.text("ab'*:()\"", min_size=1, max_size=12))
def test_what_is_shown_is_read_as_what_was_typed(quoted: str, behind: str) -> None:
    typed = f'"{quoted}" {behind}'
    mended = mending.quoted(f"  - {typed}", len(typed))
    document = yaml.read(mended or "- x")
    assert document.faults == []
    assert not mended or document.value == [typed.strip()]


def test_what_may_be_a_secret_is_not_repeated(folder: Folder) -> None:
    config = folder({"syndicator.yaml": 'mail:\n  username: "geheim" x\n  port: 25\n'})
    (said,) = problems(config)
    assert "geheim" not in said
