"""systemd's own tools judge the unit that we ship."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).parents[1] / "systemd").glob("*.service"))
MOST_EXPOSED = 2.0


def analyze(*arguments: str | Path) -> str:
    answer = subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


@pytest.mark.peers
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_in_the_unit(unit: Path) -> None:
    assert str(unit) not in analyze("--man=no", "--recursive-errors=no", "verify", unit)


@pytest.mark.peers
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_broken_into_daemon_can_do_little(unit: Path) -> None:
    said = analyze("security", "--offline=true", unit)
    level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert level, said
    assert float(level[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_hardening_line_is_explained(unit: Path) -> None:
    hardening = unit.read_text(encoding="utf-8").partition("# Hardening -")[2].partition("[Install]")[0]
    lines = hardening.splitlines()
    settings = [(above, line) for above, line in pairwise(lines) if "=" in line and not line.startswith("#")]
    assert len(settings) > 30
    assert not [line for above, line in settings if not above.startswith("# ")]


def test_there_is_a_unit() -> None:
    assert [unit.name for unit in UNITS] == ["syndicator.service"]
