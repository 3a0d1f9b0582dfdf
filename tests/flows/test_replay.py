"""Eight days of bad habits at simulated time, through the real program; bench/replay.py has the month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chronicle import HABITS, JOURNALS, TITLES
from retelling import replay

if TYPE_CHECKING:
    from pathlib import Path


async def test_no_article_is_lost_and_none_is_there_twice(tmp_path: Path) -> None:
    figures = await replay(tmp_path, sources=len(HABITS), days=8, step=timedelta(hours=6))
    said = figures.table()
    assert figures.pulls > 8 * 3 * len(HABITS), said
    assert figures.failed > 0, "the outages were not seen"
    assert figures.shown == figures.stored > 500, said
    assert (figures.lost, figures.twice, figures.mixed) == ([], [], []), said
    assert figures.held_of["archive"] >= 140, "the archive was not held back"
    assert not figures.held_of.keys() & {*JOURNALS, *TITLES}, said
    assert figures.names < 8 * figures.stored, said
