"""A harbour town's papers and a topic, of our own writing: for the workbench's tests and pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from newsroom import Story, rss

from syndicator.catalog.draft import Draft, Saving, TopicText, read_draft
from syndicator.controls import without_controls
from syndicator.model import Article, StoredArticle
from syndicator.pipeline.trial import Pair, Trial, _Scan
from syndicator.web.bench import Sheet, difference, result

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)

FILE = """\
# What the desk gathers on fraud by telephone.
title: Telecom fraud   # as readers see it
description: Calls, messages, and the people behind them.
any:
  - '"telecom fraud"'
  - '"phone scam*"'
  - 电信诈骗
none:
  - title:drill        # exercises of the police
tests:
  match:
    - Police warn of phone scams before the holidays
  no_match:
    - Scampi and phone-free dinners
"""

TEXTS = (
    (
        "Bank stops three transfers after a phone scam in {place}",
        "The callers posed as its own fraud desk, and talked a customer into moving her savings.",
    ),
    (
        "{place} police close a telecom fraud call centre",
        "Forty-one people were taken into custody, and part of the money was returned within a day.",
    ),
    (
        "Court in {place} hears first case of voice cloning",
        "Eleven seconds of a holiday film were enough to copy a grandson's voice and ask for money.",
    ),
    (
        "Ferry to {place} back on its winter timetable",
        "Three crossings a day, and a later one on Fridays for those who come home from the city.",
    ),
    (
        "Police drill in {place}: a phone scam as it is done",
        "Volunteers answered two hundred calls in an exercise that taught clerks what to ask.",
    ),
    (
        "警方在{place}打掉一个电信诈骗团伙",
        "嫌疑人冒充客服，诱导受害人转账，部分款项已经返还。",
    ),
    (
        "Carriers must mark forged numbers, says the regulator in {place}",
        "What no network vouches for will be shown as not verified from March.",
    ),
    (
        "Herring season opens in {place}",
        "Boats landed twice as much as last year, and prices on the quay fell by a third.",
    ),
)
PLACES = ("Norwick", "Port Ellan", "Sandhaven", "Lower Quay", "Easter Bay")
PAPERS = {"harbour-post": 5, "morning-ledger": 3, "radio-north": 2}
HOSTILE = "<script>document.title='owned'</script> \u202edesrever telecom fraud & <b>bold</b>"


def stories() -> dict[str, list[Story]]:
    """The papers' stories, by paper: 40 over six weeks, and a hostile one."""
    papers: dict[str, list[Story]] = {name: [] for name in PAPERS}
    names = [name for name, weight in PAPERS.items() for _ in range(weight)]
    for number in range(40):
        title, text = TEXTS[(number * 3) % len(TEXTS)]
        place = PLACES[number % len(PLACES)]
        at = NOW - timedelta(hours=number * number * 0.6 + number * 2)
        date = format_datetime(at)
        papers[names[number % len(names)]].append(
            Story(f"s{number}", title.format(place=place), text, date=date)
        )
    papers["radio-north"].append(
        Story(
            "hostile", escape(HOSTILE), "Nothing but <img src=x onerror=alert(1)>.", date=format_datetime(NOW)
        )
    )
    return papers


def feeds() -> dict[str, bytes]:
    """The same as feeds, by paper."""
    return {name: rss(name.replace("-", " ").title(), *told) for name, told in stories().items()}


EDITED = FILE.replace("none:", "  - 'voice NEAR/3 cop*'\n  - forged\nnone:").replace("title:drill", "drill")
BROKEN = FILE.replace("'\"phone scam*\"'", "phone NEAR").replace("none:", "nome:")
FAILING = FILE.replace("phone scam*", "phone fraud").replace("none:", "none:\n  - scampi")


def archive() -> list[StoredArticle]:
    """The stories as the archive has them, newest first."""
    found = []
    for source, told in stories().items():
        for story in told:
            at = parsedate_to_datetime(story.date)
            article = Article(
                source=source,
                key=story.guid,
                url=f"https://{source}.example/{story.guid}",
                title=without_controls(unescape(story.title)),
                text=story.text,
                published_at=at,
                language="zh" if story.title.startswith("警方") else "en",
            )
            found.append(StoredArticle(id=len(found) + 1, article=article, arrived_at=at, changed_at=at))
    return sorted(found, key=lambda stored: stored.sorted_at, reverse=True)


def draft(text: str) -> tuple[TopicText, Draft]:
    """Read a text as the file of the topic, beside the papers as sources."""
    with TemporaryDirectory() as name:
        config = Path(name) / "config"
        for folder in ("sources", "topics"):
            (config / folder).mkdir(parents=True)
        urls = "".join(f"  - {{name: {paper}, url: 'https://{paper}.example/'}}\n" for paper in PAPERS)
        (config / "sources" / "all.yaml").write_text(f"sources:\n{urls}")
        path = config / "topics" / "telecom-fraud.yaml"
        path.write_text(FILE)
        file = TopicText(
            path=Path(__file__), name="topics/telecom-fraud.yaml", shown="config/topics/telecom-fraud.yaml",
            text=FILE, digest="0" * 64,
        )  # fmt: skip
        return file, read_draft(config, {}, file, text)


def sheet(text: str = EDITED, **changes: Any) -> Sheet:
    """What the workbench shows of a text, beside `FILE` in force."""
    file, read = draft(text)
    in_force = draft(FILE)[1].topic
    found = None
    if read.topic:
        scan = _Scan([Pair(new=read.topic, old=in_force)], 20, (), {})
        scan.take(archive(), lambda: False)
        made: Trial = scan.result("", None)[0]
        verdicts = {
            (each.stored.article.source, each.stored.article.key): verdict
            for each, verdict in zip((*made.gained, *made.lost), ("accept", "reject"), strict=False)
        }
        same = read.topic.fingerprint == in_force.fingerprint if in_force else False
        found = result(read.topic, made, verdicts, has_before=True, is_same=same)  # type: ignore[arg-type]
    values: dict[str, Any] = {
        "slug": "telecom-fraud", "title": "Telecom fraud", "file": file, "text": text, "held": file.digest,
        "draft": read, "result": found, "standing": "in force" if text == FILE else "unsaved",
        "judged": (12, 7),
    }  # fmt: skip
    return Sheet(**values | changes)


def changed(text: str = EDITED) -> Sheet:
    """The page where somebody else has saved the file meanwhile."""
    return sheet(text, saving=Saving(state="changed"), difference=difference(FILE, text))
