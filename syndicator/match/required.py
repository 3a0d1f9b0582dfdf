"""What a rule cannot hold without: the few terms by which its topic is found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.model import And, Not, Or, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.model import Expr


def required(expr: Expr, *, wanted: bool = True) -> tuple[Term, ...] | None:
    """Return terms of which at least one is found wherever `expr` (or, not `wanted`, its negation) holds.

    None where there are none: it may hold without any word, as a regular expression or a negation does.
    """
    if isinstance(expr, Not):
        return required(expr.part, wanted=not wanted)
    if isinstance(expr, And | Or):
        parts = [required(part, wanted=wanted) for part in expr.parts]
        if isinstance(expr, And) is wanted:
            return rarest(filter(None, parts))
        return None if None in parts else tuple(term for part in parts if part for term in part)
    if not wanted or isinstance(expr, Pattern):
        return None
    return (expr,) if isinstance(expr, Term) else rarest((expr.left, expr.right))


def beside(expr: Expr, chosen: Iterable[Term]) -> tuple[Term, ...]:
    """Return other terms that must all be there wherever `expr` holds."""
    if not isinstance(expr, And):
        return ()
    taken = set(map(id, chosen))
    return tuple(part for part in expr.parts if isinstance(part, Term) and id(part) not in taken)


def rarest(choices: Iterable[tuple[Term, ...]]) -> tuple[Term, ...] | None:
    """Guess which of several sets of alternatives is found least; None if there is none to choose from."""
    return max(choices, key=_rarity, default=None)


def whole(term: Term) -> tuple[str, ...]:
    """Return the tokens of a term that must be there as they are."""
    return term.tokens[:-1] if term.prefix else term.tokens


def _rarity(terms: tuple[Term, ...]) -> tuple[int, int, int]:
    """A set is as frequent as its weakest term: phrases before words before stems, long before short."""
    weakest = min((min(len(whole(term)), 2), sum(map(len, term.tokens))) for term in terms)
    return (*weakest, -len(terms))
