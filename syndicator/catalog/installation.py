"""syndicator.yaml, the environment and the password's file as Settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from syndicator.catalog import build, files, problems, yaml
from syndicator.catalog.schema import SettingsFile
from syndicator.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.settings import Settings

ENVIRONMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "SYNDICATOR_DATABASE": ("database",),
    "SYNDICATOR_STATE": ("state",),
    "SYNDICATOR_WEB_PORT": ("web", "port"),
}
"""Variables and the keys that they take the place of."""

_MAX_PASSWORD: Final = 4096


def read(config: Path, environ: Mapping[str, str], found: list[Problem]) -> Settings | None:
    """Make the settings of `config` (absolute); None, and problems in `found`, where that fails.

    The file may be missing: every key has a default. Variables that are set and not empty win over it.
    """
    if not config.is_dir():
        found.append(Problem(config.name, 0, 0, "", "no such folder", "give it with --config DIR"))
        return None
    name = f"{config.name}/syndicator.yaml"
    path = config / "syndicator.yaml"
    text = files.read_text(path, name, found) if os.path.lexists(path) else ""
    if text is None:
        return None
    document = yaml.read(text)
    if document.value is None and not document.broken:
        document.value = {}  # nothing but comments
    overridden = _override(document.value, environ)
    before = len(found)
    keys = problems.validate(document, SettingsFile, name, found)
    found[before:] = [_blame(problem, overridden) for problem in found[before:]]
    if keys is None:
        return None
    password = ""
    if secret := keys.mail.password_file:
        try:
            password = _read_password(secret, config, environ)
        except (OSError, ValueError) as error:
            what = f"'{secret}': {files.reason(error)}"
            path_ = ("mail", "password_file")
            found.append(problems.at(document, name, path_, what, "write the password into that file"))
            return None
    return build.settings(keys, config, password)


def _override(value: Any, environ: Mapping[str, str]) -> dict[str, str]:
    """Put what the environment says into `value`; return the spelled keys with their variables."""
    done = {}
    for variable, path in ENVIRONMENT.items():
        written = environ.get(variable, "")
        if not written:
            continue
        holder = value
        for part in path[:-1]:
            holder = holder.setdefault(part, {}) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder[path[-1]] = yaml.resolve(written) if path == ("web", "port") else written
            done[".".join(path)] = variable
    return done


def _blame(problem: Problem, overridden: Mapping[str, str]) -> Problem:
    """Point a problem of an overridden key at its variable instead of the file."""
    variable = overridden.get(problem.key)
    return Problem("environment", 0, 0, variable, problem.what, problem.remedy) if variable else problem


def _read_password(name: str, config: Path, environ: Mapping[str, str]) -> str:
    """Read the file, else systemd's credential of the same name. Raises OSError, ValueError."""
    path = config / name
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if folder and not path.exists():
        path = Path(folder) / path.name
    if path.exists() and not path.is_file():  # never wait for a pipe
        raise ValueError("is no file")
    with path.open("rb") as file:
        body = file.read(_MAX_PASSWORD + 1)
    try:
        secret = body.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        secret = ""  # its message would show the bytes
    if not secret or len(secret) > _MAX_PASSWORD or not secret.isprintable():
        raise ValueError("must hold the password alone, on one line")
    return secret
