"""Readers' attributes and counts at the command line, and that an audience decides who gets a mail."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Program
from typer.testing import CliRunner

from syndicator.cli import app

if TYPE_CHECKING:
    from click.testing import Result

ADD = ("subscribers", "add")
ALSO = ("--topic", "ships", "--topic", "gold", "--confirmed", "--at", "07:00", "--zone", "UTC")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A topic for all and one for readers with `plan=gold`, of which Anna is one and Bo is not."""
    program = Program(tmp_path_factory.mktemp("desk"))
    (program.config / "feed.xml").write_bytes(rss("Wire", Story("ship", "A ship came in", "Oranges.")))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.topic("gold", any=["ship*"], audience={"plan": ["gold", "silver"], "not": {"seat": "*"}})
    call(program, *ADD, "anna@reader.example", *ALSO, "--set", "plan=Gold", "--set", "city=Köln")
    return program


def call(desk: Program, *words: str, typed: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["--config", str(desk.config), *words], input=typed)


def told(desk: Program, *words: str) -> dict:
    done = call(desk, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_attributes_are_told_and_decide(desk):
    added = call(desk, *ADD, "bo@reader.example", *ALSO, "--set", "plan=bronze")
    assert "note: topic gold is not for them: plan is bronze, not gold or silver; give them" in added.stderr
    anna, bo = (told(desk, "subscribers", "show", f"{name}@reader.example") for name in ("anna", "bo"))
    assert anna["attributes"] == {"city": "Köln", "plan": "Gold"}
    assert {tie["slug"]: tie["not_in_audience"] for tie in anna["topics"]} == {"gold": None, "ships": None}
    assert {tie["slug"]: tie["not_in_audience"] for tie in bo["topics"]} == {
        "gold": "plan is bronze, not gold or silver", "ships": None,
    }  # fmt: skip
    shown = call(desk, "subscribers", "show", "bo@reader.example").stdout
    assert "attributes: plan=bronze\n" in shown
    assert "no mail of gold, which is for some readers: plan is bronze, not gold or silver" in shown
    call(desk, *ADD, "anna@reader.example", "--topic", "ships", "--confirmed", "--set", "city=")
    assert told(desk, "subscribers", "show", "anna@reader.example")["attributes"] == {"plan": "Gold"}


@pytest.mark.parametrize("given", ["plan", "Plan=x", "not=x", "=x", "plan=" + "x" * 101, "plan=a\u202eb"])
def test_an_attribute_that_is_none_is_refused(desk, given):
    done = call(desk, *ADD, "cy@reader.example", *ALSO, "--set", given)
    assert done.exit_code == 2
    assert all(reader["address"] != "cy@reader.example" for reader in told(desk, "subscribers", "list"))


def test_attributes_come_and_go_as_columns(desk):
    text = "address,topics,attr:plan,attr:floor,state\ndan@reader.example,ships,silver,3,active\n"
    text += "dan@reader.example,gold,,,pending\neve@reader.example,ships," + "x" * 101 + ",,\n"
    done = call(desk, "subscribers", "import", "-", "--json", typed=text.encode())
    got = json.loads(done.stdout)
    assert (got["added"], got["changed"]) == (1, 1)
    assert [(row["line"], row["column"]) for row in got["rejected"]] == [(4, "attr:plan")]
    out = call(desk, "subscribers", "export").stdout
    (dan,) = [row for row in csv.DictReader(io.StringIO(out)) if row["state"] == "pending"]
    assert (dan["attr:plan"], dan["attr:floor"]) == ("silver", "3")
    again = call(desk, "subscribers", "import", "-", "--json", typed=out.encode())
    assert json.loads(again.stdout)["changed"] == 0
    changed = "address,topics,attr:plan\ndan@reader.example,ships,gold\n"
    assert json.loads(call(desk, "subscribers", "import", "-", "--json", typed=changed.encode()).stdout) == {
        "added": 0, "changed": 1, "known": 0, "rejected": [],
    }  # fmt: skip
    assert told(desk, "subscribers", "show", "dan@reader.example")["attributes"] == {
        "floor": "3",
        "plan": "gold",
    }
    for head in ("address,topics,attr:Pl an", "address,topics,attr:x,attr:x", "address,topics,attr:"):
        assert call(desk, "subscribers", "import", "-", typed=head.encode()).exit_code == 2


def test_only_who_is_meant_gets_a_mail_and_nobody_else_keeps_a_backlog(desk):
    """Who comes into the audience later begins with what is new then."""
    once = call(desk, "once", "--now", "2030-01-02T08:00:00Z", "--json")
    assert once.exit_code == 0, once.output
    mails = [each["topics"] for each in told(desk, "editions", "list")]
    assert sorted(map(sorted, mails)) == [["gold"], ["ships"]], "a story is told in the first of two topics"
    by_address = {}
    for each in told(desk, "deliveries", "list"):
        by_address.setdefault(each["address"], []).append(each)
    assert {*by_address} == {"anna@reader.example", "bo@reader.example"}
    bo = told(desk, "subscribers", "show", "bo@reader.example")
    assert {tie["slug"]: tie["has_had_mail"] for tie in bo["topics"]} == {"gold": True, "ships": True}, (
        "it moved on"
    )
    call(desk, *ADD, "bo@reader.example", "--topic", "ships", "--confirmed", "--set", "plan=gold")
    (run,) = [each for each in told(desk, "digest", "plan") if each["local"] == "07:00"]
    assert {each["slug"]: (each["readers"], each["articles"]) for each in run["topics"]}["gold"] == (2, 0)


def test_check_names_attributes_that_nobody_has(desk):
    file = desk.config / "topics" / "gold.yaml"
    whole = file.read_text()
    file.write_text(
        "title: Gold\nany: [ship*]\naudience:\n  plan: gold\n  plna: [x]\n  not:\n    seat: '*'\n"
    )
    said = call(desk, "check").stderr
    file.write_text(whole)
    assert (
        "config/topics/gold.yaml:5:9: audience.plna: no reader has this attribute; syndicator subscribers"
        in said
    )
    assert "config/topics/gold.yaml:7:11: audience.not.seat: no reader has this attribute" in said
    assert "audience.plan" not in said


def test_counts_of_readers(desk):
    call(desk, "once", "--now", "2030-01-03T08:00:00Z")
    by_topic = {row["topic"]: row for row in told(desk, "subscribers", "count", "--since", "2029-12-01")}
    assert (by_topic["ships"]["active"], by_topic["gold"]["pending"]) == (3, 1)
    days = told(desk, "subscribers", "count", "ships", "--since", "2029-12-01")
    assert [(row["day"], row["active"], row["joined"], row["left"]) for row in days] == [
        ("2030-01-02", 3, 0, 0), ("2030-01-03", 3, 0, 0),
    ]  # fmt: skip
    table = call(desk, "subscribers", "count", "ships", "--since", "2030-01-03").stdout
    assert "2030-01-03" in table
    assert "2030-01-02" not in table
    assert call(desk, "subscribers", "count", "shps").exit_code == 1
    assert "gold" in call(desk, "subscribers", "count").stdout
