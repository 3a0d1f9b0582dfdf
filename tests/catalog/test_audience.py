"""A topic's audience: what it admits, how it is written, and what is said of one that is wrong."""

from __future__ import annotations

import pytest

from syndicator.catalog.audience import segment
from syndicator.catalog.fields import Said

GOLD = {"plan": "gold"}
ADMITTED = [  # audience, attributes, why not (empty: is in it)
    (GOLD, {"plan": "gold"}, ""),
    (GOLD, {"plan": " GOLD "}, ""),
    (GOLD, {"plan": "silver"}, "plan is silver, not gold"),
    (GOLD, {}, "plan is not set; it must be gold"),
    ({"country": ["DE", "AT"]}, {"country": "at"}, ""),
    ({"country": ["DE", "AT"]}, {"country": "CH"}, "country is CH, not DE or AT"),
    ({"country": ["DE", "AT"]}, {"country": "DE AT"}, "country is DE AT, not DE or AT"),
    ({"since": 2024, "staff": True}, {"since": "2024", "staff": "true"}, ""),
    ({"since": 2024, "staff": True}, {"since": "2024", "staff": "false"}, "staff is false, not true"),
    ({"plan": "*"}, {"plan": "whatever"}, ""),
    ({"plan": "*"}, {"country": "DE"}, "plan is not set"),
    ({"not": {"plan": "*"}}, {}, ""),
    ({"not": {"plan": "*"}}, {"plan": "gold"}, "plan is gold"),
    (GOLD | {"not": {"country": ["CH", "LI"], "staff": True}}, {"plan": "gold", "country": "FR"}, ""),
    (GOLD | {"not": {"country": "CH"}}, {"plan": "gold", "country": "ch"}, "country is ch"),
    (GOLD | {"not": {"country": "CH", "staff": True}}, {"plan": "gold", "staff": "true"}, "staff is true"),
]


@pytest.mark.parametrize(("audience", "attributes", "why"), ADMITTED)
def test_who_is_in_it(audience, attributes, why):
    read = segment(audience)
    assert read.admits(attributes) is (why == "")
    assert read.objection(attributes) == why


REFUSED = [  # what is written, where, what is said
    ({}, "", "is no audience"),
    ([GOLD], "", "is no audience"),
    ("gold", "", "is no audience"),
    ({"not": {}}, "not", "names no attribute"),
    ({"not": "gold"}, "not", "names no attribute"),
    ({"not": {"not": GOLD}}, "not", "'not' is no name of an attribute"),
    ({"Plan": "gold"}, "Plan", "is no name of an attribute"),
    ({"a b": "gold"}, "a b", "is no name of an attribute"),
    ({"p" * 41: "x"}, "p" * 41, "is no name of an attribute"),
    ({7: "x"}, "7", "is no name of an attribute"),
    ({"plan": None}, "plan", "nothing is no value of plan"),
    ({"plan": ""}, "plan", "is no value of plan"),
    ({"plan": {"is": "gold"}}, "plan", "is no value of plan"),
    ({"plan": ["gold", ["x"]]}, "plan", "is no value of plan"),
    ({"plan": ["gold", "*"]}, "plan", "is no value of plan"),
    ({"plan": []}, "plan", "has 0 values"),
    ({"plan": ["x"] * 101}, "plan", "has 101 values"),
    ({"plan": "x" * 101}, "plan", "is no value of plan"),
    ({"plan": "a\u202eb"}, "plan", "is no value of plan"),
    ({f"n{n}": "x" for n in range(21)}, "", "21 attributes"),
]


@pytest.mark.parametrize(("written", "at", "what"), REFUSED)
def test_what_is_refused_and_where(written, at, what):
    with pytest.raises(Said) as caught:
        segment(written)
    assert what in caught.value.what
    assert caught.value.at == at
    assert caught.value.remedy
