"""What an admin asks `sources probe` and `add` for, checked before anything is asked of anybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from syndicator.model import Catalog
    from syndicator.settings import Settings

_BARE: Final = re.compile(r"(?:\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#].*)?")
"""An address without its scheme, as people type it: a host, perhaps with port and path."""


def is_mailbox(url: str) -> bool:
    """Whether an address is one of a newsletter's mailbox."""
    from syndicator.catalog.places import MAILBOXES

    return url.partition(":")[0] in MAILBOXES


def address(url: str) -> str:
    """Return the address of a feed or page, with `https://` where no scheme was typed; else refuse it.

    Raises:
        SyndicatorError: it is none of a web server or a file; the hint says what to write.
    """
    from syndicator.catalog.fields import Said
    from syndicator.catalog.places import WEB, source_url
    from syndicator.cli.sources.common import shown
    from syndicator.errors import SyndicatorError

    text = url.strip()
    scheme, _, rest = text.partition(":")
    if scheme.lower() in (*WEB, "file"):
        text = f"{scheme.lower()}:{rest}"
    elif not is_mailbox(text) and _BARE.fullmatch(text):
        text = f"https://{text}"
    else:
        hint = "begin it with https://; for a mailbox use syndicator sources add --kind newsletter"
        raise SyndicatorError(f"'{shown(url)[:200]}' is no address of a web server", hint=hint)
    try:
        return source_url(text)
    except Said as said:
        raise SyndicatorError(said.what, hint=said.remedy) from None


def is_bare(url: str) -> bool:
    """Whether no scheme was typed, so that `address` had to guess one."""
    return not is_mailbox(url.strip()) and "://" not in url and bool(_BARE.fullmatch(url.strip()))


def mailbox(url: str) -> str:
    """Return the address of a newsletter's mailbox, or refuse it with SyndicatorError."""
    from syndicator.catalog.fields import Said
    from syndicator.catalog.places import source_url
    from syndicator.cli.sources.common import shown
    from syndicator.errors import SyndicatorError

    if not is_mailbox(url):
        hint = "begin it with imaps://, maildir: or lmtp:"
        raise SyndicatorError(f"'{shown(url)[:200]}' is no address of a mailbox", hint=hint)
    try:
        return source_url(url)
    except Said as said:
        raise SyndicatorError(said.what, hint=said.remedy) from None


def check_mailbox(url: str, settings: Settings, catalog: Catalog) -> None:
    """Refuse a mailbox that a source has already, or a Maildir that is not there; tell what it needs."""
    from syndicator.cli.common import say
    from syndicator.errors import SyndicatorError
    from syndicator.fetch.mailbox import folder

    refuse_known(url, catalog)
    scheme = url.partition(":")[0]
    if scheme == "maildir" and not ((box := folder(url, settings.config)) and box.is_dir()):
        raise SyndicatorError(
            f"{url}: there is no such folder", hint="make the Maildir first, or mend the path"
        )
    if scheme in ("imap", "imaps"):
        say("note: nobody logs in there yet: add auth: {username: NAME, password_file: FILE} to its lines")
    if scheme == "lmtp" and not settings.inbound.lmtp:
        say("note: nobody listens for its mail yet: set inbound.lmtp in syndicator.yaml")


def refuse_mailbox(url: str, kind: str) -> None:
    """Say of a mailbox what to do instead of looking into it."""
    from syndicator.cli.sources.common import shown
    from syndicator.errors import SyndicatorError

    if kind == "newsletter" or is_mailbox(url.strip()):
        hint = (
            f"syndicator sources add {shown(url)} --kind newsletter; syndicator parse FILE.eml shows a mail"
        )
        raise SyndicatorError(f"{shown(url)}: mailboxes are not looked into from here", hint=hint)


def check_kind(kind: str) -> None:
    """Refuse what is no kind of source."""
    if kind not in ("feed", "page", "newsletter"):
        raise typer.BadParameter(f"'{kind}' is no kind of source; try feed, page or newsletter")


def check_options(kind: str, language: str, full_text: str, file: str) -> None:
    """Refuse what the file of sources would be refused for, were it written."""
    from typing import get_args

    from syndicator.catalog.fields import is_language
    from syndicator.catalog.write import check_file
    from syndicator.model import FullText

    if language and not is_language(language):
        raise typer.BadParameter(f"'{language}' is no language; give its code, such as en or pt-BR")
    if full_text and full_text not in get_args(FullText):
        known = ", ".join(get_args(FullText))
        raise typer.BadParameter(f"--full-text {full_text}: there are {known}")
    if full_text and kind == "page":
        raise typer.BadParameter("--full-text: the articles of a page are always read; leave it out")
    check_file(file)


def named(name: str, title: str, url: str, catalog: Catalog) -> str:
    """Return the name that was asked for, if it can be had; without one make it of the title."""
    from syndicator.catalog.fields import is_slug
    from syndicator.catalog.write import name_for
    from syndicator.errors import SyndicatorError

    if not name:
        return name_for(title, url, catalog.sources)
    if not is_slug(name):
        raise typer.BadParameter(f"'{name}' is no name; use up to 64 small letters, digits and hyphens")
    if name in catalog.sources:
        raise SyndicatorError(f"there is a source '{name}' already", hint="give another with --name")
    return name


def refuse_known(url: str, catalog: Catalog) -> None:
    """Refuse an address that a source has already, in whatever spelling."""
    from syndicator.catalog.notes import identity
    from syndicator.errors import SyndicatorError

    for source in catalog.sources.values():
        if identity(source.url) == identity(url):
            hint = f"syndicator sources show {source.name}"
            raise SyndicatorError(f"there is a source for this address already: '{source.name}'", hint=hint)
