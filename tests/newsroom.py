"""A small newsroom of our own writing, as feeds: for the flows, where the corpus is missing or too large."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

JOINT = "Joint Operation Targets Telecom Fraud in Southeast Asia"
JOINT_TEXT = (
    "In a span of only four days a large operation brought 24 suspects of telecom fraud from Myanmar to "
    "China, the embassy said. Police of four countries now share an office in Chiang Mai."
)


@dataclass(frozen=True, slots=True)
class Story:
    """One item of a feed."""

    guid: str
    title: str
    text: str
    tags: tuple[str, ...] = ()
    date: str = "Mon, 23 Nov 2026 08:00:00 +0000"


JOINT_STORY = Story("joint", JOINT, JOINT_TEXT, ("China",), "Fri, 22 Sep 2023 00:00:00 +0000")


def rss(title: str, *stories: Story) -> bytes:
    """Write an RSS 2.0 feed."""
    host = f"https://{title.lower().replace(' ', '-')}.example"
    items = "".join(
        f"<item><title>{escape(s.title)}</title><link>{host}/{s.guid}</link>"
        f'<guid isPermaLink="false">{s.guid}</guid><pubDate>{s.date}</pubDate>'
        f"{''.join(f'<category>{escape(tag)}</category>' for tag in s.tags)}"
        f"<description>{escape('<p>' + escape(s.text) + '</p>')}</description></item>"
        for s in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>{host}/</link><description>News</description>"
        f"<language>en</language>{items}</channel></rss>"
    ).encode()


def many(count: int) -> dict[str, bytes]:
    """Write `count` feeds of five stories each; the first holds the joint operation."""
    feeds = {}
    for number in range(count):
        stories = [
            Story(f"{number}-{i}", f"Report {number}.{i} from the harbour", "Ships came and went. " * 20)
            for i in range(4)
        ]
        last = JOINT_STORY if number == 0 else Story(f"{number}-c", f"China trade note {number}", "Trade.")
        feeds[f"/feed/{number}"] = rss(f"Paper {number}", *stories, last)
    return feeds
