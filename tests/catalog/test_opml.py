"""Lists of feeds: what other programs write, what we write, and what nobody should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.catalog import opml
from syndicator.catalog.opml import Outline
from syndicator.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

NESTED = b"""<?xml version="1.0"?>
<opml version="1.0"><head><title>mine</title><outline text="no" xmlUrl="https://no.example/"/></head><body>
<outline text="World &amp; more">
  <outline text="Asia" title="">
    <outline type="rss" text="One" language="EN"
      xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"/>
  </outline>
  <outline type="rss" text="two" title="Two" xmlurl="https://two.example/feed" category="/a/b,c"/>
</outline>
<outline type="rss" text="World" url="https://three.example/feed"/>
<outline type="link" text="A page" url="https://page.example/"/>
<outline text="Feed reader's" xmlUrl="feed://four.example/feed"/>
<outline text="No quotes & co" xmlUrl="https://five.example/?a=1&b=2"/>
</body></opml>"""


def test_folders_and_categories_become_tags() -> None:
    assert opml.read(NESTED) == (
        Outline(
            url="https://one.example/feed",
            title="One",
            homepage="https://one.example/",
            language="en",
            tags=("World & more", "Asia"),
        ),
        Outline(url="https://two.example/feed", title="Two", tags=("World & more", "b", "c")),
        Outline(url="https://three.example/feed", title="World"),
        Outline(url="http://four.example/feed", title="Feed reader's"),
        Outline(url="https://five.example/?a=1&b=2", title="No quotes & co"),
    )


def test_deep_and_long_lists() -> None:
    def nested(depth: int) -> bytes:
        inner = b'<outline xmlUrl="https://e.example/"/>'
        return (
            b"<opml><body>"
            + b"<outline text='x'>" * depth
            + inner
            + b"</outline>" * depth
            + b"</body></opml>"
        )

    (only,) = opml.read(nested(200))
    assert only.tags == ("x",)
    for depth in (300, 50_000):
        with pytest.raises(ParseError, match="folders in folders"):
            opml.read(nested(depth))
    row = b'<outline xmlUrl="https://e.example/"/>'
    assert len(opml.read(b"<opml><body>" + row * opml.MAX_OUTLINES + b"</body></opml>")) == opml.MAX_OUTLINES
    with pytest.raises(ParseError, match="more than 10,000"):
        opml.read(b"<opml><body>" + row * (opml.MAX_OUTLINES + 1) + b"</body></opml>")


REFUSED = {
    b"": "is no OPML",
    b"<html><body>x</body></html>": "is no OPML",
    b"\xff\xfe\x00": "is no OPML",
    b'<!DOCTYPE opml [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><opml><body/></opml>': "defines entities",
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><opml>&f;</opml>': "defines entities",
    '<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>'.encode("utf-16"): "defines entities",
    b" " * (opml.MAX_BYTES + 1): "more than 16 MB",
}


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: body[:20])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        opml.read(body)
    assert REFUSED[body] in caught.value.message
    assert caught.value.hint


def test_external_documents_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text('<!ATTLIST outline xmlUrl CDATA "https://e.example/">')
    body = f'<!DOCTYPE opml SYSTEM "{tmp_path}/x.dtd"><opml><body><outline text="a"/></body></opml>'
    assert opml.read(body.encode()) == ()


UNSEEN = ["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"]
texts = st.text(st.characters(codec="utf-8", exclude_categories=UNSEEN), min_size=1, max_size=20)
tags = st.lists(texts.filter(lambda tag: "," not in tag and "/" not in tag), max_size=3)


@given(st.lists(st.tuples(texts, tags)))
def test_what_we_write_we_read(rows: list[tuple[str, list[str]]]) -> None:
    outlines = [
        Outline(url=f"https://e.example/{number}", title=title, tags=tuple(_without_twins(tags)))
        for number, (title, tags) in enumerate(rows)
    ]
    assert opml.read(opml.write("T", {"": outlines}).encode()) == tuple(outlines)


def _without_twins(tags: list[str]) -> list[str]:
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag.casefold(), tag)
    return list(first.values())


def test_folders_come_back_as_tags_and_logins_do_not() -> None:
    one = Outline(url="https://u:p@e.example:8443/f?a=1&b=2", title='A "B" <c>', tags=("x",))
    text = opml.write("T & T", {"Asia": [one], "": [Outline(url="https://f.example/")]})
    assert opml.read(text.encode()) == (
        Outline(url="https://f.example/", title="https://f.example/"),
        Outline(url="https://e.example:8443/f?a=1&b=2", title='A "B" <c>', tags=("Asia", "x")),
    )


REAL = {  # list of the corpus → how many feeds are in it
    "NetNewsWire/Subs.opml": 207,
    "commafeed/resources/opml/opml_noversion.xml": 1,
    "commafeed/resources/opml/opml_v1.0.xml": 1,
    "commafeed/resources/opml/opml_v1.1.xml": 1,
    "commafeed/resources/opml/opml_v2.0.xml": 1,
    "feedsmith/src/opml/references/category.opml": 0,
    "feedsmith/src/opml/references/directory.opml": 0,
    "feedsmith/src/opml/references/subscriptions.opml": 13,
    "rome/rome-opml/src/test/resources/opml_1.0.xml": 11,
    "rome/rome-opml/src/test/resources/opml_1.0_links.xml": 0,
    "rome/rome-opml/src/test/resources/opml_2.0.xml": 11,
}


@pytest.mark.parametrize("name", REAL)
def test_real_lists(corpus: Path, name: str) -> None:
    path = corpus / "feeds" / name
    if not path.exists():
        pytest.skip("not in this part of the corpus")
    assert len(opml.read(path.read_bytes())) == REAL[name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_list_that_ends_in_the_middle_is_seen(encoding: str) -> None:
    whole = '<opml version="2.0"><body><outline xmlUrl="https://a.example/"/></body></OPML>\n<!-- end -->'
    assert not opml.is_cut(whole.encode(encoding))
    assert opml.is_cut(whole.partition("</body>")[0].encode(encoding))
    assert opml.is_cut(whole[:40].encode(encoding))
