"""The languages of pages and mails: gettext catalogs, read as they are, without a compile step."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

from syndicator.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from babel.messages.catalog import Catalog, Message

CATALOG: Final = "locale/{language}/LC_MESSAGES/syndicator.po"


def spoken(folders: Sequence[Path]) -> set[str]:
    """Find the languages that any of the folders has a catalog of."""
    return {
        file.relative_to(folder).parts[1]
        for folder in folders
        for file in folder.glob(CATALOG.format(language="*"))
    }


def translations(folders: Sequence[Path], language: str, left_out: Collection[Path] = ()) -> NullTranslations:
    """Join the catalogs of all folders, an earlier folder's sentences winning.

    Raises `TemplateError` for one that cannot be read, or whose sentences lack a %(name)s of the original.
    """
    name = CATALOG.format(language=language)
    files = [folder / name for folder in folders]
    found = [_catalog(file, name, language) for file in files if file.is_file() and file not in left_out]
    if not found:
        return NullTranslations()
    joined = found.pop()  # not an empty one: it would keep English plural rules
    for catalog in reversed(found):
        joined.merge(catalog)
    return joined


def check(file: Path, name: str, language: str) -> Catalog:
    """Read a catalog and each of its sentences; `TemplateError` with the line of what is wrong."""
    try:
        with file.open("rb") as stream:
            catalog = read_po(stream, locale=Locale.parse(language, sep="-"), abort_invalid=True)
    except PoFileError as error:
        said = str(error).rpartition(" on ")[0]  # what follows is the line again, counted from 0
        raise TemplateError(name, error.lineno + 1, said, hint='write msgid "…" and msgstr "…"') from error
    except (UnicodeError, UnknownLocaleError, ValueError) as error:
        raise TemplateError(
            name, 0, str(error), hint="UTF-8 text in a folder named like zh or pt-BR"
        ) from error
    for message in catalog:
        for fault in message.check(catalog):
            raise TemplateError(name, message.lineno or 0, str(fault), hint="keep the %(names)s of the msgid")
    return catalog


def is_translated(message: Message) -> bool:
    """Whether a sentence is said in the catalog's language, in each plural form."""
    said = message.string
    return bool(said) and (isinstance(said, str) or all(said or ()))


def _catalog(file: Path, name: str, language: str) -> Translations:
    catalog = check(file, name, language)
    for message in [each for each in catalog if each.id and not is_translated(each)]:
        catalog.delete(message.id, message.context)  # an empty plural would be said as it is
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
