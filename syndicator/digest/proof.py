"""Proofs of an admin's templates: each look in each language drawn with editions that hold what is rare.

What a template only meets in some mails (no excerpt, a picture, another script, one article, a private topic)
fails here, at `check` and at start, and not at seven in the morning.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from syndicator.card import Card, Reason, direction
from syndicator.contexts import LOOKS
from syndicator.digest.compose import Digest, Section
from syndicator.digest.render import octets, render
from syndicator.errors import TemplateError
from syndicator.model import Elsewhere, Publish, Rule, Topic
from syndicator.settings import Site
from syndicator.templates import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.templates import Templates

AT: Final = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE: Final = Site(title="Proof", base_url="https://news.example", contact="editor@news.example")
BARE: Final = Site(title="Proof", base_url="https://news.example")
MARKS: Final = {"address": "mproofa", "unsubscribe": "mproofu", "preferences": "mproofp"}
# What `check` draws more than these octets of is told of: as a rule templates leave room for fifty articles.
ROOMY: Final = 90_000

_TITLES: Final = {
    "en": "Harbour reopens after the storm, “sooner than anybody hoped”",
    "zh": "港口在风暴后恢复通航，比所有人预想的都早",
    "ar": "الميناء يفتح أبوابه بعد العاصفة",
}


def faults(templates: Templates) -> list[TemplateError]:
    """Check templates without and with editions; one fault for each place."""
    found = templates.check()
    if found:
        return found
    places: dict[tuple[str, int], TemplateError] = {}
    for error in _drawn(templates):
        places.setdefault((error.name, error.line), error)
    return list(places.values())


def _drawn(templates: Templates) -> Iterator[TemplateError]:
    for language in templates.by_language:
        for look in LOOKS:
            for digest, site in samples(language, whole=language == SOURCE_LANGUAGE):
                try:
                    made = render(
                        digest,
                        templates,
                        site,
                        edition_id="proof",
                        slot="proof",
                        marks=MARKS,
                        now=AT,
                        forced=look,
                    )
                except TemplateError as error:
                    yield error
                    continue
                lacks = [name for name in ("address", "unsubscribe") if MARKS[name] not in made.html]
                lacks += [name for name in ("address", "unsubscribe") if MARKS[name] not in made.text]
                part = "html" if lacks and MARKS[lacks[0]] not in made.html else "txt"
                if lacks:
                    hint = (
                        "a mail must say to whom it went and how to leave; keep {{ super() }} in that block"
                    )
                    what = f"says nowhere what {lacks[0]} is"
                    yield TemplateError(f"email/looks/{look}.{part}.j2", 0, what, hint=hint)
                elif octets(made.html) > ROOMY:
                    what = f"one article alone is {octets(made.html):,} octets; mail programs cut that off"
                    yield TemplateError(f"email/looks/{look}.html.j2", 0, what, hint="say less around it")


def samples(language: str, *, whole: bool = True) -> Iterator[tuple[Digest, Site]]:
    """Make editions: a full one; if `whole` also of two to five topics, and bare articles in each script."""
    yield _digest(language, _section("Harbour", _full(12), more=3, top=True)), SITE
    if not whole:
        return
    several = [_section(f"Topic {number}", _full(2), top=number == 1) for number in range(1, 6)]
    yield from ((_digest(language, *several[:count]), SITE) for count in range(2, 6))
    for spoken, title in _TITLES.items():
        bare = Card(
            title=title,
            url="",
            source="Wire",
            source_url="",
            at=AT,
            language=spoken,
            dir=direction(spoken, title),
        )
        private = _section("Harbour", (bare, replace(bare, title="")), top=True, private=True)
        yield _digest(language, private), BARE


def _digest(language: str, *sections: Section) -> Digest:
    return Digest(sections=sections, at=AT, zone="Asia/Shanghai", language=language)


def _section(
    title: str, cards: tuple[Card, ...], *, more: int = 0, top: bool = False, private: bool = False
) -> Section:
    topic = Topic(slug="proof", title=title, rule=Rule(), publish=Publish(private=private))
    return Section(topic=topic, cards=cards, more=more, shown=(0,) * len(cards), has_top=top)


def _full(count: int) -> tuple[Card, ...]:
    """Make cards with everything that a card can have, in turn in each script."""
    spoken = list(_TITLES)
    return tuple(
        Card(
            id=number + 1,
            title=_TITLES[spoken[number % len(spoken)]],
            url=f"https://wire.example/{number}?a=1&b=2",
            source="The “Wire” & Sons",
            source_url="https://wire.example/",
            at=AT - timedelta(hours=number),
            language=spoken[number % len(spoken)],
            dir=direction(spoken[number % len(spoken)], _TITLES[spoken[number % len(spoken)]]),
            excerpt="Ships came in by noon. The lighthouse had been out since Monday." * (number % 4 > 0),
            image="https://wire.example/harbour.jpg" * (number % 3 < 2),
            image_alt="The harbour at noon" * (number % 2),
            because=("title: harbour",),
            tags=("sea",),
            also_in=(
                Elsewhere(source="Radio", url="https://radio.example/1"),
                Elsewhere(source="Ledger", url=""),
            ),
            reading_minutes=number % 5,
            why=tuple(Reason(kind, number) for kind in ("sources", "score", "hours", "minutes")),
        )
        for number in range(count)
    )
