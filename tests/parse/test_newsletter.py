from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from letters import FOOT, HOME, STORY, SUBSCRIBER, TOP, letter

from syndicator.parse.newsletter import Own, read

ISSUE = f"{HOME}/issues/7"


def only(raw: bytes, **options: object):
    mail = read(raw, **options)
    assert (mail.kind, len(mail.entries)) == ("issue", 1), mail.note
    return mail.entries[0]


def said(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


# One mail, one article ------------------------------------------------------------------------------------


def test_an_issue_is_an_article() -> None:
    mail = read(letter())
    (entry,) = mail.entries
    assert (mail.kind, mail.title, mail.list_id) == ("issue", "The Weekly Letter", "weekly.letter.example")
    assert mail.homepage == f"{HOME}/"
    assert (entry.title, entry.url, entry.guid) == ("Rivers rise", ISSUE, "issue-7@letter.example")
    assert entry.authors == ("The Weekly Letter",)
    assert entry.published_at == datetime(2026, 11, 3, 7, 30, tzinfo=UTC)
    assert said(entry.content) == said(STORY)


def test_html_is_preferred_and_text_will_do() -> None:
    assert said(only(letter(text="See the web page.")).content) == said(STORY)
    plain = only(letter("", text="First & last.\r\n\r\nMore at https://a.example/b?c=1&d=2.\r\n"))
    assert plain.content == (
        "<p>First &amp; last.</p>"
        '<p>More at <a href="https://a.example/b?c=1&amp;d=2">https://a.example/b?c=1&amp;d=2</a>.</p>'
    )


def test_a_mail_without_message_id_has_the_same_name_each_time() -> None:
    raw = letter(Message_ID="")
    assert only(raw).guid == only(raw).guid
    assert len(only(raw).guid) == 64


@pytest.mark.parametrize(
    ("date", "received", "expected"),
    [
        ("Tue, 03 Nov 2026 08:30:00 +0100", "Tue, 3 Nov 2026 07:31:00 +0000", "2026-11-03T07:30"),
        ("Fri, 01 Jan 2038 00:00:00 +0000", "Tue, 3 Nov 2026 07:31:00 +0000", "2026-11-03T07:31"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 3 Nov 2026 07:31:00 +0000", "2026-11-03T07:31"),
        ("", "Tue, 3 Nov 2026 07:31:00 +0000 (UTC)", "2026-11-03T07:31"),
        ("next Tuesday", "Tue, 3 Nov 2026 07:31:00 +0000", "2026-11-03T07:31"),
        ("", "", "2026-11-04T00:00"),
    ],
)
def test_the_date_is_bounded_by_the_arrival(date: str, received: str, expected: str) -> None:
    trace = f"from a.example by mx.reader.example; {received}" if received else ""
    entry = only(letter(Date=date, Received=trace), arrived_at=datetime(2026, 11, 4, tzinfo=UTC))
    assert entry.published_at.strftime("%Y-%m-%dT%H:%M") == expected


# Words and bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?utf-8?q?=E6=B2=B3=E6=B0=B4?= =?utf-8?q?=E4=B8=8A=E6=B6=A8?=", "河水上涨"),
        ("=?gb2312?B?usvLrg==?=", "核水"),
        ("=?utf-8?B?5rI=?= =?utf-8?B?s+awtA==?=", "河水"),  # one character in two words
        ("=?big5?B?qmWk9A==?=", "河水"),
        ("=?windows-1251?Q?=D0=E5=EA=E0?=", "Река"),
        ("=?utf-8?q?a=0ABcc:_x@y.example?=", "a Bcc: x@y.example"),
        ("=?utf-8?q?a=00b=1B=5B31m=E2=80=AEc?=", "ab[31mc"),
        ("=?utf-8?q?not_closed", "=?utf-8?q?not_closed"),
        ("=?no-such?q?abc?=", "abc"),
        ("AT&T <b>bold</b>", "AT&T <b>bold</b>"),
        ("folded\r\n over lines", "folded over lines"),
    ],
)
def test_subjects(subject: str, title: str) -> None:
    assert only(letter(Subject=subject)).title == title


