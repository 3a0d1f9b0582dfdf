"""The Jinja environment of pages and mails: sandboxed, escaping, strict, in every language with a catalog.

English is the source text of the templates; `locale/LANGUAGE/LC_MESSAGES/syndicator.po` holds the other
languages and is read as it is, without a compile step. An admin's folder may hold a copy of any one file
(or a catalog with a few sentences of its own) and wins over the packaged one.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syndicator.errors import TemplateError
from syndicator.filters import FILTERS
from syndicator.inlining import lean, page_policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

SOURCE_LANGUAGE = "en"
_CATALOG = "locale/{language}/LC_MESSAGES/syndicator.po"

# Stands inside every page, under a policy that allows just these bytes: a page is then one round trip.
INLINE = ("web/style.css", "web/site.js")
ICON = "web/icon.svg"

# What each template is given, beside `language`. `check` finds every other name before a reader does.
CONTEXTS: Mapping[str, frozenset[str]] = {
    "web/index.html.j2": frozenset({"site", "topics", "languages", "feeds"}),
    "web/topic.html.j2": frozenset(
        {"site", "topic", "feeds", "readers", "cards", "updated_at", "digest", "paging"}
    ),
    "web/search.html.j2": frozenset({"site", "asked", "topic", "found", "refused", "further", "limit"}),
    "web/robots.txt.j2": frozenset({"site"}),
    "web/archive.html.j2": frozenset({"site", "topic", "page", "paging", "cards"}),
    "web/editions.html.j2": frozenset({"site", "topic", "feeds", "issues", "paging"}),
    "web/edition_top.html.j2": frozenset({"site", "topics", "archive"}),
    "web/edition_foot.html.j2": frozenset({"site", "older", "newer", "join"}),
    "web/privacy.html.j2": frozenset({"site", "article_days", "returned_days", "has_reports"}),
    "web/readers.html.j2": frozenset({"site", "found"}),
    "web/unsubscribe.html.j2": frozenset({"site", "state", "topics", "action", "address_hint"}),
    "web/door.html.j2": frozenset({"site", "state", "action"}),
    "web/admin.html.j2": frozenset({"site", "found", "topics", "inside"}),
    "web/workbench.html.j2": frozenset({"site", "sheet"}),
    "web/workbench_results.html.j2": frozenset({"site", "sheet"}),
    "web/workbench_verdict.html.j2": frozenset({"id", "verdict"}),
    "web/error.html.j2": frozenset({"site", "status", "near"}),
    "email/digest.html.j2": frozenset({"site", "edition", "links", "address"}),
    "email/digest.txt.j2": frozenset({"site", "edition", "links", "address"}),
}


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates in all languages. Build with `environments`; rebuild to see edited files."""

    folders: tuple[Path, ...]
    by_language: Mapping[str, Environment]

    def render(self, name: str, language: str, /, **context: object) -> str:
        """Render template `name` (`web/topic.html.j2`) in `language`, or the nearest one there is.

        Whatever fails inside a template is a `TemplateError` with the place of the fault.
        """
        spoken = self.nearest(language)
        try:
            return self.by_language[spoken].get_template(name).render(context, language=spoken)
        except Exception as error:
            raise self._translated(error, name, context) from error

    def also_in(self, language: str) -> str:
        """Say what stands before the other sources of a story, in `language` or the nearest one there is."""
        return self.render("web/_also.txt.j2", language).strip()

    def asset(self, name: str) -> bytes:
        """Read a file that is no text (`web/icon.png`), an admin's copy first."""
        for folder in self.folders:
            if (folder / name).is_file():
                return (folder / name).read_bytes()
        raise TemplateError(name, 0, "there is no such file", hint=_HINT_MISSING)

    def source(self, name: str) -> str:
        """Read a file that is served as it is (`web/style.css`), an admin's copy first."""
        loader = _loader(self.folders)
        try:
            return loader.get_source(self.by_language[SOURCE_LANGUAGE], name)[0]
        except TemplateNotFound as error:
            raise self._translated(error, name, {}) from error

    def nearest(self, language: str) -> str:
        """Find the language to speak to a reader of `language`: zh-CN gets zh, an unknown one English."""
        parts = language.replace("_", "-").split("-")
        candidates = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((tag for tag in candidates if tag in self.by_language), SOURCE_LANGUAGE)

    def check(self) -> list[TemplateError]:
        """Compile all templates; report faults, includes that lead nowhere and names nobody passes."""
        names = self.by_language[SOURCE_LANGUAGE].list_templates(extensions=["j2"])
        missing = sorted(CONTEXTS.keys() - set(names))
        found = [TemplateError(name, 0, "there is no such template", hint=_HINT_MISSING) for name in missing]
        return [*found, *(fault for name in names for fault in self._faults(name))]

    def _faults(self, name: str) -> Iterator[TemplateError]:
        environment = self.by_language[SOURCE_LANGUAGE]
        loader = _loader(self.folders)
        try:
            text, filename, _ = loader.get_source(environment, name)
            environment.compile(text, name, filename)
            tree = environment.parse(text, name, filename)
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            yield self._translated(error, name, {})
            return
        for other in meta.find_referenced_templates(tree):
            if other is not None and other not in environment.list_templates():
                yield TemplateError(name, 0, f"there is no template {other}", hint=_HINT_MISSING)
        known = CONTEXTS.get(name)
        used = (
            meta.find_undeclared_variables(tree)
            - environment.globals.keys()
            - {"language"}
            - _own_names(tree)
        )
        for variable in sorted(used - known if known is not None else ()):
            yield TemplateError(name, 0, f"'{variable}' is undefined", hint=_hint_names(known or ()))

    def _translated(self, error: Exception, name: str, context: Collection[str]) -> TemplateError:
        place, line = self._place(error) or (name, 0)
        match error:
            case TemplateSyntaxError():
                hint = "correct it below templates/; without a copy of yours the packaged one serves"
                return TemplateError(error.name or name, error.lineno, error.message or "syntax", hint=hint)
            case TemplateNotFound():
                return TemplateError(place, line, f"there is no template {error.name}", hint=_HINT_MISSING)
            case UndefinedError():
                return TemplateError(place, line, error.message or "undefined", hint=_hint_names(context))
        return TemplateError(place, line, f"{type(error).__name__}: {error}")

    def _place(self, error: Exception) -> tuple[str, int] | None:
        """Find the innermost template on the stack; Jinja rewrites its frames to the template's lines."""
        frames = [(Path(f.f_code.co_filename), line) for f, line in traceback.walk_tb(error.__traceback__)]
        for file, line in reversed(frames):
            for folder in self.folders:
                if file.suffix == ".j2" and file.is_relative_to(folder):
                    return file.relative_to(folder).as_posix(), line
        return None


