"""Exports: what is written, what is not, and that a folder of others' files is safe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import SyndicatorError
from syndicator.pipeline.export import export
from syndicator.pipeline.root import OURS, Root

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def public(tmp_path):
    made = tmp_path / "public"
    put(made, "index.html", "front")
    put(made, "topics/sea.html", "sea")
    put(made, "topics/sea.html.gz", "packed sea")
    put(made, "topics/sea.atom", "<feed/>")
    put(made, "topics/sea/archive/1.html", "page")
    put(made, "topics/.sea.atom.123", "half")
    return made


@pytest.fixture
def target(tmp_path):
    return tmp_path / "www"


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (stamp := 1_700_000_000 + len(text) * 7919 + sum(map(ord, text)), stamp))


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_text(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and OURS not in path.parts and not path.name.startswith(".sea")
    }


def test_all_that_is_published_is_written_with_its_time(public, target):
    changes = export(public, target)
    assert changes.added == sorted(tree(public))
    assert tree(target) == tree(public)
    again = export(public, target)
    assert (again.added, again.changed, again.removed, again.unchanged) == ([], [], [], 5)


def test_only_what_changed_is_written_and_what_is_gone_goes(public, target):
    export(public, target)
    inodes = {path: (target / path).stat().st_ino for path in tree(target)}
    put(public, "topics/sea.atom", "<feed>new</feed>")
    put(public, "topics/sky.atom", "<feed>sky</feed>")
    (public / "topics/sea/archive/1.html").unlink()
    told = export(public, target, dry_run=True)
    assert (target / "topics/sea/archive/1.html").exists()
    changes = export(public, target)
    assert told == changes
    assert changes.added == ["topics/sky.atom"]
    assert changes.changed == ["topics/sea.atom"]
    assert changes.removed == ["topics/sea/archive/1.html"]
    assert tree(target) == tree(public)
    assert not (target / "topics/sea").exists()
    kept = {
        path
        for path, inode in inodes.items()
        if path in tree(target) and (target / path).stat().st_ino == inode
    }
    assert kept == {"index.html", "topics/sea.html", "topics/sea.html.gz"}


def test_a_dry_run_writes_nothing_at_all(public, target):
    assert export(public, target, dry_run=True).added == sorted(tree(public))
    assert not target.exists()


def test_pages_lie_in_folders_of_their_own_if_asked(public, target):
    export(public, target, folders=True)
    assert (target / "topics/sea/index.html").read_text() == "sea"
    assert (target / "topics/sea/index.html.gz").read_text() == "packed sea"
    assert (target / "topics/sea/archive/1/index.html").read_text() == "page"
    assert not (target / "index").exists()
    assert export(public, target).removed == [
        "topics/sea/archive/1/index.html",
        "topics/sea/index.html",
        "topics/sea/index.html.gz",
    ]


def test_a_file_that_is_not_ours_is_neither_written_over_nor_removed(public, target):
    put(target, "mine.txt", "mine")
    put(target, "topics/sea.atom", "mine too")
    with pytest.raises(SyndicatorError, match=r"in the way: topics/sea.atom"):
        export(public, target)
    assert sorted(tree(target)) == ["mine.txt", "topics/sea.atom"]
    (target / "topics/sea.atom").unlink()
    export(public, target)
    for path in ("topics/sea.atom", "index.html"):
        (public / path).unlink()
    put(target, "index.html", "somebody wrote this since")
    changes = export(public, target)
    assert (changes.removed, changes.left) == (["topics/sea.atom"], ["index.html"])
    assert tree(target)["index.html"][0] == "somebody wrote this since"
    assert tree(target)["mine.txt"][0] == "mine"


def test_links_are_not_followed(public, target, tmp_path):
    away = tmp_path / "away"
    put(away, "sea.atom", "theirs")
    target.mkdir()
    (target / "topics").symlink_to(away)
    with pytest.raises(SyndicatorError, match="a link or a file is in the way"):
        export(public, target)
    assert sorted(tree(away)) == ["sea.atom"]
    (target / "topics").unlink()
    export(public, target)
    (target / "topics/sea.atom").unlink()
    (target / "topics/sea.atom").symlink_to(away / "sea.atom")
    with pytest.raises(SyndicatorError, match=r"in the way: topics/sea.atom"):
        export(public, target)
    assert (away / "sea.atom").read_text() == "theirs"
    (public / "secret").symlink_to(away)
    (target / "topics/sea.atom").unlink()
    assert "secret/sea.atom" not in export(public, target).added


def test_it_is_never_exported_into_itself(public, tmp_path):
    for target in (public, public / "www"):
        with pytest.raises(SyndicatorError, match="lies in the folder that is exported"):
            export(public, target)


def test_two_at_once_are_one_too_many(public, target):
    with Root(target, make=True), pytest.raises(SyndicatorError, match="another export writes here"):
        export(public, target)
    export(public, target)


def test_a_list_that_cannot_be_read_stops_it(public, target):
    export(public, target)
    (target / OURS / "manifest.json").write_text("{")
    with pytest.raises(SyndicatorError, match=r"manifest.json: cannot be read"):
        export(public, target)


@pytest.mark.parametrize(
    "path", ["../away", "a/../../away", "/away", "a//b", "./mine", ".syndicator/lock", "", "\0"]
)
def test_a_list_that_names_files_of_others_stops_it(public, target, tmp_path, path):
    export(public, target)
    away = tmp_path / "away"
    put(tmp_path, "away", "theirs")
    kept = target / OURS / "manifest.json"
    said = json.loads(kept.read_text())
    told = said["files"]["index.html"] | {"is_done": False}  # such a file is removed whatever is in it
    said["files"][str(away) if path == "/away" else path] = told
    kept.write_text(json.dumps(said))
    with pytest.raises(SyndicatorError, match=r"manifest.json: cannot be read"):
        export(public, target)
    assert away.read_text() == "theirs"


def _is_of(path: Path, turn: int) -> bool:
    return path.exists() and path.read_text().startswith(f"{turn} ")


RUN = """
import sys
from pathlib import Path
from syndicator.pipeline.export import export
export(*map(Path, sys.argv[1:]))
"""


def test_killed_at_any_moment_it_leaves_whole_files_and_the_next_one_ends_it(public, target):
    dice = Random(5)
    before: dict[str, str] = {}
    for turn in range(4):
        for number in range(150):
            put(public, f"topics/t{number}.atom", f"{turn} " * dice.randrange(1, 2000))
        process = subprocess.Popen([sys.executable, "-c", RUN, str(public), str(target)])
        limit = time.monotonic() + 20
        while not _is_of(target / "topics/t75.atom", turn) and process.poll() is None:
            assert time.monotonic() < limit
            time.sleep(0.002)
        time.sleep(dice.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = {path: text for path, (text, _) in tree(public).items()}
        there = {path: text for path, (text, _) in tree(target).items()}
        assert {path for path in there if there[path] not in (after.get(path), before.get(path))} == set()
        before = there
    export(public, target)
    assert tree(target) == tree(public)
    assert sorted(path.name for path in (target / OURS).iterdir()) == ["lock", "manifest.json"]
