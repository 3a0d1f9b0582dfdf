"""When and by whom: what whole pages say, and which of several signs is believed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from syndicator.extract import Page, extract

PROSE = "".join(
    f"<p>{number}. The council met and agreed, after a long evening, to mend the old mill bridge before "
    "winter; work begins in August, when the river is low, and should be over by autumn.</p>"
    for number in range(1, 6)
)
TITLE = "Mill bridge to be mended"


def page(*, head: str = "", above: str = "", below: str = "", after: str = "", url: str = "") -> Page:
    """Read a page of one article with something in its head, around its heading, and after its text."""
    body = f"{above}<article><h1>{TITLE}</h1>{below}{PROSE}{after}</article>"
    whole = f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    return extract(whole.encode(), url=url or "https://gazette.example/bridge")


def ld(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def day(found: Page) -> str:
    return found.published_at.date().isoformat() if found.published_at else ""


@pytest.mark.parametrize(
    "signs",
    [
        {"below": "<p>Hafenstadt, 3. März 2026</p>"},
        {"below": "<div><span>Council</span> <em>3 March 2026</em></div>"},
        {"below": "<div>Published: <b>3 Mar 2026</b></div>"},
        {"below": '<span class="postDate">03.03.2026</span>'},
        {"below": "<p>发布时间：2026-03-03 09:30 来源：河岸日报</p>"},
        {"below": '<time datetime="2026-03-03">yesterday</time>'},
        {"after": "<p>03.03.2026</p>"},
        {"head": '<script>window.x = {"publishedAt": "2026-03-03T10:00:00Z"}</script>'},
        {"head": ld({"@type": "WebPage", "datePublished": "2026-03-03"})},
        {"url": "https://gazette.example/2026/3/3/bridge"},
        {"url": "https://gazette.example/20260303/bridge"},
        {"url": "https://gazette.example/bridge-2026-03-03.html"},
        {"url": "https://gazette.example/news/3-3-2026"},
    ],
)  # fmt: skip
def test_each_sign_of_a_date(signs: dict[str, str]) -> None:
    assert day(page(**signs)) == "2026-03-03"


@pytest.mark.parametrize(
    "signs",
    [
        # the clock of the site, another article, a comment, a foot: the line below the heading wins
        {"above": "<p id='today'>5 March 2026</p>", "below": "<p>3 March 2026</p>"},
        {"above": "<p class='date'>5 March 2026</p>" + "<p>menu</p>" * 9, "below": "<p>3 March 2026</p>"},
        {"below": "<p>3 March 2026</p>", "after": "<div class='related'><time datetime='2026-03-05'>x</time></div>"},  # noqa: E501
        {"below": "<p>3 March 2026</p>", "after": "<div class='comments'><i class='date'>5 March 2026</i></div>"},  # noqa: E501
        {"below": "<p>3 March 2026</p>", "after": "</article><footer><p class='published'>5 March 2026</p></footer>"},  # noqa: E501
        # what was changed later
        {"below": "<p>Updated: 5 March 2026</p><p>Published: 3 March 2026</p>"},
        # an address tells the day of the first publication, and a page the hour of that day
        {"head": "<meta name='date' content='2026-03-09'>", "url": "https://gazette.example/2026/03/03/bridge"},
        {"head": "<meta name='date' content='2026-03-03T10:00Z'>", "url": "https://gazette.example/2026/03/03/x"},
    ],
)  # fmt: skip
def test_of_several_signs_the_nearest(signs: dict[str, str]) -> None:
    assert day(page(**signs)) == "2026-03-03"


def test_an_address_leaves_the_hour_of_its_day() -> None:
    found = page(
        head="<meta name='date' content='2026-03-02T22:10Z'>", url="https://gazette.example/2026/03/03/x"
    )
    assert found.published_at == datetime(2026, 3, 2, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "signs",
    [
        {},
        {"below": "<p>Joined 3 March 2026</p>"},
        {"after": "<p>© 3 March 2026</p>"},
        {"head": '<script>x = [{"publishedAt": "2026-03-03"}, {"publishedAt": "2026-03-04"}]</script>'},
        {"url": "https://gazette.example/2089096-bridge"},
    ],
)
def test_no_date_is_better_than_a_wrong_one(signs: dict[str, str]) -> None:
    assert day(page(**signs)) == ""


@pytest.mark.parametrize(
    "signs",
    [
        {"head": "<meta name='author' content='Ann Lee'>"},
        {"head": "<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Ann Lee'>"},  # noqa: E501
        {"head": ld({"@type": "NewsArticle", "author": {"@type": "Person", "name": "Ann Lee"}})},
        {"head": ld({"@graph": [
            {"@type": "Article", "author": {"@id": "#ann"}}, {"@type": "Person", "@id": "#ann", "name": "Ann Lee"},  # noqa: E501
        ]})},
        {"below": "<p>By Ann Lee</p>"},
        {"below": "<p>Von Ann Lee, 3. März 2026</p>"},
        {"below": "<div><span>By</span> <b>Ann Lee</b></div>"},
        {"below": "<div class='c-page__author'>Text: Ann Lee</div>"},
        {"below": "<span class='byline'>by <a href='/authors/ann-lee'>Ann Lee</a>, Harbour desk</span>"},
        {"below": "<p>3 March · <a href='/reporters/ann-lee'>Ann Lee</a></p>"},
        {"after": "<footer class='meta'><a rel='author' href='/ann'>Ann Lee</a></footer>"},
        {"above": "<aside><span itemprop='author'><i itemprop='name'>Ann Lee</i></span></aside>"},
    ],
)  # fmt: skip
def test_each_sign_of_an_author(signs: dict[str, str]) -> None:
    assert page(**signs).authors == ("Ann Lee",)


@pytest.mark.parametrize(
    "signs",
    [
        # a person before the house
        {"head": ld({"@type": "Article", "author": {"@type": "Organization", "name": "Harbour Gazette"}}),
         "below": "<p>By Ann Lee</p>"},
        {"head": "<meta name='author' content='gazette-desk'>", "below": "<p>By Ann Lee</p>"},
        # of equal signs the one at the heading; none of comments and other articles
        {"below": "<p class='author'>Ann Lee</p>", "after": "<p class='author'>Tom Hart</p>"},
        {"below": "<p>By Ann Lee</p>", "after": "<div id='comments'><b class='author'>Tom Hart</b></div>"},
        {"above": "<div class='related-posts'><a rel='author'>Tom Hart</a><a rel='author'>Eva Hill</a></div>",
         "below": "<p>By Ann Lee</p>"},
    ],
)  # fmt: skip
def test_of_several_authors_the_one_that_is_meant(signs: dict[str, str]) -> None:
    assert page(**signs).authors == ("Ann Lee",)


def test_the_longer_of_lists_that_agree() -> None:
    found = page(
        head=ld({"@type": "Article", "author": {"@type": "Person", "name": "Ann Lee"}})
        + "<meta name='author' content='Ann Lee, Tom Hart'>"
    )
    assert found.authors == ("Ann Lee", "Tom Hart")


@pytest.mark.parametrize(
    "signs",
    [
        {"head": "<meta property='article:author' content='https://social.example/gazette'>"},
        {"head": "<meta property='og:site_name' content='Gazette'><meta name='author' content='Gazette'>"},
        {"below": "<p>By the river the mill still stands, as it did in 1820</p>"},
        {"after": "<a href='/users/register'>Register</a>"},
        {"below": "<p class='post-meta'>Council</p>"},
    ],
)
def test_no_author_is_better_than_a_wrong_one(signs: dict[str, str]) -> None:
    assert page(**signs).authors == ()


ALONE = """
import sys
from syndicator.extract import extract
prose = "<p>The council met and agreed to mend the old mill bridge before winter comes.</p>" * 3
extract(f"<html><body>{prose}<ul><li>x</li></ul></body></html>".encode(), url="")
assert "trafilatura" in sys.modules, "the page was too plain for this test"
sys.exit("numpy" in sys.modules)
"""


def test_reading_a_page_loads_no_numpy() -> None:
    assert subprocess.run([sys.executable, "-c", ALONE], check=False).returncode == 0
