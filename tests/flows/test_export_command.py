"""`syndicator export`: without a daemon it publishes by itself, beside one it takes what is there."""

from __future__ import annotations

from newsroom import Story, rss

SHIP = Story("ship", "A ship came in", "It brought oranges.")


def desk(program, *stories):
    (program.config / "feed.xml").write_bytes(rss("Wire", *stories))
    program.sources(wire="file:feed.xml")
    program.topic("sea", any=["ship"])
    program.topic("backroom", any=["ship"], publish={"private": True})


def test_an_export_needs_no_daemon_and_stands_no_daemon_in_the_way(embedded):
    desk(embedded, SHIP)
    embedded.once()
    www = embedded.folder / "www"
    told = embedded.run("export", str(www), "--dry-run")
    assert "+ topics/sea.rss\n" in told.stdout
    assert not www.exists()
    done = embedded.run("export", str(www))
    assert {"+ topics/sea.html", "+ topics/sea.rss.gz", "+ index.html", "+ robots.txt", "+ 404.html"} <= {
        *done.stdout.splitlines()
    }
    assert b"A ship came in" in (www / "topics/sea.rss").read_bytes()
    assert not list(www.rglob("*backroom*"))
    assert embedded.run("export", str(www)).stdout == ""

    embedded.topic("sea", title="Sea and sky", any=["ship"])
    assert "~ topics/sea.html\n" in embedded.run("export", str(www)).stdout
    embedded.start()
    beside = embedded.run("export", str(www))
    assert "a daemon publishes" in beside.stderr
    assert embedded.get("/robots.txt").body == (www / "robots.txt").read_bytes()
    assert embedded.get("/sitemap.xml").body == (www / "sitemap.xml").read_bytes()
    assert b"/topics/sea<" in embedded.get("/sitemap-pages.xml").body
    assert b"backroom" not in (www / "sitemap-pages.xml").read_bytes()
    assert embedded.get("/topics/sea/archive/sitemap.xml").status == 404  # it has no full page


def test_what_cannot_be_published_is_told_and_the_rest_exported(embedded):
    desk(embedded, SHIP)
    embedded.topic("sky", any=["ship"])
    (embedded.folder / "var" / "public" / "topics" / "sea.rss").mkdir(parents=True)
    embedded.once()
    failed = embedded.run("export", str(embedded.folder / "www"), code=1)
    assert failed.stderr.endswith("error: cannot publish sea: Is a directory\n")
    assert "+ topics/sky.rss\n" in failed.stdout


def test_what_is_in_the_way_is_told_with_its_remedy(embedded):
    desk(embedded, SHIP)
    embedded.once()
    (embedded.folder / "www").mkdir()
    (embedded.folder / "www" / "index.html").write_text("mine")
    refused = embedded.run("export", str(embedded.folder / "www"), code=1)
    assert "in the way: index.html" in refused.stderr
    assert "move them away" in refused.stderr
