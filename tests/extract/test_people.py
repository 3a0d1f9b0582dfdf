"""Lines of authors, and the names in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.extract.people import MAX, is_person, names


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ann Lee", ["Ann Lee"]),
        ("By Ann Lee", ["Ann Lee"]),
        ("BY ANN LEE AND TOM O'HARA", ["ANN LEE", "TOM O'HARA"]),
        ("By Ann Lee, Science Editor | 3 March 2026", ["Ann Lee"]),
        ("Ann Lee, Tom Hart & Eva van der Meer", ["Ann Lee", "Tom Hart", "Eva van der Meer"]),
        ("Posted on March 3, 2026 by Ann Lee", ["Ann Lee"]),
        ("Ann Lee on 3. March", ["Ann Lee"]),
        ("View all posts by Ann Lee", ["Ann Lee"]),
        ("Author Ann Lee", ["Ann Lee"]),
        ("Ann (A.J.) Lee", ["Ann Lee"]),
        ("Ann Lee Sports Writer", ["Ann Lee"]),
        ("A. LEE / T. J. HART", ["A. LEE", "T. J. HART"]),
        ("April June", ["April June"]),
        ("Von Jörg Müller und Ève Blanc, dpa", ["Jörg Müller", "Ève Blanc"]),
        ("Beitrag von Jörg Müller", ["Jörg Müller"]),
        ("Autorin: Jana Groß", ["Jana Groß"]),
        ("Jana Groß am 03.03.2026", ["Jana Groß"]),
        ("Par Ève Blanc", ["Ève Blanc"]),
        ("Por José de la Cruz | hace 3 horas", ["José de la Cruz"]),
        ("文/王小明", ["王小明"]),
        ("作者：欧阳雪 来源：河岸日报", ["欧阳雪"]),
        ("本报记者 王明 李红", ["王明", "李红"]),
        ("Redacci&oacute;n Costa", ["Redacción Costa"]),
        ("lighthouse42x", []),
        ("Redaktion", ["Redaktion"]),
        ("Amt für Wasser und Wald, Hafenstadt, Germany", ["Amt für Wasser und Wald"]),
        ("Salt & Stone", ["Salt & Stone"]),
        ("admin", []),
        ("https://social.example/annlee", []),
        ("ann@gazette.example", []),
        ("Follow", []),
        ("3 de marzo de 2026", []),
        ("", []),
    ],
)
def test_names(line: str, expected: list[str]) -> None:
    assert list(names(line)) == expected


@pytest.mark.parametrize(
    "name", ["Ann Lee", "Eva van der Meer", "José María Ruiz", "Иван Петров", "王小明", "J. I. da Silva"]
)
def test_persons(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Harbour News",
        "Salt GmbH",
        "ann lee",
        "Read More",
        "K A",
        "热门推荐",
        "One Two Three Four Five",
    ],
)
def test_no_persons(name: str) -> None:
    assert not is_person(name)


@given(st.text(max_size=1_000))
def test_any_text_gives_few_short_names(text: str) -> None:
    found = names(text)
    assert len(found) <= MAX
    assert all(2 <= len(name) <= 60 for name in found)
    assert len({name.casefold() for name in found}) == len(found)
