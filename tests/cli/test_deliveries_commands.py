"""`deliveries show|retry|hold|give-up`: decided by number or by state, and told why not."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.model import DeliveryStatus as Status
from syndicator.model import Edition
from syndicator.store import Store, deliveries, editions
from syndicator.store.schema import deliveries as table

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
ROWS = [Status.ACCEPTED, Status.HELD, Status.REFUSED, Status.DEFERRED, Status.SENDING]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "config").mkdir()
    (folder / "config" / "syndicator.yaml").write_text("site: {title: Desk}\n")
    (folder / "var").mkdir()
    asyncio.run(_fill(Store(f"sqlite+aiosqlite:///{folder / 'var' / 'syndicator.db'}")))
    return folder


@pytest.fixture
def desk(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "config"


async def _fill(store):
    await store.upgrade()
    edition = Edition(
        id="e1", slot="daily@07:00@UTC", subject="Ships", html="<p>", text="t", topics=("ships",),
        language="en", articles=1, created_at=NOW,
    )  # fmt: skip
    async with store.write() as conn:
        await editions.add(conn, 1, edition)
        await deliveries.plan(conn, "e1", [(n, f"r{n}@x.example") for n in range(1, 6)], now=NOW)
        for n, state in enumerate(ROWS, 1):
            values = {"state": state, "reply": f"\x1b[31m{n}", "message_id": f"<{n}@x.example>"}
            await conn.execute(update(table).where(table.c.id == n).values(**values))
    await store.close()


def call(desk, *words, code=0):
    done = CliRunner().invoke(app, ["--config", str(desk), "deliveries", *words])
    assert done.exit_code == code, done.output
    return done


def states(desk):
    return [row["state"] for row in json.loads(call(desk, "list", "--json").stdout)]


def test_one_is_shown_with_all_that_is_known(desk):
    shown = json.loads(call(desk, "show", "4", "--json").stdout)
    assert shown == {
        "id": 4, "edition": "e1", "address": "r4@x.example", "state": "deferred", "attempts": 0,
        "uncertain": 0, "message_id": "<4@x.example>", "reply": "\x1b[31m4", "subscriber": 4,
        "subject": "Ships", "planned_at": "2026-11-20T07:00:00Z",
        "due_at": "2026-11-20T07:00:00Z", "lane": None,
    }  # fmt: skip
    words = call(desk, "show", "1").stdout
    assert "subject      Ships\n" in words
    assert "due_at       -\n" in words, "what is done is not due"
    assert "\x1b" not in words


def test_retry_by_number_says_what_it_left(desk):
    done = call(desk, "retry", "1", "2", "3", "2", "5", code=1)
    assert "1 r1@x.example: left as it is: it was accepted, and is never sent again" in done.stderr
    assert "2 r2@x.example: held → planned" in done.stderr
    assert "5 r5@x.example: left as it is: it is being sent at this moment" in done.stderr
    assert states(desk) == ["accepted", "planned", "planned", "deferred", "sending"]


def test_retry_by_state(desk):
    assert "1 that were refused will be sent again" in call(desk, "retry", "--state", "refused").stderr
    assert json.loads(call(desk, "retry", "--state", "refused", "--json").stdout) == {"retried": 0}
    assert "none is refused" in call(desk, "retry", "--state", "refused").stderr
    assert states(desk) == ["accepted", "held", "planned", "deferred", "sending"]
    call(desk, "retry", "--state", "accepted", code=2)


def test_hold_keeps_what_waits(desk):
    told = json.loads(call(desk, "hold", "4", "3", "--json", code=1).stdout)
    assert told[0] == {
        "id": 4, "address": "r4@x.example", "was": "deferred", "state": "held", "done": True, "why": "",
    }  # fmt: skip
    assert (told[1]["done"], told[1]["state"]) == (False, "refused")
    assert states(desk) == ["accepted", "held", "refused", "held", "sending"]


def test_giving_up_closes_and_retry_takes_it_back(desk):
    done = call(desk, "give-up", "2", "1", "4", code=1)
    assert "2 r2@x.example: held → refused" in done.stderr
    assert states(desk) == ["accepted", "refused", "refused", "refused", "sending"]
    assert "2 r2@x.example: refused → planned" in call(desk, "retry", "2").stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["retry"], 2, "give numbers, or --state"),
        (["retry", "2", "--state", "held"], 2, "not both"),
        (["retry", "2", "77"], 1, "delivery: there is no 77"),
        (["hold", "4", "99999999999999999999"], 2, "ID"),
        (["show", "77"], 1, "syndicator deliveries list"),
    ],
)
def test_what_makes_no_sense_changes_nothing(desk, words, code, said):
    done = CliRunner().invoke(app, ["--config", str(desk), "deliveries", *words])
    assert done.exit_code == code
    error = done.exception
    assert said in done.output + getattr(error, "message", "") + getattr(error, "hint", "")
    assert states(desk) == ROWS
