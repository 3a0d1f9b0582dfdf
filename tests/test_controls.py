"""References to characters that XML cannot hold go; all others stay."""

from __future__ import annotations

import pytest

from syndicator.controls import without_bad_references, without_controls

BAD = [
    n
    for n in range(0x110000)
    if (n < 32 and n not in (9, 10, 13)) or 0xD800 <= n < 0xE000 or n in (0xFFFE, 0xFFFF)
]


@pytest.mark.parametrize("form", ["&#{0};", "&#{0:07d};", "&#x{0:x};", "&#X{0:06X};", "&#{0}"])
def test_every_reference(form: str) -> None:
    bad = set(BAD)
    for number in (*range(0x11000), 0x1FFFE, 0x10FFFF):
        written = form.format(number)
        assert without_bad_references(written) == ("" if number in bad else written)


def test_what_stands_around_it_stays() -> None:
    assert without_bad_references("a &#11; b&amp;#11; &#110;&#x0A;") == "a  b&amp;#11; &#110;&#x0A;"


def test_non_characters_go_and_their_neighbours_stay() -> None:
    ends = [plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)]
    assert without_controls("".join(map(chr, [*ends, *range(0xFDD0, 0xFDF0)]))) == ""
    beside = "".join(
        map(chr, [0xFDCF, 0xFDF0, *(end - 2 for end in ends[::2]), *(n << 16 for n in range(1, 17))])
    )
    assert without_controls(f"\0{beside}") == without_controls(beside) == beside