def test_a_subject_in_raw_bytes() -> None:
    for charset in ("utf-8", "gbk"):
        raw = letter(Subject="SUBJECT").replace(b"SUBJECT", "河水上涨，两个城镇的学校开放".encode(charset))
        assert only(raw).title == "河水上涨，两个城镇的学校开放"


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("gb2312", "gbk"),
        ("utf-8", "gbk"),  # a lie
        ("us-ascii", "utf-8"),
        ("big5", "big5"),
        ("gbk", "utf-8"),
        ("x-nonsense", "utf-8"),
    ],
)
@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_charsets_and_encodings(declared: str, written: str, encoding: str) -> None:
    import base64
    import quopri

    story = (
        "北方的河水連日上漲，兩個城鎮的學校開放給離家的人"
        if written == "big5"
        else "北方的河水连日上涨，两个城镇的学校开放给离家的人。"
    )
    octets = f"<p>{story * 8}</p>".encode(written)
    coded = {"8bit": lambda b: b, "base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[
        encoding
    ](octets)
    head = f"Content-Type: text/html; charset={declared}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    assert said(only(letter(body=head.encode() + coded)).content) == story * 8


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ('"Lee, Ann" <a@b.example>', "Lee, Ann"),
        ("=?utf-8?b?5p2O5Zub?= <a@b.example>", "李四"),
        ("a@b.example", "The Weekly Letter"),
        ("Ann Lee", "The Weekly Letter"),
        (
            "=?utf-8?q?Ann_<x@evil.example>,?= <a@b.example>",
            "The Weekly Letter",
        ),  # no phrase may hold a bracket
    ],
)
def test_the_author_is_the_senders_name(sender: str, author: str) -> None:
    assert only(letter(From=sender)).authors == (author,)


# Furniture ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "View in your browser",
        "Read online",
        "View this email in your browser",
        "Web version",
        "View Online →",
        "Im Browser ansehen",
        "Online ansehen",
        "Lire en ligne",
        "Voir dans votre navigateur",
        "Ver en el navegador",
        "Visualizza nel browser",
        "Bekijk in je browser",
        "Открыть в браузере",
        "在浏览器中打开",
        "查看网页版",
        "在瀏覽器中檢視",
        "ブラウザで見る",
    ],
)
def test_the_way_to_the_web_is_found_and_removed(words: str) -> None:
    entry = only(letter(f'<p><a href="{HOME}/7">{words}</a></p>{STORY}'))
    assert (entry.url, said(entry.content)) == (f"{HOME}/7", said(STORY))


def test_the_way_to_the_web_by_what_stands_around_it() -> None:
    html = (
        f'<p>Trouble reading this? <a href="{HOME}/7">Click here</a> to view it in your browser.</p>{STORY}'
    )
    assert only(letter(html)).url == f"{HOME}/7"


@pytest.mark.parametrize(
    ("fields", "html", "url"),
    [
        ({"Archived_At": "<https://l.example/a>"}, TOP + STORY, "https://l.example/a"),
        ({"List_Post": "<https://l.example/p/a>"}, STORY, "https://l.example/p/a"),
        ({"List_Post": "<mailto:list@l.example>"}, STORY, ""),
        ({"List_Post": "<https://l.example/>"}, STORY, ""),
        ({}, f'<h2><a href="{HOME}/rise">Rivers  RISE</a></h2>' + STORY, f"{HOME}/rise"),
        ({}, f'<h1><a href="{HOME}/rise">The north</a></h1>' + STORY, f"{HOME}/rise"),
        (
            {},
            STORY + f'<a href="https://x.com/intent/tweet?url={HOME}%2Fp%2F1%3Futm_source%3Dmail">Tweet</a>',
            f"{HOME}/p/1",
        ),
        # a redirect that hides where it leads stands behind an address that says it
        (
            {},
            '<a href="https://t.example/ls/click?upn=1">Read online</a>' + STORY,
            "https://t.example/ls/click?upn=1",
        ),
        (
            {},
            '<a href="https://t.example/ls/click?upn=1">Read online</a>'
            f'<h1><a href="{HOME}/rise">Rivers rise</a></h1>' + STORY,
            f"{HOME}/rise",
        ),
        ({}, '<a href="javascript:alert(1)">Read online</a>' + STORY, ""),
        ({}, STORY, ""),
    ],
)
def test_where_the_issue_is_on_the_web(fields: dict[str, str], html: str, url: str) -> None:
    assert only(letter(html, **fields)).url == url


