"""The match stage: which topics an article belongs to, and why. Pure.

`grammar` turns an admin's lines into a `Rule`; `Index` holds all topics and answers for one article.
"""

from __future__ import annotations

from syndicator.match.grammar import RuleError, check_rule, parse_line, parse_mask, parse_rule, parse_tag
from syndicator.match.index import Index

__all__ = ["Index", "RuleError", "check_rule", "parse_line", "parse_mask", "parse_rule", "parse_tag"]
