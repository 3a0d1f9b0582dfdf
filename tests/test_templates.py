"""The Jinja environment, the languages, the filters and the cards; what pages and mails say and withhold."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import html5lib
import newsstand
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from syndicator.card import card, direction, reading_minutes
from syndicator.contexts import CONTEXTS, LOOKS
from syndicator.digest.proof import faults
from syndicator.digest.render import html_of, text_of
from syndicator.errors import TemplateError
from syndicator.filters import city, day, mailto, moment, number, path, rfc3339, sentence, stamp, tidy, wrap
from syndicator.model import Article, Look, StoredArticle
from syndicator.templates import environments, own_folders, packaged, policy
from syndicator.web.editions import for_browsers

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


MAILS = [name for name, (template, *_) in newsstand.PAGES.items() if "/looks/" in template]


def inlined(name: str) -> str:
    template, language, context = newsstand.PAGES[name]
    return html_of(TEMPLATES, template.split("/")[2].split(".")[0], language, **context)  # type: ignore[arg-type]


def text_mail(look: Look = "magazine", language: str = "en", **changes: Any) -> str:
    return text_of(TEMPLATES, look, language, **newsstand.mail(**changes))


# The environment ---------------------------------------------------------------------------------------


def test_all_packaged_templates_are_sound() -> None:
    assert faults(TEMPLATES) == []
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
        ("\n{% include 'web/error.html.j2' %}", 2, "includes itself"),
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


def test_a_block_that_nothing_shows_is_told(tmp_path: Path) -> None:
    name = "email/looks/magazine.html.j2"
    write(tmp_path, name, f"{{% extends 'shipped/{name}' %}}\n{{% block drak %}}{{% endblock %}}")
    (fault,) = environments([tmp_path]).check()
    assert (fault.line, "did you mean 'dark'?" in fault.message) == (2, True)
    inner = "{% block dark %}{% block ours %}{% endblock %}{% endblock %}"
    write(tmp_path, name, f"{{% extends 'shipped/{name}' %}}{inner}")
    assert environments([tmp_path]).check() == []


def test_in_the_repository_copies_lie_in_the_config_folder(tmp_path: Path) -> None:
    clone = packaged().parent / "config"
    assert own_folders(clone) == [clone / "templates"]
    assert own_folders(tmp_path / "config") == [tmp_path / "config/templates", tmp_path / "templates"]


def test_a_packaged_file_that_extends_itself_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "web/error.html.j2", "{% extends 'shipped/web/error.html.j2' %}")
    monkeypatch.setattr("syndicator.templates.packaged", lambda: tmp_path)
    with pytest.raises(TemplateError, match="extends or includes itself") as caught:
        environments().render("web/error.html.j2", "en", **newsstand.ERROR)
    assert "config/templates/" in (caught.value.hint or "")


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
        *(
            (
                f"email/looks/{look}.html.j2",
                newsstand.mail(
                    newsstand.section(newsstand.TOPIC_ZH, newsstand.CHINESE * 3, more=3),
                    title="电信诈骗",
                    site=newsstand.SITE_ZH,
                ),
            )
            for look in LOOKS
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
    html = inlined(name) if name in MAILS else render(name)
    html5lib.HTMLParser(strict=True).parse(html)


@pytest.mark.parametrize("name", newsstand.PAGES)
def test_the_same_data_gives_the_same_bytes(name: str) -> None:
    template, language, context = newsstand.PAGES[name]
    assert render(name) == environments().render(template, language, **context)


def test_hostile_titles_stay_text() -> None:
    for name in ("index", "topic", "digest-magazine", "digest-brief"):
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
    assert len(page.encode()) < 57_800  # of 60,000: room for what a newsroom adds
    assert len(gzip.compress(page.encode())) < 10_000


def test_topic_page_leads_to_its_feeds() -> None:
    tree = html5lib.parse(render("topic"), namespaceHTMLElements=False)
    links = [link for link in tree.iter("link") if link.get("rel") == "alternate"]
    assert [(link.get("type"), link.get("href")) for link in links] == [
        (feed["media_type"], feed["url"]) for feed in newsstand.feeds("telecom-fraud")
    ]
    door = next(each for each in tree.iter("form") if each.get("method") == "post")
    assert door.get("action") == "/subscribe"
    sent = {each.get("name"): each.get("value") for each in door.iter("input")}
    assert sent == {"topic": "telecom-fraud", "address": None}
    closed = newsstand.topic_page(site=replace(newsstand.SITE, signup=False))
    tree = html5lib.parse(TEMPLATES.render("web/topic.html.j2", "en", **closed), namespaceHTMLElements=False)
    door = next(a.get("href") for a in tree.iter("a") if "button" in (a.get("class") or ""))
    assert door == "mailto:editor@news.test?subject=Subscribe%3A%20Telecom%20fraud"


@pytest.mark.parametrize(
    ("digest", "contact", "says"),
    [
        ({"at": "07:00", "zone": "Asia/Shanghai", "frequency": "daily"}, "a@b.test", "every day at 07:00"),
        ({"at": "07:00", "zone": "UTC", "frequency": "weekdays"}, "a@b.test", "Friday at 07:00 (UTC time)"),
        ({"at": "07:00", "zone": "Europe/Paris", "frequency": "weekly"}, "", "once a week at 07:00 (Paris"),
        ({"at": "07:00", "zone": "UTC", "frequency": "instant"}, "a@b.test", "at most every five minutes"),
        ({"at": "07:00", "zone": "UTC", "frequency": "daily"}, "", "The editor of this site adds readers"),
        (None, "a@b.test", "This topic is not sent by e-mail"),
    ],
)
def test_mail_door(digest: Any, contact: str, says: str) -> None:
    site = type(newsstand.SITE)(title="T", base_url=newsstand.HOST, contact=contact, signup=False)
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


@pytest.mark.parametrize(("state", "form"), [("ask", True), ("done", True), ("unknown", False)])
def test_only_a_post_unsubscribes(state: str, form: bool) -> None:
    page = TEMPLATES.render("web/unsubscribe.html.j2", "en", **newsstand.notice(state))
    assert ('<form method="post" action="https://news.test/unsubscribe/token">' in page) == form
    assert 'href="https://news.test/unsubscribe' not in page


def test_the_form_says_when_each_topic_is_mailed_and_what_at_once_means() -> None:
    page = render("subscribe")
    assert page.count('class="hour-of"') == page.count('type="checkbox"') > 1
    assert "at most every five minutes" in page
    assert "for each new article" not in page


def test_readers_find_their_own_page_where_they_can_sign_up() -> None:
    assert 'href="/preferences"' in render("topic")
    assert render("subscribe").count('href="/preferences"') == 2


# Mails ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_both_parts_of_a_mail_hold_the_same(look: Look) -> None:
    context = newsstand.mail()
    html, text = html_of(TEMPLATES, look, "en", **context), text_mail(look)
    for item in newsstand.CARDS:
        assert f'href="{item.url}"' in html
        assert item.url in text.splitlines()
    for name, link in newsstand.LINKS.items():
        assert f'href="{"mailto:" if name == "contact" else ""}{link}"' in html
        assert link in text.splitlines()
    assert f'href="{newsstand.LINKS["preferences"]}#pause"' in html
    for part in (html, text):
        assert "PERSONAL0address0" in part
        assert "+ 14 more on the web" in part
        first_mark = min(part.index(mark) for mark in ("PERSONAL0address0", "PERSONAL0unsubscribe0"))
        assert first_mark > 0.8 * len(part), "what comes before it is encoded once for all readers"


@pytest.mark.parametrize("look", LOOKS)
def test_mail_opens_with_the_next_headlines_then_the_masthead(look: Look) -> None:
    body = re.sub(
        r"(?s)<head.*?</head>|<!--.*?-->|<[^>]*>", " ", html_of(TEMPLATES, look, "en", **newsstand.mail())
    )
    words = " ".join(body.replace("&nbsp;", " ").split())
    first = "Also in this issue: Regulator gives carriers until March to mark…"
    plate = "The Daily Thread Telecom fraud · Tuesday, November 24, 2026"  # as it is in Shanghai
    assert words.startswith(f"{first} {plate} ")
    lines = [line for line in text_mail(look).splitlines() if line]
    assert lines[:2] == ["The Daily Thread · Telecom fraud · Tuesday, November 24, 2026", "=" * 40]
    assert lines[2] == first


@pytest.mark.parametrize("name", MAILS)
def test_the_page_of_an_edition_is_as_wide_as_the_window(name: str) -> None:
    """Attributes that browsers do without said so; without them the sheet stood at the left."""
    desk = re.search(r'<table class="desk"[^>]*>', for_browsers(inlined(name)))
    assert desk
    assert " width=" not in desk[0]
    assert "width: 100%" in desk[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_line_above_the_masthead_is_short_and_dates_stay_whole(language: str) -> None:
    long = [replace_title(card, "Word " * 30) for card in newsstand.CARDS[:4]]
    for cards in (long, newsstand.CARDS[1:5]):
        context = newsstand.mail(newsstand.section(newsstand.TOPIC, tuple(cards)))
        html = html_of(TEMPLATES, "magazine", language, **context)
        ahead = re.search(r"(?s)<!--ahead-->(.*?)<!--/ahead-->", html)
        assert ahead
        assert 0 < columns(re.sub("<[^>]*>", "", ahead[1])) <= 76
    assert "November&nbsp;24,&nbsp;2026" in html or language == "zh"
    assert re.search(r"11月24日&nbsp;\d|Nov&nbsp;24,&nbsp;\d", html), "a date breaks before its time"


def replace_title(item: Any, title: str) -> Any:
    return type(item)(**{name: getattr(item, name) for name in item.__dataclass_fields__} | {"title": title})


@pytest.mark.parametrize("name", MAILS)
def test_styles_are_inlined_but_for_what_cannot_be(name: str) -> None:
    html = inlined(name)
    styles = "".join(re.findall(r"(?s)<style>(.*?)</style>", re.sub(r"(?s)<!--.*?-->", "", html)))
    assert "prefers-color-scheme: dark" in styles
    assert "max-width: 480px" in styles
    assert "[data-ogsc] .ink" in styles
    assert ".foot" not in styles
    assert "data-css-inline" not in html
    assert re.search(r'class="cell mast heavy"[^>]* style="[^"]*padding: ?[0-9]+px', html)


@pytest.mark.parametrize("name", MAILS)
def test_mail_hides_nothing_and_loads_pictures_alone(name: str) -> None:
    html = inlined(name)
    assert not re.search(r"<link|<script|url\(|display: ?none|visibility|opacity|max-height: ?0", html)
    loaded = set(re.findall(r'<img src="([^"]*)"', html))
    cards = [card for each in newsstand.PAGES[name][2]["edition"]["sections"] for card in each["cards"]]
    assert loaded <= {card.image for card in cards}
    assert bool(loaded) == (name == "digest-magazine" or name == "digest-magazine-many")


def test_a_picture_has_words_a_size_and_no_margin() -> None:
    html = inlined("digest-magazine")
    shown = re.findall(r"<img[^>]*>", re.sub(r"(?s)<!--\[if mso\]>.*?<!\[endif\]-->", "", html))
    assert len(shown) == 5, "the top story and the leads that have one"
    for image in shown:
        assert re.search(r' width="\d+" height="\d+"', image)
        assert " alt=" in image
        assert "margin" not in image
    assert sum('alt="A harbour at dusk"' in image for image in shown) == 3
    outlook = re.findall(r"<!--\[if mso\]><img([^>]*)><!\[endif\]-->", html)
    assert len(outlook) == 5
    assert all("height" not in image for image in outlook), "Word would stretch a picture of another shape"


def test_a_mail_says_why_its_top_story_leads() -> None:
    assert "Why it leads:" in inlined("digest-magazine")
    assert "3 sources tell it, 2 hours old" in inlined("digest-magazine")
    assert "for the topic" not in inlined("digest-magazine"), "sums are the editors' matter"
    assert "Why it leads:" not in inlined("digest-brief")


@pytest.mark.parametrize("name", MAILS)
def test_tables_of_a_mail_are_for_layout_only(name: str) -> None:
    tree = html5lib.parse(inlined(name), namespaceHTMLElements=False)
    assert {table.get("role") for table in tree.iter("table")} == {"presentation"}
    # Outlook: a background by attribute, and no element wider than the column.
    assert all(table.get("bgcolor") for table in tree.iter("table") if table.get("class"))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_a_look_are_far_enough_apart(look: Look, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5:1, for each colour of text on the sheet; in Chromium it is measured as well."""
    html = html_of(
        TEMPLATES, look, "en", **newsstand.mail(newsstand.section(newsstand.TOPIC, newsstand.PICTURED))
    )
    dark = re.search(r"(?s)@media \(prefers-color-scheme: dark\) \{(.*?)\n\}\n", html)
    assert dark
    given = dict(re.findall(r"\.(\w+) \{ (?:background-)?color: (#\w{6})", dark[1]))
    if scheme == "light":
        given = {
            kind: found[1]
            for kind in given
            if (
                found := re.search(
                    rf'class="(?:[\w ]* )?{kind}(?: [\w ]*)?"[^>]* style="[^"]*?color: (#\w{{6}})', html
                )
            )
        }
    sheet = luminance(given["sheet"])
    for kind in ("ink", "soft", "accent"):
        low, high = sorted((sheet, luminance(given[kind])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, kind


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_mail_has_short_lines_and_is_canonical(look: Look, language: str) -> None:
    text = text_mail(look, language)
    links = {item.url for item in newsstand.CARDS} | set(newsstand.LINKS.values())
    for line in text.splitlines():
        unbroken = " " not in line and line.rstrip("…").isascii()
        assert columns(line) <= 76 or line in links or unbroken, line
        assert line == " ".join(line.split(" ")).strip()
    assert not re.search(r" \n|  |\n{3}", text)
    html = html_of(TEMPLATES, look, language, **newsstand.mail())
    assert not re.search(r"[ \t]\n|[ \t]{2}", html)


@pytest.mark.parametrize("look", LOOKS)
def test_feeds_cannot_forge_lines_of_a_text_mail(look: Look) -> None:
    forged = newsstand.section(
        newsstand.TOPIC,
        (
            type(newsstand.ARABIC)(
                title="A\n\nUnsubscribe\nhttps://evil.test", url="", source="S\nT", source_url="", at=AT
            ),
        ),
    )
    assert "https://evil.test" not in text_mail(look).splitlines()
    lines = text_of(TEMPLATES, look, "en", **newsstand.mail(forged)).splitlines()
    assert "* A Unsubscribe https://evil.test" in lines
    assert "S T · Nov 24, 07:05" in lines


@pytest.mark.parametrize("look", LOOKS)
def test_a_mail_with_little_says_little(look: Look) -> None:
    lone = newsstand.mail(
        newsstand.section(newsstand.TOPIC, newsstand.ENGLISH[:1]), links=dict.fromkeys(newsstand.LINKS, "")
    )
    for part in (html_of, text_of):
        text = part(TEMPLATES, look, "en", **lone)
        assert "Also in this issue" not in text
        assert "more on the web" not in text
        assert "Read on the web" not in text
        assert "Preferences" not in text
        assert "In brief" not in text
        assert 'href=""' not in text


def test_a_mail_of_several_topics_offers_no_feed_of_one() -> None:
    several = newsstand.mail(*[newsstand.section(newsstand.TOPIC, newsstand.ENGLISH[:1])] * 2)
    for part in (html_of, text_of):
        assert "Follow as a feed" not in part(TEMPLATES, "plain", "en", **several)


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
        (
            sentence("Mr. J. Smith left the U.S. on Monday. He said why.", 90),
            "Mr. J. Smith left the U.S. on Monday.",
        ),
        (
            sentence("One sentence that goes on and on, without an end", 34),
            "One sentence that goes on and on…",
        ),
        (
            sentence("警方介绍，该团伙冒充电商客服，诱导受害人转账。行动中抓获四十一名。", 60),
            "警方介绍，该团伙冒充电商客服，诱导受害人转账。",
        ),
        (sentence("警方介绍，该团伙冒充电商客服", 12), "警方介绍…"),
        (sentence("A" * 50, 10), "AAAAAAAAA…"),
        (sentence("", 10), ""),
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
