"""From what an admin writes to terms and rules: the first form of the language.

A line is one or more atoms that must all be there:

    line  := atom+
    atom  := [field ":"] ( word ["*"] | '"' words ["*"] '"' )

What only the later language has (OR, NEAR/n, parentheses, /regex/, @alias …) is refused with a remedy: taking
it for a word would be a rule that is skipped in silence.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final, NoReturn
from unicodedata import category

from syndicator.errors import SyndicatorError
from syndicator.match.fields import FIELDS, fold_tag
from syndicator.model import Rule, Term
from syndicator.text import is_unspaced, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TERMS: Final = 500  # of one rule
MAX_LINE: Final = 500  # characters
MIN_STEM: Final = 3  # letters before the star

_QUOTES: Final = '"“”„＂'
_SPACE: Final = re.compile(r"\s+")
_FIELD: Final = re.compile(r"([A-Za-z_]+)[:：]")
_PHRASE: Final = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_WORD: Final = re.compile(rf"[^\s{_QUOTES}]+")
_SIMPLE: Final = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")  # nine lines of ten; words that fold to themselves
_OPERATOR_WORDS: Final = frozenset({"or", "and", "not", "near"})

_ONE_A_LINE: Final = "write each alternative as a line of its own"
_QUOTE_IT: Final = 'put it in quotation marks, "…", if you mean the text itself'
_REFUSED: Final = tuple(  # (what an atom may not begin with, what is wrong, what to do)
    (re.compile(pattern), message, remedy)
    for pattern, message, remedy in (
        (r"(?i:or)(?!\S)", "OR is not understood yet", f"{_ONE_A_LINE}; {_QUOTE_IT}"),
        (r"(?i:and)(?!\S)", "AND is not needed", f"words of one line must all be there; {_QUOTE_IT}"),
        (r"(?i:not)(?!\S)", "NOT is not understood yet", f"move it to the list `none`; {_QUOTE_IT}"),
        (r"NEAR(?!\S)|(?i:near)/", "NEAR is not understood yet", f"write the likely phrases; {_QUOTE_IT}"),
        (r"[()（）]", "parentheses are not understood yet", _ONE_A_LINE),
        (r"/", "expressions between slashes are not understood yet", f"use a prefix, word*; {_QUOTE_IT}"),
        (r"@", "aliases are not understood yet", "write each spelling as a line of its own"),
        (r"=", "exact case (=Word) is not understood yet", "leave the = out; case is ignored"),
        (r"[-–—−!]", "a leading - is not understood yet", "move the word to the list `none`"),
        (r"[|&,;，；、]", "a sign that joins alternatives is not understood yet", _ONE_A_LINE),
    )
)
_JOINS: Final = re.compile(r"[|;，；、()（）]|,(?!\d)|(?<!\d),")


class RuleError(SyndicatorError):
    """A line that is no rule: what is wrong, at which column (from 1), and what to do."""

    def __init__(self, message: str, column: int, remedy: str) -> None:
        super().__init__(message, hint=remedy)
        self.column = column

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.hint


def parse_line(text: str) -> tuple[Term, ...]:
    """Parse one line of `any`, `all` or `none`: the terms that must all be there, at least one.

    Raises RuleError at the first fault.
    """
    if len(text) > MAX_LINE:
        raise RuleError(f"a line of {len(text)} characters", MAX_LINE + 1, f"keep it under {MAX_LINE}")
    if _SIMPLE.fullmatch(text) and _OPERATOR_WORDS.isdisjoint(words := text.split()):
        return tuple(Term(tokens=(word,), source=word) for word in words)
    terms: list[Term] = []
    at = _skip(text, 0)
    while at < len(text):
        term, end = _atom(text, at)
        terms.append(term)
        at = _skip(text, end)
    if not terms:
        raise RuleError("an empty line", 1, "write a word or a phrase, or delete the line")
    return tuple(terms)


def parse_mask(text: str) -> Term:
    """Parse one line of `mask`: a single word or phrase. Raises RuleError."""
    first, *more = parse_line(text)
    if more:
        raise RuleError("a mask is one word or phrase", 1, f'quote it: "{text.strip()}"')
    return first


def parse_tag(text: str) -> str:
    """Return one of `tags` as it is compared. Raises RuleError where nothing is left to compare."""
    folded = fold_tag(text)
    if not folded:
        raise RuleError("a tag without letters or digits", 1, "write the tag as the publisher does")
    return folded


def parse_rule(
    *,
    any: Iterable[str] = (),  # noqa: A002 - the keys of a topic file
    all: Iterable[str] = (),  # noqa: A002
    none: Iterable[str] = (),
    mask: Iterable[str] = (),
    tags: Iterable[str] = (),
) -> Rule:
    """Parse the lists of a topic file. Raises RuleError at the first fault; `check_rule` is the caller's."""
    return Rule(
        any=tuple(parse_line(line) for line in any),
        all=tuple(parse_line(line) for line in all),
        none=tuple(parse_line(line) for line in none),
        mask=tuple(parse_mask(line) for line in mask),
        tags=tuple(parse_tag(tag) for tag in tags),
    )


