"""A month of many publishers, told beforehand: what each serves at any moment, and what is true behind it.

Pure: a `Publisher` is made from a number, and says what its feed holds at an instant. Each of its stories has
a `mark`, a word in its text or link that nothing else in the world has, so that a test can tell which stored
article is which story whatever the feed called it. Publishers have bad habits (HABITS), by their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from random import Random
from xml.sax.saxutils import escape

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HABITS = (
    "calm",  # the only good one
    "guid-churn",  # a new guid for everything at each fetch
    "guid-blank",
    "guid-place",  # numbers the places of the document
    "guid-same",  # one guid for all
    "guid-some-blank",  # one in four
    "link-homepage",  # one link for all, and no guid
    "link-churn",  # a session in each link, and no guid
    "live-page",  # own guids, and one link for stories that share a page
    "edits",  # of titles and texts
    "edits-churn",  # the same, and guids that change
    "touched",  # `updated` and counters change at each fetch
    "redated",  # dates move to today
    "undated",
    "shrinking",  # windows of 25, 3, 12 …
    "outages",  # days of errors, of error pages with status 200, of empty documents
    "move",  # a new host and other paths, guids are permalinks
    "move-redated",  # the same, and all dates are those of the move
    "https",  # http: until one day, guids are permalinks
    "archive",  # one day 150 old stories
    "columns",  # the same headline every day
    "notices",  # the same headline and the same few words every day
    "two-names",  # each story again under another guid the next day, the link the same
    "pictures",  # one in four has the title, the text and the end of the link that it has each time
    "podcast",  # three shows a day, each with the same title, all with the same text
    "alerts",  # the same titles and text, links that differ in `?id=`
    "briefing",  # one item, which says the same each day
    "photos",  # the same title and no text
    "revisions",  # guid, title, its number and text change with each edit
    "new-slugs",  # headline, link and text are written anew under one guid
    "places-home",  # numbers the places, and one link for all
    "weekly",  # issues of 45 articles
    "monthly",
)
JOURNALS = {"weekly": 7, "monthly": 30}  # habit → days between issues
EDITED = ("edits", "edits-churn", "revisions", "new-slugs")
WINDOWS = {"podcast": 3, "alerts": 4, "briefing": 1, "photos": 3, "weekly": 45, "monthly": 45}
TITLES = {  # of what recurs: its mark is in the link alone
    "pictures": ("The week in pictures",),
    "podcast": ("Morning headlines", "Noon headlines", "Evening headlines"),
    "alerts": tuple(f"Small craft advisory for {coast}" for coast in ("Arro", "Bell Rock", "Cape Dun")),
    "briefing": ("Daily briefing",),
    "photos": ("Photo",),
}
_SYLLABLES = "ba de fi go lu ma ne pi ro su ta ve wi xo ya zu bra cle dri flo gra kli".split()  # noqa: SIM905
_COMMON = ["the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "on", "by"]
_VOCABULARY = [a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in ("", "n", "ri", "mos", "t")]


@dataclass(frozen=True, slots=True)
class Story:
    """One true article. `edits` are instants at which its words change."""

    mark: str
    number: int
    at: datetime
    edits: tuple[datetime, ...] = ()

    def words(self, now: datetime) -> tuple[str, str]:
        """Give (title, text) as they are at an instant."""
        return _told(self.mark, self.version(now))

    def version(self, now: datetime) -> int:
        """Count the edits so far."""
        return sum(at <= now for at in self.edits)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher's server says to a request, and the marks of the stories that are in it."""

    body: bytes
    status: int = 200
    marks: frozenset[str] = frozenset()


