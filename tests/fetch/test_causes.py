"""Failures of one cause are one line; what differs stays apart."""

from __future__ import annotations

import pytest

from syndicator.fetch.causes import by_cause


def test_being_offline_is_one_line() -> None:
    failures = [(f"s{number}", f"feeds-{number}.example.org does not resolve") for number in range(40)]
    assert [str(cause) for cause in by_cause([("lost", "file:lost.xml is empty"), *failures])] == [
        "40 sources: … does not resolve (s0, s1, s2 and 37 more)",
        "lost: file:lost.xml is empty",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "a.example does not resolve",
            "has failed once since 2026-11-01: b.example does not resolve",
        ),
        ("no connection to a.example:443", "no connection to 10.0.0.1:8080"),
        ("file:a/b.xml cannot be read: no such file", "file:c.xml cannot be read: no such file"),
        ("https://a.example/x?y=1 answered an error (503)", "https://b.example/ answered an error (502)"),
        ("not read after 30 s", "not read after 5 s"),
    ],
)
def test_hosts_files_and_numbers_are_no_difference(one: str, other: str) -> None:
    (cause,) = by_cause([("a", one), ("b", other)])
    assert cause.names == ("a", "b")


def test_words_are_a_difference() -> None:
    causes = by_cause([("a", "a.example does not resolve"), ("b", "a.example is empty")])
    assert [str(cause) for cause in causes] == ["a: a.example does not resolve", "b: a.example is empty"]


def test_a_hostile_message_is_read_in_a_moment() -> None:
    assert len(by_cause([("a", "x." * 100_000), ("b", "1," * 100_000)])) == 2
