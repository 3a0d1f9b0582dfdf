"""The Jinja environment, the languages, the filters and the cards; what pages and mails say and withhold."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import css_inline
import html5lib
import newsstand
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from syndicator.card import card, direction, reading_minutes
from syndicator.errors import TemplateError
from syndicator.filters import city, day, mailto, moment, number, path, rfc3339, stamp, tidy, wrap
from syndicator.model import Article, StoredArticle
from syndicator.templates import CONTEXTS, environments, packaged, policy

ROOT = Path(__file__).parents[1]
TEMPLATES = environments()
PO_HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
NAMES = {  # what is called the same in every language
    *("RSS", "Atom", "JSON", "Feed", "OPML", "Cookie", "UTC", "PERSONAL", "address"),
    *("Feedly", "Inoreader", "NewsBlur", "The", "Old", "Reader", "China", "Telecom", "fraud", "iPhone"),
}
AT = datetime(2026, 11, 23, 23, 5, tzinfo=UTC)


def render(name: str) -> str:
    template, language, context = newsstand.PAGES[name]
    return TEMPLATES.render(template, language, **context)


def inlined(name: str) -> str:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(render(name))


def text_mail(language: str = "en", **changes: Any) -> str:
    return TEMPLATES.render("email/digest.txt.j2", language, **newsstand.mail(**changes))


# The environment ---------------------------------------------------------------------------------------


def test_all_packaged_templates_are_sound() -> None:
    assert TEMPLATES.check() == []
    assert set(TEMPLATES.by_language) == {"en", "zh"}
    assert all((packaged() / name).is_file() for name in CONTEXTS)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("en", "en"), ("zh-CN", "zh"), ("zh_Hans", "zh"), ("zh-Hans-SG", "zh"), ("fr", "en"), ("", "en")],
)
def test_nearest_language(asked: str, spoken: str) -> None:
    assert TEMPLATES.nearest(asked) == spoken


def test_an_admins_copy_wins_and_the_rest_stays(tmp_path: Path) -> None:
    write(tmp_path, "web/error.html.j2", "{{ status }}: ours, {{ _('Unsubscribe') }}")
    write(
        tmp_path,
        "locale/zh/LC_MESSAGES/syndicator.po",
        f'{PO_HEAD}msgid "Unsubscribe"\nmsgstr "不看了"\n',
    )
    write(tmp_path, "web/style.css", "body{}")
    ours = environments([tmp_path])
    assert ours.render("web/error.html.j2", "zh", **newsstand.ERROR) == "404: ours, 不看了"
    assert ours.source("web/style.css") == "body{}"
    page = ours.render("web/topic.html.j2", "en", **newsstand.topic_page())
    assert '<link rel="stylesheet" href="/static/style.css">' in page, "no policy knows the hash of a copy"
    assert "<script>" in page
    front = ours.render("web/index.html.j2", "zh", **newsstand.front_page())
    assert "“Telecom fraud”全部 214 篇" in front  # the packaged catalog, its plural rule included
    assert ours.check() == []


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("one\n{% if %}", 2, "Expected an expression"),
        ("one\n\n{{ site|nosuch }}", 3, "nosuch"),
        ("{{ site }}\n{{ sight }}", 2, "'sight' is undefined"),
        ("\n{{ site.tittle }}", 2, "tittle"),
        ("\n{{ 1 // 0 }}", 2, "ZeroDivisionError"),
        ("\n\n{% include 'web/gone.html.j2' %}", 3, "there is no template web/gone.html.j2"),
        ("\n{{ site.__class__.__mro__ }}", 2, "unsafe"),
        ("\n{{ now|day('Mars/Olympus', 'en') }}", 2, "'now' is undefined"),
        ("\n{% for n in range(10 ** 9) %}{% endfor %}", 2, "range"),
        ("\n{% include 'web/error.html.j2' %}", 2, "Recursion"),
    ],
)
def test_a_faulty_template_tells_its_name_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    write(tmp_path, "web/error.html.j2", text)
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        environments([tmp_path]).render("web/error.html.j2", "en", **newsstand.ERROR)
    assert (caught.value.name, caught.value.line) == ("web/error.html.j2", line)
    assert str(caught.value).count("\n") == 0


def test_a_fault_in_a_base_is_told_of_the_base(tmp_path: Path) -> None:
    write(tmp_path, "web/_base.html.j2", "<p>\n{{ oops }}")
    with pytest.raises(TemplateError) as caught:
        environments([tmp_path]).render("web/error.html.j2", "en", **newsstand.ERROR)
    assert (caught.value.name, caught.value.line) == ("web/_base.html.j2", 2)
    assert caught.value.hint == "the template is given language, near, site, status"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{% endif %}", "endif"),
        ("{{ sight }}", "'sight' is undefined"),
        ("{% include 'web/gone.html.j2' %}", "there is no template web/gone.html.j2"),
        ("{% block a %}{{ cards }}{% endblock %}", "'cards' is undefined"),
    ],
)
def test_check_finds_faults_before_a_reader(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, "web/error.html.j2", text)
    (fault,) = environments([tmp_path]).check()
    assert fault.name == "web/error.html.j2"
    assert says in fault.message


def test_check_reads_bytes_that_are_no_text(tmp_path: Path) -> None:
    write(tmp_path, "web/error.html.j2", "")
    (tmp_path / "web/error.html.j2").write_bytes(b"\xff\xfe")
    (fault,) = environments([tmp_path]).check()
    assert "UnicodeDecodeError" in fault.message


@pytest.mark.parametrize(
    ("entry", "line", "says"),
    [
        ('msgid "Copy"\nmsgtsr "复制"', 5, "misformatted keyword"),
        ('msgid "Error %(status)s"\nmsgstr "错误 %(staus)s"', 4, "staus"),
    ],
)
def test_a_faulty_catalog_tells_its_line(tmp_path: Path, entry: str, line: int, says: str) -> None:
    write(tmp_path, "locale/zh/LC_MESSAGES/syndicator.po", f"{PO_HEAD}{entry}\n")
    with pytest.raises(TemplateError, match=says) as caught:
        environments([tmp_path])
    assert caught.value.line == line


def test_a_catalog_of_no_language_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "locale/klingon/LC_MESSAGES/syndicator.po", PO_HEAD)
    with pytest.raises(TemplateError, match="klingon"):
        environments([tmp_path])


def test_unknown_template_is_one_clear_error() -> None:
    with pytest.raises(TemplateError, match=r"there is no template web/nothing\.html\.j2"):
        TEMPLATES.render("web/nothing.html.j2", "en")
    with pytest.raises(TemplateError, match="there is no template"):
        TEMPLATES.source("../pyproject.toml")


def test_chinese_is_complete_and_nothing_is_left_over() -> None:
    options = {"**.j2": {"trimmed": "true", "silent": "false"}}
    found = extract_from_dir(
        packaged(), method_map=[("**.j2", "jinja2.ext:babel_extract")], options_map=options
    )
    wanted = {message for _, _, message, _, _ in found}
    assert len(wanted) > 40
    with (packaged() / "locale/zh/LC_MESSAGES/syndicator.po").open("rb") as file:
        catalog = read_po(file, locale="zh", abort_invalid=True)
    entries = {
        tuple(m.id) if isinstance(m.id, (list, tuple)) else m.id: m for m in catalog if m.id and not m.fuzzy
    }
    assert set(entries) == wanted
    for message in entries.values():
        assert all(message.string if isinstance(message.string, (list, tuple)) else [message.string])
        assert not list(message.check(catalog))


def test_no_english_is_left_on_chinese_pages() -> None:
    chinese = newsstand.front_page(
        site=newsstand.SITE_ZH,
        topics=[
            {
                **newsstand.TOPIC_ZH,
                "count": 1,
                "cards": list(newsstand.CHINESE),
                "updated_at": newsstand.NOW,
                "feeds": newsstand.feeds("telecom-fraud"),
            }
        ],
    )
    cases = [
        ("web/index.html.j2", chinese),
        (
            "web/topic.html.j2",
            newsstand.topic_page(
                site=newsstand.SITE_ZH, topic=newsstand.TOPIC_ZH, cards=list(newsstand.CHINESE)
            ),
        ),
        *(
            ("web/error.html.j2", {"site": newsstand.SITE_ZH, "status": status, "near": []})
            for status in (400, 403, 404, 405, 408, 410, 413, 415, 418, 429, 500, 503)
        ),
        *(
            ("web/search.html.j2", newsstand.search_page(site=newsstand.SITE_ZH, refused=refused))
            for refused in ("", "long", "empty", "only-not", "busy")
        ),
        ("web/search.html.j2", newsstand.PAGES["search-zh"][2]),
        (
            "email/digest.html.j2",
            newsstand.mail(
                newsstand.section(newsstand.TOPIC_ZH, newsstand.CHINESE, more=3),
                title="电信诈骗",
                site=newsstand.SITE_ZH,
            ),
        ),
    ]
    for name, context in cases:
        body = re.sub(r"(?s)<(style|script|head|code)\b.*?</\1>", "", TEMPLATES.render(name, "zh", **context))
        shown = re.sub(r"<[^>]*>", " ", body)
        words = set(re.findall(r"[A-Za-z]{3,}", shown))
        assert words <= NAMES


# What is rendered -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", newsstand.PAGES)
def test_html_has_no_parse_errors(name: str) -> None:
    html = inlined(name) if name.startswith("digest") else render(name)
    html5lib.HTMLParser(strict=True).parse(html)


@pytest.mark.parametrize("name", newsstand.PAGES)
def test_the_same_data_gives_the_same_bytes(name: str) -> None:
    template, language, context = newsstand.PAGES[name]
    assert render(name) == environments().render(template, language, **context)


def test_hostile_titles_stay_text() -> None:
    for name in ("index", "topic", "digest"):
        page = render(name)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page
    hostile = {**newsstand.TOPIC, "title": newsstand.HOSTILE, "description": '"><script>alert(3)</script>'}
    page = TEMPLATES.render("web/topic.html.j2", "en", **newsstand.topic_page(topic=hostile))
    assert page.count("<script") == 1  # our own


def test_largest_page_is_small() -> None:
    long = newsstand.ENGLISH[0]
    cards = [
        type(long)(
            title=long.title,
            url=f"https://publisher.example/{n:080}",
            source=long.source,
            source_url="",
            at=long.at,
            language="en",
            excerpt="w" * 300,
            because=long.because,
            also_in=long.also_in,
            reading_minutes=4,
        )
        for n in range(50)
    ]
    page = TEMPLATES.render("web/topic.html.j2", "en", **newsstand.topic_page(cards=cards))
    assert not re.search(r"<link rel=.stylesheet|<script src", page), "styles and script are inside"
    assert len(page.encode()) < 57_500  # of 60,000: room for what a newsroom adds
    assert len(gzip.compress(page.encode())) < 10_000


def test_largest_mail_is_not_clipped() -> None:
    cards = newsstand.ENGLISH[:3] + newsstand.CHINESE
    mail = newsstand.mail(*(newsstand.section(newsstand.TOPIC, cards * 4, more=9) for _ in range(3)))
    html = TEMPLATES.render("email/digest.html.j2", "zh", **mail)
    html = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(html)
    assert len(html.encode()) < 90_000  # Gmail cuts at about 102 KB


def test_topic_page_leads_to_its_feeds() -> None:
    tree = html5lib.parse(render("topic"), namespaceHTMLElements=False)
    links = [link for link in tree.iter("link") if link.get("rel") == "alternate"]
    assert [(link.get("type"), link.get("href")) for link in links] == [
        (feed["media_type"], feed["url"]) for feed in newsstand.feeds("telecom-fraud")
    ]
    door = next(a.get("href") for a in tree.iter("a") if "button" in (a.get("class") or ""))
    assert door == "mailto:editor@news.test?subject=Subscribe%3A%20Telecom%20fraud"


@pytest.mark.parametrize(
    ("digest", "contact", "says"),
    [
        ({"at": "07:00", "zone": "Asia/Shanghai", "frequency": "daily"}, "a@b.test", "every day at 07:00"),
        ({"at": "07:00", "zone": "UTC", "frequency": "weekdays"}, "a@b.test", "Friday at 07:00 (UTC time)"),
        ({"at": "07:00", "zone": "Europe/Paris", "frequency": "weekly"}, "", "once a week at 07:00 (Paris"),
        ({"at": "07:00", "zone": "UTC", "frequency": "instant"}, "a@b.test", "as it comes in"),
        ({"at": "07:00", "zone": "UTC", "frequency": "daily"}, "", "The editor of this site adds readers"),
        (None, "a@b.test", "This topic is not sent by e-mail"),
    ],
)
def test_mail_door(digest: Any, contact: str, says: str) -> None:
    site = type(newsstand.SITE)(title="T", base_url=newsstand.HOST, contact=contact)
    page = TEMPLATES.render("web/topic.html.j2", "en", **newsstand.topic_page(digest=digest, site=site))
    assert says in page
    assert ("mailto:" in page) == bool(contact)


def test_pages_work_below_a_path() -> None:
    site = type(newsstand.SITE)(base_url="https://news.test/wire")
    page = TEMPLATES.render("web/error.html.j2", "en", **(newsstand.ERROR | {"site": site}))
    local = re.findall(r'(?:href|src)="(/[^"]*)"', page)
    assert local
    assert all(link.startswith("/wire/") for link in local)


def test_pages_carry_their_policy_and_no_server_has_to_know_it() -> None:
    """A web server that has only files is configured once; the hashes change with each release."""
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy()}">' in render("topic")
    assert policy().count("sha256-") == 2
    assert "unsafe" not in policy()
    for file in (ROOT / "docs").iterdir():
        if file.is_file() and "Content-Security-Policy" in (text := file.read_text("utf-8")):
            assert not re.search(r"(default|style|script)-src", text), (
                f"{file.name}: leave these to the pages, e.g. base-uri 'none'; frame-ancestors 'none'"
            )


def test_no_search_is_offered_where_nobody_answers_or_all_is_private() -> None:
    assert 'action="/search"' in render("topic")
    assert "/search" not in render("topic-one"), "site.search is false"
    private = render("topic-private")
    assert 'name="topic"' not in private
    assert 'rel="canonical"' not in private
    assert "feedly" not in private.lower(), "the address of a private feed is for nobody else"
    assert '<meta name="robots" content="noindex, nofollow">' in private


@pytest.mark.parametrize(("state", "form"), [("ask", True), ("done", False), ("unknown", False)])
def test_only_a_post_unsubscribes(state: str, form: bool) -> None:
    page = TEMPLATES.render("web/unsubscribe.html.j2", "en", **newsstand.notice(state))
    assert ('<form method="post" action="https://news.test/unsubscribe/token">' in page) == form
    assert 'href="https://news.test/unsubscribe' not in page


# Mails ----------------------------------------------------------------------------------------------


def test_both_parts_of_a_mail_hold_the_same() -> None:
    html, text = inlined("digest"), text_mail()
    for item in newsstand.CARDS:
        assert f'href="{item.url}"' in html
        assert item.url in text.splitlines()
    for name, link in newsstand.LINKS.items():
        assert f'href="{"mailto:" if name == "contact" else ""}{link}"' in html
        assert link in text.splitlines()
    assert "PERSONAL0address0" in html
    assert "PERSONAL0address0" in text
    assert "+ 14 more on the web" in html
    assert "+ 14 more on the web" in text


def test_mail_opens_with_the_next_headlines_then_the_masthead() -> None:
    body = re.sub(r"(?s)<head.*?</head>|<[^>]*>", " ", inlined("digest"))
    words = " ".join(body.split())
    first = "Also in this issue: Regulator gives carriers until March to mark calls with forged numbers"
    assert words.startswith(first)
    assert "The Daily Thread · Telecom fraud · Tuesday, November 24, 2026" in words  # as it is in Shanghai
    assert " ".join(text_mail().split()).startswith(first)


def test_mail_keeps_media_queries_and_inlines_the_rest() -> None:
    html = inlined("digest")
    styles = "".join(re.findall(r"(?s)<style>(.*?)</style>", html))
    assert "prefers-color-scheme: dark" in styles
    assert "max-width: 480px" in styles
    assert ".brief" not in styles
    assert "class=" in html
    assert re.search(r'class="cell top"[^>]* style="[^"]*padding: ?16px 24px', html)


def test_mail_loads_nothing_and_hides_nothing() -> None:
    html = inlined("digest")
    assert not re.search(r"<img|<link|<script|url\(|display: ?none|visibility|opacity|max-height: ?0", html)


def test_tables_of_a_mail_are_for_layout_only() -> None:
    tree = html5lib.parse(inlined("digest-many"), namespaceHTMLElements=False)
    assert {table.get("role") for table in tree.iter("table")} == {"presentation"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_mail_has_short_lines_and_is_canonical(language: str) -> None:
    text = text_mail(language)
    links = {item.url for item in newsstand.CARDS} | set(newsstand.LINKS.values())
    for line in text.splitlines():
        unbroken = " " not in line and line.isascii()
        assert columns(line) <= 76 or line in links or unbroken, line
        assert line == " ".join(line.split(" ")).strip()
    assert not re.search(r" \n|  |\n{3}", text)
    assert not re.search(r"[ \t]\n|[ \t]{2}", inlined("digest"))


def test_feeds_cannot_forge_lines_of_a_text_mail() -> None:
    forged = newsstand.section(
        newsstand.TOPIC,
        (
            type(newsstand.ARABIC)(
                title="A\n\nUnsubscribe\nhttps://evil.test", url="", source="S\nT", source_url="", at=AT
            ),
        ),
    )
    assert "https://evil.test" not in text_mail().splitlines()
    lines = TEMPLATES.render("email/digest.txt.j2", "en", **newsstand.mail(forged)).splitlines()
    assert "* A Unsubscribe https://evil.test" in lines
    assert "S T · Nov 24, 07:05" in lines


def test_a_mail_with_little_says_little() -> None:
    lone = newsstand.mail(
        newsstand.section(newsstand.TOPIC, newsstand.ENGLISH[:1]), links=dict.fromkeys(newsstand.LINKS, "")
    )
    for name in ("email/digest.html.j2", "email/digest.txt.j2"):
        text = TEMPLATES.render(name, "en", **lone)
        assert "Also in this issue" not in text
        assert "more on the web" not in text
        assert "Read on the web" not in text
        assert 'href=""' not in text


# Filters -------------------------------------------------------------------------------------------


def columns(line: str) -> int:
    return sum(1 + ("\u1100" <= c <= "\uffe6" and not "\u2000" <= c <= "\u206f") for c in line)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (day(AT, "Asia/Shanghai", "en"), "Tuesday, November 24, 2026"),
        (day(AT, "UTC", "zh"), "2026年11月23日星期一"),
        (stamp(AT, "Asia/Shanghai", "en"), "Nov 24, 07:05"),
        (stamp(AT, "Asia/Shanghai", "zh"), "11月24日 07:05"),
        (stamp(AT, "Asia/Shanghai", "en", AT), "Nov 24, 07:05"),
        (stamp(AT.replace(year=2023), "Asia/Shanghai", "en", AT), "Nov 24, 2023"),
        (moment(AT, "UTC", "en"), "Nov 23, 2026, 23:05 UTC"),
        (moment(AT, "Asia/Shanghai", "zh-Hans"), "2026年11月24日 07:05 CST"),
        (rfc3339(AT.astimezone(tz=None)), "2026-11-23T23:05:00Z"),
        (city("Asia/Shanghai", "zh"), "上海"),
        (city("America/Argentina/Buenos_Aires", "en"), "Buenos Aires"),
        (city("UTC", "en"), "UTC"),
        (city("Etc/GMT+8", "en"), "Etc/GMT+8"),
        (number(1382, "en"), "1,382"),
        (path("https://a.test/news/"), "/news"),
        (path("https://a.test"), ""),
        (mailto("a b@c.test", "R&D:", "x?"), "mailto:a%20b@c.test?subject=R%26D%3A%20x%3F"),
        (tidy("a  b \n\n\n\n  c\t\n"), "a b\n\nc\n"),
    ],
)
def test_filters(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three", ["one two", "three"]),
        ("one\n\n two", ["one two"]),
        ("averylongword x", ["averylongword", "x"]),
        ("电信诈骗案件", ["电信诈骗", "案件"]),
        ("来电，号码", ["来电，号", "码"]),
        ("来电号码，x", ["来电号", "码，x"]),  # no comma at the start of a line
        ("来电号“码”", ["来电号", "“码”"]),  # no opening quote at the end of one
        ("", [""]),
    ],
)
def test_wrap(text: str, expected: list[str]) -> None:
    assert wrap(text, 8).split("\n") == expected


@given(
    st.text(st.characters(codec="utf-8") | st.sampled_from(" \n，。“”电信ab"), max_size=200),
    st.integers(4, 80),
)
def test_wrap_loses_nothing_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = wrap(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        breakable = " " in line or len(re.findall("[电信]", line)) > 4
        assert columns(line) <= width + 4 or not breakable or len(line) > width // 2


# Cards ------------------------------------------------------------------------------------------------


def stored(**article: Any) -> StoredArticle:
    outer = {key: article.pop(key) for key in ("source_title", "because") if key in article}
    return StoredArticle(
        id=1,
        article=Article(source="harbour", key="k", **article),
        arrived_at=AT,
        changed_at=AT,
        source_url="https://harbour.test/feed",
        **outer,
    )


def test_card_shows_the_article() -> None:
    shown = card(
        stored(
            title="T",
            url="https://harbour.test/1",
            summary="S",
            language="en",
            image="https://harbour.test/i.png",
            tags=("a",),
            published_at=AT - timedelta(hours=1),
            because=("title: t",),
            source_title="Harbour Post",
        )
    )
    assert (shown.title, shown.url, shown.excerpt) == ("T", "https://harbour.test/1", "S")
    assert (shown.source, shown.source_url) == ("Harbour Post", "https://harbour.test/feed")
    assert (shown.at, shown.because, shown.tags) == (AT - timedelta(hours=1), ("title: t",), ("a",))
    assert (shown.image, shown.dir, shown.reading_minutes) == ("https://harbour.test/i.png", "ltr", 0)


@pytest.mark.parametrize(
    ("html", "alt"),
    [
        (
            '<img alt="Fog on the river" src="https://h.test/i.png?a=1&amp;b=2"><img alt="no" src="/x">',
            "Fog on the river",
        ),
        ('<img src="https://h.test/i.png?a=1&amp;b=2" alt=" &quot;Fog&quot;\n at  dawn ">', '"Fog" at dawn'),
        ('<img src="https://h.test/i.png?a=1&amp;b=2" alt="IMG_6061.jpg">', ""),
        ('<img src="https://h.test/i.png?a=1&amp;b=2" alt="IMG 6061">', ""),
        ('<img src="https://h.test/i.png?a=1&amp;b=2" alt=":smile:">', ""),
        ('<img src="https://h.test/i.png?a=1&amp;b=2" alt="…">', ""),
        ('<img src="https://h.test/i.png?a=1&amp;b=2" alt="Fog at night">', ""),  # the headline
        (f'<img src="https://h.test/i.png?a=1&amp;b=2" alt="{"x" * 300}">', ""),
        ('<img src="https://h.test/i.png?a=1&amp;b=2">', ""),
        ('<img alt="another" src="https://h.test/other.png">', ""),
        ("", ""),
    ],
)
def test_a_picture_is_told_as_its_publisher_tells_it(html: str, alt: str) -> None:
    shown = card(stored(title="Fog at night", image="https://h.test/i.png?a=1&b=2", content_html=html))
    assert shown.image_alt == alt


def test_an_excerpt_that_is_the_headline_is_none() -> None:
    assert card(stored(title="Fog tonight.", summary="Fog tonight.")).excerpt == ""


def test_a_date_ahead_of_us_is_not_believed() -> None:
    assert card(stored(published_at=AT + timedelta(days=9))).at == AT


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("javascript:alert(1)", "", ""),
        (" JavaScript:alert(1)", "https://a.test", ""),
        ("data:text/html,x", "", ""),
        ("file:///etc/passwd", "", ""),
        ("https://", "", ""),
        ("http://[::1", "", ""),
        ("/a", "", ""),
        ("/a", "https://a.test/b", "https://a.test/a"),
        ("https://a.test/?q=“x”", "", "https://a.test/?q=“x”"),
    ],
)
def test_links_of_a_card_are_safe(url: str, base: str, expected: str) -> None:
    shown = card(stored(url=url, image=url), base_url=base)
    assert (shown.url, shown.image) == (expected, expected)


@pytest.mark.parametrize(
    ("article", "title", "excerpt"),
    [
        ({"title": "", "summary": "Short post"}, "Short post", ""),
        ({"title": "", "summary": "word " * 40}, "word " * 17 + "word…", "word " * 40),
        ({"title": "", "summary": "诈" * 200}, "诈" * 90 + "…", "诈" * 200),
        ({"title": "", "url": "https://www.a.test/p"}, "https://www.a.test/p", ""),
        ({"title": ""}, "", ""),
    ],
)
def test_untitled_articles_get_a_headline(article: dict[str, str], title: str, excerpt: str) -> None:
    shown = card(stored(**article))
    assert (shown.title, shown.excerpt) == (title, excerpt)


def test_source_falls_back_to_host_then_name() -> None:
    assert card(stored(url="https://www.a.test/p")).source == "a.test"
    assert card(stored()).source == "harbour"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "iPhone يصل غدا", "rtl"),
        ("ar", "iPhone is here", "ltr"),
        ("en", "شركة Apple", "rtl"),
        ("en", "Apple شركة", "ltr"),
        ("pa-Arab", "x خبر", "rtl"),
        ("", "חדשות", "rtl"),
        ("he", "", "ltr"),
        ("arn", "x خبر", "ltr"),
    ],
)
def test_direction(language: str, text: str, expected: str) -> None:
    assert direction(language, text) == expected


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", 0), ("word " * 100, 0), ("word " * 920, 4), ("诈骗" * 900, 4), ("word 诈 " * 400, 3)],
)
def test_reading_minutes(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes
