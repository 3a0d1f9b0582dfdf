"""Looks as editions: what fits, who chooses, what an admin overrides, and what hostile titles cannot do."""

from __future__ import annotations

import email
import re
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import pytest
from normalise.payloads import PAYLOADS
from titles import HOSTILE

from syndicator.assembly import sound_templates
from syndicator.card import card
from syndicator.contexts import LOOKS
from syndicator.digest import render as rendering
from syndicator.digest.compose import Digest, Section
from syndicator.digest.headers import Facts
from syndicator.digest.message import personalise, write
from syndicator.digest.proof import faults
from syndicator.digest.render import HTML_LIMIT, PERSONAL_ROOM, look_of, octets, render, shortened
from syndicator.errors import TemplateError
from syndicator.model import Article, DigestPlan, Edition, Elsewhere, Look, Rule, Slot, StoredArticle, Topic
from syndicator.settings import Settings, Site
from syndicator.templates import environments

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = Site(title="The Daily Thread", base_url="https://news.test", contact="editor@news.test")
SLOT = Slot(frequency="daily", at=time(7), zone="UTC")
MARKS = {"address": "maddress0", "unsubscribe": "munsubscribe0", "preferences": "mpreferences0"}
VALUES = {
    MARKS["address"]: "a" * 64 + "@" + "reader." * 26 + "example",
    MARKS["unsubscribe"]: f"https://news.test/unsubscribe/{'t' * 150}",
    MARKS["preferences"]: f"https://news.test/preferences/{'t' * 150}",
}
TEMPLATES = environments()


def topic(slug: str, *, title: str = "", look: Look | None = None, plan: bool = True) -> Topic:
    digest = DigestPlan(slot=SLOT, max_items=100, look=look) if plan else None
    return Topic(slug=slug, title=title or slug.title(), rule=Rule(), digest=digest)


def stored(id_: int, **article: Any) -> StoredArticle:
    more = {name: article.pop(name) for name in ("source_title", "also_in") if name in article}
    article = {
        "title": f"Ship {id_} came in",
        "url": f"https://wire.example/{id_}",
        "summary": "Oranges.",
    } | article
    return StoredArticle(
        id=id_,
        article=Article(source="wire", key=str(id_), language="en", **article),
        arrived_at=NOW - timedelta(minutes=id_ % 1000),
        changed_at=NOW,
        **more,
    )


