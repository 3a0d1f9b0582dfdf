"""Reading secrets from files, systemd's credentials and the environment, and the `Access` made of them.

No message repeats a secret. What is read goes into `Source.access` and the settings, and nowhere else: the
catalog that the database keeps has the references.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from syndicator.catalog.fields import Said, visible
from syndicator.catalog.files import reason
from syndicator.catalog.places import Secret, check_proxy, is_cookie
from syndicator.model import Access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from syndicator.catalog.faults import Path as KeyPath
    from syndicator.catalog.schema import AuthKeys, SourceKeys

    Report: TypeAlias = Callable[[KeyPath, Said], None]

MAX_BYTES: Final = 4096  # of one secret
REMEDY: Final = "write the value into that file"


@dataclass(frozen=True, slots=True)
class Vault:
    """Where secrets are: below `config`, among systemd's credentials, in `environ`."""

    config: Path | None  # None: no files are read
    environ: Mapping[str, str] = field(repr=False)
    lenient: bool = False  # what cannot be read is empty, and no problem

    def read(self, secret: Secret) -> str:
        """Return the text that a secret stands for. Raises Said, which never holds it."""
        if secret.kind == "text":
            return secret.value
        return self.variable(secret.value) if secret.kind == "env" else self.file(secret.value)

    def variable(self, name: str) -> str:
        """Read a variable. Raises Said."""
        value = self.environ.get(name, "")
        if not value:
            raise Said(
                f"the environment has no {name}", "set it for the service, or write the value into a file"
            )
        return _whole(value, f"the variable {name}", "set it to the value alone")

    def file(self, name: str) -> str:
        """Read a file with one line, else systemd's credential of the same name. Raises Said."""
        return _whole(self._body(name).rstrip("\r\n"), f"'{name}'", REMEDY)

    def lines(self, name: str) -> str:
        """Read a file of some lines, such as a key in PEM, else systemd's credential. Raises Said."""
        text = self._body(name)
        if not text.strip() or len(text) > MAX_BYTES:
            raise Said(
                f"'{name}': must hold the key alone, in PEM", "write it anew with `syndicator dkim new`"
            )
        return text

    def place(self, name: str) -> Path:
        """Say which file is meant: that below the config folder, else systemd's credential. Raises Said."""
        if self.config is None:
            raise Said(f"'{name}': there is no folder to read it from", "load the config folder again")
        path = self.config / name
        folder = self.environ.get("CREDENTIALS_DIRECTORY", "")
        return Path(folder) / path.name if folder and not path.exists() else path

    def _body(self, name: str) -> str:
        path = self.place(name)
        if path.exists() and not path.is_file():  # never wait for a pipe
            raise Said(f"'{name}': is no file", REMEDY)
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1).decode()
        except UnicodeDecodeError:  # its message would show the bytes
            return ""
        except (OSError, ValueError) as error:
            raise Said(f"'{name}': {reason(error)}", REMEDY) from None


NOWHERE: Final = Vault(None, {}, lenient=True)
"""Has no secrets; all stay empty."""


def _whole(text: str, where: str, remedy: str) -> str:
    if not text or len(text) > MAX_BYTES or not text.isprintable():
        raise Said(f"{where}: must hold the value alone, on one line", remedy)
    return text


def access(keys: SourceKeys, vault: Vault, report: Report) -> Access:
    """Read all secrets of a source; what cannot be read is reported with its path below the source."""
    reading = _Reading(vault, report)
    auth = keys.auth
    return Access(
        username=(auth and auth.username) or "",
        password=reading.one_of(auth, "password_file", "password_env"),
        bearer=reading.one_of(auth, "bearer_file", "bearer_env"),
        headers=reading.pairs("headers", keys.headers.items()),
        cookies=reading.pairs("cookies", keys.cookies.items()),
        proxy=reading.proxy(keys.proxy),
        verify_tls=keys.verify_tls,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    vault: Vault
    report: Report

    def text(self, path: KeyPath, secret: Secret) -> str:
        try:
            return self.vault.read(secret)
        except Said as said:
            if not self.vault.lenient:
                self.report(path, said)
            return ""

    def one_of(self, auth: AuthKeys | None, file: str, env: str) -> str:
        if auth is None:
            return ""
        if name := getattr(auth, file):
            return self.text(("auth", file), Secret("file", name))
        return self.text(("auth", env), Secret("env", name)) if (name := getattr(auth, env)) else ""

    def pairs(self, key: str, secrets: Iterable[tuple[str, Secret]]) -> tuple[tuple[str, str], ...]:
        found = []
        for name, secret in secrets:
            value = self.text((key, name), secret)
            if key == "cookies" and not is_cookie(value):
                self.report(
                    (key, name), Said("holds what no cookie may", "leave out spaces, quotes, commas and ;")
                )
            elif value:
                found.append((name, value))
        return tuple(found)

    def proxy(self, secret: Secret | None) -> str:
        if secret is None or not (text := self.text(("proxy",), secret)):
            return ""
        try:
            return check_proxy(visible(text, MAX_BYTES))
        except Said as said:
            self.report(("proxy",), said)
            return ""
