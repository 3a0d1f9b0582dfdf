"""What the script of a text tells about its language: script, candidates, and which kind of Chinese."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLE: Final = 600  # characters that are looked at
_LETTERS: Final = 40  # of a Latin text that contradicts another script: a brand or two do not
_KANA: Final = 0.1  # share of the letters that makes a text Japanese, whatever Han is around it
_OTHER: Final = 0.2  # share of any script but Latin: names in Latin letters stand in texts of all scripts
_TOLD: Final = 3  # characters more of one kind of Chinese than of the other, where it contradicts

# Script (Unicode's name) → the languages written in it; Latin is that of all others.
_LANGUAGES: Final[Mapping[str, frozenset[str]]] = {
    "Hiragana": frozenset(("ja", "ain", "ryu")),
    "Hangul": frozenset(("ko",)),
    "Han": frozenset(("zh", "ja", "yue", "cmn", "wuu", "hak", "nan", "gan", "hsn", "lzh", "cdo", "ko")),
    "Cyrillic": frozenset((
        "ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba", "ce", "os", "cv", "ab", "av",
        "bs", "sh", "cnr", "az", "uz", "tk", "rue", "sah", "udm", "kv", "crh",
    )),
    "Arabic": frozenset((
        "ar", "fa", "ur", "ps", "ckb", "ku", "ug", "sd", "pa", "pnb", "arz", "ary", "apc", "ks", "bal", "az",
        "lrc", "mzn", "kk", "ha", "dv",
    )),
    "Hebrew": frozenset(("he", "iw", "yi", "ji", "lad", "arc")),
    "Devanagari": frozenset((
        "hi", "mr", "ne", "sa", "kok", "gom", "mai", "bho", "doi", "brx", "new", "ks", "sd",
    )),
    "Bengali": frozenset(("bn", "as", "mni")),
    "Greek": frozenset(("el", "grc")),
    "Thai": frozenset(("th",)),
    "Lao": frozenset(("lo",)),
    "Khmer": frozenset(("km",)),
    "Myanmar": frozenset(("my", "shn", "mnw")),
    "Georgian": frozenset(("ka", "xmf")),
    "Armenian": frozenset(("hy", "hyw")),
    "Ethiopic": frozenset(("am", "ti")),
    "Tamil": frozenset(("ta",)),
    "Telugu": frozenset(("te",)),
    "Kannada": frozenset(("kn",)),
    "Malayalam": frozenset(("ml",)),
    "Gujarati": frozenset(("gu",)),
    "Gurmukhi": frozenset(("pa",)),
    "Oriya": frozenset(("or",)),
    "Sinhala": frozenset(("si",)),
    "Tibetan": frozenset(("bo", "dz")),
    "Thaana": frozenset(("dv",)),
}  # fmt: skip
_IN_BOTH: Final = frozenset((  # of those above, the ones written in Latin too
    "sr", "bs", "sh", "cnr", "az", "uz", "tk", "kk", "tt", "ku", "ha", "mn", "lad", "crh", "ks",
))  # fmt: skip
_ANY_OTHER: Final = frozenset().union(*_LANGUAGES.values()) - _IN_BOTH
_SUBTAGS: Final = {  # ISO 15924, as a tag may carry it: zh-Latn, sr-Cyrl
    "latn": "Latin", "cyrl": "Cyrillic", "arab": "Arabic", "deva": "Devanagari", "hebr": "Hebrew",
}  # fmt: skip

_RUN: Final = regex.compile(
    r"(?P<Latin>\p{Latin}+)|(?P<Han>\p{Han}+)|(?P<Hiragana>[\p{Hiragana}\p{Katakana}ー]+)"
    + "".join(rf"|(?P<{name}>\p{{{name}}}+)" for name in _LANGUAGES if name not in ("Han", "Hiragana"))
)
_SIMPLIFIED: Final = "gb2312"  # what each of these can write tells the two kinds of Chinese apart
_TRADITIONAL: Final = "big5"
_REGIONS: Final = {
    "hans": "Hans", "cn": "Hans", "sg": "Hans", "my": "Hans",
    "hant": "Hant", "tw": "Hant", "hk": "Hant", "mo": "Hant",
}  # fmt: skip


def script_of(text: str) -> str:
    """Name the script that the beginning of a text is written in, Hiragana for all Japanese; or nothing."""
    sample = text[:SAMPLE]
    if sample.isascii():  # as most are: nothing to count
        return "Latin" if any(map(str.isalpha, sample)) else ""
    counts: Counter[str] = Counter()
    for run in _RUN.finditer(sample):
        counts[run.lastgroup or ""] += run.end() - run.start()
    letters = counts.total()
    if counts["Hiragana"] > _KANA * letters:
        return "Hiragana"
    latin = counts.pop("Latin", 0)
    for name, count in counts.most_common(1):
        if count >= _OTHER * letters:
            return name
    return "Latin" if latin else ""


def is_clear(script: str, text: str) -> bool:
    """Whether a script contradicts what is declared; a few Latin letters do not."""
    return bool(script) and (script != "Latin" or sum(map(str.isalpha, text[:SAMPLE])) >= _LETTERS)


def is_written_in(language: str, script: str) -> bool:
    """Whether texts of a language (BCP 47) may be written in a script."""
    first, *rest = language.lower().split("-")
    if named := next((_SUBTAGS[part] for part in rest if part in _SUBTAGS), ""):
        return named == script
    return first in _LANGUAGES[script] if script in _LANGUAGES else first not in _ANY_OTHER


def kind_of_chinese(text: str) -> tuple[str, bool]:
    """Tell Hans from Hant by their characters, or nothing; and whether the difference is beyond doubt."""
    han = "".join(run["Han"] for run in _RUN.finditer(text[:SAMPLE]) if run["Han"])
    simplified = len(han.encode(_SIMPLIFIED, "ignore"))
    traditional = len(han.encode(_TRADITIONAL, "ignore"))
    kind = "" if simplified == traditional else "Hans" if simplified > traditional else "Hant"
    return kind, abs(simplified - traditional) >= 2 * _TOLD  # two octets a character


def declared_kind(language: str) -> str:
    """Give Hans or Hant as a tag of Chinese says by script or region; or nothing."""
    return next((_REGIONS[part] for part in language.lower().split("-")[1:] if part in _REGIONS), "")