def check_rule(rule: Rule) -> str | None:
    """Say what is wrong with a rule as a whole and what to do, or None.

    A rule that can only exclude would match everything else; one of thousands of terms is a mistake.
    """
    if not (rule.any or rule.all or rule.tags):
        if rule.none or rule.mask:
            return "the rule can only exclude; say in `any`, `all` or `tags` what belongs to the topic"
        return "the rule is empty; say in `any`, `all` or `tags` what belongs to the topic"
    lines = (*rule.any, *rule.all, *rule.none)
    count = sum(len(line) for line in lines) + len(rule.mask) + len(rule.tags)
    if count > MAX_TERMS:
        return f"{count} terms, more than {MAX_TERMS}; split the topic, or use prefixes (word*)"
    return None


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _atom(text: str, start: int) -> tuple[Term, int]:
    """Parse one atom at `start`; return it and where it ends."""
    _refuse(text, start)
    field, at = "text", start
    if name := _FIELD.match(text, start):
        field, at = _known_field(name[1], start), name.end()
        if at == len(text) or text[at].isspace():
            raise RuleError(
                f"nothing after {field}:", at + 1, f"write the word right behind it: {field}:word"
            )
        _refuse(text, at)
        if (inner := _FIELD.match(text, at)) and inner[1].lower() in FIELDS:
            raise RuleError("a field inside a field", at + 1, "one field for each word")
    if text[at] in _QUOTES:
        if not (found := _PHRASE.match(text, at)):
            raise RuleError("the quotation mark is never closed", at + 1, 'add " at the end of the phrase')
        words, words_at = found[1], at + 1
    else:
        found = _WORD.match(text, at)
        assert found  # noqa: S101 - neither space nor quotation mark stands here
        words, words_at = found[0], at
        if join := _JOINS.search(words):
            raise RuleError(
                f"{join[0]} inside a word", at + join.start() + 1, f"{_ONE_A_LINE}, or {_QUOTE_IT}"
            )
    if found.end() < len(text) and not text[found.end()].isspace():
        remedy = (
            'the star stands inside: "a phras*"' if text[found.end()] in "*＊" else "put a space between them"
        )
        raise RuleError("a quotation mark amid a word", found.end() + 1, remedy)
    return _term(words, words_at, field, text[start : found.end()]), found.end()


def _refuse(text: str, at: int) -> None:
    for pattern, message, remedy in _REFUSED:
        if pattern.match(text, at):
            raise RuleError(message, at + 1, remedy)


def _known_field(written: str, at: int) -> str:
    name = written.lower()
    if name in FIELDS:
        return name
    close = difflib.get_close_matches(name, FIELDS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"fields are {', '.join(FIELDS)}; or {_QUOTE_IT}"
    raise RuleError(f"unknown field {written}", at + 1, hint)


def _term(words: str, at: int, field: str, source: str) -> Term:
    """Make a term of a word or of what stands between quotation marks; `at` is where it begins."""
    bare = words.rstrip()
    prefix = bare.endswith(("*", "＊"))
    bare = bare[:-1] if prefix else bare
    if star := re.search(r"[*＊]", bare):
        _star(at + star.start() + 1)
    found = tuple(tokens(bare))
    if not found:
        raise RuleError("no letter or digit to look for", at + 1, "write a word or a phrase")
    if prefix and category(bare[-1])[0] not in "LNM":  # letter, number, mark
        _star(at + len(bare) + 1)
    if prefix and not is_unspaced(found[-1]) and _letters(found[-1]) < MIN_STEM:
        raise RuleError(f"{found[-1]}* is too short", at + 1, f"a stem has at least {MIN_STEM} letters")
    return Term(tokens=found, field=field, prefix=prefix, source=source)


def _star(column: int) -> NoReturn:
    raise RuleError("a star in an odd place", column, "it stands for any ending, so only at the end: word*")


def _letters(stem: str) -> int:
    """Count letters; a Hangul syllable holds two or more."""
    return sum(2 if "가" <= char <= "힣" else 1 for char in stem)
