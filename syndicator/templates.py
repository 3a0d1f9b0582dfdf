"""The Jinja environment of pages and mails: sandboxed, escaping, strict, in every language with a catalog.

English is the source text of the templates; `locale/LANGUAGE/LC_MESSAGES/syndicator.po` holds the other
languages (`translations`). An admin's folder may hold a copy of any one file (or a catalog with a few
sentences of its own) and wins over the packaged one; `shipped/NAME` is always the packaged one, so that a
copy may extend it and say anew what one block of it says.
"""

from __future__ import annotations

import traceback
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syndicator.contexts import CONTEXTS
from syndicator.errors import TemplateError
from syndicator.filters import FILTERS
from syndicator.inlining import lean, page_policy
from syndicator.translations import spoken, translations

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

SOURCE_LANGUAGE = "en"
SHIPPED = "shipped"  # before the name of a packaged template: what an admin's copy of it extends

# Stands inside every page, under a policy that allows just these bytes: a page is then one round trip.
INLINE = ("web/style.css", "web/site.js")
ICON = "web/icon.svg"


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates in all languages. Build with `environments`; rebuild to see edited files."""

    folders: tuple[Path, ...]
    by_language: Mapping[str, Environment]
    left_out: frozenset[Path] = frozenset()  # files of an admin's that are as if they were not there

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
            if (folder / name).is_file() and folder / name not in self.left_out:
                return (folder / name).read_bytes()
        raise TemplateError(name, 0, "there is no such file", hint=_HINT_MISSING)

    def source(self, name: str) -> str:
        """Read a file that is served as it is (`web/style.css`), an admin's copy first."""
        loader = _loader(self.folders, self.left_out)
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
        """Compile an admin's templates, or all; report faults, ways to nowhere, names and files of no use."""
        listed = self.by_language[SOURCE_LANGUAGE].list_templates(extensions=["j2"])
        names = [name for name in listed if not name.startswith(f"{SHIPPED}/")]
        missing = sorted(CONTEXTS.keys() - set(names))
        found = [TemplateError(name, 0, "there is no such template", hint=_HINT_MISSING) for name in missing]
        trees = {}
        own = [name for name in names if self._copy_of(name)] if len(self.folders) > 1 else names
        for name in own:
            try:
                trees[name] = self._parsed(name)
            except (TemplateSyntaxError, UnicodeDecodeError) as error:
                found.append(self._translated(error, name, {}))
        for name, tree in trees.items():
            found += self._faults(name, tree, listed)
        return [*found, *self._unread(trees)]

    def _parsed(self, name: str) -> nodes.Template:
        environment = self.by_language[SOURCE_LANGUAGE]
        text, filename, _ = _loader(self.folders, self.left_out).get_source(environment, name)
        tree = environment.parse(text, name, filename)
        environment.compile(tree, name, filename)
        return tree

    def _faults(self, name: str, tree: nodes.Template, listed: Collection[str]) -> Iterator[TemplateError]:
        environment = self.by_language[SOURCE_LANGUAGE]
        for other in meta.find_referenced_templates(tree):
            if other is not None and other not in listed:
                yield TemplateError(name, 0, f"there is no template {other}", hint=_HINT_MISSING)
        known = CONTEXTS.get(name)
        used = meta.find_undeclared_variables(tree) - environment.globals.keys() - {"language"}
        for variable in sorted(used - known - self._own_names(tree) if known is not None else ()):
            line = min(node.lineno for node in tree.find_all(nodes.Name) if node.name == variable)
            yield TemplateError(name, line, f"'{variable}' is undefined", hint=_hint_names(known or ()))
        yield from self._unplaced(name, tree)

    def _unplaced(self, name: str, tree: nodes.Template) -> Iterator[TemplateError]:
        """Report blocks that nothing shows, since the template that is extended has none of that name."""
        known = self._blocks(tree)
        for block in (each for each in tree.body if isinstance(each, nodes.Block)):
            if known and block.name not in known:
                near = get_close_matches(block.name, known, 1)
                guess = f"; did you mean '{near[0]}'?" if near else ""
                hint = f"its blocks are {', '.join(sorted(known))}"
                yield TemplateError(name, block.lineno, f"there is no block '{block.name}'{guess}", hint=hint)

    def _blocks(self, tree: nodes.Template) -> set[str]:
        """Collect the blocks of all templates that one extends."""
        names: set[str] = set()
        for extends in tree.find_all(nodes.Extends):
            if isinstance(extends.template, nodes.Const):
                with suppress(TemplateSyntaxError, TemplateNotFound, UnicodeDecodeError, RecursionError):
                    parent = self._parsed(extends.template.value)
                    names |= {block.name for block in parent.find_all(nodes.Block)} | self._blocks(parent)
        return names

    def _own_names(self, tree: nodes.Template) -> set[str]:
        """Collect what a template and those that it extends set, import and define for their blocks.

        Inside blocks Jinja counts these as undeclared.
        """
        names = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
        names |= {node.target for node in tree.find_all(nodes.Import)}
        names |= {macro.name for macro in tree.find_all(nodes.Macro)}
        for extends in tree.find_all(nodes.Extends):
            if isinstance(extends.template, nodes.Const):
                with suppress(TemplateSyntaxError, TemplateNotFound, UnicodeDecodeError, RecursionError):
                    names |= self._own_names(self._parsed(extends.template.value))
        return names

    def _unread(self, trees: Mapping[str, nodes.Template]) -> Iterator[TemplateError]:
        """Report files that no page or mail is made of, as after the packaged one got a new name."""
        shipped = FileSystemLoader(self.folders[-1]).list_templates()
        read = {other for tree in trees.values() for other in meta.find_referenced_templates(tree)}
        for name in sorted(trees.keys() - read - set(shipped)):
            yield TemplateError(name, 0, "nothing reads this file", hint="see docs/looks.md for the names")

    def _translated(self, error: Exception, name: str, context: Collection[str]) -> TemplateError:
        place, line = self._place(error) or (name, 0)
        match error:
            case TemplateSyntaxError():
                hint = "correct it; without a copy of yours the packaged one serves"
                return TemplateError(error.name or name, error.lineno, error.message or "syntax", hint=hint)
            case TemplateNotFound():
                return TemplateError(place, line, f"there is no template {error.name}", hint=_HINT_MISSING)
            case RecursionError():
                return TemplateError(place, line, "it extends or includes itself", hint=_HINT_ITSELF)
            case UndefinedError():
                return TemplateError(place, line, error.message or "undefined", hint=_hint_names(context))
        return TemplateError(place, line, f"{type(error).__name__}: {error}")

    def _copy_of(self, name: str) -> bool:
        files = (folder / name for folder in self.folders[:-1])
        return any(file.is_file() and file not in self.left_out for file in files)

    def _place(self, error: Exception) -> tuple[str, int] | None:
        """Find the innermost template on the stack; Jinja rewrites its frames to the template's lines."""
        frames = [(Path(f.f_code.co_filename), line) for f, line in traceback.walk_tb(error.__traceback__)]
        for file, line in reversed(frames):
            for folder in self.folders:
                if file.suffix == ".j2" and file.is_relative_to(folder):
                    name = file.relative_to(folder).as_posix()
                    is_hidden = folder == self.folders[-1] and self._copy_of(name)
                    return f"{SHIPPED}/{name}" if is_hidden else name, line
        return None


