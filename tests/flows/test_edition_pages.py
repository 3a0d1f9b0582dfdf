"""The page of a mail leaves out what was taken back since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsroom import Story, rss

from syndicator.digest.taken import html_without
from syndicator.model import Edition

if TYPE_CHECKING:
    from program import Program

STORIES = [Story(f"ship-{n}", f"Ship {n} came in", f"It brought {n} oranges.") for n in (1, 11, 3)]


def test_what_is_taken_back_is_on_no_page_of_a_mail(embedded: Program):
    (embedded.config / "feed.xml").write_bytes(rss("Wire", *STORIES))
    embedded.sources(wire="file:feed.xml")
    embedded.topic("ships", any=["ship"])
    add = ("subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed", "--at", "07:00")
    embedded.run(*add)
    embedded.once("2030-01-02T08:00:00Z")
    path = f"/editions/{embedded.json('editions', 'list')[0]['id']}"
    embedded.start()
    whole = embedded.get(path).body.decode()
    assert all(story.title in whole and f"wire.example/{story.guid}" in whole for story in STORIES)

    embedded.run("articles", "retract", "https://wire.example/ship-11", "--reason", "Withdrawn", "--by", "A")
    page = embedded.get(path).body.decode()
    assert "Ship 11" not in page
    assert "11 oranges" not in page
    assert "wire.example/ship-11" not in page
    for story in (STORIES[0], STORIES[2]):
        assert story.title in page
        assert story.text in page


def test_a_page_that_is_laid_out_otherwise_shows_nothing_that_was_taken_back():
    from shelf import NOW

    block = '<!--a{0}--><tr><td><h2><a href="{1}">{1}</a></h2></td></tr><!--/a-->\n'
    kept, gone = "https://a.example/1", "https://a.example/2?x=1&y=2"
    parts = [block.format(number, url.replace("&", "&amp;")) for number, url in ((1, kept), (2, gone))]
    html = f"<table><!--ahead--><tr><td>2</td></tr><!--/ahead-->\n{''.join(parts)}</table>"
    edition = Edition(
        id="e", slot="s", subject="S", html=html, text="", topics=("ships",), language="en", articles=2,
        created_at=NOW, shown=(1, 2),
    )  # fmt: skip
    assert html_without(edition, {}) == html
    assert html_without(edition, {2: gone}) == f"<table>{parts[0]}</table>"
    assert html_without(edition, {1: kept, 2: gone}) is None
    assert html_without(replace(edition, html=html.replace("<!--a2-->", "")), {2: gone}) is None, "not marked"
    twice = html.replace("</table>", f"{parts[1]}</table>")
    assert html_without(replace(edition, html=twice), {2: gone}) == f"<table>{parts[0]}</table>"
    beside = html.replace("</table>", f"<p>{gone.replace('&', '&amp;')}</p></table>")
    assert html_without(replace(edition, html=beside), {2: gone}) is None, "told elsewhere, too"
