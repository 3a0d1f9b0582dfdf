"""What strangers write, from the entry of a feed to the parts of a mail: nothing of it breaks anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import html5lib
import pytest

from syndicator.card import card
from syndicator.controls import without_controls
from syndicator.digest.choice import Offer, choose
from syndicator.digest.compose import compose, view
from syndicator.digest.rank import order
from syndicator.digest.render import render
from syndicator.model import (
    Candidate,
    DigestPlan,
    Entry,
    ParsedFeed,
    Rule,
    Slot,
    Source,
    Speaker,
    StoredArticle,
    Topic,
)
from syndicator.normalise import normalise
from syndicator.normalise.article import head
from syndicator.settings import Site
from syndicator.templates import environments

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = Site(title="x", base_url="https://x.example")
PLAN = DigestPlan(slot=Slot(frequency="daily", at=time(7), zone="UTC"), max_items=100, per_source=100)
TOPIC = Topic(slug="sea", title="Sea", rule=Rule(), digest=PLAN)
MARKS = {"address": "mkaddress", "unsubscribe": "mkunsubscribe", "preferences": "mkpreferences"}
WORDS = {
    "nothing": "",
    "blanks": " \t\u00a0\u2003\u3000\r\n ",
    "zero width": "\u200b\u200c\u2060\ufeff",
    "nul": "a\0b",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x85\x9b31m red",
    "line ends": "one\r\nBcc: x@y.example\r\n\r\nbody\u2028two\u2029three\v\f",
    "bidi overrides": "\u202eelif\u202c \u2066x\u2069 \u200f\u200e\u061c",
    "unclosed isolate": "\u2067\u2067\u2067 abc",
    "encoded-word": "=?utf-8?q?A=0ABcc:_x@y.example?=",
    "encoded-word, base64": "=?utf-8?b?PHNjcmlwdD4=?=",
    "half a surrogate": "half \ud83d of it \udc00",
    "non-characters": "x\ufffe\uffff\U0001fffe\ufdd0",
    "private use": "\ue000\U000f0000",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 🇨🇳",
    "marks without end": "a" + "\u0301" * 5_000,
    "a megabyte": "word " * 210_000,
    "a megabyte without a gap": "x" * 1_050_000,
    "a megabyte of Han": "雾" * 400_000,
    "a megabyte of tags": "<b>" * 350_000,
    "nested": "<div>" * 3_000 + "deep",
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "script, escaped": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "script, escaped twice": "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "end of everything": "</td></tr></table></body></html><h1>mine</h1>",
    "comment": "<!-- <![endif]--> --><!--[if mso]><p>only in Outlook</p><![endif]-->",
    "style": "<style>.foot{display:none}</style><p style='position:fixed;top:0'>over it</p>",
    "template": "{{ 7*7 }}{% for x in range(10**9) %}{# #}${7*7}<%= 7*7 %>",
    "format": "%s %(x)s %n {0} {address} $address",
    "our own mark": "mkaddress mkunsubscribe",
    "MIME boundary": "--=_x\r\nContent-Type: text/html\r\n\r\n<b>x",
    "dots": ".\r\n.\r\nQUIT",
    "ansi": "\x1b[2J\x1b]0;title\x07",
    "xml": "]]>&entity;&#0;&#x1F;&#55296;&#xFFFF;",
    "math": "𝕿𝖍𝖊 ｆｕｌｌ ﬁ ℡ ㍿",
    "right to left": "مرحبا <b>بالعالم</b> abc עולם",
    "spaces": "a" + " " * 9_000 + "b",
    "quotes": "\"'`´“”„«»‹›\\",
    "link": "javascript:alert(1) data:text/html,x vbscript:x",
}
LINKS = [
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>1</script>",
    ),
    *("//evil.example/x", "https://[::1", "https://x.example/\r\nBcc: y", "https://x.example/ a\"b'c<d>"),
    *("https://user:pass@x.example/", "ftp://x.example/x", "mailto:a@b.example", "file:///etc/passwd"),
    *(
        "https://x.example/" + "a" * 9_000,
        "https://xn--ls8h.example/💩",
        "#",
        "?",
        "https://",
        "\u202ehttps://x/",
    ),
]


def stored(id_: int, entry: Entry, title: str = "") -> StoredArticle:
    """Make an article of an entry, as a pull would."""
    feed = ParsedFeed(format="rss20", title=title or "Wire", url="https://w.example/", entries=(entry,))
    source = Source(name="wire", url="https://w.example/feed")
    (article,) = normalise(feed, source=source, now=NOW, languages=("en", "zh"))
    shown = head(feed).title
    return StoredArticle(id=id_, article=article, arrived_at=NOW, changed_at=NOW, source_title=shown)


def digest(*told: StoredArticle, topic: Topic = TOPIC):
    found = [
        Candidate(
            speakers=(Speaker(one.id, "wire"),), score=5, at=one.sorted_at, characters=len(one.article.text)
        )
        for one in told
    ]
    ranked = order(found, at=NOW, span=timedelta(days=1))
    sections = choose([Offer(topic=topic, ranked=ranked, total=len(found))], most=500)
    cards = {(topic.slug, one.id): card(one) for one in told}
    return compose(sections, cards, at=NOW, zone="Asia/Shanghai", language="en")


def entry(**fields: object) -> Entry:
    given = {"guid": "g", "url": "https://w.example/1", "title": "A title", "summary": "A summary of it."}
    return Entry(**(given | fields))  # type: ignore[arg-type]


def sound(text: str, most: int) -> None:
    """It is one line of text that can be written down, and has an end."""
    assert len(text) <= most
    text.encode()
    assert without_controls(text) == text
    assert not re.search(r"[\r\n\v\f\u2028\u2029]", text)


@pytest.mark.parametrize("field", ["title", "title_html", "summary", "content", "feed", "alt"])
def test_words_of_strangers_on_a_card(field: str) -> None:
    for name, words in WORDS.items():
        with_words(field, words, name)


def with_words(field: str, words: str, name: str) -> None:
    more = {
        "title": {"title": words},
        "title_html": {"title": words, "title_is_html": True},
        "summary": {"summary": words, "title": ""},
        "content": {"content": words},
        "feed": {},
        "alt": {
            "content": f'<img src="https://w.example/1.jpg" alt="{words[:2_000]}">',
            "image": "https://w.example/1.jpg",
        },
    }[field]
    told = digest(stored(1, entry(**more), title=words if field == "feed" else ""))
    assert told is not None
    (section,) = view(told, SITE)["sections"]
    top = section["top"]
    sound(top.title, 500)
    sound(top.excerpt, 300)
    sound(top.source, 500)
    sound(top.image_alt, 250)
    assert top.title, name
    assert top.source, name


@pytest.mark.parametrize("address", LINKS, ids=range(len(LINKS)))
def test_links_of_strangers_on_a_card(address: str) -> None:
    told = digest(stored(1, entry(url=address, image=address, guid="x")))
    assert told is not None
    (shown,) = told.sections[0].cards
    for url in (shown.url, shown.image):
        assert url == "" or re.match(r"https?://[^\s<>\"]+$", url)
        sound(url, 10_000)


def test_all_of_it_in_one_mail() -> None:
    articles = [
        stored(n, entry(guid=str(n), title=words, summary=words[:3_000], url=f"https://w.example/{n}"))
        for n, words in enumerate(WORDS.values(), 1)
    ]
    hostile = replace(TOPIC, title=without_controls(WORDS["script"]))
    told = digest(*articles, topic=hostile)
    made = render(told, environments(), SITE, edition_id="e", slot="s", marks=MARKS, now=NOW)
    html5lib.HTMLParser(strict=True).parse(made.html)
    assert len(made.shown) == len(WORDS)
    assert not re.search(r"<script|onerror=(?!alert)|<h1>mine", made.html)
    for part in (made.html, made.text, made.subject):
        part.encode()
        assert without_controls(part) == part
    assert "\n" not in made.subject
    assert len(made.subject) <= 400
    for article in articles:
        if article.article.url:
            assert article.article.url in made.text