def environments(folders: Sequence[Path] = ()) -> Templates:
    """Build the environment of each language from `folders`, an earlier one winning, the packaged one last.

    Raises `TemplateError` for a catalog that cannot be read; templates are compiled by `Templates.check`,
    or when they are first rendered.
    """
    searched = tuple(dict.fromkeys([*(folder.resolve() for folder in folders), packaged()]))
    languages = {
        file.relative_to(folder).parts[1]
        for folder in searched
        for file in folder.glob(_CATALOG.format(language="*"))
    }
    built = {language: _environment(searched, language) for language in sorted(languages | {SOURCE_LANGUAGE})}
    return Templates(searched, built)


def inline(name: str) -> str:
    """Give a packaged file of `INLINE` as it stands inside pages."""
    return lean(_source([packaged()], name), name.rpartition(".")[2])


def policy() -> str:
    """Write what a page may load, if its styles and script are the packaged ones or our own files."""
    return page_policy(*map(inline, INLINE))


def _source(folders: Sequence[Path], name: str) -> str:
    found = next((folder / name for folder in folders if (folder / name).is_file()), None)
    return found.read_text("utf-8") if found else ""


def packaged() -> Path:
    """Find the templates that come with the program: in the installed wheel, or in the repository."""
    here = Path(__file__).resolve().parent
    candidates = (here / "_templates", here.parent / "templates")
    for folder in candidates:
        if (folder / "web").is_dir():
            return folder
    places = " nor ".join(str(folder) for folder in candidates)
    raise TemplateError("templates", 0, f"neither {places} holds them", hint="install syndicator again")


def _environment(folders: Sequence[Path], language: str) -> Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=_loader(folders),
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update(FILTERS)
    # A copy that an admin changed is not what the policy's hash allows: pages then link it.
    as_packaged = (name for name in INLINE if _source(folders, name) == _source([packaged()], name))
    environment.globals["policy"] = policy()
    environment.globals["icon"] = f"data:image/svg+xml,{quote(_source(folders, ICON).strip(), safe='/:=')}"
    environment.globals["inline"] = {name: inline(name) for name in as_packaged}
    # The i18n extension adds this method at run time, where no type checker sees it.
    environment.install_gettext_translations(_translations(folders, language), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _translations(folders: Sequence[Path], language: str) -> NullTranslations:
    """Join the catalogs of all folders, an earlier folder's sentences winning."""
    name = _CATALOG.format(language=language)
    found = [_catalog(folder / name, name, language) for folder in folders if (folder / name).is_file()]
    if not found:
        return NullTranslations()
    joined = found.pop()  # not an empty one: it would keep English plural rules
    for catalog in reversed(found):
        joined.merge(catalog)
    return joined


def _catalog(file: Path, name: str, language: str) -> Translations:
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
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def _loader(folders: Sequence[Path]) -> ChoiceLoader:
    return ChoiceLoader([FileSystemLoader(folder) for folder in folders])


def _own_names(tree: nodes.Template) -> set[str]:
    """Collect what a template sets, imports and defines: inside blocks Jinja counts these as undeclared."""
    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    imported = {node.target for node in tree.find_all(nodes.Import)}
    return stored | imported | {macro.name for macro in tree.find_all(nodes.Macro)}


def _hint_names(names: Collection[str]) -> str:
    return f"the template is given {', '.join(sorted([*names, 'language']))}"


_HINT_MISSING = "add it to templates/, or remove the line that names it"
