"""Hosts on one PostgreSQL: the archive that one of them writes is the archive of all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fleet import NOW, Host
from newsroom import Story

from syndicator import pipeline
from syndicator.pipeline import archive_files
from syndicator.pipeline.mirror import mirror
from syndicator.pipeline.retract import retract
from syndicator.store import archive as stored
from syndicator.store import history

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

PUBLISH = {"items": 4, "per_source": 4, "formats": ["atom"]}


class Clock:
    """Goes on when it is told to."""

    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
async def hosts(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Host, Host]]:
    monkeypatch.setattr(history, "PAGE", 4)
    clock = Clock()
    one, two = (Host(tmp_path / name / "config", database_url, clock) for name in ("one", "two"))
    for host in (one, two):
        host.sources("wire")
        host.topic("ways", any=["ship"], min_score=0, publish=PUBLISH)
        await host.start()
    yield one, two
    for host in (one, two):
        await host.stop()


async def bring(host: Host, amount: int) -> None:
    told = (Story(f"s{i}", f"Ship number {i} came", f"It brought cargo zq{i}zq.") for i in range(amount))
    host.publish("wire", *told)
    await host.pull("wire")
    await publish(host)


async def publish(host: Host) -> None:
    host.clock.now += timedelta(minutes=5)
    while (await pipeline.publish(host.parts)).documents:
        await mirror(host.parts)


async def edited(host: Host, slug: str, **keys: object) -> None:
    for old in (host.config / "topics").iterdir():
        old.unlink()
    host.topic(slug, any=["ship"], min_score=0, **keys)
    await host.edit()
    await publish(host)


def archive(parts: Parts, slug: str = "ways") -> dict[str, tuple[bytes, float]]:
    folder = archive_files.folder_of(parts, slug)
    return {path.name: (path.read_bytes(), path.stat().st_mtime) for path in folder.glob("*")}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_pages_come_change_and_go_on_the_other_host_too(hosts, monkeypatch):
    one, two = hosts
    await bring(one, 11)
    await mirror(two.parts)
    first = archive(one.parts)
    assert {"1.atom", "2.html.gz", "3.atom", "sitemap.xml"} <= first.keys()
    assert archive(two.parts) == first
    assert await mirror(two.parts) == 0

    monkeypatch.setattr(archive_files, "RESTORED", 3)
    archive_files.remove_folder(archive_files.folder_of(two.parts, "ways"))
    await bring(one, 14)
    await mirror(two.parts)
    assert len([name for name in archive(two.parts) if name.endswith((".atom", ".html"))]) == 3
    for _ in range(5):
        await mirror(two.parts)
    assert "4.atom" in archive(two.parts)
    assert archive(two.parts) == archive(one.parts)

    async with one.parts.store.read() as conn:
        (found,) = await stored.find(conn, "Ship number 1 came", limit=1)
    await retract(one.parts.store, found, reason="No.", by="me", now=one.clock())
    await publish(one)
    await mirror(two.parts)
    assert not [name for name, (body, _) in archive(two.parts).items() if b"zq1zq" in body]
    assert archive(two.parts) == archive(one.parts)

    await edited(one, "paths", publish=PUBLISH, was=["ways"])
    for _ in range(5):
        await mirror(two.parts)
    assert archive(two.parts, "ways") == {}
    assert archive(two.parts, "paths") == archive(one.parts, "paths") != {}
    await edited(one, "paths", publish=PUBLISH | {"private": True}, was=["ways"])
    await mirror(two.parts)
    assert not archive_files.folder_of(two.parts, "paths").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_page_of_another_date_is_written_anew_after_a_restart(hosts):
    one, _ = hosts
    await bring(one, 11)
    before = archive(one.parts)
    (archive_files.folder_of(one.parts, "ways") / "1.atom").write_text("an older version")
    await one.restart()
    await bring(one, 12)
    after = archive(one.parts)
    assert after["1.atom"][0] != b"an older version"
    assert before.keys() <= after.keys()
