"""Mails for the tests of newsletters: written here, as mailers write them."""

from __future__ import annotations

import re
from base64 import b64encode
from html import unescape

HOME = "https://letter.example"
SUBSCRIBER = "inbox+weekly@reader.example"

FIELDS = {
    "From": "The Weekly Letter <hello@letter.example>",
    "To": SUBSCRIBER,
    "Subject": "Rivers rise",
    "Date": "Tue, 03 Nov 2026 08:30:00 +0100",
    "Message-ID": "<issue-7@letter.example>",
    "List-Id": "The Weekly Letter <weekly.letter.example>",
    "MIME-Version": "1.0",
}

STORY = (
    "<p>Rivers in the north rose for a third day on Monday, and two towns opened their schools to those who"
    " had to leave their homes.</p><p>The water is expected to fall by the end of the week, the office for"
    " water said, but more rain may come from the west.</p>"
)
TOP = f'<p><a href="{HOME}/issues/7">View in your browser</a></p>'
FOOT = (
    "<p>You receive this because you@reader.example signed up at our site. "
    f'<a href="{HOME}/unsubscribe?u=77">Unsubscribe</a> · '
    f'<a href="{HOME}/preferences/77">Manage preferences</a></p>'
    "<p>© 2026 The Weekly Letter, 1 Quay Street, Port Town</p>"
)


def letter(
    html: str = TOP + STORY + FOOT,
    *,
    text: str = "",
    charset: str = "utf-8",
    body: bytes = b"",
    **fields: str,
) -> bytes:
    """Write a mail; fields are named with underscores, an empty one is left out."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    head = {**FIELDS, **named}
    lines = [
        f"{name}: {value}\r\n".encode("utf-8", "surrogateescape") for name, value in head.items() if value
    ]
    if body:
        return b"".join(lines) + body
    parts = [("html", html)] if not text else [("plain", text), *([("html", html)] if html else [])]
    if len(parts) == 1:
        return b"".join(lines) + _part(*parts[0], charset)
    joined = b"".join(b"--cut\r\n" + _part(*part, charset) + b"\r\n" for part in parts)
    return (
        b"".join(lines)
        + b'Content-Type: multipart/alternative; boundary="cut"\r\n\r\n'
        + joined
        + b"--cut--\r\n"
    )


def _part(kind: str, content: str, charset: str) -> bytes:
    coded = b64encode(content.encode(charset, "xmlcharrefreplace"))
    lines = b"\r\n".join(coded[at : at + 76] for at in range(0, len(coded), 76))
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + lines


def wrapped(page: bytes) -> bytes:
    """Make a mail of a page that was saved without its header; its title is the subject."""
    found = re.search(rb"<title[^>]*>(.*?)</title>", page, re.DOTALL | re.IGNORECASE)
    title = " ".join(unescape(found[1].decode("utf-8", "replace")).split()) if found else ""
    subject = f"=?utf-8?b?{b64encode(title.encode()).decode()}?=" if title else ""
    head = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return letter(body=head + page, Subject=subject, List_Id="")
