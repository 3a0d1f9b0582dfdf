"""A newsroom of our own writing for the tests of looks: English, Chinese, Arabic and hostile items."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import postroom
import workshop

from syndicator import zones
from syndicator.card import Card, Reason
from syndicator.errors import TemplateError
from syndicator.match.question import MAX_LENGTH, Question, places, question
from syndicator.model import Elsewhere, Slot
from syndicator.pipeline.search import Found, Hit
from syndicator.pipeline.signup_wish import HOURS
from syndicator.publish.editions import Issue
from syndicator.publish.page import readers
from syndicator.settings import Site
from syndicator.text.marks import pieces
from syndicator.web.chart import Level, levels
from syndicator.web.readers import SPANS, Asked, Line, Mailing, Shown

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
HOST = "https://news.test"
IMAGE = "https://pictures.test/harbour.svg"
SITE = Site(title="The Daily Thread", base_url=HOST, contact="editor@news.test")
SITE_ZH = replace(SITE, title="每日线索", language="zh")
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)> \u202e reversed'

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">
<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#33475b"/>
<stop offset=".6" stop-color="#c98d6b"/><stop offset="1" stop-color="#e9c9a2"/></linearGradient></defs>
<rect width="640" height="360" fill="url(#s)"/><circle cx="455" cy="196" r="30" fill="#fbe7c6"/>
<path d="M0 232h90v-60h34v60h40v-96h46v96h58v-44h52v44h70v-72h30v72h80v-30h60v30h80v128H0z" fill="#26323f"/>
<path d="M0 262h640v98H0z" fill="#1b2530"/><path d="M380 284h150M400 300h112M424 318h62" stroke="#e9c9a2"
stroke-width="3" opacity=".5"/></svg>"""


def picture(path: str) -> str:
    """Draw the harbour in the shape that the path names, such as /400x900/2.svg, or as it is."""
    width, _, height = path.strip("/").partition("/")[0].partition("x")
    if not (width.isdigit() and height.isdigit()):
        return PICTURE
    shape = f'<svg width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"'
    return PICTURE.replace("<svg", shape, 1)


def _card(title: str, hours: float, source: str, **more: Any) -> Card:
    more.setdefault("language", "en")
    return Card(
        title=title,
        url=f"https://publisher.example/{int(hours * 60)}",
        source=source,
        source_url="",
        at=NOW - timedelta(hours=hours),
        **more,
    )


