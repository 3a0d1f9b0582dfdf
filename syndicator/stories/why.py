"""Why two articles are one story, or two, in words that an admin reads. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from syndicator.stories.grouping import TOLD, WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from syndicator.stories.grouping import Guard, Kind, Verdict
    from syndicator.stories.signatures import Features

_NAMED: Final = 8  # words that are listed
_KINDS: Final[dict[Kind, str]] = {
    "copy": "one story: the shorter text stands in the longer one",
    "version": "one story: two versions of a text, soon after each other, under similar titles",
    "told": "one story: told in much the same words, soon after each other, under similar titles",
    "headline": "one story: the same long headline from two sources that give no text",
    "apart": "two stories",
}


def why(one: Features[Any], other: Features[Any], verdict: Verdict) -> list[str]:
    """Say what was compared, and what decided: the verdict first, then a line for each reason.

    Where something speaks against it, the features must be of words, for they are named.
    """
    lines = [_KINDS[verdict.kind], _text(one, other, verdict)]
    if one.title and other.title:
        lines.append(f"titles: {_percent(verdict.title)} of their words in common")
    if verdict.gap is not None:
        lines.append(f"published {_span(verdict.gap)} apart")
    return [*lines, *(_against(guard, one, other, verdict) for guard in verdict.against)]


def _text(one: Features[Any], other: Features[Any], verdict: Verdict) -> str:
    if one.is_bare and other.is_bare:
        same = "the same" if verdict.containment == 1 else "different"
        return f"texts: neither has one; the headlines are {same}"
    if one.is_bare or other.is_bare:
        return "texts: only one of them has one, and a title alone proves nothing"
    share, size = _percent(verdict.containment), verdict.size
    return f"texts: {share} of the shorter one's {size} runs of words are in the longer one"


def _against(guard: Guard, one: Features[Any], other: Features[Any], verdict: Verdict) -> str:
    short, long = sorted((one, other), key=lambda each: (len(each.shingles), len(each.words)))
    numbers = (short.numbers - long.words) | (one.counts ^ other.counts)
    if len(short.shingles) == len(long.shingles):
        numbers |= long.numbers - short.words
    is_beyond = verdict.gap is not None and verdict.gap > WINDOW
    has_much = verdict.containment >= TOLD
    said: dict[Guard, str] = {
        "numbers": f"numbers differ, as in reports that come regularly ({_listed(numbers)})",
        "names": f"names differ ({_listed(short.names - long.words)})",
        "subject": "each title names what the other article does not know "
        f"({_listed(short.subject - long.words)}; {_listed(long.subject - short.words)})",
        "text": "what the texts share is too short to tell"
        if has_much
        else f"texts must share at least {_percent(TOLD)}",
        "time": f"more than {_span(WINDOW)} lie between them"
        if is_beyond
        else "too much time lies between them, or one has no date",
        "title": "the titles differ more than texts so much alike may have it",
        "part": "the shorter one is a small part of the longer one, as an item of a round-up is",
        "source": "both are of one source, which tells its stories itself",
    }
    return f"against it: {said[guard]}"


def _listed(words: Iterable[str]) -> str:
    listed = sorted(words)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
