"""The command line as people and tools use it: help, JSON, tables, refusals, exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from newsroom import Story, rss
from program import Program, environ
from reference import commands
from typer.testing import CliRunner

from syndicator.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

COMMANDS = [words for words, _ in commands()]
HEAVY = {
    "aiohttp", "aiosmtplib", "alembic", "apscheduler", "babel", "feedparser", "jinja2", "lxml", "nh3",
    "psycopg", "ruamel.yaml", "sqlalchemy", "starlette", "trafilatura", "uvicorn",
}  # fmt: skip
SHIP = Story("ship", "A ship came in", "It brought oranges.")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A folder where everything has happened once: a good source and a bad one, an article, a digest."""
    program = Program(tmp_path_factory.mktemp("desk"))
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml", lost="file:lost.xml")
    program.topic("ships", any=["ship*"], digest={"at": "07:00"})
    program.run("subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed")
    tomorrow = datetime.now(UTC).replace(hour=8) + timedelta(days=1)
    program.summary = program.once(tomorrow.isoformat())  # type: ignore[attr-defined]
    yield program
    program.close()


def call(desk: Program, *words: str) -> Result:
    """Run a command in this process: many are asked here, and starting Python costs more than they do."""
    return CliRunner().invoke(app, ["--config", str(desk.config), *words])


# Help -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_has_an_example(words):
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    assert f"Example: syndicator {'' if words == ('check',) else words[0]}" in done.stdout.replace(
        "--config config ", ""
    )
    assert "--help" in done.stdout


def test_groups_and_the_program_show_help_when_called_bare():
    for words in ((), ("sources",), ("topics",), ("subscribers",), ("editions",), ("deliveries",)):
        done = CliRunner().invoke(app, list(words))
        assert "Usage: " in done.output, words


def test_help_loads_nothing_heavy():
    """`--help` answers at once because no command has been imported with its libraries (never timed here)."""
    program = (
        "import contextlib, io, sys\n"
        "from syndicator.cli import main\n"
        "for words in [[], *map(str.split, sys.argv[1:])]:\n"
        "    sys.argv = ['syndicator', *words, '--help']\n"
        "    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "        main()\n"
        "    assert 'Usage' in out.getvalue(), words\n"
        "print(*sys.modules, sep='\\n')\n"
    )
    asked = [" ".join(words) for words in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", program, *asked], capture_output=True, text=True, check=True, env=environ()
    )
    loaded = set(done.stdout.split())
    assert "typer" in loaded, "the list of modules is one"
    assert sorted(loaded & HEAVY) == []


def test_version():
    done = CliRunner().invoke(app, ["--version"])
    assert re.fullmatch(r"syndicator \d+\.\d+\S*\n", done.stdout)


# JSON -------------------------------------------------------------------------------------------------

