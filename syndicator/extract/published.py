"""When a page says it was published: the places where pages write it, the surest first.

declared   JSON-LD, meta elements, microdata; data that scripts carry, if it is of one day alone
guessed    lines near the heading, weighed by cue, name and place; the address; at last htmldate
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from syndicator.extract import dates
from syndicator.extract.shown import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from lxml.html import HtmlElement

    from syndicator.extract.shown import Line, Shown

_LAST_DAY: Final = "2100-01-01"
# meta names and properties, the surest first; what was only changed is not here.
METAS: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "datepublished", "date_published", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
    "article.published", "publish-date", "publishdate", "publish_date", "published_date", "published",
    "publication_date", "publicationdate", "pubdate", "pubtime", "published-at", "published_at",
    "article:publicationdate", "article:publish_date", "article:create_at", "og:release_date", "og:pubdate",
    "og:publish_date", "og:question:published_time", "dc.date.issued", "dc:date", "dcterms.issued",
    "dcterms.created", "dcterms.date", "dc.date.created", "dc.created", "dc.date",
    "dcsext.articlefirstpublished", "citation_publication_date", "citation_online_date",
    "citation_date", "rnews:datepublished",
    "originalpublicationdate", "bt:pubdate", "article_date_original", "vr:published_time", "displaydate",
    "weibo: article:create_at", "weibo:article:create_at", "bytedance:published_time", "article_publish_date",
    "date", "publishedtime", "created", "datecreated", "rbpubdate", "shareaholic:article_published_time",
)  # fmt: skip
_IN_SCRIPT: Final = re.compile(
    r"""["'](?:date_?published|publication_?date|pub_?date
        |(?:first_?)?published?_?(?:date|at|on|time)(?:_?time)?)["']\s*:\s*["']
        ((?:19|20)\d\d-\d\d-\d\d[^"']{0,25})["']""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_SCRIPTS: Final = 1_000_000  # characters
_DAY_IN_URL: Final = re.compile(
    r"""/(?P<year>199\d|20[0-4]\d)(?:
         (?P<mark>[/-])(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<day>0[1-9]|[12]\d|3[01]|[1-9])(?=[/_.-]|$)
         |(?P<month4>0[1-9]|1[0-2])/?(?P<day4>0[1-9]|[12]\d|3[01])(?=\D|$))
       |[/_-](?P<year2>20[0-4]\d)-(?P<month2>0[1-9]|1[0-2])-(?P<day2>0[1-9]|[12]\d|3[01])(?=\D|$)
       |[/_-](?P<day3>0?[1-9]|[12]\d|3[01])-(?P<month3>0?[1-9]|1[0-2])-(?P<year3>20[0-4]\d)(?=[/._-]|$)""",
    re.VERBOSE,
)
_DIGITS: Final = re.compile(r"(?:19|20)\d\d|\d\d?[./]\d\d?[./]\d\d")
_CUE: Final = re.compile(
    r"""\b(?:publi(?:shed|cation|cado|cada|cato|é|ée)|posted|released?|created|veröffentlicht|erstellt|erschienen
      |eingestellt|gepostet|online\s+seit|datum|date|mis\s+en\s+ligne|paru|gepubliceerd|publicerad|udgivet
      |opublikowano|publikováno|julkaistu|опубликован\w*)\b|发布|發布|发表|發表|刊登|时间|時間|日期|公開日|投稿日|掲載""",
    re.IGNORECASE | re.VERBOSE,
)
_CHANGED: Final = re.compile(
    r"""\b(?:updated?|modified|changed|edited|aktualisiert|geändert|bearbeitet|stand|mis\s+à\s+jour|modifié
      |actualizad[oa]|aggiornato|atualizad[oa]|bijgewerkt|uppdaterad|обновлен\w*|lastmod|last-?update\w*)\b|更新|修改""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHER_DAY: Final = re.compile(
    r"""©|引用|\b(?:copyright|joined|registered|member\s+since|mitglied\s+seit|born|geboren|beginn|event|from|until|bis
      |termin\w*|abgerufen|accessed|retrieved|ausgabe|edition|vol\.?|isbn|doi|deadline|expires?|gültig)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAMED: Final = re.compile(
    r"""(?:^|[\s_-])(?:published|publish-?(?:ed|date|time|on|info)?|pub-?(?:date|time)|posted(?:-on)?|post-?(?:date|time)
      |entry-?(?:date|time)|article-?(?:date|time)|date-?(?:published|posted|time)|dateline|created)(?=$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_DATED: Final = re.compile(
    r"(?:^|[\s_-])(?:date|time|datum|datetime|timestamp|fecha|data)(?=$|[\s_-])", re.IGNORECASE
)
_DATE_WORDS: Final = re.compile(r"\d+|[^\W\d_]{3,13}(?=\.?,?\s+(?:19|20)\d\d)|[\W_]+|年|月|日")
_SAME: Final = timedelta(days=1, hours=14)  # an address is of the publisher's day
_LIKELY: Final = 3


def declared(
    root: HtmlElement, marked: list[Any], metas: Mapping[str, list[str]], told: list[str]
) -> datetime | None:
    """Find what a page declares.

    `marked` are its elements with attributes of RDFa and microdata, `metas` its meta elements, `told`
    is what its JSON-LD says.
    """
    for text in _declarations(marked, metas, told):
        if moment := dates.from_text(text):
            return moment
    return _in_scripts(root)


def guessed(shown: Shown) -> datetime | None:
    """Guess when a page was published by what it shows."""
    found = list(_weighed(shown))
    lonely = len({moment.date() for weight, moment in found if weight > 0}) == 1
    weight, moment = max(found, key=lambda each: each[0], default=(0.0, None))
    return moment if weight + lonely >= _LIKELY else None


def in_address(url: str, other: datetime | None) -> datetime | None:
    """Give the day of an address, the first publication's; `other` where that agrees or there is none."""
    for found in _DAY_IN_URL.finditer(url):
        year = found["year"] or found["year2"] or found["year3"]
        month = found["month"] or found["month2"] or found["month3"] or found["month4"]
        day = found["day"] or found["day2"] or found["day3"] or found["day4"]
        if moment := dates.from_text(f"{year}-{month:0>2}-{day:0>2}"):
            return other if other and abs(other - moment) <= _SAME else moment
    return other


def _declarations(marked: list[Any], metas: Mapping[str, list[str]], told: list[str]) -> Iterator[str]:
    yield from told
    for name in METAS:
        yield from metas.get(name, ())
    for element in islice((each for each in marked if _is_publication(each)), 5):
        yield element.get("content") or element.get("datetime") or "".join(element.itertext())


def _is_publication(element: Any) -> bool:
    names = (element.get("itemprop"), element.get("property"))
    return (
        any(name in ("datePublished", "schema:datePublished") for name in names)
        or "pubdate" in element.attrib
    )


def _in_scripts(root: HtmlElement) -> datetime | None:
    """Give the day that a page's scripts carry as its date, unless they carry several."""
    found: dict[str, str] = {}
    left = _MAX_SCRIPTS
    for script in root.iter("script"):
        text = script.text
        if text and len(text) <= left and "ubl" in text:
            left -= len(text)
            for each in _IN_SCRIPT.finditer(text):
                found.setdefault(each[1][:10], each[1])
    return dates.from_text(next(iter(found.values()))) if len(found) == 1 else None


def _weighed(shown: Shown) -> Iterator[tuple[float, datetime]]:
    """Give the dates that a page shows with the weight of their signs; of equals the first is meant."""
    for line in shown.lines:
        stamp = line.element.get("datetime")
        if not stamp and not _DIGITS.search(line.text):
            continue
        moment = (dates.from_text(stamp) if stamp else None) or dates.in_words(line.text)
        if moment:
            yield _weight(line, shown, is_stamp=bool(stamp)), moment


def _weight(line: Line, shown: Shown, *, is_stamp: bool) -> float:
    parent = line.element.getparent()
    names = f"{names_of(line.element)} {names_of(parent) if parent is not None else ''}"
    around = f"{(parent.text or '')[:60] if parent is not None else ''} {line.text}"
    if _OTHER_DAY.search(line.text):
        return 0
    rest = len(_DATE_WORDS.sub("", line.text))
    weight = 2.0 * is_stamp + 3.0 * bool(_NAMED.search(names)) + 2.0 * bool(_DATED.search(names))
    weight += 3.0 * bool(_CUE.search(around))
    weight += 2.0 if rest <= 4 else 1.0 if rest <= 30 else -1.0 if rest <= 80 else -2.0
    if shown.has_heading and -4 <= line.place <= 20:
        weight += (4.0 if line.place >= 0 else 3.0) - abs(line.place) / 20
    weight -= 2.0 * bool(_CHANGED.search(around) or _CHANGED.search(names))
    weight -= 2.0 * (
        line.element.tag == "a" or any(each.tag == "a" for each in islice(line.element.iterancestors(), 3))
    )
    return weight


def by_htmldate(root: HtmlElement, url: str) -> datetime | None:
    """Ask htmldate, which is slow and knows days only."""
    from htmldate import find_date  # noqa: PLC0415  brings dateparser with it

    try:  # it spoils the tree, and would ask the clock without a last day
        said = find_date(
            deepcopy(root), url=url or None, original_date=True, extensive_search=False, max_date=_LAST_DAY
        )
    except (ValueError, TypeError, OverflowError, AttributeError):
        return None
    # The first of January is what it makes of a year alone.
    return dates.from_text(said) if said and not said.endswith("-01-01") else None