def digest_of(found: Sequence[tuple[Topic, Sequence[StoredArticle]]], more: int = 0) -> Digest:
    sections = [
        Section(
            topic=each,
            cards=tuple(map(card, rows)),
            more=more,
            shown=tuple(row.id for row in rows),
            has_top=place == 0,
            leads=max(1, 5 // len(found)),
        )
        for place, (each, rows) in enumerate(found)
    ]
    return Digest(sections=tuple(sections), at=NOW, zone="UTC", language="en")


def made(digest: Digest, look: Look = "magazine", site: Site = SITE) -> Edition:
    return render(digest, TEMPLATES, site, edition_id="e", slot="s", marks=MARKS, now=NOW, look=look)


def long(id_: int) -> StoredArticle:
    return stored(
        id_,
        title="数百艘船只在风暴后陆续进港 " * 8,
        summary="港口方面表示，" * 40,
        image=f"https://pictures.test/{'p' * 200}/{id_}.jpg",
        url=f"https://wire.example/{'u' * 200}/{id_}",
    )


# What fits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_no_mail_is_too_long_and_nothing_is_lost(look: Look) -> None:
    sections = [(topic(f"t{n}"), [long(100 * n + each) for each in range(1, 41)]) for n in range(3)]
    digest = digest_of(sections, more=7)
    edition = made(digest, look)
    size = octets(personalise(edition.html, VALUES, html=True))
    assert 0.8 * HTML_LIMIT < size <= HTML_LIMIT
    told = [int(number) for number in re.findall(r"<!--a(\d+)-->", edition.html)]
    assert tuple(told) == edition.shown
    assert len(told) == edition.articles < 120
    more = [int(count) for count in re.findall(r"\+ (\d+) more on the web", edition.html)]
    assert len(told) + sum(more) == 120 + 3 * 7
    for number in told:
        assert f"/{number}\n" in edition.text
    assert len(re.findall(r"^\* ", edition.text, re.MULTILINE)) == len(told)


def test_a_mail_that_fits_is_whole() -> None:
    edition = made(digest_of([(topic("sea"), [stored(n) for n in range(1, 31)])]))
    assert edition.articles == 30
    assert "more on the web" not in edition.html


def test_lists_are_cut_before_leads_and_leads_before_top_stories() -> None:
    digest = digest_of(
        [(topic(f"t{n}"), [stored(10 * n + each) for each in range(1, 10 - n)]) for n in range(3)]
    )
    sizes = []
    for cut in range(digest.total + 2):
        left, beyond = shortened(digest, cut)
        sizes.append([len(section.cards) for section in left.sections])
        hidden = sum(section.more for section in left.sections) + beyond
        assert left.total + hidden == digest.total
        assert left.sections[0].top == digest.sections[0].top
    assert sizes[:3] == [[9, 8, 7], [8, 8, 7], [8, 7, 7]]
    no_list = sizes.index([2, 1, 1])  # a top story, and a lead in each
    assert [2, 2, 1] in sizes[:no_list]
    assert sizes[no_list:] == [[2, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0], [1]]
    assert shortened(digest, digest.total + 1)[0].shown == (1,)


def test_hundreds_of_topics_fit() -> None:
    sections = [(topic(f"t{n}", title="Harbours and rivers " * 10), [long(n + 1)]) for n in range(400)]
    edition = made(digest_of(sections), "brief")
    assert octets(edition.html) <= HTML_LIMIT - PERSONAL_ROOM
    assert edition.articles >= 1
    beyond = re.search(r"\+ ([\d,]+) more in other topics", edition.html)
    assert beyond
    more = re.findall(r"\+ (\d+) more on the web", edition.html)
    assert edition.articles + sum(map(int, more)) + int(beyond[1].replace(",", "")) == 400
    assert beyond[0] in edition.text
    assert len(edition.subject) < 800


def test_the_limit_is_what_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = digest_of([(topic("sea"), [stored(n) for n in range(1, 31)])])
    whole = octets(made(digest).html)
    monkeypatch.setattr(rendering, "HTML_LIMIT", whole + PERSONAL_ROOM)
    assert made(digest).articles == 30
    monkeypatch.setattr(rendering, "HTML_LIMIT", whole + PERSONAL_ROOM - 1)
    assert made(digest).articles == 29


# Who chooses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        (["brief"], "brief"),
        ([None], "magazine"),
        (["plain", "plain"], "plain"),
        (["plain", "brief"], "magazine"),
        (["plain", None], "magazine"),
        (["no plan"], "magazine"),
    ],
)
def test_the_look_is_the_one_that_all_topics_name(named: list[Any], chosen: str) -> None:
    topics = [
        topic(f"t{n}", look=None if look == "no plan" else look, plan=look != "no plan")
        for n, look in enumerate(named)
    ]
    digest = digest_of([(each, [stored(n + 1)]) for n, each in enumerate(topics)])
    assert look_of(digest, "magazine") == chosen
    assert made(digest).html == made(digest, look_of(digest, "magazine")).html


# What an admin overrides ------------------------------------------------------------------------------


def override(folder: Path, name: str, text: str) -> None:
    file = folder / "templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def settings(folder: Path) -> Settings:
    return Settings(root=folder, config=folder / "config", state=folder / "var")


def examples() -> list[tuple[str, str]]:
    """The files that docs/looks.md shows, by their names."""
    text = (ROOT / "docs" / "looks.md").read_text("utf-8")
    return re.findall(r"`config/(templates/[\w/.]+)`[^\n]*\n\n```jinja\n(.*?)```", text, re.DOTALL)


def test_the_examples_of_the_manual_work(tmp_path: Path) -> None:
    shown = examples()
    assert len(shown) >= 2
    for name, text in shown:
        file = tmp_path / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    ours, broken = sound_templates(settings(tmp_path))
    assert broken == ()
    digest = digest_of([(topic("sea"), [stored(n) for n in range(1, 9)])])
    edition = render(digest, ours, SITE, edition_id="e", slot="s", marks=MARKS, now=NOW)
    packaged = made(digest)
    assert edition.html != packaged.html
    assert edition.html.count("<!--a") == packaged.html.count("<!--a")
    assert "harbour.example/logo.png" in edition.html
    assert "#0a5c36" in edition.html


