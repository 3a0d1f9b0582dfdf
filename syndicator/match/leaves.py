"""The leaves of a rule, made of what stands in a line: words, phrases and regular expressions."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn
from unicodedata import category, normalize

from syndicator.match.faults import QUOTE_IT, RuleError
from syndicator.match.fields import FIELDS, PATTERN_FIELDS, forms
from syndicator.model import Pattern, Term
from syndicator.text import is_unspaced, spans, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_STEM: Final = 3  # letters before the star
MAX_MEMORY: Final = 1 << 18  # octets of a compiled regular expression; \pL{1,10} and the like need 50,000


def known_field(written: str, at: int) -> str:
    """Return the field that is meant; `at` is where it stands. Raises RuleError."""
    name = written.lower()
    if name in FIELDS:
        return name
    hint = did_you_mean(name, FIELDS) or f"fields are {', '.join(FIELDS)}; or {QUOTE_IT}"
    raise RuleError(f"unknown field {written}", at + 1, hint)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say `did you mean title?` of the nearest known word; empty if none is near."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""


def term(words: str, at: int, field: str, source: str, *, exact: bool = False) -> Term:
    """Make a term of a word or of what stands between quotation marks; `at` is where it begins."""
    bare = words.rstrip()
    prefix = bare.endswith(("*", "＊"))
    bare = bare[:-1] if prefix else bare
    if star := re.search(r"[*＊]", bare):
        odd_star(at + star.start() + 1)
    found = tuple(tokens(bare))
    if not found:
        raise RuleError("no letter or digit to look for", at + 1, "write a word or a phrase")
    if prefix and category(bare[-1])[0] not in "LNM":  # letter, number, mark
        odd_star(at + len(bare) + 1)
    if prefix:
        check_stem(found[-1], at)
    written = forms(bare, spans(bare)) if exact else ()
    return Term(tokens=found, field=field, prefix=prefix, source=source, forms=written)


def check_stem(stem: str, at: int) -> None:
    """Raise RuleError if a folded word is too short before a star; one character of Han is enough."""
    if not is_unspaced(stem) and _letters(stem) < MIN_STEM:
        raise RuleError(f"{stem}* is too short", at + 1, f"a stem has at least {MIN_STEM} letters")


def odd_star(column: int) -> NoReturn:
    """Refuse a star at a column (from 1)."""
    raise RuleError("a star in an odd place", column, "it stands for any ending, so only at the end: word*")


def _letters(stem: str) -> int:
    """Count letters; a Hangul syllable holds two or more."""
    return sum(2 if "가" <= char <= "힣" else 1 for char in stem)


def pattern(regex: str, at: int, field: str, source: str) -> Pattern:
    """Make a leaf of a regular expression; `at` is where its first slash stands. Raises RuleError."""
    if field not in PATTERN_FIELDS:
        where = ", ".join(f"{name}:" for name in PATTERN_FIELDS)
        what = f"a regular expression in {field}:" if field else "a regular expression without a field"
        raise RuleError(what, at + 1, f"put one of {where} right before it, or use a prefix (word*)")
    if fault := _fault(regex):
        raise RuleError(f"not a regular expression: {fault}", at + 1, "see github.com/google/re2/wiki/Syntax")
    if compiled(regex).search(""):
        raise RuleError("the regular expression matches everything", at + 1, "let it ask for something")
    return Pattern(regex=regex, field=field, source=source)


@lru_cache(65_536)  # all that thousands of topics have: compiling costs 60 times as much as searching
def compiled(regex: str) -> Any:
    """Compile for RE2: linear in time whatever is written, bounded in memory, case ignored."""
    import re2  # noqa: PLC0415 - most installations have no regular expression

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(normalize("NFC", regex), options)


def _fault(regex: str) -> str:
    """Say why RE2 refuses `regex`; empty if it does not."""
    import re2  # noqa: PLC0415

    try:
        compiled(regex)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    except UnicodeEncodeError:
        return "half a character (a lone surrogate)"
    return ""
