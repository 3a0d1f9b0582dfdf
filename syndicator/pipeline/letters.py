"""Letters: one reader's message of an edition, in its envelope. What all readers share is made once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from syndicator.deliver.transport import Letter
from syndicator.digest.headers import Facts
from syndicator.digest.message import Mould, mark, message_id
from syndicator.digest.tokens import bond_of
from syndicator.store.preferences import Manner
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from syndicator.model import Edition
    from syndicator.pipeline.parts import Parts

PERSONAL = ("address", "unsubscribe", "preferences")
HELD = 64  # editions whose moulds are kept; each takes about as much as one message


class Letters:
    """Writes letters, and keeps what the messages of an edition share for as long as it lives."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._moulds: dict[tuple[str, str], tuple[Facts, Mould]] = {}

    def of(
        self,
        edition: Edition,
        *,
        subscriber: int,
        address: str,
        delivery: int = 0,
        manner: Manner = Manner(),  # noqa: B008  it is immutable
    ) -> Letter:
        """Make one reader's message of an edition; the same again for the same reader.

        What comes back goes to an address that names the delivery, if mail may come back (`mail.returns`).

        Raises DeliveryError where a fact cannot stand in a header.
        """
        parts, site, mail = self._parts, self._parts.settings.site, self._parts.settings.mail
        unsubscribe = f"{site.base_url}/unsubscribe/{parts.tokens.unsubscribe(subscriber, edition.id)}"
        preferences = (
            f"{site.base_url}/preferences/{_preferences(parts, edition, subscriber, address, manner)}"
        )
        shared, mould = self._mould(edition, manner.format)
        facts = replace(
            shared,
            recipient=address,
            message_id=message_id(edition.id, subscriber, mail.sender),
            unsubscribe_url=unsubscribe,
            unsubscribe_mailto=_leaving(parts, delivery),
        )
        stand_for = marks_of(edition.id, parts.mark_key)
        personal = {"address": address, "unsubscribe": unsubscribe, "preferences": preferences}
        values = {stand_for[part]: value for part, value in personal.items()}
        return Letter(
            sender=return_address(parts, "bounce", delivery) or mail.sender,
            recipient=address,
            message=mould.write(facts, values),
            name=f"{edition.id}.{subscriber}",
        )

    def _mould(self, edition: Edition, format_: str) -> tuple[Facts, Mould]:
        name = edition.id, format_
        if found := self._moulds.get(name):
            return found
        facts = _shared(self._parts, edition)
        marks = tuple(marks_of(edition.id, self._parts.mark_key).values())
        html = None if format_ == "text" else edition.html
        mould = Mould(facts, text=edition.text, html=html, marks=marks, signers=self._parts.signers)
        if len(self._moulds) >= HELD:
            del self._moulds[next(iter(self._moulds))]
        self._moulds[name] = facts, mould
        return facts, mould


def marks_of(edition_id: str, mark_key: bytes) -> dict[str, str]:
    """Name the marks that stand in an edition for what is personal, by `PERSONAL`."""
    return {part: mark(part, edition_id, mark_key) for part in PERSONAL}


def _preferences(parts: Parts, edition: Edition, subscriber: int, address: str, manner: Manner) -> str:
    bond = bond_of(key(address), manner.secret)
    return parts.tokens.reader("preferences", subscriber, edition.created_at, bond=bond)


def return_address(parts: Parts, purpose: Literal["bounce", "unsubscribe"], delivery: int) -> str:
    """Make the address that a delivery's bounces, or mails that unsubscribe, come back to, if any."""
    local, _, domain = parts.settings.mail.returns.address.rpartition("@")
    return f"{local}+{parts.tokens.mail(purpose, delivery)}@{domain}" if local and delivery else ""


def _leaving(parts: Parts, delivery: int) -> str:
    address = return_address(parts, "unsubscribe", delivery)
    return f"mailto:{address}?subject=unsubscribe" if address else ""


def _shared(parts: Parts, edition: Edition) -> Facts:
    """Gather the facts that all messages of an edition share."""
    site, mail, catalog = parts.settings.site, parts.settings.mail, parts.current.catalog
    titles = [catalog.topics[slug].title for slug in edition.topics if slug in catalog.topics]
    return Facts(
        sender_name=mail.sender_name or site.title,
        sender=mail.sender,
        recipient="",
        subject=edition.subject,
        date=edition.created_at,
        message_id="",
        list_id=".".join(edition.topics[:1]),
        list_name=" · ".join(titles),
        help_url=f"{site.base_url}/",
        archive_url=f"{site.base_url}/editions/{edition.id}",
        reply_to=site.contact,
        language=edition.language,
        stream=edition.slot.partition("@")[0],
    )