ENGLISH = (
    _card(
        "Police in three countries close call centres that posed as a bank’s fraud desk",
        2,
        "Harbour Post",
        excerpt="Officers took 41 people into custody and returned part of the money within a day. The "
        "callers had told customers that their accounts were under attack, and talked them into moving their "
        "savings to a “safe” one.",
        image=IMAGE,
        because=("title: fraud", "body: phone NEAR caller"),
        tags=("crime",),
        also_in=(
            Elsewhere(source="Morning Ledger", url="https://ledger.example/7", title="The works, again"),
            Elsewhere(source="Radio North", url=""),
        ),
        reading_minutes=4,
    ),
    _card(
        "Regulator gives carriers until March to mark calls with forged numbers",
        5,
        "Morning Ledger",
        excerpt="Numbers that no network vouches for will be shown as “not verified”. Small carriers say "
        "that the equipment alone will cost them a year’s profit.",
        because=("title: forged numbers", "tag: telecoms"),
        reading_minutes=3,
    ),
    _card(
        "“I knew the voice”: how a copied voice cost a family its house",
        9.5,
        "Radio North",
        excerpt="Eleven seconds of a holiday film were enough.",
        because=("lead: telecom fraud",),
        reading_minutes=12,
    ),
    _card(
        "Banks and carriers share a list of numbers, and argue about who pays when it is wrong",
        26,
        "Harbour Post",
        excerpt="In the first month 2,300 calls were cut before they rang. Nineteen of them were from "
        "hospitals.",
        because=("title: numbers", "body: telecom fraud"),
        reading_minutes=5,
    ),
    _card(HOSTILE, 27, "Bad <b>Actor</b>", excerpt=HOSTILE, because=(HOSTILE,)),
    _card("Pneumonoultramicroscopicsilicovolcanoconiosis" * 4, 30, "Longword Weekly", excerpt="A" * 200),
)
CHINESE = (
    _card(
        "多地警方联合行动，捣毁冒充客服的电信诈骗窝点",
        3,
        "江城晚报",
        language="zh",
        excerpt="警方介绍，该团伙冒充电商客服，以“退款”“注销贷款”为由诱导受害人转账。行动中抓获嫌疑人四十一名，部分被骗资金已在二十四小时内返还。",
        because=("标题：电信诈骗",),
        tags=("法治",),
        also_in=(Elsewhere(source="南岸新闻网", url="https://nan.example/1"),),
        reading_minutes=3,
    ),
    _card(
        "新规明年三月起施行：来电号码无法核验的，须在屏幕上提示",
        7,
        "南岸新闻网",
        language="zh",
        excerpt="运营商应当在接通前显示“未经核验”字样。中小企业可申请延期半年。",
        because=("标签：通信",),
        reading_minutes=2,
    ),
    _card(
        "老人接到“孙子”来电，银行柜员三句话拦下八万元", 20, "江城晚报", language="zh", because=("正文：诈骗",)
    ),
)
ARABIC = _card(
    "iPhone وأخواتها: كيف يخدع المحتالون ضحاياهم برسالة واحدة",
    11,
    "صحيفة المرفأ",
    language="ar",
    dir="rtl",
    excerpt="رسالة قصيرة تقول إن الطرد لم يصل، ورابط يشبه رابط البريد. بعد دقيقتين يكون الحساب فارغًا.",
    because=("title: احتيال",),
)
CARDS = tuple(
    replace(card, id=number)
    for number, card in enumerate(
        (ENGLISH[0], ENGLISH[1], CHINESE[0], ENGLISH[2], ARABIC, *ENGLISH[3:], *CHINESE[1:]), 1
    )
)
# With pictures of a wide, a tall and a square shape, with words for some of them, and without in one place.
SHAPES = ("1600x900", "400x900", "900x900")
PICTURED = tuple(
    replace(
        card,
        image="" if card.id == 4 else f"https://pictures.test/{SHAPES[card.id % 3]}/{card.id}.svg",
        image_alt="A harbour at dusk" if card.id % 2 else "",
        why=(Reason("sources", 3), Reason("hours", 2)) if card.id == 1 else (),
    )
    for card in CARDS
)


def feeds(slug: str) -> list[dict[str, str]]:
    rows = (
        ("rss", "RSS", "application/rss+xml"),
        ("atom", "Atom", "application/atom+xml"),
        ("json", "JSON Feed", "application/feed+json"),
    )
    return [
        {"format": f, "label": label, "url": f"{HOST}/topics/{slug}.{f}", "media_type": media}
        for f, label, media in rows
    ]


TOPIC = {
    "slug": "telecom-fraud",
    "title": "Telecom fraud",
    "description": "Calls, messages and the people behind them: what police, banks, carriers and courts do "
    "about fraud by phone, in English and Chinese.",
    "language": "en",
}
TOPIC_ZH = {
    "slug": "telecom-fraud",
    "title": "电信诈骗",
    "description": "来电、短信与幕后之人：警方、银行、运营商和法院如何应对电信网络诈骗。",
    "language": "zh",
}


def topic_page(**changes: Any) -> dict[str, Any]:
    return {
        "site": SITE,
        "topic": TOPIC,
        "feeds": feeds("telecom-fraud"),
        "readers": readers(f"{HOST}/topics/telecom-fraud.rss"),
        "cards": list(CARDS),
        "updated_at": NOW - timedelta(minutes=20),
        "digest": {"at": "07:00", "zone": "Asia/Shanghai", "frequency": "daily"},
        "paging": {"newer": "", "older": ""},
    } | changes


def archive_page(**changes: Any) -> dict[str, Any]:
    whole = f"{HOST}/topics/telecom-fraud"
    return {
        "site": SITE,
        "topic": TOPIC,
        "page": 7,
        "paging": {"newer": f"{whole}/archive/8", "older": f"{whole}/archive/6"},
        "cards": list(CARDS),
    } | changes


