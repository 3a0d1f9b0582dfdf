"""What an admin meets in a day: broken files, readers who left, sources that were mended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from newsroom import Story, many, rss

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)


@pytest.fixture
def office(embedded, http_server):
    server = http_server(many(2))
    embedded.shipped_topics()
    embedded.sources(a=server.url("/feed/0"), b=server.url("/feed/1"))
    embedded.once()
    return embedded


def test_commands_that_look_go_on_with_the_last_good_catalog(office):
    office.topic("rail", any=["railway"], titel="x")
    for command in (["status"], ["topics", "list"], ["sources", "list"], ["feed", "china"]):
        done = office.run(*command)
        assert "titel: unknown key" in done.stderr
        assert "last in force" in done.stderr
        assert done.stdout
    office.run("check", code=2)


def test_without_a_last_good_catalog_the_problems_are_all_there_is(embedded):
    embedded.topic("rail", any=["railway"], titel="x")
    done = embedded.run("status", code=2)
    assert "titel: unknown key" in done.stderr


def test_who_left_is_not_added_again_by_mistake(office):
    add = ("subscribers", "add", "anna@reader.example", "--topic", "china", "--confirmed")
    office.run(*add, "--at", "07:00", "--zone", "UTC")
    office.once(TOMORROW.isoformat())
    office.start()
    (mail,) = (office.folder / "var" / "mail" / "new").iterdir()
    token = mail.read_text().split("/unsubscribe/")[1].split(">")[0]
    assert office.get(f"/unsubscribe/{token}", "POST").status == 200
    refused = office.run(*add, code=1)
    assert "left china" in refused.stderr
    assert "--again" in refused.stderr
    assert office.json("subscribers", "list")[0]["topics"] == {"china": "ended"}
    office.run(*add, "--again")
    assert office.json("subscribers", "list")[0]["topics"] == {"china": "active"}


def test_a_reader_without_a_zone_lives_in_the_topics(office):
    office.run(
        "subscribers", "add", "anna@reader.example", "--topic", "china", "--confirmed", "--at", "06:00"
    )
    (reader,) = office.json("subscribers", "list")
    assert (reader["at"], reader["zone"]) == ("06:00", "Asia/Shanghai")


def test_an_hour_of_ones_own_changes_nothing_else(embedded):
    embedded.topic("ships", any=["ship"], digest={"at": "07:00", "zone": "Europe/Berlin", "days": "weekdays"})
    add = ("subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed")
    for given, told in (
        (("--at", "06:00"), ("weekdays", "06:00", "Europe/Berlin")),
        (("--frequency", "weekly"), ("weekly", "06:00", "Europe/Berlin")),
        (("--zone", "UTC"), ("weekly", "06:00", "UTC")),
        (("--frequency", "instant"), ("instant", "06:00", "UTC")),
        (("--at", "08:00"), ("daily", "08:00", "UTC")),
    ):
        embedded.run(*add, *given)
        (reader,) = embedded.json("subscribers", "list")
        assert (reader["frequency"], reader["at"], reader["zone"]) == told
    (listed,) = embedded.json("topics", "list")
    assert listed["next_digest_at"].endswith("T08:00:00Z")


def test_a_mended_source_is_pulled_at_once(office, http_server):
    server = http_server(many(1))
    office.configure(fetch={"allow_private": []})
    office.sources(a=server.url("/feed/0"))
    office.start()
    office.until(lambda: "private" in office.json("sources", "list")[0]["last_error"])
    text = (office.config / "sources" / "all.yaml").read_text()
    (office.config / "sources" / "all.yaml").write_text(
        text.replace('{"name"', '{"allow_private": true, "name"')
    )
    office.until(lambda: server.visits("/feed/0"), timeout=20)


def test_the_preview_is_the_digest(office):
    office.run(
        "subscribers", "add", "anna@reader.example", "--topic", "china", "--confirmed", "--at", "07:00"
    )
    office.run("digest", "china", "--to", str(office.folder / "out"))
    office.once(TOMORROW.isoformat())
    (mail,) = (office.folder / "var" / "mail" / "new").iterdir()
    subjects = [
        [line for line in text.splitlines() if line.startswith("Subject:")]
        for text in (mail.read_text(), (office.folder / "out" / "china.eml").read_text())
    ]
    assert subjects[0][0].split("_=C2=B7")[0] == subjects[1][0].split("_=C2=B7")[0]


def test_once_in_the_future_says_that_it_will_be_remembered(office):
    assert "remember this time" in office.run("once", "--now", TOMORROW.isoformat()).stderr
    assert "remember" not in office.run("once").stderr


def test_addresses_follow_the_port_where_none_is_set(embedded):
    embedded.settings["site"].pop("base_url")
    embedded.configure()
    embedded.topic("rail", any=["railway"])
    (topic,) = embedded.json("topics", "list")
    assert topic["url"] == f"http://127.0.0.1:{embedded.port}/topics/rail"


def test_a_topic_that_returns_holds_what_came_while_it_was_away(office, http_server):
    server = http_server({"/f": rss("Wire", Story("1", "China one", "Text."))})
    office.sources(a=server.url("/f"))
    office.once(TOMORROW.isoformat())
    file = office.config / "topics" / "china.yaml"
    text = file.read_text()
    file.unlink()
    server.pages["/f"] = rss("Wire", Story("1", "China one", "Text."), Story("2", "China two", "Text."))
    office.once((TOMORROW + timedelta(days=2)).isoformat())
    file.write_text(text)
    office.once((TOMORROW + timedelta(days=4)).isoformat())
    feed = office.run("feed", "china").stdout
    assert "China one" in feed
    assert "China two" in feed


def test_a_clock_that_was_wrong_for_once_stops_no_digest(office, http_server):
    one, two = Story("1", "China one", "Text."), Story("2", "China two", "Text.")
    server = http_server({"/f": rss("Wire", one)})
    office.sources(a=server.url("/f"))
    office.run(
        "subscribers", "add", "anna@reader.example", "--topic", "china", "--confirmed", "--at", "07:00"
    )
    assert office.once("2090-01-03T00:30:00Z")["sent"] == 1
    server.pages["/f"] = rss("Wire", one, two)
    right = office.once(TOMORROW.isoformat())
    assert (right["articles"], right["sent"]) == (1, 1)


def test_a_reader_of_very_many_topics_can_leave(embedded, http_server):
    names = [f"beat-{number:03}-of-the-morning-and-evening-desk" for number in range(60)]
    stories = [Story(name, f"Report on {name.replace('-', '')}", "Text.") for name in names]
    server = http_server({"/f": rss("Wire", *stories)})
    embedded.sources(a=server.url("/f"))
    for name in names:
        embedded.topic(name, any=[name.replace("-", "")], digest={"at": "07:00", "zone": "UTC"})
    chosen = [word for name in names for word in ("--topic", name)]
    embedded.run("subscribers", "add", "anna@reader.example", *chosen, "--confirmed")
    assert embedded.once(TOMORROW.isoformat())["sent"] == 1
    (mail,) = (embedded.folder / "var" / "mail" / "new").iterdir()
    token = mail.read_text().split("/unsubscribe/")[1].split(">")[0]
    embedded.start()
    assert embedded.get(f"/unsubscribe/{token}", "POST").status == 200
    (reader,) = embedded.json("subscribers", "list")
    assert set(reader["topics"].values()) == {"ended"}


def test_who_leaves_and_comes_back_is_not_sent_the_same_again(office, http_server):
    one, two = Story("1", "China one", "Text."), Story("2", "China two", "Text.")
    server = http_server({"/f": rss("Wire", one)})
    office.sources(a=server.url("/f"))
    add = ("subscribers", "add", "anna@reader.example", "--topic", "china", "--confirmed")
    office.run(*add, "--at", "07:00", "--zone", "UTC")
    office.once()
    assert office.once(TOMORROW.isoformat())["sent"] == 1
    folder = office.folder / "var" / "mail" / "new"
    (mail,) = folder.iterdir()
    office.start()
    token = mail.read_text().split("/unsubscribe/")[1].split(">")[0]
    assert office.get(f"/unsubscribe/{token}", "POST").status == 200
    office.stop()
    mail.unlink()
    office.run(*add, "--again")
    server.pages["/f"] = rss("Wire", one, two)
    assert office.once((TOMORROW + timedelta(days=1)).isoformat())["sent"] == 1
    (mail,) = folder.iterdir()
    text = mail.read_text()
    assert "China two" in text
    assert "China one" not in text