@pytest.mark.parametrize(
    ("name", "text", "line", "says"),
    [
        (
            "magazine.html.j2",
            "{% block masthead %}\n{{ sight.title }}{% endblock %}",
            3,
            "'sight' is undefined",
        ),
        ("magazine.html.j2", "{% block lead %}\n\n{{ card.tittle }}{% endblock %}", 4, "tittle"),
        ("brief.html.j2", "{% block footer %}{% endblock %}", 0, "says nowhere what address is"),
        (
            "brief.txt.j2",
            "{% block personal %}{{ address }}{% endblock %}",
            0,
            "says nowhere what unsubscribe is",
        ),
        (
            "plain.html.j2",
            "{% block top %}{{ card.image|day('UTC', 'en') }}{% endblock %}",
            2,
            "AttributeError",
        ),
        ("plain.html.j2", "{% block masthead %}{% if %}{% endblock %}", 2, "Expected an expression"),
        ("magazine.html.j2", "{% block why %}{{ 'x' * 99000 }}{% endblock %}", 0, "octets"),
        ("magazine.html.j2", "{% block why %}{{ site.__init__ }}{% endblock %}", 2, "unsafe"),
        (
            "brief.html.j2",
            "{% block why %}{% if edition.sections|length == 4 %}{{ edition.nope }}{% endif %}{% endblock %}",
            2,
            "nope",
        ),
        ("digest.html.j2", "{% block why %}{% endblock %}", 0, "nothing reads this file"),
    ],
)
def test_a_broken_override_is_found_and_left_out(
    tmp_path: Path, name: str, text: str, line: int, says: str
) -> None:
    shipped = name if name != "digest.html.j2" else "magazine.html.j2"
    override(tmp_path, f"email/looks/{name}", f'{{% extends "shipped/email/looks/{shipped}" %}}\n{text}')
    found = faults(environments([tmp_path / "templates"]))
    assert [(fault.name, fault.line) for fault in found] == [(f"email/looks/{name}", line)]
    assert says in found[0].message


def test_a_broken_file_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    broken = '{% extends "shipped/email/looks/plain.html.j2" %}{% block top %}{{ gone }}{% endblock %}'
    override(tmp_path, "email/looks/plain.html.j2", broken)
    override(tmp_path, "email/looks/brief.html.j2", "{% if %}")
    override(tmp_path, "web/_also.txt.j2", "Elsewhere:")
    ours, told = sound_templates(settings(tmp_path))
    assert sorted(fault.name for fault in told) == ["email/looks/brief.html.j2", "email/looks/plain.html.j2"]
    digest = digest_of([(topic("sea"), [stored(1)])])
    edition = render(digest, ours, SITE, edition_id="e", slot="s", marks=MARKS, now=NOW, look="plain")
    assert edition.html == made(digest, "plain").html
    assert ours.also_in("en") == "Elsewhere:"


def test_a_broken_catalog_is_left_out(tmp_path: Path) -> None:
    override(
        tmp_path, "locale/fr/LC_MESSAGES/syndicator.po", 'msgid ""\nmsgstr ""\n\nmsgid "Copy"\nmsgtsr "x"\n'
    )
    with pytest.raises(TemplateError, match=r"syndicator\.po:5"):
        environments([tmp_path / "templates"])
    ours, broken = sound_templates(settings(tmp_path))
    assert len(broken) == 1
    assert set(ours.by_language) >= {"en", "zh"}


def test_a_fault_of_a_packaged_template_under_a_copy_is_told_as_such(tmp_path: Path) -> None:
    override(tmp_path, "email/_parts.html.j2", "{% macro side(card) %}{% endmacro %}")
    found = faults(environments([tmp_path / "templates"]))
    assert found
    assert all(
        fault.name.startswith("email/looks/") or fault.name == "email/_base.html.j2" for fault in found
    )
    ours, _ = sound_templates(settings(tmp_path))
    assert faults(ours) == []


def test_an_excerpt_that_turns_its_line_around_does_not_turn_its_source() -> None:
    turned = stored(1, summary="Ships \u202ereversed.", source_title="The Wire")
    html = made(digest_of([(topic("sea"), [turned])]), "brief").html
    assert re.search(r'<bdi class="ink" dir="ltr"[^>]*>Ships \u202ereversed\.</bdi> <bdi>The Wire<', html)


# What is hostile --------------------------------------------------------------------------------------