class Publisher:
    """Publisher number `number`, on the air for `days`."""

    def __init__(self, number: int, days: int) -> None:
        random = Random(number)
        self.name, self.habit, self.days = f"p{number:03}", HABITS[number % len(HABITS)], days
        self.window = WINDOWS.get(self.habit, random.choice((8, 15, 25)))
        self.turn = BEGIN + random.uniform(0.4, 0.7) * days * DAY  # the day of a move
        self.dark = BEGIN + random.uniform(0.2, 0.6) * days * DAY  # when an outage begins
        self.stories = self._stories(random)

    def _stories(self, random: Random) -> list[Story]:
        if every := JOURNALS.get(self.habit):
            first = BEGIN - 12 * DAY if every == 7 else BEGIN - 25 * DAY
            count = range(45 * (1 + (self.days + 25) // every))
            issues = [first + n // 45 * every * DAY - random.uniform(0, 2) * HOUR for n in count]
            return [Story(f"{self.name}x{n}q", n, at) for n, at in enumerate(sorted(issues))]
        found, at = [], BEGIN - 15 * DAY
        pause = 1.0 if self.habit in ("columns", "notices") else random.choice((0.2, 0.5, 1.2))
        while at < BEGIN + self.days * DAY:
            mark = f"{self.name}x{len(found)}q"
            edits = sorted(at + random.uniform(0.5, 60) * HOUR for _ in range(random.randrange(4)))
            found.append(Story(mark, len(found), at, tuple(edits) if self.habit in EDITED else ()))
            spread = 0.02 if pause == 1.0 else 0.6
            at += pause * random.uniform(1 - spread, 1 + spread) * DAY
        return found

    def answer(self, now: datetime, fetch: int) -> Answer:
        """Say what request number `fetch` of this feed gets at `now`."""
        if self.habit == "outages" and self.dark <= now < self.dark + 3 * DAY:
            return (
                Answer(b"<html><title>Sorry</title><body>Back soon.</body></html>"),
                Answer(b"", 503),
                Answer(b""),
            )[fetch % 3]
        shown = self._shown(now, fetch)
        items = "".join(self._item(story, now, fetch, place) for place, story in enumerate(shown))
        host = "https://new.example" if self._has_moved(now) else f"https://{self.name}.example"
        body = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
            'xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
            f"<title>Paper {self.name}</title><link>{host}/</link><description>News</description>"
            f"{items}</channel></rss>"
        )
        return Answer(body.encode(), marks=frozenset(story.mark for story in shown))

    def _shown(self, now: datetime, fetch: int) -> list[Story]:
        out = [story for story in self.stories if story.at <= now]
        window = self.window
        if self.habit == "shrinking":
            window = (25, 3, 12, 40)[fetch % 4]
        if self.habit == "archive" and now >= self.turn:
            old = [Story(f"{self.name}old{n}q", n, BEGIN - (40 + n) * DAY) for n in range(150)]
            return [*out[: -window - 1 : -1], *old]
        return out[: -window - 1 : -1]

    def _has_moved(self, now: datetime) -> bool:
        return self.habit.startswith("move") and now >= self.turn

    def _item(self, story: Story, now: datetime, fetch: int, place: int) -> str:
        title, text = self._words(story, now)
        at = story.at
        match self.habit:
            case "columns" | "notices":
                title = "Daily briefing"
                if self.habit == "notices":
                    text = f"The office opens at nine and closes at five {story.mark}"
            case "touched":
                text = f"{text} {1000 + fetch * 7} readers so far"
            case "redated" if story.number % 3 == 0:
                at = max(at, now - timedelta(hours=story.number % 24))
            case "move-redated" if self._has_moved(now):
                at = max(at, self.turn)
        link = self._link(story, now, fetch)
        placed = {"guid-place": f"item-{place}", "places-home": str(place)}.get(self.habit)
        guid = placed or self._guid(story, now, fetch, link)
        date = "" if self.habit == "undated" else f"<pubDate>{format_datetime(at)}</pubDate>"
        touched = f"<atom:updated>{now.isoformat()}</atom:updated>" if self.habit == "touched" else ""
        named = "" if guid is None else f'<guid isPermaLink="false">{escape(guid)}</guid>'
        file = f'<enclosure url="{link}.mp3" type="audio/mpeg"/>' if self.habit == "podcast" else ""
        return (
            f"<item><title>{escape(title)}</title><link>{escape(link)}</link>{named}{date}{touched}{file}"
            f"<description>{escape('<p>' + escape(text) + '</p>')}</description></item>"
        )

    def _recurs(self, story: Story) -> bool:
        return self.habit in TITLES and (self.habit != "pictures" or story.number % 4 == 0)

    def _words(self, story: Story, now: datetime) -> tuple[str, str]:
        if self._recurs(story):
            text = (
                "" if self.habit == "photos" else "What our newsroom said is told in five minutes, as always."
            )
            return TITLES[self.habit][story.number % len(TITLES[self.habit])], text
        if self.habit == "new-slugs":
            title, text = _told(f"{story.mark}{story.version(now)}", 0)
            return title, f"{story.mark} {text.partition(' ')[2]}"
        title, text = story.words(now)
        is_counting = self.habit == "revisions" and story.number % 3 == 0
        return (f"{title}: at least {12 + 3 * story.version(now)}" if is_counting else title), text

    def _link(self, story: Story, now: datetime, fetch: int) -> str:
        host, slug = f"{self.name}.example", story.words(BEGIN - 99 * DAY)[0].lower().replace(" ", "-")
        match self.habit:
            case "link-homepage" | "places-home":
                return f"https://{host}/"
            case "alerts":
                return f"https://{host}/alert?id={story.mark}"
            case "podcast" | "briefing" | "photos":
                return f"https://{host}/{self.habit}/{story.mark}"
            case "pictures" if self._recurs(story):
                return f"https://{host}/{story.at:%Y/%m/%d}/{story.mark}/week-in-pictures/"
            case "new-slugs":
                slug = self._words(story, now)[0].lower().replace(" ", "-")
            case "link-churn":
                return f"https://{host}/{story.number}/{slug}?session={fetch * 7919}"
            case "live-page" if story.number % 3 == 0:
                return f"https://{host}/live"
            case "https":
                return f"http{'s' if now >= self.turn else ''}://{host}/{slug}"
        if self._has_moved(now):
            return f"https://new.example/stories/{slug}.html"
        return f"https://{host}/{story.at:%Y/%m/%d}/{slug}?utm_source=feed{fetch}"

    def _guid(self, story: Story, now: datetime, fetch: int, link: str) -> str | None:
        match self.habit:
            case "guid-blank" | "link-homepage" | "link-churn":
                return None
            case "guid-churn" | "edits-churn":
                return f"{story.mark}-{fetch}"
            case "guid-same":
                return "item"
            case "guid-some-blank" if story.number % 4 == 0:
                return ""
            case "move" | "move-redated" | "https":
                return link.partition("?")[0]
            case "revisions":
                return f"{link.partition('?')[0]}#{story.version(now)}"
            case "two-names":
                return f"{story.number}-{int(now - story.at > DAY)}"
        return f"{self.name}:{story.number}"


@cache
def _told(mark: str, version: int) -> tuple[str, str]:
    """Write a story as it is after so many edits; every second one touches the title too."""
    random = Random(mark)
    title, text = _words(random, 7).split(), [_words(random, 14) for _ in range(6)]
    for count in range(version):
        change = Random(f"{mark}{count}")
        text[change.randrange(1, 6)] = _words(change, 14)
        if count % 2:
            title[change.randrange(7)] = change.choice(_VOCABULARY)
    return " ".join(title).capitalize(), f"{mark} said {'. '.join(text)}."


def _words(random: Random, count: int) -> str:
    return " ".join(
        random.choice(_COMMON) if random.random() < 0.3 else random.choice(_VOCABULARY) for _ in range(count)
    )
