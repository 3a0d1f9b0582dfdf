"""Read back by the standard library's Maildir, which is none of ours."""

from __future__ import annotations

import asyncio
import errno
import mailbox
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from syndicator.deliver.maildir import GARBAGE_AFTER, MaildirTransport
from syndicator.deliver.transport import Letter, Outcome
from syndicator.deliver.transport import send as hand_over

if TYPE_CHECKING:
    from pathlib import Path

LETTER = Letter(
    sender="news@example.org",
    recipient="anna@example.net",
    message="Subject: s\r\n\r\n电\r\n.dot\r\n".encode(),
    name="0123abcd.7",
)
WRITTEN = "Return-Path: <news@example.org>\nSubject: s\n\n电\n.dot\n".encode()


async def nothing() -> None:
    """What is awaited before the file is written."""


async def send(folder: Path, letter: Letter = LETTER) -> Outcome:
    """Send with a transport that knows nothing of earlier ones, as after a kill."""
    transport = MaildirTransport(folder)
    try:
        return await hand_over(transport, letter, nothing)
    finally:
        await transport.close()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_letter(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    assert (await send(folder)).kind == "accepted"
    assert files(folder) == ["new/0123abcd.7"]
    assert (folder / "new/0123abcd.7").read_bytes() == WRITTEN
    (message,) = mailbox.Maildir(folder, create=False)
    assert message["Subject"] == "s"


async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await send(tmp_path / "mail")
    finally:
        os.umask(before)
    modes = {
        str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")
    }
    assert modes == {
        "mail": 0o700, "mail/tmp": 0o700, "mail/new": 0o700, "mail/cur": 0o700, "mail/new/0123abcd.7": 0o600,
    }  # fmt: skip


@pytest.mark.parametrize(
    "kept", ["new/0123abcd.7", "cur/0123abcd.7", "cur/0123abcd.7:2,", "cur/0123abcd.7:2,RS"]
)
async def test_twice_is_once_wherever_a_reader_has_put_it(tmp_path: Path, kept: str) -> None:
    await send(tmp_path)
    (tmp_path / "new/0123abcd.7").rename(tmp_path / kept)
    assert (await send(tmp_path)).kind == "accepted"
    assert files(tmp_path) == [kept]


async def test_one_transport_sees_what_readers_do_meanwhile(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path)
    for number in range(5):
        letter = replace(LETTER, name=f"e.{number}")
        await hand_over(transport, letter, nothing)
        (tmp_path / "new" / letter.name).rename(tmp_path / "cur" / f"{letter.name}:2,S")
        # Folders tell the time of their last change in ticks of the kernel's clock.
        os.utime(tmp_path / "cur", ns=(number, number + 1))
        await hand_over(transport, letter, nothing)
    assert files(tmp_path) == [f"cur/e.{number}:2,S" for number in range(5)]


async def test_names_that_begin_alike_are_two(tmp_path: Path) -> None:
    await send(tmp_path, replace(LETTER, name="e.1"))
    (tmp_path / "new/e.1").rename(tmp_path / "cur/e.1:2,S")
    await send(tmp_path, replace(LETTER, name="e.11"))
    await send(tmp_path, replace(LETTER, name="e"))
    assert files(tmp_path) == ["cur/e.1:2,S", "new/e", "new/e.11"]


async def test_many_at_once(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path)
    letters = [replace(LETTER, name=f"e.{number % 20}") for number in range(60)]
    outcomes = await asyncio.gather(*(hand_over(transport, letter, nothing) for letter in letters))
    assert {outcome.kind for outcome in outcomes} == {"accepted"}
    assert files(tmp_path) == sorted(f"new/e.{number}" for number in range(20))


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "a/b", "../new/x", "a:2,S", "a\nb", "é", "a" * 201, "-x"]
)
async def test_names_that_could_lead_elsewhere(tmp_path: Path, name: str) -> None:
    assert (await send(tmp_path, replace(LETTER, name=name))).kind == "deferred"
    assert files(tmp_path) == []


async def test_a_sender_that_is_no_address(tmp_path: Path) -> None:
    outcome = await send(tmp_path, replace(LETTER, sender="a@b.example>\nBcc: <c@d.example"))
    assert outcome.kind == "deferred"
    assert files(tmp_path) == []
    assert (await send(tmp_path, replace(LETTER, sender=""))).kind == "accepted"
    assert (tmp_path / "new/0123abcd.7").read_bytes().startswith(b"Return-Path: <>\n")


