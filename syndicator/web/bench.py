"""What the workbench shows, settled before any template sees it. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from syndicator.card import card
from syndicator.match import trace
from syndicator.text.marks import clip, pieces
from syndicator.web.chart import Chart, chart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from syndicator.catalog.draft import Draft, Saving, TopicText
    from syndicator.model import Topic, Verdict
    from syndicator.pipeline.trial import Candidate, Cut, Tally, Trial

EXCERPT: Final = 240  # characters
SOURCES: Final = 8  # the rest is one line
MOST_LINES: Final = 2_000  # of texts that are compared line by line

Pieces = tuple[tuple[str, bool], ...]
Standing = Literal["unsaved", "waiting", "in force"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One candidate: texts in pieces, each with whether it is marked."""

    id: int
    title: Pieces
    excerpt: Pieces
    url: str
    source: str
    at: datetime
    language: str
    dir: str
    score: float
    because: tuple[str, ...]
    verdict: Verdict | Literal[""] = ""
    dropped: str = ""  # why the tried rule does not take it


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One source's articles; `share` is its part of the largest, in percent."""

    source: str
    tally: Tally
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the archive gives with a rule, beside the rule in force if there is one."""

    total: Tally
    has_before: bool
    is_same: bool
    scanned: int
    cut: Cut
    reached: datetime | None
    gained: tuple[Item, ...]
    lost: tuple[Item, ...]
    kept: tuple[Item, ...]
    chart: Chart | None
    sources: tuple[Row, ...]
    more_sources: int

    @property
    def kept_total(self) -> int:
        """How many both rules take."""
        return self.total.matched - self.total.gained


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that the page shows. `text` is what stands in the editor."""

    slug: str
    title: str
    file: TopicText
    text: str
    held: str  # digest of the file that the text was made of
    draft: Draft
    result: Result | None
    standing: Standing
    judged: tuple[int, int]
    saving: Saving | None = None
    difference: tuple[str, ...] = ()

    @property
    def passed(self) -> int:
        """How many of the file's own tests pass."""
        return len(self.draft.tried) - len(self.draft.failures)


def result(
    topic: Topic,
    made: Trial,
    verdicts: Mapping[tuple[str, str], Verdict],
    *,
    has_before: bool,
    is_same: bool,
) -> Result:
    """Settle what is shown of trying `topic`."""

    def items(found: Iterable[Candidate]) -> tuple[Item, ...]:
        return tuple(_item(each, verdicts) for each in found)

    lost = [
        replace(item, dropped=trace(topic, each.stored.article).verdict.removeprefix("dropped: "))
        for item, each in zip(items(made.lost), made.lost, strict=True)
    ]

    ranked = sorted(made.by_source.items(), key=lambda row: (-row[1].matched, -row[1].lost, row[0]))
    most = max((tally.matched for _, tally in ranked), default=0)
    rows = [
        Row(source=name, tally=tally, share=round(100 * tally.matched / max(most, 1), 2))
        for name, tally in ranked
    ]
    return Result(
        total=made.total,
        has_before=has_before,
        is_same=is_same,
        scanned=made.scanned,
        cut=made.cut,
        reached=made.reached,
        gained=items(made.gained),
        lost=tuple(lost),
        kept=items(made.kept),
        chart=chart(made.by_day),
        sources=tuple(rows[:SOURCES]),
        more_sources=len(rows[SOURCES:]),
    )


def _item(found: Candidate, verdicts: Mapping[tuple[str, str], Verdict]) -> Item:
    article = found.stored.article
    shown = card(found.stored)
    name = "text" if article.text else "summary"
    body, inside = clip(getattr(article, name), found.marks.get(name, ()), EXCERPT)
    return Item(
        id=found.stored.id,
        title=pieces(shown.title, found.marks.get("title", ()) if article.title else ()),
        excerpt=pieces(body, inside) if article.title else (),
        url=shown.url,
        source=article.source,
        at=shown.at,
        language=shown.language,
        dir=shown.dir,
        score=found.match.score,
        because=found.match.because,
        verdict=verdicts.get((article.source, article.key), ""),
    )


def difference(theirs: str, mine: str) -> tuple[str, ...]:
    """Compare two texts line by line; nothing where they are too long for that."""
    one, two = theirs.splitlines(), mine.splitlines()
    if max(len(one), len(two)) > MOST_LINES:
        return ()
    return tuple(difflib.unified_diff(one, two, n=2, lineterm=""))[2:]