def test_the_text_part_may_say_it() -> None:
    html = '<a href="https://t.example/ls/click?upn=1">Read online</a>' + STORY
    text = f"View this post on the web at {HOME}/p/7\r\n\r\nRivers"
    assert only(letter(html, text=text)).url == f"{HOME}/p/7"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">secret preview</div>',
        '<span style="visibility: hidden">secret preview</span>',
        '<div style="max-height:0;overflow:hidden">secret preview</div>',
        '<div style="color:#fff;opacity:0">secret preview</div>',
        '<p style="mso-hide:all">secret preview</p>',
        "<p hidden>secret preview</p>",
        "<style>.secret{}</style><script>secret()</script><title>secret</title>",
        "<!-- secret --><!--[if mso]><p>secret</p><![endif]-->",
        '<img src="https://t.example/secret.png" width="1" height="1">',
        '<img src="https://t.example/secret.png" style="width:1px;height:1px">',
        '<img src="https://t.example/wf/open?secret">',
        '<img src="cid:secret@letter">',
    ],
)
def test_what_is_not_seen_is_dropped(hidden: str) -> None:
    assert "secret" not in only(letter(hidden + STORY)).content


def test_filler_behind_a_preview_is_dropped() -> None:
    assert "\u200c" not in only(letter(f"<p>Preview{'&nbsp;&zwnj;' * 90}</p>{STORY}")).content


@pytest.mark.parametrize(
    "words", ["Share", "Click to Share", "Forward to a friend", "Like", "分享", "Teilen", "Open in app"]
)
def test_sharing_is_dropped(words: str) -> None:
    html = (
        f'{STORY}<p><a href="https://t.example/ls/click?1">{words}</a></p><p>The end of the story it is.</p>'
    )
    assert words not in said(only(letter(html)).content)
    assert "The end of the story" in only(letter(html)).content


def test_pictures_of_networks_are_dropped_and_persons_are_not() -> None:
    html = (
        '<p><a href="https://www.facebook.com/letter"><img alt="Facebook" src="https://i.example/f.png"></a></p>'
        f'{STORY}<p><a href="https://x.com/annlee">Ann Lee</a> wrote this, as ever, on a train.</p>'
    )
    content = only(letter(html)).content
    assert "facebook" not in content.lower()
    assert "https://x.com/annlee" in content


# The subscriber -------------------------------------------------------------------------------------------

PERSONAL = [
    f"<p>Sent to {SUBSCRIBER}</p>",
    f"<p>Hello {SUBSCRIBER}, did you see that the river rose in the north of the whole land today?</p>",
    '<a href="https://l.example/u/1?email=inbox%2Bweekly%40reader.example">Our <b>page</b></a>',
    '<a href="https://l.example/u/aW5ib3grd2Vla2x5QHJlYWRlci5leGFtcGxl">coded</a>',
    '<a href="mailto:leave+inbox+weekly=reader.example@l.example">VERP</a>',
    f'<img src="https://l.example/i.png?to={SUBSCRIBER}">',
    '<a href="https://l.example/unsubscribe/TOKEN">Leave</a>',
    '<a href="https://t.example/ls/click?upn=TOKEN">Unsubscribe</a>',
    '<a href="https://t.example/ls/click?upn=TOKEN">Update your profile</a>',
    '<a href="https://t.example/ls/click?upn=TOKEN">退订</a>',
    '<a href="https://t.example/ls/click?upn=TOKEN">Abmelden</a>',
    '<a href="https://t.example/ls/click?upn=TOKEN">Se désabonner</a>',
    '<p>To leave this list, opt out <a href="https://t.example/ls/click?upn=TOKEN">here</a>.</p>',
    '<a href="https://l.example/p/9?token=TOKEN">story</a>',
    '<a href="https://l.example/leave?x=TOKEN">Bye</a>',
]


@pytest.mark.parametrize("html", PERSONAL)
@pytest.mark.parametrize("place", ["before", "after", "within"])
@pytest.mark.parametrize("articles", ["mail", "links"])
def test_nothing_of_the_subscriber_is_published(html: str, place: str, articles: str) -> None:
    whole = {"before": html + STORY, "after": STORY + html, "within": STORY + html + STORY}[place]
    raw = letter(whole, List_Unsubscribe="<mailto:l@l.example>, <https://l.example/leave?x=TOKEN>")
    mail = read(raw, articles=articles)
    published = repr(mail.entries) + mail.note
    for secret in ("inbox", "reader.example", "TOKEN", "aW5ib3"):
        assert secret not in published
    assert "two towns opened" in mail.entries[0].content


