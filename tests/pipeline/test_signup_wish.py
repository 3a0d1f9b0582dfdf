"""What strangers may ask for: tables of addresses, schedules and domains."""

from __future__ import annotations

from datetime import time

import pytest

from syndicator.model import Catalog, DigestPlan, Publish, Slot, Topic
from syndicator.pipeline.signup_limits import network_of
from syndicator.pipeline.signup_wish import (
    Asked,
    Wish,
    counted_as,
    is_blocked,
    offered,
    read,
    read_address,
)
from syndicator.zones import find

TOPICS = {"ships", "trains"}
PLAN = DigestPlan(slot=Slot(frequency="daily", at=time(7), zone="UTC"))
GOOD = {
    "ada@reader.example": "ada@reader.example",
    " Ada@Reader.EXAMPLE\t": "Ada@reader.example",
    "a+b@reader.example": "a+b@reader.example",
    '"a b"@reader.example': '"a b"@reader.example',
    "ada@bücher.example": "ada@xn--bcher-kva.example",
    "阿达@reader.example": "阿达@reader.example",
    "аda@reader.example": "аda@reader.example",  # a Cyrillic а: another mailbox, and nobody else's
}
BAD = (
    "", "ada", "@reader.example", "ada@", "ada@reader", "ada@localhost", "ada@[127.0.0.1]", "ada@[IPv6:::1]",
    "ada@reader.example\r\nBcc: eve@evil.example", "ada\x00@reader.example", "ada@reader.example\n",
    "Ada <ada@reader.example>", "ada@reader.example, eve@evil.example", "ada@reader.example eve@evil.example",
    "ada@reader..example", "ada.@reader.example", "ada@-reader.example", '"a"b"@reader.example',
    '"a\r\nb"@reader.example', "ada@reader.example>", "a\u202eda@reader.example", "a\u200bda@reader.example",
    "ada@rea\u2028der.example", "a" * 65 + "@reader.example", "a" * 10_000 + "@reader.example",
    "ada@" + "a." * 5_000 + "example", "\ud800@reader.example", "ada@\ud800.example",
    "ada@reader.example%0d%0a", "javascript:alert(1)", "<script>alert(1)</script>@reader.example",
    "ada@ex ample.example",
)  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_addresses_that_are_taken(text: str) -> None:
    assert str(read_address(text)) == GOOD[text]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_addresses_that_are_none(text: str) -> None:
    assert read_address(text) is None


def asked(**changes: object) -> Wish | list[str]:
    told = {"address": "ada@reader.example", "topics": ("ships",)} | changes
    return read(Asked(**told), TOPICS, ["en", "zh"])


@pytest.mark.parametrize(
    ("changes", "slot"),
    [
        ({}, None),
        ({"frequency": "topic", "at": "junk", "zone": "junk"}, None),  # what is not shown is not looked at
        ({"frequency": "daily", "at": "", "zone": "europe/berlin"}, "daily@07:00@Europe/Berlin"),
        ({"frequency": "weekdays", "at": "19:30", "zone": " new  york "}, "weekdays@19:30@America/New_York"),
        ({"frequency": "weekly", "at": "00:00", "zone": "UTC"}, "weekly@00:00@UTC"),
        ({"frequency": "instant"}, "instant@00:00@UTC"),
        ({"frequency": "instant", "zone": "Shanghai"}, "instant@00:00@Asia/Shanghai"),
    ],
)
def test_schedules(changes: dict[str, str], slot: str | None) -> None:
    wish = asked(**changes)
    assert isinstance(wish, Wish)
    assert (wish.slot.key if wish.slot else None) == slot
    assert wish.language == "en"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"topics": ()}, ["no-topic"]),
        ({"topics": ("ships", "secret")}, ["unknown-topic"]),
        ({"topics": ("ships",) * 200}, None),
        ({"topics": tuple(map(str, range(101)))}, ["many-topics"]),
        ({"frequency": "hourly"}, ["frequency"]),
        ({"frequency": "daily"}, ["zone"]),
        ({"frequency": "daily", "zone": "Atlantis", "at": "25:00"}, ["at", "zone"]),
        ({"frequency": "daily", "zone": "../../etc/passwd", "at": "07:01"}, ["at", "zone"]),
        ({"frequency": "daily", "zone": "U" * 10_000}, ["zone"]),
        ({"language": "zh"}, None),
        ({"language": "de"}, ["language"]),
        ({"address": "x", "topics": (), "frequency": "\r\n"}, ["address", "no-topic", "frequency"]),
    ],
)
def test_what_is_wrong_is_said_all_at_once(changes: dict[str, object], problems: list[str] | None) -> None:
    found = asked(**changes)
    assert (found if problems else isinstance(found, Wish)) == (problems or True)


def test_what_is_offered() -> None:
    topics = [
        Topic(slug="ships", title="ships", rule=None, digest=PLAN),
        Topic(slug="trains", title="Aboard trains", rule=None, digest=PLAN),
        Topic(slug="silent", title="S", rule=None),
        Topic(slug="secret", title="P", rule=None, digest=PLAN, publish=Publish(private=True)),
    ]
    catalog = Catalog(version="1", sources={}, topics={topic.slug: topic for topic in topics})
    assert [*offered(catalog)] == ["trains", "ships"]


@pytest.mark.parametrize(
    ("address", "blocked"),
    [
        ("a@trash.example", True),
        ("a@deep.below.TRASH.example", True),
        ("a@notrash.example", False),
        ("a@trash.example.org", False),
        ("a@мусор.example", True),
    ],
)
def test_blocked_domains(address: str, blocked: bool) -> None:
    found = read_address(address)
    assert found is not None
    assert is_blocked(found, {"trash.example", "xn--l1aegcj.example", "example.net"}) == blocked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@reader.example", "ADA+news@reader.example"),
        ("ada@reader.example", '"Ada+1"@reader.example'),
        ('"a da"@reader.example', r'"a\ d\a+1"@reader.example'),
        ("a.d.a+1@gmail.com", "ada@googlemail.com"),
    ],
)
def test_spellings_of_one_mailbox_are_counted_together(one: str, other: str) -> None:
    assert counted_as(read_address(one)) == counted_as(read_address(other))


def test_others_are_counted_apart() -> None:
    listed = ["a.da@reader.example", "ada@reader.example", '"a da"@reader.example', "+x@reader.example"]
    assert len({counted_as(read_address(each)) for each in listed}) == len(listed)


def test_networks_and_zones() -> None:
    assert network_of("203.0.113.77") == network_of("::ffff:203.0.113.1") == "203.0.113.0/24"
    assert (
        network_of("2001:db8:0:12ff::1%eth0") == network_of("2001:db8:0:1200::2") != network_of("2001:db8::1")
    )
    assert network_of("unix") == ""
    assert (find("calcutta"), find("Etc/GMT+5"), find("posix/UTC")) == ("Asia/Calcutta", None, None)
