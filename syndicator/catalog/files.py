"""Reading the files of the config folder as text, with every problem of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from syndicator.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 1024 * 1024  # of one file
ENDINGS: Final = (".yaml", ".yml")
# What editors, package managers and version control leave beside a file.
LEFTOVERS: Final = ("~", "#", ".bak", ".orig", ".rej", ".swp", ".tmp", ".dpkg-dist", ".dpkg-new", ".dpkg-old")


def read_text(path: Path, name: str, problems: list[Problem]) -> str | None:
    """Return the text of one file; None, and a problem under `name`, where it cannot be read."""
    try:
        if not path.is_file():  # never wait for a pipe
            problems.append(Problem(name, 0, 0, "", "not a file", "move it out of this folder"))
            return None
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        problems.append(Problem(name, 0, 0, "", f"cannot be read: {reason(error)}", "make it readable"))
        return None
    if len(body) > MAX_BYTES:
        problems.append(Problem(name, 0, 0, "", "more than 1 MB", "split it"))
        return None
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        problems.append(Problem(name, line, column, "", "not UTF-8", "save the file as UTF-8"))
        return None


def read_folder(folder: Path, label: str, problems: list[Problem]) -> dict[str, str]:
    """Return name → text of the YAML files of a folder, sorted by name; no folder is an empty one.

    Hidden and left-over files are passed over; any other stray is a problem, lest a topic saved as
    `china.txt` is missing in silence. `label` is how problems name the folder.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return {}
    except OSError as error:
        what = f"cannot be read: {reason(error)}"
        problems.append(Problem(label, 0, 0, "", what, "make it a readable folder"))
        return {}
    texts = {}
    for name in names:
        if name.startswith((".", "#")) or name.endswith(LEFTOVERS):
            continue
        shown = f"{label}/{_printable(name)}"
        if not name.endswith(ENDINGS):
            what, remedy = (
                "neither .yaml nor .yml, so it is not read",
                "rename it, or move it out of this folder",
            )
            problems.append(Problem(shown, 0, 0, "", what, remedy))
        elif (text := read_text(folder / name, shown, problems)) is not None:
            texts[_printable(name)] = text
    return texts


def reason(error: Exception) -> str:
    """Say why a file could not be read, without its path."""
    return os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else str(error)


def stem(name: str) -> str:
    """Return a file's name without folder and ending."""
    return name.rpartition("/")[2].rpartition(".")[0]


def _printable(name: str) -> str:
    """Make a file's name safe for a line of text; bytes that are no UTF-8 come as surrogates."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name)
