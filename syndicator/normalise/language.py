"""The language of an article as a BCP 47 tag, or nothing.

What its own entry declares; else what the admin configured for the source; else what the feed declares: but
what is declared is not believed where the text is in another script (a Chinese site whose software says
`en-US`), nor where a long text is plainly in another of the site's languages. Else the one of the site's
languages that is written in the script of the text; where there are several, py3langid chooses.
"""

from __future__ import annotations

import re
from typing import Final

from syndicator.normalise import scripts
from syndicator.normalise.identifier import identify

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_CHINESE: Final = frozenset(("zh", "cmn", "yue"))
_LONG: Final = 200  # characters of a text that can prove a declaration wrong within one script …
_SURE: Final = 0.95  # … at this probability


def tag(declared: str) -> str:
    """Normalise a declared language to BCP 47's usual case (RFC 5646, 2.1.1): `zh_cn` → `zh-CN`."""
    text = declared.strip().replace("_", "-")
    if not _TAG.fullmatch(text):
        return ""
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(_cased(part) for part in rest)])


def _cased(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()


def choose(entry: str, source: str | None, feed: str, text: str, languages: tuple[str, ...]) -> str:
    """Choose the language of one article whose title and text are given; empty if nothing tells it.

    `languages` are the site's: no other is seen in a text, but others may be declared. Chinese is told as
    zh-Hans or zh-Hant where its characters tell, unless it is declared by region.
    """
    script = scripts.script_of(text)
    site = frozenset(primary(tag(language)) for language in languages) - {""}
    if (said := tag(entry)) and _is_plausible(said, script, text):
        return _settled(said, text)
    if said := tag(source or ""):
        return said
    if (
        (said := tag(feed))
        and _is_plausible(said, script, text)
        and not _is_refuted(said, script, text, site)
    ):
        return _settled(said, text)
    return _settled(_seen(script, text, site), text)


def primary(language: str) -> str:
    """Give the first subtag of a language tag: `zh` of `zh-Hans`."""
    return language.partition("-")[0].lower()


def _is_plausible(said: str, script: str, text: str) -> bool:
    return not scripts.is_clear(script, text) or scripts.is_written_in(said, script)


def _is_refuted(said: str, script: str, text: str, site: frozenset[str]) -> bool:
    """Whether a long text is plainly in another of the site's languages than its feed says."""
    candidates = _written_in(script, site)
    if len(text) < _LONG or len(candidates) < 2 or primary(said) not in candidates:
        return False
    found, chance = identify(text[: scripts.SAMPLE], candidates, site)
    return bool(found) and found != primary(said) and chance >= _SURE


def _seen(script: str, text: str, site: frozenset[str]) -> str:
    candidates = _written_in(script, site)
    if len(candidates) < 2:
        return next(iter(candidates), "")
    return identify(text[: scripts.SAMPLE], candidates, site)[0]


def _written_in(script: str, site: frozenset[str]) -> frozenset[str]:
    return frozenset(each for each in site if script and scripts.is_written_in(each, script))


def _settled(language: str, text: str) -> str:
    """Say which kind of Chinese it is, where that is not said or not true."""
    if primary(language) not in _CHINESE:
        return language
    kind, is_certain = scripts.kind_of_chinese(text)
    said = scripts.declared_kind(language)
    if said:
        return f"{primary(language)}-{kind}" if is_certain and kind != said else language
    return f"{language}-{kind}" if kind and "-" not in language else language
