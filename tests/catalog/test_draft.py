"""Drafts of a topic's file: read as the whole folder would read them, and saved whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndicator.catalog import atomic, load_edit
from syndicator.catalog.draft import open_topic, plain, read_draft, save
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Folder = Callable[[Mapping[str, str | bytes]], Path]

SOURCES = "sources:\n  - {name: wire, url: 'https://wire.example/feed'}\n"
ALIASES = "sea: [sea, ocean]\n"
RAIL = "# rails\ntitle: Rail\nany: [rail*]   # and more\ntests:\n  match: [A railway]\n"
FILES = {
    "sources/all.yaml": SOURCES,
    "aliases.yaml": ALIASES,
    "topics/rail.yaml": RAIL,
    "topics/ships.yml": "title: Ships\nany: [ship*, '@sea']\n",
}
DRAFTS = [
    RAIL,
    "",
    "title: [",
    "titel: Rail\nany: [x]\n",
    "title: Rail\nany: [a AND]\n",
    "title: Rail\nany: ['@see']\n",
    "title: Rail\nany: ['@sea']\n",
    "title: Rail\nany: [rail]\nsources: [wyre]\n",
    "title: Rail\nany: [rail]\nsources: [wire]\ntests: {match: [A ship], no_match: [A rail]}\n",
    "title: Rail\0\n",
]


def opened(config: Path, slug: str = "rail"):
    file = open_topic(config, slug)
    assert file
    return file


@pytest.mark.parametrize("text", DRAFTS, ids=range(len(DRAFTS)))
def test_a_draft_has_the_problems_that_the_whole_folder_would_have(folder: Folder, text: str) -> None:
    config = folder(FILES)
    draft = read_draft(config, {}, opened(config), text)
    try:
        edit = load_edit(config, {}, texts={"topics/rail.yaml": text})
        expected = tuple(edit.failures.get("rail", ()))
        assert draft.topic == edit.catalog.topics["rail"]
    except ConfigError as error:
        expected = error.problems
        assert draft.topic is None
    assert (*draft.problems, *draft.failures) == expected
    assert draft.elsewhere == ()


def test_problems_of_other_files_are_told_apart(folder: Folder) -> None:
    config = folder(FILES | {"sources/all.yaml": SOURCES + "  - {name: wire}\n", "topics/ships.yml": "x: 1"})
    draft = read_draft(config, {}, opened(config), RAIL)
    assert draft.topic
    assert draft.problems == ()
    assert {problem.file for problem in draft.elsewhere} == {"config/sources/all.yaml"}
    done = save(config, {}, "rail", RAIL + "#\n", opened(config).digest)
    assert done.state == "refused"
    assert {problem.file for problem in done.problems} == {
        "config/sources/all.yaml",
        "config/topics/ships.yml",
    }
    assert (config / "topics" / "rail.yaml").read_text() == RAIL


def test_traps_are_told(folder: Folder) -> None:
    config = folder(FILES)
    draft = read_draft(config, {}, opened(config), "title: Rail\nany: [rail, rail]\n")
    assert [(each.line, each.what) for each in draft.warnings] == [
        (2, "the same as rail, on line 1 of `any`")
    ]


@pytest.mark.parametrize("slug", ["../syndicator", "..", "", "Rail", "rail.yaml", "no-such", "a/b", "rail\n"])
def test_no_other_file_is_opened(folder: Folder, slug: str) -> None:
    assert open_topic(folder(FILES | {"syndicator.yaml": ""}), slug) is None


def test_a_file_is_replaced_with_its_mode_and_nothing_is_left_over(folder: Folder) -> None:
    config = folder(FILES)
    path = config / "topics" / "ships.yml"
    path.chmod(0o640)
    text = "title: Boats   # kept\n\nany: [boat*]\n"
    assert save(config, {}, "ships", text, opened(config, "ships").digest).state == "saved"
    assert path.read_text() == text
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in path.parent.iterdir()) == ["rail.yaml", "ships.yml"]
    assert save(config, {}, "ships", text, opened(config, "ships").digest).state == "same"
    assert save(config, {}, "boats", text, "").state == "gone"


def test_what_changed_in_the_last_moment_is_not_overwritten(folder: Folder) -> None:
    config = folder(FILES)
    path = config / "topics" / "rail.yaml"
    with pytest.raises(atomic.Changed):
        atomic.replace(path, b"mine", "rail", held=atomic.digest(b"older"))
    assert path.read_text() == RAIL
    assert sorted(file.name for file in path.parent.iterdir()) == ["rail.yaml", "ships.yml"]


def test_a_link_stays_one_and_leads_to_the_new_text(folder: Folder, tmp_path: Path) -> None:
    config = folder(FILES)
    kept = tmp_path / "kept.yaml"
    path = config / "topics" / "rail.yaml"
    path.rename(kept)
    path.symlink_to(kept)
    assert save(config, {}, "rail", RAIL + "# more\n", opened(config).digest).state == "saved"
    assert path.is_symlink()
    assert kept.read_text() == RAIL + "# more\n"


@given(st.text(st.sampled_from("a:# \n\r中"), max_size=40), st.booleans(), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_that_was_not_touched_is_the_same_bytes(
    folder: Folder, text: str, dos: bool, mark: bool
) -> None:
    """Whatever a browser's field makes of line ends, as long as a file has one kind of them."""
    body = plain(text).replace("\n", "\r\n" if dos else "\n")
    written = (b"\xef\xbb\xbf" if mark else b"") + body.encode()
    config = folder({"topics/rail.yaml": written})
    file = opened(config)
    assert file.text == plain(text)
    assert file.bytes_of(file.text.replace("\n", "\r\n")) == written


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("may_give", [True, False])
def test_a_file_stays_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_give: bool) -> None:
    """As root; and as somebody of its group, who may write it and not give another one away."""

    def refuse(*_: object) -> None:
        raise PermissionError

    path = tmp_path / "rail.yaml"
    path.write_bytes(b"old and long")
    path.chmod(0o664)
    os.chown(path, 12345, 23456)
    if not may_give:
        monkeypatch.setattr(os, "chown", refuse)
    atomic.replace(path, b"new", "rail")
    assert path.read_bytes() == b"new"
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o777) == (12345, 23456, 0o664)
    assert [file.name for file in tmp_path.iterdir()] == ["rail.yaml"]
