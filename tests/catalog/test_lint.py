"""Warnings about rules stand at their places in the files, and `check` goes on to say that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.catalog import load_edit
from syndicator.catalog.lint import lint
from syndicator.match.lint import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

SHIPS = """\
title: Ships
any:
  - ship*
  - boat
  - "a ship"
mask:
  - porcelain
  - '"boat house"'
all: [NOT train]
"""


def test_each_warning_has_its_place(folder: Folder) -> None:
    config = folder({"topics/ships.yaml": SHIPS, "topics/twin.yaml": SHIPS.replace("Ships", "Twin")})
    told = [str(problem) for problem in lint(load_edit(config, {}), "config")]
    ships = [line.partition("; ")[0] for line in told if "ships.yaml" in line]
    assert ships == [
        "config/topics/ships.yaml:5:5: any[3]: holds only where ship* does, on line 1 of `any`",
        "config/topics/ships.yaml:7:5: mask[1]: masks nothing: the rule looks for no word of porcelain",
        "config/topics/ships.yaml:9:7: all[1]: this line can only exclude",
    ]
    assert "config/topics/twin.yaml: the same rule as topic 'ships'; delete one of them" in told


def test_the_words_of_the_archive_are_told_where_there_is_one(folder: Folder) -> None:
    config = folder({"topics/ships.yaml": "title: Ships\nquery: ship* NOT train\n"})
    known = Vocabulary(5, {"ships": 2, "shipwright": 1})
    (told,) = lint(load_edit(config, {}), "config", known)
    assert str(told) == (
        "config/topics/ships.yaml:2:8: query: ship* also finds shipwright (1) in the archive; "
        "write the words out, or mask the others"
    )
