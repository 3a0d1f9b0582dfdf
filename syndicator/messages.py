"""The catalog of a language beside the config folder, with what all templates say now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from syndicator.errors import SyndicatorError
from syndicator.templates import packaged
from syndicator.translations import CATALOG, check, is_translated

if TYPE_CHECKING:
    from pathlib import Path

_METHODS = [("**.j2", "jinja2.ext:babel_extract")]
_OPTIONS = {"**.j2": {"trimmed": "true", "silent": "false"}}


def update(folder: Path, language: str) -> tuple[Path, int, int]:
    """Write the catalog of `language` below `folder`; return its file, how many sentences it lacks and has.

    What an admin's templates in `folder` say is among them. What was translated stays; the packaged
    translations of a language that comes along are taken where nothing else is there.

    Raises:
        SyndicatorError: there is no such language, a template cannot be read, or the file not be written.
        TemplateError: the catalog that is there cannot be read.
    """
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise SyndicatorError(f"messages: {error}", hint="name one such as fr or pt-BR") from error
    name = CATALOG.format(language=language)
    catalog = Catalog(
        locale=locale, header_comment=f"# {locale.english_name} for pages and mails.", fuzzy=False
    )
    for place in (packaged() / name, folder / name):
        if place.is_file():
            check(place, name, language)
            _take(catalog, place, locale)
    catalog.update(_template(folder), no_fuzzy_matching=True)
    try:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("wb") as stream:
            write_po(stream, catalog, width=100, ignore_obsolete=False, no_location=True)
    except OSError as error:
        raise SyndicatorError(f"{folder / name}: {error.strerror}", hint="let us write there") from error
    said = [message for message in catalog if message.id]
    return folder / name, sum(not is_translated(message) for message in said), len(said)


def _take(catalog: Catalog, file: Path, locale: Locale) -> None:
    with file.open("rb") as stream:
        for message in read_po(stream, locale=locale):
            if message.id and message.string:
                catalog.add(message.id, message.string, user_comments=message.user_comments)


def _template(folder: Path) -> Catalog:
    """Collect what the packaged and an admin's templates say."""
    said = Catalog(charset="utf-8", fuzzy=False)
    for place in (packaged(), folder):
        if not place.is_dir():
            continue
        try:
            found = list(extract_from_dir(str(place), method_map=_METHODS, options_map=_OPTIONS))
        except Exception as error:  # Jinja's, or of bytes that are no text
            raise SyndicatorError(f"{place}: {error}", hint="`syndicator check` names the line") from error
        for _, _, sentence, comments, context in found:
            said.add(sentence, auto_comments=comments, context=context)
    return said
