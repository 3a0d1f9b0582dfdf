"""What a mail costs: personal, signed, ledgered digests into a local sink, beside what others need for it.

    .venv/bin/python bench/delivery.py [--messages N] [--kilobytes N] [--delay MS] [--json]

All in one run, in turns. Ours is the verb `deliver` on SQLite, from claimed rows to rows that say `accepted`.
Beside it: the common stack (EmailMessage, dkimpy, aiosmtplib's send_message), aiosmtplib's `sendmail` alone
with ready bytes, and a bare pipelined socket with ready bytes. CPU is that of this process, threads included.
The parts of ours are measured alone, one after the other; what their sum lacks is the joining.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import aiosmtplib
import dkim
import uvloop
from cryptography.hazmat.primitives.asymmetric import rsa
from sink import sink
from sqlalchemy import update

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.digest.dkim import write_key
from syndicator.model import DeliveryStatus, Edition
from syndicator.pipeline.deliver import BATCH, LEASE
from syndicator.pipeline.ledger import Beginning, Ending, Ledger
from syndicator.pipeline.letters import Letters, marks_of
from syndicator.settings import DkimKey, Mail, Settings, Site
from syndicator.store import deliveries, editions, schema, subscribers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from syndicator.deliver.transport import Letter, Outcome
    from syndicator.model import Delivery
    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
ITEM = (
    '<tr><td class="lead" style="color:#222;padding:8px 24px"><h3><a href="https://news.example/{n}">'
    "Rain at last: the harbour of Port {n} opens again after the storm &amp; the flood</a></h3>"
    "<p>The mayor said that ships may come in from Monday on.</p></td></tr>\n"
)


def main() -> None:
    """Run all measures and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--kilobytes", type=int, default=60)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds of the line, there and back")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    found = uvloop.run(measure(wanted))
    if wanted.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{'':34}{'messages':>9}{'CPU ms':>9}{'wall ms':>9}{'a second':>10}{'ours / it':>10}")
    ours = found["ours"]
    for name, row in found.items():
        ratio = row["cpu"] / ours["cpu"]
        print(
            f"{name:34}{row['messages']:>9.0f}{row['cpu']:>9.2f}{row['wall']:>9.2f}"
            f"{1000 / row['wall']:>10.0f}{ratio:>9.1f}x"
        )


