"""The keys of `mail` in config/syndicator.yaml: how mail leaves, is signed, and comes back."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from syndicator.catalog.fields import Address, Duration, Host, Line, Mailbox, Reach, Said
from syndicator.catalog.places import KeyName, ReturnsPlace  # noqa: TC001 - pydantic reads the annotations
from syndicator.catalog.schema.base import Keys, key
from syndicator.catalog.schema.lanes import (
    DomainKeys,
    NameServer,
    QuietKeys,
    RelayKeys,
    WarmUpKeys,
    check_login,
)
from syndicator.catalog.schema.webhooks import WebhooksKeys
from syndicator.model import Look  # noqa: TC001 - pydantic reads the annotations

MAX_LOCAL = 32  # characters before a + and a token of 31 (RFC 5321 4.5.3.1.1: 64 in all)


class ReturnsKeys(Keys):
    """Where bounces, complaints and mails that unsubscribe come back to; see docs/returns.md."""

    address: Address | None = key(
        None,
        description="Address that bounces come to. Each mail gets one of its own, `bounces+TOKEN@…`: your "
        "mail server must take those too.",
    )
    place: ReturnsPlace = key(
        "lmtp",
        alias="from",
        description="`lmtp` (your mail server hands them to `inbound.lmtp`), or a mailbox of their own: "
        "`maildir:PATH` or `imaps://HOST/FOLDER`.",
    )
    username: Line | None = key(None, description="Name to log in with by IMAP; goes with `password_file`.")
    password_file: Line | None = key(
        None, description="File with that password alone, as `mail.password_file`."
    )
    per_day: int = key(20_000, ge=1, le=10_000_000, description="Mails with a token taken in a day.")
    suppress_per_day: int = key(
        1_000,
        ge=0,
        le=10_000_000,
        description="Addresses that refusals may suppress in a day; beyond it you are told instead.",
    )
    webhooks: WebhooksKeys = key({}, description=WebhooksKeys.__doc__ or "")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        check_login(self.username, self.password_file)
        if self.address and len(self.address.rpartition("@")[0]) > MAX_LOCAL:
            raise Said(
                f"more than {MAX_LOCAL} characters before the @, and a token comes behind them",
                "take a shorter name, such as bounces@…",
                at="address",
            )
        return self


class SecondKeyKeys(Keys):
    """A second key under the same domain: Ed25519 beside RSA, which not all servers can verify yet."""

    selector: KeyName = key(description="Its name in the DNS, before `._domainkey`.", examples=["ed2026"])
    key_file: Line = key(description="File with the private key, as in `dkim`.", examples=["dkim-ed.pem"])


class DkimKeys(Keys):
    """Signing of mail by DKIM (RFC 6376); `syndicator dkim new` makes a key and tells the DNS record."""

    domain: Host | None = key(
        None, description="Domain that signs; without it that of `from`, which is what receivers compare."
    )
    selector: KeyName = key(
        description="Name of the key in the DNS, before `._domainkey`.", examples=["s2026"]
    )
    key_file: Line = key(
        description="File with the private key in PEM (RSA or Ed25519), relative to the config folder; if it "
        "is missing, the systemd credential of the same name is read.",
        examples=["dkim.pem"],
    )
    also: SecondKeyKeys | None = key(None, description=SecondKeyKeys.__doc__ or "")


class MailKeys(Keys):
    """How digests leave; see docs/delivery.md."""

    transport: Literal["maildir", "smtp"] = key(
        "maildir", description="`maildir` writes mails to STATE/mail for you to look at; `smtp` sends them."
    )
    sender: Mailbox = key(
        "news@localhost",
        alias="from",
        description="Sender, `News <news@example.org>` or a bare address.",
    )
    host: Host = key("localhost", description="Mail server.")
    port: int = key(25, ge=1, le=65535, description="Port of the mail server: 25, 587 or 465 as a rule.")
    security: Literal["none", "starttls", "tls"] = key(
        "none",
        description="`none`, `starttls` (as a rule on port 587) or `tls` (465); certificates are verified.",
    )
    username: Line | None = key(None, description="Name to log in with; goes with `password_file`.")
    password_file: Line | None = key(
        None,
        description="File with the password alone, relative to the config folder; if it is missing, the "
        "systemd credential of the same name is read.",
    )
    auth: Literal["auto", "xoauth2"] = key(
        "auto",
        description="How to log in: `auto` takes the best of CRAM-MD5, PLAIN and LOGIN; with `xoauth2` the "
        "file holds an access token, and is read again at each login.",
    )
    helo: Host | None = key(
        None,
        description="Name that this machine greets others with (EHLO): one that leads to its address, and "
        "back. Without it, what the system says.",
        examples=["mail.example.org"],
    )
    relays: list[RelayKeys] = key(
        [],
        max_length=20,
        description="Several mail servers instead of `host`: each gets its share, and where one fails the "
        "others take over.",
    )
    route: Literal["relay", "direct"] = key(
        "relay", description="`relay` hands mail to the servers above; `direct` to those of each recipient."
    )
    allow_private: list[Reach] = key(
        [],
        max_length=100,
        description="Networks inside your own that mail may be sent into with `route: direct`; none without "
        "this.",
    )
    resolver: NameServer | None = key(
        None, description="Name server that is asked for MX records, `ADDRESS:PORT`, instead of the system's."
    )
    domains: dict[Host, DomainKeys] = key(
        {}, max_length=1000, description="Limits by the domain of recipients."
    )
    warm_up: WarmUpKeys | None = key(None, description=WarmUpKeys.__doc__ or "")
    quiet: QuietKeys | None = key(None, description=QuietKeys.__doc__ or "")
    spread: Duration | None = key(
        None,
        description="Over how long the mails of one edition are spread; each reader has the same place in it "
        "every time.",
        examples=["30m"],
    )
    connections: int = key(10, ge=1, le=100, description="Connections to the mail server at a time.")
    per_connection: int = key(
        100,
        ge=1,
        le=100_000,
        description="Messages over one connection; some servers allow no more than so many.",
    )
    uncertain: Literal["resend", "hold"] = key(
        "resend",
        description="What to do when a connection broke after a message was sent and before the answer: "
        "`resend` it (the reader may have it twice) or `hold` it until you decide.",
    )
    timeout: Duration = key("60s", description="How long to wait for each answer of the server.")
    give_up: Duration = key("4d", description="How long to try a message again before giving up.")
    look: Look = key(
        "magazine",
        description="How digests look: `magazine` (pictures and excerpts), `brief` (headlines and a line "
        "each) or `plain` (type alone, like a letter); a topic's `digest.look` wins. See docs/looks.md.",
    )
    max_items: int = key(
        60,
        ge=1,
        le=500,
        description="Articles in one digest over all its topics, which have equal shares; the rest is on the "
        "web.",
    )
    returns: ReturnsKeys = key({}, description=ReturnsKeys.__doc__ or "")
    dkim: DkimKeys | None = key(
        None, description=f"{DkimKeys.__doc__} Without it nothing is signed here; your mail server may sign."
    )

    @model_validator(mode="after")
    def _server_is_whole(self) -> Self:
        check_login(self.username, self.password_file)
        for beside in sorted({"host", "port", "security", "username"} & self.model_fields_set):
            if self.relays:
                raise Said("stands beside relays, which have their own", "delete it", at=beside)
        if self.relays and self.route == "direct":
            raise Said("no relay takes mail that goes to its destination directly", "delete it", at="relays")
        if self.security == "tls" and self.route == "direct":
            remedy = "write none (TLS where it is offered) or starttls (TLS or nothing)"
            raise Said("the servers of recipients speak no TLS from the start", remedy, at="security")
        return self
