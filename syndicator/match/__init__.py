"""The match stage: which topics an article belongs to, and why. Pure.

`grammar` turns what an admin writes into a `Rule`; `Index` holds all topics and answers for one article;
`trace` tells what each part of one topic's rule found in it.
"""

from __future__ import annotations

from syndicator.match.aliases import NO_ALIASES, Aliases, Reference, join
from syndicator.match.checks import check_rule
from syndicator.match.faults import RuleError
from syndicator.match.fields import FIELDS
from syndicator.match.grammar import (
    parse_line,
    parse_mask,
    parse_positive,
    parse_query,
    parse_rule,
    parse_spelling,
    parse_tag,
)
from syndicator.match.index import Index
from syndicator.match.sums import Item, sum_of
from syndicator.match.trace import Branch, Found, Trace, trace

__all__ = [
    "FIELDS",
    "NO_ALIASES",
    "Aliases",
    "Branch",
    "Found",
    "Index",
    "Item",
    "Reference",
    "RuleError",
    "Trace",
    "check_rule",
    "join",
    "parse_line",
    "parse_mask",
    "parse_positive",
    "parse_query",
    "parse_rule",
    "parse_spelling",
    "parse_tag",
    "sum_of",
    "trace",
]