KEYS = {  # DESIGN.md section 10 and what stands beside it: tools rely on these words
    ("status",): (
        "running sources articles topics subscribers deliveries next_digest_at trouble alarms notices "
        "lanes followers"
    ),
    ("sources", "list"): (
        "name url title state health last_error failures last_success_at last_change_at next_pull_at "
        "rhythm delay notices"
    ),
    ("topics", "list"): "slug title articles newest_at subscribers next_digest_at url private",
    ("subscribers", "list"): "address topics frequency at zone language format attributes created_at",
    ("editions", "list"): "id slot topics language subject articles created_at url",
    ("deliveries", "list"): "id edition address state attempts uncertain message_id reply",
}
SUMMARY = (
    "pulled unchanged failed articles matched documents editions planned sent deferred refused uncertain "
    "pushed notes"
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.parametrize("words", KEYS, ids=" ".join)
def test_json_has_the_keys_of_the_contract(desk, words):
    done = call(desk, *words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    found: Any = json.loads(done.stdout)
    rows = found if isinstance(found, list) else [found]
    assert rows
    for row in rows:
        assert list(row) == KEYS[words].split()
        for name, value in row.items():
            if name.endswith("_at") and value is not None:
                assert TIME.fullmatch(value), (name, value)


def test_what_the_json_says(desk):
    lost, wire = json.loads(call(desk, "sources", "list", "--json").stdout)
    assert (lost["name"], lost["state"], lost["failures"]) == ("lost", "failing", 1)
    assert lost["last_error"]
    assert lost["last_success_at"] is None
    assert (wire["name"], wire["state"], wire["last_error"]) == ("wire", "ok", "")
    (delivery,) = json.loads(call(desk, "deliveries", "list", "--json").stdout)
    assert (delivery["state"], delivery["attempts"], delivery["uncertain"]) == ("accepted", 1, 0)
    (edition,) = json.loads(call(desk, "editions", "list", "--json").stdout)
    assert delivery["edition"] == edition["id"]
    assert json.loads(call(desk, "check", "--json").stdout) == []
    status = json.loads(call(desk, "status", "--json").stdout)
    assert status["sources"] == {"total": 2, "new": 0, "ok": 1, "failing": 1, "stopped": 0}
    assert status["deliveries"] == {"accepted": 1}
    assert list(desk.summary) == SUMMARY.split()
    assert (desk.summary["articles"], desk.summary["failed"], desk.summary["sent"]) == (1, 1, 1)


def test_an_empty_list_is_json_too(desk):
    done = call(desk, "deliveries", "list", "--state", "held", "--json")
    assert json.loads(done.stdout) == []


# Tables -----------------------------------------------------------------------------------------------

SHOWN = {
    ("sources", "list"): ("source", "wire", "failing"),
    ("topics", "list"): ("topic", "ships", "Ships"),
    ("subscribers", "list"): ("address", "anna@reader.example", "ships (active)"),
    ("editions", "list"): ("subject", SHIP.title),
    ("deliveries", "list"): ("address", "anna@reader.example", "accepted"),
    ("status",): ("sources", "1 of 2 well"),
}


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_tables_without_a_terminal(desk, words):
    done = call(desk, *words)
    assert done.exit_code == 0
    for word in SHOWN[words]:
        assert word in done.stdout
    assert "\x1b" not in done.stdout
    assert "…" not in done.stdout, "nothing is cut off where a program reads"


def on_a_terminal(desk: Program, *words: str, **variables: str) -> str:
    """What a person sees on a terminal of 80 columns."""
    master, slave = pty.openpty()
    env = environ() | {"TERM": "xterm-256color", "COLUMNS": "80"} | variables
    env = {name: value for name, value in env.items() if value}
    with subprocess.Popen(desk.command(*words), stdout=slave, stderr=slave, stdin=slave, env=env) as process:
        os.close(slave)
        seen = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while more := os.read(master, 4096):
                seen += more
        assert process.wait(30) == 0
    os.close(master)
    return seen.decode()


COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|38;\S+?)m")


def test_no_color_is_honoured_on_a_terminal(desk):
    for words in (("sources", "list"), ("sources", "--help")):
        plain = on_a_terminal(desk, *words, NO_COLOR="1")
        assert "list" in plain or "wire" in plain
        assert not COLOUR.search(plain)
    assert COLOUR.search(on_a_terminal(desk, "sources", "--help", NO_COLOR="")), "the test sees colours"


def unframed(words: str) -> str:
    """What an error says, without the frame that it is shown in."""
    return re.sub(r"[\s│]+", " ", words)


# Refusals ---------------------------------------------------------------------------------------------

NO_ADDRESSES = [
    "",
    " ",
    "anna",
    "@reader.example",
    "anna@",
    "anna@@reader.example",
    "an na@reader.example",
    "anna@reader..example",
    "anna@.reader.example",
    "anna@-reader.example",
    ".anna@reader.example",
    "anna.@reader.example",
    "Evil, x@evil.example <u@e>",
    "Anna <anna@reader.example>",
    "anna@reader.example, bo@reader.example",
    "anna@reader.example\r\nBcc: bo@reader.example",
    "anna\x00@reader.example",
    "anna\u202e@reader.example",
    "anna\u200b@reader.example",
    f"{'a' * 65}@reader.example",
    f"anna@{'reader.' * 40}example",
]


@pytest.mark.parametrize("address", NO_ADDRESSES, ids=repr)
def test_no_addresses(desk, address):
    done = call(desk, "subscribers", "add", "--topic", "ships", "--confirmed", "--", address)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is no e-mail address" in unframed(done.stderr)
    assert len(json.loads(call(desk, "subscribers", "list", "--json").stdout)) == 1


WRONG = [  # command line, exit code, words on stderr
    (("subscribers", "add", "bo@reader.example"), 2, "--topic is missing"),
    (("subscribers", "add", "bo@reader.example", "--topic", "shps"), 1, "there is no 'shps'"),
    (
        ("subscribers", "add", "bo@reader.example", "--topic", "ships", "--at", "25:00"),
        2,
        "is no time of day",
    ),
    (
        ("subscribers", "add", "bo@reader.example", "--topic", "ships", "--zone", "Mars/One"),
        2,
        "is no time zone",
    ),
    (
        ("subscribers", "add", "bo@reader.example", "--topic", "ships", "--zone", "../etc/passwd"),
        2,
        "is no time zone",
    ),
    (
        ("subscribers", "add", "bo@reader.example", "--topic", "ships", "--frequency", "hourly"),
        2,
        "is none of",
    ),
    (("subscribers", "remove", "bo@reader.example"), 1, "there is no bo@reader.example"),
    (("deliveries", "list", "--state", "lost"), 2, "is no state"),
    (("feed", "ships", "--format", "pdf"), 2, "is no format"),
    (("backtest",), 2, "SLUG is missing"),
    (("digest", "ships"), 2, "--to is missing"),
    (("once", "--now", "soon"), 2, "is no time"),
    (("run", "--log-level", "loud"), 2, "is no level"),
    (("parse", "/nowhere.xml"), 1, "cannot be opened"),
    (("match", "/nowhere.jsonl"), 2, "No such file"),
    (("schema",), 2, "settings"),
    (("frobnicate",), 2, "there is no command 'frobnicate'"),
]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    WRONG,
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_exit_codes_and_words(desk, words, code, said):
    done = call(desk, *words)
    # Planned errors become words and a code in `main`, which the runner passes by.
    error = done.exception if not isinstance(done.exception, SystemExit) else None
    seen = f"{done.stderr}{error or ''}"
    assert said in unframed(seen)
    assert "Traceback" not in done.output
    assert done.exit_code == code


USAGE = [
    (("topics", "judge", "ships", "1"), "topics judge: accept|reject|forget is missing"),
    (("topics", "jugde"), "topics: there is no command 'jugde'; did you mean 'judge'?"),
    (("topics", "list", "--jsn"), "topics list: there is no option --jsn; did you mean --json?"),
    (("preview", "ships", "--limit", "x"), "preview: --limit: must be a number"),
    (("preview", "ships", "--limit", "5000"), "preview: --limit: must be at most 1000"),
    (("preview", "ships", "rail"), "preview: one word too many: rail"),
    (
        ("preview", "ships", "--since", "3f"),
        "preview: --since: '3f' is no time; write 12h, 3d or 2w, or one such as 2026-11-24T07:00:00Z",
    ),
]


@pytest.mark.parametrize(("words", "said"), USAGE, ids=lambda value: value[0] if value else "")
def test_usage_errors_are_a_line_and_a_remedy(desk, words, said):
    done = call(desk, *words)
    first, second = done.stderr.splitlines()
    assert re.sub("^(root|syndicator) ", "", first) == said
    assert second.startswith("  try: ")
    assert (done.stdout, done.exit_code) == ("", 2)


@pytest.mark.parametrize("since", ["3d", "12h", "2w", "90m", "2026-11-01"])
def test_since_is_a_time_or_a_span(desk, since):
    assert json.loads(call(desk, "preview", "ships", "--since", since, "--json").stdout)["topic"] == "ships"


def test_an_error_is_what_why_and_try(desk):
    done = desk.run("feed", "shps", code=1)
    assert done.stdout == ""
    assert done.stderr == "topic: there is no 'shps'\n  try: did you mean ships?\n"


def test_a_folder_that_is_not_there(desk, tmp_path):
    command = [sys.executable, "-m", "syndicator", "--config", str(tmp_path / "none"), "once"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ())
    assert done.returncode == 2
    assert done.stderr == "none: no such folder; give it with --config DIR\n"


@pytest.mark.parametrize("words", [("feed", "ships"), ("sources", "list", "--json")], ids=" ".join)
def test_whoever_reads_may_stop_reading(desk, words):
    """`syndicator feed ships | head -1` is no reason for words."""
    with subprocess.Popen(
        desk.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ()
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) in (0, 1)


def test_erasing_a_reader(desk):
    assert call(desk, "subscribers", "add", "Bo@Reader.example", "--topic", "ships").exit_code == 0
    addresses = [row["address"] for row in json.loads(call(desk, "subscribers", "list", "--json").stdout)]
    assert addresses == ["anna@reader.example", "Bo@Reader.example"]
    assert call(desk, "subscribers", "remove", "bo@reader.EXAMPLE").exit_code == 0
    assert len(json.loads(call(desk, "subscribers", "list", "--json").stdout)) == 1


def test_many_sources_of_one_trouble_are_one_line(tmp_path):
    program = Program(tmp_path)
    program.sources(**{f"s{number:02}": f"file:lost-{number}.xml" for number in range(20)})
    program.topic("ships", any=["ship*"])
    program.once()
    said = program.run("status").stderr
    assert said.startswith("20 sources: … cannot be read: no such file")
    assert "(s00, s01, s02 and 17 more)" in said
    assert said.count("\n") == 1
    assert len(program.json("status")["trouble"]) == 20


def test_who_sends_nothing_needs_no_secrets(desk):
    """As a rule the service alone can read them (systemd's credentials)."""
    text = (desk.config / "syndicator.yaml").read_text()
    settings = json.loads(text)
    settings["mail"] |= {"username": "u", "password_file": "nowhere"}
    try:
        (desk.config / "syndicator.yaml").write_text(json.dumps(settings))
        assert call(desk, "status").exit_code == 0
        assert call(desk, "topics", "list").exit_code == 0
        refused = desk.run("once", code=2)
        assert "mail.password_file: 'nowhere'" in refused.stderr
    finally:
        (desk.config / "syndicator.yaml").write_text(text)
