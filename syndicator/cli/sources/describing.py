"""What `sources probe` and `add` show of what they found, for people."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from syndicator.model import Cadence, Entry
    from syndicator.pipeline.probe import Found, Probe, Sample

SHOWN: Final = 5  # entries
DAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def cut(found: Found) -> str:
    """Say how many entries of a feed are cut."""
    return f"{found.truncated} of {len(found.feed.entries)} entries are but beginnings of articles"


def describe(seen: Probe, found: Found) -> None:
    """Write what was found, for a person."""
    from syndicator.cli.sources.common import shown

    said = facts(found)
    lines = [("feed" if found.source.kind == "feed" else "page", shown(found.url))]
    lines += [(key.replace("_", " "), str(value)) for key, value in said.items() if value]
    lines += [("also", f"{other.url}  {other.title}") for other in seen.others]
    for key, value in lines:
        sys.stdout.write(f"{key:<11} {_line(value)}\n")
    for entry in found.feed.entries[:SHOWN]:
        sys.stdout.write(
            f"\n  {_when(entry, found):<16}  {title_of(entry)}\n  {'':<16}  {_line(entry.url)}\n"
        )


def facts(found: Found) -> dict[str, Any]:
    """Say what is worth knowing of what was found; empty values where there is nothing to say."""
    from syndicator.cli.sources.common import span

    feed, amount = found.feed, len(found.feed.entries)
    return {
        "title": _line(feed.title),
        "format": feed.format,
        "language": feed.language,
        "entries": amount,
        "asks": asks(feed.cadence),
        "fresh_for": span(found.result.fresh_for),
        "hub": " ".join(dict.fromkeys((*found.result.hub_urls, *feed.hub_urls))),
        "text": cut(found) if found.truncated else "",
        "articles": _of_sample(found.sample),
        "characters": found.charset_trouble,
        "found": "" if found.how == "asked" else found.how,
        "moved": found.result.permanent_url,
    }


def asks(cadence: Cadence) -> str:
    """Say how often a feed asks to be read; empty if it does not."""
    from syndicator.cli.sources.common import span

    said = [f"every {span(every)}" for every in (cadence.ttl, cadence.update_every) if every]
    if cadence.skip_hours:
        said.append(f"not in the hours {', '.join(str(hour) for hour in cadence.skip_hours)} (UTC)")
    if cadence.skip_days:
        said.append(f"not on {', '.join(DAYS[day] for day in cadence.skip_days)}")
    return "; ".join(dict.fromkeys(said))


def _when(entry: Entry, found: Found) -> str:
    moment = entry.published_at or entry.updated_at
    unsaid = "date on its page" if found.source.kind == "page" else "no date"
    return f"{moment:%Y-%m-%d %H:%M}" if moment else unsaid


def _of_sample(sample: Sample | None) -> str:
    """Say what became of the one article that was read from its page."""
    if sample is None:
        return ""
    if sample.problem:
        return f"none of them: {sample.url}: {sample.problem}"
    date = (
        f"{sample.published_at:%Y-%m-%d %H:%M} UTC" if sample.published_at else "no date is found on its page"
    )
    return f"each from its page; the first: {date}, {sample.characters:,} characters"


def title_of(entry: Entry) -> str:
    """Give the title of an entry as one safe line."""
    from syndicator.normalise import to_text

    return _line(to_text(entry.title) if entry.title_is_html else entry.title) or "(no title)"


def _line(text: str) -> str:
    """Make a publisher's words one safe line for a terminal."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())[:160]
