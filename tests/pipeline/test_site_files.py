"""The files of a site beside its documents: written with the front page, and again if that failed."""

from __future__ import annotations

import pytest
from archivist import Desk
from structlog.testing import capture_logs

from syndicator import pipeline

FILES = ("404.html", "privacy.html", "robots.txt", "sitemap.xml", "sitemap-pages.xml")


@pytest.fixture
async def desk(tmp_path):
    made = await Desk(tmp_path).open()
    yield made
    await made.close()


async def test_one_publication_writes_them_all_and_finds_no_fault(desk):
    with capture_logs() as logs:
        await pipeline.publish(desk.parts)
    assert [line for line in logs if line["log_level"] not in ("debug", "info")] == []
    public = desk.parts.settings.public
    assert [name for name in FILES if not (public / name).read_bytes()] == []
    assert b"<h1" in (public / "404.html").read_bytes()


async def test_one_that_failed_is_named_and_written_as_soon_as_it_can_be(desk):
    public = desk.parts.settings.public
    (public / "404.html").mkdir(parents=True)
    with capture_logs() as logs:
        await pipeline.publish(desk.parts)
    (said,) = (line for line in logs if line["log_level"] == "error")
    assert (said["topic"], said["error"]) == ("the site", "Is a directory")
    assert desk.parts.unpublished == {"the site": "Is a directory"}
    (public / "404.html").rmdir()
    await pipeline.publish(desk.parts)
    assert desk.parts.unpublished == {}
    assert all((public / name).is_file() for name in (*FILES, "index.html"))
