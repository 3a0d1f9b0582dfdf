"""One file as values with places: what is read, where it is, and what is refused however hostile it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.catalog import faults, yaml


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("07:00", "07:00"),
        ("1:30:15", "1:30:15"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("2026-11-01", "2026-11-01"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-7", -7),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".", "."),
        ("15m", "15m"),
        ("电信", "电信"),
    ],
)
def test_plain_words_are_read_by_yaml_1_2(plain: str, value: object) -> None:
    found = yaml.read(f"key: {plain}\n").value["key"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\ufeffa: 1\n", {"a": 1}),
        ("%YAML 1.1\n---\na: no\n", {"a": "no"}),
        ('{\n\t"a": [1, true, null, "\\/x"]\n}', {"a": [1, True, None, "/x"]}),
        ("a: &x {b: [1]}\nc: *x\n", {"a": {"b": [1]}, "c": {"b": [1]}}),
        ("a: !!str 1\n", {"a": "1"}),
        ("{url: https://e.example/?a=b, at: 07:30}\n", {"url": "https://e.example/?a=b", "at": "07:30"}),
        ("[title:电信]\n", ["title:电信"]),
        ("1: x\n", {"1": "x"}),
        ("# nothing\n", None),
        ("a: >\n  one\n  two\n", {"a": "one two\n"}),
    ],
)
def test_documents(text: str, value: object) -> None:
    document = yaml.read(text)
    assert (document.value, document.faults) == (value, [])


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]))  # what no config file may hold
keys = texts.filter(lambda key: key != "<<" and len(key) < 80)  # YAML wants keys under 1,024 characters


@settings(deadline=None)
@given(
    st.dictionaries(
        keys,
        st.recursive(
            st.none() | st.booleans() | st.integers(-(10**17), 10**17) | texts,
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
            max_leaves=20,
        ),
    ),
    st.booleans(),
)
def test_json_is_read_as_json(value: object, escaped: bool) -> None:
    document = yaml.read(json.dumps(value, ensure_ascii=escaped))  # escaped emoji are pairs of surrogates
    assert (document.value, document.faults) == (value, [])


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "given twice, first on line 1"),
        ("a:\n  b: 1\n  b: {c: 2}\n", 3, 3, "given twice, first on line 2"),
        ("a:\n\tb: 1\n", 2, 1, "a tab where only spaces may stand"),
        ("any: [x\nb: 2\n", 2, 2, "the list that opens on line 1 has no comma or ] here"),
        ("a: {b: 1\n", 2, 1, "the braces that open on line 1 have no comma or } here"),
        ("a: 'x\n", 2, 1, "the quotes that open on line 1 never close"),
        ("a: @x\n", 1, 4, "a value cannot start with @ unless it is quoted"),
        ("标题: 电信: 诈骗\n", 1, 7, "a colon where no key can be"),
        ('a: "\\q"\n', 1, 5, "no such escape after the backslash"),
        ("a: x\x00y\n", 1, 5, "the invisible character U+0000"),
        ("---\na: 1\n---\nb: 1\n", 3, 1, "a second document begins here"),
        ("a: *b\n", 1, 4, "*b stands for nothing"),
        ("a: &a [*a]\n", 1, 8, "*a stands for nothing"),
        ("<<: {a: 1}\n", 1, 1, "merging keys with << is not supported"),
        ("? [a]\n: 1\n", 1, 3, "a key must be a word"),
        ("a: !!python/object:os.system {}\n", 1, 4, "the tag tag:yaml.org,2002:python/object:os.system is "),
        ("any:\n  - a\n - b\n", 3, 2, "neither a key nor part of the value above"),
        ("- a\nb: 1\n", 2, 1, "a line that is no item of the list above"),
    ],
)
def test_faults_name_their_place(text: str, line: int, column: int, what: str) -> None:
    fault = yaml.read(text).faults[0]
    assert (fault.line, fault.column) == (line, column)
    assert fault.what.startswith(what)
    assert fault.remedy


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[" * 500_000, "nested more than 20 levels deep"),
        ("- " * 250_000, "nested more than 20 levels deep"),
        ("a: {" * 100_000, "nested more than 20 levels deep"),
        ("? " * 250_000, "a key must be a word"),
        (BOMB, "more than 200,000 values"),
        ("a: [" + "1," * 250_000 + "]", "more than 200,000 values"),
    ],
    ids=["brackets", "dashes", "braces", "questions", "laughs", "items"],
)
def test_hostile_documents_end_in_one_fault(text: str, what: str) -> None:
    document = yaml.read(text)
    assert document.broken
    assert [fault.what for fault in document.faults] == [what]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-[]{}'\"#&*!|>%@?, \n\t\\é电\x85\u2028"), max_size=60))
def test_reading_never_raises_and_places_lie_inside(text: str) -> None:
    document = yaml.read(text)
    lines = faults.lines(document.text)
    for fault in document.faults:
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1


def test_places_of_keys_values_and_letters() -> None:
    document = yaml.read(
        "any:\n  - 'it''s x'\n  - \"a b c\"\n  - 电信 欺诈\n  - \"a\\tb\"\n  - >-\n    folded\n"
    )
    assert document.place(("any",)) == (2, 3)
    assert document.place(("any",), of_key=True) == (1, 1)
    assert document.place(("any", 9, "x")) == (1, 1)  # what is not there is where it would be
    letters = [(0, 6), (1, 3), (2, 4), (2, 99), (3, 3), (4, 2)]
    assert [document.place_within(("any", item), column) for item, column in letters] == [
        (2, 12),
        (3, 8),
        (4, 8),
        (4, 10),
        (5, 5),
        (6, 5),
    ]
