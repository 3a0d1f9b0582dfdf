"""Readers as an admin handles them: lists in and out, one reader's leave, and what comes next."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Program, environ
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.lock import only_one
from syndicator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

SHIP = Story("ship", "A ship came in", "It brought oranges.")
TABLES = ("subscribers", "subscriptions", "slot_runs", "editions", "deliveries")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A folder with two topics, of which one holds an article."""
    program = Program(tmp_path_factory.mktemp("desk"))
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"], digest={"at": "07:00"})
    program.topic("trains", any=["train*"])
    program.topic("plan", any=["ship*"])  # a name that is a command, too
    program.once()
    yield program
    program.close()


@pytest.fixture
def desk(shared: Program) -> Iterator[Program]:
    """The folder without readers."""
    yield shared
    for row in listed(shared):
        assert call(shared, "subscribers", "erase", row["address"]).exit_code == 0


def call(desk: Program, *words: str, typed: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["--config", str(desk.config), *words], input=typed)


def listed(desk: Program) -> list[dict]:
    return json.loads(call(desk, "subscribers", "list", "--json").stdout)


def imported(desk: Program, text: str, *words: str, code: int = 0) -> dict:
    done = call(desk, "subscribers", "import", "-", "--json", *words, typed=text.encode())
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def exported(desk: Program) -> str:
    done = call(desk, "subscribers", "export")
    assert done.exit_code == 0
    return done.stdout


LIST = """\
address,topics,frequency,at,zone,language,format,state,until
anna@reader.example,ships trains,daily,07:00,Europe/Berlin,de,text,,
bo@reader.example,ships,,,,,html,paused,2030-01-01T00:00:00Z
cy@reader.example,ships,weekly,18:30,UTC,,,ended,
cy@reader.example,trains,,,,,,pending,
"""


def test_an_export_that_is_imported_changes_nothing(desk):
    assert imported(desk, LIST, "--confirmed") == {"added": 3, "changed": 1, "known": 0, "rejected": []}
    first = exported(desk)
    assert [*csv.reader(io.StringIO(first))] == [
        LIST.splitlines()[0].split(","),
        [
            "anna@reader.example",
            "ships trains",
            "daily",
            "07:00",
            "Europe/Berlin",
            "de",
            "text",
            "active",
            "",
        ],
        ["bo@reader.example", "ships", "", "", "", "", "", "paused", "2030-01-01T00:00:00Z"],
        ["cy@reader.example", "ships", "weekly", "18:30", "UTC", "", "", "ended", ""],
        ["cy@reader.example", "trains", "weekly", "18:30", "UTC", "", "", "pending", ""],
    ]
    assert imported(desk, first) == {"added": 0, "changed": 0, "known": 4, "rejected": []}
    assert exported(desk) == first
    for row in listed(desk):
        call(desk, "subscribers", "remove", row["address"])
    assert imported(desk, first)["added"] == 3
    assert exported(desk) == first, "and a new installation has all of it"


REJECTED = [  # a line below `head`; column, words, remedy
    ("anna,ships", "address", "is no e-mail address", "name@example.org"),
    (",ships", "address", "is no e-mail address", "name@example.org"),
    ("a\xe9\x00@x.example,ships", "address", "is no e-mail address", "name@example.org"),
    ("a@x.example,", "topics", "is empty", "between spaces"),
    ("a@x.example,ships cars", "topics", "names cars, which is no topic", "topics list"),
    ("a@x.example,ships,25:00", "at", "is no time of day", "07:00"),
    ("a@x.example,ships,,Mars/One", "zone", "is no time zone", "Europe/Berlin"),
    ("a@x.example,ships,,,hourly", "frequency", "is none of", "name one"),
    ("a@x.example,ships,,,,gone", "state", "is none of", "leave it empty"),
    ("a@x.example,ships,,,,paused,soon", "until", "is no time", "write one such as"),
    ("a@x.example,ships,,,,,,en; x", "language", "is no language", "a tag"),
    ("a@x.example,ships,,,,,,,pdf", "format", "is none of html, text", "leave it empty"),
    ('a@x.example,"ships', "", "has a quote that is never closed", "within quotes"),
    ("a@x.example,ships,,,,,,,,more", "", "has 10 cells", "between spaces"),
    (f"{'a' * 9_000}@x.example,ships", "", "is longer than", "cut it"),
]


