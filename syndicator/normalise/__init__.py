"""From a ParsedFeed to Articles: plain titles, clean HTML, absolute links, one identity over many pulls.

Pure; `now` is an argument. Everything that the wire said is hostile until it has been here.

    identity   one key for an article, from pull to pull (`identify`)
    article    joins the parts (`finish`; `normalise` is both)
    flood      whether what arrived is an archive and no news
    url        links that may be followed, and the form in which they are compared
    html       cleaning, and text from what was cleaned
    triggers   whether there is anything to mend before it
    settled    whether what was cleaned stays as it is when it is cleaned again
    plain      titles, names, tags: one line without markup or control characters
    excerpt    the summary that readers see
    dates      which dates are believed
    language   declared, configured, or seen by script
"""

from __future__ import annotations

from syndicator.normalise.article import Head, finish, head, normalise
from syndicator.normalise.flood import Habit, held_back
from syndicator.normalise.html import clean, to_text
from syndicator.normalise.identity import Identified, Scheme, Sighting, identify
from syndicator.normalise.url import canonical

__all__ = [
    "Habit",
    "Head",
    "Identified",
    "Scheme",
    "Sighting",
    "canonical",
    "clean",
    "finish",
    "head",
    "held_back",
    "identify",
    "normalise",
    "to_text",
]
