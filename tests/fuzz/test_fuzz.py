"""Whatever arrives: no crash, no hang, nothing harmful in what comes out. About a minute, the same each time.

bench/fuzz.py does this for as long as it is told, from new random states; what it finds becomes an example
of a test beside the code that is mended.
"""

from __future__ import annotations

from random import Random

import budget
import fuzzing
import pytest
from fuzzing import Case
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = {"feed": 400, "html": 1500, "page": 150, "mail": 300}


@pytest.mark.parametrize("target", sorted(fuzzing.TARGETS))
def test_mutated_documents(target: str) -> None:
    if target not in fuzzing.available():
        pytest.skip("there is no extract() yet")
    seeds = fuzzing.seeds(target)
    assert seeds

    @settings(
        max_examples=EXAMPLES[target], derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.sampled_from(seeds), st.sampled_from(seeds), st.integers(0, 2**32).map(Random))
    def run(body: bytes, other: bytes, random: Random) -> None:
        Case(target, fuzzing.mutated(body, other, random)).run()

    run()


@pytest.mark.parametrize("target", sorted(fuzzing.TARGETS))
def test_documents_as_they_are(target: str) -> None:
    if target not in fuzzing.available():
        pytest.skip("there is no extract() yet")
    for body in fuzzing.seeds(target):
        Case(target, body).run()


@pytest.mark.parametrize(
    "check",
    [
        lambda: fuzzing.check_line("a\u202eb", 9),
        lambda: fuzzing.check_line("a\nb", 9),
        lambda: fuzzing.check_line("abc", 2),
        lambda: fuzzing.check_text("a\x0bb"),
        lambda: fuzzing.check_link("javascript:alert(1)"),
        lambda: fuzzing.check_link('https://a.example/"b'),
        lambda: fuzzing.check_html("<p>a"),
    ],
)
def test_the_checks_can_fail(check) -> None:
    with pytest.raises(AssertionError):
        check()


def test_a_hang_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "SECONDS", 0.05)
    monkeypatch.setitem(fuzzing.TARGETS, "hang", lambda _: all(True for _ in iter(int, 1)))
    with pytest.raises(budget.TooSlow):
        Case("hang", b"").run()