def test_wrong_rows_are_told_and_the_others_are_taken(desk):
    lines = "".join(f"{row[0]}\n" for row in REJECTED)
    head = "address,topics,at,zone,frequency,state,until,language,format\n"
    text = f"{head}{lines}good@reader.example,ships\n\nlast@reader.example,trains"
    got = imported(desk, text, code=1)
    assert (got["added"], len(got["rejected"])) == (2, len(REJECTED))
    for number, (row, said) in enumerate(zip(REJECTED, got["rejected"], strict=True), 2):
        assert (said["line"], said["column"]) == (number, row[1]), row
        assert row[2] in said["problem"], row
        assert row[3] in said["remedy"], row
    assert {row["address"] for row in listed(desk)} == {"good@reader.example", "last@reader.example"}


def test_rejected_rows_in_words_and_again_after_they_were_mended(desk, tmp_path):
    file = tmp_path / "readers.csv"
    file.write_bytes(
        "\ufeffAddress;Topics;Shoe size\r\nanna;ships;38\r\nbo@reader.example;ships;\r\n".encode()
    )
    done = call(desk, "subscribers", "import", str(file))
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "  note: column `shoe size` is not read",
        f"{file}:2: address 'anna' is no e-mail address; write name@example.org",
        "1 added, 0 changed, 0 known, 1 rejected",
    ]
    file.write_text(file.read_text().replace("anna", "anna@reader.example"))
    assert "1 added, 0 changed, 1 known, 0 rejected" in call(desk, "subscribers", "import", str(file)).stderr
    assert [row["topics"] for row in listed(desk)] == [{"ships": "pending"}] * 2


def test_who_left_or_is_suppressed_is_no_reader_by_a_list(desk):
    imported(desk, "address,topics,state\nbo@reader.example,ships,ended\n")
    call(desk, "suppressions", "add", "dead@reader.example", "--reason", "unknown user")
    got = imported(
        desk, "address,topics\nbo@reader.example,ships\ndead@reader.example,ships\n", "--confirmed", code=1
    )
    left, dead = got["rejected"]
    assert (left["column"], left["problem"]) == ("topics", "left ships by their own will")
    assert (dead["column"], dead["problem"]) == ("address", "is suppressed: unknown user")
    assert "suppressions remove dead@reader.example" in dead["remedy"]
    assert [row["topics"] for row in listed(desk)] == [{"ships": "ended"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no column `address`"), ("address\n", "no column `topics`"),
     ("address,topics,topics\n", "the column `topics` is there twice")],
)  # fmt: skip
def test_a_first_line_that_names_no_columns(desk, text, said):
    done = call(desk, "subscribers", "import", "-", typed=text.encode())
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_file_that_is_not_there(desk, tmp_path):
    done = call(desk, "subscribers", "import", str(tmp_path / "none.csv"))
    assert done.exit_code == 2
    assert "No such file" in done.stderr


def test_progress_is_shown_on_a_terminal(desk, tmp_path):
    file = tmp_path / "readers.csv"
    file.write_text("address,topics\n" + "".join(f"r{i}@reader.example,ships\n" for i in range(3)))
    master, slave = pty.openpty()
    env = environ() | {"TERM": "xterm-256color"}
    command = desk.command("subscribers", "import", str(file))
    with subprocess.Popen(command, stdout=slave, stderr=slave, stdin=slave, env=env) as process:
        os.close(slave)
        seen = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while more := os.read(master, 4096):
                seen += more
        assert process.wait(30) == 0
    os.close(master)
    assert b"importing" in seen
    assert b"3 added" in seen