async def test_what_before_data_raises_leaves_nothing(tmp_path: Path) -> None:
    async def before_data() -> None:
        raise RuntimeError("the lease was lost")

    with pytest.raises(RuntimeError, match="lease"):
        await hand_over(MaildirTransport(tmp_path), LETTER, before_data)
    assert files(tmp_path) == []


async def test_old_drafts_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    for name, age in (("old", GARBAGE_AFTER + 60), ("young", 60)):
        (tmp_path / "tmp" / name).touch()
        os.utime(tmp_path / "tmp" / name, (time.time() - age,) * 2)
    await send(tmp_path)
    assert files(tmp_path) == ["new/0123abcd.7", "tmp/young"]


async def test_a_disk_that_takes_no_more_leaves_no_half_letter(tmp_path: Path) -> None:
    await send(tmp_path, replace(LETTER, name="first"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        outcome = await send(tmp_path, replace(LETTER, message=b"x" * 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert outcome.kind == "deferred"
    assert os.strerror(errno.EFBIG) in outcome.reply
    assert files(tmp_path) == ["new/first"]
    assert (await send(tmp_path)).kind == "accepted"


FULL_DISK = """
import asyncio, os, subprocess, sys
from pathlib import Path
from syndicator.deliver.maildir import MaildirTransport
from syndicator.deliver.transport import Letter, send as hand_over

async def main(folder):
    async def nothing(): pass
    transport = MaildirTransport(folder)
    for size in (100_000, 100):
        letter = Letter(sender="", recipient="a@b.example", message=b"x" * size, name=f"e.{size}")
        outcome = await hand_over(transport, letter, nothing)
        print(outcome.kind, outcome.reply)
    print(sorted(path.name for path in folder.rglob("e.*")))

mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", sys.argv[1]]
if subprocess.run(mount, capture_output=True).returncode:
    sys.exit(77)
asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    try:
        done = subprocess.run(
            [
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                sys.executable,
                "-c",
                FULL_DISK,
                str(tmp_path),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("no unshare here, so no small disk of our own")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("this machine does not let us mount a small disk of our own")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"deferred the disk that holds {tmp_path} is full; make room, the mail is kept and tried again",
        "accepted in the Maildir",
        "['e.100']",
    ]


@pytest.mark.parametrize("there", ["mail", "mail/tmp", "mail/new"])
async def test_a_file_where_a_folder_should_be(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).touch()
    outcome = await send(tmp_path / "mail")
    assert outcome.kind == "deferred"
    assert str(tmp_path / "mail") in outcome.reply


async def test_a_folder_that_went_away_is_made_again(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path / "mail")
    await hand_over(transport, LETTER, nothing)
    (tmp_path / "mail").rename(tmp_path / "away")
    assert (await hand_over(transport, LETTER, nothing)).kind == "deferred"
    assert (await hand_over(transport, LETTER, nothing)).kind == "accepted"
    assert files(tmp_path / "mail") == ["new/0123abcd.7"]


KILLED = """
import asyncio, os, sys
from pathlib import Path
from syndicator.deliver.maildir import MaildirTransport
from syndicator.deliver.transport import Letter, send as hand_over

async def nothing(): pass
letter = Letter(sender="", recipient="a@b.example", message=b"x" * 100, name="e.1")
what, folder = sys.argv[1], Path(sys.argv[2])
real = getattr(os, what)
def kill(*args):
    if what == "rename":
        real(*args)
    os.kill(os.getpid(), 9)
setattr(os, what, kill)
asyncio.run(hand_over(MaildirTransport(folder), letter, nothing))
"""


@pytest.mark.parametrize("where", ["fsync", "rename"])
async def test_a_kill_between_two_steps_leaves_one_letter(tmp_path: Path, where: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, where, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == -9
    assert (tmp_path / "new/e.1").exists() == (where == "rename")
    letter = replace(LETTER, sender="", message=b"x" * 100, name="e.1")
    assert (await send(tmp_path, letter)).kind == "accepted"
    assert [name for name in files(tmp_path) if not name.startswith("tmp/")] == ["new/e.1"]
    assert (tmp_path / "new/e.1").read_bytes() == b"Return-Path: <>\n" + b"x" * 100