def editions_page(**changes: Any) -> dict[str, Any]:
    issues = [
        Issue(
            id=f"7f3a{number}",
            local_date=f"2026-11-{23 - number}",
            language=language,
            title=f"Telecom fraud: {cards[0].title}",
            articles=len(cards) * (number + 2),
            headlines=tuple(card.title for card in cards),
            at=NOW - timedelta(days=number),
        )
        for number, (language, cards) in enumerate(
            [
                ("en", ENGLISH[:4]),
                ("zh", CHINESE),
                ("en", ENGLISH[4:]),
                ("ar", (ARABIC,)),
                ("en", ENGLISH[2:3]),
            ]
        )
    ]
    where = f"{HOST}/topics/telecom-fraud/editions"
    return {
        "site": SITE,
        "topic": TOPIC | {"is_offered": True},
        "feeds": feeds("telecom-fraud/editions"),
        "issues": issues,
        "paging": {"newer": where, "older": f"{where}?before=2026-11-19.en"},
    } | changes


def readers_page(asked: Asked, **changes: Any) -> dict[str, Any]:
    begin = date(2026, 8, 30)
    by_day = {begin + timedelta(days=n): Level(1200 + 9 * n, 12 + n % 5, 3 + n % 4) for n in range(87)}
    line = Line(
        slug="china", title="China 中国", is_configured=True, active=1974, paused=12, pending=40, ended=301,
        joined=1210, left=391,
    )  # fmt: skip
    gone = replace(line, slug="tides", title="tides", is_configured=False, active=0, joined=0)
    mailing = Mailing(
        id="7f3a", subject=f"China 中国: {ENGLISH[0].title} · Nov 24, 2026", topics=("China 中国", "Fraud"),
        language="en", at=NOW, articles=17, mails=1974, accepted=1950, waiting=22, refused=2, held=0,
    )  # fmt: skip
    other = replace(mailing, subject=f"电信诈骗：{CHINESE[0].title}", language="zh", topics=("电信诈骗",))
    days = [(day.isoformat(), by_day[day]) for day in sorted(by_day, reverse=True)]
    shown = Shown(
        asked=asked, spans=SPANS, topics=[("china", "China 中国"), ("fraud", "Fraud")],
        lines=[line, gone], chart=levels(by_day), days=days, mailings=[mailing, other],
    )  # fmt: skip
    return {"site": SITE, "found": replace(shown, **changes)}


PRIVACY = {"site": SITE, "article_days": 365, "returned_days": 400, "has_reports": True}


def front_page(**changes: Any) -> dict[str, Any]:
    harbour = {**TOPIC, "slug": "ports", "title": "Ports and shipping", "description": "What moves by sea."}
    chinese = {
        **TOPIC_ZH,
        "slug": "china",
        "title": "China 中国",
        "description": "News from and about China.",
    }
    empty = {**TOPIC, "slug": "tides", "title": "Tides", "description": ""}
    shelves = [
        (TOPIC, 214, ENGLISH[:3]),
        (chinese, 1382, CHINESE),
        (harbour, 2, (ARABIC, ENGLISH[4])),
        (empty, 0, ()),
    ]
    topics = [
        {
            **topic,
            "count": count,
            "cards": list(cards),
            "updated_at": NOW,
            "feeds": feeds(str(topic["slug"])),
        }
        for topic, count, cards in shelves
    ]
    whole = [{**feed, "url": feed["url"].replace("topics/", "")} for feed in feeds("all")]
    return {"site": SITE, "topics": topics, "languages": ["en", "zh"], "feeds": whole} | changes


LINKS = {
    "web_view": f"{HOST}/editions/7f3a",
    "unsubscribe": "PERSONAL0unsubscribe0",
    "preferences": "https://news.test/preferences/PERSONAL0",
    "feed": f"{HOST}/topics/telecom-fraud.rss",
    "contact": "editor@news.test",
}


def section(
    topic: dict[str, str], cards: tuple[Card, ...], more: int = 0, *, has_top: bool = True
) -> dict[str, Any]:
    """A section of a mail; a mail has one with a top story, the first."""
    url = f"{HOST}/topics/{topic['slug']}"
    return {
        "topic": {**topic, "url": url},
        "top": cards[0] if has_top else None,
        "leads": list(cards[has_top : has_top + 5]),
        "list": list(cards[has_top + 5 :]),
        "cards": list(cards),
        "more": more,
        "more_url": url,
    }


