"""What a rule must be besides well formed: not only negative, not endless. And what all its leaves are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.match.fields import stream_of
from syndicator.model import And, Near, Not, Or, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import Expr, Rule

MAX_TERMS: Final = 500  # of one rule


def leaves_of(expr: Expr) -> Iterator[Term | Pattern]:
    """Yield all leaves, negated ones too."""
    if isinstance(expr, Term | Pattern):
        yield expr
    elif isinstance(expr, Near):
        yield from expr.left
        yield from expr.right
    elif isinstance(expr, Not):
        yield from leaves_of(expr.part)
    else:
        for part in expr.parts:
            yield from leaves_of(part)


def is_positive(expr: Expr, *, wanted: bool = True) -> bool:
    """Whether `expr` (or its negation, where it is not `wanted`) holds only if something is found.

    Such a rule cannot match an article just because of what is not in it.
    """
    if isinstance(expr, Not):
        return is_positive(expr.part, wanted=not wanted)
    if isinstance(expr, And | Or):
        # Not both of two is one or the other not, and the other way round.
        each = any if isinstance(expr, And) is wanted else all
        return each(is_positive(part, wanted=wanted) for part in expr.parts)
    return wanted


def operand(expr: Expr) -> tuple[Term, ...] | str:
    """Return the alternatives of one side of NEAR; or, as a text, why it cannot stand there; what to do."""
    if isinstance(expr, Term):
        return (expr,)
    if isinstance(expr, Or):
        found: list[Term] = []
        for part in expr.parts:
            inner = operand(part)
            if isinstance(inner, str):
                return inner
            found += inner
        return tuple(found)
    return {
        And: "several words on one side of NEAR; write OR between them, or quote them as a phrase",
        Not: "NOT beside NEAR; write a line with NEAR and move the rest to `none`",
        Near: "NEAR inside NEAR; write a NEAR/6 b AND b NEAR/6 c",
        Pattern: "a regular expression beside NEAR; write words or prefixes",
    }[type(expr)]


def one_stream(left: tuple[Term, ...], right: tuple[Term, ...]) -> bool:
    """Whether all terms look at one text, so that there is something between them."""
    return len({stream_of(term.field) for term in (*left, *right)}) == 1


def check_rule(rule: Rule) -> str | None:
    """Say what is wrong with a rule as a whole and what to do, or None.

    A rule that can only exclude would match everything else; one of thousands of terms is a mistake.
    """
    lists = (*rule.any, *rule.all, *rule.none)
    if rule.query is not None and lists:
        return "`query` beside `any`, `all` or `none`; write the one or the others"
    ways = rule.any if rule.query is None else (rule.query,)
    if not (ways or rule.all or rule.tags or rule.none or rule.mask):
        return "the rule is empty; say in `any`, `all`, `tags` or `query` what belongs to the topic"
    # Without a way in, a line of `all` must ask for something; tags beside `all` alone only add.
    asks = all(map(is_positive, ways)) if ways else any(map(is_positive, rule.all))
    if not asks and not (rule.tags and not ways and not rule.all):
        return "the rule can only exclude; say in `any`, `all` or `tags` what belongs to the topic"
    count = sum(1 for line in (*rule.all, *rule.none, *ways) for _ in leaves_of(line))
    count += len(rule.mask) + sum(len(tag.spellings) for tag in rule.tags)
    if count > MAX_TERMS:
        return f"{count} terms, more than {MAX_TERMS}; split the topic, or use prefixes (word*)"
    return None