def test_the_footer_goes_and_the_story_stays() -> None:
    content = only(letter()).content
    assert "Quay Street" not in content
    assert "you@reader" not in content
    inline = STORY.replace("third day", '<a href="https://a.example/unsubscribe-rates">third</a> day')
    assert "The water is expected" in only(letter(inline + FOOT)).content


# Redirects ------------------------------------------------------------------------------------------------

REDIRECTS = [
    (
        "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fb&data=x",
        "https://a.example/b",
    ),
    ("https://www.google.com/url?q=https://a.example/b&sa=D", "https://a.example/b"),
    ("https://click.l.example/t?url=https%3A%2F%2Fa.example%2Fb%3Fc%3D1", "https://a.example/b?c=1"),
    (
        "https://substack.com/redirect/2/eyJlIjoiaHR0cHM6Ly9hLmV4YW1wbGUvYiIsInAiOjF9.sig",
        "https://a.example/b",
    ),
    ("https://click.l.example/x/y/aHR0cHM6Ly9hLmV4YW1wbGUvYg==", "https://a.example/b"),
    ("https://abc.r.us-east-1.awstrack.me/L0/https:%2F%2Fa.example%2Fb/1/01/x=1", "https://a.example/b"),
    ("https://urldefense.com/v3/__https://a.example/b__;!!x", "https://a.example/b"),
    ("https://a.example/b?mc_eid=1&id=2", "https://a.example/b?id=2"),
    # those that say nothing stay as they are
    (
        "https://u1.ct.sendgrid.net/ls/click?upn=xyz&token=1",
        "https://u1.ct.sendgrid.net/ls/click?upn=xyz&token=1",
    ),
    ("https://a.example/share?url=https://b.example/", "https://a.example/share?url=https://b.example/"),
    (
        "https://web.archive.org/web/2020/https://a.example/",
        "https://web.archive.org/web/2020/https://a.example/",
    ),
    (
        "https://click.l.example/t?url=javascript:alert(1)",
        "https://click.l.example/t?url=javascript:alert(1)",
    ),
    ("https://click.l.example/aHR0cHM6Ly8", "https://click.l.example/aHR0cHM6Ly8"),
]


@pytest.mark.parametrize(("link", "target"), REDIRECTS)
def test_redirects_that_say_where_they_lead(link: str, target: str) -> None:
    html = f'{STORY}<p>And in the south, <a href="{link.replace("&", "&amp;")}">the drought</a> goes on.</p>'
    found = re.search(r'href="([^"]*)">the drought', only(letter(html)).content)
    assert found is not None
    assert unescape(found[1]) == target


# No issue -------------------------------------------------------------------------------------------------

CONFIRMATIONS = [
    ("Please confirm your subscription", "Confirm my subscription"),
    ("Confirm your email address", "Yes, subscribe me"),
    ("One more step", "Verify email"),
    ("Bitte bestätigen Sie Ihre Anmeldung", "Anmeldung bestätigen"),
    ("Confirmez votre inscription", "Je confirme mon inscription"),
    ("请确认您的订阅", "确认订阅"),
    ("請確認您的訂閱", "確認"),
    ("Confirma tu suscripción", "Confirmar"),
    ("Conferma la tua iscrizione", "Conferma"),
    ("Bevestig je inschrijving", "Bevestigen"),
    ("Подтвердите подписку", "Подтвердить"),
    ("メールアドレスの確認", "確認する"),
]


@pytest.mark.parametrize(("subject", "words"), CONFIRMATIONS)
def test_a_confirmation_is_for_an_admin(subject: str, words: str) -> None:
    html = f'<h1>{subject}</h1><p><a href="{HOME}/c/1">{words}</a></p><p><a href="{HOME}">Home</a></p>'
    mail = read(letter(html, Subject=subject))
    assert (mail.kind, mail.confirm_url, mail.entries) == ("confirmation", f"{HOME}/c/1", ())
    assert "The Weekly Letter" in mail.note
    assert SUBSCRIBER not in mail.note