ALL = [text[:500] for text in (*HOSTILE, *PAYLOADS)]  # no stored title is longer
BATCH = 8


def shape(html: str) -> tuple[Counter[str], set[str]]:
    html = re.sub(r"(?s)<!--ahead-->.*?<!--/ahead-->", "", html)  # as many headlines as a line holds
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    tags = Counter(element.tag for element in tree.iter() if isinstance(element.tag, str))
    del tags["bdi"]  # around an excerpt, which is left out where it is the title once more
    attributes = {name for element in tree.iter() for name in element.attrib}
    return tags, attributes


def edition_about(texts: Sequence[str], look: Look, url: str = "") -> Edition:
    rows = [
        stored(
            number,
            title=text,
            summary=text,
            source_title=text,
            image=url or "https://pictures.test/1.jpg",
            url=url or f"https://wire.example/{number}",
            also_in=(Elsewhere(source=text, url=url),),
        )
        for number, text in enumerate(texts, 1)
    ]
    site = Site(title=texts[0], base_url="https://news.test", contact="editor@news.test")
    return made(digest_of([(topic("sea", title=texts[-1]), rows)]), look, site)


def test_hostile_titles_change_no_structure_and_no_header() -> None:
    """Each as title, excerpt, source, other source; some as the names of topic, site and sender."""
    assert len(set(ALL)) >= 300
    harmless = {look: edition_about(["Ship"] * BATCH, look) for look in LOOKS}
    shapes = {look: shape(edition.html) for look, edition in harmless.items()}
    fields = names(message(harmless["plain"], "Thread"))
    for number, start in enumerate(range(0, len(ALL) - BATCH + 1, BATCH)):
        batch, look = ALL[start : start + BATCH], LOOKS[number % 3]
        edition = edition_about(batch, look)
        tags, attributes = shape(edition.html)
        assert tags == shapes[look][0], batch
        assert attributes <= shapes[look][1] | {"dir"}, batch
        raw = message(edition, batch[0])
        assert names(raw) in (fields, [name for name in fields if name != "List-Id"]), batch
        parsed = email.message_from_bytes(raw)
        assert [part.get_content_type() for part in parsed.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert parsed["To"] == "anna@reader.example"
        assert all(len(line) <= 998 and b"\r" not in line for line in raw.split(b"\r\n"))
        text = parsed.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
        assert len(re.findall(r"^https://wire\.example/\d+\r?$", text, re.MULTILINE)) == BATCH
        assert text.count("munsubscribe0") == 1


def message(edition: Edition, sender: str) -> bytes:
    facts = Facts(
        sender_name=sender,
        sender="news@news.test",
        recipient="anna@reader.example",
        subject=edition.subject,
        date=NOW,
        message_id="<1@news.test>",
        list_id="sea",
        list_name=sender,
        language="en",
    )
    return write(facts, text=edition.text, html=edition.html)


def names(raw: bytes) -> list[str]:
    """Read field names by hand (RFC 5322 2.2), not with the library that once made fields of titles."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line.partition(":")[0] for line in re.sub(r"\r\n[ \t]", " ", head).split("\r\n")]


@pytest.mark.parametrize("look", LOOKS)
def test_hostile_addresses_are_no_links(look: Look) -> None:
    addresses = [
        "javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "vbscript:x",
        "data:text/html,<script>1</script>", "file:///etc/passwd", '//evil.example" onmouseover="x',
        'https://e.example/"><script>1</script>', "https://e.example/' onerror='1",
        "https://e.example/--><script>alert(1)</script><!--",
        "https://e.example/<![endif]--><script>1</script>",
    ]  # fmt: skip
    for address in addresses:
        edition = edition_about(["Ship"] * BATCH, look, address)
        tree = html5lib.parse(edition.html, namespaceHTMLElements=False)
        for element in tree.iter():
            assert element.tag not in ("script", "iframe", "object"), address
            assert not any(name.startswith("on") for name in element.attrib), address
            for name in ("href", "src"):
                link = element.get(name, "https://")
                assert link.startswith(("https://", "http://", "mailto:", "m")), address
                assert not link.lower().startswith("javascript")
        # What Outlook reads inside conditional comments.
        for inside in re.findall(r"(?s)<!--\[if mso\]>(.*?)<!\[endif\]-->", edition.html):
            assert "<script" not in inside
