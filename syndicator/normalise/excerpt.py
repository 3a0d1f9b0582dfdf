"""The summary that readers see: the publisher's description if it is clean, else the lead of the text."""

from __future__ import annotations

import re
from typing import Final

import regex

from syndicator.normalise.plain import shortened

MAX_LENGTH: Final = 300  # characters
MAX_HAN: Final = 120  # characters, where the text is mostly Han or Kana
_SHORT: Final = 60  # a description below this gives way to a lead; a third of it in Han
_IS_WIDE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")

_CUT: Final = re.compile(r"\s*(?:[\[(（【]\s*(?:…|\.{3,}|&hellip;)\s*[\])）】]|…+|\.{3,}|⋯+)\s*$")
_SLOGAN: Final = re.compile(
    r"""(?:^|(?<=[\s.。!！?？…\])]))
        (?:(?:Read|See)\ (?:more|on|the\ (?:full|rest|whole)|full)\b[^.\n]{0,90}
          | (?:Continue|Keep)\ reading\b[^\n]{0,160}
          | The\ post\ [^\n]{1,300}\ (?:first\ )?appeared\ (?:first\ )?on\ [^\n]{1,120}
          | (?:submitted\ by\ ?[^\n\[]{1,80})?\[link\]\s*\[(?:\d{1,6}\ )?comments?\]
          | submitted\ by\ +/?u/\S+ | Comments? | Click\ here\b[^.\n]{0,60}
          | 阅读全文 | 阅读原文 | 阅读更多 | 查看全文 | 查看原文 | 点击查看[^\n]{0,12}
          | 閱讀全文 | 繼續閱讀 | 继续阅读)
        [\s.…»›→>\]]*$""",
    re.VERBOSE,
)
# A full stop after one or two letters is an initial or a title more often than an end.
_SENTENCE: Final = re.compile(r"""(?:(?<!\b\w)(?<!\b\w\w)\.|[!?…])["'”’)\]]*(?=\s|$)|[。！？…]+[”’」』）]*""")
_LOOKED_AT: Final = 4_000
_HEADING: Final = 100  # characters, at most, of a first line that is taken for one
_TAIL: Final = 500  # where marks and slogans hang; patterns that end in $ are dear on long texts


def excerpt(description: str, text: str, title: str) -> str:
    """Give plain text of at most 300 characters (120 of Han), cut at a sentence or else at a word.

    `description` and `text` are plain; either may be empty. The title is not repeated, marks of a cut and
    invitations to read on are dropped.
    """
    said, was_cut = _stripped(description)
    body, _ = _stripped(text)
    said, body = _without_title(said, title), _without_title(body, title)
    least = _SHORT // 3 if _is_wide(said) else _SHORT
    if body and len(body) > len(said) and (was_cut or len(said) < least):
        return _lead(body, was_cut=False)
    return _lead(said or body, was_cut=was_cut and bool(said))


def _stripped(text: str) -> tuple[str, bool]:
    """Give the text on one line without what publishers hang on its end, and whether it had been cut."""
    text = " ".join(_headed(text[:_LOOKED_AT]).split())
    head, tail = text[:-_TAIL], text[-_TAIL:]
    was_cut = False
    for _ in range(4):
        bare = _CUT.sub("", tail)
        was_cut |= bare != tail
        shorter = _SLOGAN.sub("", bare).rstrip()
        if shorter == tail:
            break
        tail = shorter
    return f"{head}{tail}", was_cut


def _headed(text: str) -> str:
    """Set a heading apart from what it heads: on one line they would be read as one sentence."""
    first, _, rest = text.lstrip().partition("\n")
    first, rest = first.rstrip(), rest.lstrip()
    if not rest or len(first) > _HEADING or not first[-1:].isalnum() or not rest[0].isupper():
        return text
    return f"{first} — {rest}"


def _without_title(text: str, title: str) -> str:
    if title and text[: len(title)].casefold() == title.casefold():
        rest = text[len(title) :]
        if not rest or not rest[0].isalnum() or _is_wide(title):
            return rest.lstrip(" .:|–—-,;。：，")
    return text


def _is_wide(text: str) -> bool:
    sample = text[:MAX_LENGTH]
    return not sample.isascii() and len(_IS_WIDE.findall(sample)) * 3 > len(sample)


def _lead(text: str, *, was_cut: bool) -> str:
    limit = MAX_HAN if _is_wide(text) else MAX_LENGTH
    if len(text) <= limit and not was_cut:
        return text
    ends = [found.end() for found in _SENTENCE.finditer(text[: limit + 1]) if found.end() <= limit]
    if ends and ends[-1] >= min(limit, len(text)) * 0.4:
        return text[: ends[-1]]
    if len(text) > limit:
        return shortened(text, limit)
    whole_words = text if _is_wide(text) else text.rpartition(" ")[0]  # the last one may have been cut
    return f"{(whole_words or text)[: limit - 1].rstrip(' ,;:')}…" if text else ""
