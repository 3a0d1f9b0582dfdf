from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from syndicator.fetch import body_hash
from syndicator.model import Fetched, FetchFailed, NotModified, SourceState

if TYPE_CHECKING:
    from pathlib import Path

    from .origin import Puller

FEED = b"<rss/>"


def write(path: Path, body: bytes = FEED, *, at: int = 1_000_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, ns=(at, at))
    return path


@pytest.mark.parametrize(
    "form",
    [
        "file:samples/my%20feed.xml",
        "file:{root}/samples/my%20feed.xml",
        "file://{root}/samples/my%20feed.xml",
    ],
)
async def test_relative_and_absolute(pull: Puller, form: str) -> None:
    write(pull.root / "samples" / "my feed.xml")
    url = form.format(root=pull.root)
    assert await pull(url, private=False) == Fetched(url=url, body=FEED, etag='"3b9aca00-6"')
    if "//" in url:
        assert isinstance(await pull(url.replace("file://", "file://localhost")), Fetched)


async def test_an_unchanged_file_is_not_read_again(pull: Puller) -> None:
    path = write(pull.root / "f.xml")
    state = SourceState(name="a", url="file:f.xml", etag='"3b9aca00-6"', body_hash=body_hash(FEED))
    assert await pull("file:f.xml", state) == NotModified(etag='"3b9aca00-6"')
    write(path, b"<RSS/>")  # same time, same size: taken for the same, as documented
    assert await pull("file:f.xml", state) == NotModified(etag='"3b9aca00-6"')
    write(path, FEED, at=2_000_000_000)  # touched, not changed
    assert await pull("file:f.xml", state) == NotModified(etag='"77359400-6"')
    write(path, b"<RSS/>", at=2_000_000_000)
    assert isinstance(await pull("file:f.xml", state), Fetched)


async def test_what_is_known_of_another_file_does_not_count(pull: Puller) -> None:
    write(pull.root / "f.xml")
    state = SourceState(name="a", url="file:old.xml", etag='"3b9aca00-6"', body_hash=body_hash(FEED))
    assert isinstance(await pull("file:f.xml", state), Fetched)


async def test_gzip_is_unpacked(pull: Puller) -> None:
    write(pull.root / "f.xml.gz", gzip.compress(FEED))
    got = await pull("file:f.xml.gz")
    assert isinstance(got, Fetched)
    assert got.body == FEED


@pytest.mark.parametrize(
    ("url", "kind", "message"),
    [
        ("file:none.xml", "file", "file:none.xml cannot be read: no such file or directory"),
        ("file:folder", "file", "file:folder cannot be read: is a directory"),
        ("file:pipe", "file", "file:pipe cannot be read: it is no ordinary file"),
        ("file:/dev/null", "file", "file:/dev/null cannot be read: it is no ordinary file"),
        ("file:loop", "file", "file:loop cannot be read: too many levels of symbolic links"),
        ("file:empty", "empty", "file:empty is empty"),
        ("file:big", "too-big", "file:big has more than 0.0954 MB"),
        ("file:bomb", "too-big", "file:bomb has more than 0.0954 MB"),
        ("file:cut", "file", "file:cut cannot be read: its compressed data ends too early"),
        ("file://server/share", "file", "file://server/share does not name a file of this machine"),
        ("file:", "file", "file: does not name a file of this machine"),
        ("file:a%00b", "file", "file:a%00b does not name a file of this machine"),
    ],
)
async def test_failures(pull: Puller, url: str, kind: str, message: str) -> None:
    (pull.root / "folder").mkdir()
    os.mkfifo(pull.root / "pipe")
    (pull.root / "loop").symlink_to("loop")
    write(pull.root / "empty", b"")
    write(pull.root / "big", bytes(100_001))
    write(pull.root / "bomb", gzip.compress(bytes(10_000_000)))
    write(pull.root / "cut", gzip.compress(FEED)[:-1])
    assert await pull(url) == FetchFailed(kind=kind, message=message, url=url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_we_may_not_read(pull: Puller) -> None:
    write(pull.root / "f.xml").chmod(0)
    got = await pull("file:f.xml")
    assert isinstance(got, FetchFailed)
    assert got.message == "file:f.xml cannot be read: permission denied"