async def measure(wanted: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Measure each in turn; milliseconds a message."""
    key = rsa.generate_private_key(65537, 2048)
    with tempfile.TemporaryDirectory() as folder, sink(wanted.delay / 2000) as port:
        settings = Settings(
            config=Path(folder) / "config",
            root=Path(folder),
            state=Path(folder),
            site=Site(base_url="https://news.example"),
            mail=Mail(
                transport="smtp", host="127.0.0.1", port=port, sender="news@news.example",
                connections=wanted.connections, per_connection=100_000,
                dkim=(DkimKey(domain="news.example", selector="s", pem=write_key(key)),),
            ),
        )  # fmt: skip
        async with assemble(settings, clock=lambda: NOW) as parts:
            edition = edition_of(parts, wanted.kilobytes)
            await _plan(parts, edition, wanted.messages)
            letters = _letters(parts, edition, min(wanted.messages, 500))
            unsigned = _letters(_unsigned(parts), edition, 60)
            print(f"a message has {len(letters[0].message):,} octets", file=sys.stderr)
            found = {"ours": await _watched(wanted.messages, lambda: _deliver(parts))}
            for name, (count, work) in _shares(parts, edition, letters, wanted.messages).items():
                found[f"of it, {name}"] = await _watched(count, work)
            found["of it, signing"]["cpu"] -= found["of it, writing"]["cpu"]
            found["common stack"] = await _watched(
                len(unsigned), lambda: _stack(port, unsigned, write_key(key).encode(), wanted.connections)
            )
            found["aiosmtplib's sendmail alone"] = await _watched(
                len(letters), lambda: _sendmail(port, letters, wanted.connections)
            )
            found["a bare pipelined socket"] = await _watched(
                len(letters), lambda: _bare(port, letters, wanted.connections)
            )
    return found


async def _watched(count: int, work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    return {
        "messages": count,
        "cpu": (time.process_time() - cpu) / count * 1e3,
        "wall": (time.perf_counter() - wall) / count * 1e3,
    }


def edition_of(parts: Parts, kilobytes: int) -> Edition:
    """Make an edition of about that size, for one topic."""
    marks = marks_of("bench", parts.mark_key)
    items = max(1, kilobytes * 1024 * 3 // 4 // len(ITEM))
    html = "<!DOCTYPE html><html lang=en><body><table>" + "".join(ITEM.format(n=n) for n in range(items))
    html += f"</table><p>Sent to: {marks['address']}</p><a href='{marks['unsubscribe']}'>Leave</a>"
    text = "".join(f"* Rain at last: Port {n} opens\nhttps://news.example/{n}\n\n" for n in range(items))
    text += f"Sent to: {marks['address']}\n{marks['unsubscribe']}\n"
    return Edition(
        id="bench", slot="daily@07:00@UTC", subject="Harbours: Rain at last · 27 Nov", html=html, text=text,
        topics=("harbours",), language="en", articles=items, created_at=NOW,
    )  # fmt: skip


async def _plan(parts: Parts, edition: Edition, count: int) -> None:
    async with parts.store.write() as conn:
        readers = []
        for number in range(count):
            address = f"reader{number}@mail.example"
            id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW)
            await subscribers.subscribe(conn, id_, ["harbours"], state="active", now=NOW)
            readers.append((id_, address))
        await editions.add(conn, 1, edition)
        await deliveries.plan(conn, edition.id, readers, now=NOW)


def _unsigned(parts: Parts) -> Parts:
    return replace(parts, signers=())


def _letters(parts: Parts, edition: Edition, count: int) -> list[Letter]:
    made = Letters(parts)
    return [made.of(edition, subscriber=n, address=f"reader{n}@mail.example") for n in range(count)]


Share = tuple[int, "Callable[[], Awaitable[None]]"]


def _shares(parts: Parts, edition: Edition, letters: list[Letter], messages: int) -> dict[str, Share]:
    """The parts of what a mail costs, each alone: how many, and the work; signing holds writing, too."""
    count, at_once = len(letters), parts.settings.mail.connections

    async def written(which: Parts) -> None:
        _letters(which, edition, count)

    async def wired() -> None:
        await parts.transport.run(Ready(letters))

    return {
        "writing": (count, lambda: written(_unsigned(parts))),
        "signing": (count, lambda: written(parts)),
        "the wire": (count, wired),
        "the ledger": (messages, lambda: _ledgered(parts, at_once)),
    }


class Ready:
    """Letters that are made already, and nobody who keeps books."""

    def __init__(self, letters: list[Letter]) -> None:
        self._letters = list(letters)

    def next(self) -> Letter | None:
        return self._letters.pop() if self._letters else None

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:  # noqa: ARG002
        return True

    async def end(self, letter: Letter, outcome: Outcome) -> None:  # noqa: ARG002
        assert outcome.kind == "accepted", outcome


async def _ledgered(parts: Parts, at_once: int) -> None:
    """Claim all once more, and write each one's beginning and end as `deliver` does over that many lanes."""
    async with parts.store.write() as conn:
        await conn.execute(update(schema.deliveries).values(state="planned", attempts=0))
    while True:
        async with parts.store.write() as conn:
            batch = await deliveries.claim(conn, now=NOW, lease=LEASE, limit=BATCH)
        if not batch:
            return
        ledger = Ledger(parts, lease=LEASE)

        async def lane(share: list[Delivery], ledger: Ledger = ledger) -> None:
            before = None
            for each in share:
                ended = Ending(before, DeliveryStatus.ACCEPTED, "250 2.0.0 kept") if before else None
                assert await ledger.step(ended, Beginning(each, "<bench@news.example>"))
                before = each
            if before:
                await ledger.step(Ending(before, DeliveryStatus.ACCEPTED, "250 2.0.0 kept"))

        await asyncio.gather(*(lane(batch[number::at_once]) for number in range(at_once)))


async def _deliver(parts: Parts) -> None:
    sent = 0
    while batch := (await pipeline.deliver(parts)).sent:
        sent += batch
    async with parts.store.read() as conn:
        assert await deliveries.counts(conn) == {"accepted": sent}


async def _over(connections: int, letters: list[Letter], send: Callable[..., Awaitable[None]]) -> None:
    shares = [letters[number::connections] for number in range(connections)]
    await asyncio.gather(*(send(share) for share in shares if share))


async def _stack(port: int, letters: list[Letter], key: bytes, connections: int) -> None:
    """Build each message with EmailMessage, sign it with dkimpy, send it with aiosmtplib."""

    async def send(share: list[Letter]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
            for letter in share:
                message = EmailMessage()
                message["From"], message["To"] = letter.sender, letter.recipient
                message["Subject"], message["Message-ID"] = "Harbours: Rain at last", f"<{letter.name}@x>"
                body = letter.message.decode()
                message.set_content(body[: len(body) // 4])
                message.add_alternative(body[len(body) // 4 :], subtype="html")
                signature = dkim.sign(
                    message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
                    b"s", b"news.example", key, canonicalize=(b"relaxed", b"relaxed"),
                )  # fmt: skip
                message["DKIM-Signature"] = signature.decode().partition(": ")[2].replace("\r\n", "")
                await client.send_message(message, sender=letter.sender, recipients=[letter.recipient])

    await _over(connections, letters, send)


async def _sendmail(port: int, letters: list[Letter], connections: int) -> None:
    async def send(share: list[Letter]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
            for letter in share:
                await client.sendmail(letter.sender, [letter.recipient], letter.message)

    await _over(connections, letters, send)


async def _bare(port: int, letters: list[Letter], connections: int) -> None:
    """Write envelope and body as soon as the answers before are there, and look at none of them closely."""

    async def send(share: list[Letter]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(b"EHLO bench\r\n")
        while not (await reader.readline()).startswith(b"250 "):
            pass
        ahead = b""
        for letter in share:
            writer.write(
                ahead
                + b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\nDATA\r\n"
                % (letter.sender.encode(), letter.recipient.encode())
            )
            for _ in range(4 if ahead else 3):
                await reader.readline()
            ahead = letter.message + b".\r\n"
        writer.write(ahead)
        await reader.readline()
        writer.close()

    await _over(connections, letters, send)


if __name__ == "__main__":
    main()
