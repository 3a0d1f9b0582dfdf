"""syndicator.yaml, the environment and the files of its secrets as Settings."""

from __future__ import annotations

import os
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from syndicator.catalog import blocklist, build, files, problems, relays, webhooks, yaml
from syndicator.catalog.fields import Said, parse_mailbox
from syndicator.catalog.places import check_proxy
from syndicator.catalog.schema import SettingsFile
from syndicator.catalog.secrets import Vault
from syndicator.errors import Problem
from syndicator.settings import DkimKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from syndicator.catalog.faults import Path as Path_
    from syndicator.catalog.schema import DkimKeys, MailKeys, SecondKeyKeys
    from syndicator.settings import Settings

    Report: TypeAlias = Callable[[Path_, Said], None]

ENVIRONMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "SYNDICATOR_DATABASE": ("database",),
    "SYNDICATOR_STATE": ("state",),
    "SYNDICATOR_WEB_PORT": ("web", "port"),
}
"""Variables and the keys that they take the place of."""

_SECRETS: Final[Mapping[tuple[str, ...], Callable[[str], str]]] = {
    ("mail", "password_file"): str,
    ("mail", "returns", "password_file"): str,
    ("fetch", "proxy_file"): check_proxy,
}
"""Keys that name a file with a secret, and how what it holds is checked."""


def read(
    config: Path, environ: Mapping[str, str], found: list[Problem], unread: list[Problem] | None = None
) -> Settings | None:
    """Make the settings of `config` (absolute); None, and problems in `found`, where that fails.

    The file may be missing: every key has a default. Variables that are set and not empty win over it.
    `unread`, where given, takes the problems of secrets instead, which stay empty: the service alone may be
    able to read them (systemd's credentials), and who sends nothing needs none.
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
    vault, blamed = Vault(config, environ), found if unread is None else unread

    def report(where: Path_, said: Said) -> None:
        blamed.append(problems.at(document, name, where, said.what, said.remedy))

    password, returns_password, proxy = _secrets(keys, vault, report)
    more: dict[str, Any] = {
        "dkim": _signing(keys.mail, vault, report),
        "webhooks": webhooks.read(keys.mail.returns.webhooks, vault, report),
        "more": relays.read(keys.mail, vault, report),
        "blocked": blocklist.read(keys.signup, config, report),
    }
    if len(found) > before:
        return None
    return build.settings(
        keys, config, password=password, returns_password=returns_password, proxy=proxy, **more
    )


def _secrets(keys: SettingsFile, vault: Vault, report: Report) -> list[str]:
    """Read the files that `_SECRETS` names, in this order; empty where there is none."""
    read_ = []
    for path, check in _SECRETS.items():
        file: str | None = reduce(getattr, path, keys)  # type: ignore[assignment]
        try:
            read_.append(check(vault.file(file)) if file else "")
        except Said as said:
            report(path, said)
            read_.append("")
    return read_


def _signing(mail: MailKeys, vault: Vault, report: Report) -> tuple[DkimKey, ...]:
    """Read the keys that sign mail."""
    dkim = []
    for where, domain, each in _keys_of(mail):
        try:
            dkim.append(DkimKey(domain=domain, selector=each.selector, pem=_pem(vault, each.key_file)))
        except Said as said:
            report(where, said)
    return tuple(dkim)


def _keys_of(mail: MailKeys) -> Iterator[tuple[Path_, str, DkimKeys | SecondKeyKeys]]:
    """List the keys that sign mail: where each one's file is named, the domain, what is written of it."""
    if mail.dkim is None:
        return
    domain = mail.dkim.domain or parse_mailbox(mail.sender)[1].rpartition("@")[2]
    yield ("mail", "dkim", "key_file"), domain, mail.dkim
    if mail.dkim.also:
        yield ("mail", "dkim", "also", "key_file"), domain, mail.dkim.also


def _pem(vault: Vault, name: str) -> str:
    """Read the file of a key that signs mail. Raises Said."""
    from syndicator.digest.dkim import read_key  # noqa: PLC0415  only who signs pays for the library

    remedy = "make one with `syndicator dkim new`"
    try:
        pem = vault.lines(name)
        read_key(pem)
    except Said as said:
        raise Said(said.what, remedy) from None
    except ValueError as error:
        raise Said(f"'{name}': {error}", remedy) from None
    return pem


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
