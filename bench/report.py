"""What was measured, as a table and ratios for people, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from measures import DAILIES
from stopwatch import PURE, STAGES

if TYPE_CHECKING:
    from measures import Results

WORDS = {
    "fetch": "fetch",
    "parse": "parse",
    "identify": "identify",
    "known": "read what is known",
    "finish": "make articles of what is new",
    "match": "match",
    "store": "store, in one transaction",
    "claim": "claim (one by one here)",
    "rest": "log, threads, the loop",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What was pulled."""

    kind: str
    feeds: int
    entries: int
    size: int  # bytes


def figures(given: Input, results: Results) -> dict[str, Any]:
    """Reduce the samples to medians per feed and article, and to ratios."""
    middle = {name: median(values) for name, values in results.samples.items()}
    ms_feed = {name: 1e3 * value / given.feeds for name, value in middle.items()}
    entries = given.entries
    return {
        "input": {"kind": given.kind, "feeds": given.feeds, "entries": entries, "bytes": given.size},
        "counts": results.counts,
        "change_ms": {
            name.partition(".")[2]: _spread([1e3 * value for value in values])
            for name, values in results.samples.items()
            if name.startswith("change.")
        },
        "pull": {
            "articles_per_second": results.counts["articles"] / middle["pull.wall"],
            "articles_per_cpu_second": results.counts["articles"] / middle["pull.cpu"],
            "cpu_ms_per_feed": ms_feed["pull.cpu"],
            "cpu_ms_per_article": 1e3 * middle["pull.cpu"] / entries,
        },
        "parts": {
            part: {
                "cpu_ms_per_feed": ms_feed[f"part.{part}"],
                "cpu_us_per_article": 1e6 * middle[f"part.{part}"] / entries,
                "share": middle[f"part.{part}"] / middle["part.all"],
            }
            for part in (*STAGES, "rest", "all")
        },
        "changed": {
            part: 1e3 * middle[f"changed.{part}"] / DAILIES for part in ("whole", *STAGES, "rest", "all")
        },
        "feedparser": {
            "cleaning_cpu_ms_per_feed": ms_feed["feedparser.cleaning"],
            "bare_cpu_ms_per_feed": ms_feed["feedparser.bare"],
        },
        "unchanged": {f"{name}_cpu_ms": ms_feed[f"304.{name}"] for name in ("pull", "fetch", "bare")},
        "ratios": _ratios(results.samples),
        "spread": {name: _spread(values) for name, values in results.samples.items()},
    }


def _ratios(samples: dict[str, list[float]]) -> dict[str, float]:
    """Divide within each round, where both sides met the same machine, and take the median of that."""
    pairs = {
        "whole pull ÷ feedparser alone, cleaning on": ("pull.cpu", "feedparser.cleaning"),
        "whole pull ÷ feedparser alone, cleaning off": ("pull.cpu", "feedparser.bare"),
        "our parse ÷ feedparser, cleaning off": ("part.parse", "feedparser.bare"),
        "unchanged pull ÷ bare aiohttp": ("304.pull", "304.bare"),
        "our fetch of a 304 ÷ bare aiohttp": ("304.fetch", "304.bare"),
    }
    ratios = {name: _ratio(samples[ours], samples[theirs]) for name, (ours, theirs) in pairs.items()}
    cleaned = [sum(of) for of in zip(*(samples[f"part.{part}"] for part in PURE), strict=True)]
    ratios["our parse + normalise ÷ feedparser, cleaning on"] = _ratio(
        cleaned, samples["feedparser.cleaning"]
    )
    return ratios


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values), "samples": len(values)}


def table(found: dict[str, Any]) -> str:
    """Write the figures for people."""
    given, counts, pull = found["input"], found["counts"], found["pull"]
    lines = [
        " · ".join(
            (
                f"{given['feeds']} {given['kind']} feeds of {given['bytes'] / given['feeds'] / 1e3:.0f} KB",
                f"{given['entries']:,} entries",
                f"{counts['articles']:,} articles stored",
                f"{counts['matches']:,} matches",
            )
        ),
        "",
        *_latency(found["change_ms"]),
        "",
        f"{'The whole pull, all sources due, new database':<52}{'per feed':>12}{'per article':>14}",
        _row(
            "CPU, 64 at once",
            f"{pull['cpu_ms_per_feed']:.2f} ms",
            f"{1e3 * pull['cpu_ms_per_article']:.0f} µs",
        ),
        _row("articles a second", f"{pull['articles_per_second']:,.0f}"),
        _row("articles a second of CPU", f"{pull['articles_per_cpu_second']:,.0f}"),
        "",
        f"{'CPU by part, one source at a time':<52}{'per feed':>12}{'per article':>14}{'share':>8}",
    ]
    for part, row in found["parts"].items():
        cost, each = f"{row['cpu_ms_per_feed']:.2f} ms", f"{row['cpu_us_per_article']:.0f} µs"
        lines.append(_row(WORDS.get(part, part), cost, each, f"{100 * row['share']:.0f} %"))
    lines += ["", f"{'CPU of a pull that brings 1 new entry of 21 (64 KB)':<52}{'per feed':>12}"]
    for part, cost in found["changed"].items():
        words = {"whole": "the whole pull, all at once", "all": "all, one source at a time"}.get(part, part)
        lines.append(_row(WORDS.get(words, words), f"{cost:.2f} ms"))
    peer, idle = found["feedparser"], found["unchanged"]
    lines += [
        "",
        _row(
            "beside the first of them: feedparser, cleaning on", f"{peer['cleaning_cpu_ms_per_feed']:.2f} ms"
        ),
        _row("feedparser, cleaning off", f"{peer['bare_cpu_ms_per_feed']:.2f} ms"),
        "",
        f"{'CPU of a pull that is answered 304':<52}{'per feed':>12}",
        _row("pull, with its state committed", f"{idle['pull_cpu_ms']:.2f} ms"),
        _row("our fetcher alone", f"{idle['fetch_cpu_ms']:.2f} ms"),
        _row("a bare aiohttp loop: the floor", f"{idle['bare_cpu_ms']:.2f} ms"),
        "",
        "Ratios of CPU, the median of the rounds'",
        *(_row(name, f"{value:.2f}") for name, value in found["ratios"].items()),
    ]
    return "\n".join(lines)


def _latency(change: dict[str, dict[str, float]]) -> list[str]:
    words = {
        "all": "verbs called at once: pull and publish",
        "pull": "of it: pull, until committed",
        "publish": "of it: publish, until on the disk",
        "daemon": "through the running daemon, ticks of 5 s",
    }
    samples = change["all"]["samples"]
    lines = [f"{f'From feed changed to in the topic feed, {samples} changes':<52}{'median':>12}{'max':>14}"]
    for name, said in words.items():
        if name in change:
            one = change[name]
            lines.append(_row(said, f"{one['median']:,.0f} ms", f"{one['max']:,.0f} ms"))
    return lines


def _row(name: str, value: str, *more: str) -> str:
    cells = "".join(f"{cell:>{width}}" for cell, width in zip(more, (14, 8), strict=False))
    return f"  {name:<50}{value:>12}{cells}"
