"""From what an admin writes to the tree of a rule: `lexer` has the terminals, this module the structure.

    expr := and (OR and)* ; and := not ([AND] not)* ; not := [NOT | -] near ; near := atom [NEAR/n atom]
    atom := ( expr ) | field:atom | "phrase" | word | word* | "phras*" | =Exact | @alias | /regex/

Nothing is skipped in silence: a line means all that is in it, or is refused with the place and a remedy.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from syndicator.match.aliases import NAME, NO_ALIASES, Reference
from syndicator.match.checks import MAX_TERMS, is_positive, leaves_of, one_stream, operand
from syndicator.match.faults import QUOTE_IT, RuleError
from syndicator.match.lexer import OPERATORS, Lexeme, lex
from syndicator.model import And, Near, Not, Or, Rule, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syndicator.match.aliases import Aliases
    from syndicator.model import Category, Expr

MAX_LINE: Final = 500  # characters
MAX_QUERY: Final = 10_000

_SIMPLE: Final = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")  # nine lines of ten; words that fold to themselves
_OPERATOR_WORDS: Final = frozenset(word.lower() for word in OPERATORS)


def parse_line(text: str, aliases: Aliases = NO_ALIASES) -> Expr:
    """Parse one line of `any`, `all` or `none`. Raises RuleError at the first fault."""
    if (
        _SIMPLE.fullmatch(text)
        and len(text) <= MAX_LINE
        and _OPERATOR_WORDS.isdisjoint(words := text.split())
    ):
        terms = tuple(map(_word, words))
        return terms[0] if len(terms) == 1 else And(parts=terms, source=text)
    return _parse(text, MAX_LINE, aliases)


@lru_cache(1 << 16)
def _word(word: str) -> Term:
    """Make one term of the same word in many topics, so that an article is searched for it once."""
    return Term(tokens=(word,), source=word)


def parse_positive(text: str, aliases: Aliases = NO_ALIASES) -> Expr:
    """Parse a line that has to ask for something: one of `any` or `none`. Raises RuleError."""
    expr = parse_line(text, aliases)
    if not is_positive(expr):
        what = "the line holds just because something is missing"
        raise RuleError(
            what, 1, "say what must be there; what must not goes into the list `none`, without NOT"
        )
    return expr


def parse_query(text: str, aliases: Aliases = NO_ALIASES) -> Expr:
    """Parse a `query`, which may be long and go over several lines. Raises RuleError."""
    expr = _parse(text, MAX_QUERY, aliases)
    if not is_positive(expr):
        what = "the query can only exclude"
        raise RuleError(what, 1, "say what belongs to the topic: (this OR that) NOT something")
    return expr


def parse_mask(text: str, aliases: Aliases = NO_ALIASES) -> tuple[Term, ...]:
    """Parse one line of `mask`: a single word or phrase, or the spellings of an alias. Raises RuleError."""
    expr = parse_line(text, aliases)
    if isinstance(expr, Or) and expr.alias:
        return tuple(term for term in expr.parts if isinstance(term, Term))
    if not isinstance(expr, Term):
        raise RuleError("a mask is one word or phrase", 1, f'quote it: "{_bare(text)}"')
    return (expr,)


def _bare(text: str) -> str:
    return re.sub(r'["“”„＂]', "", text).strip()


def parse_tag(text: str, aliases: Aliases = NO_ALIASES) -> Category:
    """Return one of `tags` with all spellings that it is compared with. Raises RuleError."""
    return aliases.category(text)


def parse_spelling(text: str) -> Term | Reference:
    """Parse one spelling of an alias: a word, prefix or phrase, or another alias. Raises RuleError."""
    if (name := text.strip()[1:]) and text.strip()[0] in "@＠":
        if not NAME.fullmatch(name):
            raise RuleError(f"'{name[:70]}' is no alias", 1, "write @ and the name of one")
        return Reference(name)
    expr = parse_line(text)
    if not isinstance(expr, Term):
        raise RuleError("a spelling is one word or phrase", 1, f'quote it: "{_bare(text)}"')
    if expr.field != "text" or re.match(r"[A-Za-z_]+[:：]", expr.source):
        raise RuleError("a field inside an alias", 1, "put it before the alias: title:@name")
    return expr


def parse_rule(
    *,
    any: Iterable[str] = (),  # noqa: A002 - the keys of a topic file
    all: Iterable[str] = (),  # noqa: A002
    none: Iterable[str] = (),
    mask: Iterable[str] = (),
    tags: Iterable[str] = (),
    query: str = "",
    aliases: Aliases = NO_ALIASES,
) -> Rule:
    """Parse the lists of a topic file. Raises RuleError at the first fault; `check_rule` is the caller's."""
    return Rule(
        any=tuple(parse_positive(line, aliases) for line in any),
        all=tuple(parse_line(line, aliases) for line in all),
        none=tuple(parse_positive(line, aliases) for line in none),
        mask=tuple(term for line in mask for term in parse_mask(line, aliases)),
        tags=tuple(parse_tag(tag, aliases) for tag in tags),
        query=parse_query(query, aliases) if query else None,
    )


def _parse(text: str, limit: int, aliases: Aliases) -> Expr:
    if len(text) > limit:
        raise RuleError(f"a line of {len(text)} characters", limit + 1, f"keep it under {limit}")
    lexemes = lex(text, aliases)
    if not lexemes:
        raise RuleError("an empty line", 1, "write a word or a phrase, or delete the line")
    terms = 0
    for lexeme in lexemes:
        terms += sum(1 for _ in leaves_of(lexeme.value)) if lexeme.kind == "LEAF" else 0
        if terms > MAX_TERMS:
            raise RuleError(f"more than {MAX_TERMS} terms", lexeme.at + 1, "make several topics of it")
    if all(lexeme.kind in ("LEAF", "FIELD") for lexeme in lexemes):  # most lines
        parts = tuple(lexeme.value for lexeme in lexemes if lexeme.kind == "LEAF")
        return parts[0] if len(parts) == 1 else And(parts=parts, source=text.strip())
    return _Parser(lexemes, text).run()


