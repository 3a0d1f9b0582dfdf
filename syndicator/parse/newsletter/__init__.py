"""From a mail to entries: newsletters read as what they are, pages that came by post.

Pure: bytes in, values out. `read` never raises for what the bytes are.

    mime       a mail taken apart, its texts decoded
    words      encoded-words of header fields
    facts      what the header tells
    kinds      issue, confirmation, greeting, loop, other
    page       HTML as a tree of what is seen
    furniture  the way to the web and out of the list, sharing, footers, the subscriber's own address
    blocks     one block for each link of a list of links
    plain      mails without HTML
    links      tracking redirects, personal parameters
    phrases    what newsletters say around their articles, in many languages
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from syndicator.model import Entry
from syndicator.parse.newsletter import blocks, facts, furniture, kinds, mime, page, plain
from syndicator.parse.newsletter.kinds import Kind, Own, Verdict
from syndicator.parse.newsletter.links import is_opaque, unwrapped
from syndicator.parse.newsletter.words import line

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.parse.newsletter.facts import Facts
    from syndicator.parse.newsletter.mime import Part
    from syndicator.parse.newsletter.page import Element

__all__ = ["Kind", "Mail", "Own", "read"]

_MAX_TITLE: Final = 500  # characters
_FEWEST_BLOCKS: Final = 2  # fewer links than this are no list


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one mail brought. Only an issue has entries; all others have a `note` for an admin."""

    kind: Kind
    entries: tuple[Entry, ...] = ()
    subject: str = ""
    title: str = ""  # of the list, or its sender's name
    homepage: str = ""
    language: str = ""  # as declared
    list_id: str = ""  # RFC 2919
    confirm_url: str = ""  # of a confirmation; for a person to open, never for us
    note: str = ""  # one line


def read(
    raw: bytes,
    *,
    own: Own | None = None,
    articles: Literal["mail", "links"] = "mail",
    arrived_at: datetime | None = None,
    is_first: bool = True,
) -> Mail:
    """Read a mail as it lies in a mailbox (RFC 5322).

    `own` tells our own mail, which is refused; `articles` is what becomes an entry: the mail, or each block
    of a list of links (the mail again where there is no such list); `arrived_at` bounds the Date. `is_first`
    if no issue has come from there yet: then a greeting is expected.
    """
    whole = mime.root(raw)
    told = facts.of(whole, raw, arrived_at)
    verdict = kinds.automatic(whole, told, own or Own())
    if verdict:
        return _mail(verdict, told)
    html, text = _bodies(whole)
    body = page.read(html) if html else None
    if body is None and (text or html):
        body = page.read(plain.to_html(text or html))
    if body is None:
        return _mail(Verdict("other", f"a mail without text, not read: {told.subject}"), told)
    said = _links(body, text)
    verdict = kinds.told(told, _lines(body), said, is_first=is_first)
    if verdict.kind == "issue" and kinds.holds_our_link(said, text, own or Own()):
        verdict = Verdict("loop", f"one of our own digests came back: {told.subject}")
    if verdict.kind != "issue":
        return _mail(verdict, told)
    language = told.language or page.language(html)
    entries = _entries(body, told, text=text, language=language, articles=articles)
    if not entries:
        return _mail(Verdict("other", f"a mail without text, not read: {told.subject}"), told)
    return _mail(verdict, told, entries=entries, language=language)


def _mail(verdict: Verdict, told: Facts, *, entries: tuple[Entry, ...] = (), language: str = "") -> Mail:
    return Mail(
        kind=verdict.kind,
        entries=entries,
        subject=_title(told),
        title=told.list_name or told.sender_name or told.sender,
        homepage=told.homepage or _site(entries),
        language=language or told.language,
        list_id=told.list_id,
        confirm_url=verdict.confirm_url,
        note=line(furniture.without_person(verdict.note, told.recipients)),
    )


def _bodies(whole: Part) -> tuple[str, str]:
    """Choose the texts: the first HTML, and all plain text before any (RFC 2046 5.1.4: the last is best)."""
    html = text = ""
    for part in mime.leaves(whole):
        if part.header.get_content_disposition() == "attachment":
            continue
        if part.type in ("text/html", "application/xhtml+xml"):
            html = html or part.text()
        elif part.type == "text/plain" and not text:
            text = part.text()
    if text and not html and page.looks_whole(text):
        return text, ""
    return html, text


def _links(body: Element, text: str) -> list[tuple[str, str]]:
    found = [(page.label(link), unwrapped(link.get("href"))) for link in page.links(body)[:500]]
    return [(words, url) for words, url in found if url.startswith("http")] or list(plain.links(text))[:500]


def _lines(body: Element) -> str:
    return "\n".join(said for part in body.itertext() if (said := " ".join(part.split())))


def _entries(
    body: Element, told: Facts, *, text: str, language: str, articles: Literal["mail", "links"]
) -> tuple[Entry, ...]:
    found = furniture.strip(body, told)
    if articles == "links":
        split = blocks.split(body)
        if len(split) >= _FEWEST_BLOCKS:
            return tuple(_of_block(block, told, language) for block in split)
    if page.is_empty(body):
        return ()
    _without_title(body, told.subject)
    author = told.sender_name or told.list_name
    entry = Entry(
        guid=told.guid,
        url=_url(found.urls, text, told),
        title=_title(told),
        published_at=told.sent_at,
        authors=(author,) if author else (),
        language=language,
        content=page.write(body),
    )
    return (entry,)


def _of_block(block: blocks.Block, told: Facts, language: str) -> Entry:
    said = "".join(f"<p>{escape(each, quote=False)}</p>" for each in block.blurb.split("\n") if each)
    return Entry(
        # The link names the article: a mail that comes twice, or says it again, brings nothing new.
        guid=block.url,
        url=block.url,
        title=line(block.title)[:_MAX_TITLE],
        published_at=told.sent_at,
        language=language,
        content=said,
    )


def _url(urls: tuple[str, ...], text: str, told: Facts) -> str:
    """Give where the issue stands on the web: said openly at best, else in the text part, else a redirect."""
    clear = next((url for url in urls if not is_opaque(url)), "")
    if clear:
        return clear
    for words, url in plain.links(text[:3_000]):
        if furniture.is_online(words) and not is_opaque(url) and url not in told.leave_urls:
            return url
    return urls[0] if urls else ""


def _title(told: Facts) -> str:
    return furniture.without_person(told.subject, told.recipients).strip()[:_MAX_TITLE]


def _without_title(body: Element, subject: str) -> None:
    """Drop the heading that says the subject again."""
    first = next(body.iter(*page.HEADINGS), None)
    if first is not None and furniture.same_words(page.text(first, 500), subject):
        page.remove(first)


def _site(entries: tuple[Entry, ...]) -> str:
    """Give the site of the issue, where its address is no redirect."""
    if len(entries) != 1 or not entries[0].url or is_opaque(entries[0].url):
        return ""
    parts = urlsplit(entries[0].url)
    return f"{parts.scheme}://{parts.netloc}/"
