"""Files of domains, one a line, whose addresses may not subscribe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.catalog.fields import Said
from syndicator.catalog.files import reason
from syndicator.catalog.schema.signup import domain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syndicator.catalog.faults import Path as KeyPath
    from syndicator.catalog.schema.signup import SignupKeys

MAX_BYTES: Final = 16 * 1024 * 1024  # the long public lists have about 2
_REMEDY: Final = "write one domain a line; what follows a # is not read"


def read(keys: SignupKeys, config: Path, report: Callable[[KeyPath, Said], None]) -> frozenset[str]:
    """Gather the domains of `blocked` and of all its files; what cannot be read is reported."""
    found = set(keys.blocked)
    for number, name in enumerate(keys.blocked_files):
        try:
            found |= _file(config / name, name)
        except Said as said:
            report(("signup", "blocked_files", number), said)
    return frozenset(found)


def _file(path: Path, name: str) -> set[str]:
    if path.exists() and not path.is_file():  # never wait for a pipe
        raise Said(f"'{name}': is no file", _REMEDY)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Said(f"'{name}': is no UTF-8 text", _REMEDY) from None
    except (OSError, ValueError) as error:
        raise Said(f"'{name}': {reason(error)}", _REMEDY) from None
    if len(data) > MAX_BYTES:
        raise Said(f"'{name}': has more than {MAX_BYTES // 1024**2} MB", "split it")
    found = set()
    for number, line in enumerate(text.splitlines(), 1):
        if said := line.partition("#")[0].strip():
            try:
                found.add(domain(said))
            except Said as error:
                raise Said(f"'{name}', line {number}: {error.what}", _REMEDY) from None
    return found
