"""The fields of a reader's page: what is taken, and what says nothing; the next mail; pure tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lobby import BERLIN, NOW, TOPICS

from syndicator.model import Catalog, Slot, Subscriber
from syndicator.pipeline.preferences import Choice, Outlook, Visit, offered, outlook
from syndicator.store.leave import Tie
from syndicator.store.preferences import Manner
from syndicator.web.preference_forms import Fault, own_name, read_choice, read_until

GOOD = {"frequency": "daily", "at": "07:05", "zone": "Europe/Berlin", "language": "", "format": ""}
LANGUAGES = ("en", "zh")
CATALOG = Catalog(version="", sources={}, topics={each.slug: each for each in TOPICS})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Choice(Slot.of_key("daily@07:05@Europe/Berlin"), "", "")),
        ({"at": "7:05"}, Choice(Slot.of_key("daily@07:05@Europe/Berlin"), "", "")),
        ({"at": "23:59:59.123"}, Choice(Slot.of_key("daily@23:59@Europe/Berlin"), "", "")),
        ({"frequency": "", "at": "", "zone": ""}, Choice(None, "", "")),
        ({"frequency": "instant", "language": "zh", "format": "text"},
         Choice(Slot.of_key("instant@07:05@Europe/Berlin"), "zh", "text")),
        ({"zone": "UTC"}, Choice(Slot.of_key("daily@07:05@UTC"), "", "")),
        ({"frequency": "hourly"}, "frequency"),
        ({"at": "24:00"}, "at"), ({"at": "07:60"}, "at"), ({"at": "07:05\n"}, "at"), ({"at": "٠٧:٠٥"}, "at"),
        ({"at": ""}, "at"), ({"at": "7" * 9_000}, "at"),
        ({"zone": "Mars/Olympus"}, "zone"), ({"zone": "../../etc/passwd"}, "zone"), ({"zone": ""}, "zone"),
        ({"zone": "Europe/Berlin\0"}, "zone"), ({"zone": "europe/berlin"}, "zone"),
        ({"language": "fr"}, "language"), ({"language": "<script>"}, "language"),
        ({"format": "html"}, "format"), ({"format": "TEXT"}, "format"),
    ],
)  # fmt: skip
def test_when_and_how(change, expected):
    if isinstance(expected, Choice):
        assert read_choice(GOOD | change, languages=LANGUAGES) == expected
        return
    with pytest.raises(Fault) as caught:
        read_choice(GOOD | change, languages=LANGUAGES)
    assert caught.value.field == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("2026-11-28", datetime(2026, 11, 27, 23, tzinfo=UTC)),
        ("2027-07-01", datetime(2027, 6, 30, 22, tzinfo=UTC)),
        ("2026-11-27", Fault), ("2027-12-01", Fault), ("9999-12-31", Fault), ("0001-01-01", Fault),
        ("2027-02-29", Fault), ("20261128", Fault), ("2026-W49-1", Fault), ("tomorrow", Fault),
        ("2026-11-28T00:00", Fault), ("٢٠٢٦-١١-٢٨", Fault), ("-" * 9_000, Fault),
    ],
)  # fmt: skip
def test_until_when(text, expected):
    if expected is Fault:
        with pytest.raises(Fault):
            read_until(text, "Europe/Berlin", NOW)
    else:
        assert read_until(text, "Europe/Berlin", NOW) == expected


@given(st.fixed_dictionaries({name: st.text(max_size=12) for name in GOOD}), st.text(max_size=12))
def test_anything_is_read_or_a_fault(form, until):
    for read in (lambda: read_choice(form, languages=LANGUAGES), lambda: read_until(until, "UTC", NOW)):
        try:
            read()
        except Fault:
            continue


def test_languages_name_themselves():
    assert [own_name(tag) for tag in ("en", "zh", "de", "pt-BR")] == [
        "English", "中文", "Deutsch", "Português (Brasil)",
    ]  # fmt: skip


def visit(slot=None, **states):
    ties = [
        Tie(slug, state, NOW, NOW + timedelta(days=3), has_had_mail=True) for slug, state in states.items()
    ]
    person = Subscriber(id=1, address="a@b.example", slot=slot)
    return Visit(person=person, manner=Manner(), ties=ties, way="session")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (visit(china="active"), Outlook("at", datetime(2026, 11, 28, 6, tzinfo=UTC), "Europe/Berlin")),
        (visit(china="active", fraud="active"),
         Outlook("at", datetime(2026, 11, 27, 17, tzinfo=UTC), "Europe/Berlin")),
        (visit(Slot.of_key("weekly@18:30@Asia/Shanghai"), china="active"),
         Outlook("at", datetime(2026, 11, 30, 10, 30, tzinfo=UTC), "Asia/Shanghai")),
        (visit(Slot.of_key("instant@07:00@UTC"), china="active"), Outlook("instant")),
        (visit(ships="active"), Outlook("none")),
        (visit(BERLIN, ships="active"),
         Outlook("at", datetime(2026, 11, 28, 6, tzinfo=UTC), "Europe/Berlin")),
        (visit(BERLIN, china="ended", gone="active", fraud="pending"), Outlook("none")),
        (visit(china="paused"), Outlook("paused", NOW + timedelta(days=3))),
        (visit(china="paused", fraud="active"),
         Outlook("at", datetime(2026, 11, 27, 17, tzinfo=UTC), "Europe/Berlin")),
    ],
)  # fmt: skip
def test_the_next_mail(who, expected):
    assert outlook(CATALOG, who, NOW) == expected


def test_what_is_offered():
    def slugs(**ties):
        return [[each.slug for each in some] for some in offered(CATALOG, visit(**ties).ties)]

    assert slugs() == [[], ["china", "fraud"]]
    assert slugs(board="paused", ships="active", gone="active") == [["board", "ships"], ["china", "fraud"]]
    assert slugs(china="active", board="ended") == [["china"], ["fraud"]]