def test_an_exported_file_is_for_its_owner_alone(desk, tmp_path):
    imported(desk, LIST)
    file = tmp_path / "readers.csv"
    file.write_text("old")
    file.chmod(0o644)
    assert call(desk, "subscribers", "export", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == exported(desk)
    assert [each.name for each in tmp_path.iterdir()] == ["readers.csv"]
    refused = call(desk, "subscribers", "export", str(tmp_path / "no" / "readers.csv"))
    assert refused.exit_code == 1


# One reader -------------------------------------------------------------------------------------------


def test_pause_resume_and_show(desk):
    imported(desk, LIST, "--confirmed")
    anna = "Anna@reader.example"
    assert call(desk, "subscribers", "pause", anna, "--until", "2031-02-03").exit_code == 0
    shown = json.loads(call(desk, "subscribers", "show", anna, "--json").stdout)
    assert [(tie["slug"], tie["state"], tie["until_at"]) for tie in shown["topics"]] == [
        ("ships", "paused", "2031-02-02T23:00:00Z"),  # the day begins in Berlin
        ("trains", "paused", "2031-02-02T23:00:00Z"),
    ]
    assert (shown["zone"], shown["suppressed"], shown["deliveries"]) == ("Europe/Berlin", None, [])
    words = call(desk, "subscribers", "show", anna).stdout
    assert "daily at 07:00 Europe/Berlin" in words
    assert "paused" in words
    assert "active again: ships, trains" in call(desk, "subscribers", "resume", anna).stderr
    assert "nothing was paused" in call(desk, "subscribers", "resume", anna).stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("pause", "no@reader.example"), 1, "there is no no@reader.example"),
        (("resume", "no@reader.example"), 1, "there is no no@reader.example"),
        (("show", "no@reader.example"), 1, "there is no no@reader.example"),
        (("erase", "no@reader.example"), 1, "there is no no@reader.example"),
        (("pause", "anna@reader.example", "--until", "2020-01-01"), 2, "is past"),
        (("pause", "anna@reader.example", "--until", "soon"), 2, "is no time"),
        (("pause", "cy@reader.example"), 1, "gets no mail that could pause"),
    ],
    ids=str,
)
def test_what_cannot_be(desk, words, code, said):
    imported(desk, LIST, "--confirmed")
    done = call(desk, "subscribers", *words)
    assert done.exit_code == code
    assert said in f"{done.stderr}{done.exception}"


# What comes next --------------------------------------------------------------------------------------


def counted(desk: Program) -> list[int]:
    import sqlite3

    with contextlib.closing(sqlite3.connect(desk.folder / "var" / "syndicator.db")) as conn:
        return [conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]


def test_the_next_digests(desk):
    imported(
        desk,
        "address,topics,frequency,at,zone,state\n"
        "anna@reader.example,ships trains,,,,active\n"
        "bo@reader.example,ships,,,,active\n"
        "cy@reader.example,trains,daily,06:00,Asia/Tokyo,active\n"
        "di@reader.example,ships,instant,,,active\n"
        "ed@reader.example,ships,,,,paused\n"
        "fi@reader.example,ships,,,,pending\n",
    )
    call(desk, "suppressions", "add", "bo@reader.example")
    before = counted(desk)
    found = {
        row["frequency"] + row["local"]: row
        for row in json.loads(call(desk, "digest", "plan", "--json").stdout)
    }
    assert counted(desk) == before, "nothing is written"
    call(desk, "suppressions", "remove", "bo@reader.example")
    assert {key: (row["readers"], row["mails"]) for key, row in found.items()} == {
        "daily07:00": (1, 1),
        "daily06:00": (1, 0),
        "instant07:00": (1, 1),
    }
    assert found["daily07:00"]["topics"] == [{"slug": "ships", "readers": 1, "articles": 1}]
    assert found["daily06:00"]["topics"] == [{"slug": "trains", "readers": 1, "articles": 0}]
    assert found["instant07:00"]["at"] is None
    at = datetime.fromisoformat(found["daily06:00"]["at"])
    assert at.astimezone(UTC).hour == 21
    assert timedelta(0) < at - datetime.now(UTC) <= timedelta(days=1)
    table = call(desk, "digest", "plan").stdout
    assert "ships (1)" in table
    assert "as news comes" in table


def test_a_test_mail_goes_to_one_and_leaves_no_trace(desk):
    imported(desk, "address,topics\nanna@reader.example,ships\n", "--confirmed")
    before = counted(desk)
    names = set()
    for _ in range(2):
        done = call(desk, "digest", "send", "ships", "--test", "me@desk.example")
        assert done.exit_code == 0, done.output
        assert "me@desk.example: accepted" in done.stderr
    for path in (desk.folder / "var" / "mail" / "new").iterdir():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert mail["To"] == "me@desk.example"
        assert mail["Subject"].startswith("[Test] Ships: A ship came in")
        names.add(mail["Message-ID"])
    assert len(names) == 2, "else the second would be dropped as known"
    assert counted(desk) == before
    call(desk, "suppressions", "add", "me@desk.example")
    refused = call(desk, "digest", "send", "ships", "--test", "me@desk.example")
    assert refused.exit_code == 1
    assert "is suppressed" in str(refused.exception)