# Structure --------------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    """A node and the part of the line that it stands for."""

    expr: Expr
    at: int
    end: int


class _Parser:
    """Reads the terminals of a line from left to right, a method for each level of the grammar.

    No deeper than the parentheses, which the lexer has counted.
    """

    def __init__(self, lexemes: Sequence[Lexeme], text: str) -> None:
        self.lexemes = lexemes
        self.text = text
        self.at = 0
        self.kinds = [lexeme.kind for lexeme in lexemes] + ["END"]

    def run(self) -> Expr:
        """Return the tree of the whole line. Raises RuleError."""
        expr = self.either().expr
        if self.at < len(self.lexemes):
            self.misplaced()
        return expr

    def either(self) -> _Placed:
        """Read `expr := and (OR and)*`."""
        parts = [self.both()]
        while self.kinds[self.at] == "OR":
            self.at += 1
            parts.append(self.both())
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            if not is_positive(part.expr):
                remedy = "it would let in all other articles; put a word before it, or leave it out"
                raise RuleError("an alternative that can only exclude", part.at + 1, remedy)
        at, end = parts[0].at, parts[-1].end
        return _Placed(Or(parts=tuple(part.expr for part in parts), source=self.text[at:end]), at, end)

    def both(self) -> _Placed:
        """Read `and := not ([AND] not)*`."""
        parts = [self.negated()]
        while (kind := self.kinds[self.at]) not in ("OR", "CLOSE", "END"):
            self.at += kind == "AND"
            parts.append(self.negated())
        if len(parts) == 1:
            return parts[0]
        at, end = parts[0].at, parts[-1].end
        return _Placed(And(parts=tuple(part.expr for part in parts), source=self.text[at:end]), at, end)

    def negated(self) -> _Placed:
        """Read `not := [NOT | -] near`."""
        if self.kinds[self.at] != "NOT":
            return self.near()
        at = self.lexemes[self.at].at
        self.at += 1
        part = self.near()
        return _Placed(Not(part=part.expr, source=self.text[at : part.end]), at, part.end)

    def near(self) -> _Placed:
        """Read `near := atom [NEAR/n atom]`."""
        left = self.atom()
        if self.kinds[self.at] != "NEAR":
            return left
        between = self.lexemes[self.at]
        self.at += 1
        return _near(left, between, self.atom(), self.text)

    def atom(self) -> _Placed:
        """Read `atom := ( expr ) | field:atom | leaf`."""
        kind = self.kinds[self.at]
        if kind not in ("LEAF", "OPEN", "FIELD"):
            self.misplaced()
        lexeme = self.lexemes[self.at]
        self.at += 1
        if kind == "LEAF":
            return _Placed(lexeme.value, lexeme.at, lexeme.end)
        if kind == "FIELD":
            inner = self.atom()
            source = self.text[lexeme.at : inner.end]
            return _Placed(replace(inner.expr, source=source), lexeme.at, inner.end)
        expr = self.either().expr
        closed = self.lexemes[self.at]  # the lexer has seen to it that there is one
        self.at += 1
        return _Placed(expr, lexeme.at, closed.end)

    def misplaced(self) -> NoReturn:
        """Say why a terminal, or the end, cannot stand where it does."""
        number, text = self.at, self.text
        lexeme = self.lexemes[number] if number < len(self.lexemes) else None
        before = self.lexemes[number - 1] if number else None
        column = lexeme.at + 1 if lexeme else len(text.rstrip()) + 1
        kind = self.kinds[number]
        spoken = text[lexeme.at : lexeme.end] if lexeme else ""
        if before and before.kind == "OPEN" and kind == "CLOSE":
            raise RuleError("nothing between the parentheses", column, f"write words there; {QUOTE_IT}")
        if kind == "NOT" and before and before.kind in ("NOT", "NEAR"):
            what = "NOT twice" if before.kind == "NOT" else "NOT beside NEAR"
            raise RuleError(what, column, "leave it out, or put parentheses around what it is about")
        if kind in ("END", "CLOSE") or (before and before.kind in ("OR", "AND", "NOT", "NEAR")):
            after = text[before.at : before.end] if before else ""
            raise RuleError(f"nothing after {after}", column, f"write a word there; {QUOTE_IT}")
        if kind == "NEAR" and before and before.kind in ("LEAF", "CLOSE"):
            raise RuleError("NEAR after NEAR", column, "write a NEAR/6 b AND b NEAR/6 c")
        raise RuleError(f"nothing before {spoken}", column, f"write a word there; {QUOTE_IT}")


def _near(left: _Placed, between: Lexeme, right: _Placed, text: str) -> _Placed:
    found: list[tuple[Term, ...]] = []
    for side in (left, right):
        terms = operand(side.expr)
        if isinstance(terms, str):
            what, _, remedy = terms.partition("; ")
            raise RuleError(what, side.at + 1, remedy)
        found.append(terms)
    if not one_stream(*found):
        what = "NEAR between different places"
        raise RuleError(what, between.at + 1, "only words of one text can be near one another; write AND")
    at, end = left.at, right.end
    expr = Near(left=found[0], right=found[1], distance=between.value, source=text[at:end])
    return _Placed(expr, at, end)
