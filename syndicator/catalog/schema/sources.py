"""The keys of config/sources/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from typing import ClassVar, Final, Literal, Self

from pydantic import model_validator

from syndicator.catalog.fields import Duration, Language, Line, Said, Slug
from syndicator.catalog.places import MAILBOXES, WEB, Cookies, Headers, Proxy, Selector, SourceUrl, Variable
from syndicator.catalog.schema.base import Keys, key
from syndicator.model import FullText, Kind  # noqa: TC001 - pydantic reads the annotations

SCHEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "feed": (*WEB, "file"),
    "page": (*WEB, "file"),
    "newsletter": MAILBOXES,
}
"""How the address of each kind of source begins."""

FITTING: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("select", ("page",), WEB),
    ("articles", ("newsletter",), MAILBOXES),
    ("senders", ("newsletter",), MAILBOXES),
    ("full_text", ("feed", "newsletter"), (*WEB, "file", *MAILBOXES)),
    ("auth", ("feed", "page", "newsletter"), (*WEB, "imap", "imaps")),
    ("headers", ("feed", "page"), WEB),
    ("cookies", ("feed", "page"), WEB),
    ("proxy", ("feed", "page"), WEB),
    ("verify_tls", ("feed", "page", "newsletter"), ("https", "imaps")),
)
"""Keys that mean nothing everywhere: key, kinds of source and schemes of addresses that it goes with."""


class EveryKeys(Keys):
    """How often this source is pulled, in place of `fetch.min_interval` and `fetch.max_interval`."""

    min: Duration | None = key(None, description="No more often than this.")
    max: Duration | None = key(None, description="No less often than this.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min and self.max and self.min > self.max:
            raise Said("longer than max", "make it shorter, or max longer", at="min")
        return self


class AuthKeys(Keys):
    """How we show who we are: a name and a password, or a bearer token. They are read from files."""

    secret: ClassVar[Mapping[str, str]] = {
        "password": "write it into a file of its own, and give password_file: NAME",
        "bearer": "write it into a file of its own, and give bearer_file: NAME",
        "token": "write it into a file of its own, and give bearer_file: NAME",
    }

    username: Line | None = key(None, description="Name to log in with (HTTP Basic, IMAP).")
    password_file: Line | None = key(
        None,
        description="File with the password alone, relative to the config folder; if it is missing, the "
        "systemd credential of the same name is read.",
    )
    password_env: Variable | None = key(None, description="Or the variable of the environment that holds it.")
    bearer_file: Line | None = key(None, description="File with a token for `Authorization: Bearer`.")
    bearer_env: Variable | None = key(None, description="Or the variable of the environment that holds it.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        for pair in (("password_file", "password_env"), ("bearer_file", "bearer_env")):
            if all(getattr(self, name) for name in pair):
                raise Said(f"stands beside {pair[0]}", "keep one of them", at=pair[1])
        password = next((n for n in ("password_file", "password_env") if getattr(self, n)), "")
        bearer = next((n for n in ("bearer_file", "bearer_env") if getattr(self, n)), "")
        if bearer and (self.username or password):
            raise Said("stands beside a name and a password", "keep one way to log in", at=bearer)
        if bool(self.username) != bool(password):
            at, lacks = ("username", "password_file") if self.username else (password, "username")
            raise Said(f"needs {lacks} beside it", f"give both, or delete {at}", at=at)
        if not (self.username or bearer):
            raise Said("says nothing", "give username and password_file, or bearer_file")
        return self


class SourceKeys(Keys):
    """One place to pull from."""

    secret: ClassVar[Mapping[str, str]] = {
        "password": "write it into a file of its own, and give auth: {username: …, password_file: NAME}",
        "token": "write it into a file of its own, and give auth: {bearer_file: NAME}",
    }

    name: Slug = key(description="Its name, unique: small letters, digits, hyphens.", examples=["bbc-world"])
    url: SourceUrl = key(
        description="Address of the feed or page: `https:`, `http:`, or `file:` relative to the config "
        "folder; of a newsletter `imaps://HOST/FOLDER`, `imap:`, `maildir:PATH`, or `lmtp:ADDRESS` for "
        "mail that arrives at `inbound.lmtp`.",
        examples=["https://example.org/feed.xml"],
    )
    kind: Kind = key(
        "feed",
        description="What is there: `feed` (RSS, Atom, JSON Feed), `page` (a page that links to articles, or "
        "a news sitemap) or `newsletter` (a mailbox).",
    )
    title: Line | None = key(
        None, description="What readers see as its name; without it what the feed, page or mail calls itself."
    )
    language: Language | None = key(
        None, description="Language of its articles, where the feed does not say it or says it wrongly."
    )
    tags: list[Line] = key([], max_length=50, description="Tags that each of its articles gets.")
    full_text: FullText = key(
        "off",
        description="Whether the page of each new article is read for its text: `off`, `truncated` (where "
        "the feed has only a beginning) or `always`. Page sources always read them.",
    )
    select: Selector | None = key(
        None,
        description="Of a page: CSS selector of the links to articles; without it their look tells.",
    )
    articles: Literal["mail", "links"] = key(
        "mail", description="Of a newsletter: one article a `mail`, or one for each block of `links` in it."
    )
    senders: list[Line] = key(
        [],
        max_length=100,
        description="Of a newsletter: addresses, or domains, in From of those who may publish; without it "
        "whoever knows the mailbox may.",
        examples=[["editor@paper.example", "letters.example"]],
    )
    auth: AuthKeys | None = key(None, description=AuthKeys.__doc__ or "")
    headers: Headers = key(
        {},
        description="Header fields of its requests; a value may be `{file: …}` or `{env: …}`.",
    )
    cookies: Cookies = key(
        {}, description="Cookies of its requests; a value may be `{file: …}` or `{env: …}`."
    )
    proxy: Proxy | None = key(
        None,
        description="Proxy for this source, `http://HOST:PORT`, in place of `fetch.proxy`; one with a "
        "password as `{file: …}` or `{env: …}`.",
    )
    verify_tls: bool = key(True, description="Whether its certificate must be right. Leave this on.")
    allow_private: bool = key(False, description="It may lie inside your own network.")
    every: EveryKeys = key({}, description=EveryKeys.__doc__ or "")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        scheme = self.url.partition(":")[0]
        if scheme not in SCHEMES[self.kind]:
            kinds = [kind for kind, schemes in SCHEMES.items() if scheme in schemes]
            known = " or ".join(f"kind: {kind}" for kind in kinds)
            raise Said(
                f"a {scheme}: address goes with {known}", f"write {known}, or another address", at="url"
            )
        for name, kinds_, schemes in FITTING:
            if getattr(self, name) in (type(self).model_fields[name].default, None):
                continue
            if self.kind not in kinds_:
                raise Said(f"means nothing for kind: {self.kind}", "delete it", at=name)
            if scheme not in schemes:
                raise Said(f"means nothing for a {scheme}: address", "delete it", at=name)
        return self


class SourcesFile(Keys):
    """config/sources/*.yaml: places to pull from, in as many files as you like."""

    sources: list[SourceKeys] = key(
        description="The sources, a list.", examples=["[{name: example, url: https://example.org/feed.xml}]"]
    )
