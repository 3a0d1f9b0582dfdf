"""Cleaning: nothing active survives, what readers need does, and what is clean stays as it is."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syndicator.normalise import clean, to_text
from syndicator.normalise.html import MAX_LENGTH

BASE = "https://site.example/posts/1"
LINK = 'rel="noopener noreferrer"'

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "<script\x00>alert(1)</script>",
    "<script/src=data:,alert(1)></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\n=\nalert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<img src=javascript:alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img srcset='javascript:alert(1) 1x, x 2x'>",
    "<img data-src='javascript:alert(1)' src=data:image/gif;base64,AA>",
    "<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='data:text/html,<script>alert(1)</script>'></iframe>",
    "<iframe src=//ok.example title='\"><script>alert(1)</script>'></iframe>",
    "<iframe src=//ok.example title='<img src=x onerror=alert(1)>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<object type=text/x-scriptlet data=//evil.example></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=Evil.class></applet>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)'>x</a>",
    "<a href='java&#x202e;script:alert(1)'>x</a>",
    "<a href='java\u202escript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href=JaVaScRiPt:alert(1)>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='//javascript:alert(1)'>x</a>",
    "<a href=x onclick=alert(1) onmouseover=alert(1)>x</a>",
    "<a href='x' style='background:url(javascript:alert(1))'>x</a>",
    "<a href='https://ok.example' target=_blank ping=//evil.example>x</a>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style=position:fixed;inset:0>x</div>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style><!--</style><script>alert(1)//--></script>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<form><button formaction=javascript:alert(1)>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<select onfocus=alert(1) autofocus><option>x</select>",
    "<textarea><script>alert(1)</script></textarea>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video src=x onerror=alert(1) poster=javascript:alert(1)></video>",
    "<video><source onerror=alert(1) src=javascript:alert(1)></video>",
    "<audio src=javascript:alert(1) autoplay onloadstart=alert(1)></audio>",
    "<body onload=alert(1)>x</body>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<table background=javascript:alert(1)><td background=javascript:alert(1)>x</table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<noembed><img title='</noembed><img src=1 onerror=alert(1)>'></noembed>",
    "<noframes><a title='</noframes><script>alert(1)</script>'></noframes>",
    "<xmp><a title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<title><a title='</title><script>alert(1)</script>'></title>",
    "<template><script>alert(1)</script></template>",
    "<plaintext><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><script>alert(1)</script>",
    "<x-drop><script>alert(1)</script></x-drop><x-bare onclick=alert(1)>x</x-bare>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p title='&lt;script&gt;alert(1)&lt;/script&gt;'>x</p>",
    "<q cite=javascript:alert(1)>x</q><blockquote cite=javascript:alert(1)>x</blockquote>",
    "<a href='https://ok.example/\"onmouseover=\"alert(1)'>x</a>",
    "<p id=location name=cookie class=x>x</p>",
]
URLS = {"href", "src", "poster", "cite", "action", "data", "background", "srcset", "formaction"}


def active(html: str) -> list[str]:
    """Name what a browser would run, load as code, or let take over the page."""
    found = []
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "svg",
            "math",
            "form",
            "input",
            "base",
            "meta",
            "link",
        }:
            found.append(str(element.tag))
        for name, value in element.attrib.items():
            harmless = value.startswith(("http://", "https://", "mailto:")) if name in URLS else True
            if (
                str(name).startswith("on")
                or name in {"style", "srcdoc", "id", "name", "class", "ping", "target"}
                or not harmless
            ):
                found.append(f"{name}={value}")
    return found


def test_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 60
    assert active("<img src=x onerror=alert(1)><script>") == ["src=x", "onerror=alert(1)", "script"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "wrapped", ["{}", "<p><b>{}</b></p>", "<table><tr><td>{}", "<a href='/x'>{}", "<img src='/l.jpg'>{}"]
)
def test_nothing_active_survives(wrapped: str) -> None:
    for payload in PAYLOADS:
        html = wrapped.format(payload)
        for base in ("", BASE):
            cleaned = clean(html, base)
            assert active(cleaned) == [], html
            assert clean(cleaned) == cleaned, html


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("plain & simple", "plain &amp; simple"),
        ("a < b, AT&T", "a &lt; b, AT&amp;T"),
        ("<p>One<p>Two", "<p>One</p><p>Two</p>"),
        ("<a href='../b?x=1&y=2'>b</a>", f'<a href="https://site.example/b?x=1&amp;y=2" {LINK}>b</a>'),
        ("<a href='mailto:a@b.example'>m</a>", f'<a href="mailto:a@b.example" {LINK}>m</a>'),
        ("<a href='ftp://x.example/'>f</a>", '<a rel="noopener noreferrer">f</a>'),
        ("<img src='/a.png' alt='A' class=x>", '<img alt="A" src="https://site.example/a.png">'),
        (
            "<img src=data:image/gif;base64,AA data-src=/real.jpg>",
            '<img src="https://site.example/real.jpg">',
        ),
        ("<img src=/spacer.gif data-lazy-src=/real.jpg>", '<img src="https://site.example/real.jpg">'),
        ("<img data-srcset='/s.jpg 300w, /l.jpg 900w' src=data:,>", '<img src="https://site.example/l.jpg">'),
        ("a<img src=/p.gif width=1 height=1>b", "ab"),
        ("a<img src=/p.gif style='display:none'>b", "ab"),
        ("a<img src=https://feeds.feedburner.com/~r/x/~4/y>b", "ab"),
        ("a<img src=data:image/png;base64,AAAA>b", "ab"),
        (
            "<picture><source srcset='/w.webp 2x'><img src=data:,></picture>t",
            '<img src="https://site.example/w.webp">t',
        ),
        (
            "<img data-src=/l.jpg><noscript><img src=/l.jpg></noscript>",
            '<img src="https://site.example/l.jpg">',
        ),
        ("<noscript><img src=/n.jpg></noscript>", '<img src="https://site.example/n.jpg">'),
        (
            "<iframe src='https://www.youtube.com/embed/abc_DEF-123' title=Film></iframe>after",
            f'<a href="https://www.youtube.com/watch?v=abc_DEF-123" {LINK}>Film</a>after',
        ),
        ("<iframe src=//f.example/x></iframe>", f'<a href="https://f.example/x" {LINK}>f.example</a>'),
        ("<iframe src=/x width=0></iframe>a", "a"),
        (
            "<video><source src=/v.mp4></video>",
            '<video controls=""><source src="https://site.example/v.mp4"></video>',
        ),
        ("<form>kept <input value=x></form>", "kept"),
        ("<object data=/x.swf><a href=/x>y</a></object>", f'<a href="https://site.example/x" {LINK}>y</a>'),
    ],
)
def test_what_readers_need_is_kept(raw: str, cleaned: str) -> None:
    assert clean(raw, BASE) == cleaned


def test_relative_addresses_without_a_base_go() -> None:
    assert clean("<a href='/x'>x</a><img src='y.png'>") == '<a rel="noopener noreferrer">x</a>'


@pytest.mark.parametrize(
    "costly",
    [
        "<div>" * 100_000 + "deep",
        "<b>" * 100_000 + "deep",
        "<p " + "a " * 50_000 + ">deep",
        "&" * 100_000 + " deep",
    ],
    ids=["nested", "formatting", "attributes", "ampersands"],
)
def test_what_would_cost_too_much_becomes_text(costly: str) -> None:
    cleaned = clean(costly)
    assert "<div" not in cleaned
    assert to_text(cleaned).endswith("deep")
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("unit", ["<p>word</p>", "&", "<", "word "])
def test_length_is_limited_before_and_after(unit: str) -> None:
    cleaned = clean(unit * (2 * MAX_LENGTH // len(unit)))
    assert 0 < len(cleaned) <= MAX_LENGTH
    assert clean(cleaned) == cleaned


SOUP = """<p> </p> <b> </b> <a href='/x'> </a> <table> <tr> <td> </table> <pre> </pre> <ul> <li> <img
src=x> <br> </br> <button> <select> <svg> <math> <style> </style> <!-- --> <noscript>
</noscript> <picture> <source srcset=x> </picture> <iframe src=//y> <object> </object> <video>
</div> <div> <h1> </h2> <frameset> <title> <ruby> <rt> &amp; &lt; & < > " ' x <xmp> <template>
</template> <details> <form> </form> <font>"""
PIECES = st.sampled_from(SOUP.replace("\n", " ").split(" ")) | st.text(max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
@example("<pre>\n\n\n\n\n\nx</pre>")
@example("<table><b><tr><p><table><a href='/x'><td><a href='/y'>")
def test_cleaning_twice_changes_nothing(html: str) -> None:
    cleaned = clean(html, BASE)
    assert clean(cleaned, BASE) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<b>bo</b>ld", "bold"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", "a b"),
        ('<p title="a > b">x</p>', "x"),
        ("a\n  b&nbsp;c", "a b c"),
    ],
)
def test_text_of_clean_html(html: str, text: str) -> None:
    assert to_text(html) == text
