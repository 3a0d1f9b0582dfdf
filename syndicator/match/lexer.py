"""The terminals of the language: a line cut into leaves, operators and parentheses, each with its place.

Structure is read in a plain form of the line, one character for one: full-width signs and curly quotation
marks are as good as the plain ones. Texts and labels are cut from what the admin wrote.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from syndicator.match.faults import QUOTE_IT, RuleError
from syndicator.match.fields import FIELDS
from syndicator.match.leaves import did_you_mean, known_field, pattern, term

if TYPE_CHECKING:
    from syndicator.match.aliases import Aliases
    from syndicator.model import Expr

MAX_DEPTH: Final = 20  # parentheses inside one another
MAX_DISTANCE: Final = 100  # tokens between the two sides of NEAR
OPERATORS: Final = ("OR", "AND", "NOT")

_PLAIN: Final = (
    {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "“”„"), '"')
    | dict.fromkeys(
        map(ord, "‐‑‒–—―⁻−﹘﹣¬"), "-"
    )  # as copied from a page: what excludes must not become a word
)
# Nobody sees them, and between a sign and its word they would change what the line means. Those that join
# letters (U+200C, U+200D) belong to some scripts.
_UNSEEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_SMALL: Final = re.compile(r"[a-z0-9*]+")  # nine words of ten, which are no operators
_SMALL_OPERATORS: Final = frozenset(word.lower() for word in OPERATORS)
_SPACE: Final = re.compile(r"\s*")
_FIELD: Final = re.compile(r"([A-Za-z_]+):")
_PHRASE: Final = re.compile(r'"([^"]*)"')
_REGEX: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([A-Za-z]*)")
_WORD: Final = re.compile(r'[^\s"()]+')
_ALIAS: Final = re.compile(r'@([^\s"()]*)')
_NEAR: Final = re.compile(r"NEAR/([0-9]{1,9})")
_LIKE_NEAR: Final = re.compile(r"(?i:near)(?:/\S*)?|[A-Z]{3,6}/[0-9]+")
# Operators of other languages; and signs that would be dropped without a word, so that C++ were c.
_FOREIGN: Final = re.compile(r"XOR|ANDNOT|ORNOT|BUTNOT|(?:NEAR|ONEAR|ADJ|WITHIN)[0-9]+|(?:W|PRE|N|P)/[0-9]+")
_DEAD: Final = re.compile(r"[+?~^<>{}\[\]\\«»‹›]|(?<=.)#|^[‘']")
_JOINS: Final = re.compile(r"[|;，；、]|,(?!\d)|(?<!\d),")
_DASHES: Final = "-"
_NO_WORD: Final = '"(@=/'  # what begins with one of these is no operator

_SAY_OR: Final = f"write OR between alternatives; {QUOTE_IT}"


class Lexeme(NamedTuple):
    """One terminal: its kind, the span of the line that it was, and the leaf or number that it stands for."""

    kind: str  # LEAF FIELD NEAR OR AND NOT OPEN CLOSE
    at: int
    end: int
    value: Any = None


def lex(text: str, aliases: Aliases) -> list[Lexeme]:
    """Cut a line into its terminals. Raises RuleError at the first that is none."""
    return _Lexer(text, aliases).run()


class _Lexer:
    def __init__(self, text: str, aliases: Aliases) -> None:
        self.text = text
        self.plain = text.translate(_PLAIN)
        self.aliases = aliases
        self.found: list[Lexeme] = []
        self.open: list[tuple[int, str]] = []  # where each open parenthesis is, and the field before it
        self.at = 0
        self.has_unseen = _UNSEEN.search(self.plain) is not None

    def run(self) -> list[Lexeme]:
        end = len(self.plain)
        while True:
            self.at = _SPACE.match(self.plain, self.at).end()  # type: ignore[union-attr]  # matches anywhere
            if self.at == end:
                break
            self._next()
        if self.open:
            raise RuleError("the parenthesis is never closed", self.open[-1][0] + 1, "add ) where it ends")
        return self.found

    def _emit(self, kind: str, end: int, value: Any = None) -> None:
        self.found.append(Lexeme(kind, self.at, end, value))
        self.at = end

    def _next(self) -> None:
        sign = self.plain[self.at]
        if self.has_unseen:
            self._check_unseen()
        if sign == ")":
            if not self.open:
                self._refuse("a parenthesis that was never opened", f"delete it; {QUOTE_IT}")
            self.open.pop()
            self._emit("CLOSE", self.at + 1)
            self._end_of_leaf(after=")")
        elif sign in _DASHES:
            self._minus()
        elif sign not in _NO_WORD and (operator := self._operator()):
            self._emit(*operator)
        else:
            self._atom()

    def _check_unseen(self) -> None:
        """Refuse what nobody sees; between quotation marks and in expressions it changes nothing."""
        word = _WORD.match(self.plain, self.at)
        if word and word[0][0] != "/" and (unseen := _UNSEEN.search(word[0])):
            what = f"an invisible character (U+{ord(unseen[0]):04X})"
            at = self.at + unseen.start() + 1
            raise RuleError(what, at, "type the line anew there; it came along when copying")

    def _minus(self) -> None:
        if self.at + 1 == len(self.plain) or self.plain[self.at + 1].isspace():
            self._refuse("a dash that stands alone", f"delete it, or write -word or NOT word; {QUOTE_IT}")
        self._emit("NOT", self.at + 1)

    def _operator(self) -> tuple[Any, ...] | None:
        """Read OR, AND, NOT or NEAR/n; what only looks like one is refused, not taken for a word."""
        if not (found := _WORD.match(self.plain, self.at)):
            return None
        word, end = found[0], found.end()
        if word in OPERATORS:
            return word, end
        if _SMALL.fullmatch(word) and word not in _SMALL_OPERATORS:
            return None
        if word.upper() in OPERATORS:
            what = f"{self.text[self.at : end]} is neither an operator nor a word"
            self._refuse(what, f"write {word.upper()} in capitals if you mean the operator; else {QUOTE_IT}")
        if near := _NEAR.fullmatch(word):
            if int(near[1]) > MAX_DISTANCE:
                self._refuse(f"{word} reaches too far", f"write at most NEAR/{MAX_DISTANCE}, or AND")
            return "NEAR", end, int(near[1])
        if _FOREIGN.fullmatch(word):
            self._refuse(f"unknown operator {word}", f"there are OR, AND, NOT and NEAR/6; {QUOTE_IT}")
        if _LIKE_NEAR.fullmatch(word) and (word != word.lower() or "/" in word):
            self._like_near(word)
        return None

    def _like_near(self, word: str) -> None:
        name, _, digits = word.partition("/")
        if name.upper() == "NEAR" and not digits.isdecimal():
            self._refuse(f"{word} without a distance", f"write NEAR/6: at most 6 words between; {QUOTE_IT}")
        if did_you_mean(name.upper(), ("NEAR",)):
            self._refuse(f"unknown operator {word}", f"did you mean NEAR/{digits}? Or {QUOTE_IT}")

    def _atom(self) -> None:
        """Read a leaf or an opening parenthesis, with the field before it if there is one."""
        start, field = self.at, next((name for _, name in reversed(self.open) if name), "")
        if name := _FIELD.match(self.plain, self.at):
            known = known_field(name[1], self.at)
            if field:
                self._refuse("a field inside a field", "one field for each word or parenthesis")
            field = known
            self._emit("FIELD", name.end(), field)
            self._check_behind(field)
        if self.plain[self.at] == "(":
            if len(self.open) == MAX_DEPTH:
                self._refuse(f"parentheses more than {MAX_DEPTH} deep", "write several lines, or an alias")
            self.open.append((self.at, field))
            self._emit("OPEN", self.at + 1)
        else:
            self._leaf(start, field)

    def _check_behind(self, field: str) -> None:
        """What stands right behind `field:` must be what it is the field of."""
        if self.at == len(self.plain) or self.plain[self.at].isspace() or self.plain[self.at] == ")":
            self._refuse(f"nothing after {field}:", f"write the word right behind it: {field}:word")
        if (inner := _FIELD.match(self.plain, self.at)) and inner[1].lower() in FIELDS:
            self._refuse("a field inside a field", "one field for each word or parenthesis")
        if self.plain[self.at] in _DASHES:
            self._refuse("a dash behind a field", f"put it before the field, -{field}:word; {QUOTE_IT}")
        if self._operator():
            self._refuse(f"nothing after {field}:", f"write the word right behind it; {QUOTE_IT}")

    def _leaf(self, start: int, field: str) -> None:
        sign = self.plain[self.at]
        read = {'"': self._phrase, "/": self._regex, "@": self._alias, "=": self._exact}.get(sign, self._word)
        value, end = read(start, field)
        self._emit("LEAF", end, value)
        self._end_of_leaf(after=sign)

    def _phrase(self, start: int, field: str, *, exact: bool = False) -> tuple[Expr, int]:
        found = _PHRASE.match(self.plain, self.at)
        if not found:
            self._refuse("the quotation mark is never closed", 'add " at the end of the phrase')
        end = found.end()
        words = self.text[self.at + 1 : end - 1]
        return term(words, self.at + 1, field or "text", self.text[start:end], exact=exact), end

    def _word(self, start: int, field: str, *, exact: bool = False) -> tuple[Expr, int]:
        if (sign := self.text[self.at]) == "!":
            self._refuse("! is no sign for NOT", f"write -word or NOT word; {QUOTE_IT}")
        if sign in "|&,;，；、":
            self._refuse(f"{sign} joins nothing", _SAY_OR)
        found = _WORD.match(self.plain, self.at)
        assert found  # noqa: S101 - neither space nor quotation mark nor parenthesis stands here
        words, end = self.text[self.at : found.end()], found.end()
        if join := _JOINS.search(words):
            raise RuleError(f"{join[0]} inside a word", self.at + join.start() + 1, _SAY_OR)
        if dead := _DEAD.search(words):
            said = 'leave it out, or put all in quotation marks, "…", to say that you know'
            raise RuleError(f"{dead[0]} is not looked for", self.at + dead.start() + 1, said)
        return term(words, self.at, field or "text", self.text[start:end], exact=exact), end

    def _exact(self, start: int, field: str) -> tuple[Expr, int]:
        self.at += 1
        behind = self.plain[self.at : self.at + 1]
        if not behind or behind.isspace() or behind in "()=@/":
            self._refuse("= without a word", f'write it right behind: =Word or ="Two Words"; {QUOTE_IT}')
        if (name := _FIELD.match(self.plain, self.at)) and name[1].lower() in FIELDS:
            self._refuse("a field behind =", f"put the field first: {name[0]}=Word")
        return (self._phrase if behind == '"' else self._word)(start, field, exact=True)

    def _regex(self, start: int, field: str) -> tuple[Expr, int]:
        found = _REGEX.match(self.plain, self.at)
        if not found:
            self._refuse("the regular expression is never closed", f"add / at its end; {QUOTE_IT}")
        if found[2].strip("i"):
            what = f"unknown flag {found[2].strip('i')[0]} behind a regular expression"
            raise RuleError(what, found.start(2) + 1, "case is ignored; begin it with (?-i) where it counts")
        regex, end = self.text[slice(*found.span(1))], found.end()
        return pattern(regex, self.at, field, self.text[start:end]), end

    def _alias(self, start: int, field: str) -> tuple[Expr, int]:
        found = _ALIAS.match(self.plain, self.at)
        assert found  # noqa: S101 - the @ stands here
        end = found.end()
        return self.aliases.expand(found[1], self.at, field or "text", self.text[start:end]), end

    def _end_of_leaf(self, after: str) -> None:
        """Behind a leaf or a parenthesis comes a space, another parenthesis or the end."""
        if self.at == len(self.plain) or self.plain[self.at].isspace() or self.plain[self.at] == ")":
            return
        sign = self.plain[self.at]
        if after == ")":
            if self.text[self.at - 1] != "）":  # which looks as if a space stood behind it
                self._refuse("no space behind the parenthesis", f"put one there; {QUOTE_IT}")
        elif sign == "(":
            self._refuse(f"{self.text[self.at]} inside a word", f"put a space before it; {QUOTE_IT}")
        elif after == '"' or sign == '"':
            star = 'the star stands inside: "a phras*"'
            self._refuse("a quotation mark amid a word", star if sign == "*" else "put a space between them")
        else:
            self._refuse("no space behind the regular expression", f"put one there; {QUOTE_IT}")

    def _refuse(self, message: str, remedy: str) -> NoReturn:
        raise RuleError(message, self.at + 1, remedy)