def mail(*sections: dict[str, Any], title: str = "Telecom fraud", **changes: Any) -> dict[str, Any]:
    edition = {
        "title": title,
        "date": datetime(2026, 11, 23, 23, 0, tzinfo=UTC),  # already the 24th in Shanghai
        "zone": "Asia/Shanghai",
        "language": "en",
        "sections": list(sections) or [section(TOPIC, CARDS, more=14)],
        "total": 25,
        "minutes": 29,
        "beyond": 0,
        "beyond_url": "",
    }
    return {"site": SITE, "edition": edition, "links": LINKS, "address": "PERSONAL0address0"} | changes


def sign_up(**changes: Any) -> dict[str, Any]:
    hostile = {**TOPIC, "slug": "tides", "title": HOSTILE, "description": ""}
    shelf = (TOPIC, {**TOPIC_ZH, "slug": "china"}, hostile)
    when = {"frequency": "daily", "at": "07:00", "zone": "Asia/Shanghai"}
    asked = {"address": "", "frequency": "topic", "at": "07:00", "zone": "", "language": ""}
    return {
        "site": SITE, "state": "form", "problems": [], "wrong": set(), "notice": "", "token": "t0k3n",
        "topics": [{**topic, **when} for topic in shelf], "hidden": 1382, "chosen": {"telecom-fraud"},
        "asked": asked | changes.pop("asked", {}), "trap": "website", "hours": HOURS, "zones": zones.names(),
        "languages": [("en", "English"), ("zh", "中文")],
    } | changes  # fmt: skip


WRONG = sign_up(
    problems=["address", "no-topic", "zone"],
    wrong={"address", "topics", "zone"},
    chosen=set(),
    asked={"address": 'x" onfocus="alert(5)', "frequency": "weekly", "zone": "Atlantis"},
)
CONFIRM = {
    "site": SITE,
    "state": "ask",
    "topics": ["Telecom fraud", HOSTILE],
    "schedule": {"frequency": "weekdays", "at": "07:00", "zone": "Europe/Berlin"},
    "adds": False,
    "preferences": f"{HOST}/preferences/token",
    "action": f"{HOST}/confirm/token",
}
NOTE = {
    "url": f"{HOST}/confirm/{'t0k3n' * 20}", "topics": f"Telecom fraud\n中国\n{HOSTILE}",
    "known": "", "days": "7", "frequency": "weekdays", "at": "07:00", "zone": "Europe/Berlin",
}  # fmt: skip


def notice(state: str, **changes: Any) -> dict[str, Any]:
    return {
        "site": SITE,
        "state": state,
        "topics": ["Telecom fraud", "China 中国"],
        "action": f"{HOST}/unsubscribe/token",
        "address_hint": "l•••@example.org",
        "others": 2,
        "is_active": True,
        "preferences": f"{HOST}/preferences/token",
        "undo": "token",
        "until": NOW,
    } | changes


def wishes(**changes: Any) -> dict[str, Any]:
    """A reader's own page."""
    plan = {"frequency": "daily", "at": "07:00", "zone": "Asia/Shanghai"}
    told = {"language": "", "is_on": True, "is_silent": False, "plan": plan}
    topics = [
        told | TOPIC,
        told | TOPIC_ZH | {"slug": "zh", "is_on": False},
        told | TOPIC | {"slug": "x", "title": "Ships", "plan": None, "is_silent": True},
    ]
    sheet = {
        "action": f"{HOST}/preferences/token", "is_own": True, "address": "lin@example.org", "topics": topics,
        "hidden": 1382,
        "frequency": "", "at": "07:00", "zone": "Asia/Shanghai", "zones": ["Asia/Shanghai", "UTC"],
        "language": "", "languages": [("en", "English"), ("zh", "中文")], "format": "", "is_paused": False,
        "until": None, "first_day": "2026-11-25", "last_day": "2027-11-24", "until_zone": "UTC",
        "next": {"kind": "at", "at": NOW, "zone": "Asia/Shanghai", "clock": "07:00"},
    }  # fmt: skip
    return {"site": SITE, "sheet": sheet | changes, "said": "choice", "fault": "", "about": ""}


