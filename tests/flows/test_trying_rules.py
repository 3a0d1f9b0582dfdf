"""plan, preview, explain, backtest and release, as an admin uses them before and after an edit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from newsroom import Story, rss
from rows import rows
from sqlalchemy import create_engine

from syndicator.store import migrate

if TYPE_CHECKING:
    from program import Program

NOW = datetime.now(UTC)


def ago(hours: float) -> str:
    return format_datetime(NOW - timedelta(hours=hours))


SHIP = Story("ship", "A ship came in", "It brought oranges.", date=ago(5))
TRAIN = Story("train", "A train came in", "It brought coal to the ship.", date=ago(6))
TRAM = Story("tram", "A tram stood still", "Nobody was on it.", date=ago(30))
OLD = Story("old", "A tram of old times", "It is in a museum.", date=ago(24 * 20))


def desk(program: Program, http_server) -> None:
    server = http_server({"/wire": rss("Wire", SHIP, TRAIN, TRAM, OLD)})
    program.sources(wire=server.url("/wire"))
    program.topic("ships", any=["ship"])
    program.topic("trains", any=["train"], digest={"at": "07:00"})
    program.once()


def titles(listed: list[dict[str, object]]) -> list[object]:
    return [each["title"] for each in listed]


def test_plan_says_what_an_edit_would_change_and_writes_nothing(embedded: Program, http_server):
    desk(embedded, http_server)
    assert "No changes" in embedded.run("plan").stdout
    embedded.run("subscribers", "add", "ann@reader.example", "--topic", "trains", "--confirmed")
    embedded.topic("trains", any=["train", "tram"], digest={"at": "07:00"})
    embedded.topic("ships", any=["boat"], tests={"match": ["A ship came in"]})
    embedded.topic("coal", any=["coal"], min_score=1)
    before = [rows(embedded, f"SELECT count(*) FROM {name}") for name in ("matches", "topics", "catalogs")]
    made = embedded.json("plan")
    assert (made["topics_added"], made["topics_rematch"], made["topics_removed"]) == (
        ["coal"],
        ["trains"],
        [],
    )
    assert (made["kept"], made["left_out"]) == (["ships"], [])
    assert "tests.match[1]" in made["failures"][0]["key"]
    told = {each["slug"]: each for each in made["topics"]}
    trains = told["trains"]
    assert titles(trains["trial"]["gained_articles"]) == [TRAM.title, OLD.title]
    assert (trains["trial"]["matched"], trains["trial"]["lost"], trains["subscribers"]) == (3, 0, 1)
    assert trains["documents"] == ["page", "rss", "atom", "json"]
    assert trains["next_digest_at"].endswith("T07:00:00Z")
    said = embedded.run("plan")
    assert "~ trains  Trains: rule changed" in said.stdout
    assert "A [tram] stood still" in said.stdout
    assert "topic ships: its own tests fail; what was last in force stays" in said.stderr
    after = [rows(embedded, f"SELECT count(*) FROM {name}") for name in ("matches", "topics", "catalogs")]
    assert before == after
    embedded.once()
    assert embedded.json("plan")["topics"] == [], "what was planned is in force, what was kept is kept"


def test_plan_without_a_database_makes_none(fresh: Program):
    fresh.sources(wire="file:feed.xml")
    fresh.topic("ships", any=["ship"])
    made = fresh.json("plan")
    assert (made["first"], made["topics_added"], made["sources_added"]) == (True, ["ships"], ["wire"])
    assert "Nothing is in force yet" in fresh.run("plan").stdout
    assert "there is no database yet" in fresh.run("preview", "ships", code=1).stderr
    assert not (fresh.folder / "var" / "syndicator.db").exists()


def test_preview_reads_the_file_as_it_stands_whatever_is_in_force(embedded: Program, http_server):
    desk(embedded, http_server)
    embedded.topic("ships", any=["tram"], tests={"match": ["A ship came in"]})
    (embedded.config / "topics" / "broken.yaml").write_text("title: [")
    made = embedded.json("preview", "ships")
    assert (made["matched"], made["gained"], made["lost"], made["scanned"]) == (2, 2, 1, 4)
    assert titles(made["articles"]) == [TRAM.title, OLD.title]
    assert made["articles"][0]["marks"]["title"] == [[2, 6]]
    assert made["by_source"] == [{"source": "wire", "matched": 2, "gained": 2, "lost": 1}]
    assert sum(day["matched"] for day in made["by_day"]) == 2
    said = embedded.run("preview", "ships", "--limit", "1", "--since", ago_iso(48))
    assert "1 of 3 articles in the topic" in said.stdout
    assert "A [tram] stood still" in said.stdout
    assert OLD.title not in said.stdout
    assert "note: config/topics/ships.yaml:1:" in said.stderr
    assert "did you mean ships?" in embedded.run("preview", "ship", code=1).stderr
    embedded.topic("ships", any=["ship*boat"])
    assert "config/topics/ships.yaml:1:" in embedded.run("preview", "ships", code=2).stderr


def ago_iso(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def test_explain_tells_why_and_why_not(embedded: Program, http_server):
    desk(embedded, http_server)
    kept = embedded.json("explain", "ships", "ship came")
    assert (kept["kept"], kept["score"]) == (True, 3)
    assert kept["sum"] == [{"place": "title", "hits": 1, "most": 2, "worth": 3, "points": 3}]
    assert kept["stored"]["active"]
    dropped = embedded.json("explain", "ships", TRAIN.title)
    assert (dropped["kept"], dropped["stored"]) == (False, None)
    assert dropped["verdict"] == "dropped: 2 points, 3 are needed"
    (branch,) = [each for each in dropped["branches"] if each["role"] == "any"]
    assert branch["found"] == [{"field": "text", "start": 23, "end": 27, "text": "ship"}]
    said = embedded.run("explain", "ships", str(dropped["article"]["id"])).stdout
    assert "dropped: 2 points, 3 are needed" in said
    assert "lead  2 × 1 =  2  1 hit" in said
    assert "✓ ship  text: “ship”" in said
    assert "brought coal to the [ship]." in said
    long = " OR ".join(["ship", *(f"barge{n}*" for n in range(30))])
    embedded.topic("ships", any=[f"({long}) NEAR/50 (harbour OR coal)"], min_score=0)
    drawn = embedded.run("explain", "ships", TRAIN.title).stdout
    assert f"({long}) NEAR/50 (harbour OR coal)  text: “" in drawn, (
        "a line is not cut where nobody's width is known"
    )
    assert "26 more that found nothing (--all shows them)" in drawn
    assert "barge29*" not in drawn.replace(long, "")
    assert "· barge29*" in embedded.run("explain", "ships", TRAIN.title, "--all").stdout
    several = embedded.run("explain", "ships", "came in", code=1).stderr
    assert "fits several" in several
    assert SHIP.title in several
    assert "there is none like 'boats'" in embedded.run("explain", "ships", "boats", code=1).stderr
    embedded.topic("ships", any=["train"])
    assert "it will leave when this file is in force" in embedded.run("explain", "ships", "ship came").stdout


def test_backtest_counts_digests_and_days(embedded: Program, http_server):
    desk(embedded, http_server)
    embedded.topic("trains", any=["train", "tram"], digest={"at": "07:00"})
    made = embedded.json("backtest", "trains", "--since", ago_iso(50))
    assert (made["matched"], made["gained"]) == (3, 2), "what arrived since then, whenever it was published"
    assert sum(each["articles"] for each in made["digests"]) == 3
    assert sum(each["before"] for each in made["digests"]) == 1
    said = embedded.run("backtest", "trains", "--since", ago_iso(50)).stdout
    assert "Digests, daily at 07:00 UTC  articles (and by the rule in force)" in said
    assert "the rule in force: 1; 2 gained, 0 lost" in said
    assert (
        "within the last 400 days"
        in embedded.run("backtest", "trains", "--since", "2001-01-01", code=2).stderr
    )


def test_an_edit_mails_nothing_old_unless_it_is_released(embedded: Program, http_server):
    desk(embedded, http_server)
    morning = (NOW + timedelta(days=1)).replace(hour=8, minute=0)
    embedded.run(
        "subscribers", "add", "ann@reader.example", "--topic", "trains", "--confirmed", "--at", "07:00"
    )
    assert embedded.once(morning.isoformat())["planned"] == 1
    embedded.topic("trains", any=["train", "tram"], digest={"at": "07:00"})
    assert embedded.once((morning + timedelta(hours=1)).isoformat())["planned"] == 0
    feed = json.loads(embedded.run("feed", "trains", "--format", "json").stdout)
    assert {item["title"] for item in feed["items"]} == {TRAIN.title, TRAM.title, OLD.title}
    assert embedded.once((morning + timedelta(days=1)).isoformat())["planned"] == 0, (
        "no digest because of an edit"
    )

    done = embedded.run("topics", "release", "trains", "--days", "7")
    assert "1 article let into the next digests of trains" in done.stderr
    assert embedded.once((morning + timedelta(days=2)).isoformat())["planned"] == 1
    mails = [file.read_text() for file in (embedded.folder / "var" / "mail" / "new").iterdir()]
    newest = [mail for mail in mails if TRAM.title in mail]
    assert len(newest) == 1
    assert OLD.title not in newest[0]
    assert "0 articles let into" in embedded.run("topics", "release", "trains").stderr


def test_check_warns_beside_the_archive_and_says_that_all_is_well(program: Program, http_server):
    desk(program, http_server)
    program.topic("trains", any=["tra*in"])
    assert "config/topics/trains.yaml:1:" in program.run("check", code=2).stderr
    program.topic("trains", any=["mus*", "train", '"a train"'])
    done = program.run("check")
    assert done.stdout == "config: 1 source, 2 topics: no problems\n"
    notes = [line.removeprefix("note: config/topics/trains.yaml:") for line in done.stderr.splitlines()]
    assert "any[1]: mus* also finds museum (1) in the archive" in notes[0]
    assert "any[3]: holds only where train does" in notes[1]
    assert len(notes) == 2, "an archive of four articles tells nothing about what never occurs"


def test_an_older_database_is_told_and_left_as_it_is(fresh: Program):
    fresh.topic("ships", any=["ship"])

    (fresh.folder / "var").mkdir()
    engine = create_engine(f"sqlite:///{fresh.folder / 'var' / 'syndicator.db'}")
    with engine.connect() as conn:
        migrate.upgrade(conn, "0001")
    engine.dispose()
    for command in (["preview", "ships"], ["plan"]):
        assert "the database is of an older version" in fresh.run(*command, code=1).stderr
    done = fresh.run("check")
    assert "note: the archive was not looked at: the database is of an older version" in done.stderr
    assert rows(fresh, "SELECT version_num FROM alembic_version") == [("0001",)]