def test_what_a_command_does_not_do_is_said(desk):
    call(desk, "suppressions", "add", "dead@desk.example", "--reason", "unknown user")
    added = call(desk, "subscribers", "add", "dead@desk.example", "--topic", "ships", "--confirmed")
    assert "nothing is mailed to dead@desk.example: suppressed since" in added.stderr
    assert "syndicator suppressions remove dead@desk.example" in added.stderr
    removed = call(desk, "subscribers", "remove", "dead@desk.example").stderr
    assert "removed; the ledger of mail keeps" in removed
    assert "subscribers erase dead@desk.example" in removed


def test_a_link_without_a_daemon_says_so(desk):
    for words in (["admin"], ["digest", "preview", "ships"]):
        done = call(desk, *words)
        assert "no daemon is running" in done.stderr
        assert done.stdout.startswith("http")
    with only_one(Settings(root=desk.folder, config=desk.config, state=desk.folder / "var")):
        assert "no daemon" not in call(desk, "admin").stderr


def test_a_server_that_refuses_a_test_is_told(desk):
    desk.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": 1})
    try:
        done = call(desk, "digest", "send", "ships", "--test", "me2@desk.example")
    finally:
        del desk.settings["mail"]["transport"], desk.settings["mail"]["host"], desk.settings["mail"]["port"]
        desk.configure()
    assert done.exit_code == 1
    assert "me2@desk.example: not taken: " in str(done.exception)


def test_the_ranks_of_a_digest_are_explained(desk):
    found = json.loads(call(desk, "digest", "why", "ships", "--json").stdout)
    assert [(row["place"], row["source"], row["title"]) for row in found] == [
        ("top", "wire", "A ship came in")
    ]
    signs = found[0]["signs"]
    assert list(signs) == ["score", "hours", "sources", "minutes"]
    assert round(sum(sign["points"] for sign in signs.values()), 1) == found[0]["points"]
    assert signs["sources"] == {"figure": 1, "points": 0.0}
    table = call(desk, "digest", "why", "ships").stdout
    assert f"{found[0]['points']:.1f}" in table
    assert "A ship came in" in table
    assert call(desk, "digest", "why", "trains").exit_code == 1, "it holds no articles"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ships", "--to", "DIR"), 0),
        (("--to", "DIR", "ships"), 0),
        (("--language", "zh", "ships", "--to=DIR"), 0),
        (("plan", "--to", "DIR"), 0),  # the topic of that name
        (("send", "--to", "DIR"), 1),  # no topic has that name
        (("send", "ships"), 2),
        (("plan", "ships"), 2),
    ],
    ids=str,
)
def test_a_digest_as_files_is_called_as_ever(desk, tmp_path, words, code):
    done = call(desk, "digest", *(word.replace("DIR", str(tmp_path)) for word in words))
    assert done.exit_code == code, done.output
    slug = "plan" if words[0] == "plan" else "ships"
    files = {each.name for each in tmp_path.iterdir()}
    assert files == ({f"{slug}.eml", f"{slug}.html", f"{slug}.txt"} if code == 0 else set())


def test_text_alone(desk):
    add = ("subscribers", "add", "anna@reader.example", "--topic", "ships")
    assert call(desk, *add, "--format", "pdf").exit_code == 2
    assert call(desk, *add, "--format", "text", "--confirmed").exit_code == 0
    assert call(desk, *add, "--at", "08:00").exit_code == 0
    assert listed(desk)[0]["format"] == "text", "what is not said stays as it was"
    assert "format: text" in call(desk, "subscribers", "show", "anna@reader.example").stdout
    assert call(desk, *add, "--format", "html").exit_code == 0
    assert listed(desk)[0]["format"] == "html"


def test_a_new_key_signs(desk):
    keys = lambda: json.loads(call(desk, "tokens", "list", "--json").stdout)  # noqa: E731
    first = keys()[-1]["key"]
    assert "work for a year more" in call(desk, "tokens", "rotate").stderr
    newest, *older = keys()
    assert newest["ends_at"] is None
    assert all(key["ends_at"] > newest["created_at"] for key in older)
    assert "are over" in call(desk, "tokens", "rotate", "--at-once").stderr
    newest, *older = keys()
    assert {key["ends_at"] for key in older} == {newest["created_at"]}
    assert older[-1]["key"] == first
    assert "it signs" in call(desk, "tokens", "list").stdout