def wish_notice(state: str, **changes: Any) -> dict[str, Any]:
    return {
        "site": SITE, "state": state, "address": "l…@example.org", "new": "lin@new.example", "fault": "",
        "action": f"{HOST}/preferences/token", "kept": True,
        "counts": dict.fromkeys(("subscriptions", "returns", "suppressions", "notes", "signups", "links"), 1)
        | {"deliveries": 1382},
    } | changes  # fmt: skip


def hit(card: Card, *words: str) -> Hit:
    """A card as it was found by `words`."""
    asked = question(" OR ".join(words))
    assert isinstance(asked, Question)
    title, excerpt = (pieces(text, places(asked, text)) for text in (card.title, card.excerpt))
    topics = tuple(SimpleNamespace(slug=each["slug"], title=each["title"]) for each in (TOPIC, TOPIC_ZH))
    return Hit(card=card, title=title, excerpt=excerpt, topics=topics)  # type: ignore[arg-type]


def search_page(asked: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "site": SITE,
        "asked": asked,
        "topic": None,
        "found": None,
        "refused": "",
        "further": False,
        "limit": MAX_LENGTH,
    } | changes


HITS = (
    hit(ENGLISH[0], "fraud", "calls"),
    hit(CHINESE[0], "诈骗"),
    hit(ARABIC, "رسالة"),
    hit(ENGLISH[4], "quoted"),
    hit(ENGLISH[5], "pneumono*"),
)
ERROR = {
    "site": SITE,
    "status": 404,
    "near": [
        SimpleNamespace(slug="china", title="China 中国", is_public=True),
        SimpleNamespace(slug="f", title="Telecom fraud"),
    ],
}
ADMIN = {
    "site": SITE,
    "topics": [
        SimpleNamespace(slug="china", title="China 中国", is_public=True),
        SimpleNamespace(slug="fraud", title="Telecom fraud", is_public=False),
    ],
    "inside": 2,
    "found": SimpleNamespace(
        sources={"ok": 18, "total": 21},
        in_topics={"china": 1204, "fraud": 87},
        deliveries={"accepted": 310, "deferred": 2},
        next_digest_at=datetime(2026, 11, 25, 7, tzinfo=UTC),
        trouble=(),
        alarms=[
            "harbour-courier: nothing but failures since 14 November: harbour.example does not answer",
            "weekly: a confirmation mail arrived https://lists.example/confirm/8f3a",
        ],
    ),
}


def _outbox(sheet: postroom.Sheet) -> dict[str, Any]:
    return {"site": SITE, "sheet": sheet, "progress": sheet.progress}


def previewed(**changes: Any) -> dict[str, Any]:
    """The page of a topic's next mail; what it frames is another of our pictures."""
    slot = Slot(frequency="daily", at=time(7), zone="Asia/Shanghai")
    foretaste = SimpleNamespace(
        topics=(SimpleNamespace(title="Telecom fraud"), SimpleNamespace(title="China 中国")),
        slot=slot,
        at=NOW,
        address="ada@reader.example",
        is_text=True,
        is_specimen=True,
    )
    made = SimpleNamespace(
        edition=SimpleNamespace(
            subject="Telecom fraud: Police in three countries", articles=58, language="en"
        ),
        look="brief",
        usual="magazine",
        octets=87_412,
        offered=60,
        of=foretaste,
    )
    return {
        "site": SITE,
        "topic": SimpleNamespace(slug="fraud", title="Telecom fraud"),
        "asked": SimpleNamespace(look=None, language="", reader=""),
        "refused": "",
        "made": made,
        "text": "The Daily Thread\n\n* Police close call centres\nhttps://a.example/1\n",
        "faults": (),
        "looks": ("magazine", "brief", "plain"),
        "languages": ["en", "zh"],
        "limit": 90_000,
        "frame": f"{HOST}/digest-plain?",
    } | changes


