"""From a page to its article: the text that was meant, without what stands around it.

Pure: bytes in, values out; no file, no network, no clock.

    page       bytes → Page, the whole way
    charset    bytes → text, where declarations lie
    tree       text → a tree in which each piece of text lies in one block
    guard      pages that are built to cost
    metadata   title, authors, tags, language …; dates, jsonld
    furniture  what stands around articles, by names and by wording
    blocks     the ballot that extractors vote on
    vote       trafilatura, resiliparse, and the medoid of four where they disagree
    trim       the edges: title again, by-lines, what leads away
    render     the chosen blocks as HTML and as text
    obstacle   log-ins, consent, errors: what stands where an article should
    fulltext   is an entry cut short, and what its page adds
    listing    list pages and news sitemaps as sources; look, sitemap
"""

from __future__ import annotations

from syndicator.extract.metadata import drop_common
from syndicator.extract.page import Page, extract

__all__ = ["Page", "drop_common", "extract"]
