"""The text of one topic's file before it is saved: what is wrong with it, and saving it.

A draft is read as the whole folder would read it, at the cost of one topic; saving loads everything with the
new text first. Comments and order stay, because the text itself is what is saved.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from syndicator.catalog import atomic, files
from syndicator.catalog.edit import Edit
from syndicator.catalog.fields import is_slug
from syndicator.catalog.lint import lint
from syndicator.catalog.load import load_edit, read_alone
from syndicator.errors import ConfigError, Problem, SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syndicator.catalog.trying import Tried
    from syndicator.model import Topic

State = Literal["saved", "same", "changed", "gone", "refused", "locked"]
BOM: Final = codecs.BOM_UTF8


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicText:
    """A topic's file as it is on disk. `shown` names it in problems; `digest` is of its bytes.

    `text` has no mark of byte order and plain newlines, as a browser's field does; None where it is no text.
    """

    path: Path
    name: str  # below the config folder
    shown: str
    text: str | None
    digest: str
    problems: tuple[Problem, ...] = ()
    has_bom: bool = False
    newline: str = "\n"

    @property
    def is_writable(self) -> bool:
        """Whether the file may be replaced."""
        return atomic.is_writable(self.path)

    def bytes_of(self, text: str) -> bytes:
        """Return what a text is on disk, with the line ends and the mark that the file had."""
        body = plain(text).replace("\n", self.newline).encode()
        return BOM + body if self.has_bom else body


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a text says: its topic, if it is sound, and the problems of this text and of other files.

    `tried` are its own tests with what came of them, `warnings` the traps in its rule.
    """

    topic: Topic | None
    problems: tuple[Problem, ...] = ()
    elsewhere: tuple[Problem, ...] = ()
    tried: tuple[Tried, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def failures(self) -> tuple[Problem, ...]:
        """Its own tests that fail."""
        return tuple(each.problem for each in self.tried if each.problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What came of saving a text; `problems` tell why it was refused."""

    state: State
    problems: tuple[Problem, ...] = ()
    reason: str = ""


def open_topic(config: Path, slug: str) -> TopicText | None:
    """Read a topic's file; None where there is none of that name."""
    if not is_slug(slug):  # no name that leads out of the folder passes here
        return None
    config = config.absolute()
    for ending in files.ENDINGS:
        name = f"topics/{slug}{ending}"
        if (config / name).is_file():
            # What a link leads to is what is written, so that the link stays one.
            return _opened((config / name).resolve(), name, f"{config.name}/{name}")
    return None


def _opened(path: Path, name: str, shown: str) -> TopicText:
    found: list[Problem] = []
    read = files.read_text(path, shown, found)
    if read is None:
        return TopicText(path=path, name=name, shown=shown, text=None, digest="", problems=tuple(found))
    body = read.encode()
    return TopicText(
        path=path,
        name=name,
        shown=shown,
        text=plain(read.removeprefix("\ufeff")),
        digest=atomic.digest(body),
        has_bom=body.startswith(BOM),
        newline="\r\n" if read.count("\r\n") * 2 > read.count("\n") else "\n",
    )


def plain(text: str) -> str:
    """Return a text with plain newlines; a browser's form sends CRLF whatever was typed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_draft(config: Path, environ: Mapping[str, str], file: TopicText, text: str) -> Draft:
    """Read a text in place of a topic's file, with all that it leans on; no other topic is read."""
    if len(text.encode()) > files.MAX_BYTES:
        return Draft(topic=None, problems=(Problem(file.shown, 0, 0, "", "more than 1 MB", "split it"),))
    settings, reader, catalog = read_alone(config, environ, file.name, text)
    problems = tuple(sorted(problem for problem in reader.found if problem.file == file.shown))
    elsewhere = tuple(sorted(problem for problem in reader.found if problem.file != file.shown))
    topic = None if problems else reader.topics.get(files.stem(file.name))
    warnings: list[Problem] = []
    if topic and settings:
        edit = Edit(settings=settings, catalog=catalog, texts={file.name: text}, failures={})
        warnings = lint(edit, file.shown.partition("/")[0])
    return Draft(
        topic=topic,
        problems=problems,
        elsewhere=elsewhere,
        tried=tuple(reader.tried),
        warnings=tuple(warnings),
    )


def save(config: Path, environ: Mapping[str, str], slug: str, text: str, held: str) -> Saving:
    """Save a text as a topic's file, if the file is still the one with the digest `held`.

    Refused is what would not be taken over: problems in any file, tests of its own that fail.
    """
    file = open_topic(config, slug)
    if file is None or file.digest != held:
        return Saving(state="changed" if file else "gone")
    if wrong := _wrong(config, environ, file, slug, text):
        return Saving(state="refused", problems=tuple(wrong))
    return _write(file, file.bytes_of(text))


def _write(file: TopicText, body: bytes) -> Saving:
    if not file.is_writable:
        return Saving(state="locked", reason="it is read-only for the program that shows this page")
    if atomic.digest(body) == file.digest:
        return Saving(state="same")
    try:
        atomic.replace(file.path, body, file.shown, held=file.digest)
    except atomic.Changed:
        return Saving(state="changed")
    except SyndicatorError as error:
        return Saving(state="locked", reason=error.message)
    return Saving(state="saved")


def _wrong(
    config: Path, environ: Mapping[str, str], file: TopicText, slug: str, text: str
) -> Sequence[Problem]:
    if len(file.bytes_of(text)) > files.MAX_BYTES:
        return [Problem(file.shown, 0, 0, "", "more than 1 MB", "split it")]
    try:
        edit = load_edit(config, environ, texts={file.name: text})
    except ConfigError as error:
        return error.problems
    return edit.failures.get(slug, ())
