"""Names that stand for all spellings of one thing: `@china` for China, 中国, "People's Republic of China".

An alias may name other aliases; what it holds in the end is a flat list of words, prefixes and phrases.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from syndicator.match.faults import QUOTE_IT, RuleError
from syndicator.match.fields import fold_tag
from syndicator.match.leaves import check_stem, did_you_mean, odd_star
from syndicator.model import Category, Or, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME: Final = re.compile(r"[a-z0-9-]{1,64}")
MAX_SPELLINGS: Final = 500  # of one alias, those of other aliases in it included
MAX_CHAIN: Final = 20  # aliases that name aliases


@dataclass(frozen=True, slots=True)
class Reference:
    """Another alias, named in an alias."""

    name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an alias as a whole; `place` counts its spellings from 0."""

    name: str
    place: int
    what: str
    remedy: str


class Aliases:
    """All aliases of an installation. Immutable."""

    def __init__(self, spellings: Mapping[str, tuple[Term, ...]]) -> None:
        self.spellings = spellings

    def expand(self, name: str, at: int, field: str, source: str) -> Or:
        """Return what `@name` stands for in `field`; `at` is where the @ is. Raises RuleError."""
        parts = tuple(replace(term, field=field) for term in self._of(name, at))
        return Or(parts=parts, source=source, alias=name.lower())

    def category(self, written: str) -> Category:
        """Return one of a topic's `tags`: `@name`, or a tag with all spellings of the aliases that know it.

        Raises RuleError where nothing is left to compare.
        """
        text = written.strip()
        if text[:1] in ("@", "＠"):
            return Category(spellings=tuple(map(_spell, self._of(text[1:], 0))), source=text)
        bare = text[:-1] if text.endswith(("*", "＊")) else text
        if star := re.search(r"[*＊]", bare):
            odd_star(star.start() + 1)
        folded = fold_tag(bare)
        if not folded:
            raise RuleError("a tag without letters or digits", 1, "write the tag as the publisher does")
        if bare != text:
            check_stem(folded.rpartition(" ")[2], 0)
        known = [_spell(term) for name in self._by_tag.get(folded, ()) for term in self.spellings[name]]
        own = folded if bare == text else f"{folded}*"
        return Category(spellings=tuple(dict.fromkeys([own, *known])), source=text)

    def _of(self, name: str, at: int) -> tuple[Term, ...]:
        found = self.spellings.get(name.lower())
        if found is None:
            what = f"there is no alias @{name}" if name else "@ without a name"
            hint = did_you_mean(name.lower(), self.spellings)
            raise RuleError(what, at + 1, hint or f"add it to aliases.yaml; {QUOTE_IT}")
        return found

    @cached_property
    def _by_tag(self) -> Mapping[str, list[str]]:
        """Aliases by each folded name or spelling of theirs."""
        by_tag = defaultdict(list)
        for name, terms in self.spellings.items():
            for folded in {fold_tag(name), *(_spell(term) for term in terms)}:
                by_tag[folded].append(name)
        return by_tag


NO_ALIASES: Final = Aliases({})


def join(written: Mapping[str, Sequence[Term | Reference]]) -> tuple[Aliases, list[Fault]]:
    """Put aliases in the place of references; what is wrong comes beside what is right."""
    faults: list[Fault] = []
    flat: dict[str, tuple[Term, ...]] = {}
    for name in written:
        terms, fault = _flatten(name, written)
        if fault:
            faults.append(fault)
        flat[name] = terms
    return Aliases(flat), faults


def _flatten(
    name: str, written: Mapping[str, Sequence[Term | Reference]]
) -> tuple[tuple[Term, ...], Fault | None]:
    """Return all spellings of an alias, each once, in the order of the file; and the first fault."""
    found: dict[tuple[object, ...], Term] = {}
    for place, one in enumerate(written[name]):
        for term in [one] if isinstance(one, Term) else _follow((name, one.name), written):
            if isinstance(term, str):
                return tuple(found.values()), Fault(name, place, *term.split("; ", 1))
            found.setdefault((term.tokens, term.prefix, term.forms), term)
            if len(found) > MAX_SPELLINGS:
                what = f"more than {MAX_SPELLINGS} spellings"
                return tuple(found.values()), Fault(name, place, what, "make several aliases of it")
    return tuple(found.values()), None


def _follow(path: tuple[str, ...], written: Mapping[str, Sequence[Term | Reference]]) -> Iterable[Term | str]:
    """Yield the spellings of the last alias of `path`; or, as a text, what is wrong and what to do."""
    *before, name = path
    if name not in written:
        yield f"there is no alias @{name}; {did_you_mean(name, written) or 'add it to this file'}"
    elif name in before:
        circle = " → ".join(f"@{one}" for one in path[before.index(name) :])
        yield f"the alias is part of itself: {circle}; write the spellings out in one of them"
    elif len(path) > MAX_CHAIN:
        yield f"aliases more than {MAX_CHAIN} deep; write the spellings out"
    else:
        for one in written[name]:
            if isinstance(one, Term):
                yield one
            else:
                yield from _follow((*path, one.name), written)


def _spell(term: Term) -> str:
    return " ".join(term.tokens) + "*" * term.prefix
