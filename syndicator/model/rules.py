"""What admins look for: the parsed rule language as a tree of nouns.

Leaves are `Term` (words) and `Pattern` (a regular expression); `And`, `Or`, `Not` and `Near` join them.
`source` is always the piece of the line that a node was made of, as the admin wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing to look for: a run of folded tokens, in one field; `prefix` frees the last token's end.

    `forms` are the tokens as they must be written, where case and accents count (`=Word`); else empty.
    """

    tokens: tuple[str, ...]
    field: str = "text"
    prefix: bool = False
    source: str = ""
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A regular expression (RE2) over the text of a short field as it was written."""

    regex: str
    field: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of these."""

    parts: tuple[Expr, ...]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one of these. `alias` is the name that stood for them, if one did."""

    parts: tuple[Expr, ...]
    source: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold."""

    part: Expr
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """One of `left` and one of `right` with at most `distance` tokens between them, in either order."""

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    distance: int
    source: str = ""


Expr: TypeAlias = Term | Pattern | And | Or | Not | Near


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One of a topic's `tags`: the folded spellings that a publisher's tag is compared with, whole.

    A spelling that ends in * is a beginning.
    """

    spellings: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a topic asks of an article: lists of lines, or one `query` in place of `any`, `all` and `none`."""

    any: tuple[Expr, ...] = ()
    all: tuple[Expr, ...] = ()
    none: tuple[Expr, ...] = ()
    mask: tuple[Term, ...] = ()  # phrases that neither count nor hide
    tags: tuple[Category, ...] = ()  # publishers' categories, each as good as a line of `any`
    query: Expr | None = None
