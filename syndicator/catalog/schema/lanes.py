"""The keys of `mail` that say how much goes where, and when: relays, limits, warm-up, quiet hours."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from syndicator.catalog.fields import Clock, Host, Line, Said, described
from syndicator.catalog.places import Day, KeyName  # noqa: TC001 - pydantic reads the annotations
from syndicator.catalog.schema.base import Keys, key


def check_login(username: str | None, password_file: str | None) -> None:
    """Check that a name and the file of its password stand together. Raises Said."""
    if bool(username) != bool(password_file):
        at, lacks = ("username", "password_file") if username else ("password_file", "username")
        raise Said(f"needs {lacks} beside it", f"give both, or delete {at}", at=at)


def _name_server(text: str) -> str:
    """Check the place of a name server: `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`."""
    host, _, port = text.rpartition(":")
    for address in (text, host.removeprefix("[").removesuffix("]") if port.isdecimal() else ""):
        try:
            ip_address(address)
        except ValueError:
            continue
        return text
    raise Said(f"'{text[:70]}' is no name server", "write an address, such as 127.0.0.1 or 127.0.0.1:5353")


NameServer = Annotated[str, AfterValidator(_name_server), described()]


class RelayKeys(Keys):
    """One of several mail servers that take your mail; the keys are those of `mail` itself."""

    name: KeyName | None = key(None, description="Its name in lists; without it HOST:PORT.")
    host: Host = key(description="Mail server.", examples=["smtp.example.net"])
    port: int = key(25, ge=1, le=65535, description="Port of the mail server.")
    security: Literal["none", "starttls", "tls"] = key("none", description="As `mail.security`.")
    username: Line | None = key(None, description="Name to log in with; goes with `password_file`.")
    password_file: Line | None = key(None, description="File with the password, as `mail.password_file`.")
    auth: Literal["auto", "xoauth2"] = key("auto", description="As `mail.auth`.")
    weight: int = key(1, ge=1, le=1000, description="Its share of the mail, beside that of the others.")
    connections: int = key(10, ge=1, le=100, description="Connections to it at a time.")
    per_connection: int = key(100, ge=1, le=100_000, description="Messages over one connection.")
    per_minute: int | None = key(None, ge=1, le=1_000_000, description="Messages in a minute, at most.")

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        check_login(self.username, self.password_file)
        return self


class WarmUpKeys(Keys):
    """How many mails may go out on each day while receivers do not know your address yet."""

    start: Day = key(description="The first day (UTC). Nothing is sent before.", examples=["2026-12-01"])
    per_day: list[Annotated[int, Field(ge=1, le=10_000_000)]] = key(
        min_length=1, max_length=100, description="Mails of the first day, of the second, and so on."
    )
    growth: float = key(
        2.0, ge=1.1, le=10, description="What each day after those may send, as times the day before it."
    )


class DomainKeys(Keys):
    """Limits for the mail to one domain of recipients, such as gmail.com."""

    connections: int | None = key(
        None, ge=1, le=100, description="Connections at a time, with `route: direct`."
    )
    per_connection: int | None = key(
        None, ge=1, le=100_000, description="Messages over one connection, with `route: direct`."
    )
    per_minute: int | None = key(None, ge=1, le=1_000_000, description="Messages in a minute, at most.")
    warm_up: WarmUpKeys | None = key(None, description="As `mail.warm_up`, for this domain alone.")


class QuietKeys(Keys):
    """Hours, by the reader's clock, in which mails wait that have no hour of their own."""

    start: Clock = key(alias="from", description='When they begin, such as "22:00".', examples=["22:00"])
    end: Clock = key(alias="to", description='When they end, such as "06:00".', examples=["06:00"])
    strict: bool = key(
        False, description="Whether mails wait, too, whose hour the topic or the reader has chosen."
    )
