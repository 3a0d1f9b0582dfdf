"""Pages that are built to cost, to lie or to break: one clear error or a plain answer, never much work."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.errors import ParseError
from syndicator.extract import Page, extract
from syndicator.extract.guard import MAX_ATTRIBUTES, MAX_BYTES, MAX_CAREFUL, MAX_DEPTH

URL = "https://hostile.example/a"
PROSE = b"<p>A plain sentence that tells readers something they did not know before they came here.</p>"
CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
KINDS: Final = {"empty", "not-a-page", "too-big", "too-deep", "no-text", "broken"}


def outcome(body: bytes) -> Page | str:
    try:
        return extract(body, url=URL)
    except ParseError as error:
        return error.kind


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("too-deep", b"<html><body>" + b"<div>" * 100_000 + b"text"),
        ("too-deep", b"<html><body>" + b"<div>" * (MAX_DEPTH + 5) + PROSE),
        ("too-big", b"<p>" * 1_000_000),
        ("too-big", b"<html><body>" + b"<p>x" * 60_000),
        ("too-big", b"<html><body><p>" + b"word " * (MAX_BYTES // 5 + 1)),
        ("too-big", b"<html><body><p>" + b"word " * 1_000_000),
        ("too-big", b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x"),
        ("too-big", b"<p " + b" ".join(b'a%d="<>"' % n for n in range(100_000)) + b">x"),
        ("no-text", b"<html><body>" + b"<!--" * 100_000),
    ],
    ids=range(9),
)
def test_refused(kind: str, body: bytes) -> None:
    assert outcome(body) == kind


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body><p>" + b"".join(b"<b id=%d>" % n for n in range(200)) + b"<div>x</div>" * 2_000 + PROSE,
        b"<html><body>" + b"<div>word<br><br>" * 200 + b"word<br><br>" * 5_000,
        b"<html><body>" + PROSE + b"<p>some words to read here" * (MAX_CAREFUL + 1_000),
        b"<html><body>" + PROSE + b"<table><tr>" + b"<td>a b c d</td>" * 5_000,
        b"<html><body><p>" + b"&" * 300_000,
        b"<html><body><p>" + b"<" * 100_000 + PROSE,
        b"<html><head><title>" + b"a - " * 100_000 + b"</title></head><body>" + PROSE,
        b'<html><head><meta name="keywords" content="' + b"a," * 200_000 + b'"></head><body>' + PROSE,
        b'<html><head><meta name="author" content="' + b"and " * 200_000 + b'"></head><body>' + PROSE,
        b'<html><head><script type="application/ld+json">' + b"[" * 100_000 + b"</script></head>" + PROSE,
        b'<html><body><div class="' + b"article-" * 100_000 + b'">' + PROSE,
    ],
    ids=range(11),
)  # fmt: skip
def test_borne(body: bytes) -> None:
    assert isinstance(outcome(body), Page)


def test_attributes_in_scripts_are_none() -> None:
    script = b"<script>var a = '<p " + b"x=1 " * (2 * MAX_ATTRIBUTES) + b"';</script>"
    assert isinstance(outcome(b"<html><body>" + script + PROSE * 3), Page)


def test_nul_and_other_controls_go() -> None:
    found = extract(
        b"<html><head><title>A\x00 title\x07</title></head><body>" + PROSE.replace(b" ", b"\x01 ") * 2,
        url=URL,
    )
    assert found.title == "A title"
    assert not CONTROLS.search(found.text + found.html)


@pytest.mark.parametrize("reference", ["&#1;", "&#x0B;", "&#11", "&#xFFFE;", "&#xD800;"])
def test_references_to_controls_cost_nothing(reference: str) -> None:
    sign = reference.encode()
    body = PROSE.replace(b"<p>", b"<p>" + sign + b"<script>x</script>" + sign) * 2
    found = extract(b"<html><head><title>A title</title></head><body>" + body, url=URL)
    assert "A plain sentence that tells readers" in found.text
    assert not CONTROLS.search(found.text + found.html)


SOUP: Final = st.lists(
    st.one_of(
        st.sampled_from([
            "<html>", "<body>", "<p>", "</p>", "<div class='share'>", "</div>", "<table>", "<td>", "</table>",
            "<li>", "<a href='/x'>", "</a>", "<br><br>", "<figure><img src=x>", "</figure>", "<article>",
            "<!--", "-->", "<script>", "</script>", "<b>", "</i>", "\x00", "&amp", "&#0;", "<h1>", "<title>",
            "<svg>",
            "<meta name=date content='2026-13-45'>", "<time datetime=x>", "<base href='http://[x'>",
            "<link rel=canonical href='http://[y'>", "<a href='http://[z'>",
        ]),
        st.text(max_size=40),
        st.just("Words that make a sentence of some length, so that an article may be seen in it. "),
    ),
    max_size=40,
).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))  # fmt: skip


@given(SOUP)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_there_is_a_page_or_a_known_error(body: bytes) -> None:
    found = outcome(body)
    if isinstance(found, Page):
        assert found.text.strip()
        assert not CONTROLS.search(found.text + found.title + "".join(found.tags) + "".join(found.authors))
    else:
        assert found in KINDS - {"broken"}


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes(body: bytes) -> None:
    assert isinstance(outcome(b"<p>" + body), Page | str)