# name of a picture → template, language, context
PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "index": ("web/index.html.j2", "en", front_page()),
    "index-zh": ("web/index.html.j2", "zh", front_page(site=SITE_ZH)),
    "index-empty": ("web/index.html.j2", "en", front_page(topics=[])),
    "topic": (
        "web/topic.html.j2",
        "en",
        topic_page(paging={"newer": "", "older": f"{HOST}/topics/telecom-fraud/archive/8"}),
    ),
    "topic-zh": (
        "web/topic.html.j2",
        "zh",
        topic_page(site=SITE_ZH, topic=TOPIC_ZH, cards=[*CHINESE, *ENGLISH]),
    ),
    "topic-one": (
        "web/topic.html.j2",
        "zh",
        topic_page(site=replace(SITE_ZH, search=False), topic=TOPIC_ZH, cards=[ARABIC]),
    ),
    "topic-private": (
        "web/topic.html.j2",
        "en",
        topic_page(topic=TOPIC | {"is_private": True}, cards=[replace(ENGLISH[0], image="")]),
    ),
    "topic-empty": (
        "web/topic.html.j2",
        "en",
        topic_page(cards=[], feeds=[], digest=None, updated_at=None, site=replace(SITE, contact="")),
    ),
    "archive": ("web/archive.html.j2", "en", archive_page()),
    "archive-zh": (
        "web/archive.html.j2",
        "zh",
        archive_page(site=SITE_ZH, topic=TOPIC_ZH, cards=[*CHINESE, *ENGLISH]),
    ),
    "archive-empty": ("web/archive.html.j2", "en", archive_page(cards=[])),
    "editions": ("web/editions.html.j2", "en", editions_page()),
    "editions-zh": (
        "web/editions.html.j2",
        "zh",
        editions_page(site=SITE_ZH, topic=TOPIC_ZH | {"is_offered": True}),
    ),
    "editions-empty": (
        "web/editions.html.j2",
        "en",
        editions_page(issues=[], feeds=[], paging={"newer": "", "older": ""}),
    ),
    "privacy": ("web/privacy.html.j2", "en", PRIVACY),
    "privacy-zh": ("web/privacy.html.j2", "zh", PRIVACY | {"site": SITE_ZH}),
    "readers": ("web/readers.html.j2", "en", readers_page(Asked(text="", topic="", days=90))),
    "readers-zh": (
        "web/readers.html.j2",
        "zh",
        readers_page(Asked(text="x", topic="china", days=30)) | {"site": SITE_ZH},
    ),
    "readers-empty": (
        "web/readers.html.j2",
        "en",
        readers_page(Asked(text="oranges", topic="", days=365), lines=[], chart=None, days=[], mailings=[]),
    ),
    "unsubscribe": ("web/unsubscribe.html.j2", "en", notice("ask")),
    "unsubscribe-done": ("web/unsubscribe.html.j2", "zh", notice("done", site=SITE_ZH)),
    "preferences": ("web/preferences.html.j2", "en", wishes()),
    "preferences-zh": (
        "web/preferences.html.j2",
        "zh",
        wishes(
            is_own=False,
            address="l…@example.org",
            is_paused=True,
            until=NOW,
            next={"kind": "paused", "at": NOW, "zone": "UTC", "clock": ""},
        )
        | {"site": SITE_ZH, "said": "", "fault": "until"},
    ),
    "preferences-erase": ("web/preferences_notice.html.j2", "zh", wish_notice("erase", site=SITE_ZH)),
    "unsubscribe-unknown": ("web/unsubscribe.html.j2", "en", notice("unknown")),
    "subscribe": ("web/subscribe.html.j2", "en", WRONG),
    "subscribe-zh": (
        "web/subscribe.html.j2",
        "zh",
        sign_up(site=SITE_ZH, notice="look", asked={"address": "ada@reader.example"}),
    ),
    "subscribe-sent": ("web/subscribe.html.j2", "zh", sign_up(site=SITE_ZH, state="sent")),
    "confirm": ("web/confirm.html.j2", "en", CONFIRM),
    "error": ("web/error.html.j2", "en", ERROR),
    "error-zh": ("web/error.html.j2", "zh", ERROR | {"site": SITE_ZH}),
    "error-gone": ("web/error.html.j2", "en", ERROR | {"status": 410, "near": []}),
    "error-fault": ("web/error.html.j2", "en", ERROR | {"status": 500, "near": []}),
    "search": ("web/search.html.j2", "en", search_page()),
    "search-found": (
        "web/search.html.j2",
        "en",
        search_page(
            "fraud OR 诈骗",
            topic=SimpleNamespace(**TOPIC),
            found=Found(hits=HITS, before=17, is_late=True, reached=NOW - timedelta(days=200)),
        ),
    ),
    "search-zh": ("web/search.html.j2", "zh", search_page("诈骗", site=SITE_ZH, found=Found(hits=HITS[1:3]))),
    "search-nothing": ("web/search.html.j2", "en", search_page("oranges", found=Found(hits=()))),
    "search-refused": ("web/search.html.j2", "zh", search_page("-x", site=SITE_ZH, refused="only-not")),
    "door": ("web/door.html.j2", "en", {"site": SITE, "state": "ask", "action": f"{HOST}/admin/enter/token"}),
    "door-closed": ("web/door.html.j2", "zh", {"site": SITE_ZH, "state": "closed", "action": ""}),
    "door-nowhere": ("web/door.html.j2", "zh", {"site": SITE_ZH, "state": "nowhere", "action": ""}),
    "admin": ("web/admin.html.j2", "en", ADMIN),
    "admin-zh": ("web/admin.html.j2", "zh", ADMIN | {"site": SITE_ZH}),
    "outbox": ("web/outbox.html.j2", "en", _outbox(postroom.sheet(NOW))),
    "outbox-zh": ("web/outbox.html.j2", "zh", _outbox(postroom.quiet(NOW)) | {"site": SITE_ZH}),
    "workbench": ("web/workbench.html.j2", "en", {"site": SITE, "sheet": workshop.sheet()}),
    "workbench-zh": ("web/workbench.html.j2", "zh", {"site": SITE_ZH, "sheet": workshop.sheet()}),
    "workbench-broken": (
        "web/workbench.html.j2",
        "en",
        {"site": SITE, "sheet": workshop.sheet(workshop.BROKEN)},
    ),
    "workbench-changed": ("web/workbench.html.j2", "en", {"site": SITE, "sheet": workshop.changed()}),
    "workbench-failing": (
        "web/workbench.html.j2",
        "zh",
        {"site": SITE_ZH, "sheet": workshop.sheet(workshop.FAILING)},
    ),
    "preview": (
        "web/preview.html.j2",
        "zh",
        previewed(
            site=SITE_ZH,
            asked=SimpleNamespace(look="brief", language="", reader="ada@reader.example"),
            faults=[TemplateError("email/looks/brief.html.j2", 3, "'sight' is undefined", hint="see site")],
        ),
    ),
    "digest-confirm": ("email/notes/confirm.html.j2", "en", {"site": SITE, "facts": NOTE}),
    "digest-move": (
        "email/notes/move.html.j2",
        "zh",
        {"site": SITE_ZH, "facts": NOTE},
    ),
    "digest-magazine": ("email/looks/magazine.html.j2", "en", mail(section(TOPIC, PICTURED, more=14))),
    "digest-magazine-many": (
        "email/looks/magazine.html.j2",
        "zh",
        mail(
            section({**TOPIC_ZH, "title": "China 中国"}, CHINESE * 3, more=3),
            section(TOPIC, (ARABIC, *PICTURED[:3]), has_top=False),
            title="China 中国 · Telecom fraud",
            site=SITE_ZH,
        ),
    ),
    "digest-brief": ("email/looks/brief.html.j2", "en", mail()),
    "digest-plain": (
        "email/looks/plain.html.j2",
        "en",
        mail(
            section(TOPIC, CARDS[:4]),
            section({**TOPIC_ZH, "title": "China 中国"}, CHINESE, has_top=False),
            title="Telecom fraud · China 中国",
        ),
    ),
    "digest-plain-zh": (
        "email/looks/plain.html.j2",
        "zh",
        mail(section(TOPIC_ZH, CHINESE * 3, more=3), title="电信诈骗", site=SITE_ZH),
    ),
}