def test_a_confirmation_in_plain_text() -> None:
    text = f"Hello,\r\n\r\nto confirm your subscription open this address:\r\n\r\n{HOME}/optin?c=1\r\n\r\nBye"
    mail = read(letter("", text=text, Subject="The Weekly Letter"))
    assert (mail.kind, mail.confirm_url) == ("confirmation", f"{HOME}/optin?c=1")
    text = "To confirm your subscription reply to this mail and keep the subject."
    mail = read(letter("", text=text, Subject="confirm 0123456789abcdef"))
    assert (mail.kind, mail.confirm_url) == ("confirmation", "")
    assert "answer it" in mail.note


@pytest.mark.parametrize(
    "subject",
    [
        "Scientists confirm your email is listening",
        "Confirm your subscription to reality",
        "Welcome to the drought",
        "确认订阅人数的办法",
    ],
)
def test_a_long_story_is_an_issue_whatever_its_subject(subject: str) -> None:
    assert only(letter(TOP + STORY * 15 + FOOT, Subject=subject)).title == subject


@pytest.mark.parametrize(
    "subject",
    ["Welcome to The Weekly Letter", "Thanks for subscribing!", "Willkommen!", "Bienvenue !", "欢迎订阅周报"],
)
def test_a_greeting_is_no_article(subject: str) -> None:
    mail = read(
        letter("<p>We are glad that you are here. The first issue comes on Sunday.</p>", Subject=subject)
    )
    assert (mail.kind, mail.entries) == ("welcome", ())
    assert mail.note


NEWS_LINKS = "".join(f'<p><a href="{HOME}/{n}">The bridge opens again, says {n}</a></p>' for n in range(3))
ISSUES = [
    ("Welcome to Monday: five stories to read", NEWS_LINKS, True),
    ("Welcome to Monday", STORY, False),
    ("Willkommen im neuen Jahr", STORY, False),
    ("Bienvenue en 2027", STORY, False),
    ("Thanks for signing up to vote: turnout record", STORY, True),
    ("The week", f"<p>Welcome to the weekly news of our town!</p>{STORY}", False),
    ("欢迎加入讨论", STORY, False),
]


@pytest.mark.parametrize(("subject", "html", "is_first"), ISSUES)
def test_an_issue_may_bid_welcome(subject: str, html: str, is_first: bool) -> None:
    assert read(letter(html, Subject=subject), is_first=is_first).kind == "issue"


@pytest.mark.parametrize("is_first", [False, True])
def test_whoever_thanks_for_subscribing_greets_at_any_time(is_first: bool) -> None:
    mail = read(letter("<p>Thanks for subscribing to The Letter!</p>", Subject="Hello"), is_first=is_first)
    assert mail.kind == "welcome"


OWN = Own(addresses=("news@ours.example",), base_url="https://ours.example")


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "News <NEWS@ours.example>"},
        {"List_Unsubscribe": "<https://ours.example/unsubscribe/abc>"},
        {
            "Message_ID": "<0a1b2c.17@ours.example>",
            "List_Id": "Fraud <fraud.ours.example>",
            "From": "list@b.example",
        },
        {"From": "list@b.example", "Sender": "News <news@ours.example>"},
        {"From": "list@b.example", "Reply_To": "news@OURS.example"},
        {"From": "friend@b.example", "Resent_From": "news@ours.example"},
    ],
)
def test_our_own_digests_are_refused(fields: dict[str, str]) -> None:
    mail = read(letter(Auto_Submitted="auto-generated", **fields), own=OWN)
    assert (mail.kind, mail.entries) == ("loop", ())


@pytest.mark.parametrize(
    "fields",
    [
        {
            "From": "Press <press@ours.example>",
            "Message_ID": "<x@ours.example>",
            "List_Id": "<press.ours.example>",
        },
        {"Auto_Submitted": "auto-generated", "Precedence": "bulk"},
        {"List_Unsubscribe": "<https://ours.example.evil.example/unsubscribe/abc>"},
        {"X_Auto_Response_Suppress": "All"},
    ],
)
def test_others_are_not(fields: dict[str, str]) -> None:
    assert read(letter(**fields), own=OWN).kind == "issue"


