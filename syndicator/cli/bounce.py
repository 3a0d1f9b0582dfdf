"""`syndicator bounce`: what mails that came back mean, without doing anything about it."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer looks at it
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import Return


def bounce(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Mails (also .gz), mbox files and Maildirs.")
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write one JSON object a mail.")] = False,
) -> None:
    """Say what mails that came back are, whom they are about and why; nothing is stored.

    Each is a bounce, a complaint, an unsubscribe, an auto-reply or other. Of each recipient stands whether
    the address is dead, the mail only deferred, or the refusal ours to mend; hard means that one such
    bounce is enough to write to it no more. The exit status is 1 if any file could not be read.

    Example: syndicator bounce --jsonl returned.eml
    """
    from syndicator.deliver.bounce import read

    failed = 0
    for path in paths:
        try:
            for name, raw in _mails(path):
                _show(name, read(raw), jsonl=jsonl)
        except (OSError, ValueError, EOFError) as error:
            failed += 1
            reason = getattr(error, "strerror", None) or str(error)
            typer.echo(f"{path}: cannot be read: {reason}", err=True)
    if failed:
        raise typer.Exit(1)


def _mails(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give (path, octets) of the mails at a path: one, those of a Maildir, or those of an mbox."""
    if path.is_dir():
        for folder in ("new", "cur"):
            for file in sorted((path / folder).glob("[!.]*")):
                yield from _mails(file)
        return
    from syndicator.deliver.bounce import MAX_BYTES

    if path.suffix == ".mbox":
        yield from ((str(path), raw) for raw in _mbox(path, MAX_BYTES))
        return
    yield str(path), _packed(path, MAX_BYTES) if path.suffix == ".gz" else _plain(path, MAX_BYTES)


def _plain(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit)


def _packed(path: Path, limit: int) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.open(path) as file:
            return file.read(limit)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _mbox(path: Path, limit: int) -> Iterator[bytes]:
    """Give the mails of an mbox (RFC 4155), each cut at `limit` octets."""
    mail: list[bytes] = []
    size, blank = 0, True
    with path.open("rb") as file:
        while line := file.readline(limit):
            if blank and line.startswith(b"From "):
                if mail:
                    yield b"".join(mail)
                mail, size = [], 0
            elif size < limit:
                mail.append(line)
                size += len(line)
            blank = not line.strip()
    if mail:
        yield b"".join(mail)


def _show(path: str, found: Return, *, jsonl: bool) -> None:
    rows = [
        {
            "address": each.address,
            "status": each.refusal.status,
            "reply_code": each.refusal.reply_code,
            "reason": each.refusal.reason,
            "verdict": each.refusal.verdict,
            "hard": each.refusal.hard,
        }
        for each in found.recipients
    ]
    if jsonl:
        _write({"path": path, "kind": found.kind, "recipients": rows})
        return
    typer.echo(f"{path}: {found.kind}")
    for row in rows:
        hard = ", hard" if row["hard"] else ""
        codes = " ".join(str(row[name]) for name in ("reply_code", "status") if row[name])
        who = row["address"] or "(not named)"
        typer.echo(f"    {who}: {row['reason']} ({row['verdict']}{hard}) {codes}".rstrip())


def _write(row: dict[str, Any]) -> None:
    """Write one line at once, in UTF-8 whatever the locale is; a name that is no UTF-8 is escaped."""
    line = json.dumps(row, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
