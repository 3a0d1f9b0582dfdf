"""Addresses on a page: absolute, http or https, without the fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_LENGTH: Final = 4096


def base_of(root: HtmlElement, url: str) -> str:
    """Give the address that relative ones lead from (HTML, `<base href>`)."""
    declared = root.find(".//base[@href]")
    return joined(declared.get("href", ""), url) or url if declared is not None else url


def joined(address: str, base: str) -> str:
    """Give an absolute http or https address, or nothing; a fragment that chooses a page stays (`#!`)."""
    text = "".join(address.split())
    if not text or len(text) > MAX_LENGTH:
        return ""
    try:
        whole = urljoin(base, text)
        plain, fragment = urldefrag(whole)
        parts = urlsplit(plain)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return (whole if fragment[:1] in ("!", "/") else plain) if usable else ""


def host_of(address: str) -> str:
    """Give the host in lower case without `www.`, or nothing."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
