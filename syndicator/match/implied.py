"""Whether one part of a rule holds wherever another does, as far as their words tell: never wrongly yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.model import And, Near, Not, Or, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.model import Expr

INSIDE: Final[Mapping[str, tuple[str, ...]]] = {"text": ("title", "lead", "body"), "body": ("lead",)}


def implies(one: Expr, other: Expr) -> bool:
    """Whether `other` holds wherever `one` does; No also where that cannot be told."""
    if isinstance(one, Or):
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, And):
        return all(implies(one, part) for part in other.parts)
    if isinstance(one, And) and any(implies(part, other) for part in one.parts):
        return True
    if isinstance(other, Or):
        return any(implies(one, part) for part in other.parts)
    if isinstance(one, Near):
        return _near(one, other)
    return _leaf(one, other)


def _near(one: Near, other: Expr) -> bool:
    if isinstance(other, Near):
        straight = _sides(one.left, other.left) and _sides(one.right, other.right)
        crossed = _sides(one.left, other.right) and _sides(one.right, other.left)
        return (straight or crossed) and one.distance <= other.distance
    return any(all(implies(term, other) for term in side) for side in (one.left, one.right))


def _sides(one: tuple[Term, ...], other: tuple[Term, ...]) -> bool:
    """Whether each alternative is one of the others; the same words, so that distances stay the same."""
    known = {(term.tokens, term.field, term.prefix, term.forms) for term in other}
    return all((term.tokens, term.field, term.prefix, term.forms) in known for term in one)


def _leaf(one: Expr, other: Expr) -> bool:
    if isinstance(one, Term) and isinstance(other, Term):
        return _term(one, other)
    if isinstance(one, Pattern) and isinstance(other, Pattern):
        return (one.regex, one.field) == (other.regex, other.field)
    if isinstance(one, Not) and isinstance(other, Not):
        return implies(other.part, one.part)
    return False


def _term(one: Term, other: Term) -> bool:
    """Whether the words of `other` are among those of `one`, side by side, in a text around its text."""
    if other.field != one.field and one.field not in INSIDE.get(other.field, ()):
        return False
    last = len(one.tokens) - 1
    for start in range(len(one.tokens) - len(other.tokens) + 1):
        if other.forms and other.forms != one.forms[start : start + len(other.tokens)]:
            continue
        places = range(start, start + len(other.tokens))
        if all(
            _word(
                one.tokens[at], wanted, is_stem=one.prefix and at == last,
                wants_stem=other.prefix and at == places[-1],
            )
            for at, wanted in zip(places, other.tokens, strict=True)
        ):  # fmt: skip
            return True
    return False


def _word(word: str, wanted: str, *, is_stem: bool, wants_stem: bool) -> bool:
    return word.startswith(wanted) if wants_stem else word == wanted and not is_stem
