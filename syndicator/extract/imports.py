"""trafilatura without numpy: to guess languages, which it is never asked to do, it would import py3langid.

12 MB and a fifth of a second less (measured), for whoever reads pages and needs no guess of a language.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from threading import get_ident
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNASKED: Final = "py3langid"


class _Refusal(MetaPathFinder):
    """Finds nothing, and says so for the unasked, to one thread: another may need it in the same moment."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, fullname: str, _path: object, _target: object = None, /) -> None:
        """Raise ImportError for the unasked (importlib.abc.MetaPathFinder)."""
        if fullname == _UNASKED and get_ident() == self._thread:
            raise ImportError(f"{fullname} is not wanted here", name=fullname)


@contextmanager
def without_numpy() -> Iterator[None]:
    """Let imports in the block go without py3langid, as where it is not installed."""
    if "trafilatura" in sys.modules:
        yield
        return
    refusal = _Refusal()
    sys.meta_path.insert(0, refusal)
    try:
        yield
    finally:
        sys.meta_path.remove(refusal)