def environments(folders: Sequence[Path] = (), *, left_out: Collection[Path] = ()) -> Templates:
    """Build the environment of each language from `folders`, an earlier one winning, the packaged one last.

    Files in `left_out` are as if they were not there.

    Raises `TemplateError` for a catalog that cannot be read; templates are compiled by `Templates.check`,
    or when they are first rendered.
    """
    searched = tuple(dict.fromkeys([*(folder.resolve() for folder in folders), packaged()]))
    without = frozenset(file.resolve() for file in left_out)
    languages = sorted(spoken(searched) | {SOURCE_LANGUAGE})
    built = {language: _environment(searched, language, without) for language in languages}
    return Templates(searched, built, without)


def own_folders(config: Path) -> list[Path]:
    """Name the folders of an admin's templates: in the config folder, then beside it.

    In the repository the one beside it is the packaged one and nobody's own.
    """
    return [
        each for each in (config / "templates", config.parent / "templates") if each.resolve() != packaged()
    ]


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


def _environment(folders: Sequence[Path], language: str, left_out: Collection[Path]) -> Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=_loader(folders, left_out),
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
    environment.install_gettext_translations(translations(folders, language, left_out), newstyle=True)  # type: ignore[attr-defined]
    return environment


class _Folder(FileSystemLoader):
    """A folder of templates, but for some files."""

    def __init__(self, folder: Path, left_out: Collection[Path]) -> None:
        super().__init__(folder)
        self._names = {str(file.relative_to(folder)) for file in left_out if file.is_relative_to(folder)}

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if template in self._names:
            raise TemplateNotFound(template)
        return super().get_source(environment, template)

    def list_templates(self) -> list[str]:
        return [name for name in super().list_templates() if name not in self._names]


def _loader(folders: Sequence[Path], left_out: Collection[Path]) -> ChoiceLoader:
    shipped = PrefixLoader({SHIPPED: FileSystemLoader(folders[-1])})
    return ChoiceLoader([*(_Folder(folder, left_out) for folder in folders), shipped])


def _hint_names(names: Collection[str]) -> str:
    return f"the template is given {', '.join(sorted([*names, 'language']))}"


_HINT_ITSELF = "extend shipped/NAME from a copy in config/templates/; leave the packaged file as it came"
_HINT_MISSING = "add it beside yours, or remove the line that names it"
