"""The DNS, for judges of records (`standing`): what they miss is asked, and they are called again."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from syndicator.deliver.standing import Answer, Finding, Missing, Question

if TYPE_CHECKING:
    from dns.rdata import Rdata

    from syndicator.deliver.standing import Judge, Sending

PATIENCE: Final = 2.0  # seconds for one server
LIFETIME: Final = 5.0  # for one question, all servers and repetitions included
QUESTIONS: Final = 100  # of one judge; a policy of strangers could go on and on
DNS: Final = 53


def place(text: str) -> tuple[str, int]:
    """Read `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT` of a name server. Raises ValueError."""
    try:
        return str(ip_address(text)), DNS
    except ValueError:
        host, _, port = text.rpartition(":")
        number = int(port)
        if not 0 < number < 65536:
            raise ValueError(text) from None
        return str(ip_address(host.removeprefix("[").removesuffix("]"))), number


class Names:
    """Asks the DNS and remembers the answers. `server` (see `place`) is asked instead of the system's."""

    def __init__(self, server: str = "") -> None:
        self._known: dict[Question, Answer] = {}
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._trouble = ""
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not server)
        except dns.exception.DNSException as error:
            self._trouble = str(error)
            return
        if server:
            address, port = place(server)
            self._resolver.nameservers, self._resolver.port = [address], port
        self._resolver.timeout, self._resolver.lifetime = PATIENCE, LIFETIME

    async def examine(self, judge: Judge, sending: Sending) -> list[Finding]:
        """Run a judge to its end."""
        for _ in range(QUESTIONS):
            try:
                return judge(sending, self._recall)
            except Missing as missing:
                self._known[missing.question] = await self._ask(missing.question)
        said = f"gave up after {QUESTIONS} questions"
        return [Finding(judge.__name__, "look", said, "let the records of the domain lead to fewer others")]

    async def ask(self, name: str, kind: str) -> Answer:
        """Ask for the records of a name; nothing is remembered."""
        return await self._ask(Question(name, kind))

    def _recall(self, name: str, kind: str) -> Answer:
        question = Question(name.rstrip(".").lower(), kind)
        found = self._known.get(question)
        if found is None:
            raise Missing(question)
        return found

    async def _ask(self, question: Question) -> Answer:
        if self._resolver is None:
            return Answer(trouble=self._trouble)
        try:
            answer = await self._resolver.resolve(question.name, question.kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer()
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            return Answer(trouble=str(error) or type(error).__name__)
        return Answer(tuple(sorted(_text(record) for record in answer)))


def _text(record: Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    if isinstance(record, MX):
        host = record.exchange.to_text(omit_final_dot=True)
        return f"{record.preference} {host}"
    return record.to_text().rstrip(".")
