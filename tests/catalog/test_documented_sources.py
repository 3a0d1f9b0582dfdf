"""The sources in the documents are such as the program takes."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syndicator.catalog import load_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Folder = Callable[[Mapping[str, str | bytes]], Path]

DOCS = Path(__file__).parents[2] / "docs"
FENCED = re.compile(r"(?ms)^```ya?ml\n(.*?)^```$")
INDENTED = re.compile(r"(?m)(?:^ {4}.*\n)+")
ENVIRON = {"SESSION": "of-the-environment"}


def blocks(page: str) -> list[str]:
    """Return the lists of sources in a page, fenced and indented, each as the text of a file."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = [block for block in FENCED.findall(text) if "\nsources:\n" in f"\n{block}"]
    bare = [textwrap.dedent(block) for block in INDENTED.findall(FENCED.sub("", text))]
    lists = [block for block in bare if block.startswith("- ")]
    return found + ["sources:\n" + textwrap.indent(block, "  ") for block in lists]


def ways_in() -> list[str]:
    """Return the keys that the table under "Ways in" shows, each in a source of its own."""
    section = (DOCS / "sources.md").read_text(encoding="utf-8").partition("\n## Ways in\n")[2]
    rows = re.findall(r"(?m)^\| `(\w+: .+?)` \|", section.partition("\n## ")[0])
    return [f"sources:\n  - name: a\n    url: https://e.example/feed\n    {row}\n" for row in rows]


EXAMPLES = [*blocks("sources.md"), *blocks("newsletters.md"), *ways_in()]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.strip().splitlines()[-1].strip()[:50])
def test_every_example_loads(folder: Folder, text: str) -> None:
    secrets = re.findall(r"(?:password_file|bearer_file|\bfile): ([\w/-]+)", text)
    proxy = "http://jo:word@proxy.example:3128"
    config = folder(
        {
            "syndicator.yaml": "inbound: {lmtp: '127.0.0.1:2424'}",
            "sources/shown.yaml": text,
            **{name: proxy if name.endswith("proxy") else "secret" for name in secrets},
        }
    )
    _, catalog = load_all(config, ENVIRON)
    assert len(catalog.sources) == len(re.findall(r"(?m)^ *- (?:\{ *)?name:", text))


def test_the_examples_are_found() -> None:
    assert len(blocks("sources.md")) >= 3
    assert len(blocks("newsletters.md")) == 1
    assert len(ways_in()) >= 6