@pytest.mark.parametrize("base", ["https://ours.example", "https://ours.example.evil.example"])
@pytest.mark.parametrize("where", ["html", "text"])
def test_a_digest_of_ours_that_somebody_forwards_is_known_by_its_link(base: str, where: str) -> None:
    link = f"{base}/unsubscribe/eyJ.abc"
    html = f'{STORY}<p><a href="{link}">Unsubscribe</a></p>' if where == "html" else ""
    text = f"{'A story of rivers. ' * 30}\r\n\r\nUnsubscribe: {link}\r\n" if where == "text" else ""
    mail = read(letter(html, text=text, Subject="Fwd: Rivers"), own=OWN)
    assert mail.kind == ("loop" if base == OWN.base_url else "issue")


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Return_Path": "<>"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"Content_Type": 'multipart/report; boundary="x"; report-type=delivery-status'},
    ],
)
def test_answers_of_machines_are_no_articles(fields: dict[str, str]) -> None:
    mail = read(letter(body=b"\r\nI am away.\r\n", **fields))
    assert (mail.kind, mail.entries) == ("other", ())
    assert "Rivers rise" in mail.note


def test_attachments_do_no_harm() -> None:
    parts = [
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b'Content-Type: text/html\r\nContent-Disposition: attachment; filename="a.html"\r\n\r\n<p>attached',
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/html\r\n\r\n<p>inner",
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
        b"Content-Type: text/html; charset=utf-8\r\n\r\n" + STORY.encode(),
    ]
    body = b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n' + b"".join(
        b"--m\r\n" + part + b"\r\n" for part in parts
    )
    assert said(only(letter(body=body + b"--m--\r\n")).content) == said(STORY)


# One article for each block of links ----------------------------------------------------------------------

ITEMS = "".join(
    f'<tr><td><h3><a href="https://n.example/{n}">Story number {n} of the day</a></h3></td></tr>'
    f"<tr><td>What is known so far about story {n}, told in a sentence or two.</td></tr>"
    f'<tr><td><a href="https://n.example/{n}">Read more</a></td></tr>'
    for n in range(1, 4)
)


def blocks(html: str) -> list[tuple[str, str, str]]:
    mail = read(letter(html), articles="links")
    return [(entry.url, entry.title, said(entry.content)) for entry in mail.entries]


def test_a_list_of_links() -> None:
    assert blocks(f"{TOP}<table>{ITEMS}</table>{FOOT}") == [
        (
            f"https://n.example/{n}",
            f"Story number {n} of the day",
            f"What is known so far about story {n}, told in a sentence or two.",
        )
        for n in (1, 2, 3)
    ]


def test_forms_of_blocks() -> None:
    html = """
      <ul><li><a href="https://n.example/a">A title that leads its line</a> –
      and what is said about it.</li></ul>
      <h2>Headings without a link</h2>
      <p>What follows them tells the story. <a href="https://n.example/b">Read more</a></p>
      <p><a href="https://n.example/c">河水上涨两镇学校开放</a></p><p>北方的河水连日上涨，两个城镇的学校开放给离家的人，官方说周末会退。</p>
      <p>Sponsored</p><p><a href="https://ad.example/">Buy the very best boots</a></p>
      <p>Boots for all of the weathers that may come.</p>
      <h2>And more</h2><p><a href="https://n.example/d">The last of the stories</a></p>
      <p>What did you think of this issue?</p><p><a href="https://n.example/vote">It was a great one</a></p>
    """
    assert [each[:2] for each in blocks(html)] == [
        ("https://n.example/a", "A title that leads its line"),
        ("https://n.example/b", "Headings without a link"),
        ("https://n.example/c", "河水上涨两镇学校开放"),
        ("https://n.example/d", "The last of the stories"),
    ]
    assert blocks(html)[0][2] == "and what is said about it."
    assert "Boots" not in str(blocks(html))


def test_a_mail_that_is_no_list_is_one_article() -> None:
    mail = read(letter(), articles="links")
    assert [entry.url for entry in mail.entries] == [ISSUE]


def test_there_are_fifty_at_most() -> None:
    many = "".join(
        f'<h3><a href="https://n.example/{n}">Story number {n} of the day</a></h3>' for n in range(90)
    )
    assert len(blocks(many)) == 50
