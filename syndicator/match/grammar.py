"""From what an admin writes to the tree of a rule. Lark does the structure, `lexer` the terminals.

    expr := and (OR and)* ; and := not ([AND] not)* ; not := [NOT | -] near ; near := atom [NEAR/n atom]
    atom := ( expr ) | field:atom | "phrase" | word | word* | "phras*" | =Exact | @alias | /regex/

Nothing is skipped in silence: a line means all that is in it, or is refused with the place and a remedy.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

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

_GRAMMAR: Final = """
?start: either
?either: both | both (_OR both)+
?both: one | one (_AND? one)+
?one: near | NOT near -> negated
?near: atom | atom NEAR atom
?atom: LEAF -> leaf | OPEN either CLOSE -> group | FIELD atom -> field

%declare LEAF FIELD NEAR OPEN CLOSE NOT _OR _AND
"""
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
    if all(lexeme.kind in ("LEAF", "FIELD") for lexeme in lexemes):  # most lines; lark would add nothing
        parts = tuple(lexeme.value for lexeme in lexemes if lexeme.kind == "LEAF")
        return parts[0] if len(parts) == 1 else And(parts=parts, source=text.strip())
    return _node(_tree(lexemes, text), text).expr


# Structure --------------------------------------------------------------------------------------------


@cache
def _parser() -> Any:
    """Build the LALR parser, once; it takes ready terminals."""
    from lark import Lark  # noqa: PLC0415 - it costs 0.1 s, and most commands read no rules
    from lark.lexer import Lexer  # noqa: PLC0415

    class Ready(Lexer):
        def __init__(self, _: Any) -> None:
            pass

        def lex(self, lexemes: Any) -> Any:  # type: ignore[override]
            return iter(lexemes)

    return Lark(_GRAMMAR, parser="lalr", lexer=Ready)


def _tree(lexemes: Sequence[Lexeme], text: str) -> Any:
    """Return lark's tree of a line; its tokens have our lexemes as values. Raises RuleError."""
    from lark import Token, UnexpectedInput  # noqa: PLC0415

    tokens = []
    for number, lexeme in enumerate(lexemes):
        kind = f"_{lexeme.kind}" if lexeme.kind in ("OR", "AND") else lexeme.kind
        tokens.append(Token(kind, str(number)))
        tokens[-1].value = lexeme
    parser = _parser()
    try:
        return parser.parse(tokens)
    except UnexpectedInput as error:
        _misplaced(lexemes, getattr(error, "token", None), text)


def _misplaced(lexemes: Sequence[Lexeme], token: Any, text: str) -> NoReturn:
    """Say why a terminal, or the end, cannot stand where it does."""
    lexeme = getattr(token, "value", None)
    number = lexemes.index(lexeme) if isinstance(lexeme, Lexeme) else len(lexemes)
    before = lexemes[number - 1] if number else None
    column = lexeme.at + 1 if isinstance(lexeme, Lexeme) else len(text.rstrip()) + 1
    kind = lexeme.kind if isinstance(lexeme, Lexeme) else "END"
    spoken = text[lexeme.at : lexeme.end] if isinstance(lexeme, Lexeme) else ""
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


class _Placed(NamedTuple):
    """A node and the part of the line that it stands for."""

    expr: Expr
    at: int
    end: int


def _node(tree: Any, text: str) -> _Placed:
    """Make our node of lark's; no deeper than the parentheses, which the lexer has counted."""
    if tree.data == "leaf":
        lexeme = tree.children[0].value
        return _Placed(lexeme.value, lexeme.at, lexeme.end)
    if tree.data == "group":
        opened, inner, closed = tree.children
        return _Placed(_node(inner, text).expr, opened.value.at, closed.value.end)
    if tree.data in ("field", "negated"):
        first, inner = tree.children
        placed = _node(inner, text)
        source = text[first.value.at : placed.end]
        expr = (
            replace(placed.expr, source=source)
            if tree.data == "field"
            else Not(part=placed.expr, source=source)
        )
        return _Placed(expr, first.value.at, placed.end)
    if tree.data == "near":
        return _near(tree.children, text)
    parts = [_node(child, text) for child in tree.children]
    at, end = parts[0].at, parts[-1].end
    kind = Or if tree.data == "either" else And
    for part in parts if kind is Or else ():
        if not is_positive(part.expr):
            remedy = "it would let in all other articles; put a word before it, or leave it out"
            raise RuleError("an alternative that can only exclude", part.at + 1, remedy)
    return _Placed(kind(parts=tuple(part.expr for part in parts), source=text[at:end]), at, end)


def _near(children: Sequence[Any], text: str) -> _Placed:
    left, between, right = children
    sides = [_node(left, text), _node(right, text)]
    found: list[tuple[Term, ...]] = []
    for side in sides:
        terms = operand(side.expr)
        if isinstance(terms, str):
            what, _, remedy = terms.partition("; ")
            raise RuleError(what, side.at + 1, remedy)
        found.append(terms)
    if not one_stream(*found):
        what = "NEAR between different places"
        raise RuleError(
            what, between.value.at + 1, "only words of one text can be near one another; write AND"
        )
    at, end = sides[0].at, sides[1].end
    expr = Near(left=found[0], right=found[1], distance=between.value.value, source=text[at:end])
    return _Placed(expr, at, end)
