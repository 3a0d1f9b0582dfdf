from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.fetch import Fetcher, maildrop
from syndicator.model import FetchFailed, Received, Source, SourceState
from syndicator.settings import Fetch, Inbound

if TYPE_CHECKING:
    from pathlib import Path

STATE = SourceState(name="letters")


def maildir(folder: Path, **mails: bytes) -> Path:
    """Make a Maildir; of the mails `new_x` lies in new/ and `cur_x` in cur/, the oldest first."""
    for place in ("tmp", "new", "cur"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for number, (name, raw) in enumerate(mails.items()):
        place, _, base = name.partition("_")
        path = folder / place / (base if place == "new" else f"{base}:2,")
        path.write_bytes(raw)
        os.utime(path, (1_000 + number, 1_000 + number))
    return folder


def fetcher(root: Path, limit: int = 10_000) -> Fetcher:
    return Fetcher(
        Fetch(timeout=timedelta(seconds=10)),
        user_agent="test",
        files_root=root,
        inboxes=root / "inbox",
        inbound=Inbound(max_bytes=limit),
    )


async def pull(root: Path, url: str = "maildir:box", **options: int) -> object:
    async with fetcher(root, **options) as fetch:
        return await fetch.fetch(Source(name="letters", url=url, kind="newsletter"), STATE)


def raws(result: object) -> list[bytes]:
    assert isinstance(result, Received), result
    return [letter.raw for letter in result.letters]


@pytest.mark.parametrize(
    "url", ["maildir:box", "maildir:./box", "maildir:{root}/box", "maildir://{root}/box"]
)
async def test_what_is_unseen_is_brought_oldest_first(tmp_path: Path, url: str) -> None:
    box = maildir(tmp_path / "box", cur_b=b"2", new_a=b"1", new_c=b"3")
    (box / "cur" / "old:2,RS").write_bytes(b"seen")
    (box / "new" / ".hidden").write_bytes(b"hidden")
    result = await pull(tmp_path, url.format(root=tmp_path))
    assert raws(result) == [b"2", b"1", b"3"]
    assert isinstance(result, Received)
    assert not result.more


async def test_it_is_brought_until_it_is_acknowledged(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", new_a=b"1", new_b=b"2", cur_c=b"3")
    (box / "cur" / "c:2,").rename(box / "cur" / "c:2,F")
    source = Source(name="letters", url="maildir:box", kind="newsletter")
    async with fetcher(tmp_path) as fetch:
        for _ in range(2):
            result = await fetch.fetch(source, STATE)
            assert isinstance(result, Received)
            assert {letter.ref for letter in result.letters} == {"a", "b", "c"}
        (box / "new" / "b").rename(box / "cur" / "b:2,")  # a mail reader looks at it meanwhile
        await fetch.acknowledge(source, ["a", "b", "c", "gone", "../../etc"])
        await fetch.acknowledge(source, ["a", "b", "c"])
        assert raws(await fetch.fetch(source, STATE)) == []
    assert sorted(path.name for path in (box / "cur").iterdir()) == ["a:2,S", "b:2,S", "c:2,FS"]
    assert not list((box / "new").iterdir())


async def test_fifty_at_a_time(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", **{f"new_{n:03}": b"%d" % n for n in range(60)})
    result = await pull(tmp_path)
    assert raws(result) == [b"%d" % n for n in range(50)]
    assert isinstance(result, Received)
    assert result.more
    maildrop.mark_seen(box, [letter.ref for letter in result.letters])
    assert len(raws(await pull(tmp_path))) == 10


def test_not_too_much_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maildrop, "MAX_TOGETHER", 5)
    box = maildir(tmp_path / "box", new_a=b"123456", new_b=b"1")
    found = maildrop.unseen(box, limit=10)
    assert ([letter.ref for letter in found.letters], found.more) == (["a"], True)


async def test_a_large_mail_is_cut(tmp_path: Path) -> None:
    maildir(tmp_path / "box", new_a=b"x" * 101)
    assert raws(await pull(tmp_path, limit=100)) == [b"x" * 100]


async def test_what_is_no_file_does_no_harm(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", new_a=b"1")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (box / "new" / "link").symlink_to(secret)
    (box / "new" / "dangling").symlink_to(tmp_path / "none")
    (box / "new" / "folder").mkdir()
    os.mkfifo(box / "new" / "pipe")
    assert raws(await pull(tmp_path)) == [b"1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_mails_that_we_may_not_read(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", new_a=b"1")
    (box / "new" / "a").chmod(0)
    result = await pull(tmp_path)
    assert isinstance(result, FetchFailed)
    assert result.message == "maildir:box holds 1 mails that we may not read"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("maildir:none", "maildir:none cannot be read as a Maildir: no such file or directory"),
        ("maildir:file", "maildir:file cannot be read as a Maildir: not a directory"),
        ("maildir:", "maildir: does not name a folder of this machine"),
        ("maildir:a%00b", "maildir:a%00b does not name a folder of this machine"),
    ],
)
async def test_what_cannot_be_read(tmp_path: Path, url: str, message: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert await pull(tmp_path, url) == FetchFailed(kind="file", message=message, url=url)


async def test_an_inbox_that_nothing_came_to_is_empty(tmp_path: Path) -> None:
    assert raws(await pull(tmp_path, "lmtp:weekly@reader.example")) == []
    maildir(tmp_path / "inbox" / "letters", new_a=b"1")
    assert raws(await pull(tmp_path, "lmtp:weekly@reader.example")) == [b"1"]
