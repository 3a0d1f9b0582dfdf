"""From `dkim new` to a digest whose signature another program verifies with the record that we print."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import dkim
import pytest
from newsroom import Story, rss

if TYPE_CHECKING:
    from program import Program

RAIN = Story("rain", "Rain at last: 豪雨", "It rained  on\tthe fields.")


@pytest.fixture
def signing(embedded: Program) -> Program:
    program = embedded
    (program.config / "feed.xml").write_bytes(rss("Wire", RAIN))
    program.sources(wire="file:feed.xml")
    program.topic("rain", any=["rain"], digest={"at": "07:00"})
    options = ("--selector", "s2026", "--domain", "desk.example")
    made = program.run("dkim", "new", str(program.config / "dkim.pem"), *options)
    assert "dkim: {domain: desk.example, selector: s2026, key_file: dkim.pem}" in made.stderr
    program.run("dkim", "new", str(program.config / "ed.pem"), "--kind", "ed25519")
    also = {"selector": "ed", "key_file": "ed.pem"}
    program.configure(mail={"dkim": {"selector": "s2026", "key_file": "dkim.pem", "also": also}})
    return program


def records(program: Program) -> dict[str, bytes]:
    """The records as a zone file has them, by name."""
    found = {}
    for line in program.run("dkim", "show").stdout.splitlines():
        name, _, strings = line.partition(" IN TXT ")
        found[name] = "".join(re.findall(r'"([^"]*)"', strings)).encode()
    return found


def test_a_digest_is_signed(signing: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = records(signing)
    assert list(zone) == ["s2026._domainkey.desk.example.", "ed._domainkey.desk.example."]
    signing.run("subscribers", "add", "anna@reader.example", "--topic", "rain", "--confirmed")
    signing.once((datetime.now(UTC).replace(hour=8) + timedelta(days=1)).isoformat())
    (file,) = (signing.folder / "var" / "mail" / "new").iterdir()
    _, _, message = file.read_bytes().partition(b"\n")  # Return-Path
    message = message.replace(b"\n", b"\r\n")
    monkeypatch.setattr("dkim.time.time", lambda: 4e9)  # the digest is of tomorrow
    verifier = dkim.DKIM(message)
    lookup = lambda name, timeout=5: zone.get(name.decode(), b"")  # noqa: E731
    assert [verifier.verify(index, dnsfunc=lookup) for index in (0, 1)] == [True, True]
    parsed = message_from_bytes(message, policy=policy.default)
    assert parsed["Feedback-ID"] == "rain:daily:digest:desk.example"
    assert "豪雨" in parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_key_is_never_overwritten_and_nobody_else_reads_it(signing: Program) -> None:
    file = signing.config / "dkim.pem"
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    refused = signing.run("dkim", "new", str(file), code=1)
    assert "is there already" in refused.stderr
    assert file.read_bytes() == before
    assert "PRIVATE" not in signing.run("dkim", "show").stdout


def test_without_a_key(embedded: Program) -> None:
    done = embedded.run("dkim", "show")
    assert done.stdout == ""
    assert "syndicator dkim new" in done.stderr
