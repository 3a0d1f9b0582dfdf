"""From a ParsedFeed to Articles: plain titles, clean HTML, absolute links, one identity over many pulls.

Pure; `now` is an argument. Everything that the wire said is hostile until it has been here.

    article    joins the parts
    identity   one key for an article, from pull to pull
    url        links that may be followed, and the form in which they are compared
    html       cleaning, and text from what was cleaned
    plain      titles, names, tags: one line without markup or control characters
    excerpt    the summary that readers see
    dates      which dates are believed
    language   declared, configured, or seen by script
"""

from __future__ import annotations

from syndicator.normalise.article import Head, head, normalise
from syndicator.normalise.html import clean, to_text
from syndicator.normalise.url import canonical

__all__ = ["Head", "canonical", "clean", "head", "normalise", "to_text"]
