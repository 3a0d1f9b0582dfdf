"""Two hosts on one PostgreSQL: what one of them publishes, both can serve."""

from __future__ import annotations

import json
import os
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Program

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import dump, load_all
from syndicator.pipeline.mirror import mirror

if TYPE_CHECKING:
    from pathlib import Path

SHIP = Story("ship", "A ship came in", "It brought oranges.")
WELD = Story("weld", "Shipyard hires ninety welders", "The port of Riga builds ferries again.")

STATIC = ("style.css", "forms.css", "site.js", "icon.svg", "icon.png", "favicon.ico")
BESIDE = ("404.html", "privacy.html", "robots.txt", "sitemap.xml", "sitemap-pages.xml")
UNDATED = {*STATIC, *(name + ending for name in BESIDE for ending in ("", ".gz", ".br", ".zst"))}


def tree(state: Path) -> dict[str, tuple[bytes, float]]:
    """All documents and labels of a host: bytes and dates; the latter where rows give them."""
    return {
        str(file.relative_to(state)): (file.read_bytes(), file.stat().st_mtime * (file.name not in UNDATED))
        for name in ("public", "private", "labels")
        for file in (state / name).rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_both_hosts_have_the_same_files(tmp_path, database_url):
    program = Program(tmp_path, database=database_url)
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.topic("vault", any=["ship*"], publish={"private": True, "formats": ["atom"]})

    async def take_over(parts):
        _, catalog = load_all(program.config, {})
        await pipeline.apply(parts, catalog, dump(program.config))

    async with AsyncExitStack() as stack:
        settings, _ = load_all(program.config, {})
        hosts = []
        for name in ("one", "two"):
            own = replace(settings, state=tmp_path / name)
            hosts.append(await stack.enter_async_context(assemble(own)))
            await take_over(hosts[-1])
        one, two = hosts
        await pipeline.pull(one)
        await pipeline.publish(one)
        assert await mirror(two) == 11
        assert await mirror(two) == 0, "what is there is not written again"
        assert await mirror(one) == 0, "nor what was published here"
        first = tree(tmp_path / "one")
        assert first == tree(tmp_path / "two")
        assert {
            "public/topics/ships.rss.br",
            "private/topics/vault.atom",
            "labels/topics/ships.rss",
            "public/404.html",
            "public/robots.txt",
            "public/sitemap.xml",
            "public/static/style.css",
        } <= first.keys()

        (program.config / "feed.xml").write_bytes(rss("Wire", SHIP, WELD))
        program.topic("ships", any=["ship*"], publish={"formats": ["json"]})
        program.topic("vault", any=["ship*"], publish={"formats": ["atom"]})
        for host in hosts:
            await take_over(host)
        await pipeline.pull(two)
        await pipeline.publish(two)
        assert await mirror(one) > 0
        second = tree(tmp_path / "one")
        assert second == tree(tmp_path / "two")
        assert "public/topics/ships.rss" not in second
        assert "public/topics/vault.atom" in second
        assert not [name for name in second if name.startswith("private")]
        label = json.loads(second["labels/topics/ships.json"][0])
        assert label["number"] == 1 + (
            second["public/topics/ships.json"] != first["public/topics/ships.json"]
        )

        broken = tmp_path / "one" / "public" / "topics" / "ships.json.br"
        broken.unlink()
        os.utime(tmp_path / "one" / "public" / "index.html", (1, 1))
        one.mirrored.clear()  # as by a restart
        assert await mirror(one) == 2
        assert tree(tmp_path / "one") == second
