"""`syndicator bounce`: mails in files, packed, in an mbox and in a Maildir."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import returned
from typer.testing import CliRunner

from syndicator.cli import app

if TYPE_CHECKING:
    from pathlib import Path

BOUNCE = returned.BOUNCES["notification"][0]
ROW = {
    "address": "anna@reader.example", "status": "5.1.1", "reply_code": "550", "reason": "user-unknown",
    "verdict": "dead", "hard": True,
}  # fmt: skip


def test_every_kind_of_path(tmp_path: Path) -> None:
    mail, packed, mbox = tmp_path / "one.eml", tmp_path / "one.eml.gz", tmp_path / "all.mbox"
    mail.write_bytes(BOUNCE)
    packed.write_bytes(gzip.compress(BOUNCE))
    away = returned.OTHERS["out of office"][0]
    mbox.write_bytes(
        b"From x Thu Apr 29 00:00:00 2010\n" + BOUNCE + b"\nFrom y Thu Apr 29 00:00:00 2010\n" + away
    )
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "maildir" / folder).mkdir(parents=True)
    (tmp_path / "maildir" / "new" / "1.x").write_bytes(away)
    paths = [str(path) for path in (mail, packed, mbox, tmp_path / "maildir")]
    done = CliRunner().invoke(app, ["bounce", "--jsonl", *paths])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[0] == {"path": str(mail), "kind": "bounce", "recipients": [ROW]}
    assert [row["kind"] for row in rows] == ["bounce", "bounce", "bounce", "auto-reply", "auto-reply"]
    assert rows[4]["path"] == str(tmp_path / "maildir" / "new" / "1.x")


def test_what_cannot_be_read_is_named_and_the_rest_is_answered(tmp_path: Path) -> None:
    mail, broken = tmp_path / "one.eml", tmp_path / "two.eml.gz"
    mail.write_bytes(BOUNCE)
    broken.write_bytes(b"no gzip")
    done = CliRunner().invoke(app, ["bounce", str(tmp_path / "none.eml"), str(broken), str(mail)])
    assert done.exit_code == 1
    assert f"{tmp_path / 'none.eml'}: cannot be read: No such file or directory" in done.stderr
    assert f"{broken}: cannot be read: " in done.stderr
    assert "    anna@reader.example: user-unknown (dead, hard) 550 5.1.1\n" in done.stdout
